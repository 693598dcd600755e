//! Links at work: frames between them, and what they ask of their hosts.

use crate::host::{Death, Outcome};
use crate::network::Cable;
use crate::world::{FAIR_MS, World};
use nexus_core::sync::frame::Frame;
use nexus_core::sync::{Action, CloseReason, Env, Event, Fetch};
use nexus_core::{Input, InviteCode};
use nexus_crdt::id::SpaceId;
use rand::RngExt;
use std::collections::BTreeSet;
use std::fmt::Write;

impl World {
    /// Everybody who has no link and can reach the relay dials it.
    pub(crate) fn dial(&mut self, chance: f64) {
        for node in 0..self.relay {
            let reaches = !self.network.is_linked(node) && self.network.reaches([node, self.relay]);
            if reaches && self.rng.random_bool(chance) {
                let nonces = [self.nonce(), self.nonce()];
                self.network.cables.push(Cable::new(node, self.relay, self.hold_of(node), nonces));
                let cable = self.network.cables.len() - 1;
                for end in [0, 1] {
                    self.with_link(cable, end, |link, env| link.begin(env));
                }
            }
        }
    }

    /// Carries what has arrived by now, link after link, until nothing more is due.
    pub(crate) fn carry(&mut self) {
        let (mut cable, mut idle, mut carried) = (0, 0, 0);
        while idle < self.network.cables.len() {
            cable %= self.network.cables.len();
            let links = self.network.cables.len();
            let slow: Vec<usize> =
                (0..self.hosts.len()).filter(|host| self.hosts[*host].slow_until_ms > self.now_ms).collect();
            self.faults.slowed += self.network.cables[cable].waiting_for(&slow, self.now_ms);
            match self.network.cables[cable].next(self.now_ms, &slow) {
                Some((end, frame)) => {
                    (idle, carried) = (0, carried + 1);
                    if carried > FRAMES_MAX {
                        self.mistaken =
                            Some(String::from("there is no end of what two programs say to each other"));
                        return self.network.cables.clear();
                    }
                    self.note(|line| write!(line, "frame {cable} {end} {}", blake3::hash(&frame).to_hex()));
                    self.event(cable, end, Event::Frame(&frame));
                }
                None => idle += 1,
            }
            // A link that ended leaves its place to the next one.
            cable += usize::from(self.network.cables.len() == links);
        }
    }

    /// Tells the links of a host what became durable there.
    pub(crate) fn tell(&mut self, host: usize, fed: &BTreeSet<SpaceId>) {
        if fed.is_empty() {
            return;
        }
        for (node, end) in self.links_of(host) {
            if let Some(cable) = self.cable_of(node) {
                self.event(cable, end, Event::Arrived(Some(fed)));
            }
        }
    }

    pub(crate) fn tick_links(&mut self) {
        for node in 0..self.relay {
            for end in [0, 1] {
                if let Some(cable) = self.cable_of(node) {
                    self.event(cable, end, Event::Tick);
                }
                if let Some(cable) = self.cable_of(node) {
                    self.somebody_looks(self.network.cables[cable].ends[end], cable, end);
                }
            }
        }
    }

    /// A node asks the relay for the guild behind an invite.
    pub(crate) fn ask_for(&mut self, node: usize, code: InviteCode) {
        if let Some(cable) = self.cable_of(node) {
            self.event(cable, 0, Event::Ask(code));
        }
    }

    /// A node wants some of a stream that it may not hold; whether there is a link to bring it.
    pub(crate) fn look_at(&mut self, node: usize, fetch: Fetch) -> bool {
        let cable = self.cable_of(node);
        if let Some(cable) = cable {
            self.event(cable, 0, Event::Fetch(fetch));
        }
        cable.is_some()
    }

    /// Ends the links of a host.
    pub(crate) fn unplug(&mut self, host: usize) {
        let (links, frames) = self.network.cut(|cable| cable.ends.contains(&host));
        self.faults.links_cut += links;
        self.faults.frames_lost += frames;
    }

    /// Hands an end of a link a frame that the other end never sent; whether there was a link.
    pub(crate) fn inject(&mut self, node: usize, end: usize, frame: Vec<u8>) -> bool {
        let now_ms = self.now_ms;
        let cable = self.cable_of(node);
        if let Some(cable) = cable {
            self.network.cables[cable].put(end, frame, now_ms);
        }
        cable.is_some()
    }

    fn links_of(&self, host: usize) -> Vec<(usize, usize)> {
        let ends =
            |cable: &Cable| cable.ends.iter().position(|end| *end == host).map(|end| (cable.ends[0], end));
        self.network.cables.iter().filter_map(ends).collect()
    }

    fn cable_of(&self, node: usize) -> Option<usize> {
        self.network.cables.iter().position(|cable| cable.ends[0] == node)
    }

    pub(crate) fn event(&mut self, cable: usize, end: usize, event: Event<'_>) {
        self.with_link(cable, end, |link, env| {
            // A store in memory never fails.
            link.handle(event, env).unwrap_or_else(|fault| panic!("{fault}"))
        });
    }

