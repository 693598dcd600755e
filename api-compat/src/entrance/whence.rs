//! From where a request comes: who connected; or, where that is a proxy that was named, whom the proxy speaks for.

use axum::http::HeaderMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Where somebody asks from, as far as anybody who is believed knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Whence {
    pub(crate) address: IpAddr,
    /// A proxy that is believed has said so.
    pub(crate) by_a_proxy: bool,
}

/// Proxies whose `X-Forwarded-For` is believed. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies(Arc<[IpAddr]>);

impl Proxies {
    pub(crate) fn at(addresses: &[IpAddr]) -> Self {
        Self(addresses.iter().map(IpAddr::to_canonical).collect())
    }

    /// Whether it is one of them.
    pub(crate) fn have(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Who asks. Each proxy adds at the end of the header whom it was asked by, so what stands before the first who is not one
    /// of these was said by a stranger, and counts for nothing.
    pub(crate) fn whence(&self, connected: IpAddr, headers: &HeaderMap) -> Whence {
        let mut whence = Whence { address: connected.to_canonical(), by_a_proxy: false };
        let lines: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
        let mut said = lines.iter().rev().flat_map(|line| line.rsplit(','));
        while self.have(whence.address) {
            let Some(address) = said.next().and_then(address_in) else { break };
            whence = Whence { address, by_a_proxy: true };
        }
        whence
    }
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`: proxies write all of them.
fn address_in(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().ok().map(|at| at.ip());
    let address = text.trim_matches(['[', ']']).parse().ok().or_else(with_port)?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| ("x-forwarded-for".parse().unwrap(), line.parse().unwrap())).collect()
    }

    fn asks(connected: &str, lines: &[&str]) -> (String, bool) {
        let proxies = Proxies::at(&["127.0.0.1", "10.0.0.1"].map(|address| address.parse().unwrap()));
        let whence = proxies.whence(connected.parse().unwrap(), &headers(lines));
        (whence.address.to_string(), whence.by_a_proxy)
    }

    #[test]
    fn only_a_proxy_that_was_named_is_believed() {
        assert_eq!(asks("203.0.113.9", &["198.51.100.1"]), ("203.0.113.9".into(), false));
        assert_eq!(asks("127.0.0.1", &["198.51.100.1"]), ("198.51.100.1".into(), true));
        assert_eq!(asks("::ffff:127.0.0.1", &["198.51.100.1"]), ("198.51.100.1".into(), true));
    }

    #[test]
    fn what_a_stranger_told_the_proxy_counts_for_nothing() {
        let through = |lines: &[&str]| asks("127.0.0.1", lines).0;
        assert_eq!(through(&["1.2.3.4, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(through(&["1.2.3.4", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(through(&["1.2.3.4, 198.51.100.1, 10.0.0.1"]), "198.51.100.1", "two proxies in a row");
        assert_eq!(through(&["1.2.3.4, nonsense"]), "127.0.0.1", "nobody is known by a word");
        assert_eq!(through(&["10.0.0.1"]), "10.0.0.1", "a proxy may ask for itself");
    }

    #[test]
    fn addresses_are_read_however_proxies_write_them() {
        for text in [" 2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80"] {
            assert_eq!(address_in(text), "2001:db8::1".parse().ok(), "{text}");
        }
        assert_eq!(address_in("192.0.2.1:80"), "192.0.2.1".parse().ok());
        assert!(["", ",", "unknown", "_hidden", "192.0.2"].iter().all(|text| address_in(text).is_none()));
    }

    #[test]
    fn without_a_word_of_the_proxy_it_is_the_proxy_that_asks() {
        assert_eq!(asks("127.0.0.1", &[]), ("127.0.0.1".into(), false));
    }
}
