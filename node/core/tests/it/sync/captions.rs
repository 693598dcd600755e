//! What a voice channel is about is told to those who may have the channel, and kept nowhere.

use super::{ANN, BEA, HUB, Town};
use nexus_core::Command;
use nexus_core::sync::Event;
use nexus_core::sync::caption::{AHEAD_MS, Caption};
use nexus_core::sync::frame::{Captioning, Frame};
use nexus_crdt::body::governance::{OverwriteEntry, OverwriteTarget};
use nexus_crdt::id::{ChannelId, RoleId, UserId};
use nexus_crdt::permissions::Permissions;

/// The link between Bea and the relay.
const TO_BEA: usize = 1;

impl Town {
    fn caption(&self, at_ms: u64, text: &str) -> Option<Caption> {
        Some(Caption { space: self.guild, at_ms, text: text.to_owned() })
    }

    fn says(&mut self, node: usize, user: UserId, caption: Option<Caption>) {
        self.net.caption(node, (self.channel, user), caption);
        self.net.settle();
    }

    fn known(&self, by: usize, user: UserId) -> Option<Caption> {
        self.net.captioned[by].elsewhere().get(&(self.channel, user)).cloned()
    }
}

#[test]
fn what_is_said_of_a_channel_is_known_across_the_relay_until_it_is_taken_back() {
    let mut town = Town::together();
    for caption in [town.caption(1, "chess"), town.caption(2, "tea"), None] {
        town.says(ANN, town.ann, caption.clone());
        assert_eq!([HUB, BEA].map(|by| town.known(by, town.ann)), [caption.clone(), caption]);
    }
}

#[test]
fn who_comes_later_is_told_and_who_said_it_takes_it_along() {
    let mut town = Town::together();
    town.net.cut(TO_BEA);
    let chess = town.caption(1, "chess");
    town.says(ANN, town.ann, chess.clone());
    town.net.connect(BEA, HUB);
    town.net.settle();
    town.net.pass(2_000);
    assert_eq!(town.known(BEA, town.ann), chess);
    town.net.cut(0);
    town.net.settle();
    assert_eq!([HUB, BEA].map(|by| town.known(by, town.ann)), [None, None]);
}

#[test]
fn of_a_channel_that_somebody_does_not_see_they_are_told_nothing() {
    let mut town = Town::together();
    let target = OverwriteTarget::Role(RoleId(town.guild.0));
    let entry = OverwriteEntry { target, allow: Permissions::NONE, deny: Permissions::VIEW_CHANNEL };
    let hide = Command::SetOverwrite { channel: town.channel, entry };
    town.net.nodes[ANN].command(Some(town.ann), hide).unwrap();
    town.net.settle();
    town.net.pass(2_000);
    town.net.tape.clear();
    let chess = town.caption(1, "chess");
    town.says(ANN, town.ann, chess.clone());
    assert_eq!(town.known(HUB, town.ann), chess, "the relay keeps the channel");
    assert_eq!(town.known(BEA, town.ann), None);
    assert!(town.net.tape.iter().all(|(_, to, _)| *to != BEA), "{:?}", town.net.tape);
    let show = Command::ClearOverwrite { channel: town.channel, target };
    town.net.nodes[ANN].command(Some(town.ann), show).unwrap();
    town.net.settle();
    for _ in 0..12 {
        town.net.event(TO_BEA, 1, Event::Tick);
        town.net.settle();
        town.net.pass(2_000);
    }
    assert_eq!(town.known(BEA, town.ann), chess, "who sees it again is told within a minute");
}

#[test]
fn a_node_is_believed_of_its_own_people_alone_and_nobody_of_times_to_come() {
    let mut town = Town::together();
    let (channel, ann, bea) = (town.channel, town.ann, town.bea);
    let lie = |user, caption| Frame::Captioning(Captioning { user, channel, caption });
    town.net.say(TO_BEA, 1, &lie(ann, town.caption(1, "not hers to say")));
    let now_ms = town.net.nodes[HUB].now_ms;
    town.net.say(TO_BEA, 1, &lie(bea, town.caption(now_ms + AHEAD_MS + 60_000, "for ever")));
    town.net.settle();
    assert_eq!([town.known(HUB, ann), town.known(HUB, bea)], [None, None]);
    let mine = town.caption(now_ms, "hers");
    town.net.say(TO_BEA, 1, &lie(bea, mine.clone()));
    town.net.settle();
    assert_eq!(town.known(HUB, bea), mine);
}

#[test]
fn captions_without_end_are_heard_and_kept_to_a_bound() {
    let mut town = Town::together();
    let bea = town.bea;
    for number in 0..3_000_u16 {
        let mut channel = ChannelId([9; 32]);
        channel.0[..2].copy_from_slice(&number.to_be_bytes());
        let caption = town.caption(1, "x");
        town.net.say(TO_BEA, 1, &Frame::Captioning(Captioning { user: bea, channel, caption }));
        if number % 500 == 499 {
            town.net.settle();
            for end in [0, 1] {
                town.net.event(TO_BEA, end, Event::Tick);
            }
        }
    }
    town.net.settle();
    assert_eq!(town.net.captioned[HUB].elsewhere().len(), 1_024);
    assert!(town.net.cables[TO_BEA].closed.is_none());
}
