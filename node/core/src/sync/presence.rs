//! Who is seen by others: said on links, kept nowhere.

use super::hearsay::{Hearsay, Spoken};
use imbl::OrdMap;
use minicbor::{Decode, Encode};
use nexus_crdt::id::{ChannelId, SpaceId, UserId};

/// Activities that are shown of one account.
pub const ACTIVITIES_MAX: usize = 5;
/// Characters of each text of an activity.
pub const ACTIVITY_TEXT_MAX: usize = 128;

/// How somebody who is there is seen. Who is not there, or wants not to be seen, has none.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Presence {
    /// In a word.
    #[n(0)]
    pub status: Status,
    /// At most [`ACTIVITIES_MAX`].
    #[n(1)]
    pub activities: Vec<Activity>,
    /// In which voice channel; only who sees that is told.
    #[n(2)]
    pub voice: Option<Voice>,
}

/// That somebody is in a voice channel, as they say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Voice {
    /// The guild.
    #[n(0)]
    pub space: SpaceId,
    /// Where.
    #[n(1)]
    pub channel: ChannelId,
    /// They say nothing.
    #[n(2)]
    pub muted: bool,
    /// They hear nothing.
    #[n(3)]
    pub deafened: bool,
    /// They show themselves.
    #[n(4)]
    pub video: bool,
}

/// In a word, how somebody is there. Of several devices the first of these is what is seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Status {
    /// There.
    #[n(0)]
    Online,
    /// There, and not to be disturbed.
    #[n(1)]
    DoNotDisturb,
    /// Has not done anything for a while.
    #[n(2)]
    Idle,
}

/// What somebody is doing, as they or their bot say it. Texts have at most [`ACTIVITY_TEXT_MAX`] characters.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Activity {
    /// Of what.
    #[n(0)]
    pub name: String,
    /// Discord's number of the kind of activity.
    #[n(1)]
    pub kind: u8,
    /// What in it.
    #[n(2)]
    pub state: Option<String>,
    /// Where it is to be seen.
    #[n(3)]
    pub url: Option<String>,
}

/// Everybody who is seen. Cheap to clone.
pub type Presences = OrdMap<UserId, Presence>;

/// What one program knows of who is there: those who are here, and those whom peers speak of.
pub type Seen = Hearsay<UserId, Presence>;

impl Presence {
    pub(super) fn is_bounded(&self) -> bool {
        let short = |text: &String| text.chars().count() <= ACTIVITY_TEXT_MAX;
        self.activities.len() <= ACTIVITIES_MAX
            && self.activities.iter().all(|activity| {
                [Some(&activity.name), activity.state.as_ref(), activity.url.as_ref()]
                    .into_iter()
                    .flatten()
                    .all(short)
            })
    }
}

impl Spoken for Presence {
    fn best<'a>(said: impl Iterator<Item = &'a Self> + Clone) -> Option<Self> {
        // Whichever device is in a voice channel, the person is.
        let voice = said.clone().find_map(|presence| presence.voice);
        let best = said.min_by_key(|presence| presence.status).cloned();
        best.map(|best| Self { voice, ..best })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: UserId = UserId([1; 32]);

    fn shown(status: Status) -> Option<Presence> {
        Some(Presence { status, activities: Vec::new(), voice: None })
    }

    #[test]
    fn a_relay_passes_on_what_people_say_of_themselves_and_a_node_nothing() {
        let mut seen = Seen::default();
        seen.heard(1, ANN, shown(Status::Online), true);
        assert_eq!(seen.told(true).get(&ANN), shown(Status::Online).as_ref());
        assert!(seen.told(false).is_empty());
        assert_eq!(seen.elsewhere().get(&ANN), shown(Status::Online).as_ref());
    }

    #[test]
    fn what_is_hearsay_is_seen_and_not_passed_on() {
        let mut seen = Seen::default();
        seen.heard(1, ANN, shown(Status::Online), false);
        assert!(seen.told(true).is_empty());
        assert!(seen.elsewhere().contains_key(&ANN));
    }

    #[test]
    fn of_several_devices_the_most_present_is_seen_and_the_last_to_end_takes_it_along() {
        let mut seen = Seen::default();
        seen.heard(1, ANN, shown(Status::Idle), true);
        seen.heard(2, ANN, shown(Status::Online), true);
        assert_eq!(seen.elsewhere().get(&ANN), shown(Status::Online).as_ref());
        seen.gone(2);
        assert_eq!(seen.elsewhere().get(&ANN), shown(Status::Idle).as_ref());
        seen.gone(1);
        assert!(seen.elsewhere().is_empty() && seen.told(true).is_empty() && seen.has_heard_nothing());
    }

    #[test]
    fn whichever_device_is_in_a_voice_channel_the_person_is() {
        let voice = Some(Voice {
            space: SpaceId([2; 32]),
            channel: ChannelId([3; 32]),
            muted: true,
            deafened: false,
            video: false,
        });
        let mut seen = Seen::default();
        seen.heard(1, ANN, Some(Presence { status: Status::Idle, activities: Vec::new(), voice }), true);
        seen.heard(2, ANN, shown(Status::Online), true);
        let is = seen.elsewhere().get(&ANN).map(|presence| (presence.status, presence.voice));
        assert_eq!(is, Some((Status::Online, voice)));
        seen.gone(1);
        assert_eq!(seen.elsewhere().get(&ANN), shown(Status::Online).as_ref());
    }

    #[test]
    fn how_one_is_seen_here_is_what_others_are_told() {
        let mut seen = Seen::default();
        seen.heard(1, ANN, shown(Status::Online), true);
        seen.here(ANN, shown(Status::DoNotDisturb));
        assert_eq!(seen.told(true).get(&ANN), shown(Status::DoNotDisturb).as_ref());
        seen.here(ANN, None);
        assert_eq!(seen.told(true).get(&ANN), shown(Status::Online).as_ref());
    }
}
