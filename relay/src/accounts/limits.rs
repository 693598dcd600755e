//! How often somebody may try. Token buckets in memory; what is kept of each name is bounded.

use nexus_api::ports::AuthRefusal;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tries that are left.
#[derive(Default)]
pub(super) struct Limits {
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    names: BTreeMap<String, Bucket>,
    registering: Option<Bucket>,
    refreshing: Option<Bucket>,
}

#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// How a bucket fills.
#[derive(Clone, Copy)]
struct Rate {
    burst: f64,
    every: Duration,
}

/// Wrong or right, for one name: a person mistypes now and then, a machine guesses.
const LOGIN: Rate = Rate { burst: 10.0, every: Duration::from_secs(6) };
/// On the whole relay.
const REGISTER: Rate = Rate { burst: 60.0, every: Duration::from_secs(1) };
/// On the whole relay.
const REFRESH: Rate = Rate { burst: 500.0, every: Duration::from_millis(10) };
/// Names that are remembered; beyond it those that are full again are forgotten.
const NAMES_MAX: usize = 4_096;

impl Limits {
    pub(super) fn enters(&self, name: &str, now: Instant) -> Result<(), AuthRefusal> {
        let mut buckets = self.lock();
        if buckets.names.len() >= NAMES_MAX {
            buckets.names.retain(|_, bucket| bucket.filled(LOGIN, now).left < LOGIN.burst);
        }
        if buckets.names.len() >= NAMES_MAX && !buckets.names.contains_key(name) {
            return Err(AuthRefusal::Later { retry_ms: 1_000 });
        }
        // A name nobody has is limited like any other.
        let key: String = name.chars().take(64).collect();
        let bucket = buckets.names.entry(key).or_insert(Bucket { left: LOGIN.burst, at: now });
        bucket.take(LOGIN, now)
    }

    pub(super) fn registers(&self, now: Instant) -> Result<(), AuthRefusal> {
        let full = Bucket { left: REGISTER.burst, at: now };
        self.lock().registering.get_or_insert(full).take(REGISTER, now)
    }

    pub(super) fn refreshes(&self, now: Instant) -> Result<(), AuthRefusal> {
        let full = Bucket { left: REFRESH.burst, at: now };
        self.lock().refreshing.get_or_insert(full).take(REFRESH, now)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    fn filled(self, rate: Rate, now: Instant) -> Self {
        let gained = now.saturating_duration_since(self.at).div_duration_f64(rate.every);
        Self { left: (self.left + gained).min(rate.burst), at: now }
    }

    fn take(&mut self, rate: Rate, now: Instant) -> Result<(), AuthRefusal> {
        *self = self.filled(rate, now);
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Ok(());
        }
        let wait = rate.every.mul_f64(1.0 - self.left);
        Err(AuthRefusal::Later { retry_ms: u64::try_from(wait.as_millis()).unwrap_or(1_000).max(1) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_tried_ten_times_at_once_and_then_every_six_seconds() {
        let (limits, now) = (Limits::default(), Instant::now());
        assert!((0..10).all(|_| limits.enters("ann", now).is_ok()));
        assert!(
            matches!(limits.enters("ann", now), Err(AuthRefusal::Later { retry_ms }) if retry_ms <= 6_000)
        );
        assert_eq!(limits.enters("bea", now), Ok(()), "another name is another matter");
        assert_eq!(limits.enters("ann", now + LOGIN.every), Ok(()));
    }

    #[test]
    fn names_without_end_take_no_more_room() {
        let (limits, now) = (Limits::default(), Instant::now());
        for number in 0..10_000 {
            let _ = limits.enters(&format!("name{number}"), now);
        }
        assert!(limits.lock().names.len() <= NAMES_MAX);
        assert_eq!(limits.enters("later", now + Duration::from_secs(3_600)), Ok(()));
    }
}
