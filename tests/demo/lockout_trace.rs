//! The browser trace of the third escalation: Anneliese's test of the lockout, exported from Chrome's developer tools.
//!
//! Each password is a POST that is answered with the id of its record. The passwords are the tester's own list, which no
//! log has; ids and times come from the records.

use crate::applications::OFFICE_PORTAL;
use crate::clock::Moment;
use crate::escalations::{AFTER_LOCKOUT, LOCKOUT_PAGES};
use crate::har::Program;
use crate::json::{Json, object};
use crate::outcomes::GRANTED;
use crate::people::{ANNELIESE, contoso};
use crate::trace::{
    Answer, Browser, Cookie, Life, Pairs, Question, SIGN_IN_SERVICE, Site, completing, counting_cookies,
    opening_cookies, pause, record_of, secret, service_headers, session_cookies, unlogged_id,
};

static PORTAL: Site =
    Site { host: "portal.office.com", address: "192.0.2.210", version: "HTTP/2", cookie_domain: None };

/// Where the application takes tokens.
const LANDING: &str = "https://portal.office.com/landing";

/// Eight passwords of nobody. The account locks at the last of them, and what she tries then is her own.
const WRONG_PASSWORDS: [&str; 8] = [
    "DEMO-SECRET-Sperrtest-Ahorn-1",
    "DEMO-SECRET-Sperrtest-Birke-2",
    "DEMO-SECRET-Sperrtest-Eiche-3",
    "DEMO-SECRET-Sperrtest-Fichte-4",
    "DEMO-SECRET-Sperrtest-Hasel-5",
    "DEMO-SECRET-Sperrtest-Linde-6",
    "DEMO-SECRET-Sperrtest-Pappel-7",
    "DEMO-SECRET-Sperrtest-Ulme-8",
];
const OWN_PASSWORD: &str = "DEMO-SECRET-Kranich-ueber-Linum-29";

/// A password that is sent, as the log has it.
struct Attempt<'a> {
    at: Moment,
    request_id: &'a str,
    correlation: &'a str,
    code: i64,
    password: &'static str,
}

impl<'a> Attempt<'a> {
    /// What the record of that moment says.
    fn in_log(records: &'a [Json], (at, code): (Moment, i64), password: &'static str) -> Option<Self> {
        let record = record_of(records, &ANNELIESE, &OFFICE_PORTAL, at)?;
        Some(Self { at, request_id: record.text("id")?, correlation: record.text("correlationId")?, code, password })
    }
}

/// What a page of the sign-in service was answered with.
struct Shown<'a> {
    request_id: String,
    correlation: &'a str,
}

impl Shown<'_> {
    /// Something on the page that must never be shown.
    fn secret(&self, what: &str) -> String {
        secret(&format!("{what} of {}", self.request_id))
    }
}

/// The trace of the test, given the interactive records of the log.
pub fn lockout_test(records: &[Json]) -> Json {
    let mut browser = Browser::new(Program::Chrome);
    let mut wrong = WRONG_PASSWORDS.into_iter();
    for (_, refusals) in LOCKOUT_PAGES {
        let attempts = refusals.iter().filter_map(|&(at, _, outcome)| {
            let password = wrong.next().unwrap_or(OWN_PASSWORD);
            Attempt::in_log(records, (at, outcome.code), password)
        });
        browser.try_passwords(&attempts.collect::<Vec<_>>());
    }
    let after = Attempt::in_log(records, (AFTER_LOCKOUT, GRANTED.code), OWN_PASSWORD);
    browser.try_passwords(&after.into_iter().collect::<Vec<_>>());
    browser.saved()
}

