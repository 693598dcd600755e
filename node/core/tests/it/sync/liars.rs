//! Peers that lie: what they send is bounded, and nothing wrong is shown of it.

use super::{ANN, BEA, HUB, Town};
use crate::wire::{OPEN, env};
use nexus_core::sync::frame::{Ask, Frame, GovSince, Have, Heads, Hello, Ops, Place, Sum, Typing, Want};
use nexus_core::sync::{Action, CloseReason, Event, Hosting, Whose};
use nexus_core::{Command, Store, Taken};
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, StreamId};

/// The link between Bea and the relay.
const LIE: usize = 1;

impl Town {
    /// Bea's program says what it likes.
    fn lie(&mut self, frame: &Frame) {
        self.net.say(LIE, 1, frame);
        self.net.settle();
    }

    fn closed(&self) -> Option<CloseReason> {
        self.net.cables[LIE].closed.map(|(_, reason)| reason)
    }

    fn batch(&self, ops: Vec<Vec<u8>>) -> Frame {
        let ops = ops.into_iter().map(Into::into).collect();
        Frame::Ops(Ops { space: self.guild, upto: None, ops, frontiers: Vec::new() })
    }

    fn assert_nothing_happened(&mut self) {
        assert_eq!(self.closed(), None);
        self.say(ANN, "and on");
        self.net.settle();
        self.assert_same();
    }
}

#[test]
fn a_place_that_is_no_place_is_the_start() {
    let mut town = Town::together();
    for number in 0..20 {
        town.say(ANN, &format!("ann {number}"));
    }
    town.net.settle();
    for (epoch, at) in [([9; 16], 3), ([2; 16], u64::MAX), ([2; 16], 0)] {
        let from = Some(Place { epoch, at });
        town.lie(&Frame::Want(Want { space: town.guild, from, held: vec![] }));
    }
    town.assert_nothing_happened();
}

#[test]
fn who_wants_the_same_without_end_is_closed() {
    let mut town = Town::together();
    for _ in 0..40 {
        town.lie(&Frame::Want(Want { space: town.guild, from: None, held: vec![] }));
    }
    assert_eq!(town.closed(), Some(CloseReason::Greedy));
}

#[test]
fn who_has_what_was_never_sent_is_closed() {
    let mut town = Town::together();
    town.lie(&Frame::Have(Have { space: town.guild, at: u64::MAX }));
    assert_eq!(town.closed(), Some(CloseReason::Garbage));
}

#[test]
fn counts_beyond_belief_cost_one_question_each() {
    let mut town = Town::together();
    let sums = (0..200).map(|number| Sum { stream: StreamId([number; 16]), count: u64::MAX, sum: [0; 16] });
    let heads = Heads { space: town.guild, heads: vec![OpId([7; 32])], sums: sums.collect() };
    let asked = |town: &Town| {
        let sent = town.net.sent_by(HUB);
        sent.iter()
            .filter(|frame| matches!(frame, Frame::Again(_) | Frame::GovSince(_) | Frame::Compare(_)))
            .count()
    };
    town.lie(&Frame::Heads(heads.clone()));
    assert!((1..=201).contains(&asked(&town)));
    for _ in 0..80 {
        town.lie(&Frame::Heads(heads.clone()));
    }
    assert_eq!(town.closed(), Some(CloseReason::Greedy));
    assert!(asked(&town) < 300, "each stream is asked for once");
}

#[test]
fn offers_without_end_are_borne_for_a_while_and_bounded() {
    let mut town = Town::together();
    for number in 0..300u16 {
        let spaces = (0..400u16).map(|each| {
            let mut space = [0; 32];
            space[..4].copy_from_slice(&[number.to_be_bytes(), each.to_be_bytes()].concat());
            SpaceId(space)
        });
        town.net.say(LIE, 1, &Frame::Offer(spaces.collect()));
        if town.net.cables[LIE].closed.is_none() {
            town.net.settle();
        }
    }
    assert_eq!(town.closed(), Some(CloseReason::Greedy));
    assert!(town.net.cables[LIE].links[1].facts().taking <= OPEN.spaces_max + 2);
}

#[test]
fn questions_about_governance_without_end_are_not_answered_without_end() {
    let mut town = Town::together();
    for _ in 0..40 {
        town.lie(&Frame::GovSince(GovSince { space: town.guild, heads: vec![] }));
    }
    assert_eq!(town.closed(), Some(CloseReason::Greedy));
}

#[test]
fn who_guesses_invites_is_closed() {
    let mut town = Town::together();
    for _ in 0..40 {
        town.lie(&Frame::Ask(Ask { admission: DeviceKey([5; 32]), signature: [0; 64] }));
    }
    assert_eq!(town.closed(), Some(CloseReason::Greedy));
}

