//! Bodies that may carry files: JSON, or `multipart/form-data` (RFC 7578) with the JSON as `payload_json`.

use crate::error::{Answer, ApiError};
use crate::files::{FILE_MAX, KeepError};
use crate::window::{Body, Window, parse};
use axum::body::HttpBody as _;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use bytes::Bytes;
use futures_util::StreamExt as _;
use nexus_crdt::body::content::File;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// Bytes of a whole form: ten files may come in one, but not ten of the largest.
const FORM_MAX: usize = 25 * 1024 * 1024 + 256 * 1024;
/// Files of one message.
const FILES_MAX: usize = 10;
/// Parts of one form, and bytes of the head of one.
const PARTS_MAX: usize = 16;
const HEAD_MAX: usize = 4 * 1024;
/// How long a client may send nothing of a form that it has begun: others wait for its turn.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// How long a client may take to send a form.
const PATIENCE: Duration = Duration::from_secs(120);
/// Forms that are read at a time; others wait.
pub(crate) const FORMS_AT_ONCE: usize = 4;

/// A body with the files that came along. `MAX` bounds the JSON.
pub(crate) struct Upload<T, const MAX: usize> {
    pub(crate) body: T,
    pub(crate) files: Vec<Given>,
}

/// A file as it came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Given {
    /// The number by which `attachments` speak of it.
    index: u64,
    name: String,
    kind: Option<String>,
    bytes: Bytes,
}

impl<T: DeserializeOwned, const MAX: usize> FromRequest<Window> for Upload<T, MAX> {
    type Rejection = ApiError;

    async fn from_request(request: Request, window: &Window) -> Answer<Self> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        if !kind.starts_with("multipart/form-data") || window.options.files.is_none() {
            let Body(body) = Body::<T, MAX>::from_request(request, window).await?;
            return Ok(Self { body, files: Vec::new() });
        }
        let boundary = boundary(kind)?;
        if request.body().size_hint().lower() > FORM_MAX as u64 {
            return Err(ApiError::too_large());
        }
        let _turn = window.forms.acquire().await.map_err(|_| ApiError::timed_out())?;
        let whole = tokio::time::timeout(PATIENCE, read_whole(request.into_body()));
        let whole = whole.await.map_err(|_| ApiError::timed_out())??;
        let mut json = None;
        let mut files = Vec::new();
        for part in parts(&whole, &boundary)? {
            match (part.field.as_str(), part.file_name) {
                ("payload_json", None) if part.bytes.len() <= MAX => json = Some(part.bytes),
                ("payload_json", None) => return Err(ApiError::too_large()),
                (field, Some(name)) => {
                    let index = number(field).unwrap_or(files.len() as u64);
                    files.push(Given { index, name: plain(&name), kind: part.kind, bytes: part.bytes });
                }
                _ => {}
            }
        }
        if files.len() > FILES_MAX {
            return Err(ApiError::invalid("files", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length."));
        }
        if files.iter().any(|file| file.bytes.len() > FILE_MAX) {
            return Err(ApiError::too_large());
        }
        Ok(Self { body: parse(json.as_deref().unwrap_or(b"{}"))?, files })
    }
}

/// A form to its end; who falls silent in it is not waited for.
async fn read_whole(body: axum::body::Body) -> Answer<Bytes> {
    let mut coming = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(some) =
        tokio::time::timeout(SILENCE_MAX, coming.next()).await.map_err(|_| ApiError::timed_out())?
    {
        let some = some.map_err(|_| ApiError::timed_out())?;
        if whole.len() + some.len() > FORM_MAX {
            return Err(ApiError::too_large());
        }
        whole.extend_from_slice(&some);
    }
    Ok(whole.into())
}

/// Puts files on the disk, and describes them as a message carries them. `said`: the body's `attachments`.
pub(crate) async fn keep(window: &Window, files: Vec<Given>, said: &[Value]) -> Answer<Vec<File>> {
    let mut kept = Vec::new();
    for file in files {
        let words = said.iter().find(|entry| {
            let id = crate::rest::id_text(&entry["id"]);
            id.parse::<u64>() == Ok(file.index)
        });
        let about = words.and_then(|words| words["description"].as_str()).filter(|text| !text.is_empty());
        if about.is_some_and(|text| text.chars().count() > 1_024) {
            return Err(ApiError::invalid(
                "attachments",
                "BASE_TYPE_MAX_LENGTH",
                "Must be 1024 or fewer in length.",
            ));
        }
        let named = words.and_then(|words| words["filename"].as_str()).map(plain);
        let size = file.bytes.len() as u64;
        let hash = put(window, file.bytes).await?;
        kept.push(File {
            hash,
            name: named.unwrap_or(file.name),
            size,
            kind: file.kind.filter(|kind| kind.len() <= 128),
            about: about.map(str::to_owned),
        });
    }
    Ok(kept)
}

/// Puts a file on the disk; gives the hash it is kept by.
pub(crate) async fn put(window: &Window, bytes: Bytes) -> Answer<[u8; 32]> {
    let store = window.options.files.clone().ok_or_else(|| ApiError::not_implemented("files in messages"))?;
    let hash = tokio::task::spawn_blocking(move || store.keep(&bytes)).await;
    hash.map_err(|_| ApiError::from(nexus_core::Refusal::Unavailable))?.map_err(|error| {
        if !matches!(error, KeepError::Full) {
            tracing::warn!(%error, "a file cannot be kept");
        }
        ApiError::from(nexus_core::Refusal::Unavailable)
    })
}

/// One part of a form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    field: String,
    file_name: Option<String>,
    kind: Option<String>,
    pub(crate) bytes: Bytes,
}

