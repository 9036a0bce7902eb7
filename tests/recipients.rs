//! What people send of recipients, and what is read of it. All people and organisations are invented.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use authopsy::domain::recipient::{Directory, Recipient, RecipientKind};
use authopsy::domain::snapshot::Snapshot;
use authopsy::store::inventory::{FileKind, FileReport, Inventory};
use authopsy::store::recipients::{self, Form};
use authopsy::store::{LoadEvent, Request, Sources, check, load};
use proptest::prelude::*;

const WEB_COPY: &str = include_str!("fixtures/recipients/web-copy.txt");

/// Loads files and tells the snapshot and the inventory.
fn open(files: &[(&str, Vec<u8>)]) -> (Snapshot, Inventory) {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = files.iter().map(|(name, _)| folder.path().join(name)).collect();
    for (path, (_, content)) in paths.iter().zip(files) {
        fs::write(path, content).unwrap();
    }
    let request = Request { evidence: paths, ..Request::default() };
    check(&request).unwrap();
    let (mut snapshot, mut inventory) = (Snapshot::default(), Inventory::default());
    load(&request, &Sources::default(), &|| true, &mut |event| match event {
        LoadEvent::Snapshot(found) => snapshot = *found,
        LoadEvent::Inventory(found) => inventory = found,
        _ => {}
    });
    (snapshot, inventory)
}

/// Loads one file.
fn open_one(text: impl Into<Vec<u8>>) -> (Vec<Recipient>, FileReport) {
    let (snapshot, inventory) = open(&[("evidence.bin", text.into())]);
    (snapshot.recipients.to_vec(), inventory.files.into_iter().next().unwrap())
}

fn reasons(report: &FileReport) -> Vec<&str> {
    report.problems.iter().map(|problem| problem.reason.as_str()).collect()
}

fn pointer(recipient: &Recipient, graph: &str) -> String {
    recipient.evidence("x", graph, "").pointer
}

#[track_caller]
fn check_web_copy(recipients: &[Recipient]) {
    let [guest, mail_contact, mail_user, errors] = recipients else { panic!("{recipients:#?}") };
    assert_eq!((guest.directory, guest.kind), (Directory::Entra, RecipientKind::Guest));
    assert_eq!(guest.id, "5c0f7a52-7d0e-4a58-9f0a-3a1d90c7b001");
    assert_eq!(guest.addresses, ["SMTP:t.marsh@contoso.com"]);
    assert_eq!(guest.other_mails, ["t.marsh@contoso.com"]);
    assert_eq!(guest.invitation.as_deref(), Some("Accepted"));
    assert_eq!((guest.is_cut, guest.has_exchange_licence, guest.is_hidden), (false, Some(false), Some(true)));
    assert_eq!(guest.created.unwrap().to_rfc3339(), "2021-03-09T08:12:40+00:00");
    assert_eq!(pointer(guest, "/proxyAddresses/0"), "/ProxyAddresses/0");
    assert_eq!(guest.evidence("", "/mail", "").record, Some(0));

    assert_eq!((mail_contact.directory, mail_contact.kind), (Directory::Exchange, RecipientKind::Guest));
    assert_eq!(mail_contact.external_id.as_deref(), Some(guest.id.as_str()));
    assert_eq!(mail_contact.id, "9d0d0393-c684-418f-aae3-a84b7de2a003");
    assert_eq!(mail_contact.name.as_deref(), Some("t.marsh_contoso.com#EXT#"));
    assert_eq!(mail_contact.created.unwrap().to_rfc3339(), "2021-03-09T08:18:02+00:00");
    assert_eq!(mail_contact.windows_live_id.as_deref(), Some("t.marsh_contoso.com#EXT#@fabrikam.onmicrosoft.com"));
    assert_eq!(pointer(mail_contact, "/proxyAddresses"), "/EmailAddresses");
    assert_eq!(pointer(mail_contact, "/targetAddress"), "/ExternalEmailAddress");

    assert_eq!((mail_user.directory, mail_user.kind), (Directory::OnPremises, RecipientKind::MailUser));
    assert_eq!(
        mail_user.addresses,
        [
            "smtp:MarshExternal@fabrikam.mail.onmicrosoft.com",
            "smtp:MarshExternal@fabrikam.com",
            "SMTP:t.marsh@contoso.com"
        ]
    );
    assert_eq!(mail_user.immutable_id.as_deref(), Some("MyIRAFVEd2aImaq7zN3u/w=="));
    assert_eq!(mail_user.target_address.as_deref(), Some("SMTP:t.marsh@contoso.com"));
    assert_eq!(
        mail_user.legacy_exchange_dn.as_deref(),
        Some(
            "/o=Fabrikam Corp/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=ce4631edc3bf4500986d9811e33da005-Timothea"
        )
    );
    assert_eq!((mail_user.external_id.as_deref(), mail_user.is_hidden), (None, Some(false)));

    assert_eq!((errors.directory, errors.kind), (Directory::Entra, RecipientKind::Unknown));
    assert_eq!(errors.principal_name.as_deref(), Some("marshexternal@fabrikam.com"));
    let [error] = errors.errors.as_slice() else { panic!("{errors:#?}") };
    assert!(error.detail.starts_with("<ServiceInstance Name=\u{201d}exchange/EURPRD01-001-01\u{2033} xmlns="));
    assert!(error.detail.contains("already being used by the proxy addresses or LegacyExchangeDN of"));
    assert!(error.detail.ends_with("<LinkErrors /> </ServiceInstance>"));
    assert_eq!((error.service.as_str(), error.resolved), ("exchange", false));
    assert_eq!(error.at.unwrap().to_rfc3339(), "2021-03-09T08:46:12+00:00");
    assert_eq!(pointer(errors, &format!("{}/ErrorDetail", error.pointer)), "/provisioningErrors/0/ErrorDetail");
}

