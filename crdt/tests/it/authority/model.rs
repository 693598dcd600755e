//! The rule, written a second time the naive way: sets, recursion, no order of arrival, no incremental state.
//!
//! It knows people, their accounts and devices, owners, roles, a name, invites and locks; channels behave as roles do in it. It takes its facts from the
//! history's plain description of each op, never from the crate's own reading of it.

use super::meaning::State;
use super::reigns::Reign;
use super::succession::{Account, DeviceNo, WordNo};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

pub(crate) use super::fact::{
    Act, BAN, DEAFEN, EVERYONE, Fact, INVITE, JoinFact, KICK, MANAGE_CHANNELS, MANAGE_GUILD, MANAGE_MESSAGES,
    MANAGE_ROLES, MODERATE, MUTE, OWNER, OpNo, Person, Set,
};

type Key = (i128, [u8; 32], bool, i64, [u8; 32]);

/// Finds the winner among the writes that a test picks.
type Writes<'a> = dyn Fn(&dyn Fn(&Act) -> bool) -> Option<OpNo> + 'a;

#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) facts: Vec<Fact>,
    pub(crate) joins: Vec<JoinFact>,
    pub(super) users: Vec<[u8; 32]>,
    pub(crate) accounts: Vec<Account>,
    /// The rotations that owners' checkpoints settled.
    pub(super) settled: BTreeMap<Person, WordNo>,
    pub(super) pasts: Vec<Set>,
    valid: RefCell<BTreeMap<Set, Rc<Set>>>,
    states: RefCell<BTreeMap<Set, Rc<State>>>,
    /// By the votes of a set, which alone make its owners.
    pub(super) reigns: RefCell<BTreeMap<Set, Rc<Vec<Reign>>>>,
    /// What was found out of each op once.
    ops: Vec<Known>,
}

/// What was found out of an op, from its past alone.
#[derive(Clone, Default)]
struct Known {
    rho: Cell<Option<i128>>,
    key: Cell<Option<Key>>,
    gives: Cell<Option<i128>>,
    local: Cell<Option<bool>>,
    supports: RefCell<Option<Rc<Vec<OpNo>>>>,
}

impl Model {
    /// Nothing has happened yet.
    pub(crate) fn new(users: Vec<[u8; 32]>, accounts: Vec<Account>) -> Self {
        Self {
            facts: Vec::new(),
            joins: Vec::new(),
            users,
            accounts,
            settled: BTreeMap::new(),
            pasts: Vec::new(),
            valid: RefCell::default(),
            states: RefCell::default(),
            reigns: RefCell::default(),
            ops: Vec::new(),
        }
    }

    /// Everything these cite, themselves included.
    pub(crate) fn closure(&self, heads: &[OpNo]) -> Set {
        heads.iter().fold(Set::new(), |sum, head| sum.union(&self.pasts[*head]).with(*head))
    }

    pub(crate) fn push(&mut self, fact: Fact) {
        self.pasts.push(self.closure(&fact.deps));
        self.facts.push(fact);
        self.ops.push(Known::default());
    }

    /// Whether an act would hold in its own past, were it to be written.
    pub(crate) fn would_hold(&mut self, fact: Fact) -> bool {
        self.push(fact);
        let holds = self.local(self.facts.len() - 1);
        self.facts.pop();
        self.pasts.pop();
        self.ops.pop();
        holds
    }

    /// Somebody goes by the Leave of a join.
    pub(crate) fn leave(&mut self, join: usize, at: u64, device: DeviceNo) {
        self.joins[join].leaves.push((at, device));
        self.forget();
    }

    /// What was found out so far may be otherwise.
    pub(super) fn forget(&mut self) {
        self.valid.take();
        self.states.take();
        self.reigns.take();
        self.ops.iter_mut().for_each(|known| *known = Known::default());
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
        self.valid.borrow_mut().insert(*set, valid.clone());
        valid
    }

    fn stands(&self, x: OpNo, set: &Set, stronger: &Set) -> bool {
        if !self.local(x) {
            return false;
        }
        if matches!(self.facts[x].act, Act::Owners { .. }) {
            return true;
        }
        if stronger.iter().any(|r| self.ends_device(*r, x)) {
            return false;
        }
        if self.rho(x) == OWNER {
            return self.owned(x, set);
        }
        let checkpoints: Vec<OpNo> = stronger
            .iter()
            .copied()
            .filter(|op| matches!(self.facts[*op].act, Act::Checkpoint { .. }))
            .collect();
        let stale = checkpoints.iter().any(|k| self.concurrent(*k, x));
        let seen = checkpoints.iter().any(|k| self.pasts[*k].contains(&x));
        if stale && !seen {
            return false;
        }
        let voided = stronger.iter().any(|r| self.voids(*r, x) && !self.overridden(*r, x, stronger));
        !voided && self.supports(x).iter().all(|support| stronger.contains(support))
    }

