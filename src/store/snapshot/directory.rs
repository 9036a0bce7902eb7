//! Reads users, groups, directory roles and applications, and joins who is in what.
//!
//! Exports keep members apart from groups, and assignments apart from roles, in any order; all joins therefore wait
//! until the whole evidence is read. What is not in the evidence stays unknown.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::Origin;
use crate::domain::json::Json;
use crate::domain::snapshot::{Application, Group, ProvisioningError, RegisteredDevice, Role, User};
use crate::store::dates::read_date;

use super::kinds::{Kind, member, told_by_itself};
use super::members::{Held, Inline, Members, member_id};
use super::named_members::{NamedMembers, Row, Written};
use super::names::Said;
use super::object::{Object, display_name, id};
use super::properties;
use super::table::Table;

/// The members of a user that are read.
const USER: [&str; 16] = [
    "id",
    "objectId",
    "userPrincipalName",
    "displayName",
    "userType",
    "accountEnabled",
    "onPremisesSyncEnabled",
    "dirSyncEnabled",
    "lastPasswordChangeDateTime",
    "signInSessionsValidFromDateTime",
    "refreshTokensValidFromDateTime",
    "onPremisesProvisioningErrors",
    "serviceProvisioningErrors",
    "provisioningErrors",
    "memberOf",
    "transitiveMemberOf",
];
/// The members of a group, role or application that are read from their spelt form.
const NAMED: [&str; 13] = [
    "id",
    "objectId",
    "displayName",
    "membershipRule",
    "roleTemplateId",
    "appId",
    "templateId",
    "appDisplayName",
    "isBuiltIn",
    "appOwnerOrganizationId",
    "appOwnerTenantId",
    "customSecurityAttributes",
    "servicePrincipalType",
];
/// The names under which groups and roles list their members.
const MEMBERS: [&str; 5] = ["members", "members@delta", "transitiveMembers", "memberIds", "membersIds"];

/// An active role assignment.
#[derive(Debug)]
struct Assignment {
    definition: String,
    principal: String,
    is_scoped: bool,
    origin: Origin,
}

/// What a role definition adds to assignments.
#[derive(Debug)]
struct Definition {
    template: String,
    name: String,
    is_custom: bool,
}

/// The objects of the directory.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) users: Table<User>,
    groups: Table<Group>,
    roles: Table<Role>,
    pub(super) applications: Table<Application>,
    devices: Table<RegisteredDevice>,
    group_members: Members,
    named_members: NamedMembers,
    role_members: Members,
    scoped_members: Members,
    assignments: Vec<Assignment>,
    assignment_pages: (u32, u32),
    lost_assignments: bool,
    definitions: HashMap<String, Definition>,
}

/// The directory with its joins made.
#[derive(Debug, Default)]
pub(super) struct Joined {
    pub(super) users: Vec<User>,
    pub(super) groups: Vec<Group>,
    pub(super) roles: Vec<Role>,
    pub(super) applications: Vec<Application>,
    pub(super) devices: Vec<RegisteredDevice>,
    pub(super) memberships: usize,
    pub(super) knows_memberships: bool,
}

/// An object that is being read: where it stands and what is wrong with it.
pub(super) struct Reading<'a, 'b> {
    /// The file.
    pub(super) file: &'b Arc<str>,
    /// The object as the file has it.
    pub(super) json: &'a Json,
    /// Its pointer in the file.
    pub(super) pointer: &'b str,
    /// Whether it was seen only as a member of something.
    pub(super) is_passing: bool,
    /// What is doubtful about it.
    pub(super) warnings: &'b mut Vec<String>,
}

