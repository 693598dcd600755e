//! Nodes that meet without a relay: they find what they share, and strangers learn nothing.

use super::*;
use nexus_core::sync::CloseReason;
use nexus_core::sync::frame::Frame;

const CAL: usize = 2;

/// Ann with a guild, Bea who was shown an invite, and Cal whom nobody knows: three nodes and no relay.
pub(super) struct Street {
    pub(super) net: Net,
    pub(super) ann: UserId,
    pub(super) bea: UserId,
    pub(super) guild: SpaceId,
    channel: ChannelId,
    pub(super) code: InviteCode,
}

const BEA: usize = 1;

impl Street {
    fn new() -> Self {
        let Home { mut node, owner: ann, guild, channel } = Home::new(1);
        let invite = node.created(ann, Command::CreateInvite { channel, max_age_s: 0 });
        let code = node.core.view().invite_codes[&invite];
        let mut other = Node::new(2);
        let bea = other.setup("Bea");
        let Home { node: third, .. } = Home::new(3);
        let mut net = Net::default();
        for node in [node, other, third] {
            net.add(node, Role::Node);
        }
        Self { net, ann, bea, guild, channel, code }
    }

    /// Bea comes by the invite, on a link to Ann.
    pub(super) fn together() -> Self {
        let mut street = Self::new();
        let cable = street.net.connect(BEA, ANN);
        street.net.settle();
        street.net.event(cable, 0, Event::Ask(street.code));
        street.net.settle();
        street.net.nodes[BEA].created(street.bea, Command::Join { code: street.code });
        street.net.settle();
        street
    }

    fn texts(&self, node: usize) -> Vec<String> {
        self.net.nodes[node].texts(&self.channel)
    }
}

#[test]
fn two_nodes_and_an_invite_need_no_relay() {
    let mut street = Street::together();
    let (ann, bea, channel) = (street.ann, street.bea, street.channel);
    street.net.nodes[ANN].say(ann, channel, "welcome");
    street.net.nodes[BEA].say(bea, channel, "hello");
    street.net.settle();
    for node in [ANN, BEA] {
        assert_eq!(street.texts(node).len(), 2);
        assert_eq!(
            street.net.nodes[node].store.count(&street.guild).unwrap().outbox,
            0,
            "each holds the other's"
        );
    }
}

#[test]
fn who_shares_a_guild_is_recognised_on_the_next_link_and_catches_up() {
    let mut street = Street::together();
    street.net.cut(0);
    let (ann, bea, channel) = (street.ann, street.bea, street.channel);
    street.net.nodes[ANN].say(ann, channel, "while you were away");
    street.net.nodes[BEA].say(bea, channel, "while I was away");
    street.net.connect(ANN, BEA);
    street.net.settle();
    assert_eq!(street.texts(ANN).len(), 2);
    assert_eq!(street.texts(ANN), street.texts(BEA));
}

#[test]
fn a_stranger_learns_neither_who_is_here_nor_what_they_are_in() {
    let mut street = Street::together();
    street.net.cut(0);
    street.net.tape.clear();
    let cable = street.net.connect(CAL, ANN);
    street.net.settle();
    for node in [ANN, CAL] {
        let said = street.net.sent_by(node);
        assert!(said.iter().all(|frame| matches!(frame, Frame::Hello(_) | Frame::Common(_))), "{said:?}");
        let Some(Frame::Common(common)) = said.last() else { panic!("{said:?}") };
        assert_eq!(common.tags.len(), 8, "not even how many");
    }
    assert!(!street.net.left(ANN, &street.ann.0) && !street.net.left(ANN, &street.guild.0));
    street.net.nodes[ANN].now_ms += 20_000;
    street.net.event(cable, 1, Event::Tick);
    assert_eq!(street.net.cables[cable].closed, Some((ANN, CloseReason::Stranger)), "and is not kept");
}

#[test]
fn tags_of_one_link_say_nothing_on_another() {
    let mut street = Street::together();
    street.net.cut(0);
    street.net.tape.clear();
    street.net.connect(BEA, ANN);
    street.net.settle();
    let first = street.net.sent_by(ANN).into_iter().find(|frame| matches!(frame, Frame::Common(_))).unwrap();
    street.net.tape.clear();
    let cable = street.net.connect(CAL, BEA);
    street.net.settle();
    street.net.say(cable, 1, &first);
    street.net.settle();
    let said = street.net.sent_by(BEA);
    assert!(!said.iter().any(|frame| matches!(frame, Frame::Proof(_))), "{said:?}");
}

#[test]
fn an_invite_that_opens_nothing_here_is_denied_and_tells_who_asks_nothing() {
    let mut street = Street::new();
    let cable = street.net.connect(BEA, CAL);
    street.net.settle();
    street.net.event(cable, 0, Event::Ask(street.code));
    street.net.settle();
    assert_eq!(street.net.denied, [BEA]);
    assert!(!street.net.left(BEA, &street.bea.0), "who asks is not named to who does not know the guild");
}

#[test]
fn a_guild_that_was_joined_meanwhile_is_found_on_the_link_that_is_up() {
    let mut street = Street::new();
    let with_cal = street.net.connect(CAL, ANN);
    street.net.settle();
    let cal = *street.net.nodes[CAL].core.view().local.iter().next().unwrap();
    street.net.event(with_cal, 0, Event::Ask(street.code));
    street.net.settle();
    street.net.nodes[CAL].created(cal, Command::Join { code: street.code });
    street.net.settle();
    let (ann, channel) = (street.ann, street.channel);
    street.net.nodes[ANN].say(ann, channel, "so there you are");
    street.net.settle();
    assert_eq!(street.texts(CAL), ["so there you are"]);
}
