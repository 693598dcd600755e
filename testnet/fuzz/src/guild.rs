//! Governance and membership by an owner, two members and a stranger who see each other's ops late, taken in two
//! orders.

use crate::program::Program;
use nexus_crdt::body::governance as g;
use nexus_crdt::body::identity::{AccountClass, DeviceClass};
use nexus_crdt::body::membership::{Join, Leave, Nick};
use nexus_crdt::guild::{Guild, IntegrateError, join_transcript};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, DeviceKey, FrontierId, OpId, RoleId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::identity::{Founding, Identity, People, begin_account};
use nexus_crdt::kind::{Kind, Plane};
use nexus_crdt::op::{Draft, Op, open_body};
use nexus_crdt::permissions::Permissions;
use nexus_crdt::verdict::Verdict;
use nexus_crypto::{SecretKey, Verified};
use std::collections::BTreeMap;
use std::sync::OnceLock;

const NOW: u64 = 1_800_000_000_000;
/// Ops of one run; a signature costs more than the rest.
const OPS_MAX: usize = 32;

struct World {
    accounts: BTreeMap<UserId, Identity>,
    users: Vec<UserId>,
    genesis: Verified<Op>,
}

impl People for World {
    fn certifies(&self, user: &UserId, device: &DeviceKey, at: Hlc) -> bool {
        self.accounts.get(user).is_some_and(|identity| identity.account().certifies(device, at))
    }

    fn class(&self, user: &UserId) -> Option<AccountClass> {
        self.accounts.get(user).map(|identity| identity.account().class)
    }
}

fn device(person: usize) -> SecretKey {
    SecretKey::from_seed(&[u8::try_from(person + 100).unwrap_or(0); 32])
}

/// The same four people and the same guild in every run.
fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let identities = (0..4).filter_map(|person: u8| {
            let founding = Founding {
                class: AccountClass::Person,
                name: "somebody",
                identity: &SecretKey::from_seed(&[person + 1; 32]),
                recovery: None,
                device: &device(usize::from(person)),
                device_class: DeviceClass::Own,
                now_ms: NOW,
                salts: [[0; 16]; 3],
            };
            begin_account(&founding).ok().map(|(identity, _)| identity)
        });
        let accounts: Vec<Identity> = identities.collect();
        let users: Vec<UserId> = accounts.iter().map(|identity| identity.account().id).collect();
        let founder = users.first().copied().unwrap_or(UserId([0; 32]));
        let quota = g::Quota { short: 30, long: 1_000 };
        let body = g::Genesis {
            kind: g::SpaceKind::Guild,
            founder,
            owners: vec![founder],
            threshold: 1,
            rules_version: 1,
            name: String::from("fuzz"),
            everyone: Permissions::DEFAULT_EVERYONE,
            person_quota: quota,
            bot_quota: quota,
        };
        let genesis = draft(SpaceId::NONE, Kind::Genesis, open_body(&body)).seal(&device(0), [0; 16]);
        World { accounts: users.iter().copied().zip(accounts).collect(), users, genesis }
    })
}

fn draft(space: SpaceId, kind: Kind, body: Vec<u8>) -> Draft {
    Draft {
        space,
        stream: if kind.plane() == Plane::Membership { StreamId::MEMBERSHIP } else { StreamId::GOVERNANCE },
        tenure: Tenure::NONE,
        seq: 0,
        prev: None,
        hlc: Hlc::from_ms(NOW),
        kind,
        deps: Vec::new(),
        target: None,
        body,
    }
}

/// The state is the same whichever way round the ops come in, and nothing of it is lost.
pub(crate) fn ops(data: &[u8]) {
    let world = world();
    let Ok(mut guild) = Guild::begin(&world.genesis) else { panic!("it is a genesis") };
    guild.people_changed(world);
    let mut run = Run {
        world,
        program: Program(data),
        guild,
        taken: vec![world.genesis.clone()],
        frontiers: BTreeMap::new(),
    };
    run.frontiers.insert(run.guild.frontier(), run.guild.heads());
    run.begin();
    while run.program.goes_on() && run.taken.len() < OPS_MAX {
        let op = run.next();
        if run.guild.integrate(&op, world).is_ok() {
            run.keep(op);
        }
    }
    let backwards = run.settle();
    assert_eq!(run.guild.heads(), backwards.heads());
    assert_eq!(run.guild.view(), backwards.view());
    assert_eq!(run.guild.state_hash(), backwards.state_hash());
    for op in &run.taken {
        assert_eq!(run.guild.verdict(&op.id), backwards.verdict(&op.id));
    }
}