impl Directory {
    /// Reads a user.
    pub(super) fn read_user(&mut self, reading: &mut Reading<'_, '_>) -> Result<(), String> {
        let Object { json, origin } = Object::open_for(reading.file, reading.json, reading.pointer, &USER);
        let id = id(&json)?;
        if reading.is_passing && self.users.has(&id) {
            return Ok(());
        }
        for name in ["memberOf", "transitiveMemberOf"] {
            for owner in json.get(name).items() {
                self.note_membership(owner, &id, reading.file);
            }
        }
        let date = |name: &str| json.get(name).text().and_then(read_date);
        let text = |name: &str| json.get(name).text().map(str::to_owned);
        let user = User {
            user_principal_name: text("userPrincipalName").unwrap_or_default(),
            display_name: text("displayName"),
            user_type: text("userType"),
            account_enabled: json.get("accountEnabled").bool(),
            on_premises_sync_enabled: json.get("onPremisesSyncEnabled").bool().or(json.get("dirSyncEnabled").bool()),
            last_password_change: date("lastPasswordChangeDateTime"),
            sessions_valid_from: date("signInSessionsValidFromDateTime")
                .or_else(|| date("refreshTokensValidFromDateTime")),
            provisioning_errors: provisioning_errors(&json),
            groups_known: lists_all(&json, "transitiveMemberOf"),
            id,
            origin,
        };
        self.users.add(&user.id.clone(), user, reading.is_passing);
        Ok(())
    }

    /// Notes what a user's own list of groups and roles says.
    fn note_membership(&mut self, owner: &Json, user: &str, file: &Arc<str>) {
        let Some(owner_id) = member_id(owner) else { return };
        let is_role = owner.get("@odata.type").text().is_some_and(|name| name.ends_with("directoryRole"))
            || owner.has("roleTemplateId");
        let is_unit = owner.get("@odata.type").text().is_some_and(|name| name.ends_with("administrativeUnit"));
        if is_unit {
            return;
        }
        let members = if is_role { &mut self.role_members } else { &mut self.group_members };
        members.add(owner_id, user, file);
        if let Some(name) = owner.get("displayName").text() {
            members.call(owner_id, name, file);
        }
    }

    /// Reads a group with the members that stand inside it.
    pub(super) fn read_group(&mut self, reading: &mut Reading<'_, '_>) -> Result<(), String> {
        let Object { json, origin } = Object::open_for(reading.file, reading.json, reading.pointer, &NAMED);
        let id = id(&json)?;
        let display_name = display_name(&json, &id);
        if let Some(inline) = Inline::read(reading.json, &MEMBERS) {
            self.read_inline(reading, Kind::Group, &id, &display_name, inline);
        }
        let membership_rule = json.get("membershipRule").text().map(str::to_owned);
        let group = Group { id: id.clone(), display_name, membership_rule, origin, ..Group::default() };
        self.groups.add(&id, group, reading.is_passing);
        Ok(())
    }

    /// Reads a directory role with the members that stand inside it.
    pub(super) fn read_role(&mut self, reading: &mut Reading<'_, '_>) -> Result<(), String> {
        let Object { json, origin } = Object::open_for(reading.file, reading.json, reading.pointer, &NAMED);
        let template_id = json.get("roleTemplateId").text().or(json.get("templateId").text());
        let id = match (id(&json), template_id) {
            (Ok(id), _) => id,
            (Err(_), Some(template_id)) => template_id.to_owned(),
            (Err(reason), None) => return Err(reason),
        };
        let template_id = template_id.unwrap_or(&id).to_owned();
        let display_name = display_name(&json, &id);
        if let Some(inline) = Inline::read(reading.json, &MEMBERS) {
            self.read_inline(reading, Kind::DirectoryRole, &id, &display_name, inline);
        }
        for scoped in member(reading.json, "scopedMembers").map_or(&[][..], Json::items) {
            if let Some(principal) = scoped_principal(scoped) {
                self.scoped_members.add(&id, principal, reading.file);
            }
        }
        let role = Role { id: id.clone(), template_id, display_name, origin, ..Role::default() };
        self.roles.add(&id, role, reading.is_passing);
        Ok(())
    }

