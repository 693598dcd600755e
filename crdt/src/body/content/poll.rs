//! Polls: what a message asks, and the ballots on it.

use super::emoji;
use crate::body::Body;
use crate::body::limit::{Limit, ascending, chars, hold};
use minicbor::{Decode, Encode};

/// What a message asks. Its ballots are acts on the message.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Poll {
    /// 1 to 300 characters.
    #[n(0)]
    pub question: String,
    /// 1 to 10; the first is number 1.
    #[n(1)]
    pub answers: Vec<PollAnswer>,
    /// One person may give several.
    #[n(2)]
    pub multiple: bool,
    /// How long it goes on, hours from when it was written: 1 to 768.
    #[n(3)]
    pub hours: u32,
}

/// What can be answered.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct PollAnswer {
    /// 1 to 55 characters.
    #[n(0)]
    pub text: String,
    /// As in a reaction.
    #[n(1)]
    pub emoji: Option<String>,
}

/// The author's whole ballot on the target message's poll: of each person the latest one counts, while the poll goes on.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct PollVote {
    /// Numbers of answers, 1 to 10, ascending; none takes the ballot back.
    #[n(0)]
    pub answers: Vec<u8>,
}

/// Ends the target message's poll before its time. Its author's to do.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct PollEnd {}

/// Answers of one poll.
pub const ANSWERS_MAX: usize = 10;
const HOURS_MAX: u32 = 768;

impl Poll {
    pub(super) fn check(&self) -> Limit {
        chars(&self.question, 1..=300, "a question has 1 to 300 characters")?;
        hold((1..=ANSWERS_MAX).contains(&self.answers.len()), "a poll has 1 to 10 answers")?;
        hold((1..=HOURS_MAX).contains(&self.hours), "a poll goes on for 1 to 768 hours")?;
        self.answers.iter().try_for_each(|answer| {
            chars(&answer.text, 1..=55, "an answer has 1 to 55 characters")?;
            answer.emoji.as_deref().map_or(Ok(()), emoji)
        })
    }
}

impl Body for PollVote {
    fn check(&self) -> Limit {
        ascending(&self.answers, ANSWERS_MAX, "answers are at most 10, ascending, each once")?;
        let numbered = self.answers.iter().all(|number| (1..=ANSWERS_MAX).contains(&usize::from(*number)));
        hold(numbered, "answers are numbered from 1 to 10")
    }
}

impl Body for PollEnd {
    fn check(&self) -> Limit {
        Ok(())
    }
}
