//! What a start need not check again, in a file: changed by the disk, by somebody without the key, or never marked.

use crate::opening::options;
use crate::talk::{Place, say, settle};
use nexus_node::Node;
use nexus_node::store::Folder;
use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use std::collections::BTreeMap;
use std::path::Path;

const OP: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("op");
const MARK: TableDefinition<'_, &[u8; 32], &[u8; 16]> = TableDefinition::new("mark");
/// The bytes of an op's row between which lies its signature (`docs/store.md`).
const SIGNATURE: std::ops::Range<usize> = 17..81;
/// Of the bytes of a row one in so many is changed.
const STRIDE: usize = 11;

type Marks = BTreeMap<[u8; 32], [u8; 16]>;

/// A folder that was written to and closed, with its file and its marks.
async fn written(folder: &Path) -> (Place, Vec<u8>, Marks) {
    let node = Node::open(options(folder)).unwrap();
    let place = settle(&node).await;
    say(&node, &place, "hello").await.unwrap();
    node.stop().await;
    drop(node);
    let (marks, ops) = (marks(folder), ops(folder));
    assert_eq!(marks.len() + 1, ops, "every op but the message");
    (place, std::fs::read(Folder::store_path(folder)).unwrap(), marks)
}

fn marks(folder: &Path) -> Marks {
    let database = Database::open(Folder::store_path(folder)).unwrap();
    let table = database.begin_read().unwrap().open_table(MARK).unwrap();
    let rows = table.iter().unwrap().map(Result::unwrap);
    rows.map(|(at, mark)| (*at.value(), *mark.value())).collect()
}

fn ops(folder: &Path) -> usize {
    let database = Database::open(Folder::store_path(folder)).unwrap();
    let table = database.begin_read().unwrap().open_table(OP).unwrap();
    table.iter().unwrap().count()
}

/// Puts the file back, and changes a row as somebody could who knows the file's form and not the key.
fn change(
    folder: &Path,
    whole: &[u8],
    table: TableDefinition<'_, &'static [u8; 32], &'static [u8]>,
    at: &[u8; 32],
    change: impl Fn(&mut Vec<u8>),
) {
    std::fs::write(Folder::store_path(folder), whole).unwrap();
    let database = Database::open(Folder::store_path(folder)).unwrap();
    let write = database.begin_write().unwrap();
    {
        let mut rows = write.open_table(table).unwrap();
        let mut row = rows.get(at).unwrap().unwrap().value().to_vec();
        change(&mut row);
        rows.insert(at, row.as_slice()).unwrap();
    }
    write.commit().unwrap();
}

fn set_mark(folder: &Path, at: &[u8; 32], mark: [u8; 16]) {
    let database = Database::open(Folder::store_path(folder)).unwrap();
    let write = database.begin_write().unwrap();
    write.open_table(MARK).unwrap().insert(at, &mark).unwrap();
    write.commit().unwrap();
}

fn len_of(folder: &Path, at: &[u8; 32]) -> usize {
    let database = Database::open(Folder::store_path(folder)).unwrap();
    let table = database.begin_read().unwrap().open_table(OP).unwrap();
    table.get(at).unwrap().unwrap().value().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bit_that_the_disk_changes_in_what_a_start_reads_is_found_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let (_, whole, marks) = written(folder.path()).await;
    for at in marks.keys() {
        let len = len_of(folder.path(), at);
        // The first byte says among other things who has written the row, which nobody has signed.
        for byte in (1..len).step_by(STRIDE).chain(SIGNATURE.step_by(STRIDE)) {
            change(folder.path(), &whole, OP, at, |row| row[byte] ^= 1 << (byte % 8));
            assert!(Node::open(options(folder.path())).is_err(), "byte {byte} of {len}");
            std::fs::write(Folder::store_path(folder.path()), &whole).unwrap();
        }
    }
    Node::open(options(folder.path())).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_not_the_key_marks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (_, whole, marks) = written(folder.path()).await;
    let signature = nexus_crypto::Signature([5; 64]);
    let other = nexus_crypto::MarkKey::from_secret(&[0; 32]);
    for at in marks.keys() {
        for mark in [other.mark(b"", &signature).0, marks[at], [0; 16]] {
            change(folder.path(), &whole, OP, at, |row| row[SIGNATURE].copy_from_slice(&signature.0));
            set_mark(folder.path(), at, mark);
            let refused = Node::open(options(folder.path())).err().map(|error| error.to_string());
            assert!(
                refused.is_some_and(|error| error.contains("no usable Ed25519 key")),
                "a false signature"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mark_that_was_changed_or_is_missing_is_made_anew_where_the_op_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (place, whole, before) = written(folder.path()).await;
    for changed in before.keys() {
        std::fs::write(Folder::store_path(folder.path()), &whole).unwrap();
        set_mark(folder.path(), changed, [0; 16]);
        start_and_write(folder.path(), &place).await;
        assert_eq!(marks(folder.path()), before);
    }
    // As a version left it that knew no marks.
    std::fs::write(Folder::store_path(folder.path()), &whole).unwrap();
    let database = Database::open(Folder::store_path(folder.path())).unwrap();
    let write = database.begin_write().unwrap();
    assert!(write.delete_table(MARK).unwrap());
    write.commit().unwrap();
    drop(database);
    start_and_write(folder.path(), &place).await;
    assert_eq!(marks(folder.path()), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_written_anew_keeps_its_marks() {
    let folder = tempfile::tempdir().unwrap();
    let (_, _, before) = written(folder.path()).await;
    let node = Node::open(options(folder.path())).unwrap();
    node.rewrite().await.unwrap().expect("a file has a length");
    node.stop().await;
    drop(node);
    assert_eq!(marks(folder.path()), before);
}

async fn start_and_write(folder: &Path, place: &Place) {
    let node = Node::open(options(folder)).unwrap();
    say(&node, place, "again").await.unwrap();
    node.stop().await;
}
