//! An event as it is handed to gateway sessions: made once, shared by all of them.

use super::intents::Intents;
use nexus_core::Snowflake;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;
use serde::Serialize;
use std::sync::Arc;

macro_rules! events {
    ($($variant:ident = $name:literal,)*) => {
        /// The name of an event that this server can send.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum EventName { $(#[doc = $name] $variant,)* }

        impl EventName {
            /// Every one of them; each has a schema.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As it stands in a frame's `t`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

events! {
    Ready = "READY",
    Resumed = "RESUMED",
    GuildCreate = "GUILD_CREATE",
    GuildUpdate = "GUILD_UPDATE",
    GuildDelete = "GUILD_DELETE",
    GuildRoleCreate = "GUILD_ROLE_CREATE",
    GuildRoleUpdate = "GUILD_ROLE_UPDATE",
    GuildRoleDelete = "GUILD_ROLE_DELETE",
    ChannelCreate = "CHANNEL_CREATE",
    ChannelUpdate = "CHANNEL_UPDATE",
    ChannelDelete = "CHANNEL_DELETE",
    ChannelInfo = "CHANNEL_INFO",
    ChannelRecipientAdd = "CHANNEL_RECIPIENT_ADD",
    ChannelRecipientRemove = "CHANNEL_RECIPIENT_REMOVE",
    ChannelPinsUpdate = "CHANNEL_PINS_UPDATE",
    ThreadCreate = "THREAD_CREATE",
    ThreadUpdate = "THREAD_UPDATE",
    ThreadDelete = "THREAD_DELETE",
    ThreadListSync = "THREAD_LIST_SYNC",
    ThreadMemberUpdate = "THREAD_MEMBER_UPDATE",
    ThreadMembersUpdate = "THREAD_MEMBERS_UPDATE",
    AutoModerationRuleCreate = "AUTO_MODERATION_RULE_CREATE",
    AutoModerationRuleUpdate = "AUTO_MODERATION_RULE_UPDATE",
    AutoModerationRuleDelete = "AUTO_MODERATION_RULE_DELETE",
    AutoModerationActionExecution = "AUTO_MODERATION_ACTION_EXECUTION",
    GuildEmojisUpdate = "GUILD_EMOJIS_UPDATE",
    GuildScheduledEventCreate = "GUILD_SCHEDULED_EVENT_CREATE",
    GuildScheduledEventUpdate = "GUILD_SCHEDULED_EVENT_UPDATE",
    GuildScheduledEventDelete = "GUILD_SCHEDULED_EVENT_DELETE",
    GuildScheduledEventUserAdd = "GUILD_SCHEDULED_EVENT_USER_ADD",
    GuildScheduledEventUserRemove = "GUILD_SCHEDULED_EVENT_USER_REMOVE",
    GuildIntegrationsUpdate = "GUILD_INTEGRATIONS_UPDATE",
    IntegrationCreate = "INTEGRATION_CREATE",
    IntegrationUpdate = "INTEGRATION_UPDATE",
    IntegrationDelete = "INTEGRATION_DELETE",
    GuildMemberAdd = "GUILD_MEMBER_ADD",
    GuildMemberUpdate = "GUILD_MEMBER_UPDATE",
    GuildMemberRemove = "GUILD_MEMBER_REMOVE",
    GuildMembersChunk = "GUILD_MEMBERS_CHUNK",
    GuildAuditLogEntryCreate = "GUILD_AUDIT_LOG_ENTRY_CREATE",
    GuildBanAdd = "GUILD_BAN_ADD",
    GuildBanRemove = "GUILD_BAN_REMOVE",
    InviteCreate = "INVITE_CREATE",
    InviteDelete = "INVITE_DELETE",
    MessageCreate = "MESSAGE_CREATE",
    MessageUpdate = "MESSAGE_UPDATE",
    MessageDelete = "MESSAGE_DELETE",
    MessageDeleteBulk = "MESSAGE_DELETE_BULK",
    MessageReactionAdd = "MESSAGE_REACTION_ADD",
    MessageReactionRemove = "MESSAGE_REACTION_REMOVE",
    MessageReactionRemoveAll = "MESSAGE_REACTION_REMOVE_ALL",
    MessageReactionRemoveEmoji = "MESSAGE_REACTION_REMOVE_EMOJI",
    MessagePollVoteAdd = "MESSAGE_POLL_VOTE_ADD",
    MessagePollVoteRemove = "MESSAGE_POLL_VOTE_REMOVE",
    MessageAck = "MESSAGE_ACK",
    UserSettingsUpdate = "USER_SETTINGS_UPDATE",
    UserGuildSettingsUpdate = "USER_GUILD_SETTINGS_UPDATE",
    RelationshipAdd = "RELATIONSHIP_ADD",
    RelationshipRemove = "RELATIONSHIP_REMOVE",
    WebhooksUpdate = "WEBHOOKS_UPDATE",
    InteractionCreate = "INTERACTION_CREATE",
    InteractionSuccess = "INTERACTION_SUCCESS",
    InteractionFailure = "INTERACTION_FAILURE",
    InteractionModalCreate = "INTERACTION_MODAL_CREATE",
    CommandPermissionsUpdate = "APPLICATION_COMMAND_PERMISSIONS_UPDATE",
    CommandAutocomplete = "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE",
    NexusActionVoid = "NEXUS_ACTION_VOID",
    NexusDraftUpdate = "NEXUS_DRAFT_UPDATE",
    NexusMessageVoid = "NEXUS_MESSAGE_VOID",
    NexusStanding = "NEXUS_STANDING",
    TypingStart = "TYPING_START",
    PresenceUpdate = "PRESENCE_UPDATE",
    VoiceStateUpdate = "VOICE_STATE_UPDATE",
    VoiceChannelStatusUpdate = "VOICE_CHANNEL_STATUS_UPDATE",
    UserUpdate = "USER_UPDATE",
}

/// An event's name and its `d`, serialised once for everybody.
#[derive(Debug)]
pub(crate) struct Payload {
    /// What happened.
    pub(crate) name: EventName,
    /// Its `d` as JSON.
    pub(crate) data: Box<str>,
    /// The message that stands in it.
    pub(crate) said: Option<Said>,
}

/// A message in an event, and the event without what it says.
#[derive(Debug)]
pub(crate) struct Said {
    /// Where.
    pub(crate) channel: ChannelId,
    /// Which.
    pub(crate) message: Snowflake,
    /// Content, embeds, attachments and components emptied.
    pub(crate) emptied: Arc<Payload>,
}

impl Payload {
    /// Serialises. Our own types have no maps with odd keys, so it cannot fail; a `null` would show in every test.
    pub(crate) fn new(name: EventName, data: &impl Serialize) -> Arc<Self> {
        let data = serde_json::to_string(data).unwrap_or_else(|_| String::from("null"));
        Arc::new(Self { name, data: data.into_boxed_str(), said: None })
    }

    /// The same, of an event that tells a message.
    pub(crate) fn telling(name: EventName, data: &impl Serialize, said: Said) -> Arc<Self> {
        let data = serde_json::to_string(data).unwrap_or_else(|_| String::from("null"));
        Arc::new(Self { name, data: data.into_boxed_str(), said: Some(said) })
    }
}

/// Who may hear of an event at all.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Scope {
    /// Members of a guild or conversation.
    Members(SpaceId),
    /// Members of a guild who have all of these permissions in a channel.
    Channel(SpaceId, ChannelId, Permissions),
    /// Members of a guild who have all of these permissions in it.
    Holders(SpaceId, Permissions),
    /// One account.
    User(UserId),
}

impl Scope {
    /// Whoever may see a channel.
    pub(crate) const fn viewers(space: SpaceId, channel: ChannelId) -> Self {
        Self::Channel(space, channel, Permissions::VIEW_CHANNEL)
    }

    /// The guild or conversation it is about.
    pub(crate) const fn space(&self) -> Option<&SpaceId> {
        match self {
            Self::Members(space) | Self::Channel(space, ..) | Self::Holders(space, _) => Some(space),
            Self::User(_) => None,
        }
    }
}

/// One event with its rule of audience.
#[derive(Debug)]
pub(crate) struct Event {
    /// Who may hear of it.
    pub(crate) scope: Scope,
    /// Which intents one must have asked for.
    pub(crate) intents: Intents,
    /// Whom it concerns: they hear of it without the intent. (Their own membership.)
    pub(crate) concerns: Option<UserId>,
    /// Who hears something else instead.
    pub(crate) except: Option<UserId>,
    /// What they hear.
    pub(crate) payload: Arc<Payload>,
    /// What they hear without the MESSAGE_CONTENT intent.
    pub(crate) sparse: Option<Sparse>,
}

/// A message without what it says, and who gets all of it all the same.
#[derive(Debug)]
pub(crate) struct Sparse {
    /// Content, embeds, attachments and components emptied.
    pub(crate) payload: Arc<Payload>,
    /// Its author, and whom it mentions.
    pub(crate) exempt: Vec<UserId>,
}

impl Event {
    /// An event for everybody in its scope who asked for the intents.
    pub(crate) const fn new(scope: Scope, intents: Intents, payload: Arc<Payload>) -> Self {
        Self { scope, intents, concerns: None, except: None, payload, sparse: None }
    }

    /// What an account with these intents hears of it, given that it is in scope.
    pub(crate) fn heard_by(&self, user: &UserId, intents: Intents) -> Option<&Arc<Payload>> {
        if self.except.as_ref() == Some(user) {
            return None;
        }
        if !intents.has(self.intents) && self.concerns.as_ref() != Some(user) {
            return None;
        }
        match &self.sparse {
            Some(sparse) if !intents.has(Intents::MESSAGE_CONTENT) && !sparse.exempt.contains(user) => {
                Some(&sparse.payload)
            }
            _ => Some(&self.payload),
        }
    }
}
