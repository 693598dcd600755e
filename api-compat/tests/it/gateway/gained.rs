//! Who comes to see channels is told of the threads in them.

use super::client::Client;
use super::stage::{Account, Stage, role};
use nexus_core::{ChannelDraft, Command, RoleDraft, RolePatch, ThreadDraft};
use nexus_crdt::body::governance::{
    ChannelFields, ChannelKind, OverwriteEntry, OverwriteTarget, ThreadFields,
};
use nexus_crdt::id::{ChannelId, RoleId};
use nexus_crdt::permissions::Permissions;
use serde_json::{Value, json};

/// A hidden channel with an open thread, one that was put away and a private one; beside it another hidden one.
struct Hidden {
    stage: Stage,
    channel: ChannelId,
    open: ChannelId,
    bot: Account,
    client: Client,
}

impl Hidden {
    async fn set() -> Self {
        let stage = Stage::set().await;
        let (channel, other) = (stage.hidden_channel().await, stage.hidden_channel().await);
        let open = thread(&stage, channel, "open", false).await;
        let away = thread(&stage, channel, "away", false).await;
        thread(&stage, channel, "private", true).await;
        thread(&stage, other, "elsewhere", false).await;
        let fields = ThreadFields { archived: Some(true), ..ThreadFields::default() };
        stage.does(Command::EditThread { thread: away, fields }).await;
        let bot = stage.bot("Hal").await;
        let client = stage.logs_in(&bot).await;
        Self { stage, channel, open, bot, client }
    }

    async fn opens_to(&self, target: OverwriteTarget) {
        let entry = OverwriteEntry { target, allow: Permissions::VIEW_CHANNEL, deny: Permissions::NONE };
        self.stage.does(Command::SetOverwrite { channel: self.channel, entry }).await;
    }

    async fn hears(&mut self) -> Value {
        self.client.until("THREAD_LIST_SYNC").await
    }

    fn is_the_open_one(&self, synced: &Value) {
        let numbers = (self.stage.number(self.channel), self.stage.number(self.open));
        assert_eq!(synced["guild_id"], self.stage.number(self.stage.guild));
        assert_eq!(synced["channel_ids"], json!([numbers.0]));
        let told: Vec<&Value> =
            synced["threads"].as_array().into_iter().flatten().map(|it| &it["id"]).collect();
        assert_eq!(told, [&json!(numbers.1)]);
        assert_eq!(synced["members"], json!([]), "it follows none");
    }
}

async fn thread(stage: &Stage, parent: ChannelId, name: &str, private: bool) -> ChannelId {
    let fields = ThreadFields { name: Some(name.to_owned()), ..ThreadFields::default() };
    let draft = ThreadDraft { starter: None, fields, private: private.then_some(true), first: None };
    stage.makes(Command::CreateThread { parent, draft }).await.into()
}

#[tokio::test]
async fn an_overwrite_that_opens_a_channel_tells_of_its_threads_those_who_did_not_see_it() {
    let mut hidden = Hidden::set().await;
    let mut owner = hidden.stage.logs_in(&hidden.stage.owner).await;
    hidden.opens_to(OverwriteTarget::User(hidden.bot.id)).await;
    let synced = hidden.hears().await;
    hidden.is_the_open_one(&synced);
    // Once more the same says nothing new.
    hidden.opens_to(OverwriteTarget::User(hidden.bot.id)).await;
    let owner_account = hidden.stage.owner.clone();
    hidden.stage.says(&owner_account, "done").await;
    hidden.client.until("MESSAGE_CREATE").await;
    owner.until("MESSAGE_CREATE").await;
    assert_eq!(hidden.client.all("THREAD_LIST_SYNC").len(), 1);
    assert!(owner.all("THREAD_LIST_SYNC").is_empty(), "an owner saw it all along");
}

#[tokio::test]
async fn a_role_that_is_given_and_a_role_that_may_see_more_tell_of_threads_too() {
    let mut hidden = Hidden::set().await;
    let guild = hidden.stage.guild;
    let made = hidden.stage.makes(Command::CreateRole { guild, draft: role("insiders") }).await;
    let insiders = RoleId::from(made);
    hidden.opens_to(OverwriteTarget::Role(insiders)).await;
    let user = hidden.bot.id;
    hidden.stage.does(Command::AddMemberRole { guild, user, role: insiders }).await;
    let synced = hidden.hears().await;
    hidden.is_the_open_one(&synced);
    hidden.stage.does(Command::RemoveMemberRole { guild, user, role: insiders }).await;
    let draft = RoleDraft { permissions: Some(Permissions::NONE), ..role("helpers") };
    let helpers = RoleId::from(hidden.stage.makes(Command::CreateRole { guild, draft }).await);
    hidden.stage.does(Command::AddMemberRole { guild, user, role: helpers }).await;
    let patch = RolePatch { permissions: Some(Permissions::ADMINISTRATOR), ..RolePatch::default() };
    hidden.stage.does(Command::EditRole { guild, role: helpers, patch }).await;
    let synced = hidden.hears().await;
    assert_eq!(synced["channel_ids"].as_array().map(Vec::len), Some(2), "both that were hidden");
    assert_eq!(synced["threads"].as_array().map(Vec::len), Some(3), "the private one too");
}

#[tokio::test]
async fn a_channel_without_threads_tells_of_none() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = stage.logs_in(&bot).await;
    let everyone = OverwriteTarget::Role(RoleId(stage.guild.0));
    let hide = OverwriteEntry { target: everyone, allow: Permissions::NONE, deny: Permissions::VIEW_CHANNEL };
    let fields = ChannelFields { name: Some(String::from("quiet")), ..ChannelFields::default() };
    let draft = ChannelDraft { kind: ChannelKind::Text, fields, overwrites: vec![hide] };
    let channel = ChannelId::from(stage.makes(Command::CreateChannel { guild: stage.guild, draft }).await);
    stage.does(Command::ClearOverwrite { channel, target: everyone }).await;
    stage.says(&stage.owner, "done").await;
    client.until("MESSAGE_CREATE").await;
    assert!(client.all("THREAD_LIST_SYNC").is_empty());
}
