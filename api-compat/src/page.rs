//! The web client, served by the program itself: one page for every path of its own, and the files it is made of.

use crate::error::ApiError;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::borrow::Cow;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A file of the client.
struct Asset {
    /// Below the client's folder.
    path: Cow<'static, str>,
    /// Compressed with gzip.
    packed: Bytes,
}

/// A file as the build script lists it.
struct Built {
    path: &'static str,
    packed: &'static [u8],
}

/// All files of one build.
struct Client {
    /// None in a program that was built without.
    assets: Vec<Asset>,
    /// Another with every build: the tag of what is not named by its hash.
    edition: String,
}

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    beside().unwrap_or_else(|| Client::of(include!(concat!(env!("OUT_DIR"), "/client.rs"))))
});

const INDEX: &str = "index.html";
/// The folder of what is named by its hash.
const HASHED: &str = "assets/";

/// What is shown where nobody has built the client.
const WITHOUT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Nexus</title>\
<p>This program was built without the web client. Everything else works; <code>npm ci</code> and \
<code>npm run build</code> before <code>cargo build</code> put the client in.</p></html>";

/// Whether a request for `/` wants the page, and not the gateway.
pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
    !headers.contains_key(header::UPGRADE)
}

/// What is below none of the API's paths: a file of the client, or its page.
pub(crate) fn answer(method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    CLIENT.answer(method, uri.path(), headers)
}

/// The page.
pub(crate) fn page(headers: &HeaderMap) -> Response {
    CLIENT.page(headers)
}

/// The client in the folder that `NEXUS_CLIENT` names: who works on its screens builds no program for each change. A
/// program that people run has only its own.
fn beside() -> Option<Client> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let folder = PathBuf::from(std::env::var_os("NEXUS_CLIENT")?);
    let mut assets = Vec::new();
    read_in(&folder, &folder, &mut assets).ok()?;
    assets.sort_by(|a, b| a.path.cmp(&b.path));
    Some(Client::made_of(assets))
}

fn read_in(root: &Path, folder: &Path, assets: &mut Vec<Asset>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_in(root, &path, assets)?;
            continue;
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&fs::read(&path)?)?;
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        assets.push(Asset { path: name.into(), packed: encoder.finish()?.into() });
    }
    Ok(())
}

impl Client {
    fn of(built: &'static [Built]) -> Self {
        let kept = |file: &Built| Asset { path: file.path.into(), packed: Bytes::from_static(file.packed) };
        Self::made_of(built.iter().map(kept).collect())
    }

    fn made_of(assets: Vec<Asset>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for asset in &assets {
            hasher.update(asset.path.as_bytes()).update(&asset.packed);
        }
        let edition = format!("\"{}\"", hasher.finalize().to_hex().get(..16).unwrap_or_default());
        Self { assets, edition }
    }

    fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        if method != Method::GET && method != Method::HEAD {
            return ApiError::method_not_allowed().into_response();
        }
        let path = path.trim_start_matches('/');
        if let Some(asset) = self.asset(path).filter(|_| path != INDEX) {
            return self.file(asset, headers);
        }
        let last = path.rsplit('/').next().unwrap_or(path);
        // A file that is not there must not be answered with a page: the browser would take it for a script.
        if path.starts_with(HASHED) || (last.contains('.') && path != INDEX) {
            return ApiError::not_found().into_response();
        }
        self.page(headers)
    }

    /// Asked for anew each time, so that a new program brings its new client.
    fn page(&self, headers: &HeaderMap) -> Response {
        let mut response = match self.asset(INDEX) {
            Some(_) if self.is_known(headers) => StatusCode::NOT_MODIFIED.into_response(),
            Some(index) => unpacked(index, headers),
            None => Response::new(Body::from(WITHOUT)),
        };
        set(&mut response, header::CONTENT_TYPE, "text/html; charset=utf-8");
        set(&mut response, header::CACHE_CONTROL, "no-cache");
        set(&mut response, header::ETAG, &self.edition);
        set(&mut response, header::CONTENT_SECURITY_POLICY, &policy(headers));
        harden(&mut response);
        response
    }

    /// A file; one whose name has its hash in it never changes.
    fn file(&self, asset: &Asset, headers: &HeaderMap) -> Response {
        let hashed = asset.path.starts_with(HASHED);
        let mut response = if !hashed && self.is_known(headers) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            unpacked(asset, headers)
        };
        let lasting = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
        set(&mut response, header::CACHE_CONTROL, lasting);
        if !hashed {
            set(&mut response, header::ETAG, &self.edition);
        }
        set(&mut response, header::CONTENT_TYPE, content_type(&asset.path));
        harden(&mut response);
        response
    }

    fn asset(&self, path: &str) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.path == path)
    }

    fn is_known(&self, headers: &HeaderMap) -> bool {
        headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == self.edition.as_bytes())
    }
}

