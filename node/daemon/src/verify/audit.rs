//! All ops together: chains, citations, accounts, and the rows that were made of ops.

mod blocks;
mod feeds;
mod gaps;
mod people;
mod rows;

use super::fact::{self, Fact, Row};
use super::layout::{self, Names};
use super::report::Report;
use nexus_crdt::id::{FrontierId, OpId, SpaceId, UserId};
use nexus_crdt::identity::Identity;
use nexus_crdt::kind::{Kind, Plane};
use redb::{ReadTransaction, ReadableTable as _, TableError};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Rows that are checked at a time.
const BATCH: usize = 8_192;

/// Why an audit ends early.
#[derive(Debug, thiserror::Error)]
pub(super) enum AuditError {
    /// The file's own order is broken: what it says cannot be read on.
    #[error("{0}")]
    Row(String),
    #[error(transparent)]
    Store(#[from] redb::Error),
}

impl From<&'static str> for AuditError {
    fn from(what: &'static str) -> Self {
        Self::Row(what.to_owned())
    }
}

macro_rules! from_redb {
    ($($error:ty),*) => {$(
        impl From<$error> for AuditError {
            fn from(error: $error) -> Self {
                Self::Store(error.into())
            }
        }
    )*};
}
from_redb!(TableError, redb::StorageError);

/// Reads everything and writes into `report` what is there and what is wrong.
pub(super) fn audit(store: &ReadTransaction, report: &mut Report) -> Result<(), AuditError> {
    let meta = match store.open_table(layout::META) {
        // A folder that was made and never served.
        Err(TableError::TableDoesNotExist(_)) => return Ok(()),
        meta => meta?,
    };
    let format = meta.get("format")?.ok_or("the store has no format number")?;
    report.format = u32::from_be_bytes(format.value().try_into().map_err(|_| "the format is no number")?);
    if ![layout::FORMAT_BEFORE, layout::FORMAT].contains(&report.format) {
        return Err(AuditError::Row(format!("format {} is not known here", report.format)));
    }
    let mut audit = Audit::read(store, report)?;
    audit.thinned = meta.get("thinned")?.is_some();
    audit.blocks(store)?;
    audit.gaps(store)?;
    audit.standing(store)?;
    audit.chains();
    audit.citations(store)?;
    audit.accounts();
    audit.authors();
    audit.index_rows(store)?;
    audit.message_rows(store)?;
    audit.act_rows(store)?;
    audit.feeds(store)?;
    audit.sums(store)?;
    audit.waiting(store)?;
    report.sum_up();
    Ok(())
}

struct Audit<'a> {
    report: &'a mut Report,
    names: Names,
    facts: HashMap<OpId, Fact>,
    /// Rows that failed by themselves: what refers to them is not wrong once more.
    failed: HashSet<[u8; 16]>,
    accounts: BTreeMap<UserId, Identity>,
    /// Where the first gap begins of each stream that is not held whole: time and head.
    gaps: HashMap<[u8; 8], [u8; 24]>,
    /// Keys of ops that stand on a gap.
    standing: HashSet<[u8; 32]>,
    /// Ops that are rows.
    rows: u64,
    in_blocks: blocks::InBlocks,
    /// Ops were let go of: their numbers in arrival logs stand for nothing.
    thinned: bool,
    /// Who wrote each op of a guild or conversation, where their account certifies the device.
    author: HashMap<OpId, UserId>,
}

impl<'a> Audit<'a> {
    fn read(store: &ReadTransaction, report: &'a mut Report) -> Result<Self, AuditError> {
        let mut names = HashMap::new();
        for row in store.open_table(layout::NAME)?.iter()? {
            let (short, name) = row?;
            names.insert(*short.value(), name.value().to_vec());
        }
        let (names, facts, failed) = (Names(names), HashMap::new(), HashSet::new());
        let (accounts, author) = (BTreeMap::new(), HashMap::new());
        let (gaps, standing) = (HashMap::new(), HashSet::new());
        let in_blocks = blocks::InBlocks::default();
        let mut audit = Self {
            report,
            names,
            facts,
            failed,
            accounts,
            author,
            gaps,
            standing,
            rows: 0,
            in_blocks,
            thinned: false,
        };
        let bodies = store.open_table(layout::BODY)?;
        let mut rows = Vec::with_capacity(BATCH);
        for row in store.open_table(layout::OP)?.iter()? {
            let (key, value) = row?;
            let body = bodies.get(key.value())?.map(|body| body.value().to_vec());
            let read = layout::op_row(key.value(), value.value(), &audit.names);
            rows.push(Row { key: *key.value(), read, body });
            if rows.len() == BATCH {
                audit.take(&rows);
                rows.clear();
            }
        }
        audit.take(&rows);
        audit.rows = audit.report.ops;
        audit.orphan_bodies(store)?;
        Ok(audit)
    }

