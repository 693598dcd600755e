//! A provider of sign-ins on loopback: OpenID Connect, and GitHub's own way beside it. It keeps the rules (a code is good once, for its
//! client, its redirect and the verifier of its challenge), and lies where it is told to.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use nexus_node::mesh::Roots;
use nexus_relay::SignIn;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) const CLIENT: &str = "our relay";
const SECRET: &str = "a secret: 100% of it";
/// Where the relay of the tests is.
pub(crate) const BASE: &str = "https://relay.example";

#[derive(Clone)]
pub(crate) struct Provider {
    issuer: String,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    key: EncodingKey,
    kid: String,
    lie: Lie,
    codes: BTreeMap<String, Grant>,
}

/// What an ID token says, or how it is signed, that is not so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lie {
    None,
    Nonce,
    NoNonce,
    Issuer,
    Audience,
    AnotherParty,
    Expired,
    NotYet,
    AnotherKey,
    Unsigned,
    SharedSecret,
    Discovery,
    Unverified,
}

/// Who agreed to what.
struct Grant {
    asked: BTreeMap<String, String>,
    subject: String,
}

/// What a browser is sent back with.
pub(crate) struct Back {
    pub(crate) state: String,
    pub(crate) code: String,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner { key: new_key(), kid: "first".into(), lie: Lie::None, codes: BTreeMap::new() };
        let provider = Self { issuer, inner: Arc::new(Mutex::new(inner)) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .route("/login/oauth/access_token", post(github_token))
            .route("/user", get(github_user))
            .route("/user/emails", get(github_emails))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub(crate) fn lies(&self, lie: Lie) {
        self.inner().lie = lie;
    }

    /// It signs with another key from now on.
    pub(crate) fn turns_its_keys(&self) {
        let mut inner = self.inner();
        inner.key = new_key();
        inner.kid = "second".into();
    }

    /// What a relay that is told of it in a file, as `mock` and as `github`, takes it for.
    pub(crate) fn told(&self, folder: &Path) -> SignIn {
        let file = folder.join("sign-in.toml");
        let client = format!("client_id = '{CLIENT}'\nclient_secret_file = 'client.secret'\n");
        let oidc = format!("[[provider]]\nid = 'mock'\nname = 'Mock'\nissuer = '{}'\n{client}", self.issuer);
        let urls = format!("web = '{0}'\napi = '{0}'\n", self.issuer.replace("127.0.0.1", "localhost"));
        let github = format!("[[provider]]\nid = 'github'\nkind = 'github'\n{urls}{client}");
        std::fs::write(&file, oidc + &github).unwrap();
        std::fs::write(folder.join("client.secret"), SECRET).unwrap();
        SignIn::read(&file, BASE, &Roots::default()).unwrap()
    }

    /// Somebody in a browser that was sent to a URL says who they are, and agrees.
    pub(crate) fn agree(&self, url: &str, subject: &str) -> Back {
        let url = reqwest::Url::parse(url).unwrap();
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        let state = asked["state"].clone();
        let code = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
        self.inner().codes.insert(code.clone(), Grant { asked, subject: subject.to_owned() });
        Back { state, code }
    }

    /// The grant of a code, if everything that belongs to it is shown.
    fn spend(&self, form: &BTreeMap<String, String>, client: (&str, &str)) -> Option<Grant> {
        let grant = self.inner().codes.remove(form.get("code")?)?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form.get("code_verifier")?.as_bytes()));
        let holds = client == (CLIENT, SECRET)
            && form.get("redirect_uri") == grant.asked.get("redirect_uri")
            && grant.asked.get("code_challenge") == Some(&challenge);
        holds.then_some(grant)
    }

    fn id_token(&self, grant: &Grant) -> String {
        let inner = self.inner();
        let lie = inner.lie;
        let told =
            |is: Lie, lied: &str, truth: &str| if lie == is { lied.to_owned() } else { truth.to_owned() };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let mut claims = json!({
            "iss": told(Lie::Issuer, "https://another.example", &self.issuer),
            "aud": told(Lie::Audience, "another relay", CLIENT),
            "sub": grant.subject,
            "exp": if lie == Lie::Expired { now - 600 } else { now + 600 },
            "nbf": if lie == Lie::NotYet { now + 600 } else { now },
            "iat": now,
            "nonce": told(Lie::Nonce, "another nonce", &grant.asked["nonce"]),
            "email": "ada@example.org",
            "email_verified": lie != Lie::Unverified,
            "preferred_username": "Ada-Lovelace",
        });
        if lie == Lie::AnotherParty {
            claims["aud"] = json!([CLIENT, "another relay"]);
            claims["azp"] = json!("another relay");
        }
        if lie == Lie::NoNonce {
            claims.as_object_mut().unwrap().remove("nonce");
        }
        signed(&inner, &claims)
    }
}

