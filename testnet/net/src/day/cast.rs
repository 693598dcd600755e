//! Two relays, three nodes behind routers of different kinds, five people in one guild.

use super::schedule::Schedule;
use super::talk::{Mouth, Voice};
use crate::air::{Nat, Weather};
use crate::company::settled;
use crate::peer::{Address, address_of};
use crate::person::{Person, Place, eventually, text};
use crate::program::Program;
use crate::street::{House, Street};
use crate::usage::Usage;
use anyhow::{Context as _, Result};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// By their houses.
pub(super) const EAST: usize = 0;
pub(super) const WEST: usize = 1;
pub(super) const ADA: usize = 2;
pub(super) const NODES: [usize; 3] = [ADA, 3, 4];
pub(super) const PROGRAMS: usize = 5;
pub(super) const NAMES: [&str; PROGRAMS] = ["East", "West", "Ada", "Bob", "Cy"];
/// Who speaks at each: those of nodes own them.
const PEOPLE: [&str; PROGRAMS] = ["rita", "wes", "Ada", "Bob", "Cy"];
const GUILD: &str = "Day";
const PASSWORD: &str = "correct horse battery staple";

/// Lines as they are when nothing is wrong.
pub(super) const FAIR: Weather = Weather {
    seed: 24,
    delay: std::time::Duration::from_millis(2),
    jitter: std::time::Duration::from_millis(2),
    loss: 0.002,
    reorder: 0.01,
};

/// Everything that runs. Fields drop in order: the folder last.
pub(super) struct Cast {
    pub(super) programs: Vec<Program>,
    pub(super) voices: Vec<Arc<Voice>>,
    /// Where East and West are in the mesh.
    pub(super) meshes: [Address; 2],
    /// The most that was resident of each, KiB.
    pub(super) peaks: [u64; PROGRAMS],
    pub(super) is_running: [bool; PROGRAMS],
    pub(super) street: Street,
    folder: TempDir,
}

impl Cast {
    /// All in one guild that names both relays, each allowed to write as fast as they can.
    pub(super) async fn gather(schedule: &Schedule) -> Result<Self> {
        let street = Street::through_air(PROGRAMS as u8, FAIR)?;
        let folder = tempfile::tempdir()?;
        let (mut programs, mut people) = (Vec::new(), Vec::new());
        for relay in [EAST, WEST] {
            let data = folder.path().join(NAMES[relay]);
            let mut program = Program::relay_in_a_house(&data, street.houses()[relay].clone());
            program.start().await?;
            people.push(register(&program.base(), PEOPLE[relay]).await?);
            programs.push(program);
        }
        let relays = [programs[EAST].base(), programs[WEST].base()];
        for (node, nat) in NODES.into_iter().zip(schedule.nats) {
            let (node, person) = settle(&folder, &street.houses()[node], node, nat, &relays).await?;
            programs.push(node);
            people.push(person);
        }
        meet(&programs, &people, &relays).await?;
        settled(&programs.iter().collect::<Vec<_>>()).await?;
        let meshes = [address_of(&programs[EAST]).await?, address_of(&programs[WEST]).await?];
        let mut voices = Vec::new();
        for (program, person) in people.into_iter().enumerate() {
            let place = place(&person).await?;
            let mouth = Mouth { person, place };
            voices.push(Arc::new(Voice::new(NAMES[program], program, mouth)));
        }
        let (peaks, is_running) = ([0; PROGRAMS], [true; PROGRAMS]);
        Ok(Self { programs, voices, meshes, peaks, is_running, street, folder })
    }

    pub(super) fn house(&self, program: usize) -> &House {
        &self.street.houses()[program]
    }

    pub(super) fn data(&self, program: usize) -> PathBuf {
        self.folder.path().join(NAMES[program])
    }

    pub(super) fn all(&self) -> Vec<&Program> {
        self.programs.iter().collect()
    }

    /// Looks what it took so far: what it was is forgotten when it ends.
    pub(super) fn note_peak(&mut self, program: usize) -> Result<()> {
        let pid = self.programs[program].pid().context("it runs")?;
        self.peaks[program] = self.peaks[program].max(Usage::peak_kib(pid)?);
        Ok(())
    }

