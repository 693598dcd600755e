//! What a run came to.

use nexus_crdt::id::OpId;
use std::collections::BTreeMap;

/// Of honest nodes alone.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Figures {
    /// Of every message at every honest node: those that were heard, in a million.
    pub heard_ppm: u64,
    /// The longest of the shortest ways from publishers over honest nodes, ms; none where there is no way.
    pub diameter_ms: Option<u64>,
    /// By when 99 of 100 hearings could be at the soonest, ms, had everybody sent everything on over every link.
    pub flood_p99_ms: Option<u64>,
    /// From when it was said until it was heard, ms.
    pub p50_ms: u64,
    /// ..
    pub p99_ms: u64,
    /// The latest.
    pub last_ms: u64,
    /// Ops of messages that came, for each that was heard.
    pub copies: f64,
    /// Names of messages that came, for each that was heard.
    pub names: f64,
    /// Ops that were asked for by name, for each message that was heard.
    pub needed: f64,
    /// Bytes that came while people talked, for each message that was heard.
    pub bytes: f64,
    /// Links that an honest node ended.
    pub closed: u64,
    /// Links in all.
    pub links: usize,
}

/// What is counted on the way.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) copies: u64,
    pub(super) names: u64,
    pub(super) needed: u64,
    pub(super) bytes: u64,
    pub(super) closed: u64,
    /// How late each came that was said when its hearer was there: hearer, message.
    pub(super) late_ms: BTreeMap<(usize, OpId), u64>,
    /// Messages that should be heard ..
    pub(super) due: u64,
    /// .. and that are there in the end.
    pub(super) heard: u64,
}

impl Counts {
    /// .. of a mesh with so many links, whose honest part has that diameter and could be flooded by then.
    pub(super) fn figures(
        self,
        diameter_ms: Option<u64>,
        flood_p99_ms: Option<u64>,
        links: usize,
    ) -> Figures {
        let heard = self.heard;
        let mut late: Vec<u64> = self.late_ms.into_values().collect();
        late.sort_unstable();
        let at = |share: usize| late.get(late.len().saturating_sub(1) * share / 100).copied().unwrap_or(0);
        let each = |count: u64| count as f64 / heard.max(1) as f64;
        Figures {
            heard_ppm: heard * 1_000_000 / self.due.max(1),
            diameter_ms,
            flood_p99_ms,
            p50_ms: at(50),
            p99_ms: at(99),
            last_ms: at(100),
            copies: each(self.copies),
            names: each(self.names),
            needed: each(self.needed),
            bytes: each(self.bytes),
            closed: self.closed,
            links,
        }
    }
}
