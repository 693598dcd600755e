//! TLS at the window, so that no proxy is needed before it.

mod acme;
mod files;

pub use acme::{Acme, LETS_ENCRYPT};
pub use files::LOOK;

use acme::Asking;
use axum::serve::Listener;
use files::Kept;
use nexus_node::CertificateStatus;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::ResolvesServerCert;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A certificate and its key, in use. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tls {
    config: Arc<ServerConfig>,
    source: Source,
}

/// Where the certificate comes from.
#[derive(Clone, Debug)]
enum Source {
    Files(Arc<Kept>),
    Authority(Arc<Asking>),
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or is not what it should be.
    #[error("{0}: {1}")]
    File(PathBuf, String),
    /// The key is of a kind that is not spoken, or not the certificate's.
    #[error("the certificate and its key: {0}")]
    Pair(rustls::Error),
}

impl Tls {
    /// With the chain of certificates and the key in these files, both in PEM. When the files change, connections that begin
    /// more than [`LOOK`] later have the new certificate; while what is in them does not hold, they have the old one.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn of_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let kept = Arc::new(Kept::read(certificate, key, Instant::now())?);
        Ok(Self { config: config(kept.clone(), &[HTTP])?, source: Source::Files(kept) })
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self) -> CertificateStatus {
        let (source, trouble) = match &self.source {
            Source::Files(kept) => ("files", kept.trouble(Instant::now())),
            Source::Authority(asking) => ("acme", asking.trouble()),
        };
        CertificateStatus { source: source.to_owned(), trouble }
    }
}

fn config(
    certificate: Arc<dyn ResolvesServerCert>,
    protocols: &[&[u8]],
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(TlsError::Pair)?;
    let mut config = config.with_no_client_auth().with_cert_resolver(certificate);
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Ok(Arc::new(config))
}

/// The gateway and the mesh are upgrades of HTTP/1.1.
const HTTP: &[u8] = b"http/1.1";

/// A listener whose connections send what is small at once: a frame waits for no other.
pub(crate) struct Plain(pub(crate) TcpListener);

impl Listener for Plain {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        let (stream, from) = Listener::accept(&mut self.0).await;
        // Fails only where the connection has ended.
        let _ = stream.set_nodelay(true);
        (stream, from)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A listener whose connections have shaken hands.
pub(crate) struct Encrypted {
    listener: TcpListener,
    tls: Tls,
    shaking: JoinSet<Option<(TlsStream<TcpStream>, SocketAddr)>>,
}

impl Encrypted {
    pub(crate) fn new(listener: TcpListener, tls: Tls) -> Self {
        Self { listener, tls, shaking: JoinSet::new() }
    }
}

impl Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                Some(shaken) = self.shaking.join_next() => {
                    if let Ok(Some(connection)) = shaken {
                        return connection;
                    }
                }
                accepted = self.listener.accept(), if self.shaking.len() < SHAKING_MAX => match accepted {
                    Ok((stream, from)) => {
                        let _ = stream.set_nodelay(true);
                        let acceptor = TlsAcceptor::from(self.tls.config.clone());
                        let shaking = tokio::time::timeout(SHAKING_PATIENCE, acceptor.accept(stream));
                        self.shaking.spawn(async move { Some((shaking.await.ok()?.ok()?, from)) });
                    }
                    // Mostly no file descriptor is left: one will be.
                    Err(_) => tokio::time::sleep(ACCEPT_RETRY).await,
                },
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Connections whose handshake goes on: more wait in the system's queue.
const SHAKING_MAX: usize = 256;
const SHAKING_PATIENCE: Duration = Duration::from_secs(10);
const ACCEPT_RETRY: Duration = Duration::from_millis(250);
