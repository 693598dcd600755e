//! A governance op's body as one value.

use super::IntegrateError;
use crate::body::governance::{
    Admit, Ban, ChannelCreate, ChannelDelete, ChannelEdit, Checkpoint, CutTighten, EmojiCreate, EmojiDelete,
    EmojiEdit, Erase, EventCreate, EventEdit, FilterCreate, FilterDelete, FilterEdit, ForumCreate, ForumEdit,
    Genesis, GuildDeviceRevoke, GuildEdit, InviteKey, InviteRevoke, Kick, Lock, OfferAccess, Overwrite,
    PrivRoles, Reason, Relays, Retention, RoleCreate, RoleDelete, RoleEdit, RoleMove, SetOwners, SetRules,
    Silence, ThreadCreate, ThreadEdit, ThreadMember, Timeout, Unban,
};
use crate::id::{DeviceKey, UserId};
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
    RoleMove(RoleMove),
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
    GuildDeviceRevoke(GuildDeviceRevoke),
    Lock(Lock),
    CutTighten(CutTighten),
    Checkpoint(Checkpoint),
    SetOwners(SetOwners),
    SetRules(SetRules),
    ThreadCreate(ThreadCreate),
    ThreadEdit(ThreadEdit),
    ForumCreate(ForumCreate),
    MediaCreate(ForumCreate),
    ForumEdit(ForumEdit),
    Timeout(Timeout),
    Silence(Silence),
    Reason(Reason),
    ThreadMember(ThreadMember),
    EmojiCreate(EmojiCreate),
    EmojiEdit(EmojiEdit),
    EmojiDelete(EmojiDelete),
    EventCreate(EventCreate),
    EventEdit(EventEdit),
    OfferAccess(OfferAccess),
    FilterCreate(FilterCreate),
    FilterEdit(FilterEdit),
    FilterDelete(FilterDelete),
    Retention(Retention),
    Erase(Erase),
    Admit(Admit),
    /// A kind whose rule this version does not carry, and must not guess.
    Beyond,
    /// A kind that may be ignored.
    Ignored,
}

impl Deed {
    /// Reads the body by its kind.
    pub(super) fn read(op: &Op) -> Result<Self, IntegrateError> {
        const UNREADABLE: IntegrateError = IntegrateError::Structure("the body is not readable");
        macro_rules! body {
            ($variant:ident) => {
                op.read_body().map(Self::$variant).map_err(|_| UNREADABLE)
            };
            // Kinds that once had no shape: what was written then is not guessed at.
            ($variant:ident or beyond) => {
                match &op.body {
                    Some(_) => Ok(op.read_body().map_or(Self::Beyond, Self::$variant)),
                    None => Err(UNREADABLE),
                }
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
            Kind::SetOwners => body!(SetOwners),
            Kind::SetRules => body!(SetRules),
            Kind::Timeout => body!(Timeout),
            Kind::Silence => body!(Silence),
            Kind::ThreadMember => body!(ThreadMember),
            Kind::Reason => body!(Reason),
            Kind::ThreadCreate => body!(ThreadCreate),
            Kind::ThreadEdit => body!(ThreadEdit),
            Kind::ForumCreate => body!(ForumCreate),
            Kind::MediaCreate => body!(MediaCreate),
            Kind::ForumEdit => body!(ForumEdit),
            Kind::EmojiCreate => body!(EmojiCreate),
            Kind::EmojiEdit => body!(EmojiEdit),
            Kind::EmojiDelete => body!(EmojiDelete),
            Kind::EventCreate => body!(EventCreate),
            Kind::EventEdit => body!(EventEdit),
            Kind::OfferAccess => body!(OfferAccess),
            Kind::FilterCreate => body!(FilterCreate),
            Kind::FilterEdit => body!(FilterEdit),
            Kind::FilterDelete => body!(FilterDelete),
            Kind::Retention => body!(Retention),
            Kind::Erase => body!(Erase),
            Kind::Admit => body!(Admit),
            Kind::RoleMove => body!(RoleMove or beyond),
            Kind::GuildDeviceRevoke => body!(GuildDeviceRevoke or beyond),
            Kind::Lock => body!(Lock or beyond),
            Kind::CutTighten => body!(CutTighten or beyond),
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

    /// Whose register of roles (in a conversation: of being in) it writes.
    pub(super) fn person(&self) -> Option<UserId> {
        match self {
            Self::PrivRoles(grant) => Some(grant.user),
            Self::Admit(body) => Some(body.user),
            other => other.removed(),
        }
    }

    /// Whose device it ends.
    pub(super) fn ended_device(&self) -> Option<(UserId, DeviceKey)> {
        match self {
            Self::GuildDeviceRevoke(body) => Some((body.user, body.device)),
            _ => None,
        }
    }

    /// The hash of the governance state of its past that an owner's causal barrier states.
    pub(super) const fn sealed(&self) -> Option<&[u8; 32]> {
        match self {
            Self::Checkpoint(body) => Some(&body.gov_hash),
            Self::SetRules(body) => Some(&body.gov_hash),
            _ => None,
        }
    }

    /// Whether it changes what other ops count for beyond its own registers: such an op is never applied on top, the
    /// whole set is decided anew.
    pub(super) const fn turns_verdicts(&self) -> bool {
        matches!(self, Self::Checkpoint(_) | Self::SetRules(_) | Self::SetOwners(_))
    }

    pub(super) const fn is_removal(&self) -> bool {
        matches!(
            self,
            Self::Kick(_)
                | Self::Ban(_)
                | Self::GuildDeviceRevoke(_)
                | Self::Lock(_)
                | Self::RoleDelete(_)
                | Self::ChannelDelete(_)
                | Self::InviteRevoke(_)
                | Self::EmojiDelete(_)
                | Self::FilterDelete(_)
        )
    }
}