/// Nothing but what this program serves; the gateway is named beside `'self'`, which not every browser takes to mean it.
fn policy(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let named =
        |host: &&str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:[]-".contains(&byte));
    let gateway = Some(host)
        .filter(|host| !host.is_empty())
        .filter(named)
        .map_or_else(String::new, |host| format!(" ws://{host} wss://{host}"));
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         media-src 'self' blob:; connect-src 'self'{gateway}; manifest-src 'self'; worker-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// As the browser takes it: compressed, or not.
fn unpacked(asset: &Asset, headers: &HeaderMap) -> Response {
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let mut response = if accepts.is_some_and(|accepts| accepts.contains("gzip")) {
        let mut response = Response::new(Body::from(asset.packed.clone()));
        set(&mut response, header::CONTENT_ENCODING, "gzip");
        response
    } else {
        let mut plain = Vec::new();
        match flate2::read::GzDecoder::new(asset.packed.as_ref()).read_to_end(&mut plain) {
            Ok(_) => Response::new(Body::from(plain)),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    };
    set(&mut response, header::VARY, "accept-encoding");
    response
}

fn harden(response: &mut Response) {
    set(response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(response, header::REFERRER_POLICY, "no-referrer");
    set(response, header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(response, header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("wasm") => "application/wasm",
        Some("txt") => "text/plain; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn set(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `hello` and a page, compressed.
    const HELLO: &[u8] =
        &[31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 203, 72, 205, 201, 201, 7, 0, 134, 166, 16, 54, 5, 0, 0, 0];

    fn client() -> Client {
        Client::of(&[
            Built { path: INDEX, packed: HELLO },
            Built { path: "assets/app-1a2b3c.js", packed: HELLO },
            Built { path: "icon.svg", packed: HELLO },
        ])
    }

    fn header(response: &Response, name: &str) -> String {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap_or("?")).to_owned()
    }

    fn host() -> HeaderMap {
        HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("127.0.0.1:8081"))])
    }

    #[test]
    fn every_path_of_the_client_is_its_one_page() {
        for path in ["/", "/invite/abc", "/channels/1/2", "/index.html"] {
            let page = client().answer(&Method::GET, path, &host());
            assert_eq!(page.status(), StatusCode::OK, "{path}");
            assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
            assert_eq!(header(&page, "cache-control"), "no-cache");
        }
    }

    #[test]
    fn the_page_may_load_nothing_from_elsewhere_and_run_nothing_written_into_it() {
        let policy = header(&client().page(&host()), "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
        assert!(policy.contains("connect-src 'self' ws://127.0.0.1:8081 wss://127.0.0.1:8081;"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        let odd = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("a; script-src *"))]);
        assert!(!header(&client().page(&odd), "content-security-policy").contains('*'));
    }

    #[test]
    fn a_file_named_by_its_hash_is_kept_for_good_and_one_that_is_not_is_asked_for() {
        let hashed = client().answer(&Method::GET, "/assets/app-1a2b3c.js", &host());
        assert_eq!(header(&hashed, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(header(&hashed, "content-type"), "text/javascript; charset=utf-8");
        let icon = client().answer(&Method::GET, "/icon.svg", &host());
        assert_eq!(header(&icon, "cache-control"), "no-cache");
        let mut known = host();
        known.insert(header::IF_NONE_MATCH, HeaderValue::from_str(&header(&icon, "etag")).unwrap());
        assert_eq!(client().answer(&Method::GET, "/icon.svg", &known).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(client().answer(&Method::GET, "/", &known).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn a_file_that_is_not_there_is_not_a_page() {
        for path in ["/assets/app-old.js", "/assets/x", "/robots.txt"] {
            assert_eq!(
                client().answer(&Method::GET, path, &host()).status(),
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        let posted = client().answer(&Method::POST, "/invite/abc", &host());
        assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[test]
    fn a_browser_that_takes_gzip_is_given_it_and_another_the_file_itself() {
        let mut accepts = host();
        accepts.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
        let packed = client().answer(&Method::GET, "/icon.svg", &accepts);
        assert_eq!(header(&packed, "content-encoding"), "gzip");
        let plain = client().answer(&Method::GET, "/icon.svg", &host());
        assert_eq!(
            (header(&plain, "content-encoding"), header(&plain, "vary")),
            (String::new(), "accept-encoding".into())
        );
    }

    #[test]
    fn a_program_without_the_client_says_so() {
        let page = Client::of(&[]).page(&host());
        assert_eq!(page.status(), StatusCode::OK);
        assert!(WITHOUT.contains("built without the web client"));
    }
}
