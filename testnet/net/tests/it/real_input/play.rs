//! Who says what where, and what of it was acknowledged.

use super::cast::PROGRAMS;
use futures_util::StreamExt as _;
use nexus_load::api::{Api, ApiError};
use nexus_load::talk::{Talk, parts};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// All lines, by the program at which they are said.
pub(super) struct Play {
    /// At which program an author is at home.
    pub(super) homes: Vec<usize>,
    queues: Vec<Vec<Said>>,
    /// The talk goes on as far as so many parts of it ..
    open: AtomicUsize,
    /// .. of so many.
    windows: usize,
    /// Acknowledged at each program so far.
    counts: [AtomicUsize; PROGRAMS],
    spoken: Mutex<Spoken>,
    /// Numbers of lines, for replies at the same program.
    numbers: Mutex<BTreeMap<(usize, usize), String>>,
}

/// What the programs said yes to.
#[derive(Clone, Default)]
pub(super) struct Spoken {
    /// Program and room, by the message's number.
    pub(super) acknowledged: BTreeMap<String, (usize, usize)>,
    /// Requests that were broken off and made again: each may be there once more.
    pub(super) unsure: usize,
}

#[derive(Clone)]
struct Said {
    room: usize,
    line: usize,
    /// In the queue.
    number: usize,
    author: usize,
    text: String,
    answers: Option<usize>,
}

/// Where a program's people write.
pub(super) struct Stage {
    pub(super) program: usize,
    /// By the program's numbers.
    pub(super) channels: Vec<String>,
    /// By author; those of other programs are none of it.
    pub(super) bots: BTreeMap<usize, Api>,
}

impl Play {
    /// In so many parts, each of which begins with [`Play::go_on`].
    pub(super) fn of(talk: &Talk, windows: usize) -> Self {
        let homes = homes(talk);
        let mut queues = vec![Vec::new(); PROGRAMS];
        for (room, talk) in talk.rooms.iter().enumerate() {
            for (line, said) in talk.lines.iter().enumerate() {
                for (number, text) in parts(&said.text).into_iter().enumerate() {
                    let answers = said.answers.filter(|_| number == 0);
                    let (author, text) = (said.author, text.to_owned());
                    queues[homes[author]].push(Said { room, line, number: 0, author, text, answers });
                }
            }
        }
        // Rooms go on side by side.
        for queue in &mut queues {
            queue.sort_by_key(|said| said.line);
            queue.iter_mut().enumerate().for_each(|(number, said)| said.number = number);
        }
        Self {
            homes,
            queues,
            open: AtomicUsize::new(1),
            windows,
            counts: Default::default(),
            spoken: Mutex::default(),
            numbers: Mutex::default(),
        }
    }

    pub(super) fn spoken(&self) -> Spoken {
        self.spoken.lock().unwrap().clone()
    }

    /// Says everything that is said at a program, whatever becomes of the program meanwhile.
    pub(super) async fn run(self: Arc<Self>, stage: Stage) {
        let program = stage.program;
        let queue = self.queues[program].clone();
        futures_util::stream::iter(queue).for_each_concurrent(AT_ONCE, |said| self.say(&stage, said)).await;
    }

    async fn say(&self, stage: &Stage, said: Said) {
        let answered =
            said.answers.and_then(|line| self.numbers.lock().unwrap().get(&(said.room, line)).cloned());
        let mut body = json!({ "content": said.text, "allowed_mentions": { "parse": [] } });
        if let Some(answered) = answered {
            body["message_reference"] = json!({ "message_id": answered, "fail_if_not_exists": false });
        }
        while !self.is_open(stage.program, &said) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let path = format!("/channels/{}/messages", stage.channels[said.room]);
        let api = &stage.bots[&said.author];
        loop {
            match api.post(&path, &body).await {
                Ok(message) => {
                    let id = message["id"].as_str().unwrap().to_owned();
                    self.numbers.lock().unwrap().insert((said.room, said.line), id.clone());
                    self.spoken.lock().unwrap().acknowledged.insert(id, (stage.program, said.room));
                    self.counts[stage.program].fetch_add(1, SeqCst);
                    return;
                }
                Err(ApiError::Transport { .. }) => self.spoken.lock().unwrap().unsure += 1,
                Err(ApiError::Refused { status, .. }) if status.is_server_error() => {}
                Err(refused) => panic!("{refused}"),
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The next part may be said. Half of what each program has to say in it.
    pub(super) fn go_on(&self) -> usize {
        self.open.fetch_add(1, SeqCst);
        self.queues.iter().map(|queue| queue.len() / self.windows / 2).min().unwrap_or(0).max(1)
    }

    fn is_open(&self, program: usize, said: &Said) -> bool {
        said.number * self.windows < self.queues[program].len() * self.open.load(SeqCst)
    }

    /// Returns once so many more were acknowledged at a program (where it can), and so many at the others.
    pub(super) async fn both_sides_write(&self, program: usize, here: usize, there: usize) {
        let now = || -> Vec<usize> { self.counts.iter().map(|count| count.load(SeqCst)).collect() };
        let begun = now();
        loop {
            let more: Vec<usize> = now().iter().zip(&begun).map(|(now, begun)| now - begun).collect();
            let others: usize = more.iter().sum::<usize>() - more[program];
            if more[program] >= here && others >= there {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Each program has about as much to say.
fn homes(talk: &Talk) -> Vec<usize> {
    let mut lines = vec![0; talk.authors.len()];
    talk.rooms.iter().flat_map(|room| &room.lines).for_each(|line| lines[line.author] += 1);
    let mut authors: Vec<usize> = (0..lines.len()).collect();
    authors.sort_by_key(|author| std::cmp::Reverse(lines[*author]));
    let (mut homes, mut said) = (vec![0; lines.len()], [0; PROGRAMS]);
    for author in authors {
        let home = (0..PROGRAMS).min_by_key(|program| said[*program]).unwrap_or(0);
        homes[author] = home;
        said[home] += lines[author];
    }
    homes
}

/// Requests at a time at each program.
const AT_ONCE: usize = 6;
