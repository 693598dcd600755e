//! Six stories, each of which must end well on every node and the relay: told with real cores over the sync protocol.

use super::World;
use crate::Scale;
use crate::checks::{check, message_rows};
use crate::host::Death;
use crate::oracle;
use nexus_core::{Command, Input, MessageDraft, ThreadDraft};
use nexus_crdt::body::governance::ThreadFields;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, OpId, UserId};
use std::collections::BTreeSet;

const DAY_MS: u64 = 24 * 3_600_000;

/// A guild of four: Ann founded it, Ben moderates, Cat and Dan are in it.
struct Scene {
    world: World,
    people: Vec<UserId>,
}

const ANN: usize = 0;
const BEN: usize = 1;
const CAT: usize = 2;
const DAN: usize = 3;

impl Scene {
    fn begin(seed: u64) -> Self {
        let mut world = World::new(seed, Scale { nodes: 4, steps: 0, log: false });
        world.found();
        (world.delay_ms, world.deadly) = (super::FAIR_MS, 0);
        let people = (0..world.relay).map(|node| world.hosts[node].people[0]).collect();
        Self { world, people }
    }

    /// One node has no network.
    fn cut_off(&mut self, node: usize) {
        self.world.network.cut(|cable| cable.ends.contains(&node));
        self.world.network.split(BTreeSet::from([node]));
    }

    fn back(&mut self) {
        self.world.network.split(BTreeSet::new());
        self.world.dial(1.0);
        self.world.quieten();
    }

    fn does(&mut self, who: usize, command: Command) {
        let told = format!("{command:?}");
        self.world.now_ms += 1_000;
        let outcome = self.world.ask(who, self.people[who], command, None);
        assert!(matches!(outcome.reply, Some(Ok(_))), "{told}: {:?}", outcome.reply);
    }

    fn makes(&mut self, who: usize, command: Command) -> OpId {
        self.world.now_ms += 1_000;
        self.world.make(who, self.people[who], command)
    }

    fn ban(&self, whom: usize) -> Command {
        let reason = String::from("a story");
        Command::Ban { guild: self.world.guild, user: self.people[whom], reason, delete_s: 0 }
    }

    fn view(&self, host: usize) -> &GuildView {
        &self.world.hosts[host].core.view().guilds[&self.world.guild]
    }

    fn is_in(&self, host: usize, who: usize) -> bool {
        self.view(host).members.contains_key(&self.people[who])
    }

    /// Everything meets, every promise of the simulation holds, and every holder answers `question` alike.
    fn ends<T: PartialEq + std::fmt::Debug>(&mut self, question: impl Fn(&Self, usize) -> T) -> T {
        self.world.heal();
        self.world
            .view_everything()
            .and_then(|()| check(&self.world))
            .unwrap_or_else(|broken| panic!("{broken}"));
        let all: Vec<T> = (0..self.world.hosts.len()).map(|host| question(self, host)).collect();
        assert!(all.windows(2).all(|two| two[0] == two[1]), "{all:?}");
        all.into_iter().next().expect("there are nodes")
    }
}

#[test]
fn two_founders_who_ban_each_other_offline_end_with_one_owner() {
    let mut scene = Scene::begin(1);
    let guild = scene.world.guild;
    let (ann, ben) = (scene.people[ANN], scene.people[BEN]);
    scene.does(ANN, Command::SetOwners { guild, owners: vec![ann, ben], threshold: 1 });
    scene.world.quieten();
    scene.cut_off(BEN);
    scene.does(ANN, Command::SetOwners { guild, owners: vec![ann], threshold: 1 });
    scene.does(BEN, Command::SetOwners { guild, owners: vec![ben], threshold: 1 });
    let (ban_ben, ban_ann) = (scene.ban(BEN), scene.ban(ANN));
    scene.does(ANN, ban_ben);
    scene.does(BEN, ban_ann);
    let (owners, ann_in, ben_in) = scene.ends(|scene, host| {
        (scene.view(host).ownership.owners.clone(), scene.is_in(host, ANN), scene.is_in(host, BEN))
    });
    assert_eq!(owners.len(), 1);
    assert_eq!((ann_in, ben_in), (owners == [ann], owners == [ben]));
}

#[test]
fn a_promotion_that_is_dated_before_its_author_s_removal_promotes_nobody() {
    let mut scene = Scene::begin(2);
    let guild = scene.world.guild;
    let mods = scene.view(ANN).roles_of(&scene.people[BEN]).next().expect("Ben moderates").id;
    let low = Command::CreateRole {
        guild,
        draft: nexus_core::RoleDraft {
            name: String::from("low"),
            permissions: None,
            color: 0,
            hoist: false,
            mentionable: false,
            rate_class: nexus_crdt::body::governance::RateClass::Person,
        },
    };
    scene.does(ANN, low);
    scene.world.quieten();
    let low = *scene.view(ANN).roles.iter().find(|(_, role)| role.name == "low").expect("made").0;
    scene.cut_off(BEN);
    let ban = scene.ban(BEN);
    scene.does(ANN, ban);
    let user = scene.people[CAT];
    scene.does(BEN, Command::AddMemberRole { guild, user, role: low });
    let roles = scene
        .ends(move |scene, host| scene.view(host).roles_of(&user).map(|role| role.id).collect::<Vec<_>>());
    assert!(!roles.contains(&low) && !roles.contains(&mods), "{roles:?}");
}

