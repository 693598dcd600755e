//! Inputs and effects: every cause of work is one variant, every deed another.

use crate::change::Change;
use crate::command::refusal::Refusal;
use crate::command::{Command, Reply};
use crate::store::{Arrival, Cursor, GapChange, PeerKey, Range, Record, Store};
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_crdt::op::Op;
use nexus_crypto::{Signed, Verified};

/// Ties a reply to who waits for it; the shell's own number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ticket(pub u64);

/// A cause of work.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input {
    /// Somebody at the window asks for something.
    Command {
        /// Whom the reply goes to.
        ticket: Ticket,
        /// Who asks; none only for [`Command::Setup`].
        actor: Option<UserId>,
        /// What.
        command: Box<Command>,
    },
    /// Ops from elsewhere, as they came from the wire; frontiers they cite may come as `heads`.
    Ops {
        /// Ops, any order, of any age.
        ops: Vec<Arriving>,
        /// Governance heads behind cited frontiers.
        frontiers: Vec<Vec<nexus_crdt::id::OpId>>,
        /// Where in a peer's feed they bring this store; written with them, or not at all.
        cursor: Option<Advance>,
        /// What is held of streams from now on: gaps open before the ops are taken in, and close behind them.
        gaps: Vec<GapChange>,
    },
    /// From now on what is viewed is held, from a start at which nothing was; or everything is.
    HoldsViewed(bool),
    /// What was said elsewhere in a range of a channel is to be held no more: of its first [`crate::LET_GO_MAX`] ops, what
    /// nobody here wrote and nothing that stays needs.
    LetGo {
        /// The space.
        space: SpaceId,
        /// The channel's stream.
        stream: nexus_crdt::id::StreamId,
        /// Which of it.
        range: Range,
    },
    /// A peer holds what this store gave it of a space, up to an arrival.
    HandedOver {
        /// Whose feed.
        space: SpaceId,
        /// How far.
        upto: Arrival,
    },
    /// The store is a copy that was put in the place of a later one, or beside it.
    SetBack,
    /// Files that so many destroyed bodies had named are removed, or are named by others that are here.
    FilesSettled(Vec<([u8; 32], u64)>),
    /// Somebody has told all the accounts they know, and they are here.
    Told,
    /// Somebody elsewhere is writing.
    Heard {
        /// Where.
        space: SpaceId,
        /// Where in it.
        channel: ChannelId,
        /// Who.
        user: UserId,
    },
    /// Time has passed: parked ops may be due. At least once a minute.
    Tick,
}

/// How far ops bring this store in a peer's feed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Advance {
    /// Whose feed.
    pub peer: PeerKey,
    /// Of which space.
    pub space: SpaceId,
    /// It is kept only where the store is that far already, so that nothing between is passed over. None: the feed's start.
    pub after: Option<Cursor>,
    /// How far.
    pub upto: Cursor,
}

/// An op at the second door.
#[derive(Clone, Debug)]
pub enum Arriving {
    /// As it came from the wire.
    Bytes(Vec<u8>),
    /// Decoded, and here before, as far as who decoded it can tell: it costs no signature.
    Claimed(Box<Signed<Op>>),
    /// Decoded and verified already, beside the loop: the type proves it.
    Verified(Box<Verified<Op>>),
}

/// What became of ops from elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Taken {
    /// New here, valid or void.
    pub admitted: u32,
    /// Here before.
    pub known: u32,
    /// Kept until what they cite is here, or until they are due.
    pub waiting: u32,
    /// Refused, and why in a word for each; never with its content.
    pub refused: Vec<&'static str>,
}

impl Taken {
    /// Whether everything could be kept that may be kept: what was refused for want of room, or because the clock here is far behind,
    /// must be given again.
    #[must_use]
    pub fn had_room(&self) -> bool {
        !self.refused.iter().any(|reason| NO_ROOM.contains(reason))
    }

    /// What else those are told whose batches were written together with this: whether there was room.
    #[must_use]
    pub fn of_the_rest(&self) -> Self {
        let refused = self.refused.iter().filter(|reason| NO_ROOM.contains(reason)).copied().collect();
        Self { refused, ..Self::default() }
    }

    /// Ops that nobody honest gives. (Who holds a log in part may have been shown what does not follow in it.)
    #[must_use]
    pub fn impossible(&self) -> usize {
        let in_good_faith = |reason: &&&str| NO_ROOM.contains(reason) || MISPLACED.contains(reason);
        self.refused.iter().filter(|reason| !in_good_faith(reason)).count()
    }
}

/// Why an op is refused that a peer may well send: this side has no room for it now, or its clock is behind.
const NO_ROOM: [&str; 3] = ["too many ops wait", "too many ops ahead of time", "more than a day ahead"];

/// Why an op is refused that whoever holds its log in part cannot know to be wrong.
const MISPLACED: [&str; 2] = [NOT_BEHIND, OF_ANOTHER_LOG];
pub(crate) const NOT_BEHIND: &str = "does not follow prev";
pub(crate) const OF_ANOTHER_LOG: &str = "prev is of another log";

/// What a decision may look at besides its input.
pub struct Env<'a> {
    /// Wall clock, Unix ms.
    pub now_ms: u64,
    /// 64 fresh random bytes for this input; the core stretches them by BLAKE3 and never uses them twice.
    pub entropy: [u8; 64],
    /// The store, with everything that was appended so far.
    pub store: &'a dyn Store,
}

/// A deed, to be done in list order.
#[derive(Debug)]
#[non_exhaustive]
pub enum Effect {
    /// Write these, all or none; durable before anything that follows.
    Append(Vec<Record>),
    /// Answer who waits.
    Reply {
        /// Whom.
        ticket: Ticket,
        /// With what.
        outcome: Result<Reply, Refusal>,
    },
    /// Tell the sessions.
    Publish(Vec<Change>),
    /// What became of ops from elsewhere: those of this input, and those that had waited for them.
    Taken(Taken),
}

/// Deeds in order.
pub type Effects = Vec<Effect>;
