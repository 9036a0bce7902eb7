//! Defines [`Rule`], a filter rule of Conditional Access (filter for devices, filter for applications), read and evaluated.
//!
//! What is documented where: the operators, the values and the meaning of null in "Filter for devices" (entra-docs, concept-
//! condition-filters-for-devices, 2025-04-08; DEV below), which refers for the syntax to the rules of dynamic membership groups
//! (learn.microsoft.com/entra/identity/users/groups-dynamic-membership, 2024-12-19; DYN below). DEV is silent on precedence
//! and on case: both are taken from DYN.

use std::collections::HashSet;
use std::ops::Range;

use crate::domain::Verdict;

/// The longest rule that Entra stores, in characters (DEV).
pub const LONGEST: usize = 3072;

/// How deep parentheses and `-not` may nest. No administrator comes near it, and the stack stays far from its end.
const DEEPEST: usize = 200;

/// Microsoft's pages print some operators with a dash that a word processor made (DYN: `user.mail –ne null`).
const DASHES: [char; 4] = ['-', '–', '—', '−'];

/// What the evidence holds of one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen<'a> {
    /// The evidence lacks the attribute; what it was is unknown.
    Missing,
    /// The attribute is known to have no value, as every attribute of an unregistered device (DEV).
    Null,
    /// It is a text.
    Text(&'a str),
    /// It is true or false.
    Bool(bool),
    /// It is a collection of texts, as `physicalIds` and `systemLabels` are.
    List(&'a [String]),
}

/// Where a rule gets the values from that it compares.
pub trait Attributes {
    /// The value of an attribute. The name comes in lower case and without `device.`; a custom security attribute keeps
    /// its prefix, as in `customsecurityattribute.set_name`.
    fn attribute(&self, name: &str) -> Seen<'_>;

    /// Why an attribute is null, in the words that [`Part::seen`] puts in brackets; nothing is put there for an empty text.
    fn reason_for_null(&self, name: &str) -> &str {
        if name.starts_with("customsecurityattribute.") { "not set" } else { "no registered device" }
    }
}

/// Why a text is not a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words} at {position}")]
pub struct RuleError {
    /// Where in the text, counted in characters from zero.
    pub position: usize,
    /// What is wrong there.
    pub words: String,
}

/// One comparison or connective of a rule with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The expression as it is written, without parentheses around the whole of it.
    pub text: String,
    /// Where it stands in the text of the rule, in bytes.
    pub range: Range<usize>,
    /// The attribute that a comparison asks for, named as for [`Attributes::attribute`]; `None` for a connective.
    pub attribute: Option<String>,
    /// The value in words that a comparison met; empty for a connective.
    pub seen: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// How many connectives it stands in.
    pub depth: usize,
}

/// A rule that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    text: String,
    attributes: Vec<String>,
    root: Node,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    range: Range<usize>,
    kind: Kind,
}

/// A chain of one connective is one node, so that a long rule is not a deep one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Comparison(Comparison),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Comparison {
    attribute: String,
    test: Test,
    negated: bool,
    values: Vec<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Equals,
    StartsWith,
    EndsWith,
    Contains,
    In,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Null,
    /// In lower case.
    Text(String),
}

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    ///
    /// Fails at the first place where the text leaves the grammar.
    pub fn parse(text: &str) -> Result<Rule, RuleError> {
        let mut parser = Parser { text, at: 0, attributes: Vec::new(), passed: HashSet::new() };
        let (root, _) = parser.or(0)?;
        parser.skip_space();
        match parser.peek() {
            None => Ok(Rule { text: text.to_owned(), attributes: parser.attributes, root }),
            Some(c @ (')' | ']')) => parser.fail(parser.at, format!("unexpected `{c}`")),
            Some(_) => parser.fail(parser.at, "`-and` or `-or` expected"),
        }
    }

    /// The rule as it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the rule is longer than Entra stores, so that it cannot be a faithful copy of one.
    pub fn is_too_long(&self) -> bool {
        self.text.chars().nth(LONGEST).is_some()
    }

    /// The attributes that the rule asks for, each once, in the order of the text.
    pub fn attributes(&self) -> Vec<&str> {
        self.attributes.iter().map(String::as_str).collect()
    }

    /// Whether the rule holds. A comparison whose attribute is missing gives `lacks`, and nothing is cut short.
    pub fn evaluate(&self, attributes: &dyn Attributes, lacks: Verdict) -> Verdict {
        Walk { text: &self.text, attributes, lacks, parts: None }.node(&self.root, 0)
    }

    /// Every comparison and every connective with the value it met, in the order of the text; a connective stands before
    /// its operands, and `a -and b -and c` is one. The first part is the whole rule.
    pub fn explain(&self, attributes: &dyn Attributes, lacks: Verdict) -> Vec<Part> {
        let mut walk = Walk { text: &self.text, attributes, lacks, parts: Some(Vec::new()) };
        walk.node(&self.root, 0);
        walk.parts.unwrap_or_default()
    }
}

