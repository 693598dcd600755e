//! Messages that are kept for a while only, by the guild's word (Retention).
//!
//! What is older is hidden at once, by every holder: [`View::gone`] says from when on messages are to be seen, and moves on
//! with the clock. Bodies and files are destroyed once the word that says so is final, as with what somebody takes from
//! others: when a checkpoint has seen it (an officer who lost the right dates nothing back below one), or when it has been
//! here for 30 days. Headers stay, and so do sums and hashes.
//!
//! [`View::gone`]: crate::view::View::gone

use super::erase::TAKEN_AWAY_KEPT_MS;
use super::timeline::gone;
use super::turn::Turn;
use crate::snowflake::Snowflake;
use crate::store::{ActRow, Erasure, MessageRow, Record, Store, StoreFault};
use imbl::OrdMap;
use nexus_crdt::guild::{Guild, GuildView};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, OpId, SpaceId, StreamId};
use nexus_crdt::timeline::Deed;
use std::sync::Arc;

/// How far the messages of a channel were gone through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Swept {
    /// The words by which: by others it is begun anew.
    words: Vec<OpId>,
    /// The next number to look at.
    next: Snowflake,
}

impl Turn<'_> {
    /// Hides what is too old by now, and destroys some of what may be destroyed.
    pub(super) fn retain_due(&mut self) -> Result<(), StoreFault> {
        let retaining = self.core.mind.guilds.iter().filter(|(_, guild)| !guild.view().retention.is_empty());
        let retaining: Vec<(SpaceId, Arc<Guild>)> =
            retaining.map(|(space, guild)| (*space, Arc::clone(guild))).collect();
        let mut room = LOOKED_AT_ONCE;
        for (space, guild) in retaining {
            self.hide_old(&space)?;
            self.note_words(&guild)?;
            let channels: Vec<ChannelId> = guild.view().channels.keys().copied().collect();
            for channel in channels {
                if room > 0 {
                    room = room.saturating_sub(self.sweep(&guild, &channel, room)?);
                }
            }
        }
        Ok(())
    }

    /// Brings up to now what is hidden in a guild's channels, and tells of the newest messages that went.
    pub(super) fn hide_old(&mut self, space: &SpaceId) -> Result<(), StoreFault> {
        let view = &self.core.mind.view;
        let Some(guild) = view.guilds.get(space) else { return Ok(()) };
        let before = view.gone.get(space).cloned().unwrap_or_default();
        let now = gone_in(guild, self.now_ms);
        if before == now {
            return Ok(());
        }
        for (channel, upto) in &now {
            let from = before.get(channel).copied().unwrap_or(Hlc::ZERO);
            if from < *upto {
                self.tell_gone(channel, from, *upto)?;
            }
        }
        let hidden = &mut self.core.mind.view.gone;
        match now.is_empty() {
            true => drop(hidden.remove(space)),
            false => drop(hidden.insert(*space, now)),
        }
        Ok(())
    }

    fn tell_gone(&mut self, channel: &ChannelId, from: Hlc, upto: Hlc) -> Result<(), StoreFault> {
        let newest = Snowflake::first_at(upto.ms());
        let rows = self.store.messages(&channel.stream(), newest, true, TOLD_MAX)?;
        let went = rows.iter().filter(|row| row.verdict == 0 && (from..upto).contains(&row.hlc));
        self.changes.extend(went.map(|row| gone(row, *channel)));
        Ok(())
    }

    /// Notes since when a word that no checkpoint has seen has been here.
    pub(super) fn note_words(&mut self, guild: &Guild) -> Result<(), StoreFault> {
        for op in words(guild.view()).filter(|op| !guild.is_below_checkpoint(op)) {
            let Some(word) = self.word(guild, op)? else { continue };
            if self.noted(&word)?.is_none() {
                self.write(Record::Erasure(word));
            }
        }
        Ok(())
    }

    /// Whether a word that was noted need not be any more.
    pub(super) fn is_word_over(&self, word: &Erasure) -> bool {
        let guild = self.core.mind.guilds.get(&word.space);
        guild.is_none_or(|guild| {
            let holds = words(guild.view()).any(|op| *op == word.message);
            !holds || guild.is_below_checkpoint(&word.message)
        })
    }

    /// Destroys bodies from where it was left, at most of `most` messages; how many were looked at.
    fn sweep(&mut self, guild: &Guild, channel: &ChannelId, most: usize) -> Result<usize, StoreFault> {
        let upto = self.gone_for_good(guild, channel)?;
        if upto == Hlc::ZERO {
            self.core.swept.remove(&channel.stream());
            return Ok(0);
        }
        let words: Vec<OpId> = guild.view().retained_by(channel).collect();
        let swept = self.core.swept.get(&channel.stream()).filter(|swept| swept.words == words).cloned();
        let mut swept = swept.unwrap_or(Swept { words, next: Snowflake(0) });
        let page = self.store.messages(&channel.stream(), swept.next, false, most)?;
        let mut looked = 0;
        for row in page.iter().take_while(|row| row.hlc < upto) {
            let acts = self.store.acts(&row.stream, &row.id, row.hlc)?;
            self.erase_whole(row, &acts)?;
            swept.next = Snowflake(row.api_id.0.saturating_add(1));
            looked += 1;
        }
        self.core.swept.insert(channel.stream(), swept);
        Ok(looked)
    }

    /// Whether a message is too old to be seen.
    pub(super) fn is_too_old(&self, message: &MessageRow) -> bool {
        super::timeline::channel_shown(&self.core.mind.view, message)
            .is_some_and(|channel| self.core.mind.view.is_gone(&message.space, &channel, message.hlc))
    }

    /// Whether its body is not to be here any more.
    pub(super) fn is_gone_for_good(&self, message: &MessageRow) -> Result<bool, StoreFault> {
        if self.is_message_gone_for_good(message)? {
            return Ok(true);
        }
        if !self.is_too_old(message) {
            return Ok(false);
        }
        let channel = super::timeline::channel_shown(&self.core.mind.view, message);
        let guild = self.core.mind.guilds.get(&message.space);
        match (guild, channel) {
            (Some(guild), Some(channel)) => Ok(message.hlc < self.gone_for_good(guild, &channel)?),
            _ => Ok(false),
        }
    }

    /// Of a message that has come, or come back, when it is kept no longer.
    pub(super) fn erase_where_gone(&mut self, message: &MessageRow) -> Result<(), StoreFault> {
        if self.is_gone_for_good(message)? {
            return self.erase_whole(message, &[]);
        }
        self.look_again_at(message);
        Ok(())
    }

    /// A body has come that is kept, though it may stand where its channel was gone through: while the channel, or the word that says
    /// how long, did not count, or within the minute in which it grew too old. The next ticks look at it again.
    pub(super) fn look_again_at(&mut self, message: &MessageRow) {
        if let Some(swept) = self.core.swept.get_mut(&message.stream) {
            swept.next = swept.next.min(message.api_id);
        }
    }

    fn gone_for_good(&self, guild: &Guild, channel: &ChannelId) -> Result<Hlc, StoreFault> {
        let mut old = Vec::new();
        for op in guild.view().retained_by(channel) {
            old.extend(self.is_word_old(guild, &op)?.then_some(op));
        }
        Ok(guild.gone_for_good_before(channel, to_the_minute(self.now_ms), &|op| old.contains(op)))
    }

    /// Whether a word that was noted has been here for 30 days.
    pub(super) fn is_word_old(&self, guild: &Guild, op: &OpId) -> Result<bool, StoreFault> {
        let noted = self.word(guild, op)?.map(|word| self.noted(&word)).transpose()?.flatten();
        Ok(noted.is_some_and(|noted| noted.due_ms <= self.now_ms))
    }

    /// A word, as it is noted when it has just come.
    fn word(&self, guild: &Guild, op: &OpId) -> Result<Option<Erasure>, StoreFault> {
        let due_ms = self.now_ms.saturating_add(TAKEN_AWAY_KEPT_MS);
        let (space, stream, message) = (guild.view().facts.id, StreamId::GOVERNANCE, *op);
        let stored = self.store.op(op)?;
        Ok(stored.map(|stored| Erasure { space, stream, hlc: stored.op.header.hlc, message, due_ms }))
    }

    /// A word as it was noted.
    fn noted(&self, word: &Erasure) -> Result<Option<Erasure>, StoreFault> {
        let before = Erasure { hlc: Hlc(word.hlc.0.saturating_sub(1)), message: OpId([0xff; 32]), ..*word };
        let next = self.store.erasures(Some(&before), WORDS_AT_ONCE)?;
        Ok(next.into_iter().find(|noted| noted.message == word.message))
    }

    /// A message and every edit of it, whoever wrote that.
    pub(super) fn erase_whole(&mut self, message: &MessageRow, acts: &[ActRow]) -> Result<(), StoreFault> {
        for edit in acts.iter().filter(|row| row.act.deed == Deed::Edit) {
            if self.erase(&edit.act.op)? && edit.act.void {
                self.crowded.insert(edit.act.op);
            }
        }
        self.erase_sent(message)
    }
}

