//! The one rule dialect: a rule's regex becomes an HIR over bytes, and every matcher compiles from that HIR.
//!
//! Classes are ASCII (`\d` is `[0-9]`, `\w` is `[0-9A-Za-z_]`), `(?i)` folds ASCII letters only, and a character
//! outside ASCII becomes the byte sequence of its UTF-8 form. So the matchers agree on every input, valid UTF-8 or
//! not, and a Unicode look-alike is the business of the content layers that fold text before the scan.

use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::translate::TranslatorBuilder;
use regex_syntax::hir::{self, Class, ClassBytes, ClassBytesRange, ClassUnicode, Hir, HirKind};
use regex_syntax::utf8::{Utf8Sequence, Utf8Sequences};

/// The name of the capture group that marks what a rule replaces, when that is not the whole match.
pub(crate) const VALUE_GROUP: &str = "value";

/// How deep a pattern may nest: far above what a rule needs, far below what would strain a compiler.
const NEST_LIMIT: u32 = 32;

/// Why a pattern was refused, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DialectError {
    /// What is wrong, and what to write instead.
    pub(crate) message: String,
    /// Byte offset in the pattern.
    pub(crate) offset: usize,
}

/// A pattern read into the dialect.
#[derive(Clone, Debug)]
pub(crate) struct Parsed {
    /// The pattern over bytes, captures kept.
    pub(crate) hir: Hir,
    /// The index of the group called `value`, if the pattern has one.
    pub(crate) value_group: Option<u32>,
}

/// Reads `pattern`; refuses what the dialect lacks: assertions, Unicode properties, an empty match.
pub(crate) fn parse(pattern: &str) -> Result<Parsed, DialectError> {
    let mut tree = ast::parse::ParserBuilder::new()
        .nest_limit(NEST_LIMIT)
        .build()
        .parse(pattern)
        .map_err(|error| hinted(error.kind().to_string(), error.span().start.offset))?;
    ascii(&mut tree)?;
    let hir = TranslatorBuilder::new()
        .utf8(false)
        .build()
        .translate(pattern, &tree)
        .map_err(|error| hinted(error.kind().to_string(), error.span().start.offset))?;
    let hir = lower(&hir);
    if hir.properties().minimum_len().is_none_or(|len| len == 0) {
        return Err(DialectError {
            message: "the pattern can match nothing at all, or an empty text".into(),
            offset: 0,
        });
    }
    let value_group = group_index(&hir, VALUE_GROUP);
    Ok(Parsed { hir, value_group })
}

/// Rewrites Perl classes to their ASCII form and refuses what the dialect lacks.
fn ascii(tree: &mut Ast) -> Result<(), DialectError> {
    match tree {
        Ast::Empty(_) | Ast::Literal(_) | Ast::Dot(_) => Ok(()),
        Ast::Flags(set) => flags(&set.flags),
        Ast::Assertion(node) => {
            Err(refused(&node.span, "anchors and word boundaries are not part of the dialect: name an `edge` instead"))
        }
        Ast::ClassUnicode(node) => Err(refused(&node.span, NO_PROPERTIES)),
        Ast::ClassPerl(node) => {
            let class = ast::ClassBracketed {
                span: node.span,
                negated: false,
                kind: ast::ClassSet::Item(ast::ClassSetItem::Ascii(posix(node))),
            };
            *tree = Ast::class_bracketed(class);
            Ok(())
        }
        Ast::ClassBracketed(node) => set(&mut node.kind),
        Ast::Repetition(node) => ascii(&mut node.ast),
        Ast::Group(node) => {
            if let ast::GroupKind::NonCapturing(set) = &node.kind {
                flags(set)?;
            }
            ascii(&mut node.ast)
        }
        Ast::Alternation(node) => node.asts.iter_mut().try_for_each(ascii),
        Ast::Concat(node) => node.asts.iter_mut().try_for_each(ascii),
    }
}

const NO_PROPERTIES: &str = "Unicode properties are not part of the dialect: list the characters";

