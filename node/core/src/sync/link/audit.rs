//! A relay is checked, now and then: does it hold what it said it has?
//!
//! A node holds what all its links brought, so what a relay lacks of that is what others have and it does not show. It is asked when
//! the link is at rest: the relay has acknowledged everything that was given it, so whatever it then lacks it had said it has. One
//! look tells little (an honest relay may be set back to an older copy in between); [`Audits`](crate::sync::Audits) keeps what each
//! look found, whichever link it was on, and says something of what is found twice. `docs/sync.md`, "One relay against another".

use super::repair::Repair;
use super::{Action, Done, Env, Link};
use crate::store::{Arrival, Head, PeerKey, Range, StoreFault, StreamSum, head_of};
use crate::sync::accounts::ACCOUNTS;
use crate::sync::audits::{Claim, Look};
use crate::sync::frame::{Check, Frame, HEADS_MAX, Heads, Role, SUMS_MAX, Sum};
use crate::sync::reconcile::Gift;
use crate::sync::rights::{Standing, is_ours};
use nexus_crdt::id::{SpaceId, StreamId};
use std::collections::{BTreeMap, BTreeSet};

/// What is looked into on a link, by space.
#[derive(Debug, Default)]
pub(super) struct Auditing(BTreeMap<SpaceId, Audit>);

#[derive(Debug, Default)]
struct Audit {
    stage: Stage,
    /// When this stage was come to, Unix ms.
    since_ms: u64,
    look: Look,
    /// Nothing was amiss, the last time.
    was_whole: bool,
    /// What was here then.
    looked_at: Arrival,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing is asked.
    #[default]
    Idle,
    /// The relay owes its fingerprint ..
    Asked,
    /// .. what it holds ..
    Differs,
    /// .. and its part in comparing these.
    Comparing(BTreeSet<StreamId>),
}

// The node.
impl Link {
    /// Asks what is due, and closes what was not answered.
    pub(super) fn audit(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        if self.setup.role != Role::Node || self.setup.relay.is_none() {
            return Ok(());
        }
        let spaces: Vec<SpaceId> =
            self.giving.keys().filter(|space| **space != SpaceId::NONE).copied().collect();
        self.auditing.0.retain(|space, _| self.giving.contains_key(space));
        let mut asked = 0;
        for space in spaces {
            let is_late = |audit: &Audit| {
                audit.stage != Stage::Idle && env.now_ms.saturating_sub(audit.since_ms) >= ANSWER_MS
            };
            if self.auditing.0.get(&space).is_some_and(is_late) {
                self.close_audit(space, false, env, out);
            } else if asked < ASKED_A_TICK && self.is_due(&space, env)? {
                asked += 1;
                self.ask_what_it_holds(space, env, out)?;
            }
        }
        Ok(())
    }

    fn is_due(&self, space: &SpaceId, env: &Env<'_>) -> Result<bool, StoreFault> {
        // Who holds some of a space cannot say what all links brought: its ranges are compared one by one instead.
        if self.follows(space, env) {
            return Ok(false);
        }
        if self.rights.standing(env.view, space) != Standing::Relay || !self.is_at_rest(space) {
            return Ok(false);
        }
        let Some(audit) = self.auditing.0.get(space) else { return Ok(true) };
        let passed = env.now_ms.saturating_sub(audit.since_ms);
        let is_new = || Ok::<_, StoreFault>(env.store.last_arrival(space)? > audit.looked_at);
        Ok(audit.stage == Stage::Idle
            && (passed >= SELDOM_MS || passed >= self.setup.grace_ms && (!audit.was_whole || is_new()?)))
    }

    // All that was given is acknowledged, all that was named is here, and nothing is being mended.
    fn is_at_rest(&self, space: &SpaceId) -> bool {
        let given =
            self.giving.get(space).is_some_and(|giving| giving.has_all() && giving.in_flight.is_empty());
        let taken = self
            .taking
            .get(space)
            .is_none_or(|taking| taking.is_caught_up() && taking.waiting == 0 && taking.calm.lacks_nothing());
        let mended = self.repairs.is_empty() && self.repairs_in_flight == 0 && !self.comparing.has(space);
        given && taken && mended && !self.refused.contains_key(space)
    }

    fn ask_what_it_holds(&mut self, space: SpaceId, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let ours = ours(&space, env)?;
        let print = print(&self.setup.me, &self.setup.peer, &self.setup.nonce, &space, &ours);
        let audit = self.auditing.0.entry(space).or_default();
        audit.enter(Stage::Asked, env);
        audit.look = Look::default();
        audit.looked_at = env.store.last_arrival(&space)?;
        out.push(Action::Send(Frame::Check(Check { space, print })));
        Ok(())
    }

