//! Defines [`Piece`], one object as it stands in a file, and cuts files into pieces.
//!
//! A file may be one object, a list, a page of Graph's, several pages, or one object that holds several collections,
//! nested as its maker liked. Nothing is read here; a piece knows what it is and where it stands.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::evidence::Renames;
use crate::domain::json::{Json, escape_pointer};
use crate::store::canonical::is_unset;
use crate::store::dates::read_date;
use crate::store::inventory::Problem;

use super::context::Context;
use super::kinds::{self, Kind, Word};

/// How deep collections may be nested in a file.
const DEEPEST: usize = 5;

/// What an object is to another one, which only its place in the evidence says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Relation {
    /// It stands for itself.
    #[default]
    Itself,
    /// It is a member of the group of that id.
    GroupMember(Arc<str>),
    /// It holds the role of that id.
    RoleMember(Arc<str>),
    /// It holds the role of that id for an administrative unit.
    ScopedRoleMember(Arc<str>),
    /// It belongs to another object in a way that is not asked for, as owners do.
    Aside,
}

impl Relation {
    /// Reads the relation that an EntraExporter tree says by its folders: `Groups/<id>/Members/<id>/<id>.json`.
    pub(super) fn of_path(file: &str) -> Relation {
        let parts: Vec<&str> = file.split(['/', '\\', '!']).collect();
        let plain = |part: &str| part.strip_suffix(".json").unwrap_or(part).to_ascii_lowercase();
        for (at, window) in parts.windows(3).enumerate().rev() {
            let [owner, id, link] = window else { continue };
            let is_folder = at + 3 < parts.len();
            if !is_folder && !link.ends_with(".json") {
                continue;
            }
            let id = || Arc::from(*id);
            match (plain(owner).as_str(), plain(link).as_str()) {
                ("groups", "members" | "transitivemembers") => return Relation::GroupMember(id()),
                ("directoryroles", "members") => return Relation::RoleMember(id()),
                ("directoryroles", "scopedmembers") => return Relation::ScopedRoleMember(id()),
                (
                    _,
                    "members" | "owners" | "registeredowners" | "registeredusers" | "scopedrolemembers" | "sponsors"
                    | "manager" | "approleassignedto",
                ) if is_folder => return Relation::Aside,
                _ => {}
            }
        }
        Relation::Itself
    }

    fn of_context(context: &Context) -> Option<Relation> {
        match context.members_of.as_ref()? {
            (Kind::DirectoryRole, id) => Some(Relation::RoleMember(Arc::from(id.as_str()))),
            (_, id) => Some(Relation::GroupMember(Arc::from(id.as_str()))),
        }
    }
}

/// Whether the file is one of a tree with a folder for each object, named by its id: `Groups/g1/g1.json`.
pub(super) fn is_in_tree(file: &str) -> bool {
    let mut parts = file.rsplit(['/', '\\', '!']);
    let name = parts.next().and_then(|name| name.strip_suffix(".json"));
    let folder = parts.next();
    name.is_some() && name == folder && parts.next().is_some()
}

/// One object as it stands in a file.
#[derive(Debug, Clone)]
pub(super) struct Piece<'a> {
    /// The object.
    pub(super) json: &'a Json,
    /// Its pointer in the file.
    pub(super) pointer: String,
    /// What it is; `None` when nothing tells.
    pub(super) kind: Option<Kind>,
    /// What it is to another object.
    pub(super) relation: Relation,
    /// Where its values stand in the file, where that is not as Graph has them.
    pub(super) renames: Option<&'a Renames>,
}

/// A collection that stands in a file as such, so that it counts even when it is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Whole {
    /// What its objects are.
    pub(super) kind: Kind,
    /// What they are to another object.
    pub(super) relation: Relation,
    /// Whether the page says that more follow elsewhere.
    pub(super) is_open: bool,
}

/// How a file is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One object.
    Single,
    /// A list of objects.
    List,
    /// A page of Graph's.
    Page,
    /// Several pages.
    Pages,
    /// One object that holds several collections.
    Collections,
}

/// What a file holds.
#[derive(Debug)]
pub(super) struct Pieces<'a> {
    /// The objects, in the order of the file.
    pub(super) found: Vec<Piece<'a>>,
    /// The collections.
    pub(super) wholes: Vec<Whole>,
    /// How the file is built.
    pub(super) shape: Shape,
    /// When the export was made.
    pub(super) taken_at: Option<DateTime<Utc>>,
    /// What is wrong with the file as such.
    pub(super) problems: Vec<Problem>,
}

/// What is known of the objects of a list before they are looked at.
#[derive(Debug, Clone, Default)]
struct Hint {
    word: Option<Word>,
    relation: Relation,
}

