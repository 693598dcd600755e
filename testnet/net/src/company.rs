//! A relay, two nodes that use it, and three people in one guild.

use crate::golden;
use crate::person::{Person, Place, eventually, text};
use crate::program::{Program, sum};
use crate::small_disk::SmallDisk;
use crate::street::Street;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Ada and Bob on nodes of their own, Rita with an account on the relay.
pub struct Company {
    /// The relay.
    pub relay: Program,
    /// Ada's node; the guild is hers.
    pub ada: Program,
    /// Bob's node.
    pub bob: Program,
    /// The owner of Ada's node.
    pub at_ada: Person,
    /// The owner of Bob's node.
    pub at_bob: Person,
    /// A person by plain REST.
    pub at_relay: Person,
    folder: TempDir,
    /// Where each has a house of its own.
    _street: Option<Street>,
}

/// The guild's name.
const GUILD: &str = "Workshop";

impl Company {
    /// All three in one guild, each allowed to write as fast as they can.
    ///
    /// # Errors
    /// Where a program fails or refuses.
    pub async fn gather() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let relay = Program::relay(&folder.path().join("relay"))?;
        Self::around(relay, folder, Program::node).await
    }

    /// As [`Company::gather`], each program in a house of its own: whoever else is on the street, as this machine, comes from an
    /// address that is none of theirs.
    ///
    /// # Errors
    /// Where a program fails or refuses.
    pub async fn on_a_street() -> Result<Self> {
        let (folder, street) = (tempfile::tempdir()?, Street::of(3)?);
        let mut houses = street.houses().to_vec().into_iter();
        let mut house = || houses.next().context("three houses");
        let relay = Program::relay_in_a_house(&folder.path().join("relay"), house()?);
        let url = relay.base();
        let company = Self::around(relay, folder, |data, _| {
            house().map(|house| Program::behind_a_relay(data, house, &url))
        });
        Ok(Self { _street: Some(street), ..company.await? })
    }

    /// As [`Company::gather`], both nodes in LAN mode: others on this machine can dial them.
    ///
    /// # Errors
    /// Where a program fails or refuses.
    pub async fn near() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let relay = Program::relay(&folder.path().join("relay"))?;
        Self::around(relay, folder, |data, relays| Program::node(data, relays)?.in_the_lan()).await
    }

    /// As [`Company::gather`], the relay on a small disk of which `reserve` bytes stay free; none where there can be none.
    ///
    /// # Errors
    /// Where a program fails or refuses.
    pub async fn with_a_small_disk(reserve: u64) -> Result<Option<Self>> {
        let folder = tempfile::tempdir()?;
        let place = folder.path().join("small");
        std::fs::create_dir(&place)?;
        let Some(disk) = SmallDisk::over(&place) else { return Ok(None) };
        let relay = Program::relay(&place)?.on_a_small_disk(disk, reserve);
        Self::around(relay, folder, Program::node).await.map(Some)
    }

    async fn around(
        mut relay: Program,
        folder: TempDir,
        mut node: impl FnMut(&Path, &[String]) -> Result<Program>,
    ) -> Result<Self> {
        relay.start().await?;
        let relays = [relay.base()];
        let (ada, at_ada) = owned_by("Ada", node(&folder.path().join("Ada"), &relays)?).await?;
        let (bob, at_bob) = owned_by("Bob", node(&folder.path().join("Bob"), &relays)?).await?;
        let at_relay = register(&relay, "rita").await?;
        let company = Self { relay, ada, bob, at_ada, at_bob, at_relay, folder, _street: None };
        company.meet().await?;
        Ok(company)
    }

    /// Ada makes the guild and its invite; Bob joins by command line, Rita at the relay's window.
    async fn meet(&self) -> Result<()> {
        let ada = &self.at_ada;
        ada.api.post("/guilds", &json!({ "name": GUILD })).await?;
        let place = ada.find(GUILD).await?.context("a guild with a channel")?;
        let invite = ada.api.post(&format!("/channels/{}/invites", place.channel), &json!({})).await?;
        let code = text(&invite["code"])?;
        eventually("the relay knows the invite", async || {
            Ok(self.at_relay.api.get(&format!("/invites/{code}")).await.ok())
        })
        .await?;
        let url = format!("{}/invite/{code}", self.relay.base());
        eventually("Bob is let in", async || self.bob.ask(&["join", &url]).map(Some)).await?;
        self.at_relay.api.post(&format!("/invites/{code}"), &json!({})).await?;
        self.let_all_write_fast(&place).await?;
        for person in self.people() {
            eventually("everybody is in the guild", async || person.find(GUILD).await).await?;
        }
        Ok(())
    }

    async fn let_all_write_fast(&self, place: &Place) -> Result<()> {
        let (api, guild) = (&self.at_ada.api, &place.guild);
        let role = json!({ "name": "fast", "nexus": { "rate_class": "bulk" } });
        let role = text(&api.post(&format!("/guilds/{guild}/roles"), &role).await?["id"])?;
        let members = eventually("three members on Ada's node", async || {
            let members = api.get(&format!("/guilds/{guild}/members?limit=100")).await?;
            Ok(members.as_array().filter(|members| members.len() == 3).cloned())
        })
        .await?;
        for member in members {
            let id = text(&member["user"]["id"])?;
            api.put(&format!("/guilds/{guild}/members/{id}/roles/{role}")).await?;
        }
        settled(&[&self.relay, &self.ada, &self.bob]).await
    }

    /// Everybody.
    #[must_use]
    pub fn people(&self) -> [&Person; 3] {
        [&self.at_ada, &self.at_bob, &self.at_relay]
    }

    /// The guild, by the numbers of this person's program.
    ///
    /// # Errors
    /// Where they are not in it.
    pub async fn place(&self, person: &Person) -> Result<Place> {
        person.find(GUILD).await?.context("not in the guild")
    }

    /// Where a program's folder is: `relay`, `Ada` or `Bob`.
    #[must_use]
    pub fn folder_of(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Each program by the name of its folder, and who is at its window.
    #[must_use]
    pub fn cast(&self) -> [(&'static str, &Program, &Person); 3] {
        [
            ("relay", &self.relay, &self.at_relay),
            ("Ada", &self.ada, &self.at_ada),
            ("Bob", &self.bob, &self.at_bob),
        ]
    }

    /// Stops all three, and packs the folder of each into `place`.
    ///
    /// # Errors
    /// Where one does not stop well, or cannot be packed.
    pub(crate) async fn pack(mut self, place: &Path) -> Result<()> {
        for program in [&mut self.ada, &mut self.bob, &mut self.relay] {
            program.stop().await?;
        }
        for name in ["relay", "Ada", "Bob"] {
            golden::pack(&self.folder.path().join(name), &place.join(format!("{name}.tar.gz")))?;
        }
        self.folder.close()?;
        Ok(())
    }

    /// Stops all three, each of which must then hold nothing that is not in order.
    ///
    /// # Errors
    /// Where one does not stop well or `verify` finds something.
    pub async fn verify(mut self) -> Result<()> {
        for program in [&mut self.ada, &mut self.bob, &mut self.relay] {
            program.stop().await?;
            // A small disk goes with the program that had it.
            if !program.is_on_a_small_disk() {
                program.ask(&["verify"])?;
            }
        }
        self.folder.close()?;
        Ok(())
    }
}

async fn owned_by(name: &str, mut node: Program) -> Result<(Program, Person)> {
    let token = node.ask(&["setup", name])?;
    node.start().await?;
    let person = Person::new(&node.base(), &token);
    Ok((node, person))
}

async fn register(relay: &Program, name: &str) -> Result<Person> {
    let stranger = Person::new(&relay.base(), "");
    let account = json!({ "username": name, "password": "correct horse battery staple" });
    let made = stranger.api.post("/auth/register", &account).await?;
    Ok(Person::new(&relay.base(), &text(&made["token"])?))
}

/// Returns once all say the same of their one guild (state hash and timelines) and nothing waits in an outbox. Of a large guild
/// one that was away lacks much: as long as more comes, it is waited for.
///
/// # Errors
/// Where they do not come to that.
pub async fn settled(programs: &[&Program]) -> Result<()> {
    let mut most = 0;
    loop {
        let mut held = 0;
        let all_the_same = eventually("all hold the same, and nothing waits to be handed over", async || {
            let told = programs.iter().map(|program| program.status()).collect::<Result<Vec<Value>>>()?;
            held = told.iter().map(|status| sum(status, "ops")).sum();
            are_settled(&told).map(Some)
        });
        let Err(unsettled) = all_the_same.await else { return Ok(()) };
        if held <= std::mem::replace(&mut most, held) {
            return Err(unsettled);
        }
    }
}

fn are_settled(told: &[Value]) -> Result<()> {
    let held = |status: &Value| {
        let guild = &status["guilds"][0];
        json!([guild["id"], guild["state_hash"], guild["timelines"]])
    };
    ensure!(told.iter().all(|status| held(status) == held(&told[0])), "they differ: {told:#?}");
    ensure!(told[0]["guilds"][0]["state_hash"].is_string(), "no guild: {:#?}", told[0]);
    ensure!(told.iter().all(|status| sum(status, "outbox") == 0), "something waits: {told:#?}");
    Ok(())
}
