//! The address of a program's window, as people pass it on.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

/// `http://` or `https://`, a host and perhaps a port: no path, no slash at the end, nobody's name in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BaseUrl(String);

/// A text that is no [`BaseUrl`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address like https://relay.example or http://127.0.0.1:8080")]
pub struct NotABase;

/// Longest, bytes.
const MAX: usize = 255;

impl BaseUrl {
    /// A window without TLS at this address.
    #[must_use]
    pub fn of(address: SocketAddr) -> Self {
        Self(format!("http://{address}"))
    }

    /// A window with TLS at this address.
    #[must_use]
    pub fn of_tls(address: SocketAddr) -> Self {
        Self(format!("https://{address}"))
    }

    /// As it is written in ops and requests.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BaseUrl {
    type Err = NotABase;

    fn from_str(text: &str) -> Result<Self, NotABase> {
        let text = text.trim_end_matches('/');
        let (scheme, authority) = text.split_once("://").ok_or(NotABase)?;
        let scheme = scheme.to_ascii_lowercase();
        let authority = authority.to_ascii_lowercase();
        let fits =
            matches!(scheme.as_str(), "http" | "https") && is_authority(&authority) && text.len() <= MAX;
        if fits { Ok(Self(format!("{scheme}://{authority}"))) } else { Err(NotABase) }
    }
}

fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        // The colons of an IPv6 address stand within brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port != 0);
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
    };
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_host = match bracketed {
        Some(inside) => inside.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_name(host),
    };
    is_host && port.is_none_or(is_port)
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_one_spelling() {
        for text in ["https://Relay.Example", "https://relay.example/", "HTTPS://relay.example"] {
            assert_eq!(text.parse::<BaseUrl>().unwrap().as_str(), "https://relay.example");
        }
        assert_eq!("http://[::1]:8080".parse::<BaseUrl>().unwrap().as_str(), "http://[::1]:8080");
    }

    #[test]
    fn what_is_no_address_of_a_window_is_refused() {
        for text in [
            "",
            "relay.example",
            "ftp://relay.example",
            "http://",
            "http://:80",
            "http://a b",
            "http://u:p@relay.example",
            "http://relay.example/path",
            "http://relay.example?x",
            "http://relay.example:0",
            "http://relay.example:99999",
            "http://[::1",
            "http://[zz]",
        ] {
            assert_eq!(text.parse::<BaseUrl>(), Err(NotABase), "{text}");
        }
        assert_eq!(format!("https://{}", "a".repeat(300)).parse::<BaseUrl>(), Err(NotABase));
    }
}
