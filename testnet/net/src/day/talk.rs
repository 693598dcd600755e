//! Who talks all day, and what of it was acknowledged.

use super::cast::{EAST, WEST, log_in};
use crate::person::{Person, Place};
use anyhow::{Result, bail};
use nexus_load::api::ApiError;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Somebody who says numbers.
pub(super) struct Voice {
    name: &'static str,
    pub(super) program: usize,
    /// Whoever holds it silences them: nothing of theirs is under way meanwhile.
    pub(super) mouth: tokio::sync::Mutex<Mouth>,
    said: Mutex<Said>,
}

/// By what they speak.
pub(super) struct Mouth {
    pub(super) person: Person,
    pub(super) place: Place,
}

/// What somebody said.
#[derive(Clone, Default)]
pub(super) struct Said {
    pub(super) acknowledged: BTreeSet<String>,
    /// Whether it was acknowledged or not.
    pub(super) tried: BTreeSet<String>,
    /// Requests that were broken off, and made again.
    pub(super) broken: u64,
}

impl Voice {
    pub(super) fn new(name: &'static str, program: usize, mouth: Mouth) -> Self {
        Self { name, program, mouth: tokio::sync::Mutex::new(mouth), said: Mutex::default() }
    }

    pub(super) fn said(&self) -> Said {
        self.lock().clone()
    }

    /// What was acknowledged so far.
    pub(super) fn count(&self) -> usize {
        self.lock().acknowledged.len()
    }

    // Nothing under it is left half-changed.
    fn lock(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says one number after another until the day is over, whatever becomes of the program meanwhile.
    pub(super) async fn talk(self: Arc<Self>, is_over: Arc<AtomicBool>) -> Result<()> {
        for number in 0u64.. {
            let words = format!("{} {number}", self.name);
            self.lock().tried.insert(words.clone());
            while !self.say(&words).await? {
                if is_over.load(Ordering::Relaxed) {
                    return Ok(());
                }
                tokio::time::sleep(AGAIN).await;
            }
            if is_over.load(Ordering::Relaxed) {
                return Ok(());
            }
            tokio::time::sleep(PACE).await;
        }
        Ok(())
    }

    /// Whether it was acknowledged.
    async fn say(&self, words: &str) -> Result<bool> {
        let mut mouth = self.mouth.lock().await;
        match mouth.person.say(&mouth.place, words).await {
            Ok(_) => {
                self.lock().acknowledged.insert(words.to_owned());
                return Ok(true);
            }
            Err(ApiError::Transport { .. }) => self.lock().broken += 1,
            // The relay's session was for minutes.
            Err(ApiError::Refused { status, .. })
                if status.as_u16() == 401 && [EAST, WEST].contains(&self.program) =>
            {
                let base = mouth.person.api.base().to_owned();
                // Where it does not answer now, it is asked again with the next attempt.
                if let Ok(person) = log_in(&base, self.program).await {
                    mouth.person = person;
                }
            }
            Err(ApiError::Refused { status, .. }) if status.is_server_error() => {}
            Err(refused) => bail!("{words:?}: {refused}"),
        }
        Ok(false)
    }
}

/// Between one message and the next.
const PACE: Duration = Duration::from_millis(150);
/// .. and before what was not acknowledged is said again.
const AGAIN: Duration = Duration::from_millis(200);
