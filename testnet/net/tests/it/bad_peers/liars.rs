//! A peer that answers every question with a lie, and one that asks without end.

use super::{Scene, becomes_barred};
use nexus_core::sync::frame::{Frame, GovSince, Have, Heads, Ops, Place, Sum, Want};
use nexus_crdt::id::{OpId, SpaceId, StreamId};
use nexus_net::Transport;

#[tokio::test(flavor = "multi_thread")]
async fn lies_about_what_there_is_cost_some_patience_and_nothing_else() {
    let mut scene = Scene::set().await.unwrap();
    scene.honest_people_talk("quiet").await.unwrap();
    let space = scene.guild;
    let mut line = scene.caught_up().await.unwrap();
    let sums =
        (0..100).map(|number| Sum { stream: StreamId([number; 16]), count: u64::MAX, sum: [number; 16] });
    let mut lies = vec![Frame::Heads(Heads { space, heads: vec![OpId([7; 32])], sums: sums.collect() })];
    for number in 0..10u8 {
        // An epoch that changes with every batch, and places that go back and forth.
        let at = [u64::MAX, 0, 1, 1 << 60][usize::from(number % 4)];
        let upto = Some(Place { epoch: [number; 16], at });
        lies.push(Frame::Ops(Ops {
            space,
            upto,
            ops: Vec::new(),
            frontiers: vec![vec![OpId([number; 32])]],
        }));
    }
    for lie in lies {
        line.say(&lie).await.unwrap();
    }
    line.quiet().await.unwrap();
    scene.honest_people_talk("on").await.unwrap();
    scene.company.verify().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_without_end_or_has_what_was_never_given_is_closed_and_barred() {
    let mut scene = Scene::set().await.unwrap();
    scene.honest_people_talk("quiet").await.unwrap();
    let space = scene.guild;
    let offers = |number: u16| {
        let mut name = [3; 32];
        name[..2].copy_from_slice(&number.to_be_bytes());
        Frame::Offer(vec![SpaceId(name)])
    };
    let floods: [Vec<Frame>; 5] = [
        vec![Frame::Have(Have { space, at: u64::MAX })],
        vec![Frame::Want(Want { space, from: None, held: Vec::new() }); 100],
        vec![Frame::GovSince(GovSince { space, heads: Vec::new() }); 100],
        vec![Frame::Heads(Heads { space, heads: Vec::new(), sums: Vec::new() }); 200],
        (0..600).map(offers).collect(),
    ];
    for flood in floods {
        scene.eve.transport = Transport::new().unwrap();
        let mut line = scene.caught_up().await.unwrap();
        for frame in &flood {
            // The line may end before all is said.
            if line.say(frame).await.is_err() {
                break;
            }
        }
        line.ended().await.unwrap();
        becomes_barred(&scene.eve, &scene.relay).await;
    }
    scene.honest_people_talk("on").await.unwrap();
    scene.company.verify().await.unwrap();
}
