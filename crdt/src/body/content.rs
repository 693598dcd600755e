//! Bodies of channel streams. What an op acts on stands in the header's `target`.

mod alert;
mod moved;
mod note;
mod poll;
mod publish;
pub mod sealing;

pub use alert::Alert;
pub use moved::{BROUGHT_MAX, Brought, Move};
pub use note::{About, DRAFT_MAX, Note, SETTING_MAX};
pub use poll::{ANSWERS_MAX, Poll, PollAnswer, PollEnd, PollVote};
pub use publish::{CopyOf, Forward, Publish};
pub use sealing::{HandedTo, Sealing};

use super::Body;
use super::limit::{COLOR_MAX, Limit, chars, chars_if, hold, link};
use super::rich_text::{REFS_MAX, Refs, RichText};
use crate::id::{ChannelId, OpId, UserId};
use minicbor::{Decode, Encode};

/// A chat message.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct Message {
    /// Up to 4,000 characters.
    #[n(0)]
    pub text: RichText,
    /// What `text` and `embeds` mention.
    #[n(1)]
    pub refs: Refs,
    /// Up to 10, 6,000 characters in all.
    #[n(2)]
    pub embeds: Vec<Embed>,
    /// The message it answers, in the same channel.
    #[n(3)]
    pub reply_to: Option<OpId>,
    /// Who is pinged.
    #[n(4)]
    pub pings: Pings,
    /// An importer's word for when it was first written, Unix ms, below 2^48 as in an HLC.
    /// Only members of rate class bulk may set it.
    #[n(5)]
    pub shown_at: Option<u64>,
    /// Discord's message flags that a sender may set (suppress embeds, silent).
    #[n(6)]
    pub flags: u32,
    /// Read aloud.
    #[n(7)]
    pub tts: bool,
    /// Buttons and the like: a JSON list as Discord documents it without ids of things, 3 to 16,384 bytes. What it says is for
    /// the window to read, which shows nothing it does not understand.
    #[n(8)]
    pub components: Option<String>,
    /// What a bot says it answers with it.
    #[n(9)]
    pub answers: Option<Answered>,
    /// Files, 1 to 10; none where there are none. Only their names and hashes stand here.
    #[n(10)]
    pub files: Option<Vec<File>>,
    /// The webhook it is sent by. Counts only where its author may manage webhooks in the channel.
    #[n(11)]
    pub shown_as: Option<ShownAs>,
    /// What it asks. Counts only where its author may send polls in the channel.
    #[n(12)]
    pub poll: Option<Poll>,
    /// What it is a copy of; only a webhook's message is one.
    #[n(13)]
    pub copy_of: Option<CopyOf>,
    /// What its author did, in place of what they say.
    #[n(14)]
    pub notice: Option<Notice>,
    /// What a filter caught: of an alert, and of nothing else.
    #[n(15)]
    pub alert: Option<Alert>,
    /// What it passes on. Such a message answers nothing, asks nothing and tells of nothing.
    #[n(16)]
    pub forward: Option<Forward>,
}

/// What the author of a message did to the conversation, by their word: who is in it and what it is called says governance.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Notice {
    /// Brought somebody in.
    #[n(0)]
    Admitted(#[n(0)] UserId),
    /// Put somebody out, or went.
    #[n(1)]
    PutOut(#[n(0)] UserId),
    /// Gave it a name: the text of the message.
    #[n(2)]
    Named,
    /// Moved messages of that channel into the thread in which it stands. Whether they are there says each message itself.
    #[n(3)]
    Brought(#[n(0)] ChannelId, #[n(1)] Vec<Brought>),
}

/// How the author of a message is shown: a webhook of theirs.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct ShownAs {
    /// Which.
    #[n(0)]
    pub webhook: OpId,
    /// 1 to 80 characters: the webhook's name, or another for this message.
    #[n(1)]
    pub name: String,
    /// A picture's URL.
    #[n(2)]
    pub avatar: Option<String>,
}

/// A file of a message. Its bytes are kept beside the ops, by their hash.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct File {
    /// BLAKE3 of its bytes.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub hash: [u8; 32],
    /// 1 to 100 characters, no path.
    #[n(1)]
    pub name: String,
    /// Bytes.
    #[n(2)]
    pub size: u64,
    /// Its media type, by its sender's word; up to 128 bytes.
    #[n(3)]
    pub kind: Option<String>,
    /// What is to be seen, for those who cannot; up to 1,024 characters.
    #[n(4)]
    pub about: Option<String>,
}

