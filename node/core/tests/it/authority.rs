//! What the rule of authority means on nodes that meet late: order of roles, locks, ended devices, owners, checkpoints.

use crate::node::{Home, Node, send};
use nexus_core::{Change, Command, Refusal, Store};
use nexus_crdt::body::governance::RateClass;
use nexus_crdt::id::{RoleId, UserId};
use nexus_crdt::permissions::Permissions;
use nexus_crdt::verdict::{Verdict, VoidReason};

const DAY_MS: u64 = 24 * 3_600_000;

/// A guest with a role of these permissions; both nodes know it.
fn officer(home: &mut Home, seed: u8, permissions: Permissions) -> (Node, UserId, RoleId) {
    let (mut guest, user) = home.guest(seed, "Ben");
    let role = home.role("officer", permissions, RateClass::Person);
    home.give(user, role);
    guest.take_all_of(&home.node);
    (guest, user, role)
}

fn in_order(node: &Node, home: &Home) -> Vec<String> {
    let mut roles: Vec<_> = node.guild(&home.guild).roles.values().collect();
    roles.sort_by_key(|role| (role.rank, role.id));
    roles.into_iter().skip(1).map(|role| role.name.clone()).collect()
}

fn meet(one: &mut Node, other: &mut Node) {
    one.take_all_of(other);
    other.take_all_of(one);
    one.take_all_of(other);
}

#[test]
fn roles_go_where_they_are_put_and_nobody_puts_one_at_their_own_height() {
    let mut home = Home::new(1);
    let (mut guest, ben, _) = officer(&mut home, 2, Permissions::MANAGE_ROLES);
    let [low, lower, lowest] =
        ["low", "lower", "lowest"].map(|name| home.role(name, Permissions::NONE, RateClass::Person));
    guest.take_all_of(&home.node);
    assert_eq!(in_order(&guest, &home), ["lowest", "lower", "low", "officer"]);
    let guild = home.guild;
    let moves = |positions: Vec<(RoleId, u32)>| Command::MoveRoles { guild, positions };
    guest.command(ben, moves(vec![(lowest, 3), (low, 1)])).unwrap();
    assert_eq!(in_order(&guest, &home), ["low", "lower", "lowest", "officer"]);
    assert_eq!(guest.command(ben, moves(vec![(low, 4)])), Err(Refusal::MissingPermissions));
    home.node.take_all_of(&guest);
    for _ in 0..100 {
        home.node.command(home.owner, moves(vec![(lower, 1)])).unwrap();
        home.node.command(home.owner, moves(vec![(low, 1)])).unwrap();
    }
    assert_eq!(in_order(&home.node, &home), ["low", "lower", "lowest", "officer"], "room never ends");
    guest.take_all_of(&home.node);
    assert_eq!(guest.core.state_hash(&guild), home.node.core.state_hash(&guild));
}

#[test]
fn a_locked_channel_takes_nothing_from_who_may_not_manage_it_seen_or_not() {
    let mut home = Home::new(1);
    let (mut guest, ben) = home.guest(2, "Ben");
    guest.say(ben, home.channel, "before");
    home.node.take_all_of(&guest);
    home.node.now_ms += 1_000;
    guest.now_ms += 5_000;
    let lock = Command::LockChannel { channel: home.channel, locked: true };
    assert_eq!(guest.command(ben, lock.clone()), Err(Refusal::MissingPermissions));
    home.node.command(home.owner, lock).unwrap();
    let unseen = guest.say(ben, home.channel, "unseen");
    home.node.now_ms += 10_000;
    home.node.say(home.owner, home.channel, "quiet please");
    meet(&mut home.node, &mut guest);
    for node in [&home.node, &guest] {
        assert_eq!(node.texts(&home.channel), ["before", "quiet please"]);
    }
    let told = guest.changes.iter().any(|change| {
        matches!(change, Change::MessageVoided { api_id, reason: VoidReason::Locked, .. } if *api_id == unseen.api_id)
    });
    assert!(told, "the author is told why");
    assert!(guest.command(ben, send(home.channel, "let me")).is_err());
    home.node.command(home.owner, Command::LockChannel { channel: home.channel, locked: false }).unwrap();
    guest.take_all_of(&home.node);
    guest.now_ms += 60_000;
    guest.say(ben, home.channel, "after");
    meet(&mut home.node, &mut guest);
    assert_eq!(home.node.texts(&home.channel), ["before", "quiet please", "after"]);
    assert_eq!(home.node.timeline(&home.channel), guest.timeline(&home.channel));
}

