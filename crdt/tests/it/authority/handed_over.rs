//! Accounts that change hands, each a story: what follows in a guild from a word in somebody's account.

use super::accounts::{RECOVERY, THIEF};
use super::model::Act;
use super::same::in_any_order;
use super::stories::{ANN, BEN, CAT, DAN, Story};
use super::succession::{Deed, DeviceNo, KeyNo, WordNo};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::verdict::VoidReason;

/// The key that an account is taken home to, and the device there.
const HOME: KeyNo = 1;
const AT_HOME: DeviceNo = 2;
/// The last word of every account's beginning, and the last that names no second device.
const LAST: WordNo = 3;
const FEWER: WordNo = 2;
const STOLEN: DeviceNo = 3;

const SEAL: Act = Act::Checkpoint { honest: true, rules: None, cites: None };

impl Story {
    /// A word in somebody's account, later than everything; its number.
    fn word(&mut self, who: usize, by: KeyNo, behind: Option<WordNo>, deed: Deed) -> WordNo {
        let account = &self.0.model.accounts[who].0;
        let number = account.len();
        let after = behind.map_or(0, |word| account[word].hlc);
        let latest = self.0.model.facts.iter().map(|fact| fact.hlc).chain([after]).max().unwrap();
        self.0.say(who, by, behind, latest + 1, deed);
        number
    }

    /// Somebody takes their account home, keeping everything.
    fn claim(&mut self, who: usize) -> WordNo {
        let claim = Deed::Rotate { ends: 0, new: HOME, keep: LAST, recovery: Some(RECOVERY) };
        let claim = self.word(who, 0, Some(LAST), claim);
        self.word(who, HOME, None, Deed::Certify(AT_HOME));
        claim
    }

    /// Whoever kept the first key signs a rival of it, on an earlier branch, and certifies a device of their own.
    fn rival(&mut self, who: usize) -> WordNo {
        let rival = Deed::Rotate { ends: 0, new: THIEF, keep: FEWER, recovery: None };
        let rival = self.word(who, 0, Some(FEWER), rival);
        self.word(who, THIEF, None, Deed::Certify(STOLEN));
        rival
    }
}

#[test]
fn a_member_who_takes_the_device_back_that_they_joined_on_takes_nobody_else_along() {
    let (mut story, last) = Story::begin();
    let ann = story.grant(0, &[last], ANN, 30);
    let invite = story.act(ANN, &[ann], Act::Invite);
    // Ben goes on from what he was told of, and so does everybody.
    let ben = story.grant(0, &[invite], BEN, 20);
    let ban = story.act(BEN, &[ben], Act::Ban(DAN));
    let mut heard_later = story.end();
    assert!(story.valid(&heard_later, invite) && !story.is_in(&heard_later, DAN));
    let never = Deed::Revoke { device: 0, until: 0 };
    story.word(ANN, 0, Some(LAST), never);
    heard_later.people_changed(&story.0.people);
    for guild in [&heard_later, &story.end()] {
        assert_eq!(story.reason(guild, invite), Some(VoidReason::Device));
        assert!(!story.is_in(guild, ANN), "she never came in, then");
        assert!(story.valid(guild, ben) && story.valid(guild, ban) && !story.is_in(guild, DAN));
    }
    in_any_order(0, &story.0, &story.end());
}

