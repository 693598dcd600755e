//! Real talk, from the corpus outside the tree: gzip, one JSON object a line, ordered by time. Its own README describes it.
//!
//! A channel that was talked in over many years becomes one room for each year. Three rooms in four are of the IRC part,
//! the only one that says who answers whom. Of each room the most talkative are cast, and what they say to one another
//! comes first: so the guild has the asked number of authors, and answers that find what they answer.

use super::{Line, Room, Size, Source, Talk};
use anyhow::{Result, ensure};
use flate2::read::GzDecoder;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

#[derive(Deserialize)]
struct Record {
    src: String,
    id: String,
    channel: String,
    reply_to: Option<String>,
    author: String,
    ts: u64,
    content: String,
}

/// What was said in one place.
type Said = Vec<Record>;

/// Reads the corpus and chooses talk of exactly that size.
pub(super) fn read(path: &Path, size: Size) -> Result<Talk> {
    let records = BufReader::new(GzDecoder::new(File::open(path)?)).lines();
    let mut irc: BTreeMap<String, Said> = BTreeMap::new();
    let mut gitter: BTreeMap<String, Said> = BTreeMap::new();
    for record in records {
        let record: Record = serde_json::from_str(&record?)?;
        if !record.content.trim().is_empty() {
            let rooms = if record.src == "irc-disentangle" { &mut irc } else { &mut gitter };
            rooms.entry(room_name(&record)).or_default().push(record);
        }
    }
    choose(largest(irc, size.rooms - size.rooms / 4), largest(gitter, size.rooms / 4), size)
}

fn room_name(record: &Record) -> String {
    let channel = record.channel.to_lowercase();
    if record.src == "irc-disentangle" { format!("{channel}-{}", year(record.ts)) } else { channel }
}

/// The calendar year (UTC) of a time in Unix ms, by the mean length of a Gregorian year: a room may begin some hours early.
fn year(ms: u64) -> u64 {
    1970 + ms / 31_556_952_000
}

fn largest(rooms: BTreeMap<String, Said>, count: usize) -> Vec<(String, Said)> {
    let mut rooms: Vec<_> = rooms.into_iter().collect();
    rooms.sort_by(|(a_name, a), (b_name, b)| b.len().cmp(&a.len()).then_with(|| a_name.cmp(b_name)));
    rooms.truncate(count);
    rooms
}

fn choose(mut rooms: Vec<(String, Said)>, gitter: Vec<(String, Said)>, size: Size) -> Result<Talk> {
    rooms.extend(gitter);
    ensure!(rooms.len() == size.rooms, "it has {} rooms, {} were asked for", rooms.len(), size.rooms);
    let cast = cast(&rooms, size.authors);
    ensure!(
        cast.len() == size.authors,
        "it has {} authors there, {} were asked for",
        cast.len(),
        size.authors
    );
    let mut left = size.lines;
    let mut chosen = Vec::new();
    // The smallest room first: what it cannot give, the larger ones give.
    rooms.sort_by_key(|(_, said)| said.len());
    let count = rooms.len();
    for (index, (name, said)) in rooms.into_iter().enumerate() {
        let lines = lines(&said, &cast, left / (count - index));
        left -= lines.len();
        chosen.push(Room { name, lines });
    }
    ensure!(left == 0, "it is {left} lines short of {}", size.lines);
    let mut authors = vec![String::new(); cast.len()];
    for (name, index) in &cast {
        authors[*index] = display_name(name);
    }
    let talk = Talk { source: Source::Corpus, authors, rooms: chosen };
    ensure!(
        talk.speakers() == size.authors,
        "only {} of {} authors speak in so few lines",
        talk.speakers(),
        size.authors
    );
    Ok(talk)
}

/// The most talkative of each room in turn, until there are so many; each with their number.
fn cast(rooms: &[(String, Said)], count: usize) -> BTreeMap<String, usize> {
    let mut by_room: Vec<_> = rooms.iter().map(|(_, said)| by_talk(said).into_iter()).collect();
    let mut cast = BTreeMap::new();
    while cast.len() < count {
        let before = cast.len();
        for room in &mut by_room {
            if cast.len() < count
                && let Some(author) = room.find(|author| !cast.contains_key(*author))
            {
                cast.insert(author.to_owned(), cast.len());
            }
        }
        if cast.len() == before {
            break;
        }
    }
    cast
}