    /// Takes the members that stand inside a group or role; those that are objects are read as what they are.
    fn read_inline(
        &mut self,
        reading: &mut Reading<'_, '_>,
        owner: Kind,
        owner_id: &str,
        owner_name: &str,
        inline: Inline<'_>,
    ) {
        let members = if owner == Kind::Group { &mut self.group_members } else { &mut self.role_members };
        members.list(owner_id, inline.is_open, reading.file);
        for member in &inline.ids {
            members.add(owner_id, member, reading.file);
        }
        if let Some(problem) = inline.problem {
            reading.warnings.push(format!("`{owner_name}`: {problem}"));
        }
        for (pointer, json) in inline.objects {
            let pointer = format!("{}{pointer}", reading.pointer);
            let warnings = &mut *reading.warnings;
            let mut inner = Reading { file: reading.file, json, pointer: &pointer, is_passing: true, warnings };
            // A nested group that is not kept would look like a user, and its members like nobody's.
            let read = match told_by_itself(json) {
                Some(Kind::User) => self.read_user(&mut inner),
                Some(Kind::Group) => self.read_group(&mut inner),
                _ => Ok(()),
            };
            if let Err(reason) = read {
                reading.warnings.push(format!("`{owner_name}`: {reason}"));
            }
        }
    }

    /// Reads a row that says who is in which group: one member or a list of them.
    pub(super) fn read_membership(&mut self, reading: &mut Reading<'_, '_>) -> Result<(), String> {
        let named = |names: &[&str]| names.iter().find_map(|name| member(reading.json, name).and_then(Json::text));
        let by_name = [named(&["groupName"]), named(&["memberName"])].iter().any(Option::is_some);
        let lists_all = member(reading.json, "listsAll").and_then(Json::bool);
        self.note_names(reading);
        if by_name || lists_all.is_some() {
            let by_id = named(&["groupId"]).map(|id| Written::Id(id.to_owned()));
            let group = by_id.or_else(|| named(&["groupName"]).map(Written::name)).ok_or("it names no group")?;
            let name = named(&["memberName"]).map(Written::name);
            let member = name.or_else(|| named(&["memberId"]).map(|id| Written::Id(id.to_owned())));
            // Rows that stand for themselves do not tell whether they are all; others are listed by a row of their own.
            let lists_all = lists_all.or_else(|| (!reading.is_passing).then_some(false));
            self.named_members.add(Row { group, member, lists_all, file: Arc::clone(reading.file) });
            return Ok(());
        }
        let group = named(&["groupId", "group", "id"]).ok_or("it has no `groupId`")?;
        if let Some(inline) = Inline::read(reading.json, &MEMBERS) {
            let group = group.to_owned();
            self.read_inline(reading, Kind::Group, &group, &group, inline);
            return Ok(());
        }
        let one = named(&["memberId", "userId", "principalId", "member"]).ok_or("it names no member")?;
        self.group_members.add(group, one, reading.file);
        // One row after the other does not tell whether they are all.
        self.group_members.list(group, true, reading.file);
        Ok(())
    }

    /// Takes the names that a row has beside the ids. A principal name tells that the member is a user. That matters where the list
    /// is whole: else nothing is concluded from it, and a few users must not pass for the users of the tenant.
    fn note_names(&mut self, reading: &Reading<'_, '_>) {
        let text = |name: &str| member(reading.json, name).and_then(Json::text);
        if let (Some(group), Some(name)) = (text("groupId"), text("groupDisplayName")) {
            self.group_members.call(group, name, reading.file);
        }
        let principal = text("userPrincipalName").filter(|name| name.contains('@'));
        let (Some(id), Some(principal), Some(true)) =
            (text("memberId"), principal, member(reading.json, "listsAll").and_then(Json::bool))
        else {
            return;
        };
        let Object { origin, .. } = Object::open_for(reading.file, reading.json, reading.pointer, &USER);
        let user = User {
            id: id.to_owned(),
            user_principal_name: principal.to_owned(),
            display_name: text("memberDisplayName").map(str::to_owned),
            origin,
            ..User::default()
        };
        self.users.add(id, user, true);
    }

