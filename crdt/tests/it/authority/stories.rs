//! Seven cases in words, and the plain attempts: made by hand, each a story that went wrong elsewhere.

use super::history::{History, INVITE};
use super::model::{Act, MANAGE_ROLES, OpNo, Person};
use nexus_crdt::guild::Guild;

const ANN: Person = 1;
const BEN: Person = 2;
const CAT: Person = 3;
const DAN: Person = 4;

/// A history, its last common op, and the two shorthands every story needs.
struct Story(History);

impl Story {
    fn begin() -> (Self, OpNo) {
        let history = History::begin(6);
        let last = history.governance.len() - 1;
        (Self(history), last)
    }

    fn grant(&mut self, by: Person, deps: &[OpNo], to: Person, rank: u64) -> OpNo {
        let roles = vec![self.0.role(rank)];
        self.act(by, deps, Act::Grant { to, roles })
    }

    fn act(&mut self, by: Person, deps: &[OpNo], act: Act) -> OpNo {
        let join = self.0.joins_of(by).last().copied().filter(|_| by != 0);
        self.0.write(by, join, deps, act, 0)
    }

    fn end(&self) -> Guild {
        self.0.guild()
    }

    fn valid(&self, guild: &Guild, op: OpNo) -> bool {
        guild.verdict(&self.0.governance[op].id).unwrap().is_valid()
    }

    fn is_in(&self, guild: &Guild, person: Person) -> bool {
        guild.view().members.contains_key(&self.0.user(person))
    }
}

#[test]
fn two_promoted_at_once_who_remove_each_other_both_stay() {
    for ben in [40, 30] {
        let (mut story, last) = Story::begin();
        let first = story.grant(0, &[last], ANN, 30);
        let second = story.grant(0, &[first], BEN, 30);
        let ann_up = story.grant(0, &[second], ANN, 40);
        let ben_up = story.grant(0, &[second], BEN, ben);
        story.act(ANN, &[ann_up], Act::Kick(BEN));
        story.act(BEN, &[ben_up], Act::Kick(ANN));
        let guild = story.end();
        assert!(story.is_in(&guild, ANN) && story.is_in(&guild, BEN));
    }
}

#[test]
fn a_banned_persons_back_dated_grant_and_its_use_are_void_and_honest_work_stands() {
    let (mut story, last) = Story::begin();
    let ann = story.grant(0, &[last], ANN, 30);
    let ben = story.grant(0, &[ann], BEN, 30);
    let ban = story.act(0, &[ben], Act::Ban(BEN));
    let back_dated = story.grant(BEN, &[ben], CAT, 20);
    let used = story.grant(CAT, &[back_dated], DAN, 10);
    let honest = story.grant(ANN, &[ban, used], 5, 10);
    let guild = story.end();
    assert!(!story.valid(&guild, back_dated) && !story.valid(&guild, used));
    assert!(story.valid(&guild, honest) && story.valid(&guild, ban));
    assert!(!story.is_in(&guild, BEN));
}

#[test]
fn revenge_fails_by_rank() {
    let (mut story, last) = Story::begin();
    let ann = story.grant(0, &[last], ANN, 40);
    let ben = story.grant(0, &[ann], BEN, 30);
    let ban = story.act(ANN, &[ben], Act::Ban(BEN));
    let revenge = story.act(BEN, &[ben], Act::Ban(ANN));
    let guild = story.end();
    assert!(story.valid(&guild, ban) && !story.valid(&guild, revenge));
    assert!(story.is_in(&guild, ANN) && !story.is_in(&guild, BEN));
}

#[test]
fn a_back_dated_ban_of_somebody_since_promoted_changes_nothing_for_them() {
    let (mut story, last) = Story::begin();
    let ann = story.grant(0, &[last], ANN, 30);
    let ben = story.grant(0, &[ann], BEN, 10);
    let promoted = story.grant(0, &[ben], BEN, 40);
    let work = story.grant(BEN, &[promoted], CAT, 20);
    story.act(ANN, &[ben], Act::Ban(BEN));
    let guild = story.end();
    assert!(story.is_in(&guild, BEN) && story.valid(&guild, work));
}

#[test]
fn bans_from_before_ones_own_removal_stand() {
    let (mut story, last) = Story::begin();
    let ann = story.grant(0, &[last], ANN, 30);
    let ban = story.act(ANN, &[ann], Act::Ban(DAN));
    story.act(0, &[ban], Act::Kick(ANN));
    let guild = story.end();
    assert!(story.valid(&guild, ban) && !story.is_in(&guild, DAN) && !story.is_in(&guild, ANN));
}

#[test]
fn a_removal_that_had_not_seen_a_ban_voids_it() {
    let (mut story, last) = Story::begin();
    let ann = story.grant(0, &[last], ANN, 40);
    let ben = story.grant(0, &[ann], BEN, 30);
    let ban = story.act(BEN, &[ben], Act::Ban(DAN));
    story.act(ANN, &[ben], Act::Kick(BEN));
    let guild = story.end();
    assert!(!story.valid(&guild, ban) && story.is_in(&guild, DAN));
}

#[test]
fn nobody_promotes_themselves_or_their_equals() {
    let (mut story, last) = Story::begin();
    let alone = story.grant(ANN, &[last], ANN, 40);
    let ann = story.grant(0, &[last], ANN, 30);
    let self_up = story.grant(ANN, &[ann], ANN, 40);
    let own_rank = story.grant(ANN, &[ann], BEN, 30);
    let stronger_role = Act::RoleCreate { rank: 35, permissions: MANAGE_ROLES };
    let above_self = story.act(ANN, &[ann], stronger_role);
    let guild = story.end();
    for op in [alone, self_up, own_rank, above_self] {
        assert!(!story.valid(&guild, op));
    }
}

#[test]
fn a_kicked_person_comes_back_without_roles_and_what_they_write_under_the_old_admission_is_void() {
    let (mut story, last) = Story::begin();
    let ann = story.grant(0, &[last], ANN, 30);
    let old = story.0.joins_of(ANN)[0];
    let kick = story.act(0, &[ann], Act::Kick(ANN));
    assert!(!story.is_in(&story.end(), ANN));
    story.0.join(ANN, &[kick], INVITE);
    let late = story.0.write(ANN, Some(old), &[kick], Act::Kick(DAN), 0);
    let guild = story.end();
    assert!(story.is_in(&guild, ANN) && guild.view().roles_of(&story.0.user(ANN)).next().is_none());
    assert!(!story.valid(&guild, late));
}

#[test]
fn a_back_dated_join_meets_a_ban_and_an_unban_lifts_only_the_ban_it_names() {
    let (mut story, last) = Story::begin();
    let one = story.act(0, &[last], Act::Ban(DAN));
    let two = story.act(0, &[last], Act::Ban(DAN));
    story.0.join(DAN, &[last], INVITE);
    assert!(!story.is_in(&story.end(), DAN));
    let lifts = |bans: Vec<OpNo>| Act::Unban { who: DAN, bans };
    let first = story.act(0, &[one, two], lifts(vec![one]));
    assert!(!story.is_in(&story.end(), DAN), "the other ban stands");
    story.act(0, &[first], lifts(vec![two]));
    assert!(story.is_in(&story.end(), DAN));
}
