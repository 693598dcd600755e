//! The 64 random bytes of an input, stretched: every draw has its purpose and its number, none is made twice.

/// What a draw is for; each purpose is a domain of its own.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    IdentityKey,
    RecoveryKey,
    DeviceKey,
    AdmissionKey,
    InviteCode,
    ClaimSeed,
    Salt,
    Token,
    Epoch,
    NoteKey,
    Ephemeral,
    Nonce,
}

/// A source that gives the same draws for the same seed.
pub(super) struct Entropy {
    seed: [u8; 64],
    drawn: u64,
}

impl Entropy {
    pub(super) const fn new(seed: [u8; 64]) -> Self {
        Self { seed, drawn: 0 }
    }

    /// `N` bytes that nothing else has had or will have.
    pub(super) fn draw<const N: usize>(&mut self, purpose: Purpose) -> [u8; N] {
        let mut hasher = blake3::Hasher::new_derive_key(purpose.context());
        hasher.update(&self.seed);
        hasher.update(&self.drawn.to_be_bytes());
        self.drawn += 1;
        let mut out = [0; N];
        hasher.finalize_xof().fill(&mut out);
        out
    }
}

impl Purpose {
    const fn context(self) -> &'static str {
        match self {
            Self::IdentityKey => "nexus 2026 core entropy: identity key",
            Self::RecoveryKey => "nexus 2026 core entropy: recovery key",
            Self::DeviceKey => "nexus 2026 core entropy: device key",
            Self::AdmissionKey => "nexus 2026 core entropy: admission key",
            Self::InviteCode => "nexus 2026 core entropy: invite code",
            Self::ClaimSeed => "nexus 2026 core entropy: keys of an account that is taken home",
            Self::Salt => "nexus 2026 core entropy: body salt",
            Self::Token => "nexus 2026 core entropy: API token",
            Self::Epoch => "nexus 2026 core entropy: name of a store in cursors",
            Self::NoteKey => "nexus 2026 core entropy: key that notes are sealed under",
            Self::Ephemeral => "nexus 2026 core entropy: ephemeral key that hands one on",
            Self::Nonce => "nexus 2026 core entropy: nonce of what is sealed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_draws_of_one_input_are_alike_and_the_same_seed_gives_the_same_draws() {
        let draws = |seed| {
            let mut entropy = Entropy::new([seed; 64]);
            [entropy.draw::<32>(Purpose::Salt), entropy.draw(Purpose::Salt), entropy.draw(Purpose::DeviceKey)]
        };
        let [first, second, third] = draws(1);
        assert!(first != second && second != third && first != third);
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
    }
}
