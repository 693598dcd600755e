//! Patterns that filters look for in what is said: a small dialect of regular expressions of our own.
//!
//! A verdict hangs on what a pattern finds, so every version of every program must find the same. A library's dialect grows, and its
//! tables follow Unicode's; this one is fixed by this file and its tests. What another dialect would add gets a field of its own.
//!
//! What there is: characters, `.`, `[a-z]`, `[^..]`, `\d \w \s` and their opposites (ASCII), `\b \B` (ASCII), `^ $` (ends of a line),
//! `( )`, `(?: )`, `|`, `* + ?` and `{n}`, `{n,}`, `{n,m}`, each with a `?` behind it or not. Case is no matter; `(?i)` may stand first.
//!
//! Matching runs all ways at once, character by character (Thompson, "Regular Expression Search Algorithm", 1968), so that it costs a
//! text's length times a pattern's size, whatever both are.

mod parse;

use parse::{Class, Place, Tree};

/// The longest pattern, in characters; Discord's number.
pub const PATTERN_MAX: usize = 260;
/// Steps of one pattern: a repetition counts as often as it says.
const STEPS_MAX: usize = 512;

/// A pattern that is looked for.
#[derive(Clone, Debug)]
pub struct Pattern {
    steps: Vec<Step>,
}

/// Why a text is no pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PatternError {
    /// It is of no form that there is.
    Form,
    /// With its repetitions written out it is too long.
    Large,
    /// It finds nothing at all in everything.
    Empty,
}

#[derive(Clone, Debug)]
enum Step {
    One(char),
    Any,
    Of(Class),
    At(Place),
    /// Goes on at both.
    Either(usize, usize),
    Done,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`PatternError`]
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.chars().count() > PATTERN_MAX {
            return Err(PatternError::Large);
        }
        let tree = parse::tree(text).ok_or(PatternError::Form)?;
        let mut writer = Writer { steps: Vec::new(), fuel: STEPS_MAX * 4 };
        writer.write(&tree)?;
        writer.step(Step::Done)?;
        let pattern = Self { steps: writer.steps };
        if pattern.find("", 0).is_some() { Err(PatternError::Empty) } else { Ok(pattern) }
    }

    /// How many steps it has: what it costs for each character of a text.
    #[must_use]
    pub fn size(&self) -> usize {
        self.steps.len()
    }

    /// From which byte to which it is first found, no earlier than `from`: of what ends first, what begins first. The text is in lower
    /// case.
    #[must_use]
    pub fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let mut before = text.get(..from)?.chars().next_back();
        let mut rest = text.get(from..)?.char_indices();
        let (mut now, mut next) = (Threads::new(self.size()), Threads::new(self.size()));
        loop {
            let here = rest.clone().next();
            let at = here.map_or(text.len(), |(offset, _)| from + offset);
            let after = text.get(at..)?;
            if let Some(begun) = self.enter(&mut now, (0, at), before, after) {
                return Some((begun, at));
            }
            let (_, c) = here?;
            rest.next();
            next.clear();
            let upto = at + c.len_utf8();
            let (seen, coming) = (Some(c), text.get(upto..)?);
            for &(step, begun) in &now.waiting {
                let goes_on = match self.steps.get(step) {
                    Some(Step::One(wanted)) => *wanted == c,
                    Some(Step::Any) => c != '\n',
                    Some(Step::Of(class)) => class.has(c),
                    _ => false,
                };
                if goes_on && let Some(begun) = self.enter(&mut next, (step + 1, begun), seen, coming) {
                    return Some((begun, upto));
                }
            }
            std::mem::swap(&mut now, &mut next);
            before = seen;
        }
    }

    /// Puts a way at a step, and at all that it goes on to without a character; where that is the end, since when it is under way.
    fn enter(
        &self,
        threads: &mut Threads,
        (step, begun): (usize, usize),
        before: Option<char>,
        after: &str,
    ) -> Option<usize> {
        threads.open.push(step);
        while let Some(step) = threads.open.pop() {
            if threads.seen.get(step).is_none_or(|seen| *seen) {
                continue;
            }
            if let Some(seen) = threads.seen.get_mut(step) {
                *seen = true;
            }
            match self.steps.get(step)? {
                Step::Done => return Some(begun),
                Step::Either(one, other) => threads.open.extend([*other, *one]),
                Step::At(place) if place.is_here(before, after) => threads.open.push(step + 1),
                Step::At(_) => {}
                Step::One(_) | Step::Any | Step::Of(_) => threads.waiting.push((step, begun)),
            }
        }
        None
    }
}

