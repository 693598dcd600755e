//! The next batch of a space for a peer: what arrived here, in that order, as far as the peer may have it.

use super::accounts::ACCOUNTS;
use super::frame::{OPS_MAX, Sum};
use super::rights::{Rights, Share};
use crate::core::Recent;
use crate::store::{Arrival, Head, Range, Spot, Store, StoreFault, StoredOp};
use crate::view::View;
use nexus_crdt::body::governance::{Admit, Genesis};
use nexus_crdt::body::membership::Join;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{FrontierId, OpId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::kind::{Kind, Plane};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a link has given and got so far, so that nothing travels twice without need. Bounded; forgetting costs a repetition.
pub(super) struct Known {
    /// Ops that came from the peer.
    echo: Recent<OpId, ()>,
    frontiers: Recent<FrontierId, ()>,
    /// Spaces in which the peer reads before it knows who is there ..
    strange_to: BTreeSet<SpaceId>,
    /// .. and who was made known to it there.
    introduced: Recent<Tenure, ()>,
}

/// Ops to be sent, encoded.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) ops: Vec<Vec<u8>>,
    pub(super) frontiers: Vec<Vec<OpId>>,
    pub(super) bytes: usize,
    /// Something was left out because the peer may not have it.
    pub(super) withheld: bool,
}

/// Ops of a stream that are given out of order: from a place in it on, but some.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) space: SpaceId,
    pub(super) stream: StreamId,
    pub(super) after: Option<(Hlc, OpId)>,
    pub(super) upto: Option<Spot>,
    pub(super) except: BTreeSet<Head>,
}

/// What a feed is read with.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) view: &'a View,
    pub(super) store: &'a dyn Store,
    pub(super) rights: &'a Rights,
}

impl Known {
    pub(super) const fn new() -> Self {
        Self {
            echo: Recent::new(REMEMBERED),
            frontiers: Recent::new(REMEMBERED),
            strange_to: BTreeSet::new(),
            introduced: Recent::new(REMEMBERED),
        }
    }

    pub(super) fn is_the_peers(&self, op: &OpId) -> bool {
        self.echo.get(op).is_some()
    }

    pub(super) fn came_from_peer(&mut self, op: OpId) {
        self.echo.insert(op, ());
    }

    /// The peer begins to read in a space: its people come to it later.
    pub(super) fn is_strange_to(&mut self, space: SpaceId) {
        self.strange_to.insert(space);
    }
}

/// Some arrivals after a place.
pub(super) struct Arrivals {
    pub(super) rows: Vec<(Arrival, OpId)>,
    /// Where these are all, the place that a reader of them comes to: the newest number that was given away, for what stood
    /// there may have been let go of.
    pub(super) end: Option<Arrival>,
}

/// Reads `limit` of them at most.
pub(super) fn arrivals(
    store: &dyn Store,
    space: &SpaceId,
    after: Arrival,
    limit: usize,
) -> Result<Arrivals, StoreFault> {
    let rows = store.arrivals(space, after, limit)?;
    let end = if rows.len() < limit { Some(store.last_arrival(space)?.max(after)) } else { None };
    Ok(Arrivals { rows, end })
}

