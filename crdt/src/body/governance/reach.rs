//! Words that reach back over content: a device's end, a closed channel, a tighter cut.

use super::CutEntry;
use super::limits::{BANS_MAX, removal};
use crate::body::Body;
use crate::body::limit::{Limit, ascending, hold};
use crate::hlc::Hlc;
use crate::id::{ChannelId, DeviceKey, OpId, UserId};
use minicbor::{Decode, Encode};

/// Ends one device of a person in this guild, for good: a lost phone. By the person themself, or by who may kick them.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct GuildDeviceRevoke {
    /// Whose.
    #[n(0)]
    pub user: UserId,
    /// Which.
    #[n(1)]
    pub device: DeviceKey,
    /// What is kept of its logs, as in `Kick`.
    #[n(2)]
    pub cut: Vec<CutEntry>,
    /// For the audit log, up to 512 characters.
    #[n(3)]
    pub reason: String,
}

/// Closes a channel to what is written later than `cut` by whoever may not manage its messages, or (without `cut`)
/// opens it again from the time of this op on, as far as the locks that it names go; a concurrent one stands.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Lock {
    /// Which channel.
    #[n(0)]
    pub channel: ChannelId,
    /// The last moment that is kept of those who had not seen the lock.
    #[n(1)]
    pub cut: Option<Hlc>,
    /// The locks that this op opens; none in a lock. Ascending, at most 64.
    #[n(2)]
    pub opens: Vec<OpId>,
}

/// Keeps less of what a removal kept: the new lines count beside the old ones, in any order and number.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct CutTighten {
    /// Of whom.
    #[n(0)]
    pub user: UserId,
    /// The kick, ban or device revocation.
    #[n(1)]
    pub removal: OpId,
    /// As in `Kick`; `seq` 0 with a head of 32 zero bytes keeps nothing of a log.
    #[n(2)]
    pub cut: Vec<CutEntry>,
}

impl Body for GuildDeviceRevoke {
    fn check(&self) -> Limit {
        removal(&self.cut, &self.reason)
    }
}

impl Body for Lock {
    fn check(&self) -> Limit {
        hold(self.cut.is_some() == self.opens.is_empty(), "a lock has a cut, what opens one names it")?;
        ascending(&self.opens, BANS_MAX, "locks are at most 64, ascending, each once")
    }
}

impl Body for CutTighten {
    fn check(&self) -> Limit {
        hold(!self.cut.is_empty(), "a cut that tightens says where")?;
        removal(&self.cut, "")
    }
}
