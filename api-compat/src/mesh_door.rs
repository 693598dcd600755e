//! `GET /nexus/mesh`: where nodes come in by WebSocket whose networks let nothing but HTTP or HTTPS out. What they say, the mesh
//! hears; here is the upgrade. `POST /nexus/dial-back`: where another relay asks how it is reached from outside.

use crate::entrance::whence::Whence;
use crate::window::Window;
use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Extensions, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use nexus_node::mesh::websocket::{self, MESSAGE_MAX, PATH, Socket};
use nexus_node::mesh::{DIAL_BACK, DialBack, Mesh, NoDialBack};
use std::net::IpAddr;

/// The door, where this is a relay.
pub(crate) fn routes(window: &Window) -> Router {
    match (&window.options.mesh, &window.options.relay) {
        (Some(mesh), Some(_)) => {
            let door = Door { mesh: mesh.clone(), encrypts: window.options.tls.is_some() };
            let back = post(dial_back).layer(DefaultBodyLimit::max(QUESTION_MAX));
            Router::new().route(PATH, get(come_in)).route(DIAL_BACK, back).with_state(door)
        }
        _ => Router::new(),
    }
}

#[derive(Clone)]
struct Door {
    mesh: Mesh,
    /// Nobody stands before this window: who comes is who they seem.
    encrypts: bool,
}

async fn come_in(State(door): State<Door>, extensions: Extensions, upgrade: WebSocketUpgrade) -> Response {
    // Without TLS of its own there may be a proxy before it that nobody named, behind whose address there are many.
    let known = extensions.get::<Whence>().filter(|whence| door.encrypts || whence.by_a_proxy);
    let from = known.map(|whence| whence.address);
    upgrade
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX)
        .read_buffer_size(64 * 1024)
        .on_upgrade(move |socket| async move { hand_over(&door.mesh, socket, from) })
}

/// Longest question, bytes.
const QUESTION_MAX: usize = 4 * 1024;

async fn dial_back(State(door): State<Door>, extensions: Extensions, body: Bytes) -> Response {
    let from = extensions.get::<Whence>().map(|whence| whence.address);
    let outcome = match (serde_json::from_slice::<DialBack>(&body), from) {
        (Ok(asked), Some(from)) => door.mesh.dial_back(&asked, from).await,
        _ => Err(NoDialBack::NoUrl),
    };
    let status = match outcome {
        Ok(facts) => return axum::Json(facts).into_response(),
        Err(NoDialBack::NoUrl) => StatusCode::BAD_REQUEST,
        Err(NoDialBack::Later) => StatusCode::TOO_MANY_REQUESTS,
        Err(_) => StatusCode::FORBIDDEN,
    };
    (status, axum::Json(outcome.err())).into_response()
}

fn hand_over(mesh: &Mesh, socket: WebSocket, from: Option<IpAddr>) {
    if !mesh.take(Socket::of(socket, read, Message::Binary), from) {
        tracing::debug!("too many come in by WebSocket at a time: one is turned away");
    }
}

fn read(message: Message) -> websocket::Message {
    match message {
        Message::Binary(bytes) => websocket::Message::Binary(bytes),
        Message::Ping(_) | Message::Pong(_) => websocket::Message::Control,
        Message::Close(_) => websocket::Message::Close,
        Message::Text(_) => websocket::Message::Garbage,
    }
}
