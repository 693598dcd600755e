//! `/channels/{channel_id}/messages`.

use super::polls::Asked;
use super::{embeds, fetched, forward};
use crate::access;
use crate::components::{self, Place};
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::id_text;
use crate::text;
use crate::upload::{self, Given, Upload};
use crate::window::{Body, Caller, Done, Json, Path, Query, Window};
use axum::extract::State;
use nexus_api_model as model;
use nexus_api_model::{AllowedMentions, MessageReference, Number, given, null_as_absent};
use nexus_core::{Command, Extras, MessageDraft, MessageEdit, Reply, Snowflake, Thing, View};
use nexus_crdt::body::content::{self, File};
use nexus_crdt::body::rich_text::Refs;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, OpId};
use nexus_crdt::permissions::Permissions;
use nexus_node::Page;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

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
    let (id, guild) = caller.channel(&channel)?;
    let limit = query.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        let words = "int value should be between 1 and 100.";
        return Err(ApiError::invalid("limit", "NUMBER_TYPE_MAX", words));
    }
    // As on Discord: who may not read what was written sees none of it, and is not refused.
    if !access::reads_history(guild, &caller.user, &id) {
        return Ok(Json(Vec::new()));
    }
    let page = match (query.around, query.before, query.after) {
        (Some(id), _, _) => Page::Around(Snowflake(id)),
        (None, Some(id), _) => Page::Before(Snowflake(id)),
        (None, None, Some(id)) => Page::After(Snowflake(id)),
        (None, None, None) => Page::Latest,
    };
    let (messages, reader) = fetched::page(&window, &caller, &channel, page, limit).await?;
    let drawn = |message| render::message_for(caller.drawing(), Some(&reader), message, &caller.user);
    Ok(Json(messages.iter().map(drawn).collect()))
}

/// `GET /channels/{channel_id}/messages/{message_id}`
pub(crate) async fn get(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message)): Path<(String, String)>,
) -> Answer<Json<impl Serialize>> {
    let (_, message, reader) = fetched::message(&window, &caller, &channel, &message).await?;
    Ok(Json(render::message_for(caller.drawing(), Some(&reader), &message, &caller.user)))
}

/// Largest JSON of a message, bytes: all that its rules allow, in escapes, with room.
pub(crate) const MESSAGE_MAX: usize = 256 * 1024;

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
    components: Option<Vec<Value>>,
    /// Of a webhook: how it is shown this once.
    username: Option<String>,
    avatar_url: Option<String>,
    nexus: Option<Extension>,
    attachments: Option<Vec<Value>>,
    poll: Option<Asked>,
    /// The files that came along, kept already.
    #[serde(skip)]
    files: Vec<File>,
    #[serde(flatten)]
    beyond: Beyond,
}

/// What this version does not carry. Not dropped silently: a message without its buttons is another message.
#[derive(Default, Deserialize)]
struct Beyond {
    sticker_ids: Option<Vec<Value>>,
    /// Of an edit; a new message has one of its own.
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
        let stickers = self.sticker_ids.as_ref().is_some_and(|list| !list.is_empty());
        match stickers.then_some("sticker_ids").or(self.poll.as_ref().map(|_| "poll")) {
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
    upload: Upload<CreateMessage, MESSAGE_MAX>,
) -> Answer<Json<impl Serialize>> {
    let (channel, guild) = caller.channel(&channel)?;
    // Nothing is put on the disk for who may not send it.
    let needs = if upload.files.is_empty() { Permissions::NONE } else { Permissions::ATTACH_FILES };
    if !guild.permissions_in(&caller.user, &channel).has(needs) {
        return Err(ApiError::forbidden());
    }
    let Upload { mut body, files } = upload;
    body.keep(&window, files).await?;
    let source = match body.passes_on()? {
        Some(reference) => Some(forward::source(&window, &caller, &reference).await?),
        None => None,
    };
    let mut draft = body.draft(&window, &caller, guild, channel)?;
    if let Some(source) = source {
        forward::pass_on(&mut draft, source);
    }
    let reply = window.node.command(Some(caller.user), Command::SendMessage(draft)).await?;
    let Reply::Message(message) = reply else { return Err(ApiError::unknown(Thing::Message)) };
    // Another message is looked up only where there is one.
    let reader = if message.replied.is_some() || message.body.forward.is_some() {
        Some(window.node.read()?)
    } else {
        None
    };
    Ok(Json(render::message_for(caller.drawing(), reader.as_ref(), &message, &caller.user)))
}

/// Discord's type of a reference to what is passed on.
const FORWARD: u8 = 1;
/// Discord's message flags that a sender sets: no embeds, no sound, components alone.
const SENDABLE: u32 = 1 << 2 | 1 << 12 | components::V2;

impl CreateMessage {
    /// Discord's message flags, as they were sent.
    pub(crate) fn flags(&self) -> u32 {
        self.flags.unwrap_or(0)
    }

