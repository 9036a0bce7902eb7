//! Makes one sign-in of several records of it: the fullest record counts, and the others fill what it lacks.
//!
//! The evidence of what was filled points at the record that has it ([`Origin::borrowed`](super::Origin)). Where two records say
//! different things, the main one's value stands and the other is kept beside it ([`SignIn::differences`]): which of two files is
//! right cannot be told from the files.

mod clock;
mod policies;

pub use clock::Clock;

use std::cmp::{Ordering, Reverse};
use std::net::IpAddr;
use std::sync::Arc;

use super::evidence::{Borrowed, Evidence, Origin};
use super::lockout::AttemptClass;
use super::sign_in::{AuthenticationStep, EventKind, RecordPlace, SignIn, Variance};

/// When two texts say the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// Always: exports translate, shorten or rename it, so that a difference tells nothing.
    Free,
    /// When they are equal without regard to case.
    Id,
    /// When they are equal without regard to case and to what is no letter or digit, or one is the beginning of the other.
    Words,
    /// As ids, but a display name in place of a principal name is another field and not another value.
    PrincipalName,
    /// When they are one address.
    Address,
    /// As words, but a symbolic name in place of a sentence is another spelling.
    Sentence,
}

/// A text of a sign-in.
struct TextField {
    pointer: &'static str,
    label: &'static str,
    likeness: Likeness,
    get: fn(&SignIn) -> &Option<String>,
    get_mut: fn(&mut SignIn) -> &mut Option<String>,
}

macro_rules! texts {
    ($($pointer:literal $label:literal $likeness:ident $($part:ident).+;)*) => {
        [$(TextField {
            pointer: $pointer,
            label: $label,
            likeness: Likeness::$likeness,
            get: |sign_in| &sign_in.$($part).+,
            get_mut: |sign_in| &mut sign_in.$($part).+,
        }),*]
    };
}

/// The texts that are filled one by one. Places and devices are reports, which are taken whole.
const TEXTS: [TextField; 32] = texts! {
    "/userId" "user id" Id user_id;
    "/userPrincipalName" "user principal name" PrincipalName user_principal_name;
    "/userDisplayName" "user" Free user_display_name;
    "/userType" "user type" Words user_type;
    "/signInIdentifier" "sign-in identifier" Free sign_in_identifier;
    "/appId" "application id" Id app_id;
    "/appDisplayName" "application" Free app_display_name;
    "/resourceId" "resource id" Id resource_id;
    "/resourceDisplayName" "resource" Free resource_display_name;
    "/resourceOwnerTenantId" "resource owner tenant" Id resource_owner_tenant_id;
    "/clientAppUsed" "client app" Words client_app_used;
    "/userAgent" "user agent" Words user_agent;
    "/ipAddress" "IP address" Address ip_address;
    "/ipAddressFromResourceProvider" "IP address seen by the resource" Address ip_address_from_resource;
    "/correlationId" "correlation id" Id correlation_id;
    "/originalRequestId" "original request id" Id original_request_id;
    "/sessionId" "session id" Id session_id;
    "/uniqueTokenIdentifier" "token id" Free unique_token_identifier;
    "/authenticationRequirement" "authentication requirement" Words authentication_requirement;
    "/incomingTokenType" "incoming token" Words incoming_token_type;
    "/authenticationProtocol" "authentication protocol" Words authentication_protocol;
    "/originalTransferMethod" "original transfer method" Words original_transfer_method;
    "/riskLevelDuringSignIn" "risk level" Words risk_level_during_sign_in;
    "/riskLevelAggregated" "aggregated risk level" Free risk_level_aggregated;
    "/crossTenantAccessType" "cross-tenant access" Words cross_tenant_access_type;
    "/homeTenantId" "home tenant" Id home_tenant_id;
    "/resourceTenantId" "resource tenant" Id resource_tenant_id;
    "/tokenIssuerType" "token issuer" Free token_issuer_type;
    "/servicePrincipalId" "service principal id" Id service_principal_id;
    "/servicePrincipalName" "service principal" Free service_principal_name;
    "/status/failureReason" "failure reason" Sentence status.failure_reason;
    "/status/additionalDetails" "additional details" Free status.additional_details;
};

