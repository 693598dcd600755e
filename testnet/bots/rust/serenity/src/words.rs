//! What it does when somebody speaks to it.

use crate::{Bot, say};
use anyhow::{Context as _, Result};
use serenity::all::{
    ChannelType, Colour, Context, CreateAttachment, CreateChannel, CreateEmbed, CreateInvite, CreateMessage,
    CreateThread, CreateWebhook, EditChannel, EditMember, EditMessage, EditRole, EditThread, ExecuteWebhook,
    GetMessages, GuildId, Message, PermissionOverwrite, PermissionOverwriteType, Permissions, ReactionType,
    UserId,
};

impl Bot {
    pub(crate) async fn told(&self, ctx: &Context, message: &Message) -> Result<()> {
        let (word, rest) = message.content.split_once(' ').unwrap_or((&message.content, ""));
        let guild = message.guild_id.context("not in a guild")?;
        match word {
            "fleeting" => {
                self.remember(message.id);
                say(ctx, message.channel_id, "it will pass").await
            }
            "!ping" => Ok(drop(message.reply(ctx, "pong").await?)),
            "!card" => card(ctx, message).await,
            "!file" => file(ctx, message).await,
            "!history" => {
                let lines = lines(ctx, message).await?.len();
                say(ctx, message.channel_id, format!("{lines} lines")).await
            }
            "!sweep" => sweep(ctx, message).await,
            "!pin" => pin(ctx, message).await,
            "!thread" => thread(ctx, message, rest).await,
            "!channel" => channel(ctx, message, guild, rest).await,
            "!members" => members(ctx, message, guild).await,
            "!role" => role(ctx, message, guild, rest.parse()?).await,
            "!kick" => Ok(guild.kick_with_reason(ctx, rest.parse::<UserId>()?, "enough").await?),
            "!moderate" => moderate(ctx, message, guild, rest.parse()?).await,
            "!invite" => {
                let invite = message.channel_id.create_invite(ctx, CreateInvite::new().max_age(3600)).await?;
                say(ctx, message.channel_id, format!("come: {}", invite.code)).await
            }
            "!webhook" => webhook(ctx, message).await,
            "!dm" => {
                let words = CreateMessage::new().content("just you and me");
                Ok(drop(message.author.direct_message(ctx, words).await?))
            }
            _ => Ok(()),
        }
    }
}

async fn card(ctx: &Context, message: &Message) -> Result<()> {
    let card = CreateEmbed::new().title("A card").description("with text").colour(Colour(0x0011_2233));
    let mut sent = message.channel_id.send_message(ctx, CreateMessage::new().embed(card)).await?;
    let better = EditMessage::new().content("a better card").embed(CreateEmbed::new().title("A better card"));
    sent.edit(ctx, better).await?;
    sent.react(ctx, ReactionType::Unicode("👍".to_owned())).await?;
    Ok(())
}

async fn file(ctx: &Context, message: &Message) -> Result<()> {
    let words = message.attachments.first().context("no file")?.download().await?;
    let shouted = CreateAttachment::bytes(words.to_ascii_uppercase(), "shouted.txt");
    let answer = CreateMessage::new().content(String::from_utf8(words)?).add_file(shouted);
    message.channel_id.send_message(ctx, answer).await?;
    Ok(())
}

/// Every message of the channel that begins with `line `.
async fn lines(ctx: &Context, message: &Message) -> Result<Vec<Message>> {
    let (mut found, mut before) = (Vec::new(), message.id);
    loop {
        let page = message.channel_id.messages(ctx, GetMessages::new().before(before).limit(100)).await?;
        let Some(last) = page.last() else { return Ok(found) };
        before = last.id;
        found.extend(page.into_iter().filter(|each| each.content.starts_with("line ")));
    }
}

async fn sweep(ctx: &Context, message: &Message) -> Result<()> {
    for some in lines(ctx, message).await?.chunks(100) {
        message.channel_id.delete_messages(ctx, some).await?;
    }
    say(ctx, message.channel_id, "swept").await
}

