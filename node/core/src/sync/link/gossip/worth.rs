//! What a feed is worth: one that brings little else than what is here is asked to be quiet.

use super::Counts;
use crate::sync::frame::{Frame, Role};
use crate::sync::link::{Action, Env, Link};
use nexus_crdt::id::SpaceId;

/// What a feed is worth, by what its giver did not write itself: that comes in any case.
#[derive(Debug, Default)]
pub(super) struct Worth {
    /// Until then it repeats what came while it was quiet, Unix ms.
    repeats_until_ms: u64,
    /// News that are still to come before it is said again that it brings some.
    untold: u64,
    /// Ops that came and were here, less those that were not.
    score: u64,
    /// .. and less as many times [`NEXT_TO_NOTHING`].
    idle: u64,
}

impl Worth {
    /// Of a feed that is wanted again.
    pub(super) fn anew(now_ms: u64) -> Self {
        Self { repeats_until_ms: now_ms + CATCHES_UP_MS, ..Self::default() }
    }

    /// Whether so much more has come in vain that the feed may be too much.
    const fn weigh(&mut self, news: u64, repeats: u64) -> bool {
        self.score = (self.score + repeats).saturating_sub(news);
        self.idle = (self.idle + repeats).saturating_sub(news * NEXT_TO_NOTHING);
        self.score >= QUIET_AFTER || self.idle >= QUIET_AFTER
    }
}

impl Link {
    /// Whether what comes is news: of several feeds those that bring little else than what is here are asked to be quiet, and the
    /// last of them where it brings next to nothing. With none at all, whoever has no link to an author hears them late.
    pub(in crate::sync::link) fn weigh(
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
    pub(in crate::sync::link) fn rest(&mut self, space: SpaceId, out: &mut Vec<Action>) {
        let feed = self.taking.get_mut(&space).filter(|taking| taking.caught_up && !taking.calm.quiet);
        if let Some(taking) = feed {
            taking.calm.quiet = true;
            taking.calm.worth = Worth::default();
            out.push(Action::Send(Frame::Quiet(space)));
        }
    }
}

/// So many more repeats than news say that others are faster.
const QUIET_AFTER: u64 = 16;
/// Where less than one in so many and one of what a feed brings is news, that is next to nothing.
const NEXT_TO_NOTHING: u64 = 7;
/// A feed that brings news says so of the first, and of one in so many.
const TELL_EACH: u64 = 8;
/// Within so long a feed that is wanted again has brought what came meanwhile.
const CATCHES_UP_MS: u64 = 1_000;
