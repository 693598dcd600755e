//! Filters: what they become, and whom they stop.

use super::GuildView;
use super::deed::Deed;
use super::derived::set::set_if;
use super::graph::{Node, RegisterKey};
use super::state::Filter;
use super::state::channel::Channel;
use crate::body::content::{Edit, Embed, Message, Poll};
use crate::body::governance::{Acts, FilterEdit, FilterFields, Trigger};
use crate::body::rich_text::{Part, Refs, RichText};
use crate::id::{OpId, UserId};
use crate::pattern::{PATTERN_MAX, Pattern};
use crate::permissions::Permissions;
use imbl::OrdMap;
use std::collections::BTreeSet;
use std::mem::discriminant;

/// The registers that an edit writes.
pub(super) fn registers(edit: &FilterEdit) -> Vec<RegisterKey> {
    let fields = &edit.fields;
    let there = [
        fields.name.is_some(),
        fields.trigger.is_some(),
        fields.enabled.is_some(),
        fields.exempt_roles.is_some(),
        fields.exempt_channels.is_some(),
        fields.words.is_some(),
        fields.acts.is_some(),
    ];
    let written = (0u8..).zip(there).filter(|(_, there)| *there);
    written.map(|(number, _)| RegisterKey::Filter(edit.filter, number)).collect()
}

/// What an op makes, where it makes a filter.
pub(super) fn made(node: &Node) -> Option<Filter> {
    let Deed::FilterCreate(body) = &node.deed else { return None };
    let mut filter = Filter {
        id: node.id,
        maker: node.author,
        name: String::new(),
        trigger: body.fields.trigger.clone()?,
        enabled: true,
        exempt_roles: Vec::new(),
        exempt_channels: Vec::new(),
        words: String::new(),
        acts: Acts::default(),
        acts_for: node.author,
    };
    set_fields(&mut filter, &body.fields, node.author, &|_| true);
    Some(filter)
}

/// What an edit sets: all of it, or one register of it.
pub(super) fn set(filters: &mut OrdMap<OpId, Filter>, node: &Node, only: Option<&RegisterKey>) {
    let Deed::FilterEdit(edit) = &node.deed else { return };
    let Some(filter) = filters.get_mut(&edit.filter) else { return };
    let wanted = |number| only.is_none_or(|only| *only == RegisterKey::Filter(edit.filter, number));
    set_fields(filter, &edit.fields, node.author, &wanted);
}

fn set_fields(filter: &mut Filter, fields: &FilterFields, by: UserId, wanted: &dyn Fn(u8) -> bool) {
    set_if(wanted(0), &mut filter.name, &fields.name);
    let same = |trigger: &&Trigger| discriminant(*trigger) == discriminant(&filter.trigger);
    if let Some(trigger) = fields.trigger.as_ref().filter(same).filter(|_| wanted(1)) {
        filter.trigger = trigger.clone();
    }
    set_if(wanted(2), &mut filter.enabled, &fields.enabled);
    set_if(wanted(3), &mut filter.exempt_roles, &fields.exempt_roles);
    set_if(wanted(4), &mut filter.exempt_channels, &fields.exempt_channels);
    set_if(wanted(5), &mut filter.words, &fields.words);
    if let Some(acts) = fields.acts.filter(|_| wanted(6)) {
        (filter.acts, filter.acts_for) = (acts, by);
    }
}

/// What somebody says, as filters read it: every text that is shown, in lower case, and whom it mentions.
#[derive(Debug, Default)]
pub struct Said {
    text: String,
    mentioned: BTreeSet<OpId>,
}

impl Said {
    /// Of a message.
    #[must_use]
    pub fn of_message(message: &Message) -> Self {
        let mut said = Self::default();
        said.add(&message.text, &message.refs);
        said.add_cards(&message.embeds, &message.refs);
        if let Some(Poll { question, answers, .. }) = &message.poll {
            said.add_plain(question);
            answers.iter().for_each(|answer| said.add_plain(&answer.text));
        }
        said
    }

    /// Of an edit.
    #[must_use]
    pub fn of_edit(edit: &Edit) -> Self {
        let mut said = Self::default();
        said.add(&edit.text, &edit.refs);
        said.add_cards(&edit.embeds, &edit.refs);
        said
    }

    fn add_cards(&mut self, cards: &[Embed], refs: &Refs) {
        for card in cards {
            card.title.iter().for_each(|title| self.add_plain(title));
            card.description.iter().for_each(|text| self.add(text, refs));
            for (name, value, _) in &card.fields {
                self.add_plain(name);
                self.add(value, refs);
            }
        }
    }

    fn add(&mut self, text: &RichText, refs: &Refs) {
        for part in &text.0 {
            match part {
                Part::Text(text) => self.add_plain(text),
                Part::User(index) | Part::Role(index) => self.mentioned.extend(refs.get(*index)),
                Part::Channel(_) | Part::Emoji(..) => {}
            }
        }
        // What stands in two texts is no word.
        self.text.push('\n');
    }

