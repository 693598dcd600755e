//! Following a space: its governance whole, what arrives from now on, and of what was said before only what is asked for.

use super::fill::has_gaps;
use super::repair::Repair;
use super::{Action, Done, Env, Fetch, Hold, Link};
use crate::store::{Cursor, GapChange, Range, Spot, StoreFault, StreamSum, place_at, place_here};
use crate::sync::accounts::ACCOUNTS;
use crate::sync::frame::{
    Follow, Followed, Frame, HEADS_MAX, Place, Refuse, RefuseCode, Role, SUMS_MAX, Sum, Want,
};
use crate::sync::rights::Standing;
use nexus_crdt::id::{ChannelId, SpaceId, StreamId};
use nexus_crdt::permissions::Permissions;
use std::collections::{BTreeMap, BTreeSet};

// The giver.
impl Link {
    pub(super) fn follow(&mut self, follow: Follow, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let Follow { space, from, heads, whole } = follow;
        if space == SpaceId::NONE || !self.may_want(&space, env) {
            let code = RefuseCode::Unknown as u32;
            out.push(Action::Send(Frame::Refuse(Refuse { space, code, retry_ms: 0 })));
            return Ok(());
        }
        let held_all = whole.is_some();
        if let Some(whole) = whole {
            let want = Want { space, from, held: whole.held };
            if self.gives_in_order(&want, whole.in_order, env)? {
                return self.want(&want, env, out);
            }
        }
        let newest = env.store.last_arrival(&space)?;
        let place = match from.filter(|_| !held_all) {
            Some(place) => place_here(env.store, &space, place.cursor())?,
            None => None,
        };
        let place = place.filter(|at| newest.0 - at.0 <= FED_MAX);
        let at = match self.standing(&space, env) {
            // A removal must come through.
            Standing::Parting => Default::default(),
            _ => place.unwrap_or(newest),
        };
        self.begin_giving(space, at, env, out)?;
        let Some(giving) = self.giving.get_mut(&space) else { return Ok(()) };
        giving.follows = true;
        // It holds some of what is here: nobody may be told that it has all of it.
        giving.withheld = true;
        if place.is_none() && at == newest {
            giving.waits = true;
            self.known.is_strange_to(space);
            let heads = heads.into_iter().collect();
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
        let Some(giving) = self.giving.get_mut(&space).filter(|giving| giving.waits) else { return Ok(()) };
        giving.waits = false;
        let at = giving.at;
        let place = Place::of(place_at(env.store, &space, at)?);
        giving.sent = giving.sent.max(at);
        giving.in_flight.push_back(at);
        self.in_flight += 1;
        out.push(Action::Send(Frame::Followed(Followed { space, upto: place, sums })));
        self.line_up(space);
        Ok(())
    }
}

// The taker.
impl Link {
    /// Whether a space is followed: by who holds what they look at, and by whoever has gaps in it.
    pub(super) fn follows(&self, space: &SpaceId, env: &Env<'_>) -> bool {
        let may = self.setup.role == Role::Node && *space != SpaceId::NONE;
        may && (self.setup.hold == Hold::Viewed || self.fills(space) || has_gaps(space, env))
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
        Ok(Follow { space, from, heads, whole: self.whole(&space, cursor, env)? })
    }

    pub(super) fn followed(&mut self, followed: &Followed, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let space = followed.space;
        let Some(taking) = self.taking.get_mut(&space) else { return Ok(()) };
        // To the Follow before this one.
        if taking.anew {
            return Ok(());
        }
        // Said once for each Follow by who is honest.
        if !std::mem::take(&mut taking.follows) {
            return self.bear(1);
        }
        self.fill_what_is_lacking(followed, env);
        let mut gaps = self.not_held(&space, &followed.sums, true, env)?;
        self.add_unknown(&space, &mut gaps, env)?;
        let tails = gaps.iter().filter(|change| !change.held).map(|change| change.stream).collect::<Vec<_>>();
        self.begin_following(space, followed.upto, gaps, out);
        self.ask_for_tails(space, &tails, out);
        Ok(())
    }

