//! What stands beside a value in a document, or above it, and says what it is: the names of columns over rows of cells, a kind
//! beside a number, the first of two in a list, a person over keys that are numbers.

use super::{Kind, Pair, Piece, Reader, Stop, inside};
use crate::tape::{PathId, is_key};
use std::ops::Range;

/// Keys of lists that name columns.
const COLUMNS: [&[u8]; 9] =
    [b"columns", b"cols", b"header", b"headers", b"fields", b"schema", b"column_names", b"columnnames", b"names"];
/// Keys of what says the kind of a number.
const KINDS: [&[u8]; 8] =
    [b"type", b"kind", b"idtype", b"id_type", b"identifiertype", b"idqualifier", b"qualifier", b"doctype"];
/// Keys of numbers that have kinds.
const NUMBERS: [&[u8]; 9] = [b"id", b"number", b"no", b"num", b"nbr", b"value", b"val", b"identifier", b"idvalue"];
/// The longest of these keys.
const LONGEST: usize = 14;
/// The most columns of a table.
const MAX_COLUMNS: usize = 128;
/// Last words of paths whose keys are people's numbers.
const OWNERS: [&str; 8] = ["patient", "patients", "member", "members", "subscriber", "subscribers", "mrn", "mrns"];
/// What stands behind them where they are looked up by their numbers.
const INDEXES: [&str; 6] = [" by id", " by mrn", " map", " index", " lookup", " by key"];
/// The least digits of such a key.
const MIN_DIGITS: usize = 5;

