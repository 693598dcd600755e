//! A proxy that does CONNECT for who knows the password, as companies have them.

use anyhow::Result;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Ends when dropped, with its tunnels.
pub struct Proxy {
    address: SocketAddr,
    counts: Arc<Counts>,
    _tasks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Counts {
    tunnels: AtomicU64,
    refused: AtomicU64,
}

impl Proxy {
    /// At an address of this machine. `secret`: what `Proxy-Authorization` must be, as `Basic dXNlcjpwYXNz`.
    ///
    /// # Errors
    /// Where it cannot listen.
    pub async fn at(ip: IpAddr, secret: &str) -> Result<Self> {
        let listener = TcpListener::bind((ip, 0)).await?;
        let (address, counts) = (listener.local_addr()?, Arc::new(Counts::default()));
        let (secret, counted) =
            (format!("proxy-authorization: {}\r\n", secret.to_lowercase()), counts.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut tunnels = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (secret, counts) = (secret.clone(), counted.clone());
                // A tunnel that breaks has ended.
                tunnels.spawn(async move { drop(serve(stream, &secret, &counts).await) });
            }
        });
        Ok(Self { address, counts, _tasks: tasks })
    }

    /// Where it is.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Tunnels so far, and those who did not know the password.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.counts.tunnels.load(Relaxed), self.counts.refused.load(Relaxed))
    }
}

async fn serve(mut stream: TcpStream, secret: &str, counts: &Counts) -> Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_MAX {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head)?.to_lowercase();
    let target = head.strip_prefix("connect ").and_then(|rest| rest.split(' ').next());
    let Some(target) = target.filter(|_| head.contains(secret)) else {
        counts.refused.fetch_add(1, Relaxed);
        stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n").await?;
        return Ok(());
    };
    let mut there = TcpStream::connect(target).await?;
    counts.tunnels.fetch_add(1, Relaxed);
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    copy_bidirectional(&mut stream, &mut there).await?;
    Ok(())
}

const HEAD_MAX: usize = 8 * 1024;