    /// The name and picture that a webhook is shown by this once.
    pub(crate) fn shown_as(&mut self) -> Answer<(Option<String>, Option<String>)> {
        let name = self.username.take().filter(|name| !name.is_empty());
        if name.as_ref().is_some_and(|name| name.chars().count() > 80) {
            return Err(ApiError::invalid(
                "username",
                "BASE_TYPE_MAX_LENGTH",
                "Must be 80 or fewer in length.",
            ));
        }
        let avatar = self.avatar_url.take().filter(|url| !url.is_empty());
        if avatar.as_ref().is_some_and(|url| !content::is_link(url)) {
            return Err(ApiError::invalid("avatar_url", "URL_TYPE_INVALID_URL", "Not a well formed URL."));
        }
        Ok((name, avatar))
    }

    /// Keeps the files that came along.
    pub(crate) async fn keep(&mut self, window: &Window, files: Vec<Given>) -> Answer<()> {
        self.files = upload::keep(window, files, self.attachments.as_deref().unwrap_or_default()).await?;
        Ok(())
    }

    /// Takes out which message it passes on, if it does. Beside that it says nothing.
    fn passes_on(&mut self) -> Answer<Option<MessageReference>> {
        let reference = self.message_reference.take_if(|reference| reference.kind == FORWARD);
        let empty = |list: Option<usize>| list.is_none_or(|length| length == 0);
        let says_nothing = empty(self.content.as_ref().map(String::len))
            && empty(self.embeds.as_ref().map(Vec::len))
            && empty(self.components.as_ref().map(Vec::len))
            && self.files.is_empty()
            && self.poll.is_none();
        if reference.is_some() && !says_nothing {
            let words = "What is passed on is said without anything beside it.";
            return Err(ApiError::invalid("message_reference", "MESSAGE_REFERENCE_FORWARD_ALONE", words));
        }
        Ok(reference)
    }

    /// What is to be sent, read and checked.
    pub(crate) fn draft(
        self,
        window: &Window,
        caller: &Caller,
        guild: &GuildView,
        channel: ChannelId,
    ) -> Answer<MessageDraft> {
        self.beyond.refuse()?;
        // Words about files that did not come along.
        if self.files.is_empty() && self.attachments.as_ref().is_some_and(|list| !list.is_empty()) {
            return Err(ApiError::invalid("attachments", "ATTACHMENT_NOT_FOUND", "no such file came along"));
        }
        let flags = self.flags() & SENDABLE;
        let components = self.components.as_deref().map(|list| parts(list, flags)).transpose()?.flatten();
        if flags & components::V2 != 0 {
            let said = self.content.as_ref().is_some_and(|text| !text.is_empty());
            if said || self.embeds.as_ref().is_some_and(|embeds| !embeds.is_empty()) {
                let words = "Not beside components alone (flag 1 << 15).";
                return Err(ApiError::invalid(
                    "content",
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    words,
                ));
            }
        }
        let poll = self.poll.map(|asked| asked.read(caller, guild)).transpose()?;
        let content = self.content.unwrap_or_default();
        check_content(&content)?;
        let reply_to = match &self.message_reference {
            // The answer shows the whole of what it answers.
            Some(_) if !access::reads_history(guild, &caller.user, &channel) => {
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
            flags,
            tts: self.tts,
            nonce: self.nonce.as_ref().filter(|nonce| !nonce.is_null()).map(id_text),
            enforce_nonce: self.enforce_nonce,
            extras: Extras {
                components,
                files: some(self.files),
                poll: poll.map(Box::new),
                ..Extras::default()
            },
        })
    }
}

/// Files as an op carries them: no empty list.
fn some(files: Vec<File>) -> Option<Vec<File>> {
    (!files.is_empty()).then_some(files)
}

/// Components as an op carries them; none where the list is empty.
fn parts(list: &[Value], flags: u32) -> Answer<Option<String>> {
    let place = if flags & components::V2 == 0 { Place::Message } else { Place::WholeMessage };
    let list = components::parse(list, place)?;
    Ok((!list.is_empty()).then(|| Value::Array(list).to_string()))
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
        let words = "Value must be one of (0). Only a channel's own messages pass on others.";
        return Err(ApiError::invalid("message_reference.type", "BASE_TYPE_CHOICES", words));
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
    #[serde(default, deserialize_with = "given")]
    components: Option<Option<Vec<Value>>>,
    #[serde(default, deserialize_with = "given")]
    attachments: Option<Option<Vec<Value>>>,
    /// The files that came along, kept already.
    #[serde(skip)]
    files: Vec<File>,
    #[serde(flatten)]
    beyond: Beyond,
}

impl EditMessage {
    /// Keeps the files that came along.
    pub(crate) async fn keep(&mut self, window: &Window, files: Vec<Given>) -> Answer<()> {
        let said = self.attachments.iter().flatten().flatten().cloned().collect::<Vec<_>>();
        self.files = upload::keep(window, files, &said).await?;
        Ok(())
    }

