//! All that somebody said in a guild, taken away at one stroke: hidden at once, destroyed when the word is final.

use crate::node::{Home, Node};
use nexus_core::{Arrival, Change, Command, Input, MemberPatch, Refusal, Store};
use nexus_crdt::body::governance::{Erase, RateClass};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, StreamId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft};
use nexus_crdt::permissions::Permissions;
use nexus_crdt::timeline::Deed;
use nexus_crdt::verdict::{Verdict, VoidReason};

const DAY_MS: u64 = 24 * 3_600_000;

fn erase(home: &Home, user: UserId) -> Command {
    Command::Erase { guild: home.guild, user }
}

fn has_body(node: &Node, op: &OpId) -> bool {
    node.store.op(op).unwrap().expect("the op stays").op.body.is_some()
}

/// Days pass; the owner's node is in touch with others, and looks after itself.
fn pass(home: &mut Home, days: u64) {
    home.node.now_ms += days * DAY_MS + 120_000;
    home.node.handle(Input::HandedOver { space: home.guild, upto: Arrival(u64::MAX) });
    for _ in 0..3 {
        home.node.tick();
    }
}

fn both() -> Permissions {
    Permissions::BAN_MEMBERS.with(Permissions::MANAGE_MESSAGES)
}

fn reactions(node: &Node, home: &Home, message: OpId) -> usize {
    let all = node.messages(&home.channel);
    all.iter().find(|each| each.id == message).map_or(0, |message| message.reactions.len())
}

/// Bea, who says something of every kind, and what the owner said.
struct Talk {
    guest: Node,
    bea: UserId,
    hello: OpId,
    said: OpId,
    edit: OpId,
    react: OpId,
    nick: OpId,
}

fn talk(home: &mut Home) -> Talk {
    let hello = home.node.say(home.owner, home.channel, "hello").id;
    let (mut guest, bea) = home.guest(2, "Bea");
    let edited = guest.say(bea, home.channel, "monday").id;
    guest.edit(bea, home.channel, edited, "on monday").unwrap();
    let said = guest.say(bea, home.channel, "tuesday").id;
    let emoji = String::from("🐢");
    guest.command(bea, Command::React { channel: home.channel, message: hello, emoji }).unwrap();
    let patch = MemberPatch { nick: Some(String::from("Bee")), ..MemberPatch::default() };
    guest.command(bea, Command::EditMember { guild: home.guild, user: bea, patch }).unwrap();
    let of = |kind: Kind| guest.store.ops().find(|stored| stored.op.kind() == Some(kind)).unwrap().op.id;
    let (edit, react, nick) = (of(Kind::Edit), of(Kind::React), of(Kind::Nick));
    home.node.take_all_of(&guest);
    Talk { guest, bea, hello, said, edit, react, nick }
}

#[test]
fn all_that_somebody_said_is_hidden_at_once_and_destroyed_when_the_word_is_sealed() {
    let mut home = Home::new(1);
    let Talk { mut guest, bea, hello, said, edit, react, nick } = talk(&mut home);
    assert_eq!(reactions(&home.node, &home, hello), 1);
    home.node.changes.clear();
    let command = erase(&home, bea);
    guest.command(bea, command).unwrap();
    assert_eq!(guest.texts(&home.channel), ["hello"], "on her own screen at once");
    guest.now_ms += 1_000;
    let after = guest.say(bea, home.channel, "after").id;
    home.node.now_ms = guest.now_ms;
    home.node.take_all_of(&guest);
    assert_eq!(home.node.texts(&home.channel), ["hello", "after"]);
    assert_eq!(reactions(&home.node, &home, hello), 0);
    assert_eq!(home.node.guild(&home.guild).members[&bea].nick, None);
    let told = |change: &Change| matches!(change, Change::MessagesDeleted { messages, .. } if messages.iter().any(|(id, _)| *id == said));
    assert!(home.node.changes.iter().any(told), "screens see all of it go at one stroke");
    let void = |change: &Change| matches!(change, Change::MessageVoided { .. });
    assert!(!guest.changes.iter().any(void), "she knows what she did");

    let all = [said, edit, react];
    home.node.tick();
    assert!(all.iter().all(|op| has_body(&home.node, op)), "no owner has sealed it");
    pass(&mut home, 1);
    assert!(home.node.guild(&home.guild).height > 0, "sealed");
    assert_eq!(all.map(|op| has_body(&home.node, &op)), [false; 3]);
    assert!(has_body(&home.node, &hello) && has_body(&home.node, &after));
    assert!(has_body(&home.node, &nick), "what she was called is the guild's, and nobody's to see");
    let acts = home.node.store.acts(&home.channel.stream(), &hello, message_time(&home, hello)).unwrap();
    let blank = Deed::React { emoji: String::new() };
    assert_eq!(acts.iter().map(|row| &row.act.deed).collect::<Vec<_>>(), [&blank], "its row says nothing");

    guest.now_ms = home.node.now_ms;
    guest.take_all_of(&home.node);
    guest.tick();
    assert_eq!(all.map(|op| has_body(&guest, &op)), [false; 3]);
    assert_eq!(guest.timeline(&home.channel), home.node.timeline(&home.channel));
    home.node.restart();
    guest.restart();
    assert_eq!(home.node.texts(&home.channel), ["hello", "after"]);
    assert_eq!(guest.core.state_hash(&home.guild), home.node.core.state_hash(&home.guild));
}

