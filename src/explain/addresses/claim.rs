//! What a recipient claims: every address and identifier that can collide, in the form in which it is compared.
//!
//! The type of an address tells the primary by its case and matters for nothing else, so `SMTP:A@x` and `smtp:a@x` are one address; one
//! without a type is an SMTP address. A `LegacyExchangeDN` and an X500 address are of one namespace, as Exchange's own message has it.
//! `mail`, the target address, the principal name of who has a mailbox and the proxy addresses are compared with each other, since the
//! two checks of the service do so (entra-docs, sync errors; office-docs-powershell, Set-MailUser, 2026-08-21).

use crate::domain::recipient::{Directory, Recipient, RecipientKind};

/// What can be compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Namespace {
    /// Mail addresses.
    Smtp,
    /// Principal names, and the names by which Exchange Online knows an account.
    PrincipalName,
    /// X500 addresses and `LegacyExchangeDN`.
    X500,
    /// SIP addresses.
    Sip,
    /// Addresses of another type, each type for itself.
    Other,
}

impl Namespace {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Namespace::Smtp => "SMTP",
            Namespace::PrincipalName => "UPN",
            Namespace::X500 => "X500",
            Namespace::Sip => "SIP",
            Namespace::Other => "other",
        }
    }
}

/// How surely a claim is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// It stands in the directory it is of.
    Stored,
    /// Whether it counts is not documented: the object is soft-deleted.
    Possible,
    /// It is what the next synchronisation or a licence would make.
    Predicted,
}

/// The attributes by which something is claimed, by Graph's names or the directory's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// A proxy address.
    ProxyAddresses,
    /// The attribute `mail`.
    Mail,
    /// The target address (`ExternalEmailAddress`).
    TargetAddress,
    /// The principal name.
    PrincipalName,
    /// `WindowsLiveID`.
    WindowsLiveId,
    /// `LegacyExchangeDN`.
    LegacyExchangeDn,
}

impl Attribute {
    /// Graph's name, or the directory's where Graph has none.
    pub fn name(self) -> &'static str {
        match self {
            Attribute::ProxyAddresses => "proxyAddresses",
            Attribute::Mail => "mail",
            Attribute::TargetAddress => "targetAddress",
            Attribute::PrincipalName => "userPrincipalName",
            Attribute::WindowsLiveId => "windowsLiveID",
            Attribute::LegacyExchangeDn => "legacyExchangeDN",
        }
    }
}

/// A claim, borrowed while it is handed out.
pub(super) struct Claim<'a> {
    pub(super) namespace: Namespace,
    /// The value in the form in which it is compared.
    pub(super) value: String,
    /// The value as it was written.
    pub(super) written: &'a str,
    pub(super) attribute: Attribute,
    pub(super) certainty: Certainty,
}

/// An address without its type, as it is written.
pub(super) fn bare(written: &str) -> &str {
    let written = written.trim();
    match (compared(written).0, written.split_once(':')) {
        // The type of another address is part of the value that is compared.
        (Namespace::Other, _) | (_, None) => written,
        _ if written.starts_with('/') => written,
        (_, Some((_, value))) => value.trim(),
    }
}

/// An address in the form in which it is compared.
pub fn compared(written: &str) -> (Namespace, String) {
    let written = written.trim();
    let (kind, value) = match written.split_once(':') {
        // A distinguished name may hold a colon, and begins with a slash.
        Some((kind, value)) if !written.starts_with('/') => (kind.trim(), value.trim()),
        _ => ("", written),
    };
    let kind = kind.to_ascii_lowercase();
    let value = value.to_lowercase();
    match kind.as_str() {
        "smtp" => (Namespace::Smtp, value),
        "" if value.starts_with("/o=") => (Namespace::X500, value),
        "" => (Namespace::Smtp, value),
        "x500" => (Namespace::X500, value),
        "sip" => (Namespace::Sip, value),
        _ => (Namespace::Other, format!("{kind}:{value}")),
    }
}

