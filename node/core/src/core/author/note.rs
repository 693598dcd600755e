//! What people keep for themselves, and whom they wish to be friends with.

use super::super::entropy::Purpose;
use super::super::sealing::Readers;
use super::{Actor, Authored, Turn, within};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use crate::view::{NoteKey, View};
use nexus_crdt::body::Sealed;
use nexus_crdt::body::content::sealing::{self, Sealing};
use nexus_crdt::body::content::{DRAFT_MAX, Note, SETTING_MAX};
use nexus_crdt::id::{ChannelId, DeviceKey, SpaceId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op;
use nexus_crypto::SharedKey;
use std::sync::Arc;
use zeroize::Zeroizing;

impl Turn<'_> {
    /// Several registers at once, all or none. What says what it said before is not written.
    pub(super) fn keep_notes(&mut self, actor: &Actor, notes: Vec<Note>) -> Authored<Reply> {
        let (mut news, mut begun, mut drafted) = (Vec::new(), 0, 0);
        for note in notes {
            let key = key_of(actor, &note)?;
            let known = self.core.mind.view.note(&actor.user, &key).map(|known| &known.note);
            if known.map_or_else(|| is_nothing(&note), |known| *known == note) {
                continue;
            }
            begun += usize::from(known.is_none());
            drafted += usize::from(is_draft(&note) && !known.is_some_and(is_draft));
            news.push(note);
        }
        self.has_room(actor, begun, drafted)?;
        if !news.is_empty() {
            let space = self.own_space(actor)?;
            self.write_sealed(actor, space, &news)?;
        }
        Ok(Reply::Done)
    }

    /// A wish, or the end of one. Both wishing makes friends.
    pub(super) fn befriend(&mut self, actor: &Actor, user: UserId, wished: bool) -> Authored<Reply> {
        if user == actor.user {
            return Err(Refusal::Invalid { field: "user", reason: "oneself" }.into());
        }
        let note = Note::Friend { wished };
        let known = self.core.mind.view.note(&actor.user, &NoteKey::Friend(user));
        let is_so = known.map_or(!wished, |known| known.note == note);
        if is_so {
            return Ok(Reply::Done);
        }
        let Reply::Created(space) = self.open_conversation(actor, vec![user])? else {
            return Err(Refusal::Unknown(Thing::User).into());
        };
        self.write_open(actor, space.into(), &note)?;
        Ok(Reply::Done)
    }

    fn write_open(&mut self, actor: &Actor, space: SpaceId, note: &Note) -> Authored<()> {
        let guild = self.guild_of(actor, &space)?;
        let channel = ChannelId(space.0);
        self.within_quota(actor, &guild, &channel)?;
        self.utter(actor, &guild, &channel, Kind::Note, None, note)?;
        Ok(())
    }

    /// As few ops as hold them.
    fn write_sealed(&mut self, actor: &Actor, space: SpaceId, notes: &[Note]) -> Authored<()> {
        let key = self.sealing_key(actor, space)?;
        let channel = ChannelId(space.0);
        for part in parts_of(notes) {
            let guild = self.guild_of(actor, &space)?;
            self.within_quota(actor, &guild, &channel)?;
            let nonce = self.entropy.draw(Purpose::Nonce);
            let ciphertext = key.seal(&nonce, &sealing::context(&space), &sealing::pack(part));
            let sealed = Sealed { key_epoch: key.name(), index: 0, ciphertext };
            self.utter_bytes(actor, &guild, &channel, (Kind::Note, None), op::sealed_body(&sealed))?;
        }
        Ok(())
    }

    /// The key to write with: the one there is, or another, where that is not for exactly those who are to read.
    fn sealing_key(&mut self, actor: &Actor, space: SpaceId) -> Authored<SharedKey> {
        let mind = &self.core.mind;
        let readers = mind.readers_of(&actor.user).ok_or(Refusal::Unknown(Thing::User))?;
        match mind.keyring.seals.get(&actor.user).and_then(|seals| seals.current(&readers)) {
            Some(key) => Ok(key),
            None => self.hand_key(actor, space, readers),
        }
    }

    /// Makes a key, and hands it, with all before it, to those who are to read.
    fn hand_key(&mut self, actor: &Actor, space: SpaceId, readers: Readers) -> Authored<SharedKey> {
        let key = SharedKey::new(&self.entropy.draw(Purpose::NoteKey));
        let seals = self.core.mind.keyring.seals.get(&actor.user);
        let before: Vec<SharedKey> = seals.map(|seals| seals.all()).unwrap_or_default();
        let before: Vec<u8> = before.iter().flat_map(|key| *key.to_bytes()).collect();
        let before = Zeroizing::new(before);
        let earlier = match before.is_empty() {
            true => Vec::new(),
            false => key.seal(&self.entropy.draw(Purpose::Nonce), &sealing::context(&space), &before),
        };
        let entropy = &mut self.entropy;
        let handed = readers.hand(&space, &key, || entropy.draw(Purpose::Ephemeral));
        let guild = self.guild_of(actor, &space)?;
        let channel = ChannelId(space.0);
        self.within_quota(actor, &guild, &channel)?;
        let body = Sealing { name: key.name(), handed, earlier };
        self.utter(actor, &guild, &channel, Kind::Sealing, None, &body)?;
        Ok(key)
    }

    /// An account that goes home reads there what it kept here.
    pub(super) fn hand_notes_on(&mut self, user: UserId, identity_key: DeviceKey) -> Authored<()> {
        let mind = &self.core.mind;
        let (Some(_), Some(key)) = (mind.keyring.seals.get(&user), mind.keyring.devices.get(&user)) else {
            return Ok(());
        };
        let actor = Actor { user, key: Arc::clone(key) };
        let readers = mind.readers_of(&user).ok_or(Refusal::Unknown(Thing::User))?.with(identity_key);
        let space = self.own_space(&actor)?;
        self.hand_key(&actor, space, readers)?;
        Ok(())
    }

    /// The space of the actor's own: the oldest there is, or a new one.
    fn own_space(&mut self, actor: &Actor) -> Authored<SpaceId> {
        let view = &self.core.mind.view;
        let all = view.guilds_of.get(&actor.user).into_iter().flatten();
        let mine = all.filter_map(|space| view.guilds.get(space)).filter(|guild| View::is_of_one(guild));
        match mine.map(|guild| (guild.facts.born, guild.facts.id)).min() {
            Some((_, space)) => Ok(space),
            None => self.begin_own_space(actor),
        }
    }

    fn has_room(&self, actor: &Actor, begun: usize, drafted: usize) -> Authored<()> {
        let notes = self.core.mind.view.notes.get(&actor.user);
        if begun > 0 && notes.map_or(0, imbl::OrdMap::len) + begun > NOTES_MAX {
            return Err(Refusal::TooMany { what: "things kept for oneself", max: 10_000 }.into());
        }
        let drafts = notes.into_iter().flat_map(|notes| notes.values()).filter(|known| is_draft(&known.note));
        if drafted > 0 && drafts.count() + drafted > DRAFTS_MAX {
            return Err(Refusal::TooMany { what: "drafts", max: 250 }.into());
        }
        Ok(())
    }
}

