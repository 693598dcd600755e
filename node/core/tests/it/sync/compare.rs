//! A stream in which two holders differ is compared, and made whole on both sides.

use super::{ANN, BEA, HUB, Town};
use nexus_core::store::Record;
use nexus_core::sync::CloseReason;
use nexus_core::sync::frame::{Compare, Frame};
use nexus_core::{Command, RoleDraft};
use nexus_crdt::body::governance::RateClass;
use nexus_crdt::id::{RoleId, StreamId};
use nexus_crdt::permissions::Permissions;

/// "I hold nothing of this stream."
pub(super) fn everything(town: &Town, stream: StreamId, step: u32) -> Frame {
    Frame::Compare(Compare { space: town.guild, stream, step, parts: vec![0x80, 2, 0].into() })
}

/// A relay of the version before lives were named, which was set back to an older copy and took in as much as it had lost: by places
/// and by counts nothing is missing.
fn set_back(town: &mut Town, lost: usize, kept: usize) {
    names_no_lives(town);
    slowly(town, ANN, "long ago", kept);
    town.net.cut(1);
    let old = town.net.nodes[HUB].store.clone();
    slowly(town, ANN, "lost", lost);
    town.net.cut(0);
    town.net.nodes[HUB].store = old;
    town.net.nodes[HUB].restart();
    slowly(town, BEA, "new", lost);
    town.net.connect(BEA, HUB);
    town.net.settle();
    assert_eq!(town.texts(HUB).len(), kept + lost);
    names_no_lives(town);
    town.net.tape.clear();
}

fn names_no_lives(town: &mut Town) {
    town.net.nodes[HUB].store.apply(&[Record::Epoch([77; 16])]);
}

fn slowly(town: &mut Town, node: usize, text: &str, times: usize) {
    for number in 0..times {
        town.say(node, &format!("{text} {number}"));
        town.net.pass(1_000);
    }
}

fn compared(town: &Town, by: usize) -> usize {
    town.net.sent_by(by).iter().filter(|frame| matches!(frame, Frame::Compare(_))).count()
}

#[test]
fn two_that_hold_as_many_and_not_the_same_come_to_hold_all_of_it() {
    for (lost, kept) in [(3, 5), (40, 100)] {
        let mut town = Town::together();
        set_back(&mut town, lost, kept);
        let cable = town.net.connect(ANN, HUB);
        town.net.settle();
        town.assert_same();
        assert_eq!(town.texts(ANN).len(), kept + 2 * lost);
        let facts = town.net.cables[cable].links[0].facts();
        assert_eq!((facts.news, facts.repeats), (lost as u64, 0), "only what was missing came");
        assert!(compared(&town, ANN) > 0 && compared(&town, ANN) < 4);
    }
}

#[test]
fn two_who_never_met_and_hold_nearly_the_same_give_one_another_what_is_missing_and_no_more() {
    let mut town = Town::together();
    slowly(&mut town, ANN, "hello", 40);
    town.net.cut(1);
    slowly(&mut town, ANN, "while Bea is away", 3);
    slowly(&mut town, BEA, "from the train", 2);
    let cable = town.net.connect(ANN, BEA);
    town.net.settle();
    let [anns, beas] = town.net.cables[cable].links.each_ref().map(|link| link.facts());
    assert_eq!((anns.news, anns.repeats), (2, 0));
    assert_eq!((beas.news, beas.repeats), (3, 0));
    assert_eq!(town.texts(BEA).len(), 45);
    assert_eq!(town.outbox(BEA), 0, "Ann holds what she wrote");
    town.assert_same();
}

#[test]
fn what_is_the_same_is_not_compared() {
    let mut town = Town::together();
    slowly(&mut town, ANN, "hello", 50);
    for cable in [1, 0] {
        town.net.cut(cable);
    }
    town.net.tape.clear();
    town.net.connect(ANN, HUB);
    town.net.connect(BEA, HUB);
    town.net.settle();
    assert_eq!((compared(&town, ANN), compared(&town, HUB), compared(&town, BEA)), (0, 0, 0));
}

#[test]
fn who_has_a_stream_compared_without_end_is_closed() {
    let mut town = Town::together();
    for _ in 0..40 {
        town.net.say(1, 1, &everything(&town, StreamId::MEMBERSHIP, 0));
        if town.net.cables[1].closed.is_none() {
            town.net.settle();
        }
    }
    assert_eq!(town.net.cables[1].closed, Some((HUB, CloseReason::Greedy)));
}

#[test]
fn who_compares_in_words_that_are_none_is_closed() {
    let mut town = Town::together();
    let parts = vec![0x80, 9].into();
    let stream = StreamId::MEMBERSHIP;
    town.net.say(1, 1, &Frame::Compare(Compare { space: town.guild, stream, step: 0, parts }));
    town.net.settle();
    assert_eq!(town.net.cables[1].closed, Some((HUB, CloseReason::Garbage)));
}

