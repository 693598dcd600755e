//! Hybrid public key encryption to an Ed25519 key: HPKE base mode, single shot (RFC 9180), of the suite DHKEM(X25519, HKDF-SHA256),
//! HKDF-SHA256, ChaCha20Poly1305.
//!
//! A key that signs opens, too: its point is mapped to Curve25519 (RFC 7748, 4.1) and its secret scalar is the one that Ed25519
//! derives from the seed. That one key pair may serve both is proven by Thormarker, "On using the same key pair for Ed25519
//! and an X25519 based KEM" (ePrint 2021/509). So whom a certificate names can be written to, and it need name no second key.

use crate::keys::{PublicKey, SecretKey};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use curve25519_dalek::montgomery::MontgomeryPoint;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// What one key alone opens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handed {
    /// The ephemeral public key.
    pub enc: [u8; 32],
    /// The ciphertext: 16 bytes longer than what it hides.
    pub ciphertext: Vec<u8>,
}

impl PublicKey {
    /// Seals `plain` so that the owner of this key opens it. `ephemeral` is 32 bytes of the caller's random source, used once; `info` says
    /// what it is for, and is asked for again by who opens it.
    #[must_use]
    pub fn hand(&self, ephemeral: &[u8; 32], info: &[u8], plain: &[u8]) -> Handed {
        encrypt(&self.to_montgomery(), ephemeral, info, &[], plain)
    }
}

impl SecretKey {
    /// Opens what was sealed for this key; none where it was for another, for another purpose, or was changed.
    #[must_use]
    pub fn take(&self, handed: &Handed, info: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        decrypt(&self.to_scalar(), &self.public().to_montgomery(), handed, info, &[])
    }
}

fn encrypt(to: &[u8; 32], ephemeral: &[u8; 32], info: &[u8], aad: &[u8], plain: &[u8]) -> Handed {
    let enc = MontgomeryPoint::mul_base_clamped(*ephemeral).to_bytes();
    let shared = Zeroizing::new(MontgomeryPoint(*to).mul_clamped(*ephemeral).to_bytes());
    let (cipher, nonce) = schedule(&shared, &enc, to, info);
    // Only a text of more than 2^38 bytes is refused.
    let ciphertext = cipher.encrypt(&nonce, Payload { msg: plain, aad }).unwrap_or_default();
    Handed { enc, ciphertext }
}

fn decrypt(
    secret: &[u8; 32],
    public: &[u8; 32],
    handed: &Handed,
    info: &[u8],
    aad: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let shared = Zeroizing::new(MontgomeryPoint(handed.enc).mul_clamped(*secret).to_bytes());
    // RFC 9180, 7.1.4: an `enc` of small order makes a secret that everybody knows.
    if *shared == [0; 32] {
        return None;
    }
    let (cipher, nonce) = schedule(&shared, &handed.enc, public, info);
    cipher.decrypt(&nonce, Payload { msg: &handed.ciphertext, aad }).ok().map(Zeroizing::new)
}

const KEM: &[u8] = &[b'K', b'E', b'M', 0x00, 0x20];
const SUITE: &[u8] = &[b'H', b'P', b'K', b'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x03];
const BASE: u8 = 0;

/// The key and the nonce of the first (and only) message: RFC 9180, 4.1 and 5.1.
fn schedule(dh: &[u8; 32], enc: &[u8; 32], to: &[u8; 32], info: &[u8]) -> (ChaCha20Poly1305, Nonce) {
    let prk = extract(&[], KEM, b"eae_prk", dh);
    let shared: Zeroizing<[u8; 32]> = expand(&prk, KEM, b"shared_secret", &[&enc[..], to].concat());
    let mut context = vec![BASE];
    context.extend(&*extract(&[], SUITE, b"psk_id_hash", &[]));
    context.extend(&*extract(&[], SUITE, b"info_hash", info));
    let secret = extract(&*shared, SUITE, b"secret", &[]);
    let key: Zeroizing<[u8; 32]> = expand(&secret, SUITE, b"key", &context);
    let nonce: Zeroizing<[u8; 12]> = expand(&secret, SUITE, b"base_nonce", &context);
    (ChaCha20Poly1305::new(&(*key).into()), Nonce::from(*nonce))
}

fn extract(salt: &[u8], suite: &[u8], label: &[u8], ikm: &[u8]) -> Zeroizing<[u8; 32]> {
    let labelled = Zeroizing::new([VERSION, suite, label, ikm].concat());
    Zeroizing::new(Hkdf::<Sha256>::extract(Some(salt), &labelled).0.into())
}

fn expand<const N: usize>(prk: &[u8; 32], suite: &[u8], label: &[u8], info: &[u8]) -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    let length = u16::try_from(N).unwrap_or_default().to_be_bytes();
    let labelled = [&length[..], VERSION, suite, label, info].concat();
    let hkdf = Hkdf::<Sha256>::from_prk(prk).ok();
    let filled = hkdf.and_then(|hkdf| hkdf.expand(&labelled, &mut *out).ok());
    debug_assert!(filled.is_some(), "a key of 32 bytes is long enough, and 32 bytes are not too many");
    out
}

const VERSION: &[u8] = b"HPKE-v1";

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        hex::decode(hex).unwrap().try_into().unwrap()
    }

    /// RFC 9180, A.2.1 and A.2.1.1.
    #[test]
    fn it_is_what_the_rfc_says() {
        let ephemeral = bytes("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600");
        let secret = bytes("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
        let public = bytes("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");
        let (info, aad) = (b"Ode on a Grecian Urn", b"Count-0");
        let handed = encrypt(&public, &ephemeral, info, aad, b"Beauty is truth, truth beauty");
        let enc: [u8; 32] = bytes("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
        let ciphertext: [u8; 45] = bytes(
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
        );
        assert_eq!(handed, Handed { enc, ciphertext: ciphertext.to_vec() });
        let opened = decrypt(&secret, &public, &handed, info, aad).unwrap();
        assert_eq!(opened.as_slice(), b"Beauty is truth, truth beauty");
    }

    #[test]
    fn a_key_that_signs_opens_what_was_sealed_for_it_and_no_other_does() {
        let (mine, other) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let handed = mine.public().hand(&[3; 32], b"for this", b"a secret");
        assert_eq!(mine.take(&handed, b"for this").unwrap().as_slice(), b"a secret");
        assert!(other.take(&handed, b"for this").is_none());
        assert!(mine.take(&handed, b"for that").is_none());
        for at in 0..handed.ciphertext.len() {
            let mut changed = handed.clone();
            changed.ciphertext[at] ^= 1;
            assert!(mine.take(&changed, b"for this").is_none());
        }
        let weak = Handed { enc: [0; 32], ..handed };
        assert!(mine.take(&weak, b"for this").is_none(), "nobody needs a key for that");
    }
}
