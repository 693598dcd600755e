//! Who comes to see a channel is told of the threads in it: nobody told them before. THREAD_LIST_SYNC.

use super::Registry;
use crate::gateway::dispatch;
use crate::gateway::event::{Event, EventName, Payload, Scope};
use crate::gateway::intents::Intents;
use crate::render;
use crate::rest::guilds::threads::open_to;
use nexus_core::{Change, View};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, RoleId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;
use nexus_node::{Published, Reader};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The channels with open threads that somebody did not see before a batch, and sees after it.
pub(in crate::gateway::hub) type Gained = BTreeMap<(SpaceId, UserId), BTreeSet<ChannelId>>;

/// A guild before a batch and after it.
struct Step<'a> {
    before: &'a GuildView,
    after: &'a GuildView,
    /// Channels that open threads hang on.
    parents: BTreeSet<ChannelId>,
}

/// Of whom and where it is asked whether they see more than before.
enum Reach {
    Channel(ChannelId),
    User(UserId),
    Everything,
}

impl Registry {
    /// Who is about to see channels with open threads. To be asked before the view is the batch's.
    pub(in crate::gateway::hub) fn who_gains(&self, published: &Published) -> Gained {
        let mut gained = Gained::new();
        for space in dispatch::reshaped(&published.changes) {
            let Some(step) = Step::of(&space, &self.view, &published.view) else { continue };
            for reach in published.changes.iter().filter_map(|change| step.reach(&space, change)) {
                match reach {
                    Reach::Channel(channel) => self.of_user.keys().for_each(|user| {
                        step.look(user, &[channel].into(), &mut gained);
                    }),
                    Reach::User(user) if self.of_user.contains_key(&user) => {
                        step.look(&user, &step.parents, &mut gained);
                    }
                    Reach::User(_) => {}
                    Reach::Everything => self.of_user.keys().for_each(|user| {
                        step.look(user, &step.parents, &mut gained);
                    }),
                }
            }
        }
        gained
    }

    /// Tells them.
    pub(in crate::gateway::hub) fn tell_who_gained(&self, gained: &Gained, reader: Option<&Reader>) {
        for ((space, user), channels) in gained {
            let Some(event) = self.view.guilds.get(space).and_then(|guild| {
                let payload = list(&self.view, reader, guild, user, channels)?;
                Some(Event::new(Scope::User(*user), Intents::GUILDS, payload))
            }) else {
                continue;
            };
            for session in self.sessions_of(user) {
                let holds = self.view.guilds.get(space).is_some_and(|it| session.shard.holds(&self.view, it));
                if let Some(payload) = event.heard_by(user, session.intents).filter(|_| holds) {
                    session.run().push(payload.clone());
                }
            }
        }
    }
}

impl<'a> Step<'a> {
    /// None where there is nothing to be told of.
    fn of(space: &SpaceId, before: &'a View, after: &'a View) -> Option<Self> {
        let (before, after) = (before.guilds.get(space)?, after.guilds.get(space)?);
        let open = after
            .channels
            .values()
            .filter(|channel| channel.thread.as_ref().is_some_and(|thread| !thread.archived));
        // What was not there before had no threads of which somebody was not told.
        let parents: BTreeSet<ChannelId> =
            open.filter_map(|channel| channel.parent).filter(|it| before.channels.contains_key(it)).collect();
        (!parents.is_empty()).then_some(Self { before, after, parents })
    }

    fn reach(&self, space: &SpaceId, change: &Change) -> Option<Reach> {
        let Self { before, after, parents } = self;
        let permits = |guild: &GuildView, role: &RoleId| guild.roles.get(role).map(|role| role.permissions);
        match change {
            Change::ChannelUpdated { space: of, channel } if of == space => {
                parents.contains(channel).then_some(Reach::Channel(*channel))
            }
            Change::MemberUpdated { space: of, user } if of == space => Some(Reach::User(*user)),
            Change::RoleUpdated { space: of, role } if of == space => {
                (permits(before, role) != permits(after, role)).then_some(Reach::Everything)
            }
            // With it went what it was denied.
            Change::RoleDeleted { space: of, .. } if of == space => Some(Reach::Everything),
            Change::GuildUpdated { space: of } if of == space => {
                (before.ownership.owners != after.ownership.owners).then_some(Reach::Everything)
            }
            _ => None,
        }
    }

    fn look(&self, user: &UserId, channels: &BTreeSet<ChannelId>, gained: &mut Gained) {
        // Whose guild begins with the batch is told of everything in it.
        if !self.before.members.contains_key(user) {
            return;
        }
        let sees = |guild: &GuildView, channel: &ChannelId| {
            guild.permissions_in(user, channel).has(Permissions::VIEW_CHANNEL)
        };
        let new = channels.iter().filter(|it| sees(self.after, it) && !sees(self.before, it));
        for channel in new {
            gained.entry((self.after.facts.id, *user)).or_default().insert(*channel);
        }
    }
}

/// None where the account sees none of the threads there.
fn list(
    view: &View,
    reader: Option<&Reader>,
    guild: &GuildView,
    user: &UserId,
    channels: &BTreeSet<ChannelId>,
) -> Option<std::sync::Arc<Payload>> {
    let mut threads = open_to(guild, user);
    threads.retain(|thread| thread.parent.is_some_and(|parent| channels.contains(&parent)));
    if threads.is_empty() {
        return None;
    }
    let mut data = render::thread_list(view, reader?, guild, user, &threads).ok()?;
    data.insert(String::from("guild_id"), json!(render::number(view, guild.facts.id)));
    let channels: Vec<String> = channels.iter().map(|channel| render::number(view, *channel)).collect();
    data.insert(String::from("channel_ids"), json!(channels));
    Some(Payload::new(EventName::ThreadListSync, &data))
}
