//! Every step that a few commits ask of a disk is the last one, in every way in which that can go wrong: what was acknowledged is
//! there, once.

use crate::forgetful_disk::{ForgetfulDisk, Trouble};
use crate::talk::{Place, ids, say, settle};
use nexus_core::Refusal;
use nexus_crdt::id::OpId;
use nexus_node::{Node, Page};
use std::collections::BTreeSet;
use std::io::ErrorKind;

const MESSAGES: usize = 3;

/// Nothing of what was not synced is there, all of it, and (twice, by other dice) some of it: whole writes, and sectors.
const WAYS: u32 = 4;

/// A disk with a guild on it, and how much the script asks of it from there on.
async fn scripted() -> (ForgetfulDisk, Place, usize) {
    let disk = ForgetfulDisk::default();
    let node = Node::open_on(disk.clone(), 0).unwrap();
    let place = settle(&node).await;
    node.stop().await;
    let whole = disk.copy();
    let node = Node::open_on(whole.clone(), 0).unwrap();
    script(&node, &place).await;
    node.stop().await;
    (disk, place, whole.steps())
}

/// Writes a few messages, whatever becomes of each; gives those that are said to be kept.
async fn script(node: &Node, place: &Place) -> Vec<OpId> {
    let mut acknowledged = Vec::new();
    for number in 0..MESSAGES {
        match say(node, place, &format!("message {number}")).await {
            Ok(said) => acknowledged.push(said.id),
            Err(refusal) => assert_eq!(refusal, Refusal::Unavailable),
        }
    }
    acknowledged
}

fn there(node: &Node, place: &Place) -> Vec<OpId> {
    let reader = node.read().unwrap();
    ids(&reader.messages(&node.view(), place.channel, Page::Latest, 1_000).unwrap())
}

fn assert_kept(node: &Node, place: &Place, acknowledged: &[OpId], what: &str) {
    let page = there(node, place);
    let once: BTreeSet<OpId> = page.iter().copied().collect();
    assert_eq!(once.len(), page.len(), "{what}: a message is there twice");
    assert!(acknowledged.iter().all(|id| once.contains(id)), "{what}: what was acknowledged is gone");
}

#[tokio::test]
async fn a_power_cut_after_every_step_and_in_every_way_loses_nothing_that_was_acknowledged() {
    let (settled, place, _) = scripted().await;
    let disk = settled.copy();
    let node = Node::open_on(disk.clone(), 0).unwrap();
    let mut acknowledged = Vec::new();
    for number in 0..MESSAGES {
        let said = say(&node, &place, &format!("message {number}")).await.unwrap();
        acknowledged.push((disk.steps(), said.id));
    }
    node.stop().await;
    let mut seed = 41;
    for way in 0..WAYS {
        disk.after_cuts_of(
            settled.copy(),
            0..=disk.steps(),
            |sides| if sides == WAYS { way } else { crate::power_cut::dice(&mut seed, sides) },
            |cut, left| {
                let node = Node::open_on(left, 0).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
                let kept = acknowledged.iter().filter(|(steps, _)| *steps <= cut).map(|(_, id)| *id);
                assert_kept(
                    &node,
                    &place,
                    &kept.collect::<Vec<_>>(),
                    &format!("way {way}, cut at step {cut}"),
                );
            },
        );
    }
}

#[tokio::test]
async fn a_disk_that_is_full_or_broken_at_every_step_is_survived_without_a_restart() {
    let (settled, place, steps) = scripted().await;
    let troubles = [
        (ErrorKind::StorageFull, false, "full from here on"),
        (ErrorKind::Other, true, "cannot, once"),
        (ErrorKind::Other, false, "cannot any more"),
    ];
    let mut said_no = 0;
    for (error, once, what) in troubles {
        for at in 0..steps {
            let what = format!("step {at}, {what}");
            let disk = settled.copy();
            disk.make_trouble(Trouble { at, error, once });
            let mut acknowledged = Vec::new();
            // A store that does not open is opened when the disk is well again: by who starts the program.
            let opened = Node::open_on(disk.clone(), 0);
            if let Ok(node) = &opened {
                acknowledged = script(node, &place).await;
            }
            said_no += usize::from(acknowledged.len() < MESSAGES);
            disk.relieve();
            let node = opened.or_else(|_| Node::open_on(disk.clone(), 0));
            let node = node.unwrap_or_else(|error| panic!("{what}: {error}"));
            let again = say(&node, &place, "the disk is well again").await;
            acknowledged.push(again.unwrap_or_else(|refusal| panic!("{what}: {refusal}")).id);
            assert_kept(&node, &place, &acknowledged, &what);
            node.stop().await;
            let node = Node::open_on(disk.copy(), 0).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_kept(&node, &place, &acknowledged, &format!("{what}, and after a restart"));
        }
    }
    assert!(said_no > steps, "a disk that never says no proves nothing: {said_no}");
}
