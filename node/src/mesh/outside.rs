//! How windows of other programs are reached: whose certificates are believed, and through which proxy. The look-up and the
//! road by WebSocket ask the same, so that where one gets through the other does.

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::{Client, ClientBuilder, redirect};
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Certificates of authorities that are believed beside the system's: for relays with an authority of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roots(Vec<CertificateDer<'static>>);

/// A file that holds no certificates.
#[derive(Debug, thiserror::Error)]
#[error("no certificates in PEM are in it: {0}")]
pub struct NoRoots(String);

impl Roots {
    /// All certificates of a file, in PEM.
    ///
    /// # Errors
    /// [`NoRoots`].
    pub fn read(path: &Path) -> Result<Self, NoRoots> {
        let wrong = |error: rustls::pki_types::pem::Error| NoRoots(error.to_string());
        let read = CertificateDer::pem_file_iter(path).map_err(wrong)?;
        let roots = read.collect::<Result<Vec<_>, _>>().map_err(wrong)?;
        if roots.is_empty() { Err(NoRoots(String::from("it is empty"))) } else { Ok(Self(roots)) }
    }

    /// TLS to others, as one who believes these and the system's.
    ///
    /// # Errors
    /// Where neither are any, or one is none.
    pub fn client_config(&self) -> Result<ClientConfig, rustls::Error> {
        believing(self)
    }
}

/// See above. Cheap to clone.
#[derive(Clone)]
pub(super) struct Outside {
    /// None where the system believes nobody, nor was told to.
    tls: Option<Arc<ClientConfig>>,
    proxies: Arc<Matcher>,
}

impl Outside {
    pub(super) fn new(roots: &Roots) -> Self {
        let tls = believing(roots).inspect_err(|error| tracing::warn!(%error, "no https is spoken"));
        Self { tls: tls.ok().map(Arc::new), proxies: Arc::new(Matcher::from_system()) }
    }

    /// The proxy that the system names for a URL (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` without `NO_PROXY`).
    pub(super) fn proxy(&self, url: &str) -> Option<Intercept> {
        self.proxies.intercept(&url.parse().ok()?)
    }

    pub(super) fn tls(&self) -> Option<Arc<ClientConfig>> {
        self.tls.clone()
    }

    /// A client that follows no redirects (whoever is named must answer), and keeps no connection.
    pub(super) fn client(&self) -> Client {
        self.builder().build().unwrap_or_default()
    }

    pub(super) fn builder(&self) -> ClientBuilder {
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .connect_timeout(PATIENCE)
            .pool_max_idle_per_host(0);
        match &self.tls {
            Some(tls) => builder.tls_backend_preconfigured(ClientConfig::clone(tls)),
            None => builder,
        }
    }
}

fn believing(roots: &Roots) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(roots.0.iter().cloned(), provider.clone())?;
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

const PATIENCE: Duration = Duration::from_secs(8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("root.pem");
        assert!(Roots::read(&file).is_err());
        std::fs::write(&file, "not a certificate").unwrap();
        assert!(Roots::read(&file).unwrap_err().to_string().contains("no certificates"));
    }
}
