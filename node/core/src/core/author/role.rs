//! Roles, and who has which.

use super::guild::{next_rank, no_edit};
use super::{Actor, Authored, Turn, within};
use crate::command::Reply;
use crate::command::draft::{RoleDraft, RolePatch};
use crate::command::refusal::{Refusal, Thing};
use nexus_crdt::body::governance::{PrivRoles, RoleCreate, RoleDelete, RoleEdit};
use nexus_crdt::id::{RoleId, SpaceId, UserId};
use nexus_crdt::kind::Kind;

impl Turn<'_> {
    pub(super) fn create_role(&mut self, actor: &Actor, guild: SpaceId, draft: RoleDraft) -> Authored<Reply> {
        within("name", &draft.name, 1, NAME_MAX)?;
        let view = self.guild_of(actor, &guild)?.view().clone();
        if view.roles.len() >= ROLES_MAX {
            return Err(Refusal::TooMany { what: "roles", max: 250 }.into());
        }
        let everyone = view.roles.get(&view.everyone()).map(|role| role.permissions).unwrap_or_default();
        let body = RoleCreate {
            rank: next_rank(&view),
            name: draft.name,
            permissions: draft.permissions.unwrap_or(everyone),
            color: draft.color,
            hoist: draft.hoist,
            mentionable: draft.mentionable,
            rate_class: draft.rate_class,
            managed_by: None,
        };
        Ok(Reply::Created(self.govern(actor, guild, Kind::RoleCreate, &body)?))
    }

    pub(super) fn edit_role(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        role: RoleId,
        patch: RolePatch,
    ) -> Authored<Reply> {
        self.known_role(actor, guild, role)?;
        if let Some(name) = &patch.name {
            within("name", name, 1, NAME_MAX)?;
        }
        if patch == RolePatch::default() {
            return Ok(Reply::Done);
        }
        let RolePatch { name, permissions, color, hoist, mentionable, rate_class } = patch;
        let edit = RoleEdit { name, permissions, color, hoist, mentionable, rate_class, ..no_edit(role) };
        self.govern(actor, guild, Kind::RoleEdit, &edit)?;
        Ok(Reply::Done)
    }

    pub(super) fn delete_role(&mut self, actor: &Actor, guild: SpaceId, role: RoleId) -> Authored<Reply> {
        self.known_role(actor, guild, role)?;
        self.govern(actor, guild, Kind::RoleDelete, &RoleDelete { role })?;
        Ok(Reply::Done)
    }

    pub(super) fn add_role(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        user: UserId,
        role: RoleId,
    ) -> Authored<Reply> {
        self.known_role(actor, guild, role)?;
        self.grant(actor, guild, user, role)?;
        Ok(Reply::Done)
    }

    pub(super) fn remove_role(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        user: UserId,
        role: RoleId,
    ) -> Authored<Reply> {
        self.known_role(actor, guild, role)?;
        let mut roles = self.roles_of(actor, guild, user)?;
        roles.retain(|each| *each != role);
        self.set_roles(actor, guild, user, roles)?;
        Ok(Reply::Done)
    }

    /// Adds one role to a member's list.
    pub(super) fn grant(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        user: UserId,
        role: RoleId,
    ) -> Authored<()> {
        let mut roles = self.roles_of(actor, guild, user)?;
        roles.push(role);
        self.set_roles(actor, guild, user, roles)
    }

    /// Sets a member's whole list of roles, where it differs.
    pub(super) fn set_roles(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        user: UserId,
        mut roles: Vec<RoleId>,
    ) -> Authored<()> {
        let view = self.guild_of(actor, &guild)?.view().clone();
        roles.sort_unstable();
        roles.dedup();
        roles.retain(|role| *role != view.everyone());
        if roles.iter().any(|role| !view.roles.contains_key(role)) {
            return Err(Refusal::Unknown(Thing::Role).into());
        }
        let before: Vec<RoleId> = view.roles_of(&user).map(|role| role.id).collect();
        if before != roles {
            self.govern(actor, guild, Kind::PrivRoles, &PrivRoles { user, roles })?;
        }
        Ok(())
    }

    fn roles_of(&self, actor: &Actor, guild: SpaceId, user: UserId) -> Authored<Vec<RoleId>> {
        let guild = self.guild_of(actor, &guild)?;
        if !guild.view().members.contains_key(&user) {
            return Err(Refusal::Unknown(Thing::Member).into());
        }
        Ok(guild.view().roles_of(&user).map(|role| role.id).collect())
    }

    fn known_role(&self, actor: &Actor, guild: SpaceId, role: RoleId) -> Authored<()> {
        if self.guild_of(actor, &guild)?.view().roles.contains_key(&role) {
            return Ok(());
        }
        Err(Refusal::Unknown(Thing::Role).into())
    }
}

const NAME_MAX: usize = 100;
/// Discord's number, `@everyone` included.
const ROLES_MAX: usize = 250;
