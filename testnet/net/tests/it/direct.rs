//! Nodes that link with each other wherever they are: by the addresses of an invite, through a relay's circuit, and through
//! routers of several kinds; and who learns where they are.

mod scene;
mod who_learns;

use anyhow::ensure;
use nexus_net::{Fault, Nat, eventually, sum};
use scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_is_all_that_two_nodes_on_two_networks_need_and_they_find_each_other_again() {
    // Nothing that is said to everybody comes through a router.
    let mut scene = Scene::without_a_relay(&[None, Some(Nat::Symmetric)]).await;
    let url = scene.invite().await;
    assert!(url.contains(&format!("at={}:8091", scene.houses()[0].address())), "{url}");
    scene.join(1, &url).await;
    scene.hears(0, 1, "across two networks").await;
    scene.hears(1, 0, "and back").await;
    scene.comes_to_be(0, 1, "quic").await;
    for node in [0, 1] {
        scene.nodes[node].stop().await.unwrap();
    }
    for node in [0, 1] {
        scene.nodes[node].start().await.unwrap();
    }
    scene.hears(0, 1, "the next day").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_no_door_opens_between_are_linked_through_a_relay_that_holds_nothing_of_theirs() {
    let scene = Scene::at_a_relay(&[Nat::Symmetric, Nat::Symmetric]).await;
    scene.hears(0, 1, "carried").await;
    scene.hears(1, 0, "both ways").await;
    scene.comes_to_be(0, 1, "circuit").await;
    eventually("one circuit carries it", async || {
        let status = scene.relay().status()?;
        assert_eq!((status["guilds"].as_array().unwrap().len(), sum(&status, "ops")), (0, 0), "{status}");
        let mesh = &status["mesh"];
        ensure!(mesh["circuits"] == 1 && mesh["carried"].as_u64() > Some(1_000), "{mesh}");
        Ok(Some(()))
    })
    .await
    .unwrap();
    eventually("it is said", async || {
        let line = scene.nodes[0].status()?["mesh"]["line"].to_string();
        ensure!(line.contains("to 1 peer by circuit"), "{line}");
        Ok(Some(()))
    })
    .await
    .unwrap();
}

/// What hole punching can do, and what it cannot (RFC 5128, 3.3 to 3.5): a door opens between two routers unless one of them
/// chooses a port for each whom it sends to and the other lets in only the very port that it sent to.
#[tokio::test(flavor = "multi_thread")]
async fn doors_open_between_routers_of_every_two_kinds_that_can_and_a_circuit_carries_where_they_cannot() {
    let nats = [Nat::FullCone, Nat::AddressRestricted, Nat::PortRestricted, Nat::Symmetric, Nat::Symmetric];
    let scene = Scene::at_a_relay(&nats).await;
    let is_strict = |nat: Nat| matches!(nat, Nat::PortRestricted | Nat::Symmetric);
    for (one, first) in nats.iter().enumerate() {
        for (other, second) in nats.iter().enumerate().skip(one + 1) {
            let is_moving = [*first, *second].contains(&Nat::Symmetric);
            let road = if is_moving && is_strict(*first) && is_strict(*second) { "circuit" } else { "quic" };
            scene.comes_to_be(one, other, road).await;
        }
    }
    scene.street.faults().must_have(&[Fault::TurnedAway]).unwrap();
    for node in 1..nats.len() {
        scene.hears(0, node, &format!("to number {node}")).await;
    }
    // Still.
    scene.comes_to_be(3, 4, "circuit").await;
}
