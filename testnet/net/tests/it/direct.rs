//! Nodes that link with each other wherever they are: by the addresses of an invite, through a relay's circuit, and through
//! routers of several kinds; and who learns where they are.

mod scene;
mod who_learns;

use nexus_net::{Nat, sum};
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
    assert_eq!(scene.road(0, 1).as_deref(), Some("quic"));
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
    assert_eq!(scene.road(0, 1).as_deref(), Some("circuit"));
    let status = scene.relay().status().unwrap();
    assert_eq!((status["guilds"].as_array().unwrap().len(), sum(&status, "ops")), (0, 0), "{status}");
    assert_eq!(status["mesh"]["circuits"], 1);
    assert!(status["mesh"]["carried"].as_u64().unwrap() > 1_000);
    let line = scene.nodes[0].status().unwrap()["mesh"]["line"].to_string();
    assert!(line.contains("to 1 peer by circuit"), "{line}");
}
