//! An account leaves the relay that kept its key: real programs, and the command that a person types.

mod contest;
mod kept;
mod recovery;

use anyhow::Result;
use nexus_net::{Company, Person, Place, Program, eventually, text};
use serde_json::{Value, json};
use tempfile::TempDir;

const LOGIN: &str = "rita\ncorrect horse battery staple\n";

/// A node with nobody in it.
struct Home {
    program: Program,
    folder: TempDir,
}

impl Home {
    fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Program::node(&folder.path().join("home"), &[]).unwrap();
        Self { program, folder }
    }

    /// What `nexus claim` prints: the token, and the recovery key.
    fn claim(&self, relay: &Program, more: &[&str]) -> Result<(String, String)> {
        let base = relay.base();
        let said = self.program.tell(&[&["claim", &base], more].concat(), LOGIN)?;
        let (token, recovery) = said.split_once('\n').unwrap();
        Ok((token.to_owned(), recovery.to_owned()))
    }

    async fn close(mut self) {
        self.program.stop().await.unwrap();
        self.program.ask(&["verify"]).unwrap();
        self.folder.close().unwrap();
    }
}

/// A bot of Rita's, hosted on the relay, in a guild of hers there.
async fn bot_of(rita: &Person) -> Result<(Person, Place, String)> {
    rita.api.post("/guilds", &json!({ "name": "Den" })).await?;
    let den = rita.find("Den").await?.unwrap();
    let made = rita.api.post("/applications", &json!({ "name": "Echo" })).await?;
    let id = text(&made["id"])?;
    let token = text(&rita.api.post(&format!("/applications/{id}/bot/reset"), &json!({})).await?["token"])?;
    let path = format!("/oauth2/authorize?client_id={id}&scope=bot");
    rita.api.post(&path, &json!({ "guild_id": den.guild, "authorize": true })).await?;
    Ok((Person::new(rita.api.base(), &format!("Bot {token}")), den, id))
}

async fn members(person: &Person, place: &Place) -> Result<Value> {
    Ok(person.api.get(&format!("/guilds/{}/members?limit=100", place.guild)).await?)
}

async fn reads(person: &Person, guild: &str, words: &str) -> Place {
    let what = format!("{words:?} is read in {guild}");
    eventually(&what, async || {
        let Some(place) = person.find(guild).await? else { return Ok(None) };
        Ok(person.texts(&place.channel).await?.iter().any(|text| text == words).then_some(place))
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_goes_home_from_its_relay_and_the_others_notice_nothing() {
    let company = Company::gather().await.unwrap();
    let (ada, rita) = (&company.at_ada, &company.at_relay);
    let (bot, den, application) = bot_of(rita).await.unwrap();
    let at_ada = company.place(ada).await.unwrap();
    rita.say(&company.place(rita).await.unwrap(), "from the relay").await.unwrap();
    bot.say(&den, "beep").await.unwrap();
    reads(ada, "Workshop", "from the relay").await;
    let before = members(ada, &at_ada).await.unwrap();

    let mut home = Home::empty();
    let wrong = home.program.tell(&["claim", &company.relay.base()], "rita\nanother horse\n").unwrap_err();
    assert!(wrong.to_string().contains("not right"), "{wrong}");
    let (token, recovery) = home.claim(&company.relay, &[]).unwrap();
    assert_eq!(recovery.split(' ').map(str::len).collect::<Vec<_>>(), [8; 8]);
    home.program.start().await.unwrap();
    let at_home = Person::new(&home.program.base(), &token);
    let place = reads(&at_home, "Workshop", "from the relay").await;
    assert_eq!(at_home.id().await.unwrap(), rita.id().await.unwrap());
    at_home.say(&place, "from home").await.unwrap();
    reads(ada, "Workshop", "from home").await;
    reads(&company.at_bob, "Workshop", "from home").await;
    let said = ada.everything(&at_ada.channel).await.unwrap();
    let author_of = |words: &str| {
        said.iter().find(|message| message["content"] == words).map(|message| message["author"].clone())
    };
    assert_eq!(author_of("from home"), author_of("from the relay"));
    assert_eq!(members(ada, &at_ada).await.unwrap(), before, "the members notice nothing");

    reads(&at_home, "Den", "beep").await;
    bot.say(&den, "boop").await.unwrap();
    reads(&at_home, "Den", "boop").await;
    eventually("the relay writes for her no more", async || {
        Ok(rita.say(&den, "forged").await.is_err().then_some(()))
    })
    .await
    .unwrap();
    let reset = format!("/applications/{application}/bot/reset");
    rita.api.post(&reset, &json!({})).await.unwrap();
    assert!(bot.say(&den, "with the old token").await.is_err());

    let second = Home::empty();
    let refused = second.claim(&company.relay, &[]).unwrap_err().to_string();
    assert!(refused.contains("taken home before"), "{refused}");
    home.close().await;
    company.verify().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_the_hosted_device_writes_at_home_and_at_the_relay() {
    let company = Company::gather().await.unwrap();
    let mut home = Home::empty();
    home.program.start().await.unwrap();
    let (token, _) = home.claim(&company.relay, &["--keep-hosted"]).unwrap();
    let at_home = Person::new(&home.program.base(), &token);
    let rita = &company.at_relay;
    rita.say(&company.place(rita).await.unwrap(), "in the browser").await.unwrap();
    let place = reads(&at_home, "Workshop", "in the browser").await;
    at_home.say(&place, "at home").await.unwrap();
    for person in company.people() {
        reads(person, "Workshop", "at home").await;
    }
    assert!(home.claim(&company.relay, &[]).is_err(), "this node has its owner");
    home.close().await;
    company.verify().await.unwrap();
}
