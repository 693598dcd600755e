//! `/guilds/{guild_id}/auto-moderation/rules`: what nobody may say. Rules that block by words and by mentions.

use super::needs;
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::find::{number, role};
use crate::window::{Body, Caller, Done, Json, Path, Window};
use axum::extract::State;
use nexus_api_model::Number;
use nexus_core::{Command, Reply, Snowflake, Thing, View};
use nexus_crdt::body::governance::{FilterFields, Trigger};
use nexus_crdt::guild::{Filter, GuildView};
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;
use serde_json::Value;

/// `GET /guilds/{guild_id}/auto-moderation/rules`
pub(crate) async fn list(caller: Caller, Path(guild): Path<String>) -> Answer<Json<Vec<Value>>> {
    let (_, guild) = caller.guild(&guild)?;
    needs(guild, &caller.user, Permissions::MANAGE_GUILD)?;
    let view = &caller.view;
    Ok(Json(guild.filters.values().map(|filter| render::filter(view, guild, filter)).collect()))
}

/// `GET ../rules/{rule_id}`
pub(crate) async fn get(caller: Caller, Path((guild, rule)): Path<(String, String)>) -> Answer<Json<Value>> {
    let (_, guild) = caller.guild(&guild)?;
    needs(guild, &caller.user, Permissions::MANAGE_GUILD)?;
    Ok(Json(render::filter(&caller.view, guild, find(&caller, guild, &rule)?)))
}

#[derive(Deserialize)]
pub(crate) struct Rule {
    name: Option<String>,
    event_type: Option<u8>,
    trigger_type: Option<u8>,
    trigger_metadata: Option<Metadata>,
    actions: Option<Vec<Action>>,
    enabled: Option<bool>,
    exempt_roles: Option<Vec<Number>>,
    exempt_channels: Option<Vec<Number>>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    keyword_filter: Option<Vec<String>>,
    allow_list: Option<Vec<String>>,
    regex_patterns: Option<Vec<String>>,
    mention_total_limit: Option<u32>,
    mention_raid_protection_enabled: Option<bool>,
}

#[derive(Deserialize)]
struct Action {
    r#type: u8,
    metadata: Option<ActionWords>,
}

#[derive(Deserialize)]
struct ActionWords {
    custom_message: Option<String>,
}

/// `POST /guilds/{guild_id}/auto-moderation/rules`
pub(crate) async fn create(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<Rule>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    for (field, there) in [
        ("name", body.name.is_some()),
        ("event_type", body.event_type.is_some()),
        ("trigger_type", body.trigger_type.is_some()),
    ] {
        if !there {
            return Err(ApiError::invalid(field, "BASE_TYPE_REQUIRED", "This field is required"));
        }
    }
    let mut fields = body.fields(&caller, guild, None)?;
    // As on Discord: it acts when somebody says so.
    fields.enabled = Some(fields.enabled.unwrap_or(false));
    let command = Command::MakeFilter { guild: space, fields };
    let reply = caller.govern(&window, command).await?;
    let Reply::Created(id) = reply else { return Err(ApiError::unknown(Thing::Filter)) };
    drawn(&window.node.view(), &space, &id).map(Json)
}

/// `PATCH ../rules/{rule_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, rule)): Path<(String, String)>,
    Body(body): Body<Rule>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    needs(guild, &caller.user, Permissions::MANAGE_GUILD)?;
    let known = find(&caller, guild, &rule)?;
    let (filter, fields) = (known.id, body.fields(&caller, guild, Some(known))?);
    let command = Command::EditFilter { guild: space, filter, fields };
    caller.govern(&window, command).await?;
    drawn(&window.node.view(), &space, &filter).map(Json)
}

/// `DELETE ../rules/{rule_id}`
pub(crate) async fn delete(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, rule)): Path<(String, String)>,
) -> Answer<Done> {
    let (space, guild) = caller.guild(&guild)?;
    needs(guild, &caller.user, Permissions::MANAGE_GUILD)?;
    let filter = find(&caller, guild, &rule)?.id;
    caller.govern(&window, Command::DeleteFilter { guild: space, filter }).await?;
    Ok(Done)
}

