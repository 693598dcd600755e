//! A relay is checked, and what it said it has and does not show is found.

use super::{ANN, BEA, HUB, Town};
use crate::node::channel_draft;
use crate::wire::{GRACE_MS, RELAY};
use nexus_core::sync::frame::{Check, Frame};
use nexus_core::sync::{Audits, CloseReason, Event, Lack, Look};
use nexus_core::{ChannelDraft, Command};
use nexus_crdt::body::governance::{OverwriteEntry, OverwriteTarget};
use nexus_crdt::id::{ChannelId, StreamId};
use nexus_crdt::permissions::Permissions;

impl Town {
    /// Seconds pass on every link.
    fn tick(&mut self) {
        for cable in 0..self.net.cables.len() {
            for end in [0, 1] {
                self.net.event(cable, end, Event::Tick);
            }
        }
        self.net.settle();
    }

    /// What each check found so far, the relay being looked at by a node.
    fn looks_of(&self, node: usize) -> Vec<&Look> {
        let its = self.net.looks.iter().filter(|(by, of, _)| (*by, *of) == (node, HUB));
        its.map(|(.., look)| look).collect()
    }

    fn last_look(&self, node: usize) -> &Look {
        self.looks_of(node).last().copied().unwrap()
    }

    /// All that a node found, as it is kept beside its links.
    fn found_by(&self, node: usize) -> Option<(Lack, u64)> {
        let mut audits = Audits::new(GRACE_MS);
        for (at, look) in self.looks_of(node).into_iter().enumerate() {
            audits.looked(RELAY, self.guild, look.clone(), at as u64 * GRACE_MS);
        }
        audits.of(RELAY, &self.guild).map(|found| (found.what, found.ops))
    }

    fn checks(&self) -> Vec<(usize, usize)> {
        let checks = self.net.tape.iter().filter(|(.., bytes)| {
            matches!(
                Frame::decode(bytes),
                Ok(Some(Frame::Check(_) | Frame::Checked(_) | Frame::Heads(_) | Frame::Compare(_)))
            )
        });
        checks.map(|(from, _, bytes)| (*from, bytes.len())).collect()
    }
}

#[test]
fn a_relay_that_holds_everything_costs_one_small_frame_each_way() {
    let mut town = Town::together();
    town.say(ANN, "hello");
    town.net.settle();
    town.net.tape.clear();
    town.tick();
    let said = town.checks();
    assert_eq!(said.len(), 4, "one question and one answer for each node: {said:?}");
    assert!(said.iter().all(|(_, bytes)| *bytes < 64), "{said:?}");
    assert!(town.last_look(ANN).is_whole() && town.last_look(BEA).is_whole());
    town.net.tape.clear();
    town.net.pass(GRACE_MS);
    town.tick();
    assert_eq!(town.checks(), [], "nothing happened since");
    town.say(BEA, "news");
    town.net.settle();
    town.tick();
    assert_eq!((town.checks().len(), town.looks_of(ANN).len()), (4, 2), "it is asked again after news");
    town.net.tape.clear();
    town.net.pass(15 * 60 * 1_000);
    town.tick();
    assert_eq!(town.checks().len(), 4, "and seldom where there is none");
}

#[test]
fn a_relay_that_says_it_has_what_it_throws_away_is_found_when_it_is_asked_twice() {
    let mut town = Town::together();
    town.say(ANN, "kept");
    town.net.settle();
    town.net.throws_away = Some((HUB, town.channel.stream()));
    for number in 0..3 {
        town.say(ANN, &format!("thrown away {number}"));
    }
    town.net.settle();
    assert_eq!((town.texts(HUB).len(), town.outbox(ANN)), (1, 0), "it said that it has them");
    town.tick();
    assert_eq!(town.found_by(ANN), None, "one look tells nothing");
    assert_eq!(town.last_look(ANN).lacks[&town.channel.stream()].len(), 3);
    town.net.pass(GRACE_MS);
    town.tick();
    assert_eq!(town.found_by(ANN), Some((Lack::Shown, 3)));
    assert_eq!(town.found_by(BEA), None, "Bea has nothing that the relay does not show");

    town.net.throws_away = None;
    town.net.pass(GRACE_MS);
    town.tick();
    assert_eq!(town.texts(HUB).len(), 4, "what it lacked it was given with the answer");
    town.net.pass(GRACE_MS);
    town.tick();
    assert!(town.last_look(ANN).is_whole(), "{:?}", town.last_look(ANN));
    assert_eq!(town.texts(BEA).len(), 4);
    assert_eq!(town.found_by(ANN), None);
}

#[test]
fn what_another_holder_gave_is_what_a_relay_is_checked_against() {
    let mut town = Town::together();
    town.net.throws_away = Some((HUB, town.channel.stream()));
    town.say(ANN, "by the other way alone");
    town.net.settle();
    assert!(town.texts(BEA).is_empty());
    let everything = town.net.nodes[ANN].everything();
    town.net.nodes[BEA].deliver(everything.0, everything.1);
    town.net.settle();
    for _ in 0..2 {
        town.tick();
        town.net.pass(GRACE_MS);
    }
    assert_eq!(town.found_by(BEA), Some((Lack::Shown, 1)));
}

