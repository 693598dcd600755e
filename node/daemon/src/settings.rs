//! Settings: a flag stands above its `NEXUS_*` variable, that above the TOML file, that above the default.

use crate::cli::{Cli, Order, ServeArgs};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What holds for this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The node's folder.
    pub(crate) data: PathBuf,
    /// Where the window is served.
    pub(crate) listen: SocketAddr,
    /// Whether others than this machine may come.
    pub(crate) allow_remote: bool,
    /// The base URL to tell bots, without a slash at its end.
    pub(crate) public_url: Option<String>,
    /// Bytes that stay free on the disk.
    pub(crate) disk_reserve: u64,
    /// The log's filter.
    pub(crate) log: String,
}

/// Why settings do not hold together.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum SettingsError {
    #[error("no data folder: give --data DIR, NEXUS_DATA_DIR, or `data` in the file named by --config")]
    NoData,
    #[error("cannot read {0}: {1}")]
    File(PathBuf, String),
    #[error("`{0}` comes with a later version; this one runs a node by itself")]
    Later(&'static str),
    #[error(
        "{0} is not this machine: nothing here encrypts yet, so say --allow-remote if a TLS proxy stands before it"
    )]
    Remote(SocketAddr),
}

/// The file. Every key has a flag and a variable of the same name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    listen: Option<SocketAddr>,
    allow_remote: Option<bool>,
    public_url: Option<String>,
    disk_reserve: Option<u64>,
    log: Option<String>,
    mesh_listen: Option<String>,
    relay: Option<toml::Value>,
    network: Option<String>,
}

impl Settings {
    /// Gathers flags (with their variables), file and defaults.
    ///
    /// # Errors
    /// [`SettingsError`] in words a person can act on.
    pub(crate) fn gather(cli: &Cli) -> Result<Self, SettingsError> {
        let file = File::find(cli)?;
        let none = ServeArgs::default();
        let serve = if let Order::Serve(serve) = &cli.order { serve } else { &none };
        refuse_what_comes_later(serve, &file)?;
        let settings = Self {
            data: cli.data.clone().or(file.data).ok_or(SettingsError::NoData)?,
            listen: serve.listen.or(file.listen).unwrap_or(DEFAULT_LISTEN),
            allow_remote: serve.allow_remote.or(file.allow_remote).unwrap_or(false),
            public_url: serve
                .public_url
                .clone()
                .or(file.public_url)
                .map(|url| url.trim_end_matches('/').to_owned()),
            disk_reserve: serve.disk_reserve.or(file.disk_reserve).unwrap_or(DEFAULT_DISK_RESERVE),
            log: cli.log.clone().or(file.log).unwrap_or_else(|| String::from("warn")),
        };
        if !settings.listen.ip().is_loopback() && !settings.allow_remote {
            return Err(SettingsError::Remote(settings.listen));
        }
        Ok(settings)
    }
}

impl File {
    fn find(cli: &Cli) -> Result<Self, SettingsError> {
        let in_folder = || cli.data.as_ref().map(|data| data.join("nexus.toml")).filter(|path| path.exists());
        match cli.config.clone().or_else(in_folder) {
            Some(path) => Self::read(&path),
            None => Ok(Self::default()),
        }
    }

    fn read(path: &Path) -> Result<Self, SettingsError> {
        let wrong = |error: &dyn std::fmt::Display| SettingsError::File(path.to_owned(), error.to_string());
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        toml::from_str(&text).map_err(|error| wrong(&error))
    }
}

/// What a person sets must have an effect or be refused: a node that seems to use a relay and does not would be a trap.
fn refuse_what_comes_later(serve: &ServeArgs, file: &File) -> Result<(), SettingsError> {
    let asked = [
        ("--mesh-listen", serve.mesh_listen.is_some() || file.mesh_listen.is_some()),
        ("--relay", !serve.relay.is_empty() || file.relay.is_some()),
        ("--network", serve.network.is_some() || file.network.is_some()),
    ];
    match asked.into_iter().find(|(_, asked)| *asked) {
        Some((name, _)) => Err(SettingsError::Later(name)),
        None => Ok(()),
    }
}

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8081);
const DEFAULT_DISK_RESERVE: u64 = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    fn gather(args: &[&str]) -> Result<Settings, SettingsError> {
        Settings::gather(&Cli::parse_from([&["nexus"], args].concat()))
    }

    #[test]
    fn the_folder_may_stand_before_or_after_the_order() {
        let before = gather(&["--data", "d", "serve", "--listen", "127.0.0.1:9"]).unwrap();
        assert_eq!(before, gather(&["serve", "--data", "d", "--listen", "127.0.0.1:9"]).unwrap());
        assert_eq!(before.listen.port(), 9);
    }

    #[test]
    fn what_comes_with_a_later_version_is_refused_not_ignored() {
        for (flag, value) in
            [("--relay", "https://r.example"), ("--mesh-listen", "0.0.0.0:1"), ("--network", "lan")]
        {
            assert_eq!(gather(&["--data", "d", "serve", flag, value]), Err(SettingsError::Later(flag)));
        }
    }

    #[test]
    fn an_address_that_others_reach_needs_a_word() {
        let open = ["--data", "d", "serve", "--listen", "0.0.0.0:8081"];
        assert!(matches!(gather(&open), Err(SettingsError::Remote(_))));
        assert!(gather(&[&open[..], &["--allow-remote"]].concat()).unwrap().allow_remote);
    }

    #[test]
    fn a_flag_stands_above_the_file_and_the_file_above_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        std::fs::write(folder.path().join("nexus.toml"), "listen = '127.0.0.1:7'\ndisk_reserve = 5\n")
            .unwrap();
        let settings = gather(&["--data", data, "serve", "--disk-reserve", "6"]).unwrap();
        assert_eq!((settings.listen.port(), settings.disk_reserve), (7, 6));
        std::fs::write(folder.path().join("nexus.toml"), "lisen = '127.0.0.1:7'\n").unwrap();
        assert!(matches!(gather(&["--data", data, "serve"]), Err(SettingsError::File(..))));
    }

    #[test]
    fn without_a_folder_it_says_how_to_name_one() {
        if std::env::var_os("NEXUS_DATA_DIR").is_none() {
            assert_eq!(gather(&["status"]), Err(SettingsError::NoData));
        }
    }
}
