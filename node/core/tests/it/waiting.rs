//! Ops that cannot be judged yet are durable: who gave them need not give them again.

use crate::node::{Home, Node};
use nexus_core::{Command, RoleDraft, Store};
use nexus_crdt::body::governance::RateClass;
use nexus_crdt::id::{OpId, UserId};
use nexus_crdt::op;
use nexus_crdt::permissions::Permissions;

/// A home, a guest of it, and what the guest wrote elsewhere: the second message waits for the first.
fn two_messages() -> (Home, [Vec<u8>; 2]) {
    let mut home = Home::new(1);
    let (mut guest, user) = home.guest(2, "Bea");
    let [first, second] = ["first", "second"].map(|text| written(&mut guest, user, &home, text));
    (home, [first, second])
}

fn written(guest: &mut Node, user: UserId, home: &Home, text: &str) -> Vec<u8> {
    let message = guest.say(user, home.channel, text);
    op::encode(&guest.store.op(&message.id).unwrap().unwrap().verify().unwrap())
}

fn waiting(node: &Node) -> Vec<OpId> {
    node.store.waiting().unwrap().iter().map(|stored| stored.op.id).collect()
}

#[test]
fn what_waits_is_taken_in_after_a_restart_when_what_it_cites_has_come() {
    let (mut home, [first, second]) = two_messages();
    home.node.deliver(vec![second.clone()], Vec::new());
    assert_eq!((home.node.taken.waiting, waiting(&home.node).len()), (1, 1));
    home.node.restart();
    home.node.deliver(vec![second], Vec::new());
    assert_eq!(waiting(&home.node).len(), 1, "given again it waits once");
    home.node.restart();
    home.node.deliver(vec![first], Vec::new());
    assert_eq!(home.node.taken.admitted, 2);
    assert_eq!(home.node.texts(&home.channel), ["first", "second"]);
    assert_eq!(waiting(&home.node), []);
}

// It waited for the heads, which nobody gave a second time: the giver had been told that the op is held.
#[test]
fn what_the_heads_that_came_along_stand_for_is_known_after_a_restart() {
    let mut home = Home::new(1);
    let (mut bea, user) = home.guest(2, "Bea");
    let (mut late, _) = home.guest(3, "Cat");
    let keeps = home.role("keeps roles", Permissions::MANAGE_ROLES, RateClass::Person);
    home.give(user, keeps);
    bea.take_all_of(&home.node);
    late.take_all_of(&home.node);
    // Two heads, which nobody who is given the rest has alone at any time.
    home.role("one", Permissions::NONE, RateClass::Person);
    let draft = RoleDraft {
        name: String::from("beside it"),
        permissions: Some(Permissions::NONE),
        color: 0,
        hoist: false,
        mentionable: false,
        rate_class: RateClass::Person,
    };
    bea.created(user, Command::CreateRole { guild: home.guild, draft });
    bea.take_all_of(&home.node);
    let message = written(&mut bea, user, &home, "after both");
    home.role("another", Permissions::NONE, RateClass::Person);
    late.deliver(vec![message], bea.store.frontiers().unwrap());
    assert_eq!(waiting(&late).len(), 1);
    late.restart();
    late.tick();
    assert_eq!(waiting(&late).len(), 1);
    for node in [&home.node, &bea] {
        late.deliver(node.everything().0, Vec::new());
    }
    assert_eq!(late.texts(&home.channel), ["after both"]);
    assert_eq!(waiting(&late), []);
}

#[test]
fn what_never_waited_leaves_no_row() {
    let (mut home, [first, second]) = two_messages();
    home.node.deliver(vec![second, first], Vec::new());
    assert_eq!(home.node.texts(&home.channel).len(), 2);
    assert_eq!(waiting(&home.node), []);
}

#[test]
fn an_op_ahead_of_time_is_due_after_a_restart() {
    let mut home = Home::new(1);
    let (mut guest, user) = home.guest(2, "Bea");
    guest.now_ms += 3_600_000;
    let early = written(&mut guest, user, &home, "from an hour ahead");
    home.node.deliver(vec![early.clone()], Vec::new());
    home.node.deliver(vec![early], Vec::new());
    assert_eq!(waiting(&home.node).len(), 1);
    home.node.restart();
    home.node.tick();
    assert!(home.node.texts(&home.channel).is_empty());
    home.node.now_ms += 3_600_000;
    home.node.tick();
    assert_eq!(home.node.texts(&home.channel), ["from an hour ahead"]);
    assert_eq!(waiting(&home.node), []);
}

#[test]
fn what_was_said_to_be_held_is_held_until_it_can_be_judged_however_long_that_takes() {
    let (mut home, [first, second]) = two_messages();
    home.node.deliver(vec![second], Vec::new());
    for _ in 0..3 {
        home.node.now_ms += 700_000;
        home.node.tick();
        assert_eq!(waiting(&home.node).len(), 1, "who gave it was told that it is here");
    }
    home.node.deliver(vec![first], Vec::new());
    assert_eq!(home.node.texts(&home.channel), ["first", "second"]);
    assert_eq!(waiting(&home.node), []);
}

#[test]
fn a_clock_that_falls_back_a_year_throws_away_nothing_that_waits() {
    let (mut home, [first, second]) = two_messages();
    home.node.deliver(vec![second], Vec::new());
    home.node.now_ms -= 365 * 86_400_000;
    home.node.restart();
    home.node.tick();
    assert_eq!(
        waiting(&home.node).len(),
        1,
        "by this clock it is a year ahead, and was taken in all the same"
    );
    home.node.now_ms += 365 * 86_400_000;
    home.node.deliver(vec![first], Vec::new());
    home.node.tick();
    assert_eq!(home.node.texts(&home.channel), ["first", "second"]);
}
