//! Who people are elsewhere, as far as they show it; and what applications keep here about them.
//!
//! What is known of a sign-in is its subject, and of GitHub's alone Discord has a word for where that is.

use super::{RelayAccounts, now_ms};
use nexus_api::ports::connections::{Connection, Connections};
use nexus_api::ports::oauth::OAuthRefusal;
use nexus_api::ports::{Later, Spoken};
use nexus_crdt::id::UserId;

impl RelayAccounts {
    async fn connections_of(&self, user: UserId) -> Result<Vec<Connection>, OAuthRefusal> {
        let rows = self.records.connections(&user).await?;
        let known = |(issuer, id, shown): (String, String, bool)| {
            let service = self.sign_ins.service(&issuer)?;
            Some(Connection { service, id, shown })
        };
        Ok(rows.into_iter().filter_map(known).collect())
    }

    async fn show_one(&self, spoken: Spoken, service: &str, shown: bool) -> Result<bool, OAuthRefusal> {
        let (_, account) = self.by_session(spoken).await?;
        let Some(issuer) = self.sign_ins.issuer_of(service) else { return Ok(false) };
        Ok(self.records.show_connection(account.id, issuer, shown).await?)
    }
}

impl Connections for RelayAccounts {
    fn connections(&self, user: UserId) -> Later<'_, Result<Vec<Connection>, OAuthRefusal>> {
        Box::pin(self.connections_of(user))
    }

    fn show(&self, spoken: Spoken, service: String, shown: bool) -> Later<'_, Result<bool, OAuthRefusal>> {
        Box::pin(async move { self.show_one(spoken, &service, shown).await })
    }

    fn metadata(&self, application: UserId) -> Later<'_, Result<Option<String>, OAuthRefusal>> {
        Box::pin(async move { Ok(self.records.client_metadata(&application).await?) })
    }

    fn set_metadata(&self, application: UserId, json: String) -> Later<'_, Result<(), OAuthRefusal>> {
        Box::pin(async move { Ok(self.records.set_client_metadata(&application, &json).await?) })
    }

    fn known(&self, user: UserId, application: UserId) -> Later<'_, Result<Option<String>, OAuthRefusal>> {
        Box::pin(async move { Ok(self.records.known_by(&user, &application).await?) })
    }

    fn set_known(
        &self,
        user: UserId,
        application: UserId,
        json: Option<String>,
    ) -> Later<'_, Result<(), OAuthRefusal>> {
        Box::pin(async move {
            let now = now_ms();
            Ok(self.records.set_known_by(&user, &application, json.as_deref(), now).await?)
        })
    }
}
