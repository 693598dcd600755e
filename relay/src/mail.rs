//! Mail that a relay sends: to a server by SMTP (RFC 5321), or, where somebody develops, into a folder.

use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Body, Mailbox, Message};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use std::fmt;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// How mail leaves, and whose it is.
#[derive(Clone)]
pub struct Mail {
    way: Way,
    from: Mailbox,
    /// As people are shown the relay.
    name: String,
    /// Links begin with it.
    base: String,
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// Why no mail can be sent so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// The way is none.
    #[error("not smtp://HOST:PORT, smtps://USER:PASSWORD@HOST, or folder:DIR")]
    Way,
    /// What is sent, a password among it, could be read on its way.
    #[error("unencrypted to another machine: write smtps://, or add ?tls=required for STARTTLS")]
    Readable,
    /// The sender is none.
    #[error("the sender is no e-mail address")]
    From,
}

/// Why a mail was not sent. Neither says whom it was for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("the address is none that mail is sent to")]
    Address,
    #[error("the server took it not (code {code:?})")]
    Server { code: Option<u16>, may_pass: bool },
    #[error("the folder: {0}")]
    Folder(#[from] io::Error),
}

/// Characters of a line (RFC 5322, 2.1.1).
const LINE_MAX: usize = 998;
/// How long a server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

impl Mail {
    /// `way`: `smtp://HOST:PORT` (with `?tls=required` but on this machine), `smtps://USER:PASSWORD@HOST`, or `folder:DIR`.
    ///
    /// # Errors
    /// [`MailError`].
    pub fn new(way: &str, from: &str, name: &str, base: &str) -> Result<Self, MailError> {
        let from = from.parse().map_err(|_| MailError::From)?;
        let way = match way.strip_prefix("folder:") {
            Some("") => return Err(MailError::Way),
            Some(folder) => Way::Folder(PathBuf::from(folder)),
            None => Way::Smtp(server(way)?),
        };
        Ok(Self { way, from, name: name.to_owned(), base: base.trim_end_matches('/').to_owned() })
    }

    /// The link with which somebody chooses another password.
    pub(crate) async fn send_reset(&self, username: &str, to: &str, code: &str) -> Result<(), SendError> {
        let Self { name, base, .. } = self;
        let words = format!(
            "Somebody, probably you, asked for another password for {username} at {name}.\n\n\
             {base}/#reset={code}\n\n\
             The link is good once, for half an hour. Wherever you are signed in you will be signed out.\n\
             If you did not ask, there is nothing to do.\n"
        );
        self.send(to, &format!("Another password at {name}"), words).await
    }

    async fn send(&self, to: &str, subject: &str, words: String) -> Result<(), SendError> {
        let id: u128 = rand::random();
        let host = self.from.email.domain();
        let mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.parse::<Address>().map_err(|_| SendError::Address)?))
            .message_id(Some(format!("<{id:032x}@{host}>")))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body(words))
            .map_err(|_| SendError::Address)?;
        match &self.way {
            Way::Smtp(server) => {
                let sent = server.send(mail).await;
                // The words of a server name whom it was for.
                sent.map(drop).map_err(|error| SendError::Server {
                    code: error.status().map(u16::from),
                    may_pass: !(error.is_permanent() || error.is_client() || error.is_tls()),
                })
            }
            Way::Folder(folder) => {
                let (path, bytes) = (folder.join(format!("{id:032x}.eml")), mail.formatted());
                tokio::task::spawn_blocking(move || write(&path, &bytes))
                    .await
                    .map_err(io::Error::other)??;
                Ok(())
            }
        }
    }
}

/// As it is, where it may go so: a link stays whole for who reads the file of a mail.
fn body(words: String) -> Body {
    let plain = words.is_ascii() && words.lines().all(|line| line.len() <= LINE_MAX);
    if plain {
        let lines = words.replace('\n', "\r\n").into_bytes();
        return Body::dangerous_pre_encoded(lines, ContentTransferEncoding::SevenBit);
    }
    Body::new(words)
}

impl SendError {
    /// Whether the same mail may be sent later: the server said so (RFC 5321, 4.2.1: 4yz), or was not reached.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(self, Self::Server { may_pass: true, .. })
    }
}

/// Whole or not at all: who looks into the folder finds no half of a mail.
fn write(path: &std::path::Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let unfinished = path.with_extension("part");
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    io::Write::write_all(&mut file, bytes)?;
    std::fs::rename(unfinished, path)
}

fn server(text: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    // Read as the library reads it: what is looked at here is where the mail goes.
    let url = Url::parse(text).map_err(|_| MailError::Way)?;
    let tls = url.query_pairs().find(|(key, _)| key == "tls").map(|(_, value)| value.into_owned());
    match (url.scheme(), tls.as_deref()) {
        ("smtps", _) | ("smtp", Some("required")) => {}
        ("smtp", None) if matches!(url.host_str(), Some("localhost" | "127.0.0.1")) => {}
        ("smtp", _) => return Err(MailError::Readable),
        _ => return Err(MailError::Way),
    }
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(text).map_err(|_| MailError::Way)?;
    Ok(builder.timeout(Some(PATIENCE)).build())
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(way: &str) -> Result<Mail, MailError> {
        Mail::new(way, "Relay <relay@example.org>", "Ours", "https://relay.example/")
    }

    #[test]
    fn a_password_goes_unencrypted_to_this_machine_alone() {
        for way in ["smtp://127.0.0.1:25", "smtp://ann:secret@localhost:25"] {
            assert!(mail(way).is_ok(), "{way}");
        }
        for way in ["smtps://ann:secret@mail.example", "smtp://mail.example:587?tls=required"] {
            assert!(mail(way).is_ok(), "{way}");
        }
        for way in [
            "smtp://mail.example:25",
            "smtp://localhost@mail.example",
            "smtp://mail.example/localhost",
            "smtp://mail.example/@localhost",
            "smtp://mail.example?name=?tls=required",
            "smtp://mail.example?tls=opportunistic",
            "smtp://localhost.mail.example",
        ] {
            assert_eq!(mail(way).map(drop), Err(MailError::Readable), "{way}");
        }
        for way in ["", "mail.example", "http://mail.example", "folder:"] {
            assert_eq!(mail(way).map(drop), Err(MailError::Way), "{way}");
        }
        assert_eq!(Mail::new("folder:x", "nobody", "Ours", "x").map(drop), Err(MailError::From));
    }

    #[tokio::test]
    async fn a_mail_in_the_folder_has_its_link_on_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let mail = mail(&format!("folder:{}", folder.path().display())).unwrap();
        let code = "nxw_0123456789012345678901234567890123456789012";
        mail.send_reset("ann", "ann@example.org", code).await.unwrap();
        let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains(&format!("\r\nhttps://relay.example/#reset={code}\r\n")), "{text}");
        assert!(text.contains("To: ann@example.org\r\n"), "{text}");
    }
}
