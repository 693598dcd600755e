//! Histories: honest people who know what they were told, and liars who cite what suits them.

use super::accounts::{self, Accounts};
use super::fact::{Act, Fact, JoinFact, OpNo, Person, Set};
use super::model::{self, Model};
use super::succession::{Deed, DeviceNo, KeyNo, WordNo};
use nexus_crdt::body::governance as gov;
use nexus_crdt::body::membership;
use nexus_crdt::guild::{Guild, IntegrateError, join_transcript};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, FrontierId, OpId, RoleId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{Draft, Op, open_body};
use nexus_crdt::permissions::Permissions;
use nexus_crypto::{SecretKey, Verified};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The number of the invite that every history begins with.
pub(crate) const INVITE: OpNo = 2;

/// How many people, which of them own it, and how many of these are a quorum.
type Beginning = (usize, Vec<Person>, usize);

/// A guild's ops twice: signed, and described for the model.
#[derive(Clone)]
pub(crate) struct History {
    pub(crate) space: SpaceId,
    pub(crate) governance: Vec<Verified<Op>>,
    pub(crate) membership: Vec<Verified<Op>>,
    pub(crate) frontiers: Vec<Vec<OpId>>,
    pub(crate) model: Model,
    /// Everybody's accounts, everything told.
    pub(crate) people: Accounts,
    departures: Vec<Verified<Op>>,
    invite: SecretKey,
    /// The op that the next tighter cut names.
    head: OpId,
}

impl History {
    /// A guild of an owner and `people - 1` others, all in by one invite, and four roles.
    pub(crate) fn begin(people: usize) -> Self {
        Self::owned(people, vec![0], 1)
    }

    /// The same with several owners, the founder among them. Every history of the same people begins alike.
    pub(crate) fn owned(people: usize, owners: Vec<Person>, threshold: usize) -> Self {
        thread_local! {
            static BEGUN: RefCell<BTreeMap<Beginning, History>> = RefCell::default();
        }
        BEGUN.with_borrow_mut(|begun| {
            let begin = begun.entry((people, owners, threshold));
            begin
                .or_insert_with_key(|(people, owners, threshold)| Self::found(*people, owners, *threshold))
                .clone()
        })
    }

    fn found(people: usize, owners: &[Person], threshold: usize) -> Self {
        let invite = SecretKey::from_seed(&[0xEE; 32]);
        let mut history = Self {
            space: SpaceId::NONE,
            governance: Vec::new(),
            membership: Vec::new(),
            frontiers: Vec::new(),
            model: Model::new(
                (0..people).map(|who| accounts::user(who).0).collect(),
                Accounts::described(people),
            ),
            people: Accounts::founded(people),
            departures: Vec::new(),
            invite,
            head: OpId([1; 32]),
        };
        history.write(0, None, &[], Act::Genesis { owners: owners.to_vec(), threshold }, 0);
        history.space = history.governance[0].id.into();
        history.write(0, None, &[0], Act::Channel, 0);
        let mut last = history.write(0, None, &[1], Act::Invite, 0);
        let all = model::MANAGE_GUILD
            | model::MANAGE_ROLES
            | model::KICK
            | model::BAN
            | model::MODERATE
            | model::MUTE
            | model::DEAFEN
            | model::INVITE;
        for rank in [40, 30, 20, 10] {
            last = history.write(0, None, &[last], Act::RoleCreate { rank, permissions: all }, 0);
        }
        for person in 1..people {
            history.join(person, &[last], INVITE);
        }
        history
    }

    /// The op number of the role of a rank that every history begins with.
    pub(crate) fn role(&self, rank: u64) -> OpNo {
        let of_rank = |fact: &Fact| matches!(fact.act, Act::RoleCreate { rank: each, .. } if each == rank);
        self.model.facts.iter().position(of_rank).unwrap()
    }

    pub(crate) fn user(&self, person: Person) -> UserId {
        accounts::user(person)
    }

    /// Drops from `deps` what the others have in their past.
    pub(crate) fn minimal(&self, deps: &BTreeSet<OpNo>) -> Vec<OpNo> {
        deps.iter()
            .filter(|dep| !deps.iter().any(|other| self.model.past(*other).contains(dep)))
            .copied()
            .collect()
    }

