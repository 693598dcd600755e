//! Who misbehaved lately. Bounded: where there are too many, the oldest are forgiven.

use nexus_core::PeerKey;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Keys that are barred, and how often each address was seen with one.
#[derive(Debug, Default)]
pub(super) struct Barred {
    keys: BTreeMap<PeerKey, Bar>,
    addresses: BTreeMap<IpAddr, (u32, Instant)>,
}

/// What somebody did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Offence {
    /// What nobody honest does.
    Malice,
    /// It asked for more than anybody honest needs, or did not read: so does, on a day when everything is slow, who means no harm.
    Haste,
}

#[derive(Clone, Copy, Debug)]
struct Bar {
    since: Instant,
    lasts: Duration,
}

impl Barred {
    /// A peer has offended. A key costs nothing, so the address is remembered too; it may be shared with honest people, and is
    /// barred only after several. Who was hasty once is back soon, and who is it again within [`BAR`] waits twice as long each time.
    pub(super) fn offended(
        &mut self,
        peer: PeerKey,
        address: Option<IpAddr>,
        offence: Offence,
        now: Instant,
    ) {
        self.forgive(now);
        let lasts = match (offence, self.keys.get(&peer)) {
            (Offence::Malice, _) => BAR,
            (Offence::Haste, Some(before)) => (before.lasts * 2).min(BAR),
            (Offence::Haste, None) => HASTE_BAR,
        };
        self.keys.insert(peer, Bar { since: now, lasts });
        // This machine's own is a proxy's as often as not: everybody has it.
        if let Some(address) = address.filter(|address| !address.is_loopback()) {
            let (count, since) = self.addresses.entry(address).or_insert((0, now));
            *count += 1;
            *since = now;
        }
    }

    /// Whether a peer is not listened to.
    pub(super) fn is_barred(&self, peer: &PeerKey, address: Option<IpAddr>, now: Instant) -> bool {
        let stands = |bar: &Bar| now.saturating_duration_since(bar.since) < bar.lasts;
        self.keys.get(peer).is_some_and(stands) || self.bars(address, now)
    }

    /// Whether nobody of an address is.
    pub(super) fn bars(&self, address: Option<IpAddr>, now: Instant) -> bool {
        let at = address.and_then(|address| self.addresses.get(&address));
        at.is_some_and(|(count, since)| *count >= OFFENCES && is_recent(*since, now))
    }

    fn forgive(&mut self, now: Instant) {
        self.keys.retain(|_, bar| is_recent(bar.since, now));
        self.addresses.retain(|_, (_, since)| is_recent(*since, now));
        while self.keys.len() >= TABLE_MAX {
            let oldest = self.keys.iter().min_by_key(|(_, bar)| bar.since).map(|(key, _)| *key);
            oldest.map(|key| self.keys.remove(&key));
        }
        while self.addresses.len() >= TABLE_MAX {
            let oldest = self.addresses.iter().min_by_key(|(_, (_, since))| *since).map(|(at, _)| *at);
            oldest.map(|at| self.addresses.remove(&at));
        }
    }
}

fn is_recent(since: Instant, now: Instant) -> bool {
    now.saturating_duration_since(since) < BAR
}

/// How long somebody is barred, and remembered to have been.
const BAR: Duration = Duration::from_secs(600);
/// How long who was hasty for the first time is.
const HASTE_BAR: Duration = Duration::from_secs(20);
/// Offences after which an address is barred with every key behind it.
const OFFENCES: u32 = 16;
const TABLE_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_barred_for_a_while_and_an_address_after_many() {
        let (mut barred, now) = (Barred::default(), Instant::now());
        let address = Some(IpAddr::from([192, 0, 2, 1]));
        let key = |number: u32| PeerKey([u8::try_from(number).unwrap(); 32]);
        for number in 0..OFFENCES {
            assert!(!barred.is_barred(&key(99), address, now), "others there are not, yet");
            barred.offended(key(number), address, Offence::Malice, now);
            assert!(barred.is_barred(&key(number), None, now));
        }
        assert!(barred.is_barred(&key(99), address, now));
        assert!(!barred.is_barred(&key(99), None, now));
        assert!(!barred.is_barred(&key(0), address, now + BAR));
    }

    #[test]
    fn who_was_hasty_is_back_soon_and_waits_twice_as_long_each_time() {
        let (mut barred, mut now) = (Barred::default(), Instant::now());
        let peer = PeerKey([1; 32]);
        for lasts in [20, 40, 80, 160, 320, 600].map(Duration::from_secs) {
            barred.offended(peer, None, Offence::Haste, now);
            assert!(barred.is_barred(&peer, None, now + lasts - Duration::from_millis(1)));
            now += lasts;
            assert!(!barred.is_barred(&peer, None, now));
        }
        barred.offended(peer, None, Offence::Haste, now);
        assert!(!barred.is_barred(&peer, None, now + HASTE_BAR), "it is not held against it for ever");
        barred.offended(peer, None, Offence::Malice, now);
        assert!(barred.is_barred(&peer, None, now + HASTE_BAR));
    }

    #[test]
    fn the_address_of_this_machine_is_never_barred() {
        let (mut barred, now) = (Barred::default(), Instant::now());
        let proxy = Some(IpAddr::from([127, 0, 0, 1]));
        for number in 0..2 * OFFENCES {
            barred.offended(PeerKey([u8::try_from(number).unwrap(); 32]), proxy, Offence::Malice, now);
        }
        assert!(!barred.is_barred(&PeerKey([99; 32]), proxy, now));
        assert!(barred.is_barred(&PeerKey([0; 32]), proxy, now));
    }

    #[test]
    fn many_offenders_take_no_more_room() {
        let (mut barred, now) = (Barred::default(), Instant::now());
        for number in 0u32..5_000 {
            let mut key = [0; 32];
            key[..4].copy_from_slice(&number.to_be_bytes());
            barred.offended(PeerKey(key), Some(IpAddr::from(number.to_be_bytes())), Offence::Malice, now);
        }
        assert!(barred.keys.len() <= TABLE_MAX && barred.addresses.len() <= TABLE_MAX);
    }
}
