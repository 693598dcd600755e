//! Signing in elsewhere: begun by a window, led through a provider, finished by the same window.
//!
//! What comes back from the provider is worth nothing to another browser than the one that began ([RFC 9700], 4.7): the window makes
//! a secret, keeps it where pages of other origins do not reach, and shows it at both ends; no cookie has a part in it. An account is
//! found by who somebody is at the provider and by nothing else: an e-mail address that is the same finds nobody.
//!
//! [RFC 9700]: https://www.rfc-editor.org/rfc/rfc9700

mod kept;

use super::fields::Username;
use super::passwords::Secret;
use super::records::{Claimant, NameClaim, Unlinked};
use super::registering::email_of;
use super::{RelayAccounts, now_ms, tokens};
use crate::sign_in::{Elsewhere, Fresh, Provider, ProviderError, SignIn};
use kept::Kept;
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::sign_in::{BeginSignIn, FinishSignIn, Newcomer, SignInFor, SignedIn, Unlink};
use nexus_api::ports::{Entered, Granted, Spoken};
use std::time::Instant;

/// Providers, and what is under way.
pub(super) struct SignIns {
    providers: SignIn,
    /// By their `state`.
    begun: Kept<Begun>,
    /// Who is known elsewhere and has no account here, by their ticket.
    newcomers: Kept<Elsewhere>,
    /// Accounts whose owner has just signed in once more, by the proof of it.
    proofs: Kept<i64>,
}

/// A sign-in that has begun.
#[derive(Clone)]
struct Begun {
    provider: String,
    fresh: Fresh,
    /// Of the window's secret.
    window: [u8; 32],
    purpose: Purpose,
}

#[derive(Clone, Copy)]
enum Purpose {
    Enter,
    Link(Spoken),
    Confirm(Spoken),
}

impl SignIns {
    pub(super) fn new(providers: SignIn) -> Self {
        let (begun, newcomers, proofs) = (Kept::new("nxs_"), Kept::new("nxn_"), Kept::new("nxp_"));
        Self { providers, begun, newcomers, proofs }
    }

    /// Whether a text is a proof of this account; good once.
    pub(super) fn is_proof(&self, text: &str, account: i64) -> bool {
        self.proofs.take(text, now_ms()) == Some(account)
    }

    /// Discord's word for where an issuer is.
    pub(super) fn service(&self, issuer: &str) -> Option<&'static str> {
        self.providers.iter().find(|provider| provider.issuer() == issuer).and_then(Provider::service)
    }

    /// The issuer that Discord's word means.
    pub(super) fn issuer_of(&self, service: &str) -> Option<&str> {
        let mut all = self.providers.iter();
        all.find(|provider| provider.service() == Some(service)).map(Provider::issuer)
    }

    fn provider(&self, id: &str) -> Result<&Provider, AuthRefusal> {
        self.providers.get(id).ok_or(AuthRefusal::NoProvider)
    }
}

impl RelayAccounts {
    /// Where the window goes to.
    pub(super) async fn begin_elsewhere(&self, form: BeginSignIn) -> Result<String, AuthRefusal> {
        let provider = self.sign_ins.provider(&form.provider)?;
        self.limits.signs_in(form.from, Instant::now())?;
        let purpose = match form.purpose {
            SignInFor::Entering => Purpose::Enter,
            SignInFor::Confirming(spoken) => Purpose::Confirm(spoken),
            SignInFor::Linking { spoken, password } => {
                let (_, account) = self.by_session(spoken).await?;
                // A token that was copied adds no way in.
                self.check_password(&account, password).await?;
                Purpose::Link(spoken)
            }
        };
        let (fresh, window) = (Fresh::new(), tokens::hash(&form.secret));
        let begun = Begun { provider: provider.id.clone(), fresh: fresh.clone(), window, purpose };
        let state = self.sign_ins.begun.keep(begun, now_ms())?;
        provider.door(&state, &fresh).await.map_err(|error| told(provider, &error))
    }

    /// Who came back.
    pub(super) async fn finish_elsewhere(&self, form: FinishSignIn) -> Result<SignedIn, AuthRefusal> {
        let provider = self.sign_ins.provider(&form.provider)?;
        self.limits.signs_in(form.from, Instant::now())?;
        let begun = self.sign_ins.begun.look(&form.state, now_ms()).ok_or(AuthRefusal::SignIn)?;
        if let (Purpose::Link(_) | Purpose::Confirm(_), None) = (begun.purpose, form.spoken) {
            // Their access token has become old: they come again with the next one.
            return Err(AuthRefusal::Session);
        }
        // Of two who come with it, one is first.
        let begun = self.sign_ins.begun.take(&form.state, now_ms()).ok_or(AuthRefusal::SignIn)?;
        let is_theirs = match begun.purpose {
            Purpose::Enter => true,
            Purpose::Link(spoken) | Purpose::Confirm(spoken) => form.spoken == Some(spoken),
        };
        // RFC 9207: where the provider names itself, it is itself.
        let is_its = form.issuer.as_deref().is_none_or(|issuer| issuer == provider.issuer());
        if begun.provider != provider.id
            || begun.window != tokens::hash(&form.secret)
            || !is_theirs
            || !is_its
        {
            return Err(AuthRefusal::SignIn);
        }
        let person =
            provider.whose(&form.code, &begun.fresh).await.map_err(|error| told(provider, &error))?;
        match begun.purpose {
            Purpose::Enter => self.enter_from(person).await,
            Purpose::Link(spoken) => self.link_with(spoken, &person.elsewhere).await,
            Purpose::Confirm(spoken) => self.confirm_by(spoken, &person.elsewhere).await,
        }
    }

