//! One sign-in, and its record in the shape of Graph beta.

use crate::access::{Applied, requires_second_factor, status};
use crate::applications::{Client, GRAPH, Route};
use crate::clock::Moment;
use crate::devices::Device;
use crate::identifiers::{guid, roll, token_identifier};
use crate::json::{Json, NONE, object};
use crate::outcomes::Outcome;
use crate::people::{Person, contoso};
use crate::places::Place;

/// Who signs in.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    Person(&'static Person),
    /// A name that no user has.
    Stranger(&'static str),
    /// An application with a credential of its own; the word of `clientCredentialType`.
    Workload(&'static str),
}

/// `signInEventTypes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Interactive,
    NonInteractive,
    ServicePrincipal,
}

/// One entry of `authenticationDetails`.
#[derive(Clone, Debug)]
pub struct Step {
    pub at: Moment,
    pub method: &'static str,
    pub detail: Option<&'static str>,
    pub succeeded: bool,
    pub result: &'static str,
    pub requirement: &'static str,
}

/// One row of the log.
#[derive(Debug)]
pub struct SignIn {
    pub at: Moment,
    /// The rows of one attempt share it.
    pub correlation: String,
    /// Which process of the sign-in service answered.
    pub process: usize,
    pub subject: Subject,
    pub route: &'static Route,
    pub device: &'static Device,
    pub place: &'static Place,
    pub event: Event,
    pub session: String,
    pub incoming_token: &'static str,
    pub outcome: Outcome,
    /// Empty when the sign-in ended before Conditional Access.
    pub applied: Vec<Applied>,
    pub steps: Vec<Step>,
    /// Whether a sign-in frequency asked for the first factor anew.
    pub frequency_expired: bool,
    /// Sign-in risk, and what was detected.
    pub risk: (&'static str, &'static [&'static str]),
}

impl SignIn {
    /// The record, given the request ids of this row and of the attempt's first row.
    pub fn to_json(&self, id: &str, original_id: &str) -> Json {
        let (client, resource) = (self.route.client, self.route.resource);
        let workload = self.event == Event::ServicePrincipal;
        let name = self.logged_name();
        let home_tenant = self.person().map_or_else(contoso, Person::home_tenant);
        let guest = self.person().is_some_and(Person::is_guest);
        let (risk, detections) = self.risk;
        let event = match self.event {
            Event::Interactive => "interactiveUser",
            Event::NonInteractive => "nonInteractiveUser",
            Event::ServicePrincipal => "servicePrincipal",
        };
        let credential = match self.subject {
            Subject::Workload(credential) => credential,
            Subject::Person(_) | Subject::Stranger(_) => "none",
        };
        let multi_factor = requires_second_factor(&self.applied);
        let requirement = if multi_factor { "multiFactorAuthentication" } else { "singleFactorAuthentication" };
        object! {
            "id": id,
            "createdDateTime": self.at.to_string(),
            "userDisplayName": match self.subject {
                Subject::Person(person) => person.display_name,
                Subject::Stranger(name) => name,
                Subject::Workload(_) => "",
            },
            "userPrincipalName": name,
            "userId": match self.subject {
                Subject::Person(person) => person.id(),
                Subject::Stranger(_) => NIL.to_owned(),
                Subject::Workload(_) => String::new(),
            },
            "appId": client.app_id(),
            "appDisplayName": client.name,
            "ipAddress": self.place.address,
            "ipAddressFromResourceProvider": Json::Null,
            "clientAppUsed": (!workload).then(|| self.route.kind.logged()),
            "userAgent": self.device.agent,
            "correlationId": self.correlation.as_str(),
            "conditionalAccessStatus": status(&self.applied),
            "originalRequestId": original_id,
            "isInteractive": self.event == Event::Interactive,
            "tokenIssuerName": "",
            "tokenIssuerType": "AzureAD",
            "clientCredentialType": credential,
            "processingTimeInMilliseconds": 64 + roll(&format!("latency of {id}"), 540),
            "riskDetail": "none",
            "riskLevelAggregated": risk,
            "riskLevelDuringSignIn": risk,
            "riskState": if risk == "none" { "none" } else { "atRisk" },
            "riskEventTypes_v2": Json::texts(detections.iter().copied()),
            "resourceDisplayName": resource.name,
            "resourceId": resource.app_id(),
            "resourceTenantId": contoso(),
            "homeTenantId": home_tenant,
            "homeTenantName": "",
            "authenticationMethodsUsed": NONE,
            "authenticationRequirement": requirement,
            "signInIdentifier": name,
            "signInIdentifierType": (!workload).then_some("userPrincipalName"),
            "servicePrincipalName": workload.then_some(client.name),
            "signInEventTypes": Json::texts([event]),
            "servicePrincipalId": if workload { client.principal_id() } else { String::new() },
            "federatedCredentialId": "",
            "userType": if guest { "guest" } else { "member" },
            "flaggedForReview": false,
            "isTenantRestricted": false,
            "autonomousSystemNumber": self.place.network,
            "crossTenantAccessType": if guest { "b2bCollaboration" } else { "none" },
            "servicePrincipalCredentialKeyId": workload.then(|| guid(&format!("credential of {}", client.name))),
            "servicePrincipalCredentialThumbprint": "",
            "uniqueTokenIdentifier": token_identifier(id),
            "incomingTokenType": self.incoming_token,
            "authenticationProtocol": self.route.protocol,
            "originalTransferMethod": "none",
            "resourceServicePrincipalId": resource.principal_id(),
            "appOwnerTenantId": client.owner_tenant(),
            "resourceOwnerTenantId": resource.owner_tenant(),
            "sessionId": self.session.as_str(),
            "conditionalAccessAudiences": if self.applied.is_empty() {
                NONE
            } else {
                Json::texts([resource.app_id()])
            },
            "mfaDetail": self.second_factor(),
            "status": object! {
                "errorCode": self.outcome.code,
                "failureReason": self.outcome.reason,
                "additionalDetails": self.outcome.details,
            },
            "deviceDetail": self.device.to_json(),
            "location": self.place.to_json(),
            "appliedConditionalAccessPolicies": Json::list(self.applied.iter().map(Applied::to_json)),
            "authenticationContextClassReferences": NONE,
            "authenticationProcessingDetails": self.processing_details(),
            "networkLocationDetails": self.place.network_locations(),
            "authenticationDetails": Json::list(self.steps.iter().map(Step::to_json)),
            "authenticationRequirementPolicies": Json::list(multi_factor.then(|| object! {
                "requirementProvider": "multiConditionalAccess",
                "detail": "Conditional Access",
            })),
            "sessionLifetimePolicies": Json::list(self.frequency_expired.then(|| object! {
                "expirationRequirement": "signInFrequencyPeriodicReauthentication",
                "detail": "Sign-in frequency (periodic re-authentication)",
            })),
        }
    }

    /// The user object, if there is one.
    fn person(&self) -> Option<&'static Person> {
        match self.subject {
            Subject::Person(person) => Some(person),
            Subject::Stranger(_) | Subject::Workload(_) => None,
        }
    }

    fn logged_name(&self) -> &'static str {
        match self.subject {
            Subject::Person(person) => person.logged_name(),
            Subject::Stranger(name) => name,
            Subject::Workload(_) => "",
        }
    }

