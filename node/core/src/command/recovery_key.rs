//! Recovery keys, as people keep them.

use nexus_crypto::SecretKey;

/// A recovery key as it is written down: 64 hex digits in groups of eight. Printed by `Display` alone.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryKey(String);

impl RecoveryKey {
    /// Of a key's 32 bytes.
    #[must_use]
    pub fn of(seed: &[u8; 32]) -> Self {
        let groups =
            seed.chunks(4).map(|group| group.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        Self(groups.collect::<Vec<_>>().join(" "))
    }

    /// As somebody typed it.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The key; none where what was typed is none. Where it was broken into groups does not matter.
    #[must_use]
    pub fn secret(&self) -> Option<SecretKey> {
        let typed = self.0.chars().filter(|each| !each.is_whitespace());
        let digits = typed.map(|each| each.to_digit(16)).collect::<Option<Vec<u32>>>()?;
        let (pairs, rest) = digits.as_chunks::<2>();
        let bytes: Option<Vec<u8>> =
            pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low).ok()).collect();
        let seed: [u8; 32] = bytes?.try_into().ok().filter(|_| rest.is_empty())?;
        Some(SecretKey::from_seed(&seed))
    }
}

impl std::fmt::Display for RecoveryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryKey(..)")
    }
}
