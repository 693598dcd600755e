//! A relay that was set back to an older copy of its store, and people whose clocks are wrong.

use super::{ANN, BEA, HUB, Town};
use crate::node::NOW_MS;
use nexus_core::sync::Event;

const DAY_MS: u64 = 24 * 3_600_000;

impl Town {
    fn meet(&mut self) {
        while !self.net.cables.is_empty() {
            self.net.cut(0);
        }
        self.net.connect(ANN, HUB);
        self.net.connect(BEA, HUB);
        self.net.settle();
    }
}

#[test]
fn a_relay_that_was_set_back_to_an_older_copy_gets_all_of_it_again() {
    for more_before in [0, 3] {
        let mut town = Town::together();
        town.say(ANN, "one");
        town.net.settle();
        let old = town.net.nodes[HUB].store.clone();
        for number in 0..5 {
            town.say(ANN, &format!("ann {number}"));
            town.say(BEA, &format!("bea {number}"));
        }
        town.net.settle();
        town.net.nodes[HUB].store = old;
        town.net.nodes[HUB].restart();
        for number in 0..more_before {
            town.say(BEA, &format!("while the relay was away {number}"));
        }
        town.meet();
        town.assert_same();
        assert_eq!(town.texts(HUB).len(), 11 + more_before);
        assert_eq!((town.outbox(ANN), town.outbox(BEA)), (0, 0));
    }
}

// The copy had lost what Ann said and nothing of Bea's own, so that nobody could see that it was one; what Bea wrote then was
// numbered as what was lost had been, and the relay's place lay behind it. It was taken out of the outbox at once, and would never
// have been given, but that it was found by comparing; in a gap nothing is compared.
#[test]
fn what_an_older_copy_numbers_anew_waits_until_the_relay_has_it() {
    let mut town = Town::together();
    town.say(ANN, "one");
    town.net.settle();
    let old = town.net.nodes[BEA].store.clone();
    (0..6).for_each(|number| town.say(ANN, &format!("lost {number}")));
    town.net.settle();
    town.net.cut(1);
    town.net.nodes[BEA].store = old;
    town.net.nodes[BEA].restart();
    (0..8).for_each(|number| town.say(BEA, &format!("anew {number}")));
    let cable = town.net.connect(BEA, HUB);
    while town.net.carry_one() {
        let there = town.texts(HUB).iter().filter(|text| text.starts_with("anew")).count();
        assert!(town.outbox(BEA) + there as u64 >= 8, "{there} are there, {} wait", town.outbox(BEA));
    }
    town.assert_same();
    let [bea, hub] = town.net.cables[cable].links.each_ref().map(|link| link.facts());
    assert_eq!((bea.repeats, hub.repeats), (0, 0), "up to the copy it is one feed: nothing came twice");
}

#[test]
fn a_relay_that_lost_everything_is_filled_by_who_comes() {
    let mut town = Town::together();
    town.say(ANN, "one");
    town.say(BEA, "two");
    town.net.settle();
    let mut blank = crate::node::Node::new(9);
    blank.command(None, nexus_core::Command::UseRelay { url: crate::wire::RELAY.to_owned() }).unwrap();
    town.net.nodes[HUB] = blank;
    town.meet();
    town.assert_same();
}

#[test]
fn the_outbox_empties_even_where_the_answer_was_lost_with_the_link() {
    let mut town = Town::together();
    town.say(ANN, "hello");
    let integrated = |town: &Town| !town.texts(HUB).is_empty();
    while !integrated(&town) {
        assert!(town.net.carry_one());
    }
    assert!(town.outbox(ANN) > 0);
    town.meet();
    assert_eq!(town.outbox(ANN), 0);
}

#[test]
fn what_somebody_writes_with_a_clock_a_day_ahead_is_kept_and_counts_when_it_is_due() {
    let mut town = Town::together();
    town.net.nodes[BEA].now_ms = NOW_MS + DAY_MS / 2;
    for number in 0..25 {
        town.say(BEA, &format!("from tomorrow {number}"));
    }
    town.net.settle();
    assert_eq!(town.net.cables[1].closed, None, "a wrong clock is no crime");
    assert!(town.texts(ANN).is_empty());
    for node in [ANN, HUB, BEA] {
        town.net.nodes[node].now_ms = NOW_MS + DAY_MS;
        town.net.nodes[node].tick();
    }
    town.net.settle();
    town.meet();
    town.assert_same();
    assert_eq!(town.texts(ANN).len(), 25);
    assert_eq!(town.net.cables[0].links[0].facts().skew_ms, 0);
}

#[test]
fn a_link_says_how_far_the_clocks_are_apart() {
    let mut town = Town::new();
    town.net.nodes[BEA].now_ms = NOW_MS + DAY_MS;
    let cable = town.net.connect(BEA, HUB);
    town.net.settle();
    assert_eq!(town.net.cables[cable].links[1].facts().skew_ms, i64::try_from(DAY_MS).unwrap());
    town.net.event(cable, 1, Event::Tick);
    assert_eq!(town.net.cables[cable].closed, None);
}
