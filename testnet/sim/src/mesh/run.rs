//! Nodes at work: what comes to them, and what they make of it. As the shell does it (`node/src/mesh/carry.rs`).

use super::air::{Air, Event as Happens};
use super::figures::{Counts, Figures};
use super::members::Members;
use super::topology::{self, Line};
use super::{Attack, PUBLISHERS, Plan};
use crate::host::{Host, Outcome};
use crate::world::START_MS;
use nexus_core::sync::frame::{Frame, Role};
use nexus_core::sync::{Action, Env, Event, Hold, Hosting, IN_ORDER_MAX, Link, Setup, Turns, Whose};
use nexus_core::{Command, Input, MessageDraft, PeerKey, Store as _, Ticket};
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::op;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};

const TICK_MS: u64 = 5_000;
/// Links come up within so long.
const DIAL_MS: u64 = 2_000;
/// By then everybody has caught up with everybody.
const WARM_MS: u64 = 120_000;
/// One message ..
const SAY_MS: u64 = 100;
/// .. and how long is waited for the last.
const SETTLE_MS: u64 = 30_000;

struct Wire {
    line: Line,
    links: Option<[Link; 2]>,
    due_ms: [Option<u64>; 2],
}

struct Node {
    host: Host,
    turns: Turns,
    /// Its ends of links.
    ends: Vec<(usize, usize)>,
    up_ms: Option<u64>,
}

struct Mesh {
    plan: Plan,
    rng: StdRng,
    members: Members,
    nodes: Vec<Node>,
    wires: Vec<Wire>,
    air: Air,
    now_ms: u64,
    talk_ms: u64,
    /// When each message was said.
    said: BTreeMap<OpId, u64>,
    counts: Counts,
}

pub(super) fn run(plan: Plan) -> Figures {
    let mut rng = StdRng::seed_from_u64(plan.seed);
    let members = Members::meet(&mut rng, START_MS);
    let lines = topology::lines(&plan, &mut rng);
    let (diameter, flood) = (topology::diameter_ms(&plan, &lines), topology::flood_p99_ms(&plan, &lines));
    let now_ms = START_MS + 3_600_000;
    let talk_ms = now_ms + if plan.attack == Attack::ColdBoot { DIAL_MS } else { WARM_MS };
    let nodes = (0..plan.honest + plan.attackers).map(|number| Node {
        host: members.node(number),
        turns: Turns::default(),
        ends: Vec::new(),
        up_ms: None,
    });
    let nodes = nodes.collect();
    let wires: Vec<Wire> =
        lines.into_iter().map(|line| Wire { line, links: None, due_ms: [None; 2] }).collect();
    let links = wires.len();
    let (air, said, counts) = (Air::default(), BTreeMap::new(), Counts::default());
    let mut mesh = Mesh { plan, rng, members, nodes, wires, air, now_ms, talk_ms, said, counts };
    mesh.plan_ahead();
    mesh.go_on();
    mesh.counts.figures(diameter, flood, links)
}

impl Mesh {
    fn plan_ahead(&mut self) {
        for line in 0..self.wires.len() {
            let at_ms = self.comes_up_at(self.wires[line].line.ends) + self.rng.random_range(0..DIAL_MS);
            self.air.at(at_ms, Happens::Up { line });
        }
        for node in 0..self.nodes.len() {
            let at_ms = self.now_ms + self.rng.random_range(0..TICK_MS);
            self.air.at(at_ms, Happens::Tick { node });
        }
        for number in 0..self.plan.messages as u64 {
            self.air.at(self.talk_ms + number * SAY_MS, Happens::Say);
        }
    }

    fn half_ms(&self) -> u64 {
        self.talk_ms + self.plan.messages as u64 * SAY_MS / 2
    }

    fn comes_up_at(&self, ends: [usize; 2]) -> u64 {
        let is_late = |node: usize| match self.plan.attack {
            Attack::Dawn => (PUBLISHERS..self.plan.honest).contains(&node),
            Attack::Sybils => node >= self.plan.honest,
            _ => false,
        };
        if ends.iter().any(|end| is_late(*end)) { self.half_ms() } else { self.now_ms }
    }

    fn go_on(&mut self) {
        let end_ms = self.talk_ms + self.plan.messages as u64 * SAY_MS + SETTLE_MS;
        while let Some((at_ms, event)) = self.air.next().filter(|(at_ms, _)| *at_ms <= end_ms) {
            self.now_ms = at_ms;
            match event {
                Happens::Frame { line, end, bytes } => self.comes(line, end, &bytes),
                Happens::Due { line, end } => self.wakes(line, end),
                Happens::Up { line } => self.comes_up(line),
                Happens::Tick { node } => self.ticks(node),
                Happens::Say => self.say(),
            }
        }
        // Who never had a link hears nothing, and should have.
        self.counts.due = self.said.len() as u64 * (self.plan.honest as u64 - 1);
        let honest = &self.nodes[..self.plan.honest];
        let there = honest.iter().flat_map(|node| self.said.keys().map(|id| node.host.store.has_op(id)));
        let there = there.filter(|there| *there == Ok(true)).count() as u64;
        // Its author has it, too.
        self.counts.heard = there - self.said.len() as u64;
    }

