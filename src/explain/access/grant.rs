//! Evaluates what a policy demands: each control by itself, joined by the policy's operator.
//!
//! Every member of the grant controls counts as an operand, terms of use and strengths as well (inferred from Graph's object).

use crate::domain::Verdict;
use crate::domain::context::{ClientApp, Given, Subject, Target};
use crate::domain::first_party;
use crate::domain::guest::GuestKinds;
use crate::domain::policy::{GrantControls, Policy, StrengthReference};

use super::asked::Asked;

/// Microsoft Intune Enrollment, which a demand for a compliant device does not keep out
/// (entra-docs, require device compliance, 2025-04-01).
const INTUNE_ENROLLMENT: &str = "d4ebce55-015a-49b5-a083-c84d1797ae8c";
/// The built-in strength "Multifactor authentication" (Graph `evaluate`, 2025-03-21).
const MULTIFACTOR: &str = "00000000-0000-0000-0000-000000000002";
/// As many ways to read the methods of a session as are tried; more leave the strength undecided.
const MOST_READINGS: usize = 256;

/// A control of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlName {
    /// A built-in control, as its number in the policy's list.
    BuiltIn(usize),
    /// The authentication strength.
    Strength,
    /// Terms of use, as their number in the policy's list.
    TermsOfUse(usize),
    /// A custom control, as its number in the policy's list.
    Custom(usize),
}

/// A control with what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlPart {
    /// The control.
    pub control: ControlName,
    /// Whether it is met.
    pub verdict: Verdict,
    /// Whether the user could still meet it by doing something now.
    pub can_be_asked: bool,
    /// Why, where the verdict alone does not say it.
    pub why: ControlWhy,
    /// Its place in the order in which Entra asks (entra-docs, Conditional Access policies, 2024-03-29).
    pub rank: u8,
}

/// Why a control is met or not, where the verdict alone does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlWhy {
    /// What was shown says so.
    Shown,
    /// Nothing says it.
    NotInRecord,
    /// The snapshot does not say which methods the strength allows.
    StrengthUnknown,
    /// A block cannot be met.
    Block,
    /// A legacy client cannot show a page and sends no word of its device.
    LegacyClient,
    /// With device code flow the device that signs in cannot prove itself.
    DeviceCode,
    /// External users cannot meet it.
    External,
    /// The enrolment of devices is let through.
    Enrollment,
    /// While security information is registered, the strength of the policy for that action counts instead.
    ReplacedStrength,
    /// This program does not know the control.
    UnknownControl,
}

/// What came of a policy's demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// Whether they are met; yes for a policy that demands nothing.
    pub verdict: Verdict,
    /// Whether they would be met once the user has done all that can be asked.
    pub if_asked: Verdict,
    /// Whether the policy blocks.
    pub is_block: bool,
    /// The controls, in the order in which Entra asks for them.
    pub controls: Vec<ControlPart>,
}

/// Evaluates the demands of a policy. `replaced` says whether another policy's strength counts instead of its own.
pub fn evaluate_grant(policy: &Policy, asked: &Asked<'_>, replaced: Verdict) -> Granted {
    let empty = GrantControls::default();
    let grant = policy.grant.as_ref().unwrap_or(&empty);
    let mut controls: Vec<ControlPart> = Vec::with_capacity(grant.built_in.len() + 2);
    for (index, word) in grant.built_in.iter().enumerate() {
        controls.push(built_in(ControlName::BuiltIn(index), word, asked));
    }
    if let Some(strength) = &grant.strength {
        controls.push(replaced_strength(strength_control(strength, asked), replaced));
    }
    for (index, id) in grant.terms_of_use.iter().enumerate() {
        controls.push(interactive(ControlName::TermsOfUse(index), id, 7, asked));
    }
    for (index, id) in grant.custom_factors.iter().enumerate() {
        controls.push(interactive(ControlName::Custom(index), id, 8, asked));
    }
    controls.sort_by_key(|part| part.rank);
    let is_block = policy.blocks();
    let has_unknown = policy.unknown.iter().any(|member| member.pointer.starts_with("/grantControls"));
    let joined = |value: &dyn Fn(&ControlPart) -> Verdict| {
        let all = controls.iter().map(value).fold(Verdict::Yes, Verdict::and);
        let one = controls.iter().map(value).fold(Verdict::No, Verdict::or);
        let joined = match grant.operator.as_deref() {
            _ if controls.is_empty() => Verdict::Yes,
            Some(word) if word.eq_ignore_ascii_case("and") => all,
            Some(word) if word.eq_ignore_ascii_case("or") => one,
            _ if all == one => all,
            _ => Verdict::UnknownData,
        };
        if has_unknown { Verdict::UnknownData } else { joined }
    };
    let (verdict, if_asked) = if is_block {
        (Verdict::No, Verdict::No)
    } else {
        let could = |part: &ControlPart| if part.can_be_asked { Verdict::Yes } else { part.verdict };
        // Somebody whose sign-in is too old is asked again; a token that is not bound cannot be asked for.
        let (recent, bound) = session_holds(policy, asked);
        (joined(&|part| part.verdict).and(recent).and(bound), joined(&could).and(bound))
    };
    Granted { verdict, if_asked, is_block, controls }
}

