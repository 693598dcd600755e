use super::*;
use nexus_core::{Command, MessageDraft, Reply, RoleDraft};
use nexus_crdt::body::governance::{ChannelKind, RateClass};
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_node::{Node, Options};
use redb::{Key, ReadableTable as _, ReadableTableMetadata as _, TableDefinition, Value};

/// The newest stay rows, and fewer than that are not packed.
const MESSAGES: usize = 230;

const BLOCK: TableDefinition<'_, &[u8; 7], &[u8]> = TableDefinition::new("block");

async fn command(node: &Node, actor: Option<UserId>, command: Command) -> Reply {
    node.command(actor, command).await.unwrap()
}

async fn say(node: &Node, ann: UserId, channel: ChannelId, text: &str) -> nexus_crdt::id::OpId {
    let draft = MessageDraft::plain(channel, text);
    match command(node, Some(ann), Command::SendMessage(draft)).await {
        Reply::Message(message) => message.id,
        other => panic!("{other:?}"),
    }
}

/// A store of which the older half stands in a block: some of it reacted to, some taken away before and after.
async fn packed(folder: &Path) {
    let node = Node::open(Options { data: folder.to_owned(), disk_reserve: 0 }).unwrap();
    let setup = command(&node, None, Command::Setup { name: "Ann".into() }).await;
    let Reply::Setup { user: ann, .. } = setup else { panic!("{setup:?}") };
    let Reply::Created(guild) =
        command(&node, Some(ann), Command::CreateGuild { name: "Garden".into() }).await
    else {
        panic!("a guild")
    };
    let guild = SpaceId::from(guild);
    let draft = RoleDraft {
        name: "load".into(),
        permissions: None,
        color: 0,
        hoist: false,
        mentionable: false,
        rate_class: RateClass::Bulk,
    };
    let Reply::Created(role) = command(&node, Some(ann), Command::CreateRole { guild, draft }).await else {
        panic!("a role")
    };
    command(&node, Some(ann), Command::AddMemberRole { guild, user: ann, role: role.into() }).await;
    let view = node.view();
    let text = view.guilds[&guild].channels.values().find(|it| it.kind == ChannelKind::Text);
    let channel = text.unwrap().id;
    let mut said = Vec::new();
    for number in 0..MESSAGES {
        said.push(say(&node, ann, channel, &format!("number {number}")).await);
    }
    let react = Command::React { channel, message: said[9], emoji: "👍".into() };
    command(&node, Some(ann), react).await;
    command(&node, Some(ann), Command::DeleteMessages { channel, messages: said[2..5].to_vec() }).await;
    node.rewrite().await.unwrap().expect("a file has a length");
    command(&node, Some(ann), Command::DeleteMessages { channel, messages: said[20..23].to_vec() }).await;
    node.stop().await;
}

fn store(folder: &Path) -> Database {
    loop {
        // The node's own thread lets go of the file a moment after its last handle.
        match Database::open(folder.join("nexus.redb")) {
            Err(DatabaseError::DatabaseAlreadyOpen) => std::thread::yield_now(),
            store => return store.unwrap(),
        }
    }
}

#[tokio::test]
async fn a_store_of_which_ops_stand_in_blocks_is_clean_and_what_is_changed_in_it_is_found() {
    let folder = tempfile::tempdir().unwrap();
    packed(folder.path()).await;
    let store = store(folder.path());
    let report = check(&store).unwrap();
    assert!(report.is_clean(), "{}", report.in_words());
    assert_eq!((report.format, report.messages, report.destroyed_bodies), (2, MESSAGES as u64, 6));
    assert!(report.packed_ops >= 128 && report.blocks >= 1, "{} ops in blocks", report.packed_ops);
    assert_eq!(report.signatures, report.ops);

    for (at, piece) in pieces(&store) {
        // Of an id, of a signature, of what is compressed: whatever lies there. The last piece of a block may be a byte long.
        let last = piece.len() - 1;
        for byte in [2.min(last), piece.len() / 2, last.saturating_sub(1)] {
            let mut changed = piece.clone();
            changed[byte] ^= 8;
            put(&store, &at, &changed);
            assert!(!check(&store).unwrap().is_clean(), "byte {byte} of piece {at:?}");
        }
        put(&store, &at, &piece);
    }
    assert!(check(&store).unwrap().is_clean());
}

#[tokio::test]
async fn a_lost_way_to_what_stands_in_a_block_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    packed(folder.path()).await;
    let store = store(folder.path());
    lost::<&[u8; 32], &[u8; 28]>(&store, "block_at");
    lost::<&[u8; 10], ()>(&store, "block_op");
    lost::<&[u8; 28], &[u8; 8]>(&store, "block_log");
    lost::<&[u8; 12], &[u8; 12]>(&store, "block_number");
    lost::<&[u8; 12], &[u8]>(&store, "block_arrival");
    lost::<&[u8; 7], &[u8]>(&store, "block");
}

/// Takes the first row of a table away, which has to be missed; in a transaction that leaves nothing.
fn lost<K: Key + 'static, V: Value + 'static>(store: &Database, table: &str) {
    let savepoint = {
        let write = store.begin_write().unwrap();
        let savepoint = write.persistent_savepoint().unwrap();
        write.commit().unwrap();
        savepoint
    };
    let write = store.begin_write().unwrap();
    {
        let mut rows = write.open_table(TableDefinition::<K, V>::new(table)).unwrap();
        assert!(rows.len().unwrap() > 0, "{table}");
        drop(rows.pop_first().unwrap());
    }
    write.commit().unwrap();
    assert!(!check(store).unwrap().is_clean(), "{table}");
    let mut write = store.begin_write().unwrap();
    let before = write.get_persistent_savepoint(savepoint).unwrap();
    write.restore_savepoint(&before).unwrap();
    write.commit().unwrap();
    assert!(check(store).unwrap().is_clean(), "{table}");
}

fn pieces(store: &Database) -> Vec<([u8; 7], Vec<u8>)> {
    let table = store.begin_read().unwrap().open_table(BLOCK).unwrap();
    let rows = table.iter().unwrap().map(|row| row.unwrap());
    rows.map(|(at, piece)| (*at.value(), piece.value().to_vec())).collect()
}

fn put(store: &Database, at: &[u8; 7], piece: &[u8]) {
    let write = store.begin_write().unwrap();
    write.open_table(BLOCK).unwrap().insert(at, piece).unwrap();
    write.commit().unwrap();
}
