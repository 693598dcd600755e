//! Pages of a stream: the newest of it, or what lies before or behind a spot, each with what is needed to show it.

use super::repair::REPAIR_COST;
use super::{Action, Done, Env, Fetch, Link};
use crate::store::{GapChange, Gaps, MessageRow, Range, Spot, StoreFault, StreamSum, fold};
use crate::sync::frame::{Frame, Mark, PAGE_MAX, Page, Paged, Sum};
use crate::sync::rights::{Share, Standing};
use nexus_crdt::id::{OpId, SpaceId, StreamId, Tenure};
use nexus_crdt::verdict::Verdict;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Pages that the peer asked for.
#[derive(Debug, Default)]
pub(super) struct Giving {
    waiting: VecDeque<Waiting>,
    /// Those of a guest, whose join may be on its way behind them; since when.
    early: VecDeque<(Page, u64)>,
    /// Ops of pages that were given of each stream.
    given: BTreeMap<(SpaceId, StreamId), u64>,
    /// When somebody there last asked for what is older, Unix ms.
    read_ms: Option<u64>,
}

#[derive(Debug)]
struct Waiting {
    ops: VecDeque<OpId>,
    /// What is said behind them.
    paged: Paged,
}

/// Pages that were asked for of the peer.
#[derive(Debug, Default)]
pub(super) struct Asking {
    asked: BTreeMap<(SpaceId, StreamId), Asked>,
    lined_up: VecDeque<Fetch>,
    /// Pages that came, until all of them is durable: behind which batch.
    came: VecDeque<(u64, Paged)>,
    /// What was held of streams with gaps when it was last compared with what the peer holds.
    checked: BTreeMap<(SpaceId, StreamId), Arc<Gaps>>,
    /// Streams that had gaps on this link, until they are whole and compared as such.
    gapped: BTreeSet<(SpaceId, StreamId)>,
    /// Channels that were looked at on this link whether anything is known of them.
    pub(super) met: BTreeSet<(SpaceId, StreamId)>,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    fetch: Fetch,
    since_ms: Option<u64>,
}

// The giver.
impl Link {
    pub(super) fn page(&mut self, page: Page, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        if self.pages.waiting.len() + self.pages.early.len() >= WAITING_MAX {
            return self.bear(REPAIR_COST);
        }
        if page.older {
            self.pages.read_ms = Some(env.now_ms);
        }
        if self.is_guest_of(&page, env) {
            self.pages.early.push_back((page, env.now_ms));
            return Ok(());
        }
        self.line_up_page(&page, env)?;
        self.pump(env, out)
    }

    /// Looks again at what guests asked for. Whoever joins asks for pages at once: were they told that there is nothing for them, all of
    /// the guild's people would come before what they want to read.
    pub(super) fn look_at_early_pages(&mut self, env: &Env<'_>) -> Done {
        for (page, since_ms) in std::mem::take(&mut self.pages.early) {
            if self.is_guest_of(&page, env) && env.now_ms.saturating_sub(since_ms) <= EARLY_MS {
                self.pages.early.push_back((page, since_ms));
            } else {
                self.line_up_page(&page, env)?;
            }
        }
        Ok(())
    }

    /// Whether the peer has asked for pages that were not sent.
    pub(super) fn has_pages_to_give(&self) -> bool {
        !self.pages.waiting.is_empty() || !self.pages.early.is_empty()
    }

    /// Whether somebody reads at the other end, and may ask for more: what nobody waits for leaves the way free.
    pub(super) fn is_read(&self, env: &Env<'_>) -> bool {
        self.pages.read_ms.is_some_and(|read_ms| env.now_ms.saturating_sub(read_ms) <= READING_MS)
    }

    fn is_guest_of(&self, page: &Page, env: &Env<'_>) -> bool {
        page.stream.is_channel()
            && self.giving.contains_key(&page.space)
            && self.rights.standing(env.view, &page.space) == Standing::Guest
    }

    fn line_up_page(&mut self, page: &Page, env: &Env<'_>) -> Done {
        let Page { space, stream, .. } = *page;
        let may = stream.is_channel()
            && self.giving.contains_key(&space)
            && self.rights.share(env.view, &space, &stream) == Share::Everything;
        let from = page.from.map(Mark::spot);
        let waiting = if may {
            self.bear_page(space, stream, env)?;
            make(page, from, env)?
        } else {
            // Who lost a right asks in good faith, once; of what is here it is told nothing.
            self.bear(1)?;
            nothing(page, from)
        };
        *self.pages.given.entry((space, stream)).or_default() += waiting.ops.len() as u64;
        self.pages.waiting.push_back(waiting);
        Ok(())
    }

