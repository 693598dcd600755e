//! Programs and the links between them, without a network: frames are carried one at a time, and can be cut, kept and read.

use crate::node::Node;
use nexus_core::sync::caption::{Caption, Captioned};
use nexus_core::sync::frame::{Captioning, Frame, Heads, Hello, Ops, Role, Tag};
use nexus_core::sync::presence::{Presence, Presences, Seen};
use nexus_core::sync::{
    Action, CloseReason, Env, Event, Granted, Hold, Hosting, IN_ORDER_MAX, Link, LinkId, Look, Setup, Turns,
    Whose, missing,
};
use nexus_core::{Addresses, Arriving, Input, InviteCode, PeerAddress, PeerKey, Taken};
use nexus_crdt::id::{ChannelId, StreamId, UserId};
use nexus_crdt::op;
use std::collections::{BTreeSet, VecDeque};

pub(crate) const RELAY: &str = "https://relay.example";
/// How long a relay may lack what it said it has.
pub(crate) const GRACE_MS: u64 = 60_000;
/// More frames than any test sends between two times at rest.
const FRAMES_MAX: usize = 1_000_000;
pub(crate) const OPEN: Hosting = Hosting { whose: Whose::Anybodys, spaces_max: 100, ops_max: 1_000_000 };

/// Several programs.
#[derive(Default)]
pub(crate) struct Net {
    pub(crate) nodes: Vec<Node>,
    pub(crate) roles: Vec<Role>,
    pub(crate) cables: Vec<Cable>,
    pub(crate) reached: Vec<(usize, InviteCode)>,
    pub(crate) denied: Vec<usize>,
    /// What was found of relays: by whom, of which program.
    pub(crate) looks: Vec<(usize, usize, Look)>,
    /// Typing that was heard, by whom.
    pub(crate) heard: Vec<usize>,
    /// Where members were said to be, and to whom; what relays were asked for, and what they answered.
    pub(crate) reaches: Vec<(usize, Addresses)>,
    pub(crate) sought: Vec<(usize, Vec<Tag>)>,
    pub(crate) found: Vec<PeerKey>,
    pub(crate) observed: Vec<PeerAddress>,
    /// What each knows of who is there, and how often it was told.
    pub(crate) seen: Vec<Seen>,
    /// .. and of what voice channels are about.
    pub(crate) captioned: Vec<Captioned>,
    pub(crate) heard_of: Vec<usize>,
    /// Every frame that was ever sent: by whom, to whom.
    pub(crate) tape: Vec<(usize, usize, Vec<u8>)>,
    /// Links on which nothing moves, though they stand.
    pub(crate) stuck: BTreeSet<usize>,
    /// One that keeps to itself what it was given: its batches come empty, and what it says it holds is nothing.
    pub(crate) withholds: Option<usize>,
    /// One that says it has whatever it is given, and throws away what is written in this stream.
    pub(crate) throws_away: Option<(usize, StreamId)>,
    /// What the relays among them take in.
    pub(crate) hosting: Option<Hosting>,
    /// Those who hold what they look at.
    pub(crate) viewers: BTreeSet<usize>,
    /// Arrivals that who holds everything takes in their order, where it is not what it mostly is.
    pub(crate) in_order: Option<u64>,
    /// Everybody says that they speak this version of the protocol.
    pub(crate) version: Option<u32>,
    /// Frames that went packed.
    pub(crate) packed: u64,
    /// What never comes.
    pub(crate) loses: Option<fn(&Frame) -> bool>,
    /// What was fetched, by whom, and whether it came.
    pub(crate) fetched: Vec<(usize, StreamId, bool)>,
    turns: Vec<Turns>,
    links: LinkId,
    nonce: u8,
    sent: u64,
}

/// A link: two ends and what is on its way.
pub(crate) struct Cable {
    pub(crate) ends: [usize; 2],
    pub(crate) links: [Link; 2],
    ids: [LinkId; 2],
    /// With the number of each among all: what was sent first comes first.
    on_the_way: [VecDeque<(u64, Vec<u8>)>; 2],
    pub(crate) closed: Option<(usize, CloseReason)>,
}

