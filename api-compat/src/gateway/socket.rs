//! The shell of one connection: carries out what [`Connection`] says, and sends what the gateway session holds.

use super::close::CloseCode;
use super::compress::Packer;
use super::connection::{Connection, Deed};
use super::frame::{self, Identify, Resume, Token};
use super::hub::{Attachment, Gateway, Refused};
use super::session::Taken;
use super::wire::Wire;
use crate::entrance::guests::Guest;
use crate::{cookie, page};
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use hyper::upgrade::OnUpgrade;
use serde::Deserialize;
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

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
    on_upgrade: Option<Extension<OnUpgrade>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match upgrade {
        // It was asked for as it should be: the handshake is answered here, for what `axum` makes of it keeps more than an idle connection needs.
        Ok(_) => {}
        Err(_) if page::is_wanted(&headers) => return page::page(&headers),
        Err(rejection) => return rejection.into_response(),
    }
    let (Some(Extension(on_upgrade)), Some(accepted)) = (on_upgrade, accepted(&headers)) else {
        return StatusCode::UPGRADE_REQUIRED.into_response();
    };
    let cookie = cookie::token(&headers).map(Token::from_cookie);
    let url = gateway
        .settings()
        .public_url
        .as_deref()
        .map_or_else(|| own_address(&headers, gateway.settings().secure), as_websocket);
    let guest = guest.map(|Extension(guest)| guest);
    let came = Box::new(Came { url, cookie, guest });
    tokio::spawn(async move {
        // What only its beginning and its end take, a connection does not hold meanwhile.
        if let Some(mut shell) = Box::pin(begin(on_upgrade, gateway, parameters, came)).await {
            let end = shell.run().await;
            Box::pin(shell.part(end)).await;
        }
    });
    accepted
}

/// The answer to a handshake (RFC 6455, 4.2.2).
fn accepted(headers: &HeaderMap) -> Option<Response> {
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?;
    let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes())).ok()?;
    let headers = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ];
    Some((StatusCode::SWITCHING_PROTOCOLS, headers).into_response())
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

async fn begin(
    on_upgrade: OnUpgrade,
    gateway: Gateway,
    parameters: Parameters,
    came: Box<Came>,
) -> Option<Shell> {
    let upgraded = on_upgrade.await.ok()?;
    let spoken = parameters.v.as_deref().is_none_or(|v| v == "9" || v == "10")
        && parameters.encoding.as_deref().is_none_or(|encoding| encoding == "json");
    let Ok(packer) = Packer::by_name(parameters.compress.as_deref()) else {
        Wire::over(upgraded, Packer::Plain).await.close(CloseCode::DecodeError).await;
        return None;
    };
    let mut wire = Wire::over(upgraded, packer).await;
    if !spoken {
        wire.close(CloseCode::InvalidApiVersion).await;
        return None;
    }
    let (connection, hello) = Connection::open(gateway.settings().heartbeat_ms, gateway.now_ms());
    wire.send(&hello).await.ok()?;
    Some(Shell { wire, gateway, connection, attachment: None, came: Some(came) })
}

