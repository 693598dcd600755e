//! What comes from elsewhere: forged, repeated, malformed, early, late, out of order.

use crate::node::{Home, Node};
use nexus_core::{Change, Command, Store};
use nexus_crdt::body::content;
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, Tenure};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft};
use nexus_crdt::verdict::{Verdict, VoidReason};
use nexus_crypto::SecretKey;

/// A message as the owner of a home would write it next, sealed by another key.
fn by_another_key(home: &Home, key: &SecretKey) -> Vec<u8> {
    let body = content::Message { text: RichText::plain("forged"), ..content::Message::default() };
    let draft = Draft {
        space: home.guild,
        stream: home.channel.stream(),
        tenure: Tenure::of(&home.guild.into()),
        seq: 0,
        prev: None,
        hlc: Hlc::from_ms(home.node.now_ms),
        kind: Kind::Message,
        deps: vec![OpId(home.frontier().0)],
        target: None,
        body: op::open_body(&body),
    };
    op::encode(&draft.seal(key, [0; 16]))
}

impl Home {
    fn frontier(&self) -> nexus_crdt::id::FrontierId {
        let frontiers = self.node.store.frontiers().unwrap();
        nexus_crdt::id::FrontierId::of(frontiers.last().unwrap())
    }
}

#[test]
fn a_forged_author_is_refused() {
    let mut home = Home::new(1);
    home.node.say(home.owner, home.channel, "true");
    let (ops, _) = home.node.everything();
    let before = home.node.store.ops().count();
    let mut other = Home::new(2);
    // The signature of one op under the header of another.
    let header_of = |bytes: &[u8]| minicbor::decode::<Vec<Piece>>(bytes).unwrap();
    let (mut first, second) = (header_of(&ops[0]), header_of(&ops[1]));
    first[1] = second[1].clone();
    let forged = minicbor::to_vec(&first).unwrap();
    home.node.deliver(vec![forged.clone()], Vec::new());
    other.node.deliver(vec![forged], Vec::new());
    assert_eq!(home.node.store.ops().count(), before);
    assert_eq!(other.node.refused, ["forged"]);
}

#[test]
fn another_s_key_under_the_owner_s_admission_counts_for_nobody() {
    let mut home = Home::new(1);
    home.node.say(home.owner, home.channel, "true");
    let before = home.node.timeline(&home.channel);
    let forged = by_another_key(&home, &SecretKey::from_seed(&[66; 32]));
    let id = op::decode(&forged).unwrap().untrusted().id;
    home.node.deliver(vec![forged], Vec::new());
    assert_eq!(home.node.texts(&home.channel), ["true"]);
    assert_eq!(home.node.timeline(&home.channel), before);
    if let Some(row) = home.node.store.message(&home.channel.stream(), &id).unwrap() {
        assert_eq!(Verdict::from_byte(row.verdict), Verdict::Void(VoidReason::Device));
    }
}

#[test]
fn a_replayed_op_changes_nothing() {
    let mut home = Home::new(1);
    home.node.say(home.owner, home.channel, "once");
    let (ops, frontiers) = home.node.everything();
    let before = (home.node.store.ops().count(), home.node.core.state_hash(&home.guild));
    home.node.changes.clear();
    for _ in 0..2 {
        home.node.deliver(ops.clone(), frontiers.clone());
    }
    assert_eq!((home.node.store.ops().count(), home.node.core.state_hash(&home.guild)), before);
    assert_eq!((home.node.changes.as_slice(), home.node.refused.as_slice()), (&[][..], &[][..]));
}

#[test]
fn bytes_that_are_not_canonical_are_refused() {
    let home = Home::new(1);
    let (ops, _) = home.node.everything();
    let mut node = Node::new(2);
    let mut trailing = ops[0].clone();
    trailing.push(0);
    let cut = ops[0][..ops[0].len() - 1].to_vec();
    // The envelope's array of three in the two-byte form, which says the same and is not canonical.
    let long = [&[0x98, 0x03], &ops[0][1..]].concat();
    node.deliver(vec![trailing, cut, long, Vec::new(), vec![0xff; 70_000]], Vec::new());
    assert_eq!(node.refused, ["malformed"; 5]);
    assert_eq!(node.store.ops().count(), 0);
}

#[test]
fn what_a_clock_an_hour_ahead_wrote_is_parked_and_taken_in_when_it_is_due() {
    let mut home = Home::new(1);
    let (mut guest, user) = home.guest(2, "Bea");
    guest.now_ms += 3_600_000;
    guest.say(user, home.channel, "from the future");
    home.node.take_all_of(&guest);
    assert!(home.node.texts(&home.channel).is_empty());
    let written = home.node.say(home.owner, home.channel, "now").hlc.ms();
    assert!(written <= home.node.now_ms + 120_000, "the own clock is not dragged along");
    home.node.now_ms += 3_500_000;
    home.node.tick();
    assert_eq!(home.node.texts(&home.channel), ["now", "from the future"]);
    assert!(home.node.refused.is_empty());
}

#[test]
fn more_than_a_day_ahead_is_refused_for_now_and_accepted_when_offered_again() {
    let mut home = Home::new(1);
    let (mut guest, user) = home.guest(2, "Bea");
    guest.now_ms += 30 * 3_600_000;
    guest.say(user, home.channel, "far out");
    home.node.take_all_of(&guest);
    assert_eq!(home.node.refused, ["more than a day ahead"]);
    home.node.now_ms += 30 * 3_600_000;
    home.node.take_all_of(&guest);
    assert_eq!(home.node.texts(&home.channel), ["far out"]);
}

