//! Two holders of a stream find out what either lacks: range-based set reconciliation (Meyer, "Range-Based Set
//! Reconciliation", SRDS 2023), without IO.
//!
//! One side opens with fingerprints of ranges that cover the stream; each message answers the one before it. A range whose
//! fingerprints are equal is settled. One that differs is cut into 16 parts, or, where 32 ops or less are in it, listed by name;
//! who is given a list gives what is missing in it, and says what of it to be given. Nothing is remembered between messages, so
//! a liar can only ask for work, message by message, and whoever drives this bounds that.

mod parts;
mod print;

pub use parts::{Garbled, PART_MAX, Part, Parts, Says};
pub use print::{Print, SessionKey};

use crate::store::{Gaps, Head, Piece, Range, SetSum, Spot, Store, StoreFault};
use nexus_crdt::id::{SpaceId, StreamId};
use parts::Writer;
use std::collections::BTreeSet;

/// What can be compared: the ops of one stream, or anything that has the same order and sums.
pub trait Ops {
    /// Where ops stand, ascending, at most `limit`.
    ///
    /// # Errors
    /// [`StoreFault`], as every method here.
    fn spots(&self, range: &Range, limit: usize) -> Result<Vec<Spot>, StoreFault>;
    /// As [`Store::pieces`].
    fn pieces(&self, range: &Range) -> Result<Vec<Piece>, StoreFault>;
    /// What is in a range.
    fn sum(&self, range: &Range) -> Result<SetSum, StoreFault>;
    /// Where the last op before a spot stands.
    fn before(&self, spot: &Spot) -> Result<Option<Spot>, StoreFault>;
    /// Whether there is an op of this name.
    fn has(&self, head: &Head) -> Result<bool, StoreFault>;
}

/// One stream of a store.
#[derive(Clone, Copy)]
pub struct Stream<'a> {
    /// Where it is.
    pub store: &'a dyn Store,
    /// Its space.
    pub space: SpaceId,
    /// Which.
    pub stream: StreamId,
}

/// What an answer comes to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// What is said.
    pub parts: Parts,
    /// What the other side lacks, as far as this message showed.
    pub gifts: Vec<Gift>,
}

/// Ops that the other side lacks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Gift {
    /// All of a range but these.
    Range {
        /// Which.
        range: Range,
        /// What the other side has of it.
        except: BTreeSet<Head>,
        /// How many there are to give.
        count: u64,
    },
    /// These: it asked for them.
    Named(Vec<Head>),
}

/// One side of a comparison.
#[derive(Clone, Copy)]
pub struct Side<'a, O> {
    /// What both sides have made their fingerprints with.
    pub key: &'a SessionKey,
    /// What this side holds.
    pub ops: &'a O,
}

