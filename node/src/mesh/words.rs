//! How a program stands with others, in words and numbers for people.

use super::{LinkStatus, Network, RelayState, Road};
use crate::status::{PeerStatus, RelayStatus};
use nexus_core::PeerKey;
use nexus_core::sync::Facts;
use nexus_core::sync::frame::Role;

pub(super) fn in_numbers(peer: PeerKey, link: LinkStatus) -> PeerStatus {
    let Facts { skew_ms, giving, behind, taking, catching_up, refused, .. } = link.facts;
    PeerStatus {
        peer_key: hex::encode(peer.0),
        relay: link.relay,
        road: link.road.word().to_owned(),
        since_ms: link.since_ms,
        clock_skew_ms: skew_ms,
        giving,
        behind,
        taking,
        catching_up,
        refused: refused.into_iter().map(|(space, code)| (space.to_hex(), code)).collect(),
    }
}

/// `links`: those that are up.
pub(super) fn relay_status(url: String, state: RelayState, links: &[PeerStatus]) -> RelayStatus {
    let (state, why, next_try_ms) = match state {
        RelayState::Connected => ("connected", None, None),
        RelayState::Connecting => ("connecting", None, None),
        RelayState::Failing { why, next_ms } => ("failing", Some(why), Some(next_ms)),
    };
    let link = links.iter().find(|link| link.relay.as_ref() == Some(&url));
    let road = link.map(|link| link.road.clone());
    RelayStatus { url, state: state.to_owned(), road, why, next_try_ms }
}

/// How many nodes it is with. A stranger is none of them, and neither is who is reached through a relay's circuit.
pub(super) fn direct(links: &[PeerStatus]) -> usize {
    nodes(links).filter(|link| link.road != Road::Circuit.word()).count()
}

fn nodes(links: &[PeerStatus]) -> impl Iterator<Item = &PeerStatus> {
    links.iter().filter(|link| link.relay.is_none() && link.giving + link.taking > 0)
}

/// `line` of [`crate::status::MeshStatus`].
pub(super) fn in_words(
    role: Role,
    network: Network,
    links: &[PeerStatus],
    relays: &[RelayStatus],
    waiting: u64,
) -> String {
    if role == Role::Relay {
        return format!("a relay with {} links", links.len()) + &clock_in_words(links);
    }
    let through: Vec<String> = links.iter().filter_map(through).collect();
    let direct = direct(links);
    let peers = if direct == 1 { "1 peer" } else { &format!("{direct} peers") };
    let ways = match (through.is_empty(), direct) {
        (true, 0) if relays.is_empty() && network == Network::RelayOnly => {
            return String::from("by itself: it uses no relay");
        }
        (true, 0) => return format!("offline: {waiting} waiting"),
        (true, _) if network == Network::Direct => format!("direct to {peers}"),
        (true, _) => format!("LAN only: direct to {peers}"),
        (false, 0) => format!("through relay {}", through.join("; ")),
        (false, _) => format!("direct to {peers}, through relay {}", through.join("; ")),
    };
    let ways = match nodes(links).count() - direct {
        0 => ways,
        1 => format!("{ways}, to 1 peer by circuit"),
        peers => format!("{ways}, to {peers} peers by circuit"),
    };
    let line = match links.iter().map(|link| link.catching_up).sum::<usize>() {
        0 if waiting > 0 => format!("{ways}, {waiting} waiting"),
        0 => ways,
        _ => format!("syncing {ways}"),
    };
    line + &clock_in_words(links)
}

fn through(link: &PeerStatus) -> Option<String> {
    let road = Road::of_word(&link.road).map_or_else(String::new, |road| format!(", by {road}"));
    link.relay.as_ref().map(|relay| format!("{relay}{road}"))
}

fn clock_in_words(links: &[PeerStatus]) -> String {
    let skewed = links.iter().map(|link| link.clock_skew_ms).find(|skew| skew.unsigned_abs() > SKEW_MAX_MS);
    skewed.map_or_else(String::new, |skew| {
        let way = if skew > 0 { "behind" } else { "ahead of" };
        format!("; this clock is {} s {way} theirs", skew.unsigned_abs() / 1_000)
    })
}

/// How far clocks may be apart before it is said: beyond it, what is written here waits elsewhere.
const SKEW_MAX_MS: u64 = 120_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn link(relay: Option<&str>, taking: usize, catching_up: usize) -> PeerStatus {
        PeerStatus {
            peer_key: String::new(),
            relay: relay.map(str::to_owned),
            road: Road::WebSocket.word().to_owned(),
            since_ms: 0,
            clock_skew_ms: 0,
            giving: 0,
            behind: 0,
            taking,
            catching_up,
            refused: Vec::new(),
        }
    }

    #[test]
    fn each_way_of_standing_with_others_has_its_words() {
        let relay = [relay_status(String::from("https://a.example"), RelayState::Connecting, &[])];
        let line = |network, links: &[PeerStatus], relays: &[RelayStatus], waiting| {
            in_words(Role::Node, network, links, relays, waiting)
        };
        let (through, near) = (link(Some("https://a.example"), 1, 0), link(None, 2, 0));
        let said = [
            line(Network::RelayOnly, &[], &[], 0),
            line(Network::Lan, &[], &[], 2),
            line(Network::RelayOnly, &[], &relay, 3),
            line(Network::Lan, &[link(None, 0, 0)], &relay, 0),
            line(Network::Lan, std::slice::from_ref(&near), &relay, 0),
            line(Network::Lan, &[near.clone(), near.clone()], &[], 1),
            line(Network::Lan, &[near, through.clone()], &relay, 0),
            line(Network::RelayOnly, &[link(Some("https://a.example"), 3, 2)], &relay, 4),
            line(Network::RelayOnly, &[PeerStatus { clock_skew_ms: -200_000, ..through }], &relay, 0),
        ];
        assert_eq!(
            said,
            [
                "by itself: it uses no relay",
                "offline: 2 waiting",
                "offline: 3 waiting",
                "offline: 0 waiting",
                "LAN only: direct to 1 peer",
                "LAN only: direct to 2 peers, 1 waiting",
                "direct to 1 peer, through relay https://a.example, by WebSocket",
                "syncing through relay https://a.example, by WebSocket",
                "through relay https://a.example, by WebSocket; this clock is 200 s ahead of theirs",
            ]
        );
    }
}
