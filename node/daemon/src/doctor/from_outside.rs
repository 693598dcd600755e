//! How a relay is reached from outside: other relays are asked to dial it back, and tell.

use super::verdict::{Check, outside};
use nexus_core::BaseUrl;
use nexus_node::MeshStatus;
use nexus_node::mesh::{Roots, ask_to_dial_back};

/// Others that are asked.
const OTHERS_MAX: usize = 3;

/// Asks those who were named, and else those with a link; nobody where the relay's own URL is of this machine alone.
pub(super) async fn ask(
    base: &str,
    named: &[BaseUrl],
    mesh: Option<&MeshStatus>,
    roots: &Roots,
    now_s: u64,
) -> Vec<Check> {
    if is_of_this_machine(base) {
        return Vec::new();
    }
    let others = others(base, named, mesh);
    if others.is_empty() {
        return vec![outside::nobody()];
    }
    let mut checks = Vec::new();
    for other in others {
        let answer = ask_to_dial_back(&other, base, roots).await;
        checks.extend(outside::told(&other, answer, now_s));
    }
    checks
}

fn others(base: &str, named: &[BaseUrl], mesh: Option<&MeshStatus>) -> Vec<String> {
    let linked = mesh.into_iter().flat_map(|mesh| &mesh.relays).filter(|relay| relay.state == "connected");
    let linked = linked.map(|relay| relay.url.clone());
    let mut others: Vec<String> = Vec::new();
    for url in named.iter().map(ToString::to_string).chain(linked) {
        if url != base && !others.contains(&url) {
            others.push(url);
        }
    }
    others.truncate(OTHERS_MAX);
    others
}

fn is_of_this_machine(base: &str) -> bool {
    let host = base.split_once("://").map_or(base, |(_, rest)| rest);
    ["127.", "localhost", "[::1]"].iter().any(|here| host.starts_with(here))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_is_named_is_asked_first_and_then_who_is_linked() {
        let relay = |url: &str, state: &str| json!({ "url": url, "state": state });
        let mesh = json!({ "line": "", "peer_key": "", "links": [], "relays": [
            relay("https://own.example", "connected"), relay("https://a.example", "connected"),
            relay("https://down.example", "failing"), relay("https://b.example", "connected"),
            relay("https://c.example", "connected"),
        ] });
        let mesh: MeshStatus = serde_json::from_value(mesh).unwrap();
        let named: BaseUrl = "https://b.example".parse().unwrap();
        let asked = others("https://own.example", &[named], Some(&mesh));
        assert_eq!(asked, ["https://b.example", "https://a.example", "https://c.example"]);
        assert!(others("https://own.example", &[], None).is_empty());
    }

    #[test]
    fn nobody_elsewhere_is_asked_about_what_is_of_this_machine() {
        let here = ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1"];
        assert!(here.iter().all(|base| is_of_this_machine(base)));
        assert!(!is_of_this_machine("https://relay.example") && !is_of_this_machine("http://10.0.0.1:80"));
    }
}
