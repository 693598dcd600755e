//! An account goes home, and what a relay that kept the keys can do about it.

use crate::node::{Home, Node, channel_draft, text_of};
use nexus_core::{Command, RecoveryKey, Refusal, Reply, Secret, Store as _};
use nexus_crdt::body::governance::RateClass;
use nexus_crdt::body::identity::DeviceRevoke;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, DeviceKey, OpId, SpaceId, StreamId, UserId};
use nexus_crdt::identity::Identity;
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, open_body};
use nexus_crdt::permissions::Permissions;

pub(crate) const RELAY: &str = "https://relay.example";

/// Ann's guild, and Rita in it with an account that the relay signs for.
pub(crate) struct Scene {
    pub(crate) ann: Home,
    pub(crate) relay: Node,
    pub(crate) rita: UserId,
    pub(crate) channel: ChannelId,
}

impl Scene {
    pub(crate) fn set() -> Self {
        let mut ann = Home::new(1);
        let mut relay = Node::new(2);
        relay.command(None, Command::UseRelay { url: RELAY.to_owned() }).unwrap();
        let host = Command::Host { name: String::from("rita") };
        let Ok(Reply::Created(rita)) = relay.command(None, host) else { panic!("no account") };
        let rita = UserId::from(rita);
        let channel = ann.channel;
        let invite = ann.node.created(ann.owner, Command::CreateInvite { channel, max_age_s: 0 });
        relay.take_all_of(&ann.node);
        let code = ann.node.core.view().invite_codes[&invite];
        relay.created(rita, Command::Join { code });
        relay.say(rita, channel, "from the relay");
        ann.node.take_all_of(&relay);
        Self { ann, relay, rita, channel }
    }

    /// The relay hands the account to the keys that a node has made.
    fn hand_over(&mut self, home: &mut Node) -> Result<Reply, Refusal> {
        let (identity_key, recovery) = begin(home, self.rita);
        let user = self.rita;
        self.relay.command(None, Command::HandOverAccount { user, identity_key, recovery })
    }

    pub(crate) fn claimed(&mut self, keep_hosted: bool) -> (Node, RecoveryKey) {
        let mut home = Node::new(3);
        self.hand_over(&mut home).unwrap();
        home.take_all_of(&self.relay);
        let recovery = finish(&mut home, self.rita, keep_hosted).unwrap();
        for node in [&mut self.relay, &mut self.ann.node] {
            node.take_all_of(&home);
        }
        (home, recovery)
    }
}

fn begin(home: &mut Node, user: UserId) -> (DeviceKey, [u8; 32]) {
    match home.command(None, Command::BeginClaim { user }) {
        Ok(Reply::Claiming { identity_key, recovery }) => (identity_key, recovery),
        other => panic!("answered {other:?}"),
    }
}

fn finish(home: &mut Node, user: UserId, keep_hosted: bool) -> Result<RecoveryKey, Refusal> {
    let finish = Command::FinishClaim { user, relay: RELAY.to_owned(), keep_hosted };
    match home.command(None, finish)? {
        Reply::Claimed { recovery, .. } => Ok(recovery),
        other => panic!("answered {other:?}"),
    }
}

fn has_identity_key(node: &Node, user: UserId) -> bool {
    let is = |secret: &Secret| matches!(secret, Secret::Identity(of, _) if *of == user);
    node.store.secrets().unwrap().iter().any(is)
}

#[test]
fn an_account_goes_home_with_its_guilds_and_the_others_notice_nothing() {
    let mut scene = Scene::set();
    let guild = scene.ann.guild;
    let members = scene.ann.node.guild(&guild).members.clone();
    let state = scene.ann.node.core.state_hash(&guild);
    let (mut home, _) = scene.claimed(false);
    assert_eq!(home.core.view().owner, Some(scene.rita));
    assert_eq!(scene.ann.node.guild(&guild).members, members);
    assert_eq!(scene.ann.node.core.state_hash(&guild), state);
    assert_eq!(home.core.state_hash(&guild), state, "it holds what the relay holds");
    assert_eq!(home.core.view().users[&scene.rita].relays[..], [RELAY.to_owned()]);
    home.say(scene.rita, scene.channel, "from home");
    scene.ann.node.take_all_of(&home);
    assert_eq!(scene.ann.node.texts(&scene.channel), ["from the relay", "from home"]);
    let authors = scene.ann.node.messages(&scene.channel);
    assert!(authors.iter().all(|message| message.author == scene.rita), "one person said both");
    assert!(!scene.ann.node.core.view().users[&scene.rita].hosted);
}