fn signed(inner: &Inner, claims: &Value) -> String {
    let with = |algorithm, key: &EncodingKey| {
        let header = Header { kid: Some(inner.kid.clone()), ..Header::new(algorithm) };
        encode(&header, claims, key).unwrap()
    };
    match inner.lie {
        Lie::AnotherKey => with(Algorithm::ES256, &new_key()),
        Lie::SharedSecret => with(Algorithm::HS256, &EncodingKey::from_secret(SECRET.as_bytes())),
        Lie::Unsigned => {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            format!("{}.{}.", part(&json!({ "alg": "none", "kid": inner.kid })), part(claims))
        }
        _ => with(Algorithm::ES256, &inner.key),
    }
}

fn new_key() -> EncodingKey {
    EncodingKey::from_ec_der(&rcgen::KeyPair::generate().unwrap().serialize_der())
}

async fn configuration(State(provider): State<Provider>) -> Json<Value> {
    let (issuer, lie) = (provider.issuer.as_str(), provider.inner().lie);
    Json(json!({
        "issuer": if lie == Lie::Discovery { "https://another.example" } else { issuer },
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
    }))
}

async fn keys(State(provider): State<Provider>) -> Json<JwkSet> {
    let inner = provider.inner();
    let mut key = Jwk::from_encoding_key(&inner.key, Algorithm::ES256).unwrap();
    key.common.key_id = Some(inner.kid.clone());
    Json(JwkSet { keys: vec![key] })
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, StatusCode> {
    let basic = headers[header::AUTHORIZATION].to_str().unwrap().strip_prefix("Basic ").unwrap();
    let basic = String::from_utf8(STANDARD.decode(basic).unwrap()).unwrap();
    let (id, secret) = basic.split_once(':').unwrap();
    // RFC 6749, 2.3.1.
    let plain = |text: &str| form(format!("x={text}").as_bytes()).remove("x").unwrap();
    let (id, secret) = (plain(id), plain(secret));
    let grant = provider.spend(&form(&body), (&id, &secret)).ok_or(StatusCode::BAD_REQUEST)?;
    let token = provider.id_token(&grant);
    Ok(Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": token })))
}

async fn github_token(State(provider): State<Provider>, body: Bytes) -> Json<Value> {
    let form = form(&body);
    let client = (form["client_id"].as_str(), form["client_secret"].as_str());
    Json(match provider.spend(&form, client) {
        Some(grant) => json!({ "access_token": grant.subject, "token_type": "bearer", "scope": "" }),
        None => json!({ "error": "bad_verification_code" }),
    })
}

fn bearer(headers: &HeaderMap) -> &str {
    headers[header::AUTHORIZATION].to_str().unwrap().strip_prefix("Bearer ").unwrap()
}

async fn github_user(headers: HeaderMap) -> Json<Value> {
    assert!(headers.contains_key(header::USER_AGENT), "GitHub refuses who does not say what they are");
    let id: u64 = bearer(&headers).parse().unwrap();
    Json(json!({ "id": id, "login": "grace-h", "email": "shown@example.org" }))
}

async fn github_emails(State(provider): State<Provider>) -> Json<Value> {
    let verified = provider.inner().lie != Lie::Unverified;
    Json(json!([
        { "email": "old@example.org", "primary": false, "verified": true, "visibility": null },
        { "email": "grace@example.org", "primary": true, "verified": verified, "visibility": "private" },
    ]))
}

fn form(body: &[u8]) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body).into_owned().collect()
}
