//! What is here and cannot be read any more, or came without its body, is asked of others.

use super::{ANN, BEA, HUB, Town};
use crate::node::{Node, text_of};
use nexus_core::store::Rot;
use nexus_core::sync::Event;
use nexus_core::{Command, Record, Snowflake, Store, unreadable};
use nexus_crdt::id::OpId;
use nexus_crdt::op;
use std::collections::BTreeSet;

/// Bea's link to the relay, and her end of it.
const CABLE: usize = 1;

fn is_readable(node: &Node, town: &Town) -> bool {
    let messages = node.messages(&town.channel);
    messages.iter().all(|message| !message.unreadable) && messages.iter().any(|it| text_of(it) == "hello")
}

impl Town {
    fn said_by_ann(&mut self) -> OpId {
        self.say(ANN, "hello");
        self.net.settle();
        self.net.nodes[BEA].messages(&self.channel)[0].id
    }

    /// Bea's window looks, her link asks.
    fn bea_looks(&mut self) {
        let node = &self.net.nodes[BEA];
        let rows = node.store.messages(&self.channel.stream(), Snowflake(0), false, 100).unwrap();
        let ops = rows.iter().filter_map(|row| unreadable(&node.store, row).unwrap());
        let ops: BTreeSet<_> = ops.map(|op| (self.guild, op)).collect();
        self.net.event(CABLE, 0, Event::Unreadable(&ops));
        self.net.settle();
    }
}

#[test]
fn a_body_that_the_disk_lost_comes_back_from_a_peer_and_is_told() {
    let mut town = Town::together();
    let said = town.said_by_ann();
    town.net.nodes[BEA].store.apply(&[Record::BodyDestroyed(said)]);
    assert!(!is_readable(&town.net.nodes[BEA], &town));
    town.net.nodes[BEA].changes.clear();
    town.bea_looks();
    assert!(is_readable(&town.net.nodes[BEA], &town));
    let told = town.net.nodes[BEA].changes.iter();
    let told = told.filter(
        |change| matches!(change, nexus_core::Change::MessageUpdated { message } if message.id == said),
    );
    assert_eq!(told.count(), 1);
    assert!(town.net.cables[CABLE].closed.is_none(), "to ask costs little patience");
}

#[test]
fn an_op_without_its_body_is_no_erasure_where_nobody_took_it_away() {
    let mut town = Town::together();
    let said = town.said_by_ann();
    let stored = town.net.nodes[ANN].store.op(&said).unwrap().unwrap();
    let mut stripped = stored.op.clone();
    stripped.body = None;
    let bytes = op::encode_parts(&stripped, &stored.signature);
    // A peer that strips what it passes on: Bea has heard of it from nobody else.
    let mut bare = town.net.nodes[BEA].store.clone();
    bare.apply(&[Record::BodyDestroyed(said)]);
    town.net.nodes[BEA].store = bare;
    town.net.nodes[BEA].deliver(vec![bytes], Vec::new());
    assert!(!is_readable(&town.net.nodes[BEA], &town));
    town.bea_looks();
    assert!(is_readable(&town.net.nodes[BEA], &town));
}

#[test]
fn what_was_taken_away_is_asked_of_nobody() {
    let mut town = Town::together();
    let said = town.said_by_ann();
    let delete = Command::DeleteMessages { channel: town.channel, messages: vec![said] };
    town.net.nodes[ANN].command(town.ann, delete).unwrap();
    town.net.settle();
    let row = town.net.nodes[BEA].store.message(&town.channel.stream(), &said).unwrap().unwrap();
    assert_eq!(unreadable(&town.net.nodes[BEA].store, &row).unwrap(), None);
}

#[test]
fn whatever_the_disk_has_in_the_place_of_a_message_is_not_shown_and_it_comes_back() {
    let mut town = Town::together();
    let said = town.said_by_ann();
    town.say(ANN, "another");
    town.net.settle();
    let other = town.net.nodes[BEA].messages(&town.channel)[1].id;
    for rot in [Rot::Body(9), Rot::Header(0), Rot::Astray(other)] {
        assert!(town.net.nodes[BEA].store.rot(&said, rot));
        assert!(!is_readable(&town.net.nodes[BEA], &town), "{rot:?}");
        town.net.nodes[BEA].restart();
        town.net.cut(CABLE);
        town.net.connect(BEA, HUB);
        town.net.settle();
        town.bea_looks();
        assert!(is_readable(&town.net.nodes[BEA], &town), "{rot:?}");
        town.assert_same();
    }
}

#[test]
fn what_authority_turned_while_it_could_not_be_read_is_judged_once_it_can() {
    let mut town = Town::together();
    town.net.cut(0);
    let ban = Command::Ban { guild: town.guild, user: town.bea, reason: String::new(), delete_s: 0 };
    town.net.nodes[ANN].command(town.ann, ban).unwrap();
    town.net.nodes.iter_mut().for_each(|node| node.now_ms += 1_000);
    town.say(BEA, "hello");
    town.net.settle();
    let hub = &mut town.net.nodes[HUB];
    let said = hub.messages(&town.channel)[0].id;
    let whole = op::encode(&hub.store.op(&said).unwrap().unwrap().verify().unwrap());
    assert!(hub.store.rot(&said, Rot::Header(0)));
    town.net.connect(ANN, HUB);
    town.net.settle();
    town.net.nodes[HUB].deliver(vec![whole], Vec::new());
    assert!(town.net.nodes[HUB].store.op(&said).unwrap().is_some(), "it is what was signed again");
    assert!(town.texts(HUB).is_empty(), "and was said after a ban");
}