/// The register that the actor writes.
fn key_of(actor: &Actor, note: &Note) -> Authored<NoteKey> {
    Ok(match note {
        Note::Read { channel, .. } => NoteKey::Read(*channel),
        Note::Setting { about, name, json } => {
            within("settings", name, 1, 64)?;
            if json.len() > SETTING_MAX {
                return Err(Refusal::Invalid { field: "settings", reason: "too long" }.into());
            }
            NoteKey::Setting(*about, name.clone())
        }
        Note::Block { user, .. } if *user == actor.user => {
            return Err(Refusal::Invalid { field: "user", reason: "oneself" }.into());
        }
        Note::Block { user, .. } => NoteKey::Block(*user),
        Note::Draft { text, .. } if text.len() > DRAFT_MAX => {
            return Err(Refusal::Invalid { field: "text", reason: "too long" }.into());
        }
        Note::Draft { channel, .. } => NoteKey::Draft(*channel),
        Note::Friend { .. } => return Err(Refusal::Unknown(Thing::User).into()),
    })
}

/// Says no more than that nothing was said.
fn is_nothing(note: &Note) -> bool {
    match note {
        Note::Block { blocked, .. } => !blocked,
        Note::Draft { text, .. } => text.is_empty(),
        Note::Read { .. } | Note::Setting { .. } | Note::Friend { .. } => false,
    }
}

fn is_draft(note: &Note) -> bool {
    matches!(note, Note::Draft { text, .. } if !text.is_empty())
}

/// Notes as they go into ops: so many that one is within the bytes and the number that it may have.
fn parts_of(mut notes: &[Note]) -> Vec<&[Note]> {
    let mut parts = Vec::new();
    while !notes.is_empty() {
        let mut bytes = 0;
        let fit = notes.iter().take(sealing::NOTES_MAX).take_while(|note| {
            bytes += bytes_of(note);
            bytes <= PART_MAX
        });
        let (part, rest) = notes.split_at(fit.count().max(1));
        parts.push(part);
        notes = rest;
    }
    parts
}

/// Bytes at most, in CBOR.
fn bytes_of(note: &Note) -> usize {
    let text = match note {
        Note::Setting { name, json, .. } => name.len() + json.len(),
        Note::Draft { text, .. } => text.len(),
        Note::Read { .. } | Note::Block { .. } | Note::Friend { .. } => 0,
    };
    text + 96
}

/// Bytes of notes in one op: with what sealing and padding add, less than a body may have.
const PART_MAX: usize = 40_000;
/// Registers of one person.
const NOTES_MAX: usize = 10_000;
/// Drafts of one person that say something.
const DRAFTS_MAX: usize = 250;

#[cfg(test)]
mod tests {
    use super::*;
    use nexus_crdt::id::OpId;
    use nexus_crypto::SHARED_OVERHEAD;

    #[test]
    fn however_many_notes_there_are_each_op_holds_what_it_may() {
        let draft = |len: usize| Note::Draft { channel: ChannelId([1; 32]), text: "x".repeat(len) };
        let reads = vec![Note::Read { channel: ChannelId([1; 32]), message: OpId([2; 32]) }; 700];
        for notes in [vec![], vec![draft(0)], vec![draft(8_000); 11], reads] {
            let parts = parts_of(&notes);
            assert_eq!(parts.concat(), notes);
            for part in parts {
                let len = sealing::pack(part).len() + SHARED_OVERHEAD + 21;
                assert!(part.len() <= sealing::NOTES_MAX && len <= op::CONTENT_BODY_MAX, "{len}");
            }
        }
    }
}
