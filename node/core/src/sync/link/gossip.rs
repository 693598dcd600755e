//! Live ops among many links: each op comes once by the link that is fastest, and by name on the others.
//!
//! Plumtree (Leitão, Pereira, Rodrigues: Epidemic Broadcast Trees, SRDS 2007) over the feeds: a taker that is sent what it has
//! already says *Quiet* (the paper's PRUNE); the giver then names what it has, some at a time (IHAVE); a taker that still
//! lacks something that was named a while ago, or has lost another link, wants the feed again (GRAFT). Unlike the paper's,
//! an author's own ops and all governance are always sent, and places in the feed move on with the names: a cut at any
//! moment costs what it costs without a tree. `docs/sync.md` says why this and not gossipsub.

use super::repair::Repair;
use super::take::Taking;
use super::{Action, CloseReason, Done, Env, Halt, Link};
use crate::store::{Arrival, StoreFault};
use crate::sync::feed::{Arrivals, Batch, arrivals};
use crate::sync::frame::{Frame, NAMES_MAX, Names, Need, OPS_MAX, Place, Role};
use crate::sync::rights::Share;
use nexus_crdt::id::{OpId, SpaceId, StreamId};
use std::collections::{BTreeSet, VecDeque};

/// The giver's side of a quiet feed.
#[derive(Debug)]
pub(super) struct Quiet {
    /// Looked at up to here.
    looked: Arrival,
    /// .. and not told yet.
    names: Vec<(StreamId, OpId)>,
    /// Since when something waits to be told, Unix ms.
    waits_ms: Option<u64>,
    /// When something was told last, Unix ms.
    told_ms: u64,
}

/// The taker's side.
#[derive(Debug, Default)]
pub(super) struct Calm {
    quiet: bool,
    worth: Worth,
    named: VecDeque<Named>,
    /// When something that was named was last asked for, Unix ms.
    asked_ms: u64,
    /// Until when its turn lasts, while nothing new comes; and at most.
    turn: Option<Turn>,
}

/// What a feed is worth, by what its giver did not write itself: that comes in any case.
#[derive(Debug, Default)]
struct Worth {
    /// Until then it repeats what came while it was quiet, Unix ms.
    repeats_until_ms: u64,
    /// News that are still to come before it is said again that it brings some.
    untold: u64,
    /// Ops that came and were here, less those that were not.
    score: u64,
    /// .. and less as many times [`NEXT_TO_NOTHING`].
    idle: u64,
}

/// Ops that were named, some of which are not here yet.
#[derive(Debug)]
struct Named {
    upto: Place,
    lacking: Vec<OpId>,
    since_ms: u64,
}

#[derive(Clone, Copy, Debug)]
struct Turn {
    begun_ms: u64,
    news_ms: u64,
}

/// For people, and for benchmarks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) news: u64,
    pub(super) repeats: u64,
    pub(super) named: u64,
    /// Of news and repeats: what others wrote than the peer.
    pub(super) passed_on: [u64; 2],
}

impl Quiet {
    /// What comes after a place goes by name.
    pub(super) const fn from(looked: Arrival) -> Self {
        Self { looked, names: Vec::new(), waits_ms: None, told_ms: 0 }
    }

    /// `first_ms`: how long the first waits, of those that come when nothing was told for a while.
    fn due_ms(&self, first_ms: u64) -> Option<u64> {
        self.waits_ms.map(|since| (since + first_ms).max(self.told_ms + NAMES_MS))
    }
}

impl Calm {
    pub(super) fn lacks_nothing(&self) -> bool {
        self.named.is_empty()
    }

    fn due_ms(&self, patience_ms: u64) -> Option<u64> {
        let named = self.late_ms(patience_ms);
        named.into_iter().chain(self.turn.map(|turn| turn.end_ms())).min()
    }

    /// When what was named first and is lacking is late.
    fn late_ms(&self, patience_ms: u64) -> Option<u64> {
        let named = self.named.front()?;
        Some((named.since_ms + patience_ms).max(self.asked_ms + ASK_AGAIN_MS))
    }
}

impl Worth {
    /// Whether so much more has come in vain that the feed may be too much.
    const fn weigh(&mut self, news: u64, repeats: u64) -> bool {
        self.score = (self.score + repeats).saturating_sub(news);
        self.idle = (self.idle + repeats).saturating_sub(news * NEXT_TO_NOTHING);
        self.score >= QUIET_AFTER || self.idle >= QUIET_AFTER
    }
}

