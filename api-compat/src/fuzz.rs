//! What `testnet/fuzz` calls: the window's decoders, each as its door uses it. They take any bytes and must not panic.

use crate::components::{self, Place};
use crate::entrance::whence::Proxies;
use crate::files::Wanted;
use crate::gateway::frame::ClientFrame;
use crate::ports::oauth::Scopes;
use crate::rest::channels::embeds;
use crate::rest::channels::messages::{BulkDelete, CreateMessage, EditMessage};
use crate::rest::guilds::EditGuild;
use crate::rest::guilds::bans::BanBody;
use crate::rest::guilds::members::EditMember;
use crate::rest::guilds::roles::RoleBody;
use crate::text;
use crate::window::{token_basic, token_of};
use crate::{bearer, cookie, offers, rest, upload};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use bytes::Bytes;
use nexus_api_model::{Channel, Embed, Overwrite};
use nexus_core::{Snowflake, User, View};
use nexus_crdt::body::Body as _;
use nexus_crdt::body::content::Message;
use nexus_crdt::body::rich_text::Refs;
use nexus_crdt::id::UserId;
use serde_json::Value;
use std::net::IpAddr;

/// A frame from a gateway client.
pub fn gateway_frame(data: &[u8]) {
    let _ = ClientFrame::parse(data);
}

/// A request's JSON: the first byte chooses the body.
pub fn request_json(data: &[u8]) {
    let Some((which, json)) = data.split_first() else { return };
    match which % 9 {
        0 => drop(serde_json::from_slice::<CreateMessage>(json)),
        1 => drop(serde_json::from_slice::<Channel>(json)),
        2 => drop(serde_json::from_slice::<Overwrite>(json)),
        3 => drop(serde_json::from_slice::<RoleBody>(json)),
        4 => drop(serde_json::from_slice::<EditMessage>(json)),
        5 => drop(serde_json::from_slice::<BulkDelete>(json)),
        6 => drop(serde_json::from_slice::<BanBody>(json)),
        7 => drop(serde_json::from_slice::<EditMember>(json)),
        _ => drop(serde_json::from_slice::<EditGuild>(json)),
    }
}

/// The text of a message: whatever is written, it becomes a body that others take in, and is shown as it was written.
///
/// # Panics
/// Where one of the two does not hold.
pub fn message_text(data: &[u8]) {
    let Ok(content) = std::str::from_utf8(data) else { return };
    if content.chars().nth(2_000).is_some() {
        return;
    }
    let (view, mut refs) = (view(), Refs::default());
    let text = text::parse(&view, content, &mut refs);
    let shown = text::write(&view, &text, &refs);
    assert_eq!(shown, content.replace("<@!5>", "<@5>"));
    let leave = text::Leave { allowed: None, answers: false };
    let pings = text::pings(&view, &text, &refs, content, &leave);
    let body = Message { text, refs, pings, ..Message::default() };
    assert_eq!(body.check(), Ok(()));
}

/// Embeds: those that are taken are within the limits that others hold.
///
/// # Panics
/// Where they are not.
pub fn embeds_json(data: &[u8]) {
    let Ok(bodies) = serde_json::from_slice::<Vec<Embed>>(data) else { return };
    let mut refs = Refs::default();
    let Ok(embeds) = embeds::parse(&view(), bodies, &mut refs) else { return };
    assert_eq!(Message { refs, embeds, ..Message::default() }.check(), Ok(()));
}

/// A request's JSON about accounts and sessions: the first byte chooses the body.
pub fn people_json(data: &[u8]) {
    rest::fuzz::people(data);
}

/// .. about guilds.
pub fn guild_json(data: &[u8]) {
    rest::fuzz::guild(data);
}

/// .. from bots and webhooks.
pub fn bot_json(data: &[u8]) {
    rest::fuzz::bots(data);
}

/// A form with files: its content type, a line of its own, then the form.
///
/// # Panics
/// Where the parts are more than the whole.
pub fn multipart_form(data: &[u8]) {
    let Some((kind, form)) = line(data) else { return };
    let Ok(boundary) = upload::boundary(kind) else { return };
    let Ok(parts) = upload::parts(&Bytes::copy_from_slice(form), &boundary) else { return };
    assert!(parts.iter().map(|part| part.bytes.len()).sum::<usize>() <= form.len());
}