#[test]
fn whatever_the_order_of_arrival_the_same_is_derived() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let first = home.node.say(bot, home.channel, "one");
    home.node.edit(bot, home.channel, first.id, "one, edited").unwrap();
    let react = Command::React { channel: home.channel, message: first.id, emoji: String::from("👍") };
    home.node.command(home.owner, react).unwrap();
    home.node.say(home.owner, home.channel, "two");
    let (ops, frontiers) = home.node.everything();
    for (seed, step) in [(2, 1), (3, 7), (4, 11), (5, 13)] {
        let mut node = Node::new(seed);
        let mut shuffled = ops.clone();
        if step == 1 {
            shuffled.reverse();
        } else {
            shuffled = (0..ops.len()).map(|place| ops[place * step % ops.len()].clone()).collect();
            shuffled.extend(ops.iter().cloned());
        }
        for op in shuffled {
            node.deliver(vec![op], Vec::new());
        }
        node.deliver(Vec::new(), frontiers.clone());
        assert_eq!(node.texts(&home.channel), ["one, edited", "two"]);
        assert_eq!(node.core.state_hash(&home.guild), home.node.core.state_hash(&home.guild));
        assert_eq!(node.timeline(&home.channel), home.node.timeline(&home.channel));
        assert!(node.refused.is_empty());
        node.restart();
        assert_eq!(node.core.state_hash(&home.guild), home.node.core.state_hash(&home.guild));
    }
}

#[test]
fn what_arrives_ten_minutes_after_it_was_written_is_marked_late() {
    let mut home = Home::new(1);
    let (mut guest, user) = home.guest(2, "Bea");
    guest.say(user, home.channel, "on the train");
    home.node.now_ms += 601_000;
    home.node.take_all_of(&guest);
    let messages = home.node.messages(&home.channel);
    assert!(messages[0].late);
    assert!(matches!(home.node.changes.last(), Some(Change::MessageCreated { message }) if message.late));
    assert!(!guest.messages(&home.channel)[0].late);
}

/// Of an op's log nothing is known here, nor will be.
fn orphan(home: &Home, key: &SecretKey, number: u64) -> Vec<u8> {
    let draft = Draft {
        space: home.guild,
        stream: home.channel.stream(),
        tenure: Tenure([7; 16]),
        seq: 1,
        prev: Some(OpId([8; 32])),
        hlc: Hlc::from_ms(home.node.now_ms - number),
        kind: Kind::Delete,
        deps: vec![OpId([5; 32])],
        target: Some(OpId([6; 32])),
        body: op::open_body(&content::Delete {}),
    };
    op::encode(&draft.seal(key, [0; 16]))
}

#[test]
fn a_flood_of_ops_that_cite_nothing_known_is_bounded_and_one_device_s_leaves_room_for_others() {
    let mut home = Home::new(1);
    home.node.say(home.owner, home.channel, "before the flood");
    let keys = [11, 12, 13, 14, 15].map(|seed| SecretKey::from_seed(&[seed; 32]));
    let flood: Vec<Vec<u8>> = (0..2_060).map(|number| orphan(&home, &keys[0], number)).collect();
    home.node.deliver(flood, Vec::new());
    assert_eq!(home.node.refused, ["too many ops wait"; 12]);
    home.node.refused.clear();
    home.node.deliver(vec![by_another_key(&home, &SecretKey::from_seed(&[9; 32]))], Vec::new());
    assert!(home.node.refused.is_empty(), "another's has room");
    for key in &keys[1..] {
        let flood: Vec<Vec<u8>> = (0..2_060).map(|number| orphan(&home, key, number)).collect();
        home.node.deliver(flood, Vec::new());
    }
    assert_eq!(home.node.refused.len(), 3 * 12 + 2_060, "all together have a bound, too");
    assert_eq!(home.node.store.waiting().unwrap().len(), 8_192);
}

#[test]
fn a_body_that_was_left_out_on_the_way_is_given_back_by_who_has_it() {
    let mut home = Home::new(1);
    let message = home.node.say(home.owner, home.channel, "all of it");
    let (ops, frontiers) = home.node.everything();
    let bare = |bytes: &Vec<u8>| {
        let mut pieces = minicbor::decode::<Vec<Piece>>(bytes).unwrap();
        if op::decode(bytes).unwrap().untrusted().id == message.id {
            pieces[2] = Piece(None);
        }
        minicbor::to_vec(&pieces).unwrap()
    };
    let mut other = Node::new(2);
    other.deliver(ops.iter().map(bare).collect(), frontiers.clone());
    assert_eq!(other.texts(&home.channel), [""]);
    assert_eq!(other.timeline(&home.channel), home.node.timeline(&home.channel));
    other.deliver(ops.clone(), frontiers.clone());
    assert_eq!(other.texts(&home.channel), ["all of it"]);
    assert!(matches!(other.changes.last(), Some(Change::MessageUpdated { .. })));
    let delete = Command::DeleteMessages { channel: home.channel, messages: vec![message.id] };
    home.node.command(home.owner, delete).unwrap();
    home.node.deliver(ops, frontiers);
    let stored = home.node.store.op(&message.id).unwrap().unwrap();
    assert!(stored.op.body.is_none(), "what its author took away stays away");
}

/// A byte string or null of an envelope.
#[derive(Clone)]
struct Piece(Option<Vec<u8>>);

impl<C> minicbor::Encode<C> for Piece {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        match &self.0 {
            Some(bytes) => e.bytes(bytes)?.ok(),
            None => e.null()?.ok(),
        }
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Piece {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        if d.datatype()? == minicbor::data::Type::Null {
            d.null()?;
            return Ok(Self(None));
        }
        Ok(Self(Some(d.bytes()?.to_vec())))
    }
}
