//! Programs and the links between them, without a network: frames are carried one at a time, and can be cut, kept and read.

use crate::node::Node;
use nexus_core::sync::frame::{Frame, Role};
use nexus_core::sync::{Action, CloseReason, Env, Event, Hosting, Link, Setup, Whose};
use nexus_core::{Input, InviteCode, PeerKey, Taken};
use std::collections::{BTreeSet, VecDeque};

pub(crate) const RELAY: &str = "https://relay.example";
pub(crate) const OPEN: Hosting = Hosting { whose: Whose::Anybodys, spaces_max: 100, ops_max: 1_000_000 };

/// Several programs.
#[derive(Default)]
pub(crate) struct Net {
    pub(crate) nodes: Vec<Node>,
    pub(crate) roles: Vec<Role>,
    pub(crate) cables: Vec<Cable>,
    pub(crate) reached: Vec<(usize, InviteCode)>,
    pub(crate) denied: Vec<usize>,
    /// Typing that was heard, by whom.
    pub(crate) heard: Vec<usize>,
    /// Every frame that was ever sent, by who sent it.
    pub(crate) tape: Vec<(usize, Vec<u8>)>,
    /// What the relays among them take in.
    pub(crate) hosting: Option<Hosting>,
    nonce: u8,
}

/// A link: two ends and what is on its way.
pub(crate) struct Cable {
    pub(crate) ends: [usize; 2],
    pub(crate) links: [Link; 2],
    on_the_way: [VecDeque<Vec<u8>>; 2],
    pub(crate) closed: Option<(usize, CloseReason)>,
}

impl Net {
    pub(crate) fn add(&mut self, node: Node, role: Role) -> usize {
        self.nodes.push(node);
        self.roles.push(role);
        self.nodes.len() - 1
    }

    /// `from` dials `to`; where that is a relay, by its URL.
    pub(crate) fn connect(&mut self, from: usize, to: usize) -> usize {
        self.nonce += 1;
        let relay = (self.roles[to] == Role::Relay).then(|| RELAY.to_owned());
        let setup = |me: usize, peer: usize, relay, nonce| Setup {
            me: key(me),
            peer: key(peer),
            role: self.roles[me],
            relay,
            nonce: [nonce; 32],
            blind: [nonce.wrapping_add(50); 32],
            hosting: self.hosting.clone().unwrap_or(OPEN),
        };
        let links = [
            Link::new(setup(from, to, relay, self.nonce)),
            Link::new(setup(to, from, None, self.nonce.wrapping_add(100))),
        ];
        let cable = Cable { ends: [from, to], links, on_the_way: Default::default(), closed: None };
        self.cables.push(cable);
        let at = self.cables.len() - 1;
        for end in [0, 1] {
            let cable = &mut self.cables[at];
            let node = &self.nodes[cable.ends[end]];
            let actions = cable.links[end].begin(&env(node));
            self.perform(at, end, actions);
        }
        at
    }

    /// Cuts a link; what is on its way is lost.
    pub(crate) fn cut(&mut self, cable: usize) {
        self.cables.remove(cable);
    }

    /// Carries frames until there are none.
    pub(crate) fn settle(&mut self) {
        while self.carry_one() {}
    }

    /// Carries the next frame of the first link that has one.
    pub(crate) fn carry_one(&mut self) -> bool {
        self.tell_arrivals();
        for cable in 0..self.cables.len() {
            for end in [0, 1] {
                if let Some(frame) = self.cables[cable].on_the_way[end].pop_front() {
                    self.event(cable, end, Event::Frame(&frame));
                    return true;
                }
            }
        }
        false
    }

    /// Puts bytes on the way to one end, as a liar at the other would.
    pub(crate) fn inject(&mut self, cable: usize, to: usize, bytes: Vec<u8>) {
        self.cables[cable].on_the_way[to].push_back(bytes);
    }

    /// Everything that a node ever sent, decoded.
    pub(crate) fn sent_by(&self, node: usize) -> Vec<Frame> {
        let own = self.tape.iter().filter(|(from, _)| *from == node);
        own.map(|(_, bytes)| Frame::decode(bytes).unwrap().unwrap()).collect()
    }

    /// Whether bytes ever left a node.
    pub(crate) fn left(&self, node: usize, bytes: &[u8]) -> bool {
        let mut own = self.tape.iter().filter(|(from, _)| *from == node);
        own.any(|(_, sent)| sent.windows(bytes.len()).any(|window| window == bytes))
    }

    pub(crate) fn say(&mut self, cable: usize, to: usize, frame: &Frame) {
        self.inject(cable, to, frame.encode());
    }

    pub(crate) fn event(&mut self, cable: usize, end: usize, event: Event<'_>) {
        if self.cables[cable].closed.is_some() {
            return;
        }
        let Cable { ends, links, .. } = &mut self.cables[cable];
        let actions = links[end].handle(event, &env(&self.nodes[ends[end]])).unwrap();
        self.perform(cable, end, actions);
    }

    fn perform(&mut self, cable: usize, end: usize, actions: Vec<Action>) {
        let me = self.cables[cable].ends[end];
        for action in actions {
            match action {
                Action::Send(frame) => {
                    let bytes = frame.encode();
                    assert_eq!(Frame::decode(&bytes), Ok(Some(frame)), "what is sent is a frame");
                    self.tape.push((me, bytes.clone()));
                    self.cables[cable].on_the_way[1 - end].push_back(bytes);
                }
                Action::Prove(transcript) => {
                    let proofs = self.nodes[me].core.prove(&transcript);
                    self.event(cable, end, Event::Proofs(proofs));
                }
                Action::Integrate { batch, ops, frontiers, cursor } => {
                    self.nodes[me].taken = Taken::default();
                    self.nodes[me].handle(Input::Ops { ops, frontiers, cursor });
                    let taken = std::mem::take(&mut self.nodes[me].taken);
                    self.event(cable, end, Event::Durable { batch, taken: &taken });
                }
                Action::HandedOver { space, upto } => {
                    self.nodes[me].handle(Input::HandedOver { space, upto });
                }
                Action::Reached(code) => self.reached.push((me, code)),
                Action::Denied(_) => self.denied.push(me),
                Action::Heard(_) => self.heard.push(me),
                Action::Close(reason) => self.cables[cable].closed = Some((me, reason)),
                _ => {}
            }
        }
    }

    fn tell_arrivals(&mut self) {
        for node in 0..self.nodes.len() {
            let fed: BTreeSet<_> = std::mem::take(&mut self.nodes[node].fed);
            if fed.is_empty() {
                continue;
            }
            for cable in 0..self.cables.len() {
                for end in [0, 1] {
                    if self.cables[cable].ends[end] == node {
                        self.event(cable, end, Event::Arrived(Some(&fed)));
                    }
                }
            }
        }
    }
}

fn key(node: usize) -> PeerKey {
    PeerKey([u8::try_from(node).unwrap() + 1; 32])
}

pub(crate) fn env(node: &Node) -> Env<'_> {
    Env { now_ms: node.now_ms, view: node.core.view(), store: &node.store }
}
