//! Answers whether what a policy demands is met, and whether it could be met if the user were asked.

use std::collections::BTreeSet;

use authopsy::domain::context::{ClientApp, Given, Subject, Target};
use authopsy::domain::first_party;
use authopsy::domain::guest::GuestKinds;
use authopsy::domain::policy::{Policy, StrengthReference};

use crate::case::{Case, lists, low};
use crate::truth::Truth;

/// Microsoft Intune Enrollment.
pub const ENROLLMENT: &str = "d4ebce55-015a-49b5-a083-c84d1797ae8c";
/// The built-in strength for multifactor authentication.
pub const MFA_STRENGTH: &str = "00000000-0000-0000-0000-000000000002";

/// What is known of a policy's demands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Granted {
    /// Whether they are met as it is.
    pub now: Truth,
    /// Whether they would be met if the user did everything that a user can be asked to do.
    pub if_asked: Truth,
}

/// A demand: whether it is met, and whether the user can be asked to meet it.
struct Operand {
    met: Truth,
    can_be_asked: bool,
}

/// What is known of a policy's demands, where its strength counts as met if another one replaces it.
pub fn granted(case: &Case, policy: &Policy, is_strength_replaced: Truth) -> Granted {
    let grant = policy.grant.clone().unwrap_or_default();
    if lists(&grant.built_in, "block") {
        return Granted { now: Truth::No, if_asked: Truth::No };
    }
    let mut operands: Vec<Operand> = grant.built_in.iter().map(|word| built_in(case, word)).collect();
    operands.extend(grant.strength.iter().map(|strength| Operand {
        met: interactive(case, strength_is_met(case, strength)).or(is_strength_replaced),
        can_be_asked: !is_legacy(case) && !is_direct_connect(case),
    }));
    operands.extend(grant.terms_of_use.iter().chain(&grant.custom_factors).map(|id| {
        if is_direct_connect(case) {
            return Operand { met: Truth::No, can_be_asked: false };
        }
        Operand { met: interactive(case, shown(case, id)), can_be_asked: !is_legacy(case) }
    }));
    let joined = |answers: Vec<Truth>| {
        let (all, any) = (Truth::all(answers.clone()), Truth::any(answers.clone()));
        match grant.operator.as_deref() {
            _ if answers.is_empty() => Truth::Yes,
            Some("AND") => all,
            Some("OR") => any,
            _ => all.agreed(any),
        }
    };
    let now = joined(operands.iter().map(|operand| operand.met).collect());
    let asked = |operand: &Operand| if operand.can_be_asked { Truth::Yes } else { operand.met };
    let if_asked = joined(operands.iter().map(asked).collect());
    let unread = |part: &str| {
        let is_unread = policy.unknown.iter().any(|member| member.pointer.starts_with(part));
        if is_unread { Truth::Unknown } else { Truth::Yes }
    };
    let bound = if policy.session.token_protection { session_control(case, "securesigninsession") } else { Truth::Yes };
    let session = Truth::all([
        policy.session.sign_in_frequency.as_ref().map_or(Truth::Yes, |_| session_control(case, "signinfrequency")),
        bound,
        unread("/sessionControls/"),
    ]);
    if unread("/grantControls/") == Truth::Unknown {
        return Granted { now: session.and(Truth::Unknown), if_asked: bound.and(Truth::Unknown) };
    }
    Granted { now: now.and(session), if_asked: if_asked.and(bound) }
}

fn is_legacy(case: &Case) -> bool {
    matches!(case.context.client_app, Some(ClientApp::ExchangeActiveSync(_) | ClientApp::Other))
}

/// The answer for a demand that a legacy client has no page for.
fn interactive(case: &Case, met: Truth) -> Truth {
    if is_legacy(case) { Truth::No } else { met }
}

/// Whether every kind of account that the user can be is an external one.
fn is_external(case: &Case) -> bool {
    let Subject::User(user) = &case.context.subject else { return false };
    let kinds = GuestKinds::NAMED.iter().map(|(kind, _)| *kind);
    let outside = kinds.filter(|kind| *kind != GuestKinds::INTERNAL_GUEST);
    user.kinds.is_within(outside.fold(GuestKinds::NONE, GuestKinds::or))
}

