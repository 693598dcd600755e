//! A message of a comparison, and its bytes.
//!
//! A message covers the stream from its start, part by part. A part is a bound, a byte
//! that says what follows, and that. A bound is one byte: bits 0 to 5 a shift, bit 6 that a name follows, bit 7 that it is the
//! stream's end, and nothing more then; else a LEB128 number (what the time shifted right rises by from the bound before,
//! itself shifted) and, with bit 6, the 16 bytes of a head. Lists have their length before them, LEB128 too.

use crate::store::{Head, Range, Spot};
use crate::sync::reconcile::Print;
use nexus_crdt::hlc::Hlc;

/// Bytes of a message's parts at most, and so of what [`Parts::read`] takes.
pub const PART_MAX: usize = 60 * 1024;
/// Parts of a message.
const PARTS_MAX: usize = 4_096;
/// Names in a list that is read.
const LIST_MAX: usize = 64;

/// What is said of a stream, part by part, ascending from its start. Of what is behind the last nothing is said.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Parts(pub Vec<Part>);

/// What is said of a range that begins where the one before ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Where it ends (exclusive); none: at the stream's end.
    pub upto: Option<Spot>,
    /// What.
    pub says: Says,
}

/// What is said of a range.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Says {
    /// Nothing more to say.
    Same,
    /// "What I hold there has this fingerprint."
    Print(Print),
    /// "I hold these there."
    Names(Vec<Head>),
    /// "Of those you listed I lack these."
    Need(Vec<Head>),
}

/// Bytes that are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no message of a comparison")]
pub struct Garbled;

impl Parts {
    /// Whether it wants an answer.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.0.iter().any(|part| matches!(part.says, Says::Print(_) | Says::Names(_)))
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|part| part.says == Says::Same)
    }

    /// Its bytes.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut before = Spot::FIRST;
        for part in &self.0 {
            write_part(&mut bytes, &mut before, part);
        }
        bytes
    }

    /// The range of each part.
    pub(super) fn ranges(&self) -> Vec<Range> {
        let mut from = Spot::FIRST;
        let range = |part: &Part| {
            let range = Range { from, upto: part.upto };
            from = part.upto.unwrap_or(from);
            range
        };
        self.0.iter().map(range).collect()
    }

    /// Bytes of each part.
    pub(super) fn sizes(&self) -> Vec<usize> {
        let (mut bytes, mut before) = (Vec::new(), Spot::FIRST);
        let size = |part| {
            bytes.clear();
            write_part(&mut bytes, &mut before, part);
            bytes.len()
        };
        self.0.iter().map(size).collect()
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`Garbled`] where it is too long, its bounds do not rise, or it has another form.
    pub fn read(mut bytes: &[u8]) -> Result<Self, Garbled> {
        if bytes.len() > PART_MAX {
            return Err(Garbled);
        }
        let mut parts: Vec<Part> = Vec::new();
        let (mut before, mut ended) = (Spot::FIRST, false);
        while !bytes.is_empty() {
            let upto = read_bound(&mut bytes, &before)?;
            if ended || parts.len() >= PARTS_MAX || upto.is_some_and(|upto| upto <= before) {
                return Err(Garbled);
            }
            ended = upto.is_none();
            before = upto.unwrap_or(before);
            parts.push(Part { upto, says: read_says(&mut bytes)? });
        }
        Ok(Self(parts))
    }
}

/// Makes a message that keeps within [`PART_MAX`].
pub(super) struct Writer {
    parts: Vec<Part>,
    before: Spot,
    bytes: Vec<u8>,
    ended: bool,
}

impl Writer {
    pub(super) const fn new() -> Self {
        Self { parts: Vec::new(), before: Spot::FIRST, bytes: Vec::new(), ended: false }
    }

    pub(super) fn put(&mut self, upto: Option<Spot>, says: Says) {
        self.ended = upto.is_none();
        if says == Says::Same
            && let Some(last) = self.parts.pop_if(|last| last.says == Says::Same)
        {
            self.parts.push(Part { upto, ..last });
            self.before = upto.unwrap_or(self.before);
            return;
        }
        let part = Part { upto, says };
        write_part(&mut self.bytes, &mut self.before, &part);
        self.parts.push(part);
    }

    /// Goes on from a place, and says nothing of what is before it; whether that can be.
    pub(super) fn skip_to(&mut self, from: Spot) -> bool {
        let can = !self.ended && self.before <= from;
        if can && self.before < from {
            self.put(Some(from), Says::Same);
        }
        can
    }

    // The parts that one range is cut into, or those beside its gaps, a list, and the rest still fit.
    pub(super) const fn is_full(&self) -> bool {
        self.bytes.len() > PART_MAX - SPARE || self.parts.len() > PARTS_MAX - 256
    }

