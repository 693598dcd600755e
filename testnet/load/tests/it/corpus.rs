//! The real corpus, where the data outside the tree are: the talk chosen from it is what a replay needs.

use crate::talk;
use nexus_load::talk::{Size, Source, parts};

#[test]
fn five_thousand_lines_in_twenty_rooms_by_two_hundred_authors_answer_one_another() {
    let talk = talk(Size { lines: 5_000, rooms: 20, authors: 200 });
    assert_eq!((talk.lines(), talk.rooms.len(), talk.speakers()), (5_000, 20, 200));
    let lines = || talk.rooms.iter().flat_map(|room| room.lines.iter().enumerate());
    assert!(lines().all(|(at, line)| line.answers.is_none_or(|earlier| earlier < at)));
    assert!(lines().all(|(_, line)| !parts(&line.text).is_empty()));
    let answers = lines().filter(|(_, line)| line.answers.is_some()).count();
    assert!(answers >= 1_000, "only {answers} answer another");
    for room in &talk.rooms {
        assert!(room.lines.is_sorted_by_key(|line| line.at), "{}", room.name);
        assert!(
            room.name.chars().all(|c| c.is_alphanumeric() && !c.is_uppercase() || c == '-'),
            "{}",
            room.name
        );
    }
}

#[test]
fn it_says_which_talk_it_plays() {
    let source = talk(Size { lines: 200, rooms: 4, authors: 8 }).source;
    assert_eq!(source == Source::Corpus, crate::data().is_some());
}
