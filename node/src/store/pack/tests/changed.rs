//! What the disk has changed in blocks, and what is destroyed in them.

use super::{SPACE, STREAMS, assert_same, ids, read, seal, sixty, write, written_anew};
use crate::store::WriteTables;
use crate::store::packed::Part;
use nexus_core::store::{Range, head_of};
use nexus_core::{Arrival, Record, Store as _};
use nexus_crdt::id::OpId;
use redb::{Database, ReadableTable as _};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The pieces of every block, by key.
fn pieces(database: &Database) -> Vec<([u8; 7], Vec<u8>)> {
    let tables = read(database);
    let rows = tables.block.iter().unwrap().map(|row| row.unwrap());
    rows.map(|(at, piece)| (*at.value(), piece.value().to_vec())).collect()
}

fn put_piece(database: &Database, at: &[u8; 7], bytes: &[u8]) {
    let transaction = database.begin_write().unwrap();
    WriteTables::open(&transaction, &seal()).unwrap().block.insert(at, bytes).unwrap();
    transaction.commit().unwrap();
}

/// A store with one bit of a piece changed.
fn with_bit_changed(packed: &Database, at: &[u8; 7], byte: usize) -> Database {
    let changed = written_anew(packed);
    let mut piece = pieces(&changed).into_iter().find(|(here, _)| here == at).unwrap().1;
    piece[byte] ^= 1 << (byte % 8);
    put_piece(&changed, at, &piece);
    changed
}

#[test]
fn an_index_that_the_disk_has_changed_is_read_all_the_same() {
    let (rows, packed, talk) = sixty();
    let indexes: Vec<_> = pieces(&packed).into_iter().filter(|(at, _)| at[4] == 0).collect();
    let (at, piece) = &indexes[1];
    for byte in (0..piece.len()).step_by(23) {
        let changed = with_bit_changed(&packed, at, byte);
        assert_same(&read(&changed), &read(&rows), &talk);
        let mended = written_anew(&changed);
        assert!(pieces(&mended).iter().any(|(here, bytes)| here == at && bytes == piece), "byte {byte}");
    }
}

#[test]
fn what_the_disk_has_changed_in_a_block_is_given_to_nobody_and_comes_back() {
    let (rows, packed, talk) = sixty();
    let whole = |id: &OpId| read(&rows).op(id).unwrap().unwrap();
    let contents: Vec<_> = pieces(&packed).into_iter().filter(|(at, _)| at[4] == 1).collect();
    let (at, piece) = &contents[0];
    let mut noticed = BTreeSet::new();
    for byte in (0..piece.len()).step_by(41) {
        let changed = with_bit_changed(&packed, at, byte);
        let mut lost = Vec::new();
        for (number, stored) in talk.ops.iter().enumerate() {
            let id = stored.op.id;
            assert!(read(&changed).has_op(&id).unwrap());
            match read(&changed).op(&id).unwrap() {
                // A signature covers no body and no place: it is told by whoever verifies it.
                Some(op) if op.op.body.is_some() => assert_eq!(op.op, whole(&id).op, "byte {byte}"),
                _ => lost.push(number),
            }
        }
        noticed.extend(lost.iter().copied());
        // What an index says is not changed by that.
        let (stream, all) = (STREAMS[0], ids(&talk, |_, stored| stored.op.header.stream == STREAMS[0]));
        let spots = |at: &Database| read(at).spots(&SPACE, &stream, &Range::ALL, usize::MAX).unwrap();
        assert_eq!((spots(&changed).len(), spots(&changed)), (all.len(), spots(&rows)));
        let again =
            lost.iter().map(|at| Record::Op { op: Arc::new(talk.ops[*at].clone()), mine: at % 2 == 0 });
        write(&changed, &again.collect::<Vec<_>>());
        if !lost.is_empty() {
            assert_same(&read(&changed), &read(&rows), &talk);
            assert_same(&read(&written_anew(&changed)), &read(&rows), &talk);
        }
    }
    assert!(noticed.len() > 4, "flips that nobody notices prove nothing");
}

