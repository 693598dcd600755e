//! Messages that are shown in a thread of their channel: who moves them where, and what holders make of it.

use crate::node::{Home, Node, draft, send, text_of};
use nexus_core::{Change, Command, Message, MessageDraft, Refusal, Reply, Store, Thing, ThreadDraft};
use nexus_crdt::body::content::{Move, Notice};
use nexus_crdt::body::governance::{RateClass, ThreadFields};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, OpId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft};
use nexus_crdt::permissions::Permissions;
use nexus_crdt::verdict::{Verdict, VoidReason};

fn thread_in(home: &mut Home, parent: ChannelId, private: bool) -> ChannelId {
    let fields = ThreadFields { name: Some(String::from("aside")), ..ThreadFields::default() };
    let draft = ThreadDraft { starter: None, fields, private: private.then_some(true), first: None };
    home.node.created(home.owner, Command::CreateThread { parent, draft }).into()
}

fn thread(home: &mut Home) -> ChannelId {
    let channel = home.channel;
    thread_in(home, channel, false)
}

fn moves(home: &Home, messages: &[&Message], to: Option<ChannelId>) -> Command {
    let messages = messages.iter().map(|message| message.id).collect();
    Command::MoveMessages { channel: home.channel, messages, to }
}

/// What is read in a place of what was written in the home's channel.
fn read_in(node: &Node, home: &Home, place: ChannelId) -> Vec<String> {
    let all = node.messages(&home.channel);
    all.iter().filter(|message| message.shown_in() == place).map(text_of).collect()
}

/// Two people who may move messages, each on a node of their own, and a message.
fn two_who_move() -> (Home, Node, UserId) {
    let mut home = Home::new(1);
    let mods = home.role("mods", Permissions::MANAGE_MESSAGES, RateClass::Person);
    let (guest, user) = home.guest(2, "Bea");
    home.give(user, mods);
    (home, guest, user)
}

#[test]
fn a_moved_message_is_read_in_its_thread_under_its_number_and_the_thread_is_told_once() {
    let mut home = Home::new(1);
    let aside = thread(&mut home);
    let (one, two) = (
        home.node.say(home.owner, home.channel, "the roof leaks"),
        home.node.say(home.owner, home.channel, "badly"),
    );
    home.node.say(home.owner, home.channel, "lunch?");
    home.node.changes.clear();
    let both = moves(&home, &[&one, &two, &one], Some(aside));
    assert_eq!(home.node.command(home.owner, both.clone()), Ok(Reply::Done));
    let moved = home.node.changes.iter().filter_map(|change| match change {
        Change::MessageMoved { message, from } => Some((message.api_id, message.shown_in(), *from)),
        Change::MessageDeleted { .. } => panic!("nothing is gone"),
        _ => None,
    });
    let from = Some(home.channel);
    assert_eq!(moved.collect::<Vec<_>>(), [(one.api_id, aside, from), (two.api_id, aside, from)]);
    assert_eq!(home.node.command(home.owner, both), Ok(Reply::Done), "what is there already stays");
    home.node.restart();
    assert_eq!(read_in(&home.node, &home, home.channel), ["lunch?"]);
    assert_eq!(read_in(&home.node, &home, aside), ["the roof leaks", "badly"]);
    let told = home.node.messages(&aside);
    assert_eq!(told.len(), 1);
    let Some(Notice::Brought(from, brought)) = &told[0].body.notice else { panic!("{told:?}") };
    let named: Vec<OpId> = brought.iter().map(|one| one.message).collect();
    assert_eq!((*from, named), (home.channel, vec![one.id, two.id]));
    let found = home.node.store.moved_into(&aside.stream()).unwrap();
    assert_eq!(found, [(home.channel.stream(), one.id), (home.channel.stream(), two.id)].into());

    let back = moves(&home, &[&two], None);
    home.node.command(home.owner, back).unwrap();
    assert_eq!(read_in(&home.node, &home, home.channel), ["badly", "lunch?"]);
    assert_eq!(home.node.messages(&aside).len(), 1, "of what goes back nothing is said");
}

