//! Defines [`graph_spelling`], which brings an object's member names to the spelling of Microsoft Graph.
//!
//! PowerShell writes the same object with other names (`IpAddress`, `UserPrincipalName`) and hides what its types do
//! not know under `AdditionalProperties`. Readers know Graph's names only. An explanation, however, must point at what
//! stands in the customer's file, so every change of a name is recorded.

use std::collections::HashMap;

use crate::domain::evidence::Renames;
use crate::domain::json::{Json, escape_pointer};

/// Names whose Graph spelling the general rule does not give. PowerShell's generator rewrites runs of capitals
/// (`AllowedAaguiDs`), and people write abbreviations.
const IRREGULAR: [(&str, &str); 12] = [
    ("ID", "id"),
    ("UPN", "userPrincipalName"),
    ("Upn", "userPrincipalName"),
    ("OS", "os"),
    ("URL", "url"),
    ("URI", "uri"),
    ("AllowedToUseSspr", "allowedToUseSSPR"),
    ("AllowedAaguiDs", "allowedAAGUIDs"),
    ("AllowedAaguids", "allowedAAGUIDs"),
    ("IsHybridAzureAdJoinedDeviceAccepted", "isHybridAzureADJoinedDeviceAccepted"),
    ("OdataType", "@odata.type"),
    ("ODataType", "@odata.type"),
];

/// Brings member names to Graph's camelCase and says how the file spells them.
///
/// Members of PowerShell's `AdditionalProperties` are lifted to where Graph has them, and an object all of whose leaves
/// are null, which is how PowerShell prints what is not set, becomes [`Json::Null`] in its place. Objects that hold
/// lists are not collapsed: a reader may tell "no members" from "members unknown". The value itself is never collapsed.
/// When no name needs changing, the value comes back as it is with no renames.
pub fn graph_spelling(json: Json) -> (Json, Renames) {
    graph_spelling_at(json, "")
}

/// Does what [`graph_spelling`] does for an object that stands at the pointer `base` of its file.
pub fn graph_spelling_at(json: Json, base: &str) -> (Json, Renames) {
    let mut renames = Renames::default();
    if !base.is_empty() {
        renames.add("", base);
    }
    if !needs_spelling(&json) {
        return (json, renames);
    }
    let mut speller = Speller { graph: String::new(), file: base.to_owned(), renames };
    let json = speller.value(json);
    (json, speller.renames)
}

/// Whether any name in the value is not as Graph spells it.
pub fn needs_spelling(json: &Json) -> bool {
    match json {
        Json::Object(members) => members
            .iter()
            .any(|(name, value)| is_bag(name) && is_object(value) || spelled(name).is_some() || needs_spelling(value)),
        Json::List(items) => items.iter().any(needs_spelling),
        _ => false,
    }
}

/// Whether a member is where PowerShell keeps what its types do not know.
fn is_bag(name: &str) -> bool {
    name == "AdditionalProperties" || name == "additionalProperties"
}

fn is_object(json: &Json) -> bool {
    matches!(json, Json::Object(_))
}

/// Graph's spelling of a name; `None` when the name needs no change or is no member name but data.
pub fn spelled(name: &str) -> Option<String> {
    if !name.starts_with(|first: char| first.is_ascii_uppercase()) {
        return None;
    }
    if let Some((_, graph)) = IRREGULAR.iter().find(|(file, _)| *file == name) {
        return Some((*graph).to_owned());
    }
    if let Some((head, annotation)) = name.split_once('@') {
        return spelled(head).map(|head| format!("{head}@{annotation}"));
    }
    // Names of members are one word; a key such as a GUID, a country or a display name is data and must stay.
    let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_word || !name.contains(|c: char| c.is_ascii_lowercase()) {
        return None;
    }
    if let Some(rest) = name.strip_prefix("OAuth") {
        return Some(format!("oauth{rest}"));
    }
    let capitals = name.chars().take_while(char::is_ascii_uppercase).count();
    // The last capital of a run begins the next word: `IPAddress` is `ip` and `Address`.
    let lowered = if capitals > 1 { capitals - 1 } else { 1 };
    Some(name.chars().enumerate().map(|(at, c)| if at < lowered { c.to_ascii_lowercase() } else { c }).collect())
}

