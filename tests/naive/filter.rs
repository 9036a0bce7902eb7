//! Defines [`Rule`], a rule of the filter for devices as a tree: it is made up, printed for the program and evaluated as it
//! is; nothing here reads the text.

use authopsy::domain::context::{DeviceProperties, Given, Property};

use crate::chance::Chance;
use crate::truth::Truth;

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// A property compared with values.
    Test(Test),
    /// The rule does not hold.
    Not(Box<Rule>),
    /// All of them hold.
    And(Vec<Rule>),
    /// One of them holds.
    Or(Vec<Rule>),
    /// The same in parentheses that need not be there.
    Grouped(Box<Rule>),
}

/// A property compared with values.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The property's name as it is written.
    pub property: &'static str,
    /// Whether the name is written without `device.`.
    pub bare: bool,
    /// The operator.
    pub operator: Operator,
    /// The values; several for `-in` and `-notIn` only.
    pub values: Vec<String>,
}

/// A positive operator, or with `negative` its opposite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Operator {
    /// How it compares.
    pub how: How,
    /// Whether the opposite is asked.
    pub negative: bool,
}

/// How an operator compares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum How {
    /// Equal.
    Equals,
    /// The value is at the start.
    Starts,
    /// The value is at the end.
    Ends,
    /// The value is somewhere in it.
    Contains,
    /// It is one of the values.
    In,
}

/// What a property of the table holds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Holds {
    Text,
    Flag,
    List,
}

use How::{Contains, Ends, Equals, In, Starts};

/// The properties with what they hold, the operators they allow (DEV) and values that occur.
const PROPERTIES: [(&str, Holds, &[How], &[&str]); 13] = [
    ("displayName", Holds::Text, &[Equals, Starts, Ends, Contains, In], &["SAW-01", "saw-02", "LAPTOP 1"]),
    ("manufacturer", Holds::Text, &[Equals, Starts, Ends, Contains, In], &["Dell", "Lenovo"]),
    ("operatingSystem", Holds::Text, &[Equals, Starts, Ends, Contains, In], &["Windows", "iOS"]),
    ("deviceOwnership", Holds::Text, &[Equals], &["Personal", "Company"]),
    ("isCompliant", Holds::Flag, &[Equals], &["True", "False"]),
    ("mdmAppId", Holds::Text, &[Equals, In], &["0000000a-0000-0000-c000-000000000000", "mdm-2"]),
    ("physicalIds", Holds::List, &[Contains], &["[ZTDId]:1", "[OrderId]:AB"]),
    ("systemLabels", Holds::List, &[Contains, Equals], &["MultiUser", "CloudPC", "Multi"]),
    ("profileType", Holds::Text, &[Equals], &["RegisteredDevice", "SecureVM"]),
    ("trustType", Holds::Text, &[Equals], &["AzureAD", "ServerAD", "Workplace"]),
    ("extensionAttribute1", Holds::Text, &[Equals, Starts, Ends, Contains, In], &["SAW", "saw2", "kiosk"]),
    ("extensionAttribute2", Holds::Text, &[Equals, Starts, Ends, Contains, In], &["SAW", "kiosk"]),
    ("extensionAttribute11", Holds::Text, &[Equals, In], &["SAW", "kiosk"]),
];

impl Operator {
    fn word(self) -> &'static str {
        match (self.how, self.negative) {
            (Equals, false) => "-eq",
            (Equals, true) => "-ne",
            (Starts, false) => "-startsWith",
            (Starts, true) => "-notStartsWith",
            (Ends, false) => "-endsWith",
            (Ends, true) => "-notEndsWith",
            (Contains, false) => "-contains",
            (Contains, true) => "-notContains",
            (In, false) => "-in",
            (In, true) => "-notIn",
        }
    }
}

impl Rule {
    /// Makes up a rule that is at most `depth` deep.
    pub fn any(chance: &mut Chance, depth: usize) -> Rule {
        let some = |chance: &mut Chance| {
            let count = 2 + chance.below(2);
            (0..count).map(|_| Rule::any(chance, depth.saturating_sub(1))).collect::<Vec<Rule>>()
        };
        match chance.below(if depth == 0 { 6 } else { 12 }) {
            0..=5 => Rule::Test(Test::any(chance)),
            6 | 7 => Rule::Not(Box::new(Rule::any(chance, depth - 1))),
            8 | 9 => Rule::And(some(chance)),
            10 => Rule::Or(some(chance)),
            _ => Rule::Grouped(Box::new(Rule::any(chance, depth - 1))),
        }
    }

    /// The rule that this property has this value.
    pub fn equals(property: &'static str, value: &str) -> Rule {
        let operator = Operator { how: Equals, negative: false };
        Rule::Test(Test { property, bare: false, operator, values: vec![value.to_owned()] })
    }

    /// The rule's text, with no more parentheses than it needs: `-not` binds tighter than `-and`, that tighter than `-or`.
    pub fn text(&self) -> String {
        let inner = |rule: &Rule, looser: bool| if looser { format!("({})", rule.text()) } else { rule.text() };
        match self {
            Rule::Test(test) => test.text(),
            Rule::Not(rule) => format!("-not {}", inner(rule, matches!(**rule, Rule::And(_) | Rule::Or(_)))),
            Rule::And(rules) => {
                let texts = rules.iter().map(|rule| inner(rule, matches!(rule, Rule::Or(_))));
                texts.collect::<Vec<String>>().join(" -and ")
            }
            Rule::Or(rules) => rules.iter().map(Rule::text).collect::<Vec<String>>().join(" -or "),
            Rule::Grouped(rule) => format!("({})", rule.text()),
        }
    }

