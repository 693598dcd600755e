//! Envelope version 1: a signed fixed header and a salted body that can be destroyed without breaking a chain.
//!
//! An op on the wire is a CBOR array `[header bstr, signature bstr(64), body bstr / null]`; the header is itself
//! canonical CBOR, an array of the fourteen fields of [`Header`] in order. `body` is `salt (16 B) ‖ first byte ‖
//! payload`. The op's id does not cover the signature: malleability changes nothing.

mod structure;

use crate::body::{self, Body, Sealed};
use crate::cbor::{self, CborError};
use crate::hlc::Hlc;
use crate::id::{DeviceKey, FrontierId, OpId, SpaceId, StreamId, Tenure};
use crate::kind::Kind;
use minicbor::encode::{self, Encoder, Write};
use minicbor::{Decode, Encode};
use nexus_crypto::{Mark, MarkKey, PublicKey, SecretKey, Signature, Signed, Verified};
use std::collections::BTreeMap;

/// Largest body of a content op, first byte included, salt not.
pub const CONTENT_BODY_MAX: usize = 49_152;
/// Largest body of any other op.
pub const GOVERNANCE_BODY_MAX: usize = 32_768;
/// Largest op on the wire.
pub const FRAME_MAX: usize = 65_536;
/// Most governance heads an op may cite.
pub const DEPS_MAX: usize = 16;
/// Most extensions of a header.
pub const EXT_MAX: usize = 8;
/// Bytes of all extensions of a header.
pub const EXT_BYTES_MAX: usize = 512;

const OP_ID_CONTEXT: &str = "nexus 2026 op id v1";
const SIGNATURE_DOMAIN: &[u8] = b"nexus-op-v1\0";

/// The signed part. Holds no personal data: no names, no text, no addresses.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Header {
    /// Envelope version, 1.
    #[n(0)]
    pub version: u8,
    /// Where; zero in a genesis.
    #[n(1)]
    pub space: SpaceId,
    /// Where in it.
    #[n(2)]
    pub stream: StreamId,
    /// By which device.
    #[n(3)]
    pub author: DeviceKey,
    /// Under which admission.
    #[n(4)]
    pub tenure: Tenure,
    /// 0, 1, 2 .. in its log.
    #[n(5)]
    pub seq: u64,
    /// The op before it in its log.
    #[n(6)]
    pub prev: Option<OpId>,
    /// Time of writing.
    #[n(7)]
    pub hlc: Hlc,
    /// A number of [`Kind`], or of a later version.
    #[n(8)]
    pub kind: u16,
    /// Governance: its heads, ascending, at most 16. Membership and content: exactly one frontier. Identity: none.
    #[cbor(n(9))]
    pub deps: Vec<OpId>,
    /// What it acts on.
    #[n(10)]
    pub target: Option<OpId>,
    /// Bytes of the body, salt excluded.
    #[n(11)]
    pub body_len: u32,
    /// `BLAKE3(salt ‖ body)`.
    #[cbor(n(12), with = "minicbor::bytes")]
    pub body_hash: Option<[u8; 32]>,
    /// Extensions: number to bytes; bit 15 critical; at most 8 entries and 512 bytes. This version knows none.
    #[n(13)]
    pub ext: BTreeMap<u16, minicbor::bytes::ByteVec>,
}

/// An op whose form is right. Whether it is its author's, [`Verified`] says; whether it counts, authority says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Op {
    /// Its name.
    pub id: OpId,
    /// The signed part.
    pub header: Header,
    /// The rest, while it has not been destroyed.
    pub body: Option<SaltedBody>,
}

/// A body with the salt that keeps its hash from being guessed after erasure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SaltedBody {
    /// 16 random bytes.
    pub salt: [u8; 16],
    /// First byte and payload.
    pub bytes: Vec<u8>,
}

/// Why bytes are no op.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpError {
    /// Longer than a frame.
    #[error("larger than a frame")]
    TooLarge,
    /// No canonical CBOR of the envelope's shape.
    #[error("envelope: {0}")]
    Envelope(CborError),
    /// No canonical CBOR of the header's shape.
    #[error("header: {0}")]
    Header(CborError),
    /// An envelope of another version.
    #[error("envelope version {0}")]
    Version(u8),
    /// The author is no usable key.
    #[error("author is no usable Ed25519 key")]
    Author,
    /// A field contradicts another or the kind.
    #[error("{0}")]
    Structure(&'static str),
    /// The body is not the one the header names.
    #[error("the body is not the one the header names")]
    BodyHash,
    /// The body does not fit its kind.
    #[error("body: {0}")]
    Body(CborError),
    /// The body has the shape of its kind and breaks one of its limits.
    #[error("body: {0}")]
    Limit(&'static str),
}

/// Everything of an op but what sealing adds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// Where.
    pub space: SpaceId,
    /// Where in it.
    pub stream: StreamId,
    /// Under which admission.
    pub tenure: Tenure,
    /// Place in its log.
    pub seq: u64,
    /// The op before it.
    pub prev: Option<OpId>,
    /// Time of writing.
    pub hlc: Hlc,
    /// What it does.
    pub kind: Kind,
    /// As in [`Header`].
    pub deps: Vec<OpId>,
    /// As in [`Header`].
    pub target: Option<OpId>,
    /// First byte and payload; see [`open_body`].
    pub body: Vec<u8>,
}

