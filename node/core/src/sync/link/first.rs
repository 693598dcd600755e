//! Who does not take everything in order reads first. Of a space that is new here, its people and what is known of them (in a guild of 100,000
//! some hundred megabytes) wait until the newest pages are here, which bring along who wrote in them.

use super::give::{Giving, send_batch};
use super::repair::WINDOW_BESIDE_A_READER;
use super::{Action, Done, Env, Link, Source};
use crate::store::Arrival;
use crate::sync::feed::{Batch, Known};
use crate::sync::frame::{Heads, Role};
use nexus_crdt::id::SpaceId;
use std::collections::BTreeMap;

/// What waits until somebody here reads.
#[derive(Debug, Default)]
pub(super) struct First {
    spaces: BTreeMap<SpaceId, Awaited>,
    /// The feed of accounts was offered, and is not wanted yet.
    accounts: bool,
    /// The giver's side: when the peer last showed an invite, Unix ms ..
    shown_ms: Option<u64>,
    /// .. and that its feed of accounts waits for what it is about to read.
    held_back: bool,
}

/// A space that is new here.
#[derive(Debug)]
struct Awaited {
    since_ms: u64,
    /// Nothing is left to be read first: its pages are here, or it has none.
    read: bool,
    /// What the giver holds of it.
    heads: Option<Heads>,
    /// Somebody here has joined, and said so unasked.
    came_in: bool,
}

// The giver.
impl Link {
    /// The peer showed an invite: of the people behind it, it may know all from now on.
    pub(super) fn comes_in(&mut self, env: &Env<'_>) {
        self.first.shown_ms = Some(env.now_ms);
    }

    /// Whether the feed of accounts waits, before it has come to what is new: somebody comes in at the other end, and reads first. It
    /// may have been wanted before the invite was shown, and then the taker cannot let it wait. Later it leaves the way free for them.
    pub(super) fn accounts_are_held_back(&mut self, env: &Env<'_>) -> bool {
        let is_new = |shown_ms: u64| env.now_ms.saturating_sub(shown_ms) <= PATIENCE_MS;
        let comes_in = self.rights.is_a_guest() && self.first.shown_ms.is_some_and(is_new);
        let is_read = self.is_read(env);
        let waits = |giving: &Giving| {
            let is_in_the_way = is_read && giving.in_flight.len() >= WINDOW_BESIDE_A_READER;
            !giving.compared && (comes_in || is_in_the_way || self.has_pages_to_give())
        };
        self.first.held_back = self.giving.get(&SpaceId::NONE).is_some_and(waits);
        self.first.held_back
    }

    /// Lines up the feed of accounts that was held back.
    pub(super) fn give_accounts_again(&mut self) {
        if std::mem::take(&mut self.first.held_back) {
            self.line_up(SpaceId::NONE);
        }
    }
}

// The taker.
impl Link {
    /// A space was offered that nobody here has anything of.
    pub(super) fn read_first(&mut self, space: SpaceId, env: &Env<'_>) {
        let is_new = space != SpaceId::NONE && !env.view.guilds.contains_key(&space);
        if is_new && self.setup.role == Role::Node {
            let awaited = Awaited { since_ms: env.now_ms, read: false, heads: None, came_in: false };
            self.first.spaces.insert(space, awaited);
        }
    }

    /// Whether somebody here is about to read a space that was new here.
    pub(super) fn reads_first(&self, space: &SpaceId) -> bool {
        self.first.spaces.contains_key(space)
    }

    /// Somebody here has joined a space that was new here: their join goes out unasked, right behind its offer, and what they ask for
    /// beside it can be given at once. That saves two ways there and back. In the feed, once that is wanted, it comes once more: what the
    /// peer has, its answer to the feed says.
    pub(super) fn come_in(&mut self, space: &SpaceId, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let has_come = self.first.spaces.get(space).is_none_or(|awaited| awaited.came_in);
        if has_come || self.giving.contains_key(space) || !self.offered.contains(space) || !is_in(space, env)
        {
            return Ok(());
        }
        let Some(Arrival(first)) = env.store.outbox_from(space)? else { return Ok(()) };
        let source = Source { view: env.view, store: env.store, rights: &self.rights };
        let (mut batch, mut known) = (Batch::default(), Known::new());
        for (_, id) in env.store.arrivals(space, Arrival(first.saturating_sub(1)), COMING_IN_MAX)? {
            if let Some(stored) = env.store.op(&id)?
                && env.view.local_devices.contains(&stored.op.header.author)
            {
                source.put(&mut known, &mut batch, &stored)?;
            }
        }
        if let Some(awaited) = self.first.spaces.get_mut(space) {
            awaited.came_in = true;
        }
        if !batch.ops.is_empty() {
            self.repairs_in_flight += send_batch(*space, None, batch, out);
        }
        Ok(())
    }

    /// A space is given in order: with everything that anything in it needs.
    pub(super) fn comes_in_order(&mut self, space: &SpaceId) {
        if self.taking.get(space).is_some_and(|taking| taking.follows) {
            self.first.spaces.remove(space);
        }
    }

    /// Whether the feed of accounts waits. A store that was set back needs it before anything else.
    pub(super) fn accounts_wait(&mut self, env: &Env<'_>) -> bool {
        let waits = !self.first.spaces.is_empty() && env.view.set_back.is_empty();
        self.first.accounts |= waits;
        waits
    }

    /// Whether what a giver holds of a space's people is looked at later.
    pub(super) fn people_wait(&mut self, heads: &Heads, tails: usize, env: &Env<'_>) -> bool {
        let is_in = is_in(&heads.space, env);
        let Some(awaited) = self.first.spaces.get_mut(&heads.space) else { return false };
        awaited.heads = Some(heads.clone());
        awaited.read |= is_in && tails == 0;
        true
    }

    /// A page of a space was settled, or given up.
    pub(super) fn was_read(&mut self, space: &SpaceId) {
        let more = self.asks_for_pages_of(space);
        if let Some(awaited) = self.first.spaces.get_mut(space) {
            awaited.read |= !more;
        }
    }

    /// Has brought what waited, once it need not wait any more.
    pub(super) fn bring_the_rest(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let is_over =
            |awaited: &Awaited| awaited.read || env.now_ms.saturating_sub(awaited.since_ms) > PATIENCE_MS;
        let over: Vec<SpaceId> = self
            .first
            .spaces
            .iter()
            .filter(|(_, awaited)| is_over(awaited))
            .map(|(space, _)| *space)
            .collect();
        for space in over {
            let heads = self.first.spaces.remove(&space).and_then(|awaited| awaited.heads);
            heads.map_or(Ok(()), |heads| self.mend(&heads, env, out))?;
        }
        if self.first.spaces.is_empty() && std::mem::take(&mut self.first.accounts) {
            self.ask_turn(SpaceId::NONE, env, out)?;
        }
        Ok(())
    }
}

pub(super) fn is_in(space: &SpaceId, env: &Env<'_>) -> bool {
    env.view.own_spaces.contains(space)
}

/// After so long the rest comes whether anything was read or not: nobody may have been let in, or a page may not come.
const PATIENCE_MS: u64 = 15_000;
/// Ops of one's own that go out unasked with a join: mostly it is the only one.
const COMING_IN_MAX: usize = 16;