    /// A person's joins, the latest last.
    pub(crate) fn joins_of(&self, person: Person) -> Vec<usize> {
        (0..self.model.joins.len()).filter(|join| self.model.joins[*join].person == person).collect()
    }

    /// Writes a governance op under a join (none: the owner's). Its `prev` is the author's last op in its past, so who
    /// cites an older one forks their own log.
    pub(crate) fn write(
        &mut self,
        author: Person,
        join: Option<usize>,
        deps: &[OpNo],
        act: Act,
        later_ms: u64,
    ) -> OpNo {
        self.write_on((author, 0), join, deps, act, later_ms)
    }

    /// The same on one of somebody's devices.
    pub(crate) fn write_on(
        &mut self,
        (author, device): (Person, DeviceNo),
        join: Option<usize>,
        deps: &[OpNo],
        act: Act,
        later_ms: u64,
    ) -> OpNo {
        let past = self.model.closure(deps);
        let same_log = |fact: &Fact| (fact.author, fact.device, fact.join) == (author, device, join);
        let own = past.iter().copied().filter(|op| *op != 0 && same_log(&self.model.facts[*op]));
        let prev = own.max_by_key(|op| self.governance[*op].header.seq);
        let latest = deps.iter().map(|dep| self.governance[*dep].header.hlc).max().unwrap_or(Hlc::ZERO);
        let hlc = Hlc(latest.0.max(Hlc::from_ms(1_000).0) + 1 + (later_ms << 16));
        let (kind, body) = self.body(&act, &past, hlc);
        let mut cited: Vec<OpId> = deps.iter().map(|dep| self.governance[*dep].id).collect();
        cited.sort_unstable();
        let tenure = match (&act, join) {
            (Act::Genesis { .. }, _) => Tenure::NONE,
            (_, None) => Tenure::of(&self.governance[0].id),
            (_, Some(join)) => Tenure::of(&self.membership[join].id),
        };
        let draft = Draft {
            space: self.space,
            stream: StreamId::GOVERNANCE,
            tenure,
            seq: prev.map_or(0, |prev| self.governance[prev].header.seq + 1),
            prev: prev.map(|prev| self.governance[prev].id),
            hlc,
            kind,
            deps: cited,
            target: match act {
                Act::Checkpoint { cites: Some((who, rotation)), .. } => Some(self.people.word(who, rotation)),
                _ => None,
            },
            body,
        };
        let salt = [u8::try_from(self.governance.len() % 251).unwrap(); 16];
        let op = draft.seal(accounts::device(author, device), salt);
        let fact = Fact { author, device, join, deps: deps.to_vec(), hlc: hlc.0, act, id: op.id.0 };
        self.governance.push(op);
        let cites = matches!(fact.act, Act::Checkpoint { cites: Some(_), .. });
        self.model.push(fact);
        if cites {
            self.model.settle();
        }
        self.governance.len() - 1
    }

    /// Comes in by the first invite, having seen `heads`.
    pub(crate) fn join(&mut self, person: Person, heads: &[OpNo], invite: OpNo) -> usize {
        self.join_on((person, 0), heads, invite)
    }

    /// The same on one of somebody's devices.
    pub(crate) fn join_on(
        &mut self,
        (person, device): (Person, DeviceNo),
        heads: &[OpNo],
        invite: OpNo,
    ) -> usize {
        let seen = self.model.closure(heads);
        let cited: Vec<OpId> = heads.iter().map(|head| self.governance[*head].id).collect();
        let latest = heads.iter().map(|dep| self.governance[*dep].header.hlc).max().unwrap();
        let on_it = |join: &usize| self.model.joins[*join].device == device;
        let last = self.joins_of(person).into_iter().rfind(on_it);
        let before = last.map(|join| self.membership[join].header.clone());
        let before_id = last.map(|join| self.membership[join].id);
        let after = before.as_ref().map_or(Hlc::ZERO, |header| header.hlc);
        let hlc = Hlc(latest.max(after).0 + 1);
        let user = self.user(person);
        let proof = self.invite.sign(&join_transcript(&self.space, &user)).0;
        let body = membership::Join { user, invite: self.governance[invite].id, proof };
        let draft = Draft {
            space: self.space,
            stream: StreamId::MEMBERSHIP,
            tenure: Tenure::NONE,
            seq: before.map_or(0, |header| header.seq + 1),
            prev: before_id,
            hlc,
            kind: Kind::Join,
            deps: vec![OpId(FrontierId::of(&cited).0)],
            target: None,
            body: open_body(&body),
        };
        self.membership.push(draft.seal(accounts::device(person, device), [9; 16]));
        self.frontiers.push(cited);
        self.model.joins.push(JoinFact { person, invite, seen, hlc: hlc.0, device, leaves: Vec::new() });
        self.model.joins.len() - 1
    }

