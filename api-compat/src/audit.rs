//! The audit log: what was governed, as Discord's entries. A projection of the signed acts that count, made when it is asked for.

mod expressions;
mod newcomer;

pub(crate) use newcomer::BOT_ADD;

use crate::render;
use newcomer::Newcomer;
use nexus_core::{Snowflake, StoreFault, View};
use nexus_crdt::body::governance::{
    Ban, ChannelCreate, ChannelDelete, ChannelEdit, ChannelFields, Erase, ForumCreate, ForumEdit, GuildEdit,
    InviteKey, InviteRevoke, Kick, Lock, OfferAccess, Overwrite, OverwriteTarget, PrivRoles, Retention,
    RoleCreate, RoleDelete, RoleEdit, RoleMove, Silence, ThreadCreate, ThreadEdit, ThreadFields, Timeout,
    Unban,
};
use nexus_crdt::guild::{Guild, GuildView};
use nexus_crdt::id::{ChannelId, OpId, RoleId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_node::Reader;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One line of it.
pub(crate) struct Entry {
    /// The act.
    pub(crate) op: OpId,
    /// By its time of writing; for order and paging.
    pub(crate) id: Snowflake,
    /// Discord's number of what was done.
    pub(crate) action: u16,
    /// Who did it.
    pub(crate) by: UserId,
    /// To what.
    pub(crate) target: Option<OpId>,
    /// Whom it names, for the list of people.
    pub(crate) about: Option<UserId>,
    changes: Vec<Value>,
    options: Option<Value>,
    reason: String,
}

impl Entry {
    pub(crate) fn draw(&self, view: &View) -> Value {
        let mut shown = json!({
            "id": self.id.0.to_string(),
            "action_type": self.action,
            "user_id": render::number(view, self.by),
            "target_id": self.target.map(|target| render::number(view, target)),
        });
        if let Some(shown) = shown.as_object_mut() {
            let changes = Some(&self.changes).filter(|changes| !changes.is_empty());
            shown.extend(changes.map(|changes| ("changes".to_owned(), json!(changes))));
            shown.extend(self.options.clone().map(|options| ("options".to_owned(), options)));
            let reason = Some(&self.reason).filter(|reason| !reason.is_empty());
            shown.extend(reason.map(|reason| ("reason".to_owned(), json!(reason))));
        }
        shown
    }
}

/// Acts that the log goes back, by their arrival here. Older ones are in the guild's history, and in no page of this.
pub(crate) const ACTS_MAX: usize = 2_048;

/// The entries of the `most` acts that arrived last, in order of writing.
pub(crate) fn entries(
    view: &View,
    guild: &Guild,
    reader: &Reader,
    most: usize,
) -> Result<Vec<Entry>, StoreFault> {
    let (last, threads, events) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
    let mut book = Book { view, guild: guild.view(), last, threads, events };
    let mut acts = guild.governed_lately(most);
    acts.sort_unstable_by_key(|act| (act.hlc, act.op));
    let mut entries = Vec::new();
    for act in acts {
        let Some(op) = reader.act(&act.op)? else { continue };
        let newcomer = Newcomer::of(view, guild, reader, &op)?;
        let Some(mut entry) = book.entry(&op, act.by, &newcomer) else { continue };
        if entry.reason.is_empty() {
            entry.reason = act.why.unwrap_or_default();
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// What the entries before have said of each field of each thing.
struct Book<'a> {
    view: &'a View,
    guild: &'a GuildView,
    last: BTreeMap<(OpId, String), Value>,
    threads: BTreeSet<ChannelId>,
    events: BTreeSet<ChannelId>,
}

/// An entry's parts, before it has its name and author.
struct Line {
    action: u16,
    target: Option<OpId>,
    about: Option<UserId>,
    changes: Vec<Value>,
    options: Option<Value>,
    reason: String,
}

impl Line {
    fn of(action: u16, target: impl Into<OpId>, changes: Vec<Value>) -> Option<Self> {
        let target = Some(target.into());
        Some(Self { action, target, about: None, changes, options: None, reason: String::new() })
    }

    fn about(action: u16, user: UserId, changes: Vec<Value>, reason: &str) -> Option<Self> {
        let line = Self::of(action, user, changes)?;
        Some(Self { about: Some(user), reason: reason.to_owned(), ..line })
    }
}

type Fields = Vec<(&'static str, Option<Value>)>;

impl Book<'_> {
    fn entry(&mut self, op: &Op, by: UserId, newcomer: &Newcomer) -> Option<Entry> {
        let line = match newcomer {
            Newcomer::Nobody => self.line(op),
            Newcomer::Bot(bot) => Newcomer::line(*bot),
            Newcomer::Awaited => None,
        };
        let Line { action, target, about, changes, options, reason } = line?;
        // Numbers of entries are nobody's scope: the first that the act's own name gives.
        let id = Snowflake::assign(&op.id, op.header.hlc, |_| Ok(false)).ok()?;
        Some(Entry { op: op.id, id, action, by, target, about, changes, options, reason })
    }

    fn line(&mut self, op: &Op) -> Option<Line> {
        match op.kind()? {
            Kind::GuildEdit => {
                let (target, body) = (OpId::from(self.guild.facts.id), op.read_body::<GuildEdit>().ok()?);
                Line::of(1, target, self.changes(target, guild_fields(self.view, &body)))
            }
            Kind::RoleCreate | Kind::RoleEdit | Kind::RoleMove | Kind::RoleDelete | Kind::PrivRoles => {
                self.role_line(op)
            }
            Kind::ThreadCreate | Kind::ThreadEdit => self.thread_line(op),
            Kind::InviteKey => {
                let body = op.read_body::<InviteKey>().ok()?;
                let channel = json!(render::number(self.view, body.channel));
                let mut changes = self.changes(op.id, vec![("channel_id", Some(channel))]);
                changes.push(secret_code());
                Some(Line { target: None, ..Line::of(40, op.id, changes)? })
            }
            Kind::InviteRevoke => {
                let body = op.read_body::<InviteRevoke>().ok()?;
                let mut changes = self.gone(body.invite);
                changes.push(secret_code());
                Some(Line { target: None, ..Line::of(42, body.invite, changes)? })
            }
            Kind::Kick | Kind::Ban | Kind::Unban | Kind::Timeout | Kind::Silence => self.person_line(op),
            Kind::EmojiCreate | Kind::EmojiEdit | Kind::EmojiDelete | Kind::EventCreate | Kind::EventEdit => {
                self.expression_line(op)
            }
            Kind::FilterCreate | Kind::FilterEdit | Kind::FilterDelete => self.filter_line(op),
            Kind::Erase => self.erase_line(&op.read_body::<Erase>().ok()?),
            Kind::Retention => self.retention_line(&op.read_body::<Retention>().ok()?),
            Kind::OfferAccess => self.access_line(&op.read_body::<OfferAccess>().ok()?),
            _ => self.channel_line(op),
        }
    }

    fn role_line(&mut self, op: &Op) -> Option<Line> {
        match op.kind()? {
            Kind::RoleCreate => {
                let body = op.read_body::<RoleCreate>().ok()?;
                let fields = vec![
                    ("name", Some(json!(body.name))),
                    ("permissions", Some(json!(body.permissions.0.to_string()))),
                    ("color", Some(json!(body.color))),
                    ("hoist", Some(json!(body.hoist))),
                    ("mentionable", Some(json!(body.mentionable))),
                ];
                Line::of(30, op.id, self.changes(op.id, fields))
            }
            Kind::RoleEdit => {
                let body = op.read_body::<RoleEdit>().ok()?;
                let fields = vec![
                    ("name", body.name.map(|name| json!(name))),
                    ("permissions", body.permissions.map(|bits| json!(bits.0.to_string()))),
                    ("color", body.color.map(|color| json!(color))),
                    ("hoist", body.hoist.map(|hoist| json!(hoist))),
                    ("mentionable", body.mentionable.map(|may| json!(may))),
                ];
                Line::of(31, body.role, self.changes(body.role.into(), fields))
            }
            // Its rank is no position: that depends on the others.
            Kind::RoleMove => Line::of(31, op.read_body::<RoleMove>().ok()?.role, Vec::new()),
            Kind::RoleDelete => {
                let role = op.read_body::<RoleDelete>().ok()?.role;
                Line::of(32, role, self.gone(role.into()))
            }
            _ => {
                let body = op.read_body::<PrivRoles>().ok()?;
                Line::about(25, body.user, self.granted(&body), "")
            }
        }
    }

    /// Which roles somebody has more than before, and which they have no longer.
    fn granted(&mut self, body: &PrivRoles) -> Vec<Value> {
        let named = |role: &RoleId| {
            let name = self.last.get(&(OpId::from(*role), String::from("name")));
            json!({ "id": render::number(self.view, *role), "name": name.unwrap_or(&json!("")) })
        };
        let now: Vec<Value> = body.roles.iter().map(named).collect();
        let key = (OpId::from(body.user), String::from("roles"));
        let before = self.last.insert(key, json!(now));
        let before = before.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
        let has = |list: &[Value], role: &Value| list.iter().any(|each| each["id"] == role["id"]);
        let added: Vec<&Value> = now.iter().filter(|role| !has(&before, role)).collect();
        let removed: Vec<&Value> = before.iter().filter(|role| !has(&now, role)).collect();
        let changes = [("$add", added), ("$remove", removed)].into_iter();
        let changes = changes.filter(|(_, roles)| !roles.is_empty());
        changes.map(|(key, roles)| json!({ "key": key, "new_value": roles })).collect()
    }

    fn person_line(&mut self, op: &Op) -> Option<Line> {
        match op.kind()? {
            Kind::Kick => {
                let body = op.read_body::<Kick>().ok()?;
                Line::about(20, body.user, Vec::new(), &body.reason)
            }
            Kind::Ban => {
                let body = op.read_body::<Ban>().ok()?;
                Line::about(22, body.user, Vec::new(), &body.reason)
            }
            Kind::Silence => {
                let body = op.read_body::<Silence>().ok()?;
                let said = |value: Option<bool>| value.map(|value| json!(value));
                let fields = vec![("mute", said(body.muted)), ("deaf", said(body.deafened))];
                let changes = self.changes(body.user.into(), fields);
                Line::about(24, body.user, changes, "")
            }
            Kind::Unban => Line::about(23, op.read_body::<Unban>().ok()?.user, Vec::new(), ""),
            _ => {
                let body = op.read_body::<Timeout>().ok()?;
                let until = body.until.map_or(Value::Null, |until| json!(render::timestamp(until.ms())));
                let fields = vec![("communication_disabled_until", Some(until))];
                let changes = self.changes(body.user.into(), fields);
                match body.filter {
                    Some(filter) => self.filter_pause_line(filter, body.user, &body.reason),
                    None => Line::about(24, body.user, changes, &body.reason),
                }
            }
        }
    }

    fn thread_line(&mut self, op: &Op) -> Option<Line> {
        if op.kind() == Some(Kind::ThreadCreate) {
            let body = op.read_body::<ThreadCreate>().ok()?;
            self.threads.insert(op.id.into());
            return Line::of(110, op.id, self.changes(op.id, thread_fields(&body.fields)));
        }
        let body = op.read_body::<ThreadEdit>().ok()?;
        Line::of(111, body.thread, self.changes(body.thread.into(), thread_fields(&body.fields)))
    }

    fn channel_line(&mut self, op: &Op) -> Option<Line> {
        match op.kind()? {
            Kind::ChannelCreate => {
                let body = op.read_body::<ChannelCreate>().ok()?;
                Line::of(10, op.id, self.changes(op.id, channel_fields(self.view, &body.fields)))
            }
            Kind::ForumCreate | Kind::MediaCreate => {
                let body = op.read_body::<ForumCreate>().ok()?;
                Line::of(10, op.id, self.changes(op.id, channel_fields(self.view, &body.fields)))
            }
            Kind::ChannelEdit => {
                let body = op.read_body::<ChannelEdit>().ok()?;
                let fields = channel_fields(self.view, &body.fields);
                Line::of(11, body.channel, self.changes(body.channel.into(), fields))
            }
            Kind::ForumEdit => Line::of(11, op.read_body::<ForumEdit>().ok()?.channel, Vec::new()),
            Kind::ChannelDelete => {
                let channel = op.read_body::<ChannelDelete>().ok()?.channel;
                let action = match channel {
                    channel if self.threads.contains(&channel) => 112,
                    channel if self.events.contains(&channel) => 102,
                    _ => 12,
                };
                Line::of(action, channel, self.gone(channel.into()))
            }
            Kind::Lock => {
                let body = op.read_body::<Lock>().ok()?;
                let action = if self.threads.contains(&body.channel) { 111 } else { 11 };
                let fields = vec![("locked", Some(json!(body.cut.is_some())))];
                Line::of(action, body.channel, self.changes(body.channel.into(), fields))
            }
            Kind::Overwrite => Some(self.overwrite_line(&op.read_body::<Overwrite>().ok()?)),
            _ => None,
        }
    }

    fn retention_line(&mut self, body: &Retention) -> Option<Line> {
        let (action, target) = match body.channel {
            Some(channel) => (11, OpId::from(channel)),
            None => (1, OpId::from(self.guild.facts.id)),
        };
        let days = body.days.map_or(Value::Null, |days| json!(days));
        Line::of(action, target, self.changes(target, vec![("nexus_retention_days", Some(days))]))
    }

    fn erase_line(&mut self, body: &Erase) -> Option<Line> {
        let upto = Some(json!(body.upto.ms()));
        Line::of(24, body.user, self.changes(body.user.into(), vec![("nexus_erased_upto_ms", upto)]))
    }

    fn overwrite_line(&mut self, body: &Overwrite) -> Line {
        let (kind, id) = match body.entry.target {
            OverwriteTarget::Role(role) => ("0", render::number(self.view, role)),
            OverwriteTarget::User(user) => ("1", render::number(self.view, user)),
        };
        let (place, key) = (OpId::from(body.channel), format!("overwrite {kind} {id}"));
        let now = json!([body.entry.allow.0.to_string(), body.entry.deny.0.to_string()]);
        let before = if body.clear {
            self.last.remove(&(place, key))
        } else {
            self.last.insert((place, key), now.clone())
        };
        let action = match (body.clear, &before) {
            (true, _) => 15,
            (false, None) => 13,
            (false, Some(_)) => 14,
        };
        let now = (!body.clear).then_some(now);
        let changes = ["allow", "deny"].iter().enumerate().map(|(at, key)| {
            change(
                key,
                before.as_ref().map(|pair| pair[at].clone()),
                now.as_ref().map(|pair| pair[at].clone()),
            )
        });
        let (changes, target) = (changes.collect(), Some(place));
        let options = Some(json!({ "id": id, "type": kind }));
        Line { action, target, about: None, changes, options, reason: String::new() }
    }

    /// What is set, beside what it was as far as an act before has said it.
    fn changes(&mut self, thing: OpId, fields: Fields) -> Vec<Value> {
        let set = fields.into_iter().filter_map(|(key, value)| Some((key, value?)));
        set.map(|(key, value)| {
            let before = self.last.insert((thing, key.to_owned()), value.clone());
            change(key, before, Some(value))
        })
        .collect()
    }

    /// What a thing was when it went.
    fn gone(&mut self, thing: OpId) -> Vec<Value> {
        let of_it = (thing, String::new())..;
        let fields = self.last.range(of_it).take_while(|((of, _), _)| *of == thing);
        let fields = fields.filter(|((_, key), _)| !key.contains(' '));
        fields.map(|((_, key), value)| change(key, Some(value.clone()), None)).collect()
    }
}

// A code is a secret and stands in no op; but discord.js looks for the field, and throws where it is missing.
fn secret_code() -> Value {
    change("code", None, None)
}

fn change(key: &str, old: Option<Value>, new: Option<Value>) -> Value {
    let mut shown = Map::from_iter([("key".to_owned(), json!(key))]);
    shown.extend(old.map(|old| ("old_value".to_owned(), old)));
    shown.extend(new.map(|new| ("new_value".to_owned(), new)));
    Value::Object(shown)
}

/// The zero id stands for none.
fn named(view: &View, channel: ChannelId) -> Value {
    if channel.0 == [0; 32] { Value::Null } else { json!(render::number(view, channel)) }
}

fn guild_fields(view: &View, edit: &GuildEdit) -> Fields {
    vec![
        ("name", edit.name.as_ref().map(|name| json!(name))),
        ("description", edit.description.as_ref().map(|text| json!(text))),
        ("system_channel_id", edit.system_channel.map(|channel| named(view, channel))),
        ("verification_level", edit.verification_level.map(|level| json!(level))),
        ("default_message_notifications", edit.default_notifications.map(|level| json!(level))),
        ("invites_disabled_until", edit.invites_paused_until.map(pause)),
        ("dms_disabled_until", edit.talks_paused_until.map(pause)),
    ]
}

/// 0 stands for no such time.
fn pause(ms: u64) -> Value {
    if ms == 0 { Value::Null } else { json!(render::timestamp(ms)) }
}

fn channel_fields(view: &View, fields: &ChannelFields) -> Fields {
    vec![
        ("name", fields.name.as_ref().map(|name| json!(name))),
        ("topic", fields.topic.as_ref().map(|topic| json!(topic))),
        ("position", fields.position.map(|position| json!(position))),
        ("parent_id", fields.parent.map(|parent| named(view, parent))),
        ("nsfw", fields.nsfw.map(|nsfw| json!(nsfw))),
        ("rate_limit_per_user", fields.slowmode_s.map(|seconds| json!(seconds))),
        ("bitrate", fields.bitrate.map(|bits| json!(bits))),
        ("user_limit", fields.user_limit.map(|people| json!(people))),
    ]
}

fn thread_fields(fields: &ThreadFields) -> Fields {
    let tags = |tags: &Vec<u64>| tags.iter().map(ToString::to_string).collect::<Vec<_>>();
    vec![
        ("name", fields.name.as_ref().map(|name| json!(name))),
        ("archived", fields.archived.map(|archived| json!(archived))),
        ("auto_archive_duration", fields.quiet_after_min.map(|minutes| json!(minutes))),
        ("rate_limit_per_user", fields.slowmode_s.map(|seconds| json!(seconds))),
        ("applied_tags", fields.tags.as_ref().map(|all| json!(tags(all)))),
    ]
}
