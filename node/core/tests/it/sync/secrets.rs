//! What a peer may not have does not leave, and what it may have later comes then.

use super::{ANN, BEA, HUB, Town};
use crate::node::channel_draft;
use nexus_core::sync::Event;
use nexus_core::sync::frame::Frame;
use nexus_core::{ChannelDraft, Command, Store};
use nexus_crdt::body::governance::{OverwriteEntry, OverwriteTarget};
use nexus_crdt::id::ChannelId;
use nexus_crdt::op;
use nexus_crdt::permissions::Permissions;

impl Town {
    pub(super) fn set_for_everyone(&mut self, channel: ChannelId, deny: Permissions) {
        let command = Command::SetOverwrite { channel, entry: self.for_everyone(deny) };
        self.net.nodes[ANN].command(self.ann, command).unwrap();
        self.net.settle();
    }

    fn for_everyone(&self, deny: Permissions) -> OverwriteEntry {
        let everyone = self.net.nodes[ANN].guild(&self.guild).everyone();
        OverwriteEntry { target: OverwriteTarget::Role(everyone), allow: Permissions::NONE, deny }
    }

    /// A channel that only Ann sees.
    fn officers(&mut self) -> ChannelId {
        let overwrites = vec![self.for_everyone(Permissions::VIEW_CHANNEL)];
        let draft = ChannelDraft { overwrites, ..channel_draft("officers") };
        let made = self.net.nodes[ANN].created(self.ann, Command::CreateChannel { guild: self.guild, draft });
        self.net.settle();
        ChannelId(made.0)
    }

    fn whisper(&mut self, channel: ChannelId, text: &str) {
        self.net.nodes[ANN].say(self.ann, channel, text);
        self.net.settle();
    }

    fn reconnect_bea(&mut self) {
        if self.net.cables.len() > 1 {
            self.net.cut(1);
        }
        self.net.connect(BEA, HUB);
        self.net.settle();
    }

    fn bea_is_in(&self, node: usize) -> bool {
        self.net.nodes[node].guild(&self.guild).members.contains_key(&self.bea)
    }

    fn put_out(&mut self, ban: bool) {
        let (guild, user, reason) = (self.guild, self.bea, String::from("spam"));
        let command = match ban {
            true => Command::Ban { guild, user, reason, delete_s: 0 },
            false => Command::Kick { guild, user, reason },
        };
        self.net.nodes[ANN].command(self.ann, command).unwrap();
    }

    /// What happens in the guild once Bea is out, and must not reach her.
    fn go_on_without_bea(&mut self) {
        self.say(ANN, "swordfish");
        let draft = channel_draft("halibut");
        self.net.nodes[ANN].created(self.ann, Command::CreateChannel { guild: self.guild, draft });
        self.net.settle();
    }

    fn assert_bea_heard_no_more_than_her_removal(&self) {
        assert!(!self.bea_is_in(BEA), "she learns of it");
        assert!(!self.net.left(HUB, b"swordfish") && !self.net.left(HUB, b"halibut"));
        assert!(
            self.net.nodes[BEA].guild(&self.guild).channels.values().all(|channel| channel.name != "halibut")
        );
    }
}

#[test]
fn not_one_op_of_a_hidden_channel_leaves_for_who_may_not_see_it() {
    let mut town = Town::together();
    let officers = town.officers();
    town.whisper(officers, "swordfish");
    let message = town.net.nodes[ANN].messages(&officers)[0].id;
    town.net.nodes[ANN].edit(town.ann, officers, message, "halibut").unwrap();
    town.net.settle();
    town.reconnect_bea();
    town.say(BEA, "what do they say in there?");
    town.net.settle();
    let stream = officers.stream();
    let hidden = town.net.nodes[HUB].store.stream_ops(&town.guild, &stream).unwrap();
    assert_eq!(hidden.len(), 2, "the relay keeps them");
    for stored in &hidden {
        assert!(!town.net.left(HUB, &op::header_bytes(&stored.op)));
    }
    assert!(town.net.left(ANN, b"swordfish") && !town.net.left(HUB, b"swordfish"));
    assert!(!town.net.left(HUB, b"halibut"));
    let told = |frame: &Frame| match frame {
        Frame::Heads(heads) => heads.sums.iter().any(|sum| sum.stream == stream),
        Frame::Want(want) => want.held.iter().any(|sum| sum.stream == stream),
        _ => false,
    };
    let to_bea = town.net.sent_by(HUB).iter().any(told);
    assert!(!to_bea, "nor how much there is");
    let again = nexus_core::sync::frame::Again { space: town.guild, stream };
    town.net.say(1, 1, &Frame::Again(again));
    for step in 0..3 {
        town.net.say(1, 1, &super::compare::everything(&town, stream, step));
    }
    town.net.settle();
    assert!(!town.net.left(HUB, b"swordfish"), "who asks for it gets none");
    let of_it = |frame: &Frame| matches!(frame, Frame::Compare(compare) if compare.stream == stream);
    assert!(!town.net.sent_by(HUB).iter().any(of_it), "and not a fingerprint of it");
    assert!(town.net.nodes[BEA].store.stream_ops(&town.guild, &stream).unwrap().is_empty());
}

