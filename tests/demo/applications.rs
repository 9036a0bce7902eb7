//! Applications, and the routes people take to them.

use crate::groups::{ARCHIVISTS, Group, TRAVELLERS};
use crate::identifiers::guid;
use crate::json::{Json, NONE, object};
use crate::people::contoso;

/// The tenant of Microsoft's own applications.
const MICROSOFT: &str = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

/// Who made an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maker {
    /// Microsoft; the app id is genuine and the same everywhere.
    Microsoft(&'static str),
    /// Microsoft, and a part of the app group `Office365` of policies.
    Office365(&'static str),
    /// Contoso itself, or a third party; the app id is invented.
    Registered,
}

/// An application and its service principal in the tenant.
#[derive(Debug)]
pub struct Application {
    pub name: &'static str,
    maker: Maker,
    /// The group a user must be in to get a token.
    pub assigned_to: Option<&'static Group>,
    single_sign_on: Option<&'static str>,
}

/// Shorthand for an application of Microsoft's.
const fn microsoft(name: &'static str, app_id: &'static str) -> Application {
    Application { name, maker: Maker::Microsoft(app_id), assigned_to: None, single_sign_on: None }
}

/// Shorthand for an application that belongs to Office 365.
const fn office(name: &'static str, app_id: &'static str) -> Application {
    Application { name, maker: Maker::Office365(app_id), assigned_to: None, single_sign_on: None }
}

/// Shorthand for an application registered in this tenant.
const fn registered(name: &'static str) -> Application {
    Application { name, maker: Maker::Registered, assigned_to: None, single_sign_on: None }
}

pub static EXCHANGE: Application = office("Office 365 Exchange Online", "00000002-0000-0ff1-ce00-000000000000");
pub static SHAREPOINT: Application = office("Office 365 SharePoint Online", "00000003-0000-0ff1-ce00-000000000000");
pub static TEAMS: Application = office("Microsoft Teams Services", "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe");
pub static OFFICE_PORTAL: Application = office("Microsoft Office 365 Portal", "00000006-0000-0ff1-ce00-000000000000");
pub static GRAPH: Application = microsoft("Microsoft Graph", "00000003-0000-0000-c000-000000000000");
pub static AZURE_MANAGEMENT: Application =
    microsoft("Windows Azure Service Management API", "797f4846-ba00-4fd7-ba43-dac1f8f63013");
static DIRECTORY: Application = microsoft("Windows Azure Active Directory", "00000002-0000-0000-c000-000000000000");
static AZURE_PORTAL_APP: Application = microsoft("Azure Portal", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c");
static AZURE_POWERSHELL_APP: Application =
    microsoft("Microsoft Azure PowerShell", "1950a258-227b-4e31-a9cf-717495945fc2");
static DIRECTORY_POWERSHELL_APP: Application =
    microsoft("Azure Active Directory PowerShell", "1b730954-1685-4b74-9bfd-dac224a7b894");
static GRAPH_EXPLORER_APP: Application = microsoft("Graph Explorer", "de8bc8b5-d9f9-48b1-a8ad-b748da725064");
static OUTLOOK_MOBILE_APP: Application = office("Outlook Mobile", "27922004-5251-4030-b22d-91ecd9a37ea4");
static MICROSOFT_OFFICE_APP: Application = office("Microsoft Office", "d3590ed6-52b3-4102-aeff-aad2292ab01c");
static ONEDRIVE_APP: Application = office("OneDrive SyncEngine", "ab9b8c07-8f02-4f72-87fa-80105867a763");
static TEAMS_APP: Application = office("Microsoft Teams", "1fec8e78-bce4-4aaf-ab1b-5451cc387264");

pub static FABRIKAM_TRAVEL: Application =
    Application { assigned_to: Some(&TRAVELLERS), single_sign_on: Some("saml"), ..registered("Fabrikam Travel") };
pub static EXPENSES: Application = Application { single_sign_on: Some("oidc"), ..registered("Contoso Expenses") };
pub static PAYROLL_ARCHIVE: Application = Application {
    assigned_to: Some(&ARCHIVISTS),
    single_sign_on: Some("saml"),
    ..registered("Contoso Payroll Archive")
};
pub static CRM_CONNECTOR: Application = registered("Contoso CRM Connector");
pub static BACKUP_AUTOMATION: Application = registered("Contoso Backup Automation");

/// Every application with a service principal in the tenant.
pub static APPLICATIONS: [&Application; 20] = [
    &EXCHANGE,
    &SHAREPOINT,
    &TEAMS,
    &OFFICE_PORTAL,
    &GRAPH,
    &AZURE_MANAGEMENT,
    &DIRECTORY,
    &AZURE_PORTAL_APP,
    &AZURE_POWERSHELL_APP,
    &DIRECTORY_POWERSHELL_APP,
    &GRAPH_EXPLORER_APP,
    &OUTLOOK_MOBILE_APP,
    &MICROSOFT_OFFICE_APP,
    &ONEDRIVE_APP,
    &TEAMS_APP,
    &FABRIKAM_TRAVEL,
    &EXPENSES,
    &PAYROLL_ARCHIVE,
    &CRM_CONNECTOR,
    &BACKUP_AUTOMATION,
];

impl Application {
    /// The app id, which logs and policies use.
    pub fn app_id(&self) -> String {
        match self.maker {
            Maker::Microsoft(app_id) | Maker::Office365(app_id) => app_id.to_owned(),
            Maker::Registered => guid(&format!("application {}", self.name)),
        }
    }

    /// The object id of the service principal.
    pub fn principal_id(&self) -> String {
        guid(&format!("service principal {}", self.name))
    }

    /// Whether a policy for `Office365` covers it.
    pub fn is_office_365(&self) -> bool {
        matches!(self.maker, Maker::Office365(_))
    }

    /// Whether it is registered in this tenant.
    pub fn is_registered_here(&self) -> bool {
        self.maker == Maker::Registered
    }

    /// The tenant the application belongs to.
    pub fn owner_tenant(&self) -> String {
        if self.is_registered_here() { contoso() } else { MICROSOFT.to_owned() }
    }

    /// The service principal as Graph returns it, with its assignments expanded.
    pub fn to_service_principal(&self) -> Json {
        let assignments = self.assigned_to.map(|group| {
            object! {
                "id": guid(&format!("assignment of {} to {}", group.name, self.name)),
                "appRoleId": "00000000-0000-0000-0000-000000000000",
                "principalDisplayName": group.name,
                "principalId": group.id(),
                "principalType": "Group",
                "resourceDisplayName": self.name,
                "resourceId": self.principal_id(),
            }
        });
        object! {
            "id": self.principal_id(),
            "deletedDateTime": Json::Null,
            "accountEnabled": true,
            "appDisplayName": self.name,
            "appId": self.app_id(),
            "appOwnerOrganizationId": self.owner_tenant(),
            "appRoleAssignmentRequired": self.assigned_to.is_some(),
            "displayName": self.name,
            "preferredSingleSignOnMode": self.single_sign_on,
            "servicePrincipalNames": Json::texts([self.app_id()]),
            "servicePrincipalType": "Application",
            "signInAudience": if self.is_registered_here() { "AzureADMyOrg" } else { "AzureADMultipleOrgs" },
            "tags": NONE,
            "appRoleAssignedTo": Json::list(assignments),
        }
    }

    /// The registration as Graph returns it.
    pub fn to_registration(&self) -> Json {
        object! {
            "id": guid(&format!("application object {}", self.name)),
            "deletedDateTime": Json::Null,
            "appId": self.app_id(),
            "createdDateTime": "2020-08-17T11:48:20Z",
            "displayName": self.name,
            "identifierUris": Json::texts([format!("api://{}", self.app_id())]),
            "publisherDomain": "contoso.com",
            "signInAudience": "AzureADMyOrg",
        }
    }
}

/// The kind of client, in the words of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    Browser,
    Native,
    ExchangeActiveSync,
    Imap,
    Smtp,
}

impl Client {
    /// `clientAppUsed`.
    pub fn logged(self) -> &'static str {
        match self {
            Self::Browser => "Browser",
            Self::Native => "Mobile Apps and Desktop clients",
            Self::ExchangeActiveSync => "Exchange ActiveSync",
            Self::Imap => "IMAP4",
            Self::Smtp => "Authenticated SMTP",
        }
    }

    /// The word policies use: every legacy protocol but ActiveSync is `other`.
    pub fn policy_word(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Native => "mobileAppsAndDesktopClients",
            Self::ExchangeActiveSync => "exchangeActiveSync",
            Self::Imap | Self::Smtp => "other",
        }
    }
}

