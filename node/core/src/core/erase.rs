//! Which bodies are destroyed, and when.
//!
//! What is taken away or replaced is hidden at once. Its body is destroyed at once where its author asked for that, by a
//! Delete or an Edit of their own. What somebody else took away goes once nobody can easily have it back: when a checkpoint
//! was made after the Delete was here, has seen what it cites, and its author may take messages away still; else when it has
//! been away for 30 days here. What a Delete says of its own time counts for nothing: who lost the right dates it back. Headers
//! stay, so that logs and hashes do.
//!
//! All holders come to the same: what is gone there is not taken back here while the same acts say so ([`Turn::is_forgotten`]),
//! and whatever a body decides beyond its text is decided anew without it.

use super::mind::channel_of;
use super::parked::AHEAD_MS;
use super::turn::Turn;
use crate::store::{ActRow, Erasure, MessageRow, Record, Store, StoreFault, fold};
use nexus_crdt::body::content;
use nexus_crdt::guild::GuildView;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, StreamId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crdt::permissions::Permissions;
use nexus_crdt::timeline::Deed;
use std::sync::Arc;

impl Turn<'_> {
    /// Destroys what is not to be kept of a message any more, or notes that it will be.
    pub(super) fn erase_from(&mut self, message: &MessageRow, acts: &[ActRow]) -> Result<(), StoreFault> {
        if self.is_gone_for_good(message)? {
            return self.erase_whole(message, acts);
        }
        self.look_again_at(message);
        if taken_back(message, acts) {
            return self.erase_all(message, acts);
        }
        if fold(acts).deleted {
            let due_ms = self.now_ms.saturating_add(TAKEN_AWAY_KEPT_MS);
            self.write(Record::Erasure(erasure(message, due_ms)));
            return Ok(());
        }
        self.erase_replaced(message, acts)
    }

    /// Looks through the messages whose bodies are to go, some at a time, and destroys those that are due.
    pub(super) fn erase_due(&mut self) -> Result<(), StoreFault> {
        let page = self.store.erasures(self.core.erasing.as_ref(), ERASED_AT_ONCE)?;
        self.core.erasing = page.last().filter(|_| page.len() == ERASED_AT_ONCE).copied();
        page.into_iter().try_for_each(|erasure| self.erase_where_due(erasure))
    }

    fn erase_where_due(&mut self, erasure: Erasure) -> Result<(), StoreFault> {
        if erasure.stream == StreamId::GOVERNANCE {
            if self.is_word_over(&erasure) {
                self.write(Record::ErasureOver(erasure));
            }
            return Ok(());
        }
        let Some(message) = self.store.message(&erasure.stream, &erasure.message)? else {
            self.write(Record::ErasureOver(erasure));
            return Ok(());
        };
        let acts = self.store.acts(&message.stream, &message.id, message.hlc)?;
        if !fold(&acts).deleted {
            self.write(Record::ErasureOver(erasure));
            return self.erase_replaced(&message, &acts);
        }
        let here_since_ms = erasure.due_ms.saturating_sub(TAKEN_AWAY_KEPT_MS);
        if erasure.due_ms <= self.now_ms || self.is_taken_away_for_good(&message, &acts, here_since_ms)? {
            self.write(Record::ErasureOver(erasure));
            self.erase_all(&message, &acts)?;
        }
        Ok(())
    }

    /// Whether a checkpoint has sealed a Delete that counts: it was made when that had been here, and its author is beyond doubt.
    fn is_taken_away_for_good(
        &mut self,
        message: &MessageRow,
        acts: &[ActRow],
        here_since_ms: u64,
    ) -> Result<bool, StoreFault> {
        let Some(mut guild) = self.core.mind.guilds.get(&message.space).map(Arc::clone) else {
            return Ok(false);
        };
        // A checkpoint that was here before the Delete may say that it is so much later.
        let here_since = Hlc::from_ms(here_since_ms.saturating_add(AHEAD_MS));
        for act in deletes(acts).filter(|row| may_take_away(guild.view(), row)).collect::<Vec<_>>() {
            let frontier = self.store.op(&act.act.op)?.and_then(|stored| stored.op.frontier());
            let Some(frontier) = frontier else { continue };
            let from = act.act.hlc.max(here_since);
            if self.learn(&mut guild, &frontier)?.is_ok() && guild.is_sealed(&frontier, from) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The message as it was sent and every edit by its author, those too that count for nothing.
    fn erase_all(&mut self, message: &MessageRow, acts: &[ActRow]) -> Result<(), StoreFault> {
        let edits = acts.iter().filter(|row| row.act.deed == Deed::Edit && row.act.author == message.author);
        for edit in edits {
            if self.erase(&edit.act.op)? && edit.act.void {
                self.crowded.insert(edit.act.op);
            }
        }
        self.erase_sent(message)
    }

    // Whether somebody may import, or speak as a webhook, is said in the body: who gets the op without it cannot know.
    pub(super) fn erase_sent(&mut self, message: &MessageRow) -> Result<(), StoreFault> {
        if self.erase(&message.id)? && message.verdict != 0 {
            self.crowded.insert(message.id);
        }
        Ok(())
    }

    /// What an edit has replaced, where the edit can be read here.
    fn erase_replaced(&mut self, message: &MessageRow, acts: &[ActRow]) -> Result<(), StoreFault> {
        let Some((_, latest)) = fold(acts).edit else { return Ok(()) };
        let Some(edit) = self.read_edit(&latest)? else { return Ok(()) };
        for replaced in acts.iter().filter(|row| is_replaced(row, &latest)) {
            self.erase(&replaced.act.op)?;
        }
        match self.store.op(&message.id)? {
            Some(sent) if says_all_of(Some(&edit), &sent.op) => self.erase_sent(message),
            _ => Ok(()),
        }
    }

    /// Whether a body that somebody offers, of a message or of an edit of it, is one that is not to be held: what was taken
    /// away, what an edit has replaced, what is kept no longer, and what went with all that its author said.
    pub(super) fn is_forgotten(
        &self,
        message: &MessageRow,
        acts: &[ActRow],
        offered: &Op,
    ) -> Result<bool, StoreFault> {
        if self.is_said_no_more(offered) || self.is_message_no_more(message)? {
            return Ok(true);
        }
        let state = fold(acts);
        Ok(match state.edit {
            _ if state.deleted || taken_back(message, acts) || self.is_too_old(message) => true,
            Some((_, latest)) if offered.id == message.id => {
                says_all_of(self.read_edit(&latest)?.as_ref(), offered)
            }
            Some((_, latest)) => acts.iter().any(|row| row.act.op == offered.id && is_replaced(row, &latest)),
            None => false,
        })
    }

    fn read_edit(&self, edit: &OpId) -> Result<Option<content::Edit>, StoreFault> {
        Ok(self.store.op(edit)?.and_then(|edit| edit.op.read_body().ok()))
    }

    /// Whether there was anything to destroy that could be read.
    pub(super) fn erase(&mut self, id: &OpId) -> Result<bool, StoreFault> {
        let held = self.store.op(id)?.filter(|stored| stored.op.body.is_some());
        let Some(held) = held else {
            // What the disk has changed is given to nobody, and stands there all the same: but for a bit it is what was said.
            if self.store.has_op(id)? {
                self.write(Record::BodyDestroyed(*id));
            }
            return Ok(false);
        };
        for file in files_of(&held.op) {
            self.write(Record::FileToGo(file.hash));
        }
        self.write(Record::BodyDestroyed(*id));
        Ok(true)
    }
}

fn files_of(op: &Op) -> Vec<content::File> {
    let files = match op.kind() {
        Some(Kind::Message) => op.read_body::<content::Message>().ok().and_then(|body| body.files),
        Some(Kind::Edit) => op.read_body::<content::Edit>().ok().and_then(|body| body.files),
        _ => None,
    };
    files.unwrap_or_default()
}

/// Whether a message's own author took it away.
fn taken_back(message: &MessageRow, acts: &[ActRow]) -> bool {
    deletes(acts).any(|row| row.act.author == message.author)
}

fn deletes(acts: &[ActRow]) -> impl Iterator<Item = &ActRow> {
    acts.iter().filter(|row| !row.act.void && row.act.deed == Deed::Delete)
}

/// Whether it is an edit before the latest.
fn is_replaced(row: &ActRow, latest: &OpId) -> bool {
    row.act.deed == Deed::Edit && !row.act.void && row.act.op != *latest
}

/// Whether the author of a Delete may take others' messages away as things stand.
fn may_take_away(view: &GuildView, delete: &ActRow) -> bool {
    channel_of(view, &delete.stream).is_some_and(|channel| {
        view.permissions_in(&delete.act.author, &channel.id).has(Permissions::MANAGE_MESSAGES)
    })
}

/// Whether an edit says anew all that a message says: what that answers, when it was first written, by which webhook and at
/// whose request stands in the message alone, unless the edit repeats it. What a poll asks always does.
fn says_all_of(edit: Option<&content::Edit>, sent: &Op) -> bool {
    if sent.kind() != Some(Kind::Message) {
        return false;
    }
    let Ok(body) = sent.read_body::<content::Message>() else { return false };
    let repeats = edit.is_some_and(|edit| edit.carried.is_some());
    body.poll.is_none() && (repeats || body.carried().is_none())
}

const fn erasure(message: &MessageRow, due_ms: u64) -> Erasure {
    Erasure { space: message.space, stream: message.stream, hlc: message.hlc, message: message.id, due_ms }
}

/// How long the body of what somebody else took away is kept, where no checkpoint seals it: decisions that are taken back
/// are taken back within that time.
pub(super) const TAKEN_AWAY_KEPT_MS: u64 = 30 * 24 * 3_600_000;
/// Messages that one tick looks at.
const ERASED_AT_ONCE: usize = 256;
