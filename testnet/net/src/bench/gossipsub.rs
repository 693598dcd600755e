//! One peer of libp2p's gossipsub with the settings we would have used: it says what it is told by its input, and prints
//! what it hears.

use anyhow::Result;
use futures_util::StreamExt as _;
use libp2p::gossipsub::{self, IdentTopic, MessageAuthenticity, MessageId, ValidationMode};
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, SwarmBuilder};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// Where it is, and whom it dials.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Its own address.
    #[arg(long)]
    listen: Multiaddr,
    /// Of the others.
    #[arg(long)]
    dial: Vec<Multiaddr>,
}

#[derive(NetworkBehaviour)]
struct Behaviour {
    gossip: gossipsub::Behaviour,
}

/// Input: `say NUMBER BYTES`, `count`. Output: `said NUMBER MICROS`, `heard NUMBER MICROS`, `count PEERS COPIES`.
pub(crate) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let copies = Arc::new(AtomicU64::new(0));
    let mut swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_quic()
        .with_behaviour(|_| behaviour(copies.clone()))?
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(600)))
        .build();
    swarm.listen_on(arguments.listen.clone())?;
    let topic = IdentTopic::new("murmur");
    swarm.behaviour_mut().gossip.subscribe(&topic)?;
    for address in &arguments.dial {
        swarm.dial(address.clone())?;
    }
    let mut told = BufReader::new(tokio::io::stdin()).lines();
    loop {
        tokio::select! {
            line = told.next_line() => {
                let Some(line) = line? else { return Ok(()) };
                let mut words = line.split_whitespace();
                match (words.next(), words.next(), words.next()) {
                    (Some("say"), Some(number), Some(bytes)) => {
                        let mut message = vec![b' '; bytes.parse()?];
                        message[..number.len()].copy_from_slice(number.as_bytes());
                        writeln!(out, "said {number} {}", micros())?;
                        swarm.behaviour_mut().gossip.publish(topic.clone(), message)?;
                    }
                    _ => {
                        let peers = swarm.connected_peers().count();
                        writeln!(out, "count {peers} {}", copies.load(Relaxed))?;
                    }
                }
            }
            event = swarm.select_next_some() => {
                let SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::Message { message, .. })) = event
                else { continue };
                let text = String::from_utf8(message.data)?;
                writeln!(out, "heard {} {}", text.trim(), micros())?;
            }
        }
    }
}

// Every copy that comes is asked for its name, and so is what is published: that is how copies are counted.
fn behaviour(copies: Arc<AtomicU64>) -> Result<Behaviour, Box<dyn std::error::Error + Send + Sync>> {
    let config = gossipsub::ConfigBuilder::default()
        .mesh_n(6)
        .mesh_n_low(4)
        .mesh_n_high(8)
        .mesh_outbound_min(2)
        .gossip_lazy(4)
        .heartbeat_interval(Duration::from_secs(1))
        .flood_publish(false)
        .max_transmit_size(64 * 1024)
        .validation_mode(ValidationMode::Anonymous)
        .message_id_fn(move |message| {
            copies.fetch_add(1, Relaxed);
            MessageId::from(message.data.clone())
        })
        .build()?;
    Ok(Behaviour { gossip: gossipsub::Behaviour::new(MessageAuthenticity::Anonymous, config)? })
}

fn micros() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_micros()
}