    fn with_link(
        &mut self,
        cable: usize,
        end: usize,
        f: impl FnOnce(&mut nexus_core::sync::Link, &Env<'_>) -> Vec<Action>,
    ) {
        let Cable { ends, links, .. } = &mut self.network.cables[cable];
        let (node, host) = (ends[0], &self.hosts[ends[end]]);
        let env = Env { now_ms: host.now_ms(self.now_ms), view: host.core.view(), store: &host.store };
        let actions = f(&mut links[end], &env);
        for action in actions {
            // An action may have ended the link.
            let Some(cable) = self.cable_of(node) else { return };
            self.perform(cable, end, action);
        }
    }

    fn perform(&mut self, cable: usize, end: usize, action: Action) {
        let host = self.network.cables[cable].ends[end];
        match action {
            Action::Send(frame) => self.send(cable, end, &frame),
            Action::Prove { transcript, whom } => {
                let proofs = self.hosts[host].core.prove(&transcript, whom.as_ref());
                self.event(cable, end, Event::Proofs(proofs));
            }
            Action::Integrate { batch, ops, frontiers, cursor, gaps } => {
                let (node, death) = (self.network.cables[cable].ends[0], self.death());
                let count = ops.len();
                let outcome = self.input(host, Input::Ops { ops, frontiers, cursor, gaps }, death);
                self.note(|line| {
                    write!(line, "ops {host} {count} {:?} {:?}", outcome.taken, outcome.changes)
                });
                if let Some(cable) = self.cable_of(node) {
                    self.event(cable, end, Event::Durable { batch, taken: &outcome.taken });
                }
            }
            Action::AskTurn(space) => self.event(cable, end, Event::Turn { space, among: false }),
            Action::AskQuiet { space, .. } => self.event(cable, end, Event::Quiet(space)),
            Action::HandedOver { space, upto } => {
                self.input(host, Input::HandedOver { space, upto }, None);
            }
            Action::Looked { space, look } => {
                self.looks += u64::from(look.answered);
                self.audits.looked(&host.to_string(), space, look, self.now_ms);
                self.accused |= self.audits.of(&host.to_string(), &space).is_some();
            }
            Action::Told => drop(self.input(host, Input::Told, None)),
            Action::Close(reason) => {
                self.note(|line| write!(line, "closed {host} {reason:?}"));
                // Who does not greet in time is only slow.
                self.faults.liars_closed += u64::from(reason != CloseReason::Silent);
                let node = self.network.cables[cable].ends[0];
                let (_, frames) = self.network.cut(|cable| cable.ends[0] == node);
                self.faults.frames_lost += frames;
            }
            _ => {}
        }
    }

    fn send(&mut self, cable: usize, end: usize, frame: &Frame) {
        let at_ms = self.now_ms + self.rng.random_range(self.delay_ms.clone());
        let host = self.network.cables[cable].ends[end];
        let to = self.network.cables[cable].ends[1 - end];
        self.show(|| format!("{} sent {host} to {to}: {}", self.now_ms, told(frame)));
        if self.network.mute == Some(host) || self.network.cables[cable].unheard {
            self.network.cables[cable].unheard = true;
            self.faults.unheard += 1;
            return;
        }
        let dice = if self.is_foul() { self.rng.random_range(0..1_000) } else { 1_000 };
        if dice < 40 && host == self.relay && matches!(frame, Frame::Ops(_)) {
            self.faults.withheld += 1;
            return;
        }
        self.faults.delayed += u64::from(at_ms > self.now_ms + FAIR_MS.end);
        let to = &mut self.network.cables[cable];
        let bytes = to.links[end].encode(frame);
        to.put(1 - end, bytes.clone(), at_ms);
        match dice {
            40..42 => {
                to.put(1 - end, bytes, at_ms);
                self.faults.duplicated += 1;
            }
            42..44 => self.faults.reordered += u64::from(to.swap(1 - end)),
            _ => {}
        }
    }

    /// Something happens at a host. Where its process dies of it, its links die too.
    pub(crate) fn input(&mut self, host: usize, input: Input, death: Option<Death>) -> Outcome {
        let entropy = self.entropy();
        let outcome = self.hosts[host].handle(input, self.now_ms, entropy, death);
        match death {
            Some(Death::BeforeWriting) => self.faults.died_before_writing += 1,
            Some(Death::Refused) => self.faults.io_errors += 1,
            Some(Death::AfterWriting) => self.faults.died_after_writing += 1,
            None => {}
        }
        self.faults.disk_full += u64::from(outcome.refused);
        self.written[host] += outcome.written.len() as u64;
        if death.is_some() || outcome.refused {
            self.unplug(host);
        }
        self.tell(host, &outcome.fed);
        outcome
    }
}

fn told(frame: &Frame) -> String {
    let Frame::Ops(ops) = frame else { return format!("{frame:?}") };
    let ids: Vec<_> = ops
        .ops
        .iter()
        .filter_map(|bytes| nexus_crdt::op::decode(bytes).ok())
        .map(|op| op.untrusted().id)
        .collect();
    format!("Ops of {:?} up to {:?}: {ids:?}", ops.space, ops.upto)
}

/// More frames than programs at rest, or at work, have to say to each other in one moment.
const FRAMES_MAX: usize = 100_000;
