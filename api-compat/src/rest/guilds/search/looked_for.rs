//! What messages are looked for by: Discord's query, read.

use crate::error::{Answer, ApiError};
use crate::render;
use crate::window::Caller;
use nexus_core::{Message, Snowflake, View};
use nexus_crdt::body::content::File;
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::body::rich_text::Part;
use nexus_crdt::id::{ChannelId, OpId, RoleId, UserId};

/// A query.
pub(super) struct Asked {
    pub(super) looked_for: LookedFor,
    pub(super) offset: usize,
    pub(super) limit: usize,
}

/// What a message has to be. Of several values of one kind one suffices; all kinds must fit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct LookedFor {
    /// Words that stand in it, in lower case.
    words: Vec<String>,
    authors: Vec<UserId>,
    author_types: Vec<(AuthorType, bool)>,
    mentions: Vec<UserId>,
    mentioned_roles: Vec<RoleId>,
    everyone: Option<bool>,
    replied_to: Vec<UserId>,
    answers: Vec<Snowflake>,
    has: Vec<(Has, bool)>,
    hosts: Vec<String>,
    extensions: Vec<String>,
    file_names: Vec<String>,
    pinned: Option<bool>,
    /// A thing that is not here was named: nothing is it.
    nothing: bool,
    pub(super) channels: Vec<ChannelId>,
    pub(super) before: Option<Snowflake>,
    pub(super) after: Option<Snowflake>,
    pub(super) nsfw: bool,
    pub(super) oldest_first: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum AuthorType {
    User,
    Bot,
    Webhook,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Has {
    Link,
    Embed,
    File,
    Image,
    Video,
    Sound,
    Poll,
    Snapshot,
    /// What no message here has.
    Nothing,
}

/// Values of one kind, and the length of each, characters.
const VALUES_MAX: usize = 100;
const TEXT_MAX: usize = 1_024;
const OFFSET_MAX: usize = 9_975;
const LIMIT_MAX: usize = 25;

/// Reads a query, in which most names may stand several times.
///
/// # Errors
/// 400 for a value that is none, or too many of them.
pub(super) fn read(caller: &Caller, pairs: &[(String, String)]) -> Answer<Asked> {
    let looked_for = LookedFor { nsfw: true, ..LookedFor::default() };
    let mut asked = Asked { looked_for, offset: 0, limit: LIMIT_MAX };
    for (name, value) in pairs {
        let wrong = |code: &str| ApiError::invalid(name, code, &format!("Not valid: {value:.64}"));
        if value.chars().count() > TEXT_MAX {
            return Err(wrong("BASE_TYPE_MAX_LENGTH"));
        }
        let name = name.trim_end_matches("[]");
        match name {
            "limit" | "offset" => {
                let number: usize = value.parse().map_err(|_| wrong("NUMBER_TYPE_COERCE"))?;
                let (least, most) = if name == "limit" { (1, LIMIT_MAX) } else { (0, OFFSET_MAX) };
                if !(least..=most).contains(&number) {
                    return Err(wrong("NUMBER_TYPE_MAX"));
                }
                *if name == "limit" { &mut asked.limit } else { &mut asked.offset } = number;
            }
            _ => asked.looked_for.take(caller, name, value, &wrong)?,
        }
    }
    Ok(asked)
}

impl LookedFor {
    fn take(
        &mut self,
        caller: &Caller,
        name: &str,
        value: &str,
        wrong: &dyn Fn(&str) -> ApiError,
    ) -> Answer<()> {
        let number = || value.parse().map(Snowflake).map_err(|_| wrong("NUMBER_TYPE_COERCE"));
        let truth = || match value {
            "true" | "True" | "1" => Ok(true),
            "false" | "False" | "0" => Ok(false),
            _ => Err(wrong("BOOLEAN_TYPE_CONVERT")),
        };
        let thing = || number().map(|number| caller.view.ids.op(number));
        match name {
            "content" => self.words = value.to_lowercase().split_whitespace().map(str::to_owned).collect(),
            "author_id" => self.named(thing()?, wrong, |it| &mut it.authors)?,
            "mentions" => self.named(thing()?, wrong, |it| &mut it.mentions)?,
            "mentions_role_id" => self.named(thing()?, wrong, |it| &mut it.mentioned_roles)?,
            "replied_to_user_id" => self.named(thing()?, wrong, |it| &mut it.replied_to)?,
            "channel_id" => self.named(thing()?, wrong, |it| &mut it.channels)?,
            "replied_to_message_id" => push(&mut self.answers, number()?, wrong)?,
            "author_type" => {
                let (kind, wanted) = author_type(value).ok_or_else(|| wrong("BASE_TYPE_CHOICES"))?;
                push(&mut self.author_types, (kind, wanted), wrong)?;
            }
            "has" => {
                let (what, wanted) = has(value).ok_or_else(|| wrong("BASE_TYPE_CHOICES"))?;
                push(&mut self.has, (what, wanted), wrong)?;
            }
            "link_hostname" => push(&mut self.hosts, value.to_lowercase(), wrong)?,
            "attachment_extension" => push(&mut self.extensions, value.to_lowercase(), wrong)?,
            "attachment_filename" => push(&mut self.file_names, value.to_lowercase(), wrong)?,
            "embed_type" if value == "rich" => push(&mut self.has, (Has::Embed, true), wrong)?,
            // Cards are what their sender wrote: no program fetched them from anybody.
            "embed_type" | "embed_provider" => self.nothing = true,
            "mention_everyone" => self.everyone = Some(truth()?),
            "pinned" => self.pinned = Some(truth()?),
            "include_nsfw" => self.nsfw = truth()?,
            "min_id" => self.after = Some(number()?),
            "max_id" => self.before = Some(number()?),
            "sort_order" if ["asc", "desc"].contains(&value) => self.oldest_first = value == "asc",
            // What fits best is not told apart, and every word must be there wherever it stands.
            "sort_by" if ["timestamp", "relevance"].contains(&value) => {}
            "slop" if value.parse::<u8>().is_ok_and(|slop| slop <= 100) => {}
            "sort_by" | "sort_order" | "slop" => return Err(wrong("BASE_TYPE_CHOICES")),
            _ => {}
        }
        Ok(())
    }

    fn named<T: From<OpId>>(
        &mut self,
        thing: Option<OpId>,
        wrong: &dyn Fn(&str) -> ApiError,
        list: impl Fn(&mut Self) -> &mut Vec<T>,
    ) -> Answer<()> {
        match thing {
            Some(thing) => push(list(self), thing.into(), wrong),
            // Others of the same kind may be here.
            None => push(list(self), OpId([0xff; 32]).into(), wrong),
        }
    }

    /// Whether a message is what is looked for.
    pub(super) fn fits(&self, view: &View, message: &Message) -> bool {
        let body = &message.body;
        let pinged = |people: bool| {
            body.text.0.iter().filter_map(move |part| match part {
                Part::User(index) if people => body.refs.get(*index),
                Part::Role(index) if !people => body.refs.get(*index),
                _ => None,
            })
        };
        let any = |list: &[OpId], mut of: Box<dyn Iterator<Item = OpId> + '_>| {
            list.is_empty() || of.any(|id| list.contains(&id))
        };
        let ids = |users: &[UserId]| users.iter().map(|user| OpId::from(*user)).collect::<Vec<_>>();
        let roles: Vec<OpId> = self.mentioned_roles.iter().map(|role| OpId::from(*role)).collect();
        !self.nothing
            && !message.unreadable
            && self.after.is_none_or(|after| message.api_id > after)
            && self.before.is_none_or(|before| message.api_id < before)
            && (self.authors.is_empty() || self.authors.contains(&message.author))
            && self.is_by(view, message)
            && any(&ids(&self.mentions), Box::new(pinged(true)))
            && any(&roles, Box::new(pinged(false)))
            && self.everyone.is_none_or(|everyone| everyone == body.pings.everyone)
            && self.pinned.is_none_or(|pinned| pinned == message.pinned)
            && (self.replied_to.is_empty()
                || message.replied.is_some_and(|replied| self.replied_to.contains(&replied.author)))
            && (self.answers.is_empty()
                || message.replied.is_some_and(|replied| self.answers.contains(&replied.api_id)))
            && self.has_files(body.files.as_deref().unwrap_or_default())
            && self.says(view, message)
    }

    fn is_by(&self, view: &View, message: &Message) -> bool {
        let hook = message.body.shown_as.is_some();
        let bot = view.users.get(&message.author).is_some_and(|user| user.class == AccountClass::Bot);
        let is = |kind: AuthorType| match kind {
            AuthorType::User => !hook && !bot,
            AuthorType::Bot => bot,
            AuthorType::Webhook => hook,
        };
        let mut wanted = self.author_types.iter().filter(|(_, wanted)| *wanted).peekable();
        (wanted.peek().is_none() || wanted.any(|(kind, _)| is(*kind)))
            && self.author_types.iter().all(|(kind, wanted)| *wanted || !is(*kind))
    }

    fn has_files(&self, files: &[File]) -> bool {
        let name = |file: &File| file.name.to_lowercase();
        let ends = |file: &File, end: &String| name(file).rsplit_once('.').is_some_and(|(_, of)| of == end);
        let by_end = |file: &File| self.extensions.iter().any(|end| ends(file, end));
        let by_name = |file: &File| self.file_names.iter().any(|part| name(file).contains(part));
        (self.extensions.is_empty() || files.iter().any(by_end))
            && (self.file_names.is_empty() || files.iter().any(by_name))
    }

    fn says(&self, view: &View, message: &Message) -> bool {
        if self.words.is_empty() && self.has.is_empty() && self.hosts.is_empty() {
            return true;
        }
        let mut text = render::content(view, message).to_lowercase();
        let links: Vec<String> = links(&text).map(str::to_owned).collect();
        for card in &message.body.embeds {
            let plain = card.description.iter().flat_map(|text| &text.0).filter_map(|part| match part {
                Part::Text(text) => Some(text),
                _ => None,
            });
            for more in card.title.iter().chain(plain) {
                text.push(' ');
                text.push_str(&more.to_lowercase());
            }
        }
        let body = &message.body;
        let kind = |of: &str| {
            let is = |file: &File| file.kind.as_ref().is_some_and(|kind| kind.starts_with(of));
            body.files.iter().flatten().any(is)
        };
        let has = |what: Has| match what {
            Has::Link => !links.is_empty(),
            Has::Embed => !body.embeds.is_empty(),
            Has::File => body.files.is_some(),
            Has::Image => kind("image/"),
            Has::Video => kind("video/"),
            Has::Sound => kind("audio/"),
            Has::Poll => body.poll.is_some(),
            Has::Snapshot => body.forward.is_some(),
            Has::Nothing => false,
        };
        self.words.iter().all(|word| text.contains(word.as_str()))
            && self.has.iter().all(|(what, wanted)| has(*what) == *wanted)
            && (self.hosts.is_empty()
                || links.iter().any(|link| self.hosts.iter().any(|host| is_at(link, host))))
    }
}

