//! Following a space: its governance whole, what arrives from now on, and of what was said before only what is asked for.

use super::repair::Repair;
use super::{Action, Done, Env, Fetch, Hold, Link};
use crate::store::{Cursor, GapChange, Range, Spot, StoreFault, StreamSum};
use crate::sync::frame::{
    Follow, Followed, Frame, HEADS_MAX, Place, Refuse, RefuseCode, Role, SUMS_MAX, Sum,
};
use crate::sync::rights::Standing;
use nexus_crdt::id::{SpaceId, StreamId};
use std::collections::{BTreeMap, BTreeSet};

// The giver.
impl Link {
    pub(super) fn follow(&mut self, follow: &Follow, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let space = follow.space;
        if space == SpaceId::NONE || !self.may_want(&space, env) {
            let code = RefuseCode::Unknown as u32;
            out.push(Action::Send(Frame::Refuse(Refuse { space, code, retry_ms: 0 })));
            return Ok(());
        }
        let (newest, epoch) = (env.store.last_arrival(&space)?, env.store.epoch()?);
        let is_near = |place: &Place| {
            let cursor = place.cursor();
            cursor.epoch == epoch && cursor.at <= newest && newest.0 - cursor.at.0 <= FED_MAX
        };
        let place = follow.from.filter(is_near);
        let at = match self.standing(&space, env) {
            // A removal must come through.
            Standing::Parting => Default::default(),
            _ => place.map_or(newest, |place| place.cursor().at),
        };
        self.begin_giving(space, at, env)?;
        let Some(giving) = self.giving.get_mut(&space) else { return Ok(()) };
        giving.follows = true;
        // It holds some of what is here: nobody may be told that it has all of it.
        giving.withheld = true;
        if place.is_none() && at == newest {
            giving.waits = true;
            let heads = follow.heads.iter().copied().collect();
            let source = super::Source { view: env.view, store: env.store, rights: &self.rights };
            let batches = source.governance_beyond(&mut self.known, &space, &heads)?;
            self.repairs.extend(batches.into_iter().map(|batch| Repair::Batch(space, batch)));
            self.repairs.push_back(Repair::Governed(space));
        }
        self.pump(env, out)
    }

    /// Tells a follower, who has the governance now, from where the feed goes on.
    pub(super) fn go_on_from_here(&mut self, space: SpaceId, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let mut sums = self.source(env).sums(&space)?;
        sums.truncate(SUMS_MAX);
        let epoch = env.store.epoch()?;
        let Some(giving) = self.giving.get_mut(&space).filter(|giving| giving.waits) else { return Ok(()) };
        giving.waits = false;
        let at = giving.at;
        giving.sent = giving.sent.max(at);
        giving.in_flight.push_back(at);
        self.in_flight += 1;
        out.push(Action::Send(Frame::Followed(Followed { space, upto: Place { epoch, at: at.0 }, sums })));
        self.line_up(space);
        Ok(())
    }
}

// The taker.
impl Link {
    /// Whether a space is followed: by who holds what they look at, and by whoever has gaps in it.
    pub(super) fn follows(&self, space: &SpaceId, env: &Env<'_>) -> bool {
        let has_gaps = || {
            let first = (*space, StreamId([0; 16]));
            env.view.gaps.range(first..).next().is_some_and(|((of, _), _)| of == space)
        };
        let may = self.setup.role == Role::Node && *space != SpaceId::NONE;
        may && (self.setup.hold == Hold::Viewed || has_gaps())
    }

    pub(super) fn following(
        &self,
        space: SpaceId,
        cursor: Option<Cursor>,
        env: &Env<'_>,
    ) -> Result<Follow, StoreFault> {
        let from = cursor.map(Place::of);
        let mut heads = match env.view.guilds.contains_key(&space) {
            true => self.source(env).heads(&space)?,
            false => Vec::new(),
        };
        heads.truncate(HEADS_MAX);
        Ok(Follow { space, from, heads })
    }

    pub(super) fn followed(&mut self, followed: &Followed, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let space = followed.space;
        let follows = self.follows(&space, env);
        let Some(taking) = self.taking.get_mut(&space).filter(|_| follows) else { return Ok(()) };
        // Said once for each Follow by who is honest.
        if !std::mem::take(&mut taking.follows) {
            return self.bear(1);
        }
        let gaps = not_held(&space, &followed.sums, true, env)?;
        let tails = gaps.clone();
        self.begin_following(space, followed.upto, gaps, out);
        self.ask_for_tails(&tails, out);
        Ok(())
    }

    /// What a giver has of streams of which nothing is here, as of a channel that was opened to somebody here: a gap, and not
    /// something to be compared. Gives those streams.
    pub(super) fn notice(
        &mut self,
        space: &SpaceId,
        sums: &[Sum],
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Result<BTreeSet<StreamId>, StoreFault> {
        if !self.follows(space, env) {
            return Ok(BTreeSet::new());
        }
        let gaps = not_held(space, sums, false, env)?;
        let streams = gaps.iter().map(|change| change.stream).collect();
        if !gaps.is_empty() {
            self.note(*space, gaps.clone(), None, out);
            self.ask_for_tails(&gaps, out);
        }
        Ok(streams)
    }

    // What somebody looks at first, of some channels: of more, when they do.
    fn ask_for_tails(&mut self, gaps: &[GapChange], out: &mut Vec<Action>) {
        for change in gaps.iter().take(TAILS_MAX) {
            let GapChange { space, stream, .. } = *change;
            self.fetch(&Fetch { space, stream, from: None, older: true, count: TAIL }, out);
        }
    }
}

/// What is missing of streams by what a giver says of them. `fresh`: what arrived there until now does not come by the feed.
fn not_held(space: &SpaceId, sums: &[Sum], fresh: bool, env: &Env<'_>) -> Result<Vec<GapChange>, StoreFault> {
    let ours: BTreeMap<StreamId, StreamSum> = env.store.stream_sums(space)?.into_iter().collect();
    let mut changes = Vec::new();
    for sum in sums.iter().filter(|sum| sum.stream.is_channel()) {
        let held = ours.get(&sum.stream).copied().unwrap_or_default();
        if held == (StreamSum { count: sum.count, sum: sum.sum }) {
            continue;
        }
        let range = match env.view.gaps.get(&(*space, sum.stream)) {
            // What was held remains; what is newer may be missing.
            Some(_) if fresh => {
                let newest = env.store.spot_before(space, &sum.stream, &Spot::LAST)?;
                Range { from: newest.map_or(Spot::FIRST, Spot::next), upto: None }
            }
            None if held.count == 0 || sum.count > held.count.saturating_add(COMPARED_MAX) => Range::ALL,
            // A comparison finds it.
            _ => continue,
        };
        changes.push(GapChange { space: *space, stream: sum.stream, range, held: false });
    }
    Ok(changes)
}

/// Arrivals between a follower's place and now that are fed; over more the feed goes on from now.
const FED_MAX: u64 = 2_000;
/// Ops that a follower lacks of a stream and finds by comparing; more are a gap.
const COMPARED_MAX: u64 = 512;
/// The newest messages that are asked for of a channel before anybody looks at it ..
const TAIL: u32 = 50;
/// .. and of how many channels of a space.
const TAILS_MAX: usize = 16;
