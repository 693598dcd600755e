//! One node: a core, the store it writes to, a clock of its own.

use nexus_core::{
    Change, Command, Core, Effect, Env, Input, MemoryStore, Record, Refusal, Reply, Store, Ticket,
};
use nexus_crdt::id::{OpId, UserId};
use nexus_crdt::op;

/// Ops on their way, with the heads of the frontiers they cite.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parcel {
    pub(crate) ops: Vec<Vec<u8>>,
    pub(crate) frontiers: Vec<Vec<OpId>>,
}

/// When a process dies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Death {
    /// Nothing of the decision is written.
    BeforeWriting,
    /// All of it is written, nobody hears of it.
    AfterWriting,
}

/// What came of an input.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) reply: Option<Result<Reply, Refusal>>,
    pub(crate) changes: Vec<Change>,
    pub(crate) offered: Parcel,
    /// Own ops that were written before the reply.
    pub(crate) written: Vec<OpId>,
    pub(crate) refused: Vec<&'static str>,
}

pub(crate) struct Host {
    pub(crate) core: Core,
    pub(crate) store: MemoryStore,
    /// How far its clock is from the world's.
    pub(crate) skew_ms: i64,
    /// Its owner and their bots.
    pub(crate) people: Vec<UserId>,
}

impl Host {
    pub(crate) fn new() -> Self {
        let store = MemoryStore::default();
        let core = load(&store);
        Self { core, store, skew_ms: 0, people: Vec::new() }
    }

    pub(crate) fn handle(
        &mut self,
        input: Input,
        now_ms: u64,
        entropy: [u8; 64],
        death: Option<Death>,
    ) -> Outcome {
        let now_ms = now_ms.saturating_add_signed(self.skew_ms);
        let env = Env { now_ms, entropy, store: &self.store };
        let effects = self.core.handle(input, &env);
        // A store in memory never fails.
        let effects = effects.unwrap_or_else(|fault| panic!("{fault}"));
        if death == Some(Death::BeforeWriting) {
            self.restart();
            return Outcome::default();
        }
        let outcome = self.carry_out(effects);
        if death == Some(Death::AfterWriting) {
            self.restart();
            return Outcome { written: outcome.written, ..Outcome::default() };
        }
        outcome
    }

    pub(crate) fn command(
        &mut self,
        actor: Option<UserId>,
        command: Command,
        now_ms: u64,
        entropy: [u8; 64],
        death: Option<Death>,
    ) -> Outcome {
        let input = Input::Command { ticket: Ticket(0), actor, command: Box::new(command) };
        self.handle(input, now_ms, entropy, death)
    }

    /// Ends the process and begins it anew from what was written.
    pub(crate) fn restart(&mut self) {
        self.core = load(&self.store);
    }

    /// Everything it holds, as another would be offered it.
    pub(crate) fn everything(&self) -> Parcel {
        let ops =
            self.store.ops().filter_map(|stored| stored.verify().ok()).map(|op| op::encode(&op)).collect();
        Parcel { ops, frontiers: self.store.frontiers().unwrap_or_default() }
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Outcome {
        let mut outcome = Outcome::default();
        for effect in effects {
            match effect {
                Effect::Append(records) => {
                    self.store.apply(&records);
                    outcome.written.extend(records.iter().filter_map(own_op));
                }
                Effect::Reply { outcome: reply, .. } => outcome.reply = Some(reply),
                Effect::Publish(changes) => outcome.changes = changes,
                Effect::Offer { ops, frontiers } => outcome.offered = Parcel { ops, frontiers },
                Effect::Taken(taken) => outcome.refused.extend(taken.refused),
                _ => {}
            }
        }
        outcome
    }
}

fn own_op(record: &Record) -> Option<OpId> {
    match record {
        Record::Op { op, mine: true } => Some(op.op.id),
        _ => None,
    }
}

fn load(store: &MemoryStore) -> Core {
    // What a core wrote it must be able to read: this is one of the promises.
    Core::load(store).unwrap_or_else(|error| panic!("a store that a core wrote does not load: {error}"))
}