fn push<T>(list: &mut Vec<T>, value: T, wrong: &dyn Fn(&str) -> ApiError) -> Answer<()> {
    if list.len() >= VALUES_MAX {
        return Err(wrong("BASE_TYPE_MAX_LENGTH"));
    }
    list.push(value);
    Ok(())
}

fn author_type(value: &str) -> Option<(AuthorType, bool)> {
    let (wanted, name) = value.strip_prefix('-').map_or((true, value), |name| (false, name));
    let kind = match name {
        "user" => AuthorType::User,
        "bot" => AuthorType::Bot,
        "webhook" => AuthorType::Webhook,
        _ => return None,
    };
    Some((kind, wanted))
}

fn has(value: &str) -> Option<(Has, bool)> {
    let (wanted, name) = value.strip_prefix('-').map_or((true, value), |name| (false, name));
    let what = match name {
        "link" => Has::Link,
        "embed" => Has::Embed,
        "file" => Has::File,
        "image" => Has::Image,
        "video" => Has::Video,
        "sound" => Has::Sound,
        "poll" => Has::Poll,
        "snapshot" => Has::Snapshot,
        "sticker" => Has::Nothing,
        _ => return None,
    };
    Some((what, wanted))
}

/// What begins as a link does, without its scheme.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')'));
    words.filter_map(|word| word.strip_prefix("https://").or_else(|| word.strip_prefix("http://")))
}

fn is_at(link: &str, host: &str) -> bool {
    let end = link.find(['/', '?', '#', ':']).unwrap_or(link.len());
    &link[..end] == host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_in_what_is_said_with_its_host() {
        let text = "see <https://example.org/a?b> or (http://other.example:8080), not ftp://x";
        let found: Vec<&str> = links(text).collect();
        assert_eq!(found, ["example.org/a?b", "other.example:8080"]);
        assert!(is_at(found[0], "example.org") && is_at(found[1], "other.example"));
        assert!(!is_at(found[0], "example"));
    }

    #[test]
    fn a_word_before_which_a_dash_stands_is_not_to_be() {
        assert_eq!(has("-file"), Some((Has::File, false)));
        assert_eq!(author_type("bot"), Some((AuthorType::Bot, true)));
        assert_eq!(has("-nothing"), None);
    }
}