/// One way to a resource: which client asks for a token to what, and how.
#[derive(Debug)]
pub struct Route {
    pub client: &'static Application,
    pub resource: &'static Application,
    pub kind: Client,
    /// `authenticationProtocol`.
    pub protocol: &'static str,
    /// A client that keeps its own refresh token, even on a computer that could sign in for it.
    pub keeps_own_tokens: bool,
}

/// Shorthand for the table below.
const fn route(client: &'static Application, resource: &'static Application, kind: Client) -> Route {
    Route { client, resource, kind, protocol: "none", keeps_own_tokens: false }
}

pub static OUTLOOK_WEB: Route = route(&EXCHANGE, &EXCHANGE, Client::Browser);
pub static SHAREPOINT_WEB: Route = route(&SHAREPOINT, &SHAREPOINT, Client::Browser);
pub static OFFICE_HOME: Route = route(&OFFICE_PORTAL, &OFFICE_PORTAL, Client::Browser);
pub static AZURE_PORTAL: Route = route(&AZURE_PORTAL_APP, &AZURE_MANAGEMENT, Client::Browser);
pub static GRAPH_EXPLORER: Route = route(&GRAPH_EXPLORER_APP, &GRAPH, Client::Browser);
pub static EXPENSES_WEB: Route = route(&EXPENSES, &GRAPH, Client::Browser);
pub static TRAVEL_WEB: Route =
    Route { protocol: "saml20", ..route(&FABRIKAM_TRAVEL, &FABRIKAM_TRAVEL, Client::Browser) };
