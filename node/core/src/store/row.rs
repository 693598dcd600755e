//! What is kept beside the ops of a channel: its messages and what acts on them, how much was said, what is to be
//! destroyed, and what stands on a gap.

use super::Spot;
use crate::snowflake::Snowflake;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, SpaceId, StreamId, UserId};
use nexus_crdt::op::Op;
use nexus_crdt::timeline::{self, Act, MessageState, TimelineEntry};
use nexus_crdt::verdict::Verdict;

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

impl ActRow {
    /// Writes a verdict down; the act counts only where it is valid.
    #[must_use]
    pub fn judged(mut self, verdict: Verdict) -> Self {
        self.verdict = verdict.to_byte();
        self.act.void = !verdict.is_valid();
        self
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
