//! Streams that are not held whole: what is known to be missing, and what an op means whose past may lie in a gap.

use super::content::cut_lines;
use super::turn::Turn;
use crate::store::{GapChange, Gaps, LogId, Range, Record, Spot, Store, StoreFault};
use nexus_crdt::body::governance::Quota;
use nexus_crdt::id::{ChannelId, SpaceId, StreamId, UserId};
use nexus_crdt::op::Op;
use nexus_crdt::permissions::Permissions;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Turn<'_> {
    /// Carries out those changes that open gaps, or those that close them.
    pub(super) fn change_gaps(&mut self, changes: &[GapChange], held: bool) {
        let let_go = self.core.mind.view.let_go;
        // Whoever saw that all of a range is here may have seen what has gone since.
        let is_so = |change: &&GapChange| change.held == held && (!held || change.let_go == let_go);
        for change in changes.iter().filter(is_so) {
            let at = (change.space, change.stream);
            let before = self.core.mind.view.gaps.get(&at).map(Arc::as_ref).cloned().unwrap_or_default();
            let gaps = before.after(&change.range, held);
            if gaps == before {
                continue;
            }
            match gaps.is_empty() {
                true => drop(self.core.mind.view.gaps.remove(&at)),
                false => drop(self.core.mind.view.gaps.insert(at, Arc::new(gaps.clone()))),
            }
            self.write(Record::Gaps { space: change.space, stream: change.stream, gaps });
        }
    }

    /// Somebody comes into a space, the first of the people here: of who holds what they look at nobody knows what was said before. Each channel
    /// that they see is a gap from the same commit on, or a window that asks at once would be shown an empty page.
    pub(super) fn know_of_nothing_said(&mut self, user: &UserId, space: SpaceId) -> Result<(), StoreFault> {
        let view = &self.core.mind.view;
        let Some(guild) = view.guilds.get(&space).filter(|_| view.holds_viewed) else { return Ok(()) };
        if view.local.iter().any(|local| local != user && guild.members.contains_key(local)) {
            return Ok(());
        }
        let held: BTreeSet<StreamId> =
            self.store.stream_sums(&space)?.into_iter().map(|(of, _)| of).collect();
        let sees = |channel: &&ChannelId| guild.permissions_in(user, channel).has(Permissions::VIEW_CHANNEL);
        let streams = guild.channels.keys().filter(sees).map(|channel| channel.stream());
        let (range, let_go) = (Range::ALL, view.let_go);
        let gaps: Vec<GapChange> = streams
            .filter(|stream| !held.contains(stream))
            .map(|stream| GapChange { space, stream, range, held: false, let_go })
            .collect();
        self.change_gaps(&gaps, false);
        Ok(())
    }

    /// Whether what an op stands on may be missing because it lies in a gap of its stream.
    pub(super) fn may_stand_on_a_gap(&self, op: &Op) -> bool {
        self.gaps_of(op).is_some_and(|gaps| gaps.are_below(&Spot::of(op.header.hlc, &op.id)))
    }

    /// From now on what is viewed is held, or everything.
    pub(super) fn note_viewed(&mut self, viewed: bool) {
        self.core.mind.view.holds_viewed = viewed;
        self.write(Record::HoldsViewed(viewed));
    }

    /// Whether an op lies in a gap: what is taken in there is history, unless it was written just now. To who holds everything
    /// what they missed while they were away is news, however late it comes; not what was said before any of them was in.
    pub(super) fn is_history(&self, op: &Op) -> bool {
        let spot = Spot::of(op.header.hlc, &op.id);
        let is_in_a_gap = self.gaps_of(op).is_some_and(|gaps| gaps.iter().any(|gap| gap.holds(&spot)));
        is_in_a_gap && (self.core.mind.view.holds_viewed || !self.was_somebody_in(op))
    }

    fn was_somebody_in(&self, op: &Op) -> bool {
        let view = &self.core.mind.view;
        let members = view.guilds.get(&op.space()).map(|guild| &guild.members);
        let joined = |user| members.and_then(|members| members.get(user)).map(|member| member.joined);
        view.local.iter().filter_map(joined).any(|joined| joined <= op.header.hlc)
    }

    /// Has judged anew what was judged without an op that lay in a gap: the one that follows it in its log, and those whose
    /// quota counts from it; what acts on it; and where its log forked and was cut, all of that, for a branch may be whole now.
    pub(super) fn close_in(&mut self, op: &Op, author: &UserId) -> Result<(), StoreFault> {
        let orphans = self.store.orphans(&op.id)?;
        self.crowded.extend(orphans);
        if self.gaps_of(op).is_none() {
            return Ok(());
        }
        let (log, guild) = (LogId::of(op), self.core.mind.guilds.get(&op.space()));
        let is_cut = guild.is_some_and(|guild| cut_lines(guild.view(), author, &log).next().is_some());
        if is_cut && self.core.forks.contains_key(&log) {
            self.forked.insert(log);
        }
        self.judge_what_counts_from(op)
    }

    /// Has judged anew the op that follows another in its log, and those whose quota counts from it.
    pub(super) fn judge_what_counts_from(&mut self, op: &Op) -> Result<(), StoreFault> {
        let Some(guild) = self.core.mind.guilds.get(&op.space()) else { return Ok(()) };
        let facts = &guild.view().facts;
        let steps = |quota: Quota| [u64::from(quota.short), u64::from(quota.long)];
        let steps = [steps(facts.person_quota), steps(facts.bot_quota)].concat();
        let (log, seq) = (LogId::of(op), op.header.seq);
        for step in steps.into_iter().chain([1]).collect::<BTreeSet<u64>>() {
            let Some(later) = seq.checked_add(step) else { continue };
            let later = self.store.log_at(&log, later)?;
            self.crowded.extend(later.iter().map(|entry| entry.op));
        }
        Ok(())
    }

    fn gaps_of(&self, op: &Op) -> Option<&Gaps> {
        self.core.mind.view.gaps.get(&(op.space(), op.header.stream)).map(Arc::as_ref)
    }
}
