//! Every event that a test sees is held against its schema; an event without one fails.

use jsonschema::{Registry, Validator};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

static SCHEMAS: LazyLock<BTreeMap<String, Validator>> = LazyLock::new(load);

/// Panics where an event does not keep to its schema.
pub(super) fn check(name: &str, data: &Value) {
    let schema = SCHEMAS.get(name).unwrap_or_else(|| panic!("{name} has no schema"));
    let errors: Vec<String> =
        schema.iter_errors(data).map(|error| format!("at {}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{name} is not as its schema says:\n{}\n{data:#}", errors.join("\n"));
}

/// The names that have one.
pub(super) fn names() -> Vec<&'static str> {
    SCHEMAS.keys().map(String::as_str).collect()
}

fn load() -> BTreeMap<String, Validator> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schemas/dispatch");
    let files = std::fs::read_dir(folder).expect("the folder of schemas");
    let mut schemas: BTreeMap<String, Value> = files
        .map(|file| {
            let path = file.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a readable schema");
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, serde_json::from_str(&text).expect("a schema is JSON"))
        })
        .collect();
    let common = schemas.remove("common").expect("the shared shapes");
    let registry = Registry::new()
        .add("https://nexus.invalid/dispatch/common.json", common)
        .and_then(|registry| registry.prepare())
        .expect("the shared shapes are a schema");
    let build = |schema: &Value| {
        jsonschema::options().with_registry(&registry).build(schema).expect("a schema that can be used")
    };
    schemas.iter().map(|(name, schema)| (name.clone(), build(schema))).collect()
}

#[test]
fn every_event_that_can_be_sent_has_a_schema_and_no_schema_is_for_nothing() {
    let mut sent: Vec<&str> = nexus_api::gateway::EventName::ALL.iter().map(|name| name.as_str()).collect();
    sent.sort_unstable();
    assert_eq!(sent, names());
}