/// Lines of `X-Forwarded-For`.
///
/// # Panics
/// Where somebody is believed without a proxy.
pub fn forwarded_for(data: &[u8]) {
    let headers = headers(&HeaderName::from_static("x-forwarded-for"), data);
    let [proxy, stranger] = [[127, 0, 0, 1], [203, 0, 113, 9]].map(IpAddr::from);
    let proxies = Proxies::at(&[proxy]);
    let _ = proxies.whence(proxy, &headers);
    let whence = proxies.whence(stranger, &headers);
    assert!(whence.address == stranger && !whence.by_a_proxy);
}

/// Lines of `Cookie`, from a page of a window with a port.
///
/// # Panics
/// Where a token goes on over what ends one.
pub fn cookies(data: &[u8]) {
    let mut headers = headers(&header::COOKIE, data);
    headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8081"));
    let tokens = [cookie::token(&headers), cookie::refresh_token(&headers)];
    assert!(tokens.into_iter().flatten().all(|token| !token.is_empty() && !token.contains(';')));
}

/// Lines of `Authorization`: a token, an application's, or `Basic`.
///
/// # Panics
/// Where a token is longer than it may be, or `Basic` is not what it was made of.
pub fn authorization(data: &[u8]) {
    let headers = headers(&header::AUTHORIZATION, data);
    let token = token_of(&headers);
    let access = bearer::access_token(&headers);
    assert!(access.is_none_or(|access| Some(access) == token && access.len() <= bearer::TOKEN_MAX));
    for value in headers.get_all(header::AUTHORIZATION) {
        let Some((name, secret)) = value.to_str().ok().and_then(token_basic) else { continue };
        let again = format!("Basic {}", BASE64.encode(format!("{name}:{secret}")));
        assert_eq!(token_basic(&again), Some((name, secret)));
    }
}

/// The token of a link of an interaction: any text but the one that was given out opens nothing.
///
/// # Panics
/// Where another does.
pub fn link_token(data: &[u8]) {
    crate::interactions::fuzz(data);
}

/// Scopes, as a page asks for them.
///
/// # Panics
/// Where they are not written as what reads the same again.
pub fn scopes(data: &[u8]) {
    let Some(scopes) = std::str::from_utf8(data).ok().and_then(Scopes::parse) else { return };
    assert_eq!(Scopes::parse(&scopes.words().join(" ")), Some(scopes));
}

/// A `Range` of a file.
///
/// # Panics
/// Where it is not within the file.
pub fn file_range(data: &[u8]) {
    let wanted = Wanted::parse(&headers(&header::RANGE, data));
    for size in [0, 1, 1_000, u64::MAX] {
        let (from, upto) = wanted.within(size);
        assert!(from <= size && upto <= size);
    }
}

/// Components of a message or a form: what is taken is read the same when it comes back in an op.
///
/// # Panics
/// Where it is not.
pub fn components_json(data: &[u8]) {
    let Ok(list) = serde_json::from_slice::<Vec<Value>>(data) else { return };
    for place in [Place::Message, Place::WholeMessage, Place::Modal] {
        let Ok(taken) = components::parse(&list, place) else { continue };
        assert!(components::parse(&taken, place).is_ok_and(|again| again == taken), "{taken:?}");
    }
}

/// A command's definition: what is taken is read the same when it comes back in an op.
///
/// # Panics
/// Where it is not.
pub fn offer_json(data: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    let Ok(taken) = offers::definition(&value) else { return };
    assert!(offers::definition(&taken).is_ok_and(|again| again == taken), "{taken}");
}

/// The first line as text, and what follows it.
fn line(data: &[u8]) -> Option<(&str, &[u8])> {
    let end = data.iter().position(|byte| *byte == b'\n')?;
    Some((std::str::from_utf8(&data[..end]).ok()?, &data[end + 1..]))
}

/// Each line is a value of the header, as far as it can be one.
fn headers(name: &HeaderName, data: &[u8]) -> HeaderMap {
    let values = data.split(|byte| *byte == b'\n').take(64);
    values.filter_map(|value| Some((name.clone(), HeaderValue::from_bytes(value).ok()?))).collect()
}

/// A view in which number 5 is somebody.
fn view() -> View {
    let mut view = View::default();
    let id = UserId([7; 32]);
    view.users.insert(id, User::named(id, String::from("Ada")));
    view.ids.insert(Snowflake(5), id.into());
    view
}
