//! Defines [`WhatIfPanel`]: the request of the selected sign-in with changes to it, and what the policies would make of both.
//!
//! The request as recorded is never touched; what is changed is kept as a choice for each input, from which the changed request is
//! made anew. So every change can be taken back by itself.

use std::collections::BTreeMap;

use crate::domain::context::Audience;
use crate::domain::context::{ClientApp, Context, Given, Platform, Property, Resources, Subject, Target, UserSubject};
use crate::domain::{Verdict, first_party};
use crate::explain::access::Tenant;
use crate::explain::reason::seen_in;
use crate::explain::rule::Condition;
use crate::explain::what_if::{self, WhatIf};

/// An input of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Input {
    /// Who signs in.
    User,
    /// What is asked for.
    Resource,
    /// The kind of client.
    Client,
    /// The platform.
    Platform,
    /// The country.
    Country,
    /// The IP address.
    Address,
    /// Whether the place is trusted.
    Trusted,
    /// The device.
    Device,
    /// The risk of the sign-in.
    SignInRisk,
    /// The user's risk.
    UserRisk,
    /// The authentication flow.
    Flow,
    /// The factors that were given.
    Factors,
}

impl Input {
    /// All inputs in the order of the screen.
    pub const ALL: [Input; 12] = [
        Input::User,
        Input::Resource,
        Input::Client,
        Input::Platform,
        Input::Country,
        Input::Address,
        Input::Trusted,
        Input::Device,
        Input::SignInRisk,
        Input::UserRisk,
        Input::Flow,
        Input::Factors,
    ];

    /// Its name on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Input::User => "user",
            Input::Resource => "resource",
            Input::Client => "client app",
            Input::Platform => "platform",
            Input::Country => "country",
            Input::Address => "IP address",
            Input::Trusted => "trusted place",
            Input::Device => "device",
            Input::SignInRisk => "sign-in risk",
            Input::UserRisk => "user risk",
            Input::Flow => "flow",
            Input::Factors => "factors given",
        }
    }

    /// The values to turn through; none for what is typed.
    pub fn values(self) -> &'static [&'static str] {
        match self {
            Input::User | Input::Resource | Input::Country | Input::Address => &[],
            Input::Client => {
                &["browser", "mobile apps and desktop clients", "Exchange ActiveSync", "other (legacy) clients"]
            }
            Input::Platform => &["android", "iOS", "windows", "macOS", "linux", "one that no policy names"],
            Input::Trusted => &["yes", "no"],
            Input::Device => &["none proves itself", "registered, not compliant", "compliant", "hybrid joined"],
            Input::SignInRisk | Input::UserRisk => &["none", "low", "medium", "high"],
            Input::Flow => &["none", "deviceCodeFlow", "authenticationTransfer"],
            Input::Factors => &[
                "password",
                "password, Authenticator push",
                "password, text message",
                "FIDO2 key",
                "Windows Hello for Business",
                "temporary access pass",
            ],
        }
    }
}

/// What is chosen for an input.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Choice {
    /// One of its values.
    Value(usize),
    /// What was typed.
    Typed(String),
}

/// A request with changes, and what the policies would make of it.
#[derive(Debug, Clone)]
pub struct WhatIfPanel {
    /// The request as recorded.
    base: Context,
    choices: Vec<Option<Choice>>,
    /// What the policies make of the request as recorded.
    pub before: WhatIf,
    /// What they make of the changed one.
    pub after: WhatIf,
    /// The changed request.
    pub context: Context,
    /// The input under the cursor.
    pub cursor: usize,
    /// The policy under the cursor, when the list of policies has the focus.
    pub policy: Option<usize>,
}

/// A policy with what came of it before and after.
#[derive(Debug, Clone, Copy)]
pub struct Flip<'a> {
    /// Before the changes.
    pub before: &'a what_if::PolicyVerdict,
    /// After them.
    pub after: &'a what_if::PolicyVerdict,
}