    /// The relay's answer to a check.
    pub(super) fn checked(&mut self, checked: Check, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let space = checked.space;
        let asked = self.auditing.0.get(&space).is_some_and(|audit| audit.stage == Stage::Asked);
        let Some(hello) = self.hello.as_ref().filter(|_| asked) else { return self.bear(1) };
        let ours = ours(&space, env)?;
        if print(&self.setup.peer, &self.setup.me, &hello.nonce, &space, &ours) == checked.print {
            self.close_audit(space, true, env, out);
        } else if let Some(audit) = self.auditing.0.get_mut(&space) {
            audit.enter(Stage::Differs, env);
        }
        Ok(())
    }

    /// Whether these are the heads that a check is waiting for.
    pub(super) fn are_checked(&self, heads: &Heads) -> bool {
        self.auditing.0.get(&heads.space).is_some_and(|audit| audit.stage == Stage::Differs)
    }

    /// What the relay says it holds, where that is not what is here.
    pub(super) fn look_into(&mut self, theirs: &Heads, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let space = theirs.space;
        if self.look_into_governance(theirs, env, out)? {
            // Who may see what hangs on it: the rest is looked at when both have the same.
            self.close_audit(space, true, env, out);
            return Ok(());
        }
        let claims = differing(&theirs.sums, &ours(&space, env)?);
        for stream in claims.keys() {
            self.comparing.line_up(space, *stream, Arrival(0));
        }
        if let Some(audit) = self.auditing.0.get_mut(&space) {
            audit.enter(Stage::Comparing(claims.keys().copied().collect()), env);
            audit.look.claims = claims;
        }
        self.compare_on(env, out)?;
        self.close_if_compared(space, env, out);
        Ok(())
    }

    // By heads: what is not below the relay's it lacks, and is given.
    fn look_into_governance(
        &mut self,
        theirs: &Heads,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Result<bool, super::Halt> {
        let space = theirs.space;
        let ours = self.source(env).heads(&space)?;
        if ours == theirs.heads || ours.len() > HEADS_MAX {
            return Ok(false);
        }
        let source = super::Source { view: env.view, store: env.store, rights: &self.rights };
        let heads = theirs.heads.iter().copied().collect();
        let unknown = self.ask_for_unknown_heads(theirs, env, out)?;
        let Some(audit) = self.auditing.0.get_mut(&space) else { return Ok(true) };
        if unknown > 0 {
            // What stands below a head that is not here, nobody here knows: first that one is to come.
            let ours = env.store.range_sum(&space, &StreamId::GOVERNANCE, &Range::ALL)?.count;
            audit.look.claims.insert(StreamId::GOVERNANCE, Claim { theirs: ours + unknown, ours });
            return Ok(true);
        }
        let beyond = source.beyond(&space, &heads)?;
        let lacks: BTreeSet<Head> = beyond.iter().take(LACKING_MAX).map(head_of).collect();
        audit.look.lacks.insert(StreamId::GOVERNANCE, lacks);
        let batches = source.governance_beyond(&mut self.known, &space, &heads)?;
        self.repairs.extend(batches.into_iter().map(|batch| Repair::Batch(space, batch)));
        self.pump(env, out)?;
        Ok(true)
    }

    /// A comparison that this side began has shown that the relay lacks these.
    pub(super) fn note_lacking(
        &mut self,
        space: &SpaceId,
        stream: &StreamId,
        gifts: &[Gift],
        env: &Env<'_>,
    ) -> Result<(), StoreFault> {
        let Some(audit) = self.auditing.0.get_mut(space).filter(|audit| audit.compares(stream)) else {
            return Ok(());
        };
        let lacks = audit.look.lacks.entry(*stream).or_default();
        for gift in gifts {
            match gift {
                Gift::Named(heads) => lacks.extend(heads),
                Gift::Range { range, except, .. } => {
                    let range: &Range = range;
                    let spots = env.store.spots(space, stream, range, LACKING_MAX + except.len())?;
                    lacks.extend(
                        spots.into_iter().map(|spot| spot.head).filter(|head| !except.contains(head)),
                    );
                }
            }
            while lacks.len() > LACKING_MAX {
                lacks.pop_last();
            }
        }
        Ok(())
    }

    /// A comparison that this side began is over.
    pub(super) fn has_compared(
        &mut self,
        space: SpaceId,
        stream: &StreamId,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) {
        if let Some(Audit { stage: Stage::Comparing(streams), .. }) = self.auditing.0.get_mut(&space) {
            streams.remove(stream);
        }
        self.close_if_compared(space, env, out);
    }

    fn close_if_compared(&mut self, space: SpaceId, env: &Env<'_>, out: &mut Vec<Action>) {
        let over = |audit: &Audit| matches!(&audit.stage, Stage::Comparing(streams) if streams.is_empty());
        if self.auditing.0.get(&space).is_some_and(over) {
            self.close_audit(space, true, env, out);
        }
    }

    fn close_audit(&mut self, space: SpaceId, answered: bool, env: &Env<'_>, out: &mut Vec<Action>) {
        let Some(audit) = self.auditing.0.get_mut(&space) else { return };
        let look = Look { answered, ..std::mem::take(&mut audit.look) };
        audit.was_whole = look.is_whole();
        audit.enter(Stage::Idle, env);
        out.push(Action::Looked { space, look });
    }
}

// The relay.
impl Link {
    /// Answers a check with what may be shown to who asks; of what may not, not even that it is here.
    pub(super) fn check(&mut self, check: Check, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let space = check.space;
        self.bear(CHECK_COST)?;
        let Some(hello) = self.hello.as_ref() else { return Ok(()) };
        if space == SpaceId::NONE || self.rights.standing(env.view, &space) < Standing::Member {
            return Ok(());
        }
        let mut sums = self.source(env).sums(&space)?;
        let is_the_same = print(&self.setup.peer, &self.setup.me, &hello.nonce, &space, &sums) == check.print;
        let print = print(&self.setup.me, &self.setup.peer, &self.setup.nonce, &space, &sums);
        out.push(Action::Send(Frame::Checked(Check { space, print })));
        if !is_the_same {
            let mut heads = self.source(env).heads(&space)?;
            heads.truncate(HEADS_MAX);
            sums.truncate(SUMS_MAX);
            out.push(Action::Send(Frame::Heads(Heads { space, heads, sums })));
        }
        Ok(())
    }
}

impl Audit {
    fn enter(&mut self, stage: Stage, env: &Env<'_>) {
        self.stage = stage;
        self.since_ms = env.now_ms;
    }

