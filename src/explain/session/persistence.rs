//! Finds out whether a session outlives the browser, and says what that rests on.
//!
//! In this order: a policy's persistent browser control, which overrides all else; what the session itself proves by having lived
//! longer than one that is not persistent could; the tenant's setting for the stay-signed-in question; the cookies in a trace. The
//! answer of the user is in no log.

use super::gather::user_of;
use super::rules::{Contradiction, IDLE_NOT_PERSISTENT, agreed};
use super::usage::Client;
use super::{Beside, Ledger, Persistence, PersistenceFrom, Session, Setting, as_logged, in_words};
use crate::domain::Evidence;
use crate::domain::fact::KeepMeSignedIn;
use crate::domain::trace::CookieKind;
use crate::explain::access::Tenant;
use crate::explain::explanation::Basis;
use crate::explain::written;

/// The name of the fact about the stay-signed-in question.
const FACT: &str = "keepMeSignedIn";
/// The row in which the stay-signed-in question was shown.
const QUESTION: i64 = 50_140;

/// Whether users are asked to stay signed in: by the portal's own answer, else by what the operator says, else by a row in which the
/// question was shown.
pub(super) fn setting(ledger: &Ledger, tenant: &Tenant) -> Setting {
    let branding = tenant.snapshot().branding.as_ref();
    if let Some((branding, is_hidden)) = branding.and_then(|held| Some((held, held.hide_keep_me_signed_in?))) {
        let evidence =
            branding.origin.evidence("stay-signed-in question hidden", "/hideKeepMeSignedIn", is_hidden.to_string());
        let mut words = format!("{}, by the portal's branding", if is_hidden { "hidden" } else { "shown" });
        let said = tenant.facts().keep_me_signed_in.map(|said| said == KeepMeSignedIn::Hidden);
        if said.is_some_and(|said| said != is_hidden) {
            words.push_str(
                " (the operator says otherwise, which counts only where the branding is not in the evidence)",
            );
        }
        return Setting { is_shown: Some(!is_hidden), words, evidence: Some(evidence) };
    }
    if let Some(said) = tenant.facts().keep_me_signed_in {
        let is_shown = said == KeepMeSignedIn::Shown;
        let words = if is_shown { "shown, says the operator" } else { "hidden, says the operator" };
        return Setting { is_shown: Some(is_shown), words: words.to_owned(), evidence: tenant.facts().evidence(FACT) };
    }
    if let Some(row) = ledger.uses.iter().find(|row| row.error_code == Some(QUESTION)) {
        let words = format!("shown at least on {}: a row says that the question came (50140)", written(row.at));
        let evidence = row.evidence("question shown", "/status/errorCode", QUESTION.to_string());
        return Setting { is_shown: Some(true), words, evidence: Some(evidence) };
    }
    Setting { is_shown: None, words: "not known: it is in no export of Graph".to_owned(), evidence: None }
}

/// Whether a session is persistent. Refresh tokens of apps always outlive what was closed.
pub(super) fn of(ledger: &Ledger, session: usize, beside: &Beside) -> Persistence {
    let Some(held) = ledger.sessions.get(session) else { return Persistence::default() };
    if held.client == Client::App {
        return Persistence::default();
    }
    let found = by_policy(ledger, held);
    let found = found.or_else(|| by_its_life(ledger, held, beside));
    let found = found.or_else(|| by_setting(ledger, held, beside));
    let found = found.or_else(|| by_cookies(ledger, held));
    found.unwrap_or_else(|| Persistence {
        words: match ledger.setting.is_shown {
            Some(true) => "the question is shown, and the answer is in no log".to_owned(),
            _ => "whether the question is shown is in no export of Graph".to_owned(),
        },
        ..Persistence::default()
    })
}

fn told(
    is_persistent: Option<bool>,
    from: PersistenceFrom,
    basis: Basis,
    words: String,
    evidence: Vec<Evidence>,
) -> Persistence {
    Persistence { is_persistent, from, basis: Some(basis), words, evidence }
}

/// The persistent browser control of policies for all resources that applied when the session was begun or renewed.
fn by_policy(ledger: &Ledger, session: &Session) -> Option<Persistence> {
    let mut modes = Vec::new();
    let mut names = Vec::new();
    let mut evidence = Vec::new();
    let mut is_logged = true;
    for row in ledger.rows(&session.uses) {
        let policies = row.policies.iter().filter_map(|number| ledger.policies.get(*number));
        for policy in policies.filter(|policy| policy.is_for_all_resources) {
            let Some(mode) = policy.persistent_browser else { continue };
            is_logged &= row.policies_are_logged;
            let name = format!("“{}”", policy.name);
            if !names.contains(&name) {
                let word = if mode { "always" } else { "never" };
                let pointer = "/sessionControls/persistentBrowser/mode";
                evidence.extend(policy.origin.as_ref().map(|at| at.evidence(&policy.name, pointer, word)));
                modes.push(mode);
                names.push(name);
            }
        }
    }
    let undecided = ledger.rows(&session.uses).flat_map(|row| row.undecided.iter());
    let mut undecided = undecided.filter_map(|number| ledger.policies.get(*number));
    if let Some(policy) = undecided.find(|policy| policy.is_for_all_resources && policy.persistent_browser.is_some()) {
        let words = format!("whether “{}” applied, which sets persistent browser, cannot be told", policy.name);
        return Some(told(None, PersistenceFrom::Unknown, Basis::Inferred, words, Vec::new()));
    }
    let basis = if is_logged { Basis::Computed } else { Basis::Inferred };
    let from = PersistenceFrom::PersistentBrowser;
    match agreed(&modes) {
        Ok(None) => None,
        Ok(Some(mode)) => {
            let word = if mode { "always" } else { "never" };
            let words = format!("persistent browser: {word}, by {}", names.join(" and "));
            Some(told(Some(mode), from, basis, words, evidence))
        }
        Err(Contradiction) => {
            let words =
                format!("{} contradict each other on persistent browser; no page says which wins", names.join(" and "));
            Some(told(None, from, Basis::Computed, words, evidence))
        }
    }
}

