//! How a relay is reached from outside, as another relay sees it: whoever asks at a relay's window is dialed back.
//!
//! Only at the address that they are seen at themselves, and only where their URL leads to that very address: nobody can have
//! others dialed, neither their names nor their ports. What is told is about who asks.

use super::crowd::network_of;
use super::keeping::reach_of;
use super::look_up::{self, Reach};
use super::outside::{Outside, Roots};
use super::roads_probe::{RoadFacts, try_roads_at};
use super::{Mesh, lock};
use nexus_core::BaseUrl;
use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Where it is asked at a window.
pub const PATH: &str = "/nexus/dial-back";

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DialBack {
    /// The base URL of who asks.
    pub url: String,
}

/// Why nobody is dialed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoDialBack {
    /// It is no base URL.
    #[error("that is no URL of a relay")]
    NoUrl,
    /// The URL leads to somebody else.
    #[error("the URL does not lead to the address that you are seen at there, and nobody else is dialed")]
    Elsewhere,
    /// Who asks is within a network that a relay on the open internet asks nothing of.
    #[error("you are seen at a private address there, which a public relay does not dial")]
    Private,
    /// Too many ask, or this one too often.
    #[error("it was asked too often: ask again in a minute")]
    Later,
}

/// Who was dialed back lately. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct DialBacks {
    at_once: Arc<Semaphore>,
    lately: Arc<Mutex<BTreeMap<IpAddr, Instant>>>,
}

/// Those who are dialed back at a time.
const AT_ONCE: usize = 4;
/// How often one address is, at most.
const EVERY: Duration = Duration::from_secs(10);
/// Addresses that are remembered; where there are more, nobody new is dialed.
const REMEMBERED: usize = 1_024;
/// How long a name may take to be looked up.
const LOOK_UP_PATIENCE: Duration = Duration::from_secs(5);
/// How long another relay's answer is waited for: as long as all it tries may take.
const ANSWER_PATIENCE: Duration = Duration::from_secs(40);
/// Longest answer, bytes.
const ANSWER_MAX: usize = 16 * 1024;
/// Letters of another relay's words that are shown.
const WORDS_MAX: usize = 200;

impl DialBacks {
    pub(super) fn new() -> Self {
        Self { at_once: Arc::new(Semaphore::new(AT_ONCE)), lately: Arc::default() }
    }

    // An IPv6 network of 64 bits is one household's.
    fn may(&self, from: IpAddr, now: Instant) -> bool {
        let from = match from {
            IpAddr::V6(v6) => IpAddr::V6(network_of(v6)),
            v4 @ IpAddr::V4(_) => v4,
        };
        let mut lately = lock(&self.lately);
        lately.retain(|_, since| now.saturating_duration_since(*since) < EVERY);
        let may = lately.len() < REMEMBERED && !lately.contains_key(&from);
        if may {
            lately.insert(from, now);
        }
        may
    }
}

impl Mesh {
    /// Tries the roads to a relay that asks for it, seen at this address. Takes half a minute at most.
    ///
    /// # Errors
    /// [`NoDialBack`].
    pub async fn dial_back(&self, asked: &DialBack, from: IpAddr) -> Result<RoadFacts, NoDialBack> {
        let from = from.to_canonical();
        let url: BaseUrl = asked.url.parse().map_err(|_| NoDialBack::NoUrl)?;
        if reach_of(&self.shared) == Reach::Public && !look_up::is_public(from) {
            return Err(NoDialBack::Private);
        }
        let _place = self.dial_backs.at_once.try_acquire().map_err(|_| NoDialBack::Later)?;
        if !self.dial_backs.may(from, Instant::now()) {
            return Err(NoDialBack::Later);
        }
        if !leads_to(&url, from).await {
            return Err(NoDialBack::Elsewhere);
        }
        Ok(try_roads_at(&self.outside, url.as_str(), from).await)
    }
}

