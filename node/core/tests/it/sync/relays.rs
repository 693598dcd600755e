//! Relays that keep the same guild, and one that keeps it no more.

use super::{ANN, BEA, HUB, Town};
use crate::node::Node;
use crate::wire::RELAY;
use nexus_core::sync::Event;
use nexus_core::sync::frame::Role;
use nexus_core::{Command, Refusal, Reply, Store};
use nexus_crdt::id::UserId;

impl Town {
    /// Cat, who lives on the relay, in the guild.
    fn cat(&mut self) -> UserId {
        self.comes_in_on_the_relay("Cat")
    }

    /// Somebody who lives on the relay comes into the guild.
    pub(super) fn comes_in_on_the_relay(&mut self, name: &str) -> UserId {
        let host = Command::Host { name: name.to_owned() };
        let Ok(Reply::Created(user)) = self.net.nodes[HUB].command(None, host) else { panic!("not hosted") };
        let user = UserId::from(user);
        self.net.nodes[HUB].created(user, Command::Join { code: self.code });
        self.net.settle();
        user
    }

    fn forks(&self) -> usize {
        self.net.nodes.iter().map(|node| node.store.forks().unwrap().len()).sum()
    }
}

#[test]
fn a_relay_that_is_replaced_is_told_by_whom_and_nothing_more() {
    let mut town = Town::together();
    let urls = vec![String::from("https://next.example")];
    let set = Command::SetRelays { guild: town.guild, urls: urls.clone() };
    assert_eq!(town.net.nodes[ANN].command(town.ann, set), Ok(Reply::Done));
    town.say(ANN, "not for it");
    town.net.settle();
    for node in [HUB, BEA] {
        let view = town.net.nodes[node].core.view().clone();
        assert_eq!(
            view.guilds[&town.guild].relays[..],
            urls,
            "Bea, who knows no other relay, hears of it there"
        );
        assert!(view.guilds[&town.guild].relays_ever.contains(RELAY));
        assert!(town.texts(node).is_empty());
    }
}

#[test]
fn a_relay_where_a_member_lives_has_what_they_see_though_the_guild_names_another() {
    let mut town = Town::together();
    town.cat();
    let set = Command::SetRelays { guild: town.guild, urls: vec![String::from("https://next.example")] };
    assert_eq!(town.net.nodes[ANN].command(town.ann, set), Ok(Reply::Done));
    town.say(ANN, "for Cat");
    town.net.settle();
    assert_eq!(town.texts(HUB), ["for Cat"]);
}

#[test]
fn two_relays_of_a_guild_agree_whatever_one_of_them_keeps_to_itself() {
    let mut town = Town::together();
    let mut other = Node::new(9);
    other.command(None, Command::UseRelay { url: RELAY.to_owned() }).unwrap();
    let other = town.net.add(other, Role::Relay);
    town.net.connect(ANN, other);
    town.net.connect(BEA, other);
    town.net.settle();
    town.net.withholds = Some(HUB);
    town.say(ANN, "live from Ann");
    town.say(BEA, "live from Bea");
    town.net.settle();
    // What is named after half a second, and has not come a second later, is asked for.
    (0..3).for_each(|_| town.net.pass(1_000));
    town.assert_same();
    while !town.net.cables.is_empty() {
        town.net.cut(0);
    }
    for number in 0..20 {
        town.say(ANN, &format!("while Bea was away {number}"));
    }
    // Bea finds the one that gives nothing first, and takes it to be all there is.
    for (node, relay) in [(ANN, HUB), (ANN, other), (BEA, HUB), (BEA, other)] {
        town.net.connect(node, relay);
        town.net.settle();
    }
    (0..3).for_each(|_| town.net.pass(1_000));
    town.assert_same();
    assert_eq!(town.texts(BEA).len(), 22);
}

