//! A TCP proxy that cuts: each connection is let through until a random number of bytes has come from the server, then
//! both sides are reset at once. The number is drawn from a seed and falls on no frame's edge but by chance.

use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What is cut, and when.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The same seed draws the same numbers.
    pub seed: u64,
    /// So many cuts; afterwards everything passes.
    pub cuts: usize,
    /// How many bytes of the server come through before a cut.
    pub bytes: Range<u64>,
}

/// A running proxy; dropping it closes its door, not the connections that passed.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    cuts: Arc<AtomicUsize>,
    door: JoinHandle<()>,
}

impl Proxy {
    /// Listens at `listen` and lets through to `server`.
    ///
    /// # Errors
    /// What binding fails with.
    pub async fn start(listen: SocketAddr, server: SocketAddr, plan: Plan) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let cuts = Arc::new(AtomicUsize::new(0));
        let door = tokio::spawn(accept(listener, server, plan, cuts.clone()));
        Ok(Self { address, cuts, door })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it has cut.
    #[must_use]
    pub fn cuts(&self) -> usize {
        self.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.door.abort();
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, plan: Plan, cuts: Arc<AtomicUsize>) {
    let mut random = SplitMix64(plan.seed);
    while let Ok((client, _)) = listener.accept().await {
        let spread = plan.bytes.end.saturating_sub(plan.bytes.start).max(1);
        let budget = plan.bytes.start + random.next() % spread;
        let cuts = cuts.clone();
        let max = plan.cuts;
        tokio::spawn(async move {
            // What goes wrong on either side ends this connection, as it would without a proxy.
            let _ = pass(client, server, budget, max, &cuts).await;
        });
    }
}

async fn pass(
    mut client: TcpStream,
    server: SocketAddr,
    budget: u64,
    cuts_max: usize,
    cuts: &AtomicUsize,
) -> io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let mut left = budget;
    let (mut up, mut down) = ([0u8; 4096], [0u8; 16 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => match read? {
                0 => return Ok(()),
                n => server.write_all(&up[..n]).await?,
            },
            read = server.read(&mut down) => {
                let n = read?;
                if n == 0 {
                    return Ok(());
                }
                let allowed = usize::try_from(left).unwrap_or(usize::MAX).min(n);
                left -= allowed as u64;
                if allowed < n && take_one(cuts, cuts_max) {
                    client.write_all(&down[..allowed]).await?;
                    // A reset, not a goodbye: what is still in buffers is lost, as when a cable is pulled.
                    client.set_zero_linger()?;
                    return server.set_zero_linger();
                }
                client.write_all(&down[..n]).await?;
            }
        }
    }
}

/// Counts one more cut, unless there were enough.
fn take_one(cuts: &AtomicUsize, max: usize) -> bool {
    cuts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |made| (made < max).then_some(made + 1)).is_ok()
}

/// Steele, Lea and Flood, 2014.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::{Plan, Proxy};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    #[tokio::test]
    async fn each_connection_is_cut_within_its_bytes_until_there_were_enough() {
        let server = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let at = server.local_addr().expect("address");
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = server.accept().await {
                tokio::spawn(async move { socket.write_all(&[7; 5000]).await });
            }
        });
        let plan = Plan { seed: 1, cuts: 3, bytes: 100..1000 };
        let proxy = Proxy::start("127.0.0.1:0".parse().expect("address"), at, plan).await.expect("starts");
        let mut lengths = Vec::new();
        for _ in 0..5 {
            let mut got = Vec::new();
            let mut socket = TcpStream::connect(proxy.address()).await.expect("connect");
            let _ = socket.read_to_end(&mut got).await;
            lengths.push(got.len());
        }
        assert!(lengths[..3].iter().all(|length| *length < 1000), "{lengths:?}");
        assert_eq!(lengths[3..], [5000, 5000]);
        assert_eq!(proxy.cuts(), 3);
    }
}
