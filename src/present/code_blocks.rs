//! The fenced code blocks of an answer, numbered as the labels on the terminal number them.

/// How much deeper than the opening marks the closing ones may be indented.
const DEEPER: usize = 3;

/// Fewest marks of a fence.
const LEAST_MARKS: usize = 3;

/// Most digits in the number of a list item.
const MOST_DIGITS: usize = 9;

/// One block. Blocks are counted from 1 through the whole answer, in quotes and lists as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CodeBlock {
    pub number: usize,
    /// As [`language_of`] the words after the opening marks; empty without any.
    pub language: String,
    /// The lines between the marks, each with its line end, without the indent and the `>` of what
    /// is around the block.
    pub code: String,
    /// The closing marks have arrived.
    pub is_closed: bool,
}

/// The opening marks of a block, and what is around them.
struct Fence {
    mark: char,
    length: usize,
    /// Bytes of white space or list item before the marks.
    indent: usize,
    /// Depth of quotes around the block.
    depth: usize,
}

/// Every fenced block of a Markdown text, in order. A block without closing marks extends to the
/// end of the text, or of the quote around it.
pub(crate) fn code_blocks(text: &str) -> Vec<CodeBlock> {
    let mut blocks: Vec<CodeBlock> = Vec::new();
    let mut open: Option<(Fence, CodeBlock)> = None;
    for line in text.lines() {
        if let Some((fence, mut block)) = open.take() {
            match fence.content(line) {
                Content::Code(code) => {
                    block.code.push_str(code);
                    block.code.push('\n');
                    open = Some((fence, block));
                    continue;
                }
                Content::Closing => {
                    block.is_closed = true;
                    blocks.push(block);
                    continue;
                }
                // The line is none of the block's own, and may open the next one.
                Content::Outside => blocks.push(block),
            }
        }
        open = opening(line).map(|(fence, info)| {
            let block = CodeBlock {
                number: blocks.len() + 1,
                language: language_of(info),
                code: String::new(),
                is_closed: false,
            };
            (fence, block)
        });
    }
    blocks.extend(open.map(|(_, block)| block));
    blocks
}

/// The language that the words after the opening marks name: `rust` of `rust,ignore` and
/// `{.rust .numberLines}`.
pub(crate) fn language_of(info: &str) -> String {
    info.trim()
        .trim_start_matches(['{', '.', ' '])
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '{' | '}' | ':' | ';'))
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// What a line is to an open block.
enum Content<'a> {
    Code(&'a str),
    Closing,
    Outside,
}

impl Fence {
    fn content<'a>(&self, line: &'a str) -> Content<'a> {
        let mut rest = line;
        for _ in 0..self.depth {
            let Some(inner) = rest.trim_start_matches([' ', '\t']).strip_prefix('>') else {
                return Content::Outside;
            };
            rest = inner.strip_prefix(' ').unwrap_or(inner);
        }
        let trimmed = rest.trim_start_matches([' ', '\t']);
        let indent = rest.len() - trimmed.len();
        let after = trimmed.trim_start_matches(self.mark);
        let is_closing = trimmed.len() - after.len() >= self.length
            && indent <= self.indent + DEEPER
            && after.trim_start().is_empty();
        if is_closing {
            Content::Closing
        } else {
            Content::Code(&rest[indent.min(self.indent)..])
        }
    }
}

/// The opening marks of a line, below quotes and list items, and the words after them.
fn opening(line: &str) -> Option<(Fence, &str)> {
    let (mut rest, mut depth, mut item) = (line, 0, 0);
    loop {
        let trimmed = rest.trim_start_matches([' ', '\t']);
        let blanks = rest.len() - trimmed.len();
        if let Some(quoted) = trimmed.strip_prefix('>') {
            depth += 1;
            item = 0;
            rest = quoted.strip_prefix(' ').unwrap_or(quoted);
        } else if let Some(length) = item_length(trimmed) {
            item += blanks + length;
            rest = &trimmed[length..];
        } else {
            let mark = trimmed
                .chars()
                .next()
                .filter(|mark| matches!(mark, '`' | '~'))?;
            let info = trimmed.trim_start_matches(mark);
            let length = trimmed.len() - info.len();
            // A mark after the opening ones makes it a code span in running text.
            let is_fence = length >= LEAST_MARKS && (mark == '~' || !info.contains(mark));
            let indent = item + blanks;
            return is_fence.then_some((
                Fence {
                    mark,
                    length,
                    indent,
                    depth,
                },
                info.trim(),
            ));
        }
    }
}

/// Bytes of the mark of a list item and of the white space after it.
fn item_length(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mark = text.as_bytes().get(digits)?;
    let is_mark = match digits {
        0 => matches!(mark, b'-' | b'*' | b'+'),
        1..=MOST_DIGITS => matches!(mark, b'.' | b')'),
        _ => false,
    };
    let after = text.get(digits + 1..).filter(|_| is_mark)?;
    let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
    (blanks > 0).then_some(digits + 1 + blanks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        let blocks = code_blocks(text);
        for (index, block) in blocks.iter().enumerate() {
            assert_eq!(block.number, index + 1);
        }
        blocks
            .into_iter()
            .map(|block| (block.language, block.code))
            .collect()
    }

    #[test]
    fn every_fenced_block_is_found_in_order() {
        let rows: &[(&str, &[(&str, &str)])] = &[
            ("no code, `inline` and ``` not `a` fence", &[]),
            (
                "a\n```rust\nfn x() {}\n```\nb\n~~~\ny\n```\n~~~\n",
                &[("rust", "fn x() {}\n"), ("", "y\n```\n")],
            ),
            (
                "````md\n```rust\nx\n```\n````\nb",
                &[("md", "```rust\nx\n```\n")],
            ),
            (
                "1. one\n   ```sh\n   ls\n     -l\n   ```\n2. two",
                &[("sh", "ls\n  -l\n")],
            ),
            ("- ```py\n  x = 1\n  ```\n- b", &[("py", "x = 1\n")]),
            (
                "> ```rust,ignore\n> let x;\n>\n> y\n> ```\n> end",
                &[("rust", "let x;\n\ny\n")],
            ),
            ("> ```\n> a\nb\n```\nc\n```", &[("", "a\n"), ("", "c\n")]),
            (
                "```python title=\"x\"\nprint(1)\n```",
                &[("python", "print(1)\n")],
            ),
            ("```\n\n\n```\nb", &[("", "\n\n")]),
            ("```x\n    ```\n```\n", &[("x", "    ```\n")]),
            ("```\r\na\r\n```\r\n", &[("", "a\n")]),
            ("```\n```", &[("", "")]),
            ("    > ```py\n    > x\n", &[("py", "x\n")]),
            ("```c;\nx\n```", &[("c", "x\n")]),
        ];
        for (text, expected) in rows {
            let expected: Vec<(String, String)> = expected
                .iter()
                .map(|(language, code)| ((*language).to_owned(), (*code).to_owned()))
                .collect();
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn a_block_that_was_cut_extends_to_the_end() {
        let blocks = code_blocks("```sh\nls\n```\n```py\nx = ");
        let closed: Vec<bool> = blocks.iter().map(|block| block.is_closed).collect();
        assert_eq!(closed, [true, false]);
        assert_eq!(blocks[1].code, "x = \n");
    }
}
