//! Answers whether a policy is for what is asked for: applications and groups of them, user actions, authentication contexts.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use authopsy::domain::context::{Audience, ClientApp, Resources, Target};
use authopsy::domain::first_party;
use authopsy::domain::policy::{Applications, Policy};
use serde_json::Value;

use crate::case::{Case, lists, low};
use crate::truth::Truth;

/// Microsoft Graph.
pub const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
/// Windows Azure Active Directory.
pub const DIRECTORY: &str = "00000002-0000-0000-c000-000000000000";

static GROUPS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/resource_groups.json")).unwrap_or_default());
static DEPENDENCIES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/service_dependencies.json")).unwrap_or_default());

/// The members of an array.
fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// Whether a policy names anything it is for.
pub fn names_something(policy: &Policy) -> bool {
    let applications = &policy.conditions.applications;
    let includes = applications.filter.as_ref().is_some_and(|filter| low(&filter.mode) != "exclude");
    let lists = [&applications.include, &applications.user_actions, &applications.authentication_contexts];
    includes || lists.iter().any(|list| !list.is_empty())
}

/// Whether a policy is for what is asked for.
pub fn applications(case: &Case, policy: &Policy) -> Truth {
    let applications = &policy.conditions.applications;
    let contexts = applications.authentication_contexts.iter();
    let contexts =
        Truth::any(contexts.map(|wanted| {
            Truth::told(case.context.authentication_contexts.as_ref().map(|asked| lists(asked, wanted)))
        }));
    let rest = match &case.context.target {
        Target::UserAction(action) => user_action(applications, action),
        Target::Resources(resources) => of_resources(case, applications, resources),
        Target::Missing => {
            let nothing = includes_nothing(applications) && applications.user_actions.is_empty();
            if nothing { Truth::No } else { Truth::Unknown }
        }
    };
    contexts.or(rest)
}

fn user_action(applications: &Applications, action: &str) -> Truth {
    let all = match applications.include.iter().any(|item| item == "All") {
        true if low(action) == "urn:user:registersecurityinfo" => Truth::Yes,
        true => Truth::Unknown,
        false => Truth::No,
    };
    all.or(Truth::known(lists(&applications.user_actions, action)))
}

/// Whether no application is included.
fn includes_nothing(applications: &Applications) -> bool {
    applications.include.iter().all(|item| item == "None")
}

/// The answer where no audience is known.
fn of_no_audience(applications: &Applications) -> Truth {
    if includes_nothing(applications) {
        Truth::No
    } else if applications.include.iter().any(|item| item == "All") && applications.exclude.is_empty() {
        Truth::Yes
    } else {
        Truth::Unknown
    }
}

fn of_resources(case: &Case, applications: &Applications, resources: &Resources) -> Truth {
    if applications.include.is_empty() || resources.audiences.is_empty() {
        return of_no_audience(applications);
    }
    let asked = |audience: &Audience| audience_is_covered(case, applications, resources, audience);
    let known = Truth::any(resources.audiences.iter().map(asked));
    if known != Truth::No || resources.is_complete {
        return known;
    }
    let is_mail = matches!(case.context.client_app, Some(ClientApp::ExchangeActiveSync(_) | ClientApp::Other));
    if resources.client_id.is_none() && !is_mail && !includes_nothing(applications) {
        return Truth::Unknown;
    }
    let may_be_covered = further_audiences(case, resources).into_iter().any(|id| {
        let is_client = resources.client_id.as_ref().is_some_and(|client| low(client) == id);
        let name = resources.client_name.clone().filter(|_| is_client);
        let audience = Audience { id, name, owner_tenant: None };
        is_covered(applications, resources, &audience) != Truth::No
    });
    if may_be_covered { Truth::Unknown } else { Truth::No }
}

/// The ids of what the token may be for as well: the client itself and what the applications ask for before they open.
fn further_audiences(case: &Case, resources: &Resources) -> BTreeSet<String> {
    let named: BTreeSet<String> = resources.audiences.iter().map(|audience| low(&audience.id)).collect();
    let client = resources.client_id.iter().map(|id| low(id));
    let no_audience_itself = matches!(
        case.context.client_app,
        Some(
            ClientApp::MobileAppsAndDesktopClients
                | ClientApp::ExchangeActiveSync(_)
                | ClientApp::Other
                | ClientApp::Unnamed
        )
    );
    let mut further: BTreeSet<String> = BTreeSet::new();
    if !no_audience_itself {
        further.extend(client.clone());
    }
    for caller in named.iter().cloned().chain(client) {
        for dependency in items(&DEPENDENCIES, "dependencies") {
            let is_caller = |id: &Value| id.as_str().is_some_and(|id| low(id) == caller);
            if dependency["binding"] == "early" && items(dependency, "applicationIds").iter().any(is_caller) {
                let ids = items(dependency, "resourceIds").iter();
                further.extend(ids.filter_map(Value::as_str).map(low));
            }
        }
    }
    &further - &named
}

