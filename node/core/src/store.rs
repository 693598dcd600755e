//! What the core asks of a store, and what it asks it to write. The shell brings redb, the simulator a map.

pub mod conformance;
mod feed;
mod gap;
mod log;
mod memory;
mod overlay;
mod record;
mod rot;
mod row;
mod secret;
mod stored_op;
mod sum;

pub use feed::{Arrival, Cursor, LIVES_MAX, PeerKey, StreamSum, feed_of};
pub(crate) use feed::{place_at, place_here};
pub use gap::{GAPS_MAX, GapChange, Gaps, StreamGaps};
pub use log::{LogEntry, LogId};
pub use memory::MemoryStore;
pub(crate) use overlay::Overlay;
pub use record::Record;
pub use rot::Rot;
pub use row::{ActRow, Erasure, MessageRow, Standing, Tally, fold};
pub use secret::{Passing, Secret, TokenHash};
pub use stored_op::StoredOp;
pub use sum::{Head, Piece, Range, SetSum, Spot, head_of};

use crate::snowflake::Snowflake;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, FrontierId, OpId, SpaceId, StreamId, UserId};
use nexus_crdt::timeline::TimelineEntry;
use nexus_crypto::{Mark, MarkKey};
use std::collections::BTreeSet;

/// The store failed or holds what it cannot hold. The shell reopens it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("store: {0}")]
pub struct StoreFault(pub String);

/// Numbers of a space, as `status` prints them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpaceCount {
    /// Ops of all streams.
    pub ops: u64,
    /// Ops written here and handed to nobody yet.
    pub outbox: u64,
}