/// A room's authors, the most talkative first.
fn by_talk(said: &Said) -> Vec<&str> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for record in said {
        *count.entry(&record.author).or_default() += 1;
    }
    let mut authors: Vec<_> = count.into_iter().collect();
    authors.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    authors.into_iter().map(|(author, _)| author).collect()
}

/// So many lines of a room by the cast: something of everyone, then what they say to one another, then the rest; in order.
fn lines(said: &Said, cast: &BTreeMap<String, usize>, count: usize) -> Vec<Line> {
    let ours: Vec<&Record> = said.iter().filter(|record| cast.contains_key(&record.author)).collect();
    let ids: BTreeSet<&str> = ours.iter().map(|record| record.id.as_str()).collect();
    let answered: BTreeSet<&str> = ours.iter().filter_map(|record| record.reply_to.as_deref()).collect();
    let mut heard = BTreeSet::new();
    let mut ranked: Vec<(u8, usize)> = Vec::new();
    for (at, record) in ours.iter().enumerate() {
        let answers = record.reply_to.as_deref().is_some_and(|earlier| ids.contains(earlier));
        let rank =
            match (heard.insert(record.author.as_str()), answers || answered.contains(record.id.as_str())) {
                (true, _) => 0,
                (false, true) => 1,
                (false, false) => 2,
            };
        ranked.push((rank, at));
    }
    ranked.sort_unstable();
    let mut taken: Vec<usize> = ranked.into_iter().take(count).map(|(_, at)| at).collect();
    taken.sort_unstable();
    let place: BTreeMap<&str, usize> =
        taken.iter().enumerate().map(|(place, at)| (ours[*at].id.as_str(), place)).collect();
    let line = |(here, at): (usize, &usize)| {
        let record = ours[*at];
        let answers =
            record.reply_to.as_deref().and_then(|id| place.get(id)).copied().filter(|place| *place < here);
        Line { author: cast[&record.author], at: record.ts, answers, text: record.content.clone() }
    };
    taken.iter().enumerate().map(line).collect()
}

/// A pseudonym as an account's name, which has 2 to 32 characters.
fn display_name(author: &str) -> String {
    let name: String = author.chars().take(32).collect();
    if name.chars().count() < 2 { format!("{name}_") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    const DAY_MS: u64 = 86_400_000;

    fn corpus(records: &[serde_json::Value]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut gzip = GzEncoder::new(&mut file, Compression::fast());
        for record in records {
            writeln!(gzip, "{record}").unwrap();
        }
        gzip.finish().unwrap();
        file
    }

    fn irc(id: u32, author: &str, ts: u64, reply_to: Option<u32>) -> serde_json::Value {
        serde_json::json!({"src": "irc-disentangle", "id": id.to_string(), "channel": "ubuntu", "author": author, "ts": ts,
            "content": format!("line {id}"), "reply_to": reply_to.map(|id| id.to_string())})
    }

    #[test]
    fn what_the_cast_say_to_one_another_comes_before_what_nobody_answers() {
        let ts = 40 * 365 * DAY_MS;
        let records = [
            irc(1, "ada", ts, None),
            irc(2, "bea", ts + 1, None),
            irc(3, "ada", ts + 2, None),
            irc(4, "ada", ts + 3, Some(2)),
        ];
        let talk = read(corpus(&records).path(), Size { lines: 3, rooms: 1, authors: 2 }).unwrap();
        let said: Vec<_> =
            talk.rooms[0].lines.iter().map(|line| (line.text.as_str(), line.answers)).collect();
        assert_eq!(said, [("line 1", None), ("line 2", None), ("line 4", Some(1))]);
    }

    #[test]
    fn a_channel_of_many_years_is_a_room_for_each() {
        let records = [irc(1, "ada", 40 * 366 * DAY_MS, None), irc(2, "bea", 45 * 366 * DAY_MS, None)];
        let talk = read(corpus(&records).path(), Size { lines: 2, rooms: 2, authors: 2 }).unwrap();
        let mut names: Vec<_> = talk.rooms.iter().map(|room| room.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["ubuntu-2010", "ubuntu-2015"]);
    }

    #[test]
    fn a_corpus_that_is_too_small_is_an_error() {
        let file = corpus(&[irc(1, "ada", 0, None)]);
        assert!(read(file.path(), Size { lines: 2, rooms: 1, authors: 1 }).is_err());
        assert!(read(file.path(), Size { lines: 1, rooms: 1, authors: 2 }).is_err());
    }
}
