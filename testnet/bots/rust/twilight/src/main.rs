//! The bot of the conversation, in twilight. It is told its address once, `proxy`; the gateway's comes from there.
//!
//! ```text
//! NEXUS_URL=http://127.0.0.1:8081 BOT_TOKEN=... twilight-bot
//! ```

mod answers;
mod words;

use anyhow::{Context as _, Result};
use std::collections::HashSet;
use twilight_gateway::{ConfigBuilder, Event, EventTypeFlags, Intents, Shard, ShardId, StreamExt as _};
use twilight_http::Client;
use twilight_model::channel::Channel;
use twilight_model::channel::message::{EmojiReactionType, Message};
use twilight_model::id::Id;
use twilight_model::id::marker::{ApplicationMarker, ChannelMarker, MessageMarker, UserMarker};

/// What it knows of its world.
pub(crate) struct Bot {
    pub(crate) http: Client,
    pub(crate) application: Id<ApplicationMarker>,
    me: Id<UserMarker>,
    general: Option<Id<ChannelMarker>>,
    /// Messages that will be edited and deleted.
    pub(crate) fleeting: HashSet<Id<MessageMarker>>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let url = std::env::var("NEXUS_URL").context("NEXUS_URL")?;
    let token = std::env::var("BOT_TOKEN").context("BOT_TOKEN")?;
    let host = url.trim_start_matches("http://").to_owned();
    let http = Client::builder().proxy(host, true).token(token.clone()).build();

    let gateway = http.gateway().authed().await?.model().await?.url;
    let config = ConfigBuilder::new(token, Intents::all()).proxy_url(gateway).build();
    let mut shard = Shard::with_config(ShardId::ONE, config);
    let application = http.current_user_application().await?.model().await?.id;
    let me = http.current_user().await?.model().await?.id;
    let mut bot = Bot { http, application, me, general: None, fleeting: HashSet::new() };
    bot.offer_commands().await?;
    while let Some(event) = shard.next_event(EventTypeFlags::all()).await {
        if let Err(error) = bot.hear(event?).await {
            eprintln!("{error:?}");
        }
    }
    Ok(())
}

impl Bot {
    async fn hear(&mut self, event: Event) -> Result<()> {
        match event {
            Event::GuildCreate(guild) => {
                let twilight_model::gateway::payload::incoming::GuildCreate::Available(guild) = *guild else {
                    return Ok(());
                };
                let named = |channel: &&Channel| channel.name.as_deref() == Some("general");
                self.general = guild.channels.iter().find(named).map(|channel| channel.id);
                println!("ready 1");
            }
            Event::MessageCreate(message) if !message.author.bot && message.guild_id.is_some() => {
                self.told(&message).await?;
            }
            Event::MessageUpdate(message) if self.fleeting.contains(&message.id) => {
                self.say(message.channel_id, &format!("changed to {}", message.content)).await?;
            }
            Event::MessageDelete(gone) if self.fleeting.contains(&gone.id) => {
                self.say(gone.channel_id, "it is gone").await?;
            }
            Event::ReactionAdd(reaction) if reaction.user_id != self.me => {
                let EmojiReactionType::Unicode { name } = &reaction.emoji else { return Ok(()) };
                self.say(reaction.channel_id, &format!("thanks for {name}")).await?;
            }
            Event::MemberAdd(member) => {
                let general = self.general.context("general is not known")?;
                self.say(general, &format!("welcome {}", member.user.name)).await?;
            }
            Event::InteractionCreate(interaction) => self.answer(&interaction).await?,
            _ => {}
        }
        Ok(())
    }

    pub(crate) async fn say(&self, channel: Id<ChannelMarker>, content: &str) -> Result<Message> {
        Ok(self.http.create_message(channel).content(content).await?.model().await?)
    }
}
