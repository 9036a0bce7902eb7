//! Properties of the session ledger, over histories made at random.
//!
//! A use inside a living session never brings its end forward; evidence that is taken away never makes an answer firmer; the order in
//! which rows come does not matter.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use std::sync::Arc;

use authopsy::domain::policy::{Policy, PolicyState, SessionControls, SignInFrequency};
use authopsy::domain::sign_in::{
    AppliedPolicies, AppliedPolicy, AuthenticationStep, EventKind, PolicyResult, SessionLifetimePolicy,
};
use authopsy::domain::snapshot::{Branding, Collection, User};
use authopsy::domain::trace::{Endpoint, TraceEvent};
use authopsy::domain::{Holdings, SignIn, Snapshot};
use authopsy::explain::access::Tenant;
use authopsy::explain::session::replay::{Change, replay};
use authopsy::explain::session::{Beside, ClockKind, Ledger, ledger};
use chrono::{DateTime, Duration, TimeZone, Utc};
use proptest::prelude::*;

/// What a random history is made of.
#[derive(Debug, Clone)]
struct Row {
    /// Minutes since the row before.
    after: i64,
    kind: Kind,
    session: u8,
    /// The code of a refusal.
    code: i64,
    is_logged_rule: bool,
    frequency: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Asked,
    SecondOnly,
    Silent,
    Background,
    Refused,
}

fn row() -> impl Strategy<Value = Row> {
    let kinds = prop_oneof![
        Just(Kind::Asked),
        Just(Kind::Asked),
        Just(Kind::SecondOnly),
        Just(Kind::Silent),
        Just(Kind::Background),
        Just(Kind::Refused)
    ];
    let codes = prop_oneof![Just(70_043), Just(70_044), Just(50_173), Just(50_126), Just(700_082)];
    (0..4_000_i64, kinds, 0..3_u8, codes, prop::bool::weighted(0.1), any::<bool>()).prop_map(
        |(after, kind, session, code, is_logged_rule, frequency)| Row {
            after,
            kind,
            session,
            code,
            is_logged_rule,
            frequency,
        },
    )
}

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 6, 2, 8, 0, 0).single().expect("a time")
}

fn step(method: &str, requirement: &str, detail: &str) -> AuthenticationStep {
    AuthenticationStep {
        method: Some(method.to_owned()),
        succeeded: Some(true),
        result_detail: Some(detail.to_owned()),
        requirement: Some(requirement.to_owned()),
        ..AuthenticationStep::default()
    }
}

fn sign_ins(rows: &[Row]) -> Vec<SignIn> {
    let mut at = start();
    let mut made = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        at += Duration::minutes(row.after);
        let primary = "Primary authentication";
        let second = "Multi-factor authentication";
        let earlier = "First factor requirement satisfied by claim in the token";
        let details = match row.kind {
            Kind::Asked => vec![step("Password", primary, "Correct password")],
            Kind::SecondOnly => vec![
                step("Previously satisfied", primary, earlier),
                step("Mobile app notification", second, "MFA successfully completed"),
            ],
            Kind::Silent | Kind::Background => vec![step("Previously satisfied", "", earlier)],
            Kind::Refused => Vec::new(),
        };
        let mut sign_in = SignIn {
            id: format!("row-{number}"),
            created: Some(at),
            user_id: Some("ana".to_owned()),
            user_principal_name: Some("ana@contoso.com".to_owned()),
            client_app_used: Some("Browser".to_owned()),
            correlation_id: Some(format!("attempt-{number}")),
            session_id: Some(format!("session-{}", row.session)),
            event_kind: if row.kind == Kind::Background { EventKind::NonInteractive } else { EventKind::Interactive },
            authentication_details: Some(details),
            ..SignIn::default()
        };
        sign_in.status.error_code = Some(if row.kind == Kind::Refused { row.code } else { 0 });
        sign_in.device.operating_system = Some("Windows 10".to_owned());
        sign_in.device.browser = Some("Edge 120".to_owned());
        sign_in.device.device_id = (row.session == 0).then(|| "device-1".to_owned());
        sign_in.location.city = Some("Madrid".to_owned());
        if row.is_logged_rule {
            let requirement = "signInFrequencyPeriodicReauthentication".to_owned();
            sign_in.session_lifetime_policies.push(SessionLifetimePolicy { requirement, detail: None });
        }
        sign_in.applied_policies = AppliedPolicies::Listed(vec![AppliedPolicy {
            id: "frequency".to_owned(),
            display_name: "Twelve hours".to_owned(),
            result: if row.frequency { PolicyResult::Success } else { PolicyResult::NotApplied },
            grant_controls: Vec::new(),
            session_controls: vec!["SignInFrequency".to_owned()],
            session_controls_not_satisfied: Vec::new(),
            conditions_satisfied: None,
            conditions_not_satisfied: None,
            include_rules: Vec::new(),
            exclude_rules: Vec::new(),
            authentication_strength: None,
        }]);
        made.push(sign_in);
    }
    made
}

