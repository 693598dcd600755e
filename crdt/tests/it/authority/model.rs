//! The rule, written a second time the naive way: sets, recursion, no order of arrival, no incremental state.
//!
//! It knows people, roles, a name and invites; channels behave as roles do in it. It takes its facts from the
//! history's plain description of each op, never from the crate's own reading of it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A person of the history; 0 is the owner.
pub(crate) type Person = usize;
/// An op of the history, by its number.
pub(crate) type OpNo = usize;
/// A past-closed set.
pub(crate) type Set = BTreeSet<OpNo>;

/// The owner's rank; members have their highest role's; outsiders have -1.
pub(crate) const OWNER: i128 = i128::MAX;

pub(crate) const MANAGE_GUILD: u64 = 1 << 5;
pub(crate) const MANAGE_ROLES: u64 = 1 << 28;
pub(crate) const KICK: u64 = 1 << 1;
pub(crate) const BAN: u64 = 1 << 2;
pub(crate) const INVITE: u64 = 1;
/// What `@everyone` has in these histories.
pub(crate) const EVERYONE: u64 = INVITE;

/// What an op does.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Genesis,
    Name(String),
    RoleCreate {
        rank: u64,
        permissions: u64,
    },
    RolePermissions {
        role: OpNo,
        permissions: u64,
    },
    RoleDelete {
        role: OpNo,
    },
    Grant {
        to: Person,
        roles: Vec<OpNo>,
    },
    Kick(Person),
    Ban(Person),
    Unban {
        who: Person,
        bans: Vec<OpNo>,
    },
    /// One stands at the beginning of every history; invites lead to it.
    Channel,
    Invite,
    Revoke {
        invite: OpNo,
    },
    Checkpoint {
        honest: bool,
    },
}

/// One op as the history describes it.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) author: Person,
    /// The join it is written under; none for the owner, whom Genesis admits.
    pub(crate) join: Option<usize>,
    pub(crate) deps: Vec<OpNo>,
    pub(crate) hlc: u64,
    pub(crate) act: Act,
    pub(crate) id: [u8; 32],
    pub(crate) user: [u8; 32],
}

/// One join: outside the set of governance ops.
#[derive(Clone, Debug)]
pub(crate) struct JoinFact {
    pub(crate) person: Person,
    pub(crate) invite: OpNo,
    pub(crate) seen: Set,
}

/// What a set means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) name: String,
    /// Rank and permissions.
    pub(crate) roles: BTreeMap<OpNo, (u64, u64)>,
    pub(crate) assigned: BTreeMap<Person, Vec<OpNo>>,
    pub(crate) winner: BTreeMap<Person, OpNo>,
    /// Removals in force.
    pub(crate) kicks: BTreeMap<Person, Set>,
    pub(crate) bans: BTreeMap<Person, Set>,
    pub(crate) invites: Set,
    pub(crate) everyone: u64,
}

type Key = (i128, [u8; 32], i64, [u8; 32]);
/// Finds the winner among the writes that a test picks.
type Writes<'a> = dyn Fn(&dyn Fn(&Act) -> bool) -> Option<OpNo> + 'a;

pub(crate) struct Model {
    pub(crate) facts: Vec<Fact>,
    pub(crate) joins: Vec<JoinFact>,
    pasts: Vec<Set>,
    valid: RefCell<BTreeMap<Set, Rc<Set>>>,
    states: RefCell<BTreeMap<Set, Rc<State>>>,
}

impl Model {
    pub(crate) fn new(facts: Vec<Fact>, joins: Vec<JoinFact>) -> Self {
        let mut pasts: Vec<Set> = Vec::new();
        for fact in &facts {
            let past = fact.deps.iter().flat_map(|dep| pasts[*dep].iter().copied().chain([*dep])).collect();
            pasts.push(past);
        }
        Self { facts, joins, pasts, valid: RefCell::default(), states: RefCell::default() }
    }

    pub(crate) fn all(&self) -> Set {
        (0..self.facts.len()).collect()
    }

