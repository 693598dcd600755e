//! What facts mean, and what to do about it.

pub(super) mod outside;

use nexus_node::mesh::RoadFacts;
use nexus_node::{CertificateStatus, MeshStatus};
use serde::Serialize;

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    /// What.
    pub(super) name: String,
    pub(super) verdict: Verdict,
    /// What was found, in a sentence.
    pub(super) words: String,
    /// What to do, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) todo: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Works,
    /// It goes on, for now or less well.
    Doubtful,
    Fails,
}

/// How the data folder is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FolderFact {
    Missing,
    Running,
    Opens,
    Refuses(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DiskFact {
    pub(super) free: u64,
    pub(super) reserve: u64,
    /// A file was written, made durable and removed.
    pub(super) writes: Result<(), String>,
    /// Others on this machine may read the folder.
    pub(super) is_open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PortFact {
    /// The running program answers there.
    Answers(String),
    /// It runs and does not answer there.
    Silent(String, String),
    /// Nobody has it: it can be listened on.
    Free(String),
    /// The running program has it.
    Held(String),
    /// It cannot be listened on.
    Refused(String, String),
}

fn check(name: &str, verdict: Verdict, words: impl Into<String>, todo: Option<String>) -> Check {
    Check { name: name.to_owned(), verdict, words: words.into(), todo }
}

fn works(name: &str, words: impl Into<String>) -> Check {
    check(name, Verdict::Works, words, None)
}

fn fails(name: &str, words: impl Into<String>, todo: impl Into<String>) -> Check {
    check(name, Verdict::Fails, words, Some(todo.into()))
}

fn doubtful(name: &str, words: impl Into<String>, todo: impl Into<String>) -> Check {
    check(name, Verdict::Doubtful, words, Some(todo.into()))
}

pub(super) fn folder(fact: &FolderFact, program: &str) -> Check {
    match fact {
        FolderFact::Running => works("folder", "a program runs on it and answers"),
        FolderFact::Opens => works("folder", "the store opens, its key fits; no program runs"),
        FolderFact::Missing => doubtful(
            "folder",
            "there is no store yet",
            format!("start it once: `{program} serve`; or give the right --data"),
        ),
        FolderFact::Refuses(why) => fails(
            "folder",
            why,
            "end the other program, or bring back the folder as it was (with its sealing.key), then run `verify`",
        ),
    }
}

pub(super) fn disk(fact: &DiskFact) -> Check {
    let mib = |bytes: u64| bytes >> 20;
    match &fact.writes {
        Err(why) => {
            fails("disk", format!("cannot write there: {why}"), "let this user write to the data folder")
        }
        Ok(()) if fact.free < fact.reserve => fails(
            "disk",
            format!("{} MiB are free, less than the reserve of {}", mib(fact.free), mib(fact.reserve)),
            "make room, or lower --disk-reserve: until then nothing new is taken",
        ),
        Ok(()) if fact.is_open => doubtful(
            "disk",
            "others on this machine can read the data folder",
            "close it: `chmod -R go-rwx` on the folder",
        ),
        Ok(()) if fact.free < fact.reserve.saturating_mul(4) => doubtful(
            "disk",
            format!("{} MiB are free; below {} nothing new is taken", mib(fact.free), mib(fact.reserve)),
            "make room soon",
        ),
        Ok(()) => works("disk", format!("{} MiB are free, and what is written is durable", mib(fact.free))),
    }
}

pub(super) fn port(name: &str, fact: &PortFact) -> Check {
    match fact {
        PortFact::Answers(place) => works(name, format!("answers at {place}")),
        PortFact::Held(place) => works(name, format!("the program listens at {place}")),
        PortFact::Free(place) => works(name, format!("{place} is free, by what it needs")),
        PortFact::Silent(place, why) => fails(
            name,
            format!("the program runs, but not at {place}: {why}"),
            "give doctor the settings that the program was started with",
        ),
        PortFact::Refused(place, why) => fails(
            name,
            format!("cannot listen at {place}: {why}"),
            "end who has it, or choose another by --listen or --mesh-listen",
        ),
    }
}

pub(super) fn proxies(names: &[String]) -> Option<Check> {
    let named = !names.is_empty();
    named.then(|| {
        doubtful(
            "proxy",
            format!("the environment names a proxy: {}", names.join(", ")),
            "where relays fail below, unset it or add their hosts to NO_PROXY; UDP and the mesh's TCP go past it",
        )
    })
}

/// Clocks that are further apart make what is written wait elsewhere.
const SKEW_MAX_S: u64 = 120;
const DAY_S: u64 = 86_400;
/// A certificate is renewed a month before its end; where two weeks are left, something does not renew it.
const RENEWED_BEFORE_S: u64 = 14 * DAY_S;

pub(super) fn roads(facts: &RoadFacts, now_s: u64) -> Vec<Check> {
    let name = |what: &str| format!("{} {what}", facts.url);
    let mut checks = vec![window(facts, &name("window"))];
    checks.extend(facts.certificate_ends_s.map(|ends_s| certificate(&name("certificate"), ends_s, now_s)));
    checks.extend(facts.date_s.map(|date_s| clock(&name("clock"), date_s, now_s)));
    let tried = [("UDP (QUIC)", &facts.udp), ("TCP", &facts.tcp), ("WebSocket", &facts.web_socket)];
    let open = tried.iter().filter(|(_, road)| matches!(road, Some(Ok(())))).count();
    if matches!(facts.window, Some(Ok(()))) {
        checks.extend(tried.iter().filter_map(|(what, road)| self::road(&name(what), road.as_ref()?, open)));
    }
    checks
}

fn window(facts: &RoadFacts, name: &str) -> Check {
    match &facts.window {
        Some(Err(why)) => {
            let certificate = ["ertificate", "TLS", "tls"].iter().any(|word| why.contains(word));
            let todo = if certificate {
                "have the relay's certificate renewed, for the name in its URL; or set this machine's clock"
            } else {
                "look at the URL, at this machine's network, and whether the relay runs"
            };
            fails(name, why, todo)
        }
        _ => works(name, "answers, and is a relay"),
    }
}

fn certificate(name: &str, ends_s: u64, now_s: u64) -> Check {
    let left_days = ends_s.saturating_sub(now_s) / DAY_S;
    if ends_s <= now_s {
        fails(name, "is over", "have it renewed by whoever runs the relay")
    } else if ends_s - now_s < RENEWED_BEFORE_S {
        let words = format!("ends in {left_days} days");
        doubtful(name, words, "see why it is not renewed: after its end nobody comes in")
    } else {
        works(name, format!("holds for {left_days} days more, and for this name"))
    }
}

/// How a running program stands with the certificate of its own window.
pub(super) fn own_certificate(status: &CertificateStatus) -> Check {
    let CertificateStatus { source, trouble } = status;
    match (trouble, source.as_str()) {
        (None, _) => works("certificate", format!("the newest is in use, by {source}")),
        (Some(why), "acme") => fails(
            "certificate",
            why,
            "let port 443 of the domain lead to --listen, and its name to this machine",
        ),
        (Some(why), _) => {
            fails("certificate", why, "put a chain and its key there, in PEM, which belong together")
        }
    }
}

fn clock(name: &str, date_s: u64, now_s: u64) -> Check {
    let (apart, way) = (date_s.abs_diff(now_s), if date_s > now_s { "behind" } else { "ahead of" });
    if apart <= SKEW_MAX_S {
        return works(name, format!("{apart} s apart"));
    }
    let words = format!("this clock is {apart} s {way} the relay's");
    fails(
        name,
        words,
        "set the clock of whichever is wrong (NTP): what is written ahead of time waits elsewhere",
    )
}

fn road(name: &str, road: &Result<(), String>, open: usize) -> Option<Check> {
    let Err(why) = road else { return Some(works(name, "comes through")) };
    let todo = "let it through the firewalls on both sides";
    Some(if open == 0 {
        fails(name, why, format!("no road to this relay is open: {todo}"))
    } else {
        doubtful(name, format!("{why}; another road is used"), todo)
    })
}

/// How a running program stands with others.
pub(super) fn links(mesh: &MeshStatus) -> Check {
    let skew_s = mesh.links.iter().map(|link| link.clock_skew_ms.unsigned_abs() / 1_000).max().unwrap_or(0);
    let refused = mesh.links.iter().any(|link| !link.refused.is_empty());
    if skew_s > SKEW_MAX_S {
        fails(
            "links",
            format!("a clock is {skew_s} s apart from this one"),
            "set the clock that is wrong (NTP)",
        )
    } else if refused {
        let todo = "see `status`: ask who runs the relay, or name another (`guild relays`)";
        doubtful("links", "another program does not take one of the guilds here", todo)
    } else if mesh.links.is_empty() && !mesh.relays.is_empty() {
        fails("links", &*mesh.line, "see what the roads above say")
    } else {
        works("links", &*mesh.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Doubtful, Fails, Works};

    const NOW_S: u64 = 1_800_000_000;
    const MIB: u64 = 1 << 20;

    fn blocked() -> Option<Result<(), String>> {
        Some(Err(String::from("nobody answers there")))
    }

    fn verdicts(checks: &[Check]) -> Vec<Verdict> {
        checks.iter().map(|check| check.verdict).collect()
    }

    #[test]
    fn whatever_does_not_work_says_what_to_do() {
        let disk_of = |free, writes: Result<(), &str>, is_open| {
            let writes = writes.map_err(str::to_owned);
            disk(&DiskFact { free: free * MIB, reserve: 64 * MIB, writes, is_open })
        };
        let place = || String::from("127.0.0.1:1");
        let of = |source: &str, trouble: Option<&str>| CertificateStatus {
            source: source.to_owned(),
            trouble: trouble.map(str::to_owned),
        };
        let cases = [
            (folder(&FolderFact::Running, "nexus"), Works),
            (folder(&FolderFact::Opens, "nexus"), Works),
            (folder(&FolderFact::Missing, "nexus"), Doubtful),
            (folder(&FolderFact::Refuses(String::from("in use")), "nexus"), Fails),
            (disk_of(9_000, Ok(()), false), Works),
            (disk_of(9_000, Ok(()), true), Doubtful),
            (disk_of(100, Ok(()), false), Doubtful),
            (disk_of(63, Ok(()), false), Fails),
            (disk_of(9_000, Err("read-only"), false), Fails),
            (port("window", &PortFact::Answers(place())), Works),
            (port("window", &PortFact::Free(place())), Works),
            (port("mesh", &PortFact::Held(place())), Works),
            (port("window", &PortFact::Silent(place(), String::new())), Fails),
            (port("mesh", &PortFact::Refused(place(), String::new())), Fails),
            (proxies(&[String::from("HTTPS_PROXY")]).unwrap(), Doubtful),
            (own_certificate(&of("files", None)), Works),
            (own_certificate(&of("files", Some("half"))), Fails),
            (own_certificate(&of("acme", Some("refused"))), Fails),
        ];
        for (check, wanted) in cases {
            assert_eq!(check.verdict, wanted, "{check:?}");
            assert_eq!(check.todo.is_some(), wanted != Works, "{check:?}");
        }
        assert_eq!(proxies(&[]), None);
    }

    #[test]
    fn a_relay_is_reached_while_one_road_is_open() {
        let facts = RoadFacts {
            url: String::from("https://relay.example"),
            window: Some(Ok(())),
            date_s: Some(NOW_S + 5),
            certificate_ends_s: Some(NOW_S + 60 * DAY_S),
            tcp: Some(Ok(())),
            udp: Some(Ok(())),
            web_socket: Some(Ok(())),
        };
        assert_eq!(verdicts(&roads(&facts, NOW_S)), [Works; 6]);
        let walled = RoadFacts { udp: blocked(), ..facts.clone() };
        assert_eq!(verdicts(&roads(&walled, NOW_S)), [Works, Works, Works, Doubtful, Works, Works]);
        let shut = RoadFacts { tcp: blocked(), web_socket: blocked(), ..walled };
        assert_eq!(verdicts(&roads(&shut, NOW_S)), [Works, Works, Works, Fails, Fails, Fails]);
        let silent = RoadFacts { window: blocked(), date_s: None, certificate_ends_s: None, ..facts.clone() };
        assert_eq!(verdicts(&roads(&silent, NOW_S)), [Fails]);
        let skewed = RoadFacts { date_s: Some(NOW_S - 121), ..facts.clone() };
        assert_eq!(verdicts(&roads(&skewed, NOW_S))[2], Fails);
        for (left_s, wanted) in [(0, Fails), (13 * DAY_S, Doubtful), (15 * DAY_S, Works)] {
            let ending = RoadFacts { certificate_ends_s: Some(NOW_S + left_s), ..facts.clone() };
            assert_eq!(verdicts(&roads(&ending, NOW_S))[1], wanted);
        }
    }
}
