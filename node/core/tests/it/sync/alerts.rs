//! What a filter catches is told in a channel that its writer may not see.

use super::{ANN, BEA, HUB, Town};
use crate::node::{channel_draft, send};
use nexus_core::sync::frame::Frame;
use nexus_core::{ChannelDraft, Command, Refusal, Store};
use nexus_crdt::body::governance::{Acts, FilterFields, OverwriteEntry, OverwriteTarget, Trigger};
use nexus_crdt::id::ChannelId;
use nexus_crdt::permissions::Permissions;

impl Town {
    /// A channel that members do not see, where Ann is told of who speaks of cats.
    fn officers_are_told(&mut self) -> ChannelId {
        let (ann, guild) = (self.ann, self.guild);
        let target = OverwriteTarget::Role(self.net.nodes[ANN].guild(&guild).everyone());
        let hidden = OverwriteEntry { target, allow: Permissions::NONE, deny: Permissions::VIEW_CHANNEL };
        let draft = ChannelDraft { overwrites: vec![hidden], ..channel_draft("officers") };
        let made = self.net.nodes[ANN].created(ann, Command::CreateChannel { guild, draft });
        let officers = ChannelId::from(made);
        let (stopped, allowed) = (vec![String::from("cat")], Vec::new());
        let trigger = Some(Trigger::Words { stopped, allowed, patterns: None });
        let acts = Some(Acts { alert: Some(officers), ..Acts::default() });
        let fields =
            FilterFields { name: Some(String::from("no cats")), trigger, acts, ..FilterFields::default() };
        self.net.nodes[ANN].created(ann, Command::MakeFilter { guild, fields });
        self.net.settle();
        self.net.nodes.iter_mut().for_each(|node| node.now_ms += 1_000);
        officers
    }

    fn bea_is_caught(&mut self, text: &str) {
        let said = self.net.nodes[BEA].command(self.bea, send(self.channel, text));
        assert!(matches!(said, Err(Refusal::Filtered { .. })), "{said:?}");
    }

    fn sum_of(&self, node: usize, channel: ChannelId) -> Option<nexus_core::StreamSum> {
        let sums = self.net.nodes[node].store.stream_sums(&self.guild).unwrap();
        sums.into_iter().find(|(stream, _)| *stream == channel.stream()).map(|(_, sum)| sum)
    }
}

#[test]
fn an_alert_is_counted_where_its_channel_is_seen_and_whoever_it_tells_of_is_shown_no_more_of_it() {
    let mut town = Town::together();
    let officers = town.officers_are_told();
    town.bea_is_caught("a cat");
    assert_eq!(town.outbox(BEA), 1);
    town.net.settle();
    let (ann, texts) = (town.ann, |town: &Town, node: usize| town.net.nodes[node].texts(&officers));
    for node in [ANN, HUB] {
        assert_eq!(texts(&town, node), ["a cat"]);
    }
    assert_eq!(town.outbox(BEA), 0, "it was handed over");
    town.net.nodes[ANN].say(ann, officers, "whose was it?");
    town.net.settle();
    assert_eq!(town.sum_of(ANN, officers), town.sum_of(HUB, officers));
    assert_eq!(town.sum_of(HUB, officers).unwrap().count, 2);
    assert_eq!(texts(&town, BEA), ["a cat"], "her own word, and no other");

    // Caught while away, and back: what she wrote there comes, once.
    town.net.cut(1);
    town.bea_is_caught("a cat, said alone");
    town.net.tape.clear();
    town.net.connect(BEA, HUB);
    town.net.settle();
    town.net.pass(60_000);
    town.net.settle();
    let is_again = |bytes: &[u8]| matches!(Frame::decode(bytes), Ok(Some(Frame::Again(again))) if again.stream == officers.stream());
    let again = town.net.tape.iter().filter(|(_, to, bytes)| *to == BEA && is_again(bytes));
    assert!(again.count() <= 1, "nobody asks for it for ever");
    let mut all = texts(&town, ANN);
    all.sort_unstable();
    assert_eq!(all, ["a cat", "a cat, said alone", "whose was it?"]);
    assert_eq!(town.sum_of(ANN, officers), town.sum_of(HUB, officers));
    assert_eq!((town.outbox(BEA), texts(&town, BEA).len()), (0, 2));
}

#[test]
fn who_holds_what_they_look_at_tells_of_what_is_caught_too() {
    let mut town = super::pages::joined_late(60);
    let officers = town.officers_are_told();
    town.bea_is_caught("a cat");
    town.net.settle();
    assert_eq!(town.net.nodes[ANN].texts(&officers), ["a cat"]);
    assert_eq!(town.sum_of(ANN, officers), town.sum_of(HUB, officers));
    assert_eq!(town.outbox(BEA), 0);
}
