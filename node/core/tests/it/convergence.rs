//! Two holders of the same ops have the same state, whatever happened on the way.

use crate::node::{Home, Node, channel_draft};
use nexus_core::{ChannelPatch, Command, Input, Message, Secret, Store};
use nexus_crdt::body::content;
use nexus_crdt::body::governance::{ChannelFields, RateClass};
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, OpId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft};
use nexus_crdt::permissions::Permissions;
use nexus_crdt::verdict::{Verdict, VoidReason};
use nexus_crypto::SecretKey;

fn assert_same(home: &Home, other: &Node) {
    assert_eq!(home.node.core.state_hash(&home.guild), other.core.state_hash(&home.guild));
    assert_eq!(home.node.guild(&home.guild), other.guild(&home.guild));
    for channel in home.node.guild(&home.guild).channels.keys() {
        assert_eq!(home.node.timeline(channel), other.timeline(channel));
        assert_eq!(home.node.texts(channel), other.texts(channel));
    }
}

#[test]
fn two_people_who_worked_apart_agree_when_they_meet() {
    let mut home = Home::new(1);
    let mods = home.role("mods", Permissions::MANAGE_CHANNELS, RateClass::Person);
    let (mut guest, user) = home.guest(2, "Bea");
    home.give(user, mods);
    guest.take_all_of(&home.node);
    let rename = |name: &str| {
        let fields = ChannelFields { name: Some(name.to_owned()), ..ChannelFields::default() };
        let patch = ChannelPatch { fields, overwrites: None };
        Command::EditChannel { channel: home.channel, patch }
    };
    let (theirs, ours) = (rename("theirs"), rename("ours"));
    guest.command(user, theirs).unwrap();
    home.node.command(home.owner, ours).unwrap();
    guest.created(user, Command::CreateChannel { guild: home.guild, draft: channel_draft("side") });
    guest.say(user, home.channel, "apart");
    home.node.say(home.owner, home.channel, "alone");
    home.node.take_all_of(&guest);
    guest.take_all_of(&home.node);
    assert_same(&home, &guest);
    assert_eq!(home.node.guild(&home.guild).channels[&home.channel].name, "ours", "the higher word stands");
    home.node.restart();
    guest.restart();
    assert_same(&home, &guest);
}

#[test]
fn a_moderator_who_is_demoted_unseen_loses_what_they_did_unseen() {
    let mut home = Home::new(1);
    let mods = home.role("mods", Permissions::MANAGE_MESSAGES, RateClass::Person);
    let (mut guest, user) = home.guest(2, "Bea");
    home.give(user, mods);
    let message = home.node.say(home.owner, home.channel, "keep me");
    guest.take_all_of(&home.node);
    let kick = Command::Kick { guild: home.guild, user, reason: String::new() };
    home.node.command(home.owner, kick).unwrap();
    guest.now_ms += 1_000;
    let delete = Command::DeleteMessages { channel: home.channel, messages: vec![message.id] };
    guest.command(user, delete).unwrap();
    assert!(guest.texts(&home.channel).is_empty());
    home.node.take_all_of(&guest);
    guest.take_all_of(&home.node);
    assert_eq!(guest.texts(&home.channel), ["keep me"], "the void delete gives the message back");
    assert_same(&home, &guest);
}

#[test]
fn numbers_of_the_api_order_what_one_node_wrote_in_one_millisecond() {
    let mut home = Home::new(1);
    let sent: Vec<_> =
        (0..20).map(|n| home.node.say(home.owner, home.channel, &format!("{n}")).api_id).collect();
    assert!(sent.is_sorted());
    let rows = home.node.store.messages(&home.channel.stream(), sent[0], false, 50).unwrap();
    assert_eq!(rows.iter().map(|row| row.api_id).collect::<Vec<_>>(), sent);
    let channel: ChannelId = home.channel;
    assert_eq!(home.node.texts(&channel).len(), 20);
}

#[test]
fn a_member_who_makes_more_heads_than_an_op_may_cite_stops_nobody() {
    let mut home = Home::new(1);
    let (mut guest, user) = home.guest(2, "Bea");
    // The guest's node is restored from one backup again and again: each time it forks its own governance log.
    let backup = guest.store.clone();
    for number in 0..20 {
        guest.store = backup.clone();
        guest.restart();
        guest.now_ms += 1_000;
        guest.created(user, Command::CreateInvite { channel: home.channel, max_age_s: 100 + number });
        home.node.take_all_of(&guest);
    }
    home.node.now_ms += 30_000;
    for number in 0..3 {
        let draft = channel_draft(&format!("still here {number}"));
        home.node.created(home.owner, Command::CreateChannel { guild: home.guild, draft });
    }
    home.node.say(home.owner, home.channel, "and talking");
    guest.now_ms += 30_000;
    guest.take_all_of(&home.node);
    assert_same(&home, &guest);
    assert_eq!(guest.texts(&home.channel), ["and talking"]);
}

/// A message of somebody's as their own device would sign it, whatever it cites.
fn by_hand(node: &Node, user: UserId, channel: ChannelId, place: Option<OpId>, cites: &Message) -> Draft {
    let cited = node.store.op(&cites.id).unwrap().unwrap().op;
    let join = node.guild(&cited.space()).members[&user].tenure;
    let body = content::Message { text: RichText::plain("by hand"), ..content::Message::default() };
    Draft {
        space: cited.space(),
        stream: channel.stream(),
        tenure: join,
        seq: u64::from(place.is_some()),
        prev: place,
        hlc: Hlc::from_ms(node.now_ms + 60_000 + u64::from(place.is_some())),
        kind: Kind::Message,
        deps: cited.header.deps,
        target: None,
        body: op::open_body(&body),
    }
}

