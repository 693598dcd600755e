//! When the day is over: what honest people wait under floods, with all who came; what there is, at whom, and that it is
//! the same.

use super::cast::{EAST, NAMES, PROGRAMS, log_in};
use super::schedule::ATTACKS;
use super::{Day, PEAK_KIB_MAX, Plan};
use crate::air::Fault;
use crate::company::settled;
use crate::flood::Attack;
use crate::person::text;
use crate::program::sum;
use crate::usage::Usage;
use anyhow::{Context as _, Result, ensure};
use nexus_load::facts;
use nexus_load::table::{head, p50_p99, row};
use std::collections::BTreeSet;
use std::io::Write;
use std::time::Duration;

/// How a message of the evening begins.
const EVENING: &str = "evening, ";
/// How long an attack goes on before it is measured.
const LEAD: Duration = Duration::from_secs(1);

impl Day {
    /// Measures and prints; how many messages were said.
    pub(super) async fn evening(&self, plan: &Plan, out: &mut impl Write) -> Result<usize> {
        if plan.messages == 0 {
            return Ok(0);
        }
        self.cast.voices[EAST].mouth.lock().await.person =
            log_in(&self.cast.programs[EAST].base(), EAST).await?;
        drop(self.waits_ms(&format!("{EVENING}warm"), plan.messages).await?);
        writeln!(
            out,
            "\nFrom a request at Ada's node to the dispatch at East's window, which is attacked; {}:\n",
            facts::machine()
        )?;
        let columns = ["under", "blows", "p50 ms", "p99 ms", "p50 / quiet", "p99 / quiet", "East MiB"];
        writeln!(out, "{}", head(&columns))?;
        let mut quiet = None;
        // Quiet at both ends: what differs there is the machine's.
        let rounds: Vec<Option<Attack>> = [None].into_iter().chain(ATTACKS.map(Some)).chain([None]).collect();
        for (round, attack) in rounds.iter().enumerate() {
            let flood = attack.map(|attack| self.flood(attack, EAST)).transpose()?;
            tokio::time::sleep(LEAD).await;
            let waits = self.waits_ms(&format!("{EVENING}round {round}"), plan.messages).await?;
            let (p50, p99) = p50_p99(waits);
            let quiet = *quiet.get_or_insert((p50, p99));
            let name = attack.map_or("nothing", Attack::name);
            let blows = flood.map_or(0, |flood| flood.blows()).to_string();
            let pid = self.cast.programs[EAST].pid().context("it runs")?;
            let mib = Usage::of(pid)?.resident_kib as f64 / 1024.0;
            let figures = [p50, p99, p50 / quiet.0, p99 / quiet.1, mib].map(|figure| format!("{figure:.1}"));
            let cells: Vec<String> = [name.to_owned(), blows].into_iter().chain(figures).collect();
            writeln!(out, "{}", row(&cells))?;
        }
        Ok(plan.messages * (1 + rounds.len()))
    }

    /// Returns when all hold the same. As long as somebody takes in anything, they are waited for.
    pub(super) async fn settles(&self) -> Result<()> {
        let mut before = Vec::new();
        loop {
            let Err(error) = settled(&self.cast.all()).await else { return Ok(()) };
            let mut now = Vec::new();
            for program in &self.cast.programs {
                now.push(sum(&program.status()?, "ops"));
            }
            if now == before {
                return Err(error).context("nothing moves any more");
            }
            before = now;
        }
    }