/// Why a connection ends.
pub(super) enum End {
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
    /// Until it reads a gateway session.
    came: Option<Box<Came>>,
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
        // A deadline only ever moves away: it is looked at when the timer rings, not with each event.
        let mut timer = pin!(sleep(self.until_deadline()));
        loop {
            let step = tokio::select! {
                biased;
                message = self.wire.next() => match message {
                    Some(message) => self.hear(message).await,
                    None => Err(End::Client(None)),
                },
                () = wakened(self.attachment.as_ref()) => self.send_backlog().await,
                () = must_leave(self.came.as_deref()) => Err(End::Closed(CloseCode::SessionTimedOut)),
                () = timer.as_mut() => {
                    let deed = self.connection.tick(self.gateway.now_ms());
                    let step = self.carry_out(deed).await;
                    timer.as_mut().reset(Instant::now() + self.until_deadline());
                    step
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// The connection is over, and with it what it held.
    async fn part(self, end: End) {
        let for_good = matches!(end, End::Client(Some(1000 | 1001)));
        if let Some(attachment) = &self.attachment {
            self.gateway.detach(attachment, for_good);
        }
        match end {
            End::Closed(code) => self.wire.close(code).await,
            End::Client(_) => self.wire.drain().await,
        }
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        let now_ms = self.gateway.now_ms();
        let deed = match &message {
            Message::Text(text) => self.connection.handle(text.as_bytes(), now_ms),
            Message::Binary(bytes) => self.connection.handle(bytes, now_ms),
            Message::Close(frame) => return Err(End::Client(frame.as_ref().map(|frame| frame.code.into()))),
            Message::Ping(_) => return Box::pin(self.wire.answer_ping()).await,
            Message::Pong(_) | Message::Frame(_) => Deed::Nothing,
        };
        drop(message);
        self.carry_out(deed).await
    }

    async fn carry_out(&mut self, deed: Deed) -> Result<(), End> {
        match deed {
            Deed::Nothing => {}
            Deed::Send(frame) => self.wire.send(&frame).await?,
            Deed::Heartbeat { seq, answer } => {
                if let (Some(attachment), Some(seq)) = (&self.attachment, seq) {
                    attachment.acknowledge(seq);
                }
                self.wire.send(&answer).await?;
            }
            Deed::Identify(identify) => Box::pin(self.identify(identify)).await?,
            Deed::Resume(resume) => Box::pin(self.resume(resume)).await?,
            Deed::Presence(wish) => {
                self.with_attachment(|gateway, attachment| gateway.set_presence(attachment, &wish));
            }
            Deed::Voice(wish) => {
                self.with_attachment(|gateway, attachment| gateway.set_voice(attachment, &wish));
            }
            Deed::RequestMembers(wish) => {
                self.with_attachment(|gateway, attachment| gateway.send_members(attachment, &wish));
            }
            Deed::RequestChannelInfo(wish) => {
                self.with_attachment(|gateway, attachment| gateway.send_channel_info(attachment, &wish));
            }
            Deed::Close(code) => return Err(End::Closed(code)),
        }
        Ok(())
    }

    async fn identify(&mut self, mut identify: Box<Identify>) -> Result<(), End> {
        let Some(came) = &self.came else { return Ok(()) };
        identify.token.or_cookie(came.cookie.as_ref());
        self.gateway.catch_up(&identify.token).await;
        let outcome = self.gateway.identify(&identify, &came.url, self.wire.outlet());
        self.admit(outcome).await
    }

    async fn resume(&mut self, mut resume: Resume) -> Result<(), End> {
        let cookie = self.came.as_ref().and_then(|came| came.cookie.as_ref());
        resume.token.or_cookie(cookie);
        let outcome = self.gateway.resume(&resume, self.wire.outlet());
        self.admit(outcome).await
    }

    async fn admit(&mut self, outcome: Result<Attachment, Refused>) -> Result<(), End> {
        match outcome {
            Ok(attachment) => {
                self.attachment = Some(attachment);
                self.came = None;
                self.connection.admitted(self.gateway.now_ms());
                self.send_backlog().await
            }
            Err(Refused::Invalid) => self.wire.send(&frame::invalid_session(false)).await,
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
        while let Some(attachment) = &self.attachment {
            let taken = attachment.put_backlog();
            self.wire.flush().await?;
            match taken {
                Taken::Some => {}
                // What has come meanwhile wakes it again.
                Taken::All => break,
                Taken::Revoked => return Err(End::Closed(CloseCode::AuthenticationFailed)),
                Taken::NotYours => {
                    self.wire.send(&frame::reconnect()).await?;
                    return Err(End::Closed(CloseCode::UnknownError));
                }
            }
        }
        Ok(())
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

async fn must_leave(came: Option<&Came>) {
    match came.and_then(|came| came.guest.as_ref()) {
        Some(guest) => guest.must_leave().await,
        None => std::future::pending().await,
    }
}
