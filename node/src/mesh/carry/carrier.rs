//! Who carries a link: hands the protocol what happens, and does what it decides.

use super::happened::Happened;
use super::{Asking, End, Over, ended};
use crate::mesh::barred::Offence;
use crate::mesh::direct::Word;
use crate::mesh::fetch::Fetching;
use crate::mesh::intake::Arrived;
use crate::mesh::{Shared, VisitFailure, lock};
use crate::node_now_ms;
use nexus_core::sync::frame::Captioning;
use nexus_core::sync::{Action, CloseReason, Env, Event, Facts, Granted, Link, LinkId};
use nexus_core::{InviteCode, StoreFault};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

pub(super) struct Carrier {
    shared: Arc<Shared>,
    end: End,
    id: LinkId,
    /// The peer had not all that was given: there may be much to read.
    is_behind: bool,
    facts: Facts,
    /// When the protocol wants to be woken, Unix ms.
    pub(super) due_ms: Option<u64>,
    // Away only while it is at work on another thread.
    link: Option<Link>,
    out: mpsc::Sender<Vec<u8>>,
    pub(super) integrate: mpsc::Sender<Arrived>,
    asked: Vec<Asking>,
    fetching: Fetching,
}

/// What the protocol decided, as far as it can be prepared where it was decided: a batch is packed there.
enum Deed {
    Say(Vec<u8>),
    Do(Action),
}

impl Deed {
    fn of(action: Action, link: &Link) -> Self {
        match action {
            Action::Send(frame) => Self::Say(link.encode(&frame)),
            other => Self::Do(other),
        }
    }
}

impl Carrier {
    pub(super) fn new(
        (shared, end, id): (Arc<Shared>, End, LinkId),
        link: Link,
        out: mpsc::Sender<Vec<u8>>,
        integrate: mpsc::Sender<Arrived>,
    ) -> Self {
        Self {
            shared,
            end,
            id,
            is_behind: false,
            facts: Facts::default(),
            due_ms: None,
            link: Some(link),
            out,
            integrate,
            asked: Vec::new(),
            fetching: Fetching::default(),
        }
    }

    pub(super) async fn begin(&mut self) -> Result<(), Over> {
        let actions = self.decide(true, |link, env| Ok(link.begin(env))).await?;
        self.perform(actions).await
    }

    pub(super) async fn have_turns(&mut self) -> Result<(), Over> {
        let granted = lock(&self.shared.turns).tell(self.id);
        for Granted { space, among } in granted {
            self.happened(Happened::Turn(space, among)).await?;
        }
        Ok(())
    }

    pub(super) fn hear(&mut self, word: Word) -> Happened {
        match word {
            Word::Fetch(fetch, answer) => Happened::Fetch(self.fetching.begin(fetch, answer)),
            word => Happened::Word(word),
        }
    }

    pub(super) async fn ask_for_unreadable(&mut self) -> Result<(), Over> {
        let unreadable = self.shared.node.unreadable().map_err(|_| Over::Store)?;
        if unreadable.is_empty() {
            return Ok(());
        }
        let actions =
            self.decide(true, move |link, env| link.handle(Event::Unreadable(&unreadable), env)).await?;
        self.perform(actions).await
    }

    pub(super) fn ask(&mut self, asking: Asking) -> Happened {
        let code = asking.code;
        self.asked.push(asking);
        Happened::Ask(code)
    }

    pub(super) async fn happened(&mut self, happened: Happened) -> Result<(), Over> {
        let is_light = happened.is_light(self.is_behind);
        let actions = self.decide(is_light, move |link, env| link.handle(happened.event(), env)).await?;
        self.perform(actions).await
    }

