//! What the words of a statement say. Each word is looked up once, as the statement falls into words.

use std::ops::Range;

/// What a word says, one bit a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Says(u32);

impl Says {
    pub(super) const NOTHING: Self = Self(0);
    /// Words that statements begin with, as far as texts that are none are to be told from them.
    pub(super) const VERB: Self = Self(1);
    /// Words behind which numbers count rows.
    pub(super) const COUNT: Self = Self(1 << 1);
    /// Words behind which a literal may stand.
    pub(super) const BEFORE_VALUE: Self = Self(1 << 2);
    /// Words that are never a column.
    pub(super) const KEYWORD: Self = Self(1 << 3);
    /// Types that are written with a length.
    pub(super) const TYPE: Self = Self(1 << 4);
    /// Functions that take the name of a column rather than a text.
    pub(super) const OF_COLUMN: Self = Self(1 << 5);
    /// `VALUES`, `VALUE`: a list of them follows.
    pub(super) const VALUES: Self = Self(1 << 6);
    /// What stands between conditions rather than before the length of something.
    pub(super) const CONDITION: Self = Self(1 << 7);
    pub(super) const IN: Self = Self(1 << 8);
    pub(super) const INTERVAL: Self = Self(1 << 9);
    pub(super) const SELECT: Self = Self(1 << 10);
    pub(super) const FROM: Self = Self(1 << 11);
    pub(super) const AS: Self = Self(1 << 12);
    pub(super) const SET: Self = Self(1 << 13);
    pub(super) const INTO: Self = Self(1 << 14);

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a word says one of these.
    #[inline]
    pub(super) const fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    /// What a word of `text` says, in any case of its letters. Two looks refuse most names.
    #[inline]
    pub(super) fn of(text: &[u8], word: Range<usize>) -> Self {
        let len = word.len();
        let first = text.get(word.start).map_or(0, |byte| byte | LOWER);
        let firsts = TABLE.firsts.get(len).copied().unwrap_or(0);
        // Any other byte shifts all bits away, or in: the comparison below tells.
        if firsts.checked_shr(u32::from(first.wrapping_sub(b'a'))).unwrap_or(0) & 1 == 0 {
            return Self::NOTHING;
        }
        let low = eight(text, word.start, len.min(8));
        let high = if len > 8 { eight(text, word.start + 8, len - 8) } else { 0 };
        let mut slot = hash(low, high);
        loop {
            let Some(known) = TABLE.slots.get(slot % SLOTS) else { return Self::NOTHING };
            if known.says == Self::NOTHING || known.low == low && known.high == high {
                return known.says;
            }
            slot += 1;
        }
    }
}

/// The bit in which small letters differ from capitals. The signs that words hold have it, or look like no letter with it.
const LOWER: u8 = 0x20;

/// Up to eight letters of a word as one number.
#[inline]
fn eight(text: &[u8], at: usize, len: usize) -> u64 {
    let rest = text.get(at..).unwrap_or(&[]);
    let bytes = match rest.first_chunk::<8>() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => rest.iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte)),
    };
    (bytes | u64::from_le_bytes([LOWER; 8])) & u64::MAX >> (64 - 8 * len)
}

#[inline]
const fn hash(low: u64, high: u64) -> usize {
    ((low ^ high << 7).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55) as usize
}

/// The longest word of all lists, and more places than twice the words.
const MAX_LEN: usize = 12;
const SLOTS: usize = 512;

struct Slot {
    low: u64,
    high: u64,
    says: Says,
}

struct Table {
    /// The first letters of words of each length, one bit a letter.
    firsts: [u32; MAX_LEN + 1],
    /// The words by their hashes; behind a word of the same hash, the next free place.
    slots: [Slot; SLOTS],
}

static TABLE: Table = table();

#[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
const fn table() -> Table {
    let mut table =
        Table { firsts: [0; MAX_LEN + 1], slots: [const { Slot { low: 0, high: 0, says: Says::NOTHING } }; SLOTS] };
    let mut list = 0;
    while list < LISTS.len() {
        let (says, words) = LISTS[list];
        let mut at = 0;
        while at < words.len() {
            let word = words[at];
            let (mut low, mut high, mut letter) = (0, 0, word.len());
            while letter > 0 {
                letter -= 1;
                if letter < 8 {
                    low = low << 8 | word[letter] as u64;
                } else {
                    high = high << 8 | word[letter] as u64;
                }
            }
            let mut slot = hash(low, high) % SLOTS;
            while table.slots[slot].says.0 != 0 && (table.slots[slot].low != low || table.slots[slot].high != high) {
                slot = (slot + 1) % SLOTS;
            }
            table.slots[slot] = Slot { low, high, says: table.slots[slot].says.or(says) };
            table.firsts[word.len()] |= 1 << (word[0] - b'a');
            at += 1;
        }
        list += 1;
    }
    table
}