impl Browser {
    /// Opens the sign-in page and tries passwords on it, one after the other.
    fn try_passwords(&mut self, attempts: &[Attempt]) {
        let Some(first) = attempts.first() else { return };
        let (sent, _) = completing(first.at);
        let naming = sent - pause(&format!("typing the password at {}", first.at), 3_500, 4_800);
        let opening = naming - pause(&format!("typing the name at {}", first.at), 6_000, 9_000);
        let mut shown = self.open_sign_in_page(first, opening);
        self.name_the_user(first, &shown, naming);
        for attempt in attempts {
            let form = password_form(attempt, &shown);
            shown = Shown { request_id: attempt.request_id.to_owned(), correlation: attempt.correlation };
            let (sent, answered) = completing(attempt.at);
            if attempt.code == GRANTED.code {
                self.ask_until(form, completing_answer(&shown), (sent, answered));
                self.land(&shown, answered + 110);
            } else {
                let mut refused = sign_in_page(&shown, attempt.code);
                refused.cookies = counting_cookies(|what| shown.secret(what));
                self.ask_until(form, refused, (sent, answered));
            }
        }
    }

    /// The application sends the browser to the sign-in page. No sign-in ends here, so the id of the request is not in
    /// the log.
    fn open_sign_in_page<'a>(&mut self, first: &Attempt<'a>, opening: i64) -> Shown<'a> {
        let asking = opening + 240;
        let request_id = unlogged_id("the sign-in page before", first.at, asking);
        let shown = Shown { request_id, correlation: first.correlation };
        let request = authorization(&shown);
        let mut sent_on = Answer::redirect(request.address());
        sent_on.cookies.push(Cookie::new("OpenIdConnect.nonce.v3", shown.secret("nonce"), Life::Session));
        self.ask(Question::get(&PORTAL, "/"), sent_on, opening);
        let mut page = sign_in_page(&shown, 0);
        page.cookies = opening_cookies(|what| shown.secret(what));
        self.ask(request, page, asking);
        shown
    }

    /// A script of the page asks how the user signs in. The answer says nothing of a lock.
    fn name_the_user(&mut self, first: &Attempt, shown: &Shown, naming: i64) {
        let name = ANNELIESE.user_principal_name;
        let headers = vec![
            ("hpgid", "1104".to_owned()),
            ("hpgact", "1800".to_owned()),
            ("canary", shown.secret("script canary")),
            ("client-request-id", shown.correlation.to_owned()),
            ("hpgrequestid", shown.request_id.clone()),
        ];
        let asked = object! {
            "username": name,
            "isOtherIdpSupported": true,
            "checkPhones": false,
            "isRemoteNGCSupported": true,
            "isFidoSupported": true,
            "originalRequest": shown.secret("context"),
            "country": "DE",
            "flowToken": shown.secret("flow"),
        };
        let known = object! {
            "Username": name,
            "Display": name,
            "IfExistsResult": 0,
            "ThrottleStatus": 0,
            "Credentials": object! { "PrefCredential": 1, "HasPassword": true },
            "EstsProperties": object! { "DomainType": 3 },
            "FlowToken": shown.secret("renewed flow"),
            "apiCanary": shown.secret("renewed script canary"),
        };
        let request_id = unlogged_id("the question for the user before", first.at, naming);
        let answer = Answer { headers: service_headers(&request_id, shown.correlation), ..Answer::data(&known) };
        let question = Question::get(&SIGN_IN_SERVICE, "/common/GetCredentialType");
        self.ask(question.query(vec![("mkt", "de".to_owned())]).by_script(headers, asked), answer, naming);
    }

    /// The token is taken to the application.
    fn land(&mut self, shown: &Shown, landing: i64) {
        let mut accepted = Answer::redirect(format!("https://{}/", PORTAL.host));
        accepted.cookies.push(Cookie::new("OIDCAuthCookie", shown.secret("portal session"), Life::Session));
        accepted.cookies.push(Cookie::new("OpenIdConnect.nonce.v3", String::new(), Life::Over));
        self.ask(Question::get(&PORTAL, "/landing").post(tokens(shown)), accepted, landing);
        self.ask(Question::get(&PORTAL, "/"), Answer::page("Office 365", "Guten Tag, Anneliese"), landing + 270);
    }
}

