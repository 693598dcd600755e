//! A packed batch into ops. Whatever the bytes are, it takes no more than a frame's worth of memory for each of what they name.

use super::super::{Garbage, LINK_FRAME_MAX, OPS_MAX};
use super::{Log, flag, section};
use minicbor::bytes::ByteVec;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, StreamId, Tenure};
use nexus_crdt::op::{self, DEPS_MAX, EXT_MAX, Header, Op, SaltedBody};
use nexus_crypto::Signature;
use std::collections::BTreeMap;

/// The ops as they go alone.
pub(super) fn unpack(space: &SpaceId, bytes: &[u8]) -> Result<Vec<Vec<u8>>, Garbage> {
    let mut from = Reader(bytes);
    let count = from.length().ok().filter(|count| (1..=OPS_MAX).contains(count)).ok_or(Garbage)?;
    let fields = section::take(&mut from)?;
    let streams = from.length().ok().filter(|streams| *streams <= count).ok_or(Garbage)?;
    let bodies = (0..streams).map(|_| section::take(&mut from)).collect::<Result<Vec<_>, _>>()?;
    if bodies.iter().map(Vec::len).sum::<usize>() > LINK_FRAME_MAX {
        return Err(Garbage);
    }
    let signatures = from.take(64 * count)?;
    let mut batch = Batch::new(*space, &fields, from, bodies.iter().map(|bodies| Reader(bodies)).collect());
    let mut ops = Vec::with_capacity(count);
    for signature in signatures.as_chunks().0 {
        let op = batch.op()?;
        ops.push(op::encode_parts(&op, &Signature(*signature)));
    }
    if batch.is_read() { Ok(ops) } else { Err(Garbage) }
}

/// Bytes that are left to be read.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, many: usize) -> Result<&'a [u8], Garbage> {
        let (some, rest) = self.0.split_at_checked(many).ok_or(Garbage)?;
        self.0 = rest;
        Ok(some)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Garbage> {
        let (some, rest) = self.0.split_first_chunk().ok_or(Garbage)?;
        self.0 = rest;
        Ok(*some)
    }

    fn varint(&mut self) -> Result<u64, Garbage> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Garbage)
    }

    pub(super) fn length(&mut self) -> Result<usize, Garbage> {
        usize::try_from(self.varint()?).map_err(|_| Garbage)
    }
}

struct Batch<'a> {
    fields: Reader<'a>,
    raw: Reader<'a>,
    /// What was written in each stream.
    bodies: Vec<Reader<'a>>,
    spaces: Known<32>,
    streams: Known<16>,
    authors: Known<32>,
    tenures: Known<16>,
    /// Ops that were named or are in the batch.
    named: Vec<OpId>,
    logs: BTreeMap<Log, (u64, OpId)>,
    hlc: Hlc,
    deps: Vec<OpId>,
}

impl<'a> Batch<'a> {
    fn new(space: SpaceId, fields: &'a [u8], raw: Reader<'a>, bodies: Vec<Reader<'a>>) -> Self {
        Self {
            fields: Reader(fields),
            raw,
            bodies,
            spaces: Known(vec![space.0]),
            streams: Known(Vec::new()),
            authors: Known(Vec::new()),
            tenures: Known(Vec::new()),
            named: Vec::new(),
            logs: BTreeMap::new(),
            hlc: Hlc::ZERO,
            deps: Vec::new(),
        }
    }

    fn is_read(&self) -> bool {
        self.fields.0.is_empty()
            && self.raw.0.is_empty()
            && self.bodies.iter().all(|bodies| bodies.0.is_empty())
    }

