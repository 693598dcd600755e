//! Who comes into a conversation of several and goes, and what it is called. Bots are told nothing of it: they meet a conversation by its
//! first message.

use super::Dispatcher;
use crate::gateway::event::{Event, EventName, Payload, Scope};
use crate::gateway::intents::Intents;
use crate::render;
use nexus_core::View;
use nexus_crdt::id::{SpaceId, UserId};
use serde_json::json;

impl Dispatcher<'_> {
    /// It is called otherwise: each participant sees the others in it.
    pub(super) fn group_updated(&mut self, space: &SpaceId) {
        let Some(guild) = self.view.guilds.get(space) else { return };
        for user in guild.members.keys() {
            self.conversation(EventName::ChannelUpdate, space, user);
        }
    }

    /// The others hear who; for whoever came the conversation begins.
    pub(super) fn brought_in(&mut self, space: &SpaceId, user: &UserId) {
        self.recipient(EventName::ChannelRecipientAdd, space, user);
        self.conversation(EventName::ChannelCreate, space, user);
    }

    pub(super) fn put_out(&mut self, space: &SpaceId, user: &UserId) {
        self.recipient(EventName::ChannelRecipientRemove, space, user);
        self.conversation(EventName::ChannelDelete, space, user);
        // Another one may head it now.
        self.group_updated(space);
    }

    fn recipient(&mut self, name: EventName, space: &SpaceId, user: &UserId) {
        if self.view.guilds.get(space).is_none_or(View::is_of_one) {
            return;
        }
        let data = json!({ "channel_id": self.id(*space), "user": render::user(self.view, user) });
        let mut event = Event::new(Scope::Members(*space), Intents::PERSON, Payload::new(name, &data));
        event.except = Some(*user);
        self.tell(event);
    }

    fn conversation(&mut self, name: EventName, space: &SpaceId, user: &UserId) {
        let Some(guild) = self.view.guilds.get(space) else { return };
        if let Some(channel) = render::conversation(self.view, self.sources.reader(), guild, user) {
            let payload = Payload::new(name, &channel);
            self.tell(Event::new(Scope::User(*user), Intents::PERSON, payload));
        }
    }
}
