//! A bounded number of seeds; `NEXUS_SIM_SEEDS` asks for more, `NEXUS_SIM_SEED` for others.

use nexus_sim::{Faults, Scale, run};

const SCALE: Scale = Scale { nodes: 3, steps: 150 };

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn every_holder_says_the_same_once_the_network_has_healed() {
    let (first, count) = (from_env("NEXUS_SIM_SEED", 1), from_env("NEXUS_SIM_SEEDS", 12));
    let mut faults = Faults::default();
    let (mut carried_out, mut looks) = (0, 0);
    for seed in first..first + count {
        let report = run(seed, SCALE).unwrap_or_else(|broken| panic!("{broken}"));
        faults.add(&report.faults);
        carried_out += report.carried_out;
        looks += report.looks;
    }
    assert!(carried_out > 50 * count, "people get something done: {carried_out}");
    assert!(looks > 5 * count, "the relay is checked, and nobody says that it lacks anything: {looks}");
    for (name, injected) in faults.counts() {
        assert!(injected > 0, "no fault of kind {name:?} was injected");
    }
}

#[test]
fn the_same_seed_gives_the_same_run_byte_for_byte() {
    let once = run(7, SCALE).unwrap();
    let again = run(7, SCALE).unwrap();
    assert_eq!(once, again);
    let other = run(8, SCALE).unwrap();
    assert_ne!((once.log, once.state), (other.log, other.state));
}
