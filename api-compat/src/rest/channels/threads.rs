//! `/channels/{channel_id}/threads`, `/channels/{channel_id}/messages/{message_id}/threads`.

use super::messages::{CreateMessage, MESSAGE_MAX};
use super::{drawn, fetched};
use crate::access;
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::channel_body;
use crate::rest::find;
use crate::upload::Upload;
use crate::window::{Body, Caller, Created, Json, Path, Query, Window};
use axum::extract::State;
use nexus_api_model as model;
use nexus_api_model::{Number, null_as_absent};
use nexus_core::{Command, Reply, Thing, ThreadDraft};
use nexus_crdt::body::governance::ChannelKind::{Announcement, Text};
use nexus_crdt::body::governance::ThreadFields;
use nexus_crdt::guild::{Channel, GuildView};
use nexus_crdt::id::{ChannelId, OpId};
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct CreateThread {
    name: Option<String>,
    auto_archive_duration: Option<u32>,
    rate_limit_per_user: Option<u32>,
    #[serde(rename = "type")]
    kind: Option<u8>,
    invitable: Option<bool>,
    #[serde(default, deserialize_with = "null_as_absent")]
    applied_tags: Vec<Number>,
    message: Option<CreateMessage>,
}

impl CreateThread {
    fn fields(&self) -> Answer<ThreadFields> {
        let name = self.name.clone();
        let name =
            name.ok_or_else(|| ApiError::invalid("name", "BASE_TYPE_REQUIRED", "This field is required"))?;
        let tags: Vec<u64> = self.applied_tags.iter().map(|tag| tag.0).collect();
        Ok(ThreadFields {
            name: Some(name),
            quiet_after_min: channel_body::quiet("auto_archive_duration", self.auto_archive_duration)?,
            slowmode_s: self.rate_limit_per_user,
            tags: (!tags.is_empty()).then_some(tags),
            ..ThreadFields::default()
        })
    }
}

/// `POST /channels/{channel_id}/threads`: a thread that hangs on no message, or a forum's post with its first message.
pub(crate) async fn create(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    upload: Upload<CreateThread, MESSAGE_MAX>,
) -> Answer<Created<Value>> {
    let (parent, guild) = caller.channel(&channel)?;
    let Upload { mut body, files } = upload;
    let fields = body.fields()?;
    let shown = guild.channels.get(&parent).ok_or_else(|| ApiError::unknown(Thing::Channel))?;
    if shown.forum.is_none() {
        // As on Discord, private is what nobody says otherwise of.
        let kind = body.kind.unwrap_or(if shown.kind == Announcement { 10 } else { 12 });
        fits(guild, shown, kind)?;
        let private = (kind == 12).then(|| body.invitable.unwrap_or(true));
        let draft = ThreadDraft { starter: None, fields, private, first: None };
        return made(&window, &caller, parent, draft, false).await;
    }
    let needs = if files.is_empty() { Permissions::NONE } else { Permissions::ATTACH_FILES };
    if !guild.permissions_in(&caller.user, &parent).has(needs.with(Permissions::SEND_MESSAGES)) {
        return Err(ApiError::forbidden());
    }
    let first = body.message.take();
    let mut first =
        first.ok_or_else(|| ApiError::invalid("message", "BASE_TYPE_REQUIRED", "This field is required"))?;
    first.keep(&window, files).await?;
    let first = first.draft(&window, &caller, guild, parent)?;
    let draft = ThreadDraft { starter: None, fields, private: None, first: Some(Box::new(first)) };
    made(&window, &caller, parent, draft, true).await
}

/// `POST /channels/{channel_id}/messages/{message_id}/threads`
pub(crate) async fn create_from_message(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message)): Path<(String, String)>,
    Body(body): Body<CreateThread>,
) -> Answer<Created<Value>> {
    let (parent, guild, _) = caller.history(&window, &channel)?;
    let starter = fetched::target(&window, &caller, &channel, &message).await?.1.id;
    let shown = guild.channels.get(&parent).ok_or_else(|| ApiError::unknown(Thing::Channel))?;
    if shown.forum.is_some() || shown.thread.is_some() {
        return Err(ApiError::wrong_channel_type());
    }
    fits(guild, shown, if shown.kind == Announcement { 10 } else { 11 })?;
    let draft = ThreadDraft { starter: Some(starter), fields: body.fields()?, private: None, first: None };
    made(&window, &caller, parent, draft, false).await
}

