//! Two holders of one stream of which one lacks some: messages, bytes and time until both know, beside `negentropy` on the same
//! sets in the same run. This side reads a store on disk, `negentropy` an ordered list in memory that is made beforehand.

use crate::stream::{SPACE, STREAM, record, spot};
use anyhow::{Result, ensure};
use negentropy::{Id, Negentropy, NegentropyStorageVector};
use nexus_core::store::{Gaps, Head, Store};
use nexus_core::sync::reconcile::{
    Gift, Keeps, Ops as _, Parts, SessionKey, Side, Stream, UNDER_WAY_MAX, Unsaid,
};
use nexus_core::{PeerKey, StoreFault};
use nexus_node::store::{ReadTables, SealingKey, WriteTables};
use redb::{Database, ReadableDatabase as _};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How large, and where.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Not used: the programs.
    #[arg(long, hide = true)]
    nexus: Option<PathBuf>,
    /// Ops that both hold.
    #[arg(long, default_value_t = 1_000_000)]
    ops: u64,
    /// Runs of each case; the median is kept.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// A folder for the store.
    #[arg(long, default_value = "target")]
    on: PathBuf,
}

/// What one comparison cost.
#[derive(Clone, Copy, Debug)]
struct Cost {
    rounds: usize,
    up: usize,
    down: usize,
    time: Duration,
}

struct Case {
    name: String,
    /// What one side has beyond the other: each between an op of this number and the next.
    more: Vec<u64>,
}

/// Measures and prints the page.
pub(crate) fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("nexus-bench-").tempdir_in(&arguments.on)?;
    let database = Database::create(folder.path().join("store.redb"))?;
    let seal = SealingKey::of([7; 32]);
    let filled = fill(&database, &seal, arguments.ops)?;
    writeln!(
        out,
        "Two holders of {} ops in one stream; one of them has some that the other lacks, and the other begins. A round is a",
        arguments.ops
    )?;
    writeln!(
        out,
        "message and its answer; the last one is the ops themselves, by name or at once. CPU: both sides together, the median of {},",
        arguments.rounds
    )?;
    writeln!(
        out,
        "caches warm. Nexus reads redb on disk and says at most 60 KiB in a message; who began may have {UNDER_WAY_MAX} under way, which are"
    )?;
    writeln!(
        out,
        "answered one by one and together count as one round. negentropy 0.5 reads an ordered list in memory, made beforehand, and says"
    )?;
    writeln!(
        out,
        "what it likes in one message. Nexus names nothing that the one who has it can give at once: those ops count as the last"
    )?;
    writeln!(out, "round's answer.\n")?;
    writeln!(out, "| what differs | | rounds | bytes up | bytes down | CPU ms |")?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for case in cases(arguments.ops) {
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        for _ in 0..arguments.rounds {
            ours.push(nexus(&database, &seal, &case)?);
        }
        let storages = [storage(arguments.ops, &[])?, storage(arguments.ops, &case.more)?];
        for _ in 0..arguments.rounds {
            theirs.push(negentropy(&storages, case.more.len())?);
        }
        print(out, &case.name, "Nexus", &ours)?;
        print(out, "", "negentropy", &theirs)?;
    }
    let per_op = filled.as_secs_f64() * 1e6 / arguments.ops as f64;
    writeln!(out, "\nThe store was filled at {per_op:.1} us an op, parts and all, on one core.")?;
    Ok(())
}

fn cases(ops: u64) -> Vec<Case> {
    let case = |name: &str, more| Case { name: name.to_owned(), more };
    let scattered = |count: u64| (0..count).map(|at| at * (ops / count) + ops / count / 2).collect();
    let newest = |count: u64| (ops - count..ops).collect();
    vec![
        case("nothing", Vec::new()),
        case("the 10 newest", newest(10)),
        case("10 that lie apart", scattered(10)),
        case("1,000 that lie apart", scattered(1_000)),
        case("the 20,000 newest", newest(20_000)),
        case("20,000 that lie apart", scattered(20_000)),
    ]
}

fn fill(database: &Database, seal: &SealingKey, ops: u64) -> Result<Duration> {
    const BATCH: u64 = 20_000;
    let started = Instant::now();
    for from in (0..ops).step_by(20_000) {
        let records: Vec<_> = (from..ops.min(from + BATCH)).map(|number| record(number, false)).collect();
        let mut transaction = database.begin_write()?;
        transaction.set_durability(redb::Durability::None)?;
        WriteTables::open(&transaction, seal)?.apply(&records)?;
        transaction.commit()?;
    }
    database.begin_write()?.commit()?;
    Ok(started.elapsed())
}

// The one that has more is a transaction that is given up afterwards.
fn nexus(database: &Database, seal: &SealingKey, case: &Case) -> Result<Cost> {
    let reading = database.begin_read()?;
    let transaction = database.begin_write()?;
    let cost = {
        let lacks = ReadTables::open(&reading, seal)?;
        let mut has = WriteTables::open(&transaction, seal)?;
        let records: Vec<_> = case.more.iter().map(|number| record(*number, true)).collect();
        has.apply(&records)?;
        compare([&lacks, &has], &case.more)?
    };
    transaction.abort()?;
    Ok(cost)
}

