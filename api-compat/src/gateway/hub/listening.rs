//! Listens to the node: what changed becomes events once, and every gateway session that may see them gets the same
//! bytes.

use super::fan_out::Audience;
use super::newcomers::Newcomers;
use super::registry::Registry;
use super::{Gateway, Inner};
use crate::gateway::dispatch::{self, Delivery, Sources};
use crate::gateway::event::{Event, Scope};
use crate::gateway::ready;
use crate::gateway::standing::standing;
use nexus_core::sync::caption::Captions;
use nexus_core::sync::presence::Presences;
use nexus_crdt::id::{SpaceId, UserId};
use nexus_node::{ChangeFeed, FeedError, Published};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::watch;

type Elsewhere<T> = Option<watch::Receiver<T>>;

/// Until the gateway or the node is gone.
pub(super) async fn listen(
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

impl Gateway {
    fn publish(&self, published: &Published) {
        let sources = self.sources();
        let may_hear = |scope: &Scope, intents| self.registry().may_hear(scope, intents);
        let deliveries = dispatch::deliveries(published, &sources, &may_hear);
        self.hand_over(published, &sources, &deliveries);
    }

    fn sources(&self) -> Sources<'_> {
        let Inner { node, accounts, settings, .. } = &*self.inner;
        Sources::new(node, &**accounts, &settings.files_url)
    }

    fn hand_over(&self, published: &Published, sources: &Sources<'_>, deliveries: &[Delivery<'_>]) {
        let mut registry = self.registry();
        let gained = registry.who_gains(published);
        registry.advance(published);
        registry.forget(&dispatch::taken_away(&published.changes));
        let mut newcomers = Newcomers::of(deliveries);
        let mut audiences: Vec<Audience> = Vec::new();
        let mut hand_to = |audience: Audience| {
            // What is said in one channel has one.
            if !audiences.iter().any(|other| Arc::ptr_eq(other, &audience)) {
                audiences.push(audience);
            }
        };
        for delivery in deliveries {
            match delivery {
                Delivery::Event { event, structural } => {
                    hand_to(deliver(&mut registry, event, *structural, &newcomers));
                }
                // Whose session began since it seemed that nobody hears has a view without it, and hears it. Whose begins after this has
                // one with it.
                Delivery::Undrawn(telling) if registry.may_hear(&telling.scope, telling.intents) => {
                    let event = telling.drawn(&published.view, sources);
                    hand_to(deliver(&mut registry, &event, false, &newcomers));
                }
                Delivery::Undrawn(_) => {}
                Delivery::BeginGuild { user, space } => {
                    begin_guild(&mut registry, published, sources, user, space);
                    newcomers.begun(*user, *space);
                    if registry.is_online(user) {
                        registry.tell_presence(user, space);
                    }
                }
            }
        }
        if !gained.is_empty() {
            registry.tell_who_gained(&gained, sources.reader());
        }
        registry.tell_who_came(published);
        registry.see_to_voices(published);
        registry.tell_silenced(published);
        registry.see_to_captions(published);
        drop(registry);
        audiences.iter().for_each(|audience| self.inner.fan_out.hand_out(audience));
        self.inner.advanced.notify_waiters();
    }

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

/// Puts an event into the runs of those who hear it; gives who is to be handed what.
fn deliver(registry: &mut Registry, event: &Event, structural: bool, newcomers: &Newcomers) -> Audience {
    let audience = registry.audience(&event.scope);
    for session in audience.iter() {
        if let Some(payload) = event.heard_by(&session.user, session.intents)
            && !newcomers.know_already(&session.user, event, structural)
        {
            session.run().add(payload.clone());
        }
    }
    audience
}

