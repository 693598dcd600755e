//! What ops take away: roles and channels, people, their voice, and what of theirs is kept.

use super::Derived;
use super::writes::Writes;
use crate::body::governance::{CutEntry, Lock, Timeout};
use crate::guild::deed::Deed;
use crate::guild::graph::Node;
use crate::guild::state::Erased;
use crate::guild::state::channel::Closed;
use crate::guild::state::removal::{Pause, Removal, RemovalKind};
use crate::id::{OpId, UserId};
use imbl::OrdSet;

impl Derived {
    /// What an op takes away. `writes`: what the set's valid ops write, where a concurrent higher word may override a
    /// removal; none for an op on top of everything.
    pub(super) fn take_away(&mut self, node: &Node, writes: Option<&Writes<'_>>) {
        match &node.deed {
            Deed::RoleDelete(body) => drop(self.view.roles.remove(&body.role)),
            Deed::ChannelDelete(body) => {
                self.view.channels.remove(&body.channel);
                self.view.retention.remove(&Some(body.channel));
            }
            Deed::FilterDelete(body) => drop(self.view.filters.remove(&body.filter)),
            Deed::EmojiDelete(body) => drop(self.view.emojis.remove(&body.emoji)),
            Deed::InviteRevoke(body) => drop(self.view.invites.remove(&body.invite)),
            Deed::Kick(body) => self.remove(node, writes, RemovalKind::Kick, (&body.cut, &body.reason)),
            Deed::Ban(body) => self.remove(node, writes, RemovalKind::Ban, (&body.cut, &body.reason)),
            Deed::GuildDeviceRevoke(body) => {
                let removal = removal(node, RemovalKind::Device, (&body.cut, &body.reason));
                self.view.ended_devices.entry((body.user, body.device)).or_default().insert(removal);
            }
            Deed::Lock(body) => self.lock(node, body, writes),
            Deed::Timeout(body) => self.pause(node, body, writes),
            Deed::Unban(body) => self.lift(&body.user, &body.bans),
            Deed::Erase(body) => {
                let word = Erased { by: node.author, upto: body.upto };
                self.view.erased.entry(body.user).or_default().insert(node.id, word);
            }
            _ => {}
        }
    }

    fn remove(
        &mut self,
        node: &Node,
        writes: Option<&Writes<'_>>,
        kind: RemovalKind,
        (cut, reason): (&[CutEntry], &str),
    ) {
        let Some(user) = node.deed.removed() else { return };
        if let Some(writes) = writes {
            let lifted = kind == RemovalKind::Ban && writes.lifted.contains(&(user, node.id));
            // Owners are removed by the quorum's word only.
            if lifted || self.view.is_owner(&user) || writes.override_removal(&user, node) {
                return;
            }
        }
        let removal = removal(node, kind, (cut, reason));
        self.view.removals.entry(user).or_default().insert(removal);
    }

    /// Closes a channel, or opens the locks that an op names.
    fn lock(&mut self, node: &Node, body: &Lock, writes: Option<&Writes<'_>>) {
        let Some(channel) = self.view.channels.get_mut(&body.channel) else { return };
        if let Some(cut) = body.cut {
            let opened = writes.and_then(|writes| writes.opened.get(&(body.channel, node.id)).copied());
            channel.locks.insert(node.id, Closed { cut, opened });
        }
        for id in &body.opens {
            if let Some(lock) = channel.locks.get_mut(id) {
                // The earliest word opened it.
                lock.opened = Some(lock.opened.map_or(node.hlc, |opened| opened.min(node.hlc)));
            }
        }
    }

    /// Keeps somebody from writing, and ends the times that an op names.
    fn pause(&mut self, node: &Node, body: &Timeout, writes: Option<&Writes<'_>>) {
        let pauses = self.view.timeouts.entry(body.user).or_default();
        if let Some(until) = body.until {
            let ended = writes.and_then(|writes| writes.ended.get(&(body.user, node.id)).copied());
            pauses.insert(node.id, Pause { by: node.author, from: node.hlc, until, ended });
        }
        for id in &body.ends {
            if let Some(pause) = pauses.get_mut(id) {
                pause.ended = Some(pause.ended.map_or(node.hlc, |ended| ended.min(node.hlc)));
            }
        }
        if pauses.is_empty() {
            self.view.timeouts.remove(&body.user);
        }
    }

    /// Adds the lines of a tighter cut to the removal it names, while that is in force.
    pub(super) fn tighten(&mut self, node: &Node) {
        let Deed::CutTighten(body) = &node.deed else { return };
        let names =
            |removals: &OrdSet<Removal>| removals.iter().find(|each| each.op == body.removal).cloned();
        let device = self.view.ended_devices.iter().find_map(|(key, removals)| {
            (key.0 == body.user).then(|| names(removals).map(|removal| (*key, removal))).flatten()
        });
        let (removals, mut removal) = match device {
            Some((key, removal)) => (self.view.ended_devices.get_mut(&key), removal),
            None => match self.view.removals.get(&body.user).and_then(names) {
                Some(removal) => (self.view.removals.get_mut(&body.user), removal),
                None => return,
            },
        };
        let Some(removals) = removals else { return };
        removals.remove(&removal);
        removal.tightened.extend(body.cut.iter().cloned());
        removals.insert(removal);
    }

    fn lift(&mut self, user: &UserId, bans: &[OpId]) {
        let Some(removals) = self.view.removals.get(user) else { return };
        let kept: OrdSet<Removal> = removals
            .iter()
            .filter(|removal| removal.kind == RemovalKind::Kick || !bans.contains(&removal.op))
            .cloned()
            .collect();
        if kept.is_empty() {
            self.view.removals.remove(user);
        } else {
            self.view.removals.insert(*user, kept);
        }
    }
}

fn removal(node: &Node, kind: RemovalKind, (cut, reason): (&[CutEntry], &str)) -> Removal {
    Removal {
        op: node.id,
        kind,
        by: node.author,
        hlc: node.hlc,
        cut: cut.to_vec(),
        tightened: OrdSet::new(),
        reason: reason.to_owned(),
    }
}
