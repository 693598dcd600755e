//! Ops that are nobody's, ops that can be nowhere, two ops at one place, and ops of somebody who was put out.

use super::{Scene, becomes_barred};
use anyhow::{Context as _, Result};
use nexus_core::sync::frame::{Frame, Ops};
use nexus_crdt::body::governance::Ban;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{FrontierId, OpId, StreamId, Tenure};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft, Op};
use nexus_crypto::{Signature, Verified};
use nexus_net::{Company, eventually, settled, text};

impl Scene {
    fn batch(&self, ops: Vec<Vec<u8>>) -> Frame {
        let ops = ops.into_iter().map(Into::into).collect();
        Frame::Ops(Ops { space: self.guild, upto: None, ops, frontiers: Vec::new() })
    }

    /// A true op of Eve's that she has shown to nobody.
    fn true_op(&mut self) -> Verified<Op> {
        let channel = self.channel().unwrap();
        let bytes = self.eve.account.say(channel, "a forgery").unwrap();
        op::verify(op::decode(&bytes).unwrap()).unwrap()
    }

    fn draft(&mut self) -> Draft {
        let (channel, real) = (self.channel().unwrap(), self.true_op());
        let header = real.header.clone();
        Draft {
            space: self.guild,
            stream: channel.stream(),
            tenure: header.tenure,
            seq: header.seq,
            prev: header.prev,
            hlc: header.hlc,
            kind: Kind::Message,
            deps: header.deps,
            target: None,
            body: real.body.clone().unwrap().bytes,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_forges_an_author_or_a_signature_is_closed_and_nobody_sees_it() {
    let mut scene = Scene::set().await.unwrap();
    scene.honest_people_talk("quiet").await.unwrap();
    drop(scene.caught_up().await.unwrap());
    let real = scene.true_op();
    let theirs = scene.eve.account.stream(&scene.guild, &scene.channel().unwrap().stream());
    let ada = theirs.iter().map(|bytes| op::decode(bytes).unwrap().untrusted().header.author);
    let ada = ada.into_iter().find(|author| *author != real.header.author).unwrap();
    let mut in_her_name = (*real).clone();
    in_her_name.header.author = ada;
    let mut turned = op::encode(&real);
    *turned.last_mut().unwrap() ^= 1;
    let signature = scene.eve.account.device.sign(&op::header_bytes(&in_her_name));
    let forgeries = [
        turned,
        op::encode_parts(&in_her_name, &signature),
        op::encode_parts(&real, &Signature([0; 64])),
        op::encode_parts(&real, &scene.eve.account.device.sign(b"something else")),
        vec![0x83, 0x40, 0x40, 0x40],
        Vec::new(),
    ];
    for forgery in forgeries {
        let mut line = scene.caught_up().await.unwrap();
        let batch = scene.batch(vec![forgery]);
        line.say(&batch).await.unwrap();
        line.ended().await.unwrap();
        becomes_barred(&scene.eve, &scene.relay).await;
    }
    scene.honest_people_talk("on").await.unwrap();
    scene.company.verify().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_that_are_signed_and_can_be_nowhere_are_shown_nowhere() {
    let mut scene = Scene::set().await.unwrap();
    scene.honest_people_talk("quiet").await.unwrap();
    let mut line = scene.caught_up().await.unwrap();
    // What is true is taken on this line and shown: what follows could be.
    let channel = scene.channel().unwrap();
    let word = scene.eve.account.say(channel, "a true word").unwrap();
    let batch = scene.batch(vec![word]);
    line.say(&batch).await.unwrap();
    scene.said.push(String::from("a true word"));
    scene.honest_people_talk("with her").await.unwrap();
    let impossible: Vec<Vec<u8>> = drafts(&mut scene)
        .into_iter()
        .map(|draft| op::encode(&draft.seal(&scene.eve.account.device, [1; 16])))
        .collect();
    for op in impossible {
        let batch = scene.batch(vec![op]);
        line.say(&batch).await.unwrap();
        line.until(|frame| matches!(frame, Frame::Have(_))).await.unwrap();
    }
    scene.honest_people_talk("on").await.unwrap();
    scene.company.verify().await.unwrap();
}

/// Each right in form, and wrong in one thing.
fn drafts(scene: &mut Scene) -> Vec<Draft> {
    let year = 365 * 24 * 3_600_000;
    let governance = scene.eve.account.stream(&scene.guild, &StreamId::GOVERNANCE);
    let last = op::verify(op::decode(governance.last().unwrap()).unwrap()).unwrap();
    let mut draft = || scene.draft();
    let mut all = vec![
        Draft { stream: StreamId([9; 16]), ..draft() },
        Draft { tenure: Tenure([9; 16]), ..draft() },
        Draft { seq: 1_000, prev: Some(OpId([9; 32])), ..draft() },
        Draft { prev: Some(last.id), seq: 1, ..draft() },
        Draft { deps: vec![OpId(FrontierId::of(&[OpId([9; 32])]).0)], ..draft() },
    ];
    let later = draft();
    all.push(Draft { hlc: Hlc::from_ms(later.hlc.ms() + year), ..later });
    // She puts out whoever owns the guild, which she may not.
    let ban = Ban { user: scene.owner(), cut: Vec::new(), reason: String::from("mine now") };
    all.push(Draft {
        stream: StreamId::GOVERNANCE,
        kind: Kind::Ban,
        deps: vec![last.id],
        seq: 0,
        prev: None,
        body: op::open_body(&ban),
        ..scene.draft()
    });
    all
}

impl Scene {
    fn owner(&self) -> nexus_crdt::id::UserId {
        *self.eve.account.core().view().guilds[&self.guild].facts.owners.first().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_ops_at_one_place_come_to_the_same_everywhere() {
    let mut scene = Scene::set().await.unwrap();
    scene.honest_people_talk("quiet").await.unwrap();
    let mut line = scene.caught_up().await.unwrap();
    let draft = scene.draft();
    let twice = [[1; 16], [2; 16]].map(|salt| {
        let draft = Draft { body: draft.body.clone(), deps: draft.deps.clone(), ..draft };
        op::encode(&draft.seal(&scene.eve.account.device, salt))
    });
    // Bob is given one first, the relay the other.
    let bob = nexus_net::address_of(&scene.company.bob).await.unwrap();
    let mut to_bob = scene.line(&bob).await.unwrap();
    let [one, other] = twice.map(|op| scene.batch(vec![op]));
    line.say(&one).await.unwrap();
    to_bob.say(&other).await.unwrap();
    line.until(|frame| matches!(frame, Frame::Have(_))).await.unwrap();
    to_bob.until(|frame| matches!(frame, Frame::Have(_))).await.unwrap();
    let company = &scene.company;
    settled(&[&company.relay, &company.ada, &company.bob]).await.unwrap();
    scene.company.verify().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_wrote_on_while_the_ban_was_withheld_is_gone_once_it_comes() {
    let mut scene = Scene::with_eve_in(Company::gather().await.unwrap()).await.unwrap();
    scene.honest_people_talk("quiet").await.unwrap();
    drop(scene.caught_up().await.unwrap());
    ban_where_nobody_hears_it(&mut scene).await.unwrap();

    let mut line = scene.caught_up().await.unwrap();
    let channel = scene.channel().unwrap();
    let on = (0..3).map(|n| scene.eve.account.say(channel, &format!("unheard {n}")).unwrap()).collect();
    let batch = scene.batch(on);
    line.say(&batch).await.unwrap();
    let rita = scene.company.at_relay.clone();
    let room = scene.company.place(&rita).await.unwrap();
    eventually("who does not know of the ban cannot know better", async || {
        Ok(rita.texts(&room.channel).await?.contains(&String::from("unheard 2")).then_some(()))
    })
    .await
    .unwrap();

    scene.company.ada.start().await.unwrap();
    scene.honest_people_talk("on").await.unwrap();
    scene.company.verify().await.unwrap();
}

/// Ada bans Eve while her node is alone, and her node goes down; the others are up.
async fn ban_where_nobody_hears_it(scene: &mut Scene) -> Result<()> {
    let company = &mut scene.company;
    let room = company.place(&company.at_ada).await?;
    let ada = company.at_ada.api.clone();
    let members = ada.get(&format!("/guilds/{}/members?limit=100", room.guild)).await?;
    let mut members = members.as_array().into_iter().flatten();
    let eve = members.find(|member| member["user"]["global_name"] == "Eve").context("Eve")?;
    let eve = text(&eve["user"]["id"])?;
    company.relay.kill()?;
    ada.put(&format!("/guilds/{}/bans/{eve}", room.guild)).await?;
    company.ada.kill()?;
    company.relay.start().await
}
