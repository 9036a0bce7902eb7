//! Defines [`Draft`], a record on its way to Graph's spelling from a shape that spells it otherwise.

use crate::domain::Json;
use crate::domain::evidence::Renames;
use crate::domain::json::escape_pointer;

/// A record on its way to Graph's spelling, with the places in the file that its values come from.
#[derive(Debug, Default)]
pub struct Draft {
    members: Vec<(String, Json)>,
    renames: Renames,
}

impl Draft {
    /// Adds what stands at `place` at a pointer of one or two names, unless something was said there before: of two sources the
    /// better is added first.
    pub fn add(&mut self, pointer: &str, place: &str, value: Json) {
        if !is_unsaid(&value) {
            self.place(pointer, place, value);
        }
    }

    /// Adds a value with all that lies in it, whose names `spelled` brings to Graph's where they are not.
    pub fn add_tree(&mut self, pointer: &str, place: &str, value: &Json, spelled: fn(&str) -> Option<String>) {
        let mut renames = Renames::default();
        let value = respell(value, pointer, place, spelled, &mut renames);
        if !is_unsaid(&value) && self.place(pointer, place, value) {
            self.renames.append(renames);
        }
    }

    /// Adds which of the logs the record belongs to, by Graph's word. A record that does not say whether a person was asked says it
    /// with that.
    pub fn add_event(&mut self, place: &str, word: &str) {
        let asked = self.pointer("/isInteractive").is_none();
        self.add("/signInEventTypes", place, Json::List(vec![Json::Text(word.to_owned())]));
        if asked {
            self.renames.add("/isInteractive", place);
        }
    }

    /// Adds an object without members, where the file speaks of it without saying anything.
    pub fn add_empty(&mut self, name: &str) {
        if !self.members.iter().any(|(held, _)| held == name) {
            self.members.push((name.to_owned(), Json::Object(Vec::new())));
        }
    }

    /// Says that a value which stands nowhere by itself stands in what lies at `place`.
    pub fn note_place(&mut self, pointer: &str, place: &str) {
        self.renames.add(pointer, place);
    }

    /// The value at a pointer of one or two names, if something is said there.
    pub fn pointer(&self, pointer: &str) -> Option<&Json> {
        let (first, second) = names(pointer)?;
        let held = self.members.iter().find(|(name, _)| *name == first).map(|(_, value)| value)?;
        let value = second.map_or(held, |second| held.get(second));
        (!says_nothing(value)).then_some(value)
    }

    /// The record and where its values stand, for an object that lies at `base` of the file's record.
    pub fn finish(self, base: &str) -> (Json, Renames) {
        (Json::Object(self.members), self.renames.under(base))
    }

    /// Sets a value and notes its place; of an object that is gathered from several places, the first is its own. Says whether the
    /// value is now there.
    fn place(&mut self, pointer: &str, place: &str, value: Json) -> bool {
        let gathered = names(pointer)
            .filter(|(first, second)| second.is_some() && !self.members.iter().any(|(name, _)| name == first));
        if !self.set(pointer, value) {
            return false;
        }
        if let Some((first, _)) = gathered {
            self.renames.add(format!("/{first}"), place);
        }
        self.renames.add(pointer, place);
        true
    }

    /// Says whether the value is now there.
    fn set(&mut self, pointer: &str, value: Json) -> bool {
        if self.pointer(pointer).is_some() {
            return false;
        }
        let Some((first, second)) = names(pointer) else { return false };
        let held = self.members.iter_mut().find(|(name, _)| *name == first).map(|(_, held)| held);
        match (second, held) {
            (None, None) => self.members.push((first.to_owned(), value)),
            (None, Some(held)) => *held = value,
            (Some(second), Some(Json::Object(inner))) => {
                inner.retain(|(name, _)| name != second);
                inner.push((second.to_owned(), value));
            }
            (Some(second), None) => {
                self.members.push((first.to_owned(), Json::Object(vec![(second.to_owned(), value)])));
            }
            (Some(second), Some(held)) => *held = Json::Object(vec![(second.to_owned(), value)]),
        }
        true
    }
}

fn is_unsaid(value: &Json) -> bool {
    value.is_null() || matches!(value, Json::Text(text) if text.is_empty())
}

/// Nothing is said by null, an empty text and an object without members. An empty list says that there is none.
fn says_nothing(value: &Json) -> bool {
    is_unsaid(value) || matches!(value, Json::Object(members) if members.is_empty())
}

fn names(pointer: &str) -> Option<(&str, Option<&str>)> {
    let inner = pointer.strip_prefix('/')?;
    Some(inner.split_once('/').map_or((inner, None), |(first, second)| (first, Some(second))))
}

fn respell(
    value: &Json,
    pointer: &str,
    place: &str,
    spelled: fn(&str) -> Option<String>,
    renames: &mut Renames,
) -> Json {
    match value {
        Json::Object(members) => {
            let inner = members.iter().map(|(name, value)| {
                let graph = spelled(name).unwrap_or_else(|| name.clone());
                let pointer = format!("{pointer}/{}", escape_pointer(&graph));
                let place = format!("{place}/{}", escape_pointer(name));
                if graph != *name {
                    renames.add(pointer.clone(), place.clone());
                }
                (graph, respell(value, &pointer, &place, spelled, renames))
            });
            Json::Object(inner.collect())
        }
        Json::List(items) => {
            let inner = items.iter().enumerate().map(|(index, item)| {
                respell(item, &format!("{pointer}/{index}"), &format!("{place}/{index}"), spelled, renames)
            });
            Json::List(inner.collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::canonical::spelled;

    #[test]
    fn what_is_said_first_stays_and_points_at_its_place() {
        let mut draft = Draft::default();
        draft.add("/status/errorCode", "/Code", Json::Text(String::new()));
        draft.add("/status/errorCode", "/ResultType", Json::Text("0".to_owned()));
        draft.add("/status/errorCode", "/Other", Json::Text("1".to_owned()));
        draft.add("/id", "/Id", Json::Null);
        let (graph, renames) = draft.finish("");
        assert_eq!(graph.to_string(), r#"{"status":{"errorCode":"0"}}"#);
        assert_eq!(renames.to_file("/id"), "/id");
    }

    #[test]
    fn a_tree_is_respelt_with_the_place_of_every_name() {
        let value = serde_json::from_str(r#"[{"Id":"1","conditions":{"IncludeUsers":[]}}]"#).expect("JSON");
        let mut draft = Draft::default();
        draft.add_tree("/policies", "/Policies_x", &value, spelled);
        let (graph, renames) = draft.finish("/_raw");
        assert_eq!(graph.to_string(), r#"{"policies":[{"id":"1","conditions":{"includeUsers":[]}}]}"#);
        assert_eq!(renames.to_file("/policies/0/id"), "/_raw/Policies_x/0/Id");
        assert_eq!(
            renames.to_file("/policies/0/conditions/includeUsers"),
            "/_raw/Policies_x/0/conditions/IncludeUsers"
        );
    }
}
