//! Every crate says its licence: AGPL-3.0-or-later, and Apache-2.0 for what others build their own programs on.

use super::Finding;
use super::arrows::Crate;
use super::tree::Tree;

/// Crates that anyone may link into anything.
const APACHE: [&str; 1] = ["nexus-api-model"];

pub(super) fn check(tree: &Tree, crates: &[Crate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in crates {
        let wanted = if APACHE.contains(&one.name.as_str()) { "Apache-2.0" } else { "AGPL-3.0-or-later" };
        if one.license.as_deref() != Some(wanted) {
            let has = one.license.as_deref().unwrap_or("none");
            findings.push(Finding::new(&one.manifest_path, format!("licence is {has}, must be {wanted}")));
        }
    }
    for text in ["LICENSE", "api-compat/model/LICENSE-APACHE"] {
        if !tree.has(text) {
            findings.push(Finding::new(text, "the licence's text is missing"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, license: Option<&str>) -> Crate {
        let value = serde_json::json!({
            "name": name, "license": license, "manifest_path": "Cargo.toml", "dependencies": [],
        });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_wrong_or_missing_licence_and_a_missing_text_are_found() {
        let tree = Tree::of([("LICENSE", "")]);
        let found = check(&tree, &[one("nexus-core", Some("MIT")), one("nexus-node", None)]);
        let what: Vec<_> = found.iter().map(|finding| finding.what.as_str()).collect();
        assert_eq!(
            what,
            [
                "licence is MIT, must be AGPL-3.0-or-later",
                "licence is none, must be AGPL-3.0-or-later",
                "the licence's text is missing",
            ]
        );
    }

    #[test]
    fn the_model_of_discords_types_is_apache() {
        let tree = Tree::of([("LICENSE", ""), ("api-compat/model/LICENSE-APACHE", "")]);
        assert_eq!(check(&tree, &[one("nexus-api-model", Some("Apache-2.0"))]), []);
        assert_eq!(check(&tree, &[one("nexus-api-model", Some("AGPL-3.0-or-later"))]).len(), 1);
    }
}
