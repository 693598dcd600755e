//! A recovery key takes an account back, whoever has its other keys.

use crate::claim::{RELAY, Scene};
use crate::node::Node;
use nexus_core::{Command, RecoveryKey, Refusal, Reply};
use nexus_crdt::id::UserId;

fn recover(node: &mut Node, user: UserId, key: &RecoveryKey) -> Result<RecoveryKey, Refusal> {
    // As it is typed from paper, whatever became of its groups.
    let recovery = RecoveryKey::typed(&key.to_string().to_uppercase().replace(' ', "  "));
    match node.command(None, Command::Recover { user, recovery, relay: Some(RELAY.to_owned()) })? {
        Reply::Claimed { recovery, .. } => Ok(recovery),
        other => panic!("answered {other:?}"),
    }
}

fn invalid(outcome: Result<RecoveryKey, Refusal>) -> &'static str {
    match outcome {
        Err(Refusal::Invalid { field: "recovery_key", reason }) => reason,
        other => panic!("answered {other:?}"),
    }
}

#[test]
fn who_stole_the_node_writes_nothing_more_once_its_owner_has_taken_the_account_back() {
    let mut scene = Scene::set();
    let (mut stolen, key) = scene.claimed(false);
    let (rita, channel) = (scene.rita, scene.channel);
    stolen.say(rita, channel, "before it was taken back");
    for node in [&mut scene.relay, &mut scene.ann.node] {
        node.take_all_of(&stolen);
    }
    let mut anew = Node::new(7);
    anew.take_all_of(&scene.relay);
    recover(&mut anew, rita, &key).unwrap();
    assert_eq!(anew.core.view().owner, Some(rita));
    anew.say(rita, channel, "it is me");
    // The thief has not heard of it, and has the identity key: it makes itself a name, and writes.
    stolen.now_ms += 60_000;
    let rename = Command::EditProfile { name: Some(String::from("Thief")), about: None };
    stolen.command(rita, rename).unwrap();
    stolen.say(rita, channel, "it is me, too");
    let mut stranger = Node::new(8);
    for (node, first) in [(&mut scene.ann.node, &anew), (&mut stranger, &stolen)] {
        node.now_ms += 120_000;
        node.take_all_of(first);
        node.take_all_of(&anew);
        node.take_all_of(&stolen);
        node.restart();
        let shown = &node.core.view().users[&rita];
        assert_eq!((shown.name.as_str(), shown.contested, shown.devices.len()), ("rita", false, 1));
        assert_eq!(node.texts(&channel), ["from the relay", "before it was taken back", "it is me"]);
    }
    stolen.take_all_of(&anew);
    assert!(stolen.command(rita, crate::node::send(channel, "again")).is_err(), "it knows by now");
}

#[test]
fn a_recovery_key_decides_once_and_the_next_one_after_it() {
    let mut scene = Scene::set();
    let (home, first) = scene.claimed(false);
    let mut anew = Node::new(7);
    anew.take_all_of(&home);
    let wrong = RecoveryKey::of(&[9; 32]);
    assert_eq!(invalid(recover(&mut anew, scene.rita, &wrong)), "this account names another one");
    assert!(invalid(recover(&mut anew, scene.rita, &RecoveryKey::typed("12 34"))).contains("64 hex digits"));
    let second = recover(&mut anew, scene.rita, &first).unwrap();
    assert_ne!(first, second);
    assert!(invalid(recover(&mut anew, scene.rita, &first)).contains("used before"));
    // At the node that has the account, too: what is left is one device, which is another one.
    let before = anew.core.view().local_devices.clone();
    let third = recover(&mut anew, scene.rita, &second).unwrap();
    anew.restart();
    assert_eq!(anew.core.view().local_devices.len(), 1);
    assert!(anew.core.view().local_devices.clone().intersection(before).is_empty());
    anew.say(scene.rita, scene.channel, "still here");
    scene.ann.node.take_all_of(&anew);
    assert!(scene.ann.node.texts(&scene.channel).contains(&String::from("still here")));
    assert_ne!(second, third);
    let owner = scene.ann.owner;
    assert!(
        recover(&mut scene.ann.node, scene.rita, &third) == Err(Refusal::AlreadySetUp),
        "not on another's node"
    );
    assert!(!invalid(recover(&mut scene.ann.node, owner, &third)).is_empty());
}
