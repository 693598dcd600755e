//! One input's work: what it reads (the store and what it wrote itself), what it wrote, what is to be told.

use super::Core;
use super::admit::Voided;
use super::author::alert::Evaded;
use super::author::publish::{Amended, Published};
use super::entropy::Entropy;
use super::mind::Mind;
use super::pending::Missing;
use super::reduce;
use super::timeline;
use crate::change::Change;
use crate::command::Reply;
use crate::command::refusal::Refusal;
use crate::effect::{Effect, Effects, Env, Taken, Ticket};
use crate::store::{LogEntry, LogId, Overlay, Record, Store, StoreFault};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{FrontierId, OpId, SpaceId, StreamId, UserId};
use nexus_crdt::identity::Identity;
use nexus_crdt::op::Op;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) struct Turn<'a> {
    pub(super) core: &'a mut Core,
    pub(super) store: Overlay<'a>,
    pub(super) now_ms: u64,
    pub(super) entropy: Entropy,
    before: Mind,
    clock_before: Hlc,
    /// Heads of the logs this turn wrote to.
    pub(super) heads: BTreeMap<LogId, Head>,
    /// Accounts to which something came in this turn, with their ops.
    pub(super) identities: BTreeMap<UserId, Arc<Identity>>,
    /// Frontiers this turn found in the store or wrote to it.
    pub(super) cited: BTreeSet<FrontierId>,
    /// Guilds whose view may differ from before.
    pub(super) touched: BTreeSet<SpaceId>,
    /// Accounts that were known before and whose profile changed.
    pub(super) renamed: BTreeSet<UserId>,
    /// Whose content must be judged anew.
    pub(super) affected: BTreeSet<(SpaceId, UserId)>,
    /// Streams whose content must be judged anew, from a time on.
    pub(super) locked: BTreeSet<(SpaceId, StreamId, Hlc)>,
    /// Acts of this program's people that came to nothing.
    pub(super) acts_voided: Vec<Voided>,
    /// Logs that turned out to be forked.
    pub(super) forked: BTreeSet<LogId>,
    /// Ops that another branch of their log may have pushed out, or that were judged without one that has come now.
    pub(super) crowded: BTreeSet<OpId>,
    /// What became of messages.
    pub(super) changes: Vec<Change>,
    /// Whose outbox fell.
    pub(super) handed_over: Vec<Change>,
    /// Which of them authority took away.
    pub(super) voided: Vec<Change>,
    /// Acts of governance that came and count, the latest last.
    pub(super) governed: Vec<(SpaceId, OpId)>,
    /// Messages that were given to whoever follows their channel.
    pub(super) published: Vec<Published>,
    /// Of those that were given before, which say something else now.
    pub(super) amended: Vec<Amended>,
    /// What came though a filter stops it.
    pub(super) evaded: Vec<Evaded>,
    /// What became of ops from elsewhere.
    pub(super) taken: Taken,
    /// What is no longer missing.
    pub(super) found: Vec<Missing>,
    /// The sender's name for the message that is being written.
    pub(super) nonce: Option<String>,
    /// Why what is being governed is done.
    pub(super) reason: Option<String>,
}

/// The last op of a log, and what it cites where that is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) entry: LogEntry,
    pub(super) frontier: Option<FrontierId>,
}

impl<'a> Turn<'a> {
    pub(super) fn begin(core: &'a mut Core, env: &'a Env<'a>) -> Self {
        Self {
            before: core.mind.clone(),
            clock_before: core.clock,
            core,
            store: Overlay::new(env.store),
            now_ms: env.now_ms,
            entropy: Entropy::new(env.entropy),
            heads: BTreeMap::new(),
            identities: BTreeMap::new(),
            cited: BTreeSet::new(),
            touched: BTreeSet::new(),
            renamed: BTreeSet::new(),
            affected: BTreeSet::new(),
            locked: BTreeSet::new(),
            acts_voided: Vec::new(),
            forked: BTreeSet::new(),
            crowded: BTreeSet::new(),
            changes: Vec::new(),
            voided: Vec::new(),
            governed: Vec::new(),
            published: Vec::new(),
            amended: Vec::new(),
            evaded: Vec::new(),
            handed_over: Vec::new(),
            taken: Taken::default(),
            found: Vec::new(),
            nonce: None,
            reason: None,
        }
    }