impl Reader<'_> {
    /// Notes an entry of an object if it says what another one is, or is what another one may say; gives the value of such a pair the
    /// path it has by it.
    #[inline]
    pub(super) fn beside(&mut self, pair: &mut Pair, path: PathId, key: Range<usize>, first: u8, value: Range<usize>) {
        let Some(text) = self.text.get(key.clone()).filter(|key| (2..=LONGEST).contains(&key.len())) else { return };
        let is = |known: &&[u8]| text.eq_ignore_ascii_case(known);
        match first {
            b'[' if self.holds(&value, b'"') && COLUMNS.iter().any(is) => pair.columns = Some(value),
            b'[' if self.holds(&value, b'[') => pair.rows = Some(value),
            b'"' if pair.kind.is_none() && (KINDS.iter().any(is) || is(&&b"id"[..]) && self.is_word(&value)) => {
                pair.kind = Some(inside(&value));
            }
            b'"' | b'0'..=b'9' if pair.number.is_none() && NUMBERS.iter().any(is) => pair.number = Some((key, value)),
            _ => return,
        }
        if let (Some(columns), Some(_)) = (&pair.columns, &pair.rows) {
            let columns = columns.clone();
            if let Some(rows) = pair.rows.take() {
                self.table(path, columns, rows);
            }
        }
        if let (Some(_), Some(_)) = (&pair.kind, &pair.number)
            && let (Some(kind), Some((key, value))) = (pair.kind.take(), pair.number.take())
        {
            self.number(path, kind, key, value);
        }
    }

    /// Whether a string is no number of anything: `{"id": "mrn", "val": ".."}`.
    fn is_word(&self, string: &Range<usize>) -> bool {
        self.text.get(string.clone()).is_some_and(|text| !text.iter().any(u8::is_ascii_digit))
    }

    /// Whether the first item of a list begins with this byte.
    fn holds(&self, list: &Range<usize>, first: u8) -> bool {
        let items = self.text.get(list.start + 1..list.end).unwrap_or(&[]);
        items.trim_ascii_start().first() == Some(&first)
    }

    /// Gives a number the path of its kind: `{"type": "MRN", "id": ".."}`.
    fn number(&mut self, path: PathId, kind: Range<usize>, key: Range<usize>, value: Range<usize>) {
        let text = |range: &Range<usize>| self.text.get(range.clone()).unwrap_or(&[]);
        let digits = text(&value).iter().any(u8::is_ascii_digit);
        if !digits || !is_key(text(&kind)) || text(&kind).contains(&b' ') {
            return;
        }
        let below = self.known(path, &kind);
        let also = self.known(below, &key);
        if self.asks(also) {
            self.again(value, also);
        }
    }

    /// The path of a text below `parent`.
    fn known(&mut self, parent: PathId, range: &Range<usize>) -> PathId {
        let text = self.text.get(range.clone()).unwrap_or(&[]);
        let (path, new) = self.paths.child(parent, text, self.keys);
        if new {
            #[expect(clippy::cast_possible_truncation, reason = "offsets in a segment of a 31-bit tape")]
            self.new_keys.push((path, self.number, range.start as u32..range.end as u32));
        }
        path
    }

    /// Gives the second of two in a list the path of the first, unless it is a key as well: `["last_name", "Maria"]`.
    pub(super) fn pair_of(&mut self, name: &Range<usize>, value: Range<usize>, path: PathId) {
        if !self.names(name) {
            return;
        }
        let also = self.known(path, name);
        if self.asks(also) && self.is_datum(&value) && !COLUMNS.iter().any(|key| self.ends_with(path, key)) {
            self.again(value, also);
        }
    }

    /// Whether a cell is no key: a number, or a text with a digit, a capital or a sign in it that is no known key.
    fn is_datum(&self, value: &Range<usize>) -> bool {
        let text = self.text.get(value.clone()).unwrap_or(&[]);
        let tells = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() || *byte == b'@' || *byte >= 0x80;
        text.first() != Some(&b'"') || text.iter().any(tells) && !self.names(&inside(value))
    }

    /// Whether the last word of a path is this one.
    fn ends_with(&self, path: PathId, word: &[u8]) -> bool {
        self.paths.text(path).rsplit(' ').next().is_some_and(|last| last.as_bytes() == word)
    }

    /// Whether a text may be a known key, by its end.
    fn names(&self, range: &Range<usize>) -> bool {
        self.text.get(range.clone()).is_some_and(is_key) && self.keys.may_end(self.text, range.end)
    }

    /// Gives the cells of rows the paths of their columns: `{"columns": ["mrn", ..], "rows": [["00482913", ..], ..]}`.
    fn table(&mut self, path: PathId, columns: Range<usize>, rows: Range<usize>) {
        let end = self.at;
        let mut names = Vec::new();
        self.at = columns.start + 1;
        while self.peek() == Some(b'"') && names.len() < MAX_COLUMNS {
            let (name, ..) = self.string();
            let is_key = self.text.get(name.clone()).is_some_and(is_key);
            names.push(if is_key { Some(self.known(path, &name)).filter(|path| self.asks(*path)) } else { None });
            if self.peek() == Some(b',') {
                self.at += 1;
            }
        }
        if names.iter().any(Option::is_some) {
            self.at = rows.start + 1;
            while self.peek() == Some(b'[') && self.at < rows.end {
                if self.cells(&names).is_err() {
                    break;
                }
                if self.peek() == Some(b',') {
                    self.at += 1;
                }
            }
        }
        self.at = end;
    }

    /// Reads a row.
    fn cells(&mut self, columns: &[Option<PathId>]) -> Result<(), Stop> {
        self.at += 1;
        let mut columns = columns.iter();
        loop {
            let column = columns.next().copied().flatten();
            match (self.peek().ok_or(Stop)?, column) {
                (b']', _) => {
                    self.at += 1;
                    return Ok(());
                }
                (b'{' | b'[', _) => self.skip(),
                (_, Some(path)) => {
                    let (start, pieces) = (self.at, self.pieces.len());
                    self.value(path, 0)?;
                    // A list of keys below a list of keys: indexes, an order.
                    if !self.is_datum(&(start..self.at)) {
                        self.pieces.truncate(pieces);
                    }
                }
                (b'"', None) => drop(self.string()),
                (_, None) => self.scalar(crate::tape::ROOT)?,
            }
            if self.peek() == Some(b',') {
                self.at += 1;
            }
        }
    }

    /// Notes a key that is a number of the person that its object is about: `{"byPatient": {"E4417709": ..}}`.
    #[inline]
    pub(super) fn own(&mut self, path: PathId, range: Range<usize>, key: &[u8], escaped: bool) {
        if key.len() < MIN_DIGITS || escaped || key.iter().filter(|byte| byte.is_ascii_digit()).count() < MIN_DIGITS {
            return;
        }
        let path_text = self.paths.text(path);
        let path_text = INDEXES.iter().find_map(|end| path_text.strip_suffix(end)).unwrap_or(path_text);
        let last = path_text.rsplit(' ').next().unwrap_or("");
        if OWNERS.contains(&last) && !key.contains(&b' ') {
            let (owner, _) = self.paths.child(path, b"patient id", self.keys);
            self.pieces.push(Piece { range, path: owner, kind: Kind::Plain });
        }
    }
}