/// The words of a guild that destroy what was said once they are final.
fn words(guild: &GuildView) -> impl Iterator<Item = &OpId> {
    let kept = guild.retention.values().map(|kept| &kept.op);
    kept.chain(guild.erased.values().flat_map(|words| words.keys()))
}

/// The time before which messages are gone, for each channel in which some are, to the minute.
pub(super) fn gone_in(guild: &GuildView, now_ms: u64) -> OrdMap<ChannelId, Hlc> {
    if guild.retention.is_empty() {
        return OrdMap::new();
    }
    let now_ms = to_the_minute(now_ms);
    let floors = guild.channels.keys().map(|channel| (*channel, guild.gone_before(channel, now_ms)));
    floors.filter(|(_, upto)| *upto > Hlc::ZERO).collect()
}

/// What is hidden and what is destroyed moves on together.
const fn to_the_minute(now_ms: u64) -> u64 {
    now_ms - now_ms % MINUTE_MS
}

const MINUTE_MS: u64 = 60_000;
/// Messages that one tick looks at.
const LOOKED_AT_ONCE: usize = 256;
/// Messages of a channel that are told of as they go: what a screen may show of it.
const TOLD_MAX: usize = 256;
/// Words of one time of writing that are looked through for one.
const WORDS_AT_ONCE: usize = 4;
