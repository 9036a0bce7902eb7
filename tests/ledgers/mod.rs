//! Hand-made ledgers for the timeline: an escalation, many sessions, many uses.

use authopsy::domain::{Evidence, Origin};
use authopsy::explain::explanation::{Basis, Gap};
use authopsy::explain::session::{
    AskedFor, Client, Clock, ClockKind, Ended, Factor, Happening, HappeningKind, Ledger, Next, Persistence, Prompt,
    Seat, Session, Trap, Use, UseKind,
};
use chrono::{DateTime, Duration, Utc};

/// A time as it is written in the escalation: `06-21 06:02:11` of 2021.
pub fn at(text: &str) -> DateTime<Utc> {
    format!("2021-{}Z", text.replace(' ', "T")).parse().expect("a time")
}

/// A row; its request id is that of a row of the fixtures.
pub fn row(number: usize, at: DateTime<Utc>, kind: UseKind, session: usize, client: Client) -> Use {
    let words = if client == Client::Browser { "Edge 91 on Windows 10, Tegucigalpa, HN" } else { "Outlook on iOS" };
    Use {
        id: format!("b0000000-0000-4000-8000-{number:012}"),
        at,
        origin: Origin::default(),
        correlation_id: String::new(),
        session_id: None,
        session: Some(session),
        kind,
        error_code: Some(if kind == UseKind::Refused { 53003 } else { 0 }),
        is_completed: true,
        first: Factor::Earlier,
        second: Factor::Earlier,
        methods: Vec::new(),
        credential: None,
        client,
        seat: Seat { key: words.to_owned(), elsewhere: None, words: words.to_owned(), is_by_device: false },
        app: "Office 365 SharePoint Online".to_owned(),
        app_id: String::new(),
        place: "Tegucigalpa, HN".to_owned(),
        ip: "192.0.2.7".to_owned(),
        lifetime_rules: Vec::new(),
        policies: Vec::new(),
        undecided: Vec::new(),
        policies_are_logged: false,
        by_primary_refresh_token: false,
        on_joined_windows: false,
        is_windows_sign_in: false,
        is_continuously_evaluated: false,
        is_single_page: false,
        is_guest: false,
        device_id: None,
    }
}

/// Makes a ledger of rows: the sessions are those that the rows name, each idle after its limit.
pub fn of_rows(mut uses: Vec<Use>, limits: &[Duration]) -> Ledger {
    uses.sort_by_key(|row| row.at);
    let mut ledger =
        Ledger { user_principal_name: "ana.ivanova@contoso.example".to_owned(), uses, ..Ledger::default() };
    ledger.until = ledger.uses.last().map(|row| row.at);
    for (number, limit) in limits.iter().enumerate() {
        let rows: Vec<usize> = (0..ledger.uses.len()).filter(|row| ledger.uses[*row].session == Some(number)).collect();
        let (root, last) = (rows[0], rows[rows.len() - 1]);
        let is_persistent = *limit > Duration::hours(24);
        let words = if is_persistent { "outlives the browser" } else { "ends with the browser" };
        ledger.sessions.push(Session {
            session_id: None,
            basis: Basis::Inferred,
            client: ledger.uses[root].client,
            seat: ledger.uses[root].seat.clone(),
            root,
            root_is_seen: true,
            last_use: last,
            last_first_factor: Some(root),
            last_second_factor: Some(root),
            methods: Vec::new(),
            persistence: Persistence {
                is_persistent: Some(is_persistent),
                words: words.to_owned(),
                ..Persistence::default()
            },
            clocks: vec![Clock {
                kind: if is_persistent { ClockKind::RefreshToken } else { ClockKind::Idle },
                limit: *limit,
                assuming: "",
                last_reset: ledger.uses[last].at,
                reset_by: Some(last),
                expires: ledger.uses[last].at + *limit,
                policy: None,
                basis: Basis::Computed,
                code: "SES-IDLE-NONPERSISTENT",
                note: String::new(),
                evidence: None,
            }],
            ended: None,
            uses: rows,
        });
    }
    ledger
}

pub fn prompt(ledger: &Ledger, id: usize, code: &'static str, headline: &str) -> Prompt {
    let number = ledger.find(&format!("b0000000-0000-4000-8000-{id:012}")).expect("a row");
    Prompt {
        uses: vec![number],
        at: ledger.uses[number].at,
        asked: AskedFor::Both,
        is_completed: true,
        code,
        headline: headline.to_owned(),
        basis: Basis::Computed,
        because: None,
        earlier: None,
        policy: None,
        rivals: Vec::new(),
        gaps: Vec::new(),
        evidence: Vec::new(),
    }
}

