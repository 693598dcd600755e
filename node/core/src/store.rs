//! What the core asks of a store, and what it asks it to write. The shell brings redb, the simulator a map.

pub mod conformance;
mod feed;
mod gap;
mod memory;
mod overlay;
mod rot;
mod sum;

pub use feed::{Arrival, Cursor, PeerKey, StreamSum, feed_of};
pub use gap::{GAPS_MAX, GapChange, Gaps, StreamGaps};
pub use memory::MemoryStore;
pub(crate) use overlay::Overlay;
pub use rot::Rot;
pub use sum::{Head, Piece, Range, SetSum, Spot, head_of};

use crate::invite::InviteCode;
use crate::snowflake::Snowflake;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, FrontierId, OpId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::op::{self, Op};
use nexus_crdt::timeline::{self, Act, MessageState, TimelineEntry};
use nexus_crdt::verdict::Verdict;
use nexus_crypto::{SecretKey, Signature, Verified};

/// The store failed or holds what it cannot hold. The shell reopens it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("store: {0}")]
pub struct StoreFault(pub String);

/// One author device in one stream under one admission.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LogId {
    /// The space.
    pub space: SpaceId,
    /// The stream in it.
    pub stream: StreamId,
    /// Whose device.
    pub device: DeviceKey,
    /// Under which admission.
    pub tenure: Tenure,
}

/// A place in a log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LogEntry {
    /// Its number.
    pub seq: u64,
    /// The op.
    pub op: OpId,
    /// When it was written.
    pub hlc: Hlc,
}

/// BLAKE3 of a token's text. The text itself is never stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TokenHash(pub [u8; 32]);

/// An op as it is kept: its parts as they were signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredOp {
    /// Decoded.
    pub op: Op,
    /// As it was checked when it came in.
    pub signature: Signature,
}

impl StoredOp {
    /// A checked op, as it is kept.
    #[must_use]
    pub fn of(op: Verified<Op>) -> Self {
        let signature = *op.signature();
        Self { op: op.into_inner(), signature }
    }

    /// Checks it again, as it was checked when it came in: what a store gives back is no proof.
    ///
    /// # Errors
    /// [`StoreFault`] where it is not what was stored.
    pub fn verify(&self) -> Result<Verified<Op>, StoreFault> {
        let body = self.op.body.as_ref().map(|body| [body.salt.as_slice(), &body.bytes].concat());
        op::from_parts(&op::header_bytes(&self.op), self.signature, body.as_deref())
            .and_then(op::verify)
            .map_err(|error| StoreFault(format!("op {}: {error}", self.op.id.to_hex())))
    }

    /// As it goes on the wire.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        op::encode_parts(&self.op, &self.signature)
    }

    /// The log it stands in.
    #[must_use]
    pub fn log(&self) -> LogId {
        LogId::of(&self.op)
    }
}

impl LogId {
    /// The log an op stands in.
    #[must_use]
    pub fn of(op: &Op) -> Self {
        let header = &op.header;
        Self { space: op.space(), stream: header.stream, device: header.author, tenure: header.tenure }
    }
}

/// A message's row: where it stands and what number it has. Its text is in its op.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageRow {
    /// The space.
    pub space: SpaceId,
    /// The channel's stream.
    pub stream: StreamId,
    /// Its op.
    pub id: OpId,
    /// When it was written.
    pub hlc: Hlc,
    /// Whose it is.
    pub author: UserId,
    /// Its number in the channel.
    pub api_id: Snowflake,
    /// What authority says, as `Verdict::to_byte`: 0 counts.
    pub verdict: u8,
    /// Arrived late.
    pub late: bool,
}

/// An act's row, beside its message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActRow {
    /// The space.
    pub space: SpaceId,
    /// The channel's stream.
    pub stream: StreamId,
    /// The message it acts on ..
    pub message: OpId,
    /// .. and when that was written.
    pub message_hlc: Hlc,
    /// The act.
    pub act: Act,
    /// What authority says, as `Verdict::to_byte`.
    pub verdict: u8,
}

