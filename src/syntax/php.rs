//! Literal texts of PHP with what they are called: constants, variables, properties, entries of arrays, defaults of
//! `env()`. Told by the words around them, no parser. What is put together from parts is no literal.

use std::ops::Range;

/// A name and its literal value; quotes are outside of both. Ranges are bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    pub key: Range<usize>,
    pub value: Range<usize>,
}

#[derive(Clone, Debug)]
enum Token {
    Word(Range<usize>),
    Text(Range<usize>),
    /// A text with variables in it, or a heredoc.
    Made,
    Arrow,
    Sign(u8),
}

/// The named literals of a file, in order. Linear in the text.
#[must_use]
pub fn literals(bytes: &[u8]) -> Vec<Literal> {
    let mut all = Vec::new();
    let mut before: Vec<Token> = Vec::new();
    let mut lexer = Lexer { bytes, at: 0 };
    lexer.skip_page();
    loop {
        let next = lexer.token();
        let ends = next.as_ref().is_none_or(|token| matches!(token, Token::Sign(b',' | b';' | b')' | b']')));
        if ends {
            all.extend(literal(bytes, &before));
        }
        let Some(next) = next else { return all };
        if before.len() == LOOKED_AT {
            before.remove(0);
        }
        before.push(next);
    }
}

/// Tokens that tell what a text is called.
const LOOKED_AT: usize = 6;

fn literal(bytes: &[u8], before: &[Token]) -> Option<Literal> {
    use Token::{Arrow, Sign, Text, Word};
    let (key, value) = match before {
        [.., Text(key) | Word(key), Arrow | Sign(b'='), Text(value)] | [.., Sign(b'['), Text(key), Sign(b']'), Sign(b'='), Text(value)] => {
            (key, value)
        }
        [.., Word(call), Sign(b'('), Text(key), Sign(b','), Text(value)] => {
            let call = bytes[call.clone()].to_ascii_lowercase();
            matches!(&*call, b"define" | b"env").then_some((key, value))?
        }
        _ => return None,
    };
    let is_named = !key.is_empty() && key.len() <= MAX_KEY;
    is_named.then(|| Literal { key: key.clone(), value: value.clone() })
}

const MAX_KEY: usize = 128;

struct Lexer<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Lexer<'_> {
    /// What stands outside of `<?php … ?>`.
    fn skip_page(&mut self) {
        let open = memchr::memmem::find(&self.bytes[self.at..], b"<?").map(|found| self.at + found + 2);
        self.at = open.unwrap_or(self.bytes.len());
        if self.bytes[self.at..].get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"php")) {
            self.at += 3;
        }
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            let first = *rest.first()?;
            if rest.starts_with(b"?>") {
                self.at += 2;
                self.skip_page();
                return Some(Token::Sign(b';'));
            } else if rest.starts_with(b"//") || first == b'#' && !rest.starts_with(b"#[") {
                self.at = memchr::memchr2(b'\n', b'\r', rest).map_or(self.bytes.len(), |found| self.at + found);
            } else if rest.starts_with(b"/*") {
                let end = memchr::memmem::find(&rest[2..], b"*/");
                self.at = end.map_or(self.bytes.len(), |found| self.at + found + 4);
            } else if first.is_ascii_whitespace() {
                self.at += 1;
            } else if rest.starts_with(b"<<<") {
                self.at += 3;
                self.skip_heredoc();
                return Some(Token::Made);
            } else if matches!(first, b'"' | b'\'') {
                return Some(self.text(first));
            } else if rest.starts_with(b"=>") {
                self.at += 2;
                return Some(Token::Arrow);
            } else if rest.starts_with(b"==") || rest.starts_with(b"!=") {
                self.at += 2;
                return Some(Token::Sign(b'?'));
            } else if is_word(first) {
                let start = self.at;
                self.at += rest.iter().take_while(|byte| is_word(**byte)).count();
                return Some(Token::Word(start..self.at));
            } else {
                self.at += 1;
                return Some(Token::Sign(first));
            }
        }
    }

    fn text(&mut self, quote: u8) -> Token {
        let start = self.at + 1;
        let mut made = false;
        self.at = start;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b'$' if quote == b'"' => {
                    made |= self.bytes.get(self.at + 1).is_some_and(|next| *next == b'{' || *next == b'_' || next.is_ascii_alphabetic());
                }
                byte if *byte == quote => break,
                _ => {}
            }
            self.at += 1;
        }
        let end = self.at.min(self.bytes.len());
        self.at = end + 1;
        if made { Token::Made } else { Token::Text(start..end) }
    }

    /// `<<<NAME`, `<<<'NAME'` up to a line that begins with the name.
    fn skip_heredoc(&mut self) {
        let rest = &self.bytes[self.at..];
        let lead = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'')).count();
        let name = &rest[lead..];
        let name = &name[..name.iter().take_while(|byte| is_word(**byte)).count()];
        if name.is_empty() {
            return;
        }
        let mut at = self.at;
        while let Some(found) = memchr::memchr(b'\n', &self.bytes[at..]) {
            at += found + 1;
            let line = &self.bytes[at..];
            let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let ends = line[blanks..].starts_with(name) && !line.get(blanks + name.len()).is_some_and(|byte| is_word(*byte));
            if ends {
                self.at = at + blanks + name.len();
                return;
            }
            at += blanks;
        }
        self.at = self.bytes.len();
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&str, &str)> {
        literals(text.as_bytes()).into_iter().map(|literal| (&text[literal.key], &text[literal.value])).collect()
    }

    #[test]
    fn the_usual_spellings() {
        let text = "a='b'<?php // x = 'y';\n# $x = 'y';\n/* 'p' => 'q', */ define( 'A', 'b' ); $c = \"d\"; $e['f'][\"g\"] = 'h';
            return ['i' => ['j' => 'k\\'l', 'm' => env('N', 'o')], 'p' => getenv('q')]; const R = 's'; public ?string $t = 'u';
            $v->w = 'x'; ?> y='z' <?= 'z' ?>";
        let want = [("A", "b"), ("$c", "d"), ("g", "h"), ("j", "k\\'l"), ("N", "o"), ("R", "s"), ("$t", "u"), ("w", "x")];
        assert_eq!(read(text), want);
    }

    #[test]
    fn what_is_put_together_is_no_literal() {
        let text = "<?php $a = 'b' . $c; $d = \"e$f\"; $g = <<<X\n $h = 'i';\n  X; $j == 'k'; f('l', 'm'); $n = $o['p']; $q .= 'r' . 's';";
        assert_eq!(read(text), []);
    }

    #[test]
    fn long_ones_are_read_once() {
        for text in
            ["<?php <<<A\n".repeat(100_000), "<?php ".to_owned() + &"'".repeat(300_001), "<?php ".to_owned() + &"/*".repeat(100_000)]
        {
            assert!(literals(text.as_bytes()).is_empty());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::sample::select(b"<?php$='\"\\[](),;#/*>\nA".to_vec()), 0..150)) {
            for literal in literals(&bytes) {
                proptest::prop_assert!(literal.key.end <= literal.value.start && literal.value.end <= bytes.len());
            }
        }
    }
}
