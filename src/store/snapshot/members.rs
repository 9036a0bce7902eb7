//! Defines [`Members`], who is in which group or role, gathered from wherever the evidence says it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::domain::json::Json;

use super::kinds;
use super::notes::is_cut_off;

/// How many related objects `$expand` returns at most for objects of the directory, without saying that there are more
/// (Microsoft Graph known issues, "limitations apply to query parameters", 2023-06-01).
pub(super) const MOST_EXPANDED: usize = 20;

/// Members by the id of what they are in.
#[derive(Debug, Default)]
pub(super) struct Members {
    of: HashMap<String, Held>,
}

/// The members of one group or role.
#[derive(Debug)]
pub(super) struct Held {
    /// The id as it was written.
    pub(super) id: String,
    /// The name, where the member's side gives it.
    pub(super) name: Option<String>,
    /// The first file that speaks of it.
    pub(super) file: Arc<str>,
    ids: Vec<String>,
    is_listed: bool,
    is_lacking: bool,
    pages: (u32, u32),
}

impl Held {
    /// The members, each once, and whether the evidence has all of them. Of the pages of one list, all but the last say
    /// that there is more; when every page says so, the last one is missing.
    pub(super) fn settle(self) -> (Vec<String>, bool) {
        let mut seen = HashSet::with_capacity(self.ids.len());
        let mut ids = self.ids;
        ids.retain(|id| seen.insert(id.to_ascii_lowercase()));
        let (open, closed) = self.pages;
        (ids, self.is_listed && !self.is_lacking && (open == 0 || closed > 0))
    }
}

impl Members {
    fn held(&mut self, id: &str, file: &Arc<str>) -> &mut Held {
        self.of.entry(id.to_ascii_lowercase()).or_insert_with(|| Held {
            id: id.to_owned(),
            name: None,
            file: Arc::clone(file),
            ids: Vec::new(),
            is_listed: false,
            is_lacking: false,
            pages: (0, 0),
        })
    }

    /// Notes one member, which by itself does not mean that all are known.
    pub(super) fn add(&mut self, id: &str, member: &str, file: &Arc<str>) {
        self.held(id, file).ids.push(member.to_owned());
    }

    /// Notes what the group or role is called.
    pub(super) fn call(&mut self, id: &str, name: &str, file: &Arc<str>) {
        self.held(id, file).name = Some(name.to_owned());
    }

    /// Notes that the evidence lists the members, and whether the list says there is more.
    pub(super) fn list(&mut self, id: &str, is_open: bool, file: &Arc<str>) {
        let held = self.held(id, file);
        held.is_listed = true;
        if is_open {
            held.pages.0 += 1;
        } else {
            held.pages.1 += 1;
        }
    }

    /// Notes that a member is there whose id is not known.
    pub(super) fn lose(&mut self, id: &str, file: &Arc<str>) {
        self.held(id, file).is_lacking = true;
    }

    /// Takes over what was noted elsewhere.
    pub(super) fn absorb(&mut self, other: Members) {
        for (key, mut held) in other.of {
            match self.of.get_mut(&key) {
                Some(own) => {
                    own.ids.append(&mut held.ids);
                    own.name = own.name.take().or(held.name);
                    own.is_listed |= held.is_listed;
                    own.is_lacking |= held.is_lacking;
                    own.pages = (own.pages.0 + held.pages.0, own.pages.1 + held.pages.1);
                }
                None => {
                    self.of.insert(key, held);
                }
            }
        }
    }

    /// Takes out what was noted of one group or role.
    pub(super) fn take(&mut self, id: &str) -> Option<Held> {
        self.of.remove(&id.to_ascii_lowercase())
    }

    /// What is left, in the order of the ids.
    pub(super) fn rest(self) -> Vec<Held> {
        let mut rest: Vec<Held> = self.of.into_values().collect();
        rest.sort_by(|a, b| a.id.cmp(&b.id));
        rest
    }

    /// Whether nothing was noted.
    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// How many memberships were noted.
    pub(super) fn count(&self) -> usize {
        self.of.values().map(|held| held.ids.len()).sum()
    }
}

/// A list of members that stands inside a group or role.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Inline<'a> {
    /// The ids.
    pub(super) ids: Vec<String>,
    /// The members that are objects, with their pointers inside the group or role.
    pub(super) objects: Vec<(String, &'a Json)>,
    /// Whether the list may go on elsewhere.
    pub(super) is_open: bool,
    /// What is wrong with it, in words.
    pub(super) problem: Option<String>,
}

