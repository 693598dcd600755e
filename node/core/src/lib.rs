//! The node as a function: [`Core::handle`]`(Input, &Env) -> Effects`.
//!
//! It decides everything and does nothing: the clock, the random source and the store come in as arguments;
//! what is to be done goes out as a list, to be carried out in its order. The same inputs with the same `Env`
//! give the same effects, byte for byte.
//!
//! **Run loop contract.** The shell takes a batch of inputs. For each, it calls `handle` with a store that shows
//! what was appended so far (durable or not), and applies `Effect::Append` at once to that same store. When the
//! batch is through, it makes the store durable *first*; only then does it swap in [`Core::view`], and carries out
//! the other effects in list order. If that fails, the core is dropped and loaded anew: it is ahead of the disk.

mod address;
mod base_url;
pub mod bounds;
mod caught;
mod change;
mod command;
mod core;
mod effect;
mod invite;
mod message;
mod snowflake;
pub mod store;
pub mod sync;
mod view;

pub use self::core::{Core, DeviceProof, LET_GO_MAX, LoadError, PROOFS_MAX, merged};
pub use address::{Addresses, NotDialable, PeerAddress, is_near};
pub use base_url::{BaseUrl, NotABase};
pub use caught::Caught;
pub use change::Change;
pub use command::draft::{
    BotInstall, ChannelDraft, ChannelPatch, ForumDraft, MemberPatch, OfferDraft, RoleDraft, RolePatch,
    ThreadDraft,
};
pub use command::message::{Extras, MessageDraft, MessageEdit};
pub use command::recovery_key::RecoveryKey;
pub use command::refusal::{Refusal, Thing};
pub use command::{Command, Reply};
pub use effect::{Advance, Arriving, Effect, Effects, Env, Input, Taken, Ticket};
pub use invite::{Holder, InviteCode, InviteUrl, LET_IN_WITHIN, NotAnInvite};
pub use message::{Message, Replied, read, unreadable};
pub use snowflake::{DISCORD_EPOCH_MS, Snowflake, Snowflakes};
pub use store::{
    ActRow, Arrival, Cursor, Erasure, LogEntry, LogId, MemoryStore, MessageRow, Passing, PeerKey, Record,
    Secret, SetSum, SpaceCount, Store, StoreFault, StoredOp, StreamSum, Tally, TokenHash,
};
pub use view::{Application, NoteKey, Noted, User, View};
