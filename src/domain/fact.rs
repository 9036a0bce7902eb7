//! Defines [`Facts`], what the operator says because no export holds it.

use std::sync::Arc;

use super::evidence::{Evidence, OPERATOR};

/// What the operator says. Every fact is evidence with [`OPERATOR`] as its file and its name as pointer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether users are asked to stay signed in (`keepMeSignedIn`).
    pub keep_me_signed_in: Option<KeepMeSignedIn>,
    /// For how many days MFA is remembered in the per-user MFA settings; 0 where it is not (`rememberMfaDays`).
    pub remember_mfa_days: Option<u32>,
    /// The threshold of smart lockout (`lockoutThreshold`).
    pub lockout_threshold: Option<u32>,
    /// How long a first lock lasts, in seconds (`lockoutDurationSeconds`).
    pub lockout_duration_seconds: Option<u32>,
    /// The cloud the tenant is in (`cloud`).
    pub cloud: Option<Cloud>,
    /// Where passwords are judged (`authMethod`).
    pub auth_method: Option<AuthMethod>,
    /// The threshold of the directory on premises (`onPremisesLockoutThreshold`).
    pub on_premises_lockout_threshold: Option<u32>,
    /// How requests for nothing but baseline scopes are treated in this tenant (`baselineScopes`).
    pub baseline_scopes: Option<BaselineScopes>,
    /// That the MFA service settings list no trusted addresses (`mfaTrustedIps=none`).
    pub no_mfa_trusted_ips: bool,
}

/// Whether users are asked to stay signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepMeSignedIn {
    /// The question is hidden.
    Hidden,
    /// The question is shown.
    Shown,
}

/// The clouds that differ in their defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// The public cloud.
    Public,
    /// The clouds of the United States government.
    UsGov,
    /// The cloud operated in China.
    China,
}

/// Where passwords are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMethod {
    /// In Entra, for accounts that live there.
    Cloud,
    /// In Entra, by the hash that is synchronised.
    PasswordHashSync,
    /// By an agent on premises.
    PassThrough,
    /// By a federation provider.
    Federated,
}

/// How requests for nothing but baseline scopes are treated by a policy for all resources with exclusions
/// (entra-docs, enforcement of resource exclusions, 2026-04-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaselineScopes {
    /// The policy does not cover them, as before the change of 2026.
    Legacy,
    /// They count as requests for Windows Azure Active Directory.
    Enforced,
}

impl BaselineScopes {
    /// The word in which it is said.
    pub fn word(self) -> &'static str {
        match self {
            BaselineScopes::Legacy => "legacy",
            BaselineScopes::Enforced => "enforced",
        }
    }
}

/// The name of a fact, with the values it can have in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactName {
    /// The name by which it is said.
    pub name: &'static str,
    /// The values to choose from; none for a number that is typed.
    pub values: &'static [&'static str],
    /// What it is, in a line.
    pub meaning: &'static str,
}

/// All facts that can be said, in the order in which they are shown.
pub const FACTS: [FactName; 9] = [
    fact("keepMeSignedIn", &["hidden", "shown"], "whether users are asked “Stay signed in?”"),
    fact("rememberMfaDays", &[], "for how many days the per-user MFA settings remember MFA; 0: not at all"),
    fact("lockoutThreshold", &[], "after how many wrong passwords smart lockout locks"),
    fact("lockoutDurationSeconds", &[], "how long a first lock lasts, in seconds"),
    fact("cloud", &["public", "usGov", "china"], "the cloud the tenant is in"),
    fact(
        "authMethod",
        &["cloud", "passwordHashSync", "passThrough", "federated"],
        "where the passwords of this case are judged",
    ),
    fact("onPremisesLockoutThreshold", &[], "after how many wrong passwords the directory on premises locks"),
    fact("baselineScopes", &["legacy", "enforced"], "how requests for nothing but basic scopes are treated"),
    fact("mfaTrustedIps", &["none"], "that the MFA service settings list no trusted addresses"),
];

