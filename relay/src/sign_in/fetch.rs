//! What is asked of a provider, and how much of an answer is read.

use super::{ProviderError, SignInError};
use nexus_node::mesh::Roots;
use reqwest::{Client, RequestBuilder, redirect};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Asks providers. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Fetch(Client);

/// How long a provider has for an answer.
const PATIENCE: Duration = Duration::from_secs(8);
/// Longest answer, bytes.
const ANSWER_MAX: usize = 256 * 1024;

impl Fetch {
    /// No redirect is followed: who is named must answer.
    pub(super) fn new(roots: &Roots) -> Result<Self, SignInError> {
        let tls = roots.client_config().map_err(|error| SignInError::Tls(error.to_string()))?;
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .connect_timeout(PATIENCE)
            .user_agent(concat!("nexus-relay/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(tls);
        client.build().map(Self).map_err(|error| SignInError::Tls(error.to_string()))
    }

    pub(super) fn get(&self, url: &str) -> RequestBuilder {
        self.0.get(url).header("accept", "application/json")
    }

    pub(super) fn post(&self, url: &str) -> RequestBuilder {
        self.0
            .post(url)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
    }
}

/// Sends it, and reads the JSON that is answered. A status of 4xx is the provider's no; the body of it is not told on.
pub(super) async fn json<T: DeserializeOwned>(asked: RequestBuilder) -> Result<T, ProviderError> {
    // An error's own words may have the URL in them, and that a code.
    let silent = |error: reqwest::Error| ProviderError::Silent(error.without_url().to_string());
    let mut answer = asked.send().await.map_err(silent)?;
    let status = answer.status();
    if status.is_client_error() {
        return Err(ProviderError::Refused(format!("status {status}")));
    }
    if !status.is_success() {
        return Err(ProviderError::Silent(format!("status {status}")));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(silent)? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_MAX {
            return Err(ProviderError::Silent(String::from("an answer without end")));
        }
    }
    serde_json::from_slice(&body).map_err(|_| ProviderError::Silent(String::from("another form of answer")))
}