/// Found by a simulation: the channel went with its lock, came back without one, and what the lock had shut out stayed out here alone.
#[test]
fn what_a_lock_shut_out_counts_again_though_the_channel_was_gone_when_the_lock_was_voided() {
    let mut home = Home::new(1);
    let (mut guest, ben) = home.guest(2, "Ben");
    let (mut officer, cem) = home.guest(3, "Cem");
    let (mut other, dan) = home.guest(4, "Dan");
    let role = home.role(
        "keeper",
        Permissions::MANAGE_CHANNELS.with(Permissions::MANAGE_MESSAGES),
        RateClass::Person,
    );
    home.give(cem, role);
    let owners = Command::SetOwners { guild: home.guild, owners: vec![home.owner, dan], threshold: 1 };
    home.node.command(home.owner, owners).unwrap();
    for node in [&mut guest, &mut officer, &mut other] {
        node.take_all_of(&home.node);
    }
    officer.command(cem, Command::LockChannel { channel: home.channel, locked: true }).unwrap();
    guest.now_ms += 5_000;
    guest.say(ben, home.channel, "unseen");
    home.node.take_all_of(&officer);
    home.node.take_all_of(&guest);
    assert_eq!(home.node.texts(&home.channel), [""; 0], "the lock shuts it out");
    officer.command(cem, Command::DeleteChannel { channel: home.channel }).unwrap();
    home.node.take_all_of(&officer);
    assert!(!home.node.guild(&home.guild).channels.contains_key(&home.channel));
    let kick = Command::Kick { guild: home.guild, user: cem, reason: String::new() };
    other.command(dan, kick).unwrap();
    for node in [&mut home.node, &mut guest] {
        node.take_all_of(&other);
    }
    guest.take_all_of(&home.node);
    for node in [&home.node, &guest] {
        assert_eq!(node.texts(&home.channel), ["unseen"], "neither the lock nor the deletion counts");
    }
}

#[test]
fn a_lost_phone_writes_nothing_more_and_a_tighter_cut_takes_what_it_wrote() {
    let mut home = Home::new(1);
    let (mut guest, ben) = home.guest(2, "Ben");
    guest.say(ben, home.channel, "mine");
    home.node.take_all_of(&guest);
    let device = *home.node.core.view().users[&ben].devices.first().unwrap();
    let revoke =
        |user, device| Command::RevokeDevice { guild: home.guild, user, device, reason: String::new() };
    assert!(matches!(guest.command(ben, revoke(ben, device)), Err(Refusal::Invalid { .. })));
    let owners = *home.node.core.view().users[&home.owner].devices.first().unwrap();
    assert_eq!(guest.command(ben, revoke(home.owner, owners)), Err(Refusal::MissingPermissions));
    home.node.command(home.owner, revoke(ben, device)).unwrap();
    guest.now_ms += 1_000;
    let stolen = guest.say(ben, home.channel, "the thief's");
    meet(&mut home.node, &mut guest);
    assert_eq!(home.node.texts(&home.channel), ["mine"]);
    let row = home.node.store.message(&home.channel.stream(), &stolen.id).unwrap().unwrap();
    assert_eq!(Verdict::from_byte(row.verdict), Verdict::Void(VoidReason::BeyondCut));
    assert!(guest.command(ben, send(home.channel, "again")).is_err());
    let reason = String::from("gone");
    home.node.command(home.owner, Command::Kick { guild: home.guild, user: ben, reason }).unwrap();
    let tighten = Command::TightenCut { guild: home.guild, user: ben, keep_until_ms: 0 };
    home.node.command(home.owner, tighten).unwrap();
    assert!(home.node.texts(&home.channel).is_empty());
    guest.take_all_of(&home.node);
    assert_eq!(home.node.timeline(&home.channel), guest.timeline(&home.channel));
}

