//! The nodes, the network between them, and one stream of chance that decides what happens next.

use crate::faults::Faults;
use crate::forger;
use crate::host::{Death, Host, Outcome, Parcel};
use crate::network::Network;
use crate::people::{pick, whim};
use crate::{Report, Scale};
use nexus_core::{Arriving, BotInstall, Command, Input, InviteCode, Reply, RoleDraft, Snowflake, Store};
use nexus_crdt::body::governance::RateClass;
use nexus_crdt::id::{ChannelId, OpId, RoleId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeSet;
use std::fmt::Write;

pub(crate) struct World {
    rng: StdRng,
    pub(crate) hosts: Vec<Host>,
    network: Network,
    pub(crate) guild: SpaceId,
    invite: InviteCode,
    now_ms: u64,
    split_until_ms: u64,
    log: blake3::Hasher,
    pub(crate) faults: Faults,
    /// Ops of commands that were answered: they must never be lost.
    pub(crate) acknowledged: BTreeSet<OpId>,
    /// Ids of ops sealed by a key that is nobody's device.
    pub(crate) forged: BTreeSet<OpId>,
    carried_out: u64,
    refused: u64,
}

impl World {
    pub(crate) fn new(seed: u64, scale: Scale) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            hosts: (0..scale.nodes.max(2)).map(|_| Host::new()).collect(),
            network: Network::default(),
            guild: SpaceId::NONE,
            invite: InviteCode::new([0; 16]),
            now_ms: START_MS,
            split_until_ms: 0,
            log: blake3::Hasher::new(),
            faults: Faults::default(),
            acknowledged: BTreeSet::new(),
            forged: BTreeSet::new(),
            carried_out: 0,
            refused: 0,
        }
    }

    /// Everybody sets up, one founds a guild, the others join by its invite; the weather is fine.
    pub(crate) fn found(&mut self) {
        let owners: Vec<UserId> = (0..self.hosts.len()).map(|node| self.set_up(node)).collect();
        let founder = owners[0];
        self.guild = SpaceId(self.make(0, founder, Command::CreateGuild { name: String::from("Home") }).0);
        let guild = self.guild;
        let channel =
            self.hosts[0].core.view().guilds[&guild].channels.values().next().map(|channel| channel.id);
        let channel = channel.unwrap_or(ChannelId(guild.0));
        let invite = self.make(0, founder, Command::CreateInvite { channel, max_age_s: 0 });
        self.invite = self.hosts[0].core.view().invite_codes[&invite];
        let draft = RoleDraft {
            name: String::from("mods"),
            permissions: Some(MODERATES),
            color: 0,
            hoist: true,
            mentionable: false,
            rate_class: RateClass::Person,
        };
        let mods = RoleId(self.make(0, founder, Command::CreateRole { guild, draft }).0);
        self.exchange();
        for (node, owner) in owners.iter().enumerate().skip(1) {
            self.make(node, *owner, Command::Join { code: self.invite });
        }
        self.exchange();
        for user in owners.iter().skip(1).step_by(2) {
            self.ask(0, founder, Command::AddMemberRole { guild, user: *user, role: mods }, None);
        }
        self.bring_bot(0, founder);
        self.exchange();
    }

    /// One thing happens, and what is due arrives.
    pub(crate) fn step(&mut self) {
        self.now_ms += self.rng.random_range(1..3_000);
        if self.now_ms >= self.split_until_ms {
            self.network.split(BTreeSet::new());
        }
        match self.rng.random_range(0..100) {
            0..80 => self.somebody_acts(),
            80..83 => self.clock_jumps(),
            83..85 => self.network_splits(),
            85..93 => self.somebody_forges(),
            93..96 => self.somebody_catches_up(),
            96 => self.somebody_rejoins(),
            _ => self.everybody_ticks(),
        }
        for (to, parcel) in self.network.arrivals(self.now_ms, &mut self.faults) {
            self.deliver(to, parcel);
        }
    }

    /// The weather clears, clocks are set, everybody exchanges everything until nothing is new.
    pub(crate) fn heal(&mut self) {
        self.now_ms += 48 * 3_600_000;
        self.network = Network::default();
        self.hosts.iter_mut().for_each(|host| host.skew_ms = 0);
        self.everybody_ticks();
        self.exchange();
    }

    pub(crate) fn into_report(self) -> Report {
        Report {
            log: *self.log.finalize().as_bytes(),
            faults: self.faults,
            carried_out: self.carried_out,
            refused: self.refused,
            ops: self.hosts[0].store.ops().count(),
            elapsed_ms: self.now_ms - START_MS,
        }
    }

    fn set_up(&mut self, node: usize) -> UserId {
        let outcome = self.ask_as(node, None, Command::Setup { name: format!("person {node}") }, None);
        let Some(Ok(Reply::Setup { user, .. })) = outcome.reply else { panic!("setup: {:?}", outcome.reply) };
        self.hosts[node].people.push(user);
        user
    }

    fn bring_bot(&mut self, node: usize, owner: UserId) {
        let create = Command::CreateApplication { name: String::from("bot"), description: String::new() };
        let bot = UserId(self.make(node, owner, create).0);
        let (guild, permissions) = (self.guild, Permissions::MANAGE_MESSAGES);
        let install = BotInstall { guild, application: bot, permissions };
        self.ask(node, owner, Command::InstallBot(install), None);
        self.hosts[node].people.push(bot);
    }

    fn somebody_acts(&mut self) {
        let node = self.rng.random_range(0..self.hosts.len());
        let host = &self.hosts[node];
        let Some(actor) = pick(&mut self.rng, host.people.iter().copied()) else { return };
        let messages = recent_messages(host, &self.guild);
        let view = host.core.view();
        let Some(command) = whim(&mut self.rng, view, self.guild, actor, &messages) else { return };
        let death = match self.rng.random_range(0..100) {
            0 | 1 => Some(Death::BeforeWriting),
            2 | 3 => Some(Death::AfterWriting),
            _ => None,
        };
        self.ask(node, actor, command, death);
    }

    fn somebody_rejoins(&mut self) {
        let (guild, invite) = (self.guild, self.invite);
        for node in 1..self.hosts.len() {
            let owner = self.hosts[node].people[0];
            let inside = |view: &nexus_core::View| {
                view.guilds.get(&guild).is_some_and(|guild| guild.members.contains_key(&owner))
            };
            if !inside(self.hosts[node].core.view()) {
                self.ask(node, owner, Command::Join { code: invite }, None);
            }
        }
    }

    fn clock_jumps(&mut self) {
        let node = self.rng.random_range(0..self.hosts.len());
        let skew_ms = match self.rng.random_range(0..4) {
            0 => self.rng.random_range(-3_600_000..3_600_000),
            1 => 0,
            _ => self.rng.random_range(-100_000..100_000),
        };
        self.hosts[node].skew_ms = skew_ms;
        self.faults.clock_jumps += 1;
        self.note(|line| write!(line, "clock {node} {skew_ms}"));
    }

    fn network_splits(&mut self) {
        let far_side = (0..self.hosts.len()).filter(|_| self.rng.random_bool(0.5)).collect();
        self.network.split(far_side);
        self.split_until_ms = self.now_ms + self.rng.random_range(10_000..60_000);
        self.faults.splits += 1;
    }

    fn somebody_forges(&mut self) {
        let from = self.rng.random_range(0..self.hosts.len());
        let Some(pattern) = forger::pattern(&mut self.rng, self.hosts[from].store.ops()) else { return };
        let (bytes, id) = forger::forge(&mut self.rng, pattern);
        self.forged.extend(id);
        self.faults.forged += 1;
        let to = self.rng.random_range(0..self.hosts.len());
        let frontiers = self.hosts[from].store.frontiers().unwrap_or_default();
        self.network.put(to, Parcel { ops: vec![bytes], frontiers }, self.now_ms + 1);
    }

    /// One node is offered everything another has: what was lost may come after all.
    fn somebody_catches_up(&mut self) {
        let from = self.rng.random_range(0..self.hosts.len());
        let to = self.rng.random_range(0..self.hosts.len());
        let parcel = self.hosts[from].everything();
        self.deliver(to, parcel);
    }

    fn everybody_ticks(&mut self) {
        for node in 0..self.hosts.len() {
            let entropy = self.entropy();
            self.hosts[node].handle(Input::Tick, self.now_ms, entropy, None);
        }
    }

    fn exchange(&mut self) {
        for _ in 0..EXCHANGES_MAX {
            let before: Vec<usize> = self.hosts.iter().map(|host| host.store.ops().count()).collect();
            for from in 0..self.hosts.len() {
                let parcel = self.hosts[from].everything();
                for to in (0..self.hosts.len()).filter(|to| *to != from) {
                    self.deliver(to, parcel.clone());
                }
            }
            if self.hosts.iter().map(|host| host.store.ops().count()).eq(before) {
                return;
            }
        }
    }

    fn deliver(&mut self, to: usize, parcel: Parcel) {
        let entropy = self.entropy();
        let Parcel { ops, frontiers } = parcel;
        let count = ops.len();
        let outcome = self.hosts[to].handle(
            Input::Ops { ops: ops.into_iter().map(Arriving::Bytes).collect(), frontiers, cursor: None },
            self.now_ms,
            entropy,
            None,
        );
        self.note(|line| write!(line, "ops {to} {count} {:?} {:?}", outcome.refused, outcome.changes));
    }

    /// A command that must be carried out, and makes something.
    fn make(&mut self, node: usize, actor: UserId, command: Command) -> OpId {
        let told = format!("{command:?}");
        match self.ask(node, actor, command, None).reply {
            Some(Ok(Reply::Created(id))) => id,
            other => panic!("{told} answered {other:?}"),
        }
    }

    fn ask(&mut self, node: usize, actor: UserId, command: Command, death: Option<Death>) -> Outcome {
        self.ask_as(node, Some(actor), command, death)
    }

    fn ask_as(
        &mut self,
        node: usize,
        actor: Option<UserId>,
        command: Command,
        death: Option<Death>,
    ) -> Outcome {
        let entropy = self.entropy();
        self.note(|line| write!(line, "command {node} {actor:?} {command:?} {death:?}"));
        let outcome = self.hosts[node].command(actor, command, self.now_ms, entropy, death);
        match (death, &outcome.reply) {
            (Some(Death::BeforeWriting), _) => self.faults.died_before_writing += 1,
            (Some(Death::AfterWriting), _) => self.faults.died_after_writing += 1,
            (None, Some(Ok(_))) => self.carried_out += 1,
            (None, _) => self.refused += 1,
        }
        if matches!(outcome.reply, Some(Ok(_))) {
            self.acknowledged.extend(outcome.written.iter().copied());
        }
        self.note(|line| write!(line, "{:?} {:?}", outcome.reply, outcome.changes));
        if !outcome.offered.ops.is_empty() {
            let nodes = self.hosts.len();
            self.network.send(node, nodes, &outcome.offered, self.now_ms, &mut self.rng, &mut self.faults);
        }
        outcome
    }

    fn entropy(&mut self) -> [u8; 64] {
        let mut bytes = [0; 64];
        self.rng.fill(&mut bytes);
        bytes
    }

    fn note(&mut self, line: impl FnOnce(&mut String) -> std::fmt::Result) {
        let mut text = format!("{} ", self.now_ms);
        // Writing to a String cannot fail.
        let _ = line(&mut text);
        self.log.update(text.as_bytes());
        self.log.update(b"\n");
    }
}

fn recent_messages(host: &Host, guild: &SpaceId) -> Vec<(ChannelId, OpId)> {
    let Some(guild) = host.core.view().guilds.get(guild) else { return Vec::new() };
    let mut messages = Vec::new();
    for channel in guild.channels.keys() {
        let rows = host.store.messages(&channel.stream(), Snowflake(u64::MAX), true, 8).unwrap_or_default();
        messages.extend(rows.iter().map(|row| (*channel, row.id)));
    }
    messages
}

const MODERATES: Permissions = Permissions::MANAGE_CHANNELS
    .with(Permissions::MANAGE_MESSAGES)
    .with(Permissions::MANAGE_ROLES)
    .with(Permissions::KICK_MEMBERS)
    .with(Permissions::BAN_MEMBERS);
const START_MS: u64 = 1_790_000_000_000;
/// Rounds of exchange; what waits for another's op may take one each.
const EXCHANGES_MAX: usize = 8;
