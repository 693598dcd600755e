//! A second factor beside the password: the code of an authenticator ([`totp`]), or a recovery code.
//!
//! With one, a right password gives a ticket instead of a session; ticket and code together give the session. A code is good
//! once. The shared secret lies sealed under a key that is not in the database: who copies the database makes no codes.

mod recovery;
mod ticket;
mod totp;

use super::records::Found;
use super::{RelayAccounts, now_ms};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::second_factor::{NewFactor, SecondFactor};
use nexus_api::ports::{AccountFacts, Granted, Spoken};
use nexus_crdt::id::UserId;
use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};
use std::time::Instant;
use ticket::Tickets;
use totp::Shared;

/// What second factors are checked with, and whose accounts have one.
pub(super) struct SecondFactors {
    tickets: Tickets,
    sealing: [u8; 32],
    hashing: [u8; 32],
    with: RwLock<BTreeSet<UserId>>,
}

/// What is typed and shown to be let in, for `testnet/fuzz`.
pub(super) fn fuzz(secret: &str, code: &str, recovery_code: &str, ticket: &str) {
    const NOW_MS: u64 = 1_111_111_111_000;
    if let Some(shared) = Shared::parse(secret) {
        let step = shared.step_of(code, NOW_MS);
        assert!(step.is_none_or(|step| step.abs_diff(NOW_MS / 30_000) <= 1 && code.len() == 6));
    }
    let kept = recovery::hash(&[7; 32], 1, recovery_code);
    assert!(kept.is_none() || kept == recovery::hash(&[7; 32], 1, &recovery_code.to_ascii_uppercase()));
    let secret = super::passwords::Secret { salt: [2; 16], hash: [3; 32] };
    let read = Tickets::read(ticket);
    assert!(!read.is_some_and(|read| Tickets::new(&[7; 32]).is_good(&read, &secret, 0)), "nobody gave it");
}

/// Bytes of a nonce before what it seals.
const NONCE: usize = 24;

impl SecondFactors {
    pub(super) fn new(key: &[u8; 32], with: Vec<UserId>) -> Self {
        Self {
            tickets: Tickets::new(key),
            sealing: blake3::derive_key("nexus-relay second factor 1", key),
            hashing: blake3::derive_key("nexus-relay recovery code 1", key),
            with: RwLock::new(with.into_iter().collect()),
        }
    }

    /// The same account only opens it: rows are not swapped.
    fn seal(&self, account: i64, shared: &Shared) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload { msg: shared.bytes(), aad: &account.to_be_bytes() };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    fn open(&self, account: i64, sealed: &[u8]) -> Option<Shared> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: &account.to_be_bytes() };
        Shared::from_bytes(self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()?)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.sealing.into())
    }

    fn hashes(&self, account: i64, codes: &[String]) -> Vec<[u8; 32]> {
        codes.iter().filter_map(|code| recovery::hash(&self.hashing, account, code)).collect()
    }

    fn note(&self, user: UserId, has: bool) {
        let mut with = self.with.write().unwrap_or_else(PoisonError::into_inner);
        if has {
            with.insert(user)
        } else {
            with.remove(&user)
        };
    }

    fn has(&self, user: &UserId) -> bool {
        self.with.read().unwrap_or_else(PoisonError::into_inner).contains(user)
    }
}

impl RelayAccounts {
    pub(super) fn has_factor(&self, user: &UserId) -> bool {
        self.factors.has(user)
    }

    pub(super) fn forget_factor(&self, user: UserId) {
        self.factors.note(user, false);
    }

    /// The ticket of who knows an account's password, where that is not enough.
    pub(super) async fn ticket(&self, account: &Found, user: &UserId) -> Result<Option<String>, AuthRefusal> {
        let factor = self.records.second_factor(account.id).await?;
        Ok(factor.map(|_| self.factors.tickets.give(user, &account.secret, now_ms())))
    }

