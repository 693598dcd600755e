//! One node: a core, the store it writes to, a clock of its own.

use crate::world::START_MS;
use nexus_core::store::feed_of;
use nexus_core::{Change, Core, Effect, Env, Input, MemoryStore, Record, Refusal, Reply, Taken};
use nexus_crdt::id::{OpId, SpaceId, UserId};
use std::collections::BTreeSet;

/// When a process dies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Death {
    /// Nothing of the decision is written.
    BeforeWriting,
    /// The disk said that it cannot write: the program begins anew from what there is.
    Refused,
    /// All of it is written, nobody hears of it.
    AfterWriting,
}

/// What came of an input.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) reply: Option<Result<Reply, Refusal>>,
    pub(crate) changes: Vec<Change>,
    /// Own ops that were written before the reply.
    pub(crate) written: Vec<OpId>,
    /// Spaces whose arrival log grew.
    pub(crate) fed: BTreeSet<SpaceId>,
    /// What became of ops from elsewhere.
    pub(crate) taken: Taken,
    /// The disk was full: nothing was written, and the program began anew.
    pub(crate) refused: bool,
}

pub(crate) struct Host {
    pub(crate) core: Core,
    pub(crate) store: MemoryStore,
    /// How far its clock is from the world's.
    pub(crate) skew_ms: i64,
    /// By how many parts of a million it goes too fast.
    pub(crate) drift_ppm: i64,
    /// Until when nothing can be written.
    pub(crate) full_until_ms: u64,
    /// Until when its disk takes so long that nothing is taken in.
    pub(crate) slow_until_ms: u64,
    /// Its owner and their bots.
    pub(crate) people: Vec<UserId>,
}

impl Host {
    /// `name`: of its store, unlike every other's.
    pub(crate) fn new(name: [u8; 16]) -> Self {
        let store = MemoryStore::named(name);
        let core = load(&store);
        Self { core, store, skew_ms: 0, drift_ppm: 0, full_until_ms: 0, slow_until_ms: 0, people: Vec::new() }
    }

    pub(crate) fn handle(
        &mut self,
        input: Input,
        now_ms: u64,
        entropy: [u8; 64],
        death: Option<Death>,
    ) -> Outcome {
        let is_full = now_ms < self.full_until_ms;
        let now_ms = self.now_ms(now_ms);
        let env = Env { now_ms, entropy, store: &self.store };
        let effects = self.core.handle(input, &env);
        // A store in memory never fails.
        let effects = effects.unwrap_or_else(|fault| panic!("{fault}"));
        if is_full
            && effects.iter().any(|effect| matches!(effect, Effect::Append(records) if !records.is_empty()))
        {
            self.restart();
            return Outcome { refused: true, ..Outcome::default() };
        }
        if matches!(death, Some(Death::BeforeWriting | Death::Refused)) {
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

    /// Ends the process and begins it anew from what was written.
    pub(crate) fn restart(&mut self) {
        self.core = load(&self.store);
    }

    /// What its clock shows.
    pub(crate) const fn now_ms(&self, now_ms: u64) -> u64 {
        let drifted = (now_ms.saturating_sub(START_MS) as i64).saturating_mul(self.drift_ppm) / 1_000_000;
        now_ms.saturating_add_signed(self.skew_ms.saturating_add(drifted))
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Outcome {
        let mut outcome = Outcome::default();
        for effect in effects {
            match effect {
                Effect::Append(records) => {
                    self.store.apply(&records);
                    outcome.written.extend(records.iter().filter_map(own_op));
                    outcome.fed.extend(records.iter().filter_map(fed_by));
                }
                Effect::Reply { outcome: reply, .. } => outcome.reply = Some(reply),
                Effect::Publish(changes) => outcome.changes = changes,
                Effect::Taken(taken) => outcome.taken = taken,
                _ => {}
            }
        }
        outcome
    }
}

fn fed_by(record: &Record) -> Option<SpaceId> {
    match record {
        Record::Op { op, .. } => Some(feed_of(&op.op)),
        _ => None,
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