    /// The files that a message has afterwards: those that are named, or all where none are, and those that came along.
    fn files(&mut self, before: &[File]) -> Option<Option<Vec<File>>> {
        if self.attachments.is_none() && self.files.is_empty() {
            return None;
        }
        let named = |file: &&File| match &self.attachments {
            None => true,
            Some(list) => {
                let number = render::attachment_number(file).to_string();
                list.iter().flatten().any(|each| id_text(&each["id"]) == number)
            }
        };
        let mut files: Vec<File> = before.iter().filter(named).cloned().collect();
        files.append(&mut self.files);
        Some(some(files))
    }

    /// What changes of a message that is so now.
    pub(crate) fn edit(mut self, view: &View, now: &content::Message) -> Answer<MessageEdit> {
        let files = self.files(now.files.as_deref().unwrap_or_default());
        let flags = now.flags;
        self.beyond.refuse()?;
        let flags_now = self.flags.unwrap_or(0) & SENDABLE | flags & components::V2;
        let components = self.components.map(Option::unwrap_or_default);
        let components = components.map(|list| parts(&list, flags_now)).transpose()?;
        let mut refs = Refs::default();
        let content = self.content.map(Option::unwrap_or_default);
        content.as_deref().map_or(Ok(()), check_content)?;
        let text = content.as_deref().map(|content| text::parse(view, content, &mut refs));
        let embeds = self.embeds.map(Option::unwrap_or_default);
        let embeds = embeds.map(|embeds| embeds::parse(view, embeds, &mut refs)).transpose()?;
        let (written, raw) = (text.clone().unwrap_or_default(), content.unwrap_or_default());
        let leave = text::Leave { allowed: self.allowed_mentions.as_ref(), answers: false };
        let pings = text::pings(view, &written, &refs, &raw, &leave);
        Ok(MessageEdit { text, embeds, refs, pings, flags: self.flags.map(|_| flags_now), components, files })
    }
}

/// An answer that was owed is said anew, whether its bot says it or edits it in.
impl From<EditMessage> for CreateMessage {
    fn from(edit: EditMessage) -> Self {
        Self {
            content: edit.content.flatten(),
            embeds: edit.embeds.flatten(),
            message_reference: None,
            allowed_mentions: edit.allowed_mentions,
            nonce: None,
            enforce_nonce: false,
            tts: false,
            flags: edit.flags,
            components: edit.components.flatten(),
            username: None,
            avatar_url: None,
            nexus: None,
            attachments: edit.attachments.flatten(),
            poll: None,
            files: edit.files,
            beyond: edit.beyond,
        }
    }
}

/// `PATCH /channels/{channel_id}/messages/{message_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message)): Path<(String, String)>,
    upload: Upload<EditMessage, MESSAGE_MAX>,
) -> Answer<Json<impl Serialize>> {
    let (id, guild) = caller.channel(&channel)?;
    let needs = if upload.files.is_empty() { Permissions::NONE } else { Permissions::ATTACH_FILES };
    if !guild.permissions_in(&caller.user, &id).has(needs) {
        return Err(ApiError::forbidden());
    }
    let Upload { mut body, files } = upload;
    body.keep(&window, files).await?;
    let (channel, message) = fetched::target(&window, &caller, &channel, &message).await?;
    let (message, edit) = (message.id, body.edit(&caller.view, &message.body)?);
    let reply =
        window.node.command(Some(caller.user), Command::EditMessage { channel, message, edit }).await?;
    let Reply::Message(message) = reply else { return Err(ApiError::unknown(Thing::Message)) };
    let reader = window.node.read()?;
    Ok(Json(render::message_for(caller.drawing(), Some(&reader), &message, &caller.user)))
}

/// `DELETE /channels/{channel_id}/messages/{message_id}`
pub(crate) async fn delete(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message)): Path<(String, String)>,
) -> Answer<Done> {
    let (channel, message) = fetched::target(&window, &caller, &channel, &message).await?;
    let command = Command::DeleteMessages { channel, messages: vec![message.id] };
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
    // What was moved here stands where it was written.
    let mut written: BTreeMap<ChannelId, Vec<OpId>> = BTreeMap::new();
    for id in &body.messages {
        if let Some(message) = reader.message(&caller.view, channel, Snowflake(id.0))? {
            written.entry(message.channel).or_default().push(message.id);
        }
    }
    drop(reader);
    for (channel, messages) in written {
        window.node.command(Some(caller.user), Command::DeleteMessages { channel, messages }).await?;
    }
    Ok(Done)
}