    // Nobody honest needs to be given a stream more than once, or twice where a link is lost at the wrong moment.
    fn bear_page(&mut self, space: SpaceId, stream: StreamId, env: &Env<'_>) -> Done {
        let given = self.pages.given.get(&(space, stream)).copied().unwrap_or_default();
        let held = env.store.range_sum(&space, &stream, &Range::ALL)?.count;
        if given > held.saturating_mul(2).saturating_add(GIVEN_SPARE) {
            self.bear(REPAIR_COST)
        } else {
            Ok(())
        }
    }

    /// Sends pages, one batch of each in turn: somebody waits for them, so they wait for nothing else that is repaired.
    pub(super) fn send_pages(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        while self.repairs_in_flight < PAGE_WINDOW {
            let Some(Waiting { ops, paged }) = self.pages.waiting.pop_front() else { break };
            let (batch, ops) = self.needed(&paged.space, ops, env)?;
            if !batch.ops.is_empty() {
                self.repairs_in_flight += super::give::send_batch(paged.space, None, batch, out);
            }
            if ops.is_empty() {
                out.push(Action::Send(Frame::Paged(paged)));
            } else {
                self.pages.waiting.push_back(Waiting { ops, paged });
            }
        }
        Ok(())
    }
}

// The taker.
impl Link {
    pub(super) fn fetch(&mut self, fetch: &Fetch, out: &mut Vec<Action>) {
        let (space, stream) = (fetch.space, fetch.stream);
        let is_given = self.taking.get(&space).is_some_and(|taking| taking.wanted);
        // Whoever asks for more of a stream is answered with what is under way, and asks again. Who reads back is next: what fills
        // a gap would else be asked for again each time before them.
        if self.asking.asked.contains_key(&(space, stream)) {
            let is_next = fetch.older && !self.asking.lined_up.contains(fetch);
            if is_next && is_given && self.asking.lined_up.len() < LINED_UP_MAX {
                self.asking.lined_up.push_front(*fetch);
            }
            return;
        }
        if !is_given || self.asking.lined_up.len() >= LINED_UP_MAX {
            out.push(Action::Fetched { space, stream, held: false });
        } else if self.asking.asked.len() >= ASKED_MAX {
            self.asking.lined_up.push_back(*fetch);
        } else {
            let (from, count) = (fetch.from.as_ref().map(Mark::of), fetch.count.min(PAGE_MAX));
            self.asking.asked.insert((space, stream), Asked { fetch: *fetch, since_ms: None });
            out.push(Action::Send(Frame::Page(Page { space, stream, from, older: fetch.older, count })));
        }
    }

    pub(super) fn paged(&mut self, paged: Paged, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let at = (paged.space, paged.sum.stream);
        let range = range_of(&paged);
        let is_it = |asked: &Asked| match asked.fetch {
            Fetch { from, older: true, .. } => range.upto == from,
            Fetch { from, older: false, .. } => range.from == from.unwrap_or(Spot::FIRST),
        };
        // What nobody asked for, or is no range, says nothing.
        if !self.asking.asked.get(&at).is_some_and(is_it) || range.upto.is_some_and(|upto| upto < range.from)
        {
            return self.bear(1);
        }
        let (_, newest) = self.batches_under_way();
        self.asking.came.push_back((newest, paged));
        self.settle_pages(env, out)
    }

    /// Looks at the pages of which all is durable that came.
    pub(super) fn settle_pages(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        loop {
            let (oldest, _) = self.batches_under_way();
            let is_whole = |(behind, _): &mut (u64, Paged)| oldest.is_none_or(|oldest| oldest > *behind);
            let Some((_, paged)) = self.asking.came.pop_front_if(is_whole) else { return Ok(()) };
            self.look_at_page(&paged, env, out)?;
        }
    }

    // All of it is here, or the range stays a gap: something of it waits, or the peer did not send what it said.
    fn look_at_page(&mut self, paged: &Paged, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let (space, stream, range) = (paged.space, paged.sum.stream, range_of(paged));
        self.asking.asked.remove(&(space, stream));
        let ours = StreamSum::of(&env.store.range_sum(&space, &stream, &range)?);
        let is_whole =
            ours == StreamSum { count: paged.sum.count, sum: paged.sum.sum } || ours.count > paged.sum.count;
        if is_whole && range.upto != Some(range.from) {
            let change = GapChange { space, stream, range, held: true, let_go: env.view.let_go };
            self.asking.gapped.insert((space, stream));
            self.note(space, vec![change], Some(stream), out);
        } else {
            out.push(Action::Fetched { space, stream, held: false });
        }
        self.ask_on(out);
        self.was_read(&space);
        Ok(())
    }