/// Whether the user is known to come by B2B direct connect.
fn is_direct_connect(case: &Case) -> bool {
    matches!(&case.context.subject, Subject::User(user) if user.kinds == GuestKinds::DIRECT_CONNECT)
}

/// What the proofs say of a control.
fn shown(case: &Case, control: &str) -> Truth {
    let proofs = &case.context.proofs;
    let said = proofs.controls.get(&low(control)).copied();
    Truth::told(said.or(proofs.is_complete.then_some(false)))
}

fn session_control(case: &Case, control: &str) -> Truth {
    Truth::told(case.context.proofs.controls.get(control).copied())
}

fn built_in(case: &Case, word: &str) -> Operand {
    let only_as_it_is = |met| Operand { met, can_be_asked: false };
    let met = shown(case, word);
    match low(word).as_str() {
        "compliantdevice" if asks_for_enrollment(case) => only_as_it_is(Truth::Yes),
        "compliantdevice" | "domainjoineddevice" => only_as_it_is(match case.context.client_app {
            _ if came_by_device_code(case) => Truth::No,
            Some(ClientApp::Other) => Truth::No,
            Some(ClientApp::ExchangeActiveSync(_)) => Truth::Unknown,
            _ => met,
        }),
        "approvedapplication" | "compliantapplication" => {
            only_as_it_is(if is_legacy(case) || is_external(case) { Truth::No } else { met })
        }
        "passwordchange" | "riskremediation" if is_external(case) => only_as_it_is(Truth::No),
        "passwordchange" | "riskremediation" => Operand { met: interactive(case, met), can_be_asked: !is_legacy(case) },
        "mfa" => {
            let by_methods = methods_fit(case, &built_in_combinations(MFA_STRENGTH));
            let is_said = case.context.proofs.controls.contains_key("mfa");
            let met = if is_said || by_methods == Truth::Unknown { met } else { by_methods };
            Operand { met: interactive(case, met), can_be_asked: !is_legacy(case) && !is_direct_connect(case) }
        }
        _ => only_as_it_is(Truth::Unknown),
    }
}

fn asks_for_enrollment(case: &Case) -> bool {
    let Target::Resources(resources) = &case.context.target else { return false };
    let others = resources.audiences.iter().filter(|audience| low(&audience.id) != ENROLLMENT).count();
    others == 0 && !resources.audiences.is_empty()
}

fn came_by_device_code(case: &Case) -> bool {
    matches!(&case.context.transfer_method, Given::Value(method) if low(method) == "devicecodeflow")
}

fn built_in_combinations(id: &str) -> Vec<String> {
    first_party::strength(id).map(|strength| strength.allowed_combinations.clone()).unwrap_or_default()
}

fn strength_is_met(case: &Case, strength: &StrengthReference) -> Truth {
    if let Some(said) = case.context.proofs.controls.get(&low(&strength.id)) {
        return Truth::known(*said);
    }
    if strength.allowed_combinations.is_empty() {
        methods_fit(case, &built_in_combinations(&strength.id))
    } else {
        methods_fit(case, &strength.allowed_combinations)
    }
}

/// Whether the methods of the session hold an allowed combination, over every reading of the methods.
fn methods_fit(case: &Case, combinations: &[String]) -> Truth {
    if combinations.is_empty() {
        return Truth::Unknown;
    }
    let proofs = &case.context.proofs;
    let registers_device =
        matches!(&case.context.target, Target::UserAction(action) if low(action) == "urn:user:registerdevice");
    let mut readings: Vec<BTreeSet<String>> = vec![BTreeSet::new()];
    for modes in proofs.methods.iter().filter(|modes| !modes.is_empty()) {
        let extended = readings.iter().flat_map(|reading| {
            modes.iter().map(move |mode| {
                let counted = (!registers_device || low(mode) != "windowshelloforbusiness").then(|| low(mode));
                reading.iter().cloned().chain(counted).collect::<BTreeSet<String>>()
            })
        });
        readings = extended.collect();
    }
    let fits = |reading: &BTreeSet<String>| {
        combinations
            .iter()
            .any(|combination| combination.split(',').all(|method| reading.contains(&low(method.trim()))))
    };
    let worlds: Vec<bool> = readings.iter().map(fits).collect();
    match Truth::of_worlds(&worlds) {
        Truth::No if !proofs.knows_methods || proofs.methods.iter().any(Vec::is_empty) => Truth::Unknown,
        answer => answer,
    }
}
