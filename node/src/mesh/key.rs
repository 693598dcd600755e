//! A program's key in the mesh: random, its own, and no key of an account.

use crate::secret_file;
use libp2p::PeerId;
use libp2p::identity::{Keypair, PublicKey};
use nexus_core::PeerKey;
use std::io;
use std::path::Path;

/// The key in a data folder, made where there is none.
pub(super) fn keep(data: &Path) -> io::Result<Keypair> {
    let mut seed = secret_file::keep(&data.join("mesh.key"))?;
    Keypair::ed25519_from_bytes(&mut seed).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// The key as it is written in cursors and shown; none where it is of another kind than Ed25519.
pub(super) fn peer_key(key: &PublicKey) -> Option<PeerKey> {
    key.clone().try_into_ed25519().ok().map(|key| PeerKey(key.to_bytes()))
}

/// The key behind a libp2p name: Ed25519 names hold their key whole (libp2p specs, peer-ids).
pub(super) fn key_of(peer: &PeerId) -> Option<PeerKey> {
    const IDENTITY: u64 = 0;
    let hash = peer.as_ref();
    if hash.code() != IDENTITY {
        return None;
    }
    PublicKey::try_decode_protobuf(hash.digest()).ok().as_ref().and_then(peer_key)
}

/// .. and the libp2p name of a key; none where the bytes are no key.
pub(super) fn name_of(key: &PeerKey) -> Option<PeerId> {
    let key = libp2p::identity::ed25519::PublicKey::try_from_bytes(&key.0).ok()?;
    Some(PublicKey::from(key).to_peer_id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_its_key_and_a_name_gives_the_key_back() {
        let folder = tempfile::tempdir().unwrap();
        let first = keep(folder.path()).unwrap();
        assert_eq!(keep(folder.path()).unwrap().public(), first.public());
        let key = peer_key(&first.public()).unwrap();
        assert_eq!(key_of(&first.public().to_peer_id()), Some(key));
        assert_eq!(name_of(&key), Some(first.public().to_peer_id()));
    }
}
