//! Keys: big-endian parts side by side, so that byte order is the order that is asked for.

use super::intern::Short;
use nexus_core::store::Spot;
use nexus_core::{Arrival, Snowflake, StoreFault};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::OpId;

/// First and last possible op key of a stream.
pub(super) fn ops_of(space: Short, stream: Short) -> ([u8; 32], [u8; 32]) {
    ends(&[&space, &stream])
}

/// `space ‖ stream ‖ hlc`: with the id it is asked by, an op's key.
pub(super) fn place(space: Short, stream: Short, hlc: Hlc) -> [u8; 16] {
    join(&[&space, &stream, &hlc.0.to_be_bytes()])
}

/// An op's key, `space ‖ stream ‖ hlc ‖ id[..16]`, from its place.
pub(super) fn op_at(place: &[u8; 16], id: &OpId) -> [u8; 32] {
    op_under(place, head(id))
}

/// An op's key from its place and the head of its id.
pub(super) fn op_under(place: &[u8; 16], head: &[u8; 16]) -> [u8; 32] {
    join(&[place, head])
}

/// The head of an id, by which rows are found.
pub(super) fn head(id: &OpId) -> &[u8; 16] {
    halves(id).0
}

/// The rest of an id, which its row holds.
pub(super) fn tail(id: &OpId) -> &[u8; 16] {
    halves(id).1
}

/// `space ‖ device ‖ stream ‖ tenure`: a log.
pub(super) type LogKey = [u8; 16];

/// A place in a log.
pub(super) fn entry(log: &LogKey, seq: u64, id: &OpId) -> [u8; 40] {
    join(&[log, &seq.to_be_bytes(), head(id)])
}

/// First and last possible key of a log's entries from `seq` up to `last`.
pub(super) fn entries(log: &LogKey, seq: u64, last: u64) -> ([u8; 40], [u8; 40]) {
    (entry(log, seq, &OpId([0; 32])), entry(log, last, &OpId([255; 32])))
}

/// First and last possible key of a device's entries in a space.
pub(super) fn device(space: Short, device: Short) -> ([u8; 40], [u8; 40]) {
    ends(&[&space, &device])
}

/// `space ‖ arrival`: a place in a feed.
pub(super) fn arrival(space: Short, at: Arrival) -> [u8; 12] {
    join(&[&space, &at.0.to_be_bytes()])
}

/// `level ‖ space ‖ stream ‖ hlc ‖ head`: where a part of a stream begins.
pub(super) fn begin(level: u8, space: Short, stream: Short, spot: &Spot) -> [u8; 33] {
    join(&[&[level], &space, &stream, &spot.hlc.0.to_be_bytes(), &spot.head])
}

/// First and last possible beginning of a part of a stream.
pub(super) fn begins_of(level: u8, space: Short, stream: Short) -> ([u8; 33], [u8; 33]) {
    ends(&[&[level], &space, &stream])
}

/// First and last possible beginning of a part of a space.
pub(super) fn begins_in(level: u8, space: Short) -> ([u8; 33], [u8; 33]) {
    ends(&[&[level], &space])
}

/// Reads where a part begins: its stream, and the spot in it.
pub(super) fn begin_parts(begin: &[u8; 33]) -> (Short, Spot) {
    (part::<5, 4, 33>(begin), Spot { hlc: hlc_at::<9, 33>(begin), head: part::<17, 16, 33>(begin) })
}

/// The key of an op from where it stands.
pub(super) fn op_in(space: Short, stream: Short, spot: &Spot) -> [u8; 32] {
    op_under(&place(space, stream, spot.hlc), &spot.head)
}

/// Where an op stands, of its key.
pub(super) fn spot(op: &[u8; 32]) -> Spot {
    Spot { hlc: hlc_at::<8, 32>(op), head: part::<16, 16, 32>(op) }
}

/// Reads the feed of a place in one.
pub(super) fn arrival_feed(place: &[u8; 12]) -> Short {
    part::<0, 4, 12>(place)
}

/// Reads the arrival of a place in a feed.
pub(super) fn arrival_at(place: &[u8; 12]) -> Arrival {
    Arrival(u64::from_be_bytes(part::<4, 8, 12>(place)))
}

