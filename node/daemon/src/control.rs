//! The socket in the data folder: how the command line speaks to a running program.
//!
//! One JSON line asks, one answers, then the connection ends. Only the folder's owner can reach it (the folder is
//! 0700, the socket 0600). A socket's path may have 107 bytes, a folder's many more, so both sides go through
//! `/proc/self/fd/N/`, a short name of the opened folder.

use crate::door::{Answer, Ask, Door};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};

/// Largest request, bytes.
const ASK_MAX: u64 = 4_096;
/// Largest answer, bytes: a status of many guilds.
const ANSWER_MAX: u64 = 64 * 1024 * 1024;
/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(30);
const NAME: &str = "nexus.sock";

/// Begins to listen. The caller holds the store's lock, so a socket that is there is a dead node's.
///
/// # Errors
/// What the system says.
pub fn listen(data: &Path) -> io::Result<UnixListener> {
    let folder = File::open(data)?;
    let path = short_name(&folder);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers until the caller drops it.
pub async fn serve(listener: UnixListener, door: Door) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let door = door.clone();
                tokio::spawn(async move {
                    // Whoever asks and goes away before the answer loses nothing but the answer.
                    let _ = tokio::time::timeout(PATIENCE, answer(stream, door)).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the control socket refuses a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answer(mut stream: UnixStream, door: Door) -> io::Result<()> {
    let (from, mut to) = stream.split();
    let mut line = String::new();
    BufReader::new(from.take(ASK_MAX)).read_line(&mut line).await?;
    let answer = match Ask::parse(&line) {
        Ok(ask) => ask.carry_out(&door).await,
        Err(error) => Answer::Error(error),
    };
    let mut bytes = serde_json::to_vec(&answer)?;
    bytes.push(b'\n');
    to.write_all(&bytes).await
}

/// Whether a program runs in this folder and listens.
pub async fn is_answered(data: &Path) -> bool {
    let Ok(folder) = File::open(data) else { return false };
    UnixStream::connect(short_name(&folder)).await.is_ok()
}

/// Asks a running program; none where none is running.
///
/// # Errors
/// What the system says, or an answer that is none.
pub async fn ask(data: &Path, ask: &Ask) -> io::Result<Option<Answer>> {
    let folder = match File::open(data) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut stream = match UnixStream::connect(short_name(&folder)).await {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        connected => connected?,
    };
    let mut request = serde_json::to_vec(ask)?;
    request.push(b'\n');
    let talk = async {
        stream.write_all(&request).await?;
        let mut reply = Vec::new();
        stream.take(ANSWER_MAX).read_to_end(&mut reply).await?;
        Ok::<_, io::Error>(serde_json::from_slice(&reply)?)
    };
    tokio::time::timeout(PATIENCE, talk)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
        .map(Some)
}

fn short_name(folder: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_with_a_very_long_path_has_a_socket_too() {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("long".repeat(40)).join("longer".repeat(30));
        std::fs::create_dir_all(&data).unwrap();
        let listener = listen(&data).unwrap();
        let folder = File::open(&data).unwrap();
        let (dialed, accepted) = tokio::join!(UnixStream::connect(short_name(&folder)), listener.accept());
        assert!(dialed.is_ok() && accepted.is_ok());
    }

    #[tokio::test]
    async fn a_dead_nodes_socket_is_taken_over_and_says_that_nobody_runs() {
        let data = tempfile::tempdir().unwrap();
        let listening = listen(data.path()).unwrap();
        assert!(is_answered(data.path()).await);
        drop(listening);
        assert!(!is_answered(data.path()).await);
        assert!(ask(data.path(), &Ask::Status).await.unwrap().is_none());
        assert!(listen(data.path()).is_ok());
    }
}