#[test]
fn a_web_page_that_doubled_its_lines_holds_four_objects() {
    let (recipients, report) = open_one(WEB_COPY);
    check_web_copy(&recipients);
    assert_eq!(report.kind, FileKind::Recipients);
    assert_eq!(report.format, "PowerShell list: 3 recipients and provisioning errors of 1 object");
    assert_eq!((report.records, report.unreadable), (4, 0));
    let repeated = "repeats an object of this text and is not counted again";
    assert!(reasons(&report).iter().any(|reason| reason.contains(repeated)), "{report:?}");
}

#[test]
fn the_same_is_read_without_the_blank_lines() {
    let text: Vec<&str> = WEB_COPY.lines().filter(|line| !line.is_empty()).collect();
    check_web_copy(&open_one(text.join("\r\n")).0);
}

#[test]
fn dumps_beside_pasted_sign_ins_are_read_too() {
    let sign_in =
        "Date:2021-06-21 02:30:18\n\nUser:UPN\n\nStatus:Success (0)\n\nClient App:Browser\n\nRequest Id:r1\n\n";
    let (recipients, report) = open_one(format!("{sign_in}And these are the objects.\n\n{WEB_COPY}"));
    check_web_copy(&recipients);
    assert_eq!((report.kind, report.records), (FileKind::SignInLog, 1));
    assert!(report.format.contains("PowerShell list: 3 recipients"), "{}", report.format);
}

/// What a console writes: indented under the column of values, records parted by blank lines, and lists cut after four.
const CONSOLE: &str = "
[PS] C:\\>Get-MailUser -ResultSize Unlimited | fl Name,Alias,EmailAddresses,LegacyExchangeDN,Guid,OrganizationId


Name             : Ana Ruiz
Alias            : ana.ruiz
EmailAddresses   : {SMTP:ana.ruiz@contoso.com, smtp:ana@contoso.com,
                   smtp:ana.ruiz@fabrikam.com, smtp:ana.ruiz@contoso.onmicrosoft.com...}
LegacyExchangeDN : /o=Contoso/ou=Exchange Administrative Group
                   (FYDIBOHF23SPDLT)/cn=Recipients/cn=ana.ruiz Note : here
