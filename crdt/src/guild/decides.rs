//! What decides whether somebody is in, for who holds less of the governance than there is and so may see it otherwise.

use super::Guild;
use super::deed::Deed;
use super::graph::Node;
use super::past::Place;
use super::state::Rank;
use crate::id::{DeviceKey, OpId, StreamId, Tenure, UserId};
use crate::kind::Kind;
use crate::op::Op;
use std::collections::{BTreeMap, BTreeSet};

impl Guild {
    /// Whether somebody who joined and did not leave is out: others put them out, or the invite they came by counts no longer. They
    /// may not have heard of it.
    #[must_use]
    pub fn was_put_out(&self, user: &UserId) -> bool {
        let stays = |tenure: &&Tenure| !self.joins.leaves.contains_key(*tenure);
        let tenures = self.joins.of_user.get(user).into_iter().flatten().filter(stays);
        !self.view.members.contains_key(user)
            && tenures.filter_map(|tenure| self.joins.by_tenure.get(tenure)).any(|join| join.local.is_ok())
    }

    /// The ops by which who holds others of this guild is to agree on whether these people are in (and, where
    /// `relays`, on which relays the guild names): what was said of it, what that stands on, whatever may void any of that, and so on.
    /// What may void an op was written without having seen it, so what is written once everybody has heard is not among them.
    ///
    /// Whoever holds these, and whatever else of this guild's ops beside them, with the past of each, says of each of these people what
    /// this guild says: that they are in, under the same tenure, or that they are out.
    #[must_use]
    pub fn deciding(&self, people: &BTreeSet<UserId>, relays: bool) -> BTreeSet<OpId> {
        let mut deciding = Deciding::of(self, people);
        for node in self.graph.iter() {
            if deciding.is_about_people(&node.deed) || relays && matches!(node.deed, Deed::Relays(_)) {
                deciding.take(node.place);
            }
        }
        for tenure in people.iter().flat_map(|user| self.tenures(user)) {
            deciding.take_admission(&tenure);
            deciding.take_comings(&tenure);
        }
        if people.iter().any(|user| self.was_ever_to_own(user)) {
            self.graph.votes.iter().for_each(|vote| deciding.take(*vote));
        }
        people.iter().for_each(|user| deciding.take_settled(user));
        deciding.go_on();
        deciding.found
    }

    /// Whether Genesis or a vote, whatever came of it, makes somebody an owner: as such no word of others removes them.
    fn was_ever_to_own(&self, user: &UserId) -> bool {
        let votes = self.graph.votes.iter().map(|vote| &self.graph.node(*vote).deed);
        let names = |deed: &Deed| matches!(deed, Deed::SetOwners(body) if body.owners.contains(user));
        self.view.facts.owners.contains(user) || votes.into_iter().any(names)
    }
}

/// A set of ops that grows by what may decide those that are in it.
struct Deciding<'a> {
    guild: &'a Guild,
    people: &'a BTreeSet<UserId>,
    /// Words on each person's roles and membership.
    words: BTreeMap<UserId, Vec<&'a Node>>,
    ends: BTreeMap<(UserId, DeviceKey), Vec<&'a Node>>,
    barriers: Vec<&'a Node>,
    /// Joins and leaves.
    comings: BTreeMap<Tenure, Vec<&'a Op>>,
    /// Every membership op: each stands on the one before it in its log.
    members: BTreeMap<OpId, &'a Op>,
    found: BTreeSet<OpId>,
    /// Governance in it of which is not known yet what decides it.
    next: Vec<Place>,
}

