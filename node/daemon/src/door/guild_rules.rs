//! `guild rules`: which rules hold in a guild, shown and set.

use super::guild_relays::find;
use super::{Answer, Ask, Door, NO_OWNER, ask, print_line};
use crate::settings::Settings;
use anyhow::bail;
use nexus_core::Command;
use nexus_crdt::guild::RULES_VERSION;

pub(super) async fn carry_out(door: &Door, guild: &str, version: Option<u32>) -> Result<Answer, String> {
    let owner = door.node.view().owner.ok_or(NO_OWNER)?;
    let guild = find(&door.node.view(), &owner, guild)?;
    if let Some(rules_version) = version {
        let set = door.node.command(Some(owner), Command::SetRules { guild, rules_version }).await;
        set.map_err(|refusal| format!("the guild's rules stay as they are: {refusal}"))?;
    }
    let view = door.node.view();
    let held = view.guilds.get(&guild).ok_or_else(|| String::from("the guild is not here"))?;
    Ok(Answer::Rules { version: held.rules_version, carried: RULES_VERSION })
}

/// `nexus guild rules GUILD [VERSION]`: one line.
///
/// # Errors
/// A sentence for the person.
pub async fn show(settings: &Settings, guild: String, version: Option<u32>) -> anyhow::Result<()> {
    if !settings.data.exists() {
        bail!("there is no node in {}", settings.data.display());
    }
    match ask(settings, Ask::GuildRules { guild, version }).await? {
        Answer::Rules { version, carried } if version > carried => print_line(&format!(
            "rules {version} hold; this program carries {carried} and leaves the guild read-only: update it"
        )),
        Answer::Rules { version, carried } => {
            print_line(&format!("rules {version} hold; this program carries them up to {carried}"))
        }
        Answer::Error(error) => bail!(error),
        _ => bail!("the node answered another question"),
    }
}