Guid             : 00112233-4455-6677-8899-aabbccddeeff
OrganizationId   :

Name             : Ben Ode
Alias            : ben.ode
EmailAddresses   : {SMTP:ben.ode@contoso.com}
LegacyExchangeDN : /o=Contoso/cn=ben
Guid             : 10112233-4455-6677-8899-aabbccddeeff
OrganizationId   :



";

#[test]
fn a_console_indents_and_cuts() {
    let (recipients, report) = open_one(CONSOLE);
    let [ana, ben] = recipients.as_slice() else { panic!("{recipients:#?}") };
    assert_eq!(ana.addresses.len(), 4);
    assert_eq!(ana.addresses[3], "smtp:ana.ruiz@contoso.onmicrosoft.com");
    assert_eq!((ana.is_cut, ben.is_cut), (true, false));
    assert_eq!((ana.directory, ben.directory), (Directory::OnPremises, Directory::OnPremises));
    assert_eq!(
        ana.legacy_exchange_dn.as_deref(),
        Some("/o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=ana.ruiz Note : here")
    );
    assert_eq!(
        reasons(&report),
        ["the object on line 5 (`Ana Ruiz`): its list of addresses was cut: others may be missing"]
    );
    assert_eq!(report.problems[0].record, Some(0));
}

#[test]
fn prose_is_never_taken_for_an_object() {
    for text in [
        "Mail : see below\nNote : the Alias : is nothing\nWe looked at it.\n",
        "DisplayName : Ana\nTitle : Engineer\n",
        "UserPrincipalName : ana@contoso.com\nDisplayName : Ana\nMail : a\nCorrelationId : 1\nAppDisplayName : x\n",
    ] {
        assert_eq!(recipients::look(text), None, "{text}");
    }
}

#[test]
fn several_errors_of_one_object_stay_together() {
    let error = |name: &str| format!("ErrorDetail : <S>{name}</S>\nResolved : True\nService : exchange\n\n");
    let prompt = r"PS C:\> (Get-AzureADUser -SearchString ana@contoso.com).ProvisioningErrors | fl";
    let text = format!("{prompt}\n\n{}{}{prompt}\n\n{}", error("a"), error("b"), error("c"));
    let (recipients, report) = open_one(text);
    let counts: Vec<usize> = recipients.iter().map(|recipient| recipient.errors.len()).collect();
    assert_eq!(counts, [2, 1]);
    assert!(recipients[0].errors.iter().all(|error| error.resolved));
    assert_eq!(report.kind, FileKind::ProvisioningErrors);
    assert_eq!(report.format, "PowerShell list: provisioning errors of 2 objects");
}

#[test]
fn tables_are_read_and_lost_columns_told() {
    let text = "#TYPE Selected.Microsoft.Exchange.Data.Directory.Management.ReducedRecipient\r\n\
        \"Name\",\"RecipientTypeDetails\",\"EmailAddresses\",\"ExternalEmailAddress\",\"ExternalDirectoryObjectId\",\"WhenCreatedUTC\"\r\n\
        \"ana\",\"UserMailbox\",\"SMTP:ana@contoso.com;smtp:a.ruiz@contoso.com\",\"\",\"5c0f7a52-7d0e-4a58-9f0a-3a1d90c7b001\",\"3/9/2021 8:18:02 AM\"\r\n\
        \"staff\",\"MailUniversalDistributionGroup\",\"SMTP:staff@contoso.com X500:/o=Contoso/cn=Staff A\",\"\",\"\",\"\"\r\n\
        \"t\",\"GuestMailUser\",\"Microsoft.Exchange.Data.ProxyAddressCollection\",\"SMTP:t.marsh@fabrikam.com\",\"\",\"\"\r\n";
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for content in [text.as_bytes().to_vec(), [b"\xef\xbb\xbf", text.as_bytes()].concat(), utf16] {
        let (recipients, report) = open_one(content);
        let [ana, staff, guest] = recipients.as_slice() else { panic!("{recipients:#?}") };
        assert_eq!((ana.directory, ana.kind), (Directory::Exchange, RecipientKind::Mailbox));
        assert_eq!(ana.addresses, ["SMTP:ana@contoso.com", "smtp:a.ruiz@contoso.com"]);
        assert_eq!(ana.created.unwrap().to_rfc3339(), "2021-03-09T08:18:02+00:00");
        assert_eq!(staff.kind, RecipientKind::Group);
        assert_eq!(staff.addresses, ["SMTP:staff@contoso.com", "X500:/o=Contoso/cn=Staff A"]);
        assert_eq!((guest.kind, guest.is_cut, guest.is_lost), (RecipientKind::Guest, true, true));
        assert_eq!((guest.addresses.len(), ana.is_lost, staff.is_unified), (0, false, Some(false)));
        assert_eq!((report.kind, report.format.as_str()), (FileKind::Recipients, "CSV of recipients"));
        assert_eq!(report.records, 3);
        let words = "the row on line 5 (`t`): in the place of its list of addresses stands the name of a type: all of them are missing";
        assert_eq!(reasons(&report), [words]);
    }
}

