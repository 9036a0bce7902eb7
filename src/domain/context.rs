//! Defines [`Context`], what is known of one request when Conditional Access is asked about it: who, for what, with what, from where.
//!
//! A context comes from a logged sign-in or from the body of a what-if. Whatever it lacks is missing, never a default, and no
//! verdict may rest on it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::guest::GuestKinds;
use super::json::Json;

/// A value of a request. That there is none is an answer; that nobody said is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Given<T> {
    /// The value.
    Value(T),
    /// There is known to be none: no registered device, a platform the service does not know, an address without a country.
    Nothing,
    /// It is not known.
    #[default]
    Missing,
}

impl<T> Given<T> {
    /// The value, when there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Given::Value(value) => Some(value),
            Given::Nothing | Given::Missing => None,
        }
    }

    /// The value, or that there is none when the evidence `speaks` of it at all.
    pub fn or_nothing(value: Option<T>, speaks: bool) -> Given<T> {
        match value {
            Some(value) => Given::Value(value),
            None if speaks => Given::Nothing,
            None => Given::Missing,
        }
    }
}

/// What is known of one request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    /// When it was made; facts about the service have eras.
    pub at: Option<DateTime<Utc>>,
    /// Who made it.
    pub subject: Subject,
    /// What it asks for.
    pub target: Target,
    /// The scopes it asks for, in the words of the token request (`User.Read`, `openid`); all of them, when known.
    pub scopes: Option<Vec<String>>,
    /// The authentication contexts it asks for (`c1`); all of them, when known.
    pub authentication_contexts: Option<Vec<String>>,
    /// The kind of client.
    pub client_app: Option<ClientApp>,
    /// The device platform, of which nothing is known to be one that no policy names (Chrome OS).
    pub platform: Given<Platform>,
    /// From where.
    pub place: Place,
    /// The device; nothing when no device proved itself.
    pub device: Given<DeviceProperties>,
    /// The risk of this sign-in (`none`, `low`, `medium`, `high`).
    pub sign_in_risk: Option<String>,
    /// The user's risk.
    pub user_risk: Option<String>,
    /// The insider risk (`none`, `minor`, `moderate`, `elevated`).
    pub insider_risk: Option<String>,
    /// The service principal's risk.
    pub service_principal_risk: Option<String>,
    /// How the session was carried over at its start (`deviceCodeFlow`, `authenticationTransfer`); nothing when it was not.
    pub transfer_method: Given<String>,
    /// What user and device have shown so far.
    pub proofs: Proofs,
}

/// Who makes a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Subject {
    /// A person.
    User(UserSubject),
    /// An application as itself.
    Workload(Workload),
    /// It is not known who.
    #[default]
    Missing,
}

/// A person who makes a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UserSubject {
    /// The object id.
    pub id: Option<String>,
    /// The principal name.
    pub principal_name: Option<String>,
    /// The kinds of account that it can be; several when the evidence does not tell them apart, all when nothing is known.
    pub kinds: GuestKinds,
    /// The tenant the account lives in.
    pub home_tenant: Option<String>,
    /// The groups it belongs to, directly or through nesting, when they were said: then there are no others but those around them.
    pub member_of: Option<Vec<String>>,
    /// The template ids of the roles it holds, active and for the whole tenant, when they were said: then there are no others.
    pub roles: Option<Vec<String>>,
}

/// An application that makes a request as itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Workload {
    /// The object id of the service principal.
    pub id: Option<String>,
    /// The application id.
    pub app_id: Option<String>,
    /// Whether it is a managed identity.
    pub is_managed_identity: Option<bool>,
}

/// What a request asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Target {
    /// Resources.
    Resources(Resources),
    /// A user action, by its URN (`urn:user:registersecurityinfo`).
    UserAction(String),
    /// It is not known what.
    #[default]
    Missing,
}

/// The resources that a request asks for: one token can be for several audiences.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resources {
    /// The audiences.
    pub audiences: Vec<Audience>,
    /// Whether these are all of them. A record without its audiences names only the main resource.
    pub is_complete: bool,
    /// Whether they are the ones that the service evaluated, as a record lists them.
    pub is_recorded: bool,
    /// The application id of the client.
    pub client_id: Option<String>,
    /// The client's name.
    pub client_name: Option<String>,
}

/// A resource that a token is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audience {
    /// The application id.
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// The tenant that owns the application, which tells Microsoft's own from others.
    pub owner_tenant: Option<String>,
}

/// From where a request comes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Place {
    /// The address that Entra saw; nothing when there is known to be none.
    pub address: Given<IpAddr>,
    /// The ISO 3166 code of the country that the address is thought to be in; nothing for an address without one.
    pub country: Given<String>,
    /// The country by the position of the user's phone; no log carries it.
    pub country_by_gps: Given<String>,
    /// Named locations by id, when they were said: then it is in no other.
    pub named_locations: Option<Vec<String>>,
    /// Names of networks that the service recognised the address as, when the record speaks of them.
    pub networks: Option<Vec<String>>,
    /// Whether the place counts as trusted, when the record or the operator says so.
    pub is_trusted: Option<bool>,
    /// Whether the traffic came through Global Secure Access.
    pub through_global_secure_access: Option<bool>,
}

/// The properties of a registered device, under the filter language's names in lower case. What is not in it is not known.
pub type DeviceProperties = BTreeMap<String, Property>;

