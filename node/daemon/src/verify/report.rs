//! What was found, for people and for programs.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Entries of `wrong` that are written out; all are counted.
const SHOWN: usize = 1_000;

/// The outcome of an audit. Ids are lower-case hexadecimal.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) format: u32,
    pub(super) ops: u64,
    /// Of the ops those that stand in blocks, and in how many.
    pub(super) packed_ops: u64,
    pub(super) blocks: u64,
    /// Signatures that hold, by `verify_strict`.
    pub(super) signatures: u64,
    /// Ops whose body has been destroyed: their message was taken away or edited, or is kept no longer.
    pub(super) destroyed_bodies: u64,
    /// Ops without their body of whose message neither is known.
    pub(super) lacking_bodies: u64,
    pub(super) logs: u64,
    /// Places in logs that hold more than one op.
    pub(super) forks: u64,
    /// Identity logs.
    pub(super) accounts: u64,
    /// Accounts that wrote in a guild or conversation, and the device keys they wrote under.
    pub(super) authors: usize,
    pub(super) device_keys: usize,
    /// The same, of messages alone.
    pub(super) message_authors: usize,
    pub(super) message_device_keys: usize,
    pub(super) messages: u64,
    pub(super) kinds: BTreeMap<String, u64>,
    pub(super) spaces: BTreeMap<String, Space>,
    pub(super) author_list: BTreeMap<String, Author>,
    /// Ops that are here and part of nothing yet: what they cite is missing, or they are not due.
    pub(super) waiting: u64,
    /// Ops that are kept and count for nothing because no account certifies their device.
    pub(super) uncertified: u64,
    pub(super) wrong_total: u64,
    pub(super) wrong: Vec<Wrong>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Space {
    pub(super) kind: &'static str,
    pub(super) ops: u64,
    pub(super) messages: u64,
    pub(super) authors: usize,
    pub(super) device_keys: usize,
    #[serde(skip)]
    pub(super) who: BTreeSet<String>,
    #[serde(skip)]
    pub(super) keys: BTreeSet<String>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Author {
    pub(super) class: &'static str,
    pub(super) ops: u64,
    pub(super) messages: u64,
    pub(super) device_keys: BTreeSet<String>,
    #[serde(skip)]
    pub(super) message_keys: BTreeSet<String>,
}

/// One thing that is wrong, and where.
#[derive(Debug, Serialize)]
pub(super) struct Wrong {
    pub(super) what: String,
    #[serde(rename = "where")]
    pub(super) place: String,
}

impl Report {
    /// Of a file that redb itself does not read.
    pub(super) fn unreadable(what: &str) -> Self {
        let mut report = Self::default();
        report.wrong(format!("the file is damaged: {what}"), "the file");
        report
    }

    pub(super) fn wrong(&mut self, what: impl Into<String>, place: impl Into<String>) {
        self.wrong_total += 1;
        if self.wrong.len() < SHOWN {
            self.wrong.push(Wrong { what: what.into(), place: place.into() });
        }
    }

    pub(super) const fn is_clean(&self) -> bool {
        self.wrong_total == 0
    }

    /// Sums up what was gathered one by one.
    pub(super) fn sum_up(&mut self) {
        for space in self.spaces.values_mut() {
            (space.authors, space.device_keys) = (space.who.len(), space.keys.len());
        }
        let union = |keys: fn(&Author) -> &BTreeSet<String>| {
            self.author_list.values().flat_map(keys).collect::<BTreeSet<_>>().len()
        };
        self.device_keys = union(|author| &author.device_keys);
        self.message_device_keys = union(|author| &author.message_keys);
        self.authors = self.author_list.len();
        self.message_authors = self.author_list.values().filter(|author| author.messages > 0).count();
    }

    pub(super) fn in_words(&self) -> String {
        let mut lines = vec![
            format!(
                "{} ops in {} logs ({} forks), {} signatures hold",
                self.ops, self.logs, self.forks, self.signatures
            ),
            format!(
                "{} accounts; {} authors under {} device keys",
                self.accounts, self.authors, self.device_keys
            ),
            format!(
                "{} messages by {} authors under {} device keys",
                self.messages, self.message_authors, self.message_device_keys
            ),
        ];
        for (id, space) in self.spaces.iter().filter(|(_, space)| space.kind != "identity") {
            lines.push(format!(
                "{} {id}: {} ops, {} messages, {} authors under {} device keys",
                space.kind, space.ops, space.messages, space.authors, space.device_keys
            ));
        }
        let kinds: Vec<String> = self.kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        lines.push(format!("ops by kind: {}", kinds.join(", ")));
        if self.blocks > 0 {
            lines.push(format!("{} ops stand in {} blocks", self.packed_ops, self.blocks));
        }
        if self.destroyed_bodies > 0 {
            lines.push(format!(
                "{} bodies were destroyed: their messages were taken away or edited, or are kept no longer",
                self.destroyed_bodies
            ));
        }
        if self.lacking_bodies > 0 {
            lines.push(format!("{} bodies are not here, though nobody took them away", self.lacking_bodies));
        }
        if self.waiting > 0 {
            lines.push(format!("{} ops wait for what they cite, or for their time", self.waiting));
        }
        if self.uncertified > 0 {
            lines.push(format!("{} ops are void: no account certifies their device", self.uncertified));
        }
        lines.push(if self.is_clean() { String::from("nothing is wrong") } else { self.faults() });
        lines.join("\n")
    }

    fn faults(&self) -> String {
        let mut lines = vec![format!("WRONG: {}", self.wrong_total)];
        lines.extend(self.wrong.iter().map(|wrong| format!("  {}: {}", wrong.place, wrong.what)));
        if self.wrong_total > self.wrong.len() as u64 {
            lines.push(format!("  and {} more", self.wrong_total - self.wrong.len() as u64));
        }
        lines.join("\n")
    }
}
