//! A day compressed into minutes: two relays and three nodes through everything that befalls networks, while people talk and
//! others come in. Nothing that was acknowledged is lost, and in the evening all hold the same.

mod cast;
mod crowd;
mod evening;
mod hour;
mod schedule;
mod talk;

use crate::flood::{Attack, Flood};
use anyhow::Result;
use cast::{Cast, PROGRAMS};
use crowd::Crowd;
use schedule::{Kind, Schedule};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long, how hard.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// What befalls whom and when is drawn from it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Hours of the day.
    #[arg(long, default_value_t = 24)]
    pub hours: usize,
    /// How long one of them lasts at least, ms.
    #[arg(long, default_value_t = 8_000)]
    pub hour_ms: u64,
    /// How often each trouble comes.
    #[arg(long, default_value_t = 2)]
    pub times: usize,
    /// People who come in during the day.
    #[arg(long, default_value_t = 10_000)]
    pub joins: usize,
    /// Messages that are measured in the evening, without an attack and under each.
    #[arg(long, default_value_t = 200)]
    pub messages: usize,
}

/// What a program may take at most, KiB.
pub const PEAK_KIB_MAX: u64 = 512 * 1024;

/// A day that is being lived.
struct Day {
    cast: Cast,
    crowd: Arc<Crowd>,
    /// By what is attacked.
    floods: BTreeMap<(Attack, usize), Flood>,
    /// How often each trouble was; of floods, the blows.
    tally: BTreeMap<Kind, u64>,
}

/// Lives through a day, and says what it was like.
///
/// # Errors
/// Where something that was acknowledged is gone, where two hold something else, where a program took too much, where a
/// trouble that was asked for never came.
pub async fn run(plan: &Plan, out: &mut impl Write) -> Result<()> {
    let schedule = Schedule::draw(plan.seed, plan.hours, plan.times)?;
    writeln!(out, "seed {}, {} hours of {} ms or more; {schedule}", plan.seed, plan.hours, plan.hour_ms)?;
    out.flush()?;
    let begun = Instant::now();
    let cast = Cast::gather(&schedule).await?;
    let from = cast.street.another_place()?;
    let crowd = Arc::new(Crowd::with(&cast.invite().await?, plan.joins, cast.meshes, from).await?);
    let mut day = Day { cast, crowd, floods: BTreeMap::new(), tally: BTreeMap::new() };
    let gathered = begun.elapsed();

    let is_over = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for voice in &day.cast.voices {
        tasks.spawn(voice.clone().talk(is_over.clone()));
    }
    let mut coming = tokio::spawn(day.crowd.clone().come(schedule.hours));
    // The hour after the last is without trouble: everything that began has ended.
    for hour in 0..=schedule.hours {
        day.pass(&schedule, hour, Duration::from_millis(plan.hour_ms)).await?;
    }
    (&mut coming).await??;
    is_over.store(true, Ordering::Relaxed);
    while let Some(talked) = tasks.join_next().await {
        talked??;
    }
    let passed = begun.elapsed();
    day.settles().await?;
    let the_same = begun.elapsed();
    let in_the_evening = day.evening(plan, out).await?;
    day.settles().await?;
    day.holds(in_the_evening).await?;
    for program in 0..PROGRAMS {
        day.cast.note_peak(program)?;
    }
    day.report(out)?;
    day.shows_something(schedule.kinds())?;
    day.cast.verify().await?;
    writeln!(
        out,
        "Gathered after {} s, the day over after {} s, the same everywhere after {} s; `verify` finds nothing at any of them.",
        gathered.as_secs(),
        passed.as_secs(),
        the_same.as_secs()
    )?;
    Ok(())
}
