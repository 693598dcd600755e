//! The shell of one connection: carries out what [`Connection`] says, and sends what the gateway session holds.

use super::close::CloseCode;
use super::compress::Packer;
use super::connection::{Connection, Deed};
use super::frame::{self, Identify, Resume, Token};
use super::hub::{Attachment, Gateway, Refused};
use super::session::Taken;
use crate::entrance::guests::Guest;
use crate::{cookie, page};
use axum::Router;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use std::time::Duration;

/// Largest WebSocket message taken from a client; what is beyond the protocol's own limit is answered, not dropped.
const MESSAGE_MAX: usize = 64 * 1024;
/// Events sent between two flushes.
const BATCH: usize = 64;
/// How long a socket may take nothing before it is closed; the gateway session goes on.
const STALL: Duration = Duration::from_secs(30);
/// How long a closing handshake may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// The gateway's door: `GET /` with an upgrade, where libraries knock.
pub fn routes(gateway: Gateway) -> Router {
    Router::new().route("/", get(connect)).with_state(gateway)
}

/// The parameters of a gateway address.
#[derive(Debug, Deserialize)]
struct Parameters {
    v: Option<String>,
    encoding: Option<String>,
    compress: Option<String>,
}

/// What is wrong with the parameters is said by a close code, which is where libraries look.
async fn connect(
    State(gateway): State<Gateway>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    guest: Option<Extension<Guest>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(_) if page::is_wanted(&headers) => return page::page(&headers),
        Err(rejection) => return rejection.into_response(),
    };
    let cookie = cookie::token(&headers).map(Token::from_cookie);
    let url = gateway
        .settings()
        .public_url
        .as_deref()
        .map_or_else(|| own_address(&headers, gateway.settings().secure), as_websocket);
    let guest = guest.map(|Extension(guest)| guest);
    upgrade
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX)
        .read_buffer_size(1024)
        .write_buffer_size(64 * 1024)
        .on_upgrade(move |socket| serve(socket, gateway, parameters, Came { url, cookie, guest }))
}

/// `https://…` as `wss://…`, without a slash at its end.
fn as_websocket(url: &str) -> String {
    let url = url.trim_end_matches('/');
    url.strip_prefix("http").map_or_else(|| url.to_owned(), |rest| format!("ws{rest}"))
}

/// Where the client came in, so that it comes back the same way (through the same proxy).
fn own_address(headers: &HeaderMap, by_tls: bool) -> String {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let secure =
        by_tls || headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https" || proto == "wss");
    let scheme = if secure { "wss" } else { "ws" };
    format!("{scheme}://{}", text(header::HOST).unwrap_or("127.0.0.1:8081"))
}

async fn serve(mut socket: WebSocket, gateway: Gateway, parameters: Parameters, came: Came) {
    let spoken = parameters.v.as_deref().is_none_or(|v| v == "9" || v == "10")
        && parameters.encoding.as_deref().is_none_or(|encoding| encoding == "json");
    let Ok(packer) = Packer::by_name(parameters.compress.as_deref()) else {
        return close(&mut socket, CloseCode::DecodeError).await;
    };
    if !spoken {
        return close(&mut socket, CloseCode::InvalidApiVersion).await;
    }
    let (connection, hello) = Connection::open(gateway.settings().heartbeat_ms, gateway.now_ms());
    let mut wire = Wire { socket, packer };
    if wire.send(hello).await.is_err() {
        return;
    }
    let mut shell = Shell { wire, gateway, connection, attachment: None, came };
    let end = shell.run().await;
    let for_good = matches!(end, End::Client(Some(1000 | 1001)));
    if let Some(attachment) = &shell.attachment {
        shell.gateway.detach(attachment, for_good);
    }
    if let End::Closed(code) = end {
        close(&mut shell.wire.socket, code).await;
    } else {
        drain(&mut shell.wire.socket).await;
    }
}

/// Why a connection ends.
enum End {
    /// The client said goodbye with this code, or is gone.
    Client(Option<u16>),
    /// It is closed from here.
    Closed(CloseCode),
}

struct Shell {
    wire: Wire,
    gateway: Gateway,
    connection: Connection,
    attachment: Option<Attachment>,
    came: Came,
}

/// How a connection came in.
struct Came {
    /// Where the client comes back to.
    url: String,
    /// The session of a page, which cannot read its own token.
    cookie: Option<Token>,
    /// Its place among those who have not said who they are; none once it has.
    guest: Option<Guest>,
}

