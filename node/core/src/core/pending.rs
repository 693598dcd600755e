//! Ops that are whole and signed and cannot be judged yet, because something they cite is not here. Bounded.

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

    /// Keeps an op until `missing` is here, where there is room; else it must be offered again.
    pub(super) fn hold(
        &mut self,
        op: Verified<Op>,
        missing: Missing,
        now_ms: u64,
    ) -> Result<(), &'static str> {
        let in_space = self.in_space.entry(op.space()).or_default();
        if *in_space >= SPACE_OPS_MAX || self.held.len() >= OPS_MAX || self.bytes + size(&op) > BYTES_MAX {
            return Err("too many ops wait");
        }
        *in_space += 1;
        self.bytes += size(&op);
        self.waiting.entry(missing).or_default().insert(op.id);
        self.held.insert(op.id, Held { op, missing, since_ms: now_ms });
        Ok(())
    }

    pub(super) fn contains(&self, id: &OpId) -> bool {
        self.held.contains_key(id) || self.revived.contains_key(id)
    }

    /// Gives up what waited for `found`, by id.
    pub(super) fn wake(&mut self, found: &Missing) -> Vec<Verified<Op>> {
        let ids = self.waiting.get(found).cloned().unwrap_or_default();
        ids.iter().filter_map(|id| self.remove(id)).collect()
    }

    /// Forgets what has waited too long, and names it.
    pub(super) fn expire(&mut self, now_ms: u64) -> Vec<OpId> {
        let old = |held: &Held| now_ms.saturating_sub(held.since_ms) > WAIT_MAX_MS;
        let ids: Vec<OpId> = self.held.iter().filter(|(_, held)| old(held)).map(|(id, _)| *id).collect();
        for id in &ids {
            self.remove(id);
        }
        ids
    }

    fn remove(&mut self, id: &OpId) -> Option<Verified<Op>> {
        let held = self.held.remove(id)?;
        self.bytes -= size(&held.op);
        let space = held.op.space();
        if let Some(count) = self.in_space.get_mut(&space) {
            *count -= 1;
            if *count == 0 {
                self.in_space.remove(&space);
            }
        }
        if let Some(ids) = self.waiting.get_mut(&held.missing) {
            ids.remove(id);
            if ids.is_empty() {
                self.waiting.remove(&held.missing);
            }
        }
        Some(held.op)
    }
}

/// About what an op takes in memory.
pub(super) fn size(op: &Op) -> usize {
    512 + op.body.as_ref().map_or(0, |body| body.bytes.len())
}

/// Of one space.
const SPACE_OPS_MAX: usize = 8_192;
/// In all.
const OPS_MAX: usize = 32_768;
/// In all.
const BYTES_MAX: usize = 64 << 20;
/// Longer than this it is not waited; whoever has the op offers it again.
const WAIT_MAX_MS: u64 = 600_000;
/// Frontiers whose heads came along and are not cited by anything here yet.
const FRONTIERS_MAX: usize = 4_096;