impl Flip<'_> {
    /// Whether the changes made a difference to the policy.
    pub fn is_flipped(&self) -> bool {
        (self.before.applies, &self.before.result) != (self.after.applies, &self.after.result)
    }
}

impl WhatIfPanel {
    /// The panel for a request as recorded.
    pub fn new(base: Context, tenant: &Tenant) -> WhatIfPanel {
        let before = what_if::answer(&base, tenant);
        WhatIfPanel {
            after: before.clone(),
            before,
            context: base.clone(),
            base,
            choices: vec![None; Input::ALL.len()],
            cursor: 0,
            policy: None,
        }
    }

    /// The input under the cursor.
    pub fn input(&self) -> Input {
        Input::ALL.get(self.cursor).copied().unwrap_or(Input::User)
    }

    /// Whether an input was changed.
    pub fn is_changed(&self, input: Input) -> bool {
        self.choice(input).is_some()
    }

    fn choice(&self, input: Input) -> Option<&Choice> {
        let at = Input::ALL.iter().position(|known| *known == input)?;
        self.choices.get(at)?.as_ref()
    }

    /// The value of an input in words.
    pub fn value(&self, input: Input) -> String {
        match self.choice(input) {
            Some(Choice::Value(value)) => input.values().get(*value).copied().unwrap_or_default().to_owned(),
            Some(Choice::Typed(text)) if input == Input::Resource => seen_in(Condition::Applications, &self.context)
                .split(", ")
                .next()
                .map_or_else(|| text.clone(), str::to_owned),
            Some(Choice::Typed(text)) => text.clone(),
            None => self.recorded(input),
        }
    }

    /// The value of an input as recorded.
    fn recorded(&self, input: Input) -> String {
        let base = &self.base;
        let given = |value: Option<String>| value.unwrap_or_else(|| "not in the record".to_owned());
        match input {
            Input::User => seen_in(Condition::Users, base),
            Input::Resource => seen_in(Condition::Applications, base),
            Input::Client => given(base.client_app.map(|client| client.label().to_owned())),
            Input::Platform => match base.platform {
                Given::Value(platform) => platform.word().to_owned(),
                Given::Nothing => "one that no policy names".to_owned(),
                Given::Missing => given(None),
            },
            Input::Country => match &base.place.country {
                Given::Value(country) => country.clone(),
                Given::Nothing => "none known".to_owned(),
                Given::Missing => given(None),
            },
            Input::Address => given(base.place.address.value().map(ToString::to_string)),
            Input::Trusted => match (base.place.is_trusted, &base.place.networks) {
                (Some(true), _) => "yes, says the record".to_owned(),
                _ => "by address".to_owned(),
            },
            Input::Device => seen_in(Condition::Devices, base),
            Input::SignInRisk => given(base.sign_in_risk.clone()),
            Input::UserRisk => given(base.user_risk.clone()),
            Input::Flow => match &base.transfer_method {
                Given::Value(method) => method.clone(),
                Given::Nothing => "none".to_owned(),
                Given::Missing => given(None),
            },
            Input::Factors => match base.proofs.controls.get("mfa") {
                Some(true) => "MFA, says the record".to_owned(),
                Some(false) => "MFA missing, says the record".to_owned(),
                None if base.proofs.methods.is_empty() => given(None),
                None => base.proofs.methods.iter().map(|ways| ways.join(" or ")).collect::<Vec<_>>().join(", "),
            },
        }
    }

    /// Turns the input under the cursor to its next or last value; behind the last comes the one as recorded.
    pub fn turn(&mut self, by: isize, tenant: &Tenant) {
        let values = self.input().values().len();
        // The recorded value is number 0, the others follow.
        let at = match self.choice(self.input()) {
            Some(Choice::Value(value)) => value + 1,
            _ => 0,
        };
        let count = values + 1;
        let step = by.rem_euclid(isize::try_from(count).unwrap_or(1)).unsigned_abs();
        let next = (at + step) % count;
        self.choose(next.checked_sub(1).map(Choice::Value), tenant);
    }

