//! Where people are: members who are recognised are told, and nobody else.

use super::near::Street;
use super::*;
use nexus_core::sync::frame::Frame;
use nexus_core::{Addresses, PeerAddress};
use std::collections::BTreeSet;

const CAL: usize = 2;
const BEA: usize = 1;

fn somewhere(last: u8) -> Addresses {
    let at: PeerAddress = format!("203.0.113.{last}:8091").parse().unwrap();
    Addresses::first_of([at])
}

fn told(net: &Net, node: usize) -> Vec<Addresses> {
    let said = net.sent_by(node).into_iter();
    said.filter_map(|frame| if let Frame::Reach(addresses) = frame { Some(addresses) } else { None })
        .collect()
}

#[test]
fn members_who_recognise_each_other_tell_where_they_are_and_again_when_they_move() {
    let mut street = Street::together();
    street.net.cut(0);
    let cable = street.net.connect(ANN, BEA);
    for (end, last) in [(0, 1), (1, 2)] {
        street.net.event(cable, end, Event::Reachable(&somewhere(last)));
    }
    street.net.settle();
    street.net.reaches.sort_by_key(|(hearer, _)| *hearer);
    assert_eq!(street.net.reaches, [(ANN, somewhere(2)), (BEA, somewhere(1))]);
    street.net.event(cable, 0, Event::Tick);
    street.net.event(cable, 0, Event::Reachable(&somewhere(1)));
    street.net.event(cable, 0, Event::Reachable(&somewhere(3)));
    street.net.settle();
    assert_eq!(told(&street.net, ANN), [somewhere(1), somewhere(3)], "each once");
}

#[test]
fn who_tells_nobody_where_it_is_may_be_told_and_stays_silent() {
    let mut street = Street::together();
    street.net.cut(0);
    let cable = street.net.connect(ANN, BEA);
    street.net.event(cable, 0, Event::Reachable(&somewhere(1)));
    street.net.settle();
    assert_eq!((told(&street.net, ANN), told(&street.net, BEA)), (vec![somewhere(1)], vec![]));
}

#[test]
fn neither_a_stranger_nor_a_guest_nor_who_was_put_out_is_told_where_anybody_is() {
    let mut street = Street::together();
    street.net.cut(0);
    let stranger = street.net.connect(CAL, ANN);
    street.net.event(stranger, 1, Event::Reachable(&somewhere(1)));
    street.net.settle();
    // A guest: shown the invite, and not in yet.
    street.net.event(stranger, 0, Event::Ask(street.code));
    street.net.settle();
    let liar = Frame::Reach(somewhere(9));
    street.net.say(stranger, 1, &liar);
    street.net.settle();
    assert_eq!(told(&street.net, ANN), []);
    assert!(street.net.reaches.is_empty(), "and what they say of themselves is not listened to");
    let kick = Command::Kick { guild: street.guild, user: street.bea, reason: String::new() };
    street.net.nodes[ANN].command(Some(street.ann), kick).unwrap();
    let cable = street.net.connect(BEA, ANN);
    street.net.event(cable, 1, Event::Reachable(&somewhere(1)));
    street.net.settle();
    assert_eq!(told(&street.net, ANN), []);
}

#[test]
fn a_relay_is_told_what_is_sought_by_tags_only_and_by_who_asks_for_it_and_never_an_address() {
    let mut town = Town::together();
    assert!(town.net.sought.is_empty(), "nobody asked");
    let beside = BTreeSet::from([SpaceId([7; 32])]);
    for cable in [0, 1] {
        town.net.event(cable, 0, Event::Reachable(&somewhere(1)));
        town.net.event(cable, 0, Event::Seek(&beside));
    }
    town.net.settle();
    let sought: Vec<BTreeSet<_>> =
        town.net.sought.iter().map(|(_, tags)| tags.iter().copied().collect()).collect();
    let [ann, bea] = &sought[..] else { panic!("{:?}", town.net.sought) };
    assert_eq!((ann.len(), bea.len()), (8, 8), "how many there are is not said");
    assert_eq!(ann.intersection(bea).count(), 2, "the guild and the other one: both are sought by both");
    assert_eq!((told(&town.net, ANN), told(&town.net, super::BEA)), (vec![], vec![]));
}

#[test]
fn what_a_relay_tells_unasked_of_others_is_not_listened_to() {
    let mut town = Town::together();
    let cable = town.net.connect(ANN, HUB);
    town.net.settle();
    town.net.event(cable, 1, Event::SeenAt("203.0.113.7:9".parse().unwrap()));
    town.net.event(cable, 1, Event::Found(&[nexus_core::PeerKey([3; 32])]));
    town.net.settle();
    assert_eq!((town.net.found.len(), town.net.observed.len()), (0, 0));
    town.net.event(cable, 0, Event::Seek(&BTreeSet::new()));
    town.net.settle();
    town.net.event(cable, 1, Event::SeenAt("203.0.113.7:9".parse().unwrap()));
    town.net.event(cable, 1, Event::Found(&[nexus_core::PeerKey([3; 32])]));
    town.net.settle();
    assert_eq!((town.net.found.len(), town.net.observed.len()), (1, 1));
}
