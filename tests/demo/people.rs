//! Everybody who appears in the demo, all invented.

use crate::identifiers::{base64, guid, guid_bytes};
use crate::json::{Json, NONE, object};

/// How a person's first factor is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstFactor {
    /// Against a password hash synchronised from on-premises.
    PasswordHashSync,
    /// Against a password kept in the cloud only.
    CloudPassword,
    /// By the federation service of the user's domain.
    Federation,
    /// By the guest's own tenant.
    HomeTenant,
    /// By a FIDO2 key, which is two factors in one.
    SecurityKey,
}

/// A user object.
#[derive(Debug)]
pub struct Person {
    /// A short name that identifiers are made from.
    pub key: &'static str,
    pub display_name: &'static str,
    pub given_name: &'static str,
    pub surname: &'static str,
    /// The name in the directory. The log has it in lower case, and without `#EXT#` for a guest.
    pub user_principal_name: &'static str,
    pub job_title: &'static str,
    pub department: &'static str,
    pub usage_location: &'static str,
    pub enabled: bool,
    pub created: &'static str,
    pub password_changed: &'static str,
    /// Whether the password ages: those of synchronised users, guests and service accounts do not.
    pub password_expires: bool,
    /// The on-premises account name of a synchronised user.
    pub account_name: Option<&'static str>,
    pub first_factor: FirstFactor,
    /// The address other people know the person by.
    pub mail: &'static str,
    pub proxy_addresses: &'static [&'static str],
    /// What Exchange Online said when it could not make the recipient.
    pub provisioning_error: Option<&'static str>,
}

/// What most user objects have in common.
const MEMBER: Person = Person {
    key: "",
    display_name: "",
    given_name: "",
    surname: "",
    user_principal_name: "",
    job_title: "",
    department: "",
    usage_location: "ES",
    enabled: true,
    created: "2018-09-03T08:14:27Z",
    password_changed: "2021-05-17T07:41:09Z",
    password_expires: false,
    account_name: None,
    first_factor: FirstFactor::PasswordHashSync,
    mail: "",
    proxy_addresses: &[],
    provisioning_error: None,
};

pub static ANA: Person = Person {
    key: "ana",
    display_name: "Ana Ramírez",
    given_name: "Ana",
    surname: "Ramírez",
    user_principal_name: "ana.ramirez@contoso.com",
    job_title: "Account Manager",
    department: "Sales",
    account_name: Some("ana.ramirez"),
    mail: "ana.ramirez@contoso.com",
    proxy_addresses: &["SMTP:ana.ramirez@contoso.com", "smtp:ana.ramirez@contoso.onmicrosoft.com"],
    ..MEMBER
};

pub static LUKASZ: Person = Person {
    key: "lukasz",
    display_name: "Łukasz Żak",
    given_name: "Łukasz",
    surname: "Żak",
    user_principal_name: "lukasz.zak@corp.contoso.com",
    job_title: "Night Shift Lead",
    department: "Production",
    usage_location: "PL",
    created: "2019-11-18T05:52:40Z",
    password_changed: "2021-04-29T21:18:33Z",
    account_name: Some("lzak"),
    first_factor: FirstFactor::Federation,
    mail: "lukasz.zak@corp.contoso.com",
    proxy_addresses: &["SMTP:lukasz.zak@corp.contoso.com", "smtp:lzak@contoso.onmicrosoft.com"],
    ..MEMBER
};

pub static ANNELIESE: Person = Person {
    key: "anneliese",
    display_name: "Anneliese Müller",
    given_name: "Anneliese",
    surname: "Müller",
    user_principal_name: "anneliese.mueller@contoso.com",
    job_title: "Service Desk Engineer",
    department: "IT",
    usage_location: "DE",
    account_name: Some("a.mueller"),
    mail: "anneliese.mueller@contoso.com",
    proxy_addresses: &["SMTP:anneliese.mueller@contoso.com", "smtp:a.mueller@contoso.onmicrosoft.com"],
    ..MEMBER
};

/// Made by a sharing link; owns the address the synchronised [`TIMOTHEA`] asks for.
pub static TIMOTHEA_GUEST: Person = Person {
    key: "timothea guest",
    display_name: "Timothea Marsh",
    user_principal_name: "t.marsh_fabrikam.com#EXT#@contoso.onmicrosoft.com",
    usage_location: "",
    created: "2021-06-14T14:31:01Z",
    password_changed: "2021-06-14T14:31:01Z",
    first_factor: FirstFactor::HomeTenant,
    mail: "t.marsh@fabrikam.com",
    proxy_addresses: &["SMTP:t.marsh@fabrikam.com"],
    ..MEMBER
};

