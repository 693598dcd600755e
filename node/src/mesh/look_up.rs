//! Where the relay behind a base URL is in the mesh: asked of its window.

use nexus_core::PeerKey;
use reqwest::{Client, Url, redirect};
use serde::Deserialize;
use std::net::SocketAddr;
use std::time::Duration;

/// A relay, as its window tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) peer: PeerKey,
    /// At the host of its URL.
    pub(super) addresses: Vec<SocketAddr>,
}

/// Why a relay is not found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookUpError {
    /// Nobody answers there.
    #[error("{0} does not answer")]
    Silent(String),
    /// What answers is no relay.
    #[error("{0} is no relay")]
    NoRelay(String),
}

#[derive(Deserialize)]
struct Answer {
    peer_key: String,
    mesh_port: u16,
}

/// Longest answer, bytes.
const ANSWER_MAX: usize = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(8);

/// A client that follows no redirects (whoever is named must answer), and keeps no connection.
pub(super) fn client() -> Client {
    let built = Client::builder()
        .redirect(redirect::Policy::none())
        .timeout(PATIENCE)
        .connect_timeout(PATIENCE)
        .pool_max_idle_per_host(0)
        .build();
    built.unwrap_or_default()
}

/// Asks the relay at a base URL for its place.
pub(super) async fn look_up(client: &Client, base: &str) -> Result<Found, LookUpError> {
    let silent = || LookUpError::Silent(base.to_owned());
    let no_relay = || LookUpError::NoRelay(base.to_owned());
    let url = Url::parse(&format!("{base}/api/v10/nexus/relay")).map_err(|_| no_relay())?;
    let host = url.host_str().ok_or_else(no_relay)?.trim_matches(['[', ']']).to_owned();
    let mut response = client.get(url).send().await.map_err(|_| silent())?;
    if !response.status().is_success() {
        return Err(no_relay());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| silent())? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_MAX {
            return Err(no_relay());
        }
    }
    let answer: Answer = serde_json::from_slice(&body).map_err(|_| no_relay())?;
    let key = hex::decode(&answer.peer_key).ok().and_then(|key| key.try_into().ok()).ok_or_else(no_relay)?;
    let addresses = tokio::net::lookup_host((host, answer.mesh_port)).await.map_err(|_| silent())?;
    Ok(Found { peer: PeerKey(key), addresses: addresses.take(ADDRESSES_MAX).collect() })
}

/// Addresses of one relay that are tried.
const ADDRESSES_MAX: usize = 8;
