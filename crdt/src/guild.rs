//! A guild or conversation: the set of its governance and membership ops, and what follows from that set.
//!
//! Channel streams are not held here (they are large and live in the store); [`Guild::judge`] says of a content
//! op what authority says, from what the op cites and from the removals known now.

mod access;
mod channels;
mod content;
mod decides;
mod deed;
mod derived;
mod emojis;
mod erased;
mod events;
mod filters;
mod governed;
mod graph;
mod group;
mod hash;
mod integrate;
mod members;
mod owners;
mod past;
mod permission;
mod retention;
mod rule;
mod sealed;
mod settled;
mod state;
mod threads;

pub use filters::{Caught, Said};
pub use governed::Governed;
pub use integrate::membership::join_transcript;
pub use rule::RULES_VERSION;
pub use state::channel::{Channel, Circle, Closed, Event, Forum, Thread};
pub use state::removal::{Pause, Removal, RemovalKind};
pub use state::space::{Ownership, Settings, SpaceFacts, Vote};
pub use state::{Emoji, Erased, Filter, GuildView, Invite, Kept, Member, Rank, Role};

use crate::body::governance::SpaceKind;
use crate::hlc::Hlc;
use crate::id::{FrontierId, OpId, RoleId, Tenure, UserId};
use crate::identity::People;
use crate::kind::{Kind, Plane};
use crate::op::{Draft, Op};
use crate::verdict::{Verdict, VoidReason};
use derived::Derived;
use graph::Graph;
use imbl::ordmap::DiffItem;
use imbl::{OrdMap, OrdSet, Vector};
use members::Joins;
use nexus_crypto::Verified;
use past::Place;
use settled::Settled;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The op set and its verdicts. A clone shares what both have.
#[derive(Clone, Debug)]
pub struct Guild {
    graph: Graph,
    joins: Joins,
    /// What follows from each governance op and its past, by place.
    after: Vector<Arc<Derived>>,
    heads: OrdSet<OpId>,
    /// What the present heads stand for.
    now: Arc<Derived>,
    /// Frontiers known by name.
    frontiers: OrdMap<FrontierId, Frontier>,
    /// Everything that was taken in, in order, to derive anew when an account's devices change.
    arrivals: Vector<Arc<Verified<Op>>>,
    /// Those of them that cite an IdRotate.
    citing: Vector<Arc<Verified<Op>>>,
    /// Accounts of which a checkpoint cites an IdRotate.
    settled: OrdMap<UserId, Settled>,
    view: GuildView,
}

#[derive(Clone, Debug)]
struct Frontier {
    heads: Arc<[OpId]>,
    derived: Arc<Derived>,
}

/// Alike where the same ops are void.
impl PartialEq for Frontier {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.derived, &other.derived) || self.derived.void == other.derived.void
    }
}

/// Why an op cannot be taken in now. `Missing*` ops become possible later; the others never do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IntegrateError {
    /// The first op is no Genesis, or a later one is.
    #[error("a space begins with one Genesis")]
    Genesis,
    /// Of another space, or of no stream kept here.
    #[error("of another space or stream")]
    Space,
    /// Governance ops it cites are not here yet.
    #[error("cites {} ops that are not here", .0.len())]
    MissingDeps(Vec<OpId>),
    /// It cites a frontier whose heads are not known here.
    #[error("cites an unknown frontier")]
    MissingFrontier(FrontierId),
    /// The admission it is written under is not here.
    #[error("written under an unknown admission")]
    MissingTenure(Tenure),
    /// It contradicts its own log, clock or form.
    #[error("{0}")]
    Structure(&'static str),
}

/// Why the author's own node does not write an op: the same rule that would void it elsewhere, asked beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// Not a member.
    #[error("not a member")]
    NotAMember,
    /// A permission is lacking.
    #[error("missing permission")]
    Permission,
    /// Somebody or something of equal or higher rank.
    #[error("of equal or higher rank")]
    Rank,
    /// What it acts on is not there.
    #[error("unknown target")]
    Target,
    /// Faster than governance goes: see [`PERSON_QUOTA`].
    #[error("too many acts of governance in an hour")]
    Quota,
    /// The space holds ops whose rule this version does not carry.
    #[error("the guild needs a newer version")]
    ReadOnly,
}

