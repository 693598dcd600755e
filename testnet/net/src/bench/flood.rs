//! What honest people wait for one another while somebody attacks the relay between them, and what it costs the relay.

use anyhow::{Context as _, Result};
use nexus_load::facts;
use nexus_load::table::{head, p50_p99, row};
use nexus_net::{Attack, Company, Flood, Program, Target, Usage, address_of, delays_ms};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// How hard, how long.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Honest messages under each attack.
    #[arg(long, default_value_t = 200)]
    messages: usize,
    /// Blows a second.
    #[arg(long, default_value_t = 1_000)]
    rate: u32,
    /// Junk datagrams a second.
    #[arg(long, default_value_t = 20_000)]
    datagrams: u32,
    /// How long an attack goes on before anything is measured, seconds.
    #[arg(long, default_value_t = 3)]
    lead: u64,
    /// Only the attacks whose name has this in it.
    #[arg(long, default_value = "")]
    only: String,
    /// The node of one of them is attacked, in LAN mode, and not the relay.
    #[arg(long)]
    node: bool,
    /// The programs to measure are those beside this one.
    #[arg(long, hide = true)]
    nexus: Option<PathBuf>,
}

/// Measures and prints.
///
/// # Errors
/// Where an honest message is not heard.
pub(crate) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let messages = arguments.messages;
    writeln!(
        out,
        "{messages} messages from one node to another through a relay, one at a time, under each attack, {} s after it began: from \
         before the request to the dispatch; {}.",
        arguments.lead,
        facts::machine()
    )?;
    let whom = if arguments.node {
        "node, from its own machine's address"
    } else {
        "relay; each program has an address of its own, and so has the attacker"
    };
    writeln!(
        out,
        "Who is attacked is the {whom}. Attacker and programs share this machine's cores: what the attacker takes of them is in \
         the figures. Memory is what is resident beyond what was before the first attack.\n"
    )?;
    let columns =
        ["attack", "blows", "p50 ms", "p99 ms", "p99 / quiet", "p99 after", "MiB under", "MiB after"];
    writeln!(out, "{}", head(&columns))?;
    let company = if arguments.node { Company::near().await? } else { Company::on_a_street().await? };
    drop(delays_ms(&company, "warm", messages).await?);
    let quiet = p50_p99(delays_ms(&company, "quiet", messages).await?);
    let first = resident_mib(attacked(&company, arguments))?;
    let mut line = ["none", "0"].map(String::from).to_vec();
    line.extend(ms(&[quiet.0, quiet.1]));
    line.extend(["1.0", "-", "0", "0"].map(String::from));
    writeln!(out, "{}", row(&line))?;
    for attack in Attack::ALL.into_iter().filter(|attack| attack.name().contains(&arguments.only)) {
        let line = under(&company, attack, arguments, quiet.1, first).await?;
        writeln!(out, "{}", row(&line))?;
    }
    company.verify().await
}

async fn under(
    company: &Company,
    attack: Attack,
    arguments: &Arguments,
    quiet: f64,
    first: f64,
) -> Result<Vec<String>> {
    let program = attacked(company, arguments);
    let target = Target { window: program.listens(), mesh: address_of(program).await?, from: None };
    let rate = if attack == Attack::Datagrams { arguments.datagrams } else { arguments.rate };
    let flood = Flood::begin(attack, target, rate)?;
    tokio::time::sleep(Duration::from_secs(arguments.lead)).await;
    let (p50, p99) = p50_p99(delays_ms(company, attack.name(), arguments.messages).await?);
    let under = resident_mib(program)? - first;
    let blows = flood.blows();
    drop(flood);
    let (_, after) = p50_p99(delays_ms(company, "after", arguments.messages).await?);
    let rest = resident_mib(program)? - first;
    let mut line = vec![attack.name().to_owned(), blows.to_string()];
    line.extend(ms(&[p50, p99]));
    line.push(format!("{:.1}", p99 / quiet));
    line.extend(ms(&[after]));
    line.extend([format!("{under:+.1}"), format!("{rest:+.1}")]);
    Ok(line)
}

const fn attacked<'a>(company: &'a Company, arguments: &Arguments) -> &'a Program {
    if arguments.node { &company.ada } else { &company.relay }
}

fn resident_mib(program: &Program) -> Result<f64> {
    let pid = program.pid().context("it runs")?;
    Ok(Usage::of(pid)?.resident_kib as f64 / 1024.0)
}

fn ms(figures: &[f64]) -> impl Iterator<Item = String> {
    figures.iter().map(|figure| format!("{figure:.1}"))
}
