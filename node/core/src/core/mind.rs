//! What a node knows but message history, in persistent maps: keeping the state of before costs nothing, so a
//! refused command leaves no trace.

use super::accounts::{Accounts, Spaces};
use super::sealing::Seals;
use crate::view::{User, View};
use imbl::OrdMap;
use nexus_crdt::guild::{Channel, Guild, GuildView};
use nexus_crdt::id::{ChannelId, DeviceKey, SpaceId, StreamId, UserId};
use nexus_crdt::identity::Account;
use nexus_crypto::SecretKey;
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
pub(super) struct Mind {
    pub(super) view: View,
    pub(super) accounts: Accounts,
    pub(super) guilds: OrdMap<SpaceId, Arc<Guild>>,
    /// Where an account has written: what its devices' change may turn.
    pub(super) writes_in: OrdMap<UserId, Spaces>,
    pub(super) keyring: Keyring,
}

/// The secrets of this node's accounts.
#[derive(Clone, Debug, Default)]
pub(super) struct Keyring {
    pub(super) identities: OrdMap<UserId, Arc<SecretKey>>,
    pub(super) devices: OrdMap<UserId, Arc<SecretKey>>,
    /// A recovery key that was used: it opens what was handed to it before.
    pub(super) spent: OrdMap<UserId, Arc<SecretKey>>,
    /// The public halves of the recovery keys that lie here.
    pub(super) recoveries: OrdMap<UserId, DeviceKey>,
    /// What notes are sealed under.
    pub(super) seals: OrdMap<UserId, Arc<Seals>>,
}

impl Mind {
    /// What is shown of an account.
    pub(super) fn shown(&self, user: &UserId) -> Option<User> {
        let shown = match self.as_settled(user) {
            Some(account) => User::of(&account),
            None => User::of(self.accounts.get(user)?),
        };
        let contenders = match self.accounts.rotated(user).filter(|_| shown.contested) {
            Some(identity) => identity.contenders().into_iter().collect(),
            None => Arc::default(),
        };
        Some(User { contenders, ..shown })
    }

    /// Somebody writes in a space.
    pub(super) fn let_in(&mut self, user: UserId, space: SpaceId) {
        self.writes_in.entry(user).or_default().insert(space);
        self.view.let_in.entry(space).or_default().insert(user);
    }

    /// An account as some guild here has settled it. What one guild settled decides nothing in another: this is for who is
    /// shown, and for whom another program speaks.
    pub(super) fn as_settled(&self, user: &UserId) -> Option<Account> {
        let identity = self.accounts.rotated(user).filter(|identity| identity.account().contested)?;
        let spaces = self.writes_in.get(user)?.iter();
        let rotation = spaces.filter_map(|space| self.guilds.get(space)?.settled(user)).next()?;
        identity.settled(&rotation).map(|succession| succession.account)
    }
}

/// The channel whose messages a stream holds, while it is there.
pub(crate) fn channel_of<'a>(guild: &'a GuildView, stream: &StreamId) -> Option<&'a Channel> {
    let (mut low, mut high) = ([0; 32], [255; 32]);
    low[..16].copy_from_slice(&stream.0);
    high[..16].copy_from_slice(&stream.0);
    guild.channels.range(ChannelId(low)..=ChannelId(high)).next().map(|(_, channel)| channel)
}
