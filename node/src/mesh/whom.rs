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
/// people they talk to; of a guild that the last from here has left, while what they wrote there waits (`left`). Where none of a
/// guild's relays answers (`down`), those on which its owners live: there one learns what took their place. A relay dials for
/// its own people, and never itself. At most [`RELAYS_MAX`]: first what a node's people use themselves, then what most spaces
/// need.
pub(super) fn relays(
    role: Role,
    view: &View,
    left: &BTreeSet<SpaceId>,
    down: &BTreeSet<String>,
) -> BTreeSet<String> {
    let spaces: BTreeSet<&SpaceId> = view.guilds_of.values().flatten().chain(left).collect();
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
    let homes = |users: &'a [UserId]| {
        let users = users.iter().filter_map(|user| view.users.get(user));
        users.filter(|user| user.hosted).flat_map(|user| user.relays.iter())
    };
    match guild.facts.kind {
        SpaceKind::Conversation => {
            let people = guild.members.keys().filter_map(|user| view.users.get(user));
            people.flat_map(|user| user.relays.iter()).collect()
        }
        SpaceKind::Guild => {
            let named: BTreeSet<&String> = guild.relays.iter().collect();
            let lost = !named.is_empty() && named.iter().all(|url| down.contains(*url));
            if lost { named.into_iter().chain(homes(&guild.ownership.owners)).collect() } else { named }
        }
    }
}

/// Whether a guild that is held here named a relay, now or before.
pub(super) fn was_named(view: &View, url: &str) -> bool {
    view.guilds.values().any(|guild| guild.relays_ever.contains(url))
}

/// Spaces that are held here, that nobody here is in, and that have relays which are not dialed anyway: a goodbye may wait for those.
pub(super) fn left(view: &View) -> BTreeSet<SpaceId> {
    let joined: BTreeSet<&SpaceId> = view.guilds_of.values().flatten().collect();
    let none = BTreeSet::new();
    let is_dialed_for = |guild: &GuildView| {
        of_space(view, guild, &none).into_iter().any(|url| !view.home_relays.contains(url))
    };
    let left = view.guilds.iter().filter(|(space, guild)| !joined.contains(space) && is_dialed_for(guild));
    left.map(|(space, _)| *space).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nexus_core::{Command, Reply};

    async fn made(node: &crate::Node, actor: Option<UserId>, command: Command) -> UserId {
        match node.command(actor, command).await {
            Ok(Reply::Created(id)) => UserId::from(id),
            other => panic!("{other:?}"),
        }
    }

    fn urls(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| format!("https://{name}.example")).collect()
    }

    #[tokio::test]
    async fn a_relay_dials_the_others_of_its_peoples_guilds_and_where_all_are_down_those_of_the_owners() {
        let folder = tempfile::tempdir().unwrap();
        let options = crate::Options { data: folder.path().to_owned(), disk_reserve: 0 };
        let node = crate::Node::open(options).unwrap();
        let own = String::from("https://own.example");
        node.command(None, Command::UseRelay { url: own }).await.unwrap();
        let ann = made(&node, None, Command::Host { name: String::from("Ann") }).await;
        let guild = made(&node, Some(ann), Command::CreateGuild { name: String::from("Den") }).await;
        let others = urls(&["own", "one", "two"]).into_iter().collect();
        let named = Command::SetRelays { guild: SpaceId(guild.0), urls: others };
        node.command(Some(ann), named).await.unwrap();
        let view = node.view();
        assert_eq!(relays(Role::Relay, &view, &BTreeSet::new(), &BTreeSet::new()), urls(&["one", "two"]));
        assert_eq!(
            relays(Role::Node, &view, &BTreeSet::new(), &BTreeSet::new()),
            urls(&["own", "one", "two"])
        );
        let moved =
            Command::SetRelays { guild: SpaceId(guild.0), urls: urls(&["one"]).into_iter().collect() };
        node.command(Some(ann), moved).await.unwrap();
        node.command(None, Command::LeaveRelay { url: String::from("https://own.example") }).await.unwrap();
        let view = node.view();
        assert_eq!(
            relays(Role::Node, &view, &BTreeSet::new(), &urls(&["one"])),
            urls(&["one"]),
            "nobody lives anywhere"
        );
        assert!(was_named(&view, "https://two.example") && !was_named(&view, "https://three.example"));
        node.command(None, Command::UseRelay { url: String::from("https://home.example") }).await.unwrap();
        let view = node.view();
        assert_eq!(
            relays(Role::Node, &view, &BTreeSet::new(), &urls(&["home", "one"])),
            urls(&["home", "one"])
        );
        node.stop().await;
    }
}