async fn leads_to(url: &BaseUrl, address: IpAddr) -> bool {
    let Ok(url) = Url::parse(url.as_str()) else { return false };
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return false };
    let host = host.trim_matches(['[', ']']);
    match tokio::time::timeout(LOOK_UP_PATIENCE, tokio::net::lookup_host((host, port))).await {
        Ok(Ok(mut found)) => found.any(|at| at.ip().to_canonical() == address),
        _ => false,
    }
}

/// Asks the relay `other` to dial back the one at `url`, which must be where this machine is seen; what came through.
///
/// # Errors
/// Why nothing was tried, in words.
pub async fn ask_to_dial_back(other: &str, url: &str, roots: &Roots) -> Result<RoadFacts, String> {
    let there = Url::parse(&format!("{other}{PATH}")).map_err(|_| String::from("it is no URL"))?;
    let asked = DialBack { url: url.to_owned() };
    let sent = Outside::new(roots).client().post(there).timeout(ANSWER_PATIENCE).json(&asked).send().await;
    let mut response = sent.map_err(|_| String::from("it does not answer"))?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| String::from("its answer broke off"))? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_MAX {
            return Err(String::from("its answer has no end"));
        }
    }
    let refused = || serde_json::from_slice::<NoDialBack>(&body).ok().map(|why| why.to_string());
    match status {
        StatusCode::OK => facts_in(&body).ok_or_else(|| String::from("its answer is none")),
        status => Err(refused().unwrap_or_else(|| format!("it does not dial back: it answers {status}"))),
    }
}

/// What another relay tried, as it says.
pub(super) fn facts_in(body: &[u8]) -> Option<RoadFacts> {
    serde_json::from_slice(body).map(cleaned).ok()
}

// They are shown on a terminal, and somebody else chose them.
fn cleaned(mut facts: RoadFacts) -> RoadFacts {
    let roads = [&mut facts.window, &mut facts.tcp, &mut facts.udp, &mut facts.web_socket];
    for why in roads.into_iter().flatten().filter_map(|road| road.as_mut().err()) {
        *why = why.chars().filter(|letter| !letter.is_control()).take(WORDS_MAX).collect();
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_dialed_back_now_and_then_and_their_number_is_bounded() {
        let (dial_backs, now) = (DialBacks::new(), Instant::now());
        let [one, two] = ["203.0.113.1", "203.0.113.2"].map(|address| address.parse().unwrap());
        assert!(dial_backs.may(one, now) && dial_backs.may(two, now));
        assert!(!dial_backs.may(one, now + EVERY / 2));
        assert!(dial_backs.may(one, now + EVERY));
        let [house, neighbour] = ["2001:db8::1", "2001:db8::2"].map(|address| address.parse().unwrap());
        assert!(dial_backs.may(house, now + EVERY) && !dial_backs.may(neighbour, now + EVERY));
        for number in 0u32..5_000 {
            dial_backs.may(IpAddr::from(number.to_be_bytes()), now + EVERY);
        }
        assert!(lock(&dial_backs.lately).len() <= REMEMBERED);
    }

    #[tokio::test]
    async fn a_url_leads_to_the_address_it_names_and_to_no_other() {
        let url = |text: &str| text.parse::<BaseUrl>().unwrap();
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(leads_to(&url("http://192.0.2.1:8080"), at("192.0.2.1")).await);
        assert!(!leads_to(&url("http://192.0.2.1:8080"), at("192.0.2.2")).await);
        assert!(leads_to(&url("https://[2001:db8::1]"), at("2001:db8::1")).await);
        assert!(leads_to(&url("http://localhost:1"), at("127.0.0.1")).await);
    }

    #[test]
    fn words_of_another_are_shown_without_what_a_terminal_obeys() {
        let words = format!("\u{1b}[2J{}", "x".repeat(1_000));
        let facts = RoadFacts { tcp: Some(Err(words)), udp: Some(Ok(())), ..RoadFacts::default() };
        let Some(Err(tcp)) = cleaned(facts).tcp else { panic!("an error stays one") };
        assert!(tcp.starts_with("[2J") && tcp.len() == WORDS_MAX);
    }
}
