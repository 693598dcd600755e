//! Many nodes with links among them: each op comes once, by the fastest of them, and by another where that one fails.

use crate::node::{Home, Node, channel_draft};
use crate::wire::Net;
use nexus_core::sync::frame::{Frame, Names, Place, Role};
use nexus_core::sync::{CloseReason, Event, Facts};
use nexus_core::{ChannelDraft, Command, Store};
use nexus_crdt::body::governance::{OverwriteEntry, OverwriteTarget};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;

/// Some people of one guild, each on a node of their own; the first made it.
struct Company {
    net: Net,
    people: Vec<UserId>,
    guild: SpaceId,
    channel: ChannelId,
}

const ANN: usize = 0;
const BEA: usize = 1;
const CAL: usize = 2;

impl Company {
    fn of(count: u8) -> Self {
        let mut home = Home::new(1);
        let guests: Vec<(Node, UserId)> =
            (2..=count).map(|seed| home.guest(seed, &format!("P{seed}"))).collect();
        let Home { mut node, owner, guild, channel } = home;
        let mut net = Net::default();
        let mut people = vec![owner];
        let mut others = Vec::new();
        for (mut other, user) in guests {
            other.take_all_of(&node);
            node.take_all_of(&other);
            others.push(other);
            people.push(user);
        }
        for mut other in std::iter::once(node).chain(others) {
            other.fed.clear();
            net.add(other, Role::Node);
        }
        Self { net, people, guild, channel }
    }

    /// .. with a link between every two of them.
    fn linked(count: u8) -> Self {
        let mut company = Self::of(count);
        for from in 0..usize::from(count) {
            for to in from + 1..usize::from(count) {
                company.net.connect(from, to);
                company.net.settle();
            }
        }
        company.net.pass(100);
        company
    }

    /// .. and each of them has talked for long enough that the links have found who brings what.
    fn acquainted(count: u8) -> Self {
        let mut company = Self::linked(count);
        for round in 0..40 {
            for node in 0..usize::from(count) {
                company.say(node, &format!("{node} {round}"));
            }
            company.net.pass(400);
        }
        company.net.pass(600);
        company.net.pass(600);
        company
    }

    fn say(&mut self, node: usize, text: &str) -> OpId {
        let said = self.net.nodes[node].say(self.people[node], self.channel, text);
        self.net.settle();
        said.id
    }

    fn cable(&self, one: usize, other: usize) -> usize {
        let found = self.net.cables.iter().position(|cable| cable.ends == [one, other]);
        found.unwrap()
    }

    fn facts(&self) -> Facts {
        let links = self.net.cables.iter().flat_map(|cable| &cable.links).map(|link| link.facts());
        links.fold(Facts::default(), |sum, link| Facts {
            news: sum.news + link.news,
            repeats: sum.repeats + link.repeats,
            named: sum.named + link.named,
            ..sum
        })
    }

    fn heard(&self, node: usize, text: &str) -> bool {
        self.net.nodes[node].texts(&self.channel).iter().any(|heard| heard == text)
    }

    fn assert_same(&self) {
        let count = |node: &Node| (node.timeline(&self.channel), node.store.count(&self.guild).unwrap().ops);
        let all: Vec<_> = self.net.nodes.iter().map(count).collect();
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
    }
}

#[test]
fn among_friends_each_op_comes_once_and_by_name_from_the_rest() {
    let mut company = Company::acquainted(5);
    let before = company.facts();
    for round in 0..10 {
        for node in 0..5 {
            company.say(node, &format!("again {node} {round}"));
        }
        company.net.pass(400);
    }
    company.net.pass(600);
    let after = company.facts();
    assert_eq!(after.news - before.news, 50 * 4, "everybody hears everything");
    assert_eq!(after.repeats - before.repeats, 0, "and nothing twice");
    assert!(after.named > before.named);
    company.assert_same();
    for node in &company.net.nodes {
        assert_eq!(node.store.count(&company.guild).unwrap().outbox, 0, "all of it is held by others");
    }
}

#[test]
fn what_was_named_and_does_not_come_is_asked_for() {
    let mut company = Company::acquainted(3);
    // Ann's link to Cal stands, and nothing moves on it.
    company.net.stuck.insert(company.cable(ANN, CAL));
    company.say(ANN, "by another way");
    assert!(company.heard(BEA, "by another way") && !company.heard(CAL, "by another way"));
    company.net.pass(600);
    assert!(!company.heard(CAL, "by another way"), "so far Cal knows its name");
    company.net.pass(1_100);
    assert!(company.heard(CAL, "by another way"));
    company.say(ANN, "and again");
    assert!(!company.heard(CAL, "and again"), "once is bad luck");
    company.net.pass(600);
    company.net.pass(1_100);
    assert!(company.heard(CAL, "and again"));
    company.say(ANN, "and now at once");
    assert!(company.heard(CAL, "and now at once"), "the feed that was quiet is one again");
}

