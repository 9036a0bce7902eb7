//! Holds the settings of smart lockout against the rules that the documentation gives for them.
//!
//! The rule counts, not the documentation's example: the page of 2025-03-04 gives 10 for Entra and 5 for the directory on premises as
//! an example of its own rule that Entra's threshold be the lower; the page of 2023-01-29 had 5 and 10.

use super::Lockouts;
use super::settings::Origin;
use crate::domain::fact::AuthMethod;
use crate::explain::access::Tenant;
use crate::explain::catalogue;
use crate::explain::explanation::Note;

fn note(code: &str, text: String) -> Note {
    Note { code: code.to_owned(), text, evidence: Vec::new(), citations: catalogue::citations(code) }
}

/// What is to be said of the settings, for a user whose tries were counted.
pub(super) fn of(ledger: &Lockouts, tenant: &Tenant) -> Vec<Note> {
    if ledger.episodes.is_empty() || ledger.home.is_some() {
        return Vec::new();
    }
    match ledger.method.kind {
        Some(AuthMethod::Federated) => federated(ledger),
        Some(AuthMethod::PassThrough) => vec![pass_through(ledger, tenant), pass_through_duration(ledger)],
        // Somebody who says the threshold on premises wants to know how it stands beside Entra's.
        _ if tenant.facts().on_premises_lockout_threshold.is_some() => vec![pass_through(ledger, tenant)],
        _ => Vec::new(),
    }
}

fn pass_through(ledger: &Lockouts, tenant: &Tenant) -> Note {
    const CODE: &str = "LCK-CHECK-ON-PREMISES";
    let entra = ledger.threshold.value;
    let from = ledger.threshold.from();
    let facts = tenant.facts();
    let (least, better) = (entra.saturating_mul(2), entra.saturating_mul(3));
    let text = match facts.on_premises_lockout_threshold {
        None => format!(
            "With pass-through authentication the directory on premises counts as well. Entra's threshold is {entra} ({from}); that \
             on premises must be higher, by the rule {least} to {better} at least, and is not in the evidence."
        ),
        Some(own) if own <= entra => format!(
            "The directory on premises locks after {own}, Entra after {entra} ({from}): whoever guesses from the internet locks the \
             account on premises before Entra stops them. By the rule the threshold on premises is {least} to {better} at least."
        ),
        Some(own) if own < least => format!(
            "The directory on premises locks after {own}, Entra after {entra} ({from}): Entra comes first, as it must, but by the rule \
             the threshold on premises is {least} to {better} at least."
        ),
        Some(own) => format!(
            "The directory on premises locks after {own}, Entra after {entra} ({from}): Entra comes first, as it must."
        ),
    };
    let mut note = note(CODE, text);
    note.evidence.extend(ledger.threshold.evidence.clone());
    note.evidence.extend(facts.evidence("onPremisesLockoutThreshold"));
    note
}

fn pass_through_duration(ledger: &Lockouts) -> Note {
    let from = match ledger.duration.origin {
        Origin::Operator => "as you say",
        Origin::Snapshot => "by the snapshot",
        Origin::OfCloud(_) | Origin::Default => "by default",
    };
    let text = format!(
        "Entra's first lock lasts {} seconds ({from}). It must last longer than the one on premises, which is set in minutes and is not \
         in the evidence.",
        ledger.duration.value
    );
    let mut note = note("LCK-CHECK-DURATION", text);
    note.evidence.extend(ledger.duration.evidence.clone());
    note
}

fn federated(ledger: &Lockouts) -> Vec<Note> {
    let text = "The federation provider judges the passwords, so its own lockout counts: with AD FS that is extranet (smart) lockout. \
                Ask for `Get-AdfsProperties | fl Extranet*` and `Get-AdfsAccountActivity USER`; by the rule its threshold is at most \
                half of that on premises and its window 30 minutes."
        .to_owned();
    let mut note = note("LCK-CHECK-ADFS", text);
    note.evidence.extend(ledger.method.evidence.iter().cloned());
    vec![note]
}