    pub(crate) fn ends_device(&self, r: OpNo, x: OpNo) -> bool {
        let theirs = |op: OpNo| matches!(self.facts[op].act, Act::EndDevice { .. });
        match self.facts[r].act {
            Act::EndDevice { who, device } => {
                (who, device) == (self.facts[x].author, self.facts[x].device)
                    && self.concurrent(r, x)
                    && !(theirs(x) && self.facts[r].author == self.facts[x].author)
            }
            _ => false,
        }
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
        once(&self.ops[op].gives, || self.find_gives(op))
    }

    fn find_gives(&self, op: OpNo) -> i128 {
        let Act::Grant { roles, .. } = &self.facts[op].act else { return 0 };
        let known = &self.state(&self.pasts[op]).roles;
        roles.iter().filter_map(|role| known.get(role)).map(|(rank, _)| i128::from(*rank)).max().unwrap_or(0)
    }

    pub(crate) fn key(&self, op: OpNo) -> Key {
        once(&self.ops[op].key, || self.find_key(op))
    }

    fn find_key(&self, op: OpNo) -> Key {
        let fact = &self.facts[op];
        let depth = i64::try_from(self.pasts[op].iter().count()).unwrap();
        let ends = matches!(fact.act, Act::EndDevice { .. });
        (self.rho(op), *blake3::hash(&self.users[fact.author]).as_bytes(), ends, -depth, fact.id)
    }

    fn register_key(&self, op: OpNo) -> (i128, bool, u64, Key) {
        let removal = matches!(self.facts[op].act, Act::Kick(_) | Act::Ban(_) | Act::EndDevice { .. });
        (self.rho(op), removal, self.facts[op].hlc, self.key(op))
    }

    /// The author's rank in the view of the op's past.
    pub(crate) fn rho(&self, op: OpNo) -> i128 {
        once(&self.ops[op].rho, || self.find_rho(op))
    }

    fn find_rho(&self, op: OpNo) -> i128 {
        let fact = &self.facts[op];
        let past = &self.pasts[op];
        let admitted = match fact.join {
            None => op == 0 || self.genesis_holds(past),
            Some(join) => self.left(join).is_none_or(|left| fact.hlc <= left) && self.admitted(past, join),
        };
        match admitted {
            false => -1,
            true if op == 0 || self.is_owner(past, fact.author) => OWNER,
            true => self.stands_on(past, fact.author).0,
        }
    }

    /// Whether the founder is still in by Genesis.
    fn genesis_holds(&self, set: &Set) -> bool {
        let state = self.state(set);
        self.is_owner(set, 0) || !state.kicks.contains_key(&0) && !state.bans.contains_key(&0)
    }

    /// Whether a join counts in the view of a set.
    pub(crate) fn admitted(&self, set: &Set, join: usize) -> bool {
        let join = &self.joins[join];
        let state = self.state(set);
        let seen = self.state(&join.seen);
        let could = seen.invites.contains(&join.invite)
            && !seen.ended.contains(&(join.person, join.device))
            && self.certified(join.person, join.device, join.hlc);
        let banned = state.bans.get(&join.person).is_some_and(|bans| !bans.is_empty());
        let kicked = state.kicks.get(&join.person).is_some_and(|kicks| !kicks.is_subset(&join.seen));
        could && self.valid(set).contains(&join.invite) && !banned && !kicked
    }

    /// A person's rank by their roles alone.
    pub(crate) fn rank(&self, set: &Set, person: Person) -> i128 {
        let state = self.state(set);
        let roles = state.assigned.get(&person).into_iter().flatten();
        roles.filter_map(|role| state.roles.get(role)).map(|(rank, _)| i128::from(*rank)).max().unwrap_or(0)
    }

    /// The rank that counts, and what it stands on: below each of those.
    fn stands_on(&self, set: &Set, person: Person) -> (i128, Vec<OpNo>) {
        let state = self.state(set);
        let rank = self.rank(set, person);
        let roles = state.assigned.get(&person).into_iter().flatten();
        let top: Vec<OpNo> = roles
            .filter(|role| state.roles.get(role).is_some_and(|(each, _)| i128::from(*each) == rank))
            .copied()
            .collect();
        let grant =
            state.winner.get(&person).copied().filter(|op| matches!(self.facts[*op].act, Act::Grant { .. }));
        let vouches = |m: &OpNo| grant.is_none_or(|grant| self.pasts[*m].contains(&grant));
        let moves: Vec<OpNo> = top.iter().filter_map(|role| state.moves.get(role)).copied().collect();
        let supports = match moves.into_iter().filter(vouches).max_by_key(|m| self.key(*m)) {
            Some(m) => vec![m],
            None => {
                let placed = top.iter().map(|role| *state.moves.get(role).unwrap_or(role));
                grant.into_iter().chain(placed).collect()
            }
        };
        let below =
            supports.iter().map(|op| self.rho(*op)).filter(|rho| *rho != OWNER).map(|rho| (rho - 1).max(0));
        (below.fold(rank, i128::min), supports)
    }

