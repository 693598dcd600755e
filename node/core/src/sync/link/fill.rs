//! Who holds everything and was away for long reads the newest first as well. What they missed is a gap, which they have filled
//! without anybody looking at it; and until all of it is here they say so: the cursor of a space stays where it was.

use super::first::is_in;
use super::{Action, Done, Env, Fetch, Hold, Link};
use crate::effect::Advance;
use crate::store::{Cursor, Range, StoreFault, StreamSum};
use crate::sync::accounts::ACCOUNTS;
use crate::sync::frame::{Followed, Frame, Heads, Place, Role, SUMS_MAX, Sum, Want, Whole};
use crate::sync::rights::{Share, Standing, is_ours};
use crate::view::View;
use nexus_crdt::id::{SpaceId, StreamId};
use std::collections::{BTreeMap, BTreeSet};

/// A space that is to be held whole and is not yet, as far as this link's peer gives it.
#[derive(Debug, Default)]
pub(super) struct Filling {
    /// How far the feed is durable here. No cursor: that says that everything before it is here.
    pub(super) place: Option<Cursor>,
    /// What must have come to be the same.
    streams: BTreeSet<StreamId>,
    /// Nobody here was in when it began: of no channel was anything said.
    as_guest: bool,
    /// When the peer was last asked what it holds, Unix ms ..
    asked_ms: u64,
    /// .. and how long after that it is asked again.
    wait_ms: u64,
}

/// What a node that is to hold everything asks for, of what it does not hold: of each stream the newest where nothing says how far
/// that reaches, else the oldest, so that what stands on something comes behind it. Streams of which the newest is lacking are first.
#[must_use]
pub fn missing(view: &View) -> Vec<Fetch> {
    let (mut newest, mut older) = (Vec::new(), Vec::new());
    for ((space, stream), gaps) in &view.gaps {
        let (space, stream) = (*space, *stream);
        if !is_ours(view, &space, &stream) {
            continue;
        }
        let ends_nowhere = gaps.highest_in(&Range::ALL).is_some_and(|gap| gap.upto.is_none());
        if ends_nowhere {
            newest.push(Fetch { space, stream, from: None, older: true, count: NEWEST });
        } else if let Some(gap) = gaps.lowest_in(&Range::ALL) {
            older.push(Fetch { space, stream, from: Some(gap.from), older: false, count: FILLED_AT_ONCE });
        }
    }
    newest.extend(older);
    newest
}

// The giver.
impl Link {
    /// Whether who holds everything is given what they lack in the order in which it came here: where that is little, and where
    /// pages do not bring all of it.
    pub(super) fn gives_in_order(&self, want: &Want, little: u64, env: &Env<'_>) -> Result<bool, StoreFault> {
        let space = &want.space;
        if self.standing(space, env) == Standing::Parting || has_gaps(space, env) {
            return Ok(true);
        }
        let newest = env.store.last_arrival(space)?;
        let at = self.place_of(want, newest, env)?;
        Ok(newest.0.saturating_sub(at.0) <= little || !self.are_all_in_pages(space, env)?)
    }

    // Of a channel whose history they may not read there are no pages, and what is said in it stands on what was said before.
    fn are_all_in_pages(&self, space: &SpaceId, env: &Env<'_>) -> Result<bool, StoreFault> {
        let mut channels = env.view.guilds.get(space).into_iter().flat_map(|guild| guild.channels.keys());
        let from_now_on =
            channels.any(|channel| self.rights.share(env.view, space, &channel.stream()) == Share::FromNowOn);
        Ok(!from_now_on && env.store.stream_sums(space)?.len() < SUMS_MAX)
    }

    /// Whether the peer may have all that is here of a space.
    pub(super) fn may_have_all(&self, space: &SpaceId, env: &Env<'_>) -> Result<bool, StoreFault> {
        let sums = env.store.stream_sums(space)?;
        Ok(sums.iter().all(|(stream, _)| self.rights.share(env.view, space, stream) == Share::Everything))
    }
}

