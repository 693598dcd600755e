//! Threads: who makes, edits and follows them, what is said in them, and what holders make of it.

use crate::node::{Home, Node, draft, send, text_of};
use nexus_core::{Change, Command, ForumDraft, Refusal, Reply, Store, Thing, ThreadDraft};
use nexus_crdt::body::governance::{
    Acts, ChannelFields, FilterFields, ForumFields, OverwriteEntry, OverwriteTarget, Tag, ThreadFields,
    Trigger,
};
use nexus_crdt::guild::Channel;
use nexus_crdt::id::{ChannelId, OpId, RoleId, UserId};
use nexus_crdt::permissions::Permissions;
use nexus_crdt::timeline::followers;
use std::collections::BTreeSet;

fn named(name: &str) -> ThreadFields {
    ThreadFields { name: Some(name.to_owned()), ..ThreadFields::default() }
}

fn open(parent: ChannelId, starter: Option<OpId>, name: &str) -> Command {
    Command::CreateThread {
        parent,
        draft: ThreadDraft { starter, fields: named(name), private: None, first: None },
    }
}

fn put_away(thread: ChannelId, archived: bool) -> Command {
    let fields = ThreadFields { archived: Some(archived), ..ThreadFields::default() };
    Command::EditThread { thread, fields }
}

fn shown(node: &Node, home: &Home, thread: &ChannelId) -> Channel {
    node.guild(&home.guild).channels[thread].clone()
}

fn who_follows(node: &Node, channel: &Channel) -> BTreeSet<UserId> {
    let acts = node.store.acts(&channel.id.stream(), &OpId::from(channel.id), channel.born).unwrap();
    followers(&acts.into_iter().map(|row| row.act).collect::<Vec<_>>()).into_keys().collect()
}

#[test]
fn a_thread_made_from_a_message_is_called_like_it_followed_by_its_maker_and_counted() {
    let mut home = Home::new(1);
    let message = home.node.say(home.owner, home.channel, "what about the roof?");
    let thread: ChannelId =
        home.node.created(home.owner, open(home.channel, Some(message.id), "the roof")).into();
    assert_eq!(home.node.core.view().ids.of(thread), message.api_id);
    let guild = home.guild;
    assert!(home.node.changes.contains(&Change::ChannelCreated { space: guild, channel: thread }));
    let user = home.owner;
    let followed = Change::ThreadFollowed { space: guild, thread, user, following: true };
    assert!(home.node.changes.contains(&followed));
    assert_eq!(
        home.node.command(Some(home.owner), open(home.channel, Some(message.id), "again")),
        Err(Refusal::HasThread)
    );

    let first = home.node.say(home.owner, thread, "it leaks");
    home.node.say(home.owner, thread, "badly");
    let delete = Command::DeleteMessages { channel: thread, messages: vec![first.id] };
    home.node.command(Some(home.owner), delete).unwrap();
    home.node.restart();
    let tally = home.node.store.tally(&thread.stream()).unwrap();
    assert_eq!((tally.shown, tally.said), (1, 2));
    assert_eq!(home.node.texts(&thread), ["badly"]);
    assert_eq!(who_follows(&home.node, &shown(&home.node, &home, &thread)), [home.owner].into());
    assert_eq!(
        home.node.texts(&home.channel),
        ["what about the roof?"],
        "what is said there is not said here"
    );
}

#[test]
fn whoever_writes_in_a_thread_follows_it_and_takes_it_out_again_and_a_locked_one_stays_away() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let thread: ChannelId = home.node.created(home.owner, open(home.channel, None, "plans")).into();
    home.node.command(Some(home.owner), put_away(thread, true)).unwrap();
    assert!(shown(&home.node, &home, &thread).thread.unwrap().archived);
    home.node.command(Some(bot), send(thread, "still here?")).unwrap();
    let now = shown(&home.node, &home, &thread);
    assert!(!now.thread.clone().unwrap().archived, "nothing is said where nobody looks");
    assert_eq!(who_follows(&home.node, &now), [home.owner, bot].into());
    let leave = Command::Follow { thread, user: bot, following: false };
    home.node.command(Some(bot), leave).unwrap();
    assert_eq!(who_follows(&home.node, &now), [home.owner].into());

    assert_eq!(home.node.command(Some(bot), put_away(thread, true)), Err(Refusal::MissingPermissions));
    home.node.command(Some(home.owner), put_away(thread, true)).unwrap();
    home.node.command(Some(home.owner), Command::LockChannel { channel: thread, locked: true }).unwrap();
    assert_eq!(home.node.command(Some(bot), send(thread, "hello?")), Err(Refusal::MissingPermissions));
    assert_eq!(home.node.command(Some(bot), put_away(thread, false)), Err(Refusal::MissingPermissions));
    home.node.command(Some(home.owner), send(thread, "closed")).unwrap();
}