fn begin_guild(
    registry: &mut Registry,
    published: &Published,
    sources: &Sources<'_>,
    user: &UserId,
    space: &SpaceId,
) {
    for session in registry.sessions_of(user) {
        let presences = registry.presences(&session);
        let begun = ready::guild_create(&published.view, sources.reader(), space, &session, &presences);
        if let Some(payload) = begun {
            session.run().push(payload);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::compress::Packer;
    use crate::gateway::event::{EventName, Payload};
    use crate::gateway::frame::{Identify, Token};
    use crate::gateway::hub::fan_out::FanOut;
    use crate::gateway::hub::{Attachment, Settings};
    use crate::gateway::outlet::Outlet;
    use crate::gateway::session::Taken;
    use nexus_core::{Command, MessageDraft, Reply};
    use nexus_crdt::id::ChannelId;
    use nexus_node::{Node, Options};
    use std::sync::Mutex;
    use std::time::Instant;
    use tokio::sync::Notify;

    /// A node with its owner's guild, and a gateway that is told of each batch by hand.
    struct Stage {
        gateway: Gateway,
        feed: ChangeFeed,
        owner: UserId,
        token: String,
        general: ChannelId,
        _folder: tempfile::TempDir,
    }

    impl Stage {
        async fn set() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let options = Options { data: folder.path().to_owned(), disk_reserve: 0 };
            let node = Node::open(options).expect("opens");
            let setup = node.command(None, Command::Setup { name: String::from("Ada") }).await;
            let Ok(Reply::Setup { user: owner, token }) = setup else { panic!("{setup:?}") };
            let made = node.command(Some(owner), Command::CreateGuild { name: String::from("Guild") }).await;
            let Ok(Reply::Created(guild)) = made else { panic!("{made:?}") };
            let (view, feed) = node.subscribe();
            let channels = &view.guilds[&SpaceId::from(guild)].channels;
            let general = channels.values().find(|channel| channel.name == "general").expect("general").id;
            let inner = Inner {
                accounts: crate::owner_of(&node),
                node,
                mesh: None,
                settings: Settings::default(),
                born: Instant::now(),
                registry: Mutex::new(Registry::new(view, None)),
                fan_out: FanOut::default(),
                advanced: Notify::new(),
                listener: Mutex::new(None),
            };
            Self { gateway: Gateway { inner: Arc::new(inner) }, feed, owner, token, general, _folder: folder }
        }

        /// The owner says something; what the gateway is to be told of it.
        async fn says(&mut self, text: &str) -> Published {
            let command = Command::SendMessage(MessageDraft::plain(self.general, text));
            self.gateway.inner.node.command(Some(self.owner), command).await.expect("is sent");
            self.feed.next().await.expect("is told")
        }

        /// A session of the owner's begins.
        fn begins(&self) -> Attachment {
            let identify = Identify {
                token: Token::from_cookie(&self.token),
                intents: None,
                large_threshold: None,
                shard: None,
                presence: None,
            };
            self.gateway.identify(&identify, "", &an_outlet()).expect("is let in")
        }
    }

    fn an_outlet() -> Arc<Outlet> {
        Arc::new(Outlet::over(Box::new(tokio::io::empty()), Packer::Plain))
    }

    /// All that a session was told, as whoever resumes it from its beginning is told it again.
    fn told(attachment: &Attachment) -> Vec<EventName> {
        let (mut run, outlet, mut names) = (attachment.session.run(), an_outlet(), Vec::new());
        let resumed = Payload::new(EventName::Resumed, &());
        run.take(&attachment.outlet, 100, |_, _| true);
        run.resume(0, outlet.clone(), resumed).expect("is resumed");
        let taken = run.take(&outlet, 100, |_, event| {
            names.push(event.name);
            true
        });
        assert_eq!((taken, names.pop()), (Taken::All, Some(EventName::Resumed)));
        names
    }

    const BEGUN: [EventName; 2] = [EventName::Ready, EventName::GuildCreate];
    const BEGUN_AND_HEARD: [EventName; 3] = [BEGUN[0], BEGUN[1], EventName::MessageCreate];

    #[tokio::test]
    async fn whose_session_begins_when_nobody_seemed_to_hear_hears_it_and_whose_begins_later_does_not() {
        let mut stage = Stage::set().await;
        let published = stage.says("is anybody there?").await;
        let sources = stage.gateway.sources();
        let may_hear = |scope: &Scope, intents| stage.gateway.registry().may_hear(scope, intents);
        let deliveries = dispatch::deliveries(&published, &sources, &may_hear);
        assert!(matches!(deliveries[..], [Delivery::Undrawn(_)]), "nobody was there");
        let meanwhile = stage.begins();
        stage.gateway.hand_over(&published, &sources, &deliveries);
        let later = stage.begins();
        assert_eq!(told(&meanwhile), BEGUN_AND_HEARD);
        assert_eq!(told(&later), BEGUN, "its view has that message");
    }

    #[tokio::test]
    async fn a_session_that_nobody_reads_hears_what_is_said_until_it_is_resumed() {
        let mut stage = Stage::set().await;
        let session = stage.begins();
        stage.gateway.detach(&session, false);
        let published = stage.says("come back").await;
        stage.gateway.publish(&published);
        let mut run = session.session.run();
        run.resume(0, session.outlet.clone(), Payload::new(EventName::Resumed, &())).expect("is resumed");
        drop(run);
        assert_eq!(told(&session)[..3], BEGUN_AND_HEARD);
    }
}