// The taker.
impl Link {
    /// What who holds everything, up to a place, says as they ask for more; none: who does not.
    pub(super) fn whole(
        &self,
        space: &SpaceId,
        at: Option<Cursor>,
        env: &Env<'_>,
    ) -> Result<Option<Whole>, StoreFault> {
        if !self.is_to_hold_all(space, env) || self.fills(space) {
            return Ok(None);
        }
        let mut held: Vec<Sum> = if at.is_none() { self.source(env).sums(space)? } else { Vec::new() };
        if held.len() > SUMS_MAX {
            held.clear();
        }
        Ok(Some(Whole { in_order: self.setup.in_order, held }))
    }

    /// A store that was set back is told everything in order: it may be about to write what it wrote already.
    pub(super) fn is_to_hold_all(&self, space: &SpaceId, env: &Env<'_>) -> bool {
        let holds_all = self.setup.role == Role::Node && self.setup.hold == Hold::Everything;
        holds_all && *space != SpaceId::NONE && env.view.set_back.is_empty()
    }

    pub(super) fn fills(&self, space: &SpaceId) -> bool {
        self.taking.get(space).is_some_and(|taking| taking.filling.is_some())
    }

    /// From where a feed goes on.
    pub(super) fn feed_place(&self, space: &SpaceId, env: &Env<'_>) -> Result<Option<Cursor>, StoreFault> {
        let filling = self.taking.get(space).and_then(|taking| taking.filling.as_ref());
        match filling.and_then(|filling| filling.place) {
            Some(place) => Ok(Some(place)),
            None => env.store.cursor(&self.setup.peer, space),
        }
    }

    /// Who is to hold everything has gaps where they were cut off as they filled them, or held what they viewed before.
    pub(super) fn go_on_filling(&mut self, space: SpaceId, env: &Env<'_>) -> Result<(), StoreFault> {
        if !self.is_to_hold_all(&space, env) || !has_gaps(&space, env) {
            return Ok(());
        }
        let place = self.feed_place(&space, env)?;
        self.begin_filling(space, &[], env);
        if let Some(filling) = self.taking.get_mut(&space).and_then(|taking| taking.filling.as_mut()) {
            filling.place = place;
        }
        Ok(())
    }

    pub(super) fn fill_what_is_lacking(&mut self, followed: &Followed, env: &Env<'_>) {
        if self.is_to_hold_all(&followed.space, env) {
            self.begin_filling(followed.space, &followed.sums, env);
        }
    }

    fn begin_filling(&mut self, space: SpaceId, sums: &[Sum], env: &Env<'_>) {
        let Some(taking) = self.taking.get_mut(&space) else { return };
        let as_guest = !is_in(&space, env);
        let filling = taking.filling.get_or_insert_with(|| Filling { as_guest, ..Filling::default() });
        filling.streams.extend(gaps_of(&space, env).chain(sums.iter().map(|sum| sum.stream)));
    }

    /// Whether what is in channels here is not known before the giver has said so.
    pub(super) fn knows_of_no_channel(&self, space: &SpaceId) -> bool {
        let filling = self.taking.get(space).and_then(|taking| taking.filling.as_ref());
        self.setup.hold == Hold::Viewed || filling.is_some_and(|filling| filling.as_guest)
    }

