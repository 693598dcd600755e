//! Emoji, events and polls: who makes and edits them, and what holders make of them.

use crate::node::{Home, Node, channel_draft, draft};
use nexus_core::{
    Change, ChannelDraft, Command, Extras, Message, MessageDraft, Refusal, Reply, Secret, Store, Thing,
};
use nexus_crdt::body::content::{Follow, Poll, PollAnswer};
use nexus_crdt::body::governance::{
    ChannelKind, EmojiCreate, EmojiEdit, EventFields, EventPlace, EventStatus, Occurrence, OverwriteEntry,
    OverwriteTarget, Picture, PictureFormat, RateClass, Recurrence, Recurring, Rhythm, Word,
};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, FrontierId, OpId, RoleId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft};
use nexus_crdt::permissions::Permissions;
use nexus_crdt::timeline::followers;
use std::collections::BTreeSet;

const HOUR_MS: u64 = 3_600_000;

fn emoji(name: &str) -> EmojiCreate {
    let picture = Picture { hash: [7; 32], size: 1, format: PictureFormat::Png, animated: false };
    EmojiCreate { name: name.to_owned(), picture, roles: Vec::new() }
}

fn react(home: &Home, message: OpId, emoji: OpId) -> Command {
    Command::React { channel: home.channel, message, emoji: emoji.to_hex() }
}

#[test]
fn an_emoji_is_made_by_who_may_used_by_whom_it_is_for_and_leaves_its_reactions_when_it_goes() {
    let mut home = Home::new(1);
    let (guild, bot) = (home.guild, home.bot("Echo"));
    let make = |emoji| Command::MakeEmoji { guild, emoji };
    assert_eq!(home.node.command(bot, make(emoji("cat"))), Err(Refusal::MissingPermissions));
    let maker = home.role("maker", Permissions::CREATE_GUILD_EXPRESSIONS, RateClass::Person);
    home.give(bot, maker);
    let cat = home.node.created(bot, make(emoji("cat")));
    let dog = home.node.created(home.owner, make(emoji("dog")));
    assert!(home.node.changes.contains(&Change::EmojisUpdated { space: guild }));
    assert_ne!(home.node.core.view().ids.of(cat).0, 0, "it has a number");
    let message = home.node.say(home.owner, home.channel, "a cat").id;
    let one = react(&home, message, cat);
    home.node.command(bot, one).unwrap();

    let for_nobody_here = home.role("few", Permissions::NONE, RateClass::Person);
    let edit = |emoji, name: Option<&str>, roles| Command::EditEmoji {
        guild,
        edit: EmojiEdit { emoji, name: name.map(str::to_owned), roles },
    };
    home.node.command(bot, edit(cat, Some("tom"), None)).unwrap();
    assert_eq!(
        home.node.command(bot, edit(dog, Some("rex"), None)),
        Err(Refusal::MissingPermissions),
        "another's"
    );
    home.node.command(home.owner, edit(dog, None, Some(vec![for_nobody_here]))).unwrap();
    let with_dog = react(&home, message, dog);
    assert_eq!(home.node.command(bot, with_dog), Err(Refusal::Unknown(Thing::Emoji)), "not for them");

    home.node.command(home.owner, Command::DeleteEmoji { guild, emoji: cat }).unwrap();
    home.node.restart();
    let view = home.node.guild(&guild);
    assert_eq!(view.emojis.values().map(|emoji| emoji.name.as_str()).collect::<Vec<_>>(), ["dog"]);
    let shown = home.node.messages(&home.channel).remove(0);
    assert_eq!(shown.reactions[0].emoji, cat.to_hex(), "who reacted has reacted");
    let again = react(&home, message, cat);
    assert_eq!(home.node.command(home.owner, again), Err(Refusal::Unknown(Thing::Emoji)));
}

#[test]
fn two_who_hold_the_same_edits_of_an_emoji_agree_whatever_the_order() {
    let mut home = Home::new(1);
    let guild = home.guild;
    let cat = home.node.created(home.owner, Command::MakeEmoji { guild, emoji: emoji("cat") });
    let (mut guest, user) = home.guest(2, "Ben");
    let role = home.role("keeper", Permissions::MANAGE_GUILD_EXPRESSIONS, RateClass::Person);
    home.give(user, role);
    guest.take_all_of(&home.node);
    let rename = |name: &str| Command::EditEmoji {
        guild,
        edit: EmojiEdit { emoji: cat, name: Some(name.to_owned()), roles: None },
    };
    home.node.command(home.owner, rename("by_ann")).unwrap();
    guest.command(user, rename("by_ben")).unwrap();
    home.node.take_all_of(&guest);
    guest.take_all_of(&home.node);
    for node in [&home.node, &guest] {
        assert_eq!(node.guild(&guild).emojis[&cat].name, "by_ann", "the higher word counts");
    }
}

