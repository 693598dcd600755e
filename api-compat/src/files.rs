//! Files of messages: kept by what they are (BLAKE3 of their bytes) in the data folder, served to whoever has the link.
//!
//! A link names the hash, which nobody guesses: who was shown the message has it. Files are not replicated yet: on a program
//! that does not hold one, it is "not here yet".

use crate::error::ApiError;
use crate::window::{Path, Window};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use nexus_node::Node;
use nexus_node::store::FilesToGo;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Bytes of one file, as on Discord.
pub(crate) const FILE_MAX: usize = 10 * 1024 * 1024;
/// Bytes of all files here. Past it nothing more is taken.
const ALL_MAX: u64 = 16 << 30;

/// A file that was sent so lately may belong to a message that is just being written.
const KEPT_AT_LEAST: Duration = Duration::from_secs(600);
/// How often it is looked for files that nothing names any more.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// The files of one program.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    /// Bytes that lie in it.
    held: AtomicU64,
    most: u64,
    /// Held where a file is removed, or found to be here.
    removing: Mutex<()>,
}

/// Why a file is not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeepError {
    /// There is no more room for files.
    #[error("no more room for files")]
    Full,
    /// What the system says.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Files {
    /// Opens the folder; it is made where it is missing.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        Self::with_room(folder, ALL_MAX)
    }

    fn with_room(folder: PathBuf, most: u64) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let mut held = 0;
        for file in fs::read_dir(&folder)? {
            held += file?.metadata()?.len();
        }
        Ok(Self { folder, held: AtomicU64::new(held), most, removing: Mutex::default() })
    }

    /// Keeps a file; on the disk for good when this returns.
    pub(crate) fn keep(&self, bytes: &[u8]) -> Result<[u8; 32], KeepError> {
        let hash = *blake3::hash(bytes).as_bytes();
        let path = self.path(&hash);
        if self.is_kept_anew(&path)? {
            return Ok(hash);
        }
        let size = bytes.len() as u64;
        if self.held.fetch_add(size, Ordering::SeqCst).saturating_add(size) > self.most {
            self.held.fetch_sub(size, Ordering::SeqCst);
            return Err(KeepError::Full);
        }
        // Under a name of its own until it is whole: a file that is there is the file of its name.
        let part = self.folder.join(format!("{:032x}.part", rand::random::<u128>()));
        if let Err(error) = self.write(&part, &path, bytes) {
            self.held.fetch_sub(size, Ordering::SeqCst);
            let _ = fs::remove_file(&part);
            return Err(error.into());
        }
        Ok(hash)
    }

    /// Whether it is here already: then it counts as new, so that nobody removes it before the message is there that names it.
    fn is_kept_anew(&self, path: &std::path::Path) -> io::Result<bool> {
        let _alone = self.removing.lock().unwrap_or_else(PoisonError::into_inner);
        match File::options().append(true).open(path) {
            Ok(file) => file.set_modified(SystemTime::now()).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes a file, where it was not sent in the last minutes; whether it is not here any more.
    fn remove(&self, hash: &[u8; 32]) -> io::Result<bool> {
        let _alone = self.removing.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.path(hash);
        let file = match fs::metadata(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(error),
        };
        let age = SystemTime::now().duration_since(file.modified()?).unwrap_or_default();
        if age < KEPT_AT_LEAST {
            return Ok(false);
        }
        fs::remove_file(&path)?;
        self.held.fetch_sub(file.len(), Ordering::SeqCst);
        Ok(true)
    }

    /// Removes what was named by messages that are destroyed, and by no other.
    ///
    /// # Errors
    /// What the system says.
    pub fn sweep(&self, node: &Node) -> io::Result<()> {
        let FilesToGo { unnamed, named } = node.files_to_go().map_err(io::Error::other)?;
        let mut settled = Vec::from_iter(named);
        for (hash, bodies) in unnamed {
            if self.remove(&hash)? {
                settled.push((hash, bodies));
            }
        }
        if !settled.is_empty() {
            // Where the node has no time for it, they are found so again.
            let _ = node.files_settled(settled);
        }
        Ok(())
    }

    fn write(&self, part: &std::path::Path, path: &std::path::Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(part, path)?;
        File::open(&self.folder)?.sync_all()
    }

    /// The bytes of a file that are wanted, from where they are, and how long it is; none where it is not here.
    fn read(&self, hash: &[u8; 32], range: Wanted) -> io::Result<Option<(Vec<u8>, u64, u64)>> {
        let mut file = match File::open(self.path(hash)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let size = file.metadata()?.len();
        let (from, upto) = range.within(size);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(upto.saturating_sub(from)).read_to_end(&mut bytes)?;
        Ok(Some((bytes, from, size)))
    }

    fn path(&self, hash: &[u8; 32]) -> PathBuf {
        self.folder.join(hex::encode(hash))
    }
}

/// Sweeps now and then, as long as it is not dropped.
pub(crate) async fn sweep_forever(files: Arc<Files>, node: Node) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        let (files, node) = (files.clone(), node.clone());
        let swept = tokio::task::spawn_blocking(move || files.sweep(&node)).await;
        if let Err(error) = swept.map_err(io::Error::other).and_then(|swept| swept) {
            tracing::warn!(%error, "files that nothing names any more are still here");
        }
    }
}

/// Which bytes are wanted: one range, as RFC 9110 14.1.2 writes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wanted {
    All,
    /// From one on, up to another (inclusive) where it is said.
    From(u64, Option<u64>),
    /// So many at the end.
    Last(u64),
}

