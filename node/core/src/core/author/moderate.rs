//! Words on people that are taken back, and why things were done.

use super::member::{CUT_MAX, REASON_MAX};
use super::{Actor, Authored, Turn, within};
use crate::command::refusal::{Refusal, Thing};
use crate::command::{Command, Reply};
use nexus_crdt::body::governance::{Erase, PAUSE_MAX_MS, Reason, Silence, SpaceKind, Timeout};
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

    /// Takes somebody's voice and hearing in voice channels, or gives them back. A word that changes nothing is not written.
    pub(super) fn silence(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        user: UserId,
        (muted, deafened): (Option<bool>, Option<bool>),
    ) -> Authored<()> {
        let held = self.guild_of(actor, &guild)?;
        let now = held.view().silenced.get(&user).copied().unwrap_or_default();
        let muted = muted.filter(|muted| *muted != now.muted);
        let deafened = deafened.filter(|deafened| *deafened != now.deafened);
        if muted.is_some() || deafened.is_some() {
            self.govern(actor, guild, Kind::Silence, &Silence { user, muted, deafened })?;
        }
        Ok(())
    }

    /// Takes away all that somebody said in a guild up to now.
    pub(super) fn erase_said(&mut self, actor: &Actor, space: SpaceId, user: UserId) -> Authored<Reply> {
        let guild = self.guild_of(actor, &space)?;
        if guild.view().facts.kind == SpaceKind::Conversation {
            return Err(Refusal::Invalid { field: "guild", reason: "a conversation is no guild" }.into());
        }
        self.core.mind.accounts.get(&user).ok_or(Refusal::Unknown(Thing::User))?;
        let upto = self.core.clock.max(Hlc::from_ms(self.now_ms));
        self.govern(actor, space, Kind::Erase, &Erase { user, upto })?;
        Ok(Reply::Done)
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
