//! In which voice channel somebody is: kept beside who is there, and told to who sees the channel.

use super::Registry;
use super::session::Session;
use crate::gateway::dispatch;
use crate::gateway::event::{Event, EventName, Payload, Scope};
use crate::gateway::intents::Intents;
use crate::gateway::voice;
use nexus_core::Change;
use nexus_core::sync::presence::{Presence, Voice};
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_node::Published;
use std::collections::BTreeSet;

impl Registry {
    /// Keeps in which voice channel an account here is by one of its sessions. Who is not seen at all is in none.
    pub(in crate::gateway::hub) fn set_voice(&mut self, session: &Session, voice: Option<Voice>) {
        let user = session.user;
        let Some(presence) = self.presences.here(&user).cloned() else { return };
        let before = presence.voice;
        if before == voice {
            return;
        }
        match voice {
            Some(_) => self.voices.insert(user, session.id.clone()),
            None => self.voices.remove(&user),
        };
        let presence = Some(Presence { voice, ..presence });
        self.show(user, presence.clone());
        self.presences.set(user, presence);
        self.moved(&user, before, voice);
    }

    /// Puts somebody who is in a voice channel of a guild by a session here into another one, or out of it.
    pub(in crate::gateway::hub) fn put_in_voice(
        &mut self,
        user: &UserId,
        space: &SpaceId,
        to: Option<ChannelId>,
    ) {
        let voice = self.presences.here(user).and_then(|presence| presence.voice);
        let session = self.voices.get(user).and_then(|id| self.sessions.get(id)).cloned();
        if let (Some(voice), Some(session)) = (voice.filter(|voice| voice.space == *space), session) {
            self.set_voice(&session, to.map(|channel| Voice { channel, ..voice }));
        }
    }

    /// Whether somebody who is put into a voice channel of a guild is let in there, as far as is known here.
    pub(in crate::gateway::hub) fn lets_into_voice(
        &self,
        user: &UserId,
        space: &SpaceId,
        to: Option<ChannelId>,
    ) -> bool {
        let (Some(channel), Some(guild)) = (to, self.view.guilds.get(space)) else { return to.is_none() };
        let now = self.presences.here(user).and_then(|presence| presence.voice);
        now.is_none_or(|now| voice::may_be(guild, user, &Voice { channel, ..now }))
    }

    pub(in crate::gateway::hub) fn is_in_voice_here(&self, user: &UserId) -> bool {
        self.voices.contains_key(user)
    }

    /// Ends what somebody here may be in no more.
    pub(in crate::gateway::hub) fn see_to_voices(&mut self, published: &Published) {
        if self.voices.is_empty() || dispatch::reshaped(&published.changes).is_empty() {
            return;
        }
        for (user, id) in self.voices.clone() {
            let voice = self.presences.here(&user).and_then(|presence| presence.voice);
            let guild = voice.and_then(|voice| self.view.guilds.get(&voice.space));
            let stays = voice.zip(guild).is_some_and(|(voice, guild)| voice::may_be(guild, &user, &voice));
            if let Some(session) = self.sessions.get(&id).cloned().filter(|_| !stays) {
                self.set_voice(&session, None);
            }
        }
    }

    /// Tells who sees somebody in a voice channel that their voice or hearing was taken there, or given back.
    pub(in crate::gateway::hub) fn tell_silenced(&mut self, published: &Published) {
        for change in published.changes.iter() {
            let Change::Silenced { space, user } = change else { continue };
            let place = self.presences.voice_of(user).filter(|place| place.space == *space);
            if let Some(place) = place {
                self.tell_state(user, &place, true, &mut BTreeSet::new());
            }
        }
    }

    pub(in crate::gateway::hub) fn voice_of(&self, user: &UserId) -> Option<Voice> {
        self.presences.voice_of(user)
    }

    /// Tells where somebody is now those who see that, and those who saw where they were that they have gone.
    pub(super) fn moved(&mut self, user: &UserId, before: Option<Voice>, now: Option<Voice>) {
        if before == now {
            return;
        }
        let mut told = BTreeSet::new();
        let gone = before.filter(|before| now.is_none_or(|now| now.channel != before.channel));
        for (place, is_there) in [(now, true), (gone, false)] {
            if let Some(place) = place {
                self.tell_state(user, &place, is_there, &mut told);
            }
        }
        if let Some(gone) = gone {
            self.has_gone(user, &gone.space, &gone.channel);
        }
    }

    /// Tells those who see a voice channel, and were not told yet, that somebody is there, and how, or there no more.
    fn tell_state(&mut self, user: &UserId, place: &Voice, is_there: bool, told: &mut BTreeSet<String>) {
        let view = self.view.clone();
        let Some(guild) = view.guilds.get(&place.space) else { return };
        let shown = Some(place).filter(|_| is_there);
        if shown.is_some_and(|voice| !voice::may_be(guild, user, voice)) {
            return;
        }
        let data = voice::state(&view, guild, user, shown, &voice::session_name(user));
        let payload = Payload::new(EventName::VoiceStateUpdate, &data);
        let scope = Scope::viewers(place.space, place.channel);
        let mut event = Event::new(scope, Intents::GUILD_VOICE_STATES, payload);
        event.concerns = Some(*user);
        for session in self.audience(&event.scope).iter() {
            // Who sees both hears of a move, not of an end.
            if let Some(payload) = event.heard_by(&session.user, session.intents)
                && told.insert(session.id.clone())
            {
                session.run().push(payload.clone());
            }
        }
    }
}
