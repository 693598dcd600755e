//! Rows that were made of ops, and the ways to find an op.

use super::{Audit, AuditError};
use crate::verify::fact::{self, Fact};
use crate::verify::layout::{self, Short};
use nexus_crdt::id::OpId;
use nexus_crdt::kind::Kind;
use redb::{ReadTransaction, ReadableTable as _, ReadableTableMetadata as _};
use std::collections::HashSet;

/// What stands in a channel as a message.
const MESSAGES: [Kind; 2] = [Kind::Message, Kind::Alert];

impl Audit<'_> {
    /// The ways to an op: by its id, by its place in its log; and the count of each space.
    pub(super) fn index_rows(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let by_id = store.open_table(layout::BY_ID)?;
        let logs = store.open_table(layout::LOG)?;
        let mut broken = Vec::new();
        for fact in self.facts.values().filter(|fact| !self.in_blocks.rowless.contains_key(&fact.id)) {
            let (place, head) = fact.key.split_at(16);
            if by_id.get(&layout::Cursor(head).take()?)?.is_none_or(|row| row.value() != place) {
                broken.push(("not found by its id", fact::place(&fact.key)));
            }
            let hlc = fact.header.hlc.0.to_be_bytes();
            if logs.get(&log_key(fact))?.is_none_or(|row| *row.value() != hlc) {
                broken.push(("not found in its log", fact::place(&fact.key)));
            }
        }
        let ops = self.rows;
        for (table, rows) in [("by_id", by_id.len()?), ("log", logs.len()?)] {
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
    pub(super) fn message_rows(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
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
                MESSAGES.iter().any(|kind| fact.header.kind == kind.number())
                    && fact.header.hlc.0 == row.hlc
                    && fact.key[4..8] == row.stream
            }) {
                self.report.wrong(what, op_named(&row.id));
            }
        }
        for row in std::mem::take(&mut self.in_blocks.messages) {
            rowed.insert(row.id);
            if let Some(what) = self.row_fault(&row.id, row.author, row.verdict, |fact| {
                MESSAGES.iter().any(|kind| fact.header.kind == kind.number())
                    && fact.header.hlc.0 == row.hlc
                    && fact.key[4..8] == row.stream
            }) {
                self.report.wrong(what, op_named(&row.id));
            }
        }
        self.rowless(&rowed, &MESSAGES);
        Ok(())
    }

    /// The same for whatever acts on a message, and for words on following, which act on a thread or an event.
    pub(super) fn act_rows(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        // By the number of what they do, as rows have it.
        const KINDS: [Kind; 10] = [
            Kind::Edit,
            Kind::Delete,
            Kind::React,
            Kind::Unreact,
            Kind::Pin,
            Kind::Follow,
            Kind::PollVote,
            Kind::PollEnd,
            Kind::Publish,
            Kind::Move,
        ];
        const FOLLOWED: [Kind; 2] = [Kind::ThreadCreate, Kind::EventCreate];
        let (mut rowed, mut ended) = (self.orphans(store)?, HashSet::new());
        for row in store.open_table(layout::ACT)?.iter()? {
            let (key, value) = row?;
            let row = layout::act_row(key.value(), value.value())?;
            rowed.insert(row.id);
            if row.verdict == 0 && row.deed <= 1 {
                ended.insert(row.message);
            }
            let kind = KINDS.get(usize::from(row.deed)).copied();
            let follows = kind == Some(Kind::Follow);
            if let Some(what) = self.row_fault(&row.id, row.author, row.verdict, |fact| {
                let on_it = if follows {
                    row.message.0.starts_with(&fact.header.stream.0)
                } else {
                    fact.header.target == Some(row.message)
                };
                kind.is_some_and(|kind| kind.number() == fact.header.kind) && on_it
            }) {
                self.report.wrong(what, op_named(&row.id));
            }
            let message = self.facts.get(&row.message).map(|fact| (fact.header.kind, fact.header.hlc.0));
            let is_it = message.is_some_and(|(kind, hlc)| {
                let wanted = if follows { &FOLLOWED[..] } else { &MESSAGES[..] };
                hlc == row.message_hlc && wanted.iter().any(|wanted| wanted.number() == kind)
            });
            if !is_it && !self.has_failed(&row.message) {
                self.report.wrong("it acts on what is no message here", op_named(&row.id));
            }
        }
        // A word on following means nothing but in a thread or of an event, and has no row elsewhere.
        let rowed_kinds: Vec<Kind> = KINDS.into_iter().filter(|kind| *kind != Kind::Follow).collect();
        self.rowless(&rowed, &rowed_kinds);
        self.bodies(&ended);
        Ok(())
    }

    /// A body may be gone where its message was taken away or edited, where somebody said for how long messages are kept,
    /// or where all that somebody said was taken away.
    fn bodies(&mut self, ended: &HashSet<OpId>) {
        let says = |fact: &&Fact| {
            [Kind::Retention, Kind::Erase].iter().any(|kind| kind.number() == fact.header.kind)
        };
        let retaining: HashSet<_> = self
            .facts
            .values()
            .filter(says)
            .filter_map(|fact| fact.key.first_chunk::<4>())
            .copied()
            .collect();
        for fact in self.facts.values().filter(|fact| fact.destroyed) {
            let is_kept = fact.key.first_chunk::<4>().is_none_or(|space| !retaining.contains(space));
            if !is_kept || ended.contains(&fact.header.target.unwrap_or(fact.id)) {
                self.report.destroyed_bodies += 1;
            } else {
                self.report.lacking_bodies += 1;
            }
        }
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
        // What such an act does stands in its body: who got it without that made no row of it.
        let said = [Kind::React, Kind::PollVote].map(Kind::number);
        let is_mute = |fact: &&Fact| fact.destroyed && said.contains(&fact.header.kind);
        let without = self.facts.values().filter(of_kind).filter(|fact| !rowed.contains(&fact.id));
        let without = without.filter(|fact| !is_mute(fact));
        let broken = without.map(|fact| ("an op without its row", fact::place(&fact.key))).collect();
        self.report_sorted(broken);
    }
}

/// `space ‖ device ‖ stream ‖ tenure ‖ seq ‖ head`.
fn log_key(fact: &Fact) -> [u8; 40] {
    let [space, stream, device, tenure] = [0, 4, 8, 12].map(|at| &fact.log[at..at + 4]);
    let mut key = [0; 40];
    let parts = [space, device, stream, tenure, &fact.header.seq.to_be_bytes(), &fact.id.0[..16]].concat();
    key.copy_from_slice(&parts);
    key
}

pub(super) fn op_named(id: &OpId) -> String {
    format!("op {}", id.to_hex())
}
