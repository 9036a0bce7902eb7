//! What the log and a trace say themselves of why somebody was asked.

use super::{Cause, Earlier, MOST_REFUSED, Question};
use crate::domain::error_code;
use crate::domain::trace::TraceEvent;
use crate::explain::explanation::Basis;
use crate::explain::session::AskedFor;
use crate::explain::session::clock::strictest;
use crate::explain::session::gather::ONE_ATTEMPT;
use crate::explain::session::in_words;
use crate::explain::session::usage::{Use, UseKind};
use crate::explain::written;
use chrono::Duration;

impl Question<'_> {
    /// What the log itself says: the rules that required it, and the code of a row that was refused since the session was last used.
    pub(super) fn logged(&self, earlier: Option<&Earlier>) -> Vec<Cause> {
        let mut causes = Vec::new();
        let since = earlier.map_or(self.row.at - Duration::days(1), |earlier| earlier.last.at);
        for number in self.rows {
            let Some(row) = self.ledger.row(*number) else { continue };
            for (index, rule) in row.lifetime_rules.iter().enumerate() {
                let Some((code, words)) = lifetime_rule(rule) else { continue };
                let pointer = format!("/sessionLifetimePolicies/{index}/expirationRequirement");
                let mut cause =
                    Cause::new(code, format!("Asked because {words} required it; the log says so."), Basis::Logged);
                cause.evidence.push(row.evidence("required by", &pointer, rule));
                // Remembered MFA asks for no first factor.
                cause.is_direct = self.asked == AskedFor::Second || code != "SES-REMEMBER-MFA";
                cause.because = earlier.and_then(|earlier| match code {
                    "SES-REMEMBER-MFA" => earlier.last_second.or(self.full_row(earlier)),
                    _ => self.full_row(earlier),
                });
                let frequency = matches!(code, "SES-SIGN-IN-FREQUENCY" | "SES-EVERY-TIME");
                if let Some((_, policy)) = strictest(self.ledger, row).filter(|_| frequency)
                    && let Some(policy) = self.ledger.policies.get(policy)
                {
                    cause.headline =
                        format!("Asked because {words} required it, in “{}”; the log says so.", policy.name);
                    cause.policy = Some((policy.id.clone(), policy.name.clone()));
                }
                if !causes.iter().any(|known: &Cause| known.code == code) {
                    causes.push(cause);
                }
            }
        }
        let until = self
            .lookup
            .refused
            .partition_point(|number| self.ledger.row(*number).is_some_and(|row| row.at <= self.row.at));
        let candidates = self.lookup.refused.get(..until).unwrap_or_default().iter().rev().copied();
        let refused = candidates
            .filter_map(|number| Some((number, self.ledger.row(number)?)))
            .filter(|(number, row)| {
                let is_recent = row.at >= since || self.is_of_attempt_or_session(row);
                is_recent && !self.rows.contains(number) && self.concerns(row, earlier)
            })
            .take(MOST_REFUSED);
        for (number, row) in refused {
            let Some((code, words)) = row.error_code.and_then(refusal) else { continue };
            // A session that came through after it was refused was not over.
            let first = self.rows.first().copied().unwrap_or_default();
            let between = self.ledger.uses.get(number + 1..first).unwrap_or_default();
            let came_through = |later: &Use| later.at > row.at && later.moves_clocks() && later.same_seat(row);
            if between.iter().any(came_through) {
                continue;
            }
            let name = row.error_code.unwrap_or_default();
            let basis = self.link_to(row);
            let asked = Question::probably(basis);
            let headline = format!("{asked}{words}: the request at {} was refused with {name}.", written(row.at));
            let mut cause = Cause { is_direct: true, ..Cause::new(code, headline, basis) };
            cause.because = Some(number);
            cause.due = Some(row.at);
            if matches!(code, "SES-SIGN-IN-FREQUENCY" | "SES-EVERY-TIME") {
                let of_rows = std::iter::once(row).chain(self.ledger.rows(self.rows));
                let policy = of_rows.filter_map(|row| strictest(self.ledger, row)).next();
                let policy = policy.and_then(|(_, number)| self.ledger.policies.get(number));
                cause.policy = policy.map(|policy| (policy.id.clone(), policy.name.clone()));
            }
            cause.evidence.push(row.evidence("error code", "/status/errorCode", name.to_string()));
            match causes.iter_mut().find(|known: &&mut Cause| known.code == code) {
                Some(known) if known.basis <= basis => {}
                Some(known) => *known = cause,
                None => causes.push(cause),
            }
        }
        causes
    }

    /// Whether a row that was refused is one of the earlier session or of the same browser or app.
    fn concerns(&self, row: &Use, earlier: Option<&Earlier>) -> bool {
        let same_session = earlier.is_some_and(|earlier| row.session == Some(earlier.number));
        same_session || row.same_seat(self.row) || self.is_of_attempt_or_session(row)
    }

    /// How firmly it is known that a refused row led to this prompt: one of the same attempt, session or device is what the log says
    /// itself; of one that is merely alike it is inferred.
    pub(super) fn link_to(&self, row: &Use) -> Basis {
        let same_device = row.seat.is_by_device && row.session_id.is_some() && row.same_seat(self.row);
        if same_device || self.is_of_attempt_or_session(row) { Basis::Logged } else { Basis::Inferred }
    }

    fn is_of_attempt_or_session(&self, row: &Use) -> bool {
        let same_attempt = !row.correlation_id.is_empty() && row.correlation_id == self.row.correlation_id;
        same_attempt || row.session_id.is_some() && row.session_id == self.row.session_id
    }

    /// An attempt shortly before that did not come through, so that there was nothing yet that could have served.
    pub(super) fn tried_again(&self) -> Option<Cause> {
        let first = *self.rows.first()?;
        let recent = self.ledger.uses.get(..first)?.iter().rev().take_while(|row| self.row.at - row.at <= ONE_ATTEMPT);
        let linked = recent.filter(|row| row.same_seat(self.row) || self.is_of_attempt_or_session(row));
        // What came through since is what counts.
        let row =
            linked.take(MOST_REFUSED).take_while(|row| !row.is_completed).find(|row| row.kind == UseKind::Asked)?;
        let basis = self.link_to(row);
        let headline = format!(
            "{}the attempt at {}, {} before, was not completed.",
            Question::probably(basis),
            written(row.at),
            in_words(self.row.at - row.at)
        );
        let mut cause = Cause { is_direct: true, ..Cause::new("SES-TRIED-AGAIN", headline, basis) };
        cause.because = self.ledger.find(&row.id);
        let code = row.error_code.unwrap_or_default();
        cause.evidence.push(row.evidence("error code", "/status/errorCode", code.to_string()));
        Some(cause)
    }

    /// What a trace shows the application asking for.
    pub(super) fn requested(&self) -> Option<Cause> {
        let asks = |event: &TraceEvent| {
            event.max_age == Some(0) || event.prompt.as_deref().is_some_and(|word| word.eq_ignore_ascii_case("login"))
        };
        let (event, happening) = self.traced().find(|(event, _)| asks(event))?;
        let what = if event.max_age == Some(0) { "max_age=0" } else { "prompt=login" };
        let headline =
            format!("Asked because the application asked for it: its request came with {what}, whatever the session.");
        let mut cause =
            Cause::new("SES-REQUESTED", headline, if happening.is_sure { Basis::Logged } else { Basis::Inferred });
        cause.evidence.push(happening.evidence.clone());
        Some(cause)
    }
}

