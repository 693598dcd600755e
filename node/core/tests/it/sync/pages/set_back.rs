//! A relay was set back to an older copy, and who holds some of a channel comes to it.

use super::{draft, gaps, joined_late, said, scrolls_back, stream};
use crate::node::Node;
use crate::sync::{ANN, BEA, HUB, Town};
use nexus_core::store::{Range, Record, Spot};
use nexus_core::sync::Event;
use nexus_core::sync::frame::Role;
use nexus_core::{Command, Input};
use nexus_crdt::id::{ChannelId, UserId};

const CAT: usize = 3;

// The relay was set back, so that a place in its feed meant something else than before; what the phone held beyond it the relay
// could not judge, for the phone had let go of what it stands on. The phone held more, so it waited for the relay to begin; which
// is told nothing of what somebody holds in part. What others had said was never asked for, and said to be here.
#[test]
fn who_holds_more_of_a_channel_than_a_relay_and_not_whole_asks_for_what_they_lack() {
    let mut town = joined_late(30);
    let other = town.net.nodes[ANN]
        .created(town.ann, Command::CreateChannel { guild: town.guild, draft: draft("beside it") });
    let cat = joins(&mut town, "Cat");
    town.net.cut(2);
    let before = town.net.nodes[HUB].store.clone();
    said(&mut town, "lost", 6);
    town.net.settle();
    town.net.cut(1);
    town.net.cut(0);
    let lost = town.net.nodes[BEA].messages(&town.channel)[30].clone();
    let at = Spot::of(lost.hlc, &lost.id);
    let (space, stream) = (town.guild, stream(&town));
    let range = Range { from: at, upto: Some(at.next()) };
    town.net.nodes[BEA].handle(Input::LetGo { space, stream, range });
    assert_eq!((town.texts(BEA).len(), gaps(&town)), (35, vec![range]));
    town.net.nodes[HUB].store = before;
    town.net.nodes[HUB].restart();
    town.net.connect(CAT, HUB);
    for number in 0..8 {
        let channel = if number < 3 { town.channel } else { ChannelId::from(other) };
        town.net.nodes[CAT].say(cat, channel, &format!("new {number}"));
        town.net.settle();
    }
    town.net.connect(BEA, HUB);
    town.net.settle();
    let new = town.texts(BEA).into_iter().filter(|text| text.starts_with("new")).count();
    assert_eq!((new, gaps(&town)), (3, vec![range]));
    assert_eq!(town.texts(HUB).len(), 33, "what stands on what nobody has is not judged");
}

// A relay's disk had lost what somebody wrote, who had let go of all that others had said around it, and of what lies in a gap
// nothing is compared. When they had read all of it again the channel had no gap, and was not compared any more at all: only one with
// gaps was, whenever less was lacking (the simulation's seed 3667 at commit 99ba099, where it was a stranger's op).
#[test]
fn a_channel_of_which_nothing_is_lacking_any_more_is_compared_once_more() {
    let mut town = joined_late(5);
    town.say(BEA, "mine");
    said(&mut town, "later", 5);
    town.net.settle();
    let mine = town.net.nodes[BEA].messages(&town.channel)[5].id;
    let (space, stream) = (town.guild, stream(&town));
    town.net.cut(1);
    town.net.cut(0);
    town.net.nodes[HUB].store.apply(&[Record::LetGo { space, stream, ops: vec![mine], acts: Vec::new() }]);
    town.net.nodes[HUB].restart();
    town.net.nodes[BEA].handle(Input::LetGo { space, stream, range: Range::ALL });
    let cable = town.net.connect(BEA, HUB);
    town.net.tick(5);
    assert_eq!((town.texts(BEA), town.texts(HUB).len()), (vec![String::from("mine")], 10));
    while !gaps(&town).is_empty() {
        assert!(scrolls_back(&mut town, cable, 4));
    }
    town.net.tick(5);
    assert_eq!(town.texts(HUB).len(), 11);
    assert_eq!(town.texts(HUB), town.texts(BEA));
}

/// One more, on a node of their own that holds everything.
fn joins(town: &mut Town, name: &str) -> UserId {
    let mut node = Node::new(7);
    let user = node.setup(name);
    node.now_ms = town.net.nodes[HUB].now_ms;
    let at = town.net.add(node, Role::Node);
    let cable = town.net.connect(at, HUB);
    town.net.settle();
    town.net.event(cable, 0, Event::Ask(town.code));
    town.net.settle();
    town.net.nodes[at].created(user, Command::Join { code: town.code });
    town.net.settle();
    user
}
