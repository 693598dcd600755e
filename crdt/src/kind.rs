//! The one table of op kinds: number, name, where it may stand.
//!
//! Bit 15 marks a *critical* kind: software that does not know it must not guess (the guild becomes read-only).
//! `0x7000..=0x7FFF` is reserved for bridges and bots.

/// Which family of streams a kind belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Plane {
    /// The log of an account, in its own space.
    Identity,
    /// Stream zero of a guild or conversation.
    Governance,
    /// Stream one.
    Membership,
    /// A channel's stream.
    Content,
}

impl Plane {
    /// The family of a number, known or not: `0x00..` identity, `0x01..` governance, `0x02..` membership, `0x03..`
    /// content, whatever bit 15 says; none for the others.
    #[must_use]
    pub const fn of(number: u16) -> Option<Self> {
        match (number & 0x7fff) >> 8 {
            0 => Some(Self::Identity),
            1 => Some(Self::Governance),
            2 => Some(Self::Membership),
            3 => Some(Self::Content),
            _ => None,
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $plane:ident;)*) => {
        /// What an op does.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u16)]
        pub enum Kind { $($(#[$doc])* $name = $number,)* }

        impl Kind {
            /// Every kind, by number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The kind of a number, where this version knows it.
            #[must_use]
            pub const fn from_number(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }

            /// Where it may stand.
            #[must_use]
            pub const fn plane(self) -> Plane {
                match self { $(Self::$name => Plane::$plane,)* }
            }

            /// Whether it is a message in its channel: what somebody says, or what a filter caught.
            #[must_use]
            pub const fn is_message(self) -> bool {
                matches!(self, Self::Message | Self::Alert)
            }

            /// As it is written in documents and logs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

kinds! {
    /// Begins an account.
    IdGenesis = 0x8001, Identity;
    /// Hands the account to another identity key.
    IdRotate = 0x8002, Identity;
    /// Certifies a device.
    DeviceAdd = 0x8003, Identity;
    /// Ends a device.
    DeviceRevoke = 0x8004, Identity;
    /// Name and face.
    Profile = 0x0005, Identity;
    /// Keys for sealed conversations (step: end-to-end encryption).
    Prekeys = 0x0006, Identity;
    /// The account's home relays.
    IdRelays = 0x0007, Identity;
    /// What makes an account of class bot an application.
    Application = 0x0008, Identity;
    /// What people can ask a bot for: Discord's application command.
    Offer = 0x0009, Identity;
    /// Another name that the account speaks under in one channel, by a link.
    Webhook = 0x000A, Identity;
    /// An emoji of a bot's own.
    OwnEmoji = 0x000B, Identity;

    /// Begins a guild or a conversation.
    Genesis = 0x8100, Governance;
    /// Edits the guild.
    GuildEdit = 0x8101, Governance;
    /// Makes a role.
    RoleCreate = 0x8102, Governance;
    /// Edits a role.
    RoleEdit = 0x8103, Governance;
    /// Deletes a role.
    RoleDelete = 0x8104, Governance;
    /// Moves a role.
    RoleMove = 0x8105, Governance;
    /// A person's whole list of roles, one register.
    PrivRoles = 0x8106, Governance;
    /// Makes a channel.
    ChannelCreate = 0x8107, Governance;
    /// Edits a channel.
    ChannelEdit = 0x8108, Governance;
    /// Deletes a channel.
    ChannelDelete = 0x8109, Governance;
    /// Allows and denies in one channel, for a role or a person.
    Overwrite = 0x810A, Governance;
    /// Makes an invite.
    InviteKey = 0x810B, Governance;
    /// Ends an invite.
    InviteRevoke = 0x810C, Governance;
    /// Removes a member, who may come back.
    Kick = 0x810D, Governance;
    /// Removes a person until the ban is lifted.
    Ban = 0x810E, Governance;
    /// Lifts bans by name.
    Unban = 0x810F, Governance;
    /// Ends a member's device in this guild.
    GuildDeviceRevoke = 0x8110, Governance;
    /// Closes a stream to late arrivals.
    Lock = 0x8111, Governance;
    /// Tightens the cut of a removal.
    CutTighten = 0x8112, Governance;
    /// The guild's relays.
    Relays = 0x8113, Governance;
    /// An owner's causal barrier.
    Checkpoint = 0x8114, Governance;
    /// An owner's vote for a change of owners.
    SetOwners = 0x8115, Governance;
    /// Says how long messages are kept.
    Retention = 0x8116, Governance;
    /// Takes away all that somebody said in the guild up to a time.
    Erase = 0x8117, Governance;
    /// An owner's barrier after which other rules hold.
    SetRules = 0x8118, Governance;
    /// Makes a thread.
    ThreadCreate = 0x8119, Governance;
    /// Edits a thread.
    ThreadEdit = 0x811A, Governance;
    /// Makes a forum.
    ForumCreate = 0x811B, Governance;
    /// Edits what only forums have.
    ForumEdit = 0x811C, Governance;
    /// Keeps somebody from writing for a while.
    Timeout = 0x811D, Governance;
    /// Brings somebody into a private thread, or puts them out.
    ThreadMember = 0x811F, Governance;
    /// Why somebody did what they did.
    Reason = 0x011E, Governance;
    /// Makes an emoji.
    EmojiCreate = 0x8120, Governance;
    /// Edits an emoji.
    EmojiEdit = 0x8121, Governance;
    /// Takes an emoji away.
    EmojiDelete = 0x8122, Governance;
    /// Announces an event.
    EventCreate = 0x8123, Governance;
    /// Edits an event.
    EventEdit = 0x8124, Governance;
    /// Says who may ask a bot for what it offers.
    OfferAccess = 0x8128, Governance;
    /// Makes a filter.
    FilterCreate = 0x8125, Governance;
    /// Edits a filter.
    FilterEdit = 0x8126, Governance;
    /// Takes a filter away.
    FilterDelete = 0x8127, Governance;
    /// Brings somebody into a conversation of several.
    Admit = 0x8129, Governance;
    /// Takes somebody's voice or hearing in voice channels, or gives it back.
    Silence = 0x812A, Governance;
    /// Makes a media channel: a forum whose posts are pictures first.
    MediaCreate = 0x812B, Governance;

    /// Comes in by an invite.
    Join = 0x8200, Membership;
    /// Goes.
    Leave = 0x8201, Membership;
    /// A nickname.
    Nick = 0x0202, Membership;

    /// A message.
    Message = 0x0300, Content;
    /// New text for one's own message.
    Edit = 0x0301, Content;
    /// Takes a message away.
    Delete = 0x0302, Content;
    /// Adds a reaction.
    React = 0x0303, Content;
    /// Takes a reaction away.
    Unreact = 0x0304, Content;
    /// Pins or unpins.
    Pin = 0x0305, Content;
    /// A ballot on a message's poll.
    PollVote = 0x0306, Content;
    /// Follows a thread or an event, or no longer.
    Follow = 0x030B, Content;
    /// Ends a message's poll.
    PollEnd = 0x030C, Content;
    /// What somebody keeps for themself, or says of somebody else.
    Note = 0x030D, Content;
    /// Gives a message of an announcement channel to whoever follows it.
    Publish = 0x030E, Content;
    /// Hands the key that one's notes are sealed under to one's devices.
    Sealing = 0x030F, Content;
    /// Says in a channel for it what a filter caught: a message that needs no right there.
    Alert = 0x0310, Content;
    /// Shows a channel's message in one of its threads, or in the channel again.
    Move = 0x0311, Content;
}

/// Numbers that are spoken for and mean nothing yet: CosmeticRole, ThreadMeta, DocChange, DocRoll,
/// BlobRef.
pub const RESERVED: &[u16] = &[0x0203, 0x0307, 0x0308, 0x0309, 0x030A];

impl Kind {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Whether software that does not know it must stop guessing.
    #[must_use]
    pub const fn is_critical(number: u16) -> bool {
        number & 0x8000 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_s_family_is_where_its_kind_may_stand() {
        for kind in Kind::ALL {
            assert_eq!(Plane::of(kind.number()), Some(kind.plane()), "{}", kind.name());
            assert_eq!(Kind::from_number(kind.number()), Some(*kind));
        }
        assert_eq!(Plane::of(0x7001), None);
    }

    #[test]
    fn a_reserved_number_means_nothing_yet() {
        assert!(RESERVED.iter().all(|number| Kind::from_number(*number).is_none()));
    }
}
