//! Puts what the evaluator found into words: each item of a condition with the value it met, each control with what shows it, and
//! in one line why a policy did not match.

use crate::domain::context::{ClientApp, Given, Subject, Target};
use crate::domain::policy::{Filter, Policy};
use crate::domain::snapshot::{Group, NamedLocationKind};
use crate::domain::{Context, Evidence, SignIn, Verdict};

use super::access::{
    Asked, ControlName, ControlPart, ControlWhy, Evaluation, Granted, Item, MergedSession, Part, Tenant, Why,
    filter_parts,
};
use super::explanation::{ControlAnswer, PartAnswer};
use super::rule::{self, Condition};

/// An item of a condition in the policy's words, with names for ids.
fn item_text(policy: &Policy, part: &Part, asked: &Asked<'_>) -> String {
    let tenant = asked.tenant();
    let conditions = &policy.conditions;
    let (users, apps) = (&conditions.users, &conditions.applications);
    let out = part.is_exclusion;
    let at = |include: &[String], exclude: &[String], index: usize| -> String {
        let list = if out { exclude } else { include };
        list.get(index).cloned().unwrap_or_default()
    };
    let rule = |filter: Option<&Filter>| filter.map(|filter| filter.rule.clone()).unwrap_or_default();
    match part.item {
        Item::Whole => String::new(),
        Item::User(index) => rule::user_name(&at(&users.include_users, &users.exclude_users, index), tenant),
        Item::Group(index) => rule::group_name(&at(&users.include_groups, &users.exclude_groups, index), tenant),
        Item::Role(index) => rule::role_name(&at(&users.include_roles, &users.exclude_roles, index), tenant),
        Item::Guests => {
            let guests = if out { &users.exclude_guests } else { &users.include_guests };
            guests.as_ref().map(rule::guests_text).unwrap_or_default()
        }
        Item::Application(index) => rule::application_name(&at(&apps.include, &apps.exclude, index), tenant),
        Item::ApplicationFilter => rule(apps.filter.as_ref()),
        Item::UserAction(index) => rule::user_action(&at(&apps.user_actions, &[], index)),
        Item::AuthenticationContext(index) => {
            rule::authentication_context(&at(&apps.authentication_contexts, &[], index))
        }
        Item::Workload(index) => {
            let workloads = conditions.client_applications.as_ref();
            let id = workloads.map(|workloads| at(&workloads.include, &workloads.exclude, index)).unwrap_or_default();
            rule::workload_name(&id, tenant)
        }
        Item::WorkloadFilter => {
            rule(conditions.client_applications.as_ref().and_then(|workloads| workloads.filter.as_ref()))
        }
        Item::ClientAppType(index) => rule::client_app_type(&at(&conditions.client_app_types, &[], index)),
        Item::Platform(index) => {
            conditions.platforms.as_ref().map(|lists| at(&lists.include, &lists.exclude, index)).unwrap_or_default()
        }
        Item::Location(index) => {
            let id = conditions.locations.as_ref().map(|lists| at(&lists.include, &lists.exclude, index));
            rule::location_name(&id.unwrap_or_default(), tenant)
        }
        Item::DeviceFilter => rule(conditions.device_filter.as_ref()),
        Item::DeviceState(index) => {
            conditions.device_states.as_ref().map(|lists| at(&lists.include, &lists.exclude, index)).unwrap_or_default()
        }
        Item::Level(index) => {
            let levels = match part.condition {
                Condition::SignInRiskLevels => &conditions.sign_in_risk_levels,
                Condition::UserRiskLevels => &conditions.user_risk_levels,
                Condition::ServicePrincipalRiskLevels => &conditions.service_principal_risk_levels,
                _ => &conditions.insider_risk_levels,
            };
            at(levels, &[], index)
        }
        Item::TransferMethod(index) => at(&conditions.transfer_methods, &[], index),
        Item::UnknownMember(index) => {
            let member = policy.unknown.get(index);
            // A rule of security defaults is no object of the evidence; its words stand alone.
            let is_own = policy.id.starts_with("securityDefaults/");
            member
                .map(
                    |member| if is_own { member.text.clone() } else { format!("{} = {}", member.pointer, member.text) },
                )
                .unwrap_or_default()
        }
    }
}