/// The same woman as a mail user of the on-premises directory, refused by Exchange Online.
pub static TIMOTHEA: Person = Person {
    key: "timothea",
    display_name: "Timothea Marsh (External)",
    given_name: "Timothea",
    surname: "Marsh",
    user_principal_name: "t.marsh.external@contoso.com",
    job_title: "Contractor",
    department: "Logistics",
    usage_location: "US",
    created: "2021-06-14T14:59:46Z",
    password_changed: "2021-06-14T14:56:19Z",
    account_name: Some("t.marsh.external"),
    mail: "t.marsh@fabrikam.com",
    proxy_addresses: &["smtp:t.marsh.external@contoso.com", "smtp:t.marsh.external@contoso.onmicrosoft.com"],
    provisioning_error: Some(ADDRESS_IN_USE),
    ..MEMBER
};

/// The error of Exchange Online, as the directory keeps it.
const ADDRESS_IN_USE: &str = concat!(
    r#"<ServiceInstance Name="exchange/EURPRD05-003-01" xmlns="http://schemas.microsoft.com/online/error/2010/07">"#,
    "<ObjectErrors>",
    "<ErrorRecord><ErrorCode>ExFEBFF0</ErrorCode>",
    "<ErrorParameters><ErrorParameter>Enable-MailUser</ErrorParameter></ErrorParameters>",
    "<ErrorDescription>The execution of cmdlet Enable-MailUser failed.</ErrorDescription></ErrorRecord>",
    "<ErrorRecord><ErrorCode>Ex1472D1</ErrorCode><ErrorParameters />",
    r#"<ErrorDescription>The proxy address "SMTP:t.marsh@fabrikam.com" is already being used by the "#,
    r#"proxy addresses or LegacyExchangeDN of "t.marsh_fabrikam.com#EXT#". "#,
    "Please choose another proxy address.</ErrorDescription></ErrorRecord>",
    "</ObjectErrors><LinkErrors /></ServiceInstance>",
);

pub static JOSE: Person = Person {
    key: "jose",
    display_name: "José Núñez",
    given_name: "José",
    surname: "Núñez",
    user_principal_name: "jose.nunez@contoso.com",
    job_title: "Payroll Specialist",
    department: "Finance",
    account_name: Some("jose.nunez"),
    mail: "jose.nunez@contoso.com",
    proxy_addresses: &["SMTP:jose.nunez@contoso.com", "smtp:jose.nunez@contoso.onmicrosoft.com"],
    ..MEMBER
};

pub static HANAKO: Person = Person {
    key: "hanako",
    display_name: "山田 花子",
    given_name: "花子",
    surname: "山田",
    user_principal_name: "hanako.yamada@contoso.com",
    job_title: "Financial Controller",
    department: "Finance",
    usage_location: "JP",
    account_name: Some("hanako.yamada"),
    mail: "hanako.yamada@contoso.com",
    proxy_addresses: &["SMTP:hanako.yamada@contoso.com", "smtp:hanako.yamada@contoso.onmicrosoft.com"],
    ..MEMBER
};

pub static OLENA: Person = Person {
    key: "olena",
    display_name: "Олена Коваль",
    given_name: "Олена",
    surname: "Коваль",
    user_principal_name: "olena.koval@contoso.com",
    job_title: "Cloud Engineer",
    department: "IT",
    usage_location: "UA",
    created: "2020-02-10T09:30:02Z",
    account_name: Some("olena.koval"),
    mail: "olena.koval@contoso.com",
    proxy_addresses: &["SMTP:olena.koval@contoso.com", "smtp:olena.koval@contoso.onmicrosoft.com"],
    ..MEMBER
};

pub static LAYLA: Person = Person {
    key: "layla",
    display_name: "ليلى حداد",
    given_name: "ليلى",
    surname: "حداد",
    user_principal_name: "layla.haddad@contoso.com",
    job_title: "Messaging Administrator",
    department: "IT",
    usage_location: "AE",
    created: "2020-06-01T06:02:11Z",
    first_factor: FirstFactor::SecurityKey,
    mail: "layla.haddad@contoso.com",
    proxy_addresses: &["SMTP:layla.haddad@contoso.com", "smtp:layla.haddad@contoso.onmicrosoft.com"],
    ..MEMBER
};

pub static PRIYA: Person = Person {
    key: "priya",
    display_name: "Priya Raghavan",
    given_name: "Priya",
    surname: "Raghavan",
    user_principal_name: "priya.raghavan@contoso.com",
    job_title: "Marketing Manager",
    department: "Marketing",
    usage_location: "GB",
    account_name: Some("priya.raghavan"),
    mail: "priya.raghavan@contoso.com",
    proxy_addresses: &["SMTP:priya.raghavan@contoso.com", "smtp:priya.raghavan@contoso.onmicrosoft.com"],
    ..MEMBER
};

