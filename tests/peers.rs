//! Holds the evaluator of Conditional Access against what another one's unit tests put in and expect.
//!
//! The vectors are somebody else's and stay outside of this repository: the test reads them where they lie beside it
//! (`../shared/peers/ca-simulator/vectors.jsonl`) and says that it was skipped where they do not. Each line has a `component`, its
//! `input` and what is `expected`. Lines without a `note` must be answered alike. Those with one are not true: where the documents
//! say what is, the answer must be theirs ([`NOTES`]); where a line cannot be put as a question, it is counted as such.
//!
//! # From the vector's world to ours
//!
//! A vector knows everything of its small world, so that what it does not mention is known not to be, and nothing is left unknown:
//!
//! - Groups and roles that are not listed are not held. Somebody without a kind of guest is a member of this tenant.
//! - The one application is both who asks and what is asked for, and the only audience. The tenant has its service principal under
//!   the name that the vector gives; an application id belongs to Microsoft, any other word to this tenant.
//! - No platform means one that policies do not name. No location, no flow means that there is none; not called trusted is not.
//! - A device with `properties` is registered, and what is not among them is null; one without has not proved itself.
//! - What is not among the satisfied controls is not met. A level of strength stands for a method of that level and of none above it.
//! - The named locations and strengths that policies name are in the tenant. A strength without description gets the combinations of
//!   the weakest one, which somebody without a level has not met either.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use authopsy::domain::policy::{IncludeExclude, Policy};
use authopsy::domain::{Json, Verdict, first_party};
use authopsy::explain::access::{
    Asked, ControlName, Decision, Ending, MergedSession, Tenant, decide, evaluate, evaluate_policy,
};
use authopsy::explain::rule::Condition;
use authopsy::explain::what_if;
use authopsy::store::snapshot::Builder;
use authopsy::store::what_if::read_request;
use serde::Deserialize;
use serde_json::{Value, json};

/// How many lines there are of each kind.
const AGREE: usize = 292;
const NOTED_AND_DIFFER: usize = 12;
const NOTED_AND_AGREE: usize = 3;
const NOT_COMPARABLE: usize = 25;

/// The notes, by words in them, with what must be answered instead.
const NOTES: [(&str, Check); 8] = [
    ("registersecurityinfo", spelling_of_actions),
    ("empty target set", nothing_named),
    ("empty user include", nothing_named),
    ("unparseable rule", unreadable_rule),
    ("trustType values", spelling_of_trust_types),
    ("ranks strengths by tier", strengths_are_combinations),
    ("which persistentBrowser value wins", no_winner),
    ("empty platform include", empty_platforms),
];

/// Holds a noted line against the documents.
type Check = fn(&Vector) -> Standing;

#[derive(Debug, Clone, Deserialize)]
struct Vector {
    test: String,
    component: String,
    input: Value,
    expected: Value,
    #[serde(default)]
    note: Option<String>,
}

/// How a line compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Agrees,
    /// It differs, as the documents say it must.
    Differs,
    NotComparable,
}

/// A tenant and a request, both read as the program reads them.
struct World {
    tenant: Tenant,
    context: authopsy::domain::Context,
}

impl World {
    fn new(policies: &[Value], context: &Value) -> World {
        World::with_strengths(policies, context, &[])
    }

    /// A world in which further strengths are described: a strength beside its combination.
    fn with_strengths(policies: &[Value], context: &Value, described: &[(&str, &str)]) -> World {
        let (file, tenant) = (Arc::from("vector.json"), json_of(&tenant(policies, context, described)));
        let mut builder = Builder::new();
        let taken = builder.take(&file, &tenant).expect("a tenant");
        assert_eq!(taken.unreadable, 0, "{taken:?}");
        let tenant = Tenant::new(builder.finish());
        let read = read_request(&json_of(&request(context))).unwrap_or_else(|error| panic!("{context}: {error}"));
        assert!(read.ignored.is_empty(), "{:?} means nothing", read.ignored);
        let mut context = read.context;
        what_if::complete(&mut context, &tenant);
        World { tenant, context }
    }

    fn asked(&self) -> Asked<'_> {
        Asked::new(&self.context, &self.tenant)
    }

    fn decide(&self) -> Decision {
        decide(&self.asked())
    }

    fn policy(&self, index: usize) -> &Policy {
        self.tenant.snapshot().policies.get(index).expect("a policy")
    }

    fn id(&self, index: usize) -> String {
        self.policy(index).id.clone()
    }
}

