//! The taking side: which spaces are wanted, and batches on their way into the store.

use super::fill::Filling;
use super::gossip::Calm;
use super::{Action, CloseReason, Done, Env, Halt, Link};
use crate::effect::{Advance, Arriving, Taken};
use crate::store::{Cursor, GapChange, StoreFault};
use crate::sync::frame::{
    Frame, Have, Heads, Ops, Place, Refuse, RefuseCode, Role, SAYS_ANEW, SUMS_MAX, Sum, Want,
};
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, StreamId};
use nexus_crdt::kind::Plane;
use nexus_crdt::op;
use std::collections::BTreeSet;

/// A space that the peer gives.
#[derive(Debug, Default)]
pub(super) struct Taking {
    /// The batches after this one are its own: of those before, nobody is told.
    since: u64,
    /// It was not here before: one of those that the peer brings.
    brought: bool,
    /// The giver's comparisons that were looked at.
    pub(super) comparisons: u32,
    /// Batches that are not durable yet.
    pub(super) waiting: usize,
    /// What the giver holds, until it has been looked at.
    pub(super) heads: Option<Heads>,
    pub(super) caught_up: bool,
    /// Where the feed has come to, durable or not.
    pub(super) at: Option<Cursor>,
    /// Since when there is no room for what it gives, Unix ms.
    pub(super) full_ms: Option<u64>,
    /// It was wanted again after that, and what comes may still be from before: it follows on what was not taken.
    pub(super) anew: bool,
    /// It was asked from where on it may be followed, and has not been answered.
    pub(super) follows: bool,
    /// Its turn to catch up has come, and it was wanted.
    pub(super) wanted: bool,
    /// How much of it others bring sooner.
    pub(super) calm: Calm,
    /// Streams that were asked for again.
    pub(super) repaired: BTreeSet<StreamId>,
    /// It is to be held whole, and is not yet.
    pub(super) filling: Option<Filling>,
}

/// A batch on its way into the store.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batch {
    space: SpaceId,
    upto: Option<Place>,
    cause: Cause,
}

/// Why a batch goes into the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cause {
    /// Ops of a space: in its feed, or beside it.
    Ops,
    /// Accounts beside proofs.
    Proof,
    /// No ops: what is held of a stream is noted, or of several.
    Note(Option<StreamId>),
}

impl Taking {
    pub(super) const fn is_caught_up(&self) -> bool {
        self.caught_up
    }

    /// .. and of what it gave nothing is lacking that is to be held.
    pub(super) const fn is_whole(&self) -> bool {
        self.caught_up && self.filling.is_none()
    }

    /// Everything that came is durable, and nothing is under way.
    pub(super) const fn rests(&self) -> bool {
        self.waiting == 0 && self.heads.is_none() && self.full_ms.is_none() && !self.anew
    }

    /// The giver is asked anew from where on it gives, and says once more what it holds.
    pub(super) fn begin_again(&mut self) {
        self.calm = Calm::default();
        self.comparisons = 0;
        self.repaired.clear();
    }
}

impl Link {
    pub(super) fn offer(&mut self, spaces: &[SpaceId], env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        self.bear(1)?;
        if !self.asked.is_empty() {
            self.introduce(env, out);
        }
        for space in
            spaces.iter().filter(|space| !self.taking.contains_key(*space)).copied().collect::<Vec<_>>()
        {
            match self.takes(&space, env)? {
                Ok(()) => {
                    let brought = space != SpaceId::NONE && !env.view.guilds.contains_key(&space);
                    let since = self.last_batch;
                    self.taking.insert(space, Taking { since, brought, ..Taking::default() });
                    self.read_first(space, env);
                    if space != SpaceId::NONE || !self.accounts_wait(env) {
                        self.ask_turn(space, env, out)?;
                    }
                }
                Err(code) => {
                    if was_put_out(&space, env) {
                        self.declined.insert(space);
                    }
                    let refuse = Refuse { space, code: code as u32, retry_ms: 0 };
                    out.push(Action::Send(Frame::Refuse(refuse)));
                }
            }
        }
        Ok(())
    }

    /// What is said to have a space given: all of it, or from now on.
    pub(super) fn wanted(&mut self, space: SpaceId, env: &Env<'_>) -> Result<Frame, StoreFault> {
        self.go_on_filling(space, env)?;
        let follows = self.follows(&space, env) || self.is_to_hold_all(&space, env);
        let cursor = self.feed_place(&space, env)?;
        if let Some(taking) = self.taking.get_mut(&space) {
            taking.at = cursor;
            taking.follows = follows;
        }
        Ok(match follows {
            true => Frame::Follow(self.following(space, cursor, env)?),
            false => Frame::Want(self.want_of(space, cursor, env)?),
        })
    }

