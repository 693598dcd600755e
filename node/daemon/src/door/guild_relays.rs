//! `guild relays`: which relays keep a guild, shown and named.

use super::{Answer, Ask, Door, NO_OWNER, ask, print_line};
use crate::settings::Settings;
use anyhow::bail;
use nexus_core::{BaseUrl, Command, NotABase, View};
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::id::{SpaceId, UserId};

pub(super) async fn carry_out(door: &Door, guild: &str, urls: Option<Vec<String>>) -> Result<Answer, String> {
    let owner = door.node.view().owner.ok_or(NO_OWNER)?;
    let guild = find(&door.node.view(), &owner, guild)?;
    if let Some(urls) = urls {
        let parsed = urls.iter().map(|url| {
            let parsed: Result<BaseUrl, NotABase> = url.parse();
            parsed.map(|url| url.to_string()).map_err(|error| format!("{url}: {error}"))
        });
        let urls = parsed.collect::<Result<Vec<String>, String>>()?;
        let named = door.node.command(Some(owner), Command::SetRelays { guild, urls }).await;
        named.map_err(|refusal| format!("the guild's relays stay as they are: {refusal}"))?;
    }
    let relays = nexus_node::relays_of(&door.node, door.mesh.as_ref(), &guild);
    relays.map(Answer::Relays).ok_or_else(|| String::from("the guild is not here"))
}

pub(super) fn find(view: &View, owner: &UserId, text: &str) -> Result<SpaceId, String> {
    let inside = view.guilds_of.get(owner).into_iter().flatten().filter_map(|space| view.guilds.get(space));
    let called = |space: &SpaceId, name: &str| {
        name == text || view.ids.of(*space).0.to_string() == text || space.to_hex() == text
    };
    let mut found = inside.filter(|guild| {
        guild.facts.kind == SpaceKind::Guild && called(&guild.facts.id, &guild.settings.name)
    });
    match (found.next(), found.next()) {
        (Some(guild), None) => Ok(guild.facts.id),
        (Some(_), Some(_)) => {
            Err(format!("more than one guild is called {text}: say its number (`status --json`)"))
        }
        (None, _) => Err(format!("you are in no guild {text}")),
    }
}

/// `nexus guild relays GUILD [URL ..]`: one line for each relay.
///
/// # Errors
/// A sentence for the person.
pub async fn show(settings: &Settings, guild: String, urls: Option<Vec<String>>) -> anyhow::Result<()> {
    if !settings.data.exists() {
        bail!("there is no node in {}", settings.data.display());
    }
    match ask(settings, Ask::GuildRelays { guild, urls }).await? {
        Answer::Relays(relays) if relays.is_empty() => print_line("no relay keeps this guild"),
        Answer::Relays(relays) => {
            let lines: Vec<String> =
                relays.iter().map(|relay| format!("{}: {}", relay.url, relay.words)).collect();
            print_line(&lines.join("\n"))
        }
        Answer::Error(error) => bail!(error),
        _ => bail!("the node answered another question"),
    }
}