    /// Ticket and code: the session.
    pub(super) async fn enter_with(&self, shown: SecondFactor) -> Result<Granted, AuthRefusal> {
        let ticket = Tickets::read(&shown.ticket).ok_or(AuthRefusal::Ticket)?;
        let account = self.records.by_user(&ticket.user).await?.ok_or(AuthRefusal::Ticket)?;
        if !self.factors.tickets.is_good(&ticket, &account.secret, now_ms()) {
            return Err(AuthRefusal::Ticket);
        }
        self.show(&account, &shown.code).await?;
        self.begin(account.id, &account.secret, ticket.user).await?.ok_or(AuthRefusal::Ticket)
    }

    /// An authenticator is added by who knows the password and shows a code of it. Gives the recovery codes.
    pub(super) async fn add_factor(
        &self,
        spoken: Spoken,
        form: NewFactor,
    ) -> Result<Vec<String>, AuthRefusal> {
        let (_, account) = self.by_session(spoken).await?;
        self.check_password(&account, form.password).await?;
        let shared = Shared::parse(&form.secret).ok_or(AuthRefusal::Secret)?;
        let step = shared.step_of(&form.code, now_ms()).ok_or(AuthRefusal::Code)?;
        let sealed = self.factors.seal(account.id, &shared).ok_or(AuthRefusal::Unavailable)?;
        let codes = recovery::make();
        let hashes = self.factors.hashes(account.id, &codes);
        if !self.records.keep_second_factor(account.id, &sealed, step, &hashes, now_ms()).await? {
            return Err(AuthRefusal::HasFactor);
        }
        self.factors.note(spoken.user, true);
        Ok(codes)
    }

    /// It goes with a code of it, or a recovery code.
    pub(super) async fn drop_factor(&self, spoken: Spoken, code: &str) -> Result<(), AuthRefusal> {
        let (_, account) = self.by_session(spoken).await?;
        self.show(&account, code).await?;
        self.records.drop_second_factor(account.id).await?;
        self.factors.note(spoken.user, false);
        Ok(())
    }

    /// Other recovery codes, for who knows the password; those there were open nothing any more.
    pub(super) async fn other_codes(
        &self,
        spoken: Spoken,
        password: String,
    ) -> Result<Vec<String>, AuthRefusal> {
        let (_, account) = self.by_session(spoken).await?;
        self.check_password(&account, password).await?;
        if self.records.second_factor(account.id).await?.is_none() {
            return Err(AuthRefusal::NoFactor);
        }
        let codes = recovery::make();
        self.records.renew_codes(account.id, &self.factors.hashes(account.id, &codes)).await?;
        Ok(codes)
    }

    pub(super) async fn facts_of(&self, spoken: Spoken) -> Result<AccountFacts, AuthRefusal> {
        let (_, account) = self.by_session(spoken).await?;
        let (email, recovery_codes) = self.records.facts(account.id).await?;
        let (password, sign_ins) = self.ways_in(account.id).await?;
        Ok(AccountFacts {
            username: account.username.to_string(),
            email,
            second_factor: self.factors.has(&spoken.user),
            recovery_codes,
            password,
            sign_ins,
        })
    }

    /// A code is shown: good once, and tried seldom.
    pub(super) async fn show(&self, account: &Found, code: &str) -> Result<(), AuthRefusal> {
        let sealed = self.records.second_factor(account.id).await?.ok_or(AuthRefusal::NoFactor)?;
        self.limits.shows_a_code(account.username.as_str(), Instant::now())?;
        let shared = self.factors.open(account.id, &sealed).ok_or(AuthRefusal::Unavailable)?;
        let code = code.trim();
        let good = if let Some(step) = shared.step_of(code, now_ms()) {
            self.records.use_step(account.id, step).await?
        } else if let Some(hash) = recovery::hash(&self.factors.hashing, account.id, code) {
            self.records.use_code(account.id, &hash, now_ms()).await?
        } else {
            false
        };
        if good { Ok(()) } else { Err(AuthRefusal::Code) }
    }
}
