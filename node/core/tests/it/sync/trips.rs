//! How often frames go there and back until somebody reads, however large what they read of is.

use super::pages::said;
use super::{ANN, BEA, HUB, Town};
use nexus_core::sync::Event;
use nexus_core::{ChannelDraft, Command, RoleDraft};
use nexus_crdt::body::governance::{ChannelFields, ChannelKind, RateClass};

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
