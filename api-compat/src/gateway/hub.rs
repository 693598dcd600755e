//! The one listener to the node: what changed becomes events once, and every gateway session that may see them gets
//! the same bytes.

use super::close::CloseCode;
use super::dispatch::{self, Delivery};
use super::event::{Event, EventName, Payload};
use super::frame::{Identify, MembersWish, PresenceWish, Resume, Token};
use super::members;
use super::presence;
use super::ready;
use super::session::{Bounds, ResumeError, Run, Taken};
use super::standing::standing;
use super::voice::{self, VoiceWish};
use super::wake::Wake;
use crate::ports::{Accounts, Spoken};
use nexus_core::View;
use nexus_core::sync::caption::Captions;
use nexus_core::sync::presence::{Presences, Voice};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{SpaceId, UserId};
use nexus_node::mesh::Mesh;
use nexus_node::{ChangeFeed, FeedError, Node, Published};
use registry::Registry;
use registry::session::Admission;
pub(crate) use registry::session::Session;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

mod registry;

/// What a gateway allows.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where clients reach it, `http://` or `https://`; none: where each came in.
    pub public_url: Option<String>,
    /// Below which URL files are, without a slash at its end.
    pub files_url: String,
    /// Clients come by TLS.
    pub secure: bool,
    /// How often clients must say that they are alive, in ms.
    pub heartbeat_ms: u64,
    /// How long a gateway session waits for its client to come back, in ms.
    pub resume_ms: u64,
    /// What a session keeps for its client.
    pub bounds: Bounds,
    /// Sessions of one account.
    pub sessions_of_account: usize,
    /// Sessions in all.
    pub sessions: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: None,
            files_url: String::from("http://127.0.0.1:8081"),
            secure: false,
            heartbeat_ms: 41_250,
            resume_ms: 5 * 60_000,
            bounds: Bounds { events: 16_384, bytes: 16 << 20 },
            sessions_of_account: 1_024,
            sessions: 12_288,
        }
    }
}

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
    wake: Arc<Wake>,
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

    /// A new gateway session. `url` is where the client came in, and comes back to.
    ///
    /// # Errors
    /// [`Refused`].
    pub(crate) fn identify(&self, identify: &Identify, url: &str) -> Result<Attachment, Refused> {
        // The newest view knows tokens and flags that the registry's, a batch behind, may not have yet.
        let newest = self.inner.node.view();
        let spoken = self.inner.accounts.authenticate(&newest, identify.token.text());
        let admission = Admission::check(identify, spoken, &newest).map_err(Refused::Close)?;
        let wake = Arc::new(Wake::default());
        let run = Run::opening(self.inner.settings.bounds, wake.clone());
        let session = Arc::new(Session::new(admission, run));
        let wish = identify.presence.clone().unwrap_or_default();
        let attachment = Attachment { session: session.clone(), wake };
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
    pub(crate) fn resume(&self, resume: &Resume) -> Result<Attachment, Refused> {
        let spoken = self.inner.accounts.authenticate(&self.inner.node.view(), resume.token.text());
        let Spoken { user, .. } = spoken.ok_or(Refused::Close(CloseCode::AuthenticationFailed))?;
        let session = self.registry().session(&resume.session_id).ok_or(Refused::Invalid)?;
        if session.user != user {
            return Err(Refused::Invalid);
        }
        let wake = Arc::new(Wake::default());
        let resumed = Payload::new(EventName::Resumed, &serde_json::json!({ "_trace": [] }));
        let outcome = session.run().resume(resume.seq, wake.clone(), resumed);
        match outcome {
            Ok(()) => Ok(Attachment { session, wake }),
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

    /// In which voice channel somebody is.
    pub(crate) fn voice_of(&self, user: &UserId) -> Option<Voice> {
        self.registry().voice_of(user)
    }

    /// The socket is gone; `for_good` where the client said goodbye.
    pub(crate) fn detach(&self, attachment: &Attachment, for_good: bool) {
        let over = {
            let mut run = attachment.session.run();
            run.detach(&attachment.wake, self.now_ms());
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

    fn publish(&self, published: &Published) {
        let reader = self.inner.node.read().ok();
        let (accounts, files) = (&*self.inner.accounts, &self.inner.settings.files_url);
        let deliveries = dispatch::deliveries(published, reader.as_ref(), files, accounts);
        let mut registry = self.registry();
        registry.advance(published);
        registry.forget(&dispatch::taken_away(&published.changes));
        let mut newcomers = Newcomers::of(&deliveries);
        for delivery in &deliveries {
            match delivery {
                Delivery::Event { event, structural } => {
                    deliver(&mut registry, event, *structural, &newcomers);
                }
                Delivery::BeginGuild { user, space } => {
                    for session in registry.sessions_of(user) {
                        let presences = registry.presences(&session);
                        let view = &published.view;
                        let begun = ready::guild_create(view, reader.as_ref(), space, &session, &presences);
                        if let Some(payload) = begun {
                            session.run().push(payload);
                        }
                    }
                    newcomers.begun(*user, *space);
                    if registry.is_online(user) {
                        registry.tell_presence(user, space);
                    }
                }
            }
        }
        registry.tell_who_came(published);
        registry.see_to_voices(published);
        registry.see_to_captions(published);
        drop(registry);
        self.inner.advanced.notify_waiters();
    }
}

impl Attachment {
    /// Completes when there may be something to send, or nothing more.
    pub(crate) async fn wakened(&self) {
        self.wake.called().await;
    }

    /// What is to be sent next.
    pub(crate) fn take(&self, limit: usize) -> Taken {
        self.session.run().take(&self.wake, limit)
    }

    /// The client has everything up to this number.
    pub(crate) fn acknowledge(&self, seq: u64) {
        self.session.run().acknowledge(seq);
    }
}

/// Who comes into a guild within one batch. The view shows the guild with all of the batch in it, so its
/// GUILD_CREATE holds what came before and what is structural after it.
struct Newcomers {
    coming: BTreeSet<(UserId, SpaceId)>,
    here: BTreeSet<(UserId, SpaceId)>,
}

impl Newcomers {
    fn of(deliveries: &[Delivery]) -> Self {
        let begins = |delivery: &Delivery| match delivery {
            Delivery::BeginGuild { user, space } => Some((*user, *space)),
            Delivery::Event { .. } => None,
        };
        Self { coming: deliveries.iter().filter_map(begins).collect(), here: BTreeSet::new() }
    }

    fn begun(&mut self, user: UserId, space: SpaceId) {
        self.coming.remove(&(user, space));
        self.here.insert((user, space));
    }

    fn know_already(&self, user: &UserId, event: &Event, structural: bool) -> bool {
        if self.coming.is_empty() && self.here.is_empty() {
            return false;
        }
        let Some(space) = event.scope.space() else {
            return false;
        };
        let key = (*user, *space);
        self.coming.contains(&key) || (structural && self.here.contains(&key))
    }
}

impl Gateway {
    // Read outside the registry's lock, and only where somebody is there to be told.
    fn tell_standing(&self, owner: Option<UserId>) {
        let (Some(owner), Some(mesh)) = (owner, &self.inner.mesh) else { return };
        if self.registry().sessions_of(&owner).is_empty() {
            return;
        }
        if let Some(now) = standing(&self.inner.node, mesh) {
            self.registry().stand(&owner, &now);
        }
    }
}

fn deliver(registry: &mut Registry, event: &Event, structural: bool, newcomers: &Newcomers) {
    for session in registry.audience(&event.scope).iter() {
        if let Some(payload) = event.heard_by(&session.user, session.intents)
            && !newcomers.know_already(&session.user, event, structural)
        {
            session.run().push(payload.clone());
        }
    }
}

type Elsewhere<T> = Option<watch::Receiver<T>>;

async fn listen(
    inner: Weak<Inner>,
    mut feed: ChangeFeed,
    mut elsewhere: Elsewhere<Presences>,
    mut captions: Elsewhere<Captions>,
) {
    let mut reap = tokio::time::interval(Duration::from_secs(1));
    loop {
        let published = tokio::select! {
            published = feed.next() => published,
            Some(now) = changed(&mut elsewhere) => {
                let Some(inner) = inner.upgrade() else { return };
                Gateway { inner }.registry().set_elsewhere(now);
                continue;
            }
            Some(now) = changed(&mut captions) => {
                let Some(inner) = inner.upgrade() else { return };
                Gateway { inner }.registry().set_captions_elsewhere(now);
                continue;
            }
            _ = reap.tick() => {
                let Some(inner) = inner.upgrade() else { return };
                let gateway = Gateway { inner };
                let (now_ms, resume_ms) = (gateway.now_ms(), gateway.settings().resume_ms);
                let newest = gateway.inner.node.view();
                gateway.tell_standing(newest.owner);
                let mut registry = gateway.registry();
                registry.reap(now_ms, resume_ms);
                registry.revoke(|credential| gateway.inner.accounts.stands(&newest, credential));
                continue;
            }
        };
        let Some(inner) = inner.upgrade() else { return };
        let gateway = Gateway { inner };
        match published {
            Ok(published) => gateway.publish(&published),
            Err(FeedError::Lagged) => {
                // Something was missed, so no session can be continued without a hole.
                let (view, anew) = gateway.inner.node.subscribe();
                feed = anew;
                gateway.registry().begin_anew(view);
            }
            Err(FeedError::Closed) => return gateway.shut_down(),
        }
    }
}

// None, and never again, where there are no others to speak of anybody.
async fn changed<T: Clone>(elsewhere: &mut Elsewhere<T>) -> Option<T> {
    if let Some(others) = elsewhere
        && others.changed().await.is_ok()
    {
        return Some(others.borrow_and_update().clone());
    }
    std::future::pending().await
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half-done under these locks by a panic that could matter more than going on.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The projection that GUILD_CREATE and chunks are made from.
pub(crate) type Shown = Arc<View>;