/// What of a device can be filled beside another report of it: Graph's report tells by its silence that no device proved itself.
const SOFTWARE: [TextField; 2] = texts! {
    "/deviceDetail/operatingSystem" "operating system" Words device.operating_system;
    "/deviceDetail/browser" "browser" Words device.browser;
};

/// The rest of a device, which is only compared.
const DEVICE: [TextField; 2] = texts! {
    "/deviceDetail/deviceId" "device id" Id device.device_id;
    "/deviceDetail/trustType" "join type" Words device.trust_type;
};

/// A yes or no of a sign-in.
struct Flag {
    pointer: &'static str,
    get: fn(&SignIn) -> Option<bool>,
    get_mut: fn(&mut SignIn) -> &mut Option<bool>,
}

/// The yeses and noes that are filled one by one.
const FLAGS: [Flag; 3] = [
    Flag { pointer: "/isInteractive", get: |s| s.is_interactive, get_mut: |s| &mut s.is_interactive },
    Flag { pointer: "/authenticationProcessingDetails", get: |s| s.is_cae_token, get_mut: |s| &mut s.is_cae_token },
    Flag {
        pointer: "/isThroughGlobalSecureAccess",
        get: |s| s.through_global_secure_access,
        get_mut: |s| &mut s.through_global_secure_access,
    },
];

/// How much a record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fullness {
    /// The file's name, by which records that say as much are told apart in whatever order the files are opened.
    pub file: Arc<str>,
    /// How many values it has.
    pub says: u32,
    /// Which values it has, one bit each.
    pub filled: u64,
    /// How well it knows the time.
    pub clock: Clock,
}

impl Fullness {
    /// How much a sign-in says.
    pub fn of(sign_in: &SignIn) -> Fullness {
        let mut fullness =
            Fullness { file: Arc::clone(&sign_in.origin.file), clock: sign_in.clock, ..Fullness::default() };
        let mut bit = 0;
        let mut note = |values: usize| {
            if values > 0 {
                fullness.filled |= 1 << bit;
                fullness.says = fullness.says.saturating_add(u32::try_from(values).unwrap_or(u32::MAX));
            }
            bit += 1;
        };
        for field in TEXTS.iter().chain(&SOFTWARE).chain(&DEVICE) {
            note(usize::from(said((field.get)(sign_in)).is_some()));
        }
        for flag in &FLAGS {
            note(usize::from((flag.get)(sign_in).is_some()));
        }
        let policies = sign_in.applied_policies.list();
        let device = &sign_in.device;
        let place = &sign_in.location;
        note([&place.city, &place.state, &place.country].into_iter().flatten().count());
        note(usize::from(device.is_compliant.is_some()) + usize::from(device.is_managed.is_some()));
        note(usize::from(sign_in.created.is_some()));
        note(usize::from(sign_in.status.error_code.is_some()));
        note(usize::from(sign_in.conditional_access_status.is_some()));
        note(usize::from(sign_in.event_kind != EventKind::Unknown));
        note(policies.len() * 3);
        note(if policies::gives_reasons(policies) { policies.len() * 2 } else { 0 });
        note(sign_in.authentication_details.as_deref().unwrap_or_default().len() * 4);
        note(sign_in.authentication_requirement_policies.len());
        note(sign_in.session_lifetime_policies.len());
        note(sign_in.network_locations.as_deref().unwrap_or_default().len());
        note(sign_in.authentication_contexts.as_deref().unwrap_or_default().len());
        note(sign_in.audiences.len());
        fullness
    }

    /// The order of records of one sign-in: the fullest first, and of equal ones by the name of their file.
    pub fn order(&self, other: &Fullness) -> Ordering {
        Reverse(self.says).cmp(&Reverse(other.says)).then_with(|| self.file.cmp(&other.file))
    }

