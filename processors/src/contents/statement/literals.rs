//! Which words of a statement are literals, and which of those only count.

use super::tokens::{Kind, Token, Tokens, is_word};
use super::trimmed;
use super::words::Says;
use std::ops::Range;

/// A literal of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::contents) struct Literal {
    /// Where it lies, without its quotes.
    pub(super) range: Range<usize>,
    /// The column it is compared with, if one stands before it.
    pub(super) column: Option<Range<usize>>,
    /// Whether it has no quotes: only `NULL` can stand for it.
    pub(super) number: bool,
}

/// How comments begin that programs write for tracing and not people.
const TRACING: [&[u8]; 12] = [
    b"traceparent",
    b"tracestate",
    b"application",
    b"framework",
    b"db_driver",
    b"route",
    b"controller",
    b"action",
    b"dd",
    b"driver",
    b"query_tags",
    b"trace_id",
];

/// The most words without a key word among them that a statement in prose may have in a row.
const MAX_WORDS: u32 = 2;
/// The longest number that counts rows.
const MAX_COUNT: usize = 6;

/// Where the next statement begins that a text quotes, from `at` on.
pub(super) fn begins(text: &[u8], at: usize) -> Option<usize> {
    let mut start = at;
    while start < text.len() {
        let rest = text.get(start..)?;
        let len = rest.iter().take_while(|byte| is_word(**byte)).count();
        let word = rest.get(..len)?;
        let alone =
            start.checked_sub(1).and_then(|before| text.get(before)).is_none_or(|byte| !matches!(byte, b'.' | b'-'));
        if alone && Says::of(text, start..start + len).any(Says::VERB) && is_statement(text, start, word) {
            return Some(start);
        }
        start += len.max(1);
    }
    None
}

/// Whether what begins with a verb goes on like a statement.
fn is_statement(text: &[u8], start: usize, verb: &[u8]) -> bool {
    let mut tokens = Tokens::new(text, start + verb.len(), true);
    let mut next = || tokens.next();
    let named =
        |token: Option<Token>| token.is_some_and(|token| matches!(token.kind, Kind::Word | Kind::Name | Kind::Double));
    match verb.to_ascii_lowercase().as_slice() {
        b"select" | b"with" => {
            let mut row = 0;
            for token in tokens.take(200) {
                match token.kind {
                    Kind::Word if token.says.any(Says::FROM.or(Says::AS)) => return true,
                    Kind::Word if token.says.any(Says::KEYWORD) => row = 0,
                    Kind::Word if row == MAX_WORDS => return false,
                    Kind::Word => row += 1,
                    Kind::Sign(b';') => return false,
                    Kind::Name
                    | Kind::Double
                    | Kind::Text
                    | Kind::Number
                    | Kind::Parameter
                    | Kind::Comment
                    | Kind::Hint
                    | Kind::Sign(_) => row = 0,
                }
            }
            false
        }
        b"update" => {
            let table = named(next());
            table && (0..4).any(|_| next().is_some_and(|token| token.says.any(Says::SET)))
        }
        b"delete" => next().is_some_and(|token| token.says.any(Says::FROM)) && named(next()),
        b"call" | b"exec" | b"execute" => {
            named(next())
                && next().is_some_and(|token| matches!(token.kind, Kind::Sign(b'(') | Kind::Parameter | Kind::Text))
        }
        _ => (0..2).any(|_| next().is_some_and(|token| token.says.any(Says::INTO))),
    }
}

/// Reads the literals of the statement that lies in `range`. One that a text quotes ends where it stops looking like one;
/// returns where.
pub(super) fn read(text: &[u8], range: Range<usize>, all: bool, found: &mut Vec<Literal>) -> usize {
    let part = text.get(..range.end).unwrap_or(text);
    let (escapes, doubtful) = escapes(part, range.start, all);
    let mut reader = Reader {
        text: part,
        all,
        held: range.end < text.len(),
        backticks: None,
        column: None,
        before: None,
        last: None,
        counting: false,
        listed: 0,
        depth: 0,
        row: 0,
        typed: false,
    };
    for token in Tokens::new(part, range.start, escapes) {
        if doubtful.is_some_and(|doubt| token.whole.end > doubt) {
            // Nobody can tell where its literals end: the rest is one.
            let rest = trimmed(part, token.inner.start..part.len());
            found.push(Literal { range: rest, column: None, number: false });
            return part.len();
        }
        if reader.ends(&token) {
            return token.whole.start;
        }
        reader.take(token, found);
    }
    part.len()
}

