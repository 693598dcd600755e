//! Polls.

use super::{emoji_of, timestamp};
use nexus_core::{Message, View};
use nexus_crdt::body::content::PollAnswer;
use nexus_crdt::id::UserId;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// What a message asks and what was answered; none where it asks nothing.
pub(super) fn poll(view: &View, message: &Message, viewer: Option<&UserId>) -> Option<Value> {
    let (poll, ballots) = (message.body.poll.as_ref()?, message.ballots.as_ref()?);
    let guild = view.guilds.get(&message.space);
    let answer = |(id, answer): (u8, &PollAnswer)| {
        let mut media = json!({ "text": answer.text });
        if let Some(emoji) = &answer.emoji {
            media["emoji"] = emoji_of(view, guild, emoji);
        }
        json!({ "answer_id": id, "poll_media": media })
    };
    let mine = viewer.and_then(|viewer| ballots.votes.get(viewer));
    let count = |id: u8| {
        let voted = mine.is_some_and(|mine| mine.contains(&id));
        json!({ "id": id, "count": ballots.count(id), "me_voted": voted })
    };
    let numbers = 1..=u8::try_from(poll.answers.len()).unwrap_or(u8::MAX);
    Some(json!({
        "question": { "text": poll.question },
        "answers": numbers.clone().zip(&poll.answers).map(answer).collect::<Vec<_>>(),
        "expiry": timestamp(ballots.ends.ms()),
        "allow_multiselect": poll.multiple,
        "layout_type": 1,
        "results": {
            "answer_counts": numbers.map(count).collect::<Vec<_>>(),
            "is_finalized": ballots.ended || ballots.ends.ms() < now_ms(),
        },
    }))
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