#[test]
fn a_relay_that_was_set_back_signs_nothing_before_it_has_learned_and_then_with_a_new_device() {
    let mut town = Town::together();
    let cat = town.cat();
    town.net.nodes[HUB].say(cat, town.channel, "before");
    town.net.settle();
    let old = town.net.nodes[HUB].store.clone();
    town.net.nodes[HUB].say(cat, town.channel, "after");
    town.net.settle();
    while !town.net.cables.is_empty() {
        town.net.cut(0);
    }
    town.net.nodes[HUB].store = old;
    town.net.nodes[HUB].restart();
    town.net.nodes[HUB].handle(nexus_core::Input::SetBack);
    let device = town.net.nodes[HUB].core.view().users[&cat].devices.clone();
    let channel = town.channel;
    let draft = |text: &str| crate::node::send(channel, text);
    let said = town.net.nodes[HUB].command(cat, draft("too soon"));
    assert!(matches!(said, Err(Refusal::Relearning { .. })), "{said:?}");
    town.net.nodes[HUB].restart();
    let said = town.net.nodes[HUB].command(cat, draft("too soon after a restart"));
    assert!(matches!(said, Err(Refusal::Relearning { .. })), "{said:?}");
    town.net.connect(ANN, HUB);
    let bea = town.net.connect(BEA, HUB);
    town.net.settle();
    town.net.nodes[HUB].say(cat, town.channel, "anew");
    town.net.event(bea, 0, Event::Tick);
    town.net.settle();
    town.assert_same();
    let mut texts = town.texts(BEA);
    texts.sort();
    assert_eq!(texts, ["after", "anew", "before"]);
    assert_eq!(town.forks(), 0);
    let now = town.net.nodes[BEA].core.view().users[&cat].devices.clone();
    assert!(now.len() == 1 && now != device, "the old device is ended everywhere");
}

#[test]
fn a_node_that_is_set_back_to_before_its_last_change_of_device_hears_so_and_begins_another() {
    let mut town = Town::together();
    let oldest = town.net.nodes[BEA].store.clone();
    for text in ["on a second device", "on a third device"] {
        while !town.net.cables.is_empty() {
            town.net.cut(0);
        }
        town.net.nodes[BEA].store = oldest.clone();
        town.net.nodes[BEA].restart();
        town.net.nodes[BEA].handle(nexus_core::Input::SetBack);
        town.net.connect(ANN, HUB);
        let bea = town.net.connect(BEA, HUB);
        town.net.settle();
        // She makes something of her own first: by the device that was replaced nobody gives her the guild.
        let create = Command::CreateGuild { name: String::from("Anew") };
        assert!(
            town.net.nodes[BEA].command(town.bea, create).is_ok(),
            "the relay has told her account's log"
        );
        town.net.nodes[BEA].now_ms += 1_000;
        town.net.event(bea, 0, Event::Tick);
        town.net.settle();
        town.say(BEA, text);
        town.net.settle();
        assert_eq!(town.texts(ANN).last().map(String::as_str), Some(text));
    }
    town.assert_same();
    assert_eq!(town.forks(), 0);
    let devices = |node: usize| town.net.nodes[node].core.view().users[&town.bea].devices.clone();
    assert!(devices(ANN).len() == 2 && devices(ANN) == devices(BEA), "one of a life that is over, and hers");
}

#[test]
fn an_own_op_that_comes_from_elsewhere_ends_the_device_that_wrote_on_beside_it() {
    let mut town = Town::together();
    let cat = town.cat();
    let old = town.net.nodes[HUB].store.clone();
    town.net.nodes[HUB].say(cat, town.channel, "known elsewhere");
    town.net.settle();
    while !town.net.cables.is_empty() {
        town.net.cut(0);
    }
    // Nothing tells that it is a copy, as after a snapshot of the whole machine.
    town.net.nodes[HUB].store = old;
    town.net.nodes[HUB].restart();
    town.net.nodes[HUB].say(cat, town.channel, "written beside it");
    town.net.connect(ANN, HUB);
    town.net.connect(BEA, HUB);
    town.net.settle();
    assert!(town.net.nodes[HUB].core.view().set_back.contains(&cat));
    town.net.nodes[HUB].now_ms += 10_000;
    town.net.nodes[HUB].say(cat, town.channel, "and on a log of its own");
    town.net.settle();
    town.assert_same();
    assert_eq!(town.texts(ANN).len(), 3, "nothing that was said is lost");
    assert_eq!(town.forks(), town.net.nodes.len(), "the one fork that could not be foreseen");
    assert!(town.net.nodes[HUB].core.view().set_back.is_empty());
}

#[test]
fn somebody_alone_with_a_copy_writes_again_after_ten_seconds() {
    let mut town = Town::new();
    let mut node = std::mem::replace(&mut town.net.nodes[ANN], Node::new(9));
    node.handle(nexus_core::Input::SetBack);
    let create = || Command::CreateGuild { name: String::from("Alone") };
    node.now_ms += 9_999;
    assert_eq!(node.command(town.ann, create()), Err(Refusal::Relearning { retry_ms: 1 }));
    node.now_ms += 1;
    assert!(node.command(town.ann, create()).is_ok());
    assert_eq!(node.core.view().users[&town.ann].devices.len(), 1);
}
