//! Cuts a text into words, numbers and codes, by the kinds of its bytes: where a word begins and ends, whether it has
//! digits or capitals is a few operations on 64 places at once.
//!
//! What an encoding wrote for a blank (`%20`, `\n`, `\x1b[0m`) stands between words; letters lose case and accents in
//! the hash only. Markers and tokens of an earlier scrub are one token that stands for what they replaced.

use super::fold::{Folded, fold};
use super::words::{Flags, Recent, WordHash, Words};
use crate::tape::{BLOCK, Kinds, Run};
use std::ops::Range;

/// What a token looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Shape {
    /// `maria`.
    Lower,
    /// `Maria`.
    Title,
    /// `MARIA`.
    Upper,
    /// `M`.
    Initial,
    /// `McDonald`: capitals within, as names have them.
    Inner,
    /// `nullPointer`: capitals within, as programs have them.
    Mixed,
    /// Letters of another alphabet than the Latin one.
    Foreign,
    /// `1234`.
    Number,
    /// `a1b2`.
    Code,
    /// What an earlier scrub put where a name stood.
    NameMarker,
    /// The same for a place.
    PlaceMarker,
    /// The same for anything else.
    Marker,
}

/// A word, a number or a code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The hash of its letters; of a number and a code see [`numeric_id`].
    pub(crate) id: u32,
    pub(crate) flags: Flags,
    pub(crate) shape: Shape,
}

impl Token {
    pub(crate) fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The longest word that is looked up, in bytes; longer ones are codes.
const MAX_WORD: usize = 28;

/// What a byte is, by value: 0 separates.
const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 3;
const HIGH: u8 = 4;

#[inline]
fn kind(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => LOWER,
        b'A'..=b'Z' => UPPER,
        b'0'..=b'9' => DIGIT,
        0x80.. => HIGH,
        _ => 0,
    }
}

/// A text to cut, where it lies: on a tape of which the kinds of bytes are known.
#[derive(Clone, Copy)]
pub(crate) struct Prose<'t> {
    tape: &'t [u8],
    kinds: &'t Kinds,
    start: usize,
    end: usize,
    /// Whether all of it is ASCII and in the colour of the terminal.
    plain: bool,
    /// Whether there may be a `\\` or a `%` in it.
    coded: bool,
}

impl<'t> Prose<'t> {
    /// The text in `range` of a tape with these kinds. `plain` says that it holds ASCII only and no escape character,
    /// `coded` is false if it holds neither a backslash nor a percent sign.
    pub(crate) fn new(tape: &'t [u8], kinds: &'t Kinds, range: Range<usize>, plain: bool, coded: bool) -> Self {
        Self { tape, kinds, start: range.start, end: range.end, plain, coded }
    }

    /// A text by itself, whose kinds are read into `kinds`.
    pub(crate) fn alone(text: &'t [u8], kinds: &'t mut Kinds) -> Self {
        kinds.read(text);
        let plain = text.iter().all(|byte| byte.is_ascii() && *byte != ESCAPE);
        Self { tape: text, kinds, start: 0, end: text.len(), plain, coded: true }
    }

    fn text(&self) -> &'t [u8] {
        self.tape.get(self.start..self.end).unwrap_or(&[])
    }

    /// Where on the tape the next token begins, if one does from `at` on.
    fn skip(&self, at: usize) -> Option<usize> {
        Some(self.start + skip(self.text(), at - self.start)).filter(|next| *next < self.end)
    }

    /// The token from `at` on, of a text that is not plain.
    fn read(&self, at: usize) -> Read {
        let end = self.kinds.word_end(at..self.end);
        if end < self.end && self.tape.get(end).is_some_and(|byte| !byte.is_ascii()) {
            return self.folded(at, end);
        }
        self.plain(at, end)
    }

    /// The token from `at` on that ends at `end`.
    fn plain(&self, at: usize, end: usize) -> Read {
        if at < end { self.ascii(&self.kinds.across(at, end)) } else { Read { end: at, hash: 0, shape: Shape::Code } }
    }
}

/// What begins a colour of a terminal.
const ESCAPE: u8 = 0x1B;

/// Appends the tokens of a text from `at` on to `tokens`, at most `most`; returns where it stopped.
pub(crate) fn tokenise(
    words: &Words<'_>,
    recent: &mut Recent,
    prose: &Prose<'_>,
    at: usize,
    most: usize,
    tokens: &mut Vec<Token>,
) -> usize {
    cut(prose, at, most, |hash| recent.flags(words, hash), tokens)
}

