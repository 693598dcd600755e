//! The air between houses does what it was asked to do, and two nodes hear each other through it.

use nexus_net::{Fault, House, Nat, Person, Program, Street, Weather, eventually, text};
use serde_json::json;
use std::net::IpAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const BAD: Weather = Weather {
    seed: 20_261_123,
    delay: Duration::from_millis(50),
    jitter: Duration::from_millis(5),
    loss: 0.02,
    reorder: 0.0,
};

/// Says back what it hears.
const ECHO: &str = "
import socket
echo = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
echo.bind(('0.0.0.0', 9))
while True:
    words, who = echo.recvfrom(2048)
    echo.sendto(words, who)
";

/// Sends so many words, a moment apart, and prints how many came back and how long the quickest took, ms.
const CALL: &str = "
import socket, sys, time
call = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
call.settimeout(0.5)
there, sent = (sys.argv[1], 9), {}
for number in range(int(sys.argv[2])):
    sent[number] = time.monotonic()
    call.sendto(str(number).encode(), there)
    time.sleep(0.001)
took = []
while len(took) < len(sent):
    try: words, _ = call.recvfrom(2048)
    except TimeoutError: break
    took.append(time.monotonic() - sent[int(words)])
print(len(took), min(took, default=0) * 1000)
";

fn echo_in(house: &House) -> Echo {
    let mut command = Command::new("python3");
    command.args(["-c", ECHO]);
    Echo(house.inside(&command).stdin(Stdio::null()).spawn().unwrap())
}

struct Echo(Child);

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn call(from: &House, to: &House, words: usize) -> (usize, f64) {
    call_at(from, to.address(), words)
}

fn call_at(from: &House, to: IpAddr, words: usize) -> (usize, f64) {
    let mut command = Command::new("python3");
    command.args(["-c", CALL, &to.to_string(), &words.to_string()]);
    let said = from.run(&command).unwrap();
    let (came, quickest) = said.trim().split_once(' ').unwrap();
    (came.parse().unwrap(), quickest.parse().unwrap())
}

#[test]
fn what_is_sent_through_bad_air_is_late_and_some_of_it_is_lost_and_all_of_that_is_counted() {
    let street = Street::through_air(2, BAD).expect("network namespaces and TAP devices: run as root");
    let [here, there] = street.houses() else { panic!("two houses") };
    let _echo = echo_in(there);
    while call(here, there, 5).0 == 0 {}
    let (came, quickest) = call(here, there, 200);
    assert!(quickest >= 100.0, "there and back in {quickest} ms");
    assert!((170..200).contains(&came), "{came} of 200");
    street.faults().must_have(&[Fault::Lost, Fault::Delayed]).unwrap();

    assert!(street.faults().must_have(&[Fault::Cut]).is_err(), "nobody was cut off yet");
    there.cut_off().unwrap();
    assert_eq!(call(here, there, 5).0, 0);
    street.faults().must_have(&[Fault::Cut]).unwrap();
    there.join().unwrap();
    assert!(call(here, there, 20).0 > 0);
    assert!(here.bytes().unwrap() > 1_000);
}

#[test]
fn a_house_behind_a_router_calls_out_and_is_called_back_and_by_nobody_else() {
    let street =
        Street::through_air(2, Weather::CALM).expect("network namespaces and TAP devices: run as root");
    let [inside, outside] = street.houses() else { panic!("two houses") };
    let _echoes = [echo_in(inside), echo_in(outside)];
    while call(inside, outside, 5).0 == 0 || call(outside, inside, 5).0 == 0 {}
    let seen_at = inside.put_behind(Nat::PortRestricted).unwrap();
    assert_eq!(call(inside, outside, 20).0, 20, "it calls, and is answered");
    assert_eq!(call(outside, inside, 5).0, 0, "its own address is not one of theirs");
    assert_eq!(call_at(outside, seen_at, 5).0, 0, "nobody asked them");
    street.faults().must_have(&[Fault::TurnedAway]).unwrap();
    inside.put_in_the_open().unwrap();
    assert_eq!(call(outside, inside, 20).0, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_find_each_other_through_bad_air_and_hear_everything() {
    let street = Street::through_air(2, BAD).expect("network namespaces and TAP devices: run as root");
    let folder = tempfile::tempdir().unwrap();
    let (mut nodes, mut people) = (Vec::new(), Vec::new());
    for (house, name) in street.houses().iter().zip(["Ada", "Bob"]) {
        let mut node = Program::in_a_house(&folder.path().join(name), house.clone());
        let token = node.ask(&["setup", name]).unwrap();
        node.start().await.unwrap();
        people.push(Person::new(&node.base(), &token));
        nodes.push(node);
    }
    people[0].api.post("/guilds", &json!({ "name": "Air" })).await.unwrap();
    let place = eventually("the guild", async || people[0].find("Air").await).await.unwrap();
    let invite =
        people[0].api.post(&format!("/channels/{}/invites", place.channel), &json!({})).await.unwrap();
    let url = text(&invite["nexus_url"]).unwrap();
    eventually("they find each other", async || Ok(nodes[1].ask(&["join", &url]).ok())).await.unwrap();
    let there = eventually("Bob is in", async || people[1].find("Air").await).await.unwrap();
    for number in 0..10 {
        people[0].say(&place, &format!("{number}")).await.unwrap();
    }
    eventually("everything is heard", async || {
        Ok((people[1].texts(&there.channel).await?.len() == 10).then_some(()))
    })
    .await
    .unwrap();
    street.faults().must_have(&[Fault::Delayed]).unwrap();
}
