//! What people ask of bots, while it is under way: in memory, bounded, for 15 minutes at most.
//!
//! An interaction is answered once, within 3 s; after that its token lets the bot say more. What a bot says to the one who
//! asked alone is a **whisper**: it is kept here with the interaction and nowhere else. No clock here; `now_ms` comes in.

use nexus_core::{DISCORD_EPOCH_MS, Message};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use std::collections::BTreeMap;

/// How long a bot has for its first answer.
pub(crate) const ANSWER_MS: u64 = 3_000;
/// How long its token lasts.
const TOKEN_MS: u64 = 15 * 60_000;
/// Interactions under way; beyond it the oldest is over.
const INTERACTIONS_MAX: usize = 2_048;
/// Whispers of one interaction; beyond it the oldest goes.
const WHISPERS_MAX: usize = 10;

/// What somebody does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Command = 2,
    Component = 3,
    Typing = 4,
    Modal = 5,
}

/// What an interaction is about, as it began.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) id: u64,
    pub(crate) token: String,
    pub(crate) application: UserId,
    pub(crate) user: UserId,
    pub(crate) space: SpaceId,
    pub(crate) channel: ChannelId,
    pub(crate) kind: Kind,
    /// Of a command its name.
    pub(crate) name: String,
    /// What the client calls it.
    pub(crate) nonce: Option<String>,
    /// The message it was done on.
    pub(crate) source: Option<Said>,
}

/// A message that a bot said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Said {
    Aloud(OpId),
    Whispered(u64),
}

/// What a bot said it will do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Deferred {
    SayAloud,
    Whisper,
    Update,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Waiting,
    /// An answer is being given.
    Answering,
    Deferred(Deferred),
    Answered,
}

#[derive(Debug)]
struct Interaction {
    asked: Asked,
    born_ms: u64,
    state: State,
    original: Option<Said>,
    /// The custom id of the form that it showed.
    form: Option<String>,
    whispers: BTreeMap<u64, Message>,
}

/// Why an interaction is not to be answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NotNow {
    /// There is none, or it is too late.
    Unknown,
    /// It has its answer.
    Acknowledged,
}

/// All that are under way here.
#[derive(Debug, Default)]
pub(crate) struct Interactions {
    all: BTreeMap<u64, Interaction>,
    last_id: u64,
}

impl Interactions {
    /// A number that nothing here has: by `unix_ms`, like every number.
    pub(crate) fn number(&mut self, unix_ms: u64) -> u64 {
        let by_time = unix_ms.saturating_sub(DISCORD_EPOCH_MS) << 22;
        self.last_id = by_time.max(self.last_id + 1);
        self.last_id
    }

    /// Begins one; its number is the one in `asked`.
    pub(crate) fn begin(&mut self, asked: Asked, now_ms: u64) {
        self.all.retain(|_, each| now_ms.saturating_sub(each.born_ms) < TOKEN_MS);
        while self.all.len() >= INTERACTIONS_MAX {
            self.all.pop_first();
        }
        let interaction = Interaction {
            born_ms: now_ms,
            state: State::Waiting,
            original: None,
            form: None,
            whispers: BTreeMap::new(),
            asked,
        };
        self.all.insert(interaction.asked.id, interaction);
    }

    /// Takes the right to give the first answer.
    pub(crate) fn claim(&mut self, id: u64, token: &str, now_ms: u64) -> Result<Asked, NotNow> {
        let interaction =
            self.all.get_mut(&id).filter(|each| each.is_opened_by(token)).ok_or(NotNow::Unknown)?;
        if interaction.state != State::Waiting {
            return Err(NotNow::Acknowledged);
        }
        if now_ms.saturating_sub(interaction.born_ms) > ANSWER_MS {
            return Err(NotNow::Unknown);
        }
        interaction.state = State::Answering;
        Ok(interaction.asked.clone())
    }

    /// Gives that right back: the answer could not be carried out.
    pub(crate) fn release(&mut self, id: u64) {
        self.with(id, |each| each.state = State::Waiting);
    }

    /// The first answer was given, with a message or without.
    pub(crate) fn answered(&mut self, id: u64, original: Option<Said>) {
        self.with(id, |each| {
            each.state = State::Answered;
            each.original = original;
        });
    }

    /// The first answer was that there will be one.
    pub(crate) fn deferred(&mut self, id: u64, how: Deferred) {
        self.with(id, |each| {
            each.state = State::Deferred(how);
            each.original = each.asked.source.filter(|_| how == Deferred::Update);
        });
    }

