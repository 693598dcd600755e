//! Who owns the guild, by the model.

use super::fact::{Act, Change, OpNo, Person, Set};
use super::model::Model;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// One reign of owners: its name, who, how many are a quorum, who voted for it.
#[derive(Clone, PartialEq)]
pub(crate) struct Reign {
    pub(crate) change: Change,
    pub(crate) owners: BTreeSet<Person>,
    threshold: usize,
    pub(crate) votes: Set,
}

impl Model {
    /// Whether an owner's op still counts under the owners that a set makes.
    pub(super) fn owned(&self, x: OpNo, set: &Set) -> bool {
        let author = self.facts[x].author;
        let (now, then) = (self.reigns(set), self.reigns(&self.pasts[x]));
        let knows = |reign: &Reign| then.iter().any(|each| each.change == reign.change);
        let seen = now.iter().rposition(knows).unwrap();
        if !now[seen].owners.contains(&author) {
            return false;
        }
        match now[seen..].iter().find(|reign| !reign.owners.contains(&author)) {
            None => true,
            Some(out) => out.votes.iter().any(|vote| self.pasts[*vote].contains(&x)),
        }
    }

    /// The name that an act gives to the owners it votes for.
    pub(crate) fn change(&self, act: &Act) -> Option<Change> {
        let Act::Owners { base, owners, threshold } = act else { return None };
        let mut users: Vec<[u8; 32]> = owners.iter().map(|owner| self.users[*owner]).collect();
        users.sort_unstable();
        let mut bytes = base.to_vec();
        bytes.extend(u32::try_from(*threshold).unwrap().to_be_bytes());
        bytes.extend(users.concat());
        Some(*blake3::hash(&bytes).as_bytes())
    }

    /// The owners of a set, from Genesis on.
    pub(crate) fn reigns(&self, set: &Set) -> Rc<Vec<Reign>> {
        let is_vote = |op: &OpNo| matches!(self.facts[*op].act, Act::Owners { .. });
        let votes: Set = set.iter().copied().filter(is_vote).collect();
        if let Some(known) = self.reigns.borrow().get(&votes) {
            return known.clone();
        }
        let reigns = Rc::new(self.reigns_of(&votes));
        self.reigns.borrow_mut().insert(votes, reigns.clone());
        reigns
    }

    fn reigns_of(&self, set: &Set) -> Vec<Reign> {
        let Act::Genesis { owners, threshold } = &self.facts[0].act else { unreachable!("op 0 is Genesis") };
        let owners = owners.iter().copied().collect();
        let mut reigns =
            vec![Reign { change: self.facts[0].id, owners, threshold: *threshold, votes: Set::new() }];
        loop {
            let now = reigns.last().unwrap().clone();
            let mut said: BTreeMap<Change, (BTreeSet<Person>, Set)> = BTreeMap::new();
            for op in set.iter().copied() {
                let Act::Owners { base, .. } = &self.facts[op].act else { continue };
                if *base == now.change && now.owners.contains(&self.facts[op].author) && self.local(op) {
                    let votes = said.entry(self.change(&self.facts[op].act).unwrap()).or_default();
                    votes.0.insert(self.facts[op].author);
                    votes.1.insert(op);
                }
            }
            let carried = said.into_iter().filter(|(_, (who, _))| who.len() >= now.threshold);
            let Some((change, (_, votes))) = carried.max_by_key(|(change, (who, _))| (who.len(), *change))
            else {
                return reigns;
            };
            let first = *votes.first().unwrap();
            let Act::Owners { owners, threshold, .. } = &self.facts[first].act else {
                unreachable!("a vote")
            };
            reigns.push(Reign {
                change,
                owners: owners.iter().copied().collect(),
                threshold: *threshold,
                votes,
            });
        }
    }

    pub(crate) fn is_owner(&self, set: &Set, person: Person) -> bool {
        self.reigns(set).last().unwrap().owners.contains(&person)
    }
}
