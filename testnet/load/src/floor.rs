//! Raw limits, measured beside the node in the same minute: what the disk and the socket alone would take.

use crate::facts;
use crate::table::p50_p99;
use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::io::{BufRead, BufReader, Lines, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt as _};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// How long so many bytes take from one TCP socket of the loopback to another, seconds.
///
/// # Errors
/// Where the loopback fails.
pub async fn transfer_s(bytes: u64) -> Result<f64> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let begun = std::time::Instant::now();
    let sender = tokio::spawn(async move {
        let mut to = tokio::net::TcpStream::connect(address).await?;
        let chunk = vec![7; 64 * 1024];
        let mut left = bytes;
        while left > 0 {
            let some = usize::try_from(left).map_or(chunk.len(), |left| left.min(chunk.len()));
            to.write_all(&chunk[..some]).await?;
            left -= some as u64;
        }
        Ok::<_, std::io::Error>(())
    });
    let (mut from, _) = listener.accept().await?;
    let mut into = vec![0; 64 * 1024];
    while from.read(&mut into).await? > 0 {}
    sender.await??;
    Ok(begun.elapsed().as_secs_f64())
}

/// Times of so many appends of 4 KiB to a file in `folder`, each made durable before the next, in ms.
///
/// # Errors
/// Where the folder cannot be written.
pub fn fsyncs_ms(folder: &Path, count: usize) -> Result<Vec<f64>> {
    let mut file: File = tempfile::tempfile_in(folder)?;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let begun = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}

/// A fan-out to be done.
#[derive(Clone, Copy, Debug)]
pub struct Fan {
    /// Who listens.
    pub receivers: usize,
    /// Bytes of each frame, at least 8.
    pub size: usize,
    /// Frames for each receiver.
    pub frames: usize,
    /// Rest after everybody has a frame, before the next.
    pub rest: Duration,
}

/// What it took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fanned {
    /// From before the first write of a frame to its whole receipt, in ms: of half of the deliveries at most ..
    pub p50_ms: f64,
    /// .. and of all but a hundredth.
    pub p99_ms: f64,
    /// Of the sender, for each delivery, in µs.
    pub cpu_us: f64,
}

/// A child of this program's. Dropped, it is killed.
struct Part {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Part {
    fn start(task: &str, fan: Fan) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(task)
            .args([fan.receivers, fan.size, fan.frames].map(|number| number.to_string()))
            .arg(fan.rest.as_millis().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let said = BufReader::new(child.stdout.take().context("a part has no output")?).lines();
        Ok(Self { child, said })
    }

    /// Has it do the next thing.
    fn go_on(&mut self) -> Result<()> {
        Ok(self.child.stdin.as_mut().context("a part hears nothing")?.write_all(b"\n")?)
    }

