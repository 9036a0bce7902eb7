//! Looks for what commonly misleads whoever looks into sessions.

use super::gather::is_interactive;
use super::rules::{IDLE_NOT_PERSISTENT, RETIRED_KEYS, token_lifetime_counts};
use super::usage::RulePolicy;
use super::{Beside, Client, Ledger, Trap, as_logged, in_words};
use crate::domain::trace::CookieKind;
use crate::explain::written;

/// The traps that are there, those of single sessions first. `policies` are those that may be for the user: others mislead nobody here.
pub(super) fn of(ledger: &Ledger, beside: &Beside, policies: &[RulePolicy]) -> Vec<Trap> {
    let mut traps = moved_clocks(ledger);
    traps.extend(cookies(ledger, beside));
    if ledger.uses.is_empty() {
        return traps;
    }
    traps.extend(inert_lifetimes(ledger, beside));
    traps.extend(narrow_persistence(policies));
    traps.extend(frequency_beside_remembering(ledger, policies, beside));
    traps.extend(always_and_never(policies));
    traps
}

fn trap(code: &'static str, text: String) -> Trap {
    Trap { code, text, session: None, use_: None, evidence: Vec::new() }
}

/// A session that ended for want of use, and a use shortly before its first end that moved it: often somebody's test.
fn moved_clocks(ledger: &Ledger) -> Vec<Trap> {
    let mut traps = Vec::new();
    for prompt in ledger.prompts.iter().filter(|prompt| prompt.code == "SES-IDLE-NONPERSISTENT") {
        let Some(number) = prompt.earlier else { continue };
        let Some(session) = ledger.sessions.get(number) else { continue };
        let (Some(root), Some(last)) = (ledger.row(session.root), prompt.because.and_then(|row| ledger.row(row)))
        else {
            continue;
        };
        if last.at <= root.at || !is_interactive(last) {
            continue;
        }
        let before =
            ledger.rows(&session.uses).rev().find(|row| row.moves_clocks() && row.at < last.at).unwrap_or(root);
        let text = format!(
            "The use at {} (+{} after the one before) moved the end from {} to {}. Without it the question would have come from {} on: \
             a test of how long a session lasts makes it last longer.",
            written(last.at),
            in_words(last.at - before.at),
            written(before.at + IDLE_NOT_PERSISTENT),
            written(last.at + IDLE_NOT_PERSISTENT),
            written(before.at + IDLE_NOT_PERSISTENT),
        );
        traps.push(Trap {
            session: Some(number),
            use_: prompt.because,
            evidence: vec![
                before.evidence("used", "/createdDateTime", as_logged(before.at)),
                last.evidence("used again", "/createdDateTime", as_logged(last.at)),
            ],
            ..trap("SES-TRAP-MOVED-CLOCK", text)
        });
    }
    traps
}

/// A cookie whose expiry lies beyond the end of the session behind it.
fn cookies(ledger: &Ledger, beside: &Beside) -> Vec<Trap> {
    let mut traps: Vec<Trap> = Vec::new();
    for happening in &ledger.happenings {
        let (Some(event), Some(row)) = (&happening.trace, happening.joined_to) else { continue };
        let Some(session) = ledger.session_of(row) else { continue };
        if session.client != Client::Browser || session.persistence.is_persistent == Some(true) {
            continue;
        }
        let is_kept = |name: &str| {
            matches!(CookieKind::of(name), Some((_, CookieKind::PersistentSession | CookieKind::PersistentState)))
        };
        let kept = event.cookies_set.iter().find(|cookie| cookie.is_persistent() && is_kept(&cookie.name));
        let Some((cookie, expires)) = kept.and_then(|cookie| Some((cookie, cookie.expires?))) else { continue };
        let number = ledger.row(row).and_then(|row| row.session);
        if traps.iter().any(|known| known.session == number) {
            continue;
        }
        let text = format!(
            "{} was set until {}, {} on: that is the cookie's life, not the session's. The service ends the session behind it \
             earlier, here after 24 h without use{}.",
            cookie.name,
            written(expires),
            in_words(expires - happening.at),
            if session.persistence.is_persistent.is_none() { ", if it is not persistent" } else { "" },
        );
        traps.push(Trap {
            session: number,
            use_: Some(row),
            evidence: vec![happening.evidence.clone()],
            ..trap("SES-TRAP-COOKIE-LIFE", text)
        });
    }
    traps.extend(pasted_cookies(beside));
    traps
}

