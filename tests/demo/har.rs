//! A browser's network log as Firefox saves it, and as the developer tools of Chrome export it.

use crate::clock::Moment;
use crate::devices::{CHROME, FIREFOX};
use crate::identifiers::roll;
use crate::json::{Json, object};
use crate::trace::{Answer, Body, Cookie, Kept, Pairs, Question, Site, encode, encode_pairs, moment};

/// The program whose network log it is.
#[derive(Clone, Copy, Debug)]
pub enum Program {
    /// Łukasz's, in Gdańsk.
    Firefox,
    /// Anneliese's, in Berlin.
    Chrome,
}

/// What was shown, from the question for it to the end of all redirects.
#[derive(Debug)]
pub struct Page {
    /// The address of the page whose form was sent.
    pub from: Option<String>,
    pub address: String,
    pub started: i64,
    pub answered: i64,
}

/// A question and its answer, with the cookies that came along and the pages so far.
pub struct Exchange<'a> {
    pub question: &'a Question,
    pub answer: &'a Answer,
    pub sent: Vec<&'a Kept>,
    pub started: i64,
    pub answered: i64,
    pub pages: &'a [Page],
}

impl Program {
    /// One entry of the trace.
    pub fn entry(self, exchange: &Exchange) -> Json {
        match self {
            Self::Firefox => firefox_entry(exchange),
            Self::Chrome => chrome_entry(exchange),
        }
    }

    /// The whole trace.
    pub fn log(self, pages: &[Page], entries: Vec<Json>) -> Json {
        match self {
            Self::Firefox => firefox_log(pages, entries),
            Self::Chrome => chrome_log(pages, entries),
        }
    }
}

/// The offset of the clock on the wall in Gdańsk, in seconds.
const SUMMER_TIME: i64 = 2 * 60 * 60;
/// The media type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

fn firefox_log(pages: &[Page], entries: Vec<Json>) -> Json {
    let firefox = object! { "name": "Firefox", "version": "89.0" };
    let page = object! {
        "startedDateTime": pages.first().map(|page| local_time(page.started)),
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
            "entries": entries,
        },
    }
}

fn firefox_entry(exchange: &Exchange) -> Json {
    let site = exchange.question.site;
    let waiting = exchange.answered - exchange.started - 2;
    object! {
        "pageref": "page_1",
        "startedDateTime": local_time(exchange.started),
        "request": firefox_request(exchange.question, &exchange.sent),
        "response": firefox_response(site, exchange.answer, moment(exchange.answered)),
        "cache": object! {},
        "timings": object! {
            "blocked": 0, "dns": 0, "ssl": 0, "connect": 0, "send": 0, "wait": waiting, "receive": 2,
        },
        "time": waiting + 2,
        "_securityState": "secure",
        "serverIPAddress": site.address,
        "connection": "443",
    }
}

fn firefox_request(question: &Question, sent: &[&Kept]) -> Json {
    let text = question.body.as_ref().map(in_body);
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
    headers.extend(cookie_header("Cookie", sent));
    headers.push(("Upgrade-Insecure-Requests", "1".to_owned()));
    let form = text.as_deref().zip(form_of(question)).map(|(text, form)| {
        object! { "mimeType": FORM, "params": pairs_json(form), "text": text }
    });
    object! {
        "bodySize": size(text.as_deref().unwrap_or_default()),
        "method": method(question),
        "url": question.address(),
        "httpVersion": question.site.version,
        "headers": pairs_json(&headers),
        "cookies": Json::list(sent.iter().map(|kept| pair_json(kept.cookie.name, &kept.cookie.value))),
        "queryString": pairs_json(&question.query),
        "headersSize": headers_size(&headers),
    }
    .and("postData", form)
}

fn firefox_response(site: &Site, answer: &Answer, set: Moment) -> Json {
    let (status, words) = if answer.location.is_some() { (302, "Found") } else { (200, "OK") };
    let headers = answer_headers(site, answer, set);
    object! {
        "status": status,
        "statusText": words,
        "httpVersion": site.version,
        "headers": pairs_json(&headers),
        "cookies": Json::list(answer.cookies.iter().map(|cookie| firefox_cookie(cookie, site, set))),
        "content": object! {
            "mimeType": answer.media.name(),
            "size": size(&answer.body),
            "text": answer.body.as_str(),
        },
        "redirectURL": answer.location.as_deref().unwrap_or_default(),
        "headersSize": headers_size(&headers),
        "bodySize": headers_size(&headers) + size(&answer.body),
    }
}

