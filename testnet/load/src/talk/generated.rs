//! Talk made up by a fixed seed: no sense, but the lengths, scripts, answers and shapes that real talk has.

use super::{Line, Room, Size, Source, Talk};
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

/// The same talk for the same size, always.
pub(super) fn talk(size: Size) -> Talk {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let authors = (0..size.authors).map(author).collect();
    let mut rooms: Vec<Room> = (0..size.rooms)
        .map(|room| Room { name: format!("{}-{room}", TOPICS[room % TOPICS.len()]), lines: Vec::new() })
        .collect();
    for index in 0..size.lines {
        let room = &mut rooms[index % size.rooms];
        let line = line(&mut rng, index, size.authors, room.lines.len());
        room.lines.push(line);
    }
    Talk { source: Source::Generated, authors, rooms }
}

fn author(index: usize) -> String {
    format!(
        "{}-{}-{index:04}",
        COLOURS[index % COLOURS.len()],
        ANIMALS[index / COLOURS.len() % ANIMALS.len()]
    )
}

fn line(rng: &mut Xoshiro256PlusPlus, index: usize, authors: usize, before: usize) -> Line {
    // Everyone speaks at least once; afterwards a few speak much.
    let author =
        if index < authors { index } else { rng.random_range(0..authors).min(rng.random_range(0..authors)) };
    let answers = (before > 0 && rng.random_bool(0.4)).then(|| before - rng.random_range(1..=before.min(12)));
    let at = BEGIN_MS + index as u64 * 7_919;
    Line { author, at, answers, text: text(rng) }
}

fn text(rng: &mut Xoshiro256PlusPlus) -> String {
    // Mostly a sentence, sometimes code, once in 500 more than one message can hold.
    match rng.random_range(0..500) {
        0 => (0..60).map(|_| sentence(rng)).collect::<Vec<_>>().join("\n"),
        1..=20 => format!("```rust\nfn {}() {{}}\n```", LATIN.choose(rng).unwrap_or(&"f")),
        _ => sentence(rng),
    }
}

fn sentence(rng: &mut Xoshiro256PlusPlus) -> String {
    // Each script often enough for a test of search or layout to meet it.
    let words = SCRIPTS[if rng.random_bool(0.6) { 0 } else { rng.random_range(0..SCRIPTS.len()) }];
    let count = rng.random_range(1..24);
    (0..count).filter_map(|_| words.choose(rng).copied()).collect::<Vec<_>>().join(" ")
}

const SEED: u64 = 20_150_513;
/// Older than Discord's epoch, as a quarter of the real talk is.
const BEGIN_MS: u64 = 1_400_000_000_000;
const TOPICS: [&str; 8] = ["garden", "kitchen", "compilers", "cycling", "films", "music", "help", "news"];
const COLOURS: [&str; 10] =
    ["amber", "azure", "coral", "green", "ivory", "lilac", "mint", "navy", "plum", "sage"];
const ANIMALS: [&str; 10] =
    ["crane", "gecko", "heron", "krill", "lynx", "moose", "otter", "perch", "raven", "seal"];
const LATIN: [&str; 24] = [
    "the",
    "and",
    "does",
    "anyone",
    "know",
    "why",
    "build",
    "fails",
    "again",
    "thanks",
    "works",
    "here",
    "maybe",
    "try",
    "branch",
    "coffee",
    "tomorrow",
    "release",
    "café",
    "naïve",
    ":)",
    "https://example.org/a?b=c",
    "`cargo run`",
    "**really**",
];
const CYRILLIC: [&str; 6] = ["привет", "как", "дела", "спасибо", "сегодня", "ошибка"];
const HAN_KANA: [&str; 6] = ["今日", "は", "いい", "天気", "編譯", "錯誤"];
const ARABIC: [&str; 5] = ["مرحبا", "كيف", "الحال", "شكرا", "اليوم"];
const HEBREW: [&str; 4] = ["שלום", "תודה", "היום", "בוקר"];
const HANGUL: [&str; 4] = ["안녕", "오늘", "감사", "오류"];
const EMOJI: [&str; 5] = ["👍🏽", "👩‍👩‍👧", "🏳️‍🌈", "e\u{301}", "🫠"];
const SCRIPTS: [&[&str]; 7] = [&LATIN, &CYRILLIC, &HAN_KANA, &ARABIC, &HEBREW, &HANGUL, &EMOJI];

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { lines: 5_000, rooms: 20, authors: 200 };

    #[test]
    fn the_same_size_gives_the_same_talk() {
        assert_eq!(talk(SIZE), talk(SIZE));
    }

    #[test]
    fn everyone_speaks_and_answers_point_back() {
        let talk = talk(SIZE);
        assert_eq!((talk.lines(), talk.rooms.len(), talk.speakers()), (5_000, 20, 200));
        for room in &talk.rooms {
            assert!(
                room.lines
                    .iter()
                    .enumerate()
                    .all(|(at, line)| line.answers.is_none_or(|earlier| earlier < at))
            );
        }
    }

    #[test]
    fn it_has_other_scripts_and_lines_that_must_be_parted() {
        let talk = talk(SIZE);
        let texts: Vec<_> =
            talk.rooms.iter().flat_map(|room| &room.lines).map(|line| line.text.as_str()).collect();
        for script in ["привет", "天気", "مرحبا", "שלום", "안녕"] {
            assert!(texts.iter().any(|text| text.contains(script)), "{script}");
        }
        assert!(texts.iter().any(|text| super::super::parts(text).len() > 1));
    }
}
