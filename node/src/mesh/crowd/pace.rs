//! How fast handshakes may begin: of one address, and of all that come by UDP or by anything else. Each costs signatures, so it
//! is asked before any is made. Token buckets, as the generic cell rate algorithm keeps them (ITU-T I.371): all that is kept of
//! one is when it will be full again.

use super::{Full, Whence};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// How a bucket fills.
#[derive(Clone, Copy, Debug)]
struct Rate {
    burst: u32,
    every: Duration,
}

/// Of one address, a household or an office: all of them may come back at once, and 16 a second go on.
const OF_ADDRESS: Rate = Rate { burst: 64, every: Duration::from_micros(62_500) };
/// Of all that come by UDP, where an address can be made up, and as much of everything else: 512 a second.
const OF_ALL: Rate = Rate { burst: 1_024, every: Duration::from_micros(1_953) };
/// Addresses whose bucket is not full that are remembered; who comes beyond them is only one of all.
const ADDRESSES_MAX: usize = 4_096;

/// When buckets will be full again.
#[derive(Debug, Default)]
pub(super) struct Pace {
    addresses: BTreeMap<IpAddr, Instant>,
    by_udp: Option<Instant>,
    by_else: Option<Instant>,
}

impl Pace {
    /// Somebody begins a handshake; whether they may.
    pub(super) fn begins(&mut self, whence: Whence, now: Instant) -> Result<(), Full> {
        let all = if whence.by_udp { self.by_udp } else { self.by_else };
        let all = OF_ALL.take(all, now).ok_or(Full::Pace)?;
        if let Some(address) = whence.address {
            self.begins_at(address, now)?;
        }
        *(if whence.by_udp { &mut self.by_udp } else { &mut self.by_else }) = Some(all);
        Ok(())
    }

    fn begins_at(&mut self, address: IpAddr, now: Instant) -> Result<(), Full> {
        let full = OF_ADDRESS.take(self.addresses.get(&address).copied(), now).ok_or(Full::PaceOfAddress)?;
        if self.addresses.len() >= ADDRESSES_MAX {
            self.addresses.retain(|_, full| *full > now);
        }
        if self.addresses.len() < ADDRESSES_MAX || self.addresses.contains_key(&address) {
            self.addresses.insert(address, full);
        }
        Ok(())
    }
}

impl Rate {
    /// When the bucket will be full again after one more; none where nothing is in it.
    fn take(self, full: Option<Instant>, now: Instant) -> Option<Instant> {
        let full = full.map_or(now, |full| full.max(now)) + self.every;
        (full.saturating_duration_since(now) <= self.every * self.burst).then_some(full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: [u8; 4], by_udp: bool) -> Whence {
        Whence { by_udp, address: Some(IpAddr::from(address)) }
    }

    fn let_in(pace: &mut Pace, whence: Whence, tries: u32, now: Instant) -> usize {
        (0..tries).filter(|_| pace.begins(whence, now).is_ok()).count()
    }

    #[test]
    fn an_address_begins_so_many_handshakes_at_once_and_then_sixteen_a_second() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        let (flood, honest) = (of([203, 0, 113, 1], true), of([203, 0, 113, 2], true));
        assert_eq!(let_in(&mut pace, flood, 1_000, now), 64);
        assert_eq!(pace.begins(flood, now), Err(Full::PaceOfAddress));
        assert_eq!(pace.begins(honest, now), Ok(()), "another is not made to wait for it");
        assert_eq!(let_in(&mut pace, flood, 1_000, now + Duration::from_secs(1)), 16);
        assert_eq!(
            let_in(&mut pace, flood, 1_000, now + Duration::from_secs(60)),
            64,
            "and no more is saved up"
        );
    }

    #[test]
    fn all_addresses_together_begin_so_many_and_one_road_leaves_the_other_free() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        let made_up = (0u16..10_000).map(|each| {
            let [high, low] = each.to_be_bytes();
            of([198, 51, high, low], true)
        });
        let begun = made_up.filter(|whence| pace.begins(*whence, now).is_ok()).count();
        assert_eq!(begun, 1_024);
        assert_eq!(pace.begins(of([203, 0, 113, 1], true), now), Err(Full::Pace));
        assert_eq!(pace.begins(of([203, 0, 113, 1], false), now), Ok(()));
    }

    #[test]
    fn whose_address_is_not_known_is_one_of_all() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        assert_eq!(let_in(&mut pace, Whence { by_udp: false, address: None }, 5_000, now), 1_024);
    }

    #[test]
    fn what_is_kept_of_addresses_is_bounded_and_forgotten() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        for each in 0u32..20_000 {
            now += Duration::from_millis(2);
            let _ = pace.begins(of(each.to_be_bytes(), true), now);
            assert!(pace.addresses.len() <= ADDRESSES_MAX);
        }
        let later = now + Duration::from_secs(60);
        pace.addresses.retain(|_, full| *full > later);
        assert!(pace.addresses.is_empty());
    }
}
