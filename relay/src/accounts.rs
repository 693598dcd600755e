//! Accounts: registering, logging in, going on, logging out.
//!
//! A login is a session. Its access token is a signed text that lasts minutes and costs no lookup; its refresh token is random,
//! kept as a hash, and gives the next pair once. One that comes a second time was copied by somebody: the session ends for
//! whoever holds it. (So does a client whose answer was lost and who asks again: it logs in anew. Letting the old token pass
//! for a while would let the thief pass too.)

mod connections;
mod erasing;
mod fields;
pub(crate) mod fuzz;
mod invites;
mod limits;
mod oauth;
mod passwords;
mod records;
mod registering;
mod reset;
mod second_factor;
mod sessions;
mod sign_in;
mod taken_home;
mod tokens;

pub use invites::{INVITE_LASTS, make_invite};

use crate::{OpenError, Options, Registration};
use limits::Limits;
use nexus_api::ports::claim::{Claim, Claimed};
use nexus_api::ports::connections::Connections;
use nexus_api::ports::oauth::OAuth;
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::second_factor::{NewFactor, SecondFactor};
use nexus_api::ports::sign_in::{BeginSignIn, FinishSignIn, Newcomer, SignedIn, Unlink};
use nexus_api::ports::{
    AccountFacts, Accounts, Credential, Entered, Erase, Forgot, Granted, Later, Login, Registration as Form,
    Reset, SessionFacts, Spoken,
};
use nexus_api::{end_token, token_of_the_node};
use nexus_core::View;
use nexus_crdt::id::UserId;
use nexus_node::Node;
use oauth::IdKey;
use passwords::{Passwords, Secret};
use records::{Exchanged, Found, Records};
use second_factor::SecondFactors;
use sign_in::SignIns;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokens::{ACCESS_S, Signer};
use tokio::sync::mpsc;

/// The accounts of a relay.
pub(crate) struct RelayAccounts {
    node: Node,
    records: Records,
    passwords: Passwords,
    signer: Signer,
    limits: Arc<Limits>,
    factors: SecondFactors,
    sign_ins: SignIns,
    /// Signs ID tokens.
    id_key: IdKey,
    /// Whoever has forgotten a password is asked for here; none where no mail is sent.
    resets: Option<mpsc::Sender<String>>,
    registration: Registration,
    /// When what is long over was last forgotten, Unix ms.
    forgotten_ms: AtomicU64,
    /// Sessions that ended while an access token of theirs may still be good, and when, Unix ms.
    ended: RwLock<BTreeMap<[u8; 16], u64>>,
    /// One registration at a time finishes: a name gets one account.
    finishing: tokio::sync::Mutex<()>,
}

impl RelayAccounts {
    pub(crate) async fn open(options: Options, node: Node) -> Result<Self, OpenError> {
        let records = Records::open(&options.data, options.database.as_ref()).await?;
        let key = nexus_node::secret_file::keep(&options.data.join("token.key")).map_err(OpenError::Key)?;
        let ended = records.ended_since(now_ms().saturating_sub(ACCESS_S * 1_000)).await?;
        let with_factor = records.with_second_factor().await?;
        let limits = Arc::<Limits>::default();
        let resets = options.mail.map(|mail| reset::serve(records.clone(), limits.clone(), mail));
        Ok(Self {
            node,
            records,
            resets,
            passwords: Passwords::new(),
            signer: Signer::new(&key),
            limits,
            factors: SecondFactors::new(&key, with_factor),
            sign_ins: SignIns::new(options.sign_in.unwrap_or_default()),
            id_key: IdKey::at(&options.data),
            registration: options.registration,
            forgotten_ms: AtomicU64::new(0),
            ended: RwLock::new(ended.into_iter().collect()),
            finishing: tokio::sync::Mutex::new(()),
        })
    }

    pub(crate) async fn close(&self) {
        self.records.close().await;
    }

    async fn enter(&self, form: Login) -> Result<Entered, AuthRefusal> {
        let name = form.login.trim().to_lowercase();
        self.limits.enters(&name, form.from, Instant::now())?;
        // A password no account can have is hashed like any other: the time tells nothing.
        let found = self.records.by_login(&name).await?;
        let secret = found.as_ref().map(|account| account.secret);
        if !self.passwords.matches(form.password, secret).await? {
            return Err(AuthRefusal::Login);
        }
        self.let_in(found.ok_or(AuthRefusal::Login)?).await
    }

