//! Sessions as their owner sees them, and the password that begins them.

use super::passwords;
use super::records::Found;
use super::{RelayAccounts, now_ms};
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::{Credential, SessionFacts, Spoken};
use std::time::Instant;

impl RelayAccounts {
    pub(super) async fn sessions_of(&self, spoken: Spoken) -> Result<Vec<SessionFacts>, AuthRefusal> {
        let (here, found) = self.by_session(spoken).await?;
        let mut sessions = self.records.sessions(found.id).await?;
        for session in &mut sessions {
            session.current = session.id == here;
        }
        Ok(sessions)
    }

    /// One that is not theirs, or that has ended, is none.
    pub(super) async fn end_one(&self, spoken: Spoken, session: [u8; 16]) -> Result<(), AuthRefusal> {
        let (_, found) = self.by_session(spoken).await?;
        if !self.records.sessions(found.id).await?.iter().any(|known| known.id == session) {
            return Err(AuthRefusal::NoSession);
        }
        self.records.end(&session, now_ms()).await?;
        self.remember_ended(session);
        Ok(())
    }

    /// Every other session ends: whoever had learned the old password is out.
    pub(super) async fn change(&self, spoken: Spoken, old: String, new: String) -> Result<(), AuthRefusal> {
        let (here, found) = self.by_session(spoken).await?;
        passwords::check(&new)?;
        self.check_password(&found, old).await?;
        let secret = self.passwords.hash(new).await?;
        let changed = self.records.change_password(found.id, &found.secret, &secret, &here, now_ms()).await?;
        for session in changed.ok_or(AuthRefusal::Login)? {
            self.remember_ended(session);
        }
        Ok(())
    }

    /// Who holds a session shows the password once more, or a proof that they have just signed in elsewhere; tries count as logins.
    pub(super) async fn check_password(&self, found: &Found, password: String) -> Result<(), AuthRefusal> {
        if self.sign_ins.is_proof(&password, found.id) {
            return Ok(());
        }
        self.limits.enters(found.username.as_str(), None, Instant::now())?;
        let matches = self.passwords.matches(password, Some(found.secret)).await?;
        if matches { Ok(()) } else { Err(AuthRefusal::Login) }
    }

    /// The account behind a login; a token that the node keeps has neither sessions nor a password.
    pub(super) async fn by_session(&self, spoken: Spoken) -> Result<([u8; 16], Found), AuthRefusal> {
        let Credential::Session(session) = spoken.by else { return Err(AuthRefusal::Login) };
        let found = self.records.by_user(&spoken.user).await?.ok_or(AuthRefusal::Login)?;
        Ok((session, found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use nexus_api::ports::{Accounts as _, Registration as Form};
    use nexus_node::Node;

    #[tokio::test]
    async fn who_showed_the_old_password_before_it_was_changed_does_not_enter_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_owned();
        let node = Node::open(nexus_node::Options { data: data.clone(), disk_reserve: 0 }).unwrap();
        let options = Options {
            data,
            database: None,
            registration: crate::Registration::Open,
            mail: None,
            sign_in: None,
        };
        let accounts = RelayAccounts::open(options, node.clone()).await.unwrap();
        let (username, password) = (String::from("ann"), String::from("correct horse"));
        let form = Form { username, password: password.clone(), email: None, invite: None, from: None };
        let granted = accounts.register(form).await.unwrap();
        let ann = accounts.authenticate(&node.view(), &granted.token).unwrap();
        // The password was looked at, and its login is not yet begun.
        let (here, shown) = accounts.by_session(ann).await.unwrap();
        accounts.change(ann, password, String::from("another horse")).await.unwrap();
        assert!(accounts.begin(shown.id, &shown.secret, ann.user).await.unwrap().is_none());
        assert_eq!(accounts.records.sessions(shown.id).await.map_err(drop).unwrap().len(), 1);
        let mine = accounts.passwords.hash(String::from("a thief's horse")).await.unwrap();
        let changed = accounts.records.change_password(shown.id, &shown.secret, &mine, &here, now_ms()).await;
        assert!(changed.map_err(drop).unwrap().is_none(), "nor does it choose the next one");
        accounts.close().await;
        node.stop().await;
    }
}
