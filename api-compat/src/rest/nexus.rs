//! `/nexus` and `/auth`: what Discord has no route for.

use crate::Tls;
use crate::access;
use crate::cookie;
use crate::error::{Answer, ApiError};
use crate::ports::visits::Visits;
use crate::render;
use crate::window::{Body, Caller, Done, Json, Path, Person, Window};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use nexus_core::{Command, InviteUrl, NotAnInvite, Reply, Thing};
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::id::UserId;
use nexus_node::NodeStatus;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[derive(Deserialize)]
pub(crate) struct Setup {
    display_name: String,
}

/// `POST /nexus/setup`: a node's first run, with the one-time key that it printed.
pub(crate) async fn setup(
    State(window): State<Window>,
    headers: HeaderMap,
    Body(body): Body<Setup>,
) -> Answer<Response> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Setup ")).ok_or_else(ApiError::unauthorized)?;
    let key = window.options.setup_key.as_deref().ok_or_else(ApiError::unauthorized)?;
    // Hashes are compared, so that time tells nothing of the key.
    if blake3::hash(given.as_bytes()) != blake3::hash(key.as_bytes()) {
        return Err(ApiError::unauthorized());
    }
    let reply = window.node.command(None, Command::Setup { name: body.display_name }).await?;
    let Reply::Setup { user, token } = reply else { return Err(ApiError::unauthorized()) };
    let view = window.node.view();
    let answer = json!({ "token": token, "user_id": view.ids.of(user).0.to_string() });
    let mut response = Json(answer).into_response();
    cookie::give_token(response.headers_mut(), &headers, &token);
    Ok(response)
}

/// `POST /nexus/session`: a page that was handed a token changes it for a cookie, which it cannot read.
pub(crate) async fn begin_session(Person(_): Person, headers: HeaderMap) -> Answer<Response> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = given.map(str::trim).ok_or_else(ApiError::unauthorized)?;
    let mut response = Done.into_response();
    cookie::give_token(response.headers_mut(), &headers, token);
    Ok(response)
}

/// `DELETE /nexus/session`: the page forgets who it was. The token itself stays good.
pub(crate) async fn end_session(headers: HeaderMap) -> Response {
    let mut response = Done.into_response();
    cookie::take_tokens(response.headers_mut(), &headers);
    response
}

/// `GET /nexus/status`: to the owner, what `nexus status --json` prints.
pub(crate) async fn status(State(window): State<Window>, caller: Caller) -> Answer<Json<NodeStatus>> {
    if caller.view.owner != Some(caller.user) {
        return Err(ApiError::forbidden());
    }
    let mut status = window.node.status().await?;
    status.certificate = window.options.tls.as_ref().map(Tls::status);
    Ok(Json(match &window.options.mesh {
        Some(mesh) => status.with(mesh),
        None => status,
    }))
}

/// `GET /nexus/channels/{channel_id}/readers`: who can read what is written there, in facts a client puts into words.
pub(crate) async fn readers(caller: Caller, Path(channel): Path<String>) -> Answer<Json<impl Serialize>> {
    let (channel, guild) = caller.channel(&channel)?;
    let view = &caller.view;
    let sees = |user: &&UserId| access::sees(guild, user, &channel);
    let people: Vec<&UserId> = guild.members.keys().filter(sees).collect();
    let users = people.iter().filter_map(|user| view.users.get(*user));
    let of_class = |bots: bool| users.clone().filter(move |user| (user.class == AccountClass::Bot) == bots);
    let hosted = of_class(false).filter(|user| user.hosted);
    let contested = users.clone().filter(|user| user.contested);
    let relays: BTreeSet<&String> = match guild.facts.kind {
        SpaceKind::Guild => guild.relays.iter().collect(),
        SpaceKind::Conversation => users.clone().flat_map(|user| user.relays.iter()).collect(),
    };
    Ok(Json(json!({
        "sealed": false,
        "relays": relays,
        "people": of_class(false).count(),
        "hosted": hosted.clone().count(),
        "hosted_users": hosted.take(SHOWN_MAX).map(|user| render::user(view, &user.id)).collect::<Vec<_>>(),
        "contested_users": contested.take(SHOWN_MAX).map(|user| render::user(view, &user.id)).collect::<Vec<_>>(),
        "bots": of_class(true).take(SHOWN_MAX).map(|user| render::user(view, &user.id)).collect::<Vec<_>>(),
    })))
}

/// Accounts that are named one by one; more are only counted.
const SHOWN_MAX: usize = 50;

#[derive(Deserialize)]
pub(crate) struct Joined {
    url: String,
}

/// `POST /nexus/join`: the owner of this node joins a guild that another program holds, by its invite's URL.
pub(crate) async fn join(
    State(window): State<Window>,
    Person(caller): Person,
    Body(body): Body<Joined>,
) -> Answer<Json<Value>> {
    if caller.view.owner != Some(caller.user) {
        return Err(ApiError::forbidden());
    }
    let invite: InviteUrl = body
        .url
        .parse()
        .map_err(|error: NotAnInvite| ApiError::invalid("url", "INVALID_VALUE", &error.to_string()))?;
    let visits = window.options.mesh.as_ref().map(|mesh| mesh as &dyn Visits);
    crate::join(&window.node, visits, caller.user, &invite).await?;
    let (view, code) = (window.node.view(), invite.code.to_string());
    let (guild, shown) =
        render::invite_by_code(&view, &code).ok_or_else(|| ApiError::unknown(Thing::Invite))?;
    Ok(Json(json!(render::invite(&view, guild, shown, &code))))
}

/// `GET /nexus/relay`: to anybody, how this relay is reached by other programs.
pub(crate) async fn relay(State(window): State<Window>) -> Answer<Json<Value>> {
    let not_here = || ApiError::not_implemented("relay: this is one person's node");
    let facts = window.options.relay.as_ref().ok_or_else(not_here)?;
    let peer_key = facts.peer_key.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let sign_in = facts.sign_in.iter().map(|(id, name)| json!({ "id": id, "name": name }));
    Ok(Json(json!({
        "peer_key": peer_key,
        "mesh_port": facts.mesh_port,
        "name": facts.name,
        "version": env!("CARGO_PKG_VERSION"),
        "hosting": facts.hosting,
        "registration": facts.registration,
        "mail": facts.mail,
        "sign_in": sign_in.collect::<Vec<_>>(),
    })))
}
