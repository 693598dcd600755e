//! Clauses about what one store gives another.

use super::{SPACE, STREAM, Writable, message_op, read, write};
use crate::store::{
    Arrival, Cursor, Gaps, LIVES_MAX, PeerKey, Range, Record, SetSum, Spot, StoredOp, StreamSum, head_of,
};
use nexus_crdt::body::identity::{AccountClass, IdGenesis};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, SpaceId, StreamId, Tenure};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft};
use nexus_crypto::SecretKey;
use std::sync::Arc;

pub(super) fn ops_are_numbered_in_the_order_of_arrival(store: &mut dyn Writable) {
    assert_eq!(read(store.last_arrival(&SPACE)), Arrival(0));
    assert_eq!(read(store.arrivals(&SPACE, Arrival(0), 9)), []);
    let ops = [message_op(1, 0, None, 30, "late"), message_op(2, 0, None, 10, "early"), account(3, 40)];
    for op in ops.iter().chain(&ops[..1]) {
        write(store, &[Record::Op { op: Arc::new(op.clone()), mine: false }]);
    }
    let [late, early, account] = ops.map(|op| op.op.id);
    assert_eq!(read(store.arrivals(&SPACE, Arrival(0), 9)), [(Arrival(1), late), (Arrival(2), early)]);
    assert_eq!(read(store.arrivals(&SPACE, Arrival(1), 9)), [(Arrival(2), early)]);
    assert_eq!(read(store.arrivals(&SPACE, Arrival(0), 1)), [(Arrival(1), late)]);
    assert_eq!(read(store.arrivals(&SPACE, Arrival(u64::MAX), 9)), []);
    assert_eq!(read(store.last_arrival(&SPACE)), Arrival(2));
    assert_eq!(
        read(store.arrivals(&SpaceId::NONE, Arrival(0), 9)),
        [(Arrival(1), account)],
        "accounts share one"
    );
}

pub(super) fn what_was_handed_over_leaves_the_outbox(store: &mut dyn Writable) {
    let own = [message_op(1, 0, None, 10, "a"), message_op(2, 0, None, 20, "b")];
    for op in &own {
        write(store, &[Record::Op { op: Arc::new(op.clone()), mine: true }]);
    }
    write(store, &[Record::Op { op: Arc::new(message_op(3, 0, None, 30, "not mine")), mine: false }]);
    write(store, &[Record::Op { op: Arc::new(account(4, 5)), mine: true }]);
    let outbox = |store: &dyn Writable, space: SpaceId| read(store.count(&space)).outbox;
    let account = SpaceId::from(account(4, 5).op.id);
    assert_eq!((outbox(store, SPACE), outbox(store, account)), (2, 1));
    assert_eq!(read(store.outbox_from(&SPACE)), Some(Arrival(1)));
    write(store, &[Record::HandedOver { space: SPACE, upto: Arrival(1) }]);
    write(store, &[Record::HandedOver { space: SPACE, upto: Arrival(1) }]);
    assert_eq!((outbox(store, SPACE), outbox(store, account)), (1, 1));
    assert_eq!(read(store.outbox_from(&SPACE)), Some(Arrival(2)));
    write(store, &[Record::HandedOver { space: SPACE, upto: Arrival(9) }]);
    write(store, &[Record::HandedOver { space: SpaceId::NONE, upto: Arrival(1) }]);
    assert_eq!((outbox(store, SPACE), outbox(store, account)), (0, 0));
    assert_eq!(read(store.outbox_from(&SPACE)), None);
    assert_eq!(read(store.count(&SPACE)).ops, 3);
}

pub(super) fn a_cursor_is_kept_for_each_peer_and_space(store: &mut dyn Writable) {
    let cursor = |at| Cursor { epoch: [7; 16], at: Arrival(at) };
    let (peer, other) = (PeerKey([1; 32]), PeerKey([2; 32]));
    assert_eq!(read(store.cursor(&peer, &SPACE)), None);
    for at in [3, 8] {
        write(store, &[Record::Cursor { peer, space: SPACE, cursor: cursor(at) }]);
    }
    write(store, &[Record::Cursor { peer, space: SpaceId::NONE, cursor: cursor(1) }]);
    assert_eq!(read(store.cursor(&peer, &SPACE)), Some(cursor(8)));
    assert_eq!(read(store.cursor(&peer, &SpaceId::NONE)), Some(cursor(1)));
    assert_eq!(read(store.cursor(&other, &SPACE)), None);
}

