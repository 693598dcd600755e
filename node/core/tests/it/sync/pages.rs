//! Who holds what they look at: governance whole, the newest of each channel, and the rest when it is asked for.

mod set_back;

use super::{ANN, BEA, HUB, Town};
use nexus_core::store::{GapChange, Gaps, Range, Spot};
use nexus_core::sync::frame::{Frame, Page};
use nexus_core::sync::{CloseReason, Event, Fetch};
use nexus_core::{ChannelDraft, Command, Input, Store};
use nexus_crdt::body::governance::{ChannelFields, ChannelKind};
use nexus_crdt::id::{ChannelId, StreamId, UserId};

/// Ann has said as much when Bea, who holds what she looks at, joins.
pub(super) fn joined_late(messages: usize) -> Town {
    let mut town = Town::new();
    town.net.viewers.insert(BEA);
    said(&mut town, "long ago", messages);
    // More than ten minutes: what was said before is history.
    town.net.nodes.iter_mut().for_each(|node| node.now_ms += 3_600_000);
    town.net.connect(ANN, HUB);
    let cable = town.net.connect(BEA, HUB);
    town.net.settle();
    town.bea_joins(cable);
    town
}

pub(super) fn said(town: &mut Town, text: &str, messages: usize) {
    for number in 0..messages {
        town.say(ANN, &format!("{text} {number}"));
        town.net.nodes.iter_mut().for_each(|node| node.now_ms += 5_000);
    }
}

pub(super) fn stream(town: &Town) -> StreamId {
    town.channel.stream()
}

pub(super) fn gaps(town: &Town) -> Vec<Range> {
    let gaps = town.net.nodes[BEA].core.view().gaps.get(&(town.guild, stream(town))).cloned();
    gaps.into_iter().flat_map(|gaps| gaps.iter().copied().collect::<Vec<_>>()).collect()
}

/// Bea's window asks for what lies before what she holds.
pub(super) fn scrolls_back(town: &mut Town, cable: usize, count: u32) -> bool {
    let from = gaps(town).last().and_then(|gap| gap.upto);
    fetch(town, cable, Fetch { space: town.guild, stream: stream(town), from, older: true, count })
}

pub(super) fn fetch(town: &mut Town, cable: usize, fetch: Fetch) -> bool {
    town.net.fetched.clear();
    town.net.event(cable, 0, Event::Fetch(fetch));
    town.net.settle();
    town.net.fetched == [(BEA, fetch.stream, true)]
}

#[test]
fn who_joins_reads_the_newest_at_once_and_is_given_no_more() {
    let town = joined_late(200);
    let texts = town.texts(BEA);
    assert_eq!(texts.len(), 50);
    assert_eq!(texts.last().unwrap(), "long ago 199");
    let gap = gaps(&town);
    assert_eq!((gap.len(), gap[0].from), (1, Spot::FIRST), "what is older is a gap");
    assert!(gap[0].upto.is_some());
    let guild = |node: usize| town.net.nodes[node].core.state_hash(&town.guild);
    assert_eq!(guild(BEA), guild(HUB), "governance is held whole");
    // The line that Heads has of people is no stream: it once stood here as a gap that nobody could ever close.
    let streams: Vec<_> = town.net.nodes[BEA].core.view().gaps.keys().map(|(_, of)| *of).collect();
    assert_eq!(streams, [stream(&town)]);
    let told = town.net.nodes[BEA].changes.iter();
    let created = told.filter(|change| matches!(change, nexus_core::Change::MessageCreated { .. })).count();
    assert_eq!(created, 0, "nobody is told of history as of news");
}

#[test]
fn history_comes_page_by_page_until_there_is_no_gap_and_then_all_is_the_same() {
    let mut town = joined_late(200);
    let mut held = 50;
    while !gaps(&town).is_empty() {
        assert!(scrolls_back(&mut town, 1, 40));
        held = (held + 40).min(200);
        assert_eq!(town.texts(BEA).len(), held);
    }
    town.assert_same();
}

