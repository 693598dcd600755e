//! Links in the tree's own pages lead somewhere.

use super::Finding;
use super::tree::{File, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.extension() == "md") {
        for (line, target) in targets(file) {
            if let Some(path) = resolve(&file.path, target)
                && !tree.has(&path)
            {
                findings.push(Finding::at(&file.path, line, format!("dead link: {target}")));
            }
        }
    }
    findings
}

/// What stands in the round brackets of `[text](target)`, outside of fenced code.
fn targets(file: &File) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut targets = Vec::new();
    for (line, text) in file.lines() {
        if text.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
            targets.extend(links.map(|(target, _)| (line, target)));
        }
    }
    targets
}

/// The path from the root, for a link that stays in the tree.
fn resolve(page: &str, target: &str) -> Option<String> {
    let path = target.split('#').next().unwrap_or_default();
    if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
        return None;
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_link_is_found_and_live_ones_are_not() {
        let page = "[map](../ARCHITECTURE.md#map), [crdt](../crdt/), [out](https://example.org/x.md), [here](#words)\n\
                    [gone](gone.md)\n```\n[code](not-a-link)\n```\n";
        let tree = Tree::of([("docs/a.md", page), ("ARCHITECTURE.md", ""), ("crdt/src/lib.rs", "")]);
        assert_eq!(check(&tree), [Finding::at("docs/a.md", 2, "dead link: gone.md")]);
    }
}
