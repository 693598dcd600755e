//! Opening, stopping, and what a handle says in between.

use nexus_core::{Command, Refusal, Reply};
use nexus_node::store::{Folder, SealError};
use nexus_node::{FeedError, Node, OpenError, Options};
use redb::{Database, TableDefinition};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

pub(crate) fn options(folder: &Path) -> Options {
    Options { data: folder.to_owned(), disk_reserve: 0 }
}

#[test]
fn a_folder_is_open_in_one_place_only() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::open(options(folder.path())).unwrap();
    assert!(matches!(Node::open(options(folder.path())), Err(OpenError::InUse)));
    drop(node);
    Node::open(options(folder.path())).unwrap();
}

#[test]
fn the_last_handle_closes_the_store_whatever_still_reads() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::open(options(folder.path())).unwrap();
    let reader = node.read().unwrap();
    drop(node);
    Node::open(options(folder.path())).unwrap();
    drop(reader);
}

#[test]
fn only_the_owner_can_read_the_folder_that_holds_the_keys() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("made/on/the/way");
    drop(Node::open(options(&data)).unwrap());
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("sealing.key")), 0o600);
    assert_eq!(mode(&Folder::store_path(&data)), 0o600);
}

#[test]
fn a_store_whose_making_was_cut_short_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("nexus.redb.new"), [0; 4_096]).unwrap();
    drop(Node::open(options(folder.path())).unwrap());
    let mut names: Vec<_> =
        folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort_unstable();
    assert_eq!(names, ["nexus.redb", "sealing.key"]);
}

#[test]
fn a_folder_that_others_use_too_stays_open_to_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(folder.path().join("theirs"), "").unwrap();
    drop(Node::open(options(folder.path())).unwrap());
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.path()), 0o755);
    assert_eq!(mode(&Folder::store_path(folder.path())), 0o600);
}

#[tokio::test]
async fn a_stopped_node_answers_and_ends_its_feeds() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::open(options(folder.path())).unwrap();
    let (_, mut feed) = node.subscribe();
    node.stop().await;
    node.stop().await;
    assert_eq!(feed.next().await.unwrap_err(), FeedError::Closed);
    assert_eq!(node.subscribe().1.next().await.unwrap_err(), FeedError::Closed);
    let late = node.command(None, Command::Setup { name: String::from("Ann") }).await;
    assert_eq!(late, Err(Refusal::Unavailable));
    assert!(node.read().is_err());
}

#[test]
fn a_store_of_a_later_format_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    drop(Node::open(options(folder.path())).unwrap());
    let database = Database::open(Folder::store_path(folder.path())).unwrap();
    let write = database.begin_write().unwrap();
    let meta = TableDefinition::<&str, &[u8]>::new("meta");
    write.open_table(meta).unwrap().insert("format", [0, 0, 0, 9].as_slice()).unwrap();
    write.commit().unwrap();
    drop(database);
    let refused = Node::open(options(folder.path())).err().unwrap();
    assert_eq!(refused.to_string(), "the store has format 9, this program reads 2");
}

#[tokio::test]
async fn the_secrets_open_with_their_own_key_only_and_stand_nowhere_in_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let (data, key) = (folder.path().join("data"), folder.path().join("elsewhere.key"));
    let open = |key: &Path| Node::open_on(Folder::at(&data).unwrap().sealed_by(key.to_owned()), 0);
    let node = open(&key).unwrap();
    let setup = node.command(None, Command::Setup { name: String::from("Ann") }).await;
    let Ok(Reply::Setup { user: ann, .. }) = setup else { panic!("{setup:?}") };
    let garden = || Command::CreateGuild { name: String::from("Garden") };
    node.command(Some(ann), garden()).await.unwrap();
    node.stop().await;
    drop(node);
    assert!(!data.join("sealing.key").exists());
    let sealed = std::fs::read(&key).unwrap();
    let store = std::fs::read(Folder::store_path(&data)).unwrap();
    assert!(!store.windows(32).any(|window| window == sealed));

    let moved = folder.path().join("moved.key");
    let missing = open(&moved).err().unwrap();
    assert!(matches!(missing, OpenError::Seal(SealError::Missing(_))), "{missing}");
    assert!(!moved.exists(), "no key is made for a store that has one");
    std::fs::write(&moved, [1; 32]).unwrap();
    let wrong = open(&moved).err().unwrap();
    assert!(matches!(wrong, OpenError::Seal(SealError::Wrong)), "{wrong}");
    std::fs::rename(&key, &moved).unwrap();
    let node = open(&moved).unwrap();
    node.command(Some(ann), garden()).await.expect("the owner's device signs as before");
}
