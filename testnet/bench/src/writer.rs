//! Talk, written by the core as people write it, into a folder as a node keeps it.

use anyhow::{Context, Result, bail};
use nexus_core::{
    BotInstall, ChannelDraft, Command, Core, Effect, Env, Input, MessageDraft, Record, Reply, Ticket, View,
};
use nexus_crdt::body::governance::{ChannelFields, ChannelKind};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_load::talk::{Line, Talk, parts};
use nexus_node::store::{Folder, Medium as _, SealingKey, WriteTables};
use redb::Database;

/// A message that was said: room, author, text.
pub(crate) type Said<'a> = (usize, usize, &'a str);

/// All that was said, in order of time, in messages of a size that is allowed.
pub(crate) fn said(talk: &Talk) -> Vec<Said<'_>> {
    let rooms = talk.rooms.iter().enumerate();
    let mut lines: Vec<(usize, &Line)> =
        rooms.flat_map(|(room, it)| it.lines.iter().map(move |line| (room, line))).collect();
    lines.sort_by_key(|(_, line)| line.at);
    let mut said = Vec::with_capacity(lines.len());
    for (room, line) in lines {
        said.extend(parts(&line.text).into_iter().map(|text| (room, line.author, text)));
    }
    said
}

/// Plays it all into a new folder, in commits of a thousand messages.
pub(crate) fn fill(folder: &Folder, talk: &Talk, said: &[Said<'_>]) -> Result<()> {
    let (database, seal) = (folder.open()?, folder.sealing_key(true)?);
    let mut writer = Writer::begin(&database, &seal)?;
    let guild = writer.set_up(&database, &seal, talk)?;
    for some in said.chunks(COMMIT) {
        writer.commit(&database, &seal, |writer, tables| {
            for (room, author, text) in some {
                let place = guild.channels.get(*room).zip(guild.people.get(*author));
                let (channel, person) = place.context("a line by nobody")?;
                writer.command(tables, Some(*person), Command::SendMessage(draft(*channel, text)))?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

struct Stage {
    people: Vec<UserId>,
    channels: Vec<ChannelId>,
}

/// A core without a shell.
pub(crate) struct Writer {
    core: Core,
    inputs: u64,
    forgets: bool,
}

impl Writer {
    pub(crate) fn begin(database: &Database, seal: &SealingKey) -> Result<Self> {
        let transaction = database.begin_write()?;
        let core = {
            let mut tables = WriteTables::open(&transaction, seal)?;
            tables.stamp_format()?;
            Core::load(&tables)?
        };
        transaction.commit()?;
        Ok(Self { core, inputs: 0, forgets: false })
    }

    /// Keys are written down no more.
    pub(crate) const fn forgets_secrets(&mut self) {
        self.forgets = true;
    }

    pub(crate) const fn view(&self) -> &View {
        self.core.view()
    }

    /// An account of somebody who registers.
    pub(crate) fn hosted(&mut self, tables: &mut WriteTables<'_>, name: &str) -> Result<OpId> {
        match self.command(tables, None, Command::Host { name: name.to_owned() })? {
            Reply::Created(id) => Ok(id),
            _ => bail!("nobody was made"),
        }
    }

    pub(crate) fn commit<T>(
        &mut self,
        database: &Database,
        seal: &SealingKey,
        work: impl FnOnce(&mut Self, &mut WriteTables<'_>) -> Result<T>,
    ) -> Result<T> {
        let transaction = database.begin_write()?;
        let done = work(self, &mut WriteTables::open(&transaction, seal)?)?;
        transaction.commit()?;
        Ok(done)
    }

    fn set_up(&mut self, database: &Database, seal: &SealingKey, talk: &Talk) -> Result<Stage> {
        self.commit(database, seal, |writer, tables| {
            let Reply::Setup { user: owner, .. } =
                writer.command(tables, None, Command::Setup { name: "Ada".into() })?
            else {
                bail!("no owner");
            };
            let found = Command::CreateGuild { name: "Talk".into() };
            let guild = SpaceId(writer.made(tables, owner, found)?.0);
            let mut people = Vec::new();
            for name in &talk.authors {
                let make = Command::CreateApplication { name: name.clone(), description: String::new() };
                let application = UserId(writer.made(tables, owner, make)?.0);
                let install = BotInstall { guild, application, permissions: None };
                writer.command(tables, Some(owner), Command::InstallBot(install))?;
                people.push(application);
            }
            let mut channels = Vec::new();
            for room in &talk.rooms {
                let fields = ChannelFields { name: Some(room.name.clone()), ..ChannelFields::default() };
                let draft = ChannelDraft { kind: ChannelKind::Text, fields, overwrites: Vec::new() };
                let make = Command::CreateChannel { guild, draft };
                channels.push(ChannelId(writer.made(tables, owner, make)?.0));
            }
            Ok(Stage { people, channels })
        })
    }

    pub(crate) fn made(
        &mut self,
        tables: &mut WriteTables<'_>,
        actor: UserId,
        command: Command,
    ) -> Result<OpId> {
        match self.command(tables, Some(actor), command)? {
            Reply::Created(id) => Ok(id),
            _ => bail!("nothing was made"),
        }
    }

    pub(crate) fn command(
        &mut self,
        tables: &mut WriteTables<'_>,
        actor: Option<UserId>,
        command: Command,
    ) -> Result<Reply> {
        self.inputs += 1;
        let mut entropy = [0; 64];
        blake3::Hasher::new().update(&self.inputs.to_be_bytes()).finalize_xof().fill(&mut entropy);
        // One input after the other, slowly enough for the busiest author's rate.
        let now_ms = BEGUN_MS + self.inputs * 4_000;
        let input = Input::Command { ticket: Ticket(0), actor, command: Box::new(command) };
        let effects = self.core.handle(input, &Env { now_ms, entropy, store: tables })?;
        let mut reply = None;
        for effect in effects {
            match effect {
                Effect::Append(mut records) => {
                    records.retain(|record| !self.forgets || !matches!(record, Record::Secret(_)));
                    tables.apply(&records)?;
                }
                Effect::Reply { outcome, .. } => reply = Some(outcome),
                _ => {}
            }
        }
        match reply.context("no reply")? {
            Ok(reply) => Ok(reply),
            Err(refusal) => bail!("refused: {refusal:?}"),
        }
    }
}

pub(crate) fn draft(channel: ChannelId, text: &str) -> MessageDraft {
    MessageDraft::plain(channel, text)
}

/// Messages of a commit.
const COMMIT: usize = 1_000;
/// When the first thing was said, Unix ms.
const BEGUN_MS: u64 = 1_700_000_000_000;