#[test]
fn a_kind_of_frame_that_nobody_knows_yet_is_passed_over() {
    let mut town = Town::together();
    town.net.inject(LIE, 1, vec![99, 1, 2, 3]);
    town.net.settle();
    town.assert_nothing_happened();
}

#[test]
fn ops_again_and_in_any_order_change_nothing() {
    let mut town = Town::together();
    for number in 0..5 {
        town.say(ANN, &format!("ann {number}"));
    }
    town.net.settle();
    let mut ops = town.net.nodes[HUB].store.stream_ops(&town.guild, &town.channel.stream()).unwrap();
    ops.reverse();
    let bytes: Vec<Vec<u8>> = ops.iter().map(nexus_core::StoredOp::encode).collect();
    for _ in 0..3 {
        let batch = town.batch(bytes.clone());
        town.lie(&batch);
    }
    assert_eq!(town.texts(HUB).len(), 5);
    town.assert_nothing_happened();
}

#[test]
fn ops_backwards_to_who_has_none_of_them_come_to_the_same() {
    let mut town = Town::together();
    town.net.cut(LIE);
    for number in 0..20 {
        town.say(ANN, &format!("ann {number}"));
    }
    town.net.settle();
    town.net.cut(0);
    let (mut ops, frontiers) = town.net.nodes[ANN].everything();
    ops.reverse();
    town.net.nodes[BEA].deliver(ops, frontiers);
    town.net.connect(ANN, HUB);
    town.net.connect(BEA, HUB);
    town.net.settle();
    town.assert_same();
}

#[test]
fn an_op_with_a_bit_turned_anywhere_is_taken_by_nobody() {
    let mut town = Town::together();
    let stored = town.net.nodes[HUB].store.ops().count();
    town.net.cut(0);
    let id = town.net.nodes[ANN].say(town.ann, town.channel, "true").id;
    let op = town.net.nodes[ANN].store.op(&id).unwrap().unwrap().encode();
    for place in (0..op.len()).step_by(7) {
        let mut forged = op.clone();
        forged[place] ^= 4;
        town.net.cut(0);
        town.net.connect(BEA, HUB);
        town.net.settle();
        let batch = town.batch(vec![forged]);
        town.net.say(0, 1, &batch);
        town.net.settle();
        assert_eq!(town.net.cables[0].closed, Some((HUB, CloseReason::Garbage)), "bit at {place}");
    }
    assert_eq!(town.net.nodes[HUB].store.ops().count(), stored);
}

#[test]
fn an_op_of_another_space_has_no_place_in_a_feed() {
    let mut town = Town::together();
    let bea = town.bea;
    let create = Command::CreateGuild { name: String::from("Den") };
    let den = SpaceId(town.net.nodes[BEA].created(bea, create).0);
    let genesis = town.net.nodes[BEA].store.stream_ops(&den, &StreamId::GOVERNANCE).unwrap().remove(0);
    let batch = town.batch(vec![genesis.encode()]);
    town.lie(&batch);
    assert_eq!(town.closed(), Some(CloseReason::Garbage));
}

#[test]
fn what_somebody_who_is_banned_writes_on_is_shown_to_nobody() {
    let mut town = Town::together();
    town.say(BEA, "before");
    town.net.settle();
    town.net.cut(LIE);
    let (guild, user, reason) = (town.guild, town.bea, String::from("spam"));
    town.net.nodes[ANN].command(town.ann, Command::Ban { guild, user, reason, delete_s: 0 }).unwrap();
    town.net.settle();
    for number in 0..5 {
        town.say(BEA, &format!("unheard {number}"));
    }
    let theirs = town.net.nodes[BEA].store.stream_ops(&guild, &town.channel.stream()).unwrap();
    town.net.connect(BEA, HUB);
    town.net.settle();
    let batch = town.batch(theirs.iter().map(nexus_core::StoredOp::encode).collect());
    town.lie(&batch);
    for node in [ANN, HUB] {
        assert_eq!(town.texts(node), ["before"]);
    }
}

#[test]
fn who_proves_for_somebody_else_is_closed() {
    let mut town = Town::together();
    let hello = Frame::Hello(Hello { version: 1, relay: false, rules_max: 1, nonce: [1; 32], now_ms: 0 });
    let proofs = town.net.sent_by(ANN);
    let anns = proofs.iter().find(|frame| matches!(frame, Frame::Proof(_))).unwrap();
    let mut stranger = crate::node::Node::new(7);
    stranger.setup("Eve");
    let eve = town.net.add(stranger, nexus_core::sync::frame::Role::Node);
    let cable = town.net.connect(eve, HUB);
    let greeted =
        town.net.cables[cable].links[1].handle(Event::Frame(&hello.encode()), &env(&town.net.nodes[HUB]));
    assert!(greeted.unwrap().iter().all(|action| !matches!(action, Action::Close(_))));
    let heard =
        town.net.cables[cable].links[1].handle(Event::Frame(&anns.encode()), &env(&town.net.nodes[HUB]));
    assert!(
        matches!(heard.unwrap().last(), Some(Action::Close(CloseReason::Garbage))),
        "a proof is for one link"
    );
}