fn walk(home: &Home) -> EventFields {
    EventFields {
        name: Some(String::from("A walk")),
        starts: Some(home.node.now_ms + HOUR_MS),
        ends: Some(home.node.now_ms + 2 * HOUR_MS),
        place: Some(EventPlace::Elsewhere(String::from("the lake"))),
        ..EventFields::default()
    }
}

fn interested(node: &Node, home: &Home, event: ChannelId) -> BTreeSet<UserId> {
    let channel = &node.guild(&home.guild).channels[&event];
    let acts = node.store.acts(&event.stream(), &OpId::from(event), channel.born).unwrap();
    followers(&acts.into_iter().map(|row| row.act).collect::<Vec<_>>()).into_keys().collect()
}

fn voice_behind(home: &mut Home, role: RoleId) -> ChannelId {
    let everyone = OverwriteTarget::Role(RoleId(home.guild.0));
    let line = |target, allow, deny| OverwriteEntry { target, allow, deny };
    let (view, none) = (Permissions::VIEW_CHANNEL, Permissions::NONE);
    let overwrites = vec![line(everyone, none, view), line(OverwriteTarget::Role(role), view, none)];
    let draft = ChannelDraft { kind: ChannelKind::Voice, overwrites, ..channel_draft("stage") };
    home.node.created(home.owner, Command::CreateChannel { guild: home.guild, draft }).into()
}

#[test]
fn an_event_is_announced_looked_forward_to_and_called_off_by_who_may() {
    let mut home = Home::new(1);
    let (guild, bot) = (home.guild, home.bot("Echo"));
    let announce = |fields| Command::Announce { guild, fields };
    let fields = walk(&home);
    assert_eq!(home.node.command(bot, announce(fields.clone())), Err(Refusal::MissingPermissions));
    let past = EventFields { starts: Some(1), ..fields.clone() };
    assert!(matches!(home.node.command(home.owner, announce(past)), Err(Refusal::Invalid { .. })));
    let event = ChannelId::from(home.node.created(home.owner, announce(fields)));
    home.node.command(bot, Command::BeInterested { event, interested: true }).unwrap();
    let followed = Change::ThreadFollowed { space: guild, thread: event, user: bot, following: true };
    assert!(home.node.changes.contains(&followed));
    home.node.restart();
    assert_eq!(interested(&home.node, &home, event), [bot].into());
    let say = Command::SendMessage(draft(event, "hello?"));
    assert_eq!(home.node.command(home.owner, say), Err(Refusal::MissingPermissions), "nothing is said there");
    let status = |status| {
        let fields = EventFields { status: Some(status), ..EventFields::default() };
        Command::EditEvent { event, fields }
    };
    assert_eq!(home.node.command(bot, status(EventStatus::Active)), Err(Refusal::MissingPermissions));
    home.node.command(home.owner, status(EventStatus::Active)).unwrap();
    let back = home.node.command(home.owner, status(EventStatus::Scheduled));
    assert!(matches!(back, Err(Refusal::Invalid { field: "status", .. })), "what has begun is not to come");
    assert_eq!(home.node.command(bot, Command::CallOff { event }), Err(Refusal::MissingPermissions));
    home.node.command(home.owner, Command::CallOff { event }).unwrap();
    assert!(!home.node.guild(&guild).channels.contains_key(&event));
}

