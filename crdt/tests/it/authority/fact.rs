//! A history as the model is told of it: who did what, having seen what.

pub(crate) use super::set::Set;
use super::succession::{DeviceNo, WordNo};

/// A person of the history; 0 is the owner.
pub(crate) type Person = usize;
/// An op of the history, by its number.
pub(crate) type OpNo = usize;
/// A change of owners, by name.
pub(crate) type Change = [u8; 32];

/// An owner's rank; members have their highest role's; outsiders have -1.
pub(crate) const OWNER: i128 = i128::MAX;

pub(crate) const MANAGE_CHANNELS: u64 = 1 << 4;
pub(crate) const MANAGE_GUILD: u64 = 1 << 5;
pub(crate) const MANAGE_ROLES: u64 = 1 << 28;
pub(crate) const KICK: u64 = 1 << 1;
pub(crate) const BAN: u64 = 1 << 2;
pub(crate) const MANAGE_MESSAGES: u64 = 1 << 13;
pub(crate) const MUTE: u64 = 1 << 22;
pub(crate) const DEAFEN: u64 = 1 << 23;
pub(crate) const MODERATE: u64 = 1 << 40;
pub(crate) const INVITE: u64 = 1;
/// What `@everyone` has in these histories.
pub(crate) const EVERYONE: u64 = INVITE;

/// What an op does.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Genesis {
        owners: Vec<Person>,
        threshold: usize,
    },
    Name(String),
    RoleCreate {
        rank: u64,
        permissions: u64,
    },
    RolePermissions {
        role: OpNo,
        permissions: u64,
    },
    RoleDelete {
        role: OpNo,
    },
    RoleMove {
        role: OpNo,
        rank: u64,
    },
    Grant {
        to: Person,
        roles: Vec<OpNo>,
    },
    Kick(Person),
    Ban(Person),
    Unban {
        who: Person,
        bans: Vec<OpNo>,
    },
    /// One stands at the beginning of every history; invites lead to it.
    Channel,
    Invite,
    Revoke {
        invite: OpNo,
    },
    /// With other rules from then on, or citing a rotation of somebody's, where it says so. Who is not honest states a hash of nothing.
    Checkpoint {
        honest: bool,
        rules: Option<u32>,
        cites: Option<(Person, WordNo)>,
    },
    /// Ends a device of somebody's.
    EndDevice {
        who: Person,
        device: DeviceNo,
    },
    /// Closes the one channel, or opens the locks it names.
    Lock {
        opens: Vec<OpNo>,
    },
    /// Keeps somebody from writing for so long, and ends the times it names.
    TimeOut {
        who: Person,
        ms: Option<u64>,
        ends: Vec<OpNo>,
    },
    /// Takes somebody's voice or hearing, or gives it back.
    Silence {
        who: Person,
        muted: Option<bool>,
        deafened: Option<bool>,
    },
    /// Keeps less of one log than a removal kept: what is up to a place.
    Tighten {
        who: Person,
        removal: OpNo,
        seq: u64,
    },
    /// Says how long messages are kept: in the whole guild, or in the one channel.
    Keep {
        whole: bool,
        days: Option<u32>,
    },
    /// Takes away all that somebody said up to then; `ahead`: and what they will say.
    Erase {
        who: Person,
        ahead: bool,
    },
    Owners {
        base: Change,
        owners: Vec<Person>,
        threshold: usize,
    },
}

impl Act {
    /// What it says of somebody's hearing, or of their voice.
    pub(crate) fn silences(&self, whose: Person, hearing: bool) -> Option<bool> {
        match self {
            Self::Silence { who, muted, deafened } if *who == whose => {
                if hearing {
                    *deafened
                } else {
                    *muted
                }
            }
            _ => None,
        }
    }
}

/// One op as the history describes it.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) author: Person,
    /// Which of the author's devices it is written on.
    pub(crate) device: DeviceNo,
    /// The join it is written under; none for the owner, whom Genesis admits.
    pub(crate) join: Option<usize>,
    pub(crate) deps: Vec<OpNo>,
    pub(crate) hlc: u64,
    pub(crate) act: Act,
    pub(crate) id: [u8; 32],
}

/// One join: outside the set of governance ops.
#[derive(Clone, Debug)]
pub(crate) struct JoinFact {
    pub(crate) person: Person,
    pub(crate) invite: OpNo,
    pub(crate) seen: Set,
    /// When it was written, and on which device.
    pub(crate) hlc: u64,
    pub(crate) device: DeviceNo,
    /// Its own Leaves: when, and on which device.
    pub(crate) leaves: Vec<(u64, DeviceNo)>,
}
