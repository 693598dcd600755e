//! Values: fixed parts first, what may be missing behind them, as its flags say. Byte layouts: `node/docs/store.md`.

use super::fault;
use super::intern::Short;
use nexus_core::StoreFault;
use nexus_crdt::id::OpId;

/// An op's header without what its key says, and its signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct OpRow {
    pub(super) tail: [u8; 16],
    pub(super) signature: [u8; 64],
    pub(super) author: Short,
    pub(super) tenure: Short,
    pub(super) kind: u16,
    pub(super) seq: u64,
    pub(super) body_len: u32,
    /// Written on this node.
    pub(super) mine: bool,
    /// Its header carries the zero space: it began the space that its key names.
    pub(super) genesis: bool,
    pub(super) prev: Option<OpId>,
    pub(super) target: Option<OpId>,
    pub(super) body_hash: Option<[u8; 32]>,
    pub(super) deps: Deps,
    pub(super) ext: Vec<(u16, Vec<u8>)>,
}

/// What an op cites.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Deps {
    /// One frontier, by its number.
    Frontier(Short),
    /// Ops.
    Ops(Vec<OpId>),
}

/// A message's row, without what its key says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct MessageValue {
    pub(super) tail: [u8; 16],
    pub(super) space: Short,
    pub(super) author: Short,
    pub(super) number: u64,
    pub(super) verdict: u8,
    pub(super) late: bool,
}

/// An act's row, without what its key says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ActValue {
    pub(super) tail: [u8; 16],
    /// The end of the id of the message it acts on.
    pub(super) message_tail: [u8; 16],
    pub(super) space: Short,
    pub(super) author: Short,
    pub(super) verdict: u8,
    pub(super) void: bool,
    pub(super) deed: DeedValue,
}

/// What an act does, people as numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum DeedValue {
    Edit,
    Delete,
    React { emoji: String },
    Unreact { emoji: Option<String>, user: Option<Short> },
    Pin { pinned: bool },
    Follow { user: Short, following: bool },
    Vote { answers: Vec<u8> },
    EndPoll,
    Publish,
    Move { to: Option<Short> },
}

pub(super) const MINE: u8 = 1;
pub(super) const GENESIS: u8 = 1 << 1;
pub(super) const PREV: u8 = 1 << 2;
pub(super) const TARGET: u8 = 1 << 3;
pub(super) const BODY_HASH: u8 = 1 << 4;
pub(super) const FRONTIER: u8 = 1 << 5;
pub(super) const EXT: u8 = 1 << 6;

impl OpRow {
    pub(super) fn pack(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        out.push(self.flags());
        out.extend(self.tail);
        out.extend(self.signature);
        out.extend(self.author);
        out.extend(self.tenure);
        out.extend(self.kind.to_be_bytes());
        out.extend(self.seq.to_be_bytes());
        out.extend(self.body_len.to_be_bytes());
        for part in [self.prev.map(|id| id.0), self.target.map(|id| id.0), self.body_hash] {
            out.extend(part.into_iter().flatten());
        }
        match &self.deps {
            Deps::Frontier(short) => out.extend(short),
            Deps::Ops(ops) => {
                out.push(count(ops.len()));
                out.extend(ops.iter().flat_map(|op| op.0));
            }
        }
        if !self.ext.is_empty() {
            pack_ext(&mut out, &self.ext);
        }
        out
    }

    pub(super) fn unpack(bytes: &[u8]) -> Result<Self, StoreFault> {
        let mut from = Unpacker(bytes);
        let flags = from.byte()?;
        let has = |flag: u8| flags & flag != 0;
        let row = Self {
            tail: from.take()?,
            signature: from.take()?,
            author: from.take()?,
            tenure: from.take()?,
            kind: u16::from_be_bytes(from.take()?),
            seq: u64::from_be_bytes(from.take()?),
            body_len: u32::from_be_bytes(from.take()?),
            mine: has(MINE),
            genesis: has(GENESIS),
            prev: from.take_if(has(PREV))?.map(OpId),
            target: from.take_if(has(TARGET))?.map(OpId),
            body_hash: from.take_if(has(BODY_HASH))?,
            deps: if has(FRONTIER) { Deps::Frontier(from.take()?) } else { Deps::Ops(from.ops()?) },
            ext: if has(EXT) { from.ext()? } else { Vec::new() },
        };
        from.end(row)
    }

    pub(super) fn flags(&self) -> u8 {
        let when = |is: bool, flag: u8| if is { flag } else { 0 };
        when(self.mine, MINE)
            | when(self.genesis, GENESIS)
            | when(self.prev.is_some(), PREV)
            | when(self.target.is_some(), TARGET)
            | when(self.body_hash.is_some(), BODY_HASH)
            | when(matches!(self.deps, Deps::Frontier(_)), FRONTIER)
            | when(!self.ext.is_empty(), EXT)
    }
}

