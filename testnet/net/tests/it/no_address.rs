//! In `relay-only` a node tells its relay nothing of where it is, and has sockets to its relays only.

use anyhow::{Context as _, Result, ensure};
use futures_util::StreamExt as _;
use nexus_core::sync::frame::{Frame, Hello, VERSION};
use nexus_net::{House, Line, Program, Street, Transport, eventually, free_address, sockets};
use std::io::{BufRead as _, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

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
        assert!(!stands(&record, &own) && !stands_in_binary(&record, &own), "{own} was told");
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
    eventually("it is seen", async || {
        let sockets = sockets(node.pid().context("it runs")?)?;
        let speaks = sockets.iter().any(|socket| socket.udp && socket.port == MDNS);
        let mesh = node.mesh().map(|mesh| mesh.port());
        ensure!(speaks && sockets.iter().any(|socket| Some(socket.port) == mesh), "{sockets:?}");
        Ok(Some(()))
    })
    .await
    .unwrap();
    node.stop().await.unwrap();
}

/// Says that it listens, then what is said to everybody on the network, and who says it.
const HEAR: &str = "
import socket, struct
ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
ear.bind(('', 5353))
ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack('4s4s', socket.inet_aton('224.0.0.251'), socket.inet_aton('0.0.0.0')))
print('listening', flush=True)
while True:
    said, (who, _) = ear.recvfrom(65536)
    print(who, said.hex(), flush=True)
";

/// Two nodes of the same mode in houses of their own, and a third house that hears what is said to everybody, from before they
/// begin.
struct Overheard {
    ear: Child,
    lines: mpsc::Receiver<String>,
    own: Vec<IpAddr>,
    _nodes: Vec<Program>,
    _folder: tempfile::TempDir,
    _street: Street,
}

impl Overheard {
    async fn begin(lan: bool) -> Self {
        let street = Street::of(3).expect("network namespaces: this test is run as root");
        let folder = tempfile::tempdir().unwrap();
        let houses = street.houses();
        let (ear, mut lines) = listen(&houses[2]);
        assert_eq!(lines.recv().await.as_deref(), Some("listening"));
        let mut nodes = Vec::new();
        for house in &houses[..2] {
            let data = folder.path().join(house.address().to_string());
            let nowhere = format!("http://{}:1", houses[2].address());
            let mut node = match lan {
                true => Program::in_a_house(&data, house.clone()),
                // A relay that is not there: it goes on trying.
                false => Program::behind_a_relay(&data, house.clone(), &nowhere),
            };
            node.ask(&["setup", "Ada"]).unwrap();
            node.start().await.unwrap();
            nodes.push(node);
        }
        let own = houses[..2].iter().map(House::address).collect();
        Self { ear, lines, own, _nodes: nodes, _folder: folder, _street: street }
    }

    /// Who says what next; none where nobody does for so long.
    async fn next(&mut self, patience: Duration) -> Option<(String, Vec<u8>)> {
        let line = tokio::time::timeout(patience, self.lines.recv()).await.ok()?.expect("the ear listens on");
        let (who, bytes) = line.split_once(' ').expect("who, and what");
        Some((who.to_owned(), hex::decode(bytes).expect("hex")))
    }
}

impl Drop for Overheard {
    fn drop(&mut self) {
        let _ = self.ear.kill();
        let _ = self.ear.wait();
    }
}

/// The ear, and its lines as they come.
fn listen(house: &House) -> (Child, mpsc::Receiver<String>) {
    let mut hear = house.inside(Command::new("python3").args(["-c", HEAR]));
    let mut ear = hear.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(ear.stdout.take().unwrap());
    let (tx, lines) = mpsc::channel(1_024);
    std::thread::spawn(move || {
        said.lines().map_while(Result::ok).try_for_each(|line| tx.blocking_send(line))
    });
    (ear, lines)
}

#[tokio::test(flavor = "multi_thread")]
async fn in_lan_mode_the_network_is_told_where_a_node_is_and_otherwise_it_hears_nothing() {
    let mut loud = Overheard::begin(true).await;
    let mut untold: Vec<String> = loud.own.iter().map(|own| format!("ip4/{own}/")).collect();
    while !untold.is_empty() {
        let (_, bytes) = loud.next(Duration::from_secs(90)).await.expect("this look can find an address");
        untold.retain(|own| !stands(&bytes, own));
    }
    drop(loud);
    let mut quiet = Overheard::begin(false).await;
    let own: Vec<String> = quiet.own.iter().map(ToString::to_string).collect();
    while let Some((who, bytes)) = quiet.next(Duration::from_secs(12)).await {
        assert!(!own.contains(&who), "{who} says {bytes:?}");
    }
}

const MDNS: u16 = 5353;

/// Written as in a multiaddr: the number of the protocol, then four octets.
fn stands_in_binary(record: &[u8], address: &str) -> bool {
    let Ok(address) = address.parse::<Ipv4Addr>() else { return false };
    let [a, b, c, d] = address.octets();
    record.windows(5).any(|window| window == [4, a, b, c, d])
}

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
pub(crate) async fn window(relay: &Transport) -> Result<SocketAddr> {
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
