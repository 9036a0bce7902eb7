//! Defines [`Context`], what the `@odata.context` of a page or object says of its kind.

use crate::domain::json::Json;

use super::kinds::{Kind, UNUSED, Word, is_log_type, member, type_kind, word};

/// What the `@odata.context` of a page or object says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Context {
    /// The kind of the objects.
    pub(super) kind: Option<Kind>,
    /// The group or role whose members they are: the kind and the id.
    pub(super) members_of: Option<(Kind, String)>,
    /// Whether they are rows of a log.
    pub(super) is_log: bool,
}

/// First parts of a context that belong to a tenant's configuration.
const CONFIGURATION: [&str; 19] = [
    "policies",
    "identity",
    "conditionalaccess",
    "identitygovernance",
    "directory",
    "directoryroles",
    "rolemanagement",
    "organization",
    "domains",
    "groups",
    "users",
    "contacts",
    "applications",
    "serviceprincipals",
    "devices",
    "administrativeunits",
    "identityproviders",
    "subscribedskus",
    "oauth2permissiongrants",
];

impl Context {
    /// Reads the context of an object or page; empty when it has none.
    pub(super) fn of(json: &Json) -> Context {
        let context = member(json, "@odata.context").or_else(|| member(json, "odata.context")).and_then(Json::text);
        context.and_then(|text| text.rsplit_once('#')).map(|(_, fragment)| Context::parse(fragment)).unwrap_or_default()
    }

    /// Reads what follows the `#`: a path whose parts may carry keys and lists of properties in parentheses.
    fn parse(fragment: &str) -> Context {
        let fragment = match fragment.strip_prefix("Collection(") {
            Some(inner) => inner.trim_end_matches(')'),
            None => fragment,
        };
        if let Some(name) = fragment.strip_prefix("microsoft.graph.") {
            return Context { kind: type_kind(name), is_log: is_log_type(name), ..Context::default() };
        }
        let mut parts: Vec<(String, String)> = Vec::new();
        let (mut plain, mut inside, mut depth) = (String::new(), String::new(), 0_usize);
        for c in fragment.chars().chain(['/']) {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                '/' if depth == 0 => parts.push((std::mem::take(&mut plain), std::mem::take(&mut inside))),
                c if depth == 0 => plain.push(c.to_ascii_lowercase()),
                c => inside.push(c),
            }
        }
        parts.retain(|(plain, _)| !plain.is_empty() && !plain.starts_with('$'));
        let part = |at: usize| parts.get(at).map_or("", |(plain, _)| plain.as_str());
        let (first, last) = (part(0), part(parts.len().saturating_sub(1)));
        if first == "auditlogs" {
            return Context { is_log: true, ..Context::default() };
        }
        if first == "directory" && part(1) == "deleteditems" || last == "deleteditems" {
            return Context { kind: Some(Kind::Deleted), ..Context::default() };
        }
        let key = parts.first().map(|(_, key)| key.trim_matches('\'').to_owned()).filter(|key| !key.is_empty());
        let owner = match (first, last) {
            ("groups", "members" | "transitivemembers") => Some(Kind::Group),
            ("directoryroles", "members") => Some(Kind::DirectoryRole),
            _ => None,
        };
        if let (Some(owner), Some(key)) = (owner, key) {
            return Context { kind: Some(Kind::DirectoryObject), members_of: Some((owner, key)), ..Context::default() };
        }
        let kind = match word(last) {
            Some(Word { kind: Kind::Policy, is_generic: true }) => {
                let is_conditional_access = parts.iter().any(|(plain, _)| plain == "conditionalaccess");
                Some(if is_conditional_access { Kind::Policy } else { UNUSED })
            }
            // A setting of anything else (`users/settings`, `deviceManagement/settings`) is no directory setting.
            Some(Word { kind: Kind::DirectorySetting, is_generic: true }) if parts.len() > 1 => Some(UNUSED),
            Some(Word { kind: Kind::DirectoryObject, .. }) => Some(Kind::DirectoryObject),
            Some(word) => Some(word.kind),
            None => CONFIGURATION.contains(&first).then_some(UNUSED),
        };
        Context { kind, ..Context::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::snapshot::kinds::ELIGIBLE;

    #[test]
    fn contexts_are_read_with_their_keys_and_property_lists() {
        let kind = |fragment: &str| Context::parse(fragment).kind;
        assert_eq!(kind("identity/conditionalAccess/policies"), Some(Kind::Policy));
        assert_eq!(kind("conditionalAccess/policies/$entity"), Some(Kind::Policy));
        assert_eq!(kind("users(id,displayName,memberOf())/$entity"), Some(Kind::User));
        assert_eq!(kind("groupSettings"), Some(Kind::DirectorySetting));
        assert_eq!(kind("settings"), Some(Kind::DirectorySetting));
        assert_eq!(kind("directory/deletedItems/microsoft.graph.user"), Some(Kind::Deleted));
        assert_eq!(kind("roleManagement/directory/roleAssignments(roleDefinition())"), Some(Kind::RoleAssignment));
        assert_eq!(kind("roleManagement/directory/roleEligibilityScheduleInstances"), Some(ELIGIBLE));
        assert_eq!(kind("Collection(microsoft.graph.directorySetting)"), Some(Kind::DirectorySetting));
        assert_eq!(kind("policies/somethingNew"), Some(UNUSED));
        assert_eq!(kind("chats"), None);
        assert!(Context::parse("auditLogs/signIns").is_log);
        let members = Context::parse("groups('a1b2')/members");
        assert_eq!(members.members_of, Some((Kind::Group, "a1b2".to_owned())));
    }
}
