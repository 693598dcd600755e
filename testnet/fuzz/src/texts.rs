//! Short texts that people are handed by others, or type: what is read is written as what reads the same again.

use nexus_core::{BaseUrl, InviteUrl, PeerAddress, RecoveryKey};
use nexus_crdt::pattern::Pattern;
use std::fmt::{Debug, Display};
use std::str::FromStr;

fn reads_back<T: FromStr + Display + PartialEq + Debug>(data: &[u8]) {
    let Some(read) = std::str::from_utf8(data).ok().and_then(|text| text.parse::<T>().ok()) else { return };
    let written = read.to_string();
    assert!(written.parse().is_ok_and(|again: T| again == read), "{read:?} is written {written}");
}

pub(crate) fn invite_url(data: &[u8]) {
    reads_back::<InviteUrl>(data);
}

pub(crate) fn base_url(data: &[u8]) {
    reads_back::<BaseUrl>(data);
}

pub(crate) fn peer_address(data: &[u8]) {
    reads_back::<PeerAddress>(data);
}

/// However it was broken into groups, it is the same key.
pub(crate) fn recovery_key(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some(secret) = RecoveryKey::typed(text).secret() else { return };
    let digits: String = text.chars().filter(|each| !each.is_whitespace()).collect();
    let again = RecoveryKey::typed(&digits).secret();
    assert!(again.is_some_and(|again| again.public() == secret.public()));
}

/// A pattern up to the first line's end, and a text in which it is looked for: what is found are places between characters, in order.
pub(crate) fn filter_pattern(data: &[u8]) {
    let Some((pattern, text)) = std::str::from_utf8(data).ok().and_then(|data| data.split_once('\n')) else {
        return;
    };
    let Ok(pattern) = Pattern::parse(pattern) else { return };
    if let Some((from, upto)) = pattern.find(text, 0) {
        assert!(from <= upto && text.get(from..upto).is_some(), "{from} to {upto}");
    }
}
