use super::*;
use nexus_core::{ActRow, MessageRow, Record, Snowflake, StoredOp};
use nexus_crdt::body::Body;
use nexus_crdt::body::content::{Message, React};
use nexus_crdt::body::governance::{ChannelCreate, ChannelFields, ChannelKind, Genesis, Quota, SpaceKind};
use nexus_crdt::body::identity::{AccountClass, DeviceClass};
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, FrontierId, OpId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::identity::{Founding, begin_account};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft, Op, open_body};
use nexus_crdt::permissions::Permissions;
use nexus_crdt::timeline::{Act, Deed};
use nexus_crypto::{MarkKey, SecretKey, Verified};
use nexus_node::store::{SealingKey, WriteTables};
use redb::{ReadableTable as _, TableDefinition};
use std::sync::Arc;

const NOW: u64 = 1_800_000_000_000;
const OP: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("op");
const BODY: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("body");

/// A guild of one with one channel, and what its owner wrote there.
struct World {
    ann: UserId,
    device: SecretKey,
    records: Vec<Record>,
    space: SpaceId,
    tenure: Tenure,
    frontier: FrontierId,
    stream: StreamId,
    last: Option<(u64, OpId)>,
}

fn stored(op: &Verified<Op>) -> Record {
    Record::Op { op: Arc::new(StoredOp { op: (**op).clone(), signature: *op.signature() }), mine: true }
}

fn draft<T: Body>(kind: Kind, at: u64, body: &T) -> Draft {
    Draft {
        space: SpaceId::NONE,
        stream: StreamId::GOVERNANCE,
        tenure: Tenure::NONE,
        seq: 0,
        prev: None,
        hlc: Hlc::from_ms(NOW + at),
        kind,
        deps: Vec::new(),
        target: None,
        body: open_body(body),
    }
}

impl World {
    fn new() -> Self {
        let device = SecretKey::from_seed(&[2; 32]);
        let founding = Founding {
            class: AccountClass::Person,
            name: "Ann",
            identity: &SecretKey::from_seed(&[1; 32]),
            recovery: None,
            device: &device,
            device_class: DeviceClass::Own,
            now_ms: NOW,
            salts: [[7; 16]; 3],
        };
        let (account, ops) = begin_account(&founding).unwrap();
        let ann = account.account().id;
        let genesis = draft(Kind::Genesis, 1, &genesis(ann)).seal(&device, [7; 16]);
        let (space, tenure) = (genesis.space(), Tenure::of(&genesis.id));
        let fields = ChannelFields { name: Some(String::from("general")), ..ChannelFields::default() };
        let body = ChannelCreate { kind: ChannelKind::Text, fields, overwrites: Vec::new() };
        let create = Draft { space, tenure, deps: vec![genesis.id], ..draft(Kind::ChannelCreate, 2, &body) };
        let create = create.seal(&device, [7; 16]);
        let heads = vec![create.id];
        let frontier = FrontierId::of(&heads);
        let mut records: Vec<Record> = ops.iter().map(stored).collect();
        records.extend([stored(&genesis), stored(&create), Record::Frontier(frontier, heads)]);
        let stream = ChannelId::from(create.id).stream();
        Self { ann, device, records, space, tenure, frontier, stream, last: None }
    }

    fn content<T: Body>(&mut self, kind: Kind, target: Option<OpId>, body: &T) -> Verified<Op> {
        let seq = self.last.map_or(0, |(seq, _)| seq + 1);
        let op = Draft {
            space: self.space,
            stream: self.stream,
            tenure: self.tenure,
            seq,
            prev: self.last.map(|(_, id)| id),
            deps: vec![OpId(self.frontier.0)],
            target,
            ..draft(kind, 10 + seq, body)
        }
        .seal(&self.device, [7; 16]);
        self.last = Some((seq, op.id));
        self.records.push(stored(&op));
        op
    }

