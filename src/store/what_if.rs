//! Reads the requests of a what-if: bodies of Microsoft Graph's `POST /identity/conditionalAccess/evaluate`, with members of our own
//! for what the service would look up itself.
//!
//! Requests come as one object, as a list, or one a line; a broken one is answered by an error and takes nothing from the others.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use crate::domain::Json;
use crate::domain::context::{
    Audience, ClientApp, Context, DeviceProperties, Given, Platform, Property, Resources, Subject, Target, UserSubject,
    Workload, trust_type,
};
use crate::domain::guest::GuestKinds;

use super::dates::read_date;
use super::record::read_json;

/// The longest request that is read.
const LONGEST: u64 = 16 << 20;

/// A request of a what-if.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIfRequest {
    /// What is known of it.
    pub context: Context,
    /// Whether policies that do not apply are left out of the answer.
    pub applied_policies_only: bool,
    /// Members of the request that mean nothing here.
    pub ignored: Vec<String>,
}

/// Opens where requests stand; `-` is standard input. Fails when the file cannot be opened.
pub fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    Ok(match path.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(BufReader::new(File::open(path)?)),
    })
}

/// Hands on every request of a stream, each as soon as it is read, or the reason why it cannot be. The second value says whether
/// the request stood in a list.
///
/// Fails when the stream cannot be read or `take` fails.
pub fn read_requests<E: From<io::Error>>(
    mut stream: impl BufRead,
    take: &mut dyn FnMut(Result<WhatIfRequest, String>, bool) -> Result<(), E>,
) -> Result<(), E> {
    let mut pending = Pending::default();
    loop {
        let mut line = Vec::new();
        let is_end = io::Read::take(&mut stream, LONGEST).read_until(b'\n', &mut line)? == 0;
        // A line that is a request by itself ends a broken one before it, which must not swallow it.
        let is_request = !is_end && pending.is_open_object() && line.first() == Some(&b'{') && read_json(&line).is_ok();
        if is_request {
            pending.hand_on(take)?;
        }
        pending.add(&line);
        if is_end || pending.is_whole() || pending.bytes.len() as u64 > LONGEST {
            pending.hand_on(take)?;
        }
        if is_end {
            return Ok(());
        }
    }
}

/// Lines that have not made a whole value yet.
#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    depth: usize,
    in_text: bool,
    is_escaped: bool,
}

impl Pending {
    fn add(&mut self, line: &[u8]) {
        for byte in line {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' if self.in_text => self.is_escaped = true,
                b'"' => self.in_text = !self.in_text,
                b'{' | b'[' if !self.in_text => self.depth += 1,
                b'}' | b']' if !self.in_text => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        self.bytes.extend_from_slice(line);
    }

    fn is_whole(&self) -> bool {
        self.depth == 0 && !self.in_text && !self.bytes.trim_ascii().is_empty()
    }

    fn is_open_object(&self) -> bool {
        self.bytes.trim_ascii_start().first() == Some(&b'{')
    }

    fn hand_on<E>(
        &mut self,
        take: &mut dyn FnMut(Result<WhatIfRequest, String>, bool) -> Result<(), E>,
    ) -> Result<(), E> {
        let Pending { bytes, .. } = std::mem::take(self);
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        if bytes.trim_ascii().is_empty() {
            return Ok(());
        }
        match read_json(bytes) {
            Err(reason) => {
                take(Err(format!("no JSON: {reason}")), false)?;
                // What stands behind a bracket that nobody closed is still there, a line each.
                let lines = bytes.split(|byte| *byte == b'\n').skip(1);
                let mut requests = lines.map(|line| line.trim_ascii()).filter(|line| line.first() == Some(&b'{'));
                requests.try_for_each(|line| read_json(line).map_or(Ok(()), |json| take(read_request(&json), false)))
            }
            Ok(Json::List(items)) => items.iter().try_for_each(|item| take(read_request(item), true)),
            // A list as Graph wraps one.
            Ok(json) => match json.get("value") {
                Json::List(items) => items.iter().try_for_each(|item| take(read_request(item), true)),
                _ => take(read_request(&json), false),
            },
        }
    }
}

/// What an omitted input means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defaults {
    /// It is not known.
    Unknown,
    /// There is none, and a configured condition does not hold (entra-docs, What If tool, 2025-04-28).
    Portal,
    /// Graph's own defaults (Graph `signInConditions`, beta).
    Graph,
}

