//! Other explanations of a prompt, and what is missing to tell them apart.

use super::{Cause, Earlier, Question};
use crate::domain::history::Area;
use crate::domain::snapshot::Collection;
use crate::explain::explanation::{Basis, Rival, RivalVerdict};
use crate::explain::session::AskedFor;
use crate::explain::session::clock::strictest;
use crate::explain::session::gather::{is_interactive, user_of};
use crate::explain::session::rules::{RETIRED_KEYS, SINGLE_PAGE, token_lifetime_counts};
use crate::explain::session::usage::{Client, Frequency, Use};
use crate::explain::written;

impl Question<'_> {
    /// Other explanations, with the one fact that would settle each.
    pub(super) fn rivals(&self, earlier: Option<&Earlier>, chosen: &Cause) -> Vec<Rival> {
        let mut rivals = Vec::new();
        let is_logged = chosen.basis == Basis::Logged;
        if is_logged {
            return rivals;
        }
        let Some(earlier) = earlier else {
            rivals.push(rival(
                "SES-NOT-SEEN",
                "a session was begun before the log, and ended".to_owned(),
                RivalVerdict::Fits,
                "the log of the 90 days before, interactive and non-interactive",
            ));
            return rivals;
        };
        let is_browser = earlier.session.client == Client::Browser;
        if is_browser && chosen.code != "SES-BROWSER-CLOSED" && self.asked != AskedFor::Second {
            let known = earlier.session.persistence.is_persistent;
            rivals.extend(match (self.cookie_came().is_some(), known) {
                (true, _) => Some(rival(
                    "SES-BROWSER-CLOSED",
                    "a closed browser: the trace shows its session cookie coming with the request".to_owned(),
                    RivalVerdict::Excluded,
                    "the trace",
                )),
                (false, Some(true)) => None,
                (false, _) if chosen.code == "SES-NOT-SEEN" => None,
                (false, _) => Some(rival(
                    "SES-BROWSER-CLOSED",
                    "the browser was closed in between, which ends a session that is not persistent as well".to_owned(),
                    RivalVerdict::Fits,
                    "ask whether the browser was closed; the remedy is the same",
                )),
            });
        }
        if self.asked != AskedFor::Second && self.cookie_came().is_none() {
            let (words, settled) = if is_browser {
                (
                    "another browser profile, a private window, or cleared cookies",
                    "ask which window it was, or a browser trace",
                )
            } else {
                ("the app was set up anew, or its data cleared", "ask whether the app was installed or signed out")
            };
            rivals.push(rival("SES-NO-SESSION", words.to_owned(), RivalVerdict::Fits, settled));
            if self.first_traced().is_none() && is_browser {
                let words = "the application asked for a new sign-in (prompt=login)".to_owned();
                rivals.push(rival("SES-REQUESTED", words, RivalVerdict::Fits, "a browser trace of the request"));
            }
        }
        let is_old = |row: &&Use| row.is_single_page && row.app_id == self.row.app_id && is_interactive(row);
        let began = self.ledger.rows(&earlier.session.uses).rev().find(is_old);
        let is_over = began.is_some_and(|began| self.row.is_single_page && self.row.at - began.at > SINGLE_PAGE);
        if is_over && chosen.code != "SES-SPA-EXPIRED" && !rivals.iter().any(|known| known.code == "SES-SPA-EXPIRED") {
            let words = "the single-page app's token had reached its end of 24 h, and the app asked in place of using the browser's session";
            rivals.push(rival(
                "SES-SPA-EXPIRED",
                words.to_owned(),
                RivalVerdict::Fits,
                "a browser trace of the request",
            ));
        }
        if earlier.is_elsewhere {
            let words = "another machine with the same kind of system and browser: the place is another".to_owned();
            rivals.push(rival("SES-NO-SESSION", words, RivalVerdict::Fits, "ask whether it was the same computer"));
        }
        if chosen.code == "SES-IDLE-NONPERSISTENT" && earlier.session.persistence.is_persistent.is_none() {
            let words = "the session was persistent, and ended for another reason".to_owned();
            let settled = "whether “Stay signed in?” is shown (export branding, or --fact keepMeSignedIn=hidden)";
            rivals.push(rival("SES-NOT-SEEN", words, RivalVerdict::Fits, settled));
        }
        let rests_on_use = chosen.code.starts_with("SES-IDLE") || chosen.code == "SES-EXPIRED";
        if rests_on_use && !self.beside.holds.non_interactive {
            let words =
                "it was used in the background in between, which moved the clock, and ended otherwise".to_owned();
            rivals.push(rival("SES-NOT-SEEN", words, RivalVerdict::Fits, "the non-interactive sign-ins of these days"));
        }
        if chosen.code == "SES-IDLE-NONPERSISTENT" && earlier.session.has_device_token(self.ledger) {
            let words = "the device's own token ought to have served, and did not".to_owned();
            rivals.push(rival("SES-PRT-EXPIRED", words, RivalVerdict::Fits, "`dsregcmd /status` on the device"));
        }
        rivals.extend(self.provider_persistence(earlier, chosen));
        rivals.extend(self.sessions_revoked_unseen(earlier, chosen));
        rivals.extend(self.token_lifetime(chosen));
        rivals.extend(self.no_frequency(Some(earlier), chosen));
        if self.row.is_guest {
            let words = "the home tenant asked, or revoked the guest's tokens".to_owned();
            rivals.push(rival("SES-NOT-SEEN", words, RivalVerdict::Fits, "the sign-in log of the home tenant"));
        }
        rivals
    }

    /// A federation provider may ask for a persistent session, whatever the tenant's question (AD FS, entra-docs, session lifetime,
    /// 2025-03-03). Such a session would have lived on, so something else would have had to end it.
    fn provider_persistence(&self, earlier: &Earlier, chosen: &Cause) -> Option<Rival> {
        let user = user_of(self.ledger, self.beside)?;
        let domain = self.beside.tenant.snapshot().domain_of(&user.user_principal_name)?;
        let is_about =
            chosen.code == "SES-IDLE-NONPERSISTENT" && earlier.session.persistence.is_persistent == Some(false);
        (is_about && domain.is_federated()).then(|| {
            let words =
                "the federation provider asked for a persistent session, and it ended for a reason that is not seen";
            let settled = "the provider's settings (AD FS: persistent single sign-on, keep me signed in)";
            rival("SES-NOT-SEEN", words.to_owned(), RivalVerdict::Strained, settled)
        })
    }

    /// The snapshot knows only the last instant from which on sessions count; an earlier one is overwritten.
    fn sessions_revoked_unseen(&self, earlier: &Earlier, chosen: &Cause) -> Option<Rival> {
        let is_about = !matches!(chosen.code, "SES-REVOKED" | "SES-PASSWORD-CHANGED");
        let user = user_of(self.ledger, self.beside);
        let from = user.and_then(|user| user.sessions_valid_from.max(user.last_password_change));
        let began = self.last_full(earlier);
        match from {
            _ if !is_about || self.asked == AskedFor::Second => None,
            Some(from) if from <= began => Some(rival(
                "SES-REVOKED",
                format!("a revocation or a new password: the last one was at {}, before this session", written(from)),
                RivalVerdict::Excluded,
                "the user's dates in the snapshot",
            )),
            Some(from) if from <= self.row.at => None,
            // The audit log would show it.
            _ if self.beside.tenant.snapshot().history.reaches_over(Area::Users, began, self.row.at) => Some(rival(
                "SES-REVOKED",
                "a revocation or a new password: the audit log of that time shows none".to_owned(),
                RivalVerdict::Excluded,
                "the audit log",
            )),
            Some(_) | None => Some(rival(
                "SES-REVOKED",
                "sessions were revoked or the password was changed in between".to_owned(),
                RivalVerdict::Fits,
                "the user's lastPasswordChangeDateTime and signInSessionsValidFromDateTime, or the audit log",
            )),
        }
    }

    /// Token lifetime policies are what everybody suspects first.
    fn token_lifetime(&self, chosen: &Cause) -> Option<Rival> {
        let snapshot = self.beside.tenant.snapshot();
        let is_about =
            chosen.code.starts_with("SES-IDLE") || matches!(chosen.code, "SES-BROWSER-CLOSED" | "SES-NOT-SEEN");
        if !is_about || !snapshot.has_all(Collection::TokenLifetimePolicies) {
            return None;
        }
        let day = self.row.at.date_naive();
        let counts = |definition: &str| {
            RETIRED_KEYS.iter().any(|key| definition.contains(key) && token_lifetime_counts(key, day))
        };
        let policies = &snapshot.token_lifetime_policies;
        let (words, verdict) = match policies.iter().find(|policy| counts(&policy.definition)) {
            Some(policy) => {
                (format!("the token lifetime policy “{}” ended it", policy.display_name), RivalVerdict::Fits)
            }
            None if policies.is_empty() => {
                ("a token lifetime policy: the tenant has none".to_owned(), RivalVerdict::Excluded)
            }
            None => (
                "a token lifetime policy: those of the tenant say nothing of sessions since 2021-01-30".to_owned(),
                RivalVerdict::Excluded,
            ),
        };
        Some(rival("SES-TOKEN-LIFETIME", words, verdict, "the token lifetime policies in the snapshot"))
    }

    /// Whether Conditional Access can have been it.
    fn no_frequency(&self, earlier: Option<&Earlier>, chosen: &Cause) -> Option<Rival> {
        let is_about =
            chosen.code.starts_with("SES-IDLE") || matches!(chosen.code, "SES-BROWSER-CLOSED" | "SES-NOT-SEEN");
        if !is_about || self.asked == AskedFor::Second {
            return None;
        }
        let of_rows = || self.ledger.rows(self.rows);
        let sets = of_rows().find_map(|row| strictest(self.ledger, row));
        let undecided =
            of_rows().flat_map(|row| row.undecided.iter()).filter_map(|number| self.ledger.policies.get(*number));
        if let Some(policy) = undecided.into_iter().find(|policy| policy.frequency.is_some()) {
            let words =
                format!("sign-in frequency of “{}”, of which it cannot be told whether it applied", policy.name);
            return Some(rival(
                "SES-SIGN-IN-FREQUENCY",
                words,
                RivalVerdict::Fits,
                "what keeps that policy undecided (key c)",
            ));
        }
        let all_known =
            of_rows().all(|row| row.policies_are_logged) || self.beside.tenant.snapshot().has_all(Collection::Policies);
        match sets {
            Some((Frequency::NotInEvidence, policy)) => {
                let name = self.ledger.policies.get(policy).map(|policy| policy.name.clone()).unwrap_or_default();
                let words = format!("sign-in frequency of “{name}”, whose hours are not in the evidence");
                Some(rival("SES-SIGN-IN-FREQUENCY", words, RivalVerdict::Fits, "the text of that policy"))
            }
            Some((_, policy)) if earlier.is_some_and(|earlier| self.full_row(earlier).is_none()) => {
                let name = self.ledger.policies.get(policy).map(|policy| policy.name.clone()).unwrap_or_default();
                let words = format!("sign-in frequency of “{name}”: the sign-in it counts from is not in the log");
                Some(rival("SES-SIGN-IN-FREQUENCY", words, RivalVerdict::Fits, "the log of the days before"))
            }
            Some(_) => {
                let words = "sign-in frequency: the last full sign-in is recent enough for the policies that applied";
                Some(rival(
                    "SES-SIGN-IN-FREQUENCY",
                    words.to_owned(),
                    RivalVerdict::Excluded,
                    "the policies of this row",
                ))
            }
            None if all_known => {
                let words = "sign-in frequency of Conditional Access: no policy that applied sets one".to_owned();
                Some(rival("SES-SIGN-IN-FREQUENCY", words, RivalVerdict::Excluded, "the policies of this row"))
            }
            None => {
                let words = "sign-in frequency of a policy that is not in the evidence".to_owned();
                Some(rival("SES-SIGN-IN-FREQUENCY", words, RivalVerdict::Fits, "the Conditional Access policies"))
            }
        }
    }

    /// The codes of what is missing for the answer.
    pub(super) fn gaps(&self, earlier: Option<&Earlier>, chosen: &Cause) -> Vec<&'static str> {
        let mut gaps = Vec::new();
        if chosen.basis == Basis::Logged {
            return gaps;
        }
        match earlier {
            None => gaps.push("GAP-LOG-WINDOW"),
            Some(earlier) => {
                let is_browser = earlier.session.client == Client::Browser && self.asked != AskedFor::Second;
                if is_browser
                    && earlier.session.persistence.is_persistent.is_none()
                    && self.ledger.setting.is_shown.is_none()
                {
                    gaps.push("GAP-STAY-SIGNED-IN");
                }
                if !earlier.session.root_is_seen && !earlier.root.is_guest {
                    gaps.push("GAP-LOG-WINDOW");
                }
            }
        }
        if !self.beside.holds.non_interactive {
            gaps.push("GAP-NON-INTERACTIVE");
        }
        gaps
    }
}

pub(super) fn rival(code: &str, headline: String, verdict: RivalVerdict, settled_by: &str) -> Rival {
    Rival { code: code.to_owned(), headline, verdict, settled_by: settled_by.to_owned() }
}
