//! Data folders as the programs of today leave them, kept for the programs of tomorrow: what was held must still be there.

use crate::company::{Company, settled};
use crate::person::{Person, Place, text};
use crate::program::Program;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The folders that are kept, one for each format that ever held somebody's data.
#[must_use]
pub fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// Plays a short life of three people, stops their programs, and packs what they leave into `place`: an archive for each
/// program, and `held.json`, what each of them held.
///
/// # Errors
/// Where a program fails, or `place` is there already: a folder that was kept is never made anew.
pub async fn make(place: &Path) -> Result<()> {
    ensure!(!place.exists(), "{} is there: what was kept is kept", place.display());
    let company = Company::gather().await?;
    let store = |(name, ..): (&str, &Program, &Person)| company.folder_of(name).join("nexus.redb");
    let files = company.cast().map(store).into_iter().map(|store| Ok((store.clone(), inode(&store)?)));
    let files = files.collect::<Result<Vec<_>>>()?;
    live(&company).await?;
    settled(&[&company.relay, &company.ada, &company.bob]).await?;
    let mut held = json!({});
    for (name, program, person) in company.cast() {
        held[name] = holds(program, person).await?;
    }
    written_anew(&files).await?;
    std::fs::create_dir_all(place)?;
    std::fs::write(place.join("held.json"), serde_json::to_string_pretty(&held)? + "\n")?;
    company.pack(place).await
}

/// What one program says of its guild, and what stands in the channels of whoever asks.
///
/// # Errors
/// Where it does not answer.
pub async fn holds(program: &Program, person: &Person) -> Result<Value> {
    let status = program.status()?;
    let guild = &status["guilds"][0];
    let place = person.find("Workshop").await?.context("a guild")?;
    let mut said = json!({});
    for channel in ["general", "plans"] {
        let channel_id = person.channel(&place.guild, channel).await?.context("a channel")?;
        let all = person.everything(&channel_id).await?;
        let of = |each: &Value| json!([each["id"], each["content"], each["pinned"], each["reactions"]]);
        said[channel] = all.iter().map(of).collect();
    }
    Ok(json!({
        "guild": guild["id"], "state_hash": guild["state_hash"], "timelines": guild["timelines"], "said": said,
    }))
}

/// Unpacks the folder of one program.
///
/// # Errors
/// Where it is not there.
pub fn unpack(archive: &Path, into: &Path) -> Result<()> {
    tar(Command::new("tar")
        .arg("--extract")
        .arg("--gzip")
        .arg("--file")
        .arg(archive)
        .arg("--directory")
        .arg(into))
}

/// Until each program has written its store anew by itself, as it does a minute after its start where something was destroyed:
/// older messages stand in blocks then. It is another file.
async fn written_anew(files: &[(PathBuf, u64)]) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(180);
    for (store, file) in files {
        while inode(store)? == *file {
            ensure!(Instant::now() < deadline, "{} is not written anew", store.display());
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
    Ok(())
}

fn inode(file: &Path) -> Result<u64> {
    Ok(std::fs::metadata(file)?.ino())
}

/// A folder of the programs, packed.
pub(crate) fn pack(folder: &Path, archive: &Path) -> Result<()> {
    let (parent, name) = (folder.parent().context("a parent")?, folder.file_name().context("a name")?);
    // Sockets and locks are made anew.
    let mut command = Command::new("tar");
    command.args(["--create", "--gzip", "--exclude=*.sock", "--file"]).arg(archive);
    tar(command.arg("--directory").arg(parent).arg(name))
}

fn tar(command: &mut Command) -> Result<()> {
    let output = command.output().context("tar")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

/// Messages of each of the three: so many that a store which is written anew has blocks.
const SAID_EACH: usize = 90;

/// A little of everything that leaves something behind.
async fn live(company: &Company) -> Result<()> {
    let ada = &company.at_ada;
    let place = company.place(ada).await?;
    let api = &ada.api;
    let mut said = Vec::new();
    for person in company.people() {
        let place = company.place(person).await?;
        for number in 0..SAID_EACH {
            said.push((person, place.clone(), person.say(&place, &format!("the {number}th of mine")).await?));
        }
    }
    let own = |at: usize| format!("/channels/{}/messages/{}", said[at].1.channel, said[at].2);
    said[0].0.api.patch(&own(0), &json!({ "content": "edited" })).await?;
    said[SAID_EACH + 1].0.api.delete(&own(SAID_EACH + 1)).await?;
    said[2 * SAID_EACH + 2]
        .0
        .api
        .put(&format!("{}/reactions/%F0%9F%91%8D/@me", own(2 * SAID_EACH + 2)))
        .await?;
    api.put(&format!("/channels/{}/pins/{}", place.channel, said[1].2)).await?;
    let plans = json!({ "name": "plans", "type": 0 });
    let plans = text(&api.post(&format!("/guilds/{}/channels", place.guild), &plans).await?["id"])?;
    ada.say(&Place { guild: place.guild.clone(), channel: plans }, "where to go").await?;
    let role = json!({ "name": "guides", "permissions": "8192", "hoist": true });
    api.post(&format!("/guilds/{}/roles", place.guild), &role).await?;
    Ok(())
}