/// How many groups on the way into a group are named at each end of it.
const NAMED_ON_THE_WAY: usize = 4;

/// The groups from the one that the user is in directly to the one of that number: those at the beginning, how many are left out,
/// and those at the end. Whole ways through deep nesting, once for each policy, would fill the memory and tell nobody anything.
fn way<'a>(number: usize, asked: &Asked<'a>) -> (Vec<&'a Group>, usize, Vec<&'a Group>) {
    let mut first = asked.path(number);
    if first.len() <= 2 * NAMED_ON_THE_WAY {
        return (first, 0, Vec::new());
    }
    let last = first.split_off(first.len() - NAMED_ON_THE_WAY);
    let left_out = first.len() - NAMED_ON_THE_WAY;
    first.truncate(NAMED_ON_THE_WAY);
    (first, left_out, last)
}

/// How an item met the value, in words; empty where the verdict alone says it.
fn why_text(part: &Part, asked: &Asked<'_>) -> String {
    match part.why {
        Why::Compared => String::new(),
        Why::NotInRecord => "not known: the request does not tell".to_owned(),
        Why::NotInSnapshot => "not in the snapshot".to_owned(),
        Why::Through(number) => {
            let (first, left_out, last) = way(number, asked);
            let name = |group: &&Group| format!("“{}”", group.display_name);
            let between = (left_out > 0).then(|| format!("{left_out} more groups one in the other"));
            let names: Vec<String> = first.iter().map(name).chain(between).chain(last.iter().map(name)).collect();
            format!("a member of {}", names.join(", which is in "))
        }
        Why::MembersUnknown => "the snapshot does not say who belongs to it".to_owned(),
        Why::Cyclic => {
            "the group is a member of itself in the snapshot, so that its members cannot be relied on".to_owned()
        }
        Why::Scoped => "held for a part of the tenant only, which does not count".to_owned(),
        Why::CustomRole => "one of the tenant's own roles, which do not count".to_owned(),
        Why::RoleThroughGroup => "held through a group".to_owned(),
        Why::OtherKindOfSubject => match asked.context().subject {
            Subject::Workload(_) => "an application signed in, and the policy is for people".to_owned(),
            _ => "a person signed in, and the policy is for applications".to_owned(),
        },
        Why::Empty => "the policy names nobody or nothing, so that it cannot apply".to_owned(),
        Why::Undocumented => "Microsoft's pages do not say what this means".to_owned(),
        Why::MfaTrustedAddresses => {
            "the trusted addresses of the MFA service settings are in no export (--fact mfaTrustedIps=none says that there are none)"
                .to_owned()
        }
        Why::Unreadable => "cannot be read or may mean several things; the inventory says why".to_owned(),
        Why::OtherAudience => {
            "the record names only the main resource; the application itself may have been one, too".to_owned()
        }
        Why::Dependency => {
            "the application asks for it when it opens; whether it did so here is not in the record".to_owned()
        }
        Why::BaselineScopes => {
            "before 2026 a policy with exclusions skipped requests for nothing but basic permissions (openid, profile, User.Read); which were asked for is in no log"
                .to_owned()
        }
        Why::NotPublished => "the list behind it is not published with ids".to_owned(),
        Why::Recognised => "by the networks that the record names".to_owned(),
        Why::UserAction => "a policy for all resources covers this action, too".to_owned(),
        Why::UnknownMember => "not known to this program".to_owned(),
        Why::Hidden => "the log hides the risk (no P2 licence)".to_owned(),
        Why::NotOwn => "a managed identity, or an application of another tenant".to_owned(),
    }
}

