//! Answers what would happen to a request: which policies apply, by which conditions, and how it would end.
//!
//! The request is taken as a fresh sign-in; what nobody said of it is unknown, and a condition that is false without it stays
//! false. Dependencies among services are not followed, as in Microsoft's own What If
//! (entra-docs, What If tool, 2025-04-28).

use crate::domain::context::{Audience, Subject, Target};
use crate::domain::first_party::Binding;
use crate::domain::guest::GuestKinds;
use crate::domain::policy::{Policy, PolicyState};
use crate::domain::snapshot::{Collection, User};
use crate::domain::{Context, Verdict, first_party};

use super::access::{self, Asked, Decision, Ending, Evaluation, MergedSession, PolicyEvaluation, Tenant, Why, decide};
use super::explanation::{Basis, ConditionAnswer, ControlAnswer};
use super::reason;
use super::rule::{self, Condition};

/// What would happen to a request.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    /// What came of each policy, in the order of the snapshot.
    pub policies: Vec<PolicyVerdict>,
    /// How it would end.
    pub ending: Ending,
    /// The controls that are demanded and not shown to be met, in the order in which Entra asks, each once.
    pub required: Vec<RequiredControl>,
    /// The ids of the policies that block.
    pub blocked_by: Vec<String>,
    /// Whether policies are known to be missing from the snapshot, which leaves every ending but a block open.
    pub misses_policies: bool,
    /// The ids of the policies on which the ending hangs and that cannot be decided.
    pub undecided: Vec<String>,
    /// What the session would get; the numbers are those of the policies.
    pub session: MergedSession,
    /// What is worth knowing beside: a user that the snapshot lacks, dependencies that were not followed.
    pub notes: Vec<String>,
}

/// A control that is demanded and not shown to be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredControl {
    /// The policies' own word for it; authentication strengths, terms of use and custom controls are named by kind and id.
    pub word: String,
    /// The same for people.
    pub text: String,
}

/// What came of one policy.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyVerdict {
    /// The policy's id.
    pub id: String,
    /// Its name.
    pub display_name: String,
    /// Its state, in Graph's word.
    pub state: String,
    /// Whether it applies; a policy that is switched off does not.
    pub applies: Verdict,
    /// The result in the log's words, or `unknown`.
    pub result: String,
    /// Why it does not apply or cannot be decided, in the words of Graph's `analysisReasons`, every one of them.
    pub reasons: Vec<&'static str>,
    /// The same in one line for people; empty for a policy that applies.
    pub miss: String,
    /// Its conditions.
    pub conditions: Vec<ConditionAnswer>,
    /// What it demands.
    pub controls: Vec<ControlAnswer>,
}

impl WhatIf {
    /// How the request would end, for people; where that cannot be told, on which policies it hangs.
    pub fn ending_text(&self) -> String {
        let named = self.policies.iter().filter(|policy| self.undecided.contains(&policy.id));
        let names: Vec<String> = named.map(|policy| format!("“{}”", policy.display_name)).collect();
        match self.ending {
            Ending::Unknown if self.misses_policies => {
                "cannot be told, policies are missing from the snapshot".to_owned()
            }
            Ending::Unknown if names.is_empty() => "cannot be told from what is known".to_owned(),
            Ending::Unknown => format!("cannot be told, it hangs on {}", super::joined(&names)),
            ending => ending.word().to_owned(),
        }
    }