fn json_of(value: &Value) -> Json {
    serde_json::from_str(&value.to_string()).expect("JSON")
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

/// Flags are one text in Graph.
fn flags(list: &Value) -> Value {
    Value::String(texts(list).join(","))
}

/// The body of a what-if with our own members, for a context.
fn request(context: &Value) -> Value {
    let member = |name: &str| context.get(name).cloned().unwrap_or(Value::Null);
    let (user, app, device, place) = (member("user"), member("application"), member("device"), member("location"));
    let id = text(&app, "appId").unwrap_or("app");
    let kinds = texts(&user["guestOrExternalUserTypes"]);
    let target = match (text(&app, "userAction"), text(&app, "authenticationContext")) {
        (Some(action), _) => json!({ "userAction": action }),
        (None, Some(asked)) => json!({ "includeApplications": [id], "authenticationContextValue": asked }),
        (None, None) => json!({ "includeApplications": [id] }),
    };
    let risk = |name: &str| context.pointer(&format!("/risk/{name}")).cloned().unwrap_or_else(|| json!("none"));
    let mut body = json!({
        "signInIdentity": { "userId": text(&user, "id").unwrap_or("somebody") },
        "subject": {
            "userType": text(&user, "userType").unwrap_or("member"),
            "guestKind": if kinds.is_empty() { "none".to_owned() } else { kinds.join(",") },
            "homeTenantId": user["homeTenantId"],
            "memberOf": texts(&user["memberOfGroupIds"]),
            "roles": texts(&user["directoryRoleIds"]),
        },
        "signInContext": target,
        "clientApplicationId": id,
        "signInConditions": {
            "clientAppType": text(context, "clientAppType").unwrap_or("browser"),
            "devicePlatform": text(&device, "platform").unwrap_or("none"),
            "signInRiskLevel": risk("signInRiskLevel"),
            "userRiskLevel": risk("userRiskLevel"),
            "insiderRiskLevel": risk("insiderRiskLevel"),
            "authenticationFlow": text(context, "authenticationFlow").unwrap_or("none"),
        },
        "location": {
            "namedLocationId": text(&place, "namedLocationId").unwrap_or("none"),
            "isTrusted": place["isTrustedLocation"].as_bool().unwrap_or(false),
        },
        "deviceRegistered": device.get("properties").is_some(),
        "satisfiedControls": texts(&context["satisfiedControls"]),
        "authenticationMethods": methods(context["authenticationStrengthLevel"].as_u64().unwrap_or(0)),
    });
    if device.get("properties").is_some() {
        body["signInConditions"]["deviceInfo"] = device_info(&device);
    }
    body
}

/// Methods of a level of strength: the weakest that reach it.
fn methods(level: u64) -> Vec<&'static str> {
    match level {
        0 => Vec::new(),
        1 => vec!["password", "sms"],
        2 => vec!["deviceBasedPush"],
        3 => vec!["fido2"],
        other => panic!("no level {other}"),
    }
}

/// A registered device, of which every attribute that is not given is null. The join type is put into Graph's word.
fn device_info(device: &Value) -> Value {
    let names = "deviceId displayName deviceOwnership enrollmentProfileName isCompliant manufacturer mdmAppId model \
                 operatingSystem operatingSystemVersion physicalIds profileType systemLabels trustType";
    let mut info: serde_json::Map<String, Value> =
        names.split_whitespace().map(|name| (name.to_owned(), Value::Null)).collect();
    info.extend(device["properties"].as_object().cloned().unwrap_or_default());
    info.extend(device.get("isCompliant").map(|flag| ("isCompliant".to_owned(), flag.clone())));
    let trust = text(device, "trustType").map(|word| match word {
        "azureADJoined" => "AzureAD",
        "hybridAzureADJoined" => "ServerAD",
        "azureADRegistered" => "Workplace",
        other => panic!("no join type {other}"),
    });
    info.extend(trust.map(|word| ("trustType".to_owned(), json!(word))));
    Value::Object(info)
}

