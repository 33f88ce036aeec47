//! Finds names and places in prose, where no key and no pattern points at them.
//!
//! One file a step: [`tokenise`] cuts a text into words (letters as [`fold`] reads them), [`words`] says what the lists
//! know of each, [`decode`] takes them for names and places from left to right by what [`features`] sees and
//! [`weights`] weigh, [`never`] knows what is none all the same, [`site`] holds what a site adds. Most words are looked up and passed over; a clean text
//! allocates nothing. `make model` writes the table and the weights, `docs/model-card.md` says what they are worth.

pub(crate) mod decode;
pub(crate) mod features;
pub(crate) mod fold;
mod never;
pub(crate) mod site;
pub(crate) mod tokenise;
pub(crate) mod weights;
pub(crate) mod words;

use super::Search;
use crate::contents::{Coding, content};
use crate::pack::{Identifier, KeyClass, RuleSet};
use crate::tape::{Marks, Origin, Place, Segment};
use decode::{Bars, decode_by, spans};
use features::{Tag, View};
use site::Site;
use tokenise::{Prose, Token, tokenise};
use weights::{Rows, Weighed, Weights};
use words::{Recent, Words};

/// How many tokens are taken at a time: what a worker keeps memory for, and how far context reaches at most.
const WINDOW: usize = 4096;

/// The table and the weights that texts are tagged by.
pub(crate) struct Model {
    words: Words<'static>,
    rows: Rows,
}

impl Model {
    /// Reads the built-in ones; `None` if they are none.
    pub(crate) fn built_in() -> Option<Self> {
        Some(Self { words: Words::read(words::BUILT_IN)?, rows: weights::rows(weights::BUILT_IN)? })
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Model(..)")
    }
}

/// The rules that names and places are told as, what they are found by, and what a site says of them.
#[derive(Debug, Default)]
pub(crate) struct Tagged {
    pub(crate) names: Option<u16>,
    pub(crate) places: Option<u16>,
    /// Read once a rule asks for it.
    pub(crate) model: Option<Model>,
    pub(crate) site: Site,
}

/// One worker's memory for tagging.
#[derive(Debug, Default)]
pub(crate) struct Names {
    tokens: Vec<Token>,
    recent: Recent,
    weighed: Weighed,
    tags: Vec<Tag>,
    /// The segments in which something was found that names come with.
    beside: Vec<u32>,
}

impl Names {
    /// Tags all texts on the tape that may hold prose. What other detectors found in a text makes names likelier there.
    pub(crate) fn run(&mut self, search: &mut Search<'_>) {
        let rules = search.rules;
        let tagged = &rules.tagged;
        let Some(Model { words, rows }) = &tagged.model else { return };
        let Some(weights) = Weights::new(rows) else { return };
        self.beside.clear();
        let beside = search.findings.iter().filter(|finding| comes_with_names(rules, finding.rule));
        self.beside.extend(beside.map(|finding| finding.segment));
        self.beside.sort_unstable();
        let tape = search.tape;
        let first = search.findings.len();
        for (number, segment) in (0u32..).zip(tape.segments()) {
            if may_hold_prose(search, segment) {
                let found = self.beside.binary_search(&number).is_ok();
                self.text(words, &weights, search, number, segment, found);
            }
        }
        if search.findings.len() > first {
            keep_opaque(search, first);
        }
        super::address::grow(search);
    }

    fn text(
        &mut self,
        words: &Words<'_>,
        weights: &Weights<'_>,
        search: &mut Search<'_>,
        number: u32,
        segment: &Segment,
        found: bool,
    ) {
        let (rules, tape, paths) = (search.rules, search.tape, search.paths);
        let text = tape.text(segment);
        let plain = !segment.marks.meet(Marks::WIDE.or(Marks::CONTROL));
        let coded = segment.marks.meet(Marks::BACKSLASH.or(Marks::PERCENT));
        let prose = Prose::new(tape.bytes(), search.kinds, segment.range(), plain, coded);
        let tagged = &rules.tagged;
        let except = &paths.meaning(segment.path).except;
        let rule = |rule: Option<u16>| rule.filter(|rule| !except.contains(rule));
        let (name, place) = (rule(tagged.names), rule(tagged.places));
        let bars = Bars::BUILT_IN.lowered(tagged.site.bias);
        let mut at = 0;
        while at < text.len() {
            self.tokens.clear();
            at = tokenise(words, &mut self.recent, &prose, at, WINDOW, &mut self.tokens);
            tagged.site.know(text, &mut self.tokens);
            let weigh = |view: &View, previous| self.weighed.scores(weights, view, previous);
            let any = decode_by(bars, text, &self.tokens, found, &mut self.tags, weigh);
            if !tagged.site.overrule(&self.tokens, &mut self.tags) && !any {
                continue;
            }
            spans(text, &self.tokens, &self.tags, |span| {
                let rule = match span.tag {
                    Tag::Name => name,
                    Tag::Place => place,
                    Tag::Other => None,
                };
                let Some(rule) = rule.filter(|_| !is_in_id(text, span.start, span.end)) else { return };
                if let Some(span) = never::trim(text, span.start..span.end) {
                    let end = if Some(rule) == name { with_suffix(text, span.end) } else { span.end };
                    search.add(number, span.start, end, rule);
                }
            });
        }
    }
}

/// The end of a name with what tells sons from fathers behind it: `Jr.`, `III`.
fn with_suffix(text: &[u8], end: usize) -> usize {
    let rest = text.get(end..).unwrap_or(&[]);
    let gap = rest.iter().take(2).take_while(|byte| matches!(byte, b',' | b' ')).count();
    let word = rest.get(gap..).unwrap_or(&[]);
    let len = word.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let known = matches!(word.get(..len), Some(b"Jr" | b"Sr" | b"JR" | b"SR" | b"II" | b"III" | b"IV"));
    if gap > 0 && known { end + gap + len } else { end }
}

