//! Asks of every attempt in which the user was asked for something: why?
//!
//! What the log says itself comes first (`sessionLifetimePolicies`, the code of the row that was refused before), then what the browser
//! trace shows the application asking for, then what follows from the clocks of the session that had counted until then, then what is
//! merely likely. Everything else that fits is a rival with the one fact that would settle it.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};

use super::clock::{credential, frequency_base, is_settled, strictest};
use super::gather::{ONE_ATTEMPT, is_interactive, is_one_attempt, is_own_revocation, user_of};
use super::rules::{
    Artefact, Credential, EVERY_TIME_TOLERANCE, Ending, FEDERATED, IDLE_NOT_PERSISTENT, IDLE_PERSISTENT,
    PRIMARY_REFRESH_TOKEN, REFRESH_TOKEN, RETIRED_KEYS, SINGLE_PAGE, ends, token_lifetime_counts,
};
use super::usage::{Client, Factor, Frequency, Use, UseKind};
use super::{AskedFor, Beside, Ledger, Prompt, Session, as_logged, in_words};
use crate::domain::snapshot::Collection;
use crate::domain::trace::{CookieKind, Endpoint, TraceEvent};
use crate::domain::{Evidence, error_code};
use crate::explain::explanation::{Basis, Rival, RivalVerdict};
use crate::explain::written;

/// The attempts in which somebody was asked, with the reason of each.
pub(super) fn of(ledger: &Ledger, beside: &Beside) -> Vec<Prompt> {
    let mut prompts: Vec<Prompt> = Vec::new();
    let mut taken = vec![false; ledger.uses.len()];
    let lookup = Lookup::new(ledger);
    for (number, row) in ledger.uses.iter().enumerate() {
        if taken.get(number) == Some(&true) || row.kind != UseKind::Asked {
            continue;
        }
        let rows = attempt(ledger, number);
        for row in &rows {
            if let Some(taken) = taken.get_mut(*row) {
                *taken = true;
            }
        }
        let is = |factors: &[Factor], of: fn(&Use) -> Factor| ledger.rows(&rows).any(|row| factors.contains(&of(row)));
        const TOUCHED: [Factor; 2] = [Factor::Given, Factor::Asked];
        // Wrong passwords alone may be anybody's.
        if !is(&[Factor::Given], |row| row.first) && !is(&TOUCHED, |row| row.second) {
            continue;
        }
        let asked = match (is(&TOUCHED, |row| row.first), is(&TOUCHED, |row| row.second)) {
            (true, true) => AskedFor::Both,
            (true, false) => AskedFor::First,
            (false, _) => AskedFor::Second,
        };
        prompts.push(Question { ledger, beside, lookup: &lookup, rows: &rows, row, asked }.answer());
    }
    prompts
}

/// The rows of the attempt that a row begins: the same correlation id, one shortly after the other.
fn attempt(ledger: &Ledger, first: usize) -> Vec<usize> {
    let mut rows = vec![first];
    let Some(mut last) = ledger.uses.get(first) else { return rows };
    for (number, row) in ledger.uses.iter().enumerate().skip(first + 1) {
        if row.at - last.at > super::gather::ONE_ATTEMPT {
            break;
        }
        if is_one_attempt(last, row) && row.kind != UseKind::Background {
            rows.push(number);
            last = row;
        }
    }
    rows
}

/// The rows by what links them, so that a long history is not searched for each prompt.
struct Lookup<'a> {
    by_session: HashMap<&'a str, Vec<usize>>,
    by_seat: HashMap<&'a str, Vec<usize>>,
    by_kind: HashMap<&'a str, Vec<usize>>,
    refused: Vec<usize>,
}

impl<'a> Lookup<'a> {
    fn new(ledger: &'a Ledger) -> Lookup<'a> {
        let mut lookup = Lookup {
            by_session: HashMap::new(),
            by_seat: HashMap::new(),
            by_kind: HashMap::new(),
            refused: Vec::new(),
        };
        for (number, row) in ledger.uses.iter().enumerate() {
            if row.moves_clocks() && row.session.is_some() {
                if let Some(id) = &row.session_id {
                    lookup.by_session.entry(id).or_default().push(number);
                }
                lookup.by_seat.entry(&row.seat.key).or_default().push(number);
                if let Some(kind) = &row.seat.elsewhere {
                    lookup.by_kind.entry(kind).or_default().push(number);
                }
            }
            if row.kind != UseKind::Asked && row.error_code.and_then(refusal).is_some() {
                lookup.refused.push(number);
            }
        }
        lookup
    }
}

/// How many refused rows are looked at for one prompt, the latest.
const MOST_REFUSED: usize = 50;

/// A prompt whose reason is looked for.
struct Question<'a> {
    ledger: &'a Ledger,
    lookup: &'a Lookup<'a>,
    beside: &'a Beside<'a>,
    rows: &'a [usize],
    row: &'a Use,
    asked: AskedFor,
}

