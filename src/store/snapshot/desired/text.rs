//! Reads the part of PowerShell in which configurations are written: resources with properties whose values are texts, numbers, truth
//! values, lists, tables and embedded instances. Whatever has to be computed is kept as its text, and nothing is run.

use crate::domain::json::Json;

/// The name under which a value stands that has to be computed.
const COMPUTED: &str = "$computed";
/// How deep values may be nested.
const DEEPEST: usize = 32;

/// A token with the line on which it begins, counted from 1.
#[derive(Debug, Clone, PartialEq)]
struct Token {
    kind: Kind,
    line: usize,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// A quoted text, or a here-string.
    Text(String),
    /// A word, number, variable or sign that stands by itself.
    Word(String),
    /// `{`, `}`, `(`, `)`, `=`, `;`, `,`.
    Sign(char),
    /// `@(`.
    ListStart,
    /// `@{`.
    TableStart,
    /// The end of a line.
    LineEnd,
    /// A text that does not end.
    Unclosed,
}

/// Whether a line begins a resource for Entra: `AADGroup "name"`.
pub(super) fn is_header(line: &str) -> bool {
    let word = line.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let rest = line.get(word.len()..).unwrap_or_default();
    is_kind(word) && rest.starts_with([' ', '\t']) && rest.trim_start().starts_with(['"', '\''])
}

/// Whether a word is the type of a resource for Entra; the numbers of errors (`AADSTS50076`) begin alike.
fn is_kind(word: &str) -> bool {
    word.len() > 5
        && word.starts_with("AAD")
        && !word.starts_with("AADSTS")
        && word.chars().all(|c| c.is_ascii_alphanumeric())
}

/// A resource: its type and its properties; or why it cannot be read, with its line.
type Found = Result<(String, Vec<(String, Json)>), String>;

/// The resources for Entra in a text, in their order.
pub(super) fn resources(source: &str) -> Vec<Found> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let Some((kind, body)) = header(&tokens, at) else {
            at += 1;
            continue;
        };
        let mut reader = Reader { tokens: &tokens, at: body };
        match reader.properties(0) {
            Ok(properties) => {
                found.push(Ok((kind, properties)));
                at = reader.at;
            }
            Err(reason) => {
                found.push(Err(format!("`{kind}` on line {}: {reason}", token.line)));
                at = body;
            }
        }
    }
    found
}

