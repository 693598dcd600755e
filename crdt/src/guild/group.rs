//! Conversations of several: who brings in whom, and who heads one. Of two, and of one, nothing is governed.

use super::deed::Deed;
use super::rule::{Judge, hold};
use super::state::{GuildView, Rank};
use crate::body::governance::{GROUP_MAX, GuildEdit, SpaceKind};
use crate::id::UserId;
use crate::verdict::VoidReason;

impl GuildView {
    /// Whether it is a conversation that was begun with more than two: people come and go.
    #[must_use]
    pub fn is_group(&self) -> bool {
        self.facts.kind == SpaceKind::Conversation && self.facts.owners.len() > 2
    }

    /// Who heads a conversation of several: who began it, while they are in; else the first of those who were there from the
    /// beginning; else the first who was brought in.
    #[must_use]
    pub fn head(&self) -> Option<UserId> {
        if !self.is_group() {
            return None;
        }
        let first = std::iter::once(&self.facts.founder).chain(&self.facts.owners);
        let brought =
            || self.brought.iter().min_by_key(|(user, since)| (**since, **user)).map(|(user, _)| user);
        first.into_iter().find(|user| self.genesis_holds(user)).or_else(brought).copied()
    }

    /// Their rank in a conversation, where they are in.
    pub(super) fn conversation_rank(&self, user: &UserId) -> Rank {
        Rank::Member(u64::from(self.head() == Some(*user)))
    }

    /// How many are in, by governance.
    fn people(&self) -> usize {
        let first = self.facts.owners.iter().filter(|user| !self.brought.contains_key(*user));
        first.filter(|user| self.genesis_holds(user)).count() + self.brought.len()
    }
}

impl Judge<'_> {
    /// Whoever is in brings in others and gives a name; who heads it puts others out; everybody goes by themself.
    pub(super) fn in_conversation(&self, deed: &Deed) -> Result<(), VoidReason> {
        if !self.view.is_group() {
            return Err(VoidReason::NoPermission);
        }
        match deed {
            Deed::Admit(body) => hold(!self.view.genesis_holds(&body.user) && self.view.people() < GROUP_MAX),
            Deed::Kick(body) => {
                hold(self.view.genesis_holds(&body.user))?;
                let own = body.user == *self.author;
                if own || self.rho > Rank::Member(0) { Ok(()) } else { Err(VoidReason::Rank) }
            }
            Deed::GuildEdit(edit) => {
                let name = GuildEdit { name: edit.name.clone(), ..GuildEdit::default() };
                hold(*edit == name)
            }
            _ => Err(VoidReason::NoPermission),
        }
    }
}
