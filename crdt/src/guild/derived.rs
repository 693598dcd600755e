//! What a past-closed set of ops means: the ops that are void in it, and the state that the valid ones write.
//!
//! Three ways lead there and must agree: [`Derived::then`] puts one op on top of everything (nothing is concurrent
//! with it), [`Derived::of_all`] builds from the whole set, register by register, and [`Derived::since`] builds so on what
//! a checkpoint stands for.

use super::deed::Deed;
use super::graph::{Graph, Node, RegisterKey};
use super::owners::{Reigns, open_votes};
use super::past::{Past, Place};
use super::rule::{self, RULES_VERSION};
use super::state::channel::{Channel, Closed};
use super::state::removal::{Pause, Removal, RemovalKind};
use super::state::{GuildView, Invite, Kept, Role};
use super::{emojis, events, filters, threads};
use crate::body::governance::{ChannelFields, CutEntry, Lock, OverwriteEntry, PrivRoles, Timeout};
use crate::hlc::Hlc;
use crate::id::{ChannelId, OpId, RoleId, UserId};
use crate::permissions::Permissions;
use crate::verdict::VoidReason;
use imbl::{OrdMap, OrdSet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A past-closed set, decided.
#[derive(Clone, Debug)]
pub(super) struct Derived {
    /// The set.
    pub(super) past: Past,
    /// Its void ops; every other op of it is valid.
    pub(super) void: OrdMap<Place, VoidReason>,
    /// The state, without members: membership is no part of governance.
    pub(super) view: GuildView,
    /// The grant that rules each person's register.
    pub(super) grants: OrdMap<UserId, Place>,
    /// The move that rules each moved role's rank.
    pub(super) moves: OrdMap<RoleId, Place>,
    /// The highest valid checkpoint.
    pub(super) checkpoint: Option<Place>,
    /// Ops, and pairs of ops, that were looked at to decide it.
    pub(super) steps: usize,
}

impl Derived {
    pub(super) fn is_valid(&self, place: Place) -> bool {
        self.past.has(place) && !self.void.contains_key(&place)
    }

    /// The rank a person's register gives, member or not.
    pub(super) fn assigned_rank(&self, user: &UserId) -> u64 {
        self.view.roles_of(user).map(|role| role.rank).max().unwrap_or(0)
    }

    /// This set with one op on top that cites all of it.
    pub(super) fn then(&self, graph: &Graph, node: &Node) -> Self {
        let mut next = Self { past: self.past.with(node.place), steps: 1, ..self.clone() };
        match node.local {
            Err(reason) => drop(next.void.insert(node.place, reason)),
            Ok(()) => next.write(graph, node),
        }
        next
    }

    /// A set, from Genesis on.
    pub(super) fn of_all(graph: &Graph, past: Past) -> Self {
        let blank = Self::blank(graph, Past::default());
        Self::since(graph, &blank, past)
    }

    /// A set that is `base` and what came since: everything else in it has seen all of `base`, and the same own the guild.
    /// Nothing since is concurrent with what is in the base, so no verdict there turns, and whatever is written since is later.
    pub(super) fn since(graph: &Graph, base: &Self, past: Past) -> Self {
        let new: Vec<&Node> = past.beyond(&base.past).map(|place| graph.node(place)).collect();
        let (void, steps) = rule::decide(graph, &past, &new, &base.void);
        let ownership = Reigns::of(graph, &past).last(&graph.blank.ownership);
        let mut derived = Self { past, void, steps, ..base.clone() };
        derived.view.votes = open_votes(graph, &ownership, &derived.past);
        derived.view.ownership = Arc::new(ownership);
        let valid: Vec<&Node> =
            new.into_iter().filter(|node| !derived.void.contains_key(&node.place)).collect();
        derived.put_together(graph, &valid);
        derived
    }

    /// What valid ops write: what is made, then each register's winner, then what is taken away.
    fn put_together(&mut self, graph: &Graph, valid: &[&Node]) {
        let mut writes = Writes::default();
        for node in valid {
            self.make(graph, node);
            writes.add(node);
        }
        for (key, nodes) in &writes.registers {
            if let Some(winner) = winner(nodes) {
                self.set(winner, Some(key));
            }
        }
        for node in valid {
            self.take_away(node, Some(&writes));
        }
        for node in &writes.tightening {
            self.tighten(node);
        }
    }

    /// A set of which nothing is known yet.
    pub(super) fn blank(graph: &Graph, past: Past) -> Self {
        Self {
            past,
            void: OrdMap::new(),
            view: graph.blank.clone(),
            grants: OrdMap::new(),
            moves: OrdMap::new(),
            checkpoint: None,
            steps: 0,
        }
    }

    /// One op on top of everything: its writes win every register.
    fn write(&mut self, graph: &Graph, node: &Node) {
        self.make(graph, node);
        self.set(node, None);
        self.take_away(node, None);
        self.tighten(node);
    }

    /// What an op makes.
    fn make(&mut self, graph: &Graph, node: &Node) {
        match &node.deed {
            Deed::RoleCreate(body) => {
                let id = RoleId::from(node.id);
                let role = Role {
                    id,
                    rank: body.rank,
                    name: body.name.clone(),
                    permissions: body.permissions,
                    color: body.color,
                    hoist: body.hoist,
                    mentionable: body.mentionable,
                    rate_class: Some(body.rate_class),
                    managed_by: body.managed_by,
                };
                self.view.roles.insert(id, role);
            }
            Deed::ChannelCreate(body) => {
                let mut channel = blank_channel(node, body.kind);
                apply_fields(&mut channel, &body.fields, None);
                channel.overwrites =
                    body.overwrites.iter().map(|entry| (entry.target, entry.clone())).collect();
                self.view.channels.insert(channel.id, channel);
            }
            Deed::ThreadCreate(_) | Deed::ForumCreate(_) => {
                let made = threads::made(node);
                self.view.channels.extend(made.map(|channel| (channel.id, channel)));
            }
            Deed::EmojiCreate(_) => {
                self.view.emojis.extend(emojis::made(node).map(|emoji| (emoji.id, emoji)));
            }
            Deed::EventCreate(_) => {
                self.view.channels.extend(events::made(node).map(|channel| (channel.id, channel)));
            }
            Deed::FilterCreate(_) => {
                self.view.filters.extend(filters::made(node).map(|filter| (filter.id, filter)));
            }
            Deed::Relays(body) => self.view.relays_ever.extend(body.urls.iter().cloned()),
            Deed::InviteKey(body) => {
                let invite = Invite {
                    id: node.id,
                    inviter: node.author,
                    admission: body.admission,
                    channel: body.channel,
                    born: node.hlc,
                    expires: body.expires,
                };
                self.view.invites.insert(node.id, invite);
            }
            Deed::Checkpoint(_) => self.seal(graph, node),
            Deed::SetRules(body) => {
                self.seal(graph, node);
                self.view.rules_version = self.view.rules_version.max(body.rules_version);
                // What follows under rules that are not carried here is not guessed at.
                if body.rules_version > RULES_VERSION {
                    self.view.beyond_rules.insert(node.id);
                }
            }
            Deed::Beyond => drop(self.view.beyond_rules.insert(node.id)),
            _ => {}
        }
    }

    /// The highest is the one with most in its past.
    fn seal(&mut self, graph: &Graph, node: &Node) {
        self.view.height += 1;
        let highest = self.checkpoint.map(|place| graph.node(place));
        if highest.is_none_or(|highest| (highest.depth, highest.id) < (node.depth, node.id)) {
            self.checkpoint = Some(node.place);
        }
    }

    /// What an op sets: all of it, or one register of it.
    fn set(&mut self, node: &Node, only: Option<&RegisterKey>) {
        let wanted = |key: RegisterKey| only.is_none_or(|only| *only == key);
        match &node.deed {
            Deed::GuildEdit(edit) => self.set_guild(edit, &wanted),
            Deed::RoleEdit(edit) => {
                let Some(role) = self.view.roles.get_mut(&edit.role) else { return };
                let field = |number| wanted(RegisterKey::Role(edit.role, number));
                set_if(field(1), &mut role.name, &edit.name);
                set_if(field(2), &mut role.permissions, &edit.permissions);
                set_if(field(3), &mut role.color, &edit.color);
                set_if(field(4), &mut role.hoist, &edit.hoist);
                set_if(field(5), &mut role.mentionable, &edit.mentionable);
                if let Some(class) = edit.rate_class.filter(|_| field(6)) {
                    role.rate_class = Some(class);
                }
            }
            Deed::RoleMove(body) => {
                if let Some(role) = self.view.roles.get_mut(&body.role) {
                    role.rank = body.rank;
                    self.moves.insert(body.role, node.place);
                }
            }
            Deed::ChannelEdit(edit) => {
                if let Some(channel) = self.view.channels.get_mut(&edit.channel) {
                    apply_fields(channel, &edit.fields, only);
                }
            }
            Deed::ThreadEdit(_) | Deed::ForumEdit(_) | Deed::ThreadMember(_) => {
                threads::set(&mut self.view.channels, node, only);
            }
            Deed::EmojiEdit(edit) => emojis::set(&mut self.view.emojis, edit, only),
            Deed::FilterEdit(_) => filters::set(&mut self.view.filters, node, only),
            Deed::EventEdit(edit) => events::set(&mut self.view.channels, edit, only),
            Deed::OfferAccess(body) => {
                let of = (body.application, body.offer);
                if body.lines.is_empty() {
                    self.view.access.remove(&of);
                } else {
                    self.view.access.insert(of, body.lines.as_slice().into());
                }
            }
            Deed::Retention(body) => {
                self.view.retention.insert(body.channel, Kept::of(node.id, body));
            }
            Deed::Overwrite(body) => {
                let Some(channel) = self.view.channels.get_mut(&body.channel) else { return };
                if body.clear {
                    channel.overwrites.remove(&body.entry.target);
                } else {
                    channel.overwrites.insert(body.entry.target, body.entry.clone());
                }
            }
            Deed::PrivRoles(body) => self.grant(node, body),
            Deed::Kick(_) | Deed::Ban(_) => {
                if let Some(user) = node.deed.removed() {
                    self.view.assigned.remove(&user);
                    self.view.brought.remove(&user);
                    self.grants.remove(&user);
                }
            }
            Deed::Relays(body) => self.view.relays = body.urls.as_slice().into(),
            Deed::Admit(body) => drop(self.view.brought.insert(body.user, node.hlc)),
            _ => {}
        }
    }

    fn set_guild(&mut self, edit: &crate::body::governance::GuildEdit, wanted: &dyn Fn(RegisterKey) -> bool) {
        let settings = &mut self.view.settings;
        set_if(wanted(RegisterKey::Guild(0)), &mut settings.name, &edit.name);
        set_if(wanted(RegisterKey::Guild(1)), &mut settings.description, &edit.description);
        if let Some(channel) = edit.system_channel.filter(|_| wanted(RegisterKey::Guild(2))) {
            settings.system_channel = named(channel);
        }
        set_if(wanted(RegisterKey::Guild(3)), &mut settings.verification_level, &edit.verification_level);
        set_if(
            wanted(RegisterKey::Guild(4)),
            &mut settings.default_notifications,
            &edit.default_notifications,
        );
        set_if(wanted(RegisterKey::Guild(5)), &mut settings.invites_paused_until, &edit.invites_paused_until);
        set_if(wanted(RegisterKey::Guild(6)), &mut settings.talks_paused_until, &edit.talks_paused_until);
    }

    fn grant(&mut self, node: &Node, body: &PrivRoles) {
        self.grants.insert(body.user, node.place);
        if body.roles.is_empty() {
            self.view.assigned.remove(&body.user);
        } else {
            self.view.assigned.insert(body.user, body.roles.as_slice().into());
        }
    }

    /// What an op takes away. `writes`: what the set's valid ops write, where a concurrent higher word may override a
    /// removal; none for an op on top of everything.
    fn take_away(&mut self, node: &Node, writes: Option<&Writes<'_>>) {
        match &node.deed {
            Deed::RoleDelete(body) => drop(self.view.roles.remove(&body.role)),
            Deed::ChannelDelete(body) => {
                self.view.channels.remove(&body.channel);
                self.view.retention.remove(&Some(body.channel));
            }
            Deed::FilterDelete(body) => drop(self.view.filters.remove(&body.filter)),
            Deed::EmojiDelete(body) => drop(self.view.emojis.remove(&body.emoji)),
            Deed::InviteRevoke(body) => drop(self.view.invites.remove(&body.invite)),
            Deed::Kick(body) => self.remove(node, writes, RemovalKind::Kick, (&body.cut, &body.reason)),
            Deed::Ban(body) => self.remove(node, writes, RemovalKind::Ban, (&body.cut, &body.reason)),
            Deed::GuildDeviceRevoke(body) => {
                let removal = removal(node, RemovalKind::Device, (&body.cut, &body.reason));
                self.view.ended_devices.entry((body.user, body.device)).or_default().insert(removal);
            }
            Deed::Lock(body) => self.lock(node, body, writes),
            Deed::Timeout(body) => self.pause(node, body, writes),
            Deed::Unban(body) => self.lift(&body.user, &body.bans),
            _ => {}
        }
    }

    fn remove(
        &mut self,
        node: &Node,
        writes: Option<&Writes<'_>>,
        kind: RemovalKind,
        (cut, reason): (&[CutEntry], &str),
    ) {
        let Some(user) = node.deed.removed() else { return };
        if let Some(writes) = writes {
            let lifted = kind == RemovalKind::Ban && writes.lifted.contains(&(user, node.id));
            // Owners are removed by the quorum's word only.
            if lifted || self.view.is_owner(&user) || writes.override_removal(&user, node) {
                return;
            }
        }
        let removal = removal(node, kind, (cut, reason));
        self.view.removals.entry(user).or_default().insert(removal);
    }

    /// Closes a channel, or opens the locks that an op names.
    fn lock(&mut self, node: &Node, body: &Lock, writes: Option<&Writes<'_>>) {
        let Some(channel) = self.view.channels.get_mut(&body.channel) else { return };
        if let Some(cut) = body.cut {
            let opened = writes.and_then(|writes| writes.opened.get(&(body.channel, node.id)).copied());
            channel.locks.insert(node.id, Closed { cut, opened });
        }
        for id in &body.opens {
            if let Some(lock) = channel.locks.get_mut(id) {
                // The earliest word opened it.
                lock.opened = Some(lock.opened.map_or(node.hlc, |opened| opened.min(node.hlc)));
            }
        }
    }

    /// Keeps somebody from writing, and ends the times that an op names.
    fn pause(&mut self, node: &Node, body: &Timeout, writes: Option<&Writes<'_>>) {
        let pauses = self.view.timeouts.entry(body.user).or_default();
        if let Some(until) = body.until {
            let ended = writes.and_then(|writes| writes.ended.get(&(body.user, node.id)).copied());
            pauses.insert(node.id, Pause { by: node.author, from: node.hlc, until, ended });
        }
        for id in &body.ends {
            if let Some(pause) = pauses.get_mut(id) {
                pause.ended = Some(pause.ended.map_or(node.hlc, |ended| ended.min(node.hlc)));
            }
        }
        if pauses.is_empty() {
            self.view.timeouts.remove(&body.user);
        }
    }

    /// Adds the lines of a tighter cut to the removal it names, while that is in force.
    fn tighten(&mut self, node: &Node) {
        let Deed::CutTighten(body) = &node.deed else { return };
        let names =
            |removals: &OrdSet<Removal>| removals.iter().find(|each| each.op == body.removal).cloned();
        let device = self.view.ended_devices.iter().find_map(|(key, removals)| {
            (key.0 == body.user).then(|| names(removals).map(|removal| (*key, removal))).flatten()
        });
        let (removals, mut removal) = match device {
            Some((key, removal)) => (self.view.ended_devices.get_mut(&key), removal),
            None => match self.view.removals.get(&body.user).and_then(names) {
                Some(removal) => (self.view.removals.get_mut(&body.user), removal),
                None => return,
            },
        };
        let Some(removals) = removals else { return };
        removals.remove(&removal);
        removal.tightened.extend(body.cut.iter().cloned());
        removals.insert(removal);
    }

    fn lift(&mut self, user: &UserId, bans: &[OpId]) {
        let Some(removals) = self.view.removals.get(user) else { return };
        let kept: OrdSet<Removal> = removals
            .iter()
            .filter(|removal| removal.kind == RemovalKind::Kick || !bans.contains(&removal.op))
            .cloned()
            .collect();
        if kept.is_empty() {
            self.view.removals.remove(user);
        } else {
            self.view.removals.insert(*user, kept);
        }
    }
}

/// What the valid ops of a set write, sorted by what they write to.
#[derive(Default)]
struct Writes<'a> {
    registers: BTreeMap<RegisterKey, Vec<&'a Node>>,
    /// Bans that an unban names.
    lifted: BTreeSet<(UserId, OpId)>,
    /// Locks that an op opens, and when first.
    opened: BTreeMap<(ChannelId, OpId), Hlc>,
    /// Timeouts that an op ends, and when first.
    ended: BTreeMap<(UserId, OpId), Hlc>,
    tightening: Vec<&'a Node>,
}

