//! Taking an op in: its place in its log and in the past, what its own past says of it, what follows.

use super::deed::Deed;
use super::derived::Derived;
use super::graph::{Graph, Node};
use super::members::{Join, Joins, Named, Step};
use super::past::Past;
use super::settled::cites_a_rotation;
use super::state::{Channel, GuildView, Member, Ownership, Rank, Role, Settings, SpaceFacts};
use super::{BOT_QUOTA, Frontier, Guild, IntegrateError, PERSON_QUOTA, rule};
use crate::body::governance::{ChangeId, ChannelKind, Genesis, RateClass, SpaceKind};
use crate::body::membership;
use crate::hlc::Hlc;
use crate::id::{ChannelId, FrontierId, OpId, RoleId, Tenure, UserId};
use crate::identity::People;
use crate::kind::{Kind, Plane};
use crate::op::{Draft, Header, Op, SaltedBody};
use crate::permissions::Permissions;
use crate::verdict::VoidReason;
use imbl::{OrdMap, OrdSet, Vector};
use nexus_crypto::{PublicKey, Signature, Verified};
use std::sync::Arc;

const JOIN_DOMAIN: &[u8] = b"nexus-join-v1\0";

/// What an invite's key signs for somebody who joins.
#[must_use]
pub fn join_transcript(space: &crate::id::SpaceId, user: &UserId) -> Vec<u8> {
    [JOIN_DOMAIN, &space.0, &user.0].concat()
}

pub(super) fn begin(genesis: &Verified<Op>) -> Result<Guild, IntegrateError> {
    if genesis.kind() != Some(Kind::Genesis) {
        return Err(IntegrateError::Genesis);
    }
    let body: Genesis = genesis.read_body().map_err(|_| IntegrateError::Genesis)?;
    if body.rules_version != rule::FIRST_RULES || !body.owners.contains(&body.founder) {
        return Err(IntegrateError::Genesis);
    }
    let blank = blank_view(genesis, &body);
    let mut graph = Graph::new(blank.clone());
    let now = Arc::new(Derived::blank(&graph, Past::default().with(0)));
    graph.push(Node {
        place: 0,
        id: genesis.id,
        device: genesis.header.author,
        tenure: genesis.header.tenure,
        seq: 0,
        hlc: genesis.header.hlc,
        author: body.founder,
        deps: Vec::new(),
        past: Past::default(),
        change: blank.ownership.change,
        recent: Vector::new(),
        tie: nexus_crypto::hash_parts(&[&body.founder.0]),
        depth: 0,
        deed: Deed::Genesis(body),
        local: Ok(()),
        rho: Rank::Owner,
        gives: 0,
        supports: Vec::new(),
    });
    let mut guild = Guild {
        graph,
        joins: Joins::default(),
        after: Vector::unit(now.clone()),
        heads: OrdSet::unit(genesis.id),
        now,
        frontiers: OrdMap::new(),
        arrivals: Vector::unit(Arc::new(genesis.clone())),
        citing: Vector::new(),
        settled: OrdMap::new(),
        view: blank,
    };
    let admitted: Vec<UserId> = guild.view.facts.admitted().copied().collect();
    guild.name_present_frontier();
    guild.refresh(admitted);
    Ok(guild)
}

pub(super) fn integrate(
    guild: &mut Guild,
    op: &Verified<Op>,
    people: &dyn People,
) -> Result<(), IntegrateError> {
    let left = guild.joins.leaves.clone();
    take(guild, op, people)?;
    if guild.settles_anew(op, people) || guild.joins.leaves != left && guild.governed_after_leaving() {
        guild.people_changed(people);
    }
    Ok(())
}

/// .. where what is settled is known beforehand.
pub(super) fn take(guild: &mut Guild, op: &Verified<Op>, people: &dyn People) -> Result<(), IntegrateError> {
    if guild.graph.place(&op.id).is_some() || guild.joins.steps.contains_key(&op.id) {
        return Ok(());
    }
    if op.kind() == Some(Kind::Genesis) {
        return Err(IntegrateError::Genesis);
    }
    if op.header.space != guild.view.facts.id {
        return Err(IntegrateError::Space);
    }
    if op.header.hlc < guild.view.facts.born {
        return Err(IntegrateError::Structure("written before its space began"));
    }
    match op.kind().map(Kind::plane) {
        Some(Plane::Membership) => guild.take_membership(op, people)?,
        Some(Plane::Governance) => guild.take_governance(op, people)?,
        None if op.header.stream == crate::id::StreamId::GOVERNANCE => guild.take_governance(op, people)?,
        _ => return Err(IntegrateError::Space),
    }
    let op = Arc::new(op.clone());
    if cites_a_rotation(&op) {
        guild.citing.push_back(Arc::clone(&op));
    }
    guild.arrivals.push_back(op);
    Ok(())
}

