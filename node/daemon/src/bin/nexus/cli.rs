//! The command line, as tools outside the project rely on it.

use nexus_core::BaseUrl;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// A person's own node: guilds, chat and the Discord-shaped API, on this machine.
#[derive(clap::Parser, Debug)]
#[command(name = "nexus", version, about)]
pub(crate) struct Cli {
    /// Folder that holds the node: its ops, its keys. Made where it is missing.
    #[arg(long, global = true, env = "NEXUS_DATA_DIR", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Settings file; `nexus.toml` in the data folder where this is not given.
    #[arg(long, global = true, env = "NEXUS_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The key that the secrets in the store are sealed with; `sealing.key` in the data folder where this is not given.
    /// Made with a new store. Elsewhere than the folder it keeps copies of the folder from being the keys, too.
    #[arg(long, global = true, env = "NEXUS_SEALING_KEY", value_name = "FILE")]
    pub(crate) sealing_key: Option<PathBuf>,
    /// What goes to the log, as `warn` or `nexus_node=debug`.
    #[arg(long, global = true, env = "NEXUS_LOG", value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) order: Order,
}

/// What to do.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Order {
    /// Run the node until Ctrl-C.
    Serve(Box<ServeArgs>),
    /// First run: make the owner's account. Prints its API token.
    Setup {
        /// The name shown to others, 1 to 32 characters.
        name: String,
    },
    /// Print a new API token of the node's owner.
    Token,
    /// Take your account home from a relay that keeps its key: asks for its name and password. This node must have no
    /// owner yet. Your guilds, roles and messages stay; the relay signs for you no longer.
    Claim {
        /// As `https://relay.example`.
        relay_url: BaseUrl,
        /// The device on the relay goes on writing for you: a browser that is logged in there works as before.
        #[arg(long)]
        keep_hosted: bool,
        /// The code of an authenticator, or a recovery code, where the account has a second factor.
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
    },
    /// Take your account back by the recovery key that was shown when you took it home: from whoever has stolen a device of
    /// yours, or because you have lost them all. This node gets new keys, every other device is revoked as of now, and there is
    /// a new recovery key. On a node of yours without RELAY_URL; on a new one, which must have no owner, with it.
    Recover {
        /// A relay at which the account has a name and a password, as `https://relay.example`.
        relay_url: Option<BaseUrl>,
        /// There: of your authenticator, or a recovery code, where the account asks for one.
        #[arg(long, value_name = "CODE", requires = "relay_url")]
        code: Option<String>,
    },
    /// Join a guild by its invite. The node must be running.
    Join {
        /// As `https://relay.example/invite/CODE`, or `nexus:CODE` of somebody on the same network; whole, with what stands
        /// behind `#`: with `--network direct` that leads to them from anywhere.
        invite_url: String,
    },
    /// Look after a guild.
    #[command(subcommand)]
    Guild(GuildOrder),
    /// Say what the node holds.
    Status {
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Try what the node stands on (folder, disk, ports, clock) and each road to its relays, and say what works, what does not, and
    /// what to do. Exit 1 where something fails. Works whether the node runs or not.
    Doctor {
        /// Base URLs of further relays to be tried: from another machine, this tells how a relay is reached from outside.
        #[arg(value_name = "RELAY_URL")]
        relays: Vec<BaseUrl>,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Check a stopped node's store, op by op: authors, device keys, signatures, chains. Changes nothing. Exit 1
    /// where something is wrong, 2 where the node is running.
    Verify {
        /// For programs.
        #[arg(long)]
        json: bool,
    },
}

/// What to do with a guild.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum GuildOrder {
    /// Say which relays keep a guild, and how far each has it. With URLs: its owner names these, all of them. One that does
    /// not answer now is named all the same, and filled by the members when it does.
    Relays {
        /// The guild's name, or its number in the API.
        guild: String,
        /// Base URLs, at most 8.
        #[arg(value_name = "URL")]
        urls: Vec<String>,
        /// Name none: the members must find each other without a relay.
        #[arg(long, conflicts_with = "urls")]
        none: bool,
    },
    /// Say which rules of authority hold in a guild. With VERSION: its owner has these hold from now on, for good. Programs that
    /// do not carry them read the guild and write nothing in it, so see that its people have updated.
    Rules {
        /// The guild's name, or its number in the API.
        guild: String,
        /// Greater than the one that holds.
        version: Option<u32>,
    },
}

