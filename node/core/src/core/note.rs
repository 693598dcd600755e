//! What people keep for themselves, and whom they wish to be friends with: registers, the latest word of which counts.

use super::admit::author_of;
use super::content::Content;
use super::mind::Mind;
use super::turn::Turn;
use crate::change::Change;
use crate::store::{Record, Store, StoreFault};
use crate::view::{NoteKey, Noted, View};
use nexus_crdt::body::content::{self, About, Note};
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crdt::verdict::Verdict;
use std::sync::Arc;

/// The register that a note writes; none where it means nothing: what is for oneself stands in the space of one's own, and a
/// wish in the conversation of two.
fn key_of(guild: &GuildView, author: &UserId, note: &Note) -> Option<NoteKey> {
    let people = &guild.facts.owners;
    if guild.facts.kind != SpaceKind::Conversation {
        return None;
    }
    let own = people.len() == 1;
    match note {
        Note::Read { channel, .. } => own.then_some(NoteKey::Read(*channel)),
        Note::Setting { about, name, .. } => own.then(|| NoteKey::Setting(*about, name.clone())),
        Note::Block { user, .. } => own.then_some(NoteKey::Block(*user)),
        Note::Draft { channel, .. } => own.then_some(NoteKey::Draft(*channel)),
        Note::Friend { .. } if people.len() == 2 => {
            people.iter().find(|person| *person != author).map(|other| NoteKey::Friend(*other))
        }
        Note::Friend { .. } => None,
    }
}

/// The name of a register's row.
fn row_of(author: &UserId, key: &NoteKey) -> [u8; 16] {
    let (kind, what, name) = match key {
        NoteKey::Read(channel) => (0, channel.0, ""),
        NoteKey::Setting(About::Me, name) => (1, [0; 32], name.as_str()),
        NoteKey::Setting(About::Guild(guild), name) => (2, guild.0, name.as_str()),
        NoteKey::Setting(About::Channel(channel), name) => (3, channel.0, name.as_str()),
        NoteKey::Block(user) => (4, user.0, ""),
        NoteKey::Friend(user) => (5, user.0, ""),
        NoteKey::Draft(channel) => (6, channel.0, ""),
    };
    let hash = nexus_crypto::hash_parts(&[&author.0, &[kind], &what, name.as_bytes()]);
    let mut row = [0; 16];
    row.copy_from_slice(&hash[..16]);
    row
}

impl Turn<'_> {
    /// Reads notes; what means nothing where it stands, or is sealed for others, is kept and passed on.
    pub(super) fn notes_of(&self, op: &Op) -> Content {
        self.core.mind.notes_in(op).map_or(Content::Unknown, Content::Notes)
    }

    /// Takes notes in, new or judged anew. Of one register the last one in the op counts.
    pub(super) fn put_notes(
        &mut self,
        op: &Op,
        author: UserId,
        notes: &[Note],
        verdict: Verdict,
    ) -> Result<(), StoreFault> {
        notes.iter().rev().try_for_each(|note| self.put_note(op, author, note, verdict))
    }

    fn put_note(&mut self, op: &Op, author: UserId, note: &Note, verdict: Verdict) -> Result<(), StoreFault> {
        let Some(guild) = self.core.mind.guilds.get(&op.space()).map(Arc::clone) else { return Ok(()) };
        let Some(key) = key_of(guild.view(), &author, note) else { return Ok(()) };
        let known = self.core.mind.view.note(&author, &key).map(|noted| (noted.hlc, noted.op));
        let word = (op.header.hlc, op.id);
        match known {
            _ if verdict.is_valid() && known.is_none_or(|known| known < word) => {
                self.set_note(
                    op.space(),
                    author,
                    &key,
                    Some(Noted { hlc: word.0, op: word.1, note: note.clone() }),
                );
            }
            Some(known) if known == word && !verdict.is_valid() => {
                let before = self.latest_note(op, &author, &key)?;
                self.set_note(op.space(), author, &key, before);
            }
            _ => {}
        }
        Ok(())
    }

    fn set_note(&mut self, space: SpaceId, author: UserId, key: &NoteKey, noted: Option<Noted>) {
        let stream = ChannelId(space.0).stream();
        let op = noted.as_ref().map(|noted| (noted.hlc, noted.op));
        self.write(Record::Note { stream, key: row_of(&author, key), op });
        let notes = self.core.mind.view.notes.entry(author).or_default();
        match noted {
            Some(noted) => drop(notes.insert(key.clone(), noted)),
            None => drop(notes.remove(key)),
        }
        self.changes.push(Change::Noted { user: author, key: key.clone() });
    }

    /// The latest valid word on a register but one that counts no longer.
    fn latest_note(
        &mut self,
        gone: &Op,
        author: &UserId,
        key: &NoteKey,
    ) -> Result<Option<Noted>, StoreFault> {
        let (space, stream) = (gone.space(), gone.header.stream);
        let mut latest: Option<Noted> = None;
        for stored in self.store.stream_ops(&space, &stream)? {
            let op = stored.op;
            if op.id == gone.id || op.kind() != Some(Kind::Note) {
                continue;
            }
            let Some(mut guild) = self.core.mind.guilds.get(&space).map(Arc::clone) else { return Ok(None) };
            let Some(notes) = self.core.mind.notes_in(&op) else { continue };
            let whose = author_of(&self.core.mind, &guild, &op).ok();
            let here = |note: &&Note| key_of(guild.view(), author, note).as_ref() == Some(key);
            let Some(note) = notes.iter().rev().find(here).filter(|_| whose == Some(*author)).cloned() else {
                continue;
            };
            let verdict = self.judge(&op, &Content::Notes(notes), &mut guild, *author)?;
            if verdict.is_ok_and(Verdict::is_valid) {
                let noted = Noted { hlc: op.header.hlc, op: op.id, note };
                latest = latest.into_iter().chain([noted]).max_by_key(|noted| (noted.hlc, noted.op));
            }
        }
        Ok(latest)
    }
}

/// Reads what the store says the registers of conversations are: first what hands on keys, then what is sealed under them.
pub(super) fn load_notes(store: &dyn Store, mind: &mut Mind, view: &mut View) -> Result<(), StoreFault> {
    let mut said = Vec::new();
    let spaces: Vec<SpaceId> = mind.guilds.keys().copied().collect();
    for space in spaces {
        let Some(guild) = mind.guilds.get(&space).map(Arc::clone) else { continue };
        if guild.view().facts.kind != SpaceKind::Conversation {
            continue;
        }
        for (_, id) in store.notes(&ChannelId(space.0).stream())? {
            let Some(op) = store.op(&id)?.map(|stored| stored.op) else { continue };
            let Ok(author) = author_of(mind, &guild, &op) else { continue };
            match op.read_body::<content::Sealing>().ok().filter(|_| op.kind() == Some(Kind::Sealing)) {
                Some(sealing) => drop(mind.keyring.learn(author, &op, &sealing)),
                None => said.push((author, op)),
            }
        }
    }
    for (author, op) in said {
        let Some(guild) = mind.guilds.get(&op.space()) else { continue };
        let word = (op.header.hlc, op.id);
        for note in mind.notes_in(&op).into_iter().flatten().rev() {
            let Some(key) = key_of(guild.view(), &author, &note) else { continue };
            let notes = view.notes.entry(author).or_default();
            // Two devices may each have begun a space of one's own: they count as one.
            if notes.get(&key).is_none_or(|known| (known.hlc, known.op) < word) {
                notes.insert(key, Noted { hlc: word.0, op: word.1, note });
            }
        }
    }
    Ok(())
}
