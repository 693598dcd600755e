//! Connections of which nobody knows whose they are: there are only so many, and the one that has been idle longest makes
//! room for the next. So a flood of them costs a bounded amount of memory, and whoever asks something is answered.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How many guests there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rooms {
    /// In all.
    pub(crate) all: usize,
    /// Of one address. A machine's own and private ones are a proxy's as often as not, and have all.
    pub(crate) of_address: usize,
}

impl Default for Rooms {
    fn default() -> Self {
        Self { all: GUESTS_MAX, of_address: OF_ADDRESS_MAX }
    }
}

/// Guests in all. Each holds [`super::HEAD_MAX`] bytes at most, and a task.
const GUESTS_MAX: usize = 2_048;
/// Guests of one address.
const OF_ADDRESS_MAX: usize = 256;

/// Everybody who came in. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guests {
    table: Arc<Mutex<Table>>,
}

/// A guest's place; it is free again when the last clone is gone.
#[derive(Clone, Debug)]
pub(crate) struct Guest {
    seat: Arc<Seat>,
}

#[derive(Debug)]
struct Seat {
    table: Arc<Mutex<Table>>,
    turn: Mutex<u64>,
    leave: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Table {
    rooms: Rooms,
    last: u64,
    /// By when each was last active.
    present: BTreeMap<u64, Present>,
    of_address: BTreeMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Present {
    /// None where its number is not counted.
    address: Option<IpAddr>,
    leave: Arc<Notify>,
}

impl Guests {
    /// With so much room.
    #[cfg(test)]
    pub(crate) fn with(rooms: Rooms) -> Self {
        Self { table: Arc::new(Mutex::new(Table { rooms, ..Table::default() })) }
    }

    /// Somebody comes in; whoever has been idle longest is asked to leave where there is no room.
    pub(crate) fn enter(&self, from: IpAddr) -> Guest {
        self.seat(counted(from))
    }

    /// A proxy that speaks for many comes in: of its own address it has any number.
    pub(crate) fn enter_for_many(&self) -> Guest {
        self.seat(None)
    }

    fn seat(&self, address: Option<IpAddr>) -> Guest {
        let leave = Arc::new(Notify::new());
        let turn = lock(&self.table).enter(address, leave.clone());
        Guest { seat: Arc::new(Seat { table: self.table.clone(), turn: Mutex::new(turn), leave }) }
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) fn present(&self) -> usize {
        lock(&self.table).present.len()
    }
}

impl Guest {
    /// It did something useful: others are asked to leave before it.
    pub(crate) fn was_active(&self) {
        let mut turn = lock(&self.seat.turn);
        *turn = lock(&self.seat.table).renew(*turn);
    }

    /// Returns when its place is wanted.
    pub(crate) async fn must_leave(&self) {
        self.seat.leave.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let turn = *self.turn.get_mut().unwrap_or_else(PoisonError::into_inner);
        lock(&self.table).remove(turn);
    }
}

impl Table {
    fn enter(&mut self, address: Option<IpAddr>, leave: Arc<Notify>) -> u64 {
        let of_address = address.and_then(|address| self.of_address.get(&address)).copied().unwrap_or(0);
        if of_address >= self.rooms.of_address {
            self.dismiss(|present| present.address == address);
        } else if self.present.len() >= self.rooms.all {
            self.dismiss(|_| true);
        }
        if let Some(address) = address {
            *self.of_address.entry(address).or_default() += 1;
        }
        self.last += 1;
        self.present.insert(self.last, Present { address, leave });
        self.last
    }

    fn dismiss(&mut self, whom: impl Fn(&Present) -> bool) {
        let turn = self.present.iter().find(|(_, present)| whom(present)).map(|(turn, _)| *turn);
        if let Some(present) = turn.and_then(|turn| self.remove(turn)) {
            present.leave.notify_one();
        }
    }

    fn renew(&mut self, turn: u64) -> u64 {
        // Who was asked to leave has no place any more.
        let Some(present) = self.present.remove(&turn) else { return turn };
        self.last += 1;
        self.present.insert(self.last, present);
        self.last
    }

    fn remove(&mut self, turn: u64) -> Option<Present> {
        let present = self.present.remove(&turn)?;
        if let Some(address) = present.address
            && let Some(count) = self.of_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.of_address.remove(&address);
            }
        }
        Some(present)
    }
}

/// The address that a guest counts for: of IPv6 its network of 64 bits, which one household has whole.
pub(crate) fn counted(address: IpAddr) -> Option<IpAddr> {
    match address.to_canonical() {
        IpAddr::V4(v4) if v4.is_loopback() || v4.is_private() || v4.is_link_local() => None,
        IpAddr::V6(v6) if v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() => None,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Some(IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
        }
        v4 @ IpAddr::V4(_) => Some(v4),
    }
}

// Nothing under it is left half-changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    const NEAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn far(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    fn is_dismissed(guest: &Guest) -> bool {
        guest.must_leave().now_or_never().is_some()
    }

    #[test]
    fn the_longest_idle_makes_room_and_who_was_active_stays() {
        let guests = Guests::with(Rooms { all: 3, of_address: 3 });
        let all: Vec<Guest> = (0..3).map(|_| guests.enter(NEAR)).collect();
        all[0].was_active();
        let _fourth = guests.enter(NEAR);
        assert_eq!(all.iter().map(is_dismissed).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(guests.present(), 3);
        // It has no place to come back to.
        all[1].was_active();
        assert_eq!(guests.present(), 3);
    }

    #[test]
    fn a_flood_from_one_address_dismisses_its_own_alone() {
        let guests = Guests::with(Rooms { all: 100, of_address: 4 });
        let honest = guests.enter(far(1));
        let flood: Vec<Guest> = (0..50).map(|_| guests.enter(far(2))).collect();
        assert_eq!(flood.iter().filter(|guest| is_dismissed(guest)).count(), 46);
        assert!(!is_dismissed(&honest));
        assert_eq!(guests.present(), 5);
    }

    #[test]
    fn a_place_is_free_again_when_its_guest_is_gone() {
        let guests = Guests::with(Rooms { all: 2, of_address: 2 });
        for _ in 0..10 {
            let guest = guests.enter(far(1));
            let elsewhere = guest.clone();
            drop(guest);
            assert_eq!(guests.present(), 1);
            drop(elsewhere);
        }
        assert_eq!(guests.present(), 0);
        assert!(lock(&guests.table).of_address.is_empty());
    }

    #[test]
    fn addresses_of_one_household_count_as_one_and_a_proxy_is_not_counted() {
        let v6 = |text: &str| counted(text.parse().unwrap());
        assert_eq!(v6("2001:db8:1:2::3"), v6("2001:db8:1:2:ffff::4"));
        assert_ne!(v6("2001:db8:1:2::3"), v6("2001:db8:1:3::3"));
        assert_eq!(v6("::ffff:203.0.113.9"), Some(far(9)));
        assert_eq!([v6("127.0.0.1"), v6("::1"), v6("10.1.2.3"), v6("fd00::1")], [None; 4]);
    }
}
