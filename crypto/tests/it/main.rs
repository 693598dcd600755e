//! Signatures at their edges: what every holder must refuse, or they would hold different sets of ops.

#![allow(clippy::unwrap_used, reason = "a test may")]

use curve25519_dalek::constants::{ED25519_BASEPOINT_TABLE as BASE, EIGHT_TORSION};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Verifier as _, VerifyingKey};
use nexus_crypto::{PublicKey, SecretKey, Signature};
use sha2::{Digest as _, Sha512};
use std::collections::BTreeSet;

const MESSAGE: &[u8] = b"nexus-op-v1\0a header";

/// The order of the group, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn ann() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

/// The secret scalar of Ann's seed (RFC 8032, 5.1.5).
fn scalar() -> Scalar {
    let hash = Sha512::digest(*ann().to_seed());
    let mut low: [u8; 32] = hash[..32].try_into().unwrap();
    low[0] &= 248;
    low[31] = (low[31] & 127) | 64;
    Scalar::from_bytes_mod_order(low)
}

fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}

fn joined(r: &[u8; 32], s: &[u8; 32]) -> Signature {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(r);
    bytes[32..].copy_from_slice(s);
    Signature(bytes)
}

/// A signature by Ann's true scalar over a commitment `r·B + torsion`.
fn signed_with_torsion(nonce: Scalar, torsion: EdwardsPoint) -> Signature {
    let r = (BASE * &nonce + torsion).compress().to_bytes();
    let k = challenge(&r, ann().public().as_bytes(), MESSAGE);
    joined(&r, &(nonce + k * scalar()).to_bytes())
}

fn unhex<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

#[test]
fn the_vectors_of_rfc_8032_hold() {
    for (seed, public, message, signature) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ] {
        let key = SecretKey::from_seed(&unhex(seed));
        let message = hex::decode(message).unwrap();
        assert_eq!(*key.public().as_bytes(), unhex(public));
        assert_eq!(key.sign(&message).0, unhex(signature));
        assert!(key.public().signed(&message, &key.sign(&message)));
    }
}

#[test]
fn no_point_of_small_order_is_a_key() {
    for point in EIGHT_TORSION {
        assert!(PublicKey::parse(point.compress().to_bytes()).is_err());
    }
}

#[test]
fn a_point_has_one_name() {
    // y = 1 and y = p + 1, x = 0 with its sign bit set, and y = 2^255 - 1.
    for (low, rest, high) in [(0xee, 0xff, 0x7f), (0x01, 0x00, 0x80), (0xff, 0xff, 0x7f), (0xec, 0xff, 0xff)]
    {
        let mut name = [rest; 32];
        (name[0], name[31]) = (low, high);
        assert!(PublicKey::parse(name).is_err(), "{name:02x?}");
    }
}

#[test]
fn the_true_scalar_signs() {
    let none = EdwardsPoint::default();
    assert!(ann().public().signed(MESSAGE, &signed_with_torsion(Scalar::from(99u64), none)));
}

#[test]
fn a_commitment_of_small_order_is_refused_even_where_the_equation_holds() {
    let zero = signed_with_torsion(Scalar::ZERO, EdwardsPoint::default());
    let r: [u8; 32] = zero.0[..32].try_into().unwrap();
    let k = challenge(&r, ann().public().as_bytes(), MESSAGE);
    assert_eq!(BASE * &(k * scalar()), BASE * &scalar() * k, "s·B = R + k·A holds with R = 0");
    assert!(!ann().public().signed(MESSAGE, &zero));
}

/// A key with a torsion part is one: its commitment may be any point of small order, and the equation still holds.
#[test]
fn a_commitment_is_refused_whichever_point_of_small_order_it_is() {
    let mut met = BTreeSet::new();
    for torsion in &EIGHT_TORSION {
        let key = (BASE * &scalar() + torsion).compress().to_bytes();
        for (number, r) in (0..64_u16).flat_map(|number| EIGHT_TORSION.map(|r| (number, r))) {
            let (message, r) = (number.to_be_bytes(), r.compress().to_bytes());
            let signature = joined(&r, &(challenge(&r, &key, &message) * scalar()).to_bytes());
            let (plain, bytes) = (VerifyingKey::from_bytes(&key).unwrap(), signature.0);
            let holds = plain.verify(&message, &ed25519_dalek::Signature::from_bytes(&bytes)).is_ok();
            assert!(!PublicKey::parse(key).unwrap().signed(&message, &signature));
            met.extend(holds.then_some(r));
        }
    }
    assert_eq!(met, EIGHT_TORSION.iter().map(|point| point.compress().to_bytes()).collect());
}

/// Every way to be nearly right: each point of small order added to the key and to the commitment, each bit of both scalars' ends.
#[test]
fn what_is_signed_is_what_verify_strict_says() {
    let (mut held, mut asked) = (0, 0);
    for (number, of_key) in EIGHT_TORSION.iter().enumerate() {
        let key = (BASE * &scalar() + of_key).compress().to_bytes();
        for of_commitment in &EIGHT_TORSION {
            for nonce in 0..8_u64 {
                let message = [number as u8, nonce as u8];
                let nonce = Scalar::from(nonce);
                let r = (BASE * &nonce + of_commitment).compress().to_bytes();
                let s = nonce + challenge(&r, &key, &message) * scalar();
                let signature = joined(&r, &s.to_bytes());
                let strict = VerifyingKey::from_bytes(&key).unwrap();
                let strict =
                    strict.verify_strict(&message, &ed25519_dalek::Signature::from_bytes(&signature.0));
                let signed = PublicKey::parse(key).unwrap().signed(&message, &signature);
                assert_eq!(signed, strict.is_ok());
                (held, asked) = (held + u32::from(signed), asked + 1);
            }
        }
    }
    assert!(held > 40 && asked - held > 40, "{held} of {asked}");
}

#[test]
fn a_commitment_with_a_torsion_part_is_refused_where_a_batch_may_let_it_pass() {
    for torsion in &EIGHT_TORSION[1..] {
        let signature = signed_with_torsion(Scalar::from(99u64), *torsion);
        assert!(!ann().public().signed(MESSAGE, &signature));
    }
}

#[test]
fn s_is_reduced_or_refused() {
    let mut signature = ann().sign(MESSAGE);
    let mut carry = 0u16;
    for (byte, order) in signature.0[32..].iter_mut().zip(ORDER) {
        carry += u16::from(*byte) + u16::from(order);
        *byte = carry as u8;
        carry >>= 8;
    }
    assert!(!ann().public().signed(MESSAGE, &signature));
}

#[test]
fn a_flipped_bit_anywhere_in_a_signature_is_refused() {
    let good = ann().sign(MESSAGE);
    for bit in 0..512 {
        let mut bad = good;
        bad.0[bit / 8] ^= 1 << (bit % 8);
        assert!(!ann().public().signed(MESSAGE, &bad), "bit {bit}");
    }
    assert!(!ann().public().signed(&[MESSAGE, &[0]].concat(), &good));
    assert!(!ann().public().signed(&MESSAGE[1..], &good));
}
