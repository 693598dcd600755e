//! Listens to the node: what changed becomes events once, and every gateway session that may see them gets the same
//! bytes.

use super::fan_out::Audience;
use super::newcomers::Newcomers;
use super::registry::Registry;
use super::{Gateway, Inner};
use crate::gateway::dispatch::{self, Delivery};
use crate::gateway::event::Event;
use crate::gateway::ready;
use crate::gateway::standing::standing;
use nexus_core::sync::caption::Captions;
use nexus_core::sync::presence::Presences;
use nexus_crdt::id::UserId;
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
        let reader = self.inner.node.read().ok();
        let (accounts, files) = (&*self.inner.accounts, &self.inner.settings.files_url);
        let deliveries = dispatch::deliveries(published, reader.as_ref(), files, accounts);
        let mut registry = self.registry();
        let gained = registry.who_gains(published);
        registry.advance(published);
        registry.forget(&dispatch::taken_away(&published.changes));
        let mut newcomers = Newcomers::of(&deliveries);
        let mut audiences: Vec<Audience> = Vec::new();
        for delivery in &deliveries {
            match delivery {
                Delivery::Event { event, structural } => {
                    let audience = deliver(&mut registry, event, *structural, &newcomers);
                    // What is said in one channel has one.
                    if !audiences.iter().any(|other| Arc::ptr_eq(other, &audience)) {
                        audiences.push(audience);
                    }
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
        registry.tell_who_gained(&gained, reader.as_ref());
        registry.tell_who_came(published);
        registry.see_to_voices(published);
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
