//! What an op costs that comes from elsewhere, step by step: read, checked, taken in; beside the bare checks of its signature in the
//! same run. And what one signature for a run of one author's ops would save, by how people really talk.

mod floor;
mod runs;
mod wire;

use crate::writer::{self, said};
use anyhow::{Context as _, Result, ensure};
use floor::Bare;
use nexus_core::{Arrival, Arriving, Core, Effect, Env, Input, Store as _};
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::op::{self, Op};
use nexus_crypto::Verified;
use nexus_load::facts;
use nexus_load::talk::{self, Size};
use nexus_node::store::{Folder, Medium as _, ReadTables, SealingKey, WriteTables};
use redb::{Database, Durability, ReadableDatabase as _};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How much, and where.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Not used: the programs.
    #[arg(long, hide = true)]
    nexus: Option<PathBuf>,
    /// Lines of talk.
    #[arg(long, default_value_t = 20_000)]
    lines: usize,
    /// Rounds of each; the median is kept.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The folder of the corpus. Named, it must be there; otherwise talk is generated where none is found.
    #[arg(long, env = "NEXUS_DATA")]
    data: Option<PathBuf>,
    /// A folder for the stores.
    #[arg(long, default_value = "target")]
    on: PathBuf,
}

/// What somebody holds: what there is to know before its messages, and these, in the order in which they came.
struct Feed {
    space: SpaceId,
    before: Vec<Vec<u8>>,
    frontiers: Vec<Vec<OpId>>,
    messages: Vec<Vec<u8>>,
}

/// Measures and prints the page.
pub(crate) fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let size = Size {
        lines: arguments.lines,
        rooms: ROOMS.min(arguments.lines),
        authors: AUTHORS.min(arguments.lines),
    };
    let talk = talk::find(arguments.data.as_deref(), size)?;
    let said = said(&talk);
    let folder = tempfile::Builder::new().prefix("nexus-bench-").tempdir_in(&arguments.on)?;
    let giver = Folder::at(&folder.path().join("giver"))?;
    writer::fill(&giver, &talk, &said)?;
    let feed = Feed::of(&giver)?;
    ensure!(feed.messages.len() == said.len(), "what was said is held");
    let verified = checked(&feed.messages)?;
    writeln!(out, "{}.\n", facts::machine())?;
    writeln!(
        out,
        "{} messages of {} authors in {} channels ({:?}), {} bytes each on the wire; one thread; the median of {} rounds.\n",
        said.len(),
        talk.speakers(),
        talk.rooms.len(),
        talk.source,
        feed.messages.iter().map(Vec::len).sum::<usize>() / said.len(),
        arguments.rounds
    )?;
    writeln!(out, "| step | µs an op | ops a second |\n|---|---|---|")?;
    let mut line = |what: &str, seconds: f64| row(out, what, seconds, said.len());
    let bare: Vec<Bare> = verified.iter().map(Bare::of).collect::<Result<_>>()?;
    line("floor: `ed25519-dalek`, `verify_strict`", median(arguments.rounds, || floor::each(&bare))?)?;
    for many in [64, 1_024] {
        let what = format!("floor: the batch equation over {many} signatures");
        line(&what, median(arguments.rounds, || floor::together(&bare, many))?)?;
    }
    line("read: decoded, canonical, body hashed", median(arguments.rounds, || read(&feed.messages))?)?;
    line(
        "read and checked, a signature each",
        median(arguments.rounds, || checked(&feed.messages).map(drop))?,
    )?;
    line(
        "read, and one signature for each author's run of 64 ops",
        median(arguments.rounds, || runs::checked(&feed.messages, 64))?,
    )?;
    line(".. of 1,024 ops", median(arguments.rounds, || runs::checked(&feed.messages, 1_024))?)?;
    for many in [1, 64, 1_024] {
        let what = format!("taken in, checked before: judged, put in the store, {many} a commit");
        let ops = if many == 1 {
            verified.get(..verified.len().min(SINGLE_MAX)).unwrap_or(&verified)
        } else {
            &verified
        };
        let seconds = median_of(arguments.rounds, || feed.taken_in(folder.path(), ops, many))?;
        row(out, &what, seconds, ops.len())?;
    }
    writeln!(
        out,
        "\nCommits are not flushed: this is what the processor does, and `backfill` what a disk adds."
    )?;
    wire::report(&feed, out)?;
    runs::report(&talk, &verified, out)
}

fn row(out: &mut dyn Write, what: &str, seconds: f64, ops: usize) -> Result<()> {
    let each = seconds / ops as f64;
    Ok(writeln!(out, "| {what} | {:.1} | {:.0} |", each * 1e6, 1.0 / each)?)
}

fn median(rounds: usize, mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    median_of(rounds, || {
        let begun = Instant::now();
        work()?;
        Ok(begun.elapsed().as_secs_f64())
    })
}