    pub(crate) fn past(&self, op: OpNo) -> &Set {
        &self.pasts[op]
    }

    pub(crate) fn concurrent(&self, one: OpNo, other: OpNo) -> bool {
        one != other && !self.pasts[one].contains(&other) && !self.pasts[other].contains(&one)
    }

    /// The valid ops of a past-closed set.
    pub(crate) fn valid(&self, set: &Set) -> Rc<Set> {
        if let Some(known) = self.valid.borrow().get(set) {
            return known.clone();
        }
        let mut order: Vec<OpNo> = set.iter().copied().collect();
        order.sort_by_key(|op| std::cmp::Reverse(self.key(*op)));
        let mut valid = Set::new();
        for op in order {
            if self.stands(op, set, &valid) {
                valid.insert(op);
            }
        }
        let valid = Rc::new(valid);
        self.valid.borrow_mut().insert(set.clone(), valid.clone());
        valid
    }

    fn stands(&self, x: OpNo, set: &Set, stronger: &Set) -> bool {
        if !self.local(x) {
            return false;
        }
        if self.rho(x) == OWNER {
            return true;
        }
        let checkpoints: Vec<OpNo> = set
            .iter()
            .copied()
            .filter(|op| matches!(self.facts[*op].act, Act::Checkpoint { .. }) && self.local(*op))
            .collect();
        let stale = checkpoints.iter().any(|k| self.concurrent(*k, x));
        let seen = checkpoints.iter().any(|k| self.pasts[*k].contains(&x));
        if stale && !seen {
            return false;
        }
        let voided = stronger.iter().any(|r| self.voids(*r, x) && !self.overridden(*r, x, stronger));
        !voided && self.supports(x).iter().all(|support| stronger.contains(support))
    }

    pub(crate) fn voids(&self, r: OpNo, x: OpNo) -> bool {
        let takes = match &self.facts[r].act {
            Act::Kick(who) | Act::Ban(who) => *who == self.facts[x].author,
            Act::Grant { to, .. } => *to == self.facts[x].author && self.gives(r) < self.rho(x),
            _ => false,
        };
        takes && self.concurrent(r, x)
    }

    pub(crate) fn overridden(&self, r: OpNo, x: OpNo, valid: &Set) -> bool {
        let person = self.person(r);
        valid.iter().any(|w| {
            matches!(self.facts[*w].act, Act::Grant { .. })
                && self.person(*w) == person
                && self.pasts[x].contains(w)
                && self.concurrent(*w, r)
                && self.gives(*w) >= self.rho(x)
                && self.register_key(*w) > self.register_key(r)
        })
    }

    fn person(&self, op: OpNo) -> Option<Person> {
        match &self.facts[op].act {
            Act::Kick(who) | Act::Ban(who) => Some(*who),
            Act::Grant { to, .. } => Some(*to),
            _ => None,
        }
    }

    /// The rank that a grant gives, by the roles its own past knows.
    fn gives(&self, op: OpNo) -> i128 {
        let Act::Grant { roles, .. } = &self.facts[op].act else { return 0 };
        let known = &self.state(&self.pasts[op]).roles;
        roles.iter().filter_map(|role| known.get(role)).map(|(rank, _)| i128::from(*rank)).max().unwrap_or(0)
    }

    pub(crate) fn key(&self, op: OpNo) -> Key {
        let fact = &self.facts[op];
        let depth = i64::try_from(self.pasts[op].len()).unwrap();
        (self.rho(op), *blake3::hash(&fact.user).as_bytes(), -depth, fact.id)
    }

    fn register_key(&self, op: OpNo) -> (i128, bool, u64, Key) {
        let removal = matches!(self.facts[op].act, Act::Kick(_) | Act::Ban(_));
        (self.rho(op), removal, self.facts[op].hlc, self.key(op))
    }

    /// The author's rank in the view of the op's past.
    pub(crate) fn rho(&self, op: OpNo) -> i128 {
        let fact = &self.facts[op];
        match fact.join {
            None => OWNER,
            Some(join) if self.admitted(&self.pasts[op], join) => self.rank(&self.pasts[op], fact.author),
            Some(_) => -1,
        }
    }

