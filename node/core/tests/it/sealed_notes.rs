//! Who reads what somebody keeps for themself: the account's devices, those it gets later too, and nobody who holds it for them.

use crate::claim::{RELAY, Scene};
use crate::node::{Home, NOW_MS, Node};
use nexus_core::{Command, Input, NoteKey, Record, RecoveryKey, Refusal, Reply, Store, View};
use nexus_crdt::body::content::{About, Note};
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_crdt::kind::Kind;
use proptest::prelude::*;
use std::collections::BTreeMap;

const SECRET: &str = "a word that nobody shall read";

fn setting(name: &str, value: &str) -> Note {
    Note::Setting { about: About::Me, name: name.to_owned(), json: format!("\"{value}\"") }
}

fn draft(channel: ChannelId, text: &str) -> Note {
    Note::Draft { channel, text: text.to_owned() }
}

fn keep(node: &mut Node, user: UserId, note: Note) {
    node.command(user, Command::Keep { notes: vec![note] }).unwrap();
}

/// Everything that somebody keeps, as a node reads it.
fn read(node: &Node, user: UserId) -> BTreeMap<NoteKey, Note> {
    node.core.view().notes_of(&user).map(|(key, note)| (key.clone(), note.clone())).collect()
}

fn reads(node: &Node, user: UserId, note: &Note) -> bool {
    read(node, user).values().any(|known| known == note)
}

fn own_space(node: &Node) -> SpaceId {
    let mut own = node.core.view().guilds.values().filter(|guild| View::is_of_one(guild));
    own.next().expect("something is kept").facts.id
}

fn ops_of(node: &Node, kind: Kind) -> usize {
    let own = own_space(node);
    let stream = ChannelId(own.0).stream();
    let ops = node.store.stream_ops(&own, &stream).unwrap();
    ops.iter().filter(|stored| stored.op.kind() == Some(kind)).count()
}