#[test]
fn of_many_that_have_named_what_is_late_one_is_asked_and_the_others_are_spared() {
    let mut company = Company::acquainted(6);
    let last = 5;
    // Ann's link to the last one stands, and nothing moves on it: four others have named what she says.
    company.net.stuck.insert(company.cable(ANN, last));
    let before = company.facts();
    company.say(ANN, "by one of four");
    for _ in 0..40 {
        company.net.pass(50);
    }
    assert!(company.heard(last, "by one of four"));
    let repeats = company.facts().repeats - before.repeats;
    assert!(repeats <= 1, "{repeats} came beside the one");
}

/// Of a hundred nodes with fifty links each, those with links to most of the authors had all feeds be quiet, and heard the others
/// by name alone: most of a second late.
#[test]
fn who_hears_most_authors_themselves_keeps_a_feed_for_the_others() {
    const DAN: usize = 3;
    let mut company = Company::of(4);
    for (from, to) in [(BEA, CAL), (ANN, BEA), (BEA, DAN), (ANN, CAL)] {
        company.net.connect(from, to);
        company.net.settle();
    }
    for round in 0..40 {
        for number in 0..3 {
            company.say(ANN, &format!("{round} {number}"));
        }
        for number in 0..2 {
            let text = format!("past Bea {round} {number}");
            company.say(DAN, &text);
            assert!(company.heard(CAL, &text), "at once, though Cal has no link to Dan: {text}");
        }
        // No faster than anybody may write.
        company.net.pass(1_200);
    }
    company.net.pass(600);
    company.assert_same();
}

/// Each link told names half a second after the first of them came, so two neighbours told each other everything at the same moment.
#[test]
fn of_two_that_hear_the_same_one_names_it_to_the_other() {
    let mut company = Company::acquainted(3);
    let before = company.facts().named;
    company.say(ANN, "to both");
    for _ in 0..30 {
        company.net.pass(20);
    }
    assert_eq!(company.facts().named - before, 1);
}

/// Half of a mesh heard most of what was said by name alone: the two that are nearest each other had greeted first, each was the
/// other's only feed, and nothing came to the two from beyond.
#[test]
fn two_that_greeted_first_and_feed_each_other_hear_at_once_what_comes_from_beyond() {
    const DAN: usize = 3;
    let mut company = Company::of(4);
    for (from, to) in [(BEA, CAL), (ANN, DAN), (ANN, BEA)] {
        company.net.connect(from, to);
        company.net.settle();
    }
    company.say(DAN, "from beyond Ann");
    assert!(company.heard(BEA, "from beyond Ann") && company.heard(CAL, "from beyond Ann"));
}

#[test]
fn who_is_wanted_as_a_feed_wants_one_in_return() {
    let mut company = Company::acquainted(4);
    // Two late ones, and Cal wants whoever named them as a feed.
    let (to_bea, to_cal) = (company.cable(ANN, BEA), company.cable(ANN, CAL));
    company.net.stuck.insert(to_cal);
    for text in ["late", "late again"] {
        company.say(ANN, text);
        company.net.pass(600);
        company.net.pass(1_100);
        assert!(company.heard(CAL, text));
    }
    company.net.stuck = [to_bea].into();
    company.say(ANN, "the other way");
    assert!(company.heard(BEA, "the other way"), "by Cal, at once");
}

#[test]
fn where_a_link_ends_the_others_bring_what_it_brought_at_once() {
    let mut company = Company::acquainted(3);
    company.net.cut(company.cable(ANN, CAL));
    company.net.settle();
    company.say(ANN, "without waiting");
    assert!(company.heard(CAL, "without waiting"));
    company.assert_same();
}

