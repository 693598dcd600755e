//! What ops set, register by register.

use super::Derived;
use crate::body::governance::{GuildEdit, PrivRoles, Silence};
use crate::guild::channels::{apply_fields, named};
use crate::guild::deed::Deed;
use crate::guild::graph::{Node, RegisterKey};
use crate::guild::state::{Kept, Silenced};
use crate::guild::{emojis, events, filters, threads};

impl Derived {
    /// What an op sets: all of it, or one register of it.
    pub(super) fn set(&mut self, node: &Node, only: Option<&RegisterKey>) {
        let wanted = |key: RegisterKey| only.is_none_or(|only| *only == key);
        match &node.deed {
            Deed::GuildEdit(edit) => self.set_guild(edit, &wanted),
            Deed::RoleEdit(edit) => {
                let Some(role) = self.view.roles.get_mut(&edit.role) else { return };
                let field = |number| wanted(RegisterKey::Role(edit.role, number));
                set_if(field(1), &mut role.name, &edit.name);
                set_if(field(2), &mut role.permissions, &edit.permissions);
                set_if(field(3), &mut role.color, &edit.color);
                set_if(field(4), &mut role.hoist, &edit.hoist);
                set_if(field(5), &mut role.mentionable, &edit.mentionable);
                if let Some(class) = edit.rate_class.filter(|_| field(6)) {
                    role.rate_class = Some(class);
                }
            }
            Deed::RoleMove(body) => {
                if let Some(role) = self.view.roles.get_mut(&body.role) {
                    role.rank = body.rank;
                    self.moves.insert(body.role, node.place);
                }
            }
            Deed::ChannelEdit(edit) => {
                if let Some(channel) = self.view.channels.get_mut(&edit.channel) {
                    apply_fields(channel, &edit.fields, only);
                }
            }
            Deed::ThreadEdit(_) | Deed::ForumEdit(_) | Deed::ThreadMember(_) => {
                threads::set(&mut self.view.channels, node, only);
            }
            Deed::EmojiEdit(edit) => emojis::set(&mut self.view.emojis, edit, only),
            Deed::FilterEdit(_) => filters::set(&mut self.view.filters, node, only),
            Deed::EventEdit(edit) => events::set(&mut self.view.channels, edit, only),
            Deed::OfferAccess(body) => {
                let of = (body.application, body.offer);
                if body.lines.is_empty() {
                    self.view.access.remove(&of);
                } else {
                    self.view.access.insert(of, body.lines.as_slice().into());
                }
            }
            Deed::Retention(body) => {
                self.view.retention.insert(body.channel, Kept::of(node.id, body));
            }
            Deed::Overwrite(body) => {
                let Some(channel) = self.view.channels.get_mut(&body.channel) else { return };
                if body.clear {
                    channel.overwrites.remove(&body.entry.target);
                } else {
                    channel.overwrites.insert(body.entry.target, body.entry.clone());
                }
            }
            Deed::Silence(body) => self.silence(body, &wanted),
            Deed::PrivRoles(body) => self.grant(node, body),
            Deed::Kick(_) | Deed::Ban(_) => {
                if let Some(user) = node.deed.removed() {
                    self.view.assigned.remove(&user);
                    self.view.brought.remove(&user);
                    self.grants.remove(&user);
                }
            }
            Deed::Relays(body) => self.view.relays = body.urls.as_slice().into(),
            Deed::Admit(body) => drop(self.view.brought.insert(body.user, node.hlc)),
            _ => {}
        }
    }

    fn set_guild(&mut self, edit: &GuildEdit, wanted: &dyn Fn(RegisterKey) -> bool) {
        let settings = &mut self.view.settings;
        set_if(wanted(RegisterKey::Guild(0)), &mut settings.name, &edit.name);
        set_if(wanted(RegisterKey::Guild(1)), &mut settings.description, &edit.description);
        if let Some(channel) = edit.system_channel.filter(|_| wanted(RegisterKey::Guild(2))) {
            settings.system_channel = named(channel);
        }
        set_if(wanted(RegisterKey::Guild(3)), &mut settings.verification_level, &edit.verification_level);
        set_if(
            wanted(RegisterKey::Guild(4)),
            &mut settings.default_notifications,
            &edit.default_notifications,
        );
        set_if(wanted(RegisterKey::Guild(5)), &mut settings.invites_paused_until, &edit.invites_paused_until);
        set_if(wanted(RegisterKey::Guild(6)), &mut settings.talks_paused_until, &edit.talks_paused_until);
    }

    fn silence(&mut self, body: &Silence, wanted: &dyn Fn(RegisterKey) -> bool) {
        let mut silenced = self.view.silenced.get(&body.user).copied().unwrap_or_default();
        set_if(wanted(RegisterKey::Silence(body.user, 0)), &mut silenced.muted, &body.muted);
        set_if(wanted(RegisterKey::Silence(body.user, 1)), &mut silenced.deafened, &body.deafened);
        if silenced == Silenced::default() {
            self.view.silenced.remove(&body.user);
        } else {
            self.view.silenced.insert(body.user, silenced);
        }
    }

    fn grant(&mut self, node: &Node, body: &PrivRoles) {
        self.grants.insert(body.user, node.place);
        if body.roles.is_empty() {
            self.view.assigned.remove(&body.user);
        } else {
            self.view.assigned.insert(body.user, body.roles.as_slice().into());
        }
    }
}

pub(in crate::guild) fn set_if<T: Clone>(wanted: bool, field: &mut T, value: &Option<T>) {
    if let Some(value) = value.as_ref().filter(|_| wanted) {
        field.clone_from(value);
    }
}
