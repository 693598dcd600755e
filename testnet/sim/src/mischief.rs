//! What goes wrong beside what people do: disks, clocks, roads, and who has a true key and no manners.

use crate::checks::message_rows;
use crate::forger::sealed;
use crate::people::pick;
use crate::world::World;
use nexus_core::sync::frame::{Frame, Want};
use nexus_core::{Arriving, Input, Secret, Store, StoredOp};
use nexus_crdt::body::content::Move;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Op};
use nexus_crypto::SecretKey;
use rand::RngExt;
use rand::seq::SliceRandom;
use std::fmt::Write;

impl World {
    /// One of them.
    pub(crate) fn mischief(&mut self) {
        match self.rng.random_range(0..100) {
            0..9 => self.ops_come_again(),
            9..16 => self.somebody_is_heard_one_way(),
            16..26 => self.a_disk_is_full(),
            26..33 => self.a_disk_is_slow(),
            33..47 => self.a_clock_is_ten_years_off(),
            47..83 => self.the_liar_lies(),
            83..97 => self.a_disk_rots(),
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
        let ahead = self.rng.random_bool(0.5);
        self.hosts[host].skew_ms = if ahead { TEN_YEARS_MS } else { -TEN_YEARS_MS };
        match ahead {
            true => self.faults.clock_far_ahead += 1,
            false => self.faults.clock_far += 1,
        }
        // What is dated ten years ahead waits for so long, and all its author says after it: most such clocks are set soon, or a run
        // would be of little else.
        if ahead && self.rng.random_bool(0.94) {
            self.ahead = Some((host, self.now_ms + self.rng.random_range(1..2_000)));
        }
        self.note(|line| write!(line, "clock {host} ten years off, ahead: {ahead}"));
    }

    /// A clock that was ten years ahead is set.
    pub(crate) fn a_clock_is_set(&mut self) {
        let Some((host, _)) = self.ahead.take_if(|(_, until_ms)| *until_ms <= self.now_ms) else { return };
        // Where it jumped somewhere else meanwhile, it is there.
        if self.hosts[host].skew_ms == TEN_YEARS_MS {
            self.hosts[host].skew_ms = 0;
        }
    }

    /// Who has a member's true key tells one this and another that, or dates back what they say.
    fn the_liar_lies(&mut self) {
        let Some((key, own)) = self.of_the_liar() else { return };
        let Some(pattern) = pick(&mut self.rng, own.iter()) else { return };
        match self.rng.random_range(0..100) {
            0..40 => return self.the_liar_forgets(&key, &own),
            40..58 => return self.the_liar_moves(&key, &own, pattern),
            _ => {}
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
    fn the_liar_forgets(&mut self, key: &SecretKey, own: &[StoredOp]) {
        let forgotten = own.iter().filter(|stored| {
            last_of_its_log(own, &stored.op).is_some_and(|last| last.header.deps != stored.op.header.deps)
        });
        let Some(pattern) = pick(&mut self.rng, forgotten) else { return };
        let Some(next) = after_all(own, pattern) else { return };
        let after = self.again(&next, key, false);
        self.faults.forgetful += 1;
        self.tell_somebody(after);
    }

    /// Shows a message that is there, or none, in some channel or thread: the message's own as seldom as any.
    fn the_liar_moves(&mut self, key: &SecretKey, own: &[StoredOp], pattern: &StoredOp) {
        let host = &self.hosts[self.liar()];
        let Some(guild) = host.core.view().guilds.get(&self.guild) else { return };
        let rows = message_rows(host, &pattern.op.header.stream);
        let (to, message) = (
            pick(&mut self.rng, guild.channels.keys().copied()),
            pick(&mut self.rng, rows.iter()).map(|row| row.id),
        );
        let Some(mut next) = after_all(own, pattern) else { return };
        let header = &mut next.op.header;
        (header.kind, header.target) = (Kind::Move.number(), message);
        header.hlc = Hlc(header.hlc.0.saturating_add(Hlc::from_ms(self.rng.random_range(1..50_000)).0));
        let moved = sealed(&next.op, key, (op::open_body(&Move { to }), self.rng.random()));
        let moved = moved.map(|op| op::encode(&op));
        self.faults.moved_by_hand += u64::from(moved.is_some());
        self.tell_somebody(moved);
    }

    fn tell_somebody(&mut self, op: Option<Vec<u8>>) {
        let to = self.rng.random_range(0..self.relay);
        self.hand_in(self.liar(), to, op.into_iter().collect());
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
        let ms = self.rng.random_range(1..50_000);
        let (hlc, by) = (pattern.op.header.hlc, Hlc::from_ms(ms).0);
        let mut again = pattern.clone();
        again.op.header.hlc = match back_dated {
            true => Hlc(hlc.0.saturating_sub(1_000 * by)),
            false => Hlc(hlc.0.saturating_add(by)),
        };
        let body = pattern.op.body.clone()?;
        sealed(&again.op, key, (body.bytes, body.salt)).map(|op| op::encode(&op))
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

/// An op like another after all that is held of its log.
fn after_all(own: &[StoredOp], pattern: &StoredOp) -> Option<StoredOp> {
    let last = last_of_its_log(own, &pattern.op)?;
    let mut next = pattern.clone();
    let header = &mut next.op.header;
    (header.seq, header.prev, header.hlc) = (last.header.seq + 1, Some(last.id), last.header.hlc);
    Some(next)
}

fn last_of_its_log<'a>(own: &'a [StoredOp], op: &Op) -> Option<&'a Op> {
    let log = (op.header.stream, op.header.tenure);
    let of_the_log =
        own.iter().map(|stored| &stored.op).filter(|op| (op.header.stream, op.header.tenure) == log);
    of_the_log.max_by_key(|op| (op.header.seq, op.id))
}

/// Frames at once.
const FLOOD: usize = 400;
const TEN_YEARS_MS: i64 = 10 * 365 * 86_400_000;
