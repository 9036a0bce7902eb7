//! Defines [`Snapshot`], the tenant's configuration as the customer exported it, and what the export lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::context::{DeviceProperties, Property};
use super::evidence::Origin;
use super::history::History;
use super::policy::Policy;
use super::recipient::Recipient;

/// The kinds of objects a snapshot can hold. Which of them the evidence holds decides what can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Collection {
    /// Conditional Access policies.
    Policies,
    /// Named locations.
    NamedLocations,
    /// Users.
    Users,
    /// Groups.
    Groups,
    /// Who is in which group.
    GroupMembers,
    /// Directory roles with their members, or role assignments.
    DirectoryRoles,
    /// Service principals.
    ServicePrincipals,
    /// Applications.
    Applications,
    /// Authentication strengths.
    AuthenticationStrengths,
    /// Directory settings, of which "Password Rule Settings" holds the smart lockout.
    DirectorySettings,
    /// The sign-in page's branding, with the stay-signed-in question (portal only, not in Graph).
    Branding,
    /// Token lifetime policies.
    TokenLifetimePolicies,
    /// Security defaults.
    SecurityDefaults,
    /// Domains.
    Domains,
    /// The organisation.
    Organization,
    /// Devices.
    Devices,
    /// Contacts.
    Contacts,
    /// Soft-deleted objects.
    DeletedItems,
    /// A file whose kind is known but which this version does not use.
    Other,
}

impl Collection {
    /// The collection's name as the admin's screen and Graph have it.
    pub fn word(self) -> &'static str {
        match self {
            Collection::Policies => "Conditional Access policies",
            Collection::NamedLocations => "named locations",
            Collection::Users => "users",
            Collection::Groups => "groups",
            Collection::GroupMembers => "group members",
            Collection::DirectoryRoles => "directory roles",
            Collection::ServicePrincipals => "service principals",
            Collection::Applications => "applications",
            Collection::AuthenticationStrengths => "authentication strengths",
            Collection::DirectorySettings => "directory settings",
            Collection::Branding => "sign-in page branding",
            Collection::TokenLifetimePolicies => "token lifetime policies",
            Collection::SecurityDefaults => "security defaults",
            Collection::Domains => "domains",
            Collection::Organization => "organization",
            Collection::Devices => "devices",
            Collection::Contacts => "contacts",
            Collection::DeletedItems => "deleted items",
            Collection::Other => "other settings",
        }
    }
}

/// A list that copies share until one of them is changed: the tenant as it was at another time differs in a policy or two, and a
/// directory may hold hundreds of thousands of users.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared<T>(Arc<Vec<T>>);

impl<T> Default for Shared<T> {
    fn default() -> Shared<T> {
        Shared(Arc::default())
    }
}

impl<T> From<Vec<T>> for Shared<T> {
    fn from(items: Vec<T>) -> Shared<T> {
        Shared(Arc::new(items))
    }
}

impl<T> FromIterator<T> for Shared<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Shared<T> {
        items.into_iter().collect::<Vec<T>>().into()
    }
}

impl<T> Deref for Shared<T> {
    type Target = Vec<T>;
    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        Arc::make_mut(&mut self.0)
    }
}

impl<'a, T> IntoIterator for &'a Shared<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'a, T: Clone> IntoIterator for &'a mut Shared<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        Arc::make_mut(&mut self.0).iter_mut()
    }
}

/// A tenant's configuration at one time, and what is known of others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// The Conditional Access policies, in the order of the evidence.
    pub policies: Vec<Policy>,
    /// The named locations.
    pub named_locations: Vec<NamedLocation>,
    /// The users.
    pub users: Shared<User>,
    /// The groups.
    pub groups: Shared<Group>,
    /// The directory roles and who holds them.
    pub roles: Shared<Role>,
    /// Service principals and applications, which share what this program asks of them.
    pub applications: Shared<Application>,
    /// The registered devices.
    pub devices: Shared<RegisteredDevice>,
    /// The authentication strengths.
    pub authentication_strengths: Vec<AuthenticationStrength>,
    /// Smart lockout and banned passwords; the object exists only after somebody saved the page once.
    pub password_rules: Option<PasswordRules>,
    /// The stay-signed-in question, where the portal's own answer was exported.
    pub branding: Option<Branding>,
    /// The token lifetime policies.
    pub token_lifetime_policies: Vec<TokenLifetimePolicy>,
    /// Whether security defaults are on.
    pub security_defaults: Option<SecurityDefaults>,
    /// The domains.
    pub domains: Vec<Domain>,
    /// What holds addresses, of every export: users, guests, groups and contacts of Entra, deleted ones too, recipients of Exchange
    /// Online, and objects on premises.
    pub recipients: Shared<Recipient>,
    /// The tenant.
    pub organization: Option<Organization>,
    /// What audit logs and older snapshots say of other times.
    pub history: Arc<History>,
    /// When the snapshot was taken, where it says.
    pub taken_at: Option<DateTime<Utc>>,
    /// What the evidence holds, empty collections included. What is not in here is unknown, never empty.
    pub present: BTreeSet<Collection>,
    /// Collections of which something is known to be missing: a page that goes on elsewhere, or an object that could not be read.
    pub incomplete: BTreeSet<Collection>,
    /// Collections that came as single objects, of which nobody says that they are all.
    pub single: BTreeSet<Collection>,
    /// How many objects were read, by collection.
    pub counts: BTreeMap<Collection, usize>,
}

