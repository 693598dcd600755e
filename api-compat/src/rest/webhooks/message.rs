//! Messages by a link: a webhook's, or what a bot says to an interaction.

use super::super::interactions::answer;
use super::by_token::opened;
use crate::error::{Answer, ApiError};
use crate::interactions::{Asked, Deferred, Said};
use crate::render;
use crate::rest::channels::messages::{CreateMessage, EditMessage, MESSAGE_MAX};
use crate::upload::Upload;
use crate::window::{Caller, Done, Json, Path, Query, Window};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use nexus_core::{Command, Message, Reply, Snowflake, Thing};
use nexus_crdt::body::content::ShownAs;
use nexus_crdt::id::{ChannelId, OpId, UserId};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// Number and token.
type Link = Path<(u64, String)>;

/// After so long it is looked whether the answer that was overtaken has come.
const OVERTAKEN: Duration = Duration::from_millis(10);

/// The name of a first answer. discord.js writes its `@` as `%40`, which the router takes for a message's number.
const ORIGINAL: &str = "@original";

#[derive(Deserialize)]
pub(crate) struct How {
    wait: Option<String>,
}

/// Who speaks by a link.
enum Holder {
    /// A bot that was asked something.
    Bot(Asked),
    /// A webhook: its maker, and where.
    Hook { caller: Caller, webhook: OpId, channel: ChannelId, name: String },
}

/// `POST /webhooks/{webhook_id}/{webhook_token}`: a webhook says something, or a bot says more to an interaction. What a bot
/// owes comes first.
pub(crate) async fn execute(
    State(window): State<Window>,
    Path((id, token)): Link,
    Query(how): Query<How>,
    upload: Upload<CreateMessage, MESSAGE_MAX>,
) -> Answer<Response> {
    let holder = holder(&window, id, &token).await?;
    let Upload { mut body, files } = upload;
    body.keep(&window, files).await?;
    let asked = match holder {
        Holder::Bot(asked) => asked,
        Holder::Hook { .. } => {
            let message = holder.says(&window, body).await?;
            let waits = how.wait.is_some_and(|wish| ["1", "true", "True"].contains(&wish.as_str()));
            return Ok(if waits { Json(message).into_response() } else { Done.into_response() });
        }
    };
    let owed = window.interactions().owed(asked.id);
    let whispered = match owed {
        Some(how) => how == Deferred::Whisper,
        None => body.flags() & answer::EPHEMERAL != 0,
    };
    let (said, message) = answer::say(&window, &asked, body, whispered).await?;
    if owed.is_some() {
        window.interactions().answered(asked.id, Some(said));
    }
    Ok(Json(message).into_response())
}

/// `GET /webhooks/{webhook_id}/{webhook_token}/messages/@original`
pub(crate) async fn get_original(
    State(window): State<Window>,
    Path((id, token)): Link,
) -> Answer<Json<Value>> {
    let asked = asked(&window, id, &token).await?;
    let owed = window.interactions().owed(asked.id);
    if let Some(how) = owed {
        return Ok(Json(answer::owed(&window, &asked, how)));
    }
    let said = original(&window, &asked)?;
    answer::look(&window, &asked, said).map(Json)
}

/// `PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original`: changes the first answer, or gives the one that is owed.
pub(crate) async fn edit_original(
    State(window): State<Window>,
    Path((id, token)): Link,
    upload: Upload<EditMessage, MESSAGE_MAX>,
) -> Answer<Json<Value>> {
    let asked = asked(&window, id, &token).await?;
    let Upload { mut body, files } = upload;
    body.keep(&window, files).await?;
    let owed = window.interactions().owed(asked.id);
    if let Some(how) = owed {
        let (said, message) = answer::say(&window, &asked, body.into(), how == Deferred::Whisper).await?;
        window.interactions().answered(asked.id, Some(said));
        return Ok(Json(message));
    }
    let said = original(&window, &asked)?;
    answer::change(&window, &asked, said, body).await.map(Json)
}

/// `DELETE /webhooks/{webhook_id}/{webhook_token}/messages/@original`
pub(crate) async fn delete_original(State(window): State<Window>, Path((id, token)): Link) -> Answer<Done> {
    let asked = asked(&window, id, &token).await?;
    if window.interactions().owed(asked.id).is_some() {
        window.interactions().answered(asked.id, None);
        return Ok(Done);
    }
    let said = original(&window, &asked)?;
    answer::unsay(&window, &asked, said).await?;
    Ok(Done)
}

/// `GET /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}`
pub(crate) async fn get_message(
    State(window): State<Window>,
    Path((id, token, message)): Path<(u64, String, String)>,
) -> Answer<Json<Value>> {
    if message == ORIGINAL {
        return get_original(State(window), Path((id, token))).await;
    }
    match holder(&window, id, &token).await? {
        Holder::Bot(asked) => {
            answer::look(&window, &asked, answer::named(&window, &asked, &message)?).map(Json)
        }
        holder @ Holder::Hook { .. } => holder.look(&window, &message).map(|(drawn, _)| Json(drawn)),
    }
}

