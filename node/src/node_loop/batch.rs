//! The requests of one commit: decided one after the other, carried out together once they are durable.

use super::request::Request;
use crate::store::{WriteTables, fault};
use nexus_core::store::feed_of;
use nexus_core::{
    Change, Core, DeviceProof, Effect, Env, Input, Record, Refusal, Reply, StoreFault, Taken, Ticket,
};
use nexus_crdt::id::SpaceId;
use rand::TryRng;
use rand::rngs::SysRng;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::oneshot;

/// What waits for the commit.
#[derive(Default)]
pub(super) struct Batch {
    waiting: BTreeMap<Ticket, oneshot::Sender<Result<Reply, Refusal>>>,
    deeds: Vec<Deed>,
    last_ticket: u64,
    written: bool,
    // Whether that must outlive a power cut.
    lasting: bool,
    // Spaces whose arrival log grows.
    fed: BTreeSet<SpaceId>,
    // What is written, where somebody writes it a second time.
    kept: Option<Vec<Record>>,
    // What became of the ops of the request that is being decided.
    taken: Taken,
}

// Sending an answer fails only where the caller has gone away: what they asked for is done all the same.
enum Deed {
    Answer(oneshot::Sender<Result<Reply, Refusal>>, Result<Reply, Refusal>),
    Taken(oneshot::Sender<Result<Taken, Refusal>>, Taken),
    StateHash(oneshot::Sender<Option<[u8; 32]>>, Option<[u8; 32]>),
    Proofs(oneshot::Sender<Vec<DeviceProof>>, Vec<DeviceProof>),
    LetGo(oneshot::Sender<()>),
    Publish(Vec<Change>),
}

impl Batch {
    /// Lets the core decide a request and applies at once what is to be written.
    pub(super) fn decide(
        &mut self,
        core: &mut Core,
        request: Request,
        tables: &mut WriteTables<'_>,
    ) -> Result<(), StoreFault> {
        match request {
            Request::Command { actor, command, answer } => {
                self.last_ticket += 1;
                let ticket = Ticket(self.last_ticket);
                self.waiting.insert(ticket, answer);
                self.handle(core, Input::Command { ticket, actor, command }, tables)
            }
            Request::Ops { ops, frontiers, cursor, gaps, answer } => {
                self.handle(core, Input::Ops { ops, frontiers, cursor, gaps }, tables)?;
                self.deeds.push(Deed::Taken(answer, std::mem::take(&mut self.taken)));
                Ok(())
            }
            Request::StateHash { space, answer } => {
                self.deeds.push(Deed::StateHash(answer, core.state_hash(&space)));
                Ok(())
            }
            Request::Prove { transcript, whom, answer } => {
                self.deeds.push(Deed::Proofs(answer, core.prove(&transcript, whom.as_ref())));
                Ok(())
            }
            Request::HoldsViewed(viewed) => self.handle(core, Input::HoldsViewed(viewed), tables),
            Request::LetGo { space, stream, range, answer } => {
                self.handle(core, Input::LetGo { space, stream, range }, tables)?;
                self.deeds.push(Deed::LetGo(answer));
                Ok(())
            }
            Request::HandedOver { space, upto } => {
                self.handle(core, Input::HandedOver { space, upto }, tables)
            }
            Request::Heard { space, channel, user } => {
                self.handle(core, Input::Heard { space, channel, user }, tables)
            }
            Request::SetBack => self.handle(core, Input::SetBack, tables),
            Request::FilesSettled(files) => self.handle(core, Input::FilesSettled(files), tables),
            Request::Told => self.handle(core, Input::Told, tables),
            Request::Tick => self.handle(core, Input::Tick, tables),
            Request::Stop | Request::Rewrite { .. } => Ok(()),
        }
    }

    /// From now on what is written is kept, too.
    pub(super) fn keep_records(&mut self) {
        self.kept = Some(Vec::new());
    }

    /// What was kept; none where it was not.
    pub(super) fn kept_records(self) -> Option<Vec<Record>> {
        self.kept
    }

    /// Whether there is anything to commit.
    pub(super) const fn has_written(&self) -> bool {
        self.written
    }

    /// Whether what is committed must be durable before anybody hears of it. How far two stores are with each other
    /// need not: lost, it is said again.
    pub(super) const fn is_lasting(&self) -> bool {
        self.lasting
    }

    /// Answers in order, and gives the changes to publish. Only when the batch is durable.
    pub(super) fn carry_out(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        for deed in self.deeds.drain(..) {
            match deed {
                Deed::Answer(answer, outcome) => drop(answer.send(outcome)),
                Deed::Taken(answer, taken) => drop(answer.send(Ok(taken))),
                Deed::StateHash(answer, hash) => drop(answer.send(hash)),
                Deed::Proofs(answer, proofs) => drop(answer.send(proofs)),
                Deed::LetGo(answer) => drop(answer.send(())),
                Deed::Publish(more) => changes.extend(more),
            }
        }
        changes
    }

    /// The spaces whose arrival log grew, where there are any.
    pub(super) fn take_fed(&mut self) -> Option<BTreeSet<SpaceId>> {
        let fed = std::mem::take(&mut self.fed);
        (!fed.is_empty()).then_some(fed)
    }

    fn handle(
        &mut self,
        core: &mut Core,
        input: Input,
        tables: &mut WriteTables<'_>,
    ) -> Result<(), StoreFault> {
        let mut entropy = [0; 64];
        SysRng.try_fill_bytes(&mut entropy).map_err(fault)?;
        let effects = core.handle(input, &Env { now_ms: now_ms()?, entropy, store: tables })?;
        effects.into_iter().try_for_each(|effect| self.take(effect, tables))
    }

    fn take(&mut self, effect: Effect, tables: &mut WriteTables<'_>) -> Result<(), StoreFault> {
        match effect {
            Effect::Append(records) => {
                self.written = true;
                self.lasting |= records.iter().any(|record| !is_said_again(record));
                self.fed.extend(records.iter().filter_map(fed_by));
                tables.apply(&records)?;
                if let Some(kept) = &mut self.kept {
                    kept.extend(records);
                }
            }
            Effect::Reply { ticket, outcome } => {
                if let Some(answer) = self.waiting.remove(&ticket) {
                    self.deeds.push(Deed::Answer(answer, outcome));
                }
            }
            Effect::Publish(changes) => self.deeds.push(Deed::Publish(changes)),
            Effect::Taken(taken) => {
                tracing::debug!(?taken, "ops from elsewhere");
                self.taken = taken;
            }
            other => return Err(fault(format!("no deed for {other:?}"))),
        }
        Ok(())
    }
}

// .. or, of a mark, is found out again.
const fn is_said_again(record: &Record) -> bool {
    matches!(record, Record::Cursor { .. } | Record::HandedOver { .. } | Record::Marked { .. })
}

fn fed_by(record: &Record) -> Option<SpaceId> {
    match record {
        Record::Op { op, .. } => Some(feed_of(&op.op)),
        _ => None,
    }
}

fn now_ms() -> Result<u64, StoreFault> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(fault)?;
    u64::try_from(since.as_millis()).map_err(fault)
}
