//! What filters do where they catch something.
//!
//! The program of who says it stops it, tells of it where the filter has it told, and keeps its own person from writing as long as the
//! filter says: each an op in that person's name. Nobody else has to be there, and nobody has to be believed. What somebody signs past
//! their own program is void everywhere; on that acts the program that holds the identity key (there is one at a time) of who had the
//! filter do so, in their name, in the very turn in which it comes: once.

use super::super::channel_of;
use super::super::timeline::LATE_MS;
use super::{Actor, Authored, Halt, Turn};
use crate::caught::Caught;
use crate::change::Change;
use crate::command::refusal::{Refusal, Thing};
use crate::message::Message;
use crate::snowflake::Snowflake;
use crate::store::{Store, StoreFault};
use nexus_crdt::body::content::{self, Alert, Embed, Poll};
use nexus_crdt::body::governance::{Acts, Timeout};
use nexus_crdt::body::rich_text::{Part, Refs, RichText};
use nexus_crdt::guild::{GuildView, Said};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;

/// What somebody says, as filters read it and as an alert tells it.
pub(in crate::core) struct Heard {
    said: Said,
    text: RichText,
    refs: Refs,
    embeds: Vec<Embed>,
    /// It is brought from elsewhere, and nobody here has said it.
    is_copy: bool,
}

/// A filter that caught something.
pub(super) struct Catch {
    filter: OpId,
    name: String,
    words: String,
    acts: Acts,
    acts_for: UserId,
    keyword: String,
    matched: String,
}

/// What came though a filter stops it.
pub(in crate::core) struct Evaded {
    op: OpId,
    space: SpaceId,
    author: UserId,
}

/// Who said what is caught, where, and the message where there is one.
#[derive(Clone, Copy)]
struct Offence {
    space: SpaceId,
    user: UserId,
    channel: ChannelId,
    message: Option<OpId>,
}

impl Heard {
    pub(super) fn of_message(body: &content::Message) -> Self {
        let mut text = body.text.clone();
        if let Some(Poll { question, answers, .. }) = &body.poll {
            let answers = answers.iter().map(|answer| &answer.text);
            text.0.extend(
                std::iter::once(question).chain(answers).map(|asked| Part::Text(format!("\n{asked}"))),
            );
        }
        let (refs, embeds, is_copy) = (body.refs.clone(), body.embeds.clone(), body.copy_of.is_some());
        Self { said: Said::of_message(body), text, refs, embeds, is_copy }
    }

    pub(super) fn of_edit(body: &content::Edit) -> Self {
        let (text, refs, embeds) = (body.text.clone(), body.refs.clone(), body.embeds.clone());
        let is_copy = body.carried.as_ref().is_some_and(|carried| carried.copy_of.is_some());
        Self { said: Said::of_edit(body), text, refs, embeds, is_copy }
    }

    fn of(op: &Op) -> Option<Self> {
        match op.kind()? {
            Kind::Message => op.read_body().ok().map(|body| Self::of_message(&body)),
            Kind::Edit => op.read_body().ok().map(|body| Self::of_edit(&body)),
            _ => None,
        }
    }
}

