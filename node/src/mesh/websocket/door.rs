//! The way to a relay's window: a connection, through the proxy where the system names one, TLS where the URL says so, and the
//! upgrade to WebSocket.

use super::super::outside::Outside;
use super::socket::{MESSAGE_MAX, Message, Socket};
use super::{Place, connect};
use hyper_util::client::proxy::matcher::Intercept;
use rustls::pki_types::ServerName;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Opens a WebSocket to a place. Who calls it sets the time it may take.
///
/// # Errors
/// What the system, the proxy, the certificate or the window says.
pub(super) async fn open(outside: Outside, place: Place) -> io::Result<Socket> {
    let stream = match outside.proxy(&place.url("http")) {
        Some(proxy) => tunnel(&proxy, &place).await?,
        None => connect::to(&place.host, place.port).await?,
    };
    stream.set_nodelay(true)?;
    let wire: Box<dyn Wire> = if place.secure {
        let tls = outside.tls().ok_or_else(|| io::Error::other("no authority is believed here"))?;
        let name = ServerName::try_from(place.host.clone()).map_err(io::Error::other)?;
        Box::new(TlsConnector::from(tls).connect(name, stream).await?)
    } else {
        Box::new(stream)
    };
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(MESSAGE_MAX))
        .max_frame_size(Some(MESSAGE_MAX));
    let opened = client_async_with_config(place.url("ws"), wire, Some(config)).await;
    let (socket, _) = opened.map_err(io::Error::other)?;
    Ok(Socket::of(socket, read, tungstenite::Message::Binary))
}

fn read(message: tungstenite::Message) -> Message {
    match message {
        tungstenite::Message::Binary(bytes) => Message::Binary(bytes),
        tungstenite::Message::Ping(_) | tungstenite::Message::Pong(_) => Message::Control,
        tungstenite::Message::Close(_) => Message::Close,
        tungstenite::Message::Text(_) | tungstenite::Message::Frame(_) => Message::Garbage,
    }
}

/// A tunnel by CONNECT (RFC 9110, section 9.3.6), for `ws` as for `wss` (RFC 6455, section 4.1).
async fn tunnel(proxy: &Intercept, place: &Place) -> io::Result<TcpStream> {
    let uri = proxy.uri();
    if uri.scheme_str() != Some("http") {
        return Err(io::Error::other("of proxies only those at http:// are spoken to"));
    }
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let mut stream = connect::to(host, uri.port_u16().unwrap_or(80)).await?;
    let to = place.authority();
    let secret = proxy.basic_auth().and_then(|secret| secret.to_str().ok());
    let secret = secret.map_or_else(String::new, |secret| format!("Proxy-Authorization: {secret}\r\n"));
    let ask = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{secret}\r\n");
    stream.write_all(ask.as_bytes()).await?;
    let answer = head(&mut stream).await?;
    match answer.split(' ').nth(1) {
        Some("200") => Ok(stream),
        code => Err(io::Error::other(format!("the proxy says {}", code.unwrap_or("nothing")))),
    }
}

/// The first line of an answer, read up to its empty line and no further: what follows is the tunnel's.
async fn head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= HEAD_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.push(stream.read_u8().await?);
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    Ok(String::from_utf8_lossy(line).into_owned())
}

/// Longest answer of a proxy, bytes.
const HEAD_MAX: usize = 8 * 1024;
const READ_BUFFER: usize = 64 * 1024;
