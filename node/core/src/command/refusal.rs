//! Why a command was not carried out.

/// Why a command was not carried out. Nothing was written but what a filter does where it stops something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The inbox is full, or the author's quota is used up: ask again after so many ms.
    #[error("try again in {retry_ms} ms")]
    Later { retry_ms: u64 },
    /// Nothing can be written now (disk full, store being reopened): ask again later. Where the disk failed in
    /// mid-commit, what was asked for may be there all the same: look before it is asked for again.
    #[error("the store takes no writes now")]
    Unavailable,
    /// This store was set back to an older copy, and what was written since is not known again yet: ask again after so many
    /// ms.
    #[error(
        "restored from a copy: nothing is signed before others were asked what was written since; try again in {retry_ms} ms"
    )]
    Relearning { retry_ms: u64 },
    /// The actor is not allowed to.
    #[error("missing permissions")]
    MissingPermissions,
    /// The actor cannot see it.
    #[error("missing access")]
    MissingAccess,
    /// The thing of that name is not there.
    #[error("unknown {0}")]
    Unknown(Thing),
    /// Another's message cannot be edited.
    #[error("not the author")]
    NotTheAuthor,
    /// A value that no rule allows; field and reason in words.
    #[error("{field}: {reason}")]
    Invalid { field: &'static str, reason: &'static str },
    /// The account has another identity key than the one that was asked for or is here: somebody took it home.
    #[error("the account was taken home before")]
    TakenHome,
    /// The setup was done before.
    #[error("already set up")]
    AlreadySetUp,
    /// Somebody else is in a guild of the account's own: it is handed over first.
    #[error("others are in a guild that it owns: hand that over first")]
    OwnsGuilds,
    /// Slow mode: wait so many ms.
    #[error("slow mode: {retry_ms} ms")]
    SlowMode { retry_ms: u64 },
    /// At most so many of them.
    #[error("at most {max} {what}")]
    TooMany { what: &'static str, max: u32 },
    /// Banned.
    #[error("banned from this guild")]
    Banned,
    /// Nobody joins the guild for a while.
    #[error("invites are paused for this guild")]
    InvitesPaused,
    /// The guilds that the two are in let nobody begin a conversation for a while who is no friend.
    #[error("direct messages are paused")]
    TalksPaused,
    /// This version does not carry it yet.
    #[error("not implemented: {0}")]
    NotYet(&'static str),
    /// The guild holds ops of a later version and cannot be written to.
    #[error("the guild needs a newer version of the program")]
    ReadOnly,
    /// Messages are moved into public threads of their own channel only.
    #[error("no public thread of the message's channel")]
    NotBeside,
    /// A thread was made from that message before.
    #[error("the message has a thread")]
    HasThread,
    /// A filter of the guild's stops it, with these words.
    #[error("blocked by the guild: {words}")]
    Filtered { words: String },
    /// The message asks nothing.
    #[error("no poll")]
    NoPoll,
    /// What was asked stays as it is.
    #[error("a message with a poll is not edited")]
    PollStands,
    /// What was passed on stays as it was.
    #[error("a message that passes on another is not edited")]
    ForwardStands,
    /// No ballot counts any more.
    #[error("the poll is over")]
    PollOver,
    /// Cannot be sent without text, embed or file.
    #[error("an empty message")]
    EmptyMessage,
}

/// What a [`Refusal::Unknown`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// An account.
    User,
    /// A guild.
    Guild,
    /// A channel.
    Channel,
    /// A message.
    Message,
    /// A role.
    Role,
    /// A member.
    Member,
    /// An invite.
    Invite,
    /// A ban.
    Ban,
    /// An application.
    Application,
    /// An emoji.
    Emoji,
    /// An overwrite.
    Overwrite,
    /// What people can ask a bot for.
    Offer,
    /// Another name that somebody speaks under.
    Webhook,
    /// An event.
    Event,
    /// A filter.
    Filter,
    /// A device.
    Device,
}

impl std::fmt::Display for Thing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Guild => "guild",
            Self::Channel => "channel",
            Self::Message => "message",
            Self::Role => "role",
            Self::Member => "member",
            Self::Invite => "invite",
            Self::Ban => "ban",
            Self::Application => "application",
            Self::Emoji => "emoji",
            Self::Overwrite => "overwrite",
            Self::Offer => "offer",
            Self::Webhook => "webhook",
            Self::Event => "event",
            Self::Filter => "filter",
            Self::Device => "device",
        })
    }
}
