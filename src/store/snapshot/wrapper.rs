//! Reads the wrapper in which one export tool writes a policy: `PolicyConfig` is the policy without its id, `SourcePolicyId` the id.

use crate::domain::json::{Json, escape_pointer};

use super::export::{Export, Foreign};
use super::kinds::{self, Kind, member};
use super::pieces::{Relation, export_date};

/// Reads a wrapped policy; `None` when the document is none.
pub(super) fn read(json: &Json) -> Option<Export> {
    let here = |name: &str| json.members().iter().find(|(held, _)| held.eq_ignore_ascii_case(name));
    let (name, config) = here("policyConfig")?;
    if kinds::told_by_itself(config) != Some(Kind::Policy) {
        return None;
    }
    let mut policy =
        Foreign { json: config.clone(), ..Foreign::new(Kind::Policy, format!("/{}", escape_pointer(name))) };
    if let (None, Some((name, Json::Text(id))), Json::Object(members)) =
        (member(config, "id"), here("sourcePolicyId"), &mut policy.json)
    {
        members.push(("id".to_owned(), Json::Text(id.clone())));
        policy.renames.add("/id", format!("/{}", escape_pointer(name)));
    }
    let mut export = Export {
        word: "policyWrapper",
        format: "Conditional Access policy (in a wrapper)".to_owned(),
        taken_at: export_date(json),
        ..Export::default()
    };
    export.objects.push(policy);
    if let Some((details, assigned)) = here("assignmentDetails") {
        export.objects.extend(groups(assigned, &format!("/{}", escape_pointer(details))));
    }
    Some(export)
}

/// The names that the wrapper gives to the groups of the policy.
fn groups(assigned: &Json, at: &str) -> Vec<Foreign> {
    let lists = assigned.members().iter().filter(|(name, _)| name.to_ascii_lowercase().ends_with("groups"));
    let items = lists.flat_map(|(name, list)| {
        let at = format!("{at}/{}", escape_pointer(name));
        list.items().iter().enumerate().map(move |(index, item)| (item, format!("{at}/{index}")))
    });
    let is_named = |item: &Json| ["id", "displayName"].iter().all(|name| member(item, name).is_some_and(is_text));
    items
        .filter(|(item, _)| is_named(item))
        .map(|(item, at)| Foreign { json: item.clone(), relation: Relation::Aside, ..Foreign::new(Kind::Group, at) })
        .collect()
}

fn is_text(json: &Json) -> bool {
    json.text().is_some()
}
