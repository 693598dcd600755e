//! Another password by mail. Who asks is answered before anything is looked up: the answer tells nothing, nor does its time.
//!
//! Looking up and sending stand in lines of their own: a mail server that does not answer keeps nobody from being looked up. What
//! finds a line full is dropped, and the log says so; whoever asked learns nothing of it, and asks again.

use super::limits::Limits;
use super::records::{Addressee, Records};
use super::{RelayAccounts, now_ms, passwords, tokens};
use crate::mail::Mail;
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::{Forgot, Reset};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc};

/// Who is asked for and not yet looked up: more than the limit of the whole relay lets through at once.
const ASKED_MAX: usize = 64;
/// Mails that wait for their turn.
const WAITING_MAX: usize = 256;
/// Mails that are on their way at a time, those among them that are tried again.
const AT_ONCE: usize = 16;
/// How long a code is good, ms.
const LASTS_MS: u64 = 30 * 60_000;
/// What lies between the tries of one mail.
const BETWEEN: [Duration; 2] = [Duration::from_secs(2), Duration::from_mins(1)];
/// Bytes of an e-mail address (RFC 5321, 4.5.3.1.3); names are shorter.
const LOGIN_MAX: usize = 254;

/// Begins to send what is asked for, until nobody can ask any more.
pub(super) fn serve(records: Records, limits: Arc<Limits>, mail: Mail) -> mpsc::Sender<String> {
    let (asked, asking) = mpsc::channel(ASKED_MAX);
    let (found, waiting) = mpsc::channel(WAITING_MAX);
    tokio::spawn(look_up(records.clone(), limits, asking, found));
    tokio::spawn(send_each(records, mail, waiting));
    asked
}

async fn look_up(
    records: Records,
    limits: Arc<Limits>,
    mut asking: mpsc::Receiver<String>,
    found: mpsc::Sender<Addressee>,
) {
    while let Some(login) = asking.recv().await {
        // A database that fails has said so to the log.
        for to in records.addressees(&login).await.unwrap_or_default() {
            if limits.is_mailed(to.account, Instant::now()).is_err() || found.try_send(to).is_err() {
                tracing::warn!("a mail is not sent: too many were asked for");
            }
        }
    }
}

async fn send_each(records: Records, mail: Mail, mut waiting: mpsc::Receiver<Addressee>) {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    while let Some(to) = waiting.recv().await {
        let Ok(turn) = turns.clone().acquire_owned().await else { return };
        let (records, mail) = (records.clone(), mail.clone());
        tokio::spawn(async move {
            send(&records, &mail, &to).await;
            drop(turn);
        });
    }
}

/// The code is made when its mail leaves: what was dropped before leaves the one of an earlier mail good.
async fn send(records: &Records, mail: &Mail, to: &Addressee) {
    let code = tokens::reset_code();
    let expires_ms = now_ms().saturating_add(LASTS_MS);
    if records.keep_reset(to.account, &tokens::hash(&code), expires_ms).await.is_err() {
        return;
    }
    let mut waits = BETWEEN.iter();
    while let Err(error) = mail.send_reset(&to.username, &to.email, &code).await {
        tracing::warn!(%error, "a mail was not sent");
        match waits.next() {
            Some(wait) if error.may_pass() => tokio::time::sleep(*wait).await,
            _ => return,
        }
    }
}

impl RelayAccounts {
    pub(super) fn forgot(&self, form: &Forgot) -> Result<(), AuthRefusal> {
        let asked = self.resets.as_ref().ok_or(AuthRefusal::NoMail)?;
        let login = form.login.trim().to_lowercase();
        self.limits.asks_for_a_reset(&login, form.from, Instant::now())?;
        // What is longer is no name and no address.
        if login.len() <= LOGIN_MAX && asked.try_send(login).is_err() {
            tracing::warn!("nobody is looked up: too many mails were asked for");
        }
        Ok(())
    }

    /// Whoever reads the mail chooses the password; a second factor is asked for as before.
    pub(super) async fn reset(&self, form: Reset) -> Result<(), AuthRefusal> {
        self.limits.resets(form.from, Instant::now())?;
        passwords::check(&form.password)?;
        let hash = tokens::hash(&form.code);
        if !self.records.is_reset(&hash, now_ms()).await? {
            return Err(AuthRefusal::ResetCode);
        }
        let secret = self.passwords.hash(form.password).await?;
        let ended = self.records.reset(&hash, &secret, now_ms()).await?.ok_or(AuthRefusal::ResetCode)?;
        for session in ended {
            self.remember_ended(session);
        }
        Ok(())
    }
}