    /// The parts it is made of.
    pub fn parts(&self) -> Vec<Rule> {
        match self {
            Rule::Test(_) => Vec::new(),
            Rule::Not(rule) | Rule::Grouped(rule) => vec![(**rule).clone()],
            Rule::And(rules) | Rule::Or(rules) => rules.clone(),
        }
    }

    /// Whether the device fits the rule.
    pub fn holds(&self, device: &Given<DeviceProperties>) -> Truth {
        match self {
            Rule::Test(test) => test.holds(device),
            Rule::Not(rule) => rule.holds(device).not(),
            Rule::And(rules) => Truth::all(rules.iter().map(|rule| rule.holds(device))),
            Rule::Or(rules) => Truth::any(rules.iter().map(|rule| rule.holds(device))),
            Rule::Grouped(rule) => rule.holds(device),
        }
    }
}

impl Test {
    fn any(chance: &mut Chance) -> Test {
        let (property, _, how, values) = chance.pick(&PROPERTIES);
        let operator = Operator { how: chance.pick(how), negative: chance.percent(40) };
        let mut values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        chance.shuffle(&mut values);
        values.truncate(if operator.how == In { 1 + chance.below(2) } else { 1 });
        for value in &mut values {
            if matches!(operator.how, Starts | Ends | Contains) && chance.percent(50) {
                let middle = value.len() / 2;
                *value = if operator.how == Ends { value[middle..].to_owned() } else { value[..middle].to_owned() };
            }
            if chance.percent(20) && property != "isCompliant" {
                *value = value.to_ascii_uppercase();
            }
        }
        Test { property, bare: chance.percent(10), operator, values }
    }

    fn text(&self) -> String {
        let quoted = |value: &String| format!("\"{value}\"");
        let value = match self.operator.how {
            In => format!("[{}]", self.values.iter().map(quoted).collect::<Vec<String>>().join(",")),
            _ if self.property == "isCompliant" => self.values.concat(),
            _ => self.values.iter().map(quoted).collect(),
        };
        format!("{}{} {} {value}", if self.bare { "" } else { "device." }, self.property, self.operator.word())
    }

    fn holds(&self, device: &Given<DeviceProperties>) -> Truth {
        let absent = Truth::known(self.operator.negative);
        let properties = match device {
            Given::Nothing => return absent,
            Given::Missing => return Truth::Unknown,
            Given::Value(properties) => properties,
        };
        let property = match properties.get(&self.property.to_ascii_lowercase()) {
            None => return Truth::Unknown,
            Some(Property::Null) => return absent,
            Some(property) => property,
        };
        if self.property.starts_with("extensionAttribute") {
            match counts(properties) {
                Truth::Yes => {}
                Truth::No if self.operator.negative => return Truth::Unknown,
                Truth::No => return Truth::No,
                Truth::Unknown => return Truth::Unknown,
            }
        }
        Truth::known(self.fits(property) != self.operator.negative)
    }

    /// Whether the value fits the operator, taken as a positive one.
    fn fits(&self, property: &Property) -> bool {
        let low = |text: &str| text.to_ascii_lowercase();
        self.values.iter().map(|value| low(value)).any(|value| match property {
            Property::Null => false,
            Property::Flag(flag) => value == flag.to_string(),
            Property::List(members) => members.iter().any(|member| low(member) == value),
            Property::Text(text) => match self.operator.how {
                Equals | In => low(text) == value,
                Starts => low(text).starts_with(&value),
                Ends => low(text).ends_with(&value),
                Contains => low(text).contains(&value),
            },
        })
    }
}

/// Whether the extension attributes of this device can be used.
fn counts(properties: &DeviceProperties) -> Truth {
    let flag = |name: &str| Truth::told(properties.get(name).map(|found| *found == Property::Flag(true)));
    let trust = properties.get("trusttype");
    let hybrid = trust.map(|trust| matches!(trust, Property::Text(text) if text.eq_ignore_ascii_case("ServerAD")));
    Truth::any([flag("ismanaged"), flag("iscompliant"), Truth::told(hybrid)])
}

/// Makes up the properties of a device; of so many out of a hundred nothing is known.
pub fn device(chance: &mut Chance, missing: usize) -> DeviceProperties {
    let mut properties = DeviceProperties::new();
    for (name, holds, _, values) in PROPERTIES {
        if chance.percent(missing) {
            continue;
        }
        let property = match holds {
            _ if chance.percent(12) => Property::Null,
            Holds::Flag => Property::Flag(chance.percent(50)),
            Holds::Text => Property::Text(chance.pick(values).to_owned()),
            Holds::List => Property::List(chance.some_of(values, 0, 2).into_iter().map(str::to_owned).collect()),
        };
        properties.insert(name.to_ascii_lowercase(), property);
    }
    if !chance.percent(missing) {
        properties.insert("ismanaged".to_owned(), Property::Flag(chance.percent(40)));
    }
    properties
}
