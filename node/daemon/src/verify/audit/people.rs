//! Accounts, and who wrote what.

use super::{Audit, space_of};
use crate::verify::fact;
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::id::{OpId, SpaceId, Tenure, UserId};
use nexus_crdt::identity::Identity;
use nexus_crdt::kind::{Kind, Plane};
use std::collections::HashMap;

impl Audit<'_> {
    /// Every identity log gives an account.
    pub(super) fn accounts(&mut self) {
        let mut ops: Vec<_> = self.facts.values_mut().filter_map(|fact| fact.identity.take()).collect();
        ops.sort_by_key(|op| (op.header.hlc, op.id));
        for op in ops.iter().filter(|op| op.kind() == Some(Kind::IdGenesis)) {
            match Identity::begin(op) {
                Ok(identity) => drop(self.accounts.insert(op.id.into(), identity)),
                Err(error) => self.report.wrong(error.to_string(), format!("account {}", op.id.to_hex())),
            }
        }
        self.report.accounts = self.accounts.len() as u64;
        // Time orders nearly all of it; what waits for a rotation that was written later comes in the next round.
        let mut before = usize::MAX;
        while ops.len() < before {
            before = ops.len();
            ops.retain(|op| {
                let account = self.accounts.get_mut(&UserId(op.space().0));
                account.is_none_or(|account| account.integrate(op).is_err())
            });
        }
        for op in ops {
            self.report.wrong("it does not fit its account's log", format!("op {}", op.id.to_hex()));
        }
    }

    /// Every op of a guild or conversation is by a device that its author's account certifies.
    pub(super) fn authors(&mut self) {
        let admissions = self.facts.values().flat_map(|fact| {
            fact.admits.iter().map(move |(tenure, user)| ((space_of(fact), *tenure), *user))
        });
        let admitted: HashMap<(SpaceId, Tenure), UserId> = admissions.collect();
        let cited = self.cited();
        let mut broken = Vec::new();
        for fact in self.facts.values().filter(|fact| Plane::of(fact.header.kind) != Some(Plane::Identity)) {
            let known = admitted.get(&(space_of(fact), fact.header.tenure)).copied();
            let Some(user) = fact.author.or(known) else {
                broken.push(("written under an admission that is not here", fact::place(&fact.key)));
                continue;
            };
            let account = self.accounts.get(&user);
            let settled = cited.get(&space_of(fact)).into_iter().flatten();
            let (key, at) = (&fact.header.author, fact.header.hlc);
            let by_one_of = |it: &Identity| {
                it.account().certifies(key, at)
                    || settled
                        .filter_map(|rotation| it.settled(rotation))
                        .any(|it| it.account.certifies(key, at))
            };
            if account.is_some_and(by_one_of) {
                self.author.insert(fact.id, user);
            } else {
                self.report.uncertified += 1;
            }
        }
        self.report_sorted(broken);
        self.count_authors();
    }

    /// What checkpoints cite: an account may stand in a guild under an IdRotate that a rival has pushed aside elsewhere
    /// (`crdt/docs/claim.md`).
    fn cited(&self) -> HashMap<SpaceId, Vec<OpId>> {
        let mut cited: HashMap<SpaceId, Vec<OpId>> = HashMap::new();
        for fact in self.facts.values().filter(|fact| fact.header.kind == Kind::Checkpoint.number()) {
            cited.entry(space_of(fact)).or_default().extend(fact.header.target);
        }
        cited
    }

    fn count_authors(&mut self) {
        for (id, user) in &self.author {
            let Some(fact) = self.facts.get(id) else { continue };
            let (who, key) = (user.to_hex(), fact.header.author.to_hex());
            let message = fact.header.kind == Kind::Message.number();
            if let Some(space) = self.report.spaces.get_mut(&space_of(fact).to_hex()) {
                space.messages += u64::from(message);
                space.who.insert(who.clone());
                space.keys.insert(key.clone());
            }
            let class = match self.accounts.get(user).map(|account| account.account().class) {
                Some(AccountClass::Bot) => "bot",
                _ => "person",
            };
            let author = self.report.author_list.entry(who).or_default();
            author.class = class;
            author.ops += 1;
            author.messages += u64::from(message);
            if message {
                author.message_keys.insert(key.clone());
            }
            author.device_keys.insert(key);
            self.report.messages += u64::from(message);
        }
    }
}
