//! Real talk, played through a relay and three nodes at once, each of which is cut off and killed again and again while
//! the others write on. Short here; `cargo xtask prove real-input` plays
//! nearly all of the corpus's largest rooms, by the thousands who talked there.

mod cast;
mod play;

use cast::{Cast, PROGRAMS};
use nexus_load::talk::{self, Size};
use nexus_net::{Fault, settled};
use play::{Play, Spoken};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn real_talk_by_programs_that_come_and_go_is_the_same_everywhere_in_the_end() {
    let size = Size {
        lines: setting("NEXUS_REAL_MESSAGES", 800),
        rooms: setting("NEXUS_REAL_ROOMS", 8),
        authors: setting("NEXUS_REAL_ACCOUNTS", 12),
    };
    let rounds = setting("NEXUS_REAL_ROUNDS", 1);
    let data = std::env::var_os("NEXUS_DATA").map(PathBuf::from);
    let talk = talk::find(data.as_deref(), size).unwrap();
    let play = Arc::new(Play::of(&talk, 1 + rounds * PROGRAMS * 2));
    let mut cast = Cast::gather(&talk, &play.homes).await;
    let wire = cast.street.bytes_between();
    let begun = Instant::now();
    let workers = cast.workers(&play);
    for round in 0..rounds {
        // Now shorter than a link bears in silence, now longer.
        let silence = Duration::from_secs(if round % 2 == 0 { 1 } else { 12 });
        for program in 0..PROGRAMS {
            cast.cut_off(program, &play, silence).await;
            cast.kill(program, &play).await;
        }
    }
    for worker in workers {
        worker.await.unwrap();
    }
    let written = begun.elapsed();
    settled(&cast.programs.iter().collect::<Vec<_>>()).await.unwrap();
    let wire = cast.street.bytes_between() - wire;
    let faults = cast.street.faults();
    faults.must_have(&[Fault::Lost, Fault::Delayed, Fault::Cut]).unwrap();
    let spoken = play.spoken();
    cast.hold(&spoken).await;
    report(&cast, &spoken, wire, rounds);
    eprintln!(
        "written in {} s, the same everywhere after {} s",
        written.as_secs(),
        begun.elapsed().as_secs()
    );
    eprintln!("{faults:?}");
    cast.verify().await;
}

fn setting(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |value| value.parse().unwrap())
}

fn report(cast: &Cast, spoken: &Spoken, wire: u64, rounds: usize) {
    let messages = spoken.acknowledged.len() as u64;
    eprintln!(
        "{messages} messages acknowledged, {} sent again without knowing; {} accounts, {PROGRAMS} programs, each cut off and killed {rounds} times",
        spoken.unsure, cast.accounts,
    );
    eprintln!(
        "{wire} bytes between the houses: {} for each message, {} for each message at each of the three others",
        wire / messages,
        wire / messages / 3
    );
    for (name, program) in cast.names.iter().zip(&cast.programs) {
        let traffic = &program.status().unwrap()["mesh"]["traffic"];
        eprintln!("{name} since its last start: {traffic}");
    }
    let per_program: BTreeMap<usize, usize> =
        spoken.acknowledged.values().fold(BTreeMap::new(), |mut counts, (program, _)| {
            *counts.entry(*program).or_default() += 1;
            counts
        });
    eprintln!("written at each: {:?}", per_program.values().collect::<Vec<_>>());
}
