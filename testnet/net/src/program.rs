//! One program with its folder and its addresses, which stay the same however often it is started.

use crate::small_disk::SmallDisk;
use crate::street::House;
use anyhow::{Context as _, Result, bail, ensure};
use nexus_load::api::{Api, ApiError};
use serde_json::Value;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// `nexus` or `nexus-relay` on a folder. Killed when dropped.
pub struct Program {
    name: &'static str,
    data: PathBuf,
    listen: SocketAddr,
    mesh: Option<SocketAddr>,
    arguments: Vec<String>,
    disk: Option<SmallDisk>,
    house: Option<House>,
    child: Option<Child>,
    environment: Vec<(String, String)>,
    face: Face,
    /// Where its log goes.
    log: Option<PathBuf>,
}

/// How its window is asked whether it is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    /// It speaks HTTP.
    Plain,
    /// It speaks HTTPS, by a certificate that nobody here believes.
    Secure,
    /// Only its own house sees it.
    Hidden,
}

impl Program {
    /// A person's node that uses these relays; not started yet.
    ///
    /// # Errors
    /// Where the machine has no port left.
    pub fn node(data: &Path, relays: &[String]) -> Result<Self> {
        let arguments = relays.iter().flat_map(|url| [String::from("--relay"), url.clone()]).collect();
        Self::new("nexus", data, arguments)
    }

    /// A person's node in a house of a street, that looks for neighbours; not started yet.
    #[must_use]
    pub fn in_a_house(data: &Path, house: House) -> Self {
        let arguments = ["--network", "lan", "--allow-remote"].map(String::from).to_vec();
        let listen = SocketAddr::new(house.address(), PORT_IN_A_HOUSE);
        let (data, house) = (data.to_owned(), Some(house));
        Self {
            name: "nexus",
            data,
            listen,
            mesh: None,
            arguments,
            disk: None,
            house,
            child: None,
            environment: Vec::new(),
            face: Face::Plain,
            log: None,
        }
    }

    /// A person's node in a house of a street, that links with members of its guilds wherever they are; not started yet.
    #[must_use]
    pub fn direct_in_a_house(data: &Path, house: House) -> Self {
        let mut node = Self::in_a_house(data, house);
        node.arguments = ["--network", "direct", "--allow-remote"].map(String::from).to_vec();
        node
    }

    /// A person's node in a house of a street, that links with this relay and nobody else; not started yet.
    #[must_use]
    pub fn behind_a_relay(data: &Path, house: House, url: &str) -> Self {
        let arguments = ["--allow-remote", "--relay", url].map(String::from).to_vec();
        let mut node = Self::in_a_house(data, house);
        node.arguments = arguments;
        node
    }

    /// A relay in a house of a street; not started yet.
    #[must_use]
    pub fn relay_in_a_house(data: &Path, house: House) -> Self {
        let listen = SocketAddr::new(house.address(), PORT_IN_A_HOUSE);
        let mesh = SocketAddr::new(house.address(), PORT_IN_A_HOUSE + 1);
        let arguments = ["--allow-remote", "--mesh-listen"].map(String::from).into_iter();
        let arguments = arguments.chain([mesh.to_string()]).collect();
        let (data, house, mesh) = (data.to_owned(), Some(house), Some(mesh));
        Self {
            name: "nexus-relay",
            data,
            listen,
            mesh,
            arguments,
            disk: None,
            house,
            child: None,
            environment: Vec::new(),
            face: Face::Plain,
            log: None,
        }
    }

