//! The gateway of one node: gateway sessions begin, go on and end here, and what their clients ask is done.

mod fan_out;
mod listening;
mod newcomers;
mod registry;
pub(super) mod settings;

use super::close::CloseCode;
use super::event::{EventName, Payload};
use super::frame::{Identify, MembersWish, PresenceWish, Resume, Token};
use super::members;
use super::outlet::Outlet;
use super::presence;
use super::ready;
use super::session::{ResumeError, Run, Taken};
use super::voice::{self, VoiceWish};
use crate::ports::{Accounts, Spoken};
use fan_out::FanOut;
use listening::listen;
use nexus_core::View;
use nexus_core::sync::presence::Voice;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_node::Node;
use nexus_node::mesh::Mesh;
use registry::Registry;
use registry::session::Admission;
pub(crate) use registry::session::Session;
use settings::Settings;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long an IDENTIFY waits for the registry to catch up.
const CATCH_UP: Duration = Duration::from_secs(1);

/// The gateway of one node. Cheap to clone; it listens until the last clone is gone.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    node: Node,
    accounts: Arc<dyn Accounts>,
    /// The way to other programs, of which the owner is told.
    mesh: Option<Mesh>,
    settings: Settings,
    born: Instant,
    registry: Mutex<Registry>,
    fan_out: FanOut,
    /// Told after each batch.
    advanced: Notify,
    listener: Mutex<Option<tokio::task::AbortHandle>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(listener) = self.listener.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            listener.abort();
        }
    }
}

/// A connection's hold on a gateway session.
pub(crate) struct Attachment {
    session: Arc<Session>,
    outlet: Arc<Outlet>,
}

/// Why there is no attachment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The socket is closed.
    Close(CloseCode),
    /// INVALID_SESSION: the client begins anew.
    Invalid,
}

impl Gateway {
    /// Starts to listen to a node. To be called within a tokio runtime.
    #[must_use]
    pub fn start(node: Node, accounts: Arc<dyn Accounts>, mesh: Option<Mesh>, settings: Settings) -> Self {
        let (view, feed) = node.subscribe();
        let inner = Arc::new(Inner {
            node,
            accounts,
            mesh: mesh.clone(),
            settings,
            born: Instant::now(),
            registry: Mutex::new(Registry::new(view, mesh.clone())),
            fan_out: FanOut::default(),
            advanced: Notify::new(),
            listener: Mutex::new(None),
        });
        let listener = tokio::spawn(listen(
            Arc::downgrade(&inner),
            feed,
            mesh.as_ref().map(Mesh::elsewhere),
            mesh.as_ref().map(Mesh::captions_elsewhere),
        ));
        *lock(&inner.listener) = Some(listener.abort_handle());
        Self { inner }
    }

    /// Ends every gateway session: their sockets are told to come back elsewhere or later, and closed.
    pub fn shut_down(&self) {
        self.registry().end_all();
    }

