//! What was said is there to be read: at once, in pages, and after a restart.

use crate::opening::options;
use crate::talk::{Place, ids, say, settle};
use nexus_core::{Change, Command, MessageEdit, Reply, ThreadDraft};
use nexus_crdt::body::governance::ThreadFields;
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::id::ChannelId;
use nexus_node::{Node, Page};

async fn talked(folder: &std::path::Path, messages: usize) -> (Node, Place) {
    let node = Node::open(options(folder)).unwrap();
    let place = settle(&node).await;
    for number in 0..messages {
        say(&node, &place, &format!("message {number}")).await.unwrap();
    }
    (node, place)
}

#[tokio::test]
async fn a_restart_finds_everything_and_the_same_hashes() {
    let folder = tempfile::tempdir().unwrap();
    let (node, place) = talked(folder.path(), 20).await;
    let before = node.status().await.unwrap();
    let page = node.read().unwrap().messages(&node.view(), place.channel, Page::Latest, 50).unwrap();
    drop(node);

    let node = Node::open(options(folder.path())).unwrap();
    assert_eq!(node.status().await.unwrap(), before);
    assert_eq!(before.guilds.first().unwrap().timelines.values().map(|line| line.messages).sum::<u64>(), 20);
    assert!(before.guilds.first().unwrap().state_hash.is_some());
    let again = node.read().unwrap().messages(&node.view(), place.channel, Page::Latest, 50).unwrap();
    assert_eq!(again, page);
    say(&node, &place, "and on").await.unwrap();
}

#[tokio::test]
async fn pages_meet_without_a_gap_and_step_over_what_was_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (node, place) = talked(folder.path(), 30).await;
    let view = node.view();
    let all = node.read().unwrap().messages(&view, place.channel, Page::Latest, 100).unwrap();
    let gone: Vec<_> = ids(&all[5..15]);
    let delete = Command::DeleteMessages { channel: place.channel, messages: gone };
    node.command(Some(place.owner), delete).await.unwrap();

    let (view, reader) = (node.view(), node.read().unwrap());
    let page = |page, limit| ids(&reader.messages(&view, place.channel, page, limit).unwrap());
    let left = [&ids(&all)[..5], &ids(&all)[15..]].concat();
    assert_eq!(page(Page::Latest, 100), left);
    assert_eq!(page(Page::Latest, 7), left[..7]);
    assert_eq!(page(Page::Before(all[6].api_id), 3), left[5..8], "from a deleted message on");
    assert_eq!(page(Page::After(all[29].api_id), 4), left[15..19], "the oldest of those that are newer");
    assert_eq!(page(Page::Around(all[20].api_id), 4), left[8..12]);
    assert!(reader.message(&view, place.channel, all[6].api_id).unwrap().is_none());
    assert_eq!(reader.message(&view, place.channel, all[20].api_id).unwrap().unwrap().id, all[20].id);
    assert_eq!(reader.last_message(place.channel).unwrap(), Some(all[0].api_id));
}

#[tokio::test]
async fn pins_come_newest_pin_first() {
    let folder = tempfile::tempdir().unwrap();
    let (node, place) = talked(folder.path(), 3).await;
    let all = node.read().unwrap().messages(&node.view(), place.channel, Page::Latest, 10).unwrap();
    for (at, pinned) in [(0, true), (2, true), (1, true), (2, false), (2, true)] {
        let pin = Command::Pin { channel: place.channel, message: all[at].id, pinned };
        node.command(Some(place.owner), pin).await.unwrap();
    }
    let pins = node.read().unwrap().pins(&node.view(), place.channel).unwrap();
    assert_eq!(ids(&pins), [all[2].id, all[1].id, all[0].id]);
}

async fn thread(node: &Node, place: &Place) -> ChannelId {
    let fields = ThreadFields { name: Some(String::from("aside")), ..ThreadFields::default() };
    let draft = ThreadDraft { starter: None, fields, private: None, first: None };
    let open = Command::CreateThread { parent: place.channel, draft };
    let Reply::Created(made) = node.command(Some(place.owner), open).await.unwrap() else { panic!() };
    made.into()
}