/// His password expires and is changed in the middle of the log.
pub static MARCEL: Person = Person {
    key: "marcel",
    display_name: "Marcel Okonkwo",
    given_name: "Marcel",
    surname: "Okonkwo",
    user_principal_name: "marcel.okonkwo@contoso.com",
    job_title: "HR Business Partner",
    department: "Human Resources",
    usage_location: "FR",
    password_changed: "2021-06-22T10:14:52Z",
    password_expires: true,
    first_factor: FirstFactor::CloudPassword,
    mail: "marcel.okonkwo@contoso.com",
    proxy_addresses: &["SMTP:marcel.okonkwo@contoso.com", "smtp:marcel.okonkwo@contoso.onmicrosoft.com"],
    ..MEMBER
};

pub static FREJA: Person = Person {
    key: "freja",
    display_name: "Freja Lindqvist",
    given_name: "Freja",
    surname: "Lindqvist",
    user_principal_name: "freja.lindqvist@contoso.com",
    job_title: "Data Analyst",
    department: "Marketing",
    usage_location: "SE",
    created: "2021-06-18T11:20:36Z",
    password_changed: "2021-06-21T07:28:50Z",
    password_expires: true,
    first_factor: FirstFactor::CloudPassword,
    mail: "freja.lindqvist@contoso.com",
    proxy_addresses: &["SMTP:freja.lindqvist@contoso.com", "smtp:freja.lindqvist@contoso.onmicrosoft.com"],
    ..MEMBER
};

/// Left the company; his phone at home does not know.
pub static GREGOR: Person = Person {
    key: "gregor",
    display_name: "Gregor Havlíček",
    given_name: "Gregor",
    surname: "Havlíček",
    user_principal_name: "gregor.havlicek@contoso.com",
    job_title: "Buyer",
    department: "Logistics",
    usage_location: "CZ",
    enabled: false,
    account_name: Some("gregor.havlicek"),
    mail: "gregor.havlicek@contoso.com",
    proxy_addresses: &["SMTP:gregor.havlicek@contoso.com", "smtp:gregor.havlicek@contoso.onmicrosoft.com"],
    ..MEMBER
};

pub static EMERGENCY: Person = Person {
    key: "emergency",
    display_name: "Emergency Access 1",
    user_principal_name: "emergency1@contoso.onmicrosoft.com",
    created: "2018-09-03T07:59:12Z",
    password_changed: "2020-12-15T10:00:00Z",
    first_factor: FirstFactor::CloudPassword,
    usage_location: "",
    ..MEMBER
};

pub static BACKUP_ACCOUNT: Person = Person {
    key: "svc backup",
    display_name: "svc-backup",
    user_principal_name: "svc.backup@contoso.com",
    created: "2019-03-22T14:07:55Z",
    password_changed: "2020-03-22T14:07:55Z",
    first_factor: FirstFactor::CloudPassword,
    mail: "svc.backup@contoso.com",
    proxy_addresses: &["SMTP:svc.backup@contoso.com"],
    ..MEMBER
};

pub static CRM_ACCOUNT: Person = Person {
    key: "svc crm",
    display_name: "svc-crm-sync",
    user_principal_name: "svc.crm@contoso.com",
    created: "2020-01-14T09:16:20Z",
    password_changed: "2021-01-14T09:16:20Z",
    first_factor: FirstFactor::CloudPassword,
    mail: "svc.crm@contoso.com",
    proxy_addresses: &["SMTP:svc.crm@contoso.com"],
    ..MEMBER
};

pub static SCANNER: Person = Person {
    key: "scanner",
    display_name: "Scanner Madrid Floor 2",
    user_principal_name: "scanner.f2@contoso.com",
    created: "2019-05-06T12:40:18Z",
    password_changed: "2019-05-06T12:40:18Z",
    first_factor: FirstFactor::CloudPassword,
    mail: "scanner.f2@contoso.com",
    proxy_addresses: &["SMTP:scanner.f2@contoso.com"],
    ..MEMBER
};

/// Every user object of the tenant.
pub static PEOPLE: [&Person; 17] = [
    &ANA,
    &LUKASZ,
    &ANNELIESE,
    &TIMOTHEA_GUEST,
    &TIMOTHEA,
    &JOSE,
    &HANAKO,
    &OLENA,
    &LAYLA,
    &PRIYA,
    &MARCEL,
    &FREJA,
    &GREGOR,
    &EMERGENCY,
    &BACKUP_ACCOUNT,
    &CRM_ACCOUNT,
    &SCANNER,
];

