//! A start: what bears the store's own mark is not checked again, and everything else is.

use crate::node::Home;
use nexus_core::store::Spot;
use nexus_core::{Core, MemoryStore, Record, Store, StoredOp};
use nexus_crdt::body::identity::{AccountClass, DeviceAdd, DeviceClass};
use nexus_crdt::body::membership::Join;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, StreamId, Tenure, UserId};
use nexus_crdt::identity::{Founding, Identity, begin_account};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft, Op, open_body};
use nexus_crypto::{Mark, MarkKey, SecretKey, Verified};
use std::sync::Arc;

const IDENTITY: [u8; 32] = [71; 32];
const DEVICE: [u8; 32] = [72; 32];
const NEVER_ASKED: [u8; 32] = [73; 32];

/// An account that says a device of somebody who never agreed is its own, and that joins with a proof which no invite's key gave.
struct Stranger {
    user: UserId,
    account: Vec<Verified<Op>>,
    certificate: Verified<Op>,
    join: Verified<Op>,
}

impl Stranger {
    fn of(home: &Home) -> Self {
        let (identity, account) = account(home.node.now_ms);
        let user = identity.account().id;
        let device = SecretKey::from_seed(&NEVER_ASKED).public().into();
        let body = DeviceAdd { device, class: DeviceClass::Own, proof: [7; 64] };
        let by = SecretKey::from_seed(&IDENTITY);
        let draft = identity.draft(&by.public().into(), Kind::DeviceAdd, open_body(&body), home.node.now_ms);
        let certificate = draft.seal(&by, [4; 16]);
        Self { user, account, certificate, join: join(home, user) }
    }

    fn ops(&self) -> impl Iterator<Item = &Verified<Op>> {
        self.account.iter().chain([&self.certificate, &self.join])
    }
}

fn account(now_ms: u64) -> (Identity, Vec<Verified<Op>>) {
    let founding = Founding {
        class: AccountClass::Person,
        name: "Cleo",
        identity: &SecretKey::from_seed(&IDENTITY),
        recovery: None,
        device: &SecretKey::from_seed(&DEVICE),
        device_class: DeviceClass::Own,
        now_ms,
        salts: [[1; 16], [2; 16], [3; 16]],
    };
    let (identity, ops) = begin_account(&founding).unwrap();
    (identity, ops.to_vec())
}

fn join(home: &Home, user: UserId) -> Verified<Op> {
    let view = home.node.core.view();
    let invite = *home.node.guild(&home.guild).invites.keys().next().unwrap();
    let draft = Draft {
        space: home.guild,
        stream: StreamId::MEMBERSHIP,
        tenure: Tenure::NONE,
        seq: 0,
        prev: None,
        hlc: Hlc::from_ms(home.node.now_ms + 1_000),
        kind: Kind::Join,
        deps: vec![OpId(view.authority[&home.guild].frontier().0)],
        target: None,
        body: open_body(&Join { user, invite, proof: [7; 64] }),
    };
    draft.seal(&SecretKey::from_seed(&DEVICE), [5; 16])
}

/// A guild with a guest, in which something was said.
fn home_with_a_guest() -> (Home, UserId) {
    let mut home = Home::new(1);
    let (_, bea) = home.guest(2, "Bea");
    home.node.say(home.owner, home.channel, "hello");
    (home, bea)
}

/// Every op that a start reads.
fn read_at_a_start(store: &MemoryStore) -> Vec<StoredOp> {
    let mut ops = Vec::new();
    for space in store.spaces().unwrap() {
        for stream in [StreamId::GOVERNANCE, StreamId::MEMBERSHIP] {
            ops.extend(store.stream_ops(&space, &stream).unwrap());
        }
    }
    ops
}

fn marks(store: &MemoryStore) -> Vec<(Spot, Mark)> {
    let spaces = store.spaces().unwrap().into_iter();
    let streams = spaces.flat_map(|space| [StreamId::GOVERNANCE, StreamId::MEMBERSHIP].map(|of| (space, of)));
    streams.flat_map(|(space, stream)| store.marks(&space, &stream).unwrap()).collect()
}

/// With a signature that is nobody's over it.
fn forged(op: &Op) -> Verified<Op> {
    SecretKey::from_seed(&[99; 32]).seal(op.clone(), b"something else")
}

fn keep(store: &mut MemoryStore, op: &Verified<Op>) {
    store.apply(&[Record::Op { op: Arc::new(StoredOp::of(op.clone())), mine: false }]);
}

fn mark(store: &mut MemoryStore, op: &Verified<Op>, key: &MarkKey) {
    store.apply(&[Record::Marked { op: op.id, mark: op::mark(op, key) }]);
}

