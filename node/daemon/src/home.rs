//! Home relays: what the settings name is what the node uses.

use nexus_core::{BaseUrl, Command, Refusal};
use nexus_node::Node;

/// Makes these the home relays, all of them: what the node used before and is not named is left. A guild or an account that
/// names none yet learns of them.
///
/// # Errors
/// What the node refuses, as a disk that is full.
pub async fn keep(node: &Node, relays: &[BaseUrl]) -> Result<(), Refusal> {
    let before = node.view().home_relays.clone();
    for gone in before.iter().filter(|url| !relays.iter().any(|relay| relay.as_str() == *url)) {
        node.command(None, Command::LeaveRelay { url: gone.clone() }).await?;
    }
    for relay in relays {
        node.command(None, Command::UseRelay { url: relay.to_string() }).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use nexus_node::Options;

    #[tokio::test]
    async fn what_is_named_is_used_and_what_is_named_no_longer_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let node = Node::open(Options { data: folder.path().to_owned(), disk_reserve: 0 }).unwrap();
        let urls = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<BaseUrl>>();
        let used = || node.view().home_relays.iter().cloned().collect::<Vec<_>>();
        keep(&node, &urls(&["https://a.example", "https://b.example"])).await.unwrap();
        assert_eq!(used(), ["https://a.example", "https://b.example"]);
        keep(&node, &urls(&["https://b.example", "https://c.example"])).await.unwrap();
        assert_eq!(used(), ["https://b.example", "https://c.example"]);
        node.stop().await;
    }
}
