//! Evaluates the filter for devices of a policy with what a sign-in shows of its device.

use crate::domain::policy::Filter;
use crate::domain::sign_in::Device;
use crate::domain::{SignIn, Verdict};

use super::filter::{Attributes, Rule, Seen};

/// Whether a policy with this filter is for the device of the sign-in. A rule that cannot be read leaves it undecided.
pub(super) fn evaluate_filter(filter: &Filter, sign_in: &SignIn) -> Verdict {
    let Ok(rule) = Rule::parse(&filter.rule) else { return Verdict::UnknownData };
    let holds = rule.evaluate(&sign_in.device, Verdict::UnknownContext);
    match filter.mode.to_ascii_lowercase().as_str() {
        "include" => holds,
        "exclude" => holds.negate(),
        _ => Verdict::UnknownData,
    }
}

impl Attributes for Device {
    /// The attributes that a record carries. A device that did not prove itself has all attributes null (entra-docs, filter for
    /// devices, 2025-05-19); the operating system of the log is worded otherwise than the directory's and is not compared.
    fn attribute(&self, name: &str) -> Seen<'_> {
        let Some(id) = self.device_id.as_deref() else {
            return if self.is_reported { Seen::Null } else { Seen::Missing };
        };
        let text = |value: Option<&'static str>| value.map_or(Seen::Missing, Seen::Text);
        match name {
            "deviceid" => Seen::Text(id),
            "displayname" => self.display_name.as_deref().map_or(Seen::Missing, Seen::Text),
            "iscompliant" => self.is_compliant.map_or(Seen::Missing, Seen::Bool),
            "trusttype" => text(self.trust_type.as_deref().and_then(trust_type)),
            _ => Seen::Missing,
        }
    }
}

/// The filter language's word for a join type as the log words it (formats seen in exports of 2021 to 2025).
fn trust_type(logged: &str) -> Option<&'static str> {
    match logged.to_ascii_lowercase().as_str() {
        "azure ad joined" | "azuread" | "microsoft entra joined" => Some("AzureAD"),
        "hybrid azure ad joined" | "serverad" | "microsoft entra hybrid joined" => Some("ServerAD"),
        "azure ad registered" | "workplace" | "microsoft entra registered" => Some("Workplace"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(mode: &str, rule: &str, device: Device, expected: Verdict) {
        let filter = Filter { mode: mode.to_owned(), rule: rule.to_owned() };
        let sign_in = SignIn { device, ..SignIn::default() };
        assert_eq!(evaluate_filter(&filter, &sign_in), expected, "{mode} {rule}");
    }

    #[test]
    fn an_unregistered_device_is_null_and_one_that_is_not_reported_unknown() {
        let none = || Device { is_reported: true, is_compliant: Some(false), ..Device::default() };
        let joined = || Device {
            device_id: Some("d1".to_owned()),
            is_compliant: Some(true),
            trust_type: Some("Azure AD joined".to_owned()),
            is_reported: true,
            ..Device::default()
        };
        check("exclude", r#"device.extensionAttribute1 -ne "SAW""#, none(), Verdict::No);
        check("include", "device.isCompliant -ne True", none(), Verdict::Yes);
        check("include", "device.isCompliant -ne True", joined(), Verdict::No);
        check("include", r#"device.trustType -eq "AzureAD""#, none(), Verdict::No);
        check("include", r#"device.trustType -eq "AzureAD""#, joined(), Verdict::Yes);
        check("include", r#"device.extensionAttribute1 -eq "SAW""#, joined(), Verdict::UnknownContext);
        check("include", "device.isCompliant -ne True", Device::default(), Verdict::UnknownContext);
        check("include", "device.isCompliant -resembles True", joined(), Verdict::UnknownData);
    }
}
