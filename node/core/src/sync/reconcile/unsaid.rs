//! What the side that began has found out and not said yet. It is said in as many messages as it takes, each of which asks for no
//! more than one answer is likely to hold; so nothing is asked twice because there was no room.

use super::look::Found;
use super::parts::{self, PART_MAX, Writer};
use super::plan::{LEAF, OF_A_PART, PRINT_BYTES, list_bytes, parts_of};
use super::{Gift, Ops, Parts, Says, Side};
use crate::store::{Gaps, Head, Range, SetSum, Spot, StoreFault};
use std::collections::BTreeMap;

/// Messages of one side that ask for something and were not answered: 16 answers are a megabyte at most.
pub const UNDER_WAY_MAX: usize = 16;

/// What is to be said, by where its range begins. What is found in a range stands before all that comes behind it: it is settled before
/// more is begun, so little has to wait; and in one message there may be what several answers showed.
#[derive(Debug, Default)]
pub struct Unsaid(BTreeMap<Spot, Left>);

/// What is to be said of a range.
#[derive(Debug)]
struct Left {
    upto: Option<Spot>,
    what: Owed,
}

#[derive(Debug)]
enum Owed {
    /// Names of a list that are lacking here.
    Need(Vec<Head>),
    /// What is held beside gaps.
    Beside,
    /// It differs.
    Differs {
        /// Ops here.
        count: u64,
        /// Bytes that the answer is likely to take.
        answer: usize,
    },
}

impl Unsaid {
    /// Whether all was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ranges of which something is to be said.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Nothing that is lacking here is wanted.
    pub fn need_nothing(&mut self) {
        self.0.retain(|_, left| !matches!(left.what, Owed::Need(_)));
    }
}

impl<O: Ops> Side<'_, O> {
    /// Takes in an answer: what it shows is lacking there is returned, and what is to be said to it is `unsaid`.
    ///
    /// # Errors
    /// [`StoreFault`] where the ops cannot be read.
    pub fn hear(&self, theirs: &Parts, gaps: &Gaps, unsaid: &mut Unsaid) -> Result<Vec<Gift>, StoreFault> {
        let mut gifts = Vec::new();
        let found = self.look(theirs, gaps, &mut gifts)?;
        let prints = theirs.0.iter().filter(|part| matches!(part.says, Says::Print(_))).count();
        let differ = found.iter().filter(|(_, found)| matches!(found, Found::Differs { .. })).count();
        let likely = likely(prints as u64, differ as u64);
        let left = found.into_iter().filter_map(|(range, found)| {
            let what = match found {
                Found::Settled(Says::Need(heads)) => Owed::Need(heads),
                Found::Settled(_) => return None,
                Found::Beside => Owed::Beside,
                Found::Differs { sum: SetSum { count, .. }, .. } => {
                    Owed::Differs { count, answer: answer_bytes(count, likely) }
                }
            };
            Some((range.from, Left { upto: range.upto, what }))
        });
        unsaid.0.extend(left);
        Ok(gifts)
    }

    /// The next message of what is to be said: it asks for what one answer is likely to hold, or for nothing.
    ///
    /// # Errors
    /// [`StoreFault`] where the ops cannot be read.
    pub fn say(&self, gaps: &Gaps, unsaid: &mut Unsaid) -> Result<Parts, StoreFault> {
        let mut writer = Writer::new();
        let mut answer = 0;
        while let Some((from, left)) = unsaid.0.pop_first() {
            let more = left.what.answer_bytes();
            let has_room = answer == 0 || answer + more <= PART_MAX - parts::SPARE;
            if writer.is_full() || !has_room || !writer.skip_to(from) {
                unsaid.0.insert(from, left);
                break;
            }
            answer += more;
            let range = Range { from, upto: left.upto };
            match left.what {
                Owed::Need(heads) => writer.put(range.upto, Says::Need(heads)),
                Owed::Beside => self.say_what_is_held(&range, gaps, &mut writer)?,
                Owed::Differs { count: ..=LEAF, .. } => {
                    writer.put(range.upto, Says::Names(self.names(&range)?));
                }
                Owed::Differs { count, .. } => self.cut(&range, count, None, &mut writer)?,
            }
        }
        Ok(writer.done())
    }
}

impl Owed {
    const fn answer_bytes(&self) -> usize {
        match self {
            Self::Need(_) => 0,
            Self::Beside => BESIDE_BYTES,
            Self::Differs { answer, .. } => *answer,
        }
    }
}

// How many parts of a range that differs are likely to differ, and a little more. Where d ranges of n differ, and what differs lies
// anywhere, there are -ln(1 - d / n) differences in each on average, and one more at most in one that does differ; ln 2 is about 7 / 10.
fn likely(prints: u64, differ: u64) -> u64 {
    let one_in = prints.saturating_add(1) / prints.saturating_sub(differ).saturating_add(1);
    let doubled = u64::from(one_in.checked_ilog2().unwrap_or(0)) + 1;
    doubled * 7 / 10 + 2
}

// What a list is answered with is no longer than the list; a part that differs is listed, or cut again.
fn answer_bytes(count: u64, likely: u64) -> usize {
    if count <= LEAF {
        return list_bytes(count);
    }
    let parts = parts_of(count);
    let in_a_part = count.div_ceil(parts);
    // Of parts that are no equals it is a large one that differs.
    let of_a_part = if in_a_part <= LEAF {
        list_bytes(in_a_part)
    } else {
        usize::try_from(parts_of(in_a_part + OF_A_PART)).unwrap_or(usize::MAX).saturating_mul(PRINT_BYTES)
    };
    usize::try_from(parts.min(likely)).unwrap_or(usize::MAX).saturating_mul(of_a_part)
}

/// Bytes that the answer to what is held beside gaps is likely to take.
const BESIDE_BYTES: usize = 16 * 1024;