/// The levels of risk (Graph `riskLevel`).
const LEVELS: [&str; 5] = ["none", "low", "medium", "high", "hidden"];
/// The levels of insider risk (Graph `conditionalAccessInsiderRiskLevels`, and none at all).
const INSIDER_LEVELS: [&str; 4] = ["none", "minor", "moderate", "elevated"];
/// The transfer methods that policies name.
const TRANSFER_METHODS: [&str; 2] = ["deviceCodeFlow", "authenticationTransfer"];
/// The controls that may be said to be met by word; others are said by id.
const CONTROLS: [&str; 9] = [
    "mfa",
    "compliantDevice",
    "domainJoinedDevice",
    "approvedApplication",
    "compliantApplication",
    "passwordChange",
    "riskRemediation",
    "secureSignInSession",
    "signInFrequency",
];

/// The members that are read, to name those that are not.
const KNOWN: [&str; 14] = [
    "signInIdentity",
    "signInContext",
    "signInConditions",
    "appliedPoliciesOnly",
    "subject",
    "location",
    "satisfiedControls",
    "authenticationMethods",
    "scopes",
    "audiences",
    "clientApplicationId",
    "deviceRegistered",
    "defaults",
    "createdDateTime",
];
const KNOWN_SUBJECT: [&str; 6] = ["userType", "memberOf", "roles", "homeTenantId", "guestKind", "isManagedIdentity"];
const KNOWN_LOCATION: [&str; 3] = ["namedLocationId", "isTrusted", "isThroughGlobalSecureAccess"];
const KNOWN_CONDITIONS: [&str; 10] = [
    "devicePlatform",
    "clientAppType",
    "signInRiskLevel",
    "userRiskLevel",
    "servicePrincipalRiskLevel",
    "insiderRiskLevel",
    "country",
    "ipAddress",
    "authenticationFlow",
    "deviceInfo",
];

/// Reads one request. Fails when it is no object or an input has a value that cannot be meant.
pub fn read_request(json: &Json) -> Result<WhatIfRequest, String> {
    if !matches!(json, Json::Object(_)) {
        return Err("a request is an object with `signInIdentity`, `signInContext` and `signInConditions`".to_owned());
    }
    let parts = ["signInIdentity", "signInContext", "signInConditions", "subject", "location"];
    for part in parts {
        if !matches!(json.get(part), Json::Null | Json::Object(_)) {
            return Err(format!("`{part}` is no object"));
        }
    }
    if parts.iter().all(|part| json.get(part).is_null()) {
        return Err(
            "the request says nothing: it has neither `signInIdentity`, nor `signInContext`, nor `signInConditions`"
                .to_owned(),
        );
    }
    let defaults = match word(json, "defaults", &["portal", "graph"])?.as_deref() {
        None => Defaults::Unknown,
        Some("portal") => Defaults::Portal,
        Some(_) => Defaults::Graph,
    };
    let conditions = json.get("signInConditions");
    let at = match json.get("createdDateTime") {
        Json::Null => None,
        other => {
            let date = other.text().and_then(read_date);
            Some(date.ok_or_else(|| format!("`createdDateTime` `{}` is no date", other.quoted()))?)
        }
    };
    let mut context = Context {
        at,
        subject: subject(json)?,
        target: target(json)?,
        scopes: texts(json, "scopes")?,
        ..Context::default()
    };
    read_conditions(conditions, &mut context)?;
    read_place(json, conditions, &mut context)?;
    read_device(json, conditions, &mut context)?;
    read_proofs(json, &mut context)?;
    let asked = json.get("signInContext").get("authenticationContextValue");
    if let Some(asked) = asked.text() {
        context.authentication_contexts = Some(vec![asked.to_owned()]);
    } else if context.target != Target::Missing {
        // A request for resources or an action, as Graph words it, asks for no authentication context.
        context.authentication_contexts = Some(Vec::new());
    }
    // A device of which something was said is not nothing, also when nothing says which one it is.
    fill(&mut context, defaults, conditions.get("deviceInfo").members().is_empty());
    let unknown = |members: &[(String, Json)], known: &[&str], at: &str| -> Vec<String> {
        let names = members.iter().map(|(name, _)| name.as_str());
        names.filter(|name| !known.contains(name) && !name.contains('@')).map(|name| format!("{at}{name}")).collect()
    };
    let mut ignored = unknown(json.members(), &KNOWN, "");
    ignored.extend(unknown(conditions.members(), &KNOWN_CONDITIONS, "signInConditions/"));
    ignored.extend(unknown(json.get("subject").members(), &KNOWN_SUBJECT, "subject/"));
    ignored.extend(unknown(json.get("location").members(), &KNOWN_LOCATION, "location/"));
    let controls = texts(json, "satisfiedControls")?.unwrap_or_default();
    let is_control = |said: &str| said.contains('-') || CONTROLS.iter().any(|known| known.eq_ignore_ascii_case(said));
    ignored.extend(controls.iter().filter(|said| !is_control(said)).map(|said| format!("satisfiedControls: {said}")));
    Ok(WhatIfRequest { context, applied_policies_only: flag(json, "appliedPoliciesOnly")?.unwrap_or(false), ignored })
}

