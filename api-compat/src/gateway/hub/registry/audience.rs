//! Who may hear what: worked out once for a channel and kept until something changes.

use super::Registry;
use super::session::Session;
use crate::gateway::event::Scope;
use crate::gateway::hub::fan_out::Audience;
use crate::gateway::intents::Intents;
use nexus_crdt::id::UserId;
use std::sync::Arc;

impl Registry {
    /// Every session that may hear of something at all.
    pub(in crate::gateway::hub) fn audience(&mut self, scope: &Scope) -> Audience {
        if let Some(known) = self.audiences.get(scope) {
            return known.clone();
        }
        let found: Audience = self.find_audience(scope).into();
        if self.audiences.len() >= AUDIENCES_MAX {
            self.audiences.clear();
        }
        self.audiences.insert(scope.clone(), found.clone());
        found
    }

    /// Whether somebody who may hear of something asked for these intents, a session that waits to be resumed among them.
    pub(in crate::gateway::hub) fn may_hear(&mut self, scope: &Scope, intents: Intents) -> bool {
        self.audience(scope).iter().any(|session| session.intents.has(intents))
    }

    fn find_audience(&self, scope: &Scope) -> Vec<Arc<Session>> {
        let Some(space) = scope.space() else {
            return if let Scope::User(user) = scope { self.sessions_of(user) } else { Vec::new() };
        };
        let Some(guild) = self.view.guilds.get(space) else {
            return Vec::new();
        };
        let may_hear = |user: &UserId| match scope {
            Scope::Channel(_, channel, needed) => guild.permissions_in(user, channel).has(*needed),
            Scope::Holders(_, needed) => guild.permissions(user).has(*needed),
            _ => guild.members.contains_key(user),
        };
        self.of_user
            .iter()
            .filter(|(user, _)| may_hear(user))
            .flat_map(|(_, sessions)| sessions)
            .filter(|session| session.shard.holds(&self.view, guild))
            .cloned()
            .collect()
    }
}

/// Audiences kept at a time; beyond it all are worked out anew.
const AUDIENCES_MAX: usize = 4_096;