fn compare(stores: [&dyn Store; 2], more: &[u64]) -> Result<Cost> {
    let keys = (PeerKey([1; 32]), PeerKey([2; 32]));
    let key = SessionKey::of((&keys.0, &[3; 32]), (&keys.1, &[4; 32]), &SPACE, &STREAM);
    let side = |who: usize| Stream { store: stores[who], space: SPACE, stream: STREAM };
    let [opener, other] = [side(0), side(1)];
    let [asks, answers] = [&opener, &other].map(|ops| Side { key: &key, ops, keeps: Keeps::Unsaid });
    let gaps = Gaps::default();
    let read = |bytes: &[u8]| Parts::read(bytes).map_err(|_| StoreFault(String::from("garbled")));
    let started = Instant::now();
    let (mut unsaid, mut under_way) = (Unsaid::default(), vec![asks.open()?.write()]);
    let (mut bytes, mut rounds, mut gifts) = ([0; 2], 0, Vec::new());
    while !under_way.is_empty() {
        rounds += 1;
        let mut answered = Vec::new();
        for message in under_way.drain(..) {
            bytes[0] += message.len();
            let answer = answers.answer(&read(&message)?)?;
            gifts.extend(answer.gifts.into_iter().map(|gift| (other, gift)));
            answered.push(answer.parts.write());
        }
        for message in answered {
            bytes[1] += message.len();
            gifts.extend(
                asks.hear(&read(&message)?, &gaps, &mut unsaid)?.into_iter().map(|gift| (opener, gift)),
            );
        }
        while under_way.len() < UNDER_WAY_MAX && !unsaid.is_empty() {
            under_way.push(asks.say(&gaps, &mut unsaid)?.write());
        }
    }
    let time = started.elapsed();
    let missing: BTreeSet<Head> = more.iter().map(|number| spot(*number, true).head).collect();
    let found = heads(gifts)?;
    ensure!(found == missing, "{} found of {}", found.len(), missing.len());
    Ok(Cost { rounds, up: bytes[0], down: bytes[1], time })
}

fn heads(gifts: Vec<(Stream<'_>, Gift)>) -> Result<BTreeSet<Head>> {
    let mut found = BTreeSet::new();
    for (side, gift) in gifts {
        let given = match gift {
            Gift::Named(heads) => heads,
            Gift::Range { range, except, count } => {
                let limit = usize::try_from(count)? + except.len();
                let spots = side.spots(&range, limit)?;
                spots.into_iter().map(|spot| spot.head).filter(|head| !except.contains(head)).collect()
            }
        };
        for head in given {
            ensure!(found.insert(head), "an op is given twice");
        }
    }
    Ok(found)
}

fn storage(ops: u64, more: &[u64]) -> Result<NegentropyStorageVector> {
    let mut storage = NegentropyStorageVector::with_capacity(usize::try_from(ops)?);
    let all = (0..ops).map(|number| (number, false)).chain(more.iter().map(|number| (*number, true)));
    for (number, between) in all {
        let spot = spot(number, between);
        let id = *blake3::hash(&spot.head).as_bytes();
        storage.insert(spot.hlc.0, Id::from_byte_array(id))?;
    }
    storage.seal()?;
    Ok(storage)
}

fn negentropy(storages: &[NegentropyStorageVector; 2], missing: usize) -> Result<Cost> {
    let mut opener = Negentropy::borrowed(&storages[0], 0)?;
    let mut other = Negentropy::borrowed(&storages[1], 0)?;
    let (mut have, mut need) = (Vec::new(), Vec::new());
    let started = Instant::now();
    let mut message = opener.initiate()?;
    let (mut up, mut down, mut messages) = (message.len(), 0, 1_usize);
    loop {
        let answer = other.reconcile(&message)?;
        down += answer.len();
        messages += 1;
        match opener.reconcile_with_ids(&answer, &mut have, &mut need)? {
            Some(next) => message = next,
            None => break,
        }
        up += message.len();
        messages += 1;
    }
    let time = started.elapsed();
    ensure!(need.len() == missing && have.is_empty(), "{} found of {missing}", need.len());
    Ok(Cost { rounds: messages.div_ceil(2), up, down, time })
}

fn print(out: &mut impl Write, name: &str, who: &str, costs: &[Cost]) -> Result<()> {
    let mut times: Vec<Duration> = costs.iter().map(|cost| cost.time).collect();
    times.sort_unstable();
    let Some(Cost { rounds, up, down, .. }) = costs.first() else { return Ok(()) };
    let median = times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e3;
    writeln!(out, "| {name} | {who} | {rounds} | {up} | {down} | {median:.2} |")?;
    Ok(())
}