fn firefox_cookie(cookie: &Cookie, site: &Site, set: Moment) -> Json {
    object! { "name": cookie.name, "value": cookie.value.as_str(), "path": "/" }
        .and("domain", site.cookie_domain.map(Json::from))
        .and("expires", cookie.expires(set).map(|expires| cookie_time(expires).into()))
        .and("httpOnly", Some((!cookie.readable).into()))
        .and("secure", Some(true.into()))
        .and("samesite", Some("None".into()))
}

/// The headers of an answer: names in small letters, but for the older protocol.
fn answer_headers(site: &Site, answer: &Answer, set: Moment) -> Pairs {
    let names = if site.version == "HTTP/2" {
        ("cache-control", "content-type", "date", "location", "set-cookie")
    } else {
        ("Cache-Control", "Content-Type", "Date", "Location", "Set-Cookie")
    };
    let mut headers = vec![
        (names.0, "no-store, no-cache".to_owned()),
        (names.1, answer.media.name().to_owned()),
        (names.2, set.in_header(' ')),
    ];
    headers.extend(answer.location.iter().map(|location| (names.3, location.clone())));
    headers.extend(answer.headers.iter().cloned());
    headers.extend(answer.cookies.iter().map(|cookie| (names.4, cookie.in_header(site, set))));
    headers
}

fn chrome_log(pages: &[Page], entries: Vec<Json>) -> Json {
    let page = |(index, page): (usize, &Page)| {
        let loading = (page.answered - page.started) * 1000 + roll(&format!("loading at {}", page.started), 90_000);
        let drawing = roll(&format!("drawing at {}", page.started), 140_000);
        object! {
            "startedDateTime": universal_time(page.started),
            "id": page_id(index + 1),
            "title": page.address.as_str(),
            "pageTimings": object! { "onContentLoad": in_chrome(loading), "onLoad": in_chrome(loading + drawing) },
        }
    };
    object! {
        "log": object! {
            "version": "1.2",
            "creator": object! { "name": "WebInspector", "version": "537.36" },
            "pages": Json::list(pages.iter().enumerate().map(page)),
            "entries": entries,
        },
    }
}

fn chrome_entry(exchange: &Exchange) -> Json {
    let question = exchange.question;
    let (initiator, priority, kind) = if question.is_by_script() {
        (script(), "High", "xhr")
    } else {
        (object! { "type": "other" }, "VeryHigh", "document")
    };
    // In thousandths of a millisecond.
    let part = |what: &str, bound| 200 + roll(&format!("{what} at {}", exchange.started), bound);
    let (queued, blocked, sending, receiving) =
        (part("queueing", 900), part("blocked", 2_800), part("sending", 300), part("receiving", 2_600));
    let time = (exchange.answered - exchange.started) * 1000;
    let waiting = time - blocked - sending - receiving;
    object! {
        "_initiator": initiator,
        "_priority": priority,
        "_resourceType": kind,
        "cache": object! {},
        "connection": (1000 + roll(&format!("connection to {}", question.site.host), 9000)).to_string(),
        "pageref": page_id(exchange.pages.len()),
        "request": chrome_request(exchange),
        "response": chrome_response(exchange),
        "serverIPAddress": question.site.address,
        "startedDateTime": universal_time(exchange.started),
        "time": in_chrome(time),
        "timings": object! {
            "blocked": in_chrome(blocked),
            "dns": -1,
            "ssl": -1,
            "connect": -1,
            "send": in_chrome(sending),
            "wait": in_chrome(waiting),
            "receive": in_chrome(receiving),
            "_blocked_queueing": in_chrome(queued.min(blocked)),
        },
    }
}

