//! Rust files that no module declares are compiled by nobody.

use super::Finding;
use super::tree::{File, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let dead = tree.files.iter().filter(|file| is_module(file) && !declared(tree, &file.path));
    dead.map(|file| Finding::new(&file.path, "no module declares this file: nobody compiles it")).collect()
}

/// Files below `src` or a test's folder which are no crate roots.
fn is_module(file: &File) -> bool {
    let mut parts = file.path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let folder = parts.next().unwrap_or_default();
    file.extension() == "rs"
        && !matches!(name, "lib.rs" | "main.rs" | "build.rs")
        && !matches!(folder, "tests" | "benches" | "examples" | "bin")
}

/// Whether the file's parent says `mod NAME;`. A parent is the folder's own module or the crate's root.
fn declared(tree: &Tree, path: &str) -> bool {
    let Some((folder, name)) = path.rsplit_once('/') else { return false };
    let (folder, module) = match name {
        // `foo/mod.rs` is declared where `foo.rs` would be.
        "mod.rs" => folder.rsplit_once('/').unwrap_or(("", folder)),
        _ => (folder, name.trim_end_matches(".rs")),
    };
    let parents = ["lib.rs", "main.rs", "mod.rs"].map(|parent| format!("{folder}/{parent}"));
    let declaration = format!("mod {module};");
    let by_path = format!("\"{name}\"");
    let says = |text: &str| {
        text.lines().any(|line| line.trim_end().ends_with(&declaration) || line.contains(&by_path))
    };
    parents
        .iter()
        .map(String::as_str)
        .chain([format!("{folder}.rs").as_str()])
        .filter_map(|parent| tree.text(parent))
        .any(says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_no_module_declares_is_found() {
        let tree = Tree::of([
            ("a/src/lib.rs", "pub mod op;\nmod id;"),
            ("a/src/op.rs", "mod envelope;"),
            ("a/src/op/envelope.rs", ""),
            ("a/src/op/body.rs", ""),
            ("a/src/id.rs", ""),
            ("a/src/hlc.rs", ""),
            ("a/tests/it/main.rs", "mod bans;"),
            ("a/tests/it/bans.rs", ""),
            ("a/tests/alone.rs", ""),
        ]);
        let places: Vec<_> = check(&tree).into_iter().map(|finding| finding.place).collect();
        assert_eq!(places, ["a/src/op/body.rs", "a/src/hlc.rs"]);
    }
}