#[test]
fn no_member_s_account_unseals_what_an_owner_sealed() {
    let (mut story, last) = Story::owned(vec![0, BEN], 1);
    let ann = story.grant(0, &[last], ANN, 30);
    let invite = story.act(ANN, &[ann], Act::Invite);
    let rules = story.act(0, &[invite], Act::Checkpoint { honest: true, rules: Some(2), cites: None });
    let sealed = story.act(BEN, &[rules], SEAL);
    let stale = story.grant(ANN, &[ann], CAT, 20);
    assert_eq!(story.reason(&story.end(), stale), Some(VoidReason::Stale));
    let until = story.0.model.facts[invite].hlc - 1;
    story.word(ANN, 0, Some(LAST), Deed::Revoke { device: 0, until });
    let guild = story.end();
    assert_eq!(story.reason(&guild, invite), Some(VoidReason::Device), "her own word on her own device");
    assert_eq!(guild.view().rules_version, 2, "what the owner laid down holds for ever");
    for barrier in [rules, sealed] {
        assert!(story.valid(&guild, barrier));
        let op = &story.0.governance[barrier].id;
        assert!(guild.misstates(op), "what it sealed is another state now, and that can be seen");
    }
    in_any_order(1, &story.0, &story.end());
}

#[test]
fn a_thief_with_an_old_identity_key_governs_until_it_is_settled_and_never_after() {
    let (mut story, last) = Story::begin();
    let ann = story.grant(0, &[last], ANN, 30);
    let claim = story.claim(ANN);
    let join = story.0.joins_of(ANN).last().copied();
    let at_home = story.0.write_on((ANN, AT_HOME), join, &[ann], Act::Ban(DAN), 5);
    story.rival(ANN);
    let stolen = story.0.write_on((ANN, STOLEN), join, &[ann], Act::Ban(CAT), 5);
    let contested = story.end();
    assert!(story.valid(&contested, stolen) && !story.valid(&contested, at_home), "the lower seq counts");
    let cites = Some((ANN, claim));
    let settled = story.act(0, &[at_home, stolen], Act::Checkpoint { honest: true, rules: None, cites });
    let late = story.0.write_on((ANN, STOLEN), join, &[settled], Act::Ban(BEN), 0);
    let guild = story.end();
    for act in [stolen, late] {
        assert_eq!(story.reason(&guild, act), Some(VoidReason::Device));
    }
    assert!(story.valid(&guild, at_home) && story.is_in(&guild, CAT) && !story.is_in(&guild, DAN));
    in_any_order(2, &story.0, &story.end());
}

#[test]
fn what_the_old_key_s_devices_did_meanwhile_counts_as_the_rotation_keeps_it() {
    for (keep, stands) in [(LAST, true), (FEWER, false)] {
        let (mut story, last) = Story::begin();
        let ann = story.grant(0, &[last], ANN, 30);
        let join = story.0.joins_of(ANN).last().copied();
        let meanwhile = story.0.write_on((ANN, 1), join, &[ann], Act::Ban(DAN), 0);
        story.word(ANN, 0, Some(LAST), Deed::Rotate { ends: 0, new: HOME, keep, recovery: None });
        let unaware = story.0.write_on((ANN, 1), join, &[meanwhile], Act::Ban(CAT), 0);
        let guild = story.end();
        for act in [meanwhile, unaware] {
            assert_eq!(story.valid(&guild, act), stands, "its certificate is kept, or it is not");
        }
        in_any_order(3, &story.0, &story.end());
    }
}

#[test]
fn an_owner_s_account_is_taken_back_and_the_guild_with_it() {
    // Ann has a recovery key from the beginning on.
    let (mut story, last) = Story::owned(vec![0, ANN], 1);
    // The thief begins the old key's log a second time: nobody's seq is lower.
    let theft = Deed::Rotate { ends: 0, new: THIEF, keep: LAST, recovery: None };
    let theft = story.word(ANN, 0, None, theft);
    story.word(ANN, THIEF, None, Deed::Certify(STOLEN));
    let join = story.0.joins_of(ANN).last().copied();
    let vote = Act::Owners { base: story.0.model.facts[0].id, owners: vec![ANN], threshold: 1 };
    let stolen = story.0.write_on((ANN, STOLEN), join, &[last], vote, 0);
    assert!(!story.end().view().is_owner(&story.0.user(0)), "the thief has the guild");
    // Even the other owner believes it.
    story.act(0, &[last], Act::Checkpoint { honest: true, rules: None, cites: Some((ANN, theft)) });
    assert!(story.end().settled(&story.0.user(ANN)).is_some());
    let back = Deed::Rotate { ends: 0, new: HOME, keep: LAST, recovery: None };
    story.word(ANN, RECOVERY, None, back);
    let guild = story.end();
    assert_eq!(story.reason(&guild, stolen), Some(VoidReason::Device));
    assert!(guild.view().is_owner(&story.0.user(0)) && guild.view().is_owner(&story.0.user(ANN)));
    in_any_order(4, &story.0, &story.end());
}