#[test]
fn the_relay_has_no_identity_key_of_an_account_that_went_home() {
    let mut scene = Scene::set();
    assert!(has_identity_key(&scene.relay, scene.rita));
    let (mut home, recovery) = scene.claimed(false);
    assert!(!has_identity_key(&scene.relay, scene.rita) && has_identity_key(&home, scene.rita));
    assert_eq!(recovery.to_string().split(' ').count(), 8);
    assert!(!format!("{recovery:?}").contains(&recovery.to_string()));
    scene.relay.restart();
    home.restart();
    let rename = |name: &str| Command::EditProfile { name: Some(name.to_owned()), about: None };
    assert_eq!(scene.relay.command(scene.rita, rename("Mine")), Err(Refusal::MissingAccess));
    home.command(scene.rita, rename("Rita")).unwrap();
    scene.relay.take_all_of(&home);
    assert_eq!(scene.relay.core.view().users[&scene.rita].name, "Rita");
    let url = String::from("https://another.example");
    assert!(scene.relay.command(None, Command::UseRelay { url }).is_ok(), "the relay goes on for the others");
}

#[test]
fn a_hosted_device_is_revoked_or_kept_as_its_owner_says() {
    for keep in [false, true] {
        let mut scene = Scene::set();
        let (_, _) = scene.claimed(keep);
        assert_eq!(scene.relay.core.view().users[&scene.rita].hosted, keep);
        let said = scene.relay.command(scene.rita, crate::node::send(scene.channel, "still here"));
        assert_eq!(said.is_ok(), keep, "{said:?}");
        scene.ann.node.take_all_of(&scene.relay);
        let texts: Vec<String> = scene.ann.node.messages(&scene.channel).iter().map(text_of).collect();
        assert_eq!(texts.len(), 1 + usize::from(keep), "what was said before the claim stays: {texts:?}");
    }
}

#[test]
fn a_claim_that_is_cut_short_anywhere_is_finished_by_asking_again() {
    let mut scene = Scene::set();
    let mut home = Node::new(3);
    let first = begin(&mut home, scene.rita);
    home.restart();
    assert_eq!(begin(&mut home, scene.rita), first, "the keys were durable before anybody named them");
    // Nothing of it is here before the relay has named them.
    assert_eq!(finish(&mut home, scene.rita, false), Err(Refusal::Unknown(nexus_core::Thing::User)));
    home.take_all_of(&scene.relay);
    assert_eq!(finish(&mut home, scene.rita, false), Err(Refusal::TakenHome));
    // The answer is lost: the relay has handed the account over, and home does not know.
    scene.hand_over(&mut home).unwrap();
    scene.relay.restart();
    home.restart();
    assert_eq!(scene.hand_over(&mut home), Ok(Reply::Done));
    home.take_all_of(&scene.relay);
    finish(&mut home, scene.rita, false).unwrap();
    home.restart();
    assert_eq!(home.core.view().owner, Some(scene.rita));
    assert_eq!(finish(&mut home, scene.rita, false), Err(Refusal::AlreadySetUp));
    let seed = |secret: &Secret| matches!(secret, Secret::Claim(..));
    assert!(!home.store.secrets().unwrap().iter().any(seed), "what the keys were made from is gone");
}