/// `PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}`
pub(crate) async fn edit_message(
    State(window): State<Window>,
    Path((id, token, message)): Path<(u64, String, String)>,
    upload: Upload<EditMessage, MESSAGE_MAX>,
) -> Answer<Json<Value>> {
    if message == ORIGINAL {
        return edit_original(State(window), Path((id, token)), upload).await;
    }
    let holder = holder(&window, id, &token).await?;
    let Upload { mut body, files } = upload;
    body.keep(&window, files).await?;
    match holder {
        Holder::Bot(asked) => {
            let said = answer::named(&window, &asked, &message)?;
            answer::change(&window, &asked, said, body).await.map(Json)
        }
        Holder::Hook { ref caller, channel, .. } => {
            let (_, now) = holder.look(&window, &message)?;
            let edit = body.edit(&caller.view, &now.body)?;
            let command = Command::EditMessage { channel, message: now.id, edit };
            let reply = window.node.command(Some(caller.user), command).await?;
            let Reply::Message(message) = reply else { return Err(ApiError::unknown(Thing::Message)) };
            Ok(Json(render::message(caller.drawing(), None, &message)))
        }
    }
}

/// `DELETE /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}`
pub(crate) async fn delete_message(
    State(window): State<Window>,
    Path((id, token, message)): Path<(u64, String, String)>,
) -> Answer<Done> {
    if message == ORIGINAL {
        return delete_original(State(window), Path((id, token))).await;
    }
    match holder(&window, id, &token).await? {
        Holder::Bot(asked) => {
            answer::unsay(&window, &asked, answer::named(&window, &asked, &message)?).await?;
        }
        holder @ Holder::Hook { .. } => {
            let (_, now) = holder.look(&window, &message)?;
            if let Holder::Hook { caller, channel, .. } = &holder {
                let command = Command::DeleteMessages { channel: *channel, messages: vec![now.id] };
                window.node.command(Some(caller.user), command).await?;
            }
        }
    }
    Ok(Done)
}

/// What a webhook says, from elsewhere in this folder.
pub(super) async fn says(window: &Window, id: u64, token: &str, body: CreateMessage) -> Answer<Value> {
    match holder(window, id, token).await? {
        Holder::Bot(_) => Err(ApiError::unknown_webhook()),
        holder @ Holder::Hook { .. } => holder.says(window, body).await,
    }
}

impl Holder {
    async fn says(&self, window: &Window, mut body: CreateMessage) -> Answer<Value> {
        let Self::Hook { caller, webhook, channel, name } = self else {
            return Err(ApiError::unknown_webhook());
        };
        let unknown = || ApiError::unknown(Thing::Channel);
        let guild = caller.view.guild_of(channel).ok_or_else(unknown)?;
        let (shown, avatar) = body.shown_as()?;
        let mut draft = body.draft(window, caller, guild, *channel)?;
        draft.extras.shown_as =
            Some(ShownAs { webhook: *webhook, name: shown.unwrap_or_else(|| name.clone()), avatar });
        let reply = window.node.command(Some(caller.user), Command::SendMessage(draft)).await?;
        let Reply::Message(message) = reply else { return Err(ApiError::unknown(Thing::Message)) };
        Ok(render::message(caller.drawing(), None, &message))
    }

    /// A message that was sent by this very webhook.
    fn look(&self, window: &Window, number: &str) -> Answer<(Value, Message)> {
        let Self::Hook { caller, webhook, channel, .. } = self else {
            return Err(ApiError::unknown_webhook());
        };
        let reader = window.node.read()?;
        let message = caller.message(&reader, *channel, number)?;
        let own = message.body.shown_as.as_ref().is_some_and(|shown| shown.webhook == *webhook);
        if !own {
            return Err(ApiError::unknown(Thing::Message));
        }
        Ok((render::message(caller.drawing(), Some(&reader), &message), message))
    }
}

/// Whose link it is. An interaction's token has a dot, a webhook's has none.
async fn holder(window: &Window, id: u64, token: &str) -> Answer<Holder> {
    if token.contains('.') {
        return asked(window, id, token).await.map(Holder::Bot);
    }
    let view = window.node.view();
    let known = opened(window, &view, id, token).await?;
    Ok(Holder::Hook {
        caller: Caller::acting(window, known.maker),
        webhook: known.id,
        channel: known.hook.channel,
        name: known.hook.name.to_string(),
    })
}

/// The interaction behind a link, answered and not older than its token. A bot that is asked by HTTP goes on as soon as its answer
/// is written, and what it says next may be here before that was read: it waits for it, as long as an answer may take.
async fn asked(window: &Window, id: u64, token: &str) -> Answer<Asked> {
    let application = window.node.view().ids.op(Snowflake(id)).map(UserId::from);
    let application = application.ok_or_else(ApiError::unknown_webhook)?;
    loop {
        let now_ms = window.gateway.now_ms();
        if let Some(asked) = window.interactions().follow(&application, token, now_ms) {
            return Ok(asked);
        }
        if !window.interactions().is_awaited(&application, token, now_ms) {
            return Err(ApiError::unknown_webhook());
        }
        tokio::time::sleep(OVERTAKEN).await;
    }
}

fn original(window: &Window, asked: &Asked) -> Answer<Said> {
    let said = window.interactions().original(asked.id);
    said.ok_or_else(|| ApiError::unknown(Thing::Message))
}