#[test]
fn what_is_said_meanwhile_is_told_and_what_is_written_goes_out() {
    let mut town = joined_late(120);
    said(&mut town, "now", 3);
    town.say(BEA, "hello");
    town.net.settle();
    assert_eq!(town.texts(BEA).len(), 54);
    assert_eq!(town.texts(ANN).last().unwrap(), "hello");
    assert_eq!(town.outbox(BEA), 0);
    assert_eq!(town.net.nodes[ANN].taken.refused, Vec::<&str>::new());
}

#[test]
fn what_acts_on_a_message_in_a_gap_waits_for_it() {
    let mut town = joined_late(150);
    let (ann, channel) = (town.ann, town.channel);
    let old = town.net.nodes[ANN].messages(&channel);
    town.net.nodes[ANN].edit(ann, channel, old[3].id, "mended").unwrap();
    let delete = Command::DeleteMessages { channel, messages: vec![old[5].id] };
    town.net.nodes[ANN].command(ann, delete).unwrap();
    let react = Command::React { channel, message: old[7].id, emoji: String::from("\u{1f44d}") };
    town.net.nodes[ANN].command(ann, react).unwrap();
    town.net.settle();
    assert_eq!(town.texts(BEA).len(), 50, "nothing of it is to be seen yet");
    town.net.nodes[BEA].restart();
    while !gaps(&town).is_empty() {
        assert!(scrolls_back(&mut town, 1, 40));
    }
    town.assert_same();
    let messages = town.net.nodes[BEA].messages(&channel);
    assert_eq!((messages.len(), town.texts(BEA)[3].as_str()), (149, "mended"));
    assert!(messages.iter().any(|message| message.id == old[7].id && message.reactions.len() == 1));
}

#[test]
fn a_page_in_the_middle_comes_with_what_was_done_to_it_since() {
    let mut town = joined_late(150);
    let (ann, channel) = (town.ann, town.channel);
    let old = town.net.nodes[ANN].messages(&channel);
    let delete = Command::DeleteMessages { channel, messages: vec![old[41].id] };
    town.net.nodes[ANN].command(ann, delete).unwrap();
    town.net.settle();
    let from = Some(Spot::of(old[40].hlc, &old[40].id));
    let middle = Fetch { space: town.guild, stream: stream(&town), from, older: false, count: 10 };
    assert!(fetch(&mut town, 1, middle));
    assert_eq!(gaps(&town).len(), 2, "a range is held between two gaps");
    let texts = town.texts(BEA);
    assert!(texts.contains(&String::from("long ago 40")) && texts.contains(&String::from("long ago 49")));
    assert!(!texts.contains(&String::from("long ago 41")), "it was deleted since");
    assert!(!texts.contains(&String::from("long ago 50")));
}

#[test]
fn after_a_long_absence_the_newest_come_first_and_what_was_missed_is_a_gap() {
    let mut town = joined_late(100);
    town.net.cut(1);
    said(&mut town, "missed", 2_100);
    town.net.settle();
    town.net.nodes[BEA].now_ms = town.net.nodes[ANN].now_ms;
    town.net.tape.clear();
    town.net.connect(BEA, HUB);
    town.net.settle();
    let texts = town.texts(BEA);
    assert_eq!(texts.len(), 100, "50 from before, 50 of now");
    assert_eq!(texts.last().unwrap(), "missed 2099");
    assert_eq!(gaps(&town).len(), 2);
    // A shorter one is fed.
    town.net.cut(1);
    said(&mut town, "again", 60);
    town.net.settle();
    town.net.connect(BEA, HUB);
    town.net.settle();
    assert_eq!((town.texts(BEA).len(), gaps(&town).len()), (160, 2));
}