/// Whether the session controls that can fail a policy hold: a sign-in recent enough, and tokens bound to the device
/// (Graph `conditionalAccessSessionControls`, 2026-08-20; token protection, 2025-05-27).
fn session_holds(policy: &Policy, asked: &Asked<'_>) -> (Verdict, Verdict) {
    let said = |word: &str| match asked.context().proofs.controls.get(word) {
        Some(holds) => Verdict::from_bool(*holds),
        None => Verdict::UnknownContext,
    };
    let recent = if policy.session.sign_in_frequency.is_some() { said("signinfrequency") } else { Verdict::Yes };
    let bound = if policy.session.token_protection { said("securesigninsession") } else { Verdict::Yes };
    let has_unknown = policy.unknown.iter().any(|member| member.pointer.starts_with("/sessionControls"));
    let recent = if has_unknown { recent.and(Verdict::UnknownData) } else { recent };
    (recent, bound)
}

fn built_in(control: ControlName, word: &str, asked: &Asked<'_>) -> ControlPart {
    let plain = word.to_ascii_lowercase();
    let part = |verdict, can_be_asked, why, rank| ControlPart { control, verdict, can_be_asked, why, rank };
    match plain.as_str() {
        "block" => part(Verdict::No, false, ControlWhy::Block, 0),
        "mfa" => {
            if let Some(refused) = by_client(asked) {
                return part(Verdict::No, false, refused, 1);
            }
            // What is said of MFA itself comes first, then the methods, then whether all that was done is known.
            let said = asked.context().proofs.controls.get("mfa").map(|met| Verdict::from_bool(*met));
            let verdict = said.unwrap_or_else(|| match by_methods(&builtin_combinations(MULTIFACTOR), asked) {
                unknown if unknown.is_unknown() => shown("mfa", asked),
                known => known,
            });
            let why = if verdict.is_unknown() { ControlWhy::NotInRecord } else { ControlWhy::Shown };
            by_direct_connect(part(verdict, true, why, 1), asked)
        }
        "compliantdevice" => device_control(control, &plain, 2, asked),
        "domainjoineddevice" => device_control(control, &plain, 3, asked),
        // Apps are vouched for by a broker on the device; what is missing cannot be asked for
        // (entra-docs, grant controls, 2026-03-24).
        "approvedapplication" => app_control(control, &plain, 4, asked),
        "compliantapplication" => app_control(control, &plain, 5, asked),
        "passwordchange" | "riskremediation" => {
            // External users cannot change their password here (entra-docs, B2B and Conditional Access, 2024-05-15).
            if is_external(asked) {
                return part(Verdict::No, false, ControlWhy::External, 6);
            }
            interactive(control, &plain, 6, asked)
        }
        _ => part(Verdict::UnknownData, false, ControlWhy::UnknownControl, 9),
    }
}

