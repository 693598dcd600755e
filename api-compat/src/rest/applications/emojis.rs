//! `/applications/{application_id}/emojis`: a bot's own.

use super::found;
use crate::error::{Answer, ApiError};
use crate::picture;
use crate::render;
use crate::rest::find::number;
use crate::window::{Body, Caller, Created, Done, Json, Path, Window};
use axum::extract::State;
use nexus_core::{Command, Reply, View};
use nexus_crdt::id::{OpId, UserId};
use serde::Deserialize;
use serde_json::{Value, json};

/// `GET /applications/{application_id}/emojis`
pub(crate) async fn list(caller: Caller, Path(application): Path<String>) -> Answer<Json<Value>> {
    let application = found(&caller, &application)?;
    let mut all = known(&caller.view, &application);
    all.sort_by_key(|emoji| caller.view.ids.of(*emoji));
    let items = all.into_iter().map(|emoji| drawn(&caller.view, &application, &emoji));
    Ok(Json(json!({ "items": items.collect::<Answer<Vec<_>>>()? })))
}

/// `GET /applications/{application_id}/emojis/{emoji_id}`
pub(crate) async fn get(
    caller: Caller,
    Path((application, emoji)): Path<(String, String)>,
) -> Answer<Json<Value>> {
    let application = found(&caller, &application)?;
    drawn(&caller.view, &application, &named(&caller, &emoji)?).map(Json)
}

#[derive(Deserialize)]
pub(crate) struct Create {
    name: String,
    image: String,
}

/// `POST /applications/{application_id}/emojis`
pub(crate) async fn create(
    State(window): State<Window>,
    caller: Caller,
    Path(application): Path<String>,
    Body(body): Body<Create>,
) -> Answer<Created<Value>> {
    let application = found(&caller, &application)?;
    let picture = picture::keep(&window, picture::read(&body.image)?).await?;
    let command = Command::MakeOwnEmoji { application, name: body.name, picture };
    let reply = window.node.command(Some(caller.user), command).await?;
    let Reply::Created(emoji) = reply else { return Err(ApiError::unknown_emoji()) };
    drawn(&window.node.view(), &application, &emoji).map(Created)
}

#[derive(Deserialize)]
pub(crate) struct Edit {
    name: Option<String>,
}

/// `PATCH /applications/{application_id}/emojis/{emoji_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path((application, emoji)): Path<(String, String)>,
    Body(body): Body<Edit>,
) -> Answer<Json<Value>> {
    let application = found(&caller, &application)?;
    let emoji = named(&caller, &emoji)?;
    if body.name.is_some() {
        let command = Command::NameOwnEmoji { application, emoji, name: body.name };
        window.node.command(Some(caller.user), command).await?;
    }
    drawn(&window.node.view(), &application, &emoji).map(Json)
}

/// `DELETE /applications/{application_id}/emojis/{emoji_id}`
pub(crate) async fn delete(
    State(window): State<Window>,
    caller: Caller,
    Path((application, emoji)): Path<(String, String)>,
) -> Answer<Done> {
    let application = found(&caller, &application)?;
    let emoji = named(&caller, &emoji)?;
    window.node.command(Some(caller.user), Command::NameOwnEmoji { application, emoji, name: None }).await?;
    Ok(Done)
}

fn known(view: &View, application: &UserId) -> Vec<OpId> {
    view.applications.get(application).map_or_else(Vec::new, |shown| shown.emojis.keys().copied().collect())
}

fn named(caller: &Caller, text: &str) -> Answer<OpId> {
    caller.view.ids.op(number(text)?).ok_or_else(ApiError::unknown_emoji)
}

fn drawn(view: &View, application: &UserId, emoji: &OpId) -> Answer<Value> {
    let shown = view.applications.get(application).and_then(|shown| shown.emojis.get(emoji));
    let shown = shown.ok_or_else(ApiError::unknown_emoji)?;
    Ok(render::own_emoji(view, application, (emoji, shown)))
}