/// What may be asked for there: below a text channel public (11) and private (12) threads, below an announcement channel
/// its own kind (10).
fn fits(guild: &GuildView, parent: &Channel, kind: u8) -> Answer<()> {
    if !access::is_guild(guild) || !matches!(parent.kind, Text | Announcement) {
        return Err(ApiError::wrong_channel_type());
    }
    match (kind, parent.kind) {
        (11 | 12, Text) | (10, Announcement) => Ok(()),
        _ => Err(ApiError::invalid("type", "BASE_TYPE_CHOICES", "No such thread hangs on this channel.")),
    }
}

async fn made(
    window: &Window,
    caller: &Caller,
    parent: ChannelId,
    draft: ThreadDraft,
    is_post: bool,
) -> Answer<Created<Value>> {
    let reply = caller.govern(window, Command::CreateThread { parent, draft }).await?;
    let Reply::Created(id) = reply else { return Err(ApiError::unknown(Thing::Channel)) };
    let (view, id) = (window.node.view(), ChannelId::from(id));
    let mut shown = drawn(window, &view, &caller.user, id)?;
    if is_post {
        let reader = window.node.read()?;
        let first = reader.message(&view, id, view.ids.of(id))?;
        let by = render::Drawing { view: &view, files: caller.drawing().files };
        let first = first.map(|first| render::message_for(by, Some(&reader), &first, &caller.user));
        shown["message"] = first.unwrap_or(Value::Null);
    }
    Ok(Created(shown))
}

/// `PATCH /channels/{channel_id}` of a thread.
pub(super) async fn edit(
    window: &Window,
    caller: &Caller,
    guild: &GuildView,
    thread: ChannelId,
    body: &model::Channel,
) -> Answer<()> {
    let fields = channel_body::thread(body)?;
    let now = guild.channels.get(&thread).ok_or_else(|| ApiError::unknown(Thing::Channel))?;
    let locked = body.locked.filter(|locked| *locked != now.is_locked());
    let manages = guild.permissions_in(&caller.user, &thread).has(Permissions::MANAGE_THREADS);
    if locked.is_some() && !manages {
        return Err(ApiError::forbidden());
    }
    // Locked before it is put away: with the latter a library forgets it, and hears of nothing more.
    if let Some(locked) = locked {
        caller.govern(window, Command::LockChannel { channel: thread, locked }).await?;
    }
    caller.govern(window, Command::EditThread { thread, fields: news(now, fields) }).await?;
    Ok(())
}

/// What is other than it was: saying again what is known writes nothing, and needs no right.
fn news(now: &Channel, mut fields: ThreadFields) -> ThreadFields {
    fn keep<T: PartialEq>(field: &mut Option<T>, now: &T) {
        if field.as_ref() == Some(now) {
            *field = None;
        }
    }
    let Some(thread) = &now.thread else { return fields };
    keep(&mut fields.name, &now.name);
    keep(&mut fields.slowmode_s, &now.slowmode_s);
    keep(&mut fields.archived, &thread.archived);
    keep(&mut fields.quiet_after_min, &thread.quiet_after_min);
    keep(&mut fields.tags, &thread.tags);
    keep(&mut fields.pinned, &thread.pinned);
    // Of a public thread the word means nothing, and is not written.
    let invitable = thread.private.as_ref().map(|circle| circle.invitable);
    fields.invitable = fields.invitable.filter(|wanted| invitable.is_some_and(|now| now != *wanted));
    fields
}

/// The threads of a channel that the caller sees, and that a test lets through.
fn below<'a>(
    caller: &Caller,
    guild: &'a GuildView,
    parent: ChannelId,
    test: impl Fn(&Channel) -> bool,
) -> Vec<&'a Channel> {
    let hang = |channel: &&Channel| channel.parent == Some(parent) && channel.thread.is_some();
    let all = guild.channels.values().filter(hang).filter(|channel| test(channel));
    all.filter(|channel| access::sees(guild, &caller.user, &channel.id)).collect()
}

fn is_private(channel: &Channel) -> bool {
    channel.thread.as_ref().is_some_and(|thread| thread.private.is_some())
}

fn is_archived(channel: &Channel) -> bool {
    channel.thread.as_ref().is_some_and(|thread| thread.archived)
}

fn archived_ms(channel: &Channel) -> u64 {
    channel.thread.as_ref().map_or(0, |thread| thread.archived_at.ms())
}

#[derive(Deserialize)]
pub(crate) struct Archived {
    before: Option<String>,
    limit: Option<usize>,
}

/// `GET /channels/{channel_id}/threads/archived/public`: what was put away last comes first.
pub(crate) async fn archived(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Query(query): Query<Archived>,
) -> Answer<Json<Value>> {
    page_of_archived(&window, &caller, &channel, &query, false)
}

