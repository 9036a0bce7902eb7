//! The browser trace of the second escalation: three visits to the travel portal, saved by Firefox.
//!
//! Ids, times, and whether somebody gave a password come from the records of the log.

use crate::applications::FABRIKAM_TRAVEL;
use crate::clock::Moment;
use crate::escalations::TRAVEL_VISITS;
use crate::har::Program;
use crate::identifiers::{base64, guid};
use crate::json::Json;
use crate::people::{LUKASZ, contoso};
use crate::trace::{
    Answer, Browser, Cookie, Life, Pairs, Question, SIGN_IN_SERVICE, Site, completing, moment, opening_cookies, pause,
    record_of, secret, service_headers, session_cookies, unlogged_id,
};

static PORTAL: Site =
    Site { host: "portal.contoso.com", address: "192.0.2.20", version: "HTTP/2", cookie_domain: None };
static TRAVEL: Site =
    Site { host: "travel.fabrikam.com", address: "192.0.2.130", version: "HTTP/2", cookie_domain: None };
/// The AD FS farm, which still speaks the older protocol.
static FEDERATION: Site =
    Site { host: "sts.corp.contoso.com", address: "192.0.2.25", version: "HTTP/1.1", cookie_domain: None };

/// Where the application takes tokens.
const CONSUMER: &str = "https://travel.fabrikam.com/saml/acs";

/// One visit, as the log has it.
struct Visit<'a> {
    at: Moment,
    request_id: &'a str,
    correlation: &'a str,
    /// Whether the federation provider was asked.
    federated: bool,
}

impl<'a> Visit<'a> {
    /// What the record of that moment says.
    fn in_log(records: &'a [Json], at: Moment) -> Option<Self> {
        let record = record_of(records, &LUKASZ, &FABRIKAM_TRAVEL, at)?;
        Some(Self {
            at,
            request_id: record.text("id")?,
            correlation: record.text("correlationId")?,
            federated: record.text("incomingTokenType") == Some("saml11"),
        })
    }

    /// A number of milliseconds between two bounds, the same on every run.
    fn pause(&self, what: &str, least: i64, most: i64) -> i64 {
        pause(&format!("{what} at {}", self.at), least, most)
    }

    /// Something that must never be shown.
    fn secret(&self, what: &str) -> String {
        secret(&format!("{what} at {}", self.at))
    }
}

/// The trace of the three visits, given the interactive records of the log.
pub fn travel_portal(records: &[Json]) -> Json {
    let mut browser = Browser::new(Program::Firefox);
    for visit in TRAVEL_VISITS.iter().filter_map(|at| Visit::in_log(records, *at)) {
        browser.visit(&visit);
    }
    browser.saved()
}

impl Browser {
    /// From the company portal to the application and out again. Times are milliseconds of the demo.
    fn visit(&mut self, visit: &Visit) {
        let (completing, completed) = completing(visit.at);
        // Between the request and that answer lies the detour, if there is one.
        let typing = visit.pause("typing the password", 14_000, 23_000);
        let asking = if visit.federated { completing - 1_010 - typing } else { completing };
        let signing_on = asking - visit.pause("redirect to the service", 230, 290);
        let opening = signing_on - visit.pause("looking for the button", 4_000, 9_000);
        let choosing = opening - visit.pause("choosing the application", 3_000, 7_000);

        self.open_application(visit, choosing, opening);
        let request = saml_request(visit, signing_on);
        self.ask(Question::get(&TRAVEL, "/sso/login"), Answer::redirect(request.address()), signing_on);
        if visit.federated {
            let form = federation_form(visit);
            self.ask(request, redirect_to_federation(visit, &form, asking), asking);
            let back = self.authenticate(visit, form, asking + 350, completing);
            self.ask_until(back, completing_answer(visit), (completing, completed));
        } else {
            self.ask_until(request, completing_answer(visit), (completing, completed));
        }
        self.use_application(visit, completed + 90);
    }

