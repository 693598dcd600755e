//! How far each relay of a guild has it, for people.

use super::{Mesh, RelayState, lock};
use crate::status::GuildRelayStatus;
use nexus_core::sync::Facts;
use nexus_core::sync::frame::{RefuseCode, Role};
use nexus_crdt::id::SpaceId;

impl Mesh {
    /// The relays that a guild names, in their order, and how far each has it; none where the guild is not held here.
    #[must_use]
    pub fn relays_of(&self, space: &SpaceId) -> Vec<GuildRelayStatus> {
        let view = self.shared.node.view();
        let (relays, links) = (lock(&self.shared.relays), lock(&self.shared.links));
        let named = view.guilds.get(space).into_iter().flat_map(|guild| guild.relays.iter());
        named
            .map(|url| {
                let itself = self.shared.role == Role::Relay && view.home_relays.contains(url);
                let link = links.values().find(|slot| slot.status.relay.as_ref() == Some(url));
                let facts = link.map(|slot| &slot.status.facts);
                if itself {
                    return here(url);
                }
                let stands = stands(url, relays.get(url), facts, space);
                // A relay that does not have it yet lacks it for that reason.
                let is_full = stands.state == FILLED;
                let lacking = self.shared.lacking(&view, space, url).filter(|_| is_full);
                lacking.unwrap_or(stands)
            })
            .collect()
    }
}

const FILLED: &str = "filled";

fn here(url: &str) -> GuildRelayStatus {
    let (state, words) = (String::from("here"), String::from("this relay"));
    GuildRelayStatus { url: url.to_owned(), state, words, shortfall: None }
}

/// Where nobody dials, as in a stopped node's folder.
pub(crate) fn queued(url: &str) -> GuildRelayStatus {
    stands(url, None, None, &SpaceId::NONE)
}

fn stands(url: &str, state: Option<&RelayState>, facts: Option<&Facts>, space: &SpaceId) -> GuildRelayStatus {
    let refused = facts.and_then(|facts| facts.refused.iter().find(|(refused, _)| refused == space));
    let (state, words) = match (state, facts, refused) {
        (_, Some(_), Some((_, code))) => ("refused", refusal(*code).to_owned()),
        (_, Some(facts), None) if facts.full.contains(space) => {
            (FILLED, String::from("it has everything that is here and may be given it"))
        }
        (_, Some(_), None) => ("filling", String::from("not filled yet: it is being given what is here")),
        (Some(RelayState::Failing { why, .. }), None, _) => {
            ("not_reached", format!("not reached: {why}; what is written waits for it"))
        }
        _ => ("queued", String::from("not filled yet: it will be dialed")),
    };
    GuildRelayStatus { url: url.to_owned(), state: state.to_owned(), words, shortfall: None }
}

fn refusal(code: u32) -> &'static str {
    const CODES: [(RefuseCode, &str); 3] = [
        (RefuseCode::NotHosted, "it does not take this guild: it keeps none of strangers"),
        (RefuseCode::Quota, "it has no more room for this guild, or for guilds of these people"),
        (RefuseCode::Busy, "it is busy, and is asked again"),
    ];
    let known = CODES.iter().find(|(known, _)| *known as u32 == code);
    known.map_or("it does not take this guild from the people here", |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACE: SpaceId = SpaceId([1; 32]);
    const URL: &str = "https://relay.example";

    #[test]
    fn a_relay_counts_as_filled_only_once_it_has_said_so() {
        let failing = RelayState::Failing { why: String::from("nobody answers there"), next_ms: 0 };
        let facts = |full: bool, code| Facts {
            full: if full { vec![SPACE] } else { Vec::new() },
            refused: Option::map(code, |code: RefuseCode| (SPACE, code as u32)).into_iter().collect(),
            ..Facts::default()
        };
        let cases = [
            (None, None, "queued"),
            (Some(&RelayState::Connecting), None, "queued"),
            (Some(&failing), None, "not_reached"),
            (Some(&RelayState::Connected), Some(facts(false, None)), "filling"),
            (Some(&RelayState::Connected), Some(facts(true, None)), "filled"),
            (Some(&RelayState::Connected), Some(facts(false, Some(RefuseCode::NotHosted))), "refused"),
            (Some(&RelayState::Connected), Some(facts(true, Some(RefuseCode::Quota))), "refused"),
        ];
        for (state, facts, said) in cases {
            assert_eq!(stands(URL, state, facts.as_ref(), &SPACE).state, said, "{state:?}, {facts:?}");
        }
        assert_eq!(queued(URL).words, "not filled yet: it will be dialed");
        assert!(stands(URL, Some(&failing), None, &SPACE).words.contains("nobody answers there"));
    }
}