/// The tenant, with everything that the policies and the context name.
fn tenant(policies: &[Value], context: &Value, described: &[(&str, &str)]) -> Value {
    let microsoft = first_party::MICROSOFT_TENANT;
    let own = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
    let app = context.get("application").cloned().unwrap_or(Value::Null);
    let app_id = text(&app, "appId").unwrap_or("app");
    let is_guid = app_id.len() == 36 && app_id.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let place = context.get("location").cloned().unwrap_or(Value::Null);
    let here = text(&place, "namedLocationId");
    let named = policies.iter().flat_map(|policy| {
        let lists = &policy["conditions"]["locations"];
        texts(&lists["includeLocations"]).into_iter().chain(texts(&lists["excludeLocations"]))
    });
    let places: BTreeSet<String> = named.chain(here.map(str::to_owned)).filter(|id| !id.starts_with("All")).collect();
    let is_trusted = |id: &str| here == Some(id) && place["isTrustedLocation"].as_bool().unwrap_or(false);
    let places: Vec<Value> = places
        .iter()
        .map(|id| {
            json!({ "@odata.type": "#microsoft.graph.ipNamedLocation", "id": id, "displayName": id,
                    "isTrusted": is_trusted(id), "ipRanges": [] })
        })
        .collect();
    let strengths: Vec<Value> = described
        .iter()
        .map(|(id, combination)| {
            json!({ "id": id, "displayName": id, "policyType": "custom", "allowedCombinations": [combination] })
        })
        .collect();
    json!({
        "organization": [{ "id": own, "displayName": "Vector" }],
        "conditionalAccessPolicies": policies,
        "namedLocations": places,
        "authenticationStrengthPolicies": strengths,
        "servicePrincipals": [{
            "id": "service-principal", "appId": app_id, "displayName": text(&app, "displayName").unwrap_or("App"),
            "appOwnerOrganizationId": if is_guid { microsoft } else { own },
        }],
    })
}

/// A policy in Graph's own shape. The strength that it names is put beside it, with what it allows.
fn graph_policy(policy: &Value) -> Value {
    let mut policy = policy.clone();
    let conditions = &mut policy["conditions"];
    if let Some(filter) = conditions.get("devices").cloned() {
        conditions["devices"] = json!({ "deviceFilter": filter });
    }
    if let Some(methods) = conditions.pointer("/authenticationFlows/transferMethods").cloned() {
        conditions["authenticationFlows"] = json!({ "transferMethods": flags(&methods) });
    }
    policy
}

/// A policy for everybody and everything.
fn matching_policy(id: &str, grant: &Value, session: &Value) -> Value {
    json!({
        "id": id, "displayName": id, "state": "enabled",
        "conditions": {
            "clientAppTypes": ["all"], "users": { "includeUsers": ["All"] },
            "applications": { "includeApplications": ["All"] },
        },
        "grantControls": grant, "sessionControls": session,
    })
}

/// A policy that matches but for one condition, and which of ours that is.
fn condition_policy(vector: &Vector) -> (Value, Vec<Condition>) {
    let mut policy = matching_policy("p", &json!({ "operator": "OR", "builtInControls": ["mfa"] }), &Value::Null);
    let given = &vector.input["condition"];
    let kind = vector.component.strip_prefix("condition:").expect("a condition");
    let conditions = match kind {
        "risk" => {
            let set = policy["conditions"].as_object_mut().expect("conditions");
            set.extend(given.as_object().cloned().expect("risks"));
            vec![Condition::SignInRiskLevels, Condition::UserRiskLevels]
        }
        "insiderRisk" => {
            policy["conditions"]["insiderRiskLevels"] = flags(given);
            vec![Condition::InsiderRiskLevels]
        }
        "deviceFilter" => {
            policy["conditions"]["devices"] = given.clone();
            vec![Condition::Devices]
        }
        word => {
            policy["conditions"][word] = given.clone();
            let found = Condition::ALL.into_iter().find(|condition| condition.word() == word);
            vec![found.unwrap_or_else(|| panic!("no condition {word}"))]
        }
    };
    (graph_policy(&policy), conditions)
}

/// Where our answer differs from what is expected, in words; nothing when it does not.
fn differences(vector: &Vector) -> Vec<String> {
    match vector.component.as_str() {
        "policy" => of_policy(vector),
        "grant" => of_grant(vector),
        "session" => of_session(vector),
        "engine" => of_engine(vector),
        _ => of_condition(vector),
    }
}

/// Notes a difference.
fn compare<T: PartialEq + std::fmt::Debug>(found: &mut Vec<String>, what: &str, ours: &T, theirs: &T) {
    if ours != theirs {
        found.push(format!("{what}: ours {ours:?}, theirs {theirs:?}"));
    }
}