/// The application's request to sign somebody in.
fn authorization(shown: &Shown) -> Question {
    Question::get(&SIGN_IN_SERVICE, &format!("/{}/oauth2/authorize", contoso())).query(vec![
        ("client_id", OFFICE_PORTAL.app_id()),
        ("response_mode", "form_post".to_owned()),
        ("response_type", "code id_token".to_owned()),
        ("scope", "openid profile".to_owned()),
        ("state", format!("OpenIdConnect.AuthenticationProperties={}", shown.secret("state"))),
        ("nonce", shown.secret("nonce")),
        ("redirect_uri", LANDING.to_owned()),
        ("ui_locales", "de-DE".to_owned()),
        ("mkt", "de-DE".to_owned()),
        ("client-request-id", shown.correlation.to_owned()),
    ])
}

/// The sign-in page, with its settings as a script and the error above the field, if there is one.
fn sign_in_page(shown: &Shown, code: i64) -> Answer {
    let error = (code != 0).then(|| code.to_string());
    let name = error.is_some().then(|| ANNELIESE.user_principal_name.into());
    let settings = object! {
        "fShowPersistentCookiesWarning": false,
        "urlGetCredentialType": "https://login.microsoftonline.com/common/GetCredentialType?mkt=de",
        "urlPost": format!("/{}/login", contoso()),
        "iMaxPollErrors": 5,
        "fHideKeepMeSignedIn": true,
        "sFTName": "flowToken",
        "sFT": shown.secret("flow"),
        "sCtx": shown.secret("context"),
        "sCanaryTokenName": "canary",
        "canary": shown.secret("canary"),
        "apiCanary": shown.secret("script canary"),
        "correlationId": shown.correlation,
        "sessionId": shown.request_id.as_str(),
        "locale": object! { "mkt": "de-DE", "lcid": 1031 },
        "country": "DE",
        "hpgid": 1104,
        "hpgact": 1800,
        "pgid": "ConvergedSignIn",
    }
    .and("sPOST_Username", name)
    .and("sErrTxt", error.is_some().then(|| "".into()))
    .and("sErrorCode", error.map(Json::from));
    let script =
        format!("<script type=\"text/javascript\">//<![CDATA[\n$Config={};\n//]]></script>", settings.compact());
    let mut headers = service_headers(&shown.request_id, shown.correlation);
    headers.push(("x-ms-clitelem", format!("1,{code},0,,")));
    Answer { headers, ..Answer::page("Bei Ihrem Konto anmelden", &script) }
}

/// The form of the page with a password in it.
fn password_form(attempt: &Attempt, shown: &Shown) -> Question {
    let name = ANNELIESE.user_principal_name;
    let on_page = pause(&format!("time on the page at {}", attempt.at), 4_000, 6_000);
    let form = vec![
        ("i13", "0".to_owned()),
        ("login", name.to_owned()),
        ("loginfmt", name.to_owned()),
        ("type", "11".to_owned()),
        ("LoginOptions", "3".to_owned()),
        ("passwd", attempt.password.to_owned()),
        ("ps", "2".to_owned()),
        ("canary", shown.secret("canary")),
        ("ctx", shown.secret("context")),
        ("hpgrequestid", shown.request_id.clone()),
        ("flowToken", shown.secret("flow")),
        ("NewUser", "1".to_owned()),
        ("fspost", "0".to_owned()),
        ("i21", "0".to_owned()),
        ("CookieDisclosure", "0".to_owned()),
        ("IsFidoSupported", "1".to_owned()),
        ("i2", "1".to_owned()),
        ("i19", on_page.to_string()),
    ];
    Question::get(&SIGN_IN_SERVICE, &format!("/{}/login", contoso())).post(form)
}

/// The answer that completes a sign-in: the tokens for the application, and the session anew.
fn completing_answer(shown: &Shown) -> Answer {
    Answer {
        cookies: session_cookies(|what| shown.secret(what)),
        headers: service_headers(&shown.request_id, shown.correlation),
        ..Answer::form(LANDING, &tokens(shown))
    }
}

fn tokens(shown: &Shown) -> Pairs {
    vec![
        ("code", shown.secret("code")),
        ("id_token", shown.secret("id token")),
        ("state", format!("OpenIdConnect.AuthenticationProperties={}", shown.secret("state"))),
        ("session_state", shown.secret("session state")),
    ]
}
