//! Discord's marks in text, in and out: `<@1>`, `<@!1>`, `<#1>`, `<@&1>`, `<:name:1>`, `<a:name:1>`.
//!
//! Inside, a mention is an index into a table of ids, since numbers differ between programs. A mark whose number means
//! nothing here stays the text it is.

use nexus_api_model::{AllowedMentions, Number};
use nexus_core::{Snowflake, View};
use nexus_crdt::body::content::Pings;
use nexus_crdt::body::governance::is_emoji_name;
use nexus_crdt::body::rich_text::{Part, Refs, RichText};
use nexus_crdt::id::{ChannelId, OpId, RoleId, UserId};

/// What bounds the pings of a message.
pub(crate) struct Leave<'a> {
    /// What the client lets it ping; without a word everything, as on Discord.
    pub(crate) allowed: Option<&'a AllowedMentions>,
    /// Whether it answers a message.
    pub(crate) answers: bool,
}

/// Most different things one message may mention; later marks stay text.
const REFS_MAX: usize = 100;

/// Reads marks; what they name joins `refs`.
pub(crate) fn parse(view: &View, content: &str, refs: &mut Refs) -> RichText {
    let mut parts: Vec<Part> = Vec::new();
    let mut plain = String::new();
    let mut rest = content;
    while let Some(open) = rest.find('<') {
        let (before, from) = rest.split_at(open);
        plain.push_str(before);
        match mark(view, from, refs) {
            Some((part, after)) => {
                flush(&mut plain, &mut parts);
                parts.push(part);
                rest = after;
            }
            None => {
                plain.push('<');
                rest = &from[1..];
            }
        }
    }
    plain.push_str(rest);
    flush(&mut plain, &mut parts);
    RichText(parts)
}

/// Writes marks with this program's numbers.
pub(crate) fn write(view: &View, text: &RichText, refs: &Refs) -> String {
    let number = |index: &u32| refs.get(*index).map_or(0, |id| view.ids.of(id).0);
    let each = text.0.iter().map(|part| match part {
        Part::Text(text) => text.clone(),
        Part::User(index) => format!("<@{}>", number(index)),
        Part::Channel(index) => format!("<#{}>", number(index)),
        Part::Role(index) => format!("<@&{}>", number(index)),
        // An emoji of a guild that is not held here is its name.
        Part::Emoji(index, name, _) if number(index) == 0 => format!(":{name}:"),
        Part::Emoji(index, name, animated) => {
            format!("<{}:{name}:{}>", if *animated { "a" } else { "" }, number(index))
        }
    });
    each.collect()
}

/// Who is to be pinged: what the text names, as far as the client allows. What the author may, the core decides.
pub(crate) fn pings(view: &View, text: &RichText, refs: &Refs, raw: &str, leave: &Leave<'_>) -> Pings {
    let allowed = leave.allowed;
    let all = |kind: &str| allowed.is_none_or(|allowed| allowed.parses(kind));
    let named = |list: fn(&AllowedMentions) -> &Vec<Number>, index: u32| {
        let number = refs.get(index).map(|id| Number(view.ids.of(id).0));
        allowed.is_some_and(|allowed| list(allowed).iter().any(|each| Some(*each) == number))
    };
    let mut indices: Vec<u32> = text
        .0
        .iter()
        .filter_map(|part| match part {
            Part::User(index) => (all("users") || named(|allowed| &allowed.users, *index)).then_some(*index),
            Part::Role(index) => (all("roles") || named(|allowed| &allowed.roles, *index)).then_some(*index),
            _ => None,
        })
        .collect();
    indices.sort_unstable();
    indices.dedup();
    let calls_everyone = raw.contains("@everyone") || raw.contains("@here");
    Pings {
        everyone: calls_everyone && all("everyone"),
        replied: leave.answers
            && allowed.and_then(|allowed| allowed.replied_user).unwrap_or(allowed.is_none()),
        refs: indices,
    }
}

fn flush(plain: &mut String, parts: &mut Vec<Part>) {
    if !plain.is_empty() {
        parts.push(Part::Text(std::mem::take(plain)));
    }
}