/// The verdict of a vector's condition, whether the policy as a whole comes to the same, and its phase.
fn condition_verdict(vector: &Vector) -> (Verdict, &'static str) {
    let (policy, conditions) = condition_policy(vector);
    let world = World::new(&[policy], &vector.input["context"]);
    let evaluation = evaluate(0, &world.asked()).expect("a policy");
    let verdicts: Vec<Verdict> = conditions.iter().filter_map(|condition| evaluation.verdict(*condition)).collect();
    let verdict = verdicts.iter().copied().fold(Verdict::Yes, Verdict::and);
    assert_eq!(evaluation.applies, verdict, "{}: the rest of the policy matches", vector.test);
    let mut parts = conditions.iter().flat_map(|condition| evaluation.parts_of(*condition));
    let phase = match verdict {
        _ if verdicts.is_empty() => "notConfigured",
        Verdict::No if parts.any(|part| part.is_exclusion && part.verdict == Verdict::Yes) => "exclusion",
        _ => "inclusion",
    };
    (verdict, phase)
}

fn of_condition(vector: &Vector) -> Vec<String> {
    let (verdict, phase) = condition_verdict(vector);
    let mut found = Vec::new();
    let expected = vector.expected["matches"].as_bool().expect("matches");
    compare(&mut found, "verdict", &verdict, &Verdict::from_bool(expected));
    // To us the word for all client apps is a condition that is not configured.
    let names_all = vector.component == "condition:clientAppTypes" && vector.input["condition"] == json!(["all"]);
    let wanted = if names_all { "notConfigured" } else { text(&vector.expected, "phase").expect("a phase") };
    compare(&mut found, "phase", &phase, &wanted);
    found
}

fn of_policy(vector: &Vector) -> Vec<String> {
    let policy = graph_policy(&vector.input["policy"]);
    let custom = custom_strengths(std::slice::from_ref(&policy));
    let described: Vec<(&str, &str)> = custom.iter().map(|id| (id.as_str(), "password,sms")).collect();
    let world = World::with_strengths(&[policy], &vector.input["context"], &described);
    let answer = what_if::answer(&world.context, &world.tenant);
    let [ours] = answer.policies.as_slice() else { panic!("{}: one policy", vector.test) };
    let mut found = Vec::new();
    let expected = &vector.expected;
    let applies = Verdict::from_bool(expected["applies"].as_bool().expect("applies"));
    compare(&mut found, "applies", &ours.applies, &applies);
    if let Some(word) = text(expected, "firstFailed") {
        let word = match word {
            "signInRisk" => "signInRiskLevels",
            other => other,
        };
        let verdict = ours.conditions.iter().find(|answer| answer.condition == word).map(|answer| answer.verdict);
        compare(&mut found, word, &verdict, &Some(Verdict::No));
    }
    let has_grant = world.policy(0).grant.is_some() && ours.applies == Verdict::Yes;
    let decision = world.decide();
    let granted = decision.policies.first().map(|policy| policy.granted.verdict).filter(|_| has_grant);
    compare(&mut found, "granted", &granted, &expected["grantSatisfied"].as_bool().map(Verdict::from_bool));
    found
}

/// The strengths that policies name and that are not built in.
fn custom_strengths(policies: &[Value]) -> BTreeSet<String> {
    let ids = policies.iter().filter_map(|policy| policy.pointer("/grantControls/authenticationStrength/id"));
    ids.filter_map(Value::as_str).filter(|id| first_party::strength(id).is_none()).map(str::to_owned).collect()
}

