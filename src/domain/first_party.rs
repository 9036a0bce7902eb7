//! What is published of Microsoft's own applications, roles and strengths (`assets/*.json`): names, groups of resources,
//! dependencies, built-in strengths, methods as the log words them. Each fact names its source and date.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The tenant that owns Microsoft's own applications (Graph `appOwnerOrganizationId`, as seen in exports).
pub const MICROSOFT_TENANT: &str = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";
/// Microsoft's own company tenant, which owns some of them.
const MICROSOFT_COMPANY: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

/// Whether a tenant is Microsoft's.
pub fn is_microsoft(tenant: &str) -> bool {
    [MICROSOFT_TENANT, MICROSOFT_COMPANY].iter().any(|own| own.eq_ignore_ascii_case(tenant))
}

/// Where a fact was read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The title of the text.
    pub title: String,
    /// Its address.
    pub url: String,
    /// The date of the copy that was read, or the day of reading where it carries none.
    pub date: String,
}

/// How surely an application belongs to a group of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// A page of Microsoft's names the id.
    Documented,
    /// Somebody saw it in a log.
    Observed,
    /// Its name equals a published one.
    Inferred,
}

/// One of Microsoft's own applications.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedApplication {
    /// The application id.
    pub id: String,
    /// The name.
    pub name: String,
    /// Where that was read.
    pub sources: Vec<String>,
}

/// A member of a group of resources.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupMember {
    /// The application id.
    pub id: String,
    /// The name.
    pub name: String,
    /// How surely it belongs, or does not.
    pub basis: Standing,
    /// Where that was read.
    pub sources: Vec<String>,
}

/// A group of resources that policies name by a word.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceGroup {
    /// The word.
    pub word: String,
    /// The name on the admin's screen.
    pub name: String,
    /// Applications that belong to it, of those whose ids could be told.
    pub members: Vec<GroupMember>,
    /// The published names of members, without ids.
    pub names: Vec<String>,
    /// Applications of Microsoft's that do not belong to it.
    pub outside: Vec<GroupMember>,
}

impl ResourceGroup {
    /// Whether an application belongs to the group; nothing where it cannot be told. A name that equals a published one counts.
    pub fn holds(&self, id: &str, name: Option<&str>) -> Option<bool> {
        let of_group = GROUP_OF.get(&self.word);
        match of_group.and_then(|known| known.get(&id.to_ascii_lowercase())) {
            Some(belongs) => Some(*belongs),
            None => name.filter(|name| self.names.iter().any(|known| known.eq_ignore_ascii_case(name))).map(|_| true),
        }
    }
}

/// When a policy of the resource behind an application must be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Binding {
    /// Before the application opens.
    Early,
    /// When the application asks for the resource.
    Late,
}

/// That an application asks for another resource.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Dependency {
    /// The application.
    pub application: String,
    /// Its ids, as a client and as a resource.
    pub application_ids: Vec<String>,
    /// The resource behind it.
    pub resource: String,
    /// The resource's ids.
    pub resource_ids: Vec<String>,
    /// When its policies must be met.
    pub binding: Binding,
    /// Where that was read.
    pub sources: Vec<String>,
}

/// A built-in authentication strength.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Strength {
    /// The id, the same in every tenant.
    pub id: String,
    /// The name.
    pub name: String,
    /// The allowed combinations, each a comma-joined list of methods.
    pub allowed_combinations: Vec<String>,
    /// Where that was read.
    pub sources: Vec<String>,
}

/// What a word of the log for an authentication method can stand for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedMethod {
    /// The log's word.
    pub logged: String,
    /// Graph's word for the method.
    pub method: String,
    /// How surely it stands for it.
    pub basis: Standing,
    /// Where that was read.
    pub sources: Vec<String>,
}

/// A built-in role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BuiltInRole {
    /// The template id, which policies use.
    pub template_id: String,
    /// The name.
    pub name: String,
    /// Where that was read.
    pub sources: Vec<String>,
}

type Sources = HashMap<String, Source>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationFile {
    sources: Sources,
    applications: Vec<PublishedApplication>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFile {
    sources: Sources,
    groups: Vec<ResourceGroup>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DependencyFile {
    sources: Sources,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StrengthFile {
    sources: Sources,
    strengths: Vec<Strength>,
    methods: Vec<LoggedMethod>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RoleFile {
    sources: Sources,
    roles: Vec<BuiltInRole>,
    security_defaults_administrators: Vec<String>,
}

// The files are part of the binary and a test reads them, so a fault in one cannot reach a user.
static APPLICATIONS: LazyLock<ApplicationFile> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/applications.json")).unwrap_or_default());
static APPLICATION_AT: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    let ids = APPLICATIONS.applications.iter().map(|application| application.id.to_ascii_lowercase());
    ids.zip(0..).collect()
});
static GROUPS: LazyLock<GroupFile> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/resource_groups.json")).unwrap_or_default());
/// By the word of a group, the ids of which it is known whether they belong to it.
static GROUP_OF: LazyLock<HashMap<String, HashMap<String, bool>>> = LazyLock::new(|| {
    let known = |list: &[GroupMember], belongs: bool| -> Vec<(String, bool)> {
        list.iter().map(|member| (member.id.to_ascii_lowercase(), belongs)).collect()
    };
    let of =
        |group: &ResourceGroup| known(&group.outside, false).into_iter().chain(known(&group.members, true)).collect();
    GROUPS.groups.iter().map(|group| (group.word.clone(), of(group))).collect()
});
static DEPENDENCIES: LazyLock<DependencyFile> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/service_dependencies.json")).unwrap_or_default());
static STRENGTHS: LazyLock<StrengthFile> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../assets/authentication_strengths.json")).unwrap_or_default()
});
static ROLES: LazyLock<RoleFile> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/roles.json")).unwrap_or_default());