    /// `mfaDetail`: only a second factor that was given now.
    fn second_factor(&self) -> Option<Json> {
        let given = self.steps.iter().find(|step| step.requirement == SECOND)?;
        Some(object! { "authMethod": given.method, "authDetail": Json::Null })
    }

    fn processing_details(&self) -> Json {
        let mut details = Vec::new();
        if self.event == Event::Interactive && self.steps.iter().any(|step| step.requirement == FIRST) {
            details.push(("Login Hint Present", "True"));
        }
        if self.event == Event::NonInteractive {
            details.push(("Is CAE Token", "False"));
        }
        if self.route.kind == Client::Smtp {
            details.push(("Legacy TLS (TLS 1.0, 1.1, 3DES)", "True"));
        }
        if self.route.resource.app_id() == GRAPH.app_id() && self.event != Event::ServicePrincipal {
            details.push(("Oauth Scope Info", r#"["openid","profile","User.Read"]"#));
        }
        details.push(("Root Key Type", "Unknown"));
        Json::list(details.into_iter().map(|(key, value)| object! { "key": key, "value": value }))
    }
}

/// The user id of a name that no user has.
const NIL: &str = "00000000-0000-0000-0000-000000000000";

/// `authenticationStepRequirement` of a first factor given now.
pub const FIRST: &str = "Primary authentication";
/// `authenticationStepRequirement` of a second factor given now.
pub const SECOND: &str = "Multi-factor authentication";

impl Step {
    /// A factor that an earlier sign-in of the session had already given.
    pub const fn earlier(at: Moment, result: &'static str) -> Self {
        Self { at, method: "Previously satisfied", detail: None, succeeded: true, result, requirement: "" }
    }

    /// A password, right or wrong.
    pub const fn password(at: Moment, detail: &'static str, succeeded: bool) -> Self {
        let result = if succeeded { "Correct password" } else { "Invalid username or password" };
        Self { at, method: "Password", detail: Some(detail), succeeded, result, requirement: FIRST }
    }

    /// The answer to a notification on the phone.
    pub const fn notification(at: Moment, approved: bool) -> Self {
        let result =
            if approved { "MFA completed in Azure AD" } else { "MFA denied; user declined the authentication" };
        Self { at, method: "Mobile app notification", detail: None, succeeded: approved, result, requirement: SECOND }
    }

    fn to_json(&self) -> Json {
        object! {
            "authenticationStepDateTime": self.at.to_string(),
            "authenticationMethod": self.method,
            "authenticationMethodDetail": self.detail,
            "succeeded": self.succeeded,
            "authenticationStepResultDetail": self.result,
            "authenticationStepRequirement": self.requirement,
        }
    }
}