    /// Takes what was typed for the input under the cursor; an empty text takes the change back. Fails when it cannot be meant.
    pub fn typed(&mut self, text: &str, tenant: &Tenant) -> Result<(), String> {
        let text = text.trim();
        if text.is_empty() {
            self.choose(None, tenant);
            return Ok(());
        }
        match self.input() {
            Input::Address if text.parse::<std::net::IpAddr>().is_err() => {
                return Err(format!("`{text}` is no IP address"));
            }
            Input::Country if text.len() != 2 && !text.eq_ignore_ascii_case("none") => {
                return Err(format!("`{text}` is no two-letter code of a country; `none` is an address without one"));
            }
            Input::Resource if resource(text, tenant).is_none() => {
                return Err(format!("no resource of the snapshot or of Microsoft's is called `{text}`"));
            }
            Input::User if user(text, tenant).is_none() => {
                return Err(format!("no user of the snapshot is called `{text}`"));
            }
            _ => {}
        }
        self.choose(Some(Choice::Typed(text.to_owned())), tenant);
        Ok(())
    }

    /// Takes back the change of the input under the cursor.
    pub fn reset(&mut self, tenant: &Tenant) {
        self.choose(None, tenant);
    }

    /// Takes back all changes.
    pub fn reset_all(&mut self, tenant: &Tenant) {
        self.choices.iter_mut().for_each(|choice| *choice = None);
        self.refresh(tenant);
    }

    /// Whether anything was changed.
    pub fn has_changes(&self) -> bool {
        self.choices.iter().any(Option::is_some)
    }

    fn choose(&mut self, choice: Option<Choice>, tenant: &Tenant) {
        if let Some(held) = self.choices.get_mut(self.cursor) {
            *held = choice;
        }
        self.refresh(tenant);
    }

    fn refresh(&mut self, tenant: &Tenant) {
        let mut context = self.base.clone();
        for (input, choice) in Input::ALL.into_iter().zip(&self.choices) {
            if let Some(choice) = choice {
                apply(input, choice, &mut context, tenant);
            }
        }
        what_if::complete(&mut context, tenant);
        self.after = what_if::answer(&context, tenant);
        self.context = context;
        self.policy = self.policy.map(|at| at.min(self.after.policies.len().saturating_sub(1)));
    }

    /// All policies with what came of them, those that the changes flip first, then those that apply.
    pub fn flips(&self) -> Vec<Flip<'_>> {
        let pairs = self.before.policies.iter().zip(&self.after.policies);
        let mut flips: Vec<Flip<'_>> = pairs.map(|(before, after)| Flip { before, after }).collect();
        let rank = |verdict: Verdict| match verdict {
            Verdict::Yes => 0,
            Verdict::No => 2,
            _ => 1,
        };
        flips.sort_by_key(|flip| (!flip.is_flipped(), rank(flip.after.applies)));
        flips
    }
}