#[test]
fn an_account_goes_home_once_and_to_nobody_who_has_an_owner() {
    let mut scene = Scene::set();
    scene.claimed(false);
    let mut second = Node::new(4);
    assert_eq!(scene.hand_over(&mut second), Err(Refusal::TakenHome));
    second.take_all_of(&scene.relay);
    assert_eq!(finish(&mut second, scene.rita, false), Err(Refusal::TakenHome));
    let user = scene.rita;
    let begun = scene.ann.node.command(None, Command::BeginClaim { user });
    assert_eq!(begun, Err(Refusal::AlreadySetUp));
    let (identity_key, recovery) = (DeviceKey([0; 32]), [0; 32]);
    let owner = scene.ann.owner;
    let hand_over = Command::HandOverAccount { user: owner, identity_key, recovery };
    assert!(scene.ann.node.command(None, hand_over).is_err(), "a node's owner is nobody's to hand over");
}

#[test]
fn bots_stay_at_the_relay_work_and_are_still_their_makers() {
    let mut scene = Scene::set();
    let create = Command::CreateApplication { name: String::from("Echo"), description: String::new() };
    let echo = UserId::from(scene.relay.created(scene.rita, create));
    scene.claimed(false);
    scene.relay.restart();
    let token = Command::IssueToken { user: echo, replace: true };
    assert!(matches!(scene.relay.command(scene.rita, token), Ok(Reply::Token(_))));
    let edit = Command::EditApplication {
        application: echo,
        name: Some(String::from("Echo 2")),
        description: None,
        flags: None,
    };
    assert_eq!(scene.relay.command(scene.rita, edit), Ok(Reply::Done));
    assert_eq!(scene.relay.core.view().users[&echo].name, "Echo 2");
}

/// A relay that kept every key: a copy of it from before the account was handed over.
fn copy_of(relay: &Node, seed: u8) -> Node {
    let mut copy = Node::new(seed);
    copy.store = relay.store.clone();
    copy.now_ms = relay.now_ms;
    copy.restart();
    copy
}

/// .. which hands the account over to a key of its own, and certifies a device with that.
fn rival_of(relay: &Node, user: UserId, seed: u8) -> Node {
    let mut rival = copy_of(relay, seed);
    let (identity_key, recovery) = begin(&mut rival, user);
    rival.command(None, Command::HandOverAccount { user, identity_key, recovery }).unwrap();
    finish(&mut rival, user, false).unwrap();
    rival
}

fn rotation_of(node: &Node, user: UserId) -> OpId {
    let ops = node.store.stream_ops(&user.space(), &StreamId::GOVERNANCE).unwrap();
    ops.iter().find(|stored| stored.op.kind() == Some(Kind::IdRotate)).unwrap().op.id
}

/// Rita, who may do anything in the guild, has gone home; the relay kept a copy of everything, and a rival that the rule
/// puts first.
struct Contest {
    scene: Scene,
    home: Node,
    copy: Node,
    rival: Node,
}

impl Contest {
    fn set() -> Self {
        let mut scene = Scene::set();
        let role = scene.ann.role("boss", Permissions::ADMINISTRATOR, RateClass::Person);
        scene.ann.give(scene.rita, role);
        scene.relay.take_all_of(&scene.ann.node);
        let before = copy_of(&scene.relay, 90);
        let (home, _) = scene.claimed(false);
        let ours = rotation_of(&home, scene.rita);
        let rivals = (100..200).map(|seed| rival_of(&before, scene.rita, seed));
        let rival = { rivals }.find(|rival| rotation_of(rival, scene.rita) < ours).unwrap();
        Self { scene, home, copy: before, rival }
    }

    /// It says something and makes a channel with each key that it kept.
    fn forge(&mut self) {
        let (rita, channel, guild) = (self.scene.rita, self.scene.channel, self.scene.ann.guild);
        for liar in [&mut self.copy, &mut self.rival] {
            // Later than the claim, by its own clock.
            liar.now_ms += 60_000;
            liar.say(rita, channel, "forged");
            liar.created(rita, Command::CreateChannel { guild, draft: channel_draft("forged") });
        }
    }

    fn deliver_forged_to(&self, node: &mut Node) {
        node.now_ms += 120_000;
        node.take_all_of(&self.copy);
        node.take_all_of(&self.rival);
    }
}