    async fn enter_from(&self, person: crate::sign_in::Person) -> Result<SignedIn, AuthRefusal> {
        if let Some(account) = self.records.by_elsewhere(&person.elsewhere).await? {
            return Ok(match self.let_in(account).await? {
                Entered::Granted(granted) => SignedIn::Granted(granted),
                Entered::Ticket(ticket) => SignedIn::Ticket(ticket),
            });
        }
        if self.registration == crate::Registration::Closed {
            return Err(AuthRefusal::Closed);
        }
        let username = person.name.as_deref().and_then(Username::near).map(|name| name.to_string());
        let ticket = self.sign_ins.newcomers.keep(person.elsewhere, now_ms())?;
        Ok(SignedIn::Newcomer { ticket, username, email: person.email })
    }

    async fn link_with(&self, spoken: Spoken, elsewhere: &Elsewhere) -> Result<SignedIn, AuthRefusal> {
        let (_, account) = self.by_session(spoken).await?;
        if self.records.link(account.id, elsewhere, now_ms()).await? {
            return Ok(SignedIn::Linked);
        }
        let there = self.records.by_elsewhere(elsewhere).await?;
        let is_theirs = there.is_some_and(|there| there.id == account.id);
        if is_theirs { Ok(SignedIn::Linked) } else { Err(AuthRefusal::Elsewhere) }
    }

    async fn confirm_by(&self, spoken: Spoken, elsewhere: &Elsewhere) -> Result<SignedIn, AuthRefusal> {
        let (_, account) = self.by_session(spoken).await?;
        let there = self.records.by_elsewhere(elsewhere).await?;
        if there.is_none_or(|there| there.id != account.id) {
            return Err(AuthRefusal::NotTheirs);
        }
        Ok(SignedIn::Proof(self.sign_ins.proofs.keep(account.id, now_ms())?))
    }

    /// An account of who is known elsewhere. Nobody knows a password of it, for there is none.
    pub(super) async fn make_from_elsewhere(&self, form: Newcomer) -> Result<Granted, AuthRefusal> {
        let elsewhere = self.sign_ins.newcomers.look(&form.ticket, now_ms()).ok_or(AuthRefusal::SignIn)?;
        let invite = self.invited_by(form.invite.as_deref())?;
        let username = Username::parse(&form.username).ok_or(AuthRefusal::Name)?;
        let email = email_of(form.email.as_deref())?;
        self.limits.registers(form.from, Instant::now())?;
        let secret = Secret { salt: rand::random(), hash: rand::random() };
        let _one = self.finishing.lock().await;
        let claimant = Claimant {
            email: email.as_ref(),
            secret: &secret,
            elsewhere: Some(&elsewhere),
            invite: invite.as_ref(),
        };
        let claimed = self.records.claim(&username, claimant, now_ms()).await?;
        match claimed {
            NameClaim::New(account) => {
                self.sign_ins.newcomers.take(&form.ticket, now_ms());
                self.finish(account, &username, &secret).await
            }
            // One that was begun and not finished is its owner's, who comes in by what they are known by.
            NameClaim::Taken | NameClaim::Unfinished(_) => Err(AuthRefusal::Taken),
            NameClaim::Uninvited => Err(AuthRefusal::Uninvited),
            NameClaim::Known => Err(AuthRefusal::Elsewhere),
        }
    }

    /// A way in goes; not the last one.
    pub(super) async fn part_from(&self, form: Unlink) -> Result<(), AuthRefusal> {
        let provider = self.sign_ins.provider(&form.provider)?;
        let (_, account) = self.by_session(form.spoken).await?;
        self.check_password(&account, form.password).await?;
        let open: Vec<&str> = self.sign_ins.providers.iter().map(Provider::issuer).collect();
        match self.records.unlink(account.id, provider.issuer(), &open).await? {
            Unlinked::Done => Ok(()),
            Unlinked::NotThere => Err(AuthRefusal::NoProvider),
            Unlinked::Last => Err(AuthRefusal::LastWay),
        }
    }

    /// Whether somebody has a password, and the ids of providers that they come in by.
    pub(super) async fn ways_in(&self, account: i64) -> Result<(bool, Vec<String>), AuthRefusal> {
        let (password, issuers) = self.records.ways_in(account).await?;
        let linked = self.sign_ins.providers.iter().filter(|it| issuers.iter().any(|one| one == it.issuer()));
        Ok((password, linked.map(|provider| provider.id.clone()).collect()))
    }
}

/// To the log, in words without secrets; to whoever asked, that it did not work.
fn told(provider: &Provider, error: &ProviderError) -> AuthRefusal {
    tracing::warn!(provider = %provider.id, %error, "nobody was signed in");
    match error {
        ProviderError::Silent(_) => AuthRefusal::Provider,
        ProviderError::Refused(_) => AuthRefusal::SignIn,
    }
}