async fn pin(ctx: &Context, message: &Message) -> Result<()> {
    message.pin(ctx).await?;
    let pins = message.channel_id.pins(ctx).await?;
    message.unpin(ctx).await?;
    let pinned: Vec<_> = pins.iter().map(|pin| pin.content.as_str()).collect();
    say(ctx, message.channel_id, format!("pinned: {}", pinned.join(", "))).await
}

async fn thread(ctx: &Context, message: &Message, name: &str) -> Result<()> {
    let channel = message.channel_id;
    let mut thread = channel.create_thread_from_message(ctx, message.id, CreateThread::new(name)).await?;
    say(ctx, thread.id, "in here").await?;
    thread.edit_thread(ctx, EditThread::new().archived(true).locked(true)).await?;
    let listed = channel.get_archived_public_threads(ctx, None, None).await?;
    let names: Vec<_> = listed.threads.iter().map(|each| each.name.as_str()).collect();
    say(ctx, channel, format!("archived: {}", names.join(", "))).await
}

async fn channel(ctx: &Context, message: &Message, guild: GuildId, name: &str) -> Result<()> {
    let hidden = PermissionOverwrite {
        allow: Permissions::empty(),
        deny: Permissions::VIEW_CHANNEL,
        kind: PermissionOverwriteType::Role(guild.everyone_role()),
    };
    let wanted = CreateChannel::new(name).kind(ChannelType::Text).topic("what next").permissions([hidden]);
    let mut made = guild.create_channel(ctx, wanted).await?;
    made.edit(ctx, EditChannel::new().name(format!("{name}-2")).rate_limit_per_user(5)).await?;
    let seen = made.id.to_channel(&ctx.http).await?.guild().context("a channel of a guild")?;
    made.delete(ctx).await?;
    let (topic, slow) = (seen.topic.unwrap_or_default(), seen.rate_limit_per_user.unwrap_or(0));
    say(ctx, message.channel_id, format!("{}: {topic}, {slow} s", seen.name)).await
}

async fn members(ctx: &Context, message: &Message, guild: GuildId) -> Result<()> {
    let members = guild.members(ctx, Some(100), None).await?;
    let mut names: Vec<_> = members.iter().map(|member| member.user.name.as_str()).collect();
    names.sort_unstable();
    say(ctx, message.channel_id, format!("here: {}", names.join(", "))).await
}

async fn role(ctx: &Context, message: &Message, guild: GuildId, who: UserId) -> Result<()> {
    let wanted = EditRole::new().name("helper").colour(Colour(0x0011_2233)).hoist(true);
    let mut role = guild.create_role(ctx, wanted).await?;
    ctx.http.add_member_role(guild, who, role.id, None).await?;
    role.edit(ctx, EditRole::new().name("chief helper")).await?;
    let member = ctx.http.get_member(guild, who).await?;
    let roles = ctx.http.get_guild_roles(guild).await?;
    guild.delete_role(ctx, role.id).await?;
    let has = roles.iter().filter(|role| member.roles.contains(&role.id) && !role.managed);
    let names: Vec<_> = has.map(|role| role.name.as_str()).collect();
    say(ctx, message.channel_id, format!("{}: {}", member.user.name, names.join(", "))).await
}

async fn moderate(ctx: &Context, message: &Message, guild: GuildId, who: UserId) -> Result<()> {
    let edited = guild.edit_member(ctx, who, EditMember::new().nickname("Quiet")).await?;
    let mut done = vec![edited.nick.unwrap_or_default()];
    guild.ban_with_reason(ctx, who, 0, "spam").await?;
    let bans = guild.bans(ctx, None, None).await?;
    done.extend(bans.iter().filter(|ban| ban.user.id == who).map(|_| "banned".to_owned()));
    guild.unban(ctx, who).await?;
    if guild.bans(ctx, None, None).await?.is_empty() {
        done.push("forgiven".to_owned());
    }
    say(ctx, message.channel_id, done.join(", ")).await
}

async fn webhook(ctx: &Context, message: &Message) -> Result<()> {
    let webhook = message.channel_id.create_webhook(ctx, CreateWebhook::new("Postman")).await?;
    let letter = ExecuteWebhook::new().content("a letter").username("Postwoman");
    webhook.execute(ctx, true, letter).await?;
    webhook.delete(ctx).await?;
    Ok(())
}
