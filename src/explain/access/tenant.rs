//! Defines [`Tenant`], a snapshot made ready to be asked: looked up by id, ranges and filter rules read once, nested groups followed.
//!
//! What cannot be read or does not hold together is kept as a doubt, by which verdicts that rest on it are unknown.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use ipnet::IpNet;

use crate::domain::SignIn;
use crate::domain::fact::{BaselineScopes, Facts};
use crate::domain::policy::{Filter, Policy};
use crate::domain::snapshot::{
    Application, Collection, Group, NamedLocation, NamedLocationKind, RegisteredDevice, Role, Snapshot, User,
};

use super::super::addresses::{self, Addresses};
use super::super::filter::Rule;
use super::then::Then;

/// The id by which policies name the compliant network (AlexFilipin/ConditionalAccess, Global Secure Access policies).
pub const COMPLIANT_NETWORK: &str = "3d46dbda-8382-466a-856d-eb00cbc6b910";
/// The id by which policies name the trusted addresses of the MFA service settings, whose list is in no export.
pub const MFA_TRUSTED_ADDRESSES: &str = "00000000-0000-0000-0000-000000000000";
/// Prefixes as wide as this or wider cannot be stored in a named location (entra-docs, network assignment, 2024-05-22).
const WIDEST_PREFIX: u8 = 8;
/// How many groups that reach a cycle are looked at to be named; every further one costs a walk.
const MOST_CYCLES: usize = 20;

/// A snapshot made ready to be asked, with what the operator says. A copy shares everything that was made ready, so that other facts
/// cost nothing.
#[derive(Debug, Clone, Default)]
pub struct Tenant {
    snapshot: Arc<Snapshot>,
    policies: Arc<Vec<Prepared>>,
    policy_at: Arc<HashMap<String, usize>>,
    user_at: Arc<HashMap<String, usize>>,
    user_named: Arc<HashMap<String, usize>>,
    group_at: Arc<HashMap<String, usize>>,
    holders: Arc<HashMap<String, Vec<usize>>>,
    completeness: Arc<Vec<Completeness>>,
    role_at: Arc<HashMap<String, usize>>,
    application_at: Arc<HashMap<String, usize>>,
    device_at: Arc<HashMap<String, usize>>,
    location_at: Arc<HashMap<String, usize>>,
    ranges: Arc<Vec<Vec<Range>>>,
    doubts: Arc<Vec<Doubt>>,
    single_page: Arc<HashSet<String>>,
    addresses: Arc<Addresses>,
    then: Option<Arc<Then>>,
    facts: Facts,
}

/// What is read once of a policy.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    pub(super) device_filter: Option<Result<Rule, String>>,
    pub(super) application_filter: Option<Result<Rule, String>>,
    pub(super) workload_filter: Option<Result<Rule, String>>,
    pub(super) include_groups: Vec<String>,
    pub(super) exclude_groups: Vec<String>,
    pub(super) include_locations: Vec<PlaceName>,
    pub(super) exclude_locations: Vec<PlaceName>,
}

/// What a policy means by the id of a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlaceName {
    All,
    AllTrusted,
    MfaTrusted,
    CompliantNetwork,
    Named(usize),
    NotInSnapshot,
}

/// Whether it can be told that somebody is not in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Completeness {
    /// The members of it and of all groups within it are known.
    Known,
    /// Of it or of a group within it they are not.
    Unknown,
    /// It is within itself, which the directory would not have stored: its members cannot be trusted to be all.
    Cyclic,
}

/// A range of a named location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Range {
    Net(IpNet),
    Bounds(IpAddr, IpAddr),
    /// An address in it may be meant or not.
    Doubtful(IpNet),
    Unreadable,
}

/// Something in the snapshot that keeps policies from being decided, for the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The file it stands in.
    pub file: Arc<str>,
    /// What is wrong, with the name of the object.
    pub text: String,
}

fn lower(id: &str) -> String {
    id.to_ascii_lowercase()
}