    /// Which of its values say what the application is called.
    pub fn application_name() -> u64 {
        bit_of("/appDisplayName")
    }

    /// Which of its values say what the resource is called.
    pub fn resource_name() -> u64 {
        bit_of("/resourceDisplayName")
    }

    /// Which of its values are authentication steps.
    pub fn steps() -> u64 {
        1 << (TEXTS.len() + SOFTWARE.len() + DEVICE.len() + FLAGS.len() + 8)
    }
}

fn bit_of(pointer: &str) -> u64 {
    TEXTS.iter().position(|field| field.pointer == pointer).map_or(0, |bit| 1 << bit)
}

/// The order in which records of one sign-in count: the fullest first, and of equal ones by file name and number.
pub fn order(a: &SignIn, b: &SignIn) -> Ordering {
    let number = |sign_in: &SignIn| sign_in.origin.record;
    Fullness::of(a).order(&Fullness::of(b)).then_with(|| number(a).cmp(&number(b)))
}

/// Fills what a sign-in lacks from further records of it, which come in their [`order`], and from records that are no sign-ins by
/// themselves and only add to one (`supplements`).
pub fn complete(main: &mut SignIn, others: Vec<SignIn>, supplements: Vec<SignIn>) {
    let place = |other: &SignIn| RecordPlace { file: Arc::clone(&other.origin.file), record: other.origin.record };
    main.also_in = others.iter().chain(&supplements).map(place).collect();
    clock::settle(main, &others);
    for mut other in others {
        let from = Arc::new(std::mem::take(&mut other.origin));
        compare(main, &other, &from);
        fill(main, other, &from);
    }
    add_steps(main, supplements);
}

/// Takes what the main record lacks.
fn fill(main: &mut SignIn, mut other: SignIn, from: &Arc<Origin>) {
    let mut borrowed: Vec<&str> = Vec::new();
    for field in &TEXTS {
        fill_text(main, &mut other, field, &mut borrowed);
    }
    for flag in FLAGS.iter().filter(|flag| (flag.get)(&other).is_some()) {
        if (flag.get)(main).is_none() {
            *(flag.get_mut)(main) = (flag.get)(&other);
            borrowed.push(flag.pointer);
        }
    }
    if tells_lock(&other) && main.error_code() == Some(LOCKED) && !tells_lock(main) {
        main.status.failure_reason = other.status.failure_reason.take();
        borrowed.push("/status/failureReason");
    }
    if main.status.error_code.is_none() && other.status.error_code.is_some() {
        main.status.error_code = other.status.error_code;
        borrowed.push("/status/errorCode");
    }
    if main.event_kind == EventKind::Unknown && other.event_kind != EventKind::Unknown {
        main.event_kind = other.event_kind;
        borrowed.push("/signInEventTypes");
    }
    if main.conditional_access_status.is_none() && other.conditional_access_status.is_some() {
        main.conditional_access_status = other.conditional_access_status.take();
        borrowed.push("/conditionalAccessStatus");
    }
    if main.location.written().is_none() && other.location.is_reported {
        let is_better = !main.location.is_reported || other.location.written().is_some();
        if is_better {
            main.location = std::mem::take(&mut other.location);
            borrowed.push("/location");
        }
    }
    if !main.device.is_reported && other.device.is_reported {
        main.device = std::mem::take(&mut other.device);
        borrowed.push("/deviceDetail");
    } else {
        for field in &SOFTWARE {
            fill_text(main, &mut other, field, &mut borrowed);
        }
    }
    if policies::unite(main, &mut other, from) {
        borrowed.push("/appliedConditionalAccessPolicies");
    }
    fill_longer(
        &mut main.authentication_details,
        other.authentication_details,
        "/authenticationDetails",
        &mut borrowed,
    );
    fill_longer(&mut main.network_locations, other.network_locations, "/networkLocationDetails", &mut borrowed);
    let contexts = "/authenticationContextClassReferences";
    fill_longer(&mut main.authentication_contexts, other.authentication_contexts, contexts, &mut borrowed);
    let demands = "/authenticationRequirementPolicies";
    let held = &mut main.authentication_requirement_policies;
    fill_empty(held, other.authentication_requirement_policies, demands, &mut borrowed);
    let rules = "/sessionLifetimePolicies";
    fill_empty(&mut main.session_lifetime_policies, other.session_lifetime_policies, rules, &mut borrowed);
    fill_empty(&mut main.audiences, other.audiences, "/conditionalAccessAudiences", &mut borrowed);
    // How many sign-ins a row stands for is not filled: only a list that gathers rows says it, and a fuller one may hold them all.
    for at in borrowed {
        // What lay below it and came from another record went with the value that was replaced.
        main.origin.borrowed.retain(|held| !held.at.strip_prefix(at).is_some_and(|rest| rest.starts_with('/')));
        main.origin.borrowed.retain(|held| held.at != at);
        main.origin.borrowed.push(Borrowed { at: at.to_owned(), from: Arc::clone(from), there: at.to_owned() });
    }
}