    /// Leaves everything as it was, the clock as well: what was asked for and refused while it was years ahead would date all that
    /// is written afterwards.
    pub(super) fn undo(self) {
        self.core.mind = self.before;
        self.core.clock = self.clock_before;
    }

    /// Takes in what waited for this turn's ops, judges anew what they may have turned, and lists the deeds.
    pub(super) fn finish(
        mut self,
        reply: Option<(Ticket, Result<Reply, Refusal>)>,
    ) -> Result<Effects, StoreFault> {
        self.settle()?;
        self.say_again()?;
        self.bring_copies()?;
        self.amend_copies()?;
        self.act_on_evaded()?;
        self.rejudge_affected()?;
        // An act on a message that came in this turn was judged just now.
        self.bring_copies()?;
        for space in self.touched.clone() {
            self.hide_old(&space)?;
        }
        if self.store.has_records() {
            self.mark_checked();
        }
        let mut changes =
            reduce::changes(&self.before.view, &mut self.core.mind.view, &self.touched, self.core.clock);
        self.core.mind.view.governance = self.core.mind.guilds.clone();
        changes.extend(self.renamed.iter().map(|user| Change::UserUpdated { user: *user }));
        changes.extend(timeline::gather_deleted(std::mem::take(&mut self.changes)));
        changes.append(&mut self.voided);
        let told = self.governed.len().saturating_sub(GOVERNED_TOLD_MAX);
        // A guild that is new here is told of as a whole.
        let known = &self.before.view.guilds;
        let governed = self.governed.drain(..).skip(told).filter(|(space, _)| known.contains_key(space));
        changes.extend(governed.map(|(space, op)| Change::Governed { space, op }));
        changes.append(&mut self.handed_over);
        for (log, head) in std::mem::take(&mut self.heads) {
            self.core.heads.insert(log, head);
        }
        for (user, identity) in std::mem::take(&mut self.identities) {
            self.core.identities.insert(user, identity);
        }
        for frontier in std::mem::take(&mut self.cited) {
            self.core.cited.insert(frontier, ());
        }
        Ok(self.deeds(reply, changes))
    }

    fn deeds(mut self, reply: Option<(Ticket, Result<Reply, Refusal>)>, changes: Vec<Change>) -> Effects {
        let mut effects: Effects = Vec::with_capacity(4);
        let mut records = self.store.into_records();
        self.core.life.name_feeds(&mut records, &mut self.entropy);
        if !records.is_empty() {
            effects.push(Effect::Append(records));
        }
        if let Some((ticket, outcome)) = reply {
            effects.push(Effect::Reply { ticket, outcome });
        }
        if !changes.is_empty() {
            effects.push(Effect::Publish(changes));
        }
        if self.taken != Taken::default() {
            effects.push(Effect::Taken(self.taken));
        }
        effects
    }

    pub(super) fn write(&mut self, record: Record) {
        self.store.write(record);
    }

    /// The head of a log, this turn's ops included.
    pub(super) fn head(&mut self, log: &LogId) -> Result<Option<LogEntry>, StoreFault> {
        if let Some(head) = self.known_head(log) {
            return Ok(Some(head.entry));
        }
        let entry = self.store.log_head(log)?;
        if let Some(entry) = entry {
            self.heads.insert(*log, Head { entry, frontier: None });
        }
        Ok(entry)
    }

    /// The head of a log, where it was looked up lately.
    pub(super) fn known_head(&self, log: &LogId) -> Option<&Head> {
        self.heads.get(log).or_else(|| self.core.heads.get(log))
    }

    /// Makes an op its log's head, where it is beyond the one there is.
    pub(super) fn advance(&mut self, op: &Op) -> Result<(), StoreFault> {
        let (log, header) = (LogId::of(op), &op.header);
        if self.head(&log)?.is_none_or(|known| (known.seq, known.op) <= (header.seq, op.id)) {
            let entry = LogEntry { seq: header.seq, op: op.id, hlc: header.hlc };
            self.heads.insert(log, Head { entry, frontier: op.frontier() });
        }
        Ok(())
    }

    /// The next time of writing, later than everything taken in here.
    pub(super) fn next_hlc(&mut self) -> Hlc {
        self.core.clock = Hlc::next(self.now_ms, self.core.clock, Hlc::ZERO);
        self.core.clock
    }
}

/// Acts of governance of one turn that are told of one by one: who comes back after a week is told of the rest by what they changed.
const GOVERNED_TOLD_MAX: usize = 64;
