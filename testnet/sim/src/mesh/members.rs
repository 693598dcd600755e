//! Stores of a small guild's people. A thousand people would be a thousand joins at a thousand nodes: here a few people have many
//! devices' worth of nodes each. Who says something has one node, for a log has one writer.

use super::PUBLISHERS;
use crate::host::{Host, Outcome};
use nexus_core::store::Record;
use nexus_core::{Arriving, Command, Input, MemoryStore, Reply, Store, Ticket};
use nexus_crdt::id::{ChannelId, DeviceKey, SpaceId, UserId};
use rand::RngExt;
use rand::rngs::StdRng;

/// People who only listen, and have many nodes.
const LISTENERS: usize = 8;

/// The guild, and a store of each of its people.
pub(super) struct Members {
    pub(super) channel: ChannelId,
    pub(super) users: Vec<UserId>,
    /// The device that each of them writes with.
    pub(super) devices: Vec<DeviceKey>,
    stores: Vec<MemoryStore>,
}

impl Members {
    /// Somebody founds a guild, all join, and all hold the same.
    pub(super) fn meet(rng: &mut StdRng, now_ms: u64) -> Self {
        let mut meeting = Meeting { rng, now_ms, hosts: Vec::new() };
        let users: Vec<UserId> = (0..PUBLISHERS + LISTENERS).map(|number| meeting.comes(number)).collect();
        let founded = meeting.made(0, users[0], Command::CreateGuild { name: String::from("Home") });
        let guild = SpaceId(founded.0);
        let channels = &meeting.hosts[0].core.view().guilds[&guild].channels;
        let channel = *channels.keys().next().expect("a guild has a channel");
        let invite = meeting.made(0, users[0], Command::CreateInvite { channel, max_age_s: 0 });
        let code = meeting.hosts[0].core.view().invite_codes[&invite];
        for (number, user) in users.iter().enumerate().skip(1) {
            meeting.tell(0, number);
            meeting.made(number, *user, Command::Join { code });
            meeting.tell(number, 0);
        }
        (1..users.len()).for_each(|number| meeting.tell(0, number));
        let view = meeting.hosts[0].core.view();
        let devices =
            users.iter().map(|user| *view.users[user].devices.iter().next().expect("it writes")).collect();
        let stores = meeting.hosts.into_iter().map(|host| host.store).collect();
        Self { channel, users, devices, stores }
    }

    /// A node: those who publish first, one each, then listeners in turn.
    pub(super) fn node(&self, number: usize) -> Host {
        let person = if number < PUBLISHERS { number } else { PUBLISHERS + number % LISTENERS };
        let mut host = Host::new([0; 16]);
        host.store = self.stores[person].clone();
        let mut name = [1; 16];
        name[..8].copy_from_slice(&(number as u64).to_be_bytes());
        host.store.apply(&[Record::Epoch(name)]);
        host.restart();
        host.people = vec![self.users[person]];
        host
    }
}

struct Meeting<'a> {
    rng: &'a mut StdRng,
    now_ms: u64,
    hosts: Vec<Host>,
}

impl Meeting<'_> {
    fn comes(&mut self, number: usize) -> UserId {
        let mut name = [2; 16];
        name[..8].copy_from_slice(&(number as u64).to_be_bytes());
        self.hosts.push(Host::new(name));
        let outcome = self.ask(number, None, Command::Setup { name: format!("person {number}") });
        let Some(Ok(Reply::Setup { user, .. })) = outcome.reply else { panic!("{:?}", outcome.reply) };
        user
    }

    fn made(&mut self, number: usize, actor: UserId, command: Command) -> nexus_crdt::id::OpId {
        let outcome = self.ask(number, Some(actor), command);
        let Some(Ok(Reply::Created(id))) = outcome.reply else { panic!("{:?}", outcome.reply) };
        id
    }

    fn ask(&mut self, number: usize, actor: Option<UserId>, command: Command) -> Outcome {
        let input = Input::Command { ticket: Ticket(0), actor, command: Box::new(command) };
        self.input(number, input)
    }

    fn input(&mut self, number: usize, input: Input) -> Outcome {
        self.now_ms += 1_000;
        let mut entropy = [0; 64];
        self.rng.fill(&mut entropy);
        self.hosts[number].handle(input, self.now_ms, entropy, None)
    }

    /// Everything that one holds and the other does not; what waits for something is taken with it.
    fn tell(&mut self, from: usize, to: usize) {
        let store = &self.hosts[from].store;
        let mut ops: Vec<_> = store.ops().collect();
        ops.sort_by_key(|stored| (stored.op.header.hlc, stored.op.id));
        let ops = ops.into_iter().map(|stored| Arriving::Bytes(stored.encode())).collect();
        let frontiers = store.frontiers().unwrap_or_default();
        self.input(to, Input::Ops { ops, frontiers, cursor: None, gaps: Vec::new() });
    }
}