/// One of some words, in the spelling given; nothing when it was not said. Fails on any other value.
fn word(json: &Json, name: &str, words: &[&str]) -> Result<Option<String>, String> {
    if json.get(name).is_null() {
        return Ok(None);
    }
    let said = json.get(name).quoted();
    let found = words.iter().find(|word| word.eq_ignore_ascii_case(&said));
    found.map(|word| Some((*word).to_owned())).ok_or_else(|| {
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        format!("`{name}` is `{said}`; there is {}", words.join(", "))
    })
}

fn flag(json: &Json, name: &str) -> Result<Option<bool>, String> {
    match json.get(name) {
        Json::Null => Ok(None),
        other => other.bool().map(Some).ok_or_else(|| format!("`{name}` is neither true nor false")),
    }
}

fn texts(json: &Json, name: &str) -> Result<Option<Vec<String>>, String> {
    match json.get(name) {
        Json::Null => Ok(None),
        Json::Text(text) => Ok(Some(vec![text.clone()])),
        Json::List(items) => {
            let text =
                |item: &Json| item.text().map(str::to_owned).ok_or_else(|| format!("`{name}` is no list of texts"));
            items.iter().map(text).collect::<Result<Vec<_>, _>>().map(Some)
        }
        _ => Err(format!("`{name}` is no list of texts")),
    }
}

fn subject(json: &Json) -> Result<Subject, String> {
    let identity = json.get("signInIdentity");
    let said = json.get("subject");
    if let Some(id) = identity.get("servicePrincipalId").text() {
        if !identity.get("userId").is_null() {
            return Err("`signInIdentity` has both a `userId` and a `servicePrincipalId`".to_owned());
        }
        return Ok(Subject::Workload(Workload {
            id: Some(id.to_owned()),
            app_id: None,
            is_managed_identity: flag(said, "isManagedIdentity")?,
        }));
    }
    let text = |json: &Json, name: &str| json.get(name).text().map(str::to_owned);
    let id = text(identity, "userId");
    if id.is_none() && said.is_null() {
        return Ok(Subject::Missing);
    }
    let is_name = id.as_deref().is_some_and(|id| id.contains('@'));
    let kind = said.get("guestKind").text().or(identity.get("externalUserType").text());
    Ok(Subject::User(UserSubject {
        principal_name: id.clone().filter(|_| is_name),
        id: id.filter(|_| !is_name),
        kinds: kinds(kind, said.get("userType").text())?,
        home_tenant: text(said, "homeTenantId").or_else(|| text(identity, "externalTenantId")),
        member_of: texts(said, "memberOf")?,
        roles: texts(said, "roles")?,
    }))
}

