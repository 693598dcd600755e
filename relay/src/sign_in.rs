//! Who says who somebody is, where they sign in elsewhere: OpenID Connect providers, and GitHub, which is none.
//!
//! Both are the authorization code flow (RFC 6749, 4.1) with PKCE S256 (RFC 7636) and a redirect of the provider's own (RFC 9700,
//! 4.4.2.2: what another provider answers is not taken for this one's). Nothing that a provider gives is kept: who it is, is read once.

mod fetch;
mod file;
mod github;
mod oidc;

pub use file::SignInError;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fetch::Fetch;
use github::Github;
use nexus_node::mesh::Roots;
use oidc::Oidc;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// The providers of a relay. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct SignIn(Arc<[Provider]>);

/// One of them.
#[derive(Debug)]
pub(crate) struct Provider {
    /// In the addresses of this relay.
    pub(crate) id: String,
    /// As people are shown it.
    pub(crate) name: String,
    /// Where it sends people back to.
    redirect: String,
    client: Client,
    kind: Kind,
    fetch: Fetch,
}

/// What a relay is to a provider.
struct Client {
    id: String,
    secret: String,
}

#[derive(Debug)]
enum Kind {
    Oidc(Oidc),
    Github(Github),
}

/// What is made anew for each sign-in, and held against what comes back.
#[derive(Clone)]
pub(crate) struct Fresh {
    pub(crate) nonce: String,
    /// RFC 7636, 4.1.
    pub(crate) verifier: String,
}

/// Who somebody is at a provider: what they are known by here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Elsewhere {
    pub(crate) issuer: String,
    pub(crate) subject: String,
}

/// .. and what it says of them beside, for a form to begin with.
pub(crate) struct Person {
    pub(crate) elsewhere: Elsewhere,
    pub(crate) name: Option<String>,
    /// Only one that the provider has verified.
    pub(crate) email: Option<String>,
}

/// Why a provider did not say who somebody is. The words are for the log: nothing secret is in them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    /// It does not answer, or not as a provider does.
    #[error("it does not answer as it should: {0}")]
    Silent(String),
    /// It answers, and what it says is not believed.
    #[error("not believed: {0}")]
    Refused(String),
}

impl SignIn {
    /// The providers that a file names, for a relay at a base URL without a slash at its end.
    ///
    /// # Errors
    /// [`SignInError`].
    pub fn read(file: &Path, base: &str, roots: &Roots) -> Result<Self, SignInError> {
        file::read(file, base, &Fetch::new(roots)?).map(|providers| Self(providers.into()))
    }

    /// What people are shown of them: ids and names.
    #[must_use]
    pub fn names(&self) -> Vec<(String, String)> {
        self.0.iter().map(|provider| (provider.id.clone(), provider.name.clone())).collect()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.id == id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }
}

impl Provider {
    /// Under what it knows people.
    pub(crate) fn issuer(&self) -> &str {
        match &self.kind {
            Kind::Oidc(oidc) => &oidc.issuer,
            Kind::Github(github) => &github.web,
        }
    }

    /// Discord's word for it, where it has one.
    pub(crate) fn service(&self) -> Option<&'static str> {
        match &self.kind {
            Kind::Oidc(_) => None,
            Kind::Github(_) => Some("github"),
        }
    }

    /// Where a browser is sent.
    pub(crate) async fn door(&self, state: &str, fresh: &Fresh) -> Result<String, ProviderError> {
        let (at, scope) = match &self.kind {
            Kind::Oidc(oidc) => (oidc.known(&self.fetch).await?.authorization(), oidc::SCOPE),
            Kind::Github(github) => (github.authorization(), github::SCOPE),
        };
        let mut url = Url::parse(&at).map_err(|_| ProviderError::Silent(String::from("no such URL")))?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client.id)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("scope", scope)
            .append_pair("state", state)
            .append_pair("code_challenge", &challenge(&fresh.verifier))
            .append_pair("code_challenge_method", "S256");
        if matches!(self.kind, Kind::Oidc(_)) {
            url.query_pairs_mut().append_pair("nonce", &fresh.nonce);
        }
        Ok(url.into())
    }

    /// Who came back with a code.
    pub(crate) async fn whose(&self, code: &str, fresh: &Fresh) -> Result<Person, ProviderError> {
        match &self.kind {
            Kind::Oidc(oidc) => oidc.whose(self, code, fresh).await,
            Kind::Github(github) => github.whose(self, code, fresh).await,
        }
    }

    /// The body that changes a code for tokens (RFC 6749, 4.1.3; RFC 7636, 4.5).
    fn exchange(&self, code: &str, fresh: &Fresh, more: &[(&str, &str)]) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("code_verifier", &fresh.verifier)
            .extend_pairs(more)
            .finish()
    }

    /// Who the relay is, where that is part of a body.
    fn client_in_body(&self) -> [(&str, &str); 2] {
        [("client_id", &self.client.id), ("client_secret", &self.client.secret)]
    }
}

impl Fresh {
    pub(crate) fn new() -> Self {
        let random = || URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        Self { nonce: random(), verifier: random() }
    }
}

/// RFC 7636, 4.2.
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({}, ..)", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        // RFC 7636, appendix B.
        let challenge = challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
