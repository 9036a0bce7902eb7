//! Defines [`Exchange`], a request and its answer while their entry is read, and what of them becomes an event.

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use crate::domain::Origin;
use crate::domain::trace::{Endpoint, TraceEvent};

use super::TraceReader;
use super::address::{Address, aadsts, guid, number};
use super::cookie::{self, Setting};

/// A request and its answer, borrowed from the bytes of their entry.
#[derive(Default)]
pub struct Exchange<'a> {
    /// When it was sent.
    pub at: Option<DateTime<Utc>>,
    /// The request's method.
    pub method: &'a str,
    /// The request's full address.
    pub url: &'a str,
    /// Names and values of the request's headers.
    pub request: Vec<(&'a str, &'a str)>,
    /// Names and values of the answer's headers.
    pub response: Vec<(&'a str, &'a str)>,
    /// Names of the request's cookies from a list of its own.
    pub cookies_sent: Vec<&'a str>,
    /// Cookies of the answer from a list of its own: name, whether there is no value, `expires`.
    pub cookies_set: Vec<(&'a str, bool, Option<&'a str>)>,
    /// The status of the answer.
    pub status: Option<i64>,
    /// The answer's text, where there is one.
    pub body: &'a str,
}

fn header<'a>(headers: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn all<'a, 'h>(headers: &'h [(&'a str, &'a str)], name: &'static str) -> impl Iterator<Item = &'a str> + 'h {
    headers.iter().filter(move |(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

impl TraceReader {
    /// Takes an exchange in: an event for the sign-in service and for federation providers, a count for all others.
    pub fn take(&mut self, exchange: &Exchange<'_>, origin: impl FnOnce() -> Origin) {
        self.requests += 1;
        let (sent, has_cookies) = cookies_sent(exchange);
        self.shows_cookies |= has_cookies || sets_cookies(exchange);
        let Some(address) = Address::read(exchange.url) else { return };
        let is_service = address.is_service();
        if !is_service && !self.providers.contains(address.host()) {
            return;
        }
        if self.events.len() >= self.most {
            self.left_out += 1;
            return;
        }
        let status = exchange.status.and_then(|status| u16::try_from(status).ok()).filter(|s| (100..1000).contains(s));
        let correlation_id = header(&exchange.request, "client-request-id")
            .and_then(guid)
            .or_else(|| header(&exchange.response, "client-request-id").and_then(guid))
            .or_else(|| address.correlation_id());
        let mut event = TraceEvent {
            at: exchange.at,
            host: address.host().to_owned(),
            endpoint: Endpoint::FederationProvider,
            status,
            correlation_id,
            shows_cookies: has_cookies,
            origin: origin(),
            ..TraceEvent::default()
        };
        if event.at.is_none() {
            self.without_time += 1;
        }
        if is_service {
            event.endpoint = address.endpoint(exchange.method);
            event.tenant = address.tenant();
            event.cookies_sent = sent.into_iter().map(str::to_owned).collect();
            event.prompt = address.prompt();
            event.max_age = address.max_age();
            self.take_answer(exchange, &mut event);
        }
        self.has_request_headers.push(!exchange.request.is_empty());
        self.events.push(event);
    }

    /// Takes in what the service answered.
    fn take_answer(&mut self, exchange: &Exchange<'_>, event: &mut TraceEvent) {
        event.request_id = header(&exchange.response, "x-ms-request-id").and_then(guid);
        event.server = header(&exchange.response, "x-ms-ests-server").and_then(server);
        event.correlation_id = event.correlation_id.take().or_else(|| guid(quoted(exchange.body, "correlationId")?));
        event.page = quoted(exchange.body, "pgid").and_then(page);
        let location = header(&exchange.response, "location").and_then(|text| {
            // An address without a host stays at the service.
            Address::read(text)
        });
        if let Some(location) = &location {
            event.error_code = location.error_code();
            if location.asks_provider() && !location.is_service() {
                event.redirects_to = self.provider(location);
            }
        }
        // The page looks the user up first and goes to the provider by script.
        if let Some(url) = quoted(exchange.body, "FederationRedirectUrl") {
            let quoted = Zeroizing::new(format!("\"{url}\""));
            let url = serde_json::from_str::<String>(&quoted).map(Zeroizing::new);
            let to = url.ok().and_then(|url| Address::read(&url)).filter(|to| !to.is_service());
            event.redirects_to = event.redirects_to.take().or_else(|| self.provider(&to?));
        }
        event.error_code = event.error_code.or_else(|| error_in_body(exchange.body)).or_else(|| {
            // `x-ms-clitelem: 1,<error>,<suberror>,...`
            let mut parts = header(&exchange.response, "x-ms-clitelem")?.split(',');
            (parts.next()?.trim() == "1").then(|| number(parts.next()?.trim()))?
        });
        let from_headers = all(&exchange.response, "set-cookie").flat_map(|value| value.split('\n'));
        let mut settings: Vec<Setting> = from_headers.map(|text| cookie::read_set_cookie(text, exchange.at)).collect();
        if settings.is_empty() {
            let listed = exchange.cookies_set.iter();
            settings
                .extend(listed.map(|(name, valueless, end)| cookie::settle(name, *valueless, *end, None, exchange.at)));
        }
        for setting in settings {
            match setting {
                Setting::Known(set) => {
                    // One answer may clear a cookie and set it again for another domain: what it sets counts.
                    match event.cookies_set.iter_mut().find(|known| known.name == set.name) {
                        Some(known) if known.is_cleared => *known = set,
                        Some(known) if !set.is_cleared => *known = set,
                        Some(_) => {}
                        None => event.cookies_set.push(set),
                    }
                }
                Setting::EndUnknown(name) => self.ends_unknown.push(name),
                Setting::Other => {}
            }
        }
    }

    /// Remembers a federation provider, so that requests to it become events.
    fn provider(&mut self, address: &Address) -> Option<String> {
        const MOST: usize = 100;
        let host = address.host().to_owned();
        if host.is_empty() || host.len() > 253 {
            return None;
        }
        if self.providers.len() < MOST {
            self.providers.insert(host.clone());
        }
        Some(host)
    }
}

/// The names of the sign-in service's cookies that were sent, and whether any cookie was.
fn cookies_sent(exchange: &Exchange<'_>) -> (Vec<&'static str>, bool) {
    let mut names = Vec::new();
    let mut has_any = !exchange.cookies_sent.is_empty();
    let mut add = |name| {
        if !names.contains(&name) {
            names.push(name);
        }
    };
    for value in all(&exchange.request, "cookie") {
        let (known, any) = cookie::names_sent(value);
        has_any |= any;
        known.into_iter().for_each(&mut add);
    }
    exchange.cookies_sent.iter().filter_map(|name| cookie::known_name(name)).for_each(&mut add);
    // Browsers with an extension for it send the device's token as a header.
    let headers =
        exchange.request.iter().filter(|(name, _)| name.to_ascii_lowercase().starts_with("x-ms-refreshtoken"));
    headers.filter_map(|(name, _)| cookie::known_name(name)).for_each(&mut add);
    (names, has_any)
}

fn sets_cookies(exchange: &Exchange<'_>) -> bool {
    !exchange.cookies_set.is_empty() || all(&exchange.response, "set-cookie").any(|value| value.contains('='))
}

/// What names the server, as it was written, unless it is nothing of the kind.
fn server(text: &str) -> Option<String> {
    const LONGEST: usize = 100;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b" .-_".contains(&byte);
    (!text.is_empty() && text.len() <= LONGEST && text.bytes().all(fits)).then(|| text.to_owned())
}

/// The name of a page: letters and digits, and not many.
fn page(text: &str) -> Option<String> {
    const LONGEST: usize = 40;
    let fits = !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then(|| text.to_owned())
}

/// What stands in quotes behind a quoted name in a page or an answer of JSON, escapes and all.
fn quoted<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let text = behind(body, name)?.strip_prefix('"')?;
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    text.get(..end)
}

/// What follows a quoted name and its colon.
fn behind<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let needle = format!("\"{name}\"");
    memchr::memmem::find_iter(body.as_bytes(), needle.as_bytes())
        .find_map(|at| body.get(at + needle.len()..)?.trim_start().strip_prefix(':'))
        .map(str::trim_start)
}