/// Something the user does in a page. Legacy clients cannot show one (entra-docs, conditions, 2024-06-20).
fn interactive(control: ControlName, word: &str, rank: u8, asked: &Asked<'_>) -> ControlPart {
    if let Some(why) = by_client(asked) {
        return ControlPart { control, verdict: Verdict::No, can_be_asked: false, why, rank };
    }
    // Terms of use and the like are not supported for direct connect (entra-docs, B2B and Conditional Access, 2024-05-15).
    if is_direct_connect(asked) {
        return ControlPart { control, verdict: Verdict::No, can_be_asked: false, why: ControlWhy::External, rank };
    }
    let verdict = shown(&word.to_ascii_lowercase(), asked);
    let why = if verdict.is_unknown() { ControlWhy::NotInRecord } else { ControlWhy::Shown };
    ControlPart { control, verdict, can_be_asked: true, why, rank }
}

/// Whether the user has no object here: what such a user has not brought along cannot be asked for.
fn is_direct_connect(asked: &Asked<'_>) -> bool {
    matches!(&asked.context().subject, Subject::User(user) if user.kinds == GuestKinds::DIRECT_CONNECT)
}

/// MFA of a user of direct connect is trusted from the home tenant, or access is blocked (entra-docs, B2B and Conditional Access,
/// 2024-05-15).
fn by_direct_connect(part: ControlPart, asked: &Asked<'_>) -> ControlPart {
    match is_direct_connect(asked) {
        true if part.verdict == Verdict::No => ControlPart { can_be_asked: false, why: ControlWhy::External, ..part },
        true => ControlPart { can_be_asked: false, ..part },
        false => part,
    }
}

fn device_control(control: ControlName, word: &str, rank: u8, asked: &Asked<'_>) -> ControlPart {
    let part = |verdict, why| ControlPart { control, verdict, can_be_asked: false, why, rank };
    let context = asked.context();
    let is_for_enrollment = matches!(&context.target, Target::Resources(resources)
        if !resources.audiences.is_empty()
            && resources.audiences.iter().all(|audience| audience.id.eq_ignore_ascii_case(INTUNE_ENROLLMENT)));
    if word == "compliantdevice" && is_for_enrollment {
        return part(Verdict::Yes, ControlWhy::Enrollment);
    }
    // The device that signs in cannot prove the other one (entra-docs, grant controls, 2026-03-24).
    if matches!(&context.transfer_method, Given::Value(method) if method.eq_ignore_ascii_case("deviceCodeFlow")) {
        return part(Verdict::No, ControlWhy::DeviceCode);
    }
    match context.client_app {
        // For ActiveSync, Exchange may ask Intune about the device itself (securecloud.blog, 2019-06-10).
        Some(ClientApp::ExchangeActiveSync(_)) => return part(Verdict::UnknownContext, ControlWhy::NotInRecord),
        Some(ClientApp::Other) => return part(Verdict::No, ControlWhy::LegacyClient),
        _ => {}
    }
    match shown(word, asked) {
        unknown if unknown.is_unknown() => part(unknown, ControlWhy::NotInRecord),
        known => part(known, ControlWhy::Shown),
    }
}

fn app_control(control: ControlName, word: &str, rank: u8, asked: &Asked<'_>) -> ControlPart {
    let part = |verdict, why| ControlPart { control, verdict, can_be_asked: false, why, rank };
    if let Some(refused) = by_client(asked) {
        return part(Verdict::No, refused);
    }
    // Neither is supported for external users (entra-docs, B2B and Conditional Access, 2024-05-15).
    if is_external(asked) {
        return part(Verdict::No, ControlWhy::External);
    }
    match shown(word, asked) {
        unknown if unknown.is_unknown() => part(unknown, ControlWhy::NotInRecord),
        known => part(known, ControlWhy::Shown),
    }
}

fn by_client(asked: &Asked<'_>) -> Option<ControlWhy> {
    asked.context().client_app.is_some_and(ClientApp::is_legacy).then_some(ControlWhy::LegacyClient)
}

fn is_external(asked: &Asked<'_>) -> bool {
    const FROM_ELSEWHERE: GuestKinds = GuestKinds::COLLABORATION_GUEST
        .or(GuestKinds::COLLABORATION_MEMBER)
        .or(GuestKinds::DIRECT_CONNECT)
        .or(GuestKinds::OTHER_EXTERNAL)
        .or(GuestKinds::SERVICE_PROVIDER);
    matches!(&asked.context().subject, Subject::User(user) if user.kinds.is_within(FROM_ELSEWHERE))
}

