//! The contract of a [`Store`] as functions that every backend's tests call: a trait alone is no contract.

mod erasing;
mod feed;
mod letting_go;
mod marking;

use super::{ActRow, LogEntry, MessageRow, Passing, Record, Secret, SpaceCount, Store, StoreFault, StoredOp};
use crate::invite::InviteCode;
use crate::snowflake::Snowflake;
use crate::store::TokenHash;
use nexus_crdt::body::content;
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, FrontierId, OpId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft};
use nexus_crdt::timeline::{Act, Deed, TimelineEntry};
use nexus_crypto::SecretKey;
use std::sync::Arc;

/// A store that can be written to.
pub trait Writable: Store {
    /// Writes all of `records`, in order; what is read next sees them.
    ///
    /// # Errors
    /// [`StoreFault`]; nothing was written then.
    fn apply(&mut self, records: &[Record]) -> Result<(), StoreFault>;
}

/// One clause of the contract: given an empty store, panics where it is not kept.
pub type Clause = fn(&mut dyn Writable);

/// Every clause, by name.
pub const CONTRACT: &[(&str, Clause)] = &[
    ("an op is given back as it was written", an_op_is_given_back_as_it_was_written),
    ("a stream is read in order of writing", a_stream_is_read_in_order_of_writing),
    ("an op written twice is there once", an_op_written_twice_is_there_once),
    ("a log is found by device and read by seq", a_log_is_found_by_device_and_read_by_seq),
    ("both branches of a fork are kept", both_branches_of_a_fork_are_kept),
    ("a message row replaces the one of its op", a_message_row_replaces_the_one_of_its_op),
    ("messages are paged by number both ways", messages_are_paged_by_number_both_ways),
    ("acts stand beside their message alone", acts_stand_beside_their_message_alone),
    ("what was moved is found by its thread", what_was_moved_is_found_by_its_thread),
    ("a timeline holds what counts, in order", a_timeline_holds_what_counts_in_order),
    ("a destroyed body leaves its op", a_destroyed_body_leaves_its_op),
    ("an erasure is remembered until it is over", erasing::an_erasure_is_remembered_until_it_is_over),
    ("a register holds the last op it was given", a_register_holds_the_last_op_it_was_given),
    ("small things are given back", small_things_are_given_back),
    ("a secret that has done its work is gone", a_secret_that_has_done_its_work_is_gone),
    ("a revoked token is gone", a_revoked_token_is_gone),
    ("a mark stands beside its op", marking::a_mark_stands_beside_its_op),
    ("ops are numbered in the order of arrival", feed::ops_are_numbered_in_the_order_of_arrival),
    ("what was handed over leaves the outbox", feed::what_was_handed_over_leaves_the_outbox),
    ("a cursor is kept for each peer and space", feed::a_cursor_is_kept_for_each_peer_and_space),
    ("each life numbers under its own name", feed::each_life_numbers_under_its_own_name),
    (
        "a stream's sum is of its ops whatever their order",
        feed::a_streams_sum_is_of_its_ops_whatever_their_order,
    ),
    ("a range is summed up as its ops are", feed::a_range_is_summed_up_as_its_ops_are),
    ("a stream is read page by page", feed::a_stream_is_read_page_by_page),
    ("gaps are kept for each stream", feed::gaps_are_kept_for_each_stream),
    ("an act without its message is found by it", an_act_without_its_message_is_found_by_it),
    (
        "what is let go of is as if it had never come",
        letting_go::what_is_let_go_of_is_as_if_it_had_never_come,
    ),
    (
        "what stands on a gap is remembered until it does no more",
        letting_go::what_stands_on_a_gap_is_remembered_until_it_does_no_more,
    ),
    (
        "an act is let go of beside a message that stays",
        letting_go::an_act_is_let_go_of_beside_a_message_that_stays,
    ),
    ("parts are those of what is left", letting_go::parts_are_those_of_what_is_left),
    ("an op that waits is no part of its space", feed::an_op_that_waits_is_no_part_of_its_space),
];

/// Holds every clause against a fresh store of `make`.
pub fn check<S: Writable>(mut make: impl FnMut() -> S) {
    for (_, clause) in CONTRACT {
        clause(&mut make());
    }
}

