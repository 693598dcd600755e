//! Every gateway session, from its IDENTIFY until nobody comes back for it, and what is known of who is there.

mod audience;
mod captions;
mod presences;
pub(super) mod session;
mod voices;

use super::fan_out::Audience;
use super::{Settings, Shown};
use crate::gateway::caption::Captions;
use crate::gateway::dispatch;
use crate::gateway::event::{Payload, Scope};
use crate::gateway::presence::Presences;
use crate::ports::Credential;
use nexus_core::Snowflake;
use nexus_crdt::id::{ChannelId, UserId};
use nexus_node::Published;
use nexus_node::mesh::Mesh;
use session::Session;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who is there.
pub(super) struct Registry {
    view: Shown,
    sessions: BTreeMap<String, Arc<Session>>,
    of_user: BTreeMap<UserId, Vec<Arc<Session>>>,
    audiences: BTreeMap<Scope, Audience>,
    presences: Presences,
    /// What voice channels are about.
    captions: Captions,
    /// The session by which an account here is in a voice channel.
    voices: BTreeMap<UserId, String>,
    /// Other programs, which are told who is here.
    mesh: Option<Mesh>,
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
