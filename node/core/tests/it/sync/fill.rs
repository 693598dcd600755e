//! Who holds everything and missed much: the newest first, then all of it, and nobody is told before that they have it.

use super::pages::{gaps, said};
use super::{ANN, BEA, HUB, Town};
use nexus_core::store::Spot;
use nexus_core::sync::frame::{Follow, Frame};
use nexus_core::sync::{Event, Fetch};
use nexus_core::{Change, Store};
use nexus_crdt::permissions::Permissions;

/// Bea was there, went, and comes back after Ann has said as much.
fn comes_back(messages: usize) -> Town {
    let mut town = Town::new();
    town.net.in_order = Some(20);
    town.net.connect(ANN, HUB);
    let cable = town.net.connect(BEA, HUB);
    town.net.settle();
    town.bea_joins(cable);
    said(&mut town, "before", 3);
    town.net.settle();
    town.net.cut(cable);
    said(&mut town, "missed", messages);
    town.net.settle();
    // More than ten minutes.
    town.net.nodes.iter_mut().for_each(|node| node.now_ms += 3_600_000);
    town.net.tape.clear();
    town.net.connect(BEA, HUB);
    town.net.settle();
    town
}

fn fills(town: &mut Town) {
    while town.net.fills_some(BEA) {}
    town.net.tick(2);
}

fn follows(town: &Town) -> usize {
    town.net.sent_by(BEA).iter().filter(|frame| matches!(frame, Frame::Follow(_))).count()
}

fn followed(town: &Town) -> usize {
    town.net.sent_by(HUB).iter().filter(|frame| matches!(frame, Frame::Followed(_))).count()
}

fn told(town: &Town) -> Vec<String> {
    let told = town.net.nodes[BEA].changes.iter();
    told.filter_map(|change| match change {
        Change::MessageCreated { message } => Some(crate::node::text_of(message)),
        _ => None,
    })
    .collect()
}

#[test]
fn who_missed_much_reads_the_newest_first_and_all_of_it_after() {
    let mut town = comes_back(200);
    let texts = town.texts(BEA);
    assert_eq!((texts.len(), texts.last().map(String::as_str)), (53, Some("missed 199")));
    assert_eq!(gaps(&town).len(), 1, "what lies between is a gap, and no shorter history");
    fills(&mut town);
    assert_eq!(gaps(&town), []);
    town.assert_same();
    assert_eq!(town.texts(BEA).len(), 203);
}

// What fills the gap was asked for again each time before her: a page further back took until the gap was all but filled.
#[test]
fn who_reads_back_while_a_gap_is_filled_is_given_that_page_next() {
    let mut town = comes_back(1_500);
    let cable = town.net.cables.len() - 1;
    let fill = nexus_core::sync::missing(town.net.nodes[BEA].core.view())[0];
    let gap = gaps(&town)[0];
    town.net.tape.clear();
    town.net.event(cable, 0, Event::Fetch(fill));
    let (space, stream) = (fill.space, fill.stream);
    let back = Fetch { space, stream, from: gap.upto, older: true, count: 100 };
    town.net.event(cable, 0, Event::Fetch(back));
    town.net.event(cable, 0, Event::Fetch(back));
    town.net.settle();
    let asked = town.net.sent_by(BEA).into_iter().filter_map(|frame| match frame {
        Frame::Page(page) => Some((page.older, page.count)),
        _ => None,
    });
    assert_eq!(asked.collect::<Vec<_>>(), [(false, fill.count), (true, 100)], "each once");
    assert!(gaps(&town)[0].upto < gap.upto && gaps(&town)[0].from > gap.from);
}

// The newest that she held was what she had said herself, alone: all that was said before it seemed to be here.
#[test]
fn what_was_said_while_cut_off_hides_nothing_that_was_missed_before_it() {
    let mut town = comes_back(0);
    let last = town.net.cables.len() - 1;
    town.net.cut(last);
    said(&mut town, "missed", 100);
    town.say(BEA, "alone");
    town.net.settle();
    town.net.connect(BEA, HUB);
    town.net.settle();
    let first = town.net.nodes[ANN].messages(&town.channel)[3].clone();
    assert!(gaps(&town).iter().any(|gap| gap.holds(&Spot::of(first.hlc, &first.id))));
    fills(&mut town);
    town.assert_same();
    assert_eq!((gaps(&town), town.outbox(BEA)), (vec![], 0));
}

#[test]
fn who_missed_little_is_given_it_in_order() {
    let mut town = comes_back(20);
    assert_eq!((followed(&town), gaps(&town)), (0, vec![]));
    town.assert_same();
    assert_eq!(told(&town).last().map(String::as_str), Some("missed 19"));
    said(&mut town, "now", 1);
    town.net.settle();
    town.assert_same();
}

#[test]
fn what_was_missed_is_news_to_who_holds_everything_and_is_told_once() {
    let mut town = comes_back(100);
    fills(&mut town);
    let mut told = told(&town);
    assert_eq!(told.len(), 103);
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 103);
}