/// Writes one choice into a request.
fn apply(input: Input, choice: &Choice, context: &mut Context, tenant: &Tenant) {
    match (input, choice) {
        (Input::User, Choice::Typed(text)) => {
            if let Some(found) = user(text, tenant) {
                context.subject = Subject::User(found);
            }
        }
        (Input::Resource, Choice::Typed(text)) => {
            if let Some(audience) = resource(text, tenant) {
                let (client_id, client_name) = match &context.target {
                    Target::Resources(resources) => (resources.client_id.clone(), resources.client_name.clone()),
                    _ => (None, None),
                };
                let audiences = vec![audience];
                context.target = Target::Resources(Resources {
                    audiences,
                    is_complete: true,
                    is_recorded: false,
                    client_id,
                    client_name,
                });
                context.scopes = None;
            }
        }
        (Input::Client, Choice::Value(value)) => {
            let clients = [
                ClientApp::Browser,
                ClientApp::MobileAppsAndDesktopClients,
                ClientApp::ExchangeActiveSync(None),
                ClientApp::Other,
            ];
            context.client_app = clients.get(*value).copied();
        }
        (Input::Platform, Choice::Value(value)) => {
            let named = input.values().get(*value).and_then(|word| Platform::from_word(word));
            context.platform = named.map_or(Given::Nothing, Given::Value);
        }
        (Input::Country, Choice::Typed(text)) => {
            let is_none = text.eq_ignore_ascii_case("none");
            context.place.country = if is_none { Given::Nothing } else { Given::Value(text.to_uppercase()) };
            forget_networks(context);
        }
        (Input::Address, Choice::Typed(text)) => {
            context.place.address = text.parse().map_or(Given::Missing, Given::Value);
            forget_networks(context);
        }
        (Input::Trusted, Choice::Value(value)) => context.place.is_trusted = Some(*value == 0),
        (Input::Device, Choice::Value(value)) => set_device(*value, context),
        (Input::SignInRisk, Choice::Value(_)) => context.sign_in_risk = word(input, choice),
        (Input::UserRisk, Choice::Value(_)) => context.user_risk = word(input, choice),
        (Input::Flow, Choice::Value(value)) => {
            context.transfer_method = match (value, word(input, choice)) {
                (1.., Some(method)) => Given::Value(method),
                _ => Given::Nothing,
            };
        }
        (Input::Factors, Choice::Value(value)) => {
            let methods: &[&str] = match value {
                0 => &["password"],
                1 => &["password", "microsoftAuthenticatorPush"],
                2 => &["password", "sms"],
                3 => &["fido2"],
                4 => &["windowsHelloForBusiness"],
                _ => &["temporaryAccessPassOneTime"],
            };
            context.proofs.controls.remove("mfa");
            context.proofs.methods = methods.iter().map(|method| vec![(*method).to_owned()]).collect();
            context.proofs.knows_methods = true;
        }
        _ => {}
    }
}

fn word(input: Input, choice: &Choice) -> Option<String> {
    match choice {
        Choice::Value(value) => input.values().get(*value).map(|word| (*word).to_owned()),
        Choice::Typed(_) => None,
    }
}

/// What the record says of networks holds for its own address only.
fn forget_networks(context: &mut Context) {
    context.place.networks = None;
    context.place.is_trusted = None;
    context.place.named_locations = None;
}

fn set_device(value: usize, context: &mut Context) {
    let held = match &context.device {
        Given::Value(properties) => properties.clone(),
        _ => BTreeMap::from([("deviceid".to_owned(), Property::Text("a device".to_owned()))]),
    };
    let (compliant, trust) = match value {
        0 => (false, ""),
        1 => (false, "AzureAD"),
        2 => (true, "AzureAD"),
        _ => (false, "ServerAD"),
    };
    context.proofs.controls.insert("compliantdevice".to_owned(), compliant);
    context.proofs.controls.insert("domainjoineddevice".to_owned(), trust == "ServerAD");
    context.device = if value == 0 {
        Given::Nothing
    } else {
        let mut properties = held;
        properties.insert("iscompliant".to_owned(), Property::Flag(compliant));
        properties.insert("trusttype".to_owned(), Property::Text(trust.to_owned()));
        Given::Value(properties)
    };
}

/// The user of the snapshot that a principal name, object id or display name means.
fn user(text: &str, tenant: &Tenant) -> Option<UserSubject> {
    let by_name = || {
        let users = &tenant.snapshot().users;
        users.iter().find(|user| user.display_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(text)))
    };
    let found = tenant.user(Some(text), Some(text)).or_else(by_name)?;
    Some(UserSubject {
        id: Some(found.id.clone()),
        principal_name: Some(found.user_principal_name.clone()),
        ..UserSubject::default()
    })
}