impl<'a> Pieces<'a> {
    /// Cuts a file into pieces; `None` when it holds nothing of a tenant's configuration.
    pub(super) fn cut(json: &'a Json, relation: Relation) -> Option<Pieces<'a>> {
        let mut pieces = Pieces {
            found: Vec::new(),
            wholes: Vec::new(),
            shape: Shape::Single,
            taken_at: None,
            problems: Vec::new(),
        };
        let hint = Hint { word: None, relation };
        let is_understood = match json {
            Json::List(items) => pieces.cut_top_list(items, &hint),
            Json::Object(_) => pieces.cut_top_object(json, &hint),
            _ => false,
        };
        is_understood.then_some(pieces)
    }

    fn cut_top_list(&mut self, items: &'a [Json], hint: &Hint) -> bool {
        self.shape = Shape::List;
        let is_pages = !items.is_empty() && items.iter().all(|item| page_items(item).is_some());
        if is_pages {
            self.shape = Shape::Pages;
            let mut is_understood = false;
            for (index, page) in items.iter().enumerate() {
                is_understood |= self.cut_page(page, &format!("/{index}"), hint, index + 1 == items.len());
            }
            return is_understood;
        }
        self.cut_list(items, "", hint);
        if hint.relation != Relation::Itself {
            self.see_members(hint, false);
            return items.iter().all(|item| !kinds::is_foreign(item));
        }
        self.see_since(0, None, false)
    }

    fn cut_top_object(&mut self, json: &'a Json, hint: &Hint) -> bool {
        if kinds::is_foreign(json) {
            return false;
        }
        if page_items(json).is_some() {
            self.shape = Shape::Page;
            return self.cut_page(json, "", hint, true);
        }
        if hint.relation != Relation::Itself && id_of(json).is_some() {
            let kind = kinds::told_by_itself(json).unwrap_or(Kind::DirectoryObject);
            self.push(json, String::new(), Some(kind), &hint.relation);
            return true;
        }
        let context = Context::of(json);
        let by_context = || context.kind.filter(|_| !context.is_log).map(|kind| kinds::refined(kind, json));
        let kind = kinds::declared(json).or_else(by_context).or_else(|| kinds::told_by_itself(json));
        // No single object holds a list of policies; a member that looks like an object's does not hide it.
        let is_of_policies = |(name, value): &(String, Json)| {
            let word = kinds::word(name).filter(|word| word.kind == Kind::Policy && !word.is_generic);
            word.is_some() && matches!(value, Json::List(_))
        };
        if let Some(kind) = kind.filter(|_| !json.members().iter().any(is_of_policies)) {
            self.push(json, String::new(), Some(kind), &Relation::Itself);
            if kind == kinds::MIGRATION_TABLE {
                self.cut_migration_table(json);
            }
            return true;
        }
        self.shape = Shape::Collections;
        self.cut_collections(json, "", "", 0)
    }

    /// Cuts the groups out of a table that gives names to ids. The groups themselves are elsewhere.
    fn cut_migration_table(&mut self, table: &'a Json) {
        let Some((name, objects)) = table.members().iter().find(|(name, _)| name.eq_ignore_ascii_case("objects"))
        else {
            return;
        };
        for (index, object) in objects.items().iter().enumerate() {
            let text = |name: &str| kinds::member(object, name).and_then(Json::text);
            let is_group = text("type").is_some_and(|kind| kind.eq_ignore_ascii_case("group"));
            if is_group && text("id").is_some() && text("displayName").is_some() {
                self.push(object, format!("/{name}/{index}"), Some(Kind::Group), &Relation::Aside);
            }
        }
    }

    /// Cuts a page and says whether it is of a tenant's configuration.
    fn cut_page(&mut self, page: &'a Json, pointer: &str, hint: &Hint, is_last: bool) -> bool {
        let Some((name, items)) = page_items(page) else { return false };
        let context = Context::of(page);
        if context.is_log {
            return false;
        }
        let has_more = ["@odata.nextLink", "odata.nextLink", "nextLink"]
            .iter()
            .any(|name| kinds::member(page, name).and_then(Json::text).is_some());
        let mut hint = hint.clone();
        if let Some(kind) = context.kind {
            hint.word = Some(Word { kind, is_generic: false });
        }
        if let Some(relation) = Relation::of_context(&context) {
            hint.relation = relation;
        }
        let before = self.found.len();
        let at = format!("{pointer}/{}", escape_pointer(name));
        match items {
            Json::List(items) => self.cut_list(items, &at, &hint),
            single => self.cut_item(single, at, &hint),
        }
        if hint.relation != Relation::Itself {
            self.see_members(&hint, has_more);
        } else if !self.see_since(before, hint.word, has_more) {
            return false;
        }
        // Of several pages in one file, each but the last is followed by the next.
        if has_more && is_last {
            let place = if pointer.is_empty() { String::new() } else { format!(" at `{pointer}`") };
            self.problems
                .push(Problem::warning(format!("the page{place} says there is more: `@odata.nextLink` is set")));
        }
        true
    }

    fn cut_list(&mut self, items: &'a [Json], pointer: &str, hint: &Hint) {
        for (index, item) in items.iter().enumerate() {
            match item {
                Json::List(inner) => self.cut_list(inner, &format!("{pointer}/{index}"), hint),
                item => self.cut_item(item, format!("{pointer}/{index}"), hint),
            }
        }
    }

    fn cut_item(&mut self, item: &'a Json, pointer: String, hint: &Hint) {
        // PowerShell prints what is not there as an object of nulls, too.
        if item.is_null() || !item.members().is_empty() && is_unset(item) {
            return;
        }
        let kind = match hint.word {
            // What was deleted keeps its type, but is a user or group no more.
            Some(Word { kind: Kind::Deleted, .. }) => Some(Kind::Deleted),
            Some(word) if !word.is_generic && hint.relation == Relation::Itself => {
                Some(kinds::declared(item).unwrap_or_else(|| kinds::refined(word.kind, item)))
            }
            Some(word) => kinds::told_by_itself(item).or(Some(word.kind)),
            None => kinds::told_by_itself(item),
        };
        let kind = match hint.relation {
            Relation::Itself => kind,
            _ => kind.or(Some(Kind::DirectoryObject)),
        };
        self.push(item, pointer, kind, &hint.relation);
    }

    /// Cuts an object that holds collections and says whether any of them is of a tenant's configuration. Names that
    /// other files use too count only when their objects show what they are, or when a sure name stands beside them.
    fn cut_collections(&mut self, json: &'a Json, pointer: &str, container: &str, depth: usize) -> bool {
        if depth > DEEPEST || kinds::is_foreign(json) {
            return false;
        }
        let (found, wholes, problems) = (self.found.len(), self.wholes.len(), self.problems.len());
        let mut is_sure = false;
        for (name, value) in json.members() {
            // ScubaGear's table for people says again, in words, what the policies say.
            if name.starts_with('@') || name == "cap_table_data" || value.is_null() {
                continue;
            }
            let at = format!("{pointer}/{}", escape_pointer(name));
            let mut word = kinds::word(name);
            // `policies` inside `conditionalAccess` are no other policies.
            if let Some(word) = &mut word
                && word.kind == Kind::Policy
                && container.to_ascii_lowercase().contains("conditional")
            {
                word.is_generic = false;
            }
            is_sure |= match (word, value) {
                // `roles` or `groups` of something else are often lists of names.
                (Some(word), Json::List(items)) if word.is_generic && !could_be_objects(items) => false,
                (Some(word), Json::List(_)) => {
                    let link = format!("{name}@odata.nextLink");
                    let is_open = kinds::member(json, &link).and_then(Json::text).is_some();
                    if is_open {
                        let problem = format!("`{name}` says there is more: `{link}` is set");
                        self.problems.push(Problem::warning(problem));
                    }
                    self.cut_collection(word, value, at, is_open)
                }
                (Some(word), Json::Object(_)) if is_collection_object(word, value) => {
                    self.cut_collection(word, value, at, false)
                }
                (_, Json::Object(_)) => self.cut_collections(value, &at, name, depth + 1),
                (None, Json::List(items)) if items.iter().take(3).any(|item| kinds::told_by_itself(item).is_some()) => {
                    let before = self.found.len();
                    self.cut_list(items, &at, &Hint::default());
                    self.see_since(before, None, false)
                }
                _ => false,
            };
        }
        if is_sure {
            self.taken_at = self.taken_at.max(export_date(json));
        } else if depth == 0 {
            self.found.truncate(found);
            self.wholes.truncate(wholes);
            self.problems.truncate(problems);
        }
        is_sure
    }

    fn cut_collection(&mut self, word: Word, value: &'a Json, at: String, is_open: bool) -> bool {
        let hint = Hint { word: Some(word), relation: Relation::Itself };
        let before = self.found.len();
        match value {
            Json::List(items) => {
                self.cut_list(items, &at, &hint);
                self.see_since(before, hint.word, is_open);
            }
            page if page_items(page).is_some() => {
                self.cut_page(page, &at, &hint, true);
            }
            map if word.kind == Kind::GroupMembership && id_of(map).is_none() => self.cut_members_map(map, &at),
            map if is_map(map) => {
                for (key, item) in map.members() {
                    self.cut_item(item, format!("{at}/{}", escape_pointer(key)), &hint);
                }
                self.see_since(before, hint.word, false);
            }
            single => {
                self.cut_item(single, at, &hint);
                self.see_since(before, hint.word, false);
            }
        }
        let cut = self.found.get(before..).unwrap_or_default();
        !word.is_generic || cut.iter().any(|piece| kinds::told_by_itself(piece.json).is_some())
    }

    /// Cuts an object whose names are group ids and whose values are lists of members.
    fn cut_members_map(&mut self, map: &'a Json, at: &str) {
        for (group, members) in map.members() {
            let relation = Relation::GroupMember(Arc::from(group.as_str()));
            let hint = Hint { word: None, relation };
            self.cut_list(members.items(), &format!("{at}/{}", escape_pointer(group)), &hint);
            self.see_members(&hint, false);
        }
    }

    fn push(&mut self, json: &'a Json, pointer: String, kind: Option<Kind>, relation: &Relation) {
        self.found.push(Piece { json, pointer, kind, relation: relation.clone(), renames: None });
    }

    /// Notes the collections that the pieces cut since then are of; false when nothing tells. What a sure name says
    /// counts also for an empty list, but not against the objects: a branding of Graph's is none of the portal's,
    /// wherever it stands.
    fn see_since(&mut self, before: usize, word: Option<Word>, is_open: bool) -> bool {
        let mut kinds: Vec<Kind> = Vec::new();
        for piece in self.found.get(before..).unwrap_or_default() {
            if let Some(kind) = piece.kind
                && kinds.last() != Some(&kind)
                && !kinds.contains(&kind)
            {
                kinds.push(kind);
            }
        }
        if let Some(word) = word
            && (kinds.is_empty() || !word.is_generic && kinds.contains(&word.kind))
        {
            kinds = vec![word.kind];
        }
        for kind in &kinds {
            self.see(*kind, Relation::Itself, is_open);
        }
        !kinds.is_empty()
    }

    fn see_members(&mut self, hint: &Hint, is_open: bool) {
        self.see(Kind::DirectoryObject, hint.relation.clone(), is_open);
    }

    fn see(&mut self, kind: Kind, relation: Relation, is_open: bool) {
        let whole = Whole { kind, relation, is_open };
        if self.wholes.last() != Some(&whole) {
            self.wholes.push(whole);
        }
    }
}

/// The items of a page with the name under which they stand. Windows PowerShell writes lists in the same way, with a
/// `Count`.
fn page_items(json: &Json) -> Option<(&str, &Json)> {
    let (name, value) = json.members().iter().find(|(name, _)| name == "value" || name == "Value")?;
    let is_page = match value {
        Json::List(_) => true,
        Json::Object(_) => Context::of(json) != Context::default(),
        _ => false,
    };
    is_page.then_some((name, value))
}

/// The id of an object of the directory, under the names that exports give it.
pub(super) fn id_of(json: &Json) -> Option<&str> {
    ["id", "objectId"].iter().find_map(|name| kinds::member(json, name).and_then(Json::text))
}

/// Whether the value of a member with a collection's name is the collection, and no container of others. An
/// `organization` or `policies` may be either.
fn is_collection_object(word: Word, value: &Json) -> bool {
    page_items(value).is_some()
        || kinds::told_by_itself(value).is_some()
        || id_of(value).is_some()
        || is_map(value)
        || !word.is_generic && word.kind != Kind::Policy && !holds_collections(value)
}

fn could_be_objects(items: &[Json]) -> bool {
    items.is_empty() || items.iter().any(|item| matches!(item, Json::Object(_) | Json::List(_)))
}

fn holds_collections(json: &Json) -> bool {
    json.members().iter().any(|(name, value)| kinds::word(name).is_some() && matches!(value, Json::List(_)))
}

/// Whether the names are ids and the values the objects.
fn is_map(json: &Json) -> bool {
    id_of(json).is_none()
        && !json.members().is_empty()
        && json.members().iter().all(|(name, value)| {
            kinds::word(name).is_none() && (kinds::told_by_itself(value).is_some() || id_of(value).is_some())
        })
}

/// When an export says it was made.
pub(super) fn export_date(json: &Json) -> Option<DateTime<Utc>> {
    let names = [
        "exportedDateTime",
        "exportDateTime",
        "exportDate",
        "exportedAt",
        "takenAt",
        "takenDateTime",
        "snapshotDateTime",
        "timestamp_zulu",
    ];
    names.iter().find_map(|name| kinds::member(json, name).and_then(Json::text).and_then(read_date))
}

#[cfg(test)]
mod tests {