#[test]
fn what_acts_on_a_moved_message_is_told_where_it_is_read() {
    let mut home = Home::new(1);
    let aside = thread(&mut home);
    let said = home.node.say(home.owner, home.channel, "the roof leaks");
    home.node.command(home.owner, moves(&home, &[&said], Some(aside))).unwrap();
    home.node.changes.clear();
    let (channel, message) = (home.channel, said.id);
    home.node.edit(home.owner, channel, message, "it leaks").unwrap();
    let emoji = String::from("👍");
    home.node.command(home.owner, Command::React { channel, message, emoji }).unwrap();
    let mut answer: MessageDraft = draft(aside, "where?");
    answer.reply_to = Some(message);
    home.node.command(home.owner, Command::SendMessage(answer)).unwrap();
    home.node.command(home.owner, Command::DeleteMessages { channel, messages: vec![message] }).unwrap();
    let places = home.node.changes.iter().filter_map(|change| match change {
        Change::MessageUpdated { message } | Change::MessageCreated { message } => Some(message.shown_in()),
        Change::ReactionAdded { channel, .. } | Change::MessageDeleted { channel, .. } => Some(*channel),
        _ => None,
    });
    assert_eq!(places.collect::<Vec<_>>(), [aside; 4]);
    let answer = home.node.changes.iter().find_map(|change| match change {
        Change::MessageCreated { message } => message.replied,
        _ => None,
    });
    let answered = answer.expect("it answers what is read there");
    assert_eq!((answered.api_id, answered.channel), (said.api_id, home.channel));
    assert_eq!(home.node.messages(&aside).last().unwrap().replied, None, "and then that is gone");
}

#[test]
fn messages_go_into_public_threads_of_their_own_channel_by_who_manages_them() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let channel = home.channel;
    let (aside, circle) = (thread(&mut home), thread_in(&mut home, channel, true));
    let draft = crate::node::channel_draft("other");
    let other: ChannelId =
        home.node.created(home.owner, Command::CreateChannel { guild: home.guild, draft }).into();
    let there = thread_in(&mut home, other, false);
    let said = home.node.say(home.owner, home.channel, "here");
    let to = |place| moves(&home, &[&said], Some(place));
    let commands = [to(circle), to(there), to(other), to(ChannelId([9; 32])), to(aside)];
    let [circle, there, other, nowhere, aside_by_bot] = commands;
    for wrong in [circle, there, other] {
        assert_eq!(home.node.command(home.owner, wrong), Err(Refusal::NotBeside));
    }
    assert_eq!(home.node.command(home.owner, nowhere), Err(Refusal::Unknown(Thing::Channel)));
    assert_eq!(home.node.command(bot, aside_by_bot), Err(Refusal::MissingPermissions));
    let native = home.node.say(home.owner, aside, "of the thread's own");
    let messages = vec![native.id];
    let out = Command::MoveMessages { channel: aside, messages, to: Some(channel) };
    assert_eq!(home.node.command(home.owner, out), Err(Refusal::NotBeside));
    let many: Vec<&Message> = vec![&said; 31];
    let too_many = Refusal::TooMany { what: "messages", max: 30 };
    assert_eq!(home.node.command(home.owner, moves(&home, &many, Some(aside))), Err(too_many));
}

/// A move as somebody's own device would sign it, whatever it says, on what they have written in the channel before.
fn by_hand(node: &Node, user: UserId, after: &Message, target: OpId, to: ChannelId) -> Vec<u8> {
    let before = node.store.op(&after.id).unwrap().unwrap().op;
    let draft = Draft {
        space: before.space(),
        stream: before.header.stream,
        tenure: before.header.tenure,
        seq: before.header.seq + 1,
        prev: Some(before.id),
        hlc: Hlc::from_ms(before.header.hlc.ms() + 1),
        kind: Kind::Move,
        deps: before.header.deps,
        target: Some(target),
        body: op::open_body(&Move { to: Some(to) }),
    };
    op::encode(&draft.seal(&node.device_of(user), [3; 16]))
}

