//! What somebody wrote while their clock was years ahead. A relay refuses it until its time has come, and where its place in the feed is behind it, as after a disk lost what it had said
//! is durable, only a comparison brings it. Who holds in part compares nothing of a gap, and a simulation found such a message with its author alone.

use super::pages::{gaps, joined_late, stream};
use super::{ANN, BEA, HUB, Town};
use crate::node::channel_draft;
use crate::wire;
use nexus_core::store::{Cursor, Range};
use nexus_core::{Advance, Command, Input, Store};
use nexus_crdt::id::OpId;

const TEN_YEARS_MS: u64 = 10 * 365 * 86_400_000;

/// Bea, cut off, says something by a clock ten years ahead. It is put right, and the relay refuses what it is given.
fn bea_speaks_from_the_future(town: &mut Town) -> OpId {
    town.net.cut(1);
    town.net.nodes[BEA].now_ms += TEN_YEARS_MS;
    let said = town.net.nodes[BEA].say(town.bea, town.channel, "the future").id;
    town.net.nodes[BEA].now_ms -= TEN_YEARS_MS;
    said
}

fn comes_in_its_time(town: &mut Town, said: OpId) {
    let store = &town.net.nodes[BEA].store;
    let at = store.last_arrival(&town.guild).unwrap();
    let upto = Cursor { epoch: store.life_at(&town.guild, at).unwrap().unwrap().1, at };
    let advance = Advance { peer: wire::key(BEA), space: town.guild, after: None, upto };
    town.net.nodes[HUB].handle(Input::Ops {
        ops: Vec::new(),
        frontiers: Vec::new(),
        cursor: Some(advance),
        gaps: Vec::new(),
    });
    let is_at_the_relay = |town: &Town| town.net.nodes[HUB].store.has_op(&said).unwrap();
    assert!(!is_at_the_relay(town), "its time has not come");
    town.net.nodes.iter_mut().for_each(|node| node.now_ms += TEN_YEARS_MS);
    town.net.connect(BEA, HUB);
    town.net.settle();
    assert!(is_at_the_relay(town));
}

#[test]
fn it_lies_in_no_gap_when_what_is_before_it_is_let_go_of() {
    let mut town = joined_late(30);
    let said = bea_speaks_from_the_future(&mut town);
    let cable = town.net.connect(BEA, HUB);
    town.net.settle();
    let (space, stream) = (town.guild, stream(&town));
    town.net.nodes[BEA].handle(Input::LetGo { space, stream, range: Range::ALL });
    assert_eq!((gaps(&town).len(), town.texts(BEA).len()), (1, 1));
    town.net.cut(cable);
    comes_in_its_time(&mut town, said);
}

// Of so many channels the newest is asked for only where somebody looks: the last of them stays a gap up to its end.
#[test]
fn it_lies_in_no_gap_that_opens_around_it() {
    let mut town = joined_late(0);
    let create =
        |number| Command::CreateChannel { guild: town.guild, draft: channel_draft(&format!("c{number}")) };
    let commands: Vec<Command> = (0..16).map(create).collect();
    for command in commands {
        town.net.nodes[ANN].created(town.ann, command);
    }
    town.net.settle();
    town.channel = *town.net.nodes[ANN].guild(&town.guild).channels.keys().next_back().unwrap();
    let said = bea_speaks_from_the_future(&mut town);
    let channels: Vec<_> = town.net.nodes[ANN].guild(&town.guild).channels.keys().copied().collect();
    for channel in channels {
        for _ in 0..520 {
            town.net.nodes[ANN].say(town.ann, channel, "missed");
            town.net.nodes.iter_mut().for_each(|node| node.now_ms += 5_000);
        }
    }
    town.net.settle();
    let cable = town.net.connect(BEA, HUB);
    town.net.settle();
    assert_eq!(gaps(&town).last().unwrap().upto, None, "nobody has looked at it");
    town.net.cut(cable);
    comes_in_its_time(&mut town, said);
}

// Who was put out takes nothing and begins no comparison, and of what they held in part they said nothing.
#[test]
fn whoever_was_put_out_meanwhile_gives_it_all_the_same() {
    let mut town = joined_late(30);
    let said = bea_speaks_from_the_future(&mut town);
    let cable = town.net.connect(BEA, HUB);
    town.net.settle();
    let (guild, ann, bea) = (town.guild, town.ann, town.bea);
    let (space, stream) = (guild, stream(&town));
    town.net.nodes[BEA].handle(Input::LetGo { space, stream, range: Range::ALL });
    let ban = Command::Ban { guild, user: bea, reason: String::new(), delete_s: 0 };
    town.net.nodes[ANN].command(ann, ban).unwrap();
    town.net.settle();
    assert!(!town.net.nodes[BEA].guild(&guild).members.contains_key(&bea));
    town.net.cut(cable);
    comes_in_its_time(&mut town, said);
}