impl Turn {
    fn end_ms(self) -> u64 {
        (self.news_ms + STALL_MS).min(self.begun_ms + TURN_MS)
    }
}

impl Link {
    /// When it must be woken by [`super::Event::Due`], Unix ms; none: not by itself.
    #[must_use]
    pub fn due_ms(&self) -> Option<u64> {
        let first_ms = self.first_name_ms();
        let giving = self.giving.values().filter_map(|giving| giving.quiet.as_ref()?.due_ms(first_ms));
        let patience_ms = self.late_after_ms();
        let taking = self.taking.values().filter_map(|taking| taking.calm.due_ms(patience_ms));
        giving.chain(taking).chain(self.seeing.due_ms()).chain(self.captions.due_ms()).min()
    }

    pub(super) fn due(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let is_due = |due: Option<u64>| due.is_some_and(|due| due <= env.now_ms);
        let first_ms = self.first_name_ms();
        let giving = self
            .giving
            .iter()
            .filter(|(_, giving)| giving.quiet.as_ref().is_some_and(|quiet| is_due(quiet.due_ms(first_ms))));
        let giving: Vec<SpaceId> = giving.map(|(space, _)| *space).collect();
        giving.into_iter().for_each(|space| self.line_up(space));
        let turns = self.taking.iter().filter(|(_, taking)| is_due(taking.calm.turn.map(Turn::end_ms)));
        let turns: Vec<SpaceId> = turns.map(|(space, _)| *space).collect();
        turns.into_iter().for_each(|space| self.turn_over(space, out));
        self.settle(None, env, out)?;
        self.pump(env, out)?;
        // A peer that answers nothing, or is paused, is not asked again at once.
        for quiet in self.giving.values_mut().filter_map(|giving| giving.quiet.as_mut()) {
            if is_due(quiet.due_ms(first_ms)) {
                quiet.waits_ms = Some(env.now_ms);
            }
        }
        Ok(())
    }
}

// The giver.
impl Link {
    pub(super) fn quiet(&mut self, space: SpaceId) -> Done {
        match self.giving.get_mut(&space) {
            Some(giving) if giving.quiet.is_none() => giving.quiet = Some(Quiet::from(giving.at)),
            None if self.offered.contains(&space) && self.hushed.insert(space) => {}
            // Said twice, or of what was never offered.
            _ => self.bear(1)?,
        }
        Ok(())
    }

