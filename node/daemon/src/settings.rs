//! Settings of a program: a flag stands above its variable, that above the TOML file, that above the default.

use nexus_api::{Acme, LETS_ENCRYPT, Tls, TlsError};
use nexus_core::BaseUrl;
use nexus_node::mesh::Roots;
use nexus_node::store::Folder;
use nexus_node::{Node, OpenError};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What differs between the programs where they read their settings.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// As it is called.
    pub name: &'static str,
    /// Its settings file within the data folder.
    pub file: &'static str,
    /// The variable that names its data folder.
    pub data_variable: &'static str,
    /// The port its window has where nobody says.
    pub port: u16,
}

impl Program {
    /// A person's own node.
    pub const NODE: Self =
        Self { name: "nexus", file: "nexus.toml", data_variable: "NEXUS_DATA_DIR", port: 8081 };
    /// An always-on node with accounts.
    pub const RELAY: Self = Self {
        name: "nexus-relay",
        file: "nexus-relay.toml",
        data_variable: "NEXUS_RELAY_DATA_DIR",
        port: 8080,
    };
}

/// What one source (flags with their variables, or the file) says of the settings that both programs have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Layer {
    /// The data folder.
    pub data: Option<PathBuf>,
    /// The key to the store's secrets.
    pub sealing_key: Option<PathBuf>,
    /// Where the window is served.
    pub listen: Option<SocketAddr>,
    /// Whether others than this machine may come.
    pub allow_remote: Option<bool>,
    /// The base URL people reach it by.
    #[serde(deserialize_with = "read_url")]
    pub public_url: Option<BaseUrl>,
    /// Bytes that stay free on the disk.
    pub disk_reserve: Option<u64>,
    /// The log's filter.
    pub log: Option<String>,
    /// Where peers are listened for.
    pub mesh_listen: Option<SocketAddr>,
    /// The window's chain of certificates, in PEM ..
    pub tls_cert: Option<PathBuf>,
    /// .. and its key.
    pub tls_key: Option<PathBuf>,
    /// The domain that a certificate is asked for ..
    pub acme_domain: Option<String>,
    /// .. where the authority writes to about it ..
    pub acme_email: Option<String>,
    /// .. and the authority's directory.
    pub acme_directory: Option<String>,
    /// Certificates of authorities that are believed beside the system's, in PEM.
    pub tls_root: Option<PathBuf>,
    /// Proxies whose word is taken of whom they speak for.
    pub trusted_proxy: Option<Vec<IpAddr>>,
    /// Whether bots may be asked at private addresses.
    pub private_endpoints: Option<bool>,
}

/// What holds for this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The data folder.
    pub data: PathBuf,
    /// The key to the store's secrets, where it is not in the folder.
    pub sealing_key: Option<PathBuf>,
    /// Where the window is served.
    pub listen: SocketAddr,
    /// Whether others than this machine may come.
    pub allow_remote: bool,
    /// The base URL people and bots reach it by, where it is not `http://LISTEN`.
    pub public_url: Option<BaseUrl>,
    /// Bytes that stay free on the disk.
    pub disk_reserve: u64,
    /// The log's filter.
    pub log: String,
    /// Where peers are listened for, if somewhere.
    pub mesh_listen: Option<SocketAddr>,
    /// Where the window's certificate comes from, where it speaks HTTPS.
    pub certificate: Option<Certificate>,
    /// Certificates of authorities that are believed beside the system's.
    pub tls_root: Option<PathBuf>,
    /// Proxies whose word is taken of whom they speak for.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether bots may be asked at private addresses, and without TLS.
    pub private_endpoints: bool,
}

/// Where a certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Files: the chain, and the key.
    Files(PathBuf, PathBuf),
    /// An authority, by ACME.
    Acme {
        /// For this domain.
        domain: String,
        /// Where it writes to.
        email: Option<String>,
        /// Its directory.
        directory: String,
    },
}

