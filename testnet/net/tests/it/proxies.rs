//! Real proxies before a relay, set up word by word as the README says.

use crate::tls::{Believer, Shaken, TO_THE_MESH};
use anyhow::Result;
use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt as _, StreamExt as _};
use nexus_net::{House, Program, Street, Wall, Weather, eventually};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tokio_tungstenite::tungstenite::Message;

const NAME: &str = "relay.example";
const URL: &str = "https://relay.example";

/// The block of the README that follows these words.
fn block_after(words: &str) -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let rest = readme.split_once(words).unwrap().1;
    rest.split("```").nth(1).unwrap().to_owned()
}

/// A proxy that runs. Ends when dropped.
struct Proxy(Child);

impl Proxy {
    fn start(house: &House, command: &mut Command) -> Self {
        let mut inside = house.inside(command);
        Self(inside.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// With the certificate of this folder.
    fn nginx(house: &House, folder: &Path) -> Self {
        let made = rcgen::generate_simple_self_signed([String::from(NAME)]).unwrap();
        std::fs::write(folder.join("root.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let at = |name: &str| folder.join(name).display().to_string();
        let block = block_after("With nginx, within `http`:")
            .replace("/etc/ssl/relay.example.pem", &at("root.pem"))
            .replace("/etc/ssl/relay.example.key", &at("key.pem"));
        let config = format!("pid {};\nevents {{}}\nhttp {{\naccess_log off;\n{block}}}\n", at("nginx.pid"));
        std::fs::write(folder.join("nginx.conf"), config).unwrap();
        let words =
            ["-e", &at("nginx.log"), "-c", &at("nginx.conf"), "-g", "daemon off; master_process off;"];
        Self::start(house, Command::new("nginx").args(words))
    }

    /// With an authority of its own, as no other would answer here.
    fn caddy(house: &House, folder: &Path) -> Self {
        let before = "{\nlocal_certs\nskip_install_trust\nadmin off\n}\n";
        std::fs::write(folder.join("Caddyfile"), before.to_owned() + &block_after("With Caddy this is all:"))
            .unwrap();
        let mut caddy = Command::new("caddy");
        caddy.args([
            "run",
            "--adapter",
            "caddyfile",
            "--config",
            &folder.join("Caddyfile").display().to_string(),
        ]);
        for variable in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "HOME"] {
            caddy.env(variable, folder);
        }
        Self::start(house, &mut caddy)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A relay behind a proxy on one machine, and somebody's home, whose network lets nothing but HTTPS out.
struct Scene {
    relay: Program,
    front: SocketAddr,
    root: PathBuf,
    street: Street,
    folder: tempfile::TempDir,
    _proxy: Proxy,
}

impl Scene {
    /// `root`: whose certificate the proxy has, within the folder.
    async fn set(proxy: fn(&House, &Path) -> Proxy, root: &str) -> Self {
        let street = Street::through_air(2, Weather::CALM).unwrap();
        let [there, home] = street.houses() else { panic!("two houses") };
        home.knows(NAME, there.address()).unwrap();
        home.wall(Some(Wall::but_tcp_to(443))).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut relay = Program::relay_behind_a_proxy(&folder.path().join("relay"), there.clone(), URL)
            .with(&["--trusted-proxy", "127.0.0.1"]);
        relay.start().await.unwrap();
        let (front, root) = (SocketAddr::new(there.address(), 443), folder.path().join(root));
        let proxy = proxy(there, folder.path());
        let scene = Self { relay, front, root, street, folder, _proxy: proxy };
        // Caddy makes its certificates as it starts: a node that is started before they are there does not run.
        drop(scene.meet().await);
        scene
    }

    /// A connection to the proxy, from this machine, once it is there.
    async fn meet(&self) -> Shaken {
        let meet = async || Believer::in_files(&[&self.root])?.meet(self.front, NAME).await.map(Some);
        eventually("the proxy answers", meet).await.unwrap()
    }

    async fn a_node_comes_in_by_websocket(&self, name: &str) {
        let home = self.street.houses()[1].clone();
        let root = self.root.display().to_string();
        let mut node =
            Program::behind_a_relay(&self.folder.path().join(name), home, URL).with(&["--tls-root", &root]);
        node.ask(&["setup", name]).unwrap();
        node.start().await.unwrap();
        let is_reached = |status: Value| status["mesh"]["relays"][0]["road"] == "websocket";
        eventually("the node's link", async || Ok(is_reached(node.status()?).then_some(()))).await.unwrap();
        node.stop().await.unwrap();
    }

    fn curl(&self, more: &[&str], path: &str) -> Value {
        let (at, root) = (format!("{NAME}:443:{}", self.front.ip()), self.root.display().to_string());
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--max-time", "90", "--resolve", &at, "--cacert", &root]);
        let output = curl.args(more).arg(format!("{URL}/api/v10{path}")).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    }

    /// Somebody registers, hears READY at the gateway, and sends a file that is larger than most requests.
    async fn the_window_works(&self) {
        let json_body = "Content-Type: application/json";
        let form = json!({ "username": "rita", "password": "correct horse battery staple" }).to_string();
        let made = self.curl(&["--header", json_body, "--data", &form], "/auth/register");
        let token = made["token"].as_str().unwrap();
        assert_eq!(self.curl(&[], "/gateway")["url"], "wss://relay.example");
        self.hears_ready(token).await.unwrap();
        let who = format!("Authorization: {token}");
        let spoken = ["--header", who.as_str()];
        let guild = json!({ "name": "Files" }).to_string();
        let guild = self.curl(&[&spoken[..], &["--header", json_body, "--data", &guild]].concat(), "/guilds");
        let channels = self.curl(&spoken, &format!("/guilds/{}/channels", guild["id"].as_str().unwrap()));
        let channel = channels[0]["id"].as_str().unwrap();
        std::fs::write(self.folder.path().join("large.bin"), vec![7; 3 << 20]).unwrap();
        let file = format!("files[0]=@{}", self.folder.path().join("large.bin").display());
        let sent =
            self.curl(&[&spoken[..], &["--form", &file]].concat(), &format!("/channels/{channel}/messages"));
        assert_eq!(sent["attachments"][0]["size"], 3 << 20, "{sent}");
    }

    async fn hears_ready(&self, token: &str) -> Result<()> {
        let stream = self.meet().await.into_stream();
        let (mut gateway, _) = tokio_tungstenite::client_async("wss://relay.example/?v=10", stream).await?;
        let identify = json!({ "op": 2, "d": { "token": token, "intents": 0,
            "properties": { "os": "linux", "browser": "test", "device": "test" } } });
        gateway.send(Message::text(identify.to_string())).await?;
        while let Some(message) = gateway.next().await {
            if message?.into_text()?.contains(r#""t":"READY""#) {
                return Ok(());
            }
        }
        anyhow::bail!("no READY")
    }

    /// Who opens door after door from one address is held to what one address may have, whatever they say of themselves.
    async fn an_address_is_known_by_what_the_proxy_says(&self) {
        // Handshakes take their time: who waits at a door must not have waited too long when the last one comes.
        let mut shaken = Vec::new();
        for _ in 0..DOORS {
            shaken.push(self.meet().await);
        }
        let mut waiting = FuturesUnordered::new();
        for (number, mut shaken) in shaken.into_iter().enumerate() {
            let lie = format!("X-Forwarded-For: 198.51.100.{number}\r\n{TO_THE_MESH}");
            assert_eq!(shaken.ask("/nexus/mesh", &lie).await.unwrap(), 101);
            waiting.push(async move {
                shaken.ended().await;
                number
            });
        }
        // In time all are let go, for none says anything: were the lies believed, whoever came first. Those that are too many go
        // before them; of two that came one right after the other, either may be at the door first.
        let first = waiting.next().await.unwrap();
        assert!(first >= AT_THE_DOOR / 2, "{first} was let go first");
    }
}

/// More than one address may have at the door at a time ..
const DOORS: usize = AT_THE_DOOR + 8;
/// .. which are so many.
const AT_THE_DOOR: usize = 32;

#[tokio::test(flavor = "multi_thread")]
async fn behind_nginx_as_the_readme_sets_it_up_everything_works_and_addresses_are_the_peoples() {
    let scene = Scene::set(Proxy::nginx, "root.pem").await;
    scene.a_node_comes_in_by_websocket("Ada").await;
    scene.the_window_works().await;
    scene.an_address_is_known_by_what_the_proxy_says().await;
    scene.a_node_comes_in_by_websocket("Bob").await;
    assert!(scene.relay.status().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_caddy_as_the_readme_sets_it_up_everything_works_and_addresses_are_the_peoples() {
    let scene = Scene::set(Proxy::caddy, "caddy/pki/authorities/local/root.crt").await;
    scene.a_node_comes_in_by_websocket("Ada").await;
    scene.the_window_works().await;
    scene.an_address_is_known_by_what_the_proxy_says().await;
    scene.a_node_comes_in_by_websocket("Bob").await;
    assert!(scene.relay.status().is_ok());
}