/// The number of the first of each id.
fn by_id<'a>(ids: impl Iterator<Item = &'a str>) -> Arc<HashMap<String, usize>> {
    let mut found = HashMap::new();
    for (index, id) in ids.enumerate().filter(|(_, id)| !id.is_empty()) {
        found.entry(lower(id)).or_insert(index);
    }
    Arc::new(found)
}

impl Tenant {
    /// Makes a snapshot ready. The time it takes grows with the size of the snapshot, not with its nesting.
    pub fn new(snapshot: impl Into<Arc<Snapshot>>) -> Tenant {
        let snapshot = snapshot.into();
        let mut holders: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, group) in snapshot.groups.iter().enumerate() {
            for member in &group.members {
                holders.entry(lower(member)).or_default().push(index);
            }
        }
        let group_at = by_id(snapshot.groups.iter().map(|group| group.id.as_str()));
        let mut role_at = by_id(snapshot.roles.iter().map(|role| role.template_id.as_str()));
        for (id, index) in by_id(snapshot.roles.iter().map(|role| role.id.as_str())).iter() {
            Arc::make_mut(&mut role_at).entry(id.clone()).or_insert(*index);
        }
        // A service principal says more of an application than its registration: who owns it, and its attributes.
        let mut application_at: HashMap<String, usize> = HashMap::new();
        for (index, application) in snapshot.applications.iter().enumerate() {
            for id in [&application.app_id, &application.id] {
                if id.is_empty() {
                    continue;
                }
                let held = application_at.entry(lower(id)).or_insert(index);
                let says = |index: usize| {
                    let application = snapshot.applications.get(index);
                    application.is_some_and(|a| a.owner_tenant.is_some() || a.custom_attributes.is_some())
                };
                if !says(*held) && says(index) {
                    *held = index;
                }
            }
        }
        let mut tenant = Tenant {
            user_at: by_id(snapshot.users.iter().map(|user| user.id.as_str())),
            user_named: by_id(snapshot.users.iter().map(|user| user.user_principal_name.as_str())),
            device_at: by_id(snapshot.devices.iter().map(|device| device.device_id.as_str())),
            group_at,
            holders: Arc::new(holders),
            role_at,
            application_at: Arc::new(application_at),
            ..Tenant::default()
        };
        let single_page = snapshot.applications.iter().filter(|application| application.is_single_page == Some(true));
        tenant.single_page = Arc::new(single_page.map(|application| lower(&application.app_id)).collect());
        tenant.completeness = Arc::new(tenant.find_completeness(&snapshot));
        let mut whole = vec![Collection::Groups, Collection::Contacts, Collection::DeletedItems];
        whole.retain(|collection| snapshot.has_all(*collection));
        tenant.addresses = Arc::new(addresses::trace(&snapshot.recipients, &whole));
        tenant.snapshot = snapshot;
        tenant.prepare_policies();
        tenant.doubts = Arc::new(tenant.find_doubts());
        tenant
    }

    /// Whether non-members of each group can be told.
    fn find_completeness(&self, snapshot: &Snapshot) -> Vec<Completeness> {
        // A member that is no object of the evidence may be a group that was not exported, unless all groups were.
        let knows_groups = snapshot.has_all(Collection::Groups);
        let is_known = |id: &String| {
            let id = lower(id);
            self.group_at.contains_key(&id) || self.user_at.contains_key(&id) || self.application_at.contains_key(&id)
        };
        // What does not even look like an id may stand for anybody, a principal name or several ids in one text.
        let is_id = |text: &String| !text.contains(['@', ',', ' ']);
        let is_told = |member: &String| is_known(member) || knows_groups && is_id(member);
        let is_open = |group: &Group| !group.members_known || !group.members.iter().all(is_told);
        completeness(&snapshot.groups, &self.group_at, &self.holders, is_open)
    }

    /// The collisions of addresses among the recipients of the snapshot.
    pub fn addresses(&self) -> &Arc<Addresses> {
        &self.addresses
    }

    /// The same with what the operator says.
    #[must_use]
    pub fn with_facts(mut self, facts: Facts) -> Tenant {
        self.facts = facts;
        self
    }

    /// What the operator says.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// How requests for nothing but baseline scopes are treated by default at a time, where the operator says nothing.
    pub fn default_baseline_scopes(&self, at: Option<DateTime<Utc>>) -> Option<BaselineScopes> {
        if self.facts.baseline_scopes.is_some() { None } else { super::resource::by_date(at) }
    }

    /// What the operator says of baseline scopes; nothing leaves it to the date.
    pub fn baseline_scopes(&self) -> Option<BaselineScopes> {
        self.facts.baseline_scopes
    }

    /// Whether the operator says that the MFA service settings list no trusted addresses.
    pub fn has_no_mfa_trusted_addresses(&self) -> bool {
        self.facts.no_mfa_trusted_ips
    }

    /// Whether an application is registered as a single-page app, which lives in the browser.
    pub fn is_single_page(&self, app_id: &str) -> bool {
        self.single_page.contains(&lower(app_id))
    }

    /// Whether something links a record to the snapshot: the user, or the tenant. A snapshot without either cannot contradict.
    pub fn is_of(&self, sign_in: &SignIn) -> bool {
        let same_tenant = self.snapshot.organization.as_ref().is_some_and(|organization| {
            let is_it = |id: &Option<String>| id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(&organization.id));
            is_it(&sign_in.resource_tenant_id) || is_it(&sign_in.home_tenant_id)
        });
        let user = self.user(sign_in.user_id.as_deref(), sign_in.user_principal_name.as_deref());
        // Users that are known only as members of something are no list of the tenant's users.
        let present = &self.snapshot.present;
        let lists_users = present.is_empty() || present.contains(&Collection::Users);
        same_tenant || user.is_some() || self.snapshot.users.is_empty() || !lists_users
    }

    /// The snapshot.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Reads once what every evaluation of a policy asks of it. A policy need not be one of the snapshot's.
    pub(super) fn prepare(&self, policy: &Policy) -> Prepared {
        let conditions = &policy.conditions;
        let rule = |filter: &Option<Filter>| filter.as_ref().map(read_rule);
        let lowered = |ids: &[String]| ids.iter().map(|id| lower(id)).collect();
        let places = |ids: Option<&Vec<String>>| ids.into_iter().flatten().map(|id| self.place_name(id)).collect();
        Prepared {
            device_filter: rule(&conditions.device_filter),
            application_filter: rule(&conditions.applications.filter),
            workload_filter: conditions.client_applications.as_ref().and_then(|workloads| rule(&workloads.filter)),
            include_groups: lowered(&conditions.users.include_groups),
            exclude_groups: lowered(&conditions.users.exclude_groups),
            include_locations: places(conditions.locations.as_ref().map(|places| &places.include)),
            exclude_locations: places(conditions.locations.as_ref().map(|places| &places.exclude)),
        }
    }

    fn place_name(&self, id: &str) -> PlaceName {
        match id {
            "All" => PlaceName::All,
            "AllTrusted" => PlaceName::AllTrusted,
            MFA_TRUSTED_ADDRESSES => PlaceName::MfaTrusted,
            id if id.eq_ignore_ascii_case(COMPLIANT_NETWORK) => PlaceName::CompliantNetwork,
            id => self.location_at.get(&lower(id)).map_or(PlaceName::NotInSnapshot, |index| PlaceName::Named(*index)),
        }
    }

    /// The number of a policy in the snapshot.
    pub fn policy_index(&self, id: &str) -> Option<usize> {
        self.policy_at.get(&lower(id)).copied()
    }

    pub(super) fn prepared(&self, index: usize) -> Option<&Prepared> {
        self.policies.get(index)
    }

    /// The user of that object id, or else of that principal name.
    pub fn user(&self, id: Option<&str>, principal_name: Option<&str>) -> Option<&User> {
        let by_id = id.and_then(|id| self.user_at.get(&lower(id)));
        let index = by_id.or_else(|| principal_name.and_then(|name| self.user_named.get(&lower(name))))?;
        self.snapshot.users.get(*index)
    }

    /// The group of that id.
    pub fn group(&self, id: &str) -> Option<&Group> {
        self.snapshot.groups.get(*self.group_at.get(&lower(id))?)
    }

    /// The groups around an object: those it is a member of.
    pub(super) fn holders<'a>(&'a self, lower_id: &str) -> impl Iterator<Item = &'a Group> {
        let then = self.then.as_deref();
        let held = self.holder_numbers(lower_id).iter();
        let held = held.filter(move |group| !then.is_some_and(|then| then.has_left(**group, lower_id)));
        let added = then.map(|then| then.added(lower_id)).unwrap_or_default();
        held.chain(added).filter_map(|index| self.snapshot.groups.get(*index))
    }

    /// The numbers of the groups around an object in the snapshot as it was exported.
    pub(super) fn holder_numbers(&self, lower_id: &str) -> &[usize] {
        self.holders.get(lower_id).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn group_number(&self, id: &str) -> Option<usize> {
        self.group_at.get(&lower(id)).copied()
    }

    pub(super) fn role_number(&self, id: &str) -> Option<usize> {
        self.role_at.get(&lower(id)).copied()
    }

    /// What stood otherwise at the time of the tenant than in the snapshot; nothing for the tenant as it was exported.
    pub fn then(&self) -> Option<&Then> {
        self.then.as_deref()
    }

    pub(super) fn shared_snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot)
    }

    /// The same tenant at another time: what was made ready of policies and locations is made again, the rest is shared.
    pub(super) fn with_then(&self, snapshot: Snapshot, then: Then) -> Tenant {
        let mut tenant = self.clone();
        tenant.snapshot = Arc::new(snapshot);
        tenant.then = Some(Arc::new(then));
        tenant.prepare_policies();
        tenant
    }

    /// Looks up policies and locations by id, and reads once what evaluations ask of them.
    fn prepare_policies(&mut self) {
        let snapshot = Arc::clone(&self.snapshot);
        self.policy_at = by_id(snapshot.policies.iter().map(|policy| policy.id.as_str()));
        self.location_at = by_id(snapshot.named_locations.iter().map(|location| location.id.as_str()));
        self.ranges = Arc::new(snapshot.named_locations.iter().map(ranges).collect());
        self.policies = Arc::new(snapshot.policies.iter().map(|policy| self.prepare(policy)).collect());
    }

    /// Whether it can be told that somebody is not in the group; a group the snapshot lacks is not known.
    pub(super) fn completeness(&self, lower_id: &str) -> Option<Completeness> {
        self.completeness.get(*self.group_at.get(lower_id)?).copied()
    }

    /// The policy of that id.
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.snapshot.policies.get(self.policy_index(id)?)
    }

    /// The named location of that id.
    pub fn named_location(&self, id: &str) -> Option<&NamedLocation> {
        self.snapshot.named_locations.get(*self.location_at.get(&lower(id))?)
    }

    /// The role of that template id (or, where an export has only it, of that object id).
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.snapshot.roles.get(*self.role_at.get(&lower(id))?)
    }

    /// The application of that application id or object id.
    pub fn application(&self, id: &str) -> Option<&Application> {
        self.snapshot.applications.get(*self.application_at.get(&lower(id))?)
    }

    /// Whether the snapshot has the service principals, so that one that is not there does not exist.
    pub(super) fn knows_service_principals(&self) -> bool {
        self.snapshot.has_all(Collection::ServicePrincipals)
    }

    /// The device of that device id.
    pub fn device(&self, device_id: &str) -> Option<&RegisteredDevice> {
        self.snapshot.devices.get(*self.device_at.get(&lower(device_id))?)
    }

    pub(super) fn location(&self, index: usize) -> Option<(&NamedLocation, &[Range])> {
        Some((self.snapshot.named_locations.get(index)?, self.ranges.get(index)?))
    }

    /// The numbers of the locations that are marked as trusted.
    pub(super) fn trusted_locations(&self) -> impl Iterator<Item = usize> {
        let locations = self.snapshot.named_locations.iter().enumerate();
        locations.filter(|(_, location)| location.is_trusted).map(|(index, _)| index)
    }

    /// The id of this tenant.
    pub fn tenant_id(&self) -> Option<&str> {
        self.snapshot.organization.as_ref().map(|organization| organization.id.as_str())
    }

    /// Everything in the snapshot that leaves a policy undecided: rules that cannot be read, ids that point nowhere, groups within
    /// themselves, ranges that cannot be meant, members this program does not know.
    pub fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }

    fn find_doubts(&self) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        for (policy, prepared) in self.snapshot.policies.iter().zip(self.policies.iter()) {
            self.doubts_of(policy, prepared, &mut doubts);
        }
        let cyclic = self.snapshot.groups.iter().zip(self.completeness.iter());
        let mut cyclic = cyclic.filter(|(_, completeness)| **completeness == Completeness::Cyclic);
        for (group, _) in cyclic.by_ref().take(MOST_CYCLES) {
            if self.is_within_itself(group) {
                let text = format!("group `{}` is a member of itself through nested groups", group.display_name);
                doubts.push(Doubt { file: Arc::clone(&group.origin.file), text });
            }
        }
        if let Some((first, _)) = cyclic.next() {
            let text = format!("{} more groups are in such a circle or reach one", 1 + cyclic.count());
            doubts.push(Doubt { file: Arc::clone(&first.origin.file), text });
        }
        for (location, ranges) in self.snapshot.named_locations.iter().zip(self.ranges.iter()) {
            let NamedLocationKind::Ranges(written) = &location.kind else { continue };
            for (range, written) in ranges.iter().zip(written) {
                let wrong = match range {
                    Range::Net(_) | Range::Bounds(..) => continue,
                    Range::Doubtful(net) if net.prefix_len() <= WIDEST_PREFIX => {
                        "is wider than a named location can hold"
                    }
                    Range::Doubtful(_) => "has host bits set, so that it may mean one address or the whole network",
                    Range::Unreadable => "is no range of addresses",
                };
                let text = format!("named location `{}`: `{written}` {wrong}", location.display_name);
                doubts.push(Doubt { file: Arc::clone(&location.origin.file), text });
            }
        }
        doubts
    }

    fn doubts_of(&self, policy: &Policy, prepared: &Prepared, doubts: &mut Vec<Doubt>) {
        let mut doubt = |text: String| {
            let text = format!("policy `{}`: {text}", policy.display_name);
            doubts.push(Doubt { file: Arc::clone(&policy.origin.file), text });
        };
        let filters = [&prepared.device_filter, &prepared.application_filter, &prepared.workload_filter];
        for reason in filters.into_iter().flatten().filter_map(|rule| rule.as_ref().err()) {
            doubt(format!("its filter cannot be read: {reason}"));
        }
        for member in &policy.unknown {
            doubt(format!("`{}` is not known to this program: {}", member.pointer, member.text));
        }
        let has_all = |collection| self.snapshot.has_all(collection);
        let conditions = &policy.conditions;
        let users = &conditions.users;
        // An id points nowhere when the evidence has the collection it belongs to, and not the object.
        let words = ["All", "None", "GuestsOrExternalUsers"];
        let is_lost_user = |id: &&String| !words.contains(&id.as_str()) && !self.user_at.contains_key(&lower(id));
        let named = users.include_users.iter().chain(&users.exclude_users);
        for id in named.filter(is_lost_user).filter(|_| has_all(Collection::Users)) {
            doubt(format!("user `{id}` is not in the snapshot"));
        }
        let named = users.include_groups.iter().chain(&users.exclude_groups);
        let is_lost_group = |id: &&String| !self.group_at.contains_key(&lower(id));
        for id in named.filter(is_lost_group).filter(|_| has_all(Collection::Groups)) {
            doubt(format!("group `{id}` is not in the snapshot"));
        }
        let places = conditions.locations.as_ref();
        let named = places.into_iter().flat_map(|places| places.include.iter().chain(&places.exclude));
        let is_lost_place = |id: &&String| self.place_name(id) == PlaceName::NotInSnapshot;
        for id in named.filter(is_lost_place).filter(|_| has_all(Collection::NamedLocations)) {
            doubt(format!("named location `{id}` is not in the snapshot"));
        }
    }

    fn is_within_itself(&self, group: &Group) -> bool {
        let own = lower(&group.id);
        let (mut open, mut seen) = (vec![own.clone()], HashSet::new());
        while let Some(id) = open.pop() {
            for holder in self.holders(&id) {
                let holder = lower(&holder.id);
                if holder == own {
                    return true;
                }
                if seen.insert(holder.clone()) {
                    open.push(holder);
                }
            }
        }
        false
    }
}

