//! What feeds do not bring: a comparison when all was given, governance by heads, stretches of streams.

use super::give::send_batch;
use super::take::Taking;
use super::{Action, Done, Env, Link};
use crate::invite::InviteCode;
use crate::store::{Arrival, Range, StoreFault, StreamSum};
use crate::sync::accounts::ACCOUNTS;
use crate::sync::feed::{Batch, Stretch};
use crate::sync::frame::{Again, Frame, GovSince, HEADS_MAX, Heads, Sum};
use crate::sync::rights::{Share, Standing};
use nexus_crdt::id::{OpId, SpaceId, StreamId, UserId};
use std::collections::{BTreeMap, VecDeque};

/// Something to be given out of order.
#[derive(Debug)]
pub(super) enum Repair {
    /// A stretch of a stream.
    Stretch(Stretch),
    /// Ops that were named to the peer.
    Ops(SpaceId, VecDeque<OpId>),
    /// A batch that is made already.
    Batch(SpaceId, Batch),
    /// Accounts of members.
    Accounts(SpaceId, VecDeque<UserId>),
    /// The governance that a follower lacked was given: now the rest.
    Governed(SpaceId),
}

impl Link {
    /// Looks at what the giver holds, once everything that came before it is durable.
    pub(super) fn look_at_heads(&mut self, space: SpaceId, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let whole = |taking: &&mut Taking| taking.waiting == 0 && taking.calm.lacks_nothing();
        let Some(taking) = self.taking.get_mut(&space).filter(whole) else {
            return Ok(());
        };
        let Some(heads) = taking.heads.take() else { return Ok(()) };
        taking.caught_up = true;
        self.turn_over(space, out);
        if space == SpaceId::NONE {
            if !env.view.set_back.is_empty() {
                out.push(Action::Told);
            }
            return Ok(());
        }
        let is_filled = self.is_filled(&heads, env)?;
        self.mend(&heads, env, out)?;
        if is_filled {
            self.has_filled(space, out);
        }
        let opens =
            |code: &&InviteCode| env.view.invite(**code).is_some_and(|(guild, _)| guild.facts.id == space);
        if self.asked.front().filter(opens).is_some() {
            let answered = self.answered(env, out);
            out.extend(answered.map(Action::Reached));
        }
        Ok(())
    }

    pub(super) fn mend(&mut self, theirs: &Heads, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let space = theirs.space;
        self.ask_for_unknown_heads(theirs, env, out)?;
        let ours: BTreeMap<StreamId, StreamSum> = env.store.stream_sums(&space)?.into_iter().collect();
        let opened = self.notice(&space, &theirs.sums, env, out)?;
        let people_wait = self.people_wait(theirs, opened.len(), env);
        for accounts in theirs.sums.iter().filter(|sum| sum.stream == ACCOUNTS && !people_wait) {
            self.mend_accounts(space, accounts, env, out);
        }
        let by_heads = [StreamId::GOVERNANCE, ACCOUNTS];
        let waits = |sum: &Sum| people_wait && sum.stream == StreamId::MEMBERSHIP;
        let compared =
            |sum: &&Sum| !by_heads.contains(&sum.stream) && !opened.contains(&sum.stream) && !waits(sum);
        for sum in theirs.sums.iter().filter(compared) {
            let ours = ours.get(&sum.stream).copied().unwrap_or_default();
            if ours != (StreamSum { count: sum.count, sum: sum.sum }) {
                self.mend_stream(space, sum, ours.count, env, out);
            }
        }
        self.compare_on(env, out)
    }

