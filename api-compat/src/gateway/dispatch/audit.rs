//! GUILD_AUDIT_LOG_ENTRY_CREATE: what was governed, to who may read the audit log.

use super::Dispatcher;
use crate::audit::{self, Entry};
use crate::gateway::event::{Event, EventName, Payload, Scope};
use crate::gateway::intents::Intents;
use nexus_core::Change;
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::permissions::Permissions;
use serde_json::json;

/// Acts that an entry looks back on for what something was before.
const RECENT_MAX: usize = 128;

impl Dispatcher<'_> {
    /// An act that is no line of the log (a reason, a checkpoint) is told of nobody.
    pub(super) fn governed(&mut self, space: &SpaceId, op: &OpId) {
        self.logged(space, |entry| entry.op == *op);
    }

    /// The line of a bot that was let in comes with its join, which may come after the act. Who is in again because a ban was lifted is no
    /// newcomer.
    pub(super) fn let_in(&mut self, changes: &[Change]) {
        for change in changes {
            let Change::MemberJoined { space, user } = change else { continue };
            let is_bot = self.view.users.get(user).is_some_and(|user| user.class == AccountClass::Bot);
            if is_bot && !changes.contains(&Change::BanRemoved { space: *space, user: *user }) {
                self.logged(space, |entry| entry.action == audit::BOT_ADD && entry.about == Some(*user));
            }
        }
    }

    /// Tells the latest line that is meant, once.
    fn logged(&mut self, space: &SpaceId, is_meant: impl Fn(&Entry) -> bool) {
        if !self.audit.contains_key(space) {
            let (Some(guild), Some(reader)) = (self.view.authority.get(space), self.sources.reader()) else {
                return;
            };
            // Where the store fails, the program has more to say than this.
            let Ok(entries) = audit::entries(self.view, guild, reader, RECENT_MAX) else { return };
            self.audit.insert(*space, entries);
        }
        let Some(entries) = self.audit.get_mut(space) else { return };
        let Some(at) = entries.iter().rposition(is_meant) else { return };
        let entry = entries.remove(at);
        let mut data = entry.draw(self.view);
        data["guild_id"] = json!(self.id(*space));
        let payload = Payload::new(EventName::GuildAuditLogEntryCreate, &data);
        let scope = Scope::Holders(*space, Permissions::VIEW_AUDIT_LOG);
        self.tell(Event::new(scope, Intents::GUILD_MODERATION, payload));
    }
}