/// `GET /channels/{channel_id}/threads/archived/private`: for who manages threads.
pub(crate) async fn archived_private(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Query(query): Query<Archived>,
) -> Answer<Json<Value>> {
    let (parent, guild) = caller.channel(&channel)?;
    if !guild.permissions_in(&caller.user, &parent).has(Permissions::MANAGE_THREADS) {
        return Err(ApiError::forbidden());
    }
    page_of_archived(&window, &caller, &channel, &query, true)
}

fn page_of_archived(
    window: &Window,
    caller: &Caller,
    channel: &str,
    query: &Archived,
    private: bool,
) -> Answer<Json<Value>> {
    let (parent, guild, reader) = caller.history(window, channel)?;
    let wrong = || ApiError::invalid("before", "DATE_TIME_TYPE_PARSE", "Could not parse. Should be ISO8601.");
    let before =
        query.before.as_deref().map(|text| crate::rest::moment(text).ok_or_else(wrong)).transpose()?;
    let mut all = below(caller, guild, parent, |channel| {
        let older = before.is_none_or(|before| archived_ms(channel) < before);
        is_archived(channel) && is_private(channel) == private && older
    });
    all.sort_by_key(|channel| std::cmp::Reverse((archived_ms(channel), channel.id)));
    cut(caller, &reader, guild, all, query.limit)
}

/// `GET /channels/{channel_id}/users/@me/threads/archived/private`: those one is in, the newest thread first; `before` is a
/// thread's number.
pub(crate) async fn archived_mine(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Query(query): Query<Archived>,
) -> Answer<Json<Value>> {
    let (parent, guild, reader) = caller.history(&window, &channel)?;
    let before = query.before.as_deref().map(find::number).transpose()?;
    let number = |channel: &Channel| caller.view.ids.of(channel.id);
    let mut all = below(&caller, guild, parent, |channel| {
        let circle = channel.thread.as_ref().and_then(|thread| thread.private.as_ref());
        let mine = circle.is_some_and(|circle| circle.inside.contains_key(&caller.user));
        is_archived(channel) && mine && before.is_none_or(|before| number(channel) < before)
    });
    all.sort_by_key(|channel| std::cmp::Reverse(number(channel)));
    cut(&caller, &reader, guild, all, query.limit)
}

/// The first of them, as many as are asked for.
fn cut(
    caller: &Caller,
    reader: &nexus_node::Reader,
    guild: &GuildView,
    mut all: Vec<&Channel>,
    limit: Option<usize>,
) -> Answer<Json<Value>> {
    let limit = limit.unwrap_or(50);
    if !(2..=100).contains(&limit) {
        return Err(ApiError::invalid("limit", "NUMBER_TYPE_MAX", "int value should be between 2 and 100."));
    }
    let has_more = all.len() > limit;
    all.truncate(limit);
    let mut shown = render::thread_list(&caller.view, reader, guild, &caller.user, &all)?;
    shown.insert("has_more".to_owned(), json!(has_more));
    Ok(Json(Value::Object(shown)))
}

/// What threads are looked for by.
#[derive(Default)]
struct Search {
    name: Option<String>,
    tags: Vec<u64>,
    all_tags: bool,
    archived: Option<bool>,
    by_age: bool,
    by_archive: bool,
    ascending: bool,
    limit: usize,
    offset: usize,
    min: Option<u64>,
    max: Option<u64>,
}

/// Threads that one page of a search has, and how far pages go.
const FOUND_MAX: usize = 25;
const OFFSET_MAX: usize = 9_975;

