//! Evaluates which resources a policy is for: audiences as a set, groups of resources, user actions, authentication contexts,
//! filters over attributes, and requests for nothing but baseline scopes.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::Verdict;
use crate::domain::context::{Audience, ClientApp, Resources, Target};
use crate::domain::fact::BaselineScopes;
use crate::domain::first_party::{self, Binding};
use crate::domain::policy::Policy;
use crate::domain::snapshot::Application;

use super::super::filter::{Attributes, Rule, Seen};
use super::asked::Asked;
use super::condition::seen;
use super::tenant::{Prepared, Tenant};
use super::{Item, Scribe, Why, any};

/// Windows Azure Active Directory, for which baseline scopes count since the change of 2026.
const DIRECTORY: &str = "00000002-0000-0000-c000-000000000000";
/// Microsoft Graph, whose scopes the baseline scopes are.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
/// My Sign-Ins and the Access Panel, where people register security information.
const REGISTRATION_PORTALS: [&str; 2] =
    ["19db86c3-b2b9-44cc-b339-36da233a3be2", "0000000c-0000-0000-c000-000000000000"];
const REGISTER_SECURITY_INFO: &str = "urn:user:registersecurityinfo";

/// The scopes that were skipped for every client before the change of 2026 (entra-docs, target resources, 2026-01-26).
const BASELINE: [&str; 6] = ["openid", "profile", "email", "offline_access", "user.read", "people.read"];
/// The further ones that were skipped for excluded confidential clients.
const BASELINE_OF_CONFIDENTIAL: [&str; 5] =
    ["user.read.all", "user.readbasic.all", "people.read.all", "groupmember.read.all", "member.read.hidden"];
/// The scopes that say who signed in and nothing else.
const OPENID: [&str; 4] = ["openid", "profile", "email", "offline_access"];
/// Before this day nothing had changed (entra-docs, target resources, 2026-01-26). Of what follows the pages tell several dates:
/// March, 13 May, and a rollout from 15 June over several weeks, which a tenant can switch off.
const CHANGE_BEGINS: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 3, 1);
/// By this day the rollout must be over wherever nobody switched it off (inferred); it is used as a default that is said to be one.
const CHANGE_IS_DEFAULT: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 9, 1);

/// Whether the policy is for what is asked for.
pub(super) fn resources(policy: &Policy, prepared: &Prepared, asked: &Asked<'_>, scribe: &mut Scribe) -> Verdict {
    let apps = &policy.conditions.applications;
    let filter_includes = apps.filter.as_ref().is_some_and(|filter| !filter.mode.eq_ignore_ascii_case("exclude"));
    if apps.include.is_empty()
        && apps.user_actions.is_empty()
        && apps.authentication_contexts.is_empty()
        && !filter_includes
    {
        return scribe.names_nothing(policy);
    }
    let by_action = any(apps.user_actions.iter().enumerate().map(|(index, action)| {
        let found = user_action(action, &asked.context().target);
        scribe.note(Item::UserAction(index), false, found)
    }));
    let by_context = any(apps.authentication_contexts.iter().enumerate().map(|(index, wanted)| {
        let found = match &asked.context().authentication_contexts {
            Some(asked_for) => {
                (Verdict::from_bool(asked_for.iter().any(|held| held.eq_ignore_ascii_case(wanted))), Why::Compared)
            }
            None => (Verdict::UnknownContext, Why::NotInRecord),
        };
        scribe.note(Item::AuthenticationContext(index), false, found)
    }));
    let by_resource = if apps.include.is_empty() && !filter_includes {
        Verdict::No
    } else {
        by_resource(policy, prepared, asked, scribe)
    };
    by_action.or(by_context).or(by_resource)
}

