//! Everybody in one guild, whatever their network lets through; and then its relay is gone for good. It goes on at a
//! stranger's, by one signed op, and one of them has taken their account home.

use nexus_net::{Person, Place, Ports, Program, Street, Wall, Weather, eventually, settled, text};
use serde_json::json;
use std::time::Duration;

const GUILD: &str = "Departure";
/// Where a program in a house serves its window, and where a node in `direct` is dialed.
const WINDOW: u16 = 8_081;
const MESH: u16 = 8_091;

/// A line like a phone's: late, unsteady, and one frame in a hundred is lost.
const PHONE: Weather = Weather {
    seed: 6,
    delay: Duration::from_millis(20),
    jitter: Duration::from_millis(20),
    loss: 0.01,
    reorder: 0.01,
};

/// Someone, and the program that is theirs.
struct One {
    node: Program,
    person: Person,
}

impl One {
    async fn settle(name: &str, mut node: Program) -> Self {
        let token = node.ask(&["setup", name]).unwrap();
        node.start().await.unwrap();
        Self { person: Person::new(&node.base(), &token), node }
    }

    async fn join(&self, url: &str) {
        eventually("they are let in", async || self.node.ask(&["join", url]).map(Some)).await.unwrap();
        place(&self.person).await;
    }
}

async fn place(person: &Person) -> Place {
    eventually("they are in the guild", async || person.find(GUILD).await).await.unwrap()
}

async fn say(person: &Person, words: &str) {
    person.say(&place(person).await, words).await.unwrap();
}

async fn all_hear(people: &[&Person], words: &[&str]) {
    for (number, person) in people.iter().enumerate() {
        let channel = place(person).await.channel;
        eventually(&format!("number {number} hears all of it"), async || {
            let texts = person.texts(&channel).await?;
            Ok(words.iter().all(|words| texts.iter().any(|text| text == words)).then_some(()))
        })
        .await
        .unwrap();
    }
}

async fn invite(person: &Person) -> (String, String) {
    let path = format!("/channels/{}/invites", place(person).await.channel);
    let made = person.api.post(&path, &json!({})).await.unwrap();
    (text(&made["code"]).unwrap(), text(&made["nexus_url"]).unwrap())
}

async fn register(relay: &Program) -> Person {
    let account = json!({ "username": "pia", "password": "correct horse battery staple" });
    let made = Person::new(&relay.base(), "").api.post("/auth/register", &account).await.unwrap();
    Person::new(&relay.base(), &text(&made["token"]).unwrap())
}

fn road(node: &Program) -> Option<String> {
    node.status().ok()?["mesh"]["relays"][0]["road"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guild_of_people_on_any_network_outlives_its_relay_and_one_of_them_has_gone_home() {
    let street = Street::through_air(6, PHONE).expect("network namespaces and TAP devices: run as root");
    let [there, strangers, at_ora, at_hal, at_nia, at_pia] = street.houses() else { panic!("six houses") };
    let folder = tempfile::tempdir().unwrap();
    let data = |name: &str| folder.path().join(name);
    let mut relay = Program::relay_in_a_house(&data("relay"), there.clone());
    relay.start().await.unwrap();

    // Ora links with members wherever they are; Hal's network lets only the window's port out, and Nia's only what goes to
    // Ora; Pia has a phone and an account on the relay.
    at_hal.wall(Some(Wall::but_tcp_to(WINDOW))).unwrap();
    at_nia.wall(Some(Wall { udp: Ports::Only(MESH), tcp: Ports::None })).unwrap();
    let direct =
        |name: &str, house: &nexus_net::House| Program::direct_in_a_house(&data(name), house.clone());
    let ora = One::settle("Ora", direct("ora", at_ora).with_relay(&relay.base())).await;
    let hal = One::settle("Hal", Program::behind_a_relay(&data("hal"), at_hal.clone(), &relay.base())).await;
    let nia = One::settle("Nia", direct("nia", at_nia)).await;
    let pia = register(&relay).await;

    ora.person.api.post("/guilds", &json!({ "name": GUILD })).await.unwrap();
    let (code, url) = invite(&ora.person).await;
    assert!(url.contains(&relay.base()) && url.contains(&format!(":{MESH}")), "{url}");
    hal.join(&format!("{}/invite/{code}", relay.base())).await;
    nia.join(&url).await;
    eventually("Pia is let in", async || {
        Ok(pia.api.post(&format!("/invites/{code}"), &json!({})).await.ok())
    })
    .await
    .unwrap();
    let first = [(&ora.person, "Ora is here"), (&hal.person, "Hal is here"), (&nia.person, "Nia is here")];
    for (person, words) in first {
        say(person, words).await;
    }
    say(&pia, "Pia is here").await;
    let greetings = ["Ora is here", "Hal is here", "Nia is here", "Pia is here"];
    all_hear(&[&ora.person, &hal.person, &nia.person, &pia], &greetings).await;
    let by_websocket = async || Ok((road(&hal.node).as_deref() == Some("websocket")).then_some(()));
    eventually("Hal's link goes by WebSocket", by_websocket).await.unwrap();

    let pia = goes_home(&relay, direct("pia", at_pia)).await;
    say(&pia.person, "Pia is at home").await;
    all_hear(&[&ora.person, &hal.person, &nia.person], &["Pia is at home"]).await;

    relay.kill().unwrap();
    std::fs::remove_dir_all(data("relay")).unwrap();
    say(&hal.person, "Hal hears nobody").await;
    say(&nia.person, "Nia goes on").await;
    all_hear(&[&ora.person, &pia.person], &["Nia goes on"]).await;

    let next = moves(&ora, Program::relay_in_a_house(&data("next"), strangers.clone())).await;
    let (code, _) = invite(&ora.person).await;
    hal.join(&format!("{}/invite/{code}", next.base())).await;
    say(&ora.person, "everybody is here").await;
    let last = ["Hal hears nobody", "Nia goes on", "everybody is here"];
    let words = [&greetings[..], &["Pia is at home"], &last].concat();
    all_hear(&[&ora.person, &hal.person, &nia.person, &pia.person], &words).await;
    settled(&[&next, &ora.node, &hal.node, &nia.node, &pia.node]).await.unwrap();
    for mut program in [next, ora.node, hal.node, nia.node, pia.node] {
        program.stop().await.unwrap();
        program.ask(&["verify"]).unwrap();
    }
    folder.close().unwrap();
}

/// Pia takes her account home, to a node of her own.
async fn goes_home(relay: &Program, mut node: Program) -> One {
    let said = node.tell(&["claim", &relay.base()], "pia\ncorrect horse battery staple\n").unwrap();
    let (token, _recovery) = said.split_once('\n').unwrap();
    node.start().await.unwrap();
    let person = Person::new(&node.base(), token);
    all_hear(&[&person], &["Pia is here", "Nia is here"]).await;
    One { node, person }
}

/// One signed op, and a stranger's relay has the guild.
async fn moves(owner: &One, mut next: Program) -> Program {
    next.start().await.unwrap();
    owner.node.ask(&["guild", "relays", GUILD, &next.base()]).unwrap();
    let path = format!("/nexus/guilds/{}/relays", place(&owner.person).await.guild);
    eventually("the stranger's relay is filled", async || {
        let shown = owner.person.api.get(&path).await?;
        Ok((shown["relays"][0]["state"] == "filled").then_some(()))
    })
    .await
    .unwrap();
    next
}
