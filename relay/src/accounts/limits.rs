//! How often somebody may try: of one account, from one address, and of all. Token buckets in memory; their number is bounded.
//!
//! An account that is tried from many addresses has a bucket too, which one address alone does not empty: whoever guesses at a
//! name from one place does not keep its owner out at another. A name nobody has is limited like any other.

use nexus_api::ports::refusal::AuthRefusal;
use nexus_crdt::id::UserId;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tries that are left.
#[derive(Default)]
pub(super) struct Limits {
    buckets: Mutex<BTreeMap<Key, Bucket>>,
}

/// What is counted. An address is none where it says nothing: this machine's, or a private one, which is a proxy's as often as not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Enters(String),
    EntersFrom(String, Option<IpAddr>),
    ShowsACode(String),
    AnyoneEnters(IpAddr),
    Forgets(String, Option<IpAddr>),
    IsMailed(i64),
    AnyoneForgets(Option<IpAddr>),
    AnyoneResets(Option<IpAddr>),
    AnyoneRegisters(Option<IpAddr>),
    AnyoneSignsIn(Option<IpAddr>),
    AnyoneRefreshes,
    Consents(UserId),
    Exchanges(UserId, Option<IpAddr>),
    AnyoneExchanges(Option<IpAddr>),
}

#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
    rate: Rate,
}

/// How a bucket fills.
#[derive(Clone, Copy)]
struct Rate {
    burst: f64,
    every: Duration,
}

/// One account from one address, wrong or right: a person mistypes now and then, a machine guesses.
const LOGIN: Rate = Rate { burst: 10.0, every: Duration::from_secs(6) };
/// One account from everywhere: ten addresses at once, and three without end.
const LOGIN_OF_ACCOUNT: Rate = Rate { burst: 100.0, every: Duration::from_secs(2) };
/// All accounts from one address: a school behind one.
const LOGIN_FROM: Rate = Rate { burst: 60.0, every: Duration::from_secs(1) };
/// Codes of one account's second factor: some 720 a day, of a million of which three are good (RFC 4226, 7.3).
const CODE: Rate = Rate { burst: 10.0, every: Duration::from_mins(2) };
/// Mails asked for with one name or address, from one address; and mails that go to one account, whoever asked.
const RESET_OF_ACCOUNT: Rate = Rate { burst: 3.0, every: Duration::from_mins(10) };
/// Mails asked for from one address; and codes of mails that are tried from it.
const RESET_FROM: Rate = Rate { burst: 10.0, every: Duration::from_mins(1) };
/// On the whole relay.
const RESET: Rate = Rate { burst: 60.0, every: Duration::from_secs(1) };
/// Accounts made from one address.
const REGISTER_FROM: Rate = Rate { burst: 10.0, every: Duration::from_mins(1) };
/// On the whole relay: a class or a club that comes at once, and what costs a quarter of one core when it goes on.
const REGISTER: Rate = Rate { burst: 100.0, every: Duration::from_millis(100) };
/// Sign-ins elsewhere, begun and finished, from one address: a school behind one ..
const SIGN_IN_FROM: Rate = Rate { burst: 60.0, every: Duration::from_secs(1) };
/// .. and on the whole relay: each asks the provider something.
const SIGN_IN: Rate = Rate { burst: 200.0, every: Duration::from_millis(200) };
/// On the whole relay.
const REFRESH: Rate = Rate { burst: 500.0, every: Duration::from_millis(10) };
/// Applications that one person lets do something: at a sign-in they press once.
const CONSENT: Rate = Rate { burst: 30.0, every: Duration::from_secs(2) };
/// What one application exchanges and revokes from one address, for all its people: who calls in its name elsewhere does not keep
/// it out ..
const EXCHANGE: Rate = Rate { burst: 200.0, every: Duration::from_millis(200) };
/// .. all applications from one address ..
const EXCHANGE_FROM: Rate = Rate { burst: 400.0, every: Duration::from_millis(100) };
/// .. and on the whole relay.
const EXCHANGE_OF_ALL: Rate = Rate { burst: 500.0, every: Duration::from_millis(20) };
/// Buckets that are kept; beyond it those that are full again are forgotten, and then who is new is told to come back.
const BUCKETS_MAX: usize = 16_384;
/// Characters of a name that are looked at: no name of an account is longer.
const NAME_MAX: usize = 254;

