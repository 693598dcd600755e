//! Connections to the window: taken in, bounded in number, size and patience, and let go.
//!
//! Whoever has not said who they are is a **guest** ([`guests`]). A request's head has [`HEAD_PATIENCE`] to come and
//! [`HEAD_MAX`] bytes of room; so has the silence between two requests. What a body may be, each route says.

pub(crate) mod guests;
pub(crate) mod whence;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use axum::serve::Listener;
use guests::{Guest, Guests};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::Service as _;
use whence::Proxies;

/// How long a request's head may take, and how long a connection may wait for its next request.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// Largest head of a request, bytes.
pub(crate) const HEAD_MAX: usize = 16 * 1024;
/// How long requests that are under way have to end, once it is time to.
const GOODBYE: Duration = Duration::from_secs(10);

/// Takes connections in until `shutdown`, then lets requests that are under way end.
pub(crate) async fn serve(
    mut listener: impl Listener<Addr = SocketAddr>,
    router: Router,
    guests: Guests,
    proxies: Proxies,
    shutdown: impl Future<Output = ()>,
) {
    let mut connections = JoinSet::new();
    let (closing, is_closing) = watch::channel(false);
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            (stream, from) = listener.accept() => {
                let from = from.ip();
                let guest = if proxies.have(from) { guests.enter_for_many() } else { guests.enter(from) };
                let room = Room { router: router.clone(), proxies: proxies.clone(), from, guest };
                connections.spawn(attend(stream, room, is_closing.clone()));
            }
            Some(_) = connections.join_next() => {}
            () = &mut shutdown => break,
        }
    }
    drop(listener);
    closing.send_replace(true);
    let all_gone = async { while connections.join_next().await.is_some() {} };
    // Who has not ended by then is let go with the set.
    let _ = tokio::time::timeout(GOODBYE, all_gone).await;
}

/// What one connection is answered by.
#[derive(Clone)]
struct Room {
    router: Router,
    proxies: Proxies,
    from: IpAddr,
    guest: Guest,
}

async fn attend(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    room: Room,
    mut is_closing: watch::Receiver<bool>,
) {
    let place = room.guest.clone();
    let service = service_fn(move |request| answer(room.clone(), request));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE).max_buf_size(HEAD_MAX);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    tokio::select! {
        // What a client did wrong, or that it went away, is nothing to do anything about.
        _ = connection.as_mut() => return,
        () = place.must_leave() => return,
        _ = is_closing.wait_for(|closing| *closing) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn answer(room: Room, mut request: Request<Incoming>) -> Result<Response, Infallible> {
    let Room { mut router, proxies, from, guest } = room;
    let whence = proxies.whence(from, request.headers());
    request.extensions_mut().insert(whence);
    request.extensions_mut().insert(guest.clone());
    let answered = router.call(request.map(Body::new)).await?;
    if answered.status().is_success() {
        guest.was_active();
    }
    Ok(answered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::{Gateway, Settings};
    use futures_util::{SinkExt as _, StreamExt as _};
    use guests::Rooms;
    use nexus_core::{Command, Reply};
    use nexus_node::{Node, Options};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_tungstenite::tungstenite::Message;

    const HALF_A_HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ";

    /// A window with room for so few guests.
    async fn window(rooms: usize, router: Router) -> (SocketAddr, Guests) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let guests = Guests::with(Rooms { all: rooms, of_address: rooms });
        tokio::spawn(serve(listener, router, guests.clone(), Proxies::default(), std::future::pending()));
        (address, guests)
    }

    fn greeting() -> Router {
        Router::new().route("/", axum::routing::get(async || "hello"))
    }

    /// What is answered, to the end of the connection.
    async fn ask(address: SocketAddr, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        // An end by a reset is one too.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    const HONEST: &[u8] = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

    #[tokio::test(start_paused = true)]
    async fn a_head_that_never_ends_is_not_waited_for() {
        let (address, guests) = window(8, greeting()).await;
        assert!(!ask(address, HALF_A_HEAD).await.contains("200 OK"));
        assert_eq!(guests.present(), 0);
    }

    #[tokio::test]
    async fn who_comes_and_says_nothing_makes_room_and_an_honest_one_is_answered() {
        let (address, guests) = window(8, greeting()).await;
        let mut slow = Vec::new();
        for _ in 0..60 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(HALF_A_HEAD).await.unwrap();
            slow.push(stream);
        }
        assert!(ask(address, HONEST).await.ends_with("hello"));
        assert!(guests.present() <= 8);
        for stream in &mut slow[..52] {
            let ended = stream.read(&mut [0; 1]).await;
            assert!(!matches!(ended, Ok(1..)), "it was let go");
        }
    }

    #[tokio::test]
    async fn a_head_larger_than_its_room_is_refused() {
        let (address, _) = window(8, greeting()).await;
        let head = [HALF_A_HEAD, &vec![b'x'; 2 * HEAD_MAX]].concat();
        assert!(ask(address, &head).await.starts_with("HTTP/1.1 431"));
    }

    #[tokio::test]
    async fn what_is_announced_and_larger_than_a_body_may_be_is_refused_before_it_comes() {
        let scene = Scene::set().await;
        let (address, _) = window(8, scene.router.clone()).await;
        for path in ["/api/v10/auth/register", "/api/v10/nexus/setup"] {
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
                 Content-Length: 1073741824\r\n\r\n"
            );
            assert!(ask(address, head.as_bytes()).await.starts_with("HTTP/1.1 413"), "{path}");
        }
    }

    #[tokio::test]
    async fn a_socket_that_never_identifies_makes_room_and_one_that_did_stays() {
        let scene = Scene::set().await;
        let (address, guests) = window(3, scene.router.clone()).await;
        let open =
            async || tokio_tungstenite::connect_async(format!("ws://{address}/?v=10")).await.unwrap().0;
        let mut known = open().await;
        let identify = serde_json::json!({"op": 2, "d": {"token": scene.token, "intents": 0,
            "properties": {"os": "linux", "browser": "test", "device": "test"}}});
        known.send(Message::text(identify.to_string())).await.unwrap();
        while !known.next().await.unwrap().unwrap().into_text().unwrap().contains("READY") {}
        let mut idle = Vec::new();
        for _ in 0..7 {
            idle.push(open().await);
        }
        for socket in &mut idle[..4] {
            let closed = loop {
                match socket.next().await {
                    Some(Ok(Message::Close(frame))) => break frame,
                    Some(Ok(_)) => {}
                    _ => break None,
                }
            };
            assert_eq!(closed.map(|frame| u16::from(frame.code)), Some(4009));
        }
        assert!(guests.present() <= 3);
        known.send(Message::text(r#"{"op":1,"d":null}"#)).await.unwrap();
        while !known.next().await.unwrap().unwrap().into_text().unwrap().contains(r#""op":11"#) {}
    }

    /// A node with an owner, and its window.
    struct Scene {
        router: Router,
        token: String,
        _folder: tempfile::TempDir,
    }

    impl Scene {
        async fn set() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let options = Options { data: folder.path().to_owned(), disk_reserve: 0 };
            let node = Node::open(options).unwrap();
            let setup = node.command(None, Command::Setup { name: String::from("Ada") }).await;
            let Ok(Reply::Setup { token, .. }) = setup else { panic!("{setup:?}") };
            let gateway = Gateway::start(node.clone(), crate::owner_of(&node), None, Settings::default());
            let router = crate::router(node, crate::Options::default(), &gateway);
            Self { router, token, _folder: folder }
        }
    }
}
