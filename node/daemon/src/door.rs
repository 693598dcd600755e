//! Setup, token, join and status: asked of the running program, or of the stopped folder.

mod guild_relays;
mod guild_rules;

pub use guild_relays::show as guild_relays;
pub use guild_rules::show as guild_rules;

use crate::claim::recover::{self, Recovery};
use crate::claim::{self, Wish};
use crate::control;
use crate::settings::Settings;
use anyhow::{Context as _, anyhow, bail};
use nexus_api::Tls;
use nexus_api::ports::visits::Visits;
use nexus_core::{Command, InviteUrl, NotAnInvite, Refusal, Reply};
use nexus_node::mesh::Mesh;
use nexus_node::{GuildRelayStatus, Node, NodeStatus, OpenError};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// What answers: a node, of one owner or of a relay. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    node: Node,
    owned: bool,
    mesh: Option<Mesh>,
    window: Option<Window>,
    tls: Option<Tls>,
}

/// Where a running program is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Where its window is listened for.
    pub listen: SocketAddr,
    /// .. and its mesh, where it is.
    pub mesh: Option<SocketAddr>,
    /// What others are told.
    pub base: String,
}

/// What the command line asks of a node.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// Make the owner's account.
    Setup {
        /// Its name.
        name: String,
    },
    /// A fresh token of the owner.
    Token,
    /// Let the owner join by an invite's URL.
    Join {
        /// `RELAY/invite/CODE`.
        url: String,
    },
    /// Bring the owner's account home from a relay, to a node that has no owner yet.
    Claim(Wish),
    /// Take the account back by its recovery key.
    Recover(Recovery),
    /// What the node holds.
    Status,
    /// Where the program is found.
    Places,
    /// Which relays keep a guild; given some, these from now on.
    GuildRelays {
        /// Its name, its number in the API or its id in the ops.
        guild: String,
        /// Base URLs, all of them.
        urls: Option<Vec<String>>,
    },
    /// Which rules hold in a guild; given a version, that from now on.
    GuildRules {
        /// Its name, its number in the API or its id in the ops.
        guild: String,
        /// The rules.
        version: Option<u32>,
    },
}

/// What it answers.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A token; of setup or token.
    Token(String),
    /// The guild's name; of join.
    Joined(String),
    /// The account is here; of claim and recover.
    Claimed {
        /// Its name.
        name: String,
        /// Its API token.
        token: String,
        /// Its recovery key, shown this once.
        recovery: String,
    },
    /// What the node holds.
    Status(NodeStatus),
    /// Where the program is found.
    Places(Window),
    /// How far each relay has a guild.
    Relays(Vec<GuildRelayStatus>),
    /// The rules of a guild.
    Rules {
        /// That hold.
        version: u32,
        /// The latest that this program carries.
        carried: u32,
    },
    /// Why not, in a sentence.
    Error(String),
}

impl Ask {
    /// Reads a request line.
    ///
    /// # Errors
    /// A sentence.
    pub fn parse(line: &str) -> Result<Self, String> {
        serde_json::from_str(line.trim_end()).map_err(|error| format!("not a request: {error}"))
    }

    /// Asks what stands behind the door.
    pub async fn carry_out(self, door: &Door) -> Answer {
        let node = &door.node;
        let outcome = match self {
            Self::Status => status_of(door).await,
            Self::Places => {
                door.window.clone().map(Answer::Places).ok_or_else(|| String::from("it does not run"))
            }
            _ if !door.owned => Err(String::from("a relay has no owner: people register at its window")),
            Self::Setup { name } => set_up(node, name).await,
            Self::Token => fresh_token(node).await,
            Self::Join { url } => join(door, &url).await,
            Self::GuildRelays { guild, urls } => guild_relays::carry_out(door, &guild, urls).await,
            Self::GuildRules { guild, version } => guild_rules::carry_out(door, &guild, version).await,
            Self::Claim(wish) => claim::bring_home(node, wish).await,
            Self::Recover(recovery) => recover::take_back(node, recovery).await,
        };
        outcome.unwrap_or_else(Answer::Error)
    }
}

impl Door {
    /// The door of a person's own node.
    #[must_use]
    pub fn of_a_node(node: Node) -> Self {
        Self { node, owned: true, mesh: None, window: None, tls: None }
    }