#[test]
fn a_thread_has_the_rights_of_its_channel_and_writing_in_it_is_one_of_its_own() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let line = |allow, deny| OverwriteEntry { target: OverwriteTarget::User(bot), allow, deny };
    let (talk, threads) = (Permissions::SEND_MESSAGES, Permissions::SEND_MESSAGES_IN_THREADS);
    let thread: ChannelId = home.node.created(home.owner, open(home.channel, None, "plans")).into();
    let may = |home: &Home| home.node.guild(&home.guild).permissions_in(&bot, &thread);
    let set = |home: &mut Home, entry| {
        let command = Command::SetOverwrite { channel: home.channel, entry };
        home.node.command(Some(home.owner), command).unwrap();
    };
    set(&mut home, line(threads, talk));
    assert!(may(&home).has(talk), "in threads alone");
    home.node.command(Some(bot), send(thread, "in here")).unwrap();
    set(&mut home, line(talk, threads));
    assert!(!may(&home).has(talk), "everywhere but in threads");
    assert_eq!(home.node.command(Some(bot), send(thread, "in here")), Err(Refusal::MissingPermissions));
    set(&mut home, line(Permissions::NONE, Permissions::VIEW_CHANNEL));
    assert_eq!(may(&home), Permissions::NONE);
    let follow = Command::Follow { thread, user: bot, following: true };
    assert_eq!(
        home.node.command(Some(home.owner), follow),
        Err(Refusal::Unknown(Thing::Member)),
        "nobody is brought in who may not see it"
    );
    set(&mut home, line(Permissions::VIEW_CHANNEL, Permissions::CREATE_PUBLIC_THREADS));
    assert_eq!(
        home.node.command(Some(bot), open(home.channel, None, "mine")),
        Err(Refusal::MissingPermissions)
    );
    // A thread has no rights and no place of its own to edit, and hangs on no thread.
    let entry = OverwriteEntry {
        target: OverwriteTarget::Role(RoleId(home.guild.0)),
        allow: Permissions::NONE,
        deny: Permissions::NONE,
    };
    let refused = Command::SetOverwrite { channel: thread, entry };
    assert_eq!(home.node.command(Some(home.owner), refused), Err(Refusal::MissingPermissions));
    assert_eq!(
        home.node.command(Some(home.owner), open(thread, None, "within")),
        Err(Refusal::MissingPermissions)
    );
    home.node.command(Some(home.owner), Command::DeleteChannel { channel: home.channel }).unwrap();
    let owner = home.owner;
    assert_eq!(
        home.node.guild(&home.guild).permissions_in(&owner, &thread),
        Permissions::NONE,
        "it goes with its channel"
    );
}

fn forum(home: &mut Home) -> (ChannelId, Vec<Tag>) {
    let tag = |name: &str, moderated| Tag { id: 0, name: name.to_owned(), moderated, emoji: None };
    let forum = ForumFields {
        tags: Some(vec![tag("question", false), tag("solved", true)]),
        tag_required: Some(true),
        ..ForumFields::default()
    };
    let fields = ChannelFields { name: Some(String::from("help")), ..ChannelFields::default() };
    let draft = ForumDraft { fields, overwrites: Vec::new(), forum, media: false };
    let made = home.node.created(home.owner, Command::CreateForum { guild: home.guild, draft });
    let channel = ChannelId::from(made);
    let tags = home.node.guild(&home.guild).channels[&channel].forum.clone().unwrap().tags.clone();
    (channel, tags)
}

fn post(parent: ChannelId, tags: Vec<u64>, first: Option<&str>) -> Command {
    let fields = ThreadFields { tags: Some(tags), ..named("it will not start") };
    let first = first.map(|text| Box::new(draft(parent, text)));
    Command::CreateThread { parent, draft: ThreadDraft { starter: None, fields, private: None, first } }
}