/// Judges what is about to be written, as it would be judged once it is there.
pub(super) fn foresee(
    guild: &Guild,
    author: &UserId,
    draft: &Draft,
    people: &dyn People,
) -> Result<(), VoidReason> {
    let op = as_if_sealed(draft);
    let now = &guild.now;
    match draft.kind.plane() {
        Plane::Governance => {
            let deed = Deed::read(&op).map_err(|_| VoidReason::Target)?;
            let (rho, _) = guild.rank_at(now, author, &draft.tenure, draft.hlc);
            rule::local(now, author, rho, (&deed, draft.hlc))
        }
        Plane::Membership => {
            let trial = guild;
            let local = trial.judge_membership(&op, author, now, &now.past, people, true)?;
            match local {
                Membership::Join(join) => Joins::against(&guild.graph, &join, now).map_or(Ok(()), Err),
                Membership::Leave(_) | Membership::Nick(..) => Ok(()),
            }
        }
        Plane::Identity | Plane::Content => Err(VoidReason::Target),
    }
}

/// What a membership op does.
enum Membership {
    Join(Join),
    Leave(Tenure),
    Nick(UserId, Named),
}

impl Guild {
    fn take_governance(&mut self, op: &Verified<Op>, people: &dyn People) -> Result<(), IntegrateError> {
        let deed = Deed::read(op)?;
        if let Deed::Admit(body) = &deed {
            self.joins.brought.insert(self.view.facts.tenure_of(&body.user), body.user);
        }
        let author =
            self.user_of(&op.header.tenure).ok_or(IntegrateError::MissingTenure(op.header.tenure))?;
        let before = self.derive(&op.header.deps)?;
        self.check_place(&op.header, &before.past)?;
        let prev = op.header.prev.and_then(|prev| self.graph.find(&prev));
        let (recent, in_pace) = pace(prev, op.header.hlc, quota(&before, &author));
        let (rho, supports) = self.rank_at(&before, &author, &op.header.tenure, op.header.hlc);
        let local = if before.view.ended_devices.contains_key(&(author, op.header.author))
            || !self.certifies(people, &author, &op.header.author, op.header.hlc)
        {
            Err(VoidReason::Device)
        } else if !in_pace {
            Err(VoidReason::Quota)
        } else {
            rule::local(&before, &author, rho, (&deed, op.header.hlc))
        };
        let node = Node {
            place: self.graph.next_place(),
            id: op.id,
            device: op.header.author,
            tenure: op.header.tenure,
            seq: op.header.seq,
            hlc: op.header.hlc,
            author,
            deps: op.header.deps.clone(),
            depth: before.past.len(),
            past: before.past.clone(),
            change: before.view.ownership.change,
            recent,
            tie: nexus_crypto::hash_parts(&[&author.0]),
            gives: gives(&before.view, &deed),
            supports,
            deed,
            local,
            rho,
        };
        self.put(node, &before);
        Ok(())
    }

    /// Puts a judged op in its place and derives what follows from the present heads.
    fn put(&mut self, node: Node, before: &Derived) {
        let anew = node.deed.turns_verdicts();
        let (id, deed, deps) = (node.id, node.deed.clone(), node.deps.clone());
        let linear = deps.len() == self.heads.len() && deps.iter().all(|dep| self.heads.contains(dep));
        self.graph.push(node.clone());
        // On top of its own past nothing is concurrent with it; but a checkpoint gives back what was stale there, and
        // a vote may make other owners.
        let after = Arc::new(if anew {
            self.derived(before.past.with(node.place))
        } else {
            before.then(&self.graph, &node)
        });
        self.after.push_back(after.clone());
        for dep in &deps {
            self.heads.remove(dep);
        }
        self.heads.insert(id);
        if linear && !anew {
            self.now = after;
            self.name_present_frontier();
            let touched =
                deed.person().or(if let Deed::Unban(body) = &deed { Some(body.user) } else { None });
            self.refresh(touched);
        } else {
            // Every head is here: this graph made them.
            if let Ok(now) = self.derive(&self.heads()) {
                self.now = now;
            }
            self.name_present_frontier();
            let came = self.joins.of_user.keys().chain(self.joins.brought.values());
            let everybody: Vec<UserId> = self.view.facts.admitted().chain(came).copied().collect();
            self.refresh(everybody);
        }
    }

