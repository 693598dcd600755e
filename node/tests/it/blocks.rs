//! Older ops stand in blocks once a store is written anew: one of before becomes one of today, and loses nothing on the way.

use crate::forgetful_disk::{ForgetfulDisk, Trouble};
use crate::opening::options;
use crate::talk::{Place, ids, say, settle};
use nexus_core::{Command, Refusal, Store as _};
use nexus_crdt::id::OpId;
use nexus_node::store::{Medium as _, ReadTables, SealingKey};
use nexus_node::{Node, Page};
use redb::{
    Database, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _, TableDefinition,
    TableHandle as _,
};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

/// The newest stay rows, and what is left over of a block: fewer than that are not packed.
pub(crate) const MESSAGES: usize = 200;

const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
pub(crate) const BLOCK: TableDefinition<'_, &[u8; 7], &[u8]> = TableDefinition::new("block");

/// Says as much as makes blocks.
pub(crate) async fn talk(node: &Node, place: &Place, said: impl Fn(usize) -> String) -> Vec<OpId> {
    let mut ids = Vec::new();
    for number in 0..MESSAGES {
        ids.push(say(node, place, &said(number)).await.unwrap().id);
    }
    ids
}

fn there(node: &Node, place: &Place) -> Vec<OpId> {
    ids(&node.read().unwrap().messages(&node.view(), place.channel, Page::Latest, 10_000).unwrap())
}

/// The format of a store, and how many pieces of blocks are in it.
fn blocks_of(database: &Database) -> (u32, u64) {
    let reading = database.begin_read().unwrap();
    let format = reading.open_table(META).unwrap().get("format").unwrap().unwrap();
    let format = u32::from_be_bytes(format.value().try_into().unwrap());
    (format, reading.open_table(BLOCK).map_or(0, |blocks| blocks.len().unwrap()))
}

/// A disk as a version left it that knew no blocks, newest message first.
async fn of_before() -> (ForgetfulDisk, Place, Vec<OpId>) {
    let disk = ForgetfulDisk::default();
    let node = Node::open_on(disk.clone(), 0).unwrap();
    let place = settle(&node).await;
    let mut said = talk(&node, &place, |number| format!("number {number}")).await;
    said.reverse();
    node.stop().await;
    let disk = disk.copy();
    let database = disk.open().unwrap();
    assert_eq!(blocks_of(&database), (2, 0), "a store that was never written anew has rows alone");
    let write = database.begin_write().unwrap();
    let tables: Vec<_> =
        write.list_tables().unwrap().filter(|table| table.name().starts_with("block")).collect();
    assert_eq!(tables.len(), 6);
    for table in tables {
        assert!(write.delete_table(table).unwrap());
    }
    write.open_table(META).unwrap().insert("format", 1u32.to_be_bytes().as_slice()).unwrap();
    write.commit().unwrap();
    database.close().unwrap();
    (disk.copy(), place, said)
}

/// Opens a store, has it written anew, says one thing more; gives what is acknowledged, with how much was asked of the disk by then.
async fn script(disk: &ForgetfulDisk, place: &Place) -> Vec<(usize, OpId)> {
    let Ok(node) = Node::open_on(disk.clone(), 0) else { return Vec::new() };
    match node.rewrite().await {
        Ok(_) | Err(Refusal::Unavailable) => {}
        Err(refusal) => panic!("{refusal}"),
    }
    let said = say(&node, place, "after it").await;
    let acknowledged = said.map(|said| (disk.steps(), said.id));
    node.stop().await;
    acknowledged.into_iter().collect()
}

/// Everything of before is there once, in its order, and what was acknowledged since.
fn assert_kept(node: &Node, place: &Place, before: &[OpId], since: &[OpId], what: &str) {
    let page = there(node, place);
    assert!(page.ends_with(before) && page.len() <= before.len() + 1, "{what}: {} are there", page.len());
    assert!(since.iter().all(|id| page.contains(id)), "{what}: what was acknowledged is gone");
}

#[tokio::test]
async fn a_store_of_before_gets_blocks_and_a_power_cut_at_any_step_of_it_loses_nothing() {
    let (old, place, said) = of_before().await;
    let disk = old.copy();
    let acknowledged = script(&disk, &place).await;
    assert_eq!(acknowledged.len(), 1);
    let database = disk.copy().open().unwrap();
    assert!(blocks_of(&database).1 > 4, "an older half in blocks");
    drop(database);
    let mut seed = 2_027;
    let mut seen: BTreeMap<(u32, bool), usize> = BTreeMap::new();
    disk.after_cuts_of(
        old,
        (0..=disk.steps()).step_by(disk.steps().div_ceil(120)).chain([disk.steps()]),
        |sides| crate::power_cut::dice(&mut seed, sides),
        |cut, left| {
            let database = left.open().unwrap();
            let (format, pieces) = blocks_of(&database);
            *seen.entry((format, pieces > 0)).or_default() += 1;
            database.close().unwrap();
            let node = Node::open_on(left, 0).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
            let since = acknowledged.iter().filter(|(steps, _)| *steps <= cut).map(|(_, id)| *id);
            assert_kept(&node, &place, &said, &since.collect::<Vec<_>>(), &format!("cut at step {cut}"));
        },
    );
    // Of format 1, of format 2 and still rows, and in blocks.
    assert_eq!(seen.keys().copied().collect::<Vec<_>>(), [(1, false), (2, false), (2, true)]);
}