/// The type of the resource that begins at a token, and the token behind its opening brace.
fn header(tokens: &[Token], at: usize) -> Option<(String, usize)> {
    let Kind::Word(word) = &tokens.get(at)?.kind else { return None };
    let Kind::Text(_) = &tokens.get(at + 1)?.kind else { return None };
    let brace = (at + 2..).find(|at| tokens.get(*at).is_none_or(|token| token.kind != Kind::LineEnd))?;
    (is_kind(word) && tokens.get(brace)?.kind == Kind::Sign('{')).then(|| (word.clone(), brace + 1))
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |token| token.line)
    }

    fn skip(&mut self, separators: &[Kind]) {
        while self.peek().is_some_and(|kind| separators.contains(kind)) {
            self.at += 1;
        }
    }

    /// Reads `name = value` up to the closing brace, which it takes.
    fn properties(&mut self, depth: usize) -> Result<Vec<(String, Json)>, String> {
        if depth > DEEPEST {
            return Err("it is nested too deep".to_owned());
        }
        let mut properties = Vec::new();
        loop {
            self.skip(&[Kind::LineEnd, Kind::Sign(';')]);
            let line = self.line();
            let name = match self.peek() {
                Some(Kind::Sign('}')) => {
                    self.at += 1;
                    return Ok(properties);
                }
                Some(Kind::Word(name) | Kind::Text(name)) => name.clone(),
                Some(_) => return Err(format!("a property is expected on line {line}")),
                None => return Err("it is not closed: the file may be cut off".to_owned()),
            };
            self.at += 1;
            if self.peek() != Some(&Kind::Sign('=')) {
                return Err(format!("`{name}` on line {line} is no property"));
            }
            self.at += 1;
            self.skip(&[Kind::LineEnd]);
            let value = self.value(depth)?;
            properties.push((name, self.completed(value)));
        }
    }

    /// A value, unless more follows it in its line, which makes it part of something that has to be computed.
    fn completed(&mut self, value: Json) -> Json {
        let ends = |kind: &Kind| matches!(kind, Kind::LineEnd | Kind::Sign(';' | '}' | ')' | ','));
        if self.peek().is_none_or(ends) {
            return value;
        }
        let mut depth = 0_usize;
        while let Some(kind) = self.peek() {
            match kind {
                Kind::Sign('{' | '(') | Kind::ListStart | Kind::TableStart => depth += 1,
                Kind::Sign('}' | ')') if depth > 0 => depth -= 1,
                kind if depth == 0 && ends(kind) => break,
                _ => {}
            }
            self.at += 1;
        }
        computed(&value.quoted())
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        let line = self.line();
        let kind = self.peek().cloned().ok_or("it is not closed: the file may be cut off")?;
        self.at += 1;
        match kind {
            Kind::Text(text) => Ok(Json::Text(text)),
            Kind::ListStart => self.list(depth + 1),
            Kind::TableStart => Ok(Json::Object(self.properties(depth + 1)?)),
            Kind::Word(word) => {
                // `MSFT_Something{ ... }` is an instance that stands within a value.
                if self.peek() == Some(&Kind::Sign('{')) {
                    self.at += 1;
                    return Ok(Json::Object(self.properties(depth + 1)?));
                }
                Ok(plain(&word))
            }
            Kind::Sign('(') => {
                let mut open = 1_usize;
                while open > 0 {
                    match self.peek().ok_or("it is not closed: the file may be cut off")? {
                        Kind::Sign('(') | Kind::ListStart => open += 1,
                        Kind::Sign(')') => open -= 1,
                        _ => {}
                    }
                    self.at += 1;
                }
                Ok(computed("(...)"))
            }
            Kind::Unclosed => Err(format!("the text that begins on line {line} is not closed")),
            Kind::Sign(_) | Kind::LineEnd => Err(format!("a value is expected on line {line}")),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json, String> {
        if depth > DEEPEST {
            return Err("it is nested too deep".to_owned());
        }
        let mut items = Vec::new();
        loop {
            self.skip(&[Kind::LineEnd, Kind::Sign(','), Kind::Sign(';')]);
            match self.peek() {
                Some(Kind::Sign(')')) => {
                    self.at += 1;
                    return Ok(Json::List(items));
                }
                None => return Err("a list is not closed: the file may be cut off".to_owned()),
                Some(_) => {
                    let item = self.value(depth)?;
                    items.push(self.completed(item));
                }
            }
        }
    }
}

fn computed(text: &str) -> Json {
    Json::Object(vec![(COMPUTED.to_owned(), Json::Text(text.to_owned()))])
}

/// The value of a word: a truth value, a number, or something that has to be computed.
fn plain(word: &str) -> Json {
    match word.to_ascii_lowercase().as_str() {
        "$true" => Json::Bool(true),
        "$false" => Json::Bool(false),
        "$null" => Json::Null,
        _ => word.parse::<i64>().map_or_else(|_| computed(word), |number| Json::Number(number.into())),
    }
}

/// Cuts a text into tokens. Comments are left out.
fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    let peek = |at: usize| chars.get(at).copied().unwrap_or('\0');
    while let Some(&c) = chars.get(at) {
        let begun = line;
        let mut push = |kind: Kind| tokens.push(Token { kind, line: begun });
        match (c, peek(at + 1)) {
            ('\n', _) => {
                push(Kind::LineEnd);
                line += 1;
                at += 1;
            }
            ('<', '#') => {
                let end = (at + 2..chars.len())
                    .find(|at| peek(*at) == '#' && peek(at + 1) == '>')
                    .map_or(chars.len(), |at| at + 2);
                line += newlines(&chars, at, end);
                at = end;
            }
            ('#', _) => at = (at..chars.len()).find(|at| peek(*at) == '\n').unwrap_or(chars.len()),
            // A backtick before the end of a line joins it to the next.
            ('`', '\r') if peek(at + 2) == '\n' => {
                line += 1;
                at += 3;
            }
            ('`', '\n') => {
                line += 1;
                at += 2;
            }
            ('@', '(') => {
                push(Kind::ListStart);
                at += 2;
            }
            ('@', '{') => {
                push(Kind::TableStart);
                at += 2;
            }
            ('@', quote @ ('"' | '\'')) => {
                let (kind, end) = here_string(&chars, at, quote);
                push(kind);
                line += newlines(&chars, at, end);
                at = end;
            }
            (quote @ ('"' | '\''), _) => {
                let (kind, end) = quoted(&chars, at, quote);
                push(kind);
                line += newlines(&chars, at, end);
                at = end;
            }
            (sign @ ('{' | '}' | '(' | ')' | '=' | ';' | ','), _) => {
                push(Kind::Sign(sign));
                at += 1;
            }
            (c, _) if c.is_whitespace() || c == '\u{feff}' => at += 1,
            _ => {
                let ends = |c: char| c.is_whitespace() || "{}()=;,\"'#".contains(c);
                let end = (at + 1..chars.len()).find(|at| ends(peek(*at))).unwrap_or(chars.len());
                push(Kind::Word(chars.get(at..end).unwrap_or_default().iter().collect()));
                at = end;
            }
        }
    }
    tokens
}

