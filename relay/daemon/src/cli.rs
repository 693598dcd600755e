//! The command line, as tools outside the project rely on it.

use crate::told::{Hosting, MailWay, Registration};
use nexus_core::BaseUrl;
use nexus_relay::DatabaseUrl;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// A relay: an always-on node with accounts, for many people.
#[derive(clap::Parser, Debug)]
#[command(name = "nexus-relay", version, about)]
pub(crate) struct Cli {
    /// Folder that holds the relay: its ops, its keys, its accounts. Made where it is missing.
    #[arg(long, global = true, env = "NEXUS_RELAY_DATA_DIR", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Settings file; `nexus-relay.toml` in the data folder where this is not given.
    #[arg(long, global = true, env = "NEXUS_RELAY_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The key that the secrets in the store are sealed with; `sealing.key` in the data folder where this is not given.
    /// Made with a new store. Elsewhere than the folder it keeps copies of the folder from being the keys, too.
    #[arg(long, global = true, env = "NEXUS_RELAY_SEALING_KEY", value_name = "FILE")]
    pub(crate) sealing_key: Option<PathBuf>,
    /// The PostgreSQL database that keeps the accounts, as `postgres://USER:PASSWORD@HOST/NAME`; `accounts.sqlite` in the data folder where
    /// this is not given. A variable or the file keeps a password from who lists the machine's programs.
    #[arg(long, global = true, env = "NEXUS_RELAY_DATABASE", hide_env_values = true, value_name = "URL")]
    pub(crate) database: Option<DatabaseUrl>,
    /// What goes to the log, as `warn` or `nexus_node=debug`.
    #[arg(long, global = true, env = "NEXUS_RELAY_LOG", value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) order: Order,
}