    fn row(&self, op: &Op) -> MessageRow {
        MessageRow {
            space: self.space,
            stream: self.stream,
            id: op.id,
            hlc: op.header.hlc,
            author: self.ann,
            api_id: Snowflake(op.header.seq + 1),
            verdict: 0,
            late: false,
        }
    }

    fn message(&mut self, text: &str) -> Verified<Op> {
        let op =
            self.content(Kind::Message, None, &Message { text: RichText::plain(text), ..Message::default() });
        self.records.push(Record::Message(self.row(&op)));
        op
    }

    fn react(&mut self, message: &Op) {
        let emoji = String::from("👍");
        let op = self.content(Kind::React, Some(message.id), &React { emoji: emoji.clone() });
        let act =
            Act { op: op.id, hlc: op.header.hlc, author: self.ann, deed: Deed::React { emoji }, void: false };
        self.records.push(Record::Act(ActRow {
            space: self.space,
            stream: self.stream,
            message: message.id,
            message_hlc: message.header.hlc,
            act,
            verdict: 0,
        }));
    }

    fn two_messages() -> (Self, Verified<Op>) {
        let mut world = Self::new();
        let first = world.message("hello");
        world.message("again");
        world.react(&first);
        (world, first)
    }

    fn store_in(&self, folder: &Path) -> Database {
        let store = Database::create(folder.join("nexus.redb")).unwrap();
        let write = store.begin_write().unwrap();
        {
            let mut tables = WriteTables::open(&write, &SealingKey::of([7; 32])).unwrap();
            tables.stamp_format().unwrap();
            tables.apply(&self.records).unwrap();
        }
        write.commit().unwrap();
        store
    }
}

fn genesis(ann: UserId) -> Genesis {
    Genesis {
        kind: SpaceKind::Guild,
        founder: ann,
        owners: vec![ann],
        threshold: 1,
        rules_version: 1,
        name: String::from("Ann's"),
        everyone: Permissions::DEFAULT_EVERYONE,
        person_quota: Quota { short: 30, long: 1_000 },
        bot_quota: Quota { short: 300, long: 20_000 },
    }
}

/// Changes the row of an op in a table, by the head of its id.
fn change_row(
    store: &Database,
    table: TableDefinition<'_, &[u8; 32], &[u8]>,
    id: &OpId,
    change: impl Fn(&mut Vec<u8>),
) {
    let write = store.begin_write().unwrap();
    {
        let mut table = write.open_table(table).unwrap();
        let found = table.iter().unwrap().map(|row| row.unwrap());
        let mut found = found.filter(|(key, _)| key.value()[16..] == id.0[..16]);
        let (key, mut value) =
            found.next().map(|(key, value)| (*key.value(), value.value().to_vec())).unwrap();
        drop(found);
        change(&mut value);
        table.insert(&key, value.as_slice()).unwrap();
    }
    write.commit().unwrap();
}

fn faults(store: &Database) -> Vec<String> {
    check(store).unwrap().wrong.into_iter().map(|wrong| wrong.what).collect()
}

#[test]
fn a_whole_store_is_clean_and_its_authors_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (world, _) = World::two_messages();
    let report = check(&world.store_in(folder.path())).unwrap();
    assert!(report.is_clean(), "{}", report.in_words());
    assert_eq!((report.ops, report.signatures, report.accounts), (8, 8, 1));
    assert_eq!((report.authors, report.device_keys, report.messages), (1, 1, 2));
    assert_eq!(report.author_list[&world.ann.to_hex()].device_keys.len(), 1);
    assert_eq!(report.kinds["Message"], 2);
    assert!(report.in_words().contains("nothing is wrong"));
}

#[test]
fn a_flipped_bit_in_a_body_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (world, message) = World::two_messages();
    let store = world.store_in(folder.path());
    change_row(&store, BODY, &message.id, |body| body[20] ^= 1);
    assert_eq!(faults(&store), ["the body is not the one the header names"]);
}