/// What says what, in lower case.
const LISTS: [(Says, &[&[u8]]); 15] = [
    (
        Says::VERB,
        &[
            b"select", b"insert", b"update", b"delete", b"merge", b"replace", b"call", b"exec", b"execute", b"with",
            b"upsert",
        ],
    ),
    (
        Says::COUNT,
        &[
            b"limit", b"offset", b"top", b"fetch", b"first", b"next", b"rows", b"skip", b"last", b"sample", b"percent",
            b"by",
        ],
    ),
    (
        Says::BEFORE_VALUE,
        &[
            b"like",
            b"ilike",
            b"rlike",
            b"regexp",
            b"similar",
            b"in",
            b"between",
            b"and",
            b"or",
            b"then",
            b"else",
            b"when",
            b"case",
            b"values",
            b"value",
            b"date",
            b"time",
            b"timestamp",
            b"timestamptz",
            b"datetime",
            b"interval",
            b"return",
            b"returns",
            b"escape",
            b"against",
            b"contains",
            b"starts",
            b"ends",
            b"with",
            b"not",
            b"is",
        ],
    ),
    (
        Says::KEYWORD,
        &[
            b"select",
            b"from",
            b"where",
            b"and",
            b"or",
            b"not",
            b"in",
            b"like",
            b"ilike",
            b"between",
            b"is",
            b"null",
            b"as",
            b"on",
            b"join",
            b"inner",
            b"left",
            b"right",
            b"full",
            b"outer",
            b"cross",
            b"using",
            b"group",
            b"order",
            b"by",
            b"having",
            b"limit",
            b"offset",
            b"insert",
            b"into",
            b"values",
            b"value",
            b"update",
            b"set",
            b"delete",
            b"returning",
            b"union",
            b"all",
            b"distinct",
            b"case",
            b"when",
            b"then",
            b"else",
            b"end",
            b"asc",
            b"desc",
            b"exists",
            b"interval",
            b"any",
            b"some",
            b"with",
            b"merge",
        ],
    ),
    (
        Says::TYPE,
        &[
            b"varchar",
            b"char",
            b"nvarchar",
            b"nchar",
            b"varchar2",
            b"character",
            b"varying",
            b"decimal",
            b"numeric",
            b"number",
            b"float",
            b"bit",
            b"binary",
            b"varbinary",
            b"time",
            b"timestamp",
            b"datetime",
            b"datetime2",
            b"int",
            b"bigint",
        ],
    ),
    (Says::OF_COLUMN, &[b"count", b"sum", b"min", b"max", b"avg", b"distinct", b"over", b"key"]),
    (Says::VALUES, &[b"values", b"value"]),
    (Says::CONDITION, &[b"and", b"or", b"not", b"when"]),
    (Says::IN, &[b"in"]),
    (Says::INTERVAL, &[b"interval"]),
    (Says::SELECT, &[b"select"]),
    (Says::FROM, &[b"from"]),
    (Says::AS, &[b"as"]),
    (Says::SET, &[b"set"]),
    (Says::INTO, &[b"into"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_their_lists_say() {
        for (says, words) in LISTS {
            for word in words {
                assert!(word.len() <= MAX_LEN && word.is_ascii() && !word.iter().any(u8::is_ascii_uppercase));
                for text in [word.to_vec(), word.to_ascii_uppercase(), [*word, b" from x"].concat()] {
                    assert!(Says::of(&text, 0..word.len()).any(says), "{text:?}");
                }
                let held = |longer: &[u8]| LISTS.iter().any(|(_, words)| words.contains(&longer));
                let longer = [*word, b"s"].concat();
                assert_eq!(Says::of(&longer, 0..longer.len()) != Says::NOTHING, held(&longer), "{longer:?}");
            }
        }
    }

    #[test]
    fn names_say_nothing() {
        for name in
            ["", "p", "patients", "from_", "t.from", "selec", "_elect", "datetime3", "\u{e9}", "1", "authorization_id"]
        {
            assert_eq!(Says::of(name.as_bytes(), 0..name.len()), Says::NOTHING, "{name}");
        }
    }
}