impl Snapshot {
    /// Whether all objects of the collection are here, so that one that is not does not exist.
    pub fn has_all(&self, collection: Collection) -> bool {
        let lacks = |held: &BTreeSet<Collection>| held.contains(&collection);
        self.present.contains(&collection) && !lacks(&self.incomplete) && !lacks(&self.single)
    }

    /// Whether there is no snapshot at all.
    pub fn is_empty(&self) -> bool {
        self.present.is_empty()
    }

    /// The policy of that id. Ids are GUIDs and compare without case.
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.id.eq_ignore_ascii_case(id))
    }

    /// The user of that object id.
    pub fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id.eq_ignore_ascii_case(id))
    }

    /// The group of that id.
    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.id.eq_ignore_ascii_case(id))
    }

    /// The named location of that id.
    pub fn named_location(&self, id: &str) -> Option<&NamedLocation> {
        self.named_locations.iter().find(|location| location.id.eq_ignore_ascii_case(id))
    }

    /// The role of that template id (or, where an export has only it, of that object id).
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.template_id.eq_ignore_ascii_case(id) || role.id.eq_ignore_ascii_case(id))
    }

    /// The application or service principal of that application id.
    pub fn application(&self, app_id: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.app_id.eq_ignore_ascii_case(app_id))
    }

    /// The domain a user principal name belongs to.
    pub fn domain_of(&self, user_principal_name: &str) -> Option<&Domain> {
        let (_, name) = user_principal_name.rsplit_once('@')?;
        self.domains.iter().find(|domain| domain.name.eq_ignore_ascii_case(name))
    }
}

/// A user, member or guest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct User {
    /// The object id.
    pub id: String,
    /// The user principal name.
    pub user_principal_name: String,
    /// The display name.
    pub display_name: Option<String>,
    /// `Member` or `Guest` as the snapshot writes it.
    pub user_type: Option<String>,
    /// Whether the account may sign in.
    pub account_enabled: Option<bool>,
    /// Whether the account is synchronised from on premises.
    pub on_premises_sync_enabled: Option<bool>,
    /// When the password was last changed.
    pub last_password_change: Option<DateTime<Utc>>,
    /// Sessions begun before this instant are revoked.
    pub sessions_valid_from: Option<DateTime<Utc>>,
    /// Whether the evidence lists all groups of the user, the nested ones included.
    pub groups_known: bool,
    /// The provisioning errors that are not resolved: the text of each, with the pointer in the snapshot.
    pub provisioning_errors: Vec<ProvisioningError>,
    /// Where the user stands in the evidence.
    pub origin: Origin,
}

/// An error that a service or the synchronisation left on an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProvisioningError {
    /// The service (`exchange/...`) or, for the directory's own check, the property in conflict.
    pub service: String,
    /// The text or XML as it stands.
    pub detail: String,
    /// When it was noted.
    pub at: Option<DateTime<Utc>>,
    /// Whether it counts as resolved.
    pub resolved: bool,
    /// The pointer relative to the user.
    pub pointer: String,
}

/// A group and its direct members.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// The object id.
    pub id: String,
    /// The name.
    pub display_name: String,
    /// Object ids of direct members (users, groups, devices, service principals).
    pub members: Vec<String>,
    /// Whether the evidence says who is in it. When not, membership is unknown.
    pub members_known: bool,
    /// The rule of a dynamic group.
    pub membership_rule: Option<String>,
    /// Where the group stands in the evidence.
    pub origin: Origin,
}

/// A directory role and who holds it, active at tenant scope.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Role {
    /// The object id of the activated role.
    pub id: String,
    /// The template id, which policies use.
    pub template_id: String,
    /// The name.
    pub display_name: String,
    /// Principals that hold it at tenant scope.
    pub members: Vec<String>,
    /// Principals that hold it only for an administrative unit or an object; they do not count for policies
    /// (entra-docs, Conditional Access users and groups, 2024-05-21).
    pub scoped_members: Vec<String>,
    /// Whether the evidence says who holds it.
    pub members_known: bool,
    /// Whether it is one of the tenant's own; policies count built-in roles only
    /// (entra-docs, Conditional Access users and groups, 2024-05-21).
    pub is_custom: bool,
    /// Where the role stands in the evidence.
    pub origin: Origin,
}

