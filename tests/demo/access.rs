//! A plain evaluator of Conditional Access, so that the log agrees with the tenant.
//!
//! It knows only what the demo's policies use, and records its findings the way the service was
//! observed to: the application is tested first, then the users, and only when both match are all
//! other configured conditions tested, every failing one being listed. It is written apart from the
//! evaluator of the program on purpose; the two are meant to check each other.

use crate::applications::Route;
use crate::devices::{Device, Trust};
use crate::json::{Json, NONE, object};
use crate::people::Person;
use crate::places::{NAMED_LOCATIONS, Place};
use crate::policies::{Control, ExceptFrom, PHISHING_RESISTANT, POLICIES, Policy, Resources, State, Who};

/// What the service knows when it evaluates a request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub person: &'a Person,
    pub route: &'a Route,
    pub device: &'a Device,
    pub place: &'a Place,
    /// Sign-in risk.
    pub risk: &'static str,
    /// Whether a second factor has been given, now or earlier in the session.
    pub second_factor: bool,
    /// Whether the factors given cannot be phished.
    pub phishing_resistant: bool,
    /// Hours since the user last gave the first factor.
    pub age: i64,
}

/// The conditions of policies that the demo uses, in the order of the service's own flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Condition {
    Application,
    Users,
    DevicePlatform,
    Location,
    ClientType,
    SignInRisk,
    AddressSeen,
}

impl Condition {
    fn word(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Users => "users",
            Self::DevicePlatform => "devicePlatform",
            Self::Location => "location",
            Self::ClientType => "clientType",
            Self::SignInRisk => "signInRisk",
            Self::AddressSeen => "ipAddressSeenByAzureAD",
        }
    }
}

/// A rule that matched: the condition, and the kind of rule.
type Rule = (Condition, &'static str);

/// One entry of `appliedConditionalAccessPolicies`.
#[derive(Debug)]
pub struct Applied {
    policy: &'static Policy,
    pub result: &'static str,
    satisfied: Vec<Condition>,
    not_satisfied: Vec<Condition>,
    included_by: Vec<Rule>,
    excluded_by: Vec<Rule>,
    /// Whether a sign-in frequency was set and has run out.
    session_expired: bool,
}

/// What stops a request; the first that applies, as the service looks for a block before all else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wall {
    Block,
    SessionExpired,
    SecondFactor,
    Device,
}

/// Every policy of the tenant against one request.
pub fn evaluate(request: &Request<'_>) -> Vec<Applied> {
    POLICIES.iter().map(|policy| Applied::new(policy, request)).collect()
}

/// `conditionalAccessStatus`: a failure counts first, then a policy that at least reached the user
/// and the application. Report-only policies have no say.
pub fn status(applied: &[Applied]) -> &'static str {
    let mut enabled = applied.iter().filter(|entry| entry.policy.state == State::Enabled);
    if enabled.clone().any(|entry| entry.result == "failure") {
        "failure"
    } else if enabled.any(|entry| entry.satisfied.contains(&Condition::Users)) {
        "success"
    } else {
        "notApplied"
    }
}

/// What stops the request, if anything does.
pub fn wall(applied: &[Applied]) -> Option<Wall> {
    let failed = |control| applied.iter().any(|entry| entry.result == "failure" && entry.demands(control));
    if failed(Control::Block) {
        Some(Wall::Block)
    } else if applied.iter().any(|entry| entry.session_expired) {
        Some(Wall::SessionExpired)
    } else if failed(Control::Mfa) {
        Some(Wall::SecondFactor)
    } else if failed(Control::CompliantDevice) {
        Some(Wall::Device)
    } else {
        None
    }
}

/// Whether an enabled policy that applied asks for a second factor.
pub fn requires_second_factor(applied: &[Applied]) -> bool {
    applied.iter().any(|entry| matches!(entry.result, "success" | "failure") && entry.demands(Control::Mfa))
}

impl Applied {
    /// Evaluates one policy.
    fn new(policy: &'static Policy, request: &Request<'_>) -> Self {
        let mut entry = Self {
            policy,
            result: "notEnabled",
            satisfied: Vec::new(),
            not_satisfied: Vec::new(),
            included_by: Vec::new(),
            excluded_by: Vec::new(),
            session_expired: false,
        };
        if policy.state == State::Disabled {
            return entry;
        }
        let applies = entry.test_application(request) && entry.test_users(request) && entry.test_rest(request);
        entry.session_expired = applies && policy.sign_in_frequency.is_some_and(|hours| request.age >= hours);
        entry.result = match (policy.state, applies) {
            (State::ReportOnly, false) => "reportOnlyNotApplied",
            (_, false) => "notApplied",
            (state, true) => entry.verdict(state, request),
        };
        entry
    }