/// A script of the sign-in page, as what asked.
fn script() -> Json {
    let frame = object! {
        "functionName": "",
        "scriptId": "11",
        "url": "https://aadcdn.msftauth.net/shared/1.0/content/js/ConvergedLogin_PCore.js",
        "lineNumber": 40,
        "columnNumber": 51_234,
    };
    object! { "type": "script", "stack": object! { "callFrames": vec![frame] } }
}

fn chrome_request(exchange: &Exchange) -> Json {
    let question = exchange.question;
    let text = question.body.as_ref().map(in_body);
    let media = if question.is_by_script() { "application/json; charset=UTF-8" } else { FORM };
    let headers = chrome_headers(exchange, text.as_ref().map(|text| (media, text.len())));
    let sent = text.map(|text| {
        // Names and values stand as they were sent.
        let fields = form_of(question).map(raw_pairs);
        object! { "mimeType": media, "text": text.as_str() }.and("params", fields)
    });
    let body = sent.as_ref().and_then(|sent| sent.text("text")).map_or(0, size);
    let cookies = exchange.sent.iter().map(|kept| {
        // Chrome gives a cookie without an end the second before time began.
        let expires = kept.expires.map_or_else(|| "1969-12-31T23:59:59.000Z".to_owned(), cookie_time);
        chrome_cookie(&kept.cookie, question.site, expires.into())
    });
    object! {
        "method": method(question),
        "url": question.address(),
        "httpVersion": "http/2.0",
        "headers": pairs_json(&headers),
        "queryString": raw_pairs(&question.query),
        "cookies": Json::list(cookies),
        "headersSize": -1,
        "bodySize": body,
    }
    .and("postData", sent)
}