    /// Where what was not said begins, if anything up to `last` was not.
    pub(super) fn rest(&self, last: Option<Spot>) -> Option<Spot> {
        let covered = self.ended || last.is_some_and(|last| self.before >= last);
        Some(self.before).filter(|_| !covered && self.is_full())
    }

    pub(super) fn done(mut self) -> Parts {
        while self.parts.pop_if(|part| part.says == Says::Same).is_some() {}
        Parts(self.parts)
    }
}

/// The place after `before`, up to `spot`, that takes the fewest bytes.
pub(super) fn roundest(before: &Spot, spot: &Spot) -> Spot {
    if before.hlc >= spot.hlc {
        return *spot;
    }
    // The highest bit in which the times differ is set in the later one: below it nothing is needed.
    let differs = 63 - (before.hlc.0 ^ spot.hlc.0).leading_zeros();
    let hlc = Hlc(spot.hlc.0 >> differs << differs);
    Spot { hlc, head: [0; 16] }
}

fn write_part(bytes: &mut Vec<u8>, before: &mut Spot, part: &Part) {
    write_bound(bytes, before, part.upto);
    *before = part.upto.unwrap_or(*before);
    let (number, heads) = match &part.says {
        Says::Same => (0, None),
        Says::Print(_) => (1, None),
        Says::Names(heads) => (2, Some(heads)),
        Says::Need(heads) => (3, Some(heads)),
    };
    bytes.push(number);
    if let Says::Print(print) = &part.says {
        bytes.extend(print);
    }
    if let Some(heads) = heads {
        write_number(bytes, heads.len() as u64);
        bytes.extend(heads.iter().flatten());
    }
}

fn read_says(bytes: &mut &[u8]) -> Result<Says, Garbled> {
    Ok(match take::<1>(bytes)? {
        [0] => Says::Same,
        [1] => Says::Print(take(bytes)?),
        [2] => Says::Names(read_heads(bytes)?),
        [3] => Says::Need(read_heads(bytes)?),
        _ => return Err(Garbled),
    })
}

fn read_heads(bytes: &mut &[u8]) -> Result<Vec<Head>, Garbled> {
    let length = usize::try_from(read_number(bytes)?).map_err(|_| Garbled)?;
    if length > LIST_MAX {
        return Err(Garbled);
    }
    (0..length).map(|_| take(bytes)).collect()
}

fn write_bound(bytes: &mut Vec<u8>, before: &Spot, bound: Option<Spot>) {
    let Some(bound) = bound else {
        bytes.push(END);
        return;
    };
    let shift = bound.hlc.0.trailing_zeros().min(63);
    let has_head = bound.head != [0; 16];
    let number = u8::try_from(shift).unwrap_or(0);
    bytes.push(number | if has_head { NAMED } else { 0 });
    write_number(bytes, (bound.hlc.0 >> shift) - (before.hlc.0 >> shift));
    if has_head {
        bytes.extend(bound.head);
    }
}

// What is written in another way than it would be here is no message: one message has one form.
fn read_bound(bytes: &mut &[u8], before: &Spot) -> Result<Option<Spot>, Garbled> {
    let [first] = take::<1>(bytes)?;
    if first == END {
        return Ok(None);
    }
    let shift = u32::from(first & (NAMED - 1));
    let time = (before.hlc.0 >> shift).checked_add(read_number(bytes)?).ok_or(Garbled)?;
    let hlc = time.checked_mul(1 << shift).ok_or(Garbled)?;
    let head = if first & NAMED == 0 { [0; 16] } else { take(bytes)? };
    let is_short = hlc.trailing_zeros().min(63) == shift && (first & NAMED == 0) == (head == [0; 16]);
    if first & END != 0 || !is_short {
        return Err(Garbled);
    }
    Ok(Some(Spot { hlc: Hlc(hlc), head }))
}

fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or(0));
}

fn read_number(bytes: &mut &[u8]) -> Result<u64, Garbled> {
    let (mut number, mut shift) = (0u64, 0u32);
    loop {
        let [byte] = take::<1>(bytes)?;
        let bits = u64::from(byte & 0x7f);
        if shift > 63 || bits << shift >> shift != bits || (byte == 0 && shift > 0) {
            return Err(Garbled);
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
        shift += 7;
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Garbled> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(Garbled)?;
    *bytes = rest;
    Ok(*taken)
}

/// Of a message, for what is put behind the last part that fits: the fingerprints beside 64 gaps take 4.1 KiB at most.
pub(super) const SPARE: usize = 5 * 1024;
const NAMED: u8 = 0x40;
const END: u8 = 0x80;
