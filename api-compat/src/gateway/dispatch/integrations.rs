//! What happens to bots that were let in, as integrations.

use super::Dispatcher;
use crate::gateway::event::{Event, EventName, Payload, Scope};
use crate::gateway::intents::Intents;
use crate::render;
use nexus_core::View;
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::id::{SpaceId, UserId};
use serde_json::{Value, json};

impl Dispatcher<'_> {
    /// A bot was let into a guild, or is called otherwise than before.
    pub(super) fn integration(&mut self, name: EventName, space: &SpaceId, user: &UserId) {
        if is_bot(self.view, user) && self.guild(space).is_some() {
            self.about_integration(name, space, render::integration(self.view, user));
        }
    }

    /// It is out.
    pub(super) fn integration_deleted(&mut self, space: &SpaceId, user: &UserId) {
        if is_bot(self.view, user) {
            let id = self.id(*user);
            let data = json!({ "id": id, "application_id": id });
            self.about_integration(EventName::IntegrationDelete, space, data);
        }
    }

    fn about_integration(&mut self, name: EventName, space: &SpaceId, mut data: Value) {
        let guild_id = self.id(*space);
        data["guild_id"] = json!(guild_id);
        let changed = Payload::new(EventName::GuildIntegrationsUpdate, &json!({ "guild_id": guild_id }));
        for payload in [Payload::new(name, &data), changed] {
            self.structural(Event::new(Scope::Members(*space), Intents::GUILD_INTEGRATIONS, payload));
        }
    }
}

fn is_bot(view: &View, user: &UserId) -> bool {
    view.users.get(user).is_some_and(|user| user.class == AccountClass::Bot)
}