/// The same; `flags` says what is known of the word with a hash.
#[inline]
pub(crate) fn cut(
    prose: &Prose<'_>,
    at: usize,
    most: usize,
    mut flags: impl FnMut(u64) -> Flags,
    tokens: &mut Vec<Token>,
) -> usize {
    let mut done = prose.start + at;
    if !prose.plain {
        while tokens.len() < most {
            let Some(at) = prose.skip(done) else { return prose.end - prose.start };
            let read = prose.read(at);
            done = read.end.max(at + 1);
            if read.end > at {
                let token = prose.token(at, read, &mut flags);
                done = prose.start + token.end as usize;
                tokens.push(token);
            }
        }
        return done - prose.start;
    }
    let mut stopped = false;
    prose.kinds.runs(done..prose.end, |mut run| {
        // The first letters and digits behind these signs may be what an encoding wrote.
        if prose.coded && run.start > done && matches!(prose.tape.get(run.start - 1), Some(b'\\' | b'%')) {
            done = prose.skip(done).unwrap_or(prose.end);
        }
        if run.start < done {
            if run.end <= done {
                return true;
            }
            run = prose.kinds.across(done, run.end);
        }
        stopped = tokens.len() >= most;
        if !stopped {
            let token = prose.token(run.start, prose.ascii(&run), &mut flags);
            done = prose.start + token.end as usize;
            tokens.push(token);
        }
        !stopped
    });
    if stopped { done - prose.start } else { prose.end - prose.start }
}

impl Shape {
    /// Whether it is of letters.
    pub(crate) fn is_word(self) -> bool {
        match self {
            Self::Lower | Self::Title | Self::Upper | Self::Initial | Self::Inner | Self::Mixed | Self::Foreign => true,
            Self::Number | Self::Code | Self::NameMarker | Self::PlaceMarker | Self::Marker => false,
        }
    }

    /// Whether an earlier scrub wrote it.
    pub(crate) fn is_marker(self) -> bool {
        match self {
            Self::NameMarker | Self::PlaceMarker | Self::Marker => true,
            Self::Lower | Self::Title | Self::Upper | Self::Initial | Self::Inner | Self::Mixed | Self::Foreign => {
                false
            }
            Self::Number | Self::Code => false,
        }
    }
}

/// The next byte from `at` on that a token begins with.
#[inline]
fn skip(text: &[u8], mut at: usize) -> usize {
    while let Some(byte) = text.get(at) {
        match (kind(*byte), *byte) {
            (LOWER | UPPER | DIGIT, _) => return at,
            (HIGH, _) => match fold(text.get(at..).unwrap_or(&[])) {
                (Folded::Other | Folded::Mark, len) => at += len,
                (Folded::Latin(..) | Folded::Letter, _) => return at,
            },
            (_, b'\\') => {
                // `\n`, `\\n`, `\u00a0`: the letters are no word's.
                at += text.iter().skip(at).take_while(|byte| **byte == b'\\').count();
                match text.get(at) {
                    Some(b'n' | b't' | b'r') => at += 1,
                    Some(b'u') if hex(text, at + 1, 4) => at += 5,
                    Some(b'x') if hex(text, at + 1, 2) => at += 3,
                    _ => {}
                }
            }
            (_, b'%') if hex(text, at + 1, 2) => at += 3,
            (_, 0x1B) if text.get(at + 1) == Some(&b'[') => {
                at += 2;
                at += text.iter().skip(at).take_while(|byte| matches!(byte, b'0'..=b'9' | b';')).count();
                at += usize::from(text.get(at).is_some_and(u8::is_ascii_alphabetic));
            }
            _ => at += 1,
        }
    }
    text.len()
}

