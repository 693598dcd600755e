//! The bare checks of signatures, with `ed25519-dalek` and the curve under it: nothing here is Nexus.

use anyhow::{Result, ensure};
use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity as _, VartimeMultiscalarMul as _};
use ed25519_dalek::{Signature, VerifyingKey};
use nexus_crdt::op::{self, Op};
use nexus_crypto::Verified;
use sha2::{Digest as _, Sha512};

/// A signature with its key and what it covers.
pub(super) struct Bare {
    key: VerifyingKey,
    message: Vec<u8>,
    signature: Signature,
}

impl Bare {
    pub(super) fn of(op: &Verified<Op>) -> Result<Self> {
        let message = [b"nexus-op-v1\0", op::header_bytes(op).as_slice()].concat();
        let key = VerifyingKey::from_bytes(&op.header.author.0)?;
        Ok(Self { key, message, signature: Signature::from_bytes(&op.signature().0) })
    }
}

/// One by one.
pub(super) fn each(all: &[Bare]) -> Result<()> {
    Ok(all.iter().try_for_each(|bare| bare.key.verify_strict(&bare.message, &bare.signature))?)
}

/// The equation of `ed25519_dalek::verify_batch`, with what it multiplies: that function is behind a feature, which would be on for the whole
/// workspace then. The coefficients are no secrets here, only as long as there.
pub(super) fn together(all: &[Bare], many: usize) -> Result<()> {
    all.chunks(many).try_for_each(|some| {
        ensure!(holds(some), "a signature that holds alone holds among others");
        Ok(())
    })
}

fn holds(some: &[Bare]) -> bool {
    let mut of_the_base = Scalar::ZERO;
    let (mut scalars, mut points) = (Vec::new(), Vec::new());
    let mut coefficients = blake3::Hasher::new();
    for bare in some {
        coefficients.update(&bare.signature.to_bytes());
    }
    let mut coefficients = coefficients.finalize_xof();
    for bare in some {
        let mut drawn = [0; 32];
        coefficients.fill(&mut drawn[..16]);
        let z = Scalar::from_bytes_mod_order(drawn);
        let hash = Sha512::new()
            .chain_update(bare.signature.r_bytes())
            .chain_update(bare.key.as_bytes())
            .chain_update(&bare.message)
            .finalize();
        let hash = Scalar::from_bytes_mod_order_wide(&hash.into());
        of_the_base += z * Scalar::from_bytes_mod_order(*bare.signature.s_bytes());
        scalars.extend([z, z * hash]);
        points.extend([
            CompressedEdwardsY(*bare.signature.r_bytes()).decompress(),
            Some(bare.key.to_edwards()),
        ]);
    }
    scalars.push(-of_the_base);
    points.push(Some(ED25519_BASEPOINT_POINT));
    EdwardsPoint::optional_multiscalar_mul(scalars, points).is_some_and(|sum| sum.is_identity())
}