fn kinds(kind: Option<&str>, user_type: Option<&str>) -> Result<GuestKinds, String> {
    match (kind, user_type.map(str::to_ascii_lowercase).as_deref()) {
        (Some(word), user_type) if word.eq_ignore_ascii_case("none") => Ok(match user_type {
            Some("guest") => GuestKinds::INTERNAL_GUEST,
            _ => GuestKinds::MEMBER,
        }),
        (Some(words), _) => words.split(',').try_fold(GuestKinds::NONE, |kinds, word| {
            let kind = GuestKinds::from_word(word.trim());
            kind.map(|kind| kinds.or(kind)).ok_or_else(|| format!("`{word}` is no kind of guest"))
        }),
        // Somebody with a user type has an object here, so that nobody came by direct connect.
        (None, Some("guest")) => Ok(GuestKinds::INTERNAL_GUEST.or(GuestKinds::COLLABORATION_GUEST)),
        (None, Some("member")) => Ok(GuestKinds::MEMBER.or(GuestKinds::COLLABORATION_MEMBER)),
        (None, Some(other)) => Err(format!("`userType` is `{other}`; there is `member` and `guest`")),
        (None, None) => Ok(GuestKinds::ANY),
    }
}

/// What is asked for. As in Graph's own evaluation, the applications named are all audiences there are.
fn target(json: &Json) -> Result<Target, String> {
    let context = json.get("signInContext");
    if !context.get("userAction").is_null() {
        let action = context.get("userAction").quoted();
        return match action.to_ascii_lowercase().as_str() {
            "registersecurityinformation" => Ok(Target::UserAction("urn:user:registersecurityinfo".to_owned())),
            "registerorjoindevices" => Ok(Target::UserAction("urn:user:registerdevice".to_owned())),
            urn if urn.starts_with("urn:user:") => Ok(Target::UserAction(action)),
            _ => Err(format!(
                "`userAction` is `{action}`; there is `registerSecurityInformation` and `registerOrJoinDevices`"
            )),
        };
    }
    let named = texts(json, "audiences")?.or(texts(context, "includeApplications")?);
    let Some(ids) = named else { return Ok(Target::Missing) };
    let audiences = ids.into_iter().map(|id| Audience { id, ..Audience::default() }).collect();
    let client_id = json.get("clientApplicationId").text().map(str::to_owned);
    Ok(Target::Resources(Resources { audiences, is_complete: true, is_recorded: false, client_id, client_name: None }))
}

fn is_none(value: &Json) -> bool {
    value.text().is_some_and(|text| text.eq_ignore_ascii_case("none"))
}

/// A text that may be said to be none.
fn given(value: &Json) -> Given<String> {
    match value.text() {
        _ if is_none(value) => Given::Nothing,
        Some(text) => Given::Value(text.to_owned()),
        None => Given::Missing,
    }
}

fn read_conditions(conditions: &Json, context: &mut Context) -> Result<(), String> {
    context.client_app = match conditions.get("clientAppType") {
        Json::Null => None,
        none if is_none(none) => Some(ClientApp::Unnamed),
        other => {
            let word = other.quoted();
            Some(ClientApp::from_word(&word).ok_or_else(|| format!("`{word}` is no client app type"))?)
        }
    };
    context.platform = match given(conditions.get("devicePlatform")) {
        Given::Value(word) => match (Platform::from_word(&word), word.to_ascii_lowercase().as_str()) {
            (Some(platform), _) => Given::Value(platform),
            // Platforms that policies do not name.
            (None, "chromeos" | "chrome os" | "unknown" | "unknownfuturevalue" | "other") => Given::Nothing,
            (None, _) => {
                let known: Vec<&str> = Platform::ALL.iter().map(|platform| platform.word()).collect();
                return Err(format!(
                    "`devicePlatform` is `{word}`; there is {}, and `none` for one that no policy names",
                    known.join(", ")
                ));
            }
        },
        Given::Nothing => Given::Nothing,
        Given::Missing => Given::Missing,
    };
    context.sign_in_risk = word(conditions, "signInRiskLevel", &LEVELS)?;
    context.user_risk = word(conditions, "userRiskLevel", &LEVELS)?;
    context.service_principal_risk = word(conditions, "servicePrincipalRiskLevel", &LEVELS)?;
    context.insider_risk = word(conditions, "insiderRiskLevel", &INSIDER_LEVELS)?;
    let flow = conditions.get("authenticationFlow");
    let (holder, name) = match flow {
        Json::Object(_) => (flow, "transferMethod"),
        _ => (conditions, "authenticationFlow"),
    };
    context.transfer_method = match is_none(holder.get(name)) {
        true => Given::Nothing,
        false => word(holder, name, &TRANSFER_METHODS)?.map_or(Given::Missing, Given::Value),
    };
    Ok(())
}