#[test]
fn tables_of_other_shells_are_read() {
    let (msol, _) = open_one(
        "UserPrincipalName;DisplayName;ProxyAddresses;ObjectId;ImmutableId;UserType\nana@contoso.com;Ana;SMTP:ana@contoso.com|smtp:a@contoso.com;o1;MyIRAFVEd2aImaq7zN3u/w==;Member\n",
    );
    assert_eq!((msol[0].directory, msol[0].kind, msol[0].id.as_str()), (Directory::Entra, RecipientKind::User, "o1"));
    assert_eq!(msol[0].addresses.len(), 2);
    let (directory, _) = open_one(
        "DistinguishedName,ObjectClass,ObjectGUID,mail,proxyAddresses,UserPrincipalName,mS-DS-ConsistencyGuid\n\"CN=Ana,DC=contoso,DC=com\",user,00112233-4455-6677-8899-aabbccddeeff,ana@contoso.com,SMTP:ana@contoso.com smtp:a@contoso.com,ana@contoso.com,System.Byte[]\n",
    );
    assert_eq!((directory[0].directory, directory[0].kind), (Directory::OnPremises, RecipientKind::User));
    assert_eq!(directory[0].addresses.len(), 2);
    // The anchor that counts is lost, and another one is not put in its place.
    assert_eq!(directory[0].immutable_id, None);
}

#[test]
fn a_list_that_a_table_cut_is_told() {
    let full = format!("{:;<32767}", "SMTP:ana@contoso.com");
    for cell in [
        "SMTP:ana@contoso.com; ...;",
        "SMTP:ana@contoso.com\u{2026};",
        "SMTP:ana@contoso.com,...",
        "SMTP:ana@contoso.com (+3 more)",
        "SMTP:ana@contoso.com;smtp:a@contoso.",
        full.as_str(),
    ] {
        let (recipients, report) =
            open_one(format!("Name,RecipientTypeDetails,EmailAddresses\nana,UserMailbox,\"{cell}\"\n"));
        assert_eq!(recipients[0].addresses, ["SMTP:ana@contoso.com"], "{cell}");
        assert!(recipients[0].is_cut, "{cell}");
        assert!(reasons(&report)[0].ends_with("its list of addresses was cut: others may be missing"), "{report:?}");
    }
}

#[test]
fn an_ldif_that_loses_an_address_is_told() {
    for lost in ["proxyAddresses smtp:shared@contoso.com", "proxyAddresses:: c210cDpzaGFyZWRAeC5jb20"] {
        for held in ["proxyAddresses: SMTP:ana@contoso.com\n", ""] {
            let (recipients, report) = open_one(format!(
                "dn: CN=Ana,DC=contoso,DC=com\nobjectClass: user\ndisplayName: Ana\n{held}{lost}\n\ndn: CN=Ben,DC=contoso,DC=com\nobjectClass: user\nproxyAddresses: SMTP:ben@contoso.com\n"
            ));
            let [ana, ben] = recipients.as_slice() else { panic!("{recipients:#?}") };
            assert_eq!((ana.is_cut, ben.is_cut), (true, false), "{lost}");
            assert_eq!(ana.addresses.len(), usize::from(!held.is_empty()), "{lost}");
            assert!(reasons(&report)[0].starts_with("the entry on line 1 (`Ana`)"), "{report:?}");
        }
    }
}