impl Net {
    pub(crate) fn add(&mut self, node: Node, role: Role) -> usize {
        self.nodes.push(node);
        self.turns.push(Turns::default());
        self.seen.push(Seen::default());
        self.captioned.push(Captioned::default());
        self.heard_of.push(0);
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
            grace_ms: GRACE_MS,
            hold: if self.viewers.contains(&me) { Hold::Viewed } else { Hold::Everything },
            in_order: self.in_order.unwrap_or(IN_ORDER_MAX),
        };
        let links = [
            Link::new(setup(from, to, relay, self.nonce)),
            Link::new(setup(to, from, None, self.nonce.wrapping_add(100))),
        ];
        self.links += 2;
        let ids = [self.links, self.links + 1];
        let cable = Cable { ends: [from, to], links, ids, on_the_way: Default::default(), closed: None };
        self.cables.push(cable);
        let at = self.cables.len() - 1;
        for end in [0, 1] {
            let cable = &mut self.cables[at];
            let node = &self.nodes[cable.ends[end]];
            let actions = cable.links[end].begin(&env(node));
            self.perform(at, end, actions);
            let told = self.told(self.cables[at].ends[end]);
            self.event(at, end, Event::Presences(&told));
            self.tell_captions(self.cables[at].ends[end]);
        }
        at
    }

    /// Cuts a link; what is on its way is lost.
    pub(crate) fn cut(&mut self, cable: usize) {
        let Cable { ends, ids, .. } = self.cables.remove(cable);
        for (node, id) in ends.into_iter().zip(ids) {
            self.turns[node].gone(id);
            self.give_turns(node);
            self.seen[node].gone(id);
            self.tell_seen(node);
            self.captioned[node].gone(id);
            self.tell_captions(node);
        }
        for cable in 0..self.cables.len() {
            for end in [0, 1] {
                if ends.contains(&self.cables[cable].ends[end]) {
                    self.event(cable, end, Event::Fewer);
                }
            }
        }
    }

    /// Time passes, and links are woken where they asked for it.
    pub(crate) fn pass(&mut self, ms: u64) {
        self.nodes.iter_mut().for_each(|node| node.now_ms += ms);
        for cable in 0..self.cables.len() {
            for end in [0, 1] {
                let now_ms = self.nodes[self.cables[cable].ends[end]].now_ms;
                if self.cables[cable].links[end].due_ms().is_some_and(|due| due <= now_ms) {
                    self.event(cable, end, Event::Due);
                }
            }
        }
        self.settle();
    }

    /// A node asks for a page of everything that it does not hold, on its last link; whether there was anything.
    pub(crate) fn fills_some(&mut self, node: usize) -> bool {
        let missing = missing(self.nodes[node].core.view());
        let its = |(cable, it): (usize, &Cable)| {
            it.ends.iter().position(|end| *end == node).map(|end| (cable, end))
        };
        let Some((cable, end)) = self.cables.iter().enumerate().filter_map(its).next_back() else {
            return false;
        };
        for fetch in &missing {
            self.event(cable, end, Event::Fetch(*fetch));
        }
        self.settle();
        !missing.is_empty()
    }

    /// Ticks pass on all links.
    pub(crate) fn tick(&mut self, ticks: u32) {
        for _ in 0..ticks {
            self.pass(5_000);
            for cable in 0..self.cables.len() {
                [0, 1].into_iter().for_each(|end| self.event(cable, end, Event::Tick));
            }
            self.settle();
        }
    }

    /// Carries frames until there are none.
    pub(crate) fn settle(&mut self) {
        for _ in 0..FRAMES_MAX {
            if !self.carry_one() {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// Carries the frame that was sent first.
    pub(crate) fn carry_one(&mut self) -> bool {
        self.tell_arrivals();
        let moving = self.cables.iter().enumerate().filter(|(cable, _)| !self.stuck.contains(cable));
        let ends = moving.flat_map(|(cable, it)| [0, 1].map(|end| (it.on_the_way[end].front(), cable, end)));
        let first = ends.filter_map(|(front, cable, end)| Some((front?.0, cable, end))).min();
        let Some((_, cable, end)) = first else { return false };
        if let Some((_, frame)) = self.cables[cable].on_the_way[end].pop_front() {
            self.event(cable, end, Event::Frame(&frame));
        }
        true
    }

    /// Carries all frames that are on the way now, and none that are sent because of them: half of what goes there and back.
    pub(crate) fn carry_one_way(&mut self) {
        self.tell_arrivals();
        let last = self.sent;
        let is_due =
            |it: &Cable| it.on_the_way.iter().any(|way| way.front().is_some_and(|(n, _)| *n <= last));
        while self.cables.iter().any(is_due) {
            self.carry_one();
        }
    }

    fn put(&mut self, cable: usize, to: usize, bytes: Vec<u8>) {
        self.sent += 1;
        self.cables[cable].on_the_way[to].push_back((self.sent, bytes));
    }

    /// Puts bytes on the way to one end, as a liar at the other would.
    pub(crate) fn inject(&mut self, cable: usize, to: usize, bytes: Vec<u8>) {
        self.put(cable, to, bytes);
    }

    /// Everything that a node ever sent, decoded.
    pub(crate) fn sent_by(&self, node: usize) -> Vec<Frame> {
        let own = self.tape.iter().filter(|(from, ..)| *from == node);
        own.map(|(.., bytes)| Frame::decode(bytes).unwrap().unwrap()).collect()
    }

    /// Whether bytes ever left a node.
    pub(crate) fn left(&self, node: usize, bytes: &[u8]) -> bool {
        let mut own = self.tape.iter().filter(|(from, ..)| *from == node);
        own.any(|(.., sent)| sent.windows(bytes.len()).any(|window| window == bytes))
    }

    /// Whether bytes ever came to a node.
    pub(crate) fn came(&self, node: usize, bytes: &[u8]) -> bool {
        let mut its = self.tape.iter().filter(|(_, to, _)| *to == node);
        its.any(|(.., sent)| sent.windows(bytes.len()).any(|window| window == bytes))
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
                    let frame = if self.withholds == Some(me) { emptied(frame) } else { frame };
                    let frame = match frame {
                        Frame::Hello(hello) => {
                            Frame::Hello(Hello { version: self.version.unwrap_or(hello.version), ..hello })
                        }
                        frame => frame,
                    };
                    if self.loses.is_some_and(|loses| loses(&frame)) {
                        continue;
                    }
                    let bytes = frame.encode();
                    let packed = frame.encode_packed();
                    assert!(packed.len() <= bytes.len());
                    assert_eq!(
                        Frame::decode(&packed),
                        Ok(Some(frame.clone())),
                        "packed it is the same frame"
                    );
                    assert_eq!(Frame::decode(&bytes), Ok(Some(frame.clone())), "what is sent is a frame");
                    let to = self.cables[cable].ends[1 - end];
                    let sent = self.cables[cable].links[end].encode(&frame);
                    self.packed += u64::from(sent != bytes);
                    // What a test looks for in it can be read.
                    self.tape.push((me, to, bytes));
                    self.put(cable, 1 - end, sent);
                }
                Action::Prove { transcript, whom } => {
                    let proofs = self.nodes[me].core.prove(&transcript, whom.as_ref());
                    self.event(cable, end, Event::Proofs(proofs));
                }
                Action::Integrate { batch, mut ops, frontiers, cursor, gaps } => {
                    if let Some((_, stream)) = self.throws_away.filter(|(who, _)| *who == me) {
                        ops.retain(|op| stream_of(op) != stream);
                    }
                    self.nodes[me].taken = Taken::default();
                    self.nodes[me].handle(Input::Ops { ops, frontiers, cursor, gaps });
                    let taken = std::mem::take(&mut self.nodes[me].taken);
                    self.event(cable, end, Event::Durable { batch, taken: &taken });
                }
                Action::HandedOver { space, upto } => {
                    self.nodes[me].handle(Input::HandedOver { space, upto });
                }
                Action::AskTurn(space) => {
                    self.turns[me].ask(space, self.cables[cable].ids[end]);
                    self.give_turns(me);
                }
                Action::TurnOver { space, caught_up } => {
                    self.turns[me].over(space, self.cables[cable].ids[end], caught_up);
                    self.give_turns(me);
                }
                Action::Feeds(space) => self.turns[me].feeds(space, self.cables[cable].ids[end]),
                Action::AskQuiet { space, idle } => {
                    let may = self.turns[me].may_be_quiet(space, self.cables[cable].ids[end], idle);
                    if may {
                        self.event(cable, end, Event::Quiet(space));
                    }
                }
                Action::Fetched { stream, held, .. } => self.fetched.push((me, stream, held)),
                Action::Reached(code) => self.reached.push((me, code)),
                Action::Looked { look, .. } => self.looks.push((me, self.cables[cable].ends[1 - end], look)),
                Action::Denied(_) => self.denied.push(me),
                Action::Seen { user, presence, first_hand } => {
                    self.heard_of[me] += 1;
                    let id = self.cables[cable].ids[end];
                    self.seen[me].heard(id, user, presence, first_hand);
                    self.tell_seen(me);
                }
                Action::Captioned { said: Captioning { user, channel, caption }, first_hand } => {
                    let id = self.cables[cable].ids[end];
                    self.captioned[me].heard(id, (channel, user), caption, first_hand);
                    self.tell_captions(me);
                }
                Action::Heard(_) => self.heard.push(me),
                Action::Told => drop(self.nodes[me].handle(Input::Told)),
                Action::Reach(addresses) => self.reaches.push((me, addresses)),
                Action::Sought(tags) => self.sought.push((me, tags)),
                Action::Found(peers) => self.found.extend(peers),
                Action::Observed(address) => self.observed.push(address),
                Action::Close(reason) => self.cables[cable].closed = Some((me, reason)),
                _ => {}
            }
        }
    }

    /// Somebody at a node is there, or (none) is not.
    pub(crate) fn show(&mut self, node: usize, user: UserId, presence: Option<Presence>) {
        self.seen[node].here(user, presence);
        self.tell_seen(node);
    }

    /// Somebody at a node says what a voice channel is about, or (none) says it no more.
    pub(crate) fn caption(&mut self, node: usize, key: (ChannelId, UserId), caption: Option<Caption>) {
        self.captioned[node].here(key, caption);
        self.tell_captions(node);
    }

    fn tell_captions(&mut self, node: usize) {
        let told = self.captioned[node].told(self.roles[node] == Role::Relay).clone();
        for cable in 0..self.cables.len() {
            for end in [0, 1] {
                if self.cables[cable].ends[end] == node {
                    self.event(cable, end, Event::Captions(&told));
                }
            }
        }
    }

    fn told(&self, node: usize) -> Presences {
        self.seen[node].told(self.roles[node] == Role::Relay).clone()
    }

    fn tell_seen(&mut self, node: usize) {
        let told = self.told(node);
        for cable in 0..self.cables.len() {
            for end in [0, 1] {
                if self.cables[cable].ends[end] == node {
                    self.event(cable, end, Event::Presences(&told));
                }
            }
        }
    }

    fn give_turns(&mut self, node: usize) {
        for link in self.turns[node].next() {
            let granted = self.turns[node].tell(link);
            let ends = self.cables.iter().enumerate();
            let found = ends.flat_map(|(cable, it)| [0, 1].map(|end| (cable, end, it.ids[end])));
            let found = found.filter(|(.., id)| *id == link).map(|(cable, end, _)| (cable, end)).next_back();
            for Granted { space, among } in granted {
                if let Some((cable, end)) = found {
                    self.event(cable, end, Event::Turn { space, among });
                }
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

impl Cable {
    /// As if somebody between kept it.
    pub(crate) fn lose_what_is_on_the_way(&mut self) {
        self.on_the_way = Default::default();
    }
}

fn stream_of(op: &Arriving) -> StreamId {
    match op {
        Arriving::Verified(op) => op.header.stream,
        Arriving::Claimed(claim) => claim.untrusted().header.stream,
        Arriving::Bytes(bytes) => op::decode(bytes).unwrap().untrusted().header.stream,
    }
}

pub(crate) fn key(node: usize) -> PeerKey {
    PeerKey([u8::try_from(node).unwrap() + 1; 32])
}

pub(crate) fn env(node: &Node) -> Env<'_> {
    Env { now_ms: node.now_ms, view: node.core.view(), store: &node.store }
}

/// The place in the feed is said all the same: whoever takes it believes to have everything.
fn emptied(frame: Frame) -> Frame {
    match frame {
        Frame::Ops(ops) => Frame::Ops(Ops { ops: Vec::new(), frontiers: Vec::new(), ..ops }),
        Frame::Heads(heads) => Frame::Heads(Heads { heads: Vec::new(), sums: Vec::new(), ..heads }),
        other => other,
    }
}
