//! `nexus-sim-mesh --nodes N --share P`: a mesh of N nodes, P percent of which attack, in each way there is; a table of what came of it.

use clap::Parser;
use nexus_sim::mesh::{Attack, Figures, LINKS_MAX, PUBLISHERS, Plan};

/// A mesh under attack.
#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// Nodes, attackers among them; several, one after the other.
    #[arg(long, default_values_t = [100], value_parser = at_least_those_who_publish)]
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
    let arguments = Arguments::parse();
    let only = |attack: &Attack| arguments.only.as_ref().is_none_or(|only| attack.name().contains(only));
    for nodes in &arguments.nodes {
        say(&format!(
            "{nodes} nodes, {} links each at most, {} messages, seed {}:",
            arguments.links, arguments.messages, arguments.seed
        ));
        say(HEAD);
        say(&format!("|{}", "---|".repeat(HEAD.matches('|').count() - 1)));
        let mut peace_ms = None;
        for attack in Attack::ALL.into_iter().filter(only) {
            arguments.table_of(*nodes, attack, &mut peace_ms);
        }
    }
}

const HEAD: &str = "| attack | share | heard | p50 ms | p99 ms | last ms | of peace | p99 in diameters | flood p99 ms | copies | names | needed | bytes | closed |";

impl Arguments {
    /// The rows of one attack. `peace_ms`: the p99 where nobody attacks, which is the first of all rows. Those who come in a crowd are
    /// held against the same crowd without attackers.
    fn table_of(&self, nodes: usize, attack: Attack, peace_ms: &mut Option<u64>) {
        let crowd = std::iter::once(0).chain(self.share.iter().copied()).collect::<Vec<_>>();
        let (shares, mut its_peace_ms) = match attack {
            Attack::None => (&[0][..], None),
            // They are ten to one, whatever is asked for.
            Attack::Sybils => (&[91][..], *peace_ms),
            Attack::ColdBoot | Attack::Dawn => (&crowd[..], None),
            _ => (&self.share[..], *peace_ms),
        };
        for share in shares {
            let plan = Plan::new(self.seed, nodes, *share, attack, self.messages);
            let figures = Plan { links: self.links, ..plan }.run();
            if attack == Attack::None {
                *peace_ms = Some(figures.p99_ms);
            }
            if plan.attackers == 0 {
                its_peace_ms = Some(figures.p99_ms);
            }
            say(&row(attack, plan.attackers * 100 / nodes, its_peace_ms, &figures));
        }
    }
}

fn row(attack: Attack, share: usize, peace_ms: Option<u64>, figures: &Figures) -> String {
    let times = |of: Option<u64>, none: &str| match of {
        Some(of) => format!("{:.2}", figures.p99_ms as f64 / of.max(1) as f64),
        None => none.to_owned(),
    };
    format!(
        "| {} | {share} % | {:.3} % | {} | {} | {} | {} | {} | {} | {:.2} | {:.2} | {:.3} | {:.0} | {} |",
        attack.name(),
        figures.heard_ppm as f64 / 10_000.0,
        figures.p50_ms,
        figures.p99_ms,
        figures.last_ms,
        times(peace_ms, "-"),
        times(figures.diameter_ms, "cut"),
        figures.flood_p99_ms.map_or_else(|| String::from("cut"), |ms| ms.to_string()),
        figures.copies,
        figures.names,
        figures.needed,
        figures.bytes,
        figures.closed
    )
}

fn at_least_those_who_publish(text: &str) -> Result<usize, String> {
    let nodes = text.parse::<usize>().map_err(|error| error.to_string())?;
    if nodes < 2 * PUBLISHERS { Err(format!("{} at least", 2 * PUBLISHERS)) } else { Ok(nodes) }
}

#[expect(clippy::print_stdout, reason = "what it finds is its output")]
fn say(line: &str) {
    println!("{line}");
}
