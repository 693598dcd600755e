//! Registering: a name is claimed, an account made, the claim finished; each step can be the last of a run.

use super::fields::{Email, Username};
use super::passwords::Secret;
use super::records::{Claimant, Found, NameClaim};
use super::{RelayAccounts, now_ms, passwords, tokens};
use crate::Registration;
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::{Granted, Registration as Form};
use nexus_core::{Command, Refusal, Reply};
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::id::UserId;
use std::time::Instant;

impl RelayAccounts {
    pub(super) async fn make(&self, form: Form) -> Result<Granted, AuthRefusal> {
        let invite = self.invited_by(form.invite.as_deref())?;
        let username = Username::parse(&form.username).ok_or(AuthRefusal::Name)?;
        let email = email_of(form.email.as_deref())?;
        passwords::check(&form.password)?;
        self.limits.registers(form.from, Instant::now())?;
        let secret = self.passwords.hash(form.password.clone()).await?;
        let _one = self.finishing.lock().await;
        let claimant =
            Claimant { email: email.as_ref(), secret: &secret, elsewhere: None, invite: invite.as_ref() };
        match self.records.claim(&username, claimant, now_ms()).await? {
            NameClaim::New(account) => self.finish(account, &username, &secret).await,
            // The program ended between the two steps: who knows the password goes on where it stopped.
            NameClaim::Unfinished(claim) => {
                if !self.passwords.matches(form.password, Some(claim.secret)).await? {
                    return Err(AuthRefusal::Taken);
                }
                let user = self.complete(&claim).await?;
                self.begin(claim.id, &claim.secret, user).await?.ok_or(AuthRefusal::Login)
            }
            NameClaim::Taken | NameClaim::Known => Err(AuthRefusal::Taken),
            NameClaim::Uninvited => Err(AuthRefusal::Uninvited),
        }
    }

    /// What a new account needs to be let in by this relay's policy: its invite, where one is asked for.
    pub(super) fn invited_by(&self, code: Option<&str>) -> Result<Option<[u8; 32]>, AuthRefusal> {
        match (self.registration, code) {
            (Registration::Open, _) => Ok(None),
            (Registration::Invited, Some(code)) => Ok(Some(tokens::hash(code))),
            (Registration::Invited, None) => Err(AuthRefusal::Uninvited),
            (Registration::Closed, _) => Err(AuthRefusal::Closed),
        }
    }

    /// The account behind a name that was claimed just now.
    pub(super) async fn finish(
        &self,
        account: i64,
        username: &Username,
        secret: &Secret,
    ) -> Result<Granted, AuthRefusal> {
        let user = self.host(username).await?;
        self.records.finish(account, user).await?;
        self.begin(account, secret, user).await?.ok_or(AuthRefusal::Login)
    }

    /// The second step of a registration that was begun and not noted as finished. Where its account was made already, it is
    /// that one: hosted here under the claimed name since the claim, and nobody's.
    async fn complete(&self, claim: &Found) -> Result<UserId, AuthRefusal> {
        let view = self.node.view();
        let made = view.local.iter().filter_map(|id| view.users.get(id)).filter(|user| {
            user.hosted
                && user.class == AccountClass::Person
                && user.name == claim.username.as_str()
                && user.born.ms() >= claim.made_ms
        });
        for user in made {
            if self.records.finish(claim.id, user.id).await? {
                return Ok(user.id);
            }
        }
        let user = self.host(&claim.username).await?;
        self.records.finish(claim.id, user).await?;
        Ok(user)
    }

    /// .. unless somebody else has finished it while this one waited.
    pub(super) async fn complete_once(&self, claim: &Found) -> Result<UserId, AuthRefusal> {
        let _one = self.finishing.lock().await;
        let now = self.records.by_login(claim.username.as_str()).await?;
        match now.and_then(|account| account.user) {
            Some(user) => Ok(user),
            None => self.complete(claim).await,
        }
    }

    async fn host(&self, name: &Username) -> Result<UserId, AuthRefusal> {
        match self.node.command(None, Command::Host { name: name.to_string() }).await {
            Ok(Reply::Created(id)) => Ok(UserId::from(id)),
            Err(Refusal::Later { retry_ms }) => Err(AuthRefusal::Later { retry_ms }),
            _ => Err(AuthRefusal::Unavailable),
        }
    }
}

/// An address, where one is given.
pub(super) fn email_of(written: Option<&str>) -> Result<Option<Email>, AuthRefusal> {
    let written = written.filter(|email| !email.is_empty());
    written.map(|email| Email::parse(email).ok_or(AuthRefusal::Email)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use nexus_api::ports::Login;
    use nexus_node::Node;
    use std::sync::atomic::Ordering;

    fn form(username: &str, invite: Option<&str>) -> Form {
        let (password, invite) = (String::from("correct horse"), invite.map(str::to_owned));
        Form { username: username.to_owned(), password, email: None, invite, from: None }
    }

    /// Passwords that were hashed for an answer.
    async fn cost<T>(
        accounts: &RelayAccounts,
        answer: impl Future<Output = Result<T, AuthRefusal>>,
    ) -> usize {
        let before = accounts.passwords.worked.load(Ordering::Relaxed);
        let refused = answer.await.is_err();
        assert!(refused, "what is granted may take longer");
        accounts.passwords.worked.load(Ordering::Relaxed) - before
    }

    #[tokio::test]
    async fn what_an_answer_costs_does_not_tell_whether_an_account_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_owned();
        let node = Node::open(nexus_node::Options { data: data.clone(), disk_reserve: 0 }).unwrap();
        let registration = Registration::Invited;
        let options = Options { data: data.clone(), database: None, registration, mail: None, sign_in: None };
        let accounts = RelayAccounts::open(options, node.clone()).await.unwrap();
        let code = crate::make_invite(&data, None).await.unwrap();
        accounts.make(form("ann", Some(&code))).await.unwrap();
        for name in ["ann", "nobody", "nobody@example.org"] {
            let (login, password) = (name.to_owned(), String::from("another horse"));
            assert_eq!(
                cost(&accounts, accounts.enter(Login { login, password, from: None })).await,
                1,
                "{name}"
            );
        }
        for name in ["ann", "nobody"] {
            assert_eq!(cost(&accounts, accounts.make(form(name, Some("nxi_none")))).await, 1, "{name}");
            assert_eq!(cost(&accounts, accounts.make(form(name, None))).await, 0, "{name}");
        }
        accounts.close().await;
        node.stop().await;
    }
}