    fn line(&mut self) -> Result<String> {
        Ok(self.said.next().context("a part broke off")??)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Gone already, or to be gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Raw TCP fan-out over loopback: one thread of a process writes each frame to every socket; receivers are tasks of another, as
/// those of a measured node are. They are not tasks here, where as many sessions may be open as a process may have files.
///
/// # Errors
/// Where a part breaks off.
pub async fn fan(fan: Fan) -> Result<Fanned> {
    tokio::task::spawn_blocking(move || {
        let mut receiver = Part::start("raw-receive", fan)?;
        let mut number = || anyhow::Ok(receiver.line()?.parse()?);
        Ok(Fanned { p50_ms: number()?, p99_ms: number()?, cpu_us: number()? })
    })
    .await?
}

/// The receivers' side, as `nexus-load raw-receive` runs it: starts the sender, and prints what [`Fanned`] has.
///
/// # Errors
/// Where the sender breaks off.
pub async fn receive_all(fan: Fan, out: &mut impl Write) -> Result<()> {
    let mut sender = Part::start("raw-send", fan)?;
    let address: SocketAddr = sender.line()?.parse()?;
    let (tx, mut rx) = unbounded_channel();
    for _ in 0..fan.receivers {
        let socket = tokio::net::TcpStream::connect(address).await?;
        tokio::spawn(receive(socket, fan, tx.clone()));
    }
    drop(tx);
    let mut delays_ms = Vec::with_capacity(fan.receivers * fan.frames);
    for _ in 0..fan.frames {
        sender.go_on()?;
        for _ in 0..fan.receivers {
            delays_ms.push(rx.recv().await.context("the receivers broke off")??);
        }
    }
    let cpu_us = sender.line()?;
    ensure!(sender.child.wait()?.success(), "the sender failed");
    let (p50, p99) = p50_p99(delays_ms);
    writeln!(out, "{p50}\n{p99}\n{cpu_us}")?;
    Ok(())
}

/// Tells of each frame that one socket brings.
async fn receive(mut socket: tokio::net::TcpStream, fan: Fan, tx: UnboundedSender<Result<f64>>) {
    let mut frame = vec![0; fan.size];
    for _ in 0..fan.frames {
        let read = socket.read_exact(&mut frame).await;
        let stamp = read.map(|_| frame.first_chunk().copied().map(u64::from_le_bytes));
        let heard =
            stamp.map_err(anyhow::Error::from).and_then(|stamp| stamp.context("a frame without a stamp"));
        if tx.send(heard.map(since_ms)).is_err() {
            return;
        }
    }
}

/// The sender's side, as `nexus-load raw-send` runs it: prints its address, sends a frame for each line it reads, then prints the CPU µs of
/// a delivery.
///
/// # Errors
/// Where a receiver breaks off.
pub fn send(fan: Fan, out: &mut impl Write) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    writeln!(out, "{}", listener.local_addr()?)?;
    let accept = |_| {
        let (socket, _) = listener.accept()?;
        socket.set_nodelay(true)?;
        anyhow::Ok(socket)
    };
    let mut sockets: Vec<TcpStream> = (0..fan.receivers).map(accept).collect::<Result<_>>()?;
    let mut frame = vec![1; fan.size];
    let before = facts::cpu_seconds(std::process::id())?;
    let mut asked = std::io::stdin().lines();
    for _ in 0..fan.frames {
        asked.next().context("nobody listens any more")??;
        std::thread::sleep(fan.rest);
        if let Some(stamp) = frame.first_chunk_mut() {
            *stamp = now_ns().to_le_bytes();
        }
        for socket in &mut sockets {
            socket.write_all(&frame)?;
        }
    }
    let used = facts::cpu_seconds(std::process::id())? - before;
    writeln!(out, "{}", used * 1e6 / (fan.receivers * fan.frames) as f64)?;
    Ok(())
}

/// A process of its own that holds sockets and does nothing with them. Dropped, it is killed.
pub struct Held {
    holder: Child,
    address: SocketAddr,
    sockets: Vec<tokio::net::TcpStream>,
}

impl Held {
    /// With none yet.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn start() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut holder = command.arg("raw-hold").stdout(Stdio::piped()).spawn()?;
        let mut said = BufReader::new(holder.stdout.take().context("the holder has no output")?).lines();
        let address = said.next().context("the holder broke off")??.parse()?;
        Ok(Self { holder, address, sockets: Vec::new() })
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.holder.id()
    }

    /// So many more, each of which has said something and was answered: the holder has a task for it.
    ///
    /// # Errors
    /// Where one is not taken.
    pub async fn connect(&mut self, sockets: usize) -> Result<()> {
        for _ in 0..sockets {
            let mut socket = tokio::net::TcpStream::connect(self.address).await?;
            socket.write_all(&[7]).await?;
            socket.read_u8().await?;
            self.sockets.push(socket);
        }
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Gone already, or to be gone.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// The holder's side, as `nexus-load raw-hold` runs it: prints its address, and gives back what each socket says.
///
/// # Errors
/// Where it cannot listen.
pub async fn hold(out: &mut impl Write) -> Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    writeln!(out, "{}", listener.local_addr()?)?;
    out.flush()?;
    loop {
        let (mut socket, _) = listener.accept().await?;
        tokio::spawn(async move {
            while let Ok(byte) = socket.read_u8().await {
                if socket.write_all(&[byte]).await.is_err() {
                    break;
                }
            }
        });
    }
}

/// A stamp: ns since 1970, the one clock that two processes share.
#[must_use]
pub fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// How long ago a stamp was made, in ms.
#[must_use]
pub fn since_ms(stamp: u64) -> f64 {
    now_ns().saturating_sub(stamp) as f64 / 1e6
}