/// Hands out what a recipient claims.
pub(super) fn each<'a>(recipient: &'a Recipient, mut found: impl FnMut(Claim<'a>)) {
    let is_ahead = recipient.directory == Directory::OnPremises;
    let certainty = match (recipient.is_deleted, is_ahead) {
        (true, _) => Certainty::Possible,
        (false, true) => Certainty::Predicted,
        (false, false) => Certainty::Stored,
    };
    let licensed = recipient.principal_name.as_deref().filter(|_| principal_name_is_address(recipient));
    if let Some(written) = licensed {
        let value = written.trim().to_lowercase();
        let certainty = if certainty == Certainty::Stored { Certainty::Predicted } else { certainty };
        found(Claim { namespace: Namespace::Smtp, value, written, attribute: Attribute::PrincipalName, certainty });
    }
    let mut claim = |written: &'a str, attribute: Attribute| {
        let (namespace, value) = match attribute {
            Attribute::PrincipalName | Attribute::WindowsLiveId => {
                (Namespace::PrincipalName, written.trim().to_lowercase())
            }
            Attribute::LegacyExchangeDn => (Namespace::X500, written.trim().to_lowercase()),
            _ => compared(written),
        };
        if !value.is_empty() {
            found(Claim { namespace, value, written, attribute, certainty });
        }
    };
    for address in &recipient.addresses {
        if !(is_ahead && is_dropped(address)) {
            claim(address, Attribute::ProxyAddresses);
        }
    }
    let rest = [
        (&recipient.mail, Attribute::Mail),
        (&recipient.target_address, Attribute::TargetAddress),
        (&recipient.principal_name, Attribute::PrincipalName),
        (&recipient.windows_live_id, Attribute::WindowsLiveId),
        (&recipient.legacy_exchange_dn, Attribute::LegacyExchangeDn),
    ];
    for (value, attribute) in rest {
        if let Some(written) = value.as_deref().filter(|written| !(is_ahead && is_dropped(written))) {
            claim(written, attribute);
        }
    }
}

/// How many of a recipient's addresses are not compared, since synchronisation leaves them out.
pub(super) fn dropped(recipient: &Recipient) -> usize {
    let is_ahead = recipient.directory == Directory::OnPremises;
    recipient.addresses.iter().filter(|address| is_ahead && is_dropped(address)).count()
}

/// Whether the calculation of proxy addresses leaves an address of a source on premises out: those of the service's own domains
/// (SupportArticles-docs, proxyAddresses attribute, 2023-11-06). How it treats a hybrid routing domain is not documented.
pub(super) fn is_dropped(written: &str) -> bool {
    let (namespace, value) = compared(written);
    let domain = value.rsplit_once('@').map_or("", |(_, domain)| domain);
    namespace == Namespace::Smtp && (domain.ends_with(".onmicrosoft.com") || domain.ends_with(".microsoftonline.com"))
}

/// Hands out the addresses of hybrid routing domains that a recipient has, in the form in which they are compared. Whether
/// synchronisation leaves them out is not documented, so that they are neither compared nor passed over.
pub(super) fn each_routing(recipient: &Recipient, mut found: impl FnMut(String)) {
    let all = recipient.addresses.iter().chain(&recipient.mail).chain(&recipient.target_address);
    for (namespace, value) in all.map(|written| compared(written)) {
        if namespace == Namespace::Smtp && value.ends_with(".mail.onmicrosoft.com") {
            found(value);
        }
    }
}

/// Whether the principal name becomes a proxy address, which it does with a licence for Exchange Online or a mailbox.
fn principal_name_is_address(recipient: &Recipient) -> bool {
    recipient.has_exchange_licence == Some(true) || recipient.kind == RecipientKind::Mailbox
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_without_their_case_and_by_their_type() {
        let smtp = |value: &str| (Namespace::Smtp, value.to_owned());
        assert_eq!(compared("SMTP:T.Marsh@Fabrikam.com"), smtp("t.marsh@fabrikam.com"));
        assert_eq!(compared(" smtp:t.marsh@fabrikam.com "), smtp("t.marsh@fabrikam.com"));
        assert_eq!(compared("t.marsh@fabrikam.com"), smtp("t.marsh@fabrikam.com"));
        assert_eq!(compared("x500:/o=Contoso/cn=A"), (Namespace::X500, "/o=contoso/cn=a".to_owned()));
        assert_eq!(compared("/o=Contoso/cn=A:1"), (Namespace::X500, "/o=contoso/cn=a:1".to_owned()));
        assert_eq!(compared("sip:ana@contoso.com"), (Namespace::Sip, "ana@contoso.com".to_owned()));
        assert_eq!(compared("SPO:x"), (Namespace::Other, "spo:x".to_owned()));
        assert_eq!(bare(" X500:/o=Contoso/cn=A "), "/o=Contoso/cn=A");
        assert_eq!(bare("/o=Contoso/cn=A:1"), "/o=Contoso/cn=A:1");
        assert_eq!((bare("T@Contoso.com"), bare("SPO:x")), ("T@Contoso.com", "SPO:x"));
        assert!(is_dropped("smtp:t@contoso.mail.onmicrosoft.com") && !is_dropped("smtp:t@contoso.com"));
    }
}