fn an_op_is_given_back_as_it_was_written(store: &mut dyn Writable) {
    let op = message_op(1, 0, None, 10, "hello");
    write(store, &[Record::Op { op: Arc::new(op.clone()), mine: true }]);
    assert_eq!(read(store.op(&op.op.id)), Some(op.clone()));
    assert!(read(store.has_op(&op.op.id)));
    assert!(!read(store.has_op(&OpId([9; 32]))));
    assert_eq!(read(store.op(&OpId([9; 32]))), None);
    assert_eq!(read(store.spaces()), [SPACE]);
    assert_eq!(read(store.count(&SPACE)), SpaceCount { ops: 1, outbox: 1 });
    assert!(read(store.op(&op.op.id)).is_some_and(|op| op.verify().is_ok()), "its signature still holds");
}

fn a_stream_is_read_in_order_of_writing(store: &mut dyn Writable) {
    let ops =
        [message_op(1, 0, None, 30, "c"), message_op(2, 0, None, 10, "a"), message_op(3, 0, None, 20, "b")];
    for op in &ops {
        write(store, &[Record::Op { op: Arc::new(op.clone()), mine: false }]);
    }
    let times: Vec<u64> =
        read(store.stream_ops(&SPACE, &STREAM)).iter().map(|op| op.op.header.hlc.0).collect();
    assert_eq!(times, [10, 20, 30]);
    assert_eq!(read(store.stream_ops(&SPACE, &StreamId([8; 16]))), []);
    assert_eq!(read(store.count(&SPACE)), SpaceCount { ops: 3, outbox: 0 });
}

fn an_op_written_twice_is_there_once(store: &mut dyn Writable) {
    let op = message_op(1, 0, None, 10, "once");
    for _ in 0..2 {
        write(store, &[Record::Op { op: Arc::new(op.clone()), mine: false }]);
    }
    assert_eq!(read(store.stream_ops(&SPACE, &STREAM)).len(), 1);
    assert_eq!(read(store.count(&SPACE)).ops, 1);
    assert_eq!(read(store.log_at(&op.log(), 0)).len(), 1);
}

fn a_log_is_found_by_device_and_read_by_seq(store: &mut dyn Writable) {
    let first = message_op(1, 0, None, 10, "0");
    let second = message_op(1, 1, Some(first.op.id), 11, "1");
    let third = message_op(1, 2, Some(second.op.id), 12, "2");
    let other = message_op(2, 0, None, 10, "0");
    let log = first.log();
    assert_eq!(read(store.log_head(&log)), None);
    for op in [&first, &second, &third, &other] {
        write(store, &[Record::Op { op: Arc::new(op.clone()), mine: false }]);
    }
    assert_eq!(read(store.log_head(&log)), Some(entry(&third)));
    assert_eq!(read(store.log_at(&log, 1)), [entry(&second)]);
    assert_eq!(read(store.log_at(&log, 3)), []);
    assert_eq!(read(store.log_from(&log, 1, 10)), [entry(&second), entry(&third)]);
    assert_eq!(read(store.log_from(&log, 0, 2)), [entry(&first), entry(&second)]);
    assert_eq!(read(store.logs_of(&SPACE, &log.device)), [log]);
    assert_eq!(read(store.logs_of(&SpaceId([8; 32]), &log.device)), []);
}

fn both_branches_of_a_fork_are_kept(store: &mut dyn Writable) {
    let mut branches = [message_op(1, 0, None, 10, "left"), message_op(1, 0, None, 11, "right")];
    branches.sort_by_key(|op| op.op.id);
    for op in &branches {
        write(store, &[Record::Op { op: Arc::new(op.clone()), mine: false }]);
    }
    let [low, high] = &branches;
    assert_eq!(read(store.log_at(&low.log(), 0)), [entry(low), entry(high)]);
    assert_eq!(read(store.log_head(&low.log())), Some(entry(high)), "of one seq, the higher id");
    assert_eq!(read(store.forks()), []);
    write(store, &[Record::Fork(low.log())]);
    assert_eq!(read(store.forks()), [low.log()]);
}