/// Governance ops of one log in an hour, by who is no owner.
pub const PERSON_QUOTA: usize = 60;
/// The same, for who holds a role of rate class bot. Class bulk and owners have no limit.
pub const BOT_QUOTA: usize = 600;

impl Guild {
    /// Begins with a Genesis.
    ///
    /// # Errors
    /// [`IntegrateError::Genesis`] where it is none, or of rules that are not supported.
    pub fn begin(genesis: &Verified<Op>) -> Result<Self, IntegrateError> {
        integrate::genesis::begin(genesis)
    }

    /// Takes a governance or membership op in and derives anew what follows. One that is here already changes
    /// nothing. Void ops are taken in as well: they stay stored, and their verdict says why.
    ///
    /// # Errors
    /// [`IntegrateError`]; nothing has changed then.
    pub fn integrate(&mut self, op: &Verified<Op>, people: &dyn People) -> Result<(), IntegrateError> {
        integrate::integrate(self, op, people)
    }

    /// Takes in again what was taken in before, elsewhere or earlier: of a join it is known that its invite's key has signed for it
    /// ([`Self::has_proven`]).
    ///
    /// # Errors
    /// [`IntegrateError`]; nothing has changed then.
    pub fn integrate_again(&mut self, op: &Verified<Op>, people: &dyn People) -> Result<(), IntegrateError> {
        if op.kind() == Some(Kind::Join) {
            self.joins.proven.insert(op.id);
        }
        self.integrate(op, people)
    }

    /// Whether everything that is signed in an op of the guild was seen to be: only a join has a second signature, its invite's
    /// key's, which is not asked for where something else stands against it.
    #[must_use]
    pub fn has_proven(&self, op: &Op) -> bool {
        op.kind() != Some(Kind::Join) || self.joins.proven.contains(&op.id)
    }

    /// Derives everything anew, after an account's devices changed.
    pub fn people_changed(&mut self, people: &dyn People) {
        self.derive_anew(people, OrdMap::new());
        // Whether a Leave counts depends on devices alone: the second time there is nothing new to know.
        if self.governed_after_leaving() {
            self.derive_anew(people, self.joins.leaves.clone());
        }
    }

    /// Derives everything anew, with what is known beforehand of tenures that their own Leave ended.
    fn derive_anew(&mut self, people: &dyn People, leaves: OrdMap<Tenure, Hlc>) {
        let mut arrivals = self.arrivals.iter();
        let Some(Ok(mut anew)) = arrivals.next().map(|genesis| Self::begin(genesis)) else { return };
        anew.settled = self.settle(people);
        anew.joins.leaves = leaves;
        anew.joins.proven = self.joins.proven.clone();
        for op in arrivals {
            // It was taken in before, after everything it needs; devices decide verdicts only.
            let taken = integrate::take(&mut anew, op, people);
            debug_assert!(taken.is_ok(), "taken in before, refused now: {taken:?}");
            for frontier in self.frontiers.values() {
                if !anew.frontiers.contains_key(&FrontierId::of(&frontier.heads)) {
                    // Known once all of its heads are.
                    let _ = anew.learn_frontier(&frontier.heads);
                }
            }
        }
        *self = anew;
    }

    /// Asks authority about a governance or membership op that is about to be written by `author` on the present
    /// heads: exactly the rule that would void it elsewhere.
    ///
    /// # Errors
    /// [`Denied`] says what stands against it.
    pub fn permits(&self, author: &UserId, draft: &Draft, people: &dyn People) -> Result<(), Denied> {
        if !self.view.beyond_rules.is_empty() {
            return Err(Denied::ReadOnly);
        }
        if draft.kind.plane() == Plane::Governance && !self.is_paced(author, draft) {
            return Err(Denied::Quota);
        }
        integrate::foresee(self, author, draft, people).map_err(|reason| match reason {
            VoidReason::NotAMember | VoidReason::Removed => Denied::NotAMember,
            VoidReason::Rank => Denied::Rank,
            VoidReason::Target => Denied::Target,
            _ => Denied::Permission,
        })
    }

