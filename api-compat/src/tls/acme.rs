//! A certificate by ACME (RFC 8555), renewed while the program runs. That the domain is ours is proven at the window itself, by
//! TLS-ALPN-01 (RFC 8737): port 443 of the domain must lead to it.

use super::{HTTP, Source, Tls, TlsError, config};
use futures_util::StreamExt as _;
use rustls::ClientConfig;
use rustls_acme::caches::DirCache;
use rustls_acme::{AcmeConfig, EventOk};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;

/// Let's Encrypt's directory, for real certificates.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Who gives a certificate, for what.
#[derive(Clone, Debug)]
pub struct Acme {
    /// The domain.
    pub domain: String,
    /// Where the authority writes to about it.
    pub email: Option<String>,
    /// The authority's directory.
    pub directory: String,
    /// Where the account's key and the certificate are kept.
    pub folder: PathBuf,
    /// Whom this program believes, where it speaks to the authority.
    pub believed: Arc<ClientConfig>,
}

/// The task that asks for a certificate, and again before it ends; until this is dropped.
#[derive(Debug)]
pub(super) struct Asking {
    trouble: Arc<Mutex<Option<String>>>,
    _task: JoinSet<()>,
}

impl Asking {
    /// Why there is no certificate, or none that is newer than the one in use.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Tls {
    /// With a certificate that is asked for at once, unless the folder holds one, and renewed in time. Until it is there, nobody who
    /// comes is answered. To be called where tokio runs.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn by_acme(acme: Acme) -> Result<Self, TlsError> {
        let Acme { domain, email, directory, folder, believed } = acme;
        make_private(&folder).map_err(|error| TlsError::File(folder.clone(), error.to_string()))?;
        let mut state = AcmeConfig::new_with_client_config([domain], believed)
            .contact(email.map(|email| format!("mailto:{email}")))
            .directory(directory)
            .cache(DirCache::new(folder))
            .state();
        let config = config(state.resolver(), &[HTTP, CHALLENGE])?;
        let trouble = Arc::new(Mutex::new(Some(String::from("none yet: it is being asked for"))));
        let (mut task, told) = (JoinSet::new(), trouble.clone());
        task.spawn(async move {
            while let Some(event) = state.next().await {
                let now = match event {
                    Ok(EventOk::DeployedCachedCert | EventOk::DeployedNewCert) => None,
                    Ok(_) => continue,
                    Err(error) => Some(format!("not renewed, and asked for again: {error}")),
                };
                match &now {
                    None => tracing::info!("a new certificate is in use"),
                    Some(why) => tracing::warn!("the window's certificate: {why}"),
                }
                *told.lock().unwrap_or_else(PoisonError::into_inner) = now;
            }
        });
        Ok(Self { config, source: Source::Authority(Arc::new(Asking { trouble, _task: task })) })
    }
}

/// The protocol's name in which the authority asks (RFC 8737, section 6.2).
const CHALLENGE: &[u8] = b"acme-tls/1";

/// What is kept in it are keys.
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