#[test]
fn governance_that_a_relay_throws_away_is_found_too() {
    let mut town = Town::together();
    town.net.throws_away = Some((HUB, StreamId::GOVERNANCE));
    let draft = channel_draft("plans");
    town.net.nodes[ANN].created(town.ann, Command::CreateChannel { guild: town.guild, draft });
    town.net.settle();
    for _ in 0..2 {
        town.tick();
        town.net.pass(GRACE_MS);
    }
    assert!(
        town.found_by(ANN).is_some_and(|(what, ops)| what == Lack::Shown && ops > 0),
        "{:?}",
        town.found_by(ANN)
    );
}

#[test]
fn a_relay_that_does_not_answer_is_found_and_one_that_has_not_got_all_yet_is_not_asked() {
    let mut town = Town::together();
    town.say(ANN, "on its way");
    town.net.stuck.insert(0);
    town.net.tape.clear();
    town.tick();
    town.net.pass(GRACE_MS);
    town.tick();
    assert!(!town.checks().iter().any(|(by, _)| *by == ANN), "what it has not acknowledged it need not have");
    town.net.stuck.clear();
    town.net.settle();
    town.tick();
    assert!(town.last_look(ANN).is_whole());

    town.say(ANN, "news");
    town.net.settle();
    for _ in 0..2 {
        town.net.pass(GRACE_MS);
        town.net.stuck.insert(0);
        town.tick();
        town.net.cables[0].lose_what_is_on_the_way();
        town.net.stuck.clear();
        town.net.pass(2 * GRACE_MS);
        town.tick();
    }
    assert_eq!(town.found_by(ANN), Some((Lack::Answered, 0)));
}

#[test]
fn what_somebody_may_not_see_is_no_part_of_what_they_are_told() {
    let mut town = Town::together();
    let everyone = town.net.nodes[ANN].guild(&town.guild).everyone();
    let hide =
        |deny| OverwriteEntry { target: OverwriteTarget::Role(everyone), allow: Permissions::NONE, deny };
    for (name, deny) in
        [("officers", Permissions::VIEW_CHANNEL), ("ticker", Permissions::READ_MESSAGE_HISTORY)]
    {
        let draft = ChannelDraft { overwrites: vec![hide(deny)], ..channel_draft(name) };
        let made = town.net.nodes[ANN].created(town.ann, Command::CreateChannel { guild: town.guild, draft });
        town.net.settle();
        town.net.nodes[ANN].say(town.ann, ChannelId(made.0), "hidden");
    }
    let draft = channel_draft("gone");
    let gone = ChannelId(
        town.net.nodes[ANN].created(town.ann, Command::CreateChannel { guild: town.guild, draft }).0,
    );
    town.net.nodes[ANN].say(town.ann, gone, "soon deleted");
    town.net.nodes[ANN].command(town.ann, Command::DeleteChannel { channel: gone }).unwrap();
    town.net.settle();
    town.net.tape.clear();
    town.tick();
    assert_eq!(town.checks().len(), 4, "the fingerprints are the same: {:?}", town.checks());
    assert!(town.last_look(ANN).is_whole() && town.last_look(BEA).is_whole());
}

#[test]
fn a_relay_that_was_set_back_is_filled_and_not_accused() {
    let mut town = Town::together();
    let old = town.net.nodes[HUB].store.clone();
    for number in 0..40 {
        town.say(ANN, &format!("lost {number}"));
        town.net.pass(1_000);
    }
    town.tick();
    town.net.cut(1);
    town.net.cut(0);
    town.net.nodes[HUB].store = old;
    town.net.nodes[HUB].restart();
    town.net.connect(ANN, HUB);
    town.net.connect(BEA, HUB);
    town.net.settle();
    for _ in 0..3 {
        town.tick();
        assert_eq!(town.found_by(ANN), None);
        town.net.pass(GRACE_MS);
    }
    town.assert_same();
}

#[test]
fn who_checks_without_end_is_closed_and_an_outsider_is_told_nothing() {
    let mut town = Town::together();
    town.net.tape.clear();
    let check = Frame::Check(Check { space: town.guild, print: [0; 16] });
    let stranger = town.net.add(crate::node::Node::new(9), nexus_core::sync::frame::Role::Node);
    let cable = town.net.connect(stranger, HUB);
    town.net.settle();
    town.net.say(cable, 1, &check);
    town.net.settle();
    assert_eq!(town.checks(), []);
    for _ in 0..300 {
        town.net.say(cable, 1, &check);
    }
    town.net.settle();
    assert_eq!(town.net.cables[cable].closed, Some((HUB, CloseReason::Greedy)));
}
