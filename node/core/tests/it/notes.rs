//! What people keep for themselves and whom they wish to be friends with: where it stands, who holds it, what counts.

use crate::node::{Home, Node, send};
use nexus_core::{Change, Command, Input, NoteKey, Record, Refusal, Store, View};
use nexus_crdt::body::content::{About, Note};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{SpaceId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft};

fn setting(name: &str, json: &str) -> Note {
    Note::Setting { about: About::Me, name: name.to_owned(), json: json.to_owned() }
}

fn keep(node: &mut Node, user: UserId, note: Note) {
    node.command(user, Command::Keep { notes: vec![note] }).unwrap();
}

fn kept(node: &Node, user: UserId, key: &NoteKey) -> Option<Note> {
    node.core.view().note(&user, key).map(|noted| noted.note.clone())
}

fn own_spaces(node: &Node) -> Vec<SpaceId> {
    let all = node.core.view().guilds.values();
    all.filter(|guild| View::is_of_one(guild)).map(|guild| guild.facts.id).collect()
}

#[test]
fn what_somebody_keeps_stands_in_a_space_of_their_own_and_is_there_after_a_restart() {
    let mut home = Home::new(1);
    let (owner, channel) = (home.owner, home.channel);
    let first = home.node.say(owner, channel, "one").id;
    let last = home.node.say(owner, channel, "two").id;
    let both = vec![setting("theme", "\"dark\""), setting("locale", "\"de\"")];
    home.node.command(owner, Command::Keep { notes: both }).unwrap();
    for message in [first, last] {
        keep(&mut home.node, owner, Note::Read { channel, message });
    }
    keep(&mut home.node, owner, setting("theme", "\"light\""));
    let told = Change::Noted { user: owner, key: NoteKey::Read(channel) };
    assert!(home.node.changes.contains(&told));
    assert_eq!(own_spaces(&home.node).len(), 1, "the first note begins it, the next ones find it");
    home.node.restart();
    assert_eq!(kept(&home.node, owner, &NoteKey::Read(channel)), Some(Note::Read { channel, message: last }));
    let theme = NoteKey::Setting(About::Me, String::from("theme"));
    assert_eq!(kept(&home.node, owner, &theme), Some(setting("theme", "\"light\"")));
    let written = home.node.everything().0.len();
    keep(&mut home.node, owner, setting("theme", "\"light\""));
    assert_eq!(home.node.everything().0.len(), written, "what is so already is not written");
}

#[test]
fn whatever_the_order_of_arrival_the_latest_word_counts() {
    let mut home = Home::new(1);
    let owner = home.owner;
    let theme = NoteKey::Setting(About::Me, String::from("theme"));
    for value in ["1", "2", "3"] {
        keep(&mut home.node, owner, setting("theme", value));
    }
    let (mut ops, frontiers) = home.node.everything();
    for _ in 0..2 {
        let mut other = Node::new(2);
        other.now_ms = home.node.now_ms;
        // It has the account's keys, and nothing else of the store.
        let secrets = home.node.store.secrets().unwrap();
        other.store.apply(&secrets.into_iter().map(Record::Secret).collect::<Vec<_>>());
        other.restart();
        other.deliver(ops.clone(), frontiers.clone());
        assert_eq!(kept(&other, owner, &theme), Some(setting("theme", "3")));
        other.restart();
        assert_eq!(kept(&other, owner, &theme), Some(setting("theme", "3")));
        ops.reverse();
    }
}