/// Why settings do not hold together.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingsError {
    /// Nobody names the folder.
    #[error("no data folder: give --data DIR, {0}, or `data` in the file named by --config")]
    NoData(&'static str),
    /// The file is not there, or not what it should be.
    #[error("cannot read {0}: {1}")]
    File(PathBuf, String),
    /// A value that a later version will take.
    #[error("{0} comes with a later version; this one knows `{1}`")]
    Later(String, &'static str),
    /// A place to be dialed at, where nobody is to dial.
    #[error(
        "--mesh-listen is where other nodes dial this one, and with --network relay-only none does: say --network lan or direct"
    )]
    Unreachable,
    /// An address for others, where nobody is told one.
    #[error(
        "--mesh-address is told to members of one's guilds and in invites, and only with --network direct"
    )]
    Untold,
    /// An address that others reach, and nobody has said so.
    #[error(
        "{0} is not this machine: say --acme-domain, or --tls-cert and --tls-key, or --allow-remote if a TLS proxy stands before it"
    )]
    Remote(SocketAddr),
    /// Half of a pair.
    #[error("--tls-cert and --tls-key belong together: one is missing")]
    HalfTls,
    /// Two certificates.
    #[error(
        "a certificate comes from files (--tls-cert) or from an authority (--acme-domain), not from both"
    )]
    TwoCertificates,
    /// What an authority is to be asked, and nothing to ask it for.
    #[error("--acme-email and --acme-directory go with --acme-domain")]
    NothingToAsk,
    /// Not a domain.
    #[error("--acme-domain {0} is no domain")]
    NoDomain(String),
    /// A relay that does not know what it is called by others.
    #[error("{0} is no address that anybody could dial: say --public-url URL")]
    Nameless(SocketAddr),
}

impl Layer {
    /// This layer's words, and `below`'s where it is silent.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            data: self.data.or(below.data),
            sealing_key: self.sealing_key.or(below.sealing_key),
            listen: self.listen.or(below.listen),
            allow_remote: self.allow_remote.or(below.allow_remote),
            public_url: self.public_url.or(below.public_url),
            disk_reserve: self.disk_reserve.or(below.disk_reserve),
            log: self.log.or(below.log),
            mesh_listen: self.mesh_listen.or(below.mesh_listen),
            tls_cert: self.tls_cert.or(below.tls_cert),
            tls_key: self.tls_key.or(below.tls_key),
            tls_root: self.tls_root.or(below.tls_root),
            acme_domain: self.acme_domain.or(below.acme_domain),
            acme_email: self.acme_email.or(below.acme_email),
            acme_directory: self.acme_directory.or(below.acme_directory),
            trusted_proxy: self.trusted_proxy.or(below.trusted_proxy),
            private_endpoints: self.private_endpoints.or(below.private_endpoints),
        }
    }

    /// What holds, with a program's defaults.
    ///
    /// # Errors
    /// [`SettingsError`] in words a person can act on.
    pub fn settle(self, program: &Program) -> Result<Settings, SettingsError> {
        let listen = self.listen.unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), program.port));
        if self.acme_domain.is_none() && (self.acme_email.is_some() || self.acme_directory.is_some()) {
            return Err(SettingsError::NothingToAsk);
        }
        let certificate = match (self.tls_cert, self.tls_key, self.acme_domain) {
            (None, None, None) => None,
            (Some(chain), Some(key), None) => Some(Certificate::Files(chain, key)),
            (None, None, Some(domain)) => Some(Certificate::Acme {
                domain,
                email: self.acme_email,
                directory: self.acme_directory.unwrap_or_else(|| LETS_ENCRYPT.to_owned()),
            }),
            (_, _, Some(_)) => return Err(SettingsError::TwoCertificates),
            _ => return Err(SettingsError::HalfTls),
        };
        let public_url = match (self.public_url, &certificate) {
            (None, Some(Certificate::Acme { domain, .. })) => Some(url_of(domain, listen.port())?),
            (url, _) => url,
        };
        // What is encrypted is for others.
        let allow_remote = self.allow_remote.unwrap_or(certificate.is_some());
        if !listen.ip().is_loopback() && !allow_remote {
            return Err(SettingsError::Remote(listen));
        }
        Ok(Settings {
            data: self.data.ok_or(SettingsError::NoData(program.data_variable))?,
            sealing_key: self.sealing_key,
            listen,
            allow_remote,
            public_url,
            disk_reserve: self.disk_reserve.unwrap_or(DEFAULT_DISK_RESERVE),
            log: self.log.unwrap_or_else(|| String::from("warn")),
            mesh_listen: self.mesh_listen,
            certificate,
            tls_root: self.tls_root,
            trusted_proxies: self.trusted_proxy.unwrap_or_default(),
            private_endpoints: self.private_endpoints.unwrap_or(false),
        })
    }
}