fn read_rule(filter: &Filter) -> Result<Rule, String> {
    let rule = Rule::parse(&filter.rule).map_err(|error| error.to_string())?;
    if rule.is_too_long() {
        return Err("it is longer than Entra stores".to_owned());
    }
    match filter.mode.to_ascii_lowercase().as_str() {
        "include" | "exclude" => Ok(rule),
        mode => Err(format!("its mode `{mode}` is neither include nor exclude")),
    }
}

/// Whether non-members of each group can be told, by two passes over the nesting: what reaches a group with unknown members, and
/// what is left when groups without nested ones are taken away again and again, which reaches a cycle.
fn completeness(
    groups: &[Group],
    at: &HashMap<String, usize>,
    holders: &HashMap<String, Vec<usize>>,
    is_open: impl Fn(&Group) -> bool,
) -> Vec<Completeness> {
    let nested = |group: &Group| -> HashSet<usize> {
        group.members.iter().filter_map(|member| at.get(&lower(member)).copied()).collect()
    };
    let around = |index: usize| -> Vec<usize> {
        let id = groups.get(index).map(|group| lower(&group.id)).unwrap_or_default();
        let mut found = holders.get(&id).cloned().unwrap_or_default();
        found.sort_unstable();
        found.dedup();
        found
    };
    let mut left: Vec<usize> = groups.iter().map(|group| nested(group).len()).collect();
    let mut done: Vec<usize> = (0..groups.len()).filter(|index| left.get(*index) == Some(&0)).collect();
    while let Some(index) = done.pop() {
        for outer in around(index) {
            if let Some(count) = left.get_mut(outer) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    done.push(outer);
                }
            }
        }
    }
    let mut found: Vec<Completeness> =
        left.iter().map(|count| if *count == 0 { Completeness::Known } else { Completeness::Cyclic }).collect();
    let mut open: Vec<usize> =
        groups.iter().enumerate().filter(|(_, group)| is_open(group)).map(|(index, _)| index).collect();
    let mut seen: HashSet<usize> = open.iter().copied().collect();
    while let Some(index) = open.pop() {
        if let Some(completeness) = found.get_mut(index)
            && *completeness == Completeness::Known
        {
            *completeness = Completeness::Unknown;
        }
        open.extend(around(index).into_iter().filter(|outer| seen.insert(*outer)));
    }
    found
}

