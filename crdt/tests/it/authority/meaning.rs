//! What a set of ops means, as the model says it.

use super::fact::{OpNo, Person, Set};
use super::succession::DeviceNo;
use std::collections::{BTreeMap, BTreeSet};

/// What a set means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) name: String,
    /// Rank and permissions.
    pub(crate) roles: BTreeMap<OpNo, (u64, u64)>,
    pub(crate) assigned: BTreeMap<Person, Vec<OpNo>>,
    pub(crate) winner: BTreeMap<Person, OpNo>,
    /// The moves that rule roles' ranks.
    pub(crate) moves: BTreeMap<OpNo, OpNo>,
    /// Locks on the one channel, and when each was opened.
    pub(crate) locks: BTreeMap<OpNo, Option<u64>>,
    /// The word on how long messages are kept, in the whole guild and in the one channel.
    pub(crate) kept: BTreeMap<bool, OpNo>,
    /// Words that take away all that somebody said: of whom, and up to when.
    pub(crate) erased: BTreeMap<OpNo, (Person, u64)>,
    /// Whose voice, or hearing, was taken.
    pub(crate) silenced: BTreeSet<(Person, bool)>,
    /// Places that tighter cuts name, by the removal.
    pub(crate) tightened: BTreeMap<OpNo, BTreeSet<u64>>,
    /// Ended devices.
    pub(crate) ended: BTreeSet<(Person, DeviceNo)>,
    /// Removals in force.
    pub(crate) kicks: BTreeMap<Person, Set>,
    pub(crate) bans: BTreeMap<Person, Set>,
    pub(crate) invites: Set,
    /// Whom timeouts keep from writing, from when to when, and when each was ended.
    pub(crate) pauses: BTreeMap<OpNo, (Person, u64, u64, Option<u64>)>,
    pub(crate) everyone: u64,
    pub(crate) rules: u32,
}