fn holds_text(node: &Node, text: &str) -> bool {
    let (ops, _) = node.everything();
    ops.iter().any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

fn recover(node: &mut Node, user: UserId, recovery: &RecoveryKey) {
    let (recovery, relay) = (RecoveryKey::typed(&recovery.to_string()), Some(RELAY.to_owned()));
    let reply = node.command(None, Command::Recover { user, recovery, relay });
    assert!(matches!(reply, Ok(Reply::Claimed { .. })), "{reply:?}");
}

#[test]
fn who_holds_what_somebody_keeps_cannot_read_it() {
    let mut home = Home::new(1);
    let (owner, channel) = (home.owner, home.channel);
    home.node.say(owner, channel, "what is said is there to be found");
    let kept = [setting("hidden_name", SECRET), draft(channel, SECRET)];
    home.node.command(owner, Command::Keep { notes: kept.to_vec() }).unwrap();
    let mut relay = Node::new(2);
    relay.take_all_of(&home.node);
    assert!(relay.core.view().guilds.contains_key(&own_space(&home.node)), "it holds the space");
    assert!(holds_text(&relay, "there to be found"), "so one would find it");
    assert!(!holds_text(&relay, SECRET) && !holds_text(&relay, "hidden_name"));
    for restarted in [false, true] {
        if restarted {
            relay.restart();
            home.node.restart();
        }
        assert_eq!(read(&relay, owner), BTreeMap::new());
        assert!(kept.iter().all(|note| reads(&home.node, owner, note)), "restarted: {restarted}");
    }
}

#[test]
fn what_one_request_keeps_is_one_op_and_tells_by_its_length_little_of_what_it_is() {
    let mut home = Home::new(1);
    let owner = home.owner;
    let many = (0..100).map(|at| Note::Block { user: UserId([at; 32]), blocked: true }).collect();
    home.node.command(owner, Command::Keep { notes: many }).unwrap();
    assert_eq!((ops_of(&home.node, Kind::Note), ops_of(&home.node, Kind::Sealing)), (1, 1));
    keep(&mut home.node, owner, setting("theme", "dark"));
    keep(&mut home.node, owner, draft(home.channel, "a draft of one line, as most are"));
    assert_eq!(ops_of(&home.node, Kind::Sealing), 1, "as long as its readers are the same the key is");
    let (space, stream) = (own_space(&home.node), ChannelId(own_space(&home.node).0).stream());
    let ops = home.node.store.stream_ops(&space, &stream).unwrap();
    let sealed = ops.iter().filter_map(|stored| stored.op.read_sealed());
    let lengths: Vec<usize> = sealed.map(|sealed| sealed.ciphertext.len()).collect();
    assert_eq!(lengths[1], lengths[2]);
}

#[test]
fn two_devices_read_what_each_of_them_keeps() {
    let mut scene = Scene::set();
    let (rita, channel) = (scene.rita, scene.channel);
    keep(&mut scene.relay, rita, setting("before", "the claim"));
    let (mut home, _) = scene.claimed(true);
    assert!(reads(&home, rita, &setting("before", "the claim")), "what was kept at the relay went home");
    keep(&mut home, rita, draft(channel, "typed at home"));
    scene.relay.take_all_of(&home);
    assert!(reads(&scene.relay, rita, &draft(channel, "typed at home")));
    keep(&mut scene.relay, rita, draft(channel, "and gone on with there"));
    home.take_all_of(&scene.relay);
    home.restart();
    assert!(reads(&home, rita, &draft(channel, "and gone on with there")));
    assert!(read(&scene.ann.node, rita).is_empty());
}

#[test]
fn a_device_that_was_revoked_reads_what_was_kept_before_and_nothing_after() {
    let mut scene = Scene::set();
    let rita = scene.rita;
    keep(&mut scene.relay, rita, setting("before", "the claim"));
    let (mut home, _) = scene.claimed(false);
    keep(&mut home, rita, setting("after", SECRET));
    scene.relay.take_all_of(&home);
    for node in [&mut scene.relay, &mut home] {
        node.restart();
    }
    assert!(
        reads(&home, rita, &setting("before", "the claim")) && reads(&home, rita, &setting("after", SECRET))
    );
    assert!(reads(&scene.relay, rita, &setting("before", "the claim")));
    assert!(!reads(&scene.relay, rita, &setting("after", SECRET)) && !holds_text(&scene.relay, SECRET));
}

#[test]
fn the_recovery_key_brings_back_what_was_kept_and_shuts_out_who_took_the_node() {
    // Whether what was kept comes before the account is taken back or after it.
    for first in [true, false] {
        let mut scene = Scene::set();
        let rita = scene.rita;
        let (mut stolen, key) = scene.claimed(false);
        keep(&mut stolen, rita, setting("theme", "dark"));
        let mut anew = Node::new(7);
        if first {
            scene.relay.take_all_of(&stolen);
        }
        anew.take_all_of(&scene.relay);
        recover(&mut anew, rita, &key);
        scene.relay.take_all_of(&stolen);
        anew.take_all_of(&scene.relay);
        anew.restart();
        assert!(reads(&anew, rita, &setting("theme", "dark")), "it came first: {first}");
        anew.now_ms += 1_000;
        keep(&mut anew, rita, setting("plan", SECRET));
        for node in [&mut scene.relay, &mut stolen] {
            node.now_ms = anew.now_ms;
            node.take_all_of(&anew);
            node.restart();
            assert!(!reads(node, rita, &setting("plan", SECRET)));
        }
        assert!(read(&scene.relay, rita).is_empty());
        assert!(reads(&anew, rita, &setting("plan", SECRET)));
    }
}

#[test]
fn a_store_that_was_set_back_reads_on_and_its_new_device_too() {
    let mut home = Home::new(1);
    let owner = home.owner;
    keep(&mut home.node, owner, setting("theme", "dark"));
    home.node.handle(Input::SetBack);
    home.node.handle(Input::Told);
    keep(&mut home.node, owner, setting("locale", "de"));
    home.node.restart();
    let both = [setting("theme", "dark"), setting("locale", "de")];
    assert!(both.iter().all(|note| reads(&home.node, owner, note)));
    assert_eq!(ops_of(&home.node, Kind::Sealing), 2, "the device that wrote before is revoked");
}

#[test]
fn an_account_that_ends_leaves_what_it_kept_to_nobody() {
    let mut relay = Node::new(2);
    relay.command(None, Command::UseRelay { url: RELAY.to_owned() }).unwrap();
    let Ok(Reply::Created(rita)) = relay.command(None, Command::Host { name: String::from("rita") }) else {
        panic!("no account")
    };
    let rita = UserId::from(rita);
    keep(&mut relay, rita, setting("plan", SECRET));
    relay.command(None, Command::EraseAccount { user: rita }).unwrap();
    assert!(read(&relay, rita).is_empty());
    relay.restart();
    assert!(read(&relay, rita).is_empty() && !holds_text(&relay, SECRET));
}

#[test]
fn drafts_are_bounded_and_one_that_was_sent_makes_room() {
    let mut home = Home::new(1);
    let owner = home.owner;
    let at = |number: u8| ChannelId([number; 32]);
    let many = (0..250).map(|number| draft(at(number), "x")).collect();
    home.node.command(owner, Command::Keep { notes: many }).unwrap();
    let one_more = |node: &mut Node| node.command(owner, Command::Keep { notes: vec![draft(at(250), "x")] });
    assert!(matches!(one_more(&mut home.node), Err(Refusal::TooMany { what: "drafts", .. })));
    keep(&mut home.node, owner, draft(at(0), ""));
    assert!(one_more(&mut home.node).is_ok());
    let long = Command::Keep { notes: vec![draft(at(1), &"x".repeat(8_001))] };
    assert!(matches!(home.node.command(owner, long), Err(Refusal::Invalid { field: "text", .. })));
}

/// What one of two devices does.
#[derive(Clone, Copy, Debug)]
enum Step {
    Keep { at_home: bool, register: u8, value: u8 },
    Meet { home_first: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let kept = (any::<bool>(), 0_u8..4, any::<u8>());
    prop_oneof![
        3 => kept.prop_map(|(at_home, register, value)| Step::Keep { at_home, register, value }),
        1 => any::<bool>().prop_map(|home_first| Step::Meet { home_first }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn devices_that_were_apart_agree_whatever_the_order(steps in proptest::collection::vec(step(), 1..16), turn in any::<bool>()) {
        let mut scene = Scene::set();
        let rita = scene.rita;
        let (mut home, _) = scene.claimed(true);
        let mut relay = scene.relay;
        for (at, step) in steps.into_iter().enumerate() {
            let now_ms = NOW_MS + 600_000 + 1_000 * at as u64;
            (home.now_ms, relay.now_ms) = (now_ms, now_ms);
            match step {
                Step::Keep { at_home, register, value } => {
                    let node = if at_home { &mut home } else { &mut relay };
                    keep(node, rita, setting(&register.to_string(), &value.to_string()));
                }
                Step::Meet { home_first: true } => home.take_all_of(&relay),
                Step::Meet { home_first: false } => relay.take_all_of(&home),
            }
        }
        for _ in 0..2 {
            home.take_all_of(&relay);
            relay.take_all_of(&home);
        }
        prop_assert_eq!(read(&home, rita), read(&relay, rita));
        // .. and so does whoever of them begins again with what there is, in the other order.
        let (mut ops, frontiers) = home.everything();
        if turn {
            ops.reverse();
        }
        let mut again = Node::new(9);
        again.now_ms = home.now_ms;
        let secrets = home.store.secrets().unwrap().into_iter();
        again.store.apply(&secrets.map(Record::Secret).collect::<Vec<_>>());
        again.restart();
        again.deliver(ops, frontiers);
        prop_assert_eq!(read(&again, rita), read(&relay, rita));
        home.restart();
        prop_assert_eq!(read(&home, rita), read(&relay, rita));
    }
}