/// What a word of `sessionLifetimePolicies` means (Graph `sessionLifetimePolicy`, beta): the policy that required authentication.
fn lifetime_rule(word: &str) -> Option<(&'static str, &'static str)> {
    Some(match word {
        "signInFrequencyPeriodicReauthentication" => ("SES-SIGN-IN-FREQUENCY", "sign-in frequency"),
        "signInFrequencyEveryTime" => ("SES-EVERY-TIME", "sign-in frequency (every time)"),
        "rememberMultifactorAuthenticationOnTrustedDevices" => ("SES-REMEMBER-MFA", "the age of remembered MFA"),
        "tenantTokenLifetimePolicy" => ("SES-TOKEN-LIFETIME", "the tenant's token lifetime policy"),
        "audienceTokenLifetimePolicy" => ("SES-TOKEN-LIFETIME", "the application's token lifetime policy"),
        "ngcMfa" => ("SES-HELLO-MFA", "the age of the MFA behind Windows Hello"),
        _ => return None,
    })
}

/// What the code of a refused request says of the session (reference error codes, 2024-04-24).
pub(super) fn refusal(code: i64) -> Option<(&'static str, &'static str)> {
    Some(match code {
        70_043 => ("SES-SIGN-IN-FREQUENCY", "the token was older than sign-in frequency allows"),
        70_044 => ("SES-SIGN-IN-FREQUENCY", "the session was older than sign-in frequency allows"),
        70_046 => ("SES-EVERY-TIME", "a new sign-in is demanded every time"),
        50_078 => ("SES-MFA-EXPIRED", "the MFA done earlier was too old"),
        50_173 => ("SES-REVOKED", "the token was revoked"),
        50_132 => ("SES-REVOKED", "the session did not count any more, after a password change or otherwise"),
        50_133 => ("SES-REVOKED", "the session had expired, or the password was changed"),
        700_084 => ("SES-SPA-EXPIRED", "the single-page app's token had reached its fixed end of 24 h"),
        700_082 | 70_008 => ("SES-EXPIRED", "the token had not been used for longer than it lives"),
        50_076 | 50_079 => ("SES-NEW-REQUIREMENT", "MFA was needed"),
        _ => return None,
    })
    .filter(|_| error_code::find(code).is_some())
}