/// A secret this node keeps.
#[derive(Clone, Debug)]
pub enum Secret {
    /// The identity key of a local account.
    Identity(UserId, SecretKey),
    /// The device key of a local account.
    Device(UserId, SecretKey),
    /// The recovery key of the owner, until they have taken it away.
    Recovery(UserId, SecretKey),
    /// The code of an invite that was made here, or followed here.
    InviteCode(OpId, InviteCode),
    /// What the keys are made from that an account will have here, while it is being taken home.
    Claim(UserId, SecretKey),
    /// A recovery key that was used. It signs nothing any more, and opens what was handed to it.
    Spent(UserId, SecretKey),
}

/// A secret that is kept only until it has done its work.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Passing {
    /// The identity key of an account that was taken home.
    Identity(UserId),
    /// [`Secret::Claim`] of one that has arrived.
    Claim(UserId),
    /// The device key of an account that was erased.
    Device(UserId),
}

impl Passing {
    /// Whether this is the secret.
    #[must_use]
    pub fn is(&self, secret: &Secret) -> bool {
        match (self, secret) {
            (Self::Identity(user), Secret::Identity(of, _))
            | (Self::Claim(user), Secret::Claim(of, _))
            | (Self::Device(user), Secret::Device(of, _)) => user == of,
            _ => false,
        }
    }
}

impl ActRow {
    /// Writes a verdict down; the act counts only where it is valid.
    #[must_use]
    pub fn judged(mut self, verdict: Verdict) -> Self {
        self.verdict = verdict.to_byte();
        self.act.void = !verdict.is_valid();
        self
    }
}

impl MessageRow {
    /// This message's line in its channel's hash, given every act on it.
    #[must_use]
    pub fn timeline_entry(&self, acts: &[ActRow]) -> TimelineEntry {
        let state = fold(acts);
        TimelineEntry {
            hlc: self.hlc,
            id: self.id,
            deleted: state.deleted,
            edit: state.edit.map(|(_, edit)| edit),
        }
    }
}

/// What rows of acts make of their message.
#[must_use]
pub fn fold(acts: &[ActRow]) -> MessageState {
    if acts.is_empty() {
        return MessageState::default();
    }
    let acts: Vec<Act> = acts.iter().map(|row| row.act.clone()).collect();
    timeline::fold(&acts)
}

/// How much was said in a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Messages that are to be seen.
    pub shown: u64,
    /// .. and those that were taken away.
    pub said: u64,
}

/// A message whose bodies are to be destroyed, but not yet: somebody other than its author took it away.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Erasure {
    /// The space.
    pub space: SpaceId,
    /// The channel's stream.
    pub stream: StreamId,
    /// When the message was written.
    pub hlc: Hlc,
    /// The message.
    pub message: OpId,
    /// When at the latest, Unix ms.
    pub due_ms: u64,
}

/// An op of a channel that was taken in though the one before it in its log was not here, since it may lie in a gap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Standing {
    /// The space.
    pub space: SpaceId,
    /// The channel's stream.
    pub stream: StreamId,
    /// Where it stands there.
    pub spot: Spot,
}

impl Standing {
    /// An op's.
    #[must_use]
    pub fn of(op: &Op) -> Self {
        let spot = Spot::of(op.header.hlc, &op.id);
        Self { space: op.space(), stream: op.header.stream, spot }
    }
}

