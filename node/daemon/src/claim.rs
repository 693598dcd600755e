//! `nexus claim`: an account comes home from the relay that keeps its key. The exchange is in `api-compat/docs/people.md`,
//! why no step loses the account in `crdt/docs/claim.md`.

mod prompt;
pub mod recover;
mod window;

use crate::door::{self, Answer, Ask};
use crate::settings::Settings;
use anyhow::{Context as _, bail};
use nexus_core::{Arriving, BaseUrl, Command, Refusal, Reply};
use nexus_crdt::id::UserId;
use nexus_node::{Node, OPS_MAX};
use serde::{Deserialize, Serialize};
use window::Window;

/// Whose account, from where.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// The relay's base URL.
    pub relay: String,
    /// User name or e-mail address there.
    pub login: String,
    /// As typed.
    pub password: Password,
    /// Whether the relay goes on signing with the device it has.
    pub keep_hosted: bool,
    /// Of an authenticator, or a recovery code, where the account asks for one.
    #[serde(default)]
    pub code: Option<Password>,
}

/// A password or a code, which nothing prints.
#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Password(pub String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

/// `nexus claim RELAY_URL`: on stdout the API token, then the recovery key, a line each.
///
/// # Errors
/// A sentence for the person.
pub async fn run(
    settings: &Settings,
    relay: BaseUrl,
    keep_hosted: bool,
    code: Option<String>,
) -> anyhow::Result<()> {
    let (login, password) = prompt::login(&relay).context("cannot read a name and a password")?;
    let (password, code) = (Password(password), code.map(Password));
    let wish = Wish { relay: relay.to_string(), login, password, keep_hosted, code };
    let (name, token, recovery) = match door::ask(settings, Ask::Claim(wish)).await? {
        Answer::Claimed { name, token, recovery } => (name, token, recovery),
        Answer::Error(error) => bail!(error),
        _ => bail!("the node answered another question"),
    };
    eprintln!(
        "{name} is at home here. {relay} no longer has the identity key, or says so; nothing depends on it."
    );
    eprintln!("{}", if keep_hosted { KEPT } else { REVOKED });
    eprintln!(
        "Below: your API token, and your recovery key, shown this once. Write the recovery key on paper and keep it"
    );
    eprintln!(
        "away from this machine: it takes your account back from whoever has stolen this node. Show it to nobody."
    );
    door::print_line(&token)?;
    door::print_line(&recovery)
}

const KEPT: &str = "The device there still writes for you, as your guilds can see.";
const REVOKED: &str = "The device there is revoked as soon as this node has run: logged in there you can look, and manage your bots, \
                       and write no more.";

/// Brings the account home. Cut short anywhere, it is finished by asking again.
///
/// # Errors
/// A sentence.
pub(crate) async fn bring_home(node: &Node, wish: Wish) -> Result<Answer, String> {
    if node.view().owner.is_some() {
        return Err(String::from(HAS_ITS_OWNER));
    }
    let relay: BaseUrl = wish.relay.parse().map_err(|_| String::from("not the base URL of a relay"))?;
    let window = Window::log_in(&relay, &wish.login, wish.password.0, wish.code.map(|code| code.0)).await?;
    let shown = window.show().await?;
    take_in(node, shown.account, shown.log).await?;
    let user = shown.account;
    // Durable here before the relay is told: a key that the account names is never lost on the way.
    let begun = node.command(None, Command::BeginClaim { user }).await.map_err(in_words)?;
    let Reply::Claiming { identity_key, recovery } = begun else { return Err(String::from(ANOTHER)) };
    let handed_over = window.hand_over(&identity_key, &recovery).await?;
    if handed_over.account != user {
        return Err(String::from(ANOTHER_ACCOUNT));
    }
    take_in(node, user, handed_over.log).await?;
    let finish = Command::FinishClaim { user, relay: relay.to_string(), keep_hosted: wish.keep_hosted };
    let finished = node.command(None, finish).await.map_err(in_words)?;
    window.log_out().await;
    let Reply::Claimed { token, recovery, .. } = finished else { return Err(String::from(ANOTHER)) };
    let name = node.view().users.get(&user).map_or_else(String::new, |user| user.name.clone());
    Ok(Answer::Claimed { name, token, recovery: recovery.to_string() })
}

/// Takes the account's log in, as from anybody: checked op by op.
async fn take_in(node: &Node, user: UserId, log: Vec<Vec<u8>>) -> Result<(), String> {
    for some in log.chunks(OPS_MAX) {
        let ops = some.iter().map(|op| Arriving::Bytes(op.as_slice().into())).collect();
        node.integrate(ops, Vec::new(), None).await.map_err(in_words)?;
    }
    match node.view().users.get(&user) {
        Some(_) => Ok(()),
        None => Err(String::from(ANOTHER_ACCOUNT)),
    }
}

fn in_words(refusal: Refusal) -> String {
    match refusal {
        Refusal::AlreadySetUp => String::from(HAS_ITS_OWNER),
        Refusal::TakenHome => String::from("the account names another key: somebody took it home before"),
        other => other.to_string(),
    }
}

const HAS_ITS_OWNER: &str =
    "this node has its owner: an account is taken home to a node of its own (another --data)";
const ANOTHER: &str = "an answer to another question";
const ANOTHER_ACCOUNT: &str = "the relay shows what is not this account's log";
