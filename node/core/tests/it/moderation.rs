//! Timeouts, voices taken and given back, and reasons.

use crate::node::{Home, Node, send};
use nexus_core::{Change, Command, MemberPatch, Refusal, Reply, Store};
use nexus_crdt::body::governance::{RateClass, Reason};
use nexus_crdt::id::{StreamId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::permissions::Permissions;

const MINUTE_MS: u64 = 60_000;

fn pause(home: &Home, user: UserId, ms: u64) -> Command {
    let until = (ms > 0).then(|| home.node.now_ms + ms);
    let patch = MemberPatch { paused_until_ms: Some(until), ..MemberPatch::default() };
    Command::EditMember { guild: home.guild, user, patch }
}

#[test]
fn who_is_kept_from_writing_reads_and_takes_back_and_writes_again_when_it_is_over() {
    let mut home = Home::new(1);
    let bot = home.bot("Spammer");
    let said = home.node.say(bot, home.channel, "buy this");
    let command = pause(&home, bot, MINUTE_MS);
    home.node.command(Some(home.owner), command.clone()).unwrap();
    assert!(home.node.changes.contains(&Change::MemberUpdated { space: home.guild, user: bot }));
    assert_eq!(home.node.command(Some(home.owner), command), Ok(Reply::Done), "said twice is written once");
    assert_eq!(home.node.command(Some(bot), send(home.channel, "now")), Err(Refusal::MissingPermissions));
    let react = Command::React { channel: home.channel, message: said.id, emoji: String::from("👍") };
    assert_eq!(home.node.command(Some(bot), react), Err(Refusal::MissingPermissions));
    let delete = Command::DeleteMessages { channel: home.channel, messages: vec![said.id] };
    home.node.command(Some(bot), delete).unwrap();
    home.node.restart();
    assert_eq!(home.node.command(Some(bot), send(home.channel, "now")), Err(Refusal::MissingPermissions));
    home.node.now_ms += MINUTE_MS + 1;
    home.node.command(Some(bot), send(home.channel, "sorry")).unwrap();

    let again = pause(&home, bot, MINUTE_MS);
    home.node.command(Some(home.owner), again).unwrap();
    assert!(home.node.command(Some(bot), send(home.channel, "no")).is_err());
    let over = pause(&home, bot, 0);
    home.node.command(Some(home.owner), over).unwrap();
    home.node.command(Some(bot), send(home.channel, "thanks")).unwrap();
    assert_eq!(home.node.texts(&home.channel), ["sorry", "thanks"]);
}

#[test]
fn whose_voice_was_taken_lacks_it_after_a_restart_and_as_a_new_member_until_it_is_given_back() {
    let mut home = Home::new(1);
    let loud = home.bot("Loud");
    let say = |home: &Home, muted, deafened| {
        let patch = MemberPatch { muted, deafened, ..MemberPatch::default() };
        Command::EditMember { guild: home.guild, user: loud, patch }
    };
    let told = Change::Silenced { space: home.guild, user: loud };
    let command = say(&home, Some(true), None);
    assert_eq!(home.node.command(Some(loud), command.clone()), Err(Refusal::MissingPermissions));
    home.node.command(Some(home.owner), command.clone()).unwrap();
    assert!(home.node.changes.contains(&told));
    assert!(home.node.changes.contains(&Change::MemberUpdated { space: home.guild, user: loud }));
    home.node.changes.clear();
    home.node.command(Some(home.owner), command).unwrap();
    assert!(!home.node.changes.contains(&told), "said twice is written once");
    let deafens = say(&home, None, Some(true));
    home.node.command(Some(home.owner), deafens).unwrap();
    home.node.restart();
    let silenced = home.node.guild(&home.guild).silenced[&loud];
    assert!(silenced.muted && silenced.deafened);
    let back = say(&home, Some(false), Some(false));
    home.node.command(Some(home.owner), back).unwrap();
    assert!(!home.node.guild(&home.guild).silenced.contains_key(&loud));
}

#[test]
fn nobody_is_kept_from_writing_by_an_equal_nor_for_longer_than_28_days() {
    let mut home = Home::new(1);
    let role = home.role("mods", Permissions::MODERATE_MEMBERS, RateClass::Person);
    let bot = home.bot("Mod");
    home.give(bot, role);
    let other = home.bot("Other");
    home.give(other, role);
    let guest = home.bot("Guest");
    for (who, granted) in [(guest, true), (other, false), (home.owner, false)] {
        let command = pause(&home, who, MINUTE_MS);
        let answer = home.node.command(Some(bot), command);
        assert_eq!(answer.is_ok(), granted, "{answer:?}");
    }
    let command = pause(&home, other, MINUTE_MS);
    assert_eq!(home.node.command(Some(guest), command), Err(Refusal::MissingPermissions));
    let command = pause(&home, other, 29 * 86_400_000);
    assert!(matches!(home.node.command(Some(home.owner), command), Err(Refusal::Invalid { .. })));
    // Who is kept from writing governs nothing either.
    let command = pause(&home, bot, MINUTE_MS);
    home.node.command(Some(home.owner), command).unwrap();
    let command = pause(&home, guest, 0);
    assert_eq!(home.node.command(Some(bot), command), Err(Refusal::MissingPermissions));
}

#[test]
fn what_is_written_in_a_timeout_is_void_everywhere_and_no_later_word_brings_it_back() {
    let mut home = Home::new(1);
    let (mut away, eve) = home.guest(2, "Eve");
    let command = pause(&home, eve, MINUTE_MS);
    home.node.now_ms += 1;
    home.node.command(Some(home.owner), command).unwrap();
    away.now_ms = home.node.now_ms + 1;
    away.say(eve, home.channel, "I know nothing of it");
    home.node.now_ms = away.now_ms + 1;
    // A second timeout in place of the first, before anybody has heard of what was written in the first.
    let longer = pause(&home, eve, 2 * MINUTE_MS);
    home.node.command(Some(home.owner), longer).unwrap();
    home.node.take_all_of(&away);
    away.take_all_of(&home.node);
    let told = |change: &Change| matches!(change, Change::MessageVoided { author, .. } if *author == eve);
    assert!(away.changes.iter().any(told));
    let over = pause(&home, eve, 0);
    home.node.now_ms += 1_000;
    home.node.command(Some(home.owner), over).unwrap();
    away.take_all_of(&home.node);
    let mut late = Node::new(9);
    late.now_ms = home.node.now_ms;
    late.take_all_of(&home.node);
    for node in [&home.node, &away, &late] {
        assert!(node.texts(&home.channel).is_empty(), "it was written in the first");
        assert_eq!(node.core.state_hash(&home.guild), home.node.core.state_hash(&home.guild));
    }
    away.now_ms = home.node.now_ms + 1;
    away.say(eve, home.channel, "thanks");
    home.node.take_all_of(&away);
    assert_eq!(home.node.texts(&home.channel), ["thanks"]);
}

#[test]
fn no_timeout_holds_an_administrator_back() {
    let mut home = Home::new(1);
    let (mut away, eve) = home.guest(2, "Eve");
    let role = home.role("admins", Permissions::ADMINISTRATOR, RateClass::Person);
    let command = pause(&home, eve, MINUTE_MS);
    home.node.command(Some(home.owner), command.clone()).unwrap();
    away.take_all_of(&home.node);
    away.now_ms = home.node.now_ms;
    let nick = MemberPatch { nick: Some(String::from("E")), ..MemberPatch::default() };
    let rename = Command::EditMember { guild: home.guild, user: eve, patch: nick };
    assert_eq!(away.command(Some(eve), rename), Err(Refusal::MissingPermissions));
    home.give(eve, role);
    away.take_all_of(&home.node);
    away.say(eve, home.channel, "I look after things");
    let over = pause(&home, eve, 0);
    home.node.command(Some(home.owner), over).unwrap();
    assert_eq!(home.node.command(Some(home.owner), command), Err(Refusal::MissingPermissions));
}

#[test]
fn an_edit_of_a_member_is_done_whole_or_not_at_all() {
    let mut home = Home::new(1);
    let bot = home.bot("Loud");
    let until = Some(home.node.now_ms + 29 * 86_400_000);
    let patch = MemberPatch {
        nick: Some(String::from("Quiet")),
        paused_until_ms: Some(until),
        ..MemberPatch::default()
    };
    let command = Command::EditMember { guild: home.guild, user: bot, patch };
    assert!(matches!(home.node.command(Some(home.owner), command), Err(Refusal::Invalid { .. })));
    assert_eq!(home.node.guild(&home.guild).members[&bot].nick, None);
}

#[test]
fn who_has_been_silent_is_counted_and_kicked_and_whoever_spoke_or_has_a_role_stays() {
    const DAY_MS: u64 = 86_400_000;
    let mut home = Home::new(1);
    let (_, silent) = home.guest(2, "Silent");
    let (mut talks, speaks) = home.guest(3, "Speaks");
    let (_, honoured) = home.guest(4, "Honoured");
    let role = home.role("honoured", Permissions::NONE, RateClass::Person);
    home.give(honoured, role);
    home.node.now_ms += 8 * DAY_MS;
    talks.take_all_of(&home.node);
    talks.now_ms = home.node.now_ms;
    talks.say(speaks, home.channel, "still here");
    home.node.take_all_of(&talks);
    let prune = |count_only, roles| Command::Prune {
        guild: home.guild,
        silent_ms: 7 * DAY_MS,
        roles,
        count_only,
        reason: String::from("silent"),
    };
    let (count, all, kick) = (prune(true, vec![]), prune(true, vec![role]), prune(false, vec![]));
    assert_eq!(talks.command(Some(speaks), count.clone()), Err(Refusal::MissingPermissions));
    assert_eq!(home.node.command(Some(home.owner), count), Ok(Reply::Count(1)));
    assert_eq!(home.node.command(Some(home.owner), all), Ok(Reply::Count(2)));
    assert_eq!(home.node.command(Some(home.owner), kick.clone()), Ok(Reply::Count(1)));
    let members = &home.node.guild(&home.guild).members;
    let stays = [silent, speaks, honoured].map(|user| members.contains_key(&user));
    assert_eq!(stays, [false, true, true]);
    assert_eq!(home.node.command(Some(home.owner), kick), Ok(Reply::Count(0)));
}

#[test]
fn a_reason_follows_what_it_is_for_and_a_ban_keeps_its_own() {
    let mut home = Home::new(1);
    let bot = home.bot("Spammer");
    let because =
        |command| Command::Because { reason: String::from("tidying up"), command: Box::new(command) };
    let (owner, guild) = (home.owner, home.guild);
    home.node.command(Some(owner), because(Command::DeleteChannel { channel: home.channel })).unwrap();
    let ban = Command::Ban { guild, user: bot, reason: String::from("spam"), delete_s: 0 };
    home.node.command(Some(owner), because(ban)).unwrap();
    let ops = home.node.store.stream_ops(&guild, &StreamId::GOVERNANCE).unwrap();
    let last: Vec<_> = ops[ops.len() - 3..].iter().map(|stored| stored.op.kind().unwrap()).collect();
    assert_eq!(last, [Kind::ChannelDelete, Kind::Reason, Kind::Ban]);
    let reason: Reason = ops[ops.len() - 2].op.read_body().unwrap();
    assert_eq!(reason, Reason { of: ops[ops.len() - 3].op.id, text: String::from("tidying up") });
    let long =
        Command::Because { reason: "x".repeat(513), command: Box::new(Command::Unban { guild, user: bot }) };
    assert!(matches!(home.node.command(Some(owner), long), Err(Refusal::Invalid { field: "reason", .. })));
}
