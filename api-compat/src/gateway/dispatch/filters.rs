//! What happens to filters, and what they catch: told to who manages the guild.

use super::Dispatcher;
use crate::gateway::event::{Event, EventName, Payload, Scope, Sparse};
use crate::gateway::intents::Intents;
use crate::render;
use crate::text;
use nexus_core::{Caught, Snowflake};
use nexus_crdt::guild::Filter;
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::permissions::Permissions;
use serde_json::json;

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

    /// One event for each thing that a filter does.
    pub(super) fn caught(&mut self, caught: &Caught) {
        let Some(guild) = self.guild(&caught.space) else { return };
        let Some(filter) = guild.filters.get(&caught.filter) else { return };
        let id = |number: Option<Snowflake>| number.map(|number| number.0.to_string());
        for action in render::actions(self.view, filter) {
            let mut data = json!({
                "guild_id": self.id(caught.space),
                "action": action,
                "rule_id": self.id(caught.filter),
                "rule_trigger_type": render::trigger_type(&filter.trigger),
                "user_id": self.id(caught.user),
                "channel_id": self.id(caught.channel),
                "content": text::write(self.view, &caught.text, &caught.refs),
                "matched_keyword": Some(&caught.keyword).filter(|word| !word.is_empty()),
                "matched_content": Some(&caught.matched).filter(|found| !found.is_empty()),
            });
            for (key, value) in
                [("message_id", id(caught.message)), ("alert_system_message_id", id(caught.alert))]
            {
                if let Some(value) = value {
                    data[key] = json!(value);
                }
            }
            let name = EventName::AutoModerationActionExecution;
            let payload = Payload::new(name, &data);
            (data["content"], data["matched_content"]) = (json!(""), json!(""));
            let scope = Scope::Holders(caught.space, Permissions::MANAGE_GUILD);
            let mut event = Event::new(scope, Intents::AUTO_MODERATION_EXECUTION, payload);
            event.sparse = Some(Sparse { payload: Payload::new(name, &data), exempt: Vec::new() });
            self.tell(event);
        }
    }
}
