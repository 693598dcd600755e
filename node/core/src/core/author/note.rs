//! What people keep for themselves, and whom they wish to be friends with.

use super::{Actor, Authored, Turn, within};
use crate::command::{Refusal, Reply, Thing};
use crate::view::{NoteKey, View};
use nexus_crdt::body::content::{Note, SETTING_MAX};
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_crdt::kind::Kind;

impl Turn<'_> {
    /// Several registers at once, all or none. What says what it said before is not written.
    pub(super) fn keep_notes(&mut self, actor: &Actor, notes: Vec<Note>) -> Authored<Reply> {
        // One that is begun here is found by the next turn.
        let mut begun = None;
        for note in notes {
            let key = match &note {
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
                Note::Friend { .. } => return Err(Refusal::Unknown(Thing::User).into()),
            };
            let known = self.core.mind.view.note(&actor.user, &key);
            let is_nothing = matches!(note, Note::Block { blocked: false, .. });
            if known.map_or(is_nothing, |known| known.note == note) {
                continue;
            }
            if known.is_none() && self.is_full(actor) {
                return Err(Refusal::TooMany { what: "things kept for oneself", max: 10_000 }.into());
            }
            let space = match begun {
                Some(space) => space,
                None => self.own_space(actor)?,
            };
            begun = Some(space);
            self.write_note(actor, space, &note)?;
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
        self.write_note(actor, space.into(), &note)?;
        Ok(Reply::Done)
    }

    fn write_note(&mut self, actor: &Actor, space: SpaceId, note: &Note) -> Authored<()> {
        let guild = self.guild_of(actor, &space)?;
        let channel = ChannelId(space.0);
        self.within_quota(actor, &guild, &channel)?;
        self.utter(actor, &guild, &channel, Kind::Note, None, note)?;
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

    fn is_full(&self, actor: &Actor) -> bool {
        self.core.mind.view.notes.get(&actor.user).is_some_and(|notes| notes.len() >= NOTES_MAX)
    }
}

/// Registers of one person.
const NOTES_MAX: usize = 10_000;
