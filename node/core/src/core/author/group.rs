//! Conversations of several: who is in, and what they are called. What was done stands as a notice among what is said.

use super::{Actor, Authored, Turn, within};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use crate::view::NoteKey;
use nexus_crdt::body::content::{Message, Note, Notice};
use nexus_crdt::body::governance::{Admit, GROUP_MAX, GuildEdit, Kick, SpaceKind};
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_crdt::kind::Kind;

impl Turn<'_> {
    /// Who comes in reads all of it, as on Discord.
    pub(super) fn bring_in(&mut self, actor: &Actor, space: SpaceId, user: UserId) -> Authored<Reply> {
        let view = self.group(actor, &space)?;
        if self.core.mind.accounts.get(&user).is_none() {
            return Err(Refusal::Unknown(Thing::User).into());
        }
        if view.members.contains_key(&user) {
            return Ok(Reply::Done);
        }
        if view.members.len() >= GROUP_MAX {
            return Err(Refusal::TooMany { what: "people in a conversation", max: 10 }.into());
        }
        self.govern(actor, space, Kind::Admit, &Admit { user })?;
        self.notice(actor, space, Notice::Admitted(user), String::new())
    }

    /// Who goes says so before they are gone.
    pub(super) fn put_out(&mut self, actor: &Actor, space: SpaceId, user: UserId) -> Authored<Reply> {
        let view = self.group(actor, &space)?;
        if !view.members.contains_key(&user) {
            return Err(Refusal::Unknown(Thing::Member).into());
        }
        let goes = user == actor.user;
        if goes {
            self.notice(actor, space, Notice::PutOut(user), String::new())?;
        }
        let cut = self.cut(&space, &user, 0)?;
        let reason = self.reason.clone().unwrap_or_default();
        self.govern(actor, space, Kind::Kick, &Kick { user, cut, reason })?;
        if goes { Ok(Reply::Done) } else { self.notice(actor, space, Notice::PutOut(user), String::new()) }
    }

    pub(super) fn name_group(&mut self, actor: &Actor, space: SpaceId, name: String) -> Authored<Reply> {
        let view = self.group(actor, &space)?;
        within("name", &name, 1, NAME_MAX)?;
        if view.settings.name == name {
            return Ok(Reply::Done);
        }
        let edit = GuildEdit { name: Some(name.clone()), ..GuildEdit::default() };
        self.govern(actor, space, Kind::GuildEdit, &edit)?;
        self.notice(actor, space, Notice::Named, name)
    }

    fn group(&self, actor: &Actor, space: &SpaceId) -> Authored<GuildView> {
        let view = self.guild_of(actor, space)?.view().clone();
        if view.is_group() { Ok(view) } else { Err(Refusal::Unknown(Thing::Channel).into()) }
    }

    fn notice(&mut self, actor: &Actor, space: SpaceId, notice: Notice, text: String) -> Authored<Reply> {
        let guild = self.guild_of(actor, &space)?;
        let body = Message { text: RichText::plain(&text), notice: Some(notice), ..Message::default() };
        self.utter(actor, &guild, &ChannelId(space.0), Kind::Message, None, &body)?;
        Ok(Reply::Done)
    }

    /// Whether guilds keep two people apart for now: they share some, each of which pauses talks, and are no friends. A rule
    /// that programs hold themselves to: a conversation is its people's, and no guild's.
    pub(super) fn is_talk_paused(&self, actor: &Actor, other: &UserId) -> bool {
        let view = &self.core.mind.view;
        let wishes = |user: &UserId, friend: UserId| {
            view.note(user, &NoteKey::Friend(friend))
                .is_some_and(|noted| matches!(noted.note, Note::Friend { wished: true }))
        };
        if wishes(&actor.user, *other) && wishes(other, actor.user) {
            return false;
        }
        let spaces = view.guilds_of.get(&actor.user).into_iter().flatten();
        let mut shared = spaces
            .filter_map(|space| view.guilds.get(space))
            .filter(|guild| guild.members.contains_key(other))
            .filter(|guild| guild.facts.kind == SpaceKind::Guild)
            .map(|guild| guild.settings.talks_paused_until > self.now_ms)
            .peekable();
        shared.peek().is_some() && shared.all(|paused| paused)
    }
}

const NAME_MAX: usize = 100;
