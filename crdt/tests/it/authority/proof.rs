//! Everything that must hold, of many histories: each is made once and put to every test.

use super::invariants;
use super::random::random;
use super::same::{agree, in_any_order, seeds};

/// Random histories in a change run; `NEXUS_HISTORIES` makes it a long proof.
const HISTORIES: u64 = 400;

#[test]
fn every_invariant_holds_of_every_history() {
    let asked = std::env::var("NEXUS_HISTORIES").ok().and_then(|count| count.parse().ok());
    let histories = asked.unwrap_or(HISTORIES);
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let void: u64 = std::thread::scope(|scope| {
        let each = |thread| move || part(thread, threads, histories);
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(each(thread))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(void > histories, "histories in which nothing is void prove nothing: {void}");
    said(histories, void);
}

/// Every so many-th history, for one thread.
fn part(thread: u64, threads: u64, histories: u64) -> u64 {
    let mut void = 0;
    for seed in seeds("histories", histories).filter(|seed| seed % threads == thread) {
        let history = random(seed.wrapping_add(1 << 32), 16);
        invariants::all(seed, &history.model);
        let guild = history.guild();
        void += agree(seed, &history, &guild);
        in_any_order(seed, &history, &guild);
    }
    void
}

#[expect(clippy::print_stdout, reason = "the page that is kept of a proof says what was looked at")]
fn said(histories: u64, void: u64) {
    println!(
        "{histories} histories, {void} void ops in them: the crate and the model agree in any order; every invariant holds"
    );
}
