//! A relay that kept every key writes as an account that has gone home. Its keys are taken from its folder, as whoever runs it can.

use super::{Home, reads};
use anyhow::{Context as _, Result, ensure};
use nexus_core::sync::frame::{Frame, Want};
use nexus_core::{Secret, Store as _};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_net::{Account, Company, Line, Peer, Person, address_of, eventually, text};
use nexus_node::store::{Folder, ReadTables, SealingKey};
use redb::ReadableDatabase as _;
use serde_json::{Value, json};
use std::path::Path;

const FORGED: [&str; 2] = ["forged with the device", "forged with the identity"];

/// Ada's guild, with Rita, whose keys the relay has, and Eve, who carries what the relay forges to wherever she is let in.
struct Scene {
    company: Company,
    eve: Peer,
    guild: SpaceId,
    channel: ChannelId,
    rita: UserId,
    kept: Vec<Secret>,
}

impl Scene {
    async fn set() -> Result<Self> {
        let mut company = Company::gather().await?;
        let room = company.place(&company.at_ada).await?;
        let made =
            company.at_ada.api.post(&format!("/channels/{}/invites", room.channel), &json!({})).await?;
        let (code, mut eve) = (text(&made["code"])?, Peer::new("Eve")?);
        let relay = address_of(&company.relay).await?;
        let guild = eventually("Eve is let in", async || Ok(eve.join(&relay, &code).await.ok())).await?;
        eventually("Rita is known to Eve", async || {
            catch_up(&mut eve, &company, guild).await?;
            Ok(named(&eve, "rita"))
        })
        .await?;
        let rita = named(&eve, "rita").context("Rita")?;
        let channels = &eve.account.core().view().guilds[&guild].channels;
        let channel = channels.values().find(|channel| channel.name == "general").context("a channel")?.id;
        company.relay.stop().await?;
        let kept = secrets_in(&company.folder_of("relay"), rita)?;
        company.relay.start().await?;
        Ok(Self { company, eve, guild, channel, rita, kept })
    }

    /// Rita goes home, and says so to Bob.
    async fn goes_home(&self) -> Result<(Home, Person)> {
        let mut home = Home::empty();
        let (token, _) = home.claim(&self.company.relay, &[])?;
        home.program.start().await?;
        let person = Person::new(&home.program.base(), &token);
        let place = eventually("her guild is at home", async || person.find("Workshop").await).await?;
        person.say(&place, "from home").await?;
        reads(&self.company.at_bob, "Workshop", "from home").await;
        Ok((home, person))
    }

    async fn eve_catches_up(&mut self) -> Result<Line> {
        catch_up(&mut self.eve, &self.company, self.guild).await
    }

    /// Eve knows by which IdRotate Rita went home.
    async fn rotation(&mut self) -> Result<OpId> {
        let rita = self.rita;
        eventually("Eve knows that Rita went home", async || {
            self.eve_catches_up().await?;
            self.eve.account.with_kept_keys(rita, &self.kept)?.rotation()
        })
        .await
    }

    /// What the relay writes with the device that it kept, and in the name of a key of its own, to which it hands the account over
    /// and which the rule of the set alone puts first. `before`: a member that has not heard of the claim.
    async fn forges(&mut self, before: &Account, ours: OpId) -> Result<Line> {
        let mut device = before.with_kept_keys(self.rita, &self.kept)?;
        device.say(self.channel, FORGED[0])?;
        let mut rival = loop {
            let mut rival = before.with_kept_keys(self.rita, &self.kept)?;
            if rival.take_over(&self.company.relay.base())? < ours {
                break rival;
            }
        };
        rival.say(self.channel, FORGED[1])?;
        let (guild, accounts) = (self.guild, SpaceId::NONE);
        let mut line = self.eve_catches_up().await?;
        for (liar, of) in [(&rival, accounts), (&device, guild), (&rival, guild)] {
            let ops = if of == accounts { liar.identity()? } else { liar.written(&guild) };
            self.eve.give(&mut line, &of, ops, liar.frontiers()?).await?;
        }
        Ok(line)
    }
}

/// A link on which Eve has heard what there is, and may give ops of the guild and of accounts.
async fn catch_up(eve: &mut Peer, company: &Company, guild: SpaceId) -> Result<Line> {
    let relay = address_of(&company.relay).await?;
    let mut line = eve.meet_anew(&relay).await?;
    line.until(|frame| matches!(frame, Frame::Offer(spaces) if spaces.contains(&guild))).await?;
    for space in [guild, SpaceId::NONE] {
        line.say(&Frame::Offer(vec![space])).await?;
        line.until_wanted(&space).await?;
    }
    for space in [SpaceId::NONE, guild] {
        line.say(&Frame::Want(Want { space, from: None, held: Vec::new() })).await?;
    }
    let heard = line.quiet().await?;
    eve.account.learn(&heard)?;
    Ok(line)
}