impl Wanted {
    /// Several ranges, and what is no range, are the whole file: a server may leave a range unread.
    pub(crate) fn parse(headers: &HeaderMap) -> Self {
        let said = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
        let range = said.and_then(|text| text.strip_prefix("bytes=")).and_then(|text| text.split_once('-'));
        match range {
            Some(("", last)) => last.parse().map_or(Self::All, Self::Last),
            Some((from, "")) => from.parse().map_or(Self::All, |from| Self::From(from, None)),
            Some((from, upto)) => match (from.parse(), upto.parse()) {
                (Ok(from), Ok(upto)) if from <= upto => Self::From(from, Some(upto)),
                _ => Self::All,
            },
            None => Self::All,
        }
    }

    /// From where up to where (exclusive) of a file of this size.
    pub(crate) fn within(self, size: u64) -> (u64, u64) {
        match self {
            Self::All => (0, size),
            Self::From(from, upto) => {
                (from.min(size), upto.map_or(size, |upto| size.min(upto.saturating_add(1))))
            }
            Self::Last(count) => (size.saturating_sub(count), size),
        }
    }
}

/// `GET /files/{hash}/{name}`: to whoever has the link.
pub(crate) async fn serve(
    State(window): State<Window>,
    Path((hash, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let parsed = hex::decode(&hash).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let (Some(hash), Some(files)) = (parsed, window.options.files.clone()) else {
        return ApiError::not_found().into_response();
    };
    let wanted = Wanted::parse(&headers);
    let read = tokio::task::spawn_blocking(move || files.read(&hash, wanted)).await;
    match read.map_err(io::Error::other).and_then(|read| read) {
        Ok(Some((bytes, from, size))) => answer(bytes, from, size, wanted, &name),
        Ok(None) => ApiError::not_here_yet().into_response(),
        Err(error) => {
            tracing::warn!(%error, "a file cannot be read");
            ApiError::from(nexus_core::Refusal::Unavailable).into_response()
        }
    }
}

fn answer(bytes: Vec<u8>, from: u64, size: u64, wanted: Wanted, name: &str) -> Response {
    let whole = wanted == Wanted::All;
    if bytes.is_empty() && !whole {
        let range = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
        return (StatusCode::RANGE_NOT_SATISFIABLE, range).into_response();
    }
    let upto = from + (bytes.len() as u64).saturating_sub(1);
    let kind = kind_of(name);
    let status = if whole { StatusCode::OK } else { StatusCode::PARTIAL_CONTENT };
    let mut response = (status, Bytes::from(bytes)).into_response();
    let headers = response.headers_mut();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, kind.unwrap_or("application/octet-stream"));
    set(header::ACCEPT_RANGES, "bytes");
    set(header::CACHE_CONTROL, "private, max-age=31536000, immutable");
    // What somebody sent is shown, never run, in this page's name.
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    if kind.is_none() {
        set(header::CONTENT_DISPOSITION, "attachment");
    }
    if !whole {
        set(header::CONTENT_RANGE, &format!("bytes {from}-{upto}/{size}"));
    }
    response
}

/// The type of what a browser may show in place, by the end of a name; none: it is saved.
fn kind_of(name: &str) -> Option<&'static str> {
    let end = name.rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match end.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "mp3" => "audio/mpeg",
        "ogg" | "opus" => "audio/ogg",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "txt" | "log" | "md" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_kept_once_by_what_it_is_and_read_in_parts() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::with_room(folder.path().join("files"), 100).unwrap();
        let hash = files.keep(b"hello world").unwrap();
        assert_eq!(files.keep(b"hello world").unwrap(), hash);
        assert_eq!(files.held.load(Ordering::SeqCst), 11, "the same file takes no more room");
        let read = |wanted| files.read(&hash, wanted).unwrap().unwrap();
        assert_eq!(read(Wanted::All), (b"hello world".to_vec(), 0, 11));
        assert_eq!(read(Wanted::From(6, Some(8))).0, b"wor");
        assert_eq!(read(Wanted::From(6, Some(u64::MAX))).0, b"world");
        assert_eq!(read(Wanted::Last(5)).0, b"world");
        assert_eq!(read(Wanted::From(99, None)).0, b"");
        assert!(files.read(&[0; 32], Wanted::All).unwrap().is_none());
    }

    #[test]
    fn past_its_room_nothing_more_is_kept_and_what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::with_room(folder.path().to_owned(), 10).unwrap();
        let hash = files.keep(b"12345678").unwrap();
        assert!(matches!(files.keep(b"123"), Err(KeepError::Full)));
        assert!(files.keep(b"12").is_ok());
        let again = Files::with_room(folder.path().to_owned(), 10).unwrap();
        assert!(matches!(again.keep(b"1"), Err(KeepError::Full)), "a start counts what lies there");
        assert!(again.read(&hash, Wanted::All).unwrap().is_some());
    }

    #[test]
    fn a_range_that_is_none_is_the_whole_file() {
        let parse = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, HeaderValue::from_str(text).unwrap());
            Wanted::parse(&headers)
        };
        assert_eq!(parse("bytes=1-4"), Wanted::From(1, Some(4)));
        assert_eq!(parse("bytes=7-"), Wanted::From(7, None));
        assert_eq!(parse("bytes=-3"), Wanted::Last(3));
        for none in ["bytes=", "bytes=4-1", "bytes=a-b", "lines=1-2", "bytes=1-2,5-6", "bytes=-"] {
            assert_eq!(parse(none), Wanted::All, "{none}");
        }
    }
}
