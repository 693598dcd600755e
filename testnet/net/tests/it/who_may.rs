//! Who may hold what: a modified member node asks every holder for everything, and records every decrypted byte.

use anyhow::{Context as _, Result, ensure};
use nexus_core::sync::frame::{Again, Ask, Frame, GovSince, Heads, Place, Sum, Typing, Want};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, StreamId};
use nexus_net::{Address, Company, Heard, Line, Peer, Place as Room, address_of, eventually, sum, text};
use serde_json::{Value, json};

const HIDDEN: &str = "what only the owner reads";
const PRIVATE: &str = "what only two people read";

/// The company, a hidden channel and a conversation in it, and Eve, a member with a program of her own making.
struct Scene {
    company: Company,
    room: Room,
    /// The hidden channel, by its number on Ada's node ..
    hidden: String,
    /// .. and in the ops.
    secret: ChannelId,
    guild: SpaceId,
    /// Ada's conversation with Bob.
    conversation: SpaceId,
    eve: Peer,
    holders: [Address; 3],
}

impl Scene {
    async fn set() -> Result<Self> {
        let company = Company::near().await?;
        let ada = company.at_ada.clone();
        let room = company.place(&ada).await?;
        let holders = [
            address_of(&company.relay).await?,
            address_of(&company.ada).await?,
            address_of(&company.bob).await?,
        ];
        let invite = ada.api.post(&format!("/channels/{}/invites", room.channel), &json!({})).await?;
        let conversation = converse(&company).await?;
        let channel = json!({ "name": "hidden", "type": 0, "permission_overwrites": [nobody(&room)] });
        let hidden = text(&ada.api.post(&format!("/guilds/{}/channels", room.guild), &channel).await?["id"])?;
        say(&company, &hidden, HIDDEN).await?;
        handed_over(&company).await?;
        let mut eve = Peer::new("Eve")?;
        let guild = eve.join(&holders[0], &text(&invite["code"])?).await?;
        eventually("Eve is a member everywhere", async || Ok(member(&company, &room, "Eve").await?)).await?;
        handed_over(&company).await?;
        let mut line = eve.meet_anew(&holders[0]).await?;
        let heard = wanted(&mut line, guild).await?;
        eve.account.learn(&heard)?;
        let channels = &eve.account.core().view().guilds[&guild].channels;
        let secret =
            *channels.iter().find(|(_, channel)| channel.name == "hidden").context("its governance")?.0;
        Ok(Self { company, room, hidden, secret, guild, conversation, eve, holders })
    }

    /// A line to each holder on which Eve has what she may have of the guild, and waits for more.
    async fn lines(&self) -> Result<Vec<(Line, Heard)>> {
        let mut lines = Vec::new();
        for holder in &self.holders {
            let mut line = self.eve.meet_anew(holder).await?;
            let heard = wanted(&mut line, self.guild).await?;
            lines.push((line, heard));
        }
        Ok(lines)
    }

    /// Ada says something hidden, then something open that every line hears.
    async fn said(&self, lines: &mut [(Line, Heard)], hidden: &str, open: &str) -> Result<()> {
        let ada = &self.company.at_ada;
        ada.api.post(&format!("/channels/{}/typing", self.hidden), &json!({})).await?;
        say(&self.company, &self.hidden, hidden).await?;
        say(&self.company, &self.room.channel, open).await?;
        for (line, heard) in lines {
            eventually("what is open is heard", async || {
                heard.0.extend(line.quiet().await?.0);
                Ok(holds(&line.record(), open).then_some(()))
            })
            .await?;
        }
        Ok(())
    }

    /// Who may see the hidden channel besides its owner.
    async fn opened_to(&self, overwrites: Value) -> Result<()> {
        let body = json!({ "permission_overwrites": overwrites });
        self.company.at_ada.api.patch(&format!("/channels/{}", self.hidden), &body).await?;
        handed_over(&self.company).await
    }