/// All that a start reads, with signatures, a certificate and a proof of an invite that do not hold.
fn with_no_true_signature(home: &Home) -> (MemoryStore, Stranger, Vec<Verified<Op>>) {
    let (mut store, stranger) = (home.node.store.clone(), Stranger::of(home));
    let theirs = stranger.ops().map(|op| forged(op));
    let ops: Vec<_> = read_at_a_start(&store).iter().map(|kept| forged(&kept.op)).chain(theirs).collect();
    ops.iter().for_each(|op| keep(&mut store, op));
    (store, stranger, ops)
}

#[test]
fn a_start_checks_no_signature_of_what_the_store_has_marked() {
    let (home, bea) = home_with_a_guest();
    let (mut store, stranger, ops) = with_no_true_signature(&home);
    let key = store.mark_key().clone();
    ops.iter().for_each(|op| mark(&mut store, op, &key));
    // One that was checked would be found to be false.
    let core = Core::load(&store).unwrap();
    let members = &core.view().guilds[&home.guild].members;
    assert!([home.owner, bea, stranger.user].iter().all(|user| members.contains_key(user)));
    assert_eq!(home.node.core.view().governance.len(), core.view().governance.len());
}

#[test]
fn whatever_a_start_reads_with_another_s_mark_is_checked() {
    let (home, _) = home_with_a_guest();
    let (mut store, _, ops) = with_no_true_signature(&home);
    assert!(Core::load(&store).is_err());
    let (key, other) = (store.mark_key().clone(), MarkKey::from_secret(&[1; 32]));
    ops.iter().for_each(|op| mark(&mut store, op, &other));
    assert!(Core::load(&store).is_err());
    ops.iter().for_each(|op| mark(&mut store, op, &key));
    for op in &ops {
        mark(&mut store, op, &other);
        assert!(Core::load(&store).is_err(), "{:?}", op.kind());
        // A true mark of another signature under the same id is none of this one.
        let again = SecretKey::from_seed(&[98; 32]).seal((**op).clone(), b"something else");
        store.apply(&[Record::Marked { op: op.id, mark: op::mark(&again, &key) }]);
        assert!(Core::load(&store).is_err(), "{:?}", op.kind());
        mark(&mut store, op, &key);
    }
    Core::load(&store).unwrap();
}

#[test]
fn what_a_device_never_signed_is_found_where_no_mark_stands_for_it() {
    let (home, _) = home_with_a_guest();
    let (mut store, stranger) = (home.node.store.clone(), Stranger::of(&home));
    for op in stranger.account.iter().chain([&stranger.certificate]) {
        keep(&mut store, op);
    }
    let refused = Core::load(&store).unwrap_err();
    assert!(refused.to_string().contains("the device did not sign"), "{refused}");
}

#[test]
fn what_no_invite_signed_lets_nobody_in_and_gets_no_mark() {
    let (mut home, bea) = home_with_a_guest();
    let stranger = Stranger::of(&home);
    for op in stranger.account.iter().chain([&stranger.join]) {
        keep(&mut home.node.store, op);
    }
    for _ in 0..2 {
        home.node.restart();
        let members = &home.node.guild(&home.guild).members;
        assert!(members.contains_key(&bea) && !members.contains_key(&stranger.user));
        home.node.tick();
    }
    let marked = home.node.store.marks(&home.guild, &StreamId::MEMBERSHIP).unwrap();
    let spots: Vec<Spot> = marked.into_iter().map(|(spot, _)| spot).collect();
    assert!(!spots.is_empty() && !spots.contains(&Spot::of(stranger.join.header.hlc, &stranger.join.id)));
    let theirs = home.node.store.marks(&stranger.user.space(), &StreamId::GOVERNANCE).unwrap();
    assert_eq!(theirs.len(), stranger.account.len(), "what was checked of it is marked");
}

#[test]
fn every_op_that_a_start_reads_is_marked_in_the_commit_that_keeps_it() {
    let (home, _) = home_with_a_guest();
    let store = &home.node.store;
    let key = store.mark_key();
    let ops = read_at_a_start(store);
    let due = ops.iter().map(|kept| {
        let op = kept.verify().unwrap();
        (Spot::of(op.header.hlc, &op.id), op::mark(&op, key))
    });
    assert_eq!(marks(store), due.collect::<Vec<_>>());
}

#[test]
fn what_a_start_had_to_check_is_marked_with_what_is_written_next() {
    let (mut home, _) = home_with_a_guest();
    let before = marks(&home.node.store);
    for next in [Home::wait, Home::say_something] {
        for kept in read_at_a_start(&home.node.store) {
            home.node.store.apply(&[Record::Marked { op: kept.op.id, mark: Mark([0; 16]) }]);
        }
        home.node.restart();
        assert_ne!(marks(&home.node.store), before);
        next(&mut home);
        assert_eq!(marks(&home.node.store), before);
    }
}

impl Home {
    fn wait(&mut self) {
        self.node.tick();
    }

    fn say_something(&mut self) {
        self.node.say(self.owner, self.channel, "something");
    }
}