    /// .. with a way to other programs.
    #[must_use]
    pub fn to_the_mesh(self, mesh: Mesh) -> Self {
        Self { mesh: Some(mesh), ..self }
    }

    /// .. found there.
    #[must_use]
    pub fn at(self, window: Window) -> Self {
        Self { window: Some(window), ..self }
    }

    /// .. with a certificate that it says how it stands with.
    #[must_use]
    pub fn speaking(self, tls: Option<Tls>) -> Self {
        Self { tls, ..self }
    }

    /// The door of a relay.
    #[must_use]
    pub fn of_a_relay(node: Node) -> Self {
        Self { node, owned: false, mesh: None, window: None, tls: None }
    }
}

async fn status_of(door: &Door) -> Result<Answer, String> {
    let mut status = door.node.status().await.map_err(|fault| fault.to_string())?;
    status.certificate = door.tls.as_ref().map(Tls::status);
    Ok(Answer::Status(match &door.mesh {
        Some(mesh) => status.with(mesh),
        None => status,
    }))
}

async fn set_up(node: &Node, name: String) -> Result<Answer, String> {
    match node.command(None, Command::Setup { name }).await {
        Ok(Reply::Setup { token, .. }) => Ok(Answer::Token(token)),
        Ok(_) => Err(String::from("an answer to another question")),
        Err(Refusal::AlreadySetUp) => {
            Err(String::from("this node has its owner; `nexus token` gives a token"))
        }
        Err(refusal) => Err(refusal.to_string()),
    }
}

async fn fresh_token(node: &Node) -> Result<Answer, String> {
    let owner = node.view().owner.ok_or(NO_OWNER)?;
    match node.command(Some(owner), Command::IssueToken { user: owner, replace: false }).await {
        Ok(Reply::Token(token)) => Ok(Answer::Token(token)),
        Ok(_) => Err(String::from("an answer to another question")),
        Err(refusal) => Err(refusal.to_string()),
    }
}

async fn join(door: &Door, url: &str) -> Result<Answer, String> {
    let owner = door.node.view().owner.ok_or(NO_OWNER)?;
    let invite: InviteUrl = url.parse().map_err(|error: NotAnInvite| error.to_string())?;
    let visits = door.mesh.as_ref().map(|mesh| mesh as &dyn Visits);
    let joined = nexus_api::join(&door.node, visits, owner, &invite).await;
    let guild = joined.map_err(|error| error.to_string())?;
    let view = door.node.view();
    Ok(Answer::Joined(view.guilds.get(&guild).map_or_else(String::new, |guild| guild.settings.name.clone())))
}

const NO_OWNER: &str = "no owner yet: `nexus setup NAME` first";

/// `nexus setup NAME`: the token alone on stdout.
///
/// # Errors
/// A sentence for the person.
pub async fn setup(settings: &Settings, name: &str) -> anyhow::Result<()> {
    let token = token_of(ask(settings, Ask::Setup { name: name.to_owned() }).await?)?;
    eprintln!("This node is yours, {name}. Your API token, shown this once (`nexus token` makes another):");
    print_line(&token)
}

/// `nexus token`: the token alone on stdout.
///
/// # Errors
/// A sentence for the person.
pub async fn token(settings: &Settings) -> anyhow::Result<()> {
    if !settings.data.exists() {
        bail!("there is no node in {}", settings.data.display());
    }
    print_line(&token_of(ask(settings, Ask::Token).await?)?)
}

/// `status`: what the node holds, as JSON or in words.
///
/// # Errors
/// A sentence for the person.
pub async fn status(settings: &Settings, json: bool) -> anyhow::Result<()> {
    if !settings.data.exists() {
        bail!("there is no node in {}", settings.data.display());
    }
    let status = match ask(settings, Ask::Status).await? {
        Answer::Status(status) => status,
        Answer::Error(error) => bail!(error),
        _ => bail!("the node answered another question"),
    };
    if json { print_line(&serde_json::to_string(&status)?) } else { print_line(&in_words(&status)) }
}