impl Source<'_> {
    /// The batch after a place in a space's arrival log, and the place it brings the taker to. `since`: what arrived up to
    /// there is history. Looks at [`LOOK_MAX`] arrivals at most.
    pub(super) fn next(
        self,
        known: &mut Known,
        space: &SpaceId,
        after: Arrival,
        since: Arrival,
    ) -> Result<(Batch, Arrival), StoreFault> {
        let (mut batch, mut at) = (Batch::default(), after);
        let Arrivals { rows, end } = arrivals(self.store, space, after, LOOK_MAX)?;
        for (arrival, id) in rows {
            if batch.is_full() {
                return Ok((batch, at));
            }
            if let Some(stored) = self.store.op(&id)? {
                self.add(known, &mut batch, space, &stored, arrival > since)?;
            }
            at = arrival;
        }
        Ok((batch, end.unwrap_or(at)))
    }

    /// What somebody who was put out is still told: of the arrivals after a place those that decide it, and no other.
    pub(super) fn parting(
        self,
        known: &mut Known,
        space: &SpaceId,
        after: Arrival,
        deciding: &BTreeSet<OpId>,
    ) -> Result<(Batch, Arrival), StoreFault> {
        let (mut batch, mut at) = (Batch::default(), after);
        let Arrivals { rows, end } = arrivals(self.store, space, after, PARTING_LOOK_MAX)?;
        for (arrival, id) in rows {
            if batch.is_full() {
                return Ok((batch, at));
            }
            if deciding.contains(&id)
                && let Some(stored) = self.store.op(&id)?
            {
                self.put(known, &mut batch, &stored)?;
            }
            at = arrival;
        }
        Ok((batch, end.unwrap_or(at)))
    }

    /// What decides whether the peer's people are in, or the peer keeps the guild: after it they agree with this side, whatever else
    /// they hold.
    pub(super) fn deciding(self, space: &SpaceId) -> BTreeSet<OpId> {
        let people: BTreeSet<UserId> = self.rights.users(self.view).copied().collect();
        let replaced = self.view.guilds.get(space).is_some_and(|guild| self.rights.was_named(guild));
        let governance = self.view.governance.get(space);
        governance.map(|governance| governance.deciding(&people, replaced)).unwrap_or_default()
    }

    /// A page of a stretch, whatever was given before: a repair. None where it is through, or is not for the peer.
    pub(super) fn again(self, known: &mut Known, stretch: &mut Stretch) -> Result<Option<Batch>, StoreFault> {
        let mut batch = Batch::default();
        if self.rights.share(self.view, &stretch.space, &stretch.stream) < Share::Everything {
            return Ok(None);
        }
        while batch.ops.is_empty() {
            let page = self.store.stream_page(&stretch.space, &stretch.stream, stretch.after, OPS_MAX / 2)?;
            if page.is_empty() {
                return Ok(None);
            }
            for stored in &page {
                if batch.is_full() {
                    break;
                }
                let spot = Spot::of(stored.op.header.hlc, &stored.op.id);
                if stretch.upto.is_some_and(|upto| spot >= upto) {
                    return Ok(Some(batch).filter(|batch| !batch.ops.is_empty()));
                }
                stretch.after = Some((stored.op.header.hlc, stored.op.id));
                if !stretch.except.contains(&spot.head) {
                    self.put(known, &mut batch, stored)?;
                }
            }
        }
        Ok(Some(batch))
    }

    /// The governance ops that are not at or below `heads`, in order of writing, and how far it came: `after` the last.
    pub(super) fn governance_beyond(
        self,
        known: &mut Known,
        space: &SpaceId,
        heads: &BTreeSet<OpId>,
    ) -> Result<Vec<Batch>, StoreFault> {
        let ops = self.store.stream_ops(space, &StreamId::GOVERNANCE)?;
        let below = closure(&ops, heads);
        let mut batches = vec![Batch::default()];
        for stored in ops.iter().filter(|stored| !below.contains(&stored.op.id)) {
            if batches.last().is_some_and(Batch::is_full) {
                batches.push(Batch::default());
            }
            if let Some(batch) = batches.last_mut() {
                self.put(known, batch, stored)?;
            }
        }
        batches.retain(|batch| !batch.ops.is_empty());
        Ok(batches)
    }

    /// Their names alone.
    pub(super) fn beyond(self, space: &SpaceId, heads: &BTreeSet<OpId>) -> Result<Vec<OpId>, StoreFault> {
        let ops = self.store.stream_ops(space, &StreamId::GOVERNANCE)?;
        let below = closure(&ops, heads);
        Ok(ops.iter().map(|stored| stored.op.id).filter(|id| !below.contains(id)).collect())
    }

    /// Governance ops that no other cites, ascending.
    pub(super) fn heads(self, space: &SpaceId) -> Result<Vec<OpId>, StoreFault> {
        let ops = self.store.stream_ops(space, &StreamId::GOVERNANCE)?;
        let cited: BTreeSet<OpId> = ops.iter().flat_map(|stored| stored.op.header.deps.clone()).collect();
        Ok(ops.iter().map(|stored| stored.op.id).filter(|id| !cited.contains(id)).collect())
    }

    /// The sums of the streams that are held whole and that the peer may have all of.
    pub(super) fn sums(self, space: &SpaceId) -> Result<Vec<Sum>, StoreFault> {
        let mut sums = self.sums_of_what_is_held(space)?;
        sums.retain(|sum| self.view.holds(space, &sum.stream, &Range::ALL));
        Ok(sums)
    }

    /// .. and of those that are held in part: what is here of them.
    pub(super) fn sums_of_what_is_held(self, space: &SpaceId) -> Result<Vec<Sum>, StoreFault> {
        let sums = self.store.stream_sums(space)?.into_iter();
        let shared = sums.filter(|(stream, _)| {
            *stream != ACCOUNTS && self.rights.share(self.view, space, stream) == Share::Everything
        });
        Ok(shared.map(|(stream, sum)| Sum::of(stream, sum)).collect())
    }

    /// The whole identity log of an account, encoded.
    pub(super) fn identity(self, user: &UserId) -> Result<Vec<Vec<u8>>, StoreFault> {
        let ops = self.store.stream_ops(&SpaceId(user.0), &StreamId::GOVERNANCE)?;
        Ok(ops.iter().map(StoredOp::encode).collect())
    }

    /// The logs of the first of some accounts, as far as they were ever let into a space.
    pub(super) fn accounts(self, space: &SpaceId, users: &mut VecDeque<UserId>) -> Result<Batch, StoreFault> {
        let mut batch = Batch::default();
        while !batch.is_full()
            && let Some(user) = users.pop_front()
        {
            if self.view.let_in.get(space).is_some_and(|people| people.contains(&user)) {
                batch.extend(self.identity(&user)?);
            }
        }
        Ok(batch)
    }

    pub(super) fn add(
        self,
        known: &mut Known,
        batch: &mut Batch,
        space: &SpaceId,
        stored: &StoredOp,
        fresh: bool,
    ) -> Result<(), StoreFault> {
        if known.echo.get(&stored.op.id).is_some() {
            return Ok(());
        }
        if *space == SpaceId::NONE {
            if self.rights.may_know(self.view, &UserId(stored.op.space().0)) {
                batch.push(stored);
            }
            return Ok(());
        }
        match self.rights.share(self.view, space, &stored.op.header.stream) {
            Share::Everything => {
                self.introduce(known, batch, stored)?;
                self.put(known, batch, stored)
            }
            Share::FromNowOn if fresh => self.put(known, batch, stored),
            // Its log stands on it: the op goes, and what it says stays.
            Share::FromNowOn => {
                let mut bare = stored.clone();
                bare.op.body = None;
                batch.withheld = true;
                self.put(known, batch, &bare)
            }
            Share::Nothing => {
                batch.withheld = true;
                Ok(())
            }
        }
    }

    // Who wrote something for somebody who may not know them yet comes along with the first of it.
    fn introduce(self, known: &mut Known, batch: &mut Batch, stored: &StoredOp) -> Result<(), StoreFault> {
        let (space, tenure) = (stored.op.space(), stored.op.header.tenure);
        let is_told = !known.strange_to.contains(&space) || known.introduced.get(&tenure).is_some();
        let may_tell = || self.rights.share(self.view, &space, &StreamId::MEMBERSHIP) == Share::Everything;
        if is_told || !stored.op.header.stream.is_channel() || !may_tell() {
            return Ok(());
        }
        known.introduced.insert(tenure, ());
        let join = self.store.op_headed(&space, &StreamId::MEMBERSHIP, &tenure.0)?;
        match join.map(|join| self.store.op(&join)).transpose()?.flatten() {
            Some(join) if !known.is_the_peers(&join.op.id) => self.put(known, batch, &join),
            _ => Ok(()),
        }
    }

    // With what it cites (accounts each time: who comes back may have changed while nobody here was told): the accounts it lets in, and the heads behind its frontier.
    pub(super) fn put(
        self,
        known: &mut Known,
        batch: &mut Batch,
        stored: &StoredOp,
    ) -> Result<(), StoreFault> {
        for user in let_in(stored) {
            batch.extend(self.identity(&user)?);
        }
        let cited =
            stored.op.frontier().filter(|_| Plane::of(stored.op.header.kind) != Some(Plane::Governance));
        if let Some(frontier) = cited.filter(|frontier| known.frontiers.get(frontier).is_none()) {
            known.frontiers.insert(frontier, ());
            let heads = self.store.frontier(&frontier)?;
            batch.bytes += heads.as_ref().map_or(0, |heads| heads.len() * 34);
            batch.frontiers.extend(heads);
        }
        batch.push(stored);
        Ok(())
    }
}

