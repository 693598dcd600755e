//! Power cuts while people write: what was acknowledged is there, whole and once.

use crate::forgetful_disk::ForgetfulDisk;
use crate::talk::{Place, ids, say, settle};
use nexus_core::{Arrival, Snowflake};
use nexus_crdt::id::OpId;
use nexus_node::store::Medium;
use nexus_node::{Node, Page};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

const CRASH_POINTS: usize = 500;
const WRITERS: usize = 6;
const MESSAGES_EACH: usize = 40;

/// A message and how far the disk was when its author was told that it is kept.
#[derive(Clone, Copy, Debug)]
struct Acknowledged {
    steps: usize,
    id: OpId,
    number: Snowflake,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_message_outlives_a_power_cut_at_any_of_500_moments() {
    let disk = ForgetfulDisk::default();
    let node = Node::open_on(disk.clone(), 0).unwrap();
    let place = settle(&node).await;
    let first_cut = disk.steps();
    let acknowledged = write_at_once(&node, &disk, place).await;
    let last_cut = disk.steps();
    assert_eq!(acknowledged.len(), WRITERS * MESSAGES_EACH);
    assert!(disk.syncs() < acknowledged.len(), "several messages share a commit");
    node.stop().await;

    let mut seed = 2_026;
    let cuts = (0..CRASH_POINTS).map(|n| first_cut + (last_cut - first_cut) * n / (CRASH_POINTS - 1));
    let mut lost_some_unacknowledged = false;
    disk.after_cuts(
        cuts,
        |sides| dice(&mut seed, sides),
        |cut, left| {
            let kept: Vec<_> = acknowledged.iter().filter(|said| said.steps <= cut).copied().collect();
            let there = reopened(&left, &place, &kept, cut);
            lost_some_unacknowledged |= there < acknowledged.len();
        },
    );
    assert!(lost_some_unacknowledged, "a disk that forgets nothing proves nothing");
}

/// redb does not open a file whose making was cut short, so a folder's store is made beside its place and moved there;
/// from then on every moment counts.
#[tokio::test]
async fn a_power_cut_during_the_first_start_leaves_a_store_that_opens() {
    let disk = ForgetfulDisk::default();
    disk.open().unwrap().close().unwrap();
    let made = disk.steps();
    let node = Node::open_on(disk.clone(), 0).unwrap();
    let opened = disk.steps();
    let place = settle(&node).await;
    let settled = disk.steps();
    drop(node);
    let mut seed = 7;
    disk.after_cuts(
        made..=settled,
        |sides| dice(&mut seed, sides),
        |cut, left| {
            let node = Node::open_on(left, 0).unwrap_or_else(|error| panic!("cut at step {cut}: {error}"));
            let owner = node.view().owner;
            assert!(owner.is_none() || owner == Some(place.owner));
            assert!(cut > opened || owner.is_none());
            assert!(cut < settled || node.view().guilds.contains_key(&place.guild));
        },
    );
}

async fn write_at_once(node: &Node, disk: &ForgetfulDisk, place: Place) -> Vec<Acknowledged> {
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (node, disk, acknowledged) = (node.clone(), disk.clone(), acknowledged.clone());
        writers.spawn(async move {
            for number in 0..MESSAGES_EACH {
                let said = say(&node, &place, &format!("{number} of {writer}")).await.unwrap();
                let steps = disk.steps();
                let said = Acknowledged { steps, id: said.id, number: said.api_id };
                acknowledged.lock().unwrap().push(said);
                // Committed without a sync, in between.
                node.handed_over(place.guild, Arrival(steps as u64)).unwrap();
            }
        });
    }
    writers.join_all().await;
    Arc::into_inner(acknowledged).unwrap().into_inner().unwrap()
}

/// Opens what a cut has left, looks for everything that was acknowledged before it, and gives how much is there.
fn reopened(left: &ForgetfulDisk, place: &Place, kept: &[Acknowledged], cut: usize) -> usize {
    let node = Node::open_on(left.clone(), 0).unwrap_or_else(|error| panic!("cut at step {cut}: {error}"));
    let (view, reader) = (node.view(), node.read().unwrap());
    let page = ids(&reader.messages(&view, place.channel, Page::Latest, usize::MAX).unwrap());
    let there: BTreeSet<OpId> = page.iter().copied().collect();
    assert_eq!(there.len(), page.len(), "cut at step {cut}: a message is there twice");
    for said in kept {
        assert!(there.contains(&said.id), "cut at step {cut}: {said:?} was acknowledged and is gone");
        let by_number = reader.message(&view, place.channel, said.number).unwrap();
        assert_eq!(by_number.map(|message| message.id), Some(said.id));
    }
    there.len()
}

// xorshift64*: the cuts must be the same in every run.
pub(crate) fn dice(seed: &mut u64, sides: u32) -> u32 {
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    (seed.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32 % sides
}