#[test]
fn a_move_that_no_program_of_ours_would_write_is_void_at_every_holder() {
    let (mut home, mut guest, bea) = two_who_move();
    let channel = home.channel;
    let (circle, aside) = (thread_in(&mut home, channel, true), thread(&mut home));
    let said = home.node.say(home.owner, channel, "for all to read");
    guest.take_all_of(&home.node);
    let mine = guest.say(bea, channel, "mine");
    home.node.take_all_of(&guest);
    let hidden = by_hand(&guest, bea, &mine, said.id, circle);
    home.node.deliver(vec![hidden], Vec::new());
    assert_eq!(read_in(&home.node, &home, channel), ["for all to read", "mine"]);
    let (mut stranger, cid) = home.guest(3, "Cid");
    stranger.take_all_of(&home.node);
    let theirs = stranger.say(cid, channel, "theirs");
    home.node.take_all_of(&stranger);
    let without_right = by_hand(&stranger, cid, &theirs, said.id, aside);
    home.node.deliver(vec![without_right], Vec::new());
    let acts = home.node.store.acts(&channel.stream(), &said.id, said.hlc).unwrap();
    let mut by_author: Vec<_> = acts.iter().map(|row| (row.act.author == bea, row.verdict)).collect();
    by_author.sort();
    let void = |reason| Verdict::Void(reason).to_byte();
    assert_eq!(by_author, [(false, void(VoidReason::NoPermission)), (true, void(VoidReason::Target))]);
    assert_eq!(read_in(&home.node, &home, channel), ["for all to read", "mine", "theirs"]);
}

#[test]
fn two_who_move_one_message_apart_agree_on_the_later_word() {
    let (mut home, mut guest, bea) = two_who_move();
    let channel = home.channel;
    let (one, two) = (thread(&mut home), thread(&mut home));
    let said = home.node.say(home.owner, channel, "where does this belong?");
    guest.take_all_of(&home.node);
    home.node.command(home.owner, moves(&home, &[&said], Some(one))).unwrap();
    guest.now_ms += 1_000;
    guest.command(bea, moves(&home, &[&said], Some(two))).unwrap();
    home.node.take_all_of(&guest);
    guest.take_all_of(&home.node);
    for node in [&home.node, &guest] {
        assert_eq!(read_in(node, &home, two), ["where does this belong?"]);
        assert_eq!(node.messages(&channel).len(), 1);
    }
    assert_eq!(home.node.messages(&one), guest.messages(&one));
}

#[test]
fn what_was_moved_by_who_was_demoted_unseen_stands_in_its_channel_again() {
    let (mut home, mut guest, bea) = two_who_move();
    let channel = home.channel;
    let aside = thread(&mut home);
    let said = home.node.say(home.owner, channel, "keep me here");
    guest.take_all_of(&home.node);
    let kick = Command::Kick { guild: home.guild, user: bea, reason: String::new() };
    home.node.command(home.owner, kick).unwrap();
    guest.now_ms += 1_000;
    guest.command(bea, moves(&home, &[&said], Some(aside))).unwrap();
    assert_eq!(read_in(&guest, &home, aside), ["keep me here"]);
    home.node.take_all_of(&guest);
    guest.changes.clear();
    guest.take_all_of(&home.node);
    assert_eq!(read_in(&guest, &home, channel), ["keep me here"]);
    assert_eq!(guest.messages(&channel), home.node.messages(&channel));
    let told = guest.changes.iter().any(|change| {
        matches!(change, Change::MessageMoved { message, from } if message.id == said.id && *from == Some(aside))
    });
    assert!(told);
}

#[test]
fn what_was_moved_into_a_thread_goes_with_it() {
    let mut home = Home::new(1);
    let aside = thread(&mut home);
    let said = home.node.say(home.owner, home.channel, "off topic");
    home.node.command(home.owner, moves(&home, &[&said], Some(aside))).unwrap();
    home.node.command(home.owner, Command::DeleteChannel { channel: aside }).unwrap();
    assert!(home.node.messages(&home.channel).is_empty());
    home.node.command(home.owner, send(home.channel, "on with it")).unwrap();
    assert_eq!(home.node.texts(&home.channel), ["on with it"]);
}
