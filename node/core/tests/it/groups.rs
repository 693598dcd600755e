//! Conversations of several: people come and go, and everybody agrees on who is in.

use crate::node::{Home, Node};
use crate::wire::{Net, RELAY};
use nexus_core::sync::frame::Role;
use nexus_core::{Command, Refusal, Reply, Thing};
use nexus_crdt::body::content::Notice;
use nexus_crdt::body::governance::GuildEdit;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};

fn host(node: &mut Node, name: &str) -> UserId {
    match node.command(None, Command::Host { name: name.to_owned() }) {
        Ok(Reply::Created(id)) => UserId::from(id),
        other => panic!("answered {other:?}"),
    }
}

fn people<const N: usize>(node: &mut Node, names: [&str; N]) -> [UserId; N] {
    names.map(|name| host(node, name))
}

fn opened(node: &mut Node, by: UserId, with: &[UserId]) -> SpaceId {
    SpaceId(node.created(by, Command::OpenConversation { with: with.to_vec() }).0)
}

fn talk(space: SpaceId) -> ChannelId {
    ChannelId(space.0)
}

fn inside(node: &Node, space: SpaceId) -> Vec<UserId> {
    node.guild(&space).members.keys().copied().collect()
}

fn sorted<const N: usize>(mut people: [UserId; N]) -> Vec<UserId> {
    people.sort_unstable();
    people.to_vec()
}

#[test]
fn whoever_is_in_brings_in_others_and_who_comes_writes_and_is_there_after_a_restart() {
    let mut node = Node::new(1);
    let [ann, ben, cat, dan] = people(&mut node, ["Ann", "Ben", "Cat", "Dan"]);
    let space = opened(&mut node, ann, &[ben, cat]);
    node.say(ann, talk(space), "before Dan came");
    let bring = |user| Command::BringIn { conversation: space, user };
    assert_eq!(node.command(dan, bring(dan)), Err(Refusal::MissingAccess), "nobody lets themself in");
    node.command(ben, bring(dan)).unwrap();
    node.command(ben, bring(dan)).unwrap();
    assert_eq!(inside(&node, space), sorted([ann, ben, cat, dan]));
    node.say(dan, talk(space), "hello");
    node.restart();
    assert_eq!(inside(&node, space), sorted([ann, ben, cat, dan]));
    node.say(dan, talk(space), "again");
    let said = node.messages(&talk(space));
    let notices: Vec<_> = said.iter().filter_map(|it| Some((it.author, it.body.notice.clone()?))).collect();
    assert_eq!(notices, [(ben, Notice::Admitted(dan))], "what changes nothing is not said");
    assert_eq!(node.texts(&talk(space)), ["before Dan came", "", "hello", "again"]);
    let again = Command::OpenConversation { with: vec![ben, cat, dan] };
    assert_eq!(node.created(ann, again).0, space.0, "the one these people are in");
}

#[test]
fn who_heads_it_puts_others_out_everybody_goes_by_themself_and_the_next_one_heads_it() {
    let mut node = Node::new(1);
    let [ann, ben, cat, dan] = people(&mut node, ["Ann", "Ben", "Cat", "Dan"]);
    let space = opened(&mut node, ann, &[ben, cat]);
    let out = |user| Command::PutOut { conversation: space, user };
    assert_eq!(node.command(ben, out(cat)), Err(Refusal::MissingPermissions));
    assert_eq!(node.command(ann, out(dan)), Err(Refusal::Unknown(Thing::Member)));
    node.say(cat, talk(space), "I was here");
    node.command(ann, out(cat)).unwrap();
    assert_eq!(node.command(cat, crate::node::send(talk(space), "and now?")), Err(Refusal::MissingAccess));
    assert_eq!(node.texts(&talk(space)), ["I was here", ""], "what they said before stays");
    node.command(ben, Command::BringIn { conversation: space, user: dan }).unwrap();
    node.command(ann, out(ann)).unwrap();
    assert_eq!(node.guild(&space).head(), Some(ben), "who was there from the beginning");
    node.command(ben, out(dan)).unwrap();
    node.command(ben, Command::BringIn { conversation: space, user: cat }).unwrap();
    node.say(cat, talk(space), "back");
    assert_eq!(inside(&node, space), sorted([ben, cat]));
    node.restart();
    assert_eq!(inside(&node, space), sorted([ben, cat]));
}

