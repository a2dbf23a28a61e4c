//! The tables of one name in a TOML file, as JSON: the part of TOML that settings of servers use.
//! Dates, and strings over several lines, are not part of it.

use serde_json::{Map, Number, Value};

/// `{SECTION: {NAME: {…}}}` of the tables `[SECTION.NAME]` and those below them.
///
/// # Errors
/// The first line that cannot be read.
pub(super) fn tables(text: &str, section: &str) -> Result<Value, String> {
    let mut servers = Map::new();
    let mut path: Option<Vec<String>> = None;
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
    };
    loop {
        reader.skip_lines();
        let Some(c) = reader.peek() else { break };
        if c == '[' {
            path = Some(reader.header()?).filter(|path| {
                path.first().is_some_and(|first| first == section) && path.len() > 1
            });
            if let Some(path) = &path {
                table_at(&mut servers, &path[1..]).ok_or_else(|| reader.fault())?;
            }
        } else if let Some(path) = &path {
            let key = reader.key_path()?;
            reader.skip_blanks();
            if !reader.take('=') {
                return Err(reader.fault());
            }
            let value = reader.value()?;
            let full: Vec<String> = path[1..].iter().chain(&key).cloned().collect();
            let (last, above) = full.split_last().ok_or_else(|| reader.fault())?;
            let table = table_at(&mut servers, above).ok_or_else(|| reader.fault())?;
            table.insert(last.clone(), value);
            reader.end_of_line()?;
        } else {
            // Of another table: values of any form.
            reader.skip_entry();
        }
    }
    let root = [(section.to_owned(), Value::Object(servers))];
    Ok(Value::Object(root.into_iter().collect()))
}

fn table_at<'a>(
    mut table: &'a mut Map<String, Value>,
    path: &[String],
) -> Option<&'a mut Map<String, Value>> {
    for key in path {
        let entry = table
            .entry(key.clone())
            .or_insert_with(|| Value::Object(Map::new()));
        table = entry.as_object_mut()?;
    }
    Some(table)
}

struct Reader<'a> {
    text: &'a str,
    /// In bytes.
    at: usize,
    /// How many lists and tables are open around the value.
    depth: usize,
}