    /// Whether a join counts in the view of a set.
    pub(crate) fn admitted(&self, set: &Set, join: usize) -> bool {
        let join = &self.joins[join];
        let state = self.state(set);
        let could = self.state(&join.seen).invites.contains(&join.invite);
        let banned = state.bans.get(&join.person).is_some_and(|bans| !bans.is_empty());
        let kicked = state.kicks.get(&join.person).is_some_and(|kicks| !kicks.is_subset(&join.seen));
        could && self.valid(set).contains(&join.invite) && !banned && !kicked
    }

    pub(crate) fn rank(&self, set: &Set, person: Person) -> i128 {
        if person == 0 {
            return OWNER;
        }
        let state = self.state(set);
        let roles = state.assigned.get(&person).into_iter().flatten();
        roles.filter_map(|role| state.roles.get(role)).map(|(rank, _)| i128::from(*rank)).max().unwrap_or(0)
    }

    fn permissions(&self, set: &Set, person: Person) -> u64 {
        if person == 0 {
            return u64::MAX;
        }
        let state = self.state(set);
        let roles = state.assigned.get(&person).into_iter().flatten();
        roles.filter_map(|role| state.roles.get(role)).fold(state.everyone, |sum, (_, bits)| sum | bits)
    }

    /// The ops that gave the author its rank in its past.
    pub(crate) fn supports(&self, op: OpNo) -> Vec<OpNo> {
        let author = self.facts[op].author;
        let state = self.state(&self.pasts[op]);
        let rank = self.rank(&self.pasts[op], author);
        let roles = state.assigned.get(&author).into_iter().flatten();
        let top =
            roles.filter(|role| state.roles.get(role).is_some_and(|(each, _)| i128::from(*each) == rank));
        let grant = state.winner.get(&author).filter(|op| matches!(self.facts[**op].act, Act::Grant { .. }));
        top.chain(grant).copied().collect()
    }

    pub(crate) fn local(&self, op: OpNo) -> bool {
        let fact = &self.facts[op];
        let past = &self.pasts[op];
        let rho = self.rho(op);
        if matches!(fact.act, Act::Genesis) {
            return op == 0;
        }
        if rho < 0 {
            return false;
        }
        let state = self.state(past);
        let has = |bit: u64| self.permissions(past, fact.author) & bit == bit;
        let below = |rank: u64| i128::from(rank) < rho;
        let above = |who: Person| if who == 0 { rho == OWNER } else { self.rank(past, who) < rho };
        match &fact.act {
            Act::Genesis => false,
            Act::Name(_) => has(MANAGE_GUILD),
            Act::RoleCreate { rank, permissions } => has(MANAGE_ROLES) && below(*rank) && has(*permissions),
            Act::RolePermissions { role, permissions } => state
                .roles
                .get(role)
                .is_some_and(|(rank, bits)| has(MANAGE_ROLES) && below(*rank) && has(bits ^ permissions)),
            Act::RoleDelete { role } => {
                has(MANAGE_ROLES) && state.roles.get(role).is_some_and(|(rank, _)| below(*rank))
            }
            Act::Grant { to, roles } => {
                let had: BTreeSet<OpNo> = state
                    .assigned
                    .get(to)
                    .into_iter()
                    .flatten()
                    .filter(|role| state.roles.contains_key(role))
                    .copied()
                    .collect();
                let wanted: BTreeSet<OpNo> = roles.iter().copied().collect();
                let touched = had.symmetric_difference(&wanted);
                let may = |role: &OpNo| state.roles.get(role).is_some_and(|(rank, _)| below(*rank));
                has(MANAGE_ROLES) && above(*to) && touched.into_iter().all(may)
            }
            Act::Kick(who) => has(KICK) && *who != 0 && above(*who),
            Act::Ban(who) => has(BAN) && *who != 0 && above(*who),
            Act::Unban { .. } => has(BAN),
            Act::Channel => rho == OWNER,
            Act::Invite => has(INVITE),
            Act::Revoke { invite } => {
                state.invites.contains(invite)
                    && (self.facts[*invite].author == fact.author || has(MANAGE_GUILD))
            }
            Act::Checkpoint { honest } => rho == OWNER && *honest,
        }
    }