/// Lines that were pasted by themselves: they say how long the browser keeps a cookie, and belong to no sign-in that could be told.
fn pasted_cookies(beside: &Beside) -> Vec<Trap> {
    let pasted = beside.traces.iter().filter(|event| event.at.is_none());
    let cookies = pasted.flat_map(|event| event.cookies_set.iter().map(move |cookie| (event, cookie)));
    let told = cookies.filter_map(|(event, cookie)| {
        let (_, kind) = CookieKind::of(&cookie.name)?;
        let text = match (kind, cookie.expires) {
            (CookieKind::PersistentSession | CookieKind::PersistentState, Some(expires)) if !cookie.is_cleared => format!(
                "The pasted line sets {} until {}: so long the browser keeps the cookie, beyond its closing. It is not how long the \
                 service accepts the session behind it, which ends after 24 h without use when it is not persistent.",
                cookie.name,
                written(expires)
            ),
            (CookieKind::Session | CookieKind::TransientState, None) if !cookie.is_cleared => {
                format!("The pasted line sets {} without an expiry: the browser forgets it when it is closed.", cookie.name)
            }
            _ => return None,
        };
        let evidence = vec![event.origin.evidence("pasted cookie", "", cookie.name.clone())];
        Some(Trap { evidence, ..trap("SES-TRAP-COOKIE-LIFE", text) })
    });
    told.collect()
}

fn inert_lifetimes(ledger: &Ledger, beside: &Beside) -> Vec<Trap> {
    let Some(until) = ledger.until else { return Vec::new() };
    let policies = beside.tenant.snapshot().token_lifetime_policies.iter();
    policies
        .filter_map(|policy| {
            let inert: Vec<&str> = RETIRED_KEYS
                .into_iter()
                .filter(|key| policy.definition.contains(key) && !token_lifetime_counts(key, until.date_naive()))
                .collect();
            if inert.is_empty() {
                return None;
            }
            let text = format!(
                "The token lifetime policy “{}” has said nothing about sessions since 2021-01-30: {} {} not honoured any more.",
                policy.display_name,
                inert.join(", "),
                if inert.len() == 1 { "is" } else { "are" },
            );
            let evidence = vec![policy.origin.evidence(&policy.display_name, "/displayName", &policy.display_name)];
            Some(Trap { evidence, ..trap("SES-TRAP-INERT-LIFETIME", text) })
        })
        .collect()
}

fn narrow_persistence(policies: &[RulePolicy]) -> Vec<Trap> {
    let is_narrow = |policy: &&RulePolicy| policy.persistent_browser.is_some() && !policy.is_for_all_resources;
    let trapped = policies.iter().filter(is_narrow).map(|policy| {
        let text = format!(
            "“{}” sets persistent browser and does not target all resources. The control needs all resources, since one cookie serves \
             every tab; do not count on it.",
            policy.name
        );
        let evidence =
            policy.origin.as_ref().map(|at| at.evidence(&policy.name, "/displayName", &policy.name)).into_iter().collect();
        Trap { evidence, ..trap("SES-TRAP-NARROW-PERSISTENCE", text) }
    });
    trapped.collect()
}

fn frequency_beside_remembering(ledger: &Ledger, policies: &[RulePolicy], beside: &Beside) -> Option<Trap> {
    const REMEMBER: &str = "rememberMultifactorAuthenticationOnTrustedDevices";
    let facts = beside.tenant.facts();
    let logged = ledger.uses.iter().find(|row| row.lifetime_rules.iter().any(|rule| rule == REMEMBER));
    let said = facts.evidence("rememberMfaDays").filter(|_| facts.remember_mfa_days.is_some_and(|days| days > 0));
    let policy = ledger.policies.iter().chain(policies).find(|policy| policy.frequency.is_some())?;
    let mut evidence: Vec<_> = said.into_iter().collect();
    evidence.extend(logged.map(|row| row.evidence("required by", "/sessionLifetimePolicies", REMEMBER)));
    if evidence.is_empty() {
        return None;
    }
    let text = format!(
        "“{}” sets a sign-in frequency, and MFA is remembered by the per-user settings as well. The two do not go together: users are \
         asked when neither alone would ask.",
        policy.name
    );
    Some(Trap { evidence, ..trap("SES-TRAP-FREQUENCY-REMEMBER", text) })
}

fn always_and_never(policies: &[RulePolicy]) -> Option<Trap> {
    let of = |mode: bool| {
        policies.iter().find(|policy| policy.is_for_all_resources && policy.persistent_browser == Some(mode))
    };
    let (always, never) = (of(true)?, of(false)?);
    let text = format!(
        "“{}” says that browser sessions are always persistent, “{}” that they never are. Which wins for somebody whom both cover is \
         documented nowhere.",
        always.name, never.name
    );
    let at = |policy: &RulePolicy, word: &str| {
        policy.origin.as_ref().map(|at| at.evidence(&policy.name, "/sessionControls/persistentBrowser/mode", word))
    };
    let evidence = at(always, "always").into_iter().chain(at(never, "never")).collect();
    Some(Trap { evidence, ..trap("SES-TRAP-ALWAYS-NEVER", text) })
}
