//! Ops into a packed batch.

use super::{Log, flag, section};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::op::{Header, Op};
use nexus_crypto::Signed;
use std::collections::BTreeMap;

/// None where an op is not of the one version of envelopes that there is.
pub(super) fn pack(space: &SpaceId, claims: &[Signed<Op>]) -> Option<Vec<u8>> {
    let mut writer = Writer::default();
    writer.spaces.seed(space.0);
    for claim in claims {
        writer.op(claim.untrusted())?;
    }
    let mut out = Vec::new();
    put_varint(&mut out, claims.len() as u64);
    section::put(&mut out, &writer.fields);
    put_varint(&mut out, writer.bodies.len() as u64);
    writer.bodies.iter().for_each(|bodies| section::put(&mut out, bodies));
    out.extend(claims.iter().flat_map(|claim| claim.signature().0));
    out.extend(&writer.raw);
    Some(out)
}

/// Seven bits to a byte, the lowest first; the eighth says that more follow.
pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[derive(Default)]
struct Writer {
    /// Numbers.
    fields: Vec<u8>,
    /// What is random: nothing makes it smaller.
    raw: Vec<u8>,
    /// What was written in each stream.
    bodies: Vec<Vec<u8>>,
    spaces: Known<32>,
    streams: Known<16>,
    authors: Known<32>,
    tenures: Known<16>,
    ops: Named,
    logs: BTreeMap<Log, (u64, OpId)>,
    hlc: Hlc,
    deps: Vec<OpId>,
}

impl Writer {
    fn op(&mut self, op: &Op) -> Option<()> {
        let header = &op.header;
        if header.version != 1 {
            return None;
        }
        let log = (header.space.0, header.stream.0, header.author.0, header.tenure.0);
        let last = self.logs.insert(log, (header.seq, op.id));
        let follows = header.prev.is_some() && header.prev == last.map(|(_, id)| id);
        self.fields.push(flags(op, follows, header.deps == self.deps));
        self.fields.extend(header.kind.to_be_bytes());
        let place = &mut (&mut self.fields, &mut self.raw);
        self.spaces.put(place, header.space.0);
        let stream = self.streams.put(place, header.stream.0);
        self.authors.put(place, header.author.0);
        self.tenures.put(place, header.tenure.0);
        put_varint(&mut self.fields, header.seq.wrapping_sub(last.map_or(0, |(seq, _)| seq.wrapping_add(1))));
        self.time(header.hlc);
        self.names(header, follows);
        self.body(op, stream);
        self.ext(header);
        self.ops.note(op.id);
        Some(())
    }

    fn time(&mut self, hlc: Hlc) {
        let beyond = hlc.ms().wrapping_sub(self.hlc.ms()) as i64;
        put_varint(&mut self.fields, ((beyond << 1) ^ (beyond >> 63)) as u64);
        put_varint(&mut self.fields, u64::from(hlc.counter()));
        self.hlc = hlc;
    }

    fn names(&mut self, header: &Header, follows: bool) {
        let place = &mut (&mut self.fields, &mut self.raw);
        if header.deps != self.deps {
            put_varint(place.0, header.deps.len() as u64);
            header.deps.iter().for_each(|id| self.ops.put(place, *id));
            self.deps.clone_from(&header.deps);
        }
        let prev = header.prev.filter(|_| !follows);
        prev.into_iter().chain(header.target).for_each(|id| self.ops.put(place, id));
    }

    fn body(&mut self, op: &Op, stream: usize) {
        self.bodies.resize(self.bodies.len().max(stream + 1), Vec::new());
        if let (Some(body), Some(bodies)) = (&op.body, self.bodies.get_mut(stream)) {
            put_varint(&mut self.fields, body.bytes.len() as u64);
            self.raw.extend(body.salt);
            bodies.extend(&body.bytes);
            return;
        }
        put_varint(&mut self.fields, u64::from(op.header.body_len));
        self.raw.extend(op.header.body_hash.iter().flatten());
    }

    fn ext(&mut self, header: &Header) {
        if header.ext.is_empty() {
            return;
        }
        put_varint(&mut self.fields, header.ext.len() as u64);
        for (number, bytes) in &header.ext {
            self.fields.extend(number.to_be_bytes());
            put_varint(&mut self.fields, bytes.len() as u64);
            self.raw.extend(bytes.as_slice());
        }
    }
}

fn flags(op: &Op, follows: bool, cites_as_before: bool) -> u8 {
    let header = &op.header;
    let if_so = |so: bool, flag: u8| if so { flag } else { 0 };
    if_so(follows, flag::FOLLOWS)
        | if_so(header.prev.is_some() && !follows, flag::PREV)
        | if_so(header.target.is_some(), flag::TARGET)
        | if_so(op.body.is_some(), flag::BODY)
        | if_so(op.body.is_none() && header.body_hash.is_some(), flag::BARE)
        | if_so(cites_as_before, flag::CITES_AS_BEFORE)
        | if_so(!header.ext.is_empty(), flag::EXT)
}

/// Numbers, and what is random.
type Places<'a> = (&'a mut Vec<u8>, &'a mut Vec<u8>);

/// Values that come again and again: each is written out once, and is a number from then on.
#[derive(Default)]
struct Known<const N: usize>(BTreeMap<[u8; N], usize>);

impl<const N: usize> Known<N> {
    fn seed(&mut self, value: [u8; N]) {
        self.0.insert(value, 0);
    }

    fn put(&mut self, (fields, raw): &mut Places<'_>, value: [u8; N]) -> usize {
        let next = self.0.len();
        let at = *self.0.entry(value).or_insert_with(|| {
            raw.extend(value);
            next
        });
        put_varint(fields, at as u64);
        at
    }
}

/// Ops that were named or are in the batch, the last being number 1; 0 stands for one that is written out.
#[derive(Default)]
struct Named {
    at: BTreeMap<OpId, usize>,
    count: usize,
}

impl Named {
    fn put(&mut self, (fields, raw): &mut Places<'_>, id: OpId) {
        match self.at.get(&id) {
            Some(at) => put_varint(fields, (self.count - at) as u64),
            None => {
                put_varint(fields, 0);
                raw.extend(id.0);
                self.note(id);
            }
        }
    }

    fn note(&mut self, id: OpId) {
        self.at.insert(id, self.count);
        self.count += 1;
    }
}