/// The ways that are under way: each step once, by who came there first.
struct Threads {
    waiting: Vec<(usize, usize)>,
    seen: Vec<bool>,
    /// Where a way still goes on to; empty between two of them.
    open: Vec<usize>,
}

impl Threads {
    fn new(size: usize) -> Self {
        Self { waiting: Vec::new(), seen: vec![false; size], open: Vec::new() }
    }

    fn clear(&mut self) {
        self.waiting.clear();
        self.seen.fill(false);
    }
}

/// Writes a tree as steps, no more of them than there may be.
struct Writer {
    steps: Vec<Step>,
    /// Parts that may still be written, so that the repetition of nothing costs something too.
    fuel: usize,
}

impl Writer {
    fn step(&mut self, step: Step) -> Result<usize, PatternError> {
        if self.steps.len() >= STEPS_MAX {
            return Err(PatternError::Large);
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    fn write(&mut self, tree: &Tree) -> Result<(), PatternError> {
        self.fuel = self.fuel.checked_sub(1).ok_or(PatternError::Large)?;
        match tree {
            Tree::One(c) => self.step(Step::One(*c)).map(drop),
            Tree::Any => self.step(Step::Any).map(drop),
            Tree::Of(class) => self.step(Step::Of(class.clone())).map(drop),
            Tree::At(place) => self.step(Step::At(*place)).map(drop),
            Tree::Row(row) => row.iter().try_for_each(|each| self.write(each)),
            Tree::Either(all) => self.write_either(all),
            Tree::Times(tree, least, most) => {
                (0..*least).try_for_each(|_| self.write(tree))?;
                match most {
                    Some(most) => self.write_up_to(tree, most.saturating_sub(*least)),
                    None => self.write_any_number(tree),
                }
            }
        }
    }

    fn write_either(&mut self, all: &[Tree]) -> Result<(), PatternError> {
        let Some((last, others)) = all.split_last() else { return Ok(()) };
        let mut ends = Vec::new();
        for each in others {
            let fork = self.step(Step::Either(0, 0))?;
            self.write(each)?;
            ends.push(self.step(Step::Either(0, 0))?);
            self.lead(fork, fork + 1, self.steps.len());
        }
        self.write(last)?;
        let after = self.steps.len();
        ends.into_iter().for_each(|end| self.lead(end, after, after));
        Ok(())
    }

    fn write_up_to(&mut self, tree: &Tree, times: u32) -> Result<(), PatternError> {
        let mut forks = Vec::new();
        for _ in 0..times {
            forks.push(self.step(Step::Either(0, 0))?);
            self.write(tree)?;
        }
        let after = self.steps.len();
        forks.into_iter().for_each(|fork| self.lead(fork, fork + 1, after));
        Ok(())
    }

    fn write_any_number(&mut self, tree: &Tree) -> Result<(), PatternError> {
        let fork = self.step(Step::Either(0, 0))?;
        self.write(tree)?;
        self.step(Step::Either(fork, fork))?;
        self.lead(fork, fork + 1, self.steps.len());
        Ok(())
    }

    fn lead(&mut self, from: usize, one: usize, other: usize) {
        if let Some(step) = self.steps.get_mut(from) {
            *step = Step::Either(one, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> Option<String> {
        let pattern = Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error:?}"));
        pattern.find(text, 0).map(|(from, upto)| text[from..upto].to_owned())
    }

    #[test]
    fn a_pattern_finds_what_it_says() {
        for (pattern, text, wanted) in [
            ("cat", "concatenate", Some("cat")),
            ("c.t", "a cut", Some("cut")),
            ("c.t", "c\nt", None),
            ("[b-d]o+g", "doooog", Some("doooog")),
            ("[^a-z ]", "abc 7", Some("7")),
            (r"\d{3}-\d{4}", "call 555-0199 now", Some("555-0199")),
            (r"\bcat\b", "concatenate", None),
            (r"\bcat\b", "a cat!", Some("cat")),
            (r"\Bcat", "concatenate", Some("cat")),
            ("(?:ab|cd)+e", "xabcde", Some("abcde")),
            ("a(b|)c", "ac", Some("ac")),
            ("a{2,3}b", "aaaab", Some("aaab")),
            ("a{2,}b", "aaaab", Some("aaaab")),
            ("a{,2}", "a{,2}", Some("a{,2}")),
            ("colou??r", "color", Some("color")),
            (r"discord\.gg/[a-z0-9]+", "join discord.gg/x", Some("discord.gg/x")),
            (r"[\w.]+@[\w.]+\.\w{2,}", "me: ann.b@example.org", Some("ann.b@example.or")),
            ("^spam$", "eggs\nspam\nham", Some("spam")),
            ("^spam$", "spam \n", Some("spam")),
            ("^spam$", "spam and eggs", None),
            ("[]a]b", "]b", Some("]b")),
            ("[a-]b", "-b", Some("-b")),
            ("ä+", "jää", Some("ä")),
        ] {
            assert_eq!(found(pattern, text).as_deref(), wanted, "{pattern} in {text}");
        }
    }

    #[test]
    fn case_is_no_matter() {
        assert_eq!(found("CAT", "cat").as_deref(), Some("cat"));
        assert_eq!(found("(?i)Straße", "straße").as_deref(), Some("straße"));
        assert_eq!(found("[A-C]x", "bx").as_deref(), Some("bx"));
        assert_eq!(found("[^A-C]x", "bx"), None);
    }

    #[test]
    fn the_next_one_is_found_from_where_one_looks() {
        let pattern = Pattern::parse(r"\bcat").unwrap();
        assert_eq!(pattern.find("cat cat", 0), Some((0, 3)));
        assert_eq!(pattern.find("cat cat", 3), Some((4, 7)));
        assert_eq!(pattern.find("catcat", 3), None, "what stands before counts");
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for wrong in [
            "(", "a)", "[a", "[z-a]", "*a", "a{3,2}", "a**", r"\", r"\p{L}", "(?=a)", "(?P<n>a)", r"(a)\1",
            "a{9999}",
        ] {
            assert_eq!(Pattern::parse(wrong).err(), Some(PatternError::Form), "{wrong}");
        }
        for everything in ["", "a*", "(|a)", "(?i)"] {
            assert_eq!(Pattern::parse(everything).err(), Some(PatternError::Empty), "{everything}");
        }
        for large in ["(a{100}){100}", "((((){255}){255}){255}){255}a", "(a?){255}(b?){255}"] {
            assert_eq!(Pattern::parse(large).err(), Some(PatternError::Large), "{large}");
        }
        assert_eq!(Pattern::parse(&"a".repeat(261)).err(), Some(PatternError::Large));
        assert!(Pattern::parse(&"(".repeat(260)).is_err(), "however deep");
    }

    #[test]
    fn a_pattern_that_runs_away_elsewhere_ends_here() {
        // Where every way is tried one after the other, this takes longer than there is time.
        assert_eq!(found("(a*)*(a*)*(a*)*b", &"a".repeat(4_000)), None);
    }
}
