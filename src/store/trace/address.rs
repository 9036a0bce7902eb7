//! Tells what an address asks of the sign-in service. The address itself is wiped when it was looked at.

use url::Url;
use zeroize::Zeroize;

use crate::domain::trace::Endpoint;

/// The hosts of the sign-in service; those below them belong to it as well.
const SERVICE: [&str; 12] = [
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.microsoftonline-p.com",
    "login.chinacloudapi.cn",
    "login.windows.net",
    "login.microsoft.com",
    "login-us.microsoftonline.com",
    "sts.windows.net",
    "autologon.microsoftazuread-sso.com",
    "autologon.microsoft.us",
    "login.live.com",
];
/// The values of `prompt` that are kept; any other word could be anything.
const PROMPTS: [&str; 8] =
    ["login", "none", "consent", "select_account", "create", "admin_consent", "attempt_none", "refresh_session"];

/// An address that is being looked at.
pub struct Address(Option<Url>);

impl Drop for Address {
    fn drop(&mut self) {
        if let Some(url) = self.0.take() {
            String::from(url).zeroize();
        }
    }
}

impl Address {
    /// Reads an address with a host; nothing for everything else.
    pub fn read(text: &str) -> Option<Address> {
        let url = Address(Some(Url::parse(text.trim()).ok()?));
        url.0.as_ref().is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
    }

    /// The host in lower case.
    pub fn host(&self) -> &str {
        self.0.as_ref().and_then(Url::host_str).unwrap_or("")
    }

    /// Whether the host is the sign-in service's.
    pub fn is_service(&self) -> bool {
        let host = self.host();
        SERVICE
            .iter()
            .any(|known| host.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with('.')))
    }

    /// Whether the address carries a request to a federation provider.
    pub fn asks_provider(&self) -> bool {
        let asks = self.value("wa").is_some_and(|wa| wa.eq_ignore_ascii_case("wsignin1.0"));
        asks || self.value("SAMLRequest").is_some()
    }

    fn segments(&self) -> impl Iterator<Item = &str> {
        let path = self.0.as_ref().map_or("", Url::path);
        path.split('/').filter(|segment| !segment.is_empty())
    }

    /// The tenant in the path: an id or a domain.
    pub fn tenant(&self) -> Option<String> {
        let mut segments = self.segments();
        let first = segments.next()?.to_ascii_lowercase();
        segments.next()?;
        guid(&first).or_else(|| is_domain(&first).then_some(first))
    }

    /// What is asked of the sign-in service with a method.
    pub fn endpoint(&self, method: &str) -> Endpoint {
        let host = self.host();
        if host.starts_with("autologon.") {
            return Endpoint::SeamlessSignOn;
        }
        if host.starts_with("device.login.") {
            return Endpoint::Device;
        }
        let path: Vec<String> = self.segments().take(8).map(str::to_ascii_lowercase).collect();
        let has = |name: &str| path.iter().any(|segment| segment == name);
        let is_get = method.eq_ignore_ascii_case("GET");
        let wa = self.value("wa").unwrap_or_default().to_ascii_lowercase();
        match path.last().map_or("", String::as_str) {
            _ if wa.starts_with("wsignout") => Endpoint::SignOut,
            "authorize" if has("oauth2") => Endpoint::Authorize,
            "oauth20_authorize.srf" => Endpoint::Authorize,
            "token" if has("oauth2") => Endpoint::Token,
            "oauth20_token.srf" => Endpoint::Token,
            "saml2" => Endpoint::Saml,
            "wsfed" => Endpoint::WsFederation,
            "logout" | "logout.srf" | "logoutsession" | "uxlogout" | "signout" => Endpoint::SignOut,
            "kmsi" => Endpoint::StaySignedIn,
            // Asked for and not posted to, it is where an application begins with WS-Federation.
            "login.srf" if is_get && wa == "wsignin1.0" => Endpoint::WsFederation,
            "login.srf" if is_get => Endpoint::Other,
            "login.srf" => Endpoint::FederationAnswer,
            "login" | "processauth" | "post.srf" => Endpoint::Answer,
            _ if path.iter().any(|segment| segment.starts_with("deviceauth")) && !has("oauth2") => Endpoint::Device,
            "reprocess" => Endpoint::Answer,
            _ if has("sas") => Endpoint::Answer,
            _ => Endpoint::Other,
        }
    }

    /// What the application asked for with `prompt`, as far as its words are known.
    pub fn prompt(&self) -> Option<String> {
        let value = self.value("prompt")?.to_ascii_lowercase();
        let words: Vec<&str> = value
            .split_whitespace()
            .filter_map(|word| PROMPTS.into_iter().find(|known| *known == word))
            .take(4)
            .collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// The age of the authentication that the application asked for.
    pub fn max_age(&self) -> Option<u64> {
        self.value("max_age")?.parse().ok()
    }

    /// The correlation id in the address.
    pub fn correlation_id(&self) -> Option<String> {
        guid(&self.value("client-request-id")?)
    }

    /// The number of an error that the address hands to the application.
    pub fn error_code(&self) -> Option<i64> {
        aadsts(&self.value("error_description")?)
    }

    /// The value of a parameter before or behind `#`, wiped when it was looked at.
    fn value(&self, name: &str) -> Option<zeroize::Zeroizing<String>> {
        let url = self.0.as_ref()?;
        let pairs = [url.query(), url.fragment()].into_iter().flatten().flat_map(|part| part.split('&'));
        let wanted = pairs.filter(|pair| {
            pair.split('=').next().is_some_and(|key| key.trim_start_matches('/').eq_ignore_ascii_case(name))
        });
        wanted
            .filter_map(|pair| url::form_urlencoded::parse(pair.as_bytes()).next())
            .map(|(_, value)| zeroize::Zeroizing::new(value.into_owned()))
            .next()
    }
}