fn names_of(node: &Node, guild: &SpaceId) -> Vec<String> {
    node.guild(guild).channels.values().map(|channel| channel.name.clone()).collect()
}

#[test]
fn who_kept_the_keys_contests_an_account_and_everybody_sees_it() {
    let mut contest = Contest::set();
    let rita = contest.scene.rita;
    assert!(!contest.scene.ann.node.core.view().users[&rita].contested);
    contest.forge();
    contest.scene.ann.node.take_all_of(&contest.rival);
    assert!(contest.scene.ann.node.core.view().users[&rita].contested);
    contest.home.take_all_of(&contest.rival);
    assert!(contest.home.core.view().users[&rita].contested, "at home too");
    contest.scene.ann.node.tick();
    let settled = contest.scene.ann.node.core.view().users[&rita].clone();
    assert!(settled.contested, "which key is the right one no program can know");
}

#[test]
fn where_a_checkpoint_cites_the_rotation_a_relay_that_kept_every_key_writes_nothing_that_counts() {
    let mut contest = Contest::set();
    let (rita, channel, guild) = (contest.scene.rita, contest.scene.channel, contest.scene.ann.guild);
    contest.scene.ann.node.tick();
    contest.home.take_all_of(&contest.scene.ann.node);
    contest.home.say(rita, channel, "from home");
    contest.scene.ann.node.take_all_of(&contest.home);
    let (members, names) =
        (contest.scene.ann.node.guild(&guild).members.clone(), names_of(&contest.scene.ann.node, &guild));
    contest.forge();

    let mut ann = std::mem::replace(&mut contest.scene.ann.node, Node::new(50));
    contest.deliver_forged_to(&mut ann);
    assert_eq!(ann.texts(&channel), ["from the relay", "from home"]);
    assert_eq!((ann.guild(&guild).members.clone(), names_of(&ann, &guild)), (members, names));
    assert!(!ann.core.view().users[&rita].contested, "it is settled where that guild is held");
    let mut home = std::mem::replace(&mut contest.home, Node::new(51));
    contest.deliver_forged_to(&mut home);
    home.say(rita, channel, "and goes on");
    ann.take_all_of(&home);
    assert_eq!(ann.texts(&channel), ["from the relay", "from home", "and goes on"]);
    home.take_all_of(&ann);

    // Whoever hears the liar first comes to the same.
    let mut stranger = Node::new(52);
    contest.deliver_forged_to(&mut stranger);
    stranger.take_all_of(&ann);
    for node in [&mut stranger, &mut ann, &mut home] {
        node.restart();
        assert_eq!(node.texts(&channel), ["from the relay", "from home", "and goes on"]);
    }
    assert_eq!(stranger.core.state_hash(&guild), ann.core.state_hash(&guild));
    assert_eq!(home.core.state_hash(&guild), ann.core.state_hash(&guild));
}

#[test]
fn an_owner_settles_a_rotation_once_and_nobody_else_does() {
    let mut scene = Scene::set();
    let guild = scene.ann.guild;
    let (mut home, _) = scene.claimed(false);
    let heads = |node: &Node| node.store.count(&guild).unwrap().ops;
    let before = heads(&scene.ann.node);
    for _ in 0..3 {
        scene.ann.node.tick();
        home.tick();
        scene.relay.tick();
    }
    assert_eq!(heads(&scene.ann.node), before + 1);
    scene.ann.node.restart();
    scene.ann.node.tick();
    assert_eq!(heads(&scene.ann.node), before + 1);
    assert_eq!(heads(&home), before);
}

