//! Defines [`Export`], what the file of another product says of a tenant, and [`Foreign`], an object of it as Graph would write it.
//!
//! Readers of foreign formats write Graph's form, so that one reader of policies, locations and groups reads them all. Every value is
//! noted with the place of the file from which it was taken, and evidence points there.
//!
//! INVARIANT: what a reader cannot convert is put under a name that Graph does not have, inside the condition it belongs to. The
//! reader of policies keeps it as unknown, and nobody takes the condition for one that is not configured.

use chrono::{DateTime, Utc};

use crate::domain::evidence::Renames;
use crate::domain::json::{Json, escape_pointer};
use crate::store::inventory::Problem;

use super::kinds::Kind;
use super::pieces::{Relation, Whole};

/// An object of another product's file, as Graph would write it.
#[derive(Debug)]
pub(super) struct Foreign {
    /// What it is.
    pub(super) kind: Kind,
    /// What it is to another object.
    pub(super) relation: Relation,
    /// The object in Graph's form.
    pub(super) json: Json,
    /// Where it stands in the file.
    pub(super) pointer: String,
    /// Where its values stand in the file.
    pub(super) renames: Renames,
    /// What is doubtful about it, in words.
    pub(super) warnings: Vec<String>,
}

impl Foreign {
    /// An object that says nothing yet and stands at that pointer of the file.
    pub(super) fn new(kind: Kind, pointer: impl Into<String>) -> Foreign {
        Foreign {
            kind,
            relation: Relation::Itself,
            json: Json::Object(Vec::new()),
            pointer: pointer.into(),
            renames: Renames::default(),
            warnings: Vec::new(),
        }
    }

    /// Puts a value where Graph has it, a pointer below the object. `at` is where it stands in the file, below this object there.
    /// What is null is not set.
    pub(super) fn put(&mut self, graph: &str, value: Json, at: &str) {
        if value.is_null() {
            return;
        }
        let parts: Vec<&str> = graph.split('/').skip(1).collect();
        set(&mut self.json, &parts, value);
        self.renames.add(graph, format!("{}{at}", self.pointer));
    }

    /// Puts a text where Graph has it.
    pub(super) fn put_text(&mut self, graph: &str, text: &str, at: &str) {
        self.put(graph, Json::Text(text.to_owned()), at);
    }

    /// Keeps something that cannot be converted as unknown in a list of Graph's, which can hold no member: an item that is no text.
    pub(super) fn keep_unknown_item(&mut self, graph: &str, text: String, at: &str) {
        self.put(graph, Json::List(vec![Json::List(vec![Json::Text(text)])]), at);
    }

    /// Keeps something that cannot be converted as unknown, in the condition or control at that pointer of Graph's.
    pub(super) fn keep_unknown(&mut self, condition: &str, name: &str, value: Json, at: &str) {
        // An empty value is not configured; a bare `false` must not look like a control that is off.
        if value.says_nothing() {
            return;
        }
        // No name of Graph's has a blank: whatever it is called, it is not taken for something that Graph knows.
        let graph = format!("{condition}/{} (not converted)", escape_pointer(name));
        self.put(&graph, Json::Text(value.quoted()), at);
    }
}

/// Puts a value below an object, by the names on the way to it.
fn set(json: &mut Json, parts: &[&str], value: Json) {
    let (Json::Object(members), Some((first, rest))) = (json, parts.split_first()) else { return };
    let name = first.replace("~1", "/").replace("~0", "~");
    match (members.iter_mut().find(|(held, _)| *held == name), rest) {
        (Some((_, inner)), [_, ..]) => return set(inner, rest, value),
        // What is known of a list and what is unknown in it come one after the other.
        (Some((_, Json::List(held))), []) if matches!(value, Json::List(_)) => {
            return held.extend_from_slice(value.items());
        }
        (Some((_, held)), []) => return *held = value,
        (None, []) => return members.push((name, value)),
        (None, _) => {}
    }
    let mut inner = Json::Object(Vec::new());
    set(&mut inner, rest, value);
    members.push((name, inner));
}

/// What a file of another product says of a tenant.
#[derive(Debug, Default)]
pub(super) struct Export {
    /// The word of the format in the catalogue.
    pub(super) word: &'static str,
    /// The format in words, for the inventory.
    pub(super) format: String,
    /// Whether its policies name people and things where Graph has ids.
    pub(super) writes_names: bool,
    /// The objects in the order of the file.
    pub(super) objects: Vec<Foreign>,
    /// The collections that are there as such, even when they are empty.
    pub(super) wholes: Vec<Whole>,
    /// How many objects could not be converted at all.
    pub(super) unreadable: u64,
    /// What is wrong with the file.
    pub(super) problems: Vec<Problem>,
    /// When it was made.
    pub(super) taken_at: Option<DateTime<Utc>>,
}

impl Export {
    /// Notes that a collection is here as a whole.
    pub(super) fn holds_all(&mut self, kind: Kind) {
        self.wholes.push(Whole { kind, relation: Relation::Itself, is_open: false });
    }

    /// How many objects there are, in words.
    pub(super) fn count(&self) -> String {
        let number = self.objects.len();
        format!("{number} {}", if number == 1 { "object" } else { "objects" })
    }

    /// Notes an object that could not be converted.
    pub(super) fn lose(&mut self, reason: impl Into<String>) {
        self.unreadable += 1;
        self.problems.push(Problem::file(reason));
    }
}

/// A list of texts.
pub(super) fn list(texts: impl IntoIterator<Item = String>) -> Json {
    Json::List(texts.into_iter().map(Json::Text).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_graph_has_them_and_point_to_the_file() {
        let mut policy = Foreign::new(Kind::Policy, "/Policys/3");
        policy.put_text("/displayName", "P", "/displayName");
        policy.put("/conditions/users/includeUsers", list(["All".to_owned()]), "/policyDetail/0/Conditions/Users");
        policy.put("/conditions/users/excludeUsers", Json::Null, "/nowhere");
        policy.keep_unknown("/conditions/locations", "Networks", Json::Bool(true), "/policyDetail/0/Networks");
        policy.keep_unknown("/conditions/locations", "Empty", Json::List(Vec::new()), "/policyDetail/0/Empty");
        let expected = r#"{"displayName":"P","conditions":{"users":{"includeUsers":["All"]},"locations":{"Networks (not converted)":"true"}}}"#;
        assert_eq!(policy.json.to_string(), expected);
        policy.put("/conditions/clientAppTypes", list(["all".to_owned()]), "/a");
        policy.keep_unknown_item("/conditions/clientAppTypes", "x".to_owned(), "/b");
        policy.put("/conditions/clientAppTypes", list(["other".to_owned()]), "/c");
        let types = policy.json.pointer("/conditions/clientAppTypes").map(ToString::to_string);
        assert_eq!(types.as_deref(), Some(r#"["all",["x"],"other"]"#));
        let to_file = |graph: &str| policy.renames.to_file(graph);
        assert_eq!(to_file("/conditions/users/includeUsers/0"), "/Policys/3/policyDetail/0/Conditions/Users/0");
        assert_eq!(to_file("/conditions/locations/Networks (not converted)"), "/Policys/3/policyDetail/0/Networks");
    }
}
