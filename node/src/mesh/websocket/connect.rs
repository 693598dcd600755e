//! A TCP connection to a name that may have several addresses (RFC 8305): each next one a little later.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;

/// The first connection that comes about.
///
/// # Errors
/// The system's, and a name without an address.
pub(super) async fn to(host: &str, port: u16) -> io::Result<TcpStream> {
    let addresses = tokio::net::lookup_host((host, port)).await?.take(ADDRESSES_MAX);
    let mut going: FuturesUnordered<_> = addresses
        .zip(0..)
        .map(|(address, number)| async move {
            tokio::time::sleep(STAGGER * number).await;
            TcpStream::connect(address).await
        })
        .collect();
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    while let Some(outcome) = going.next().await {
        match outcome {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

const ADDRESSES_MAX: usize = 8;
const STAGGER: Duration = Duration::from_millis(250);