    fn name_present_frontier(&mut self) {
        let heads = self.heads();
        let frontier = Frontier { heads: heads.as_slice().into(), derived: self.now.clone() };
        self.frontiers.insert(FrontierId::of(&heads), frontier);
    }

    /// Makes the view that of now, with the membership of these people looked at anew.
    fn refresh(&mut self, people: impl IntoIterator<Item = UserId>) {
        let mut members = std::mem::take(&mut self.view.members);
        for user in people {
            let live = |join: &Join| Joins::against(&self.graph, join, &self.now).is_none();
            let member: Option<Member> = self.joins.member(&self.now.view, &user, live);
            match member {
                Some(member) => drop(members.insert(user, member)),
                None => drop(members.remove(&user)),
            }
        }
        self.view = GuildView { members, ..self.now.view.clone() };
    }

    /// Its place in its log and among what it cites.
    fn check_place(&self, header: &Header, past: &Past) -> Result<(), IntegrateError> {
        let wrong = |what| Err(IntegrateError::Structure(what));
        let cited = header.deps.iter().filter_map(|dep| self.graph.find(dep));
        if cited.clone().any(|dep| dep.hlc >= header.hlc) {
            return wrong("not later than what it cites");
        }
        if cited.clone().any(|dep| cited.clone().any(|other| other.past.has(dep.place))) {
            return wrong("cites an op and its past");
        }
        let Some(prev) = header.prev else { return Ok(()) };
        let prev = self.graph.find(&prev).ok_or_else(|| IntegrateError::MissingDeps(vec![prev]))?;
        let same_log = (prev.device, prev.tenure) == (header.author, header.tenure);
        if !same_log || prev.seq.checked_add(1) != Some(header.seq) || prev.hlc >= header.hlc {
            return wrong("does not follow the op before it");
        }
        if past.has(prev.place) { Ok(()) } else { wrong("does not cite its author's own last op") }
    }

    /// Whether a governance op that is about to be written keeps its log within its quota.
    pub(super) fn is_paced(&self, author: &UserId, draft: &Draft) -> bool {
        let prev = draft.prev.and_then(|prev| self.graph.find(&prev));
        pace(prev, draft.hlc, quota(&self.now, author)).1
    }

    /// Whether an op was written under a tenure later than the Leave that ended it, and is not judged so yet: of one that does not
    /// count the reason, too, is the same whatever came first.
    pub(super) fn governed_after_leaving(&self) -> bool {
        // What is looked at before it is asked whether somebody is in.
        let is_settled = |local: &Result<(), VoidReason>| {
            matches!(local, Err(VoidReason::NotAMember | VoidReason::Device | VoidReason::Quota))
        };
        let late = |node: &Node| self.joins.had_left(&node.tenure, node.hlc);
        self.graph.iter().any(|node| !is_settled(&node.local) && late(node))
    }

    fn take_membership(&mut self, op: &Verified<Op>, people: &dyn People) -> Result<(), IntegrateError> {
        let frontier = op.frontier().ok_or(IntegrateError::Structure("membership cites one frontier"))?;
        let cited = self.frontiers.get(&frontier).ok_or(IntegrateError::MissingFrontier(frontier))?;
        let cited = cited.derived.clone();
        let user = self.author_of(op).ok_or(IntegrateError::MissingTenure(op.header.tenure))?;
        self.check_step(&op.header)?;
        let judged = self.judge_membership(op, &user, &cited, &cited.past, people, false);
        let step = Step {
            device: op.header.author,
            tenure: op.header.tenure,
            seq: op.header.seq,
            hlc: op.header.hlc,
            local: judged.as_ref().map(drop).map_err(|reason| *reason),
        };
        self.joins.steps.insert(op.id, step);
        match judged {
            Ok(Membership::Join(join)) => self.joins.insert(join),
            Ok(Membership::Leave(tenure)) => self.joins.leave(tenure, op.header.hlc),
            Ok(Membership::Nick(whose, named)) => {
                if self.joins.nicks.get(&whose).is_none_or(|known| known.at < named.at) {
                    self.joins.nicks.insert(whose, named);
                }
                self.refresh([whose]);
            }
            Err(_) => {}
        }
        self.refresh([user]);
        Ok(())
    }

