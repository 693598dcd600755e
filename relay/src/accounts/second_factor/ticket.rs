//! What a right password gives where it is not enough: a text that says whose second factor is awaited. It is kept nowhere.

use super::super::passwords::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nexus_crdt::id::UserId;

/// How long a ticket is good, ms.
const LASTS_MS: u64 = 5 * 60_000;
/// The account, when it ends, and the mark.
const BYTES: usize = 32 + 8 + 32;

/// Writes and reads tickets.
pub(super) struct Tickets {
    key: [u8; 32],
}

/// A ticket that was read; whether it is good, its account's password says ([`Tickets::is_good`]).
pub(super) struct Ticket {
    pub(super) user: UserId,
    ends_ms: u64,
    mark: blake3::Hash,
}

impl Tickets {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self { key: blake3::derive_key("nexus-relay ticket 1", key) }
    }

    pub(super) fn give(&self, user: &UserId, secret: &Secret, now_ms: u64) -> String {
        let ends_ms = now_ms.saturating_add(LASTS_MS);
        let mark = self.mark(user, ends_ms, secret);
        URL_SAFE_NO_PAD.encode([&user.0[..], &ends_ms.to_be_bytes(), mark.as_bytes()].concat())
    }

    pub(super) fn read(text: &str) -> Option<Ticket> {
        if text.len() > BYTES * 2 {
            return None;
        }
        let bytes: [u8; BYTES] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (user, rest) = bytes.split_first_chunk::<32>()?;
        let (ends, mark) = rest.split_first_chunk::<8>()?;
        let mark = blake3::Hash::from_slice(mark).ok()?;
        Some(Ticket { user: UserId(*user), ends_ms: u64::from_be_bytes(*ends), mark })
    }

    /// With another password than the one it was given for it is none.
    pub(super) fn is_good(&self, ticket: &Ticket, secret: &Secret, now_ms: u64) -> bool {
        // Hashes of this type are compared in constant time.
        now_ms < ticket.ends_ms && self.mark(&ticket.user, ticket.ends_ms, secret) == ticket.mark
    }

    fn mark(&self, user: &UserId, ends_ms: u64, secret: &Secret) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&user.0).update(&ends_ms.to_be_bytes()).update(&secret.salt).update(&secret.hash);
        hasher.finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: UserId = UserId([1; 32]);
    const SECRET: Secret = Secret { salt: [2; 16], hash: [3; 32] };

    #[test]
    fn a_ticket_is_good_for_minutes_and_for_one_password() {
        let tickets = Tickets::new(&[7; 32]);
        let ticket = Tickets::read(&tickets.give(&USER, &SECRET, 1_000)).unwrap();
        assert_eq!(ticket.user, USER);
        assert!(tickets.is_good(&ticket, &SECRET, 1_000));
        assert!(!tickets.is_good(&ticket, &SECRET, 1_000 + LASTS_MS), "it has become old");
        assert!(!tickets.is_good(&ticket, &Secret { hash: [4; 32], ..SECRET }, 1_000), "another password");
        assert!(!Tickets::new(&[8; 32]).is_good(&ticket, &SECRET, 1_000), "another relay");
    }

    #[test]
    fn what_somebody_made_up_is_no_ticket() {
        let tickets = Tickets::new(&[7; 32]);
        for none in ["", "x", &"A".repeat(96), &"A".repeat(10_000)] {
            let read = Tickets::read(none);
            assert!(!read.is_some_and(|ticket| tickets.is_good(&ticket, &SECRET, 0)), "{none}");
        }
    }
}
