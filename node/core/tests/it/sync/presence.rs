//! Who is there is told to those who share a space with them, and kept nowhere.

use super::{ANN, BEA, HUB, Town};
use crate::node::Node;
use nexus_core::Command;
use nexus_core::sync::frame::{Frame, Seeing};
use nexus_core::sync::presence::{Activity, Presence, Status};
use nexus_core::sync::{CloseReason, Event};
use nexus_crdt::id::UserId;

/// The link between Bea and the relay.
const TO_BEA: usize = 1;

fn online() -> Option<Presence> {
    Some(Presence { status: Status::Online, activities: Vec::new(), voice: None })
}

impl Town {
    fn show(&mut self, node: usize, user: UserId, presence: Option<Presence>) {
        self.net.show(node, user, presence);
        self.net.settle();
    }

    fn seen(&self, by: usize, user: UserId) -> Option<Presence> {
        self.net.seen[by].elsewhere().get(&user).cloned()
    }
}

#[test]
fn who_comes_and_goes_is_seen_across_the_relay() {
    let mut town = Town::together();
    let playing = Activity { name: "chess".to_owned(), kind: 0, state: None, url: None };
    let busy = Some(Presence { status: Status::DoNotDisturb, activities: vec![playing], voice: None });
    for presence in [online(), busy, None] {
        town.show(ANN, town.ann, presence.clone());
        assert_eq!([HUB, BEA].map(|by| town.seen(by, town.ann)), [presence.clone(), presence]);
    }
}

#[test]
fn who_joins_sees_who_is_there_and_is_seen() {
    let mut town = Town::new();
    town.net.connect(ANN, HUB);
    let cable = town.net.connect(BEA, HUB);
    town.show(ANN, town.ann, online());
    town.show(BEA, town.bea, online());
    town.net.event(cable, 0, Event::Ask(town.code));
    town.net.settle();
    assert_eq!(town.seen(BEA, town.ann), None, "who was only shown an invite sees nobody");
    assert_eq!(town.seen(ANN, town.bea), None);
    town.net.nodes[BEA].created(town.bea, Command::Join { code: town.code });
    town.net.settle();
    town.net.pass(2_000);
    assert_eq!([town.seen(BEA, town.ann), town.seen(ANN, town.bea)], [online(), online()]);
}

#[test]
fn whose_link_ends_is_there_no_more() {
    let mut town = Town::together();
    town.show(ANN, town.ann, online());
    town.show(BEA, town.bea, online());
    town.net.cut(0);
    town.net.settle();
    assert_eq!([HUB, BEA].map(|by| town.seen(by, town.ann)), [None, None]);
    assert_eq!(town.seen(HUB, town.bea), online(), "whoever has not gone stays");
    town.net.connect(ANN, HUB);
    town.net.settle();
    town.net.pass(2_000);
    assert_eq!([town.seen(ANN, town.bea), town.seen(BEA, town.ann)], [online(), online()]);
}

#[test]
fn who_was_put_out_hears_of_nobody_any_more() {
    let mut town = Town::together();
    town.show(ANN, town.ann, online());
    let (guild, user) = (town.guild, town.bea);
    let kick = Command::Kick { guild, user, reason: String::new() };
    town.net.nodes[ANN].command(Some(town.ann), kick).unwrap();
    town.net.settle();
    town.net.pass(2_000);
    town.net.tape.clear();
    for presence in [None, online(), None] {
        town.show(ANN, town.ann, presence);
    }
    let to_bea: Vec<_> = town.net.tape.iter().filter(|(_, to, _)| *to == BEA).collect();
    assert!(to_bea.is_empty(), "{to_bea:?}");
}

#[test]
fn a_node_is_believed_of_its_own_people_alone_and_passes_nobody_on() {
    let mut town = Town::together();
    town.net.say(TO_BEA, 1, &Frame::Seeing(Seeing { user: town.ann, presence: online() }));
    town.net.settle();
    assert_eq!(town.seen(HUB, town.ann), None, "Bea's program does not speak for Ann");

    let near = town.net.connect(ANN, BEA);
    town.net.settle();
    town.show(BEA, town.bea, online());
    assert_eq!(town.seen(ANN, town.bea), online());
    town.net.tape.clear();
    town.show(BEA, town.bea, None);
    assert_eq!(town.seen(ANN, town.bea), None);
    let from_ann = town.net.tape.iter().filter(|(from, ..)| *from == ANN);
    assert_eq!(from_ann.count(), 0, "what Ann heard of Bea she tells nobody");
    assert!(town.net.cables[near].closed.is_none());
}

#[test]
fn coming_and_going_without_end_is_told_to_a_bound_and_ends_with_what_is_true() {
    let mut town = Town::together();
    town.net.tape.clear();
    for _ in 0..2_000 {
        town.show(ANN, town.ann, online());
        town.show(ANN, town.ann, None);
    }
    town.show(ANN, town.ann, online());
    assert!(town.net.tape.len() <= 2 * 512, "{}", town.net.tape.len());
    for cable in [0, TO_BEA] {
        for end in [0, 1] {
            town.net.event(cable, end, Event::Tick);
        }
    }
    town.net.settle();
    town.net.pass(2_000);
    assert_eq!(town.seen(BEA, town.ann), online());
}

#[test]
fn what_a_liar_says_of_who_is_there_is_heard_to_a_bound() {
    let mut town = Town::together();
    for number in 0..2_000_u16 {
        let mut stranger = UserId([9; 32]);
        stranger.0[..2].copy_from_slice(&number.to_be_bytes());
        for presence in [online(), None] {
            town.net.say(TO_BEA, 1, &Frame::Seeing(Seeing { user: town.bea, presence }));
        }
        town.net.say(TO_BEA, 0, &Frame::Seeing(Seeing { user: stranger, presence: online() }));
    }
    town.net.settle();
    let [ann, hub, bea] = town.net.heard_of[..] else { panic!() };
    assert_eq!((hub, bea), (1_024, 1_024));
    assert!(ann <= 512, "{ann}");
    assert_eq!(town.net.cables[TO_BEA].closed.map(|(_, reason): (usize, CloseReason)| reason), None);
}

#[test]
fn a_home_relay_shows_who_is_with_it() {
    let mut town = Town::together();
    let cal = {
        let hub: &mut Node = &mut town.net.nodes[HUB];
        hub.setup("Cal")
    };
    let code = town.code;
    town.net.nodes[HUB].created(cal, Command::Join { code });
    town.net.settle();
    town.show(HUB, cal, online());
    assert_eq!([ANN, BEA].map(|by| town.seen(by, cal)), [online(), online()]);
}