    /// Looks at what has arrived: what was written here is sent, the rest named when it is time. Whether there may be more.
    pub(super) fn step_quiet(
        &mut self,
        space: SpaceId,
        newest: Arrival,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Result<bool, Halt> {
        let Some(giving) = self.giving.get_mut(&space) else { return Ok(false) };
        let Some(mut quiet) = giving.quiet.take() else { return Ok(false) };
        let since = giving.since;
        let own = self.look(space, since, &mut quiet, env)?;
        let is_sent = !own.ops.is_empty();
        let withheld = own.withheld;
        if is_sent {
            self.repairs_in_flight += super::give::send_batch(space, None, own, out);
        }
        quiet.waits_ms.get_or_insert(env.now_ms);
        let is_due = quiet.due_ms(self.first_name_ms()).is_some_and(|due_ms| env.now_ms >= due_ms);
        let is_full = quiet.names.len() > NAMES_MAX - LOOK_MAX;
        let is_told = is_sent || is_full || is_due;
        let looked = quiet.looked;
        let Some(giving) = self.giving.get_mut(&space) else { return Ok(false) };
        giving.withheld |= withheld;
        if is_told {
            let upto = Place { epoch: env.store.epoch()?, at: looked.0 };
            (quiet.waits_ms, quiet.told_ms) = (None, env.now_ms);
            let mut names = std::mem::take(&mut quiet.names);
            // What the peer has named meanwhile it has.
            names.retain(|(_, id)| !self.known.is_the_peers(id));
            let all = names.len();
            // A right may have been lost while they were gathered.
            let may = |stream: &StreamId| self.rights.share(env.view, &space, stream) == Share::Everything;
            let ops: Vec<OpId> =
                names.into_iter().filter(|(stream, _)| may(stream)).map(|(_, id)| id).collect();
            giving.withheld |= ops.len() < all;
            self.counts.named += ops.len() as u64;
            giving.at = looked;
            giving.sent = giving.sent.max(looked);
            giving.in_flight.push_back(looked);
            self.in_flight += 1;
            out.push(Action::Send(Frame::Names(Names { space, upto, ops })));
        }
        giving.quiet = Some(quiet);
        Ok(looked < newest || is_told)
    }

    fn look(
        &mut self,
        space: SpaceId,
        since: Arrival,
        quiet: &mut Quiet,
        env: &Env<'_>,
    ) -> Result<Batch, StoreFault> {
        let source = super::Source { view: env.view, store: env.store, rights: &self.rights };
        let mut own = Batch::default();
        let Arrivals { rows, end } = arrivals(env.store, &space, quiet.looked, LOOK_MAX)?;
        for (arrival, id) in rows {
            if own.is_full() {
                return Ok(own);
            }
            quiet.looked = arrival;
            let Some(stored) = env.store.op(&id)?.filter(|_| !self.known.is_the_peers(&id)) else {
                continue;
            };
            let header = &stored.op.header;
            let is_sent = env.view.local_devices.contains(&header.author)
                || !header.stream.is_channel()
                || self.rights.share(env.view, &space, &header.stream) != Share::Everything;
            if is_sent {
                source.add(&mut self.known, &mut own, &space, &stored, arrival > since)?;
            } else {
                quiet.names.push((header.stream, id));
            }
        }
        quiet.looked = end.unwrap_or(quiet.looked);
        Ok(own)
    }

    /// Sends some of what was named. What the peer may not have whole is passed over, as if it were not here.
    pub(super) fn need(&mut self, need: Need, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        self.bear(1)?;
        let waits = |repair: &Repair| matches!(repair, Repair::Ops(space, _) if *space == need.space);
        // Who asks faster than it is given asks again.
        if !self.repairs.iter().any(waits) {
            self.repairs.push_back(Repair::Ops(need.space, need.ops.into()));
        }
        self.pump(env, out)
    }

    /// The next batch of what was needed, and what is left of it for later.
    pub(super) fn needed(
        &mut self,
        space: &SpaceId,
        mut ops: VecDeque<OpId>,
        env: &Env<'_>,
    ) -> Result<(Batch, VecDeque<OpId>), StoreFault> {
        let source = super::Source { view: env.view, store: env.store, rights: &self.rights };
        let mut batch = Batch::default();
        while !batch.is_full()
            && let Some(id) = ops.pop_front()
        {
            let Some(stored) = env.store.op(&id)?.filter(|stored| stored.op.space() == *space) else {
                continue;
            };
            if self.rights.share(env.view, space, &stored.op.header.stream) == Share::Everything {
                source.put(&mut self.known, &mut batch, &stored)?;
            }
        }
        Ok((batch, ops))
    }
}

// The taker.
impl Link {
    /// Wants a space, at once or when those that are ahead have caught up.
    pub(super) fn ask_turn(&mut self, space: SpaceId, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        // What a relay keeps is written to it by whoever comes; accounts are few; who was shown an invite waits for it.
        let at_once = self.setup.role == Role::Relay || space == SpaceId::NONE || !self.asked.is_empty();
        if at_once {
            return self.turn(space, false, env, out);
        }
        out.push(Action::AskTurn(space));
        Ok(())
    }

    pub(super) fn turn(&mut self, space: SpaceId, among: bool, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let asked = self.taking.get(&space).is_some_and(|taking| !taking.wanted);
        if !asked {
            out.push(Action::TurnOver { space, caught_up: false });
            return Ok(());
        }
        let among = among && !self.is_feeding(&space);
        let want = self.wanted(space, env)?;
        if let Some(taking) = self.taking.get_mut(&space) {
            taking.wanted = true;
            taking.calm.quiet = among;
            taking.calm.turn = Some(Turn { begun_ms: env.now_ms, news_ms: env.now_ms });
        }
        if among {
            out.push(Action::Send(Frame::Quiet(space)));
        }
        out.push(Action::Send(want));
        Ok(())
    }

    /// The next link may catch up.
    pub(super) fn turn_over(&mut self, space: SpaceId, out: &mut Vec<Action>) {
        let Some(taking) = self.taking.get_mut(&space) else { return };
        if taking.calm.turn.take().is_some() || taking.caught_up {
            out.push(Action::TurnOver { space, caught_up: taking.caught_up });
        }
    }

    pub(super) fn take_no_more(&mut self, space: SpaceId, out: &mut Vec<Action>) {
        if self.taking.remove(&space).is_some() {
            out.push(Action::TurnOver { space, caught_up: false });
        }
    }