impl Stretch {
    /// All of a stream.
    pub(super) const fn whole(space: SpaceId, stream: StreamId) -> Self {
        Self { space, stream, after: None, upto: None, except: BTreeSet::new() }
    }

    /// .. of which nothing was given yet.
    pub(super) fn is_whole(&self, space: &SpaceId, stream: &StreamId) -> bool {
        (self.space, self.stream) == (*space, *stream)
            && self.after.is_none()
            && self.upto.is_none()
            && self.except.is_empty()
    }
}

impl Batch {
    pub(super) fn push(&mut self, stored: &StoredOp) {
        self.extend([stored.encode()]);
    }

    fn extend(&mut self, ops: impl IntoIterator<Item = Vec<u8>>) {
        for op in ops {
            self.bytes += op.len() + 5;
            self.ops.push(op);
        }
    }

    // One more op of the largest size fits a frame all the same.
    pub(super) const fn is_full(&self) -> bool {
        self.bytes >= BATCH_BYTES || self.ops.len() >= OPS_MAX / 2
    }
}

/// The accounts that an op lets into its space.
fn let_in(stored: &StoredOp) -> Vec<UserId> {
    match stored.op.kind() {
        Some(Kind::Admit) => stored.op.read_body::<Admit>().map(|admit| vec![admit.user]).unwrap_or_default(),
        Some(Kind::Join) => stored.op.read_body::<Join>().map(|join| vec![join.user]).unwrap_or_default(),
        Some(Kind::Genesis) => stored
            .op
            .read_body::<Genesis>()
            .map(|genesis| genesis.owners.into_iter().chain([genesis.founder]).collect::<BTreeSet<_>>())
            .map(|people| people.into_iter().collect())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// `heads` and everything below them, as far as it is among `ops`.
fn closure(ops: &[StoredOp], heads: &BTreeSet<OpId>) -> BTreeSet<OpId> {
    let by_id: BTreeMap<OpId, &StoredOp> = ops.iter().map(|stored| (stored.op.id, stored)).collect();
    let mut below = BTreeSet::new();
    let mut next: Vec<OpId> = heads.iter().copied().collect();
    while let Some(id) = next.pop() {
        let Some(stored) = by_id.get(&id).filter(|_| below.insert(id)) else { continue };
        next.extend(stored.op.header.deps.iter().chain(&stored.op.header.prev));
    }
    below
}

/// A batch is sent when it holds about so much.
const BATCH_BYTES: usize = 56 * 1024;
/// Arrivals that are looked at for one batch.
const LOOK_MAX: usize = 256;
/// .. and where only their names are.
const PARTING_LOOK_MAX: usize = 4_096;
/// Of each kind, for a link.
const REMEMBERED: usize = 8_192;
