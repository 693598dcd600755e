//! What is sealed for one key, or under one that several share: nothing opens but what was sealed, and that opens as it was.

use nexus_crdt::body::content as c;
use nexus_crypto::{Handed, SecretKey, SharedKey};

const INFO: &[u8] = b"for this";

/// A key that is handed on by HPKE: what came, and what is made of it here.
pub(crate) fn handed(data: &[u8]) {
    let key = SecretKey::from_seed(&[7; 32]);
    if let Some((enc, ciphertext)) = data.split_first_chunk::<32>() {
        let came = Handed { enc: *enc, ciphertext: ciphertext.to_vec() };
        assert!(key.take(&came, INFO).is_none(), "nobody who knows the key has sealed it");
    }
    let own = key.public().hand(&[9; 32], INFO, data);
    assert!(key.take(&own, INFO).is_some_and(|opened| *opened == data));
    assert!(key.take(&own, b"for that").is_none());
    let mut changed = own;
    let place = data.first().map_or(0, |byte| usize::from(*byte) % changed.ciphertext.len());
    changed.ciphertext[place] ^= 1;
    assert!(key.take(&changed, INFO).is_none());
}

/// Notes as they are kept, under a key that the account's devices share.
pub(crate) fn shared(data: &[u8]) {
    let key = SharedKey::new(&[7; 32]);
    assert!(key.open(INFO, data).is_none(), "nobody who has the key has sealed it");
    let own = key.seal(&[9; 24], INFO, data);
    let opened = key.open(INFO, &own);
    assert!(opened.as_ref().is_some_and(|opened| **opened == data) && key.open(b"for that", &own).is_none());
    let Some(notes) = opened.and_then(|opened| c::sealing::unpack(&opened).ok()) else { return };
    assert_eq!(c::sealing::unpack(&c::sealing::pack(&notes)).ok(), Some(notes));
}