    /// Goes, having seen `heads`, by the Leave of a join.
    pub(crate) fn leave(&mut self, join: usize, heads: &[OpNo]) {
        self.leave_on(0, join, heads);
    }

    /// The same on one of somebody's devices.
    pub(crate) fn leave_on(&mut self, device: DeviceNo, join: usize, heads: &[OpNo]) {
        let person = self.model.joins[join].person;
        let cited: Vec<OpId> = heads.iter().map(|head| self.governance[*head].id).collect();
        let latest = heads.iter().map(|dep| self.governance[*dep].header.hlc).max().unwrap();
        let hlc = Hlc(latest.max(self.membership[join].header.hlc).0 + 1);
        let draft = Draft {
            space: self.space,
            stream: StreamId::MEMBERSHIP,
            tenure: Tenure::of(&self.membership[join].id),
            seq: 0,
            prev: None,
            hlc,
            kind: Kind::Leave,
            deps: vec![OpId(FrontierId::of(&cited).0)],
            target: None,
            body: open_body(&membership::Leave {}),
        };
        self.departures.push(draft.seal(accounts::device(person, device), [8; 16]));
        self.frontiers.push(cited);
        self.model.leave(join, hlc.0, device);
    }

    /// Writes in somebody's account, behind a word of the same key's.
    pub(crate) fn say(&mut self, who: Person, by: KeyNo, behind: Option<WordNo>, hlc: u64, deed: Deed) {
        let seq = |word: WordNo| self.model.accounts[who].0[word].seq;
        let word = self.people.say(who, by, behind.map(|word| (word, seq(word))), hlc, deed);
        self.model.hear(who, word);
    }

    /// Joins and leaves.
    pub(crate) fn comings_and_goings(&self) -> Vec<Verified<Op>> {
        self.membership.iter().chain(&self.departures).cloned().collect()
    }