/// "I was asked on Thursday, though I had signed in on Monday": a browser whose end a use has moved, and a phone beside it.
pub fn escalation() -> Ledger {
    let day = Duration::hours(24);
    let mut uses = vec![
        row(0, at("06-21 06:02:11"), UseKind::Asked, 0, Client::Browser),
        row(2, at("06-22 02:05:34"), UseKind::Silent, 0, Client::Browser),
        row(6, at("06-24 06:10:03"), UseKind::Asked, 2, Client::Browser),
        row(1, at("06-21 08:15:00"), UseKind::Asked, 1, Client::App),
    ];
    for (number, hours) in [3i64, 9, 15, 30, 44, 50, 61, 68, 75].into_iter().enumerate() {
        uses.push(row(
            100 + number,
            at("06-21 08:15:00") + Duration::hours(hours),
            UseKind::Background,
            1,
            Client::App,
        ));
    }
    let mut ledger = of_rows(uses, &[day, day * 90, day]);
    ledger.until = Some(at("06-24 15:55:00"));
    ledger.sessions[0].ended =
        Some(Ended { at: at("06-23 02:05:34"), code: "SES-IDLE-NONPERSISTENT", basis: Basis::Computed });
    let first = "the first sign-in of this browser in the log.";
    ledger.prompts.push(prompt(&ledger, 0, "SES-FIRST", first));
    ledger.prompts.push(prompt(&ledger, 1, "SES-FIRST", "the first sign-in of this app in the log."));
    let headline = "the browser's session was not persistent and went unused for 24 h: it was last used 06-22 02:05 and \
                    ended 06-23 02:05.";
    let mut asked = prompt(&ledger, 6, "SES-IDLE-NONPERSISTENT", headline);
    asked.earlier = Some(0);
    asked.because = ledger.uses.iter().position(|row| row.at == at("06-22 02:05:34"));
    ledger.prompts.push(asked);
    ledger.happenings.push(Happening {
        at: at("06-22 14:00:00"),
        kind: HappeningKind::Policy,
        words: "policy Policy-03 was changed: persistent browser".to_owned(),
        evidence: Evidence {
            label: String::new(),
            file: "Audit.json".into(),
            record: Some(3),
            pointer: String::new(),
            value: String::new(),
        },
        joined_to: None,
        is_sure: false,
        trace: None,
    });
    ledger.next = Some(Next {
        at: at("06-25 06:10:03"),
        code: "SES-IDLE-NONPERSISTENT",
        session: 2,
        basis: Basis::Computed,
        ran_out: None,
        covers: None,
    });
    ledger.traps.push(Trap {
        code: "TRAP-PHONE",
        text: "the phone's renewals keep only the phone's own session; they move no end in the browser.".to_owned(),
        session: Some(1),
        use_: Some(3),
        evidence: Vec::new(),
    });
    ledger.gaps.push(Gap {
        code: "GAP-KMSI".to_owned(),
        missing: "whether users are asked to stay signed in".to_owned(),
        limits: "That the session was not persistent follows from its life alone.".to_owned(),
        ask: "the company branding settings.".to_owned(),
    });
    ledger.without_session = 2;
    ledger
}

/// So many sessions, one after another, each with two uses.
pub fn sessions(count: usize) -> Ledger {
    let mut uses = Vec::new();
    for number in 0..count {
        let begin = at("06-21 06:00:00") + Duration::hours(number as i64 * 5);
        uses.push(row(number * 2, begin, UseKind::Asked, number, Client::Browser));
        uses.push(row(number * 2 + 1, begin + Duration::hours(2), UseKind::Silent, number, Client::Browser));
    }
    let mut ledger = of_rows(uses, &vec![Duration::hours(24); count]);
    for number in 0..count {
        let prompt = prompt(&ledger, number * 2, "SES-FIRST", "another browser.");
        ledger.prompts.push(prompt);
    }
    ledger
}

/// So many uses of one browser, a minute apart, with a refused one among each thousand.
pub fn uses(count: usize, usual: UseKind) -> Ledger {
    let begin = at("06-21 06:00:00");
    let kind = |number: usize| match number % 1000 {
        _ if number == 0 => UseKind::Asked,
        50 => UseKind::Refused,
        _ => usual,
    };
    let rows = (0..count)
        .map(|number| row(number, begin + Duration::minutes(number as i64), kind(number), 0, Client::Browser));
    of_rows(rows.collect(), &[Duration::hours(24)])
}