/// One thing to write. Rows replace the row of the same key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Record {
    /// An op, new here. `mine`: written on this node (for the outbox).
    Op {
        /// The op.
        op: Box<StoredOp>,
        /// Written here.
        mine: bool,
    },
    /// What a frontier's name stands for.
    Frontier(FrontierId, Vec<OpId>),
    /// A message's row, new or changed. Its op is here already: by it the row is found.
    Message(MessageRow),
    /// An act's row, new or changed.
    Act(ActRow),
    /// How much was said in a thread, by its stream.
    Tally(StreamId, Tally),
    /// Which op a register holds; none: nothing any more.
    Note {
        /// The stream it stands in.
        stream: StreamId,
        /// Its row's name.
        key: [u8; 16],
        /// When it was written, and which op.
        op: Option<(Hlc, OpId)>,
    },
    /// A number of the program-wide scope.
    Snowflake(Snowflake, OpId),
    /// Whom a token speaks for.
    Token(TokenHash, UserId),
    /// A token's end.
    TokenRevoked(TokenHash),
    /// A secret, never shown.
    Secret(Secret),
    /// A secret that is to be kept no longer.
    SecretGone(Passing),
    /// Whose node this is.
    Owner(UserId),
    /// A log that its author forked: two ops of one seq are here.
    Fork(LogId),
    /// How far this store is in a peer's feed of a space.
    Cursor {
        /// Whose feed.
        peer: PeerKey,
        /// Of which space; the one with no name for accounts.
        space: SpaceId,
        /// How far.
        cursor: Cursor,
    },
    /// Somebody else holds what was written here of a space, up to an arrival: it leaves the outbox.
    HandedOver {
        /// Which space's feed.
        space: SpaceId,
        /// The last of them.
        upto: Arrival,
    },
    /// An op that cannot be judged yet, or is not due; it is no part of its space.
    Waiting(Box<StoredOp>),
    /// .. and waits no longer: it is part of its space now, or was given up.
    NoLongerWaiting(OpId),
    /// A relay that this node's people use, by its base URL.
    HomeRelay(String),
    /// One they use no more.
    HomeRelayGone(String),
    /// Accounts here whose device must write no more, all of them: this store was set back to an older copy of itself.
    SetBack(Vec<UserId>),
    /// This store's name in cursors from now on: places in its feeds mean nothing any more.
    Epoch([u8; 16]),
    /// The gaps of a stream from now on; none: it is held whole.
    Gaps {
        /// The space.
        space: SpaceId,
        /// The stream in it.
        stream: StreamId,
        /// All of them.
        gaps: Gaps,
    },
    /// An act that is here without the message it acts on. Its row as an act ends this one.
    Orphan {
        /// The message.
        message: OpId,
        /// The act.
        act: OpId,
    },
    /// Whether this store has never held more than what is viewed: nobody counts on it for more.
    HoldsViewed(bool),
    /// Ops of a channel that are held no more, with what was made of them: rows of messages and of what acts on them.
    LetGo {
        /// The space.
        space: SpaceId,
        /// The channel's stream.
        stream: StreamId,
        /// Which.
        ops: Vec<OpId>,
        /// Rows of those among them that act on what stays.
        acts: Vec<ActRow>,
    },
    /// An op stands on a gap.
    Stands(Standing),
    /// .. and does no more: the one before it in its log is here, or it is not.
    StandsNoMore(Standing),
    /// The body of an op is to be destroyed: the op stays, without it.
    BodyDestroyed(OpId),
    /// A body that is destroyed named a file, by its hash: where no other names it, it goes too.
    FileToGo([u8; 32]),
    /// .. and that is done: it is gone, or another body names it. Where more bodies than these named it by now, it is not.
    FileSettled {
        /// Of its bytes.
        hash: [u8; 32],
        /// How many destroyed bodies had named it when that was looked at.
        bodies: u64,
    },
    /// A message's bodies are to be destroyed later. Its op is here; where this was written before, that stays.
    Erasure(Erasure),
    /// .. and that need not be remembered any more: they are, or the message stands again.
    ErasureOver(Erasure),
}

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
    /// This store's name in cursors.
    fn epoch(&self) -> Result<[u8; 16], StoreFault>;
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
        Ok(self.pieces(space, stream, range, 1)?.iter().map(|piece| &piece.sum).collect())
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