#[test]
fn two_owners_who_decide_together_need_both_words() {
    let mut home = Home::new(1);
    let (mut guest, ben) = home.guest(2, "Ben");
    let guild = home.guild;
    let both = |threshold| Command::SetOwners { guild, owners: vec![home.owner, ben], threshold };
    assert_eq!(guest.command(ben, both(1)), Err(Refusal::MissingPermissions));
    home.node.command(home.owner, both(2)).unwrap();
    meet(&mut home.node, &mut guest);
    assert!(guest.guild(&guild).is_owner(&ben));
    let alone = Command::SetOwners { guild, owners: vec![ben], threshold: 1 };
    guest.command(ben, alone.clone()).unwrap();
    assert!(guest.guild(&guild).is_owner(&home.owner), "one word is no quorum");
    assert_eq!(guest.guild(&guild).votes.len(), 1);
    meet(&mut home.node, &mut guest);
    home.node.command(home.owner, alone).unwrap();
    meet(&mut home.node, &mut guest);
    for node in [&home.node, &guest] {
        assert_eq!(node.guild(&guild).ownership.owners, [ben]);
        assert!(node.guild(&guild).members.contains_key(&home.owner), "no owner, and still a member");
    }
    assert_eq!(guest.core.state_hash(&guild), home.node.core.state_hash(&guild));
}

#[test]
fn other_rules_hold_after_their_barrier_and_the_old_ones_before() {
    let mut home = Home::new(1);
    let (mut guest, ben) = home.guest(2, "Ben");
    let guild = home.guild;
    let rules = |rules_version| Command::SetRules { guild, rules_version };
    let owners = |threshold| Command::SetOwners { guild, owners: vec![home.owner, ben], threshold };
    assert_eq!(guest.command(ben, rules(2)), Err(Refusal::MissingPermissions));
    home.node.command(home.owner, owners(1)).unwrap();
    meet(&mut home.node, &mut guest);
    // Ben has not heard of the other rules: what he says is said under the old ones.
    home.node.command(home.owner, rules(2)).unwrap();
    let edit =
        nexus_crdt::body::governance::GuildEdit { name: Some(String::from("Ours")), ..Default::default() };
    guest.command(ben, Command::EditGuild { guild, edit }).unwrap();
    meet(&mut home.node, &mut guest);
    for node in [&mut home.node, &mut guest] {
        assert_eq!((node.guild(&guild).rules_version, node.guild(&guild).ownership.threshold), (2, 1));
        assert_eq!(node.guild(&guild).settings.name, "Ours", "an owner's word is not stale");
    }
    assert!(matches!(guest.command(ben, owners(1)), Ok(nexus_core::Reply::Done)), "it is so already");
    guest.command(ben, owners(2)).unwrap();
    meet(&mut home.node, &mut guest);
    let half = home.node.command(home.owner, owners(1));
    assert!(matches!(half, Err(Refusal::Invalid { field: "threshold", .. })), "{half:?}");
    for refused in [1, nexus_crdt::guild::RULES_VERSION + 1] {
        let answer = home.node.command(home.owner, rules(refused));
        assert!(matches!(answer, Err(Refusal::Invalid { field: "rules_version", .. })), "{answer:?}");
    }
    home.node.restart();
    assert_eq!(guest.core.state_hash(&guild), home.node.core.state_hash(&guild));
}

#[test]
fn an_owners_node_seals_governance_once_a_day_and_after_256_acts() {
    let mut home = Home::new(1);
    let height = |home: &Home| home.node.guild(&home.guild).height;
    home.node.tick();
    assert_eq!(height(&home), 0);
    home.node.now_ms += DAY_MS;
    home.node.tick();
    assert_eq!(height(&home), 1);
    home.node.now_ms += DAY_MS;
    home.node.tick();
    assert_eq!(height(&home), 1, "nothing came since");
    for n in 0..256 {
        let edit =
            nexus_crdt::body::governance::GuildEdit { name: Some(n.to_string()), ..Default::default() };
        home.node.command(home.owner, Command::EditGuild { guild: home.guild, edit }).unwrap();
    }
    home.node.tick();
    assert_eq!(height(&home), 2);
    let hash = home.node.core.state_hash(&home.guild);
    home.node.restart();
    assert_eq!(home.node.core.state_hash(&home.guild), hash);
}