const fn fact(name: &'static str, values: &'static [&'static str], meaning: &'static str) -> FactName {
    FactName { name, values, meaning }
}

/// The largest numbers that make sense: days of remembered MFA, wrong passwords, seconds of a lock.
const MOST_DAYS: u32 = 365;
/// The highest threshold of smart lockout that is taken for one.
pub const MOST_TRIES: u32 = 1_000;
/// The longest time, in seconds, that is taken for the length of a lock: a week.
pub const MOST_SECONDS: u32 = 7 * 24 * 60 * 60;

impl Facts {
    /// Takes a fact in, in the place of what was said before. Fails with a reason when there is no such fact or it cannot have that
    /// value.
    pub fn say(&mut self, name: &str, value: &str) -> Result<(), String> {
        let known = FACTS.iter().find(|known| known.name == name).ok_or_else(|| unknown(name))?;
        let number = |least: u32, most: u32| {
            let read = value.parse::<u32>().ok().filter(|number| (least..=most).contains(number));
            read.map(Some).ok_or_else(|| format!("`{name}` is a number from {least} to {most}, not `{value}`"))
        };
        if !known.values.is_empty() && !known.values.contains(&value) {
            return Err(format!("`{name}` is {}, not `{value}`", or_list(known.values)));
        }
        match name {
            "keepMeSignedIn" if value == "hidden" => self.keep_me_signed_in = Some(KeepMeSignedIn::Hidden),
            "keepMeSignedIn" => self.keep_me_signed_in = Some(KeepMeSignedIn::Shown),
            "rememberMfaDays" => self.remember_mfa_days = number(0, MOST_DAYS)?,
            "lockoutThreshold" => self.lockout_threshold = number(1, MOST_TRIES)?,
            "lockoutDurationSeconds" => self.lockout_duration_seconds = number(1, MOST_SECONDS)?,
            "cloud" if value == "public" => self.cloud = Some(Cloud::Public),
            "cloud" if value == "usGov" => self.cloud = Some(Cloud::UsGov),
            "cloud" => self.cloud = Some(Cloud::China),
            "authMethod" if value == "cloud" => self.auth_method = Some(AuthMethod::Cloud),
            "authMethod" if value == "passwordHashSync" => self.auth_method = Some(AuthMethod::PasswordHashSync),
            "authMethod" if value == "passThrough" => self.auth_method = Some(AuthMethod::PassThrough),
            "authMethod" => self.auth_method = Some(AuthMethod::Federated),
            "onPremisesLockoutThreshold" => self.on_premises_lockout_threshold = number(1, MOST_TRIES)?,
            "baselineScopes" if value == "legacy" => self.baseline_scopes = Some(BaselineScopes::Legacy),
            "baselineScopes" => self.baseline_scopes = Some(BaselineScopes::Enforced),
            _ => self.no_mfa_trusted_ips = true,
        }
        Ok(())
    }

    /// Takes a fact in as `NAME=VALUE`. Fails as [`Facts::say`] does.
    pub fn say_pair(&mut self, text: &str) -> Result<(), String> {
        match text.split_once('=') {
            Some((name, value)) => self.say(name.trim(), value.trim()),
            None => Err(format!("a fact is said as NAME=VALUE, not `{text}`")),
        }
    }

    /// Takes a fact back.
    pub fn take_back(&mut self, name: &str) {
        match name {
            "keepMeSignedIn" => self.keep_me_signed_in = None,
            "rememberMfaDays" => self.remember_mfa_days = None,
            "lockoutThreshold" => self.lockout_threshold = None,
            "lockoutDurationSeconds" => self.lockout_duration_seconds = None,
            "cloud" => self.cloud = None,
            "authMethod" => self.auth_method = None,
            "onPremisesLockoutThreshold" => self.on_premises_lockout_threshold = None,
            "baselineScopes" => self.baseline_scopes = None,
            "mfaTrustedIps" => self.no_mfa_trusted_ips = false,
            _ => {}
        }
    }

    /// The value that was said for a fact, in its word.
    pub fn value(&self, name: &str) -> Option<String> {
        let number = |held: Option<u32>| held.map(|number| number.to_string());
        let word = |held: Option<&str>| held.map(str::to_owned);
        match name {
            "keepMeSignedIn" => word(self.keep_me_signed_in.map(|held| match held {
                KeepMeSignedIn::Hidden => "hidden",
                KeepMeSignedIn::Shown => "shown",
            })),
            "rememberMfaDays" => number(self.remember_mfa_days),
            "lockoutThreshold" => number(self.lockout_threshold),
            "lockoutDurationSeconds" => number(self.lockout_duration_seconds),
            "cloud" => word(self.cloud.map(|held| match held {
                Cloud::Public => "public",
                Cloud::UsGov => "usGov",
                Cloud::China => "china",
            })),
            "authMethod" => word(self.auth_method.map(|held| match held {
                AuthMethod::Cloud => "cloud",
                AuthMethod::PasswordHashSync => "passwordHashSync",
                AuthMethod::PassThrough => "passThrough",
                AuthMethod::Federated => "federated",
            })),
            "onPremisesLockoutThreshold" => number(self.on_premises_lockout_threshold),
            "baselineScopes" => word(self.baseline_scopes.map(BaselineScopes::word)),
            "mfaTrustedIps" => word(self.no_mfa_trusted_ips.then_some("none")),
            _ => None,
        }
    }

    /// These facts, with those of `other` where these say nothing.
    #[must_use]
    pub fn or(&self, other: &Facts) -> Facts {
        Facts {
            keep_me_signed_in: self.keep_me_signed_in.or(other.keep_me_signed_in),
            remember_mfa_days: self.remember_mfa_days.or(other.remember_mfa_days),
            lockout_threshold: self.lockout_threshold.or(other.lockout_threshold),
            lockout_duration_seconds: self.lockout_duration_seconds.or(other.lockout_duration_seconds),
            cloud: self.cloud.or(other.cloud),
            auth_method: self.auth_method.or(other.auth_method),
            on_premises_lockout_threshold: self.on_premises_lockout_threshold.or(other.on_premises_lockout_threshold),
            baseline_scopes: self.baseline_scopes.or(other.baseline_scopes),
            no_mfa_trusted_ips: self.no_mfa_trusted_ips || other.no_mfa_trusted_ips,
        }
    }

    /// Evidence for a fact that was said.
    pub fn evidence(&self, name: &str) -> Option<Evidence> {
        let value = self.value(name)?;
        let label = "said by the operator".to_owned();
        Some(Evidence { label, file: Arc::from(OPERATOR), record: None, pointer: name.to_owned(), value })
    }
}

/// Says that there is no such fact, with the near one.
fn unknown(name: &str) -> String {
    let distance = |known: &str| edits(&known.to_ascii_lowercase(), &name.to_ascii_lowercase());
    let near = FACTS.iter().map(|known| (distance(known.name), known.name)).min();
    match near.filter(|(distance, known)| *distance <= known.len() / 2) {
        Some((_, near)) => format!("there is no fact `{name}`; did you mean `{near}`?"),
        None => format!("there is no fact `{name}`; there are {}", FACTS.map(|known| known.name).join(", ")),
    }
}

/// How many letters have to be put in, taken out or changed to make one word of the other.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, letter) in a.chars().enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        let mut next = vec![left];
        for (other, above) in b.iter().zip(row.iter().skip(1)) {
            let cost = usize::from(letter != *other);
            left = (left + 1).min(above + 1).min(diagonal + cost);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

fn or_list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => quoted.join(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_can_be_said_read_back_and_taken_back() {
        for known in FACTS {
            let value = known.values.first().copied().unwrap_or("5");
            let mut facts = Facts::default();
            facts.say_pair(&format!("{}={value}", known.name)).expect("a fact");
            assert_eq!(facts.value(known.name).as_deref(), Some(value), "{}", known.name);
            assert_eq!(Facts::default().or(&facts), facts);
            facts.take_back(known.name);
            assert_eq!(facts, Facts::default());
        }
    }

    #[test]
    fn a_mistake_names_the_near_fact_or_the_values() {
        let mut facts = Facts::default();
        let refused = |facts: &mut Facts, text: &str| facts.say_pair(text).expect_err(text);
        assert!(refused(&mut facts, "keepmesignedin=hidden").contains("did you mean `keepMeSignedIn`?"));
        assert!(refused(&mut facts, "rememberMfa=14").contains("`rememberMfaDays`"));
        assert!(refused(&mut facts, "phaseOfTheMoon=full").contains("there are keepMeSignedIn"));
        assert!(refused(&mut facts, "keepMeSignedIn=maybe").contains("`hidden` or `shown`"));
        assert!(refused(&mut facts, "lockoutThreshold=0").contains("from 1 to 1000"));
        assert!(refused(&mut facts, "lockoutThreshold").contains("NAME=VALUE"));
        assert_eq!(facts, Facts::default());
    }
}