#[test]
fn an_erased_account_has_no_name_no_device_and_no_key_and_what_it_said_stays() {
    let mut scene = Scene::set();
    let (user, channel) = (scene.rita, scene.channel);
    let bot = Command::CreateApplication { name: String::from("helper"), description: String::new() };
    let bot = UserId::from(scene.relay.created(user, bot));
    let Ok(Reply::Token(_)) = scene.relay.command(user, Command::IssueToken { user: bot, replace: false })
    else {
        panic!("no token")
    };
    for gone in [bot, user, user] {
        assert_eq!(scene.relay.command(None, Command::EraseAccount { user: gone }), Ok(Reply::Done));
    }
    scene.ann.node.take_all_of(&scene.relay);
    for node in [&scene.relay, &scene.ann.node] {
        let shown = node.core.view().users[&user].clone();
        assert_eq!((shown.name.as_str(), shown.hosted), ("deleted account", false));
        assert_eq!(node.texts(&channel), ["from the relay"], "it is the guild's");
    }
    scene.relay.restart();
    let view = scene.relay.core.view();
    assert!(view.local.is_empty() && view.local_devices.is_empty() && view.tokens.is_empty());
    let key = |secret: &Secret| matches!(secret, Secret::Identity(..) | Secret::Device(..));
    assert!(!scene.relay.store.secrets().unwrap().iter().any(key));
    assert!(scene.relay.command(user, Command::Type { channel }).is_err());
    let owner = scene.ann.owner;
    assert!(
        scene.ann.node.command(None, Command::EraseAccount { user: owner }).is_err(),
        "not a node's owner"
    );
}

#[test]
fn who_erases_the_account_at_a_relay_that_was_taken_home_ends_it_there_alone() {
    let mut scene = Scene::set();
    let (home, _) = scene.claimed(true);
    let user = scene.rita;
    scene.relay.command(None, Command::EraseAccount { user }).unwrap();
    assert!(scene.relay.core.view().local.is_empty());
    assert_eq!(home.core.view().users[&user].name, "rita");
    assert_eq!(home.core.view().owner, Some(user));
}

/// A word in an account that its own program would never write, by the identity key that lies at a node.
fn word(node: &Node, user: UserId, kind: Kind, body: Vec<u8>) -> Vec<u8> {
    let mut secrets = node.store.secrets().unwrap().into_iter();
    let key = secrets.find_map(|secret| match secret {
        Secret::Identity(of, key) if of == user => Some(key),
        _ => None,
    });
    let key = key.expect("its identity key is here");
    let log = node.store.stream_ops(&user.space(), &StreamId::GOVERNANCE).unwrap();
    let mut ops = log.iter().map(|stored| stored.verify().unwrap());
    let mut identity = Identity::begin(&ops.next().unwrap()).unwrap();
    ops.for_each(|op| identity.integrate(&op).unwrap());
    op::encode(&identity.draft(&key.public().into(), kind, body, node.now_ms).seal(&key, [7; 16]))
}

#[test]
fn a_member_who_takes_the_device_back_that_they_joined_on_loses_nobody_the_guild() {
    let mut scene = Scene::set();
    let (rita, guild) = (scene.rita, scene.ann.guild);
    let role = scene.ann.role("boss", Permissions::ADMINISTRATOR, RateClass::Person);
    scene.ann.give(rita, role);
    scene.relay.take_all_of(&scene.ann.node);
    scene.relay.created(rita, Command::CreateChannel { guild, draft: channel_draft("of rita") });
    scene.ann.node.take_all_of(&scene.relay);
    scene.ann.node.created(scene.ann.owner, Command::CreateChannel { guild, draft: channel_draft("of ann") });
    let device = scene.relay.device_of(rita).public().into();
    let never = open_body(&DeviceRevoke { device, keep_until: Hlc::ZERO });
    let taken_back = word(&scene.relay, rita, Kind::DeviceRevoke, never);
    scene.ann.node.deliver(vec![taken_back], Vec::new());
    let state = scene.ann.node.core.state_hash(&guild);
    let names = names_of(&scene.ann.node, &guild);
    assert!(
        names.contains(&String::from("of ann")) && !names.contains(&String::from("of rita")),
        "{names:?}"
    );
    assert!(!scene.ann.node.guild(&guild).members.contains_key(&rita), "she never came in, then");
    scene.ann.node.restart();
    assert_eq!(scene.ann.node.core.state_hash(&guild), state, "who holds it starts, and says the same");
    // Whoever comes later hears of the account first, and of everything all the same.
    let mut late = Node::new(60);
    late.take_all_of(&scene.ann.node);
    assert_eq!(late.core.state_hash(&guild), state);
}
