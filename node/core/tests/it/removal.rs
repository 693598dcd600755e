//! Kicks and bans, and what they do to what was written.

use crate::node::{Home, send};
use nexus_core::{Change, Command, Refusal, Store};
use nexus_crdt::verdict::{Verdict, VoidReason};

fn ban(home: &Home, user: nexus_crdt::id::UserId, delete_s: u32) -> Command {
    Command::Ban { guild: home.guild, user, reason: String::from("spam"), delete_s }
}

#[test]
fn a_ban_hides_what_is_beyond_its_cut_and_an_unban_shows_it_again() {
    let mut home = Home::new(1);
    let (mut guest, user) = home.guest(2, "Bea");
    guest.say(user, home.channel, "seen");
    home.node.take_all_of(&guest);
    let command = ban(&home, user, 0);
    home.node.command(home.owner, command).unwrap();
    // Written without having seen the ban: it is beyond the cut.
    guest.now_ms += 1_000;
    let unseen = guest.say(user, home.channel, "unseen");
    home.node.take_all_of(&guest);
    assert_eq!(home.node.texts(&home.channel), ["seen"]);
    guest.changes.clear();
    guest.take_all_of(&home.node);
    assert_eq!(guest.texts(&home.channel), ["seen"], "on the banned one's own node too");
    let told = guest
        .changes
        .iter()
        .any(|change| matches!(change, Change::MessageDeleted { id, .. } if *id == unseen.id));
    assert!(told);
    let row = guest.store.message(&home.channel.stream(), &unseen.id).unwrap().unwrap();
    assert_eq!(Verdict::from_byte(row.verdict), Verdict::Void(VoidReason::BeyondCut), "and told why");
    assert_eq!(guest.timeline(&home.channel), home.node.timeline(&home.channel));
    assert_eq!(guest.command(user, send(home.channel, "let me in")), Err(Refusal::MissingAccess));

    home.node.changes.clear();
    home.node.command(home.owner, Command::Unban { guild: home.guild, user }).unwrap();
    assert!(home.node.changes.contains(&Change::BanRemoved { space: home.guild, user }));
    assert_eq!(home.node.texts(&home.channel), ["seen", "unseen"]);
    guest.take_all_of(&home.node);
    assert_eq!(guest.texts(&home.channel), ["seen", "unseen"]);
    assert_eq!(guest.timeline(&home.channel), home.node.timeline(&home.channel));
    assert_eq!(guest.core.state_hash(&home.guild), home.node.core.state_hash(&home.guild));
}

#[test]
fn a_ban_that_deletes_takes_the_last_seconds_away() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    home.node.say(bot, home.channel, "long ago");
    home.node.now_ms += 3_600_000;
    home.node.say(bot, home.channel, "spam");
    home.node.say(bot, home.channel, "more spam");
    home.node.say(home.owner, home.channel, "stop it");
    let command = ban(&home, bot, 600);
    home.node.changes.clear();
    home.node.command(home.owner, command).unwrap();
    assert_eq!(home.node.texts(&home.channel), ["long ago", "stop it"]);
    let deleted = home.node.changes.iter().filter_map(|change| match change {
        Change::MessagesDeleted { messages, .. } => Some(messages.len()),
        _ => None,
    });
    assert_eq!(deleted.collect::<Vec<_>>(), [2]);
    assert!(home.node.changes.contains(&Change::BanAdded { space: home.guild, user: bot }));
    assert_eq!(home.node.command(bot, send(home.channel, "hey")), Err(Refusal::MissingAccess));
}

#[test]
fn a_ban_that_deletes_everything_keeps_nothing() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    home.node.say(bot, home.channel, "spam");
    let command = ban(&home, bot, 600);
    home.node.command(home.owner, command).unwrap();
    assert!(home.node.texts(&home.channel).is_empty());
}

#[test]
fn somebody_kicked_comes_back_without_their_roles_and_what_they_wrote_stays() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let role = home.role(
        "mods",
        nexus_crdt::permissions::Permissions::KICK_MEMBERS,
        nexus_crdt::body::governance::RateClass::Person,
    );
    home.give(bot, role);
    home.node.say(bot, home.channel, "before");
    let kick = Command::Kick { guild: home.guild, user: bot, reason: String::new() };
    home.node.command(home.owner, kick).unwrap();
    assert!(!home.node.guild(&home.guild).members.contains_key(&bot));
    assert_eq!(home.node.texts(&home.channel), ["before"]);
    let install = nexus_core::BotInstall { guild: home.guild, application: bot, permissions: None };
    home.node.command(home.owner, Command::InstallBot(install)).unwrap();
    assert_eq!(home.node.guild(&home.guild).roles_of(&bot).count(), 0);
    home.node.say(bot, home.channel, "after");
    assert_eq!(home.node.texts(&home.channel), ["before", "after"]);
}

#[test]
fn a_member_cannot_remove_somebody_above_them() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let kick = Command::Kick { guild: home.guild, user: home.owner, reason: String::new() };
    assert_eq!(home.node.command(bot, kick), Err(Refusal::MissingPermissions));
}