/// The items of a condition with the value each met. A filter is taken apart, with the values under the words they satisfy.
pub(super) fn parts(
    policy: &Policy,
    evaluation: &Evaluation,
    condition: Condition,
    asked: &Asked<'_>,
) -> Vec<PartAnswer> {
    let mut answers = Vec::new();
    for part in evaluation.parts_of(condition) {
        let text = item_text(policy, part, asked);
        answers.push(PartAnswer {
            text: if text.is_empty() { "the condition as a whole".to_owned() } else { text },
            is_exclusion: part.is_exclusion,
            depth: 0,
            verdict: part.verdict,
            seen: why_text(part, asked),
        });
        for inner in filter_parts(policy, part.item, asked) {
            // A rule of one comparison is the item itself; its value stands beside it.
            if inner.depth == 0 {
                if let Some(answer) = answers.last_mut().filter(|_| !inner.seen.is_empty()) {
                    answer.seen = inner.seen;
                }
                continue;
            }
            answers.push(PartAnswer {
                text: inner.text,
                is_exclusion: part.is_exclusion,
                depth: inner.depth,
                verdict: inner.verdict,
                seen: inner.seen,
            });
        }
    }
    answers
}

/// Where in the snapshot the objects stand by which items of a condition matched: groups on the way, roles, locations, devices.
pub(super) fn evidence(
    policy: &Policy,
    evaluation: &Evaluation,
    condition: Condition,
    asked: &Asked<'_>,
) -> Vec<Evidence> {
    let tenant = asked.tenant();
    let conditions = &policy.conditions;
    let mut evidence = Vec::new();
    for part in evaluation.parts_of(condition).filter(|part| part.verdict == Verdict::Yes) {
        match (part.item, part.why) {
            (Item::Group(_), Why::Through(number)) => {
                let (first, _, last) = way(number, asked);
                let groups = first.iter().chain(&last);
                evidence.extend(groups.map(|group| group.origin.evidence("group", "/members", &group.display_name)));
            }
            (Item::Group(index), _) => {
                let users = &conditions.users;
                let list = if part.is_exclusion { &users.exclude_groups } else { &users.include_groups };
                let group = list.get(index).and_then(|id| tenant.group(id));
                evidence.extend(group.map(|group| group.origin.evidence("group", "/members", &group.display_name)));
            }
            (Item::Role(index), _) => {
                let users = &conditions.users;
                let list = if part.is_exclusion { &users.exclude_roles } else { &users.include_roles };
                let role = list.get(index).and_then(|id| tenant.role(id));
                evidence.extend(role.map(|role| role.origin.evidence("role", "", &role.display_name)));
            }
            (Item::Location(index), _) => {
                let lists = conditions.locations.as_ref();
                let list = lists.map(|lists| if part.is_exclusion { &lists.exclude } else { &lists.include });
                let location = list.and_then(|list| list.get(index)).and_then(|id| tenant.named_location(id));
                evidence.extend(location.map(|location| {
                    let pointer = match &location.kind {
                        NamedLocationKind::Countries { .. } => "/countriesAndRegions",
                        _ => "/ipRanges",
                    };
                    location.origin.evidence("named location", pointer, &location.display_name)
                }));
            }
            _ => {}
        }
    }
    evidence
}