    /// How many heads there are that are not here.
    pub(super) fn ask_for_unknown_heads(
        &self,
        theirs: &Heads,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Result<u64, StoreFault> {
        let space = theirs.space;
        let mut unknown = 0;
        for head in &theirs.heads {
            unknown += u64::from(!env.store.has_op(head)?);
        }
        if unknown > 0 {
            let mut heads = self.source(env).heads(&space)?;
            heads.truncate(HEADS_MAX);
            out.push(Action::Send(Frame::GovSince(GovSince { space, heads })));
        }
        Ok(unknown)
    }

    // Where this side holds more, the other side sees it in what is said to it, and begins; of what is held here in part it is
    // told nothing.
    fn mend_stream(&mut self, space: SpaceId, theirs: &Sum, ours: u64, env: &Env<'_>, out: &mut Vec<Action>) {
        let stream = theirs.stream;
        let is_told = self.giving.contains_key(&space) && env.view.holds(&space, &stream, &Range::ALL);
        let asks_for_more = ours <= theirs.count || !is_told;
        let Some(taking) = self.taking.get_mut(&space).filter(|_| asks_for_more) else { return };
        if !taking.repaired.insert(stream) {
            return;
        }
        match self.rights.share(env.view, &space, &stream) {
            Share::Everything => {
                let newest = self.giving.get(&space).map_or(Arrival(0), |giving| giving.newest);
                self.comparing.line_up(space, stream, newest);
            }
            // What the other side may not hold by this side's view it is told nothing of, not even that it lacks nothing.
            _ => out.push(Action::Send(Frame::Again(Again { space, stream }))),
        }
    }

    pub(super) fn gov_since(&mut self, since: &GovSince, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        self.bear_repair(since.space, StreamId::GOVERNANCE, env)?;
        let waits = |repair: &Repair| matches!(repair, Repair::Batch(space, _) if *space == since.space);
        if self.rights.standing(env.view, &since.space) < Standing::Guest || self.repairs.iter().any(waits) {
            return Ok(());
        }
        let heads = since.heads.iter().copied().collect();
        let source = super::Source { view: env.view, store: env.store, rights: &self.rights };
        let batches = source.governance_beyond(&mut self.known, &since.space, &heads)?;
        self.repairs.extend(batches.into_iter().map(|batch| Repair::Batch(since.space, batch)));
        self.pump(env, out)
    }

    pub(super) fn again(&mut self, again: Again, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        self.bear_repair(again.space, again.stream, env)?;
        let waits = |repair: &Repair| matches!(repair, Repair::Stretch(stretch) if stretch.is_whole(&again.space, &again.stream));
        if !self.repairs.iter().any(waits) {
            self.repairs.push_back(Repair::Stretch(Stretch::whole(again.space, again.stream)));
        }
        self.pump(env, out)
    }

    // A guild has many channels, and each of them may be asked for once: more, or what the peer may not have, costs.
    pub(super) fn bear_repair(&mut self, space: SpaceId, stream: StreamId, env: &Env<'_>) -> Done {
        let may = self.rights.share(env.view, &space, &stream) == Share::Everything;
        if may && self.mended.insert((space, stream)) { Ok(()) } else { self.bear(REPAIR_COST) }
    }

    pub(super) fn send_repairs(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        self.send_pages(env, out)?;
        let window = if self.is_read(env) { WINDOW_BESIDE_A_READER } else { REPAIR_WINDOW };
        while self.repairs_in_flight < window {
            let Some(repair) = self.repairs.pop_front() else { break };
            let (space, batch) = match repair {
                // Who was put out meanwhile gets none of it.
                Repair::Batch(space, _) if self.rights.standing(env.view, &space) < Standing::Guest => {
                    continue;
                }
                Repair::Batch(space, batch) => (space, batch),
                Repair::Accounts(space, mut users) => {
                    if self.rights.standing(env.view, &space) < Standing::Guest {
                        continue;
                    }
                    let batch = self.source(env).accounts(&space, &mut users)?;
                    if batch.ops.is_empty() {
                        continue;
                    }
                    self.repairs.push_back(Repair::Accounts(space, users));
                    (space, batch)
                }
                Repair::Governed(space) => {
                    self.go_on_from_here(space, env, out)?;
                    continue;
                }
                Repair::Ops(space, ops) => {
                    let (batch, left) = self.needed(&space, ops, env)?;
                    if batch.ops.is_empty() {
                        continue;
                    }
                    self.repairs.push_back(Repair::Ops(space, left));
                    (space, batch)
                }
                Repair::Stretch(mut stretch) => {
                    let source = super::Source { view: env.view, store: env.store, rights: &self.rights };
                    let Some(batch) = source.again(&mut self.known, &mut stretch)? else { continue };
                    let space = stretch.space;
                    self.repairs.push_back(Repair::Stretch(stretch));
                    (space, batch)
                }
            };
            self.repairs_in_flight += send_batch(space, None, batch, out);
        }
        Ok(())
    }
}

/// What a repair costs of a peer's patience.
pub(super) const REPAIR_COST: u32 = 8;
/// Frames of repairs that may be sent before the first is answered.
const REPAIR_WINDOW: usize = 8;
/// .. while somebody reads at the other end, and batches of accounts: what they ask for next comes behind those.
pub(super) const WINDOW_BESIDE_A_READER: usize = 2;
