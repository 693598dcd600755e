//! All ops together: chains, citations, accounts, and the rows that were made of ops.

use super::fact::{self, Fact, Row};
use super::layout::{self, Names, Short};
use super::report::Report;
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::id::{FrontierId, OpId, SpaceId, Tenure, UserId};
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
    if report.format != layout::FORMAT {
        return Err(AuditError::Row(format!("format {} is not known here", report.format)));
    }
    let mut audit = Audit::read(store, report)?;
    audit.chains();
    audit.citations(store)?;
    audit.accounts();
    audit.authors();
    audit.index_rows(store)?;
    audit.message_rows(store)?;
    audit.act_rows(store)?;
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
        let mut audit = Self { report, names, facts, failed, accounts, author };
        let bodies = store.open_table(layout::BODY)?;
        let mut rows = Vec::with_capacity(BATCH);
        for row in store.open_table(layout::OP)?.iter()? {
            let (key, value) = row?;
            let body = bodies.get(key.value())?.map(|body| body.value().to_vec());
            rows.push(Row { key: *key.value(), value: value.value().to_vec(), body });
            if rows.len() == BATCH {
                audit.take(&rows);
                rows.clear();
            }
        }
        audit.take(&rows);
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
        self.report.destroyed_bodies += u64::from(fact.destroyed);
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
        let prev = fact.header.prev?;
        let Some(before) = self.facts.get(&prev) else {
            return (!self.has_failed(&prev)).then_some("the op before it in its log is missing");
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

    /// Every identity log gives an account.
    fn accounts(&mut self) {
        let mut ops: Vec<_> = self.facts.values_mut().filter_map(|fact| fact.identity.take()).collect();
        ops.sort_by_key(|op| (op.header.hlc, op.id));
        for op in ops.iter().filter(|op| op.kind() == Some(Kind::IdGenesis)) {
            match Identity::begin(op) {
                Ok(identity) => drop(self.accounts.insert(op.id.into(), identity)),
                Err(error) => self.report.wrong(error.to_string(), format!("account {}", op.id.to_hex())),
            }
        }
        self.report.accounts = self.accounts.len() as u64;
        // Time orders nearly all of it; what waits for a rotation that was written later comes in the next round.
        let mut before = usize::MAX;
        while ops.len() < before {
            before = ops.len();
            ops.retain(|op| {
                let account = self.accounts.get_mut(&UserId(op.space().0));
                account.is_none_or(|account| account.integrate(op).is_err())
            });
        }
        for op in ops {
            self.report.wrong("it does not fit its account's log", format!("op {}", op.id.to_hex()));
        }
    }

    /// Every op of a guild or conversation is by a device that its author's account certifies.
    fn authors(&mut self) {
        let mut admitted: HashMap<(SpaceId, Tenure), &[UserId]> = HashMap::new();
        for fact in self.facts.values().filter(|fact| !fact.admits.is_empty()) {
            admitted.insert((space_of(fact), Tenure::of(&fact.id)), &fact.admits);
        }
        let mut broken = Vec::new();
        for fact in self.facts.values().filter(|fact| Plane::of(fact.header.kind) != Some(Plane::Identity)) {
            let known = admitted.get(&(space_of(fact), fact.header.tenure)).copied();
            let Some(people) = Some(fact.admits.as_slice()).filter(|people| !people.is_empty()).or(known)
            else {
                broken.push(("written under an admission that is not here", fact::place(&fact.key)));
                continue;
            };
            let certified = |user: &&UserId| {
                let account = self.accounts.get(user);
                account.is_some_and(|it| it.account().certifies(&fact.header.author, fact.header.hlc))
            };
            match people.iter().find(certified) {
                Some(user) => drop(self.author.insert(fact.id, *user)),
                None => self.report.uncertified += 1,
            }
        }
        self.report_sorted(broken);
        self.count_authors();
    }

    fn count_authors(&mut self) {
        for (id, user) in &self.author {
            let Some(fact) = self.facts.get(id) else { continue };
            let (who, key) = (user.to_hex(), fact.header.author.to_hex());
            let message = fact.header.kind == Kind::Message.number();
            if let Some(space) = self.report.spaces.get_mut(&space_of(fact).to_hex()) {
                space.messages += u64::from(message);
                space.who.insert(who.clone());
                space.keys.insert(key.clone());
            }
            let class = match self.accounts.get(user).map(|account| account.account().class) {
                Some(AccountClass::Bot) => "bot",
                _ => "person",
            };
            let author = self.report.author_list.entry(who).or_default();
            author.class = class;
            author.ops += 1;
            author.messages += u64::from(message);
            if message {
                author.message_keys.insert(key.clone());
            }
            author.device_keys.insert(key);
            self.report.messages += u64::from(message);
        }
    }

    /// The ways to an op: by its id, by its place in its log; and the count of each space.
    fn index_rows(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let by_id = store.open_table(layout::BY_ID)?;
        let logs = store.open_table(layout::LOG)?;
        let mut broken = Vec::new();
        for fact in self.facts.values() {
            let (place, head) = fact.key.split_at(16);
            if by_id.get(&layout::Cursor(head).take()?)?.is_none_or(|row| row.value() != place) {
                broken.push(("not found by its id", fact::place(&fact.key)));
            }
            let hlc = fact.header.hlc.0.to_be_bytes();
            if logs.get(&log_key(fact))?.is_none_or(|row| *row.value() != hlc) {
                broken.push(("not found in its log", fact::place(&fact.key)));
            }
        }
        let ops = self.report.ops;
        for (table, rows) in [
            ("by_id", redb::ReadableTableMetadata::len(&by_id)?),
            ("log", redb::ReadableTableMetadata::len(&logs)?),
        ] {
            if rows != ops {
                self.report.wrong(format!("{rows} rows for {ops} ops"), format!("table {table}"));
            }
        }
        self.report_sorted(broken);
        self.counts(store)
    }

    fn counts(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let mut counted: u64 = 0;
        for row in store.open_table(layout::COUNT)?.iter()? {
            let (space, count) = row?;
            let ops = layout::Cursor(count.value()).u64()?;
            counted += ops;
            let id: [u8; 32] = self.names.long(*space.value())?;
            let here = self.report.spaces.get(&hex::encode(id)).map_or(0, |space| space.ops);
            if here != ops && self.failed.is_empty() {
                self.report.wrong(
                    format!("{ops} ops are counted, {here} are here"),
                    format!("space {}", hex::encode(id)),
                );
            }
        }
        if counted != self.report.ops {
            self.report
                .wrong(format!("{counted} ops are counted, {} are here", self.report.ops), "table count");
        }
        Ok(())
    }

    /// Every message's row has its op, and every message its row and its number.
    fn message_rows(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let numbers = store.open_table(layout::NUMBER)?;
        let mut rowed = HashSet::new();
        for row in store.open_table(layout::MESSAGE)?.iter()? {
            let (key, value) = row?;
            let row = layout::message_row(key.value(), value.value())?;
            rowed.insert(row.id);
            let mut number = [0; 12];
            number[..4].copy_from_slice(&row.stream);
            number[4..].copy_from_slice(&row.number.to_be_bytes());
            if numbers.get(&number)?.is_none_or(|place| place.value()[..] != key.value()[4..]) {
                self.report.wrong("a message that its number does not find", op_named(&row.id));
            }
            if let Some(what) = self.row_fault(&row.id, row.author, row.verdict, |fact| {
                fact.header.kind == Kind::Message.number()
                    && fact.header.hlc.0 == row.hlc
                    && fact.key[4..8] == row.stream
            }) {
                self.report.wrong(what, op_named(&row.id));
            }
        }
        self.rowless(&rowed, &[Kind::Message]);
        Ok(())
    }

    /// The same for edits, deletes, reactions and pins.
    fn act_rows(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        const KINDS: [Kind; 5] = [Kind::Edit, Kind::Delete, Kind::React, Kind::Unreact, Kind::Pin];
        let mut rowed = HashSet::new();
        for row in store.open_table(layout::ACT)?.iter()? {
            let (key, value) = row?;
            let row = layout::act_row(key.value(), value.value())?;
            rowed.insert(row.id);
            let kind = KINDS.get(usize::from(row.deed)).map(|kind| kind.number());
            if let Some(what) = self.row_fault(&row.id, row.author, row.verdict, |fact| {
                kind == Some(fact.header.kind) && fact.header.target == Some(row.message)
            }) {
                self.report.wrong(what, op_named(&row.id));
            }
            let message = self.facts.get(&row.message).map(|fact| (fact.header.kind, fact.header.hlc.0));
            if message != Some((Kind::Message.number(), row.message_hlc)) && !self.has_failed(&row.message) {
                self.report.wrong("it acts on what is no message here", op_named(&row.id));
            }
        }
        self.rowless(&rowed, &KINDS);
        Ok(())
    }

    /// What is wrong with a row that was made of an op.
    fn row_fault(
        &self,
        id: &OpId,
        author: Short,
        verdict: u8,
        fits: impl Fn(&Fact) -> bool,
    ) -> Option<&'static str> {
        let Some(fact) = self.facts.get(id) else {
            return (!self.has_failed(id)).then_some("a row without its op");
        };
        if !fits(fact) {
            return Some("its row says something else than the op");
        }
        match self.author.get(id) {
            Some(user) if self.names.long(author) != Ok(user.0) => Some("its row names another author"),
            None if verdict == 0 => Some("it counts, though no account certifies its device"),
            _ => None,
        }
    }

    fn rowless(&mut self, rowed: &HashSet<OpId>, kinds: &[Kind]) {
        let of_kind = |fact: &&Fact| kinds.iter().any(|kind| kind.number() == fact.header.kind);
        let without = self.facts.values().filter(of_kind).filter(|fact| !rowed.contains(&fact.id));
        let broken = without.map(|fact| ("an op without its row", fact::place(&fact.key))).collect();
        self.report_sorted(broken);
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

/// `space ‖ device ‖ stream ‖ tenure ‖ seq ‖ head`.
fn log_key(fact: &Fact) -> [u8; 40] {
    let [space, stream, device, tenure] = [0, 4, 8, 12].map(|at| &fact.log[at..at + 4]);
    let mut key = [0; 40];
    let parts = [space, device, stream, tenure, &fact.header.seq.to_be_bytes(), &fact.id.0[..16]].concat();
    key.copy_from_slice(&parts);
    key
}

fn op_named(id: &OpId) -> String {
    format!("op {}", id.to_hex())
}
