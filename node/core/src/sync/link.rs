//! One link as a state machine: who is there, what is offered, given and taken.

mod accounts;
mod action;
mod audit;
mod captions;
mod close;
mod compare;
mod event;
mod facts;
mod fill;
mod first;
mod follow;
mod give;
mod gossip;
mod greet;
mod meet;
mod page;
mod reach;
mod repair;
mod seeing;
mod setup;
mod take;
mod told;
mod typing;
mod unreadable;

use super::feed::{Known, Source};
use super::frame::{Frame, Hello, Role};
use super::rights::Rights;
use crate::invite::InviteCode;
use crate::store::{Store, StoreFault};
use crate::view::View;
pub use action::Action;
use audit::Auditing;
use captions::Captioned;
pub use close::CloseReason;
use compare::Comparing;
pub use event::{Event, Fetch};
pub use facts::Facts;
pub use fill::missing;
use first::First;
use give::Giving;
use gossip::Counts;
use imbl::OrdSet;
use meet::Meeting;
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, StreamId, UserId};
use page::{Asking, Giving as GivingPages};
use reach::Places;
use repair::Repair;
use seeing::Present;
pub use setup::{Hold, Hosting, IN_ORDER_MAX, Setup, Whose};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use take::{Batch, Taking};

/// What the link may look at.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// Wall clock, Unix ms.
    pub now_ms: u64,
    /// The projection.
    pub view: &'a View,
    /// What is durable; no older than the view.
    pub store: &'a dyn Store,
}

/// The state of one link.
pub struct Link {
    setup: Setup,
    begun_ms: Option<u64>,
    hello: Option<Hello>,
    skew_ms: i64,
    meeting: Meeting,
    places: Places,
    rights: Rights,
    known: Known,
    proven: bool,
    /// Proofs are being made: what is offered comes after them.
    proving: bool,
    /// The accounts here that the peer was shown proofs of, and when it was last; none before it greeted.
    shown: Option<(OrdSet<UserId>, u64)>,
    /// Whom the peer was shown proofs of: each device once, and no more of them than the peer bears.
    vouched_for: BTreeSet<(UserId, DeviceKey)>,
    /// The devices here at that time.
    shown_devices: OrdSet<DeviceKey>,
    offered: BTreeSet<SpaceId>,
    /// Spaces that the peer wants by name from the start.
    hushed: BTreeSet<SpaceId>,
    /// Spaces whose end the peer has been told.
    parted: BTreeSet<SpaceId>,
    giving: BTreeMap<SpaceId, Giving>,
    /// Spaces to be looked at, the next first.
    queue: VecDeque<SpaceId>,
    repairs: VecDeque<Repair>,
    /// What was sent and not answered.
    in_flight: usize,
    repairs_in_flight: usize,
    taking: BTreeMap<SpaceId, Taking>,
    batches: BTreeMap<u64, Batch>,
    last_batch: u64,
    /// Invites that somebody here was shown; the first of them is being asked for.
    asked: VecDeque<InviteCode>,
    asked_ms: u64,
    /// Streams that were compared or given again, and governance (its stream) by heads: once each is what honest peers need.
    mended: BTreeSet<(SpaceId, StreamId)>,
    /// Ops that the peer was asked for because they are not here as they were signed.
    unreadable_asked: BTreeSet<OpId>,
    comparing: Comparing,
    auditing: Auditing,
    pages: GivingPages,
    asking: Asking,
    first: First,
    /// Typing that was heard since the last tick.
    heard: u32,
    seeing: Present,
    captions: Captioned,
    /// Accounts' ops that were taken.
    strangers: u64,
    refused: BTreeMap<SpaceId, u32>,
    /// Spaces that were offered again, since the peer does not know that its people are in ..
    insisted: BTreeSet<SpaceId>,
    /// .. and those that were not taken because people here are out.
    declined: BTreeSet<SpaceId>,
    /// What the peer may still ask for; grows with time.
    patience: u32,
    counts: Counts,
}

