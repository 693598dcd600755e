//! Permission bits, with Discord's public numbers, so that a role means the same on both sides of the window.

/// A set of permissions.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, minicbor::Encode, minicbor::Decode,
)]
#[cbor(transparent)]
pub struct Permissions(#[n(0)] pub u64);

macro_rules! bits {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        impl Permissions { $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)* }
    };
}

bits! {
    /// Make invites.
    CREATE_INVITE = 0;
    /// Remove members, who may come back.
    KICK_MEMBERS = 1;
    /// Remove members for good.
    BAN_MEMBERS = 2;
    /// Everything, past every overwrite.
    ADMINISTRATOR = 3;
    /// Make, edit and delete channels.
    MANAGE_CHANNELS = 4;
    /// Edit the guild.
    MANAGE_GUILD = 5;
    /// Add reactions.
    ADD_REACTIONS = 6;
    /// Read the audit log.
    VIEW_AUDIT_LOG = 7;
    /// See a channel.
    VIEW_CHANNEL = 10;
    /// Write messages.
    SEND_MESSAGES = 11;
    /// Delete and pin the messages of others.
    MANAGE_MESSAGES = 13;
    /// Have links unfurled and send embeds.
    EMBED_LINKS = 14;
    /// Send files.
    ATTACH_FILES = 15;
    /// Read what was written before.
    READ_MESSAGE_HISTORY = 16;
    /// Ping everyone.
    MENTION_EVERYONE = 17;
    /// Be in a voice channel.
    CONNECT = 20;
    /// Take somebody's voice in voice channels.
    MUTE_MEMBERS = 22;
    /// Take somebody's hearing there.
    DEAFEN_MEMBERS = 23;
    /// Change one's own nickname.
    CHANGE_NICKNAME = 26;
    /// Change the nicknames of others.
    MANAGE_NICKNAMES = 27;
    /// Make, edit and grant roles below one's own.
    MANAGE_ROLES = 28;
    /// Make webhooks and speak by them.
    MANAGE_WEBHOOKS = 29;
    /// Edit and delete the emoji of others.
    MANAGE_GUILD_EXPRESSIONS = 30;
    /// Ask bots for what they offer.
    USE_APPLICATION_COMMANDS = 31;
    /// Edit and call off the events of others.
    MANAGE_EVENTS = 33;
    /// Edit, put away and delete the threads of others.
    MANAGE_THREADS = 34;
    /// Make threads that everybody sees who sees the channel.
    CREATE_PUBLIC_THREADS = 35;
    /// Make threads that only those see who are brought in.
    CREATE_PRIVATE_THREADS = 36;
    /// Write messages in threads.
    SEND_MESSAGES_IN_THREADS = 38;
    /// Keep members from writing for a while.
    MODERATE_MEMBERS = 40;
    /// Make emoji.
    CREATE_GUILD_EXPRESSIONS = 43;
    /// Announce events.
    CREATE_EVENTS = 44;
    /// Say what a voice channel is about.
    SET_VOICE_CHANNEL_STATUS = 48;
    /// Send polls.
    SEND_POLLS = 49;
    /// Pin the messages of others.
    PIN_MESSAGES = 51;
}

impl Permissions {
    /// None.
    pub const NONE: Self = Self(0);
    /// Every bit there is or will be.
    pub const ALL: Self = Self(u64::MAX >> 1);
    /// What `@everyone` has in a new guild: view, write, react, invite, talk, threads, own nickname; as on Discord.
    pub const DEFAULT_EVERYONE: Self = Self(0x0006_64f9_8635_de41);

    /// Whether every bit of `other` is in it.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    /// Bits of either.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// Bits of self that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}