    /// What a set means.
    pub(crate) fn state(&self, set: &Set) -> Rc<State> {
        if let Some(known) = self.states.borrow().get(set) {
            return known.clone();
        }
        let valid = self.valid(set);
        let mut state = State { everyone: EVERYONE, name: String::from("guild"), ..State::default() };
        let writes = |of: &dyn Fn(&Act) -> bool| -> Option<OpNo> {
            let all: Vec<OpNo> = valid.iter().copied().filter(|op| of(&self.facts[*op].act)).collect();
            let latest = all.iter().filter(|op| !all.iter().any(|other| self.pasts[*other].contains(op)));
            latest.copied().max_by_key(|op| self.register_key(*op))
        };
        if let Some(op) = writes(&|act| matches!(act, Act::Name(_)))
            && let Act::Name(name) = &self.facts[op].act
        {
            state.name.clone_from(name);
        }
        let gone: BTreeSet<OpNo> = valid
            .iter()
            .filter_map(|op| match &self.facts[*op].act {
                Act::RoleDelete { role } => Some(*role),
                Act::Revoke { invite } => Some(*invite),
                _ => None,
            })
            .collect();
        for op in valid.iter().filter(|op| !gone.contains(op)) {
            match &self.facts[*op].act {
                Act::RoleCreate { rank, permissions } => {
                    let edit = writes(&|act| matches!(act, Act::RolePermissions { role, .. } if role == op));
                    let permissions = edit.map_or(*permissions, |edit| match &self.facts[edit].act {
                        Act::RolePermissions { permissions, .. } => *permissions,
                        _ => *permissions,
                    });
                    state.roles.insert(*op, (*rank, permissions));
                }
                Act::Invite => {
                    state.invites.insert(*op);
                }
                _ => {}
            }
        }
        let people: BTreeSet<Person> = valid.iter().filter_map(|op| self.person(*op)).collect();
        for person in people {
            self.person_state(&mut state, &valid, person, &writes);
        }
        let state = Rc::new(state);
        self.states.borrow_mut().insert(set.clone(), state.clone());
        state
    }

    fn person_state(&self, state: &mut State, valid: &Set, person: Person, writes: &Writes<'_>) {
        let on = |act: &Act| match act {
            Act::Kick(who) | Act::Ban(who) => *who == person,
            Act::Grant { to, .. } => *to == person,
            _ => false,
        };
        if let Some(winner) = writes(&on) {
            state.winner.insert(person, winner);
            if let Act::Grant { roles, .. } = &self.facts[winner].act
                && !roles.is_empty()
            {
                state.assigned.insert(person, roles.clone());
            }
        }
        let lifted: Set = valid
            .iter()
            .flat_map(|op| match &self.facts[*op].act {
                Act::Unban { bans, .. } => bans.clone(),
                _ => Vec::new(),
            })
            .collect();
        for r in valid.iter().copied().filter(|op| on(&self.facts[*op].act)) {
            let defeated = valid.iter().any(|w| {
                matches!(&self.facts[*w].act, Act::Grant { to, .. } if *to == person)
                    && self.concurrent(*w, r)
                    && self.register_key(*w) > self.register_key(r)
            });
            match &self.facts[r].act {
                Act::Kick(_) if !defeated => drop(state.kicks.entry(person).or_default().insert(r)),
                Act::Ban(_) if !defeated && !lifted.contains(&r) => {
                    state.bans.entry(person).or_default().insert(r);
                }
                _ => {}
            }
        }
    }

    /// Who is in, by the joins that count now.
    pub(crate) fn members(&self) -> BTreeSet<Person> {
        let all = self.all();
        let joined = (0..self.joins.len()).filter(|join| self.admitted(&all, *join));
        joined.map(|join| self.joins[join].person).chain([0]).collect()
    }
}
