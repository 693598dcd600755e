//! The bot of the conversation, in serenity. It is told its address once, `proxy`; the gateway's comes from there.
//!
//! ```text
//! NEXUS_URL=http://127.0.0.1:8081 BOT_TOKEN=... serenity-bot
//! ```

mod answers;
mod words;

use anyhow::{Context as _, Result};
use serenity::all::{
    ChannelId, ClientBuilder, Context, EventHandler, GatewayIntents, GuildId, HttpBuilder, Interaction,
    Member, Message, MessageId, MessageUpdateEvent, Reaction,
};
use serenity::async_trait;
use std::collections::HashSet;
use std::sync::Mutex;
use tracing_subscriber::filter::LevelFilter;

/// What it remembers.
#[derive(Default)]
pub(crate) struct Bot {
    /// Messages that will be edited and deleted.
    fleeting: Mutex<HashSet<MessageId>>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let warnings = tracing_subscriber::fmt().with_max_level(LevelFilter::WARN).with_writer(std::io::stderr);
    warnings.init();
    let url = std::env::var("NEXUS_URL").context("NEXUS_URL")?;
    let token = std::env::var("BOT_TOKEN").context("BOT_TOKEN")?;
    // Its own pacing goes around the proxy: without this it would ask Discord.
    let http = HttpBuilder::new(token).proxy(url).ratelimiter_disabled(true).build();
    let builder = ClientBuilder::new_with_http(http, GatewayIntents::all()).event_handler(Bot::default());
    Ok(builder.await?.start().await?)
}

#[async_trait]
impl EventHandler for Bot {
    async fn cache_ready(&self, ctx: Context, guilds: Vec<GuildId>) {
        complain(answers::offer_commands(&ctx).await);
        println!("ready {}", guilds.len());
    }

    async fn message(&self, ctx: Context, message: Message) {
        if !message.author.bot && message.guild_id.is_some() {
            complain(self.told(&ctx, &message).await);
        }
    }

    async fn message_update(
        &self,
        ctx: Context,
        _: Option<Message>,
        new: Option<Message>,
        event: MessageUpdateEvent,
    ) {
        if self.is_fleeting(event.id) {
            let content = event.content.or(new.map(|new| new.content)).unwrap_or_default();
            complain(say(&ctx, event.channel_id, format!("changed to {content}")).await);
        }
    }

    async fn message_delete(&self, ctx: Context, channel: ChannelId, gone: MessageId, _: Option<GuildId>) {
        if self.is_fleeting(gone) {
            complain(say(&ctx, channel, "it is gone").await);
        }
    }

    async fn reaction_add(&self, ctx: Context, reaction: Reaction) {
        if reaction.user_id != Some(ctx.cache.current_user().id) {
            complain(say(&ctx, reaction.channel_id, format!("thanks for {}", reaction.emoji)).await);
        }
    }

    async fn guild_member_addition(&self, ctx: Context, member: Member) {
        let general = member.guild_id.to_guild_cached(&ctx.cache).and_then(|guild| {
            guild.channels.values().find(|channel| channel.name == "general").map(|channel| channel.id)
        });
        if let Some(general) = general {
            complain(say(&ctx, general, format!("welcome {}", member.user.name)).await);
        }
    }

    async fn interaction_create(&self, ctx: Context, interaction: Interaction) {
        complain(answers::answer(&ctx, interaction).await);
    }
}

impl Bot {
    pub(crate) fn remember(&self, id: MessageId) {
        self.fleeting.lock().expect("nobody panics with it").insert(id);
    }

    fn is_fleeting(&self, id: MessageId) -> bool {
        self.fleeting.lock().expect("nobody panics with it").contains(&id)
    }
}

pub(crate) async fn say(ctx: &Context, channel: ChannelId, content: impl Into<String>) -> Result<()> {
    channel.say(ctx, content).await?;
    Ok(())
}

fn complain(result: Result<()>) {
    if let Err(error) = result {
        eprintln!("{error:?}");
    }
}