    /// Reads an active role assignment.
    pub(super) fn read_assignment(&mut self, reading: &mut Reading<'_, '_>) -> Result<(), String> {
        let names = ["id", "principalId", "roleDefinitionId", "directoryScopeId", "appScopeId", "roleDefinition"];
        let Object { json, origin } = Object::open_for(reading.file, reading.json, reading.pointer, &names);
        let text = |name: &str| json.get(name).text();
        let principal = text("principalId").ok_or("it has no `principalId`")?.to_owned();
        let definition = text("roleDefinitionId").ok_or("it has no `roleDefinitionId`")?.to_owned();
        let expanded = json.get("roleDefinition");
        if let Some(name) = expanded.get("displayName").text() {
            let template = expanded.get("templateId").text().unwrap_or(&definition).to_owned();
            let key = definition.to_ascii_lowercase();
            let is_custom = expanded.get("isBuiltIn").bool() == Some(false);
            self.definitions.entry(key).or_insert(Definition { template, name: name.to_owned(), is_custom });
        }
        // A scope that an export leaves out is the tenant, Graph's default; an application's own scope is no directory
        // scope.
        let is_scoped = text("directoryScopeId").is_some_and(|scope| scope != "/")
            || text("directoryScopeId").is_none() && text("appScopeId").is_some_and(|scope| scope != "/");
        self.assignments.push(Assignment { definition, principal, is_scoped, origin });
        Ok(())
    }

    /// Reads a role definition, which says what assignments only point at.
    pub(super) fn read_definition(&mut self, reading: &mut Reading<'_, '_>) -> Result<(), String> {
        let Object { json, .. } = Object::open_for(reading.file, reading.json, reading.pointer, &NAMED);
        let id = id(&json)?;
        let template = json.get("templateId").text().unwrap_or(&id).to_owned();
        let name = display_name(&json, &id);
        let is_custom = json.get("isBuiltIn").bool() == Some(false);
        self.definitions.insert(id.to_ascii_lowercase(), Definition { template, name, is_custom });
        Ok(())
    }

    /// Reads somebody who holds a role for an administrative unit only.
    pub(super) fn read_scoped_member(
        &mut self,
        reading: &mut Reading<'_, '_>,
        role: Option<&str>,
    ) -> Result<(), String> {
        let role = member(reading.json, "roleId").and_then(Json::text).or(role).ok_or("it has no `roleId`")?;
        let principal = scoped_principal(reading.json).ok_or("it does not say who holds the role")?;
        self.scoped_members.add(role, principal, reading.file);
        Ok(())
    }

    /// Reads a service principal or an application.
    pub(super) fn read_application(&mut self, reading: &mut Reading<'_, '_>) -> Result<(), String> {
        let Object { json, origin } = Object::open_for(reading.file, reading.json, reading.pointer, &NAMED);
        let app_id = json.get("appId").text();
        let id = match (id(&json), app_id) {
            (Ok(id), _) => id,
            (Err(_), Some(app_id)) => app_id.to_owned(),
            (Err(reason), None) => return Err(reason),
        };
        let display_name =
            json.get("displayName").text().or(json.get("appDisplayName").text()).unwrap_or(&id).to_owned();
        let app_id = app_id.unwrap_or_default().to_owned();
        let owner = json.get("appOwnerOrganizationId").text().or(json.get("appOwnerTenantId").text());
        let owner_tenant = owner.map(str::to_owned);
        let attributes = json.get("customSecurityAttributes");
        let custom_attributes =
            json.has("customSecurityAttributes").then(|| properties::custom_security_attributes(attributes));
        let kind = json.get("servicePrincipalType").text();
        let is_managed_identity = kind.map(|kind| kind.eq_ignore_ascii_case("ManagedIdentity"));
        let has_addresses = |kind: &str| !json.get(kind).get("redirectUris").items().is_empty();
        let is_single_page = json.has("spa").then(|| has_addresses("spa") && !has_addresses("web"));
        let application = Application {
            id,
            app_id,
            display_name,
            owner_tenant,
            is_managed_identity,
            is_single_page,
            custom_attributes,
            origin,
        };
        self.applications.add(&application.id.clone(), application, reading.is_passing);
        Ok(())
    }

    /// Reads a registered device.
    pub(super) fn read_device(&mut self, reading: &mut Reading<'_, '_>) -> Result<(), String> {
        let Object { json, origin } =
            Object::open_for(reading.file, reading.json, reading.pointer, &properties::OF_DEVICE);
        let id = id(&json)?;
        let display_name = display_name(&json, &id);
        // Without its device id no log can mean it.
        let device_id = json.get("deviceId").text().ok_or("it has no `deviceId`")?.to_owned();
        let properties = properties::of_device(&json);
        let device = RegisteredDevice { device_id, display_name, properties, origin };
        self.devices.add(&id, device, reading.is_passing);
        Ok(())
    }

