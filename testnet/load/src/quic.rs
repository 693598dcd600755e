//! The floor of a link: a small frame there and back over QUIC, by the library that the mesh stands on.

use anyhow::{Context, Result};
use quinn::{ClientConfig, Endpoint, ServerConfig};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

/// Round trips of 100 bytes on one stream each, ms.
///
/// # Errors
/// Where the loopback fails.
pub async fn round_trips_ms(count: usize) -> Result<Vec<f64>> {
    // Another benchmark may have chosen it already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let made = rcgen::generate_simple_self_signed(vec![String::from("localhost")])?;
    let certificate = CertificateDer::from(made.cert.der().to_vec());
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let server = ServerConfig::with_single_cert(vec![certificate.clone()], key.into())?;
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listening = Endpoint::server(server, loopback)?;
    let address = listening.local_addr()?;
    let echo = tokio::spawn(async move {
        let connection = listening.accept().await?.await.ok()?;
        while let Ok((mut to, mut from)) = connection.accept_bi().await {
            let frame = from.read_to_end(1_024).await.ok()?;
            to.write_all(&frame).await.ok()?;
            to.finish().ok()?;
        }
        Some(())
    });
    let mut roots = RootCertStore::empty();
    roots.add(certificate)?;
    let mut dialing = Endpoint::client(loopback)?;
    dialing.set_default_client_config(ClientConfig::with_root_certificates(Arc::new(roots))?);
    let connection = dialing.connect(address, "localhost")?.await?;
    let mut trips = Vec::with_capacity(count);
    for _ in 0..count {
        let begun = Instant::now();
        let (mut to, mut from) = connection.open_bi().await?;
        to.write_all(&[7; 100]).await?;
        to.finish()?;
        from.read_to_end(1_024).await.context("no echo")?;
        trips.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    connection.close(0u8.into(), b"");
    echo.abort();
    Ok(trips)
}
