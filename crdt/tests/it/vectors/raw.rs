//! Ops put together by hand, so that they can be wrong in one place at a time.

use nexus_crdt::cbor;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, SpaceId, StreamId, Tenure};
use nexus_crdt::kind::{Kind, Plane};
use nexus_crdt::op::{self, Header, Op, OpError};
use nexus_crypto::{SecretKey, Signature, Signed, hash_parts};
use std::collections::BTreeMap;

pub(super) const SALT: [u8; 16] = *b"salt for vectors";

pub(super) fn author() -> SecretKey {
    SecretKey::from_seed(&[0x11; 32])
}

/// The parts of an op as they travel.
#[derive(Clone)]
pub(super) struct Raw {
    pub(super) header: Vec<u8>,
    pub(super) signature: [u8; 64],
    pub(super) body: Option<Vec<u8>>,
}

/// A well-placed header of a kind, for a body (first byte included).
pub(super) fn header(kind: Kind, body: &[u8]) -> Header {
    let genesis = matches!(kind, Kind::IdGenesis | Kind::Genesis);
    let identity = kind.plane() == Plane::Identity;
    let acts = matches!(
        kind,
        Kind::IdRotate
            | Kind::Edit
            | Kind::Delete
            | Kind::React
            | Kind::Unreact
            | Kind::Pin
            | Kind::PollVote
            | Kind::PollEnd
            | Kind::Publish
            | Kind::Move
    );
    let first = genesis || kind == Kind::Join;
    Header {
        version: 1,
        space: if genesis { SpaceId::NONE } else { SpaceId([0x22; 32]) },
        stream: match kind.plane() {
            Plane::Identity | Plane::Governance => StreamId::GOVERNANCE,
            Plane::Membership => StreamId::MEMBERSHIP,
            Plane::Content => StreamId([0x33; 16]),
        },
        author: author().public().into(),
        tenure: if first || identity { Tenure::NONE } else { Tenure([0x44; 16]) },
        seq: if first { 0 } else { 7 },
        prev: (!first).then_some(OpId([0x55; 32])),
        hlc: Hlc::from_ms(1_760_000_000_000),
        kind: kind.number(),
        deps: if genesis || identity { Vec::new() } else { vec![OpId([0x66; 32])] },
        target: acts.then_some(OpId([0x77; 32])),
        body_len: u32::try_from(body.len()).unwrap(),
        body_hash: Some(hash_parts(&[&SALT, body])),
        ext: BTreeMap::new(),
    }
}

impl Raw {
    /// A header with its right body, signed.
    pub(super) fn new(header: &Header, body: &[u8]) -> Self {
        Self::signed(cbor::encode(header), Some([SALT.as_slice(), body].concat()))
    }

    /// Whatever bytes as a header, signed.
    pub(super) fn signed(header: Vec<u8>, body: Option<Vec<u8>>) -> Self {
        let signature = author().sign(&transcript(&header)).0;
        Self { header, signature, body }
    }

    pub(super) fn decode(&self) -> Result<Signed<Op>, OpError> {
        op::from_parts(&self.header, Signature(self.signature), self.body.as_deref())
    }

    pub(super) fn wire(&self) -> Vec<u8> {
        let mut out = vec![0x83];
        bytes(&mut out, &self.header);
        bytes(&mut out, &self.signature);
        match &self.body {
            Some(body) => bytes(&mut out, body),
            None => out.push(0xf6),
        }
        out
    }
}

pub(super) fn transcript(header: &[u8]) -> Vec<u8> {
    [b"nexus-op-v1\0".as_slice(), header].concat()
}

fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    match value.len() {
        len @ 0..24 => out.push(0x40 | len as u8),
        len @ 24..0x100 => out.extend([0x58, len as u8]),
        len @ 0x100..0x1_0000 => out.extend([0x59, (len >> 8) as u8, len as u8]),
        len => out.extend([0x5a, (len >> 24) as u8, (len >> 16) as u8, (len >> 8) as u8, len as u8]),
    }
    out.extend(value);
}