    /// The company's portal, and the site of the application, which knows nobody yet.
    fn open_application(&mut self, visit: &Visit, choosing: i64, opening: i64) {
        let link = format!(r#"<a href="https://{}/">{}</a>"#, TRAVEL.host, FABRIKAM_TRAVEL.name);
        let mut portal = Answer::page("Contoso Portal", &link);
        portal.cookies.push(Cookie::new("ContosoPortal", visit.secret("portal"), Life::Session));
        self.ask(Question::get(&PORTAL, "/"), portal, choosing);
        let button = r#"<a href="/sso/login">Sign on with your company</a>"#;
        self.ask(Question::get(&TRAVEL, "/"), Answer::page(FABRIKAM_TRAVEL.name, button), opening);
    }

    /// The form of the federation provider, filled in and answered with a token. The provider's own cookie
    /// of an earlier visit changes nothing: its session ended long ago. The question that takes the token to the
    /// sign-in service.
    fn authenticate(&mut self, visit: &Visit, form: Question, opened: i64, completing: i64) -> Question {
        let fields = concat!(
            r#"<form method="post" id="loginForm"><input name="UserName" type="email" />"#,
            r#"<input name="Password" type="password" /></form>"#
        );
        let address = form.address();
        let again = || Question::get(&FEDERATION, &form.path).query(form.query.clone());
        self.ask(again(), Answer::page("Sign In", fields), opened);

        let filled = vec![
            ("UserName", LUKASZ.user_principal_name.to_owned()),
            ("Password", "DEMO-SECRET-Zuraw-nad-Motlawa-7".to_owned()),
            ("AuthMethod", "FormsAuthentication".to_owned()),
        ];
        let mut accepted = Answer::redirect(address);
        accepted.cookies.push(Cookie::new("MSISAuth", visit.secret("federation session"), Life::Session));
        self.ask(again().post(filled), accepted, completing - 660);

        let token = vec![
            ("wa", "wsignin1.0".to_owned()),
            ("wresult", security_token(visit)),
            ("wctx", format!("LoginOptions=3&{}", context(visit))),
        ];
        let back = Question::get(&SIGN_IN_SERVICE, "/login.srf")
            .query(vec![("client-request-id", visit.correlation.to_owned())]);
        self.ask(form, Answer::form(&back.address(), &token), completing - 320);
        back.post(token)
    }

    /// The token is taken to the application, which is used for a while and left by its own sign-out: that ends
    /// the application's session and no other.
    fn use_application(&mut self, visit: &Visit, handing_over: i64) {
        let bookings = format!("https://{}/bookings", TRAVEL.host);
        let mut accepted = Answer::redirect(bookings);
        accepted.cookies.push(Cookie::new("FabrikamTravel", visit.secret("travel session"), Life::Session));
        self.ask(Question::get(&TRAVEL, "/saml/acs").post(saml_response(visit)), accepted, handing_over);
        let page = Answer::page(FABRIKAM_TRAVEL.name, "Your bookings");
        self.ask(Question::get(&TRAVEL, "/bookings"), page, handing_over + 270);
        let mut left = Answer::page(FABRIKAM_TRAVEL.name, "You are signed out of Fabrikam Travel.");
        left.cookies.push(Cookie::new("FabrikamTravel", String::new(), Life::Over));
        let leaving = handing_over + visit.pause("using the application", 70_000, 260_000);
        self.ask(Question::get(&TRAVEL, "/sign-out"), left, leaving);
    }
}

/// The application's request to sign somebody in. It is no secret, and asks for nothing special.
fn saml_request(visit: &Visit, started: i64) -> Question {
    let id = guid(&format!("SAML request at {}", visit.at)).replace('-', "");
    let request = format!(
        concat!(
            r#"<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_{}" Version="2.0" "#,
            r#"IssueInstant="{}" AssertionConsumerServiceURL="{}">"#,
            r#"<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">https://travel.fabrikam.com/saml</Issuer>"#,
            "</samlp:AuthnRequest>"
        ),
        id,
        moment(started),
        CONSUMER
    );
    Question::get(&SIGN_IN_SERVICE, &format!("/{}/saml2", contoso())).query(vec![
        ("SAMLRequest", base64(&deflated(request.as_bytes()))),
        ("RelayState", visit.secret("relay state")),
        ("whr", "corp.contoso.com".to_owned()),
        ("login_hint", LUKASZ.user_principal_name.to_owned()),
        ("client-request-id", visit.correlation.to_owned()),
    ])
}

/// Text in the envelope of the deflate format, one block stored as it is.
fn deflated(text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(0);
    let mut bytes = vec![1];
    bytes.extend(length.to_le_bytes());
    bytes.extend((!length).to_le_bytes());
    bytes.extend(text);
    bytes
}

/// What the sign-in service wants back from the federation provider.
fn context(visit: &Visit) -> String {
    format!("estsredirect=2&estsrequest={}", visit.secret("service context"))
}

/// The form of the federation provider, as the sign-in service asks for it.
fn federation_form(visit: &Visit) -> Question {
    Question::get(&FEDERATION, "/adfs/ls/").query(vec![
        ("client-request-id", visit.correlation.to_owned()),
        ("username", LUKASZ.user_principal_name.to_owned()),
        ("wa", "wsignin1.0".to_owned()),
        ("wtrealm", "urn:federation:MicrosoftOnline".to_owned()),
        ("wctx", context(visit)),
    ])
}

/// The sign-in service sends the browser to the federation provider. No sign-in ends here, so the id of this
/// request is not in the log.
fn redirect_to_federation(visit: &Visit, form: &Question, started: i64) -> Answer {
    let id = unlogged_id("the request at", visit.at, started);
    let cookies = opening_cookies(|what| visit.secret(what));
    Answer { cookies, headers: service_headers(&id, visit.correlation), ..Answer::redirect(form.address()) }
}

/// The answer that completes a sign-in: the token for the application, and the session anew.
fn completing_answer(visit: &Visit) -> Answer {
    Answer {
        cookies: session_cookies(|what| visit.secret(what)),
        headers: service_headers(visit.request_id, visit.correlation),
        ..Answer::form(CONSUMER, &saml_response(visit))
    }
}

/// What the federation provider says of the user.
fn security_token(visit: &Visit) -> String {
    format!(
        concat!(
            r#"<t:RequestSecurityTokenResponse xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust">"#,
            "<t:RequestedSecurityToken>{}</t:RequestedSecurityToken></t:RequestSecurityTokenResponse>"
        ),
        visit.secret("wresult")
    )
}

/// What the sign-in service says of the user.
fn saml_response(visit: &Visit) -> Pairs {
    vec![("SAMLResponse", visit.secret("SAML response")), ("RelayState", visit.secret("relay state"))]
}