impl<O: Ops> Side<'_, O> {
    /// The first message: the newest ops by name, what is before them in ranges that grow twofold, the rest in ranges of one
    /// size. What differs lies mostly at the end.
    ///
    /// # Errors
    /// [`StoreFault`] where the ops cannot be read.
    pub fn open(&self) -> Result<Parts, StoreFault> {
        let groups = grouped(&self.finest_at_the_end()?);
        let mut writer = Writer::new();
        let Some(((newest, _), older)) = groups.split_first() else {
            writer.put(None, Says::Names(Vec::new()));
            return Ok(writer.done());
        };
        let bounds = std::iter::once(newest).chain(older.iter().map(|(from, _)| from));
        for (upto, (_, sum)) in bounds.zip(older).collect::<Vec<_>>().into_iter().rev() {
            writer.put(Some(self.between(upto)?), Says::Print(self.key.print(sum)));
        }
        writer.put(None, Says::Names(self.names(&Range { from: *newest, upto: None })?));
        Ok(writer.done())
    }

    /// The first message about a stream that is not held whole: of its gaps nothing is said, of each range between them the
    /// fingerprint.
    ///
    /// # Errors
    /// [`StoreFault`] where the ops cannot be read.
    pub fn open_beside(&self, gaps: &Gaps) -> Result<Parts, StoreFault> {
        let mut writer = Writer::new();
        self.say_what_is_held(&Range::ALL, gaps, &mut writer)?;
        Ok(writer.done())
    }

    /// What there is to say to a message, and to give.
    ///
    /// # Errors
    /// [`StoreFault`] where the ops cannot be read.
    pub fn answer(&self, theirs: &Parts) -> Result<Answer, StoreFault> {
        self.answer_beside(theirs, &Gaps::default())
    }

    /// As [`Side::answer`], of a stream with gaps: what reaches into one is answered with the fingerprints of what is held of
    /// it, so that nothing is called missing, or equal, that this side does not claim to hold.
    ///
    /// # Errors
    /// [`StoreFault`] where the ops cannot be read.
    pub fn answer_beside(&self, theirs: &Parts, gaps: &Gaps) -> Result<Answer, StoreFault> {
        let mut gifts = Vec::new();
        let mut writer = Writer::new();
        let mut from = Spot::FIRST;
        let last = theirs.0.last().and_then(|part| part.upto);
        for part in &theirs.0 {
            let range = Range { from, upto: part.upto };
            from = part.upto.unwrap_or(from);
            if let Says::Need(heads) = &part.says {
                gifts.push(Gift::Named(heads.clone()));
            }
            if writer.is_full() {
                continue;
            }
            match &part.says {
                Says::Same | Says::Need(_) => writer.put(part.upto, Says::Same),
                _ if gaps.meet(&range) => self.say_what_is_held(&range, gaps, &mut writer)?,
                Says::Print(print) => self.look_at_print(&range, print, &mut writer)?,
                Says::Names(names) => self.look_at_names(&range, names, &mut writer, &mut gifts)?,
            }
        }
        // What there is no room for is one range more, for the next message.
        if let Some(from) = writer.rest(last) {
            let sum = self.ops.sum(&Range { from, upto: last })?;
            writer.put(last, Says::Print(self.key.print(&sum)));
        }
        Ok(Answer { parts: writer.done(), gifts })
    }

    fn say_what_is_held(&self, range: &Range, gaps: &Gaps, writer: &mut Writer) -> Result<(), StoreFault> {
        for (piece, held) in gaps.cut(range) {
            let print = || Ok(Says::Print(self.key.print(&self.ops.sum(&piece)?)));
            writer.put(piece.upto, if held { print()? } else { Says::Same });
        }
        Ok(())
    }

    fn look_at_print(&self, range: &Range, theirs: &Print, writer: &mut Writer) -> Result<(), StoreFault> {
        let sum = self.ops.sum(range)?;
        if self.key.print(&sum) == *theirs {
            writer.put(range.upto, Says::Same);
        } else if sum.count <= LEAF as u64 {
            writer.put(range.upto, Says::Names(self.names(range)?));
        } else {
            self.cut(range, sum.count, writer)?;
        }
        Ok(())
    }

    // Into 16 parts of about one size, or as many as there are sums for.
    fn cut(&self, range: &Range, count: u64, writer: &mut Writer) -> Result<(), StoreFault> {
        let size = count.div_ceil(SPLIT);
        let pieces = self.ops.pieces(range)?;
        let mut pieces = pieces.iter().peekable();
        let mut sum = SetSum::default();
        while let Some(piece) = pieces.next() {
            sum = sum.and(&piece.sum);
            let next = pieces.peek();
            if let Some(next) = next.filter(|_| sum.count >= size) {
                writer.put(Some(self.between(&next.from)?), Says::Print(self.key.print(&sum)));
                sum = SetSum::default();
            }
        }
        writer.put(range.upto, Says::Print(self.key.print(&sum)));
        Ok(())
    }

    fn look_at_names(
        &self,
        range: &Range,
        theirs: &[Head],
        writer: &mut Writer,
        gifts: &mut Vec<Gift>,
    ) -> Result<(), StoreFault> {
        let mut lacking = Vec::new();
        for head in theirs {
            if !self.ops.has(head)? {
                lacking.push(*head);
            }
        }
        let except: BTreeSet<Head> = theirs.iter().copied().collect();
        let shared = theirs.len() - lacking.len();
        let count = self.ops.sum(range)?.count.saturating_sub(shared as u64);
        if count > 0 {
            gifts.push(Gift::Range { range: *range, except, count });
        }
        writer.put(range.upto, if lacking.is_empty() { Says::Same } else { Says::Need(lacking) });
        Ok(())
    }

    fn names(&self, range: &Range) -> Result<Vec<Head>, StoreFault> {
        let spots = self.ops.spots(range, LEAF)?;
        Ok(spots.into_iter().map(|spot| spot.head).collect())
    }

    // The last piece is cut as long as there are many ops in it.
    fn finest_at_the_end(&self) -> Result<Vec<Piece>, StoreFault> {
        let mut pieces = self.ops.pieces(&Range::ALL)?;
        while let Some(last) = pieces.pop_if(|last| last.sum.count > 1) {
            let finer = self.ops.pieces(&Range { from: last.from, upto: None })?;
            let is_no_finer = finer.len() < 2;
            pieces.extend(finer);
            if is_no_finer {
                break;
            }
        }
        Ok(pieces)
    }

    // Any place behind the op before says the same, and the roundest one is short.
    fn between(&self, spot: &Spot) -> Result<Spot, StoreFault> {
        let before = self.ops.before(spot)?.map_or(Spot::FIRST, |before| before);
        Ok(parts::roundest(&before, spot))
    }
}