#[test]
fn a_relay_takes_nothing_from_who_speaks_for_nobody() {
    let mut town = Town::new();
    town.net.connect(ANN, HUB);
    town.net.settle();
    let nobody = town.net.add(crate::node::Node::new(7), nexus_core::sync::frame::Role::Node);
    let cable = town.net.connect(nobody, HUB);
    town.net.settle();
    town.net.say(cable, 1, &Frame::Offer(vec![town.guild, SpaceId::NONE, SpaceId([8; 32])]));
    town.net.settle();
    assert_eq!(town.net.cables[cable].links[1].facts().taking, 0);
}

#[test]
fn a_space_that_is_given_up_and_offered_again_while_its_ops_are_written_breaks_nothing() {
    let mut town = Town::together();
    town.say(BEA, "hello");
    let ops = town.net.nodes[BEA].store.stream_ops(&town.guild, &town.channel.stream()).unwrap();
    let bytes = ops.iter().map(nexus_core::StoredOp::encode).collect();
    let frames = [town.batch(bytes), Frame::Gone(town.guild), Frame::Offer(vec![town.guild])];
    let (link, hub) = (&mut town.net.cables[LIE].links[1], &town.net.nodes[HUB]);
    let mut batches = Vec::new();
    for frame in &frames {
        let actions = link.handle(Event::Frame(&frame.encode()), &env(hub)).unwrap();
        batches.extend(actions.iter().filter_map(|action| match action {
            Action::Integrate { batch, .. } => Some(*batch),
            _ => None,
        }));
    }
    assert_eq!(batches.len(), 1);
    let durable = Event::Durable { batch: batches[0], taken: &Taken::default() };
    assert!(link.handle(durable, &env(hub)).unwrap().is_empty(), "nobody waits for that answer any more");
}

#[test]
fn a_relay_that_is_full_says_so_and_the_link_lives() {
    let mut town = Town::new();
    for number in 0..25 {
        town.say(ANN, &format!("ann {number}"));
    }
    town.net.hosting = Some(Hosting { ops_max: 20, ..OPEN });
    let cable = town.net.connect(ANN, HUB);
    town.net.settle();
    town.say(ANN, "one more");
    town.net.settle();
    assert_eq!(town.net.cables[cable].closed, None);
    let refused = town.net.cables[cable].links[0].facts().refused;
    assert_eq!(refused, [(town.guild, 3)]);
    assert!(town.outbox(ANN) > 0, "what the relay did not take is still shown as queued");
}

#[test]
fn a_relay_that_hosts_its_own_takes_no_guild_of_strangers() {
    let mut town = Town::new();
    town.net.hosting = Some(Hosting { whose: Whose::Own, ..OPEN });
    let cable = town.net.connect(ANN, HUB);
    town.net.settle();
    assert_eq!(town.net.cables[cable].links[0].facts().refused, [(town.guild, 2)]);
    assert!(!town.net.nodes[HUB].core.view().guilds.contains_key(&town.guild));
}

#[test]
fn a_peer_brings_so_many_guilds_and_no_more() {
    let mut town = Town::new();
    for number in 0..3 {
        let create = Command::CreateGuild { name: format!("Den {number}") };
        town.net.nodes[ANN].created(town.ann, create);
    }
    town.net.hosting = Some(Hosting { spaces_max: 2, ..OPEN });
    let cable = town.net.connect(ANN, HUB);
    town.net.settle();
    assert_eq!(town.net.nodes[HUB].core.view().guilds.len(), 2);
    assert_eq!(town.net.cables[cable].links[0].facts().refused.len(), 2);
}

#[test]
fn typing_without_end_is_heard_to_a_bound_and_only_of_ones_own() {
    let mut town = Town::together();
    let (space, channel) = (town.guild, town.channel);
    for _ in 0..1_000 {
        town.lie(&Frame::Typing(Typing { space, channel, user: town.bea }));
    }
    assert_eq!(town.net.heard.len(), 256);
    town.net.heard.clear();
    town.net.event(LIE, 1, Event::Tick);
    town.lie(&Frame::Typing(Typing { space, channel, user: town.ann }));
    assert!(town.net.heard.is_empty(), "nobody types for another");
    town.assert_nothing_happened();
}
