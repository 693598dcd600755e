//! What a filter caught.

use crate::snowflake::Snowflake;
use nexus_crdt::body::rich_text::{Refs, RichText};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};

/// What a filter caught, told to who looks after the guild.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caught {
    /// The guild.
    pub space: SpaceId,
    /// Which filter.
    pub filter: OpId,
    /// Who said it.
    pub user: UserId,
    /// Where.
    pub channel: ChannelId,
    /// The message, where it was let through.
    pub message: Option<Snowflake>,
    /// The alert, where there is one.
    pub alert: Option<Snowflake>,
    /// What was said.
    pub text: RichText,
    /// What it mentions.
    pub refs: Refs,
    /// The word or pattern; empty where it was none.
    pub keyword: String,
    /// What of the text it found, in lower case.
    pub matched: String,
}
