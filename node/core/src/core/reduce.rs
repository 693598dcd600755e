//! What a turn did to guilds, found by comparing the projection before and after: whatever the cause (an own op,
//! an op from elsewhere, a verdict that turned), the changes are right.

use crate::change::Change;
use crate::view::View;
use imbl::ordmap::DiffItem;
use imbl::{OrdMap, OrdSet};
use nexus_crdt::guild::{Channel, GuildView, Invite};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{SpaceId, UserId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Lists what differs in the guilds `touched`, and brings the view's indices up to it.
pub(super) fn changes(before: &View, after: &mut View, touched: &BTreeSet<SpaceId>, now: Hlc) -> Vec<Change> {
    let mut changes = Vec::new();
    for space in touched {
        let Some(guild) = after.guilds.get(space).cloned() else { continue };
        index(before.guilds.get(space), &guild, after);
        match before.guilds.get(space) {
            None => changes.push(Change::GuildCreated { space: *space }),
            Some(before) => guild_changes(before, &guild, now, &mut changes),
        }
    }
    changes
}

/// Which guilds a local account is in, for an account that has just become local.
pub(super) fn index_account(view: &mut View, user: UserId) {
    let inside = |(space, guild): (&SpaceId, &GuildView)| guild.members.contains_key(&user).then_some(*space);
    let spaces: OrdSet<SpaceId> = view.guilds.iter().filter_map(inside).collect();
    view.own_spaces.extend(spaces.iter().copied());
    view.guilds_of.insert(user, spaces);
}

/// .. and for one that is local no more.
pub(super) fn unindex_account(view: &mut View, user: UserId) {
    view.local.remove(&user);
    for space in view.guilds_of.remove(&user).unwrap_or_default() {
        if view.guilds.get(&space).is_none_or(|guild| !holds_somebody_here(guild, view)) {
            view.own_spaces.remove(&space);
        }
    }
}

fn holds_somebody_here(guild: &GuildView, view: &View) -> bool {
    view.local.iter().any(|user| guild.members.contains_key(user))
}

fn index(before: Option<&GuildView>, guild: &GuildView, view: &mut View) {
    let space = guild.facts.id;
    each_difference(before.map(|guild| &guild.channels), &guild.channels, |channel, _, now| match now {
        Some(_) => drop(view.channels.insert(*channel, space)),
        None => drop(view.channels.remove(channel)),
    });
    each_difference(before.map(|guild| &guild.invites), &guild.invites, |_, was, now| {
        if let Some(was) = was {
            view.invites.remove(&was.admission);
        }
        if let Some(now) = now {
            view.invites.insert(now.admission, (space, now.id));
        }
    });
    let mut somebody_left = false;
    each_difference(before.map(|guild| &guild.members), &guild.members, |user, _, now| {
        if !view.local.contains(user) {
            return;
        }
        let spaces = view.guilds_of.entry(*user).or_default();
        match now {
            Some(_) => {
                spaces.insert(space);
                view.own_spaces.insert(space);
            }
            None => {
                spaces.remove(&space);
                somebody_left = true;
            }
        }
    });
    if somebody_left && !holds_somebody_here(guild, view) {
        view.own_spaces.remove(&space);
    }
}

fn guild_changes(before: &GuildView, guild: &GuildView, now: Hlc, changes: &mut Vec<Change>) {
    let space = guild.facts.id;
    if before.settings != guild.settings || before.relays != guild.relays {
        changes.push(Change::GuildUpdated { space });
    }
    retention_changes(before, guild, changes);
    if before.emojis != guild.emojis {
        changes.push(Change::EmojisUpdated { space });
    }
    each_difference(Some(&before.access), &guild.access, |(application, offer), _, _| {
        changes.push(Change::OfferAccessUpdated { space, application: *application, offer: *offer });
    });
    filter_changes(before, guild, changes);
    let mut gone = Vec::new();
    each_difference(Some(&before.roles), &guild.roles, |role, was, is| match (was, is) {
        (None, _) => changes.push(Change::RoleCreated { space, role: *role }),
        (_, None) => gone.push(Change::RoleDeleted { space, role: *role }),
        _ => changes.push(Change::RoleUpdated { space, role: *role }),
    });
    each_difference(Some(&before.channels), &guild.channels, |channel, was, is| match (was, is) {
        (None, _) => changes.push(Change::ChannelCreated { space, channel: *channel }),
        (Some(was), None) => gone.push(Change::ChannelDeleted { space, channel: Arc::new(was.clone()) }),
        (Some(was), Some(is)) => {
            let (before, now) = (inside(was), inside(is));
            let only_people = before != now && people_aside(was, is);
            if !only_people {
                changes.push(Change::ChannelUpdated { space, channel: *channel });
            }
            each_difference(Some(&before), &now, |user, was, is| {
                if was.is_none() != is.is_none() {
                    let (thread, user, following) = (*channel, *user, is.is_some());
                    changes.push(Change::ThreadFollowed { space, thread, user, following });
                }
            });
        }
    });
    member_changes(before, guild, changes);
    invite_changes(before, guild, now, changes);
    changes.append(&mut gone);
}

/// A channel says how long its messages are kept, and so does the guild.
fn retention_changes(before: &GuildView, guild: &GuildView, changes: &mut Vec<Change>) {
    let space = guild.facts.id;
    each_difference(Some(&before.retention), &guild.retention, |channel, _, _| match channel {
        Some(channel) if guild.channels.contains_key(channel) => {
            changes.push(Change::ChannelUpdated { space, channel: *channel });
        }
        Some(_) => {}
        None => changes.push(Change::GuildUpdated { space }),
    });
}

/// Who is in a private thread.
fn inside(channel: &Channel) -> OrdMap<UserId, Hlc> {
    let circle = channel.thread.as_ref().and_then(|thread| thread.private.as_ref());
    circle.map(|circle| circle.inside.clone()).unwrap_or_default()
}

/// Whether two states of a thread differ in nothing but who is in it.
fn people_aside(was: &Channel, is: &Channel) -> bool {
    let mut was = was.clone();
    if let Some(circle) = was.thread.as_mut().and_then(|thread| Arc::make_mut(thread).private.as_mut()) {
        circle.inside = inside(is);
    }
    was == *is
}

fn filter_changes(before: &GuildView, guild: &GuildView, changes: &mut Vec<Change>) {
    let space = guild.facts.id;
    each_difference(Some(&before.filters), &guild.filters, |filter, was, is| match (was, is) {
        (None, _) => changes.push(Change::FilterCreated { space, filter: *filter }),
        (Some(was), None) => changes.push(Change::FilterDeleted { space, filter: Arc::new(was.clone()) }),
        _ => changes.push(Change::FilterUpdated { space, filter: *filter }),
    });
}

fn member_changes(before: &GuildView, guild: &GuildView, changes: &mut Vec<Change>) {
    let space = guild.facts.id;
    let mut updated = BTreeSet::new();
    each_difference(Some(&before.members), &guild.members, |user, was, is| match (was, is) {
        (None, _) => changes.push(Change::MemberJoined { space, user: *user }),
        (Some(was), None) => changes.push(Change::MemberLeft { space, member: Arc::new(was.clone()) }),
        _ => drop(updated.insert(*user)),
    });
    each_difference(Some(&before.assigned), &guild.assigned, |user, _, _| {
        if before.members.contains_key(user) && guild.members.contains_key(user) {
            updated.insert(*user);
        }
    });
    each_difference(Some(&before.timeouts), &guild.timeouts, |user, _, _| {
        if before.members.contains_key(user) && guild.members.contains_key(user) {
            updated.insert(*user);
        }
    });
    each_difference(Some(&before.silenced), &guild.silenced, |user, _, _| {
        if before.members.contains_key(user) && guild.members.contains_key(user) {
            updated.insert(*user);
            changes.push(Change::Silenced { space, user: *user });
        }
    });
    changes.extend(updated.into_iter().map(|user| Change::MemberUpdated { space, user }));
    each_difference(Some(&before.removals), &guild.removals, |user, _, _| {
        match (before.is_banned(user), guild.is_banned(user)) {
            (false, true) => changes.push(Change::BanAdded { space, user: *user }),
            (true, false) => changes.push(Change::BanRemoved { space, user: *user }),
            _ => {}
        }
    });
}

fn invite_changes(before: &GuildView, guild: &GuildView, now: Hlc, changes: &mut Vec<Change>) {
    let space = guild.facts.id;
    // An invite that is over already (a bot was let in by it) is no news.
    let over = |invite: &Invite| invite.expires.is_some_and(|end| end <= now);
    each_difference(Some(&before.invites), &guild.invites, |_, was, is| match (was, is) {
        (None, Some(invite)) if !over(invite) => {
            changes.push(Change::InviteCreated { space, invite: Arc::new(invite.clone()) });
        }
        (Some(invite), None) => {
            changes.push(Change::InviteDeleted { space, invite: Arc::new(invite.clone()) });
        }
        _ => {}
    });
}

/// Calls `each` with what was and what is, for every key where the two differ. Shared parts of the maps cost nothing.
fn each_difference<K: Ord + Clone, V: PartialEq + Clone>(
    before: Option<&OrdMap<K, V>>,
    after: &OrdMap<K, V>,
    mut each: impl FnMut(&K, Option<&V>, Option<&V>),
) {
    let empty = OrdMap::new();
    for item in before.unwrap_or(&empty).diff(after) {
        match item {
            DiffItem::Add(key, value) => each(key, None, Some(value)),
            DiffItem::Update { old: (key, old), new: (_, new) } => each(key, Some(old), Some(new)),
            DiffItem::Remove(key, value) => each(key, Some(value), None),
        }
    }
}