#[test]
fn a_place_is_kept_only_once_all_before_it_is_here() {
    let mut town = comes_back(100);
    let (guild, hub) = (town.guild, town.net.cables.last().unwrap().links[1].facts());
    assert_eq!(hub.behind, 0, "the feed itself goes on");
    let peer = nexus_core::PeerKey([HUB as u8 + 1; 32]);
    let place = |town: &Town| town.net.nodes[BEA].store.cursor(&peer, &guild).unwrap().unwrap().at;
    let newest = |town: &Town| town.net.nodes[HUB].store.last_arrival(&guild).unwrap();
    let before = place(&town);
    assert!(before.0 + 100 <= newest(&town).0, "what lies in the gap is not here");
    said(&mut town, "live", 3);
    town.net.settle();
    assert_eq!(place(&town), before, "nor what comes behind it without it");
    assert_eq!(town.texts(BEA).last().unwrap(), "live 2");
    fills(&mut town);
    assert_eq!(place(&town), newest(&town));
    // .. and the next link goes on from it.
    let last = town.net.cables.len() - 1;
    town.net.cut(last);
    said(&mut town, "later", 3);
    town.net.settle();
    town.net.tape.clear();
    town.net.connect(BEA, HUB);
    town.net.settle();
    assert_eq!((follows(&town), followed(&town)), (1, 0));
    town.assert_same();
}

#[test]
fn a_program_that_dies_as_it_fills_goes_on_where_it_was() {
    for death in 0..8 {
        let mut town = comes_back(100);
        let mut left = death * 3;
        let fetch = nexus_core::sync::missing(town.net.nodes[BEA].core.view())[0];
        let cable = town.net.cables.len() - 1;
        town.net.event(cable, 0, Event::Fetch(fetch));
        while left > 0 && town.net.carry_one() {
            left -= 1;
        }
        town.net.cut(cable);
        town.net.nodes[BEA].restart();
        said(&mut town, "meanwhile", 50);
        town.net.settle();
        town.net.connect(BEA, HUB);
        town.net.settle();
        assert_eq!(town.texts(BEA).last().unwrap(), "meanwhile 49");
        fills(&mut town);
        assert_eq!(gaps(&town), []);
        town.assert_same();
    }
}

// Ann's node has no relay to hand anything to: Bea's is the one that holds what she says.
#[test]
fn what_nobody_else_holds_stays_queued_until_the_gap_is_filled() {
    let mut town = comes_back(0);
    let (guild, cables) = (town.guild, town.net.cables.len());
    (0..cables).rev().for_each(|cable| town.net.cut(cable));
    said(&mut town, "alone", 60);
    assert_eq!(town.outbox(ANN), 60);
    town.net.connect(BEA, ANN);
    town.net.settle();
    town.net.tick(3);
    assert_eq!(town.texts(BEA).last().unwrap(), "alone 59");
    assert!(!gaps(&town).is_empty());
    said(&mut town, "on", 1);
    town.net.settle();
    assert_eq!(town.outbox(ANN), 61, "some of it is nowhere else");
    fills(&mut town);
    assert_eq!((gaps(&town), town.outbox(ANN)), (vec![], 0));
    let states = [ANN, BEA].map(|node| town.net.nodes[node].store.count(&guild).unwrap().ops);
    assert_eq!(states[0], states[1]);
}

#[test]
fn who_joins_and_is_to_hold_everything_reads_first_and_is_told_of_no_history() {
    let mut town = Town::new();
    town.net.in_order = Some(20);
    said(&mut town, "long ago", 150);
    town.net.nodes.iter_mut().for_each(|node| node.now_ms += 3_600_000);
    town.net.connect(ANN, HUB);
    let cable = town.net.connect(BEA, HUB);
    town.net.settle();
    town.bea_joins(cable);
    assert_eq!(town.texts(BEA).len(), 50);
    assert_eq!(gaps(&town)[0].from, Spot::FIRST);
    fills(&mut town);
    assert_eq!((gaps(&town), town.texts(BEA).len()), (vec![], 150));
    town.assert_same();
    assert_eq!(told(&town), Vec::<String>::new());
    said(&mut town, "now", 1);
    town.say(BEA, "hello");
    town.net.settle();
    town.assert_same();
    assert_eq!((town.outbox(BEA), told(&town).len()), (0, 2));
}

// There are no pages of it, and what is said in it stands on what was said before.
#[test]
fn where_a_channel_keeps_its_history_to_itself_all_of_it_comes_in_order() {
    let mut town = comes_back(0);
    let channel = town.channel;
    town.set_for_everyone(channel, Permissions::READ_MESSAGE_HISTORY);
    let last = town.net.cables.len() - 1;
    town.net.cut(last);
    said(&mut town, "missed", 60);
    town.net.settle();
    town.net.tape.clear();
    town.net.connect(BEA, HUB);
    town.net.settle();
    assert_eq!((followed(&town), town.texts(BEA).len()), (0, 63));
    said(&mut town, "now", 1);
    town.net.settle();
    assert_eq!(town.texts(BEA).last().map(String::as_str), Some("now 0"));
}

#[test]
fn who_says_that_they_hold_everything_is_not_given_more_in_order_than_they_asked_for() {
    let town = comes_back(100);
    let asked = town.net.sent_by(BEA).into_iter().find_map(|frame| match frame {
        Frame::Follow(Follow { whole: Some(whole), .. }) => Some(whole.in_order),
        _ => None,
    });
    assert_eq!((asked, followed(&town)), (Some(20), 1));
}
