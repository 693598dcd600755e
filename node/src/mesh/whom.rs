//! Which relays are dialed: decided from the view alone.

use nexus_core::View;
use nexus_core::sync::frame::Role;
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{SpaceId, UserId};
use std::collections::{BTreeMap, BTreeSet};

/// Relays that are dialed at the same time.
pub(super) const RELAYS_MAX: usize = 32;

/// The relays that a program's people need: those they use themselves, those of the guilds they are in, and those of the
/// people they talk to. Where none of a guild's relays answers (`down`), those on which its owners live: there one learns
/// what took their place. A relay dials for its own people, and never itself. At most [`RELAYS_MAX`]: first what a node's
/// people use themselves, then what most spaces need.
pub(super) fn relays(role: Role, view: &View, down: &BTreeSet<String>) -> BTreeSet<String> {
    let spaces: BTreeSet<&SpaceId> = view.guilds_of.values().flatten().collect();
    let mut needed: BTreeMap<&String, usize> = BTreeMap::new();
    for guild in spaces.into_iter().filter_map(|space| view.guilds.get(space)) {
        for url in of_space(view, guild, down) {
            *needed.entry(url).or_default() += 1;
        }
    }
    for own in &view.home_relays {
        match role {
            Role::Node => drop(needed.insert(own, usize::MAX)),
            Role::Relay => drop(needed.remove(own)),
        }
    }
    let mut needed: Vec<(&String, usize)> = needed.into_iter().collect();
    needed.sort_by_key(|(url, spaces)| (std::cmp::Reverse(*spaces), *url));
    needed.into_iter().take(RELAYS_MAX).map(|(url, _)| url.clone()).collect()
}

fn of_space<'a>(view: &'a View, guild: &'a GuildView, down: &BTreeSet<String>) -> BTreeSet<&'a String> {
    let homes = |users: &'a [UserId], housed: bool| {
        let users = users.iter().filter_map(|user| view.users.get(user));
        users.filter(move |user| user.hosted || !housed).flat_map(|user| user.relays.iter())
    };
    let owners = guild.facts.owners.as_slice();
    match guild.facts.kind {
        SpaceKind::Conversation => homes(owners, false).collect(),
        SpaceKind::Guild => {
            let named: BTreeSet<&String> = guild.relays.iter().collect();
            let lost = !named.is_empty() && named.iter().all(|url| down.contains(*url));
            if lost { named.into_iter().chain(homes(owners, true)).collect() } else { named }
        }
    }
}
