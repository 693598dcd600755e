//! What was destroyed stands nowhere in the folder, the space is given back, and neither costs anybody anything.

use crate::forgetful_disk::{ForgetfulDisk, Trouble};
use crate::opening::options;
use crate::talk::{Place, draft, ids, make_channel, say, settle};
use nexus_core::{BotInstall, Command, MessageDraft, MessageEdit, Refusal, Reply};
use nexus_crdt::body::governance::ChannelKind;
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::id::{ChannelId, OpId, UserId};
use nexus_node::store::Medium as _;
use nexus_node::{Node, Page};
use redb::{ReadableDatabase as _, ReadableTableMetadata as _, TableDefinition};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

const MARK: &[u8] = b"PLEASE FORGET THIS";

fn marked(text: &str) -> String {
    format!("{text} {}", String::from_utf8_lossy(MARK))
}

fn marks(bytes: &[u8]) -> usize {
    bytes.windows(MARK.len()).filter(|window| *window == MARK).count()
}

fn marks_in(folder: &Path) -> usize {
    let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).map(|path| marks(&std::fs::read(path).unwrap())).sum()
}

async fn delete(node: &Node, place: &Place, messages: Vec<OpId>) {
    let delete = Command::DeleteMessages { channel: place.channel, messages };
    node.command(Some(place.owner), delete).await.unwrap();
}

async fn edit(node: &Node, place: &Place, message: OpId, text: &str) {
    let edit = MessageEdit { text: Some(RichText::plain(text)), ..MessageEdit::default() };
    let edit = Command::EditMessage { channel: place.channel, message, edit };
    node.command(Some(place.owner), edit).await.unwrap();
}

fn there(node: &Node, place: &Place) -> Vec<OpId> {
    ids(&node.read().unwrap().messages(&node.view(), place.channel, Page::Latest, 10_000).unwrap())
}

#[tokio::test]
async fn what_was_destroyed_stands_nowhere_in_the_folder_once_the_store_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::open(options(folder.path())).unwrap();
    let place = settle(&node).await;
    let kept = say(&node, &place, "this stays").await.unwrap();
    let taken_back = say(&node, &place, &marked("one")).await.unwrap();
    let edited = say(&node, &place, &marked("two")).await.unwrap();
    edit(&node, &place, edited.id, &marked("three")).await;
    let answer = MessageDraft { reply_to: Some(kept.id), ..draft(place.channel, &marked("an answer")) };
    let answer = node.command(Some(place.owner), Command::SendMessage(answer)).await.unwrap();
    let Reply::Message(answer) = answer else { panic!("{answer:?}") };
    assert!(marks_in(folder.path()) >= 2, "a mark that is not found proves nothing");
    delete(&node, &place, vec![taken_back.id]).await;
    edit(&node, &place, edited.id, "four").await;
    edit(&node, &place, answer.id, "another answer").await;

    node.rewrite().await.unwrap().expect("a file has a length");
    assert_eq!(marks_in(folder.path()), 0);
    assert_eq!(there(&node, &place), [answer.id, edited.id, kept.id]);
    let before = node.status().await.unwrap();
    let after = say(&node, &place, "and on").await.unwrap();
    delete(&node, &place, vec![after.id]).await;
    node.stop().await;
    drop(node);
    let node = Node::open(options(folder.path())).unwrap();
    assert_eq!(there(&node, &place), [answer.id, edited.id, kept.id]);
    let read = node.read().unwrap().messages(&node.view(), place.channel, Page::Latest, 1).unwrap();
    assert_eq!(read[0].replied.map(|replied| replied.id), Some(kept.id));
    let again = node.status().await.unwrap();
    assert_eq!(again.guilds[0].state_hash, before.guilds[0].state_hash);
    let more = say(&node, &place, "the folder is no copy: the same device goes on").await.unwrap();
    assert_eq!(there(&node, &place)[0], more.id);
}

#[tokio::test]
async fn the_space_of_what_is_gone_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::open(options(folder.path())).unwrap();
    let place = settle(&node).await;
    let mut said = Vec::new();
    for number in 0..400 {
        said.push(say(&node, &place, &format!("{number} {}", "long ".repeat(700))).await.unwrap().id);
    }
    for some in said.chunks(100) {
        delete(&node, &place, some.to_vec()).await;
    }
    let (before, after) = node.rewrite().await.unwrap().unwrap();
    let file = std::fs::metadata(folder.path().join("nexus.redb")).unwrap();
    assert_eq!(file.blocks() * 512, after, "what is said of the file is so");
    // 400 bodies of 3.5 KB, and what redb had taken for them.
    assert!(after + 1_000_000 <= before, "{before} bytes before, {after} after");
}