#[test]
fn of_two_and_of_one_nothing_is_governed_and_eleven_are_too_many() {
    let mut node = Node::new(1);
    let all = people(&mut node, ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K"]);
    let [ann, ben, cat, ..] = all;
    let pair = opened(&mut node, ann, &[ben]);
    let bring = |conversation, user| Command::BringIn { conversation, user };
    assert_eq!(node.command(ann, bring(pair, cat)), Err(Refusal::Unknown(Thing::Channel)));
    let name = |conversation| Command::NameConversation { conversation, name: String::from("Us") };
    assert_eq!(node.command(ann, name(pair)), Err(Refusal::Unknown(Thing::Channel)));
    let space = opened(&mut node, ann, &all[1..10]);
    assert!(matches!(node.command(ann, bring(space, all[10])), Err(Refusal::TooMany { .. })));
    node.command(cat, name(space)).unwrap();
    assert_eq!(node.guild(&space).settings.name, "Us");
    let edit = GuildEdit { description: Some(String::from("more")), ..GuildEdit::default() };
    let more = node.command(ann, Command::EditGuild { guild: space, edit });
    assert_eq!(more, Err(Refusal::MissingPermissions), "it has nothing but a name");
}

#[test]
fn who_was_put_out_and_has_not_heard_of_it_brings_in_nobody_whatever_comes_first() {
    let (mut home, mut other) = (Node::new(1), Node::new(2));
    let ann = home.setup("Ann");
    let ben = other.setup("Ben");
    let [cat, dan] = people(&mut home, ["Cat", "Dan"]);
    home.take_all_of(&other);
    let space = opened(&mut home, ann, &[ben, cat]);
    other.take_all_of(&home);
    home.command(ann, Command::PutOut { conversation: space, user: ben }).unwrap();
    other.now_ms += 60_000;
    other.command(ben, Command::BringIn { conversation: space, user: dan }).unwrap();
    other.say(ben, talk(space), "come in, Dan");
    let (mut third, before) = (Node::new(3), home.everything());
    third.now_ms = other.now_ms;
    third.take_all_of(&other);
    assert_eq!(inside(&third, space), sorted([ann, ben, cat, dan]), "so it is for who knows no more");
    home.now_ms = other.now_ms;
    home.take_all_of(&other);
    other.deliver(before.0.clone(), before.1.clone());
    third.deliver(before.0, before.1);
    for node in [&home, &other, &third] {
        assert_eq!(inside(node, space), sorted([ann, cat]));
        assert!(!node.texts(&talk(space)).iter().any(|text| text == "come in, Dan"));
    }
}

#[test]
fn who_is_brought_in_at_another_program_gets_all_of_it_by_the_relay_and_who_goes_nothing_more() {
    let mut hub = Node::new(2);
    hub.command(None, Command::UseRelay { url: RELAY.to_owned() }).unwrap();
    let mut net = Net::default();
    let mut users = Vec::new();
    for (seed, name) in [(1, "Ann"), (3, "Ben"), (4, "Cat"), (5, "Dan")] {
        let mut node = Node::new(seed);
        users.push(node.setup(name));
        node.command(None, Command::UseRelay { url: RELAY.to_owned() }).unwrap();
        net.add(node, Role::Node);
    }
    let hub = net.add(hub, Role::Relay);
    for node in 0..4 {
        net.connect(node, hub);
    }
    net.settle();
    // They know each other's names from somewhere.
    for (from, to) in [(1, 0), (2, 0), (3, 1)] {
        let (ops, frontiers) = net.nodes[from].everything();
        net.nodes[to].deliver(ops, frontiers);
    }
    let [ann, ben, cat, dan] = users[..] else { panic!("four people") };
    let space = opened(&mut net.nodes[0], ann, &[ben, cat]);
    net.nodes[0].say(ann, talk(space), "early");
    net.settle();
    assert_eq!(net.nodes[2].texts(&talk(space)), ["early"]);
    assert!(!net.nodes[3].core.view().guilds.contains_key(&space));
    net.nodes[1].command(ben, Command::BringIn { conversation: space, user: dan }).unwrap();
    net.settle();
    assert_eq!(net.nodes[3].texts(&talk(space)), ["early", ""]);
    net.nodes[3].say(dan, talk(space), "hello");
    net.settle();
    assert_eq!(net.nodes[0].texts(&talk(space)), ["early", "", "hello"]);
    net.nodes[0].command(ann, Command::PutOut { conversation: space, user: dan }).unwrap();
    net.settle();
    net.nodes[0].say(ann, talk(space), "among us");
    net.settle();
    assert_eq!(inside(&net.nodes[3], space), sorted([ann, ben, cat]), "they are told that they are out");
    assert_eq!(net.nodes[3].texts(&talk(space)), ["early", "", "hello"]);
    assert_eq!(net.nodes[2].texts(&talk(space)).last().map(String::as_str), Some("among us"));
}

#[test]
fn nobody_joins_and_no_strangers_talk_while_a_guild_pauses_that() {
    let mut home = Home::new(1);
    let (owner, guild, channel) = (home.owner, home.guild, home.channel);
    let [ben, cat] = people(&mut home.node, ["Ben", "Cat"]);
    let invite = home.node.created(owner, Command::CreateInvite { channel, max_age_s: 0 });
    let code = home.node.core.view().invite_codes[&invite];
    home.node.command(ben, Command::Join { code }).unwrap();
    let until = Some(home.node.now_ms + 3_600_000);
    let edit = GuildEdit { invites_paused_until: until, talks_paused_until: until, ..GuildEdit::default() };
    home.node.command(owner, Command::EditGuild { guild, edit }).unwrap();
    assert_eq!(home.node.command(cat, Command::Join { code }), Err(Refusal::InvitesPaused));
    let open = Command::OpenConversation { with: vec![ben] };
    assert_eq!(home.node.command(owner, open.clone()), Err(Refusal::TalksPaused));
    opened(&mut home.node, cat, &[ben]);
    home.node.now_ms += 3_600_001;
    home.node.command(cat, Command::Join { code }).unwrap();
    home.node.command(owner, open).unwrap();
}