fn ranges(location: &NamedLocation) -> Vec<Range> {
    match &location.kind {
        NamedLocationKind::Ranges(written) => written.iter().map(|text| range(text.trim())).collect(),
        _ => Vec::new(),
    }
}

/// Reads a range. IPv4 written as IPv6 is no range that anybody documents, so it is not read as either.
fn range(text: &str) -> Range {
    let is_mapped = |address: IpAddr| address != address.to_canonical();
    if let Ok(net) = text.parse::<IpNet>() {
        if is_mapped(net.addr()) {
            return Range::Unreadable;
        }
        let is_plain = net.addr() == net.network() && net.prefix_len() > WIDEST_PREFIX;
        return if is_plain { Range::Net(net) } else { Range::Doubtful(net) };
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return if is_mapped(address) { Range::Unreadable } else { Range::Bounds(address, address) };
    }
    let bounds = text.split_once('-').map(|(low, high)| (low.trim().parse::<IpAddr>(), high.trim().parse::<IpAddr>()));
    match bounds {
        Some((Ok(low), Ok(high))) if is_mapped(low) || is_mapped(high) => Range::Unreadable,
        Some((Ok(low), Ok(high))) if low <= high && low.is_ipv4() == high.is_ipv4() => Range::Bounds(low, high),
        _ => Range::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: &str, members: &[&str], members_known: bool) -> Group {
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        Group { id: id.to_owned(), display_name: id.to_owned(), members, members_known, ..Group::default() }
    }

    #[test]
    fn what_reaches_a_cycle_or_an_unknown_group_is_incomplete() {
        let groups = vec![
            group("plain", &["ana"], true),
            group("outer", &["PLAIN", "ben"], true),
            group("unknown", &[], false),
            group("around", &["unknown", "plain"], true),
            group("a", &["b"], true),
            group("b", &["A", "ana"], true),
            group("above", &["a"], true),
            group("self", &["self"], true),
        ];
        let users = ["ana", "ben"].map(|id| User { id: id.to_owned(), ..User::default() }).to_vec();
        let stranger = group("stranger", &["a group that was not exported"], true);
        let groups = groups.into_iter().chain([stranger]).collect();
        let tenant = Tenant::new(Snapshot { groups, users: users.into(), ..Snapshot::default() });
        let of = |id| tenant.completeness(id);
        assert_eq!(of("plain").zip(of("outer")), Some((Completeness::Known, Completeness::Known)));
        assert_eq!(of("unknown").zip(of("around")), Some((Completeness::Unknown, Completeness::Unknown)));
        assert_eq!(of("stranger"), Some(Completeness::Unknown));
        for id in ["a", "b", "above", "self"] {
            assert_eq!(of(id), Some(Completeness::Cyclic), "{id}");
        }
        let doubts: Vec<&str> = tenant.doubts().iter().map(|doubt| doubt.text.as_str()).collect();
        assert_eq!(doubts.len(), 3, "{doubts:?}");
    }

    #[test]
    fn of_many_groups_in_circles_the_rest_is_counted() {
        let groups = (0..30).map(|number| {
            let id = format!("g{number}");
            group(&id, &[&id], true)
        });
        let tenant = Tenant::new(Snapshot { groups: groups.collect(), ..Snapshot::default() });
        let doubts = tenant.doubts();
        assert_eq!(doubts.len(), MOST_CYCLES + 1);
        assert!(doubts.last().is_some_and(|doubt| doubt.text.starts_with("10 more groups")), "{doubts:?}");
    }

    #[test]
    fn ranges_that_cannot_be_meant_are_doubtful() {
        assert!(matches!(range("203.0.113.0/24"), Range::Net(_)));
        assert!(matches!(range("203.0.113.7"), Range::Bounds(..)));
        assert!(matches!(range("203.0.113.7/24"), Range::Doubtful(_)));
        assert!(matches!(range("0.0.0.0/0"), Range::Doubtful(_)));
        assert!(matches!(range("::/0"), Range::Doubtful(_)));
        assert!(matches!(range("192.0.2.9-192.0.2.1"), Range::Unreadable));
        assert!(matches!(range("192.0.2.1 - 192.0.2.9"), Range::Bounds(..)));
        assert!(matches!(range("somewhere"), Range::Unreadable));
    }
}