    fn op(&mut self) -> Result<Op, Garbage> {
        let [flags] = self.fields.array()?;
        let kind = u16::from_be_bytes(self.fields.array()?);
        let place = &mut (&mut self.fields, &mut self.raw);
        let (space, _) = self.spaces.take(place)?;
        let (stream, at) = self.streams.take(place)?;
        let (author, _) = self.authors.take(place)?;
        let (tenure, _) = self.tenures.take(place)?;
        let log = (space, stream, author, tenure);
        let last = self.logs.get(&log).copied();
        let seq = self.fields.varint()?.wrapping_add(last.map_or(0, |(seq, _)| seq.wrapping_add(1)));
        let hlc = self.time()?;
        if flags & flag::CITES_AS_BEFORE == 0 {
            self.deps = self.cited()?;
        }
        let prev = match (flags & flag::FOLLOWS != 0, flags & flag::PREV != 0) {
            (true, false) => Some(last.ok_or(Garbage)?.1),
            (false, true) => Some(self.name()?),
            (false, false) => None,
            (true, true) => return Err(Garbage),
        };
        let target = (flags & flag::TARGET != 0).then(|| self.name()).transpose()?;
        let (body, body_len, body_hash) = self.body(flags, at)?;
        let header = Header {
            version: 1,
            space: SpaceId(space),
            stream: StreamId(stream),
            author: DeviceKey(author),
            tenure: Tenure(tenure),
            seq,
            prev,
            hlc,
            kind,
            deps: self.deps.clone(),
            target,
            body_len,
            body_hash,
            ext: self.ext(flags)?,
        };
        let mut op = Op { id: OpId([0; 32]), header, body };
        op.id = op::named_by_header(&op);
        self.logs.insert(log, (seq, op.id));
        self.named.push(op.id);
        Ok(op)
    }

    fn time(&mut self) -> Result<Hlc, Garbage> {
        let beyond = self.fields.varint()?;
        let beyond = (beyond >> 1) ^ (beyond & 1).wrapping_neg();
        let ms = self.hlc.ms().wrapping_add(beyond);
        let counter = u16::try_from(self.fields.varint()?).map_err(|_| Garbage)?;
        if ms > u64::MAX >> 16 {
            return Err(Garbage);
        }
        self.hlc = Hlc(ms << 16 | u64::from(counter));
        Ok(self.hlc)
    }

    fn cited(&mut self) -> Result<Vec<OpId>, Garbage> {
        let count = self.fields.length()?;
        if count > DEPS_MAX {
            return Err(Garbage);
        }
        (0..count).map(|_| self.name()).collect()
    }

    fn name(&mut self) -> Result<OpId, Garbage> {
        let back = self.fields.length()?;
        if back == 0 {
            let id = OpId(self.raw.array()?);
            self.named.push(id);
            return Ok(id);
        }
        let at = self.named.len().checked_sub(back).ok_or(Garbage)?;
        self.named.get(at).copied().ok_or(Garbage)
    }

    fn body(&mut self, flags: u8, stream: usize) -> Result<Body, Garbage> {
        let len = self.fields.length()?;
        let body_len = u32::try_from(len).map_err(|_| Garbage)?;
        match (flags & flag::BODY != 0, flags & flag::BARE != 0) {
            (true, false) => {
                let bytes = self.bodies.get_mut(stream).ok_or(Garbage)?.take(len)?.to_vec();
                let body = SaltedBody { salt: self.raw.array()?, bytes };
                let hash = nexus_crypto::hash_parts(&[&body.salt, &body.bytes]);
                Ok((Some(body), body_len, Some(hash)))
            }
            (false, true) => Ok((None, body_len, Some(self.raw.array()?))),
            (false, false) => Ok((None, body_len, None)),
            (true, true) => Err(Garbage),
        }
    }

    fn ext(&mut self, flags: u8) -> Result<BTreeMap<u16, ByteVec>, Garbage> {
        let count = if flags & flag::EXT == 0 { 0 } else { self.fields.length()? };
        if count > EXT_MAX {
            return Err(Garbage);
        }
        let mut ext = BTreeMap::new();
        for _ in 0..count {
            let number = u16::from_be_bytes(self.fields.array()?);
            let len = self.fields.length()?;
            ext.insert(number, self.raw.take(len)?.to_vec().into());
        }
        Ok(ext)
    }
}

/// A body that is here, how long it is, and its hash.
type Body = (Option<SaltedBody>, u32, Option<[u8; 32]>);

/// Values that were said, by their numbers.
struct Known<const N: usize>(Vec<[u8; N]>);

impl<const N: usize> Known<N> {
    fn take(
        &mut self,
        (fields, raw): &mut (&mut Reader<'_>, &mut Reader<'_>),
    ) -> Result<([u8; N], usize), Garbage> {
        let at = fields.length()?;
        if at == self.0.len() {
            self.0.push(raw.array()?);
        }
        Ok((*self.0.get(at).ok_or(Garbage)?, at))
    }
}