/// The number of the error in the answer of the token endpoint or in the settings of a page.
fn error_in_body(body: &str) -> Option<i64> {
    let listed = || number(behind(body, "error_codes")?.strip_prefix('[')?.trim_start());
    let named = |name: &str| number(behind(body, name)?.trim_start_matches('"'));
    let described = |name: &str| aadsts(quoted(body, name)?);
    listed()
        .or_else(|| named("sErrorCode"))
        .or_else(|| named("iErrorCode"))
        .or_else(|| described("error_description"))
        .or_else(|| described("strServiceExceptionMessage"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_errors_are_found_in_answers_and_pages() {
        assert_eq!(error_in_body(r#"{"error":"x","error_codes":[50076,1]}"#), Some(50076));
        assert_eq!(error_in_body(r#"$Config={"sErrorCode":"50126","a":1};"#), Some(50126));
        assert_eq!(error_in_body(r#"$Config={"iErrorCode":50126}"#), Some(50126));
        assert_eq!(error_in_body(r#"$Config={"sErrorCode":"","iErrorCode":0}"#), None);
        assert_eq!(error_in_body(r#"{"strServiceExceptionMessage":"AADSTS50105: x"}"#), Some(50105));
        assert_eq!(error_in_body("AADSTS50105"), None);
        assert_eq!(aadsts("AADSTS: AADSTS7000215"), Some(7_000_215));
    }

    #[test]
    fn names_of_pages_and_servers_are_short_and_plain() {
        assert_eq!(page("KmsiInterrupt").as_deref(), Some("KmsiInterrupt"));
        assert_eq!(page("a<b>"), None);
        assert_eq!(page(&"a".repeat(41)), None);
        assert_eq!(server("2.1.11898.12 - EUS ProdSlices").as_deref(), Some("2.1.11898.12 - EUS ProdSlices"));
        assert_eq!(server("\u{1b}[31m"), None);
    }
}
