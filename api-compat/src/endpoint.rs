//! Bots that are asked over HTTP: who may be called, how, and for how long.
//!
//! A bot's maker chooses the URL, and a relay has many of them: so only public addresses are called, by HTTPS, unless the program
//! was told otherwise. A name is looked up once, and what was checked is what is dialed.

use crate::interactions::ANSWER_MS;
use bytes::BytesMut;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, StatusCode, Url, redirect};
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Questions that are under way to endpoints at a time; beyond it a bot is not asked.
const AT_ONCE: usize = 64;
/// Largest answer of an endpoint, bytes.
const ANSWER_MAX: usize = 256 * 1024;

/// How bots are asked that have an endpoint.
pub(crate) struct Endpoints {
    /// None where the system has nobody whose certificates it believes.
    client: Option<Client>,
    anywhere: bool,
    slots: Semaphore,
}

/// What a bot's program is sent.
pub(crate) struct Question {
    /// JSON.
    pub(crate) body: Vec<u8>,
    /// Unix seconds, as the header says it.
    pub(crate) timestamp: String,
    /// Ed25519 over timestamp and body.
    pub(crate) signature: [u8; 64],
}

/// What it answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unanswered {
    /// Not HTTPS, or at an address that is not public.
    #[error("must be https at a public address")]
    NotAllowed,
    /// As many as can be are asked now.
    #[error("too many questions are under way")]
    Busy,
    /// Nobody is there, or too slow, or says too much.
    #[error("did not answer within 3 s")]
    Silent,
}

impl Endpoints {
    /// `anywhere`: at private addresses too, and without TLS.
    pub(crate) fn new(anywhere: bool) -> Self {
        // No proxy: whom it would call could not be told.
        let builder = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_millis(ANSWER_MS))
            .user_agent("Nexus-Interactions/1.0");
        let builder = if anywhere { builder } else { builder.dns_resolver(Arc::new(PublicOnly)) };
        Self { client: builder.build().ok(), anywhere, slots: Semaphore::new(AT_ONCE) }
    }

    /// Asks, once.
    pub(crate) async fn ask(&self, url: &str, question: Question) -> Result<Answered, Unanswered> {
        let url = Url::parse(url).ok().filter(|url| self.allows(url)).ok_or(Unanswered::NotAllowed)?;
        let client = self.client.as_ref().ok_or(Unanswered::Silent)?;
        let _slot = self.slots.try_acquire().map_err(|_| Unanswered::Busy)?;
        let request = client
            .post(url)
            .header("content-type", "application/json")
            .header("x-signature-ed25519", hex::encode(question.signature))
            .header("x-signature-timestamp", question.timestamp)
            .body(question.body);
        let mut response = request.send().await.map_err(|_| Unanswered::Silent)?;
        let mut body = BytesMut::new();
        while let Some(part) = response.chunk().await.map_err(|_| Unanswered::Silent)? {
            if body.len() + part.len() > ANSWER_MAX {
                return Err(Unanswered::Silent);
            }
            body.extend_from_slice(&part);
        }
        Ok(Answered { status: response.status(), body: body.to_vec() })
    }

    /// Names are looked up when they are dialed.
    fn allows(&self, url: &Url) -> bool {
        if self.anywhere {
            return ["http", "https"].contains(&url.scheme());
        }
        let host = url.host_str().unwrap_or("").trim_matches(['[', ']']);
        url.scheme() == "https" && host.parse::<IpAddr>().map_or(!host.is_empty(), is_public)
    }
}

/// Looks names up, and gives only addresses of the world.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(public_addresses(name))
    }
}

async fn public_addresses(name: Name) -> Result<Addrs, Box<dyn Error + Send + Sync>> {
    let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
    let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
    if public.is_empty() {
        return Err("no public address".into());
    }
    Ok(Box::new(public.into_iter()))
}

/// Whether an address is one of the world, and reaches nobody's own network: IANA's registries of special-purpose addresses (RFC
/// 6890), and IPv4 within IPv6 by what it holds.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_documentation();
    let shared = a == 100 && (64..128).contains(&b);
    let tests = a == 198 && (b == 18 || b == 19);
    let relays = (a, b, c) == (192, 88, 99) || (a, b, c) == (192, 0, 0);
    !(special || shared || tests || relays || a == 0 || a >= 224)
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    if let Some(v4) = v6.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    // Global unicast is 2000::/3; of it not documentation, Teredo and 6to4, which lead elsewhere.
    let [first, second, ..] = v6.segments();
    let documentation = (first, second) == (0x2001, 0x0db8) || first == 0x3fff;
    first & 0xe000 == 0x2000 && !documentation && (first, second) != (0x2001, 0) && first != 0x2002
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_s_own_network_is_called_unless_the_program_was_told_so() {
        let (strict, anywhere) = (Endpoints::new(false), Endpoints::new(true));
        let allowed = |endpoints: &Endpoints, url: &str| endpoints.allows(&Url::parse(url).unwrap());
        for url in [
            "http://bot.example/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://[::1]/",
            "https://10.0.0.1/",
            "https://192.168.1.1:8443/",
            "https://169.254.169.254/",
            "https://100.64.0.1/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://0.0.0.0/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://224.0.0.1/",
            "ftp://bot.example/",
        ] {
            assert!(!allowed(&strict, url), "{url}");
        }
        for url in ["https://bot.example/", "https://93.184.215.14/", "https://[2606:2800:21f::1]/"] {
            assert!(allowed(&strict, url), "{url}");
        }
        assert!(allowed(&anywhere, "http://127.0.0.1:3000/") && !allowed(&anywhere, "file:///etc/passwd"));
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_not_followed() {
        let found = PublicOnly.resolve("localhost".parse().unwrap()).await;
        assert!(found.is_err());
    }
}