    pub(crate) fn accounts(&self) -> Arc<dyn Accounts> {
        self.inner.accounts.clone()
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// How many of a guild's people are seen here now.
    pub(crate) fn online_in(&self, guild: &GuildView) -> usize {
        let registry = self.registry();
        guild.members.keys().filter(|user| registry.is_online(user)).count()
    }

    /// Tells an account's sessions what is no change of the view and is kept nowhere; whether one of them is there to hear it.
    pub(crate) fn tell(
        &self,
        user: &UserId,
        space: &SpaceId,
        name: EventName,
        data: &serde_json::Value,
    ) -> bool {
        let registry = self.registry();
        let view = registry.view();
        let Some(guild) = view.guilds.get(space) else { return false };
        let payload = Payload::new(name, data);
        let sessions = registry.sessions_of(user);
        let here: Vec<_> = sessions.iter().filter(|session| session.shard.holds(&view, guild)).collect();
        here.iter().for_each(|session| session.run().push(payload.clone()));
        !here.is_empty()
    }

    /// Milliseconds since the gateway began: the one clock of connections and sessions.
    pub(crate) fn now_ms(&self) -> u64 {
        u64::try_from(self.inner.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Waits, a little, until the registry knows the guilds that the newest view has for an account: who was let in a
    /// moment ago finds the guild in READY.
    pub(crate) async fn catch_up(&self, token: &Token) {
        let newest = self.inner.node.view();
        let Some(Spoken { user, .. }) = self.inner.accounts.authenticate(&newest, token.text()) else {
            return;
        };
        let catch_up = async {
            loop {
                let advanced = self.inner.advanced.notified();
                if self.registry().view().guilds_of.get(&user) == newest.guilds_of.get(&user) {
                    return;
                }
                advanced.await;
            }
        };
        // Past it the guild comes as a GUILD_CREATE a little later; nothing is lost.
        let _ = tokio::time::timeout(CATCH_UP, catch_up).await;
    }

    /// A new gateway session for the connection of an outlet. `url` is where the client came in, and comes back to.
    ///
    /// # Errors
    /// [`Refused`].
    pub(crate) fn identify(
        &self,
        identify: &Identify,
        url: &str,
        outlet: &Arc<Outlet>,
    ) -> Result<Attachment, Refused> {
        // The newest view knows tokens and flags that the registry's, a batch behind, may not have yet.
        let newest = self.inner.node.view();
        let spoken = self.inner.accounts.authenticate(&newest, identify.token.text());
        let admission = Admission::check(identify, spoken, &newest).map_err(Refused::Close)?;
        let run = Run::opening(self.inner.settings.bounds, outlet.clone());
        let session = Arc::new(Session::new(admission, run));
        let wish = identify.presence.clone().unwrap_or_default();
        let attachment = Attachment { session: session.clone(), outlet: outlet.clone() };
        // From here on, what happens after `view` waits in the run behind READY: no gap, and nothing twice.
        let (view, presences) = {
            let mut registry = self.registry();
            if !registry.add(session.clone(), &self.inner.settings) {
                return Err(Refused::Invalid);
            }
            registry.set_presence(session.user, presence::from_wish(&wish));
            (registry.view(), registry.presences(&session))
        };
        let reader = self.inner.node.read().ok();
        let mut prelude = ready::prelude(&ready::Opening {
            newest: &newest,
            view: &view,
            reader: reader.as_ref(),
            session: &session,
            url,
            presences: &presences,
            accounts: &*self.inner.accounts,
        });
        if let Some(reader) = reader.filter(|_| !session.bot) {
            prelude.extend(ready::voided(&view, &reader, &session.user));
        }
        session.run().open(prelude);
        Ok(attachment)
    }

    /// Goes on with an old one.
    ///
    /// # Errors
    /// [`Refused`].
    pub(crate) fn resume(&self, resume: &Resume, outlet: &Arc<Outlet>) -> Result<Attachment, Refused> {
        let spoken = self.inner.accounts.authenticate(&self.inner.node.view(), resume.token.text());
        let Spoken { user, .. } = spoken.ok_or(Refused::Close(CloseCode::AuthenticationFailed))?;
        let session = self.registry().session(&resume.session_id).ok_or(Refused::Invalid)?;
        if session.user != user {
            return Err(Refused::Invalid);
        }
        let resumed = Payload::new(EventName::Resumed, &serde_json::json!({ "_trace": [] }));
        let outcome = session.run().resume(resume.seq, outlet.clone(), resumed);
        match outcome {
            Ok(()) => Ok(Attachment { session, outlet: outlet.clone() }),
            Err(ResumeError::Gone) => Err(Refused::Invalid),
            Err(ResumeError::NeverSent) => Err(Refused::Close(CloseCode::InvalidSeq)),
        }
    }

    /// Answers op 8 with the members that are asked for, in chunks.
    pub(crate) fn send_members(&self, attachment: &Attachment, wish: &MembersWish) {
        let (view, presences) = {
            let registry = self.registry();
            (registry.view(), registry.presences(&attachment.session))
        };
        // Drawn before the run is locked: the hub must not wait for a large guild.
        let chunks = members::chunks(&view, &attachment.session, wish, &presences);
        let mut run = attachment.session.run();
        for chunk in chunks {
            run.push(chunk);
        }
    }

    /// Keeps how an account wants to be seen, and tells who may know.
    pub(crate) fn set_presence(&self, attachment: &Attachment, wish: &PresenceWish) {
        self.registry().set_presence(attachment.session.user, presence::from_wish(wish));
    }

    /// Keeps in which voice channel an account is, and tells who may know. What is no such place for it changes nothing.
    pub(crate) fn set_voice(&self, attachment: &Attachment, wish: &VoiceWish) {
        let mut registry = self.registry();
        let view = registry.view();
        if let Some(wanted) = voice::wanted(&view, &attachment.session.user, wish) {
            registry.set_voice(&attachment.session, wanted);
        }
    }

    /// Puts somebody who is in a voice channel of a guild by a session here into another one, or out of it; first waits, a little, until the
    /// registry knows that they may be there: what the newest view lets them is told by the registry's, which is a batch behind.
    pub(crate) async fn put_in_voice(&self, user: &UserId, space: &SpaceId, to: Option<ChannelId>) {
        let catch_up = async {
            loop {
                let advanced = self.inner.advanced.notified();
                if self.registry().lets_into_voice(user, space, to) {
                    return;
                }
                advanced.await;
            }
        };
        // Past it they may be there no more, and are put nowhere.
        if tokio::time::timeout(CATCH_UP, catch_up).await.is_ok() {
            self.registry().put_in_voice(user, space, to);
        }
    }

    /// Whether somebody is in a voice channel by a session here.
    pub(crate) fn is_in_voice_here(&self, user: &UserId) -> bool {
        self.registry().is_in_voice_here(user)
    }

    /// In which voice channel somebody is.
    pub(crate) fn voice_of(&self, user: &UserId) -> Option<Voice> {
        self.registry().voice_of(user)
    }

    /// The socket is gone; `for_good` where the client said goodbye.
    pub(crate) fn detach(&self, attachment: &Attachment, for_good: bool) {
        let over = {
            let mut run = attachment.session.run();
            run.detach(&attachment.outlet, self.now_ms());
            // Only who still holds it may end it: a newer connection may have taken over.
            if for_good && run.detached_since().is_some() {
                run.end();
            }
            run.is_over()
        };
        if over {
            self.registry().remove(&attachment.session);
        }
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        lock(&self.inner.registry)
    }
}

impl Attachment {
    /// Completes when there may be something to send, or nothing more.
    pub(crate) async fn wakened(&self) {
        self.outlet.called().await;
    }

    /// Puts some of what is to be sent behind what is to be written.
    pub(crate) fn put_backlog(&self) -> Taken {
        self.session.put_backlog(&self.outlet)
    }

    /// The client has everything up to this number.
    pub(crate) fn acknowledge(&self, seq: u64) {
        self.session.run().acknowledge(seq);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half-done under these locks by a panic that could matter more than going on.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The projection that GUILD_CREATE and chunks are made from.
pub(crate) type Shown = Arc<View>;