    /// Whether what comes is news: of several feeds those that bring little else than what is here are asked to be quiet, and the
    /// last of them where it brings next to nothing. With none at all, whoever has no link to an author hears them late.
    pub(super) fn weigh(
        &mut self,
        space: SpaceId,
        is_feed: bool,
        before: Counts,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) {
        let news = self.counts.news - before.news;
        let [passed_on, again] = [0, 1].map(|at| self.counts.passed_on[at] - before.passed_on[at]);
        let is_relay = self.setup.role == Role::Relay;
        let Some(taking) = self.taking.get_mut(&space).filter(|_| space != SpaceId::NONE) else { return };
        if let Some(turn) = taking.calm.turn.as_mut().filter(|_| news > 0) {
            turn.news_ms = env.now_ms;
        }
        if !is_feed || taking.calm.quiet || !taking.caught_up {
            return;
        }
        let worth = &mut taking.calm.worth;
        if passed_on > worth.untold {
            out.push(Action::Feeds(space));
            worth.untold = TELL_EACH;
        }
        worth.untold = worth.untold.saturating_sub(passed_on);
        let again = if env.now_ms < worth.repeats_until_ms { 0 } else { again };
        if worth.weigh(passed_on, again) {
            let idle = worth.idle >= QUIET_AFTER;
            worth.score = 0;
            // Everybody comes to a relay by themselves: it does not depend on one of them.
            if is_relay {
                self.rest(space, out);
            } else {
                out.push(Action::AskQuiet { space, idle });
            }
        }
    }

    /// Has a feed be quiet.
    pub(super) fn rest(&mut self, space: SpaceId, out: &mut Vec<Action>) {
        let feed = self.taking.get_mut(&space).filter(|taking| taking.caught_up && !taking.calm.quiet);
        if let Some(taking) = feed {
            taking.calm.quiet = true;
            taking.calm.worth = Worth::default();
            out.push(Action::Send(Frame::Quiet(space)));
        }
    }

    pub(super) fn names(&mut self, names: Names, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let Names { space, upto, ops } = names;
        // What was on its way when the feed was wanted again.
        if !self.taking.get(&space).is_some_and(|taking| taking.calm.quiet && taking.full_ms.is_none()) {
            return Ok(());
        }
        let mut lacking = Vec::new();
        for id in ops {
            self.known.came_from_peer(id);
            if !env.store.has_op(&id)? {
                lacking.push(id);
            }
        }
        if let Some(taking) = self.taking.get_mut(&space) {
            taking.calm.named.push_back(Named { upto, lacking, since_ms: env.now_ms });
            if taking.calm.named.len() > NAMED_MAX {
                return Err(Halt::Close(CloseReason::Greedy));
            }
        }
        self.settle_one(space, env, out)
    }