#[test]
fn of_two_rotations_at_once_everybody_takes_the_same_and_the_other_s_devices_do_nothing() {
    let (mut story, last) = Story::begin();
    let ben = story.grant(0, &[last], BEN, 30);
    story.claim(BEN);
    let other = story.word(BEN, 0, Some(LAST), Deed::Rotate { ends: 0, new: 4, keep: LAST, recovery: None });
    story.word(BEN, 4, None, Deed::Certify(STOLEN));
    let join = story.0.joins_of(BEN).last().copied();
    let one = story.0.write_on((BEN, AT_HOME), join, &[ben], Act::Name(String::from("one")), 5);
    let two = story.0.write_on((BEN, STOLEN), join, &[ben], Act::Name(String::from("two")), 5);
    let guild = story.end();
    assert!(story.valid(&guild, one) != story.valid(&guild, two), "both of seq {}: by their ids", LAST + 1);
    assert_eq!(guild.settled(&story.0.user(BEN)), None);
    // An owner who is told which is right says so, and that holds whatever is signed later.
    let cites = Some((BEN, other));
    let settled = story.act(0, &[one, two], Act::Checkpoint { honest: true, rules: None, cites });
    story.rival(BEN);
    let guild = story.end();
    assert!(story.valid(&guild, settled) && story.valid(&guild, two) && !story.valid(&guild, one));
    in_any_order(5, &story.0, &story.end());
}

#[test]
fn an_account_that_settles_itself_settles_nothing_beside_another_owner_s_word() {
    let (mut story, last) = Story::owned(vec![0, ANN], 1);
    let (claim, rival) = (story.claim(ANN), story.rival(ANN));
    let join = story.0.joins_of(ANN).last().copied();
    let cite = |rotation| Act::Checkpoint { honest: true, rules: None, cites: Some((ANN, rotation)) };
    // Whoever kept Ann's keys gives her own word for the rival, before anybody else speaks.
    story.0.write_on((ANN, STOLEN), join, &[last], cite(rival), 0);
    let rival = story.0.people.word(ANN, rival);
    assert_eq!(story.end().settled(&story.0.user(ANN)), Some(rival));
    story.0.write(0, None, &[last], cite(claim), 5);
    let claim = story.0.people.word(ANN, claim);
    assert_eq!(story.end().settled(&story.0.user(ANN)), Some(claim));
    in_any_order(7, &story.0, &story.end());
}

#[test]
fn who_joined_on_a_device_that_a_settled_rotation_takes_away_stays_settled() {
    let (mut story, last) = Story::begin();
    let kick = story.act(0, &[last], Act::Kick(CAT));
    let claim = story.claim(CAT);
    story.rival(CAT);
    let join = story.0.join_on((CAT, STOLEN), &[kick], super::history::INVITE);
    assert!(story.is_in(&story.end(), CAT), "the thief comes in under her name");
    let cites = Some((CAT, claim));
    story.act(0, &[kick], Act::Checkpoint { honest: true, rules: None, cites });
    let mut guild = story.end();
    for _ in 0..3 {
        assert!(!story.is_in(&guild, CAT), "join {join} is none any more, however often it is asked");
        assert!(guild.settled(&story.0.user(CAT)).is_some());
        guild.people_changed(&story.0.people);
    }
    assert!(Hlc::ZERO < Hlc(story.0.model.joins[join].hlc));
    in_any_order(6, &story.0, &story.end());
}
