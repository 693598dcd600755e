//! What a message has become: the fold of the ops that act on it, whatever their order of arrival.

mod ballots;

pub use ballots::{Ballots, ballots};

use crate::hlc::Hlc;
use crate::id::{ChannelId, OpId, UserId};
use std::collections::BTreeMap;

/// One op that acts on a message, as the store keeps it beside the message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Act {
    /// The op.
    pub op: OpId,
    /// When it was written.
    pub hlc: Hlc,
    /// Whose it is.
    pub author: UserId,
    /// What it does.
    pub deed: Deed,
    /// Whether authority voids it; void acts are kept and count for nothing.
    pub void: bool,
}

/// What an op does to its target message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deed {
    /// New text; the body stands in the op.
    Edit,
    /// Takes it away.
    Delete,
    /// Adds the author's reaction.
    React {
        /// As in the op's body.
        emoji: String,
    },
    /// Takes reactions away.
    Unreact {
        /// Which; none for all.
        emoji: Option<String>,
        /// Whose; none for everybody's.
        user: Option<UserId>,
    },
    /// Pins or unpins.
    Pin {
        /// Which of the two.
        pinned: bool,
    },
    /// The author's whole ballot on the message's poll.
    Vote {
        /// Numbers of answers, ascending; none takes it back.
        answers: Vec<u8>,
    },
    /// Ends the message's poll.
    EndPoll,
    /// Gives it to whoever follows its channel.
    Publish,
    /// Shows it in a thread of its channel, or in the channel itself.
    Move {
        /// The thread; none for the channel.
        to: Option<ChannelId>,
    },
    /// Follows a thread or an event, or no longer: an act on the thread itself, on no message of it.
    Follow {
        /// Who.
        user: UserId,
        /// Which of the two.
        following: bool,
    },
}

/// The outcome of all acts on one message.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MessageState {
    /// A valid delete is there.
    pub deleted: bool,
    /// The latest valid edit, by (hlc, op id).
    pub edit: Option<(Hlc, OpId)>,
    /// The latest valid word on pinning.
    pub pinned: bool,
    /// Somebody has given it to whoever follows its channel.
    pub published: bool,
    /// The thread in which it is shown, by the latest valid word; none for its own channel.
    pub moved: Option<ChannelId>,
    /// Who reacts with what, in order of first reaction (hlc, op id); people likewise.
    pub reactions: Vec<Reaction>,
}

/// One emoji's reactions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reaction {
    /// As in the op's body.
    pub emoji: String,
    /// Who, in order of reacting.
    pub users: Vec<UserId>,
}

/// Folds acts, given in any order, each once.
#[must_use]
pub fn fold(acts: &[Act]) -> MessageState {
    let mut valid: Vec<&Act> = acts.iter().filter(|act| !act.void).collect();
    valid.sort_by_key(|act| (act.hlc, act.op));
    let mut state = MessageState::default();
    let mut reacted: BTreeMap<(String, UserId), (Hlc, OpId)> = BTreeMap::new();
    for act in valid {
        match &act.deed {
            Deed::Edit => state.edit = Some((act.hlc, act.op)),
            Deed::Delete => state.deleted = true,
            Deed::Publish => state.published = true,
            Deed::Pin { pinned } => state.pinned = *pinned,
            Deed::Move { to } => state.moved = *to,
            // What a poll has become says [`ballots`], who knows what was asked.
            Deed::Follow { .. } | Deed::Vote { .. } | Deed::EndPoll => {}
            Deed::React { emoji } => {
                reacted.entry((emoji.clone(), act.author)).or_insert((act.hlc, act.op));
            }
            Deed::Unreact { emoji, user } => reacted.retain(|(each, who), _| {
                let named =
                    emoji.as_ref().is_none_or(|emoji| emoji == each) && user.is_none_or(|user| user == *who);
                !named
            }),
        }
    }
    state.reactions = grouped(reacted);
    state
}

/// Who follows a thread, and since when: of each person the latest word counts. Given in any order, each once.
#[must_use]
pub fn followers(acts: &[Act]) -> BTreeMap<UserId, Hlc> {
    let mut words: BTreeMap<UserId, ((Hlc, OpId), bool)> = BTreeMap::new();
    for act in acts.iter().filter(|act| !act.void) {
        let Deed::Follow { user, following } = act.deed else { continue };
        let word = ((act.hlc, act.op), following);
        let known = words.entry(user).or_insert(word);
        *known = word.max(*known);
    }
    words
        .into_iter()
        .filter(|(_, (_, following))| *following)
        .map(|(user, ((at, _), _))| (user, at))
        .collect()
}

fn grouped(reacted: BTreeMap<(String, UserId), (Hlc, OpId)>) -> Vec<Reaction> {
    let mut by_time: Vec<_> = reacted.into_iter().map(|((emoji, user), at)| (at, emoji, user)).collect();
    by_time.sort();
    let mut out: Vec<Reaction> = Vec::new();
    for (_, emoji, user) in by_time {
        match out.iter_mut().find(|reaction| reaction.emoji == emoji) {
            Some(reaction) => reaction.users.push(user),
            None => out.push(Reaction { emoji, users: vec![user] }),
        }
    }
    out
}

/// One line of a timeline's hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimelineEntry {
    /// When it was written.
    pub hlc: Hlc,
    /// The message.
    pub id: OpId,
    /// Whether it was taken away.
    pub deleted: bool,
    /// The latest visible edit.
    pub edit: Option<OpId>,
}

/// Hash of a channel's valid messages in (hlc, op id) order; never of bodies, so that destroying one changes nothing.
/// `BLAKE3(hlc u64 BE ‖ id ‖ deleted u8 ‖ edit id, or 32 zero bytes ‖ ..)`.
#[must_use]
pub fn hash(entries: impl Iterator<Item = TimelineEntry>) -> [u8; 32] {
    let mut hash = TimelineHash::default();
    entries.for_each(|entry| hash.add(&entry));
    hash.finish()
}

/// [`hash`], fed line by line: a store need not gather a whole channel.
#[derive(Clone, Debug, Default)]
pub struct TimelineHash(blake3::Hasher);

impl TimelineHash {
    /// The next line, in (hlc, op id) order.
    pub fn add(&mut self, entry: &TimelineEntry) {
        self.0.update(&entry.hlc.0.to_be_bytes());
        self.0.update(&entry.id.0);
        self.0.update(&[u8::from(entry.deleted)]);
        self.0.update(&entry.edit.map_or([0; 32], |edit| edit.0));
    }

    /// The hash of all lines.
    #[must_use]
    pub fn finish(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}