/// What another part of the simulator has found to apply, as policies that match everything.
fn applicable_policies(vector: &Vector) -> Vec<Value> {
    let policies = vector.input["applicablePolicies"].as_array().cloned().expect("policies");
    let on = |flag: &Value| flag.as_bool().map(|flag| json!({ "isEnabled": flag }));
    policies
        .iter()
        .map(|policy| {
            let grant = policy.get("grantControls").map(|grant| {
                let strength = grant.get("authenticationStrength").map(
                    |strength| json!({ "id": strength["policyStrengthId"], "displayName": strength["displayName"] }),
                );
                json!({ "operator": grant["operator"], "builtInControls": grant["controls"],
                        "authenticationStrength": strength })
            });
            let given = &policy["sessionControls"];
            let frequency = given.get("signInFrequency").map(|frequency| {
                json!({ "isEnabled": true, "value": frequency["value"], "type": frequency["type"],
                        "frequencyInterval": "timeBased" })
            });
            let mode = text(given, "persistentBrowser").map(|mode| json!({ "isEnabled": true, "mode": mode }));
            let kind = text(given, "cloudAppSecurity");
            let kind = kind.map(|kind| json!({ "isEnabled": true, "cloudAppSecurityType": kind }));
            let session = json!({
                "signInFrequency": frequency, "persistentBrowser": mode, "cloudAppSecurity": kind,
                "applicationEnforcedRestrictions": on(&given["applicationEnforcedRestrictions"]),
                "secureSignInSession": on(&given["secureSignInSession"]),
            });
            matching_policy(text(policy, "policyId").expect("an id"), &grant.unwrap_or(Value::Null), &session)
        })
        .collect()
}

/// A control in the simulator's words.
fn control_word(policy: &Policy, control: ControlName) -> String {
    let grant = policy.grant.as_ref().expect("a grant");
    match control {
        ControlName::BuiltIn(index) => grant.built_in.get(index).cloned().expect("a control"),
        ControlName::Strength => {
            let strength = grant.strength.as_ref().expect("a strength");
            format!("authenticationStrength:{}", strength.display_name.as_ref().unwrap_or(&strength.id))
        }
        ControlName::TermsOfUse(_) | ControlName::Custom(_) => panic!("the simulator has no {control:?}"),
    }
}

/// The ending in the simulator's words, with the controls that all policies in force ask for and those that are not met. Its
/// `controlsRequired` is both of our endings in which something is missing: it does not tell what can be asked for now from what
/// cannot.
fn outcome(world: &World, decision: &Decision) -> (&'static str, BTreeSet<String>, BTreeSet<String>) {
    let blocks = !decision.blocked_by.is_empty();
    let word = match decision.ending {
        Ending::Granted => "allow",
        Ending::Blocked if blocks => "block",
        Ending::Blocked | Ending::Interrupted => "controlsRequired",
        Ending::Unknown => "unknown",
    };
    // Once something blocks, the simulator speaks of nothing else.
    if blocks {
        let block = BTreeSet::from(["block".to_owned()]);
        return (word, block.clone(), block);
    }
    let in_force = decision.policies.iter().enumerate().filter(|(index, found)| {
        let policy = world.policy(*index);
        policy.state.word() == "enabled" && found.evaluation.applies == Verdict::Yes
    });
    let all = in_force
        .flat_map(|(index, found)| found.granted.controls.iter().map(move |part| (index, part.control)))
        .map(|(index, control)| control_word(world.policy(index), control))
        .collect();
    let unmet = decision.required.iter().map(|(index, control)| control_word(world.policy(*index), *control)).collect();
    (word, all, unmet)
}

fn set(list: &Value) -> BTreeSet<String> {
    texts(list).into_iter().collect()
}

/// Somebody who is nobody in particular, with what was shown.
fn shown(vector: &Vector) -> Value {
    json!({ "satisfiedControls": vector.input["satisfiedControls"],
            "authenticationStrengthLevel": vector.input["authenticationStrengthLevel"] })
}

fn of_grant(vector: &Vector) -> Vec<String> {
    let world = World::new(&applicable_policies(vector), &shown(vector));
    let (word, all, unmet) = outcome(&world, &world.decide());
    let (mut found, expected) = (Vec::new(), &vector.expected);
    compare(&mut found, "decision", &Some(word), &text(expected, "decision"));
    compare(&mut found, "controls", &all, &set(&expected["allRequiredControls"]));
    compare(&mut found, "unmet", &unmet, &set(&expected["unsatisfiedControls"]));
    found
}

fn session_of(vector: &Vector) -> (World, MergedSession) {
    let world = World::new(&applicable_policies(vector), &json!({}));
    let session = world.decide().session;
    (world, session)
}