    pub(super) async fn kill(&mut self, program: usize) -> Result<()> {
        self.note_peak(program)?;
        self.is_running[program] = false;
        self.programs[program].kill()
    }

    pub(super) async fn stop(&mut self, program: usize) -> Result<()> {
        self.note_peak(program)?;
        self.is_running[program] = false;
        self.programs[program].stop().await
    }

    pub(super) async fn start(&mut self, program: usize) -> Result<()> {
        self.programs[program].start().await?;
        self.is_running[program] = true;
        Ok(())
    }

    /// An invite's code.
    pub(super) async fn invite(&self) -> Result<String> {
        let mouth = self.voices[ADA].mouth.lock().await;
        let path = format!("/channels/{}/invites", mouth.place.channel);
        text(&mouth.person.api.post(&path, &json!({})).await?["code"])
    }

    pub(super) async fn verify(&mut self) -> Result<()> {
        for program in 0..PROGRAMS {
            self.stop(program).await?;
            self.programs[program].ask(&["verify"])?;
        }
        Ok(())
    }
}

/// Where somebody's guild is, by the numbers of their program.
pub(super) async fn place(person: &Person) -> Result<Place> {
    eventually("they are in the guild", async || person.find(GUILD).await).await
}

/// Somebody whose account is on a relay, by a new session.
pub(super) async fn log_in(base: &str, relay: usize) -> Result<Person> {
    let account = json!({ "login": PEOPLE[relay], "password": PASSWORD });
    let made = Person::new(base, "").api.post("/auth/login", &account).await?;
    Ok(Person::new(base, &text(&made["token"])?))
}

async fn register(base: &str, name: &str) -> Result<Person> {
    let account = json!({ "username": name, "password": PASSWORD });
    let made = Person::new(base, "").api.post("/auth/register", &account).await?;
    Ok(Person::new(base, &text(&made["token"])?))
}

async fn settle(
    folder: &TempDir,
    house: &House,
    number: usize,
    nat: Nat,
    relays: &[String; 2],
) -> Result<(Program, Person)> {
    house.put_behind(nat)?;
    let node = Program::direct_in_a_house(&folder.path().join(NAMES[number]), house.clone());
    let mut node = relays.iter().fold(node.wherever_it_is(), |node, url| node.with_relay(url));
    let token = node.ask(&["setup", PEOPLE[number]])?;
    node.start().await?;
    let person = Person::new(&node.base(), &token);
    Ok((node, person))
}

/// Ada's guild names both relays; the others come in, at a node by command line and at a relay by its window.
async fn meet(programs: &[Program], people: &[Person], relays: &[String; 2]) -> Result<()> {
    let ada = &people[ADA];
    ada.api.post("/guilds", &json!({ "name": GUILD })).await?;
    let at_ada = place(ada).await?;
    let named = format!("/nexus/guilds/{}/relays", at_ada.guild);
    ada.api.put_json(&named, &json!({ "relays": relays })).await?;
    let path = format!("/channels/{}/invites", at_ada.channel);
    let code = text(&ada.api.post(&path, &json!({})).await?["code"])?;
    for relay in [EAST, WEST] {
        let path = format!("/invites/{code}");
        eventually("a relay knows the invite", async || {
            people[relay].api.post(&path, &json!({})).await?;
            Ok(Some(()))
        })
        .await?;
    }
    for node in &NODES[1..] {
        let url = format!("{}/invite/{code}", relays[EAST]);
        eventually("they are let in", async || programs[*node].ask(&["join", &url]).map(Some)).await?;
    }
    let_all_write_fast(ada, &at_ada).await
}

async fn let_all_write_fast(ada: &Person, place: &Place) -> Result<()> {
    let (api, guild) = (&ada.api, &place.guild);
    let role = json!({ "name": "fast", "nexus": { "rate_class": "bulk" } });
    let role = text(&api.post(&format!("/guilds/{guild}/roles"), &role).await?["id"])?;
    let members = eventually("all are members", async || {
        let members = api.get(&format!("/guilds/{guild}/members?limit=100")).await?;
        Ok(members.as_array().filter(|members| members.len() == PROGRAMS).cloned())
    });
    for member in members.await? {
        let id = text(&member["user"]["id"])?;
        api.put(&format!("/guilds/{guild}/members/{id}/roles/{role}")).await?;
    }
    Ok(())
}
