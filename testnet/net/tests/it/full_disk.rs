//! A relay whose disk is full refuses what it cannot keep and goes on serving what it has.

use nexus_load::api::ApiError;
use nexus_net::{Company, eventually, settled, sum};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_on_the_relay_loses_nobody_anything() {
    let Some(company) = Company::with_a_small_disk(1 << 21).await.unwrap() else {
        eprintln!("no mount namespaces here: nothing was filled");
        return;
    };
    let (ada, adas) = (&company.at_ada, company.place(&company.at_ada).await.unwrap());
    let (rita, ritas) = (&company.at_relay, company.place(&company.at_relay).await.unwrap());
    rita.say(&ritas, "while there is space").await.unwrap();

    let filler = company.relay.fill_disk().unwrap();
    let refused =
        eventually("a write is refused", async || Ok(rita.say(&ritas, &"long ".repeat(300)).await.err()))
            .await
            .unwrap();
    assert!(matches!(refused, ApiError::Refused { status, .. } if status == 503), "{refused}");
    assert!(rita.texts(&ritas.channel).await.unwrap().contains(&String::from("while there is space")));
    ada.say(&adas, "to a relay that is full").await.unwrap();
    assert!(sum(&company.ada.status().unwrap(), "outbox") > 0, "what the relay did not take still waits");

    std::fs::remove_file(filler).unwrap();
    settled(&[&company.relay, &company.ada, &company.bob]).await.unwrap();
    for person in company.people() {
        let place = company.place(person).await.unwrap();
        let texts = person.texts(&place.channel).await.unwrap();
        assert_eq!(texts.iter().filter(|text| *text == "to a relay that is full").count(), 1);
    }
    eventually("there is space again", async || Ok(rita.say(&ritas, "again").await.ok())).await.unwrap();
    settled(&[&company.relay, &company.ada, &company.bob]).await.unwrap();
    company.verify().await.unwrap();
}
