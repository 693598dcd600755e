//! Where members of this node's guilds were dialed, kept in the data folder: two nodes that know no relay find each other again
//! after a night. In `direct` only; it is told to nobody.

use nexus_core::{Addresses, PeerAddress, PeerKey};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The peers that were told, the last to be told last.
#[derive(Debug, Default)]
pub(super) struct AddressBook {
    file: PathBuf,
    entries: BTreeMap<PeerKey, (u64, Addresses)>,
    last: u64,
}

impl AddressBook {
    /// The book of a folder; lines that are none are passed over, so that a broken file costs addresses and nothing else.
    pub(super) fn open(data: &Path) -> Self {
        let mut book = Self { file: data.join("addresses"), ..Self::default() };
        for line in std::fs::read_to_string(&book.file).unwrap_or_default().lines().take(PEERS_MAX) {
            if let Some((peer, addresses)) = entry(line) {
                book.note(peer, addresses);
            }
        }
        book
    }

    /// A peer is there from now on; whether that is new.
    pub(super) fn note(&mut self, peer: PeerKey, addresses: Addresses) -> bool {
        if self.entries.get(&peer).is_some_and(|(_, known)| *known == addresses) {
            return false;
        }
        if self.entries.len() >= PEERS_MAX && !self.entries.contains_key(&peer) {
            let oldest = self.entries.iter().min_by_key(|(_, (age, _))| *age).map(|(peer, _)| *peer);
            oldest.map(|peer| self.entries.remove(&peer));
        }
        self.last += 1;
        self.entries.insert(peer, (self.last, addresses));
        true
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (PeerKey, &Addresses)> {
        self.entries.iter().map(|(peer, (_, addresses))| (*peer, addresses))
    }

    /// What is to be written, and where: by somebody who may wait for a disk.
    pub(super) fn page(&self) -> (PathBuf, String) {
        let mut lines: Vec<_> = self.entries.iter().collect();
        lines.sort_by_key(|(_, (age, _))| *age);
        let mut page = String::new();
        for (peer, (_, addresses)) in lines {
            page.push_str(&hex::encode(peer.0));
            addresses.iter().for_each(|at| page.extend([" ", &at.to_string()]));
            page.push('\n');
        }
        (self.file.clone(), page)
    }
}

/// Writes a page, whole or not at all, for its owner alone (mode 0600).
pub(super) fn write(file: &Path, page: &str) -> io::Result<()> {
    let unfinished = file.with_extension("new");
    let mut to = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    to.write_all(page.as_bytes())?;
    std::fs::rename(&unfinished, file)
}

fn entry(line: &str) -> Option<(PeerKey, Addresses)> {
    let mut words = line.split(' ');
    let peer = PeerKey(hex::decode(words.next()?).ok()?.try_into().ok()?);
    let addresses: Option<Vec<PeerAddress>> = words.map(|word| word.parse().ok()).collect();
    Some((peer, Addresses::new(addresses?)?))
}

const PEERS_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn somewhere(port: u16) -> Addresses {
        Addresses::new(vec![format!("203.0.113.7:{port}").parse().unwrap()]).unwrap()
    }

    #[test]
    fn a_book_is_read_as_it_was_written_by_its_owner_alone_and_lines_that_are_none_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = AddressBook::open(folder.path());
        assert!(book.note(PeerKey([1; 32]), somewhere(1)));
        assert!(book.note(PeerKey([2; 32]), somewhere(2)) && !book.note(PeerKey([2; 32]), somewhere(2)));
        let (file, page) = book.page();
        write(&file, &format!("nonsense\n{page}{} 127.0.0.1:9\n", "03".repeat(32))).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let again = AddressBook::open(folder.path());
        let entries: Vec<_> = again.entries().collect();
        assert_eq!(entries, [(PeerKey([1; 32]), &somewhere(1)), (PeerKey([2; 32]), &somewhere(2))]);
    }

    #[test]
    fn a_book_has_an_end_and_whoever_was_told_longest_ago_makes_room() {
        let mut book = AddressBook::default();
        for number in 0..1_000u16 {
            let mut key = [0; 32];
            key[..2].copy_from_slice(&number.to_be_bytes());
            book.note(PeerKey(key), somewhere(number + 1));
        }
        assert_eq!(book.entries().count(), PEERS_MAX);
        assert_eq!(book.page().1.lines().count(), PEERS_MAX);
        assert!(book.page().1.ends_with("203.0.113.7:1000\n"));
    }
}
