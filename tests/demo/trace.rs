//! What the browser traces are told with: sites, cookies, questions, answers, and a browser that keeps its network log.
//!
//! What a customer sends is a HAR file with everything in it: cookies, passwords, tokens. So the traces have all of
//! that too, every secret marked `DEMO-SECRET`, and tests can prove that none of it is ever shown. A browser here keeps
//! a jar of cookies, so what comes with a request is what earlier answers set; [`crate::har`] writes it down.

use crate::applications::Application;
use crate::clock::Moment;
use crate::har::{Exchange, Page, Program};
use crate::identifiers::{PROCESSES, Processes, base64, guid_bytes, process_of, roll};
use crate::json::Json;
use crate::log::any_process;
use crate::people::Person;
use std::fmt::Write;

/// A site the browser talks to. The addresses are reserved for documentation.
#[derive(Debug, PartialEq, Eq)]
pub struct Site {
    pub host: &'static str,
    pub address: &'static str,
    pub version: &'static str,
    /// The domain in its cookies, if it names one.
    pub cookie_domain: Option<&'static str>,
}

pub static SIGN_IN_SERVICE: Site = Site {
    host: "login.microsoftonline.com",
    address: "192.0.2.200",
    version: "HTTP/2",
    cookie_domain: Some(".login.microsoftonline.com"),
};

/// What a persistent session cookie lasts, in days.
const PERSISTENT: i64 = 90;
/// What a cookie that only counts browsers lasts, in days.
const COUNTING: i64 = 30;
/// Where the processes of the sign-in service stand, each in one place.
const LOCATIONS: [&str; PROCESSES] =
    ["WEULR1", "WEULR1", "NEULR1", "WEULR1", "WEULR1", "NEULR1", "NEULR1", "WEULR1", "NEULR1"];

/// How long a cookie lasts.
#[derive(Clone, Copy, Debug)]
pub enum Life {
    /// Until the browser is closed.
    Session,
    Days(i64),
    /// The answer takes the cookie away.
    Over,
}

/// A cookie that an answer sets.
#[derive(Debug)]
pub struct Cookie {
    pub name: &'static str,
    pub value: String,
    life: Life,
    /// Whether scripts of the page can read it.
    pub readable: bool,
}

impl Cookie {
    pub fn new(name: &'static str, value: String, life: Life) -> Self {
        Self { name, value, life, readable: false }
    }

    /// When it ends, if set at this moment.
    pub fn expires(&self, set: Moment) -> Option<Moment> {
        match self.life {
            Life::Session => None,
            Life::Days(days) => Some(set.after_days(days)),
            Life::Over => Some(set.after_days(-1)),
        }
    }

    /// The value of the header that sets it.
    pub fn in_header(&self, site: &Site, set: Moment) -> String {
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
}

/// Names with values: a query, a form, headers.
pub type Pairs = Vec<(&'static str, String)>;

/// The media type of what is asked or answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Media {
    #[default]
    Page,
    Data,
}

impl Media {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Page => "text/html; charset=utf-8",
            Self::Data => "application/json; charset=utf-8",
        }
    }
}

/// What a site answers.
#[derive(Debug, Default)]
pub struct Answer {
    /// Where it sends the browser, if it does.
    pub location: Option<String>,
    pub cookies: Vec<Cookie>,
    pub headers: Pairs,
    pub body: String,
    pub media: Media,
}

impl Answer {
    /// A page with this title and body.
    pub fn page(title: &str, body: &str) -> Self {
        let body = format!("<html><head><title>{title}</title></head><body>{body}</body></html>");
        Self { body, ..Self::default() }
    }

