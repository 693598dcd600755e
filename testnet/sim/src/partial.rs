//! Who holds everything fills what they missed. One node holds what its person looks at: they look at some of what was said, it lets go of some, what it says it holds must
//! be all there is, and once everything was looked at it must say what everybody says.

use crate::checks::{ids_in, is_in, open_channels};
use crate::host::Host;
use crate::world::World;
use nexus_core::store::{Range, Spot, Standing};
use nexus_core::sync::frame::PAGE_MAX;
use nexus_core::sync::{Fetch, Hold, missing};
use nexus_core::{Input, Store};
use nexus_crdt::id::{ChannelId, OpId, StreamId};
use rand::RngExt;
use std::collections::BTreeSet;
use std::fmt::Write;

impl World {
    /// Who: neither who founded the guild nor who lies, where there are others.
    pub(crate) const fn viewer(&self) -> Option<usize> {
        if self.relay >= 4 { Some(self.relay - 2) } else { None }
    }

    /// What a node holds.
    pub(crate) fn hold_of(&self, node: usize) -> Hold {
        if self.viewer() == Some(node) { Hold::Viewed } else { Hold::Everything }
    }

    /// They look at some of what was said, and there is no room for some of it.
    pub(crate) fn somebody_views(&mut self) {
        for _ in 0..self.rng.random_range(1..VIEWS_MAX) {
            self.somebody_views_once();
        }
    }

    fn somebody_views_once(&mut self) {
        let Some(viewer) = self.viewer() else { return };
        let streams = self.streams_of(viewer);
        let Some(stream) = crate::people::pick(&mut self.rng, streams.into_iter()) else { return };
        let spots = self.hosts[viewer].store.spots(&self.guild, &stream, &Range::ALL, usize::MAX);
        let Some(spot) = crate::people::pick(&mut self.rng, spots.unwrap_or_default().into_iter()) else {
            return;
        };
        if self.rng.random_bool(0.5) {
            let range = Range { from: Spot::FIRST, upto: Some(spot) };
            let death = self.death();
            self.note(|line| write!(line, "lets go {viewer} {stream:?} {spot:?}"));
            self.faults.let_go += 1;
            self.input(viewer, Input::LetGo { space: self.guild, stream, range }, death);
        } else {
            let (older, count) = (self.rng.random_bool(0.5), self.rng.random_range(1..20));
            let from = self.rng.random_bool(0.7).then_some(spot);
            self.fetch(viewer, Fetch { space: self.guild, stream, from, older, count });
        }
    }

    /// Who is to hold everything asks for what they do not hold: a page of each stream.
    pub(crate) fn somebody_fills(&mut self, node: usize) {
        if self.hold_of(node) != Hold::Everything {
            return;
        }
        for fetch in missing(self.hosts[node].core.view()) {
            self.note(|line| write!(line, "fills {node} {fetch:?}"));
            self.faults.filled += u64::from(self.look_at(node, fetch));
        }
    }

    /// What everybody holds beside their gaps is all that the relay holds there; then they look at everything.
    ///
    /// # Errors
    /// The promise that was broken.
    pub(crate) fn view_everything(&mut self) -> Result<(), String> {
        (0..self.relay).try_for_each(|node| self.views_everything(node))
    }

    fn views_everything(&mut self, viewer: usize) -> Result<(), String> {
        if !is_in(&self.hosts[self.relay], &self.hosts[viewer], &self.guild) {
            return Ok(());
        }
        for stream in self.streams_of(self.relay) {
            self.claims_no_more_than_it_holds(viewer, stream)?;
        }
        for _ in 0..LOOKS_MAX {
            let gaps = self.gaps_of(viewer);
            if gaps.is_empty() {
                return Ok(());
            }
            for (stream, gap) in gaps {
                let from = Some(gap.from);
                self.fetch(viewer, Fetch { space: self.guild, stream, from, older: false, count: PAGE_MAX });
            }
            self.quieten();
        }
        Err(format!("node {viewer} does not come to hold everything: {:?}", self.gaps_of(viewer)))
    }

    fn claims_no_more_than_it_holds(&self, viewer: usize, stream: StreamId) -> Result<(), String> {
        let (phone, relay) = (&self.hosts[viewer], &self.hosts[self.relay]);
        let gaps = phone.core.view().gaps.get(&(self.guild, stream));
        let pieces = gaps.map_or_else(|| vec![(Range::ALL, true)], |gaps| gaps.cut(&Range::ALL));
        for (range, _) in pieces.into_iter().filter(|(_, held)| *held) {
            let (has, should) =
                (ids_in(phone, &self.guild, &stream, &range), ids_in(relay, &self.guild, &stream, &range));
            let firm = has.iter().filter(|id| should.contains(*id) || !stands_on_a_gap(phone, **id));
            if firm.copied().collect::<BTreeSet<OpId>>() != should {
                return Err(format!(
                    "node {viewer} says that it holds {range:?}, and has {has:?} of {should:?}"
                ));
            }
        }
        Ok(())
    }

    fn streams_of(&self, host: usize) -> Vec<StreamId> {
        open_channels(&self.hosts[host], &self.guild).iter().map(ChannelId::stream).collect()
    }

    // Of channels that there are: of one that is gone nobody gives pages.
    fn gaps_of(&self, viewer: usize) -> Vec<(StreamId, Range)> {
        let streams = self.streams_of(viewer);
        let gaps = self.hosts[viewer].core.view().gaps.iter();
        let there = gaps.filter(|((_, stream), _)| streams.contains(stream));
        there.filter_map(|((_, stream), gaps)| Some((*stream, *gaps.iter().next()?))).collect()
    }

    fn fetch(&mut self, viewer: usize, fetch: Fetch) {
        self.note(|line| write!(line, "looks {viewer} {fetch:?}"));
        if self.look_at(viewer, fetch) {
            self.faults.fetched += 1;
        }
    }
}

/// Whether an op, or one of those that it stands on in its log, is said to stand on a gap: nobody knows yet what becomes of it.
fn stands_on_a_gap(host: &Host, id: OpId) -> bool {
    let mut next = Some(id);
    while let Some(stored) = next.and_then(|id| host.store.op(&id).ok().flatten()) {
        if host.store.stands(&Standing::of(&stored.op)).unwrap_or_default() {
            return true;
        }
        next = stored.op.header.prev;
    }
    false
}

/// Things they do at a time, less one.
const VIEWS_MAX: u32 = 6;
/// Rounds in which it looks at everything that lies in a gap.
const LOOKS_MAX: usize = 20;
