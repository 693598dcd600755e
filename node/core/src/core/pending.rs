//! Ops that are whole and signed and cannot be judged yet, because something they cite is not here. Whoever gave them was told that
//! they are held here, so they are kept until they can be judged: there is a bound to what is let in, and none to how long it stays.

use super::recent::Recent;
use nexus_crdt::id::{DeviceKey, FrontierId, OpId, SpaceId, Tenure, UserId};
use nexus_crdt::op::Op;
use nexus_crypto::Verified;
use std::collections::{BTreeMap, BTreeSet};

/// What an op waits for. An account is waited for by the name of its space.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Missing {
    Op(OpId),
    Space(SpaceId),
    Tenure(SpaceId, Tenure),
    /// An op of an account that names the key of another: any IdRotate may be it.
    Key(UserId),
    Frontier(FrontierId),
    Device(DeviceKey),
}

#[derive(Debug)]
pub(super) struct Pending {
    held: BTreeMap<OpId, Held>,
    waiting: BTreeMap<Missing, BTreeSet<OpId>>,
    in_space: BTreeMap<SpaceId, usize>,
    of_author: BTreeMap<(SpaceId, DeviceKey), usize>,
    bytes: usize,
    /// What waited when the program ended. What each of them waits for is found out by trying.
    revived: BTreeMap<OpId, Verified<Op>>,
    /// Heads that came along with ops, by the name they hash to. Not proof of anything: who cites the name means
    /// exactly these heads.
    pub(super) frontiers: Recent<FrontierId, Vec<OpId>>,
}

#[derive(Debug)]
struct Held {
    op: Verified<Op>,
    missing: Missing,
    since_ms: u64,
}

impl Default for Pending {
    fn default() -> Self {
        Self {
            held: BTreeMap::new(),
            waiting: BTreeMap::new(),
            in_space: BTreeMap::new(),
            of_author: BTreeMap::new(),
            bytes: 0,
            revived: BTreeMap::new(),
            frontiers: Recent::new(FRONTIERS_MAX),
        }
    }
}

impl Pending {
    /// With what waited when the program ended.
    pub(super) fn reviving(ops: impl IntoIterator<Item = Verified<Op>>) -> Self {
        Self { revived: ops.into_iter().map(|op| (op.id, op)).collect(), ..Self::default() }
    }

    /// Gives up what waited when the program ended, by id.
    pub(super) fn take_revived(&mut self) -> impl Iterator<Item = Verified<Op>> + use<> {
        std::mem::take(&mut self.revived).into_values()
    }

    /// Whether an op that has come now can be kept. What is refused here must be offered again; what was kept once is never put
    /// away for want of room.
    pub(super) fn has_room_for(&self, op: &Op) -> Result<(), &'static str> {
        let (space, author) = (op.space(), op.header.author);
        let in_space = self.in_space.get(&space).copied().unwrap_or_default();
        let of_author = self.of_author.get(&(space, author)).copied().unwrap_or_default();
        let fits = in_space < SPACE_OPS_MAX
            && of_author < AUTHOR_OPS_MAX
            && self.held.len() < OPS_MAX
            && self.bytes + size(op) <= BYTES_MAX;
        if fits { Ok(()) } else { Err("too many ops wait") }
    }

    /// Keeps an op until `missing` is here.
    pub(super) fn hold(&mut self, op: Verified<Op>, missing: Missing, now_ms: u64) {
        *self.in_space.entry(op.space()).or_default() += 1;
        *self.of_author.entry((op.space(), op.header.author)).or_default() += 1;
        self.bytes += size(&op);
        self.waiting.entry(missing).or_default().insert(op.id);
        self.held.insert(op.id, Held { op, missing, since_ms: now_ms });
    }

    pub(super) fn contains(&self, id: &OpId) -> bool {
        self.held.contains_key(id) || self.revived.contains_key(id)
    }

    /// Gives up what waited for `found`, by id.
    pub(super) fn wake(&mut self, found: &Missing) -> Vec<Verified<Op>> {
        let ids = self.waiting.get(found).cloned().unwrap_or_default();
        ids.iter().filter_map(|id| self.remove(id)).collect()
    }

    /// Gives up what has waited for long, by id, to be tried again.
    pub(super) fn take_overdue(&mut self, now_ms: u64) -> Vec<Verified<Op>> {
        let old = |held: &Held| now_ms.abs_diff(held.since_ms) > TRY_AGAIN_MS;
        let ids: Vec<OpId> = self.held.iter().filter(|(_, held)| old(held)).map(|(id, _)| *id).collect();
        ids.iter().filter_map(|id| self.remove(id)).collect()
    }

    fn remove(&mut self, id: &OpId) -> Option<Verified<Op>> {
        let held = self.held.remove(id)?;
        self.bytes -= size(&held.op);
        let space = held.op.space();
        one_less(&mut self.in_space, &space);
        one_less(&mut self.of_author, &(space, held.op.header.author));
        if let Some(ids) = self.waiting.get_mut(&held.missing) {
            ids.remove(id);
            if ids.is_empty() {
                self.waiting.remove(&held.missing);
            }
        }
        Some(held.op)
    }
}

fn one_less<K: Ord>(counts: &mut BTreeMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

/// About what an op takes in memory.
pub(super) fn size(op: &Op) -> usize {
    512 + op.body.as_ref().map_or(0, |body| body.bytes.len())
}

/// Of one space.
const SPACE_OPS_MAX: usize = 8_192;
/// .. by one device: who writes what can never be judged leaves room for the others.
const AUTHOR_OPS_MAX: usize = 2_048;
/// In all.
const OPS_MAX: usize = 32_768;
/// In all.
const BYTES_MAX: usize = 64 << 20;
/// What has waited for so long is looked at again, whatever it waited for.
const TRY_AGAIN_MS: u64 = 600_000;
/// Frontiers whose heads came along and are not cited by anything here yet.
const FRONTIERS_MAX: usize = 4_096;