fn read_place(json: &Json, conditions: &Json, context: &mut Context) -> Result<(), String> {
    let said = json.get("location");
    let place = &mut context.place;
    place.country = given(conditions.get("country"));
    if let Given::Value(country) = &place.country
        && !(country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic()))
    {
        return Err(format!("`country` is `{country}`; a country is its code of two letters, or `none`"));
    }
    place.address = match given(conditions.get("ipAddress")) {
        Given::Value(text) => {
            Given::Value(text.trim().parse().map_err(|_| format!("`ipAddress` `{text}` is no address"))?)
        }
        Given::Nothing => Given::Nothing,
        Given::Missing => Given::Missing,
    };
    place.named_locations = match given(said.get("namedLocationId")) {
        Given::Value(id) => Some(vec![id]),
        Given::Nothing => Some(Vec::new()),
        Given::Missing => None,
    };
    place.is_trusted = flag(said, "isTrusted")?;
    place.through_global_secure_access = flag(said, "isThroughGlobalSecureAccess")?;
    Ok(())
}

fn read_device(json: &Json, conditions: &Json, context: &mut Context) -> Result<(), String> {
    let info = conditions.get("deviceInfo");
    let registered = flag(json, "deviceRegistered")?.or(info.get("deviceId").text().map(|_| true));
    if registered == Some(false) && !info.members().is_empty() {
        return Err("`deviceRegistered` is false, and `deviceInfo` says something of the device".to_owned());
    }
    context.device = match registered {
        Some(false) => Given::Nothing,
        Some(true) => Given::Value(properties(info)?),
        None => Given::Missing,
    };
    Ok(())
}

fn properties(info: &Json) -> Result<DeviceProperties, String> {
    let nested = info.get("extensionAttributes").members();
    let members = info.members().iter().chain(nested).filter(|(name, _)| !name.contains('@'));
    let property = |(name, value): &(String, Json)| {
        let name = name.to_ascii_lowercase();
        // People write the two flags of a device as texts, as the filter language does.
        let property = match (name.as_str(), value.text().map(str::to_ascii_lowercase).as_deref()) {
            ("iscompliant" | "ismanaged", Some("true")) => Property::Flag(true),
            ("iscompliant" | "ismanaged", Some("false")) => Property::Flag(false),
            ("trusttype", Some(word)) => match trust_type(word) {
                Some(known) => Property::Text(known.to_owned()),
                None => {
                    let words = "there is `AzureAD`, `ServerAD` and `Workplace`";
                    return Some(Err(format!("`trustType` is `{}`; {words}", value.quoted())));
                }
            },
            _ => Property::of(value)?,
        };
        Some(Ok((name, property)))
    };
    members.filter_map(property).collect()
}