/// One way through a rule, which collects parts if it is asked to.
struct Walk<'a> {
    text: &'a str,
    attributes: &'a dyn Attributes,
    lacks: Verdict,
    parts: Option<Vec<Part>>,
}

impl Walk<'_> {
    fn node(&mut self, node: &Node, depth: usize) -> Verdict {
        // A connective's part goes before those of its operands and gets its verdict after them.
        let place = self.parts.as_ref().map(Vec::len);
        let part = place.map(|_| self.part(node, depth));
        self.parts.iter_mut().for_each(|parts| parts.extend(part.clone()));
        let verdict = match &node.kind {
            Kind::Comparison(comparison) => {
                comparison.evaluate(self.attributes.attribute(&comparison.attribute), self.lacks)
            }
            Kind::Not(node) => self.node(node, depth + 1).negate(),
            Kind::And(nodes) => nodes.iter().map(|node| self.node(node, depth + 1)).fold(Verdict::Yes, Verdict::and),
            Kind::Or(nodes) => nodes.iter().map(|node| self.node(node, depth + 1)).fold(Verdict::No, Verdict::or),
        };
        if let Some(part) = place.and_then(|place| self.parts.as_mut()?.get_mut(place)) {
            part.verdict = verdict;
        }
        verdict
    }

    fn part(&self, node: &Node, depth: usize) -> Part {
        let attribute = match &node.kind {
            Kind::Comparison(comparison) => Some(comparison.attribute.clone()),
            _ => None,
        };
        let seen = attribute.as_deref().map(|name| in_words(name, self.attributes, self.lacks)).unwrap_or_default();
        let text = self.text.get(node.range.clone()).unwrap_or_default().to_owned();
        Part { text, range: node.range.clone(), attribute, seen, verdict: self.lacks, depth }
    }
}

fn in_words(name: &str, attributes: &dyn Attributes, lacks: Verdict) -> String {
    match attributes.attribute(name) {
        Seen::Missing if lacks == Verdict::UnknownData => "not in the snapshot".to_owned(),
        Seen::Missing => "not in the record".to_owned(),
        Seen::Null => match attributes.reason_for_null(name) {
            "" => "null".to_owned(),
            reason => format!("null ({reason})"),
        },
        Seen::Text(text) => format!("\"{text}\""),
        Seen::Bool(value) => truth(value).to_owned(),
        Seen::List(members) => {
            let members: Vec<String> = members.iter().map(|member| format!("\"{member}\"")).collect();
            format!("[{}]", members.join(", "))
        }
    }
}

/// How DEV writes truth values, quoted or not.
fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// Character by character, so that a part of a text folds as it does within the whole; `str::to_lowercase` looks at the
/// neighbours of a sigma.
fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

impl Comparison {
    fn evaluate(&self, seen: Seen<'_>, lacks: Verdict) -> Verdict {
        let holds = match seen {
            Seen::Missing => return lacks,
            // On null the positive operators do not hold and the negative ones do (DEV). Whether `-eq ""` holds is not
            // said; it is a positive operator.
            Seen::Null => self.values.contains(&Value::Null),
            Seen::Text(text) => self.holds(text, false),
            Seen::Bool(value) => self.holds(truth(value), false),
            // A collection without members has no value.
            Seen::List([]) => self.values.contains(&Value::Null),
            // `-contains` on a collection is for whole members (DEV). DEV gives collections no other operator, but rules
            // with `systemLabels -eq "CloudPC"` are in use (TKP, the Conditional Access baselines; the sources conflict),
            // and DYN has `otherMails -startsWith`: one member decides.
            Seen::List(members) => members.iter().any(|member| self.holds(member, true)),
        };
        Verdict::from_bool(holds != self.negated)
    }