/// A member on its way: the bag it was lifted from, its name and its value.
struct Member {
    bag: Option<String>,
    name: String,
    value: Json,
}

/// Walks a value and keeps the pointers of where it is, in both spellings.
struct Speller {
    graph: String,
    file: String,
    renames: Renames,
}

impl Speller {
    fn value(&mut self, json: Json) -> Json {
        match json {
            Json::Object(members) => Json::Object(self.members(members)),
            Json::List(items) => {
                let items = items.into_iter().enumerate();
                Json::List(items.map(|(index, item)| self.inner(&index.to_string(), None, item, true)).collect())
            }
            other => other,
        }
    }

    fn members(&mut self, members: Vec<(String, Json)>) -> Vec<(String, Json)> {
        let bags = members.iter().filter(|(held, _)| is_bag(held)).count();
        // A bag within a bag stays where it is: lifted, it would stand in the place of the other.
        let holds_bag =
            |value: &Json| matches!(value, Json::Object(inner) if inner.iter().any(|(name, _)| is_bag(name)));
        let single_bags: Vec<bool> =
            members.iter().map(|(name, value)| is_bag(name) && bags == 1 && !holds_bag(value)).collect();
        let mut flat = Vec::with_capacity(members.len());
        for ((name, value), is_single_bag) in members.into_iter().zip(single_bags) {
            match value {
                Json::Object(lifted) if is_single_bag => flat.extend(lifted.into_iter().map(|(inner, value)| Member {
                    bag: Some(name.clone()),
                    name: inner,
                    value,
                })),
                value => flat.push(Member { bag: None, name, value }),
            }
        }
        let standings = standings(&flat);
        let mut out = Vec::with_capacity(flat.len());
        let mut left: Vec<(String, Vec<(String, Json)>)> = Vec::new();
        for (Member { bag, name, value }, standing) in flat.into_iter().zip(standings) {
            let graph = spelled(&name);
            match (standing, bag) {
                (Standing::Read { alone }, bag) => {
                    let length = self.file.len();
                    if let Some(bag) = &bag {
                        self.file.push('/');
                        self.file.push_str(&escape_pointer(bag));
                    }
                    let is_moved = graph.is_some() || bag.is_some();
                    let value =
                        self.inner(graph.as_deref().unwrap_or(&name), is_moved.then_some(name.as_str()), value, alone);
                    self.file.truncate(length);
                    out.push((graph.unwrap_or(name), value));
                }
                (Standing::Repeated, _) => out.push((graph.unwrap_or(name), value)),
                (Standing::Beaten, None) => out.push((name, value)),
                (Standing::Beaten, Some(bag)) => match left.iter_mut().find(|(name, _)| *name == bag) {
                    Some((_, members)) => members.push((name, value)),
                    None => left.push((bag, vec![(name, value)])),
                },
            }
        }
        out.extend(left.into_iter().map(|(bag, members)| (bag, Json::Object(members))));
        out
    }

    /// Spells the value of a member or item that is `graph` for Graph and `file`, where they differ, in the file.
    fn inner(&mut self, graph: &str, file: Option<&str>, value: Json, may_collapse: bool) -> Json {
        let (graph_length, file_length) = (self.graph.len(), self.file.len());
        let name = escape_pointer(graph);
        self.graph.push('/');
        self.graph.push_str(&name);
        self.file.push('/');
        match file {
            Some(file) => {
                self.file.push_str(&escape_pointer(file));
                self.renames.add(self.graph.clone(), self.file.clone());
            }
            None => self.file.push_str(&name),
        }
        let value = self.value(value);
        self.graph.truncate(graph_length);
        self.file.truncate(file_length);
        if may_collapse && is_object(&value) && is_unset(&value) { Json::Null } else { value }
    }
}

/// What becomes of a member when several come to one name (`Id` beside `id`, or `Id` twice).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is what [`Json::get`] returns for the name. Unless it is alone, it must not become null, or another would be.
    Read { alone: bool },
    /// It is spelt as the one that is read, and nobody reads it: the pointer leads to the other.
    Repeated,
    /// It is spelt otherwise and keeps its own name, or evidence would point at the wrong one.
    Beaten,
}