/// Whether something was shown, by its word in lower case.
fn shown(word: &str, asked: &Asked<'_>) -> Verdict {
    let proofs = &asked.context().proofs;
    match proofs.controls.get(word) {
        Some(met) => Verdict::from_bool(*met),
        None if proofs.is_complete => Verdict::No,
        None => Verdict::UnknownContext,
    }
}

/// A strength, where another policy's counts instead, or may.
fn replaced_strength(part: ControlPart, replaced: Verdict) -> ControlPart {
    match replaced {
        Verdict::No => part,
        Verdict::Yes => ControlPart { verdict: Verdict::Yes, why: ControlWhy::ReplacedStrength, ..part },
        unknown if part.verdict == Verdict::No => {
            ControlPart { verdict: unknown, why: ControlWhy::ReplacedStrength, ..part }
        }
        _ => part,
    }
}

fn strength_control(strength: &StrengthReference, asked: &Asked<'_>) -> ControlPart {
    let control = ControlName::Strength;
    let part = |verdict, why| ControlPart { control, verdict, can_be_asked: true, why, rank: 1 };
    if let Some(why) = by_client(asked) {
        return ControlPart { control, verdict: Verdict::No, can_be_asked: false, why, rank: 1 };
    }
    let said = asked.context().proofs.controls.get(&strength.id.to_ascii_lowercase());
    if let Some(met) = said {
        return by_direct_connect(part(Verdict::from_bool(*met), ControlWhy::Shown), asked);
    }
    let combinations = match strength.allowed_combinations.as_slice() {
        [] => builtin_combinations(&strength.id),
        listed => listed.to_vec(),
    };
    if combinations.is_empty() {
        return part(Verdict::UnknownData, ControlWhy::StrengthUnknown);
    }
    let part = match by_methods(&combinations, asked) {
        unknown if unknown.is_unknown() => part(unknown, ControlWhy::NotInRecord),
        known => part(known, ControlWhy::Shown),
    };
    by_direct_connect(part, asked)
}

fn builtin_combinations(id: &str) -> Vec<String> {
    first_party::strength(id).map(|strength| strength.allowed_combinations.clone()).unwrap_or_default()
}

/// Whether the methods of the session are one of the allowed combinations. A method of the log that can stand for several modes is
/// read in every way (entra-docs, authentication strength, 2025-03-17).
fn by_methods(combinations: &[String], asked: &Asked<'_>) -> Verdict {
    let proofs = &asked.context().proofs;
    let readings = proofs.methods.iter().map(Vec::len).try_fold(1usize, |count, ways| count.checked_mul(ways.max(1)));
    let Some(readings) = readings.filter(|count| *count <= MOST_READINGS) else { return Verdict::UnknownContext };
    // Windows Hello cannot satisfy the registration of a device (entra-docs, target resources, 2026-01-26).
    let registers_device = matches!(&asked.context().target, Target::UserAction(action)
        if action.eq_ignore_ascii_case("urn:user:registerdevice"));
    let counts = |mode: &str| !(registers_device && mode.eq_ignore_ascii_case("windowsHelloForBusiness"));
    let is_allowed = |modes: &[&str]| {
        combinations.iter().any(|combination| {
            combination.split(',').map(str::trim).all(|mode| modes.iter().any(|held| held.eq_ignore_ascii_case(mode)))
        })
    };
    let mut verdicts = (0..readings).map(|reading| {
        let mut rest = reading;
        let modes: Vec<&str> = proofs
            .methods
            .iter()
            .filter_map(|ways| {
                let way = ways.get(rest % ways.len().max(1));
                rest /= ways.len().max(1);
                way.map(String::as_str).filter(|mode| counts(mode))
            })
            .collect();
        is_allowed(&modes)
    });
    let first = verdicts.next().unwrap_or(false);
    let agree = verdicts.all(|verdict| verdict == first);
    match (first, agree) {
        (true, true) => Verdict::Yes,
        (false, true) if proofs.knows_methods && !proofs.methods.iter().any(Vec::is_empty) => Verdict::No,
        _ => Verdict::UnknownContext,
    }
}