    /// Who has shown that an account is theirs: a session, or the ticket of a second factor.
    async fn let_in(&self, account: Found) -> Result<Entered, AuthRefusal> {
        let user = match account.user {
            Some(user) => user,
            None => self.complete_once(&account).await?,
        };
        if let Some(ticket) = self.ticket(&account, &user).await? {
            return Ok(Entered::Ticket(ticket));
        }
        let granted = self.begin(account.id, &account.secret, user).await?;
        Ok(Entered::Granted(granted.ok_or(AuthRefusal::Login)?))
    }

    /// A session of who showed a password; none where the account has another one by now, for then every session has ended.
    async fn begin(
        &self,
        account: i64,
        shown: &Secret,
        user: UserId,
    ) -> Result<Option<Granted>, AuthRefusal> {
        self.forget_now_and_then().await?;
        let session: [u8; 16] = rand::random();
        let refresh = tokens::refresh_token();
        let begun = self.records.begin(account, shown, &session, &tokens::hash(&refresh), now_ms()).await?;
        if begun { self.grant(user, session, refresh).map(Some) } else { Ok(None) }
    }

    async fn go_on(&self, refresh: String) -> Result<Granted, AuthRefusal> {
        self.limits.refreshes(Instant::now())?;
        let next = tokens::refresh_token();
        let exchanged =
            self.records.exchange(&tokens::hash(&refresh), &tokens::hash(&next), now_ms()).await?;
        match exchanged {
            Exchanged::Next { session, user } => self.grant(user, session, next),
            Exchanged::Stolen { session } => {
                tracing::warn!("a refresh token came again after the next was used: its session has ended");
                self.remember_ended(session);
                Err(AuthRefusal::Session)
            }
            Exchanged::Unknown => Err(AuthRefusal::Session),
        }
    }

    async fn end(&self, spoken: Spoken) -> Result<(), AuthRefusal> {
        match spoken.by {
            Credential::Session(session) => {
                self.records.end(&session, now_ms()).await?;
                self.remember_ended(session);
                Ok(())
            }
            Credential::Token(_) => end_token(&self.node, spoken).await,
        }
    }

    /// Each hour at most, by whoever logs in.
    async fn forget_now_and_then(&self) -> Result<(), AuthRefusal> {
        let (now, last) = (now_ms(), self.forgotten_ms.load(Ordering::Relaxed));
        let due = now.saturating_sub(last) >= FORGET_EVERY_MS;
        if due && self.forgotten_ms.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            self.records.forget(now).await?;
        }
        Ok(())
    }

    fn grant(&self, user: UserId, session: [u8; 16], refresh_token: String) -> Result<Granted, AuthRefusal> {
        let token = self.signer.sign(&user, &session, now_ms() / 1_000).ok_or(AuthRefusal::Unavailable)?;
        Ok(Granted { token, refresh_token, expires_in_s: ACCESS_S, user })
    }

    fn remember_ended(&self, session: [u8; 16]) {
        let now = now_ms();
        let mut ended = self.ended.write().unwrap_or_else(PoisonError::into_inner);
        ended.retain(|_, at| now.saturating_sub(*at) <= 2 * ACCESS_S * 1_000);
        ended.insert(session, now);
    }

    fn is_ended(&self, session: &[u8; 16]) -> bool {
        self.ended.read().unwrap_or_else(PoisonError::into_inner).contains_key(session)
    }
}

impl Accounts for RelayAccounts {
    fn authenticate(&self, view: &View, token: &str) -> Option<Spoken> {
        let Some((user, session)) = self.signer.read(token, now_ms() / 1_000) else {
            return token_of_the_node(view, token);
        };
        let stands = !self.is_ended(&session) && view.local.contains(&user);
        stands.then_some(Spoken { user, by: Credential::Session(session) })
    }

    fn stands(&self, view: &View, credential: &Credential) -> bool {
        match credential {
            Credential::Token(token) => view.tokens.contains_key(token),
            Credential::Session(session) => !self.is_ended(session),
        }
    }