impl<'a> Writes<'a> {
    fn add(&mut self, node: &'a Node) {
        for key in node.registers() {
            self.registers.entry(key).or_default().push(node);
        }
        match &node.deed {
            Deed::Unban(body) => self.lifted.extend(body.bans.iter().map(|ban| (body.user, *ban))),
            Deed::Lock(body) => {
                for id in &body.opens {
                    let first = self.opened.entry((body.channel, *id)).or_insert(node.hlc);
                    *first = node.hlc.min(*first);
                }
            }
            Deed::Timeout(body) => {
                for id in &body.ends {
                    let first = self.ended.entry((body.user, *id)).or_insert(node.hlc);
                    *first = node.hlc.min(*first);
                }
            }
            Deed::CutTighten(_) => self.tightening.push(node),
            _ => {}
        }
    }

    /// Whether a concurrent, greater grant to the same person stands against a removal.
    fn override_removal(&self, user: &UserId, removal: &Node) -> bool {
        let words = self.registers.get(&RegisterKey::Person(*user)).map_or(&[][..], Vec::as_slice);
        words.iter().any(|word| {
            matches!(word.deed, Deed::PrivRoles(_))
                && word.concurrent_with(removal)
                && word.register_key() > removal.register_key()
        })
    }
}

/// Among the causally latest writes of a register, the one of greatest `rkey`. Writes come in the order of arrival,
/// in which nothing stands before what it cites: so each need be looked for only in the latest found so far.
fn winner<'a>(writes: &[&'a Node]) -> Option<&'a Node> {
    let mut latest: Vec<&Node> = Vec::new();
    for write in writes.iter().rev() {
        if !latest.iter().any(|later| later.past.has(write.place)) {
            latest.push(write);
        }
    }
    latest.into_iter().max_by_key(|write| write.register_key())
}

