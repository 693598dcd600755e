//! Events that a guild looks forward to.

use super::{number, timestamp, user};
use nexus_core::{DISCORD_EPOCH_MS, StoreFault, View};
use nexus_crdt::body::governance::{EventStatus, Recurrence, Word};
use nexus_crdt::guild::{Channel, GuildView};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, UserId};
use nexus_node::Reader;
use serde_json::{Value, json};

/// An event; nothing of a channel that is none.
pub(crate) fn event(view: &View, guild: &GuildView, channel: &Channel) -> Value {
    let Some(event) = &channel.event else { return Value::Null };
    let somewhere = json!({ "location": event.elsewhere });
    json!({
        "id": number(view, channel.id),
        "guild_id": number(view, guild.facts.id),
        "channel_id": channel.parent.map(|voice| number(view, voice)),
        "creator_id": number(view, event.owner),
        "creator": user(view, &event.owner),
        "name": channel.name,
        "description": (!event.about.is_empty()).then_some(&event.about),
        "image": null,
        "scheduled_start_time": timestamp(event.starts),
        "scheduled_end_time": (event.ends != 0).then(|| timestamp(event.ends)),
        "privacy_level": 2,
        "status": status(event.status),
        "entity_type": if channel.parent.is_some() { 2 } else { 3 },
        "entity_id": null,
        "entity_metadata": channel.parent.is_none().then_some(somewhere),
        "recurrence_rule": event.recurrence.as_ref().map(recurrence),
        "guild_scheduled_event_exceptions":
            event.words.iter().map(|(at, word)| exception(view, channel.id, *at, word)).collect::<Vec<_>>(),
    })
}

/// The rule by which an event comes again.
pub(crate) fn recurrence(rule: &Recurrence) -> Value {
    let some = |list: &Vec<u8>| Some(list.clone()).filter(|list| !list.is_empty());
    let weeks = rule.month_weekdays.iter().map(|(n, day)| json!({ "n": n, "day": day }));
    json!({
        "start": timestamp(rule.starts),
        "end": null,
        "frequency": rule.rhythm as u8,
        "interval": rule.interval,
        "by_weekday": some(&rule.weekdays),
        "by_n_weekday": Some(weeks.collect::<Vec<_>>()).filter(|weeks| !weeks.is_empty()),
        "by_month": some(&rule.months),
        "by_month_day": some(&rule.month_days),
        "by_year_day": null,
        "count": null,
    })
}

/// What is otherwise with one occurrence of an event. Its number is that of the millisecond at which it would begin.
pub(crate) fn exception(view: &View, event: ChannelId, original: u64, word: &Word) -> Value {
    let moved = |ms: u64| (ms != 0).then(|| timestamp(ms));
    json!({
        "event_id": number(view, event),
        "event_exception_id": exception_number(original),
        "scheduled_start_time": moved(word.starts),
        "scheduled_end_time": moved(word.ends),
        "is_canceled": word.canceled,
    })
}

/// The number of what is otherwise with one occurrence.
pub(crate) fn exception_number(original: u64) -> String {
    (original.saturating_sub(DISCORD_EPOCH_MS) << 22).to_string()
}

/// Discord's number.
const fn status(status: EventStatus) -> u8 {
    match status {
        EventStatus::Scheduled => 1,
        EventStatus::Active => 2,
        EventStatus::Completed => 3,
        EventStatus::Canceled => 4,
    }
}

/// Who of a guild looks forward to an event, ascending by number.
///
/// # Errors
/// [`StoreFault`] where the store fails.
pub(crate) fn interested(
    view: &View,
    reader: &Reader,
    guild: &GuildView,
    event: &Channel,
) -> Result<Vec<UserId>, StoreFault> {
    let all = reader.followers(event)?;
    let here = all.into_iter().filter(|(user, _): &(UserId, Hlc)| guild.members.contains_key(user));
    let mut people: Vec<UserId> = here.map(|(user, _)| user).collect();
    people.sort_by_key(|user| view.ids.of(*user));
    Ok(people)
}
