//! Defines [`TraceEvent`], one request of a browser trace to the sign-in service or to a federation provider, without its secrets.
//!
//! What a trace says of a session is which cookies came and went, by name, persistence and expiry; their values, tokens, bodies and
//! passwords are destroyed by whoever reads the trace and have no place here.

use chrono::{DateTime, Utc};

use super::evidence::Origin;

/// One request of a browser trace, as far as signing in is concerned.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TraceEvent {
    /// When the request was sent, in UTC; nothing for a pasted line.
    pub at: Option<DateTime<Utc>>,
    /// The host that was asked, in lower case; nothing for a pasted line.
    pub host: String,
    /// What was asked of it.
    pub endpoint: Endpoint,
    /// The tenant in the address: an id or a domain; nothing for `common`, `organizations` and `consumers`.
    pub tenant: Option<String>,
    /// The status of the answer; nothing where the trace has none.
    pub status: Option<u16>,
    /// The request id of the answer (`x-ms-request-id`), which is the id of the sign-in's record.
    pub request_id: Option<String>,
    /// The correlation id (`client-request-id`).
    pub correlation_id: Option<String>,
    /// What names the server (`x-ms-ests-server`), as it was written.
    pub server: Option<String>,
    /// The names of the sign-in service's cookies that came with the request, in the service's spelling.
    pub cookies_sent: Vec<String>,
    /// Whether the trace shows the request's cookies at all: some tools leave them out, and then nothing follows from there being
    /// none.
    pub shows_cookies: bool,
    /// The sign-in service's cookies that the answer set or cleared.
    pub cookies_set: Vec<SetCookie>,
    /// The error code of the answer (`AADSTS...`).
    pub error_code: Option<i64>,
    /// The page that the answer shows, by the service's own name for it (`KmsiInterrupt`, `ConvergedSignIn`, ...).
    pub page: Option<String>,
    /// What the application asked for with `prompt` (`login`, `none`, ...).
    pub prompt: Option<String>,
    /// The age of the authentication that the application asked for with `max_age`, in seconds.
    pub max_age: Option<u64>,
    /// The host of the federation provider to which the answer sends the browser.
    pub redirects_to: Option<String>,
    /// Where the event stands in the evidence: the file and the number of the entry.
    pub origin: Origin,
}

/// What was asked of the sign-in service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `oauth2/authorize`.
    Authorize,
    /// `oauth2/token`.
    Token,
    /// A SAML request (`saml2`).
    Saml,
    /// A WS-Federation request (`wsfed`).
    WsFederation,
    /// The user's password or other answer to a page (`login`, `processauth`, `SAS/...`, `common/reprocess`).
    Answer,
    /// The answer to the stay-signed-in question (`kmsi`).
    StaySignedIn,
    /// The federation provider's token coming back (`login.srf`).
    FederationAnswer,
    /// A sign-out.
    SignOut,
    /// A request to the federation provider itself.
    FederationProvider,
    /// Seamless single sign-on (`autologon`).
    SeamlessSignOn,
    /// The device proving itself.
    Device,
    /// Anything else of the sign-in service.
    #[default]
    Other,
}

impl Endpoint {
    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Endpoint::Authorize => "sign-in request",
            Endpoint::Token => "token request",
            Endpoint::Saml => "SAML request",
            Endpoint::WsFederation => "WS-Federation request",
            Endpoint::Answer => "answer to a sign-in page",
            Endpoint::StaySignedIn => "answer to “Stay signed in?”",
            Endpoint::FederationAnswer => "answer of the federation provider",
            Endpoint::SignOut => "sign-out",
            Endpoint::FederationProvider => "request to the federation provider",
            Endpoint::SeamlessSignOn => "seamless single sign-on",
            Endpoint::Device => "proof of the device",
            Endpoint::Other => "request to the sign-in service",
        }
    }
}

/// A cookie of the sign-in service that an answer set or cleared. Its value was destroyed while the trace was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetCookie {
    /// Its name in the service's spelling.
    pub name: String,
    /// When it ends; nothing for a cookie that ends with the browser.
    pub expires: Option<DateTime<Utc>>,
    /// Whether the answer cleared it: an expiry that is past, or no value.
    pub is_cleared: bool,
}

impl SetCookie {
    /// Whether the cookie outlives the browser.
    pub fn is_persistent(&self) -> bool {
        self.expires.is_some() && !self.is_cleared
    }
}

/// What a cookie of the sign-in service is for (entra-docs, web browser cookies, 2023-01-29).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CookieKind {
    /// The session, until the browser is closed (`ESTSAUTH`).
    Session,
    /// The session, beyond the browser (`ESTSAUTHPERSISTENT`).
    PersistentSession,
    /// The session's id for signing out in the browser (`ESTSAUTHLIGHT`).
    SignOut,
    /// The state of newer sessions, until the browser is closed (`estsStateTransient`).
    TransientState,
    /// The state of newer sessions, beyond the browser (`estsStatePersistent`).
    PersistentState,
    /// A primary refresh token of the device (`x-ms-RefreshTokenCredential`).
    PrimaryRefreshToken,
}

/// The cookies that say something of a session, with the service's spelling of their names.
const COOKIES: [(&str, CookieKind); 6] = [
    ("ESTSAUTH", CookieKind::Session),
    ("ESTSAUTHPERSISTENT", CookieKind::PersistentSession),
    ("ESTSAUTHLIGHT", CookieKind::SignOut),
    ("estsStateTransient", CookieKind::TransientState),
    ("estsStatePersistent", CookieKind::PersistentState),
    ("x-ms-RefreshTokenCredential", CookieKind::PrimaryRefreshToken),
];

impl CookieKind {
    /// The kind of the cookie of that name, in any case, with the service's spelling; nothing for cookies that say nothing of a
    /// session.
    pub fn of(name: &str) -> Option<(&'static str, CookieKind)> {
        COOKIES.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
    }
}
