//! Application commands: what Discord calls the things that people can ask a bot for. Inside they are offers.
//!
//! A definition is read by one rule, whether a client sends it or an op carries it: what breaks the rule is neither taken nor
//! shown.

use crate::error::{Answer, ApiError};
use nexus_core::View;
use nexus_crdt::id::{OpId, UserId};
use nexus_crdt::identity::Offered;
use serde_json::{Map, Value, json};

mod options;

pub(crate) use options::asked;

/// Kinds: a slash command, one on a person, one on a message.
const SLASH: u64 = 1;

/// Reads a definition; what comes back has only fields that are understood.
pub(crate) fn definition(value: &Value) -> Answer<Value> {
    let kind = match &value["type"] {
        Value::Null => SLASH,
        given => given
            .as_u64()
            .filter(|kind| (1..=3).contains(kind))
            .ok_or_else(|| wrong("type", "one of (1, 2, 3)"))?,
    };
    let slash = kind == SLASH;
    let name = value["name"].as_str().filter(|name| options::is_name(name, slash));
    let name =
        name.ok_or_else(|| wrong("name", "1 to 32 characters, for a slash command of lower-case words"))?;
    let about = value["description"].as_str().unwrap_or("");
    let length = about.chars().count();
    if slash != (1..=100).contains(&length) || (!slash && length > 0) {
        return Err(wrong("description", "1 to 100 characters for a slash command, none for the others"));
    }
    let mut shown = Map::from_iter([
        ("type".to_owned(), json!(kind)),
        ("name".to_owned(), json!(name)),
        ("description".to_owned(), json!(about)),
        ("default_member_permissions".to_owned(), permissions(&value["default_member_permissions"])?),
        ("dm_permission".to_owned(), json!(value["dm_permission"].as_bool().unwrap_or(true))),
        ("nsfw".to_owned(), json!(value["nsfw"].as_bool().unwrap_or(false))),
        ("contexts".to_owned(), numbers(&value["contexts"], 2)),
        ("integration_types".to_owned(), json!([0])),
    ]);
    options::localised(value, &mut shown, "")?;
    let list = match &value["options"] {
        Value::Null => Vec::new(),
        given => options::read(given, "options", 0)?,
    };
    if !list.is_empty() {
        if !slash {
            return Err(wrong("options", "of slash commands only"));
        }
        shown.insert("options".to_owned(), Value::Array(list));
    }
    Ok(Value::Object(shown))
}

/// A definition with some fields changed.
pub(crate) fn edited(before: &Value, changes: &Value) -> Answer<Value> {
    let mut whole = before.as_object().cloned().unwrap_or_default();
    for (name, value) in changes.as_object().into_iter().flatten() {
        // A command stays the kind it is.
        if name != "type" {
            whole.insert(name.clone(), value.clone());
        }
    }
    definition(&Value::Object(whole))
}

/// Reads what an op carries; none where it is not to be understood.
pub(crate) fn stored(offered: &Offered) -> Option<Value> {
    definition(&serde_json::from_str(&offered.definition).ok()?).ok()
}

/// An offer as Discord's application command.
pub(crate) fn drawn(view: &View, application: &UserId, id: &OpId, offered: &Offered) -> Option<Value> {
    let mut shown = stored(offered)?;
    let number = view.ids.of(*id).0.to_string();
    shown["id"] = json!(number);
    shown["version"] = json!(number);
    shown["application_id"] = json!(view.ids.of(*application).0.to_string());
    if let Some(guild) = offered.guild {
        shown["guild_id"] = json!(view.ids.of(guild).0.to_string());
    }
    Some(shown)
}

fn permissions(value: &Value) -> Answer<Value> {
    let bits = match value {
        Value::Null => return Ok(Value::Null),
        Value::String(text) => text.parse::<u64>().ok(),
        other => other.as_u64(),
    };
    bits.map(|bits| json!(bits.to_string()))
        .ok_or_else(|| wrong("default_member_permissions", "a number of bits"))
}

/// A list of small numbers, each once; null where there is none.
fn numbers(value: &Value, most: u64) -> Value {
    let Some(list) = value.as_array() else { return Value::Null };
    let list: std::collections::BTreeSet<u64> =
        list.iter().filter_map(Value::as_u64).filter(|number| *number <= most).collect();
    json!(list)
}

fn wrong(field: &str, words: &str) -> ApiError {
    ApiError::invalid(field, "APPLICATION_COMMAND_INVALID", words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_read_again_as_it_was_written() {
        let given = json!({
            "name": "roll", "description": "dice", "default_member_permissions": 8, "unknown": [1],
            "name_localizations": { "de": "würfeln" },
            "options": [
                { "type": 4, "name": "sides", "description": "how many", "required": true, "min_value": 2 },
                { "type": 3, "name": "why", "description": "a reason", "choices": [{ "name": "Luck", "value": "luck" }] },
            ],
        });
        let read = definition(&given).unwrap();
        assert_eq!(definition(&read).unwrap(), read);
        assert_eq!((&read["default_member_permissions"], &read["type"]), (&json!("8"), &json!(1)));
        assert!(read.get("unknown").is_none());
        let edited = edited(&read, &json!({ "description": "more dice", "type": 2 })).unwrap();
        assert_eq!((&edited["description"], &edited["type"]), (&json!("more dice"), &json!(1)));
    }

    #[test]
    fn a_definition_that_breaks_a_rule_is_not_taken() {
        let fine = json!({ "name": "a", "description": "b" });
        let with = |name: &str, value: Value| {
            let mut given = fine.clone();
            given[name] = value;
            definition(&given)
        };
        assert!(definition(&fine).is_ok());
        let option = |kind: u64| json!({ "type": kind, "name": "o", "description": "d" });
        for (name, value) in [
            ("name", json!("Upper")),
            ("name", json!("x".repeat(33))),
            ("description", json!("")),
            ("type", json!(9)),
            ("type", json!(2)),
            ("options", json!([option(12)])),
            ("options", json!([option(3), option(3)])),
            ("options", json!(vec![option(3); 26])),
            ("name_localizations", json!({ "de": 1 })),
        ] {
            assert!(with(name, value.clone()).is_err(), "{name} {value}");
        }
        let nested = (0..9).fold(
            option(3),
            |inner, _| json!({ "type": 2, "name": "g", "description": "d", "options": [inner] }),
        );
        assert!(
            with("options", json!([nested])).is_err(),
            "groups hold subcommands, those hold values, and no more"
        );
    }
}