/// Whether the policy covers an audience, with what the service does where only baseline scopes are asked for.
fn audience_is_covered(case: &Case, applications: &Applications, resources: &Resources, audience: &Audience) -> Truth {
    let plain = is_covered(applications, resources, audience);
    let mixed = applications.include.iter().any(|item| item == "All") && !applications.exclude.is_empty();
    if !mixed || ![GRAPH, DIRECTORY].contains(&low(&audience.id).as_str()) {
        return plain;
    }
    let excludes_client = resources.client_id.as_ref().is_some_and(|client| lists(&applications.exclude, client));
    let baseline = asks_baseline_only(case, excludes_client);
    let before = plain.and(baseline.not());
    let directory = Audience { id: DIRECTORY.to_owned(), name: None, owner_tenant: None };
    let moved = match () {
        () if excludes_client && asks_for_identity_only(case) => Truth::No,
        () if resources.is_recorded => plain,
        () => is_covered(applications, resources, &directory),
    };
    let after = match baseline {
        Truth::Yes => moved,
        Truth::No => plain,
        Truth::Unknown => plain.agreed(moved),
    };
    let at = case.context.at.map(|at| at.format("%Y-%m-%d").to_string());
    match at.as_deref() {
        Some(day) if day < "2026-03-01" => before,
        Some(day) if day >= "2026-09-01" => after,
        _ if resources.is_recorded && low(&audience.id) == DIRECTORY => plain,
        _ => before.agreed(after),
    }
}

/// The scopes asked for, by their last words.
fn scopes(case: &Case) -> Option<BTreeSet<String>> {
    let scopes = case.context.scopes.as_ref()?;
    Some(scopes.iter().map(|scope| low(scope.rsplit('/').next().unwrap_or(scope))).collect())
}

/// Whether it is known that something is asked for and that it is only who the user is.
fn asks_for_identity_only(case: &Case) -> bool {
    const IDENTITY: [&str; 4] = ["openid", "profile", "email", "offline_access"];
    scopes(case)
        .is_some_and(|scopes| !scopes.is_empty() && scopes.iter().all(|scope| IDENTITY.contains(&scope.as_str())))
}

/// Whether only scopes are asked for that the service counts as the baseline, which are more for an excluded client.
fn asks_baseline_only(case: &Case, excludes_client: bool) -> Truth {
    const SMALL: [&str; 6] = ["openid", "profile", "email", "offline_access", "user.read", "people.read"];
    const LARGE: [&str; 5] =
        ["user.read.all", "user.readbasic.all", "people.read.all", "groupmember.read.all", "member.read.hidden"];
    let Some(scopes) = scopes(case) else { return Truth::Unknown };
    let small: BTreeSet<String> = SMALL.iter().map(|scope| (*scope).to_owned()).collect();
    let both: BTreeSet<String> = SMALL.iter().chain(&LARGE).map(|scope| (*scope).to_owned()).collect();
    if scopes.is_empty() || !scopes.is_subset(&both) {
        Truth::No
    } else if scopes.is_subset(&small) {
        Truth::Yes
    } else if case.context.client_app == Some(ClientApp::MobileAppsAndDesktopClients) {
        Truth::No
    } else if excludes_client {
        Truth::Yes
    } else {
        Truth::Unknown
    }
}

/// Whether what the policy names holds an audience: an item that includes it and none that excludes it.
fn is_covered(applications: &Applications, resources: &Resources, audience: &Audience) -> Truth {
    let hits = |list: &[String]| Truth::any(list.iter().map(|item| holds(item, resources, audience)));
    hits(&applications.include).and(hits(&applications.exclude).not())
}

fn holds(item: &str, resources: &Resources, audience: &Audience) -> Truth {
    match item {
        "All" => Truth::Yes,
        "None" => Truth::No,
        "Office365" => in_group(item, audience),
        "MicrosoftAdminPortals" => {
            let client = resources.client_id.as_ref().map_or(Truth::Unknown, |client| by_id(item, client));
            in_group(item, audience).or(client)
        }
        id => Truth::known(low(id) == low(&audience.id)),
    }
}

/// Whether a group of applications holds an id.
fn by_id(word: &str, id: &str) -> Truth {
    let group = items(&GROUPS, "groups").iter().find(|group| group["word"] == word);
    let has = |name: &str| {
        let ids = group.map_or(&[][..], |group| items(group, name)).iter();
        ids.filter_map(|member| member["id"].as_str()).any(|member| low(member) == low(id))
    };
    if has("members") { Truth::Yes } else { Truth::told(has("outside").then_some(false)) }
}

/// Whether a group of applications holds an application, by who owns it, its id, its name.
fn in_group(word: &str, audience: &Audience) -> Truth {
    let owner = audience.owner_tenant.as_ref();
    if owner.is_some_and(|owner| !first_party::is_microsoft(owner)) {
        return Truth::No;
    }
    let by_id = by_id(word, &audience.id);
    if by_id != Truth::Unknown {
        return by_id;
    }
    let group = items(&GROUPS, "groups").iter().find(|group| group["word"] == word);
    let names = group.map_or(&[][..], |group| items(group, "names")).iter().filter_map(Value::as_str);
    let published: BTreeSet<String> = names.map(low).collect();
    let is_published = audience.name.as_ref().is_some_and(|name| published.contains(&low(name)));
    if is_published { Truth::Yes } else { Truth::Unknown }
}
