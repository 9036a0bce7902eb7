//! Finds the ids of what policies call by name.
//!
//! Configurations and templates name people, groups, roles, applications and places where Graph has ids. A name becomes an id only when
//! the evidence has exactly one object of that name, and that is said. Every other name is kept as unknown: a name that is compared
//! with ids would meet nobody, and a policy would seem not to apply where it does.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::domain::first_party;
use crate::domain::policy::{Policy, UnknownMember};
use crate::domain::sign_in::AppliedPolicy;
use crate::domain::snapshot::NamedLocation;

use super::directory::Joined;
use super::is_guid;

/// What was decided when the evidence was joined, with the file that it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The file.
    pub file: Arc<str>,
    /// What was decided, in lower case and without a full stop.
    pub text: String,
}

/// Whose id a name is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Owner {
    /// One object's.
    One { id: String, is_by_name: bool },
    /// Several objects have the name.
    Several,
}

/// The objects of one kind by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    ids: HashSet<String>,
    by_name: HashMap<String, Owner>,
}

impl Index {
    /// Adds an object under a name. An object that itself goes by its name gives way to one with an id.
    pub(super) fn add(&mut self, id: &str, name: &str) {
        let is_by_name = !is_guid(id) && id.eq_ignore_ascii_case(name);
        if !is_by_name {
            self.ids.insert(id.to_ascii_lowercase());
        }
        if name.is_empty() || id.is_empty() {
            return;
        }
        let owner = Owner::One { id: id.to_owned(), is_by_name };
        match self.by_name.get_mut(&name.to_lowercase()) {
            None => {
                self.by_name.insert(name.to_lowercase(), owner);
            }
            Some(Owner::Several) => {}
            Some(held) => match held {
                Owner::One { id: held_id, .. } if held_id.eq_ignore_ascii_case(id) => {}
                Owner::One { is_by_name: true, .. } => *held = owner,
                Owner::One { .. } if is_by_name => {}
                _ => *held = Owner::Several,
            },
        }
    }

    /// Whether an object of that id is here.
    pub(super) fn has(&self, id: &str) -> bool {
        self.ids.contains(&id.to_ascii_lowercase())
    }

    /// The id of the one object of that name. Fails when there is none or several, in words.
    pub(super) fn find(&self, name: &str) -> Result<&str, &'static str> {
        match self.by_name.get(&name.to_lowercase()) {
            Some(Owner::One { id, .. }) => Ok(id),
            Some(Owner::Several) => Err("several objects of the evidence have that name"),
            None => Err("no object of the evidence has that name"),
        }
    }
}

/// The objects that policies can name.
struct Objects {
    users: Index,
    groups: Index,
    roles: Index,
    applications: Index,
    workloads: Index,
    locations: Index,
}

impl Objects {
    fn of(joined: &Joined, locations: &[NamedLocation]) -> Objects {
        let mut objects = Objects {
            users: Index::default(),
            groups: Index::default(),
            roles: Index::default(),
            applications: Index::default(),
            workloads: Index::default(),
            locations: Index::default(),
        };
        for user in &joined.users {
            objects.users.add(&user.id, &user.user_principal_name);
            objects.users.add(&user.id, user.display_name.as_deref().unwrap_or_default());
        }
        for group in &joined.groups {
            objects.groups.add(&group.id, &group.display_name);
        }
        for role in first_party::roles() {
            objects.roles.add(&role.template_id, &role.name);
        }
        for role in &joined.roles {
            objects.roles.add(&role.id, "");
            objects.roles.add(&role.template_id, &role.display_name);
        }
        for application in first_party::applications() {
            objects.applications.add(&application.id, &application.name);
        }
        for application in &joined.applications {
            objects.applications.add(&application.app_id, &application.display_name);
            objects.workloads.add(&application.id, &application.display_name);
        }
        for location in locations {
            objects.locations.add(&location.id, &location.display_name);
        }
        objects
    }
}

