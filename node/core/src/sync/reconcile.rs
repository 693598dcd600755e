//! Two holders of a stream find out what either lacks: range-based set reconciliation (Meyer, "Range-Based Set
//! Reconciliation", SRDS 2023), without IO.
//!
//! One side opens with fingerprints of ranges that cover the stream; each message answers the one before it. A range whose
//! fingerprints are equal is settled. One that differs is cut into parts, or, where 32 ops or less are in it, listed by name;
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
    fn pieces(&self, range: &Range, wanted: usize) -> Result<Vec<Piece>, StoreFault>;
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

/// What this side sees in a range of a message.
enum Found {
    /// It is answered, and that is all.
    Settled(Says),
    /// A gap reaches into it.
    Beside,
    /// There is more to find out.
    Differs {
        /// Ops here.
        count: u64,
        print: Print,
        plan: Plan,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Plan {
    List,
    Cut,
    Later,
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
        let mut found = Vec::with_capacity(theirs.0.len());
        let mut from = Spot::FIRST;
        for part in &theirs.0 {
            let range = Range { from, upto: part.upto };
            from = part.upto.unwrap_or(from);
            let is_held = !gaps.meet(&range) || matches!(part.says, Says::Same | Says::Need(_));
            found.push((
                range,
                if is_held { self.look(&range, &part.says, &mut gifts)? } else { Found::Beside },
            ));
        }
        plan(&mut found, &theirs.sizes());
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
                Found::Differs { count, plan: Plan::Cut, .. } => {
                    self.cut(&range, count.div_ceil(parts_of(count)), &mut writer)?;
                }
            }
        }
        // Only who was sent a message that is all but full of fingerprints comes here.
        let last = theirs.0.last().and_then(|part| part.upto);
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

    fn look(&self, range: &Range, theirs: &Says, gifts: &mut Vec<Gift>) -> Result<Found, StoreFault> {
        Ok(match theirs {
            Says::Same => Found::Settled(Says::Same),
            Says::Need(heads) => {
                gifts.push(Gift::Named(heads.clone()));
                Found::Settled(Says::Same)
            }
            Says::Names(names) => Found::Settled(self.look_at_names(range, names, gifts)?),
            Says::Print(theirs) => {
                let sum = self.ops.sum(range)?;
                let print = self.key.print(&sum);
                let differs = Found::Differs { count: sum.count, print, plan: Plan::Later };
                if print == *theirs { Found::Settled(Says::Same) } else { differs }
            }
        })
    }

    // Into parts of about one size.
    fn cut(&self, range: &Range, size: u64, writer: &mut Writer) -> Result<(), StoreFault> {
        let wanted = usize::try_from(SPLIT_MAX).unwrap_or(usize::MAX);
        let pieces = self.ops.pieces(range, wanted)?;
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
        gifts: &mut Vec<Gift>,
    ) -> Result<Says, StoreFault> {
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
        Ok(if lacking.is_empty() { Says::Same } else { Says::Need(lacking) })
    }

    fn names(&self, range: &Range) -> Result<Vec<Head>, StoreFault> {
        let spots = self.ops.spots(range, usize::try_from(LEAF).unwrap_or(usize::MAX))?;
        Ok(spots.into_iter().map(|spot| spot.head).collect())
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

    fn pieces(&self, range: &Range, wanted: usize) -> Result<Vec<Piece>, StoreFault> {
        self.store.pieces(&self.space, &self.stream, range, wanted)
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

// What differs is listed or cut where there is room; `sizes` are the bytes that each range took in the message.
fn plan(found: &mut [(Range, Found)], sizes: &[usize]) {
    // What is settled takes no more than it took, what differs as much when it waits.
    let (mut taken, mut prints) = (0, 0);
    for ((_, found), size) in found.iter().zip(sizes) {
        match found {
            Found::Settled(Says::Need(heads)) => taken += BOUND_BYTES + heads.len() * size_of::<Head>(),
            Found::Settled(_) => taken += BOUND_BYTES,
            Found::Beside => taken += 2 * PRINT_BYTES,
            Found::Differs { .. } => (taken, prints) = (taken + size, prints + size),
        }
    }
    for (_, found) in found.iter_mut() {
        if let Found::Differs { count, plan, .. } = found
            && *count <= LEAF
            && taken + LIST_BYTES <= PART_MAX - parts::SPARE
        {
            *plan = Plan::List;
            taken += LIST_BYTES;
        }
    }
    let is_listed = |found: &(Range, Found)| matches!(found.1, Found::Differs { plan: Plan::List, .. });
    let mut asked = found.iter().filter(|found| is_listed(found)).count() as u64;
    for (_, found) in found.iter_mut() {
        let Found::Differs { count, plan, .. } = found else { continue };
        let bytes = usize::try_from(parts_of(*count)).unwrap_or(usize::MAX).saturating_mul(PRINT_BYTES);
        let fits = taken + bytes <= PART_MAX - parts::SPARE;
        // Half of a message is for lists. But one that asks for little goes on with the ranges that it has.
        if *count > LEAF && fits && (prints + bytes <= PART_MAX / 2 || asked < ASKED_ANYWAY) {
            *plan = Plan::Cut;
            (taken, prints, asked) = (taken + bytes, prints + bytes, asked + parts_of(*count));
        }
    }
}

// As many parts as bring the range down to lists in the fewest cuts, and no more than that takes.
fn parts_of(count: u64) -> u64 {
    let is_enough = |parts: u64, cuts: u32| parts.saturating_pow(cuts).saturating_mul(LEAF) >= count;
    let cuts = (1..).find(|cuts| is_enough(SPLIT_MAX, *cuts)).unwrap_or(1);
    (2..SPLIT_MAX).find(|parts| is_enough(*parts, cuts)).unwrap_or(SPLIT_MAX)
}

/// Parts that a range is cut into at most.
const SPLIT_MAX: u64 = 40;
/// Bytes of a fingerprint and the bound of its range, mostly.
const PRINT_BYTES: usize = 14;
/// Bytes of a bound, mostly.
const BOUND_BYTES: usize = 5;
/// Ops of a range that are listed.
const LEAF: u64 = 32;
/// Bytes of such a list at most.
const LIST_BYTES: usize = 32 * 16 + 30;
/// What one message asks for, beyond which more fingerprints only wait.
const ASKED_ANYWAY: u64 = 96;
/// The newest ops that the first message lists.
const NAMED_AT_THE_END: u64 = 16;
/// Ranges of one size in a first message: a million ops are found out about in three rounds (20,833 ops in a range are two cuts
/// from a list).
const RANGES: u64 = 48;
/// Pieces of the whole that make ranges of about one size.
const PIECES_TO_OPEN: usize = 2 * 48;
/// Pieces that the newest ops are looked at in.
const PIECES_TO_REFINE: usize = 8;