fn device_of(node: &Node, user: UserId) -> SecretKey {
    let mut secrets = node.store.secrets().unwrap().into_iter();
    let key = secrets.find_map(|secret| match secret {
        Secret::Device(whose, key) if whose == user => Some(key),
        _ => None,
    });
    key.expect("a device is here")
}

#[test]
fn what_cites_an_op_of_a_device_that_nobody_knew_counts_once_it_is_known() {
    let mut home = Home::new(1);
    let builders = home.role("builders", Permissions::MANAGE_CHANNELS, RateClass::Person);
    let (mut guest, bea) = home.guest(2, "Bea");
    home.give(bea, builders);
    guest.take_all_of(&home.node);
    let mut other = Node::new(3);
    other.take_all_of(&home.node);
    // Bea goes on with a new device.
    guest.handle(Input::SetBack);
    guest.handle(Input::Told);
    let create = Command::CreateChannel { guild: home.guild, draft: channel_draft("den") };
    let den = ChannelId(guest.created(bea, create).0);
    home.node.take_all_of(&guest);
    home.node.say(home.owner, den, "here it is");
    let (ops, frontiers) = home.node.everything();
    let of_the_guild = |bytes: &Vec<u8>| op::decode(bytes).unwrap().untrusted().space() == home.guild;
    other.deliver(ops.into_iter().filter(of_the_guild).collect(), frontiers);
    assert!(!other.guild(&home.guild).channels.contains_key(&den), "nobody knows whose device that is");
    other.take_all_of(&home.node);
    assert_eq!(other.texts(&den), ["here it is"]);
    assert_eq!(other.timeline(&den), home.node.timeline(&den));
    assert_same(&home, &other);
}

#[test]
fn what_was_said_after_a_join_by_a_device_that_nobody_knew_counts_once_it_is_known() {
    let mut home = Home::new(1);
    let (mut guest, bea) = home.guest(2, "Bea");
    guest.take_all_of(&home.node);
    let mut other = Node::new(3);
    other.take_all_of(&home.node);
    // Bea leaves, and comes back with a new device.
    assert!(guest.core.view().own_spaces.contains(&home.guild));
    guest.command(bea, Command::LeaveGuild { guild: home.guild, erase: false }).unwrap();
    assert!(!guest.core.view().own_spaces.contains(&home.guild), "nobody here is in it");
    home.node.take_all_of(&guest);
    guest.handle(Input::SetBack);
    guest.handle(Input::Told);
    let create = Command::CreateInvite { channel: home.channel, max_age_s: 0 };
    let invite = home.node.created(home.owner, create);
    guest.take_all_of(&home.node);
    let code = home.node.core.view().invite_codes[&invite];
    guest.created(bea, Command::Join { code });
    guest.say(bea, home.channel, "back again");
    home.node.take_all_of(&guest);
    let (ops, frontiers) = home.node.everything();
    let of_the_guild = |bytes: &Vec<u8>| op::decode(bytes).unwrap().untrusted().space() == home.guild;
    other.deliver(ops.into_iter().filter(of_the_guild).collect(), frontiers);
    assert!(other.texts(&home.channel).is_empty(), "nobody knows whose device that is");
    other.take_all_of(&home.node);
    assert_eq!(other.texts(&home.channel), ["back again"]);
    assert_same(&home, &other);
}

#[test]
fn who_forgets_what_they_cited_is_void_whatever_came_first() {
    let mut home = Home::new(1);
    let (guest, bea) = home.guest(2, "Bea");
    let before = home.node.say(home.owner, home.channel, "before");
    home.role("later", Permissions::NONE, RateClass::Person);
    let after = home.node.say(home.owner, home.channel, "after");
    let key = device_of(&guest, bea);
    let first = by_hand(&home.node, bea, home.channel, None, &after).seal(&key, [1; 16]);
    let second = by_hand(&home.node, bea, home.channel, Some(first.id), &before).seal(&key, [2; 16]);
    let mut other = Node::new(3);
    other.take_all_of(&home.node);
    home.node.deliver(vec![op::encode(&first), op::encode(&second)], Vec::new());
    other.deliver(vec![op::encode(&second), op::encode(&first)], Vec::new());
    assert_eq!(home.node.texts(&home.channel), ["before", "after", "by hand"]);
    assert_same(&home, &other);
}

#[test]
fn what_is_dated_before_what_it_cites_counts_for_nothing() {
    let mut home = Home::new(1);
    let (guest, bea) = home.guest(2, "Bea");
    home.node.now_ms += 120_000;
    home.role("later", Permissions::NONE, RateClass::Person);
    let after = home.node.say(home.owner, home.channel, "after");
    home.node.now_ms -= 120_000;
    let early = by_hand(&home.node, bea, home.channel, None, &after);
    let early = early.seal(&device_of(&guest, bea), [1; 16]);
    home.node.deliver(vec![op::encode(&early)], Vec::new());
    assert_eq!(home.node.texts(&home.channel), ["after"]);
    let row = home.node.store.message(&home.channel.stream(), &early.id).unwrap().expect("it is kept");
    assert_eq!(Verdict::from_byte(row.verdict), Verdict::Void(VoidReason::Frontier));
}