#[test]
fn an_event_that_comes_again_is_otherwise_now_and_then() {
    let mut home = Home::new(1);
    let guild = home.guild;
    let fields = walk(&home);
    let starts = fields.starts.unwrap();
    let event = ChannelId::from(home.node.created(home.owner, Command::Announce { guild, fields }));
    let edit = |fields| Command::EditEvent { event, fields };
    let canceled = Some(Word { canceled: true, ..Word::default() });
    let on = |original, word| {
        let occurrence = Some(Occurrence { original, word });
        edit(EventFields { occurrence, ..EventFields::default() })
    };
    let week = 7 * 24 * HOUR_MS;
    let once = home.node.command(home.owner, on(starts + week, canceled));
    assert!(matches!(once, Err(Refusal::Invalid { .. })), "it takes place once");
    let rule = Recurrence {
        starts,
        rhythm: Rhythm::Weekly,
        interval: 1,
        weekdays: vec![3],
        month_weekdays: Vec::new(),
        months: Vec::new(),
        month_days: Vec::new(),
    };
    let recurring = Some(Recurring::By(rule.clone()));
    home.node.command(home.owner, edit(EventFields { recurring, ..EventFields::default() })).unwrap();
    home.node.command(home.owner, on(starts + week, canceled)).unwrap();
    let later = Some(Word { starts: starts + 2 * week + HOUR_MS, ..Word::default() });
    home.node.command(home.owner, on(starts + 2 * week, later)).unwrap();
    home.node.command(home.owner, on(starts + week, None)).unwrap();
    home.node.restart();
    let shown = home.node.guild(&guild).channels[&event].event.clone().unwrap();
    assert_eq!(shown.recurrence, Some(rule));
    let words: Vec<_> = shown.words.iter().map(|(at, word)| (*at, Some(*word))).collect();
    assert_eq!(words, [(starts + 2 * week, later)]);
}

#[test]
fn an_event_in_a_voice_channel_is_seen_by_who_sees_that() {
    let mut home = Home::new(1);
    let (guild, bot) = (home.guild, home.bot("Echo"));
    let role = home.role("crew", Permissions::NONE, RateClass::Person);
    let voice = voice_behind(&mut home, role);
    let fields = EventFields { place: Some(EventPlace::Voice(voice)), ends: None, ..walk(&home) };
    let event = ChannelId::from(home.node.created(home.owner, Command::Announce { guild, fields }));
    let look = Command::BeInterested { event, interested: true };
    assert_eq!(home.node.command(bot, look.clone()), Err(Refusal::MissingAccess));
    home.give(bot, role);
    home.node.command(bot, look).unwrap();
    home.node.command(home.owner, Command::DeleteChannel { channel: voice }).unwrap();
    let may = home.node.guild(&guild).permissions_in(&home.owner, &event);
    assert_eq!(may, Permissions::NONE, "it took place there, or nowhere");
}

/// Signs an op of a channel's stream as somebody's device would, past their own node's judgement.
fn forge(node: &Node, home: &Home, user: UserId, stream: ChannelId, kind: Kind, body: Vec<u8>) -> Vec<u8> {
    let secrets = node.store.secrets().unwrap();
    let key = secrets.into_iter().find_map(|secret| match secret {
        Secret::Device(whose, key) if whose == user => Some(key),
        _ => None,
    });
    let frontiers = home.node.store.frontiers().unwrap();
    let draft = Draft {
        space: home.guild,
        stream: stream.stream(),
        tenure: home.node.guild(&home.guild).members[&user].tenure,
        seq: 0,
        prev: None,
        // After what it cites: what is dated before it is void for that alone.
        hlc: Hlc::from_ms(node.now_ms + 1_000),
        kind,
        deps: vec![OpId(FrontierId::of(frontiers.last().unwrap()).0)],
        target: None,
        body,
    };
    op::encode(&draft.seal(&key.unwrap(), [9; 16]))
}

#[test]
fn nobody_looks_forward_to_an_event_for_somebody_else() {
    let mut home = Home::new(1);
    let (guild, owner) = (home.guild, home.owner);
    let fields = walk(&home);
    let event = ChannelId::from(home.node.created(owner, Command::Announce { guild, fields }));
    let (guest, user) = home.guest(2, "Ben");
    let body = op::open_body(&Follow { user: owner, following: true });
    let forged = forge(&guest, &home, user, event, Kind::Follow, body);
    home.node.deliver(vec![forged], Vec::new());
    let born = home.node.guild(&guild).channels[&event].born;
    let acts = home.node.store.acts(&event.stream(), &OpId::from(event), born).unwrap();
    assert_eq!(acts.iter().map(|row| row.act.void).collect::<Vec<_>>(), [true]);
    assert_eq!(interested(&home.node, &home, event), BTreeSet::new(), "a word of somebody else's");
}

fn asks(home: &Home, multiple: bool) -> MessageDraft {
    let answer = |text: &str| PollAnswer { text: text.to_owned(), emoji: None };
    let answers = vec![answer("yes"), answer("no")];
    let poll = Poll { question: String::from("Shall we?"), answers, multiple, hours: 1 };
    let poll = Some(Box::new(poll));
    MessageDraft { extras: Extras { poll, ..Extras::default() }, ..draft(home.channel, "") }
}

