//! Filters: made, edited and deleted, and asked before anything is said.

use super::{Actor, Authored, Turn, within};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use nexus_crdt::body::governance::{FilterCreate, FilterDelete, FilterEdit, FilterFields, Trigger};
use nexus_crdt::guild::{Channel, GuildView};
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::kind::Kind;
use nexus_crdt::pattern::{Pattern, PatternError};
use nexus_crdt::permissions::Permissions;

impl Turn<'_> {
    pub(super) fn make_filter(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        fields: FilterFields,
    ) -> Authored<Reply> {
        let view = self.guild_of(actor, &guild)?.view().clone();
        fits(actor, &view, &fields)?;
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
        let view = self.guild_of(actor, &guild)?.view().clone();
        if !view.filters.contains_key(&filter) {
            return Err(Refusal::Unknown(Thing::Filter).into());
        }
        fits(actor, &view, &fields)?;
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

fn fits(actor: &Actor, view: &GuildView, fields: &FilterFields) -> Authored<()> {
    if let Some(name) = &fields.name {
        within("name", name, 1, 100)?;
    }
    if let Some(words) = &fields.words {
        within("actions", words, 0, 300)?;
    }
    if let Some(acts) = fields.acts {
        let there = |channel| view.channels.get(&channel).is_some_and(Channel::is_listed);
        if acts.alert.is_some_and(|channel| !there(channel)) {
            return Err(Refusal::Unknown(Thing::Channel).into());
        }
        // It is in the name of who says so that others are kept from writing.
        if acts.timeout_s.is_some() && !view.permissions(&actor.user).has(Permissions::MODERATE_MEMBERS) {
            return Err(Refusal::MissingPermissions.into());
        }
    }
    if let Some(Trigger::Words { patterns: Some(patterns), .. }) = &fields.trigger {
        patterns.iter().try_for_each(|pattern| reads(pattern))?;
    }
    Ok(())
}

/// What no program here could look for is not made.
fn reads(pattern: &str) -> Authored<()> {
    let reason = match Pattern::parse(pattern) {
        Ok(_) => return Ok(()),
        Err(PatternError::Form) => "is no regular expression of the forms that are carried",
        Err(PatternError::Large) => "is too large with its repetitions written out",
        Err(PatternError::Empty) => "finds nothing at all in every text",
    };
    Err(Refusal::Invalid { field: "trigger_metadata.regex_patterns", reason }.into())
}

/// Filters of words in one guild, as on Discord.
const WORDS_MAX: usize = 6;
