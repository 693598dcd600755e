//! What ballots make of a poll.

use super::turn::Turn;
use crate::change::Change;
use crate::store::{ActRow, MessageRow, Store, StoreFault, fold};
use nexus_crdt::body::content::{self, Poll};
use nexus_crdt::timeline::{Act, Ballots, ballots};
use std::collections::BTreeSet;

impl Turn<'_> {
    /// Says what a ballot, or an end, changed of a message's poll.
    pub(super) fn tell_ballots(
        &mut self,
        row: &MessageRow,
        before: &[ActRow],
        after: &[ActRow],
    ) -> Result<(), StoreFault> {
        let Some(channel) = self.shown_at(row, &fold(after)) else { return Ok(()) };
        let sent = self.store.op(&row.id)?.and_then(|sent| sent.op.read_body::<content::Message>().ok());
        let Some(poll) = sent.and_then(|sent| sent.poll) else { return Ok(()) };
        let (before, after) = (counted(&poll, row, before), counted(&poll, row, after));
        let people: BTreeSet<_> = before.votes.keys().chain(after.votes.keys()).copied().collect();
        for user in people {
            let gave = |ballots: &Ballots, answer| {
                ballots.votes.get(&user).is_some_and(|answers| answers.contains(&answer))
            };
            for answer in 1..=u8::try_from(poll.answers.len()).unwrap_or(u8::MAX) {
                let (had, given) = (gave(&before, answer), gave(&after, answer));
                if had != given {
                    let (space, message) = (row.space, row.api_id);
                    self.changes.push(Change::PollVoted { space, channel, message, user, answer, given });
                }
            }
        }
        if before.ends != after.ends {
            self.tell_updated(row)?;
        }
        Ok(())
    }
}

fn counted(poll: &Poll, row: &MessageRow, acts: &[ActRow]) -> Ballots {
    ballots(poll, row.hlc, &acts.iter().map(|row| row.act.clone()).collect::<Vec<Act>>())
}
