//! Every account known here. What follows from an account's ops is held in memory, the ops themselves are not: few accounts change on a
//! day, and who is in a guild of a hundred thousand people is asked all the time. They are read from the store where one more comes.
//! Only an account whose key was ever rotated keeps its ops here: whoever cites a rotation of it is judged by them.

use super::Core;
use super::load::identity_in;
use super::turn::Turn;
use crate::store::StoreFault;
use imbl::{OrdMap, OrdSet};
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, UserId};
use nexus_crdt::identity::{Account, Identity, People, Succession};
use std::sync::Arc;

/// Every account known here.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts(OrdMap<UserId, Held>);

#[derive(Clone, Debug)]
enum Held {
    /// What follows from its ops, none of which rotates its key.
    Folded(Arc<Account>),
    /// With its ops.
    Whole(Arc<Identity>),
}

/// The spaces that somebody has written in. Most people's are few, and a set takes room for sixteen.
#[derive(Clone, Debug)]
pub(super) enum Spaces {
    /// Ascending.
    Few(Arc<[SpaceId]>),
    Many(OrdSet<SpaceId>),
}

impl Accounts {
    pub(super) fn get(&self, user: &UserId) -> Option<&Account> {
        self.0.get(user).map(Held::account)
    }

    pub(super) fn has(&self, user: &UserId) -> bool {
        self.0.contains_key(user)
    }

    /// An account whose key was rotated, with its ops.
    pub(super) fn rotated(&self, user: &UserId) -> Option<&Arc<Identity>> {
        match self.0.get(user)? {
            Held::Whole(identity) => Some(identity),
            Held::Folded(_) => None,
        }
    }

    pub(super) fn users(&self) -> impl Iterator<Item = &UserId> {
        self.0.keys()
    }

    /// Keeps an account as its ops say. `rotates`: one of them that has come now rotates its key.
    pub(super) fn keep(&mut self, user: UserId, identity: &Arc<Identity>, rotates: bool) {
        let held = match rotates || self.rotated(&user).is_some() {
            true => Held::Whole(identity.clone()),
            false => Held::Folded(Arc::new(identity.account().clone())),
        };
        self.0.insert(user, held);
    }
}

impl People for Accounts {
    fn certifies(&self, user: &UserId, device: &DeviceKey, at: Hlc) -> bool {
        self.get(user).is_some_and(|account| account.certifies(device, at))
    }

    fn settled(&self, user: &UserId, rotation: &OpId) -> Option<Succession> {
        self.rotated(user)?.settled(rotation)
    }

    fn class(&self, user: &UserId) -> Option<AccountClass> {
        self.get(user).map(|account| account.class)
    }
}

impl Held {
    fn account(&self) -> &Account {
        match self {
            Self::Folded(account) => account,
            Self::Whole(identity) => identity.account(),
        }
    }
}

impl Turn<'_> {
    /// An account with its ops, this turn's included; none where it is not known here.
    pub(super) fn identity(&self, user: &UserId) -> Result<Option<Arc<Identity>>, StoreFault> {
        let Core { mind, identities, .. } = &*self.core;
        let known = self.identities.get(user).or_else(|| mind.accounts.rotated(user));
        match known.or_else(|| identities.get(user)) {
            Some(identity) => Ok(Some(identity.clone())),
            None if !mind.accounts.has(user) => Ok(None),
            None => identity_in(&self.store, user).map(Some),
        }
    }
}

impl Default for Spaces {
    fn default() -> Self {
        Self::Few(Arc::default())
    }
}

impl Spaces {
    pub(super) fn insert(&mut self, space: SpaceId) {
        match self {
            Self::Few(few) => match few.binary_search(&space) {
                Ok(_) => {}
                Err(_) if few.len() >= FEW => {
                    *self = Self::Many(few.iter().copied().chain([space]).collect());
                }
                Err(at) => *few = [&few[..at], &[space], &few[at..]].concat().into(),
            },
            Self::Many(many) => drop(many.insert(space)),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &SpaceId> {
        let (few, many) = match self {
            Self::Few(few) => (Some(few), None),
            Self::Many(many) => (None, Some(many)),
        };
        few.into_iter().flat_map(|few| few.iter()).chain(many.into_iter().flatten())
    }
}

/// Spaces that are held without a set.
const FEW: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_spaces_and_many_are_each_there_once_and_in_order() {
        let mut spaces = Spaces::default();
        for number in [7, 3, 9, 3, 1, 7].into_iter().chain(10..40).chain(10..40) {
            spaces.insert(SpaceId([number; 32]));
        }
        let numbers: Vec<u8> = spaces.iter().map(|space| space.0[0]).collect();
        assert_eq!(numbers, [1, 3, 7, 9].into_iter().chain(10..40).collect::<Vec<u8>>());
    }
}