/// `stream ‖ hlc ‖ id[..16]`.
pub(super) fn message(stream: Short, hlc: Hlc, id: &OpId) -> [u8; 28] {
    join(&[&stream, &hlc.0.to_be_bytes(), head(id)])
}

/// First and last possible message key of a stream.
pub(super) fn messages_of(stream: Short) -> ([u8; 28], [u8; 28]) {
    ends(&[&stream])
}

/// `thread's stream ‖ message`: where a message was moved.
pub(super) fn moved(thread: Short, message: &[u8; 28]) -> [u8; 32] {
    join(&[&thread, message])
}

/// First and last possible key of the messages that were moved into a thread.
pub(super) fn moved_into(thread: Short) -> ([u8; 32], [u8; 32]) {
    ends(&[&thread])
}

/// Reads the stream of such a message, and the head of its id.
pub(super) fn moved_parts(moved: &[u8; 32]) -> (Short, [u8; 16]) {
    (part::<4, 4, 32>(moved), part::<16, 16, 32>(moved))
}

/// `stream ‖ API number`.
pub(super) fn number(stream: Short, number: Snowflake) -> [u8; 12] {
    join(&[&stream, &number.0.to_be_bytes()])
}

/// Reads the API number of such a key.
pub(super) fn number_at(number: &[u8; 12]) -> u64 {
    u64::from_be_bytes(part::<4, 8, 12>(number))
}

/// `message ‖ hlc ‖ id[..16]`.
pub(super) fn act(message: &[u8; 28], hlc: Hlc, id: &OpId) -> [u8; 52] {
    join(&[message, &hlc.0.to_be_bytes(), head(id)])
}

/// `message[..16] ‖ act[..16]`: an act that came before its message.
pub(super) fn orphan(message: &OpId, act: &OpId) -> [u8; 32] {
    join(&[head(message), head(act)])
}

/// First and last possible key of the acts that came before a message.
pub(super) fn orphans_of(message: &OpId) -> ([u8; 32], [u8; 32]) {
    ends(&[head(message)])
}

/// The head of the act of such a key.
pub(super) fn orphan_act(orphan: &[u8; 32]) -> [u8; 16] {
    part::<16, 16, 32>(orphan)
}

/// First and last possible act key under a prefix: of a message, or of a stream.
pub(super) fn acts_of(prefix: &[u8]) -> ([u8; 52], [u8; 52]) {
    ends(&[prefix])
}

/// Reads an op's key: space, stream, hlc, head of its id.
pub(super) fn op_parts(op: &[u8; 32]) -> (Short, Short, Hlc, [u8; 16]) {
    (part::<0, 4, 32>(op), part::<4, 4, 32>(op), hlc_at::<8, 32>(op), part::<16, 16, 32>(op))
}

/// Reads the time in an op's place.
pub(super) fn place_hlc(place: &[u8; 16]) -> Hlc {
    hlc_at::<8, 16>(place)
}

/// The log of a place in it.
pub(super) fn entry_log(entry: &[u8; 40]) -> LogKey {
    part::<0, 16, 40>(entry)
}

/// Reads a log: space, device, stream, tenure.
pub(super) fn log_parts(log: &LogKey) -> (Short, Short, Short, Short) {
    (part::<0, 4, 16>(log), part::<4, 4, 16>(log), part::<8, 4, 16>(log), part::<12, 4, 16>(log))
}

/// Reads a place in a log: seq, head of the id.
pub(super) fn entry_parts(entry: &[u8; 40]) -> (u64, [u8; 16]) {
    (u64::from_be_bytes(part::<16, 8, 40>(entry)), part::<24, 16, 40>(entry))
}

/// Reads the stream of a message's key.
pub(super) fn message_stream(message: &[u8; 28]) -> Short {
    part::<0, 4, 28>(message)
}

/// Reads a message's key: hlc, head of its id.
pub(super) fn message_parts(message: &[u8; 28]) -> (Hlc, [u8; 16]) {
    (hlc_at::<4, 28>(message), part::<12, 16, 28>(message))
}

/// Reads an act's key: its message's key, hlc, head of its id.
pub(super) fn act_parts(act: &[u8; 52]) -> ([u8; 28], Hlc, [u8; 16]) {
    (part::<0, 28, 52>(act), hlc_at::<28, 52>(act), part::<36, 16, 52>(act))
}