/// A session that was used again after more than a day without use was persistent. Where the background uses are not in the evidence
/// it may have been used unseen.
fn by_its_life(ledger: &Ledger, session: &Session, beside: &Beside) -> Option<Persistence> {
    // Of rows that are merely taken for one session the rest itself may be another session.
    // And where the device has a token of its own, that may have served in place of the cookie.
    if session.basis == Basis::Inferred || session.has_device_token(ledger) {
        return None;
    }
    let moving: Vec<_> = ledger.rows(&session.uses).filter(|row| row.moves_clocks()).collect();
    let pairs = moving.iter().zip(moving.iter().skip(1));
    let (before, after) = pairs.max_by_key(|(before, after)| after.at - before.at)?;
    let gap = after.at - before.at;
    // Whoever gave the first factor again needed no session for it.
    let is_silent = after.first != super::Factor::Given;
    if gap <= IDLE_NOT_PERSISTENT || !is_silent {
        return None;
    }
    let words =
        format!("it was used at {} without a question, {} after the use before", written(after.at), in_words(gap));
    let basis = if beside.holds.non_interactive { Basis::Computed } else { Basis::Inferred };
    // What a hole in the evidence suggests does not stand against the setting.
    if ledger.setting.is_shown == Some(false) && basis == Basis::Inferred {
        return None;
    }
    let evidence = vec![
        before.evidence("used", "/createdDateTime", as_logged(before.at)),
        after.evidence("used again", "/createdDateTime", as_logged(after.at)),
    ];
    if ledger.setting.is_shown == Some(false) {
        let words = format!(
            "{words}; yet the question is hidden: the setting may have been changed, or the federation provider asked for it"
        );
        return Some(told(Some(true), PersistenceFrom::Unknown, Basis::Inferred, words, evidence));
    }
    Some(told(Some(true), PersistenceFrom::Kmsi, basis, words, evidence))
}

/// Where the question is hidden, or the user is a guest, nobody can have answered yes.
fn by_setting(ledger: &Ledger, session: &Session, beside: &Beside) -> Option<Persistence> {
    let rows = || ledger.rows(&session.uses);
    let was_shown = rows().any(|row| row.error_code == Some(QUESTION));
    if was_shown {
        return None;
    }
    let setting = &ledger.setting;
    if setting.is_shown == Some(false) {
        let evidence = setting.evidence.iter().cloned().collect();
        let mut words = format!("the stay-signed-in question is {}", setting.words);
        if user_of(ledger, beside).is_some_and(|user| {
            beside.tenant.snapshot().domain_of(&user.user_principal_name).is_some_and(|domain| domain.is_federated())
        }) {
            words.push_str("; a federation provider can ask for a persistent session, which is not seen here");
        }
        return Some(told(Some(false), PersistenceFrom::Setting, Basis::Computed, words, evidence));
    }
    if rows().any(|row| row.is_guest) {
        let words = "guests are not asked to stay signed in".to_owned();
        let evidence = rows().next().map(|row| row.evidence("user type", "/userType", "guest")).into_iter().collect();
        return Some(told(Some(false), PersistenceFrom::Setting, Basis::Computed, words, evidence));
    }
    None
}

/// The cookies that a trace shows being set in the session.
fn by_cookies(ledger: &Ledger, session: &Session) -> Option<Persistence> {
    let mut transient = None;
    for row in &session.uses {
        for happening in ledger.happenings_of(*row) {
            let Some(event) = &happening.trace else { continue };
            for cookie in event.cookies_set.iter().filter(|cookie| !cookie.is_cleared) {
                match CookieKind::of(&cookie.name).map(|(_, kind)| kind) {
                    Some(CookieKind::PersistentSession) if cookie.is_persistent() => {
                        let words = "a trace shows a cookie that outlives the browser (ESTSAUTHPERSISTENT); \
                                     such cookies were seen with sessions that ended after 24 hours all the same"
                            .to_owned();
                        let evidence = vec![happening.evidence.clone()];
                        return Some(told(None, PersistenceFrom::Trace, Basis::Inferred, words, evidence));
                    }
                    Some(CookieKind::Session) => transient = Some(happening.evidence.clone()),
                    _ => {}
                }
            }
        }
    }
    transient.map(|evidence| {
        let words = "a trace shows only a cookie that ends with the browser (ESTSAUTH)".to_owned();
        told(Some(false), PersistenceFrom::Trace, Basis::Computed, words, vec![evidence])
    })
}