    /// Whether the positive form of the operator holds for one text. Case does not matter (DYN: "Regex and string operations
    /// aren't case sensitive").
    fn holds(&self, seen: &str, is_member: bool) -> bool {
        let seen = lower(seen);
        self.values.iter().any(|value| match (self.test, value) {
            (_, Value::Null) => false,
            (Test::StartsWith, Value::Text(value)) => seen.starts_with(value.as_str()),
            (Test::EndsWith, Value::Text(value)) => seen.ends_with(value.as_str()),
            (Test::Contains, Value::Text(value)) if !is_member => seen.contains(value.as_str()),
            (_, Value::Text(value)) => seen == *value,
        })
    }
}

/// What an operator tests, and whether it is negated. The dash is optional (DYN); `==` and the spelt-out names are in
/// DEV's text and tables.
fn operator(word: &str) -> Option<(Test, bool)> {
    let word = word.trim_start_matches(DASHES).to_ascii_lowercase();
    let (word, negated) = word.strip_prefix("not").map_or((word.as_str(), false), |positive| (positive, true));
    match word {
        "eq" | "==" if !negated => Some((Test::Equals, false)),
        "ne" | "!=" if !negated => Some((Test::Equals, true)),
        "equals" => Some((Test::Equals, negated)),
        "startswith" => Some((Test::StartsWith, negated)),
        "endswith" => Some((Test::EndsWith, negated)),
        "contains" => Some((Test::Contains, negated)),
        "in" => Some((Test::In, negated)),
        _ => None,
    }
}

struct Parser<'a> {
    text: &'a str,
    /// In bytes, at the border of a character.
    at: usize,
    attributes: Vec<String>,
    passed: HashSet<String>,
}

/// An expression with the place it takes, parentheses around it included.
type Placed = (Node, Range<usize>);

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

/// What a value may hold without quotes. Quotes of a word processor are not among it: a value that begins with one would
/// never equal anything, and nobody would see why.
fn is_bare(c: char) -> bool {
    is_name(c) || "-:@/+%#*&${}~".contains(c)
}

impl<'a> Parser<'a> {
    fn fail<T>(&self, at: usize, words: impl Into<String>) -> Result<T, RuleError> {
        let position = self.text.get(..at).unwrap_or_default().chars().count();
        Err(RuleError { position, words: words.into() })
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, wanted: impl Fn(char) -> bool) -> bool {
        self.peek().is_some_and(wanted) && self.bump().is_some()
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        self.take(char::is_whitespace);
    }

    /// Passes a word of the language, with or without its dash.
    fn keyword(&mut self, wanted: &str) -> bool {
        self.skip_space();
        let start = self.at;
        self.eat(|c| DASHES.contains(&c));
        if self.take(is_name).eq_ignore_ascii_case(wanted) {
            return true;
        }
        self.at = start;
        false
    }

    // From the weakest to the strongest, in DYN's order: `-or`, `-and`, `-not`, the comparisons.

    fn or(&mut self, depth: usize) -> Result<Placed, RuleError> {
        self.chain("or", Kind::Or, |parser| parser.chain("and", Kind::And, |parser| parser.operand(depth)))
    }

    fn chain(
        &mut self,
        word: &str,
        kind: impl Fn(Vec<Node>) -> Kind,
        mut operand: impl FnMut(&mut Self) -> Result<Placed, RuleError>,
    ) -> Result<Placed, RuleError> {
        let (first, mut place) = operand(self)?;
        if !self.keyword(word) {
            return Ok((first, place));
        }
        let mut nodes = vec![first];
        loop {
            let (node, of_node) = operand(self)?;
            place.end = of_node.end;
            nodes.push(node);
            if !self.keyword(word) {
                return Ok((Node { range: place.clone(), kind: kind(nodes) }, place));
            }
        }
    }

    fn operand(&mut self, depth: usize) -> Result<Placed, RuleError> {
        self.skip_space();
        let start = self.at;
        if depth > DEEPEST {
            return self.fail(start, format!("more than {DEEPEST} levels"));
        }
        if self.eat(|c| c == '!') || self.keyword("not") {
            // The comparison binds stronger: `-not a -eq "x" -and b` is `(-not (a -eq "x")) -and b`.
            let (node, place) = self.operand(depth + 1)?;
            let range = start..place.end;
            return Ok((Node { range: range.clone(), kind: Kind::Not(Box::new(node)) }, range));
        }
        if self.eat(|c| c == '(') {
            let (node, _) = self.or(depth + 1)?;
            self.skip_space();
            let words = if self.rest().is_empty() { "`)` expected" } else { "`-and`, `-or` or `)` expected" };
            return if self.eat(|c| c == ')') { Ok((node, start..self.at)) } else { self.fail(self.at, words) };
        }
        let comparison = self.comparison()?;
        let range = start..self.at;
        Ok((Node { range: range.clone(), kind: Kind::Comparison(comparison) }, range))
    }