fn newlines(chars: &[char], from: usize, to: usize) -> usize {
    chars.get(from..to).unwrap_or_default().iter().filter(|c| **c == '\n').count()
}

/// Reads a quoted text that begins at a quote, and where it ends. PowerShell takes typographic quotes for plain ones; exports do not
/// write them.
fn quoted(chars: &[char], start: usize, quote: char) -> (Kind, usize) {
    let mut text = String::new();
    let mut at = start + 1;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        if c == quote && next == Some(quote) {
            text.push(quote);
            at += 2;
        } else if c == quote {
            return (Kind::Text(text), at + 1);
        } else if let ('`', '"', Some(escaped)) = (c, quote, next) {
            text.push(unescaped(escaped));
            at += 2;
        } else {
            text.push(c);
            at += 1;
        }
    }
    (Kind::Unclosed, chars.len())
}

fn unescaped(c: char) -> char {
    match c {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        other => other,
    }
}

/// Reads a here-string that begins at its sign: what stands between the line with the sign and the line with its end.
fn here_string(chars: &[char], start: usize, quote: char) -> (Kind, usize) {
    let Some(first) = (start + 2..chars.len()).find(|at| chars.get(*at) == Some(&'\n')) else {
        return (Kind::Unclosed, chars.len());
    };
    let is_end = |at: &usize| {
        chars.get(*at) == Some(&'\n') && chars.get(at + 1) == Some(&quote) && chars.get(at + 2) == Some(&'@')
    };
    let Some(end) = (first..chars.len()).find(is_end) else { return (Kind::Unclosed, chars.len()) };
    let text: String = chars.get(first + 1..end).unwrap_or_default().iter().collect();
    (Kind::Text(text.trim_end_matches('\r').to_owned()), end + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &str) {
        let found = resources(source);
        let read =
            found.first().and_then(|found| found.as_ref().ok()).map(|(_, properties)| Json::Object(properties.clone()));
        assert_eq!(read.map(|json| json.to_string()).as_deref(), Some(expected), "{found:?}");
    }

    #[test]
    fn values_are_read_in_every_form() {
        check(
            "AADGroup \"g\"\r\n{\r\n  A = \"say \"\"x\"\" `$y`n\"; # no { here\r\n  B = 'it''s';\r\n  C = @(\"a\",'b'\r\n\"c\");\r\n  <# } #> D = $True\r\n E = 4; F=$null;\r\n}",
            r#"{"A":"say \"x\" $y\n","B":"it's","C":["a","b","c"],"D":true,"E":4,"F":null}"#,
        );
        check(
            "AADGroup \"g\" { A = @{ B = \"c\"; D = @() }; E = MSFT_X{ F = 1\n G = @(MSFT_Y{ H = 'i' }) } }",
            r#"{"A":{"B":"c","D":[]},"E":{"F":1,"G":[{"H":"i"}]}}"#,
        );
        check(
            "AADGroup 'g' { A = @\"\nline } one\nline \"two\"\n\"@; B = 1 }",
            r#"{"A":"line } one\nline \"two\"","B":1}"#,
        );
    }

    #[test]
    fn what_has_to_be_computed_is_kept_as_such() {
        check(
            "AADGroup 'g' { A = $ConfigurationData.Id; B = \"x\" + $y; C = (Get-Date); D = \"kept\" }",
            r#"{"A":{"$computed":"$ConfigurationData.Id"},"B":{"$computed":"x"},"C":{"$computed":"(...)"},"D":"kept"}"#,
        );
    }

    #[test]
    fn a_broken_resource_does_not_lose_the_next() {
        let source = "AADGroup 'one' { A = = 1 }\nAADGroup 'two' { A = 2 }\nAADGroup 'three' { A = \"open";
        let found = resources(source);
        let reasons: Vec<&str> = found.iter().filter_map(|found| found.as_ref().err().map(String::as_str)).collect();
        assert_eq!(
            reasons,
            [
                "`AADGroup` on line 1: a value is expected on line 1",
                "`AADGroup` on line 3: the text that begins on line 3 is not closed"
            ]
        );
        assert_eq!(found.iter().filter(|found| found.is_ok()).count(), 1);
    }
}