/// What to do.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Order {
    /// Run the relay until Ctrl-C.
    Serve(Box<ServeArgs>),
    /// Print an invite to this relay: whoever has it makes one account here, within a week. For `--registration invite`.
    Invite,
    /// Say what the relay holds.
    Status {
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Try what the relay stands on (folder, disk, ports, clock) and each road to it and to the relays it dials, and say what works,
    /// what does not, and what to do. Exit 1 where something fails. Works whether the relay runs or not; where it runs, another relay
    /// is asked to dial it back, and how it is reached from outside is told.
    Doctor {
        /// Base URLs of further relays to be tried, which are asked to dial back; where none is named, those with a link.
        #[arg(value_name = "RELAY_URL")]
        relays: Vec<BaseUrl>,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Check a stopped relay's store, op by op: authors, device keys, signatures, chains. Changes nothing. Exit 1
    /// where something is wrong, 2 where the relay is running.
    Verify {
        /// For programs.
        #[arg(long)]
        json: bool,
    },
}

/// Flags of `serve`.
#[derive(clap::Args, Debug, Default)]
pub(crate) struct ServeArgs {
    /// Where REST and gateway are served.
    #[arg(long, env = "NEXUS_RELAY_LISTEN", value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where nodes dial this relay, UDP and TCP; the number ten above that of the window where this is not given.
    #[arg(long, env = "NEXUS_RELAY_MESH_LISTEN", value_name = "ADDR")]
    pub(crate) mesh_listen: Option<SocketAddr>,
    /// Serve others than this machine, unencrypted. For use behind a proxy that does TLS.
    #[arg(long, env = "NEXUS_RELAY_ALLOW_REMOTE", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub(crate) allow_remote: Option<bool>,
    /// The base URL people and nodes reach this relay by, where it is not `http://ADDR`. Guilds and invites carry it.
    #[arg(long, env = "NEXUS_RELAY_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<BaseUrl>,
    /// The window's chain of certificates, in PEM; read anew when the file changes. With it the window speaks HTTPS, and others
    /// than this machine may come.
    #[arg(long, env = "NEXUS_RELAY_TLS_CERT", value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The key to it, in PEM.
    #[arg(long, env = "NEXUS_RELAY_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// The domain that a certificate is asked for by ACME, in place of files: port 443 of it must lead to the window.
    #[arg(long, env = "NEXUS_RELAY_ACME_DOMAIN", value_name = "DOMAIN")]
    pub(crate) acme_domain: Option<String>,
    /// Where the authority writes to about the certificate.
    #[arg(long, env = "NEXUS_RELAY_ACME_EMAIL", value_name = "EMAIL")]
    pub(crate) acme_email: Option<String>,
    /// The authority's directory; Let's Encrypt where this is not given.
    #[arg(long, env = "NEXUS_RELAY_ACME_DIRECTORY", value_name = "URL")]
    pub(crate) acme_directory: Option<String>,
    /// Certificates of authorities, in PEM, that are believed beside the system's: for relays with an authority of their own.
    #[arg(long, env = "NEXUS_RELAY_TLS_ROOT", value_name = "FILE")]
    pub(crate) tls_root: Option<PathBuf>,
    /// A proxy before the window whose `X-Forwarded-For` is believed, by its address; may be given several times, the variable
    /// separates by commas. Limits count who it speaks for then; of others the header counts for nothing.
    #[arg(long, env = "NEXUS_RELAY_TRUSTED_PROXY", value_name = "IP", value_delimiter = ',')]
    pub(crate) trusted_proxy: Vec<IpAddr>,
    /// Ask bots that have an HTTP endpoint at private addresses too, and without TLS: for bots on this machine or network.
    #[arg(long, env = "NEXUS_RELAY_PRIVATE_ENDPOINTS", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub(crate) private_endpoints: Option<bool>,
    /// Bytes that stay free on the disk: below it writes are refused and reads go on.
    #[arg(long, env = "NEXUS_RELAY_DISK_RESERVE", value_name = "BYTES")]
    pub(crate) disk_reserve: Option<u64>,
    /// Whose guilds are kept: `open`, `own` (of accounts here), or guilds by their ids in hexadecimal, separated by commas.
    #[arg(long, env = "NEXUS_RELAY_HOSTING", value_name = "POLICY")]
    pub(crate) hosting: Option<Hosting>,
    /// Whether strangers may make an account here: `open`, `invite` (who has an invite of `nexus-relay invite`) or `closed`.
    #[arg(long, env = "NEXUS_RELAY_REGISTRATION", value_name = "POLICY")]
    pub(crate) registration: Option<Registration>,
    /// How mail is sent, for who has forgotten a password: `smtps://USER:PASSWORD@HOST`, `smtp://HOST:PORT?tls=required`, or
    /// `folder:DIR`. A variable or the file keeps a password from who lists the machine's programs.
    #[arg(long, env = "NEXUS_RELAY_MAIL", hide_env_values = true, value_name = "WAY")]
    pub(crate) mail: Option<MailWay>,
    /// Who mail is from: without it none is sent.
    #[arg(long, env = "NEXUS_RELAY_MAIL_FROM", value_name = "ADDRESS")]
    pub(crate) mail_from: Option<String>,
    /// At whom else people sign in: a file with a `[[provider]]` for each, of OpenID Connect (`id`, `name`, `issuer`, `client_id`,
    /// `client_secret_file`) or GitHub (`kind = "github"` in place of `issuer`). A provider sends people back to `URL/sign-in/ID`.
    #[arg(long, env = "NEXUS_RELAY_SIGN_IN", value_name = "FILE")]
    pub(crate) sign_in: Option<PathBuf>,
    /// Links between two nodes that this relay carries at a time, unread: of members of a guild who both use it, in `direct`.
    /// 0: none.
    #[arg(long, env = "NEXUS_RELAY_CIRCUITS", value_name = "COUNT")]
    pub(crate) circuits: Option<usize>,
    /// The relay's name, as people are shown it.
    #[arg(long, env = "NEXUS_RELAY_NAME", value_name = "NAME")]
    pub(crate) name: Option<String>,
}