    /// What is demanded and not shown to be met, for people.
    pub fn required_text(&self) -> String {
        self.required.iter().map(|control| control.text.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Adds to a context what the service would look up itself and nobody said: the kind of account, names and owners of resources.
pub fn complete(context: &mut Context, tenant: &Tenant) {
    if let Subject::User(subject) = &mut context.subject {
        let user = tenant.user(subject.id.as_deref(), subject.principal_name.as_deref());
        if let Some(user) = user {
            subject.principal_name.get_or_insert_with(|| user.user_principal_name.clone());
            if subject.kinds == GuestKinds::ANY {
                subject.kinds = kinds(user, tenant);
            }
        }
        if subject.kinds == GuestKinds::MEMBER && subject.home_tenant.is_none() {
            subject.home_tenant = tenant.tenant_id().map(str::to_owned);
        }
        if let (Some(home), Some(own)) = (&subject.home_tenant, tenant.tenant_id()) {
            let fits = GuestKinds::of_tenant(home.eq_ignore_ascii_case(own)).and(subject.kinds);
            // What contradicts itself is left as it was said.
            subject.kinds = if fits.is_empty() { subject.kinds } else { fits };
        }
    }
    if let Subject::Workload(workload) = &mut context.subject {
        let held = workload.id.as_deref().and_then(|id| tenant.application(id));
        let is_managed = held.and_then(|held| held.is_managed_identity);
        workload.is_managed_identity = workload.is_managed_identity.or(is_managed);
    }
    if let Target::Resources(resources) = &mut context.target {
        for audience in &mut resources.audiences {
            let held = tenant.application(&audience.id);
            if audience.name.is_none() {
                let published = || first_party::application_name(&audience.id).map(str::to_owned);
                audience.name = held.map(|held| held.display_name.clone()).or_else(published);
            }
            if audience.owner_tenant.is_none() {
                audience.owner_tenant = held.and_then(|held| held.owner_tenant.clone());
            }
        }
    }
}

/// The kinds of account that a user's object can be. An external account has a rewritten principal name (inferred from exports).
pub(super) fn kinds(user: &User, tenant: &Tenant) -> GuestKinds {
    let is_rewritten = user.user_principal_name.to_ascii_uppercase().contains("#EXT#");
    let domains = &tenant.snapshot().domains;
    let is_own =
        !is_rewritten && (domains.is_empty() || tenant.snapshot().domain_of(&user.user_principal_name).is_some());
    match (user.user_type.as_deref().map(str::to_ascii_lowercase).as_deref(), is_rewritten, is_own) {
        (Some("member"), true, _) => GuestKinds::COLLABORATION_MEMBER,
        (Some("member"), _, true) => GuestKinds::MEMBER,
        (Some("guest"), true, _) => GuestKinds::COLLABORATION_GUEST,
        (Some("guest"), _, true) => GuestKinds::INTERNAL_GUEST,
        (Some("guest"), ..) => GuestKinds::EXTERNAL,
        _ => GuestKinds::ANY,
    }
}

/// Answers what would happen to a request.
pub fn answer(context: &Context, tenant: &Tenant) -> WhatIf {
    let asked = Asked::new(context, tenant);
    let decision = decide(&asked);
    let of_snapshot = tenant.snapshot().policies.iter().zip(&decision.policies);
    let of_defaults = decision.defaults.iter().map(|(policy, computed)| (policy, computed));
    let policies: Vec<PolicyVerdict> =
        of_snapshot.chain(of_defaults).map(|(policy, computed)| verdict(policy, computed, &asked)).collect();
    let id_of = |index: &usize| policy(*index, tenant, &decision).map(|policy| policy.id.clone());
    let mut required: Vec<RequiredControl> = Vec::new();
    for (index, control) in &decision.required {
        let demanded = policy(*index, tenant, &decision).map(|policy| RequiredControl {
            word: reason::control_word(policy, *control),
            text: reason::control_text(policy, *control),
        });
        required.extend(demanded.filter(|demanded| !required.contains(demanded)));
    }
    WhatIf {
        ending: decision.ending,
        required,
        blocked_by: decision.blocked_by.iter().filter_map(id_of).collect(),
        misses_policies: access::misses_policies(tenant.snapshot()),
        undecided: decision.undecided.iter().filter_map(id_of).collect(),
        session: decision.session.clone(),
        notes: notes(context, tenant),
        policies,
    }
}

fn notes(context: &Context, tenant: &Tenant) -> Vec<String> {
    let mut notes = Vec::new();
    let snapshot = tenant.snapshot();
    if access::misses_policies(snapshot) {
        notes.push("policies are missing from the snapshot, and a missing one may stop the request".to_owned());
    } else if snapshot.single.contains(&Collection::Policies) {
        notes.push("the policies came as single files: if the tenant has others, they were not asked".to_owned());
    }
    if let Subject::User(subject) = &context.subject {
        let (id, name) = (subject.id.as_deref(), subject.principal_name.as_deref());
        let is_looked_up = subject.member_of.is_none() || subject.roles.is_none();
        if is_looked_up && tenant.user(id, name).is_none() {
            let who = name.or(id).unwrap_or("the user");
            notes.push(format!("{who} is not in the snapshot: groups and roles were looked up by the id alone"));
        }
    }
    if let Target::Resources(resources) = &context.target {
        let early = |audience: &Audience| {
            let found = first_party::dependencies_of(&audience.id).filter(|found| found.binding == Binding::Early);
            let behind: Vec<String> = found.map(|found| found.resource.clone()).collect();
            (!behind.is_empty()).then(|| {
                let name = audience.name.as_deref().unwrap_or(&audience.id);
                let behind = super::joined(&behind);
                format!(
                    "{name} asks for {behind} before it opens; their policies were not asked, name them as audiences"
                )
            })
        };
        notes.extend(resources.audiences.iter().filter_map(early));
    }
    notes
}

/// The policy of a decision's number: one of the snapshot's, or behind them a rule of security defaults.
fn policy<'a>(index: usize, tenant: &'a Tenant, decision: &'a Decision) -> Option<&'a Policy> {
    let policies = &tenant.snapshot().policies;
    let behind = || decision.defaults.get(index.checked_sub(policies.len())?).map(|(policy, _)| policy);
    policies.get(index).or_else(behind)
}

fn verdict(policy: &Policy, computed: &PolicyEvaluation, asked: &Asked<'_>) -> PolicyVerdict {
    let evaluation = &computed.evaluation;
    let is_off = policy.state == PolicyState::Disabled;
    let conditions = evaluation
        .conditions()
        .map(|(condition, verdict)| ConditionAnswer {
            condition: condition.word().to_owned(),
            verdict,
            logged: None,
            basis: Basis::Computed,
            rule: rule::rule_text(policy, condition, asked.tenant()).unwrap_or_default(),
            seen: reason::seen_in(condition, asked.context()),
            parts: reason::parts(policy, evaluation, condition, asked),
            evidence: vec![policy.evidence("rule", condition.pointer(), "")],
        })
        .collect();
    PolicyVerdict {
        id: policy.id.clone(),
        display_name: policy.display_name.clone(),
        state: policy.state.word().to_owned(),
        applies: if is_off { Verdict::No } else { evaluation.applies },
        result: computed.result.to_owned(),
        reasons: reasons(policy, evaluation),
        miss: if is_off { "it is switched off".to_owned() } else { reason::miss(policy, evaluation, asked) },
        conditions,
        controls: reason::controls(policy, &computed.granted, None),
    }
}

/// The reasons in Graph's words (`whatIfAnalysisReasons`, microsoftgraph/msgraph-metadata, 2026-08-20). For a policy that cannot be
/// decided, what is not known stands behind `notEnoughInformation`.
fn reasons(policy: &Policy, evaluation: &Evaluation) -> Vec<&'static str> {
    let mut reasons: Vec<&'static str> = Vec::new();
    let mut add = |word: &'static str| {
        if !reasons.contains(&word) {
            reasons.push(word);
        }
    };
    if policy.state == PolicyState::Disabled {
        add("policyNotEnabled");
    }
    let wanted = |verdict: Verdict| match evaluation.applies {
        Verdict::Yes => false,
        Verdict::No => verdict == Verdict::No,
        _ => verdict.is_unknown(),
    };
    if evaluation.applies.is_unknown() {
        add("notEnoughInformation");
    }
    for (condition, _) in evaluation.conditions().filter(|(_, verdict)| wanted(*verdict)) {
        let whys = || evaluation.parts_of(condition).map(|part| part.why);
        if whys().any(|why| why == Why::Empty) {
            add("emptyPolicy");
            continue;
        }
        add(reason_word(policy, condition, whys().any(|why| why == Why::OtherKindOfSubject)));
    }
    if reasons.is_empty() {
        reasons.push("notSet");
    }
    reasons
}

fn reason_word(policy: &Policy, condition: Condition, is_other_subject: bool) -> &'static str {
    let apps = &policy.conditions.applications;
    match condition {
        Condition::Applications if !apps.user_actions.is_empty() => "userActions",
        Condition::Applications if !apps.authentication_contexts.is_empty() => "authenticationContext",
        Condition::Applications => "application",
        Condition::Users if is_other_subject => "workloadIdentities",
        Condition::Users => "users",
        Condition::ClientApplications => "workloadIdentities",
        Condition::ClientAppTypes => "clientApps",
        Condition::Platforms => "devicePlatform",
        Condition::Locations => "location",
        Condition::Devices => "devices",
        Condition::SignInRiskLevels => "signInRisk",
        Condition::UserRiskLevels => "userRisk",
        Condition::ServicePrincipalRiskLevels => "servicePrincipalRisk",
        Condition::InsiderRiskLevels => "insiderRisk",
        Condition::AuthenticationFlows => "authenticationFlow",
        Condition::Times => "time",
        Condition::Other => "invalidCondition",
    }
}