/// What stands between the parts, as the content type says.
pub(crate) fn boundary(kind: &str) -> Answer<String> {
    let boundary = parameter(kind, "boundary").filter(|text| (1..=70).contains(&text.len()));
    boundary.ok_or_else(malformed)
}

pub(crate) fn parts(whole: &Bytes, boundary: &str) -> Answer<Vec<Part>> {
    let opening = format!("--{boundary}");
    let closing = format!("\r\n--{boundary}");
    let mut at = find(whole, opening.as_bytes()).ok_or_else(malformed)? + opening.len();
    let mut all = Vec::new();
    loop {
        let rest = whole.get(at..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return Ok(all);
        }
        if !rest.starts_with(b"\r\n") || all.len() >= PARTS_MAX {
            return Err(malformed());
        }
        let head_end = find(rest.get(..HEAD_MAX.min(rest.len())).unwrap_or_default(), b"\r\n\r\n")
            .ok_or_else(malformed)?;
        let head =
            std::str::from_utf8(rest.get(2..head_end.max(2)).unwrap_or_default()).map_err(|_| malformed())?;
        let from = at + head_end + 4;
        let content = whole.get(from..).unwrap_or_default();
        let length = find(content, closing.as_bytes()).ok_or_else(malformed)?;
        all.push(part(head, whole.slice(from..from + length))?);
        at = from + length + closing.len();
    }
}

fn part(head: &str, bytes: Bytes) -> Answer<Part> {
    let line = |name: &str| {
        head.split("\r\n").find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let disposition = line("content-disposition").ok_or_else(malformed)?;
    let field = parameter(disposition, "name").ok_or_else(malformed)?;
    let kind = line("content-type").map(str::to_owned);
    Ok(Part { field, file_name: parameter(disposition, "filename"), kind, bytes })
}

/// A parameter of a header's value, quoted or not.
fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    while let Some(at) = rest.find(';') {
        rest = rest.get(at + 1..)?.trim_start();
        let (found, after) = rest.split_once('=')?;
        if let Some(quoted) = after.strip_prefix('"') {
            let (text, left) = unquoted(quoted)?;
            if found.trim().eq_ignore_ascii_case(name) {
                return Some(text);
            }
            rest = left;
        } else {
            let end = after.find(';').unwrap_or(after.len());
            if found.trim().eq_ignore_ascii_case(name) {
                return after.get(..end).map(|text| text.trim().to_owned());
            }
            rest = after.get(end..)?;
        }
    }
    None
}

/// What stands before the closing quote, and what follows it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => {
                out.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((out, text.get(at + 1..)?)),
            _ => out.push(c),
        }
    }
    None
}

/// `files[3]` -> 3
fn number(field: &str) -> Option<u64> {
    field.strip_prefix("files[")?.strip_suffix(']')?.parse().ok()
}

/// A name without a path and without what no file's name has.
fn plain(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let kept: String = last.chars().filter(|c| !c.is_control()).take(100).collect();
    if kept.trim_matches('.').trim().is_empty() { String::from("file") } else { kept }
}

fn find(within: &[u8], wanted: &[u8]) -> Option<usize> {
    within.windows(wanted.len()).position(|window| window == wanted)
}

fn malformed() -> ApiError {
    ApiError::invalid("", "MULTIPART_MALFORMED", "not multipart/form-data as RFC 7578 writes it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Answer<Vec<Part>> {
        parts(&Bytes::from(text.replace('\n', "\r\n")), "xx")
    }

    #[test]
    fn a_form_is_read_part_by_part() {
        let read = form(
            "--xx\nContent-Disposition: form-data; name=\"payload_json\"\n\n{}\n--xx\ncontent-disposition: form-data; \
             name=\"files[2]\"; filename=\"a \\\"b\\\"; c.txt\"\nContent-Type: text/plain\n\none\n--x\ntwo\n--xx--\n",
        )
        .unwrap();
        assert_eq!((read[0].field.as_str(), &read[0].bytes[..]), ("payload_json", &b"{}"[..]));
        assert_eq!(read[1].file_name.as_deref(), Some("a \"b\"; c.txt"));
        assert_eq!((number(&read[1].field), read[1].kind.as_deref()), (Some(2), Some("text/plain")));
        assert_eq!(&read[1].bytes[..], b"one\r\n--x\r\ntwo");
    }

    #[test]
    fn a_form_that_is_cut_or_none_is_refused() {
        let head = "Content-Disposition: form-data; name=\"a\"";
        for text in [
            String::new(),
            String::from("--xx"),
            format!("--xx\n{head}\n\nopen"),
            format!("--xx\n{head}\n"),
            String::from("--xx\nContent-Type: a\n\nb\n--xx--"),
            format!("{}--xx--", format!("--xx\n{head}\n\nx\n").repeat(PARTS_MAX + 1)),
            format!("--xx\nX: {}\n{head}\n\nx\n--xx--", "y".repeat(HEAD_MAX)),
        ] {
            assert!(form(&text).is_err(), "{text:.80}");
        }
    }

    #[test]
    fn a_name_is_never_a_path() {
        assert_eq!(plain("../../etc/passwd"), "passwd");
        assert_eq!(plain("C:\\x\\y.png"), "y.png");
        assert_eq!(plain(".."), "file");
        assert_eq!(plain("a\u{0}\nb"), "ab");
    }
}