impl MessageValue {
    pub(super) fn pack(&self) -> [u8; 34] {
        let flags = [self.verdict, u8::from(self.late)];
        super::key::join(&[&self.tail, &self.space, &self.author, &self.number.to_be_bytes(), &flags])
    }

    pub(super) fn unpack(bytes: &[u8]) -> Result<Self, StoreFault> {
        let mut from = Unpacker(bytes);
        let row = Self {
            tail: from.take()?,
            space: from.take()?,
            author: from.take()?,
            number: u64::from_be_bytes(from.take()?),
            verdict: from.byte()?,
            late: from.byte()? != 0,
        };
        from.end(row)
    }
}

impl ActValue {
    pub(super) fn pack(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        out.extend(self.tail);
        out.extend(self.message_tail);
        out.extend(self.space);
        out.extend(self.author);
        out.extend([self.verdict, u8::from(self.void)]);
        match &self.deed {
            DeedValue::Edit => out.push(0),
            DeedValue::Delete => out.push(1),
            DeedValue::React { emoji } => {
                out.push(2);
                pack_text(&mut out, emoji);
            }
            DeedValue::Unreact { emoji, user } => {
                out.extend([3, u8::from(emoji.is_some()) | u8::from(user.is_some()) << 1]);
                out.extend(user.iter().flatten());
                if let Some(emoji) = emoji {
                    pack_text(&mut out, emoji);
                }
            }
            DeedValue::Pin { pinned } => out.extend([4, u8::from(*pinned)]),
            DeedValue::Follow { user, following } => {
                out.extend([5, u8::from(*following)]);
                out.extend(user);
            }
            DeedValue::Vote { answers } => {
                out.extend([6, count(answers.len())]);
                out.extend(answers);
            }
            DeedValue::EndPoll => out.push(7),
            DeedValue::Publish => out.push(8),
            DeedValue::Move { to } => {
                out.extend([9, u8::from(to.is_some())]);
                out.extend(to.iter().flatten());
            }
        }
        out
    }

    pub(super) fn unpack(bytes: &[u8]) -> Result<Self, StoreFault> {
        let mut from = Unpacker(bytes);
        let row = Self {
            tail: from.take()?,
            message_tail: from.take()?,
            space: from.take()?,
            author: from.take()?,
            verdict: from.byte()?,
            void: from.byte()? != 0,
            deed: from.deed()?,
        };
        from.end(row)
    }
}

pub(super) fn pack_ext(out: &mut Vec<u8>, ext: &[(u16, Vec<u8>)]) {
    out.push(count(ext.len()));
    for (number, bytes) in ext {
        out.extend(number.to_be_bytes());
        out.extend(length(bytes.len()));
        out.extend(bytes);
    }
}

fn pack_text(out: &mut Vec<u8>, text: &str) {
    out.extend(length(text.len()));
    out.extend(text.as_bytes());
}

// Ops are checked before they come here: at most 16 deps, 8 extensions, 512 bytes of them, 64 bytes of emoji, 10 answers.
pub(super) fn count(len: usize) -> u8 {
    u8::try_from(len).expect("a checked op has few deps and extensions")
}

fn length(len: usize) -> [u8; 2] {
    u16::try_from(len).expect("a checked op has short extensions and emoji").to_be_bytes()
}

/// Writes a number as [`Unpacker::varint`] reads it.
pub(super) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

/// Bytes that are taken from the front.
pub(super) struct Unpacker<'a>(&'a [u8]);