/// A parser's message with what to do about it: it names only what is wrong.
fn hinted(message: String, offset: usize) -> DialectError {
    let hint = if message.contains("repetition") {
        r"how often is written `{2,6}`, the sign itself `\{`"
    } else if message.starts_with("unclosed") || message.starts_with("unopened") {
        r"a bracket has its other one, or is written `\(`, `\[`"
    } else if message.contains("look-around") {
        "an `edge` says what may not touch a match, a group `(?<value>..)` which part of it goes"
    } else if message.contains("backreference") {
        "a second rule can find the other form"
    } else if message.contains("escape") {
        r"signs are escaped, letters are classes: `\d`, `\w`, `\s`"
    } else {
        "docs/rules.md says what a pattern may hold"
    };
    DialectError { message: format!("{message}: {hint}"), offset }
}

fn refused(span: &ast::Span, message: &str) -> DialectError {
    DialectError { message: message.into(), offset: span.start.offset }
}

/// Allows only `i`, the one flag that means the same to every matcher.
fn flags(set: &ast::Flags) -> Result<(), DialectError> {
    for item in &set.items {
        match item.kind {
            ast::FlagsItemKind::Negation | ast::FlagsItemKind::Flag(ast::Flag::CaseInsensitive) => {}
            ast::FlagsItemKind::Flag(_) => {
                return Err(refused(&item.span, "the only flag of the dialect is `i`"));
            }
        }
    }
    Ok(())
}

/// Rewrites the Perl classes inside a bracketed class.
fn set(kind: &mut ast::ClassSet) -> Result<(), DialectError> {
    match kind {
        ast::ClassSet::Item(node) => item(node),
        ast::ClassSet::BinaryOp(node) => {
            set(&mut node.lhs)?;
            set(&mut node.rhs)
        }
    }
}

fn item(node: &mut ast::ClassSetItem) -> Result<(), DialectError> {
    use ast::ClassSetItem as Item;
    match node {
        Item::Empty(_) | Item::Literal(_) | Item::Range(_) | Item::Ascii(_) => Ok(()),
        Item::Unicode(class) => Err(refused(&class.span, NO_PROPERTIES)),
        Item::Perl(class) => {
            *node = Item::Ascii(posix(class));
            Ok(())
        }
        Item::Bracketed(class) => set(&mut class.kind),
        Item::Union(union) => union.items.iter_mut().try_for_each(item),
    }
}

fn posix(class: &ast::ClassPerl) -> ast::ClassAscii {
    let kind = match class.kind {
        ast::ClassPerlKind::Digit => ast::ClassAsciiKind::Digit,
        ast::ClassPerlKind::Space => ast::ClassAsciiKind::Space,
        ast::ClassPerlKind::Word => ast::ClassAsciiKind::Word,
    };
    ast::ClassAscii { span: class.span, kind, negated: class.negated }
}

/// Turns every class into bytes. (The HIR constructors may fold alternatives of single characters into a Unicode
/// class again: it then means just those characters, which every matcher reads alike.)
fn lower(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => hir.clone(),
        HirKind::Literal(literal) => Hir::literal(literal.0.clone()),
        HirKind::Class(Class::Bytes(class)) => Hir::class(Class::Bytes(class.clone())),
        HirKind::Class(Class::Unicode(class)) => lower_class(class),
        HirKind::Repetition(repetition) => Hir::repetition(hir::Repetition {
            min: repetition.min,
            max: repetition.max,
            greedy: repetition.greedy,
            sub: Box::new(lower(&repetition.sub)),
        }),
        HirKind::Capture(capture) => Hir::capture(hir::Capture {
            index: capture.index,
            name: capture.name.clone(),
            sub: Box::new(lower(&capture.sub)),
        }),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(lower).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(lower).collect()),
    }
}

