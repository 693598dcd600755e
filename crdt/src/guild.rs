//! A guild or conversation: the set of its governance and membership ops, and what follows from that set.
//!
//! Channel streams are not held here (they are large and live in the store); [`Guild::judge`] says of a content
//! op what authority says, from what the op cites and from the removals known now.

mod state;

pub use state::{Channel, GuildView, Invite, Member, Rank, Removal, RemovalKind, Role, Settings, SpaceFacts};

use crate::id::{FrontierId, OpId, Tenure, UserId};
use crate::identity::People;
use crate::op::{Header, Op};
use crate::verdict::Verdict;
use nexus_crypto::Verified;
use std::collections::BTreeMap;

/// The op set and its verdicts.
#[derive(Clone, Debug)]
pub struct Guild {
    view: GuildView,
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
    /// The space holds ops whose rule this version does not carry.
    #[error("the guild needs a newer version")]
    ReadOnly,
}

impl Guild {
    /// Begins with a Genesis.
    ///
    /// # Errors
    /// [`IntegrateError::Genesis`] where it is none, or of rules that are not supported.
    pub fn begin(genesis: &Verified<Op>) -> Result<Self, IntegrateError> {
        let _ = genesis;
        Err(IntegrateError::Genesis)
    }

    /// Takes a governance or membership op in and derives anew what follows. One that is here already changes
    /// nothing. Void ops are taken in as well: they stay stored, and their verdict says why.
    ///
    /// # Errors
    /// [`IntegrateError`]; nothing has changed then.
    pub fn integrate(&mut self, op: &Verified<Op>, people: &dyn People) -> Result<(), IntegrateError> {
        let _ = (op, people);
        Err(IntegrateError::Space)
    }

    /// Derives everything anew, after an account's devices changed.
    pub fn people_changed(&mut self, people: &dyn People) {
        let _ = people;
    }

    /// Asks authority about a governance or membership op that is about to be written by `author` on the present
    /// heads: exactly the rule that would void it elsewhere.
    ///
    /// # Errors
    /// [`Denied`] says what stands against it.
    pub fn permits(
        &self,
        author: &UserId,
        draft: &crate::op::Draft,
        people: &dyn People,
    ) -> Result<(), Denied> {
        let _ = (author, draft, people);
        Err(Denied::NotAMember)
    }

    /// What follows from the set. Cheap to clone.
    #[must_use]
    pub const fn view(&self) -> &GuildView {
        &self.view
    }

    /// The governance ops that no other cites, ascending: what a new op cites.
    #[must_use]
    pub fn heads(&self) -> Vec<OpId> {
        Vec::new()
    }

    /// The name of the present heads.
    #[must_use]
    pub fn frontier(&self) -> FrontierId {
        FrontierId::of(&self.heads())
    }

    /// Makes a frontier known by its heads (the present one always is).
    ///
    /// # Errors
    /// [`IntegrateError::MissingDeps`] where a head is not here.
    pub fn learn_frontier(&mut self, heads: &[OpId]) -> Result<FrontierId, IntegrateError> {
        let _ = heads;
        Err(IntegrateError::Genesis)
    }

    /// The heads behind a frontier's name.
    #[must_use]
    pub fn frontier_heads(&self, frontier: &FrontierId) -> Option<Vec<OpId>> {
        let _ = frontier;
        None
    }

    /// The account an op is written for: by its tenure; for Genesis and Join by their body. Does not check the
    /// device. None where the tenure is unknown.
    #[must_use]
    pub fn author_of(&self, op: &Op) -> Option<UserId> {
        let _ = op;
        None
    }

    /// What authority says of a governance or membership op; none where it is not here.
    #[must_use]
    pub fn verdict(&self, op: &OpId) -> Option<Verdict> {
        let _ = op;
        None
    }

    /// What authority says of a content op, in itself: author certified and admitted, the right its kind needs in
    /// the view of the frontier it cites (Message: SEND_MESSAGES, React: ADD_REACTIONS, Pin: MANAGE_MESSAGES, each
    /// with VIEW_CHANNEL; the others VIEW_CHANNEL alone), no removal's cut beyond it. Whether its *target* allows
    /// it, the quota, and the growth of frontiers along its log, the core decides, which has the logs.
    ///
    /// # Errors
    /// [`IntegrateError`] where it cannot be judged yet.
    pub fn judge(&self, content: &Header, id: &OpId, people: &dyn People) -> Result<Verdict, IntegrateError> {
        let _ = (content, id, people);
        Ok(Verdict::Valid)
    }

    /// The view of what a frontier cites (governance in its past only, with the members of now).
    #[must_use]
    pub fn view_at(&self, frontier: &FrontierId) -> Option<GuildView> {
        let _ = frontier;
        None
    }

    /// Whether `newer` has seen everything that `older` cites: frontiers must grow along a log.
    ///
    /// # Errors
    /// [`IntegrateError::MissingFrontier`] where one of the two is not known here.
    pub fn frontier_grows(&self, older: &FrontierId, newer: &FrontierId) -> Result<bool, IntegrateError> {
        let _ = (older, newer);
        Ok(true)
    }

    /// Hash of the canonical governance state of the present set.
    #[must_use]
    pub fn gov_hash(&self) -> [u8; 32] {
        [0; 32]
    }

    /// `BLAKE3(gov_hash ‖ membership_hash)` of the present derived state, never over op ids.
    #[must_use]
    pub fn state_hash(&self) -> [u8; 32] {
        [0; 32]
    }

    /// How many ops of each verdict are here, for people who look after a node.
    #[must_use]
    pub fn tally(&self) -> BTreeMap<u8, usize> {
        BTreeMap::new()
    }
}