/// What a version wrote that sealed nothing.
#[test]
fn what_was_kept_open_counts_until_it_is_said_again() {
    let mut home = Home::new(1);
    let owner = home.owner;
    keep(&mut home.node, owner, setting("theme", "1"));
    let (space, key) = (own_spaces(&home.node)[0], home.node.device_of(owner));
    let stream = nexus_crdt::id::ChannelId(space.0).stream();
    let last = home.node.store.stream_ops(&space, &stream).unwrap().pop().unwrap().op.header;
    let open = |json| op::open_body(&setting("locale", json));
    let log = home.node.store.stream_ops(&space, &stream).unwrap();
    let before = log.iter().map(|stored| &stored.op).max_by_key(|op| op.header.seq).unwrap();
    let old = Draft {
        space,
        stream,
        tenure: last.tenure,
        seq: before.header.seq + 1,
        prev: Some(before.id),
        hlc: Hlc::from_ms(home.node.now_ms + 1),
        kind: Kind::Note,
        deps: last.deps,
        target: None,
        body: open("\"de\""),
    };
    home.node.deliver(vec![op::encode(&old.seal(&key, [0; 16]))], Vec::new());
    home.node.restart();
    let locale = NoteKey::Setting(About::Me, String::from("locale"));
    assert_eq!(kept(&home.node, owner, &locale), Some(setting("locale", "\"de\"")));
    // What its device signed came from elsewhere: it takes itself for a copy, and goes on once it has heard of everything.
    home.node.handle(Input::Told);
    home.node.now_ms += 1_000;
    keep(&mut home.node, owner, setting("locale", "\"en\""));
    home.node.restart();
    assert_eq!(kept(&home.node, owner, &locale), Some(setting("locale", "\"en\"")));
}

#[test]
fn the_space_of_one_s_own_says_nothing_to_members_of_guilds() {
    let mut home = Home::new(1);
    let owner = home.owner;
    keep(&mut home.node, owner, setting("theme", "1"));
    let space = own_spaces(&home.node)[0];
    let guild = &home.node.core.view().guilds[&space];
    assert_eq!(guild.members.keys().copied().collect::<Vec<_>>(), [owner]);
    let identity = home.node.store.stream_ops(&owner.space(), &nexus_crdt::id::StreamId::GOVERNANCE).unwrap();
    assert!(
        identity.iter().all(|stored| stored.op.kind() != Some(nexus_crdt::kind::Kind::Note)),
        "the account's own log goes to everybody"
    );
}

#[test]
fn two_who_wish_it_are_friends_and_one_who_does_not_any_more_ends_it() {
    let mut home = Home::new(1);
    let owner = home.owner;
    let (mut guest, ben) = home.guest(2, "Ben");
    let wish = |user, wished| Command::Befriend { user, wished };
    home.node.command(owner, wish(ben, true)).unwrap();
    guest.take_all_of(&home.node);
    let friend = |wished| Some(Note::Friend { wished });
    assert_eq!(kept(&guest, owner, &NoteKey::Friend(ben)), friend(true), "the other one is to know");
    assert_eq!(kept(&guest, ben, &NoteKey::Friend(owner)), None);
    guest.command(ben, wish(owner, true)).unwrap();
    home.node.take_all_of(&guest);
    assert_eq!(kept(&home.node, ben, &NoteKey::Friend(owner)), friend(true));
    home.node.command(owner, wish(ben, false)).unwrap();
    home.node.restart();
    assert_eq!(kept(&home.node, owner, &NoteKey::Friend(ben)), friend(false));
    assert_eq!(kept(&home.node, ben, &NoteKey::Friend(owner)), friend(true));
    let oneself = home.node.command(owner, wish(owner, true));
    assert!(matches!(oneself, Err(Refusal::Invalid { .. })));
}

#[test]
fn a_wish_is_not_kept_for_oneself_and_what_is_too_long_is_refused() {
    let mut home = Home::new(1);
    let owner = home.owner;
    let wish = Command::Keep { notes: vec![Note::Friend { wished: true }] };
    assert!(home.node.command(owner, wish).is_err());
    let long = Command::Keep { notes: vec![setting("x", &"1".repeat(4_097))] };
    assert!(matches!(home.node.command(owner, long), Err(Refusal::Invalid { .. })));
    let both = vec![setting("y", "1"), setting("", "1")];
    assert!(home.node.command(owner, Command::Keep { notes: both }).is_err());
    assert_eq!(kept(&home.node, owner, &NoteKey::Setting(About::Me, String::from("y"))), None, "all or none");
    assert_eq!(own_spaces(&home.node), [], "and nothing was begun for it");
    home.node.command(owner, send(home.channel, "still here")).unwrap();
}
