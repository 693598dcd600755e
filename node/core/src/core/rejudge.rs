//! Verdicts that turned. A ban reaches back over what was accepted, an unban gives it back: after each change of
//! authority the content of those it concerns is judged again, so that what counts is a function of the set.

use super::admit::{Origin, author_of};
use super::content::Content;
use super::turn::Turn;
use crate::store::{ActRow, LogId, Store, StoreFault};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, SpaceId, StreamId, UserId};
use nexus_crdt::timeline::Act;
use std::sync::Arc;

impl Turn<'_> {
    /// Judges anew what this turn may have turned.
    pub(super) fn rejudge_affected(&mut self) -> Result<(), StoreFault> {
        let mut logs = std::mem::take(&mut self.forked);
        for (space, user) in std::mem::take(&mut self.affected) {
            logs.extend(self.logs_of(&space, &user)?);
        }
        for log in logs {
            self.rejudge_log(&log)?;
        }
        for (space, stream, from) in std::mem::take(&mut self.locked) {
            self.rejudge_stream(&space, &stream, from)?;
        }
        while let Some(id) = self.crowded.pop_first() {
            self.rejudge(&id)?;
        }
        Ok(())
    }

    /// Every channel log of an account's devices in a space, of those that count for nothing too: a rotation may turn it.
    pub(super) fn logs_of(&self, space: &SpaceId, user: &UserId) -> Result<Vec<LogId>, StoreFault> {
        let mut logs = Vec::new();
        let devices = self.identity(user)?.map(|identity| identity.devices_named());
        for device in devices.into_iter().flatten() {
            logs.extend(self.store.logs_of(space, &device)?);
        }
        logs.retain(|log| log.stream.is_channel());
        Ok(logs)
    }

    fn rejudge_log(&mut self, log: &LogId) -> Result<(), StoreFault> {
        let mut seq = 0;
        loop {
            let entries = self.store.log_from(log, seq, PAGE)?;
            for entry in &entries {
                self.rejudge(&entry.op)?;
            }
            // A page may end between two ops of one seq: the next begins with that seq again.
            match entries.last() {
                Some(last) if entries.len() == PAGE && last.seq > seq => seq = last.seq,
                Some(last) if entries.len() == PAGE => seq = last.seq + 1,
                _ => return Ok(()),
            }
        }
    }

    /// What was written in a channel after a time.
    fn rejudge_stream(&mut self, space: &SpaceId, stream: &StreamId, from: Hlc) -> Result<(), StoreFault> {
        let mut after = (from, OpId([0xff; 32]));
        loop {
            let page = self.store.stream_page(space, stream, Some(after), PAGE)?;
            for stored in &page {
                after = (stored.op.header.hlc, stored.op.id);
                self.rejudge(&stored.op.id)?;
            }
            if page.len() < PAGE {
                return Ok(());
            }
        }
    }

    pub(super) fn rejudge(&mut self, id: &OpId) -> Result<(), StoreFault> {
        let Some(stored) = self.store.op(id)? else { return Ok(()) };
        let op = stored.op;
        let Some(mut guild) = self.core.mind.guilds.get(&op.space()).map(Arc::clone) else { return Ok(()) };
        let Ok(author) = author_of(&self.core.mind, &guild, &op) else { return Ok(()) };
        let Ok(content) = self.content_of(&op)? else { return Ok(()) };
        let Ok(verdict) = self.judge(&op, &content, &mut guild, author)? else { return Ok(()) };
        if let Some(fork) = self.core.forks.get_mut(&LogId::of(&op)) {
            fork.judged(&op, verdict);
        }
        match content {
            Content::Message(_) => match self.store.message(&op.header.stream, id)? {
                Some(row) if row.verdict != verdict.to_byte() => self.put_verdict(row, verdict),
                _ => Ok(()),
            },
            Content::Act { deed, message, .. } => {
                let acts = self.store.acts(&message.stream, &message.id, message.hlc)?;
                match acts.into_iter().find(|row| row.act.op == *id) {
                    Some(row) if row.verdict != verdict.to_byte() => {
                        // What it said may have been destroyed in the row, and be here again.
                        let act = Act { deed, ..row.act };
                        self.put_act(&message, ActRow { act, ..row }.judged(verdict))
                    }
                    Some(_) => Ok(()),
                    // It came before its message, which lay in a gap.
                    None => self.new_act(&op, author, deed, &message, verdict),
                }
            }
            Content::Follow { thread, made, .. } => {
                let (stream, thread) = (op.header.stream, OpId::from(thread));
                let acts = self.store.acts(&stream, &thread, made)?;
                match acts.into_iter().find(|row| row.act.op == *id) {
                    Some(row) if row.verdict != verdict.to_byte() => self.put_follow(row.judged(verdict)),
                    _ => Ok(()),
                }
            }
            Content::Notes(notes) => self.put_notes(&op, author, &notes, verdict),
            Content::Sealing(sealing) => self.put_sealing(&op, author, &sealing, verdict, Origin::Elsewhere),
            Content::Orphan | Content::Unknown => Ok(()),
        }
    }
}

/// Entries of a log that are looked at at once.
const PAGE: usize = 256;