    /// What was named may be here by now, or be lacking for too long.
    pub(super) fn settle(
        &mut self,
        spaces: Option<&BTreeSet<SpaceId>>,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Done {
        let named = self.taking.iter().filter(|(_, taking)| !taking.calm.lacks_nothing());
        let named = named.filter(|(space, _)| spaces.is_none_or(|spaces| spaces.contains(*space)));
        let named: Vec<SpaceId> = named.map(|(space, _)| *space).collect();
        named.into_iter().try_for_each(|space| self.settle_one(space, env, out))
    }

    fn settle_one(&mut self, space: SpaceId, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let Some(taking) = self.taking.get_mut(&space) else { return Ok(()) };
        let here = taking.settled(env)?;
        if let Some(upto) = here {
            self.integrate(space, Some(upto), Vec::new(), Vec::new(), out);
        }
        let patience_ms = self.late_after_ms();
        let Some(taking) = self.taking.get_mut(&space) else { return Ok(()) };
        if taking.calm.late_ms(patience_ms).is_none_or(|late_ms| env.now_ms < late_ms) {
            return Ok(());
        }
        // Once is bad luck. Twice says that nobody brings it any more.
        let asked_ms = std::mem::replace(&mut taking.calm.asked_ms, env.now_ms);
        let is_again = env.now_ms.saturating_sub(asked_ms) <= LATELY_MS;
        if let Some(named) = taking.calm.named.front_mut() {
            named.since_ms = env.now_ms;
            let is_much = named.lacking.len() > OPS_MAX;
            let ops: Vec<OpId> = named.lacking.iter().take(OPS_MAX).copied().collect();
            if !((is_much || is_again) && self.graft(space, is_much, env, out)?) {
                out.push(Action::Send(Frame::Need(Need { space, ops })));
            }
        }
        Ok(())
    }

    /// How long what was named may come by another link before it is asked for. Unlike on each link, and nobody's to know: where
    /// many have named it one asks first, and it is here before most of the others would.
    fn late_after_ms(&self) -> u64 {
        let [one, other, ..] = self.setup.blind;
        LATE_MS + u64::from(u16::from_be_bytes([one, other])) % SPREAD_MS
    }

    /// How long a name waits where none was told for a while. Unlike on each link: of many one tells it soon, and of two sides the
    /// one that does spares the other the telling.
    fn first_name_ms(&self) -> u64 {
        let [.., one, other] = self.setup.blind;
        FIRST_NAME_MS + u64::from(u16::from_be_bytes([one, other])) % FIRST_SPREAD_MS
    }

    /// Another link is gone: whatever came by it must come by this one now.
    pub(super) fn fewer(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let quiet = self.taking.iter().filter(|(_, taking)| taking.calm.quiet);
        let quiet: Vec<SpaceId> = quiet.map(|(space, _)| *space).collect();
        for space in quiet {
            self.graft(space, false, env, out)?;
        }
        Ok(())
    }

    /// A node that is wanted as a feed wants one in return: what came from its own side of a cut goes the other way.
    pub(super) fn feed_in_return(&mut self, space: SpaceId, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let is_quiet = self.taking.get(&space).is_some_and(|taking| taking.calm.quiet);
        if is_quiet && self.is_feeding(&space) {
            self.graft(space, false, env, out)?;
        }
        Ok(())
    }

    fn is_feeding(&self, space: &SpaceId) -> bool {
        let among_nodes =
            self.setup.role == Role::Node && self.hello.as_ref().is_some_and(|hello| !hello.relay);
        among_nodes && self.giving.get(space).is_some_and(|giving| giving.quiet.is_none())
    }

    // The feed again, from the place it has come to. Where there is none it begins from the start: only where much is lacking.
    fn graft(
        &mut self,
        space: SpaceId,
        at_any_cost: bool,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Result<bool, Halt> {
        let has_place = self.feed_place(&space, env)?.is_some();
        let Some(taking) = self.taking.get_mut(&space) else { return Ok(false) };
        let is_cheap = taking.caught_up && has_place;
        if !is_cheap && !at_any_cost {
            return Ok(false);
        }
        taking.calm.quiet = false;
        taking.calm.worth = Worth { repeats_until_ms: env.now_ms + CATCHES_UP_MS, ..Worth::default() };
        taking.calm.named.clear();
        let want = self.wanted(space, env)?;
        out.push(Action::Send(want));
        Ok(true)
    }
}

impl Taking {
    /// How far everything that was named is here, where it is further than before.
    fn settled(&mut self, env: &Env<'_>) -> Result<Option<Place>, StoreFault> {
        let mut upto = None;
        while let Some(named) = self.calm.named.front_mut() {
            let mut lacking = Vec::new();
            for id in std::mem::take(&mut named.lacking) {
                if !env.store.has_op(&id)? {
                    lacking.push(id);
                }
            }
            if !lacking.is_empty() {
                named.lacking = lacking;
                break;
            }
            upto = Some(named.upto);
            self.calm.named.pop_front();
        }
        Ok(upto)
    }
}

/// How long names are gathered, after some were told ..
const NAMES_MS: u64 = 500;
/// .. and where none were for so long, the first of them waits this ..
const FIRST_NAME_MS: u64 = 50;
/// .. and up to so much more, each link its own.
const FIRST_SPREAD_MS: u64 = 400;
/// How long what was named may come by another link before it is asked for: about a round trip ..
const LATE_MS: u64 = 200;
/// .. and up to so much more, each link its own.
const SPREAD_MS: u64 = 800;
/// A link is asked for what is late no more often: less than its giver's patience grows.
const ASK_AGAIN_MS: u64 = 500;
/// What is late again within so long makes the link want the feed again.
const LATELY_MS: u64 = 3_000;
/// So many more repeats than news say that others are faster.
const QUIET_AFTER: u64 = 16;
/// Within so long a feed that is wanted again has brought what came meanwhile.
const CATCHES_UP_MS: u64 = 1_000;
/// A feed that brings news says so of the first, and of one in so many.
const TELL_EACH: u64 = 8;
/// Where less than one in so many and one of what a feed brings is news, that is next to nothing.
const NEXT_TO_NOTHING: u64 = 7;
/// Arrivals that are looked at for one step.
const LOOK_MAX: usize = 256;
/// Frames of names that may wait for their ops: more than an honest giver's window.
const NAMED_MAX: usize = 64;
/// Who brings nothing new for so long lets the next one try ..
const STALL_MS: u64 = 3_000;
/// .. and so does who brings very much.
const TURN_MS: u64 = 10_000;