fn a_message_row_replaces_the_one_of_its_op(store: &mut dyn Writable) {
    let op = message_op(1, 0, None, 10, "hello");
    let mut message = MessageRow { id: op.op.id, ..row(1, 10) };
    write(store, &[Record::Op { op: Arc::new(op), mine: true }, Record::Message(message.clone())]);
    assert_eq!(read(store.message(&STREAM, &message.id)), Some(message.clone()));
    assert_eq!(read(store.message(&StreamId([8; 16]), &message.id)), None);
    message.verdict = 4;
    write(store, &[Record::Message(message.clone())]);
    assert_eq!(read(store.message(&STREAM, &message.id)), Some(message.clone()));
    assert_eq!(read(store.message_by_number(&STREAM, message.api_id)), Some(message.id));
    assert_eq!(read(store.message_by_number(&STREAM, Snowflake(99))), None);
    assert_eq!(read(store.messages(&STREAM, Snowflake(0), false, 9)), [message]);
}

fn messages_are_paged_by_number_both_ways(store: &mut dyn Writable) {
    let rows: Vec<MessageRow> = (1..=5).map(|n| row(n, u64::from(n) * 10)).collect();
    for row in rows.iter().rev() {
        write(store, &[Record::Message(row.clone())]);
    }
    let mut elsewhere = row(6, 25);
    elsewhere.stream = StreamId([8; 16]);
    write(store, &[Record::Message(elsewhere)]);
    let page = |from, older, limit| -> Vec<u64> {
        read(store.messages(&STREAM, Snowflake(from), older, limit)).iter().map(|row| row.api_id.0).collect()
    };
    assert_eq!(page(u64::MAX, true, 3), [50, 40, 30], "newest first towards older");
    assert_eq!(page(30, true, 9), [30, 20, 10], "the number itself is in");
    assert_eq!(page(25, false, 2), [30, 40], "oldest first towards newer");
    assert_eq!(page(51, false, 9), [0; 0]);
}

fn acts_stand_beside_their_message_alone(store: &mut dyn Writable) {
    let (one, two) = (row(1, 10), row(2, 20));
    let mut pin = act(&one, 1, Deed::Pin { pinned: true });
    let react = act(&two, 2, Deed::React { emoji: String::from("👍") });
    write(store, &[Record::Act(pin.clone()), Record::Act(react.clone())]);
    assert_eq!(read(store.acts(&STREAM, &one.id, one.hlc)), [pin.clone()]);
    assert_eq!(read(store.acts(&STREAM, &two.id, two.hlc)), [react]);
    assert_eq!(read(store.pinned(&STREAM)), [one.id]);
    (pin.verdict, pin.act.void) = (4, true);
    write(store, &[Record::Act(pin.clone())]);
    assert_eq!(read(store.acts(&STREAM, &one.id, one.hlc)), [pin], "an act's row replaces the one of its op");
}

fn what_was_moved_is_found_by_its_thread(store: &mut dyn Writable) {
    let (thread, other) = (ChannelId([0x55; 32]), ChannelId([0x66; 32]));
    let (one, two, three) = (row(1, 10), row(2, 20), row(3, 30));
    let moved = |row, number, to| Record::Act(act(row, number, Deed::Move { to }));
    write(
        store,
        &[moved(&two, 1, Some(thread)), moved(&one, 2, Some(thread)), moved(&three, 3, Some(other))],
    );
    let here = [(STREAM, one.id), (STREAM, two.id)].into();
    assert_eq!(read(store.moved_into(&thread.stream())), here);
    write(store, &[moved(&one, 4, None)]);
    assert_eq!(read(store.moved_into(&thread.stream())), here, "which word counts says each message");
    assert_eq!(read(store.moved_into(&STREAM)), [].into());
}

fn an_act_without_its_message_is_found_by_it(store: &mut dyn Writable) {
    let message = OpId([7; 32]);
    for act in [9, 8] {
        write(store, &[Record::Orphan { message, act: OpId([act; 32]) }]);
    }
    assert_eq!(read(store.orphans(&message)), [OpId([8; 32]), OpId([9; 32])]);
    assert_eq!(read(store.orphans(&OpId([8; 32]))), []);
    let deed = Deed::React { emoji: String::from("+1") };
    let act = Act { op: OpId([8; 32]), hlc: Hlc(20), author: UserId([3; 32]), deed, void: false };
    let row = ActRow { space: SPACE, stream: STREAM, message, message_hlc: Hlc(10), act, verdict: 0 };
    write(store, &[Record::Act(row)]);
    assert_eq!(read(store.orphans(&message)), [OpId([9; 32])], "its row as an act ends it");
}

