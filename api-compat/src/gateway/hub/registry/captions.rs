//! What voice channels are about: kept beside who is there, and told to who sees the channel.

use super::Registry;
use crate::gateway::caption::{ChannelInfoWish, Key};
use crate::gateway::dispatch;
use crate::gateway::event::{Event, EventName, Payload, Scope};
use crate::gateway::hub::{Attachment, Gateway};
use crate::gateway::intents::Intents;
use nexus_core::sync::caption;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_node::Published;
use serde_json::json;

impl Gateway {
    /// Keeps what somebody here says a voice channel is about, and tells who may know. Empty: about nothing any more.
    pub(crate) fn caption(
        &self,
        user: UserId,
        (space, channel): (SpaceId, ChannelId),
        text: String,
        now_ms: u64,
    ) {
        self.registry().caption((channel, user), space, text, now_ms);
    }

    /// Answers op 43 with what is known of a guild's channels for the moment.
    pub(crate) fn send_channel_info(&self, attachment: &Attachment, wish: &ChannelInfoWish) {
        let registry = self.registry();
        if let Some(payload) = registry.captions.info(&registry.view(), &attachment.session, wish) {
            attachment.session.run().push(payload);
        }
    }
}

impl Registry {
    fn caption(&mut self, key: Key, space: SpaceId, text: String, now_ms: u64) {
        let (caption, out) = self.captions.say(key, space, text, now_ms);
        if let Some(mesh) = &self.mesh {
            mesh.caption(key.0, key.1, Some(caption));
        }
        self.tell_no_more(&Vec::from_iter(out));
        self.tell_caption(&space, &key.0);
    }

    /// Keeps what peers say of voice channels, and tells who may know.
    pub(in crate::gateway::hub) fn set_captions_elsewhere(&mut self, now: caption::Captions) {
        for (space, channel) in self.captions.set_elsewhere(now) {
            self.tell_caption(&space, &channel);
        }
    }

    /// Somebody has gone from a voice channel: with the last of them goes what it is about.
    pub(super) fn has_gone(&mut self, who: &UserId, space: &SpaceId, channel: &ChannelId) {
        if !self.captions.has(channel) {
            return;
        }
        let view = self.view();
        let somebody = view.guilds.get(space).is_some_and(|guild| {
            self.presences.voices(guild).any(|(user, voice)| user != *who && voice.channel == *channel)
        });
        if !somebody {
            let ended = self.captions.end(channel);
            self.tell_no_more(&ended);
        }
    }

    /// Ends what somebody here may say no more, and looks anew at what others say.
    pub(in crate::gateway::hub) fn see_to_captions(&mut self, published: &Published) {
        for space in dispatch::reshaped(&published.changes) {
            let view = self.view();
            let ended = self.captions.end_what_may_not_be(&space, view.guilds.get(&space));
            self.tell_no_more(&ended);
            for channel in self.captions.channels_of(&space) {
                self.tell_caption(&space, &channel);
            }
        }
    }

    /// Nothing is said here any more.
    pub(super) fn end_captions(&mut self) {
        for (channel, user) in self.captions.end_all() {
            if let Some(mesh) = &self.mesh {
                mesh.caption(channel, user, None);
            }
        }
    }

    fn tell_no_more(&mut self, ended: &[Key]) {
        let view = self.view();
        for (channel, user) in ended {
            if let Some(mesh) = &self.mesh {
                mesh.caption(*channel, *user, None);
            }
            if let Some(guild) = view.guild_of(channel) {
                self.tell_caption(&guild.facts.id, channel);
            }
        }
    }

    fn tell_caption(&mut self, space: &SpaceId, channel: &ChannelId) {
        let view = self.view();
        let Some(status) = self.captions.turn_over(view.guilds.get(space), space, channel) else { return };
        let data = json!({
            "id": view.ids.of(*channel).0.to_string(),
            "guild_id": view.ids.of(*space).0.to_string(),
            "status": status,
        });
        let payload = Payload::new(EventName::VoiceChannelStatusUpdate, &data);
        let event = Event::new(Scope::viewers(*space, *channel), Intents::GUILDS, payload);
        for session in self.audience(&event.scope).iter() {
            if let Some(payload) = event.heard_by(&session.user, session.intents) {
                session.run().push(payload.clone());
            }
        }
    }
}