/// First and last possible key of the blocks that may hold an op, by the first six bytes of its head.
pub(super) fn block_ops(head: &[u8; 16]) -> ([u8; 10], [u8; 10]) {
    ends(&[&part::<0, 6, 16>(head)])
}

/// `head[..6] ‖ block`.
pub(super) fn block_op(head: &[u8; 16], block: Short) -> [u8; 10] {
    join(&[&part::<0, 6, 16>(head), &block])
}

/// Reads the block of such a key.
pub(super) fn block_of(op: &[u8; 10]) -> Short {
    part::<6, 4, 10>(op)
}

/// `block ‖ part ‖ piece`.
pub(super) fn piece(block: Short, part: u8, piece: usize) -> Result<[u8; 7], StoreFault> {
    let piece = u16::try_from(piece).map_err(super::fault)?;
    Ok(join(&[&block, &[part], &piece.to_be_bytes()]))
}

/// The block of such a key.
pub(super) fn piece_block(piece: &[u8; 7]) -> Short {
    part::<0, 4, 7>(piece)
}

/// First and last possible piece of a part of a block.
pub(super) fn pieces(block: Short, part: u8) -> ([u8; 7], [u8; 7]) {
    ends(&[&block, &[part]])
}

/// Reads what `block_at` says: the block, and where its last op stands.
pub(super) fn block_ends(value: &[u8; 28]) -> (Short, Spot) {
    (part::<0, 4, 28>(value), Spot { hlc: hlc_at::<4, 28>(value), head: part::<12, 16, 28>(value) })
}

/// Reads what `block_number` says: the block, and the last number there.
pub(super) fn block_numbers(value: &[u8; 12]) -> (Short, u64) {
    (part::<0, 4, 12>(value), u64::from_be_bytes(part::<4, 8, 12>(value)))
}

/// `log ‖ seq ‖ block`: what of a log stands in a block begins there.
pub(super) fn run(log: &LogKey, seq: u64, block: Short) -> [u8; 28] {
    join(&[log, &seq.to_be_bytes(), &block])
}

/// First and last possible run of a device in a space.
pub(super) fn device_runs(space: Short, device: Short) -> ([u8; 28], [u8; 28]) {
    ends(&[&space, &device])
}

/// The log of a run.
pub(super) fn run_log(run: &[u8; 28]) -> LogKey {
    part::<0, 16, 28>(run)
}

/// The seq at which a run begins.
pub(super) fn run_seq(run: &[u8; 28]) -> u64 {
    u64::from_be_bytes(part::<16, 8, 28>(run))
}

/// The block of a run.
pub(super) fn run_block(run: &[u8; 28]) -> Short {
    part::<24, 4, 28>(run)
}

/// An id from its head, in the key, and its tail, in the row.
pub(super) fn id(head: &[u8; 16], tail: &[u8; 16]) -> OpId {
    OpId(join(&[head, tail]))
}

/// The parts side by side, zeroes behind them.
pub(super) fn join<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    filled(parts, 0)
}

fn ends<const N: usize>(parts: &[&[u8]]) -> ([u8; N], [u8; N]) {
    (filled(parts, 0), filled(parts, 255))
}

fn filled<const N: usize>(parts: &[&[u8]], rest: u8) -> [u8; N] {
    let mut key = [rest; N];
    for (to, from) in key.iter_mut().zip(parts.iter().flat_map(|part| part.iter())) {
        *to = *from;
    }
    key
}

fn part<const AT: usize, const LEN: usize, const KEY: usize>(key: &[u8; KEY]) -> [u8; LEN] {
    const { assert!(AT + LEN <= KEY) };
    std::array::from_fn(|i| key[AT + i])
}

fn hlc_at<const AT: usize, const KEY: usize>(key: &[u8; KEY]) -> Hlc {
    Hlc(u64::from_be_bytes(part::<AT, 8, KEY>(key)))
}

// Both halves are there: an id has 32 bytes.
fn halves(id: &OpId) -> (&[u8; 16], &[u8; 16]) {
    let (head, rest) = id.0.split_first_chunk().unwrap_or((&[0; 16], &[]));
    (head, rest.first_chunk().unwrap_or(&[0; 16]))
}
