//! How a message comes to everybody on a network without a relay, beside libp2p's gossipsub in the same houses.

use super::crowd::Crowd;
use super::murmur::Murmur;
use super::{BAD, PACE, Spread};
use anyhow::Result;
use nexus_load::facts;
use nexus_load::table::{head, p50_p99, row};
use nexus_net::{Fault, Street, Weather};
use std::io::Write;
use std::path::PathBuf;

/// How many of what.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Nodes, each in a house of its own.
    #[arg(long, default_value_t = 12)]
    nodes: u8,
    /// Messages that are measured, each said by the next node.
    #[arg(long, default_value_t = 300)]
    messages: usize,
    /// A folder on the disk to measure.
    #[arg(long, default_value = "target")]
    on: PathBuf,
    /// The node to measure is the one beside this program.
    #[arg(long, hide = true)]
    nexus: Option<PathBuf>,
}

/// Measures and prints.
///
/// # Errors
/// Where a message does not come to somebody.
pub(crate) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Arguments { nodes, messages, on, .. } = arguments;
    let mut rows = Vec::new();
    {
        let folder = tempfile::Builder::new().prefix("nexus-bench-").tempdir_in(on)?;
        let street = Street::through_air(*nodes, Weather::CALM)?;
        let mut crowd = Crowd::gather(&street, folder.path()).await?;
        // Links find out who brings what.
        crowd.spread(&street, "acquainted", 30 * usize::from(*nodes)).await?;
        rows.push(("Nexus, 0 ms", crowd.spread(&street, "calm", *messages).await?));
        street.weather(BAD);
        rows.push(("Nexus, 50 ms and 2 % lost", crowd.spread(&street, "bad", *messages).await?));
        street.faults().must_have(&[Fault::Lost, Fault::Delayed])?;
    }
    {
        let street = Street::through_air(*nodes, Weather::CALM)?;
        let mut murmur = Murmur::gather(&street).await?;
        rows.push(("gossipsub, 0 ms", murmur.spread(&street, *messages).await?));
        street.weather(BAD);
        rows.push(("gossipsub, 50 ms and 2 % lost", murmur.spread(&street, *messages).await?));
        street.faults().must_have(&[Fault::Lost, Fault::Delayed])?;
    }
    writeln!(
        out,
        "{nodes} nodes in network namespaces, no relay, every two of them linked; {messages} messages, one each {} ms, by",
        PACE.as_millis()
    )?;
    writeln!(out, "each node in turn; {}.", facts::machine())?;
    writeln!(
        out,
        "Nexus: from before the request on one node to the dispatch on the others, durable everywhere on the way. gossipsub"
    )?;
    writeln!(
        out,
        "(rust-libp2p; D 6, 4 to 8, lazy 4, heartbeat 1 s, no flood): from process to process, 440 bytes each, no store, no signatures."
    )?;
    writeln!(
        out,
        "Bytes are those of Ethernet frames between houses, less what is there when nobody says anything.\n"
    )?;
    writeln!(
        out,
        "{}",
        head(&[
            "what",
            "p50 ms",
            "p99 ms",
            "to the last: p50 ms",
            "heard",
            "copies for each heard",
            "names for each heard",
            "bytes for each heard"
        ])
    )?;
    for (name, spread) in rows {
        writeln!(out, "{}", row(&cells(name, spread, usize::from(*nodes))))?;
    }
    Ok(())
}

fn cells(name: &str, spread: Spread, nodes: usize) -> Vec<String> {
    let Spread { delays_ms, last_ms, repeats, named, bytes, messages } = spread;
    let (wanted, heard) = (messages * (nodes - 1), delays_ms.len() as f64);
    let whole = format!("{:.1} %", 100.0 * heard / wanted as f64);
    let (p50, p99) = p50_p99(delays_ms);
    let (last, _) = p50_p99(last_ms);
    vec![
        name.to_owned(),
        format!("{p50:.1}"),
        format!("{p99:.1}"),
        format!("{last:.1}"),
        whole,
        format!("{:.2}", 1.0 + repeats as f64 / heard),
        named.map_or_else(|| String::from("-"), |named| format!("{:.2}", named as f64 / heard)),
        format!("{:.0}", bytes as f64 / heard),
    ]
}