/// The session that had counted until a prompt, as it was then.
#[derive(Clone, Copy)]
struct Earlier<'a> {
    number: usize,
    session: &'a Session,
    /// How firmly it is known that the prompt is one for this session.
    link: Basis,
    /// Whether it is only alike, in another place.
    is_elsewhere: bool,
    root: &'a Use,
    last_use: usize,
    last: &'a Use,
    last_second: Option<usize>,
}

impl Earlier<'_> {
    /// How firmly something can be said of the session at this prompt.
    fn firmness(&self) -> Basis {
        let by_id = if self.session.basis == Basis::Inferred { Basis::Inferred } else { Basis::Computed };
        self.link.max(by_id)
    }
}

/// A reason that fits.
struct Cause {
    code: &'static str,
    headline: String,
    basis: Basis,
    /// Whether a row says so by itself, which counts before what follows from clocks.
    is_direct: bool,
    /// When the session was due.
    due: Option<DateTime<Utc>>,
    because: Option<usize>,
    policy: Option<(String, String)>,
    evidence: Vec<Evidence>,
}

impl Cause {
    fn new(code: &'static str, headline: String, basis: Basis) -> Cause {
        Cause {
            code,
            headline,
            basis,
            is_direct: basis == Basis::Logged,
            due: None,
            because: None,
            policy: None,
            evidence: Vec::new(),
        }
    }
}

impl<'a> Question<'a> {
    fn answer(self) -> Prompt {
        let earlier = self.earlier();
        let mut causes = self.logged(earlier.as_ref());
        causes.extend(self.requested());
        if let Some(earlier) = &earlier {
            causes.extend(self.computed(earlier));
        }
        // What is known most firmly, then what a row says itself, then what was due first.
        causes.sort_by_key(|cause| (cause.basis, !cause.is_direct, cause.due));
        if causes.is_empty() {
            causes.extend(self.found_no_session());
        }
        if causes.is_empty() {
            causes.extend(earlier.as_ref().map(|earlier| self.not_seen(earlier)));
        }
        let mut rest = causes.split_off(causes.len().min(1));
        let chosen = causes.pop().unwrap_or_else(|| self.no_session());
        let mut rivals: Vec<Rival> = Vec::new();
        rest.retain(|cause| cause.code != chosen.code);
        for cause in rest {
            if !rivals.iter().any(|rival| rival.code == cause.code) {
                let headline = lower_first(
                    cause
                        .headline
                        .trim_start_matches("Asked again, probably because ")
                        .trim_start_matches("Asked again because "),
                );
                let settled = match chosen.basis {
                    Basis::Logged => "nothing more: what the log names comes first",
                    _ => "nothing more: either would have asked, the one named was due first",
                };
                rivals.push(rival(cause.code, headline, RivalVerdict::Fits, settled));
            }
        }
        rivals.extend(self.rivals(earlier.as_ref(), &chosen));
        Prompt {
            uses: self.rows.to_vec(),
            at: self.row.at,
            asked: self.asked,
            gaps: self.gaps(earlier.as_ref(), &chosen),
            code: chosen.code,
            headline: chosen.headline,
            basis: chosen.basis,
            because: chosen.because.or(earlier.as_ref().map(|earlier| earlier.last_use)),
            earlier: earlier.map(|earlier| earlier.number),
            policy: chosen.policy,
            rivals,
            evidence: chosen.evidence,
        }
    }

