//! For `testnet/fuzz`: what is shown to be let in, read as its door reads it.

use super::fields::{Email, Username};
use super::tokens::Signer;
use super::{oauth, second_factor};
use nexus_crdt::id::UserId;

/// An access token. One alone is signed here, and lies in the corpus.
///
/// # Panics
/// Where another speaks for somebody.
pub fn access_token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = Signer::new(&[7; 32]).read(text, 1_000);
    assert!(
        read.is_none_or(|read| read == (UserId([1; 32]), [2; 16])),
        "nobody who has the key has signed it"
    );
}

/// A refresh token of an application, and the proof and address that come with a code: a line each.
///
/// # Panics
/// Where an address that is taken leads elsewhere than it looks.
pub fn grant(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    oauth::fuzz(next(), next(), next(), next());
}

/// The secret of an authenticator, a code, a recovery code, a ticket: a line each.
///
/// # Panics
/// Where a code is good that the authenticator does not show, or a ticket that nobody gave.
pub fn authenticator(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    second_factor::fuzz(next(), next(), next(), next());
}

/// A name and an address, a line each, as they are typed.
///
/// # Panics
/// Where what was read is not read again as the same.
pub fn entrance(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (name, email) = text.split_once('\n').unwrap_or((text, text));
    for name in [Username::parse(name), Username::near(name)].into_iter().flatten() {
        assert_eq!(Username::parse(name.as_str()), Some(name));
    }
    if let Some(email) = Email::parse(email) {
        assert_eq!(Email::parse(email.as_str()), Some(email));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_of_the_corpus_is_one() {
        let signed = Signer::new(&[7; 32]).sign(&UserId([1; 32]), &[2; 16], 1_000).unwrap();
        let kept = include_str!("../../../testnet/fuzz/corpus/access_token/signed");
        assert_eq!(kept, signed);
    }
}
