//! What a text may hold, told by single bytes: whoever looks for something passes over the texts that lack its mark.

/// Kinds of bytes that a text holds, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(u32);

impl Marks {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const PERCENT: Self = Self(1);
    pub(crate) const BRACE: Self = Self(1 << 1);
    pub(crate) const BRACKET: Self = Self(1 << 2);
    pub(crate) const BACKSLASH: Self = Self(1 << 3);
    pub(crate) const AMPERSAND: Self = Self(1 << 4);
    pub(crate) const ANGLE: Self = Self(1 << 5);
    /// The first bytes of characters outside ASCII.
    pub(crate) const WIDE: Self = Self(1 << 6);
    pub(crate) const PIPE: Self = Self(1 << 7);
    pub(crate) const STAR: Self = Self(1 << 8);
    pub(crate) const COMMA: Self = Self(1 << 9);
    pub(crate) const TAB: Self = Self(1 << 10);
    pub(crate) const PARENTHESIS: Self = Self(1 << 11);
    pub(crate) const EQUALS: Self = Self(1 << 12);
    /// Control characters beside tab and line breaks: separators of messages, colours of terminals.
    pub(crate) const CONTROL: Self = Self(1 << 13);
    pub(crate) const SLASH: Self = Self(1 << 14);
    pub(crate) const PLUS: Self = Self(1 << 15);
    pub(crate) const NEWLINE: Self = Self(1 << 16);
    pub(crate) const SEMICOLON: Self = Self(1 << 17);
    /// The quote of literals.
    pub(crate) const APOSTROPHE: Self = Self(1 << 18);
    /// Of no byte: the text is none, what it holds lies in another one.
    pub(crate) const PACKED: Self = Self(1 << 19);
    /// Of no single byte: a word that is long enough to be one in base64 or in hexadecimal digits.
    pub(crate) const LONG: Self = Self(1 << 20);
    /// Of no single byte: a stretch of what stands in printed bytes.
    pub(crate) const PRINTED: Self = Self(1 << 21);
    /// Of no byte: the key says that the text is a statement.
    pub(crate) const STATEMENT: Self = Self(1 << 22);
    /// Of no byte: the text was none as it stood in the source, and is to be written anew.
    pub(crate) const MENDED: Self = Self(1 << 23);
    /// How many there are.
    pub(crate) const COUNT: usize = 24;

    /// The marks of a text. A look at a table for each byte.
    #[inline]
    pub(crate) fn of(text: &[u8]) -> Self {
        Self(text.iter().fold(0, |marks, byte| marks | OF_BYTE.get(usize::from(*byte)).copied().unwrap_or(0)))
    }

    /// Both sets together.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the sets share a mark.
    #[inline]
    pub(crate) fn meet(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the set holds a mark, by its place.
    pub(crate) const fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }

    /// The places of the marks of the set.
    #[inline]
    pub(crate) fn each(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let place = rest.trailing_zeros() as usize;
            rest &= rest.checked_sub(1)?;
            Some(place)
        })
    }
}

const OF_BYTE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let marks = match byte as u8 {
            b'%' => Marks::PERCENT,
            b'{' => Marks::BRACE,
            b'[' => Marks::BRACKET,
            b'\\' => Marks::BACKSLASH,
            b'+' => Marks::PLUS,
            b'&' => Marks::AMPERSAND,
            b'<' | b'>' => Marks::ANGLE,
            0x80..=0xff => Marks::WIDE,
            b'|' => Marks::PIPE,
            b'*' => Marks::STAR,
            b',' => Marks::COMMA,
            b';' => Marks::SEMICOLON,
            b'\t' => Marks::TAB,
            b'(' => Marks::PARENTHESIS,
            b'=' => Marks::EQUALS,
            b'\n' => Marks::NEWLINE,
            b'\r' | b' ' => Marks::NONE,
            0..=0x1f | 0x7f => Marks::CONTROL,
            b'/' => Marks::SLASH,
            b'\'' => Marks::APOSTROPHE,
            _ => Marks::NONE,
        };
        #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
        {
            table[byte] = marks.0;
        }
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_marks_of_its_bytes() {
        let marks = Marks::of(b"GET /patients?q=a%20b");
        for held in [Marks::PERCENT, Marks::SLASH, Marks::EQUALS] {
            assert!(marks.meet(held), "{held:?}");
        }
        for lacking in [Marks::BRACE, Marks::WIDE, Marks::CONTROL, Marks::BACKSLASH, Marks::PIPE, Marks::COMMA] {
            assert!(!marks.meet(lacking), "{lacking:?}");
        }
        assert!(Marks::of("\u{e9}".as_bytes()).meet(Marks::WIDE));
        assert_eq!(Marks::of(b""), Marks::default());
    }
}
