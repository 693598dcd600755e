//! A page's session is a cookie that no script can read.
//!
//! Browsers keep cookies by host and not by port: two programs on one machine would take each other's. So the name has
//! the port in it, where the address has one.

use axum::http::{HeaderMap, HeaderValue, header};

/// The access token's.
const TOKEN: &str = "nexus_token";
/// The refresh token's: sent to nothing but what asks for it.
const REFRESH: &str = "nexus_refresh";
const REFRESH_PATH: &str = "/api/v10/auth";
/// How long a browser keeps it, in seconds: 400 days, the most that browsers grant.
const KEPT_S: u64 = 400 * 86_400;

/// The token that a browser brings.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    read(headers, TOKEN)
}

/// Gives the token to a browser, and to nobody else: only a page sends an `Origin`.
pub(crate) fn give_token(to: &mut HeaderMap, asked: &HeaderMap, token: &str) {
    if asked.contains_key(header::ORIGIN) {
        append(to, asked, TOKEN, token, "/", KEPT_S);
    }
}

/// The refresh token that a browser brings.
pub(crate) fn refresh_token(headers: &HeaderMap) -> Option<&str> {
    read(headers, REFRESH)
}

/// The same for what goes on with a session.
pub(crate) fn give_refresh_token(to: &mut HeaderMap, asked: &HeaderMap, token: &str) {
    if asked.contains_key(header::ORIGIN) {
        append(to, asked, REFRESH, token, REFRESH_PATH, KEPT_S);
    }
}

/// Takes both away.
pub(crate) fn take_tokens(to: &mut HeaderMap, asked: &HeaderMap) {
    append(to, asked, TOKEN, "", "/", 0);
    append(to, asked, REFRESH, "", REFRESH_PATH, 0);
}

fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let (own, plain) = (format!("{}=", named(headers, name)), format!("{name}="));
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let cookies: Vec<&str> = lines.flat_map(|line| line.split(';')).map(str::trim).collect();
    let of = |prefix: &str| cookies.iter().find_map(|cookie| cookie.strip_prefix(prefix));
    of(&own).or_else(|| of(&plain)).filter(|value| !value.is_empty())
}

fn append(to: &mut HeaderMap, asked: &HeaderMap, name: &str, value: &str, path: &str, kept_s: u64) {
    let name = named(asked, name);
    let secure = if is_secure(asked) { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; HttpOnly; SameSite=Strict; Path={path}; Max-Age={kept_s}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        to.append(header::SET_COOKIE, cookie);
    }
}

fn named(headers: &HeaderMap, name: &str) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    match host.rsplit_once(':') {
        Some((_, port)) if !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit()) => {
            format!("{name}_{port}")
        }
        _ => name.to_owned(),
    }
}

fn is_secure(headers: &HeaderMap) -> bool {
    headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(host: &'static str, cookie: &'static str) -> HeaderMap {
        let text = HeaderValue::from_static;
        HeaderMap::from_iter([(header::HOST, text(host)), (header::COOKIE, text(cookie))])
    }

    #[test]
    fn two_programs_of_one_machine_do_not_take_each_others_sessions() {
        let both = "nexus_token_8081=one; nexus_token_8082=other";
        assert_eq!(token(&request("127.0.0.1:8081", both)), Some("one"));
        assert_eq!(token(&request("127.0.0.1:8082", both)), Some("other"));
        assert_eq!(token(&request("127.0.0.1:8083", both)), None);
        assert_eq!(token(&request("chat.example", "a=b; nexus_token=one")), Some("one"));
    }

    #[test]
    fn only_a_page_is_given_a_cookie_and_no_script_reads_it() {
        let mut given = HeaderMap::new();
        give_token(&mut given, &request("127.0.0.1:8081", ""), "secret");
        assert!(given.is_empty());
        let mut asked = request("chat.example", "");
        asked.insert(header::ORIGIN, HeaderValue::from_static("https://chat.example"));
        give_token(&mut given, &asked, "secret");
        let cookie = given.get(header::SET_COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert!(cookie.starts_with("nexus_token=secret; HttpOnly; SameSite=Strict; Path=/;"), "{cookie}");
        assert!(cookie.ends_with("; Secure"), "{cookie}");
    }
}