fn read_proofs(json: &Json, context: &mut Context) -> Result<(), String> {
    let proofs = &mut context.proofs;
    // The request is taken as a fresh sign-in.
    proofs.controls.insert("signinfrequency".to_owned(), true);
    if let Given::Value(properties) = &context.device {
        let flag = properties.get("iscompliant").map(|property| *property == Property::Flag(true));
        proofs.controls.extend(flag.map(|met| ("compliantdevice".to_owned(), met)));
        let is_hybrid =
            |property: &Property| matches!(property, Property::Text(word) if word.eq_ignore_ascii_case("ServerAD"));
        let hybrid = properties.get("trusttype").map(is_hybrid);
        proofs.controls.extend(hybrid.map(|met| ("domainjoineddevice".to_owned(), met)));
    }
    if context.device == Given::Nothing {
        proofs.controls.insert("compliantdevice".to_owned(), false);
        proofs.controls.insert("domainjoineddevice".to_owned(), false);
    }
    if let Some(controls) = texts(json, "satisfiedControls")? {
        proofs.is_complete = true;
        let bound = controls.iter().any(|word| word.eq_ignore_ascii_case("secureSignInSession"));
        proofs.controls.insert("securesigninsession".to_owned(), bound);
        proofs.controls.extend(controls.into_iter().map(|word| (word.to_ascii_lowercase(), true)));
    }
    if let Some(methods) = texts(json, "authenticationMethods")? {
        let modes = methods.iter().flat_map(|method| method.split(','));
        proofs.methods = modes.map(|mode| vec![mode.trim().to_owned()]).filter(|mode| *mode != [""]).collect();
        proofs.knows_methods = true;
    }
    Ok(())
}

