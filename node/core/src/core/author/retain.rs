//! How long messages are kept.

use super::{Actor, Authored, Turn};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use nexus_crdt::body::governance::{RETENTION_DAYS_MAX, Retention};
use nexus_crdt::id::{ChannelId, SpaceId};
use nexus_crdt::kind::Kind;

impl Turn<'_> {
    pub(super) fn set_retention(
        &mut self,
        actor: &Actor,
        space: SpaceId,
        channel: Option<ChannelId>,
        days: Option<u32>,
    ) -> Authored<Reply> {
        let guild = self.guild_of(actor, &space)?;
        let view = guild.view();
        if channel.is_some_and(|channel| !view.channels.contains_key(&channel)) {
            return Err(Refusal::Unknown(Thing::Channel).into());
        }
        if days.is_some_and(|days| days > RETENTION_DAYS_MAX) {
            return Err(Refusal::Invalid { field: "days", reason: "at most 3650" }.into());
        }
        let days = if channel.is_none() { Some(days.unwrap_or(0)) } else { days };
        let said = view.retention.get(&channel).map(|kept| kept.days);
        let unsaid = if channel.is_none() { Some(0) } else { None };
        if said.unwrap_or(unsaid) == days {
            return Ok(Reply::Done);
        }
        let gone = match &channel {
            Some(channel) => view.gone_before(channel, self.now_ms),
            None => view.gone_in_guild_before(self.now_ms),
        };
        self.govern(actor, space, Kind::Retention, &Retention { channel, days, gone })?;
        Ok(Reply::Done)
    }
}
