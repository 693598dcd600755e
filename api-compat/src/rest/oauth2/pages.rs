//! Applications that are a page in a browser, and keep no secret: what of `/oauth2` a page of any origin may read (Fetch, 3.3).
//!
//! A page that signs people in by a code and its proof (RFC 7636) exchanges the code, gives tokens back and asks who somebody is:
//! three operations, where it shows in the request itself what it may do. Any origin may read them: a browser adds nothing of its
//! own there, as `*` keeps cookies out, so a page learns no more than any program does with the same code or token. Not read are
//! answers to who shows a secret: in a page it is none any more, and it should come to light while it is written. Nor anything
//! else: the page that asks for consent is the relay's own (RFC 9700, 2.6), what an account's token opens is for the account's
//! window, and a page names the addresses itself.

use crate::bearer::{access_token, oauth};
use crate::compat;
use crate::error::Answer;
use crate::window::Window;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing;

/// Of an answer: a secret was shown for it.
#[derive(Clone, Copy)]
pub(super) struct ToASecret;

const TOKEN: &str = "/oauth2/token";
const REVOKE: &str = "/oauth2/token/revoke";
const USER_INFO: &str = "/oauth2/userinfo";
/// How long a browser may remember what it was told, seconds; Chromium's longest.
const REMEMBERED_S: &str = "7200";

/// What browsers ask before a page's own request.
pub(crate) fn asked_before() -> Router<Window> {
    Router::new()
        .route(TOKEN, routing::options(of_a_form))
        .route(REVOKE, routing::options(of_a_form))
        .route(USER_INFO, routing::options(of_a_token))
}

async fn of_a_form(State(window): State<Window>) -> Answer<Told> {
    told(&window, "POST", "content-type")
}

async fn of_a_token(State(window): State<Window>) -> Answer<Told> {
    told(&window, "GET", "authorization")
}

type Told = (StatusCode, [(HeaderName, &'static str); 4]);

fn told(window: &Window, method: &'static str, may_be_sent: &'static str) -> Answer<Told> {
    oauth(window)?;
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, method),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, may_be_sent),
        (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED_S),
    ];
    Ok((StatusCode::NO_CONTENT, headers))
}

/// Lets pages read what is theirs to read, refusals too.
pub(crate) async fn open(request: Request, next: Next) -> Response {
    let template = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let is_open = is_open(compat::below_api(template), request.headers());
    let mut response = next.run(request).await;
    if is_open && response.extensions().get::<ToASecret>().is_none() {
        let everybody = HeaderValue::from_static("*");
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, everybody);
    }
    response
}

fn is_open(template: &str, headers: &HeaderMap) -> bool {
    match template {
        TOKEN | REVOKE => !headers.contains_key(header::AUTHORIZATION),
        USER_INFO => access_token(headers).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_what_it_is_given_for_a_proof_and_nothing_else() {
        let none = HeaderMap::new();
        let with = |value| HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]);
        assert!(is_open(TOKEN, &none) && is_open(REVOKE, &none));
        assert!(!is_open(TOKEN, &with("Basic eDp5")), "a secret");
        assert!(is_open(USER_INFO, &with("Bearer nxo_x")));
        assert!(!is_open(USER_INFO, &none), "a cookie, or nothing");
        assert!(!is_open(USER_INFO, &with("nxs_x")), "an account's own token");
        for other in ["/oauth2/authorize", "/oauth2/@me", "/oauth2/keys", "/oauth2/tokens", "/users/@me", ""]
        {
            assert!(!is_open(other, &none) && !is_open(other, &with("Bearer nxo_x")), "{other}");
        }
    }
}