impl Limits {
    /// A password is tried.
    pub(super) fn enters(&self, name: &str, from: Option<IpAddr>, now: Instant) -> Result<(), AuthRefusal> {
        let name: String = name.chars().take(NAME_MAX).collect();
        if let Some(from) = from {
            self.take(Key::AnyoneEnters(from), LOGIN_FROM, now)?;
        }
        self.take(Key::EntersFrom(name.clone(), from), LOGIN, now)?;
        self.take(Key::Enters(name), LOGIN_OF_ACCOUNT, now)
    }

    /// A code of an account's second factor is tried.
    pub(super) fn shows_a_code(&self, name: &str, now: Instant) -> Result<(), AuthRefusal> {
        self.take(Key::ShowsACode(name.to_owned()), CODE, now)
    }

    /// A mail is asked for, with which another password is chosen.
    pub(super) fn asks_for_a_reset(
        &self,
        name: &str,
        from: Option<IpAddr>,
        now: Instant,
    ) -> Result<(), AuthRefusal> {
        if from.is_some() {
            self.take(Key::AnyoneForgets(from), RESET_FROM, now)?;
        }
        self.take(Key::AnyoneForgets(None), RESET, now)?;
        self.take(Key::Forgets(name.chars().take(NAME_MAX).collect(), from), RESET_OF_ACCOUNT, now)
    }

    /// A mail goes to an account. Who asked is not told where it does not.
    pub(super) fn is_mailed(&self, account: i64, now: Instant) -> Result<(), AuthRefusal> {
        self.take(Key::IsMailed(account), RESET_OF_ACCOUNT, now)
    }

    /// The code of such a mail is shown.
    pub(super) fn resets(&self, from: Option<IpAddr>, now: Instant) -> Result<(), AuthRefusal> {
        if from.is_some() {
            self.take(Key::AnyoneResets(from), RESET_FROM, now)?;
        }
        self.take(Key::AnyoneResets(None), RESET, now)
    }

    pub(super) fn registers(&self, from: Option<IpAddr>, now: Instant) -> Result<(), AuthRefusal> {
        if from.is_some() {
            self.take(Key::AnyoneRegisters(from), REGISTER_FROM, now)?;
        }
        self.take(Key::AnyoneRegisters(None), REGISTER, now)
    }

    /// A sign-in elsewhere is begun, or finished.
    pub(super) fn signs_in(&self, from: Option<IpAddr>, now: Instant) -> Result<(), AuthRefusal> {
        if from.is_some() {
            self.take(Key::AnyoneSignsIn(from), SIGN_IN_FROM, now)?;
        }
        self.take(Key::AnyoneSignsIn(None), SIGN_IN, now)
    }

    pub(super) fn refreshes(&self, now: Instant) -> Result<(), AuthRefusal> {
        self.take(Key::AnyoneRefreshes, REFRESH, now)
    }

    /// A person lets an application do something.
    pub(super) fn consents(&self, user: &UserId, now: Instant) -> Result<(), AuthRefusal> {
        self.take(Key::Consents(*user), CONSENT, now)
    }

    /// An application shows that it is itself, or does not.
    pub(super) fn exchanges(
        &self,
        application: &UserId,
        from: Option<IpAddr>,
        now: Instant,
    ) -> Result<(), AuthRefusal> {
        if from.is_some() {
            self.take(Key::AnyoneExchanges(from), EXCHANGE_FROM, now)?;
        }
        self.take(Key::AnyoneExchanges(None), EXCHANGE_OF_ALL, now)?;
        self.take(Key::Exchanges(*application, from), EXCHANGE, now)
    }

    fn take(&self, key: Key, rate: Rate, now: Instant) -> Result<(), AuthRefusal> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX && !buckets.contains_key(&key) {
            buckets.retain(|_, bucket| bucket.filled(now).left < bucket.rate.burst);
            if buckets.len() >= BUCKETS_MAX {
                return Err(AuthRefusal::Later { retry_ms: 1_000 });
            }
        }
        buckets.entry(key).or_insert(Bucket { left: rate.burst, at: now, rate }).take(now)
    }
}

impl Bucket {
    fn filled(self, now: Instant) -> Self {
        let Rate { burst, every } = self.rate;
        let gained = now.saturating_duration_since(self.at).div_duration_f64(every);
        Self { left: (self.left + gained).min(burst), at: now, ..self }
    }