/// Whether backslashes escape quotes in the statement from `start` on, and where the first quote stands that would make both
/// readings end in the middle of a literal.
fn escapes(text: &[u8], start: usize, all: bool) -> (bool, Option<usize>) {
    let rest = text.get(start..).unwrap_or(&[]);
    let escape = || memchr::memchr_iter(b'\\', rest).find(|at| rest.get(at + 1) == Some(&b'\''));
    let Some(first) = Some(()).filter(|()| all).and_then(|()| escape()) else { return (true, None) };
    // No literal touches a word: one that does began within another.
    let touches = |token: &Token| token.kind == Kind::Text && text.get(token.whole.end).copied().is_some_and(is_word);
    let ends = |token: Token| (token.closed || token.kind == Kind::Comment) && !touches(&token);
    let sound = |escapes| Tokens::new(text, start, escapes).all(ends);
    match (sound(true), sound(false)) {
        (true, _) => (true, None),
        (false, true) => (false, None),
        (false, false) => (true, Some(start + first)),
    }
}

struct Reader<'t> {
    text: &'t [u8],
    /// Whether every literal goes, and nothing but the text's end ends the statement.
    all: bool,
    /// Whether a quote holds the statement, so that its lines are all of one.
    held: bool,
    /// Whether names have backticks, so that what is in double quotes is none. Looked for once it is asked.
    backticks: Option<bool>,
    column: Option<Range<usize>>,
    /// What the word before the last one says, if it is one; and the last one.
    before: Option<Says>,
    last: Option<Token>,
    /// Whether numbers count rows here.
    counting: bool,
    /// How deep the list of values is that this stands in, from one on.
    listed: u32,
    depth: u32,
    /// How many words stood in a row that are no key words.
    row: u32,
    /// Whether this is the length of a type: `VARCHAR(255)`.
    typed: bool,
}