#[test]
fn a_forum_has_posts_with_its_tags_that_begin_with_a_message_called_like_the_post() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let (help, tags) = forum(&mut home);
    let (question, solved) = (tags[0].id, tags[1].id);
    assert!(question != 0 && question != solved);
    assert_eq!(home.node.command(Some(bot), send(help, "hello")), Err(Refusal::MissingPermissions));
    assert!(matches!(
        home.node.command(Some(bot), post(help, vec![question], None)),
        Err(Refusal::Invalid { field: "message", .. })
    ));
    assert!(matches!(
        home.node.command(Some(bot), post(help, Vec::new(), Some("why?"))),
        Err(Refusal::Invalid { field: "applied_tags", .. })
    ));
    assert_eq!(
        home.node.command(Some(bot), post(help, vec![question, solved], Some("why?"))),
        Err(Refusal::MissingPermissions),
        "a moderated tag"
    );
    let made: ChannelId = home.node.created(bot, post(help, vec![question], Some("why?"))).into();
    let first = home.node.messages(&made).remove(0);
    assert_eq!((text_of(&first).as_str(), first.api_id), ("why?", home.node.core.view().ids.of(made)));
    let edit = |tags| {
        let fields = ThreadFields { tags: Some(tags), ..ThreadFields::default() };
        Command::EditThread { thread: made, fields }
    };
    let solve = edit(vec![question, solved]);
    assert_eq!(home.node.command(Some(bot), solve.clone()), Err(Refusal::MissingPermissions));
    home.node.command(Some(home.owner), solve).unwrap();
    assert_eq!(home.node.command(Some(bot), edit(vec![question])), Err(Refusal::MissingPermissions));
    assert_eq!(shown(&home.node, &home, &made).thread.unwrap().tags, [question, solved]);
}

#[test]
fn a_post_that_a_filter_stops_leaves_no_empty_one_behind() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let (help, tags) = forum(&mut home);
    let stops = |word: &str, exempt_channels| {
        let (stopped, allowed) = (vec![word.to_owned()], Vec::new());
        let trigger = Some(Trigger::Words { stopped, allowed, patterns: None });
        let acts = Acts { alert: Some(home.channel), ..Acts::default() };
        let (name, words) = (Some(word.to_owned()), Some(String::from("dogs only")));
        let fields = FilterFields {
            name,
            trigger,
            words,
            acts: Some(acts),
            exempt_channels,
            ..FilterFields::default()
        };
        Command::MakeFilter { guild: home.guild, fields }
    };
    let stopping = stops("cat", None);
    home.node.created(home.owner, stopping);
    let refused = home.node.command(Some(bot), post(help, vec![tags[0].id], Some("why a cat?")));
    assert_eq!(refused, Err(Refusal::Filtered { words: String::from("dogs only") }));
    let guild = home.node.guild(&home.guild);
    assert!(guild.channels.values().all(|channel| channel.thread.is_none()));
    let told = home.node.messages(&home.channel).remove(0).body.alert.unwrap();
    assert_eq!((told.channel, told.message), (help, None), "it is told of, as of the forum");
    home.node.created(bot, post(help, vec![tags[0].id], Some("why a dog?")));
}

#[test]
fn another_holder_makes_the_same_of_threads_whatever_came_first() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let (help, tags) = forum(&mut home);
    let made: ChannelId = home.node.created(bot, post(help, vec![tags[0].id], Some("why?"))).into();
    let message = home.node.say(home.owner, home.channel, "and the roof?");
    let thread: ChannelId =
        home.node.created(home.owner, open(home.channel, Some(message.id), "roof")).into();
    home.node.say(bot, thread, "it leaks");
    home.node.command(Some(home.owner), put_away(thread, true)).unwrap();

    let (mut ops, frontiers) = home.node.everything();
    for backwards in [false, true] {
        let mut away = Node::new(9);
        if backwards {
            ops.reverse();
        }
        away.deliver(ops.clone(), frontiers.clone());
        assert_eq!(away.core.state_hash(&home.guild), home.node.core.state_hash(&home.guild));
        for channel in [&made, &thread] {
            let there = shown(&away, &home, channel);
            assert_eq!(who_follows(&away, &there), who_follows(&home.node, &there));
            let tally = home.node.store.tally(&channel.stream());
            assert_eq!(away.store.tally(&channel.stream()), tally);
            assert_eq!(away.texts(channel), home.node.texts(channel));
        }
        let first = away.messages(&made).remove(0);
        assert_eq!(first.api_id, away.core.view().ids.of(made));
    }
}

