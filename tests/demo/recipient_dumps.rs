//! What Exchange shows of the fourth escalation, pasted from two shells: the guest's recipient in Exchange Online, and the mail user on
//! premises that wants the same address.

use crate::identifiers::guid;
use crate::people::{TIMOTHEA, TIMOTHEA_GUEST};
use std::fmt::Write;

/// The two dumps in one text, as a support engineer keeps them.
pub fn recipients() -> String {
    let address = TIMOTHEA_GUEST.proxy_addresses[0];
    let alias = "t.marsh_fabrikam.com#EXT#";
    let online = [
        ("RunspaceId", guid("runspace online")),
        ("Identity", alias.to_owned()),
        ("Alias", alias.to_owned()),
        ("ExternalDirectoryObjectId", TIMOTHEA_GUEST.id()),
        ("EmailAddresses", format!("{{{address}}}")),
        ("ExternalEmailAddress", address.to_owned()),
        ("DisplayName", TIMOTHEA_GUEST.display_name.to_owned()),
        ("HiddenFromAddressListsEnabled", "True".to_owned()),
        ("Name", alias.to_owned()),
        ("PrimarySmtpAddress", TIMOTHEA_GUEST.mail.to_owned()),
        ("RecipientType", "MailUser".to_owned()),
        ("RecipientTypeDetails", "GuestMailUser".to_owned()),
        ("WindowsLiveID", TIMOTHEA_GUEST.user_principal_name.to_owned()),
        ("WhenCreatedUTC", "6/14/2021 2:37:19 PM".to_owned()),
        ("Guid", guid("exchange recipient of the guest")),
        ("OriginatingServer", "AM0PR05A01DC001.EURPR05A001.prod.outlook.com".to_owned()),
        ("ObjectState", "Unchanged".to_owned()),
    ];
    let mut own: Vec<&str> = TIMOTHEA.proxy_addresses.to_vec();
    own.push(address);
    let on_premises = [
        ("RunspaceId", guid("runspace on premises")),
        ("ExternalEmailAddress", address.to_owned()),
        ("UserPrincipalName", TIMOTHEA.user_principal_name.to_owned()),
        ("IsDirSynced", "False".to_owned()),
        ("Alias", "t.marsh.external".to_owned()),
        ("OrganizationalUnit", "corp.contoso.com/Contoso Objects/Contractors".to_owned()),
        ("DisplayName", TIMOTHEA.display_name.to_owned()),
        ("EmailAddresses", format!("{{{}}}", own.join(", "))),
        ("ExternalDirectoryObjectId", String::new()),
        ("HiddenFromAddressListsEnabled", "False".to_owned()),
        ("PrimarySmtpAddress", TIMOTHEA.mail.to_owned()),
        ("RecipientType", "MailUser".to_owned()),
        ("RecipientTypeDetails", "MailUser".to_owned()),
        ("Name", TIMOTHEA.display_name.to_owned()),
        (
            "DistinguishedName",
            "CN=Timothea Marsh (External),OU=Contractors,OU=Contoso Objects,DC=corp,DC=contoso,DC=com".to_owned(),
        ),
        ("Guid", TIMOTHEA.on_premises_guid()),
        ("ObjectClass", "{top, person, organizationalPerson, user}".to_owned()),
        ("WhenCreatedUTC", "6/14/2021 2:56:19 PM".to_owned()),
        ("OriginatingServer", "dc-1.corp.contoso.com".to_owned()),
        ("ObjectState", "Changed".to_owned()),
    ];
    let mut text = String::new();
    dump(&mut text, "PS C:\\> Get-Recipient \"Timothea Marsh\" | fl", &online);
    dump(&mut text, "[PS] C:\\> Get-MailUser t.marsh.external | fl", &on_premises);
    text
}

/// A command with what the shell answers: names padded to one width, long values wrapped below themselves.
fn dump(text: &mut String, command: &str, values: &[(&str, String)]) {
    const WIDTH: usize = 110;
    let wide = values.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let _ = writeln!(text, "{command}\n\n");
    for (name, value) in values {
        let mut line = format!("{name:<wide$} :");
        let room = WIDTH - wide - 3;
        let mut rest = value.as_str();
        while rest.len() > room {
            let at = rest[..room].rfind(' ').map_or(room, |blank| blank + 1);
            let _ = writeln!(text, "{line} {}", rest[..at].trim_end());
            line = format!("{:<wide$}  ", "");
            rest = &rest[at..];
        }
        let _ = writeln!(text, "{}", format!("{line} {rest}").trim_end());
    }
    text.push_str("\n\n");
}
