//! The tests that bodies put their fields to. Lengths of text are in characters (Unicode scalar values).

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

pub(super) type Limit = Result<(), &'static str>;

pub(super) const COLOR_MAX: u32 = 0xff_ffff;
/// Bytes of a URL.
const URL_MAX: usize = 2_048;
/// Base URLs of relays in one list.
const RELAYS_MAX: usize = 8;

pub(super) fn hold(rule: bool, what: &'static str) -> Limit {
    if rule { Ok(()) } else { Err(what) }
}

pub(super) fn chars(text: &str, range: RangeInclusive<usize>, what: &'static str) -> Limit {
    hold(range.contains(&text.chars().count()), what)
}

pub(super) fn chars_if(text: Option<&String>, range: RangeInclusive<usize>, what: &'static str) -> Limit {
    text.map_or(Ok(()), |text| chars(text, range, what))
}

/// Ascending, each once.
pub(super) fn ascending<T: PartialOrd>(list: &[T], max: usize, what: &'static str) -> Limit {
    hold(list.len() <= max && list.is_sorted_by(|a, b| a < b), what)
}

/// Each once, in whatever order.
pub(super) fn distinct<T: Ord>(
    list: impl ExactSizeIterator<Item = T>,
    max: usize,
    what: &'static str,
) -> Limit {
    let len = list.len();
    hold(len <= max && list.collect::<BTreeSet<_>>().len() == len, what)
}

/// A link that a screen may follow or fetch: never a script.
pub(super) fn link(url: &str) -> Limit {
    has_scheme(url, &["https://", "http://", "attachment://"])
}

/// Where another program is asked.
pub(super) fn address(url: &str) -> Limit {
    has_scheme(url, &["https://", "http://"])
}

pub(super) fn relays(urls: &[String]) -> Limit {
    distinct(urls.iter(), RELAYS_MAX, "at most 8 relays, each once")?;
    urls.iter().try_for_each(|url| address(url))
}

fn has_scheme(url: &str, schemes: &[&str]) -> Limit {
    let plain = url.len() <= URL_MAX && !url.chars().any(char::is_control);
    hold(
        plain && schemes.iter().any(|scheme| url.starts_with(scheme)),
        "no URL of an allowed kind and length",
    )
}
