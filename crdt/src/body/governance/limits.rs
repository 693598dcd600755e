//! The limits of governance bodies.

use super::{
    Ban, ChannelCreate, ChannelDelete, ChannelEdit, ChannelFields, Checkpoint, CutEntry, Genesis, GuildEdit,
    InviteKey, InviteRevoke, Kick, Overwrite, OverwriteEntry, PrivRoles, Quota, Relays, RoleCreate,
    RoleDelete, RoleEdit, RoleMove, SpaceKind, Unban, owners,
};
use crate::body::Body;
use crate::body::limit::{COLOR_MAX, Limit, ascending, chars, chars_if, distinct, hold, relays};
use crate::permissions::Permissions;
use nexus_crypto::PublicKey;

const ROLES_MAX: usize = 250;
const OVERWRITES_MAX: usize = 250;
const CUT_MAX: usize = 64;
pub(super) const BANS_MAX: usize = 64;
const SLOWMODE_MAX_S: u32 = 21_600;
const NAME: &str = "a name has 1 to 100 characters";
const COLOR: &str = "a colour has 24 bits";

impl Body for Genesis {
    fn check(&self) -> Limit {
        owners::quorum(&self.owners, self.threshold)?;
        hold(self.owners.contains(&self.founder), "the founder is an owner")?;
        hold(self.rules_version > 0, "rules have a version")?;
        let talk = self.kind == SpaceKind::Conversation;
        hold(!talk || self.threshold == 1, "a conversation has no quorum")?;
        let shortest = if self.kind == SpaceKind::Guild { 1 } else { 0 };
        chars(&self.name, shortest..=100, NAME)?;
        quota(&self.person_quota)?;
        quota(&self.bot_quota)
    }
}

impl Body for GuildEdit {
    fn check(&self) -> Limit {
        chars_if(self.name.as_ref(), 1..=100, NAME)?;
        chars_if(self.description.as_ref(), 0..=300, "a description has up to 300 characters")?;
        hold(self.verification_level.is_none_or(|level| level <= 4), "verification levels are 0 to 4")?;
        hold(self.default_notifications.is_none_or(|level| level <= 1), "notification levels are 0 and 1")?;
        let times = [self.invites_paused_until, self.talks_paused_until];
        hold(times.into_iter().flatten().all(|ms| ms >> 48 == 0), "a time has 48 bits of milliseconds")
    }
}

impl Body for RoleCreate {
    fn check(&self) -> Limit {
        hold(self.rank != 0, "rank 0 is @everyone's")?;
        chars(&self.name, 1..=100, NAME)?;
        hold(self.color <= COLOR_MAX, COLOR)
    }
}

impl Body for RoleEdit {
    fn check(&self) -> Limit {
        chars_if(self.name.as_ref(), 1..=100, NAME)?;
        hold(self.color.is_none_or(|color| color <= COLOR_MAX), COLOR)
    }
}

impl Body for RoleDelete {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl Body for RoleMove {
    fn check(&self) -> Limit {
        hold(self.rank != 0, "rank 0 is @everyone's")
    }
}

impl Body for PrivRoles {
    fn check(&self) -> Limit {
        ascending(&self.roles, ROLES_MAX, "roles are at most 250, ascending, each once")
    }
}

impl Body for ChannelCreate {
    fn check(&self) -> Limit {
        hold(self.kind.is_plain(), "forums and threads have a kind of their own")?;
        made(&self.fields, &self.overwrites)
    }
}

impl Body for ChannelEdit {
    fn check(&self) -> Limit {
        self.fields.check()
    }
}

impl Body for ChannelDelete {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl Body for Overwrite {
    fn check(&self) -> Limit {
        let empty = self.entry.allow == Permissions::NONE && self.entry.deny == Permissions::NONE;
        hold(!self.clear || empty, "what clears a line sets nothing")
    }
}

impl Body for InviteKey {
    fn check(&self) -> Limit {
        hold(PublicKey::parse(self.admission.0).is_ok(), "no usable Ed25519 key")
    }
}

impl Body for InviteRevoke {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl Body for Kick {
    fn check(&self) -> Limit {
        removal(&self.cut, &self.reason)
    }
}

impl Body for Ban {
    fn check(&self) -> Limit {
        removal(&self.cut, &self.reason)
    }
}

impl Body for Unban {
    fn check(&self) -> Limit {
        ascending(&self.bans, BANS_MAX, "bans are at most 64, ascending, each once")
    }
}

impl Body for Relays {
    fn check(&self) -> Limit {
        relays(&self.urls)
    }
}

impl Body for Checkpoint {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl ChannelFields {
    fn check(&self) -> Limit {
        chars_if(self.name.as_ref(), 1..=100, NAME)?;
        chars_if(self.topic.as_ref(), 0..=1_024, "a topic has up to 1,024 characters")?;
        slowmode(self.slowmode_s)
    }
}

/// What every new channel keeps to.
pub(super) fn made(fields: &ChannelFields, overwrites: &[OverwriteEntry]) -> Limit {
    hold(fields.name.is_some(), "a channel has a name")?;
    fields.check()?;
    let targets = overwrites.iter().map(|entry| entry.target);
    distinct(targets, OVERWRITES_MAX, "overwrites are at most 250, one for each target")
}

pub(super) fn slowmode(seconds: Option<u32>) -> Limit {
    hold(seconds.is_none_or(|s| s <= SLOWMODE_MAX_S), "slow mode is at most 21,600 s")
}

fn quota(quota: &Quota) -> Limit {
    hold(quota.short > 0 && quota.long >= quota.short, "an hour allows no less than 10 s, and both something")
}

pub(super) fn removal(cut: &[CutEntry], reason: &str) -> Limit {
    ascending(cut, CUT_MAX, "a cut has at most 64 lines, ascending, each once")?;
    chars(reason, 0..=512, "a reason has up to 512 characters")
}
