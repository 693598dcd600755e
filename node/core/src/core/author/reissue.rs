//! What a node writes by itself: an owner's checkpoints, and what a checkpoint left behind, said again.

use super::super::admit::Voided;
use super::Place;
use super::{Actor, Authored, Halt, Turn, deps, tenure_of};
use crate::change::Change;
use crate::store::{LogId, Store, StoreFault};
use nexus_crdt::body::governance::Checkpoint;
use nexus_crdt::guild::Guild;
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, StreamId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crdt::verdict::VoidReason;
use std::sync::Arc;

impl Turn<'_> {
    /// An owner's node seals what is not sealed: every 256 acts or day, and soon where a checkpoint left something
    /// behind. Not while something written here has reached nobody: then it may be alone, and others write meanwhile.
    pub(in super::super) fn seal_due(&mut self) -> Result<(), StoreFault> {
        let mind = &self.core.mind;
        let due = mind.guilds.iter().filter(|(_, guild)| is_due(guild, self.now_ms)).filter_map(
            |(space, guild)| {
                let here = |owner: &&UserId| mind.keyring.devices.contains_key(*owner);
                Some((*space, *guild.view().ownership.owners.iter().find(here)?))
            },
        );
        for (space, owner) in due.collect::<Vec<_>>() {
            if self.is_in_touch(&space)? {
                match self.checkpoint(owner, space) {
                    Ok(_) | Err(Halt::Refused(_) | Halt::Caught(_)) => {}
                    Err(Halt::Fault(fault)) => return Err(fault),
                }
            }
        }
        Ok(())
    }

    fn is_in_touch(&self, space: &SpaceId) -> Result<bool, StoreFault> {
        let mind = &self.core.mind;
        let alone = mind.guilds.get(space).is_some_and(|guild| {
            guild.view().members.keys().all(|member| mind.keyring.devices.contains_key(member))
        });
        Ok(alone || self.store.count(space)?.outbox == 0)
    }

    fn checkpoint(&mut self, owner: UserId, space: SpaceId) -> Authored<OpId> {
        let actor = self.actor(Some(owner))?;
        let guild = self.guild_of(&actor, &space)?;
        let body = Checkpoint { height: guild.view().height + 1, gov_hash: guild.gov_hash() };
        self.govern(&actor, space, Kind::Checkpoint, &body)
    }

    /// Says again what a checkpoint left behind of what was written here, where nobody has said otherwise meanwhile;
    /// of what else has come to nothing its author is told.
    pub(in super::super) fn say_again(&mut self) -> Result<(), StoreFault> {
        for voided in std::mem::take(&mut self.acts_voided) {
            let Some(stored) = self.store.op(&voided.op)? else { continue };
            let Some(kind) = stored.op.kind() else { continue };
            if voided.reason == VoidReason::Stale && self.is_said_again(&voided, &stored.op, kind)? {
                continue;
            }
            let Voided { space, op, author, reason } = voided;
            self.voided.push(Change::ActVoided { space, op, author, kind, reason });
        }
        Ok(())
    }

    fn is_said_again(&mut self, voided: &Voided, op: &Op, kind: Kind) -> Result<bool, StoreFault> {
        let Some(body) = op.body.as_ref().filter(|_| can_be_said_again(kind)) else { return Ok(false) };
        let Ok(actor) = self.actor(Some(voided.author)) else { return Ok(false) };
        if DeviceKey::from(actor.key.public()) != op.header.author {
            return Ok(false);
        }
        let bytes = body.bytes.clone();
        if self.is_repeated(op, &bytes)? {
            return Ok(true);
        }
        match self.repeat(&actor, voided, kind, bytes) {
            Ok(done) => Ok(done),
            Err(Halt::Refused(_) | Halt::Caught(_)) => Ok(false),
            Err(Halt::Fault(fault)) => Err(fault),
        }
    }

    fn repeat(&mut self, actor: &Actor, voided: &Voided, kind: Kind, body: Vec<u8>) -> Authored<bool> {
        let space = voided.space;
        let guild = self.guild_of(actor, &space)?;
        if !guild.is_uncontested(&voided.op) {
            return Ok(false);
        }
        let (tenure, stream) = (tenure_of(guild.view(), &actor.user)?, StreamId::GOVERNANCE);
        let log = LogId { space, stream, device: DeviceKey::from(actor.key.public()), tenure };
        let deps = deps(&guild, self.head(&log)?);
        let place = Place { space, stream, tenure, kind, deps, target: None };
        self.write_if_permitted(actor, &guild, place, body)?;
        Ok(true)
    }

    /// Whether a later op of the same log says the same: a restart says nothing twice.
    fn is_repeated(&self, op: &Op, body: &[u8]) -> Result<bool, StoreFault> {
        for entry in self.store.log_from(&LogId::of(op), op.header.seq + 1, usize::MAX)? {
            let later = self.store.op(&entry.op)?;
            let same = later.is_some_and(|later| {
                later.op.header.kind == op.header.kind
                    && later.op.body.as_ref().is_some_and(|other| other.bytes == body)
            });
            if same {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether an owner's node should make a checkpoint now.
fn is_due(guild: &Arc<Guild>, now_ms: u64) -> bool {
    let (unsealed, sealed_at) = guild.unsealed();
    let age_ms = now_ms.saturating_sub(sealed_at.ms());
    guild.view().beyond_rules.is_empty()
        && unsealed > 0
        && (unsealed >= UNSEALED_MAX || age_ms >= UNSEALED_MS || age_ms >= STALE_MS && guild.has_stale())
}

/// What makes a thing has given it its name: said again it would be a second one. The next checkpoint, which has seen
/// it, gives it back. Owners' words are never stale.
const fn can_be_said_again(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Genesis
            | Kind::RoleCreate
            | Kind::ChannelCreate
            | Kind::ThreadCreate
            | Kind::ForumCreate
            | Kind::MediaCreate
            | Kind::EmojiCreate
            | Kind::EventCreate
            | Kind::FilterCreate
            | Kind::InviteKey
            | Kind::Reason
            | Kind::Checkpoint
            | Kind::SetOwners
            | Kind::SetRules
    )
}

/// Acts of governance that wait for a checkpoint.
const UNSEALED_MAX: usize = 256;
/// .. and for how long one waits.
const UNSEALED_MS: u64 = 24 * 3_600_000;
/// .. where the last one left something behind.
const STALE_MS: u64 = 600_000;