    /// The result of a policy that applies.
    fn verdict(&self, state: State, request: &Request<'_>) -> &'static str {
        let controls = self.policy.controls;
        let met = controls.is_empty() || controls.iter().any(|control| is_met(*control, request));
        let askable = |control: &Control| matches!(control, Control::Mfa | Control::PhishingResistantMfa);
        match (state, met && !self.session_expired) {
            (State::ReportOnly, true) => "reportOnlySuccess",
            (State::ReportOnly, false) if controls.iter().all(askable) => "reportOnlyInterrupted",
            (State::ReportOnly, false) => "reportOnlyFailure",
            (_, true) => "success",
            (_, false) => "failure",
        }
    }

    /// Whether the policy has this control.
    fn demands(&self, control: Control) -> bool {
        self.policy.controls.contains(&control)
    }

    /// Notes the outcome of a condition.
    fn note(&mut self, condition: Condition, matched: bool) -> bool {
        if matched { &mut self.satisfied } else { &mut self.not_satisfied }.push(condition);
        matched
    }

    fn test_application(&mut self, request: &Request<'_>) -> bool {
        let resource = request.route.resource;
        let rule = match self.policy.resources {
            Resources::All => Some("allApps"),
            Resources::Office365 => resource.is_office_365().then_some("office365"),
            Resources::These(named) => {
                named.iter().any(|application| application.app_id() == resource.app_id()).then_some("appId")
            }
        };
        self.included_by.extend(rule.map(|rule| (Condition::Application, rule)));
        self.note(Condition::Application, rule.is_some())
    }

    fn test_users(&mut self, request: &Request<'_>) -> bool {
        let rule_for = |list: &[Who]| list.iter().find_map(|who| matching_rule(who, request.person));
        let included_by = rule_for(self.policy.include);
        let excluded_by = included_by.and_then(|_| rule_for(self.policy.exclude));
        self.included_by.extend(included_by.map(|rule| (Condition::Users, rule)));
        self.excluded_by.extend(excluded_by.map(|rule| (Condition::Users, rule)));
        self.note(Condition::Users, included_by.is_some() && excluded_by.is_none())
    }

    /// The other conditions. Only those somebody configured leave a trace.
    fn test_rest(&mut self, request: &Request<'_>) -> bool {
        let policy = self.policy;
        if !policy.platforms.is_empty() {
            let matched = request.device.platform().is_some_and(|platform| policy.platforms.contains(&platform));
            self.included_by.extend(matched.then_some((Condition::DevicePlatform, "devicePlatform")));
            self.note(Condition::DevicePlatform, matched);
        }
        if let Some(except) = &policy.except_from {
            self.test_location(except, request.place);
        }
        if !policy.clients.is_empty() {
            self.note(Condition::ClientType, policy.clients.contains(&request.route.kind.policy_word()));
        }
        if !policy.sign_in_risks.is_empty() {
            self.note(Condition::SignInRisk, policy.sign_in_risks.contains(&request.risk));
        }
        self.satisfied.sort_unstable();
        self.not_satisfied.sort_unstable();
        self.not_satisfied.is_empty()
    }

    /// All locations but one. A failing location is listed together with the address it was told from.
    fn test_location(&mut self, except: &ExceptFrom, place: &Place) {
        let (rule, excluded) = match except {
            ExceptFrom::TrustedLocations => {
                let trusted = NAMED_LOCATIONS.iter().any(|named| named.is_trusted() && named.contains(place));
                ("allTrustedLocations", trusted)
            }
            ExceptFrom::Location(location) => ("locationId", location.contains(place)),
        };
        self.included_by.push((Condition::Location, "allLocations"));
        self.note(Condition::Location, !excluded);
        if excluded {
            self.excluded_by.push((Condition::Location, rule));
            self.note(Condition::AddressSeen, false);
        }
    }

    /// The entry as Graph returns it.
    pub fn to_json(&self) -> Json {
        let enabled = self.policy.state != State::Disabled;
        let controls = self.policy.controls.iter().filter_map(|control| control.logged());
        let frequency = self.policy.sign_in_frequency.map(|_| "SignInFrequency");
        let strength = (enabled && self.demands(Control::PhishingResistantMfa)).then(|| self.strength());
        object! {
            "id": self.policy.id(),
            "displayName": self.policy.name,
            "enforcedGrantControls": if enabled { Json::texts(controls) } else { NONE },
            "enforcedSessionControls": if enabled { Json::texts(frequency) } else { NONE },
            "sessionControlsNotSatisfied": Json::texts(frequency.filter(|_| self.session_expired)),
            "result": self.result,
            "conditionsSatisfied": words(&self.satisfied),
            "conditionsNotSatisfied": words(&self.not_satisfied),
            "authenticationStrength": strength,
            "includeRulesSatisfied": rules(&self.included_by),
            "excludeRulesSatisfied": rules(&self.excluded_by),
        }
    }

    fn strength(&self) -> Json {
        let result = match self.result {
            "reportOnlySuccess" => "satisfied",
            "reportOnlyInterrupted" => "singleChallengeRequired",
            _ => "notSet",
        };
        object! {
            "authenticationStrengthId": PHISHING_RESISTANT.0,
            "displayName": PHISHING_RESISTANT.1,
            "authenticationStrengthResult": result,
        }
    }
}

/// Whether a demand is met.
fn is_met(control: Control, request: &Request<'_>) -> bool {
    match control {
        Control::Block | Control::ApprovedApplication => false,
        Control::Mfa => request.second_factor,
        Control::PhishingResistantMfa => request.phishing_resistant,
        Control::CompliantDevice => request.device.counts_as_compliant(),
        Control::HybridJoinedDevice => request.device.trust == Trust::HybridJoined,
    }
}

/// The rule by which an entry of a user list matches the person.
fn matching_rule(who: &Who, person: &Person) -> Option<&'static str> {
    match who {
        Who::Everybody => Some("allUsers"),
        Who::Guests => person.is_guest().then_some("guest"),
        Who::Group(group) => group.contains(person).then_some("groupId"),
        Who::Role(role) => role.contains(person).then_some("roleId"),
    }
}

/// A list of conditions as Graph writes it: one string.
fn words(conditions: &[Condition]) -> String {
    if conditions.is_empty() {
        return "none".to_owned();
    }
    conditions.iter().map(|condition| condition.word()).collect::<Vec<_>>().join(",")
}

fn rules(rules: &[Rule]) -> Json {
    Json::list(rules.iter().map(|(condition, rule)| {
        object! { "conditionalAccessCondition": condition.word(), "ruleSatisfied": *rule }
    }))
}