    /// What follows from the set. Cheap to clone.
    #[must_use]
    pub const fn view(&self) -> &GuildView {
        &self.view
    }

    /// The governance ops that no other cites, ascending: what a new op cites.
    #[must_use]
    pub fn heads(&self) -> Vec<OpId> {
        self.heads.iter().copied().collect()
    }

    /// The name of the present heads.
    #[must_use]
    pub fn frontier(&self) -> FrontierId {
        FrontierId::of(&self.heads())
    }

    /// Whether it names the present heads, which are known under their name in their order.
    #[must_use]
    pub fn is_present(&self, frontier: &FrontierId) -> bool {
        self.frontiers.get(frontier).is_some_and(|known| known.heads.iter().eq(self.heads.iter()))
    }

    /// Makes a frontier known by its heads (the present one always is).
    ///
    /// # Errors
    /// [`IntegrateError::MissingDeps`] where a head is not here.
    pub fn learn_frontier(&mut self, heads: &[OpId]) -> Result<FrontierId, IntegrateError> {
        let id = FrontierId::of(heads);
        if !self.frontiers.contains_key(&id) {
            let derived = self.derive(heads)?;
            self.frontiers.insert(id, Frontier { heads: heads.into(), derived });
        }
        Ok(id)
    }

    /// Whether something written at `hlc` is dated before what it cites.
    #[must_use]
    pub fn is_dated_before(&self, frontier: &FrontierId, hlc: Hlc) -> bool {
        let heads = self.frontiers.get(frontier).into_iter().flat_map(|frontier| frontier.heads.iter());
        heads.filter_map(|head| self.graph.find(head)).any(|head| head.hlc > hlc)
    }

    /// The earliest op whose verdict is another than `before` in the view of something cited: a device became known, a Leave came
    /// late. What is later and cites it may have turned with it.
    #[must_use]
    pub fn turned_below(&self, before: &Self) -> Option<Hlc> {
        let turned = before.frontiers.diff(&self.frontiers).filter_map(|item| match item {
            DiffItem::Update { old: (_, old), new: (_, new) } => Some((&old.derived.void, &new.derived.void)),
            DiffItem::Add(..) | DiffItem::Remove(..) => None,
        });
        let places = turned.flat_map(|(old, new)| {
            old.diff(new).map(|item| match item {
                DiffItem::Add(place, _) | DiffItem::Remove(place, _) => *place,
                DiffItem::Update { old: (place, _), .. } => *place,
            })
        });
        places.map(|place| self.graph.node(place).hlc).min()
    }

    /// The heads behind a frontier's name.
    #[must_use]
    pub fn frontier_heads(&self, frontier: &FrontierId) -> Option<Vec<OpId>> {
        self.frontiers.get(frontier).map(|frontier| frontier.heads.to_vec())
    }

    /// The account an op is written for: by its tenure; for Genesis and Join by their body. Does not check the
    /// device. None where the tenure is unknown.
    #[must_use]
    pub fn author_of(&self, op: &Op) -> Option<UserId> {
        match op.kind() {
            Some(Kind::Genesis) => Some(self.view.facts.founder),
            Some(Kind::Join) => op.read_body::<crate::body::membership::Join>().ok().map(|join| join.user),
            _ => self.user_of(&op.header.tenure),
        }
    }

    /// What authority says of a governance or membership op; none where it is not here.
    #[must_use]
    pub fn verdict(&self, op: &OpId) -> Option<Verdict> {
        if let Some(place) = self.graph.place(op) {
            return Some(self.now.void.get(&place).map_or(Verdict::Valid, |reason| Verdict::Void(*reason)));
        }
        let step = self.joins.steps.get(op)?;
        let against = match self.joins.by_tenure.get(&Tenure::of(op)) {
            Some(join) => Joins::against(&self.graph, join, &self.now),
            None => step.local.err(),
        };
        Some(against.map_or(Verdict::Valid, Verdict::Void))
    }