/// The error code that stands for two causes, which the reason tells apart unless it is translated.
const LOCKED: i64 = 50_053;

fn tells_lock(sign_in: &SignIn) -> bool {
    let class = sign_in.status.failure_reason.as_deref().map(AttemptClass::of_reason);
    matches!(class, Some(AttemptClass::Lock | AttemptClass::IpBlock))
}

fn fill_text(main: &mut SignIn, other: &mut SignIn, field: &TextField, borrowed: &mut Vec<&str>) {
    if said((field.get)(main)).is_none() && said((field.get)(other)).is_some() {
        *(field.get_mut)(main) = (field.get_mut)(other).take();
        borrowed.push(field.pointer);
    }
}

/// Of two lists the longer counts, since some exports are made before all is written; an empty one says more than none.
fn fill_longer<T>(held: &mut Option<Vec<T>>, given: Option<Vec<T>>, pointer: &'static str, borrowed: &mut Vec<&str>) {
    let length = |list: &Option<Vec<T>>| list.as_ref().map(Vec::len);
    if length(&given) > length(held) {
        *held = given;
        borrowed.push(pointer);
    }
}

fn fill_empty<T>(held: &mut Vec<T>, given: Vec<T>, pointer: &'static str, borrowed: &mut Vec<&str>) {
    if held.is_empty() && !given.is_empty() {
        *held = given;
        borrowed.push(pointer);
    }
}

/// Adds the authentication steps that stand in records of their own, where they are more than the record has.
fn add_steps(main: &mut SignIn, supplements: Vec<SignIn>) {
    let mut found: Vec<(AuthenticationStep, Arc<Origin>, usize)> = Vec::new();
    for mut supplement in supplements {
        let from = Arc::new(std::mem::take(&mut supplement.origin));
        let steps = supplement.authentication_details.take().unwrap_or_default();
        for (number, step) in steps.into_iter().enumerate() {
            // The same step stands in two exports that overlap.
            if !found.iter().any(|(known, _, _)| *known == step) {
                found.push((step, Arc::clone(&from), number));
            }
        }
        // The time of a step is not that of the sign-in, and its words are about the step.
        supplement.created = None;
        supplement.status = super::sign_in::Status::default();
        fill(main, supplement, &from);
    }
    found
        .sort_by(|(a, from, _), (b, other, _)| (a.at, &from.file, from.record).cmp(&(b.at, &other.file, other.record)));
    if found.len() <= main.authentication_details.as_deref().unwrap_or_default().len() {
        return;
    }
    const LIST: &str = "/authenticationDetails";
    main.origin.borrowed.retain(|held| held.at != LIST && !held.at.starts_with("/authenticationDetails/"));
    let places = found.iter().enumerate().map(|(number, (_, from, there))| Borrowed {
        at: format!("{LIST}/{number}"),
        from: Arc::clone(from),
        there: format!("{LIST}/{there}"),
    });
    main.origin.borrowed.extend(places);
    if let Some((_, from, _)) = found.first() {
        let list = Borrowed { at: LIST.to_owned(), from: Arc::clone(from), there: LIST.to_owned() };
        main.origin.borrowed.push(list);
    }
    main.authentication_details = Some(found.into_iter().map(|(step, _, _)| step).collect());
}