/// A policy for a user action does not meet sign-ins to a resource (Graph `evaluate`, 2025-03-21); that people register their
/// security information does not show in a record.
fn user_action(action: &str, target: &Target) -> (Verdict, Why) {
    match target {
        Target::UserAction(asked) => (Verdict::from_bool(action.eq_ignore_ascii_case(asked)), Why::Compared),
        Target::Resources(resources) if resources.is_complete => (Verdict::No, Why::Compared),
        Target::Resources(resources) => {
            let ids =
                resources.audiences.iter().map(|audience| audience.id.as_str()).chain(resources.client_id.as_deref());
            let mut ids = ids.peekable();
            let is_portal = |id: &str| REGISTRATION_PORTALS.iter().any(|portal| portal.eq_ignore_ascii_case(id));
            if ids.peek().is_none() || ids.any(is_portal) {
                (Verdict::UnknownContext, Why::NotInRecord)
            } else {
                (Verdict::No, Why::Compared)
            }
        }
        Target::Missing => (Verdict::UnknownContext, Why::NotInRecord),
    }
}

/// One resource list of a policy: where its filter stands, too.
struct Lists<'a> {
    include: &'a [String],
    exclude: &'a [String],
    filter: Option<(&'a Result<Rule, String>, /* it excludes */ bool)>,
    client: Option<&'a str>,
}

impl Lists<'_> {
    /// Whether the policy is for all resources but some: the case in which baseline scopes matter.
    fn is_all_with_exclusions(&self) -> bool {
        let has_exclusion = !self.exclude.is_empty() || self.filter.is_some_and(|(_, excludes)| excludes);
        has_exclusion && self.include.iter().any(|id| id == "All")
    }

    /// Whether a token for this one audience is covered.
    fn cover(&self, audience: &Audience, tenant: &Tenant) -> Verdict {
        let listed = |list: &[String]| any(list.iter().map(|id| names(id, audience, self.client).0));
        let filtered = |excludes: bool| {
            let rule = self.filter.filter(|(_, held)| *held == excludes).map(|(rule, _)| rule);
            rule.map_or(Verdict::No, |rule| filtered(rule, Some(&audience.id), tenant).0)
        };
        let include = listed(self.include).or(filtered(false));
        include.and(listed(self.exclude).or(filtered(true)).negate())
    }
}

fn by_resource(policy: &Policy, prepared: &Prepared, asked: &Asked<'_>, scribe: &mut Scribe) -> Verdict {
    let apps = &policy.conditions.applications;
    let filter = apps.filter.as_ref().zip(prepared.application_filter.as_ref());
    let lists = Lists {
        include: &apps.include,
        exclude: &apps.exclude,
        filter: filter.map(|(filter, rule)| (rule, filter.mode.eq_ignore_ascii_case("exclude"))),
        client: match &asked.context().target {
            Target::Resources(resources) => resources.client_id.as_deref(),
            _ => None,
        },
    };
    let tenant = asked.tenant();
    let resources = match &asked.context().target {
        Target::Resources(resources) => resources,
        Target::UserAction(action) => return by_action(&lists, action, scribe),
        // It may be a user action, and of some of these nobody says whether policies for all resources cover them.
        Target::Missing => {
            let is_nothing = lists.filter.is_none() && lists.include.iter().all(|id| id == "None");
            let (verdict, why) = match is_nothing {
                true => (Verdict::No, Why::Compared),
                false => (Verdict::UnknownContext, Why::NotInRecord),
            };
            return scribe.whole(verdict, why);
        }
    };
    let others = asked.others();
    let one = |id: &str| -> (Verdict, Why) { item(id, resources, others) };
    for (index, id) in lists.include.iter().enumerate() {
        scribe.note(Item::Application(index), false, one(id));
    }
    for (index, id) in lists.exclude.iter().enumerate() {
        scribe.note(Item::Application(index), true, one(id));
    }
    if let Some((rule, excludes)) = lists.filter {
        let verdicts = resources.audiences.iter().map(|audience| filtered(rule, Some(&audience.id), tenant));
        let found = verdicts.reduce(|one, other| if one.0.or(other.0) == one.0 { one } else { other });
        scribe.note(Item::ApplicationFilter, excludes, found.unwrap_or((Verdict::UnknownContext, Why::NotInRecord)));
    }
    if resources.audiences.is_empty() {
        let is_everything = lists.include.iter().any(|id| id == "All") && !lists.is_all_with_exclusions();
        let is_nothing = lists.filter.is_none() && lists.include.iter().all(|id| id == "None");
        return match (is_everything, is_nothing) {
            (true, _) => Verdict::Yes,
            (_, true) => Verdict::No,
            _ => Verdict::UnknownContext,
        };
    }
    // Audiences are a set: the policy is for the request when it is for one of them; what is excluded takes away only itself
    // (entra-docs, target resources, 2026-01-26).
    let covered = any(resources.audiences.iter().map(|audience| match lists.is_all_with_exclusions() {
        true => with_baseline_scopes(&lists, audience, resources, asked, scribe),
        false => lists.cover(audience, tenant),
    }));
    // Without the client nothing is known of what else it may have asked for; basic authentication has one resource.
    let is_legacy = asked.context().client_app.is_some_and(ClientApp::is_legacy);
    let names_something = lists.filter.is_some() || lists.include.iter().any(|id| id != "None");
    let is_open = !resources.is_complete && resources.client_id.is_none() && !is_legacy && names_something;
    let further = any(others.iter().map(|(audience, _)| lists.cover(audience, tenant)));
    if further == Verdict::No && !is_open { covered } else { covered.or(Verdict::UnknownContext) }
}

