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

/// A filter.
pub(crate) fn filter(view: &View, guild: &GuildView, filter: &Filter) -> Value {
    let metadata = match &filter.trigger {
        Trigger::Words { stopped, allowed, patterns } => {
            let patterns = patterns.as_deref().unwrap_or_default();
            json!({ "keyword_filter": stopped, "regex_patterns": patterns, "allow_list": allowed })
        }
        Trigger::Mentions(most) => {
            json!({ "mention_total_limit": most, "mention_raid_protection_enabled": false })
        }
    };
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
        "actions": actions(view, filter),
        "enabled": filter.enabled,
        "exempt_roles": roles.map(|role| number(view, *role)).collect::<Vec<_>>(),
        "exempt_channels": channels.map(|channel| number(view, *channel)).collect::<Vec<_>>(),
    })
}

/// What a filter does, as Discord's actions.
pub(crate) fn actions(view: &View, filter: &Filter) -> Vec<Value> {
    let acts = &filter.acts;
    let mut block = json!({ "type": 1, "metadata": {} });
    if !filter.words.is_empty() {
        block["metadata"]["custom_message"] = json!(filter.words);
    }
    let alert =
        acts.alert.map(|channel| json!({ "type": 2, "metadata": { "channel_id": number(view, channel) } }));
    let timeout = acts.timeout_s.map(|s| json!({ "type": 3, "metadata": { "duration_seconds": s } }));
    let block = (!acts.lets_through).then_some(block);
    block.into_iter().chain(alert).chain(timeout).collect()
}