/// Notes what two records say differently.
fn compare(main: &mut SignIn, other: &SignIn, from: &Origin) {
    let mut found: Vec<(&str, String, String, String, String)> = Vec::new();
    let mut differ = |label: &'static str, pointer: &str, there: &str, here: &str, value: &str| {
        found.push((label, pointer.to_owned(), there.to_owned(), here.to_owned(), value.to_owned()));
    };
    let is_device = main.device.is_reported && other.device.is_reported;
    let device = SOFTWARE.iter().chain(&DEVICE).filter(|_| is_device);
    for field in TEXTS.iter().chain(device) {
        // Of one lock in two languages the text that can be read counts, which contradicts nothing.
        let is_translated = field.likeness == Likeness::Sentence
            && main.error_code() == Some(LOCKED)
            && tells_lock(main) != tells_lock(other);
        let is_other_field = field.likeness == Likeness::Sentence && !is_one_field(main, from, field.pointer);
        if let Some((here, there)) = said((field.get)(main)).zip(said((field.get)(other)))
            && !is_alike(here, there, field.likeness)
            && !is_translated
            && !is_other_field
        {
            differ(field.label, field.pointer, field.pointer, here, there);
        }
    }
    let country = main.location.country.as_deref().zip(other.location.country.as_deref());
    if let Some((here, there)) = country.filter(|(here, there)| !is_alike(here, there, Likeness::Id)) {
        differ("country", "/location/countryOrRegion", "/location/countryOrRegion", here, there);
    }
    let flags = [
        ("compliant device", "/deviceDetail/isCompliant", main.device.is_compliant, other.device.is_compliant),
        ("managed device", "/deviceDetail/isManaged", main.device.is_managed, other.device.is_managed),
        ("interactive", "/isInteractive", main.is_interactive, other.is_interactive),
    ];
    for (label, pointer, here, there) in flags {
        if let Some((here, there)) = here.zip(there).filter(|(here, there)| here != there) {
            differ(label, pointer, pointer, &here.to_string(), &there.to_string());
        }
    }
    let status = main.conditional_access_status.as_ref().zip(other.conditional_access_status.as_ref());
    if let Some((here, there)) = status.filter(|(here, there)| !is_alike(here.word(), there.word(), Likeness::Words)) {
        let pointer = "/conditionalAccessStatus";
        differ("Conditional Access", pointer, pointer, here.word(), there.word());
    }
    let differences = found.into_iter().map(|(label, pointer, there, value, other)| Variance {
        here: main.origin.evidence(label, &pointer, value),
        there: from.evidence(label, &there, other),
    });
    let policies = policies::differing_results(main, other, from);
    // A third record that says what the second says adds nothing.
    for difference in differences.chain(policies).collect::<Vec<Variance>>() {
        let says_so = |known: &Evidence| known.label == difference.there.label && known.value == difference.there.value;
        let is_known = main.differences.iter().any(|known| known.here == difference.here && says_so(&known.there));
        if !is_known {
            main.differences.push(difference);
        }
    }
}

/// A text that says something: the id of nobody does not, and neither does a risk that is hidden from whoever exported it.
fn said(text: &Option<String>) -> Option<&str> {
    const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
    text.as_deref().map(str::trim).filter(|text| !text.is_empty() && *text != NOBODY && *text != "hidden")
}