pub static ARCHIVE_WEB: Route =
    Route { protocol: "saml20", ..route(&PAYROLL_ARCHIVE, &PAYROLL_ARCHIVE, Client::Browser) };
pub static TEAMS_DESKTOP: Route = route(&TEAMS_APP, &TEAMS, Client::Native);
pub static OUTLOOK_DESKTOP: Route = route(&MICROSOFT_OFFICE_APP, &EXCHANGE, Client::Native);
pub static ONEDRIVE_SYNC: Route = route(&ONEDRIVE_APP, &SHAREPOINT, Client::Native);
pub static OUTLOOK_MOBILE: Route =
    Route { keeps_own_tokens: true, ..route(&OUTLOOK_MOBILE_APP, &EXCHANGE, Client::Native) };
pub static AZURE_POWERSHELL: Route =
    Route { keeps_own_tokens: true, ..route(&AZURE_POWERSHELL_APP, &AZURE_MANAGEMENT, Client::Native) };
pub static DIRECTORY_POWERSHELL: Route =
    Route { protocol: "ropc", ..route(&DIRECTORY_POWERSHELL_APP, &DIRECTORY, Client::Native) };
pub static CRM_SYNC: Route = Route { protocol: "ropc", ..route(&CRM_CONNECTOR, &EXCHANGE, Client::Native) };
pub static ACTIVE_SYNC: Route = route(&EXCHANGE, &EXCHANGE, Client::ExchangeActiveSync);
pub static IMAP_MAIL: Route = Route { protocol: "ropc", ..route(&EXCHANGE, &EXCHANGE, Client::Imap) };
pub static SMTP_MAIL: Route = Route { protocol: "ropc", ..route(&EXCHANGE, &EXCHANGE, Client::Smtp) };
pub static BACKUP_JOB: Route =
    Route { protocol: "clientCredentials", ..route(&BACKUP_AUTOMATION, &GRAPH, Client::Native) };
pub static CRM_JOB: Route = Route { protocol: "clientCredentials", ..route(&CRM_CONNECTOR, &EXCHANGE, Client::Native) };