/// A policy for all resources covers the registration of security information as well (Graph `evaluate`, third example,
/// 2025-03-21); of other actions no page says it.
fn by_action(lists: &Lists<'_>, action: &str, scribe: &mut Scribe) -> Verdict {
    let mut found = Verdict::No;
    for (index, id) in lists.include.iter().enumerate() {
        let verdict = match id.as_str() {
            "All" if action.eq_ignore_ascii_case(REGISTER_SECURITY_INFO) => (Verdict::Yes, Why::UserAction),
            "All" => (Verdict::UnknownData, Why::Undocumented),
            _ => (Verdict::No, Why::Compared),
        };
        found = found.or(scribe.note(Item::Application(index), false, verdict));
    }
    for index in 0..lists.exclude.len() {
        scribe.note(Item::Application(index), true, (Verdict::No, Why::Compared));
    }
    found
}

/// Further audiences that the request may have had, when the record does not list them: the client itself when it can ask for an
/// ID token, and what it asks for early (entra-docs, target resources, 2026-01-26; service dependencies, 2022-07-06).
pub(super) fn others(resources: &Resources, client: Option<ClientApp>) -> Vec<(Audience, Why)> {
    if resources.is_complete || resources.audiences.is_empty() {
        return Vec::new();
    }
    let is_new = |id: &str| !resources.audiences.iter().any(|audience| audience.id.eq_ignore_ascii_case(id));
    // Public clients cannot be targeted at all.
    let is_confidential = matches!(client, None | Some(ClientApp::Browser | ClientApp::All));
    let itself = resources.client_id.iter().filter(|id| is_confidential && is_new(id));
    let itself = itself.map(|id| {
        let name = resources.client_name.clone();
        (Audience { id: id.clone(), name, owner_tenant: None }, Why::OtherAudience)
    });
    let callers = resources.client_id.as_deref().into_iter().chain(resources.audiences.iter().map(|a| a.id.as_str()));
    let early = callers.flat_map(first_party::dependencies_of).filter(|found| found.binding == Binding::Early);
    let early = early.flat_map(|found| found.resource_ids.iter().map(|id| (id, &found.resource)));
    let early = early.filter(|(id, _)| is_new(id)).map(|(id, name)| {
        let microsoft = Some(first_party::MICROSOFT_TENANT.to_owned());
        (Audience { id: id.clone(), name: Some(name.clone()), owner_tenant: microsoft }, Why::Dependency)
    });
    itself.chain(early).collect()
}

