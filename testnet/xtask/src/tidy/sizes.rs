//! No room grows too large to live in.

use super::Finding;
use super::tree::Tree;

/// Lines. A typical file has fewer than half of them.
const LIMIT: usize = 600;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.code()
        .filter_map(|file| {
            let lines = file.text.lines().count();
            let what =
                format!("{lines} lines, at most {LIMIT}: split it by meaning, into `foo.rs` and `foo/`");
            (lines > LIMIT).then(|| Finding::new(&file.path, what))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_past_the_limit_is_found_and_one_at_the_limit_or_of_a_program_is_not() {
        let generated = format!("/** Generated from schemas. */{}", "\n".repeat(LIMIT + 1));
        let tree = Tree::of([
            ("d.ts", &generated),
            ("a.rs", &"\n".repeat(LIMIT)),
            ("b.py", &"\n".repeat(LIMIT + 1)),
            ("c.json", &"\n".repeat(LIMIT + 1)),
        ]);
        let found = check(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "b.py");
    }
}
