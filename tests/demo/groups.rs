//! Groups and directory roles, with the people in them.

use crate::identifiers::guid;
use crate::json::{Json, NONE, object};
use crate::people::{ANA, CRM_ACCOUNT, EMERGENCY, HANAKO, JOSE, LAYLA, LUKASZ, OLENA, Person, SCANNER};

/// A member of a group.
#[derive(Debug)]
pub enum Member {
    Person(&'static Person),
    Group(&'static Group),
}

/// A security group.
#[derive(Debug)]
pub struct Group {
    pub name: &'static str,
    description: &'static str,
    nickname: &'static str,
    created: &'static str,
    pub members: &'static [Member],
}

pub static FINANCE: Group = Group {
    name: "Finance",
    description: "Everybody who works with the books; payroll is a group of its own inside",
    nickname: "finance",
    created: "2018-09-05T09:00:00Z",
    members: &[Member::Person(&HANAKO), Member::Group(&PAYROLL)],
};

pub static PAYROLL: Group = Group {
    name: "Finance Payroll",
    description: "Payroll specialists, a part of Finance",
    nickname: "finance-payroll",
    created: "2019-01-08T10:22:31Z",
    members: &[Member::Person(&JOSE)],
};

pub static CLOUD_OPERATORS: Group = Group {
    name: "Cloud Operators",
    description: "May change resources in Azure",
    nickname: "cloud-operators",
    created: "2020-02-10T09:41:15Z",
    members: &[Member::Person(&OLENA)],
};

pub static EMERGENCY_ACCESS: Group = Group {
    name: "CA exclusion: emergency access",
    description: "Break-glass accounts; excluded from every policy that could lock the tenant out",
    nickname: "ca-exclusion-emergency",
    created: "2018-09-03T08:05:44Z",
    members: &[Member::Person(&EMERGENCY)],
};

pub static SMTP_EXCEPTIONS: Group = Group {
    name: "CA exclusion: SMTP AUTH devices",
    description: "Mailboxes of scanners that know no modern authentication",
    nickname: "ca-exclusion-smtp",
    created: "2020-10-12T06:30:19Z",
    members: &[Member::Person(&SCANNER)],
};

pub static TRAVELLERS: Group = Group {
    name: "Fabrikam Travel users",
    description: "Assigned to the application Fabrikam Travel",
    nickname: "fabrikam-travel-users",
    created: "2020-11-05T13:20:03Z",
    members: &[Member::Person(&ANA), Member::Person(&LUKASZ)],
};

pub static ARCHIVISTS: Group = Group {
    name: "Payroll Archive readers",
    description: "Assigned to the application Contoso Payroll Archive",
    nickname: "payroll-archive-readers",
    created: "2020-08-17T12:02:58Z",
    members: &[Member::Person(&JOSE), Member::Person(&CRM_ACCOUNT)],
};

/// Every group of the tenant.
pub static GROUPS: [&Group; 7] =
    [&FINANCE, &PAYROLL, &CLOUD_OPERATORS, &EMERGENCY_ACCESS, &SMTP_EXCEPTIONS, &TRAVELLERS, &ARCHIVISTS];

impl Group {
    /// The object id.
    pub fn id(&self) -> String {
        guid(&format!("group {}", self.nickname))
    }

    /// Whether the person is a member, directly or through a group inside.
    pub fn contains(&self, person: &Person) -> bool {
        self.members.iter().any(|member| match member {
            Member::Person(someone) => someone.key == person.key,
            Member::Group(group) => group.contains(person),
        })
    }

    /// The group as Graph returns it, with `members` expanded one level.
    pub fn to_json(&self) -> Json {
        let members = self.members.iter().map(|member| match member {
            Member::Person(person) => person.to_member(),
            Member::Group(group) => object! {
                "@odata.type": "#microsoft.graph.group",
                "id": group.id(),
                "displayName": group.name,
            },
        });
        object! {
            "id": self.id(),
            "deletedDateTime": Json::Null,
            "createdDateTime": self.created,
            "description": self.description,
            "displayName": self.name,
            "groupTypes": NONE,
            "mail": Json::Null,
            "mailEnabled": false,
            "mailNickname": self.nickname,
            "membershipRule": Json::Null,
            "onPremisesSyncEnabled": Json::Null,
            "proxyAddresses": NONE,
            "securityEnabled": true,
            "members": Json::list(members),
        }
    }
}

/// A built-in directory role, active in the tenant.
#[derive(Debug)]
pub struct Role {
    name: &'static str,
    description: &'static str,
    /// The same in every tenant of the world; what policies name.
    pub template_id: &'static str,
    holders: &'static [&'static Person],
}

pub static GLOBAL_ADMINISTRATOR: Role = Role {
    name: "Global Administrator",
    description: "Can manage all aspects of Azure AD and Microsoft services that use Azure AD identities.",
    template_id: "62e90394-69f5-4237-9190-012177145e10",
    holders: &[&EMERGENCY],
};

pub static EXCHANGE_ADMINISTRATOR: Role = Role {
    name: "Exchange Administrator",
    description: "Can manage all aspects of the Exchange product.",
    template_id: "29232cdf-9323-42fd-ade2-1d097af3e4de",
    holders: &[&LAYLA],
};

pub static SECURITY_ADMINISTRATOR: Role = Role {
    name: "Security Administrator",
    description: "Can read security information and reports, and manage configuration in Azure AD and Office 365.",
    template_id: "194ae4cb-b126-40b2-bd5b-6091b380977d",
    holders: &[&OLENA],
};

/// Every role somebody holds.
pub static ROLES: [&Role; 3] = [&GLOBAL_ADMINISTRATOR, &EXCHANGE_ADMINISTRATOR, &SECURITY_ADMINISTRATOR];

impl Role {
    /// Whether the person holds the role.
    pub fn contains(&self, person: &Person) -> bool {
        self.holders.iter().any(|holder| holder.key == person.key)
    }

    /// The role as Graph returns it, with its members.
    pub fn to_json(&self) -> Json {
        object! {
            "id": guid(&format!("directory role {}", self.name)),
            "deletedDateTime": Json::Null,
            "description": self.description,
            "displayName": self.name,
            "roleTemplateId": self.template_id,
            "members": Json::list(self.holders.iter().map(|holder| holder.to_member())),
        }
    }
}