impl<'a> Deciding<'a> {
    fn of(guild: &'a Guild, people: &'a BTreeSet<UserId>) -> Self {
        let (mut words, mut ends) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for node in guild.graph.iter() {
            if let Some(person) = node.deed.person() {
                words.entry(person).or_default().push(&**node);
            }
            if let Some(device) = node.deed.ended_device() {
                ends.entry(device).or_default().push(&**node);
            }
        }
        let (mut comings, mut members) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::new());
        let of_members = guild.arrivals.iter().filter(|op| op.header.stream == StreamId::MEMBERSHIP);
        for op in of_members {
            members.insert(op.id, &***op);
            let tenure = match op.kind() {
                Some(Kind::Join) => Tenure::of(&op.id),
                Some(Kind::Leave) => op.header.tenure,
                _ => continue,
            };
            comings.entry(tenure).or_default().push(&***op);
        }
        let barriers = guild.graph.barriers.iter().map(|place| guild.graph.node(*place)).collect();
        let (found, next) = (BTreeSet::new(), Vec::new());
        Self { guild, people, words, ends, barriers, comings, members, found, next }
    }

    fn is_about_people(&self, deed: &Deed) -> bool {
        let named = match deed {
            Deed::Unban(unban) => Some(unban.user),
            Deed::Admit(admit) => Some(admit.user),
            _ => deed.removed(),
        };
        named.is_some_and(|user| self.people.contains(&user))
    }

    fn take(&mut self, place: Place) {
        if self.found.insert(self.guild.graph.node(place).id) {
            self.next.push(place);
        }
    }

    /// Where this guild has settled an account, whatever settled anything: by it stands which devices speak for them.
    fn take_settled(&mut self, user: &UserId) {
        if self.guild.settled(user).is_some() {
            self.guild.citing.iter().for_each(|op| self.take_named(&op.id));
        }
    }

    fn take_named(&mut self, op: &OpId) {
        self.guild.graph.place(op).into_iter().for_each(|place| self.take(place));
    }

    /// The invite somebody came by, and their join.
    fn take_admission(&mut self, tenure: &Tenure) {
        if let Some(join) = self.guild.joins.by_tenure.get(tenure) {
            self.take_named(&join.invite);
        }
        for op in self.comings.get(tenure).cloned().unwrap_or_default() {
            if op.kind() == Some(Kind::Join) {
                self.take_membership(op);
            }
        }
    }

    /// The leave, too.
    fn take_comings(&mut self, tenure: &Tenure) {
        for op in self.comings.get(tenure).cloned().unwrap_or_default() {
            self.take_membership(op);
        }
    }

    fn take_membership(&mut self, op: &'a Op) {
        let mut next = Some(op);
        while let Some(op) = next.filter(|op| self.found.insert(op.id)) {
            let heads = op.frontier().and_then(|frontier| self.guild.frontier_heads(&frontier));
            heads.iter().flatten().for_each(|head| self.take_named(head));
            next = op.header.prev.and_then(|prev| self.members.get(&prev).copied());
        }
    }

    fn go_on(&mut self) {
        while let Some(place) = self.next.pop() {
            let guild = self.guild;
            let node = guild.graph.node(place);
            node.deps.iter().for_each(|dep| self.take_named(dep));
            self.take_settled(&node.author);
            self.take_admission(&node.tenure);
            // What its author wrote after having left is void.
            if guild.joins.had_left(&node.tenure, node.hlc) {
                self.take_comings(&node.tenure);
            }
            // What is void in itself stays so, whatever else there is.
            if node.local.is_ok() {
                self.against(node).into_iter().for_each(|place| self.take(place));
            }
        }
    }

    /// What may void an op, or save it.
    fn against(&self, x: &Node) -> Vec<Place> {
        let concurrent = |other: &&&Node| other.concurrent_with(x);
        let mut against: Vec<Place> = Vec::new();
        let mut take = |nodes: Option<&Vec<&Node>>| {
            against.extend(nodes.into_iter().flatten().filter(concurrent).map(|node| node.place));
        };
        take(self.ends.get(&(x.author, x.device)));
        if let Some(removed) = x.deed.removed().filter(|user| self.people.contains(user)) {
            take(self.words.get(&removed));
        }
        if x.rho == Rank::Owner {
            let votes = &self.guild.graph.votes;
            if votes.iter().any(|vote| self.guild.graph.node(*vote).concurrent_with(x)) {
                against.extend(votes.iter());
            }
            return against;
        }
        take(self.words.get(&x.author));
        take(Some(&self.barriers));
        if self.barriers.iter().any(|barrier| barrier.concurrent_with(x)) {
            against.extend(self.savers(x).iter().map(|barrier| barrier.place));
        }
        against
    }

    /// The checkpoint that gives back what another made stale; where none does, those that would have.
    fn savers(&self, x: &Node) -> Vec<&'a Node> {
        let saw: Vec<&Node> =
            self.barriers.iter().copied().filter(|barrier| barrier.past.has(x.place)).collect();
        let valid = saw.iter().copied().find(|barrier| self.guild.now.is_valid(barrier.place));
        valid.map_or(saw, |valid| vec![valid])
    }
}
