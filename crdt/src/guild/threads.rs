//! Threads and forums: what they are made of, and who may make and edit them.

use super::channels::{apply_fields, blank_channel};
use super::deed::Deed;
use super::derived::set::set_if;
use super::graph::{Node, RegisterKey};
use super::rule::{Judge, hold};
use super::state::channel::{Channel, Circle, Thread};
use crate::body::governance::{
    ChannelKind, ForumFields, ThreadCreate, ThreadEdit, ThreadFields, ThreadMember,
};
use crate::id::ChannelId;
use crate::permissions::Permissions;
use crate::verdict::VoidReason;
use imbl::OrdMap;
use std::sync::Arc;

/// `quiet_after_min` where nobody says: three days, as on Discord.
const QUIET_AFTER_MIN: u32 = 4_320;

// Numbers of registers, after those of ChannelFields. The first two are shared with them.
const NAME: u8 = 0;
const SLOWMODE: u8 = 5;
const ARCHIVED: u8 = 8;
const QUIET: u8 = 9;
const TAGS: u8 = 10;
const PINNED: u8 = 11;
const FORUM_TAGS: u8 = 12;
const TAG_REQUIRED: u8 = 13;
const REACTION: u8 = 14;
const SORT_ORDER: u8 = 15;
const LAYOUT: u8 = 16;
const POSTS_QUIET: u8 = 17;
const POSTS_SLOWMODE: u8 = 18;
const INVITABLE: u8 = 19;

/// The registers that an edit of a thread or forum writes.
pub(super) fn registers(deed: &Deed) -> Vec<RegisterKey> {
    let (channel, fields) = match deed {
        Deed::ThreadEdit(body) => (body.thread, thread_fields(&body.fields).to_vec()),
        Deed::ForumEdit(body) => (body.channel, forum_fields(&body.forum).to_vec()),
        Deed::ThreadMember(body) => return vec![RegisterKey::ThreadMember(body.thread, body.user)],
        _ => return Vec::new(),
    };
    let written = fields.into_iter().filter(|(_, there)| *there);
    written.map(|(number, _)| RegisterKey::Channel(channel, number)).collect()
}

const fn thread_fields(fields: &ThreadFields) -> [(u8, bool); 7] {
    [
        (NAME, fields.name.is_some()),
        (SLOWMODE, fields.slowmode_s.is_some()),
        (ARCHIVED, fields.archived.is_some()),
        (QUIET, fields.quiet_after_min.is_some()),
        (TAGS, fields.tags.is_some()),
        (PINNED, fields.pinned.is_some()),
        (INVITABLE, fields.invitable.is_some()),
    ]
}

const fn forum_fields(forum: &ForumFields) -> [(u8, bool); 7] {
    [
        (FORUM_TAGS, forum.tags.is_some()),
        (TAG_REQUIRED, forum.tag_required.is_some()),
        (REACTION, forum.reaction.is_some()),
        (SORT_ORDER, forum.sort_order.is_some()),
        (LAYOUT, forum.layout.is_some()),
        (POSTS_QUIET, forum.quiet_after_min.is_some()),
        (POSTS_SLOWMODE, forum.slowmode_s.is_some()),
    ]
}

/// The channel that an op makes, where it makes a thread or a forum.
pub(super) fn made(node: &Node) -> Option<Channel> {
    match &node.deed {
        Deed::ThreadCreate(body) => {
            let mut channel = blank_channel(node, ChannelKind::Thread);
            channel.parent = Some(body.parent);
            channel.thread = Some(Arc::new(Thread {
                owner: node.author,
                starter: body.starter,
                archived: false,
                archived_at: node.hlc,
                quiet_after_min: QUIET_AFTER_MIN,
                tags: Vec::new(),
                pinned: false,
                private: body.private.map(|private| Circle {
                    invitable: private.invitable,
                    inside: OrdMap::unit(node.author, node.hlc),
                }),
            }));
            set_thread(&mut channel, node, &body.fields, &|_| true);
            Some(channel)
        }
        Deed::ForumCreate(body) | Deed::MediaCreate(body) => {
            let media = matches!(node.deed, Deed::MediaCreate(_));
            let mut channel =
                blank_channel(node, if media { ChannelKind::Media } else { ChannelKind::Forum });
            apply_fields(&mut channel, &body.fields, None);
            channel.overwrites = body.overwrites.iter().map(|entry| (entry.target, entry.clone())).collect();
            channel.forum = Some(Arc::default());
            set_forum(&mut channel, &body.forum, &|_| true);
            Some(channel)
        }
        _ => None,
    }
}

