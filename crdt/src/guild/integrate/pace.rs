//! How fast a log may govern.

use crate::body::governance::RateClass;
use crate::guild::derived::Derived;
use crate::guild::graph::Node;
use crate::guild::{BOT_QUOTA, Guild, PERSON_QUOTA};
use crate::hlc::Hlc;
use crate::id::UserId;
use crate::op::Draft;
use imbl::Vector;

impl Guild {
    /// Whether a governance op that is about to be written keeps its log within its quota.
    pub(in crate::guild) fn is_paced(&self, author: &UserId, draft: &Draft) -> bool {
        let prev = draft.prev.and_then(|prev| self.graph.find(&prev));
        pace(prev, draft.hlc, quota(&self.now, author)).1
    }
}

/// Governance ops of a log that an hour allows its author in the view of their past; none without a limit.
pub(super) fn quota(before: &Derived, author: &UserId) -> Option<usize> {
    match before.view.rate_class(author, RateClass::Person) {
        _ if before.view.is_owner(author) => None,
        RateClass::Person => Some(PERSON_QUOTA),
        RateClass::Bot => Some(BOT_QUOTA),
        RateClass::Bulk => None,
    }
}

/// The times of a log's latest ops with one more, and whether that one keeps within the quota: the op so many before
/// it is an hour older. Void ops count too.
pub(super) fn pace(prev: Option<&Node>, at: Hlc, quota: Option<usize>) -> (Vector<Hlc>, bool) {
    let Some(quota) = quota else { return (Vector::new(), true) };
    let mut recent = prev.map(|prev| prev.recent.clone()).unwrap_or_default();
    recent.push_back(at);
    let mut earlier = None;
    while recent.len() > quota {
        earlier = recent.pop_front();
    }
    (recent, earlier.is_none_or(|earlier| at.0.saturating_sub(earlier.0) >= HOUR_MS << 16))
}

const HOUR_MS: u64 = 3_600_000;
