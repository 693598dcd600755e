//! What is kept for minutes, in memory, under a text that only one side knows.

use super::tokens;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nexus_api::ports::refusal::AuthRefusal;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long, ms: as long as somebody takes who must find their password elsewhere first.
const LASTS_MS: u64 = 10 * 60_000;
/// How much at a time; beyond it who comes is told to come back.
const MAX: usize = 4_096;

/// See above.
pub(super) struct Kept<T> {
    /// What its texts begin with.
    mark: &'static str,
    /// By the hash of the text: when it ends, Unix ms, and what it is.
    all: Mutex<BTreeMap<[u8; 32], (u64, T)>>,
}

impl<T: Clone> Kept<T> {
    pub(super) fn new(mark: &'static str) -> Self {
        Self { mark, all: Mutex::default() }
    }

    /// The text it is found by.
    pub(super) fn keep(&self, value: T, now_ms: u64) -> Result<String, AuthRefusal> {
        let text = format!("{}{}", self.mark, URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
        let mut all = self.all();
        if all.len() >= MAX {
            all.retain(|_, (ends_ms, _)| *ends_ms > now_ms);
            if all.len() >= MAX {
                return Err(AuthRefusal::Later { retry_ms: 10_000 });
            }
        }
        all.insert(tokens::hash(&text), (now_ms.saturating_add(LASTS_MS), value));
        Ok(text)
    }

    pub(super) fn look(&self, text: &str, now_ms: u64) -> Option<T> {
        let all = self.all();
        let (ends_ms, value) = all.get(&tokens::hash(text))?;
        (*ends_ms > now_ms).then(|| value.clone())
    }

    /// It is found once.
    pub(super) fn take(&self, text: &str, now_ms: u64) -> Option<T> {
        let (ends_ms, value) = self.all().remove(&tokens::hash(text))?;
        (ends_ms > now_ms).then_some(value)
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<[u8; 32], (u64, T)>> {
        // Each change is whole in itself.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_once_for_ten_minutes_and_by_its_own_text() {
        let kept = Kept::new("nxs_");
        let text = kept.keep(7, 1_000).unwrap();
        assert!(text.starts_with("nxs_"));
        assert_eq!(kept.look(&text, 1_000 + LASTS_MS - 1), Some(7));
        assert_eq!((kept.look("nxs_", 1_000), kept.take("", 1_000)), (None, None));
        assert_eq!((kept.take(&text, 1_000), kept.take(&text, 1_000)), (Some(7), None));
        let old = kept.keep(8, 1_000).unwrap();
        assert_eq!((kept.look(&old, 1_000 + LASTS_MS), kept.take(&old, 1_000 + LASTS_MS)), (None, None));
    }

    #[test]
    fn who_begins_without_end_takes_no_more_room() {
        let kept = Kept::new("nxs_");
        let begun = (0..MAX + 10).filter(|number| kept.keep(*number, 1_000).is_ok()).count();
        assert_eq!(begun, MAX);
        assert!(kept.keep(0, 1_000 + LASTS_MS).is_ok(), "what is over makes room");
    }
}