    fn comparison(&mut self) -> Result<Comparison, RuleError> {
        let start = self.at;
        // DYN calls names case-sensitive; DEV's own example is `device.deviceid`.
        let name = lower(self.take(is_name));
        let attribute = name.strip_prefix("device.").unwrap_or(&name).to_owned();
        if attribute.is_empty() {
            return self.fail(start, "attribute name expected");
        }
        if self.passed.insert(attribute.clone()) {
            self.attributes.push(attribute.clone());
        }
        self.skip_space();
        let start = self.at;
        let mut word = self.take(|c| c == '=' || c == '!');
        if word.is_empty() {
            self.eat(|c| DASHES.contains(&c));
            self.take(is_name);
            word = self.text.get(start..self.at).unwrap_or_default();
        }
        let Some((test, negated)) = operator(word) else {
            return match word.trim_start_matches(DASHES).to_ascii_lowercase().as_str() {
                _ if word.is_empty() => self.fail(start, "operator expected"),
                "not" => self.fail(start, "`-not` stands before a comparison, not within one"),
                _ => self.fail(start, format!("unknown operator `{}`", word.chars().take(40).collect::<String>())),
            };
        };
        self.skip_space();
        let start = self.at;
        let values = match self.list()? {
            Some(_) if test != Test::In => return self.fail(start, format!("`{word}` takes one value, not a list")),
            Some(values) => values,
            None => vec![self.value()?],
        };
        if values.contains(&Value::Null) && !matches!(test, Test::Equals | Test::In) {
            // DYN: null is for `-eq` and `-ne`.
            return self.fail(start, format!("`{word}` does not compare with null"));
        }
        Ok(Comparison { attribute, test, negated, values })
    }

    /// A list in brackets or in parentheses, if one begins here.
    fn list(&mut self) -> Result<Option<Vec<Value>>, RuleError> {
        let close = match self.peek() {
            Some('[') => ']',
            Some('(') => ')',
            _ => return Ok(None),
        };
        self.bump();
        let mut values = Vec::new();
        loop {
            self.skip_space();
            if values.is_empty() && self.eat(|c| c == close) {
                return Ok(Some(values));
            }
            values.push(self.value()?);
            self.skip_space();
            if self.eat(|c| c == close) {
                return Ok(Some(values));
            }
            if !self.eat(|c| c == ',') {
                return self.fail(self.at, format!("`,` or `{close}` expected"));
            }
        }
    }

    fn value(&mut self) -> Result<Value, RuleError> {
        let start = self.at;
        if let Some(quote @ ('"' | '\'')) = self.peek() {
            return self.quoted(quote);
        }
        let mut word = String::new();
        if self.peek() != Some('-') || self.rest().chars().nth(1).is_some_and(|c| c.is_ascii_digit()) {
            loop {
                word.push_str(self.take(is_bare));
                // DYN gives `-eq `"Sales`"` for a value that has its quotes in itself.
                if !self.eat(|c| c == '`') {
                    break;
                }
                word.extend(self.bump());
            }
        }
        match lower(&word).as_str() {
            "" => self.fail(start, "value expected"),
            "null" | "$null" => Ok(Value::Null),
            word @ ("$true" | "$false") => Ok(Value::Text(word.trim_start_matches('$').to_owned())),
            word => Ok(Value::Text(word.to_owned())),
        }
    }

