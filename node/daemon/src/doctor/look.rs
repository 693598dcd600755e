//! Finding out: the folder, the disk, the ports, the environment.

use super::verdict::{DiskFact, FolderFact, PortFact};
use crate::control;
use crate::door::{Answer, Ask, Window};
use crate::settings::Settings;
use nexus_node::store::{Folder, Medium as _};
use nexus_node::{NodeStatus, OpenError};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What the program that runs on the folder says of itself; none where none answers.
pub(super) async fn running(settings: &Settings) -> Option<NodeStatus> {
    match control::ask(&settings.data, &Ask::Status).await {
        Ok(Some(Answer::Status(status))) => Some(status),
        _ => None,
    }
}

/// Where it is found; a stopped one, where it would be: a relay's mesh is ten above its window where nobody says.
pub(super) async fn places(settings: &Settings, is_relay: bool) -> Window {
    if let Ok(Some(Answer::Places(window))) = control::ask(&settings.data, &Ask::Places).await {
        return window;
    }
    let listen = settings.listen;
    let beside = SocketAddr::new(listen.ip(), listen.port().checked_add(10).unwrap_or(0));
    let mesh = settings.mesh_listen.or(is_relay.then_some(beside));
    Window { listen, mesh, base: settings.base(listen).to_string() }
}

/// How the folder is found, and the relays that the program uses.
pub(super) fn folder(settings: &Settings, running: Option<&NodeStatus>) -> (FolderFact, BTreeSet<String>) {
    if let Some(status) = running {
        let dialed = status.mesh.iter().flat_map(|mesh| mesh.relays.iter().map(|relay| relay.url.clone()));
        return (FolderFact::Running, dialed.collect());
    }
    if !Folder::store_path(&settings.data).exists() {
        return (FolderFact::Missing, BTreeSet::new());
    }
    match settings.open() {
        Ok(node) => (FolderFact::Opens, node.view().home_relays.iter().cloned().collect()),
        Err(OpenError::InUse) => {
            let why = "a program has it open, and does not answer at the socket in it";
            (FolderFact::Refuses(why.to_owned()), BTreeSet::new())
        }
        Err(error) => (FolderFact::Refuses(error.to_string()), BTreeSet::new()),
    }
}

/// None where there is no folder.
pub(super) fn disk(settings: &Settings) -> Option<DiskFact> {
    let mode = std::fs::metadata(&settings.data).ok()?.permissions().mode();
    let free = Folder::at(&settings.data).and_then(|folder| folder.free_bytes()).ok()?;
    let written = settings.data.join("doctor.tmp");
    let write = || {
        let mut file = std::fs::File::create(&written)?;
        file.write_all(&[0; 4_096])?;
        file.sync_all()
    };
    let writes = write().and_then(|()| std::fs::remove_file(&written)).map_err(|error| error.to_string());
    Some(DiskFact { free, reserve: settings.disk_reserve, writes, is_open: mode & 0o077 != 0 })
}

/// The window: of a running program by asking it, of a stopped one by listening for a moment.
pub(super) async fn window(address: SocketAddr, is_running: bool) -> PortFact {
    if !is_running {
        return free(address, false);
    }
    let connected = tokio::time::timeout(PATIENCE, tokio::net::TcpStream::connect(address)).await;
    match connected {
        Ok(Ok(_)) => PortFact::Answers(address.to_string()),
        Ok(Err(error)) => PortFact::Silent(address.to_string(), error.to_string()),
        Err(_) => PortFact::Silent(address.to_string(), String::from("no answer in time")),
    }
}

/// Where the mesh is listened for, by TCP and UDP.
pub(super) fn mesh(address: SocketAddr, is_running: bool) -> PortFact {
    match free(address, true) {
        PortFact::Refused(place, _) if is_running => PortFact::Held(place),
        PortFact::Free(place) if is_running => PortFact::Silent(place, String::from("nobody listens there")),
        fact => fact,
    }
}

fn free(address: SocketAddr, udp_too: bool) -> PortFact {
    let listens = TcpListener::bind(address).map(drop);
    let listens = listens.and_then(|()| if udp_too { UdpSocket::bind(address).map(drop) } else { Ok(()) });
    match listens {
        Ok(()) => PortFact::Free(address.to_string()),
        Err(error) => PortFact::Refused(address.to_string(), error.to_string()),
    }
}

/// The variables that name a proxy. Their values may hold a password, and are not told.
pub(super) fn proxies(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].map(String::from);
    let lower = names.clone().map(|name| name.to_lowercase());
    let is_set = |name: &String| variable(name).is_some_and(|value| !value.is_empty());
    names.into_iter().chain(lower).filter(is_set).collect()
}

/// This clock, Unix seconds.
pub(super) fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

const PATIENCE: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_somebody_has_is_not_free() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        assert!(matches!(free(address, false), PortFact::Refused(..)));
        drop(taken);
        assert!(matches!(free(address, true), PortFact::Free(_)));
    }

    #[test]
    fn a_proxy_is_named_and_its_password_is_not() {
        let set = |name: &str| (name == "https_proxy").then(|| String::from("http://me:secret@proxy"));
        assert_eq!(proxies(set), ["https_proxy"]);
    }
}
