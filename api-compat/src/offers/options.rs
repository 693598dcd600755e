//! Options of a command: as they are defined, and as somebody fills them in.

use super::wrong;
use crate::error::{Answer, ApiError};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const SUBCOMMAND: u64 = 1;
const GROUP: u64 = 2;
const STRING: u64 = 3;
const INTEGER: u64 = 4;
const BOOLEAN: u64 = 5;
const CHANNEL: u64 = 7;
const NUMBER: u64 = 10;

/// Options of one command or subcommand, choices of one option.
const LIST_MAX: usize = 25;
/// Languages that a name or description is given in.
const LANGUAGES_MAX: usize = 40;

/// Whether it can be the name of a command; of a slash command or option, one lower-case word.
pub(super) fn is_name(name: &str, word: bool) -> bool {
    let fits = (1..=32).contains(&name.chars().count());
    let is_of_a_word =
        |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || "-_'".contains(c) || !c.is_ascii();
    fits && (!word || name.chars().all(is_of_a_word))
}

/// Names and descriptions in other languages.
pub(super) fn localised(value: &Value, shown: &mut Map<String, Value>, at: &str) -> Answer<()> {
    for (field, max) in [("name_localizations", 32), ("description_localizations", 100)] {
        let table = match &value[field] {
            Value::Null => continue,
            Value::Object(table) if table.len() <= LANGUAGES_MAX => table,
            _ => return Err(wrong(&format!("{at}{field}"), "at most 40 languages")),
        };
        let fits = |text: &Value| text.as_str().is_some_and(|text| (1..=max).contains(&text.chars().count()));
        if !table.iter().all(|(language, text)| language.len() <= 8 && fits(text)) {
            return Err(wrong(&format!("{at}{field}"), "a text for each language"));
        }
        shown.insert(field.to_owned(), json!(table));
    }
    Ok(())
}

/// Reads a list of options; `depth` of groups and subcommands around them, at most two.
pub(super) fn read(value: &Value, at: &str, depth: usize) -> Answer<Vec<Value>> {
    let list = value.as_array().filter(|list| list.len() <= LIST_MAX);
    let list = list.ok_or_else(|| wrong(at, "a list of at most 25"))?;
    let mut names = BTreeSet::new();
    list.iter()
        .enumerate()
        .map(|(n, option)| {
            let at = format!("{at}.{n}");
            let shown = one(option, &at, depth)?;
            if !names.insert(shown["name"].to_string()) {
                return Err(wrong(&at, "Option name already used"));
            }
            Ok(shown)
        })
        .collect()
}

fn one(value: &Value, at: &str, depth: usize) -> Answer<Value> {
    let kind = value["type"].as_u64().filter(|kind| (1..=11).contains(kind));
    let kind = kind.ok_or_else(|| wrong(&format!("{at}.type"), "1 to 11"))?;
    let name = value["name"].as_str().filter(|name| is_name(name, true));
    let name = name.ok_or_else(|| wrong(&format!("{at}.name"), "a lower-case word of 1 to 32 characters"))?;
    let about = value["description"].as_str().filter(|text| (1..=100).contains(&text.chars().count()));
    let about = about.ok_or_else(|| wrong(&format!("{at}.description"), "1 to 100 characters"))?;
    let mut shown = Map::from_iter([
        ("type".to_owned(), json!(kind)),
        ("name".to_owned(), json!(name)),
        ("description".to_owned(), json!(about)),
    ]);
    localised(value, &mut shown, &format!("{at}."))?;
    if kind == SUBCOMMAND || kind == GROUP {
        // A group stands in the command itself, a subcommand there or in a group.
        if (kind == GROUP && depth > 0) || depth > 1 {
            return Err(wrong(at, "too deep"));
        }
        if !value["options"].is_null() {
            let inner = read(&value["options"], &format!("{at}.options"), if kind == GROUP { 1 } else { 2 })?;
            shown.insert("options".to_owned(), Value::Array(inner));
        }
        return Ok(Value::Object(shown));
    }
    shown.extend(value["required"].as_bool().map(|required| ("required".to_owned(), json!(required))));
    if [STRING, INTEGER, NUMBER].contains(&kind) {
        shown.extend(value["autocomplete"].as_bool().map(|on| ("autocomplete".to_owned(), json!(on))));
        if let Some(list) = value["choices"].as_array().filter(|list| !list.is_empty()) {
            shown.insert("choices".to_owned(), choices(list, kind, at)?);
        }
    }
    bounds(value, kind, &mut shown);
    Ok(Value::Object(shown))
}

