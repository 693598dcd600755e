//! What goes wrong beside what people do: disks, clocks, roads, and who has a true key and no manners.

use crate::people::pick;
use crate::world::World;
use nexus_core::sync::frame::{Frame, Want};
use nexus_core::{Arriving, Input, Secret, Store, StoredOp};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::op::{self, Draft};
use nexus_crypto::SecretKey;
use rand::RngExt;
use rand::seq::SliceRandom;
use std::fmt::Write;

impl World {
    /// One of them.
    pub(crate) fn mischief(&mut self) {
        match self.rng.random_range(0..100) {
            0..15 => self.ops_come_again(),
            15..27 => self.somebody_is_heard_one_way(),
            27..39 => self.a_disk_is_full(),
            39..49 => self.a_disk_is_slow(),
            49..59 => self.a_clock_is_ten_years_off(),
            59..87 => self.the_liar_lies(),
            87..96 => self.a_disk_rots(),
            _ => self.somebody_floods(),
        }
    }

    /// Every clock has a rate of its own, within 500 parts of a million.
    pub(crate) fn wind_clocks(&mut self) {
        for host in &mut self.hosts {
            host.drift_ppm = self.rng.random_range(-500..=500);
            self.faults.drifting += u64::from(host.drift_ppm != 0);
        }
    }

    /// Ops that one holder has come to another: in any order, some twice, and known already as often as not.
    fn ops_come_again(&mut self) {
        let from = self.rng.random_range(0..self.hosts.len());
        let of_the_guild = |stored: &&StoredOp| stored.op.space() == self.guild;
        let mut ops: Vec<StoredOp> = self.hosts[from].store.ops().filter(of_the_guild).cloned().collect();
        ops.shuffle(&mut self.rng);
        ops.truncate(12);
        let twice: Vec<StoredOp> = ops.iter().take(4).cloned().collect();
        self.faults.reordered += u64::from(ops.len() > 1);
        self.faults.duplicated += twice.len() as u64;
        ops.extend(twice);
        let ops: Vec<Vec<u8>> =
            ops.iter().filter_map(|stored| stored.verify().ok()).map(|op| op::encode(&op)).collect();
        let to = self.rng.random_range(0..self.hosts.len());
        self.hand_in(from, to, ops);
    }

    fn hand_in(&mut self, from: usize, to: usize, ops: Vec<Vec<u8>>) {
        let frontiers = self.hosts[from].store.frontiers().unwrap_or_default();
        let ops = ops.into_iter().map(Arriving::Bytes).collect();
        let taken = self.input(to, Input::Ops { ops, frontiers, cursor: None, gaps: Vec::new() }, None).taken;
        self.note(|line| write!(line, "handed in {to} {taken:?}"));
    }

    /// For a while what one host says reaches nobody, though it hears everybody; nobody is told.
    fn somebody_is_heard_one_way(&mut self) {
        let host = self.rng.random_range(0..self.hosts.len());
        self.network.mute = Some(host);
        self.mute_until_ms = self.now_ms + self.rng.random_range(5_000..60_000);
        self.faults.one_way += 1;
    }

    /// Links on which something went unheard are noticed and ended.
    pub(crate) fn one_way_ends(&mut self) {
        self.network.mute = None;
        let (links, frames) = self.network.cut(|cable| cable.unheard);
        self.faults.links_cut += links;
        self.faults.frames_lost += frames;
    }

    fn a_disk_is_full(&mut self) {
        let host = self.rng.random_range(0..self.hosts.len());
        self.hosts[host].full_until_ms = self.now_ms + self.rng.random_range(1_000..20_000);
    }

    fn a_disk_is_slow(&mut self) {
        let host = self.rng.random_range(0..self.hosts.len());
        self.hosts[host].slow_until_ms = self.now_ms + self.rng.random_range(1_000..30_000);
        self.faults.slow_disks += 1;
    }

    fn a_clock_is_ten_years_off(&mut self) {
        let host = self.rng.random_range(0..self.hosts.len());
        // What is dated ten years ahead waits for so long, and all its author says after it: seldom, or a run would be of little else.
        let ahead = self.rng.random_bool(0.06);
        self.hosts[host].skew_ms = if ahead { TEN_YEARS_MS } else { -TEN_YEARS_MS };
        match ahead {
            true => self.faults.clock_far_ahead += 1,
            false => self.faults.clock_far += 1,
        }
        self.note(|line| write!(line, "clock {host} ten years off, ahead: {ahead}"));
    }

