//! Filters: made, edited and deleted, and asked before anything is said.

use super::{Actor, Authored, Turn, within};
use crate::command::{Refusal, Reply, Thing};
use nexus_crdt::body::governance::{FilterCreate, FilterDelete, FilterEdit, FilterFields, Trigger};
use nexus_crdt::guild::{GuildView, Said};
use nexus_crdt::id::{ChannelId, OpId, SpaceId};
use nexus_crdt::kind::Kind;

impl Turn<'_> {
    pub(super) fn make_filter(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        fields: FilterFields,
    ) -> Authored<Reply> {
        let view = self.guild_of(actor, &guild)?.view().clone();
        fits(&fields)?;
        let (like, max): (fn(&Trigger) -> bool, _) = match &fields.trigger {
            Some(Trigger::Words { .. }) => (|it| matches!(it, Trigger::Words { .. }), WORDS_MAX),
            Some(Trigger::Mentions(_)) => (|it| matches!(it, Trigger::Mentions(_)), 1),
            None => return Err(Refusal::Invalid { field: "trigger_type", reason: "is required" }.into()),
        };
        if view.filters.values().filter(|filter| like(&filter.trigger)).count() >= max {
            let max = u32::try_from(max).unwrap_or(u32::MAX);
            return Err(Refusal::TooMany { what: "auto-moderation rules of this kind", max }.into());
        }
        Ok(Reply::Created(self.govern(actor, guild, Kind::FilterCreate, &FilterCreate { fields })?))
    }

    pub(super) fn edit_filter(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        filter: OpId,
        fields: FilterFields,
    ) -> Authored<Reply> {
        if !self.guild_of(actor, &guild)?.view().filters.contains_key(&filter) {
            return Err(Refusal::Unknown(Thing::Filter).into());
        }
        fits(&fields)?;
        if fields != FilterFields::default() {
            self.govern(actor, guild, Kind::FilterEdit, &FilterEdit { filter, fields })?;
        }
        Ok(Reply::Done)
    }

    pub(super) fn delete_filter(&mut self, actor: &Actor, guild: SpaceId, filter: OpId) -> Authored<Reply> {
        if !self.guild_of(actor, &guild)?.view().filters.contains_key(&filter) {
            return Err(Refusal::Unknown(Thing::Filter).into());
        }
        self.govern(actor, guild, Kind::FilterDelete, &FilterDelete { filter })?;
        Ok(Reply::Done)
    }
}

/// Refuses what a filter stops, with its words.
pub(super) fn unstopped(view: &GuildView, actor: &Actor, channel: &ChannelId, said: &Said) -> Authored<()> {
    let channel = view.channels.get(channel);
    match channel.and_then(|channel| view.filter_against(&actor.user, channel, said)) {
        Some(filter) => Err(Refusal::Filtered { words: filter.words.clone() }.into()),
        None => Ok(()),
    }
}

fn fits(fields: &FilterFields) -> Authored<()> {
    if let Some(name) = &fields.name {
        within("name", name, 1, 100)?;
    }
    if let Some(words) = &fields.words {
        within("actions", words, 0, 300)?;
    }
    Ok(())
}

/// Filters of words in one guild, as on Discord.
const WORDS_MAX: usize = 6;
