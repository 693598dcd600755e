//! What was taken away or replaced leaves no body behind: here, with others, and in an older copy of a store.

use crate::node::{Home, Node};
use nexus_core::{Arrival, Command, Input, Refusal, Reply, Store};
use nexus_crdt::body::content::ShownAs;
use nexus_crdt::body::governance::RateClass;
use nexus_crdt::id::{ChannelId, OpId, UserId};
use nexus_crdt::permissions::Permissions;

const DAY_MS: u64 = 24 * 3_600_000;

fn has_body(node: &Node, op: &OpId) -> bool {
    node.store.op(op).unwrap().expect("the op stays").op.body.is_some()
}

fn delete(channel: ChannelId, message: OpId) -> Command {
    Command::DeleteMessages { channel, messages: vec![message] }
}

/// Ann's guild, a moderator on a node of their own, and a bot that says what the moderator then takes away there.
fn moderated() -> (Home, Node, UserId, OpId) {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let (mut other, moderator) = home.guest(2, "Bea");
    let role = home.role("mods", Permissions::MANAGE_MESSAGES, RateClass::Person);
    home.give(moderator, role);
    let said = home.node.say(bot, home.channel, "buy this").id;
    other.take_all_of(&home.node);
    other.now_ms += 1_000;
    other.command(moderator, delete(home.channel, said)).unwrap();
    (home, other, moderator, said)
}

#[test]
fn what_an_edit_replaces_is_destroyed_at_once_and_with_everybody() {
    let mut home = Home::new(1);
    let (mut guest, _) = home.guest(2, "Bea");
    let said = home.node.say(home.owner, home.channel, "my number is 5550").id;
    guest.take_all_of(&home.node);
    home.node.edit(home.owner, home.channel, said, "call me at 5551").unwrap();
    home.node.edit(home.owner, home.channel, said, "write to me").unwrap();
    guest.take_all_of(&home.node);
    for node in [&home.node, &guest] {
        assert_eq!(node.texts(&home.channel), ["write to me"]);
        assert!(!node.messages(&home.channel)[0].unreadable);
        let ops = node.store.ops().filter(|stored| stored.op.header.stream == home.channel.stream());
        assert_eq!(ops.filter(|stored| stored.op.body.is_some()).count(), 1, "the latest edit alone");
    }
    assert_eq!(guest.timeline(&home.channel), home.node.timeline(&home.channel));
    let mut late = Node::new(3);
    late.setup("Cem");
    late.take_all_of(&guest);
    assert_eq!(late.texts(&home.channel), ["write to me"]);
    assert_eq!(late.timeline(&home.channel), home.node.timeline(&home.channel));
}

