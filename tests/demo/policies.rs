//! The Conditional Access policies of the tenant.

use crate::applications::{AZURE_MANAGEMENT, Application, EXCHANGE, SHAREPOINT};
use crate::groups::{
    CLOUD_OPERATORS, EMERGENCY_ACCESS, EXCHANGE_ADMINISTRATOR, FINANCE, GLOBAL_ADMINISTRATOR, Group, Role,
    SECURITY_ADMINISTRATOR, SMTP_EXCEPTIONS,
};
use crate::identifiers::guid;
use crate::json::{Json, NONE, object};
use crate::places::{ALLOWED_COUNTRIES, NamedLocation};

/// Whether a policy acts, only reports, or sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Enabled,
    ReportOnly,
    Disabled,
}

/// Whom a policy names.
#[derive(Debug)]
pub enum Who {
    Everybody,
    Guests,
    Group(&'static Group),
    Role(&'static Role),
}

/// Which resources a policy names.
#[derive(Debug)]
pub enum Resources {
    All,
    Office365,
    These(&'static [&'static Application]),
}

/// What a policy leaves out of "all locations".
#[derive(Debug)]
pub enum ExceptFrom {
    TrustedLocations,
    Location(&'static NamedLocation),
}

/// One demand of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    Block,
    Mfa,
    CompliantDevice,
    HybridJoinedDevice,
    ApprovedApplication,
    /// The built-in authentication strength "Phishing-resistant MFA".
    PhishingResistantMfa,
}

/// A policy. An empty list is a condition nobody configured.
#[derive(Debug)]
pub struct Policy {
    pub name: &'static str,
    pub state: State,
    pub created: &'static str,
    pub modified: &'static str,
    pub include: &'static [Who],
    pub exclude: &'static [Who],
    pub resources: Resources,
    /// Client app types; empty is `all`.
    pub clients: &'static [&'static str],
    pub platforms: &'static [&'static str],
    /// All locations but one; `None` when the policy does not look at locations.
    pub except_from: Option<ExceptFrom>,
    pub sign_in_risks: &'static [&'static str],
    /// The demands; one of them is enough (`OR`).
    pub controls: &'static [Control],
    /// Sign-in frequency, in hours.
    pub sign_in_frequency: Option<i64>,
}

/// What most policies have in common.
const PLAIN: Policy = Policy {
    name: "",
    state: State::Enabled,
    created: "2020-10-12T06:58:02.4071833Z",
    modified: "2021-05-03T13:07:49.9138422Z",
    include: &[Who::Everybody],
    exclude: &[Who::Group(&EMERGENCY_ACCESS)],
    resources: Resources::All,
    clients: &[],
    platforms: &[],
    except_from: None,
    sign_in_risks: &[],
    controls: &[Control::Block],
    sign_in_frequency: None,
};

/// The roles that count as administrators here.
const ADMINISTRATORS: &[Who] =
    &[Who::Role(&GLOBAL_ADMINISTRATOR), Who::Role(&EXCHANGE_ADMINISTRATOR), Who::Role(&SECURITY_ADMINISTRATOR)];

/// Clients that can show a page to their user.
const MODERN_CLIENTS: &[&str] = &["browser", "mobileAppsAndDesktopClients"];

pub static EXCHANGE_ACTIVE_SYNC: Policy = Policy {
    name: "Block Exchange ActiveSync outside allowed countries",
    created: "2021-04-06T08:36:15.0524190Z",
    modified: "2021-04-06T08:36:15.0524190Z",
    exclude: &[],
    resources: Resources::These(&[&EXCHANGE]),
    clients: &["exchangeActiveSync"],
    except_from: Some(ExceptFrom::Location(&ALLOWED_COUNTRIES)),
    ..PLAIN
};

pub const FINANCE_DEVICES: Policy = Policy {
    name: "Require compliant device for SharePoint (Finance)",
    created: "2021-03-15T10:12:33.7820467Z",
    modified: "2021-06-22T09:00:00Z",
    include: &[Who::Group(&FINANCE)],
    resources: Resources::These(&[&SHAREPOINT]),
    clients: MODERN_CLIENTS,
    platforms: &["windows", "macOS"],
    controls: &[Control::CompliantDevice],
    ..PLAIN
};

