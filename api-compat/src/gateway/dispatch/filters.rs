//! What happens to filters: told to who manages the guild.

use super::Dispatcher;
use crate::gateway::event::{Event, EventName, Payload, Scope};
use crate::gateway::intents::Intents;
use crate::render;
use nexus_crdt::guild::Filter;
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::permissions::Permissions;

impl Dispatcher<'_> {
    pub(super) fn filter(&mut self, name: EventName, space: &SpaceId, filter: &OpId) {
        let Some(guild) = self.guild(space) else { return };
        if let Some(filter) = guild.filters.get(filter) {
            self.about_filter(name, space, filter);
        }
    }

    pub(super) fn about_filter(&mut self, name: EventName, space: &SpaceId, filter: &Filter) {
        let Some(guild) = self.guild(space) else { return };
        let payload = Payload::new(name, &render::filter(self.view, guild, filter));
        let scope = Scope::Holders(*space, Permissions::MANAGE_GUILD);
        self.tell(Event::new(scope, Intents::AUTO_MODERATION_CONFIGURATION, payload));
    }
}