    use super::*;

    fn read(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    /// The kinds and pointers of the pieces, with the number of collections.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, Kind)], wholes: usize) {
        let json = read(text);
        let pieces = Pieces::cut(&json, Relation::Itself).unwrap();
        let found: Vec<(&str, Kind)> =
            pieces.found.iter().map(|piece| (piece.pointer.as_str(), piece.kind.unwrap())).collect();
        assert_eq!(found, expected);
        assert_eq!(pieces.wholes.len(), wholes, "{:?}", pieces.wholes);
    }

    #[test]
    fn paths_of_a_tree_say_who_is_a_member() {
        let member = Relation::GroupMember(Arc::from("g1"));
        assert_eq!(Relation::of_path("out/Groups/g1/Members/u1/u1.json"), member);
        assert_eq!(Relation::of_path(r"C:\out\groups\g1\members\u1\u1.json"), member);
        assert_eq!(Relation::of_path("case.zip!Groups/g1/Members/u1/u1.json"), member);
        assert_eq!(Relation::of_path("out/Groups/g1/Members.json"), member);
        assert_eq!(Relation::of_path("out/Groups/g1/Owners/u1/u1.json"), Relation::Aside);
        assert_eq!(Relation::of_path("out/AdministrativeUnits/a/Members/u1/u1.json"), Relation::Aside);
        assert_eq!(Relation::of_path("DirectoryRoles/r1/Members/u1/u1.json"), Relation::RoleMember(Arc::from("r1")));
        assert_eq!(Relation::of_path("out/Groups/g1/g1.json"), Relation::Itself);
        assert_eq!(Relation::of_path("Groups/Members/x.json"), Relation::Itself);
    }