fn a_timeline_holds_what_counts_in_order(store: &mut dyn Writable) {
    let (late, early, mut void) = (row(1, 30), row(2, 10), row(3, 20));
    void.verdict = 4;
    let edit = act(&early, 7, Deed::Edit);
    let delete = act(&late, 8, Deed::Delete);
    let records = [
        Record::Message(late.clone()),
        Record::Message(early.clone()),
        Record::Message(void),
        Record::Act(edit.clone()),
        Record::Act(delete),
    ];
    write(store, &records);
    let mut lines = Vec::new();
    read(store.timeline(&STREAM, &mut |line| lines.push(line)));
    let first = TimelineEntry { hlc: early.hlc, id: early.id, deleted: false, edit: Some(edit.act.op) };
    let second = TimelineEntry { hlc: late.hlc, id: late.id, deleted: true, edit: None };
    assert_eq!(lines, [first, second]);
}

fn a_register_holds_the_last_op_it_was_given(store: &mut dyn Writable) {
    let (here, there) = (StreamId([4; 16]), StreamId([5; 16]));
    let op = |n: u8| (Hlc::from_ms(u64::from(n)), OpId([n; 32]));
    let note = |stream, key, op| Record::Note { stream, key: [key; 16], op };
    let written = [note(here, 1, Some(op(1))), note(here, 2, Some(op(2))), note(there, 1, Some(op(3)))];
    write(store, &written);
    write(store, &[note(here, 1, Some(op(4))), note(here, 2, None)]);
    assert_eq!(read(store.notes(&here)), [op(4)]);
    assert_eq!(read(store.notes(&there)), [op(3)]);
    assert_eq!(read(store.notes(&StreamId([6; 16]))), []);
}

fn a_destroyed_body_leaves_its_op(store: &mut dyn Writable) {
    let op = message_op(1, 0, None, 10, "take this back");
    write(store, &[Record::Op { op: Arc::new(op.clone()), mine: false }]);
    write(store, &[Record::BodyDestroyed(op.op.id)]);
    let left = read(store.op(&op.op.id)).expect("the op stays");
    assert_eq!(left.op.body, None);
    assert_eq!(left.op.header, op.op.header);
    assert!(left.verify().is_ok(), "a signature does not cover the body");
    assert_eq!(read(store.log_head(&op.log())), Some(entry(&op)));
}

fn small_things_are_given_back(store: &mut dyn Writable) {
    let heads = vec![OpId([1; 32]), OpId([2; 32])];
    let frontier = FrontierId::of(&heads);
    assert_eq!(read(store.frontier(&frontier)), None);
    assert_eq!(read(store.owner()), None);
    let records = [
        Record::Frontier(frontier, heads.clone()),
        Record::Snowflake(Snowflake(7), OpId([3; 32])),
        Record::Owner(USER),
        Record::Secret(Secret::Device(USER, SecretKey::from_seed(&[1; 32]))),
        Record::Secret(Secret::Identity(USER, SecretKey::from_seed(&[2; 32]))),
        Record::Secret(Secret::Recovery(USER, SecretKey::from_seed(&[3; 32]))),
        Record::Secret(Secret::InviteCode(OpId([4; 32]), InviteCode::new([4; 16]))),
        Record::Secret(Secret::Claim(USER, SecretKey::from_seed(&[5; 32]))),
        Record::Secret(Secret::Spent(USER, SecretKey::from_seed(&[6; 32]))),
    ];
    write(store, &records);
    assert_eq!(read(store.frontier(&frontier)), Some(heads.clone()));
    assert_eq!(read(store.frontiers()), [heads]);
    assert_eq!(read(store.snowflakes()), [(Snowflake(7), OpId([3; 32]))]);
    assert_eq!(read(store.owner()), Some(USER));
    let mut seeds: Vec<(u8, [u8; 32])> = read(store.secrets()).iter().map(seed).collect();
    seeds.sort_unstable();
    let expected = [(0, [2; 32]), (1, [1; 32]), (2, [3; 32]), (3, [4; 32]), (4, [5; 32]), (5, [6; 32])];
    assert_eq!(seeds, expected);
}

