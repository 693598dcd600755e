//! `/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}/exceptions`: when an event that comes again is otherwise, once; and
//! the rule by which it comes again. An exception is named by when it would begin: Discord's id of that millisecond.

use super::events::{Page, find as event_of, page_of, time};
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::find::number;
use crate::window::{Body, Caller, Done, Json, Path, Query, Window};
use axum::extract::State;
use nexus_api_model::given;
use nexus_core::{Command, Thing};
use nexus_crdt::body::governance::{EventFields, Occurrence, Recurrence, Rhythm, Word};
use nexus_crdt::guild::Channel;
use nexus_crdt::id::ChannelId;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A recurrence rule, as Discord has it.
#[derive(Deserialize)]
pub(crate) struct Rule {
    start: String,
    end: Option<Value>,
    frequency: u8,
    interval: Option<u32>,
    by_weekday: Option<Vec<u8>>,
    by_n_weekday: Option<Vec<WeekDay>>,
    by_month: Option<Vec<u8>>,
    by_month_day: Option<Vec<u8>>,
    by_year_day: Option<Vec<Value>>,
    count: Option<Value>,
}

#[derive(Deserialize)]
struct WeekDay {
    n: u8,
    day: u8,
}

impl Rule {
    /// What of it can be set, as on Discord: no end, no count, no days of the year.
    pub(super) fn read(self) -> Answer<Recurrence> {
        let fixed = [
            ("end", self.end.is_some_and(|end| !end.is_null())),
            ("count", self.count.is_some_and(|count| !count.is_null())),
            ("by_year_day", self.by_year_day.is_some_and(|days| !days.is_empty())),
        ];
        if let Some((field, _)) = fixed.into_iter().find(|(_, given)| *given) {
            return Err(ApiError::invalid(
                &format!("recurrence_rule.{field}"),
                "INVALID_VALUE",
                "cannot be set",
            ));
        }
        let rhythm = match self.frequency {
            0 => Rhythm::Yearly,
            1 => Rhythm::Monthly,
            2 => Rhythm::Weekly,
            3 => Rhythm::Daily,
            _ => return Err(wrong("frequency", "Value must be one of {0, 1, 2, 3}.")),
        };
        let days = |field: &str, given: Option<Vec<u8>>, known: std::ops::RangeInclusive<u8>| {
            let mut days = given.unwrap_or_default();
            if !days.iter().all(|day| known.contains(day)) {
                return Err(wrong(field, "there is no such day"));
            }
            days.sort_unstable();
            days.dedup();
            Ok(days)
        };
        let weeks = self.by_n_weekday.unwrap_or_default();
        if weeks.len() > 7 || !weeks.iter().all(|it| (1..=5).contains(&it.n) && it.day <= 6) {
            return Err(wrong("by_n_weekday", "there is no such day"));
        }
        let interval = self.interval.unwrap_or(1);
        if !(1..=1_000).contains(&interval) {
            return Err(wrong("interval", "int value should be between 1 and 1000."));
        }
        Ok(Recurrence {
            starts: time("recurrence_rule.start", &self.start)?,
            rhythm,
            interval,
            weekdays: days("by_weekday", self.by_weekday, 0..=6)?,
            month_weekdays: weeks.into_iter().map(|it| (it.n, it.day)).collect(),
            months: days("by_month", self.by_month, 1..=12)?,
            month_days: days("by_month_day", self.by_month_day, 1..=31)?,
        })
    }
}

fn wrong(field: &str, words: &str) -> ApiError {
    ApiError::invalid(&format!("recurrence_rule.{field}"), "BASE_TYPE_CHOICES", words)
}

#[derive(Deserialize)]
pub(crate) struct Words {
    original_scheduled_start_time: Option<String>,
    #[serde(default, deserialize_with = "given")]
    scheduled_start_time: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    scheduled_end_time: Option<Option<String>>,
    is_canceled: Option<bool>,
}

/// `POST ../exceptions`
pub(crate) async fn create(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, event)): Path<(String, String)>,
    Body(body): Body<Words>,
) -> Answer<Json<Value>> {
    let (_, guild) = caller.guild(&guild)?;
    let event = event_of(&caller, guild, &event)?;
    let field = "original_scheduled_start_time";
    let text = body.original_scheduled_start_time.as_deref();
    let original = time(field, text.ok_or_else(|| required(field))?)?;
    let word = body.onto(Word::default())?;
    say(&window, &caller, event.id, original, Some(word)).await
}

/// `PATCH ../exceptions/{exception_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, event, exception)): Path<(String, String, String)>,
    Body(body): Body<Words>,
) -> Answer<Json<Value>> {
    let (_, guild) = caller.guild(&guild)?;
    let event = event_of(&caller, guild, &event)?;
    let (original, now) = find(event, &exception)?;
    let word = body.onto(now)?;
    say(&window, &caller, event.id, original, Some(word)).await
}

/// `DELETE ../exceptions/{exception_id}`
pub(crate) async fn delete(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, event, exception)): Path<(String, String, String)>,
) -> Answer<Done> {
    let (_, guild) = caller.guild(&guild)?;
    let event = event_of(&caller, guild, &event)?;
    let (original, _) = find(event, &exception)?;
    say(&window, &caller, event.id, original, None).await.map(|_| Done)
}

/// `GET ../{guild_scheduled_event_exception_id}/users`: who looks forward to an event looks forward to each time it takes place.
pub(crate) async fn users(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, event, exception)): Path<(String, String, String)>,
    Query(page): Query<Page>,
) -> Answer<Json<Vec<Value>>> {
    let (_, guild) = caller.guild(&guild)?;
    let event = event_of(&caller, guild, &event)?;
    find(event, &exception)?;
    let mut people = page_of(&window, &caller, guild, event, &page)?;
    for shown in people.iter_mut().filter_map(Value::as_object_mut) {
        shown.insert("guild_scheduled_event_exception_id".to_owned(), exception.clone().into());
    }
    Ok(Json(people))
}

/// An exception of an event, by its number.
pub(super) fn find(event: &Channel, text: &str) -> Answer<(u64, Word)> {
    let original = number(text)?.ms();
    let words = event.event.as_ref().map(|event| &event.words);
    let word = words.and_then(|words| words.get(&original)).copied();
    word.map(|word| (original, word)).ok_or_else(|| ApiError::unknown(Thing::Event))
}

impl Words {
    fn onto(self, now: Word) -> Answer<Word> {
        let moved = |field: &str, given: Option<Option<String>>, was: u64| match given {
            Some(Some(text)) => time(field, &text),
            Some(None) => Ok(0),
            None => Ok(was),
        };
        Ok(Word {
            starts: moved("scheduled_start_time", self.scheduled_start_time, now.starts)?,
            ends: moved("scheduled_end_time", self.scheduled_end_time, now.ends)?,
            canceled: self.is_canceled.unwrap_or(now.canceled),
        })
    }
}

async fn say(
    window: &Window,
    caller: &Caller,
    event: ChannelId,
    original: u64,
    word: Option<Word>,
) -> Answer<Json<Value>> {
    let occurrence = Some(Occurrence { original, word });
    let fields = EventFields { occurrence, ..EventFields::default() };
    caller.govern(window, Command::EditEvent { event, fields }).await?;
    let shown = word.map(|word| render::exception(&caller.view, event, original, &word));
    Ok(Json(shown.unwrap_or_else(|| Value::Object(Map::new()))))
}

fn required(field: &str) -> ApiError {
    ApiError::invalid(field, "BASE_TYPE_REQUIRED", "This field is required")
}
