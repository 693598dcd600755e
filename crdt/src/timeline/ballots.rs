//! What a poll has become: the fold of its ballots, whatever their order of arrival.

use super::{Act, Deed};
use crate::body::content::Poll;
use crate::hlc::Hlc;
use crate::id::{OpId, UserId};
use std::collections::BTreeMap;

/// The outcome of all ballots of one poll.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ballots {
    /// No later ballot counts.
    pub ends: Hlc,
    /// Its author ended it before its time.
    pub ended: bool,
    /// Who answered what, ascending. Nobody who answered nothing.
    pub votes: BTreeMap<UserId, Vec<u8>>,
}

/// Folds the ballots of a poll that was written then. Of each person the latest one counts that is no later than the poll's
/// end and answers what was asked: one answer where one is asked for.
#[must_use]
pub fn ballots(poll: &Poll, written: Hlc, acts: &[Act]) -> Ballots {
    let due = Hlc::from_ms(written.ms().saturating_add(u64::from(poll.hours) * 3_600_000));
    let valid = || acts.iter().filter(|act| !act.void);
    let ended = valid().filter(|act| act.deed == Deed::EndPoll && act.hlc < due).map(|act| act.hlc).min();
    let ends = ended.unwrap_or(due);
    let mut latest: BTreeMap<UserId, ((Hlc, OpId), &Vec<u8>)> = BTreeMap::new();
    for act in valid().filter(|act| act.hlc <= ends) {
        let Deed::Vote { answers } = &act.deed else { continue };
        let asked = answers.iter().all(|answer| usize::from(*answer) <= poll.answers.len());
        if !asked || (answers.len() > 1 && !poll.multiple) {
            continue;
        }
        let ballot = ((act.hlc, act.op), answers);
        let known = latest.entry(act.author).or_insert(ballot);
        *known = ballot.max(*known);
    }
    let given = latest.into_iter().filter(|(_, (_, answers))| !answers.is_empty());
    let votes = given.map(|(user, (_, answers))| (user, answers.clone())).collect();
    Ballots { ends, ended: ended.is_some(), votes }
}

impl Ballots {
    /// How many gave an answer.
    #[must_use]
    pub fn count(&self, answer: u8) -> usize {
        self.votes.values().filter(|answers| answers.contains(&answer)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::content::PollAnswer;

    const HOUR: u64 = 3_600_000;

    fn poll(multiple: bool) -> Poll {
        let answer = |text: &str| PollAnswer { text: text.to_owned(), emoji: None };
        let answers = vec![answer("yes"), answer("no")];
        Poll { question: String::from("Shall we?"), answers, multiple, hours: 1 }
    }

    fn act(who: u8, at_ms: u64, deed: Deed) -> Act {
        let op = OpId([u8::try_from(at_ms % 251).unwrap() ^ who; 32]);
        Act { op, hlc: Hlc::from_ms(at_ms), author: UserId([who; 32]), deed, void: false }
    }

    fn vote(who: u8, at_ms: u64, answers: &[u8]) -> Act {
        act(who, at_ms, Deed::Vote { answers: answers.to_vec() })
    }

    fn outcome(multiple: bool, acts: &[Act]) -> Vec<(u8, Vec<u8>)> {
        let forth = ballots(&poll(multiple), Hlc::ZERO, acts);
        let back: Vec<Act> = acts.iter().rev().cloned().collect();
        assert_eq!(forth, ballots(&poll(multiple), Hlc::ZERO, &back), "in whatever order they arrive");
        forth.votes.into_iter().map(|(user, answers)| (user.0[0], answers)).collect()
    }

    #[test]
    fn of_each_person_the_latest_ballot_counts_and_an_empty_one_takes_it_back() {
        let acts = [vote(1, 10, &[1]), vote(2, 20, &[1]), vote(1, 30, &[2]), vote(2, 40, &[])];
        assert_eq!(outcome(false, &acts), [(1, vec![2])]);
    }

    #[test]
    fn a_ballot_that_answers_what_was_not_asked_is_none() {
        let acts = [vote(1, 10, &[1]), vote(1, 20, &[1, 2]), vote(2, 30, &[3])];
        assert_eq!(outcome(false, &acts), [(1, vec![1])]);
        assert_eq!(outcome(true, &acts), [(1, vec![1, 2])]);
    }

    #[test]
    fn a_ballot_after_the_end_counts_for_nothing_and_the_earliest_end_holds() {
        let acts = [vote(1, 10, &[1]), vote(1, HOUR + 1, &[2]), vote(2, HOUR, &[2])];
        assert_eq!(outcome(false, &acts), [(1, vec![1]), (2, vec![2])]);
        let acts =
            [act(9, 60, Deed::EndPoll), vote(1, 50, &[1]), act(9, 40, Deed::EndPoll), vote(2, 30, &[2])];
        assert_eq!(outcome(false, &acts), [(2, vec![2])]);
        let ended = ballots(&poll(false), Hlc::ZERO, &acts);
        assert_eq!((ended.ended, ended.ends.ms()), (true, 40));
        let voided = [vote(1, 10, &[1])].map(|act| Act { void: true, ..act });
        assert_eq!(outcome(false, &voided), []);
    }
}
