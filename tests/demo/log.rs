//! Turns what people do into rows of the log.
//!
//! A [`Visit`] says who goes where; the evaluator and the session decide what comes of it. So an
//! interrupt, a block or a silent success is never written down by hand, and the log cannot
//! contradict the policies. Sessions follow the tenant's settings: the question "Stay signed in?" is
//! hidden, so a browser on an unknown device forgets its user after 24 idle hours.

use crate::access::{Request, Wall, evaluate, requires_second_factor, wall};
use crate::applications::{Client, Route};
use crate::clock::Moment;
use crate::devices::Device;
use crate::identifiers::{PROCESSES, Processes, guid, roll};
use crate::json::{Json, object};
use crate::outcomes::{
    ACCOUNT_DISABLED, BLOCKED, CONSENT_REQUIRED, DEVICE_PROOF_REQUIRED, FREQUENCY_EXPIRED, GRANTED, GRANTED_AFTER_MFA,
    GRANTED_BY_EARLIER_MFA, MFA_DENIED, MFA_REGISTRATION_REQUIRED, MFA_REQUIRED, MFA_REQUIRED_OF_CLIENT, NO_SESSION,
    NOT_ASSIGNED, NOT_COMPLIANT, Outcome, PASSWORD_EXPIRED, SENT_TO_HOME_TENANT, WRONG_PASSWORD,
};
use crate::people::{FirstFactor, Person};
use crate::places::Place;
use crate::sign_in::{Event, FIRST, SignIn, Step, Subject};
use std::collections::BTreeMap;

/// After so many idle hours a browser session that is not persistent is over.
const IDLE_HOURS: i64 = 24;

/// What the user does when asked for a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    Approves,
    /// Has no method yet, and registers one.
    Registers,
    /// Closes the page.
    Walks,
    Declines,
}