impl Reader<'_> {
    /// Whether the last word says one of these.
    fn said(&self, any: Says) -> bool {
        self.last.as_ref().is_some_and(|last| last.says.any(any))
    }

    /// Whether a statement in prose is over before this word.
    fn ends(&mut self, token: &Token) -> bool {
        if self.all {
            return false;
        }
        if !self.held && self.is_over(token) {
            return true;
        }
        match token.kind {
            Kind::Word => {
                self.row = if token.says.any(Says::KEYWORD) { 0 } else { self.row + 1 };
                // `didn't`: no literal touches a word.
                let touched = self.text.get(token.whole.end) == Some(&b'\'') && token.whole.len() > 1;
                self.row > MAX_WORDS || touched
            }
            Kind::Sign(b')' | b']' | b'}') => self.depth == 0,
            Kind::Sign(b';') => true,
            // The quote that closes what holds the statement.
            Kind::Double if !token.closed => true,
            Kind::Name
            | Kind::Double
            | Kind::Text
            | Kind::Number
            | Kind::Parameter
            | Kind::Comment
            | Kind::Hint
            | Kind::Sign(_) => {
                self.row = 0;
                false
            }
        }
    }

    /// Whether a statement is whole at the end of its line, and the next line begins with something else.
    fn is_over(&self, token: &Token) -> bool {
        let Some(last) = self.last.as_ref().filter(|_| self.depth == 0) else { return false };
        let between = self.text.get(last.whole.end..token.whole.start).unwrap_or(&[]);
        if memchr::memchr(b'\n', between).is_none() {
            return false;
        }
        let whole = match last.kind {
            Kind::Word => last.says == Says::NOTHING,
            Kind::Sign(sign) => matches!(sign, b')' | b']' | b'}' | b'*'),
            Kind::Name | Kind::Double | Kind::Text | Kind::Number | Kind::Parameter => true,
            Kind::Comment | Kind::Hint => false,
        };
        let goes_on = match token.kind {
            Kind::Word => token.says != Says::NOTHING,
            Kind::Sign(sign) => !matches!(sign, b'[' | b'{' | b'<' | b'#' | b'-' | b'/'),
            // `EXEC p`, and its parameters in lines of their own.
            Kind::Comment | Kind::Hint | Kind::Parameter => true,
            Kind::Name | Kind::Double | Kind::Text | Kind::Number => false,
        };
        whole && !goes_on
    }

    fn take(&mut self, token: Token, found: &mut Vec<Literal>) {
        match token.kind {
            Kind::Word => {
                self.alias(&token, found);
                self.name(&token);
            }
            Kind::Name => self.column = Some(token.inner.clone()),
            Kind::Double if self.joins(&token) || self.is_name(&token) => self.column = Some(token.inner.clone()),
            Kind::Double => self.found(&token, false, found),
            Kind::Text if self.all || self.may_stand() || self.is_selected(&token) => {
                if !self.said(Says::INTERVAL) || !is_length(self.text.get(token.inner.clone()).unwrap_or(&[])) {
                    self.found(&token, false, found);
                }
            }
            Kind::Number if !self.counts(&token) => self.found(&token, true, found),
            Kind::Comment if self.all && !self.is_tracing(&token) => {
                let range = trimmed(self.text, token.inner.clone());
                found.push(Literal { range, column: None, number: false });
                return;
            }
            Kind::Comment | Kind::Hint => return,
            Kind::Sign(sign) => self.sign(sign),
            Kind::Text | Kind::Number | Kind::Parameter => {}
        }
        self.before = self.last.as_ref().filter(|last| last.kind == Kind::Word).map(|last| last.says);
        self.last = Some(token);
    }

    fn found(&self, token: &Token, number: bool, found: &mut Vec<Literal>) {
        if !token.inner.is_empty() {
            found.push(Literal { range: token.inner.clone(), column: self.column.clone(), number });
        }
    }

    /// `SELECT '771204' AS mrn`; a sentence that selects a text calls it nothing.
    fn is_selected(&self, token: &Token) -> bool {
        const AS: &[u8] = b" as ";
        let (said, name) =
            self.text.get(token.whole.end..).and_then(|rest| rest.split_at_checked(AS.len())).unwrap_or_default();
        let len = name.iter().take_while(|byte| is_word(**byte)).count();
        let rest = name.get(len..).unwrap_or(&[]).trim_ascii_start();
        let listed = rest.first().is_none_or(|byte| matches!(byte, b',' | b')' | b';'));
        let from = rest.get(..5).is_some_and(|word| word.eq_ignore_ascii_case(b"from "));
        self.said(Says::SELECT) && said.eq_ignore_ascii_case(AS) && len > 0 && (listed || from)
    }

    /// `'771204' AS mrn`: what a literal is called stands behind it.
    fn alias(&self, token: &Token, found: &mut [Literal]) {
        let Some(last) = self.last.as_ref().filter(|last| last.says.any(Says::AS)) else { return };
        let between = |literal: &Literal| self.text.get(literal.range.end..last.whole.start).unwrap_or(&[]);
        if let Some(literal) = found.last_mut()
            && matches!(between(literal).trim_ascii(), b"" | b"'")
            && token.says == Says::NOTHING
        {
            literal.column = Some(token.whole.clone());
        }
    }

    fn name(&mut self, token: &Token) {
        if token.says.any(Says::VALUES) {
            self.column = None;
            self.listed = self.depth + 1;
        } else if token.says.any(Says::IN) {
            self.listed = self.depth + 1;
        } else if !token.says.any(Says::KEYWORD.or(Says::BEFORE_VALUE)) {
            self.column = Some(token.whole.clone());
        }
        self.counting = token.says.any(Says::COUNT);
    }

    fn sign(&mut self, sign: u8) {
        match sign {
            b'(' | b'[' | b'{' => {
                self.depth += 1;
                self.typed = self.said(Says::TYPE);
                // A function is no column; what it was compared with is.
                let function = self.last.as_ref().filter(|last| last.kind == Kind::Word).map(|last| &last.whole);
                if function.is_some() && function == self.column.as_ref() {
                    self.column = None;
                }
            }
            b')' | b']' | b'}' => {
                self.depth = self.depth.saturating_sub(1);
                self.typed = false;
                if self.depth + 1 < self.listed {
                    self.listed = 0;
                }
            }
            _ => {}
        }
    }

    /// Whether a dot stands behind that begins no number.
    fn joins(&self, token: &Token) -> bool {
        let behind = |at: usize| self.text.get(token.whole.end + at);
        behind(0) == Some(&b'.') && !behind(1).is_some_and(u8::is_ascii_digit)
    }

    /// Whether what is in double quotes is a name.
    fn is_name(&mut self, token: &Token) -> bool {
        let text = self.text.get(token.inner.clone()).unwrap_or(&[]);
        let shaped = text.len() <= 64
            && text.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_' || *byte >= 0x80)
            && text.iter().all(|byte| is_word(*byte) || matches!(byte, b'-' | b'.' | b' '));
        let listed = self.listed > 0 && self.depth >= self.listed;
        let backticks = *self.backticks.get_or_insert_with(|| memchr::memchr(b'`', self.text).is_some());
        match self.last.as_ref().map(|last| last.kind) {
            Some(Kind::Sign(b'.')) => true,
            _ if !shaped || listed || backticks => false,
            Some(Kind::Sign(b'=' | b'<' | b'>' | b'~' | b':' | b'|')) => false,
            Some(Kind::Sign(b'(')) => {
                self.before.is_none_or(|function| function.any(Says::OF_COLUMN.or(Says::KEYWORD)))
            }
            Some(Kind::Word) => !self.said(Says::BEFORE_VALUE) || self.said(Says::CONDITION),
            Some(Kind::Sign(_) | Kind::Name | Kind::Double | Kind::Text | Kind::Number | Kind::Parameter) | None => {
                true
            }
            Some(Kind::Comment | Kind::Hint) => true,
        }
    }

    /// Whether a text at this place is a literal rather than a word that a sentence quotes.
    fn may_stand(&self) -> bool {
        match self.last.as_ref().map(|last| last.kind) {
            Some(Kind::Sign(sign)) => {
                matches!(
                    sign,
                    b'=' | b'<'
                        | b'>'
                        | b'~'
                        | b'|'
                        | b'('
                        | b','
                        | b'['
                        | b'@'
                        | b'#'
                        | b'-'
                        | b'+'
                        | b'{'
                        | b':'
                        | b'!'
                )
            }
            Some(Kind::Word) => self.said(Says::BEFORE_VALUE),
            Some(
                Kind::Text | Kind::Parameter | Kind::Number | Kind::Name | Kind::Double | Kind::Comment | Kind::Hint,
            )
            | None => false,
        }
    }

    /// Whether a number only counts, or is a part of a type.
    fn counts(&self, token: &Token) -> bool {
        let number = token.inner.len();
        self.counting && number <= MAX_COUNT
            || self.typed && number <= 4
            || self.said(Says::INTERVAL) && number <= 4
            || self.said(Says::SELECT) && self.text.get(token.inner.clone()) == Some(b"1")
    }

    /// Whether a comment was written by a program that traces.
    fn is_tracing(&self, token: &Token) -> bool {
        let comment = self.text.get(token.inner.clone()).unwrap_or(&[]).trim_ascii_start();
        let key = comment.iter().take_while(|byte| is_word(**byte)).count();
        let key = comment.get(..key).unwrap_or(&[]);
        let assigned = matches!(comment.get(key.len()), Some(b'=' | b':'));
        assigned && TRACING.iter().any(|known| key.len() <= known.len() + 3 && key.starts_with(known))
    }
}

/// `INTERVAL '7 days'`: a length of time.
fn is_length(text: &[u8]) -> bool {
    text.len() <= 24 && text.iter().filter(|byte| byte.is_ascii_digit()).count() <= 4
}
