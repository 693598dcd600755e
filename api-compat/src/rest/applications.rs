//! `/applications`: the owner's bots.

pub(crate) mod commands;
pub(crate) mod emojis;
pub(crate) mod permissions;
pub(crate) mod role_connections;

use crate::bearer::oauth;
use crate::error::{Answer, ApiError};
use crate::ports::oauth::ClientChange;
use crate::render;
use crate::rest::interactions;
use crate::window::{Body, Caller, Done, Json, Path, Person, Window};
use axum::extract::State;
use nexus_api_model::given;
use nexus_core::{Command, Reply, Thing, View};
use nexus_crdt::id::UserId;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct CreateApplication {
    name: String,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
pub(crate) struct EditApplication {
    name: Option<String>,
    description: Option<String>,
    flags: Option<u64>,
    #[serde(default, deserialize_with = "given")]
    interactions_endpoint_url: Option<Option<String>>,
    redirect_uris: Option<Vec<String>>,
    public_client: Option<bool>,
}

/// `POST /applications`
pub(crate) async fn create(
    State(window): State<Window>,
    Person(caller): Person,
    Body(body): Body<CreateApplication>,
) -> Answer<Json<Value>> {
    let command = Command::CreateApplication { name: body.name, description: body.description };
    let reply = window.node.command(Some(caller.user), command).await?;
    let Reply::Created(id) = reply else { return Err(ApiError::unknown(Thing::Application)) };
    drawn(&window, &window.node.view(), &UserId::from(id)).await.map(Json)
}

/// `GET /applications`
pub(crate) async fn list(State(window): State<Window>, Person(caller): Person) -> Answer<Json<Vec<Value>>> {
    let mut mine = Vec::new();
    for application in caller.view.applications.values().filter(|known| known.owner == caller.user) {
        mine.push(drawn(&window, &caller.view, &application.id).await?);
    }
    Ok(Json(mine))
}

/// `GET /applications/@me`, and `GET /oauth2/applications/@me`: the bot's own.
pub(crate) async fn me(State(window): State<Window>, caller: Caller) -> Answer<Json<Value>> {
    drawn(&window, &caller.view, &caller.user).await.map(Json)
}

/// `PATCH /applications/@me`
pub(crate) async fn edit_me(
    State(window): State<Window>,
    caller: Caller,
    Body(body): Body<EditApplication>,
) -> Answer<Json<Value>> {
    let owner = caller.view.applications.get(&caller.user).map(|application| application.owner);
    let owner = owner.ok_or_else(|| ApiError::unknown(Thing::Application))?;
    change(&window, owner, caller.user, body).await
}

/// `GET /applications/{application_id}`
pub(crate) async fn get(
    State(window): State<Window>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<Value>> {
    let id = found(&caller, &id)?;
    drawn(&window, &caller.view, &id).await.map(Json)
}

/// `PATCH /applications/{application_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body<EditApplication>,
) -> Answer<Json<Value>> {
    let id = found(&caller, &id)?;
    let owner = caller.view.applications.get(&id).map_or(caller.user, |application| application.owner);
    change(&window, owner, id, body).await
}

/// `POST /applications/{application_id}/bot/reset`: the token, shown this once.
pub(crate) async fn reset_token(
    State(window): State<Window>,
    Person(caller): Person,
    Path(id): Path<String>,
) -> Answer<Json<Value>> {
    let user = found(&caller, &id)?;
    let command = Command::IssueToken { user, replace: true };
    match window.node.command(Some(caller.user), command).await? {
        Reply::Token(token) => Ok(Json(json!({ "token": token }))),
        _ => Err(ApiError::unknown(Thing::Application)),
    }
}

/// `POST /applications/{application_id}/reset`: the secret by which it exchanges codes, shown this once.
pub(crate) async fn reset_secret(
    State(window): State<Window>,
    Person(caller): Person,
    Path(id): Path<String>,
) -> Answer<Json<Value>> {
    let id = found(&caller, &id)?;
    let secret = oauth(&window)?.reset_secret(id).await?;
    Ok(Json(json!({ "secret": secret })))
}

/// `POST /applications/{application_id}/delete`: shaped as Discord's own client uses it.
pub(crate) async fn delete(
    State(window): State<Window>,
    Person(caller): Person,
    Path(id): Path<String>,
) -> Answer<Done> {
    let id = found(&caller, &id)?;
    window.node.command(Some(caller.user), Command::DeleteApplication { application: id }).await?;
    // Last: tokens of an application that is gone open nothing, whether their rows are there or not.
    if let Some(oauth) = window.accounts.oauth() {
        oauth.forget(id).await?;
    }
    Ok(Done)
}

async fn change(window: &Window, owner: UserId, id: UserId, body: EditApplication) -> Answer<Json<Value>> {
    let url = body.interactions_endpoint_url.map(|url| url.filter(|url| !url.is_empty()));
    if let Some(Some(url)) = &url {
        interactions::endpoint::is_its_own(window, &id, url).await?;
    }
    let client = ClientChange { redirects: body.redirect_uris, public: body.public_client };
    if client != ClientChange::default() {
        oauth(window)?.set_client(id, client).await?;
    }
    let command = Command::EditApplication {
        application: id,
        name: body.name,
        description: body.description,
        flags: body.flags,
    };
    window.node.command(Some(owner), command).await?;
    if let Some(url) = url {
        window.node.command(Some(owner), Command::SetEndpoint { application: id, url }).await?;
    }
    drawn(window, &window.node.view(), &id).await.map(Json)
}

/// An application that the caller made or is.
fn found(caller: &Caller, id: &str) -> Answer<UserId> {
    let user = caller.user(id).map_err(|_| ApiError::unknown(Thing::Application))?;
    let application = caller.view.applications.get(&user);
    let known = application.filter(|application| application.owner == caller.user || user == caller.user);
    known.map(|application| application.id).ok_or_else(|| ApiError::unknown(Thing::Application))
}

async fn drawn(window: &Window, view: &View, id: &UserId) -> Answer<Value> {
    let application = view.applications.get(id).ok_or_else(|| ApiError::unknown(Thing::Application))?;
    let mut shown = render::application(view, application);
    if let Some(oauth) = window.accounts.oauth() {
        let facts = oauth.client(*id).await?;
        shown["redirect_uris"] = json!(facts.redirects);
        shown["public_client"] = json!(facts.public);
    }
    Ok(shown)
}