fn median_of(rounds: usize, work: impl FnMut() -> Result<f64>) -> Result<f64> {
    let mut all: Vec<f64> = std::iter::repeat_with(work).take(rounds.max(1)).collect::<Result<_>>()?;
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().context("no round")
}

fn read(messages: &[Vec<u8>]) -> Result<()> {
    messages.iter().try_for_each(|bytes| {
        std::hint::black_box(op::decode(bytes)?);
        Ok(())
    })
}

fn checked(messages: &[Vec<u8>]) -> Result<Vec<Verified<Op>>> {
    messages.iter().map(|bytes| Ok(op::verify(op::decode(bytes)?)?)).collect()
}

impl Feed {
    fn of(folder: &Folder) -> Result<Self> {
        let (database, key) = (folder.open()?, folder.sealing_key(false)?);
        let store = ReadTables::open(&database.begin_read()?, &key)?;
        let (mut before, mut messages, mut frontiers) = (Vec::new(), Vec::new(), BTreeSet::new());
        let guilds: Vec<SpaceId> =
            store.spaces()?.into_iter().filter(|space| *space != SpaceId::NONE).collect();
        for space in [vec![SpaceId::NONE], guilds.clone()].concat() {
            for (_, id) in store.arrivals(&space, Arrival(0), usize::MAX)? {
                let stored = store.op(&id)?.context("an op that came is here")?;
                if let Some(frontier) = stored.op.frontier() {
                    frontiers.extend(store.frontier(&frontier)?);
                }
                let to = if stored.op.header.stream.is_channel() { &mut messages } else { &mut before };
                to.push(stored.encode());
            }
        }
        let space = guilds.first().copied().context("a guild")?;
        Ok(Self { space, before, frontiers: frontiers.into_iter().collect(), messages })
    }

    /// Into a new store, which knows what there is to know before.
    fn taken_in(&self, on: &Path, ops: &[Verified<Op>], many: usize) -> Result<f64> {
        let folder = tempfile::tempdir_in(on)?;
        let database = Database::create(folder.path().join("store.redb"))?;
        let seal = SealingKey::of([7; 32]);
        let mut holder = Holder::begin(&database, &seal)?;
        for some in self.before.chunks(128) {
            let some = some.iter().cloned().map(Arriving::Bytes).collect();
            holder.take(&database, &seal, some, self.frontiers.clone())?;
        }
        let arriving = |op: &Verified<Op>| Arriving::Verified(Box::new(op.clone()));
        let batches: Vec<Vec<Arriving>> =
            ops.chunks(many).map(|some| some.iter().map(arriving).collect()).collect();
        let (begun, mut admitted) = (Instant::now(), 0);
        for batch in batches {
            admitted += holder.take(&database, &seal, batch, Vec::new())?;
        }
        let seconds = begun.elapsed().as_secs_f64();
        ensure!(admitted == ops.len(), "{admitted} of {} were taken in", ops.len());
        Ok(seconds)
    }
}

/// A core that only takes in.
struct Holder {
    core: Core,
    inputs: u64,
}

impl Holder {
    fn begin(database: &Database, seal: &SealingKey) -> Result<Self> {
        let transaction = database.begin_write()?;
        let core = {
            let mut tables = WriteTables::open(&transaction, seal)?;
            tables.stamp_format()?;
            Core::load(&tables)?
        };
        transaction.commit()?;
        Ok(Self { core, inputs: 0 })
    }

    /// How many ops were new.
    fn take(
        &mut self,
        database: &Database,
        seal: &SealingKey,
        ops: Vec<Arriving>,
        frontiers: Vec<Vec<OpId>>,
    ) -> Result<usize> {
        self.inputs += 1;
        let mut entropy = [0; 64];
        entropy[..8].copy_from_slice(&self.inputs.to_be_bytes());
        let mut transaction = database.begin_write()?;
        transaction.set_durability(Durability::None)?;
        let mut admitted = 0;
        {
            let mut tables = WriteTables::open(&transaction, seal)?;
            let input = Input::Ops { ops, frontiers, cursor: None, gaps: Vec::new() };
            let effects = self.core.handle(input, &Env { now_ms: LATER_MS, entropy, store: &tables })?;
            for effect in effects {
                match effect {
                    Effect::Append(records) => tables.apply(&records)?,
                    Effect::Taken(taken) => admitted += taken.admitted as usize,
                    _ => {}
                }
            }
        }
        transaction.commit()?;
        Ok(admitted)
    }
}

const ROOMS: usize = 10;
const AUTHORS: usize = 100;
/// Ops that are taken in one by one.
const SINGLE_MAX: usize = 2_000;
/// Later than everything that was said, Unix ms.
const LATER_MS: u64 = 1_900_000_000_000;
