//! In `relay-only` a node tells its relay nothing of where it is, and has sockets to its relays only.

use anyhow::Result;
use futures_util::StreamExt as _;
use nexus_core::sync::frame::{Frame, Hello, VERSION};
use nexus_net::{Line, Program, Transport, free_address, sockets};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_records_everything_finds_no_address_of_the_node_in_it() {
    let recorder = Transport::listening(free_address().unwrap()).unwrap();
    let mut streams = recorder.incoming().unwrap();
    let url = window(&recorder).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut node = Program::node(folder.path(), &[format!("http://{url}")]).unwrap();
    node.ask(&["setup", "Ada"]).unwrap();
    node.start().await.unwrap();

    let (_, stream) = streams.next().await.unwrap();
    let mut line = Line::over(stream, recorder.key, [0; 32]);
    let hello = Hello { version: VERSION, relay: true, rules_max: 1, nonce: [7; 32], now_ms: 0 };
    line.say(&Frame::Hello(hello)).await.unwrap();
    line.wants_all = true;
    line.until(|frame| matches!(frame, Frame::Proof(_))).await.unwrap();
    line.quiet().await.unwrap();

    let record = line.record();
    assert!(stands(&record, &url), "the relay that it uses is told: this look can find an address");
    let window: SocketAddr = node.base().trim_start_matches("http://").parse().unwrap();
    for own in [window.to_string(), window.port().to_string()] {
        assert!(!stands(&record, &own), "{own} was told");
    }
    for own in addresses_of_this_machine() {
        assert!(!stands(&record, &own), "{own} was told");
    }
    assert_eq!(recorder.opened(), Vec::<String>::new(), "no protocol that tells of a program was opened");

    let relays = [url.port(), recorder.place().unwrap().port()];
    for socket in sockets(node.pid().unwrap()).unwrap() {
        let of_the_window = !socket.udp && socket.port == window.port();
        let to_a_relay = !socket.udp && relays.contains(&socket.remote);
        // QUIC's own socket is bound to no peer; that of mDNS has a number of its own.
        let of_quic = socket.udp && socket.remote == 0 && socket.port != MDNS;
        assert!(of_the_window || to_a_relay || of_quic, "{socket:?}");
    }
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn in_lan_mode_a_node_is_seen_to_speak_on_the_network() {
    let folder = tempfile::tempdir().unwrap();
    let mut node = Program::node(folder.path(), &[]).unwrap().in_the_lan().unwrap();
    node.ask(&["setup", "Ada"]).unwrap();
    node.start().await.unwrap();
    let sockets = sockets(node.pid().unwrap()).unwrap();
    assert!(sockets.iter().any(|socket| socket.udp && socket.port == MDNS), "{sockets:?}");
    assert!(sockets.iter().any(|socket| Some(socket.port) == node.mesh().map(|mesh| mesh.port())));
    node.stop().await.unwrap();
}

const MDNS: u16 = 5353;

/// Written as text.
fn stands(record: &[u8], address: &impl ToString) -> bool {
    let text = address.to_string().into_bytes();
    record.windows(text.len()).any(|window| window == text)
}

/// Its name, and every address of an interface but loopback.
fn addresses_of_this_machine() -> Vec<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let table = std::fs::read_to_string("/proc/net/fib_trie").unwrap_or_default();
    let is_own = |line: &str| line.contains("/32 host LOCAL");
    let lines: Vec<&str> = table.lines().collect();
    let own = lines.windows(2).filter(|pair| is_own(pair[1])).filter_map(|pair| pair[0].split("|-- ").nth(1));
    let own = own.map(str::to_owned).filter(|address| !address.starts_with("127."));
    // A name of two letters stands in many a signature.
    own.chain((name.trim().len() > 4).then(|| name.trim().to_owned())).collect()
}

/// The one page of a relay's window that tells where its mesh is.
async fn window(relay: &Transport) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    let key: String = relay.key.iter().map(|byte| format!("{byte:02x}")).collect();
    let port = relay.place().map_or(0, |place| place.port());
    let body = format!("{{\"peer_key\":\"{key}\",\"mesh_port\":{port}}}");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    Ok(at)
}