    /// What was acknowledged is there, at everybody, and nothing that nobody said; who was let in is a member.
    pub(super) async fn holds(&self, in_the_evening: usize) -> Result<()> {
        let said: Vec<_> = self.cast.voices.iter().map(|voice| voice.said()).collect();
        let mut all: Vec<Vec<String>> = Vec::new();
        for voice in &self.cast.voices {
            let mouth = voice.mouth.lock().await;
            all.push(mouth.person.texts(&mouth.place.channel).await?);
        }
        for (name, texts) in NAMES.iter().zip(&all) {
            ensure!(*texts == all[0], "{name} reads otherwise than {}", NAMES[0]);
        }
        let (evening, day): (Vec<_>, Vec<_>) = all[0].iter().partition(|text| text.starts_with(EVENING));
        ensure!(evening.len() == in_the_evening, "{} of {in_the_evening} in the evening", evening.len());
        let there: BTreeSet<&String> = day.iter().copied().collect();
        for said in &said {
            let lost = said.acknowledged.iter().find(|words| !there.contains(words));
            ensure!(lost.is_none(), "{lost:?} was acknowledged, and is gone");
        }
        let invented = there.iter().find(|words| !said.iter().any(|said| said.tried.contains(**words)));
        ensure!(invented.is_none(), "nobody said {invented:?}");
        let broken: u64 = said.iter().map(|said| said.broken).sum();
        let doubled = (day.len() - there.len()) as u64;
        ensure!(doubled <= broken, "{doubled} are there twice, and {broken} requests were broken off");
        self.all_are_members().await
    }

    async fn all_are_members(&self) -> Result<()> {
        for voice in &self.cast.voices {
            let mouth = voice.mouth.lock().await;
            let (api, guild) = (&mouth.person.api, &mouth.place.guild);
            let (mut names, mut after, mut count) = (BTreeSet::new(), String::from("0"), 0);
            loop {
                let page = api.get(&format!("/guilds/{guild}/members?limit=1000&after={after}")).await?;
                let page = page.as_array().context("a list of members")?;
                for member in page {
                    names.insert(text(&member["user"]["username"])?);
                    after = text(&member["user"]["id"])?;
                }
                count += page.len();
                if page.len() < 1_000 {
                    break;
                }
            }
            let (here, wanted) = (NAMES[voice.program], self.crowd.names());
            let lost = wanted.iter().find(|name| !names.contains(*name));
            ensure!(lost.is_none(), "{lost:?} was let in, and is no member at {here}");
            ensure!(count == wanted.len() + PROGRAMS, "{count} members at {here}");
        }
        Ok(())
    }

    /// What there was, and that all of it was.
    pub(super) fn report(&self, out: &mut impl Write) -> Result<()> {
        let said: Vec<_> = self.cast.voices.iter().map(|voice| voice.said()).collect();
        let acknowledged: usize = said.iter().map(|said| said.acknowledged.len()).sum();
        let broken: u64 = said.iter().map(|said| said.broken).sum();
        let again = self.crowd.again.load(std::sync::atomic::Ordering::Relaxed);
        writeln!(
            out,
            "\n{acknowledged} messages acknowledged and there at all {PROGRAMS}, {broken} requests broken off; {} people came in, \
             {again} attempts of households failed and were made again.",
            self.crowd.names().len()
        )?;
        let peaks = NAMES.iter().zip(self.cast.peaks).map(|(name, kib)| format!("{name} {}", kib / 1024));
        writeln!(out, "Most resident, MiB: {}.", peaks.collect::<Vec<_>>().join(", "))?;
        writeln!(out, "Troubles: {:?}", self.tally)?;
        writeln!(out, "{:?}", self.cast.street.faults())?;
        Ok(())
    }

    /// Every trouble that was asked for was there, and nobody took more than they may.
    pub(super) fn shows_something(&self, asked: impl Iterator<Item = super::schedule::Kind>) -> Result<()> {
        for kind in asked {
            ensure!(self.tally.get(&kind).is_some_and(|count| *count > 0), "{kind:?} never happened");
        }
        self.cast.street.faults().must_have(&[
            Fault::Lost,
            Fault::LostOnALine,
            Fault::Delayed,
            Fault::Reordered,
            Fault::Cut,
            Fault::Walled,
            Fault::TurnedAway,
        ])?;
        for (name, kib) in NAMES.iter().zip(self.cast.peaks) {
            ensure!(kib > 0 && kib <= PEAK_KIB_MAX, "{name} took {kib} KiB");
        }
        Ok(())
    }
}