    fn check_step(&self, header: &Header) -> Result<(), IntegrateError> {
        let Some(prev) = header.prev else { return Ok(()) };
        let step = self.joins.steps.get(&prev).ok_or_else(|| IntegrateError::MissingDeps(vec![prev]))?;
        let same_log = (step.device, step.tenure) == (header.author, header.tenure);
        if !same_log || step.seq.checked_add(1) != Some(header.seq) || step.hlc >= header.hlc {
            return Err(IntegrateError::Structure("does not follow the op before it"));
        }
        Ok(())
    }

    /// What a membership op does, or what stands against it in itself. `own_device`: it will be signed here.
    fn judge_membership(
        &self,
        op: &Op,
        user: &UserId,
        cited: &Derived,
        seen: &Past,
        people: &dyn People,
        own_device: bool,
    ) -> Result<Membership, VoidReason> {
        let ended = cited.view.ended_devices.contains_key(&(*user, op.header.author));
        let speaks = own_device || self.certifies(people, user, &op.header.author, op.header.hlc);
        // A join is one whatever device wrote it: what is written under it has an author, and is void, not unknown.
        let is_join = op.kind() == Some(Kind::Join);
        // Whether somebody left may not depend on what governance says: what it says depends on who left.
        if ended && op.kind() == Some(Kind::Nick) || !speaks && !is_join {
            return Err(VoidReason::Device);
        }
        match op.kind() {
            Some(Kind::Join) => {
                let body: membership::Join = op.read_body().map_err(|_| VoidReason::Target)?;
                Ok(Membership::Join(Join {
                    id: op.id,
                    user: body.user,
                    invite: body.invite,
                    hlc: op.header.hlc,
                    seen: seen.clone(),
                    local: if ended || !speaks {
                        Err(VoidReason::Device)
                    } else {
                        invited(cited, &body, &op.header, self.joins.proven.contains(&op.id))
                    },
                }))
            }
            Some(Kind::Leave) if self.joins.by_tenure.contains_key(&op.header.tenure) => {
                Ok(Membership::Leave(op.header.tenure))
            }
            Some(Kind::Leave) => Err(VoidReason::NoPermission),
            Some(Kind::Nick) => {
                let body: membership::Nick = op.read_body().map_err(|_| VoidReason::Target)?;
                self.may_name(op, user, cited, &body.user)?;
                Ok(Membership::Nick(body.user, Named { at: (op.header.hlc, op.id), nick: body.nick }))
            }
            _ => Err(VoidReason::Target),
        }
    }

    fn may_name(&self, op: &Op, user: &UserId, cited: &Derived, whose: &UserId) -> Result<(), VoidReason> {
        let (rank, _) = self.rank_at(cited, user, &op.header.tenure, op.header.hlc);
        if rank == Rank::Outside {
            return Err(VoidReason::NotAMember);
        }
        if cited.view.paused_until(user, op.header.hlc).is_some() {
            return Err(VoidReason::NoPermission);
        }
        let (needs, above) = if user == whose {
            (Permissions::CHANGE_NICKNAME, true)
        } else {
            let theirs = if cited.view.is_owner(whose) {
                Rank::Owner
            } else {
                Rank::Member(cited.assigned_rank(whose))
            };
            (Permissions::MANAGE_NICKNAMES, theirs < rank)
        };
        match (cited.view.base(user).has(needs), above) {
            (false, _) => Err(VoidReason::NoPermission),
            (true, false) => Err(VoidReason::Rank),
            (true, true) => Ok(()),
        }
    }
}

/// Whether the invite that a join names was open in what the joiner had seen, and signed for them (`proven`: it did).
fn invited(
    cited: &Derived,
    join: &membership::Join,
    header: &Header,
    proven: bool,
) -> Result<(), VoidReason> {
    let invite = cited.view.invites.get(&join.invite).ok_or(VoidReason::Target)?;
    if invite.expires.is_some_and(|end| header.hlc > end) {
        return Err(VoidReason::Target);
    }
    if header.hlc.ms() < cited.view.settings.invites_paused_until {
        return Err(VoidReason::NoPermission);
    }
    if proven {
        return Ok(());
    }
    let key = PublicKey::parse(invite.admission.0).map_err(|_| VoidReason::Target)?;
    let transcript = join_transcript(&cited.view.facts.id, &join.user);
    if key.signed(&transcript, &Signature(join.proof)) { Ok(()) } else { Err(VoidReason::NoPermission) }
}

/// Governance ops of a log that an hour allows its author in the view of their past; none without a limit.
fn quota(before: &Derived, author: &UserId) -> Option<usize> {
    match before.view.rate_class(author, RateClass::Person) {
        _ if before.view.is_owner(author) => None,
        RateClass::Person => Some(PERSON_QUOTA),
        RateClass::Bot => Some(BOT_QUOTA),
        RateClass::Bulk => None,
    }
}

