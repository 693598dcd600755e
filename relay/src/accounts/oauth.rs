//! Signing in to others' applications: OAuth 2.0 (RFC 6749), as [RFC 9700] would have it done today.
//!
//! A consent is one row: first a code, good once and for a minute, then one access token and one refresh token at a time. A code that
//! comes a second time, or without its proof, and a refresh token that was used before were copied by somebody: the row goes, and
//! with it whatever came of it. Everything in it is a hash. A token of these speaks for nobody at any other door than those that ask
//! for a scope: [`super::tokens`] does not know it.
//!
//! [RFC 9700]: https://www.rfc-editor.org/rfc/rfc9700

mod key;
mod redirect;

pub(super) use key::IdKey;

use super::records::{Consent, Next, Taken};
use super::{RelayAccounts, StoreRefusal, now_ms, tokens};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nexus_api::ports::oauth::{
    Asked, Authorization, Authorized, Client, ClientChange, ClientFacts, OAuth, OAuthRefusal, PublicKey,
    Scopes, Shown, Tokens,
};
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::{Credential, Later, Spoken};
use nexus_crdt::id::UserId;
use sha2::{Digest as _, Sha256};
use std::time::Instant;

/// How long a code is good, ms: RFC 6749 (4.1.2) recommends ten minutes at most; a browser takes a second.
const CODE_MS: u64 = 60_000;
/// How long an access token is good, seconds: a week, as Discord's.
const ACCESS_S: u64 = 7 * 24 * 3_600;
/// Bytes of a nonce that is kept.
const NONCE_MAX: usize = 256;

impl RelayAccounts {
    async fn change_client(
        &self,
        application: UserId,
        change: ClientChange,
    ) -> Result<ClientFacts, OAuthRefusal> {
        let mut facts = self.records.client(&application).await?.facts;
        if let Some(redirects) = change.redirects {
            redirect::check(&redirects)?;
            facts.redirects = redirects;
        }
        facts.public = change.public.unwrap_or(facts.public);
        self.records.set_client(&application, &facts).await?;
        Ok(facts)
    }

    async fn other_secret(&self, application: UserId) -> Result<String, OAuthRefusal> {
        let secret = text("nxk_");
        self.records.set_client_secret(&application, &tokens::hash(&secret)).await?;
        Ok(secret)
    }

    /// The redirect before anything else: where it is not the application's own, nobody is sent there, not even with an error.
    async fn look_at(&self, asked: &Asked) -> Result<(), OAuthRefusal> {
        let facts = self.records.client(&asked.application).await?.facts;
        if !facts.redirects.contains(&asked.redirect) {
            return Err(OAuthRefusal::Redirect);
        }
        match &asked.challenge {
            None if facts.public => Err(OAuthRefusal::NoChallenge),
            Some(challenge) if URL_SAFE_NO_PAD.decode(challenge).map_or(0, |hash| hash.len()) != 32 => {
                Err(OAuthRefusal::Challenge)
            }
            _ if asked.nonce.as_ref().is_some_and(|nonce| nonce.len() > NONCE_MAX) => {
                Err(OAuthRefusal::Nonce)
            }
            _ => Ok(()),
        }
    }

    async fn say_yes(&self, spoken: Spoken, asked: Asked) -> Result<String, OAuthRefusal> {
        let Credential::Session(session) = spoken.by else { return Err(OAuthRefusal::Session) };
        self.limits.consents(&spoken.user, Instant::now())?;
        self.look_at(&asked).await?;
        self.forget_now_and_then().await?;
        let (code, now) = (text("nxc_"), now_ms());
        let consent = Consent {
            application: &asked.application,
            scopes: asked.scopes,
            code: tokens::hash(&code),
            redirect: &asked.redirect,
            challenge: asked.challenge.as_deref(),
            nonce: asked.nonce.as_deref(),
            expires_ms: now.saturating_add(CODE_MS),
        };
        if self.records.consent(&session, consent, now).await? {
            Ok(code)
        } else {
            Err(OAuthRefusal::Session)
        }
    }

    /// Whether it is the application that it says it is; whether it keeps no secret.
    async fn is_client(&self, client: &Client) -> Result<bool, OAuthRefusal> {
        self.limits.exchanges(&client.application, client.from, Instant::now())?;
        let known = self.records.client(&client.application).await?;
        let same = |secret: &String| {
            known.secret.is_some_and(|kept| {
                blake3::Hash::from_bytes(kept) == blake3::Hash::from_bytes(tokens::hash(secret))
            })
        };
        match &client.secret {
            None if known.facts.public => Ok(true),
            Some(secret) if same(secret) => Ok(false),
            _ => Err(OAuthRefusal::Client),
        }
    }

