//! How long honest people wait for one another while somebody attacks: measured, recorded, never asserted. What is
//! asserted: everything is heard, each attack was carried out, and nothing of it stays.

use nexus_load::table::p50_p99;
use nexus_net::{Attack, Company, Flood, Target, Usage, address_of, delays_ms, eventually};

/// Messages under each attack; `NEXUS_BAD_PEERS_MESSAGES` says more.
const MESSAGES: usize = 5;
/// Blows a second: an attacker on this machine takes the processor from the relay, which is not what is measured.
const PACE: u32 = 500;
/// Files that may be open when an attack is over beyond those before: what is about to be noticed as gone.
const FILES_LEFT: usize = 64;

#[tokio::test(flavor = "multi_thread")]
async fn honest_people_hear_one_another_under_every_attack() {
    let messages = std::env::var("NEXUS_BAD_PEERS_MESSAGES").ok().and_then(|text| text.parse().ok());
    let messages = messages.unwrap_or(MESSAGES);
    let company = Company::on_a_street().await.unwrap();
    let mesh = address_of(&company.relay).await.unwrap();
    let target = Target { window: company.relay.listens(), mesh, from: None };
    let pid = company.relay.pid().unwrap();
    drop(delays_ms(&company, "warm", messages).await.unwrap());
    let quiet = p50_p99(delays_ms(&company, "quiet", messages).await.unwrap());
    let before = Usage::of(pid).unwrap();
    eprintln!(
        "| under | blows | p50 ms | p99 ms | p50 ratio | p99 ratio | KiB |\n|---|---|---|---|---|---|---|"
    );
    for attack in Attack::ALL {
        let flood = Flood::begin(attack, target, PACE).unwrap();
        let (p50, p99) = p50_p99(delays_ms(&company, attack.name(), messages).await.unwrap());
        eventually("the attack is carried out", async || Ok((flood.blows() > 50).then_some(())))
            .await
            .unwrap();
        let (name, blows) = (attack.name(), flood.blows());
        let (p50_ratio, p99_ratio) = (p50 / quiet.0, p99 / quiet.1);
        let kib = Usage::of(pid).unwrap().resident_kib.saturating_sub(before.resident_kib);
        eprintln!("| {name} | {blows} | {p50:.1} | {p99:.1} | {p50_ratio:.2} | {p99_ratio:.2} | +{kib} |");
        drop(flood);
    }
    eventually("nothing of the attacks stays open", async || {
        let files = Usage::of(pid)?.files;
        anyhow::ensure!(files <= before.files + FILES_LEFT, "{files} files, {} before", before.files);
        Ok(Some(()))
    })
    .await
    .unwrap();
    company.verify().await.unwrap();
}
