//! Every gateway session, and who may hear what: worked out once for a channel and kept until something changes.

use super::super::caption::Captions;
use super::super::close::CloseCode;
use super::super::dispatch;
use super::super::event::{Event, EventName, Payload, Scope};
use super::super::frame::Identify;
use super::super::intents::Intents;
use super::super::presence::Presences;
use super::super::session::Run;
use super::super::voice;
use super::{Settings, Shown};
use crate::ports::{Credential, Spoken};
use nexus_core::sync::presence::{self, Presence, Voice};
use nexus_core::{Change, Snowflake, View};
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_node::Published;
use nexus_node::mesh::Mesh;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Audiences kept at a time; beyond it all are worked out anew.
const AUDIENCES_MAX: usize = 4_096;

/// An IDENTIFY that was found good.
pub(super) struct Admission {
    user: UserId,
    by: Credential,
    bot: bool,
    intents: Intents,
    shard: Shard,
    large_threshold: usize,
}

/// A part of the guilds: those with `(id >> 22) % count == index`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Shard {
    /// Which part.
    pub(crate) index: u64,
    /// Of how many.
    pub(crate) count: u64,
}

/// A gateway session: whose it is, what was asked for, and its run of events.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) user: UserId,
    pub(crate) bot: bool,
    pub(crate) intents: Intents,
    pub(crate) shard: Shard,
    /// Guilds up to this size come with all their members.
    pub(crate) large_threshold: usize,
    by: Credential,
    run: Mutex<Run>,
}

/// Who is there.
pub(super) struct Registry {
    view: Shown,
    sessions: BTreeMap<String, Arc<Session>>,
    of_user: BTreeMap<UserId, Vec<Arc<Session>>>,
    audiences: BTreeMap<Scope, Arc<[Arc<Session>]>>,
    pub(super) presences: Presences,
    /// What voice channels are about.
    pub(super) captions: Captions,
    /// The session by which an account here is in a voice channel.
    voices: BTreeMap<UserId, String>,
    /// Other programs, which are told who is here.
    pub(super) mesh: Option<Mesh>,
}

impl Admission {
    /// Token, intents and shard, in Discord's order.
    pub(super) fn check(identify: &Identify, spoken: Option<Spoken>, view: &View) -> Result<Self, CloseCode> {
        let Spoken { user, by } = spoken.ok_or(CloseCode::AuthenticationFailed)?;
        let bot = view.users.get(&user).is_some_and(|user| user.class == AccountClass::Bot);
        let intents = match (identify.intents, bot) {
            (Some(bits), true) => Intents::parse(bits).ok_or(CloseCode::InvalidIntents)?,
            (None, true) => return Err(CloseCode::InvalidIntents),
            (_, false) => Intents::of_a_person(),
        };
        let flags = view.applications.get(&user).map_or(0, |application| application.flags);
        if bot && !intents.allowed_by(flags) {
            return Err(CloseCode::DisallowedIntents);
        }
        let (index, count) = identify.shard.unwrap_or((0, 1));
        if index >= count {
            return Err(CloseCode::InvalidShard);
        }
        let threshold = identify.large_threshold.unwrap_or(50).clamp(50, 250);
        let large_threshold = usize::try_from(threshold).unwrap_or(50);
        Ok(Self { user, by, bot, intents, shard: Shard { index, count }, large_threshold })
    }
}

impl Shard {
    /// Whether it is told of a space. Conversations belong to the first.
    pub(crate) fn holds(self, view: &View, guild: &GuildView) -> bool {
        match guild.facts.kind {
            SpaceKind::Guild => (view.ids.of(guild.facts.id).0 >> 22) % self.count == self.index,
            _ => self.index == 0,
        }
    }
}

impl Session {
    pub(super) fn new(admission: Admission, run: Run) -> Self {
        let Admission { user, by, bot, intents, shard, large_threshold } = admission;
        let id = format!("{:032x}", rand::random::<u128>());
        Self { id, user, bot, intents, shard, large_threshold, by, run: Mutex::new(run) }
    }

    pub(super) fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    pub(super) fn new(view: Shown, mesh: Option<Mesh>) -> Self {
        Self {
            view,
            sessions: BTreeMap::new(),
            of_user: BTreeMap::new(),
            audiences: BTreeMap::new(),
            presences: Presences::default(),
            captions: Captions::default(),
            voices: BTreeMap::new(),
            mesh,
        }
    }

