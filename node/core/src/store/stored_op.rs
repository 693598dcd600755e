//! An op as it is kept.

use super::{LogId, StoreFault};
use nexus_crdt::op::{self, Op};
use nexus_crypto::{Signature, Verified};

/// An op as it is kept: its parts as they were signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredOp {
    /// Decoded.
    pub op: Op,
    /// As it was checked when it came in.
    pub signature: Signature,
}

impl StoredOp {
    /// A checked op, as it is kept.
    #[must_use]
    pub fn of(op: Verified<Op>) -> Self {
        let signature = *op.signature();
        Self { op: op.into_inner(), signature }
    }

    /// Checks it again, as it was checked when it came in: what a store gives back is no proof.
    ///
    /// # Errors
    /// [`StoreFault`] where it is not what was stored.
    pub fn verify(&self) -> Result<Verified<Op>, StoreFault> {
        let body = self.op.body.as_ref().map(|body| [body.salt.as_slice(), &body.bytes].concat());
        op::from_parts(&op::header_bytes(&self.op), self.signature, body.as_deref())
            .and_then(op::verify)
            .map_err(|error| StoreFault(format!("op {}: {error}", self.op.id.to_hex())))
    }

    /// As it goes on the wire.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        op::encode_parts(&self.op, &self.signature)
    }

    /// The log it stands in.
    #[must_use]
    pub fn log(&self) -> LogId {
        LogId::of(&self.op)
    }
}