    async fn give(&self, client: Client, shown: Shown) -> Result<Tokens, OAuthRefusal> {
        let is_public = self.is_client(&client).await?;
        let (of, now, access) = (client.application, now_ms(), text("nxo_"));
        let next = |refresh: Option<&[u8; 32]>| Next {
            access: tokens::hash(&access),
            refresh: refresh.map(|secret| *blake3::hash(secret).as_bytes()),
            expires_ms: now.saturating_add(ACCESS_S * 1_000),
        };
        let secret: [u8; 32] = rand::random();
        let taken = match shown {
            Shown::Code { code, redirect, verifier } => {
                let fits = |kept: &str, challenge: Option<&str>| {
                    redirect.as_deref() == Some(kept) && is_proof(verifier.as_deref(), challenge)
                };
                self.records.take_code(&of, &tokens::hash(&code), fits, &next(Some(&secret)), now).await?
            }
            Shown::Refresh(token) => {
                let (id, used) = refresh_parts(&token).ok_or(OAuthRefusal::Grant)?;
                self.records.take_refresh(&of, &id, &used, &next(Some(&secret)), now).await?
            }
            Shown::Itself(_) if is_public => return Err(OAuthRefusal::Unauthorized),
            Shown::Itself(scopes) => {
                let next = next(None);
                return self.give_itself(of, scopes, access, &next).await;
            }
        };
        match taken {
            Taken::Granted(granted) => Ok(Tokens {
                access,
                refresh: Some(refresh_text(&granted.id, &secret)),
                expires_in_s: ACCESS_S,
                user: granted.user,
                scopes: granted.scopes,
                nonce: granted.nonce,
                consented_ms: granted.made_ms,
            }),
            Taken::Ended => {
                tracing::warn!(
                    "an application's code or token came twice, late or without its proof: what came of it has ended"
                );
                Err(OAuthRefusal::Grant)
            }
            Taken::Unknown => Err(OAuthRefusal::Grant),
        }
    }

    async fn give_itself(
        &self,
        application: UserId,
        scopes: Scopes,
        access: String,
        next: &Next,
    ) -> Result<Tokens, OAuthRefusal> {
        let owner = self.node.view().applications.get(&application).map(|known| known.owner);
        let user = owner.ok_or(OAuthRefusal::Client)?;
        let now = now_ms();
        if !self.records.grant_itself(&user, &application, scopes, next, now).await? {
            return Err(OAuthRefusal::Unauthorized);
        }
        let (refresh, nonce) = (None, None);
        Ok(Tokens { access, refresh, expires_in_s: ACCESS_S, user, scopes, nonce, consented_ms: now })
    }

    async fn take_back(&self, client: Client, token: String) -> Result<(), OAuthRefusal> {
        self.is_client(&client).await?;
        let access = tokens::hash(&token);
        Ok(self.records.revoke(&client.application, &access, refresh_parts(&token)).await?)
    }

    async fn of_account(&self, spoken: Spoken) -> Result<i64, OAuthRefusal> {
        Ok(self.by_session(spoken).await?.1.id)
    }
}