    /// Whether all is here that the giver holds, where some was lacking.
    pub(super) fn is_filled(&self, theirs: &Heads, env: &Env<'_>) -> Result<bool, StoreFault> {
        let space = &theirs.space;
        let filling = self.taking.get(space).and_then(|taking| taking.filling.as_ref());
        let Some(filling) = filling.filter(|filling| filling.place.is_some()) else { return Ok(false) };
        if !is_in(space, env) || lacks_some(space, env) {
            return Ok(false);
        }
        let ours: BTreeMap<StreamId, StreamSum> = env.store.stream_sums(space)?.into_iter().collect();
        let said = theirs.sums.iter().filter(|sum| sum.stream != ACCOUNTS);
        let said: BTreeMap<StreamId, StreamSum> =
            said.map(|sum| (sum.stream, StreamSum { count: sum.count, sum: sum.sum })).collect();
        let is_said = |stream: &StreamId| said.contains_key(stream) || !is_ours(env.view, space, stream);
        let is_same =
            |(stream, sum): (&StreamId, &StreamSum)| ours.get(stream).copied().unwrap_or_default() == *sum;
        Ok(filling.streams.iter().filter(|stream| ours.contains_key(*stream)).all(is_said)
            && said.iter().all(is_same))
    }

    /// From here on the space is taken as by anybody who holds all of it.
    pub(super) fn has_filled(&mut self, space: SpaceId, out: &mut Vec<Action>) {
        let Some(taking) = self.taking.get_mut(&space) else { return };
        let Some(place) = taking.filling.take().and_then(|filling| filling.place) else { return };
        taking.at = Some(place);
        taking.begin_again();
        let cursor = Advance { peer: self.setup.peer, space, after: None, upto: place };
        self.note_place(space, cursor, out);
        out.push(Action::Send(Frame::Want(Want { space, from: Some(Place::of(place)), held: Vec::new() })));
    }

    /// Asks anew what the giver holds, where everything may be here.
    pub(super) fn ask_whether_all_is_here(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let is_due = |filling: &Filling| {
            filling.place.is_some() && env.now_ms.saturating_sub(filling.asked_ms) >= filling.wait_ms
        };
        let rests = |space: &SpaceId| {
            is_in(space, env)
                && !lacks_some(space, env)
                && !self.asks_for_pages_of(space)
                && !self.comparing.has(space)
        };
        let due: Vec<SpaceId> = self
            .taking
            .iter()
            .filter(|(space, taking)| {
                taking.rests() && taking.filling.as_ref().is_some_and(is_due) && rests(space)
            })
            .map(|(space, _)| *space)
            .collect();
        for space in due {
            if let Some(taking) = self.taking.get_mut(&space) {
                taking.begin_again();
                if let Some(filling) = &mut taking.filling {
                    filling.asked_ms = env.now_ms;
                    filling.wait_ms = (2 * filling.wait_ms).clamp(AGAIN_MS, AGAIN_MAX_MS);
                }
            }
            let follow = self.wanted(space, env)?;
            out.push(Action::Send(follow));
        }
        Ok(())
    }
}

/// Streams of a space with gaps, whether or not there is anybody here who may read them.
fn gaps_of<'a>(space: &SpaceId, env: &Env<'a>) -> impl Iterator<Item = StreamId> + use<'a> {
    let (first, space) = ((*space, StreamId([0; 16])), *space);
    let of_it = env.view.gaps.range(first..).take_while(move |((of, _), _)| *of == space);
    of_it.map(|((_, stream), _)| *stream)
}

pub(super) fn has_gaps(space: &SpaceId, env: &Env<'_>) -> bool {
    gaps_of(space, env).next().is_some()
}

// Gaps of what people here may read: nobody gives pages of anything else.
fn lacks_some(space: &SpaceId, env: &Env<'_>) -> bool {
    gaps_of(space, env).any(|stream| is_ours(env.view, space, &stream))
}

/// Messages of a stream whose newest are lacking.
const NEWEST: u32 = 50;
/// Ops that a gap is filled with at a time: less than two seconds of a line of 1 Mbit/s, for somebody may want to read.
const FILLED_AT_ONCE: u32 = 512;
/// How soon a giver is asked again what it holds, where that was not what is here ..
const AGAIN_MS: u64 = 5_000;
/// .. and at most, after it was asked in vain, each time twice as long.
const AGAIN_MAX_MS: u64 = 60_000;
