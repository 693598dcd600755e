//! A pattern's text as a tree.

use std::iter::Peekable;
use std::str::Chars;

/// What a pattern is made of.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    One(char),
    Any,
    Of(Class),
    At(Place),
    Row(Vec<Self>),
    Either(Vec<Self>),
    /// At least and at most so often.
    Times(Box<Self>, u32, Option<u32>),
}

/// Some characters, or all others.
#[derive(Clone, Default, Debug)]
pub(super) struct Class {
    ranges: Vec<(char, char)>,
    others: bool,
}

/// A place between two characters.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    LineBegins,
    LineEnds,
    Edge,
    NoEdge,
}

impl Class {
    /// A character in lower case stands for its upper case too.
    pub(super) fn has(&self, c: char) -> bool {
        let within = |c: char| self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
        (within(c) || within(c.to_ascii_uppercase())) != self.others
    }
}

impl Place {
    /// `after`: all that follows. What is said ends its lines with a space.
    pub(super) fn is_here(self, before: Option<char>, after: &str) -> bool {
        let next = after.chars().next();
        let edge = is_of_word(before) != is_of_word(next);
        match self {
            Self::LineBegins => before.is_none_or(|c| c == '\n'),
            Self::LineEnds => next.is_none_or(|c| c == '\n') || after == " " || after.starts_with(" \n"),
            Self::Edge => edge,
            Self::NoEdge => !edge,
        }
    }
}

fn is_of_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Reads a pattern; none where it is of no form that there is.
pub(super) fn tree(text: &str) -> Option<Tree> {
    let text = text.strip_prefix("(?i)").unwrap_or(text);
    let mut parser = Parser { rest: text.chars().peekable(), depth: 0 };
    let tree = parser.either()?;
    parser.rest.next().is_none().then_some(tree)
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
    depth: u32,
}

/// Groups within groups.
const DEPTH_MAX: u32 = 32;
/// How often something may be said to stand in a row.
const TIMES_MAX: u32 = 255;

impl Parser<'_> {
    fn takes(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }

    fn either(&mut self) -> Option<Tree> {
        let mut all = vec![self.row()?];
        while self.takes('|') {
            all.push(self.row()?);
        }
        Some(if all.len() == 1 { all.pop()? } else { Tree::Either(all) })
    }

    fn row(&mut self) -> Option<Tree> {
        let mut row = Vec::new();
        while let Some(c) = self.rest.next_if(|c| !matches!(c, '|' | ')')) {
            let atom = self.atom(c)?;
            row.push(self.repeated(atom)?);
        }
        Some(Tree::Row(row))
    }

    fn atom(&mut self, c: char) -> Option<Tree> {
        Some(match c {
            '.' => Tree::Any,
            '^' => Tree::At(Place::LineBegins),
            '$' => Tree::At(Place::LineEnds),
            '[' => Tree::Of(self.class()?),
            '(' => self.group()?,
            '\\' => match self.rest.next()? {
                'b' => Tree::At(Place::Edge),
                'B' => Tree::At(Place::NoEdge),
                c => match named(c) {
                    Some(class) => Tree::Of(class),
                    None => literal(escaped(c)?),
                },
            },
            '*' | '+' | '?' => return None,
            c => literal(c),
        })
    }

    fn group(&mut self) -> Option<Tree> {
        if self.takes('?') && !self.takes(':') {
            return None;
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let tree = self.either()?;
        self.depth -= 1;
        self.takes(')').then_some(tree)
    }

    /// Stars and numbers that follow something. Whether as much or as little as may be is no matter of whether it is found.
    fn repeated(&mut self, atom: Tree) -> Option<Tree> {
        let (least, most) = match self.rest.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.times()? {
                Some(times) => times,
                None => return Some(atom),
            },
            _ => return Some(atom),
        };
        // The closing bracket of a number was left for here.
        self.rest.next();
        self.takes('?');
        let again = self.rest.peek().is_some_and(|c| matches!(c, '*' | '+' | '?'));
        (!again).then(|| Tree::Times(Box::new(atom), least, most))
    }

    /// `{n}`, `{n,}`, `{n,m}` up to the closing bracket; a brace that begins none of them stands for itself.
    fn times(&mut self) -> Option<Option<(u32, Option<u32>)>> {
        let text: String = self.rest.clone().skip(1).take_while(|c| *c != '}').collect();
        let closed = self.rest.clone().nth(text.chars().count() + 1) == Some('}');
        let number = |text: &str| {
            let plain = !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| text.parse::<u32>().ok()).flatten()
        };
        let times = match text.split_once(',') {
            None => number(&text).map(|times| (times, Some(times))),
            Some((least, "")) => number(least).map(|least| (least, None)),
            Some((least, most)) => number(least).zip(number(most)).map(|(least, most)| (least, Some(most))),
        };
        let Some((least, most)) = times.filter(|_| closed) else { return Some(None) };
        if least > TIMES_MAX || most.is_some_and(|most| most > TIMES_MAX || most < least) {
            return None;
        }
        for _ in 0..=text.chars().count() {
            self.rest.next();
        }
        Some(Some((least, most)))
    }

    fn class(&mut self) -> Option<Class> {
        let mut class = Class { ranges: Vec::new(), others: self.takes('^') };
        let mut is_first = true;
        loop {
            let c = self.rest.next()?;
            let low = match c {
                ']' if !is_first => return Some(class),
                '\\' => {
                    let c = self.rest.next()?;
                    match named(c) {
                        Some(named) => {
                            class.ranges.extend(named.all()?);
                            is_first = false;
                            continue;
                        }
                        None => escaped(c)?,
                    }
                }
                c => c,
            };
            is_first = false;
            let ahead: Vec<char> = self.rest.clone().take(2).collect();
            let high = match ahead.as_slice() {
                ['-', end] if *end != ']' => {
                    self.rest.next();
                    match self.rest.next()? {
                        '\\' => escaped(self.rest.next()?)?,
                        c => c,
                    }
                }
                _ => low,
            };
            if low > high {
                return None;
            }
            class.ranges.push((low, high));
        }
    }
}

impl Class {
    /// Its characters as ranges, those of the opposite of one too.
    fn all(self) -> Option<Vec<(char, char)>> {
        if !self.others {
            return Some(self.ranges);
        }
        let mut ranges = Vec::new();
        let mut from = '\0';
        for (low, high) in self.ranges {
            if low > from {
                ranges.push((from, char::from_u32(u32::from(low) - 1)?));
            }
            from = char::from_u32(u32::from(high) + 1)?;
        }
        ranges.push((from, char::MAX));
        Some(ranges)
    }
}

/// What a letter behind a backslash stands for; its ranges ascend.
fn named(c: char) -> Option<Class> {
    let ranges = match c.to_ascii_lowercase() {
        'd' => vec![('0', '9')],
        'w' => vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        's' => vec![('\t', '\r'), (' ', ' ')],
        _ => return None,
    };
    Some(Class { ranges, others: c.is_ascii_uppercase() })
}

/// A character that stands for itself, or for a break, behind a backslash.
fn escaped(c: char) -> Option<char> {
    match c {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        c => c.is_ascii_punctuation().then_some(c),
    }
}

/// As it stands in a text in lower case.
fn literal(c: char) -> Tree {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.len()) {
        (Some(c), 0) => Tree::One(c),
        _ => Tree::Row(c.to_lowercase().map(Tree::One).collect()),
    }
}