impl Shell {
    async fn run(&mut self) -> End {
        loop {
            let until_deadline = self.until_deadline();
            let step = tokio::select! {
                biased;
                message = self.wire.socket.next() => match message {
                    Some(Ok(message)) => self.hear(message).await,
                    Some(Err(_)) | None => Err(End::Client(None)),
                },
                () = wakened(self.attachment.as_ref()) => self.send_backlog().await,
                () = must_leave(self.came.guest.as_ref()) => Err(End::Closed(CloseCode::SessionTimedOut)),
                () = tokio::time::sleep(until_deadline) => {
                    let deed = self.connection.tick(self.gateway.now_ms());
                    self.carry_out(deed).await
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        let now_ms = self.gateway.now_ms();
        let deed = match &message {
            Message::Text(text) => self.connection.handle(text.as_bytes(), now_ms),
            Message::Binary(bytes) => self.connection.handle(bytes, now_ms),
            Message::Close(frame) => return Err(End::Client(frame.as_ref().map(|frame| frame.code))),
            Message::Ping(_) | Message::Pong(_) => Deed::Nothing,
        };
        self.carry_out(deed).await
    }

    async fn carry_out(&mut self, deed: Deed) -> Result<(), End> {
        match deed {
            Deed::Nothing => Ok(()),
            Deed::Send(frame) => self.wire.send(frame).await,
            Deed::Heartbeat { seq, answer } => {
                if let (Some(attachment), Some(seq)) = (&self.attachment, seq) {
                    attachment.acknowledge(seq);
                }
                self.wire.send(answer).await
            }
            Deed::Identify(mut identify) => {
                identify.token.or_cookie(self.came.cookie.as_ref());
                self.identify(&identify).await
            }
            Deed::Resume(mut resume) => {
                resume.token.or_cookie(self.came.cookie.as_ref());
                self.resume(&resume).await
            }
            Deed::Presence(wish) => {
                self.with_attachment(|gateway, attachment| gateway.set_presence(attachment, &wish));
                Ok(())
            }
            Deed::Voice(wish) => {
                self.with_attachment(|gateway, attachment| gateway.set_voice(attachment, &wish));
                Ok(())
            }
            Deed::RequestMembers(wish) => {
                self.with_attachment(|gateway, attachment| gateway.send_members(attachment, &wish));
                Ok(())
            }
            Deed::RequestChannelInfo(wish) => {
                self.with_attachment(|gateway, attachment| gateway.send_channel_info(attachment, &wish));
                Ok(())
            }
            Deed::Close(code) => Err(End::Closed(code)),
        }
    }

    async fn identify(&mut self, identify: &Identify) -> Result<(), End> {
        self.gateway.catch_up(&identify.token).await;
        let outcome = self.gateway.identify(identify, &self.came.url);
        self.admit(outcome).await
    }

    async fn resume(&mut self, resume: &Resume) -> Result<(), End> {
        let outcome = self.gateway.resume(resume);
        self.admit(outcome).await
    }

    async fn admit(&mut self, outcome: Result<Attachment, Refused>) -> Result<(), End> {
        match outcome {
            Ok(attachment) => {
                self.attachment = Some(attachment);
                self.came.guest = None;
                self.connection.admitted(self.gateway.now_ms());
                self.send_backlog().await
            }
            Err(Refused::Invalid) => self.wire.send(frame::invalid_session(false)).await,
            Err(Refused::Close(code)) => Err(End::Closed(code)),
        }
    }

    fn with_attachment(&self, deed: impl FnOnce(&Gateway, &Attachment)) {
        if let Some(attachment) = &self.attachment {
            deed(&self.gateway, attachment);
        }
    }

    /// Sends what there is, with one flush for many events where they have piled up.
    async fn send_backlog(&mut self) -> Result<(), End> {
        let Some(attachment) = &self.attachment else {
            return Ok(());
        };
        loop {
            match attachment.take(BATCH) {
                Taken::Events(first, events) => {
                    for (seq, event) in (first..).zip(&events) {
                        self.wire.feed(frame::dispatch(event.name.as_str(), seq, &event.data)).await?;
                    }
                    self.wire.flush().await?;
                }
                Taken::Nothing => return Ok(()),
                Taken::Revoked => return Err(End::Closed(CloseCode::AuthenticationFailed)),
                Taken::NotYours => {
                    self.wire.send(frame::reconnect()).await?;
                    return Err(End::Closed(CloseCode::UnknownError));
                }
            }
        }
    }

    fn until_deadline(&self) -> Duration {
        Duration::from_millis(self.connection.deadline().saturating_sub(self.gateway.now_ms()))
    }
}

async fn wakened(attachment: Option<&Attachment>) {
    match attachment {
        Some(attachment) => attachment.wakened().await,
        None => std::future::pending().await,
    }
}

async fn must_leave(guest: Option<&Guest>) {
    match guest {
        Some(guest) => guest.must_leave().await,
        None => std::future::pending().await,
    }
}

/// The socket with its compression. A client that takes nothing for [`STALL`] is closed resumably.
struct Wire {
    socket: WebSocket,
    packer: Packer,
}

impl Wire {
    async fn send(&mut self, frame: String) -> Result<(), End> {
        self.feed(frame).await?;
        self.flush().await
    }

    async fn feed(&mut self, frame: String) -> Result<(), End> {
        let packed = self.packer.pack(&frame).map_err(|_| End::Closed(CloseCode::UnknownError))?;
        let message =
            packed.map_or_else(|| Message::Text(frame.into()), |packed| Message::Binary(packed.into()));
        within_stall(self.socket.feed(message)).await
    }

    async fn flush(&mut self) -> Result<(), End> {
        within_stall(self.socket.flush()).await
    }
}

async fn within_stall(io: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
    match tokio::time::timeout(STALL, io).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Client(None)),
        Err(_) => Err(End::Closed(CloseCode::UnknownError)),
    }
}

/// Says why, and waits a little for the other side to have read it.
async fn close(socket: &mut WebSocket, code: CloseCode) {
    let frame = CloseFrame { code: code as u16, reason: code.reason().into() };
    if matches!(tokio::time::timeout(GOODBYE, socket.send(Message::Close(Some(frame)))).await, Ok(Ok(()))) {
        drain(socket).await;
    }
}

/// Reads to the end: the echo of the client's own close code goes out on the way.
async fn drain(socket: &mut WebSocket) {
    let to_the_end = async { while let Some(Ok(_)) = socket.next().await {} };
    let _ = tokio::time::timeout(GOODBYE, to_the_end).await;
}