/// Flags of `serve`.
#[derive(clap::Args, Debug, Default)]
pub(crate) struct ServeArgs {
    /// Where REST and gateway are served.
    #[arg(long, env = "NEXUS_LISTEN", value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Serve others than this machine, unencrypted. For use behind a proxy that does TLS.
    #[arg(long, env = "NEXUS_ALLOW_REMOTE", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub(crate) allow_remote: Option<bool>,
    /// The base URL people and bots reach this node by, where it is not `http://ADDR`.
    #[arg(long, env = "NEXUS_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<BaseUrl>,
    /// The window's chain of certificates, in PEM; read anew when the file changes. With it the window speaks HTTPS, and others
    /// than this machine may come.
    #[arg(long, env = "NEXUS_TLS_CERT", value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The key to it, in PEM.
    #[arg(long, env = "NEXUS_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// The domain that a certificate is asked for by ACME, in place of files: port 443 of it must lead to the window.
    #[arg(long, env = "NEXUS_ACME_DOMAIN", value_name = "DOMAIN")]
    pub(crate) acme_domain: Option<String>,
    /// Where the authority writes to about the certificate.
    #[arg(long, env = "NEXUS_ACME_EMAIL", value_name = "EMAIL")]
    pub(crate) acme_email: Option<String>,
    /// The authority's directory; Let's Encrypt where this is not given.
    #[arg(long, env = "NEXUS_ACME_DIRECTORY", value_name = "URL")]
    pub(crate) acme_directory: Option<String>,
    /// Certificates of authorities, in PEM, that are believed beside the system's: for relays with an authority of their own.
    #[arg(long, env = "NEXUS_TLS_ROOT", value_name = "FILE")]
    pub(crate) tls_root: Option<PathBuf>,
    /// A proxy before the window whose `X-Forwarded-For` is believed, by its address; may be given several times, the variable
    /// separates by commas. Limits count who it speaks for then; of others the header counts for nothing.
    #[arg(long, env = "NEXUS_TRUSTED_PROXY", value_name = "IP", value_delimiter = ',')]
    pub(crate) trusted_proxy: Vec<IpAddr>,
    /// Ask bots that have an HTTP endpoint at private addresses too, and without TLS: for bots on this machine or network.
    #[arg(long, env = "NEXUS_PRIVATE_ENDPOINTS", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub(crate) private_endpoints: Option<bool>,
    /// Bytes that stay free on the disk: below it writes are refused and reads go on.
    #[arg(long, env = "NEXUS_DISK_RESERVE", value_name = "BYTES")]
    pub(crate) disk_reserve: Option<u64>,
    /// Where other nodes may dial this one, UDP and TCP, with `--network lan` or `direct`. Where this is not given: any free
    /// port in `lan`, the number ten above that of the window in `direct`.
    #[arg(long, env = "NEXUS_MESH_LISTEN", value_name = "ADDR")]
    pub(crate) mesh_listen: Option<SocketAddr>,
    /// A home relay by its base URL; may be given several times, the variable separates by commas. Given, they are all
    /// the node's home relays; not given, it keeps those it had.
    #[arg(long, env = "NEXUS_RELAY", value_name = "URL", value_delimiter = ',')]
    pub(crate) relay: Vec<BaseUrl>,
    /// Where others reach `--mesh-listen` from outside, as HOST:PORT: for who forwards a port. May be given several times, the
    /// variable separates by commas. With `--network direct` only; invites tell it.
    #[arg(long, env = "NEXUS_MESH_ADDRESS", value_name = "HOST:PORT", value_delimiter = ',')]
    pub(crate) mesh_address: Vec<String>,
    /// How long a relay may lack what it said it has before `status` and the client say so: it is asked twice, at least so many seconds
    /// apart.
    #[arg(long, env = "NEXUS_RELAY_GRACE", value_name = "SECONDS")]
    pub(crate) relay_grace: Option<u64>,
    /// Whom the node links with: `relay-only`, nobody but its relays learns where it is; `lan`, nodes on the same network
    /// too, which find each other, with a relay or without; `direct`, members of its guilds anywhere, who are told its
    /// addresses, as whoever has an invite made here is.
    #[arg(long, env = "NEXUS_NETWORK", value_name = "MODE")]
    pub(crate) network: Option<String>,
    /// What the node keeps of its guilds: `everything`, or `viewed`: who is in and what rules, all of it, and of channels what
    /// somebody here has looked at. What is older comes when it is asked for, from a relay or another member.
    #[arg(long, env = "NEXUS_HOLD", value_name = "WHAT")]
    pub(crate) hold: Option<String>,
}
