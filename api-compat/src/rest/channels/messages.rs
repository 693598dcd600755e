//! `/channels/{channel_id}/messages`.

use super::embeds;
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::id_text;
use crate::text;
use crate::window::{Body, Caller, Done, Json, Path, Query, Window};
use axum::extract::State;
use nexus_api_model as model;
use nexus_api_model::{AllowedMentions, MessageReference, Number, given, null_as_absent};
use nexus_core::{Command, MessageDraft, MessageEdit, Reply, Snowflake, Thing};
use nexus_crdt::body::rich_text::Refs;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, OpId};
use nexus_crdt::permissions::Permissions;
use nexus_node::Page;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Deserialize)]
pub(crate) struct History {
    before: Option<u64>,
    after: Option<u64>,
    around: Option<u64>,
    limit: Option<usize>,
}

/// `GET /channels/{channel_id}/messages`: newest first.
pub(crate) async fn list(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Query(query): Query<History>,
) -> Answer<Json<Vec<impl Serialize>>> {
    let (channel, _, reader) = caller.history(&window, &channel)?;
    let limit = query.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        let words = "int value should be between 1 and 100.";
        return Err(ApiError::invalid("limit", "NUMBER_TYPE_MAX", words));
    }
    let page = match (query.around, query.before, query.after) {
        (Some(id), _, _) => Page::Around(Snowflake(id)),
        (None, Some(id), _) => Page::Before(Snowflake(id)),
        (None, None, Some(id)) => Page::After(Snowflake(id)),
        (None, None, None) => Page::Latest,
    };
    let messages = reader.messages(&caller.view, channel, page, limit)?;
    let drawn = |message| render::message_for(&caller.view, Some(&reader), message, &caller.user);
    Ok(Json(messages.iter().map(drawn).collect()))
}

/// `GET /channels/{channel_id}/messages/{message_id}`
pub(crate) async fn get(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message)): Path<(String, String)>,
) -> Answer<Json<impl Serialize>> {
    let (channel, _, reader) = caller.history(&window, &channel)?;
    let message = caller.message(&reader, channel, &message)?;
    Ok(Json(render::message_for(&caller.view, Some(&reader), &message, &caller.user)))
}

/// Largest JSON of a message, bytes: all that its rules allow, in escapes, with room.
const MESSAGE_MAX: usize = 256 * 1024;

#[derive(Deserialize)]
pub(crate) struct CreateMessage {
    content: Option<String>,
    embeds: Option<Vec<model::Embed>>,
    message_reference: Option<MessageReference>,
    allowed_mentions: Option<AllowedMentions>,
    nonce: Option<Value>,
    #[serde(default, deserialize_with = "null_as_absent")]
    enforce_nonce: bool,
    #[serde(default, deserialize_with = "null_as_absent")]
    tts: bool,
    flags: Option<u32>,
    nexus: Option<Extension>,
    #[serde(flatten)]
    beyond: Beyond,
}

/// What this version does not carry. Not dropped silently: a message without its buttons is another message.
#[derive(Deserialize)]
struct Beyond {
    components: Option<Vec<Value>>,
    sticker_ids: Option<Vec<Value>>,
    attachments: Option<Vec<Value>>,
    poll: Option<Value>,
}

/// What Discord has no word for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Extension {
    shown_at: Option<u64>,
}

impl Beyond {
    fn refuse(&self) -> Answer<()> {
        let lists = [
            ("components", &self.components),
            ("sticker_ids", &self.sticker_ids),
            ("attachments", &self.attachments),
        ];
        let some = |list: &Option<Vec<Value>>| list.as_ref().is_some_and(|list| !list.is_empty());
        let beyond = lists.into_iter().find(|(_, list)| some(list)).map(|(name, _)| name);
        match beyond.or(self.poll.as_ref().map(|_| "poll")) {
            Some(field) => {
                Err(ApiError::invalid(field, "NOT_IMPLEMENTED", "This program does not carry these yet."))
            }
            None => Ok(()),
        }
    }
}

/// `POST /channels/{channel_id}/messages`
pub(crate) async fn create(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Body(body): Body<CreateMessage, MESSAGE_MAX>,
) -> Answer<Json<impl Serialize>> {
    let (channel, guild) = caller.channel(&channel)?;
    let draft = body.draft(&window, &caller, guild, channel)?;
    let reply = window.node.command(Some(caller.user), Command::SendMessage(draft)).await?;
    let Reply::Message(message) = reply else { return Err(ApiError::unknown(Thing::Message)) };
    // The answered message is looked up only where there is one.
    let reader = if message.replied.is_some() { Some(window.node.read()?) } else { None };
    Ok(Json(render::message_for(&caller.view, reader.as_ref(), &message, &caller.user)))
}

