//! A bounded number of seeds; `NEXUS_SIM_SEEDS` asks for more, `NEXUS_SIM_SEED` for others.

use nexus_sim::{Scale, Tally, run};

const SCALE: Scale = Scale { nodes: 4, steps: 300, log: false };

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn every_holder_says_the_same_once_the_network_has_healed() {
    let (first, count) = (from_env("NEXUS_SIM_SEED", 1), from_env("NEXUS_SIM_SEEDS", 16));
    let (mut tally, mut looks) = (Tally::default(), 0);
    for seed in first..first + count {
        let report = run(seed, SCALE).unwrap_or_else(|broken| panic!("{broken}"));
        looks += report.looks;
        tally.add(seed, &report);
    }
    assert!(looks > 5 * count, "the relay is checked: {looks}");
    assert!(tally.carried_out > 50 * count, "people get something done: {}", tally.carried_out);
    for (name, injected) in tally.faults.counts() {
        assert!(injected > 0, "no fault of kind {name:?} was injected");
    }
    for (name, done) in tally.deeds.counts() {
        assert!(done > 0, "there were no {name}");
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

#[test]
fn a_mesh_of_which_a_third_means_harm_hears_everything() {
    use nexus_sim::mesh::{Attack, Plan};
    // Few links: most of what is said goes through others.
    let plan = |attack| Plan { links: 6, ..Plan::new(1, 100, 33, attack, 8) };
    for attack in [Attack::None, Attack::Degrade] {
        let figures = plan(attack).run();
        assert_eq!(figures.heard_ppm, 1_000_000, "{attack:?}: {figures:?}");
        assert_eq!(figures.closed, 0, "{attack:?}: whoever withholds says nothing that is wrong");
        assert!(figures.copies < 3.0, "{attack:?}: {figures:?}");
    }
}

#[test]
fn the_same_mesh_goes_the_same_way() {
    use nexus_sim::mesh::{Attack, Plan};
    let plan = Plan { links: 6, ..Plan::new(1, 24, 33, Attack::Censor, 8) };
    let once = plan.run();
    assert_eq!(plan.run(), once);
    assert_ne!(Plan { seed: 2, ..plan }.run(), once);
}