fn snapshot() -> Snapshot {
    let session = SessionControls {
        sign_in_frequency: Some(SignInFrequency { hours: Some(12), authentication_type: None }),
        ..SessionControls::default()
    };
    let policy = Policy {
        id: "frequency".to_owned(),
        display_name: "Twelve hours".to_owned(),
        state: PolicyState::Enabled,
        session,
        ..Policy::default()
    };
    let user = User {
        id: "ana".to_owned(),
        user_principal_name: "ana@contoso.com".to_owned(),
        last_password_change: Some(start() + Duration::days(3)),
        sessions_valid_from: Some(start() + Duration::days(5)),
        ..User::default()
    };
    Snapshot {
        policies: vec![policy],
        users: vec![user].into(),
        branding: Some(Branding { hide_keep_me_signed_in: Some(true), ..Branding::default() }),
        present: [Collection::Policies, Collection::Users, Collection::Branding, Collection::TokenLifetimePolicies]
            .into_iter()
            .collect(),
        ..Snapshot::default()
    }
}

fn holds(rows: &[SignIn]) -> Holdings {
    let times = || rows.iter().filter_map(|row| row.created).map(|at| at.timestamp_millis());
    Holdings {
        interactive: true,
        non_interactive: true,
        first: times().min(),
        last: times().max(),
        ..Holdings::default()
    }
}

fn made(rows: &[SignIn], snapshot: Snapshot, traces: &[TraceEvent], holds: Holdings) -> Ledger {
    let tenant = Tenant::new(Arc::new(snapshot));
    ledger(rows.iter().cloned(), 0, Beside { tenant: &tenant, traces, holds })
}

/// A request of a trace for every other row, which came with the session's cookie.
fn traces(rows: &[SignIn]) -> Vec<TraceEvent> {
    let traced = rows.iter().step_by(2).map(|row| TraceEvent {
        at: row.created,
        host: "login.microsoftonline.com".to_owned(),
        endpoint: Endpoint::Authorize,
        request_id: Some(row.id.clone()),
        cookies_sent: vec!["ESTSAUTH".to_owned()],
        shows_cookies: true,
        ..TraceEvent::default()
    });
    traced.collect()
}