#[test]
fn a_flipped_bit_anywhere_in_an_op_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (world, message) = World::two_messages();
    let store = world.store_in(folder.path());
    let len = std::cell::Cell::new(0);
    change_row(&store, OP, &message.id, |row| len.set(row.len()));
    for at in 0..len.get() {
        // Bit 0 of the first byte, "written here", is this node's own note and not signed.
        change_row(&store, OP, &message.id, |row| row[at] ^= 0x10);
        assert!(!faults(&store).is_empty(), "byte {at}");
        change_row(&store, OP, &message.id, |row| row[at] ^= 0x10);
    }
    assert!(faults(&store).is_empty());
}

#[test]
fn a_false_signature_is_found_whatever_mark_the_store_gave_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut world, message) = World::two_messages();
    let forged = SecretKey::from_seed(&[99; 32]).seal((*message).clone(), b"something else");
    let mark = op::mark(&forged, &MarkKey::from_secret(&[7; 32]));
    world.records.extend([stored(&forged), Record::Marked { op: message.id, mark }]);
    let faults = faults(&world.store_in(folder.path()));
    assert_eq!(faults, ["author is no usable Ed25519 key"]);
}

#[test]
fn a_lost_op_is_missed_by_its_chain_its_row_and_its_reactions() {
    let folder = tempfile::tempdir().unwrap();
    let (mut world, message) = World::two_messages();
    world.records.retain(|record| !matches!(record, Record::Op { op, .. } if op.op.id == message.id));
    let faults = faults(&world.store_in(folder.path()));
    for what in [
        "the op before it in its log is missing",
        "a row without its op",
        "it acts on what is no message here",
    ] {
        assert!(faults.iter().any(|fault| fault == what), "{what}: {faults:?}");
    }
}

#[test]
fn a_message_that_lost_its_row_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new();
    world.content(Kind::Message, None, &Message::default());
    assert_eq!(faults(&world.store_in(folder.path())), ["an op without its row"]);
}

#[test]
fn a_message_by_a_device_that_nobody_certifies_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new();
    world.device = SecretKey::from_seed(&[66; 32]);
    world.message("I am Ann");
    let store = world.store_in(folder.path());
    assert_eq!(faults(&store), ["it counts, though no account certifies its device"]);
    assert_eq!(check(&store).unwrap().messages, 0);
}

#[test]
fn a_running_node_is_left_alone_and_a_stopped_one_is_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let store = World::two_messages().0.store_in(folder.path());
    assert_eq!(run(folder.path(), true).unwrap(), ExitCode::from(RUNNING));
    drop(store);
    let before = std::fs::read(folder.path().join("nexus.redb")).unwrap();
    assert_eq!(run(folder.path(), true).unwrap(), ExitCode::SUCCESS);
    assert_eq!(std::fs::read(folder.path().join("nexus.redb")).unwrap(), before);
}

#[test]
fn a_damaged_file_is_reported_and_never_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let (world, _) = World::two_messages();
    drop(world.store_in(folder.path()));
    let path = folder.path().join("nexus.redb");
    let whole = std::fs::read(&path).unwrap();
    // Where the rows lie: flips elsewhere may meet free pages.
    let hit = whole.windows(5).position(|window| window == b"hello").unwrap();
    for at in [hit, 0, 70, 4_096, 8_192] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x40;
        std::fs::write(&path, &damaged).unwrap();
        let outcome = run(folder.path(), true).map_or(ExitCode::FAILURE, |code| code);
        assert!(at != hit || outcome == ExitCode::FAILURE, "byte {at}");
    }
}

const ARRIVAL: TableDefinition<'_, &[u8; 12], &[u8; 32]> = TableDefinition::new("arrival");
const OUTBOX: TableDefinition<'_, &[u8; 12], &[u8; 4]> = TableDefinition::new("outbox");
const PART: TableDefinition<'_, &[u8; 33], &[u8; 136]> = TableDefinition::new("part");
const WAITING: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("waiting");

