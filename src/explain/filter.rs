//! Defines [`Rule`], a filter rule of Conditional Access (for devices, for applications), read and evaluated.
//!
//! Operators, values and null are as in DEV, "Filter for devices" (entra-docs, concept-condition-filters-for-devices,
//! 2025-04-08). It refers for the syntax to DYN, the rules of dynamic membership groups (2024-12-19,
//! learn.microsoft.com/entra/identity/users/groups-dynamic-membership). DEV is silent on precedence and on case, which
//! are taken from DYN.

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
    /// It may have a value, which does not count for a device that nobody manages (DEV). Positive operators do not hold on it; the
    /// page's table and its warning disagree on the negative ones.
    Withheld,
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

    /// Why an attribute is null, in the words that [`Part::seen`] puts in brackets.
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
    root: Node,
}

/// An expression. A chain of one connective is one node, so that a long rule is not a deep one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    range: Range<usize>,
    kind: Kind,
    operands: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Comparison { attribute: String, test: Test, negated: bool, values: Vec<Option<String>> },
    And,
    Or,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Equals,
    StartsWith,
    EndsWith,
    Contains,
    In,
}

impl Rule {
    /// Reads a rule, or says where the text first leaves the grammar.
    pub fn parse(text: &str) -> Result<Rule, RuleError> {
        let mut parser = Parser { text, at: 0 };
        let (root, _) = parser.chain(0, 0)?;
        let end = parser.skip_space();
        if parser.peek().is_some() {
            return parser.fail(end, "`-and`, `-or` or the end expected");
        }
        Ok(Rule { text: text.to_owned(), root })
    }

    /// Whether the rule is longer than Entra stores, so that it cannot be a faithful copy of one.
    pub fn is_too_long(&self) -> bool {
        self.text.chars().nth(LONGEST).is_some()
    }

    /// The attributes that the rule asks for, each once, in the order of the text.
    pub fn attributes(&self) -> Vec<&str> {
        let mut passed = HashSet::new();
        self.nodes().into_iter().filter_map(|(node, _)| node.attribute()).filter(|name| passed.insert(*name)).collect()
    }

    /// Whether the rule holds. A comparison whose attribute is missing gives `lacks`, and nothing is cut short.
    pub fn evaluate(&self, attributes: &dyn Attributes, lacks: Verdict) -> Verdict {
        self.root.evaluate(attributes, lacks)
    }

    /// Every comparison and every connective with the value it met, in the order of the text; a connective comes before
    /// its operands, and `a -and b -and c` is one. The first part is the whole rule.
    pub fn explain(&self, attributes: &dyn Attributes, lacks: Verdict) -> Vec<Part> {
        let part = |(node, depth): (&Node, usize)| Part {
            text: self.text.get(node.range.clone()).unwrap_or_default().to_owned(),
            range: node.range.clone(),
            attribute: node.attribute().map(str::to_owned),
            seen: node.attribute().map(|name| in_words(name, attributes, lacks)).unwrap_or_default(),
            verdict: node.evaluate(attributes, lacks),
            depth,
        };
        self.nodes().into_iter().map(part).collect()
    }

    /// The nodes in the order of the text, with their depths.
    fn nodes(&self) -> Vec<(&Node, usize)> {
        let (mut nodes, mut open) = (Vec::new(), vec![(&self.root, 0)]);
        while let Some((node, depth)) = open.pop() {
            nodes.push((node, depth));
            open.extend(node.operands.iter().rev().map(|operand| (operand, depth + 1)));
        }
        nodes
    }
}

fn in_words(name: &str, attributes: &dyn Attributes, lacks: Verdict) -> String {
    match attributes.attribute(name) {
        Seen::Missing if lacks == Verdict::UnknownData => "not in the snapshot".to_owned(),
        Seen::Missing => "not in the record".to_owned(),
        Seen::Null => format!("null ({})", attributes.reason_for_null(name)),
        Seen::Withheld => "not available (the device is neither managed, compliant nor hybrid joined)".to_owned(),
        Seen::Text(text) => format!("\"{text}\""),
        Seen::Bool(value) => value.to_string(),
        Seen::List([]) => "[]".to_owned(),
        Seen::List(members) => format!("[\"{}\"]", members.join("\", \"")),
    }
}

/// Character by character, unlike `str::to_lowercase`, so that a part of a text folds as it does within the whole.
fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

impl Node {
    fn attribute(&self) -> Option<&str> {
        if let Kind::Comparison { attribute, .. } = &self.kind { Some(attribute) } else { None }
    }