    /// It showed a form.
    pub(crate) fn showed(&mut self, id: u64, form: String) {
        self.with(id, |each| {
            each.state = State::Answered;
            each.form = Some(form);
        });
    }

    /// Takes the form that somebody was shown, once.
    pub(crate) fn take_form(&mut self, id: u64, user: &UserId, custom_id: &str) -> Option<Asked> {
        let interaction = self.all.get_mut(&id)?;
        let fits = interaction.asked.user == *user && interaction.form.as_deref() == Some(custom_id);
        fits.then(|| interaction.form = None)?;
        Some(interaction.asked.clone())
    }

    /// Nobody answered in time: it is over. None where somebody did.
    pub(crate) fn lapse(&mut self, id: u64) -> Option<Asked> {
        let waits = self.all.get(&id).is_some_and(|each| each.state == State::Waiting);
        if waits { self.all.remove(&id).map(|each| each.asked) } else { None }
    }

    /// Who holds the token of an answered interaction may say more.
    pub(crate) fn follow(&self, application: &UserId, token: &str, now_ms: u64) -> Option<Asked> {
        let id = token.split_once('.')?.0.parse().ok()?;
        let interaction = self.all.get(&id).filter(|each| each.is_opened_by(token))?;
        let lasts = now_ms.saturating_sub(interaction.born_ms) < TOKEN_MS;
        let answered = !matches!(interaction.state, State::Waiting | State::Answering);
        let own = interaction.asked.application == *application;
        (lasts && answered && own).then(|| interaction.asked.clone())
    }

    /// Whether the first answer to what this token opens may still come.
    pub(crate) fn is_awaited(&self, application: &UserId, token: &str, now_ms: u64) -> bool {
        let id = token.split_once('.').and_then(|(id, _)| id.parse::<u64>().ok());
        let interaction = id.and_then(|id| self.all.get(&id)).filter(|each| each.is_opened_by(token));
        interaction.is_some_and(|each| {
            matches!(each.state, State::Waiting | State::Answering)
                && each.asked.application == *application
                && now_ms.saturating_sub(each.born_ms) <= ANSWER_MS
        })
    }

    /// How the first message is still owed, where it is.
    pub(crate) fn owed(&self, id: u64) -> Option<Deferred> {
        let interaction = self.all.get(&id).filter(|each| each.original.is_none())?;
        match interaction.state {
            State::Deferred(how) => Some(how),
            _ => None,
        }
    }

    /// The first message.
    pub(crate) fn original(&self, id: u64) -> Option<Said> {
        self.all.get(&id)?.original
    }

    /// Keeps a whisper, new or changed.
    pub(crate) fn whisper(&mut self, id: u64, message: Message) {
        self.with(id, |each| {
            each.whispers.insert(message.api_id.0, message);
            while each.whispers.len() > WHISPERS_MAX {
                each.whispers.pop_first();
            }
        });
    }

    /// A whisper of one interaction.
    pub(crate) fn whispered(&self, id: u64, number: u64) -> Option<&Message> {
        self.all.get(&id)?.whispers.get(&number)
    }

    /// A whisper that somebody was told, whatever it was for, in one channel.
    pub(crate) fn whispered_to(
        &self,
        user: &UserId,
        channel: &ChannelId,
        number: u64,
    ) -> Option<(u64, &Message)> {
        self.all.values().filter(|each| each.asked.user == *user && each.asked.channel == *channel).find_map(
            |each| {
                let message = each.whispers.get(&number)?;
                Some((each.asked.id, message))
            },
        )
    }

    /// Lets a whisper go.
    pub(crate) fn unwhisper(&mut self, id: u64, number: u64) -> bool {
        self.all.get_mut(&id).is_some_and(|each| each.whispers.remove(&number).is_some())
    }

    fn with(&mut self, id: u64, change: impl FnOnce(&mut Interaction)) {
        if let Some(interaction) = self.all.get_mut(&id) {
            change(interaction);
        }
    }
}

impl Interaction {
    /// Hashes are compared, so that time tells nothing of the token.
    fn is_opened_by(&self, token: &str) -> bool {
        blake3::hash(self.asked.token.as_bytes()) == blake3::hash(token.as_bytes())
    }
}