/// No answer of the poorer ledger is known more firmly than in the richer one.
fn is_no_firmer(rich: &Ledger, poor: &Ledger, what: &str) -> Result<(), TestCaseError> {
    // That nothing is seen is no answer that could be firm.
    for prompt in poor.prompts.iter().filter(|prompt| prompt.is_told()) {
        let id = poor.id_of(prompt.uses.first().copied()).unwrap_or_default();
        let Some(before) = rich.find(&id).and_then(|row| rich.prompt_of(row)) else { continue };
        prop_assert!(
            prompt.basis >= before.basis,
            "without {what}, {id} is {:?} ({}) and was {:?} ({})",
            prompt.basis,
            prompt.headline,
            before.basis,
            before.headline
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_use_inside_a_living_session_never_brings_its_end_forward(
        gaps in prop::collection::vec(0..1_440_i64, 1..8),
        inside in 1..1_440_i64,
        at in any::<prop::sample::Index>(),
        is_hidden in any::<bool>(),
    ) {
        let like = |after, kind| Row { after, kind, session: 0, code: 0, is_logged_rule: false, frequency: false };
        let mut rows: Vec<Row> = vec![like(0, Kind::Asked)];
        rows.extend(gaps.iter().map(|gap| like(*gap, Kind::Silent)));
        let before = sign_ins(&rows);
        let mut after = before.clone();
        let Some(chosen) = before.get(at.index(before.len())) else { return Ok(()) };
        let mut extra = chosen.clone();
        extra.id = "extra".to_owned();
        extra.correlation_id = Some("extra".to_owned());
        extra.created = chosen.created.map(|at| at + Duration::minutes(inside));
        extra.authentication_details = sign_ins(&[like(0, Kind::Silent)]).first().and_then(|row| row.authentication_details.clone());
        after.push(extra);
        let mut snapshot = snapshot();
        snapshot.users.clear();
        snapshot.branding = is_hidden.then(|| Branding { hide_keep_me_signed_in: Some(true), ..Branding::default() });
        let end = |rows: &[SignIn]| {
            let found = made(rows, snapshot.clone(), &[], holds(rows));
            let clocks: Vec<_> = found.sessions.iter().flat_map(|session| session.clocks.iter()).collect();
            clocks.iter().filter(|clock| clock.kind == ClockKind::Idle).map(|clock| clock.expires).min()
        };
        prop_assert!(end(&after) >= end(&before), "{:?} became {:?}", end(&before), end(&after));
    }

    #[test]
    fn evidence_that_is_taken_away_never_makes_an_answer_firmer(rows in prop::collection::vec(row(), 1..14)) {
        let rows = sign_ins(&rows);
        let traced = traces(&rows);
        let rich = made(&rows, snapshot(), &traced, holds(&rows));
        is_no_firmer(&rich, &made(&rows, snapshot(), &[], holds(&rows)), "the trace")?;
        is_no_firmer(&rich, &made(&rows, Snapshot::default(), &traced, holds(&rows)), "the snapshot")?;
        let unbranded = Snapshot { branding: None, ..snapshot() };
        is_no_firmer(&rich, &made(&rows, unbranded, &traced, holds(&rows)), "the branding")?;
        let shown = Snapshot { users: Vec::new().into(), ..snapshot() };
        is_no_firmer(&rich, &made(&rows, shown, &traced, holds(&rows)), "the users")?;
        let unpoliced = Snapshot { policies: Vec::new(), ..snapshot() };
        is_no_firmer(&rich, &made(&rows, unpoliced, &traced, holds(&rows)), "the policies")?;
        let interactive = Holdings { non_interactive: false, ..holds(&rows) };
        is_no_firmer(&rich, &made(&rows, snapshot(), &traced, interactive), "the non-interactive rows")?;
        let without = |change: fn(&mut SignIn)| {
            let mut rows = rows.clone();
            rows.iter_mut().for_each(change);
            made(&rows, snapshot(), &traced, holds(&rows))
        };
        is_no_firmer(&rich, &without(|row| row.session_id = None), "the session ids")?;
        // Where a cookie tells browsers apart, device ids add doubts of their own; here they stand alone.
        let bare = |rows: &[SignIn]| made(rows, snapshot(), &[], holds(rows));
        let mut unnamed = rows.clone();
        unnamed.iter_mut().for_each(|row| row.device.device_id = None);
        is_no_firmer(&bare(&rows), &bare(&unnamed), "the device ids")?;
        is_no_firmer(&rich, &without(|row| row.session_lifetime_policies.clear()), "the lifetime rules")?;
        is_no_firmer(&rich, &without(|row| row.applied_policies = AppliedPolicies::Absent), "the lists of policies")?;
    }

    #[test]
    fn the_order_of_rows_does_not_matter(rows in prop::collection::vec(row(), 1..14)) {
        let mut rows = sign_ins(&rows);
        let traced = traces(&rows);
        let one = made(&rows, snapshot(), &traced, holds(&rows));
        rows.reverse();
        let other = made(&rows, snapshot(), &traced, holds(&rows));
        prop_assert_eq!(&one.prompts, &other.prompts);
        prop_assert_eq!(&one.sessions, &other.sessions);
        prop_assert_eq!(&one.next, &other.next);
    }

    #[test]
    fn a_replay_without_change_is_what_the_model_makes_of_the_log(rows in prop::collection::vec(row(), 1..14)) {
        let rows = sign_ins(&rows);
        let found = made(&rows, snapshot(), &[], holds(&rows));
        let same = replay(&found, Change::default());
        prop_assert_eq!(&same.before, &same.after);
        let persistent = replay(&found, Change { persistent_browser: Some(true), frequency_hours: None });
        let never = replay(&found, Change { persistent_browser: Some(false), frequency_hours: None });
        prop_assert!(persistent.after.len() <= never.after.len(), "{} and {}", persistent.words, never.words);
    }
}