    fn add_plain(&mut self, text: &str) {
        self.text.extend(text.chars().flat_map(char::to_lowercase));
        self.text.push(' ');
    }
}

/// A filter that looks at what somebody says and finds what it looks for.
#[derive(Debug)]
pub struct Caught<'a> {
    /// Which.
    pub filter: &'a Filter,
    /// The word or pattern; empty where it is none.
    pub keyword: String,
    /// What of the text it found, in lower case.
    pub matched: String,
}

impl GuildView {
    /// The filter that stops somebody from saying something in a channel; none where they may.
    #[must_use]
    pub fn filter_against(&self, user: &UserId, channel: &Channel, said: &Said) -> Option<&Filter> {
        let caught = self.catching(user, channel, said, |filter| !filter.acts.lets_through);
        caught.first().map(|caught| caught.filter)
    }

    /// All filters that catch what somebody says in a channel, those among them that let it through.
    #[must_use]
    pub fn filters_that_catch(&self, user: &UserId, channel: &Channel, said: &Said) -> Vec<Caught<'_>> {
        self.catching(user, channel, said, |_| true)
    }

    /// Who manages the guild is caught by none. Of more than 16 filters the first by id are asked, so that what is said costs no more
    /// than that.
    fn catching(
        &self,
        user: &UserId,
        channel: &Channel,
        said: &Said,
        wanted: impl Fn(&Filter) -> bool,
    ) -> Vec<Caught<'_>> {
        if self.filters.is_empty() || self.base(user).has(Permissions::MANAGE_GUILD) {
            return Vec::new();
        }
        let roles: Vec<_> = self.roles_of(user).map(|role| role.id).collect();
        let mut steps_left = steps_for(&said.text);
        let asked = self.filters.values().take(FILTERS_MAX).filter(|filter| {
            let here = |id| filter.exempt_channels.contains(&id);
            let exempt = roles.iter().any(|role| filter.exempt_roles.contains(role))
                || here(channel.id)
                || channel.parent.is_some_and(here);
            filter.enabled && !exempt && wanted(filter)
        });
        let caught = asked.filter_map(|filter| {
            let (keyword, matched) = catches(&filter.trigger, said, &mut steps_left)?;
            Some(Caught { filter, keyword, matched })
        });
        caught.collect()
    }
}

/// Filters of a guild that act.
const FILTERS_MAX: usize = 16;
/// Steps of patterns that are asked of one text, all filters together: what is beyond that finds nothing.
const STEPS_MAX: usize = 2_048;
/// Steps times characters of one text. The worst patterns take about 6 ns for each: 30 ms for a text.
const WORK_MAX: usize = 5_000_000;

fn steps_for(text: &str) -> usize {
    STEPS_MAX.min(WORK_MAX / text.chars().count().max(1))
}

/// What a filter looks for and finds: the word or pattern, and the place.
fn catches(trigger: &Trigger, said: &Said, steps_left: &mut usize) -> Option<(String, String)> {
    match trigger {
        Trigger::Mentions(most) => {
            let many = said.mentioned.len() > usize::try_from(*most).unwrap_or(usize::MAX);
            many.then(|| (String::new(), String::new()))
        }
        Trigger::Words { stopped, allowed, patterns } => {
            let (text, let_through) = (&said.text, let_through(&said.text, &lower(allowed)));
            let is_stopped =
                |(from, upto): &(usize, usize)| let_through.get(*from).is_none_or(|reach| reach < upto);
            let told = |word: &String, (from, upto): (usize, usize)| {
                let matched = text.get(from..upto).unwrap_or_default().chars().take(PATTERN_MAX);
                (word.clone(), matched.collect())
            };
            let mut words = stopped.iter().zip(lower(stopped));
            let by_word =
                words.find_map(|(word, lower)| Some(told(word, found(text, &lower).find(is_stopped)?)));
            by_word.or_else(|| {
                patterns.iter().flatten().find_map(|word| {
                    let pattern = Pattern::parse(word).ok()?;
                    *steps_left = steps_left.checked_sub(pattern.size())?;
                    Some(told(word, all_found(text, &pattern).find(is_stopped)?))
                })
            })
        }
    }
}

/// Where a pattern stands in a text, one after the other.
fn all_found<'a>(text: &'a str, pattern: &'a Pattern) -> impl Iterator<Item = (usize, usize)> + 'a {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let (from, upto) = pattern.find(text, next?)?;
        let past = text.get(upto..).and_then(|rest| rest.chars().next()).map(char::len_utf8);
        // What takes up no place is not found there again.
        next = if upto > from { Some(upto) } else { past.map(|past| upto + past) };
        Some((from, upto))
    })
}

/// Of each byte of a text, how far what is allowed reaches that begins no later. Made once, so that the cost is that of reading the
/// text, whatever is allowed.
fn let_through(text: &str, allowed: &[String]) -> Vec<usize> {
    let mut reach = vec![0; text.len() + 1];
    for (from, upto) in allowed.iter().flat_map(|word| found(text, word)) {
        if let Some(reach) = reach.get_mut(from) {
            *reach = upto.max(*reach);
        }
    }
    let mut far = 0;
    for each in &mut reach {
        far = far.max(*each);
        *each = far;
    }
    reach
}