/// Takes away the row of a table that comes `at`, of those in key order.
fn lose_row<const K: usize, const V: usize>(
    store: &Database,
    table: TableDefinition<'_, &'static [u8; K], &'static [u8; V]>,
    at: usize,
) {
    let write = store.begin_write().unwrap();
    {
        let mut table = write.open_table(table).unwrap();
        let key = *table.iter().unwrap().nth(at).unwrap().unwrap().0.value();
        table.remove(&key).unwrap();
    }
    write.commit().unwrap();
}

#[test]
fn an_arrival_that_was_lost_is_missed_in_its_feed_and_by_its_op() {
    let folder = tempfile::tempdir().unwrap();
    let store = World::two_messages().0.store_in(folder.path());
    lose_row(&store, ARRIVAL, 4);
    let faults = faults(&store);
    for what in ["arrival 3 follows 1", "it is in no arrival log", "its outbox is not what was written here"]
    {
        assert!(faults.iter().any(|fault| fault == what), "{what}: {faults:?}");
    }
}

#[test]
fn the_last_arrival_that_was_lost_is_missed_where_the_feed_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = World::two_messages().0.store_in(folder.path());
    lose_row(&store, ARRIVAL, 7);
    let what = "its feed goes on elsewhere than after its last arrival";
    assert!(faults(&store).iter().any(|fault| fault == what));
}

#[test]
fn a_hole_in_the_outbox_is_found_and_what_was_handed_over_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let (mut world, _) = World::two_messages();
    world.records.push(Record::HandedOver { space: world.space, upto: nexus_core::Arrival(2) });
    let store = world.store_in(folder.path());
    assert_eq!(faults(&store), [""; 0]);
    lose_row(&store, OUTBOX, 4);
    let faults = faults(&store);
    let hole = "its outbox is not what was written here";
    assert_eq!(faults, [hole, "3 ops are counted as in the outbox, 2 are"]);
}

#[test]
fn a_sum_that_its_ops_do_not_give_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = World::two_messages().0.store_in(folder.path());
    let write = store.begin_write().unwrap();
    {
        let mut sums = write.open_table(PART).unwrap();
        let (key, mut sum) = sums
            .iter()
            .unwrap()
            .next()
            .map(|row| row.unwrap())
            .map(|(k, v)| (*k.value(), *v.value()))
            .unwrap();
        sum[135] ^= 1;
        sums.insert(&key, &sum).unwrap();
    }
    write.commit().unwrap();
    assert_eq!(faults(&store), ["a stream's sum is not that of its ops"]);
    lose_row(&store, PART, 0);
    assert_eq!(faults(&store), ["a stream without its sum"]);
}

#[test]
fn what_waits_is_counted_and_has_to_be_an_op_that_is_not_taken_in() {
    let folder = tempfile::tempdir().unwrap();
    let (mut world, message) = World::two_messages();
    let records = world.records.len();
    let later = world.content(Kind::Message, None, &Message::default());
    world.records.truncate(records);
    let waiting = |op: &Verified<Op>| Record::Waiting(Box::new(StoredOp::of(op.clone())));
    world.records.push(waiting(&later));
    let store = world.store_in(folder.path());
    let report = check(&store).unwrap();
    assert!(report.is_clean(), "{}", report.in_words());
    assert_eq!((report.waiting, report.ops), (1, 8));
    let write = store.begin_write().unwrap();
    {
        let mut rows = write.open_table(WAITING).unwrap();
        let bytes = rows.get(&later.id.0).unwrap().unwrap().value().to_vec();
        rows.insert(&[9; 32], bytes.as_slice()).unwrap();
        rows.insert(&[8; 32], bytes.split_last().unwrap().1).unwrap();
        rows.insert(&message.id.0, nexus_crdt::op::encode(&message).as_slice()).unwrap();
    }
    write.commit().unwrap();
    let mut found = faults(&store);
    found.sort();
    let named = "it waits under another's name";
    assert_eq!(found, ["it waits and is taken in", named, "what waits is no op, or forged"]);
}