fn message_time(home: &Home, message: OpId) -> Hlc {
    home.node.store.message(&home.channel.stream(), &message).unwrap().unwrap().hlc
}

#[test]
fn who_goes_takes_it_all_along_in_one_step() {
    let mut home = Home::new(1);
    let Talk { mut guest, bea, said, .. } = talk(&mut home);
    let leave = Command::LeaveGuild { guild: home.guild, erase: true };
    guest.command(bea, leave).unwrap();
    home.node.take_all_of(&guest);
    assert!(!home.node.guild(&home.guild).members.contains_key(&bea));
    assert_eq!(home.node.texts(&home.channel), ["hello"]);
    pass(&mut home, 1);
    assert!(!has_body(&home.node, &said));
}

#[test]
fn a_store_that_was_set_back_and_a_newcomer_erase_again_what_they_are_told_of() {
    let mut home = Home::new(1);
    let Talk { mut guest, bea, said, react, .. } = talk(&mut home);
    let copy = home.node.store.clone();
    let command = erase(&home, bea);
    guest.command(bea, command).unwrap();
    home.node.take_all_of(&guest);
    pass(&mut home, 1);
    assert!(!has_body(&home.node, &said));

    // Somebody who has the word, and is given everything by who has not heard of it.
    let mut old = Node::new(7);
    old.store = copy;
    old.restart();
    let mut late = Node::new(3);
    late.setup("Cem");
    late.now_ms = home.node.now_ms;
    let (all, frontiers) = home.node.everything();
    let told = [said, react];
    let without = all.into_iter().filter(|bytes| !told.contains(&op::decode(bytes).unwrap().untrusted().id));
    late.deliver(without.collect(), frontiers);
    late.take_all_of(&old);
    assert_eq!(late.texts(&home.channel), ["hello"]);
    assert_eq!(told.map(|op| has_body(&late, &op)), [false; 2], "destroyed the moment it comes");
    home.node.take_all_of(&old);
    assert_eq!(told.map(|op| has_body(&home.node, &op)), [false; 2], "and taken back by nobody");

    old.now_ms = home.node.now_ms;
    old.take_all_of(&home.node);
    assert_eq!(old.texts(&home.channel), ["hello"]);
    old.tick();
    assert_eq!(told.map(|op| has_body(&old, &op)), [false; 2]);
}

#[test]
fn others_words_are_taken_away_by_who_may_ban_them_and_take_messages_away() {
    let mut home = Home::new(1);
    let (mut guest, bea) = home.guest(2, "Bea");
    let (mut other, cem) = home.guest(3, "Cem");
    other.say(cem, home.channel, "cem's");
    guest.take_all_of(&other);
    let (of_cem, of_owner, of_bea) = (erase(&home, cem), erase(&home, home.owner), erase(&home, bea));
    for (name, permissions) in
        [("bans", Permissions::BAN_MEMBERS), ("moderates", Permissions::MANAGE_MESSAGES)]
    {
        assert_eq!(guest.command(bea, of_cem.clone()), Err(Refusal::MissingPermissions), "before she {name}");
        let role = home.role(name, permissions, RateClass::Person);
        home.give(bea, role);
        guest.take_all_of(&home.node);
    }
    assert_eq!(guest.command(bea, of_owner), Err(Refusal::MissingPermissions));
    other.take_all_of(&home.node);
    assert_eq!(other.command(cem, of_bea), Err(Refusal::MissingPermissions));
    guest.command(bea, of_cem.clone()).expect("who may do both");
    assert!(guest.texts(&home.channel).is_empty());

    // One's own words are one's own to take away, also where one is kept from writing.
    let until_ms = home.node.now_ms + DAY_MS;
    let patch = MemberPatch { paused_until_ms: Some(Some(until_ms)), ..MemberPatch::default() };
    let silence = Command::EditMember { guild: home.guild, user: cem, patch };
    home.node.command(home.owner, silence).unwrap();
    other.take_all_of(&home.node);
    other.command(cem, of_cem).expect("one's own");
    let nobody = erase(&home, UserId([9; 32]));
    assert!(matches!(home.node.command(home.owner, nobody), Err(Refusal::Unknown(_))));
}