/// The interaction that a bot's message answers, by the bot's word.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Answered {
    /// Its number at the program where it happened.
    #[n(0)]
    pub id: u64,
    /// Discord's number of its kind: 2 a command, 3 a component, 5 a modal.
    #[n(1)]
    pub kind: u8,
    /// Whose it was.
    #[n(2)]
    pub user: UserId,
    /// Of a command its name, up to 100 characters.
    #[n(3)]
    pub name: String,
}

/// Who is pinged by a message: what its author allowed, not what the text says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct Pings {
    /// `@everyone` or `@here` counts.
    #[n(0)]
    pub everyone: bool,
    /// The author of the message it answers.
    #[n(1)]
    pub replied: bool,
    /// Indices into `refs`: people and roles. At most 100.
    #[n(2)]
    pub refs: Vec<u32>,
}

/// New text for one's own message; replaces all of these at once, and says all that is known of the message but a poll.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct Edit {
    /// As in [`Message`].
    #[n(0)]
    pub text: RichText,
    /// As in [`Message`].
    #[n(1)]
    pub refs: Refs,
    /// As in [`Message`].
    #[n(2)]
    pub embeds: Vec<Embed>,
    /// As in [`Message`].
    #[n(3)]
    pub pings: Pings,
    /// As in [`Message`].
    #[n(4)]
    pub flags: u32,
    /// As in [`Message`].
    #[n(5)]
    pub components: Option<String>,
    /// As in [`Message`].
    #[n(6)]
    pub files: Option<Vec<File>>,
    /// What the message says beside these, said again; none where that is nothing, and in edits by earlier versions.
    #[n(7)]
    pub carried: Option<Carried>,
}

/// What a message says of itself beside what is to be read. A poll stands in the message alone: what was voted on is not changed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct Carried {
    /// As in [`Message`].
    #[n(0)]
    pub reply_to: Option<OpId>,
    /// As in [`Message`]; an edit that says it needs the right that the message needed.
    #[n(1)]
    pub shown_at: Option<u64>,
    /// As in [`Message`].
    #[n(2)]
    pub tts: bool,
    /// As in [`Message`].
    #[n(3)]
    pub answers: Option<Answered>,
    /// As in [`Message`]; an edit that says it needs the right that the message needed.
    #[n(4)]
    pub shown_as: Option<ShownAs>,
    /// As in [`Message`].
    #[n(5)]
    pub copy_of: Option<CopyOf>,
    /// As in [`Message`].
    #[n(6)]
    pub forward: Option<Forward>,
}

/// Takes the target message away.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Delete {}

/// Adds the author's reaction to the target message.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct React {
    /// Unicode, 1 to 64 bytes; of a custom emoji the name of its op, 64 hex digits: see [`custom_emoji`].
    #[n(0)]
    pub emoji: String,
}

/// The op that a custom emoji of a reaction or an answer is named by; none for Unicode, which is never ASCII alone.
#[must_use]
pub fn custom_emoji(emoji: &str) -> Option<OpId> {
    let digits = emoji.as_bytes();
    let plain = digits.iter().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(digit));
    if digits.len() != EMOJI_MAX || !plain {
        return None;
    }
    let mut id = [0; 32];
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(OpId(id))
}

/// Takes reactions away from the target message: of every (hlc, id) order, the latest word for a person and emoji counts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Unreact {
    /// Which; none for all of the emoji.
    #[n(0)]
    pub emoji: Option<String>,
    /// Whose; none for everybody's. Others' need MANAGE_MESSAGES.
    #[n(1)]
    pub user: Option<UserId>,
}

/// Pins or unpins the target message; the latest word counts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Pin {
    /// Which of the two.
    #[n(0)]
    pub pinned: bool,
}

/// Follows the thread in whose stream it stands, or no longer; the latest word on a person counts. In the stream of an event:
/// is interested in it, by oneself only.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Follow {
    /// Who; others are brought in by who may write there, and put out by MANAGE_THREADS.
    #[n(0)]
    pub user: UserId,
    /// Which of the two.
    #[n(1)]
    pub following: bool,
}

