//! Which groups of events a gateway session asked for. Discord's public bits.

/// A set of intents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Intents(u32);

impl Intents {
    /// Nothing asked for: what everybody gets.
    pub(crate) const NONE: Self = Self(0);
    /// Guilds, roles, channels.
    pub(crate) const GUILDS: Self = Self(1);
    /// Who comes, goes and changes. Privileged.
    pub(crate) const GUILD_MEMBERS: Self = Self(1 << 1);
    /// Bans.
    pub(crate) const GUILD_MODERATION: Self = Self(1 << 2);
    /// Emoji.
    pub(crate) const GUILD_EXPRESSIONS: Self = Self(1 << 3);
    /// Bots that were let in.
    pub(crate) const GUILD_INTEGRATIONS: Self = Self(1 << 4);
    /// Webhooks.
    pub(crate) const GUILD_WEBHOOKS: Self = Self(1 << 5);
    /// Invites.
    pub(crate) const GUILD_INVITES: Self = Self(1 << 6);
    /// Who is in which voice channel.
    pub(crate) const GUILD_VOICE_STATES: Self = Self(1 << 7);
    /// Who is online. Privileged.
    pub(crate) const GUILD_PRESENCES: Self = Self(1 << 8);
    /// Messages in guilds.
    pub(crate) const GUILD_MESSAGES: Self = Self(1 << 9);
    /// Reactions in guilds.
    pub(crate) const GUILD_MESSAGE_REACTIONS: Self = Self(1 << 10);
    /// Typing in guilds.
    pub(crate) const GUILD_MESSAGE_TYPING: Self = Self(1 << 11);
    /// Direct messages.
    pub(crate) const DIRECT_MESSAGES: Self = Self(1 << 12);
    /// Reactions in direct messages.
    pub(crate) const DIRECT_MESSAGE_REACTIONS: Self = Self(1 << 13);
    /// Typing in direct messages.
    pub(crate) const DIRECT_MESSAGE_TYPING: Self = Self(1 << 14);
    /// What messages say. Privileged.
    pub(crate) const MESSAGE_CONTENT: Self = Self(1 << 15);
    /// Events that guilds look forward to.
    pub(crate) const GUILD_SCHEDULED_EVENTS: Self = Self(1 << 16);
    /// Filters.
    pub(crate) const AUTO_MODERATION_CONFIGURATION: Self = Self(1 << 20);
    /// What filters catch.
    pub(crate) const AUTO_MODERATION_EXECUTION: Self = Self(1 << 21);
    /// Ballots in guilds.
    pub(crate) const GUILD_MESSAGE_POLLS: Self = Self(1 << 24);
    /// Ballots in direct messages.
    pub(crate) const DIRECT_MESSAGE_POLLS: Self = Self(1 << 25);
    /// Every bit Discord documents.
    pub(crate) const ALL: Self = Self(0x0331_ffff);
    /// A person's own client: no bit that anybody can ask for.
    pub(crate) const PERSON: Self = Self(1 << 31);

    /// Reads the bits; none where one of them means nothing.
    pub(crate) fn parse(bits: u64) -> Option<Self> {
        let bits = u32::try_from(bits).ok()?;
        (bits & !Self::ALL.0 == 0).then_some(Self(bits))
    }

    /// What a person's own client hears: everything.
    pub(crate) const fn of_a_person() -> Self {
        Self(Self::ALL.0 | Self::PERSON.0)
    }

    /// The same in conversations: what [`Self::GUILD_MESSAGES`] and its like are to guilds. Pins come with messages.
    pub(crate) const fn in_conversations(self) -> Self {
        match self {
            Self::GUILD_MESSAGE_REACTIONS => Self::DIRECT_MESSAGE_REACTIONS,
            Self::GUILD_MESSAGE_POLLS => Self::DIRECT_MESSAGE_POLLS,
            Self::GUILD_MESSAGE_TYPING => Self::DIRECT_MESSAGE_TYPING,
            _ => Self::DIRECT_MESSAGES,
        }
    }

    /// Whether every bit of `other` is in it.
    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether an application with these flags may ask for all of it: each privileged intent has a flag, and a
    /// second one for applications in few guilds.
    pub(crate) fn allowed_by(self, application_flags: u64) -> bool {
        let switched_on = |flags: u64| application_flags & flags != 0;
        (!self.has(Self::GUILD_PRESENCES) || switched_on(1 << 12 | 1 << 13))
            && (!self.has(Self::GUILD_MEMBERS) || switched_on(1 << 14 | 1 << 15))
            && (!self.has(Self::MESSAGE_CONTENT) || switched_on(1 << 18 | 1 << 19))
    }
}

#[cfg(test)]
mod tests {
    use super::Intents;

    #[test]
    fn a_privileged_intent_needs_its_own_flag() {
        for (intent, limited_flag) in
            [(Intents::GUILD_PRESENCES, 13), (Intents::GUILD_MEMBERS, 15), (Intents::MESSAGE_CONTENT, 19)]
        {
            assert!(!intent.allowed_by(0));
            assert!(intent.allowed_by(1 << limited_flag));
            assert!(intent.allowed_by(1 << (limited_flag - 1)));
            assert!(!Intents::ALL.allowed_by(1 << limited_flag));
        }
        assert!(Intents::GUILD_MESSAGES.allowed_by(0));
    }

    #[test]
    fn bits_that_mean_nothing_are_no_intents() {
        assert!(Intents::parse(53_608_447).is_some(), "every intent of discord.py");
        assert!(Intents::parse(1 << 17).is_none());
        assert!(Intents::parse(1 << 40).is_none());
    }
}
