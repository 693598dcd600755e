//! `kill -9` of the relay in mid-conversation: what was acknowledged anywhere is everywhere, once.

use nexus_load::api::ApiError;
use nexus_net::{Company, Person, Place, eventually, settled};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

const ROUNDS: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_acknowledged_is_lost_by_30_kills_of_the_relay() {
    let mut company = Company::gather().await.unwrap();
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        let (over, said) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let mut writers = Vec::new();
        for (person, name) in company.people().into_iter().zip(["Ada", "Bob", "Rita"]) {
            let place = company.place(person).await.unwrap();
            let talk = Talk { name: format!("{name} {round}"), over: over.clone(), said: said.clone() };
            writers.push(tokio::spawn(talk.go_on(person.clone(), place)));
        }
        // In mid-conversation, at a point that differs from round to round.
        let enough = 4 + round * 7 % 20;
        let talked = async || Ok((said.load(Ordering::Relaxed) >= enough).then_some(()));
        eventually("they talk", talked).await.unwrap();
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
    assert!(acknowledged.len() > ROUNDS * 3, "they talked: {}", acknowledged.len());
    company.verify().await.unwrap();
}

/// What somebody says in a round, and how much all have said in it.
struct Talk {
    name: String,
    over: Arc<AtomicBool>,
    said: Arc<AtomicUsize>,
}

impl Talk {
    /// Talks until it is over; gives what was acknowledged. A window that is gone is tried again.
    async fn go_on(self, person: Person, place: Place) -> Vec<String> {
        let mut acknowledged = Vec::new();
        for number in 0.. {
            let content = format!("{} {number}", self.name);
            match person.say(&place, &content).await {
                Ok(_) => {
                    acknowledged.push(content);
                    self.said.fetch_add(1, Ordering::Relaxed);
                }
                Err(ApiError::Transport { .. }) => {}
                Err(refused) if refused.to_string().contains("503") => {}
                Err(refused) => panic!("{refused}"),
            }
            if self.over.load(Ordering::Relaxed) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        acknowledged
    }
}