/// Every policy, as the tenant lists them.
pub static POLICIES: [&Policy; 11] = [
    &Policy {
        name: "Require MFA for all users",
        clients: MODERN_CLIENTS,
        except_from: Some(ExceptFrom::TrustedLocations),
        controls: &[Control::Mfa],
        ..PLAIN
    },
    &Policy {
        name: "Block legacy authentication",
        exclude: &[Who::Group(&EMERGENCY_ACCESS), Who::Group(&SMTP_EXCEPTIONS)],
        clients: &["other"],
        ..PLAIN
    },
    &EXCHANGE_ACTIVE_SYNC,
    &FINANCE_DEVICES,
    &Policy {
        name: "Block admins outside allowed countries",
        created: "2021-01-19T15:31:20.3356128Z",
        include: ADMINISTRATORS,
        except_from: Some(ExceptFrom::Location(&ALLOWED_COUNTRIES)),
        ..PLAIN
    },
    &Policy {
        name: "Sign-in frequency 8 hours for Azure management",
        created: "2021-02-24T08:15:46.6614309Z",
        include: &[Who::Group(&CLOUD_OPERATORS)],
        resources: Resources::These(&[&AZURE_MANAGEMENT]),
        controls: &[],
        sign_in_frequency: Some(8),
        ..PLAIN
    },
    &Policy {
        name: "Require MFA for guests",
        created: "2021-01-19T15:44:02.8830571Z",
        include: &[Who::Guests],
        exclude: &[],
        controls: &[Control::Mfa],
        ..PLAIN
    },
    &Policy { name: "Block high-risk sign-ins", sign_in_risks: &["high"], ..PLAIN },
    &Policy {
        name: "Report-only: managed device for Office 365",
        state: State::ReportOnly,
        created: "2021-05-31T12:26:10.1105932Z",
        modified: "2021-06-07T09:18:54.4472016Z",
        exclude: &[Who::Group(&EMERGENCY_ACCESS), Who::Guests],
        resources: Resources::Office365,
        controls: &[Control::CompliantDevice, Control::HybridJoinedDevice],
        ..PLAIN
    },
    &Policy {
        name: "Report-only: phishing-resistant MFA for admins",
        state: State::ReportOnly,
        created: "2021-05-31T12:40:37.9902215Z",
        modified: "2021-05-31T12:40:37.9902215Z",
        include: ADMINISTRATORS,
        clients: MODERN_CLIENTS,
        controls: &[Control::PhishingResistantMfa],
        ..PLAIN
    },
    &Policy {
        name: "Approved apps on phones (pilot, ended)",
        state: State::Disabled,
        created: "2020-11-23T16:05:29.2248703Z",
        modified: "2021-02-01T10:50:11.5509317Z",
        resources: Resources::These(&[&EXCHANGE]),
        clients: &["mobileAppsAndDesktopClients"],
        platforms: &["android", "iOS"],
        controls: &[Control::ApprovedApplication],
        ..PLAIN
    },
];

impl Control {
    /// The word of `builtInControls`; a strength stands elsewhere.
    fn built_in(self) -> Option<&'static str> {
        match self {
            Self::Block => Some("block"),
            Self::Mfa => Some("mfa"),
            Self::CompliantDevice => Some("compliantDevice"),
            Self::HybridJoinedDevice => Some("domainJoinedDevice"),
            Self::ApprovedApplication => Some("approvedApplication"),
            Self::PhishingResistantMfa => None,
        }
    }

    /// The word of the log's `enforcedGrantControls`, which is another one.
    pub fn logged(self) -> Option<&'static str> {
        match self {
            Self::Block => Some("Block"),
            Self::Mfa => Some("Mfa"),
            Self::CompliantDevice => Some("RequireCompliantDevice"),
            Self::HybridJoinedDevice => Some("RequireDomainJoinedDevice"),
            Self::ApprovedApplication => Some("RequireApprovedApp"),
            Self::PhishingResistantMfa => None,
        }
    }
}

/// The built-in authentication strengths, which every tenant has.
const STRENGTHS: [(&str, &str, &[&str]); 3] = [
    (
        "00000000-0000-0000-0000-000000000002",
        "Multifactor authentication",
        &[
            "windowsHelloForBusiness",
            "fido2",
            "x509CertificateMultiFactor",
            "deviceBasedPush",
            "temporaryAccessPassOneTime",
            "temporaryAccessPassMultiUse",
            "password,microsoftAuthenticatorPush",
            "password,softwareOath",
            "password,hardwareOath",
            "password,sms",
            "password,voice",
            "federatedMultiFactor",
        ],
    ),
    (
        "00000000-0000-0000-0000-000000000003",
        "Passwordless MFA",
        &["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush"],
    ),
    (
        "00000000-0000-0000-0000-000000000004",
        "Phishing-resistant MFA",
        &["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"],
    ),
];

/// The strength [`Control::PhishingResistantMfa`] stands for: id and name.
pub const PHISHING_RESISTANT: (&str, &str) = (STRENGTHS[2].0, STRENGTHS[2].1);

/// The authentication strengths as Graph returns them.
pub fn strengths() -> Json {
    Json::list((0..STRENGTHS.len()).map(strength))
}

fn strength(index: usize) -> Json {
    let (id, name, combinations) = STRENGTHS[index];
    object! {
        "id": id,
        "createdDateTime": "2021-06-01T00:00:00Z",
        "modifiedDateTime": "2021-06-01T00:00:00Z",
        "displayName": name,
        "description": "",
        "policyType": "builtIn",
        "requirementsSatisfied": "mfa",
        "allowedCombinations": Json::texts(combinations.iter().copied()),
        "combinationConfigurations": NONE,
    }
}

