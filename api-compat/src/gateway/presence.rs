//! Who is online, as accounts with an open gateway session say it. Never stored.

use super::frame::{Activity, PresenceWish};
use imbl::OrdMap;
use nexus_core::View;
use nexus_crdt::id::{SpaceId, UserId};
use serde::Serialize;

/// Activities of one account that are shown.
const ACTIVITIES_MAX: usize = 5;
/// Characters of each text in an activity.
const TEXT_MAX: usize = 128;

/// How an account is seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Presence {
    status: &'static str,
    activities: Vec<Activity>,
}

/// Everybody who is not offline. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Presences(OrdMap<UserId, Presence>);

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

impl Presence {
    /// Of who has no session.
    pub(crate) const fn offline() -> Self {
        Self { status: "offline", activities: Vec::new() }
    }

    /// As asked for, within bounds. Who wants to be invisible is offline to everybody.
    pub(crate) fn from_wish(wish: &PresenceWish) -> Self {
        let status = match wish.status.as_deref() {
            Some("idle") => "idle",
            Some("dnd") => "dnd",
            Some("invisible" | "offline") => return Self::offline(),
            _ => "online",
        };
        let wished = wish.activities.iter().flatten().chain(wish.game.iter());
        let activities = wished.take(ACTIVITIES_MAX).map(shortened).collect();
        Self { status, activities }
    }
}

impl Presences {
    /// Keeps one; whether that changed anything.
    pub(crate) fn set(&mut self, user: UserId, presence: Presence) -> bool {
        if presence.status == "offline" {
            return self.0.remove(&user).is_some();
        }
        self.0.insert(user, presence.clone()) != Some(presence)
    }

    /// As a PRESENCE_UPDATE says it; in GUILD_CREATE and chunks without the guild. None for an unknown account.
    pub(crate) fn in_guild(&self, view: &View, user: &UserId, guild: Option<&SpaceId>) -> Option<Shown> {
        let id = view.users.get(user).map(|user| view.ids.of(user.id).0.to_string())?;
        let guild_id = guild.map(|guild| view.ids.of(*guild).0.to_string());
        let presence = self.0.get(user).cloned().unwrap_or(Presence::offline());
        let web = (presence.status != "offline").then_some(presence.status);
        Some(Shown {
            user: PartialUser { id },
            guild_id,
            status: presence.status,
            activities: presence.activities,
            client_status: ClientStatus { web },
        })
    }

    /// Whether somebody is not offline.
    pub(crate) fn is_online(&self, user: &UserId) -> bool {
        self.0.contains_key(user)
    }
}

fn shortened(activity: &Activity) -> Activity {
    let short = |text: &String| text.chars().take(TEXT_MAX).collect();
    Activity {
        name: short(&activity.name),
        kind: activity.kind,
        state: activity.state.as_ref().map(short),
        url: activity.url.as_ref().map(short),
    }
}
