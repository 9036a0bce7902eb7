//! The tenant's configuration, as an administrator would export it: one object with the
//! collections Graph returns, and the one answer of the portal that Graph does not have.

use crate::applications::{APPLICATIONS, Application};
use crate::groups::{GROUPS, ROLES};
use crate::identifiers::guid;
use crate::json::{Json, NONE, object};
use crate::people::{PEOPLE, Person, contoso};
use crate::places::{NAMED_LOCATIONS, NamedLocation};
use crate::policies::{POLICIES, Policy, strengths};

/// The whole snapshot.
pub fn snapshot() -> Json {
    let registered = APPLICATIONS.iter().filter(|application| application.is_registered_here());
    object! {
        "exportedDateTime": "2021-06-24T18:05:41Z",
        "organization": vec![organization()],
        "conditionalAccessPolicies": Json::list(POLICIES.iter().copied().map(Policy::to_json)),
        "namedLocations": Json::list(NAMED_LOCATIONS.iter().copied().map(NamedLocation::to_json)),
        "users": Json::list(PEOPLE.iter().copied().map(Person::to_json)),
        "groups": Json::list(GROUPS.iter().map(|group| group.to_json())),
        "directoryRoles": Json::list(ROLES.iter().map(|role| role.to_json())),
        "servicePrincipals": Json::list(APPLICATIONS.iter().copied().map(Application::to_service_principal)),
        "applications": Json::list(registered.copied().map(Application::to_registration)),
        "authenticationStrengthPolicies": strengths(),
        "groupSettings": vec![password_rules()],
        "tokenLifetimePolicies": NONE,
        "identitySecurityDefaultsEnforcementPolicy": security_defaults(),
        "domains": domains(),
        "loginTenantBrandings": vec![sign_in_page()],
        "deletedItems": NONE,
    }
}

fn organization() -> Json {
    let verified = |name: &'static str, kind: &'static str, default: bool, initial: bool| {
        object! {
            "capabilities": "Email, OfficeCommunicationsOnline",
            "isDefault": default,
            "isInitial": initial,
            "name": name,
            "type": kind,
        }
    };
    object! {
        "id": contoso(),
        "deletedDateTime": Json::Null,
        "createdDateTime": "2018-09-03T07:58:46Z",
        "countryLetterCode": "ES",
        "displayName": "Contoso",
        "onPremisesLastSyncDateTime": "2021-06-24T17:42:10Z",
        "onPremisesSyncEnabled": true,
        "preferredLanguage": "en",
        "tenantType": "AAD",
        "assignedPlans": vec![object! {
            "assignedDateTime": "2018-09-03T08:40:00Z",
            "capabilityStatus": "Enabled",
            "service": "AADPremiumService",
            "servicePlanId": "eec0eb4f-6444-4f95-aba0-50c24d67f998",
        }],
        "verifiedDomains": vec![
            verified("contoso.com", "Managed", true, false),
            verified("corp.contoso.com", "Federated", false, false),
            verified("contoso.onmicrosoft.com", "Managed", false, true),
        ],
    }
}

/// Smart lockout. The object exists because somebody once saved the page; all values are text.
fn password_rules() -> Json {
    let values = [
        ("BannedPasswordCheckOnPremisesMode", "Audit"),
        ("EnableBannedPasswordCheckOnPremises", "True"),
        ("EnableBannedPasswordCheck", "True"),
        ("LockoutDurationInSeconds", "60"),
        ("LockoutThreshold", "5"),
        ("BannedPasswordList", "contoso\tgdansk\tmadrid"),
    ];
    object! {
        "id": guid("password rule settings"),
        "displayName": "Password Rule Settings",
        "templateId": "5cf42378-d67d-4f36-ba46-e8b86229381d",
        "values": Json::list(values.map(|(name, value)| object! { "name": name, "value": value })),
    }
}

fn security_defaults() -> Json {
    object! {
        "id": "00000000-0000-0000-0000-000000000005",
        "displayName": "Security Defaults",
        "description": "Security defaults is a set of basic identity security mechanisms recommended by Microsoft.",
        "isEnabled": false,
    }
}

fn domains() -> Json {
    let domain = |name: &'static str, federation: Option<Json>, initial: bool| {
        let default = name == "contoso.com";
        object! {
            "id": name,
            "authenticationType": if federation.is_some() { "Federated" } else { "Managed" },
            "availabilityStatus": Json::Null,
            "isAdminManaged": true,
            "isDefault": default,
            "isInitial": initial,
            "isRoot": federation.is_none(),
            "isVerified": true,
            "passwordNotificationWindowInDays": 14,
            "passwordValidityPeriodInDays": if default { 90 } else { 2_147_483_647 },
            "state": Json::Null,
            "supportedServices": Json::texts(["Email", "OfficeCommunicationsOnline"]),
            "federationConfiguration": Json::list(federation),
        }
    };
    Json::list([
        domain("contoso.com", None, false),
        domain("corp.contoso.com", Some(federation()), false),
        domain("contoso.onmicrosoft.com", None, true),
    ])
}

/// The AD FS farm of the plant's domain.
fn federation() -> Json {
    object! {
        "@odata.type": "#microsoft.graph.internalDomainFederation",
        "id": guid("federation of corp.contoso.com"),
        "displayName": "Contoso AD FS",
        "issuerUri": "http://sts.corp.contoso.com/adfs/services/trust/",
        "metadataExchangeUri": "https://sts.corp.contoso.com/adfs/services/trust/mex",
        "passiveSignInUri": "https://sts.corp.contoso.com/adfs/ls/",
        "preferredAuthenticationProtocol": "wsFed",
        "activeSignInUri": "https://sts.corp.contoso.com/adfs/services/trust/2005/usernamemixed",
        "signOutUri": "https://sts.corp.contoso.com/adfs/ls/",
        "promptLoginBehavior": "nativeSupport",
        "isSignedAuthenticationRequestRequired": false,
        "federatedIdpMfaBehavior": "rejectMfaByFederatedIdp",
    }
}

/// The portal's own answer about the sign-in page. `hideKeepMeSignedIn` is the reason why nobody
/// here is asked "Stay signed in?"; Graph has no such property.
fn sign_in_page() -> Json {
    object! {
        "locale": "0",
        "localeDisplayName": "Default",
        "signInUserIdLabel": "someone@contoso.com",
        "signInPageText": "Only for the staff and partners of Contoso.",
        "signInPageTextHeading": Json::Null,
        "signInBackColor": "#0b3d5c",
        "bannerLogoUrl": Json::Null,
        "squareLogoDarkUrl": Json::Null,
        "tileLogoUrl": Json::Null,
        "illustrationUrl": Json::Null,
        "hideKeepMeSignedIn": true,
        "postSignoutUrl": Json::Null,
        "postSignoutUrlText": Json::Null,
        "isIllustrationImageUpdated": false,
        "isBannerLogoUpdated": false,
        "isTileLogoUpdated": false,
        "isSquareDarkLogoUpdated": false,
        "isConfigured": true,
    }
}