pub(super) fn each_life_numbers_under_its_own_name(store: &mut dyn Writable) {
    let name = read(store.epoch());
    let arrives = |store: &mut dyn Writable, life: Option<u8>, seq: u8| {
        let begins = life.map(|life| Record::Life { space: SPACE, epoch: [life; 16] });
        let op = message_op(seq, 0, None, 10 * u64::from(seq), "said");
        let records: Vec<Record> =
            begins.into_iter().chain([Record::Op { op: Arc::new(op), mine: false }]).collect();
        write(store, &records);
    };
    let lives = |store: &dyn Writable| -> Vec<_> {
        (0..=5).map(|at| read(store.life_at(&SPACE, Arrival(at)))).collect()
    };
    for (life, seq) in [(None, 1), (Some(7), 2), (None, 3), (Some(8), 4)] {
        arrives(store, life, seq);
    }
    let (seven, eight) = (Some((Arrival(2), [7; 16])), Some((Arrival(4), [8; 16])));
    assert_eq!(lives(store), [None, None, seven, seven, eight, eight]);
    assert_eq!(read(store.life_at(&SpaceId::NONE, Arrival(9))), None, "another feed has others");
    assert_eq!(read(store.epoch()), name, "the store keeps its name");
    for (life, author) in (50..).zip(20..20 + LIVES_MAX as u8 - 2) {
        arrives(store, Some(life), author);
    }
    assert_eq!(
        read(store.life_at(&SPACE, Arrival(2))),
        Some((Arrival(2), [7; 16])),
        "so many are remembered"
    );
    arrives(store, Some(99), 200);
    assert_eq!(read(store.life_at(&SPACE, Arrival(3))), None, "the oldest is forgotten");
    assert_eq!(read(store.life_at(&SPACE, Arrival(4))), Some((Arrival(4), [8; 16])));
    write(store, &[Record::Epoch([9; 16])]);
    assert_eq!((lives(store), read(store.epoch())), (vec![None; 6], [9; 16]), "no place is what it was");
}

pub(super) fn a_streams_sum_is_of_its_ops_whatever_their_order(store: &mut dyn Writable) {
    assert_eq!(read(store.stream_sums(&SPACE)), []);
    let ops =
        [message_op(1, 0, None, 30, "a"), message_op(2, 0, None, 10, "b"), message_op(3, 0, None, 20, "c")];
    for op in ops.iter().chain(&ops) {
        write(store, &[Record::Op { op: Arc::new(op.clone()), mine: false }]);
    }
    let sum = StreamSum::of(&ops.iter().rev().fold(SetSum::default(), |sum, op| sum.with(&op.op.id)));
    assert_eq!(sum.count, 3);
    assert_eq!(read(store.stream_sums(&SPACE)), [(STREAM, sum)]);
}

pub(super) fn gaps_are_kept_for_each_stream(store: &mut dyn Writable) {
    assert_eq!(read(store.gaps()), []);
    let (other, spot) = (StreamId([8; 16]), |at| Spot { hlc: Hlc(at), head: [5; 16] });
    let gaps = Gaps::all().after(&Range { from: spot(7), upto: Some(spot(9)) }, true);
    for stream in [STREAM, other] {
        write(store, &[Record::Gaps { space: SPACE, stream, gaps: Gaps::all() }]);
    }
    write(store, &[Record::Gaps { space: SPACE, stream: STREAM, gaps: gaps.clone() }]);
    let mut kept = read(store.gaps());
    kept.sort_by_key(|(stream, _)| *stream);
    assert_eq!(kept, [((SPACE, STREAM), gaps), ((SPACE, other), Gaps::all())]);
    write(store, &[Record::Gaps { space: SPACE, stream: other, gaps: Gaps::default() }]);
    assert_eq!(read(store.gaps()).len(), 1, "what is held whole has no row");
}

