//! Invites: a key made here signs the joins of who is shown it.

use super::super::entropy::Purpose;
use super::{Actor, Authored, Turn};
use crate::command::{Refusal, Reply, Thing};
use crate::store::{Record, Secret};
use nexus_crdt::body::governance::{InviteKey, InviteRevoke};
use nexus_crdt::body::membership::Join;
use nexus_crdt::guild::join_transcript;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, OpId, SpaceId, Tenure};
use nexus_crdt::kind::Kind;
use nexus_crypto::SecretKey;
use std::sync::Arc;

impl Turn<'_> {
    pub(super) fn create_invite(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        max_age_s: u32,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        let admission = SecretKey::from_seed(&self.entropy.draw(Purpose::AdmissionKey));
        let expires = match max_age_s {
            0 => None,
            age => Some(Hlc::from_ms(self.now_ms.saturating_add(u64::from(age) * 1_000))),
        };
        let body = InviteKey { admission: admission.public().into(), expires, channel };
        let invite = self.govern(actor, guild.view().facts.id, Kind::InviteKey, &body)?;
        self.write(Record::Secret(Secret::Invite(invite, admission.clone())));
        self.core.mind.keyring.invites.insert(invite, Arc::new(admission));
        Ok(Reply::Created(invite))
    }

    pub(super) fn revoke_invite(&mut self, actor: &Actor, guild: SpaceId, invite: OpId) -> Authored<Reply> {
        if !self.guild_of(actor, &guild)?.view().invites.contains_key(&invite) {
            return Err(Refusal::Unknown(Thing::Invite).into());
        }
        self.govern(actor, guild, Kind::InviteRevoke, &InviteRevoke { invite })?;
        Ok(Reply::Done)
    }

    pub(super) fn join(&mut self, actor: &Actor, space: SpaceId, invite: OpId) -> Authored<Reply> {
        let unknown = Refusal::Unknown(Thing::Invite);
        let guild = self.core.mind.guilds.get(&space).ok_or_else(|| unknown.clone())?;
        let view = guild.view();
        if view.members.contains_key(&actor.user) {
            return Ok(Reply::Created(space.into()));
        }
        if view.is_banned(&actor.user) {
            return Err(Refusal::Banned.into());
        }
        let shown = view.invites.get(&invite).ok_or_else(|| unknown.clone())?;
        if shown.expires.is_some_and(|end| end.ms() < self.now_ms) {
            return Err(unknown.into());
        }
        let admission = Arc::clone(self.core.mind.keyring.invites.get(&invite).ok_or(unknown)?);
        self.enter(actor, space, invite, &admission)?;
        Ok(Reply::Created(space.into()))
    }

    /// Joins by an invite whose key is at hand.
    pub(super) fn enter(
        &mut self,
        actor: &Actor,
        space: SpaceId,
        invite: OpId,
        admission: &SecretKey,
    ) -> Authored<()> {
        let proof = admission.sign(&join_transcript(&space, &actor.user)).0;
        let body = Join { user: actor.user, invite, proof };
        self.enroll(actor, space, Tenure::NONE, Kind::Join, &body)?;
        Ok(())
    }
}