/// Most lists and tables, or keys of one path, inside each other: more would end the program.
const DEEPEST: usize = 64;

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.at += wanted.len_utf8();
        }
        is_there
    }

    fn fault(&self) -> String {
        let line = self.text[..self.at].matches('\n').count() + 1;
        format!("has TOML that amx does not read (line {line})")
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.next();
        }
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|c| c != '\n') {}
    }

    /// A setting to the end of its value, which may have several lines.
    fn skip_entry(&mut self) {
        let mut open = 0_usize;
        while let Some(c) = self.peek() {
            match c {
                '#' => {
                    self.bare(|c| c != '\n');
                    continue;
                }
                '"' | '\'' => {
                    self.skip_string(c);
                    continue;
                }
                '[' | '{' => open += 1,
                ']' | '}' => open = open.saturating_sub(1),
                _ => {}
            }
            self.next();
            if c == '\n' && open == 0 {
                return;
            }
        }
    }

    /// A string of any form, to its end, or to that of its line.
    fn skip_string(&mut self, quote: char) {
        let three = quote.to_string().repeat(3);
        let is_long = self.text[self.at..].starts_with(&three);
        self.at += if is_long { 3 } else { 1 };
        while let Some(c) = self.peek() {
            if is_long && self.text[self.at..].starts_with(&three) {
                self.at += 3;
                return;
            }
            if !is_long && c == '\n' {
                return;
            }
            self.next();
            if c == '\\' && quote == '"' {
                self.next();
            } else if c == quote && !is_long {
                return;
            }
        }
    }

    /// Blanks, comments and line ends.
    fn skip_lines(&mut self) {
        loop {
            match self.peek() {
                Some('#') => self.skip_line(),
                Some(c) if c.is_whitespace() => {
                    self.next();
                }
                _ => return,
            }
        }
    }

    fn end_of_line(&mut self) -> Result<(), String> {
        self.skip_blanks();
        match self.peek() {
            None => Ok(()),
            Some('\n' | '\r' | '#') => {
                self.skip_line();
                Ok(())
            }
            Some(_) => Err(self.fault()),
        }
    }

    fn header(&mut self) -> Result<Vec<String>, String> {
        self.next();
        let is_array = self.take('[');
        let path = self.key_path()?;
        self.skip_blanks();
        if !self.take(']') || (is_array && !self.take(']')) {
            return Err(self.fault());
        }
        self.end_of_line()?;
        Ok(path)
    }

    fn key_path(&mut self) -> Result<Vec<String>, String> {
        let mut path = Vec::new();
        loop {
            self.skip_blanks();
            let key = match self.peek() {
                Some('"' | '\'') => self.string()?,
                _ => self.bare(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'),
            };
            if key.is_empty() {
                return Err(self.fault());
            }
            path.push(key);
            if path.len() > DEEPEST {
                return Err(self.fault());
            }
            self.skip_blanks();
            if !self.take('.') {
                return Ok(path);
            }
        }
    }

    fn bare(&mut self, is_part: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&is_part) {
            self.next();
        }
        self.text[start..self.at].to_owned()
    }

    fn value(&mut self) -> Result<Value, String> {
        if self.depth > DEEPEST {
            return Err(self.fault());
        }
        self.depth += 1;
        let value = self.value_inside();
        self.depth -= 1;
        value
    }

    fn value_inside(&mut self) -> Result<Value, String> {
        self.skip_blanks();
        match self.peek() {
            Some('"' | '\'') => self.string().map(Value::String),
            Some('[') => self.array(),
            Some('{') => self.inline_table(),
            _ => {
                let word = self.bare(|c| c.is_ascii_alphanumeric() || "+-._".contains(c));
                let number = || word.replace('_', "").parse::<f64>().ok();
                match word.as_str() {
                    "true" => Ok(Value::Bool(true)),
                    "false" => Ok(Value::Bool(false)),
                    _ => match word.replace('_', "").parse::<i64>() {
                        Ok(number) => Ok(Value::from(number)),
                        Err(_) => number()
                            .and_then(Number::from_f64)
                            .map(Value::Number)
                            .ok_or_else(|| self.fault()),
                    },
                }
            }
        }
    }

    fn array(&mut self) -> Result<Value, String> {
        self.next();
        let mut items = Vec::new();
        loop {
            self.skip_lines();
            if self.take(']') {
                return Ok(Value::Array(items));
            }
            items.push(self.value()?);
            self.skip_lines();
            if !self.take(',') && self.peek() != Some(']') {
                return Err(self.fault());
            }
        }
    }

    fn inline_table(&mut self) -> Result<Value, String> {
        self.next();
        let mut entries = Map::new();
        loop {
            self.skip_lines();
            if self.take('}') {
                return Ok(Value::Object(entries));
            }
            let path = self.key_path()?;
            if !self.take('=') {
                return Err(self.fault());
            }
            let value = self.value()?;
            let (last, above) = path.split_last().ok_or_else(|| self.fault())?;
            let table = table_at(&mut entries, above).ok_or_else(|| self.fault())?;
            table.insert(last.clone(), value);
            self.skip_lines();
            if !self.take(',') && self.peek() != Some('}') {
                return Err(self.fault());
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let quote = self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                None | Some('\n') => return Err(self.fault()),
                c if c == quote => return Ok(text),
                Some('\\') if quote == Some('"') => {
                    let c = self.escape().ok_or_else(|| self.fault())?;
                    text.push(c);
                }
                Some(c) => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let digits = match self.next()? {
            'n' => return Some('\n'),
            't' => return Some('\t'),
            'r' => return Some('\r'),
            c @ ('"' | '\\') => return Some(c),
            'u' => 4,
            'U' => 8,
            _ => return None,
        };
        let mut code = 0;
        for _ in 0..digits {
            code = code * 16 + self.next()?.to_digit(16)?;
        }
        char::from_u32(code)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_tables_of_servers_are_read_and_others_passed() {
        let text = "model = \"x\" # top\nnotes = '''\nany\n'''\n[mcp_servers.a]\ncommand = \"npx\"\n\
            args = [\"-y\", 'b\\c', # why\n  \"\\u00e9\",\n]\nenv = { A = \"1\", B.C = 'x' }\n\
            timeout = 2.5\n[other.x]\nz = 1979-05-27\n[mcp_servers.\"b c\".env]\nD = \"e\"\nn = 1_0\n";
        assert_eq!(
            tables(text, "mcp_servers").unwrap(),
            json!({"mcp_servers": {
                "a": {
                    "command": "npx", "args": ["-y", "b\\c", "é"],
                    "env": {"A": "1", "B": {"C": "x"}}, "timeout": 2.5
                },
                "b c": {"env": {"D": "e", "n": 10}},
            }})
        );
    }

    #[test]
    fn what_cannot_be_read_has_its_line() {
        for text in [
            "[s.a]\nx = 1979-05-27\n",
            "[s.a]\nx = \"open\n",
            "[s.a]\nx 1\n",
            "[s.a]\nx = [1 2]\n",
            "[s.a]\nx = 1 2\n",
        ] {
            let error = tables(text, "s").unwrap_err();
            assert!(
                error.contains("(line 2)") || error.contains("(line 3)"),
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_nested_without_end_is_refused() {
        for open in ["[", "{a=", "{a.a.a="] {
            let text = format!("[s.a]\nx = {}", open.repeat(200_000));
            assert!(
                tables(&text, "s").unwrap_err().contains("(line 2)"),
                "{open}"
            );
        }
        let text = format!("[s.a]\n{}x = 1\n", "a.".repeat(200_000));
        assert!(tables(&text, "s").unwrap_err().contains("(line 2)"));
    }

    #[test]
    fn values_of_other_tables_may_have_any_form() {
        let text = "foo = [\n  [\"a]\", 'b'], # [\n  [\"c\", \"d\\\"\"],\n]\nbar = \"\"\"\n[s.b]\n\"\"\"\n\
            [s.a]\nx = 1\n[other]\ny = [\n  [1979-05-27],\n]\nz = '''\n[s.c]\n'''\n[s.d]\nx = 2\n";
        let servers = json!({"s": {"a": {"x": 1}, "d": {"x": 2}}});
        assert_eq!(tables(text, "s").unwrap(), servers);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[\\[\\]{}a.=\"',#\\n 1é]{0,40}") {
            let _ = tables(&format!("[s.a]\n{text}"), "s");
        }
    }
}