#[test]
fn a_relay_that_leaves_something_out_is_found_by_who_else_is_asked() {
    let mut town = joined_late(120);
    // It never had one of them: what it says of the range is true of what it holds.
    let all = town.net.nodes[ANN].messages(&town.channel);
    let lost = all[110].id;
    assert!(town.texts(BEA).contains(&String::from("long ago 110")));
    town.net.cut(1);
    let mut bea = crate::node::Node::new(9);
    std::mem::swap(&mut bea, &mut town.net.nodes[BEA]);
    town.net.nodes[BEA].now_ms = bea.now_ms;
    let known: Vec<Vec<u8>> =
        bea.store.ops().filter(|op| op.op.id != lost).map(nexus_core::StoredOp::encode).collect();
    let frontiers = bea.store.frontiers().unwrap();
    let whole = Gaps::all().after(&Range { from: gaps_of(&bea, &town), upto: None }, true);
    let (space, stream) = (town.guild, stream(&town));
    town.net.nodes[BEA].store.apply(&[nexus_core::Record::Gaps { space, stream, gaps: whole }]);
    town.net.nodes[BEA].restart();
    town.net.nodes[BEA].deliver(known, frontiers);
    assert_eq!(town.texts(BEA).len(), 49);
    for secret in bea.store.secrets().unwrap() {
        town.net.nodes[BEA].store.apply(&[nexus_core::Record::Secret(secret)]);
    }
    town.net.nodes[BEA].restart();
    town.net.connect(BEA, HUB);
    town.net.settle();
    for _ in 0..3 {
        let ticked = town.net.cables.len() - 1;
        [0, 1].into_iter().for_each(|end| town.net.event(ticked, end, Event::Tick));
        town.net.settle();
    }
    assert_eq!(town.texts(BEA).len(), 50, "what was left out is here");
}

fn gaps_of(node: &crate::node::Node, town: &Town) -> Spot {
    let gaps = &node.core.view().gaps[&(town.guild, stream(town))];
    gaps.iter().next().and_then(|gap| gap.upto).unwrap()
}

#[test]
fn a_page_of_a_channel_that_is_hidden_says_nothing() {
    let mut town = Town::together();
    said(&mut town, "hello", 5);
    town.net.settle();
    let hidden = StreamId([77; 16]);
    let page = Page { space: town.guild, stream: hidden, from: None, older: true, count: 50 };
    town.net.tape.clear();
    town.net.say(1, 1, &Frame::Page(page));
    town.net.settle();
    let answers = town.net.sent_by(HUB);
    let said =
        answers.iter().find_map(|frame| if let Frame::Paged(paged) = frame { Some(paged) } else { None });
    assert_eq!(said.map(|paged| paged.sum.count), Some(0));
    assert!(!answers.iter().any(|frame| matches!(frame, Frame::Ops(_))));
}

#[test]
fn who_has_pages_given_without_end_is_closed() {
    let mut town = Town::together();
    said(&mut town, "hello", 100);
    town.net.settle();
    for _ in 0..200 {
        let page = Page { space: town.guild, stream: stream(&town), from: None, older: true, count: 1_000 };
        town.net.say(1, 1, &Frame::Page(page));
        if town.net.cables[1].closed.is_none() {
            town.net.settle();
        }
    }
    assert_eq!(town.net.cables[1].closed, Some((HUB, CloseReason::Greedy)));
}

