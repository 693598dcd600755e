//! How often frames go there and back until somebody reads, however large what they read of is.

use super::pages::{decoded, gaps, joined_late, large, ops_around_the_first_page, said, stream};
use super::{ANN, BEA, HUB, Town};
use nexus_core::sync::frame::{Again, Frame};
use nexus_core::sync::{Event, Fetch};
use nexus_core::{ChannelDraft, Command, RoleDraft};
use nexus_crdt::body::governance::{ChannelFields, ChannelKind, RateClass};
use nexus_crdt::id::SpaceId;

/// A guild of Ann's that the relay holds, with so many roles and channels besides, and messages in its first one.
fn grown(roles: usize, channels: u32, messages: usize) -> Town {
    let mut town = Town::new();
    town.net.viewers.insert(BEA);
    let (ann, guild) = (town.ann, town.guild);
    for number in 0..roles {
        let draft = RoleDraft {
            name: format!("the {number}th role, with a name as long as some have"),
            permissions: None,
            color: 0,
            hoist: false,
            mentionable: false,
            rate_class: RateClass::Person,
        };
        town.net.nodes[ANN].command(ann, Command::CreateRole { guild, draft }).unwrap();
    }
    for number in 0..channels {
        let draft = ChannelDraft {
            kind: ChannelKind::Text,
            fields: ChannelFields {
                name: Some(format!("room-{number}")),
                position: Some(number + 1),
                ..ChannelFields::default()
            },
            overwrites: vec![],
        };
        let room = Command::CreateChannel { guild, draft };
        town.net.nodes[ANN].command(ann, room).unwrap();
    }
    said(&mut town, "long ago", messages);
    town.net.nodes.iter_mut().for_each(|node| node.now_ms += 3_600_000);
    town.net.connect(ANN, HUB);
    town.net.settle();
    town
}

/// Bea dials the relay, asks by her invite, joins as soon as she may, and reads: how many ways frames go one after the other.
fn ways_until_bea_reads(town: &mut Town) -> u32 {
    let newest = town.texts(ANN).pop();
    let cable = town.net.connect(BEA, HUB);
    town.net.event(cable, 0, Event::Ask(town.code));
    let mut joined = false;
    for ways in 1..100 {
        town.net.carry_one_way();
        if !joined && !town.net.reached.is_empty() {
            town.net.nodes[BEA].created(town.bea, Command::Join { code: town.code });
            joined = true;
        }
        if joined && town.texts(BEA).last() == newest.as_ref() {
            return ways;
        }
    }
    panic!("she never reads it");
}

#[test]
fn who_joins_reads_the_newest_after_three_times_there_and_back_however_large_the_guild() {
    for (roles, channels, messages) in [(1, 1, 1), (20, 10, 300), (200, 60, 1_000)] {
        let ways = ways_until_bea_reads(&mut grown(roles, channels, messages));
        // Both greet at once; then they prove who they are and it is offered, it is followed, and the join goes out with the pages.
        assert_eq!(ways, 1 + 2 * 3, "{roles} roles, {channels} channels, {messages} messages");
    }
}

/// Of those whose node was linked already some waited for seconds: the feed of accounts was under way when they came, and from the invite
/// on it brought everybody whom the guild knows.
#[test]
fn who_comes_while_accounts_are_given_reads_before_the_people_of_the_guild_come() {
    let (mut town, people) = large();
    let cable = town.net.connect(BEA, HUB);
    // Accounts are wanted in the moment in which the invite is shown.
    town.bea_joins(cable);
    assert_eq!(town.texts(BEA).len(), 50);
    let (before, after) = ops_around_the_first_page(&town);
    assert!(before < 50 + 20, "{before} ops came before the page");
    assert!(after > 2 * people.len(), "their joins and accounts came afterwards");
    assert!(people.iter().all(|user| town.net.nodes[BEA].core.view().users.contains_key(user)));
}

/// What they said waited until all the people of the guild were there.
#[test]
fn who_came_just_before_is_heard_before_the_people_of_the_guild_come() {
    let (mut town, people) = large();
    let cable = town.net.connect(BEA, HUB);
    town.net.settle();
    town.net.event(cable, 0, Event::Ask(town.code));
    town.net.settle();
    town.net.nodes[BEA].created(town.bea, Command::Join { code: town.code });
    while town.texts(BEA).len() < 50 {
        town.net.carry_one_way();
    }
    for said in ["here I am", "and this"] {
        let (last, channel) = (people[59], town.channel);
        town.net.nodes[HUB].say(last, channel, said);
        town.net.tape.clear();
        town.net.carry_one_way();
        assert_eq!(town.texts(BEA).last().unwrap(), said);
    }
    let here = |town: &Town| town.net.nodes[BEA].core.view().guilds[&town.guild].members.len();
    assert!(here(&town) < 60, "{} of them are there", here(&town));
    town.net.settle();
    assert_eq!(here(&town), 62);
}

/// They may never come in.
#[test]
fn accounts_wait_for_a_guest_for_a_while_and_no_longer() {
    let mut town = Town::new();
    town.net.connect(ANN, HUB);
    town.net.settle();
    let cable = town.net.connect(BEA, HUB);
    town.net.event(cable, 0, Event::Ask(town.code));
    town.net.settle();
    let all_is_told = |town: &Town| {
        let told = town.net.tape.iter().filter(|(from, to, _)| (*from, *to) == (HUB, BEA)).map(decoded);
        told.filter(|frame| matches!(frame, Frame::Heads(heads) if heads.space == SpaceId::NONE)).count() == 1
    };
    town.net.tick(3);
    assert!(!all_is_told(&town));
    town.net.tick(1);
    assert!(all_is_told(&town));
}

/// The people of a large guild come behind the first page, and who scrolled back in the first seconds waited for what was under way.
#[test]
fn what_a_reader_asks_for_next_waits_for_no_repair_and_while_they_read_stands_behind_few() {
    // Of 128 ops each.
    for (paused_ms, repairs) in [(60_000, 8), (0, 2)] {
        let mut town = joined_late(1_200);
        town.net.pass(paused_ms);
        let (space, stream) = (town.guild, stream(&town));
        town.net.tape.clear();
        town.net.fetched.clear();
        town.net.say(1, 1, &Frame::Again(Again { space, stream }));
        let from = gaps(&town).last().and_then(|gap| gap.upto);
        town.net.event(1, 0, Event::Fetch(Fetch { space, stream, from, older: true, count: 50 }));
        // There and back.
        (0..2).for_each(|_| town.net.carry_one_way());
        assert_eq!(town.net.fetched, [(BEA, stream, true)]);
        let (before, _) = ops_around_the_first_page(&town);
        assert!((1..128).contains(&(before - repairs * 128)), "{before} ops came before the page");
    }
}