    fn body(&self, act: &Act, past: &Set, hlc: Hlc) -> (Kind, Vec<u8>) {
        let role = |op: &OpNo| RoleId::from(self.governance[*op].id);
        let quota = gov::Quota { short: 30, long: 1_000 };
        match act {
            Act::Genesis { owners, threshold } => (
                Kind::Genesis,
                open_body(&gov::Genesis {
                    kind: gov::SpaceKind::Guild,
                    founder: self.user(0),
                    owners: self.users_of(owners),
                    threshold: u32::try_from(*threshold).unwrap(),
                    rules_version: 1,
                    name: String::from("guild"),
                    everyone: Permissions(model::EVERYONE)
                        .with(Permissions::VIEW_CHANNEL)
                        .with(Permissions::SEND_MESSAGES),
                    person_quota: quota,
                    bot_quota: quota,
                }),
            ),
            Act::Name(name) => (
                Kind::GuildEdit,
                open_body(&gov::GuildEdit { name: Some(name.clone()), ..gov::GuildEdit::default() }),
            ),
            Act::RoleCreate { rank, permissions } => (
                Kind::RoleCreate,
                open_body(&gov::RoleCreate {
                    rank: *rank,
                    name: String::from("role"),
                    permissions: Permissions(*permissions),
                    color: 0,
                    hoist: false,
                    mentionable: false,
                    rate_class: gov::RateClass::Person,
                    managed_by: None,
                }),
            ),
            Act::RolePermissions { role: of, permissions } => (
                Kind::RoleEdit,
                open_body(&gov::RoleEdit {
                    role: role(of),
                    name: None,
                    permissions: Some(Permissions(*permissions)),
                    color: None,
                    hoist: None,
                    mentionable: None,
                    rate_class: None,
                }),
            ),
            Act::RoleDelete { role: of } => {
                (Kind::RoleDelete, open_body(&gov::RoleDelete { role: role(of) }))
            }
            Act::Grant { to, roles } => {
                let mut roles: Vec<RoleId> = roles.iter().map(role).collect();
                roles.sort_unstable();
                (Kind::PrivRoles, open_body(&gov::PrivRoles { user: self.user(*to), roles }))
            }
            Act::Kick(who) => (
                Kind::Kick,
                open_body(&gov::Kick { user: self.user(*who), cut: vec![], reason: String::new() }),
            ),
            Act::Ban(who) => (
                Kind::Ban,
                open_body(&gov::Ban { user: self.user(*who), cut: vec![], reason: String::new() }),
            ),
            Act::Unban { who, bans } => {
                let mut bans: Vec<OpId> = bans.iter().map(|ban| self.governance[*ban].id).collect();
                bans.sort_unstable();
                (Kind::Unban, open_body(&gov::Unban { user: self.user(*who), bans }))
            }
            Act::Channel => (
                Kind::ChannelCreate,
                open_body(&gov::ChannelCreate {
                    kind: gov::ChannelKind::Text,
                    fields: gov::ChannelFields { name: Some(String::from("general")), ..Default::default() },
                    overwrites: vec![],
                }),
            ),
            Act::Invite => (
                Kind::InviteKey,
                open_body(&gov::InviteKey {
                    admission: self.invite.public().into(),
                    expires: None,
                    channel: self.governance[1].id.into(),
                }),
            ),
            Act::Revoke { invite } => {
                (Kind::InviteRevoke, open_body(&gov::InviteRevoke { invite: self.governance[*invite].id }))
            }
            Act::RoleMove { role: of, rank } => {
                (Kind::RoleMove, open_body(&gov::RoleMove { role: role(of), rank: *rank }))
            }
            Act::EndDevice { who, device: no } => {
                let device = accounts::device(*who, *no).public().into();
                let body = gov::GuildDeviceRevoke {
                    user: self.user(*who),
                    device,
                    cut: vec![],
                    reason: String::new(),
                };
                (Kind::GuildDeviceRevoke, open_body(&body))
            }
            Act::Lock { opens } => {
                let channel = self.governance[1].id.into();
                let mut opens: Vec<OpId> = opens.iter().map(|lock| self.governance[*lock].id).collect();
                opens.sort_unstable();
                let cut = opens.is_empty().then_some(Hlc::from_ms(1_000));
                (Kind::Lock, open_body(&gov::Lock { channel, cut, opens }))
            }
            Act::Keep { whole, days } => {
                let channel = (!whole).then(|| self.governance[1].id.into());
                (Kind::Retention, open_body(&gov::Retention { channel, days: *days, gone: Hlc::ZERO }))
            }
            Act::Erase { who, ahead } => {
                let upto = Hlc(hlc.0 + u64::from(*ahead));
                (Kind::Erase, open_body(&gov::Erase { user: self.user(*who), upto }))
            }
            Act::TimeOut { who, ms, ends } => {
                let mut ends: Vec<OpId> = ends.iter().map(|each| self.governance[*each].id).collect();
                ends.sort_unstable();
                let until = ms.map(|ms| Hlc(hlc.0 + (ms << 16)));
                let body =
                    gov::Timeout { user: self.user(*who), until, ends, reason: String::new(), filter: None };
                (Kind::Timeout, open_body(&body))
            }
            Act::Silence { who, muted, deafened } => {
                let body = gov::Silence { user: self.user(*who), muted: *muted, deafened: *deafened };
                (Kind::Silence, open_body(&body))
            }
            Act::Tighten { who, removal, seq } => {
                let (user, removal) = (self.user(*who), self.governance[*removal].id);
                let body = gov::CutTighten { user, removal, cut: vec![self.line(*who, *seq, self.head)] };
                (Kind::CutTighten, open_body(&body))
            }
            Act::Owners { base, owners, threshold } => {
                let threshold = u32::try_from(*threshold).unwrap();
                let base = gov::ChangeId(*base);
                let body = gov::SetOwners { base, owners: self.users_of(owners), threshold };
                (Kind::SetOwners, open_body(&body))
            }
            Act::Checkpoint { honest, rules, .. } => {
                let before = self.state_of(past);
                let gov_hash = if *honest { before.gov_hash() } else { [7; 32] };
                let height = before.view().height + 1;
                match *rules {
                    None => (Kind::Checkpoint, open_body(&gov::Checkpoint { height, gov_hash })),
                    Some(rules_version) => {
                        (Kind::SetRules, open_body(&gov::SetRules { height, gov_hash, rules_version }))
                    }
                }
            }
        }
    }