    /// Of a channel of which nothing is here nobody knows whether there is anything in it, until a giver has said so: it is a gap,
    /// and no empty page. Those that are new here, as all of them when somebody has just joined.
    pub(super) fn note_unknown(&mut self, space: &SpaceId, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let mut gaps = Vec::new();
        if self.taking.contains_key(space) {
            self.add_unknown(space, &mut gaps, env)?;
        }
        if !gaps.is_empty() {
            let mut new: Vec<StreamId> = gaps.iter().map(|change| change.stream).collect();
            self.note(*space, gaps, None, out);
            // Who has just joined looks at something next, mostly at what stands first.
            if self.reads_first(space) {
                new.sort_by_cached_key(|stream| place_of(space, stream, env));
                self.ask_for_tails(*space, &new, out);
            }
        }
        Ok(())
    }

    fn add_unknown(
        &mut self,
        space: &SpaceId,
        gaps: &mut Vec<GapChange>,
        env: &Env<'_>,
    ) -> Result<(), StoreFault> {
        if !self.knows_of_no_channel(space) {
            return Ok(());
        }
        let met = |channel: &ChannelId| self.asking.met.contains(&(*space, channel.stream()));
        let mut all = env.view.guilds.get(space).into_iter().flat_map(|guild| guild.channels.keys());
        if all.all(met) {
            return Ok(());
        }
        let new: Vec<ChannelId> = seen_here(space, env).filter(|channel| !met(channel)).collect();
        let held: BTreeSet<StreamId> = env.store.stream_sums(space)?.into_iter().map(|(of, _)| of).collect();
        for channel in new {
            let stream = channel.stream();
            self.asking.met.insert((*space, stream));
            let known = held.contains(&stream)
                || env.view.gaps.contains_key(&(*space, stream))
                || gaps.iter().any(|change| change.stream == stream);
            if !known && !was_made_here(channel, env)? {
                gaps.push(GapChange {
                    space: *space,
                    stream,
                    range: Range::ALL,
                    held: false,
                    let_go: env.view.let_go,
                });
            }
        }
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
        let mut gaps = self.not_held(space, sums, false, env)?;
        self.add_unknown(space, &mut gaps, env)?;
        let mut tails = of_which_nothing_is_here(space, sums, env)?;
        tails.extend(
            gaps.iter()
                .map(|change| change.stream)
                .filter(|stream| !tails.contains(stream))
                .collect::<Vec<_>>(),
        );
        let streams = tails.iter().copied().collect();
        if !gaps.is_empty() {
            self.note(*space, gaps, None, out);
        }
        self.ask_for_tails(*space, &tails, out);
        Ok(streams)
    }

    /// What is missing of streams by what a giver says of them. `fresh`: what arrived there until now does not come by the feed.
    fn not_held(
        &self,
        space: &SpaceId,
        sums: &[Sum],
        fresh: bool,
        env: &Env<'_>,
    ) -> Result<Vec<GapChange>, StoreFault> {
        let is_viewer = self.setup.hold == Hold::Viewed;
        let compared_max = if is_viewer { COMPARED_MAX } else { COMPARED_MAX.min(self.setup.in_order) };
        let ours: BTreeMap<StreamId, StreamSum> = env.store.stream_sums(space)?.into_iter().collect();
        let mut changes = Vec::new();
        for sum in sums.iter().filter(|sum| sum.stream.is_channel() && sum.stream != ACCOUNTS) {
            let held = ours.get(&sum.stream).copied().unwrap_or_default();
            if held == (StreamSum { count: sum.count, sum: sum.sum }) {
                continue;
            }
            let has_gaps = env.view.gaps.contains_key(&(*space, sum.stream));
            let lacks_much = sum.count > held.count.saturating_add(compared_max);
            let (newest, own) = newest_of_others(space, &sum.stream, env)?;
            let range = match held.count {
                0 if !has_gaps => Range::ALL,
                // What was held remains; what is newer may be missing.
                _ if fresh && (has_gaps || lacks_much) => {
                    Range { from: newest.map_or(Spot::FIRST, Spot::next), upto: None }
                }
                _ if is_viewer && !has_gaps && lacks_much => Range::ALL,
                // A comparison finds it.
                _ => continue,
            };
            let change = |range, held| GapChange {
                space: *space,
                stream: sum.stream,
                range,
                held,
                let_go: env.view.let_go,
            };
            changes.push(change(range, false));
            // Of what lies in a gap nothing is compared, and the giver may have refused it.
            changes.extend(own.iter().take(OWN_HELD).map(|spot| change(only(*spot), true)));
        }
        Ok(changes)
    }