    fn permissions(&self, set: &Set, person: Person) -> u64 {
        if self.is_owner(set, person) {
            return u64::MAX;
        }
        let state = self.state(set);
        let roles = state.assigned.get(&person).into_iter().flatten();
        roles.filter_map(|role| state.roles.get(role)).fold(state.everyone, |sum, (_, bits)| sum | bits)
    }

    /// The ops that gave the author its rank in its past.
    pub(crate) fn supports(&self, op: OpNo) -> Rc<Vec<OpNo>> {
        if let Some(known) = &*self.ops[op].supports.borrow() {
            return known.clone();
        }
        let supports = Rc::new(match self.rho(op) {
            OWNER => Vec::new(),
            _ => self.stands_on(&self.pasts[op], self.facts[op].author).1,
        });
        *self.ops[op].supports.borrow_mut() = Some(supports.clone());
        supports
    }

    pub(crate) fn local(&self, op: OpNo) -> bool {
        once(&self.ops[op].local, || self.find_local(op))
    }

    fn find_local(&self, op: OpNo) -> bool {
        let fact = &self.facts[op];
        let past = &self.pasts[op];
        if op == 0 || matches!(fact.act, Act::Genesis { .. }) {
            return op == 0;
        }
        let state = self.state(past);
        let rho = self.rho(op);
        if !self.certified(fact.author, fact.device, fact.hlc) {
            return false;
        }
        if rho < 0 || state.rules > RULES || state.ended.contains(&(fact.author, fact.device)) {
            return false;
        }
        let holds = |(who, from, until, ended): &(Person, u64, u64, Option<u64>)| {
            *who == fact.author && *from < fact.hlc && fact.hlc <= ended.unwrap_or(*until).min(*until)
        };
        let of_oneself =
            matches!(fact.act, Act::EndDevice { who, .. } | Act::Erase { who, .. } if who == fact.author);
        if rho != OWNER && !of_oneself && state.pauses.values().any(holds) {
            return false;
        }
        let has = |bit: u64| self.permissions(past, fact.author) & bit == bit;
        // Whose owner takes the device back that made it has none.
        let channel = || self.local(1);
        let below = |rank: u64| i128::from(rank) < rho;
        let owner = |who: Person| self.is_owner(past, who);
        let above = |who: Person| if owner(who) { rho == OWNER } else { self.rank(past, who) < rho };
        match &fact.act {
            Act::Genesis { .. } => false,
            Act::RoleMove { role, rank } => {
                *rank > 0
                    && has(MANAGE_ROLES)
                    && below(*rank)
                    && state.roles.get(role).is_some_and(|(rank, _)| below(*rank))
            }
            Act::Lock { .. } => channel() && has(MANAGE_MESSAGES),
            Act::Keep { whole: true, .. } => rho == OWNER,
            Act::Keep { whole: false, .. } => channel() && has(MANAGE_MESSAGES | MANAGE_CHANNELS),
            Act::Tighten { who, removal, .. } => {
                let removals =
                    |of: &BTreeMap<Person, Set>| of.get(who).is_some_and(|all| all.contains(removal));
                let right = match &self.facts[*removal].act {
                    Act::Kick(_) => removals(&state.kicks) && has(KICK),
                    Act::Ban(_) => removals(&state.bans) && has(BAN),
                    _ => false,
                };
                right && !owner(*who) && above(*who)
            }
            Act::EndDevice { who, .. } => *who == fact.author || has(KICK) && !owner(*who) && above(*who),
            Act::Owners { base, owners, threshold } => {
                let majority = state.rules < 2 || threshold * 2 > owners.len();
                rho == OWNER && majority && *base == self.reigns(past).last().unwrap().change
            }
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
            Act::Kick(who) => has(KICK) && !owner(*who) && above(*who),
            Act::Ban(who) => has(BAN) && !owner(*who) && above(*who),
            Act::Unban { .. } => has(BAN),
            Act::TimeOut { who, ms, .. } => {
                let fits = ms.is_none_or(|ms| ms <= 28 * 24 * 3_600_000);
                has(MODERATE) && !owner(*who) && above(*who) && fits
            }
            Act::Silence { muted, deafened, .. } => {
                (muted.is_none() || has(MUTE)) && (deafened.is_none() || has(DEAFEN))
            }
            Act::Erase { who, ahead } => {
                let right = has(BAN | MANAGE_MESSAGES) && !owner(*who) && above(*who);
                !ahead && (*who == fact.author || right)
            }
            Act::Channel => rho == OWNER,
            Act::Invite => channel() && has(INVITE),
            Act::Revoke { invite } => {
                state.invites.contains(invite)
                    && (self.facts[*invite].author == fact.author || has(MANAGE_GUILD))
            }
            Act::Checkpoint { rules, .. } => rho == OWNER && rules.is_none_or(|rules| rules > state.rules),
        }
    }