/// What an edit sets: all of it, or one register of it.
pub(super) fn set(channels: &mut OrdMap<ChannelId, Channel>, node: &Node, only: Option<&RegisterKey>) {
    let (id, fields) = match &node.deed {
        Deed::ThreadEdit(body) => (body.thread, Ok(&body.fields)),
        Deed::ForumEdit(body) => (body.channel, Err(&body.forum)),
        Deed::ThreadMember(body) => return set_member(channels, node, body),
        _ => return,
    };
    let Some(channel) = channels.get_mut(&id) else { return };
    let wanted = |number| only.is_none_or(|only| *only == RegisterKey::Channel(id, number));
    match fields {
        Ok(fields) => set_thread(channel, node, fields, &wanted),
        Err(forum) => set_forum(channel, forum, &wanted),
    }
}

fn set_member(channels: &mut OrdMap<ChannelId, Channel>, node: &Node, body: &ThreadMember) {
    let thread = channels.get_mut(&body.thread).and_then(|channel| channel.thread.as_mut());
    let Some(circle) = thread.and_then(|thread| Arc::make_mut(thread).private.as_mut()) else { return };
    if body.inside {
        circle.inside.insert(body.user, node.hlc);
    } else {
        circle.inside.remove(&body.user);
    }
}

fn set_thread(channel: &mut Channel, node: &Node, fields: &ThreadFields, wanted: &dyn Fn(u8) -> bool) {
    let Some(thread) = channel.thread.as_mut().map(Arc::make_mut) else { return };
    set_if(wanted(NAME), &mut channel.name, &fields.name);
    set_if(wanted(SLOWMODE), &mut channel.slowmode_s, &fields.slowmode_s);
    if let Some(archived) = fields.archived.filter(|_| wanted(ARCHIVED)) {
        (thread.archived, thread.archived_at) = (archived, node.hlc);
    }
    set_if(wanted(QUIET), &mut thread.quiet_after_min, &fields.quiet_after_min);
    set_if(wanted(TAGS), &mut thread.tags, &fields.tags);
    set_if(wanted(PINNED), &mut thread.pinned, &fields.pinned);
    if let Some(circle) = &mut thread.private {
        set_if(wanted(INVITABLE), &mut circle.invitable, &fields.invitable);
    }
}

fn set_forum(channel: &mut Channel, fields: &ForumFields, wanted: &dyn Fn(u8) -> bool) {
    let Some(forum) = channel.forum.as_mut().map(Arc::make_mut) else { return };
    set_if(wanted(FORUM_TAGS), &mut forum.tags, &fields.tags);
    set_if(wanted(TAG_REQUIRED), &mut forum.tag_required, &fields.tag_required);
    set_if(wanted(REACTION), &mut forum.reaction, &fields.reaction);
    if fields.sort_order.is_some() && wanted(SORT_ORDER) {
        forum.sort_order = fields.sort_order;
    }
    set_if(wanted(LAYOUT), &mut forum.layout, &fields.layout);
    if fields.quiet_after_min.is_some() && wanted(POSTS_QUIET) {
        forum.quiet_after_min = fields.quiet_after_min;
    }
    set_if(wanted(POSTS_SLOWMODE), &mut forum.slowmode_s, &fields.slowmode_s);
}