/// The resource that a name or application id means: one of the snapshot's, else one of Microsoft's; the whole name before a part.
fn resource(text: &str, tenant: &Tenant) -> Option<Audience> {
    let made = |id: &str, name: &str| Audience { id: id.to_owned(), name: Some(name.to_owned()), owner_tenant: None };
    if let Some(found) = tenant.application(text) {
        return Some(made(&found.app_id, &found.display_name));
    }
    if let Some(name) = first_party::application_name(text) {
        return Some(made(text, name));
    }
    let wanted = text.to_lowercase();
    let own = tenant.snapshot().applications.iter().filter(|application| !application.app_id.is_empty());
    let mut known: Vec<(&str, &str)> =
        own.map(|application| (application.app_id.as_str(), application.display_name.as_str())).collect();
    known.extend(first_party::applications().iter().map(|published| (published.id.as_str(), published.name.as_str())));
    known.sort_by_key(|(id, name)| (name.len(), *name, *id));
    let whole = known.iter().find(|(_, name)| name.to_lowercase() == wanted);
    let part = || known.iter().find(|(_, name)| name.to_lowercase().contains(&wanted));
    whole.or_else(part).map(|(id, name)| made(id, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::{Applications, Conditions, GrantControls, IncludeExclude, Policy, PolicyState, Users};
    use crate::domain::snapshot::{NamedLocation, NamedLocationKind, Snapshot};

    fn tenant() -> Tenant {
        let conditions = Conditions {
            users: Users { include_users: vec!["All".to_owned()], ..Users::default() },
            applications: Applications { include: vec!["All".to_owned()], ..Applications::default() },
            locations: Some(IncludeExclude { include: vec!["All".to_owned()], exclude: vec!["hq".to_owned()] }),
            ..Conditions::default()
        };
        let block = GrantControls { built_in: vec!["block".to_owned()], ..GrantControls::default() };
        let policy = Policy {
            id: "p".to_owned(),
            display_name: "Away".to_owned(),
            state: PolicyState::Enabled,
            conditions,
            grant: Some(block),
            ..Policy::default()
        };
        let hq = NamedLocation {
            id: "hq".to_owned(),
            kind: NamedLocationKind::Ranges(vec!["192.0.2.0/24".to_owned()]),
            ..NamedLocation::default()
        };
        Tenant::new(Snapshot { policies: vec![policy], named_locations: vec![hq], ..Snapshot::default() })
    }

    #[test]
    fn a_change_flips_a_verdict_and_can_be_taken_back() {
        let tenant = tenant();
        let resource = Audience { id: "app".to_owned(), ..Audience::default() };
        let resources = Resources { audiences: vec![resource], is_complete: true, ..Resources::default() };
        let mut base = Context {
            subject: Subject::User(UserSubject::default()),
            target: Target::Resources(resources),
            ..Context::default()
        };
        base.place.address = Given::Value("192.0.2.7".parse().expect("an address"));
        let mut panel = WhatIfPanel::new(base, &tenant);
        assert_eq!(panel.flips()[0].after.applies, Verdict::No);
        panel.cursor = Input::ALL.iter().position(|input| *input == Input::Address).expect("an input");
        assert!(panel.typed("nowhere", &tenant).is_err());
        panel.typed("198.51.100.7", &tenant).expect("an address");
        assert!(panel.flips()[0].is_flipped() && panel.flips()[0].after.applies == Verdict::Yes);
        assert_eq!(panel.after.ending.word(), "blocked");
        panel.reset(&tenant);
        assert!(!panel.flips()[0].is_flipped() && !panel.has_changes());
    }

    #[test]
    fn values_turn_round_by_way_of_what_was_recorded() {
        let tenant = tenant();
        let mut panel = WhatIfPanel::new(Context::default(), &tenant);
        panel.cursor = Input::ALL.iter().position(|input| *input == Input::Client).expect("an input");
        panel.turn(-1, &tenant);
        assert_eq!(panel.context.client_app, Some(ClientApp::Other));
        panel.turn(1, &tenant);
        assert_eq!((panel.context.client_app, panel.has_changes()), (None, false));
        panel.turn(1, &tenant);
        assert_eq!(panel.value(Input::Client), "browser");
    }
}