    /// The projection that everything delivered so far is part of.
    pub(super) fn view(&self) -> Shown {
        self.view.clone()
    }

    /// Takes a session in. False where there are too many; one that nobody reads makes room.
    pub(super) fn add(&mut self, session: Arc<Session>, settings: &Settings) -> bool {
        let of_account = self.of_user.get(&session.user).map_or(0, Vec::len);
        if of_account >= settings.sessions_of_account && !self.make_room(Some(&session.user)) {
            return false;
        }
        if self.sessions.len() >= settings.sessions && !self.make_room(None) {
            return false;
        }
        self.audiences.clear();
        self.of_user.entry(session.user).or_default().push(session.clone());
        self.sessions.insert(session.id.clone(), session);
        true
    }

    pub(super) fn session(&self, id: &str) -> Option<Arc<Session>> {
        self.sessions.get(id).cloned()
    }

    pub(super) fn sessions_of(&self, user: &UserId) -> Vec<Arc<Session>> {
        self.of_user.get(user).cloned().unwrap_or_default()
    }

    pub(super) fn remove(&mut self, session: &Arc<Session>) {
        self.sessions.remove(&session.id);
        self.audiences.clear();
        if self.voices.get(&session.user) == Some(&session.id) {
            self.set_voice(session, None);
        }
        let Some(rest) = self.of_user.get_mut(&session.user) else {
            return;
        };
        rest.retain(|other| !Arc::ptr_eq(other, session));
        if rest.is_empty() {
            self.of_user.remove(&session.user);
            self.set_presence(session.user, None);
        }
    }

    /// Tells an account's sessions how the program stands, those that were told otherwise or not at all.
    pub(super) fn stand(&self, owner: &UserId, now: &Arc<Payload>) {
        for session in self.of_user.get(owner).into_iter().flatten().filter(|session| !session.bot) {
            let mut run = session.run();
            if run.is_told_otherwise(now) {
                run.stand(now.clone());
            }
        }
    }

    /// Ends what nobody came back for.
    pub(super) fn reap(&mut self, now_ms: u64, resume_ms: u64) {
        let is_due = |session: &&Arc<Session>| {
            let run = session.run();
            run.is_over()
                || run.detached_since().is_some_and(|since| now_ms.saturating_sub(since) >= resume_ms)
        };
        let due: Vec<_> = self.sessions.values().filter(is_due).cloned().collect();
        for session in due {
            session.run().end();
            self.remove(&session);
        }
    }

    /// Ends the sessions whose token has been revoked.
    pub(super) fn revoke(&mut self, stands: impl Fn(&Credential) -> bool) {
        let is_revoked = |session: &&Arc<Session>| !stands(&session.by);
        let revoked: Vec<_> = self.sessions.values().filter(is_revoked).cloned().collect();
        for session in revoked {
            session.run().revoke();
            self.remove(&session);
        }
    }

    pub(super) fn end_all(&mut self) {
        for session in std::mem::take(&mut self.sessions).into_values() {
            session.run().end();
        }
        self.of_user.clear();
        self.audiences.clear();
        self.voices.clear();
        self.end_captions();
        for user in self.presences.clear_here() {
            self.show(user, None);
        }
    }

    /// Begins again from another view: nobody can be told what happened between the two.
    pub(super) fn begin_anew(&mut self, view: Shown) {
        self.end_all();
        self.view = view;
    }

    /// The batch's view, and an end to what it makes wrong of the audiences.
    pub(super) fn advance(&mut self, published: &Published) {
        self.view = published.view.clone();
        for space in dispatch::reshaped(&published.changes) {
            self.audiences.retain(|scope, _| scope.space() != Some(&space));
        }
    }

    /// What is gone is not kept for anybody who may resume, whoever may still see the channel.
    pub(super) fn forget(&self, gone: &BTreeSet<(ChannelId, Snowflake)>) {
        if gone.is_empty() {
            return;
        }
        for session in self.sessions.values() {
            session.run().forget(gone);
        }
    }

    /// Every session that may hear of something at all.
    pub(super) fn audience(&mut self, scope: &Scope) -> Arc<[Arc<Session>]> {
        if let Some(known) = self.audiences.get(scope) {
            return known.clone();
        }
        let found: Arc<[Arc<Session>]> = self.find_audience(scope).into();
        if self.audiences.len() >= AUDIENCES_MAX {
            self.audiences.clear();
        }
        self.audiences.insert(scope.clone(), found.clone());
        found
    }