#[test]
fn a_channel_that_is_opened_later_comes_whole_at_once_or_with_the_next_link() {
    for away in [false, true] {
        let mut town = Town::together();
        let officers = town.officers();
        town.whisper(officers, "one");
        town.whisper(officers, "two");
        if away {
            town.net.cut(1);
        }
        town.set_for_everyone(officers, Permissions::NONE);
        if away {
            town.reconnect_bea();
        }
        assert_eq!(town.net.nodes[BEA].texts(&officers), ["one", "two"], "away: {away}");
        town.set_for_everyone(officers, Permissions::VIEW_CHANNEL);
        town.whisper(officers, "three");
        assert_eq!(town.net.nodes[BEA].texts(&officers).len(), 2, "nothing new once it is closed");
        town.set_for_everyone(officers, Permissions::NONE);
        assert_eq!(town.net.nodes[BEA].texts(&officers), ["one", "two", "three"]);
        town.assert_same();
    }
}

#[test]
fn who_may_not_read_history_hears_what_comes_while_they_listen() {
    let mut town = Town::together();
    let channel = ChannelId(
        town.net.nodes[ANN]
            .created(town.ann, Command::CreateChannel { guild: town.guild, draft: channel_draft("stage") })
            .0,
    );
    town.set_for_everyone(channel, Permissions::READ_MESSAGE_HISTORY);
    town.whisper(channel, "heard");
    town.net.cut(1);
    town.whisper(channel, "swordfish");
    let missed = town.net.nodes[ANN].messages(&channel)[1].id;
    town.net.nodes[ANN].edit(town.ann, channel, missed, "halibut").unwrap();
    town.net.settle();
    town.reconnect_bea();
    town.whisper(channel, "heard again");
    assert_eq!(town.net.nodes[BEA].texts(&channel), ["heard", "", "heard again"]);
    assert!(!town.net.left(HUB, b"swordfish") && !town.net.left(HUB, b"halibut"));
}

#[test]
fn who_is_kicked_is_told_so_and_nothing_after() {
    for away in [false, true] {
        let mut town = Town::together();
        if away {
            town.net.cut(1);
        }
        town.put_out(false);
        if !away {
            town.net.settle();
        }
        town.go_on_without_bea();
        if away {
            town.reconnect_bea();
        }
        town.assert_bea_heard_no_more_than_her_removal();
        let gone = Frame::Gone(town.guild);
        assert_eq!(town.net.sent_by(HUB).iter().filter(|frame| **frame == gone).count(), 1);
        town.net.event(town.net.cables.len() - 1, 1, Event::Tick);
        town.reconnect_bea();
        town.assert_bea_heard_no_more_than_her_removal();
        town.net.reached.clear();
        town.bea_joins(town.net.cables.len() - 1);
        assert!(town.bea_is_in(ANN) && town.bea_is_in(BEA), "a kick is no ban");
        town.assert_same();
        assert_eq!(town.texts(BEA), ["swordfish"]);
    }
}

#[test]
fn who_is_kicked_and_comes_back_on_the_same_link_has_everything() {
    let mut town = Town::together();
    town.put_out(false);
    town.net.settle();
    town.go_on_without_bea();
    town.net.reached.clear();
    town.bea_joins(1);
    town.assert_same();
}

#[test]
fn an_invite_opens_nothing_to_who_is_banned() {
    let mut town = Town::together();
    town.put_out(true);
    town.net.settle();
    town.go_on_without_bea();
    town.reconnect_bea();
    town.net.event(1, 0, Event::Ask(town.code));
    town.net.settle();
    assert_eq!(town.net.denied, [BEA]);
    town.assert_bea_heard_no_more_than_her_removal();
    town.say(ANN, "and on");
    town.net.settle();
    assert!(!town.net.left(HUB, b"and on"));
}
