//! What an explanation says of sessions besides its finding: what else was asked, what misleads, and what would help.

use crate::explain::explanation::{Confidence, Finding, Help, Note};
use crate::explain::{View, catalogue, finding};

/// Notes on the prompt of a sign-in, on what misleads about its session, and on what Conditional Access had to say.
pub(in crate::explain) fn notes(view: &View, found: &Finding) -> Vec<Note> {
    let Some(prompt) = view.prompt() else { return Vec::new() };
    let made = |code: &str, text: String, evidence| Note {
        code: code.to_owned(),
        text,
        evidence,
        citations: catalogue::citations(code),
    };
    let mut notes = Vec::new();
    if prompt.code == found.code {
        let granted = finding::granted(view);
        notes.push(made(&granted.code, granted.headline, granted.evidence));
    } else {
        notes.push(made(prompt.code, prompt.headline.clone(), prompt.evidence.clone()));
    }
    let Some(ledger) = view.ledger else { return notes };
    let own = view.row.and_then(|row| ledger.row(row)?.session);
    let concerns = |session: Option<usize>| match session {
        Some(session) => prompt.earlier == Some(session) || own == Some(session),
        None => prompt.code == found.code,
    };
    let traps = ledger.traps.iter().filter(|trap| concerns(trap.session));
    notes.extend(traps.map(|trap| made(trap.code, trap.text.clone(), trap.evidence.clone())));
    notes
}

/// What would change when the user is asked.
pub(in crate::explain) fn help(view: &View, found: &Finding) -> Vec<Help> {
    const LIFETIME: &str =
        "https://learn.microsoft.com/entra/identity/conditional-access/howto-conditional-access-session-lifetime";
    const STAY: &str = "https://learn.microsoft.com/entra/fundamentals/how-to-manage-stay-signed-in-prompt";
    const TOKENS: &str = "https://learn.microsoft.com/entra/identity-platform/refresh-tokens";
    let Some(prompt) = view.prompt().filter(|prompt| prompt.code == found.code) else { return Vec::new() };
    let help = |text: String, confidence, side_effects: &str, doc: &str| Help {
        text,
        confidence,
        side_effects: side_effects.to_owned(),
        doc: doc.to_owned(),
    };
    match prompt.code {
        "SES-IDLE-NONPERSISTENT" => vec![
            help(
                "If users should be asked less often: a Conditional Access policy for these users and all resources with the session \
                 control persistent browser: always. The session then ends after 90 days without use."
                    .to_owned(),
                Confidence::High,
                "It needs all resources, holds for every browser of these users, shared ones as well, and overrides the answer to \
                 “Stay signed in?”.",
                LIFETIME,
            ),
            help(
                "To keep a bound, set sign-in frequency in the same policy: users then sign in again after so many hours or days, used or \
                 not."
                    .to_owned(),
                Confidence::Medium,
                "It asks for both factors, in apps as well as browsers; together with remembered MFA it asks too often. How the user is \
                 asked is up to the federation provider for federated accounts.",
                LIFETIME,
            ),
            help(
                "Or show the question “Stay signed in?” (Users, User settings), and let users decide.".to_owned(),
                Confidence::Medium,
                "It is shown to everybody in the tenant except guests; a yes on a shared computer stays as well.",
                STAY,
            ),
        ],
        "SES-SIGN-IN-FREQUENCY" | "SES-EVERY-TIME" => {
            let name = match &prompt.policy {
                Some((_, name)) => format!("“{name}”"),
                None => "the policy that sets it".to_owned(),
            };
            vec![help(
                format!("If that is too often, lengthen the sign-in frequency of {name}, or narrow its resources or users."),
                Confidence::High,
                "The change holds for everybody whom the policy covers; the shortest frequency of several policies counts.",
                LIFETIME,
            )]
        }
        "SES-REVOKED" | "SES-PASSWORD-CHANGED" => vec![help(
            "Look in the audit log who changed the password or revoked the sessions, and whether that was meant. Nothing else needs doing."
                .to_owned(),
            Confidence::Medium,
            "",
            TOKENS,
        )],
        "SES-REMEMBER-MFA" | "SES-MFA-EXPIRED" => vec![help(
            "Replace remembered MFA of the per-user settings by sign-in frequency in Conditional Access.".to_owned(),
            Confidence::Medium,
            "Until it is switched off, apps are checked for it at every renewal.",
            LIFETIME,
        )],
        "SES-REQUESTED" => vec![help(
            "Ask whoever runs the application why it sends prompt=login or max_age, and whether it has to.".to_owned(),
            Confidence::High,
            "",
            "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow",
        )],
        _ => Vec::new(),
    }
}