#[test]
fn a_relay_that_keeps_a_ban_to_itself_keeps_nobody_in() {
    let mut scene = Scene::begin(3);
    let relay = scene.world.relay;
    let before = scene.world.hosts[relay].store.clone();
    scene.cut_off(CAT);
    let ban = scene.ban(DAN);
    scene.does(ANN, ban);
    scene.world.quieten();
    // It shows Cat what there was before, as if nothing had happened.
    scene.world.hosts[relay].store = before;
    scene.world.hosts[relay].restart();
    scene.world.network.cut(|_| true);
    scene.world.network.split(BTreeSet::from([ANN, BEN, DAN]));
    scene.world.dial(1.0);
    scene.world.quieten();
    assert!(scene.is_in(CAT, DAN), "Cat cannot know yet");
    scene.back();
    assert!(!scene.ends(|scene, host| scene.is_in(host, DAN)));
}

#[test]
fn a_thief_with_a_moderator_s_old_phone_does_nothing_that_lasts() {
    let mut scene = Scene::begin(4);
    // Dan's node becomes the phone: it holds what Ben's held, keys and all.
    scene.world.hosts[DAN].store = scene.world.hosts[BEN].store.clone();
    scene.world.hosts[DAN].restart();
    scene.cut_off(DAN);
    let (guild, user) = (scene.world.guild, scene.people[BEN]);
    let device = scene.world.hosts[ANN].core.view().users[&user].devices[0];
    scene.does(ANN, Command::RevokeDevice { guild, user, device, reason: String::from("stolen") });
    let ban = scene.ban(CAT);
    scene.world.now_ms += 1_000;
    let stolen = scene.world.ask(DAN, user, ban, None);
    assert!(matches!(stolen.reply, Some(Ok(_))), "offline it looks as if it had worked");
    let (cat, ben) = scene.ends(|scene, host| (scene.is_in(host, CAT), scene.is_in(host, BEN)));
    assert!(cat && ben, "Cat stays, and Ben, who needs a new phone");
}

#[test]
fn a_move_by_who_was_put_out_meanwhile_leaves_a_message_where_it_was_moved_before() {
    let mut scene = Scene::begin(6);
    let channel = *scene.view(ANN).channels.keys().next().expect("a channel");
    let thread = |scene: &mut Scene, name: &str| {
        let fields = ThreadFields { name: Some(name.to_owned()), ..ThreadFields::default() };
        let draft = ThreadDraft { starter: None, fields, private: None, first: None };
        ChannelId::from(scene.makes(ANN, Command::CreateThread { parent: channel, draft }))
    };
    let (one, two) = (thread(&mut scene, "one"), thread(&mut scene, "two"));
    scene.does(CAT, Command::SendMessage(MessageDraft::plain(channel, "where does this belong?")));
    scene.world.quieten();
    let said = message_rows(&scene.world.hosts[ANN], &channel.stream()).last().expect("it came").id;
    let into = |to| Command::MoveMessages { channel, messages: vec![said], to: Some(to) };
    scene.does(ANN, into(one));
    scene.world.quieten();
    scene.cut_off(BEN);
    let ban = scene.ban(BEN);
    scene.does(ANN, ban);
    scene.does(BEN, into(two));
    let place = |scene: &Scene, host: usize| {
        oracle::places(&scene.world.hosts[host], &scene.world.guild).read.get(&said).map(|[_, place]| *place)
    };
    assert_eq!(place(&scene, BEN), Some(two), "offline it looks as if it had worked");
    scene.world.heal();
    scene
        .world
        .view_everything()
        .and_then(|()| check(&scene.world))
        .unwrap_or_else(|broken| panic!("{broken}"));
    for host in [ANN, CAT, DAN, scene.world.relay] {
        assert_eq!(place(&scene, host), Some(one), "{host}");
    }
    assert_eq!(oracle::places(&scene.world.hosts[CAT], &scene.world.guild).overruled, 1);
}

#[test]
fn a_power_cut_in_the_middle_of_a_checkpoint_leaves_one_checkpoint_or_none() {
    for (death, there) in [(Death::BeforeWriting, 0), (Death::AfterWriting, 1)] {
        let mut scene = Scene::begin(5);
        scene.cut_off(DAN);
        scene.world.now_ms += DAY_MS;
        scene.world.input(ANN, Input::Tick, Some(death));
        assert_eq!(scene.view(ANN).height, there);
        // What Dan does without having seen it is said again, or stands.
        let channel = *scene.view(DAN).channels.keys().next().expect("a channel");
        scene.does(DAN, Command::LockChannel { channel, locked: true });
        let (height, locked) = scene
            .ends(|scene, host| (scene.view(host).height, scene.view(host).channels[&channel].is_locked()));
        assert!(locked, "what was acknowledged is not lost");
        assert!(height >= 1, "the next tick makes it");
    }
}
