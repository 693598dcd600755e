//! Two holders of the same ops have the same state, whatever happened on the way.

use crate::node::{Home, Node, channel_draft};
use nexus_core::{ChannelPatch, Command, Store};
use nexus_crdt::body::governance::{ChannelFields, RateClass};
use nexus_crdt::id::ChannelId;
use nexus_crdt::permissions::Permissions;

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