/// Whether a word is a group of digits in a longer id: `3ba2-471c-adde-d348c0c754b2`.
fn is_in_id(text: &[u8], start: usize, end: usize) -> bool {
    const SHORTEST: usize = 20;
    let part = |byte: &&u8| byte.is_ascii_hexdigit() || **byte == b'-';
    let (head, word) = (text.get(..start).unwrap_or(&[]), text.get(start..end).unwrap_or(&[]));
    if !word.iter().all(|byte| part(&byte)) {
        return false;
    }
    let before = head.iter().rev().take(SHORTEST).take_while(part);
    let behind = text.get(end..).unwrap_or(&[]).iter().take(SHORTEST).take_while(part);
    let around =
        before.chain(behind).fold((0, 0), |(all, digits), byte| (all + 1, digits + u32::from(byte.is_ascii_digit())));
    around.0 + word.len() >= SHORTEST && around.1 >= 4
}

/// Whether what a rule finds stands where people are spoken of: an address of a machine does not.
fn comes_with_names(rules: &RuleSet, rule: u16) -> bool {
    rules.rules.get(usize::from(rule)).is_some_and(|rule| match rule.identifier {
        Identifier::C
        | Identifier::D
        | Identifier::E
        | Identifier::F
        | Identifier::G
        | Identifier::H
        | Identifier::I
        | Identifier::J
        | Identifier::K
        | Identifier::R => true,
        Identifier::A
        | Identifier::B
        | Identifier::L
        | Identifier::M
        | Identifier::N
        | Identifier::O
        | Identifier::P
        | Identifier::Q
        | Identifier::Secret => false,
    })
}

/// Whether a text is looked at: not a key, a unit or another name that programs gave, and not a value that its key says
/// is technical. A part of another text is looked at with it.
fn may_hold_prose(search: &Search<'_>, segment: &Segment) -> bool {
    let place = match segment.place {
        Place::Key
        | Place::EntityKey
        | Place::EntityType
        | Place::ScopeName
        | Place::ScopeVersion
        | Place::SchemaUrl
        | Place::TraceState
        | Place::SeverityText
        | Place::MetricName
        | Place::MetricUnit
        | Place::StringTable
        | Place::PayloadFormat => false,
        Place::Text
        | Place::ResourceAttribute
        | Place::ScopeAttribute
        | Place::SpanAttribute
        | Place::EventAttribute
        | Place::LinkAttribute
        | Place::LogAttribute
        | Place::MetricMetadata
        | Place::MetricLabel
        | Place::ExemplarAttribute
        | Place::ProfileAttribute
        | Place::SpanName
        | Place::StatusMessage
        | Place::EventName
        | Place::LogBody
        | Place::MetricDescription => true,
    };
    let part = matches!(segment.origin, Origin::Alias { .. });
    place
        && !part
        && !segment.marks.meet(Marks::PACKED)
        && !is_technical(search, segment)
        && (!is_packed(search, segment) || reads_as_prose(search.tape.text(segment)))
}

/// Whether a text, or one it stands in, was bytes in digits or letters: some ids of spans read as words by chance.
fn is_packed(search: &Search<'_>, segment: &Segment) -> bool {
    let mut next = Some(segment);
    while let Some(Segment { origin: Origin::View { parent, content: id, from: _, len: _ }, .. }) = next {
        if matches!(content(*id).map(|content| content.coding), Some(Coding::Whole { .. })) {
            return true;
        }
        next = search.tape.segment(*parent);
    }
    false
}

/// Whether bytes are several words, and most of them plain letters.
fn reads_as_prose(text: &[u8]) -> bool {
    const SHORTEST: usize = 12;
    let plain = text.iter().filter(|byte| byte.is_ascii_alphabetic() || **byte == b' ').count();
    let ascii = text.iter().filter(|byte| byte.is_ascii()).count();
    text.len() >= SHORTEST && text.contains(&b' ') && plain * 2 >= text.len() && ascii * 4 >= text.len() * 3
}

fn is_technical(search: &Search<'_>, segment: &Segment) -> bool {
    match search.paths.meaning(segment.path).class {
        KeyClass::Opaque | KeyClass::Kept | KeyClass::Mark | KeyClass::Statement => true,
        KeyClass::Plain | KeyClass::FreeText => false,
    }
}

/// Takes out findings from `first` on that lie in parts whose own keys say that they are technical: `"host":"felix"`.
fn keep_opaque(search: &mut Search<'_>, first: usize) {
    let tape = search.tape;
    let technical =
        |segment: &&Segment| matches!(segment.origin, Origin::Alias { .. }) && is_technical(search, segment);
    let parts = tape.segments().iter().filter(technical);
    let mut parts: Vec<(u32, u32)> = parts.map(|segment| (segment.start, segment.end)).collect();
    parts.sort_unstable();
    // The furthest end of those that begin no later: parts lie in each other or apart.
    let mut reach = 0;
    for part in &mut parts {
        reach = reach.max(part.1);
        part.1 = reach;
    }
    let mut number = 0;
    search.findings.retain(|finding| {
        number += 1;
        let Some(segment) = tape.segment(finding.segment) else { return true };
        let (start, end) = (segment.start + finding.start, segment.start + finding.end);
        let before = parts.partition_point(|part| part.0 <= start);
        let part = before.checked_sub(1).and_then(|at| parts.get(at));
        number <= first || part.is_none_or(|part| part.1 < end)
    });
}

#[cfg(test)]
mod tests;
