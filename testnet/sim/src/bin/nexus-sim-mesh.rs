//! `nexus-sim-mesh --nodes N --share P`: a mesh of N nodes, P percent of which attack, in each way there is; a table of what came of it.

use clap::Parser;
use nexus_sim::mesh::{Attack, Figures, LINKS_MAX, Plan};

/// A mesh under attack.
#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// Nodes, attackers among them; several, one after the other.
    #[arg(long, default_values_t = [100])]
    nodes: Vec<usize>,
    /// How many of a hundred attack; several, one after the other.
    #[arg(long, default_values_t = [33])]
    share: Vec<usize>,
    /// Links of a node, at most.
    #[arg(long, default_value_t = LINKS_MAX)]
    links: usize,
    /// Messages that are said.
    #[arg(long, default_value_t = 200)]
    messages: usize,
    /// Decides everything.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only attacks whose name has this in it.
    #[arg(long)]
    only: Option<String>,
}

fn main() {
    let Arguments { nodes, share, links, messages, seed, only } = Arguments::parse();
    let is_wanted = |attack: &Attack| only.as_ref().is_none_or(|only| attack.name().contains(only));
    for nodes in nodes {
        say(&format!("{nodes} nodes, {messages} messages, seed {seed}:"));
        say(
            "| attack | share | heard | p50 ms | p99 ms | last ms | p99 in diameters | copies | names | bytes | closed |",
        );
        say("|---|---|---|---|---|---|---|---|---|---|---|");
        for attack in Attack::ALL.into_iter().filter(is_wanted) {
            let is_fixed = matches!(attack, Attack::None | Attack::Sybils);
            for share in share.iter().take(if is_fixed { 1 } else { usize::MAX }) {
                let plan = Plan { links, ..Plan::new(seed, nodes, *share, attack, messages) };
                say(&row(attack, plan.attackers * 100 / nodes, &plan.run()));
            }
        }
    }
}

fn row(attack: Attack, share: usize, figures: &Figures) -> String {
    let diameters = figures.diameter_ms.map_or_else(
        || String::from("cut"),
        |diameter_ms| format!("{:.2}", figures.p99_ms as f64 / diameter_ms.max(1) as f64),
    );
    format!(
        "| {} | {share} % | {:.3} % | {} | {} | {} | {diameters} | {:.2} | {:.2} | {:.0} | {} |",
        attack.name(),
        figures.heard_ppm as f64 / 10_000.0,
        figures.p50_ms,
        figures.p99_ms,
        figures.last_ms,
        figures.copies,
        figures.names,
        figures.bytes,
        figures.closed
    )
}

#[expect(clippy::print_stdout, reason = "what it finds is its output")]
fn say(line: &str) {
    println!("{line}");
}
