//! A certificate from files, read anew when they change.

use super::TlsError;
use arc_swap::ArcSwap;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// How often files are looked at, at most.
pub const LOOK: Duration = Duration::from_secs(2);

/// What is in the files, as of the last look at them.
#[derive(Debug)]
pub(super) struct Kept {
    files: Files,
    current: ArcSwap<CertifiedKey>,
    looked: Mutex<Looked>,
}

#[derive(Debug)]
struct Looked {
    at: Instant,
    changed: Changed,
    /// Why what is in the files now is not in use.
    trouble: Option<String>,
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

type Changed = [Option<SystemTime>; 2];

impl Kept {
    /// # Errors
    /// [`TlsError`].
    pub(super) fn read(certificate: &Path, key: &Path, now: Instant) -> Result<Self, TlsError> {
        let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
        let changed = files.changed();
        let current = ArcSwap::from_pointee(files.read()?);
        Ok(Self { files, current, looked: Mutex::new(Looked { at: now, changed, trouble: None }) })
    }

    /// Why what is in the files now is not in use; none where it is.
    pub(super) fn trouble(&self, now: Instant) -> Option<String> {
        self.look(now).trouble.clone()
    }

    fn at(&self, now: Instant) -> Arc<CertifiedKey> {
        drop(self.look(now));
        self.current.load_full()
    }

    fn look(&self, now: Instant) -> MutexGuard<'_, Looked> {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(looked.at) >= LOOK {
            looked.at = now;
            let changed = self.files.changed();
            // Of two files one is written first: what does not fit together yet is looked at again.
            if changed != looked.changed || looked.trouble.is_some() {
                self.take(&mut looked, changed);
            }
        }
        looked
    }

    fn take(&self, looked: &mut Looked, changed: Changed) {
        match self.files.read() {
            Ok(new) => {
                self.current.store(Arc::new(new));
                (looked.changed, looked.trouble) = (changed, None);
                tracing::info!("a new certificate is in use");
            }
            Err(error) => {
                let trouble = format!("the one in use stays: {error}");
                if looked.trouble.as_ref() != Some(&trouble) {
                    tracing::warn!("the window's certificate: {trouble}");
                }
                looked.trouble = Some(trouble);
            }
        }
    }
}

impl ResolvesServerCert for Kept {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.at(Instant::now()))
    }
}

impl Files {
    fn changed(&self) -> Changed {
        [&self.certificate, &self.key].map(|path| std::fs::metadata(path).ok()?.modified().ok())
    }

    fn read(&self) -> Result<CertifiedKey, TlsError> {
        let Self { certificate, key } = self;
        let wrong =
            |path: &Path, error: &dyn std::fmt::Display| TlsError::File(path.to_owned(), error.to_string());
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| wrong(certificate, &error))?;
        if chain.is_empty() {
            return Err(wrong(certificate, &"no certificate in PEM is in it"));
        }
        let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
        CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider()).map_err(TlsError::Pair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pair(tempfile::TempDir);

    impl Pair {
        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        /// A new certificate and key, as of so many seconds after 1970; the certificate's bytes.
        fn renew(&self, at: u64) -> Vec<u8> {
            let made = rcgen::generate_simple_self_signed([String::from("relay.example")]).unwrap();
            self.write("cert.pem", &made.cert.pem(), at);
            self.write("key.pem", &made.signing_key.serialize_pem(), at);
            made.cert.der().to_vec()
        }

        fn write(&self, name: &str, text: &str, at: u64) {
            std::fs::write(self.path(name), text).unwrap();
            let file = std::fs::File::options().write(true).open(self.path(name)).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(at)).unwrap();
        }
    }

    #[test]
    fn a_renewed_certificate_is_taken_up_and_a_broken_one_is_not() {
        let (pair, now) = (Pair(tempfile::tempdir().unwrap()), Instant::now());
        let first = pair.renew(1);
        let kept = Kept::read(&pair.path("cert.pem"), &pair.path("key.pem"), now).unwrap();
        let shown = |now| kept.at(now).cert.first().unwrap().to_vec();
        let second = pair.renew(2);
        assert_eq!(shown(now + LOOK / 2), first, "it is not looked at for every connection");
        assert_eq!(shown(now + LOOK), second);
        assert_eq!(kept.trouble(now + LOOK), None);
        pair.write("cert.pem", "half of a certif", 3);
        assert_eq!(shown(now + LOOK * 2), second);
        assert!(kept.trouble(now + LOOK * 2).unwrap().contains("cert.pem"));
        let third = pair.renew(4);
        assert_eq!(shown(now + LOOK * 3), third);
        assert_eq!(kept.trouble(now + LOOK * 3), None);
    }

    #[test]
    fn a_key_that_is_not_the_certificates_is_refused() {
        let (pair, other) = (Pair(tempfile::tempdir().unwrap()), Pair(tempfile::tempdir().unwrap()));
        pair.renew(1);
        other.renew(1);
        let read = |key: &Path| Kept::read(&pair.path("cert.pem"), key, Instant::now()).map(|_| ());
        assert!(matches!(read(&other.path("key.pem")), Err(TlsError::Pair(_))));
        assert!(matches!(read(&pair.path("none.pem")), Err(TlsError::File(..))));
        assert!(read(&pair.path("key.pem")).is_ok());
    }
}
