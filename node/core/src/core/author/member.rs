//! Members: their nicknames and roles, and their removal with a cut of what they wrote.

use super::{Actor, Authored, Turn, tenure_of, within};
use crate::command::Reply;
use crate::command::draft::MemberPatch;
use crate::command::refusal::{Refusal, Thing};
use crate::store::{LogEntry, LogId, Store};
use nexus_crdt::body::governance::{Ban, CutEntry, Kick, Unban};
use nexus_crdt::body::membership::Nick;
use nexus_crdt::guild::RemovalKind;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, SpaceId, UserId};
use nexus_crdt::kind::Kind;

impl Turn<'_> {
    pub(super) fn edit_member(
        &mut self,
        actor: &Actor,
        space: SpaceId,
        user: UserId,
        patch: MemberPatch,
    ) -> Authored<Reply> {
        let guild = self.guild_of(actor, &space)?;
        let member = guild.view().members.get(&user).ok_or(Refusal::Unknown(Thing::Member))?;
        if let Some(nick) = patch.nick {
            within("nick", &nick, 0, 32)?;
            if nick != member.nick.clone().unwrap_or_default() {
                let tenure = tenure_of(guild.view(), &actor.user)?;
                self.enroll(actor, space, tenure, Kind::Nick, &Nick { user, nick })?;
            }
        }
        if let Some(roles) = patch.roles {
            self.set_roles(actor, space, user, roles)?;
        }
        if let Some(until_ms) = patch.paused_until_ms {
            self.time_out(actor, space, user, until_ms)?;
        }
        self.silence(actor, space, user, (patch.muted, patch.deafened))?;
        Ok(Reply::Done)
    }

    pub(super) fn kick(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        user: UserId,
        reason: String,
    ) -> Authored<Reply> {
        within("reason", &reason, 0, REASON_MAX)?;
        if !self.guild_of(actor, &guild)?.view().members.contains_key(&user) {
            return Err(Refusal::Unknown(Thing::Member).into());
        }
        let cut = self.cut(&guild, &user, 0)?;
        self.govern(actor, guild, Kind::Kick, &Kick { user, cut, reason })?;
        Ok(Reply::Done)
    }

    pub(super) fn ban(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        user: UserId,
        reason: String,
        delete_s: u32,
    ) -> Authored<Reply> {
        within("reason", &reason, 0, REASON_MAX)?;
        if self.core.mind.accounts.get(&user).is_none() {
            return Err(Refusal::Unknown(Thing::User).into());
        }
        if self.guild_of(actor, &guild)?.view().is_banned(&user) {
            return Ok(Reply::Done);
        }
        let cut = self.cut(&guild, &user, delete_s)?;
        self.govern(actor, guild, Kind::Ban, &Ban { user, cut, reason })?;
        Ok(Reply::Done)
    }

    pub(super) fn unban(&mut self, actor: &Actor, guild: SpaceId, user: UserId) -> Authored<Reply> {
        let view = self.guild_of(actor, &guild)?.view().clone();
        let removals = view.removals.get(&user).into_iter().flatten();
        let mut bans: Vec<OpId> =
            removals.filter(|removal| removal.kind == RemovalKind::Ban).map(|removal| removal.op).collect();
        if bans.is_empty() {
            return Err(Refusal::Unknown(Thing::Ban).into());
        }
        bans.sort_unstable();
        bans.truncate(CUT_MAX);
        self.govern(actor, guild, Kind::Unban, &Unban { user, bans })?;
        Ok(Reply::Done)
    }

    /// What is kept of somebody: each of their channel logs up to where this node has it, less what they wrote
    /// in the last `delete_s`. Where there are more logs than a cut can name, the latest are named; the others
    /// keep what is no later than the removal.
    pub(super) fn cut(&mut self, space: &SpaceId, user: &UserId, delete_s: u32) -> Authored<Vec<CutEntry>> {
        let keep_until = match delete_s {
            0 => Hlc(u64::MAX),
            seconds => Hlc::from_ms(self.now_ms.saturating_sub(u64::from(seconds) * 1_000)),
        };
        self.cut_at(space, user, keep_until)
    }

    /// The same, by a time.
    pub(super) fn cut_at(
        &mut self,
        space: &SpaceId,
        user: &UserId,
        keep_until: Hlc,
    ) -> Authored<Vec<CutEntry>> {
        let mut kept: Vec<(Hlc, CutEntry)> = Vec::new();
        for log in self.logs_of(space, user)? {
            let Some(head) = self.head(&log)? else { continue };
            let last = self.last_until(&log, head, keep_until)?;
            kept.push((head.hlc, cut_entry(&log, last)));
        }
        kept.sort_unstable_by_key(|(hlc, _)| std::cmp::Reverse(*hlc));
        kept.truncate(CUT_MAX);
        let mut cut: Vec<CutEntry> = kept.into_iter().map(|(_, entry)| entry).collect();
        cut.sort_unstable();
        Ok(cut)
    }

    /// The last op of a log that was written no later than `until`, by halving: times rise along a log.
    fn last_until(&self, log: &LogId, head: LogEntry, until: Hlc) -> Authored<Option<LogEntry>> {
        if head.hlc <= until {
            return Ok(Some(head));
        }
        let (mut kept, mut beyond) = (None, head.seq);
        let mut low = 0;
        while low < beyond {
            let middle = low + (beyond - low) / 2;
            match self.store.log_at(log, middle)?.into_iter().next() {
                Some(entry) if entry.hlc <= until => {
                    kept = Some(entry);
                    low = middle + 1;
                }
                _ => beyond = middle,
            }
        }
        Ok(kept)
    }
}

/// Keeps a log up to `last`; a place no op has, where nothing is kept.
fn cut_entry(log: &LogId, last: Option<LogEntry>) -> CutEntry {
    let (seq, head) = last.map_or((0, OpId([0; 32])), |last| (last.seq, last.op));
    CutEntry { stream: log.stream, device: log.device, tenure: log.tenure, seq, head }
}

pub(super) const REASON_MAX: usize = 512;
/// Logs in a cut, and bans in an unban.
pub(super) const CUT_MAX: usize = 64;
