//! The order of roles. Ops carry ranks, which leave room between them; people see dense positions.

use super::{Actor, Authored, Turn};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use nexus_crdt::body::governance::RoleMove;
use nexus_crdt::guild::{GuildView, Rank};
use nexus_crdt::id::{RoleId, SpaceId, UserId};
use nexus_crdt::kind::Kind;
use std::collections::BTreeMap;

impl Turn<'_> {
    /// Puts roles at positions, counted from 1 above `@everyone` as the API shows them; the others keep their order.
    pub(super) fn move_roles(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        positions: Vec<(RoleId, u32)>,
    ) -> Authored<Reply> {
        let view = self.guild_of(actor, &guild)?.view().clone();
        let everyone = view.everyone();
        let wanted: BTreeMap<RoleId, u32> =
            positions.into_iter().filter(|(role, _)| *role != everyone).collect();
        if wanted.keys().any(|role| !view.roles.contains_key(role)) {
            return Err(Refusal::Unknown(Thing::Role).into());
        }
        let order = arranged(&view, &wanted);
        let ceiling = ceiling(&view, &actor.user);
        let moves = ranks(&view, &order, |role| wanted.contains_key(role), ceiling)
            .or_else(|| {
                ranks(
                    &view,
                    &order,
                    |role| view.roles.get(role).is_some_and(|role| role.rank < ceiling),
                    ceiling,
                )
            })
            .ok_or(Refusal::MissingPermissions)?;
        for (role, rank) in moves {
            self.govern(actor, guild, Kind::RoleMove, &RoleMove { role, rank })?;
        }
        Ok(Reply::Done)
    }
}

/// Every role but `@everyone`, from the lowest.
fn ascending(guild: &GuildView) -> Vec<RoleId> {
    let mut roles: Vec<_> = guild.roles.values().filter(|role| role.rank > 0).collect();
    roles.sort_by_key(|role| (role.rank, role.id));
    roles.into_iter().map(|role| role.id).collect()
}

/// The order that is asked for: who is not named keeps theirs, who is named stands where they are put.
fn arranged(guild: &GuildView, wanted: &BTreeMap<RoleId, u32>) -> Vec<RoleId> {
    let mut order: Vec<RoleId> =
        ascending(guild).into_iter().filter(|role| !wanted.contains_key(role)).collect();
    let mut named: Vec<(u32, RoleId)> = wanted.iter().map(|(role, position)| (*position, *role)).collect();
    named.sort_unstable();
    for (position, role) in named {
        let at = usize::try_from(position.saturating_sub(1)).unwrap_or(usize::MAX).min(order.len());
        order.insert(at, role);
    }
    order
}

/// Below which rank somebody may put roles.
fn ceiling(guild: &GuildView, user: &UserId) -> u64 {
    match guild.rank(user) {
        Rank::Owner => u64::MAX,
        Rank::Member(rank) => rank,
        Rank::Outside => 0,
    }
}

/// New ranks that make an order of it, by moving only roles that `may`: each run of them goes evenly into the room
/// between its neighbours. None where there is no room.
fn ranks(
    guild: &GuildView,
    order: &[RoleId],
    may: impl Fn(&RoleId) -> bool,
    ceiling: u64,
) -> Option<Vec<(RoleId, u64)>> {
    let rank = |role: &RoleId| guild.roles.get(role).map_or(0, |role| role.rank);
    if order.is_sorted_by(|low, high| (rank(low), low) < (rank(high), high)) {
        return Some(Vec::new());
    }
    let mut moves = Vec::new();
    let mut floor: u64 = 0;
    let mut at = 0;
    while at < order.len() {
        let run = order[at..].iter().take_while(|role| may(role)).count();
        let above = order.get(at + run).map(rank);
        let roof =
            above.unwrap_or_else(|| ceiling.min(floor.max(1 << 62).saturating_add(ROOM * (run as u64 + 1))));
        let step = roof.checked_sub(floor)? / (run as u64 + 1);
        if run > 0 && step == 0 || run == 0 && above? <= floor {
            return None;
        }
        for (nth, role) in (1..).zip(&order[at..at + run]) {
            moves.push((*role, floor + step * nth));
        }
        floor = above.unwrap_or(floor);
        at += run + 1;
    }
    moves.retain(|(role, to)| rank(role) != *to);
    Some(moves)
}

/// Ranks between two roles that are put one above the other on top of all others.
const ROOM: u64 = 1 << 40;
