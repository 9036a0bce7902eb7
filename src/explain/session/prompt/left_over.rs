//! What is left where nothing says why: there was no session, or nothing that can be seen ended it.

use super::{Cause, Earlier, MOST_REFUSED, Question};
use crate::explain::explanation::Basis;
use crate::explain::session::clock::strictest;
use crate::explain::session::gather::ONE_ATTEMPT;
use crate::explain::session::usage::{Client, Use, UseKind};
use crate::explain::session::{AskedFor, as_logged, in_words};
use crate::explain::written;
use chrono::DateTime;

impl Question<'_> {
    /// A request shortly before that the service answered with 50058: it found no session.
    pub(super) fn found_no_session(&self) -> Option<Cause> {
        const NO_SESSION: i64 = 50_058;
        let first = *self.rows.first()?;
        let recent = self.ledger.uses.get(..first)?.iter().rev().take_while(|row| self.row.at - row.at <= ONE_ATTEMPT);
        let linked = recent.filter(|row| self.link_to(row) == Basis::Logged || row.same_seat(self.row));
        let row = linked.take(MOST_REFUSED).find(|row| row.error_code == Some(NO_SESSION))?;
        let headline = format!(
            "Asked because there was no session: the silent request at {} found none (50058).",
            written(row.at)
        );
        let basis = self.link_to(row);
        let mut cause = Cause::new("SES-NO-SESSION", headline, basis);
        cause.evidence.push(row.evidence("error code", "/status/errorCode", NO_SESSION.to_string()));
        Some(cause)
    }

    /// No session that could have served.
    pub(super) fn no_session(&self) -> Cause {
        let what = if self.row.client == Client::Browser { "browser" } else { "app" };
        let begins = match self.beside.holds.first.and_then(DateTime::from_timestamp_millis) {
            Some(first) => format!(", which begins {}", written(first)),
            None => String::new(),
        };
        if let Some(evidence) = self.no_cookie_came() {
            let headline =
                "Asked because there was no session: a trace shows the request coming without a session cookie.";
            let mut cause = Cause::new("SES-NO-SESSION", headline.to_owned(), Basis::Computed);
            cause.evidence.push(evidence.clone());
            return cause;
        }
        if let Some(evidence) = self.cookie_came() {
            let headline = "Asked although a session cookie came with the request: the session behind it did not count any more, and is not \
                            in the log.";
            let mut cause = Cause::new("SES-NOT-SEEN", headline.to_owned(), Basis::Computed);
            cause.evidence.push(evidence.clone());
            return cause;
        }
        let headline = format!("Asked; no earlier session of this {what} is in the log{begins}.");
        Cause::new("SES-NO-SESSION", headline, Basis::Inferred)
    }

    /// A session that ought to have served.
    pub(super) fn not_seen(&self, earlier: &Earlier) -> Cause {
        let gap = in_words(self.row.at - earlier.last.at);
        let used = written(earlier.last.at);
        let may_close =
            earlier.session.client == Client::Browser && earlier.session.persistence.is_persistent != Some(true);
        // Without the sign-in that began it nobody knows whether a frequency had run out.
        let is_open = self.full_row(earlier).is_none()
            && self.ledger.rows(self.rows).any(|row| strictest(self.ledger, row).is_some());
        if let Some(cause) = self.lived_on(earlier) {
            return cause;
        }
        let left = if is_open { "no clock that we can see had run out" } else { "no clock had run out" };
        let mut cause = if self.asked != AskedFor::Second && may_close && self.cookie_came().is_none() {
            let never = self.ledger.rows(&earlier.session.uses).flat_map(|row| row.policies.iter());
            let mut never = never.filter_map(|number| self.ledger.policies.get(*number));
            let never = never.find(|policy| policy.is_for_all_resources && policy.persistent_browser == Some(false));
            let by = never.map(|policy| format!(", here by “{}”", policy.name)).unwrap_or_default();
            let headline = format!(
                "Asked again, probably because the browser was closed: {left} (last used {used}, {gap} before), and a session that is not \
                 persistent ends with the browser{by}."
            );
            let cause = Cause::new("SES-BROWSER-CLOSED", headline, Basis::Inferred);
            Cause { policy: never.map(|policy| (policy.id.clone(), policy.name.clone())), ..cause }
        } else {
            let headline = format!(
                "Asked again, and nothing we can see ended the session: {left} (last used {used}, {gap} before)."
            );
            Cause::new("SES-NOT-SEEN", headline, Basis::Inferred)
        };
        cause.because = Some(earlier.last_use);
        cause
    }

    /// The session from before was used afterwards without a question, so it had not ended: this was another window or browser.
    fn lived_on(&self, earlier: &Earlier) -> Option<Cause> {
        let last = self.rows.last().copied().unwrap_or_default();
        let is_used = |row: &Use| row.kind == UseKind::Silent || row.kind == UseKind::Background && row.moves_clocks();
        let later =
            earlier.session.uses.iter().filter(|number| **number > last).filter_map(|number| self.ledger.row(*number));
        let own = self.row.session == Some(earlier.number);
        let row = later.into_iter().find(|row| is_used(row)).filter(|_| !own && self.asked != AskedFor::Second)?;
        let headline = format!(
            "Asked, probably in a private window or another profile or browser: the session from before went on without a question, at {}.",
            written(row.at)
        );
        let mut cause = Cause::new("SES-NO-SESSION", headline, Basis::Inferred);
        cause.evidence.push(row.evidence("used again", "/createdDateTime", as_logged(row.at)));
        Some(cause)
    }
}
