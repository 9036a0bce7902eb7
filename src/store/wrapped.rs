//! Opens events of other programs that hold a record as it was written: Splunk (`_raw`), Elasticsearch (`_source`,
//! `event.original`).
//!
//! The record is opened in its place, so that evidence can point into the event.

use crate::domain::Json;
use crate::domain::json::escape_pointer;

use super::record::{Refusal, opened_text, read_json};
use super::unified_audit::broken;

/// Where the next record lies in an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapping {
    path: &'static [&'static str],
}

/// Where events keep records, the best first: what was kept as it came before what was taken apart.
const PLACES: [&[&str]; 5] = [&["_raw"], &["event.original"], &["event", "original"], &["_source"], &["result"]];

/// The names of columns that hold a record as it came.
pub const COLUMNS: [&str; 2] = ["_raw", "event.original"];

/// Whether an object is an event that holds a record.
pub fn is_wrapping(json: &Json) -> bool {
    of(json).is_some()
}

fn of(json: &Json) -> Option<Wrapping> {
    let path = PLACES.into_iter().find(|path| {
        let Some(value) = at(json, path) else { return false };
        match *path {
            // Splunk's search results; other answers have a member of that name too.
            ["result"] => matches!(value, Json::Object(_)) && (json.has("preview") || value.has("_raw")),
            ["_source"] => matches!(value, Json::Object(_)),
            _ => match value {
                Json::Text(text) => text.trim_start().starts_with('{'),
                other => matches!(other, Json::Object(_)),
            },
        }
    })?;
    Some(Wrapping { path })
}

fn at<'a>(json: &'a Json, path: &[&str]) -> Option<&'a Json> {
    path.iter().try_fold(json, |here, name| here.has(name).then(|| here.get(name)))
}

/// Opens the record that an event holds as text, in its place.
///
/// Fails when that text is no JSON.
pub fn open(json: &mut Json) -> Result<Wrapping, Refusal> {
    let wrapping = of(json).ok_or(Refusal::NoSignIn("it holds no record of a log"))?;
    if let Some(value) = wrapping.inner(json)
        && let Json::Text(text) = value
    {
        let name = wrapping.path.last().copied().unwrap_or("");
        *value = match opened_text(text) {
            Some(opened) => opened,
            None => match read_json(text.trim().as_bytes()) {
                Ok(_) => return Err(broken(name, "it is no object")),
                Err(error) => return Err(broken(name, &error)),
            },
        };
    }
    Ok(wrapping)
}

impl Wrapping {
    /// The record in the event.
    pub fn inner<'a>(&self, json: &'a mut Json) -> Option<&'a mut Json> {
        self.path.iter().try_fold(json, |here, name| {
            let Json::Object(members) = here else { return None };
            let at = members.iter().position(|(held, value)| held == name && !value.is_null())?;
            members.get_mut(at).map(|(_, value)| value)
        })
    }

    /// Where the record lies in the event.
    pub fn pointer(&self) -> String {
        self.path.iter().map(|name| format!("/{}", escape_pointer(name))).collect()
    }

    /// The word of the format, where the wrapping tells it.
    pub fn format(&self) -> Option<&'static str> {
        match self.path {
            ["_raw"] => Some("splunkRaw"),
            ["event.original"] | ["event", "original"] => Some("elasticOriginal"),
            ["result"] | ["_source"] => None,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_as_it_was_is_preferred_and_opened_in_place() {
        let text = r#"{"_source":{"azure":{"signinlogs":{}},"event":{"original":"{\"id\":\"a1\"}"}}}"#;
        let mut json: Json = serde_json::from_str(text).expect("JSON");
        let outer = open(&mut json).expect("an event");
        assert_eq!(outer.pointer(), "/_source");
        let inner = outer.inner(&mut json).expect("the source");
        let original = open(inner).expect("an original");
        assert_eq!(original.format(), Some("elasticOriginal"));
        assert_eq!(json.pointer("/_source/event/original/id").and_then(Json::text), Some("a1"));
    }

    #[test]
    fn answers_of_other_kinds_are_no_events() {
        for text in [r#"{"result":{"id":"1"}}"#, r#"{"_raw":"plain words"}"#, r#"{"event":{"id":1}}"#, "[]"] {
            assert!(!is_wrapping(&serde_json::from_str(text).expect("JSON")), "{text}");
        }
        let mut json: Json = serde_json::from_str(r#"{"_raw":"{\"id\":"}"#).expect("JSON");
        assert!(open(&mut json).expect_err("no JSON").to_string().contains("_raw is no JSON"));
    }
}
