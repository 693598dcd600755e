//! Two messages that stopped other projects' clients: one that was too long, and one that came twice and not the same.

use super::{ANN, BEA, HUB, Town};
use nexus_core::Store;
use nexus_core::sync::CloseReason;
use nexus_core::sync::frame::{Frame, Ops};
use nexus_crdt::body::content::Message;
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, Tenure};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft, open_body};
use nexus_crypto::SecretKey;

/// The link between Bea and the relay.
const LINK: usize = 1;

impl Town {
    fn bring(&mut self, ops: Vec<Vec<u8>>) -> Option<CloseReason> {
        let ops = ops.into_iter().map(Into::into).collect();
        let frame = Frame::Ops(Ops { space: self.guild, upto: None, ops, frontiers: Vec::new() });
        self.net.say(LINK, 1, &frame);
        self.net.settle();
        self.net.cables[LINK].closed.map(|(_, reason)| reason)
    }
}

/// A message by a key that nobody here knows.
fn message(town: &Town, length: usize) -> Vec<u8> {
    let text = RichText::plain(&"x".repeat(length));
    let draft = Draft {
        space: town.guild,
        stream: town.channel.stream(),
        tenure: Tenure::of(&OpId([1; 32])),
        seq: 0,
        prev: None,
        hlc: Hlc::from_ms(town.net.nodes[BEA].now_ms),
        kind: Kind::Message,
        deps: vec![OpId([2; 32])],
        target: None,
        body: open_body(&Message { text, ..Message::default() }),
    };
    op::encode(&draft.seal(&SecretKey::from_seed(&[66; 32]), [0; 16]))
}

#[test]
fn a_message_longer_than_any_ends_the_link_that_it_came_by_and_nobody_s_program() {
    for (length, end) in
        [(1, None), (49_152, Some(CloseReason::Garbage)), (100_000, Some(CloseReason::Garbage))]
    {
        let mut town = Town::together();
        let message = message(&town, length);
        assert_eq!(town.bring(vec![message]), end);
        town.say(ANN, "and on");
        town.net.settle();
        assert_eq!(town.texts(HUB), ["and on"]);
    }
}

#[test]
fn a_message_that_comes_twice_and_then_with_other_words_counts_once_as_it_was_said() {
    let mut town = Town::together();
    town.say(BEA, "once");
    town.net.settle();
    let said = town.net.nodes[BEA].store.ops().find(|stored| stored.op.kind() == Some(Kind::Message));
    let bytes = said.unwrap().encode();
    assert_eq!(town.bring(vec![bytes.clone(), bytes.clone()]), None);
    // Under the same name, with one bit of it another: of its words, or of the signature.
    for at in [bytes.len() - 1, bytes.len() / 2] {
        let mut other = bytes.clone();
        other[at] ^= 1;
        town.bring(vec![other, bytes.clone()]);
    }
    town.say(ANN, "and on");
    town.net.settle();
    for node in [HUB, ANN] {
        assert_eq!(town.texts(node), ["once", "and on"]);
    }
    assert!(town.net.nodes[HUB].store.waiting().unwrap().is_empty());
}
