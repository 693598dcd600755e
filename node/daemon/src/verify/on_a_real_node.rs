use super::*;
use nexus_core::{BotInstall, Command, Extras, MessageDraft, Reply, ThreadDraft};
use nexus_crdt::body::content::{Note, Poll, PollAnswer};
use nexus_crdt::body::governance::{EventFields, EventPlace, ThreadFields};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;
use nexus_node::{Node, Options};

async fn created(node: &Node, actor: UserId, command: Command) -> OpId {
    match node.command(Some(actor), command).await.unwrap() {
        Reply::Created(id) => id,
        other => panic!("{other:?}"),
    }
}

async fn say(node: &Node, actor: UserId, channel: ChannelId, text: &str) -> OpId {
    ask(node, actor, channel, text, None).await
}

async fn ask(node: &Node, actor: UserId, channel: ChannelId, text: &str, poll: Option<Poll>) -> OpId {
    let draft = MessageDraft {
        extras: Extras { poll: poll.map(Box::new), ..Extras::default() },
        ..MessageDraft::plain(channel, text)
    };
    match node.command(Some(actor), Command::SendMessage(draft)).await.unwrap() {
        Reply::Message(message) => message.id,
        other => panic!("{other:?}"),
    }
}

/// Words that act on no message, or not on one alone: a thread and an event are followed, a poll is answered and ended, and
/// something is kept for oneself.
async fn follow_and_vote(node: &Node, ann: UserId, guild: SpaceId, channel: ChannelId) {
    let fields = ThreadFields { name: Some("plans".into()), ..ThreadFields::default() };
    let draft = ThreadDraft { starter: None, fields, private: None, first: None };
    created(node, ann, Command::CreateThread { parent: channel, draft }).await;
    let fields = EventFields {
        name: Some("A walk".into()),
        starts: Some(4_000_000_000_000),
        ends: Some(4_000_003_600_000),
        place: Some(EventPlace::Elsewhere("the lake".into())),
        ..EventFields::default()
    };
    let event = created(node, ann, Command::Announce { guild, fields }).await.into();
    node.command(Some(ann), Command::BeInterested { event, interested: true }).await.unwrap();
    let answers = vec![PollAnswer { text: "yes".into(), emoji: None }];
    let poll = Poll { question: "Shall we?".into(), answers, multiple: false, hours: 1 };
    let message = ask(node, ann, channel, "", Some(poll)).await;
    node.command(Some(ann), Command::Vote { channel, message, answers: vec![1] }).await.unwrap();
    node.command(Some(ann), Command::EndPoll { channel, message }).await.unwrap();
    node.command(Some(ann), Command::Keep { notes: vec![Note::Read { channel, message }] }).await.unwrap();
}

/// A guild in which its owner and two bots write, react, edit, pin, delete and are sent away.
async fn live(folder: &Path) -> [UserId; 3] {
    let node = Node::open(Options { data: folder.to_owned(), disk_reserve: 0 }).unwrap();
    let Reply::Setup { user: ann, .. } =
        node.command(None, Command::Setup { name: "Ann".into() }).await.unwrap()
    else {
        panic!("setup")
    };
    let guild = created(&node, ann, Command::CreateGuild { name: "Garden".into() }).await.into();
    let mut bots = Vec::new();
    for name in ["Bee", "Cat"] {
        let application = Command::CreateApplication { name: name.into(), description: String::new() };
        let bot: UserId = created(&node, ann, application).await.into();
        let install = BotInstall { guild, application: bot, permissions: Some(Permissions::MANAGE_MESSAGES) };
        node.command(Some(ann), Command::InstallBot(install)).await.unwrap();
        bots.push(bot);
    }
    let view = node.view();
    let channel = |channel: &nexus_crdt::guild::Channel| channel.name == "general";
    let channel = view.guilds[&guild].channels.values().find(|it| channel(it)).unwrap().id;
    let hello = say(&node, ann, channel, "hello").await;
    for bot in &bots {
        let message = say(&node, *bot, channel, "beep").await;
        let react = Command::React { channel, message: hello, emoji: "👍".into() };
        node.command(Some(*bot), react).await.unwrap();
        let pin = Command::Pin { channel, message, pinned: true };
        node.command(Some(*bot), pin).await.unwrap();
    }
    let gone = say(&node, bots[0], channel, "never mind").await;
    node.command(Some(bots[0]), Command::DeleteMessages { channel, messages: vec![gone] }).await.unwrap();
    created(&node, ann, Command::OpenConversation { with: vec![bots[0]] }).await;
    follow_and_vote(&node, ann, guild, channel).await;
    let kick = Command::Kick { guild, user: bots[1], reason: String::new() };
    node.command(Some(ann), kick).await.unwrap();
    [ann, bots[0], bots[1]]
}

#[tokio::test]
async fn what_a_node_has_written_is_clean_and_names_its_authors() {
    let folder = tempfile::tempdir().unwrap();
    let people = live(folder.path()).await;
    let report = tokio::task::spawn_blocking(move || {
        // The node's own thread lets go of the file a moment after its last handle.
        let store = loop {
            match open(folder.path()) {
                Err(DatabaseError::DatabaseAlreadyOpen) => std::thread::yield_now(),
                store => break store.unwrap(),
            }
        };
        check(&store).unwrap()
    })
    .await
    .unwrap();
    assert!(report.is_clean(), "{}", report.in_words());
    assert_eq!((report.accounts, report.authors, report.device_keys), (3, 3, 3));
    assert_eq!((report.messages, report.message_authors, report.message_device_keys), (5, 3, 3));
    assert_eq!(report.destroyed_bodies, 1);
    for user in people {
        assert!(report.author_list.contains_key(&user.to_hex()));
    }
}
