//! What a node writes by itself where an account changed hands: an owner's checkpoint that cites it, after which whoever
//! kept the old key signs nothing that counts in the guild (`crdt/docs/claim.md`).

use super::{Authored, Halt, Place, Turn, deps, tenure_of};
use crate::store::{LogId, StoreFault};
use nexus_crdt::body::governance::{Checkpoint, SpaceKind};
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, StreamId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op;

impl Turn<'_> {
    /// Settles, in the guilds whose owner is here and that changed since it was last done, which members changed hands. One
    /// that is contested is left to people: a node cannot know which of two keys is the right one.
    pub(in super::super) fn settle_rotations(&mut self) -> Result<(), StoreFault> {
        let mut left = SETTLED_AT_ONCE;
        while left > 0 {
            let Some(space) = self.core.unsettled.pop_first() else { return Ok(()) };
            let Some((owner, rotation)) = self.next_to_settle(&space) else { continue };
            left -= 1;
            match self.settle_one(owner, space, rotation) {
                // There may be more: writing it has put the guild back in line.
                Ok(_) | Err(Halt::Refused(_) | Halt::Caught(_)) => {}
                Err(Halt::Fault(fault)) => return Err(fault),
            }
        }
        Ok(())
    }

    /// An owner who is here, and the IdRotate of a member that no checkpoint cites.
    fn next_to_settle(&self, space: &SpaceId) -> Option<(UserId, OpId)> {
        let mind = &self.core.mind;
        let guild = mind.guilds.get(space)?;
        let view = guild.view();
        if view.facts.kind != SpaceKind::Guild || !view.beyond_rules.is_empty() {
            return None;
        }
        let owner = *view.facts.owners.iter().find(|owner| self.signs_for(owner))?;
        let mut members = view.members.keys();
        let rotation = members.find_map(|user| {
            let identity = mind.accounts.rotated(user)?;
            let reign = identity.reign();
            let due = UserId::from(reign) != *user
                && !identity.account().contested
                && guild.settled(user) != Some(reign)
                && !guild.cites(&reign);
            due.then_some(reign)
        })?;
        Some((owner, rotation))
    }

    fn settle_one(&mut self, owner: UserId, space: SpaceId, rotation: OpId) -> Authored<OpId> {
        let actor = self.actor(Some(owner))?;
        let guild = self.guild_of(&actor, &space)?;
        let (tenure, stream) = (tenure_of(guild.view(), &owner)?, StreamId::GOVERNANCE);
        let log = LogId { space, stream, device: DeviceKey::from(actor.key.public()), tenure };
        let deps = deps(&guild, self.head(&log)?);
        let body = Checkpoint { height: guild.view().height + 1, gov_hash: guild.gov_hash() };
        let place = Place { space, stream, tenure, kind: Kind::Checkpoint, deps, target: Some(rotation) };
        self.write_if_permitted(&actor, &guild, place, op::open_body(&body))
    }
}

/// Checkpoints that one turn writes.
const SETTLED_AT_ONCE: usize = 16;