/// A card below the text, as Discord shows it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct Embed {
    /// Up to 256 characters.
    #[n(0)]
    pub title: Option<String>,
    /// Up to 4,096 characters.
    #[n(1)]
    pub description: Option<RichText>,
    /// Where the title leads. Links are http, https or attachment, up to 2,048 bytes.
    #[n(2)]
    pub url: Option<String>,
    /// Unix ms.
    #[n(3)]
    pub timestamp: Option<u64>,
    /// 0xRRGGBB.
    #[n(4)]
    pub color: Option<u32>,
    /// Text, up to 2,048 characters, and icon.
    #[n(5)]
    pub footer: Option<(String, Option<String>)>,
    /// URL.
    #[n(6)]
    pub image: Option<String>,
    /// URL.
    #[n(7)]
    pub thumbnail: Option<String>,
    /// Name, up to 256 characters, URL, icon.
    #[n(8)]
    pub author: Option<(String, Option<String>, Option<String>)>,
    /// Up to 25: name (256 characters), value (1,024), inline.
    #[n(9)]
    pub fields: Vec<(String, RichText, bool)>,
}

const TEXT_MAX: usize = 4_000;
const EMBEDS_MAX: usize = 10;
const EMBEDS_TEXT_MAX: usize = 6_000;
const FIELDS_MAX: usize = 25;
const EMOJI_MAX: usize = 64;
const FILES_MAX: usize = 10;
const COMPONENTS_MAX: usize = 16_384;

impl Body for Message {
    fn check(&self) -> Limit {
        written(&self.text, &self.refs, &self.embeds, &self.pings)?;
        components(self.components.as_ref())?;
        files(self.files.as_deref())?;
        self.poll.as_ref().map_or(Ok(()), Poll::check)?;
        self.alert.as_ref().map_or(Ok(()), Alert::check)?;
        self.notice.as_ref().map_or(Ok(()), Notice::check)?;
        hold(self.copy_of.is_none() || self.shown_as.is_some(), "a copy is a webhook's")?;
        if let Some(forward) = &self.forward {
            forward.check()?;
            let more = self.reply_to.is_some() || self.poll.is_some();
            let tells = self.notice.is_some() || self.alert.is_some();
            hold(!more && !tells, "what is passed on answers, asks and tells nothing")?;
        }
        of_itself(self.shown_as.as_ref(), self.answers.as_ref(), self.shown_at)
    }
}

impl Message {
    /// What an edit of it repeats; none where that is nothing.
    #[must_use]
    pub fn carried(&self) -> Option<Carried> {
        let carried = Carried {
            reply_to: self.reply_to,
            shown_at: self.shown_at,
            tts: self.tts,
            answers: self.answers.clone(),
            shown_as: self.shown_as.clone(),
            copy_of: self.copy_of,
            forward: self.forward,
        };
        (carried != Carried::default()).then_some(carried)
    }
}

impl Body for Edit {
    fn check(&self) -> Limit {
        components(self.components.as_ref())?;
        files(self.files.as_deref())?;
        if let Some(carried) = &self.carried {
            of_itself(carried.shown_as.as_ref(), carried.answers.as_ref(), carried.shown_at)?;
            hold(carried.copy_of.is_none() || carried.shown_as.is_some(), "a copy is a webhook's")?;
            carried.forward.as_ref().map_or(Ok(()), Forward::check)?;
        }
        written(&self.text, &self.refs, &self.embeds, &self.pings)
    }
}

