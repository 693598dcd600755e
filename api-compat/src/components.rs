//! Buttons and the like: read as clients send them, kept as JSON, drawn where they are understood.
//!
//! What came from elsewhere is read by the same rules as what a client sends: a list that breaks one is not shown. Not carried:
//! pictures and files in components, premium buttons, custom emoji, preset choices of people, roles and channels.

use crate::error::{Answer, ApiError};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Discord's flag of a message that is made of components alone.
pub(crate) const V2: u32 = 1 << 15;

/// Where components stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// Below a message's text: rows.
    Message,
    /// In a message that is made of them.
    WholeMessage,
    /// In a form.
    Modal,
}

const ROW: u64 = 1;
const BUTTON: u64 = 2;
const STRING_SELECT: u64 = 3;
const TEXT_INPUT: u64 = 4;
const CHANNEL_SELECT: u64 = 8;
const SECTION: u64 = 9;
const TEXT: u64 = 10;
const SEPARATOR: u64 = 14;
const CONTAINER: u64 = 17;
const LABEL: u64 = 18;
const SELECTS: [u64; 5] = [STRING_SELECT, 5, 6, 7, CHANNEL_SELECT];

/// Components of one message, those within others counted.
const COMPONENTS_MAX: usize = 40;
/// Characters of all text displays of one message.
const TEXT_MAX: usize = 4_000;

/// Reads a list; each gets the integer id that libraries expect.
pub(crate) fn parse(list: &[Value], place: Place) -> Answer<Vec<Value>> {
    let (allowed, max): (&[u64], usize) = match place {
        Place::Message => (&[ROW], 5),
        Place::WholeMessage => (&[ROW, SECTION, TEXT, SEPARATOR, CONTAINER], COMPONENTS_MAX),
        Place::Modal => (&[ROW, TEXT, LABEL], 5),
    };
    if list.is_empty() {
        return Ok(Vec::new());
    }
    let mut reading = Reading { place, ids: BTreeSet::new(), custom_ids: BTreeSet::new(), chars: 0 };
    reading.list(list, "components", allowed, max)
}

/// Reads what an op carries; nothing where it is not to be understood.
pub(crate) fn stored(text: &str) -> Vec<Value> {
    let list: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
    parse(&list, Place::WholeMessage).unwrap_or_default()
}

/// The component of a custom id, however deep.
pub(crate) fn find<'a>(list: &'a [Value], custom_id: &str) -> Option<&'a Value> {
    list.iter().find_map(|each| {
        if each["custom_id"] == custom_id {
            return Some(each);
        }
        let inner = each["components"].as_array().and_then(|inner| find(inner, custom_id));
        let one = |name: &str| each.get(name).and_then(|one| find(std::slice::from_ref(one), custom_id));
        inner.or_else(|| one("accessory")).or_else(|| one("component"))
    })
}

struct Reading {
    place: Place,
    ids: BTreeSet<u64>,
    custom_ids: BTreeSet<String>,
    chars: usize,
}

impl Reading {
    fn list(&mut self, list: &[Value], at: &str, allowed: &[u64], max: usize) -> Answer<Vec<Value>> {
        if list.is_empty() || list.len() > max {
            let words = format!("Must be between 1 and {max} in length.");
            return Err(ApiError::invalid(at, "BASE_TYPE_BAD_LENGTH", &words));
        }
        list.iter().enumerate().map(|(n, each)| self.one(each, &format!("{at}.{n}"), allowed)).collect()
    }

    /// The components within one; each kind holds only kinds that hold less, so this ends.
    fn inner(&mut self, value: &Value, at: &str, allowed: &[u64], max: usize) -> Answer<Value> {
        let list = value["components"].as_array().ok_or_else(|| required(&format!("{at}.components")))?;
        self.list(list, &format!("{at}.components"), allowed, max).map(Value::Array)
    }