#[test]
fn what_is_let_go_of_is_a_gap_and_comes_again_with_what_was_done_to_it_since() {
    let mut town = joined_late(120);
    while !gaps(&town).is_empty() {
        assert!(scrolls_back(&mut town, 1, 40));
    }
    let (ann, bea, channel) = (town.ann, town.bea, town.channel);
    let old = town.net.nodes[BEA].messages(&channel);
    town.say(BEA, "mine");
    let react = |message| Command::React { channel, message, emoji: String::from("\u{1f44d}") };
    town.net.nodes[BEA].command(bea, react(old[3].id)).unwrap();
    town.net.nodes[ANN].command(ann, react(old[4].id)).unwrap();
    town.net.settle();
    said(&mut town, "later", 10);
    town.net.settle();
    // All but the last ten go: not what Bea wrote herself.
    let later = town.net.nodes[BEA].messages(&channel)[121].clone();
    let range = Range { from: Spot::FIRST, upto: Some(Spot::of(later.hlc, &later.id)) };
    let (space, stream) = (town.guild, stream(&town));
    let ops = town.net.nodes[BEA].store.count(&space).unwrap().ops;
    town.net.nodes[BEA].handle(Input::LetGo { space, stream, range });
    assert_eq!(town.texts(BEA).len(), 11);
    assert_eq!(town.texts(BEA)[0], "mine");
    assert!(gaps(&town).len() == 1 && gaps(&town)[0].upto < range.upto, "up to the last that went");
    assert_eq!(ops - town.net.nodes[BEA].store.count(&space).unwrap().ops, 121, "messages, and a reaction");
    town.net.nodes[BEA].restart();
    town.net.nodes[ANN].edit(ann, channel, old[7].id, "mended").unwrap();
    town.net.settle();
    assert_eq!(town.texts(BEA).len(), 11);
    while !gaps(&town).is_empty() {
        assert!(scrolls_back(&mut town, 1, 40));
    }
    town.assert_same();
    let messages = town.net.nodes[BEA].messages(&channel);
    assert_eq!((messages.len(), town.texts(BEA)[7].as_str()), (131, "mended"));
    assert!([3, 4].iter().all(|at| messages[*at].reactions.len() == 1));
}

// The newest numbers of a feed may be of what was let go of, as when somebody scrolled far back. A giver once gave what comes after the last that is there, again and
// again: sixteen batches of nothing for each that was acknowledged. A simulation never came to rest.
#[test]
fn who_let_go_of_what_arrived_last_gives_what_is_left_and_comes_to_rest() {
    let mut town = joined_late(120);
    town.net.cut(1);
    let cable = town.net.connect(BEA, ANN);
    town.net.settle();
    assert!(scrolls_back(&mut town, cable, 40));
    let read = town.net.nodes[BEA].messages(&town.channel);
    let range = Range { from: Spot::FIRST, upto: Some(Spot::of(read[40].hlc, &read[40].id)) };
    let (space, stream) = (town.guild, stream(&town));
    town.net.nodes[BEA].handle(Input::LetGo { space, stream, range });
    assert_eq!((read.len(), town.texts(BEA).len()), (90, 50), "the oldest came last, and went");
    town.net.cut(cable);
    town.net.tape.clear();
    town.net.connect(BEA, HUB);
    town.net.settle();
    let given = town.net.sent_by(BEA).into_iter().filter(|frame| matches!(frame, Frame::Ops(_))).count();
    assert!(given <= 4, "{given} batches, of a guild and of accounts");
    said(&mut town, "later", 3);
    town.net.settle();
    assert_eq!(town.texts(BEA).len(), 53, "what comes is told as ever");
}

// A link had seen that all of a page is here, and before it was noted some of it was let go of: what is not here was said to be
// held, and shown as an empty page.
#[test]
fn a_page_that_was_found_whole_before_some_was_let_go_of_closes_no_gap() {
    let mut town = joined_late(30);
    assert_eq!(gaps(&town), []);
    let (space, stream) = (town.guild, stream(&town));
    let node = &mut town.net.nodes[BEA];
    let mut close =
        GapChange { space, stream, range: Range::ALL, held: true, let_go: node.core.view().let_go };
    node.handle(Input::LetGo { space, stream, range: Range::ALL });
    let closes =
        |close| Input::Ops { ops: Vec::new(), frontiers: Vec::new(), cursor: None, gaps: vec![close] };
    node.handle(closes(close));
    assert_eq!((gaps(&town).len(), town.texts(BEA).len()), (1, 0));
    let node = &mut town.net.nodes[BEA];
    close.let_go = node.core.view().let_go;
    node.handle(closes(close));
    assert_eq!(gaps(&town), [], "whoever looked since is believed");
}