#[test]
fn a_body_that_is_destroyed_leaves_nothing_in_its_block_and_the_others_stay() {
    let (rows, packed, talk) = sixty();
    let gone = ids(&talk, |at, _| at < 50 && at % 5 != 0);
    let stream = STREAMS[0];
    let mut records: Vec<Record> = gone.iter().copied().map(Record::BodyDestroyed).collect();
    // As the core says it: other things in between.
    records.insert(3, Record::Note { stream, key: [1; 16], op: None });
    [&rows, &packed].iter().for_each(|at| write(at, &records));
    assert_same(&read(&packed), &read(&rows), &talk);
    assert_eq!(read(&packed).erased().unwrap(), gone.len() as u64);
    let tables = read(&packed);
    for row in tables.block_at.iter().unwrap() {
        let block = tables.block(crate::store::key::block_ends(row.unwrap().1.value()).0).unwrap();
        for (op, kept) in block.index.ops.iter().zip(tables.content(&block).unwrap().unwrap()) {
            assert_eq!(kept.body.is_none(), gone.contains(&op.id()));
            assert!(kept.row.body_hash.is_some(), "its hash is signed, and stays");
        }
    }
    assert_same(&read(&written_anew(&packed)), &read(&rows), &talk);
}

#[test]
fn a_body_that_goes_from_a_block_that_cannot_be_read_takes_the_block_with_it() {
    let (_, packed, talk) = sixty();
    let (block, _) = read(&packed).in_block(&head_of(&talk.ops[0].op.id)).unwrap().unwrap();
    let number = block.number;
    let of_it = |database: &Database| -> usize {
        let its = pieces(database).into_iter().filter(|(at, _)| at[..4] == number && at[4] == 1);
        its.map(|(_, piece)| piece.len()).sum()
    };
    let at = *pieces(&packed).iter().map(|(at, _)| at).find(|at| at[..4] == number && at[4] == 1).unwrap();
    let changed = with_bit_changed(&packed, &at, 20);
    let before = of_it(&changed);
    write(&changed, &[Record::BodyDestroyed(talk.ops[0].op.id)]);
    assert!(of_it(&changed) < before / 4, "{before} bytes before, {} after", of_it(&changed));
    assert!(read(&changed).has_op(&talk.ops[0].op.id).unwrap());
    assert_eq!(read(&changed).op(&talk.ops[0].op.id).unwrap(), None);
}

#[test]
fn a_list_of_arrivals_that_the_disk_has_changed_holds_up_nobody() {
    let (rows, packed, talk) = sixty();
    let transaction = packed.begin_write().unwrap();
    {
        let mut tables = WriteTables::open(&transaction, &seal()).unwrap();
        let (at, mut list) = {
            let (at, list) = tables.block_arrival.iter().unwrap().next().unwrap().unwrap();
            (*at.value(), list.value().to_vec())
        };
        list[9] ^= 16;
        tables.block_arrival.insert(&at, list.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
    let left = read(&packed).arrivals(&SPACE, Arrival(0), 100).unwrap();
    let all = read(&rows).arrivals(&SPACE, Arrival(0), 100).unwrap();
    assert!(left.len() < all.len() && left.iter().all(|arrived| all.contains(arrived)));
    assert_eq!(read(&packed).op(&talk.ops[0].op.id), read(&rows).op(&talk.ops[0].op.id));
    // Written anew, it is left out.
    assert_eq!(read(&written_anew(&packed)).arrivals(&SPACE, Arrival(0), 100).unwrap(), left);
}

#[test]
fn what_a_disk_has_grown_beyond_all_blocks_is_not_read() {
    let (_, packed, talk) = sixty();
    let (block, _) = read(&packed).in_block(&head_of(&talk.ops[0].op.id)).unwrap().unwrap();
    let at = [&block.number[..], &[1, 0, 9]].concat();
    put_piece(&packed, at.first_chunk().unwrap(), &vec![0; 3 << 20]);
    assert!(read(&packed).part_bytes(block.number, Part::Content).unwrap().len() < 1 << 20);
    assert!(read(&packed).has_op(&talk.ops[0].op.id).unwrap());
    assert!(read(&packed).op(&talk.ops[0].op.id).unwrap().is_some(), "what stands before it is whole");
    let index = [&block.number[..], &[0, 0, 0]].concat();
    put_piece(&packed, index.first_chunk().unwrap(), &vec![0; 3 << 20]);
    assert!(read(&packed).block(block.number).is_err(), "in an index no op is found, and none is made up");
}