impl Body for Delete {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl Body for React {
    fn check(&self) -> Limit {
        emoji(&self.emoji)
    }
}

impl Body for Unreact {
    fn check(&self) -> Limit {
        self.emoji.as_deref().map_or(Ok(()), emoji)
    }
}

impl Body for Pin {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl Body for Follow {
    fn check(&self) -> Limit {
        Ok(())
    }
}

fn written(text: &RichText, refs: &Refs, embeds: &[Embed], pings: &Pings) -> Limit {
    refs.check()?;
    text.check(refs, TEXT_MAX, "a text has up to 4,000 characters")?;
    hold(embeds.len() <= EMBEDS_MAX, "a message has up to 10 embeds")?;
    embeds.iter().try_for_each(|embed| embed.check(refs))?;
    let shown: usize = embeds.iter().map(Embed::chars).sum();
    hold(shown <= EMBEDS_TEXT_MAX, "embeds have up to 6,000 characters in all")?;
    let inside = pings.refs.len() <= REFS_MAX && pings.refs.iter().all(|index| refs.covers(*index));
    hold(inside, "a ping points outside the table of ids")
}

fn of_itself(shown: Option<&ShownAs>, answered: Option<&Answered>, shown_at: Option<u64>) -> Limit {
    if let Some(shown) = shown {
        chars(&shown.name, 1..=80, "a webhook's name has 1 to 80 characters")?;
        link_if(shown.avatar.as_ref())?;
    }
    if let Some(answered) = answered {
        chars(&answered.name, 0..=100, "a command's name has up to 100 characters")?;
    }
    hold(shown_at.is_none_or(|ms| ms >> 48 == 0), "a time has 48 bits of milliseconds")
}

/// Whether a body may carry this as a link: http, https or attachment, up to 2,048 bytes.
#[must_use]
pub fn is_link(url: &str) -> bool {
    link(url).is_ok()
}

fn link_if(url: Option<&String>) -> Limit {
    url.map_or(Ok(()), |url| link(url))
}

fn files(list: Option<&[File]>) -> Limit {
    let Some(list) = list else { return Ok(()) };
    hold((1..=FILES_MAX).contains(&list.len()), "a list of files has 1 to 10")?;
    list.iter().try_for_each(|file| {
        chars(&file.name, 1..=100, "a file's name has 1 to 100 characters")?;
        let plain = !file.name.chars().any(|c| c.is_control() || c == '/' || c == '\\');
        hold(plain, "a file's name is no path")?;
        chars_if(file.about.as_ref(), 1..=1_024, "what is said of a file has up to 1,024 characters")?;
        hold(file.kind.as_ref().is_none_or(|kind| kind.len() <= 128), "a media type has up to 128 bytes")?;
        // The API's numbers of bytes have 31 bits.
        hold(file.size >> 31 == 0, "a file has less than 2 GiB")
    })
}

fn components(list: Option<&String>) -> Limit {
    let fits = |text: &String| (3..=COMPONENTS_MAX).contains(&text.len());
    hold(list.is_none_or(fits), "a list of components has 3 to 16,384 bytes")
}

fn emoji(emoji: &str) -> Limit {
    hold((1..=EMOJI_MAX).contains(&emoji.len()), "an emoji has 1 to 64 bytes")
}

impl Embed {
    /// Characters of title, description, footer, author and fields, which Discord counts together.
    #[must_use]
    pub fn chars(&self) -> usize {
        let count = |text: &String| text.chars().count();
        self.title.as_ref().map_or(0, count)
            + self.description.as_ref().map_or(0, RichText::len)
            + self.footer.as_ref().map_or(0, |(text, _)| count(text))
            + self.author.as_ref().map_or(0, |(name, _, _)| count(name))
            + self.fields.iter().map(|(name, value, _)| count(name) + value.len()).sum::<usize>()
    }

    fn check(&self, refs: &Refs) -> Limit {
        chars_if(self.title.as_ref(), 0..=256, "an embed's title has up to 256 characters")?;
        if let Some(text) = &self.description {
            text.check(refs, 4_096, "an embed's description has up to 4,096 characters")?;
        }
        hold(self.color.is_none_or(|color| color <= COLOR_MAX), "a colour has 24 bits")?;
        hold(self.fields.len() <= FIELDS_MAX, "an embed has up to 25 fields")?;
        self.check_footer_and_author()?;
        for (name, value, _) in &self.fields {
            chars(name, 0..=256, "a field's name has up to 256 characters")?;
            value.check(refs, 1_024, "a field's value has up to 1,024 characters")?;
        }
        [&self.url, &self.image, &self.thumbnail].into_iter().try_for_each(|url| link_if(url.as_ref()))
    }

    fn check_footer_and_author(&self) -> Limit {
        if let Some((text, icon)) = &self.footer {
            chars(text, 0..=2_048, "a footer has up to 2,048 characters")?;
            link_if(icon.as_ref())?;
        }
        if let Some((name, url, icon)) = &self.author {
            chars(name, 0..=256, "an author's name has up to 256 characters")?;
            link_if(url.as_ref())?;
            link_if(icon.as_ref())?;
        }
        Ok(())
    }
}