    fn comes_up(&mut self, line: usize) {
        let ends = self.wires[line].line.ends;
        let mut setup = |me: usize, peer: usize| {
            let (mut nonce, mut blind) = ([0; 32], [0; 32]);
            self.rng.fill(&mut nonce);
            self.rng.fill(&mut blind);
            let hosting = Hosting { whose: Whose::Anybodys, spaces_max: 64, ops_max: 1_000_000 };
            let (me, peer) = (key(me), key(peer));
            Link::new(Setup {
                me,
                peer,
                role: Role::Node,
                relay: None,
                nonce,
                blind,
                hosting,
                grace_ms: 120_000,
                hold: Hold::Everything,
                in_order: IN_ORDER_MAX,
            })
        };
        self.wires[line].links = Some([setup(ends[0], ends[1]), setup(ends[1], ends[0])]);
        for (end, node) in ends.into_iter().enumerate() {
            self.nodes[node].ends.push((line, end));
            self.nodes[node].up_ms.get_or_insert(self.now_ms);
            self.with_link(line, end, |link, env| link.begin(env));
        }
    }

    fn comes(&mut self, line: usize, end: usize, bytes: &[u8]) {
        let node = self.wires[line].line.ends[end];
        if node < self.plan.honest && self.now_ms >= self.talk_ms {
            self.counts.bytes += bytes.len() as u64 + 4;
            match Frame::decode(bytes) {
                Ok(Some(Frame::Ops(ops))) => {
                    let ids = ops.ops.iter().filter_map(|bytes| op::decode(bytes).ok());
                    let ids = ids.filter(|claim| self.said.contains_key(&claim.untrusted().id));
                    self.counts.copies += ids.count() as u64;
                }
                Ok(Some(Frame::Names(names))) => self.counts.names += names.ops.len() as u64,
                _ => {}
            }
        }
        self.event(line, end, Event::Frame(bytes));
    }

    fn wakes(&mut self, line: usize, end: usize) {
        if self.wires[line].due_ms[end].take_if(|due_ms| *due_ms <= self.now_ms).is_some() {
            self.event(line, end, Event::Due);
        }
    }

    fn ticks(&mut self, node: usize) {
        self.input(node, Input::Tick);
        for (line, end) in self.nodes[node].ends.clone() {
            self.event(line, end, Event::Tick);
        }
        self.air.at(self.now_ms + TICK_MS, Happens::Tick { node });
    }

    fn say(&mut self) {
        let number = self.said.len();
        let node = number % PUBLISHERS;
        let draft = MessageDraft::plain(
            self.members.channel,
            &format!("what somebody said, the {number}th in a row, as long as most"),
        );
        let (actor, command) = (Some(self.members.users[node]), Box::new(Command::SendMessage(draft)));
        let outcome = self.decide(node, Input::Command { ticket: Ticket(0), actor, command });
        let id = outcome.written.first().copied();
        self.said.insert(id.unwrap_or_else(|| panic!("{:?}", outcome.reply)), self.now_ms);
        self.tell(node, &outcome.fed);
    }

    fn event(&mut self, line: usize, end: usize, event: Event<'_>) {
        // A store in memory never fails.
        self.with_link(line, end, |link, env| {
            link.handle(event, env).unwrap_or_else(|fault| panic!("{fault}"))
        });
    }