    fn want_of(&self, space: SpaceId, cursor: Option<Cursor>, env: &Env<'_>) -> Result<Want, StoreFault> {
        if let Some(cursor) = cursor {
            return Ok(Want { space, from: Some(Place::of(cursor)), held: Vec::new() });
        }
        // Of nothing that the peer may not have, for it would tell that there is something.
        let mut held: Vec<Sum> = match space {
            SpaceId::NONE => Vec::new(),
            _ => self.source(env).sums(&space)?,
        };
        if held.len() > SUMS_MAX {
            held.clear();
        }
        Ok(Want { space, from: None, held })
    }

    // A node takes what its people are in, and what a relay says they are in, or are invited to. A relay takes by policy.
    fn takes(&self, space: &SpaceId, env: &Env<'_>) -> Result<Result<(), RefuseCode>, StoreFault> {
        let is_account = env.view.users.contains_key(&nexus_crdt::id::UserId(space.0));
        let a_stranger_to_a_relay = self.setup.role == Role::Relay
            && self.rights.relay().is_none()
            && !self.rights.speaks_for_somebody();
        if is_account || a_stranger_to_a_relay {
            return Ok(Err(RefuseCode::Unknown));
        }
        if *space == SpaceId::NONE {
            return Ok(Ok(()));
        }
        let brought = self.taking.values().filter(|taking| taking.brought).count();
        if !env.view.guilds.contains_key(space) && brought >= self.setup.hosting.spaces_max {
            return Ok(Err(RefuseCode::Quota));
        }
        let held = env.view.guilds.get(space);
        Ok(match self.setup.role {
            Role::Node => match held {
                Some(_) if !env.view.own_spaces.contains(space) => {
                    // Who offers it again says that the word which put them out came to nothing.
                    let again = self.declined.contains(space) && was_put_out(space, env);
                    if again || !self.asked.is_empty() { Ok(()) } else { Err(RefuseCode::Unknown) }
                }
                Some(_) => Ok(()),
                None if self.rights.relay().is_some() => Ok(()),
                // It may be the one that the invite opens.
                None if brought < self.asked.len() => Ok(()),
                None => Err(RefuseCode::Unknown),
            },
            Role::Relay if held.is_some() => self.has_room_for(space, env)?,
            Role::Relay if self.setup.hosting.takes_in(space) => Ok(()),
            Role::Relay => Err(RefuseCode::NotHosted),
        })
    }

    // What is held of a guild for somebody who was only shown an invite is little, whatever a liar makes of it.
    fn has_room_for_a_guest(&self, space: &SpaceId, env: &Env<'_>) -> Result<bool, StoreFault> {
        let of_ours = env.view.own_spaces.contains(space);
        let trusted = of_ours || self.rights.relay().is_some() || *space == SpaceId::NONE;
        Ok(trusted || env.store.count(space)?.ops < GUEST_OPS_MAX)
    }

    fn has_room_for(&self, space: &SpaceId, env: &Env<'_>) -> Result<Result<(), RefuseCode>, StoreFault> {
        let count = if *space == SpaceId::NONE { self.strangers } else { env.store.count(space)?.ops };
        let full = count >= self.setup.hosting.ops_max;
        Ok(if full { Err(RefuseCode::Quota) } else { Ok(()) })
    }

    pub(super) fn ops(&mut self, ops: Ops, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let Ops { space, upto, ops, frontiers } = ops;
        // What was on its way when this side gave the space up, or had no room for more of it.
        let is_passed_over = |taking: &Taking| (taking.full_ms.is_some() || taking.anew) && upto.is_some();
        if self.taking.get(&space).is_none_or(is_passed_over) {
            return Ok(());
        }
        match upto {
            Some(_) => self.comes_in_order(&space),
            None => self.some_came(&space),
        }
        let has_room = match self.setup.role {
            Role::Relay => self.has_room_for(&space, env)?.is_ok(),
            Role::Node => self.has_room_for_a_guest(&space, env)?,
        };
        if !has_room {
            self.take_no_more(space, out);
            let refuse = Refuse { space, code: RefuseCode::Quota as u32, retry_ms: 0 };
            out.push(Action::Send(Frame::Refuse(refuse)));
            return Ok(());
        }
        let before = self.counts;
        let mut arriving = Vec::with_capacity(ops.len());
        for bytes in ops {
            arriving.push(self.open(&space, &bytes, env)?);
        }
        self.weigh(space, upto.is_some(), before, env, out);
        self.integrate(space, upto, arriving, frontiers, out);
        Ok(())
    }

