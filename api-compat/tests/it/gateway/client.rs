//! A client of the gateway, as plain as the protocol allows. Whatever it hears is validated.

use super::schemas;
use flate2::{Decompress, FlushDecompress};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use zstd::stream::raw::{Decoder, InBuffer, Operation as _, OutBuffer};

/// How long a test waits for what must come; only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// A connection, and what it knows of its gateway session.
pub(super) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    unpacker: Unpacker,
    pub(super) session_id: String,
    /// The last number heard.
    pub(super) seq: u64,
    /// Every event heard, in order.
    pub(super) heard: Vec<Event>,
}

/// An event as it was heard.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) seq: u64,
    pub(super) data: Value,
}

/// What came next.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    /// A frame that is no event.
    Op(u64, Value),
    /// An event.
    Event(Event),
    /// The server closed with this code.
    Closed(Option<u16>),
}

enum Unpacker {
    Plain,
    Zlib(Decompress),
    Zstd(Box<Decoder<'static>>),
}

impl Client {
    /// Connects and hears HELLO.
    pub(super) async fn connect(address: SocketAddr, parameters: &str) -> Self {
        let mut client = Self::knock(address, parameters).await.expect("connects");
        let hello = client.next().await;
        assert!(
            matches!(hello, Incoming::Op(10, ref data) if data["heartbeat_interval"].is_u64()),
            "{hello:?}"
        );
        client
    }

    /// Connects and hears nothing yet.
    pub(super) async fn knock(
        address: SocketAddr,
        parameters: &str,
    ) -> Result<Self, tokio_tungstenite::tungstenite::Error> {
        Self::knock_with(address, parameters, None).await
    }

    /// The same, with a cookie.
    pub(super) async fn knock_with(
        address: SocketAddr,
        parameters: &str,
        cookie: Option<&str>,
    ) -> Result<Self, tokio_tungstenite::tungstenite::Error> {
        let mut request = format!("ws://{address}/?{parameters}").into_client_request()?;
        if let Some(cookie) = cookie {
            request.headers_mut().insert("cookie", cookie.parse().expect("a cookie"));
        }
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        let unpacker = if parameters.contains("zlib-stream") {
            Unpacker::Zlib(Decompress::new(true))
        } else if parameters.contains("zstd-stream") {
            Unpacker::Zstd(Box::new(Decoder::new().expect("decoder")))
        } else {
            Unpacker::Plain
        };
        Ok(Self { socket, unpacker, session_id: String::new(), seq: 0, heard: Vec::new() })
    }

    pub(super) async fn send(&mut self, frame: Value) {
        self.send_raw(Message::text(frame.to_string())).await;
    }

    /// What could not be sent shows in what is read next.
    pub(super) async fn send_raw(&mut self, message: Message) {
        let _ = self.socket.send(message).await;
    }

    pub(super) async fn identify(&mut self, token: &str, intents: u64) {
        self.send(json!({"op": 2, "d": {
            "token": token, "intents": intents, "properties": {"os": "linux"}, "large_threshold": 250,
        }}))
        .await;
    }

    pub(super) async fn resume(&mut self, token: &str, session_id: &str, seq: u64) {
        session_id.clone_into(&mut self.session_id);
        self.send(json!({"op": 6, "d": {"token": token, "session_id": session_id, "seq": seq}})).await;
    }

    /// READY and a GUILD_CREATE for each guild it names.
    pub(super) async fn until_ready(&mut self) -> Value {
        let ready = self.until("READY").await;
        for _ in ready["guilds"].as_array().expect("guilds") {
            self.until("GUILD_CREATE").await;
        }
        ready
    }

    /// What comes next, unpacked and validated.
    pub(super) async fn next(&mut self) -> Incoming {
        tokio::time::timeout(PATIENCE, self.read()).await.expect("something comes")
    }

    /// The next event of this name; others before it are kept in `heard`.
    pub(super) async fn until(&mut self, name: &str) -> Value {
        self.until_matching(name, |_| true).await
    }