    fn with_link(&mut self, line: usize, end: usize, f: impl FnOnce(&mut Link, &Env<'_>) -> Vec<Action>) {
        let wire = &mut self.wires[line];
        let Some(links) = wire.links.as_mut() else { return };
        let host = &self.nodes[wire.line.ends[end]].host;
        let env = Env { now_ms: self.now_ms, view: host.core.view(), store: &host.store };
        let actions = f(&mut links[end], &env);
        if let Some(due_ms) = links[end].due_ms()
            && wire.due_ms[end].is_none_or(|before| due_ms < before)
        {
            let due_ms = due_ms.max(self.now_ms + 1);
            wire.due_ms[end] = Some(due_ms);
            self.air.at(due_ms, Happens::Due { line, end });
        }
        actions.into_iter().for_each(|action| self.perform(line, end, action));
    }

    fn perform(&mut self, line: usize, end: usize, action: Action) {
        let node = self.wires[line].line.ends[end];
        match action {
            Action::Send(frame) => self.send(line, end, frame),
            Action::Prove { transcript, whom } => {
                let proofs = self.nodes[node].host.core.prove(&transcript, whom.as_ref());
                self.event(line, end, Event::Proofs(proofs));
            }
            Action::Integrate { batch, ops, frontiers, cursor, gaps } => {
                let new: Vec<OpId> = ops.iter().filter_map(new_op).collect();
                let outcome = self.decide(node, Input::Ops { ops, frontiers, cursor, gaps });
                new.iter().for_each(|id| self.heard(node, id));
                self.event(line, end, Event::Durable { batch, taken: &outcome.taken });
                self.tell(node, &outcome.fed);
            }
            Action::AskTurn(space) => {
                self.nodes[node].turns.ask(space, line as u64);
                self.give_turns(node);
            }
            Action::TurnOver { space, caught_up } => {
                self.nodes[node].turns.over(space, line as u64, caught_up);
                self.give_turns(node);
            }
            Action::Feeds(space) => self.nodes[node].turns.feeds(space, line as u64),
            Action::AskQuiet { space, idle } => {
                let may = self.nodes[node].turns.may_be_quiet(space, line as u64, idle);
                if may {
                    self.event(line, end, Event::Quiet(space));
                }
            }
            Action::HandedOver { space, upto } => self.input(node, Input::HandedOver { space, upto }),
            Action::Told => self.input(node, Input::Told),
            Action::Close(_) => self.close(line, end),
            _ => {}
        }
    }

    fn give_turns(&mut self, node: usize) {
        for line in self.nodes[node].turns.next() {
            for granted in self.nodes[node].turns.tell(line) {
                let line = usize::try_from(line).unwrap_or(usize::MAX);
                let end = usize::from(self.wires[line].line.ends[1] == node);
                self.event(line, end, Event::Turn { space: granted.space, among: granted.among });
            }
        }
    }

    fn close(&mut self, line: usize, end: usize) {
        let ends = self.wires[line].line.ends;
        self.counts.closed += u64::from(ends[end] < self.plan.honest);
        self.wires[line].links = None;
        for node in ends {
            self.nodes[node].ends.retain(|(its, _)| *its != line);
            self.nodes[node].turns.gone(line as u64);
            self.give_turns(node);
            for (line, end) in self.nodes[node].ends.clone() {
                self.event(line, end, Event::Fewer);
            }
        }
    }

    fn send(&mut self, line: usize, end: usize, frame: Frame) {
        let Line { ends, delay_ms } = self.wires[line].line;
        if let Frame::Need(need) = &frame
            && ends[end] < self.plan.honest
            && self.now_ms >= self.talk_ms
        {
            self.counts.needed += need.ops.len() as u64;
        }
        let begins_ms = if self.plan.attack == Attack::CovertFlash { self.half_ms() } else { 0 };
        let frame = if ends[end] >= self.plan.honest && self.now_ms >= begins_ms {
            self.plan.attack.bend(frame, &self.members.devices[0])
        } else {
            frame
        };
        self.air.send(&mut self.rng, self.now_ms, (line, 1 - end), delay_ms, frame.encode_packed());
    }

    fn heard(&mut self, node: usize, id: &OpId) {
        let Some(said_ms) = self.said.get(id).filter(|_| node < self.plan.honest) else { return };
        let came_ms = self.nodes[node].up_ms.unwrap_or(u64::MAX);
        // What was said before somebody came is caught up with, and is not late.
        if came_ms <= *said_ms {
            self.counts.late_ms.entry((node, *id)).or_insert(self.now_ms - said_ms);
        }
    }

    fn input(&mut self, node: usize, input: Input) {
        let outcome = self.decide(node, input);
        self.tell(node, &outcome.fed);
    }

    fn decide(&mut self, node: usize, input: Input) -> Outcome {
        let mut entropy = [0; 64];
        self.rng.fill(&mut entropy);
        self.nodes[node].host.handle(input, self.now_ms, entropy, None)
    }

    /// All links of a node learn what became durable there.
    fn tell(&mut self, node: usize, fed: &BTreeSet<SpaceId>) {
        if !fed.is_empty() {
            for (line, end) in self.nodes[node].ends.clone() {
                self.event(line, end, Event::Arrived(Some(fed)));
            }
        }
    }
}

/// Those that are not here yet were verified on the way in.
fn new_op(arriving: &nexus_core::Arriving) -> Option<OpId> {
    match arriving {
        nexus_core::Arriving::Verified(op) => Some(op.id),
        nexus_core::Arriving::Bytes(_) | nexus_core::Arriving::Claimed(_) => None,
    }
}

fn key(node: usize) -> PeerKey {
    let mut key = [7; 32];
    key[..8].copy_from_slice(&(node as u64 + 1).to_be_bytes());
    PeerKey(key)
}