    fn evaluate(&self, attributes: &dyn Attributes, lacks: Verdict) -> Verdict {
        let verdicts = self.operands.iter().map(|operand| operand.evaluate(attributes, lacks));
        let (attribute, test, negated, values) = match &self.kind {
            Kind::And => return verdicts.fold(Verdict::Yes, Verdict::and),
            Kind::Or => return verdicts.fold(Verdict::No, Verdict::or),
            Kind::Not => return verdicts.fold(Verdict::Yes, Verdict::and).negate(),
            Kind::Comparison { attribute, test, negated, values } => (attribute, *test, *negated, values),
        };
        let holds = match attributes.attribute(attribute) {
            Seen::Missing => return lacks,
            Seen::Withheld if negated || values.contains(&None) => return lacks,
            Seen::Withheld => false,
            // On null the positive operators do not hold and the negative ones do (DEV). Whether `-eq ""` holds is not
            // said; it is a positive operator. A collection without members has no value.
            Seen::Null | Seen::List([]) => values.contains(&None),
            Seen::Text(text) => holds(test, values, text, false),
            Seen::Bool(value) => holds(test, values, &value.to_string(), false),
            // `-contains` on a collection is for whole members (DEV). DEV gives collections no other operator, but
            // Microsoft itself has `systemLabels -eq "CloudPC"` (concept-token-protection, 2025-05-27; a conflict) and
            // DYN `otherMails -startsWith`: one member decides.
            Seen::List(members) => members.iter().any(|member| holds(test, values, member, true)),
        };
        Verdict::from_bool(holds != negated)
    }
}

/// Whether the positive form of an operator holds for one text. Case does not matter (DYN: "Regex and string operations
/// aren't case sensitive"; DEV is silent).
fn holds(test: Test, values: &[Option<String>], seen: &str, is_member: bool) -> bool {
    let seen = lower(seen);
    values.iter().flatten().any(|value| match test {
        Test::StartsWith => seen.starts_with(value),
        Test::EndsWith => seen.ends_with(value),
        Test::Contains if !is_member => seen.contains(value),
        _ => seen == *value,
    })
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
}

/// An expression with the place it takes, parentheses around it included.
type Placed = (Node, Range<usize>);

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

