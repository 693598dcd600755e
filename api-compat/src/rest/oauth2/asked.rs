//! What an application asks a person for, as the address says it; and the address that they are sent back to.

use crate::error::{Answer, ApiError};
use crate::ports::oauth::{Asked, OAuth, OAuthRefusal, Scopes};
use nexus_api_model::Number;
use nexus_crdt::id::UserId;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::borrow::Cow;

/// The query of `/oauth2/authorize`.
#[derive(Clone, Deserialize)]
pub(crate) struct Request {
    pub(super) client_id: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    response_type: String,
    pub(super) redirect_uri: Option<String>,
    state: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    nonce: Option<String>,
    pub(super) permissions: Option<Number>,
}

/// What an application is told where it asks wrongly, or is denied (RFC 6749, 4.1.2.1).
pub(super) struct Fault {
    pub(super) error: &'static str,
    pub(super) words: String,
}

/// What stands in a query as something else (RFC 3986, 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Scopes by which a bot is let into a guild. Its commands come with it.
const OF_A_BOT: [&str; 2] = ["bot", "applications.commands"];

impl Request {
    /// Whether the bot is to come into a guild: asked for, or nothing is.
    pub(super) fn wants_bot(&self) -> bool {
        let mut words = self.scope.split_ascii_whitespace().peekable();
        words.peek().is_none() && self.response_type.is_empty() || words.any(|word| OF_A_BOT.contains(&word))
    }

    /// Whether the application is to learn of the person.
    pub(super) fn wants_code(&self) -> bool {
        self.person_words().next().is_some() || !self.response_type.is_empty() && !self.wants_bot()
    }

    /// All scopes that are asked for.
    pub(super) fn words(&self) -> Vec<&str> {
        self.scope.split_ascii_whitespace().collect()
    }

    fn person_words(&self) -> impl Iterator<Item = &str> {
        self.scope.split_ascii_whitespace().filter(|word| !OF_A_BOT.contains(word))
    }

    /// What is to be consented to, where it is asked for rightly.
    pub(super) fn asked(&self, application: UserId) -> Result<Asked, Fault> {
        let fault = |error, words: &str| Err(Fault { error, words: words.to_owned() });
        // A library of Discord's leaves it out where it means a code.
        if !["", "code"].contains(&self.response_type.as_str()) {
            return fault("unsupported_response_type", "only response_type=code");
        }
        let scopes = self.person_words().try_fold(Scopes::default(), |all, word| {
            all.and(word)
                .ok_or_else(|| Fault { error: "invalid_scope", words: format!("no such scope: {word:.64}") })
        })?;
        if scopes.is_empty() {
            return fault("invalid_scope", "no scope is asked for");
        }
        let is_s256 = self.code_challenge_method.as_deref() == Some("S256");
        if self.code_challenge.is_some() != is_s256 {
            return fault("invalid_request", "code_challenge goes with code_challenge_method=S256");
        }
        Ok(Asked {
            application,
            redirect: self.redirect_uri.clone().unwrap_or_default(),
            scopes,
            challenge: self.code_challenge.clone(),
            nonce: self.nonce.clone(),
        })
    }

    /// Where the person is sent back to, where it is the application's own.
    pub(super) async fn checked_redirect(&self, oauth: &dyn OAuth, application: UserId) -> Answer<String> {
        let facts = oauth.client(application).await?;
        let own = self.redirect_uri.clone().filter(|redirect| facts.redirects.contains(redirect));
        own.ok_or_else(|| OAuthRefusal::Redirect.into())
    }
}

impl Fault {
    /// The person said no.
    pub(super) const DENIED: Self = Self { error: "access_denied", words: String::new() };

    /// To the window, which goes back only when the person says so.
    pub(super) fn shown(&self, redirect: &str, request: &Request, issuer: &str) -> Value {
        let location = self.location(redirect, request, issuer);
        json!({ "error": self.error, "error_description": self.words, "location": location })
    }

