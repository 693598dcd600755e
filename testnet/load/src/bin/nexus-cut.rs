//! The cutting proxy as a program. Prints the address it listens at, and each cut it makes.

use clap::Parser;
use nexus_load::cut::{Plan, Proxy};
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

/// Lets TCP through to a server and cuts it again and again.
#[derive(Parser)]
struct Arguments {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where to.
    #[arg(long)]
    server: SocketAddr,
    /// The same seed cuts at the same numbers of bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often.
    #[arg(long, default_value_t = 100)]
    cuts: usize,
    /// Fewest bytes of the server before a cut.
    #[arg(long, default_value_t = 600)]
    min: u64,
    /// Most bytes of the server before a cut.
    #[arg(long, default_value_t = 6000)]
    max: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let Arguments { listen, server, seed, cuts, min, max } = arguments;
    let proxy = Proxy::start(listen, server, Plan { seed, cuts, bytes: min..max }).await?;
    let mut out = std::io::stdout();
    writeln!(out, "listening {}", proxy.address())?;
    let mut told = 0;
    loop {
        out.flush()?;
        tokio::time::sleep(Duration::from_millis(20)).await;
        let made = proxy.cuts();
        for cut in told..made {
            writeln!(out, "cut {}", cut + 1)?;
        }
        told = made;
    }
}
