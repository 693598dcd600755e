//! What a filter catches reaches who looks after the guild, on another machine.

use super::{PATIENCE, Program, Town};
use nexus_core::{ChannelDraft, Command, Refusal};
use nexus_crdt::body::governance::{
    Acts, ChannelFields, ChannelKind, FilterFields, OverwriteEntry, OverwriteTarget, Trigger,
};
use nexus_crdt::id::ChannelId;
use nexus_crdt::permissions::Permissions;
use std::time::Duration;

impl Town {
    /// A channel that members do not see, where Ann is told of who speaks of cats.
    async fn officers_are_told(&self) -> ChannelId {
        let (ann, guild) = (self.people[0], self.guild);
        let target = OverwriteTarget::Role(self.ann.node.view().guilds[&guild].everyone());
        let hidden = OverwriteEntry { target, allow: Permissions::NONE, deny: Permissions::VIEW_CHANNEL };
        let fields = ChannelFields { name: Some(String::from("officers")), ..ChannelFields::default() };
        let draft = ChannelDraft { kind: ChannelKind::Text, fields, overwrites: vec![hidden] };
        let officers = ChannelId::from(self.ann.make(ann, Command::CreateChannel { guild, draft }).await);
        let (stopped, allowed) = (vec![String::from("cat")], Vec::new());
        let trigger = Some(Trigger::Words { stopped, allowed, patterns: None });
        let acts = Some(Acts { alert: Some(officers), timeout_s: Some(60), ..Acts::default() });
        let fields =
            FilterFields { name: Some(String::from("no cats")), trigger, acts, ..FilterFields::default() };
        self.ann.make(ann, Command::MakeFilter { guild, fields }).await;
        officers
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_goes_from_who_was_caught_to_who_looks_after_the_guild() {
    let town = Town::new().await;
    let [_, bea] = town.people;
    let officers = town.officers_are_told().await;
    town.bea_joins().await;
    awaited(&town.bea, |view| view.guilds.get(&town.guild).is_some_and(|guild| !guild.filters.is_empty()))
        .await;
    let said = town.bea.node.command(Some(bea), super::send(town.channel, "a cat")).await;
    assert!(matches!(said, Err(Refusal::Filtered { .. })), "{said:?}");
    town.ann.hears(officers, 1).await;
    town.relay.hears(officers, 1).await;
    town.bea.hands_everything_over().await;
    assert_eq!(town.ann.texts(officers), ["a cat"]);
    awaited(&town.ann, |view| !view.guilds[&town.guild].timeouts.is_empty()).await;
    for program in [town.ann, town.relay, town.bea] {
        program.end().await;
    }
}

async fn awaited(program: &Program, holds: impl Fn(&nexus_core::View) -> bool) {
    let held = async {
        while !holds(&program.node.view()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, held).await.expect("it comes");
}