    fn compares(&self, stream: &StreamId) -> bool {
        matches!(&self.stage, Stage::Comparing(streams) if streams.contains(stream))
    }
}

/// The streams that differ, but for governance; so many of them.
fn differing(theirs: &[Sum], ours: &[Sum]) -> BTreeMap<StreamId, Claim> {
    let mut claims: BTreeMap<StreamId, Claim> = BTreeMap::new();
    for sum in ours.iter().filter(|sum| !theirs.contains(sum)) {
        claims.insert(sum.stream, Claim { theirs: 0, ours: sum.count });
    }
    for sum in theirs.iter().filter(|sum| !ours.contains(sum)) {
        claims.entry(sum.stream).or_insert(Claim { theirs: 0, ours: 0 }).theirs = sum.count;
    }
    claims.remove(&StreamId::GOVERNANCE);
    claims.remove(&ACCOUNTS);
    claims.into_iter().take(STREAMS_MAX).collect()
}

/// The sums of what a relay must show whole to the people here.
fn ours(space: &SpaceId, env: &Env<'_>) -> Result<Vec<Sum>, StoreFault> {
    let sums = env.store.stream_sums(space)?.into_iter();
    let whole = sums.filter(|(stream, _)| is_ours(env.view, space, stream));
    Ok(whole.map(|(stream, sum): (StreamId, StreamSum)| Sum::of(stream, sum)).collect())
}

// BLAKE3 (key derivation) over who says it to whom, what the sayer said at random for this link, the space and the sums.
fn print(from: &PeerKey, to: &PeerKey, nonce: &[u8; 32], space: &SpaceId, sums: &[Sum]) -> [u8; 16] {
    let mut bytes = [&from.0[..], &to.0, nonce, &space.0].concat();
    for sum in sums {
        bytes.extend(sum.stream.0);
        bytes.extend(sum.count.to_be_bytes());
        bytes.extend(sum.sum);
    }
    let hash = nexus_crypto::derive_id("nexus 2026 check v1", &bytes);
    hash.first_chunk().copied().unwrap_or_default()
}

/// What an answer costs of a peer's patience.
const CHECK_COST: u32 = 1;
/// Spaces that are checked in one tick.
const ASKED_A_TICK: usize = 4;
/// How long each of its answers may take.
const ANSWER_MS: u64 = 2 * 60 * 1_000;
/// How often it is asked where nothing happens.
const SELDOM_MS: u64 = 15 * 60 * 1_000;
/// Streams that are compared for one check: the rest has its turn at the next.
const STREAMS_MAX: usize = 8;
/// Ops of a stream that are remembered as lacking; of more, the first.
const LACKING_MAX: usize = 1_024;