/// The words that stand for several objects, in each kind of list.
const USERS: &[&str] = &["All", "None", "GuestsOrExternalUsers"];
const APPLICATIONS: &[&str] = &["All", "None", "Office365", "MicrosoftAdminPortals"];
const WORKLOADS: &[&str] = &["All", "None", "ServicePrincipalsInMyTenant"];
const LOCATIONS: &[&str] = &["All", "AllTrusted"];

/// Which objects a list of a policy names.
type Pick = fn(&Objects) -> &Index;
/// A list of a policy: its pointer, what it names in words, the objects, and the words that are no names.
type Named<'a> = (&'static str, &'static str, Pick, &'static [&'static str], &'a mut Vec<String>);

/// The lists of a policy that name objects.
fn lists(policy: &mut Policy) -> Vec<Named<'_>> {
    let conditions = &mut policy.conditions;
    let (users, applications) = (&mut conditions.users, &mut conditions.applications);
    let user: Pick = |objects| &objects.users;
    let group: Pick = |objects| &objects.groups;
    let role: Pick = |objects| &objects.roles;
    let application: Pick = |objects| &objects.applications;
    let workload: Pick = |objects| &objects.workloads;
    let location: Pick = |objects| &objects.locations;
    let mut lists: Vec<Named<'_>> = vec![
        ("/conditions/users/includeUsers", "user", user, USERS, &mut users.include_users),
        ("/conditions/users/excludeUsers", "user", user, USERS, &mut users.exclude_users),
        ("/conditions/users/includeGroups", "group", group, &["All"], &mut users.include_groups),
        ("/conditions/users/excludeGroups", "group", group, &["All"], &mut users.exclude_groups),
        ("/conditions/users/includeRoles", "role", role, &["All"], &mut users.include_roles),
        ("/conditions/users/excludeRoles", "role", role, &["All"], &mut users.exclude_roles),
        (
            "/conditions/applications/includeApplications",
            "application",
            application,
            APPLICATIONS,
            &mut applications.include,
        ),
        (
            "/conditions/applications/excludeApplications",
            "application",
            application,
            APPLICATIONS,
            &mut applications.exclude,
        ),
    ];
    if let Some(workloads) = &mut conditions.client_applications {
        let (include, exclude) = (
            "/conditions/clientApplications/includeServicePrincipals",
            "/conditions/clientApplications/excludeServicePrincipals",
        );
        lists.push((include, "service principal", workload, WORKLOADS, &mut workloads.include));
        lists.push((exclude, "service principal", workload, WORKLOADS, &mut workloads.exclude));
    }
    if let Some(places) = &mut conditions.locations {
        lists.push((
            "/conditions/locations/includeLocations",
            "named location",
            location,
            LOCATIONS,
            &mut places.include,
        ));
        lists.push((
            "/conditions/locations/excludeLocations",
            "named location",
            location,
            LOCATIONS,
            &mut places.exclude,
        ));
    }
    lists
}

/// Whether an item of a list is a name or a placeholder, and neither an id nor a word. Where ids are written, only what cannot be one
/// is a name.
fn is_name(item: &str, words: &[&str], writes_names: bool) -> bool {
    let cannot_be_id = || item.contains([' ', '@', '<', '>', '{', '}', '[', ']', '%', '$']);
    !is_guid(item) && !words.iter().any(|word| word.eq_ignore_ascii_case(item)) && (writes_names || cannot_be_id())
}