fn is_alike(a: &str, b: &str, likeness: Likeness) -> bool {
    let plain =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let are_words_alike = || {
        let (a, b) = (plain(a), plain(b));
        a.starts_with(&b) || b.starts_with(&a)
    };
    match likeness {
        Likeness::Free => true,
        Likeness::Id => a.eq_ignore_ascii_case(b),
        Likeness::PrincipalName => !(a.contains('@') && b.contains('@')) || a.to_lowercase() == b.to_lowercase(),
        Likeness::Words => are_words_alike(),
        Likeness::Address => match (a.parse::<IpAddr>(), b.parse::<IpAddr>()) {
            (Ok(a), Ok(b)) => a.to_canonical() == b.to_canonical(),
            _ => a.eq_ignore_ascii_case(b),
        },
        Likeness::Sentence => {
            let (a, b) = (without_code(a), without_code(b));
            let (said, other) = (plain(a), plain(b));
            !(a.contains(' ') && b.contains(' ')) || said.contains(&other) || other.contains(&said)
        }
    }
}

/// A sentence without the error code that pages write before it.
fn without_code(text: &str) -> &str {
    let code = text.strip_prefix("AADSTS").and_then(|rest| rest.split_once(':'));
    code.filter(|(code, _)| code.bytes().all(|byte| byte.is_ascii_digit())).map_or(text, |(_, rest)| rest.trim_start())
}

