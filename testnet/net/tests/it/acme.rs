//! A relay that has no certificate asks a real authority for one (pebble, Let's Encrypt's own test server), proves its domain, serves
//! people with what it was given, and has it renewed.

use crate::tls::Believer;
use anyhow::Result;
use nexus_net::{Program, Street, Wall, Weather, eventually, free_address};
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const DOMAIN: &str = "relay.test";
const WINDOW: u16 = 8_081;

/// An authority and the names it believes in. Ends when dropped.
struct Authority {
    children: Vec<Child>,
    folder: PathBuf,
    directory: String,
    management: String,
}

impl Authority {
    /// At this address of this machine, which asks for every domain there. What it gives holds for so many seconds.
    fn start(folder: &Path, here: IpAddr, there: SocketAddr, holds_s: u64) -> Self {
        let at = |ip: IpAddr| SocketAddr::new(ip, free_address().unwrap().port()).to_string();
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (listen, management, names, own) = (at(here), at(here), at(local), at(local));
        let made = rcgen::generate_simple_self_signed([here.to_string()]).unwrap();
        let path = |name: &str| folder.join(name).display().to_string();
        std::fs::write(path("authority.pem"), made.cert.pem()).unwrap();
        std::fs::write(path("authority.key"), made.signing_key.serialize_pem()).unwrap();
        let config = json!({ "pebble": {
            "listenAddress": listen, "managementListenAddress": management,
            "certificate": path("authority.pem"), "privateKey": path("authority.key"),
            "httpPort": 1, "tlsPort": there.port(), "ocspResponderURL": "",
            "externalAccountBindingRequired": false, "certificateValidityPeriod": holds_s,
        } });
        std::fs::write(path("pebble.json"), config.to_string()).unwrap();
        let mut resolver = Command::new("pebble-challtestsrv");
        resolver.args(["-dns01", &names, "-management", &own, "-defaultIPv6", ""]);
        resolver.args([
            "-defaultIPv4",
            &there.ip().to_string(),
            "-http01",
            "",
            "-https01",
            "",
            "-tlsalpn01",
            "",
        ]);
        let mut authority = Command::new("pebble");
        authority.args(["-config", &path("pebble.json"), "-dnsserver", &names]);
        authority.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "0");
        let children = [resolver, authority].map(|mut command| {
            let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            quiet.spawn().expect("pebble, a package of Debian's")
        });
        Self {
            children: children.into(),
            folder: folder.to_owned(),
            directory: format!("https://{listen}/dir"),
            management: format!("https://{management}"),
        }
    }

    /// Who gave it its own certificate.
    fn above(&self) -> String {
        self.folder.join("authority.pem").display().to_string()
    }

    /// A file with the certificate that stands above all that it gives.
    async fn root(&self) -> Result<PathBuf> {
        let url = format!("{}/roots/0", self.management);
        let ask = || {
            let mut curl = Command::new("curl");
            curl.args(["--silent", "--fail", "--max-time", "5", "--cacert", &self.above(), &url]);
            let output = curl.output()?;
            Ok(output.status.success().then_some(output.stdout))
        };
        let root = self.folder.join("root.pem");
        std::fs::write(&root, eventually("the authority's root", async || ask()).await?)?;
        Ok(root)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

async fn is_well(relay: &Program) {
    let well = json!({ "source": "acme" });
    let is_well = async || Ok((relay.status()?["certificate"] == well).then_some(()));
    eventually("it has its certificate", is_well).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_gets_its_certificate_by_acme_a_node_reaches_it_by_wss_and_a_restart_asks_nobody() {
    let street = Street::through_air(2, Weather::CALM).unwrap();
    let [there, home] = street.houses() else { panic!("two houses") };
    let folder = tempfile::tempdir().unwrap();
    let place = SocketAddr::new(there.address(), WINDOW);
    let authority = Authority::start(folder.path(), street.here(), place, 86_400);
    let relay = Program::relay_in_a_house(&folder.path().join("relay"), there.clone());
    let mut relay = relay.speaking_tls_by(DOMAIN, &authority.directory, &authority.above());
    relay.start().await.unwrap();
    is_well(&relay).await;

    home.knows(DOMAIN, there.address()).unwrap();
    home.wall(Some(Wall::but_tcp_to(WINDOW))).unwrap();
    let root = authority.root().await.unwrap();
    let url = format!("https://{DOMAIN}:{WINDOW}");
    let mut node = Program::behind_a_relay(&folder.path().join("node"), home.clone(), &url)
        .with(&["--tls-root", &root.display().to_string()]);
    node.ask(&["setup", "Ada"]).unwrap();
    node.start().await.unwrap();
    let reached = async || Ok((node.status()?["mesh"]["relays"][0]["road"] == "websocket").then_some(()));
    eventually("the node reaches it by wss", reached).await.unwrap();

    relay.stop().await.unwrap();
    drop(authority);
    relay.start().await.unwrap();
    is_well(&relay).await;
    let mut shaken = Believer::in_files(&[&root]).unwrap().meet(place, DOMAIN).await.unwrap();
    assert_eq!(shaken.ask("/api/v10/gateway", "").await.unwrap(), 200);
    eventually("the node is back", reached).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nears_its_end_is_renewed_while_the_relay_runs() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Program::relay(&folder.path().join("relay")).unwrap();
    let place = relay.listens();
    let authority = Authority::start(folder.path(), place.ip(), place, 6);
    let mut relay = relay.speaking_tls_by(DOMAIN, &authority.directory, &authority.above());
    relay.start().await.unwrap();
    let believer = Believer::in_files(&[&authority.root().await.unwrap()]).unwrap();
    let meet = async || believer.meet(place, DOMAIN).await;
    let mut first = eventually("there is one", async || meet().await.map(Some)).await.unwrap();
    let before = first.certificate().unwrap();
    eventually("there is another", async || Ok((meet().await?.certificate()? != before).then_some(())))
        .await
        .unwrap();
    assert_eq!(first.ask("/api/v10/gateway", "").await.unwrap(), 200, "who is connected goes on");
}