    /// Wants again what there was no room for.
    pub(super) fn try_for_room(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Result<(), StoreFault> {
        let is_due = |taking: &Taking| {
            taking.full_ms.is_some_and(|since| env.now_ms.saturating_sub(since) >= ROOM_AGAIN_MS)
        };
        let due: Vec<SpaceId> =
            self.taking.iter().filter(|(_, taking)| is_due(taking)).map(|(space, _)| *space).collect();
        let is_told = self.hello.as_ref().is_some_and(|hello| hello.version >= SAYS_ANEW);
        for space in due {
            let want = self.wanted(space, env)?;
            if let Some(taking) = self.taking.get_mut(&space) {
                (taking.full_ms, taking.heads, taking.anew) = (None, None, is_told);
                taking.calm = Calm::default();
            }
            out.push(Action::Send(want));
        }
        Ok(())
    }

    /// What comes from now on is what was wanted again.
    pub(super) fn begins_anew(&mut self, space: &SpaceId) -> Done {
        match self.taking.get_mut(space).map(|taking| std::mem::take(&mut taking.anew)) {
            Some(false) => self.bear(1),
            Some(true) | None => Ok(()),
        }
    }

    /// Decodes and checks an op here, beside the store's loop. What is known already costs no signature.
    fn open(&mut self, space: &SpaceId, bytes: &[u8], env: &Env<'_>) -> Result<Arriving, Halt> {
        const GARBAGE: Halt = Halt::Close(CloseReason::Garbage);
        let claim = op::decode(bytes).map_err(|_| GARBAGE)?;
        let op = claim.untrusted();
        let of_an_account = Plane::of(op.header.kind) == Some(Plane::Identity);
        if !of_an_account && op.space() != *space {
            return Err(GARBAGE);
        }
        let id = op.id;
        let is_here = env.store.has_op(&id)?;
        // Accounts are told anew whenever somebody is let in.
        self.counts.repeats += u64::from(is_here && !of_an_account);
        self.counts.news += u64::from(!is_here && !of_an_account);
        let passed_on = !of_an_account && !self.is_the_peers_own(&op.header.author, env);
        self.counts.passed_on[usize::from(is_here)] += u64::from(passed_on);
        let arriving = if is_here {
            Arriving::Claimed(Box::new(claim))
        } else {
            self.strangers += u64::from(of_an_account);
            Arriving::Verified(Box::new(op::verify(claim).map_err(|_| GARBAGE)?))
        };
        self.known.came_from_peer(id);
        Ok(arriving)
    }

    fn is_the_peers_own(&self, device: &DeviceKey, env: &Env<'_>) -> bool {
        let mut users = self.rights.users(env.view).filter_map(|user| env.view.users.get(user));
        users.any(|user| user.devices.contains(device))
    }

    pub(super) fn integrate(
        &mut self,
        space: SpaceId,
        upto: Option<Place>,
        ops: Vec<Arriving>,
        frontiers: Vec<Vec<OpId>>,
        out: &mut Vec<Action>,
    ) {
        let mut after = None;
        if let Some(taking) = self.taking.get_mut(&space) {
            taking.waiting += 1;
            after = taking.at;
            taking.at = upto.map(Place::cursor).or(after);
        }
        let (peer, whole) = (self.setup.peer, !self.fills(&space));
        let cursor = upto.filter(|_| whole).map(|upto| Advance { peer, space, after, upto: upto.cursor() });
        self.put_away(Batch { space, upto, cause: Cause::Ops }, ops, frontiers, cursor, Vec::new(), out);
    }

    /// What came beside proofs: no part of any feed.
    pub(super) fn integrate_proof(&mut self, ops: Vec<Arriving>, out: &mut Vec<Action>) {
        let batch = Batch { space: SpaceId::NONE, upto: None, cause: Cause::Proof };
        self.put_away(batch, ops, Vec::new(), None, Vec::new(), out);
    }

    /// Notes what is held of streams; of one that was fetched it is told when it is durable.
    pub(super) fn note(
        &mut self,
        space: SpaceId,
        gaps: Vec<GapChange>,
        fetched: Option<StreamId>,
        out: &mut Vec<Action>,
    ) {
        let batch = Batch { space, upto: None, cause: Cause::Note(fetched) };
        self.put_away(batch, Vec::new(), Vec::new(), None, gaps, out);
    }

    /// Notes how far everything is here.
    pub(super) fn note_place(&mut self, space: SpaceId, cursor: Advance, out: &mut Vec<Action>) {
        let batch = Batch { space, upto: None, cause: Cause::Note(None) };
        self.put_away(batch, Vec::new(), Vec::new(), Some(cursor), Vec::new(), out);
    }

    /// The place from which a space is followed, and what is not held of it: one commit. Of who is to hold everything it is no
    /// cursor before that is here.
    pub(super) fn begin_following(
        &mut self,
        space: SpaceId,
        upto: Place,
        gaps: Vec<GapChange>,
        out: &mut Vec<Action>,
    ) {
        if let Some(taking) = self.taking.get_mut(&space) {
            taking.waiting += 1;
            taking.at = Some(upto.cursor());
        }
        // What lies between is a gap: it follows on no place.
        let cursor = Advance { peer: self.setup.peer, space, after: None, upto: upto.cursor() };
        let cursor = (!self.fills(&space)).then_some(cursor);
        let batch = Batch { space, upto: Some(upto), cause: Cause::Ops };
        self.put_away(batch, Vec::new(), Vec::new(), cursor, gaps, out);
    }

    /// The oldest batch that is not durable yet, and the newest that was made.
    pub(super) fn batches_under_way(&self) -> (Option<u64>, u64) {
        (self.batches.keys().next().copied(), self.last_batch)
    }

    fn put_away(
        &mut self,
        batch: Batch,
        ops: Vec<Arriving>,
        frontiers: Vec<Vec<OpId>>,
        cursor: Option<Advance>,
        gaps: Vec<GapChange>,
        out: &mut Vec<Action>,
    ) {
        self.last_batch += 1;
        self.batches.insert(self.last_batch, batch);
        out.push(Action::Integrate { batch: self.last_batch, ops, frontiers, cursor, gaps });
    }

    pub(super) fn durable(
        &mut self,
        batch: u64,
        taken: &Taken,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Done {
        let Some(Batch { space, upto, cause }) = self.batches.remove(&batch) else { return Ok(()) };
        // Ops that are whole and signed and still cannot be: an honest peer has none, a peer that was lied to may have some.
        self.bear(u32::try_from(taken.impossible()).unwrap_or(u32::MAX))?;
        match cause {
            Cause::Proof => {
                self.offer_all(env, out);
                return self.settle_pages(env, out);
            }
            Cause::Note(fetched) => {
                out.extend(fetched.map(|stream| Action::Fetched { space, stream, held: true }));
                return self.settle_pages(env, out);
            }
            Cause::Ops => {}
        }
        if let Some(taking) = self.taking.get_mut(&space).filter(|taking| taking.since < batch) {
            taking.waiting -= 1;
            match upto {
                // Not a word of it is acknowledged, and what follows would hide the gap: the feed goes on from here later.
                Some(_) if !taken.had_room() => {
                    if taking.full_ms.replace(env.now_ms).is_none() {
                        let code = RefuseCode::Busy as u32;
                        out.push(Action::Send(Frame::Refuse(Refuse { space, code, retry_ms: 0 })));
                    }
                }
                Some(_) if taking.full_ms.is_some() => {}
                _ => {
                    if let Some((filling, upto)) = taking.filling.as_mut().zip(upto) {
                        filling.place = Some(upto.cursor());
                    }
                    let at = upto.map_or(0, |upto| upto.at);
                    out.push(Action::Send(Frame::Have(Have { space, at })));
                }
            }
        }
        self.note_unknown(&space, env, out)?;
        self.settle_pages(env, out)?;
        self.look_at_heads(space, env, out)
    }

    pub(super) fn heads(&mut self, heads: Heads, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let space = heads.space;
        if self.are_checked(&heads) {
            return self.look_into(&heads, env, out);
        }
        let Some(taking) = self.taking.get_mut(&space).filter(|taking| !taking.anew) else { return Ok(()) };
        taking.comparisons += 1;
        let again = taking.comparisons > 1;
        taking.heads = Some(heads);
        if again {
            self.bear(COMPARISON_COST)?;
        }
        self.look_at_heads(space, env, out)
    }
}

/// Whether people here were removed from a space, as far as is known here.
fn was_put_out(space: &SpaceId, env: &Env<'_>) -> bool {
    let guild = env.view.guilds.get(space);
    guild.is_some_and(|guild| env.view.local.iter().any(|user| guild.removals.contains_key(user)))
}

/// How long after there was no room, or the clock here was far behind, it is tried again.
const ROOM_AGAIN_MS: u64 = 60_000;
/// Ops of a guild that a node takes from another before any of its people is in.
const GUEST_OPS_MAX: u64 = 100_000;
/// A comparison after the first of a feed.
const COMPARISON_COST: u32 = 4;