fn of_session(vector: &Vector) -> Vec<String> {
    let (world, ours) = session_of(vector);
    let (mut found, expected) = (Vec::new(), &vector.expected);
    let source = |control: &Value| text(control, "source").map(str::to_owned).expect("a source");
    let frequency = expected.get("signInFrequency").map(|control| {
        let unit = if control["type"] == "days" { 24 } else { 1 };
        (control["value"].as_i64().map(|value| value * unit), source(control))
    });
    let of_ours = ours.sign_in_frequency.map(|(hours, index)| (hours, world.id(index)));
    compare(&mut found, "frequency", &of_ours, &frequency);
    let words = |list: &[(String, usize)]| -> Vec<(String, String)> {
        list.iter().map(|(word, index)| (word.clone(), world.id(*index))).collect()
    };
    let word = |name: &str, member: &str| -> Vec<(String, String)> {
        let control = expected.get(name);
        control
            .map(|control| (text(control, member).expect("a word").to_owned(), source(control)))
            .into_iter()
            .collect()
    };
    compare(&mut found, "browser", &words(&ours.persistent_browser), &word("persistentBrowser", "mode"));
    let kinds = word("cloudAppSecurity", "cloudAppSecurityType");
    let winner: Vec<(String, usize)> = ours.app_control().into_iter().cloned().collect();
    compare(&mut found, "app control", &words(&winner), &kinds);
    let ids = |list: &[usize]| -> Vec<String> { list.iter().map(|index| world.id(*index)).collect() };
    let sources = |name: &str| -> Vec<String> { expected.get(name).map(source).into_iter().collect() };
    let restrictions = sources("applicationEnforcedRestrictions");
    compare(&mut found, "restrictions", &ids(&ours.application_enforced_restrictions), &restrictions);
    compare(&mut found, "binding", &ids(&ours.token_protection), &sources("secureSignInSession"));
    found
}

fn of_engine(vector: &Vector) -> Vec<String> {
    let policies = vector.input["policies"].as_array().expect("policies");
    let policies: Vec<Value> = policies.iter().map(graph_policy).collect();
    let world = World::new(&policies, &vector.input["context"]);
    let answer = what_if::answer(&world.context, &world.tenant);
    let (word, all, _) = outcome(&world, &world.decide());
    let mut lists: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for policy in &answer.policies {
        let list = match (policy.applies, policy.state.as_str()) {
            (Verdict::Yes, "enabled") => "applied",
            (Verdict::Yes, "enabledForReportingButNotEnforced") => "reportOnly",
            (Verdict::No, _) => "skipped",
            other => panic!("{}: {} is {other:?}", vector.test, policy.id),
        };
        lists.entry(list).or_default().push(policy.id.clone());
    }
    let (mut found, expected) = (Vec::new(), &vector.expected);
    compare(&mut found, "decision", &Some(word), &text(expected, "finalDecision"));
    compare(&mut found, "controls", &all, &set(&expected["requiredControls"]));
    for list in ["applied", "reportOnly", "skipped"] {
        compare(&mut found, list, &lists.remove(list).unwrap_or_default(), &texts(&expected[list]));
    }
    found
}

/// The vector with every word of its condition replaced.
fn respelt(vector: &Vector, theirs: &str, graphs: &str) -> Vector {
    let condition = vector.input["condition"].to_string().replace(theirs, graphs);
    let mut vector = vector.clone();
    vector.input["condition"] = serde_json::from_str(&condition).expect("JSON");
    vector
}

/// How a line stands whose condition says no as it is written, and what is expected once it is spelt as in Graph.
fn by_spelling(vector: &Vector, theirs: &str, graphs: &str) -> Standing {
    assert_eq!(differences(&respelt(vector, theirs, graphs)), Vec::<String>::new(), "{}", vector.test);
    if differences(vector).is_empty() {
        return Standing::Agrees;
    }
    assert_eq!(condition_verdict(vector).0, Verdict::No, "{}", vector.test);
    Standing::Differs
}

/// A user action that Graph does not know is nobody's (Graph `conditionalAccessApplications`, 2026-08-20).
fn spelling_of_actions(vector: &Vector) -> Standing {
    by_spelling(vector, "registerSecurityInformation", "registersecurityinfo")
}

/// A device has one of three join types, and no other word (entra-docs, filter for devices, 2025-05-19).
fn spelling_of_trust_types(vector: &Vector) -> Standing {
    by_spelling(vector, "azureADJoined", "AzureAD")
}

/// A policy that names nobody or nothing is for nobody: an empty policy, says What If.
fn nothing_named(vector: &Vector) -> Standing {
    let (policy, _) = condition_policy(vector);
    let world = World::new(&[policy], &vector.input["context"]);
    let answer = what_if::answer(&world.context, &world.tenant);
    let policy = answer.policies.first().expect("a policy");
    assert_eq!((policy.applies, policy.reasons.as_slice()), (Verdict::No, &["emptyPolicy"][..]), "{}", vector.test);
    Standing::Differs
}

