//! Who is online: accounts with an open gateway session here, and those that peers speak of. Never stored.

use super::frame::{Activity, PresenceWish};
use super::voice;
use imbl::ordmap::DiffItem;
use nexus_core::View;
use nexus_core::sync::presence::{self, ACTIVITIES_MAX, ACTIVITY_TEXT_MAX, Presence, Status, Voice};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{SpaceId, UserId};
use serde::Serialize;

/// Everybody who is not offline. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Presences {
    here: presence::Presences,
    elsewhere: presence::Presences,
    /// Only who is in which voice channel is to be seen of it.
    hidden: bool,
}

/// A presence as the API shows it.
#[derive(Serialize)]
pub(crate) struct Shown {
    user: PartialUser,
    #[serde(skip_serializing_if = "Option::is_none")]
    guild_id: Option<String>,
    status: &'static str,
    activities: Vec<Activity>,
    client_status: ClientStatus,
}

#[derive(Serialize)]
struct PartialUser {
    id: String,
}

#[derive(Serialize)]
struct ClientStatus {
    #[serde(skip_serializing_if = "Option::is_none")]
    web: Option<&'static str>,
}

/// As asked for, within bounds. Who wants to be invisible is offline to everybody.
pub(crate) fn from_wish(wish: &PresenceWish) -> Option<Presence> {
    let status = match wish.status.as_deref() {
        Some("idle") => Status::Idle,
        Some("dnd") => Status::DoNotDisturb,
        Some("invisible" | "offline") => return None,
        _ => Status::Online,
    };
    let wished = wish.activities.iter().flatten().chain(wish.game.iter());
    let activities = wished.take(ACTIVITIES_MAX).map(shortened).collect();
    Some(Presence { status, activities, voice: None })
}

impl Presences {
    /// Keeps how somebody here is seen; whether that changed what is seen.
    pub(crate) fn set(&mut self, user: UserId, presence: Option<Presence>) -> bool {
        let before = self.of(&user).cloned();
        match presence {
            Some(presence) => self.here.insert(user, presence),
            None => self.here.remove(&user),
        };
        self.of(&user) != before.as_ref()
    }

    /// Who is in a voice channel of a guild, as far as they say: here before elsewhere.
    pub(crate) fn voices<'a>(&'a self, guild: &'a GuildView) -> impl Iterator<Item = (UserId, Voice)> + 'a {
        let elsewhere = self.elsewhere.iter().filter(|(user, _)| !self.here.contains_key(*user));
        let all = self.here.iter().chain(elsewhere);
        all.filter_map(|(user, presence)| Some((*user, presence.voice?)))
            .filter(|(user, it)| voice::may_be(guild, user, it))
    }

    /// Where somebody says they are.
    pub(crate) fn voice_of(&self, user: &UserId) -> Option<Voice> {
        self.of(user)?.voice
    }

    /// The same, of which only the voice channels are to be seen.
    pub(crate) fn but_for_voices(&self) -> Self {
        Self { hidden: true, ..self.clone() }
    }

    /// Whom peers speak of.
    pub(crate) const fn elsewhere(&self) -> &presence::Presences {
        &self.elsewhere
    }

    /// How somebody here is seen.
    pub(crate) fn here(&self, user: &UserId) -> Option<&Presence> {
        self.here.get(user)
    }

    /// Nobody is here any more.
    pub(crate) fn clear_here(&mut self) -> Vec<UserId> {
        std::mem::take(&mut self.here).keys().copied().collect()
    }

    /// Keeps whom peers speak of, and says who is seen otherwise than before.
    pub(crate) fn set_elsewhere(&mut self, now: presence::Presences) -> Vec<UserId> {
        let before = std::mem::replace(&mut self.elsewhere, now);
        let user_of = |change: DiffItem<'_, '_, UserId, Presence>| match change {
            DiffItem::Add(user, _) | DiffItem::Remove(user, _) | DiffItem::Update { old: (user, _), .. } => {
                *user
            }
        };
        let changed = before.diff(&self.elsewhere).map(user_of);
        changed.filter(|user| !self.here.contains_key(user)).collect()
    }

    /// As a PRESENCE_UPDATE says it; in GUILD_CREATE and chunks without the guild. None for an unknown account.
    pub(crate) fn in_guild(&self, view: &View, user: &UserId, guild: Option<&SpaceId>) -> Option<Shown> {
        let id = view.users.get(user).map(|user| view.ids.of(user.id).0.to_string())?;
        let guild_id = guild.map(|guild| view.ids.of(*guild).0.to_string());
        let presence = self.of(user);
        let status = presence.map(|presence| word(presence.status));
        Some(Shown {
            user: PartialUser { id },
            guild_id,
            status: status.unwrap_or("offline"),
            activities: presence.into_iter().flat_map(|presence| &presence.activities).map(shown).collect(),
            client_status: ClientStatus { web: status },
        })
    }

    /// Whether somebody is not offline.
    pub(crate) fn is_online(&self, user: &UserId) -> bool {
        self.of(user).is_some()
    }

    // What somebody here says of themselves goes before what a peer says of them.
    fn of(&self, user: &UserId) -> Option<&Presence> {
        if self.hidden { None } else { self.here.get(user).or_else(|| self.elsewhere.get(user)) }
    }
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Online => "online",
        Status::DoNotDisturb => "dnd",
        Status::Idle => "idle",
    }
}

fn shortened(activity: &Activity) -> presence::Activity {
    let short = |text: &String| text.chars().take(ACTIVITY_TEXT_MAX).collect();
    presence::Activity {
        name: short(&activity.name),
        kind: activity.kind,
        state: activity.state.as_ref().map(short),
        url: activity.url.as_ref().map(short),
    }
}

fn shown(activity: &presence::Activity) -> Activity {
    let presence::Activity { name, kind, state, url } = activity.clone();
    Activity { name, kind, state, url }
}
