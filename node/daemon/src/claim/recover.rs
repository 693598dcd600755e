//! `nexus recover`: an account is taken back by the recovery key that was written down when it was taken home.

use super::window::Window;
use super::{ANOTHER, HAS_ITS_OWNER, Password, in_words, prompt, take_in};
use crate::door::{self, Answer, Ask};
use crate::settings::Settings;
use anyhow::{Context as _, bail};
use nexus_core::{BaseUrl, Command, RecoveryKey, Reply};
use nexus_crdt::id::UserId;
use nexus_node::Node;
use serde::{Deserialize, Serialize};

/// Which account, and by what.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// Where its log is asked for; none: it is here.
    pub relay: Option<Login>,
    /// The recovery key, as typed.
    pub key: Password,
}

/// A name at a relay.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The relay's base URL.
    pub url: String,
    /// User name or e-mail address there.
    pub name: String,
    /// As typed.
    pub password: Password,
    /// Of an authenticator, or a recovery code, where the account asks for one.
    #[serde(default)]
    pub code: Option<Password>,
}

/// `nexus recover [RELAY_URL]`: on stdout the API token, then the next recovery key, a line each.
///
/// # Errors
/// A sentence for the person.
pub async fn run(settings: &Settings, relay: Option<BaseUrl>, code: Option<String>) -> anyhow::Result<()> {
    let relay = match relay {
        Some(relay) => {
            let (name, password) = prompt::login(&relay).context("cannot read a name and a password")?;
            let (password, code) = (Password(password), code.map(Password));
            Some(Login { url: relay.to_string(), name, password, code })
        }
        None => None,
    };
    let key = prompt::hidden("Recovery key (not shown): ").context("cannot read a recovery key")?;
    let recovery = Recovery { relay, key: Password(key) };
    let (name, token, next) = match door::ask(settings, Ask::Recover(recovery)).await? {
        Answer::Claimed { name, token, recovery } => (name, token, recovery),
        Answer::Error(error) => bail!(error),
        _ => bail!("the node answered another question"),
    };
    eprintln!(
        "{name} is yours again: this node has new keys for it, and every other device is revoked as of now."
    );
    eprintln!("What was written in your name until now stays; your guilds can delete it.");
    eprintln!(
        "Below: your API token, and your next recovery key, shown this once. The one that you typed opens nothing any more."
    );
    door::print_line(&token)?;
    door::print_line(&next)
}

/// Takes the account back. Nothing has happened where it fails.
///
/// # Errors
/// A sentence.
pub(crate) async fn take_back(node: &Node, recovery: Recovery) -> Result<Answer, String> {
    let Recovery { relay, key } = recovery;
    let url = relay.as_ref().map(|relay| relay.url.clone());
    let user = match relay {
        Some(login) => shown_by(node, login).await?,
        None => node.view().owner.ok_or(WHOSE)?,
    };
    let recover = Command::Recover { user, recovery: RecoveryKey::typed(&key.0), relay: url };
    let Reply::Claimed { token, recovery, .. } = node.command(None, recover).await.map_err(in_words)? else {
        return Err(String::from(ANOTHER));
    };
    let name = node.view().users.get(&user).map_or_else(String::new, |user| user.name.clone());
    Ok(Answer::Claimed { name, token, recovery: recovery.to_string() })
}

/// The account that somebody logs in as, once its log is here.
async fn shown_by(node: &Node, login: Login) -> Result<UserId, String> {
    let relay: BaseUrl = login.url.parse().map_err(|_| String::from("not the base URL of a relay"))?;
    let code = login.code.map(|code| code.0);
    let window = Window::log_in(&relay, &login.name, login.password.0, code).await?;
    let shown = window.show().await?;
    window.log_out().await;
    if node.view().owner.is_some_and(|owner| owner != shown.account) {
        return Err(String::from(HAS_ITS_OWNER));
    }
    take_in(node, shown.account, shown.log).await?;
    Ok(shown.account)
}

const WHOSE: &str =
    "this node has no owner: say at which relay the account has a name (nexus recover RELAY_URL)";
