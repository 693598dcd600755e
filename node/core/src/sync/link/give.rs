//! The giving side: offers, feeds, and what the taker says it has.

use super::gossip::naming::Quiet;
use super::repair::Repair;
use super::{Action, CloseReason, Done, Env, Halt, Link};
use crate::store::{Arrival, StoreFault, place_at, place_here};
use crate::sync::accounts::line;
use crate::sync::feed::{Batch, Stretch};
use crate::sync::frame::{
    Frame, HEADS_MAX, Have, Heads, LINK_FRAME_MAX, OFFER_MAX, OPS_MAX, Ops, Place, Refuse, RefuseCode,
    SUMS_MAX, Sum, Want,
};
use crate::sync::rights::{OpenChannels, Rights, Share, Standing};
use crate::view::View;
use nexus_crdt::id::{OpId, SpaceId, StreamId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A space that the peer wants.
#[derive(Debug)]
pub(super) struct Giving {
    /// The name of the store whose places these are.
    epoch: [u8; 16],
    /// Sent up to here.
    pub(super) at: Arrival,
    /// Durable there up to here.
    pub(super) acked: Arrival,
    /// What arrived up to here is history.
    pub(super) since: Arrival,
    pub(super) in_flight: VecDeque<Arrival>,
    /// The peer was told what this side holds.
    pub(super) compared: bool,
    /// Something was left out: what the peer has is not all of it.
    pub(super) withheld: bool,
    paused_until_ms: u64,
    pub(super) newest: Arrival,
    /// What the peer is there, and how many members there are: who may see whom hangs on it.
    among: Option<(Standing, usize)>,
    /// Channels that the peer may have all of.
    open: OpenChannels,
    /// The furthest that was ever sent: what the peer may say it has.
    pub(super) sent: Arrival,
    /// Others bring it sooner: what was not written here goes by name.
    pub(super) quiet: Option<Quiet>,
    /// Its people were put out: what they are still told.
    parting: Option<BTreeSet<OpId>>,
    /// The peer follows: of channels that come to be open to it, it asks for pages.
    pub(super) follows: bool,
    /// .. and is given the governance first: the feed waits.
    pub(super) waits: bool,
}

impl Giving {
    pub(super) fn has_all(&self) -> bool {
        self.acked >= self.newest
    }

    fn newly_open(&mut self, space: &SpaceId, rights: &Rights, view: &View) -> Vec<StreamId> {
        if self.open.still_hold(view, rights) {
            return Vec::new();
        }
        let open = rights.open_channels(view, space);
        let before = std::mem::replace(&mut self.open, open);
        self.open.since(&before)
    }
}

impl Link {
    /// Offers everything that the peer may have and has not been offered.
    pub(super) fn offer_all(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        let all: Vec<SpaceId> = env.view.guilds.keys().copied().chain([SpaceId::NONE]).collect();
        self.offer_these(&all, env, out);
    }

    fn offer_these(&mut self, spaces: &[SpaceId], env: &Env<'_>, out: &mut Vec<Action>) {
        if self.hello.is_none() || self.proving {
            return;
        }
        let mut new = Vec::new();
        for space in spaces.iter().filter(|space| !self.offered.contains(*space)) {
            match self.standing(space, env) {
                Standing::Outside => {}
                Standing::Parting if self.parted.contains(space) => {}
                _ => new.push(*space),
            }
        }
        self.offered.extend(&new);
        out.extend(new.chunks(OFFER_MAX).map(|some| Action::Send(Frame::Offer(some.to_vec()))));
    }

    /// Whether a space was offered and may still be given.
    pub(super) fn may_want(&self, space: &SpaceId, env: &Env<'_>) -> bool {
        self.offered.contains(space) && self.standing(space, env) != Standing::Outside
    }

    // Accounts are offered to who may have anything else; each of them is looked at when it is given.
    pub(super) fn standing(&self, space: &SpaceId, env: &Env<'_>) -> Standing {
        let a_home = || self.rights.relay().is_some() && !env.view.local.is_empty();
        let speaks = || self.rights.users(env.view).chain(self.rights.contested(env.view)).next().is_some();
        let known = || a_home() || speaks();
        match *space {
            SpaceId::NONE if known() => Standing::Member,
            SpaceId::NONE => Standing::Outside,
            _ => self.rights.standing(env.view, space),
        }
    }

    pub(super) fn want(&mut self, want: &Want, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let space = want.space;
        if !self.may_want(&space, env) {
            let code = RefuseCode::Unknown as u32;
            out.push(Action::Send(Frame::Refuse(Refuse { space, code, retry_ms: 0 })));
            return Ok(());
        }
        let newest = env.store.last_arrival(&space)?;
        // A removal must come through whatever place the peer goes by: it is said once, and no comparison follows.
        let at = match self.standing(&space, env) {
            Standing::Parting => Arrival(0),
            _ => self.place_of(want, newest, env)?,
        };
        // Who followed on this link and now wants it from a place has come to hold what is before it.
        let has_filled =
            self.giving.get(&space).is_some_and(|giving| giving.follows) && self.may_have_all(&space, env)?;
        self.begin_giving(space, at, env, out)?;
        // An answer may have been lost with the link before this one.
        let is_relay = self.rights.standing(env.view, &space) == Standing::Relay;
        if (is_relay || has_filled) && at > Arrival(0) {
            out.push(Action::HandedOver { space, upto: at });
        }
        self.feed_in_return(space, env, out)?;
        self.pump(env, out)
    }

    /// Gives a space from a place on.
    pub(super) fn begin_giving(
        &mut self,
        space: SpaceId,
        at: Arrival,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Done {
        let newest = env.store.last_arrival(&space)?;
        let before = self.giving.remove(&space);
        // Wanting a space once is what it was offered for, and to end a quiet is cheap; again and again is not.
        let ends_quiet = before.as_ref().map(|giving| giving.quiet.is_some() && at >= giving.acked);
        self.bear(ends_quiet.map_or(0, |ends| if ends { 1 } else { WANT_AGAIN_COST }))?;
        self.in_flight -= before.as_ref().map_or(0, |giving| giving.in_flight.len());
        let hushed = self.hushed.remove(&space);
        let giving = Giving {
            epoch: env.store.epoch()?,
            at,
            acked: at,
            since: before.as_ref().map_or(newest, |giving| giving.since),
            in_flight: VecDeque::new(),
            compared: ends_quiet == Some(true) && before.as_ref().is_some_and(|giving| giving.compared),
            withheld: false,
            paused_until_ms: 0,
            newest,
            among: None,
            open: self.rights.open_channels(env.view, &space),
            sent: before.as_ref().map_or(at, |giving| giving.sent.max(at)),
            quiet: hushed.then(|| Quiet::from(at)),
            parting: None,
            follows: false,
            waits: false,
        };
        self.giving.insert(space, giving);
        if self.refused.remove(&space).is_some() {
            out.push(Action::Send(Frame::Anew(space)));
        }
        self.line_up(space);
        Ok(())
    }

    // A place in another store's feed is none.
    pub(super) fn place_of(
        &self,
        want: &Want,
        newest: Arrival,
        env: &Env<'_>,
    ) -> Result<Arrival, StoreFault> {
        match want.from.map(Place::cursor) {
            Some(cursor) => Ok(place_here(env.store, &want.space, cursor)?.unwrap_or(Arrival(0))),
            // What nobody else is known to hold is given in the order it was written all the same: by it the outbox empties.
            None if self.holds_most(want, env)? => {
                let queued = env.store.outbox_from(&want.space)?;
                Ok(queued.map_or(newest, |first| Arrival(first.0.saturating_sub(1))))
            }
            None => Ok(Arrival(0)),
        }
    }

    // Who has no place here and holds the governance and at least half of the rest finds what it lacks by comparing.
    fn holds_most(&self, want: &Want, env: &Env<'_>) -> Result<bool, StoreFault> {
        if self.standing(&want.space, env) < Standing::Member {
            return Ok(false);
        }
        let theirs: BTreeMap<StreamId, Sum> = want.held.iter().map(|sum| (sum.stream, *sum)).collect();
        let (mut all, mut shared) = (0, 0);
        for (stream, sum) in env.store.stream_sums(&want.space)? {
            match self.rights.share(env.view, &want.space, &stream) {
                Share::Everything => {}
                Share::Nothing => continue,
                // Of that no comparison speaks.
                Share::FromNowOn => return Ok(false),
            }
            let held = theirs.get(&stream);
            if stream == StreamId::GOVERNANCE && held != Some(&Sum::of(stream, sum)) {
                return Ok(false);
            }
            all += sum.count;
            shared += held.map_or(0, |held| held.count.min(sum.count));
        }
        Ok(all > 0 && shared >= all - shared)
    }

    pub(super) fn arrived(
        &mut self,
        spaces: Option<&BTreeSet<SpaceId>>,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Done {
        match spaces {
            Some(spaces) => {
                let spaces: Vec<SpaceId> = spaces.iter().copied().collect();
                self.offer_these(&spaces, env, out);
                spaces.iter().for_each(|space| self.line_up(*space));
                spaces.iter().try_for_each(|space| self.come_in(space, env, out))?;
                spaces.iter().try_for_each(|space| self.note_unknown(space, env, out))?;
            }
            None => {
                self.offer_all(env, out);
                let given: Vec<SpaceId> = self.giving.keys().copied().collect();
                given.into_iter().for_each(|space| self.line_up(space));
            }
        }
        self.look_at_early_pages(env)?;
        self.pump(env, out)
    }

    pub(super) fn line_up(&mut self, space: SpaceId) {
        if self.giving.contains_key(&space) && !self.queue.contains(&space) {
            self.queue.push_back(space);
        }
    }

    /// Sends as long as the window is open: one batch of each space in turn, so that a long one holds up no other.
    pub(super) fn pump(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        self.send_repairs(env, out)?;
        self.give_accounts_again();
        let mut steps = STEPS_MAX;
        while self.in_flight < WINDOW && steps > 0 {
            let Some(space) = self.queue.pop_front() else { break };
            steps -= 1;
            if self.step(space, env, out)? {
                self.queue.push_back(space);
            }
        }
        Ok(())
    }

    // Whether there may be more of it.
    fn step(&mut self, space: SpaceId, env: &Env<'_>, out: &mut Vec<Action>) -> Result<bool, Halt> {
        let standing = self.standing(&space, env);
        self.look_who_is_among(&space, standing, env);
        match standing {
            Standing::Outside => {
                self.part(space, out);
                return Ok(false);
            }
            Standing::Parting => return self.step_parting(space, env, out),
            Standing::Guest => {}
            Standing::Member | Standing::Relay => {
                if self.rights.let_in(&space) {
                    self.give_accounts_again();
                }
            }
        }
        if space == SpaceId::NONE && self.accounts_are_held_back(env) {
            return Ok(false);
        }
        let (newest, epoch) = (env.store.last_arrival(&space)?, env.store.epoch()?);
        let Some(giving) = self.giving.get_mut(&space) else { return Ok(false) };
        giving.newest = newest;
        // It turned out to be a copy: the place that the peer wanted it from was another's.
        if std::mem::replace(&mut giving.epoch, epoch) != epoch {
            (giving.at, giving.compared) = (Arrival(0), false);
            giving.quiet = giving.quiet.take().map(|_| Quiet::from(Arrival(0)));
        }
        // Who was let in again was passed over meanwhile: a comparison finds what they lack.
        if giving.parting.take().is_some() {
            giving.compared = false;
        }
        // What was written in a channel before it was opened to the peer was passed over: it is given now.
        let opened = giving.newly_open(&space, &self.rights, env.view);
        if giving.waits {
            return Ok(false);
        }
        if giving.follows && !opened.is_empty() {
            giving.compared = false;
        }
        let opened = if giving.follows { Vec::new() } else { opened };
        self.repairs.extend(opened.into_iter().map(|stream| Repair::Stretch(Stretch::whole(space, stream))));
        self.send_repairs(env, out)?;
        let Some(giving) = self.giving.get_mut(&space) else { return Ok(false) };
        if giving.paused_until_ms > env.now_ms {
            return Ok(false);
        }
        let (at, since) = (giving.at, giving.since);
        if at >= newest {
            self.compare(space, env, out)?;
            return Ok(false);
        }
        if giving.quiet.is_some() {
            return self.step_quiet(space, newest, env, out);
        }
        let source = super::Source { view: env.view, store: env.store, rights: &self.rights };
        let (batch, upto) = source.next(&mut self.known, &space, at, since)?;
        self.feed(space, batch, upto, env, out)?;
        Ok(true)
    }

    fn look_who_is_among(&mut self, space: &SpaceId, standing: Standing, env: &Env<'_>) {
        let Some(guild) = env.view.guilds.get(space) else { return };
        let among = Some((standing, guild.members.len()));
        if let Some(giving) = self.giving.get_mut(space)
            && giving.among != among
        {
            giving.among = among;
            self.seeing.may_have_changed();
            self.captions.may_have_changed();
        }
    }

    fn feed(
        &mut self,
        space: SpaceId,
        batch: Batch,
        upto: Arrival,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Result<(), StoreFault> {
        let place = place_at(env.store, &space, upto)?;
        if let Some(giving) = self.giving.get_mut(&space) {
            giving.at = upto;
            giving.sent = giving.sent.max(upto);
            giving.withheld |= batch.withheld;
            giving.in_flight.push_back(upto);
            self.in_flight += 1;
        }
        let frames = send_batch(space, Some(Place::of(place)), batch, out);
        // All but the last are answered as repairs are.
        self.repairs_in_flight += frames - 1;
        Ok(())
    }

    // Who is put out learns of it, and of nothing else.
    fn step_parting(&mut self, space: SpaceId, env: &Env<'_>, out: &mut Vec<Action>) -> Result<bool, Halt> {
        let newest = env.store.last_arrival(&space)?;
        let source = super::Source { view: env.view, store: env.store, rights: &self.rights };
        let Some(giving) = self.giving.get_mut(&space) else { return Ok(false) };
        giving.newest = newest;
        giving.withheld = true;
        if giving.at >= newest {
            self.part(space, out);
            self.parted.insert(space);
            return Ok(false);
        }
        let deciding = giving.parting.take().unwrap_or_else(|| source.deciding(&space));
        let (batch, upto) = source.parting(&mut self.known, &space, giving.at, &deciding)?;
        giving.parting = Some(deciding);
        self.feed(space, batch, upto, env, out)?;
        Ok(true)
    }

    // Said once for each feed: what follows is live.
    fn compare(&mut self, space: SpaceId, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let Some(giving) = self.giving.get_mut(&space).filter(|giving| !giving.compared) else {
            return Ok(());
        };
        giving.compared = true;
        let source = self.source(env);
        let (mut heads, mut sums) = match space {
            SpaceId::NONE => (Vec::new(), Vec::new()),
            _ if self.taking.contains_key(&space) => (source.heads(&space)?, source.sums(&space)?),
            // Who takes nothing, as who was put out, begins no comparison: of what they hold in part they say what it is, or
            // what they wrote, and the peer refused until its time had come, would never be asked for.
            _ => (source.heads(&space)?, source.sums_of_what_is_held(&space)?),
        };
        heads.truncate(HEADS_MAX);
        sums.truncate(SUMS_MAX - 1);
        sums.extend(line(env.view, &space));
        out.push(Action::Send(Frame::Heads(Heads { space, heads, sums })));
        Ok(())
    }

    fn part(&mut self, space: SpaceId, out: &mut Vec<Action>) {
        let Some(giving) = self.giving.remove(&space) else { return };
        self.in_flight -= giving.in_flight.len();
        self.offered.remove(&space);
        out.push(Action::Send(Frame::Gone(space)));
    }

    pub(super) fn have(&mut self, have: Have, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        if have.at == 0 {
            self.repairs_in_flight = self.repairs_in_flight.saturating_sub(1);
            return self.pump(env, out);
        }
        // A space that was given up meanwhile.
        let Some(giving) = self.giving.get_mut(&have.space) else { return Ok(()) };
        let at = Arrival(have.at);
        if at > giving.sent {
            return Err(Halt::Close(CloseReason::Garbage));
        }
        while giving.in_flight.front().is_some_and(|sent| *sent <= at) {
            giving.in_flight.pop_front();
            self.in_flight -= 1;
        }
        giving.acked = giving.acked.max(at);
        if !giving.withheld {
            out.push(Action::HandedOver { space: have.space, upto: at });
        }
        self.compare_on(env, out)?;
        self.pump(env, out)
    }

    /// The taker takes no more of a space: for a while, or on this link.
    pub(super) fn refuse(&mut self, refuse: Refuse, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        // Each space that was offered may be refused once.
        if !self.offered.contains(&refuse.space) || self.refused.contains_key(&refuse.space) {
            self.bear(1)?;
        }
        if refuse.space == SpaceId::NONE && refuse.code == RefuseCode::Invite as u32 {
            let answered = self.answered(env, out);
            out.extend(answered.map(Action::Denied));
            return Ok(());
        }
        if !self.offered.contains(&refuse.space) {
            return Ok(());
        }
        self.refused.insert(refuse.space, refuse.code);
        // Who was put out by a word that came to nothing does not know, and would never hear: it is told once that they are in.
        let is_in = self.standing(&refuse.space, env) == Standing::Member;
        if is_in && refuse.code == RefuseCode::Unknown as u32 && self.insisted.insert(refuse.space) {
            out.push(Action::Send(Frame::Offer(vec![refuse.space])));
        }
        if let Some(giving) = self.giving.get_mut(&refuse.space) {
            self.in_flight -= giving.in_flight.len();
            giving.in_flight.clear();
            giving.at = giving.acked;
            giving.quiet = giving.quiet.take().map(|_| Quiet::from(giving.acked));
            giving.paused_until_ms = match refuse.retry_ms {
                0 => u64::MAX,
                wait => env.now_ms.saturating_add(wait),
            };
        }
        Ok(())
    }
}

/// Sends a batch, in as many frames as it needs; only the last brings the taker on. Returns how many those are.
pub(super) fn send_batch(space: SpaceId, upto: Option<Place>, batch: Batch, out: &mut Vec<Action>) -> usize {
    let before = out.len();
    let Batch { ops, mut frontiers, .. } = batch;
    let (mut some, mut bytes) = (Vec::new(), frontiers.len() * 40);
    for op in ops {
        if !some.is_empty() && (bytes + op.len() > LINK_FRAME_MAX - FRAME_SPARE || some.len() >= OPS_MAX) {
            let (ops, frontiers) = (std::mem::take(&mut some), std::mem::take(&mut frontiers));
            out.push(Action::Send(Frame::Ops(Ops { space, upto: None, ops, frontiers })));
            bytes = 0;
        }
        bytes += op.len() + 5;
        some.push(op.into());
    }
    out.push(Action::Send(Frame::Ops(Ops { space, upto, ops: some, frontiers })));
    out.len() - before
}

/// Batches that may be sent before the first is answered: what back-pressure is.
const WINDOW: usize = 16;
const WANT_AGAIN_COST: u32 = 8;
/// Spaces that are looked at for one event.
const STEPS_MAX: usize = 64;
/// Of a frame, for what is not ops.
const FRAME_SPARE: usize = 16 * 1024;
