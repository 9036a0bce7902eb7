//! The browser trace of the second escalation: three visits to the travel portal, saved by Firefox.
//!
//! What a customer sends is a HAR file with everything in it: cookies, the password, tokens. So this
//! one has all of that too, every secret marked `DEMO-SECRET`, and tests can prove that none of it is
//! ever shown. The browser here keeps a jar of cookies, so what comes with a request is what earlier
//! answers set; ids, times, and whether somebody gave a password come from the records of the log.

use crate::applications::FABRIKAM_TRAVEL;
use crate::clock::Moment;
use crate::devices::FIREFOX;
use crate::escalations::TRAVEL_VISITS;
use crate::identifiers::{PROCESSES, Processes, base64, guid, guid_bytes, roll};
use crate::json::{Json, object};
use crate::people::{LUKASZ, contoso};
use std::fmt::Write;

/// A site the browser talks to. The addresses are reserved for documentation.
#[derive(Debug, PartialEq, Eq)]
struct Site {
    host: &'static str,
    address: &'static str,
    version: &'static str,
    /// The domain in its cookies, if it names one.
    cookie_domain: Option<&'static str>,
}

static PORTAL: Site =
    Site { host: "portal.contoso.com", address: "192.0.2.20", version: "HTTP/2", cookie_domain: None };
static TRAVEL: Site =
    Site { host: "travel.fabrikam.com", address: "192.0.2.130", version: "HTTP/2", cookie_domain: None };
static SIGN_IN_SERVICE: Site = Site {
    host: "login.microsoftonline.com",
    address: "192.0.2.200",
    version: "HTTP/2",
    cookie_domain: Some(".login.microsoftonline.com"),
};
/// The AD FS farm, which still speaks the older protocol.
static FEDERATION: Site =
    Site { host: "sts.corp.contoso.com", address: "192.0.2.25", version: "HTTP/1.1", cookie_domain: None };

/// Where the application takes tokens.
const CONSUMER: &str = "https://travel.fabrikam.com/saml/acs";
/// What a persistent session cookie lasts, in days.
const PERSISTENT: i64 = 90;
/// What a cookie that only counts browsers lasts, in days.
const COUNTING: i64 = 30;
/// The offset of the clock on the wall in Gdańsk, in seconds.
const SUMMER_TIME: i64 = 2 * 60 * 60;
/// Where the servers of the sign-in service stand.
const LOCATIONS: [&str; 3] = ["WEULR1", "NEULR1", "NEULR2"];

/// How long a cookie lasts.
#[derive(Clone, Copy, Debug)]
enum Life {
    /// Until the browser is closed.
    Session,
    Days(i64),
    /// The answer takes the cookie away.
    Over,
}

/// A cookie that an answer sets.
#[derive(Debug)]
struct Cookie {
    name: &'static str,
    value: String,
    life: Life,
    /// Whether scripts of the page can read it.
    readable: bool,
}

impl Cookie {
    fn new(name: &'static str, value: String, life: Life) -> Self {
        Self { name, value, life, readable: false }
    }

    /// When it ends, if set at this moment.
    fn expires(&self, set: Moment) -> Option<Moment> {
        match self.life {
            Life::Session => None,
            Life::Days(days) => Some(set.after_days(days)),
            Life::Over => Some(set.after_days(-1)),
        }
    }

    /// The value of the header that sets it.
    fn in_header(&self, site: &Site, set: Moment) -> String {
        let mut text = format!("{}={}", self.name, self.value);
        if let Some(domain) = site.cookie_domain {
            let _ = write!(text, "; domain={domain}");
        }
        if let Some(expires) = self.expires(set) {
            let _ = write!(text, "; expires={}", expires.in_header('-'));
        }
        text.push_str("; path=/; secure");
        if !self.readable {
            text.push_str("; HttpOnly");
        }
        text + "; SameSite=None"
    }

    fn to_json(&self, site: &Site, set: Moment) -> Json {
        let expires = self.expires(set).map(|expires| expires.to_string().replace('Z', ".000Z"));
        object! { "name": self.name, "value": self.value.as_str(), "path": "/" }
            .and("domain", site.cookie_domain.map(Json::from))
            .and("expires", expires.map(Json::from))
            .and("httpOnly", Some((!self.readable).into()))
            .and("secure", Some(true.into()))
            .and("samesite", Some("None".into()))
    }
}