/// Bea, an officer, on her own node, who took away what Cem said; the owner has not heard of it.
fn away(home: &mut Home) -> (Node, UserId, OpId) {
    let (mut guest, bea) = home.guest(2, "Bea");
    let (mut other, cem) = home.guest(3, "Cem");
    let said = other.say(cem, home.channel, "monday").id;
    home.node.take_all_of(&other);
    let role = home.role("officer", both(), RateClass::Person);
    home.give(bea, role);
    guest.take_all_of(&home.node);
    let command = erase(home, cem);
    guest.command(bea, command).unwrap();
    assert!(guest.texts(&home.channel).is_empty(), "hidden at once");
    (guest, bea, said)
}

#[test]
fn a_word_that_turns_void_gives_all_of_it_back() {
    let mut home = Home::new(1);
    let (mut guest, bea, said) = away(&mut home);
    guest.tick();
    let ban = Command::Ban { guild: home.guild, user: bea, reason: String::new(), delete_s: 0 };
    home.node.command(home.owner, ban).unwrap();
    guest.take_all_of(&home.node);
    guest.now_ms += 31 * DAY_MS;
    guest.tick();
    assert_eq!(guest.texts(&home.channel), ["monday"]);
    assert!(has_body(&guest, &said));
    guest.tick();
    assert!(guest.store.erasures(None, 9).unwrap().is_empty(), "nothing is due of it");
}

#[test]
fn a_word_that_no_owner_seals_destroys_after_thirty_days_here() {
    let mut home = Home::new(1);
    let (mut guest, _, said) = away(&mut home);
    guest.tick();
    let begun = guest.now_ms;
    guest.now_ms = begun + 30 * DAY_MS - 1;
    guest.tick();
    guest.restart();
    assert!(has_body(&guest, &said));
    guest.now_ms = begun + 30 * DAY_MS;
    guest.tick();
    assert!(!has_body(&guest, &said));
}

#[test]
fn a_thief_with_an_old_device_takes_nothing_away() {
    let mut home = Home::new(1);
    let Talk { mut guest, bea, said, .. } = talk(&mut home);
    let device = *home.node.core.view().users[&bea].devices.first().unwrap();
    let revoke = Command::RevokeDevice { guild: home.guild, user: bea, device, reason: String::new() };
    home.node.command(home.owner, revoke).unwrap();
    // Of all that came since the thief's copy knows nothing.
    let command = erase(&home, bea);
    guest.command(bea, command).unwrap();
    home.node.take_all_of(&guest);
    pass(&mut home, 31);
    assert_eq!(home.node.texts(&home.channel), ["hello", "on monday", "tuesday"]);
    assert!(has_body(&home.node, &said));
    guest.take_all_of(&home.node);
    assert_eq!(
        guest.texts(&home.channel),
        ["hello", "on monday", "tuesday"],
        "given back at the thief's too"
    );
}

// Nor may a word say that it reaches further than its own time: it would take what is said after it.
#[test]
fn a_word_takes_nothing_that_is_written_after_it() {
    let mut home = Home::new(1);
    let Talk { mut guest, bea, .. } = talk(&mut home);
    let key = guest.device_of(bea);
    let tenure = home.node.guild(&home.guild).members[&bea].tenure;
    let at = guest.now_ms + 1_000;
    let forged = |upto_ms: u64| {
        let draft = Draft {
            space: home.guild,
            stream: StreamId::GOVERNANCE,
            tenure,
            seq: 0,
            prev: None,
            hlc: Hlc::from_ms(at),
            kind: Kind::Erase,
            deps: home.node.core.view().governance[&home.guild].heads(),
            target: None,
            body: op::open_body(&Erase { user: bea, upto: Hlc::from_ms(upto_ms) }),
        };
        draft.seal(&key, [0; 16])
    };
    let (ahead, then) = (forged(at + DAY_MS), forged(at));
    guest.now_ms = at + 1_000;
    guest.say(bea, home.channel, "later");
    let mut other = Node::new(5);
    other.setup("Cem");
    other.now_ms = at + 2_000;
    other.take_all_of(&guest);
    other.deliver(vec![op::encode(&ahead)], Vec::new());
    assert_eq!(other.texts(&home.channel), ["hello", "on monday", "tuesday", "later"]);
    let verdict = other.core.view().authority[&home.guild].verdict(&ahead.id);
    assert_eq!(verdict, Some(Verdict::Void(VoidReason::Target)));
    let mut third = Node::new(6);
    third.setup("Dan");
    third.now_ms = at + 2_000;
    third.take_all_of(&guest);
    third.deliver(vec![op::encode(&then)], Vec::new());
    assert_eq!(third.texts(&home.channel), ["hello", "later"]);
}