#[tokio::test]
async fn a_store_that_is_written_anew_has_full_pages() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::open(options(folder.path())).unwrap();
    let place = settle(&node).await;
    for number in 0..5 {
        make_channel(&node, &place, number).await;
    }
    let view = node.view();
    let text =
        view.guilds[&place.guild].channels.values().filter(|channel| channel.kind == ChannelKind::Text);
    let channels: Vec<ChannelId> = text.map(|channel| channel.id).collect();
    // Each channel's newest comes into the middle of the table.
    for number in 0..420 {
        let place = Place { channel: channels[number % channels.len()], ..place };
        say(&node, &place, &format!("number {number}")).await.unwrap();
    }
    node.stop().await;
    drop(node);
    let grown = empty_percent(folder.path());
    assert!(grown > 30, "{grown} % of the pages are empty before: there is nothing to pack");
    let node = Node::open(options(folder.path())).unwrap();
    node.rewrite().await.unwrap().expect("a file has a length");
    node.stop().await;
    drop(node);
    let packed = empty_percent(folder.path());
    assert!(packed < 15, "{packed} % of the pages are empty, before it were {grown} %");
}

// Of the pages that hold ops.
fn empty_percent(folder: &Path) -> u64 {
    let database = redb::Database::open(folder.join("nexus.redb")).unwrap();
    let reading = database.begin_read().unwrap();
    let ops = reading.open_table(TableDefinition::<&[u8; 32], &[u8]>::new("op")).unwrap();
    let stats = ops.stats().unwrap();
    let (rows, empty) = (stats.stored_bytes() + stats.metadata_bytes(), stats.fragmented_bytes());
    empty * 100 / (rows + empty)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_of_what_is_written_while_the_store_is_written_anew() {
    let disk = ForgetfulDisk::default();
    let node = Node::open_on(disk.clone(), 0).unwrap();
    let place = settle(&node).await;
    let mut said = Vec::new();
    for round in 0..4 {
        let other = node.clone();
        let rewritten = tokio::spawn(async move { other.rewrite().await });
        for number in 0..20 {
            said.push(say(&node, &place, &format!("{number} of {round}")).await.unwrap().id);
        }
        rewritten.await.unwrap().expect("written anew");
    }
    said.reverse();
    assert_eq!(there(&node, &place), said);
    node.stop().await;
    assert_eq!(there(&Node::open_on(disk.copy(), 0).unwrap(), &place), said);
}

/// Says, erases, has the store written anew, says more; gives what is acknowledged, with how much was asked of the disk by then.
async fn script(node: &Node, place: &Place, disk: &ForgetfulDisk) -> Vec<(usize, OpId)> {
    let mut acknowledged = Vec::new();
    for number in 0..5 {
        if number == 3 {
            match node.rewrite().await {
                Ok(_) | Err(Refusal::Unavailable) => {}
                Err(refusal) => panic!("{refusal}"),
            }
        }
        match say(node, place, &format!("message {number}")).await {
            Ok(said) => acknowledged.push((disk.steps(), said.id)),
            Err(refusal) => assert_eq!(refusal, Refusal::Unavailable),
        }
    }
    acknowledged
}

/// At most so many moments, evenly, among so many steps.
fn points(steps: usize, most: usize) -> impl Iterator<Item = usize> {
    (0..=steps).step_by(steps.div_ceil(most).max(1))
}

fn assert_kept(node: &Node, place: &Place, kept: &[OpId], what: &str) {
    let page = there(node, place);
    let once: BTreeSet<OpId> = page.iter().copied().collect();
    assert_eq!(once.len(), page.len(), "{what}: a message is there twice");
    assert!(kept.iter().all(|id| once.contains(id)), "{what}: what was acknowledged is gone");
}

#[tokio::test]
async fn a_power_cut_at_any_step_of_writing_a_store_anew_loses_nothing() {
    let settled = ForgetfulDisk::default();
    let node = Node::open_on(settled.clone(), 0).unwrap();
    let place = settle(&node).await;
    node.stop().await;
    let (settled, disk) = (settled.copy(), settled.copy());
    let node = Node::open_on(disk.clone(), 0).unwrap();
    let acknowledged = script(&node, &place, &disk).await;
    assert_eq!(acknowledged.len(), 5);
    node.stop().await;
    let mut seed = 77;
    disk.after_cuts_of(
        settled,
        points(disk.steps(), 200),
        |sides| crate::power_cut::dice(&mut seed, sides),
        |cut, left| {
            let node = Node::open_on(left, 0).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
            let kept = acknowledged.iter().filter(|(steps, _)| *steps <= cut).map(|(_, id)| *id);
            assert_kept(&node, &place, &kept.collect::<Vec<_>>(), &format!("cut at step {cut}"));
        },
    );
}

#[tokio::test]
async fn a_disk_that_says_no_at_any_step_of_writing_a_store_anew_costs_nothing_that_was_acknowledged() {
    let settled = ForgetfulDisk::default();
    let node = Node::open_on(settled.clone(), 0).unwrap();
    let place = settle(&node).await;
    node.stop().await;
    let disk = settled.copy();
    let node = Node::open_on(disk.clone(), 0).unwrap();
    script(&node, &place, &disk).await;
    node.stop().await;
    for at in points(disk.steps(), 60) {
        let disk = settled.copy();
        disk.make_trouble(Trouble { at, error: ErrorKind::StorageFull, once: at % 2 == 0 });
        let Ok(node) = Node::open_on(disk.clone(), 0) else { continue };
        let acknowledged = script(&node, &place, &disk).await;
        disk.relieve();
        let mut kept: Vec<OpId> = acknowledged.iter().map(|(_, id)| *id).collect();
        let what = format!("step {at}");
        kept.push(say(&node, &place, "well again").await.unwrap_or_else(|no| panic!("{what}: {no}")).id);
        assert_kept(&node, &place, &kept, &what);
        node.stop().await;
        let node = Node::open_on(disk.copy(), 0).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_kept(&node, &place, &kept, &format!("{what}, after a restart"));
    }
}

const ERASE: TableDefinition<'_, &[u8; 32], &[u8; 24]> = TableDefinition::new("erase");

/// A disk as a version left it that remembered no erasures: somebody else took one message away, one was edited.
async fn of_before() -> (ForgetfulDisk, Place, Vec<OpId>) {
    let disk = ForgetfulDisk::default();
    let node = Node::open_on(disk.clone(), 0).unwrap();
    let place = settle(&node).await;
    let create = Command::CreateApplication { name: String::from("Echo"), description: String::new() };
    let Reply::Created(bot) = node.command(Some(place.owner), create).await.unwrap() else { panic!("a bot") };
    let application = UserId::from(bot);
    let install = BotInstall { guild: place.guild, application, permissions: None };
    node.command(Some(place.owner), Command::InstallBot(install)).await.unwrap();
    let buy = Command::SendMessage(draft(place.channel, "buy this"));
    let Reply::Message(spam) = node.command(Some(application), buy).await.unwrap() else { panic!("said") };
    let edited = say(&node, &place, "frist").await.unwrap();
    edit(&node, &place, edited.id, "first").await;
    delete(&node, &place, vec![spam.id]).await;
    node.stop().await;
    let disk = disk.copy();
    let database = disk.open().unwrap();
    let write = database.begin_write().unwrap();
    assert!(write.delete_table(ERASE).unwrap());
    write.commit().unwrap();
    database.close().unwrap();
    (disk.copy(), place, vec![edited.id])
}

#[tokio::test]
async fn a_store_of_before_learns_what_is_to_go_and_a_power_cut_while_it_does_loses_nothing() {
    let (old, place, kept) = of_before().await;
    let disk = old.copy();
    let node = Node::open_on(disk.clone(), 0).unwrap();
    assert_eq!(there(&node, &place), kept);
    node.stop().await;
    let mut seed = 5;
    let (mut before, mut after) = (0, 0);
    disk.after_cuts_of(
        old,
        0..=disk.steps(),
        |sides| crate::power_cut::dice(&mut seed, sides),
        |cut, left| {
            let database = left.open().unwrap();
            match database.begin_read().unwrap().open_table(ERASE) {
                Ok(_) => after += 1,
                Err(_) => before += 1,
            }
            database.close().unwrap();
            let node = Node::open_on(left.clone(), 0).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
            assert_eq!(there(&node, &place), kept, "cut at step {cut}");
            drop(node);
            let database = left.copy().open().unwrap();
            let noted = database.begin_read().unwrap().open_table(ERASE).unwrap().len().unwrap();
            assert_eq!(noted, 2, "cut at step {cut}: the one taken away, and the one edited");
        },
    );
    assert!(before > 0 && after > 0, "cuts before and after the step from one to the other");
}