    pub(super) fn asks_for_pages_of(&self, space: &SpaceId) -> bool {
        let asked = self.asking.asked.keys().map(|(of, _)| of);
        asked.chain(self.asking.lined_up.iter().map(|fetch| &fetch.space)).any(|of| of == space)
    }

    fn ask_on(&mut self, out: &mut Vec<Action>) {
        while self.asking.asked.len() < ASKED_MAX {
            let asked = &self.asking.asked;
            let is_free = |fetch: &Fetch| !asked.contains_key(&(fetch.space, fetch.stream));
            let Some(at) = self.asking.lined_up.iter().position(is_free) else { return };
            let Some(fetch) = self.asking.lined_up.remove(at) else { return };
            self.fetch(&fetch, out);
        }
    }

    /// Some of what was asked for comes: over a thin line a page takes longer than one that does not come at all is waited for.
    pub(super) fn some_came(&mut self, space: &SpaceId) {
        let of_it = self.asking.asked.iter_mut().filter(|((of, _), _)| of == space);
        of_it.for_each(|(_, asked)| asked.since_ms = None);
    }

    /// Gives up pages that do not come.
    pub(super) fn give_up_pages(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        let mut late = Vec::new();
        for (at, asked) in &mut self.asking.asked {
            let since = *asked.since_ms.get_or_insert(env.now_ms);
            if env.now_ms.saturating_sub(since) > PATIENCE_MS {
                late.push(*at);
            }
        }
        for (space, stream) in &late {
            let (space, stream) = (*space, *stream);
            self.asking.asked.remove(&(space, stream));
            out.push(Action::Fetched { space, stream, held: false });
        }
        self.ask_on(out);
        late.iter().for_each(|(space, _)| self.was_read(space));
    }

    /// What is held of a stream with gaps is compared with what the peer holds there, whenever that is more than before, and once more
    /// when it is whole: who brought it may have left something out, or not have had it. One stream at a time.
    pub(super) fn check_what_is_held(&mut self, env: &Env<'_>) {
        self.asking.gapped.extend(env.view.gaps.keys());
        for at in self.asking.gapped.clone() {
            let gaps = env.view.gaps.get(&at);
            let is_new = gaps.is_none() || self.asking.checked.get(&at) != gaps;
            let (space, stream) = at;
            let is_settled = self.taking.get(&space).is_some_and(|taking| taking.caught_up);
            if is_new && is_settled && self.rights.share(env.view, &space, &stream) == Share::Everything {
                match gaps {
                    Some(gaps) => drop(self.asking.checked.insert(at, gaps.clone())),
                    None => {
                        self.asking.gapped.remove(&at);
                        self.asking.checked.remove(&at);
                    }
                }
                let newest = self.giving.get(&space).map_or(Default::default(), |giving| giving.newest);
                self.comparing.line_up(space, stream, newest);
                return;
            }
        }
    }
}

fn range_of(paged: &Paged) -> Range {
    Range { from: paged.from.spot(), upto: paged.upto.map(Mark::spot) }
}

fn nothing(page: &Page, from: Option<Spot>) -> Waiting {
    let from = from.unwrap_or(if page.older { Spot::LAST } else { Spot::FIRST });
    let sum = Sum::of(page.stream, StreamSum::default());
    let mark = Mark::of(&from);
    let upto = page.from.or((!page.older).then_some(mark));
    Waiting { ops: VecDeque::new(), paged: Paged { space: page.space, from: mark, upto, sum } }
}

/// The ops of a page, and the range that they are all of.
fn make(page: &Page, from: Option<Spot>, env: &Env<'_>) -> Result<Waiting, StoreFault> {
    let held = held_beside(page, from, env);
    let Some(held) = held else { return Ok(nothing(page, from)) };
    let range = if page.older { older(page, &held, env)? } else { newer(page, &held, env)? };
    let Page { space, stream, .. } = *page;
    let sum = StreamSum::of(&env.store.range_sum(&space, &stream, &range)?);
    let upto = range.upto.as_ref().map(Mark::of);
    let paged = Paged { space, from: Mark::of(&range.from), upto, sum: Sum::of(stream, sum) };
    Ok(Waiting { ops: with_what_shows_it(page, &range, env)?, paged })
}

