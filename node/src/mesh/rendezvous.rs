//! At a relay: who seeks the same. The relay knows tags, and not of what; whom it lets find each other, it lets carry a link
//! through it.

use nexus_core::PeerKey;
use nexus_core::sync::frame::{FOUND_MAX, SOUGHT_MAX, Tag};
use std::collections::{BTreeMap, BTreeSet};

/// What is sought, by whom, while their links last.
#[derive(Debug, Default)]
pub(super) struct Rendezvous {
    sought: BTreeMap<PeerKey, BTreeSet<Tag>>,
    seekers: BTreeMap<Tag, BTreeSet<PeerKey>>,
}

impl Rendezvous {
    /// A peer seeks these from now on, and nothing else; whom it finds. Each of them has found it, too.
    pub(super) fn seek(&mut self, peer: PeerKey, tags: Vec<Tag>) -> Vec<PeerKey> {
        self.gone(&peer);
        let tags: BTreeSet<Tag> = tags.into_iter().take(SOUGHT_MAX).collect();
        let mut found = BTreeSet::new();
        for tag in &tags {
            let seekers = self.seekers.entry(*tag).or_default();
            let room = FOUND_MAX.saturating_sub(found.len());
            found.extend(seekers.iter().take(room).copied());
            seekers.insert(peer);
        }
        self.sought.insert(peer, tags);
        found.into_iter().take(FOUND_MAX).collect()
    }

    pub(super) fn gone(&mut self, peer: &PeerKey) {
        for tag in self.sought.remove(peer).into_iter().flatten() {
            if let Some(seekers) = self.seekers.get_mut(&tag) {
                seekers.remove(peer);
                if seekers.is_empty() {
                    self.seekers.remove(&tag);
                }
            }
        }
    }

    /// Whether two seek the same.
    pub(super) fn have_met(&self, one: &PeerKey, other: &PeerKey) -> bool {
        match (self.sought.get(one), self.sought.get(other)) {
            (Some(one), Some(other)) => !one.is_disjoint(other),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> PeerKey {
        PeerKey([number; 32])
    }

    fn tag(number: u8) -> Tag {
        Tag([number; 16])
    }

    #[test]
    fn who_seeks_the_same_is_found_while_both_are_there_and_nobody_else() {
        let mut rendezvous = Rendezvous::default();
        assert_eq!(rendezvous.seek(key(1), vec![tag(1), tag(2)]), []);
        assert_eq!(rendezvous.seek(key(2), vec![tag(3)]), []);
        assert_eq!(rendezvous.seek(key(3), vec![tag(2), tag(3)]), [key(1), key(2)]);
        assert!(rendezvous.have_met(&key(1), &key(3)) && !rendezvous.have_met(&key(1), &key(2)));
        assert_eq!(rendezvous.seek(key(3), vec![tag(3)]), [key(2)], "it seeks the other no more");
        assert!(!rendezvous.have_met(&key(1), &key(3)));
        rendezvous.gone(&key(3));
        assert!(!rendezvous.have_met(&key(2), &key(3)) && !rendezvous.have_met(&key(9), &key(9)));
        rendezvous.gone(&key(1));
        rendezvous.gone(&key(2));
        assert!(rendezvous.seekers.is_empty() && rendezvous.sought.is_empty(), "nothing is kept of them");
    }

    #[test]
    fn a_crowd_is_named_in_part_and_a_flood_of_tags_is_cut() {
        let mut rendezvous = Rendezvous::default();
        for number in 0..200 {
            assert!(rendezvous.seek(key(number), vec![tag(1)]).len() <= FOUND_MAX);
        }
        let many = (0..2_000u16)
            .map(|number| Tag([&number.to_be_bytes()[..], &[0; 14]].concat().try_into().unwrap()));
        rendezvous.seek(key(1), many.collect());
        assert_eq!(rendezvous.sought[&key(1)].len(), SOUGHT_MAX);
    }
}