#[test]
fn what_was_held_whole_before_a_long_absence_is_held_after_it() {
    let mut town = joined_late(30);
    assert_eq!((town.texts(BEA).len(), gaps(&town).len()), (30, 0));
    town.net.cut(1);
    said(&mut town, "missed", 2_100);
    town.net.settle();
    town.net.nodes[BEA].now_ms = town.net.nodes[ANN].now_ms;
    town.net.connect(BEA, HUB);
    town.net.settle();
    assert_eq!(town.texts(BEA).len(), 80, "30 from before, 50 of now");
    let last = town.net.nodes[BEA].messages(&town.channel)[29].clone();
    let gaps = gaps(&town);
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0].from > Spot::of(last.hlc, &last.id), "what was held is no gap");
}

#[test]
fn a_channel_is_never_shown_empty_while_nobody_knows_what_is_in_it() {
    let mut town = joined_late(0);
    let (guild, ann, bea) = (town.guild, town.ann, town.bea);
    assert_eq!(gaps(&town), [], "it is known that nobody has said anything");
    town.net.cut(1);
    said(&mut town, "meanwhile", 3);
    let other = Command::CreateChannel { guild, draft: draft("other") };
    let other = ChannelId::from(town.net.nodes[ANN].created(ann, other));
    town.net.nodes[ANN].say(ann, other, "here, too");
    town.net.settle();
    town.net.connect(BEA, HUB);
    // Whatever comes first.
    while town.net.carry_one() {
        let view = town.net.nodes[BEA].core.view();
        let is_known = !view.guilds[&guild].channels.contains_key(&other) || {
            let is_whole = view.holds(&guild, &other.stream(), &Range::ALL);
            !is_whole || town.net.nodes[BEA].texts(&other).len() == 1
        };
        assert!(is_known, "an empty page would say that there is nothing");
    }
    assert_eq!(town.net.nodes[BEA].texts(&other), ["here, too"]);
    // What she makes herself she knows.
    let own = Command::CreateChannel { guild, draft: draft("own") };
    town.net.nodes[ANN]
        .command(ann, Command::SetOwners { guild, owners: vec![ann, bea], threshold: 1 })
        .unwrap();
    town.net.settle();
    town.net.cut(1);
    let own = ChannelId::from(town.net.nodes[BEA].created(bea, own));
    town.net.connect(BEA, HUB);
    town.net.settle();
    assert!(town.net.nodes[BEA].core.view().holds(&guild, &own.stream(), &Range::ALL));
}

/// A window that got 48 asked for two more, which came behind the people of a large guild.
#[test]
fn a_page_has_as_many_messages_as_were_asked_for_beside_those_that_were_taken_away() {
    let mut town = Town::new();
    town.net.viewers.insert(BEA);
    said(&mut town, "long ago", 60);
    let newest =
        town.net.nodes[ANN].messages(&town.channel).iter().rev().take(2).map(|message| message.id).collect();
    let delete = Command::DeleteMessages { channel: town.channel, messages: newest };
    town.net.nodes[ANN].command(town.ann, delete).unwrap();
    town.net.connect(ANN, HUB);
    let cable = town.net.connect(BEA, HUB);
    town.net.settle();
    town.bea_joins(cable);
    let texts = town.texts(BEA);
    assert_eq!(texts.last().unwrap(), "long ago 57");
    assert_eq!(texts.len(), 50);
}