    fn one(&mut self, value: &Value, at: &str, allowed: &[u64]) -> Answer<Value> {
        let kind = value["type"].as_u64().filter(|kind| allowed.contains(kind)).ok_or_else(|| {
            let words = format!("Value must be one of {allowed:?}.");
            ApiError::invalid(&format!("{at}.type"), "UNION_TYPE_CHOICES", &words)
        })?;
        if self.ids.len() >= COMPONENTS_MAX {
            let words = "At most 40 components, those within others counted.";
            return Err(ApiError::invalid(at, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", words));
        }
        let id = self.id(value);
        let mut shown = match kind {
            ROW => self.row(value, at),
            BUTTON => self.button(value, at),
            TEXT_INPUT => self.text_input(value, at),
            SECTION => self.section(value, at),
            TEXT => self.text_display(value, at),
            SEPARATOR => separator(value, at),
            CONTAINER => self.container(value, at),
            LABEL => self.label(value, at),
            _ => self.select(kind, value, at),
        }?;
        shown.insert("type".to_owned(), json!(kind));
        shown.insert("id".to_owned(), json!(id));
        Ok(Value::Object(shown))
    }

    /// The one a bot gave, or the next free one.
    fn id(&mut self, value: &Value) -> u64 {
        let given = value["id"].as_u64().filter(|id| (1..1 << 31).contains(id) && !self.ids.contains(id));
        let id = given.unwrap_or_else(|| (1..).find(|id| !self.ids.contains(id)).unwrap_or(1));
        self.ids.insert(id);
        id
    }

    fn row(&mut self, value: &Value, at: &str) -> Answer<Map<String, Value>> {
        let inner = if self.place == Place::Modal {
            self.inner(value, at, &[TEXT_INPUT], 1)?
        } else {
            let allowed = [&[BUTTON], SELECTS.as_slice()].concat();
            self.inner(value, at, &allowed, 5)?
        };
        let parts = inner.as_array().map_or(&[][..], Vec::as_slice);
        if parts.len() > 1 && parts.iter().any(|part| part["type"] != BUTTON) {
            return Err(ApiError::invalid(at, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select fills its row."));
        }
        Ok(Map::from_iter([("components".to_owned(), inner)]))
    }

    fn button(&mut self, value: &Value, at: &str) -> Answer<Map<String, Value>> {
        let style = number(value, "style", at, 1..=5)?.ok_or_else(|| required(&format!("{at}.style")))?;
        let mut shown = Map::from_iter([("style".to_owned(), json!(style))]);
        if style == 5 {
            let url = text(value, "url", at, 1..=512)?.ok_or_else(|| required(&format!("{at}.url")))?;
            if !nexus_crdt::body::content::is_link(&url) {
                return Err(ApiError::invalid(
                    &format!("{at}.url"),
                    "URL_TYPE_INVALID_URL",
                    "Not a well formed URL.",
                ));
            }
            shown.insert("url".to_owned(), json!(url));
        } else {
            shown.insert("custom_id".to_owned(), self.custom_id(value, at)?);
        }
        let label = text(value, "label", at, 0..=80)?.filter(|label| !label.is_empty());
        let emoji = emoji(value, at)?;
        if label.is_none() && emoji.is_none() {
            return Err(ApiError::invalid(
                at,
                "BUTTON_COMPONENT_INVALID",
                "A button needs a label or an emoji.",
            ));
        }
        put(&mut shown, "label", label);
        put(&mut shown, "emoji", emoji);
        put(&mut shown, "disabled", value["disabled"].as_bool().filter(|disabled| *disabled));
        Ok(shown)
    }

    fn select(&mut self, kind: u64, value: &Value, at: &str) -> Answer<Map<String, Value>> {
        let mut shown = Map::from_iter([("custom_id".to_owned(), self.custom_id(value, at)?)]);
        put(&mut shown, "placeholder", text(value, "placeholder", at, 0..=150)?);
        let least = number(value, "min_values", at, 0..=25)?.unwrap_or(1);
        let most = number(value, "max_values", at, 1..=25)?.unwrap_or(1);
        if least > most {
            return Err(ApiError::invalid(
                &format!("{at}.min_values"),
                "NUMBER_TYPE_MAX",
                "More than max_values.",
            ));
        }
        shown.insert("min_values".to_owned(), json!(least));
        shown.insert("max_values".to_owned(), json!(most));
        put(&mut shown, "disabled", value["disabled"].as_bool().filter(|disabled| *disabled));
        if self.place == Place::Modal {
            put(&mut shown, "required", value["required"].as_bool());
        }
        if value["default_values"].as_array().is_some_and(|list| !list.is_empty()) {
            return Err(not_carried(&format!("{at}.default_values")));
        }
        if kind == STRING_SELECT {
            shown.insert("options".to_owned(), choices(value, at)?);
        }
        if let Some(kinds) = value["channel_types"].as_array().filter(|_| kind == CHANNEL_SELECT) {
            let kinds: BTreeSet<u64> =
                kinds.iter().filter_map(Value::as_u64).filter(|kind| *kind <= 16).collect();
            shown.insert("channel_types".to_owned(), json!(kinds));
        }
        Ok(shown)
    }

    fn text_input(&mut self, value: &Value, at: &str) -> Answer<Map<String, Value>> {
        let mut shown = Map::from_iter([("custom_id".to_owned(), self.custom_id(value, at)?)]);
        let style = number(value, "style", at, 1..=2)?.ok_or_else(|| required(&format!("{at}.style")))?;
        shown.insert("style".to_owned(), json!(style));
        put(&mut shown, "label", text(value, "label", at, 1..=45)?);
        put(&mut shown, "placeholder", text(value, "placeholder", at, 0..=100)?);
        put(&mut shown, "value", text(value, "value", at, 0..=4_000)?);
        put(&mut shown, "min_length", number(value, "min_length", at, 0..=4_000)?);
        put(&mut shown, "max_length", number(value, "max_length", at, 1..=4_000)?);
        shown.insert("required".to_owned(), json!(value["required"].as_bool().unwrap_or(true)));
        Ok(shown)
    }

    fn section(&mut self, value: &Value, at: &str) -> Answer<Map<String, Value>> {
        let inner = self.inner(value, at, &[TEXT], 3)?;
        let accessory = self.one(&value["accessory"], &format!("{at}.accessory"), &[BUTTON])?;
        Ok(Map::from_iter([("components".to_owned(), inner), ("accessory".to_owned(), accessory)]))
    }

    fn text_display(&mut self, value: &Value, at: &str) -> Answer<Map<String, Value>> {
        let content = text(value, "content", at, 1..=TEXT_MAX)?;
        let content = content.ok_or_else(|| required(&format!("{at}.content")))?;
        self.chars += content.chars().count();
        if self.chars > TEXT_MAX {
            let words = "Must be 4000 or fewer in length, all texts together.";
            return Err(ApiError::invalid(at, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", words));
        }
        Ok(Map::from_iter([("content".to_owned(), json!(content))]))
    }

    fn container(&mut self, value: &Value, at: &str) -> Answer<Map<String, Value>> {
        let inner = self.inner(value, at, &[ROW, SECTION, TEXT, SEPARATOR], COMPONENTS_MAX)?;
        let color = number(value, "accent_color", at, 0..=0x00ff_ffff)?;
        Ok(Map::from_iter([
            ("components".to_owned(), inner),
            ("accent_color".to_owned(), json!(color)),
            ("spoiler".to_owned(), json!(value["spoiler"].as_bool().unwrap_or(false))),
        ]))
    }

    fn label(&mut self, value: &Value, at: &str) -> Answer<Map<String, Value>> {
        let label = text(value, "label", at, 1..=45)?.ok_or_else(|| required(&format!("{at}.label")))?;
        let allowed = [&[TEXT_INPUT], SELECTS.as_slice()].concat();
        let component = self.one(&value["component"], &format!("{at}.component"), &allowed)?;
        let mut shown =
            Map::from_iter([("label".to_owned(), json!(label)), ("component".to_owned(), component)]);
        put(&mut shown, "description", text(value, "description", at, 0..=100)?);
        Ok(shown)
    }

    fn custom_id(&mut self, value: &Value, at: &str) -> Answer<Value> {
        let at = format!("{at}.custom_id");
        let id = value["custom_id"].as_str().filter(|id| (1..=100).contains(&id.chars().count()));
        let id = id.ok_or_else(|| required(&at))?;
        if !self.custom_ids.insert(id.to_owned()) {
            let words = "Component custom id cannot be duplicated";
            return Err(ApiError::invalid(&at, "COMPONENT_CUSTOM_ID_DUPLICATED", words));
        }
        Ok(json!(id))
    }
}

fn separator(value: &Value, at: &str) -> Answer<Map<String, Value>> {
    let spacing = number(value, "spacing", at, 1..=2)?.unwrap_or(1);
    let divider = value["divider"].as_bool().unwrap_or(true);
    Ok(Map::from_iter([("spacing".to_owned(), json!(spacing)), ("divider".to_owned(), json!(divider))]))
}

fn choices(value: &Value, at: &str) -> Answer<Value> {
    let list = value["options"].as_array().filter(|list| (1..=25).contains(&list.len()));
    let list = list.ok_or_else(|| required(&format!("{at}.options")))?;
    let mut values = BTreeSet::new();
    let each = |(n, option): (usize, &Value)| {
        let at = format!("{at}.options.{n}");
        let label = text(option, "label", &at, 1..=100)?.ok_or_else(|| required(&format!("{at}.label")))?;
        let value = text(option, "value", &at, 1..=100)?.ok_or_else(|| required(&format!("{at}.value")))?;
        if !values.insert(value.clone()) {
            let words = "The specified option value is already used";
            return Err(ApiError::invalid(&at, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", words));
        }
        let mut shown =
            Map::from_iter([("label".to_owned(), json!(label)), ("value".to_owned(), json!(value))]);
        put(&mut shown, "description", text(option, "description", &at, 0..=100)?);
        put(&mut shown, "emoji", emoji(option, &at)?);
        put(&mut shown, "default", option["default"].as_bool());
        Ok(Value::Object(shown))
    };
    list.iter().enumerate().map(each).collect::<Answer<Vec<_>>>().map(Value::Array)
}

fn emoji(value: &Value, at: &str) -> Answer<Option<Value>> {
    let Some(emoji) = value["emoji"].as_object() else { return Ok(None) };
    if emoji.get("id").is_some_and(|id| !id.is_null()) {
        return Err(not_carried(&format!("{at}.emoji.id")));
    }
    let name = emoji.get("name").and_then(Value::as_str).filter(|name| (1..=64).contains(&name.len()));
    let name = name.ok_or_else(|| ApiError::invalid(at, "COMPONENT_INVALID_EMOJI", "Invalid emoji"))?;
    Ok(Some(json!({ "name": name })))
}

fn text(
    value: &Value,
    name: &str,
    at: &str,
    range: std::ops::RangeInclusive<usize>,
) -> Answer<Option<String>> {
    match &value[name] {
        Value::Null => Ok(None),
        Value::String(text) if range.contains(&text.chars().count()) => Ok(Some(text.clone())),
        _ => {
            let words = format!("Must be between {} and {} in length.", range.start(), range.end());
            Err(ApiError::invalid(&format!("{at}.{name}"), "BASE_TYPE_BAD_LENGTH", &words))
        }
    }
}

fn number(value: &Value, name: &str, at: &str, range: std::ops::RangeInclusive<u64>) -> Answer<Option<u64>> {
    match &value[name] {
        Value::Null => Ok(None),
        given => given.as_u64().filter(|number| range.contains(number)).map(Some).ok_or_else(|| {
            let words = format!("int value should be between {} and {}.", range.start(), range.end());
            ApiError::invalid(&format!("{at}.{name}"), "NUMBER_TYPE_MAX", &words)
        }),
    }
}

fn required(field: &str) -> ApiError {
    ApiError::invalid(field, "BASE_TYPE_REQUIRED", "This field is required, within its limits")
}

fn not_carried(field: &str) -> ApiError {
    ApiError::invalid(field, "NOT_IMPLEMENTED", "This program does not carry these yet.")
}

fn put(shown: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    shown.extend(value.map(|value| (name.to_owned(), value.into())));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(inner: Value) -> Value {
        json!({ "type": 1, "components": inner })
    }

    #[test]
    fn every_component_gets_an_id_and_is_read_again_as_it_was_written() {
        let list = [row(json!([
            { "type": 2, "style": 1, "label": "Yes", "custom_id": "yes" },
            { "type": 2, "style": 5, "label": "More", "url": "https://example.org" },
        ]))];
        let read = parse(&list, Place::Message).unwrap();
        assert_eq!((&read[0]["id"], &read[0]["components"][1]["id"]), (&json!(1), &json!(3)));
        assert_eq!(stored(&json!(read).to_string()), read);
        assert_eq!(find(&read, "yes").unwrap()["label"], "Yes");
        assert!(find(&read, "no").is_none());
    }

    #[test]
    fn what_is_not_understood_is_not_shown_and_not_taken() {
        let twice = json!([
            { "type": 2, "style": 1, "label": "a", "custom_id": "x" },
            { "type": 2, "style": 1, "label": "b", "custom_id": "x" },
        ]);
        let script = json!([{ "type": 2, "style": 5, "label": "a", "url": "javascript:alert(1)" }]);
        let beside = json!([
            { "type": 3, "custom_id": "s", "options": [{ "label": "a", "value": "a" }] },
            { "type": 2, "style": 1, "label": "b", "custom_id": "x" },
        ]);
        for inner in [twice, script, beside, json!([]), json!([{ "type": 99 }])] {
            let list = [row(inner)];
            assert!(parse(&list, Place::Message).is_err());
            assert!(stored(&json!(list).to_string()).is_empty());
        }
        assert!(stored("{").is_empty());
        let text = [json!({ "type": 10, "content": "hello" })];
        assert!(parse(&text, Place::Message).is_err() && parse(&text, Place::WholeMessage).is_ok());
    }

    #[test]
    fn components_within_components_are_counted_and_bounded() {
        let texts: Vec<Value> = (0..40).map(|n| json!({ "type": 10, "content": n.to_string() })).collect();
        assert!(parse(&texts, Place::WholeMessage).is_ok());
        let boxed = [json!({ "type": 17, "components": texts })];
        assert!(parse(&boxed, Place::WholeMessage).is_err());
        let deep = (0..100).fold(
            json!({ "type": 10, "content": "x" }),
            |inner, _| json!({ "type": 17, "components": [inner] }),
        );
        assert!(parse(&[deep], Place::WholeMessage).is_err(), "a box holds no box");
    }
}