#[test]
fn many_attributes_of_one_entry_are_read_in_time() {
    let attributes: String = (0..60_000).map(|number| format!("attr{number}: v\n")).collect();
    let text = format!("dn: CN=Ana,DC=contoso\nobjectClass: user\nmail: ana@contoso.com\n{attributes}");
    let started = std::time::Instant::now();
    assert_eq!(recipients::read(Form::Ldif, &Arc::from("x"), &text).recipients.len(), 1);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn the_blanks_of_a_list_are_read_in_time() {
    let text = format!(
        "Name : Ana\nRecipientType : MailUser\nEmailAddresses : {{SMTP:a@contoso.com,{}smtp:b@contoso.com}}\n",
        " ".repeat(400_000)
    );
    let started = std::time::Instant::now();
    let taken = recipients::read(Form::List, &Arc::from("x"), &text);
    assert_eq!(taken.recipients[0].addresses, ["SMTP:a@contoso.com", "smtp:b@contoso.com"]);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn nothing_where_the_synchronisation_is_told_means_that_there_is_none() {
    let synced = |members: &str| {
        let (recipients, _) = open_one(format!(
            r##"{{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","value":[{{"id":"u1","userPrincipalName":"ana@contoso.com"{members}}}]}}"##
        ));
        recipients[0].is_synced
    };
    assert_eq!(synced(""), None);
    assert_eq!(synced(r#","onPremisesSyncEnabled":null"#), Some(false));
    assert_eq!(synced(r#","onPremisesSyncEnabled":true"#), Some(true));
    assert_eq!(synced(r#","onPremisesSyncEnabled":"perhaps""#), None);
    let of = |heading: &str, cells: &str| open_one(format!("{heading}\n{cells}\n")).0[0].is_synced;
    assert_eq!(of("UserPrincipalName,DisplayName,ObjectId,DirSyncEnabled", "a@contoso.com,Ana,o1,"), Some(false));
    // Exchange and Active Directory say nothing by it.
    assert_eq!(of("Name,Guid,RecipientTypeDetails,EmailAddresses,IsDirSynced", "a,g,MailUser,smtp:a@b.com,"), None);
    assert_eq!(of("DistinguishedName,ObjectGUID,mail,DisplayName,IsDirSynced", "\"CN=a,DC=b\",g,a@b.com,Ana,"), None);
}

#[test]
fn the_type_before_the_id_in_entra_may_be_of_any_case() {
    for start in ["", "User_", "USER_", "group_", "Contact_"] {
        let (recipients, _) = open_one(format!(
            "dn: CN=Ana,DC=contoso,DC=com\nobjectClass: user\nmail: ana@contoso.com\nmsDS-ExternalDirectoryObjectId: {start}5c0f7a52-7d0e-4a58-9f0a-3a1d90c7b001\n"
        ));
        assert_eq!(recipients[0].external_id.as_deref(), Some("5c0f7a52-7d0e-4a58-9f0a-3a1d90c7b001"), "{start}");
    }
}

#[test]
fn ldif_is_read() {
    let text = "version: 1\n\ndn: CN=Timothea Marsh,OU=Partners,DC=fabrikam,DC=com\nchangetype: add\nobjectClass: top\nobjectClass: user\ncn: Timothea Marsh\nwhenCreated: 20210614145619.0Z\nobjectGUID:: MyIRAFVEd2aImaq7zN3u/w==\nproxyAddresses: smtp:t.marsh@fabrikam.com\nproxyAddresses: SMTP:t.mar\n sh@contoso.com\ntargetAddress: SMTP:t.marsh@contoso.com\nmailNickname: t.marsh\nmsExchHideFromAddressLists: TRUE\nmsExchRecipientTypeDetails: 128\nmsDS-ExternalDirectoryObjectId: User_5c0f7a52-7d0e-4a58-9f0a-3a1d90c7b001\n\ndn: OU=Partners,DC=fabrikam,DC=com\nobjectClass: organizationalUnit\n\n";
    let (recipients, report) = open_one(text);
    let [marsh] = recipients.as_slice() else { panic!("{recipients:#?}") };
    assert_eq!((marsh.directory, marsh.kind), (Directory::OnPremises, RecipientKind::MailUser));
    assert_eq!(marsh.id, "00112233-4455-6677-8899-aabbccddeeff");
    assert_eq!(marsh.immutable_id.as_deref(), Some("MyIRAFVEd2aImaq7zN3u/w=="));
    assert_eq!(marsh.external_id.as_deref(), Some("5c0f7a52-7d0e-4a58-9f0a-3a1d90c7b001"));
    assert_eq!(marsh.addresses, ["smtp:t.marsh@fabrikam.com", "SMTP:t.marsh@contoso.com"]);
    assert_eq!(marsh.created.unwrap().to_rfc3339(), "2021-06-14T14:56:19+00:00");
    assert_eq!(marsh.is_hidden, Some(true));
    assert_eq!(pointer(marsh, "/proxyAddresses/1"), "/proxyAddresses/1");
    assert_eq!(pointer(marsh, "/onPremisesImmutableId"), "/objectGUID");
    assert_eq!((report.format.as_str(), report.records), ("LDIF of recipients", 1));
    assert_eq!(reasons(&report), ["1 entry holds no addresses and are no recipients"]);
}

#[test]
fn exchange_as_json_is_told_by_its_content() {
    let text = r#"[{"ExternalDirectoryObjectId":"o1","Identity":"ana","Id":"ana","Name":"ana","RecipientTypeDetails":"GuestMailUser",
        "EmailAddresses":["SMTP:ana@contoso.com","SPO:SPO_1"],"ExternalEmailAddress":"SMTP:ana@contoso.com","Guid":"g1"},
        {"RecipientType":"MailUser","Name":"ben","WhenCreated":"2021-03-09T08:18:02Z","OriginatingServer":"dc.contoso.com",
        "EmailAddresses":{"value":[{"SmtpAddress":"ben@contoso.com","AddressString":"ben@contoso.com","ProxyAddressString":"SMTP:ben@contoso.com"}],"Count":1},
        "ExternalEmailAddress":{"PrefixString":"SMTP","AddressString":"ben@contoso.com"}}]"#;
    let (recipients, report) = open_one(text);
    let [ana, ben] = recipients.as_slice() else { panic!("{recipients:#?}") };
    assert_eq!((ana.directory, ana.kind, ana.id.as_str()), (Directory::Exchange, RecipientKind::Guest, "g1"));
    assert_eq!(ana.addresses, ["SMTP:ana@contoso.com", "SPO:SPO_1"]);
    assert_eq!(pointer(ana, "/proxyAddresses/0"), "/0/EmailAddresses/0");
    assert_eq!((ben.directory, ben.kind), (Directory::OnPremises, RecipientKind::MailUser));
    assert_eq!(ben.addresses, ["SMTP:ben@contoso.com"]);
    assert_eq!(ben.target_address.as_deref(), Some("SMTP:ben@contoso.com"));
    assert_eq!(pointer(ben, "/proxyAddresses/0"), "/1/EmailAddresses/value/0");
    assert_eq!(ben.evidence("", "/mail", "").record, None);
    assert!(ben.created.is_some());
    assert_eq!((report.kind, report.format.as_str()), (FileKind::Recipients, "JSON: 2 recipients"));
}

#[test]
fn snapshots_hand_over_users_groups_contacts_and_what_was_deleted() {
    let users = r##"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","value":[
        {"id":"u1","userPrincipalName":"t.marsh_contoso.com#EXT#@fabrikam.onmicrosoft.com","userType":"Guest","mail":"t.marsh@contoso.com",
         "proxyAddresses":["SMTP:t.marsh@contoso.com"],"externalUserState":"Accepted","createdDateTime":"2021-03-09T08:12:40Z",
         "assignedPlans":[{"service":"exchange","capabilityStatus":"Enabled","servicePlanId":"113feb6c-3fe4-4440-bddc-54d774bf0318"}],
         "serviceProvisioningErrors":[{"@odata.type":"#microsoft.graph.serviceProvisioningXmlError","isResolved":false,
            "serviceInstance":"exchange/x","createdDateTime":"2021-03-09T08:46:12Z","errorDetail":"<x/>"}]},
        {"Id":"u2","UserPrincipalName":"ben@fabrikam.com","AdditionalProperties":{"proxyAddresses":["SMTP:ben@fabrikam.com"],
         "onPremisesImmutableId":"MyI=","assignedPlans":[{"service":"exchange","capabilityStatus":"Enabled","servicePlanId":"efb87545"}]}}]}"##;
    let groups = r##"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#groups","value":[
        {"id":"g1","displayName":"Staff","mail":"staff@fabrikam.com","securityEnabled":false},
        {"id":"g2","displayName":"No mail","mail":null,"securityEnabled":true,"proxyAddresses":[]}]}"##;
    let contacts = r##"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#contacts","value":[
        {"id":"c1","displayName":"Cy","mail":"cy@contoso.com","proxyAddresses":["SMTP:cy@contoso.com"]}]}"##;
    let deleted = r##"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#directory/deletedItems/microsoft.graph.user","value":[
        {"id":"d1","userPrincipalName":"d@fabrikam.com","mail":"d@fabrikam.com","deletedDateTime":"2021-03-01T00:00:00Z"}]}"##;
    let files = [("a", users), ("b", groups), ("c", contacts), ("d", deleted)];
    let files: Vec<(&str, Vec<u8>)> = files.iter().map(|(name, text)| (*name, text.as_bytes().to_vec())).collect();
    let (snapshot, inventory) = open(&files);
    let [guest, ben, staff, contact, deleted] = snapshot.recipients.as_slice() else { panic!("{snapshot:#?}") };
    assert_eq!((guest.kind, guest.has_exchange_licence), (RecipientKind::Guest, Some(false)));
    assert_eq!(guest.errors[0].service, "exchange/x");
    assert_eq!(
        pointer(guest, &format!("{}/errorDetail", guest.errors[0].pointer)),
        "/value/0/serviceProvisioningErrors/0/errorDetail"
    );
    assert_eq!(pointer(guest, "/proxyAddresses/0"), "/value/0/proxyAddresses/0");
    assert_eq!((ben.kind, ben.has_exchange_licence), (RecipientKind::User, Some(true)));
    assert_eq!(ben.immutable_id.as_deref(), Some("MyI="));
    assert_eq!(pointer(ben, "/proxyAddresses"), "/value/1/AdditionalProperties/proxyAddresses");
    assert_eq!((staff.kind, staff.id.as_str()), (RecipientKind::Group, "g1"));
    assert_eq!((contact.kind, contact.addresses.len()), (RecipientKind::Contact, 1));
    assert!(deleted.is_deleted && deleted.deleted.is_some());
    assert_eq!((snapshot.users.len(), snapshot.groups.len()), (2, 2));
    assert!(inventory.files.iter().all(|file| file.kind == FileKind::TenantSnapshot), "{inventory:#?}");
    assert_eq!(inventory.files[2].format, "Graph page of contacts");
}

