//! Discord's public types, as clients send them. Imports nothing of Nexus, so that an SDK can stand on it alone.
//!
//! A field that may be left out, and one that may be null, are different things in an edit: the second is
//! `Option<Option<T>>`, read by [`given`]. Where they are the same, [`null_as_absent`] reads both. Ids come as text or as numbers, whichever a library prefers: [`Number`].

#![warn(missing_docs)]

mod channel;
mod embed;
mod mentions;
mod message;
mod number;
mod role;

pub use channel::{Channel, Overwrite, Reaction, Tag};
pub use embed::{Embed, EmbedAuthor, EmbedField, EmbedFooter, EmbedMedia};
pub use mentions::AllowedMentions;
pub use message::MessageReference;
pub use number::{Number, given, null_as_absent};
pub use role::{Role, RoleColors};