/// Why a policy did not match or cannot be decided, in one line: the conditions in the way, with the item that says so.
pub(super) fn miss(policy: &Policy, evaluation: &Evaluation, asked: &Asked<'_>) -> String {
    if evaluation.applies == Verdict::Yes {
        return String::new();
    }
    let wanted = |verdict: Verdict| match evaluation.applies {
        Verdict::No => verdict == Verdict::No,
        _ => verdict.is_unknown(),
    };
    let in_the_way = evaluation.conditions().filter(|(_, verdict)| wanted(*verdict));
    let words: Vec<String> = in_the_way
        .map(|(condition, verdict)| {
            let label = Condition::label(condition.word());
            let seen = seen_in(condition, asked.context());
            match telling(evaluation, condition, verdict) {
                Some(part) if part.is_exclusion && part.item == Item::DeviceFilter => {
                    format!("{label}: excluded, {}", filter_miss(policy, asked))
                }
                Some(part) if part.is_exclusion && part.verdict == Verdict::Yes => {
                    let why = why_text(part, asked);
                    let why = if why.is_empty() { why } else { format!(" ({why})") };
                    let item = item_text(policy, part, asked);
                    // A value that is excluded by itself is not said twice.
                    let by = if item == seen { String::new() } else { format!(" by {item}") };
                    format!("{label}: {seen} is excluded{by}{why}")
                }
                Some(part) => {
                    let text = [item_text(policy, part, asked), why_text(part, asked)];
                    let text: Vec<&str> = text.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
                    match verdict.is_unknown() && part.why == Why::Compared {
                        true => format!("{label}: {} cannot be decided", text.join(", ")),
                        false => format!("{label}: {}", text.join(", ")),
                    }
                }
                None if verdict.is_unknown() => format!("{label}: {seen}, which cannot be decided"),
                None if condition == Condition::Devices => format!("{label}: {}", filter_miss(policy, asked)),
                None => format!("{label}: {seen} is {}", outside(policy, evaluation, condition, asked)),
            }
        })
        .collect();
    if words.is_empty() { "it has a member that this program does not know".to_owned() } else { words.join("; ") }
}

