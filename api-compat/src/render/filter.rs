//! Filters, as Discord's auto-moderation rules.

use super::number;
use nexus_core::View;
use nexus_crdt::body::governance::Trigger;
use nexus_crdt::guild::{Filter, GuildView};
use serde_json::{Value, json};

/// Discord's number of what a rule looks for.
pub(crate) const fn trigger_type(trigger: &Trigger) -> u8 {
    match trigger {
        Trigger::Words { .. } => 1,
        Trigger::Mentions(_) => 5,
    }
}

/// A filter. Each blocks, and does nothing else.
pub(crate) fn filter(view: &View, guild: &GuildView, filter: &Filter) -> Value {
    let metadata = match &filter.trigger {
        Trigger::Words { stopped, allowed } => {
            json!({ "keyword_filter": stopped, "regex_patterns": [], "allow_list": allowed })
        }
        Trigger::Mentions(most) => {
            json!({ "mention_total_limit": most, "mention_raid_protection_enabled": false })
        }
    };
    let mut action = json!({ "type": 1, "metadata": {} });
    if !filter.words.is_empty() {
        action["metadata"]["custom_message"] = json!(filter.words);
    }
    let roles = filter.exempt_roles.iter().filter(|role| guild.roles.contains_key(*role));
    let channels = filter.exempt_channels.iter().filter(|channel| guild.channels.contains_key(*channel));
    json!({
        "id": number(view, filter.id),
        "guild_id": number(view, guild.facts.id),
        "creator_id": number(view, filter.maker),
        "name": filter.name,
        "event_type": 1,
        "trigger_type": trigger_type(&filter.trigger),
        "trigger_metadata": metadata,
        "actions": [action],
        "enabled": filter.enabled,
        "exempt_roles": roles.map(|role| number(view, *role)).collect::<Vec<_>>(),
        "exempt_channels": channels.map(|channel| number(view, *channel)).collect::<Vec<_>>(),
    })
}
