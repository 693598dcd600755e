//! What ops make.

use super::Derived;
use crate::guild::channels::{apply_fields, blank_channel};
use crate::guild::deed::Deed;
use crate::guild::graph::{Graph, Node};
use crate::guild::rule::RULES_VERSION;
use crate::guild::state::{Invite, Role};
use crate::guild::{emojis, events, filters, threads};
use crate::id::RoleId;

impl Derived {
    /// What an op makes.
    pub(super) fn make(&mut self, graph: &Graph, node: &Node) {
        match &node.deed {
            Deed::RoleCreate(body) => {
                let id = RoleId::from(node.id);
                let role = Role {
                    id,
                    rank: body.rank,
                    name: body.name.clone(),
                    permissions: body.permissions,
                    color: body.color,
                    hoist: body.hoist,
                    mentionable: body.mentionable,
                    rate_class: Some(body.rate_class),
                    managed_by: body.managed_by,
                };
                self.view.roles.insert(id, role);
            }
            Deed::ChannelCreate(body) => {
                let mut channel = blank_channel(node, body.kind);
                apply_fields(&mut channel, &body.fields, None);
                channel.overwrites =
                    body.overwrites.iter().map(|entry| (entry.target, entry.clone())).collect();
                self.view.channels.insert(channel.id, channel);
            }
            Deed::ThreadCreate(_) | Deed::ForumCreate(_) | Deed::MediaCreate(_) => {
                let made = threads::made(node);
                self.view.channels.extend(made.map(|channel| (channel.id, channel)));
            }
            Deed::EmojiCreate(_) => {
                self.view.emojis.extend(emojis::made(node).map(|emoji| (emoji.id, emoji)));
            }
            Deed::EventCreate(_) => {
                self.view.channels.extend(events::made(node).map(|channel| (channel.id, channel)));
            }
            Deed::FilterCreate(_) => {
                self.view.filters.extend(filters::made(node).map(|filter| (filter.id, filter)));
            }
            Deed::Relays(body) => self.view.relays_ever.extend(body.urls.iter().cloned()),
            Deed::InviteKey(body) => {
                let invite = Invite {
                    id: node.id,
                    inviter: node.author,
                    admission: body.admission,
                    channel: body.channel,
                    born: node.hlc,
                    expires: body.expires,
                };
                self.view.invites.insert(node.id, invite);
            }
            Deed::Checkpoint(_) => self.seal(graph, node),
            Deed::SetRules(body) => {
                self.seal(graph, node);
                self.view.rules_version = self.view.rules_version.max(body.rules_version);
                // What follows under rules that are not carried here is not guessed at.
                if body.rules_version > RULES_VERSION {
                    self.view.beyond_rules.insert(node.id);
                }
            }
            Deed::Beyond => drop(self.view.beyond_rules.insert(node.id)),
            _ => {}
        }
    }

    /// The highest is the one with most in its past.
    fn seal(&mut self, graph: &Graph, node: &Node) {
        self.view.height += 1;
        let highest = self.checkpoint.map(|place| graph.node(place));
        if highest.is_none_or(|highest| (highest.depth, highest.id) < (node.depth, node.id)) {
            self.checkpoint = Some(node.place);
        }
    }
}
