//! What a past-closed set of ops means: the ops that are void in it, and the state that the valid ones write.
//!
//! Three ways lead there and must agree: [`Derived::then`] puts one op on top of everything (nothing is concurrent
//! with it), [`Derived::of_all`] builds from the whole set, register by register, and [`Derived::since`] builds so on what
//! a checkpoint stands for.

mod make;
pub(super) mod set;
mod take_away;
mod writes;

use super::graph::{Graph, Node};
use super::owners::{Reigns, open_votes};
use super::past::{Past, Place};
use super::rule;
use super::state::GuildView;
use crate::id::{RoleId, UserId};
use crate::verdict::VoidReason;
use imbl::OrdMap;
use std::sync::Arc;
use writes::{Writes, winner};

/// A past-closed set, decided.
#[derive(Clone, Debug)]
pub(super) struct Derived {
    /// The set.
    pub(super) past: Past,
    /// Its void ops; every other op of it is valid.
    pub(super) void: OrdMap<Place, VoidReason>,
    /// The state, without members: membership is no part of governance.
    pub(super) view: GuildView,
    /// The grant that rules each person's register.
    pub(super) grants: OrdMap<UserId, Place>,
    /// The move that rules each moved role's rank.
    pub(super) moves: OrdMap<RoleId, Place>,
    /// The highest valid checkpoint.
    pub(super) checkpoint: Option<Place>,
    /// Ops, and pairs of ops, that were looked at to decide it.
    pub(super) steps: usize,
}

impl Derived {
    pub(super) fn is_valid(&self, place: Place) -> bool {
        self.past.has(place) && !self.void.contains_key(&place)
    }

    /// The rank a person's register gives, member or not.
    pub(super) fn assigned_rank(&self, user: &UserId) -> u64 {
        self.view.roles_of(user).map(|role| role.rank).max().unwrap_or(0)
    }

    /// This set with one op on top that cites all of it.
    pub(super) fn then(&self, graph: &Graph, node: &Node) -> Self {
        let mut next = Self { past: self.past.with(node.place), steps: 1, ..self.clone() };
        match node.local {
            Err(reason) => drop(next.void.insert(node.place, reason)),
            Ok(()) => next.write(graph, node),
        }
        next
    }

    /// A set, from Genesis on.
    pub(super) fn of_all(graph: &Graph, past: Past) -> Self {
        let blank = Self::blank(graph, Past::default());
        Self::since(graph, &blank, past)
    }

    /// A set that is `base` and what came since: everything else in it has seen all of `base`, and the same own the guild.
    /// Nothing since is concurrent with what is in the base, so no verdict there turns, and whatever is written since is later.
    pub(super) fn since(graph: &Graph, base: &Self, past: Past) -> Self {
        let new: Vec<&Node> = past.beyond(&base.past).map(|place| graph.node(place)).collect();
        let (void, steps) = rule::decide(graph, &past, &new, &base.void);
        let ownership = Reigns::of(graph, &past).last(&graph.blank.ownership);
        let mut derived = Self { past, void, steps, ..base.clone() };
        derived.view.votes = open_votes(graph, &ownership, &derived.past);
        derived.view.ownership = Arc::new(ownership);
        let valid: Vec<&Node> =
            new.into_iter().filter(|node| !derived.void.contains_key(&node.place)).collect();
        derived.put_together(graph, &valid);
        derived
    }

    /// What valid ops write: what is made, then each register's winner, then what is taken away.
    fn put_together(&mut self, graph: &Graph, valid: &[&Node]) {
        let mut writes = Writes::default();
        for node in valid {
            self.make(graph, node);
            writes.add(node);
        }
        for (key, nodes) in &writes.registers {
            if let Some(winner) = winner(nodes) {
                self.set(winner, Some(key));
            }
        }
        for node in valid {
            self.take_away(node, Some(&writes));
        }
        for node in &writes.tightening {
            self.tighten(node);
        }
    }

    /// A set of which nothing is known yet.
    pub(super) fn blank(graph: &Graph, past: Past) -> Self {
        Self {
            past,
            void: OrdMap::new(),
            view: graph.blank.clone(),
            grants: OrdMap::new(),
            moves: OrdMap::new(),
            checkpoint: None,
            steps: 0,
        }
    }

    /// One op on top of everything: its writes win every register.
    fn write(&mut self, graph: &Graph, node: &Node) {
        self.make(graph, node);
        self.set(node, None);
        self.take_away(node, None);
        self.tighten(node);
    }
}