/// A window asks at once. Before, there was a moment between the join and the first word of the giver in which the channel was empty.
#[test]
fn what_lies_in_a_gap_is_destroyed_as_it_comes_where_all_that_its_author_said_was_taken_away() {
    let mut town = joined_late(150);
    town.say(BEA, "hello");
    assert!(scrolls_back(&mut town, 1, 40));
    let erase = Command::Erase { guild: town.guild, user: town.ann };
    town.net.nodes[ANN].command(town.ann, erase).unwrap();
    town.net.settle();
    assert_eq!(town.texts(BEA), ["hello"]);
    let bodies = |town: &Town| {
        let said = town.net.nodes[BEA].store.ops().filter(|stored| stored.op.header.stream == stream(town));
        said.filter(|stored| stored.op.body.is_some()).count()
    };
    assert!(bodies(&town) > 50, "the word is not final yet");
    town.net.nodes[BEA].tick();
    town.net.nodes.iter_mut().for_each(|node| node.now_ms += 31 * 24 * 3_600_000);
    town.net.nodes[BEA].tick();
    assert_eq!(bodies(&town), 1, "what was here: all but her own");
    assert!(!gaps(&town).is_empty());
    while !gaps(&town).is_empty() {
        assert!(scrolls_back(&mut town, 1, 40));
        assert_eq!(bodies(&town), 1, "what comes from who holds it still");
    }
    assert_eq!(town.texts(BEA), ["hello"]);
    town.assert_same();
}

#[test]
fn from_the_join_on_a_channel_is_not_empty_but_unknown() {
    let mut town = Town::new();
    town.net.viewers.insert(BEA);
    town.net.nodes[BEA].handle(Input::HoldsViewed(true));
    said(&mut town, "long ago", 60);
    town.net.connect(ANN, HUB);
    let cable = town.net.connect(BEA, HUB);
    town.net.settle();
    town.net.event(cable, 0, Event::Ask(town.code));
    town.net.settle();
    town.net.nodes[BEA].created(town.bea, Command::Join { code: town.code });
    let is_known =
        |town: &Town| town.net.nodes[BEA].core.view().holds(&town.guild, &stream(town), &Range::ALL);
    assert!(!is_known(&town));
    while town.net.carry_one() {
        assert!(!is_known(&town) && [0, 50].contains(&town.texts(BEA).len()));
    }
    assert_eq!(town.texts(BEA).len(), 50);
}

fn draft(name: &str) -> ChannelDraft {
    let fields = ChannelFields { name: Some(name.to_owned()), ..ChannelFields::default() };
    ChannelDraft { kind: ChannelKind::Text, fields, overwrites: Vec::new() }
}

#[test]
fn in_a_large_guild_the_newest_is_read_before_its_people_come() {
    let (mut town, people) = large();
    let cable = town.net.connect(BEA, HUB);
    town.net.settle();
    town.bea_joins(cable);
    assert_eq!(town.texts(BEA).len(), 50);
    let (before, after) = ops_around_the_first_page(&town);
    assert!(before < 50 + 20, "{before} ops came before the page");
    assert!(after > 2 * people.len(), "their joins and accounts came afterwards");
    let guild = &town.net.nodes[BEA].core.view().guilds[&town.guild];
    assert!(people.iter().all(|user| guild.members.contains_key(user)));
    assert!(people.iter().all(|user| town.net.nodes[BEA].core.view().users.contains_key(user)));
}

/// A guild of sixty people beside Ann, in which something was said, before Bea comes.
pub(super) fn large() -> (Town, Vec<UserId>) {
    let mut town = Town::new();
    town.net.viewers.insert(BEA);
    said(&mut town, "long ago", 60);
    town.net.connect(ANN, HUB);
    town.net.settle();
    let people: Vec<UserId> =
        (0..60).map(|number| town.comes_in_on_the_relay(&format!("Person {number}"))).collect();
    (town, people)
}

