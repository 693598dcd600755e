//! How one program shows another whom it speaks for.

use nexus_crdt::id::{DeviceKey, UserId};
use nexus_crypto::{PublicKey, SecretKey, Signature};

/// Most accounts that one program proves to another.
pub const PROOFS_MAX: usize = 64;

/// A device's word that the program at the other end of a link speaks for its account. Whether the account certifies
/// the device, its own log says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeviceProof {
    /// The account.
    pub user: UserId,
    /// One of its devices.
    pub device: DeviceKey,
    /// By the device, over `"nexus-link-v1\0" ‖ transcript ‖ user`.
    pub signature: Signature,
}

impl DeviceProof {
    pub(super) fn sign(user: UserId, key: &SecretKey, transcript: &[u8]) -> Self {
        Self { user, device: key.public().into(), signature: key.sign(&signed_text(&user, transcript)) }
    }

    /// Whether the device signed this very transcript.
    #[must_use]
    pub fn holds(&self, transcript: &[u8]) -> bool {
        let key = PublicKey::parse(self.device.0);
        key.is_ok_and(|key| key.signed(&signed_text(&self.user, transcript), &self.signature))
    }
}

// The domain keeps a transcript that the other end had a hand in from being anything else that a device signs.
fn signed_text(user: &UserId, transcript: &[u8]) -> Vec<u8> {
    [b"nexus-link-v1\0", transcript, &user.0].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_holds_for_its_own_transcript_and_account_only() {
        let (key, user) = (SecretKey::from_seed(&[1; 32]), UserId([2; 32]));
        let proof = DeviceProof::sign(user, &key, b"this link");
        assert!(proof.holds(b"this link") && !proof.holds(b"another link"));
        assert!(!DeviceProof { user: UserId([3; 32]), ..proof }.holds(b"this link"));
    }
}