/// What can be read. All of it sees what this batch appended before.
pub trait Store {
    /// An op by its id.
    ///
    /// # Errors
    /// [`StoreFault`], as every method here.
    fn op(&self, id: &OpId) -> Result<Option<StoredOp>, StoreFault>;
    /// Whether an op is here.
    fn has_op(&self, id: &OpId) -> Result<bool, StoreFault>;
    /// Every op of a stream in (hlc, id) order. For identity, governance and membership, at load.
    fn stream_ops(&self, space: &SpaceId, stream: &StreamId) -> Result<Vec<StoredOp>, StoreFault>;
    /// The key by which this store's marks are made and known.
    fn mark_key(&self) -> &MarkKey;
    /// Where marked ops of a stream stand, with their marks, in the order of the stream. For identity, governance and membership, at load.
    fn marks(&self, space: &SpaceId, stream: &StreamId) -> Result<Vec<(Spot, Mark)>, StoreFault>;
    /// Every space here, identities included.
    fn spaces(&self) -> Result<Vec<SpaceId>, StoreFault>;
    /// The last op of a log (of forks: the highest (seq, id)).
    fn log_head(&self, log: &LogId) -> Result<Option<LogEntry>, StoreFault>;
    /// The ops of a log at one seq: one, or more where it forked.
    fn log_at(&self, log: &LogId, seq: u64) -> Result<Vec<LogEntry>, StoreFault>;
    /// Every log of a device in a space.
    fn logs_of(&self, space: &SpaceId, device: &DeviceKey) -> Result<Vec<LogId>, StoreFault>;
    /// The ops of a log from `seq` on, at most `limit`.
    fn log_from(&self, log: &LogId, seq: u64, limit: usize) -> Result<Vec<LogEntry>, StoreFault>;
    /// A message's row.
    fn message(&self, stream: &StreamId, id: &OpId) -> Result<Option<MessageRow>, StoreFault>;
    /// A message by its number in a channel.
    fn message_by_number(&self, stream: &StreamId, number: Snowflake) -> Result<Option<OpId>, StoreFault>;
    /// Messages by number: `from` (inclusive) towards older or newer, void ones included, at most `limit`.
    fn messages(
        &self,
        stream: &StreamId,
        from: Snowflake,
        older: bool,
        limit: usize,
    ) -> Result<Vec<MessageRow>, StoreFault>;
    /// Every act on a message.
    fn acts(&self, stream: &StreamId, message: &OpId, message_hlc: Hlc) -> Result<Vec<ActRow>, StoreFault>;
    /// Messages that have a pin act, in any order (few).
    fn pinned(&self, stream: &StreamId) -> Result<Vec<OpId>, StoreFault>;
    /// Messages, by their streams, that an act has shown in the thread of that stream, whether it counts or not.
    fn moved_into(&self, thread: &StreamId) -> Result<BTreeSet<(StreamId, OpId)>, StoreFault>;
    /// How much was said in a thread.
    fn tally(&self, stream: &StreamId) -> Result<Tally, StoreFault>;
    /// The ops that a stream's registers hold, in any order.
    fn notes(&self, stream: &StreamId) -> Result<Vec<(Hlc, OpId)>, StoreFault>;
    /// The valid messages of a stream in (hlc, op id) order, for its hash. Calls `each` for every one.
    fn timeline(&self, stream: &StreamId, each: &mut dyn FnMut(TimelineEntry)) -> Result<(), StoreFault>;
    /// A frontier's heads.
    fn frontier(&self, id: &FrontierId) -> Result<Option<Vec<OpId>>, StoreFault>;
    /// Every frontier known.
    fn frontiers(&self) -> Result<Vec<Vec<OpId>>, StoreFault>;
    /// Every log that forked.
    fn forks(&self) -> Result<Vec<LogId>, StoreFault>;
    /// Every number of the program-wide scope.
    fn snowflakes(&self) -> Result<Vec<(Snowflake, OpId)>, StoreFault>;
    /// Every token.
    fn tokens(&self) -> Result<Vec<(TokenHash, UserId)>, StoreFault>;
    /// Every secret.
    fn secrets(&self) -> Result<Vec<Secret>, StoreFault>;
    /// Whose node this is.
    fn owner(&self) -> Result<Option<UserId>, StoreFault>;
    /// This store's name.
    fn epoch(&self) -> Result<[u8; 16], StoreFault>;
    /// The life of the program that numbered an arrival of a space's feed: its first number there, and its name. Of what was numbered
    /// before lives had names, none.
    fn life_at(&self, space: &SpaceId, at: Arrival) -> Result<Option<(Arrival, [u8; 16])>, StoreFault>;
    /// The newest arrival of a space's feed.
    fn last_arrival(&self, space: &SpaceId) -> Result<Arrival, StoreFault>;
    /// What arrived after a place in a space's feed, in order, at most `limit`.
    fn arrivals(
        &self,
        space: &SpaceId,
        after: Arrival,
        limit: usize,
    ) -> Result<Vec<(Arrival, OpId)>, StoreFault>;
    /// The first arrival of a space's feed that was written here and that nobody else is known to hold.
    fn outbox_from(&self, space: &SpaceId) -> Result<Option<Arrival>, StoreFault>;
    /// How far this store is in a peer's feed.
    fn cursor(&self, peer: &PeerKey, space: &SpaceId) -> Result<Option<Cursor>, StoreFault>;
    /// Every stream of a space with its sum, ascending.
    fn stream_sums(&self, space: &SpaceId) -> Result<Vec<(StreamId, StreamSum)>, StoreFault>;
    /// Ops of a stream in (hlc, id) order after a place in it, at most `limit`.
    fn stream_page(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        after: Option<(Hlc, OpId)>,
        limit: usize,
    ) -> Result<Vec<StoredOp>, StoreFault>;
    /// The op of a stream whose id has this head.
    fn op_headed(&self, space: &SpaceId, stream: &StreamId, head: &Head) -> Result<Option<OpId>, StoreFault>;
    /// Where ops stand in a range of a stream, ascending, at most `limit`.
    fn spots(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        range: &Range,
        limit: usize,
    ) -> Result<Vec<Spot>, StoreFault>;
    /// Where the last op before a spot of a stream stands.
    fn spot_before(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        spot: &Spot,
    ) -> Result<Option<Spot>, StoreFault>;
    /// What is in a range of a stream.
    fn range_sum(&self, space: &SpaceId, stream: &StreamId, range: &Range) -> Result<SetSum, StoreFault> {
        Ok(self.range_sums(space, stream, std::slice::from_ref(range))?.iter().collect())
    }
    /// What is in each of these ranges of a stream, which ascend and share nothing: where they adjoin, at one reading.
    fn range_sums(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        ranges: &[Range],
    ) -> Result<Vec<SetSum>, StoreFault> {
        let sum = |range| Ok(self.pieces(space, stream, range, 1)?.iter().map(|piece| &piece.sum).collect());
        ranges.iter().map(sum).collect()
    }
    /// A range of a stream in pieces and their sums: as few as it keeps sums for, but as many as are wanted where it holds so
    /// many ops. A store that keeps none has a piece for each op.
    fn pieces(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        range: &Range,
        _wanted: usize,
    ) -> Result<Vec<Piece>, StoreFault> {
        let spots = self.spots(space, stream, range, usize::MAX)?;
        Ok(spots.into_iter().map(|from| Piece { from, sum: SetSum::of(&from.head) }).collect())
    }
    /// Every stream that is not held whole, with its gaps.
    fn gaps(&self) -> Result<Vec<StreamGaps>, StoreFault>;
    /// Whether this store has never held more than what is viewed.
    fn holds_viewed(&self) -> Result<bool, StoreFault>;
    /// Acts that are here without the message they act on, ascending.
    fn orphans(&self, message: &OpId) -> Result<Vec<OpId>, StoreFault>;
    /// Ops that stand on a gap, in an order of this store's own, after one of them; at most `limit`.
    fn standing(&self, after: Option<&Standing>, limit: usize) -> Result<Vec<Standing>, StoreFault>;
    /// Whether an op is one of them.
    fn stands(&self, standing: &Standing) -> Result<bool, StoreFault>;
    /// Ops that wait, in any order.
    fn waiting(&self) -> Result<Vec<StoredOp>, StoreFault>;
    /// Base URLs of home relays, ascending.
    fn home_relays(&self) -> Result<Vec<String>, StoreFault>;
    /// Accounts here whose device must write no more, ascending.
    fn set_back(&self) -> Result<Vec<UserId>, StoreFault>;
    /// Messages whose bodies are to be destroyed, in an order of this store's own, after one of them; at most `limit`.
    fn erasures(&self, after: Option<&Erasure>, limit: usize) -> Result<Vec<Erasure>, StoreFault>;
    /// Numbers of a space.
    fn count(&self, space: &SpaceId) -> Result<SpaceCount, StoreFault>;
}
