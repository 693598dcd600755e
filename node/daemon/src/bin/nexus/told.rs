//! What a node is told: the settings both programs have, and which relays it uses.

use crate::cli::{Cli, Order, ServeArgs};
use nexus_core::BaseUrl;
use nexus_core::sync::Hold;
use nexus_node::mesh::{Network, RELAY_GRACE};
use nexus_program::settings::{self, Layer, Program, Settings, SettingsError};
use serde::Deserialize;
use std::time::Duration;

/// What holds for this run of `nexus`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// As on every program.
    pub(crate) settings: Settings,
    /// Its home relays, all of them; empty: those it knows from before.
    pub(crate) relays: Vec<BaseUrl>,
    /// Whom it links with beside them.
    pub(crate) network: Network,
    /// What it holds of its people's guilds.
    pub(crate) hold: Hold,
    /// Where it is reached from outside, as HOST:PORT.
    pub(crate) mesh_address: Vec<String>,
    /// How long a relay may lack what it said it has, before that is said.
    pub(crate) relay_grace: Duration,
}

/// The keys of `nexus.toml` that are a node's alone.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Own {
    #[serde(deserialize_with = "settings::read_urls")]
    relay: Vec<BaseUrl>,
    network: Option<String>,
    hold: Option<String>,
    mesh_address: Vec<String>,
    relay_grace: Option<u64>,
}

const RELAY_ONLY: &str = "relay-only";
const LAN: &str = "lan";
const DIRECT: &str = "direct";
const EVERYTHING: &str = "everything";
const VIEWED: &str = "viewed";

impl Told {
    /// Gathers flags (with their variables), file and defaults.
    ///
    /// # Errors
    /// [`SettingsError`] in words a person can act on.
    pub(crate) fn gather(cli: &Cli) -> Result<Self, SettingsError> {
        let (file, own): (Layer, Own) = settings::read_file(
            &Program::NODE,
            cli.config.as_deref(),
            cli.data.as_deref(),
            &["relay", "network", "hold", "mesh_address", "relay_grace"],
        )?;
        let none = ServeArgs::default();
        let serve = if let Order::Serve(serve) = &cli.order { &**serve } else { &none };
        let network = match serve.network.clone().or(own.network).as_deref() {
            None | Some(RELAY_ONLY) => Network::RelayOnly,
            Some(LAN) => Network::Lan,
            Some(DIRECT) => Network::Direct,
            Some(mode) => {
                let known = "relay-only`, `lan` and `direct";
                return Err(SettingsError::Later(format!("--network {mode}"), known));
            }
        };
        let hold = match serve.hold.clone().or(own.hold).as_deref() {
            None | Some(EVERYTHING) => Hold::Everything,
            Some(VIEWED) => Hold::Viewed,
            Some(other) => {
                return Err(SettingsError::Later(format!("--hold {other}"), "everything` and `viewed"));
            }
        };
        let mesh_address =
            if serve.mesh_address.is_empty() { own.mesh_address } else { serve.mesh_address.clone() };
        let relays = if serve.relay.is_empty() { own.relay } else { serve.relay.clone() };
        let settings = layer(cli, serve).over(file).settle(&Program::NODE)?;
        if network == Network::RelayOnly && settings.mesh_listen.is_some() {
            return Err(SettingsError::Unreachable);
        }
        if network != Network::Direct && !mesh_address.is_empty() {
            return Err(SettingsError::Untold);
        }
        let relay_grace = serve.relay_grace.or(own.relay_grace).map_or(RELAY_GRACE, Duration::from_secs);
        Ok(Self { settings, relays, network, hold, mesh_address, relay_grace })
    }
}