/// Whether an item of a list names one of the audiences, or may.
fn item(id: &str, resources: &Resources, others: &[(Audience, Why)]) -> (Verdict, Why) {
    if resources.audiences.is_empty() {
        return match id {
            "All" => (Verdict::Yes, Why::Compared),
            "None" => (Verdict::No, Why::Compared),
            _ => (Verdict::UnknownContext, Why::NotInRecord),
        };
    }
    let mut found = (Verdict::No, Why::Compared);
    for audience in &resources.audiences {
        let (verdict, why) = names(id, audience, resources.client_id.as_deref());
        if found.0.or(verdict) != found.0 {
            found = (verdict, why);
        }
    }
    if found.0 == Verdict::No
        && let Some((_, why)) = others.iter().find(|(audience, _)| names(id, audience, None).0 != Verdict::No)
    {
        return (Verdict::UnknownContext, *why);
    }
    found
}

/// Whether a resource of a policy's list, or a word for several, names the audience.
fn names(id: &str, audience: &Audience, client: Option<&str>) -> (Verdict, Why) {
    match id {
        "All" => (Verdict::Yes, Why::Compared),
        "None" => (Verdict::No, Why::Compared),
        "Office365" | "MicrosoftAdminPortals" => {
            let group = first_party::resource_group(id);
            let Some(group) = group else { return (Verdict::UnknownData, Why::NotPublished) };
            // All members are Microsoft's own.
            let is_foreign = audience.owner_tenant.as_deref().is_some_and(|owner| !first_party::is_microsoft(owner));
            let known = |holds: Option<bool>| match holds {
                Some(holds) => (Verdict::from_bool(holds), Why::Compared),
                None => (Verdict::UnknownData, Why::NotPublished),
            };
            let by_audience = match is_foreign {
                true => (Verdict::No, Why::Compared),
                false => known(group.holds(&audience.id, audience.name.as_deref())),
            };
            if id != "MicrosoftAdminPortals" {
                return by_audience;
            }
            // The portals are meant as those to whom tokens are issued (entra-docs, target resources, 2026-01-26).
            let by_client = match client {
                Some(client) => known(group.holds(client, None)),
                None => (Verdict::UnknownContext, Why::NotInRecord),
            };
            let found = by_audience.0.or(by_client.0);
            (found, if found == by_audience.0 { by_audience.1 } else { by_client.1 })
        }
        id => (Verdict::from_bool(id.eq_ignore_ascii_case(&audience.id)), Why::Compared),
    }
}

/// Whether an audience is covered by a policy for all resources with exclusions, where requests for nothing but baseline scopes
/// are a case of their own (entra-docs, target resources, 2026-01-26; enforcement of resource exclusions, 2026-04-14).
fn with_baseline_scopes(
    lists: &Lists<'_>,
    audience: &Audience,
    resources: &Resources,
    asked: &Asked<'_>,
    scribe: &mut Scribe,
) -> Verdict {
    let tenant = asked.tenant();
    let plain = lists.cover(audience, tenant);
    if ![GRAPH, DIRECTORY].iter().any(|id| audience.id.eq_ignore_ascii_case(id)) {
        return plain;
    }
    let context = asked.context();
    let scopes = context.scopes.as_deref();
    // A client that the policy itself excludes can be targeted, so it is a confidential one.
    let is_excluded = lists.client.is_some_and(|client| lists.exclude.iter().any(|id| id.eq_ignore_ascii_case(client)));
    let baseline_only =
        scopes.map_or(Verdict::UnknownContext, |scopes| are_baseline_only(scopes, context.client_app, is_excluded));
    let oidc_only = scopes.is_some_and(|scopes| !scopes.is_empty() && are_among(scopes, &OPENID));
    let directory = Audience { id: DIRECTORY.to_owned(), ..Audience::default() };
    // Where the record lists the audiences, the new rule has already been at work on them.
    let is_mapped = resources.is_recorded;
    let under = |rule: BaselineScopes| {
        let special = match rule {
            BaselineScopes::Legacy => Verdict::No,
            // An excluded client that asks for nothing but to know who signed in is still let through.
            BaselineScopes::Enforced if is_excluded && oidc_only => Verdict::No,
            BaselineScopes::Enforced if is_mapped => plain,
            BaselineScopes::Enforced => lists.cover(&directory, tenant),
        };
        match baseline_only {
            Verdict::Yes => special,
            Verdict::No => plain,
            unknown if special != plain => unknown,
            _ => plain,
        }
    };
    let verdict = match tenant.baseline_scopes().or_else(|| by_date(context.at)) {
        Some(rule) => under(rule),
        // That the directory stands among the audiences shows the new rule at work (inferred).
        None if is_mapped && audience.id.eq_ignore_ascii_case(DIRECTORY) => plain,
        None => {
            let (legacy, enforced) = (under(BaselineScopes::Legacy), under(BaselineScopes::Enforced));
            if legacy == enforced { legacy } else { Verdict::UnknownData }
        }
    };
    if verdict != plain {
        scribe.whole(verdict, Why::BaselineScopes);
    }
    verdict
}

