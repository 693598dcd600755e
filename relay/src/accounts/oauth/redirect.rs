//! Addresses that people are sent back to.

use nexus_api::ports::oauth::OAuthRefusal;
use url::{Host, Url};

/// Of one application.
const MAX: usize = 10;
/// Bytes of one.
const LENGTH_MAX: usize = 512;

/// Whether an application may register these: where they lead, nobody on the way reads what comes with them.
pub(super) fn check(all: &[String]) -> Result<(), OAuthRefusal> {
    let fits = all.len() <= MAX && all.iter().all(|one| is_fit(one));
    if fits { Ok(()) } else { Err(OAuthRefusal::RedirectForm) }
}

fn is_fit(text: &str) -> bool {
    let plain = text.len() <= LENGTH_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    let Some(url) = Url::parse(text).ok().filter(|_| plain) else { return false };
    let bare = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    bare && match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_this_machine(&url),
        // A scheme of an application's own is a domain of its maker's, backwards (RFC 8252, 7.1).
        scheme => scheme.contains('.'),
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_only_its_owner_reads() {
        for fit in [
            "https://bot.example/callback?from=nexus",
            "http://localhost:3000/auth",
            "http://127.0.0.1/",
            "http://[::1]:5000/cb",
            "com.example.app:/callback",
        ] {
            assert_eq!(check(&[fit.to_owned()]), Ok(()), "{fit}");
        }
        for unfit in [
            "",
            "/callback",
            "http://bot.example/callback",
            "http://localhost.evil.example/",
            "https://bot.example/#part",
            "https://ann:pass@bot.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://bot.example/a b",
            "https://bot.example/\n",
            &format!("https://bot.example/{}", "x".repeat(LENGTH_MAX)),
        ] {
            assert_eq!(check(&[unfit.to_owned()]), Err(OAuthRefusal::RedirectForm), "{unfit}");
        }
        let many: Vec<String> = (0..=MAX).map(|number| format!("https://bot.example/{number}")).collect();
        assert_eq!(check(&many), Err(OAuthRefusal::RedirectForm));
        assert_eq!(check(&many[1..]), Ok(()));
    }
}
