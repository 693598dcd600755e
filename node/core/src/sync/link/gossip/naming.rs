//! The giver of a quiet feed: what was written here is sent, the rest named, and of that what the taker lacks is sent.

use crate::store::{Arrival, StoreFault, place_at};
use crate::sync::feed::{Arrivals, Batch, Source, arrivals};
use crate::sync::frame::{Frame, NAMES_MAX, Names, Need, Place};
use crate::sync::link::repair::Repair;
use crate::sync::link::{Action, Done, Env, Halt, Link, give};
use crate::sync::rights::Share;
use nexus_crdt::id::{OpId, SpaceId, StreamId};
use std::collections::VecDeque;

/// The giver's side of a quiet feed.
#[derive(Debug)]
pub(in crate::sync::link) struct Quiet {
    /// Looked at up to here.
    looked: Arrival,
    /// .. and not told yet.
    names: Vec<(StreamId, OpId)>,
    /// Since when something waits to be told, Unix ms.
    pub(super) waits_ms: Option<u64>,
    /// When something was told last, Unix ms.
    told_ms: u64,
}

impl Quiet {
    /// What comes after a place goes by name.
    pub(in crate::sync::link) const fn from(looked: Arrival) -> Self {
        Self { looked, names: Vec::new(), waits_ms: None, told_ms: 0 }
    }

    /// `first_ms`: how long the first waits, of those that come when nothing was told for a while.
    pub(super) fn due_ms(&self, first_ms: u64) -> Option<u64> {
        self.waits_ms.map(|since| (since + first_ms).max(self.told_ms + NAMES_MS))
    }
}

impl Link {
    pub(in crate::sync::link) fn quiet(&mut self, space: SpaceId) -> Done {
        match self.giving.get_mut(&space) {
            Some(giving) if giving.quiet.is_none() => giving.quiet = Some(Quiet::from(giving.at)),
            None if self.offered.contains(&space) && self.hushed.insert(space) => {}
            // Said twice, or of what was never offered.
            _ => self.bear(1)?,
        }
        Ok(())
    }

    /// Looks at what has arrived: what was written here is sent, the rest named when it is time. Whether there may be more.
    pub(in crate::sync::link) fn step_quiet(
        &mut self,
        space: SpaceId,
        newest: Arrival,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Result<bool, Halt> {
        let Some(giving) = self.giving.get_mut(&space) else { return Ok(false) };
        let Some(mut quiet) = giving.quiet.take() else { return Ok(false) };
        let since = giving.since;
        let own = self.look(space, since, &mut quiet, env)?;
        let is_sent = !own.ops.is_empty();
        let withheld = own.withheld;
        if is_sent {
            self.repairs_in_flight += give::send_batch(space, None, own, out);
        }
        quiet.waits_ms.get_or_insert(env.now_ms);
        let is_due = quiet.due_ms(self.first_name_ms()).is_some_and(|due_ms| env.now_ms >= due_ms);
        let is_full = quiet.names.len() > NAMES_MAX - LOOK_MAX;
        let is_told = is_sent || is_full || is_due;
        let looked = quiet.looked;
        let Some(giving) = self.giving.get_mut(&space) else { return Ok(false) };
        giving.withheld |= withheld;
        if is_told {
            let upto = Place::of(place_at(env.store, &space, looked)?);
            (quiet.waits_ms, quiet.told_ms) = (None, env.now_ms);
            let mut names = std::mem::take(&mut quiet.names);
            // What the peer has named meanwhile it has.
            names.retain(|(_, id)| !self.known.is_the_peers(id));
            let all = names.len();
            // A right may have been lost while they were gathered.
            let may = |stream: &StreamId| self.rights.share(env.view, &space, stream) == Share::Everything;
            let ops: Vec<OpId> =
                names.into_iter().filter(|(stream, _)| may(stream)).map(|(_, id)| id).collect();
            giving.withheld |= ops.len() < all;
            self.counts.named += ops.len() as u64;
            giving.at = looked;
            giving.sent = giving.sent.max(looked);
            giving.in_flight.push_back(looked);
            self.in_flight += 1;
            out.push(Action::Send(Frame::Names(Names { space, upto, ops })));
        }
        giving.quiet = Some(quiet);
        Ok(looked < newest || is_told)
    }

    fn look(
        &mut self,
        space: SpaceId,
        since: Arrival,
        quiet: &mut Quiet,
        env: &Env<'_>,
    ) -> Result<Batch, StoreFault> {
        let source = Source { view: env.view, store: env.store, rights: &self.rights };
        let mut own = Batch::default();
        let Arrivals { rows, end } = arrivals(env.store, &space, quiet.looked, LOOK_MAX)?;
        for (arrival, id) in rows {
            if own.is_full() {
                return Ok(own);
            }
            quiet.looked = arrival;
            let Some(stored) = env.store.op(&id)?.filter(|_| !self.known.is_the_peers(&id)) else {
                continue;
            };
            let header = &stored.op.header;
            let is_sent = env.view.local_devices.contains(&header.author)
                || !header.stream.is_channel()
                || self.rights.share(env.view, &space, &header.stream) != Share::Everything;
            if is_sent {
                source.add(&mut self.known, &mut own, &space, &stored, arrival > since)?;
            } else {
                quiet.names.push((header.stream, id));
            }
        }
        quiet.looked = end.unwrap_or(quiet.looked);
        Ok(own)
    }

    /// Sends some of what was named. What the peer may not have whole is passed over, as if it were not here.
    pub(in crate::sync::link) fn need(&mut self, need: Need, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        self.bear(1)?;
        let waits = |repair: &Repair| matches!(repair, Repair::Ops(space, _) if *space == need.space);
        // Who asks faster than it is given asks again.
        if !self.repairs.iter().any(waits) {
            self.repairs.push_back(Repair::Ops(need.space, need.ops.into()));
        }
        self.pump(env, out)
    }

    /// The next batch of what was needed, and what is left of it for later.
    pub(in crate::sync::link) fn needed(
        &mut self,
        space: &SpaceId,
        mut ops: VecDeque<OpId>,
        env: &Env<'_>,
    ) -> Result<(Batch, VecDeque<OpId>), StoreFault> {
        let source = Source { view: env.view, store: env.store, rights: &self.rights };
        let mut batch = Batch::default();
        while !batch.is_full()
            && let Some(id) = ops.pop_front()
        {
            let Some(stored) = env.store.op(&id)?.filter(|stored| stored.op.space() == *space) else {
                continue;
            };
            if self.rights.share(env.view, space, &stored.op.header.stream) == Share::Everything {
                source.put(&mut self.known, &mut batch, &stored)?;
            }
        }
        Ok((batch, ops))
    }

    /// How long a name waits where none was told for a while. Unlike on each link: of many one tells it soon, and of two sides the
    /// one that does spares the other the telling.
    pub(super) fn first_name_ms(&self) -> u64 {
        let [.., one, other] = self.setup.blind;
        FIRST_NAME_MS + u64::from(u16::from_be_bytes([one, other])) % FIRST_SPREAD_MS
    }
}

/// How long names are gathered, after some were told ..
const NAMES_MS: u64 = 500;
/// .. and where none were for so long, the first of them waits this ..
const FIRST_NAME_MS: u64 = 50;
/// .. and up to so much more, each link its own.
const FIRST_SPREAD_MS: u64 = 400;
/// Arrivals that are looked at for one step.
const LOOK_MAX: usize = 256;
