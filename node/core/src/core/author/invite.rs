//! Invites: whoever is shown the code can sign a join.

use super::super::entropy::Purpose;
use super::{Actor, Authored, Turn};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use crate::invite::InviteCode;
use crate::store::{Record, Secret};
use nexus_crdt::body::governance::{InviteKey, InviteRevoke};
use nexus_crdt::body::membership::Join;
use nexus_crdt::guild::join_transcript;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, OpId, SpaceId, Tenure};
use nexus_crdt::kind::Kind;
use nexus_crypto::SecretKey;

impl Turn<'_> {
    pub(super) fn create_invite(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        max_age_s: u32,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        let code = InviteCode::new(self.entropy.draw(Purpose::InviteCode));
        let expires = match max_age_s {
            0 => None,
            age => Some(Hlc::from_ms(self.now_ms.saturating_add(u64::from(age) * 1_000))),
        };
        let body = InviteKey { admission: code.admission_key(), expires, channel };
        let invite = self.govern(actor, guild.view().facts.id, Kind::InviteKey, &body)?;
        self.keep_code(invite, code);
        Ok(Reply::Created(invite))
    }

    pub(super) fn revoke_invite(&mut self, actor: &Actor, guild: SpaceId, invite: OpId) -> Authored<Reply> {
        if !self.guild_of(actor, &guild)?.view().invites.contains_key(&invite) {
            return Err(Refusal::Unknown(Thing::Invite).into());
        }
        self.govern(actor, guild, Kind::InviteRevoke, &InviteRevoke { invite })?;
        Ok(Reply::Done)
    }

    pub(super) fn join(&mut self, actor: &Actor, code: InviteCode) -> Authored<Reply> {
        let unknown = Refusal::Unknown(Thing::Invite);
        let (view, shown) = self.core.mind.view.invite(code).ok_or_else(|| unknown.clone())?;
        let (space, invite) = (view.facts.id, shown.id);
        if view.members.contains_key(&actor.user) {
            return Ok(Reply::Created(space.into()));
        }
        if view.is_banned(&actor.user) {
            return Err(Refusal::Banned.into());
        }
        if shown.expires.is_some_and(|end| end.ms() < self.now_ms) {
            return Err(unknown.into());
        }
        if self.now_ms < view.settings.invites_paused_until {
            return Err(Refusal::InvitesPaused.into());
        }
        self.keep_code(invite, code);
        self.enter(actor, space, invite, &code.admission())?;
        Ok(Reply::Created(space.into()))
    }

    fn keep_code(&mut self, invite: OpId, code: InviteCode) {
        if self.core.mind.view.invite_codes.insert(invite, code).is_none() {
            self.write(Record::Secret(Secret::InviteCode(invite, code)));
        }
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
        self.know_of_nothing_said(&actor.user, space)?;
        Ok(())
    }
}
