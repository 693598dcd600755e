//! `kill -9` of the relay in mid-conversation: what was acknowledged anywhere is everywhere, once.

use nexus_load::api::ApiError;
use nexus_net::{Company, Person, Place, settled};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

const ROUNDS: u64 = 30;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_acknowledged_is_lost_by_30_kills_of_the_relay() {
    let mut company = Company::gather().await.unwrap();
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        let over = Arc::new(AtomicBool::new(false));
        let mut writers = Vec::new();
        for (person, name) in company.people().into_iter().zip(["Ada", "Bob", "Rita"]) {
            let place = company.place(person).await.unwrap();
            writers.push(talk(person.clone(), place, format!("{name} {round}"), over.clone()));
        }
        // At a moment that differs from round to round.
        tokio::time::sleep(Duration::from_millis(50 + round * 37 % 200)).await;
        company.relay.kill().unwrap();
        company.relay.start().await.unwrap();
        over.store(true, Ordering::Relaxed);
        for writer in writers {
            acknowledged.extend(writer.await.unwrap());
        }
        settled(&[&company.relay, &company.ada, &company.bob]).await.unwrap();
        for person in company.people() {
            let place = company.place(person).await.unwrap();
            let texts = person.texts(&place.channel).await.unwrap();
            let there: BTreeSet<&String> = texts.iter().collect();
            assert_eq!(there.len(), texts.len(), "round {round}: something is there twice");
            let lost: Vec<_> = acknowledged.iter().filter(|text| !there.contains(text)).collect();
            assert!(lost.is_empty(), "round {round}: acknowledged and lost: {lost:?}");
        }
    }
    assert!(acknowledged.len() as u64 > ROUNDS * 3, "they talked: {}", acknowledged.len());
    company.verify().await.unwrap();
}

/// Talks until it is over; gives what was acknowledged. A window that is gone is tried again.
fn talk(person: Person, place: Place, name: String, over: Arc<AtomicBool>) -> JoinHandle<Vec<String>> {
    tokio::spawn(async move {
        let mut acknowledged = Vec::new();
        for number in 0.. {
            let content = format!("{name} {number}");
            match person.say(&place, &content).await {
                Ok(_) => acknowledged.push(content),
                Err(ApiError::Transport { .. }) => {}
                Err(refused) if refused.to_string().contains("503") => {}
                Err(refused) => panic!("{refused}"),
            }
            if over.load(Ordering::Relaxed) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        acknowledged
    })
}