fn layer(cli: &Cli, serve: &ServeArgs) -> Layer {
    Layer {
        data: cli.data.clone(),
        sealing_key: cli.sealing_key.clone(),
        listen: serve.listen,
        allow_remote: serve.allow_remote,
        public_url: serve.public_url.clone(),
        disk_reserve: serve.disk_reserve,
        log: cli.log.clone(),
        mesh_listen: serve.mesh_listen,
        tls_cert: serve.tls_cert.clone(),
        tls_key: serve.tls_key.clone(),
        tls_root: serve.tls_root.clone(),
        acme_domain: serve.acme_domain.clone(),
        acme_email: serve.acme_email.clone(),
        acme_directory: serve.acme_directory.clone(),
        private_endpoints: serve.private_endpoints,
        trusted_proxy: (!serve.trusted_proxy.is_empty()).then(|| serve.trusted_proxy.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    fn gather(args: &[&str]) -> Result<Told, SettingsError> {
        Told::gather(&Cli::parse_from([&["nexus"], args].concat()))
    }

    #[test]
    fn the_folder_may_stand_before_or_after_the_order() {
        let before = gather(&["--data", "d", "serve", "--listen", "127.0.0.1:9"]).unwrap();
        assert_eq!(before, gather(&["serve", "--data", "d", "--listen", "127.0.0.1:9"]).unwrap());
        assert_eq!(before.settings.listen.port(), 9);
    }

    #[test]
    fn relays_may_be_several_and_stand_above_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        std::fs::write(folder.path().join("nexus.toml"), "relay = ['http://127.0.0.1:1']\n").unwrap();
        let names = |told: Told| told.relays.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(gather(&["--data", data, "serve"]).unwrap()), ["http://127.0.0.1:1"]);
        let flags =
            ["--data", data, "serve", "--relay", "https://a.example/", "--relay", "https://b.example"];
        assert_eq!(names(gather(&flags).unwrap()), ["https://a.example", "https://b.example"]);
    }

    #[test]
    fn a_way_into_the_mesh_that_a_later_version_brings_is_refused_not_ignored() {
        let refused = gather(&["--data", "d", "serve", "--network", "anything"]).unwrap_err().to_string();
        assert!(refused.contains("later") && refused.contains("anything") && refused.contains(RELAY_ONLY));
        let network = |mode| gather(&["--data", "d", "serve", "--network", mode]).unwrap().network;
        let modes = [network(RELAY_ONLY), network(LAN), network(DIRECT)];
        assert_eq!(modes, [Network::RelayOnly, Network::Lan, Network::Direct]);
        assert_eq!(gather(&["--data", "d", "serve"]).unwrap().network, Network::RelayOnly);
    }

    #[test]
    fn a_node_holds_everything_unless_it_is_told_to_hold_what_is_viewed() {
        let hold =
            |flags: &[&str]| gather(&[&["--data", "d", "serve"], flags].concat()).map(|told| told.hold);
        assert_eq!(hold(&[]), Ok(Hold::Everything));
        assert_eq!(hold(&["--hold", "viewed"]), Ok(Hold::Viewed));
        assert!(hold(&["--hold", "nothing"]).unwrap_err().to_string().contains("viewed"));
    }

    #[test]
    fn a_node_that_links_with_its_relays_only_listens_for_nobody() {
        let listening = ["--data", "d", "serve", "--mesh-listen", "0.0.0.0:8091"];
        assert_eq!(gather(&listening), Err(SettingsError::Unreachable));
        assert!(gather(&[&listening[..], &["--network", "lan"]].concat()).is_ok());
    }

    #[test]
    fn an_address_for_others_is_given_by_a_node_that_tells_it() {
        let given = ["--data", "d", "serve", "--mesh-address", "home.example:8091,203.0.113.7:9"];
        let refused = gather(&[&given[..], &["--network", "lan"]].concat());
        assert_eq!((gather(&given), refused), (Err(SettingsError::Untold), Err(SettingsError::Untold)));
        let told = gather(&[&given[..], &["--network", "direct"]].concat()).unwrap();
        assert_eq!(told.mesh_address, ["home.example:8091", "203.0.113.7:9"]);
    }

    #[test]
    fn an_address_that_others_reach_needs_a_word() {
        let open = ["--data", "d", "serve", "--listen", "0.0.0.0:8081"];
        assert!(matches!(gather(&open), Err(SettingsError::Remote(_))));
        assert!(gather(&[&open[..], &["--allow-remote"]].concat()).unwrap().settings.allow_remote);
    }

    #[test]
    fn a_flag_stands_above_the_file_and_the_file_above_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        std::fs::write(folder.path().join("nexus.toml"), "listen = '127.0.0.1:7'\ndisk_reserve = 5\n")
            .unwrap();
        let settings = gather(&["--data", data, "serve", "--disk-reserve", "6"]).unwrap().settings;
        assert_eq!((settings.listen.port(), settings.disk_reserve), (7, 6));
        std::fs::write(folder.path().join("nexus.toml"), "lisen = '127.0.0.1:7'\n").unwrap();
        assert!(matches!(gather(&["--data", data, "serve"]), Err(SettingsError::File(..))));
    }

    #[test]
    fn without_a_folder_it_says_how_to_name_one() {
        if std::env::var_os("NEXUS_DATA_DIR").is_none() {
            assert_eq!(gather(&["status"]), Err(SettingsError::NoData("NEXUS_DATA_DIR")));
        }
    }
}