impl OAuth for RelayAccounts {
    fn forget(&self, application: UserId) -> Later<'_, Result<(), OAuthRefusal>> {
        Box::pin(async move { Ok(self.records.forget_client(&application).await?) })
    }

    fn client(&self, application: UserId) -> Later<'_, Result<ClientFacts, OAuthRefusal>> {
        Box::pin(async move { Ok(self.records.client(&application).await?.facts) })
    }

    fn set_client(
        &self,
        application: UserId,
        change: ClientChange,
    ) -> Later<'_, Result<ClientFacts, OAuthRefusal>> {
        Box::pin(self.change_client(application, change))
    }

    fn reset_secret(&self, application: UserId) -> Later<'_, Result<String, OAuthRefusal>> {
        Box::pin(self.other_secret(application))
    }

    fn look(&self, asked: Asked) -> Later<'_, Result<(), OAuthRefusal>> {
        Box::pin(async move { self.look_at(&asked).await })
    }

    fn consent(&self, spoken: Spoken, asked: Asked) -> Later<'_, Result<String, OAuthRefusal>> {
        Box::pin(self.say_yes(spoken, asked))
    }

    fn exchange(&self, client: Client, shown: Shown) -> Later<'_, Result<Tokens, OAuthRefusal>> {
        Box::pin(self.give(client, shown))
    }

    fn revoke(&self, client: Client, token: String) -> Later<'_, Result<(), OAuthRefusal>> {
        Box::pin(self.take_back(client, token))
    }

    fn authorization(&self, token: String) -> Later<'_, Result<Option<Authorization>, OAuthRefusal>> {
        Box::pin(async move { Ok(self.records.by_access(&tokens::hash(&token), now_ms()).await?) })
    }

    fn authorized(&self, spoken: Spoken) -> Later<'_, Result<Vec<Authorized>, OAuthRefusal>> {
        Box::pin(async move { Ok(self.records.authorized(self.of_account(spoken).await?).await?) })
    }

    fn part(&self, spoken: Spoken, application: UserId) -> Later<'_, Result<(), OAuthRefusal>> {
        Box::pin(async move {
            let parted = self.records.part(self.of_account(spoken).await?, &application).await?;
            if parted { Ok(()) } else { Err(OAuthRefusal::Grant) }
        })
    }

    fn email(&self, user: UserId) -> Later<'_, Result<Option<String>, OAuthRefusal>> {
        Box::pin(async move { Ok(self.records.email(&user).await?) })
    }

    fn sign(&self, claims: String) -> Later<'_, Result<String, OAuthRefusal>> {
        Box::pin(async move { self.id_key.sign(&claims).await })
    }

    fn public_key(&self) -> Later<'_, Result<PublicKey, OAuthRefusal>> {
        Box::pin(self.id_key.public())
    }
}

impl From<StoreRefusal> for OAuthRefusal {
    fn from(refusal: StoreRefusal) -> Self {
        AuthRefusal::from(refusal).into()
    }
}

/// A new secret of ours.
fn text(mark: &str) -> String {
    format!("{mark}{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

/// RFC 7636, 4.6. One that was not asked for is wrong too: else a code would pass for one without a challenge (RFC 9700, 2.1.1).
fn is_proof(verifier: Option<&str>, challenge: Option<&str>) -> bool {
    match (verifier, challenge) {
        (None, None) => true,
        (Some(verifier), Some(challenge)) => {
            URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == challenge
        }
        _ => false,
    }
}

/// A refresh token names its consent, so that one that was used before is known for what it is and nothing of it is kept.
fn refresh_text(id: &[u8; 16], secret: &[u8; 32]) -> String {
    format!("{REFRESH}{}", URL_SAFE_NO_PAD.encode([&id[..], secret].concat()))
}

/// The consent, and the hash of what follows.
fn refresh_parts(token: &str) -> Option<([u8; 16], [u8; 32])> {
    // 48 bytes are 64 characters.
    let rest = token.strip_prefix(REFRESH).filter(|rest| rest.len() == 64)?;
    let bytes = URL_SAFE_NO_PAD.decode(rest).ok()?;
    let (id, secret) = bytes.split_first_chunk::<16>()?;
    Some((*id, *blake3::hash(secret).as_bytes()))
}

const REFRESH: &str = "nxg_";

/// What comes with a grant, for `testnet/fuzz`.
pub(super) fn fuzz(refresh: &str, verifier: &str, challenge: &str, address: &str) {
    if let Some((id, _)) = refresh_parts(refresh) {
        let encoded = URL_SAFE_NO_PAD.encode(id);
        // 21 characters are of the first 16 bytes alone.
        assert!(refresh.strip_prefix(REFRESH).is_some_and(|rest| rest.starts_with(&encoded[..21])));
    }
    if is_proof(Some(verifier), Some(challenge)) {
        assert_ne!(verifier, challenge, "a proof is not what was announced");
    }
    if redirect::check(&[address.to_owned()]).is_ok() {
        assert!(address.bytes().all(|byte| byte.is_ascii_graphic()) && !address.starts_with("javascript:"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_the_one_that_was_announced_and_none_where_none_was() {
        // RFC 7636, appendix B.
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(is_proof(Some(verifier), Some(challenge)) && is_proof(None, None));
        assert!(!is_proof(Some(challenge), Some(challenge)) && !is_proof(None, Some(challenge)));
        assert!(!is_proof(Some(verifier), None));
    }

    #[test]
    fn a_refresh_token_names_its_consent_and_nothing_else_does() {
        let text = refresh_text(&[1; 16], &[2; 32]);
        assert_eq!(refresh_parts(&text), Some(([1; 16], *blake3::hash(&[2; 32]).as_bytes())));
        for none in ["", "nxg_", &text[1..], &text[..67], &format!("{text}A"), &"nxg_\u{e4}".repeat(16)] {
            assert_eq!(refresh_parts(none), None, "{none}");
        }
    }
}