/// Whether a value stands in fields of one name in both files. Tables have a short text of their own beside Graph's sentence.
fn is_one_field(main: &SignIn, from: &Origin, pointer: &str) -> bool {
    let name = |evidence: Evidence| -> String {
        let name = evidence.pointer.rsplit('/').next().unwrap_or_default().to_owned();
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    name(main.evidence("", pointer, "")) == name(from.evidence("", pointer, ""))
}

#[cfg(test)]
mod tests {
    use super::policies::gives_reasons;
    use super::*;
    use crate::domain::sign_in::{AppliedPolicies, AppliedPolicy, Device, Location, PolicyResult};

    fn record(file: &str) -> SignIn {
        let origin = Origin { file: Arc::from(file), record: Some(3), ..Origin::default() };
        SignIn { id: "a1".to_owned(), origin, ..SignIn::default() }
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn policy(result: PolicyResult, has_reasons: bool) -> AppliedPolicy {
        AppliedPolicy {
            id: "p1".to_owned(),
            display_name: "Block abroad".to_owned(),
            result,
            grant_controls: Vec::new(),
            session_controls: Vec::new(),
            session_controls_not_satisfied: Vec::new(),
            conditions_satisfied: has_reasons.then(Vec::new),
            conditions_not_satisfied: None,
            include_rules: Vec::new(),
            exclude_rules: Vec::new(),
            authentication_strength: None,
        }
    }

    #[test]
    fn what_is_missing_is_filled_and_its_evidence_stands_where_it_came_from() {
        let mut main = SignIn { ip_address: some("192.0.2.7"), ..record("v1.json") };
        main.user_id = some("00000000-0000-0000-0000-000000000000");
        main.applied_policies = AppliedPolicies::Listed(vec![policy(PolicyResult::Failure, false)]);
        let mut other = SignIn { user_id: some("u1"), session_id: some("s1"), ..record("beta.json") };
        other.applied_policies = AppliedPolicies::Listed(vec![policy(PolicyResult::Failure, true)]);
        other.location = Location { country: some("HN"), is_reported: true, ..Location::default() };
        other.device = Device { device_id: some("d1"), is_reported: true, ..Device::default() };
        complete(&mut main, vec![other], Vec::new());
        assert_eq!((main.user_id.as_deref(), main.session_id.as_deref()), (Some("u1"), Some("s1")));
        assert_eq!(main.device.device_id.as_deref(), Some("d1"));
        assert!(gives_reasons(main.applied_policies.list()));
        for pointer in ["/userId", "/location/countryOrRegion", "/appliedConditionalAccessPolicies/0/result"] {
            assert_eq!(&*main.evidence("", pointer, "").file, "beta.json", "{pointer}");
        }
        assert_eq!(&*main.evidence("", "/ipAddress", "").file, "v1.json");
        assert_eq!((main.also_in.len(), main.differences.len()), (1, 0));
    }

    #[test]
    fn contradictions_are_kept_and_other_spellings_are_none() {
        let main = || {
            let mut main = SignIn { ip_address: some("2001:DB8::9"), client_app_used: some("Browser"), ..record("a") };
            main.user_id = some("ABC");
            main.incoming_token_type = some("primaryRefreshToken");
            main.status.failure_reason = some("Error validating credentials due to invalid username or password.");
            main
        };
        let mut same = SignIn { ip_address: some("2001:db8:0::9"), client_app_used: some("browser"), ..record("b") };
        same.user_id = some("abc");
        same.incoming_token_type = some("Primary Refresh Token");
        same.status.failure_reason = some("InvalidUserNameOrPassword");
        let mut merged = main();
        complete(&mut merged, vec![same], Vec::new());
        assert_eq!(merged.differences, []);
        let mut other = SignIn { ip_address: some("203.0.113.9"), ..record("b") };
        other.status.failure_reason =
            some("Sign-in was blocked because it came from an IP address with malicious activity.");
        let mut merged = main();
        complete(&mut merged, vec![other.clone(), SignIn { origin: record("c").origin, ..other }], Vec::new());
        let told: Vec<(&str, &str, &str)> =
            merged.differences.iter().map(|one| (one.here.label.as_str(), &*one.here.file, &*one.there.file)).collect();
        assert_eq!(told, [("IP address", "a", "b"), ("failure reason", "a", "b")]);
        assert_eq!(merged.ip_address.as_deref(), Some("2001:DB8::9"));
    }

    #[test]
    fn of_one_lock_in_two_languages_the_reason_that_can_be_read_counts() {
        let row = |file: &str, reason: &str| {
            let mut row = record(file);
            row.status.error_code = Some(LOCKED);
            row.status.failure_reason = some(reason);
            row
        };
        let mut main = row("a.json", "Das Konto ist gesperrt.");
        let english =
            "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.";
        complete(&mut main, vec![row("b.json", english)], Vec::new());
        assert_eq!(AttemptClass::of(&main), AttemptClass::Lock);
        assert_eq!(&*main.evidence("", "/status/failureReason", "").file, "b.json");
        assert_eq!(main.differences, []);
    }

    #[test]
    fn steps_from_records_of_their_own_are_put_in_order() {
        let step = |method: &str, second: i64| AuthenticationStep {
            at: chrono::DateTime::from_timestamp(second, 0),
            method: some(method),
            ..AuthenticationStep::default()
        };
        let supplement = |number: u64, step: AuthenticationStep| {
            let mut record = SignIn { authentication_details: Some(vec![step]), ..record("details.csv") };
            record.origin.record = Some(number);
            record
        };
        let mut main = record("log.csv");
        let supplements = vec![supplement(0, step("Authenticator", 9)), supplement(1, step("Password", 5))];
        complete(&mut main, Vec::new(), supplements);
        let steps = main.authentication_details.as_deref().unwrap_or_default();
        let methods: Vec<Option<&str>> = steps.iter().map(|step| step.method.as_deref()).collect();
        assert_eq!(methods, [Some("Password"), Some("Authenticator")]);
        let evidence = main.evidence("", "/authenticationDetails/1/authenticationMethod", "");
        assert_eq!((&*evidence.file, evidence.record), ("details.csv", Some(0)));
        assert_eq!(evidence.pointer, "/authenticationDetails/0/authenticationMethod");
    }

    #[test]
    fn every_value_has_a_bit_of_its_own() {
        let count = TEXTS.len() + SOFTWARE.len() + DEVICE.len() + FLAGS.len() + 14;
        assert!(count < 64, "{count}");
        let sign_in = SignIn { authentication_details: Some(vec![AuthenticationStep::default()]), ..record("a") };
        assert_eq!(Fullness::of(&sign_in).filled, Fullness::steps());
        let sign_in = SignIn { resource_display_name: some("Exchange"), ..record("a") };
        assert_eq!(Fullness::of(&sign_in).filled, Fullness::resource_name());
    }
}