/// How many ops the relay gave Bea before the first page was said to be whole, and afterwards.
pub(super) fn ops_around_the_first_page(town: &Town) -> (usize, usize) {
    let told: Vec<Frame> =
        town.net.tape.iter().filter(|(from, to, _)| (*from, *to) == (HUB, BEA)).map(decoded).collect();
    let page = told.iter().position(|frame| matches!(frame, Frame::Paged(_))).unwrap();
    let ops = |frames: &[Frame]| -> usize {
        frames.iter().map(|frame| if let Frame::Ops(ops) = frame { ops.ops.len() } else { 0 }).sum()
    };
    (ops(&told[..page]), ops(&told[page..]))
}

/// Bea has shown an invite, is not in yet, and asks for the newest page; by which cable.
fn a_guest_asks_for_the_newest() -> (Town, usize) {
    let mut town = Town::new();
    said(&mut town, "long ago", 60);
    town.net.connect(ANN, HUB);
    let cable = town.net.connect(BEA, HUB);
    town.net.settle();
    town.net.event(cable, 0, Event::Ask(town.code));
    town.net.settle();
    let page = Page { space: town.guild, stream: stream(&town), from: None, older: true, count: 50 };
    town.net.tape.clear();
    town.net.say(cable, 1, &Frame::Page(page));
    town.net.settle();
    assert_eq!(paged(&town), [], "nobody knows yet whether she is let in");
    (town, cable)
}

/// How many ops were said to be in each page that the relay gave.
fn paged(town: &Town) -> Vec<u64> {
    let said = town.net.sent_by(HUB);
    said.iter()
        .filter_map(|frame| if let Frame::Paged(paged) = frame { Some(paged.sum.count) } else { None })
        .collect()
}

/// The real programs met it that way, and were given every account of a guild of 100,000 before its newest message.
#[test]
fn a_guest_whose_join_is_on_its_way_is_given_the_page_they_asked_for_once_it_is_there() {
    let (mut town, _) = a_guest_asks_for_the_newest();
    town.net.nodes[BEA].created(town.bea, Command::Join { code: town.code });
    town.net.settle();
    assert_eq!(paged(&town), [50]);
}

#[test]
fn a_guest_who_is_not_let_in_is_told_after_a_while_that_there_is_no_page_for_them() {
    let (mut town, cable) = a_guest_asks_for_the_newest();
    town.net.nodes.iter_mut().for_each(|node| node.now_ms += 6_000);
    town.net.event(cable, 1, Event::Tick);
    town.net.settle();
    assert_eq!(paged(&town), [0]);
}

/// Cat is in, and nobody has said anything, when Bea comes.
fn where_nothing_was_said() -> (Town, UserId, usize) {
    let mut town = Town::new();
    town.net.viewers.insert(BEA);
    town.net.connect(ANN, HUB);
    town.net.settle();
    let cat = town.comes_in_on_the_relay("Cat");
    let cable = town.net.connect(BEA, HUB);
    town.net.settle();
    (town, cat, cable)
}

#[test]
fn who_finds_nothing_to_read_is_told_who_is_there_all_the_same() {
    let (mut town, cat, cable) = where_nothing_was_said();
    town.bea_joins(cable);
    assert!(town.net.nodes[BEA].core.view().guilds[&town.guild].members.contains_key(&cat));
}

#[test]
fn a_guest_who_is_not_let_in_is_told_who_is_there_after_a_while() {
    let (mut town, cat, cable) = where_nothing_was_said();
    town.net.event(cable, 0, Event::Ask(town.code));
    town.net.settle();
    let knows_cat =
        |town: &Town| town.net.nodes[BEA].core.view().guilds[&town.guild].members.contains_key(&cat);
    assert!(!knows_cat(&town));
    town.net.nodes.iter_mut().for_each(|node| node.now_ms += 20_000);
    town.net.event(cable, 0, Event::Tick);
    town.net.settle();
    assert!(knows_cat(&town));
}

pub(super) fn decoded((_, _, bytes): &(usize, usize, Vec<u8>)) -> Frame {
    Frame::decode(bytes).unwrap().unwrap()
}
