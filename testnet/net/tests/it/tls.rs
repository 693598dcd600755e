//! An outsider that speaks HTTPS by hand: it says whose certificate it was shown, and keeps a connection as long as it likes.

use anyhow::{Context as _, Result, ensure};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Whom it believes.
#[derive(Clone)]
pub(crate) struct Believer(TlsConnector);

/// A connection that has shaken hands.
pub(crate) struct Shaken {
    stream: TlsStream<TcpStream>,
    name: String,
}

impl Believer {
    /// .. in the certificates of these files.
    pub(crate) fn in_files(files: &[&Path]) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        for file in files {
            for certificate in CertificateDer::pem_file_iter(file)? {
                roots.add(certificate?)?;
            }
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// A connection to whoever goes by this name there.
    pub(crate) async fn meet(&self, at: SocketAddr, name: &str) -> Result<Shaken> {
        let stream = TcpStream::connect(at).await?;
        let shown = ServerName::try_from(name.to_owned())?;
        Ok(Shaken { stream: self.0.connect(shown, stream).await?, name: name.to_owned() })
    }
}

impl Shaken {
    /// The certificate that was shown.
    pub(crate) fn certificate(&self) -> Result<Vec<u8>> {
        let shown = self.stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        Ok(shown.context("no certificate")?.to_vec())
    }

    /// Asks for a path with these lines in the head; the status of the answer, whose body is left unread where it switches.
    pub(crate) async fn ask(&mut self, path: &str, lines: &str) -> Result<u16> {
        let ask = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{lines}\r\n", self.name);
        self.stream.write_all(ask.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await?);
            ensure!(head.len() < 16 * 1024, "a head without end");
        }
        let head = String::from_utf8(head)?.to_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let mut body = vec![0; length.map_or(Ok(0), str::parse)?];
        self.stream.read_exact(&mut body).await?;
        Ok(head.split(' ').nth(1).context("a status")?.parse()?)
    }

    /// Waits until the other side ends it.
    pub(crate) async fn ended(&mut self) {
        let mut rest = Vec::new();
        // However it ends.
        let _ = self.stream.read_to_end(&mut rest).await;
    }

    /// The connection itself.
    pub(crate) fn into_stream(self) -> TlsStream<TcpStream> {
        self.stream
    }
}

/// What opens the mesh's door at a window.
pub(crate) const TO_THE_MESH: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                               Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