fn a_secret_that_has_done_its_work_is_gone(store: &mut dyn Writable) {
    let other = UserId([9; 32]);
    let secrets = [
        Secret::Identity(USER, SecretKey::from_seed(&[1; 32])),
        Secret::Identity(other, SecretKey::from_seed(&[2; 32])),
        Secret::Device(USER, SecretKey::from_seed(&[3; 32])),
        Secret::Claim(USER, SecretKey::from_seed(&[4; 32])),
    ];
    write(store, &secrets.map(Record::Secret));
    write(store, &[Record::SecretGone(Passing::Identity(USER)), Record::SecretGone(Passing::Claim(USER))]);
    let mut left: Vec<(u8, [u8; 32])> = read(store.secrets()).iter().map(seed).collect();
    left.sort_unstable();
    assert_eq!(left, [(0, [2; 32]), (1, [3; 32])]);
    write(store, &[Record::SecretGone(Passing::Claim(USER))]);
    assert_eq!(read(store.secrets()).len(), 2, "one that is not there is no fault");
    write(store, &[Record::SecretGone(Passing::Device(USER))]);
    assert_eq!(read(store.secrets()).iter().map(seed).collect::<Vec<_>>(), [(0, [2; 32])]);
}

fn a_revoked_token_is_gone(store: &mut dyn Writable) {
    let (one, two) = (TokenHash([1; 32]), TokenHash([2; 32]));
    write(store, &[Record::Token(one, USER), Record::Token(two, USER)]);
    write(store, &[Record::TokenRevoked(one)]);
    assert_eq!(read(store.tokens()), [(two, USER)]);
}

pub(super) const SPACE: SpaceId = SpaceId([7; 32]);
const STREAM: StreamId = StreamId([5; 16]);
const USER: UserId = UserId([6; 32]);

fn write(store: &mut dyn Writable, records: &[Record]) {
    store.apply(records).expect("the store takes records");
}

fn read<T>(outcome: Result<T, StoreFault>) -> T {
    outcome.expect("the store is read")
}

pub(super) fn message_op(author: u8, seq: u64, prev: Option<OpId>, hlc: u64, text: &str) -> StoredOp {
    let body = content::Message { text: RichText::plain(text), ..content::Message::default() };
    let draft = Draft {
        space: SPACE,
        stream: STREAM,
        tenure: Tenure([3; 16]),
        seq,
        prev,
        hlc: Hlc(hlc),
        kind: Kind::Message,
        deps: vec![OpId([4; 32])],
        target: None,
        body: op::open_body(&body),
    };
    StoredOp::of(draft.seal(&SecretKey::from_seed(&[author; 32]), [author; 16]))
}

fn entry(stored: &StoredOp) -> LogEntry {
    LogEntry { seq: stored.op.header.seq, op: stored.op.id, hlc: stored.op.header.hlc }
}

fn row(id: u8, number: u64) -> MessageRow {
    MessageRow {
        space: SPACE,
        stream: STREAM,
        id: OpId([id; 32]),
        hlc: Hlc(number),
        author: USER,
        api_id: Snowflake(number),
        verdict: 0,
        late: id == 2,
    }
}

fn act(message: &MessageRow, op: u8, deed: Deed) -> ActRow {
    let act = Act { op: OpId([op; 32]), hlc: Hlc(100 + u64::from(op)), author: USER, deed, void: false };
    ActRow { space: SPACE, stream: STREAM, message: message.id, message_hlc: message.hlc, act, verdict: 0 }
}

fn seed(secret: &Secret) -> (u8, [u8; 32]) {
    match secret {
        Secret::Identity(_, key) => (0, *key.to_seed()),
        Secret::Device(_, key) => (1, *key.to_seed()),
        Secret::Recovery(_, key) => (2, *key.to_seed()),
        Secret::InviteCode(_, code) => (3, std::array::from_fn(|at| code.to_bytes()[at % 16])),
        Secret::Claim(_, key) => (4, *key.to_seed()),
        Secret::Spent(_, key) => (5, *key.to_seed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryStore, Overlay};

    impl Writable for MemoryStore {
        fn apply(&mut self, records: &[Record]) -> Result<(), StoreFault> {
            Self::apply(self, records);
            Ok(())
        }
    }

    impl Writable for Overlay<'_> {
        fn apply(&mut self, records: &[Record]) -> Result<(), StoreFault> {
            records.iter().cloned().for_each(|record| self.write(record));
            Ok(())
        }
    }

    #[test]
    fn memory_keeps_the_contract() {
        check(MemoryStore::default);
    }

    #[test]
    fn what_a_turn_wrote_keeps_the_contract_over_an_empty_base() {
        let base = MemoryStore::default();
        check(|| Overlay::new(&base));
    }
}
