//! How fast one may write.

use crate::node::{Home, send};
use nexus_core::{ChannelPatch, Command, Refusal, Reply};
use nexus_crdt::body::governance::{ChannelFields, RateClass};
use nexus_crdt::permissions::Permissions;

#[test]
fn beyond_the_quota_of_a_person_one_is_asked_to_wait_and_then_goes_on() {
    let mut home = Home::new(1);
    for number in 0..30 {
        home.node.say(home.owner, home.channel, &format!("{number}"));
    }
    let refused = home.node.command(home.owner, send(home.channel, "too fast"));
    let Err(Refusal::Later { retry_ms }) = refused else { panic!("{refused:?}") };
    assert!((1..=10_001).contains(&retry_ms));
    home.node.now_ms += retry_ms;
    home.node.say(home.owner, home.channel, "in time");
    assert_eq!(home.node.texts(&home.channel).len(), 31);
}

#[test]
fn a_bot_writes_faster_than_a_person_and_bulk_without_a_quota() {
    let mut home = Home::new(1);
    let (bot, importer) = (home.bot("Echo"), home.bot("Importer"));
    let bulk = home.role("bulk", Permissions::NONE, RateClass::Bulk);
    home.give(importer, bulk);
    for number in 0..300 {
        home.node.say(bot, home.channel, &format!("{number}"));
        home.node.say(importer, home.channel, &format!("{number}"));
    }
    let refused = home.node.command(bot, send(home.channel, "too fast"));
    assert!(matches!(refused, Err(Refusal::Later { .. })), "{refused:?}");
    home.node.say(importer, home.channel, "and on");
}

#[test]
fn only_bulk_says_when_a_message_was_first_written() {
    let mut home = Home::new(1);
    let importer = home.bot("Importer");
    let mut old = crate::node::draft(home.channel, "from 2004");
    old.shown_at = Some(1_090_000_000_000);
    let send = Command::SendMessage(old);
    assert!(matches!(
        home.node.command(importer, send.clone()),
        Err(Refusal::Invalid { field: "shown_at", .. })
    ));
    let bulk = home.role("bulk", Permissions::NONE, RateClass::Bulk);
    home.give(importer, bulk);
    let Ok(Reply::Message(message)) = home.node.command(importer, send) else { panic!("not sent") };
    assert_eq!(message.body.shown_at, Some(1_090_000_000_000));
}

#[test]
fn slow_mode_holds_members_back_and_not_moderators() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let fields = ChannelFields { slowmode_s: Some(60), ..ChannelFields::default() };
    let patch = ChannelPatch { fields, overwrites: None };
    home.node.command(home.owner, Command::EditChannel { channel: home.channel, patch }).unwrap();
    let first = home.node.say(bot, home.channel, "one");
    let react = Command::React { channel: home.channel, message: first.id, emoji: String::from("🐢") };
    home.node.command(bot, react).unwrap();
    home.node.now_ms += 20_000;
    let refused = home.node.command(bot, send(home.channel, "two"));
    let Err(Refusal::SlowMode { retry_ms }) = refused else { panic!("{refused:?}") };
    assert!((39_000..=41_000).contains(&retry_ms), "{retry_ms}");
    home.node.say(home.owner, home.channel, "owners are exempt");
    home.node.say(home.owner, home.channel, "always");
    home.node.now_ms += retry_ms;
    home.node.say(bot, home.channel, "two");
}

#[test]
fn the_branches_of_a_forked_log_share_one_quota_whatever_their_order_of_arrival() {
    let mut home = Home::new(1);
    let (mut guest, user) = home.guest(2, "Bea");
    let backup = guest.store.clone();
    let mut branches = Vec::new();
    for branch in 0..4 {
        guest.store = backup.clone();
        guest.restart();
        guest.now_ms += 10;
        for number in 0..20 {
            guest.say(user, home.channel, &format!("branch {branch} number {number}"));
        }
        branches.push(guest.everything());
    }
    let mut other = Home::new(3).node;
    other.take_all_of(&home.node);
    for (ops, frontiers) in &branches {
        home.node.deliver(ops.clone(), frontiers.clone());
    }
    for (ops, frontiers) in branches.iter().rev() {
        other.deliver(ops.clone(), frontiers.clone());
    }
    assert_eq!(home.node.texts(&home.channel).len(), 30, "the quota of one person");
    assert_eq!(home.node.texts(&home.channel), other.texts(&home.channel));
    assert_eq!(home.node.timeline(&home.channel), other.timeline(&home.channel));
    home.node.restart();
    home.node.now_ms += 60_000;
    guest.now_ms = home.node.now_ms;
    guest.say(user, home.channel, "later");
    home.node.take_all_of(&guest);
    assert_eq!(home.node.texts(&home.channel).len(), 31, "and the log goes on");
}