/// Names with values: a query, a form, headers.
type Pairs = Vec<(&'static str, String)>;

/// What a site answers.
#[derive(Debug, Default)]
struct Answer {
    /// Where it sends the browser, if it does.
    location: Option<String>,
    cookies: Vec<Cookie>,
    headers: Pairs,
    body: String,
}

impl Answer {
    /// A page with this title and body.
    fn page(title: &str, body: &str) -> Self {
        let body = format!("<html><head><title>{title}</title></head><body>{body}</body></html>");
        Self { body, ..Self::default() }
    }

    /// A page that sends a form on its own.
    fn form(action: &str, fields: &Pairs) -> Self {
        let mut body = format!(r#"<form method="POST" name="hiddenform" action="{}">"#, escape(action));
        for (name, value) in fields {
            let _ = write!(body, r#"<input type="hidden" name="{name}" value="{}" />"#, escape(value));
        }
        body.push_str("</form><script>document.forms[0].submit();</script>");
        Self::page("Working...", &body)
    }

    /// A redirect.
    fn redirect(location: String) -> Self {
        Self { location: Some(location), ..Self::default() }
    }
}

/// What the browser asks for.
#[derive(Debug)]
struct Question {
    site: &'static Site,
    path: String,
    query: Pairs,
    /// The fields of the form, for a POST.
    form: Option<Pairs>,
}

impl Question {
    fn get(site: &'static Site, path: &str) -> Self {
        Self { site, path: path.to_owned(), query: Vec::new(), form: None }
    }

    fn query(self, query: Pairs) -> Self {
        Self { query, ..self }
    }

    fn post(self, form: Pairs) -> Self {
        Self { form: Some(form), ..self }
    }

    fn address(&self) -> String {
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", encode_pairs(&self.query)) };
        format!("https://{}{}{query}", self.site.host, self.path)
    }
}

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
        let (user, time) = (LUKASZ.id(), at.to_string());
        let record = records.iter().find(|record| {
            record.text("userId") == Some(&user)
                && record.text("createdDateTime") == Some(&time)
                && record.text("appDisplayName") == Some(FABRIKAM_TRAVEL.name)
        })?;
        Some(Self {
            at,
            request_id: record.text("id")?,
            correlation: record.text("correlationId")?,
            federated: record.text("incomingTokenType") == Some("saml11"),
        })
    }

    /// A number of milliseconds between two bounds, the same on every run.
    fn pause(&self, what: &str, least: i64, most: i64) -> i64 {
        least + roll(&format!("{what} at {}", self.at), most - least)
    }

    /// Something that must never be shown.
    fn secret(&self, what: &str) -> String {
        let (one, other) = (format!("{what} at {}", self.at), format!("more of {what} at {}", self.at));
        let bytes = [guid_bytes(&one), guid_bytes(&other)].concat();
        let text = base64(&bytes).replace('+', "-").replace('/', "_");
        format!("DEMO-SECRET-{}", text.trim_end_matches('='))
    }
}

/// The trace of the three visits, given the interactive records of the log.
pub fn travel_portal(records: &[Json]) -> Json {
    let mut browser = Browser::default();
    for visit in TRAVEL_VISITS.iter().filter_map(|at| Visit::in_log(records, *at)) {
        browser.visit(&visit);
    }
    let firefox = object! { "name": "Firefox", "version": "89.0" };
    let page = object! {
        "startedDateTime": browser.entries.first().and_then(|entry| entry.text("startedDateTime")),
        "id": "page_1",
        "title": "Fabrikam Travel",
        "pageTimings": object! { "onContentLoad": -1, "onLoad": -1 },
    };
    object! {
        "log": object! {
            "version": "1.2",
            "creator": firefox.clone(),
            "browser": firefox,
            "pages": vec![page],
            "entries": browser.entries,
        },
    }
}

/// A cookie the browser keeps.
#[derive(Debug)]
struct Kept {
    site: &'static Site,
    name: &'static str,
    value: String,
    expires: Option<Moment>,
}

/// Firefox with its network log kept over all visits. It is never closed between them, so no cookie is lost.
#[derive(Debug, Default)]
struct Browser {
    jar: Vec<Kept>,
    entries: Vec<Json>,
}

impl Browser {
    /// From the company portal to the application and out again. Times are milliseconds of the demo.
    fn visit(&mut self, visit: &Visit) {
        // The answer that completes the sign-in is under way when the second of the record begins.
        let completed = visit.at.seconds() * 1000 + visit.pause("completing", 40, 180);
        let completing = completed - visit.pause("asking to complete", 320, 460);
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

    /// A request that is answered as quickly as such requests are.
    fn ask(&mut self, question: Question, answer: Answer, started: i64) {
        let duration = 60 + roll(&format!("{} at {started}", question.path), 150);
        self.ask_until(question, answer, (started, started + duration));
    }

    /// One entry of the trace.
    fn ask_until(&mut self, question: Question, answer: Answer, (started, answered): (i64, i64)) {
        let set = moment(answered);
        let sent: Vec<_> = self
            .jar
            .iter()
            .filter(|kept| kept.site == question.site && kept.expires.is_none_or(|expires| expires > moment(started)))
            .map(|kept| (kept.name, kept.value.clone()))
            .collect();
        let waiting = answered - started - 2;
        self.entries.push(object! {
            "pageref": "page_1",
            "startedDateTime": local_time(started),
            "request": request_json(&question, &sent),
            "response": response_json(question.site, &answer, set),
            "cache": object! {},
            "timings": object! {
                "blocked": 0, "dns": 0, "ssl": 0, "connect": 0, "send": 0, "wait": waiting, "receive": 2,
            },
            "time": waiting + 2,
            "_securityState": "secure",
            "serverIPAddress": question.site.address,
            "connection": "443",
        });
        for cookie in answer.cookies {
            self.jar.retain(|kept| (kept.site, kept.name) != (question.site, cookie.name));
            if !matches!(cookie.life, Life::Over) {
                let expires = cookie.expires(set);
                self.jar.push(Kept { site: question.site, name: cookie.name, value: cookie.value, expires });
            }
        }
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
    let processes = i64::try_from(PROCESSES).unwrap_or(1);
    let process = usize::try_from(roll(&format!("process for the request at {}", visit.at), processes)).unwrap_or(0);
    let id = Processes::new().request_id(process, moment(started));
    let cookies = vec![
        Cookie::new("buid", visit.secret("browser id"), Life::Days(COUNTING)),
        Cookie::new("fpc", visit.secret("browser count"), Life::Days(COUNTING)),
        Cookie::new("esctx", visit.secret("binding"), Life::Session),
        Cookie::new("x-ms-gateway-slice", "estsfd".to_owned(), Life::Session),
        Cookie::new("stsservicecookie", "estsfd".to_owned(), Life::Session),
    ];
    Answer { cookies, headers: service_headers(&id, visit.correlation), ..Answer::redirect(form.address()) }
}

/// The answer that completes a sign-in: the token for the application, and the session anew.
fn completing_answer(visit: &Visit) -> Answer {
    let session = |name, start, life| Cookie::new(name, format!("{start}{}", visit.secret(name)), life);
    let cookies = vec![
        session("ESTSAUTH", "0.AXkA-", Life::Session),
        session("ESTSAUTHPERSISTENT", "0.AXkA-", Life::Days(PERSISTENT)),
        Cookie { readable: true, ..session("ESTSAUTHLIGHT", "+", Life::Session) },
        Cookie::new("buid", visit.secret("browser id, confirmed"), Life::Days(COUNTING)),
        Cookie::new("fpc", visit.secret("browser count, raised"), Life::Days(COUNTING)),
    ];
    Answer {
        cookies,
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

/// The headers by which an answer of the sign-in service is known. One process always stands in one place.
fn service_headers(request_id: &str, correlation: &str) -> Pairs {
    let process = request_id.get(..28).unwrap_or_default();
    let location = LOCATIONS.iter().cycle().nth(usize::try_from(roll(process, 3)).unwrap_or(0));
    let location = location.copied().unwrap_or_default();
    vec![
        ("pragma", "no-cache".to_owned()),
        ("expires", "-1".to_owned()),
        ("strict-transport-security", "max-age=31536000; includeSubDomains".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
        ("p3p", r#"CP="DSP CUR OTPi IND OTRi ONL FIN""#.to_owned()),
        ("client-request-id", correlation.to_owned()),
        ("x-ms-request-id", request_id.to_owned()),
        ("x-ms-ests-server", format!("2.1.11898.12 - {location} ProdSlices")),
        ("referrer-policy", "strict-origin-when-cross-origin".to_owned()),
    ]
}

/// The request as Firefox writes it.
fn request_json(question: &Question, sent: &[(&'static str, String)]) -> Json {
    let text = question.form.as_ref().map(encode_pairs);
    let mut headers = vec![
        ("Host", question.site.host.to_owned()),
        ("User-Agent", FIREFOX.agent.to_owned()),
        ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8".to_owned()),
        ("Accept-Language", "pl,en-US;q=0.7,en;q=0.3".to_owned()),
        ("Accept-Encoding", "gzip, deflate, br".to_owned()),
    ];
    if let Some(text) = &text {
        headers.push(("Content-Type", FORM.to_owned()));
        headers.push(("Content-Length", text.len().to_string()));
    }
    if question.site.version == "HTTP/1.1" {
        headers.push(("Connection", "keep-alive".to_owned()));
    }
    if !sent.is_empty() {
        let cookies: Vec<_> = sent.iter().map(|(name, value)| format!("{name}={value}")).collect();
        headers.push(("Cookie", cookies.join("; ")));
    }
    headers.push(("Upgrade-Insecure-Requests", "1".to_owned()));
    let form = question.form.as_ref().zip(text.as_ref()).map(|(form, text)| {
        object! { "mimeType": FORM, "params": pairs_json(form), "text": text.as_str() }
    });
    object! {
        "bodySize": size(text.as_deref().unwrap_or_default()),
        "method": if form.is_some() { "POST" } else { "GET" },
        "url": question.address(),
        "httpVersion": question.site.version,
        "headers": pairs_json(&headers),
        "cookies": pairs_json(sent),
        "queryString": pairs_json(&question.query),
        "headersSize": headers_size(&headers),
    }
    .and("postData", form)
}

/// The media type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// The answer as Firefox writes it: names of headers in small letters, but for the older protocol.
fn response_json(site: &Site, answer: &Answer, set: Moment) -> Json {
    let (status, words) = if answer.location.is_some() { (302, "Found") } else { (200, "OK") };
    let names = if site.version == "HTTP/2" {
        ("cache-control", "content-type", "date", "location", "set-cookie")
    } else {
        ("Cache-Control", "Content-Type", "Date", "Location", "Set-Cookie")
    };
    let mut headers = vec![
        (names.0, "no-store, no-cache".to_owned()),
        (names.1, "text/html; charset=utf-8".to_owned()),
        (names.2, set.in_header(' ')),
    ];
    headers.extend(answer.location.iter().map(|location| (names.3, location.clone())));
    headers.extend(answer.headers.iter().cloned());
    headers.extend(answer.cookies.iter().map(|cookie| (names.4, cookie.in_header(site, set))));
    object! {
        "status": status,
        "statusText": words,
        "httpVersion": site.version,
        "headers": pairs_json(&headers),
        "cookies": Json::list(answer.cookies.iter().map(|cookie| cookie.to_json(site, set))),
        "content": object! {
            "mimeType": "text/html; charset=utf-8",
            "size": size(&answer.body),
            "text": answer.body.as_str(),
        },
        "redirectURL": answer.location.as_deref().unwrap_or_default(),
        "headersSize": headers_size(&headers),
        "bodySize": headers_size(&headers) + size(&answer.body),
    }
}

/// Names with values, one object each.
fn pairs_json(pairs: &[(&'static str, String)]) -> Json {
    Json::list(pairs.iter().map(|(name, value)| object! { "name": *name, "value": value.as_str() }))
}

/// The length in bytes.
fn size(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(0)
}

/// The length of all headers, each with a colon, a blank and the end of its line.
fn headers_size(headers: &Pairs) -> i64 {
    headers.iter().map(|(name, value)| size(name) + size(value) + 4).sum()
}

/// The second in which a millisecond lies.
fn moment(milliseconds: i64) -> Moment {
    crate::clock::june(20, 0, 0, milliseconds.div_euclid(1000))
}

/// The time as Firefox writes it: the clock on the wall, and its offset.
fn local_time(milliseconds: i64) -> String {
    let wall = moment(milliseconds).after(SUMMER_TIME).to_string();
    format!("{}.{:03}+02:00", wall.trim_end_matches('Z'), milliseconds.rem_euclid(1000))
}

/// A query or a form, as it is sent.
fn encode_pairs(pairs: &Pairs) -> String {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    pairs.join("&")
}

/// Text of a query or a form, percent-encoded.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            other => {
                let _ = write!(encoded, "%{other:02X}");
            }
        }
    }
    encoded
}

/// Text of an HTML attribute.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}
