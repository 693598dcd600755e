//! What a message takes on disk: real talk, written by the core as people write, into a store as a node keeps it, beside
//! the bare text, a row of SQLite and a plain row of redb.

use crate::writer::{self, Said, said};
use anyhow::{Context as _, Result, ensure};
use nexus_load::facts;
use nexus_load::talk::{self, Size};
use nexus_node::store::{Folder, Medium as _};
use nexus_node::{Node, Options};
use redb::{Database, ReadableDatabase as _, TableDefinition, TableHandle as _, TableStats};
use sqlx::Executor as _;
use std::io::Write;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// How much, and where.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Not used: the programs.
    #[arg(long, hide = true)]
    nexus: Option<PathBuf>,
    /// Lines of talk.
    #[arg(long, default_value_t = 30_000)]
    lines: usize,
    /// The folder of the corpus. Named, it must be there; otherwise talk is generated where none is found.
    #[arg(long, env = "NEXUS_DATA")]
    data: Option<PathBuf>,
    /// A folder for the stores.
    #[arg(long, default_value = "target")]
    on: PathBuf,
}

/// Measures and prints the page.
pub(crate) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let size = Size { lines: arguments.lines, rooms: ROOMS, authors: AUTHORS };
    let talk = talk::find(arguments.data.as_deref(), size)?;
    let said = said(&talk);
    let raw: u64 = said.iter().map(|(.., text)| text.len() as u64).sum();
    let folder = tempfile::Builder::new().prefix("nexus-bench-").tempdir_in(&arguments.on)?;
    let sqlite = sqlite(&folder.path().join("rows.sqlite"), &said).await?;
    let plain = plain(&folder.path().join("rows.redb"), &said)?;
    let node = folder.path().join("node");
    let kept = Folder::at(&node)?;
    writer::fill(&kept, &talk, &said)?;
    let grown = taken(&Folder::store_path(&node))?;
    let mut database = kept.open()?;
    let tables = table_sizes(&database)?;
    while database.compact()? {}
    drop(database);
    let compact = taken(&Folder::store_path(&node))?;
    let anew = written_anew(&node).await?;
    let anew_tables = table_sizes(&kept.open()?)?;

    let each = |bytes: u64| bytes as f64 / said.len() as f64;
    let (messages, channels) = (said.len(), talk.rooms.len());
    writeln!(out, "{}.\n", facts::machine())?;
    let line = |out: &mut dyn Write, what: &str, bytes: u64| {
        writeln!(out, "| {what} | {:.0} | {:.2} |", each(bytes), bytes as f64 / raw as f64)
    };
    writeln!(out, "| kept as | bytes of the disk a message | of the bare text |\n|---|---|---|")?;
    line(out, "the bare text", raw)?;
    line(out, "a row of SQLite: number, channel, author, time, text; an index by channel", sqlite)?;
    line(out, "a plain row of redb: the same, with signature, id and the id before", plain)?;
    line(out, "Nexus, written anew, as a node does by itself", anew)?;
    line(out, "Nexus, compacted by redb", compact)?;
    line(out, "Nexus, as it grew", grown)?;
    writeln!(
        out,
        "\n{messages} messages of {} authors in {channels} channels ({:?}), one signature each. The search index is not in it.",
        talk.speakers(),
        talk.source
    )?;
    for (when, tables) in [("written anew", anew_tables), ("as it grew", tables)] {
        writeln!(out, "\nBy table, {when}, bytes a message:\n")?;
        writeln!(out, "| table | stored | pages' own and unused |\n|---|---|---|")?;
        for (name, stored, spare) in
            tables.into_iter().filter(|(_, stored, spare)| each(stored + spare) >= 0.5)
        {
            writeln!(out, "| `{name}` | {:.1} | {:.1} |", each(stored), each(spare))?;
        }
    }
    Ok(())
}

// Of the disk: a file that grows twofold is longer than what is in it.
fn taken(path: &Path) -> Result<u64> {
    Ok(std::fs::metadata(path)?.blocks() * 512)
}

// By a node that is asked to.
async fn written_anew(folder: &Path) -> Result<u64> {
    let node = Node::open(Options { data: folder.to_owned(), disk_reserve: 0 })?;
    let (_, after) = node.rewrite().await.ok().flatten().context("the store is not written anew")?;
    node.stop().await;
    Ok(after)
}

fn table_sizes(database: &Database) -> Result<Vec<(String, u64, u64)>> {
    let reading = database.begin_read()?;
    let mut sizes = Vec::new();
    for table in reading.list_tables()? {
        let name = table.name().to_owned();
        let stats: TableStats = redb::ReadableTableMetadata::stats(&reading.open_untyped_table(table)?)?;
        sizes.push((name, stats.stored_bytes(), stats.metadata_bytes() + stats.fragmented_bytes()));
    }
    sizes.sort_by_key(|(_, stored, spare)| std::cmp::Reverse(stored + spare));
    Ok(sizes)
}

async fn sqlite(path: &Path, said: &[Said<'_>]) -> Result<u64> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await?;
    pool.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, channel INTEGER, author INTEGER, at INTEGER, text TEXT)").await?;
    pool.execute("CREATE INDEX by_channel ON message (channel, id)").await?;
    let mut transaction = pool.begin().await?;
    for (number, (room, author, text)) in said.iter().enumerate() {
        let number = i64::try_from(number)?;
        // As snowflakes are: 8 bytes each.
        let name = |number: usize| 1_000_000_000_000_000_000 + i64::try_from(number).unwrap_or(0);
        sqlx::query("INSERT INTO message VALUES (?, ?, ?, ?, ?)")
            .bind((number * 4_000) << 22)
            .bind(name(*room))
            .bind(name(*author))
            .bind(1_700_000_000_000 + number * 4_000)
            .bind(*text)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    pool.execute("VACUUM").await?;
    pool.close().await;
    taken(path)
}

fn plain(path: &Path, said: &[Said<'_>]) -> Result<u64> {
    const ROWS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("message");
    let mut database = Database::create(path)?;
    for (chunk, some) in said.chunks(1_000).enumerate() {
        let transaction = database.begin_write()?;
        {
            let mut rows = transaction.open_table(ROWS)?;
            for (at, (room, author, text)) in some.iter().enumerate() {
                let number = (chunk * 1_000 + at) as u64;
                let mut key = [0; 16];
                key[..8].copy_from_slice(&(*room as u64).to_be_bytes());
                key[8..].copy_from_slice(&number.to_be_bytes());
                let id = blake3::hash(&key);
                let signed = [id.as_bytes().as_slice(), &[0; 64], &[0; 32]].concat();
                let facts = [(*author as u64).to_be_bytes(), number.to_be_bytes()].concat();
                rows.insert(&key, [signed.as_slice(), &facts, text.as_bytes()].concat().as_slice())?;
            }
        }
        transaction.commit()?;
    }
    while database.compact()? {}
    drop(database);
    let length = taken(path)?;
    ensure!(length > 0, "nothing was written");
    Ok(length)
}

const ROOMS: usize = 10;
const AUTHORS: usize = 100;
