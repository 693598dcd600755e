//! `/channels/{channel_id}/polls`, and what a message asks.

use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::channels::reactions::emoji_named;
use crate::rest::users::After;
use crate::window::{Body, Caller, Done, Json, Path, Person, Query, Window};
use axum::extract::State;
use nexus_api_model::{Number, null_as_absent};
use nexus_core::{Command, Message, Reply, Thing};
use nexus_crdt::body::content::{ANSWERS_MAX, Poll, PollAnswer};
use nexus_crdt::guild::GuildView;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct Asked {
    question: Media,
    answers: Vec<Answering>,
    #[serde(default, deserialize_with = "null_as_absent")]
    allow_multiselect: bool,
    /// Whole hours, which discord.py writes as `1.0`.
    duration: Option<f64>,
    layout_type: Option<u8>,
}

#[derive(Deserialize)]
struct Answering {
    poll_media: Media,
}

#[derive(Deserialize)]
struct Media {
    text: Option<String>,
    emoji: Option<EmojiGiven>,
}

#[derive(Deserialize)]
struct EmojiGiven {
    id: Option<Number>,
    name: Option<String>,
}

/// Hours that a poll goes on where nobody says, as on Discord.
const HOURS: u32 = 24;

impl Asked {
    /// What an op carries of it.
    pub(crate) fn read(self, caller: &Caller, guild: &GuildView) -> Answer<Poll> {
        let question = text("poll.question.text", self.question.text, 300)?;
        if !(1..=ANSWERS_MAX).contains(&self.answers.len()) {
            return Err(ApiError::invalid(
                "poll.answers",
                "BASE_TYPE_BAD_LENGTH",
                "Must be between 1 and 10 in length.",
            ));
        }
        if self.layout_type.is_some_and(|layout| layout != 1) {
            return Err(ApiError::invalid(
                "poll.layout_type",
                "BASE_TYPE_CHOICES",
                "Value must be one of {1}.",
            ));
        }
        let hours = self.duration.map_or(Some(HOURS), whole);
        let Some(hours) = hours.filter(|hours| (1..=768).contains(hours)) else {
            return Err(ApiError::invalid(
                "poll.duration",
                "NUMBER_TYPE_MAX",
                "int value should be between 1 and 768.",
            ));
        };
        let answer = |answering: Answering| {
            let Media { text: said, emoji } = answering.poll_media;
            let emoji = emoji.and_then(EmojiGiven::named);
            let emoji = emoji.map(|named| emoji_named(caller, guild, named)).transpose()?;
            Ok(PollAnswer { text: text("poll.answers", said, 55)?, emoji })
        };
        let answers = self.answers.into_iter().map(answer).collect::<Answer<_>>()?;
        Ok(Poll { question, answers, multiple: self.allow_multiselect, hours })
    }
}

impl EmojiGiven {
    /// As a reaction's path names it.
    fn named(self) -> Option<String> {
        match self.id {
            Some(Number(id)) => Some(format!("{}:{id}", self.name.unwrap_or_default())),
            None => self.name.filter(|name| !name.is_empty()),
        }
    }
}

/// `GET /channels/{channel_id}/polls/{message_id}/answers/{answer_id}`: who gave that answer, ascending by number.
pub(crate) async fn voters(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message, answer)): Path<(String, String, u8)>,
    Query(page): Query<After>,
) -> Answer<Json<Value>> {
    let (channel, _, reader) = caller.history(&window, &channel)?;
    let message = caller.message(&reader, channel, &message)?;
    let (poll, ballots) = (&message.body.poll, &message.ballots);
    let (Some(poll), Some(ballots)) = (poll, ballots) else { return Err(ApiError::unknown_poll_answer()) };
    if !(1..=poll.answers.len()).contains(&usize::from(answer)) {
        return Err(ApiError::unknown_poll_answer());
    }
    let view = &caller.view;
    let gave = ballots.votes.iter().filter(|(_, answers)| answers.contains(&answer));
    let page = page.cut(gave.map(|(user, _)| (view.ids.of(*user), user)).collect(), 100, 25);
    let users: Vec<Value> = page.into_iter().map(|user| render::user(view, user)).collect();
    Ok(Json(json!({ "users": users })))
}

/// `POST /channels/{channel_id}/polls/{message_id}/expire`
pub(crate) async fn expire(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message)): Path<(String, String)>,
) -> Answer<Json<Value>> {
    let (channel, _, reader) = caller.history(&window, &channel)?;
    let Message { channel, id: message, .. } = caller.message(&reader, channel, &message)?;
    let reply = window.node.command(Some(caller.user), Command::EndPoll { channel, message }).await?;
    let Reply::Message(message) = reply else { return Err(ApiError::unknown(Thing::Message)) };
    let reader = window.node.read()?;
    Ok(Json(render::message_for(caller.drawing(), Some(&reader), &message, &caller.user)))
}

#[derive(Deserialize)]
pub(crate) struct Ballot {
    answer_ids: Vec<Number>,
}

/// `PUT /channels/{channel_id}/polls/{message_id}/answers/@me`: the caller's whole ballot; an empty list takes it back.
pub(crate) async fn vote(
    State(window): State<Window>,
    Person(caller): Person,
    Path((channel, message)): Path<(String, String)>,
    Body(body): Body<Ballot>,
) -> Answer<Done> {
    let (channel, _, reader) = caller.history(&window, &channel)?;
    let message: Message = caller.message(&reader, channel, &message)?;
    let numbers = body.answer_ids.into_iter().map(|Number(id)| u8::try_from(id));
    let answers = numbers.collect::<Result<Vec<u8>, _>>().map_err(|_| ApiError::unknown_poll_answer())?;
    let command = Command::Vote { channel: message.channel, message: message.id, answers };
    window.node.command(Some(caller.user), command).await?;
    Ok(Done)
}

fn whole(hours: f64) -> Option<u32> {
    (1..=768).find(|whole| (f64::from(*whole) - hours).abs() < f64::EPSILON)
}

fn text(field: &str, given: Option<String>, max: usize) -> Answer<String> {
    match given {
        Some(text) if (1..=max).contains(&text.chars().count()) => Ok(text),
        Some(_) => {
            let words = format!("Must be between 1 and {max} in length.");
            Err(ApiError::invalid(field, "BASE_TYPE_BAD_LENGTH", &words))
        }
        None => Err(ApiError::invalid(field, "BASE_TYPE_REQUIRED", "This field is required")),
    }
}
