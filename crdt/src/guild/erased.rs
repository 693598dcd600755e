//! Of whom all that they said was taken away, and up to when.

use super::Guild;
use super::rule::{Judge, hold};
use super::state::{Erased, GuildView};
use crate::body::governance::Erase;
use crate::hlc::Hlc;
use crate::id::{OpId, UserId};
use crate::kind::Kind;
use crate::permissions::Permissions;
use crate::verdict::VoidReason;

impl Guild {
    /// Up to when all that somebody said is gone for good: by words that are final. A word is when a checkpoint has seen it, or
    /// when `is_old` says so, which is asked of the op. [`Hlc::ZERO`] where nothing is.
    #[must_use]
    pub fn erased_for_good_upto(&self, user: &UserId, is_old: &dyn Fn(&OpId) -> bool) -> Hlc {
        let words = self.view.erased.get(user).into_iter().flatten();
        latest(words.filter(|(op, _)| self.is_below_checkpoint(op) || is_old(op)))
    }
}

impl GuildView {
    /// Up to when all that somebody said is taken away; [`Hlc::ZERO`] where nothing is.
    #[must_use]
    pub fn erased_upto(&self, user: &UserId) -> Hlc {
        latest(self.erased.get(user).into_iter().flatten())
    }
}

impl Kind {
    /// Whether an op says something that goes with all that its author said. What somebody did to others' words stays done,
    /// and an alert is nobody's own.
    #[must_use]
    pub const fn goes_with_its_author(self) -> bool {
        matches!(self, Self::Message | Self::Edit | Self::React | Self::PollVote | Self::Nick)
    }
}

impl Judge<'_> {
    /// One's own words are one's own to take away; those of others, who may ban them and take messages away everywhere.
    pub(super) fn erase(&self, body: &Erase, written: Hlc) -> Result<(), VoidReason> {
        // What is written after a word stands.
        hold(body.upto <= written)?;
        if body.user == *self.author {
            return Ok(());
        }
        self.removal(&body.user, Permissions::BAN_MEMBERS.with(Permissions::MANAGE_MESSAGES))
    }
}

fn latest<'a>(words: impl Iterator<Item = (&'a OpId, &'a Erased)>) -> Hlc {
    words.map(|(_, word)| word.upto).max().unwrap_or(Hlc::ZERO)
}