/// The tenant whose log this is.
pub fn contoso() -> String {
    guid("tenant contoso")
}

/// The tenant the guest comes from.
pub fn fabrikam() -> String {
    guid("tenant fabrikam")
}

impl Person {
    /// The object id.
    pub fn id(&self) -> String {
        guid(&format!("user {}", self.key))
    }

    /// Whether the account is a guest of this tenant.
    pub fn is_guest(&self) -> bool {
        self.first_factor == FirstFactor::HomeTenant
    }

    /// The name the log uses: a guest appears under the name of the home tenant.
    pub fn logged_name(&self) -> &'static str {
        if self.is_guest() { self.mail } else { self.user_principal_name }
    }

    /// The tenant that keeps the person's credentials.
    pub fn home_tenant(&self) -> String {
        if self.is_guest() { fabrikam() } else { contoso() }
    }

    /// The user as Graph returns it.
    pub fn to_json(&self) -> Json {
        let synchronised = self.account_name.is_some();
        let nickname = self.user_principal_name.split('@').next();
        object! {
            "id": self.id(),
            "deletedDateTime": Json::Null,
            "accountEnabled": self.enabled,
            "createdDateTime": self.created,
            "creationType": Json::Null,
            "department": given(self.department),
            "displayName": self.display_name,
            "externalUserState": Json::Null,
            "externalUserStateChangeDateTime": Json::Null,
            "givenName": given(self.given_name),
            "identities": self.identities(),
            "jobTitle": given(self.job_title),
            "lastPasswordChangeDateTime": self.password_changed,
            "mail": given(self.mail),
            "mailNickname": nickname,
            "onPremisesDomainName": synchronised.then_some("corp.contoso.com"),
            "onPremisesImmutableId": synchronised.then(|| self.immutable_id()),
            "onPremisesLastSyncDateTime": synchronised.then_some("2021-06-24T17:42:10Z"),
            "onPremisesProvisioningErrors": NONE,
            "onPremisesSamAccountName": self.account_name,
            "onPremisesSyncEnabled": synchronised.then_some(true),
            "onPremisesUserPrincipalName": synchronised.then_some(self.user_principal_name),
            "otherMails": if self.is_guest() { Json::texts([self.mail]) } else { NONE },
            "passwordPolicies": (!self.password_expires && !self.is_guest()).then_some("DisablePasswordExpiration"),
            "proxyAddresses": Json::texts(self.proxy_addresses.iter().copied()),
            "serviceProvisioningErrors": Json::list(self.provisioning_error.map(provisioning_error)),
            "showInAddressList": if self.is_guest() { Json::Bool(false) } else { Json::Null },
            "signInSessionsValidFromDateTime": self.password_changed,
            "surname": given(self.surname),
            "usageLocation": given(self.usage_location),
            "userPrincipalName": self.user_principal_name,
            "userType": if self.is_guest() { "Guest" } else { "Member" },
        }
    }

    /// The user as a member of a group or a role.
    pub fn to_member(&self) -> Json {
        object! {
            "@odata.type": "#microsoft.graph.user",
            "id": self.id(),
            "displayName": self.display_name,
            "userPrincipalName": self.user_principal_name,
        }
    }

    fn identities(&self) -> Json {
        let own = object! {
            "signInType": "userPrincipalName",
            "issuer": "contoso.onmicrosoft.com",
            "issuerAssignedId": self.user_principal_name,
        };
        let home = object! {
            "signInType": "federated",
            "issuer": "ExternalAzureAD",
            "issuerAssignedId": Json::Null,
        };
        Json::list(self.is_guest().then_some(home).into_iter().chain([own]))
    }

    /// The anchor of a synchronised user: the GUID of the on-premises object, in base64.
    fn immutable_id(&self) -> String {
        base64(&guid_bytes(&format!("on-premises object {}", self.key)))
    }

    /// That GUID as the directory on premises writes it: the first three groups are numbers, stored with their low bytes first.
    pub fn on_premises_guid(&self) -> String {
        let bytes = guid_bytes(&format!("on-premises object {}", self.key));
        let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
        let digits: String = order.iter().map(|at: &usize| format!("{:02x}", bytes[*at])).collect();
        [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
    }
}

/// A property nobody filled in is `null`.
fn given(text: &'static str) -> Option<&'static str> {
    (!text.is_empty()).then_some(text)
}

/// One entry of `serviceProvisioningErrors`.
fn provisioning_error(detail: &str) -> Json {
    object! {
        "@odata.type": "#microsoft.graph.serviceProvisioningXmlError",
        "createdDateTime": "2021-06-14T15:02:39Z",
        "isResolved": false,
        "serviceInstance": "exchange/EURPRD05-003-01",
        "errorDetail": detail,
    }
}