/// Fills in what an omitted input means.
fn fill(context: &mut Context, defaults: Defaults, is_without_device: bool) {
    if defaults == Defaults::Unknown {
        return;
    }
    let is_graph = defaults == Defaults::Graph;
    let none = |value: &mut Given<String>| {
        if *value == Given::Missing {
            *value = Given::Nothing;
        }
    };
    context.client_app.get_or_insert(if is_graph { ClientApp::All } else { ClientApp::Unnamed });
    if context.platform == Given::Missing {
        context.platform = if is_graph { Given::Value(Platform::Android) } else { Given::Nothing };
    }
    // A level that no list holds: a condition without a value does not hold.
    let level = |is_low: bool| if is_low { "low" } else { "" }.to_owned();
    context.sign_in_risk.get_or_insert(level(is_graph));
    context.user_risk.get_or_insert(level(is_graph));
    context.service_principal_risk.get_or_insert(level(is_graph));
    context.insider_risk.get_or_insert(if is_graph { "none".to_owned() } else { String::new() });
    none(&mut context.transfer_method);
    if context.device == Given::Missing && is_without_device {
        context.device = Given::Nothing;
    }
    let place = &mut context.place;
    let nowhere = place.address == Given::Missing && place.country == Given::Missing;
    if nowhere {
        place.named_locations.get_or_insert_with(Vec::new);
    }
    place.is_trusted = place.is_trusted.or(nowhere.then_some(false));
    none(&mut place.country);
    none(&mut place.country_by_gps);
    if place.address == Given::Missing {
        place.address = Given::Nothing;
    }
    place.through_global_secure_access.get_or_insert(false);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Result<WhatIfRequest, String>> {
        let mut found = Vec::new();
        read_requests::<io::Error>(text.as_bytes(), &mut |request, _| {
            found.push(request);
            Ok(())
        })
        .expect("reading from memory");
        found
    }

    #[test]
    fn requests_come_alone_in_lists_and_in_lines_and_a_broken_one_takes_nothing_from_the_rest() {
        let one = r#"{"signInIdentity":{"userId":"u1"},"signInContext":{"includeApplications":["a"]}}"#;
        assert_eq!(read(one).len(), 1);
        assert_eq!(read(&format!("[{one},{one}]")).len(), 2);
        assert_eq!(read(&format!("[\n  {one},\n  {one}\n]\n")).len(), 2);
        let pretty = one.replace(',', ",\n  ");
        assert_eq!(read(&format!("{pretty}\n{pretty}")).len(), 2);
        let lines = read(&format!("{one}\n\n{{\"signInIdentity\":\n{one}\n3\n{one}"));
        let is_read: Vec<bool> = lines.iter().map(Result::is_ok).collect();
        assert_eq!(is_read, [true, false, true, false, true]);
        assert_eq!(read(&format!("{{\"value\":[{one},{one}]}}")).len(), 2);
        let behind_a_bracket = read(&format!("[\n{one}\n{one}\n"));
        assert_eq!(behind_a_bracket.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true, true]);
        assert_eq!(read("").len(), 0);
    }

    #[test]
    fn a_device_of_which_something_was_said_is_not_nothing() {
        let of = |rest: &str| {
            let text = format!(r#"{{"signInIdentity":{{"userId":"u"}},{rest}}}"#);
            read(&text).pop().expect("a request").map(|request| request.context.device)
        };
        let compliant = r#""signInConditions":{"deviceInfo":{"isCompliant":true}}"#;
        assert_eq!(of(&format!(r#"{compliant},"defaults":"graph""#)), Ok(Given::Missing));
        assert!(of(&format!(r#"{compliant},"deviceRegistered":false"#)).is_err());
        let joined =
            |word: &str| of(&format!(r#""signInConditions":{{"deviceInfo":{{"deviceId":"d","trustType":"{word}"}}}}"#));
        let trust = |word: &str| match joined(word) {
            Ok(Given::Value(properties)) => properties.get("trusttype").cloned(),
            _ => None,
        };
        assert_eq!(trust("EntraID"), Some(Property::Text("AzureAD".to_owned())));
        assert_eq!(trust("Hybrid Azure AD joined"), Some(Property::Text("ServerAD".to_owned())));
        assert!(joined("by rope").is_err());
    }

    #[test]
    fn what_cannot_be_meant_is_an_error_that_names_it() {
        let reason = |text: &str| read(text).pop().and_then(Result::err).unwrap_or_default();
        assert!(reason(r#"{"signInConditions":{"clientAppType":"fax"}}"#).contains("fax"));
        assert!(reason(r#"{"signInConditions":{"ipAddress":"here"}}"#).contains("here"));
        assert!(reason(r#"{"subject":{"guestKind":"visitor"}}"#).contains("visitor"));
        assert!(reason(r#"{"subject":{},"defaults":"best"}"#).contains("best"));
        assert!(reason(r#"{"subject":"ana"}"#).contains("`subject` is no object"));
        assert!(reason(r#"{"signInConditions":{"signInRiskLevel":"huge"}}"#).contains("huge"));
        assert!(reason(r#"{"signInConditions":{"insiderRiskLevel":3}}"#).contains('3'));
        assert!(reason(r#"{"signInConditions":{"devicePlatform":"andriod"}}"#).contains("andriod"));
        assert!(reason(r#"{"signInConditions":{"country":"Germany"}}"#).contains("Germany"));
        assert!(reason(r#"{"signInConditions":{"authenticationFlow":{"transferMethod":"fax"}}}"#).contains("fax"));
        assert!(reason(r#"{"signInContext":{"userAction":"register"}}"#).contains("register"));
        assert!(reason(r#"{"location":{"isTrusted":"yes"}}"#).contains("isTrusted"));
        assert!(reason(r#"{"subject":{},"createdDateTime":"noon"}"#).contains("noon"));
        assert!(reason("{}").contains("says nothing"));
        let text = r#"{"signInConditions":{"time":"noon"},"sublect":{},"location":{"city":"Graz"},"satisfiedControls":["mfaa"]}"#;
        let request = read(text).pop().expect("a request");
        assert_eq!(
            request.expect("readable").ignored,
            ["sublect", "signInConditions/time", "location/city", "satisfiedControls: mfaa"]
        );
    }

    #[test]
    fn an_omitted_input_is_unknown_none_or_graphs_default() {
        let of = |defaults: &str| {
            let text = format!(r#"{{"signInIdentity":{{"userId":"u"}}{defaults}}}"#);
            read(&text).pop().expect("a request").expect("readable").context
        };
        let unknown = of("");
        assert_eq!((unknown.client_app, unknown.platform), (None, Given::Missing));
        let portal = of(r#","defaults":"portal""#);
        assert_eq!((portal.client_app, portal.platform), (Some(ClientApp::Unnamed), Given::Nothing));
        assert_eq!(portal.place.named_locations, Some(Vec::new()));
        let graph = of(r#","defaults":"graph""#);
        assert_eq!((graph.client_app, graph.platform), (Some(ClientApp::All), Given::Value(Platform::Android)));
        assert_eq!(graph.sign_in_risk.as_deref(), Some("low"));
    }
}