impl Policy {
    /// The object id.
    pub fn id(&self) -> String {
        guid(&format!("policy {}", self.name))
    }

    /// The policy as Graph returns it.
    pub fn to_json(&self) -> Json {
        let state = match self.state {
            State::Enabled => "enabled",
            State::ReportOnly => "enabledForReportingButNotEnforced",
            State::Disabled => "disabled",
        };
        object! {
            "id": self.id(),
            "templateId": Json::Null,
            "displayName": self.name,
            "createdDateTime": self.created,
            "modifiedDateTime": self.modified,
            "state": state,
            "sessionControls": self.session_controls(),
            "conditions": self.conditions(),
            "grantControls": self.grant_controls(),
        }
    }

    fn conditions(&self) -> Json {
        let clients = if self.clients.is_empty() { &["all"] } else { self.clients };
        let platforms = (!self.platforms.is_empty()).then(|| {
            object! { "includePlatforms": Json::texts(self.platforms.iter().copied()), "excludePlatforms": NONE }
        });
        let locations = self.except_from.as_ref().map(|except| {
            let excluded = match except {
                ExceptFrom::TrustedLocations => "AllTrusted".to_owned(),
                ExceptFrom::Location(location) => location.id(),
            };
            object! { "includeLocations": Json::texts(["All"]), "excludeLocations": Json::texts([excluded]) }
        });
        object! {
            "userRiskLevels": NONE,
            "signInRiskLevels": Json::texts(self.sign_in_risks.iter().copied()),
            "clientAppTypes": Json::texts(clients.iter().copied()),
            "servicePrincipalRiskLevels": NONE,
            "platforms": platforms,
            "locations": locations,
            "devices": Json::Null,
            "clientApplications": Json::Null,
            "applications": self.applications(),
            "users": self.users(),
        }
    }

    fn applications(&self) -> Json {
        let include = match self.resources {
            Resources::All => vec!["All".to_owned()],
            Resources::Office365 => vec!["Office365".to_owned()],
            Resources::These(applications) => applications.iter().map(|application| application.app_id()).collect(),
        };
        object! {
            "includeApplications": Json::texts(include),
            "excludeApplications": NONE,
            "includeUserActions": NONE,
            "includeAuthenticationContextClassReferences": NONE,
            "applicationFilter": Json::Null,
        }
    }

    fn users(&self) -> Json {
        object! {
            "includeUsers": named_users(self.include),
            "excludeUsers": named_users(self.exclude),
            "includeGroups": named_groups(self.include),
            "excludeGroups": named_groups(self.exclude),
            "includeRoles": named_roles(self.include),
            "excludeRoles": named_roles(self.exclude),
            "includeGuestsOrExternalUsers": Json::Null,
            "excludeGuestsOrExternalUsers": Json::Null,
        }
    }

    fn grant_controls(&self) -> Json {
        if self.controls.is_empty() {
            return Json::Null;
        }
        let built_in = self.controls.iter().filter_map(|control| control.built_in());
        let strong = self.controls.contains(&Control::PhishingResistantMfa);
        object! {
            "operator": "OR",
            "builtInControls": Json::texts(built_in),
            "customAuthenticationFactors": NONE,
            "termsOfUse": NONE,
            "authenticationStrength": strong.then(|| strength(2)),
        }
    }

    fn session_controls(&self) -> Json {
        let Some(hours) = self.sign_in_frequency else { return Json::Null };
        object! {
            "disableResilienceDefaults": Json::Null,
            "applicationEnforcedRestrictions": Json::Null,
            "cloudAppSecurity": Json::Null,
            "persistentBrowser": Json::Null,
            "signInFrequency": object! {
                "value": hours,
                "type": "hours",
                "authenticationType": "primaryAndSecondaryAuthentication",
                "frequencyInterval": "timeBased",
                "isEnabled": true,
            },
        }
    }
}

/// The entries of a list of users.
fn named_users(who: &[Who]) -> Json {
    Json::texts(who.iter().filter_map(|who| match who {
        Who::Everybody => Some("All"),
        Who::Guests => Some("GuestsOrExternalUsers"),
        Who::Group(_) | Who::Role(_) => None,
    }))
}

/// The entries of a list of groups.
fn named_groups(who: &[Who]) -> Json {
    Json::texts(who.iter().filter_map(|who| match who {
        Who::Group(group) => Some(group.id()),
        _ => None,
    }))
}

/// The entries of a list of roles: template ids.
fn named_roles(who: &[Who]) -> Json {
    Json::texts(who.iter().filter_map(|who| match who {
        Who::Role(role) => Some(role.template_id),
        _ => None,
    }))
}