    fn find_audience(&self, scope: &Scope) -> Vec<Arc<Session>> {
        let Some(space) = scope.space() else {
            return if let Scope::User(user) = scope { self.sessions_of(user) } else { Vec::new() };
        };
        let Some(guild) = self.view.guilds.get(space) else {
            return Vec::new();
        };
        let may_hear = |user: &UserId| match scope {
            Scope::Channel(_, channel, needed) => guild.permissions_in(user, channel).has(*needed),
            Scope::Holders(_, needed) => guild.permissions(user).has(*needed),
            _ => guild.members.contains_key(user),
        };
        self.of_user
            .iter()
            .filter(|(user, _)| may_hear(user))
            .flat_map(|(_, sessions)| sessions)
            .filter(|session| session.shard.holds(&self.view, guild))
            .cloned()
            .collect()
    }

    /// Keeps how an account here is seen, and tells its guilds and other programs. None: offline.
    pub(super) fn set_presence(&mut self, user: UserId, presence: Option<Presence>) {
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
    pub(super) fn set_elsewhere(&mut self, now: presence::Presences) {
        let were: BTreeMap<UserId, Option<Voice>> =
            self.presences.elsewhere().iter().map(|(user, presence)| (*user, presence.voice)).collect();
        for user in self.presences.set_elsewhere(now) {
            self.tell_guilds_of(&user);
            self.moved(&user, were.get(&user).copied().flatten(), self.presences.voice_of(&user));
        }
    }

    fn show(&self, user: UserId, presence: Option<Presence>) {
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
    pub(super) fn tell_presence(&mut self, user: &UserId, space: &SpaceId) {
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
    pub(super) fn tell_who_came(&mut self, published: &Published) {
        for change in published.changes.iter() {
            if let Change::MemberJoined { space, user } = change
                && self.presences.is_online(user)
                && !self.of_user.contains_key(user)
            {
                self.tell_presence(user, space);
            }
        }
    }

    pub(super) fn is_online(&self, user: &UserId) -> bool {
        self.presences.is_online(user)
    }

    /// What a session may know of who is online: nothing without the intent.
    pub(super) fn presences(&self, session: &Session) -> Presences {
        if session.intents.has(Intents::GUILD_PRESENCES) {
            self.presences.clone()
        } else {
            self.presences.but_for_voices()
        }
    }

    /// Keeps in which voice channel an account here is by one of its sessions. Who is not seen at all is in none.
    pub(super) fn set_voice(&mut self, session: &Session, voice: Option<Voice>) {
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

    /// Ends what somebody here may be in no more.
    pub(super) fn see_to_voices(&mut self, published: &Published) {
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

    pub(super) fn voice_of(&self, user: &UserId) -> Option<Voice> {
        self.presences.voice_of(user)
    }

    /// Tells where somebody is now those who see that, and those who saw where they were that they have gone.
    fn moved(&mut self, user: &UserId, before: Option<Voice>, now: Option<Voice>) {
        if before == now {
            return;
        }
        let view = self.view.clone();
        let mut told = BTreeSet::new();
        let gone = before.filter(|before| now.is_none_or(|now| now.channel != before.channel));
        for (place, shown) in [(now, now.as_ref()), (gone, None)] {
            let Some(place) = place else { continue };
            let Some(guild) = view.guilds.get(&place.space) else { continue };
            if shown.is_some_and(|voice| !voice::may_be(guild, user, voice)) {
                continue;
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
        if let Some(gone) = gone {
            self.has_gone(user, &gone.space, &gone.channel);
        }
    }

    fn guilds_of(&self, user: &UserId) -> Vec<SpaceId> {
        let is_in =
            |guild: &GuildView| guild.facts.kind == SpaceKind::Guild && guild.members.contains_key(user);
        self.view.guilds.iter().filter(|(_, guild)| is_in(guild)).map(|(space, _)| *space).collect()
    }

    fn make_room(&mut self, of: Option<&UserId>) -> bool {
        let candidates = self.sessions.values().filter(|session| of.is_none_or(|user| session.user == *user));
        let since = |session: &Arc<Session>| session.run().detached_since();
        let oldest = candidates
            .filter_map(|session| Some((since(session)?, session.clone())))
            .min_by_key(|(at, _)| *at);
        let Some((_, session)) = oldest else {
            return false;
        };
        session.run().end();
        self.remove(&session);
        true
    }
}
