//! How fast one account may ask, as Discord's libraries know it: a bucket for each route and the thing it is about, all of a
//! bot's requests together, and those that are refused.
//!
//! The numbers are what this program bears, not Discord's: a library learns them from the headers, and waits before it is
//! refused. No clock here; `now_ms` comes in.

use nexus_crdt::id::UserId;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Who is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Who {
    /// An account.
    Account(UserId),
    /// Who holds a link that needs no account: a webhook's or an interaction's number.
    Link(u64),
    /// Somebody without either.
    Address(IpAddr),
}

/// So many in so long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rate {
    /// Requests ..
    pub(crate) most: u32,
    /// .. in a window of so many ms, which begins with the first of them.
    pub(crate) window_ms: u64,
}

/// All requests of one bot: 50 a second, as on Discord.
pub(crate) const GLOBAL: Rate = Rate { most: 50, window_ms: 1_000 };
/// Requests answered 401, 403 or 429: 10,000 in 10 minutes, as on Discord.
pub(crate) const INVALID: Rate = Rate { most: 10_000, window_ms: 600_000 };
/// Reads of one route and thing.
pub(crate) const READS: Rate = Rate { most: 500, window_ms: 10_000 };
/// Writes of one route and thing; what a guild allows its authors comes on top.
pub(crate) const WRITES: Rate = Rate { most: 300, window_ms: 10_000 };

/// Windows kept at a time. Past it those that have ended go, and if that is not enough, all: nobody is refused for want of room.
const WINDOWS_MAX: usize = 16_384;

/// What a window counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Counted {
    Route(u64),
    Everything,
    Refusals,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    ends_ms: u64,
    spent: u32,
}

/// How an asker stands with a bucket after a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Standing {
    /// Requests in a window.
    pub(crate) limit: u32,
    /// Those left in this one.
    pub(crate) remaining: u32,
    /// When the next begins.
    pub(crate) reset_ms: u64,
}

/// Not now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Wait {
    /// How long.
    pub(crate) retry_ms: u64,
    /// Whether for every route.
    pub(crate) global: bool,
}

/// Who has asked how much.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    windows: BTreeMap<(Who, Counted), Window>,
}

impl Limits {
    /// One request to a bucket.
    ///
    /// # Errors
    /// [`Wait`], with how the asker stands with the bucket.
    pub(crate) fn ask(
        &mut self,
        who: Who,
        bucket: u64,
        rate: Rate,
        now_ms: u64,
    ) -> Result<Standing, (Wait, Standing)> {
        let window = self.window(who, Counted::Route(bucket), rate, now_ms);
        let reset_ms = window.ends_ms - now_ms;
        let standing = |spent| Standing { limit: rate.most, remaining: rate.most - spent, reset_ms };
        if window.spent >= rate.most {
            return Err((Wait { retry_ms: reset_ms, global: false }, standing(rate.most)));
        }
        window.spent += 1;
        Ok(standing(window.spent))
    }

    /// One request of all that a bot makes.
    ///
    /// # Errors
    /// [`Wait`].
    pub(crate) fn ask_at_all(&mut self, who: Who, now_ms: u64) -> Result<(), Wait> {
        let window = self.window(who, Counted::Everything, GLOBAL, now_ms);
        if window.spent >= GLOBAL.most {
            return Err(Wait { retry_ms: window.ends_ms - now_ms, global: true });
        }
        window.spent += 1;
        Ok(())
    }

    /// Whether somebody has been refused so often that they are not heard for a while.
    ///
    /// # Errors
    /// [`Wait`].
    pub(crate) fn is_heard(&self, who: Who, now_ms: u64) -> Result<(), Wait> {
        match self.windows.get(&(who, Counted::Refusals)) {
            Some(window) if window.ends_ms > now_ms && window.spent >= INVALID.most => {
                Err(Wait { retry_ms: window.ends_ms - now_ms, global: true })
            }
            _ => Ok(()),
        }
    }

    /// A request was answered 401, 403 or 429.
    pub(crate) fn refused(&mut self, who: Who, now_ms: u64) {
        let window = self.window(who, Counted::Refusals, INVALID, now_ms);
        window.spent = window.spent.saturating_add(1);
    }

    fn window(&mut self, who: Who, counted: Counted, rate: Rate, now_ms: u64) -> &mut Window {
        if self.windows.len() >= WINDOWS_MAX && !self.windows.contains_key(&(who, counted)) {
            self.windows.retain(|_, window| window.ends_ms > now_ms);
            if self.windows.len() >= WINDOWS_MAX {
                self.windows.clear();
            }
        }
        let fresh = Window { ends_ms: now_ms + rate.window_ms, spent: 0 };
        let window = self.windows.entry((who, counted)).or_insert(fresh);
        if window.ends_ms <= now_ms {
            *window = fresh;
        }
        window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Who = Who::Account(UserId([1; 32]));
    const TWO: Rate = Rate { most: 2, window_ms: 1_000 };

    #[test]
    fn a_bucket_tells_what_is_left_and_opens_again_when_its_window_ends() {
        let mut limits = Limits::default();
        assert_eq!(limits.ask(ANN, 7, TWO, 100), Ok(Standing { limit: 2, remaining: 1, reset_ms: 1_000 }));
        assert_eq!(limits.ask(ANN, 7, TWO, 600).map(|standing| standing.remaining), Ok(0));
        let (wait, standing) = limits.ask(ANN, 7, TWO, 700).unwrap_err();
        assert_eq!(wait, Wait { retry_ms: 400, global: false });
        assert_eq!(standing.remaining, 0);
        assert!(limits.ask(ANN, 8, TWO, 700).is_ok(), "another bucket is another matter");
        assert!(limits.ask(Who::Link(1), 7, TWO, 700).is_ok(), "and so is another asker");
        assert!(limits.ask(ANN, 7, TWO, 1_100).is_ok());
    }

    #[test]
    fn a_bot_s_fifty_first_request_in_a_second_waits_whatever_it_is_for() {
        let mut limits = Limits::default();
        assert!((0..50).all(|_| limits.ask_at_all(ANN, 0).is_ok()));
        assert_eq!(limits.ask_at_all(ANN, 400), Err(Wait { retry_ms: 600, global: true }));
        assert!(limits.ask_at_all(ANN, 1_000).is_ok());
    }

    #[test]
    fn who_was_refused_ten_thousand_times_is_not_heard_until_the_window_ends() {
        let mut limits = Limits::default();
        (0..INVALID.most).for_each(|_| limits.refused(ANN, 5));
        assert_eq!(limits.is_heard(ANN, 5), Err(Wait { retry_ms: 600_000, global: true }));
        assert_eq!(limits.is_heard(ANN, 600_005), Ok(()));
    }

    #[test]
    fn strangers_in_any_number_take_a_bounded_room() {
        let mut limits = Limits::default();
        for link in 0..50_000 {
            assert!(limits.ask(Who::Link(link), 1, TWO, 0).is_ok());
        }
        assert!(limits.windows.len() <= WINDOWS_MAX);
    }
}