#[test]
fn what_a_checkpoint_left_behind_is_said_again_without_a_word_and_once() {
    let mut home = Home::new(1);
    let (mut guest, ben, _) = officer(&mut home, 2, Permissions::BAN_MEMBERS.with(Permissions::MANAGE_GUILD));
    let (mut other, cat) = home.guest(3, "Cat");
    meet(&mut home.node, &mut guest);
    hand_over(&mut home);
    home.node.now_ms += DAY_MS;
    home.node.tick();
    assert_eq!(home.node.guild(&home.guild).height, 1);
    // Ben has not seen it.
    (guest.now_ms, other.now_ms) = (home.node.now_ms, home.node.now_ms);
    guest.take_all_of(&other);
    let ban = Command::Ban { guild: home.guild, user: cat, reason: String::from("spam"), delete_s: 0 };
    guest.command(ben, ban).unwrap();
    guest.changes.clear();
    meet(&mut home.node, &mut guest);
    assert!(home.node.guild(&home.guild).is_banned(&cat), "the ban stands on every node");
    assert!(!guest.changes.iter().any(|change| matches!(change, Change::ActVoided { .. })));
    let bans = |node: &Node| node.guild(&home.guild).removals.get(&cat).map_or(0, |removals| removals.len());
    guest.restart();
    meet(&mut home.node, &mut guest);
    assert_eq!((bans(&home.node), bans(&guest)), (1, 1), "said again once");
    other.take_all_of(&home.node);
    assert_eq!(other.core.state_hash(&home.guild), home.node.core.state_hash(&home.guild));
}

// Of 9,000 bots that four programs let in at once, eight were out when somebody counted.
#[test]
fn who_was_let_in_beside_a_checkpoint_is_in_again_with_the_next() {
    let mut home = Home::new(1);
    let (mut guest, ben, _) = officer(&mut home, 2, Permissions::ADMINISTRATOR);
    meet(&mut home.node, &mut guest);
    hand_over(&mut home);
    home.node.now_ms += DAY_MS;
    home.node.tick();
    // Ben has not seen it.
    guest.now_ms = home.node.now_ms;
    let bot = guest.bot(ben, home.guild, "Echo");
    meet(&mut home.node, &mut guest);
    let is_in = |node: &Node| node.guild(&home.guild).members.contains_key(&bot);
    assert_eq!(
        (is_in(&home.node), is_in(&guest)),
        (false, false),
        "its invite waits for the next checkpoint"
    );
    home.node.now_ms += 10 * 60_000;
    guest.now_ms = home.node.now_ms;
    hand_over(&mut home);
    home.node.tick();
    meet(&mut home.node, &mut guest);
    let is_in = |node: &Node| node.guild(&home.guild).members.contains_key(&bot);
    assert_eq!((is_in(&home.node), is_in(&guest)), (true, true));
}

#[test]
fn an_act_that_came_to_nothing_is_explained_to_its_author_alone() {
    let mut home = Home::new(1);
    let (mut guest, ben, _) = officer(&mut home, 2, Permissions::MANAGE_GUILD);
    let reason = String::from("enough");
    home.node.command(home.owner, Command::Kick { guild: home.guild, user: ben, reason }).unwrap();
    let edit = nexus_crdt::body::governance::GuildEdit { name: Some("Ben's".into()), ..Default::default() };
    guest.command(ben, Command::EditGuild { guild: home.guild, edit }).unwrap();
    home.node.changes.clear();
    meet(&mut home.node, &mut guest);
    let told = |node: &Node| {
        let reasons = node.changes.iter().filter_map(|change| match change {
            Change::ActVoided { author, reason, .. } => Some((*author, *reason)),
            _ => None,
        });
        reasons.collect::<Vec<_>>()
    };
    assert_eq!(told(&guest), [(ben, VoidReason::Removed)]);
    assert_eq!(told(&home.node), []);
    assert_eq!(home.node.guild(&home.guild).settings.name, "Home");
}

/// As if a relay had taken everything.
fn hand_over(home: &mut Home) {
    let upto = home.node.store.last_arrival(&home.guild).unwrap();
    home.node.handle(nexus_core::Input::HandedOver { space: home.guild, upto });
}