fn removal(node: &Node, kind: RemovalKind, (cut, reason): (&[CutEntry], &str)) -> Removal {
    Removal {
        op: node.id,
        kind,
        by: node.author,
        hlc: node.hlc,
        cut: cut.to_vec(),
        tightened: OrdSet::new(),
        reason: reason.to_owned(),
    }
}

pub(super) fn set_if<T: Clone>(wanted: bool, field: &mut T, value: &Option<T>) {
    if let Some(value) = value.as_ref().filter(|_| wanted) {
        field.clone_from(value);
    }
}

/// The zero id stands for none.
fn named(channel: ChannelId) -> Option<ChannelId> {
    (channel.0 != [0; 32]).then_some(channel)
}

pub(super) fn apply_fields(channel: &mut Channel, fields: &ChannelFields, only: Option<&RegisterKey>) {
    let id = channel.id;
    let wanted = |number| only.is_none_or(|only| *only == RegisterKey::Channel(id, number));
    set_if(wanted(0), &mut channel.name, &fields.name);
    set_if(wanted(1), &mut channel.topic, &fields.topic);
    set_if(wanted(2), &mut channel.position, &fields.position);
    if let Some(parent) = fields.parent.filter(|_| wanted(3)) {
        channel.parent = named(parent);
    }
    set_if(wanted(4), &mut channel.nsfw, &fields.nsfw);
    set_if(wanted(5), &mut channel.slowmode_s, &fields.slowmode_s);
    set_if(wanted(6), &mut channel.bitrate, &fields.bitrate);
    set_if(wanted(7), &mut channel.user_limit, &fields.user_limit);
}

pub(super) fn blank_channel(node: &Node, kind: crate::body::governance::ChannelKind) -> Channel {
    Channel {
        id: node.id.into(),
        kind,
        name: String::new(),
        topic: String::new(),
        position: 0,
        parent: None,
        nsfw: false,
        slowmode_s: 0,
        bitrate: 64_000,
        user_limit: 0,
        overwrites: OrdMap::new(),
        born: node.hlc,
        locks: OrdMap::new(),
        thread: None,
        forum: None,
        event: None,
    }
}

/// Bits of an overwrite that its author must have themself.
pub(super) fn touched_bits(entry: &OverwriteEntry) -> Permissions {
    entry.allow.with(entry.deny)
}
