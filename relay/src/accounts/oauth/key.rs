//! The key that signs ID tokens: RSA, as OpenID Connect wants it of everybody (Core 1.0, 15.1) and Discord's document shows it.
//!
//! It lies beside the database, in a file that only its owner reads, and is made when somebody first asks for it.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nexus_api::ports::oauth::{OAuthRefusal, PublicKey};
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// See above.
pub(in super::super) struct IdKey {
    path: PathBuf,
    key: OnceCell<Arc<Made>>,
}

struct Made {
    pair: KeyPair,
    public: PublicKey,
}

impl IdKey {
    pub(in super::super) fn at(data: &Path) -> Self {
        Self { path: data.join("openid.key"), key: OnceCell::new() }
    }

    pub(super) async fn public(&self) -> Result<PublicKey, OAuthRefusal> {
        Ok(self.made().await?.public.clone())
    }

    /// A JWT (RFC 7519) of these claims, RS256.
    pub(super) async fn sign(&self, claims: &str) -> Result<String, OAuthRefusal> {
        let made = self.made().await?;
        let head = serde_json::json!({ "alg": "RS256", "typ": "JWT", "kid": made.public.id }).to_string();
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; made.pair.public_modulus_len()];
        made.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| OAuthRefusal::Unavailable)?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    async fn made(&self) -> Result<Arc<Made>, OAuthRefusal> {
        let path = self.path.clone();
        let make = || async move {
            let made = tokio::task::spawn_blocking(move || keep(&path)).await;
            made.map_err(io::Error::other)?.map(Arc::new)
        };
        self.key.get_or_try_init(make).await.cloned().map_err(|error| {
            tracing::error!(%error, "the key of ID tokens");
            OAuthRefusal::Unavailable
        })
    }
}

fn keep(path: &Path) -> io::Result<Made> {
    let pair = match std::fs::read(path) {
        Ok(bytes) => KeyPair::from_pkcs8(&bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path)?,
        Err(error) => return Err(error),
    };
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
    let (modulus, exponent) = (URL_SAFE_NO_PAD.encode(public.n), URL_SAFE_NO_PAD.encode(public.e));
    // RFC 7638: the members that make the key, in order, without blanks.
    let thumbprint = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
    let id = URL_SAFE_NO_PAD.encode(Sha256::digest(thumbprint));
    Ok(Made { pair, public: PublicKey { id, modulus, exponent } })
}

// Made beside its place and moved there whole, as every secret here.
fn make(path: &Path) -> io::Result<KeyPair> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(io::Error::other)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(io::Error::other)?;
    let unfinished = path.with_extension("new");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(der.as_ref())?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(pair)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
    use std::os::unix::fs::PermissionsExt as _;

    #[tokio::test]
    async fn what_it_signs_is_checked_by_what_it_shows_and_it_stays_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let key = IdKey::at(folder.path());
        let token = key.sign(r#"{"sub":"1","aud":"2","exp":9999999999}"#).await.unwrap();
        let again = IdKey::at(folder.path());
        let public = again.public().await.unwrap();
        assert_eq!(public, key.public().await.unwrap());
        let mode = folder.path().join("openid.key").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let decoding = DecodingKey::from_rsa_components(&public.modulus, &public.exponent).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&["2"]);
        let read = decode::<serde_json::Value>(&token, &decoding, &validation).unwrap();
        assert_eq!((read.claims["sub"].as_str(), read.header.kid), (Some("1"), Some(public.id)));
        let other = tempfile::tempdir().unwrap();
        let other = IdKey::at(other.path()).public().await.unwrap();
        let decoding = DecodingKey::from_rsa_components(&other.modulus, &other.exponent).unwrap();
        assert!(decode::<serde_json::Value>(&token, &decoding, &validation).is_err());
    }
}
