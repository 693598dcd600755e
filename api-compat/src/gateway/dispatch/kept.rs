//! What people keep for themselves, told to their own sessions alone.

use super::Dispatcher;
use crate::gateway::event::{Event, EventName, Payload, Scope};
use crate::gateway::intents::Intents;
use crate::render;
use nexus_core::NoteKey;
use nexus_crdt::body::content::{About, Note};
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use serde_json::{Value, json};

impl Dispatcher<'_> {
    pub(super) fn noted(&mut self, user: &UserId, key: &NoteKey) {
        match key {
            NoteKey::Read(channel) => self.read(user, channel),
            NoteKey::Setting(About::Me, name) => self.setting(user, name),
            NoteKey::Setting(About::Guild(guild), _) => self.guild_settings(user, guild),
            NoteKey::Setting(About::Channel(channel), _) => {
                if let Some(guild) = self.view.channels.get(channel) {
                    self.guild_settings(user, guild);
                }
            }
            NoteKey::Block(other) => self.relation(user, other),
            NoteKey::Draft(channel) => self.draft(user, channel),
            NoteKey::Friend(other) => {
                self.relation(user, other);
                self.relation(other, user);
            }
        }
    }

    fn read(&mut self, user: &UserId, channel: &ChannelId) {
        let noted = self.view.note(user, &NoteKey::Read(*channel)).map(|noted| &noted.note);
        let Some(Note::Read { message, .. }) = noted else { return };
        let number =
            self.sources.reader().and_then(|reader| reader.number_of(*channel, message).ok().flatten());
        let Some(number) = number else { return };
        let data =
            json!({ "channel_id": self.id(*channel), "message_id": number.0.to_string(), "version": 0 });
        self.tell_self(user, EventName::MessageAck, &data);
    }

    fn draft(&mut self, user: &UserId, channel: &ChannelId) {
        let noted = self.view.note(user, &NoteKey::Draft(*channel)).map(|noted| &noted.note);
        let Some(Note::Draft { text, .. }) = noted else { return };
        let data = render::draft(self.view, user, channel, text);
        data.into_iter().for_each(|data| self.tell_self(user, EventName::NexusDraftUpdate, &data));
    }

    fn setting(&mut self, user: &UserId, name: &str) {
        let key = NoteKey::Setting(About::Me, name.to_owned());
        let Some(Note::Setting { json, .. }) = self.view.note(user, &key).map(|noted| &noted.note) else {
            return;
        };
        let value: Value = serde_json::from_str(json).unwrap_or(Value::Null);
        self.tell_self(user, EventName::UserSettingsUpdate, &json!({ name: value }));
    }

    fn guild_settings(&mut self, user: &UserId, guild: &SpaceId) {
        let Some(guild) = self.guild(guild) else { return };
        let data = render::guild_settings(self.view, guild, user);
        self.tell_self(user, EventName::UserGuildSettingsUpdate, &data);
    }

    /// What somebody is to somebody by now.
    fn relation(&mut self, me: &UserId, other: &UserId) {
        match render::relation(self.view, me, other) {
            Some(kind) => {
                let data = render::relationship(self.view, other, kind);
                self.tell_self(me, EventName::RelationshipAdd, &data);
            }
            None => self.tell_self(me, EventName::RelationshipRemove, &json!({ "id": self.id(*other) })),
        }
    }

    fn tell_self(&mut self, user: &UserId, name: EventName, data: &Value) {
        // Only a person's own client has that bit.
        self.tell(Event::new(Scope::User(*user), Intents::PERSON, Payload::new(name, data)));
    }
}
