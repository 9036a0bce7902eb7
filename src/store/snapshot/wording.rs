//! Tells the format of a file: in words for the inventory, and by the words of the catalogue.

use std::collections::BTreeSet;

use crate::domain::json::Json;
use crate::store::canonical::needs_spelling;

use super::context::Context;
use super::kinds::{self, Kind, member};
use super::pieces::{self, Piece, Pieces, Relation, Shape};

/// So many objects of a file are looked at to tell who wrote it.
const LOOKED_AT: usize = 200;

/// The words of the catalogue for what a file holds.
pub(super) fn words_of(json: &Json, pieces: &Pieces<'_>, file: &str) -> BTreeSet<&'static str> {
    if is_scuba(json) {
        return BTreeSet::from(["scubaGear"]);
    }
    let is_tree = pieces.shape == Shape::Single && pieces::is_in_tree(file);
    let word = |piece: &Piece<'_>| -> &'static str {
        let json = piece.json;
        let in_place = |relation: &Relation| *relation != Relation::Itself && pieces.shape == Shape::Single;
        if piece.kind == Some(kinds::MIGRATION_TABLE) || has_full_metadata(json) {
            "intuneManagement"
        } else if piece.kind == Some(Kind::Policy) && member(json, "id").and_then(Json::text).is_none() {
            if is_entity(json) { "portalPolicy" } else { "policyTemplate" }
        } else if piece.kind == Some(Kind::Policy) && has_placeholder(json) {
            "policyTemplate"
        } else if is_tree || in_place(&piece.relation) && Relation::of_path(file) == piece.relation {
            "entraExporter"
        } else if needs_spelling(json) {
            "powerShellObjects"
        } else {
            "graphObjects"
        }
    };
    // The rows below a table of names are part of it.
    let is_table = pieces.found.first().is_some_and(|piece| piece.kind == Some(kinds::MIGRATION_TABLE));
    let looked_at = if is_table { 1 } else { LOOKED_AT };
    let mut words: BTreeSet<&'static str> = pieces.found.iter().take(looked_at).map(word).collect();
    if words.is_empty() {
        words.insert("graphObjects");
    }
    words
}

/// Whether the document is ScubaGear's: its tables beside the policies, which no other export has.
fn is_scuba(json: &Json) -> bool {
    let has = |name: &str| json.has(name);
    has("conditional_access_policies")
        && ["cap_table_data", "privileged_users", "license_information"].iter().any(|name| has(name))
}

/// Whether the object carries the links and actions of full OData metadata, which nobody asks for but IntuneManagement.
fn has_full_metadata(json: &Json) -> bool {
    json.members().iter().any(|(name, _)| {
        let is_type = name.strip_suffix("@odata.type").is_some_and(|head| !head.is_empty());
        is_type || name == "@odata.editLink" || name.starts_with("#microsoft.graph.")
    })
}

/// Whether the object is one that the admin center handed out: its context is an entity's.
fn is_entity(json: &Json) -> bool {
    member(json, "@odata.context").and_then(Json::text).is_some_and(|context| context.ends_with("$entity"))
        && Context::of(json).kind == Some(Kind::Policy)
}

/// Whether a policy names somebody or something by a placeholder that was to be filled in.
fn has_placeholder(json: &Json) -> bool {
    match json {
        Json::Text(text) => text.len() > 2 && text.starts_with('<') && text.ends_with('>'),
        Json::List(items) => items.iter().any(has_placeholder),
        Json::Object(members) => members.iter().any(|(name, value)| {
            !name.eq_ignore_ascii_case("displayName")
                && !name.eq_ignore_ascii_case("description")
                && has_placeholder(value)
        }),
        _ => false,
    }
}

/// The words for the inventory.
pub(super) fn format_of(pieces: &Pieces<'_>) -> String {
    let relation = pieces.found.first().map(|piece| &piece.relation);
    let relation = relation.or(pieces.wholes.first().map(|whole| &whole.relation));
    let member = match relation {
        Some(Relation::GroupMember(_)) => Some("group member"),
        Some(Relation::RoleMember(_)) => Some("role member"),
        Some(Relation::ScopedRoleMember(_)) => Some("scoped role member"),
        Some(Relation::Aside) => Some("related object"),
        Some(Relation::Itself) | None => None,
    };
    let first = pieces.found.first();
    let kinds = || {
        let mut kinds: Vec<String> = Vec::new();
        let wholes = pieces.wholes.iter().map(|whole| whole.kind);
        for kind in pieces.found.iter().filter_map(|piece| piece.kind).chain(wholes) {
            let noun = member.map_or_else(|| kind.noun(2), |member| format!("{member}s"));
            if !kinds.contains(&noun) {
                kinds.push(noun);
            }
        }
        kinds.join(" and ")
    };
    match (pieces.shape, first) {
        (Shape::Single, Some(Piece { kind: Some(kinds::MIGRATION_TABLE), .. })) => {
            let named = pieces.found.len().saturating_sub(1);
            format!("{}: the names of {named} {}", kinds::MIGRATION_TABLE.noun(1), Kind::Group.noun(named))
        }
        (Shape::Single, Some(Piece { kind: Some(Kind::Other(_)), json, .. })) => {
            let kind = first.and_then(|piece| piece.kind).unwrap_or(Kind::DirectoryObject);
            match kinds::member(json, "@odata.type").and_then(Json::text) {
                Some(name) => format!("{} (`{name}`), not used here", kind.noun(1)),
                None => format!("{}, not used here", kind.noun(1)),
            }
        }
        (Shape::Single, Some(piece)) => match (member, piece.kind) {
            (Some(member), _) => format!("EntraExporter {member}"),
            (None, Some(kind)) => {
                let is_powershell = needs_spelling(piece.json);
                let maker = match (piece.pointer.is_empty(), is_powershell) {
                    (false, _) => "in a wrapper",
                    (true, true) => "PowerShell",
                    (true, false) => "Graph",
                };
                format!("{} ({maker})", kind.noun(1))
            }
            (None, None) => "object".to_owned(),
        },
        (Shape::Page, _) => format!("Graph page of {}", kinds()),
        (Shape::Pages, _) => format!("Graph pages of {}", kinds()),
        (Shape::Collections, _) => format!("collections in one file: {}", counted(pieces)),
        (Shape::List | Shape::Single, _) => format!("list of {}", kinds()),
    }
}

/// How many objects of each kind there are, in the order of the file.
fn counted(pieces: &Pieces<'_>) -> String {
    let mut counts: Vec<(Kind, usize)> = Vec::new();
    let mut count = |kind: Kind, by: usize| match counts.iter_mut().find(|(held, _)| *held == kind) {
        Some((_, held)) => *held += by,
        None => counts.push((kind, by)),
    };
    for piece in &pieces.found {
        if let Some(kind) = piece.kind {
            count(kind, 1);
        }
    }
    for whole in &pieces.wholes {
        count(whole.kind, 0);
    }
    let short = |kind: Kind, number: usize| match (kind, number) {
        (Kind::Policy, 1) => "policy".to_owned(),
        (Kind::Policy, _) => "policies".to_owned(),
        (kind, number) => kind.noun(number),
    };
    let words: Vec<String> =
        counts.iter().map(|(kind, number)| format!("{number} {}", short(*kind, *number))).collect();
    words.join(", ")
}
