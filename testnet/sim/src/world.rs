//! The nodes, the network between them, and one stream of chance that decides what happens next.

#[cfg(test)]
mod scenes;

use crate::checks;
use crate::deeds::Deeds;
use crate::faults::Faults;
use crate::forger;
use crate::host::{Death, Host, Outcome};
use crate::network::{GRACE_MS, Network, RELAY};
use crate::oracle;
use crate::people::{pick, whim};
use crate::{Report, Scale};
use nexus_core::sync::Audits;
use nexus_core::sync::frame::{Frame, Ops};
use nexus_core::{
    Arriving, BotInstall, Command, Input, InviteCode, MemoryStore, Reply, RoleDraft, Snowflake, Store, Ticket,
};
use nexus_crdt::body::governance::RateClass;
use nexus_crdt::id::{ChannelId, OpId, RoleId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Range;

pub(crate) struct World {
    pub(crate) rng: StdRng,
    /// The nodes, and the relay after them.
    pub(crate) hosts: Vec<Host>,
    pub(crate) relay: usize,
    pub(crate) network: Network,
    pub(crate) delay_ms: Range<u64>,
    /// The chance, in a hundred, that a process dies of what happens to it.
    deadly: u32,
    /// An older copy of somebody's store, with how much they had written by then.
    copy: Option<(usize, u64, MemoryStore)>,
    /// How much each host has written of its own.
    pub(crate) written: Vec<u64>,
    pub(crate) guild: SpaceId,
    invite: InviteCode,
    pub(crate) now_ms: u64,
    split_until_ms: u64,
    /// Whose clock is ten years ahead, and until when.
    pub(crate) ahead: Option<(usize, u64)>,
    pub(crate) mute_until_ms: u64,
    /// Virtual time until the weather cleared.
    foul_ms: u64,
    log: blake3::Hasher,
    shows: bool,
    pub(crate) faults: Faults,
    deeds: Deeds,
    /// Ops of commands that were answered: they must never be lost.
    pub(crate) acknowledged: BTreeSet<OpId>,
    /// Ids of ops sealed by a key that is nobody's device.
    pub(crate) forged: BTreeSet<OpId>,
    /// What each node found when it checked the relay, how often it did, and whether any said that the relay, which is honest, lacks
    /// something.
    pub(crate) audits: Audits,
    pub(crate) looks: u64,
    pub(crate) accused: bool,
    /// Where what a disk changed was shown as what somebody said.
    pub(crate) mistaken: Option<String>,
    carried_out: u64,
    refused: u64,
}

impl World {
    pub(crate) fn new(seed: u64, scale: Scale) -> Self {
        let nodes = scale.nodes.clamp(2, 15);
        Self {
            rng: StdRng::seed_from_u64(seed),
            hosts: (1..=16).take(nodes + 1).map(|name| Host::new([name; 16])).collect(),
            relay: nodes,
            network: Network::default(),
            delay_ms: FAIR_MS,
            deadly: 0,
            copy: None,
            written: vec![0; nodes + 1],
            guild: SpaceId::NONE,
            invite: InviteCode::new([0; 16]),
            now_ms: START_MS,
            split_until_ms: 0,
            ahead: None,
            mute_until_ms: 0,
            foul_ms: 0,
            log: blake3::Hasher::new(),
            shows: scale.log,
            faults: Faults::default(),
            deeds: Deeds::default(),
            acknowledged: BTreeSet::new(),
            forged: BTreeSet::new(),
            audits: Audits::new(GRACE_MS),
            looks: 0,
            accused: false,
            mistaken: None,
            carried_out: 0,
            refused: 0,
        }
    }

    /// Everybody sets up, one founds a guild that names the relay, the others join by its invite; the weather is fine.
    pub(crate) fn found(&mut self) {
        let use_relay = Command::UseRelay { url: RELAY.to_owned() };
        self.ask_as(self.relay, None, use_relay.clone(), None);
        let owners: Vec<UserId> = (0..self.relay).map(|node| self.set_up(node)).collect();
        let founder = owners[0];
        self.ask_as(0, None, use_relay, None);
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
        self.dial(1.0);
        self.quieten();
        for (node, owner) in owners.iter().enumerate().skip(1) {
            self.ask_for(node, self.invite);
            self.quieten();
            self.make(node, *owner, Command::Join { code: self.invite });
        }
        self.quieten();
        for user in owners.iter().skip(1).step_by(2) {
            self.ask(0, founder, Command::AddMemberRole { guild, user: *user, role: mods }, None);
        }
        self.bring_bot(0, founder);
        self.quieten();
        (self.delay_ms, self.deadly) = (FOUL_MS, 1);
        self.wind_clocks();
    }

    /// One thing happens, and what is due arrives.
    pub(crate) fn step(&mut self) {
        self.now_ms += self.rng.random_range(1..3_000);
        self.weather_changes();
        match self.rng.random_range(0..1_000) {
            0..560 => self.somebody_acts(),
            560..730 => self.mischief(),
            730..760 => self.clock_jumps(),
            760..780 => self.network_splits(),
            780..820 => self.a_link_is_cut(),
            820..880 => self.somebody_forges(),
            880..900 => self.somebody_rejoins(),
            900..940 => self.somebody_is_copied_or_set_back(),
            940..947 => self.nobody_acts_for_a_while(),
            947..965 => self.somebody_views(),
            _ => self.everybody_ticks(),
        }
        self.dial(0.1);
        self.carry();
    }

    /// Programs do what they do when nobody asks anything of them; what was wrong with links, disks and clocks goes on.
    fn nobody_acts_for_a_while(&mut self) {
        self.delay_ms = CALM_MS;
        let until_ms = self.now_ms + self.rng.random_range(60_000..1_200_000);
        while self.now_ms < until_ms {
            self.now_ms += TICK_MS;
            self.weather_changes();
            self.everybody_ticks();
            self.dial(0.3);
            self.carry();
        }
        self.delay_ms = FOUL_MS;
    }

    fn weather_changes(&mut self) {
        self.a_clock_is_set();
        if self.now_ms >= self.split_until_ms {
            self.network.split(BTreeSet::new());
        }
        if self.now_ms >= self.mute_until_ms && self.network.mute.is_some() {
            self.one_way_ends();
        }
    }

    /// The weather clears, clocks are set, links are made anew until nothing more comes over them.
    pub(crate) fn heal(&mut self) {
        self.foul_ms = self.now_ms - START_MS;
        // What a clock dated ten years ahead comes through when its time has come.
        let latest =
            self.hosts.iter().flat_map(|host| host.store.ops()).map(|stored| stored.op.header.hlc.ms());
        self.now_ms = latest.fold(self.now_ms, u64::max) + 48 * 3_600_000;
        self.network = Network::default();
        (self.delay_ms, self.deadly) = (FAIR_MS, 0);
        for host in &mut self.hosts {
            (host.skew_ms, host.drift_ppm, host.full_until_ms, host.slow_until_ms) = (0, 0, 0, 0);
        }
        for _ in 0..MEETINGS_MAX {
            let before: Vec<usize> = self.hosts.iter().map(|host| host.store.ops().count()).collect();
            self.network = Network::default();
            self.dial(1.0);
            self.quieten();
            if self.hosts.iter().map(|host| host.store.ops().count()).eq(before) {
                return;
            }
        }
    }

    /// Time passes until nothing is on its way.
    pub(crate) fn quieten(&mut self) {
        for _ in 0..TICKS_TO_QUIET {
            self.everybody_ticks();
            while self.network.cables.iter().any(|cable| cable.frames() > 0) {
                self.now_ms += FAIR_MS.end;
                self.carry();
            }
            self.now_ms += TICK_MS;
        }
    }

    pub(crate) fn into_report(self) -> Report {
        Report {
            log: *self.log.finalize().as_bytes(),
            faults: self.faults,
            deeds: self.deeds_in_the_end(),
            carried_out: self.carried_out,
            refused: self.refused,
            ops: self.hosts[0].store.ops().count(),
            nodes: self.hosts.len(),
            looks: self.looks,
            elapsed_ms: self.foul_ms,
            state: self.state(),
        }
    }

    /// .. with what came of them, as the relay has it.
    fn deeds_in_the_end(&self) -> Deeds {
        let places = oracle::places(&self.hosts[self.relay], &self.guild);
        let read_there = places.read.values().filter(|[written, read]| written != read).count() as u64;
        let (moves_void, overruled, gone_with_it) = (places.void, places.overruled, places.gone);
        Deeds { read_there, moves_void, overruled, gone_with_it, ..self.deeds }
    }

    /// What every honest node holds to be so.
    fn state(&self) -> [u8; 32] {
        let mut state = blake3::Hasher::new();
        for (number, host) in self.hosts.iter().enumerate().filter(|(number, _)| *number != self.liar()) {
            state.update(&(number as u64).to_be_bytes());
            state.update(&host.core.state_hash(&self.guild).unwrap_or_default());
            for line in checks::timelines(host, &self.guild) {
                state.update(&line);
            }
            for (message, [_, place]) in oracle::places(host, &self.guild).read {
                state.update(&message.0);
                state.update(&place.0);
            }
        }
        *state.finalize().as_bytes()
    }

    /// Whether the network is as bad as it gets.
    pub(crate) fn is_foul(&self) -> bool {
        self.delay_ms != FAIR_MS
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
        let install = BotInstall { guild, application: bot, permissions: Some(permissions) };
        self.ask(node, owner, Command::InstallBot(install), None);
        self.hosts[node].people.push(bot);
    }

    fn somebody_acts(&mut self) {
        let node = self.rng.random_range(0..self.relay);
        let host = &self.hosts[node];
        let Some(actor) = pick(&mut self.rng, host.people.iter().copied()) else { return };
        let messages = recent_messages(host, &self.guild);
        let view = host.core.view();
        let now_ms = self.now_ms;
        let Some(command) = whim(&mut self.rng, view, self.guild, actor, &messages, now_ms) else { return };
        let before = view.guilds.get(&self.guild).cloned();
        let death = self.death();
        let outcome = self.ask(node, actor, command.clone(), death);
        if let Some(before) = before {
            self.deeds.count(&before, &command, &outcome);
        }
    }

    pub(crate) fn death(&mut self) -> Option<Death> {
        match self.rng.random_range(0..100) {
            chance if chance < self.deadly => Some(Death::BeforeWriting),
            chance if chance < 2 * self.deadly => Some(Death::AfterWriting),
            chance if chance < 3 * self.deadly => Some(Death::Refused),
            _ => None,
        }
    }

    fn somebody_rejoins(&mut self) {
        let (guild, invite) = (self.guild, self.invite);
        for node in 1..self.relay {
            let owner = self.hosts[node].people[0];
            let inside = |view: &nexus_core::View| {
                view.guilds.get(&guild).is_some_and(|guild| guild.members.contains_key(&owner))
            };
            if !inside(self.hosts[node].core.view()) {
                self.ask_for(node, invite);
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
        let far_side: BTreeSet<usize> = (0..self.hosts.len()).filter(|_| self.rng.random_bool(0.5)).collect();
        let apart = |ends: [usize; 2]| far_side.contains(&ends[0]) != far_side.contains(&ends[1]);
        let (links, frames) = self.network.cut(|cable| apart(cable.ends));
        self.faults.links_cut += links;
        self.faults.frames_lost += frames;
        self.network.split(far_side);
        self.split_until_ms = self.now_ms + self.rng.random_range(10_000..60_000);
        self.faults.splits += 1;
    }

    fn a_link_is_cut(&mut self) {
        let node = self.rng.random_range(0..self.relay);
        self.unplug(node);
    }

    /// A forgery comes in by a link, or past all links.
    fn somebody_forges(&mut self) {
        let from = self.rng.random_range(0..self.hosts.len());
        let Some(pattern) = forger::pattern(&mut self.rng, self.hosts[from].store.ops()) else { return };
        let (bytes, id) = forger::forge(&mut self.rng, pattern);
        self.forged.extend(id);
        self.faults.forged += 1;
        let frontiers = self.hosts[from].store.frontiers().unwrap_or_default();
        let linked = (0..self.relay).filter(|node| self.network.is_linked(*node));
        let node = pick(&mut self.rng, linked).filter(|_| self.rng.random_bool(0.8));
        if let Some(node) = node {
            let ops = Ops { space: self.guild, upto: None, ops: vec![bytes.into()], frontiers: Vec::new() };
            let end = self.rng.random_range(0..2);
            let _ = self.inject(node, end, Frame::Ops(ops).encode());
        } else {
            let to = self.rng.random_range(0..self.hosts.len());
            let ops = vec![Arriving::Bytes(bytes)];
            let taken =
                self.input(to, Input::Ops { ops, frontiers, cursor: None, gaps: Vec::new() }, None).taken;
            self.note(|line| write!(line, "forged {to} {taken:?}"));
        }
    }

    /// What a disk said was durable was not: ops from elsewhere, and of the relay all. A node that wrote something of its own
    /// since would go on in its own log at a place that others know: that is the restored backup's story. (Nor one without what another
    /// disk has changed meanwhile.)
    fn somebody_is_copied_or_set_back(&mut self) {
        let Some((host, written, copy)) = self.copy.take() else {
            let host =
                if self.rng.random_bool(0.5) { self.relay } else { self.rng.random_range(0..self.relay) };
            self.copy = Some((host, self.written[host], self.hosts[host].store.clone()));
            return;
        };
        if self.written[host] == written && !self.is_needed(host, &copy) {
            self.hosts[host].store = copy;
            self.hosts[host].restart();
            self.unplug(host);
            self.faults.set_back += 1;
            self.note(|line| write!(line, "set back {host}"));
        }
    }

    fn everybody_ticks(&mut self) {
        for host in 0..self.hosts.len() {
            self.input(host, Input::Tick, None);
        }
        self.tick_links();
        (0..self.relay).for_each(|node| self.somebody_fills(node));
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
        self.note(|line| write!(line, "command {node} {actor:?} {command:?} {death:?}"));
        let input = Input::Command { ticket: Ticket(0), actor, command: Box::new(command) };
        let outcome = self.input(node, input, death);
        match &outcome.reply {
            Some(Ok(_)) => self.carried_out += 1,
            Some(Err(_)) => self.refused += 1,
            None => {}
        }
        if matches!(outcome.reply, Some(Ok(_))) {
            self.acknowledged.extend(outcome.written.iter().copied());
        }
        self.note(|line| write!(line, "{:?} {:?}", outcome.reply, outcome.changes));
        outcome
    }

    pub(crate) fn nonce(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.rng.fill(&mut bytes);
        bytes
    }

    pub(crate) fn entropy(&mut self) -> [u8; 64] {
        let mut bytes = [0; 64];
        self.rng.fill(&mut bytes);
        bytes
    }

    /// One line more of the log, for who looks on.
    #[expect(clippy::print_stderr, reason = "it was asked for")]
    pub(crate) fn show(&self, line: impl FnOnce() -> String) {
        if self.shows {
            eprintln!("{}", line());
        }
    }

    pub(crate) fn note(&mut self, line: impl FnOnce(&mut String) -> std::fmt::Result) {
        let mut text = format!("{} ", self.now_ms);
        // Writing to a String cannot fail.
        let _ = line(&mut text);
        self.show(|| text.clone());
        self.log.update(text.as_bytes());
        self.log.update(b"\n");
    }
}

/// The newest of each channel, and all that were moved into a thread.
fn recent_messages(host: &Host, guild: &SpaceId) -> Vec<(ChannelId, OpId)> {
    let Some(guild) = host.core.view().guilds.get(guild) else { return Vec::new() };
    let mut messages = Vec::new();
    for (channel, shown) in &guild.channels {
        let rows = host.store.messages(&channel.stream(), Snowflake(u64::MAX), true, 8).unwrap_or_default();
        messages.extend(rows.iter().map(|row| (*channel, row.id)));
        let moved = host.store.moved_into(&channel.stream()).unwrap_or_default();
        let above = shown.parent.filter(|parent| guild.channels.contains_key(parent));
        messages.extend(moved.iter().filter_map(|(_, id)| Some((above?, *id))));
    }
    messages
}

const MODERATES: Permissions = Permissions::MANAGE_CHANNELS
    .with(Permissions::MANAGE_MESSAGES)
    .with(Permissions::MANAGE_THREADS)
    .with(Permissions::MANAGE_ROLES)
    .with(Permissions::KICK_MEMBERS)
    .with(Permissions::BAN_MEMBERS);
pub(crate) const START_MS: u64 = 1_790_000_000_000;
/// How long a frame takes in fair weather ..
pub(crate) const FAIR_MS: Range<u64> = 1..50;
/// .. and in foul.
const FOUL_MS: Range<u64> = 1..20_000;
/// .. and when nobody acts: soon enough that links stay.
const CALM_MS: Range<u64> = 1..4_000;
/// Links that are made anew at most, once all is well.
const MEETINGS_MAX: usize = 8;
const TICKS_TO_QUIET: usize = 3;
const TICK_MS: u64 = 5_000;
