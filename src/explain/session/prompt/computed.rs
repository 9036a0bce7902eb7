//! What follows from the clocks of the session that had counted until then.

use super::{Cause, Earlier, Question};
use crate::explain::explanation::Basis;
use crate::explain::session::clock::{credential, frequency_base, is_settled, strictest};
use crate::explain::session::ending::{self, UserEnding, UserEndingKind};
use crate::explain::session::gather::{is_interactive, user_of};
use crate::explain::session::rules::{
    Artefact, Credential, EVERY_TIME_TOLERANCE, Ending, FEDERATED, IDLE_NOT_PERSISTENT, IDLE_PERSISTENT,
    PRIMARY_REFRESH_TOKEN, REFRESH_TOKEN, SINGLE_PAGE, ends,
};
use crate::explain::session::usage::{Client, Frequency, Use, UseKind};
use crate::explain::session::{AskedFor, as_logged, in_words};
use crate::explain::written;
use chrono::{DateTime, Duration, Utc};

impl Question<'_> {
    /// The reasons that follow from the clocks.
    pub(super) fn computed(&self, earlier: &Earlier) -> Vec<Cause> {
        let mut causes = Vec::new();
        if self.asked != AskedFor::Second {
            causes.extend(self.revoked(earlier));
            causes.extend(self.password_changed(earlier));
            causes.extend(self.federated(earlier));
            causes.extend(self.single_page(earlier));
            causes.extend(self.primary_refresh_token(earlier));
        }
        causes.extend(self.idle(earlier));
        causes.extend(self.too_long_ago(earlier));
        if self.asked == AskedFor::Second {
            causes.extend(self.remembered(earlier));
            causes.extend(self.newly_required(earlier));
        }
        causes
    }

    /// The last full sign-in of the session before the prompt; its first row where none is seen, since it was not later than that.
    pub(super) fn last_full(&self, earlier: &Earlier) -> DateTime<Utc> {
        let full = self.full_row(earlier);
        full.and_then(|number| self.ledger.row(number)).unwrap_or(earlier.root).at
    }

    /// The row of the last full sign-in of the session before the prompt, where it is in the log.
    pub(super) fn full_row(&self, earlier: &Earlier) -> Option<usize> {
        let first = self.rows.first().copied().unwrap_or(usize::MAX);
        earlier
            .session
            .uses
            .iter()
            .rev()
            .copied()
            .find(|number| *number < first && self.ledger.row(*number).is_some_and(Use::gave_first))
    }

    /// The last ending from outside between the full sign-in of the session and the prompt, of that kind, which the session was not
    /// used after.
    fn ended(&self, earlier: &Earlier, is_kind: fn(UserEndingKind) -> bool) -> Option<UserEnding> {
        // A guest's tokens are revoked in the home tenant (entra-docs, refresh tokens, 2025-05-14).
        if self.row.is_guest {
            return None;
        }
        let began = self.last_full(earlier);
        let counts =
            |ending: &UserEnding| ending.at > began && ending.at <= self.row.at && ending.at >= earlier.last.at;
        let mut endings = ending::of_user(self.ledger, self.beside).into_iter().rev();
        endings.find(|ending| is_kind(ending.kind) && counts(ending))
    }

    pub(super) fn revoked(&self, earlier: &Earlier) -> Option<Cause> {
        let ending = self.ended(earlier, |kind| kind == UserEndingKind::Revocation)?;
        let basis = self.firmness(earlier);
        let headline = format!(
            "{}all sessions from before {} were revoked, and this one was begun {}.",
            Question::probably(basis),
            written(ending.at),
            written(self.last_full(earlier))
        );
        let mut cause = Cause::new("SES-REVOKED", headline, basis);
        cause.due = Some(ending.at);
        cause.because = self.full_row(earlier);
        cause.evidence.push(ending.evidence);
        Some(cause)
    }

    fn password_changed(&self, earlier: &Earlier) -> Option<Cause> {
        let ending = self.ended(earlier, |kind| matches!(kind, UserEndingKind::Password { .. }))?;
        let began = self.last_full(earlier);
        let artefact = if earlier.session.client == Client::Browser { Artefact::Cookie } else { Artefact::Token };
        let known = credential(self.ledger, earlier.session);
        let ends = |ending| ends(ending, known.unwrap_or(Credential::Password), artefact);
        let UserEndingKind::Password { is_reset } = ending.kind else { return None };
        let (basis, how) = match (ends(Ending::PasswordChanged), known) {
            (true, Some(_)) => (self.firmness(earlier), "begun with the old one"),
            (true, None) => (Basis::Inferred, "perhaps begun with the old one"),
            // A reset in the Entra admin center ends tokens of every kind.
            (false, _) if ends(Ending::PasswordReset) && is_reset != Some(false) => {
                (Basis::Inferred, "which a reset by an administrator ends as well")
            }
            (false, _) => return None,
        };
        let headline = format!(
            "{}{} at {}; this session was {how}, at {}.",
            Question::probably(basis),
            if is_reset.is_some() { ending.words.as_str() } else { "the password was changed" },
            written(ending.at),
            written(began)
        );
        let mut cause = Cause::new("SES-PASSWORD-CHANGED", headline, basis);
        cause.due = Some(ending.at);
        cause.because = self.full_row(earlier);
        cause.evidence.push(ending.evidence);
        Some(cause)
    }

    fn federated(&self, earlier: &Earlier) -> Option<Cause> {
        let user = user_of(self.ledger, self.beside)?;
        let domain = self.beside.tenant.snapshot().domain_of(&user.user_principal_name)?;
        let began = self.last_full(earlier);
        let knows = user.last_password_change.is_some() || user.sessions_valid_from.is_some();
        let lived = earlier.last.at - began > FEDERATED;
        if knows || !domain.is_federated() || lived || self.row.at - began <= FEDERATED {
            return None;
        }
        let headline = format!(
            "Asked again, probably because sessions of federated users last 12 h where the directory knows no date of their password; \
             signed in {}.",
            written(began)
        );
        let mut cause = Cause::new("SES-FEDERATED", headline, Basis::Inferred);
        cause.due = Some(began + FEDERATED);
        cause.because = self.full_row(earlier);
        cause.evidence.push(domain.origin.evidence("domain", "/authenticationType", "Federated"));
        Some(cause)
    }

    fn idle(&self, earlier: &Earlier) -> Option<Cause> {
        let gap = self.row.at - earlier.last.at;
        let (limit, code, words, settled) = match (earlier.session.client, earlier.session.persistence.is_persistent) {
            (Client::Browser, Some(true)) => {
                (IDLE_PERSISTENT, "SES-IDLE-PERSISTENT", "a persistent session ends after 90 d without use", true)
            }
            (Client::Browser, known) => {
                let words = "a session that is not persistent ends after 24 h without use";
                (IDLE_NOT_PERSISTENT, "SES-IDLE-NONPERSISTENT", words, known.is_some())
            }
            (Client::App, _) => (REFRESH_TOKEN, "SES-EXPIRED", "a refresh token ends after 90 d without use", true),
        };
        if gap <= limit {
            return None;
        }
        let is_known = settled && (earlier.session.client == Client::App || is_settled(earlier.session));
        let told = earlier.session.persistence.basis.unwrap_or(Basis::Computed);
        // That the renewals of a single-page app use no cookie is inferred.
        let renewed = |row: &Use| {
            row.kind == UseKind::Background && !row.moves_clocks() && row.at > earlier.last.at && row.at < self.row.at
        };
        let is_known = is_known && !self.ledger.rows(&earlier.session.uses).any(renewed);
        // Where a token stood for the first factor, or the device's own token might have, the cookie is not all there was.
        let is_known = is_known && self.asked != AskedFor::Second && !earlier.session.has_device_token(self.ledger);
        let basis = if is_known { self.firmness(earlier).max(told) } else { Basis::Inferred };
        let headline = format!(
            "{}the session was last used {}, {} before this prompt; {words}.",
            Question::probably(basis),
            written(earlier.last.at),
            in_words(gap)
        );
        let mut cause = Cause::new(code, headline, basis);
        cause.due = Some(earlier.last.at + limit);
        cause.because = Some(earlier.last_use);
        cause.evidence.push(earlier.last.evidence("last used", "/createdDateTime", as_logged(earlier.last.at)));
        cause.evidence.extend(earlier.session.persistence.evidence.iter().cloned());
        cause.evidence.extend(self.cookie_came().cloned());
        Some(cause)
    }

    fn single_page(&self, earlier: &Earlier) -> Option<Cause> {
        if !self.row.is_single_page {
            return None;
        }
        let began = self.ledger.rows(&earlier.session.uses).rev().find(|row| {
            row.at < self.row.at && row.is_single_page && row.app_id == self.row.app_id && is_interactive(row)
        })?;
        // While the browser's session lives it gives a new token without a question.
        let idle =
            if earlier.session.persistence.is_persistent == Some(true) { IDLE_PERSISTENT } else { IDLE_NOT_PERSISTENT };
        let alive = self.row.at - earlier.last.at <= idle;
        if self.row.at - began.at <= SINGLE_PAGE || alive && earlier.session.client == Client::Browser {
            return None;
        }
        let headline = format!(
            "Asked again, probably because the tokens of {}, a single-page app, end 24 h after the sign-in of {}, however often used.",
            self.row.app,
            written(began.at)
        );
        let mut cause = Cause::new("SES-SPA-EXPIRED", headline, Basis::Inferred);
        cause.due = Some(began.at + SINGLE_PAGE);
        cause.because = self.ledger.find(&began.id);
        Some(cause)
    }

    fn primary_refresh_token(&self, earlier: &Earlier) -> Option<Cause> {
        let by_token = |row: &&Use| row.at < self.row.at && row.by_primary_refresh_token && row.moves_clocks();
        let used = self.ledger.rows(&earlier.session.uses).rev().find(by_token)?;
        let gap = self.row.at - used.at;
        if gap <= PRIMARY_REFRESH_TOKEN || self.row.at - earlier.last.at <= PRIMARY_REFRESH_TOKEN {
            return None;
        }
        let headline = format!(
            "Asked again, probably because the device's primary refresh token was last used {}, {} before; unused it lives 14 d.",
            written(used.at),
            in_words(gap)
        );
        let mut cause = Cause::new("SES-PRT-EXPIRED", headline, Basis::Inferred);
        cause.due = Some(used.at + PRIMARY_REFRESH_TOKEN);
        Some(cause)
    }

    /// Sign-in frequency: the strictest of the policies that applied to the request.
    fn too_long_ago(&self, earlier: &Earlier) -> Option<Cause> {
        let (row, frequency, number) = self.ledger.rows(self.rows).find_map(|row| {
            let (frequency, number) = strictest(self.ledger, row)?;
            Some((row, frequency, number))
        })?;
        let policy = self.ledger.policies.get(number)?;
        let (base, by) = frequency_base(self.ledger, earlier.session, Some(self.row.at))?;
        let age = self.row.at - base;
        let (limit, code, allowed) = match frequency {
            Frequency::Hours(hours) => {
                (Duration::hours(hours), "SES-SIGN-IN-FREQUENCY", in_words(Duration::hours(hours)))
            }
            Frequency::EveryTime => (EVERY_TIME_TOLERANCE, "SES-EVERY-TIME", "5 min (it asks every time)".to_owned()),
            Frequency::NotInEvidence => return None,
        };
        if age <= limit {
            return None;
        }
        let is_known = earlier.session.last_first_factor.is_some() && row.policies_are_logged;
        let link = earlier.firmness();
        let basis = if is_known { link } else { Basis::Inferred };
        let headline = format!(
            "{}sign-in frequency of “{}” allows {allowed}, and the last full sign-in was {} before this prompt, at {}.",
            Question::probably(basis),
            policy.name,
            in_words(age),
            written(base)
        );
        let mut cause = Cause::new(code, headline, basis);
        cause.due = Some(base + limit);
        cause.because = by;
        cause.policy = Some((policy.id.clone(), policy.name.clone()));
        let pointer = "/sessionControls/signInFrequency/isEnabled";
        cause.evidence.extend(policy.origin.as_ref().map(|at| at.evidence(&policy.name, pointer, "true")));
        Some(cause)
    }

    pub(super) fn remembered(&self, earlier: &Earlier) -> Option<Cause> {
        let facts = self.beside.tenant.facts();
        let days = facts.remember_mfa_days.filter(|days| *days > 0)?;
        let second = earlier.last_second?;
        let at = self.ledger.row(second)?.at;
        let limit = Duration::days(days.into());
        if self.row.is_guest || self.row.at - at <= limit {
            return None;
        }
        let headline = format!(
            "Asked again for MFA: it is remembered for {days} d, and the last one of this session was {} before, at {}.",
            in_words(self.row.at - at),
            written(at)
        );
        let basis = if earlier.session.client == Client::App { earlier.firmness() } else { Basis::Inferred };
        let mut cause = Cause::new("SES-REMEMBER-MFA", headline, basis);
        cause.due = Some(at + limit);
        cause.because = Some(second);
        cause.evidence.extend(facts.evidence("rememberMfaDays"));
        Some(cause)
    }

    /// A demand for MFA that the session had not met before.
    fn newly_required(&self, earlier: &Earlier) -> Option<Cause> {
        if earlier.last_second.is_some() {
            return None;
        }
        let policies = || {
            let numbers = self.ledger.rows(self.rows).flat_map(|row| row.policies.iter());
            numbers.filter_map(|number| self.ledger.policies.get(*number).map(|policy| (*number, policy)))
        };
        let (number, policy) = policies().find(|(_, policy)| policy.demands_mfa)?;
        let was_there = earlier.last.policies.contains(&number);
        let sees_root = earlier.session.root_is_seen;
        let basis = if sees_root && self.ledger.rows(self.rows).any(|row| row.policies_are_logged) {
            earlier.firmness()
        } else {
            Basis::Inferred
        };
        // The log itself shows the policy that was not met on the row that was stopped for it.
        let is_stopped = |row: &Use| {
            matches!(row.error_code, Some(50_072 | 50_074 | 50_076 | 50_079))
                && row.policies_are_logged
                && row.policies.contains(&number)
        };
        let basis = if self.ledger.rows(self.rows).any(is_stopped) { Basis::Logged } else { basis };
        let before = if was_there {
            "this session had not done it yet"
        } else {
            "the request before it was not covered by that policy"
        };
        let headline = format!("MFA was asked for because “{}” demands it here; {before}.", policy.name);
        let mut cause = Cause::new("SES-NEW-REQUIREMENT", headline, basis);
        cause.policy = Some((policy.id.clone(), policy.name.clone()));
        cause.because = Some(earlier.last_use);
        Some(cause)
    }
}