    /// Governance ops that the highest checkpoint has not sealed, and when it was made (without one: the guild).
    #[must_use]
    pub fn unsealed(&self) -> (usize, Hlc) {
        let sealed = self.now.checkpoint.map_or((0, self.view.facts.born), |place| {
            let node = self.graph.node(place);
            (node.depth + 1, node.hlc)
        });
        ((self.graph.next_place() as usize).saturating_sub(sealed.0.max(1)), sealed.1)
    }

    /// Whether something written at `hlc` lies below the highest checkpoint: that is later, and has seen all that it cites.
    #[must_use]
    pub fn is_sealed(&self, frontier: &FrontierId, hlc: Hlc) -> bool {
        let Some(cited) = self.frontiers.get(frontier) else { return false };
        let checkpoint = self.now.checkpoint.map(|place| self.graph.node(place));
        checkpoint.is_some_and(|node| node.hlc > hlc && node.past.contains(&cited.derived.past))
    }

    /// Governance ops that count no longer, or came in without counting, since `before`, with author and reason.
    #[must_use]
    pub fn voided_since(&self, before: &Self) -> Vec<(OpId, UserId, VoidReason)> {
        use imbl::ordmap::DiffItem;
        let newly = before.now.void.diff(&self.now.void).filter_map(|item| match item {
            DiffItem::Add(place, reason) => Some((*place, *reason)),
            _ => None,
        });
        newly
            .map(|(place, reason)| (self.graph.node(place).id, self.graph.node(place).author, reason))
            .collect()
    }

    /// Whether a checkpoint made some op stale.
    #[must_use]
    pub fn has_stale(&self) -> bool {
        self.now.void.values().any(|reason| *reason == VoidReason::Stale)
    }

    /// Whether nobody has written what an op writes without having seen it: what it says can be said again.
    #[must_use]
    pub fn is_uncontested(&self, op: &OpId) -> bool {
        let Some(op) = self.graph.find(op) else { return false };
        let registers = op.registers();
        !self.graph.iter().any(|other| {
            self.now.is_valid(other.place)
                && other.concurrent_with(op)
                && other.registers().iter().any(|register| registers.contains(register))
        })
    }

    /// The view of what a frontier cites: governance in its past only, without members.
    #[must_use]
    pub fn view_at(&self, frontier: &FrontierId) -> Option<GuildView> {
        self.frontiers.get(frontier).map(|frontier| frontier.derived.view.clone())
    }

    /// Whether `newer` has seen everything that `older` cites: frontiers must grow along a log.
    ///
    /// # Errors
    /// [`IntegrateError::MissingFrontier`] where one of the two is not known here.
    pub fn frontier_grows(&self, older: &FrontierId, newer: &FrontierId) -> Result<bool, IntegrateError> {
        if older == newer {
            return Ok(true);
        }
        let past = |id: &FrontierId| {
            self.frontiers
                .get(id)
                .map(|known| &known.derived.past)
                .ok_or(IntegrateError::MissingFrontier(*id))
        };
        Ok(past(newer)?.contains(past(older)?))
    }

    /// Hash of the canonical governance state of the present set.
    #[must_use]
    pub fn gov_hash(&self) -> [u8; 32] {
        hash::governance(&self.now.view)
    }

    /// `BLAKE3(gov_hash ‖ membership_hash)` of the present derived state, never over op ids.
    #[must_use]
    pub fn state_hash(&self) -> [u8; 32] {
        nexus_crypto::hash_parts(&[&self.gov_hash(), &hash::membership(&self.view)])
    }

    /// How many governance ops of each verdict (as its stored byte) are here, for people who look after a node.
    #[must_use]
    pub fn tally(&self) -> BTreeMap<u8, usize> {
        let mut tally = BTreeMap::new();
        for node in self.graph.iter() {
            let reason = self.now.void.get(&node.place).copied();
            *tally.entry(reason.map_or(Verdict::Valid, Verdict::Void).to_byte()).or_default() += 1;
        }
        tally
    }