    /// Takes over what another directory holds, which is newer.
    pub(super) fn absorb(&mut self, other: Directory) {
        self.users.absorb(other.users);
        self.groups.absorb(other.groups);
        self.roles.absorb(other.roles);
        self.applications.absorb(other.applications);
        self.devices.absorb(other.devices);
        self.group_members.absorb(other.group_members);
        self.named_members.absorb(other.named_members);
        self.role_members.absorb(other.role_members);
        self.scoped_members.absorb(other.scoped_members);
        self.assignments.extend(other.assignments);
        let (open, closed) = other.assignment_pages;
        self.assignment_pages = (self.assignment_pages.0 + open, self.assignment_pages.1 + closed);
        self.lost_assignments |= other.lost_assignments;
        self.definitions.extend(other.definitions);
    }

    /// Notes a member that its place in the evidence names.
    pub(super) fn add_group_member(&mut self, group: &str, member: &str, file: &Arc<str>) {
        self.group_members.add(group, member, file);
    }

    /// Notes that the evidence lists a group's members.
    pub(super) fn list_group_members(&mut self, group: &str, is_open: bool, file: &Arc<str>) {
        self.group_members.list(group, is_open, file);
    }

    /// Notes a holder of a role that its place in the evidence names.
    pub(super) fn add_role_member(&mut self, role: &str, member: &str, file: &Arc<str>) {
        self.role_members.add(role, member, file);
    }

    /// Notes that the evidence lists who holds a role.
    pub(super) fn list_role_members(&mut self, role: &str, is_open: bool, file: &Arc<str>) {
        self.role_members.list(role, is_open, file);
    }

    /// Notes that the evidence has the role assignments.
    pub(super) fn list_assignments(&mut self, is_open: bool) {
        let (open, closed) = self.assignment_pages;
        self.assignment_pages = if is_open { (open + 1, closed) } else { (open, closed + 1) };
    }

    /// Notes that an assignment could not be read, which may have been anybody's.
    pub(super) fn lose_assignments(&mut self) {
        self.lost_assignments = true;
    }

