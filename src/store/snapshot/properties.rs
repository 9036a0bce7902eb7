//! Reads the properties of devices and the custom security attributes of applications, which filters in policies ask for.
//!
//! Names are the filter language's in lower case (entra-docs, filter for devices, 2025-05-19; filter for applications, 2025-07-22).
//! A property that the export leaves out is not in the map; one that it writes as null is null.

use crate::domain::context::{DeviceProperties, Property};
use crate::domain::json::Json;

/// Graph's names of the properties of a device that a filter can ask for.
pub(super) const OF_DEVICE: [&str; 24] = [
    "id",
    "deviceId",
    "displayName",
    "deviceOwnership",
    "enrollmentProfileName",
    "enrollmentType",
    "isCompliant",
    "isManaged",
    "managementType",
    "manufacturer",
    "mdmAppId",
    "model",
    "operatingSystem",
    "operatingSystemVersion",
    "physicalIds",
    "profileType",
    "systemLabels",
    "trustType",
    "extensionAttributes",
    "alternativeSecurityIds",
    "accountEnabled",
    "isRooted",
    "deviceCategory",
    "onPremisesSyncEnabled",
];

/// How many extension attributes a device has.
const EXTENSION_ATTRIBUTES: usize = 15;

/// The properties of a device in Graph's spelling.
pub(super) fn of_device(json: &Json) -> DeviceProperties {
    let mut properties = DeviceProperties::new();
    for (name, value) in json.members() {
        let key = name.to_ascii_lowercase();
        let is_asked_for = OF_DEVICE.iter().any(|known| known.eq_ignore_ascii_case(&key));
        if is_asked_for
            && key != "id"
            && key != "extensionattributes"
            && let Some(property) = Property::of(value)
        {
            properties.insert(key, property);
        }
    }
    // The object lists all fifteen, as null where nothing is set; without the object none is known.
    if let Json::Object(attributes) = json.get("extensionAttributes") {
        for number in 1..=EXTENSION_ATTRIBUTES {
            let key = format!("extensionattribute{number}");
            let held = attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key));
            let value = held.and_then(|(_, value)| Property::of(value)).unwrap_or(Property::Null);
            properties.insert(key, value);
        }
    }
    properties
}

/// The custom security attributes of an application: `set_name` to the value. A set is an object of its attributes.
pub(super) fn custom_security_attributes(json: &Json) -> DeviceProperties {
    let is_note = |name: &str| name.contains('@');
    let sets = json.members().iter().filter(|(set, _)| !is_note(set));
    sets.flat_map(|(set, attributes)| {
        let named = attributes.members().iter().filter(move |(name, _)| !is_note(name));
        named.filter_map(move |(name, value)| Some((format!("{set}_{name}").to_lowercase(), Property::of(value)?)))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_not_known_and_what_is_null_is_null() {
        let json: Json = serde_json::from_str(
            r#"{"deviceId":"d","model":"Surface","isCompliant":true,"systemLabels":["CloudPC"],"trustType":null,
                "extensionAttributes":{"extensionAttribute1":"SAW","extensionAttribute2":null}}"#,
        )
        .expect("valid JSON");
        let properties = of_device(&json);
        let get = |name: &str| properties.get(name).cloned();
        assert_eq!(get("model"), Some(Property::Text("Surface".to_owned())));
        assert_eq!(get("systemlabels"), Some(Property::List(vec!["CloudPC".to_owned()])));
        assert_eq!((get("trusttype"), get("manufacturer")), (Some(Property::Null), None));
        assert_eq!(get("extensionattribute1"), Some(Property::Text("SAW".to_owned())));
        assert_eq!(get("extensionattribute15"), Some(Property::Null));
        let none = of_device(&serde_json::from_str(r#"{"deviceId":"d"}"#).expect("valid JSON"));
        assert_eq!(none.get("extensionattribute1"), None);
    }

    #[test]
    fn attributes_of_applications_are_named_by_set_and_name() {
        let json: Json = serde_json::from_str(
            r##"{"Tier":{"@odata.type":"#x","Level":"one","Areas@odata.type":"#y","Areas":["a","b"]}}"##,
        )
        .expect("valid JSON");
        let attributes = custom_security_attributes(&json);
        assert_eq!(attributes.get("tier_level"), Some(&Property::Text("one".to_owned())));
        assert_eq!(attributes.get("tier_areas"), Some(&Property::List(vec!["a".to_owned(), "b".to_owned()])));
        assert_eq!(attributes.len(), 2);
    }
}