    /// The owner keeps less of one of somebody's logs, having seen the removal alone.
    pub(crate) fn tighten(&mut self, who: Person, removal: OpNo, seq: u64, head: OpId) -> OpNo {
        self.head = head;
        let op = self.write(0, None, &[removal], Act::Tighten { who, removal, seq }, 1);
        self.head = OpId([1; 32]);
        op
    }

    /// A line of a cut on somebody's log in the one channel, under their first join.
    pub(crate) fn line(&self, who: Person, seq: u64, head: OpId) -> gov::CutEntry {
        let join = self.joins_of(who).first().copied();
        gov::CutEntry {
            stream: ChannelId::from(self.governance[1].id).stream(),
            device: accounts::device(who, 0).public().into(),
            tenure: Tenure::of(&join.map_or(self.governance[0].id, |join| self.membership[join].id)),
            seq,
            head,
        }
    }

    fn users_of(&self, people: &[Person]) -> Vec<UserId> {
        let mut users: Vec<UserId> = people.iter().map(|who| self.user(*who)).collect();
        users.sort_unstable();
        users
    }

    /// A past as an honest owner's own client derives it.
    pub(crate) fn state_of(&self, past: &Set) -> Guild {
        let ops: Vec<&Verified<Op>> = past.iter().map(|op| &self.governance[*op]).collect();
        arrive(ops, &self.comings_and_goings(), &self.frontiers, &self.people)
    }

    /// Everything, taken in by one holder.
    pub(crate) fn guild(&self) -> Guild {
        arrive(self.governance.iter().collect(), &self.comings_and_goings(), &self.frontiers, &self.people)
    }
}

/// Takes ops in as they come, again and again until nothing more can be taken.
pub(crate) fn arrive(
    governance: Vec<&Verified<Op>>,
    joins: &[Verified<Op>],
    frontiers: &[Vec<OpId>],
    people: &Accounts,
) -> Guild {
    // The history itself signed with the invite's key: that the signature is asked for shows where ops arrive in any order.
    let take: Take = |guild, op, people| guild.integrate_again(op, people);
    arrive_among((governance, joins), frontiers, people.clone(), VecDeque::new(), take)
}

/// How an op is taken in.
pub(crate) type Take = fn(&mut Guild, &Verified<Op>, &Accounts) -> Result<(), IntegrateError>;

/// The same, where what was written in accounts is heard of meanwhile, an op at a time.
pub(crate) fn arrive_among(
    (governance, joins): (Vec<&Verified<Op>>, &[Verified<Op>]),
    frontiers: &[Vec<OpId>],
    mut people: Accounts,
    mut words: VecDeque<Verified<Op>>,
    take: Take,
) -> Guild {
    let genesis = governance.iter().find(|op| op.kind() == Some(Kind::Genesis)).unwrap();
    let mut guild = Guild::begin(genesis).unwrap();
    let mut waiting: Vec<&Verified<Op>> = governance.iter().copied().chain(joins).collect();
    let mut share = waiting.len() / (words.len() + 1) + 1;
    loop {
        for heads in frontiers {
            // Not all of its heads need be here yet.
            let _ = guild.learn_frontier(heads);
        }
        let before = (waiting.len(), words.len());
        let mut at_most = share;
        waiting.retain(|op| {
            if at_most == 0 {
                return true;
            }
            let taken = take(&mut guild, op, &people).is_ok();
            at_most -= usize::from(taken);
            !taken
        });
        // Some stand on others that come later.
        for _ in 0..words.len() {
            let Some(word) = words.pop_front() else { break };
            if people.take(&word).is_ok() {
                guild.people_changed(&people);
                break;
            }
            words.push_back(word);
        }
        if (waiting.len(), words.len()) == before {
            return guild;
        }
        share = if words.is_empty() { usize::MAX } else { share };
    }
}