    /// Makes the joins. `wanted_roles` are the template ids that policies name: where all assignments are known, one
    /// that nobody holds is known to be held by nobody.
    pub(super) fn join<'a>(mut self, wanted_roles: impl Iterator<Item = &'a str>, said: &mut Vec<Said>) -> Joined {
        std::mem::take(&mut self.named_members).join(&self.users, &self.groups, &mut self.group_members, said);
        let knows_memberships = !self.group_members.is_empty();
        let memberships = self.group_members.count();
        let mut joined = Joined {
            roles: self.join_roles(wanted_roles),
            users: self.users.into_objects(),
            groups: self.groups.into_objects(),
            applications: self.applications.into_objects(),
            devices: self.devices.into_objects(),
            memberships,
            knows_memberships,
        };
        for group in &mut joined.groups {
            if let Some(held) = self.group_members.take(&group.id) {
                (group.members, group.members_known) = held.settle();
            }
        }
        joined.groups.extend(self.group_members.rest().into_iter().map(|held| {
            let (id, display_name, origin) = nameless(&held);
            let (members, members_known) = held.settle();
            Group { id, display_name, members, members_known, origin, ..Group::default() }
        }));
        joined
    }

    fn join_roles<'a>(&mut self, wanted: impl Iterator<Item = &'a str>) -> Vec<Role> {
        let mut roles = std::mem::take(&mut self.roles).into_objects();
        for role in &mut roles {
            let held = self.role_members.take(&role.id).or_else(|| self.role_members.take(&role.template_id));
            if let Some(held) = held {
                (role.members, role.members_known) = held.settle();
            }
            let scoped = self.scoped_members.take(&role.id).or_else(|| self.scoped_members.take(&role.template_id));
            role.scoped_members = scoped.map(|held| held.settle().0).unwrap_or_default();
        }
        roles.extend(std::mem::take(&mut self.role_members).rest().into_iter().map(|held| {
            let (id, display_name, origin) = nameless(&held);
            let scoped = self.scoped_members.take(&id).map(|held| held.settle().0).unwrap_or_default();
            let (members, members_known) = held.settle();
            let template_id = id.clone();
            Role {
                id,
                template_id,
                display_name,
                members,
                scoped_members: scoped,
                members_known,
                is_custom: false,
                origin,
            }
        }));
        self.assign(&mut roles, wanted);
        roles
    }

    fn assign<'a>(&mut self, roles: &mut Vec<Role>, wanted: impl Iterator<Item = &'a str>) {
        let mut at: HashMap<String, usize> = HashMap::new();
        for (index, role) in roles.iter().enumerate() {
            at.entry(role.template_id.to_ascii_lowercase()).or_insert(index);
            at.entry(role.id.to_ascii_lowercase()).or_insert(index);
        }
        let definitions = &self.definitions;
        let mut place = |roles: &mut Vec<Role>, id: &str, origin: &Origin| -> usize {
            let definition = definitions.get(&id.to_ascii_lowercase());
            let template = definition.map_or(id, |definition| definition.template.as_str());
            *at.entry(template.to_ascii_lowercase()).or_insert_with(|| {
                roles.push(Role {
                    id: id.to_owned(),
                    template_id: template.to_owned(),
                    display_name: definition.map_or(id, |definition| definition.name.as_str()).to_owned(),
                    is_custom: definition.is_some_and(|definition| definition.is_custom),
                    origin: origin.clone(),
                    ..Role::default()
                });
                roles.len() - 1
            })
        };
        let (_, closed) = self.assignment_pages;
        let is_complete = closed > 0 && !self.lost_assignments;
        let mut first = Origin::default();
        for Assignment { definition, principal, is_scoped, origin } in std::mem::take(&mut self.assignments) {
            let index = place(roles, &definition, &origin);
            if let Some(role) = roles.get_mut(index) {
                let list = if is_scoped { &mut role.scoped_members } else { &mut role.members };
                list.push(principal);
            }
            if first.file.is_empty() {
                first = Origin { file: origin.file, ..Origin::default() };
            }
        }
        if is_complete {
            for template in wanted {
                place(roles, template, &first);
            }
        }
        for role in roles {
            role.members_known |= is_complete;
            let mut seen = std::collections::HashSet::new();
            role.members.retain(|id| seen.insert(id.to_ascii_lowercase()));
            seen.clear();
            role.scoped_members.retain(|id| seen.insert(id.to_ascii_lowercase()));
        }
    }
}

/// Whether a list that stands in an object is all there is: `$expand` cuts it at twenty without a word.
fn lists_all(json: &Json, name: &str) -> bool {
    let has_more = json.has(&format!("{name}@odata.nextLink"));
    let is_whole = |items: &[Json]| items.len() < 20 && items.iter().all(|item| member_id(item).is_some());
    matches!(json.get(name), Json::List(items) if is_whole(items)) && !has_more
}

/// What can be said of a group or role of which the evidence has only members.
fn nameless(held: &Held) -> (String, String, Origin) {
    let name = held.name.clone().unwrap_or_else(|| held.id.clone());
    (held.id.clone(), name, Origin { file: Arc::clone(&held.file), ..Origin::default() })
}

fn scoped_principal(json: &Json) -> Option<&str> {
    member(json, "roleMemberInfo").and_then(member_id).or_else(|| member(json, "principalId").and_then(Json::text))
}

/// The errors on a user, of the directory's own check and of services, with PowerShell's old name for the latter.
fn provisioning_errors(user: &Json) -> Vec<ProvisioningError> {
    let mut errors = Vec::new();
    for name in ["onPremisesProvisioningErrors", "serviceProvisioningErrors", "provisioningErrors"] {
        let value = user.get(name);
        let items: Vec<(String, &Json)> = match value {
            Json::List(items) => {
                items.iter().enumerate().map(|(index, item)| (format!("/{name}/{index}"), item)).collect()
            }
            single => vec![(format!("/{name}"), single)],
        };
        for (pointer, item) in items {
            if item.says_nothing() {
                continue;
            }
            let text = |names: &[&str]| names.iter().find_map(|name| item.get(name).text()).map(str::to_owned);
            let detail = text(&["errorDetail", "value"]).or_else(|| item.text().map(str::to_owned));
            errors.push(ProvisioningError {
                service: text(&["serviceInstance", "service", "propertyCausingError"]).unwrap_or_default(),
                detail: detail.unwrap_or_default(),
                at: text(&["createdDateTime", "occurredDateTime", "timestamp"]).as_deref().and_then(read_date),
                resolved: item.get("isResolved").bool().or(item.get("resolved").bool()).unwrap_or(false),
                pointer,
            });
        }
    }
    errors
}

