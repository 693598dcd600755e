//! Words that reach back over what was written: a closed channel, an ended device, a tighter cut; and who owns a guild.

use super::member::{CUT_MAX, REASON_MAX};
use super::{Actor, Authored, Turn, within};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use nexus_crdt::body::governance::{CutEntry, CutTighten, GuildDeviceRevoke, Lock, SetOwners, SetRules};
use nexus_crdt::guild::RULES_VERSION;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, DeviceKey, OpId, SpaceId, UserId};
use nexus_crdt::kind::Kind;

impl Turn<'_> {
    /// Closes a channel to who may not manage its messages, from what is here on; or opens every lock on it.
    pub(super) fn lock_channel(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        locked: bool,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        let view = guild.view();
        let shown = view.channels.get(&channel).ok_or(Refusal::Unknown(Thing::Channel))?;
        if shown.is_locked() == locked {
            return Ok(Reply::Done);
        }
        let cut = locked.then(|| self.core.clock.max(Hlc::from_ms(self.now_ms)));
        let open = shown.locks.iter().filter(|(_, lock)| !locked && lock.opened.is_none());
        let opens: Vec<OpId> = open.map(|(lock, _)| *lock).take(CUT_MAX).collect();
        self.govern(actor, view.facts.id, Kind::Lock, &Lock { channel, cut, opens })?;
        Ok(Reply::Done)
    }

    /// Ends a device of a member in this guild; what of it is here stays.
    pub(super) fn revoke_device(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        user: UserId,
        device: DeviceKey,
        reason: String,
    ) -> Authored<Reply> {
        within("reason", &reason, 0, REASON_MAX)?;
        let view = self.guild_of(actor, &guild)?.view().clone();
        let account = self.core.mind.accounts.get(&user).ok_or(Refusal::Unknown(Thing::User))?;
        if !account.devices.contains_key(&device) {
            return Err(Refusal::Unknown(Thing::Device).into());
        }
        if user == actor.user && device == DeviceKey::from(actor.key.public()) {
            return Err(Refusal::Invalid { field: "device", reason: "it is the one that asks" }.into());
        }
        if view.ended_devices.contains_key(&(user, device)) {
            return Ok(Reply::Done);
        }
        let mut cut = self.cut(&guild, &user, 0)?;
        cut.retain(|line| line.device == device);
        let body = GuildDeviceRevoke { user, device, cut, reason };
        self.govern(actor, guild, Kind::GuildDeviceRevoke, &body)?;
        Ok(Reply::Done)
    }

    /// Keeps of what a removed person wrote only what is older than a time.
    pub(super) fn tighten_cut(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        user: UserId,
        keep_until_ms: u64,
    ) -> Authored<Reply> {
        let view = self.guild_of(actor, &guild)?.view().clone();
        let removal = view.removals.get(&user).and_then(|removals| removals.iter().next_back());
        let removal = removal.ok_or(Refusal::Unknown(Thing::Ban))?.op;
        let cut: Vec<CutEntry> = self.cut_at(&guild, &user, Hlc::from_ms(keep_until_ms))?;
        if !cut.is_empty() {
            self.govern(actor, guild, Kind::CutTighten, &CutTighten { user, removal, cut })?;
        }
        Ok(Reply::Done)
    }

    /// Votes for all owners from now on and for how many of them a quorum is. With a quorum of one it takes effect at
    /// once; else when as many owners have voted for the same.
    pub(super) fn set_owners(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        mut owners: Vec<UserId>,
        threshold: u32,
    ) -> Authored<Reply> {
        let view = self.guild_of(actor, &guild)?.view().clone();
        owners.sort_unstable();
        owners.dedup();
        let fits = usize::try_from(threshold).is_ok_and(|quorum| (1..=owners.len()).contains(&quorum));
        if !fits || owners.len() > OWNERS_MAX {
            let reason = "1 to 16 owners, of whom 1 to all are a quorum";
            return Err(Refusal::Invalid { field: "threshold", reason }.into());
        }
        if owners.iter().any(|owner| !view.members.contains_key(owner)) {
            return Err(Refusal::Unknown(Thing::Member).into());
        }
        let now = &view.ownership;
        if (&now.owners, now.threshold) == (&owners, threshold) {
            return Ok(Reply::Done);
        }
        if view.rules_version >= 2 && owners.len() >= 2 * usize::try_from(threshold).unwrap_or(usize::MAX) {
            let reason = "under the guild's rules a quorum is more than half of the owners";
            return Err(Refusal::Invalid { field: "threshold", reason }.into());
        }
        let body = SetOwners { base: now.change, owners, threshold };
        let said = view.votes.get(&body.change()).is_some_and(|vote| vote.by.contains(&actor.user));
        if !said {
            self.govern(actor, guild, Kind::SetOwners, &body)?;
        }
        Ok(Reply::Done)
    }

    /// Seals what is here, and has other rules hold from then on. Rules that are not carried here would leave the guild to
    /// who carries them: no command for that.
    pub(super) fn set_rules(&mut self, actor: &Actor, guild: SpaceId, rules_version: u32) -> Authored<Reply> {
        let held = self.guild_of(actor, &guild)?;
        let now = held.view();
        if rules_version == now.rules_version {
            return Ok(Reply::Done);
        }
        if !(now.rules_version..=RULES_VERSION).contains(&rules_version) {
            let reason = "rules go up only, and to those that this program carries";
            return Err(Refusal::Invalid { field: "rules_version", reason }.into());
        }
        let body = SetRules { height: now.height + 1, gov_hash: held.gov_hash(), rules_version };
        self.govern(actor, guild, Kind::SetRules, &body)?;
        Ok(Reply::Done)
    }
}

const OWNERS_MAX: usize = 16;