    /// Who has a member's true key tells one this and another that, or dates back what they say.
    fn the_liar_lies(&mut self) {
        let Some((key, own)) = self.of_the_liar() else { return };
        let Some(pattern) = pick(&mut self.rng, own.iter()) else { return };
        if self.rng.random_bool(0.45) {
            return self.the_liar_forgets(&key, &own, pattern);
        }
        let back_dated = self.rng.random_bool(0.5);
        let (Some(one), Some(other)) =
            (self.again(pattern, &key, back_dated), self.again(pattern, &key, back_dated))
        else {
            return;
        };
        match back_dated {
            true => self.faults.back_dated += 1,
            false => self.faults.equivocated += 1,
        }
        for op in [one, other] {
            let to = self.rng.random_range(0..self.relay);
            self.hand_in(self.liar(), to, vec![op]);
        }
    }

    /// Goes on in a log as if what was cited there had never been seen.
    fn the_liar_forgets(&mut self, key: &SecretKey, own: &[StoredOp], pattern: &StoredOp) {
        let header = &pattern.op.header;
        let of_the_log = own
            .iter()
            .map(|stored| &stored.op)
            .filter(|op| (op.header.stream, op.header.tenure) == (header.stream, header.tenure));
        let Some(last) = of_the_log.max_by_key(|op| (op.header.seq, op.id)) else { return };
        let mut next = pattern.clone();
        next.op.header.seq = last.header.seq + 1;
        next.op.header.prev = Some(last.id);
        next.op.header.hlc = last.header.hlc;
        let after = self.again(&next, key, false);
        let to = self.rng.random_range(0..self.relay);
        self.faults.forgetful += u64::from(header.deps != last.header.deps);
        self.hand_in(self.liar(), to, after.into_iter().collect());
    }

    /// A node whose owner is no honest person.
    pub(crate) const fn liar(&self) -> usize {
        self.relay - 1
    }

    /// Their key, and what they have said in channels.
    fn of_the_liar(&self) -> Option<(SecretKey, Vec<StoredOp>)> {
        let host = &self.hosts[self.liar()];
        let owner = host.people.first()?;
        let key = host.store.secrets().unwrap_or_default().into_iter().find_map(|secret| match secret {
            Secret::Device(user, key) if user == *owner => Some(key),
            _ => None,
        })?;
        let device = key.public().into();
        let own = host.store.ops().filter(|stored| {
            let header = &stored.op.header;
            header.author == device && header.stream.is_channel() && stored.op.space() == self.guild
        });
        Some((key, own.cloned().collect()))
    }

    /// The same op at another time: a different one in the same place of its log.
    fn again(&mut self, pattern: &StoredOp, key: &SecretKey, back_dated: bool) -> Option<Vec<u8>> {
        let header = &pattern.op.header;
        let (kind, body) = (pattern.op.kind()?, pattern.op.body.clone()?);
        let ms = self.rng.random_range(1..50_000);
        let hlc = match back_dated {
            true => Hlc(header.hlc.0.saturating_sub(Hlc::from_ms(1_000 * ms).0)),
            false => Hlc(header.hlc.0.saturating_add(Hlc::from_ms(ms).0)),
        };
        let draft = Draft {
            space: header.space,
            stream: header.stream,
            tenure: header.tenure,
            seq: header.seq,
            prev: header.prev,
            hlc,
            kind,
            deps: header.deps.clone(),
            target: header.target,
            body: body.bytes,
        };
        Some(op::encode(&draft.seal(key, body.salt)))
    }

    /// More frames than anybody honest has to say.
    fn somebody_floods(&mut self) {
        let (node, end) = (self.rng.random_range(0..self.relay), self.rng.random_range(0..2));
        for _ in 0..FLOOD {
            let nothing = SpaceId(OpId(self.nonce()).0[..16].try_into().unwrap_or_default());
            let want = Want { space: nothing, from: None, held: Vec::new() };
            self.faults.flooded += u64::from(self.inject(node, end, Frame::Want(want).encode()));
        }
    }
}

/// Frames at once.
const FLOOD: usize = 400;
const TEN_YEARS_MS: i64 = 10 * 365 * 86_400_000;