impl CreateMessage {
    fn draft(
        self,
        window: &Window,
        caller: &Caller,
        guild: &GuildView,
        channel: ChannelId,
    ) -> Answer<MessageDraft> {
        self.beyond.refuse()?;
        let content = self.content.unwrap_or_default();
        check_content(&content)?;
        let reply_to = match &self.message_reference {
            // The answer shows the whole of what it answers.
            Some(_) if !crate::access::reads_history(guild, &caller.user, &channel) => {
                return Err(ApiError::missing_access());
            }
            Some(reference) => answered(window, caller, channel, reference)?,
            None => None,
        };
        let mut refs = Refs::default();
        let text = text::parse(&caller.view, &content, &mut refs);
        let embeds = embeds::parse(&caller.view, self.embeds.unwrap_or_default(), &mut refs)?;
        let leave = text::Leave { allowed: self.allowed_mentions.as_ref(), answers: reply_to.is_some() };
        let pings = text::pings(&caller.view, &text, &refs, &content, &leave);
        Ok(MessageDraft {
            channel,
            text,
            refs,
            embeds,
            reply_to,
            pings,
            shown_at: self.nexus.and_then(|nexus| nexus.shown_at),
            flags: self.flags.unwrap_or(0),
            tts: self.tts,
            nonce: self.nonce.as_ref().filter(|nonce| !nonce.is_null()).map(id_text),
            enforce_nonce: self.enforce_nonce,
        })
    }
}

fn check_content(content: &str) -> Answer<()> {
    if content.chars().nth(2_000).is_some() {
        return Err(ApiError::invalid("content", "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length."));
    }
    Ok(())
}

fn answered(
    window: &Window,
    caller: &Caller,
    channel: ChannelId,
    reference: &MessageReference,
) -> Answer<Option<OpId>> {
    if reference.kind != 0 {
        return Err(ApiError::not_implemented("create_message that forwards a message"));
    }
    let number = Snowflake(reference.message_id.0);
    match window.node.read()?.message(&caller.view, channel, number)? {
        Some(message) => Ok(Some(message.id)),
        None if reference.fail_if_not_exists => {
            Err(ApiError::invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message"))
        }
        None => Ok(None),
    }
}

#[derive(Deserialize)]
pub(crate) struct EditMessage {
    #[serde(default, deserialize_with = "given")]
    content: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    embeds: Option<Option<Vec<model::Embed>>>,
    allowed_mentions: Option<AllowedMentions>,
    flags: Option<u32>,
    #[serde(flatten)]
    beyond: Beyond,
}

/// `PATCH /channels/{channel_id}/messages/{message_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message)): Path<(String, String)>,
    Body(body): Body<EditMessage, MESSAGE_MAX>,
) -> Answer<Json<impl Serialize>> {
    let (channel, _) = caller.channel(&channel)?;
    body.beyond.refuse()?;
    let message = caller.message(&window.node.read()?, channel, &message)?.id;
    let mut refs = Refs::default();
    let content = body.content.map(Option::unwrap_or_default);
    content.as_deref().map_or(Ok(()), check_content)?;
    let text = content.as_deref().map(|content| text::parse(&caller.view, content, &mut refs));
    let embeds = body.embeds.map(Option::unwrap_or_default);
    let embeds = embeds.map(|embeds| embeds::parse(&caller.view, embeds, &mut refs)).transpose()?;
    let (written, raw) = (text.clone().unwrap_or_default(), content.unwrap_or_default());
    let leave = text::Leave { allowed: body.allowed_mentions.as_ref(), answers: false };
    let pings = text::pings(&caller.view, &written, &refs, &raw, &leave);
    let edit = MessageEdit { text, embeds, refs, pings, flags: body.flags };
    let reply =
        window.node.command(Some(caller.user), Command::EditMessage { channel, message, edit }).await?;
    let Reply::Message(message) = reply else { return Err(ApiError::unknown(Thing::Message)) };
    let reader = window.node.read()?;
    Ok(Json(render::message_for(&caller.view, Some(&reader), &message, &caller.user)))
}

/// `DELETE /channels/{channel_id}/messages/{message_id}`
pub(crate) async fn delete(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message)): Path<(String, String)>,
) -> Answer<Done> {
    let (channel, _) = caller.channel(&channel)?;
    let message = caller.message(&window.node.read()?, channel, &message)?.id;
    let command = Command::DeleteMessages { channel, messages: vec![message] };
    window.node.command(Some(caller.user), command).await?;
    Ok(Done)
}

#[derive(Deserialize)]
pub(crate) struct BulkDelete {
    messages: Vec<Number>,
}

/// `POST /channels/{channel_id}/messages/bulk-delete`: 2 to 100; what is gone already is passed over.
pub(crate) async fn bulk_delete(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Body(body): Body<BulkDelete>,
) -> Answer<Done> {
    let (channel, guild) = caller.channel(&channel)?;
    if !(2..=100).contains(&body.messages.len()) {
        let words = "Must provide at least 2 and fewer than 100 messages to delete.";
        return Err(ApiError::invalid("messages", "BASE_TYPE_BAD_LENGTH", words));
    }
    if !guild.permissions_in(&caller.user, &channel).has(Permissions::MANAGE_MESSAGES) {
        return Err(ApiError::forbidden());
    }
    let reader = window.node.read()?;
    let mut messages = Vec::new();
    for id in &body.messages {
        if let Some(message) = reader.message(&caller.view, channel, Snowflake(id.0))? {
            messages.push(message.id);
        }
    }
    drop(reader);
    if !messages.is_empty() {
        window.node.command(Some(caller.user), Command::DeleteMessages { channel, messages }).await?;
    }
    Ok(Done)
}
