//! Permissions of a member, by Discord's published order.

use super::{Channel, Circle, GuildView};
use crate::body::governance::{OverwriteEntry, OverwriteTarget, RateClass, SpaceKind};
use crate::hlc::Hlc;
use crate::id::{ChannelId, UserId};
use crate::permissions::Permissions;

impl GuildView {
    /// A member's permissions in the guild as a whole. Nothing for who is no member.
    #[must_use]
    pub fn permissions(&self, user: &UserId) -> Permissions {
        if self.members.contains_key(user) { self.base(user) } else { Permissions::NONE }
    }

    /// A member's permissions in one channel, by Discord's published order: base, `@everyone`'s overwrite, the
    /// roles' overwrites together, the member's own. Nothing without VIEW_CHANNEL. In a thread those of its parent, with
    /// SEND_MESSAGES_IN_THREADS for SEND_MESSAGES.
    #[must_use]
    pub fn permissions_in(&self, user: &UserId, channel: &ChannelId) -> Permissions {
        match self.channels.get(channel) {
            Some(channel) if self.members.contains_key(user) => self.in_channel(user, channel),
            _ => Permissions::NONE,
        }
    }

    /// Whom no timeout holds back: owners, and who has ADMINISTRATOR.
    #[must_use]
    pub fn is_above_timeouts(&self, user: &UserId) -> bool {
        self.base(user) == Permissions::ALL
    }

    /// Whether somebody is in a private thread: brought in, and not kicked from the guild since.
    #[must_use]
    pub fn is_inside(&self, circle: &Circle, user: &UserId) -> bool {
        let removed_after = |since: &Hlc| {
            let mut removals = self.removals.get(user).into_iter().flatten();
            removals.any(|removal| removal.hlc > *since)
        };
        circle.inside.get(user).is_some_and(|since| !removed_after(since))
    }

    /// The rate class a member writes in: the highest of their roles', else their account's own.
    #[must_use]
    pub fn rate_class(&self, user: &UserId, own: RateClass) -> RateClass {
        self.roles_of(user).filter_map(|role| role.rate_class).max().unwrap_or(own).max(own)
    }

    /// Whether somebody who is admitted has a permission in the guild, whether or not `members` has them.
    #[must_use]
    pub fn has_in_itself(&self, user: &UserId, permission: Permissions) -> bool {
        self.base(user).has(permission)
    }

    /// What somebody who is admitted may do, whether or not `members` has them (a view of the past has none).
    pub(super) fn base(&self, user: &UserId) -> Permissions {
        if self.is_owner(user) {
            return Permissions::ALL;
        }
        let everyone = self.roles.get(&self.everyone()).map_or(Permissions::NONE, |role| role.permissions);
        let all = self.roles_of(user).fold(everyone, |sum, role| sum.with(role.permissions));
        if all.has(Permissions::ADMINISTRATOR) { Permissions::ALL } else { all }
    }

    /// The same in a channel.
    pub(super) fn in_channel(&self, user: &UserId, channel: &Channel) -> Permissions {
        let base = self.base(user);
        if let Some(thread) = &channel.thread {
            // A thread has no rights of its own: those of the channel it hangs on, and none when that is gone.
            let parent = channel.parent.and_then(|parent| self.channels.get(&parent));
            let may = parent.map_or(Permissions::NONE, |parent| in_thread(self.in_channel(user, parent)));
            let shut = thread.private.as_ref().is_some_and(|circle| !self.is_inside(circle, user));
            return if shut && !may.has(Permissions::MANAGE_THREADS) { Permissions::NONE } else { may };
        }
        if channel.event.is_some() {
            // An event neither: of a voice channel that is gone nothing is left.
            return match channel.parent {
                Some(voice) => {
                    self.channels.get(&voice).map_or(Permissions::NONE, |voice| self.in_channel(user, voice))
                }
                None => base,
            };
        }
        if base == Permissions::ALL || self.facts.kind == SpaceKind::Conversation {
            return base;
        }
        let line = |target| channel.overwrites.get(&target);
        let mut now = applied(base, line(OverwriteTarget::Role(self.everyone())));
        let mut roles = (Permissions::NONE, Permissions::NONE);
        for entry in self.roles_of(user).filter_map(|role| line(OverwriteTarget::Role(role.id))) {
            roles = (roles.0.with(entry.allow), roles.1.with(entry.deny));
        }
        now = now.without(roles.1).with(roles.0);
        now = applied(now, line(OverwriteTarget::User(*user)));
        if now.has(Permissions::VIEW_CHANNEL) { now } else { Permissions::NONE }
    }
}

/// What is allowed in a thread of a channel: writing there is a permission of its own.
const fn in_thread(channel: Permissions) -> Permissions {
    if channel.has(Permissions::SEND_MESSAGES_IN_THREADS) {
        channel.with(Permissions::SEND_MESSAGES)
    } else {
        channel.without(Permissions::SEND_MESSAGES)
    }
}

fn applied(now: Permissions, entry: Option<&OverwriteEntry>) -> Permissions {
    entry.map_or(now, |entry| now.without(entry.deny).with(entry.allow))
}
