//! Threads and forums.

use super::alert::Heard;
use super::channel::{CHANNELS_MAX, fits};
use super::message::may;
use super::{Actor, Authored, Halt, Turn, within};
use crate::command::Reply;
use crate::command::draft::{ForumDraft, ThreadDraft};
use crate::command::message::MessageDraft;
use crate::command::refusal::{Refusal, Thing};
use crate::store::Store;
use nexus_crdt::body::content::Follow;
use nexus_crdt::body::governance::{
    ForumCreate, ForumEdit, ForumFields, POST_TAGS_MAX, Private, Tag, ThreadCreate, ThreadEdit, ThreadFields,
    ThreadMember,
};
use nexus_crdt::guild::{Channel, Guild, GuildView};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::permissions::Permissions;
use nexus_crdt::timeline::followers;

impl Turn<'_> {
    /// The thread, its maker among its followers, and of a post its first message: all or nothing.
    pub(super) fn create_thread(
        &mut self,
        actor: &Actor,
        parent: ChannelId,
        draft: ThreadDraft,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &parent)?;
        let (view, space) = (guild.view(), guild.view().facts.id);
        let shown = view.channels.get(&parent).ok_or(Refusal::Unknown(Thing::Channel))?;
        let ThreadDraft { starter, mut fields, private, first } = draft;
        let Some(name) = &fields.name else {
            return Err(Refusal::Invalid { field: "name", reason: "is required" }.into());
        };
        within("name", name, 1, 100)?;
        within_a_forum(shown, &mut fields, first.is_some())?;
        let open = view.channels.values().filter_map(|channel| channel.thread.as_ref());
        if open.filter(|thread| !thread.archived).count() >= OPEN_MAX {
            return Err(Refusal::TooMany { what: "active threads", max: 1_000 }.into());
        }
        if let Some(starter) = starter {
            self.visible(&parent, &starter)?.ok_or(Refusal::Unknown(Thing::Message))?;
            if view.channels.values().any(|channel| made_from(channel, &parent, &starter)) {
                return Err(Refusal::HasThread.into());
            }
        }
        if let Some(first) = &first {
            self.asks_filters(actor, &parent, first)?;
        }
        let private = private.map(|invitable| Private { invitable });
        let body = ThreadCreate { parent, starter, fields, private };
        let made = self.govern(actor, space, Kind::ThreadCreate, &body)?;
        let thread = ChannelId::from(made);
        // The index is brought up at the turn's end; what follows in this turn looks it up before.
        self.core.mind.view.channels.insert(thread, space);
        self.follow(actor, thread, actor.user, true)?;
        if let Some(mut first) = first {
            first.channel = thread;
            // What stops it in the post and not in the forum stops all of it.
            self.send_message(actor, *first).map_err(|halt| match halt {
                Halt::Caught(refusal) => Halt::Refused(refusal),
                halt => halt,
            })?;
        }
        Ok(Reply::Created(made))
    }

    /// Before the post is made that it begins: what a filter stops leaves no empty one behind.
    fn asks_filters(&mut self, actor: &Actor, forum: &ChannelId, first: &MessageDraft) -> Authored<()> {
        let guild = self.guild_with(actor, forum)?;
        may(guild.view(), actor, forum, Permissions::SEND_MESSAGES)?;
        let heard = Heard::of_message(&self.body_of(actor, first.clone()));
        self.pass_filters(actor, guild.view(), forum, &heard).map(drop)
    }

    pub(super) fn edit_thread(
        &mut self,
        actor: &Actor,
        thread: ChannelId,
        fields: ThreadFields,
    ) -> Authored<Reply> {
        let space = self.guild_with(actor, &thread)?.view().facts.id;
        if let Some(name) = &fields.name {
            within("name", name, 1, 100)?;
        }
        few_tags(&fields)?;
        if fields != ThreadFields::default() {
            self.govern(actor, space, Kind::ThreadEdit, &ThreadEdit { thread, fields })?;
        }
        Ok(Reply::Done)
    }

    /// A word that changes nothing is not written.
    pub(super) fn follow(
        &mut self,
        actor: &Actor,
        thread: ChannelId,
        user: UserId,
        following: bool,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &thread)?;
        let view = guild.view();
        let shown = view.channels.get(&thread).filter(|channel| channel.thread.is_some());
        let shown = shown.ok_or(Refusal::Unknown(Thing::Channel))?;
        // Into a private thread one is brought by just that.
        let place = match &shown.thread {
            Some(facts) if facts.private.is_some() => shown.parent.unwrap_or(thread),
            _ => thread,
        };
        if following && !view.permissions_in(&user, &place).has(Permissions::VIEW_CHANNEL) {
            return Err(Refusal::Unknown(Thing::Member).into());
        }
        if self.follows(view, shown, &user)? == following {
            return Ok(Reply::Done);
        }
        self.follow_now(actor, &guild, &thread, user, following)?;
        Ok(Reply::Done)
    }

    /// Whoever writes in a thread follows it, and takes it out again where it was put away.
    pub(super) fn enter_thread(&mut self, actor: &Actor, guild: &Guild, channel: &ChannelId) -> Authored<()> {
        let Some(shown) = guild.view().channels.get(channel) else { return Ok(()) };
        let Some(thread) = &shown.thread else { return Ok(()) };
        if thread.archived {
            let fields = ThreadFields { archived: Some(false), ..ThreadFields::default() };
            self.edit_thread(actor, *channel, fields)?;
        }
        if !self.follows(guild.view(), shown, &actor.user)? {
            self.follow_now(actor, guild, channel, actor.user, true)?;
        }
        Ok(())
    }

    pub(super) fn follow_now(
        &mut self,
        actor: &Actor,
        guild: &Guild,
        thread: &ChannelId,
        user: UserId,
        following: bool,
    ) -> Authored<()> {
        let shown = guild.view().channels.get(thread).and_then(|channel| channel.thread.as_ref());
        if shown.is_some_and(|facts| facts.private.is_some()) {
            let body = ThreadMember { thread: *thread, user, inside: following };
            self.govern(actor, guild.view().facts.id, Kind::ThreadMember, &body)?;
            return Ok(());
        }
        self.within_quota(actor, guild, thread)?;
        self.utter(actor, guild, thread, Kind::Follow, None, &Follow { user, following })?;
        Ok(())
    }

    pub(super) fn follows(&self, view: &GuildView, thread: &Channel, user: &UserId) -> Authored<bool> {
        if let Some(circle) = thread.thread.as_ref().and_then(|facts| facts.private.as_ref()) {
            return Ok(view.is_inside(circle, user));
        }
        let acts = self.store.acts(&thread.id.stream(), &OpId::from(thread.id), thread.born)?;
        let acts: Vec<_> = acts.into_iter().map(|row| row.act).collect();
        Ok(followers(&acts).contains_key(user))
    }

    pub(super) fn create_forum(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        draft: ForumDraft,
    ) -> Authored<Reply> {
        let ForumDraft { fields, overwrites, mut forum, media } = draft;
        if fields.name.is_none() {
            return Err(Refusal::Invalid { field: "name", reason: "is required" }.into());
        }
        fits(&fields)?;
        self.room_for_a_channel(actor, &guild)?;
        self.number_tags(&[], &mut forum)?;
        let body = ForumCreate { fields, overwrites, forum };
        let kind = if media { Kind::MediaCreate } else { Kind::ForumCreate };
        Ok(Reply::Created(self.govern(actor, guild, kind, &body)?))
    }

    pub(super) fn edit_forum(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        mut forum: ForumFields,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        let shown = guild.view().channels.get(&channel).and_then(|channel| channel.forum.clone());
        let shown = shown.ok_or(Refusal::Unknown(Thing::Channel))?;
        self.number_tags(&shown.tags, &mut forum)?;
        self.govern(actor, guild.view().facts.id, Kind::ForumEdit, &ForumEdit { channel, forum })?;
        Ok(Reply::Done)
    }

    /// Refuses one channel more than a guild may have. Threads are not counted.
    pub(super) fn room_for_a_channel(&self, actor: &Actor, guild: &SpaceId) -> Authored<()> {
        let guild = self.guild_of(actor, guild)?;
        let channels = guild.view().channels.values().filter(|channel| channel.is_listed());
        if channels.count() >= CHANNELS_MAX {
            return Err(Refusal::TooMany { what: "channels", max: 500 }.into());
        }
        Ok(())
    }

    /// Gives new tags (number 0) a number that no other tag has; says what is wrong with a list.
    fn number_tags(&mut self, had: &[Tag], forum: &mut ForumFields) -> Authored<()> {
        let Some(tags) = &mut forum.tags else { return Ok(()) };
        if tags.len() > 20 {
            return Err(Refusal::TooMany { what: "tags", max: 20 }.into());
        }
        for at in 0..tags.len() {
            within("available_tags", &tags[at].name, 1, 50)?;
            let given = tags[at].id;
            if given != 0 && !had.iter().any(|tag| tag.id == given) {
                return Err(Refusal::Invalid { field: "available_tags", reason: "no such tag" }.into());
            }
            if given == 0 {
                // As a snowflake reads: when it was made, and a number of its own in that millisecond.
                let at_ms = self.now_ms.saturating_sub(crate::snowflake::DISCORD_EPOCH_MS) << 22;
                let taken = |id: u64| tags.iter().chain(had).any(|tag| tag.id == id);
                tags[at].id = (at_ms..).find(|id| *id != 0 && !taken(*id)).unwrap_or(1);
            }
        }
        Ok(())
    }
}