    // What somebody looks at first, of some channels: of more, when they do.
    fn ask_for_tails(&mut self, space: SpaceId, streams: &[StreamId], out: &mut Vec<Action>) {
        for stream in streams.iter().take(TAILS_MAX) {
            self.fetch(&Fetch { space, stream: *stream, from: None, older: true, count: TAIL }, out);
        }
    }
}

// What somebody here said while they were cut off is newer than what they missed. Gives that, too, newest first.
fn newest_of_others(
    space: &SpaceId,
    stream: &StreamId,
    env: &Env<'_>,
) -> Result<(Option<Spot>, Vec<Spot>), StoreFault> {
    let (mut at, mut own) = (Spot::LAST, Vec::new());
    for _ in 0..OWN_MAX {
        let Some(before) = env.store.spot_before(space, stream, &at)? else { return Ok((None, own)) };
        let id = env.store.op_headed(space, stream, &before.head)?;
        let stored = id.map_or(Ok(None), |id| env.store.op(&id))?;
        if stored.is_none_or(|stored| !env.view.local_devices.contains(&stored.op.header.author)) {
            return Ok((Some(before), own));
        }
        own.push(before);
        at = before;
    }
    Ok((Some(at), own))
}

fn only(spot: Spot) -> Range {
    Range { from: spot, upto: Some(spot.next()) }
}

// Whoever made a channel here knows what is in it.
fn was_made_here(channel: ChannelId, env: &Env<'_>) -> Result<bool, StoreFault> {
    let made = env.store.op(&channel.into())?;
    Ok(made.is_some_and(|stored| env.view.local_devices.contains(&stored.op.header.author)))
}

/// Channels of which there is a gap here and nothing beside it: first those of which the giver has something.
fn of_which_nothing_is_here(
    space: &SpaceId,
    sums: &[Sum],
    env: &Env<'_>,
) -> Result<Vec<StreamId>, StoreFault> {
    let held: BTreeSet<StreamId> = env.store.stream_sums(space)?.into_iter().map(|(of, _)| of).collect();
    let is_it = |stream: &StreamId| env.view.gaps.contains_key(&(*space, *stream)) && !held.contains(stream);
    let mut streams: Vec<StreamId> = sums.iter().map(|sum| sum.stream).filter(is_it).collect();
    for stream in seen_here(space, env).map(|channel| channel.stream()).filter(is_it) {
        if !streams.contains(&stream) {
            streams.push(stream);
        }
    }
    Ok(streams)
}

/// Where a channel stands among its guild's.
fn place_of(space: &SpaceId, stream: &StreamId, env: &Env<'_>) -> Option<(u32, ChannelId)> {
    let channels = &env.view.guilds.get(space)?.channels;
    let (channel, shown) = channels.iter().find(|(channel, _)| channel.stream() == *stream)?;
    Some((shown.position, *channel))
}

/// Channels that somebody here sees.
fn seen_here<'a>(space: &SpaceId, env: &Env<'a>) -> impl Iterator<Item = ChannelId> + use<'a> {
    let (guild, local) = (env.view.guilds.get(space), &env.view.local);
    guild.into_iter().flat_map(move |guild| {
        let people: Vec<_> = local.iter().filter(|user| guild.members.contains_key(*user)).collect();
        let sees = move |channel: &&ChannelId| {
            people.iter().any(|user| guild.permissions_in(user, channel).has(Permissions::VIEW_CHANNEL))
        };
        guild.channels.keys().filter(sees).copied().collect::<Vec<_>>()
    })
}

/// Arrivals between a follower's place and now that are fed; over more the feed goes on from now.
const FED_MAX: u64 = 2_000;
/// Ops that a follower lacks of a stream and finds by comparing; more are a gap.
const COMPARED_MAX: u64 = 512;
/// Ops of one's own that are looked past for the newest of others.
const OWN_MAX: usize = 1_024;
/// .. and of those the newest, which are held beside the gap that they lie in: among them is what was written by a clock years ahead.
const OWN_HELD: usize = 16;
/// The newest messages that are asked for of a channel before anybody looks at it ..
const TAIL: u32 = 50;
/// .. and of how many channels of a space.
const TAILS_MAX: usize = 16;
