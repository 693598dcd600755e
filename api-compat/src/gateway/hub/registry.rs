//! Every gateway session, from its IDENTIFY until nobody comes back for it, and what is known of who is there.

mod audience;
mod captions;
mod gained;
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
use std::ops::Bound;
use std::sync::Arc;

/// Sessions that are looked at at once whether anybody comes back for them.
const REAPED_AT_ONCE: usize = 1_000;

/// Who is there.
pub(super) struct Registry {
    view: Shown,
    sessions: BTreeMap<String, Arc<Session>>,
    of_user: BTreeMap<UserId, Vec<Arc<Session>>>,
    /// By what sessions were let in, and how many by each.
    credentials: BTreeMap<Credential, usize>,
    /// Up to which session they were looked at whether somebody still comes back for them.
    reaped: String,
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
            credentials: BTreeMap::new(),
            reaped: String::new(),
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
        *self.credentials.entry(session.by).or_default() += 1;
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
        if self.sessions.remove(&session.id).is_some() {
            self.forget_credential(&session.by);
        }
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

    /// Ends what nobody came back for. Of many sessions it looks at some each time: the lock is held meanwhile, and whatever is
    /// said waits for it.
    pub(super) fn reap(&mut self, now_ms: u64, resume_ms: u64) {
        let is_due = |session: &Session| {
            let run = session.run();
            run.is_over()
                || run.detached_since().is_some_and(|since| now_ms.saturating_sub(since) >= resume_ms)
        };
        let rest = self.sessions.range::<String, _>((Bound::Excluded(&self.reaped), Bound::Unbounded));
        let (mut due, mut last) = (Vec::new(), None);
        for (id, session) in rest.take(REAPED_AT_ONCE) {
            last = Some(id.clone());
            if is_due(session) {
                due.push(session.clone());
            }
        }
        // Past the last one it begins again.
        self.reaped = last.unwrap_or_default();
        for session in due {
            session.run().end();
            self.remove(&session);
        }
    }

    /// Ends the sessions whose token has been revoked.
    pub(super) fn revoke(&mut self, stands: impl Fn(&Credential) -> bool) {
        let fallen: BTreeSet<_> = self.credentials.keys().filter(|by| !stands(by)).copied().collect();
        if fallen.is_empty() {
            return;
        }
        let is_revoked = |session: &&Arc<Session>| fallen.contains(&session.by);
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
        self.credentials.clear();
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

    fn forget_credential(&mut self, by: &Credential) {
        if let Some(count) = self.credentials.get_mut(by) {
            *count -= 1;
            if *count == 0 {
                self.credentials.remove(by);
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::compress::Packer;
    use crate::gateway::outlet::Outlet;
    use crate::gateway::session::{Bounds, Run};
    use nexus_core::TokenHash;

    const BOUNDS: Bounds = Bounds { events: 10, bytes: 1_000 };

    /// A session that was let in by a token, and that nobody reads since a time.
    fn left(by: u8, since_ms: u64) -> Arc<Session> {
        let outlet = Arc::new(Outlet::over(Box::new(tokio::io::empty()), Packer::Plain));
        let mut run = Run::opening(BOUNDS, outlet.clone());
        run.open(Vec::new());
        run.detach(&outlet, since_ms);
        Arc::new(Session::of(UserId([by; 32]), Credential::Token(TokenHash([by; 32])), run))
    }

    fn with(sessions: impl IntoIterator<Item = Arc<Session>>) -> Registry {
        let mut registry = Registry::new(Shown::default(), None);
        let settings = Settings { sessions: 10_000, sessions_of_account: 10_000, ..Settings::default() };
        for session in sessions {
            assert!(registry.add(session, &settings));
        }
        registry
    }

    #[test]
    fn of_more_sessions_than_are_looked_at_at_once_each_has_its_turn_again_and_again() {
        let mut registry = with((0..2_500).map(|n| left(1, 100 * (n % 2))));
        for _ in 0..3 {
            registry.reap(1_000, 1_000);
        }
        assert_eq!(registry.sessions.len(), 1_250, "those that were left first are over");
        for _ in 0..3 {
            registry.reap(1_100, 1_000);
        }
        assert!(registry.sessions.is_empty());
        assert!(registry.credentials.is_empty());
    }

    #[test]
    fn a_revoked_token_ends_all_sessions_that_were_let_in_by_it_and_no_other() {
        let mut registry = with((0..30).map(|n| left(n % 3, 0)));
        let one = Credential::Token(TokenHash([1; 32]));
        registry.revoke(|by| *by != one);
        assert_eq!(registry.sessions.len(), 20);
        assert!(registry.sessions.values().all(|session| session.by != one));
        registry.revoke(|_| false);
        assert!(registry.sessions.is_empty());
    }
}