    /// What a set means.
    pub(crate) fn state(&self, set: &Set) -> Rc<State> {
        if let Some(known) = self.states.borrow().get(set) {
            return known.clone();
        }
        let valid = self.valid(set);
        let mut state =
            State { everyone: EVERYONE, rules: 1, name: String::from("guild"), ..State::default() };
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
        for place in [true, false] {
            let word = writes(&|act| matches!(act, Act::Keep { whole, .. } if *whole == place));
            state.kept.extend(word.map(|word| (place, word)));
        }
        for (who, hearing) in (0..6).flat_map(|who| [(who, false), (who, true)]) {
            let word = writes(&|act| act.silences(who, hearing).is_some());
            let taken = word.and_then(|op| self.facts[op].act.silences(who, hearing)) == Some(true);
            state.silenced.extend(taken.then_some((who, hearing)));
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
                    let moved = writes(&|act| matches!(act, Act::RoleMove { role, .. } if role == op));
                    let rank = moved.map_or(*rank, |moved| match &self.facts[moved].act {
                        Act::RoleMove { rank, .. } => *rank,
                        _ => *rank,
                    });
                    state.moves.extend(moved.map(|moved| (*op, moved)));
                    state.roles.insert(*op, (rank, permissions));
                }
                Act::Invite => {
                    state.invites.insert(*op);
                }
                Act::EndDevice { who, device } => {
                    state.ended.insert((*who, *device));
                }
                Act::Erase { who, .. } => {
                    state.erased.insert(*op, (*who, self.facts[*op].hlc));
                }
                Act::TimeOut { who, ms: Some(ms), .. } => {
                    let ended = valid.iter().filter_map(|other| match &self.facts[*other].act {
                        Act::TimeOut { who: whose, ends, .. } if whose == who && ends.contains(op) => {
                            Some(self.facts[*other].hlc)
                        }
                        _ => None,
                    });
                    let from = self.facts[*op].hlc;
                    state.pauses.insert(*op, (*who, from, from + (ms << 16), ended.min()));
                }
                Act::Checkpoint { rules: Some(rules), .. } => state.rules = state.rules.max(*rules),
                Act::Lock { opens } if opens.is_empty() => {
                    let opened = valid.iter().filter_map(|other| match &self.facts[*other].act {
                        Act::Lock { opens } if opens.contains(op) => Some(self.facts[*other].hlc),
                        _ => None,
                    });
                    state.locks.insert(*op, opened.min());
                }
                _ => {}
            }
        }
        let people: BTreeSet<Person> = valid.iter().filter_map(|op| self.person(*op)).collect();
        for person in people {
            self.person_state(&mut state, &valid, person, &writes);
            // Owners are removed by the quorum's word only.
            if self.is_owner(set, person) {
                state.kicks.remove(&person);
                state.bans.remove(&person);
            }
        }
        for op in valid.iter() {
            let Act::Tighten { who, removal, seq } = &self.facts[*op].act else { continue };
            let removals = [state.kicks.get(who), state.bans.get(who)];
            if removals.into_iter().flatten().any(|all| all.contains(removal)) {
                state.tightened.entry(*removal).or_default().insert(*seq);
            }
        }
        let state = Rc::new(state);
        self.states.borrow_mut().insert(*set, state.clone());
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
                Act::Unban { who, bans } if *who == person => bans.clone(),
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
                Act::Kick(_) if !defeated => state.kicks.entry(person).or_default().insert(r),
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
        let joined =
            (0..self.joins.len()).filter(|join| self.left(*join).is_none() && self.admitted(&all, *join));
        let founder = Some(0).filter(|_| self.genesis_holds(&all));
        joined.map(|join| self.joins[join].person).chain(founder).collect()
    }
}

/// The rules that the model knows.
const RULES: u32 = 2;

fn once<T: Copy>(known: &Cell<Option<T>>, find: impl FnOnce() -> T) -> T {
    known.get().unwrap_or_else(|| {
        let found = find();
        known.set(Some(found));
        found
    })
}
