//! What an op did, in the words a screen needs. What a gateway session dispatches is made from these.

use crate::caught::Caught;
use crate::message::Message;
use crate::snowflake::Snowflake;
use crate::view::NoteKey;
use nexus_crdt::guild::{Channel, Filter, Invite, Member};
use nexus_crdt::id::{ChannelId, OpId, RoleId, SpaceId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::verdict::VoidReason;
use std::sync::Arc;

/// One change of the projection. Deleted things travel whole: the view no longer has them.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Change {
    /// A guild or conversation is held here from now on.
    GuildCreated { space: SpaceId },
    /// Its settings changed.
    GuildUpdated { space: SpaceId },
    /// Its emoji are others than before.
    EmojisUpdated { space: SpaceId },
    /// Who may ask a bot for one of its offers, or for all of them (none), is said otherwise than before.
    OfferAccessUpdated { space: SpaceId, application: UserId, offer: Option<OpId> },
    /// A filter is there.
    FilterCreated { space: SpaceId, filter: OpId },
    /// A filter changed.
    FilterUpdated { space: SpaceId, filter: OpId },
    /// A filter is gone.
    FilterDeleted { space: SpaceId, filter: Arc<Filter> },
    /// A filter caught something.
    Caught { caught: Arc<Caught> },
    /// A role is there.
    RoleCreated { space: SpaceId, role: RoleId },
    /// A role changed.
    RoleUpdated { space: SpaceId, role: RoleId },
    /// A role is gone; `api_id` is the number it had.
    RoleDeleted { space: SpaceId, role: RoleId },
    /// A channel is there.
    ChannelCreated { space: SpaceId, channel: ChannelId },
    /// A channel or its overwrites changed.
    ChannelUpdated { space: SpaceId, channel: ChannelId },
    /// A channel is gone.
    ChannelDeleted { space: SpaceId, channel: Arc<Channel> },
    /// Somebody follows a thread, or looks forward to an event (`thread` is its), or no longer.
    ThreadFollowed { space: SpaceId, thread: ChannelId, user: UserId, following: bool },
    /// Somebody is in. For themselves this begins the guild.
    MemberJoined { space: SpaceId, user: UserId },
    /// Nickname, roles or what others have done about them changed.
    MemberUpdated { space: SpaceId, user: UserId },
    /// Somebody's voice or hearing in voice channels was taken or given back. Beside a [`Change::MemberUpdated`].
    Silenced { space: SpaceId, user: UserId },
    /// Somebody is out. For themselves this ends the guild.
    MemberLeft { space: SpaceId, member: Arc<Member> },
    /// Somebody is banned.
    BanAdded { space: SpaceId, user: UserId },
    /// Somebody may come back.
    BanRemoved { space: SpaceId, user: UserId },
    /// An invite is there.
    InviteCreated { space: SpaceId, invite: Arc<Invite> },
    /// An invite is gone.
    InviteDeleted { space: SpaceId, invite: Arc<Invite> },
    /// A message is there (written, arrived, or valid again).
    MessageCreated { message: Arc<Message> },
    /// A message's text, embeds or flags changed.
    MessageUpdated { message: Arc<Message> },
    /// A message is shown elsewhere: in a thread of its channel, or in the channel again. Where that thread is gone, it was
    /// nowhere to be seen before.
    MessageMoved { message: Arc<Message>, from: Option<ChannelId> },
    /// A message is gone (deleted, or void).
    MessageDeleted { space: SpaceId, channel: ChannelId, id: OpId, api_id: Snowflake },
    /// Two or more messages of a channel are gone at one stroke.
    MessagesDeleted { space: SpaceId, channel: ChannelId, messages: Vec<(OpId, Snowflake)> },
    /// What authority made of a message that had counted: its author is told why it is gone.
    MessageVoided {
        space: SpaceId,
        channel: ChannelId,
        api_id: Snowflake,
        author: UserId,
        reason: VoidReason,
    },
    /// An act of governance counts for nothing, or no longer: its author is told why.
    ActVoided { space: SpaceId, op: OpId, author: UserId, kind: Kind, reason: VoidReason },
    /// Somebody governed: an act that counts is here. Told of the latest 64 of what comes at once.
    Governed { space: SpaceId, op: OpId },
    /// What was written here of a space is held by somebody else too, or some more of it: the outbox fell.
    HandedOver { space: SpaceId },
    /// A reaction is there.
    ReactionAdded {
        space: SpaceId,
        channel: ChannelId,
        message: Snowflake,
        message_author: UserId,
        user: UserId,
        emoji: String,
    },
    /// A reaction is gone.
    ReactionRemoved { space: SpaceId, channel: ChannelId, message: Snowflake, user: UserId, emoji: String },
    /// All reactions of a message, or all of one emoji, are gone.
    ReactionsCleared { space: SpaceId, channel: ChannelId, message: Snowflake, emoji: Option<String> },
    /// Somebody gave an answer to a poll, or took it back.
    PollVoted {
        space: SpaceId,
        channel: ChannelId,
        message: Snowflake,
        user: UserId,
        answer: u8,
        given: bool,
    },
    /// A register of somebody's holds something else than before.
    Noted { user: UserId, key: NoteKey },
    /// A channel's webhooks are others than before.
    WebhooksUpdated { space: SpaceId, channel: ChannelId },
    /// The set of pinned messages changed.
    PinsUpdated { space: SpaceId, channel: ChannelId },
    /// Somebody is writing. Never stored.
    Typing { space: SpaceId, channel: ChannelId, user: UserId, at_ms: u64 },
    /// An account's name or face changed.
    UserUpdated { user: UserId },
}
