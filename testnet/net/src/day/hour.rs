//! What is done to everybody when an hour begins.

use super::Day;
use super::cast::{ADA, EAST, FAIR, WEST, log_in, place};
use super::schedule::{Kind, Schedule, Trouble};
use crate::air::{Fault, LineLoss, Wall, Weather};
use crate::flood::{Attack, Flood, Target};
use crate::person::{Person, eventually};
use crate::program::sum;
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::time::Duration;

/// Late, unsteady, and three frames of a hundred lost.
const STORM: Weather = Weather {
    seed: 24,
    delay: Duration::from_millis(40),
    jitter: Duration::from_millis(20),
    loss: 0.03,
    reorder: 0.05,
};
/// What a line loses that loses one way.
const ONE_WAY: f64 = 0.2;
/// Blows a second of whoever attacks.
const PACE: u32 = 500;

impl Day {
    /// The troubles that end and those that begin; everybody who can says something meanwhile.
    pub(super) async fn pass(&mut self, schedule: &Schedule, hour: usize, length: Duration) -> Result<()> {
        for trouble in schedule.end(hour) {
            self.end(trouble).await.with_context(|| format!("hour {hour}, the end of: {trouble}"))?;
        }
        for trouble in schedule.begin(hour) {
            self.begin(trouble).await.with_context(|| format!("hour {hour}: {trouble}"))?;
        }
        self.crowd.let_some_come(hour, schedule.hours);
        let (talked, slept) = tokio::join!(self.everybody_talks(), tokio::time::sleep(length));
        let () = slept;
        talked.with_context(|| format!("hour {hour}"))
    }

    /// Returns when everybody whose program runs was acknowledged once more.
    async fn everybody_talks(&self) -> Result<()> {
        let before: Vec<usize> = self.cast.voices.iter().map(|voice| voice.count()).collect();
        eventually("everybody who can says something", async || {
            for (voice, before) in self.cast.voices.iter().zip(&before) {
                let is_running = self.cast.is_running[voice.program];
                ensure!(
                    !is_running || voice.count() > *before,
                    "nothing is heard of number {}",
                    voice.program
                );
            }
            Ok(Some(()))
        })
        .await
    }

    async fn begin(&mut self, trouble: Trouble) -> Result<()> {
        match trouble {
            Trouble::Storm => self.cast.street.weather(STORM),
            Trouble::OneWay { program, outward } => {
                let (outward, inward) = if outward { (ONE_WAY, 0.0) } else { (0.0, ONE_WAY) };
                self.cast.house(program).line(LineLoss { outward, inward })?;
            }
            Trouble::UdpBlocked { program } => self.cast.house(program).wall(Some(Wall::NO_UDP))?,
            Trouble::Parted { program } => self.cast.house(program).part_from_the_others()?,
            Trouble::NewRouter { program } => drop(self.cast.house(program).renew_router()?),
            Trouble::NewAddress { program } => self.move_on(program).await?,
            Trouble::Killed { program } => self.cast.kill(program).await?,
            Trouble::Copied => self.copy_west().await?,
            Trouble::Restored => self.restore_west().await?,
            Trouble::Flood { attack, relay } => {
                let flood = self.flood(attack, relay)?;
                self.floods.insert((attack, relay), flood);
            }
        }
        // Blows are counted when it ends.
        if let Some(kind) = trouble.kind().filter(|kind| !matches!(kind, Kind::Flood(_))) {
            *self.tally.entry(kind).or_default() += 1;
        }
        Ok(())
    }

    async fn end(&mut self, trouble: Trouble) -> Result<()> {
        if let Some(fault) = felt_as(trouble) {
            eventually("it befalls a frame", async || {
                Ok((self.cast.street.faults().of(fault) > 0).then_some(()))
            })
            .await?;
        }
        match trouble {
            Trouble::Storm => self.cast.street.weather(FAIR),
            Trouble::OneWay { program, .. } => self.cast.house(program).line(LineLoss::default())?,
            Trouble::UdpBlocked { program } => self.cast.house(program).wall(None)?,
            Trouble::Parted { program } => self.cast.house(program).join()?,
            Trouble::Killed { program } => self.cast.start(program).await?,
            Trouble::Flood { attack, relay } => {
                let flood = self.floods.remove(&(attack, relay)).context("it began")?;
                *self.tally.entry(Kind::Flood(attack)).or_default() += flood.blows();
            }
            Trouble::NewRouter { .. } | Trouble::NewAddress { .. } | Trouble::Copied | Trouble::Restored => {}
        }
        Ok(())
    }

    /// Each attacker comes from an address of its own.
    pub(super) fn flood(&self, attack: Attack, relay: usize) -> Result<Flood> {
        let (window, mesh) = (self.cast.programs[relay].listens(), self.cast.meshes[relay]);
        let from = Some(self.cast.street.another_place()?);
        Flood::begin(attack, Target { window, mesh, from }, PACE)
    }

    /// Its owner goes with it.
    async fn move_on(&self, program: usize) -> Result<()> {
        let mut mouth = self.cast.voices[program].mouth.lock().await;
        self.cast.house(program).move_on()?;
        let token = mouth.person.api.authorization().to_owned();
        mouth.person = Person::new(&self.cast.programs[program].base(), &token);
        drop(mouth);
        Ok(())
    }

    async fn copy_west(&mut self) -> Result<()> {
        *self.crowd.forgets.write().await = true;
        self.cast.stop(WEST).await?;
        copy_folder(&self.cast.data(WEST), &self.cast.data(WEST).with_extension("copy"))?;
        self.cast.start(WEST).await
    }

    /// What only West ever had would be gone with its disk, and nobody promises otherwise: so its person is silent until
    /// all they said has been handed on. What it did not know any more of its own writing must not be written again.
    async fn restore_west(&mut self) -> Result<()> {
        let voice = self.cast.voices[WEST].clone();
        let mut mouth = voice.mouth.lock().await;
        eventually("all that was said at West is handed on", async || {
            Ok((sum(&self.cast.programs[WEST].status()?, "outbox") == 0).then_some(()))
        })
        .await?;
        self.cast.kill(WEST).await?;
        let data = self.cast.data(WEST);
        std::fs::remove_dir_all(&data)?;
        std::fs::rename(data.with_extension("copy"), &data)?;
        self.cast.start(WEST).await?;
        let base = self.cast.programs[WEST].base();
        mouth.person =
            eventually("West lets its person in", async || log_in(&base, WEST).await.map(Some)).await?;
        mouth.place = place(&mouth.person).await?;
        *self.crowd.forgets.write().await = false;
        Ok(())
    }

    /// From Ada's node, through what is between, to a window of East.
    pub(super) async fn waits_ms(&self, name: &str, messages: usize) -> Result<Vec<f64>> {
        let ada = self.cast.voices[ADA].mouth.lock().await;
        let at_east = self.cast.voices[EAST].mouth.lock().await;
        crate::honest::delays_between_ms((&ada.person, &ada.place), &at_east.person, name, messages).await
    }
}

/// What becomes of frames in some trouble: the first of its kind is not over before it was felt.
const fn felt_as(trouble: Trouble) -> Option<Fault> {
    match trouble {
        Trouble::Storm => Some(Fault::Reordered),
        Trouble::OneWay { .. } => Some(Fault::LostOnALine),
        Trouble::UdpBlocked { .. } => Some(Fault::Walled),
        Trouble::Parted { .. } => Some(Fault::Cut),
        _ => None,
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
