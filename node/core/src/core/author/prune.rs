//! Members who have been silent: counted, and kicked.

use super::{Actor, Authored, Halt, Turn, count};
use crate::command::Reply;
use crate::command::refusal::Refusal;
use nexus_crdt::guild::Rank;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{RoleId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;

/// Members that one command removes.
const PRUNE_MAX: usize = 1_000;

impl Turn<'_> {
    /// Who came, and last wrote anything in the guild, so long ago. (Discord counts logins; nobody here keeps those of others.)
    pub(super) fn silent(
        &mut self,
        actor: &Actor,
        space: SpaceId,
        silent_ms: u64,
        roles: &[RoleId],
    ) -> Authored<Vec<UserId>> {
        let guild = self.guild_of(actor, &space)?;
        let view = guild.view();
        let needs = Permissions::KICK_MEMBERS.with(Permissions::MANAGE_GUILD);
        if !view.permissions(&actor.user).has(needs) {
            return Err(Refusal::MissingPermissions.into());
        }
        let since = Hlc::from_ms(self.now_ms.saturating_sub(silent_ms));
        let own = view.rank(&actor.user);
        let mut silent = Vec::new();
        for member in view.members.values().filter(|member| member.joined < since) {
            let only_these = view.roles_of(&member.user).all(|role| roles.contains(&role.id));
            let rank = view.rank(&member.user);
            let below = rank < own && rank != Rank::Owner;
            if only_these && below && self.last_wrote(&space, &member.user)?.is_none_or(|last| last < since) {
                silent.push(member.user);
            }
            if silent.len() == PRUNE_MAX {
                break;
            }
        }
        Ok(silent)
    }

    fn last_wrote(&mut self, space: &SpaceId, user: &UserId) -> Authored<Option<Hlc>> {
        let mut last = None;
        for log in self.logs_of(space, user)? {
            last = last.max(self.head(&log)?.map(|head| head.hlc));
        }
        Ok(last)
    }

    /// One act each. Where the actor may no more, those who are gone are gone.
    pub(super) fn prune(
        &mut self,
        actor: &Actor,
        space: SpaceId,
        silent: Vec<UserId>,
        reason: &str,
    ) -> Authored<Reply> {
        let mut gone = 0;
        for user in silent {
            match self.kick(actor, space, user, reason.to_owned()) {
                Ok(_) => gone += 1,
                Err(Halt::Refused(_) | Halt::Caught(_)) if gone > 0 => break,
                Err(halt) => return Err(halt),
            }
        }
        Ok(count(gone))
    }
}