#[test]
fn who_comes_back_to_many_holders_is_given_what_was_missed_by_one_of_them() {
    let mut company = Company::of(4);
    // In order: newest first is another story.
    company.net.in_order = Some(1_000);
    for (from, to) in [(0, 1), (0, 2), (1, 2)] {
        company.net.connect(from, to);
        company.net.settle();
    }
    for number in 0..300 {
        company.say(number % 3, &format!("missed {number}"));
        company.net.pass(150);
    }
    let missed = company.net.nodes[ANN].store.count(&company.guild).unwrap().ops
        - company.net.nodes[3].store.count(&company.guild).unwrap().ops;
    let cables: Vec<usize> = (0..3).map(|to| company.net.connect(3, to)).collect();
    company.net.settle();
    company.net.pass(600);
    company.net.pass(1_100);
    let facts: Vec<Facts> = cables.iter().map(|cable| company.net.cables[*cable].links[0].facts()).collect();
    let repeats: u64 = facts.iter().map(|facts| facts.repeats).sum();
    assert_eq!(facts.iter().map(|facts| facts.news).sum::<u64>(), missed);
    // Governance is never only named; there is little of it.
    assert!(repeats < 40, "{repeats} of {missed} came twice");
    assert!(facts.iter().all(|facts| facts.catching_up == 0), "{facts:?}");
    company.assert_same();
}

#[test]
fn what_somebody_may_not_have_is_not_even_named_to_them() {
    let mut company = Company::acquainted(3);
    let everyone = company.net.nodes[ANN].guild(&company.guild).everyone();
    let entry = |target, allow, deny| OverwriteEntry { target, allow, deny };
    let see = Permissions::VIEW_CHANNEL;
    let overwrites = vec![
        entry(OverwriteTarget::Role(everyone), Permissions::NONE, see),
        entry(OverwriteTarget::User(company.people[BEA]), see, Permissions::NONE),
    ];
    let draft = ChannelDraft { overwrites, ..channel_draft("officers") };
    let create = Command::CreateChannel { guild: company.guild, draft };
    let officers = ChannelId(company.net.nodes[ANN].created(company.people[ANN], create).0);
    company.net.settle();
    let mut said = Vec::new();
    for node in [ANN, BEA, ANN] {
        said.push(company.net.nodes[node].say(company.people[node], officers, "swordfish").id);
        company.net.settle();
        company.net.pass(600);
        company.net.pass(1_100);
    }
    assert!(!company.net.came(CAL, b"swordfish"));
    assert!(said.iter().all(|id| !company.net.came(CAL, &id.0)), "not even that there is something");
    assert_eq!(company.net.nodes[BEA].texts(&officers).len(), 3);
}

#[test]
fn who_names_more_than_can_be_is_let_go() {
    let mut company = Company::acquainted(3);
    let cable = company.cable(BEA, CAL);
    let place = |at| Place { epoch: [9; 16], at };
    for at in 1..=65 {
        let names = Names { space: company.guild, upto: place(at), ops: vec![OpId([7; 32])] };
        company.net.say(cable, 1, &Frame::Names(names));
    }
    company.net.settle();
    let closed = company.net.cables[cable].closed;
    assert_eq!(closed, Some((CAL, CloseReason::Greedy)));
}

#[test]
fn who_turns_a_feed_off_and_on_wears_out_patience() {
    let mut company = Company::acquainted(3);
    let cable = company.cable(BEA, CAL);
    for _ in 0..300 {
        company.net.say(cable, 0, &Frame::Quiet(company.guild));
    }
    company.net.settle();
    assert_eq!(company.net.cables[cable].closed, Some((BEA, CloseReason::Greedy)));
}

#[test]
fn a_peer_that_answers_nothing_does_not_keep_its_giver_awake() {
    let mut company = Company::acquainted(3);
    let cable = company.cable(BEA, CAL);
    company.net.stuck.insert(cable);
    for number in 0..25 {
        company.say(ANN, &format!("unheard {number}"));
        company.net.pass(600);
    }
    for end in [0, 1] {
        let now_ms = company.net.nodes[BEA].now_ms;
        let due = company.net.cables[cable].links[end].due_ms();
        assert!(due.is_none_or(|due| due > now_ms), "it would be woken again at once");
    }
}

#[test]
fn what_is_needed_but_not_open_to_the_asker_is_passed_over() {
    let mut company = Company::acquainted(3);
    let kick = Command::Kick { guild: company.guild, user: company.people[CAL], reason: String::new() };
    company.net.nodes[ANN].command(company.people[ANN], kick).unwrap();
    company.net.settle();
    let secret = company.say(ANN, "halibut");
    let cable = company.cable(ANN, CAL);
    let need = nexus_core::sync::frame::Need { space: company.guild, ops: vec![secret] };
    company.net.say(cable, 0, &Frame::Need(need));
    company.net.settle();
    assert!(!company.net.came(CAL, b"halibut"));
    company.net.event(cable, 0, Event::Tick);
    assert_eq!(company.net.cables[cable].closed, None);
}
