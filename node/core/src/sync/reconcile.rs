//! Two holders of a stream find out what either lacks: range-based set reconciliation (Meyer, "Range-Based Set
//! Reconciliation", SRDS 2023), without IO.
//!
//! One side opens with fingerprints of ranges that cover the stream; each message answers the one before it. A range whose
//! fingerprints are equal is settled. One that differs is cut into parts, or, where 32 ops or less are in it, listed by name;
//! who is given a list gives what is missing in it, and says what of it to be given.
//!
//! Each message is answered by itself, with one, and who answers remembers nothing. Who began keeps what it has found out and not
//! said yet ([`Unsaid`]), and may say it in several messages before the first is answered. So a liar can only ask for work, message
//! by message, and whoever drives this bounds that.

mod cut;
mod look;
mod parts;
mod plan;
mod print;
mod unsaid;

pub use parts::{Garbled, PART_MAX, Part, Parts, Says};
pub use print::{Print, SessionKey};
pub use unsaid::{UNDER_WAY_MAX, Unsaid};

use crate::store::{Gaps, Head, Piece, Range, SetSum, Spot, Store, StoreFault};
use look::Found;
use nexus_crdt::id::{SpaceId, StreamId};
use parts::Writer;
use plan::{Plan, plan};
use std::collections::BTreeSet;

/// What can be compared: the ops of one stream, or anything that has the same order and sums.
pub trait Ops {
    /// Where ops stand, ascending, at most `limit`.
    ///
    /// # Errors
    /// [`StoreFault`], as every method here.
    fn spots(&self, range: &Range, limit: usize) -> Result<Vec<Spot>, StoreFault>;
    /// As [`Store::pieces`].
    fn pieces(&self, range: &Range, wanted: usize) -> Result<Vec<Piece>, StoreFault>;
    /// As [`Store::range_sums`].
    fn sums(&self, ranges: &[Range]) -> Result<Vec<SetSum>, StoreFault>;
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
    /// These.
    Named(Vec<Head>),
}

/// One side of a comparison.
#[derive(Clone, Copy)]
pub struct Side<'a, O> {
    /// What both sides have made their fingerprints with.
    pub key: &'a SessionKey,
    /// What this side holds.
    pub ops: &'a O,
    /// What becomes of a message that shows more than its answer has room for.
    pub keeps: Keeps,
}

/// What becomes of what who began has found out and has no room for in its next message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keeps {
    /// It is kept, and said in another message ([`Unsaid`]).
    Unsaid,
    /// It is said again, and found out again: version 1.
    Nothing,
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
    /// First what is small is listed; in the room that is left, what is large is cut; what there is no room for is said as a
    /// fingerprint again and waits for a later message. So nothing that was found out is found out twice.
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
        let mut found = self.look(theirs, gaps, &mut gifts)?;
        plan(&mut found, &theirs.sizes(), self.keeps);
        let mut writer = Writer::new();
        for (range, found) in found {
            if writer.is_full() {
                break;
            }
            match found {
                Found::Settled(says) => writer.put(range.upto, says),
                Found::Beside => self.say_what_is_held(&range, gaps, &mut writer)?,
                Found::Differs { print, plan: Plan::Later, .. } => writer.put(range.upto, Says::Print(print)),
                Found::Differs { plan: Plan::List, .. } => {
                    writer.put(range.upto, Says::Names(self.names(&range)?));
                }
                Found::Differs { sum, plan: Plan::Cut, .. } => {
                    self.cut(&range, sum.count, Some(&sum), &mut writer)?;
                }
            }
        }
        // Only who was sent a message that is all but full of fingerprints comes here.
        let last = theirs.0.last().and_then(|part| part.upto);
        if let Some(from) = writer.rest(last) {
            writer.put(last, self.print(&Range { from, upto: last })?);
        }
        Ok(Answer { parts: writer.done(), gifts })
    }

    // The last piece is cut as long as there are many ops in it.
    fn finest_at_the_end(&self) -> Result<Vec<Piece>, StoreFault> {
        let mut pieces = self.ops.pieces(&Range::ALL, PIECES_TO_OPEN)?;
        while let Some(last) = pieces.pop_if(|last| last.sum.count > 1) {
            let finer = self.ops.pieces(&Range { from: last.from, upto: None }, PIECES_TO_REFINE)?;
            let is_no_finer = finer.len() < 2;
            pieces.extend(finer);
            if is_no_finer {
                break;
            }
        }
        Ok(pieces)
    }
}

impl Ops for Stream<'_> {
    fn spots(&self, range: &Range, limit: usize) -> Result<Vec<Spot>, StoreFault> {
        self.store.spots(&self.space, &self.stream, range, limit)
    }

    fn pieces(&self, range: &Range, wanted: usize) -> Result<Vec<Piece>, StoreFault> {
        self.store.pieces(&self.space, &self.stream, range, wanted)
    }

    fn sums(&self, ranges: &[Range]) -> Result<Vec<SetSum>, StoreFault> {
        self.store.range_sums(&self.space, &self.stream, ranges)
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
        self.gifts.iter().map(Gift::count).fold(0, u64::saturating_add)
    }
}

impl Gift {
    /// Ops in it.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::Range { count, .. } => *count,
            Self::Named(heads) => heads.len() as u64,
        }
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

/// The newest ops that the first message lists.
const NAMED_AT_THE_END: u64 = 16;
/// Ranges of one size in a first message: a million ops are found out about in three rounds (20,833 ops in a range are two cuts
/// from a list).
const RANGES: u64 = 48;
/// Pieces of the whole that make ranges of about one size.
const PIECES_TO_OPEN: usize = 2 * 48;
/// Pieces that the newest ops are looked at in.
const PIECES_TO_REFINE: usize = 8;
