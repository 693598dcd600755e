//! `/guilds/{guild_id}/audit-logs`.

use crate::audit::{self, Entry};
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::guilds;
use crate::window::{Caller, Json, Path, Query, Window};
use axum::extract::State;
use nexus_core::{Snowflake, Thing};
use nexus_crdt::id::{ChannelId, UserId};
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[derive(Deserialize)]
pub(crate) struct Page {
    user_id: Option<u64>,
    target_id: Option<u64>,
    action_type: Option<u16>,
    before: Option<u64>,
    after: Option<u64>,
    limit: Option<usize>,
}

/// `GET /guilds/{guild_id}/audit-logs`: newest first; with `after`, oldest first.
pub(crate) async fn list(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Query(page): Query<Page>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    guilds::needs(guild, &caller.user, Permissions::VIEW_AUDIT_LOG)?;
    let limit = page.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(ApiError::invalid("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100."));
    }
    let view = &caller.view;
    let authority = view.authority.get(&space).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    let reader = window.node.read()?;
    let mut entries = audit::entries(view, authority, &reader, audit::ACTS_MAX)?;
    entries.retain(|entry| page.has(view, entry));
    if page.after.is_none() {
        entries.reverse();
    }
    entries.truncate(limit);
    let people: BTreeSet<UserId> =
        entries.iter().flat_map(|entry| std::iter::once(entry.by).chain(entry.about)).collect();
    let threads = entries.iter().filter_map(|entry| guild.channels.get(&ChannelId::from(entry.target?)));
    let threads: BTreeSet<ChannelId> =
        threads.filter(|channel| channel.thread.is_some()).map(|channel| channel.id).collect();
    let threads = threads.iter().filter_map(|thread| guild.channels.get(thread));
    let threads = threads.map(|channel| render::thread(view, Some(&reader), guild, channel, None));
    Ok(Json(json!({
        "audit_log_entries": entries.iter().map(|entry| entry.draw(view)).collect::<Vec<_>>(),
        "users": people.iter().map(|user| render::user(view, user)).collect::<Vec<_>>(),
        "threads": threads.collect::<Result<Vec<_>, _>>()?,
        "integrations": [], "webhooks": [], "guild_scheduled_events": [], "application_commands": [],
        "auto_moderation_rules": [],
    })))
}

impl Page {
    fn has(&self, view: &nexus_core::View, entry: &Entry) -> bool {
        let is = |wanted: Option<u64>, id: Snowflake| wanted.is_none_or(|wanted| wanted == id.0);
        let target = entry.target.map_or(Snowflake(0), |target| view.ids.of(target));
        is(self.user_id, view.ids.of(entry.by))
            && is(self.target_id, target)
            && self.action_type.is_none_or(|action| action == entry.action)
            && self.before.is_none_or(|before| entry.id.0 < before)
            && self.after.is_none_or(|after| entry.id.0 > after)
    }
}
