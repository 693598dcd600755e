//! What somebody learns who could not have heard it when it was said.

use super::{ANN, BEA, HUB, Town};
use crate::node::{NOW_MS, Node};
use nexus_core::sync::Event;
use nexus_core::sync::frame::{Accounts, Frame, Refuse, RefuseCode, Role};
use nexus_core::{Command, RoleDraft};
use nexus_crdt::body::governance::RateClass;
use nexus_crdt::id::{RoleId, UserId};
use nexus_crdt::permissions::Permissions;

const DAY_MS: u64 = 24 * 3_600_000;
const CAT: usize = 3;

impl Town {
    fn kick(&self, user: UserId) -> Command {
        Command::Kick { guild: self.guild, user, reason: String::new() }
    }

    fn name_of_ann(&self, node: usize) -> &str {
        &self.net.nodes[node].core.view().users[&self.ann].name
    }

    fn says_her_name_is(&mut self, name: &str) {
        let edit = Command::EditProfile { name: Some(name.to_owned()), about: None };
        self.net.nodes[ANN].command(self.ann, edit).unwrap();
        self.net.settle();
    }

    fn is_in(&self, node: usize, user: UserId) -> bool {
        self.net.nodes[node].guild(&self.guild).members.contains_key(&user)
    }

    /// Cat comes, on a node of her own, and may kick and ban.
    fn cat_moderates(&mut self) -> (UserId, RoleId) {
        let mut node = Node::new(4);
        let cat = node.setup("Cat");
        self.net.add(node, Role::Node);
        let cable = self.net.connect(CAT, HUB);
        self.net.event(cable, 0, Event::Ask(self.code));
        self.net.settle();
        self.net.nodes[CAT].created(cat, Command::Join { code: self.code });
        let draft = RoleDraft {
            name: "mods".to_owned(),
            permissions: Some(Permissions::KICK_MEMBERS.with(Permissions::BAN_MEMBERS)),
            color: 0,
            hoist: false,
            mentionable: false,
            rate_class: RateClass::Person,
        };
        self.net.settle();
        let guild = self.guild;
        let role = RoleId(self.net.nodes[ANN].created(self.ann, Command::CreateRole { guild, draft }).0);
        self.net.nodes[ANN].command(self.ann, Command::AddMemberRole { guild, user: cat, role }).unwrap();
        self.net.settle();
        (cat, role)
    }
}

#[test]
fn who_comes_back_learns_what_the_members_said_of_themselves_meanwhile() {
    let mut town = Town::together();
    let kick = town.kick(town.bea);
    town.net.nodes[ANN].command(town.ann, kick).unwrap();
    town.net.settle();
    town.says_her_name_is("Anne");
    assert_eq!(town.name_of_ann(BEA), "Ann", "who is out is told nothing");
    town.net.event(1, 0, Event::Ask(town.code));
    town.net.settle();
    town.net.nodes[BEA].created(town.bea, Command::Join { code: town.code });
    town.net.settle();
    town.says_her_name_is("Annie");
    assert_eq!(town.name_of_ann(BEA), "Annie");
    assert_eq!(
        town.net.nodes[BEA].core.view().prints,
        town.net.nodes[HUB].core.view().prints,
        "of every account she holds what the relay holds"
    );
}

#[test]
fn a_relay_that_left_accounts_out_is_asked_for_them_when_it_says_what_it_holds() {
    let mut town = Town::together();
    town.net.withholds = Some(HUB);
    town.says_her_name_is("Anne");
    assert_eq!(town.name_of_ann(BEA), "Ann");
    town.net.withholds = None;
    town.net.cut(1);
    town.net.connect(BEA, HUB);
    town.net.settle();
    assert_eq!(town.name_of_ann(BEA), "Anne");
    let asked = town.net.sent_by(BEA).into_iter().filter(|frame| matches!(frame, Frame::Accounts(_))).count();
    assert_eq!(asked, 1, "once for the link on which it was lacking");
}

#[test]
fn questions_about_accounts_without_end_are_not_answered_without_end() {
    let mut town = Town::together();
    for _ in 0..40 {
        let prints = vec![0; 8 * 16].into();
        town.net.say(1, 1, &Frame::Accounts(Accounts { space: town.guild, prints }));
        town.net.settle();
    }
    assert!(town.net.cables[1].closed.is_some());
}

#[test]
fn a_kick_that_came_to_nothing_keeps_nobody_out() {
    let mut town = Town::together();
    let (cat, role) = town.cat_moderates();
    town.net.cut(0);
    // Nobody else knows it yet.
    let take = Command::RemoveMemberRole { guild: town.guild, user: cat, role };
    town.net.nodes[ANN].command(town.ann, take).unwrap();
    let kick = town.kick(town.bea);
    town.net.nodes[CAT].command(cat, kick).unwrap();
    town.net.settle();
    assert!(!town.is_in(BEA, town.bea) && !town.is_in(HUB, town.bea));
    town.net.connect(ANN, HUB);
    town.net.settle();
    assert!(town.is_in(HUB, town.bea), "the kick was by somebody who might not");
    assert!(town.is_in(BEA, town.bea), "and who was kicked hears so");
    town.say(ANN, "still here?");
    town.net.settle();
    assert_eq!(town.texts(BEA), ["still here?"]);
}