/// For `testnet/fuzz`: the token of a link is any text, and one alone opens.
pub(crate) fn fuzz(data: &[u8]) {
    let Ok(token) = std::str::from_utf8(data) else { return };
    let (bot, person) = (UserId([1; 32]), UserId([2; 32]));
    let asked = Asked {
        id: 7,
        token: String::from("7.secret"),
        application: bot,
        user: person,
        space: SpaceId([3; 32]),
        channel: ChannelId([4; 32]),
        kind: Kind::Command,
        name: String::from("ping"),
        nonce: None,
        source: None,
    };
    let mut all = Interactions::default();
    all.begin(asked, 0);
    assert_eq!(all.claim(7, token, 1).is_ok(), token == "7.secret");
    all.deferred(7, Deferred::SayAloud);
    assert_eq!(all.follow(&bot, token, 1).is_some(), token == "7.secret");
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOT: UserId = UserId([1; 32]);
    const ANN: UserId = UserId([2; 32]);

    fn asked(id: u64) -> Asked {
        Asked {
            id,
            token: format!("{id}.secret"),
            application: BOT,
            user: ANN,
            space: SpaceId([3; 32]),
            channel: ChannelId([4; 32]),
            kind: Kind::Command,
            name: String::from("ping"),
            nonce: None,
            source: None,
        }
    }

    fn begun(id: u64) -> Interactions {
        let mut interactions = Interactions::default();
        interactions.begin(asked(id), 0);
        interactions
    }

    #[test]
    fn an_interaction_is_answered_once_in_time_and_by_who_has_its_token() {
        let mut all = begun(7);
        assert_eq!(all.claim(7, "7.wrong", 1).unwrap_err(), NotNow::Unknown);
        assert_eq!(all.claim(8, "7.secret", 1).unwrap_err(), NotNow::Unknown);
        assert_eq!(all.claim(7, "7.secret", 3_001).unwrap_err(), NotNow::Unknown);
        assert!(all.claim(7, "7.secret", 3_000).is_ok());
        assert_eq!(all.claim(7, "7.secret", 10).unwrap_err(), NotNow::Acknowledged);
        all.release(7);
        assert!(all.claim(7, "7.secret", 10).is_ok(), "an answer that failed was none");
        all.answered(7, Some(Said::Whispered(9)));
        assert_eq!(all.original(7), Some(Said::Whispered(9)));
        assert!(all.lapse(7).is_none());
    }

    // hikari's bots by HTTP edit what they owe as soon as their answer is written, and were told that there is no such webhook.
    #[test]
    fn what_is_said_next_waits_for_an_answer_that_may_still_come_and_for_none_else() {
        let mut all = begun(7);
        assert!(all.is_awaited(&BOT, "7.secret", 3_000));
        assert!(!all.is_awaited(&BOT, "7.secret", 3_001), "it is too late");
        assert!(!all.is_awaited(&BOT, "7.wrong", 1) && !all.is_awaited(&ANN, "7.secret", 1));
        all.claim(7, "7.secret", 1).unwrap();
        assert!(all.is_awaited(&BOT, "7.secret", 2), "it is being given");
        all.deferred(7, Deferred::SayAloud);
        assert!(!all.is_awaited(&BOT, "7.secret", 2) && all.follow(&BOT, "7.secret", 2).is_some());
    }

    #[test]
    fn more_is_said_only_after_the_first_answer_and_for_fifteen_minutes() {
        let mut all = begun(7);
        assert!(all.follow(&BOT, "7.secret", 1).is_none());
        assert!(all.claim(7, "7.secret", 1).is_ok());
        all.deferred(7, Deferred::Whisper);
        assert_eq!(all.owed(7), Some(Deferred::Whisper));
        assert!(all.follow(&BOT, "7.secret", TOKEN_MS - 1).is_some());
        assert!(all.follow(&ANN, "7.secret", 1).is_none());
        assert!(all.follow(&BOT, "7.secret", TOKEN_MS).is_none());
    }

    #[test]
    fn what_nobody_answers_is_over_and_a_form_is_handed_in_once() {
        let mut all = begun(7);
        assert!(all.lapse(7).is_some());
        assert_eq!(all.claim(7, "7.secret", 1).unwrap_err(), NotNow::Unknown);
        let mut all = begun(8);
        assert!(all.claim(8, "8.secret", 1).is_ok());
        all.showed(8, String::from("form"));
        assert!(all.take_form(8, &BOT, "form").is_none() && all.take_form(8, &ANN, "other").is_none());
        assert!(all.take_form(8, &ANN, "form").is_some());
        assert!(all.take_form(8, &ANN, "form").is_none());
    }

    #[test]
    fn any_number_of_questions_takes_a_bounded_room() {
        let mut all = Interactions::default();
        for id in 0..5_000 {
            all.begin(asked(id), 0);
        }
        assert_eq!(all.all.len(), INTERACTIONS_MAX);
        assert!(all.all.contains_key(&4_999), "the oldest made room");
    }
}