/// What is held without a gap before a spot, or from it on; none where a gap is right there.
fn held_beside(page: &Page, from: Option<Spot>, env: &Env<'_>) -> Option<Range> {
    let asked = match page.older {
        true => Range { from: Spot::FIRST, upto: from },
        false => Range { from: from.unwrap_or(Spot::FIRST), upto: None },
    };
    let Some(gaps) = env.view.gaps.get(&(page.space, page.stream)) else { return Some(asked) };
    if page.older {
        match gaps.highest_in(&asked) {
            Some(gap) if gap.upto == asked.upto => None,
            Some(gap) => Some(Range { from: gap.upto?, ..asked }),
            None => Some(asked),
        }
    } else {
        match gaps.lowest_in(&asked) {
            Some(gap) if gap.from == asked.from => None,
            Some(gap) => Some(Range { upto: Some(gap.from), ..asked }),
            None => Some(asked),
        }
    }
}

fn older(page: &Page, held: &Range, env: &Env<'_>) -> Result<Range, StoreFault> {
    let (mut at, mut ops, mut messages) = (held.upto.unwrap_or(Spot::LAST), 0, 0);
    while ops < PAGE_MAX && messages < page.count {
        let before = env.store.spot_before(&page.space, &page.stream, &at)?;
        let Some(spot) = before.filter(|spot| *spot >= held.from) else { return Ok(*held) };
        (at, ops) = (spot, ops + 1);
        let id = env.store.op_headed(&page.space, &page.stream, &spot.head)?;
        if let Some(id) = id {
            messages += u32::from(is_shown(page, &id, env)?);
        }
    }
    Ok(Range { from: at, upto: held.upto })
}

/// Whether somebody who reads sees a message there: of one that was taken away, or never counted, they would ask for another in its place.
fn is_shown(page: &Page, id: &OpId, env: &Env<'_>) -> Result<bool, StoreFault> {
    let Some(row) = env.store.message(&page.stream, id)? else { return Ok(false) };
    Ok(row.verdict == Verdict::Valid.to_byte() && !fold(&env.store.acts(&page.stream, id, row.hlc)?).deleted)
}

fn newer(page: &Page, held: &Range, env: &Env<'_>) -> Result<Range, StoreFault> {
    let count = page.count as usize;
    let spots = env.store.spots(&page.space, &page.stream, held, count + 1)?;
    Ok(Range { from: held.from, upto: spots.get(count).copied().or(held.upto) })
}

/// The joins of those who wrote what is in a range, its ops, and what acts on them from beyond it.
fn with_what_shows_it(page: &Page, range: &Range, env: &Env<'_>) -> Result<VecDeque<OpId>, StoreFault> {
    let (space, stream) = (page.space, page.stream);
    let (mut joins, mut ops, mut acts) = (BTreeSet::new(), VecDeque::new(), BTreeSet::new());
    for spot in env.store.spots(&space, &stream, range, PAGE_MAX as usize)? {
        let Some(id) = env.store.op_headed(&space, &stream, &spot.head)? else { continue };
        ops.push_back(id);
        let Some(stored) = env.store.op(&id)? else { continue };
        if stored.op.header.tenure != Tenure::NONE {
            let tenure = stored.op.header.tenure.0;
            joins.extend(env.store.op_headed(&space, &StreamId::MEMBERSHIP, &tenure)?);
        }
        if let Some(MessageRow { hlc, .. }) = env.store.message(&stream, &id)? {
            let rows = env.store.acts(&stream, &id, hlc)?;
            let beyond =
                rows.iter().map(|row| &row.act).filter(|act| !range.holds(&Spot::of(act.hlc, &act.op)));
            acts.extend(beyond.map(|act| act.op));
        }
    }
    ops.extend(acts);
    joins.into_iter().rev().for_each(|join| ops.push_front(join));
    Ok(ops)
}

/// Pages that the peer may have asked for and not got: more than an honest one asks for at a time.
const WAITING_MAX: usize = 16;
/// Frames of pages, and of repairs beside them, that may be sent before the first is answered.
const PAGE_WINDOW: usize = 16;
/// How long after somebody asked for what is older they may ask for more.
const READING_MS: u64 = 10_000;
/// Pages that are asked for at a time ..
const ASKED_MAX: usize = 8;
/// .. and that wait to be.
const LINED_UP_MAX: usize = 64;
/// Ops of pages beyond all there are, twice.
const GIVEN_SPARE: u64 = 8_192;
/// A page of which nothing has come for so long does not come: another link may bring it ..
const PATIENCE_MS: u64 = 10_000;
/// .. and a guest whose join has not come by half of that is told that there is nothing for them.
const EARLY_MS: u64 = PATIENCE_MS / 2;