/// What a forum asks of a new post, and gives it.
fn within_a_forum(parent: &Channel, fields: &mut ThreadFields, has_first: bool) -> Authored<()> {
    few_tags(fields)?;
    let Some(forum) = &parent.forum else {
        let tags = fields.tags.as_ref().is_some_and(|tags| !tags.is_empty());
        let refused = Refusal::Invalid { field: "applied_tags", reason: "no forum" };
        return if tags { Err(refused.into()) } else { Ok(()) };
    };
    if !has_first {
        return Err(Refusal::Invalid { field: "message", reason: "a post begins with a message" }.into());
    }
    if forum.tag_required && fields.tags.as_ref().is_none_or(Vec::is_empty) {
        return Err(Refusal::Invalid { field: "applied_tags", reason: "this forum asks for a tag" }.into());
    }
    fields.quiet_after_min = fields.quiet_after_min.or(forum.quiet_after_min);
    fields.slowmode_s = fields.slowmode_s.or((forum.slowmode_s > 0).then_some(forum.slowmode_s));
    Ok(())
}

fn few_tags(fields: &ThreadFields) -> Authored<()> {
    if fields.tags.as_ref().is_some_and(|tags| tags.len() > POST_TAGS_MAX) {
        return Err(Refusal::Invalid { field: "applied_tags", reason: "at most 5" }.into());
    }
    Ok(())
}

fn made_from(channel: &Channel, parent: &ChannelId, starter: &OpId) -> bool {
    channel.parent == Some(*parent)
        && channel.thread.as_ref().is_some_and(|thread| thread.starter == Some(*starter))
}

/// Threads of one guild that are not put away, as on Discord.
const OPEN_MAX: usize = 1_000;