    pub(super) async fn until_matching(&mut self, name: &str, matches: impl Fn(&Value) -> bool) -> Value {
        let wait = async {
            loop {
                match self.read().await {
                    Incoming::Event(event) if event.name == name && matches(&event.data) => {
                        return event.data;
                    }
                    Incoming::Closed(code) => panic!("closed with {code:?} before {name}"),
                    _ => {}
                }
            }
        };
        let outcome = tokio::time::timeout(PATIENCE, wait).await;
        outcome.unwrap_or_else(|_| panic!("{name} never came; heard {:?}", self.names()))
    }

    /// The code that the server closes with.
    pub(super) async fn until_closed(&mut self) -> Option<u16> {
        loop {
            if let Incoming::Closed(code) = self.next().await {
                return code;
            }
        }
    }

    /// Everything up to the answer to a heartbeat: what the server had to say by then.
    pub(super) async fn until_quiet(&mut self) {
        self.send(json!({"op": 1, "d": self.seq})).await;
        while !matches!(self.next().await, Incoming::Op(11, _)) {}
    }

    /// Says goodbye with a code; gives the code of the answer.
    pub(super) async fn close(mut self, code: u16) -> Option<u16> {
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        let _ = self.socket.close(Some(frame)).await;
        self.until_closed().await
    }

    /// The names of what was heard, in order.
    pub(super) fn names(&self) -> Vec<&str> {
        self.heard.iter().map(|event| event.name.as_str()).collect()
    }

    /// The events of one name.
    pub(super) fn all(&self, name: &str) -> Vec<&Value> {
        self.heard.iter().filter(|event| event.name == name).map(|event| &event.data).collect()
    }

    async fn read(&mut self) -> Incoming {
        loop {
            let text = match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    assert!(matches!(self.unpacker, Unpacker::Plain), "packed frames are binary");
                    text.to_string()
                }
                Some(Ok(Message::Binary(bytes))) => self.unpacker.unpack(&bytes),
                Some(Ok(Message::Close(frame))) => {
                    return Incoming::Closed(frame.map(|frame| frame.code.into()));
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return Incoming::Closed(None),
            };
            return self.take_in(&text);
        }
    }

    fn take_in(&mut self, text: &str) -> Incoming {
        let mut frame: Value = serde_json::from_str(text).expect("JSON");
        let op = frame["op"].as_u64().expect("op");
        let data = frame["d"].take();
        if op != 0 {
            assert!(frame["s"].is_null() && frame["t"].is_null(), "{text}");
            return Incoming::Op(op, data);
        }
        let name = frame["t"].as_str().expect("a name").to_owned();
        let seq = frame["s"].as_u64().expect("a number");
        assert_eq!(seq, self.seq + 1, "numbers without a hole: {text}");
        self.seq = seq;
        schemas::check(&name, &data);
        if name == "READY" {
            data["session_id"].as_str().expect("an id").clone_into(&mut self.session_id);
        }
        let event = Event { name, seq, data };
        self.heard.push(event.clone());
        Incoming::Event(event)
    }
}

impl Unpacker {
    fn unpack(&mut self, bytes: &[u8]) -> String {
        let mut out = Vec::with_capacity(bytes.len() * 4 + 1024);
        match self {
            Self::Plain => out.extend_from_slice(bytes),
            Self::Zlib(inflate) => {
                assert!(bytes.ends_with(&[0, 0, 0xff, 0xff]), "a frame ends in a sync flush");
                let (mut read, mut before) = (0, inflate.total_in());
                while read < bytes.len() || out.len() == out.capacity() {
                    out.reserve(out.capacity());
                    inflate
                        .decompress_vec(&bytes[read..], &mut out, FlushDecompress::Sync)
                        .expect("inflates");
                    read += usize::try_from(inflate.total_in() - before).expect("fits");
                    before = inflate.total_in();
                }
            }
            Self::Zstd(decoder) => {
                let mut input = InBuffer::around(bytes);
                loop {
                    let at = out.len();
                    decoder.run(&mut input, &mut OutBuffer::around_pos(&mut out, at)).expect("decodes");
                    if input.pos() == bytes.len() && out.len() < out.capacity() {
                        break;
                    }
                    out.reserve(out.capacity());
                }
            }
        }
        String::from_utf8(out).expect("text")
    }
}
