//! No bags: a module is named after what it is about.

use super::Finding;
use super::tree::Tree;

const BAGS: [&str; 10] =
    ["util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "stuff", "shared"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.code() {
        let stem = file.path.rsplit_once('.').map_or(file.path.as_str(), |(stem, _)| stem);
        if let Some(bag) = stem.split('/').find(|part| BAGS.contains(part)) {
            findings.push(Finding::new(
                &file.path,
                format!("`{bag}` is a bag: name the module after what it is about"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bag_is_found_as_file_and_as_folder() {
        let tree = Tree::of([
            ("node/src/utils.rs", ""),
            ("node/src/common/clock.rs", ""),
            ("node/src/commons.rs", ""),
        ]);
        let places: Vec<_> = check(&tree).into_iter().map(|finding| finding.place).collect();
        assert_eq!(places, ["node/src/utils.rs", "node/src/common/clock.rs"]);
    }
}