fn ask(home: &mut Home, multiple: bool) -> OpId {
    let draft = asks(home, multiple);
    match home.node.command(home.owner, Command::SendMessage(draft)) {
        Ok(Reply::Message(message)) => message.id,
        other => panic!("{other:?}"),
    }
}

fn vote(home: &Home, message: OpId, answers: &[u8]) -> Command {
    Command::Vote { channel: home.channel, message, answers: answers.to_vec() }
}

fn votes(node: &Node, home: &Home) -> Vec<(UserId, Vec<u8>)> {
    let message: Message = node.messages(&home.channel).remove(0);
    message.ballots.unwrap().votes.into_iter().collect()
}

#[test]
fn ballots_are_counted_told_of_and_the_same_for_everybody() {
    let mut home = Home::new(1);
    let message = ask(&mut home, false);
    let (mut guest, user) = home.guest(2, "Ben");
    let two = vote(&home, message, &[1, 2]);
    assert!(matches!(guest.command(user, two), Err(Refusal::Invalid { .. })), "one answer was asked for");
    let third = vote(&home, message, &[3]);
    assert!(matches!(guest.command(user, third), Err(Refusal::Invalid { .. })));
    for answers in [[1], [2]] {
        let ballot = vote(&home, message, &answers);
        guest.command(user, ballot).unwrap();
    }
    let mine = vote(&home, message, &[1]);
    home.node.command(home.owner, mine.clone()).unwrap();
    home.node.take_all_of(&guest);
    guest.take_all_of(&home.node);
    let mut expected = vec![(home.owner, vec![1]), (user, vec![2])];
    expected.sort();
    assert_eq!(votes(&home.node, &home), expected);
    assert_eq!(votes(&guest, &home), expected);
    let told: Vec<(UserId, u8, bool)> = guest
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::PollVoted { user, answer, given, .. } => Some((*user, *answer, *given)),
            _ => None,
        })
        .collect();
    assert_eq!(told, [(user, 1, true), (user, 1, false), (user, 2, true), (home.owner, 1, true)]);
    let written = home.node.everything().0.len();
    home.node.command(home.owner, mine).unwrap();
    assert_eq!(home.node.everything().0.len(), written, "the same ballot again is not written");
}

#[test]
fn a_poll_ends_by_its_author_s_word_or_by_its_time_and_then_no_ballot_counts() {
    let mut home = Home::new(1);
    let (message, bot) = (ask(&mut home, true), home.bot("Echo"));
    let end = Command::EndPoll { channel: home.channel, message };
    assert_eq!(home.node.command(bot, end.clone()), Err(Refusal::NotTheAuthor));
    let both = vote(&home, message, &[2, 1]);
    home.node.command(bot, both).unwrap();
    let other = home.node.edit(home.owner, home.channel, message, "Shall we not?");
    assert_eq!(other, Err(Refusal::PollStands), "what was voted on is not changed");
    home.node.command(home.owner, end.clone()).unwrap();
    let one = vote(&home, message, &[1]);
    assert_eq!(home.node.command(bot, one), Err(Refusal::PollOver));
    assert_eq!(home.node.command(home.owner, end), Err(Refusal::PollOver));
    home.node.restart();
    assert_eq!(votes(&home.node, &home), [(bot, vec![1, 2])]);

    let other = ask(&mut home, false);
    home.node.now_ms += HOUR_MS + 1;
    let late = vote(&home, other, &[1]);
    assert_eq!(home.node.command(bot, late), Err(Refusal::PollOver), "its time is over");
    let plain = home.node.say(home.owner, home.channel, "no question").id;
    let none = vote(&home, plain, &[1]);
    assert_eq!(home.node.command(bot, none), Err(Refusal::NoPoll));
}

#[test]
fn who_may_not_send_polls_asks_nothing() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let everyone = OverwriteTarget::Role(RoleId(home.guild.0));
    let entry = OverwriteEntry { target: everyone, allow: Permissions::NONE, deny: Permissions::SEND_POLLS };
    home.node.command(home.owner, Command::SetOverwrite { channel: home.channel, entry }).unwrap();
    let asked = Command::SendMessage(asks(&home, false));
    assert_eq!(home.node.command(bot, asked), Err(Refusal::MissingPermissions));
}