impl Ops for Stream<'_> {
    fn spots(&self, range: &Range, limit: usize) -> Result<Vec<Spot>, StoreFault> {
        self.store.spots(&self.space, &self.stream, range, limit)
    }

    fn pieces(&self, range: &Range) -> Result<Vec<Piece>, StoreFault> {
        self.store.pieces(&self.space, &self.stream, range)
    }

    fn sum(&self, range: &Range) -> Result<SetSum, StoreFault> {
        self.store.range_sum(&self.space, &self.stream, range)
    }

    fn before(&self, spot: &Spot) -> Result<Option<Spot>, StoreFault> {
        self.store.spot_before(&self.space, &self.stream, spot)
    }

    fn has(&self, head: &Head) -> Result<bool, StoreFault> {
        Ok(self.store.op_headed(&self.space, &self.stream, head)?.is_some())
    }
}

impl Answer {
    /// Ops that it gives.
    #[must_use]
    pub fn given(&self) -> u64 {
        let count = |gift: &Gift| match gift {
            Gift::Range { count, .. } => *count,
            Gift::Named(heads) => heads.len() as u64,
        };
        self.gifts.iter().map(count).fold(0, u64::saturating_add)
    }
}

// The newest group first: a few ops, as many before them, then twice as many each time, up to a part of the whole.
fn grouped(pieces: &[Piece]) -> Vec<(Spot, SetSum)> {
    let whole = pieces.iter().map(|piece| piece.sum.count).sum::<u64>();
    let mut groups: Vec<(Spot, SetSum)> = Vec::new();
    let mut size = NAMED_AT_THE_END;
    for piece in pieces.iter().rev() {
        match groups.last_mut() {
            Some((from, sum)) if sum.count + piece.sum.count <= size => {
                (*from, *sum) = (piece.from, sum.and(&piece.sum));
            }
            _ => {
                let next = if groups.len() < 2 { size } else { size.saturating_mul(2) };
                size = next.min(whole / RANGES).max(NAMED_AT_THE_END);
                groups.push((piece.from, piece.sum));
            }
        }
    }
    groups
}

/// Parts that a range is cut into.
const SPLIT: u64 = 16;
/// Ops of a range that are listed.
const LEAF: usize = 32;
/// The newest ops that the first message lists.
const NAMED_AT_THE_END: u64 = 16;
/// Ranges of one size in a first message.
const RANGES: u64 = 24;
