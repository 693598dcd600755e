//! Passwords: argon2id, on threads of their own, few at a time.
//!
//! A hash takes memory and a core for some 20 ms: what comes faster waits in a short line, and beyond that is told to come
//! back. So a flood of logins costs its senders time, and the gateway nothing.

use argon2::{Algorithm, Argon2, Params, Version};
use nexus_api::ports::AuthRefusal;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// A password as it is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Secret {
    pub(super) salt: [u8; 16],
    pub(super) hash: [u8; 32],
}

/// The line and its threads.
pub(super) struct Passwords {
    at_work: Arc<Semaphore>,
    in_line: Arc<Semaphore>,
    /// What answers cost, for who asserts that it tells nothing.
    #[cfg(test)]
    pub(super) worked: std::sync::atomic::AtomicUsize,
}

/// OWASP's second recommendation: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Hashes at the same time: one core is left for everything else.
const AT_WORK: usize = 1;
/// Hashes that wait or are at work.
const IN_LINE: usize = 32;
/// When to come back where the line is full, ms.
const RETRY_MS: u64 = 1_000;

/// Whether it may be a password: 8 to 128 characters.
pub(super) fn check(password: &str) -> Result<(), AuthRefusal> {
    let length = password.chars().take(129).count();
    if (8..=128).contains(&length) { Ok(()) } else { Err(AuthRefusal::Password) }
}

impl Passwords {
    pub(super) fn new() -> Self {
        Self {
            at_work: Arc::new(Semaphore::new(AT_WORK)),
            in_line: Arc::new(Semaphore::new(IN_LINE)),
            #[cfg(test)]
            worked: std::sync::atomic::AtomicUsize::default(),
        }
    }

    pub(super) async fn hash(&self, password: String) -> Result<Secret, AuthRefusal> {
        let salt = rand::random();
        let hash = self.work(password, salt).await?;
        Ok(Secret { salt, hash })
    }

    /// Whether a password is the one that is kept; without one to compare with it takes as long.
    pub(super) async fn matches(&self, password: String, kept: Option<Secret>) -> Result<bool, AuthRefusal> {
        let salt = kept.map_or([0; 16], |kept| kept.salt);
        let hash = self.work(password, salt).await?;
        // Compared as hashes of hashes: the comparison takes the same time wherever they differ.
        Ok(kept.is_some_and(|kept| blake3::hash(&kept.hash) == blake3::hash(&hash)))
    }

    async fn work(&self, password: String, salt: [u8; 16]) -> Result<[u8; 32], AuthRefusal> {
        #[cfg(test)]
        self.worked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let later = AuthRefusal::Later { retry_ms: RETRY_MS };
        let place = self.in_line.clone().try_acquire_owned().map_err(|_| later)?;
        let turn = self.at_work.clone().acquire_owned().await.map_err(|_| later)?;
        let done = tokio::task::spawn_blocking(move || {
            let hash = derive(password.as_bytes(), &salt);
            drop((place, turn));
            hash
        });
        done.await.ok().flatten().ok_or(AuthRefusal::Unavailable)
    }
}

fn derive(password: &[u8], salt: &[u8; 16]) -> Option<[u8; 32]> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).ok()?;
    let mut hash = [0; 32];
    // What is longer than any password costs no more than one.
    let password = password.get(..password.len().min(PASSWORD_BYTES))?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password, salt, &mut hash)
        .ok()?;
    Some(hash)
}

/// 128 characters of up to four bytes.
const PASSWORD_BYTES: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_itself_alone() {
        let passwords = Passwords::new();
        let secret = passwords.hash(String::from("correct horse")).await.unwrap();
        assert!(passwords.matches(String::from("correct horse"), Some(secret)).await.unwrap());
        assert!(!passwords.matches(String::from("correct horsf"), Some(secret)).await.unwrap());
        assert!(!passwords.matches(String::from("correct horse"), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_line_that_is_full_says_so_at_once_and_empties_again() {
        let passwords = Passwords::new();
        let tries = (0..IN_LINE + 20).map(|_| passwords.matches(String::from("guess"), None));
        let outcomes = futures_util::future::join_all(tries).await;
        let turned_away = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        assert_eq!(turned_away, 20);
        assert!(passwords.hash(String::from("and on")).await.is_ok());
    }
}