impl Link {
    /// A link whose transport has just come up.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let rights = setup.relay.clone().map_or_else(Rights::default, Rights::of_relay);
        Self {
            setup,
            begun_ms: None,
            hello: None,
            skew_ms: 0,
            meeting: Meeting::default(),
            places: Places::default(),
            rights,
            known: Known::new(),
            proven: false,
            proving: false,
            shown: None,
            vouched_for: BTreeSet::new(),
            shown_devices: OrdSet::new(),
            offered: BTreeSet::new(),
            hushed: BTreeSet::new(),
            parted: BTreeSet::new(),
            giving: BTreeMap::new(),
            queue: VecDeque::new(),
            repairs: VecDeque::new(),
            in_flight: 0,
            repairs_in_flight: 0,
            taking: BTreeMap::new(),
            batches: BTreeMap::new(),
            last_batch: 0,
            asked: VecDeque::new(),
            asked_ms: 0,
            mended: BTreeSet::new(),
            unreadable_asked: BTreeSet::new(),
            comparing: Comparing::default(),
            auditing: Auditing::default(),
            pages: GivingPages::default(),
            asking: Asking::default(),
            first: First::default(),
            heard: 0,
            seeing: Present::default(),
            captions: Captioned::default(),
            strangers: 0,
            refused: BTreeMap::new(),
            insisted: BTreeSet::new(),
            declined: BTreeSet::new(),
            patience: PATIENCE_MAX,
            counts: Counts::default(),
        }
    }

    /// What this side says first.
    pub fn begin(&mut self, env: &Env<'_>) -> Vec<Action> {
        self.begun_ms = Some(env.now_ms);
        vec![Action::Send(Frame::Hello(Hello {
            version: super::frame::VERSION,
            relay: self.setup.role == Role::Relay,
            rules_max: RULES_MAX,
            nonce: self.setup.nonce,
            now_ms: env.now_ms,
        }))]
    }

    /// Takes an event; what follows is to be done in order.
    ///
    /// # Errors
    /// [`StoreFault`] where the store cannot be read: the link is ended and begun anew.
    pub fn handle(&mut self, event: Event<'_>, env: &Env<'_>) -> Result<Vec<Action>, StoreFault> {
        let mut out = Vec::new();
        let done = match event {
            Event::Frame(bytes) => match Frame::decode(bytes) {
                Ok(Some(frame)) => self.frame(frame, env, &mut out),
                Ok(None) => Ok(()),
                Err(_) => Err(Halt::Close(CloseReason::Garbage)),
            },
            Event::Proofs(proofs) => self.send_proofs(&proofs, env, &mut out),
            Event::Arrived(spaces) => {
                // A relay looks at all of its people for it: with the tick.
                if self.setup.role == Role::Node {
                    self.prove_again(env, &mut out);
                }
                self.say_common(env, &mut out);
                self.say_sought(env, &mut out);
                self.settle(spaces, env, &mut out).and_then(|()| self.arrived(spaces, env, &mut out))
            }
            Event::Durable { batch, taken } => self.durable(batch, taken, env, &mut out),
            Event::Ask(code) => {
                self.ask(code, env, &mut out);
                Ok(())
            }
            Event::Typing(typing) => {
                self.tell_typing(typing, env, &mut out);
                Ok(())
            }
            Event::Presences(now) => {
                self.seen_now(now, env, &mut out);
                Ok(())
            }
            Event::Captions(now) => {
                self.captions_now(now, env, &mut out);
                Ok(())
            }
            Event::Turn { space, among } => self.turn(space, among, env, &mut out),
            Event::Quiet(space) => {
                self.rest(space, &mut out);
                Ok(())
            }
            Event::Unreadable(ops) => {
                self.ask_for_unreadable(ops, &mut out);
                Ok(())
            }
            Event::Fewer => self.fewer(env, &mut out),
            Event::Reachable(own) => {
                self.reachable_at(own);
                Ok(())
            }
            Event::Seek(beside) => {
                self.seek(beside, env, &mut out);
                Ok(())
            }
            Event::Found(peers) => {
                self.tell_found(peers, &mut out);
                Ok(())
            }
            Event::SeenAt(address) => {
                out.push(Action::Send(Frame::Observed(address)));
                Ok(())
            }
            Event::Fetch(fetch) => {
                self.fetch(&fetch, &mut out);
                Ok(())
            }
            Event::Due => self.due(env, &mut out),
            Event::Tick => self.tick(env, &mut out),
        };
        let done = done.and_then(|()| self.bring_the_rest(env, &mut out));
        self.look_again(env, &mut out);
        self.tell_places(env, &mut out);
        match done {
            Ok(()) => Ok(out),
            Err(Halt::Close(reason)) => {
                out.push(Action::Close(reason));
                Ok(out)
            }
            Err(Halt::Fault(fault)) => Err(fault),
        }
    }

    fn frame(&mut self, frame: Frame, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        match frame {
            Frame::Hello(hello) => self.greeted(hello, env, out),
            // Nothing is said to who has not greeted.
            _ if self.hello.is_none() => Err(Halt::Close(CloseReason::Garbage)),
            Frame::Proof(proof) => self.proof(proof, env, out),
            Frame::Common(common) => self.common(common, env, out),
            Frame::Offer(spaces) => self.offer(&spaces, env, out),
            Frame::Want(want) => self.want(&want, env, out),
            Frame::Refuse(refuse) => self.refuse(refuse, env, out),
            Frame::Ops(ops) => self.ops(ops, env, out),
            Frame::Have(have) => self.have(have, env, out),
            Frame::Heads(heads) => self.heads(heads, env, out),
            Frame::GovSince(since) => self.gov_since(&since, env, out),
            Frame::Again(again) => self.again(again, env, out),
            Frame::Follow(follow) => self.follow(follow, env, out),
            Frame::Followed(followed) => self.followed(&followed, env, out),
            Frame::Page(page) => self.page(page, env, out),
            Frame::Paged(paged) => self.paged(paged, env, out),
            Frame::Compare(compare) => self.compared(compare, env, out),
            Frame::Check(check) => self.check(check, env, out),
            Frame::Checked(checked) => self.checked(checked, env, out),
            Frame::Gone(space) => {
                self.take_no_more(space, out);
                Ok(())
            }
            Frame::Anew(space) => self.begins_anew(&space),
            Frame::Quiet(space) => self.quiet(space),
            Frame::Names(names) => self.names(names, env, out),
            Frame::Need(need) => self.need(need, env, out),
            Frame::Accounts(accounts) => self.know_otherwise(&accounts, env, out),
            Frame::Ask(ask) => self.asked_by(&ask, env, out),
            Frame::Reach(addresses) => self.hear_reach(addresses),
            Frame::Seek(seek) => self.sought(seek, out),
            Frame::Found(found) => {
                self.found(found, out);
                Ok(())
            }
            Frame::Observed(address) => {
                self.observed(address, out);
                Ok(())
            }
            Frame::Typing(typing) => {
                self.hear_typing(typing, env, out);
                Ok(())
            }
            Frame::Seeing(seeing) => {
                self.hear_of(seeing, env, out);
                Ok(())
            }
            Frame::Captioning(said) => {
                self.hear_caption(said, env, out);
                Ok(())
            }
        }
    }

    fn source<'a>(&'a self, env: &Env<'a>) -> Source<'a> {
        Source { view: env.view, store: env.store, rights: &self.rights }
    }

    fn tick(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let begun_ms = *self.begun_ms.get_or_insert(env.now_ms);
        if self.hello.is_none() && env.now_ms.saturating_sub(begun_ms) > GREET_MS {
            return Err(Halt::Close(CloseReason::Silent));
        }
        if self.is_a_stranger() && env.now_ms.saturating_sub(begun_ms) > STRANGER_MS {
            return Err(Halt::Close(CloseReason::Stranger));
        }
        self.give_up_asking(env, out);
        self.prove_again(env, out);
        self.say_common(env, out);
        self.say_sought(env, out);
        self.heard = 0;
        self.seeing.tick();
        self.captions.tick();
        self.check_what_is_held(env);
        self.give_up_pages(env, out);
        self.compare_what_waited(env, out)?;
        self.try_for_room(env, out)?;
        self.ask_whether_all_is_here(env, out)?;
        self.patience = (self.patience + PATIENCE_A_TICK).min(PATIENCE_MAX);
        self.arrived(None, env, out)?;
        self.audit(env, out)
    }

    // Anybody honest asks for little; who asks for more than time gives back is ended.
    fn bear(&mut self, cost: u32) -> Done {
        self.patience = self.patience.checked_sub(cost).ok_or(Halt::Close(CloseReason::Greedy))?;
        Ok(())
    }
}

/// Why handling stops half-way.
#[derive(Debug)]
enum Halt {
    Close(CloseReason),
    Fault(StoreFault),
}

type Done = Result<(), Halt>;

impl From<StoreFault> for Halt {
    fn from(fault: StoreFault) -> Self {
        Self::Fault(fault)
    }
}

/// The newest authority rule that is carried here.
const RULES_MAX: u32 = 1;
/// How long the other side may take to greet.
const GREET_MS: u64 = 10_000;
/// How long a node may stay that shares nothing: its people may be asked for by an invite meanwhile.
const STRANGER_MS: u64 = 15_000;
const PATIENCE_MAX: u32 = 256;
const PATIENCE_A_TICK: u32 = 16;