fn named(eve: &Peer, name: &str) -> Option<UserId> {
    eve.account.core().view().users.values().find(|user| user.name == name).map(|user| user.id)
}

/// What a stopped relay's folder holds of an account's keys.
fn secrets_in(folder: &Path, user: UserId) -> Result<Vec<Secret>> {
    let database = redb::Database::open(Folder::store_path(folder))?;
    let seal = SealingKey::keep(&folder.join("sealing.key"), false)?;
    let tables = ReadTables::open(&database.begin_read()?, &seal)?;
    let of_theirs = |secret: &Secret| match secret {
        Secret::Identity(of, _) | Secret::Device(of, _) => *of == user,
        _ => false,
    };
    let kept: Vec<Secret> = tables.secrets()?.into_iter().filter(of_theirs).collect();
    ensure!(kept.len() == 2, "an identity key and a device key");
    Ok(kept)
}

fn contested(status: &Value) -> Vec<String> {
    let guild = status["guilds"].as_array().into_iter().flatten().find(|guild| guild["name"] == "Workshop");
    let members = guild.and_then(|guild| guild["contested"].as_array()).into_iter().flatten();
    members.filter_map(|member| text(&member["name"]).ok()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_an_owner_settled_it_a_relay_that_kept_every_key_writes_nothing_that_counts() {
    let mut scene = Scene::set().await.unwrap();
    let before = scene.eve.account.with_kept_keys(scene.rita, &scene.kept).unwrap();
    let (home, at_home) = scene.goes_home().await.unwrap();
    let ours = scene.rotation().await.unwrap();
    eventually("Ada's node settles it", async || {
        scene.eve_catches_up().await?;
        Ok(scene.eve.account.knows_settled(&scene.guild, &ours)?.then_some(()))
    })
    .await
    .unwrap();
    let mut line = scene.forges(&before, ours).await.unwrap();
    scene.eve.account.say(scene.channel, "after the forgery").unwrap();
    let (said, frontiers) = (scene.eve.account.written(&scene.guild), scene.eve.account.frontiers().unwrap());
    scene.eve.give(&mut line, &scene.guild, said, frontiers).await.unwrap();
    let company = &scene.company;
    for person in company.people().into_iter().chain([&at_home]) {
        reads(person, "Workshop", "from home").await;
        let place = reads(person, "Workshop", "after the forgery").await;
        let mut texts = person.texts(&place.channel).await.unwrap();
        texts.sort();
        assert_eq!(texts, ["after the forgery", "from home"]);
    }
    for program in [&company.ada, &company.bob, &home.program] {
        assert_eq!(contested(&program.status().unwrap()), Vec::<String>::new(), "it is settled");
    }
    at_home.say(&at_home.find("Workshop").await.unwrap().unwrap(), "and goes on").await.unwrap();
    reads(&company.at_bob, "Workshop", "and goes on").await;
    home.close().await;
    scene.company.verify().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn until_an_owner_settles_it_everybody_sees_that_a_kept_key_contests_the_account() {
    let mut scene = Scene::set().await.unwrap();
    let before = scene.eve.account.with_kept_keys(scene.rita, &scene.kept).unwrap();
    // The only owner is away while Rita goes home.
    scene.company.ada.stop().await.unwrap();
    let (home, _) = scene.goes_home().await.unwrap();
    let ours = scene.rotation().await.unwrap();
    scene.forges(&before, ours).await.unwrap();
    scene.company.ada.start().await.unwrap();
    let company = &scene.company;
    for (program, whose) in [(&company.bob, "Bob"), (&company.ada, "Ada"), (&home.program, "Rita")] {
        eventually(&format!("the contest is seen by {whose}"), async || {
            let contested = contested(&program.status()?);
            ensure!(contested == ["rita"], "{contested:?}");
            Ok(Some(()))
        })
        .await
        .unwrap();
    }
    let words = company.ada.ask(&["status"]).unwrap();
    assert!(
        words.lines().any(|line| line.contains("rita") && line.contains("somebody else signs")),
        "{words}"
    );
    let at_bob = company.place(&company.at_bob).await.unwrap();
    let api = &company.at_bob.api;
    let members = api.get(&format!("/guilds/{}/members?limit=100", at_bob.guild)).await.unwrap();
    for member in members.as_array().unwrap() {
        let is_rita = member["user"]["username"] == "rita";
        assert_eq!(member["user"]["nexus"]["contested"] == true, is_rita, "{member}");
    }
    let readers = api.get(&format!("/nexus/channels/{}/readers", at_bob.channel)).await.unwrap();
    assert_eq!(readers["contested_users"][0]["username"], "rita");
    home.close().await;
    scene.company.verify().await.unwrap();
}