fn standings(members: &[Member]) -> Vec<Standing> {
    struct Best {
        rank: u8,
        index: usize,
        rivals: usize,
    }
    let mut best: HashMap<String, Best> = HashMap::with_capacity(members.len());
    let mut names = Vec::with_capacity(members.len());
    for (index, member) in members.iter().enumerate() {
        let graph = spelled(&member.name);
        let is_moved = graph.is_some() || member.bag.is_some();
        let rank = u8::from(is_moved) + 2 * u8::from(member.value.is_null());
        let graph = graph.unwrap_or_else(|| member.name.clone());
        match best.get_mut(&graph) {
            Some(held) => {
                held.rivals += 1;
                if rank < held.rank {
                    (held.rank, held.index) = (rank, index);
                }
            }
            None => {
                best.insert(graph.clone(), Best { rank, index, rivals: 0 });
            }
        }
        names.push(graph);
    }
    let standing = |(index, graph): (usize, &String)| {
        let Some(held) = best.get(graph) else { return Standing::Beaten };
        let spelling = |index: usize| members.get(index).map(|member| (&member.bag, &member.name));
        if held.index == index {
            Standing::Read { alone: held.rivals == 0 }
        } else if spelling(held.index) == spelling(index) {
            Standing::Repeated
        } else {
            Standing::Beaten
        }
    };
    names.iter().enumerate().map(standing).collect()
}

