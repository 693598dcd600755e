//! What it does when somebody speaks to it.

use crate::Bot;
use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use twilight_http::request::channel::reaction::RequestReactionType;
use twilight_model::channel::ChannelType;
use twilight_model::channel::message::Message;
use twilight_model::channel::message::embed::Embed;
use twilight_model::channel::permission_overwrite::{PermissionOverwrite, PermissionOverwriteType};
use twilight_model::guild::{Permissions, RoleColors};
use twilight_model::http::attachment::Attachment;
use twilight_model::id::Id;
use twilight_model::id::marker::{GuildMarker, UserMarker};

impl Bot {
    pub(crate) async fn told(&mut self, message: &Message) -> Result<()> {
        let (word, rest) = message.content.split_once(' ').unwrap_or((&message.content, ""));
        let guild = message.guild_id.context("not in a guild")?;
        match word {
            "fleeting" => {
                self.fleeting.insert(message.id);
                self.say(message.channel_id, "it will pass").await?;
            }
            "!ping" => {
                self.http.create_message(message.channel_id).content("pong").reply(message.id).await?;
            }
            "!card" => self.card(message).await?,
            "!file" => self.file(message).await?,
            "!history" => {
                let lines = self.lines(message).await?.len();
                self.say(message.channel_id, &format!("{lines} lines")).await?;
            }
            "!sweep" => self.sweep(message).await?,
            "!pin" => self.pin(message).await?,
            "!thread" => self.thread(message, rest).await?,
            "!channel" => self.channel(message, guild, rest).await?,
            "!members" => self.members(message, guild).await?,
            "!role" => self.role(message, guild, rest.parse()?).await?,
            "!kick" => drop(self.http.remove_guild_member(guild, rest.parse()?).await?),
            "!moderate" => self.moderate(message, guild, rest.parse()?).await?,
            "!invite" => {
                let invite = self.http.create_invite(message.channel_id).max_age(3600).await?.model().await?;
                self.say(message.channel_id, &format!("come: {}", invite.code)).await?;
            }
            "!webhook" => self.webhook(message).await?,
            "!dm" => {
                let channel = self.http.create_private_channel(message.author.id).await?.model().await?;
                self.say(channel.id, "just you and me").await?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn card(&self, message: &Message) -> Result<()> {
        let sent = self.http.create_message(message.channel_id).embeds(&[card("A card")]).await?;
        let sent = sent.model().await?;
        let better = [card("A better card")];
        let edit = self.http.update_message(message.channel_id, sent.id);
        edit.content(Some("a better card")).embeds(Some(&better)).await?;
        let thumb = RequestReactionType::Unicode { name: "👍" };
        self.http.create_reaction(message.channel_id, sent.id, &thumb).await?;
        Ok(())
    }

    async fn file(&self, message: &Message) -> Result<()> {
        let words = download(&message.attachments.first().context("no file")?.url).await?;
        let shouted = Attachment::from_bytes("shouted.txt".to_owned(), words.to_ascii_uppercase(), 1);
        let words = String::from_utf8(words)?;
        self.http.create_message(message.channel_id).content(&words).attachments(&[shouted]).await?;
        Ok(())
    }

    /// Every message of the channel that begins with `line `.
    async fn lines(&self, message: &Message) -> Result<Vec<Message>> {
        let (mut found, mut before) = (Vec::new(), message.id);
        loop {
            let page = self.http.channel_messages(message.channel_id).before(before).limit(100);
            let page = page.await?.models().await?;
            let Some(last) = page.last() else { return Ok(found) };
            before = last.id;
            found.extend(page.into_iter().filter(|each| each.content.starts_with("line ")));
        }
    }

    async fn sweep(&self, message: &Message) -> Result<()> {
        let ids: Vec<_> = self.lines(message).await?.iter().map(|each| each.id).collect();
        for some in ids.chunks(100) {
            self.http.delete_messages(message.channel_id, some).await?;
        }
        self.say(message.channel_id, "swept").await?;
        Ok(())
    }

    async fn pin(&self, message: &Message) -> Result<()> {
        self.http.create_pin(message.channel_id, message.id).await?;
        let pins = self.http.pins(message.channel_id).await?.model().await?;
        let pinned: Vec<_> = pins.items.iter().map(|pin| pin.message.content.as_str()).collect();
        self.http.delete_pin(message.channel_id, message.id).await?;
        self.say(message.channel_id, &format!("pinned: {}", pinned.join(", "))).await?;
        Ok(())
    }

    async fn thread(&self, message: &Message, name: &str) -> Result<()> {
        let channel = message.channel_id;
        let thread = self.http.create_thread_from_message(channel, message.id, name).await?.model().await?;
        self.say(thread.id, "in here").await?;
        self.http.update_thread(thread.id).archived(true).locked(true).await?;
        let listed = self.http.public_archived_threads(channel).await?.model().await?;
        let names: Vec<_> = listed.threads.iter().filter_map(|each| each.name.as_deref()).collect();
        self.say(channel, &format!("archived: {}", names.join(", "))).await?;
        Ok(())
    }

    async fn channel(&self, message: &Message, guild: Id<GuildMarker>, name: &str) -> Result<()> {
        let hidden = [PermissionOverwrite {
            id: guild.cast(),
            kind: PermissionOverwriteType::Role,
            allow: Permissions::empty(),
            deny: Permissions::VIEW_CHANNEL,
        }];
        let made = self.http.create_guild_channel(guild, name).kind(ChannelType::GuildText);
        let made = made.topic("what next").permission_overwrites(&hidden).await?.model().await?;
        self.http.update_channel(made.id).name(&format!("{name}-2")).rate_limit_per_user(5).await?;
        let seen = self.http.channel(made.id).await?.model().await?;
        self.http.delete_channel(made.id).await?;
        let (name, topic) = (seen.name.unwrap_or_default(), seen.topic.unwrap_or_default());
        let slow = seen.rate_limit_per_user.unwrap_or(0);
        self.say(message.channel_id, &format!("{name}: {topic}, {slow} s")).await?;
        Ok(())
    }

    async fn members(&self, message: &Message, guild: Id<GuildMarker>) -> Result<()> {
        let members = self.http.guild_members(guild).limit(100).await?.models().await?;
        let mut names: Vec<_> = members.iter().map(|member| member.user.name.as_str()).collect();
        names.sort_unstable();
        self.say(message.channel_id, &format!("here: {}", names.join(", "))).await?;
        Ok(())
    }

    async fn role(&self, message: &Message, guild: Id<GuildMarker>, who: Id<UserMarker>) -> Result<()> {
        let colors = RoleColors { primary_color: 0x0011_2233, secondary_color: None, tertiary_color: None };
        let made = self.http.create_role(guild).name("helper").colors(colors).hoist(true);
        let made = made.await?.model().await?;
        self.http.add_guild_member_role(guild, who, made.id).await?;
        self.http.update_role(guild, made.id).name(Some("chief helper")).await?;
        let member = self.http.guild_member(guild, who).await?.model().await?;
        let roles = self.http.roles(guild).await?.models().await?;
        self.http.delete_role(guild, made.id).await?;
        let has = roles.iter().filter(|role| member.roles.contains(&role.id) && !role.managed);
        let names: Vec<_> = has.map(|role| role.name.as_str()).collect();
        self.say(message.channel_id, &format!("{}: {}", member.user.name, names.join(", "))).await?;
        Ok(())
    }

    async fn moderate(&self, message: &Message, guild: Id<GuildMarker>, who: Id<UserMarker>) -> Result<()> {
        let edited = self.http.update_guild_member(guild, who).nick(Some("Quiet")).await?.model().await?;
        let mut done = vec![edited.nick.unwrap_or_default()];
        self.http.create_ban(guild, who).await?;
        let bans = self.http.bans(guild).await?.models().await?;
        done.extend(bans.iter().filter(|ban| ban.user.id == who).map(|_| "banned".to_owned()));
        self.http.delete_ban(guild, who).await?;
        if self.http.bans(guild).await?.models().await?.is_empty() {
            done.push("forgiven".to_owned());
        }
        self.say(message.channel_id, &done.join(", ")).await?;
        Ok(())
    }

    async fn webhook(&self, message: &Message) -> Result<()> {
        let webhook = self.http.create_webhook(message.channel_id, "Postman").await?.model().await?;
        let token = webhook.token.context("a webhook of ours has its token")?;
        let letter = self.http.execute_webhook(webhook.id, &token).content("a letter").username("Postwoman");
        letter.wait().await?;
        self.http.delete_webhook(webhook.id).await?;
        Ok(())
    }
}

fn card(title: &str) -> Embed {
    Embed {
        author: None,
        color: Some(0x0011_2233),
        description: Some("with text".to_owned()),
        fields: Vec::new(),
        footer: None,
        image: None,
        kind: "rich".to_owned(),
        provider: None,
        thumbnail: None,
        timestamp: None,
        title: Some(title.to_owned()),
        url: None,
        video: None,
        flags: None,
    }
}

/// A file by its link. The library has no client for other addresses than the API's.
async fn download(url: &str) -> Result<Vec<u8>> {
    let (host, path) = url.trim_start_matches("http://").split_once('/').context("no link")?;
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(format!("GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").context("no body")?;
    Ok(answer.split_off(end + 4))
}
