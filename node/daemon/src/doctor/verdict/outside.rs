//! What others tell of a relay that they were asked to dial back.

use super::{Check, Verdict, doubtful, roads};
use nexus_node::mesh::RoadFacts;

const NAME: &str = "from outside";

/// There is nobody to ask.
pub(in crate::doctor) fn nobody() -> Check {
    let todo = "name one: `nexus-relay doctor https://OTHER`; or, on another machine: `nexus doctor` with the URL of this relay";
    doubtful(NAME, "no other relay is linked that could dial this one", todo)
}

/// What one of them tells.
pub(in crate::doctor) fn told(other: &str, answer: Result<RoadFacts, String>, now_s: u64) -> Vec<Check> {
    let name = format!("{NAME}, by {other}:");
    match answer {
        // Its own clock says nothing of this one from there.
        Ok(facts) => {
            let mut checks = roads(&RoadFacts { url: name, date_s: None, ..facts }, now_s);
            for check in checks.iter_mut().filter(|check| check.verdict != Verdict::Works) {
                check.todo = Some(String::from(TODO));
            }
            checks
        }
        Err(why) => {
            let todo = "name another, or ask on another machine: `nexus doctor` with the URL of this relay";
            vec![doubtful(&name, why, todo)]
        }
    }
}

const TODO: &str =
    "forward the port on the router, open it in the firewall, and see that the name leads here";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_through_from_outside_is_told_road_by_road_and_what_does_not_with_what_to_do() {
        let facts = RoadFacts {
            url: String::from("whatever they say"),
            window: Some(Ok(())),
            date_s: Some(1),
            tcp: Some(Ok(())),
            udp: Some(Err(String::from("nobody answers there"))),
            ..RoadFacts::default()
        };
        let checks = told("https://b.example", Ok(facts), 1_800_000_000);
        let names: Vec<_> = checks.iter().map(|check| check.name.as_str()).collect();
        let by = "from outside, by https://b.example:";
        assert_eq!(names, [format!("{by} window"), format!("{by} UDP (QUIC)"), format!("{by} TCP")]);
        let verdicts: Vec<_> = checks.iter().map(|check| check.verdict).collect();
        assert_eq!(verdicts, [Verdict::Works, Verdict::Doubtful, Verdict::Works]);
        assert!(checks[1].todo.as_ref().unwrap().contains("router"));
        let walled = RoadFacts { window: Some(Err(String::from("no answer"))), ..RoadFacts::default() };
        assert_eq!(told("https://b.example", Ok(walled), 0)[0].verdict, Verdict::Fails);
        assert_eq!(told("https://b.example", Err(String::from("no")), 0)[0].verdict, Verdict::Doubtful);
        assert_eq!(nobody().verdict, Verdict::Doubtful);
    }
}
