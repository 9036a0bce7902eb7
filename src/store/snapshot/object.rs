//! Defines [`Object`], a piece brought to Graph's spelling, and what readers of all kinds ask of one.

use std::borrow::Cow;
use std::sync::Arc;

use crate::domain::Origin;
use crate::domain::evidence::Renames;
use crate::domain::json::Json;
use crate::store::canonical::{graph_spelling_at, needs_spelling};

/// An object in Graph's spelling, with where it stands in its file.
pub(super) struct Object<'a> {
    /// The object.
    pub(super) json: Cow<'a, Json>,
    /// Where it stands.
    pub(super) origin: Origin,
}

impl<'a> Object<'a> {
    /// Brings the object at a pointer of a file to Graph's spelling.
    pub(super) fn open(file: &Arc<str>, json: &'a Json, pointer: &str) -> Object<'a> {
        Object::open_for(file, json, pointer, &[])
    }

    /// Does the same for the members of those names only, all when none are named, if names must be changed at all.
    /// Every changed name costs memory for as long as the snapshot lives, and directories are large.
    pub(super) fn open_for(file: &Arc<str>, json: &'a Json, pointer: &str, names: &[&str]) -> Object<'a> {
        let mut renames = Renames::default();
        let json = if needs_spelling(json) {
            let pruned = if names.is_empty() { json.clone() } else { pruned(json, names) };
            let (spelled, changed) = graph_spelling_at(pruned, pointer);
            renames = changed;
            Cow::Owned(spelled)
        } else {
            if !pointer.is_empty() {
                renames.add("", pointer);
            }
            Cow::Borrowed(json)
        };
        Object { json, origin: Origin { file: Arc::clone(file), renames, ..Origin::default() } }
    }
}

fn pruned(json: &Json, names: &[&str]) -> Json {
    let members = json.members().iter().filter_map(|(name, value)| {
        if name == "AdditionalProperties" {
            return Some((name.clone(), pruned(value, names)));
        }
        let is_asked_for = !value.is_null() && names.iter().any(|asked| asked.eq_ignore_ascii_case(name));
        is_asked_for.then(|| (name.clone(), value.clone()))
    });
    Json::Object(members.collect())
}

/// The texts of a list, or the one text that stands in its place.
pub(super) fn texts(json: &Json) -> Vec<String> {
    match json {
        Json::List(items) => items.iter().filter_map(Json::text).map(str::to_owned).collect(),
        other => other.text().map(str::to_owned).into_iter().collect(),
    }
}

/// The id of an object; the error says that there is none.
pub(super) fn id(json: &Json) -> Result<String, String> {
    match json {
        Json::Object(_) => {}
        other => return Err(format!("it is {} where an object is expected", super::notes::shape_of(other))),
    }
    let id = json.get("id").text().or_else(|| json.get("objectId").text());
    match (id, json.get("id")) {
        (Some(id), _) => Ok(id.to_owned()),
        (None, Json::Null | Json::Text(_)) => Err("it has no `id`".to_owned()),
        (None, other) => Err(format!("its `id` is {} where text is expected", super::notes::shape_of(other))),
    }
}

/// The id and name of an object that other objects may also refer to by its name, as templates do.
pub(super) fn name_or_id(json: &Json, warnings: &mut Vec<String>) -> Result<(String, String), String> {
    let name = json.get("displayName").text();
    match (id(json), name) {
        (Ok(id), Some(name)) => Ok((id, name.to_owned())),
        (Ok(id), None) => Ok((id.clone(), id)),
        (Err(_), Some(name)) => {
            warnings.push(format!("`{name}` has no `id` and goes by its name"));
            Ok((name.to_owned(), name.to_owned()))
        }
        (Err(reason), None) => Err(reason),
    }
}

/// The name of an object, its id where it has none.
pub(super) fn display_name(json: &Json, id: &str) -> String {
    json.get("displayName").text().unwrap_or(id).to_owned()
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn evidence_points_at_what_the_file_says() {
        let file: Arc<str> = Arc::from("export.json");
        let json: Json =
            serde_json::from_str(r#"{"Id":"1","Big":{"Tree":1},"AdditionalProperties":{"displayName":"x"}}"#).unwrap();
        let object = Object::open_for(&file, &json, "/value/3", &["id", "displayName"]);
        assert_eq!(object.json.to_string(), r#"{"id":"1","displayName":"x"}"#);
        let evidence = object.origin.evidence("name", "/displayName", "x");
        assert_eq!(evidence.pointer, "/value/3/AdditionalProperties/displayName");
        assert_eq!(evidence.file.as_ref(), "export.json");
        assert_eq!(evidence.record, None);
    }

    #[test]
    fn what_is_wrong_with_an_id_is_said() {
        let reason = |text: &str| id(&serde_json::from_str(text).unwrap()).unwrap_err();
        assert_eq!(reason(r#"{"id":""}"#), "it has no `id`");
        assert_eq!(reason(r#"{"id":[1]}"#), "its `id` is a list where text is expected");
        assert_eq!(reason("7"), "it is a number where an object is expected");
    }
}