    fn register(&self, form: Form) -> Later<'_, Result<Granted, AuthRefusal>> {
        Box::pin(self.make(form))
    }

    fn login(&self, form: Login) -> Later<'_, Result<Entered, AuthRefusal>> {
        Box::pin(self.enter(form))
    }

    fn show_second_factor(&self, shown: SecondFactor) -> Later<'_, Result<Granted, AuthRefusal>> {
        Box::pin(self.enter_with(shown))
    }

    fn has_second_factor(&self, user: &UserId) -> bool {
        self.has_factor(user)
    }

    fn add_second_factor(
        &self,
        spoken: Spoken,
        form: NewFactor,
    ) -> Later<'_, Result<Vec<String>, AuthRefusal>> {
        Box::pin(self.add_factor(spoken, form))
    }

    fn drop_second_factor(&self, spoken: Spoken, code: String) -> Later<'_, Result<(), AuthRefusal>> {
        Box::pin(async move { self.drop_factor(spoken, &code).await })
    }

    fn renew_recovery_codes(
        &self,
        spoken: Spoken,
        password: String,
    ) -> Later<'_, Result<Vec<String>, AuthRefusal>> {
        Box::pin(self.other_codes(spoken, password))
    }

    fn erase_account(&self, spoken: Spoken, form: Erase) -> Later<'_, Result<(), AuthRefusal>> {
        Box::pin(self.erase(spoken, form))
    }

    fn forgot_password(&self, form: Forgot) -> Later<'_, Result<(), AuthRefusal>> {
        Box::pin(async move { self.forgot(&form) })
    }

    fn reset_password(&self, form: Reset) -> Later<'_, Result<(), AuthRefusal>> {
        Box::pin(self.reset(form))
    }

    fn begin_sign_in(&self, form: BeginSignIn) -> Later<'_, Result<String, AuthRefusal>> {
        Box::pin(self.begin_elsewhere(form))
    }

    fn finish_sign_in(&self, form: FinishSignIn) -> Later<'_, Result<SignedIn, AuthRefusal>> {
        Box::pin(self.finish_elsewhere(form))
    }

    fn register_newcomer(&self, form: Newcomer) -> Later<'_, Result<Granted, AuthRefusal>> {
        Box::pin(self.make_from_elsewhere(form))
    }

    fn unlink(&self, form: Unlink) -> Later<'_, Result<(), AuthRefusal>> {
        Box::pin(self.part_from(form))
    }

    fn account(&self, spoken: Spoken) -> Later<'_, Result<AccountFacts, AuthRefusal>> {
        Box::pin(self.facts_of(spoken))
    }

    fn refresh(&self, refresh: String) -> Later<'_, Result<Granted, AuthRefusal>> {
        Box::pin(self.go_on(refresh))
    }

    fn claim(&self, spoken: Spoken, form: Claim) -> Later<'_, Result<Claimed, AuthRefusal>> {
        Box::pin(self.take_home(spoken, form))
    }

    fn sessions(&self, spoken: Spoken) -> Later<'_, Result<Vec<SessionFacts>, AuthRefusal>> {
        Box::pin(self.sessions_of(spoken))
    }

    fn end_session(&self, spoken: Spoken, session: [u8; 16]) -> Later<'_, Result<(), AuthRefusal>> {
        Box::pin(self.end_one(spoken, session))
    }

    fn change_password(
        &self,
        spoken: Spoken,
        old: String,
        new: String,
    ) -> Later<'_, Result<(), AuthRefusal>> {
        Box::pin(self.change(spoken, old, new))
    }

    fn logout(&self, spoken: Spoken) -> Later<'_, Result<(), AuthRefusal>> {
        Box::pin(self.end(spoken))
    }

    fn oauth(&self) -> Option<&dyn OAuth> {
        Some(self)
    }

    fn connections(&self) -> Option<&dyn Connections> {
        Some(self)
    }
}

impl From<sqlx::Error> for StoreRefusal {
    fn from(error: sqlx::Error) -> Self {
        // The words of a database name tables, files and hosts, never what is in them.
        tracing::error!(%error, "the accounts cannot be read or written");
        Self
    }
}

/// The database failed.
struct StoreRefusal;

impl From<StoreRefusal> for AuthRefusal {
    fn from(_: StoreRefusal) -> Self {
        Self::Unavailable
    }
}

const FORGET_EVERY_MS: u64 = 3_600_000;

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