/// Whether every leaf is null. An empty list is a leaf that says something.
pub fn is_unset(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Object(members) => members.iter().all(|(_, value)| is_unset(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {

    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[track_caller]
    fn check(text: &str, expected: &str) -> Renames {
        let (json, renames) = graph_spelling(read(text));
        assert_eq!(json.to_string(), expected);
        renames
    }

    #[test]
    fn names_get_the_spelling_of_graph() {
        for (file, graph) in [
            ("Id", "id"),
            ("ID", "id"),
            ("UPN", "userPrincipalName"),
            ("IPAddress", "ipAddress"),
            ("IpAddress", "ipAddress"),
            ("IpRanges", "ipRanges"),
            ("UserPrincipalName", "userPrincipalName"),
            ("OSVersion", "osVersion"),
            ("X509Certificate", "x509Certificate"),
            ("AllowedToUseSSPR", "allowedToUseSSPR"),
            ("AllowedToUseSspr", "allowedToUseSSPR"),
            ("OAuth2PermissionScopes", "oauth2PermissionScopes"),
            ("Oauth2PermissionScopes", "oauth2PermissionScopes"),
            ("Members@odata.context", "members@odata.context"),
        ] {
            assert_eq!(spelled(file).as_deref(), Some(graph), "{file}");
        }
        for name in ["id", "@odata.type", "#microsoft.graph.restore", "US", "A1B2-C3", "Global Reader", "_id", ""] {
            assert_eq!(spelled(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_spelt_as_graph_does_comes_back_unchanged() {
        let text = r#"{"id":"1","locations":{"includeLocations":null},"list":[{"a":null}]}"#;
        assert_eq!(check(text, text), Renames::default());
    }

    #[test]
    fn every_change_of_a_name_can_be_undone() {
        let renames = check(
            r#"{"Id":"1","Conditions":{"Users":{"IncludeUsers":["All"]},"kept":[{"Deep/Er":{"Name":"x"}}]}}"#,
            r#"{"id":"1","conditions":{"users":{"includeUsers":["All"]},"kept":[{"Deep/Er":{"name":"x"}}]}}"#,
        );
        assert_eq!(renames.to_file("/id"), "/Id");
        assert_eq!(renames.to_file("/conditions/users/includeUsers/0"), "/Conditions/Users/IncludeUsers/0");
        assert_eq!(renames.to_file("/conditions/kept/0/Deep~1Er/name"), "/Conditions/kept/0/Deep~1Er/Name");
        assert_eq!(renames.to_file("/other"), "/other");
    }

    #[test]
    fn trees_of_nulls_become_null_but_lists_are_kept() {
        check(
            r#"{"One":{"Two":null,"Three":{"Four":null,"AdditionalProperties":{}}},"Five":{"Members":[]},"Six":[{"One":null}]}"#,
            r#"{"one":null,"five":{"members":[]},"six":[null]}"#,
        );
        check(r#"{"One":null}"#, r#"{"one":null}"#);
    }

    #[test]
    fn additional_properties_are_lifted_to_where_graph_has_them() {
        let renames = check(
            r##"{"Id":"1","IsTrusted":null,"AdditionalProperties":{"@odata.type":"#t","isTrusted":true,"id":"2"}}"##,
            r##"{"id":"1","IsTrusted":null,"@odata.type":"#t","isTrusted":true,"AdditionalProperties":{"id":"2"}}"##,
        );
        assert_eq!(renames.to_file("/isTrusted"), "/AdditionalProperties/isTrusted");
        assert_eq!(renames.to_file("/@odata.type"), "/AdditionalProperties/@odata.type");
        assert_eq!(renames.to_file("/id"), "/Id");
    }

    #[test]
    fn of_two_spellings_the_one_that_says_something_wins() {
        let renames = check(r#"{"id":"right","Id":"wrong"}"#, r#"{"id":"right","Id":"wrong"}"#);
        assert_eq!(renames.to_file("/id"), "/id");
        let renames = check(r#"{"IPAddress":null,"IpAddress":"x"}"#, r#"{"IPAddress":null,"ipAddress":"x"}"#);
        assert_eq!(renames.to_file("/ipAddress"), "/IpAddress");
        let renames = check(r#"{"Id":null,"Id":"x"}"#, r#"{"id":null,"id":"x"}"#);
        assert_eq!(renames.to_file("/id"), "/Id");
    }

    #[test]
    fn an_object_inside_a_file_keeps_its_place() {
        let (_, renames) = graph_spelling_at(read(r#"{"Id":"1"}"#), "/value/3");
        assert_eq!(renames.to_file("/id"), "/value/3/Id");
        assert_eq!(renames.to_file("/displayName"), "/value/3/displayName");
        let (_, renames) = graph_spelling_at(read(r#"{"id":"1"}"#), "/value/3");
        assert_eq!(renames.to_file("/id"), "/value/3/id");
    }

    /// Values with the names that are most likely to be confused.
    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<u8>().prop_map(|number| Json::Number(number.into())),
            Just(Json::List(Vec::new())),
        ];
        let name = prop::sample::select(vec![
            "Id",
            "id",
            "ID",
            "Name",
            "name",
            "UPN",
            "UserPrincipalName",
            "IPAddress",
            "IpAddress",
            "AdditionalProperties",
            "additionalProperties",
            "@odata.type",
            "OdataType",
            "A/b~c",
        ]);
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Json::List),
                prop::collection::vec((name.clone().prop_map(str::to_owned), inner), 0..6).prop_map(Json::Object),
            ]
        })
    }

    /// The pointers of all numbers that a reader can reach.
    fn pointers(json: &Json, at: &str, found: &mut Vec<String>) {
        match json {
            Json::Object(members) => {
                for (name, _) in members {
                    pointers(json.get(name), &format!("{at}/{}", escape_pointer(name)), found);
                }
            }
            Json::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    pointers(item, &format!("{at}/{index}"), found);
                }
            }
            Json::Number(_) => found.push(at.to_owned()),
            _ => {}
        }
    }

    #[test]
    fn a_bag_within_a_bag_stays_where_it_is() {
        let text = r#"{"@odata.type":0,"additionalProperties":{"AdditionalProperties":null,"@odata.type":0}}"#;
        let file: Json = serde_json::from_str(text).unwrap();
        let (spelled, renames) = graph_spelling(file.clone());
        let there = renames.to_file("/additionalProperties/@odata.type");
        assert_eq!(spelled.pointer("/additionalProperties/@odata.type"), file.pointer(&there));
    }

    proptest! {
        #[test]
        fn whatever_a_reader_sees_stands_in_the_file_at_its_pointer(file in any_json()) {
            let (spelled, renames) = graph_spelling(file.clone());
            let mut seen = Vec::new();
            pointers(&spelled, "", &mut seen);
            for pointer in seen {
                let there = renames.to_file(&pointer);
                prop_assert_eq!(spelled.pointer(&pointer), file.pointer(&there), "{} is {} in {}", pointer, there, file);
            }
        }
    }
}