    // Signatures and reads of the store are work for a thread that may be busy: windows wait on the others. What is
    // little work is done where it is: another thread takes as long to wake.
    async fn decide(
        &mut self,
        is_light: bool,
        f: impl FnOnce(&mut Link, &Env<'_>) -> Result<Vec<Action>, StoreFault> + Send + 'static,
    ) -> Result<Vec<Deed>, Over> {
        let Some(mut link) = self.link.take() else { return Err(Over::Store) };
        let node = self.shared.node.clone();
        let work = move || {
            let view = node.view();
            let actions = node
                .tables()
                .and_then(|store| f(&mut link, &Env { now_ms: node_now_ms(), view: &view, store: &store }));
            let deeds =
                actions.map(|actions| actions.into_iter().map(|action| Deed::of(action, &link)).collect());
            (link, deeds)
        };
        let (link, deeds) = match is_light {
            true => work(),
            false => tokio::task::spawn_blocking(work).await.map_err(|_| Over::Store)?,
        };
        self.tell(link.facts());
        self.due_ms = link.due_ms();
        self.link = Some(link);
        deeds.map_err(|_| Over::Store)
    }

    fn tell(&mut self, facts: Facts) {
        self.end.pulse.owes(facts.awaiting, Instant::now());
        self.is_behind = facts.behind > 0;
        match lock(&self.shared.links).get_mut(&self.end.peer) {
            Some(slot) if slot.id == self.id => slot.status.facts = facts.clone(),
            // Another took this one's place, and with it what this one had counted so far.
            _ => self.shared.traffic.grew(&self.facts, &facts),
        }
        self.facts = facts;
    }

    fn is_newest(&self) -> bool {
        lock(&self.shared.links).get(&self.end.peer).is_some_and(|slot| slot.id == self.id)
    }

    // What follows from an answer that comes back at once is done here too.
    async fn perform(&mut self, deeds: Vec<Deed>) -> Result<(), Over> {
        let mut deeds = std::collections::VecDeque::from(deeds);
        while let Some(deed) = deeds.pop_front() {
            let action = match deed {
                Deed::Say(bytes) => {
                    self.say(bytes)?;
                    continue;
                }
                Deed::Do(action) => action,
            };
            match action {
                Action::Prove { transcript, whom } => {
                    let proofs = self.shared.node.prove(transcript, whom).await;
                    let happened = Happened::Proofs(proofs);
                    deeds.extend(Box::pin(self.decided(happened)).await?);
                }
                Action::Integrate { batch, ops, frontiers, cursor, gaps } => {
                    let arrived = Arrived { batch, ops, frontiers, cursor, gaps };
                    self.integrate.send(arrived).await.map_err(|_| Over::Store)?;
                }
                Action::HandedOver { space, upto } => {
                    // Where the inbox is full it is said again with the next batch, or the next link.
                    let _ = self.shared.node.handed_over(space, upto);
                }
                Action::Looked { space, look } => {
                    if let Some(relay) = &self.end.relay {
                        lock(&self.shared.audits).looked(relay, space, look, node_now_ms());
                    }
                }
                Action::Fetched { space, stream, held } => self.fetching.came(space, stream, held),
                Action::Told => {
                    let _ = self.shared.node.told();
                }
                // Of two links to one peer only one is listened to: it says the same on both.
                Action::Heard(_) if !self.is_newest() => {}
                Action::Heard(typing) => {
                    let _ = self.shared.node.heard(typing.space, typing.channel, typing.user);
                }
                Action::Seen { user, presence, first_hand } => {
                    self.shared.see(|seen| seen.heard(self.id, user, presence, first_hand));
                }
                Action::Captioned { said: Captioning { user, channel, caption }, first_hand } => {
                    self.shared.caption(|known| known.heard(self.id, (channel, user), caption, first_hand));
                }
                Action::AskTurn(space) => self.shared.give_turns(|turns| turns.ask(space, self.id)),
                Action::TurnOver { space, caught_up } => {
                    self.shared.give_turns(|turns| turns.over(space, self.id, caught_up));
                }
                Action::Feeds(space) => lock(&self.shared.turns).feeds(space, self.id),
                Action::AskQuiet { space, idle } => {
                    if lock(&self.shared.turns).may_be_quiet(space, self.id, idle) {
                        let quiet = self.decide(true, move |link, env| link.handle(Event::Quiet(space), env));
                        deeds.extend(quiet.await?);
                    }
                }
                Action::Reach(addresses) => self.shared.reaches(&self.end, addresses),
                Action::Sought(tags) => self.shared.sought(&self.end, tags),
                Action::Found(peers) => self.shared.found_through(self.end.peer, peers),
                Action::Observed(at) => self.shared.moved(|known| known.observed_by(self.end.peer, at)),
                Action::Reached(code) => self.answer(code, Ok(())),
                Action::Denied(code) => self.answer(code, Err(VisitFailure::UnknownInvite)),
                Action::Close(reason) => return Err(self.close(reason)),
                other => tracing::warn!(?other, "no deed for this"),
            }
        }
        Ok(())
    }

    async fn decided(&mut self, happened: Happened) -> Result<Vec<Deed>, Over> {
        let Happened::Proofs(proofs) = happened else { return Ok(Vec::new()) };
        self.decide(false, move |link, env| link.handle(Event::Proofs(proofs), env)).await
    }

    fn say(&self, frame: Vec<u8>) -> Result<(), Over> {
        self.out.try_send(frame).map_err(|_| self.close(CloseReason::Greedy))
    }

    /// Whoever means harm is barred before they see the end: they may be back at once.
    pub(super) fn close(&self, reason: CloseReason) -> Over {
        let offence = match reason {
            CloseReason::Garbage => Some(Offence::Malice),
            CloseReason::Greedy => Some(Offence::Haste),
            _ => None,
        };
        if let Some(offence) = offence {
            tracing::warn!(%reason, "a peer is barred for a while");
            lock(&self.shared.barred).offended(self.end.peer, self.end.address, offence, Instant::now());
        }
        Over::Closed(reason)
    }

    fn answer(&mut self, code: InviteCode, outcome: Result<(), VisitFailure>) {
        for asking in std::mem::take(&mut self.asked) {
            if asking.code == code {
                // Whoever asked may have gone away.
                let _ = asking.answer.send(outcome.clone());
            } else {
                self.asked.push(asking);
            }
        }
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        std::mem::take(&mut self.asked).into_iter().for_each(ended);
    }
}