impl Settings {
    /// Opens the node in the data folder.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self) -> Result<Node, OpenError> {
        let folder = Folder::at(&self.data).map_err(|error| OpenError::Store(error.to_string()))?;
        let folder = match &self.sealing_key {
            Some(path) => folder.sealed_by(path.clone()),
            None => folder,
        };
        Node::open_on(folder, self.disk_reserve)
    }

    /// The base URL people are told, where the window has this address.
    #[must_use]
    pub fn base(&self, address: SocketAddr) -> BaseUrl {
        let own = || if self.certificate.is_some() { BaseUrl::of_tls(address) } else { BaseUrl::of(address) };
        self.public_url.clone().unwrap_or_else(own)
    }

    /// The window's TLS, where it does it: files are read, or an authority begins to be asked. To be called where tokio runs.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn tls(&self, roots: &Roots) -> Result<Option<Tls>, TlsError> {
        match &self.certificate {
            None => Ok(None),
            Some(Certificate::Files(chain, key)) => Tls::of_files(chain, key).map(Some),
            Some(Certificate::Acme { domain, email, directory }) => Tls::by_acme(Acme {
                domain: domain.clone(),
                email: email.clone(),
                directory: directory.clone(),
                folder: self.data.join("acme"),
                believed: Arc::new(roots.client_config().map_err(TlsError::Pair)?),
            })
            .map(Some),
        }
    }

    /// The authorities that are believed beside the system's, read.
    ///
    /// # Errors
    /// [`SettingsError::File`].
    pub fn roots(&self) -> Result<Roots, SettingsError> {
        let Some(path) = &self.tls_root else { return Ok(Roots::default()) };
        Roots::read(path).map_err(|error| SettingsError::File(path.clone(), error.to_string()))
    }
}

/// Reads the file that `config` names, else the program's own in the data folder, else nothing. Keys in `own` are the
/// program's, all others are [`Layer`]'s; an unknown one is refused.
///
/// # Errors
/// [`SettingsError::File`].
pub fn read_file<Own: DeserializeOwned + Default>(
    program: &Program,
    config: Option<&Path>,
    data: Option<&Path>,
    own: &[&str],
) -> Result<(Layer, Own), SettingsError> {
    let in_folder = || data.map(|data| data.join(program.file)).filter(|path| path.exists());
    let Some(path) = config.map(Path::to_owned).or_else(in_folder) else { return Ok(Default::default()) };
    let wrong = |error: &dyn std::fmt::Display| SettingsError::File(path.clone(), error.to_string());
    let text = std::fs::read_to_string(&path).map_err(|error| wrong(&error))?;
    let whole: toml::Table = toml::from_str(&text).map_err(|error| wrong(&error))?;
    let (mine, shared): (toml::Table, toml::Table) =
        whole.into_iter().partition(|(key, _)| own.contains(&key.as_str()));
    let shared = shared.try_into().map_err(|error| wrong(&error))?;
    Ok((shared, mine.try_into().map_err(|error| wrong(&error))?))
}

fn read_url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<BaseUrl>, D::Error> {
    String::deserialize(from)?.parse().map(Some).map_err(D::Error::custom)
}

/// A list of base URLs, for a program's own keys.
///
/// # Errors
/// Where one is none.
pub fn read_urls<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<BaseUrl>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
}

fn url_of(domain: &str, port: u16) -> Result<BaseUrl, SettingsError> {
    let url = if port == 443 { format!("https://{domain}") } else { format!("https://{domain}:{port}") };
    url.parse().map_err(|_| SettingsError::NoDomain(domain.to_owned()))
}

const DEFAULT_DISK_RESERVE: u64 = 64 * 1024 * 1024;