/// Gives policies the ids of what they call by name, where that can be told; says each, and keeps the others as unknown. `named` are
/// the numbers of the policies of exports that write names.
pub(super) fn resolve(
    policies: &mut [Policy],
    named: &BTreeSet<usize>,
    joined: &Joined,
    locations: &[NamedLocation],
    said: &mut Vec<Said>,
) {
    let has_names = |(number, policy): (usize, &mut Policy)| {
        let writes_names = named.contains(&number);
        lists(policy).iter().any(|(_, _, _, words, items)| items.iter().any(|item| is_name(item, words, writes_names)))
    };
    if !policies.iter_mut().enumerate().any(has_names) {
        return;
    }
    let objects = Objects::of(joined, locations);
    for (number, policy) in policies.iter_mut().enumerate() {
        let writes_names = named.contains(&number);
        let (mut unknown, mut found) = (Vec::new(), Vec::new());
        for (pointer, noun, pick, words, items) in lists(policy) {
            let index = pick(&objects);
            for (number, item) in items.iter_mut().enumerate() {
                if !is_name(item, words, writes_names) || index.has(item) {
                    continue;
                }
                match index.find(item) {
                    Ok(id) if id.eq_ignore_ascii_case(item) => {}
                    Ok(id) => {
                        found.push(format!("`{item}` is the name of one {noun} and is taken for its id, `{id}`"));
                        *item = id.to_owned();
                    }
                    Err(reason) => {
                        let text =
                            format!("`{item}` is a name or placeholder where the id of a {noun} is needed: {reason}");
                        unknown.push(UnknownMember { pointer: format!("{pointer}/{number}"), text });
                    }
                }
            }
        }
        let file = &policy.origin.file;
        let of_policy =
            |text: String| Said { file: Arc::clone(file), text: format!("policy `{}`: {text}", policy.display_name) };
        said.extend(found.into_iter().map(of_policy));
        policy.unknown.extend(unknown);
    }
}

/// What the logs call policies: the id of each name.
#[derive(Debug, Clone, Default)]
pub(super) struct Logged {
    seen: HashSet<String>,
    by_name: Index,
}

impl Logged {
    /// Notes the policies that a record lists.
    pub(super) fn see(&mut self, policies: &[AppliedPolicy]) {
        for policy in policies {
            // The same few policies stand in every record of a log.
            if !self.seen.contains(&policy.id) && is_guid(&policy.id) {
                self.seen.insert(policy.id.clone());
                self.by_name.add(&policy.id, &policy.display_name);
            }
        }
    }

    /// Gives a policy that the evidence holds without an id the id of the one policy of that name in the logs.
    pub(super) fn join(&self, policies: &mut [Policy], nameless: &BTreeSet<usize>, said: &mut Vec<Said>) {
        let mut names = Index::default();
        for (index, policy) in policies.iter().enumerate() {
            names.add(&format!("policy {index}"), &policy.display_name);
        }
        let held: HashSet<String> = policies.iter().map(|policy| policy.id.to_ascii_lowercase()).collect();
        for index in nameless {
            let Some(policy) = policies.get_mut(*index) else { continue };
            let Ok(id) = self.by_name.find(&policy.display_name) else { continue };
            if names.find(&policy.display_name).is_err() || held.contains(&id.to_ascii_lowercase()) {
                continue;
            }
            let text = format!(
                "policy `{}` has no id here; the log lists one policy of that name, `{id}`, and it is taken for that one",
                policy.display_name
            );
            said.push(Said { file: Arc::clone(&policy.origin.file), text });
            policy.id = id.to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "aaaaaaaa-0000-4000-8000-000000000001";
    const OTHER: &str = "aaaaaaaa-0000-4000-8000-000000000002";

    #[test]
    fn only_one_object_of_a_name_is_found_by_it() {
        let mut index = Index::default();
        index.add(ID, "Staff");
        index.add(&ID.to_uppercase(), "STAFF");
        index.add("Staff", "Staff");
        assert_eq!(index.find("staff"), Ok(ID));
        assert!(index.has(ID) && !index.has("Staff"));
        index.add(OTHER, "Staff");
        assert!(index.find("Staff").is_err());
        index.add("Nobody", "Nobody");
        assert_eq!(index.find("nobody"), Ok("Nobody"));
    }
}