pub(super) fn a_range_is_summed_up_as_its_ops_are(store: &mut dyn Writable) {
    const OPS: u32 = 600;
    let first = message_op(1, 0, None, 30, "a");
    let mut spots = Vec::new();
    for number in (0..OPS).map(|number| number * 7_919 % OPS) {
        let mut stored = first.clone();
        stored.op.header.hlc = Hlc(u64::from(10 + number / 3));
        stored.op.header.seq = u64::from(number);
        stored.op.id = id_that_may_begin_a_part(number);
        spots.push(Spot::of(stored.op.header.hlc, &stored.op.id));
        write(store, &[Record::Op { op: Arc::new(stored), mine: false }]);
    }
    spots.sort_unstable();
    let sum =
        |spots: &[Spot]| spots.iter().fold(SetSum::default(), |sum, spot| sum.and(&SetSum::of(&spot.head)));
    for (from, upto) in [(0, 600), (1, 600), (0, 599), (1, 599), (17, 333), (299, 300), (40, 41), (123, 123)]
    {
        for whole in [true, false] {
            let begin = if from == 0 { Spot::FIRST } else { spots[from] };
            let end =
                spots.get(upto).copied().or(Some(Spot { hlc: Hlc(9_999), ..Spot::FIRST }).filter(|_| whole));
            let range = Range { from: begin, upto: end };
            let held = &spots[from..upto];
            assert_eq!(read(store.spots(&SPACE, &STREAM, &range, usize::MAX)), held);
            assert_eq!(read(store.range_sum(&SPACE, &STREAM, &range)), sum(held), "{from} to {upto}");
            for wanted in [1, 8, 40] {
                let pieces = read(store.pieces(&SPACE, &STREAM, &range, wanted));
                assert_eq!(pieces.iter().map(|piece| &piece.sum).collect::<SetSum>(), sum(held));
                assert!(pieces.is_sorted_by(|one, next| one.from < next.from));
                assert!(pieces.len() >= held.len().min(wanted));
            }
        }
        let before = from.checked_sub(1).map(|before| spots[before]);
        assert_eq!(read(store.spot_before(&SPACE, &STREAM, &spots[from])), before);
    }
    // Ranges side by side, and with some left out, whose bounds stand on ops, between two, and beyond the last.
    for every in [1, 2, 7, 40, 333] {
        let bounds: Vec<Spot> = spots
            .iter()
            .enumerate()
            .step_by(every)
            .map(|(at, spot)| {
                if at % 2 == 0 {
                    *spot
                } else {
                    Spot { head: spot.head.map(|byte| byte.saturating_sub(1)), ..*spot }
                }
            })
            .chain([Spot { hlc: Hlc(9_999), ..Spot::FIRST }])
            .collect();
        let ends = bounds.iter().skip(1).copied().map(Some).chain([None]);
        let all: Vec<Range> =
            bounds.iter().zip(ends).map(|(from, upto)| Range { from: *from, upto }).collect();
        let some: Vec<Range> =
            all.iter().enumerate().filter(|(at, _)| at % 3 > 0).map(|(_, range)| *range).collect();
        for ranges in [all, some] {
            let held =
                |range: &Range| spots.iter().filter(|spot| range.holds(spot)).copied().collect::<Vec<_>>();
            let sums: Vec<SetSum> = ranges.iter().map(|range| sum(&held(range))).collect();
            assert_eq!(read(store.range_sums(&SPACE, &STREAM, &ranges)), sums, "every {every}");
        }
    }
    assert_eq!(read(store.stream_sums(&SPACE)), [(STREAM, StreamSum::of(&sum(&spots)))]);
    let id = id_that_may_begin_a_part(7);
    assert_eq!(read(store.op_headed(&SPACE, &STREAM, &head_of(&id))), Some(id));
    assert_eq!(read(store.op_headed(&SPACE, &StreamId([8; 16]), &head_of(&id))), None);
    assert_eq!(read(store.range_sum(&SPACE, &StreamId([8; 16]), &Range::ALL)), SetSum::default());
}

// One in eight begins a part, one in forty a large one.
pub(super) fn id_that_may_begin_a_part(number: u32) -> OpId {
    let mut id = *blake3::hash(&number.to_be_bytes()).as_bytes();
    if number.is_multiple_of(8) {
        id[15] &= 0xc0;
    }
    if number.is_multiple_of(40) {
        (id[14], id[15]) = (id[14] & 0xf0, 0);
    }
    OpId(id)
}

pub(super) fn a_stream_is_read_page_by_page(store: &mut dyn Writable) {
    let ops =
        [message_op(1, 0, None, 30, "c"), message_op(2, 0, None, 10, "a"), message_op(3, 0, None, 20, "b")];
    for op in &ops {
        write(store, &[Record::Op { op: Arc::new(op.clone()), mine: false }]);
    }
    let (mut times, mut after) = (Vec::new(), None);
    loop {
        let page = read(store.stream_page(&SPACE, &STREAM, after, 2));
        let Some(last) = page.last() else { break };
        after = Some((last.op.header.hlc, last.op.id));
        times.extend(page.iter().map(|op| op.op.header.hlc.0));
    }
    assert_eq!(times, [10, 20, 30]);
    assert_eq!(read(store.stream_page(&SPACE, &StreamId([8; 16]), None, 2)), []);
}

pub(super) fn an_op_that_waits_is_no_part_of_its_space(store: &mut dyn Writable) {
    let op = message_op(1, 0, None, 10, "not yet");
    write(store, &[Record::Waiting(Box::new(op.clone()))]);
    assert_eq!(read(store.waiting()), std::slice::from_ref(&op));
    assert!(!read(store.has_op(&op.op.id)) && read(store.spaces()).is_empty());
    assert_eq!(read(store.last_arrival(&SPACE)), Arrival(0));
    write(store, &[Record::NoLongerWaiting(op.op.id), Record::Op { op: Arc::new(op), mine: false }]);
    assert_eq!(read(store.waiting()), []);
    assert_eq!(read(store.last_arrival(&SPACE)), Arrival(1));
}

pub(super) fn account(seed: u8, hlc: u64) -> StoredOp {
    let draft = Draft {
        space: SpaceId::NONE,
        stream: StreamId::GOVERNANCE,
        tenure: Tenure::NONE,
        seq: 0,
        prev: None,
        hlc: Hlc(hlc),
        kind: Kind::IdGenesis,
        deps: Vec::new(),
        target: None,
        body: op::open_body(&IdGenesis { class: AccountClass::Person, recovery: None }),
    };
    StoredOp::of(draft.seal(&SecretKey::from_seed(&[seed; 32]), [seed; 16]))
}