/// The headers of a request; `content` is the media type of what is sent, and its length.
fn chrome_headers(exchange: &Exchange, content: Option<(&str, usize)>) -> Pairs {
    let question = exchange.question;
    let is_by_script = question.is_by_script();
    let page = exchange.pages.last();
    let from = page.and_then(|page| if is_by_script { Some(&page.address) } else { page.from.as_ref() });
    let here = format!("https://{}", question.site.host);
    let is_same = from.is_none_or(|from| from.starts_with(&format!("{here}/")));
    let origin = from.map(|from| from.splitn(4, '/').take(3).collect::<Vec<_>>().join("/"));

    let mut headers = vec![
        (":method", method(question).to_owned()),
        (":authority", question.site.host.to_owned()),
        (":scheme", "https".to_owned()),
        (":path", question.path_and_query()),
    ];
    if let Some((media, length)) = content {
        headers.push(("content-length", length.to_string()));
        headers.push(("content-type", media.to_owned()));
        headers.extend(origin.clone().map(|origin| ("origin", origin)));
    }
    headers.push(("sec-ch-ua", r#"" Not;A Brand";v="99", "Google Chrome";v="91", "Chromium";v="91""#.to_owned()));
    headers.push(("sec-ch-ua-mobile", "?0".to_owned()));
    headers.push(("user-agent", CHROME.agent.to_owned()));
    let site = match from {
        None => "none",
        Some(_) if is_same => "same-origin",
        Some(_) => "cross-site",
    };
    headers.push(("sec-fetch-site", site.to_owned()));
    if is_by_script {
        headers.extend(question.headers.iter().cloned());
        headers.push(("accept", "application/json".to_owned()));
        headers.push(("sec-fetch-mode", "cors".to_owned()));
        headers.push(("sec-fetch-dest", "empty".to_owned()));
    } else {
        let accepted = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;\
                        q=0.8,application/signed-exchange;v=b3;q=0.9";
        headers.push(("accept", accepted.to_owned()));
        headers.push(("upgrade-insecure-requests", "1".to_owned()));
        headers.push(("sec-fetch-mode", "navigate".to_owned()));
        headers.push(("sec-fetch-dest", "document".to_owned()));
    }
    // Another site learns only of the site.
    headers.extend(from.zip(origin).map(|(from, origin)| {
        let referrer = if is_same { from.clone() } else { format!("{origin}/") };
        ("referer", referrer)
    }));
    headers.push(("accept-encoding", "gzip, deflate, br".to_owned()));
    headers.push(("accept-language", "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7".to_owned()));
    headers.extend(cookie_header("cookie", &exchange.sent));
    headers
}

fn chrome_response(exchange: &Exchange) -> Json {
    let (site, answer, set) = (exchange.question.site, exchange.answer, moment(exchange.answered));
    let headers = answer_headers(site, answer, set);
    let cookies = answer.cookies.iter().map(|cookie| {
        let expires = cookie.expires(set).map(cookie_time);
        chrome_cookie(cookie, site, expires.into())
    });
    let media = answer.media.name().split(';').next();
    let text = (!answer.body.is_empty()).then(|| answer.body.as_str().into());
    object! {
        "status": if answer.location.is_some() { 302 } else { 200 },
        "statusText": "",
        "httpVersion": "http/2.0",
        "headers": pairs_json(&headers),
        "cookies": Json::list(cookies),
        "content": object! { "size": size(&answer.body), "mimeType": media }.and("text", text),
        "redirectURL": answer.location.as_deref().unwrap_or_default(),
        "headersSize": -1,
        "bodySize": -1,
        // Pages come compressed.
        "_transferSize": headers_size(&headers) + size(&answer.body) / 3,
    }
}

fn chrome_cookie(cookie: &Cookie, site: &Site, expires: Json) -> Json {
    object! {
        "name": cookie.name,
        "value": cookie.value.as_str(),
        "path": "/",
        "domain": site.cookie_domain.unwrap_or(site.host),
        "expires": expires,
        "httpOnly": !cookie.readable,
        "secure": true,
        "sameSite": "None",
    }
}

fn page_id(number: usize) -> String {
    format!("page_{number}")
}

/// Thousandths of a millisecond, as Chrome writes them.
fn in_chrome(thousandths: i64) -> f64 {
    f64::from(i32::try_from(thousandths).unwrap_or(i32::MAX)) / 1000.0
}

fn method(question: &Question) -> &'static str {
    if question.body.is_some() { "POST" } else { "GET" }
}

/// What a POST sends, as it is sent.
fn in_body(body: &Body) -> String {
    match body {
        Body::Form(form) => encode_pairs(form),
        Body::Data(data) => data.compact(),
    }
}

fn form_of(question: &Question) -> Option<&Pairs> {
    match &question.body {
        Some(Body::Form(form)) => Some(form),
        Some(Body::Data(_)) | None => None,
    }
}

/// The header with the cookies that come along, if any do.
fn cookie_header(name: &'static str, sent: &[&Kept]) -> Option<(&'static str, String)> {
    let cookies = sent.iter().map(|kept| format!("{}={}", kept.cookie.name, kept.cookie.value));
    let cookies: Vec<_> = cookies.collect();
    (!cookies.is_empty()).then(|| (name, cookies.join("; ")))
}

/// Names with values, one object each.
fn pairs_json(pairs: &Pairs) -> Json {
    Json::list(pairs.iter().map(|(name, value)| pair_json(name, value)))
}

/// The same, with values that are percent-encoded.
fn raw_pairs(pairs: &Pairs) -> Json {
    Json::list(pairs.iter().map(|(name, value)| pair_json(name, &encode(value))))
}

fn pair_json(name: &str, value: &str) -> Json {
    object! { "name": name, "value": value }
}

/// The length in bytes.
fn size(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(0)
}

/// The length of all headers, each with a colon, a blank and the end of its line.
fn headers_size(headers: &Pairs) -> i64 {
    headers.iter().map(|(name, value)| size(name) + size(value) + 4).sum()
}

/// The end of a cookie.
fn cookie_time(moment: Moment) -> String {
    moment.to_string().replace('Z', ".000Z")
}

/// The time as Firefox writes it: the clock on the wall, and its offset.
fn local_time(milliseconds: i64) -> String {
    let wall = moment(milliseconds).after(SUMMER_TIME).to_string();
    format!("{}.{:03}+02:00", wall.trim_end_matches('Z'), milliseconds.rem_euclid(1000))
}

/// The time as Chrome writes it.
fn universal_time(milliseconds: i64) -> String {
    let text = moment(milliseconds).to_string();
    format!("{}.{:03}Z", text.trim_end_matches('Z'), milliseconds.rem_euclid(1000))
}
