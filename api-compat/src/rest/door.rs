//! Who may knock: names and pages that are not this node's own are turned away before anything is read.
//!
//! A page on the web can make a browser send requests to a program on the same machine, under a name of the page's
//! choosing (DNS rebinding) or across origins. Bots and command lines send no `Origin`, and name the node by its
//! own address.

use crate::error::ApiError;
use crate::window::Window;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Lets a request in whose Host and Origin are this node's own.
pub(crate) async fn guard(State(window): State<Window>, request: Request, next: Next) -> Response {
    match turned_away(&window.options, &request) {
        Some(why) => ApiError::foreign(why).into_response(),
        None => next.run(request).await,
    }
}

fn turned_away(options: &crate::Options, request: &Request) -> Option<&'static str> {
    let text = |name| request.headers().get(name).map(|value: &HeaderValue| value.to_str().unwrap_or(""));
    let host =
        text(header::HOST).or_else(|| request.uri().authority().map(|name| name.as_str())).unwrap_or("");
    let public = options.public_url.as_deref();
    if !options.allow_remote && !is_own_name(host, public) {
        return Some("this node is not reached by that name");
    }
    let foreign = text(header::ORIGIN).is_some_and(|origin| !is_own_page(origin, host, public));
    foreign.then_some("pages of other origins cannot use this node")
}

fn is_own_name(host: &str, public_url: Option<&str>) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let public = public_url.and_then(authority);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]") || public == Some(host) || public == Some(name)
}

fn is_own_page(origin: &str, host: &str, public_url: Option<&str>) -> bool {
    authority(origin).is_some_and(|name| name == host) || public_url == Some(origin)
}

fn authority(url: &str) -> Option<&str> {
    url.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_a_page_made_up_is_not_this_nodes() {
        assert!(
            is_own_name("127.0.0.1:8081", None)
                && is_own_name("localhost", None)
                && is_own_name("[::1]:80", None)
        );
        assert!(!is_own_name("evil.example:8081", None) && !is_own_name("127.0.0.1.evil.example", None));
        assert!(is_own_name("chat.example", Some("https://chat.example")));
    }

    #[test]
    fn a_page_of_another_origin_is_turned_away() {
        assert!(is_own_page("http://127.0.0.1:8081", "127.0.0.1:8081", None));
        assert!(!is_own_page("http://127.0.0.1:9999", "127.0.0.1:8081", None));
        assert!(!is_own_page("null", "127.0.0.1:8081", None));
    }
}
