//! Bad peers against real programs: whatever they send, nothing wrong is shown, they are closed, and honest people talk on.

mod floods;
mod forgers;
mod liars;

use anyhow::{Context as _, Result, ensure};
use nexus_core::sync::frame::{Frame, Hello, LINK_FRAME_MAX, VERSION};
use nexus_crdt::id::{ChannelId, SpaceId};
use nexus_crypto::SecretKey;
use nexus_net::{Address, Company, Heard, Line, Peer, Transport, address_of, eventually, greet, text};
use serde_json::json;

/// The company and somebody who was let in by an invite.
struct Scene {
    company: Company,
    eve: Peer,
    guild: SpaceId,
    relay: Address,
    /// What was honestly said.
    said: Vec<String>,
}

impl Scene {
    async fn set() -> Result<Self> {
        Self::with_eve_in(Company::near().await?).await
    }

    async fn with_eve_in(company: Company) -> Result<Self> {
        let relay = address_of(&company.relay).await?;
        let room = company.place(&company.at_ada).await?;
        let invite =
            company.at_ada.api.post(&format!("/channels/{}/invites", room.channel), &json!({})).await?;
        let code = text(&invite["code"])?;
        let mut eve = Peer::new("Eve")?;
        let guild =
            eventually("the invite is at the relay", async || Ok(eve.join(&relay, &code).await.ok())).await?;
        Ok(Self { company, eve, guild, relay, said: Vec::new() })
    }

    /// Everybody says something, and everybody sees all that was honestly said and nothing else.
    async fn honest_people_talk(&mut self, words: &str) -> Result<()> {
        for (person, name) in self.company.people().into_iter().zip(["Ada", "Bob", "Rita"]) {
            let place = self.company.place(person).await?;
            let words = format!("{name}: {words}");
            person.say(&place, &words).await?;
            self.said.push(words);
        }
        self.said.sort();
        for person in self.company.people() {
            let place = self.company.place(person).await?;
            eventually("what was said is shown, and nothing else", async || {
                let mut shown = person.texts(&place.channel).await?;
                shown.sort();
                ensure!(shown == self.said, "shown: {shown:?}");
                Ok(Some(()))
            })
            .await?;
        }
        Ok(())
    }

    /// The channel that everybody talks in.
    fn channel(&self) -> Result<ChannelId> {
        let channels = &self.eve.account.core().view().guilds[&self.guild].channels;
        let named = channels.iter().find(|(_, channel)| channel.name == "general");
        Ok(*named.context("the channel")?.0)
    }

    /// Eve hears what she may have of the guild, on a line under a new key.
    async fn caught_up(&mut self) -> Result<Line> {
        self.eve.transport = Transport::new()?;
        let mut line = self.line(&self.relay).await?;
        line.say(&Frame::Want(nexus_core::sync::frame::Want {
            space: self.guild,
            from: None,
            held: Vec::new(),
        }))
        .await?;
        let heard: Heard = line.quiet().await?;
        self.eve.account.learn(&heard)?;
        Ok(line)
    }

    /// A line on which Eve was greeted and has proven who she is, and the guild was taken up.
    async fn line(&self, holder: &Address) -> Result<Line> {
        let mut line = self.eve.meet(holder).await?;
        line.until(|frame| matches!(frame, Frame::Offer(spaces) if spaces.contains(&self.guild))).await?;
        line.say(&Frame::Offer(vec![self.guild])).await?;
        line.until_wanted(&self.guild).await?;
        Ok(line)
    }
}

/// Bytes in place of frames, each the end of its line.
fn garbage() -> Vec<(&'static str, Vec<u8>)> {
    let framed = |body: &[u8]| [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], body].concat();
    let hello = Hello { version: VERSION, relay: false, rules_max: 1, nonce: [7; 32], now_ms: 1 };
    let hello = Frame::Hello(hello).encode();
    vec![
        ("a length beyond every frame", u32::MAX.to_be_bytes().to_vec()),
        ("a length one beyond the largest", framed(&vec![0; LINK_FRAME_MAX + 1])),
        ("a frame cut short", framed(&hello[..hello.len() - 3])),
        ("more behind a frame", framed(&[&hello[..], &[0]].concat())),
        ("a greeting twice", [framed(&hello), framed(&hello)].concat()),
        ("a list of 2^60", framed(&[3, 0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0])),
        ("a number longer than need be", framed(&[7, 0x82, 0x58, 0x01, 0, 0x18, 0x01])),
        ("a float", framed(&[4, 0xfb, 0, 0, 0, 0, 0, 0, 0, 0])),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_of_every_kind_ends_its_line_and_bars_its_key() {
    let mut scene = Scene::set().await.unwrap();
    scene.honest_people_talk("quiet").await.unwrap();
    let node = address_of(&scene.company.ada).await.unwrap();
    for holder in [scene.relay, node] {
        for (what, bytes) in garbage() {
            let stranger = Peer::new("Mallory").unwrap();
            let mut line = Line::open(&stranger.transport, &holder).await.unwrap();
            greet(&mut line).await.unwrap();
            line.say_bytes(&bytes).await.unwrap();
            line.ended().await.unwrap_or_else(|error| panic!("{what}: {error:#}"));
            becomes_barred(&stranger, &holder).await;
        }
    }
    scene.honest_people_talk("on").await.unwrap();
    scene.company.verify().await.unwrap();
}

/// A line may end before it is noted whose it was.
async fn becomes_barred(peer: &Peer, holder: &Address) {
    eventually("its key is barred", async || Ok(barred(peer, holder).await.then_some(()))).await.unwrap();
}

/// Whether a peer is not greeted.
async fn barred(peer: &Peer, holder: &Address) -> bool {
    match Line::open(&peer.transport, holder).await {
        Ok(mut line) => greet(&mut line).await.is_err(),
        Err(_) => true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_for_somebody_else_is_closed_and_is_told_nothing() {
    let mut scene = Scene::set().await.unwrap();
    scene.honest_people_talk("quiet").await.unwrap();
    let node = address_of(&scene.company.ada).await.unwrap();
    for holder in [scene.relay, node] {
        // Everything is Eve's but the key that signs, then the nonce of another line.
        for stale in [false, true] {
            scene.eve.transport = Transport::new().unwrap();
            let thief = &scene.eve;
            let mut line = Line::open(&thief.transport, &holder).await.unwrap();
            let nonce = greet(&mut line).await.unwrap();
            let (nonce, key) = match stale {
                true => ([8; 32], thief.account.device.clone()),
                false => (nonce, SecretKey::from_seed(&[9; 32])),
            };
            let proof = thief.proof(thief.vouch(&line, &nonce, &key)).unwrap();
            line.say(&proof).await.unwrap();
            let mut heard = Vec::new();
            while let Some(frame) = line.hear().await.unwrap() {
                heard.push(frame);
            }
            assert!(!heard.iter().any(|frame| matches!(frame, Frame::Offer(_) | Frame::Ops(_))), "{heard:?}");
            becomes_barred(thief, &holder).await;
        }
    }
    scene.honest_people_talk("on").await.unwrap();
    scene.company.verify().await.unwrap();
}