/// `nexus join URL`: asks the running node, which alone can reach a relay.
///
/// # Errors
/// A sentence for the person.
pub async fn join_by(settings: &Settings, url: &str) -> anyhow::Result<()> {
    let asked = control::ask(&settings.data, &Ask::Join { url: url.to_owned() })
        .await
        .context("the node's socket")?;
    match asked {
        Some(Answer::Joined(guild)) => print_line(&format!("You are in {guild} now.")),
        Some(Answer::Error(error)) => bail!(error),
        Some(_) => bail!("the node answered another question"),
        None => bail!("no node runs in {}: start it, then join", settings.data.display()),
    }
}

fn in_words(status: &NodeStatus) -> String {
    let mut lines = vec![format!("{} peers, {} guilds", status.peers, status.guilds.len())];
    if let Some(mesh) = &status.mesh {
        lines.insert(0, mesh.line.clone());
        if !mesh.told.is_empty() {
            let told = mesh.told.join(", ");
            lines.insert(1, format!("told to members of your guilds and by your invites: {told}"));
        }
        let failing = mesh.relays.iter().filter_map(|relay| Some((&relay.url, relay.why.as_ref()?)));
        lines.extend(failing.map(|(url, why)| format!("{url}: {why}")));
    }
    let unwell = status.certificate.iter().filter_map(|certificate| certificate.trouble.as_ref());
    lines.extend(unwell.map(|why| format!("certificate: {why}")));
    for guild in &status.guilds {
        let messages: u64 = guild.timelines.values().map(|timeline| timeline.messages).sum();
        lines.push(format!(
            "{}: {messages} messages, {} ops, {} of them not yet handed to anybody",
            guild.name, guild.ops, guild.outbox
        ));
        let wanting = guild.relays.iter().filter(|relay| !matches!(relay.state.as_str(), "filled" | "here"));
        lines.extend(wanting.map(|relay| format!("  {}: {}", relay.url, relay.words)));
        let contested = guild.contested.iter().map(|member| &member.name);
        lines.extend(contested.map(|name| format!("  {name}: {CONTESTED}")));
    }
    lines.join("\n")
}

const CONTESTED: &str = "somebody else signs for this account, too, with a key that was handed over; which of them counts can turn, until a \
                         checkpoint of an owner decides";

fn token_of(answer: Answer) -> anyhow::Result<String> {
    match answer {
        Answer::Token(token) => Ok(token),
        Answer::Error(error) => Err(anyhow!(error)),
        _ => Err(anyhow!("the node answered another question")),
    }
}

/// The running node's answer, else the folder's.
pub(crate) async fn ask(settings: &Settings, question: Ask) -> anyhow::Result<Answer> {
    // A node that is just starting holds the store before its socket is there; one that stops, the other way round.
    for _ in 0..20 {
        if let Some(answer) = control::ask(&settings.data, &question).await.context("the node's socket")? {
            return Ok(answer);
        }
        match settings.open() {
            Ok(node) => return Ok(question.carry_out(&Door::of_a_node(node)).await),
            Err(OpenError::InUse) => tokio::time::sleep(std::time::Duration::from_millis(250)).await,
            Err(error) => return Err(error.into()),
        }
    }
    bail!("another program has the data folder open and does not answer")
}

/// Prints what a command answers.
///
/// # Errors
/// None: a stdout that is gone ends the program.
#[expect(clippy::print_stdout, reason = "what a command answers is its output")]
pub fn print_line(line: &str) -> anyhow::Result<()> {
    println!("{line}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_is_none_gets_a_sentence() {
        assert!(Ask::parse("{\"setup\":{}}").is_err());
        assert!(Ask::parse("\u{0}").is_err());
        assert_eq!(Ask::parse("\"token\"\n"), Ok(Ask::Token));
    }

    #[test]
    fn a_request_with_any_byte_changed_is_read_or_gets_a_sentence() {
        let whole = b"{\"setup\":{\"name\":\"Ann\"}}";
        for (at, byte) in (0..whole.len()).flat_map(|at| (0..=u8::MAX).map(move |byte| (at, byte))) {
            let mut line = *whole;
            line[at] = byte;
            let Ok(line) = std::str::from_utf8(&line) else { continue };
            let outcome = Ask::parse(line);
            assert!(
                outcome.is_err() || matches!(outcome, Ok(Ask::Setup { ref name }) if name.len() <= 4),
                "{line}"
            );
        }
    }
}
