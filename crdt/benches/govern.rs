//! What it costs to decide: `cargo bench -p nexus-crdt` prints a table. A guild of 8,192 acts of governance that no
//! checkpoint has sealed; then one more on top, and one that comes late and has seen only half of them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a measurement: it takes the time, prints, and ends where it cannot go on"
)]

use nexus_crdt::body::Body;
use nexus_crdt::body::governance as gov;
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::guild::Guild;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, OpId, RoleId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::identity::People;
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{Draft, Op, open_body};
use nexus_crdt::permissions::Permissions;
use nexus_crypto::{SecretKey, Verified};
use std::time::Instant;

const TAIL: usize = 8_192;
const ROUNDS: usize = 21;

struct Everybody;

impl People for Everybody {
    fn certifies(&self, _: &UserId, _: &DeviceKey, _: Hlc) -> bool {
        true
    }

    fn class(&self, _: &UserId) -> Option<AccountClass> {
        Some(AccountClass::Person)
    }
}

/// Writes for the founder, whose acts have no quota.
struct Writer {
    key: SecretKey,
    founder: UserId,
    space: SpaceId,
    clock: u64,
}

impl Writer {
    fn genesis(&mut self) -> Verified<Op> {
        let quota = gov::Quota { short: 30, long: 1_000 };
        let body = gov::Genesis {
            kind: gov::SpaceKind::Guild,
            founder: self.founder,
            owners: vec![self.founder],
            threshold: 1,
            rules_version: 1,
            name: String::from("guild"),
            everyone: Permissions::DEFAULT_EVERYONE,
            person_quota: quota,
            bot_quota: quota,
        };
        let genesis = self.write(Kind::Genesis, None, Vec::new(), &body);
        self.space = genesis.id.into();
        genesis
    }

    fn write<T: Body>(&mut self, kind: Kind, prev: Option<&Op>, deps: Vec<OpId>, body: &T) -> Verified<Op> {
        self.clock += 1;
        let tenure = if kind == Kind::Genesis { Tenure::NONE } else { Tenure::of(&self.space.into()) };
        // Genesis is of a log of its own.
        let prev = prev.filter(|prev| prev.kind() != Some(Kind::Genesis));
        let draft = Draft {
            space: self.space,
            stream: StreamId::GOVERNANCE,
            tenure,
            seq: prev.map_or(0, |prev| prev.header.seq + 1),
            prev: prev.map(|prev| prev.id),
            hlc: Hlc(Hlc::from_ms(1_790_000_000_000).0 + self.clock),
            kind,
            deps,
            target: None,
            body: open_body(body),
        };
        draft.seal(&self.key, [7; 16])
    }

    /// The usual: grants to many people, renames, kicks and bans among them.
    fn act(&mut self, nth: usize, prev: &Op, role: OpId) -> Verified<Op> {
        let deps = vec![prev.id];
        let user = UserId(*blake3::hash(&(nth % 1_000).to_be_bytes()).as_bytes());
        match nth % 8 {
            0 => {
                let name = Some(nth.to_string());
                self.write(
                    Kind::GuildEdit,
                    Some(prev),
                    deps,
                    &gov::GuildEdit { name, ..gov::GuildEdit::default() },
                )
            }
            1 => {
                let body = gov::Ban { user, cut: Vec::new(), reason: String::new() };
                self.write(Kind::Ban, Some(prev), deps, &body)
            }
            2 => {
                let body = gov::Kick { user, cut: Vec::new(), reason: String::new() };
                self.write(Kind::Kick, Some(prev), deps, &body)
            }
            _ => {
                let body = gov::PrivRoles { user, roles: vec![RoleId::from(role)] };
                self.write(Kind::PrivRoles, Some(prev), deps, &body)
            }
        }
    }
}

fn main() {
    let key = SecretKey::from_seed(&[1; 32]);
    let mut writer = Writer { key, founder: UserId([1; 32]), space: SpaceId::NONE, clock: 0 };
    let genesis = writer.genesis();
    let mut guild = Guild::begin(&genesis).expect("a genesis");
    let role = gov::RoleCreate {
        rank: 1 << 63,
        name: String::from("officer"),
        permissions: Permissions::KICK_MEMBERS,
        color: 0,
        hoist: false,
        mentionable: false,
        rate_class: gov::RateClass::Person,
        managed_by: None,
    };
    let mut ops = vec![writer.write(Kind::RoleCreate, None, vec![genesis.id], &role)];
    let role = ops[0].id;
    for nth in 1..TAIL {
        let prev = ops[nth - 1].clone();
        ops.push(writer.act(nth, &prev, role));
    }
    let begun = Instant::now();
    for op in &ops {
        guild.integrate(op, &Everybody).expect("it fits");
    }
    let linear = begun.elapsed();
    let half = ops[TAIL / 2].clone();
    let mut late = Vec::new();
    for nth in 0..ROUNDS {
        let op = writer.act(nth * 8 + 3, &half, role);
        let mut anew = guild.clone();
        let begun = Instant::now();
        anew.integrate(&op, &Everybody).expect("it fits");
        late.push(begun.elapsed());
    }
    late.sort_unstable();
    println!("{TAIL} acts of governance, no checkpoint; median (min-max) of {ROUNDS} rounds\n");
    println!("| what | time |\n|---|---|");
    println!("| one act on top of all | {:.1} µs |", linear.as_secs_f64() * 1e6 / TAIL as f64);
    println!(
        "| one that comes late, everything decided anew | {:.1} ms ({:.1}-{:.1}) |",
        late[ROUNDS / 2].as_secs_f64() * 1e3,
        late[0].as_secs_f64() * 1e3,
        late[ROUNDS - 1].as_secs_f64() * 1e3
    );
}
