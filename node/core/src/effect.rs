//! Inputs and effects: every cause of work is one variant, every deed another.

use crate::change::Change;
use crate::command::{Command, Refusal, Reply};
use crate::store::{Record, Store};
use nexus_crdt::id::UserId;

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
        /// Encoded ops, any order, of any age.
        ops: Vec<Vec<u8>>,
        /// Governance heads behind cited frontiers.
        frontiers: Vec<Vec<nexus_crdt::id::OpId>>,
    },
    /// Time has passed: parked ops may be due. At least once a minute.
    Tick,
}

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
    /// Offer ops to other holders, encoded. No network takes them yet but the simulator's.
    Offer {
        /// Encoded ops.
        ops: Vec<Vec<u8>>,
        /// Heads of the frontiers they cite.
        frontiers: Vec<Vec<nexus_crdt::id::OpId>>,
    },
    /// An op from elsewhere was refused, and why in one word; for counters, never with its content.
    Refused {
        /// Why.
        reason: &'static str,
    },
}

/// Deeds in order.
pub type Effects = Vec<Effect>;
