//! Disks that change what they hold: a bit flips, a write goes astray. It is noticed, never shown, and brought again by who has it.

use crate::checks::{is_in, message_rows, open_streams};
use crate::host::Host;
use crate::people::pick;
use crate::world::World;
use nexus_core::store::Rot;
use nexus_core::sync::Event;
use nexus_core::{Message, MessageRow, Store, read, unreadable};
use nexus_crdt::id::{OpId, SpaceId};
use rand::RngExt;
use std::collections::BTreeSet;
use std::fmt::Write;

impl World {
    /// A place on a disk goes bad, and all that lies there.
    pub(crate) fn a_disk_rots(&mut self) {
        let host = self.rng.random_range(0..self.hosts.len());
        for _ in 0..self.rng.random_range(1..ROTS_MAX) {
            self.a_message_rots(host);
        }
    }

    /// A message that others hold too is another on somebody's disk. Whoever looks at it there sees that it cannot be read, or still
    /// what was said.
    fn a_message_rots(&mut self, host: usize) {
        let rows = self.held_elsewhere(host);
        let Some(row) = pick(&mut self.rng, rows.iter()) else { return };
        let other = pick(&mut self.rng, rows.iter()).map_or(row.id, |other| other.id);
        let (kind, bit) = (self.rng.random_range(0..10), self.rng.random_range(0..4_096));
        let rot = match kind {
            0..3 => Rot::Body(bit),
            3..6 => Rot::Header((bit % 64) as u8),
            _ => Rot::Astray(other),
        };
        let before = shown(&self.hosts[host], row);
        if !self.hosts[host].store.rot(&row.id, rot) {
            return;
        }
        match rot {
            Rot::Body(_) => self.faults.bodies_flipped += 1,
            Rot::Header(_) => self.faults.headers_flipped += 1,
            Rot::Astray(_) => self.faults.astray += 1,
        }
        let after = shown(&self.hosts[host], row).filter(|message| !message.unreadable);
        let noticed = unreadable(&self.hosts[host].store, row).ok().flatten() == Some(row.id);
        if after.is_some() && after != before || !noticed && before.is_some() {
            self.mistaken =
                Some(format!("host {host} shows {} as another, or notices nothing", row.id.to_hex()));
        }
        let id = row.id;
        self.note(|line| write!(line, "rot {host} {rot:?} {}", id.to_hex()));
    }

    /// Messages of a host in the guild that two others in it hold as they were signed, too.
    fn held_elsewhere(&self, host: usize) -> Vec<MessageRow> {
        let takes_part = |host: &Host| is_in(&self.hosts[self.relay], host, &self.guild);
        let others: Vec<&Host> = (0..self.hosts.len())
            .filter(|other| *other != host && (*other == self.relay || takes_part(&self.hosts[*other])))
            .map(|other| &self.hosts[other])
            .collect();
        let me = &self.hosts[host];
        if host != self.relay && !takes_part(me) {
            return Vec::new();
        }
        let mut rows: Vec<MessageRow> =
            open_streams(me, &self.guild).iter().flat_map(|stream| message_rows(me, stream)).collect();
        rows.retain(|row| {
            let is_as_sent =
                shown(me, row).is_some_and(|message| !message.unreadable && message.edited.is_none());
            is_as_sent && others.iter().filter(|other| is_whole(&other.store, &row.id)).count() > 1
        });
        rows
    }

    /// Whoever looks at what a disk changed, or at what came without its text from such a disk, has every peer asked for it. In the
    /// end somebody looks at everything.
    pub(crate) fn somebody_looks(&mut self, host: usize, cable: usize, end: usize) {
        let me = &self.hosts[host];
        let mut looked_at: BTreeSet<OpId> = me.store.rotten().copied().collect();
        if !self.is_foul() && self.faults.bodies_flipped > 0 {
            looked_at.extend(unreadable_rows(me, &self.guild));
        }
        let looked_at: BTreeSet<(SpaceId, OpId)> = looked_at.into_iter().map(|id| (self.guild, id)).collect();
        if !looked_at.is_empty() {
            self.event(cable, end, Event::Unreadable(&looked_at));
        }
    }

    /// Whether a store is to be set back to a copy without what a disk elsewhere has lost: then nobody might have it.
    pub(crate) fn is_needed(&self, host: usize, copy: &impl Store) -> bool {
        let mut rotten = self.hosts.iter().flat_map(|host| host.store.rotten());
        rotten.any(|id| is_whole(&self.hosts[host].store, id) && !is_whole(copy, id))
    }

    /// A message that cannot be read where it should be, though somebody who is there has it. (Without such disks nobody looks, and what
    /// came without its text, before somebody had the right to it, is not asked for. Others may have destroyed it since: where all have,
    /// nobody brings it.)
    pub(crate) fn still_unreadable(&self, host: &Host) -> Option<OpId> {
        if self.faults.bodies_flipped == 0 {
            return None;
        }
        let relay = &self.hosts[self.relay];
        let there = |id: &OpId| is_whole(&relay.store, id);
        let with_others = |id: &OpId| {
            let mut others = self.hosts.iter().filter(|other| is_in(relay, other, &self.guild));
            others.any(|other| is_whole(&other.store, id))
        };
        let changed_here = |id: &OpId| host.store.rotten().any(|rotten| rotten == id);
        unreadable_rows(host, &self.guild).find(|id| there(id) || changed_here(id) && with_others(id))
    }
}

/// Messages that rot at once, at most, and one.
const ROTS_MAX: u32 = 5;

fn unreadable_rows(host: &Host, guild: &SpaceId) -> impl Iterator<Item = OpId> {
    let rows = open_streams(host, guild).into_iter().flat_map(move |stream| message_rows(host, &stream));
    let is_gone = move |row: &MessageRow| {
        let view = host.core.view();
        let mut channels = view.guilds.get(&row.space).into_iter().flat_map(|guild| guild.channels.keys());
        let channel = channels.find(|channel| channel.stream() == row.stream);
        channel.is_some_and(|channel| view.is_gone(&row.space, channel, row.hlc))
    };
    rows.filter(move |row| row.verdict == 0 && !is_gone(row))
        .filter_map(move |row| unreadable(&host.store, &row).ok().flatten())
}

fn is_whole(store: &impl Store, id: &OpId) -> bool {
    store.op(id).ok().flatten().is_some_and(|stored| stored.op.body.is_some())
}

fn shown(host: &Host, row: &MessageRow) -> Option<Message> {
    read(&host.store, host.core.view(), row).ok().flatten()
}