    /// The session that had counted until then: the same session id, else the last one of the same browser or app.
    fn earlier(&self) -> Option<Earlier<'a>> {
        let first = *self.rows.first()?;
        // The last row before the prompt among those that are linked to it.
        let last = |rows: Option<&Vec<usize>>| {
            let rows = rows?;
            let before = rows.get(..rows.partition_point(|number| *number < first))?;
            let is_other = |number: &usize| self.ledger.row(*number).is_some_and(|row| !is_one_attempt(row, self.row));
            before.iter().rev().copied().find(is_other)
        };
        let link = if self.row.seat.is_by_device { Basis::Computed } else { Basis::Inferred };
        let by_session = self.row.session_id.as_deref().and_then(|id| last(self.lookup.by_session.get(id)));
        let found = by_session
            .map(|number| (number, Basis::Logged, false))
            .or_else(|| Some((last(self.lookup.by_seat.get(self.row.seat.key.as_str()))?, link, false)))
            .or_else(|| {
                let kind = self.row.seat.elsewhere.as_deref()?;
                Some((last(self.lookup.by_kind.get(kind))?, Basis::Inferred, true))
            });
        let (last_use, link, is_elsewhere) = found?;
        let last = self.ledger.row(last_use)?;
        let number = last.session?;
        let session = self.ledger.sessions.get(number)?;
        let second =
            |number: &usize| *number < first && self.ledger.row(*number).is_some_and(|row| row.second == Factor::Given);
        Some(Earlier {
            number,
            session,
            // A cookie that came with the request says that it was this browser, where no other is alike.
            link: match link {
                Basis::Inferred if self.cookie_came().is_some() && self.is_only_one(number) => Basis::Computed,
                link => link,
            },
            is_elsewhere,
            root: self.ledger.row(session.root)?,
            last_use,
            last,
            last_second: session.uses.iter().rev().copied().find(second),
        })
    }

    /// Whether no other session before the prompt is one of a browser or app that looks alike.
    fn is_only_one(&self, session: usize) -> bool {
        let first = self.rows.first().copied().unwrap_or_default();
        let seat = &self.row.seat;
        let alike = match &seat.elsewhere {
            Some(kind) => self.lookup.by_kind.get(kind.as_str()),
            None => self.lookup.by_seat.get(seat.key.as_str()),
        };
        let numbers = alike.into_iter().flatten().take_while(|number| **number < first);
        let mut others = numbers.filter_map(|number| self.ledger.row(*number)?.session);
        others.all(|other| other == session)
    }

    /// The requests of a trace that belong to the attempt.
    fn traced(&self) -> impl Iterator<Item = (&'a TraceEvent, &'a Evidence)> {
        let ledger = self.ledger;
        let happenings = self.rows.iter().copied().flat_map(move |row| ledger.happenings_of(row));
        happenings.filter_map(|happening| Some((happening.trace.as_deref()?, &happening.evidence)))
    }

    /// The first request of the attempt in a trace.
    fn first_traced(&self) -> Option<(&'a TraceEvent, &'a Evidence)> {
        // To the federation provider goes no cookie of the sign-in service.
        let own = self.traced().filter(|(event, _)| event.endpoint != Endpoint::FederationProvider);
        own.min_by_key(|(event, _)| event.at)
    }

    /// Whether a session cookie came with the first request of the attempt.
    fn cookie_came(&self) -> Option<&'a Evidence> {
        let (event, evidence) = self.first_traced()?;
        let is_session = |name: &String| matches!(CookieKind::of(name), Some((_, kind)) if kind != CookieKind::SignOut);
        event.cookies_sent.iter().any(is_session).then_some(evidence)
    }

    /// Whether a trace shows that no session cookie came with the first request of the attempt.
    fn no_cookie_came(&self) -> Option<&'a Evidence> {
        let (event, evidence) = self.first_traced()?;
        (event.shows_cookies && event.cookies_sent.is_empty()).then_some(evidence)
    }

    /// What the log itself says: the rules that required it, and the code of a row that was refused since the session was last used.
    fn logged(&self, earlier: Option<&Earlier>) -> Vec<Cause> {
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
    fn link_to(&self, row: &Use) -> Basis {
        let same_device = row.seat.is_by_device && row.session_id.is_some() && row.same_seat(self.row);
        if same_device || self.is_of_attempt_or_session(row) { Basis::Logged } else { Basis::Inferred }
    }

    fn is_of_attempt_or_session(&self, row: &Use) -> bool {
        let same_attempt = !row.correlation_id.is_empty() && row.correlation_id == self.row.correlation_id;
        same_attempt || row.session_id.is_some() && row.session_id == self.row.session_id
    }

    /// What a trace shows the application asking for.
    fn requested(&self) -> Option<Cause> {
        let asks = |event: &TraceEvent| {
            event.max_age == Some(0) || event.prompt.as_deref().is_some_and(|word| word.eq_ignore_ascii_case("login"))
        };
        let (event, evidence) = self.traced().find(|(event, _)| asks(event))?;
        let what = if event.max_age == Some(0) { "max_age=0" } else { "prompt=login" };
        let headline =
            format!("Asked because the application asked for it: its request came with {what}, whatever the session.");
        let mut cause = Cause::new("SES-REQUESTED", headline, Basis::Logged);
        cause.evidence.push(evidence.clone());
        Some(cause)
    }

    /// How firmly something can be said that rests on when a session was last used.
    fn firmness(&self, earlier: &Earlier) -> Basis {
        let sees_all = self.beside.holds.non_interactive && !self.beside.holds.more_pages;
        // What the home tenant of a guest asked is in its own log.
        if !sees_all || self.row.is_guest { Basis::Inferred } else { earlier.firmness() }
    }

    fn probably(basis: Basis) -> &'static str {
        if basis == Basis::Inferred { "Asked again, probably because " } else { "Asked again because " }
    }

    /// The reasons that follow from the clocks.
    fn computed(&self, earlier: &Earlier) -> Vec<Cause> {
        let mut causes = Vec::new();
        if self.asked != AskedFor::Second {
            causes.extend(self.revoked(earlier));
            causes.extend(self.password_changed(earlier));
            causes.extend(self.federated(earlier));
            causes.extend(self.single_page(earlier));
            causes.extend(self.idle(earlier));
            causes.extend(self.primary_refresh_token(earlier));
        }
        causes.extend(self.too_long_ago(earlier));
        if self.asked == AskedFor::Second {
            causes.extend(self.remembered(earlier));
            causes.extend(self.newly_required(earlier));
        }
        causes
    }

    /// The last full sign-in of the session before the prompt; its first row where none is seen, since it was not later than that.
    fn last_full(&self, earlier: &Earlier) -> DateTime<Utc> {
        let full = self.full_row(earlier);
        full.and_then(|number| self.ledger.row(number)).unwrap_or(earlier.root).at
    }

    /// The row of the last full sign-in of the session before the prompt, where it is in the log.
    fn full_row(&self, earlier: &Earlier) -> Option<usize> {
        let first = self.rows.first().copied().unwrap_or(usize::MAX);
        earlier
            .session
            .uses
            .iter()
            .rev()
            .copied()
            .find(|number| *number < first && self.ledger.row(*number).is_some_and(|row| row.first == Factor::Given))
    }

    fn revoked(&self, earlier: &Earlier) -> Option<Cause> {
        // A guest's tokens are revoked in the home tenant (entra-docs, refresh tokens, 2025-05-14).
        if self.row.is_guest {
            return None;
        }
        let user = user_of(self.ledger, self.beside)?;
        let at = user.sessions_valid_from.filter(|_| is_own_revocation(user))?;
        let began = self.last_full(earlier);
        if at <= began || at > self.row.at || at < earlier.last.at {
            return None;
        }
        let basis = self.firmness(earlier);
        let headline = format!(
            "{}all sessions from before {} were revoked, and this one was begun {}.",
            Question::probably(basis),
            written(at),
            written(began)
        );
        let mut cause = Cause::new("SES-REVOKED", headline, basis);
        cause.due = Some(at);
        cause.because = self.full_row(earlier);
        cause.evidence.push(user.origin.evidence(
            "sessions valid from",
            "/signInSessionsValidFromDateTime",
            as_logged(at),
        ));
        Some(cause)
    }

    fn password_changed(&self, earlier: &Earlier) -> Option<Cause> {
        if self.row.is_guest {
            return None;
        }
        let user = user_of(self.ledger, self.beside)?;
        let at = user.last_password_change?;
        let began = self.last_full(earlier);
        if at <= began || at > self.row.at || at < earlier.last.at {
            return None;
        }
        let artefact = if earlier.session.client == Client::Browser { Artefact::Cookie } else { Artefact::Token };
        let known = credential(self.ledger, earlier.session);
        let ends = |ending| ends(ending, known.unwrap_or(Credential::Password), artefact);
        let (basis, how) = match (ends(Ending::PasswordChanged), known) {
            (true, Some(_)) => (self.firmness(earlier), "begun with the old one"),
            (true, None) => (Basis::Inferred, "perhaps begun with the old one"),
            // A reset in the Entra admin center ends tokens of every kind; who changed it is in the audit log.
            (false, _) if ends(Ending::PasswordReset) => {
                (Basis::Inferred, "which a reset by an administrator ends as well")
            }
            (false, _) => return None,
        };
        let headline = format!(
            "{}the password was changed at {}; this session was {how}, at {}.",
            Question::probably(basis),
            written(at),
            written(began)
        );
        let mut cause = Cause::new("SES-PASSWORD-CHANGED", headline, basis);
        cause.due = Some(at);
        cause.because = self.full_row(earlier);
        cause.evidence.push(user.origin.evidence("password changed", "/lastPasswordChangeDateTime", as_logged(at)));
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

    fn remembered(&self, earlier: &Earlier) -> Option<Cause> {
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

    /// A request shortly before that the service answered with 50058: it found no session.
    fn found_no_session(&self) -> Option<Cause> {
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
    fn no_session(&self) -> Cause {
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
    fn not_seen(&self, earlier: &Earlier) -> Cause {
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
            let never = never.filter_map(|number| self.ledger.policies.get(*number));
            let never =
                never.filter(|policy| policy.is_for_all_resources && policy.persistent_browser == Some(false)).next();
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
            "Asked, probably in another window, profile or browser: the session from before went on without a question, at {}.",
            written(row.at)
        );
        let mut cause = Cause::new("SES-NO-SESSION", headline, Basis::Inferred);
        cause.evidence.push(row.evidence("used again", "/createdDateTime", as_logged(row.at)));
        Some(cause)
    }

    /// Other explanations, with the one fact that would settle each.
    fn rivals(&self, earlier: Option<&Earlier>, chosen: &Cause) -> Vec<Rival> {
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
                    "not a closed browser: the trace shows its session cookie coming with the request".to_owned(),
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
        rivals.extend(self.sessions_revoked_unseen(earlier, chosen));
        rivals.extend(self.token_lifetime(chosen));
        rivals.extend(self.no_frequency(Some(earlier), chosen));
        if self.row.is_guest {
            let words = "the home tenant asked, or revoked the guest's tokens".to_owned();
            rivals.push(rival("SES-NOT-SEEN", words, RivalVerdict::Fits, "the sign-in log of the home tenant"));
        }
        rivals
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
                format!(
                    "not a revocation or a new password: the last one was at {}, before this session",
                    written(from)
                ),
                RivalVerdict::Excluded,
                "the user's dates in the snapshot",
            )),
            Some(from) if from <= self.row.at => None,
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
                ("not a token lifetime policy: the tenant has none".to_owned(), RivalVerdict::Excluded)
            }
            None => (
                "not a token lifetime policy: those of the tenant say nothing of sessions since 2021-01-30".to_owned(),
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
                let words =
                    "not sign-in frequency: the last full sign-in is recent enough for the policies that applied";
                Some(rival(
                    "SES-SIGN-IN-FREQUENCY",
                    words.to_owned(),
                    RivalVerdict::Excluded,
                    "the policies of this row",
                ))
            }
            None if all_known => {
                let words = "not Conditional Access: no policy that applied sets a sign-in frequency".to_owned();
                Some(rival("SES-SIGN-IN-FREQUENCY", words, RivalVerdict::Excluded, "the policies of this row"))
            }
            None => {
                let words = "sign-in frequency of a policy that is not in the evidence".to_owned();
                Some(rival("SES-SIGN-IN-FREQUENCY", words, RivalVerdict::Fits, "the Conditional Access policies"))
            }
        }
    }

    /// The codes of what is missing for the answer.
    fn gaps(&self, earlier: Option<&Earlier>, chosen: &Cause) -> Vec<&'static str> {
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

fn rival(code: &str, headline: String, verdict: RivalVerdict, settled_by: &str) -> Rival {
    Rival { code: code.to_owned(), headline, verdict, settled_by: settled_by.to_owned() }
}

fn lower_first(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut characters = text.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
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
fn refusal(code: i64) -> Option<(&'static str, &'static str)> {
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
