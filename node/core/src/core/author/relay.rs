//! Relays: which of them this node's people use, and what accounts and guilds say of it.

use super::{Actor, Authored, Turn};
use crate::command::Reply;
use crate::command::refusal::Refusal;
use crate::store::Record;
use nexus_crdt::body::Body;
use nexus_crdt::body::governance::Relays;
use nexus_crdt::body::identity::IdRelays;
use nexus_crdt::id::{DeviceKey, SpaceId, UserId};
use nexus_crdt::kind::Kind;

impl Turn<'_> {
    /// Naming the same one again catches up on what was left out: an account made or a guild founded since.
    pub(super) fn use_relay(&mut self, url: String) -> Authored<Reply> {
        let mut urls = self.home_relays();
        if !urls.contains(&url) {
            urls.push(url.clone());
        }
        check(&urls)?;
        if self.core.mind.view.home_relays.insert(url.clone()).is_none() {
            self.write(Record::HomeRelay(url));
        }
        self.name_home_relays_everywhere()
    }

    pub(super) fn leave_relay(&mut self, url: &str) -> Authored<Reply> {
        if self.core.mind.view.home_relays.remove(url).is_some() {
            self.write(Record::HomeRelayGone(url.to_owned()));
        }
        self.name_home_relays_everywhere()
    }

    pub(super) fn set_relays(&mut self, actor: &Actor, guild: SpaceId, urls: Vec<String>) -> Authored<Reply> {
        check(&urls)?;
        self.govern(actor, guild, Kind::Relays, &Relays { urls })?;
        Ok(Reply::Done)
    }

    /// The relays that this node's people use, ascending.
    pub(super) fn home_relays(&self) -> Vec<String> {
        self.core.mind.view.home_relays.iter().cloned().collect()
    }

    /// Lets an account say which relays are its home, where it says something else.
    pub(super) fn name_home_relays(&mut self, user: UserId) -> Authored<()> {
        let urls = self.home_relays();
        let said = self.core.mind.accounts.get(&user).map(|account| &account.relays);
        if said.is_some_and(|said| *said != urls) {
            self.attest(user, Kind::IdRelays, &IdRelays { urls })?;
        }
        Ok(())
    }

    fn name_home_relays_everywhere(&mut self) -> Authored<Reply> {
        let local: Vec<UserId> = self.core.mind.keyring.identities.keys().copied().collect();
        for user in local {
            self.name_home_relays(user)?;
        }
        let urls = self.home_relays();
        for (space, owner) in self.guilds_without_relay() {
            let actor = self.actor(Some(owner))?;
            self.govern(&actor, space, Kind::Relays, &Relays { urls: urls.clone() })?;
        }
        Ok(Reply::Done)
    }

    /// Whether the device that is here still writes for an account: one that was taken home may have revoked it.
    pub(super) fn signs_for(&self, user: &UserId) -> bool {
        let mind = &self.core.mind;
        let device = mind.keyring.devices.get(user).map(|key| DeviceKey::from(key.public()));
        let certified = mind.view.users.get(user).map(|user| &user.devices);
        device.zip(certified).is_some_and(|(device, certified)| certified.contains(&device))
    }

    /// Guilds that somebody here owns and that nobody has named a relay for.
    fn guilds_without_relay(&self) -> Vec<(SpaceId, UserId)> {
        let mind = &self.core.mind;
        if mind.view.home_relays.is_empty() {
            return Vec::new();
        }
        let bare = mind
            .view
            .guilds
            .values()
            .filter(|guild| guild.relays.is_empty() && guild.beyond_rules.is_empty());
        let owned = bare.filter_map(|guild| {
            let here = |owner: &&UserId| guild.is_owner(owner) && self.signs_for(owner);
            let owner = guild.ownership.owners.iter().find(here)?;
            guild.members.contains_key(owner).then_some((guild.facts.id, *owner))
        });
        owned.collect()
    }
}

fn check(urls: &[String]) -> Authored<()> {
    let body = Relays { urls: urls.to_vec() };
    let plain = urls.iter().all(|url| !url.ends_with('/'));
    if plain && body.check().is_ok() { Ok(()) } else { Err(NO_URL.into()) }
}

const NO_URL: Refusal =
    Refusal::Invalid { field: "relay", reason: "base URLs without a slash at the end, at most 8 of them" };
