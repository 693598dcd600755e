//! What people say: rooms of lines, real ones from the corpus, or generated where there is none.

mod corpus;
mod generated;

use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::path::Path;

/// Talk to be played.
#[derive(Debug, PartialEq, Eq)]
pub struct Talk {
    /// Where it comes from.
    pub source: Source,
    /// Who speaks; lines name them by index. Names are unique, 2 to 32 characters.
    pub authors: Vec<String>,
    /// Where.
    pub rooms: Vec<Room>,
}

/// Where talk comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Real messages.
    Corpus,
    /// Made up, always the same for one seed.
    Generated,
}

/// A room, which becomes a channel.
#[derive(Debug, PartialEq, Eq)]
pub struct Room {
    /// As a channel's name: lower case, no spaces.
    pub name: String,
    /// In the order of their times.
    pub lines: Vec<Line>,
}

/// A thing that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Index into the talk's authors.
    pub author: usize,
    /// When it was said, Unix ms.
    pub at: u64,
    /// Index of the earlier line of this room that it answers.
    pub answers: Option<usize>,
    /// Not blank; of any length.
    pub text: String,
}

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Lines in all.
    pub lines: usize,
    /// Rooms.
    pub rooms: usize,
    /// Authors.
    pub authors: usize,
}

/// The talk of that size: from the corpus in `data`, which must then be there; without `data` from the usual place, and
/// generated where nothing is.
///
/// # Errors
/// Where `data` is given and has no readable corpus, or too small a one.
pub fn find(data: Option<&Path>, size: Size) -> Result<Talk> {
    ensure!(size.rooms > 0 && size.authors > 0, "no talk without a room and somebody in it");
    ensure!(size.lines >= size.authors, "{} lines are too few for {} authors", size.lines, size.authors);
    let usual = Path::new(USUAL_DATA);
    let folder = data.or_else(|| usual.join(CORPUS).is_file().then_some(usual));
    match folder {
        Some(folder) => corpus::read(&folder.join(CORPUS), size)
            .with_context(|| format!("the corpus in {}", folder.display())),
        None => Ok(generated::talk(size)),
    }
}

/// A long line as the messages that the API takes: at most [`MESSAGE_CHARS_MAX`] characters each, parted at a line break
/// or a space where there is one. Parts that would be blank are none.
#[must_use]
pub fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(MESSAGE_CHARS_MAX) {
        let window = &rest[..end];
        let seam = window.rfind('\n').or_else(|| window.rfind(' ')).filter(|seam| *seam > 0).unwrap_or(end);
        parts.push(&rest[..seam]);
        rest = &rest[seam..];
    }
    parts.push(rest);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

impl Talk {
    /// Lines in all rooms.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.rooms.iter().map(|room| room.lines.len()).sum()
    }

    /// Authors who do say something.
    #[must_use]
    pub fn speakers(&self) -> usize {
        let lines = self.rooms.iter().flat_map(|room| &room.lines);
        lines.map(|line| line.author).collect::<BTreeSet<_>>().len()
    }
}

/// Discord's limit for bots.
pub const MESSAGE_CHARS_MAX: usize = 2_000;
const USUAL_DATA: &str = "../shared/data";
const CORPUS: &str = "corpus/corpus.jsonl.gz";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_parted_at_seams_and_loses_no_word() {
        let text = "word ".repeat(1_000);
        let parts = parts(&text);
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| part.chars().count() <= MESSAGE_CHARS_MAX));
        assert_eq!(parts.concat().split_whitespace().count(), 1_000);
    }

    #[test]
    fn a_line_without_a_seam_is_parted_between_characters() {
        let text = "語".repeat(MESSAGE_CHARS_MAX + 1);
        let lengths: Vec<_> = parts(&text).iter().map(|part| part.chars().count()).collect();
        assert_eq!(lengths, [MESSAGE_CHARS_MAX, 1]);
    }

    #[test]
    fn a_short_line_is_one_part_and_a_blank_one_none() {
        assert_eq!(parts("hello"), ["hello"]);
        assert_eq!(parts(" \n ").len(), 0);
    }

    #[test]
    fn a_named_folder_without_a_corpus_is_an_error_and_never_generated_talk() {
        let size = Size { lines: 10, rooms: 1, authors: 2 };
        assert!(find(Some(Path::new("no-such-folder")), size).is_err());
    }
}