/// Lowers one class: its ASCII part stays a byte class; a negated class takes every byte from 0x80 up; listed
/// characters outside ASCII become alternatives of their UTF-8 sequences.
fn lower_class(class: &ClassUnicode) -> Hir {
    /// `(?i)k` and `(?i)s` would also take these two by Unicode folding; the dialect folds ASCII only.
    const FOLDED: [char; 2] = ['\u{17F}', '\u{212A}'];
    let open = class.ranges().iter().any(|range| range.start() <= '\u{80}' && range.end() == char::MAX);
    let mut bytes = ClassBytes::empty();
    let mut rest = Vec::new();
    for range in class.ranges() {
        let (start, end) = (range.start(), range.end());
        if let (Ok(start), Ok(end)) = (u8::try_from(start), u8::try_from(end.min('\u{7F}')))
            && start <= end
        {
            bytes.push(ClassBytesRange::new(start, end));
        }
        if !open && end > '\u{7F}' && !FOLDED.contains(&end) {
            rest.extend(Utf8Sequences::new(start.max('\u{80}'), end).map(|s| sequence(&s)));
        }
    }
    if open {
        bytes.push(ClassBytesRange::new(0x80, 0xFF));
    }
    let mut parts = Vec::new();
    if !bytes.ranges().is_empty() {
        parts.push(Hir::class(Class::Bytes(bytes)));
    }
    parts.extend(rest);
    if parts.is_empty() { Hir::fail() } else { Hir::alternation(parts) }
}

fn sequence(utf8: &Utf8Sequence) -> Hir {
    Hir::concat(
        utf8.as_slice()
            .iter()
            .map(|range| Hir::class(Class::Bytes(ClassBytes::new([ClassBytesRange::new(range.start, range.end)]))))
            .collect(),
    )
}

/// The index of the capture group called `name`.
fn group_index(hir: &Hir, name: &str) -> Option<u32> {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => None,
        HirKind::Repetition(repetition) => group_index(&repetition.sub, name),
        HirKind::Capture(capture) => {
            if capture.name.as_deref() == Some(name) {
                Some(capture.index)
            } else {
                group_index(&capture.sub, name)
            }
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(|part| group_index(part, name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex_automata::meta::Regex;

    fn find(pattern: &str, text: &[u8]) -> Option<(usize, usize)> {
        let parsed = parse(pattern).unwrap();
        let regex = Regex::builder().build_from_hir(&parsed.hir).unwrap();
        regex.find(text).map(|found| (found.start(), found.end()))
    }

    #[test]
    fn classes_are_ascii() {
        assert_eq!(find(r"\d{3}", "\u{663}\u{663}\u{663}".as_bytes()), None);
        assert_eq!(find(r"\w+", "\u{e9}".as_bytes()), None);
        assert_eq!(find(r"(?i)mrn", "MrN".as_bytes()), Some((0, 3)));
        assert_eq!(find(r"(?i)ssn", "\u{17f}\u{17f}n".as_bytes()), None);
        assert_eq!(find(r"(?i)k", "\u{212A}".as_bytes()), None);
    }

    #[test]
    fn characters_outside_ascii_are_bytes() {
        assert_eq!(find("3[-\u{2013}]4", "3\u{2013}4".as_bytes()), Some((0, 5)));
        assert_eq!(find("3[-\u{2013}]4", b"3-4"), Some((0, 3)));
        assert_eq!(find(r#""[^"]+""#, b"\"a\xFFb\""), Some((0, 5)));
        assert_eq!(find("a.c", b"a\xFFc"), Some((0, 3)));
        assert_eq!(find("a.c", b"a\nc"), None);
    }

    #[test]
    fn what_the_dialect_lacks_is_refused_with_its_place() {
        for (pattern, offset) in
            [(r"ab\bc", 2), (r"^a", 0), (r"a\pL", 1), (r"a[\pL]", 2), (r"(?s)a", 2), (r"a*", 0), (r"(a", 0)]
        {
            assert_eq!(parse(pattern).unwrap_err().offset, offset, "{pattern}");
        }
    }

    #[test]
    fn the_value_group_is_found() {
        assert_eq!(parse(r"a(b)(?<value>c)").unwrap().value_group, Some(2));
        assert_eq!(parse(r"ab").unwrap().value_group, None);
    }
}