/// What a filter for devices met: its rule, and the values of the attributes it asks for.
fn filter_miss(policy: &Policy, asked: &Asked<'_>) -> String {
    let parts = filter_parts(policy, Item::DeviceFilter, asked);
    let rule = parts.first().map(|part| part.text.clone()).unwrap_or_default();
    if asked.context().device == Given::Nothing {
        return format!("no device proved itself, so every property is empty for {rule}");
    }
    let mut values: Vec<String> = Vec::new();
    for part in &parts {
        if let Some(attribute) = &part.attribute {
            let value = format!("{attribute} is {}", part.seen);
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }
    format!("{} for {rule}", super::joined(&values))
}

/// That a value is nothing of what a condition includes, in words: all of it when it is little, else the first of it.
fn outside(policy: &Policy, evaluation: &Evaluation, condition: Condition, asked: &Asked<'_>) -> String {
    const MOST: usize = 3;
    let parts = evaluation.parts_of(condition).filter(|part| !part.is_exclusion);
    let texts: Vec<String> = parts.map(|part| item_text(policy, part, asked)).collect();
    let named = match texts.as_slice() {
        [first, second, rest @ ..] if texts.len() > MOST => format!("{first}, {second} and {} more", rest.len()),
        few => super::joined(few),
    };
    let names_nothing = texts.iter().all(|text| text == "no users" || text == "no resources");
    match (condition, texts.len()) {
        (_, 0) => "not included".to_owned(),
        (_, 1) if names_nothing => format!("not covered, the policy names {named}"),
        (Condition::Applications, _) if texts.iter().all(|text| text.starts_with("the action ")) => {
            format!("a resource; the policy is for {named}")
        }
        (Condition::Applications, _) if texts.iter().all(|text| text.starts_with("authentication context ")) => {
            format!("asked for without {named}")
        }
        (Condition::SignInRiskLevels | Condition::UserRiskLevels | Condition::InsiderRiskLevels, _)
        | (Condition::ServicePrincipalRiskLevels | Condition::AuthenticationFlows, _) => {
            format!("outside of what the policy is for ({})", texts.join(", "))
        }
        // People belong to groups and hold roles; they are not these.
        (Condition::Users | Condition::ClientApplications, _) => format!("not among {named}"),
        (_, 1) => format!("not {named}"),
        _ => format!("none of {named}"),
    }
}

/// The item that decided a condition: the exclusion that matched, or what cannot be decided, or the condition as a whole.
fn telling(evaluation: &Evaluation, condition: Condition, verdict: Verdict) -> Option<&Part> {
    let mut parts = evaluation.parts_of(condition);
    match verdict {
        Verdict::No => parts
            .clone()
            .find(|part| part.is_exclusion && part.verdict == Verdict::Yes)
            .or_else(|| parts.find(|part| part.item == Item::Whole || !part.is_exclusion && part.why != Why::Compared)),
        _ => parts.find(|part| part.verdict.is_unknown()),
    }
}

/// The value that a condition looks at in a request, in words, for requests that no record stands behind.
pub fn seen_in(condition: Condition, context: &Context) -> String {
    let given = |value: &Given<String>, none: &str| match value {
        Given::Value(value) => value.clone(),
        Given::Nothing => none.to_owned(),
        Given::Missing => "not said".to_owned(),
    };
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "not said".to_owned());
    match condition {
        Condition::Applications => match &context.target {
            Target::Resources(resources) if !resources.audiences.is_empty() => {
                let names = resources.audiences.iter().map(|audience| audience.name.as_deref().unwrap_or(&audience.id));
                names.collect::<Vec<_>>().join(", ")
            }
            Target::UserAction(action) => rule::user_action(action),
            _ => match &context.authentication_contexts {
                Some(contexts) if !contexts.is_empty() => {
                    format!("authentication context {}", contexts.join(", "))
                }
                _ => "not said".to_owned(),
            },
        },
        Condition::Users => match &context.subject {
            Subject::User(user) => user.principal_name.clone().or_else(|| user.id.clone()).unwrap_or_default(),
            Subject::Workload(_) => "an application as itself".to_owned(),
            Subject::Missing => "not said".to_owned(),
        },
        Condition::ClientApplications => match &context.subject {
            Subject::Workload(workload) => said(&workload.id),
            Subject::User(_) => "a person".to_owned(),
            Subject::Missing => "not said".to_owned(),
        },
        Condition::ClientAppTypes => context.client_app.map_or("not said", ClientApp::label).to_owned(),
        Condition::Platforms => match context.platform {
            Given::Value(platform) => platform.word().to_owned(),
            Given::Nothing => "a platform that no policy names".to_owned(),
            Given::Missing => "not said".to_owned(),
        },
        Condition::Locations => {
            let place = &context.place;
            let address = place.address.value().map(ToString::to_string);
            let country = place.country.value().cloned();
            let named = place.named_locations.as_ref().map(|named| format!("location {}", named.join(", ")));
            let trusted = place.is_trusted.map(|yes| if yes { "trusted" } else { "not trusted" }.to_owned());
            let parts: Vec<String> = [country, address, named, trusted].into_iter().flatten().collect();
            if parts.is_empty() { "not said".to_owned() } else { parts.join(", ") }
        }
        Condition::Devices => match &context.device {
            Given::Missing => "not said".to_owned(),
            Given::Nothing => "no device identity".to_owned(),
            Given::Value(properties) => format!("a registered device ({} properties known)", properties.len()),
        },
        Condition::SignInRiskLevels => said(&context.sign_in_risk),
        Condition::UserRiskLevels => said(&context.user_risk),
        Condition::ServicePrincipalRiskLevels => said(&context.service_principal_risk),
        Condition::InsiderRiskLevels => said(&context.insider_risk),
        Condition::AuthenticationFlows => given(&context.transfer_method, "none"),
        Condition::Times => context.at.map_or_else(|| "not said".to_owned(), super::written),
        Condition::Other => "a condition this program does not know".to_owned(),
    }
}

