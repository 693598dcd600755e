//! The file that names providers.

use super::fetch::Fetch;
use super::github::Github;
use super::oidc::Oidc;
use super::{Client, Kind, Provider};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use url::{Host, Url};

/// What is wrong with it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// It, or a file it names, cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// It is not TOML of the form it should have.
    #[error("not a list of [[provider]]: {0}")]
    Form(String),
    /// An id that is none, or is there twice.
    #[error("the id of a provider is 1 to 32 of a-z, 0-9 and -, and each has its own: {0:?}")]
    Id(String),
    /// An OpenID Connect provider without an issuer, or GitHub with one.
    #[error(
        "provider {0}: `issuer` is what an OpenID Connect provider is known by; `kind = \"github\"` has none"
    )]
    Issuer(String),
    /// A URL that is none, or that anybody on the way reads.
    #[error("provider {0}: {1:?} is no https URL (http: on this machine only)")]
    Url(String, String),
    /// A file with no secret in it.
    #[error("provider {0}: the file of its client secret is empty")]
    Secret(String),
    /// No https can be spoken.
    #[error("no https is spoken: {0}")]
    Tls(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    provider: Vec<One>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    id: String,
    name: Option<String>,
    #[serde(default)]
    kind: Word,
    issuer: Option<String>,
    /// GitHub's pages and its API, where they are elsewhere.
    web: Option<String>,
    api: Option<String>,
    client_id: String,
    /// Beside the list, where it is no absolute path.
    client_secret_file: PathBuf,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    #[default]
    Oidc,
    Github,
}

pub(super) fn read(file: &Path, base: &str, fetch: &Fetch) -> Result<Vec<Provider>, SignInError> {
    let text = text_of(file)?;
    let written: Written = toml::from_str(&text).map_err(|error| SignInError::Form(error.to_string()))?;
    let mut ids = BTreeSet::new();
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut providers = Vec::new();
    for one in written.provider {
        let fits = (1..=32).contains(&one.id.len())
            && one.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !fits || !ids.insert(one.id.clone()) {
            return Err(SignInError::Id(one.id));
        }
        providers.push(provider(one, folder, base, fetch)?);
    }
    Ok(providers)
}

fn provider(one: One, folder: &Path, base: &str, fetch: &Fetch) -> Result<Provider, SignInError> {
    let secret = text_of(&folder.join(&one.client_secret_file))?.trim().to_owned();
    if secret.is_empty() {
        return Err(SignInError::Secret(one.id));
    }
    let url = |text: Option<String>, default: &str| {
        let text = text.unwrap_or_else(|| default.to_owned());
        if is_safe(&text) { Ok(text) } else { Err(SignInError::Url(one.id.clone(), text)) }
    };
    let kind = match (one.kind, one.issuer) {
        (Word::Oidc, Some(issuer)) if one.web.is_none() && one.api.is_none() => {
            Kind::Oidc(Oidc::of(url(Some(issuer), "")?))
        }
        (Word::Github, None) => Kind::Github(Github {
            web: url(one.web, "https://github.com")?,
            api: url(one.api, "https://api.github.com")?,
        }),
        _ => return Err(SignInError::Issuer(one.id)),
    };
    Ok(Provider {
        redirect: format!("{base}/sign-in/{}", one.id),
        name: one.name.unwrap_or_else(|| one.id.clone()),
        client: Client { id: one.client_id, secret },
        fetch: fetch.clone(),
        id: one.id,
        kind,
    })
}

/// Whether nobody on the way reads what is sent there.
pub(super) fn is_safe(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(address))) => IpAddr::V4(address).is_loopback(),
        ("http", Some(Host::Ipv6(address))) => IpAddr::V6(address).is_loopback(),
        _ => false,
    }
}

fn text_of(path: &Path) -> Result<String, SignInError> {
    std::fs::read_to_string(path).map_err(|error| SignInError::File(path.to_owned(), error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nexus_node::mesh::Roots;

    fn read_text(text: &str) -> Result<Vec<Provider>, SignInError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "hush\n").unwrap();
        std::fs::write(folder.path().join("empty"), "\n").unwrap();
        let file = folder.path().join("sign-in.toml");
        std::fs::write(&file, text).unwrap();
        read(&file, "https://relay.example", &Fetch::new(&Roots::default()).unwrap())
    }

    fn one(lines: &str) -> String {
        format!("[[provider]]\nclient_id = 'us'\nclient_secret_file = 'secret'\n{lines}\n")
    }

    #[test]
    fn providers_are_named_one_by_one_and_their_secrets_are_never_printed() {
        let google = one("id = 'google'\nname = 'Google'\nissuer = 'https://accounts.google.com'");
        let providers = read_text(&(google + &one("id = 'github'\nkind = 'github'"))).unwrap();
        let shown: Vec<_> = providers.iter().map(|it| (it.name.as_str(), it.issuer())).collect();
        assert_eq!(shown, [("Google", "https://accounts.google.com"), ("github", "https://github.com")]);
        assert_eq!(providers[0].redirect, "https://relay.example/sign-in/google");
        assert!(!format!("{providers:?}").contains("hush"));
    }

    #[test]
    fn what_does_not_hold_is_refused_in_words() {
        let at = |issuer: &str| one(&format!("id = 'a'\nissuer = '{issuer}'"));
        for (text, word) in [
            (one("id = 'A B'\nkind = 'github'"), "a-z"),
            (one("id = 'a'\nkind = 'github'").repeat(2), "its own"),
            (one("id = 'a'"), "issuer"),
            (one("id = 'a'\nkind = 'github'\nissuer = 'https://a.example'"), "issuer"),
            (at("http://a.example"), "https"),
            (at("https://"), "https"),
            (one("id = 'a'\nkind = 'github'").replace("'secret'", "'nowhere'"), "nowhere"),
            (one("id = 'a'\nkind = 'github'").replace("'secret'", "'empty'"), "empty"),
            (one("id = 'a'\nissuers = 'https://a.example'"), "issuers"),
        ] {
            let refused = read_text(&text).map(drop).unwrap_err().to_string();
            assert!(refused.contains(word), "{text}: {refused}");
        }
        assert!(read_text(&at("http://127.0.0.1:9")).is_ok(), "nobody is on the way");
    }
}