#[derive(Decode)]
#[cbor(array)]
struct Envelope {
    #[cbor(n(0), with = "minicbor::bytes")]
    header: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: [u8; 64],
    #[cbor(n(2), with = "minicbor::bytes")]
    body: Option<Vec<u8>>,
}

/// Always three fields: the derived form would leave a missing body out.
impl<C> Encode<C> for Envelope {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.array(3)?.bytes(&self.header)?.bytes(&self.signature)?;
        match &self.body {
            Some(body) => e.bytes(body)?.ok(),
            None => e.null()?.ok(),
        }
    }
}

/// The bytes of an open body.
pub fn open_body<T: Encode<()>>(body: &T) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(cbor::encode(body));
    bytes
}

/// The bytes of a sealed body: `1 ‖ key epoch (16) ‖ index (4, big-endian) ‖ ciphertext`.
#[must_use]
pub fn sealed_body(sealed: &Sealed) -> Vec<u8> {
    let mut bytes = vec![1];
    bytes.extend(sealed.key_epoch);
    bytes.extend(sealed.index.to_be_bytes());
    bytes.extend(&sealed.ciphertext);
    bytes
}

impl Draft {
    /// Whether others would take it: what [`decode`] asks of an op, asked before it is signed.
    ///
    /// # Errors
    /// [`OpError`] names the first thing that is wrong.
    pub fn check(&self) -> Result<(), OpError> {
        let header = self.header(DeviceKey([0; 32]), &[0; 16]);
        structure::check(&header)?;
        body::check(header.kind(), &self.body)
    }

    /// Signs it. `salt` is 16 bytes of the caller's random source.
    #[must_use]
    pub fn seal(self, key: &SecretKey, salt: [u8; 16]) -> Verified<Op> {
        let header = self.header(key.public().into(), &salt);
        let bytes = cbor::encode(&header);
        let op = Op { id: id_of(&bytes), header, body: Some(SaltedBody { salt, bytes: self.body }) };
        key.seal(op, &transcript(&bytes))
    }

    fn header(&self, author: DeviceKey, salt: &[u8; 16]) -> Header {
        Header {
            version: 1,
            space: self.space,
            stream: self.stream,
            author,
            tenure: self.tenure,
            seq: self.seq,
            prev: self.prev,
            hlc: self.hlc,
            kind: self.kind.number(),
            deps: self.deps.clone(),
            target: self.target,
            body_len: u32::try_from(self.body.len()).unwrap_or(u32::MAX),
            body_hash: Some(nexus_crypto::hash_parts(&[salt, &self.body])),
            ext: BTreeMap::new(),
        }
    }
}

impl Header {
    /// The kind, where this version knows what the op means: not with a critical extension, which may change that.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        if self.has_critical_ext() { None } else { Kind::from_number(self.kind) }
    }

    /// Whether this version must not guess what the op does: a critical kind or extension it does not know. It is
    /// stored and forwarded; in governance it makes the guild read-only.
    #[must_use]
    pub fn is_beyond_rules(&self) -> bool {
        self.kind().is_none() && (self.has_critical_ext() || Kind::is_critical(self.kind))
    }

    fn has_critical_ext(&self) -> bool {
        self.ext.keys().any(|number| Kind::is_critical(*number))
    }
}

impl Op {
    /// As [`Header::kind`].
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.header.kind()
    }

    /// The space it belongs to: its own id where it begins one.
    #[must_use]
    pub fn space(&self) -> SpaceId {
        if self.header.space == SpaceId::NONE { self.id.into() } else { self.header.space }
    }

    /// The frontier it cites, for membership and content.
    #[must_use]
    pub fn frontier(&self) -> Option<FrontierId> {
        match self.header.deps.as_slice() {
            [one] => Some(FrontierId(one.0)),
            _ => None,
        }
    }

    /// Reads an open body.
    ///
    /// # Errors
    /// [`OpError::BodyHash`] where it was destroyed, [`OpError::Structure`] where it is sealed,
    /// [`OpError::Body`] where it has another shape, [`OpError::Limit`] where it breaks a limit.
    pub fn read_body<T: Body>(&self) -> Result<T, OpError> {
        let body = self.body.as_ref().ok_or(OpError::BodyHash)?;
        match body.bytes.split_first() {
            Some((0, payload)) => body::decode(payload),
            _ => Err(OpError::Structure("the body is sealed")),
        }
    }

    /// The sealed body; none where it is open, or not here.
    #[must_use]
    pub fn read_sealed(&self) -> Option<Sealed> {
        let (1, rest) = self.body.as_ref()?.bytes.split_first()? else { return None };
        let (key_epoch, rest) = rest.split_first_chunk()?;
        let (index, ciphertext) = rest.split_first_chunk()?;
        let (key_epoch, index) = (*key_epoch, u32::from_be_bytes(*index));
        Some(Sealed { key_epoch, index, ciphertext: ciphertext.to_vec() })
    }
}