impl Rule {
    fn fields(self, caller: &Caller, guild: &GuildView, now: Option<&Filter>) -> Answer<FilterFields> {
        if self.event_type.is_some_and(|event| event != 1) {
            return Err(not_carried("event_type"));
        }
        let words = self.actions.as_deref().map(words).transpose()?;
        let trigger = match (self.trigger_metadata, now) {
            (None, Some(_)) => None,
            (metadata, _) => {
                let kind = self.trigger_type.or(now.map(|filter| render::trigger_type(&filter.trigger)));
                Some(metadata.unwrap_or_default().trigger(kind.unwrap_or(0), now)?)
            }
        };
        let roles = self.exempt_roles.map(|list| {
            list.into_iter().map(|Number(id)| role(caller, guild, Snowflake(id))).collect::<Answer<Vec<_>>>()
        });
        let channels = self.exempt_channels.map(|list| {
            list.into_iter()
                .map(|Number(id)| caller.channel(&id.to_string()).map(|(channel, _)| channel))
                .collect::<Answer<Vec<_>>>()
        });
        Ok(FilterFields {
            name: self.name,
            trigger,
            enabled: self.enabled,
            exempt_roles: bounded("exempt_roles", roles.transpose()?, 20)?,
            exempt_channels: bounded("exempt_channels", channels.transpose()?, 50)?,
            words,
        })
    }
}

impl Metadata {
    /// What is not said of words stays as it is.
    fn trigger(self, kind: u8, now: Option<&Filter>) -> Answer<Trigger> {
        if self.regex_patterns.is_some_and(|patterns| !patterns.is_empty()) {
            return Err(not_carried("trigger_metadata.regex_patterns"));
        }
        if self.mention_raid_protection_enabled == Some(true) {
            return Err(not_carried("trigger_metadata.mention_raid_protection_enabled"));
        }
        let (had_stopped, had_allowed) = match now.map(|filter| &filter.trigger) {
            Some(Trigger::Words { stopped, allowed }) => (stopped.clone(), allowed.clone()),
            _ => (Vec::new(), Vec::new()),
        };
        match kind {
            1 => {
                let stopped = self.keyword_filter.unwrap_or(had_stopped);
                let allowed = self.allow_list.unwrap_or(had_allowed);
                let short = |word: &String| (1..=60).contains(&word.chars().count());
                if stopped.len() > 1_000 || allowed.len() > 100 || !stopped.iter().chain(&allowed).all(short)
                {
                    let words = "at most 1000 words and 100 that are allowed, of 1 to 60 characters each";
                    return Err(ApiError::invalid("trigger_metadata", "BASE_TYPE_BAD_LENGTH", words));
                }
                Ok(Trigger::Words { stopped, allowed })
            }
            5 => {
                let most = self.mention_total_limit.filter(|most| (1..=50).contains(most));
                let wrong = || {
                    let words = "int value should be between 1 and 50.";
                    ApiError::invalid("trigger_metadata.mention_total_limit", "NUMBER_TYPE_MAX", words)
                };
                most.map(Trigger::Mentions).ok_or_else(wrong)
            }
            _ => Err(not_carried("trigger_type")),
        }
    }
}

/// What is said to whom a rule stops. It blocks, and does nothing else.
fn words(actions: &[Action]) -> Answer<String> {
    if actions.iter().any(|action| action.r#type != 1) {
        return Err(not_carried("actions"));
    }
    let said = actions.iter().find_map(|action| action.metadata.as_ref()?.custom_message.clone());
    Ok(said.unwrap_or_default())
}

fn bounded<T: Ord>(field: &str, list: Option<Vec<T>>, max: usize) -> Answer<Option<Vec<T>>> {
    let Some(mut list) = list else { return Ok(None) };
    list.sort_unstable();
    list.dedup();
    if list.len() > max {
        let words = format!("Must be {max} or fewer in length.");
        return Err(ApiError::invalid(field, "BASE_TYPE_MAX_LENGTH", &words));
    }
    Ok(Some(list))
}

fn not_carried(field: &str) -> ApiError {
    ApiError::invalid(
        field,
        "NOT_IMPLEMENTED",
        "This program carries rules that block by words and by mentions.",
    )
}

fn find<'a>(caller: &Caller, guild: &'a GuildView, text: &str) -> Answer<&'a Filter> {
    let id = caller.view.ids.op(number(text)?);
    id.and_then(|id| guild.filters.get(&id)).ok_or_else(|| ApiError::unknown(Thing::Filter))
}

fn drawn(view: &View, space: &SpaceId, id: &OpId) -> Answer<Value> {
    let guild = view.guilds.get(space).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    let filter = guild.filters.get(id).ok_or_else(|| ApiError::unknown(Thing::Filter))?;
    Ok(render::filter(view, guild, filter))
}