#[tokio::test]
async fn what_was_moved_is_paged_among_what_its_thread_says_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (node, place) = talked(folder.path(), 6).await;
    let all = node.read().unwrap().messages(&node.view(), place.channel, Page::Latest, 10).unwrap();
    let aside = Place { channel: thread(&node, &place).await, ..place };
    let own = say(&node, &aside, "of the thread's own").await.unwrap();
    // All newest first: the fourth, the second and the first that was said.
    let messages = ids(&[all[2].clone(), all[4].clone(), all[5].clone()]);
    let channel = place.channel;
    let pin = Command::Pin { channel, message: all[2].id, pinned: true };
    node.command(Some(place.owner), pin).await.unwrap();
    let go = Command::MoveMessages { channel, messages, to: Some(aside.channel) };
    node.command(Some(place.owner), go).await.unwrap();
    drop(node);

    let node = Node::open(options(folder.path())).unwrap();
    let (view, reader) = (node.view(), node.read().unwrap());
    let page = |place: &Place, page, limit| ids(&reader.messages(&view, place.channel, page, limit).unwrap());
    assert_eq!(page(&place, Page::Latest, 10), ids(&[all[0].clone(), all[1].clone(), all[3].clone()]));
    let read = reader.messages(&view, aside.channel, Page::Latest, 10).unwrap();
    assert!(read[0].body.notice.is_some(), "the newest says what was brought");
    let (told, own, newest, middle, oldest) = (read[0].id, own.id, all[2].id, all[4].id, all[5].id);
    assert_eq!(ids(&read), [told, own, newest, middle, oldest]);
    assert_eq!(page(&aside, Page::Latest, 3), [told, own, newest]);
    assert_eq!(page(&aside, Page::Before(all[2].api_id), 1), [middle]);
    assert_eq!(page(&aside, Page::After(all[5].api_id), 2), [newest, middle], "the oldest that are newer");
    assert_eq!(page(&aside, Page::Around(all[4].api_id), 4), [own, newest, middle, oldest]);

    let found = |place: &Place, number| reader.message(&view, place.channel, number).unwrap();
    let by_thread = found(&aside, all[4].api_id).unwrap();
    assert_eq!((by_thread.channel, by_thread.shown_in()), (place.channel, aside.channel));
    assert_eq!(found(&place, all[4].api_id), Some(by_thread), "who noted where it was finds it still");
    assert_eq!(found(&aside, all[3].api_id), None);
    let pins = |place: &Place| ids(&reader.pins(&view, place.channel).unwrap());
    assert_eq!((pins(&aside), pins(&place)), (vec![newest], vec![]));
    let guild = &view.guilds[&place.guild];
    let tally = reader.tally(&view, &guild.channels[&aside.channel]).unwrap();
    assert_eq!((tally.shown, tally.said), (5, 5));
    assert_eq!(reader.last_message(aside.channel).unwrap(), Some(read[0].api_id));
    assert_eq!(reader.numbered(aside.channel, all[4].api_id).unwrap(), Some(middle));
    assert_eq!(reader.number_of(aside.channel, &middle).unwrap(), Some(all[4].api_id));
}

#[tokio::test]
async fn an_edit_is_read_back_with_its_new_text() {
    let folder = tempfile::tempdir().unwrap();
    let (node, place) = talked(folder.path(), 1).await;
    let said = say(&node, &place, "frist").await.unwrap();
    let edit = MessageEdit { text: Some(RichText::plain("first")), ..MessageEdit::default() };
    let edit = Command::EditMessage { channel: place.channel, message: said.id, edit };
    node.command(Some(place.owner), edit).await.unwrap();
    let read = node.read().unwrap().message(&node.view(), place.channel, said.api_id).unwrap().unwrap();
    assert_eq!(read.body.text, RichText::plain("first"));
    assert!(read.edited.is_some());
}

#[tokio::test]
async fn a_listener_hears_each_message_once_from_the_view_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let (node, place) = talked(folder.path(), 1).await;
    let (_, mut feed) = node.subscribe();
    let mut said = Vec::new();
    for number in 0..5 {
        said.push(say(&node, &place, &format!("{number}")).await.unwrap().id);
    }
    let mut heard = Vec::new();
    while heard.len() < said.len() {
        let published = feed.next().await.unwrap();
        heard.extend(published.changes.iter().filter_map(|change| match change {
            Change::MessageCreated { message } => Some(message.id),
            _ => None,
        }));
    }
    assert_eq!(heard, said);
}
