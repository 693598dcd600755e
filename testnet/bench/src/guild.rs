//! A guild of any size, made by the core as people make it, in the folder of a relay that is to be started on it: who measures how
//! one joins it need not wait until a hundred thousand people have.

use crate::writer::{Writer, draft};
use anyhow::{Context as _, Result};
use nexus_core::Command;
use nexus_crdt::id::{SpaceId, UserId};
use nexus_node::store::{Folder, Medium as _};
use std::io::Write;
use std::path::PathBuf;

/// How large.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The relay's folder, which is made.
    #[arg(long)]
    data: PathBuf,
    /// Where the relay will be: the guild names it.
    #[arg(long)]
    url: String,
    /// Members, of whom a thousand speak.
    #[arg(long)]
    members: usize,
    /// Messages in its one channel.
    #[arg(long)]
    messages: usize,
}

/// Makes it and prints its invite's code.
pub(crate) fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Arguments { data, url, members, messages } = arguments;
    let folder = Folder::at(data)?;
    let (database, seal) = (folder.open()?, folder.sealing_key(true)?);
    let mut writer = Writer::begin(&database, &seal)?;
    let (owner, code, channel) = writer.commit(&database, &seal, |writer, tables| {
        writer.command(tables, None, Command::UseRelay { url: url.clone() })?;
        let owner = UserId(writer.hosted(tables, "Ada")?.0);
        let found = Command::CreateGuild { name: String::from("Town") };
        let guild = SpaceId(writer.made(tables, owner, found)?.0);
        let view = writer.view();
        let channels = &view.guilds.get(&guild).context("no guild")?.channels;
        let channel = channels.values().find(|channel| channel.name == "general").context("no channel")?.id;
        let invite = writer.made(tables, owner, Command::CreateInvite { channel, max_age_s: 0 })?;
        let code = *writer.view().invite_codes.get(&invite).context("no code")?;
        Ok((owner, code, channel))
    })?;
    // Their keys are with them: the relay is to hold the guild, and not a hundred thousand accounts.
    writer.forgets_secrets();
    let mut people = vec![owner];
    for some in (1..*members).collect::<Vec<_>>().chunks(COMMIT) {
        writer.commit(&database, &seal, |writer, tables| {
            for number in some {
                let user = UserId(writer.hosted(tables, &format!("person {number}"))?.0);
                writer.command(tables, Some(user), Command::Join { code })?;
                people.push(user);
            }
            Ok(())
        })?;
    }
    let speaking = people.len().min(SPEAKING);
    for some in (0..*messages).collect::<Vec<_>>().chunks(COMMIT) {
        writer.commit(&database, &seal, |writer, tables| {
            for number in some {
                let text = format!("{number}: as long as people's messages mostly are, eighty bytes or so");
                let text = if number + 1 == *messages { LAST } else { &text };
                let person = people[number % speaking];
                writer.command(tables, Some(person), Command::SendMessage(draft(channel, text)))?;
            }
            Ok(())
        })?;
    }
    writeln!(out, "{code}")?;
    Ok(())
}

/// Members who speak.
const SPEAKING: usize = 1_000;
/// Inputs of a commit.
const COMMIT: usize = 1_000;
/// By which the newest is known.
const LAST: &str = "the last one";