/// A property of a device or an attribute of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Property {
    /// A text.
    Text(String),
    /// True or false.
    Flag(bool),
    /// Several texts.
    List(Vec<String>),
    /// It is known to have no value.
    Null,
}

impl Property {
    /// The property that a value of an export stands for; nothing for an object. Exports write an empty text for no value.
    pub fn of(json: &Json) -> Option<Property> {
        Some(match json {
            Json::Null => Property::Null,
            Json::Bool(flag) => Property::Flag(*flag),
            Json::Text(text) if text.is_empty() => Property::Null,
            Json::Text(text) => Property::Text(text.clone()),
            Json::Number(number) => Property::Text(number.to_string()),
            Json::List(items) => Property::List(items.iter().filter_map(Json::text).map(str::to_owned).collect()),
            Json::Object(_) => return None,
        })
    }
}

/// The filter language's word for how a device is joined, from that of logs, screens and requests (seen in exports of 2021 to 2025;
/// `EntraID` is the What If tool's own, entra-docs, 2025-04-28).
pub fn trust_type(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "azure ad joined" | "azuread" | "microsoft entra joined" | "entraid" => Some("AzureAD"),
        "hybrid azure ad joined" | "serverad" | "microsoft entra hybrid joined" => Some("ServerAD"),
        "azure ad registered" | "workplace" | "microsoft entra registered" => Some("Workplace"),
        _ => None,
    }
}

/// The kind of client, as policies name them
/// (Graph `conditionalAccessClientApp`, microsoftgraph/msgraph-metadata, 2026-08-20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientApp {
    /// A browser.
    Browser,
    /// A native app with modern authentication.
    MobileAppsAndDesktopClients,
    /// Exchange ActiveSync; whether on a supported platform, where that is known.
    ExchangeActiveSync(Option<bool>),
    /// Basic authentication and old Office.
    Other,
    /// Every kind: what Graph's own evaluation takes an omitted client for.
    All,
    /// A kind that no policy names: what a what-if says that has none.
    Unnamed,
}

impl ClientApp {
    /// Reads a policy's word; `easUnsupported` and `modern` are old names
    /// (Graph `conditionalAccessConditionSet`, 2026-08-20).
    pub fn from_word(word: &str) -> Option<ClientApp> {
        Some(match word.to_ascii_lowercase().as_str() {
            "browser" => ClientApp::Browser,
            "mobileappsanddesktopclients" | "modern" => ClientApp::MobileAppsAndDesktopClients,
            "exchangeactivesync" => ClientApp::ExchangeActiveSync(None),
            "eassupported" => ClientApp::ExchangeActiveSync(Some(true)),
            "easunsupported" => ClientApp::ExchangeActiveSync(Some(false)),
            "other" => ClientApp::Other,
            "all" => ClientApp::All,
            _ => return None,
        })
    }

    /// Whether it cannot show a page: no MFA, no terms of use, no word of its device
    /// (entra-docs, Conditional Access conditions, 2024-06-20).
    pub fn is_legacy(self) -> bool {
        matches!(self, ClientApp::ExchangeActiveSync(_) | ClientApp::Other)
    }

    /// The words of the admin's screen.
    pub fn label(self) -> &'static str {
        match self {
            ClientApp::Browser => "browser",
            ClientApp::MobileAppsAndDesktopClients => "mobile apps and desktop clients",
            ClientApp::ExchangeActiveSync(_) => "Exchange ActiveSync",
            ClientApp::Other => "other (legacy) clients",
            ClientApp::All => "every kind of client",
            ClientApp::Unnamed => "no kind of client",
        }
    }
}

/// A device platform that policies can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Platform {
    /// Android.
    Android,
    /// iOS and iPadOS.
    Ios,
    /// Windows.
    Windows,
    /// macOS.
    MacOs,
    /// Linux.
    Linux,
    /// Windows Phone, retired.
    WindowsPhone,
}

impl Platform {
    /// All platforms.
    pub const ALL: [Platform; 6] =
        [Platform::Android, Platform::Ios, Platform::Windows, Platform::MacOs, Platform::Linux, Platform::WindowsPhone];

    /// Graph's word.
    pub fn word(self) -> &'static str {
        match self {
            Platform::Android => "android",
            Platform::Ios => "iOS",
            Platform::Windows => "windows",
            Platform::MacOs => "macOS",
            Platform::Linux => "linux",
            Platform::WindowsPhone => "windowsPhone",
        }
    }

    /// Reads Graph's word.
    pub fn from_word(word: &str) -> Option<Platform> {
        Platform::ALL.into_iter().find(|platform| platform.word().eq_ignore_ascii_case(word))
    }
}

/// What user and device have shown so far, which decides whether a policy's demands are met.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Proofs {
    /// Whether a control is met, by the policy's word in lower case (`mfa`, `compliantdevice`), and terms of use, custom controls and
    /// strengths by their ids in lower case.
    pub controls: BTreeMap<String, bool>,
    /// Whether every control that is not among them is known not to be met.
    pub is_complete: bool,
    /// The methods used in the session, each as the modes of Graph that it can stand for (`fido2`, `password`).
    pub methods: Vec<Vec<String>>,
    /// Whether these are all methods of the session.
    pub knows_methods: bool,
}