#[test]
fn one_document_may_hold_a_tenant_and_its_recipients() {
    let text = r#"{"users":[{"id":"u1","userPrincipalName":"ana@contoso.com"}],
        "contactsOfAna":[{"id":"1","displayName":"Cy","emailAddresses":[{"name":"Cy","address":"cy@fabrikam.com"}]}],
        "exchange":{"recipients":[{"PrimarySmtpAddress":"ana@contoso.com","EmailAddresses":"SMTP:ana@contoso.com smtp:a@contoso.com"}]}}"#;
    let (recipients, report) = open_one(text);
    let [ana, mailbox] = recipients.as_slice() else { panic!("{recipients:#?}") };
    assert_eq!((ana.directory, mailbox.directory), (Directory::Entra, Directory::Exchange));
    assert_eq!(mailbox.addresses.len(), 2);
    assert_eq!(pointer(mailbox, "/mail"), "/exchange/recipients/0/PrimarySmtpAddress");
    assert_eq!(report.kind, FileKind::TenantSnapshot);
    assert_eq!(report.format, "collections in one file: 1 user and JSON: 1 recipient");
}

#[test]
fn a_day_that_is_none_deletes_nobody() {
    let user = |day: &str| {
        format!("ObjectId : u\nUserPrincipalName : a@contoso.com\nDisplayName : a\nSoftDeletionTimestamp : {day}\n")
    };
    let deleted = |day: &str| {
        let taken = recipients::read(Form::List, &Arc::from("x"), &user(day));
        (taken.recipients[0].is_deleted, taken.recipients[0].deleted.is_some())
    };
    assert_eq!(deleted(""), (false, false));
    assert_eq!(deleted("1/1/0001 12:00:00 AM"), (false, false));
    assert_eq!(deleted("3/1/2021 8:00:00 AM"), (true, true));
    assert_eq!(deleted("14.06.2021 16:31:01"), (true, false));
}

