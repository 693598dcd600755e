//! A node is stolen, and its owner takes their account back with what they had written down: by commands, as people type them.

use super::{Home, LOGIN, reads};
use nexus_net::{Company, Person, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_account_is_taken_back_with_the_recovery_key_and_the_thief_writes_no_more() {
    let company = Company::gather().await.unwrap();
    let mut stolen = Home::empty();
    let (token, recovery) = stolen.claim(&company.relay, &[]).unwrap();
    stolen.program.start().await.unwrap();
    let thief = Person::new(&stolen.program.base(), &token);
    let at_thief = eventually("the guild is there", async || thief.find("Workshop").await).await.unwrap();
    thief.say(&at_thief, "written before").await.unwrap();
    reads(&company.at_ada, "Workshop", "written before").await;

    let mut anew = Home::empty();
    let base = company.relay.base();
    let refused = anew.program.tell(&["recover"], &format!("{recovery}\n")).unwrap_err().to_string();
    assert!(refused.contains("RELAY_URL"), "{refused}");
    let wrong = format!("{LOGIN}{}\n", "00000000 ".repeat(8));
    let refused = anew.program.tell(&["recover", &base], &wrong).unwrap_err().to_string();
    assert!(refused.contains("recovery_key"), "{refused}");
    let said = anew.program.tell(&["recover", &base], &format!("{LOGIN}{recovery}\n")).unwrap();
    let (token, next) = said.split_once('\n').unwrap();
    assert_ne!(next, recovery);
    anew.program.start().await.unwrap();
    let rita = Person::new(&anew.program.base(), token);
    let place = reads(&rita, "Workshop", "written before").await;
    rita.say(&place, "it is me again").await.unwrap();
    for person in [&company.at_ada, &company.at_bob] {
        reads(person, "Workshop", "it is me again").await;
    }
    // The stolen node is told nothing any more, not even that: what it writes goes nowhere.
    let _ = thief.say(&at_thief, "and me").await;
    assert_eq!(rita.id().await.unwrap(), company.at_relay.id().await.unwrap());
    let again = anew.program.tell(&["recover"], &format!("{next}\n")).unwrap();
    let (token, last) = again.split_once('\n').unwrap();
    assert_ne!(last, next, "on a node of one's own it needs no relay");
    assert!(rita.id().await.is_err(), "whoever had a token has none");
    let rita = Person::new(&anew.program.base(), token);
    rita.say(&place, "with yet another key").await.unwrap();
    for person in [&company.at_ada, &company.at_bob] {
        let place = reads(person, "Workshop", "with yet another key").await;
        let texts = person.texts(&place.channel).await.unwrap();
        assert_eq!(texts, ["with yet another key", "it is me again", "written before"]);
    }
    let told = thief.texts(&at_thief.channel).await.unwrap();
    assert!(!told.contains(&String::from("it is me again")), "{told:?}");
    anew.close().await;
    stolen.close().await;
    company.verify().await.unwrap();
}