struct Run<'a> {
    world: &'a World,
    program: Program<'a>,
    guild: Guild,
    taken: Vec<Verified<Op>>,
    frontiers: BTreeMap<FrontierId, Vec<OpId>>,
}

impl Run<'_> {
    /// An admin and a moderator are let in, so that there is somebody to fight with.
    fn begin(&mut self) {
        let admission = device(9).public().into();
        let invite = g::InviteKey { admission, expires: None, channel: ChannelId([0; 32]) };
        let fields = g::ChannelFields { name: Some(String::from("x")), ..g::ChannelFields::default() };
        let channel = g::ChannelCreate { kind: g::ChannelKind::Text, fields, overwrites: Vec::new() };
        self.take(0, Kind::ChannelCreate, open_body(&channel));
        let channel = self.some(Kind::ChannelCreate);
        self.take(0, Kind::InviteKey, open_body(&g::InviteKey { channel, ..invite }));
        let rights = [Permissions::ADMINISTRATOR, Permissions::KICK_MEMBERS.with(Permissions::BAN_MEMBERS)];
        for (person, permissions) in (1..).zip(rights) {
            let Some(user) = self.world.users.get(person).copied() else { return };
            let body = self.join(user);
            self.take(person, Kind::Join, body);
            let role = g::RoleCreate { permissions, rank: (1 << 63) - ((person as u64) << 40), ..role() };
            self.take(0, Kind::RoleCreate, open_body(&role));
            let made = self.taken.last().map_or(RoleId([0; 32]), |op| op.id.into());
            self.take(0, Kind::PrivRoles, open_body(&g::PrivRoles { user, roles: vec![made] }));
        }
    }

    fn take(&mut self, person: usize, kind: Kind, body: Vec<u8>) {
        let heads = self.guild.heads();
        let op = self.sealed(person, kind, body, heads, 0);
        let taken = self.guild.integrate(&op, self.world);
        assert!(
            taken.is_ok() && self.guild.verdict(&op.id).is_some_and(Verdict::is_valid),
            "{kind:?}: {taken:?}"
        );
        self.keep(op);
    }

    fn keep(&mut self, op: Verified<Op>) {
        self.taken.push(op);
        self.frontiers.insert(self.guild.frontier(), self.guild.heads());
    }

    fn next(&mut self) -> Verified<Op> {
        let person = self.program.one_of(&[0, 0, 1, 1, 1, 2, 2, 3]).unwrap_or(0);
        let user = self.world.users.get(person).copied().unwrap_or(UserId([0; 32]));
        let (kind, body) = if self.program.below(5) == 0 { self.step(user) } else { self.deed() };
        let heads = self.heads();
        let back = self.program.below(8) as u64;
        self.sealed(person, kind, body, heads, back)
    }

    /// The next op of somebody's log, `back` ticks earlier than it should be.
    fn sealed(
        &mut self,
        person: usize,
        kind: Kind,
        body: Vec<u8>,
        heads: Vec<OpId>,
        back: u64,
    ) -> Verified<Op> {
        let user = self.world.users.get(person).copied().unwrap_or(UserId([0; 32]));
        let membership = kind.plane() == Plane::Membership;
        let tenure = if kind == Kind::Join { Tenure::NONE } else { self.tenure(user) };
        let stream = if membership { StreamId::MEMBERSHIP } else { StreamId::GOVERNANCE };
        let place = (device(person).public().into(), tenure, stream);
        let log = |op: &&Verified<Op>| (op.header.author, op.header.tenure, op.header.stream) == place;
        let last = self.taken.iter().rev().find(log).map(|op| (op.header.seq, op.id));
        let latest = self.taken.iter().map(|op| op.header.hlc).fold(Hlc::ZERO, Hlc::max);
        let deps = if membership { vec![OpId(FrontierId::of(&heads).0)] } else { heads };
        let draft = Draft {
            tenure,
            seq: last.map_or(0, |(seq, _)| seq + 1),
            prev: last.map(|(_, id)| id),
            hlc: Hlc((latest.0 + 4).saturating_sub(back)),
            deps,
            ..draft(self.world.genesis.space(), kind, body)
        };
        draft.seal(&device(person), [0; 16])
    }

    /// What somebody has seen: everything, or what there was a while ago.
    fn heads(&mut self) -> Vec<OpId> {
        let mut known: Vec<Vec<OpId>> = self.frontiers.values().cloned().collect();
        known.push(self.guild.heads());
        let all = self.program.below(3) > 0;
        let place = if all { known.len() - 1 } else { self.program.below(known.len()) };
        known.swap_remove(place)
    }

    fn tenure(&mut self, user: UserId) -> Tenure {
        let joined = |op: &&Verified<Op>| op.read_body::<Join>().is_ok_and(|join| join.user == user);
        let own = self.taken.iter().rev().filter(|op| op.kind() == Some(Kind::Join)).find(joined);
        own.map_or(Tenure::of(&self.world.genesis.id), |join| Tenure::of(&join.id))
    }

    fn some<T: From<OpId>>(&mut self, kind: Kind) -> T {
        let made: Vec<OpId> =
            self.taken.iter().filter(|op| op.kind() == Some(kind)).map(|op| op.id).collect();
        self.program.one_of(&made).unwrap_or(self.world.genesis.id).into()
    }

    fn somebody(&mut self) -> UserId {
        self.program.one_of(&self.world.users).unwrap_or(UserId([0; 32]))
    }

    fn permissions(&mut self) -> Permissions {
        let bits = [
            Permissions::ADMINISTRATOR,
            Permissions::MANAGE_ROLES,
            Permissions::KICK_MEMBERS.with(Permissions::BAN_MEMBERS),
            Permissions::MANAGE_CHANNELS.with(Permissions::CREATE_INVITE),
            Permissions::NONE,
        ];
        self.program.one_of(&bits).unwrap_or(Permissions::NONE)
    }

    fn step(&mut self, user: UserId) -> (Kind, Vec<u8>) {
        match self.program.below(4) {
            0 => (Kind::Leave, open_body(&Leave {})),
            1 => (Kind::Nick, open_body(&Nick { user: self.somebody(), nick: String::from("n") })),
            _ => (Kind::Join, self.join(user)),
        }
    }

    fn join(&mut self, user: UserId) -> Vec<u8> {
        let invite = self.some(Kind::InviteKey);
        let proof = device(9).sign(&join_transcript(&self.world.genesis.space(), &user)).0;
        open_body(&Join { user, invite, proof })
    }

    fn deed(&mut self) -> (Kind, Vec<u8>) {
        let name = || Some(String::from("x"));
        match self.program.below(10) {
            0 | 1 => {
                let admission = device(9).public().into();
                let channel = self.some::<ChannelId>(Kind::ChannelCreate);
                (Kind::InviteKey, open_body(&g::InviteKey { admission, expires: None, channel }))
            }
            2 => {
                let fields = g::ChannelFields { name: name(), ..g::ChannelFields::default() };
                let body = g::ChannelCreate { kind: g::ChannelKind::Text, fields, overwrites: Vec::new() };
                (Kind::ChannelCreate, open_body(&body))
            }
            3 => (
                Kind::ChannelDelete,
                open_body(&g::ChannelDelete { channel: self.some(Kind::ChannelCreate) }),
            ),
            4 => (Kind::RoleCreate, self.role()),
            5 => (Kind::RoleDelete, open_body(&g::RoleDelete { role: self.some(Kind::RoleCreate) })),
            6 => {
                let roles: Vec<RoleId> = vec![self.some(Kind::RoleCreate)];
                (Kind::PrivRoles, open_body(&g::PrivRoles { user: self.somebody(), roles }))
            }
            7 => {
                let body = g::Kick { user: self.somebody(), cut: Vec::new(), reason: String::new() };
                (Kind::Kick, open_body(&body))
            }
            8 => {
                let body = g::Ban { user: self.somebody(), cut: Vec::new(), reason: String::new() };
                (Kind::Ban, open_body(&body))
            }
            _ => self.rarer(),
        }
    }

    /// What reaches back, and what owners say.
    fn rarest(&mut self) -> (Kind, Vec<u8>) {
        let user = self.somebody();
        match self.program.below(6) {
            0 => {
                let rank = (1 << 63) - ((1 + self.program.below(8) as u64) << 40);
                (Kind::RoleMove, open_body(&g::RoleMove { role: self.some(Kind::RoleCreate), rank }))
            }
            1 => {
                let channel = self.some(Kind::ChannelCreate);
                let cut = Some(self.guild.view().facts.born);
                (Kind::Lock, open_body(&g::Lock { channel, cut, opens: Vec::new() }))
            }
            2 => {
                let (channel, opens) = (self.some(Kind::ChannelCreate), vec![self.some(Kind::Lock)]);
                (Kind::Lock, open_body(&g::Lock { channel, cut: None, opens }))
            }
            3 => {
                let device = device(self.program.below(6)).public().into();
                let body = g::GuildDeviceRevoke { user, device, cut: Vec::new(), reason: String::new() };
                (Kind::GuildDeviceRevoke, open_body(&body))
            }
            4 => {
                let line = g::CutEntry {
                    stream: StreamId([7; 16]),
                    device: device(1).public().into(),
                    tenure: Tenure([1; 16]),
                    seq: self.program.below(9) as u64,
                    head: OpId([1; 32]),
                };
                let body = g::CutTighten { user, removal: self.some(Kind::Ban), cut: vec![line] };
                (Kind::CutTighten, open_body(&body))
            }
            _ => {
                let mut owners = vec![user, self.somebody()];
                owners.sort_unstable();
                owners.dedup();
                let base = self.guild.view().ownership.change;
                (Kind::SetOwners, open_body(&g::SetOwners { base, owners, threshold: 1 }))
            }
        }
    }

    fn rarer(&mut self) -> (Kind, Vec<u8>) {
        match self.program.below(8) {
            6 | 7 => self.rarest(),
            0 => {
                let bans = vec![self.some(Kind::Ban)];
                (Kind::Unban, open_body(&g::Unban { user: self.somebody(), bans }))
            }
            1 => {
                let height = self.program.below(3) as u64;
                (Kind::Checkpoint, open_body(&g::Checkpoint { height, gov_hash: self.guild.gov_hash() }))
            }
            2 => (Kind::InviteRevoke, open_body(&g::InviteRevoke { invite: self.some(Kind::InviteKey) })),
            3 => {
                let target = g::OverwriteTarget::User(self.somebody());
                let entry = g::OverwriteEntry { target, allow: self.permissions(), deny: Permissions::NONE };
                let channel = self.some(Kind::ChannelCreate);
                (Kind::Overwrite, open_body(&g::Overwrite { channel, entry, clear: false }))
            }
            4 => (Kind::Lock, vec![0]),
            _ => (
                Kind::GuildEdit,
                open_body(&g::GuildEdit { verification_level: Some(1), ..g::GuildEdit::default() }),
            ),
        }
    }

    fn role(&mut self) -> Vec<u8> {
        let below = (1 + self.program.below(8) as u64) << 40;
        open_body(&g::RoleCreate { rank: (1 << 63) - below, permissions: self.permissions(), ..role() })
    }

    /// Takes the ops in backwards, as often as something new fits.
    fn settle(&self) -> Guild {
        let Ok(mut guild) = Guild::begin(&self.world.genesis) else { panic!("it is a genesis") };
        guild.people_changed(self.world);
        let mut waiting: Vec<_> = self.taken.iter().skip(1).rev().collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|op| !self.fits(&mut guild, op));
            assert!(waiting.len() < before, "an op that was taken in is refused in another order");
        }
        guild
    }

    fn fits(&self, guild: &mut Guild, op: &Verified<Op>) -> bool {
        match guild.integrate(op, self.world) {
            Ok(()) => true,
            Err(IntegrateError::MissingFrontier(frontier)) => {
                let known =
                    self.frontiers.get(&frontier).is_some_and(|heads| guild.learn_frontier(heads).is_ok());
                known && guild.integrate(op, self.world).is_ok()
            }
            Err(_) => false,
        }
    }
}

fn role() -> g::RoleCreate {
    g::RoleCreate {
        rank: 1,
        name: String::from("r"),
        permissions: Permissions::NONE,
        color: 0,
        hoist: false,
        mentionable: false,
        rate_class: g::RateClass::Person,
        managed_by: None,
    }
}
