//! Lines on emoji, events, filters, and who may use commands.

use super::{Book, Fields, Line, change};
use crate::render;
use nexus_core::View;
use nexus_crdt::body::governance::{
    EmojiCreate, EmojiDelete, EmojiEdit, EventCreate, EventEdit, EventFields, EventPlace, FilterCreate,
    FilterDelete, FilterEdit, FilterFields, Occurrence, OfferAccess, Recurring,
};
use nexus_crdt::id::{ChannelId, OpId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

impl Book<'_> {
    pub(super) fn expression_line(&mut self, op: &Op) -> Option<Line> {
        match op.kind()? {
            Kind::EmojiCreate => {
                let body = op.read_body::<EmojiCreate>().ok()?;
                Line::of(60, op.id, self.changes(op.id, vec![("name", Some(json!(body.name)))]))
            }
            Kind::EmojiEdit => {
                let body = op.read_body::<EmojiEdit>().ok()?;
                let fields = vec![("name", body.name.map(|name| json!(name)))];
                Line::of(61, body.emoji, self.changes(body.emoji, fields))
            }
            Kind::EmojiDelete => {
                let emoji = op.read_body::<EmojiDelete>().ok()?.emoji;
                Line::of(62, emoji, self.gone(emoji))
            }
            Kind::EventCreate => {
                let body = op.read_body::<EventCreate>().ok()?;
                self.events.insert(op.id.into());
                Line::of(100, op.id, self.changes(op.id, event_fields(self.view, &body.fields)))
            }
            Kind::EventEdit => {
                let body = op.read_body::<EventEdit>().ok()?;
                let fields = event_fields(self.view, &body.fields);
                let says_no_more = fields.iter().all(|(_, value)| value.is_none());
                if let Some(occurrence) = body.fields.occurrence.as_ref().filter(|_| says_no_more) {
                    return self.occurrence_line(body.event, occurrence);
                }
                Line::of(101, body.event, self.changes(body.event.into(), fields))
            }
            _ => None,
        }
    }

    /// An event is otherwise one time of all, or as its rule says again.
    fn occurrence_line(&mut self, event: ChannelId, said: &Occurrence) -> Option<Line> {
        let id = render::exception_number(said.original);
        let key = (OpId::from(event), format!("exception {id}"));
        let now = said.word.map(|word| render::exception(self.view, event, said.original, &word));
        let before = match &now {
            Some(now) => self.last.insert(key, now.clone()),
            None => self.last.remove(&key),
        };
        let action = match (&now, &before) {
            (None, _) => 202,
            (Some(_), None) => 200,
            (Some(_), Some(_)) => 201,
        };
        let value = |of: &Option<Value>, key: &str| of.as_ref().map(|of| of[key].clone());
        let keys = ["scheduled_start_time", "scheduled_end_time", "is_canceled"];
        let changed = keys.into_iter().filter(|key| value(&now, key) != value(&before, key));
        let changes = changed.map(|key| change(key, value(&before, key), value(&now, key))).collect();
        let line = Line::of(action, event, changes)?;
        Some(Line { options: Some(json!({ "event_exception_id": id })), ..line })
    }

    pub(super) fn filter_line(&mut self, op: &Op) -> Option<Line> {
        let fields = |fields: &FilterFields| {
            vec![
                ("name", fields.name.as_ref().map(|name| json!(name))),
                ("enabled", fields.enabled.map(|enabled| json!(enabled))),
            ]
        };
        match op.kind()? {
            Kind::FilterCreate => {
                let body = op.read_body::<FilterCreate>().ok()?;
                Line::of(140, op.id, self.changes(op.id, fields(&body.fields)))
            }
            Kind::FilterEdit => {
                let body = op.read_body::<FilterEdit>().ok()?;
                Line::of(141, body.filter, self.changes(body.filter, fields(&body.fields)))
            }
            _ => {
                let filter = op.read_body::<FilterDelete>().ok()?.filter;
                Line::of(142, filter, self.gone(filter))
            }
        }
    }

    /// Somebody was kept from writing by a filter, whose name the act says.
    pub(super) fn filter_pause_line(&self, filter: OpId, user: UserId, name: &str) -> Option<Line> {
        let there = self.guild.filters.get(&filter);
        let options = json!({
            "auto_moderation_rule_name": name,
            "auto_moderation_rule_trigger_type":
                there.map(|filter| render::trigger_type(&filter.trigger).to_string()).unwrap_or_default(),
        });
        let line = Line::about(145, user, Vec::new(), "")?;
        Some(Line { options: Some(options), ..line })
    }

    /// Who may use a bot's commands: each line that is another than before, by its target.
    pub(super) fn access_line(&mut self, body: &OfferAccess) -> Option<Line> {
        let target = body.offer.unwrap_or_else(|| body.application.into());
        let now: BTreeMap<String, Value> = body
            .lines
            .iter()
            .map(|line| render::access_line(self.view, self.guild, line))
            .filter_map(|line| Some((line["id"].as_str()?.to_owned(), line)))
            .collect();
        let before = self.last.insert((target, String::from("access lines")), json!(now));
        let before = before.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        let keys: BTreeSet<&String> = now.keys().chain(before.keys()).collect();
        let changed = keys.into_iter().filter(|key| now.get(*key) != before.get(*key));
        let changes = changed.map(|key| change(key, before.get(key).cloned(), now.get(key).cloned()));
        let line = Line::of(121, target, changes.collect())?;
        let options = Some(json!({ "application_id": render::number(self.view, body.application) }));
        Some(Line { options, ..line })
    }
}

fn event_fields(view: &View, fields: &EventFields) -> Fields {
    let (kind, channel, elsewhere) = match &fields.place {
        Some(EventPlace::Voice(channel)) => (Some(2), Some(json!(render::number(view, *channel))), None),
        Some(EventPlace::Elsewhere(place)) => (Some(3), Some(Value::Null), Some(json!(place))),
        None => (None, None, None),
    };
    let time =
        |ms: Option<u64>| ms.map(|ms| if ms == 0 { Value::Null } else { json!(render::timestamp(ms)) });
    vec![
        ("name", fields.name.as_ref().map(|name| json!(name))),
        ("description", fields.about.as_ref().map(|about| json!(about))),
        ("scheduled_start_time", time(fields.starts)),
        ("scheduled_end_time", time(fields.ends)),
        ("entity_type", kind.map(|kind| json!(kind))),
        ("channel_id", channel),
        ("location", elsewhere),
        ("status", fields.status.map(|status| json!(status as u8))),
        ("recurrence_rule", fields.recurring.as_ref().map(recurrence)),
    ]
}

fn recurrence(recurring: &Recurring) -> Value {
    match recurring {
        Recurring::Once => Value::Null,
        Recurring::By(rule) => render::recurrence(rule),
    }
}
