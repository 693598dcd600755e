//! What the core asks a store to write.

use super::{
    ActRow, Arrival, Cursor, Erasure, Gaps, LogId, MessageRow, Passing, PeerKey, Secret, Standing, StoredOp,
    Tally, TokenHash,
};
use crate::snowflake::Snowflake;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{FrontierId, OpId, SpaceId, StreamId, UserId};
use nexus_crypto::Mark;
use std::sync::Arc;

/// One thing to write. Rows replace the row of the same key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Record {
    /// An op, new here. `mine`: written on this node (for the outbox).
    Op {
        /// The op.
        op: Arc<StoredOp>,
        /// Written here.
        mine: bool,
    },
    /// Everything that is signed in an op that is here was checked: by its mark it is known at a start.
    Marked {
        /// Which.
        op: OpId,
        /// By this store's own key.
        mark: Mark,
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
    /// The name under which what arrives in a space's feed is numbered from now on. Of more than [`super::LIVES_MAX`] the oldest is
    /// forgotten: what it numbered is known by the store's own name.
    Life {
        /// The space; the one with no name for accounts.
        space: SpaceId,
        /// The name.
        epoch: [u8; 16],
    },
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
