//! TLS at the window, so that no proxy is needed before it: a certificate from files, read anew when they change.

use arc_swap::ArcSwap;
use axum::serve::Listener;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A certificate and its key, in use. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tls(Arc<ServerConfig>);

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
        let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
        let changed = files.changed();
        let current = ArcSwap::from_pointee(files.read()?);
        let looked = Mutex::new((Instant::now(), changed));
        let kept = Kept { files, current, looked };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut config =
            config.map_err(TlsError::Pair)?.with_no_client_auth().with_cert_resolver(Arc::new(kept));
        // The gateway and the mesh are upgrades of HTTP/1.1.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}

/// How often files are looked at, at most.
pub const LOOK: Duration = Duration::from_secs(2);

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

type Changed = [Option<SystemTime>; 2];

impl Files {
    fn changed(&self) -> Changed {
        [&self.certificate, &self.key].map(|path| std::fs::metadata(path).ok()?.modified().ok())
    }

    fn read(&self) -> Result<CertifiedKey, TlsError> {
        let Self { certificate, key } = self;
        let wrong =
            |path: &Path, error: &dyn std::fmt::Display| TlsError::File(path.to_owned(), error.to_string());
        let chain =
            CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let chain = chain.map_err(|error| wrong(certificate, &error))?;
        if chain.is_empty() {
            return Err(wrong(certificate, &"no certificate in PEM is in it"));
        }
        let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
        CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider()).map_err(TlsError::Pair)
    }
}

/// What is in the files, as of the last look at them.
#[derive(Debug)]
struct Kept {
    files: Files,
    current: ArcSwap<CertifiedKey>,
    looked: Mutex<(Instant, Changed)>,
}

impl ResolvesServerCert for Kept {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.look(Instant::now());
        Some(self.current.load_full())
    }
}

impl Kept {
    fn look(&self, now: Instant) {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(looked.0) < LOOK {
            return;
        }
        let changed = self.files.changed();
        if changed != looked.1 {
            match self.files.read() {
                Ok(new) => self.current.store(Arc::new(new)),
                Err(error) => tracing::warn!(%error, "the certificate in use stays"),
            }
        }
        *looked = (now, changed);
    }
}

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
    acceptor: TlsAcceptor,
    shaking: JoinSet<Option<(TlsStream<TcpStream>, SocketAddr)>>,
}

impl Encrypted {
    pub(crate) fn new(listener: TcpListener, tls: Tls) -> Self {
        Self { listener, acceptor: TlsAcceptor::from(tls.0), shaking: JoinSet::new() }
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
                        let shaking = tokio::time::timeout(SHAKING_PATIENCE, self.acceptor.accept(stream));
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