#[cfg(test)]
mod tests {

    use super::*;

    /// Reads objects with one reader and joins the directory.
    fn joined(
        read: impl Fn(&mut Directory, &mut Reading<'_, '_>) -> Result<(), String>,
        objects: &[&str],
    ) -> (Joined, Vec<String>) {
        let (mut directory, mut warnings) = (Directory::default(), Vec::new());
        let file: Arc<str> = Arc::from("tenant.json");
        for text in objects {
            let json: Json = serde_json::from_str(text).unwrap();
            let warnings = &mut warnings;
            let mut reading = Reading { file: &file, json: &json, pointer: "", is_passing: false, warnings };
            read(&mut directory, &mut reading).unwrap();
        }
        // The objects are a list that ends.
        directory.list_assignments(false);
        (directory.join(std::iter::empty(), &mut Vec::new()), warnings)
    }

    #[test]
    fn rows_of_memberships_come_one_by_one_or_as_lists() {
        let rows = [
            r#"{"groupId":"g1","memberId":"a"}"#,
            r#"{"groupId":"G1","memberId":"b"}"#,
            r#"{"groupId":"g2","members":["a","A"]}"#,
        ];
        let (joined, _) = joined(Directory::read_membership, &rows);
        let members: Vec<(&str, usize, bool)> =
            joined.groups.iter().map(|group| (group.id.as_str(), group.members.len(), group.members_known)).collect();
        assert_eq!(members, [("g1", 2, false), ("g2", 1, true)]);
    }

    #[test]
    fn an_assignment_without_a_scope_is_for_the_tenant() {
        let rows = [
            r#"{"principalId":"a","roleDefinitionId":"r","directoryScopeId":null}"#,
            r#"{"principalId":"b","roleDefinitionId":"r","directoryScopeId":"/applications/x"}"#,
            r#"{"principalId":"c","roleDefinitionId":"r","appScopeId":"/x"}"#,
            r#"{"principalId":"a","roleDefinitionId":"R","roleDefinition":{"displayName":"Reader","templateId":"t"}}"#,
        ];
        let (joined, _) = joined(Directory::read_assignment, &rows);
        let role = joined.roles.first().unwrap();
        assert_eq!((role.template_id.as_str(), role.display_name.as_str()), ("t", "Reader"));
        assert_eq!(
            (role.members.as_slice(), role.scoped_members.as_slice()),
            (&["a".to_owned()][..], &["b".to_owned(), "c".to_owned()][..])
        );
        assert!(role.members_known);
    }

    #[test]
    fn errors_of_the_old_module_are_read() {
        let user = r#"{"ObjectId":"u","UserPrincipalName":"ana@contoso.com","DirSyncEnabled":true,"ProvisioningErrors":
            [{"ErrorDetail":"<x/>","Resolved":false,"Service":"exchange","Timestamp":"2021-06-14T15:02:39Z"}]}"#;
        let (joined, _) = joined(Directory::read_user, &[user]);
        let ana = joined.users.first().unwrap();
        assert_eq!((ana.id.as_str(), ana.on_premises_sync_enabled), ("u", Some(true)));
        let error = ana.provisioning_errors.first().unwrap();
        assert_eq!((error.service.as_str(), error.detail.as_str(), error.resolved), ("exchange", "<x/>", false));
        assert!(error.at.is_some());
        let evidence = ana.origin.evidence("error", &error.pointer, "");
        assert_eq!(evidence.pointer, "/ProvisioningErrors/0");
    }
}