    /// A quote within the text is escaped by a backtick, an apostrophe by another (DYN); exports that were escaped once more
    /// have a backslash. Before anything else these are themselves, as in `"C:\temp"`.
    fn quoted(&mut self, quote: char) -> Result<Value, RuleError> {
        let start = self.at;
        let mut text = String::new();
        self.bump();
        loop {
            match (self.bump(), self.peek()) {
                (None, _) => return self.fail(start, "text without a closing quote"),
                (Some('`' | '\\'), Some(escaped @ ('"' | '\''))) | (Some('\''), Some(escaped @ '\'')) => {
                    text.push(escaped);
                    self.bump();
                }
                (Some(c), _) if c == quote => return Ok(Value::Text(lower(&text))),
                (Some(c), _) => text.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{No, UnknownContext, UnknownData, Yes};

    struct Device<'a>(Vec<(&'a str, Seen<'a>)>);

    impl Attributes for Device<'_> {
        fn attribute(&self, name: &str) -> Seen<'_> {
            self.0.iter().find(|(known, _)| *known == name).map_or(Seen::Missing, |(_, seen)| *seen)
        }
    }

    struct Unregistered;

    impl Attributes for Unregistered {
        fn attribute(&self, _: &str) -> Seen<'_> {
            Seen::Null
        }
    }

    fn verdict(rule: &str, attributes: &dyn Attributes) -> Result<Verdict, String> {
        let rule = Rule::parse(rule).map_err(|error| error.to_string())?;
        let (verdict, parts) = (rule.evaluate(attributes, UnknownContext), rule.explain(attributes, UnknownContext));
        assert_eq!(parts.first().map(|part| (part.verdict, part.depth)), Some((verdict, 0)), "{}", rule.text());
        assert!(parts.is_sorted_by_key(|part| (part.range.start, part.depth)), "{}", rule.text());
        assert!(parts.iter().all(|part| rule.text().get(part.range.clone()) == Some(part.text.as_str())));
        Ok(verdict)
    }

