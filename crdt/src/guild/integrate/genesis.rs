//! Where a guild begins: what Genesis alone says.

use crate::body::governance::{ChangeId, ChannelKind, Genesis, SpaceKind};
use crate::guild::deed::Deed;
use crate::guild::derived::Derived;
use crate::guild::graph::{Graph, Node};
use crate::guild::members::Joins;
use crate::guild::past::Past;
use crate::guild::state::channel::Channel;
use crate::guild::state::space::{Ownership, Settings, SpaceFacts};
use crate::guild::state::{GuildView, Rank, Role};
use crate::guild::{Guild, IntegrateError, rule};
use crate::id::{ChannelId, RoleId, UserId};
use crate::kind::Kind;
use crate::op::Op;
use imbl::{OrdMap, OrdSet, Vector};
use nexus_crypto::Verified;
use std::sync::Arc;

pub(in crate::guild) fn begin(genesis: &Verified<Op>) -> Result<Guild, IntegrateError> {
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
        erased: OrdMap::new(),
        members: OrdMap::new(),
        assigned: OrdMap::new(),
        brought: OrdMap::new(),
        removals: OrdMap::new(),
        ended_devices: OrdMap::new(),
        timeouts: OrdMap::new(),
        silenced: OrdMap::new(),
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
