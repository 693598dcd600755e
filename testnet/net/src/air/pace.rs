//! How much the line of a house carries: what comes faster waits its turn, and what there is no room for is lost.

use std::time::Duration;

/// A line, each way by itself.
pub(super) struct Pace {
    bits_per_s: u64,
    /// When it has sent what waits: outward, inward.
    free: [Duration; 2],
}

impl Pace {
    pub(super) const fn of(bits_per_s: u64) -> Self {
        Self { bits_per_s, free: [Duration::ZERO; 2] }
    }

    /// When a frame of so many bytes that comes now is through; none where too much waits already.
    pub(super) fn through(&mut self, inward: bool, length: usize, now: Duration) -> Option<Duration> {
        let free = &mut self.free[usize::from(inward)];
        let begins = now.max(*free);
        if begins - now > QUEUE {
            return None;
        }
        *free = begins + Duration::from_secs_f64(length as f64 * 8.0 / self.bits_per_s as f64);
        Some(*free)
    }
}

/// What waits before a line, in time: as much as the modems and base stations of people are known to hold back (RFC 8290, 1).
const QUEUE: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_carries_what_it_can_and_loses_what_does_not_wait() {
        let mut line = Pace::of(1_000_000);
        // 125 bytes are a millisecond; a thousand of them come at once.
        let through: Vec<Duration> =
            (0..1_000).filter_map(|_| line.through(true, 125, Duration::ZERO)).collect();
        assert_eq!(through.len(), 501);
        assert_eq!(through.first(), Some(&Duration::from_millis(1)));
        assert!(through.is_sorted() && through.last() <= Some(&Duration::from_millis(502)));
        assert_eq!(
            line.through(false, 125, Duration::ZERO),
            Some(Duration::from_millis(1)),
            "the other way is free"
        );
        let later = Duration::from_secs(10);
        assert_eq!(line.through(true, 125, later), Some(later + Duration::from_millis(1)));
    }
}