    #[test]
    fn rules_hold_for_a_known_device() {
        let (labels, none) = (["MultiUser".to_owned(), "CloudPC".to_owned()], []);
        let device = Device(vec![
            ("model", Seen::Text("Surface Pro 9")),
            ("displayname", Seen::Text("O'Neil \"lab\"")),
            ("operatingsystemversion", Seen::Text("10.0.22000")),
            ("manufacturer", Seen::Text(r"C:\temp")),
            ("iscompliant", Seen::Bool(true)),
            ("systemlabels", Seen::List(&labels)),
            ("physicalids", Seen::List(&none)),
            ("extensionattribute1", Seen::Null),
            ("customsecurityattribute.tier_level", Seen::Text("ΟΔΟΣ")),
        ]);
        for (rule, expected) in [
            (r#"device.model -eq "surface PRO 9""#, Yes),
            (r#"model Equals "Surface Pro""#, No),
            (r#"device.model == 'Surface Pro 9' -and device.model != "x""#, Yes),
            (r#"(device.model -STARTSWITH "Surface")"#, Yes),
            (r#"device.model NotStartsWith "Surface""#, No),
            (r#"device.model –endsWith"9" –and device.model -notEndsWith "8""#, Yes),
            (r#"device.model contains "pro" and not device.model notContains "pro""#, Yes),
            (r#"device.operatingSystemVersion -in ["10.0.19041", "10.0.22000"]"#, Yes),
            (r#"device.operatingSystemVersion -notIn ("10.0.19041",10.0.22000)"#, No),
            (r#"device.operatingSystemVersion -in 10.0.22000"#, Yes),
            (r#"device.model -in []"#, No),
            (r#"device.isCompliant -eq "true" -and device.isCompliant -ne $false"#, Yes),
            (r#"device.isCompliant -ne True"#, No),
            (r#"device.displayName -eq "O'Neil `"lab`"""#, Yes),
            (r#"device.displayName -eq "O''Neil \"lab\"""#, Yes),
            (r#"device.displayName -eq 'O''Neil "lab"'"#, Yes),
            (r#"device.displayName -endsWith `"lab`""#, Yes),
            (r#"device.manufacturer -eq "C:\temp""#, Yes),
            // Scenario 29: collections compare whole members.
            (r#"device.systemLabels -contains "Multi""#, No),
            (r#"device.systemLabels -contains "multiuser""#, Yes),
            (r#"systemLabels -eq "CloudPC""#, Yes),
            (r#"systemLabels -startsWith "Cloud" -and systemLabels -in ["a", "CloudPC"]"#, Yes),
            (r#"device.physicalIds -eq null -and device.physicalIds -notContains "x""#, Yes),
            // Scenario 28: the attribute of an unmanaged device is handed in as null.
            (r#"device.extensionAttribute1 -eq "X""#, No),
            (r#"device.extensionAttribute1 -eq "null" -or device.extensionAttribute1 -eq """#, No),
            (r#"device.model -eq null -or device.extensionAttribute1 -ne null"#, No),
            (r#"CustomSecurityAttribute.Tier_Level -contains "ΔΟΣ""#, Yes),
            // -not before -and before -or.
            (r#"device.model -eq "x" -and device.model -eq "y" -or device.isCompliant -eq true"#, Yes),
            (r#"device.isCompliant -eq true -or device.model -eq "x" -and device.model -eq "y""#, Yes),
            (r#"(device.isCompliant -eq true -or device.model -eq "x") -and device.model -eq "y""#, No),
            (r#"-not device.model -eq "x" -and device.model -eq "y""#, No),
            (r#"!(device.model -eq "x")-and-not -not device.isCompliant -eq true"#, Yes),
            // An unknown stays one unless the other side decides alone.
            (r#"-not device.trustType -ne "AzureAD" -and device.isCompliant -eq true"#, UnknownContext),
            (r#"device.trustType -eq "AzureAD" -and device.isCompliant -eq false"#, No),
            (r#"device.trustType -eq "AzureAD" -or device.isCompliant -eq true"#, Yes),
        ] {
            assert_eq!(verdict(rule, &device), Ok(expected), "{rule}");
        }
    }

    #[test]
    fn an_unregistered_device_satisfies_the_negative_operators_only() {
        for (rule, expected) in [
            (r#"device.extensionAttribute1 -ne "SAW""#, Yes), // Scenario 25.
            ("device.isCompliant -ne True", Yes),             // Scenario 26.
            (r#"device.trustType -eq "AzureAD""#, No),        // Scenario 27.
            (r#"a -startsWith "" -or a -endsWith "" -or a -contains "" -or a -in [""] -or a -eq """#, No),
            (r#"device.a -notStartsWith "" -and device.a -notEndsWith "" -and device.a -notIn ["x"]"#, Yes),
            (r#"-not device.a -eq "x""#, Yes),
        ] {
            assert_eq!(verdict(rule, &Unregistered), Ok(expected), "{rule}");
        }
    }

    #[test]
    fn errors_say_what_is_wrong_and_where() {
        for (rule, expected) in [
            ("", "attribute name expected at 0"),
            ("this is not a valid rule", "unknown operator `is` at 5"),
            (r#"device.model -like "x""#, "unknown operator `-like` at 13"),
            ("device.model -noteq x", "unknown operator `-noteq` at 13"),
            ("device.model -not null", "`-not` stands before a comparison, not within one at 13"),
            ("device.model", "operator expected at 12"),
            ("device.model -eq", "value expected at 16"),
            (r#"device.model -eq -and device.model -eq "x""#, "value expected at 17"),
            (r#"device.model -eq “x”"#, "value expected at 17"),
            (r#"device.model -eq "é" -and device.model -in ["ü" "x"]"#, "`,` or `]` expected at 48"),
            (r#"device.model -in ["x","#, "value expected at 22"),
            (r#"device.model -eq ["x"]"#, "`-eq` takes one value, not a list at 17"),
            (r#"device.model -contains null"#, "`-contains` does not compare with null at 23"),
            (r#"device.model -eq "x"#, "text without a closing quote at 17"),
            (r#"(device.model -eq "x""#, "`)` expected at 21"),
            (r#"(device.model -eq x y)"#, "`-and`, `-or` or `)` expected at 20"),
            (r#"device.model -eq "x")"#, "unexpected `)` at 20"),
            (r#"device.model -eq "x" device.model -eq "y""#, "`-and` or `-or` expected at 21"),
            (r#"device.model -eq "x" -or"#, "attribute name expected at 24"),
        ] {
            assert_eq!(verdict(rule, &Unregistered), Err(expected.to_owned()), "{rule}");
        }
    }

    #[test]
    fn values_stand_under_the_words_they_satisfy() -> Result<(), RuleError> {
        let device = Device(vec![("model", Seen::Text("Surface")), ("iscompliant", Seen::Null)]);
        let rule =
            Rule::parse(r#"device.Model -eq "x" -or -not (device.isCompliant -eq True -and y in (1) and model ne 2)"#)?;
        assert_eq!(rule.attributes(), ["model", "iscompliant", "y"]);
        let parts = rule.explain(&device, UnknownData);
        let rows: Vec<_> = parts.iter().map(|p| (p.depth, p.text.as_str(), p.seen.as_str(), p.verdict)).collect();
        let all = "device.isCompliant -eq True -and y in (1) and model ne 2";
        let expected = [
            (0, rule.text(), "", Yes),
            (1, "device.Model -eq \"x\"", "\"Surface\"", No),
            (1, &format!("-not ({all})"), "", Yes),
            (2, all, "", No),
            (3, "device.isCompliant -eq True", "null (no registered device)", No),
            (3, "y in (1)", "not in the snapshot", UnknownData),
            (3, "model ne 2", "\"Surface\"", Yes),
        ];
        assert_eq!(rows, expected);
        Ok(())
    }

    #[test]
    fn long_and_deep_texts_are_read_or_refused() {
        let long = format!("a -eq 1{}", " -and a -ne 2".repeat(20_000));
        assert_eq!(Rule::parse(&long).map(|rule| (rule.is_too_long(), rule.attributes().len())), Ok((true, 1)));
        let limit = |name: usize| Rule::parse(&format!("{} -eq 1", "é".repeat(name))).map(|rule| rule.is_too_long());
        assert_eq!((limit(LONGEST - 6), limit(LONGEST - 5)), (Ok(false), Ok(true)));
        let nested = |depth: usize| format!("{}a -eq 1{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(verdict(&nested(DEEPEST), &Unregistered), Ok(No));
        assert_eq!(verdict(&nested(DEEPEST + 1), &Unregistered), Err("more than 200 levels at 201".to_owned()));
        for opening in ["(", "!", "-not ", "a -in [", "a -eq \"", "-"] {
            assert!(Rule::parse(&opening.repeat(300_000)).is_err(), "{opening}");
        }
    }

    fn random(state: &mut u64, below: usize) -> usize {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        usize::try_from(*state >> 33).unwrap_or_default() % below
    }

    fn pick<'a>(state: &mut u64, from: &[&'a str]) -> &'a str {
        let place = random(state, from.len());
        from.get(place).copied().unwrap_or_default()
    }

    #[test]
    fn no_text_panics() {
        let pieces =
            "device.|model| |-eq|\"|'|''|`|\\|(|)|[|]|,|-and|or|-not|!|=|–in|null|é|\u{301}|\0|“|a -eq 1|notContains|-";
        let pieces: Vec<&str> = pieces.split('|').collect();
        let mut state = 0x9E37_79B9_7F4A_7C15;
        let mut read = 0;
        for _ in 0..100_000 {
            let count = random(&mut state, 12);
            let text: String = (0..count).map(|_| pick(&mut state, &pieces)).collect();
            read += usize::from(verdict(&text, &Unregistered).is_ok());
        }
        assert!(read > 100, "{read}");
    }

    fn random_rule(state: &mut u64, depth: usize) -> String {
        match random(state, if depth == 0 { 1 } else { 4 }) {
            1 => format!("-not ({})", random_rule(state, depth - 1)),
            2 | 3 => {
                let connective = pick(state, &[" -and ", " -or "]);
                format!("({}){connective}{}", random_rule(state, depth - 1), random_rule(state, depth - 1))
            }
            _ => {
                let operator =
                    pick(state, &["-eq", "-ne", "-contains", "-notStartsWith", "-endsWith", "-in", "-notIn"]);
                format!("{} {operator} {}", pick(state, &["a", "b", "c"]), pick(state, &["x", "xy", "\"\"", "True"]))
            }
        }
    }

    #[test]
    fn less_information_never_decides_nor_turns_a_verdict() {
        let list = ["x".to_owned(), "xy".to_owned()];
        let values =
            [Seen::Null, Seen::Text("xy"), Seen::Text("x"), Seen::Bool(true), Seen::List(&list), Seen::Missing];
        let mut state = 0x0DDB_1A5E_5BAD_5EED;
        for _ in 0..20_000 {
            let rule = random_rule(&mut state, 4);
            let any = |state: &mut u64| values.get(random(state, values.len())).copied().unwrap_or(Seen::Missing);
            let known = ["a", "b", "c"].map(|name| (name, any(&mut state)));
            let less = known.into_iter().filter(|_| random(&mut state, 2) == 0).collect();
            match (verdict(&rule, &Device(known.to_vec())), verdict(&rule, &Device(less))) {
                (Ok(more), Ok(less)) => assert!(less == more || less.is_unknown(), "{rule}: {more:?}, then {less:?}"),
                (more, less) => assert_eq!((more, less), (Ok(No), Ok(No)), "{rule}"),
            }
        }
    }
}
