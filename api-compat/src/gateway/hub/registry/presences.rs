//! How people are seen: kept for those here and for those whom peers speak of, and told to who may know.

use super::Registry;
use super::session::Session;
use crate::gateway::event::{Event, EventName, Payload, Scope};
use crate::gateway::intents::Intents;
use crate::gateway::presence::Presences;
use nexus_core::Change;
use nexus_core::sync::presence::{self, Presence, Voice};
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{SpaceId, UserId};
use nexus_node::Published;
use std::collections::BTreeMap;

impl Registry {
    /// Keeps how an account here is seen, and tells its guilds and other programs. None: offline.
    pub(in crate::gateway::hub) fn set_presence(&mut self, user: UserId, presence: Option<Presence>) {
        let voice = self.presences.here(&user).and_then(|before| before.voice);
        let presence = presence.map(|presence| Presence { voice, ..presence });
        if presence.is_none() && voice.is_some() {
            self.voices.remove(&user);
            self.moved(&user, voice, None);
        }
        self.show(user, presence.clone());
        if self.presences.set(user, presence) {
            self.tell_guilds_of(&user);
        }
    }

    /// Keeps whom peers speak of, and tells their guilds.
    pub(in crate::gateway::hub) fn set_elsewhere(&mut self, now: presence::Presences) {
        let were: BTreeMap<UserId, Option<Voice>> =
            self.presences.elsewhere().iter().map(|(user, presence)| (*user, presence.voice)).collect();
        for user in self.presences.set_elsewhere(now) {
            self.tell_guilds_of(&user);
            self.moved(&user, were.get(&user).copied().flatten(), self.presences.voice_of(&user));
        }
    }

    pub(super) fn show(&self, user: UserId, presence: Option<Presence>) {
        if let Some(mesh) = &self.mesh {
            mesh.show(user, presence);
        }
    }

    fn tell_guilds_of(&mut self, user: &UserId) {
        for space in self.guilds_of(user) {
            self.tell_presence(user, &space);
        }
    }

    /// Tells a guild how one of its members is seen.
    pub(in crate::gateway::hub) fn tell_presence(&mut self, user: &UserId, space: &SpaceId) {
        let Some(data) = self.presences.in_guild(&self.view, user, Some(space)) else {
            return;
        };
        let payload = Payload::new(EventName::PresenceUpdate, &data);
        let mut event = Event::new(Scope::Members(*space), Intents::GUILD_PRESENCES, payload);
        event.except = Some(*user);
        for session in self.audience(&event.scope).iter() {
            if let Some(payload) = event.heard_by(&session.user, session.intents) {
                session.run().push(payload.clone());
            }
        }
    }

    /// Tells guilds of those who came into them from elsewhere and were seen before.
    pub(in crate::gateway::hub) fn tell_who_came(&mut self, published: &Published) {
        for change in published.changes.iter() {
            if let Change::MemberJoined { space, user } = change
                && self.presences.is_online(user)
                && !self.of_user.contains_key(user)
            {
                self.tell_presence(user, space);
            }
        }
    }

    pub(in crate::gateway::hub) fn is_online(&self, user: &UserId) -> bool {
        self.presences.is_online(user)
    }

    /// What a session may know of who is online: nothing without the intent.
    pub(in crate::gateway::hub) fn presences(&self, session: &Session) -> Presences {
        if session.intents.has(Intents::GUILD_PRESENCES) {
            self.presences.clone()
        } else {
            self.presences.but_for_voices()
        }
    }

    fn guilds_of(&self, user: &UserId) -> Vec<SpaceId> {
        let is_in =
            |guild: &GuildView| guild.facts.kind == SpaceKind::Guild && guild.members.contains_key(user);
        self.view.guilds.iter().filter(|(_, guild)| is_in(guild)).map(|(space, _)| *space).collect()
    }
}
