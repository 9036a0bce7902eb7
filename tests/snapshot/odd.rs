//! Files of nonsense: nothing makes the reader panic.

use std::sync::Arc;

use authopsy::domain::json::Json;
use authopsy::store::snapshot::{Builder, Form, look};
use proptest::prelude::*;

use super::POLICY;

/// Values made of the names that the reader knows, in all the wrong places.
fn any_export() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(|number| Json::Number(number.into())),
        prop::sample::select(vec![
            "",
            "All",
            "x",
            "ana@contoso.com",
            "everyTime",
            "days",
            "#microsoft.graph.user",
            POLICY
        ])
        .prop_map(|text| Json::Text(text.to_owned())),
    ];
    let name = prop::sample::select(vec![
        "id",
        "Id",
        "displayName",
        "value",
        "@odata.type",
        "@odata.context",
        "@odata.nextLink",
        "conditions",
        "users",
        "groups",
        "policies",
        "conditionalAccessPolicies",
        "namedLocations",
        "ipRanges",
        "members",
        "Members",
        "roleAssignments",
        "principalId",
        "roleDefinitionId",
        "grantControls",
        "sessionControls",
        "signInFrequency",
        "includeUsers",
        "state",
        "userPrincipalName",
        "AdditionalProperties",
        "settings",
        "values",
        "hideKeepMeSignedIn",
        "groupMembers",
        "organization",
        "type",
        "isEnabled",
        "memberOf",
        "a/b~c",
    ]);
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::List),
            prop::collection::vec((name.clone().prop_map(str::to_owned), inner), 0..7).prop_map(Json::Object),
        ]
    })
}

proptest! {
    #[test]
    fn no_file_makes_the_reader_panic_and_pointers_lead_to_what_was_read(json in any_export()) {
        let file: Arc<str> = Arc::from("export/Groups/g/Members/x/x.json");
        for file in [file, Arc::from("tenant.json")] {
            let mut builder = Builder::new();
            builder.take(&file, &json);
            let snapshot = builder.finish();
            for user in &snapshot.users {
                let pointer = user.origin.evidence("id", "/id", "").pointer;
                prop_assert_eq!(json.pointer(&pointer).and_then(Json::text), Some(user.id.as_str()), "{} in {}", pointer, json);
            }
            for policy in &snapshot.policies {
                let pointer = policy.evidence("state", "/state", "").pointer;
                let state = json.pointer(&pointer).map(Json::quoted).filter(|state| state != "null").unwrap_or_default();
                prop_assert_eq!(policy.state.word().to_lowercase(), state.to_lowercase(), "{} in {}", pointer, json);
            }
        }
    }

    #[test]
    fn no_text_makes_the_readers_of_texts_panic(text in "(AADGroup|AADConditionalAccessPolicy|@[({]|[\"'`{}()=;,#\n\r$@a-zA-Z0-9 ]){0,60}") {
        look(&text);
        for form in [Form::Configuration, Form::Table] {
            let mut builder = Builder::new();
            builder.take_text(&Arc::from("x"), form, &text);
            builder.take_text(&Arc::from("x"), form, &format!("AADGroup \"x\" {{{text}"));
            builder.take_text(&Arc::from("x"), form, &format!("GroupId,UserPrincipalName\n{text}"));
            builder.finish();
        }
    }

    #[test]
    fn no_document_makes_the_readers_of_other_products_panic(json in any_export()) {
        let wrap = |text: &str| serde_json::from_str::<Json>(text).unwrap();
        let documents = [
            wrap(&format!(r#"{{"terraform_version":"1","version":4,"resources":[{{"type":"azuread_conditional_access_policy","instances":[{{"attributes":{json}}}]}}]}}"#)),
            wrap(&format!(r#"{{"terraform_version":"1","version":4,"resources":[{{"type":"azuread_conditional_access_policy","instances":[{{"attributes":{{"id":"x","conditions":[{json}],"session_controls":{json},"grant_controls":{json}}}}}]}}]}}"#)),
            wrap(&format!(r#"[{{"ResourceName":"AADConditionalAccessPolicy","DisplayName":{json},"IncludeUsers":{json},"State":{json}}}]"#)),
            wrap(&format!(r#"{{"PolicyConfig":{json},"SourcePolicyId":"x","AssignmentDetails":{json}}}"#)),
        ];
        let mut builder = Builder::new();
        for document in &documents {
            builder.take(&Arc::from("x.json"), document);
        }
        builder.finish();
    }
}