#[test]
fn an_answer_that_nobody_waits_for_is_passed_over() {
    let mut town = Town::together();
    town.net.tape.clear();
    for step in [1, 2, 7, u32::MAX] {
        town.net.say(1, 1, &everything(&town, StreamId::MEMBERSHIP, step));
    }
    town.net.settle();
    assert_eq!(compared(&town, HUB), 0);
    assert_eq!(town.net.cables[1].closed, None);
    town.say(ANN, "and on");
    town.net.settle();
    town.assert_same();
}

/// A range of membership that ends nowhere else than the stream does, as somebody says it who holds other ops there.
fn other_print(town: &Town, step: u32) -> Frame {
    let parts = [&[0x80, 1][..], &[9; 8]].concat().into();
    Frame::Compare(Compare { space: town.guild, stream: StreamId::MEMBERSHIP, step, parts })
}

fn steps(town: &Town, by: usize) -> Vec<u32> {
    let step = |frame: &Frame| if let Frame::Compare(compare) = frame { Some(compare.step) } else { None };
    town.net.sent_by(by).iter().filter_map(step).collect()
}

#[test]
fn several_messages_under_way_are_answered_each_by_itself_until_an_empty_one() {
    let mut town = Town::together();
    town.net.tape.clear();
    for step in [0, 2, 4] {
        town.net.say(1, 1, &other_print(&town, step));
    }
    // It asks for nothing, and more comes behind it.
    let needs = |step| {
        let parts = [&[0x80, 3, 1][..], &[9; 16]].concat().into();
        Frame::Compare(Compare { space: town.guild, stream: StreamId::MEMBERSHIP, step, parts })
    };
    town.net.say(1, 1, &needs(6));
    town.net.say(1, 1, &other_print(&town, 8));
    town.net.settle();
    assert_eq!(steps(&town, HUB), [1, 3, 5, 9]);
    let over =
        Compare { space: town.guild, stream: StreamId::MEMBERSHIP, step: 10, parts: Vec::new().into() };
    town.net.say(1, 1, &Frame::Compare(over));
    town.net.say(1, 1, &other_print(&town, 12));
    town.net.settle();
    assert_eq!(steps(&town, HUB), [1, 3, 5, 9], "it is over");
    assert_eq!(town.net.cables[1].closed, None);
}

#[test]
fn with_who_speaks_the_first_version_one_message_is_under_way_and_all_is_found() {
    let mut town = Town::together();
    town.net.version = Some(1);
    set_back(&mut town, 40, 100);
    let cable = town.net.connect(ANN, HUB);
    town.net.settle();
    town.assert_same();
    let facts = town.net.cables[cable].links[0].facts();
    assert_eq!((facts.news, facts.repeats), (40, 0), "only what was missing came");
    let empty = |frame: &Frame| matches!(frame, Frame::Compare(compare) if compare.step % 2 == 0 && compare.parts.is_empty());
    assert!(!town.net.sent_by(ANN).iter().any(empty), "the end of it is not said");
}

#[test]
fn a_comparison_that_nobody_answers_is_over_after_a_while_and_begun_again_on_the_next_link() {
    let mut town = Town::together();
    set_back(&mut town, 3, 5);
    let cable = town.net.connect(ANN, HUB);
    town.net.loses = Some(|frame| matches!(frame, Frame::Compare(_)));
    town.net.tick(30);
    assert_ne!(town.texts(ANN), town.texts(HUB));
    assert_eq!(town.net.cables[cable].closed, None);
    town.net.loses = None;
    town.net.cut(cable);
    town.net.connect(ANN, HUB);
    town.net.settle();
    assert_eq!(town.texts(ANN), town.texts(HUB));
}

impl Town {
    fn bea_manages_channels(&mut self) {
        let (guild, user) = (self.guild, self.bea);
        let draft = RoleDraft {
            name: "gardeners".to_owned(),
            permissions: Some(Permissions::MANAGE_CHANNELS),
            color: 0,
            hoist: false,
            mentionable: false,
            rate_class: RateClass::Person,
        };
        let at_ann = &mut self.net.nodes[ANN];
        let role = RoleId(at_ann.created(self.ann, Command::CreateRole { guild, draft }).0);
        at_ann.command(self.ann, Command::AddMemberRole { guild, user, role }).unwrap();
        self.net.settle();
    }
}

/// What a lost sync left behind in a channel that is gone is found where the channel comes back.
#[test]
fn a_channel_whose_deletion_turns_void_is_compared_again() {
    let mut town = Town::together();
    town.bea_manages_channels();
    set_back(&mut town, 3, 5);
    let ban = Command::Ban { guild: town.guild, user: town.bea, reason: String::new(), delete_s: 0 };
    town.net.nodes[ANN].command(town.ann, ban).unwrap();
    let channel = town.channel;
    town.net.nodes[BEA].command(town.bea, Command::DeleteChannel { channel }).unwrap();
    town.net.settle();
    assert!(!town.net.nodes[HUB].guild(&town.guild).channels.contains_key(&channel));
    let cable = town.net.connect(ANN, HUB);
    town.net.settle();
    town.net.cut(cable);
    town.net.connect(ANN, HUB);
    town.net.settle();
    assert_eq!(town.texts(ANN), town.texts(HUB));
    assert_eq!(town.texts(HUB).iter().filter(|text| text.starts_with("lost")).count(), 3);
}