fn bounds(value: &Value, kind: u64, shown: &mut Map<String, Value>) {
    let fields: &[&str] = match kind {
        STRING => &["min_length", "max_length"],
        INTEGER | NUMBER => &["min_value", "max_value"],
        _ => &[],
    };
    for field in fields {
        let bound = &value[*field];
        if if kind == NUMBER { bound.is_number() } else { bound.is_i64() } {
            shown.insert((*field).to_owned(), bound.clone());
        }
    }
    if let Some(kinds) = value["channel_types"].as_array().filter(|_| kind == CHANNEL) {
        let kinds: BTreeSet<u64> =
            kinds.iter().filter_map(Value::as_u64).filter(|kind| *kind <= 16).collect();
        shown.insert("channel_types".to_owned(), json!(kinds));
    }
}

fn choices(list: &[Value], kind: u64, at: &str) -> Answer<Value> {
    let refuse =
        || wrong(&format!("{at}.choices"), "at most 25, each with a name and a value of the option's type");
    if list.len() > LIST_MAX {
        return Err(refuse());
    }
    let each = |choice: &Value| {
        let name = choice["name"].as_str().filter(|name| (1..=100).contains(&name.chars().count()));
        let value = &choice["value"];
        let mut shown = Map::from_iter([
            ("name".to_owned(), json!(name.ok_or_else(refuse)?)),
            ("value".to_owned(), value.clone()),
        ]);
        let localised = choice["name_localizations"].as_object();
        shown.extend(localised.map(|table| ("name_localizations".to_owned(), json!(table))));
        if is_of(kind, value) { Ok(Value::Object(shown)) } else { Err(refuse()) }
    };
    list.iter().map(each).collect::<Answer<Vec<_>>>().map(Value::Array)
}

/// Whether a value can be an option's of this type. Ids come as text.
fn is_of(kind: u64, value: &Value) -> bool {
    match kind {
        STRING => value.as_str().is_some_and(|text| text.chars().count() <= 6_000),
        INTEGER => value.is_i64(),
        BOOLEAN => value.is_boolean(),
        NUMBER => value.is_number(),
        6..=9 => value.as_str().is_some_and(|text| text.parse::<u64>().is_ok()),
        _ => false,
    }
}

/// What somebody fills in, against what is defined; `typing`: they are not done yet, and one option is `focused`.
pub(crate) fn asked(defined: &Value, given: &Value, typing: bool) -> Answer<Vec<Value>> {
    let none = Vec::new();
    let defined = defined["options"].as_array().unwrap_or(&none);
    let given = match given {
        Value::Null => &none,
        Value::Array(list) if list.len() <= LIST_MAX => list,
        _ => return Err(wrong("data.options", "a list of at most 25")),
    };
    let missing = |option: &&Value| {
        option["required"] == true && !given.iter().any(|given| given["name"] == option["name"])
    };
    if let Some(option) = defined.iter().find(missing).filter(|_| !typing) {
        let field = format!("data.options.{}", option["name"].as_str().unwrap_or(""));
        return Err(ApiError::invalid(&field, "BASE_TYPE_REQUIRED", "This option is required"));
    }
    given.iter().map(|given| fill(defined, given, typing)).collect()
}

fn fill(defined: &[Value], given: &Value, typing: bool) -> Answer<Value> {
    let option =
        defined.iter().find(|option| option["name"] == given["name"] && option["type"] == given["type"]);
    let option = option.ok_or_else(|| wrong("data.options", "not an option of this command"))?;
    let kind = option["type"].as_u64().unwrap_or(0);
    let mut shown = json!({ "name": option["name"], "type": kind });
    if kind == SUBCOMMAND || kind == GROUP {
        shown["options"] = json!(asked(option, &given["options"], typing)?);
        return Ok(shown);
    }
    let value = &given["value"];
    let focused = typing && given["focused"] == true;
    // What is being typed is text, of whatever type it will be.
    if !(is_of(kind, value) || (focused && is_of(STRING, value))) {
        return Err(wrong("data.options", "a value of another type"));
    }
    if let Some(choices) = option["choices"].as_array().filter(|_| !typing)
        && !choices.iter().any(|choice| choice["value"] == *value)
    {
        return Err(wrong("data.options", "not one of the choices"));
    }
    shown["value"] = value.clone();
    if focused {
        shown["focused"] = json!(true);
    }
    Ok(shown)
}
