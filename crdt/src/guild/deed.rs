//! A governance op's body as one value.

use super::IntegrateError;
use crate::body::governance::{
    Ban, ChannelCreate, ChannelDelete, ChannelEdit, Checkpoint, Genesis, GuildEdit, InviteKey, InviteRevoke,
    Kick, Overwrite, PrivRoles, Relays, RoleCreate, RoleDelete, RoleEdit, Unban,
};
use crate::id::UserId;
use crate::kind::Kind;
use crate::op::Op;

/// What a governance op does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Deed {
    Genesis(Genesis),
    GuildEdit(GuildEdit),
    RoleCreate(RoleCreate),
    RoleEdit(RoleEdit),
    RoleDelete(RoleDelete),
    PrivRoles(PrivRoles),
    ChannelCreate(ChannelCreate),
    ChannelEdit(ChannelEdit),
    ChannelDelete(ChannelDelete),
    Overwrite(Overwrite),
    InviteKey(InviteKey),
    InviteRevoke(InviteRevoke),
    Kick(Kick),
    Ban(Ban),
    Unban(Unban),
    Relays(Relays),
    Checkpoint(Checkpoint),
    /// A kind whose rule this version does not carry, and must not guess.
    Beyond,
    /// A kind that may be ignored.
    Ignored,
}

impl Deed {
    /// Reads the body by its kind.
    pub(super) fn read(op: &Op) -> Result<Self, IntegrateError> {
        macro_rules! body {
            ($variant:ident) => {
                op.read_body()
                    .map(Self::$variant)
                    .map_err(|_| IntegrateError::Structure("the body is not readable"))
            };
        }
        let Some(kind) = op.kind() else {
            return Ok(if op.header.is_beyond_rules() { Self::Beyond } else { Self::Ignored });
        };
        match kind {
            Kind::Genesis => body!(Genesis),
            Kind::GuildEdit => body!(GuildEdit),
            Kind::RoleCreate => body!(RoleCreate),
            Kind::RoleEdit => body!(RoleEdit),
            Kind::RoleDelete => body!(RoleDelete),
            Kind::PrivRoles => body!(PrivRoles),
            Kind::ChannelCreate => body!(ChannelCreate),
            Kind::ChannelEdit => body!(ChannelEdit),
            Kind::ChannelDelete => body!(ChannelDelete),
            Kind::Overwrite => body!(Overwrite),
            Kind::InviteKey => body!(InviteKey),
            Kind::InviteRevoke => body!(InviteRevoke),
            Kind::Kick => body!(Kick),
            Kind::Ban => body!(Ban),
            Kind::Unban => body!(Unban),
            Kind::Relays => body!(Relays),
            Kind::Checkpoint => body!(Checkpoint),
            kind if kind.is_beyond_rules() => Ok(Self::Beyond),
            _ => Err(IntegrateError::Space),
        }
    }

    /// Whom it removes.
    pub(super) fn removed(&self) -> Option<UserId> {
        match self {
            Self::Kick(kick) => Some(kick.user),
            Self::Ban(ban) => Some(ban.user),
            _ => None,
        }
    }

    /// Whose register of roles it writes.
    pub(super) fn person(&self) -> Option<UserId> {
        match self {
            Self::PrivRoles(grant) => Some(grant.user),
            other => other.removed(),
        }
    }

    pub(super) const fn is_removal(&self) -> bool {
        matches!(
            self,
            Self::Kick(_)
                | Self::Ban(_)
                | Self::RoleDelete(_)
                | Self::ChannelDelete(_)
                | Self::InviteRevoke(_)
        )
    }
}