    /// Somebody's admissions, whether they count or not: what is written under them has an author.
    pub fn tenures(&self, user: &UserId) -> impl Iterator<Item = Tenure> + '_ {
        self.joins.of_user.get(user).into_iter().flatten().copied()
    }

    /// Whose admission a tenure is.
    fn user_of(&self, tenure: &Tenure) -> Option<UserId> {
        let facts = &self.view.facts;
        let by_genesis = facts.admitted().find(|user| facts.tenure_of(user) == *tenure);
        let joined = || self.joins.by_tenure.get(tenure).map(|join| join.user);
        by_genesis.copied().or_else(joined).or_else(|| self.joins.brought.get(tenure).copied())
    }

    /// Whether somebody is admitted under a tenure in the view of a set, for something written at a time.
    fn admits(&self, at: &Derived, user: &UserId, tenure: &Tenure, written: Hlc) -> bool {
        if at.view.genesis_holds(user) && at.view.facts.tenure_of(user) == *tenure {
            return true;
        }
        if self.joins.had_left(tenure, written) {
            return false;
        }
        let join = self.joins.by_tenure.get(tenure).filter(|join| join.user == *user);
        join.is_some_and(|join| Joins::against(&self.graph, join, at).is_none())
    }

    /// The author's rank in the view of a set, and the ops that it stands on.
    fn rank_at(&self, at: &Derived, user: &UserId, tenure: &Tenure, written: Hlc) -> (Rank, Vec<Place>) {
        if !self.admits(at, user, tenure, written) {
            return (Rank::Outside, Vec::new());
        }
        if at.view.is_owner(user) {
            return (Rank::Owner, Vec::new());
        }
        if at.view.facts.kind == SpaceKind::Conversation {
            return (at.view.conversation_rank(user), Vec::new());
        }
        let (rank, supports) = self.stands_on(at, user);
        (Rank::Member(rank), supports)
    }

    /// What gave somebody their rank: the grant that rules their register and what put their highest roles where they
    /// are. A move that had seen the grant vouches for it alone. As a move may lift a role above those who made or
    /// gave it, the rank counts only up to next below whatever it stands on: who gives a rank is always above it.
    fn stands_on(&self, at: &Derived, user: &UserId) -> (u64, Vec<Place>) {
        let rank = at.assigned_rank(user);
        let grant = at.grants.get(user).copied();
        let top: Vec<RoleId> =
            at.view.roles_of(user).filter(|role| role.rank == rank).map(|role| role.id).collect();
        let moves = top.iter().filter_map(|role| at.moves.get(role)).map(|place| self.graph.node(*place));
        let vouching =
            moves.filter(|node| grant.is_none_or(|grant| node.past.has(grant))).max_by_key(|node| node.key());
        let supports: Vec<Place> = match vouching {
            Some(vouching) => vec![vouching.place],
            None => {
                let placed =
                    |role: &RoleId| at.moves.get(role).copied().or_else(|| self.graph.place(&(*role).into()));
                grant.into_iter().chain(top.iter().filter_map(placed)).collect()
            }
        };
        let cap = supports.iter().filter_map(|place| match self.graph.node(*place).rho {
            Rank::Owner => None,
            Rank::Member(rank) => Some(rank.saturating_sub(1)),
            Rank::Outside => Some(0),
        });
        (cap.fold(rank, u64::min), supports)
    }

    /// What follows from these heads and their past.
    fn derive(&self, heads: &[OpId]) -> Result<Arc<Derived>, IntegrateError> {
        let missing: Vec<OpId> =
            heads.iter().filter(|head| self.graph.place(head).is_none()).copied().collect();
        if !missing.is_empty() || heads.is_empty() {
            return Err(IntegrateError::MissingDeps(missing));
        }
        if let [one] = heads
            && let Some(known) = self.graph.place(one).and_then(|place| self.after.get(place as usize))
        {
            return Ok(known.clone());
        }
        if let Some(known) = self.frontiers.get(&FrontierId::of(heads)) {
            return Ok(known.derived.clone());
        }
        Ok(Arc::new(self.derived(self.graph.closure(heads).unwrap_or_default())))
    }
}