/// A row that comes before the real answer.
#[derive(Clone, Copy, Debug)]
pub enum Detour {
    /// The page first tried without asking anybody, and found no session.
    SilentAttempt,
    /// The device had to show its certificate first; until then it looks like this one.
    DeviceProof(&'static Device),
    /// A guest was sent to the home tenant.
    HomeTenant,
    /// The user had to agree to what the application may do.
    Consent,
    /// The password was right but too old, and had to be changed.
    ExpiredPassword,
}

/// One attempt of a person to reach something.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    person: &'static Person,
    device: &'static Device,
    place: &'static Place,
    route: &'static Route,
    at: Moment,
    second_factor: SecondFactor,
    detour: Option<Detour>,
    risk: (&'static str, &'static [&'static str]),
}

impl Visit {
    /// A visit on which nothing special happens.
    pub const fn new(
        person: &'static Person,
        device: &'static Device,
        place: &'static Place,
        route: &'static Route,
        at: Moment,
    ) -> Self {
        let (second_factor, risk) = (SecondFactor::Approves, ("none", [].as_slice()));
        Self { person, device, place, route, at, second_factor, detour: None, risk }
    }

    /// What the user does when asked for a second factor, if asked at all.
    pub const fn second_factor(self, second_factor: SecondFactor) -> Self {
        Self { second_factor, ..self }
    }

    /// The row that comes first.
    pub const fn by_way_of(self, detour: Detour) -> Self {
        Self { detour: Some(detour), ..self }
    }

    /// The sign-in risk, and what was detected.
    pub const fn at_risk(self, level: &'static str, detections: &'static [&'static str]) -> Self {
        Self { risk: (level, detections), ..self }
    }
}

/// What the service remembers of a user on a device.
#[derive(Clone, Debug)]
struct Session {
    id: String,
    second_factor: bool,
    phishing_resistant: bool,
    proved_at: Moment,
    last_use: Moment,
}

/// What an attempt's rows have in common, beside the visit.
struct Attempt {
    correlation: String,
    session: Session,
    /// When the user gave the first factor, if in this attempt.
    proved_now: Option<Moment>,
    frequency_expired: bool,
}

/// The log being written.
#[derive(Default)]
pub struct Log {
    rows: Vec<SignIn>,
    sessions: BTreeMap<String, Session>,
}

impl Log {
    /// A person opens something in a browser, or signs in to a program.
    pub fn visit(&mut self, visit: Visit) {
        let key = session_key(visit.person, visit.device, visit.route);
        let must_prove = matches!(visit.detour, Some(Detour::ExpiredPassword));
        let known = self.known_session(&key, &visit).filter(|_| !must_prove);
        let mut attempt = Attempt {
            correlation: guid(&format!("attempt {key} {} {}", visit.route.client.name, visit.at)),
            proved_now: known.is_none().then_some(visit.at),
            session: known.unwrap_or_else(|| new_session(&key, &visit, visit.at)),
            frequency_expired: false,
        };
        let mut now = visit.at;
        if let Some(detour) = visit.detour {
            now = self.take_detour(detour, &visit, &attempt);
            if attempt.proved_now.is_some() {
                attempt.proved_now = Some(now);
            }
        }
        if wall(&evaluate(&attempt.request(&visit, now))) == Some(Wall::SessionExpired) {
            attempt.session = new_session(&key, &visit, now);
            attempt.proved_now = Some(now);
            attempt.frequency_expired = true;
        }
        if self.finish(&visit, &mut attempt, now) {
            self.sessions.insert(key, attempt.session);
        }
    }

    /// From the first factor to the end. Whether the session lives on.
    fn finish(&mut self, visit: &Visit, attempt: &mut Attempt, mut now: Moment) -> bool {
        let mut applied = evaluate(&attempt.request(visit, now));
        let mut answered = None;
        if wall(&applied) == Some(Wall::SecondFactor) {
            let interrupt = match (visit.second_factor, visit.route.kind) {
                (SecondFactor::Registers, _) => MFA_REGISTRATION_REQUIRED,
                (_, Client::Browser) => MFA_REQUIRED,
                (..) => MFA_REQUIRED_OF_CLIENT,
            };
            let row = self.row(visit, attempt, now, interrupt);
            self.rows.push(SignIn { steps: attempt.first_steps(visit, now), applied, ..row });
            let patience = if visit.second_factor == SecondFactor::Registers { 140 } else { 9 };
            now = now.after(patience + roll(&format!("answer {}", attempt.correlation), 26));
            match visit.second_factor {
                SecondFactor::Walks => return false,
                SecondFactor::Declines => {
                    let mut steps = attempt.first_steps(visit, now);
                    steps.push(Step::notification(now, false));
                    let applied = evaluate(&attempt.request(visit, now));
                    let row = self.row(visit, attempt, now, MFA_DENIED);
                    self.rows.push(SignIn { steps, applied, ..row });
                    return false;
                }
                SecondFactor::Approves | SecondFactor::Registers => {}
            }
            attempt.session.second_factor = true;
            answered = Some(now);
            applied = evaluate(&attempt.request(visit, now));
        }
        let assigned = visit.route.client.assigned_to.is_none_or(|group| group.contains(visit.person));
        let outcome = match wall(&applied) {
            Some(Wall::Block) => BLOCKED,
            Some(Wall::Device) => NOT_COMPLIANT,
            _ if !assigned => NOT_ASSIGNED,
            _ if answered.is_some() => GRANTED_AFTER_MFA,
            _ if requires_second_factor(&applied) => GRANTED_BY_EARLIER_MFA,
            _ => GRANTED,
        };
        let mut steps = attempt.first_steps(visit, now);
        steps.extend(second_step(&applied, &attempt.session, answered, now));
        attempt.session.last_use = now;
        let row = self.row(visit, attempt, now, outcome);
        self.rows.push(SignIn { steps, applied, ..row });
        outcome.code == 0
    }

    /// Writes the row of a detour. When the attempt goes on.
    fn take_detour(&mut self, detour: Detour, visit: &Visit, attempt: &Attempt) -> Moment {
        let now = visit.at;
        let earlier = Step::earlier(now, FIRST_FACTOR_CLAIM);
        let (outcome, device, steps, seconds) = match detour {
            Detour::SilentAttempt => (NO_SESSION, visit.device, vec![], 2),
            Detour::DeviceProof(unproven) => (DEVICE_PROOF_REQUIRED, unproven, vec![earlier], 2),
            Detour::HomeTenant => (SENT_TO_HOME_TENANT, visit.device, vec![earlier], 17),
            Detour::Consent => (CONSENT_REQUIRED, visit.device, attempt.first_steps(visit, now), 21),
            Detour::ExpiredPassword => (PASSWORD_EXPIRED, visit.device, attempt.first_steps(visit, now), 171),
        };
        let mut visit = *visit;
        visit.device = device;
        let request = attempt.request(&visit, now);
        let (applied, session) = match detour {
            // These two end before Conditional Access is asked.
            Detour::SilentAttempt | Detour::ExpiredPassword => (Vec::new(), String::new()),
            Detour::DeviceProof(_) | Detour::HomeTenant | Detour::Consent => {
                (evaluate(&request), attempt.session.id.clone())
            }
        };
        let mut steps = steps;
        if matches!(detour, Detour::Consent | Detour::DeviceProof(_)) {
            steps.extend(second_step(&applied, &attempt.session, None, now));
        }
        let row = self.row(&visit, attempt, now, outcome);
        self.rows.push(SignIn { applied, steps, session, ..row });
        now.after(seconds)
    }

    /// A program renews its token without asking anybody.
    pub fn refresh(
        &mut self,
        person: &'static Person,
        device: &'static Device,
        place: &'static Place,
        route: &'static Route,
        at: Moment,
    ) {
        let visit = Visit::new(person, device, place, route, at);
        let key = session_key(person, device, route);
        // The log begins in the middle of things: programs have been signed in for weeks.
        let session = self.sessions.get(&key).cloned().unwrap_or_else(|| long_standing(&key, &visit));
        let mut attempt = Attempt {
            correlation: guid(&format!("refresh {key} {} {at}", route.client.name)),
            session,
            proved_now: None,
            frequency_expired: false,
        };
        let applied = evaluate(&attempt.request(&visit, at));
        let outcome = match wall(&applied) {
            Some(Wall::Block) => BLOCKED,
            Some(Wall::SessionExpired) => FREQUENCY_EXPIRED,
            Some(Wall::SecondFactor) => MFA_REQUIRED_OF_CLIENT,
            Some(Wall::Device) => NOT_COMPLIANT,
            None if requires_second_factor(&applied) => GRANTED_BY_EARLIER_MFA,
            None => GRANTED,
        };
        attempt.frequency_expired = outcome.code == FREQUENCY_EXPIRED.code;
        // A token that is too old carries its second factor still, but proves the first no longer.
        let first = (!attempt.frequency_expired).then(|| Step::earlier(at, FIRST_FACTOR_CLAIM));
        let second = second_step(&applied, &attempt.session, None, at);
        let steps = first.into_iter().chain(second).collect();
        let incoming_token = if route.keeps_own_tokens { "refreshToken" } else { "primaryRefreshToken" };
        let row = self.row(&visit, &attempt, at, outcome);
        self.rows.push(SignIn { event: Event::NonInteractive, incoming_token, steps, applied, ..row });
        if outcome.code == 0 {
            attempt.session.last_use = at;
            self.sessions.insert(key, attempt.session);
        }
    }

    /// A program sends name and password itself: an old mail protocol, or a script.
    pub fn send_password(
        &mut self,
        person: &'static Person,
        device: &'static Device,
        place: &'static Place,
        route: &'static Route,
        at: Moment,
    ) {
        let visit = Visit::new(person, device, place, route, at);
        let key = session_key(person, device, route);
        let attempt = Attempt {
            correlation: guid(&format!("password {key} {} {at}", route.kind.logged())),
            session: Session { id: String::new(), ..new_session(&key, &visit, at) },
            proved_now: Some(at),
            frequency_expired: false,
        };
        let applied = evaluate(&attempt.request(&visit, at));
        // Exchange ActiveSync is the exception: the token is issued with the verdict attached, and
        // Exchange Online does the blocking.
        let outcome = match wall(&applied) {
            Some(Wall::Block) if route.kind != Client::ExchangeActiveSync => BLOCKED,
            Some(Wall::SecondFactor) => MFA_REQUIRED_OF_CLIENT,
            _ => GRANTED,
        };
        let event = if route.kind == Client::Native { Event::NonInteractive } else { Event::Interactive };
        let steps = attempt.first_steps(&visit, at);
        let row = self.row(&visit, &attempt, at, outcome);
        self.rows.push(SignIn { event, steps, applied, ..row });
    }

    /// A sign-in that ended before Conditional Access was asked. Rows with the same `page` share a
    /// correlation id; `process` is the server that answered, if it matters.
    pub fn refuse(
        &mut self,
        subject: Subject,
        (device, place): (&'static Device, &'static Place),
        route: &'static Route,
        (page, process): (&str, Option<usize>),
        at: Moment,
        outcome: Outcome,
    ) {
        let method = match subject {
            Subject::Person(person) => password_check(person.first_factor),
            Subject::Stranger(_) | Subject::Workload(_) => "",
        };
        let wrong_password = outcome.code == WRONG_PASSWORD.code;
        self.rows.push(SignIn {
            at,
            correlation: guid(&format!("page {page}")),
            process: process.unwrap_or_else(|| any_process(page, at)),
            subject,
            route,
            device,
            place,
            event: Event::Interactive,
            session: String::new(),
            incoming_token: "none",
            outcome,
            applied: Vec::new(),
            steps: wrong_password.then(|| Step::password(at, method, false)).into_iter().collect(),
            frequency_expired: false,
            risk: ("none", &[]),
        });
    }

    /// An account that is switched off.
    pub fn refuse_disabled(
        &mut self,
        person: &'static Person,
        device: &'static Device,
        place: &'static Place,
        at: Moment,
    ) {
        let route = &crate::applications::OUTLOOK_MOBILE;
        let page = format!("disabled {at}");
        self.refuse(Subject::Person(person), (device, place), route, (&page, None), at, ACCOUNT_DISABLED);
    }

    /// A program renews a token that was revoked; ends before Conditional Access.
    pub fn refuse_refresh(
        &mut self,
        person: &'static Person,
        device: &'static Device,
        place: &'static Place,
        route: &'static Route,
        at: Moment,
        outcome: Outcome,
    ) {
        let key = session_key(person, device, route);
        let page = format!("refused {key} {at}");
        self.refuse(Subject::Person(person), (device, place), route, (&page, None), at, outcome);
        let session = self.sessions.remove(&key).map(|session| session.id);
        if let Some(row) = self.rows.last_mut() {
            row.event = Event::NonInteractive;
            row.incoming_token = "refreshToken";
            row.session = session.unwrap_or_default();
        }
    }

    /// An application signs in with a credential of its own. Policies for users never touch it.
    pub fn run_workload(
        &mut self,
        credential: &'static str,
        place: &'static Place,
        route: &'static Route,
        at: Moment,
        outcome: Outcome,
    ) {
        let page = format!("workload {} {at}", route.client.name);
        let device = &crate::devices::NO_DEVICE;
        self.refuse(Subject::Workload(credential), (device, place), route, (&page, None), at, outcome);
        if let Some(row) = self.rows.last_mut() {
            row.event = Event::ServicePrincipal;
        }
    }

    /// Forgets every session of a person but those a program keeps for itself: the password changed.
    pub fn forget_browsers(&mut self, person: &Person) {
        let prefix = format!("{}|", person.key);
        self.sessions.retain(|key, _| !key.starts_with(&prefix) || key.matches('|').count() > 1);
    }

    /// The session a visit finds, if it finds a living one.
    fn known_session(&self, key: &str, visit: &Visit) -> Option<Session> {
        let shown = visit.device.signs_in_by_itself() && !visit.route.keeps_own_tokens;
        match self.sessions.get(key) {
            Some(session) if shown || visit.route.keeps_own_tokens => Some(session.clone()),
            Some(session) => Some(session.clone()).filter(|_| visit.at.hours_since(session.last_use) < IDLE_HOURS),
            None => shown.then(|| long_standing(key, visit)),
        }
    }

    /// A row with what all rows of an attempt share.
    fn row(&self, visit: &Visit, attempt: &Attempt, at: Moment, outcome: Outcome) -> SignIn {
        let federated = visit.person.first_factor == FirstFactor::Federation;
        let shown = visit.device.signs_in_by_itself() && !visit.route.keeps_own_tokens;
        let incoming_token = match attempt.proved_now {
            Some(_) if federated => "saml11",
            None if shown => "primaryRefreshToken",
            Some(_) | None => "none",
        };
        SignIn {
            at,
            correlation: attempt.correlation.clone(),
            process: any_process(&attempt.correlation, at),
            subject: Subject::Person(visit.person),
            route: visit.route,
            device: visit.device,
            place: visit.place,
            event: Event::Interactive,
            session: attempt.session.id.clone(),
            incoming_token,
            outcome,
            applied: Vec::new(),
            steps: Vec::new(),
            frequency_expired: attempt.frequency_expired,
            risk: visit.risk,
        }
    }

    /// The rows of the interactive log and of the other one, newest first.
    pub fn records(mut self) -> (Vec<Json>, Vec<Json>) {
        self.rows.sort_by(|one, other| (one.at, &one.correlation).cmp(&(other.at, &other.correlation)));
        let mut processes = Processes::new();
        let mut first_ids: BTreeMap<&str, String> = BTreeMap::new();
        let (mut interactive, mut others) = (Vec::new(), Vec::new());
        for row in &self.rows {
            let id = processes.request_id(row.process, row.at);
            let first_id = first_ids.entry(&row.correlation).or_insert_with(|| id.clone());
            let record = row.to_json(&id, first_id);
            if row.event == Event::Interactive { &mut interactive } else { &mut others }.push(record);
        }
        interactive.reverse();
        others.reverse();
        (interactive, others)
    }
}

/// The first factor came with the session.
const FIRST_FACTOR_CLAIM: &str = "First factor requirement satisfied by claim in the token";
/// So did the second.
const SECOND_FACTOR_CLAIM: &str = "MFA requirement satisfied by claim in the token";

impl Attempt {
    /// What the service knows at this point of the attempt.
    fn request<'a>(&self, visit: &'a Visit, now: Moment) -> Request<'a> {
        Request {
            person: visit.person,
            route: visit.route,
            device: visit.device,
            place: visit.place,
            risk: visit.risk.0,
            second_factor: self.session.second_factor,
            phishing_resistant: self.session.phishing_resistant,
            age: now.hours_since(self.session.proved_at),
        }
    }

    /// The first factor, as `authenticationDetails` has it.
    fn first_steps(&self, visit: &Visit, now: Moment) -> Vec<Step> {
        let step = match (self.proved_now, visit.person.first_factor) {
            (None, _) | (_, FirstFactor::HomeTenant) => Step::earlier(now, FIRST_FACTOR_CLAIM),
            (Some(at), FirstFactor::SecurityKey) => {
                Step { at, method: "FIDO2 security key", detail: None, succeeded: true, result: "", requirement: FIRST }
            }
            (Some(at), factor) => Step::password(at, password_check(factor), true),
        };
        vec![step]
    }
}

/// The second factor, if a policy asked for one and it is there.
fn second_step(
    applied: &[crate::access::Applied],
    session: &Session,
    answered: Option<Moment>,
    now: Moment,
) -> Option<Step> {
    let wanted = requires_second_factor(applied) && session.second_factor;
    wanted.then(|| match answered {
        Some(at) => Step::notification(at, true),
        None => Step::earlier(now, SECOND_FACTOR_CLAIM),
    })
}

/// Where passwords of this kind are checked, in the words of `authenticationMethodDetail`.
fn password_check(factor: FirstFactor) -> &'static str {
    match factor {
        FirstFactor::PasswordHashSync => "Password Hash Sync",
        FirstFactor::CloudPassword | FirstFactor::SecurityKey => "Password in the cloud",
        FirstFactor::Federation => "Forms Authentication",
        FirstFactor::HomeTenant => "",
    }
}