    #[test]
    fn pages_lists_and_single_objects_are_cut() {
        let user = r#"{"id":"1","userPrincipalName":"ana@contoso.com"}"#;
        check(user, &[("", Kind::User)], 0);
        check(&format!("[{user},{user}]"), &[("/0", Kind::User), ("/1", Kind::User)], 1);
        check(&format!("[[{user}]]"), &[("/0/0", Kind::User)], 1);
        check(&format!(r#"{{"value":[{user}]}}"#), &[("/value/0", Kind::User)], 1);
        check(r##"{"@odata.context":"https://x/v1.0/$metadata#policies/tokenLifetimePolicies","value":[]}"##, &[], 1);
        let page = format!(r##"{{"@odata.context":"https://x/$metadata#users","value":[{user}]}}"##);
        check(&format!("[{page},{page}]"), &[("/0/value/0", Kind::User), ("/1/value/0", Kind::User)], 1);
    }

    #[test]
    fn collections_are_found_under_any_spelling_and_nesting() {
        let user = r#"{"id":"1","userPrincipalName":"ana@contoso.com"}"#;
        check(&format!(r#"{{"users":[{user}],"groups":[]}}"#), &[("/users/0", Kind::User)], 2);
        check(r#"{"conditional_access_policies":{"Id":"1"}}"#, &[("/conditional_access_policies", Kind::Policy)], 1);
        check(r#"{"TokenLifetimePolicies":[]}"#, &[], 1);
        check(
            r#"{"identity":{"conditionalAccess":{"policies":[{"id":"1"}],"namedLocations":[]}}}"#,
            &[("/identity/conditionalAccess/policies/0", Kind::Policy)],
            2,
        );
        check(
            r#"{"roleManagement":{"directory":{"roleAssignments":[{"id":"1"}]}}}"#,
            &[("/roleManagement/directory/roleAssignments/0", Kind::RoleAssignment)],
            1,
        );
        check(r#"{"groupMembers":{"g/1":["u1"],"g2":[]}}"#, &[("/groupMembers/g~11/0", Kind::DirectoryObject)], 2);
    }

    #[test]
    fn what_is_no_configuration_is_left_alone() {
        for text in [
            "3",
            "[]",
            "{}",
            r#"{"value":[]}"#,
            r#"{"users":[{"name":"x"}],"settings":{"color":"red"}}"#,
            r#"{"users":[],"groups":[]}"#,
            r##"{"@odata.context":"https://x/$metadata#auditLogs/signIns","value":[{"id":"1"}]}"##,
            r#"{"log":{"entries":[{"request":{}}]}}"#,
            r#"[{"id":"1","correlationId":"2","userPrincipalName":"ana@contoso.com"}]"#,
        ] {
            assert!(Pieces::cut(&read(text), Relation::Itself).is_none(), "{text}");
        }
    }
}
