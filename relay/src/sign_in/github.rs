//! GitHub: OAuth 2 and no more. Who it is, its API says.

use super::fetch::json;
use super::{Elsewhere, Fresh, Person, Provider, ProviderError};
use serde::Deserialize;

pub(super) const SCOPE: &str = "read:user user:email";

/// Where it is.
#[derive(Debug)]
pub(super) struct Github {
    pub(super) web: String,
    pub(super) api: String,
}

#[derive(Deserialize)]
struct Token {
    // A refusal is answered with 200, too.
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: u64,
    login: String,
}

#[derive(Deserialize)]
struct Email {
    email: String,
    primary: bool,
    verified: bool,
}

impl Github {
    pub(super) fn authorization(&self) -> String {
        format!("{}/login/oauth/authorize", self.web)
    }

    pub(super) async fn whose(
        &self,
        provider: &Provider,
        code: &str,
        fresh: &Fresh,
    ) -> Result<Person, ProviderError> {
        let form = provider.exchange(code, fresh, &provider.client_in_body());
        let asked = provider.fetch.post(&format!("{}/login/oauth/access_token", self.web));
        let Token { access_token } = json(asked.body(form)).await?;
        let token =
            access_token.ok_or_else(|| ProviderError::Refused(String::from("no token for the code")))?;
        let ask = |path: &str| provider.fetch.get(&format!("{}{path}", self.api)).bearer_auth(&token);
        let user: User = json(ask("/user")).await?;
        // Who does not show their addresses comes in without one.
        let emails: Vec<Email> = json(ask("/user/emails")).await.unwrap_or_default();
        let email = emails.into_iter().find(|email| email.primary && email.verified).map(|email| email.email);
        // A login can be given up and taken by another; the number is theirs for good.
        let elsewhere = Elsewhere { issuer: self.web.clone(), subject: user.id.to_string() };
        Ok(Person { elsewhere, name: Some(user.login), email })
    }
}