/// What a session hangs on: a device that signs in by itself has one for everything, a browser has
/// one for all its pages, and a program that keeps its own tokens has one of its own.
fn session_key(person: &Person, device: &Device, route: &Route) -> String {
    let owner = format!("{}|{}", person.key, device.session_key());
    if route.keeps_own_tokens { format!("{owner}|{}", route.client.name) } else { owner }
}

/// A session that begins now, with the first factor.
fn new_session(key: &str, visit: &Visit, now: Moment) -> Session {
    let strong = visit.person.first_factor == FirstFactor::SecurityKey;
    Session {
        id: guid(&format!("session {key} {now}")),
        second_factor: strong,
        phishing_resistant: strong,
        proved_at: now,
        last_use: now,
    }
}

/// A session that began long before the log, with both factors.
fn long_standing(key: &str, visit: &Visit) -> Session {
    Session { second_factor: true, ..new_session(key, visit, visit.at) }
}

/// Some process of the sign-in service.
pub fn any_process(name: &str, at: Moment) -> usize {
    let processes = i64::try_from(PROCESSES).unwrap_or(1);
    usize::try_from(roll(&format!("process for {name} {at}"), processes)).unwrap_or(0)
}

/// The file of the interactive sign-ins, as the portal downloads it.
pub fn portal_download(records: &[Json]) -> String {
    format!("[\n{}\n]\n", lines(records))
}

/// The file of the other sign-ins, as one page of Graph.
pub fn graph_page(records: &[Json]) -> String {
    let context = object! { "@odata.context": "https://graph.microsoft.com/beta/$metadata#auditLogs/signIns" };
    let head = context.compact();
    format!("{},\"value\":[\n{}\n]}}\n", head.trim_end_matches('}'), lines(records))
}

/// One record a line.
fn lines(records: &[Json]) -> String {
    records.iter().map(Json::compact).collect::<Vec<_>>().join(",\n")
}
