//! What a body must look like, by operation and status.

use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Discord's document, where it is here, and our schemas.
pub(crate) struct Documents {
    discord: Option<Value>,
    ours: BTreeMap<String, Value>,
    built: BTreeMap<String, Validator>,
    /// What was not as its document says.
    pub(crate) wrong: Vec<String>,
}

impl Documents {
    /// Reads both. Discord's document is not ours to ship: `NEXUS_DATA` names the folder it is in. Where the
    /// variable is set, its absence fails; elsewhere it is said and that half is left out.
    pub(crate) fn load() -> Self {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let named = std::env::var_os("NEXUS_DATA").map(PathBuf::from);
        let must = named.is_some();
        let folder = named.unwrap_or_else(|| project.join("../shared/data"));
        // A relative name is meant from the project's root, where the test command runs.
        let folder = if folder.is_absolute() { folder } else { project.join(folder) };
        let discord = std::fs::read(folder.join("discord/openapi.json")).ok();
        assert!(discord.is_some() || !must, "no discord/openapi.json in {}", folder.display());
        if discord.is_none() {
            println!("without Discord's document: only our own schemas are held against the answers");
        }
        let ours = project.join("api-compat/schemas/rest");
        let files = std::fs::read_dir(ours).expect("our schemas").map(|file| file.expect("a file").path());
        let read = |path: PathBuf| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, serde_json::from_slice(&std::fs::read(&path).expect("a file")).expect("JSON"))
        };
        Self {
            discord: discord.map(|bytes| serde_json::from_slice(&bytes).expect("JSON")),
            ours: files.map(read).collect(),
            built: BTreeMap::new(),
            wrong: Vec::new(),
        }
    }

    /// Notes where a body is not as the operation's document says.
    pub(crate) fn check(&mut self, route: &nexus_api::Served, status: u16, body: Option<&Value>) {
        let operation = route.operation;
        // An error has our schema alone, the stricter one: the document gives the codes within `errors` as integers,
        // where Discord sends words and libraries read words.
        if status >= 400 && operation != "nexus_register" {
            let schema = self.ours.get("error").expect("the schema of errors").clone();
            self.hold("error".to_owned(), schema, operation, body.unwrap_or(&Value::Null));
            return;
        }
        if operation.starts_with("nexus_") {
            let schema =
                self.ours.get(operation).unwrap_or_else(|| panic!("{operation} has no schema of ours"));
            self.hold(operation.to_owned(), schema.clone(), operation, body.unwrap_or(&Value::Null));
            return;
        }
        let Some(discord) = &self.discord else { return };
        let responses = &discord["paths"][route.path][route.method.to_lowercase()]["responses"];
        let response = &responses[status.to_string()];
        if response.is_null() {
            self.wrong.push(format!("{operation} answers {status}, which Discord does not document"));
            return;
        }
        let schema = &response["content"]["application/json"]["schema"];
        match body {
            None if schema.is_null() => {}
            None => self.wrong.push(format!("{operation} answers {status} without the body it has")),
            Some(body) => {
                // References are local to the document: its components travel with each schema.
                let whole = json!({ "allOf": [schema], "components": discord["components"] });
                self.hold(format!("{operation} {status}"), whole, operation, body);
            }
        }
    }

    fn hold(&mut self, key: String, schema: Value, operation: &str, body: &Value) {
        let validator = self.built.entry(key).or_insert_with(|| {
            jsonschema::options().build(&schema).unwrap_or_else(|error| panic!("{operation}: {error}"))
        });
        let errors: Vec<String> = validator
            .iter_errors(body)
            .map(|error| format!("at {}: {error:.300}", error.instance_path()))
            .collect();
        if !errors.is_empty() {
            self.wrong.push(format!("{operation}:\n{}\n{body:.1500}", errors.join("\n")));
        }
    }
}