/// The mark that `from` begins with, and what follows it.
fn mark<'a>(view: &View, from: &'a str, refs: &mut Refs) -> Option<(Part, &'a str)> {
    // The longest mark is an emoji of 32 characters with a number of 20 digits.
    let close = from.bytes().take(64).position(|byte| byte == b'>')?;
    let inner = from.get(1..close)?;
    let after = from.get(close + 1..)?;
    if let Some(mark) = emoji(view, inner, refs) {
        return Some((mark, after));
    }
    let (kind, digits) =
        ["@!", "@&", "@", "#"].iter().find_map(|kind| Some((*kind, inner.strip_prefix(kind)?)))?;
    let op = view.ids.op(Snowflake(number(digits)?))?;
    let known = match kind {
        "#" => view.channels.contains_key(&ChannelId::from(op)),
        "@&" => view.guilds.values().any(|guild| guild.roles.contains_key(&RoleId::from(op))),
        _ => view.users.contains_key(&UserId::from(op)),
    };
    let index = place(refs, op, known)?;
    let part = match kind {
        "#" => Part::Channel(index),
        "@&" => Part::Role(index),
        _ => Part::User(index),
    };
    Some((part, after))
}

/// A number as it is written again: `+5` and `05` are what somebody typed, and stay so.
fn number(digits: &str) -> Option<u64> {
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| is_plain)
}

/// `:name:1`, or `a:name:1` where it moves.
fn emoji(view: &View, inner: &str, refs: &mut Refs) -> Option<Part> {
    let (animated, rest) = match inner.strip_prefix('a') {
        Some(rest) if rest.starts_with(':') => (true, rest),
        _ => (false, inner),
    };
    let (name, digits) = rest.strip_prefix(':')?.split_once(':')?;
    let op = view.ids.op(Snowflake(number(digits)?))?;
    let guilds = || view.guilds.values().any(|guild| guild.emojis.contains_key(&op));
    let bots = || view.applications.values().any(|bot| bot.emojis.contains_key(&op));
    let known = is_emoji_name(name) && (guilds() || bots());
    Some(Part::Emoji(place(refs, op, known)?, name.to_owned(), animated))
}

fn place(refs: &mut Refs, op: OpId, known: bool) -> Option<u32> {
    (known && (refs.0.len() < REFS_MAX || refs.0.contains(&op))).then(|| refs.index_of(op))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nexus_core::User;

    fn view_with(number: u64) -> View {
        let mut view = View::default();
        let id = UserId([7; 32]);
        view.users.insert(id, User::named(id, String::from("Ada")));
        view.ids.insert(Snowflake(number), id.into());
        view
    }

    #[test]
    fn a_mention_is_written_back_with_the_readers_own_number() {
        let mut refs = Refs::default();
        let text = parse(&view_with(5), "hi <@5>, <@!5>!", &mut refs);
        assert_eq!(refs.0.len(), 1);
        assert_eq!(write(&view_with(99), &text, &refs), "hi <@99>, <@99>!");
    }

    #[test]
    fn marks_that_mean_nothing_here_stay_the_text_they_are() {
        let mut refs = Refs::default();
        for content in [
            "<@6>",
            "<",
            "<<@",
            "a <b> c",
            "<@99999999999999999999999>",
            "<@+5>",
            "<@05>",
            "<#5>",
            "<é>",
            "<@5",
        ] {
            let text = parse(&view_with(5), content, &mut refs);
            assert_eq!(write(&view_with(5), &text, &refs), content);
            assert!(refs.0.is_empty(), "{content} left an id behind that nothing mentions");
        }
    }

    #[test]
    fn nobody_is_pinged_whom_the_client_did_not_allow() {
        let (view, mut refs) = (view_with(5), Refs::default());
        let text = parse(&view, "<@5>", &mut refs);
        let none: AllowedMentions = serde_json::from_str(r#"{"parse":[]}"#).unwrap();
        let some: AllowedMentions = serde_json::from_str(r#"{"users":["5"]}"#).unwrap();
        let pinged = |allowed| {
            let leave = Leave { allowed, answers: true };
            pings(&view, &text, &refs, "@everyone", &leave)
        };
        assert_eq!(pinged(None).refs, [0]);
        assert!(pinged(None).replied);
        assert!(pinged(Some(&none)).refs.is_empty() && !pinged(Some(&none)).replied);
        assert_eq!(pinged(Some(&some)).refs, [0]);
        assert!(pinged(None).everyone && !pinged(Some(&none)).everyone);
    }
}