/// Nobody knows whom a rule means that cannot be read, or is empty.
fn unreadable_rule(vector: &Vector) -> Standing {
    assert_eq!(condition_verdict(vector).0, Verdict::UnknownData, "{}", vector.test);
    Standing::Differs
}

/// Whether a strength is met hangs on its combinations, and without them it is not known.
fn strengths_are_combinations(vector: &Vector) -> Standing {
    let policies = applicable_policies(vector);
    let custom = custom_strengths(&policies);
    let ending = |combination: Option<&str>| {
        let described: Vec<(&str, &str)> = custom.iter().map(String::as_str).zip(combination).collect();
        World::with_strengths(&policies, &shown(vector), &described).decide().ending
    };
    assert_eq!(ending(None), Ending::Unknown, "{}", vector.test);
    assert_eq!(ending(Some("fido2")), Ending::Granted, "{}", vector.test);
    assert_eq!(ending(Some("x509CertificateMultiFactor")), Ending::Interrupted, "{}", vector.test);
    Standing::Differs
}

/// Both modes are kept.
fn no_winner(vector: &Vector) -> Standing {
    let (_, session) = session_of(vector);
    let modes: BTreeSet<&str> = session.persistent_browser.iter().map(|(mode, _)| mode.as_str()).collect();
    assert_eq!(modes, BTreeSet::from(["always", "never"]), "{}", vector.test);
    Standing::Differs
}

/// Lists with nothing in them are how exports print a condition that is not set. In a policy that had them all the same, what an
/// empty include list means would not be known.
fn empty_platforms(vector: &Vector) -> Standing {
    assert_eq!(condition_verdict(vector), (Verdict::Yes, "notConfigured"), "{}", vector.test);
    let (policy, _) = condition_policy(vector);
    let world = World::new(&[policy], &vector.input["context"]);
    let mut policy = world.policy(0).clone();
    policy.conditions.platforms = Some(IncludeExclude::default());
    let evaluation = evaluate_policy(&policy, &world.asked());
    assert_eq!(evaluation.verdict(Condition::Platforms), Some(Verdict::UnknownData), "{}", vector.test);
    Standing::Differs
}

fn standing(number: usize, vector: &Vector) -> Standing {
    let Some(note) = &vector.note else {
        let found = differences(vector);
        assert!(found.is_empty(), "line {number}, {}: {found:#?}", vector.test);
        return Standing::Agrees;
    };
    // What the vector asks for is no resource, or no word of Graph's.
    if note.starts_with("NOT_COMPARABLE") {
        return Standing::NotComparable;
    }
    let check = NOTES.iter().find(|(words, _)| note.contains(words));
    let (_, check) = check.unwrap_or_else(|| panic!("line {number}: nothing is said of {note}"));
    check(vector)
}

#[test]
fn another_evaluators_vectors_are_answered_alike_or_as_the_documents_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/peers/ca-simulator/vectors.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return;
    };
    let mut counts: BTreeMap<(bool, Standing), usize> = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let vector: Vector = serde_json::from_str(line).unwrap_or_else(|error| panic!("line {}: {error}", index + 1));
        *counts.entry((vector.note.is_some(), standing(index + 1, &vector))).or_default() += 1;
    }
    let count = |is_noted: bool, standing: Standing| counts.get(&(is_noted, standing)).copied().unwrap_or_default();
    let found = [
        ("without a note, agree", count(false, Standing::Agrees), AGREE),
        ("without a note, differ", count(false, Standing::Differs), 0),
        ("noted, differ as the documents say", count(true, Standing::Differs), NOTED_AND_DIFFER),
        ("noted, agree all the same", count(true, Standing::Agrees), NOTED_AND_AGREE),
        ("noted, not comparable", count(true, Standing::NotComparable), NOT_COMPARABLE),
    ];
    for (words, count, expected) in found {
        println!("{count:3} {words} (expected {expected})");
    }
    for (words, count, expected) in found {
        assert_eq!(count, expected, "{words}");
    }
    assert_eq!(found.iter().map(|(_, count, _)| count).sum::<usize>(), 332, "all lines are counted");
}