    fn take(&mut self, now: Instant) -> Result<(), AuthRefusal> {
        *self = self.filled(now);
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Ok(());
        }
        let wait = self.rate.every.mul_f64(1.0 - self.left);
        Err(AuthRefusal::Later { retry_ms: u64::try_from(wait.as_millis()).unwrap_or(1_000).max(1) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    const THERE: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)));

    #[test]
    fn a_name_may_be_tried_ten_times_at_once_and_then_every_six_seconds() {
        let (limits, now) = (Limits::default(), Instant::now());
        assert!((0..10).all(|_| limits.enters("ann", None, now).is_ok()));
        assert!(
            matches!(limits.enters("ann", None, now), Err(AuthRefusal::Later { retry_ms }) if retry_ms <= 6_000)
        );
        assert_eq!(limits.enters("bea", None, now), Ok(()), "another name is another matter");
        assert_eq!(limits.enters("ann", None, now + LOGIN.every), Ok(()));
    }

    #[test]
    fn who_guesses_at_a_name_from_one_address_does_not_keep_its_owner_out_at_another() {
        let (limits, start) = (Limits::default(), Instant::now());
        for second in 0..3_600 {
            let _ = limits.enters("ann", HERE, start + Duration::from_secs(second));
        }
        assert_eq!(limits.enters("ann", THERE, start + Duration::from_secs(3_600)), Ok(()));
    }

    #[test]
    fn a_name_is_not_guessed_at_without_end_from_ever_new_addresses() {
        let (limits, now) = (Limits::default(), Instant::now());
        let tried = (0..1_000_u32).filter(|host| {
            limits.enters("ann", Some(IpAddr::V4(Ipv4Addr::from_bits(0x0b00_0000 + host))), now).is_ok()
        });
        assert_eq!(tried.count(), 100);
    }

    #[test]
    fn one_address_tries_so_many_names_and_makes_so_many_accounts() {
        let (limits, now) = (Limits::default(), Instant::now());
        let names = (0..200).filter(|number| limits.enters(&format!("name{number}"), HERE, now).is_ok());
        assert_eq!(names.count(), 60);
        assert_eq!((0..200).filter(|_| limits.registers(HERE, now).is_ok()).count(), 10);
        assert_eq!(limits.registers(THERE, now), Ok(()));
        assert_eq!(limits.registers(None, now), Ok(()), "a proxy speaks for many");
        assert_eq!((0..200).filter(|_| limits.signs_in(HERE, now).is_ok()).count(), 60);
        assert_eq!(limits.signs_in(THERE, now), Ok(()));
    }

    #[test]
    fn mails_for_a_name_are_asked_for_at_another_address_when_one_has_asked_enough() {
        let (limits, now) = (Limits::default(), Instant::now());
        assert_eq!((0..9).filter(|_| limits.asks_for_a_reset("ann", HERE, now).is_ok()).count(), 3);
        assert_eq!(limits.asks_for_a_reset("ann", THERE, now), Ok(()));
        assert_eq!(
            (0..9).filter(|_| limits.is_mailed(1, now).is_ok()).count(),
            3,
            "and one box is not filled"
        );
        assert_eq!(limits.is_mailed(2, now), Ok(()));
    }

    #[test]
    fn names_without_end_take_no_more_room() {
        let (limits, now) = (Limits::default(), Instant::now());
        for number in 0..20_000 {
            let _ = limits.enters(&format!("name{number}"), None, now);
        }
        assert!(limits.buckets.lock().unwrap().len() <= BUCKETS_MAX);
        assert_eq!(limits.enters("later", None, now + Duration::from_secs(3_600)), Ok(()));
    }

    #[test]
    fn a_person_consents_thirty_times_at_once_and_then_every_two_seconds() {
        let (limits, now) = (Limits::default(), Instant::now());
        let (ann, bea) = (UserId([1; 32]), UserId([2; 32]));
        assert_eq!((0..90).filter(|_| limits.consents(&ann, now).is_ok()).count(), 30);
        assert_eq!(limits.consents(&bea, now), Ok(()));
        assert_eq!(limits.consents(&ann, now + CONSENT.every), Ok(()));
    }

    #[test]
    fn who_calls_in_an_applications_name_elsewhere_does_not_keep_it_out() {
        let (limits, now) = (Limits::default(), Instant::now());
        let (site, other) = (UserId([1; 32]), UserId([2; 32]));
        assert_eq!((0..600).filter(|_| limits.exchanges(&site, HERE, now).is_ok()).count(), 200);
        assert_eq!(limits.exchanges(&site, THERE, now), Ok(()));
        // What was refused counted for its address, which has its own end.
        assert!(limits.exchanges(&other, HERE, now).is_err());
        assert_eq!(limits.exchanges(&other, THERE, now), Ok(()));
    }
}