    /// A relay in a house of a street that listens on the house's own loopback, as `http://127.0.0.1:8080`: for a proxy of the
    /// same house. Not started yet.
    #[must_use]
    pub fn relay_behind_a_proxy(data: &Path, house: House, public_url: &str) -> Self {
        let mesh = SocketAddr::new(house.address(), 8_090);
        let mut relay = Self::relay_in_a_house(data, house);
        relay.listen = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 8_080);
        (relay.mesh, relay.face) = (Some(mesh), Face::Hidden);
        relay.arguments =
            ["--mesh-listen", &mesh.to_string(), "--public-url", public_url].map(String::from).to_vec();
        relay
    }

    /// .. whose log goes to the end of this file. Before the first start.
    #[must_use]
    pub fn logging_to(mut self, file: &Path) -> Self {
        self.log = Some(file.to_owned());
        self
    }

    /// .. in a house, that serves at whatever address the house has. Before the first start.
    #[must_use]
    pub fn wherever_it_is(mut self) -> Self {
        self.listen.set_ip(Ipv4Addr::UNSPECIFIED.into());
        self
    }

    /// .. with more on its command line. Before the first start.
    #[must_use]
    pub fn told(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().copied().map(String::from));
        self
    }

    /// .. that uses this relay. Before the first start.
    #[must_use]
    pub fn with_relay(mut self, url: &str) -> Self {
        self.arguments.extend(["--relay", url].map(String::from));
        self
    }

    /// .. with more arguments. Before the first start.
    #[must_use]
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(ToString::to_string));
        self
    }

    /// .. with a variable of its environment. Before the first start.
    #[must_use]
    pub fn knowing(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// .. whose window speaks HTTPS with this certificate and key. Before the first start.
    #[must_use]
    pub fn speaking_tls(mut self, certificate: &Path, key: &Path) -> Self {
        let path = |path: &Path| path.display().to_string();
        self.arguments.extend([
            String::from("--tls-cert"),
            path(certificate),
            String::from("--tls-key"),
            path(key),
        ]);
        self.face = Face::Secure;
        self
    }

    /// .. whose window asks an authority for a certificate of this domain. `root`: who gave the authority its own. Before the
    /// first start.
    #[must_use]
    pub fn speaking_tls_by(mut self, domain: &str, directory: &str, root: &str) -> Self {
        let flags = ["--acme-domain", domain, "--acme-directory", directory, "--tls-root", root];
        self.arguments.extend(flags.map(String::from));
        self.face = Face::Secure;
        self
    }

    /// A relay; not started yet.
    ///
    /// # Errors
    /// Where the machine has no port left.
    pub fn relay(data: &Path) -> Result<Self> {
        Self::new("nexus-relay", data, Vec::new())?.listening_in_the_mesh()
    }

    /// .. which nodes on this machine can find and dial. Before the first start.
    ///
    /// # Errors
    /// Where the machine has no port left.
    pub fn in_the_lan(mut self) -> Result<Self> {
        self.arguments.extend(["--network", "lan"].map(String::from));
        self.listening_in_the_mesh()
    }

    /// .. which tells members of its guilds, and whoever has its invites, that it is there. Before the first start.
    ///
    /// # Errors
    /// Where the machine has no port left.
    pub fn in_the_world(mut self, outside: &str) -> Result<Self> {
        self.arguments.extend(["--network", "direct", "--mesh-address", outside].map(String::from));
        self.listening_in_the_mesh()
    }

    fn listening_in_the_mesh(mut self) -> Result<Self> {
        let mesh = free_address()?;
        self.arguments.extend([String::from("--mesh-listen"), mesh.to_string()]);
        self.mesh = Some(mesh);
        Ok(self)
    }

    /// Where its window is now.
    #[must_use]
    pub fn listens(&self) -> SocketAddr {
        let house = self.house.as_ref().filter(|_| self.listen.ip().is_unspecified());
        house.map_or(self.listen, |house| SocketAddr::new(house.address(), self.listen.port()))
    }

    /// Where others dial it, if they can.
    #[must_use]
    pub const fn mesh(&self) -> Option<SocketAddr> {
        self.mesh
    }

    /// Its process, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    fn new(name: &'static str, data: &Path, arguments: Vec<String>) -> Result<Self> {
        let listen = free_address()?;
        Ok(Self {
            name,
            data: data.to_owned(),
            listen,
            mesh: None,
            arguments,
            disk: None,
            house: None,
            child: None,
            environment: Vec::new(),
            face: Face::Plain,
            log: None,
        })
    }

    /// With a disk of its own, of a few MiB, of which `reserve` bytes stay free. Before the first start.
    #[must_use]
    pub fn on_a_small_disk(mut self, disk: SmallDisk, reserve: u64) -> Self {
        self.data = disk.data();
        self.arguments.extend([String::from("--disk-reserve"), reserve.to_string()]);
        self.disk = Some(disk);
        self
    }

    /// Its window.
    #[must_use]
    pub fn base(&self) -> String {
        format!("{}://{}", if self.face == Face::Secure { "https" } else { "http" }, self.listens())
    }

    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// Where it ends instead.
    pub async fn start(&mut self) -> Result<()> {
        let mut command = program(self.name)?;
        command.arg("serve").arg("--data").arg(&self.data).arg("--listen").arg(self.listen.to_string());
        command.args(&self.arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(disk) = &self.disk {
            command = disk.inside(&command);
        }
        if let Some(house) = &self.house {
            command = house.inside(&command);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null());
        if let Some(log) = &self.log {
            command.stderr(std::fs::File::options().create(true).append(true).open(log)?);
        }
        self.child = Some(command.spawn().with_context(|| self.name)?);
        self.answers().await
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// Where it does not run.
    pub fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().with_context(|| format!("{} does not run", self.name))?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Asks it to stop, as Ctrl-C does, and waits until it has.
    ///
    /// # Errors
    /// Where it does not run, or does not end well within a minute and a half.
    pub async fn stop(&mut self) -> Result<()> {
        let mut child = self.child.take().with_context(|| format!("{} does not run", self.name))?;
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("{} stopped with {status}", self.name),
                None if Instant::now() > deadline => {
                    child.kill()?;
                    bail!("{} does not stop", self.name);
                }
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    /// Runs `PROGRAM --data FOLDER ARGUMENTS` and gives what it prints; the error holds what it says.
    ///
    /// # Errors
    /// Where it fails.
    pub fn ask(&self, arguments: &[&str]) -> Result<String> {
        let data = match (&self.disk, &self.child) {
            (Some(disk), Some(child)) => disk.seen_from_here(child.id(), &self.data),
            _ => self.data.clone(),
        };
        let output = program(self.name)?.arg("--data").arg(data).args(arguments).output()?;
        let printed = String::from_utf8(output.stdout)?.trim().to_owned();
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{} {}: {} {printed}", self.name, arguments.join(" "), said.trim());
        Ok(printed)
    }

    /// As [`Program::ask`], by somebody in its own house.
    ///
    /// # Errors
    /// Where it fails, or has no house.
    pub fn ask_at_home(&self, arguments: &[&str]) -> Result<String> {
        let mut command = program(self.name)?;
        command.arg("--data").arg(&self.data).args(arguments);
        self.house.as_ref().context("it has no house")?.run(&command)
    }

    /// As [`Program::ask`], with something to read on its stdin.
    ///
    /// # Errors
    /// Where it fails.
    pub fn tell(&self, arguments: &[&str], words: &str) -> Result<String> {
        let mut command = program(self.name)?;
        command.arg("--data").arg(&self.data).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        child.stdin.take().context("a pipe")?.write_all(words.as_bytes())?;
        let output = child.wait_with_output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{} {}: {}", self.name, arguments.join(" "), said.trim());
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// `status --json`.
    ///
    /// # Errors
    /// Where it fails.
    pub fn status(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.ask(&["status", "--json"])?)?)
    }

    /// Whether its folder is nowhere to be seen while it does not run.
    #[must_use]
    pub fn is_on_a_small_disk(&self) -> bool {
        self.disk.is_some()
    }

    /// Fills the small disk of the running program; the file to be removed when there shall be space again.
    ///
    /// # Errors
    /// Where it has none, or does not run.
    pub fn fill_disk(&self) -> Result<PathBuf> {
        let (Some(disk), Some(child)) = (&self.disk, &self.child) else { bail!("no small disk is in use") };
        disk.fill(child.id())
    }

    /// Returns once it has answered a request, whatever the answer.
    async fn answers(&mut self) -> Result<()> {
        let api = Api::new(&self.base(), "");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let Err(cause) = self.knock(&api).await else { return Ok(()) };
            let ended = self.child.as_mut().map(Child::try_wait).transpose()?.flatten();
            if let Some(status) = ended {
                bail!("{} ended with {status}; last seen: {cause}", self.name);
            }
            ensure!(Instant::now() < deadline, "{} does not answer: {cause}", self.name);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn knock(&self, api: &Api) -> Result<(), String> {
        match (self.face, &self.house) {
            (Face::Secure, _) => {
                let knocked = tokio::net::TcpStream::connect(self.listens()).await;
                return knocked.map(drop).map_err(|error| error.to_string());
            }
            (Face::Hidden, Some(house)) => {
                let mut curl = Command::new("curl");
                curl.args(["--silent", "--show-error", "--max-time", "5", &self.base()]);
                return house.run(&curl).map(drop).map_err(|error| error.to_string());
            }
            _ => {}
        }
        match api.get("/users/@me").await {
            Err(ApiError::Transport { cause, .. }) => Err(cause),
            _ => Ok(()),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Gone already, or to be gone: either way nothing is left to do with a failure.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// How long a program may take to begin or to end: only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// In a house of its own every node may have the same.
const PORT_IN_A_HOUSE: u16 = 8081;

/// A number out of every guild of a status, summed: `outbox`, `ops`.
#[must_use]
pub fn sum(status: &Value, field: &str) -> u64 {
    status["guilds"].as_array().into_iter().flatten().filter_map(|guild| guild[field].as_u64()).sum()
}

/// A program of this build, without any setting of the caller's own environment.
fn program(name: &str) -> Result<Command> {
    let here = std::env::current_exe()?;
    // A test lies in target/PROFILE/deps, a program above it.
    let places = here.ancestors().skip(1).take(2).map(|place| place.join(name));
    let path = places.into_iter().find(|path| path.is_file());
    let path = path.with_context(|| {
        format!("{name} is not built: `cargo test --workspace` or `cargo build --workspace --bins`")
    })?;
    let mut command = Command::new(path);
    for (variable, _) in std::env::vars().filter(|(variable, _)| variable.starts_with("NEXUS_")) {
        command.env_remove(variable);
    }
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(variable).env_remove(variable.to_lowercase());
    }
    Ok(command)
}

/// A loopback address whose number nobody listens on, neither by TCP nor by UDP.
///
/// # Errors
/// Where there is none.
pub fn free_address() -> Result<SocketAddr> {
    for _ in 0..100 {
        let address = nexus_load::node::free_address()?;
        if UdpSocket::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no free port")
}