    /// A page that sends a form on its own.
    pub fn form(action: &str, fields: &Pairs) -> Self {
        let mut body = format!(r#"<form method="POST" name="hiddenform" action="{}">"#, escape(action));
        for (name, value) in fields {
            let _ = write!(body, r#"<input type="hidden" name="{name}" value="{}" />"#, escape(value));
        }
        body.push_str("</form><script>document.forms[0].submit();</script>");
        Self::page("Working...", &body)
    }

    /// Data for a script of the page.
    pub fn data(value: &Json) -> Self {
        Self { body: value.compact(), media: Media::Data, ..Self::default() }
    }

    /// A redirect.
    pub fn redirect(location: String) -> Self {
        Self { location: Some(location), ..Self::default() }
    }
}

/// What is sent along with a POST.
#[derive(Debug)]
pub enum Body {
    Form(Pairs),
    /// What a script of the page sends.
    Data(Json),
}

/// What the browser asks for.
#[derive(Debug)]
pub struct Question {
    pub site: &'static Site,
    pub path: String,
    pub query: Pairs,
    /// The headers a script of the page adds.
    pub headers: Pairs,
    /// What a POST sends.
    pub body: Option<Body>,
}

impl Question {
    pub fn get(site: &'static Site, path: &str) -> Self {
        Self { site, path: path.to_owned(), query: Vec::new(), headers: Vec::new(), body: None }
    }

    pub fn query(self, query: Pairs) -> Self {
        Self { query, ..self }
    }

    pub fn post(self, form: Pairs) -> Self {
        Self { body: Some(Body::Form(form)), ..self }
    }

    /// A script of the page asks, with headers of its own.
    pub fn by_script(self, headers: Pairs, data: Json) -> Self {
        Self { headers, body: Some(Body::Data(data)), ..self }
    }

    /// Whether a script asks, and the page stays.
    pub fn is_by_script(&self) -> bool {
        matches!(self.body, Some(Body::Data(_)))
    }

    /// Path and query.
    pub fn path_and_query(&self) -> String {
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", encode_pairs(&self.query)) };
        format!("{}{query}", self.path)
    }

    pub fn address(&self) -> String {
        format!("https://{}{}", self.site.host, self.path_and_query())
    }
}

/// A cookie the browser keeps.
#[derive(Debug)]
pub struct Kept {
    pub site: &'static Site,
    pub cookie: Cookie,
    pub expires: Option<Moment>,
}

/// A browser with its network log kept all the time. It is never closed, so no cookie is lost.
#[derive(Debug)]
pub struct Browser {
    program: Program,
    jar: Vec<Kept>,
    pages: Vec<Page>,
    entries: Vec<Json>,
    /// Whether the last answer sent the browser on.
    sent_on: bool,
}

impl Browser {
    pub const fn new(program: Program) -> Self {
        Self { program, jar: Vec::new(), pages: Vec::new(), entries: Vec::new(), sent_on: false }
    }

    /// A request that is answered as quickly as such requests are.
    pub fn ask(&mut self, question: Question, answer: Answer, started: i64) {
        let duration = 60 + roll(&format!("{} at {started}", question.path), 150);
        self.ask_until(question, answer, (started, started + duration));
    }

    /// One entry of the trace. Times are milliseconds of the demo.
    pub fn ask_until(&mut self, question: Question, answer: Answer, (started, answered): (i64, i64)) {
        if !question.is_by_script() && !self.sent_on {
            // What is not sent comes from the bar of addresses.
            let from = self.pages.last().filter(|_| question.body.is_some()).map(|page| page.address.clone());
            self.pages.push(Page { from, address: String::new(), started, answered });
        }
        if let Some(page) = self.pages.last_mut().filter(|_| !question.is_by_script()) {
            page.address = question.address();
            page.answered = answered;
        }
        let set = moment(answered);
        let sent: Vec<_> = self
            .jar
            .iter()
            .filter(|kept| kept.site == question.site && kept.expires.is_none_or(|expires| expires > moment(started)))
            .collect();
        let exchange = Exchange { question: &question, answer: &answer, sent, started, answered, pages: &self.pages };
        self.entries.push(self.program.entry(&exchange));
        self.sent_on = answer.location.is_some();
        for cookie in answer.cookies {
            self.jar.retain(|kept| (kept.site, kept.cookie.name) != (question.site, cookie.name));
            if !matches!(cookie.life, Life::Over) {
                let expires = cookie.expires(set);
                self.jar.push(Kept { site: question.site, cookie, expires });
            }
        }
    }

    /// The trace as the program saves it.
    pub fn saved(self) -> Json {
        self.program.log(&self.pages, self.entries)
    }
}

/// The record of somebody who signed in to an application at a moment.
pub fn record_of<'a>(records: &'a [Json], person: &Person, client: &Application, at: Moment) -> Option<&'a Json> {
    let (user, time) = (person.id(), at.to_string());
    records.iter().find(|record| {
        record.text("userId") == Some(&user)
            && record.text("createdDateTime") == Some(&time)
            && record.text("appDisplayName") == Some(client.name)
    })
}

