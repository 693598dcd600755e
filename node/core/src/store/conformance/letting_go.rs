//! Ops that are held no more.

use super::feed::id_that_may_begin_a_part;
use super::{SPACE, STREAM, Writable, act, message_op, read, row, write};
use crate::snowflake::Snowflake;
use crate::store::{Arrival, Range, Record, SetSum, Spot, Standing, StreamSum};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, OpId};
use nexus_crdt::timeline::Deed;
use std::sync::Arc;

fn let_go(ops: Vec<OpId>) -> Record {
    Record::LetGo { space: SPACE, stream: STREAM, ops, acts: Vec::new() }
}

pub(super) fn what_is_let_go_of_is_as_if_it_had_never_come(store: &mut dyn Writable) {
    let (gone, kept) = (message_op(1, 0, None, 10, "gone"), message_op(2, 0, None, 20, "kept"));
    let mut written = Vec::new();
    for (op, number) in [(&gone, 1), (&kept, 2)] {
        let mut row = row(number, u64::from(number) * 10);
        (row.id, row.hlc) = (op.op.id, op.op.header.hlc);
        written.push(Record::Op { op: Arc::new(op.clone()), mine: false });
        written.push(Record::Message(row.clone()));
        written.push(Record::Act(act(&row, number + 10, Deed::Pin { pinned: true })));
    }
    let thread = ChannelId([0x55; 32]);
    let mut moved = row(1, 10);
    (moved.id, moved.hlc) = (gone.op.id, gone.op.header.hlc);
    written.push(Record::Act(act(&moved, 21, Deed::Move { to: Some(thread) })));
    write(store, &written);
    write(store, &[let_go(vec![gone.op.id])]);
    assert_eq!(read(store.moved_into(&thread.stream())), [].into());
    assert!(!read(store.has_op(&gone.op.id)) && read(store.op(&gone.op.id)).is_none());
    assert_eq!(read(store.message(&STREAM, &gone.op.id)), None);
    assert_eq!(read(store.message_by_number(&STREAM, Snowflake(10))), None);
    assert_eq!(read(store.acts(&STREAM, &gone.op.id, gone.op.header.hlc)), []);
    assert_eq!(read(store.pinned(&STREAM)), [kept.op.id]);
    assert_eq!(read(store.log_head(&gone.log())), None);
    assert_eq!(read(store.stream_ops(&SPACE, &STREAM)), std::slice::from_ref(&kept));
    assert_eq!(read(store.count(&SPACE)).ops, 1);
    assert_eq!(read(store.arrivals(&SPACE, Arrival(0), 9)), [(Arrival(2), kept.op.id)]);
    // It comes again: as news, in another place.
    write(store, &[Record::Op { op: Arc::new(gone.clone()), mine: false }]);
    let arrived = [(Arrival(2), kept.op.id), (Arrival(3), gone.op.id)];
    assert_eq!(read(store.arrivals(&SPACE, Arrival(0), 9)), arrived);
    assert_eq!(read(store.last_arrival(&SPACE)), Arrival(3));
    write(store, &[let_go(vec![gone.op.id, kept.op.id, OpId([7; 32])])]);
    assert_eq!(read(store.stream_sums(&SPACE)), [], "nothing is held of it");
}

pub(super) fn parts_are_those_of_what_is_left(store: &mut dyn Writable) {
    const OPS: u32 = 300;
    let first = message_op(1, 0, None, 30, "a");
    let (mut left, mut gone) = (Vec::new(), Vec::new());
    for number in 0..OPS {
        let mut stored = first.clone();
        (stored.op.header.hlc, stored.op.header.seq) = (Hlc(u64::from(number)), u64::from(number));
        stored.op.id = id_that_may_begin_a_part(number);
        let spot = Spot::of(stored.op.header.hlc, &stored.op.id);
        if number % 3 == 1 || (80..=160).contains(&number) {
            gone.push(stored.op.id);
        } else {
            left.push(spot);
        }
        write(store, &[Record::Op { op: Arc::new(stored), mine: false }]);
    }
    for some in gone.chunks(50) {
        write(store, &[let_go(some.to_vec())]);
    }
    let sum =
        |spots: &[Spot]| spots.iter().fold(SetSum::default(), |sum, spot| sum.and(&SetSum::of(&spot.head)));
    for (from, upto) in [(0, left.len()), (1, 60), (40, 70), (100, left.len() - 1)] {
        let range = Range { from: left[from], upto: left.get(upto).copied() };
        assert_eq!(
            read(store.range_sum(&SPACE, &STREAM, &range)),
            sum(&left[from..upto]),
            "{from} to {upto}"
        );
        let pieces = read(store.pieces(&SPACE, &STREAM, &range, 1));
        assert_eq!(pieces.iter().map(|piece| &piece.sum).collect::<SetSum>(), sum(&left[from..upto]));
    }
    assert_eq!(read(store.stream_sums(&SPACE)), [(STREAM, StreamSum::of(&sum(&left)))]);
}

pub(super) fn what_stands_on_a_gap_is_remembered_until_it_does_no_more(store: &mut dyn Writable) {
    let mut standing = Vec::new();
    for number in 1..=3 {
        let op = message_op(number, 1, Some(OpId([9; 32])), u64::from(number) * 10, "stands");
        write(store, &[Record::Op { op: Arc::new(op.clone()), mine: false }]);
        standing.push(Standing::of(&op.op));
    }
    assert_eq!(read(store.standing(None, 9)), []);
    write(store, &standing.iter().copied().map(Record::Stands).collect::<Vec<_>>());
    assert_eq!(read(store.standing(None, 9)), standing);
    assert_eq!(read(store.standing(None, 2)), standing[..2]);
    assert_eq!(read(store.standing(Some(&standing[1]), 9)), standing[2..]);
    write(store, &[Record::StandsNoMore(standing[1])]);
    assert!(read(store.stands(&standing[0])) && !read(store.stands(&standing[1])));
    assert_eq!(read(store.standing(Some(&standing[1]), 9)), standing[2..], "after one that does no more");
    let gone = read(store.op_headed(&SPACE, &STREAM, &standing[2].spot.head)).expect("it is here");
    write(store, &[let_go(vec![gone])]);
    assert_eq!(read(store.standing(None, 9)), standing[..1], "what goes stands nowhere");
}

pub(super) fn an_act_is_let_go_of_beside_a_message_that_stays(store: &mut dyn Writable) {
    let message = row(1, 10);
    let (first, second) = (act(&message, 8, Deed::Edit), act(&message, 9, Deed::Delete));
    write(
        store,
        &[Record::Message(message.clone()), Record::Act(first.clone()), Record::Act(second.clone())],
    );
    let ops = vec![second.act.op];
    write(store, &[Record::LetGo { space: SPACE, stream: STREAM, ops, acts: vec![second] }]);
    assert_eq!(read(store.acts(&STREAM, &message.id, message.hlc)), [first]);
}