proptest! {
    #[test]
    fn reading_never_fails_on_any_text(text in "(?s).{0,400}") {
        for form in [Form::List, Form::Table, Form::Ldif] {
            recipients::read(form, &Arc::from("x"), &text);
        }
        recipients::look(&text);
    }

    #[test]
    fn reading_never_fails_on_what_looks_like_dumps(
        parts in prop::collection::vec(prop::sample::select(vec![
            "EmailAddresses : {", "SMTP:a@b.com", ", ", "}", "\u{2026}", "...", "\n", "\n\n", "   ", "class P {", "Password: x",
            "ErrorDetail : <S", ">", "&gt;", "</S>", "PS C:\\> ", "(Get-AzureADUser -SearchString ", "\"", ").provisioningErrors",
            "RunspaceId : 1", "ObjectId : 2", "Guid : 3", "RecipientType : MailUser", "Name : x", "Resolved : True", "[a, b]", "\u{201d}",
            "dn: CN=a", "objectGUID:: AA==", "#TYPE x", "Name,EmailAddresses", "X500:/o=a", ";", "|", "\u{1b}[32m", "\u{a0}",
        ]), 0..60),
    ) {
        let text = parts.concat();
        for form in [Form::List, Form::Table, Form::Ldif] {
            let taken = recipients::read(form, &Arc::from("x"), &text);
            for recipient in &taken.recipients {
                prop_assert!(recipient.addresses.iter().all(|address| !address.is_empty()));
            }
        }
    }

    #[test]
    fn a_list_of_addresses_comes_back_however_it_is_wrapped(
        names in prop::collection::vec("[a-z]{1,30}@[a-z]{1,20}\\.com", 1..12),
        width in 20_usize..90,
        is_doubled in any::<bool>(),
    ) {
        let names: Vec<String> = names.iter().map(|name| format!("smtp:{name}")).collect();
        let mut lines = vec!["EmailAddresses : ".to_owned()];
        for word in format!("{{{}}}", names.join(", ")).split(' ') {
            let last = lines.last_mut().unwrap();
            if last.len() + word.len() > width && !last.ends_with(": ") {
                lines.push(word.to_owned());
            } else {
                if !last.ends_with(' ') { last.push(' '); }
                last.push_str(word);
            }
        }
        let before = ["Guid : g", "Name : x", "RecipientType : MailUser"].map(str::to_owned);
        let all: Vec<String> = before.into_iter().chain(lines).chain(["ObjectState : y".to_owned()]).collect();
        let text = all.join(if is_doubled { "\n\n" } else { "\n" });
        let taken = recipients::read(Form::List, &Arc::from("x"), &text);
        prop_assert_eq!(&taken.recipients[0].addresses, &names);
    }
}