impl Turn<'_> {
    /// Asks the filters before something is said. What one of them stops is refused with its words, and what they do is done; of what
    /// all let through it is said which caught it.
    pub(super) fn pass_filters(
        &mut self,
        actor: &Actor,
        view: &GuildView,
        channel: &ChannelId,
        heard: &Heard,
    ) -> Authored<Vec<Catch>> {
        let caught = catches(view, &actor.user, channel, &heard.said);
        let Some(stopping) = caught.iter().find(|catch| !catch.acts.lets_through) else { return Ok(caught) };
        let words = stopping.words.clone();
        self.act_on_own(actor, channel, None, heard, &caught)?;
        Err(Halt::Caught(Refusal::Filtered { words }))
    }

    /// Does what filters do that caught what the actor says. Whose webhook brings an announcement has not said it: a copy is only stopped.
    pub(super) fn act_on_own(
        &mut self,
        actor: &Actor,
        channel: &ChannelId,
        message: Option<OpId>,
        heard: &Heard,
        caught: &[Catch],
    ) -> Result<(), StoreFault> {
        let Some(space) = self.core.mind.view.channels.get(channel).copied().filter(|_| !heard.is_copy)
        else {
            return Ok(());
        };
        let offence = Offence { space, user: actor.user, channel: *channel, message };
        for catch in caught {
            let alert = self.alert(actor, &offence, heard, catch)?;
            self.tell_catch(&offence, heard, catch, alert)?;
        }
        // Who is kept from writing tells of nothing: that comes last.
        match caught
            .iter()
            .filter(|catch| catch.acts.timeout_s.is_some())
            .max_by_key(|catch| catch.acts.timeout_s)
        {
            Some(longest) => self.keep_from_writing(actor, &offence, longest),
            None => Ok(()),
        }
    }

    /// What came though a filter stops it, and not so late that nobody waits for it.
    pub(in crate::core) fn note_evaded(&mut self, op: &Op, author: UserId) {
        if self.now_ms.saturating_sub(op.header.hlc.ms()) <= LATE_MS {
            self.evaded.push(Evaded { op: op.id, space: op.space(), author });
        }
    }

    /// Acts, in the name of who had the filter do so where they are here, on what came past it.
    pub(in crate::core) fn act_on_evaded(&mut self) -> Result<(), StoreFault> {
        for Evaded { op, space, author } in std::mem::take(&mut self.evaded) {
            let Some(stored) = self.store.op(&op)? else { continue };
            let (Some(heard), Some(guild)) = (Heard::of(&stored.op), self.core.mind.guilds.get(&space))
            else {
                continue;
            };
            let channel = channel_of(guild.view(), &stored.op.header.stream);
            let Some(channel) = channel.map(|channel| channel.id) else { continue };
            let caught = catches(guild.view(), &author, &channel, &heard.said);
            let message = Some(stored.op.header.target.unwrap_or(op));
            let offence = Offence { space, user: author, channel, message };
            for catch in &caught {
                let is_here = self.core.mind.keyring.identities.contains_key(&catch.acts_for);
                let actor = match is_here.then(|| self.actor(Some(catch.acts_for))).transpose() {
                    Ok(actor) => actor,
                    Err(Halt::Fault(fault)) => return Err(fault),
                    Err(_) => None,
                };
                let alert = match &actor {
                    Some(actor) => self.alert(actor, &offence, &heard, catch)?,
                    None => None,
                };
                self.tell_catch(&offence, &heard, catch, alert)?;
                if let Some(actor) = &actor {
                    self.keep_from_writing(actor, &offence, catch)?;
                }
            }
        }
        Ok(())
    }

    /// Tells this program's own people of an alert that came.
    pub(in crate::core) fn tell_caught(&mut self, message: &Message) -> Result<(), StoreFault> {
        let Some(alert) = message.body.alert.as_ref().filter(|alert| alert.said_by.is_none()) else {
            return Ok(());
        };
        let caught = Caught {
            space: message.space,
            filter: alert.filter,
            user: message.author,
            channel: alert.channel,
            message: self.number_of(&alert.channel, alert.message)?,
            alert: Some(message.api_id),
            text: message.body.text.clone(),
            refs: message.body.refs.clone(),
            keyword: alert.keyword.clone(),
            matched: alert.matched.clone(),
        };
        self.changes.push(Change::Caught { caught: caught.into() });
        Ok(())
    }

    fn tell_catch(
        &mut self,
        offence: &Offence,
        heard: &Heard,
        catch: &Catch,
        alert: Option<Snowflake>,
    ) -> Result<(), StoreFault> {
        let caught = Caught {
            space: offence.space,
            filter: catch.filter,
            user: offence.user,
            channel: offence.channel,
            message: self.number_of(&offence.channel, offence.message)?,
            alert,
            text: heard.text.clone(),
            refs: heard.refs.clone(),
            keyword: catch.keyword.clone(),
            matched: catch.matched.clone(),
        };
        self.changes.push(Change::Caught { caught: caught.into() });
        Ok(())
    }

    fn number_of(&self, channel: &ChannelId, message: Option<OpId>) -> Result<Option<Snowflake>, StoreFault> {
        let Some(id) = message else { return Ok(None) };
        let row = self.store.message(&channel.stream(), &id)?;
        Ok(row.filter(|row| row.verdict == 0).map(|row| row.api_id))
    }

    /// Tells of it where the filter has it told. Who may tell no more, or too often, does not.
    fn alert(
        &mut self,
        actor: &Actor,
        offence: &Offence,
        heard: &Heard,
        catch: &Catch,
    ) -> Result<Option<Snowflake>, StoreFault> {
        let Some(channel) = catch.acts.alert else { return Ok(None) };
        match self.write_alert(actor, channel, offence, heard, catch) {
            Ok(number) => Ok(Some(number)),
            Err(Halt::Refused(_) | Halt::Caught(_)) => Ok(None),
            Err(Halt::Fault(fault)) => Err(fault),
        }
    }

    fn write_alert(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        offence: &Offence,
        heard: &Heard,
        catch: &Catch,
    ) -> Authored<Snowflake> {
        let guild = self.guild_of(actor, &offence.space)?;
        if !guild.view().channels.contains_key(&channel) {
            return Err(Refusal::Unknown(Thing::Channel).into());
        }
        self.within_quota(actor, &guild, &channel)?;
        let alert = Alert {
            filter: catch.filter,
            channel: offence.channel,
            keyword: catch.keyword.clone(),
            matched: catch.matched.clone(),
            message: offence.message,
            said_by: Some(offence.user).filter(|user| *user != actor.user),
        };
        let body = content::Message {
            text: heard.text.clone(),
            refs: heard.refs.clone(),
            embeds: heard.embeds.clone(),
            alert: Some(alert),
            ..content::Message::default()
        };
        let id = self.utter(actor, &guild, &channel, Kind::Alert, None, &body)?;
        let row = self.store.message(&channel.stream(), &id)?.ok_or(Refusal::Unknown(Thing::Message))?;
        Ok(row.api_id)
    }

    /// As long as the filter says; not where somebody is kept from writing already, nor who never is.
    fn keep_from_writing(
        &mut self,
        actor: &Actor,
        offence: &Offence,
        catch: &Catch,
    ) -> Result<(), StoreFault> {
        let Some(seconds) = catch.acts.timeout_s else { return Ok(()) };
        let Some(guild) = self.core.mind.guilds.get(&offence.space) else { return Ok(()) };
        let now = self.core.clock.max(Hlc::from_ms(self.now_ms));
        let user = offence.user;
        if guild.view().paused_until(&user, now).is_some() || guild.view().is_above_timeouts(&user) {
            return Ok(());
        }
        let until = Some(Hlc::from_ms(now.ms() + u64::from(seconds) * 1_000));
        let (ends, reason, filter) = (Vec::new(), catch.name.clone(), Some(catch.filter));
        let body = Timeout { user, until, ends, reason, filter };
        match self.govern(actor, offence.space, Kind::Timeout, &body) {
            Ok(_) | Err(Halt::Refused(_) | Halt::Caught(_)) => Ok(()),
            Err(Halt::Fault(fault)) => Err(fault),
        }
    }
}

fn catches(view: &GuildView, user: &UserId, channel: &ChannelId, said: &Said) -> Vec<Catch> {
    let caught = view.channels.get(channel).map(|channel| view.filters_that_catch(user, channel, said));
    let of = caught.into_iter().flatten().map(|caught| Catch {
        filter: caught.filter.id,
        name: caught.filter.name.clone(),
        words: caught.filter.words.clone(),
        acts: caught.filter.acts,
        acts_for: caught.filter.acts_for,
        keyword: caught.keyword,
        matched: caught.matched,
    });
    of.collect()
}