/// Reads an op from the wire: bounded, canonical, whole. The signature is still to be checked, by [`verify`].
///
/// # Errors
/// [`OpError`] names the first thing that is wrong.
pub fn decode(bytes: &[u8]) -> Result<Signed<Op>, OpError> {
    if bytes.len() > FRAME_MAX {
        return Err(OpError::TooLarge);
    }
    let envelope: Envelope = cbor::decode(bytes).map_err(OpError::Envelope)?;
    from_parts(&envelope.header, Signature(envelope.signature), envelope.body.as_deref())
}

/// Reads an op from its stored parts; `body` is `salt ‖ bytes`.
///
/// # Errors
/// [`OpError`] names the first thing that is wrong.
pub fn from_parts(header: &[u8], signature: Signature, body: Option<&[u8]>) -> Result<Signed<Op>, OpError> {
    let bytes = header;
    let header: Header = cbor::decode(bytes).map_err(OpError::Header)?;
    let body = body.map(split_salt).transpose()?;
    structure::check(&header)?;
    if let Some(body) = &body {
        check_body(&header, body)?;
    }
    let op = Op { id: id_of(bytes), header, body };
    Ok(Signed::claim(op, transcript(bytes), signature))
}

/// Checks the author's signature.
///
/// # Errors
/// [`OpError::Author`] where the key is unusable or the signature is not its own.
pub fn verify(signed: Signed<Op>) -> Result<Verified<Op>, OpError> {
    let key = PublicKey::parse(signed.untrusted().header.author.0).map_err(|_| OpError::Author)?;
    signed.verify(&key).map_err(|_| OpError::Author)
}

/// Marks an op that was checked, so that [`recognise`] knows it.
#[must_use]
pub fn mark(op: &Verified<Op>, key: &MarkKey) -> Mark {
    key.mark(&transcript(&header_bytes(op)), op.signature())
}

/// Takes an op that was kept for what it was when it got its mark: read, bounded, and signed by its author. None where it is another
/// op, has another body or signature, or the mark is not this key's.
#[must_use]
pub fn recognise(op: &Op, signature: &Signature, key: &MarkKey, mark: &Mark) -> Option<Verified<Op>> {
    let header = header_bytes(op);
    let has_its_body = op.body.as_ref().is_none_or(|body| body_stands(&op.header, body));
    let claim = (has_its_body && id_of(&header) == op.id)
        .then(|| Signed::claim(op.clone(), transcript(&header), *signature));
    claim?.recognise(key, mark)
}

/// The canonical header bytes, as they are stored and hashed.
#[must_use]
pub fn header_bytes(op: &Op) -> Vec<u8> {
    cbor::encode(&op.header)
}

/// Whether an op that was kept still has the header that was signed: its id is the header's hash.
#[must_use]
pub fn header_stands(op: &Op) -> bool {
    id_of(&header_bytes(op)) == op.id
}

/// The id that an op's header gives it, whatever it is said to have.
#[must_use]
pub fn named_by_header(op: &Op) -> OpId {
    id_of(&header_bytes(op))
}

/// Whether a body that was kept is still the one that the header names.
#[must_use]
pub fn body_stands(header: &Header, body: &SaltedBody) -> bool {
    let hash = nexus_crypto::hash_parts(&[&body.salt, &body.bytes]);
    header.body_len as usize == body.bytes.len() && header.body_hash == Some(hash)
}

/// The op as it goes on the wire.
#[must_use]
pub fn encode(op: &Verified<Op>) -> Vec<u8> {
    encode_parts(op, op.signature())
}

/// As [`encode`], of an op that was checked when it was stored: whoever gets it checks it anyway.
#[must_use]
pub fn encode_parts(op: &Op, signature: &Signature) -> Vec<u8> {
    cbor::encode(&Envelope {
        header: header_bytes(op),
        signature: signature.0,
        body: op.body.as_ref().map(|body| [body.salt.as_slice(), &body.bytes].concat()),
    })
}

fn id_of(header: &[u8]) -> OpId {
    OpId(nexus_crypto::derive_id(OP_ID_CONTEXT, header))
}

fn transcript(header: &[u8]) -> Vec<u8> {
    [SIGNATURE_DOMAIN, header].concat()
}

fn split_salt(bytes: &[u8]) -> Result<SaltedBody, OpError> {
    let (salt, rest) =
        bytes.split_first_chunk::<16>().ok_or(OpError::Structure("a body without its salt"))?;
    Ok(SaltedBody { salt: *salt, bytes: rest.to_vec() })
}

fn check_body(header: &Header, body: &SaltedBody) -> Result<(), OpError> {
    if !body_stands(header, body) {
        return Err(OpError::BodyHash);
    }
    body::check(header.kind(), &body.bytes)
}