impl<'a> Unpacker<'a> {
    pub(super) const fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What is left, all of it.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// Seven bits to a byte, the lowest first; the eighth says that more follow.
    pub(super) fn varint(&mut self) -> Result<u64, StoreFault> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(fault("a number is too long"))
    }

    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], StoreFault> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or_else(|| fault("a row ends too early"))?;
        self.0 = rest;
        Ok(*head)
    }

    pub(super) fn take_if<const N: usize>(&mut self, there: bool) -> Result<Option<[u8; N]>, StoreFault> {
        there.then(|| self.take()).transpose()
    }

    pub(super) fn byte(&mut self) -> Result<u8, StoreFault> {
        Ok(u8::from_be_bytes(self.take()?))
    }

    fn bytes(&mut self) -> Result<&'a [u8], StoreFault> {
        let len = usize::from(u16::from_be_bytes(self.take()?));
        let (head, rest) = self.0.split_at_checked(len).ok_or_else(|| fault("a row ends too early"))?;
        self.0 = rest;
        Ok(head)
    }

    fn text(&mut self) -> Result<String, StoreFault> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(fault)
    }

    pub(super) fn ops(&mut self) -> Result<Vec<OpId>, StoreFault> {
        let count = self.byte()?;
        (0..count).map(|_| self.take().map(OpId)).collect()
    }

    pub(super) fn ext(&mut self) -> Result<Vec<(u16, Vec<u8>)>, StoreFault> {
        let count = self.byte()?;
        let mut one = || Ok((u16::from_be_bytes(self.take()?), self.bytes()?.to_vec()));
        (0..count).map(|_| one()).collect()
    }

    fn deed(&mut self) -> Result<DeedValue, StoreFault> {
        Ok(match self.byte()? {
            0 => DeedValue::Edit,
            1 => DeedValue::Delete,
            2 => DeedValue::React { emoji: self.text()? },
            3 => {
                let flags = self.byte()?;
                let user = self.take_if(flags & 2 != 0)?;
                let emoji = if flags & 1 != 0 { Some(self.text()?) } else { None };
                DeedValue::Unreact { emoji, user }
            }
            4 => DeedValue::Pin { pinned: self.byte()? != 0 },
            5 => {
                let following = self.byte()? != 0;
                DeedValue::Follow { user: self.take()?, following }
            }
            6 => {
                let count = self.byte()?;
                DeedValue::Vote { answers: (0..count).map(|_| self.byte()).collect::<Result<_, _>>()? }
            }
            7 => DeedValue::EndPoll,
            8 => DeedValue::Publish,
            9 => {
                let there = self.byte()? != 0;
                DeedValue::Move { to: self.take_if(there)? }
            }
            _ => return Err(fault("an act of an unknown kind")),
        })
    }

    pub(super) fn end<T>(self, row: T) -> Result<T, StoreFault> {
        if self.0.is_empty() { Ok(row) } else { Err(fault("a row has bytes beyond its end")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> OpRow {
        OpRow {
            tail: [1; 16],
            signature: [2; 64],
            author: [0, 0, 0, 3],
            tenure: [0, 0, 0, 4],
            kind: 0x8105,
            seq: u64::MAX,
            body_len: 49_152,
            mine: true,
            genesis: false,
            prev: Some(OpId([5; 32])),
            target: None,
            body_hash: Some([6; 32]),
            deps: Deps::Ops(vec![OpId([7; 32]), OpId([8; 32])]),
            ext: vec![(1, vec![]), (0x8002, vec![9; 300])],
        }
    }

    #[test]
    fn an_op_row_comes_back_as_it_was_with_any_part_missing() {
        let cases = [
            row(),
            OpRow { prev: None, genesis: true, deps: Deps::Ops(vec![]), ..row() },
            OpRow { target: Some(OpId([9; 32])), body_hash: None, ext: vec![], mine: false, ..row() },
            OpRow { deps: Deps::Frontier([0, 0, 1, 0]), ..row() },
        ];
        for case in cases {
            assert_eq!(OpRow::unpack(&case.pack()).unwrap(), case);
        }
    }

    #[test]
    fn a_torn_or_longer_row_is_a_fault_at_every_length() {
        let whole = row().pack();
        for len in 0..whole.len() {
            assert!(OpRow::unpack(&whole[..len]).is_err(), "{len} bytes");
        }
        assert!(OpRow::unpack(&[whole.as_slice(), &[0]].concat()).is_err());
    }

    #[test]
    fn an_act_row_comes_back_whatever_it_does() {
        let emoji = || String::from("👍🏽");
        let deeds = [
            DeedValue::Edit,
            DeedValue::Delete,
            DeedValue::React { emoji: emoji() },
            DeedValue::Unreact { emoji: None, user: None },
            DeedValue::Unreact { emoji: Some(emoji()), user: None },
            DeedValue::Unreact { emoji: Some(emoji()), user: Some([0, 0, 0, 7]) },
            DeedValue::Pin { pinned: true },
            DeedValue::Pin { pinned: false },
            DeedValue::Follow { user: [0, 0, 0, 7], following: true },
            DeedValue::Vote { answers: vec![] },
            DeedValue::Vote { answers: vec![1, 10] },
            DeedValue::EndPoll,
            DeedValue::Publish,
            DeedValue::Move { to: Some([0, 0, 0, 7]) },
            DeedValue::Move { to: None },
        ];
        for deed in deeds {
            let (space, author) = ([0, 0, 0, 1], [0, 0, 0, 2]);
            let (tail, message_tail) = ([3; 16], [4; 16]);
            let act = ActValue { tail, message_tail, space, author, verdict: 7, void: true, deed };
            assert_eq!(ActValue::unpack(&act.pack()).unwrap(), act);
        }
    }
}