    fn take(&mut self, rows: &[Row]) {
        self.report.ops += rows.len() as u64;
        for (checked, row) in fact::check_all(rows, &self.names).into_iter().zip(rows) {
            match checked {
                Ok(fact) => self.take_one(fact),
                Err((what, place)) => {
                    self.failed.insert(layout::Cursor(&row.key[16..]).take().unwrap_or_default());
                    self.report.wrong(what, place);
                }
            }
        }
    }

    fn take_one(&mut self, fact: Fact) {
        self.report.signatures += 1;
        let kind = Kind::from_number(fact.header.kind)
            .map_or_else(|| format!("{:#06x}", fact.header.kind), |kind| kind.name().to_owned());
        *self.report.kinds.entry(kind).or_default() += 1;
        let space = self.report.spaces.entry(space_of(&fact).to_hex()).or_default();
        space.ops += 1;
        match Kind::from_number(fact.header.kind) {
            Some(Kind::IdGenesis) => space.kind = "identity",
            Some(Kind::Genesis) => space.kind = if fact.conversation { "conversation" } else { "guild" },
            _ => {}
        }
        self.facts.insert(fact.id, fact);
    }

    fn orphan_bodies(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let ops = store.open_table(layout::OP)?;
        for row in store.open_table(layout::BODY)?.iter()? {
            let (key, _) = row?;
            if ops.get(key.value())?.is_none() {
                self.report.wrong("a body without its op", fact::place(key.value()));
            }
        }
        Ok(())
    }

    /// Along each log: seq by one, prev by name, the clock rising.
    fn chains(&mut self) {
        let mut logs: HashMap<[u8; 16], HashMap<u64, u64>> = HashMap::new();
        let mut broken = Vec::new();
        for fact in self.facts.values() {
            *logs.entry(fact.log).or_default().entry(fact.header.seq).or_default() += 1;
            if let Some(what) = self.chain_fault(fact) {
                broken.push((what, fact::place(&fact.key)));
            }
        }
        self.report.logs = logs.len() as u64;
        self.report.forks = logs.values().flat_map(HashMap::values).filter(|ops| **ops > 1).count() as u64;
        self.report_sorted(broken);
    }

    fn chain_fault(&self, fact: &Fact) -> Option<&'static str> {
        // What stands on a gap is about to be found out.
        let prev = fact.header.prev.filter(|_| !self.standing.contains(&fact.key))?;
        let Some(before) = self.facts.get(&prev) else {
            let excused = self.has_failed(&prev) || self.stands_on_a_gap(fact);
            return (!excused).then_some("the op before it in its log is missing");
        };
        if before.log != fact.log || before.header.seq.checked_add(1) != Some(fact.header.seq) {
            return Some("the op before it is of another log or place");
        }
        (before.header.hlc >= fact.header.hlc).then_some("the clock does not rise along its log")
    }

    /// What ops cite is here: governance by id, everything else by frontiers that are written out.
    fn citations(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let mut frontiers: HashMap<[u8; 32], &'static str> = HashMap::new();
        for row in store.open_table(layout::FRONTIER)?.iter()? {
            let (id, heads) = row?;
            let (heads, rest) = heads.value().as_chunks::<32>();
            let heads: Vec<OpId> = heads.iter().copied().map(OpId).collect();
            let named = rest.is_empty() && FrontierId::of(&heads).0 == *id.value();
            let here = heads.iter().all(|head| self.facts.contains_key(head) || self.has_failed(head));
            let fault =
                if !named { "its heads are not the ones it names" } else { "a head of it is missing" };
            frontiers.insert(*id.value(), if named && here { "" } else { fault });
        }
        let mut broken: Vec<(&'static str, String)> = frontiers
            .iter()
            .filter(|(_, fault)| !fault.is_empty())
            .map(|(id, fault)| (*fault, format!("frontier {}", hex::encode(id))))
            .collect();
        for fact in self.facts.values() {
            let here = |dep: &OpId| match Plane::of(fact.header.kind) {
                Some(Plane::Membership | Plane::Content) => frontiers.contains_key(&dep.0),
                _ => self.facts.contains_key(dep) || self.has_failed(dep),
            };
            if !fact.header.deps.iter().all(here) {
                broken.push(("it cites what is not here", fact::place(&fact.key)));
            }
        }
        self.report_sorted(broken);
        Ok(())
    }

    fn has_failed(&self, id: &OpId) -> bool {
        self.failed.contains(&id.0[..16])
    }

    /// Reports in an order that does not change from run to run.
    fn report_sorted(&mut self, mut broken: Vec<(&'static str, String)>) {
        broken.sort();
        for (what, place) in broken {
            self.report.wrong(what, place);
        }
    }
}

fn space_of(fact: &Fact) -> SpaceId {
    if fact.header.space == SpaceId::NONE { fact.id.into() } else { fact.header.space }
}