fn hex(text: &[u8], at: usize, count: usize) -> bool {
    text.get(at..at + count).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// What has been read of a token.
#[derive(Clone, Copy)]
struct Read {
    /// Where on the tape it ends.
    end: usize,
    /// The hash of a word.
    hash: u64,
    shape: Shape,
}

impl<'t> Prose<'t> {
    /// The token that begins at `at`, with what is known of it.
    #[inline(always)]
    fn token(&self, at: usize, read: Read, flags: &mut impl FnMut(u64) -> Flags) -> Token {
        let Read { mut end, hash, mut shape } = read;
        // Most words are shorter or longer than what markers begin with, or begin otherwise.
        if matches!(end - at, 8 | 9)
            && matches!(self.tape.get(at), Some(b'R' | b'r' | b'U'))
            && let Some((behind, marker)) = self.marker(at, end)
        {
            (end, shape) = (behind, marker);
        }
        let flags = if shape.is_word() { flags(hash) } else { Flags::default() };
        #[expect(clippy::cast_possible_truncation, reason = "offsets in a text of a 31-bit tape")]
        let (start, end) = ((at - self.start) as u32, (end - self.start) as u32);
        Token { start, end, id: id(hash), flags, shape }
    }

    /// A run of ASCII.
    #[inline(always)]
    fn ascii(&self, run: &Run) -> Read {
        let Run { start, end, digits, uppers } = *run;
        let len = end - start;
        if digits != 0 || len > MAX_WORD {
            return Read { end, hash: 0, shape: self.numeric(run) };
        }
        // The capitals behind the first one.
        let more = uppers & uppers.wrapping_sub(1);
        let shape = if uppers == 0 {
            Shape::Lower
        } else if uppers == 1 {
            if len == 1 { Shape::Initial } else { Shape::Title }
        } else if uppers == u64::MAX >> (BLOCK - len) {
            Shape::Upper
        } else {
            let two = uppers & 1 == 1 && more != 0 && more & (more - 1) == 0;
            let name = two && inner_name(self.tape, start, more.trailing_zeros() as usize);
            if name { Shape::Inner } else { Shape::Mixed }
        };
        Read { end, hash: WordHash::small(self.tape, start..end), shape }
    }

    /// What a run is that holds digits, or is longer than words are.
    #[inline(always)]
    fn numeric(&self, run: &Run) -> Shape {
        let Run { start, end, digits, uppers: _ } = *run;
        let len = end - start;
        let first = u64::MAX >> (BLOCK - len.min(BLOCK));
        let all = digits == first && (len <= BLOCK || self.kinds.digits(start..end, 0) == len);
        if all { Shape::Number } else { Shape::Code }
    }

    /// A run that goes on behind `end` with a letter beyond ASCII, or does not.
    #[cold]
    fn folded(&self, at: usize, mut end: usize) -> Read {
        let mut letters = Letters::default();
        let mut beyond = false;
        let head = self.tape.get(at..end).unwrap_or(&[]);
        head.iter().enumerate().for_each(|(at, byte)| letters.ascii(*byte, at));
        while let Some(byte) = self.tape.get(end).filter(|_| end < self.end) {
            if byte.is_ascii_alphanumeric() {
                letters.ascii(*byte, end - at);
                end += 1;
                continue;
            }
            if byte.is_ascii() {
                break;
            }
            let (folded, len) = fold(self.tape.get(end..self.end).unwrap_or(&[]));
            match folded {
                Folded::Latin(first, second, capital) => {
                    if capital {
                        letters.capital(first, end - at);
                    } else {
                        letters.word.push(first);
                    }
                    if second != 0 {
                        letters.word.push(second);
                    }
                }
                Folded::Letter => {
                    let bytes = self.tape.iter().skip(end).take(len);
                    bytes.for_each(|byte| letters.word.push(*byte));
                    letters.foreign = true;
                }
                Folded::Mark => {}
                Folded::Other => break,
            }
            beyond = true;
            end += len;
        }
        let end = end.min(self.end);
        if beyond { letters.finish(self.tape, at, end) } else { self.plain(at, end) }
    }
}

/// The folded letters of a word. What is longer than any word is cut: it is looked up nowhere.
struct Short {
    bytes: [u8; 2 * MAX_WORD],
    len: usize,
}

impl Default for Short {
    fn default() -> Self {
        Self { bytes: [0; 2 * MAX_WORD], len: 0 }
    }
}

impl Short {
    #[inline]
    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.len) {
            *slot = byte;
            self.len += 1;
        }
    }

    fn hash(&self) -> u64 {
        WordHash::of(self.bytes.get(..self.len).unwrap_or(&[]))
    }
}

/// What has been read of a run that goes beyond ASCII.
#[derive(Default)]
struct Letters {
    word: Short,
    uppers: u32,
    digits: u32,
    smalls: u32,
    /// Whether it begins with a capital, and where the next one stands.
    first_upper: bool,
    inner: usize,
    /// Whether there are letters of another alphabet.
    foreign: bool,
}