impl Search {
    /// Reads a query, in which `tag` may stand several times.
    fn parse(pairs: &[(String, String)]) -> Answer<Self> {
        let mut search = Self { limit: FOUND_MAX, ..Self::default() };
        for (name, value) in pairs {
            let wrong = |code: &str| ApiError::invalid(name, code, &format!("Not valid: {value:.64}"));
            let number = || value.parse::<u64>().map_err(|_| wrong("NUMBER_TYPE_COERCE"));
            match name.as_str() {
                "name" => search.name = Some(value.to_lowercase()).filter(|name| !name.is_empty()),
                "tag" => {
                    let tags = value.split(',').map(|tag| tag.parse::<u64>());
                    search.tags.extend(
                        tags.collect::<Result<Vec<_>, _>>().map_err(|_| wrong("NUMBER_TYPE_COERCE"))?,
                    );
                }
                "tag_setting" if value == "match_all" => search.all_tags = true,
                "tag_setting" if value == "match_some" => search.all_tags = false,
                "archived" => {
                    search.archived = Some(value.parse().map_err(|_| wrong("BOOLEAN_TYPE_CONVERT"))?);
                }
                "sort_by" if value == "creation_time" => search.by_age = true,
                "sort_by" if value == "archive_time" => search.by_archive = true,
                // What fits a name best is not told apart: the latest comes first.
                "sort_by" if ["last_message_time", "relevance"].contains(&value.as_str()) => {}
                "sort_order" if value == "asc" => search.ascending = true,
                "sort_order" if value == "desc" => search.ascending = false,
                "min_id" => search.min = Some(number()?),
                "max_id" => search.max = Some(number()?),
                "limit" => {
                    search.limit = value.parse().map_err(|_| wrong("NUMBER_TYPE_COERCE"))?;
                    if !(1..=FOUND_MAX).contains(&search.limit) {
                        return Err(wrong("NUMBER_TYPE_MAX"));
                    }
                }
                "offset" => {
                    search.offset = value.parse().map_err(|_| wrong("NUMBER_TYPE_COERCE"))?;
                    if search.offset > OFFSET_MAX {
                        return Err(wrong("NUMBER_TYPE_MAX"));
                    }
                }
                "slop" => return Err(wrong("NOT_IMPLEMENTED")),
                "tag_setting" | "sort_by" | "sort_order" => return Err(wrong("BASE_TYPE_CHOICES")),
                _ => {}
            }
        }
        Ok(search)
    }

    fn finds(&self, number: u64, channel: &Channel) -> bool {
        let Some(thread) = &channel.thread else { return false };
        let has = |tag: &u64| thread.tags.contains(tag);
        let tagged = if self.all_tags { self.tags.iter().all(has) } else { self.tags.iter().any(has) };
        (self.tags.is_empty() || tagged)
            && self.archived.is_none_or(|archived| archived == thread.archived)
            && self.name.as_ref().is_none_or(|name| channel.name.to_lowercase().contains(name))
            && self.min.is_none_or(|min| number >= min)
            && self.max.is_none_or(|max| number <= max)
    }
}

/// `GET /channels/{channel_id}/threads/search`: by words of the name, by tags, by whether they were put away.
pub(crate) async fn search(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer<Json<Value>> {
    let (parent, guild, reader) = caller.history(&window, &channel)?;
    let search = Search::parse(&pairs)?;
    let number = |channel: &Channel| caller.view.ids.of(channel.id).0;
    let mut found = Vec::new();
    for thread in below(&caller, guild, parent, |channel| search.finds(number(channel), channel)) {
        let key = if search.by_age {
            number(thread)
        } else if search.by_archive {
            archived_ms(thread)
        } else {
            reader.last_message(thread.id)?.map_or(number(thread), |last| last.0)
        };
        found.push((key, thread));
    }
    found.sort_by_key(|(key, thread)| (*key, thread.id));
    if !search.ascending {
        found.reverse();
    }
    let total = found.len();
    let page: Vec<&Channel> =
        found.into_iter().skip(search.offset).take(search.limit).map(|(_, thread)| thread).collect();
    let mut shown = render::thread_list(&caller.view, &reader, guild, &caller.user, &page)?;
    shown.insert("has_more".to_owned(), json!(search.offset + page.len() < total));
    shown.insert("total_results".to_owned(), json!(total));
    shown.insert("first_messages".to_owned(), first_messages(&caller, &reader, guild, &page)?);
    Ok(Json(Value::Object(shown)))
}

/// What each of these threads begins with: the message it was made from, or the first of a post.
fn first_messages(
    caller: &Caller,
    reader: &nexus_node::Reader,
    guild: &GuildView,
    threads: &[&Channel],
) -> Answer<Value> {
    let mut first = Vec::new();
    for channel in threads {
        let starter: Option<OpId> = channel.thread.as_ref().and_then(|thread| thread.starter);
        let message = match (starter, channel.parent) {
            (Some(starter), Some(parent)) if guild.channels.contains_key(&parent) => {
                reader.message_of(&caller.view, parent, &starter)?
            }
            _ => reader.message(&caller.view, channel.id, caller.view.ids.of(channel.id))?,
        };
        let draw = |message| render::message_for(caller.drawing(), Some(reader), &message, &caller.user);
        first.extend(message.map(draw));
    }
    Ok(json!(first))
}

/// A thread the caller sees.
pub(super) fn thread<'a>(caller: &'a Caller, text: &str) -> Answer<(ChannelId, &'a GuildView, &'a Channel)> {
    find::number(text)?;
    let (id, guild) = caller.channel(text)?;
    let channel = guild.channels.get(&id).filter(|channel| channel.thread.is_some());
    Ok((id, guild, channel.ok_or_else(ApiError::wrong_channel_type)?))
}