impl<'a> Inline<'a> {
    /// Reads the list of that name; `None` when the object has none, which PowerShell also writes as null.
    pub(super) fn read(owner: &'a Json, names: &[&str]) -> Option<Inline<'a>> {
        let spelt = |held: &str| names.iter().any(|name| name.eq_ignore_ascii_case(held));
        let (name, held) = owner.members().iter().find(|(name, value)| spelt(name) && !value.is_null())?;
        let (at, value) = match kinds::member(held, "value") {
            Some(items @ Json::List(_)) => (format!("/{name}/value"), items),
            _ => (format!("/{name}"), held),
        };
        let mut inline = Inline::default();
        let mut broken = 0;
        match value {
            Json::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    broken += usize::from(!inline.push(item, format!("{at}/{index}")));
                }
            }
            single => broken += usize::from(!inline.push(single, at)),
        }
        let annotation = |rest: &str| {
            owner.members().iter().any(|(held, _)| {
                held.split_once('@').is_some_and(|(head, tail)| head.eq_ignore_ascii_case(name) && tail.contains(rest))
            })
        };
        if annotation("odata.nextLink") || kinds::member(held, "@odata.nextLink").is_some() {
            inline.is_open = true;
            inline.problem = Some(format!("its `{name}` go on elsewhere: `@odata.nextLink` is set"));
        } else if inline.ids.len() == MOST_EXPANDED && annotation("odata") {
            inline.is_open = true;
            let reason =
                format!("its `{name}` are {MOST_EXPANDED}, the most that `$expand` returns: there may be more");
            inline.problem = Some(reason);
        }
        if broken > 0 {
            inline.is_open = true;
            inline.problem = Some(format!("{broken} of its `{name}` have no id that can be read"));
        }
        Some(inline)
    }

    /// Takes one member and says whether it could be read. What a delta query says was removed is no member.
    fn push(&mut self, item: &'a Json, pointer: String) -> bool {
        if item.is_null() || item.has("@removed") {
            return true;
        }
        match member_id(item) {
            Some(id) => self.ids.push(id.to_owned()),
            None => return false,
        }
        if matches!(item, Json::Object(_)) {
            self.objects.push((pointer, item));
        }
        true
    }
}

/// The id of a member, which may be written as text, as an object or as a link.
pub(super) fn member_id(item: &Json) -> Option<&str> {
    if let Json::Text(text) = item {
        return Some(text.as_str()).filter(|text| !text.is_empty() && !is_cut_off(text));
    }
    let names = ["id", "objectId", "memberId", "userId", "principalId"];
    let named = names.iter().find_map(|name| kinds::member(item, name).and_then(Json::text));
    let link = || kinds::member(item, "@odata.id").and_then(Json::text)?.rsplit('/').next();
    named.or_else(link)
}

#[cfg(test)]
mod tests {

    use super::*;

    fn read(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[track_caller]
    fn check(text: &str, ids: &[&str], is_open: bool) {
        let json = read(text);
        let inline = Inline::read(&json, &["members", "members@delta"]).unwrap();
        assert_eq!(inline.ids, ids);
        assert_eq!(inline.is_open, is_open, "{:?}", inline.problem);
    }

    #[test]
    fn lists_of_members_are_read_in_every_shape() {
        check(r#"{"members":[]}"#, &[], false);
        check(r#"{"members":["a","b"]}"#, &["a", "b"], false);
        check(r#"{"Members":[{"Id":"a","AdditionalProperties":{}}]}"#, &["a"], false);
        check(r#"{"members":{"id":"a"}}"#, &["a"], false);
        check(r#"{"members":{"value":[{"id":"a"}]}}"#, &["a"], false);
        check(r#"{"members@delta":[{"id":"a"},{"id":"b","@removed":{"reason":"deleted"}}]}"#, &["a"], false);
        check(r#"{"members":[{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/a"}]}"#, &["a"], false);
        check(r#"{"members":["a"],"members@odata.nextLink":"https://x"}"#, &["a"], true);
        check(r#"{"members":["Microsoft.Graph.PowerShell.Models.MicrosoftGraphDirectoryObject"]}"#, &[], true);
        assert_eq!(Inline::read(&read(r#"{"Members":null}"#), &["members"]), None);
    }

    #[test]
    fn an_expanded_list_of_twenty_may_be_cut() {
        let ids: Vec<String> = (0..20).map(|number| format!("\"u{number}\"")).collect();
        let list = ids.join(",");
        let full = read(&format!(r#"{{"members@odata.context":"x","members":[{list}]}}"#));
        assert!(Inline::read(&full, &["members"]).unwrap().is_open);
        let own = read(&format!(r#"{{"members":[{list}]}}"#));
        assert!(!Inline::read(&own, &["members"]).unwrap().is_open);
    }

    #[test]
    fn a_chain_of_pages_is_whole_when_one_page_ends_it() {
        let file: Arc<str> = Arc::from("x.json");
        let mut members = Members::default();
        members.add("G1", "a", &file);
        members.list("g1", true, &file);
        members.add("g1", "A", &file);
        members.list("g1", false, &file);
        assert_eq!(members.take("g1").unwrap().settle(), (vec!["a".to_owned()], true));
        members.list("g2", true, &file);
        assert_eq!(members.take("g2").unwrap().settle(), (Vec::new(), false));
    }
}