/// Before the change begins the old rule holds, and long after it the new one unless the tenant switched it off. Between them nothing
/// is certain: a tenant may have opted in early, and the pages disagree on the phases.
pub(super) fn by_date(at: Option<DateTime<Utc>>) -> Option<BaselineScopes> {
    let day = at?.date_naive();
    if CHANGE_BEGINS.is_some_and(|begins| day < begins) {
        Some(BaselineScopes::Legacy)
    } else if CHANGE_IS_DEFAULT.is_some_and(|default| day >= default) {
        Some(BaselineScopes::Enforced)
    } else {
        None
    }
}

/// Whether every scope is in a list, by its name without the resource.
fn are_among(scopes: &[String], list: &[&str]) -> bool {
    scopes.iter().all(|scope| {
        let name = scope.rsplit('/').next().unwrap_or(scope).to_ascii_lowercase();
        list.contains(&name.as_str())
    })
}

/// Whether a request asks for nothing but baseline scopes. The longer list was for confidential clients that are excluded.
fn are_baseline_only(scopes: &[String], client: Option<ClientApp>, is_excluded: bool) -> Verdict {
    let all = [&BASELINE[..], &BASELINE_OF_CONFIDENTIAL].concat();
    if scopes.is_empty() {
        Verdict::No
    } else if are_among(scopes, &BASELINE) {
        Verdict::Yes
    } else if !are_among(scopes, &all) || client == Some(ClientApp::MobileAppsAndDesktopClients) {
        Verdict::No
    } else if is_excluded {
        Verdict::Yes
    } else {
        // Whether a client in a browser is confidential does not show.
        Verdict::UnknownContext
    }
}

/// Whether a filter over custom security attributes holds for an application.
pub(super) fn filtered(rule: &Result<Rule, String>, id: Option<&str>, tenant: &Tenant) -> (Verdict, Why) {
    let Ok(rule) = rule else { return (Verdict::UnknownData, Why::Unreadable) };
    let Some(id) = id else { return (Verdict::UnknownContext, Why::NotInRecord) };
    let verdict = rule.evaluate(&tagged(id, tenant), Verdict::UnknownData);
    (verdict, if verdict.is_unknown() { Why::NotInSnapshot } else { Why::Compared })
}

/// The application of that id as a filter sees it.
pub(super) fn tagged<'a>(id: &str, tenant: &'a Tenant) -> Tagged<'a> {
    let application = tenant.application(id);
    // An application without a service principal here cannot carry attributes (entra-docs, filter for applications, 2025-07-22).
    Tagged { application, is_untagged: application.is_none() && tenant.knows_service_principals() }
}

/// An application as a filter over attributes sees it.
pub(super) struct Tagged<'a> {
    application: Option<&'a Application>,
    is_untagged: bool,
}

impl Attributes for Tagged<'_> {
    fn attribute(&self, name: &str) -> Seen<'_> {
        if self.is_untagged {
            return Seen::Null;
        }
        let Some(attributes) = self.application.and_then(|application| application.custom_attributes.as_ref()) else {
            return Seen::Missing;
        };
        let name = name.strip_prefix("customsecurityattribute.").unwrap_or(name);
        match attributes.get(name) {
            Some(property) => seen(Some(property)),
            // The export lists all attributes that are set.
            None => Seen::Null,
        }
    }
}
