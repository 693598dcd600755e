//! What was found when a relay was checked, for people: what was seen, and no more.

use super::{Shared, lock};
use crate::node_now_ms;
use crate::status::{GuildRelayStatus, ShortfallStatus};
use nexus_core::View;
use nexus_core::sync::{Lack, Shortfall};
use nexus_crdt::id::SpaceId;

impl Shared {
    /// What a relay lacks of a guild; none where nothing was found twice.
    pub(super) fn lacking(&self, view: &View, space: &SpaceId, url: &str) -> Option<GuildRelayStatus> {
        let audits = lock(&self.audits);
        let shortfall = audits.of(url, space)?;
        let guild = view.guilds.get(space)?;
        let channels =
            guild.channels.values().filter(|channel| shortfall.streams.contains(&channel.id.stream()));
        let named = |relay: &&str| guild.relays.iter().any(|named| named == relay);
        let status = ShortfallStatus {
            what: word(shortfall.what).to_owned(),
            ops: shortfall.ops,
            channels: channels.map(|channel| channel.name.clone()).collect(),
            since_ms: shortfall.since_ms,
            seen_ms: shortfall.seen_ms,
            whole: audits.whole(space).filter(named).map(str::to_owned).collect(),
        };
        let words = in_words(shortfall, &status, node_now_ms());
        Some(GuildRelayStatus {
            url: url.to_owned(),
            state: String::from("lacking"),
            words,
            shortfall: Some(status),
        })
    }
}

const fn word(what: Lack) -> &'static str {
    match what {
        Lack::Shown => "shown",
        Lack::Given => "given",
        Lack::Answered => "answered",
    }
}

fn in_words(shortfall: &Shortfall, status: &ShortfallStatus, now_ms: u64) -> String {
    let ops = if shortfall.ops == 1 { "1 op" } else { &format!("{} ops", shortfall.ops) };
    let place = match &status.channels[..] {
        [] => String::new(),
        channels => format!(" in #{}", channels.join(", #")),
    };
    let seen = match shortfall.what {
        Lack::Shown => format!("it does not show {ops}{place} that it said it has"),
        Lack::Given => format!("it says that it has {ops}{place} more than it gives"),
        Lack::Answered => String::from("it does not say what it has"),
    };
    let others = match &status.whole[..] {
        [] => String::new(),
        whole => format!("; {} showed everything", whole.join(", ")),
    };
    let (since, last) = (ago(shortfall.since_ms, now_ms), ago(shortfall.seen_ms, now_ms));
    format!("{seen}: seen {since} and again {last}{others}; members' own links bring what it does not")
}

fn ago(at_ms: u64, now_ms: u64) -> String {
    match now_ms.saturating_sub(at_ms) / 1_000 {
        seconds @ 0..120 => format!("{seconds} s ago"),
        seconds @ 120..7_200 => format!("{} min ago", seconds / 60),
        seconds => format!("{} h ago", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn said(what: Lack, ops: u64, channels: &[&str], whole: &[&str]) -> String {
        let owned = |all: &[&str]| all.iter().copied().map(str::to_owned).collect();
        let (since_ms, seen_ms) = (0, 3_600_000);
        let shortfall = Shortfall { what, ops, streams: BTreeSet::new(), since_ms, seen_ms };
        let (what, channels, whole) = (word(what).to_owned(), owned(channels), owned(whole));
        let status = ShortfallStatus { what, ops, channels, since_ms, seen_ms, whole };
        in_words(&shortfall, &status, 7_200_000)
    }

    #[test]
    fn people_are_told_what_was_seen_and_not_what_is_meant_by_it() {
        let words = [
            said(Lack::Shown, 3, &["general", "plans"], &["https://b.example"]),
            said(Lack::Given, 1, &["general"], &[]),
            said(Lack::Answered, 0, &[], &[]),
        ];
        assert_eq!(
            words,
            [
                "it does not show 3 ops in #general, #plans that it said it has: seen 2 h ago and again 60 min ago; \
                 https://b.example showed everything; members' own links bring what it does not",
                "it says that it has 1 op in #general more than it gives: seen 2 h ago and again 60 min ago; members' own \
                 links bring what it does not",
                "it does not say what it has: seen 2 h ago and again 60 min ago; members' own links bring what it does not",
            ]
        );
    }
}
