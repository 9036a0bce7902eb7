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
    /// The date of the copy that was read; nothing where the copy carries none.
    pub date: Option<String>,
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
    name: String,
    #[expect(dead_code, reason = "a test holds the sources to what the file defines")]
    sources: Vec<String>,
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
        let has = |list: &[GroupMember]| list.iter().any(|member| member.id.eq_ignore_ascii_case(id));
        if has(&self.members) {
            Some(true)
        } else if has(&self.outside) {
            Some(false)
        } else {
            name.filter(|name| self.names.iter().any(|known| known.eq_ignore_ascii_case(name))).map(|_| true)
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Method {
    logged: String,
    method: String,
    #[expect(dead_code, reason = "read for the reader of the file")]
    basis: Standing,
    #[expect(dead_code, reason = "a test holds the sources to what the file defines")]
    sources: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RoleName {
    template_id: String,
    name: String,
    #[expect(dead_code, reason = "a test holds the sources to what the file defines")]
    sources: Vec<String>,
}

type Sources = HashMap<String, Source>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationFile {
    #[serde(rename = "sources")]
    _sources: Sources,
    applications: Vec<Named>,
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
    #[serde(rename = "sources")]
    _sources: Sources,
    strengths: Vec<Strength>,
    methods: Vec<Method>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RoleFile {
    #[serde(rename = "sources")]
    _sources: Sources,
    roles: Vec<RoleName>,
    security_defaults_administrators: Vec<String>,
}

// The files are part of the binary and a test reads them, so a fault in one cannot reach a user.
static APPLICATIONS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let file: ApplicationFile =
        serde_json::from_str(include_str!("../../assets/applications.json")).unwrap_or_default();
    file.applications.into_iter().map(|named| (named.id.to_ascii_lowercase(), named.name)).collect()
});
static GROUPS: LazyLock<GroupFile> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/resource_groups.json")).unwrap_or_default());
static DEPENDENCIES: LazyLock<DependencyFile> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/service_dependencies.json")).unwrap_or_default());
static STRENGTHS: LazyLock<StrengthFile> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../assets/authentication_strengths.json")).unwrap_or_default()
});
static ROLES: LazyLock<RoleFile> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/roles.json")).unwrap_or_default());

/// The name of one of Microsoft's own applications, by its application id.
pub fn application_name(id: &str) -> Option<&'static str> {
    APPLICATIONS.get(&id.to_ascii_lowercase()).map(String::as_str)
}

/// The application ids whose names hold all the words, with their names, for people who type a name.
pub fn applications() -> impl Iterator<Item = (&'static str, &'static str)> {
    APPLICATIONS.iter().map(|(id, name)| (id.as_str(), name.as_str()))
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

/// Where a dependency or a membership was read.
pub fn source(key: &str) -> Option<&'static Source> {
    DEPENDENCIES.sources.get(key).or_else(|| GROUPS.sources.get(key))
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

/// The template ids of the roles that security defaults always ask for MFA.
pub fn security_defaults_administrators() -> &'static [String] {
    &ROLES.security_defaults_administrators
}