impl Judge<'_> {
    pub(super) fn is_thread(&self, channel: &ChannelId) -> bool {
        self.view.channels.get(channel).is_some_and(|channel| channel.thread.is_some())
    }

    /// A channel with rights and a place of its own, which a thread and an event are not.
    pub(super) fn own_channel(&self, channel: &ChannelId, permission: Permissions) -> Result<(), VoidReason> {
        hold(self.view.channels.get(channel).is_some_and(Channel::is_listed))?;
        self.channel(channel, permission)
    }

    /// Below a text or announcement channel by CREATE_PUBLIC_THREADS, in a forum by SEND_MESSAGES; where the channel is
    /// locked, by who may manage its messages.
    pub(super) fn thread_create(&self, body: &ThreadCreate) -> Result<(), VoidReason> {
        let parent = self.view.channels.get(&body.parent).ok_or(VoidReason::Target)?;
        let needs = match parent.kind {
            ChannelKind::Text if body.private.is_some() => Permissions::CREATE_PRIVATE_THREADS,
            _ if body.private.is_some() => return Err(VoidReason::Target),
            ChannelKind::Text | ChannelKind::Announcement => Permissions::CREATE_PUBLIC_THREADS,
            ChannelKind::Forum | ChannelKind::Media => Permissions::SEND_MESSAGES,
            ChannelKind::Voice | ChannelKind::Category | ChannelKind::Thread | ChannelKind::Event => {
                return Err(VoidReason::Target);
            }
        };
        self.channel(&body.parent, needs)?;
        if parent.is_locked() {
            self.channel(&body.parent, Permissions::MANAGE_MESSAGES)?;
        }
        hold(body.starter.is_none() || parent.forum.is_none() && body.private.is_none())?;
        let tags = body.fields.tags.as_deref().unwrap_or_default();
        let required = parent.forum.as_ref().is_some_and(|forum| forum.tag_required);
        hold(!required || !tags.is_empty())?;
        self.tags(parent, &[], tags)
    }

    /// Who manages threads edits them. Who made one renames it, tags it, and puts it away or takes it out, until it is
    /// locked; whoever writes in it takes it out.
    pub(super) fn thread_edit(&self, body: &ThreadEdit) -> Result<(), VoidReason> {
        let channel = self.view.channels.get(&body.thread).ok_or(VoidReason::Target)?;
        let thread = channel.thread.as_ref().ok_or(VoidReason::Target)?;
        let parent = channel.parent.and_then(|parent| self.view.channels.get(&parent));
        if let (Some(parent), Some(tags)) = (parent, &body.fields.tags) {
            self.tags(parent, &thread.tags, tags)?;
        }
        let may = self.view.in_channel(self.author, channel);
        if may.has(Permissions::MANAGE_THREADS) {
            return Ok(());
        }
        let fields = &body.fields;
        let own = thread.owner == *self.author && may.has(Permissions::VIEW_CHANNEL);
        let as_owner = own && fields.slowmode_s.is_none() && fields.pinned.is_none();
        let wakes = ThreadFields { archived: Some(false), ..ThreadFields::default() };
        let as_writer = *fields == wakes && may.has(Permissions::SEND_MESSAGES);
        if !channel.is_locked() && (as_owner || as_writer) { Ok(()) } else { Err(VoidReason::NoPermission) }
    }

    /// Whoever is in a private thread, and may write there, brings in others where it is invitable; who made it and who
    /// manages threads always, and they put others out. Everybody goes by themself.
    pub(super) fn thread_member(&self, body: &ThreadMember) -> Result<(), VoidReason> {
        let channel = self.view.channels.get(&body.thread).ok_or(VoidReason::Target)?;
        let thread = channel.thread.as_ref().ok_or(VoidReason::Target)?;
        let circle = thread.private.as_ref().ok_or(VoidReason::Target)?;
        let may = self.view.in_channel(self.author, channel);
        let heads = thread.owner == *self.author || may.has(Permissions::MANAGE_THREADS);
        let allowed = if body.inside {
            may.has(Permissions::SEND_MESSAGES) && (heads || circle.invitable)
        } else {
            heads || body.user == *self.author
        };
        let sees = may.has(Permissions::VIEW_CHANNEL);
        if sees && allowed { Ok(()) } else { Err(VoidReason::NoPermission) }
    }

    /// Tags that a post did not have must be its forum's, and moderated ones change by who manages threads.
    fn tags(&self, parent: &Channel, had: &[u64], tags: &[u64]) -> Result<(), VoidReason> {
        let known = parent.forum.as_ref().map_or(&[][..], |forum| &forum.tags);
        let find = |id: &u64| known.iter().find(|tag| tag.id == *id);
        let added = tags.iter().filter(|id| !had.contains(id));
        let removed = had.iter().filter(|id| !tags.contains(id));
        hold(added.clone().all(|id| find(id).is_some()))?;
        if added.chain(removed).filter_map(find).any(|tag| tag.moderated) {
            return self.channel(&parent.id, Permissions::MANAGE_THREADS);
        }
        Ok(())
    }
}