/// The name of one of Microsoft's own applications, by its application id.
pub fn application_name(id: &str) -> Option<&'static str> {
    let at = APPLICATION_AT.get(&id.to_ascii_lowercase())?;
    APPLICATIONS.applications.get(*at).map(|application| application.name.as_str())
}

/// All of Microsoft's own applications that are published with their ids.
pub fn applications() -> &'static [PublishedApplication] {
    &APPLICATIONS.applications
}

/// The group of resources that a word stands for.
pub fn resource_group(word: &str) -> Option<&'static ResourceGroup> {
    GROUPS.groups.iter().find(|group| group.word == word)
}

/// What the application of that id asks for on its users' behalf.
pub fn dependencies_of(id: &str) -> impl Iterator<Item = &'static Dependency> {
    let all = DEPENDENCIES.dependencies.iter();
    all.filter(move |found| found.application_ids.iter().any(|own| own.eq_ignore_ascii_case(id)))
}

/// Where a fact of any of the files was read, by its key.
pub fn source(key: &str) -> Option<&'static Source> {
    let files = [&APPLICATIONS.sources, &GROUPS.sources, &DEPENDENCIES.sources, &STRENGTHS.sources, &ROLES.sources];
    files.into_iter().find_map(|sources| sources.get(key))
}

/// The built-in strength of that id.
pub fn strength(id: &str) -> Option<&'static Strength> {
    STRENGTHS.strengths.iter().find(|strength| strength.id.eq_ignore_ascii_case(id))
}

/// The methods that a word of the log for an authentication method can stand for; none for a word this program does not know.
pub fn methods(logged: &str) -> Vec<&'static str> {
    let fits = STRENGTHS.methods.iter().filter(|method| method.logged.eq_ignore_ascii_case(logged.trim()));
    fits.map(|method| method.method.as_str()).collect()
}

/// The name of a built-in role, by its template id.
pub fn role_name(template_id: &str) -> Option<&'static str> {
    ROLES.roles.iter().find(|role| role.template_id.eq_ignore_ascii_case(template_id)).map(|role| role.name.as_str())
}

/// All built-in roles that are published with their template ids.
pub fn roles() -> &'static [BuiltInRole] {
    &ROLES.roles
}

/// The built-in strength of that name.
pub fn strength_named(name: &str) -> Option<&'static Strength> {
    STRENGTHS.strengths.iter().find(|strength| strength.name.eq_ignore_ascii_case(name))
}

/// The template ids of the roles that security defaults always ask for MFA.
pub fn security_defaults_administrators() -> &'static [String] {
    &ROLES.security_defaults_administrators
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_guid(id: &str) -> bool {
        id.len() == 36 && id.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c) || c == '-')
    }

    #[test]
    fn the_files_are_read_whole_and_every_fact_has_a_source() {
        let groups = &GROUPS.groups;
        let members = groups.iter().flat_map(|group| group.members.iter().chain(&group.outside));
        assert!(applications().len() > 200 && groups.len() == 2 && DEPENDENCIES.dependencies.len() > 20);
        assert!(STRENGTHS.strengths.len() == 3 && STRENGTHS.methods.len() > 15 && ROLES.roles.len() > 100);
        let sources = applications()
            .iter()
            .map(|application| &application.sources)
            .chain(members.clone().map(|member| &member.sources))
            .chain(DEPENDENCIES.dependencies.iter().map(|dependency| &dependency.sources))
            .chain(STRENGTHS.strengths.iter().map(|strength| &strength.sources))
            .chain(STRENGTHS.methods.iter().map(|method| &method.sources))
            .chain(ROLES.roles.iter().map(|role| &role.sources));
        for keys in sources {
            assert!(!keys.is_empty());
            for key in keys {
                let source = source(key).unwrap_or_else(|| panic!("no source {key}"));
                assert!(!source.title.is_empty() && source.url.starts_with("https://"), "{key}");
                assert!(source.date.len() == 10, "{key}");
            }
        }
        let ids = applications().iter().map(|application| &application.id).chain(members.map(|member| &member.id));
        assert!(ids.chain(security_defaults_administrators()).all(|id| is_guid(id)));
    }

    #[test]
    fn nothing_is_both_in_a_group_and_outside() {
        for group in &GROUPS.groups {
            for member in &group.members {
                assert_eq!(group.holds(&member.id.to_uppercase(), None), Some(true), "{}", member.name);
                assert!(!group.outside.iter().any(|other| other.id == member.id), "{}", member.name);
            }
        }
    }
}