/// What a session gets of all policies together, a line for each control.
pub fn session_lines(session: &MergedSession, tenant: &Tenant) -> Vec<String> {
    let name = |index: &usize| {
        let policy = tenant.snapshot().policies.get(*index);
        policy.map_or_else(|| "security defaults".to_owned(), |policy| format!("“{}”", policy.display_name))
    };
    let mut lines = Vec::new();
    if let Some((hours, from)) = session.sign_in_frequency {
        lines.push(format!("{} (the strictest, by {})", rule::hours_text(hours), name(&from)));
    }
    let mut modes = |label: &str, held: &[(String, usize)], winner: Option<&str>| {
        let Some((first, _)) = held.first() else { return };
        let agree = held.iter().all(|(mode, _)| mode == first);
        let each: Vec<String> = held.iter().map(|(mode, from)| format!("{mode} by {}", name(from))).collect();
        let doubt = match winner {
            _ if agree => String::new(),
            Some(winner) => format!("; {winner} is taken to win as the strictest, which is not documented"),
            None => "; which of them wins is not documented".to_owned(),
        };
        lines.push(format!("{label}: {}{doubt}", super::joined(&each)));
    };
    let strictest = session.app_control().map(|(kind, _)| kind.as_str());
    modes("persistent browser session", &session.persistent_browser, None);
    modes("Conditional Access App Control", &session.cloud_app_security, strictest);
    modes("continuous access evaluation", &session.continuous_access_evaluation, None);
    let mut flags = |label: &str, held: &[usize]| {
        if !held.is_empty() {
            lines.push(format!("{label}, by {}", super::joined(&held.iter().map(name).collect::<Vec<_>>())));
        }
    };
    flags("app enforced restrictions", &session.application_enforced_restrictions);
    flags("token protection", &session.token_protection);
    flags("resilience defaults off", &session.disable_resilience_defaults);
    lines
}

/// A control of a policy in words.
pub fn control_text(policy: &Policy, control: ControlName) -> String {
    let Some(grant) = &policy.grant else { return String::new() };
    match control {
        ControlName::BuiltIn(index) => {
            grant.built_in.get(index).map(|word| rule::control_name(word)).unwrap_or_default()
        }
        ControlName::Strength => grant.strength.as_ref().map(rule::strength_text).unwrap_or_default(),
        ControlName::TermsOfUse(index) => {
            grant.terms_of_use.get(index).map(|id| format!("terms of use {id}")).unwrap_or_default()
        }
        ControlName::Custom(index) => {
            grant.custom_factors.get(index).map(|id| format!("custom control {id}")).unwrap_or_default()
        }
    }
}

/// A control in the policies' own word; what has an id is named by its kind, as Graph calls it, and the id.
pub fn control_word(policy: &Policy, control: ControlName) -> String {
    let Some(grant) = &policy.grant else { return String::new() };
    let named = |kind: &str, id: Option<&String>| id.map(|id| format!("{kind}/{id}")).unwrap_or_default();
    match control {
        ControlName::BuiltIn(index) => grant.built_in.get(index).cloned().unwrap_or_default(),
        ControlName::Strength => named("authenticationStrength", grant.strength.as_ref().map(|strength| &strength.id)),
        ControlName::TermsOfUse(index) => named("termsOfUse", grant.terms_of_use.get(index)),
        ControlName::Custom(index) => named("customAuthenticationFactor", grant.custom_factors.get(index)),
    }
}

/// What a policy demands, control by control, with what shows whether it was met. `sign_in` is the record, where one stands behind
/// the request.
pub(super) fn controls(policy: &Policy, granted: &Granted, sign_in: Option<&SignIn>) -> Vec<ControlAnswer> {
    let answer = |part: &ControlPart| {
        let (shown, evidence) = sign_in.map(|sign_in| shown(policy, part, sign_in)).unwrap_or_default();
        let why = control_why(part);
        let seen = match (why.is_empty(), shown.is_empty()) {
            (true, true) if part.verdict == Verdict::Yes => "met".to_owned(),
            (true, true) => "not met".to_owned(),
            (true, false) => shown,
            (false, _) => why,
        };
        ControlAnswer { control: control_text(policy, part.control), verdict: part.verdict, seen, evidence }
    };
    granted.controls.iter().map(answer).collect()
}