/// An id in lower case, without the braces that some clients put around it.
pub fn guid(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('{').trim_end_matches('}');
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    (text.len() == 36 && text.bytes().enumerate().all(fits)).then(|| text.to_ascii_lowercase())
}

fn is_domain(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let is_label = |label: &&str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let ends = labels.last().is_some_and(|last| {
        last.starts_with("xn--")
            || ((2..=24).contains(&last.len()) && last.bytes().all(|byte| byte.is_ascii_alphabetic()))
    });
    labels.len() >= 2 && text.len() <= 253 && labels.iter().all(is_label) && ends
}

/// The number behind `AADSTS` in a text.
pub fn aadsts(text: &str) -> Option<i64> {
    text.match_indices("AADSTS").find_map(|(at, sign)| number(text.get(at + sign.len()..)?))
}

/// The number of an error at the beginning of a text; zero is none.
pub fn number(text: &str) -> Option<i64> {
    const LONGEST: usize = 9;
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).filter(|digits| digits.len() <= LONGEST)?.parse().ok().filter(|code| *code > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, address: &str, endpoint: Endpoint, tenant: Option<&str>) {
        let read = Address::read(address).expect("an address");
        assert!(read.is_service(), "{address}");
        assert_eq!((read.endpoint(method), read.tenant().as_deref()), (endpoint, tenant), "{address}");
    }

    #[test]
    fn addresses_tell_what_is_asked() {
        let id = "11111111-2222-4333-8444-555555555555";
        let com = "https://login.microsoftonline.com";
        check("GET", &format!("{com}/{id}/oauth2/v2.0/authorize?prompt=login"), Endpoint::Authorize, Some(id));
        check("GET", &format!("{com}:443/Contoso.com/oauth2/authorize"), Endpoint::Authorize, Some("contoso.com"));
        check("POST", &format!("{com}/common/oauth2/v2.0/token"), Endpoint::Token, None);
        check("GET", &format!("{com}/{id}/saml2?SAMLRequest=x"), Endpoint::Saml, Some(id));
        check("GET", &format!("{com}/organizations/wsfed?wa=wsignin1.0"), Endpoint::WsFederation, None);
        check("GET", &format!("{com}/common/wsfed?wa=wsignout1.0"), Endpoint::SignOut, None);
        check("POST", &format!("{com}/common/login"), Endpoint::Answer, None);
        check("POST", &format!("{com}/{id}/login"), Endpoint::Answer, Some(id));
        check("POST", &format!("{com}/common/SAS/BeginAuth"), Endpoint::Answer, None);
        check("POST", &format!("{com}/common/SAS/ProcessAuth"), Endpoint::Answer, None);
        check("GET", &format!("{com}/common/reprocess?ctx=x"), Endpoint::Answer, None);
        check("POST", &format!("{com}/kmsi"), Endpoint::StaySignedIn, None);
        check("POST", &format!("{com}/login.srf"), Endpoint::FederationAnswer, None);
        check("GET", &format!("{com}/login.srf?wa=wsignin1.0"), Endpoint::WsFederation, None);
        check("GET", &format!("{com}/common/oauth2/logout"), Endpoint::SignOut, None);
        check("GET", &format!("{com}/common/DeviceAuthTls/reprocess"), Endpoint::Device, None);
        check("GET", "https://device.login.microsoftonline.com/common/x", Endpoint::Device, None);
        check(
            "GET",
            "https://autologon.microsoftazuread-sso.com/contoso.com/winauth/sso",
            Endpoint::SeamlessSignOn,
            Some("contoso.com"),
        );
        check("POST", "https://login.live.com/ppsecure/post.srf?x", Endpoint::Answer, None);
        check("GET", "https://login.partner.microsoftonline.cn/common/oauth2/authorize", Endpoint::Authorize, None);
        check("GET", &format!("{com}/favicon.ico"), Endpoint::Other, None);
        check("GET", &format!("{com}/common/.well-known/openid-configuration"), Endpoint::Other, None);
    }

    #[test]
    fn a_look_alike_is_not_the_service() {
        for host in ["login.microsoftonline.com.evil.example", "xlogin.microsoftonline.com", "contoso.com"] {
            let address = Address::read(&format!("https://{host}/common/login")).expect("an address");
            assert!(!address.is_service(), "{host}");
        }
        assert!(Address::read("data:text/html,login.microsoftonline.com").is_none());
    }

    #[test]
    fn only_known_words_and_ids_are_taken_from_parameters() {
        let read = |query: &str| Address::read(&format!("https://login.windows.net/common/oauth2/authorize{query}"));
        let address = read("?prompt=Login%20s3cret&max_age=60&client-request-id=not-an-id").expect("an address");
        assert_eq!(address.prompt().as_deref(), Some("login"));
        assert_eq!((address.max_age(), address.correlation_id()), (Some(60), None));
        let failed = Address::read("https://app.contoso.com/#error=x&error_description=AADSTS50058%3a+secret");
        assert_eq!(failed.expect("an address").error_code(), Some(50058));
    }
}
