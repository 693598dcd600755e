//! The envelope: from the wire, from its parts, and signed so that the way goes on behind the signature.

use nexus_crdt::cbor;
use nexus_crdt::op::{self, Header, Op};
use nexus_crypto::{SecretKey, Signature, Signed};

/// Bytes as they come from a peer.
pub(crate) fn wire(data: &[u8]) {
    let Ok(signed) = op::decode(data) else { return };
    same_parts(&signed, data);
    if let Ok(op) = op::verify(signed) {
        assert_eq!(op::encode(&op), data, "an op on the wire has one form");
    }
}

/// Bytes as they come from a store: length of the header, header, body.
pub(crate) fn parts(data: &[u8]) {
    let Some((len, rest)) = data.split_first_chunk() else { return };
    let Some((header, body)) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len))) else { return };
    for body in [None, Some(body)] {
        if let Ok(signed) = op::from_parts(header, Signature([0; 64]), body) {
            assert_eq!(op::header_bytes(signed.untrusted()), header, "a header has one form");
            assert!(op::verify(signed).is_err(), "nobody has signed this");
        }
    }
}

/// The same parts, put in order and signed: what an attacker with a key of their own can send.
pub(crate) fn signed(data: &[u8]) {
    let Some((len, rest)) = data.split_first_chunk() else { return };
    let Some((header, body)) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len))) else { return };
    let Ok(mut header) = cbor::decode::<Header>(header) else { return };
    let key = SecretKey::from_seed(&[1; 32]);
    header.author = key.public().into();
    header.body_hash = Some(nexus_crypto::hash_parts(&[body]));
    header.body_len = u32::try_from(body.len().saturating_sub(16)).unwrap_or(u32::MAX);
    let header = cbor::encode(&header);
    let signature = key.sign(&[b"nexus-op-v1\0", header.as_slice()].concat());
    let Ok(claim) = op::from_parts(&header, signature, Some(body)) else { return };
    let Ok(op) = op::verify(claim) else { panic!("what a key has signed verifies") };
    let wire = op::encode(&op);
    let Ok(again) = op::decode(&wire).and_then(op::verify) else {
        panic!("what was read is read again: {wire:02x?}")
    };
    assert_eq!(*again, *op);
    let _ = (op.kind(), op.space(), op.frontier(), op.header.is_beyond_rules());
}

fn same_parts(signed: &Signed<Op>, wire: &[u8]) {
    let header = op::header_bytes(signed.untrusted());
    assert!(wire.windows(header.len()).any(|window| window == header), "a header has one form");
}