fn control_why(part: &ControlPart) -> String {
    match part.why {
        ControlWhy::Shown => "",
        ControlWhy::NotInRecord => "the record does not say whether it was met",
        ControlWhy::StrengthUnknown => "the snapshot does not say which methods it allows",
        ControlWhy::Block => "a block cannot be met",
        ControlWhy::LegacyClient => "a client of this kind cannot be asked, and sends no word of its device",
        ControlWhy::DeviceCode => "with device code flow the device that signs in cannot prove itself",
        ControlWhy::External => "cannot be met by external users",
        ControlWhy::Enrollment => "the enrolment of devices is let through",
        ControlWhy::ReplacedStrength => {
            "the strength of the policy for registering security information counts instead"
        }
        ControlWhy::UnknownControl => "not known to this program",
    }
    .to_owned()
}

/// What the record shows of a control, in words and with its place.
fn shown(policy: &Policy, part: &ControlPart, sign_in: &SignIn) -> (String, Vec<Evidence>) {
    let word = match (part.control, &policy.grant) {
        (ControlName::BuiltIn(index), Some(grant)) => grant.built_in.get(index).map(|word| word.to_ascii_lowercase()),
        _ => None,
    };
    let device = |label: &str, pointer: &str, value: Option<String>| match (&sign_in.device.device_id, value) {
        (None, _) => {
            ("no device proved itself".to_owned(), vec![sign_in.evidence("device id", "/deviceDetail/deviceId", "")])
        }
        (Some(_), Some(value)) => (format!("{label}: {value}"), vec![sign_in.evidence(label, pointer, value)]),
        (Some(_), None) => (String::new(), Vec::new()),
    };
    match word.as_deref() {
        Some("compliantdevice") => {
            device("compliant", "/deviceDetail/isCompliant", sign_in.device.is_compliant.map(|yes| yes.to_string()))
        }
        Some("domainjoineddevice") => device("join type", "/deviceDetail/trustType", sign_in.device.trust_type.clone()),
        None if part.control == ControlName::Strength => methods(sign_in),
        Some("mfa") | None => factors(sign_in),
        Some(_) => (String::new(), Vec::new()),
    }
}

/// What the record says of MFA: its code when MFA was asked for, else what came of the steps.
fn factors(sign_in: &SignIn) -> (String, Vec<Evidence>) {
    let says_done = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("mfa completed") || text.contains("mfa successfully completed") || text.contains("satisfied by")
    };
    let is_done = sign_in.status.additional_details.as_deref().is_some_and(says_done);
    if let Some(code @ (50072 | 50074 | 50076 | 50078 | 50079 | 500_121)) = sign_in.error_code().filter(|_| !is_done) {
        let evidence = sign_in.evidence("error code", "/status/errorCode", code.to_string());
        return (format!("not given: error {code}"), vec![evidence]);
    }
    if let Some(details) = sign_in.status.additional_details.as_deref().filter(|details| details.contains("MFA")) {
        let evidence = sign_in.evidence("details", "/status/additionalDetails", details);
        return (details.to_owned(), vec![evidence]);
    }
    methods(sign_in)
}

/// The methods that the record names.
fn methods(sign_in: &SignIn) -> (String, Vec<Evidence>) {
    let steps = sign_in.authentication_details.as_deref().unwrap_or_default();
    let methods: Vec<String> = steps.iter().filter_map(|step| step.method.clone()).collect();
    let evidence = steps.iter().enumerate().filter_map(|(index, step)| {
        let pointer = format!("/authenticationDetails/{index}/authenticationMethod");
        Some(sign_in.evidence("method", &pointer, step.method.clone()?))
    });
    (methods.join(", "), evidence.collect())
}
