//! A provider of OpenID Connect: found by its issuer (Discovery 1.0), believed by its signature (Core 1.0, 3.1.3.7).

use super::fetch::{Fetch, json};
use super::file::is_safe;
use super::{Elsewhere, Fresh, Person, Provider, ProviderError};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

pub(super) const SCOPE: &str = "openid email profile";

/// Signatures that are believed: those with a key that only the provider has.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];
/// How far its clock may be from this one, seconds.
const LEEWAY_S: u64 = 60;
/// How long what is known of it is believed without asking again.
const KNOWN_FOR: Duration = Duration::from_hours(1);
/// Who did not answer is not asked for so long: those who wait for it do not wait one after another.
const LEFT_FOR: Duration = Duration::from_secs(2);
/// Characters of a subject (Core 1.0, 2).
const SUBJECT_MAX: usize = 255;

/// See above.
#[derive(Debug)]
pub(super) struct Oidc {
    /// Exactly as it writes it.
    pub(super) issuer: String,
    heard: Mutex<Heard>,
}

/// The last that was heard of it.
#[derive(Debug, Default)]
enum Heard {
    #[default]
    Nothing,
    Known(Arc<Known>),
    NoAnswer(Instant),
}

/// What a provider says of itself.
#[derive(Debug)]
pub(super) struct Known {
    metadata: Metadata,
    keys: JwkSet,
    at: Instant,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    /// Not said: the first of RFC 6749's two.
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// Of an ID token; `exp`, `nbf`, `iss` and `aud` are held against what they should be where it is decoded.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Value,
    azp: Option<String>,
    nonce: Option<String>,
    email: Option<String>,
    email_verified: Option<Yes>,
    preferred_username: Option<String>,
    name: Option<String>,
}

/// Some providers write their booleans as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Yes {
    Plain(bool),
    Text(String),
}

impl Oidc {
    pub(super) fn of(issuer: String) -> Self {
        Self { issuer, heard: Mutex::default() }
    }

    /// What it says of itself; asked when nothing is known, or nothing lately.
    pub(super) async fn known(&self, fetch: &Fetch) -> Result<Arc<Known>, ProviderError> {
        self.known_since(fetch, KNOWN_FOR).await
    }

    async fn known_since(&self, fetch: &Fetch, age: Duration) -> Result<Arc<Known>, ProviderError> {
        let mut heard = self.heard.lock().await;
        match &*heard {
            Heard::Known(known) if known.at.elapsed() < age => return Ok(known.clone()),
            Heard::NoAnswer(at) if at.elapsed() < LEFT_FOR => {
                return Err(ProviderError::Silent(String::from("nor did it just now")));
            }
            _ => {}
        }
        match self.ask(fetch).await {
            Ok(known) => {
                let known = Arc::new(known);
                *heard = Heard::Known(known.clone());
                Ok(known)
            }
            Err(error) => {
                *heard = Heard::NoAnswer(Instant::now());
                Err(error)
            }
        }
    }

    async fn ask(&self, fetch: &Fetch) -> Result<Known, ProviderError> {
        let at = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let metadata: Metadata = json(fetch.get(&at)).await?;
        // Discovery 1.0, 4.3: who answers for another is not believed.
        if metadata.issuer != self.issuer {
            return Err(ProviderError::Refused(String::from("it answers as another issuer")));
        }
        let named = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        if !named.into_iter().all(|url| is_safe(url)) {
            return Err(ProviderError::Refused(String::from("it names a URL that is not https")));
        }
        let keys = json(fetch.get(&metadata.jwks_uri)).await?;
        Ok(Known { metadata, keys, at: Instant::now() })
    }

    pub(super) async fn whose(
        &self,
        provider: &Provider,
        code: &str,
        fresh: &Fresh,
    ) -> Result<Person, ProviderError> {
        let known = self.known(&provider.fetch).await?;
        let Tokens { id_token } = json(known.exchange(provider, code, fresh)).await?;
        let claims = match known.key_of(&id_token)? {
            Some(key) => self.read(&id_token, key, &provider.client.id)?,
            // It has turned its keys: it says so itself, over its own TLS, and for a code that was good.
            None => {
                let known = self.known_since(&provider.fetch, Duration::ZERO).await?;
                let key =
                    known.key_of(&id_token)?.ok_or_else(|| refused("signed with a key it does not name"))?;
                self.read(&id_token, key, &provider.client.id)?
            }
        };
        if claims.nonce.as_deref() != Some(fresh.nonce.as_str()) {
            return Err(refused("made for another sign-in"));
        }
        Ok(self.person(claims))
    }

    fn read(&self, token: &str, key: &Jwk, client: &str) -> Result<Claims, ProviderError> {
        let algorithm = decode_header(token).map_err(|_| refused("no ID token"))?.alg;
        if !ALGORITHMS.contains(&algorithm) {
            return Err(refused("signed in a way that anybody could"));
        }
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[client]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_S;
        let key = DecodingKey::from_jwk(key).map_err(|_| refused("its key is none"))?;
        let claims = decode::<Claims>(token, &key, &validation);
        let claims = claims.map_err(|error| ProviderError::Refused(error.to_string()))?.claims;
        let shared = claims.aud.as_array().is_some_and(|all| all.len() > 1);
        let for_another = claims.azp.as_ref().map_or(shared, |azp| azp != client);
        if for_another {
            return Err(refused("made for another client"));
        }
        if claims.sub.is_empty() || claims.sub.len() > SUBJECT_MAX {
            return Err(refused("a subject that is none"));
        }
        Ok(claims)
    }

    fn person(&self, claims: Claims) -> Person {
        let verified = match claims.email_verified {
            Some(Yes::Plain(verified)) => verified,
            Some(Yes::Text(text)) => text == "true",
            None => false,
        };
        let email = claims.email.filter(|_| verified);
        let local = email.as_ref().and_then(|email| email.split('@').next()).map(str::to_owned);
        let name = claims.preferred_username.or(local).or(claims.name);
        let elsewhere = Elsewhere { issuer: self.issuer.clone(), subject: claims.sub };
        Person { elsewhere, name, email }
    }
}

impl Known {
    pub(super) fn authorization(&self) -> String {
        self.metadata.authorization_endpoint.clone()
    }

    fn exchange(&self, provider: &Provider, code: &str, fresh: &Fresh) -> reqwest::RequestBuilder {
        let asked = provider.fetch.post(&self.metadata.token_endpoint);
        let methods = self.metadata.token_endpoint_auth_methods_supported.as_deref();
        if methods.is_none_or(|all| all.iter().any(|method| method == "client_secret_basic")) {
            // RFC 6749, 2.3.1: both are encoded as in a form first.
            let encoded =
                |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let (id, secret) = (encoded(&provider.client.id), encoded(&provider.client.secret));
            return asked.basic_auth(id, Some(secret)).body(provider.exchange(code, fresh, &[]));
        }
        asked.body(provider.exchange(code, fresh, &provider.client_in_body()))
    }

    /// The key that a token says it is signed with; one that says none has the only one there is.
    fn key_of(&self, token: &str) -> Result<Option<&Jwk>, ProviderError> {
        let header = decode_header(token).map_err(|_| refused("no ID token"))?;
        let mut signing = self
            .keys
            .keys
            .iter()
            .filter(|key| !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption)));
        Ok(match &header.kid {
            Some(_) => signing.find(|key| key.common.key_id == header.kid),
            None => signing.next().filter(|_| signing.next().is_none()),
        })
    }
}

fn refused(why: &str) -> ProviderError {
    ProviderError::Refused(why.to_owned())
}