#[test]
fn who_was_put_out_comes_back_and_only_moderators_put_others_out() {
    let mut home = Home::new(1);
    let (bot, other) = (home.bot("Echo"), home.bot("Hal"));
    let thread: ChannelId = home.node.created(home.owner, open(home.channel, None, "plans")).into();
    let follow = |user, following| Command::Follow { thread, user, following };
    assert_eq!(home.node.command(Some(bot), follow(other, true)), Ok(Reply::Done));
    assert_eq!(home.node.command(Some(bot), follow(other, false)), Err(Refusal::MissingPermissions));
    home.node.command(Some(home.owner), follow(other, false)).unwrap();
    let channel = shown(&home.node, &home, &thread);
    assert_eq!(who_follows(&home.node, &channel), [home.owner].into());
    home.node.command(Some(other), follow(other, true)).unwrap();
    assert_eq!(who_follows(&home.node, &channel), [home.owner, other].into());
}

#[test]
fn a_private_thread_is_seen_by_those_who_are_brought_in_and_by_who_manages_threads() {
    let mut home = Home::new(1);
    let (bot, other, third) = (home.bot("Echo"), home.bot("Hal"), home.bot("Eve"));
    let private = |invitable| {
        let draft =
            ThreadDraft { starter: None, fields: named("ticket"), private: Some(invitable), first: None };
        Command::CreateThread { parent: home.channel, draft }
    };
    let (closed, open) = (private(false), private(true));
    let thread: ChannelId = home.node.created(bot, closed).into();
    let sees = |home: &Home, user: UserId| {
        home.node.guild(&home.guild).permissions_in(&user, &thread).has(Permissions::VIEW_CHANNEL)
    };
    assert!(sees(&home, bot) && sees(&home, home.owner) && !sees(&home, other));
    let member = |user, following| Command::Follow { thread, user, following };
    assert_eq!(home.node.command(Some(other), send(thread, "psst")), Err(Refusal::MissingAccess));
    assert_eq!(home.node.command(Some(other), member(other, true)), Err(Refusal::MissingAccess));
    home.node.command(Some(bot), member(other, true)).unwrap();
    assert!(sees(&home, other));
    let (space, user) = (home.guild, other);
    let brought = Change::ThreadFollowed { space, thread, user, following: true };
    assert!(home.node.changes.contains(&brought));
    home.node.say(other, thread, "thanks");
    assert_eq!(home.node.command(Some(other), member(third, true)), Err(Refusal::MissingPermissions));
    assert_eq!(home.node.command(Some(other), member(bot, false)), Err(Refusal::MissingPermissions));
    home.node.command(Some(other), member(other, false)).unwrap();
    assert!(!sees(&home, other));

    let thread: ChannelId = home.node.created(bot, open).into();
    let member = |user| Command::Follow { thread, user, following: true };
    home.node.command(Some(bot), member(other)).unwrap();
    home.node.command(Some(other), member(third)).unwrap();
    let mut away = Node::new(9);
    away.take_all_of(&home.node);
    assert_eq!(away.core.state_hash(&home.guild), home.node.core.state_hash(&home.guild));
    home.node.restart();
    let circle = shown(&home.node, &home, &thread).thread.unwrap().private.clone().unwrap();
    assert_eq!(circle.inside.keys().copied().collect::<BTreeSet<_>>(), [bot, other, third].into());
}

#[test]
fn who_is_kicked_and_comes_back_is_out_of_a_private_thread_until_they_are_brought_in_again() {
    let mut home = Home::new(1);
    let (mut away, eve) = home.guest(2, "Eve");
    let draft = ThreadDraft { starter: None, fields: named("ticket"), private: Some(false), first: None };
    let thread: ChannelId =
        home.node.created(home.owner, Command::CreateThread { parent: home.channel, draft }).into();
    let bring = Command::Follow { thread, user: eve, following: true };
    home.node.command(home.owner, bring.clone()).unwrap();
    let sees =
        |node: &Node| node.guild(&home.guild).permissions_in(&eve, &thread).has(Permissions::VIEW_CHANNEL);
    assert!(sees(&home.node));
    home.node.now_ms += 1_000;
    let kick = Command::Kick { guild: home.guild, user: eve, reason: String::new() };
    home.node.command(home.owner, kick).unwrap();
    let invite = home.node.created(home.owner, Command::CreateInvite { channel: home.channel, max_age_s: 0 });
    away.take_all_of(&home.node);
    away.now_ms = home.node.now_ms + 1_000;
    let code = home.node.core.view().invite_codes[&invite];
    away.created(eve, Command::Join { code });
    home.node.now_ms = away.now_ms + 1_000;
    home.node.take_all_of(&away);
    assert!(home.node.guild(&home.guild).members.contains_key(&eve) && !sees(&home.node));
    home.node.command(home.owner, bring).unwrap();
    assert!(sees(&home.node));
}
