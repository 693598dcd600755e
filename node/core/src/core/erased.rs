//! All that somebody said in a guild, taken away at one stroke (Erase).
//!
//! Authority voids it ([`VoidReason::Erased`]), so every holder hides it at once, and a word that turns void gives all of it
//! back. What the ops say is destroyed once the word is final, as with how long messages are kept: when a checkpoint has
//! seen it, or when it has been here for 30 days. Headers stay, and so do sums and hashes, and the nickname's op as it is.
//!
//! [`VoidReason::Erased`]: nexus_crdt::verdict::VoidReason::Erased

use super::admit::author_of;
use super::turn::Turn;
use crate::store::{LogId, MessageRow, Record, Store, StoreFault};
use nexus_crdt::guild::Guild;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crdt::timeline::Deed;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How far what somebody said in a guild was gone through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Through {
    /// Up to when it is gone for good: by another time it is begun anew ..
    upto: Hlc,
    /// .. and where another device of theirs has become known, whose words were nobody's before.
    devices: usize,
    /// Where to go on; none: there is no more.
    next: Option<(LogId, u64)>,
}

impl Turn<'_> {
    /// Destroys some of what may be destroyed.
    pub(super) fn erase_said_due(&mut self) -> Result<(), StoreFault> {
        let erased = self.core.mind.guilds.iter().filter(|(_, guild)| !guild.view().erased.is_empty());
        let erased: Vec<Arc<Guild>> = erased.map(|(_, guild)| Arc::clone(guild)).collect();
        let mut room = LOOKED_AT_ONCE;
        for guild in erased {
            self.note_words(&guild)?;
            for user in guild.view().erased.keys() {
                if room > 0 {
                    room = room.saturating_sub(self.go_through(&guild, user, room)?);
                }
            }
        }
        Ok(())
    }

    /// Goes on through what somebody said, at most `most` ops and a page; how many were looked at.
    fn go_through(&mut self, guild: &Guild, user: &UserId, most: usize) -> Result<usize, StoreFault> {
        let key = (guild.view().facts.id, *user);
        let upto = self.said_gone_for_good(guild, user)?;
        if upto == Hlc::ZERO {
            self.core.erased.remove(&key);
            return Ok(0);
        }
        let devices = self.devices_said(user)?;
        let is_same = |through: &&Through| through.upto == upto && through.devices == devices.len();
        let begun = self.core.erased.get(&key).filter(is_same).cloned();
        // What comes later is looked at when it comes.
        if begun.as_ref().is_some_and(|through| through.next.is_none()) {
            return Ok(0);
        }
        let logs = self.logs_said(&key.0, &devices)?;
        let first = logs.first().map(|log| (*log, 0));
        let mut next = begun.map_or(first, |through| through.next);
        let mut looked = 0;
        while let Some((log, seq)) = next.filter(|_| looked < most) {
            let page = self.store.log_from(&log, seq, PAGE)?;
            for entry in page.iter().filter(|entry| entry.hlc <= upto) {
                self.destroy_said(&entry.op)?;
            }
            looked += page.len().max(1);
            let after = logs.range(log..).nth(1).map(|log| (*log, 0));
            // A page may end between two ops of one seq: the next begins with that seq again.
            next = match page.last() {
                Some(last) if page.len() == PAGE && last.seq > seq => Some((log, last.seq)),
                Some(last) if page.len() == PAGE => Some((log, last.seq + 1)),
                _ => after,
            };
        }
        self.core.erased.insert(key, Through { upto, devices: devices.len(), next });
        Ok(looked)
    }

    /// Every device by which somebody says something, or has.
    fn devices_said(&self, user: &UserId) -> Result<BTreeSet<DeviceKey>, StoreFault> {
        let identity = self.identity(user)?;
        Ok(identity.map(|identity| identity.devices_named()).unwrap_or_default())
    }

    /// Every log in which they do.
    fn logs_said(
        &self,
        space: &SpaceId,
        devices: &BTreeSet<DeviceKey>,
    ) -> Result<BTreeSet<LogId>, StoreFault> {
        let mut logs = BTreeSet::new();
        for device in devices {
            let of_device = self.store.logs_of(space, device)?.into_iter();
            logs.extend(of_device.filter(|log| log.stream.is_channel()));
        }
        Ok(logs)
    }

    /// Destroys what an op says that has just come, where all that its author said is gone for good.
    pub(super) fn erase_where_said(&mut self, op: &Op) -> Result<(), StoreFault> {
        if self.is_said_for_good(op)? { self.destroy_said(&op.id) } else { Ok(()) }
    }

    /// Whether all that its author said is taken away, and it with that.
    pub(super) fn is_said_no_more(&self, op: &Op) -> bool {
        self.author_erased(op).is_some_and(|(guild, user)| op.header.hlc <= guild.view().erased_upto(&user))
    }

    /// .. for good.
    pub(super) fn is_said_for_good(&self, op: &Op) -> Result<bool, StoreFault> {
        match self.author_erased(op) {
            Some((guild, user)) => Ok(op.header.hlc <= self.said_gone_for_good(&guild, &user)?),
            None => Ok(false),
        }
    }

    /// Whether a message is gone so, with every edit of it.
    pub(super) fn is_message_no_more(&self, message: &MessageRow) -> Result<bool, StoreFault> {
        let Some(sent) = self.sent_by_one_erased(message)? else { return Ok(false) };
        Ok(self.is_said_no_more(&sent))
    }

    /// .. for good.
    pub(super) fn is_message_gone_for_good(&self, message: &MessageRow) -> Result<bool, StoreFault> {
        self.sent_by_one_erased(message)?.map_or(Ok(false), |sent| self.is_said_for_good(&sent))
    }

    /// A message's op, where words of its author were taken away.
    fn sent_by_one_erased(&self, message: &MessageRow) -> Result<Option<Op>, StoreFault> {
        let guild = self.core.mind.guilds.get(&message.space);
        if !guild.is_some_and(|guild| guild.view().erased.contains_key(&message.author)) {
            return Ok(None);
        }
        Ok(self.store.op(&message.id)?.map(|stored| stored.op))
    }

    /// The guild and author of an op that goes with its author's words, where some of them were taken away.
    fn author_erased(&self, op: &Op) -> Option<(Arc<Guild>, UserId)> {
        let guild = self.core.mind.guilds.get(&op.space())?;
        if guild.view().erased.is_empty() || !op.kind()?.goes_with_its_author() {
            return None;
        }
        let user = author_of(&self.core.mind, guild, op).ok()?;
        guild.view().erased.contains_key(&user).then(|| (Arc::clone(guild), user))
    }

    fn said_gone_for_good(&self, guild: &Guild, user: &UserId) -> Result<Hlc, StoreFault> {
        let mut old = BTreeSet::new();
        for op in guild.view().erased.get(user).into_iter().flat_map(|words| words.keys()) {
            if self.is_word_old(guild, op)? {
                old.insert(*op);
            }
        }
        Ok(guild.erased_for_good_upto(user, &|op| old.contains(op)))
    }

    fn destroy_said(&mut self, id: &OpId) -> Result<(), StoreFault> {
        let Some(op) = self.store.op(id)?.map(|stored| stored.op) else { return Ok(()) };
        match op.kind() {
            Some(Kind::Message) => match self.store.message(&op.header.stream, id)? {
                Some(row) => {
                    let acts = self.store.acts(&row.stream, &row.id, row.hlc)?;
                    self.erase_whole(&row, &acts)
                }
                None => self.erase(id).map(drop),
            },
            Some(Kind::React | Kind::PollVote) => {
                self.erase(id)?;
                self.blank(&op)
            }
            Some(Kind::Edit) => self.erase(id).map(drop),
            // A nickname is hidden and stays: by what name somebody is in is the same at every holder, also once a word turns void.
            _ => Ok(()),
        }
    }

    /// What a reaction or a ballot says stands in its row too.
    fn blank(&mut self, op: &Op) -> Result<(), StoreFault> {
        let (stream, Some(target)) = (&op.header.stream, op.header.target) else { return Ok(()) };
        let Some(message) = self.store.message(stream, &target)? else { return Ok(()) };
        let acts = self.store.acts(stream, &target, message.hlc)?;
        let Some(mut row) = acts.into_iter().find(|row| row.act.op == op.id && row.act.void) else {
            return Ok(());
        };
        let blank = match &row.act.deed {
            Deed::React { .. } => Deed::React { emoji: String::new() },
            Deed::Vote { .. } => Deed::Vote { answers: Vec::new() },
            _ => return Ok(()),
        };
        if row.act.deed != blank {
            row.act.deed = blank;
            self.write(Record::Act(row));
        }
        Ok(())
    }
}

/// Ops of one log that are read at once.
const PAGE: usize = 64;
/// Ops that one tick looks at.
const LOOKED_AT_ONCE: usize = 256;