/// A number of milliseconds between two bounds, the same on every run.
pub fn pause(what: &str, least: i64, most: i64) -> i64 {
    least + roll(what, most - least)
}

/// Something that must never be shown.
pub fn secret(what: &str) -> String {
    let bytes = [guid_bytes(what), guid_bytes(&format!("more of {what}"))].concat();
    let text = base64(&bytes).replace('+', "-").replace('/', "_");
    format!("DEMO-SECRET-{}", text.trim_end_matches('='))
}

/// When a request that ends a sign-in is sent and answered: the answer is under way when the second of the record
/// begins.
pub fn completing(at: Moment) -> (i64, i64) {
    let completed = at.seconds() * 1000 + pause(&format!("completing at {at}"), 40, 180);
    (completed - pause(&format!("asking to complete at {at}"), 320, 460), completed)
}

/// The id of a request with which no sign-in ends, so that it is not in the log.
pub fn unlogged_id(what: &str, at: Moment, started: i64) -> String {
    Processes::new().request_id(any_process(what, at), moment(started))
}

/// The cookies the sign-in service gives to a browser that begins to sign in.
pub fn opening_cookies(secret: impl Fn(&str) -> String) -> Vec<Cookie> {
    vec![
        Cookie::new("buid", secret("browser id"), Life::Days(COUNTING)),
        Cookie::new("fpc", secret("browser count"), Life::Days(COUNTING)),
        Cookie::new("esctx", secret("binding"), Life::Session),
        Cookie::new("x-ms-gateway-slice", "estsfd".to_owned(), Life::Session),
        Cookie::new("stsservicecookie", "estsfd".to_owned(), Life::Session),
    ]
}

/// The cookies of the answer that completes a sign-in: the session anew.
pub fn session_cookies(secret: impl Fn(&str) -> String) -> Vec<Cookie> {
    let session = |name, start, life| Cookie::new(name, format!("{start}{}", secret(name)), life);
    let mut cookies = vec![
        session("ESTSAUTH", "0.AXkA-", Life::Session),
        session("ESTSAUTHPERSISTENT", "0.AXkA-", Life::Days(PERSISTENT)),
        Cookie { readable: true, ..session("ESTSAUTHLIGHT", "+", Life::Session) },
    ];
    cookies.extend(counting_cookies(secret));
    cookies
}

/// The cookies that count browsers, as an answer to what was typed renews them.
pub fn counting_cookies(secret: impl Fn(&str) -> String) -> Vec<Cookie> {
    vec![
        Cookie::new("buid", secret("browser id, confirmed"), Life::Days(COUNTING)),
        Cookie::new("fpc", secret("browser count, raised"), Life::Days(COUNTING)),
    ]
}

/// The headers by which an answer of the sign-in service is known.
pub fn service_headers(request_id: &str, correlation: &str) -> Pairs {
    let location = process_of(request_id).and_then(|process| LOCATIONS.get(process)).copied().unwrap_or_default();
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

/// The second in which a millisecond lies.
pub fn moment(milliseconds: i64) -> Moment {
    crate::clock::june(20, 0, 0, milliseconds.div_euclid(1000))
}

/// A query or a form, as it is sent.
pub fn encode_pairs(pairs: &Pairs) -> String {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    pairs.join("&")
}

/// Text of a query or a form, percent-encoded.
pub fn encode(text: &str) -> String {
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
