//! Words on people that pass, and why things were done.

use super::member::{CUT_MAX, REASON_MAX};
use super::{Actor, Authored, Turn, within};
use crate::command::refusal::Refusal;
use crate::command::{Command, Reply};
use nexus_crdt::body::governance::{PAUSE_MAX_MS, Reason, Timeout};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, SpaceId, UserId};
use nexus_crdt::kind::Kind;

impl Turn<'_> {
    /// A time that is over ends a timeout, as none does. A word that changes nothing is not written.
    pub(super) fn time_out(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        user: UserId,
        until_ms: Option<u64>,
    ) -> Authored<()> {
        let view = self.guild_of(actor, &guild)?.view().clone();
        let until_ms = until_ms.filter(|until| *until > self.now_ms);
        if until_ms.is_some_and(|until| until - self.now_ms > PAUSE_MAX_MS) {
            let field = "communication_disabled_until";
            return Err(Refusal::Invalid { field, reason: "at most 28 days from now" }.into());
        }
        let until = until_ms.map(Hlc::from_ms);
        let now = self.core.clock.max(Hlc::from_ms(self.now_ms));
        let pauses = view.timeouts.get(&user).into_iter().flatten();
        let running: Vec<_> = pauses.filter(|(_, pause)| pause.end() > now).collect();
        if running.iter().map(|(_, pause)| pause.end()).max() == until {
            return Ok(());
        }
        let mut ends: Vec<OpId> = running.into_iter().map(|(id, _)| *id).collect();
        ends.truncate(CUT_MAX);
        let reason = self.reason.clone().unwrap_or_default();
        self.govern(actor, guild, Kind::Timeout, &Timeout { user, until, ends, reason, filter: None })?;
        Ok(())
    }

    /// Carries another command out, and says why.
    pub(super) fn because(&mut self, actor: &Actor, reason: String, command: Command) -> Authored<Reply> {
        within("reason", &reason, 0, REASON_MAX)?;
        self.reason = Some(reason).filter(|reason| !reason.is_empty());
        self.carry_out(Some(actor.user), command)
    }

    /// Follows an act of governance with the reason that was given for it, where it has no place for one itself.
    pub(super) fn give_reason(
        &mut self,
        actor: &Actor,
        space: SpaceId,
        kind: Kind,
        of: OpId,
    ) -> Authored<()> {
        if matches!(kind, Kind::Kick | Kind::Ban | Kind::Timeout | Kind::GuildDeviceRevoke) {
            return Ok(());
        }
        let Some(text) = self.reason.clone() else { return Ok(()) };
        self.govern_unexplained(actor, space, Kind::Reason, &Reason { of, text })?;
        Ok(())
    }
}
