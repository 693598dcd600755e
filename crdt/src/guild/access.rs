//! Who may ask a bot for what it offers, by the guild's word.

use super::state::GuildView;
use crate::body::governance::{AccessLine, AccessTarget};
use crate::id::{ChannelId, OpId, UserId};

impl GuildView {
    /// What the guild says of somebody who asks a bot for an offer in a channel; none where it says nothing of them, and the
    /// offer's own word holds. The offer's lines come before the bot's; of people their own line, then those of their roles
    /// (one that allows suffices), then `@everyone`'s. A thread is where it hangs.
    #[must_use]
    pub fn offer_access(
        &self,
        (application, offer): (&UserId, &OpId),
        user: &UserId,
        channel: &ChannelId,
    ) -> Option<bool> {
        let lines =
            |offer: Option<OpId>| self.access.get(&(*application, offer)).map_or(&[][..], |all| &**all);
        let levels = [lines(Some(*offer)), lines(None)];
        let thread = self.channels.get(channel).filter(|channel| channel.thread.is_some());
        let place = thread.and_then(|thread| thread.parent).unwrap_or(*channel);
        if levels.iter().find_map(|lines| there(lines, &place)) == Some(false) {
            return Some(false);
        }
        levels.iter().find_map(|lines| self.themselves(lines, user))
    }

    fn themselves(&self, lines: &[AccessLine], user: &UserId) -> Option<bool> {
        let mut by_roles: Option<bool> = None;
        for role in self.roles_of(user) {
            if let Some(allowed) = line(lines, AccessTarget::Role(role.id)) {
                by_roles = Some(by_roles.unwrap_or(false) || allowed);
            }
        }
        let everyone = || line(lines, AccessTarget::Role(self.everyone()));
        line(lines, AccessTarget::User(*user)).or(by_roles).or_else(everyone)
    }
}

fn there(lines: &[AccessLine], channel: &ChannelId) -> Option<bool> {
    line(lines, AccessTarget::Channel(*channel)).or_else(|| line(lines, AccessTarget::AllChannels))
}

fn line(lines: &[AccessLine], target: AccessTarget) -> Option<bool> {
    lines.iter().find(|line| line.target == target).map(|line| line.allowed)
}