    pub(super) fn location(&self, redirect: &str, request: &Request, issuer: &str) -> String {
        let words =
            if self.words.is_empty() { "The resource owner denied the request" } else { self.words.as_str() };
        back(redirect, &[("error", self.error), ("error_description", words)], request, issuer)
    }

    /// To who says yes to it all the same.
    pub(super) fn refused(&self) -> ApiError {
        let field = match self.error {
            "invalid_scope" => "scope",
            "unsupported_response_type" => "response_type",
            _ => "code_challenge_method",
        };
        ApiError::invalid(field, "INVALID_VALUE", &self.words)
    }
}

/// Back with a code.
pub(super) fn granted(redirect: &str, code: &str, request: &Request, issuer: &str) -> String {
    back(redirect, &[("code", code)], request, issuer)
}

/// The redirect as it was registered, with what is said behind it; who says it (RFC 9207), and the application's own state.
fn back(redirect: &str, said: &[(&str, &str)], request: &Request, issuer: &str) -> String {
    let own = request.state.as_deref().map(|state| ("state", state));
    let all = said.iter().copied().chain([("iss", issuer)]).chain(own);
    let mut location = redirect.to_owned();
    for (name, value) in all {
        location.push(if location.contains('?') { '&' } else { '?' });
        let value: Cow<'_, str> = utf8_percent_encode(value, RESERVED).into();
        location.extend([name, "=", &*value]);
    }
    location
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(scope: &str, response_type: &str) -> Request {
        Request {
            client_id: String::from("1"),
            scope: scope.to_owned(),
            response_type: response_type.to_owned(),
            redirect_uri: Some(String::from("https://bot.example/cb?a=b")),
            state: Some(String::from("a&b=c")),
            code_challenge: None,
            code_challenge_method: None,
            nonce: None,
            permissions: None,
        }
    }

    #[test]
    fn a_bot_is_asked_for_by_its_scope_or_by_none_and_a_code_by_any_other() {
        let kind = |scope, response_type| {
            let request = request(scope, response_type);
            (request.wants_bot(), request.wants_code())
        };
        assert_eq!(kind("", ""), (true, false));
        assert_eq!(kind("bot applications.commands", ""), (true, false));
        assert_eq!(kind("identify bot", "code"), (true, true));
        assert_eq!(kind("identify guilds", ""), (false, true));
        assert_eq!(kind("", "token"), (false, true));
    }

    #[test]
    fn what_is_asked_wrongly_has_the_word_that_the_rfc_has_for_it() {
        let error = |request: Request| request.asked(UserId([1; 32])).err().map(|fault| fault.error);
        assert_eq!(error(request("identify", "code")), None);
        assert_eq!(error(request("identify", "token")), Some("unsupported_response_type"));
        assert_eq!(error(request("identify rpc", "code")), Some("invalid_scope"));
        assert_eq!(error(request("bot", "code")), Some("invalid_scope"));
        let challenged = |challenge: Option<&str>, method: Option<&str>| Request {
            code_challenge: challenge.map(str::to_owned),
            code_challenge_method: method.map(str::to_owned),
            ..request("identify", "code")
        };
        assert_eq!(
            error(challenged(Some("x"), Some("S256"))),
            None,
            "its form is looked at where it is kept"
        );
        for (challenge, method) in [(Some("x"), None), (Some("x"), Some("plain")), (None, Some("S256"))] {
            assert_eq!(error(challenged(challenge, method)), Some("invalid_request"));
        }
    }

    #[test]
    fn one_is_sent_back_to_the_very_address_with_what_is_said_behind_it() {
        let location =
            granted("https://bot.example/cb?a=b", "nxc_1", &request("identify", "code"), "https://r.example");
        let url = reqwest::Url::parse(&location).unwrap();
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let wanted =
            [pair("a", "b"), pair("code", "nxc_1"), pair("iss", "https://r.example"), pair("state", "a&b=c")];
        assert_eq!(pairs, wanted);
        assert!(location.starts_with("https://bot.example/cb?a=b&"));
    }
}