    fn assert_untold(&self, line: &Line, heard: &Heard) {
        for words in [HIDDEN, PRIVATE] {
            assert!(!holds(&line.record(), words), "{words:?} was told");
        }
        assert!(!heard.tells_of(&self.secret), "something of the hidden channel was told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modified_member_node_asks_for_everything_and_gets_nothing_it_may_not_have() {
    let scene = Scene::set().await.unwrap();
    for holder in &scene.holders {
        for space in [scene.guild, scene.conversation] {
            for questions in every_question(&scene, space) {
                let mut line = scene.eve.meet_anew(holder).await.unwrap();
                let mut heard = wanted(&mut line, scene.guild).await.unwrap();
                let place = a_place(&heard).unwrap();
                for question in questions {
                    line.say(&from_there(question, place)).await.unwrap();
                }
                heard.0.extend(line.quiet().await.unwrap().0);
                scene.assert_untold(&line, &heard);
                assert!(heard.op_bytes().count() > 0, "she is told what she may have");
                if space == scene.conversation {
                    let told = |frame: &Frame| matches!(frame, Frame::Ops(ops) if ops.space == space);
                    assert!(!heard.0.iter().any(told), "a conversation is not hers");
                }
            }
        }
    }
    scene.company.verify().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_brings_what_is_hidden_and_its_loss_ends_it_at_every_connected_holder() {
    let scene = Scene::set().await.unwrap();
    let mut lines = scene.lines().await.unwrap();
    scene.said(&mut lines, HIDDEN, "said while she listens").await.unwrap();
    for (line, heard) in &lines {
        scene.assert_untold(line, heard);
    }

    let eve = member(&scene.company, &scene.room, "Eve").await.unwrap().unwrap();
    let her = json!({ "id": eve, "type": 1, "allow": "66560", "deny": "0" });
    scene.opened_to(json!([nobody(&scene.room), her])).await.unwrap();
    // Bob may not see the channel: he has none of it to give.
    for (line, heard) in &mut lines[..2] {
        eventually("what was hidden comes with the right", async || {
            heard.0.extend(line.quiet().await?.0);
            Ok((heard.tells_of(&scene.secret) && holds(&line.record(), HIDDEN)).then_some(()))
        })
        .await
        .unwrap();
    }
    scene.said(&mut lines, "said while she may", "an open word").await.unwrap();
    for (line, heard) in &mut lines[..2] {
        eventually("what is said while she may is heard", async || {
            heard.0.extend(line.quiet().await?.0);
            Ok(holds(&line.record(), "said while she may").then_some(()))
        })
        .await
        .unwrap();
    }

    scene.opened_to(json!([nobody(&scene.room)])).await.unwrap();
    scene.said(&mut lines, "said when she may no more", "another open word").await.unwrap();
    for (line, _) in &lines {
        assert!(!holds(&line.record(), "said when she may no more"));
    }

    put_out(&scene, &eve, &mut lines).await.unwrap();
    for (line, _) in &lines {
        assert!(!holds(&line.record(), "said when she is out"));
    }
    scene.company.verify().await.unwrap();
}

/// Eve is kicked while she listens; then something is said that everybody else hears.
async fn put_out(scene: &Scene, eve: &str, lines: &mut [(Line, Heard)]) -> Result<()> {
    let company = &scene.company;
    company.at_ada.api.delete(&format!("/guilds/{}/members/{eve}", scene.room.guild)).await?;
    for (line, _) in lines.iter_mut() {
        line.until(|frame| *frame == Frame::Gone(scene.guild)).await?;
    }
    say(company, &scene.room.channel, "said when she is out").await?;
    for person in company.people() {
        let place = company.place(person).await?;
        eventually("everybody else hears it", async || {
            let texts = person.texts(&place.channel).await?;
            Ok(texts.iter().any(|text| text == "said when she is out").then_some(()))
        })
        .await?;
    }
    for (line, _) in lines {
        // Asked for once more, she is refused.
        line.say(&Frame::Want(Want { space: scene.guild, from: None, held: Vec::new() })).await?;
        let heard = line.quiet().await?;
        ensure!(heard.ops_in(&scene.secret.stream()) == 0, "something is still told");
    }
    Ok(())
}

/// Everything that can be asked about a space, in groups that an honest program's patience bears.
fn every_question(scene: &Scene, space: SpaceId) -> Vec<Vec<Frame>> {
    let hidden = scene.secret.stream();
    let epochs = [[0; 16], HOLDERS_OWN];
    let places =
        epochs.iter().flat_map(|epoch| [0, 1, 3, u64::MAX].map(|at| Some(Place { epoch: *epoch, at })));
    let want = |from| Frame::Want(Want { space, from, held: Vec::new() });
    let sums = |count| vec![Sum { stream: hidden, count, sum: [0; 16] }];
    let held = [0, 1, u64::MAX].map(|count| Frame::Want(Want { space, from: None, held: sums(count) }));
    let streams = [hidden, StreamId::GOVERNANCE, StreamId::MEMBERSHIP, StreamId([9; 16]), hidden];
    let heads = |heads: Vec<OpId>, count| Frame::Heads(Heads { space, heads, sums: sums(count) });
    let since = |heads| Frame::GovSince(GovSince { space, heads });
    let device = scene.eve.account.device.public();
    vec![
        places.map(want).chain([want(None)]).collect(),
        held.into_iter().chain(streams.map(|stream| Frame::Again(Again { space, stream }))).collect(),
        vec![
            heads(vec![], 0),
            heads(vec![OpId([3; 32])], u64::MAX),
            since(vec![]),
            since(vec![OpId([3; 32])]),
            Frame::Offer(vec![space]),
            Frame::Typing(Typing { space, channel: scene.secret, user: scene.eve.account.user }),
            Frame::Ask(Ask { admission: device.into(), signature: scene.eve.account.device.sign(b"me").0 }),
            Frame::Ask(Ask { admission: device.into(), signature: [0; 64] }),
            want(None),
        ],
    ]
}

/// Stands for the epoch of whoever is asked, which is known only once they have said it.
const HOLDERS_OWN: [u8; 16] = [0xee; 16];

fn from_there(question: Frame, there: Place) -> Frame {
    match question {
        Frame::Want(Want { space, from: Some(place), held }) if place.epoch == HOLDERS_OWN => {
            Frame::Want(Want { space, from: Some(Place { epoch: there.epoch, at: place.at }), held })
        }
        other => other,
    }
}

fn a_place(heard: &Heard) -> Option<Place> {
    heard.0.iter().find_map(|frame| match frame {
        Frame::Ops(ops) => ops.upto,
        _ => None,
    })
}

/// Waits for the offer, for nothing is given before, and takes it.
async fn wanted(line: &mut Line, space: SpaceId) -> Result<Heard> {
    line.until(|frame| matches!(frame, Frame::Offer(spaces) if spaces.contains(&space))).await?;
    line.say(&Frame::Want(Want { space, from: None, held: Vec::new() })).await?;
    line.quiet().await
}

fn holds(record: &[u8], words: &str) -> bool {
    record.windows(words.len()).any(|window| window == words.as_bytes())
}

/// `@everyone` may not see it.
fn nobody(room: &Room) -> Value {
    json!({ "id": room.guild, "type": 0, "allow": "0", "deny": "1024" })
}

async fn say(company: &Company, channel: &str, words: &str) -> Result<()> {
    let path = format!("/channels/{channel}/messages");
    company.at_ada.api.post(&path, &json!({ "content": words })).await?;
    Ok(())
}

/// Ada opens a conversation with Bob and says something in it; its space.
async fn converse(company: &Company) -> Result<SpaceId> {
    let room = company.place(&company.at_ada).await?;
    let bob = member(company, &room, "Bob").await?.context("Bob")?;
    let made = company.at_ada.api.post("/users/@me/channels", &json!({ "recipient_id": bob })).await?;
    say(company, &text(&made["id"])?, PRIVATE).await?;
    let told = company.ada.status()?;
    let spaces = told["guilds"].as_array().context("spaces")?;
    let of = spaces.iter().find(|space| space["name"] != "Workshop").context("the conversation's space")?;
    let id: [u8; 32] = hex_of(&text(&of["id"])?)?.try_into().ok().context("32 bytes")?;
    Ok(SpaceId(id))
}

fn hex_of(text: &str) -> Result<Vec<u8>> {
    let digits = |at: usize| u8::from_str_radix(text.get(at..at + 2).unwrap_or_default(), 16);
    Ok((0..text.len()).step_by(2).map(digits).collect::<Result<Vec<u8>, _>>()?)
}

/// Somebody's number on Ada's node, if they are a member.
async fn member(company: &Company, room: &Room, name: &str) -> Result<Option<String>> {
    let members = company.at_ada.api.get(&format!("/guilds/{}/members?limit=100", room.guild)).await?;
    let mut users = members.as_array().into_iter().flatten().map(|member| &member["user"]);
    let named = |user: &&Value| user["username"] == name || user["global_name"] == name;
    users.find(named).map(|user| text(&user["id"])).transpose()
}

/// Returns once the relay has whatever Ada wrote, and everybody derives the same state.
async fn handed_over(company: &Company) -> Result<()> {
    eventually("everybody is of one mind", async || {
        let told = [company.ada.status()?, company.relay.status()?, company.bob.status()?];
        let of = |status: &Value| {
            let mut guilds = status["guilds"].as_array().into_iter().flatten();
            guilds.find(|guild| guild["name"] == "Workshop").map(|guild| guild["state_hash"].clone())
        };
        ensure!(told.iter().all(|status| of(status).is_some() && of(status) == of(&told[0])), "{told:#?}");
        ensure!(sum(&told[0], "outbox") == 0, "{:#?}", told[0]);
        Ok(Some(()))
    })
    .await
}