/// A named location.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NamedLocation {
    /// The id.
    pub id: String,
    /// The name.
    pub display_name: String,
    /// What it is made of.
    pub kind: NamedLocationKind,
    /// Whether it is marked as trusted; only IP locations can be.
    pub is_trusted: bool,
    /// When it was last changed.
    pub modified: Option<DateTime<Utc>>,
    /// Where the location stands in the evidence.
    pub origin: Origin,
}

/// What a named location is made of.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum NamedLocationKind {
    /// Address ranges as the snapshot writes them: CIDR, or `lower-upper`.
    Ranges(Vec<String>),
    /// Countries by ISO code.
    Countries {
        /// The codes.
        codes: Vec<String>,
        /// Whether addresses without a known country belong to it.
        include_unknown: bool,
        /// `clientIpAddress` or `authenticatorAppGps`, where the export says.
        lookup: Option<String>,
    },
    /// Traffic through Global Secure Access.
    CompliantNetwork,
    /// A kind this program does not know.
    #[default]
    Unknown,
}

/// An application or service principal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Application {
    /// The object id.
    pub id: String,
    /// The application id, which policies and logs use.
    pub app_id: String,
    /// The name.
    pub display_name: String,
    /// The tenant that owns the application, which tells Microsoft's own and other tenants' from one's own.
    pub owner_tenant: Option<String>,
    /// Whether it is a managed identity, where the export says what kind of service principal it is.
    pub is_managed_identity: Option<bool>,
    /// Whether it is registered as a single-page app, which lives in the browser; nothing where the export does not say.
    pub is_single_page: Option<bool>,
    /// Its custom security attributes as `set_name` in lower case; `None` when the export does not carry them.
    pub custom_attributes: Option<BTreeMap<String, Property>>,
    /// Where it stands in the evidence.
    pub origin: Origin,
}

/// A device that is registered in the directory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RegisteredDevice {
    /// The device id, which logs and filters use (not the object id).
    pub device_id: String,
    /// The name.
    pub display_name: String,
    /// Its properties under the filter language's names.
    pub properties: DeviceProperties,
    /// Where it stands in the evidence.
    pub origin: Origin,
}

/// An authentication strength.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuthenticationStrength {
    /// The id.
    pub id: String,
    /// The name.
    pub display_name: String,
    /// The allowed combinations, each a comma-joined list of methods.
    pub allowed_combinations: Vec<String>,
    /// Where it stands in the evidence.
    pub origin: Origin,
}

/// Smart lockout settings ("Password Rule Settings").
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PasswordRules {
    /// Failed attempts before a lock.
    pub lockout_threshold: Option<u32>,
    /// The minimum length of a lock, in seconds.
    pub lockout_duration_seconds: Option<u32>,
    /// Where it stands in the evidence.
    pub origin: Origin,
}

/// The sign-in page's branding as the portal's own interface returns it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Branding {
    /// Whether the stay-signed-in question is hidden; null in the export means shown.
    pub hide_keep_me_signed_in: Option<bool>,
    /// Where it stands in the evidence.
    pub origin: Origin,
}

/// A token lifetime policy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TokenLifetimePolicy {
    /// The id.
    pub id: String,
    /// The name.
    pub display_name: String,
    /// The definition as it stands, JSON in a string.
    pub definition: String,
    /// Whether it is the organisation's default.
    pub is_organization_default: bool,
    /// Where it stands in the evidence.
    pub origin: Origin,
}

/// Whether security defaults are on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecurityDefaults {
    /// Whether they are on.
    pub is_enabled: bool,
    /// Where it stands in the evidence.
    pub origin: Origin,
}

/// A domain of the tenant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Domain {
    /// The domain's name.
    pub name: String,
    /// `Managed` or `Federated` as the snapshot writes it.
    pub authentication_type: Option<String>,
    /// Whether it is the initial `onmicrosoft.com` domain.
    pub is_initial: bool,
    /// Where it stands in the evidence.
    pub origin: Origin,
}

impl Domain {
    /// Whether sign-ins of this domain go to a federation provider.
    pub fn is_federated(&self) -> bool {
        self.authentication_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("federated"))
    }
}

/// The tenant itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Organization {
    /// The tenant id.
    pub id: String,
    /// The name.
    pub display_name: String,
    /// Where it stands in the evidence.
    pub origin: Origin,
}