/// What a value may hold without quotes. A word processor's quotes are not among it: a value with one would never equal
/// anything, and nobody would see why.
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

    fn skip_space(&mut self) -> usize {
        self.take(char::is_whitespace);
        self.at
    }

    /// Passes a word of the language, with or without its dash.
    fn keyword(&mut self, wanted: &str) -> bool {
        let start = self.skip_space();
        if self.word().trim_start_matches(DASHES).eq_ignore_ascii_case(wanted) {
            return true;
        }
        self.at = start;
        false
    }

    /// Letters after a dash or without one; or what stands for equality.
    fn word(&mut self) -> &'a str {
        let start = self.at;
        if self.take(|c| c == '=' || c == '!').is_empty() {
            self.eat(|c| DASHES.contains(&c));
            self.take(is_name);
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// A chain of the connective of a level, the weakest at level 0 (DYN's order: comparisons, `-not`, `-and`, `-or`).
    fn chain(&mut self, level: usize, depth: usize) -> Result<Placed, RuleError> {
        let (word, kind) = match level {
            0 => ("or", Kind::Or),
            1 => ("and", Kind::And),
            _ => return self.operand(depth),
        };
        let (first, mut place) = self.chain(level + 1, depth)?;
        let mut operands = Vec::new();
        while self.keyword(word) {
            let (node, of_node) = self.chain(level + 1, depth)?;
            place.end = of_node.end;
            operands.push(node);
        }
        if operands.is_empty() {
            return Ok((first, place));
        }
        operands.insert(0, first);
        Ok((Node { range: place.clone(), kind, operands }, place))
    }

    fn operand(&mut self, depth: usize) -> Result<Placed, RuleError> {
        let start = self.skip_space();
        if depth > DEEPEST {
            return self.fail(start, format!("more than {DEEPEST} levels"));
        }
        if self.eat(|c| c == '!') || self.keyword("not") {
            // The comparison binds stronger: `-not a -eq "x" -and b` is `(-not (a -eq "x")) -and b`.
            let (node, place) = self.operand(depth + 1)?;
            let range = start..place.end;
            return Ok((Node { range: range.clone(), kind: Kind::Not, operands: vec![node] }, range));
        }
        if self.eat(|c| c == '(') {
            let (node, _) = self.chain(0, depth + 1)?;
            let end = self.skip_space();
            return if self.eat(|c| c == ')') { Ok((node, start..self.at)) } else { self.fail(end, "`)` expected") };
        }
        let kind = self.comparison()?;
        Ok((Node { range: start..self.at, kind, operands: Vec::new() }, start..self.at))
    }

    fn comparison(&mut self) -> Result<Kind, RuleError> {
        let start = self.at;
        // DYN calls names case-sensitive; DEV's own example is `device.deviceid`.
        let name = lower(self.take(is_name));
        let attribute = name.strip_prefix("device.").unwrap_or(&name).to_owned();
        if attribute.is_empty() {
            return self.fail(start, "attribute name expected");
        }
        let start = self.skip_space();
        let word = self.word();
        let Some((test, negated)) = operator(word) else {
            let shown = word.chars().take(40).collect::<String>();
            let words = if word.is_empty() { "operator expected" } else { &format!("unknown operator `{shown}`") };
            return self.fail(start, words);
        };
        let start = self.skip_space();
        let values = if test == Test::In { self.list()? } else { vec![self.value()?] };
        if values.contains(&None) && !matches!(test, Test::Equals | Test::In) {
            return self.fail(start, format!("null is for `-eq` and `-ne`, not for `{word}`"));
        }
        Ok(Kind::Comparison { attribute, test, negated, values })
    }

    /// A list in brackets or in parentheses; or one value as a list.
    fn list(&mut self) -> Result<Vec<Option<String>>, RuleError> {
        let close = match self.peek() {
            Some('[') => ']',
            Some('(') => ')',
            _ => return Ok(vec![self.value()?]),
        };
        self.bump();
        let mut values = Vec::new();
        self.skip_space();
        while !self.eat(|c| c == close) {
            if !values.is_empty() && !self.eat(|c| c == ',') {
                return self.fail(self.at, format!("`,` or `{close}` expected"));
            }
            values.push(self.value()?);
            self.skip_space();
        }
        Ok(values)
    }

    /// A value in lower case; `None` is null.
    fn value(&mut self) -> Result<Option<String>, RuleError> {
        let start = self.skip_space();
        if let Some(quote @ ('"' | '\'')) = self.peek() {
            return self.quoted(quote);
        }
        // A dash there is a forgotten value: `-eq -and`.
        let word = lower(if self.rest().starts_with('-') { "" } else { self.take(is_bare) });
        match word.as_str() {
            "" => self.fail(start, "value expected"),
            "null" | "$null" => Ok(None),
            "$true" | "$false" => Ok(Some(word.replace('$', ""))),
            _ => Ok(Some(word)),
        }
    }

    /// A quote within the text is escaped by a backtick, an apostrophe by another (DYN); exports that were escaped once
    /// more have a backslash. Before anything else these are themselves, as in `"C:\temp"`.
    fn quoted(&mut self, quote: char) -> Result<Option<String>, RuleError> {
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
                (Some(c), _) if c == quote => return Ok(Some(lower(&text))),
                (Some(c), _) => text.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{No, UnknownContext, UnknownData, Yes};

    struct Device<'a>(Vec<(&'a str, Seen<'a>)>, /* any other */ Seen<'a>);
    const UNREGISTERED: Device<'static> = Device(Vec::new(), Seen::Null);

    impl Attributes for Device<'_> {
        fn attribute(&self, name: &str) -> Seen<'_> {
            self.0.iter().find(|(known, _)| *known == name).map_or(self.1, |(_, seen)| *seen)
        }
    }

    fn verdict(rule: &str, attributes: &dyn Attributes) -> Result<Verdict, String> {
        let rule = Rule::parse(rule).map_err(|error| error.to_string())?;
        let parts = rule.explain(attributes, UnknownContext);
        assert!(parts.is_sorted_by_key(|part| (part.range.start, part.depth)), "{}", rule.text);
        assert!(parts.iter().all(|part| rule.text.get(part.range.clone()) == Some(part.text.as_str())));
        assert_eq!(parts.first().map(|part| part.verdict), Some(rule.evaluate(attributes, UnknownContext)));
        Ok(rule.evaluate(attributes, UnknownContext))
    }

    #[test]
    fn the_first_rule_of_a_pair_holds_for_a_known_device_and_the_second_does_not() {
        let (labels, none) = (["MultiUser".to_owned(), "CloudPC".to_owned()], []);
        let known = vec![
            ("model", Seen::Text("Surface Pro 9")),
            ("displayname", Seen::Text(r#"O'Neil "lab" C:\D"#)),
            ("version", Seen::Text("10.0.22000")),
            ("iscompliant", Seen::Bool(true)),
            ("systemlabels", Seen::List(&labels)),
            ("physicalids", Seen::List(&none)),
            ("extensionattribute2", Seen::Null),
            ("customsecurityattribute.tier_level", Seen::Text("ΟΔΟΣ")),
        ];
        let device = Device(known, Seen::Missing);
        for (yes, no) in [
            (r#"device.model -eq "surface PRO 9""#, r#"DEVICE.Model Equals "Surface Pro""#),
            (r#"model == 'Surface Pro 9' -and model NotEquals "x""#, r#"device.model != "Surface Pro 9""#),
            (r#"model –endsWith"9" –and model -notEndsWith "8""#, "model -STARTSWITH 9 -or model NotStartsWith S"),
            (r#"model contains "pro" and not model notContains "pro""#, r#"model -notContains "pro""#),
            (r#"version -in ["10.0.19041", "10.0.22000"]"#, r#"version -notIn ("10.0.19041",10.0.22000)"#),
            (r#"isCompliant -eq "true" -and isCompliant -eq True -and isCompliant -ne $false"#, "isCompliant -ne True"),
            (r#"displayName -eq "O'Neil `"lab`" C:\D""#, r#"displayName -eq "lab""#),
            (r#"displayName -eq "O''Neil \"lab\" C:\D""#, r#"displayName -eq """#),
            // Scenario 29: collections compare whole members.
            (r#"device.systemLabels -contains "multiuser""#, r#"device.systemLabels -contains "Multi""#),
            (r#"systemLabels -eq "CloudPC" -and systemLabels -in [a, "CloudPC"]"#, r#"systemLabels -ne "CloudPC""#),
            (r#"physicalIds -eq null -and physicalIds -notContains "x""#, "systemLabels -eq null"),
            // Scenario 28: the attribute of an unmanaged device is handed in as null.
            ("device.extensionAttribute2 -eq $null", r#"device.extensionAttribute2 -eq "X""#),
            (r#"CustomSecurityAttribute.Tier_Level -contains "δοσ""#, "customSecurityAttribute.tier_level eq x"),
            // -not before -and before -or.
            ("model -eq x -and model -eq y -or isCompliant -eq true", "-not model -eq x -and model -eq y"),
            ("version -ne 1 -or model -eq x -and model -eq y", "(version -ne 1 -or model -eq x) -and model -eq y"),
            ("!(model -eq x)-and-not -not isCompliant -eq true", "-not (model -ne x -or model -ne y)"),
            // An unknown stays one unless the other side decides alone.
            ("trustType -eq AzureAD -or isCompliant -eq true", "trustType -eq AzureAD -and isCompliant -eq false"),
        ] {
            assert_eq!((verdict(yes, &device), verdict(no, &device)), (Ok(Yes), Ok(No)), "{yes}; {no}");
            for rule in [format!("({yes}) -and a -eq 1"), format!("({no}) -or -not a -ne 1")] {
                assert_eq!(verdict(&rule, &device), Ok(UnknownContext), "{rule}");
            }
        }
    }

    #[test]
    fn an_unregistered_device_satisfies_the_negative_operators_only() {
        for (rule, expected) in [
            (r#"device.extensionAttribute1 -ne "SAW""#, Yes), // Scenario 25.
            ("device.isCompliant -ne True", Yes),             // Scenario 26.
            (r#"device.trustType -eq "AzureAD""#, No),        // Scenario 27.
            (r#"a -startsWith "" -or a -endsWith "" -or a -contains "" -or a -in [""] -or a -eq """#, No),
            (r#"a -notStartsWith "" -and a -notEndsWith "" -and a -notContains "" -and a -notIn ["x"]"#, Yes),
        ] {
            assert_eq!(verdict(rule, &UNREGISTERED), Ok(expected), "{rule}");
        }
    }

    #[test]
    fn errors_say_what_is_wrong_and_where() {
        for (rule, expected) in [
            ("", "attribute name expected at 0"),
            ("this is not a valid rule", "unknown operator `is` at 5"),
            (r#"device.model -like "x""#, "unknown operator `-like` at 13"),
            ("device.model", "operator expected at 12"),
            (r#"device.model -eq -and device.model -eq "x""#, "value expected at 17"),
            (r#"device.model -eq “x”"#, "value expected at 17"),
            (r#"device.model -eq "é" -and device.model -in ["ü" "x"]"#, "`,` or `]` expected at 48"),
            ("device.model -contains null", "null is for `-eq` and `-ne`, not for `-contains` at 23"),
            (r#"(device.model -eq "x" y)"#, "`)` expected at 22"),
            (r#"device.model -eq "x" device.model -eq "y""#, "`-and`, `-or` or the end expected at 21"),
            (r#"device.model -eq "x" -or"#, "attribute name expected at 24"),
        ] {
            assert_eq!(verdict(rule, &UNREGISTERED), Err(expected.to_owned()), "{rule}");
        }
    }

    #[test]
    fn values_stand_under_the_words_they_satisfy() -> Result<(), RuleError> {
        let device = Device(vec![("model", Seen::Text("Surface")), ("iscompliant", Seen::Null)], Seen::Missing);
        let rule = Rule::parse("device.Model -eq x -or -not (isCompliant -eq True -and y in (1))")?;
        assert_eq!(rule.attributes(), ["model", "iscompliant", "y"]);
        let parts = rule.explain(&device, UnknownData);
        let rows: Vec<_> = parts.iter().map(|p| (p.depth, p.text.as_str(), p.seen.as_str(), p.verdict)).collect();
        let expected = [
            (0, rule.text.as_str(), "", Yes),
            (1, "device.Model -eq x", "\"Surface\"", No),
            (1, "-not (isCompliant -eq True -and y in (1))", "", Yes),
            (2, "isCompliant -eq True -and y in (1)", "", No),
            (3, "isCompliant -eq True", "null (no registered device)", No),
            (3, "y in (1)", "not in the snapshot", UnknownData),
        ];
        assert_eq!(rows, expected);
        Ok(())
    }

    #[test]
    fn long_and_deep_texts_are_read_or_refused() {
        let long = format!("a -eq 1{}", " -and a -ne 2".repeat(20_000));
        assert_eq!(Rule::parse(&long).map(|rule| (rule.is_too_long(), rule.attributes().len())), Ok((true, 1)));
        let is_long = |name: usize| Rule::parse(&format!("{} -eq 1", "é".repeat(name))).map(|rule| rule.is_too_long());
        assert_eq!((is_long(LONGEST - 6), is_long(LONGEST - 5)), (Ok(false), Ok(true)));
        let nested = |depth: usize| format!("{}a -eq 1{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(verdict(&nested(DEEPEST), &UNREGISTERED), Ok(No));
        assert_eq!(verdict(&nested(DEEPEST + 1), &UNREGISTERED), Err("more than 200 levels at 201".to_owned()));
        for opening in ["(", "!", "-not ", "a -in [", "a -eq \"", "-"] {
            assert!(Rule::parse(&opening.repeat(300_000)).is_err(), "{opening}");
        }
    }

    fn pick<T: Copy>(state: &mut usize, from: &[T]) -> T {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        from[(*state >> 20) % from.len()]
    }

    #[test]
    fn no_text_panics() {
        let pieces = "device.|model| |-eq|\"|'|''|`|\\|(|)|[|]|,|-and|or|-not|!|=|–in|null|é|\u{301}|\0|“|a -eq 1|-";
        let pieces: Vec<&str> = pieces.split('|').collect();
        let mut state = 0x9E37_79B9;
        let texts = (0..50_000).map(|turn| (0..turn % 12).map(|_| pick(&mut state, &pieces)).collect::<String>());
        assert!(texts.filter(|text| verdict(text, &UNREGISTERED).is_ok()).count() > 100);
    }

    #[test]
    fn less_information_never_decides_nor_turns_a_verdict() {
        let list = ["x", "xy"].map(str::to_owned);
        let any = [Seen::Null, Seen::Text("xy"), Seen::Text("x"), Seen::Bool(true), Seen::List(&list), Seen::Missing];
        let comparisons =
            ["a -eq x", "a -notIn [xy, null]", "b -ne null", "b -contains x", "c in True", "c -notEndsWith y"];
        let mut state = 0x0DDB_1A5E;
        for _ in 0..10_000 {
            let mut rule = "a -eq xy".to_owned();
            for _ in 0..4 {
                let shape = pick(&mut state, &["-not (R)", "(R) -and C", "C -or (R)"]);
                rule = shape.replace('C', pick(&mut state, &comparisons)).replace('R', &rule);
            }
            let known = ["a", "b", "c"].map(|name| (name, pick(&mut state, &any)));
            let less = known.into_iter().filter(|_| pick(&mut state, &[true, false])).collect();
            let more = verdict(&rule, &Device(known.to_vec(), Seen::Missing));
            let less = verdict(&rule, &Device(less, Seen::Missing));
            assert!(more.is_ok() && (less == more || less == Ok(UnknownContext)), "{rule}: {more:?}, then {less:?}");
        }
    }
}