impl Letters {
    /// A letter or a digit of ASCII, `at` bytes behind the beginning.
    fn ascii(&mut self, byte: u8, at: usize) {
        if byte.is_ascii_uppercase() {
            return self.capital(byte.to_ascii_lowercase(), at);
        }
        self.digits += u32::from(byte.is_ascii_digit());
        self.smalls += u32::from(byte.is_ascii_lowercase());
        self.word.push(byte);
    }

    /// A capital, in small, `at` bytes behind the beginning.
    fn capital(&mut self, small: u8, at: usize) {
        self.word.push(small);
        self.uppers += 1;
        if at == 0 {
            self.first_upper = true;
        } else if self.inner == 0 {
            self.inner = at;
        }
    }

    /// What the run is.
    fn finish(self, tape: &[u8], at: usize, end: usize) -> Read {
        let Self { word, uppers, digits, smalls, first_upper, inner, foreign } = self;
        let len = end - at;
        let shape = if digits > 0 || len > MAX_WORD {
            Shape::Code
        } else if foreign {
            Shape::Foreign
        } else if uppers == 0 {
            Shape::Lower
        } else if len <= 2 && uppers == 1 && first_upper {
            Shape::Initial
        } else if first_upper && uppers == 1 {
            Shape::Title
        } else if uppers > 1 && smalls == 0 {
            Shape::Upper
        } else if first_upper && uppers == 2 && inner_name(tape, at, inner) {
            Shape::Inner
        } else {
            Shape::Mixed
        };
        Read { end, hash: word.hash(), shape }
    }
}

/// Whether the letters before the second capital begin a name: `McDonald`, `DeLuca`, `VanHorn`.
fn inner_name(text: &[u8], at: usize, letters: usize) -> bool {
    const BEGINNINGS: [&[u8]; 14] =
        [b"mc", b"mac", b"de", b"del", b"di", b"da", b"du", b"la", b"le", b"van", b"von", b"fitz", b"st", b"o"];
    let word = text.get(at..at + letters).unwrap_or(&[]);
    BEGINNINGS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// What a number or a code is to its neighbours: of a number how many digits it has, of a code what [`WordHash::code`]
/// makes of it.
pub(crate) fn numeric_id(text: &[u8], token: &Token) -> u32 {
    let code = text.get(token.range()).unwrap_or(&[]);
    id(if token.shape == Shape::Number {
        WordHash::number(code.len().min(12), code.len() == 4 && matches!(code.first(), Some(b'1' | b'2')))
    } else {
        WordHash::code(code)
    })
}

/// What a code is by its letters and digits.
pub(crate) fn code_id(text: &[u8], token: &Token) -> u32 {
    id(WordHash::of(&text.get(token.range()).unwrap_or(&[]).to_ascii_lowercase()))
}

#[expect(clippy::cast_possible_truncation, reason = "a part of a hash")]
fn id(hash: u64) -> u32 {
    (hash >> 16) as u32
}

impl Prose<'_> {
    /// The marker or token of an earlier scrub whose first letters stand at `at..end` of the tape: where it ends, and
    /// what it stands for. Its brackets and its colon may be percent-encoded.
    fn marker(&self, at: usize, end: usize) -> Option<(usize, Shape)> {
        let rest = self.tape.get(end..self.end)?;
        let (from, len) = match self.tape.get(at..end)? {
            b"REDACTED" => {
                let colon = [&b":"[..], b"%3A", b"%253A"].into_iter().find(|colon| rest.starts_with(colon))?.len();
                let label = rest.get(colon..)?;
                (colon, label.iter().take_while(|byte| byte.is_ascii_lowercase() || **byte == b'_').count())
            }
            b"redacted" if rest.first() == Some(&b'_') => {
                (1, rest.iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count())
            }
            b"UNSCANNED" => (0, 0),
            _ => return None,
        };
        let label = rest.get(from..from + len)?;
        let shape = if label.starts_with(b"name") {
            Shape::NameMarker
        } else if [&b"address"[..], b"place", b"location"].into_iter().any(|place| label.starts_with(place)) {
            Shape::PlaceMarker
        } else {
            Shape::Marker
        };
        Some((end + from + len, shape))
    }
}