/// An answer of the owner's, imported and by a webhook of theirs, and what it answers.
fn answered(home: &mut Home) -> (OpId, OpId) {
    let bulk = home.role("import", Permissions::NONE, RateClass::Bulk);
    home.give(home.owner, bulk);
    let make = Command::MakeWebhook { channel: home.channel, name: String::from("CI") };
    let webhook = home.node.created(home.owner, make);
    let first = home.node.say(home.owner, home.channel, "who comes?").id;
    let mut draft = crate::node::draft(home.channel, "I do not");
    (draft.reply_to, draft.tts, draft.shown_at) = (Some(first), true, Some(1_090_000_000_000));
    draft.extras.shown_as = Some(ShownAs { webhook, name: String::from("CI"), avatar: None });
    match home.node.command(home.owner, Command::SendMessage(draft)) {
        Ok(Reply::Message(answer)) => (first, answer.id),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_edit_says_again_what_a_message_says_of_itself_and_the_text_before_it_goes() {
    let mut home = Home::new(1);
    let (mut guest, _) = home.guest(2, "Bea");
    let (first, answer) = answered(&mut home);
    guest.take_all_of(&home.node);
    assert!(has_body(&guest, &answer));
    home.node.edit(home.owner, home.channel, answer, "I may").unwrap();
    home.node.edit(home.owner, home.channel, answer, "I do").unwrap();
    guest.take_all_of(&home.node);
    let mut late = Node::new(3);
    late.setup("Cem");
    late.take_all_of(&guest);
    for node in [&home.node, &guest, &late] {
        assert!(!has_body(node, &answer));
        let read = node.messages(&home.channel).into_iter().find(|message| message.id == answer).unwrap();
        assert_eq!(read.replied.map(|replied| replied.id), Some(first));
        assert_eq!((read.body.shown_at, read.body.tts), (Some(1_090_000_000_000), true));
        assert_eq!(read.body.shown_as.map(|shown| shown.name).as_deref(), Some("CI"));
        assert_eq!(
            (read.unreadable, node.texts(&home.channel).contains(&String::from("I do"))),
            (false, true)
        );
        assert_eq!(node.timeline(&home.channel), home.node.timeline(&home.channel));
    }
}

#[test]
fn who_lost_the_right_to_what_their_message_says_of_itself_does_not_say_it_again() {
    let mut home = Home::new(1);
    let (mut guest, bea) = home.guest(2, "Bea");
    let role = home.role("hooks", Permissions::MANAGE_WEBHOOKS, RateClass::Person);
    home.give(bea, role);
    guest.take_all_of(&home.node);
    let make = Command::MakeWebhook { channel: home.channel, name: String::from("CI") };
    let webhook = guest.created(bea, make);
    let mut draft = crate::node::draft(home.channel, "the build is red");
    draft.extras.shown_as = Some(ShownAs { webhook, name: String::from("CI"), avatar: None });
    guest.command(bea, Command::SendMessage(draft)).unwrap();
    let said = guest.messages(&home.channel)[0].id;
    guest.edit(bea, home.channel, said, "the build is green").unwrap();
    let take = Command::RemoveMemberRole { guild: home.guild, user: bea, role };
    home.node.command(home.owner, take).unwrap();
    guest.take_all_of(&home.node);
    let again = guest.edit(bea, home.channel, said, "the build is blue");
    assert_eq!(again, Err(Refusal::MissingPermissions));
    guest.command(bea, delete(home.channel, said)).unwrap();
    assert!(guest.texts(&home.channel).is_empty());
}

#[test]
fn what_a_moderator_takes_away_goes_when_a_checkpoint_has_sealed_it() {
    let (mut home, mut other, _, said) = moderated();
    home.node.now_ms += 2_000;
    home.node.take_all_of(&other);
    assert!(home.node.texts(&home.channel).is_empty(), "hidden at once");
    let timeline = home.node.timeline(&home.channel);
    home.node.tick();
    assert!(has_body(&home.node, &said), "it may still be given back");
    home.node.now_ms += DAY_MS + 1_000;
    // A node that may be alone seals nothing.
    home.node.handle(Input::HandedOver { space: home.guild, upto: Arrival(u64::MAX) });
    home.node.tick();
    home.node.tick();
    assert!(home.node.guild(&home.guild).height > 0, "the owner's node has sealed it");
    assert!(!has_body(&home.node, &said));
    assert!(home.node.store.erasures(None, 9).unwrap().is_empty());
    other.now_ms = home.node.now_ms;
    other.take_all_of(&home.node);
    other.tick();
    assert!(!has_body(&other, &said));
    for node in [&home.node, &other] {
        assert_eq!(node.timeline(&home.channel), timeline, "destroying changes no hash");
    }
}

/// A day later the owner's node, which is not alone, seals what was governed since.
fn seals(home: &mut Home) {
    let height = home.node.guild(&home.guild).height;
    home.role("another", Permissions::NONE, RateClass::Person);
    home.node.now_ms += DAY_MS + 1_000;
    home.node.handle(Input::HandedOver { space: home.guild, upto: Arrival(u64::MAX) });
    home.node.tick();
    home.node.tick();
    assert!(home.node.guild(&home.guild).height > height);
}

// Eve had Bea's old phone. A Delete that says it was written before the last checkpoint, and cites what came before it, was
// taken for one that the checkpoint had sealed: what she took away was destroyed everywhere the moment it came, and a ban
// brought nothing back.
#[test]
fn a_delete_that_is_dated_back_below_a_checkpoint_destroys_nothing_when_it_comes() {
    let (mut home, other, _, said) = moderated();
    seals(&mut home);
    home.node.take_all_of(&other);
    home.node.tick();
    assert!(home.node.texts(&home.channel).is_empty());
    assert!(has_body(&home.node, &said), "the checkpoint was there before it");
    seals(&mut home);
    assert!(!has_body(&home.node, &said), "the next one was made when it was here");
}

#[test]
fn who_was_a_moderator_and_dates_a_delete_back_destroys_nothing_that_a_ban_does_not_give_back() {
    let (mut home, other, moderator, said) = moderated();
    let roles: Vec<_> = home.node.guild(&home.guild).roles_of(&moderator).map(|role| role.id).collect();
    for role in roles {
        let take = Command::RemoveMemberRole { guild: home.guild, user: moderator, role };
        home.node.command(home.owner, take).unwrap();
    }
    seals(&mut home);
    // Written as if it were before all of that.
    home.node.take_all_of(&other);
    assert!(home.node.texts(&home.channel).is_empty(), "nobody can tell when it was written");
    seals(&mut home);
    home.node.tick();
    assert!(has_body(&home.node, &said), "no checkpoint makes it good");
    let ban = Command::Ban { guild: home.guild, user: moderator, reason: String::new(), delete_s: 604_800 };
    home.node.command(home.owner, ban).unwrap();
    assert_eq!(home.node.texts(&home.channel), ["buy this"]);
}

#[test]
fn what_a_moderator_takes_away_goes_after_thirty_days_where_nobody_seals_it() {
    let (home, mut other, _, said) = moderated();
    let begun = other.now_ms;
    other.now_ms = begun + 30 * DAY_MS - 1;
    other.tick();
    assert!(has_body(&other, &said));
    other.restart();
    other.now_ms = begun + 30 * DAY_MS;
    other.tick();
    assert!(!has_body(&other, &said));
    assert!(other.texts(&home.channel).is_empty());
}

#[test]
fn what_was_taken_away_by_an_act_that_turns_void_is_there_again_with_its_body() {
    let (mut home, mut other, moderator, said) = moderated();
    // The owner has not seen it: it is beyond the ban's cut.
    let ban = Command::Ban { guild: home.guild, user: moderator, reason: String::new(), delete_s: 0 };
    home.node.command(home.owner, ban).unwrap();
    home.node.now_ms += 2_000;
    home.node.take_all_of(&other);
    assert_eq!(home.node.texts(&home.channel), ["buy this"]);
    other.now_ms += 1_000;
    other.take_all_of(&home.node);
    assert_eq!(other.texts(&home.channel), ["buy this"]);
    other.now_ms += 31 * DAY_MS;
    other.tick();
    assert!(has_body(&other, &said), "it stands again: nothing is due of it");
    assert!(other.store.erasures(None, 9).unwrap().is_empty());
}

#[test]
fn an_older_copy_of_a_store_erases_again_and_gives_nobody_the_text_back() {
    let mut home = Home::new(1);
    let (mut guest, _) = home.guest(2, "Bea");
    let said = home.node.say(home.owner, home.channel, "never mind").id;
    guest.take_all_of(&home.node);
    let copy = guest.store.clone();
    home.node.now_ms += 1_000;
    home.node.command(home.owner, delete(home.channel, said)).unwrap();
    guest.take_all_of(&home.node);
    assert!(!has_body(&guest, &said));

    guest.store = copy;
    guest.restart();
    assert!(has_body(&guest, &said));
    home.node.take_all_of(&guest);
    assert!(!has_body(&home.node, &said), "what was taken away is not taken back");
    guest.take_all_of(&home.node);
    assert!(!has_body(&guest, &said), "and goes again where the word comes");
    assert!(guest.texts(&home.channel).is_empty());
    assert_eq!(guest.timeline(&home.channel), home.node.timeline(&home.channel));
}