/// The times of a log's latest ops with one more, and whether that one keeps within the quota: the op so many before
/// it is an hour older. Void ops count too.
fn pace(prev: Option<&Node>, at: Hlc, quota: Option<usize>) -> (Vector<Hlc>, bool) {
    let Some(quota) = quota else { return (Vector::new(), true) };
    let mut recent = prev.map(|prev| prev.recent.clone()).unwrap_or_default();
    recent.push_back(at);
    let mut earlier = None;
    while recent.len() > quota {
        earlier = recent.pop_front();
    }
    (recent, earlier.is_none_or(|earlier| at.0.saturating_sub(earlier.0) >= HOUR_MS << 16))
}

const HOUR_MS: u64 = 3_600_000;

/// The highest rank among the roles that a grant gives.
fn gives(view: &GuildView, deed: &Deed) -> u64 {
    let Deed::PrivRoles(body) = deed else { return 0 };
    body.roles.iter().filter_map(|role| view.roles.get(role)).map(|role| role.rank).max().unwrap_or(0)
}

fn as_if_sealed(draft: &Draft) -> Op {
    Op {
        id: OpId([0; 32]),
        header: Header {
            version: 1,
            space: draft.space,
            stream: draft.stream,
            author: crate::id::DeviceKey([0; 32]),
            tenure: draft.tenure,
            seq: draft.seq,
            prev: draft.prev,
            hlc: draft.hlc,
            kind: draft.kind.number(),
            deps: draft.deps.clone(),
            target: draft.target,
            body_len: u32::try_from(draft.body.len()).unwrap_or(u32::MAX),
            body_hash: None,
            ext: std::collections::BTreeMap::new(),
        },
        body: Some(SaltedBody { salt: [0; 16], bytes: draft.body.clone() }),
    }
}

/// The state of Genesis alone: `@everyone`, and for a conversation its one channel.
fn blank_view(genesis: &Op, body: &Genesis) -> GuildView {
    let facts = SpaceFacts {
        id: genesis.id.into(),
        kind: body.kind,
        founder: body.founder,
        owners: body.owners.clone(),
        born: genesis.header.hlc,
        person_quota: body.person_quota,
        bot_quota: body.bot_quota,
    };
    let everyone = Role {
        id: RoleId::from(genesis.id),
        rank: 0,
        name: String::from("@everyone"),
        permissions: body.everyone,
        color: 0,
        hoist: false,
        mentionable: false,
        rate_class: None,
        managed_by: None,
    };
    let channels = match body.kind {
        SpaceKind::Guild => OrdMap::new(),
        SpaceKind::Conversation => {
            let channel = conversation_channel(genesis);
            OrdMap::unit(channel.id, channel)
        }
    };
    GuildView {
        facts: Arc::new(facts),
        settings: Settings {
            name: body.name.clone(),
            description: String::new(),
            system_channel: None,
            verification_level: 0,
            default_notifications: 0,
            invites_paused_until: 0,
            talks_paused_until: 0,
        },
        roles: OrdMap::unit(everyone.id, everyone),
        channels,
        invites: OrdMap::new(),
        emojis: OrdMap::new(),
        access: OrdMap::new(),
        filters: OrdMap::new(),
        retention: OrdMap::new(),
        members: OrdMap::new(),
        assigned: OrdMap::new(),
        brought: OrdMap::new(),
        removals: OrdMap::new(),
        ended_devices: OrdMap::new(),
        timeouts: OrdMap::new(),
        relays: Arc::new([]),
        relays_ever: OrdSet::new(),
        ownership: Arc::new(Ownership {
            change: ChangeId::genesis(&genesis.id.into()),
            owners: body.owners.clone(),
            threshold: body.threshold,
        }),
        votes: OrdMap::new(),
        rules_version: body.rules_version,
        height: 0,
        beyond_rules: OrdSet::new(),
    }
}

fn conversation_channel(genesis: &Op) -> Channel {
    Channel {
        id: ChannelId::from(genesis.id),
        kind: ChannelKind::Text,
        name: String::new(),
        topic: String::new(),
        position: 0,
        parent: None,
        nsfw: false,
        slowmode_s: 0,
        bitrate: 0,
        user_limit: 0,
        overwrites: OrdMap::new(),
        born: genesis.header.hlc,
        locks: OrdMap::new(),
        thread: None,
        forum: None,
        event: None,
    }
}