fn lower(words: &[String]) -> Vec<String> {
    words.iter().map(|word| word.chars().flat_map(char::to_lowercase).collect()).collect()
}

/// Where a word stands in a text, from byte to byte: by itself, or where it has a star at an end, also as the part of a word.
fn found<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
    let (open_before, open_after) = (word.starts_with('*'), word.ends_with('*'));
    let core = word.trim_matches('*');
    let of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let places = if core.is_empty() { "" } else { text };
    let places = places.match_indices(core).filter(move |_| !core.is_empty());
    places.map(|(at, found)| (at, at + found.len())).filter(move |(from, upto)| {
        let before = text.get(..*from).and_then(|text| text.chars().next_back());
        let after = text.get(*upto..).and_then(|text| text.chars().next());
        (open_before || !of_word(before)) && (open_after || !of_word(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caught(trigger: &Trigger, text: &str) -> Option<(String, String)> {
        let message = Message { text: RichText::plain(text), ..Message::default() };
        catches(trigger, &Said::of_message(&message), &mut STEPS_MAX.clone())
    }

    fn words(stopped: &[&str], allowed: &[&str], patterns: &[&str]) -> Trigger {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let patterns = Some(owned(patterns)).filter(|patterns| !patterns.is_empty());
        Trigger::Words { stopped: owned(stopped), allowed: owned(allowed), patterns }
    }

    fn stopped(stopped: &[&str], allowed: &[&str], text: &str) -> bool {
        caught(&words(stopped, allowed, &[]), text).is_some()
    }

    #[test]
    fn a_pattern_is_found_in_a_text_whatever_its_case_and_what_is_allowed_is_let_through() {
        let phone = words(&[], &["555-0100"], &[r"\b\d{3}-\d{4}\b", "(", "^buy .* now$"]);
        let told = |word: &str, matched: &str| Some((word.to_owned(), matched.to_owned()));
        assert_eq!(caught(&phone, "call 555-0100 or 555-0199"), told(r"\b\d{3}-\d{4}\b", "555-0199"));
        assert_eq!(caught(&phone, "call 555-0100"), None);
        assert_eq!(caught(&phone, "BUY this NOW"), told("^buy .* now$", "buy this now"));
        assert_eq!(caught(&phone, "(no form of a pattern)"), None);
        assert_eq!(caught(&words(&[], &[], &[r"\b"]), "x").map(|(_, matched)| matched), Some(String::new()));
    }

    #[test]
    fn patterns_beyond_what_one_text_may_cost_find_nothing() {
        let large = format!("{}|cat", "x".repeat(200));
        let many: Vec<&str> = vec![&large; 10];
        let mut steps_left = STEPS_MAX;
        let said = Said::of_message(&Message { text: RichText::plain("dog"), ..Message::default() });
        assert_eq!(catches(&words(&[], &[], &many), &said, &mut steps_left), None);
        let said = Said::of_message(&Message { text: RichText::plain("cat"), ..Message::default() });
        assert_eq!(catches(&words(&[], &[], &many), &said, &mut steps_left), None, "none are left");
        assert!(caught(&words(&[], &[], &many), "cat").is_some());
        assert_eq!((steps_for(""), steps_for(&"ä".repeat(2_000))), (STEPS_MAX, STEPS_MAX));
        assert_eq!(steps_for(&"x".repeat(10_000)), 500, "of a long text fewer");
    }

    #[test]
    fn a_word_is_stopped_by_itself_and_with_a_star_within_others() {
        assert!(stopped(&["cat"], &[], "a CAT, there"));
        assert!(!stopped(&["cat"], &[], "concatenate"));
        assert!(stopped(&["cat*"], &[], "catering"));
        assert!(!stopped(&["cat*"], &[], "concatenate"));
        assert!(stopped(&["*cat*"], &[], "concatenate"));
        assert!(stopped(&["two words"], &[], "these Two Words here"));
        assert!(!stopped(&["*", "**"], &[], "anything"), "stars alone are no word");
        assert!(stopped(&["straße"], &[], "STRAßE"), "whatever the case");
    }

    #[test]
    fn what_is_allowed_is_let_through_where_it_covers_what_is_stopped() {
        assert!(!stopped(&["*cat*"], &["concatenate"], "please concatenate"));
        assert!(stopped(&["*cat*"], &["concatenate"], "concatenate the cat"));
    }

    #[test]
    fn each_person_mentioned_counts_once() {
        let mut refs = Refs::default();
        let parts = [1, 2, 1].map(|n| Part::User(refs.index_of(OpId([n; 32]))));
        let message = Message { text: RichText(parts.to_vec()), refs, ..Message::default() };
        let said = Said::of_message(&message);
        assert!(catches(&Trigger::Mentions(1), &said, &mut 0).is_some());
        assert!(catches(&Trigger::Mentions(2), &said, &mut 0).is_none());
    }
}
