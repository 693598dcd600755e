//! GUILD_AUDIT_LOG_ENTRY_CREATE: what was governed, to who may read the audit log.

use super::Dispatcher;
use crate::audit;
use crate::gateway::event::{Event, EventName, Payload, Scope};
use crate::gateway::intents::Intents;
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::permissions::Permissions;
use serde_json::json;

/// Acts that an entry looks back on for what something was before.
const RECENT_MAX: usize = 128;

impl Dispatcher<'_> {
    /// An act that is no line of the log (a reason, a checkpoint) is told of nobody.
    pub(super) fn governed(&mut self, space: &SpaceId, op: &OpId) {
        if !self.audit.contains_key(space) {
            let (Some(guild), Some(reader)) = (self.view.authority.get(space), self.reader) else { return };
            // Where the store fails, the program has more to say than this.
            let Ok(entries) = audit::entries(self.view, guild, reader, RECENT_MAX) else { return };
            self.audit.insert(*space, entries);
        }
        let entry = self.audit.get(space).and_then(|entries| entries.iter().find(|entry| entry.op == *op));
        let Some(entry) = entry else { return };
        let mut data = entry.draw(self.view);
        data["guild_id"] = json!(self.id(*space));
        let payload = Payload::new(EventName::GuildAuditLogEntryCreate, &data);
        let scope = Scope::Holders(*space, Permissions::VIEW_AUDIT_LOG);
        self.tell(Event::new(scope, Intents::GUILD_MODERATION, payload));
    }
}
