//! Passwords: argon2id, on threads of their own, few at a time.
//!
//! A hash takes memory and a core for some 20 ms: what comes faster waits in a short line, and beyond that is told to come
//! back. So a flood of logins costs its senders time, and the gateway nothing. The memory is one block, which those in line use one
//! after another, and which goes back to the system with the last of them.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use nexus_api::ports::refusal::AuthRefusal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A password as it is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Secret {
    pub(super) salt: [u8; 16],
    pub(super) hash: [u8; 32],
}

/// The line and its memory.
pub(super) struct Passwords {
    line: Arc<Line>,
    /// What answers cost, for who asserts that it tells nothing.
    #[cfg(test)]
    pub(super) worked: std::sync::atomic::AtomicUsize,
}

struct Line {
    at_work: Arc<Semaphore>,
    places: Arc<Semaphore>,
    memory: Mutex<Vec<Block>>,
}

/// A place in the line; who leaves it as the last gives the memory back.
struct Place {
    line: Arc<Line>,
    permit: Option<OwnedSemaphorePermit>,
}

/// OWASP's second recommendation: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Hashes at the same time: one core is left for everything else.
const AT_WORK: usize = 1;
/// Hashes that wait or are at work.
const IN_LINE: usize = 32;
/// What is asked of the allocator for the one block, of 1 KiB each: no more than [`MEMORY_KIB`] is ever touched. What is larger than
/// 32 MiB glibc takes from the system and gives back to it, always; what is smaller it soon keeps, for each thread that ever
/// had one (mallopt(3), `M_MMAP_THRESHOLD`).
const RESERVED_KIB: usize = 33 * 1024;
/// When to come back where the line is full, ms.
const RETRY_MS: u64 = 1_000;

/// Whether it may be a password: 8 to 128 characters.
pub(super) fn check(password: &str) -> Result<(), AuthRefusal> {
    let length = password.chars().take(129).count();
    if (8..=128).contains(&length) { Ok(()) } else { Err(AuthRefusal::Password) }
}

impl Passwords {
    pub(super) fn new() -> Self {
        let line = Line {
            at_work: Arc::new(Semaphore::new(AT_WORK)),
            places: Arc::new(Semaphore::new(IN_LINE)),
            memory: Mutex::default(),
        };
        Self {
            line: Arc::new(line),
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
        let line = self.line.clone();
        let place = line.enter().ok_or(later)?;
        let turn = line.at_work.clone().acquire_owned().await.map_err(|_| later)?;
        let done = tokio::task::spawn_blocking(move || {
            let hash = derive(password.as_bytes(), &salt, &mut line.memory());
            drop(place);
            drop(turn);
            hash
        });
        done.await.ok().flatten().ok_or(AuthRefusal::Unavailable)
    }
}

impl Line {
    fn enter(self: &Arc<Self>) -> Option<Place> {
        let permit = self.places.clone().try_acquire_owned().ok()?;
        Some(Place { line: self.clone(), permit: Some(permit) })
    }

    fn memory(&self) -> MutexGuard<'_, Vec<Block>> {
        // Whatever a panic left in it is written over.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.permit.take());
        if self.line.places.available_permits() == IN_LINE {
            *self.line.memory() = Vec::new();
        }
    }
}

fn derive(password: &[u8], salt: &[u8; 16], memory: &mut Vec<Block>) -> Option<[u8; 32]> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).ok()?;
    let mut hash = [0; 32];
    // What is longer than any password costs no more than one.
    let password = password.get(..password.len().min(PASSWORD_BYTES))?;
    memory.reserve_exact(RESERVED_KIB.saturating_sub(memory.len()));
    memory.resize(MEMORY_KIB as usize, Block::new());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password, salt, &mut hash, memory)
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
        assert_eq!(passwords.line.memory().capacity(), 0, "with the last of them the memory is given back");
        assert!(passwords.hash(String::from("and on")).await.is_ok());
    }

    #[tokio::test]
    async fn those_in_line_use_one_block_of_memory_and_who_goes_away_keeps_none() {
        let passwords = Passwords::new();
        let (first, second) = (passwords.line.enter().unwrap(), passwords.line.enter().unwrap());
        let one = derive(b"correct horse", &[1; 16], &mut passwords.line.memory()).unwrap();
        let place = passwords.line.memory().as_ptr();
        drop(first);
        let again = derive(b"correct horse", &[1; 16], &mut passwords.line.memory()).unwrap();
        assert_eq!(passwords.line.memory().as_ptr(), place, "the next one has the same block");
        assert_eq!(one, again, "and what the one before left in it changes nothing");
        assert_ne!(one, derive(b"correct horse", &[2; 16], &mut passwords.line.memory()).unwrap());
        drop(second);
        assert_eq!(passwords.line.memory().capacity(), 0);
    }

    #[test]
    fn a_block_of_memory_makes_the_same_hash_as_the_librarys_own() {
        let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).unwrap();
        let mut hash = [0; 32];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(b"correct horse", &[7; 16], &mut hash).unwrap();
        assert_eq!(derive(b"correct horse", &[7; 16], &mut Vec::new()), Some(hash));
    }
}