#[test]
fn who_was_let_back_in_by_a_word_that_came_to_nothing_hears_what_voids_it() {
    let mut town = Town::together();
    let (cat, _) = town.cat_moderates();
    let (guild, ban) =
        (town.guild, |user| Command::Ban { guild: town.guild, user, reason: String::new(), delete_s: 0 });
    let (ban_bea, ban_cat) = (ban(town.bea), ban(cat));
    town.net.nodes[ANN].command(town.ann, ban_bea).unwrap();
    town.net.settle();
    assert!(!town.is_in(BEA, town.bea));
    town.net.cut(0);
    // Nobody else knows yet that Cat is banned, too.
    town.net.nodes[ANN].command(town.ann, ban_cat).unwrap();
    town.net.nodes[CAT].command(cat, Command::Unban { guild, user: town.bea }).unwrap();
    town.net.settle();
    assert!(town.is_in(HUB, town.bea) && town.is_in(BEA, town.bea));
    town.net.cut(1);
    town.net.connect(ANN, HUB);
    town.net.settle();
    assert!(!town.is_in(HUB, town.bea), "the ban stands: who lifted it had no say any more");
    town.net.connect(BEA, HUB);
    town.net.settle();
    assert!(!town.is_in(BEA, town.bea), "nothing was said of her, and yet she is told");
}

#[test]
fn who_left_is_not_taken_back_by_who_does_not_know_it_yet() {
    let mut town = Town::together();
    town.net.cut(1);
    town.net.nodes[BEA].command(town.bea, Command::LeaveGuild { guild: town.guild, erase: false }).unwrap();
    town.net.connect(BEA, HUB);
    town.net.settle();
    assert!(!town.is_in(BEA, town.bea) && !town.is_in(HUB, town.bea));
}

#[test]
fn what_a_relay_has_no_room_for_stays_queued_and_is_given_again() {
    let mut town = Town::together();
    town.net.nodes[HUB].now_ms = NOW_MS - 3 * DAY_MS;
    for number in 0..20 {
        town.say(ANN, &format!("ann {number}"));
        town.net.settle();
    }
    assert!(town.texts(HUB).is_empty(), "by its clock all of it is days ahead");
    assert!(town.outbox(ANN) > 0, "what is only queued is shown as queued");
    let busy = |frame: &Frame| matches!(frame, Frame::Refuse(Refuse { code, .. }) if *code == RefuseCode::Busy as u32);
    assert_eq!(town.net.sent_by(HUB).iter().filter(|frame| busy(frame)).count(), 1, "it is said once");
    for node in 0..3 {
        town.net.nodes[node].now_ms = NOW_MS + 120_000;
    }
    town.net.event(0, 1, Event::Tick);
    town.net.settle();
    town.assert_same();
    assert_eq!((town.texts(HUB).len(), town.outbox(ANN)), (20, 0));
}

// A batch that had left before its giver heard that there is no room came when there was room again: it was acknowledged, and with
// it what was refused before it. The giver held that in a gap, where nothing is compared, and nobody had it for good.
#[test]
fn what_was_on_its_way_when_there_was_no_room_is_not_taken_for_what_was_wanted_again() {
    let mut town = Town::together();
    // What a place passes over would be found by comparing, where both hold all of it.
    town.net.loses = Some(|frame| matches!(frame, Frame::Compare(_)));
    town.net.nodes[HUB].now_ms = NOW_MS - 3 * DAY_MS;
    town.say(ANN, "one");
    let busy = |frame: &Frame| matches!(frame, Frame::Refuse(_));
    while !town.net.sent_by(HUB).iter().any(busy) {
        assert!(town.net.carry_one());
    }
    town.say(ANN, "two");
    assert!(town.net.carry_one(), "the refusal comes to Ann when she has sent it");
    town.net.nodes[HUB].now_ms = NOW_MS + 120_000;
    town.net.event(0, 1, Event::Tick);
    assert!(town.net.carry_one(), "the second comes to the relay, which has wanted the first again");
    town.net.cut(0);
    assert!(town.outbox(ANN) > 1, "nobody has it");
    town.net.connect(ANN, HUB);
    town.net.settle();
    assert_eq!((town.texts(HUB).len(), town.outbox(ANN)), (2, 0));
}

#[test]
fn a_link_that_ends_while_there_is_no_room_skips_nothing() {
    let mut town = Town::together();
    town.net.nodes[HUB].now_ms = NOW_MS - 3 * DAY_MS;
    town.say(ANN, "one");
    town.net.settle();
    town.net.nodes[HUB].now_ms = NOW_MS + 60_000;
    town.say(ANN, "two");
    town.net.settle();
    town.net.cut(0);
    town.net.connect(ANN, HUB);
    town.net.settle();
    town.assert_same();
    assert_eq!((town.texts(HUB).len(), town.outbox(ANN)), (2, 0));
}