#[tokio::test]
async fn a_disk_that_says_no_at_any_step_on_the_way_to_blocks_costs_nothing() {
    let (old, place, said) = of_before().await;
    let disk = old.copy();
    script(&disk, &place).await;
    for at in (0..disk.steps()).step_by(disk.steps().div_ceil(40)) {
        let disk = old.copy();
        disk.make_trouble(Trouble { at, error: ErrorKind::StorageFull, once: at % 2 == 0 });
        let since = script(&disk, &place).await;
        disk.relieve();
        let what = format!("step {at}");
        let left = disk.copy();
        let node = Node::open_on(left.clone(), 0).unwrap_or_else(|error| panic!("{what}: {error}"));
        let since: Vec<OpId> = since.into_iter().map(|(_, id)| id).collect();
        assert_kept(&node, &place, &said, &since, &what);
        node.rewrite().await.unwrap();
        assert_kept(&node, &place, &said, &since, &format!("{what}, and then written anew"));
    }
}

/// What stands in the blocks of a store: pieces put together, by block and part.
fn parts(database: &Database) -> BTreeMap<(u32, u8), Vec<u8>> {
    let table = database.begin_read().unwrap().open_table(BLOCK).unwrap();
    let mut parts: BTreeMap<_, Vec<u8>> = BTreeMap::new();
    for row in table.iter().unwrap() {
        let (at, piece) = row.unwrap();
        let [a, b, c, d, part, ..] = *at.value();
        parts.entry((u32::from_be_bytes([a, b, c, d]), part)).or_default().extend(piece.value());
    }
    parts
}

/// What a content says once it is not compressed any more, and how long it is compressed.
fn unpacked(content: &[u8]) -> (Vec<u8>, usize) {
    let (len, rest) = content.split_first_chunk().unwrap();
    let len = u32::from_be_bytes(*len) as usize;
    (zstd::bulk::decompress(&rest[4..len], 1 << 20).unwrap(), len)
}

fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

fn salt_of(folder: &Path, id: &OpId) -> [u8; 16] {
    let database = Database::open(folder.join("nexus.redb")).unwrap();
    let seal = SealingKey::keep(&folder.join("sealing.key"), false).unwrap();
    let tables = ReadTables::open(&database.begin_read().unwrap(), &seal).unwrap();
    tables.op(id).unwrap().unwrap().op.body.unwrap().salt
}

#[tokio::test]
async fn what_was_destroyed_in_a_block_stands_nowhere_in_the_folder_once_the_store_is_written_anew() {
    const MARK: &str = "PLEASE FORGET THIS";
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("nexus.redb");
    let node = Node::open(options(folder.path())).unwrap();
    let place = settle(&node).await;
    let text =
        |number: usize| if number == 40 { format!("{MARK} {number}") } else { format!("number {number}") };
    let said = talk(&node, &place, text).await;
    node.rewrite().await.unwrap().expect("a file has a length");
    node.stop().await;
    drop(node);
    let before = parts(&Database::open(&store).unwrap());
    let marked = |parts: &BTreeMap<(u32, u8), Vec<u8>>| -> Vec<(u32, u8)> {
        let contents = parts.iter().filter(|((_, part), _)| *part == 1);
        contents
            .filter(|(_, content)| holds(&unpacked(content).0, MARK.as_bytes()))
            .map(|(at, _)| *at)
            .collect()
    };
    let [at] = marked(&before)[..] else { panic!("it stands in one block") };
    let salt = salt_of(folder.path(), &said[40]);
    let old = &before[&at][..unpacked(&before[&at]).1];
    let bytes = std::fs::read(&store).unwrap();
    assert!(holds(&bytes, &salt), "what is not found proves nothing");
    assert!(
        old[128..256] != old[..128] && holds(&bytes, &old[128..256]),
        "nor does a block that is not found"
    );

    let node = Node::open(options(folder.path())).unwrap();
    let delete = Command::DeleteMessages { channel: place.channel, messages: vec![said[40]] };
    node.command(Some(place.owner), delete).await.unwrap();
    node.rewrite().await.unwrap().expect("a file has a length");
    let left = there(&node, &place);
    assert_eq!(left.len(), MESSAGES - 1);
    node.stop().await;
    drop(node);
    let after = parts(&Database::open(&store).unwrap());
    assert!(after.contains_key(&at) && marked(&after).is_empty(), "the block is there without it");
    let bytes = std::fs::read(&store).unwrap();
    assert!(!holds(&bytes, &salt) && !holds(&bytes, MARK.as_bytes()));
    // Nor is the block as it was: any part of it that is long enough to hold a text.
    assert!(old.chunks_exact(128).skip(1).all(|chunk| !holds(&bytes, chunk)));
    let node = Node::open(options(folder.path())).unwrap();
    assert_eq!(there(&node, &place), left);
}
