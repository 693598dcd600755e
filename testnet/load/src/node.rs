//! A node that we start ourselves, on a folder of its own and the loopback address.

use crate::api::{Api, ApiError};
use anyhow::{Context, Result, bail, ensure};
use std::net::{SocketAddr, TcpListener};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The program, and the folder it keeps a node in.
pub struct Folder {
    program: PathBuf,
    data: PathBuf,
}

/// A running node. Dropped, it is killed.
pub struct Node {
    child: Child,
    /// Where its window is.
    pub base: String,
}

impl Folder {
    /// A node of `program` in `data`.
    #[must_use]
    pub fn new(program: &Path, data: &Path) -> Self {
        Self { program: program.to_owned(), data: data.to_owned() }
    }

    /// The first run: makes the owner.
    ///
    /// # Errors
    /// Where the program fails.
    pub fn set_up(&self, name: &str) -> Result<()> {
        self.ask(&["setup", name]).map(drop)
    }

    /// An API token of the owner's.
    ///
    /// # Errors
    /// Where the program fails.
    pub fn token(&self) -> Result<String> {
        let printed = self.ask(&["token"])?;
        printed.split_whitespace().next_back().map(str::to_owned).context("`nexus token` printed nothing")
    }

    /// Runs `nexus --data FOLDER ARGUMENTS` and gives what it prints.
    ///
    /// # Errors
    /// Where it fails: with what it said.
    pub fn ask(&self, arguments: &[&str]) -> Result<String> {
        let output =
            self.command().args(arguments).output().with_context(|| self.program.display().to_string())?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "nexus {}: {} {}", arguments.join(" "), output.status, said.trim());
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Starts it on a free port and waits until it answers.
    ///
    /// # Errors
    /// Where it ends instead.
    pub async fn start(&self) -> Result<Node> {
        self.start_with(&[]).await
    }

    /// As [`Folder::start`], with more flags.
    ///
    /// # Errors
    /// Where it ends instead.
    pub async fn start_with(&self, flags: &[&str]) -> Result<Node> {
        self.start_at(free_address()?, flags).await
    }

    /// .. at an address of the loopback interface.
    ///
    /// # Errors
    /// Where it ends instead.
    pub async fn start_at(&self, address: SocketAddr, flags: &[&str]) -> Result<Node> {
        let mut command = self.command();
        command
            .arg("serve")
            .arg("--listen")
            .arg(address.to_string())
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let child = command.spawn().with_context(|| self.program.display().to_string())?;
        let mut node = Node { child, base: format!("http://{address}") };
        node.answers().await?;
        Ok(node)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--data").arg(&self.data);
        command
    }
}

/// A loopback address that nobody has now, and that the system gives to nobody else before a program takes it: its number is
/// below those that sockets get of themselves, each is given once in this process, and another process begins elsewhere.
///
/// # Errors
/// Where all are taken.
pub fn free_address() -> Result<SocketAddr> {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    for _ in 0..PORTS.len() {
        let step = std::process::id().wrapping_mul(7_919).wrapping_add(GIVEN.fetch_add(1, Relaxed));
        let port = PORTS.start + u16::try_from(step % u32::from(PORTS.end - PORTS.start))?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no free port")
}

/// Linux gives those from 32768 on to whoever does not ask for one (`ip_local_port_range`).
const PORTS: Range<u16> = 10_240..32_768;

impl Node {
    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, as Ctrl-C does, and waits until it has.
    ///
    /// # Errors
    /// Where it does not end well within a minute and a half.
    pub async fn stop(mut self) -> Result<()> {
        // No library for one signal: the shell has it built in.
        let asked =
            Command::new("sh").args(["-c", "kill -TERM \"$0\""]).arg(self.pid().to_string()).status()?;
        ensure!(asked.success(), "the node was gone already");
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("the node stopped with {status}"),
                None if Instant::now() > deadline => bail!("the node does not stop"),
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    /// Returns once it has answered a request, whatever the answer.
    async fn answers(&mut self) -> Result<()> {
        let api = Api::new(&self.base, "");
        let deadline = Instant::now() + PATIENCE;
        loop {
            match api.get("/users/@me").await {
                Err(ApiError::Transport { cause, .. }) => {
                    if let Some(status) = self.child.try_wait()? {
                        bail!("the node ended with {status}; last seen: {cause}");
                    }
                    ensure!(Instant::now() < deadline, "the node does not answer: {cause}");
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                _ => return Ok(()),
            }
        }
    }
}

/// How long it may take to begin or to end: only who fails waits so long.
const PATIENCE: Duration = Duration::from_secs(90);

impl Drop for Node {
    fn drop(&mut self) {
        // Stopped already, or to be stopped without ceremony: either way nothing is left to do with a failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
