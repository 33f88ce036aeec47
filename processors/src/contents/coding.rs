//! The codings: how what is encoded is decoded onto the tape, and how what replaces a part of it is written.

use super::{base64, dump, entities, escapes, folded, hex, json_string, numbers, packed, percent, printable, utf16};
use std::ops::Range;

/// Which content decoded a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ContentId {
    /// `%41`.
    Percent,
    /// `+` and `%41`, as forms and queries have it.
    Form,
    /// The inside of a JSON string.
    JsonString,
    /// `\n`, `\u0047`, `\x47`, `\303\261`.
    Escapes,
    /// `&#45;`, `&nbsp;`.
    Entities,
    /// Letters that look like others, or like nothing; colours of terminals.
    Folded,
    /// `=2D`, and lines that end in `=`.
    Printable,
    /// `=?utf-8?q?Le=C3=B1a?=`.
    HeaderWord,
    /// Base64 of either alphabet.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// What `xxd` and `hexdump -C` print.
    Dump,
    /// Base64 of bytes that are not all text.
    Base64Bytes,
    /// `[53, 51, 54]`.
    Numbers,
    /// gzip.
    Gzip,
    /// zlib.
    Zlib,
    /// UTF-16, the lower byte first.
    Utf16Le,
    /// UTF-16, the higher byte first.
    Utf16Be,
}

/// Takes each decoded byte and where its encoded form stands.
pub(super) type Sink<'s> = dyn FnMut(u8, Range<usize>) + 's;

/// How a content decodes, and how a replacement is written inside it.
#[derive(Clone, Copy)]
pub(crate) enum Coding {
    /// Each letter by itself: a replacement takes the place of what it replaces.
    Parts {
        /// Decodes from the beginning, byte by byte.
        decode: fn(&[u8], &mut Sink<'_>),
        /// Writes a replacement so that the container stays what it is.
        encode: fn(&str, &mut String),
    },
    /// Each letter hangs on others: with a replacement all is written anew.
    Whole {
        /// Appends what `.0` decodes to, up to a length of `.1` in all; `None` if it is more.
        decode: fn(&[u8], usize, &mut Vec<u8>) -> Option<()>,
        /// Encodes `.1` in the way in which `.0` is; `None` where only a marker can stand in its place.
        encode: Anew,
    },
}

/// Encodes `.1` in the way in which `.0` is; `None` where only a marker can stand in its place.
type Anew = fn(&[u8], &[u8], &mut Vec<u8>) -> Option<()>;

/// Reads the letter at a place, if one is encoded there: the letter, if it stands for one, and its length in bytes.
type Letter = fn(&[u8], usize) -> Option<(Option<char>, usize)>;

/// A coding with its name.
pub(crate) struct Content {
    pub(crate) id: ContentId,
    /// What those read who ask why something was found.
    pub(crate) name: &'static str,
    pub(crate) coding: Coding,
}

impl Content {
    const fn parts(
        id: ContentId,
        name: &'static str,
        decode: fn(&[u8], &mut Sink<'_>),
        encode: fn(&str, &mut String),
    ) -> Self {
        Self { id, name, coding: Coding::Parts { decode, encode } }
    }

    const fn whole(
        id: ContentId,
        name: &'static str,
        decode: fn(&[u8], usize, &mut Vec<u8>) -> Option<()>,
        encode: Anew,
    ) -> Self {
        Self { id, name, coding: Coding::Whole { decode, encode } }
    }
}

/// All contents that decode.
pub(super) const CONTENTS: &[Content] = &[
    Content::parts(ContentId::Percent, "percent", percent::decode, percent::encode),
    Content::parts(ContentId::Form, "form", percent::decode_form, percent::encode),
    Content::parts(ContentId::JsonString, "json", json_string::decode_string, json_string::encode_string),
    Content::parts(ContentId::Escapes, "escapes", escapes::decode, escapes::encode),
    Content::parts(ContentId::Entities, "entities", entities::decode, entities::encode),
    Content::parts(ContentId::Folded, "look-alikes", folded::decode, folded::encode),
    Content::parts(ContentId::Printable, "quoted-printable", printable::decode, printable::encode),
    Content::parts(ContentId::HeaderWord, "header word", printable::decode_word, printable::encode_word),
    Content::whole(ContentId::Base64, "base64", base64::decode, base64::encode),
    Content::whole(ContentId::Hex, "hex", hex::decode, hex::encode),
    Content::whole(ContentId::Dump, "dump", dump::decode, dump::encode),
    Content::whole(ContentId::Base64Bytes, "base64", base64::decode_bytes, base64::encode_bytes),
    Content::whole(ContentId::Numbers, "bytes", numbers::decode, numbers::encode),
    Content::whole(ContentId::Gzip, "gzip", packed::decode_gzip, packed::encode_gzip),
    Content::whole(ContentId::Zlib, "zlib", packed::decode_zlib, packed::encode_zlib),
    Content::whole(ContentId::Utf16Le, "UTF-16", utf16::decode_le, utf16::encode_le),
    Content::whole(ContentId::Utf16Be, "UTF-16", utf16::decode_be, utf16::encode_be),
];

/// The content with this id.
pub(crate) fn content(id: ContentId) -> Option<&'static Content> {
    CONTENTS.iter().find(|content| content.id == id)
}

/// Maps ranges of what `encoded` decodes to back onto `encoded`, by decoding again: the clean path keeps no map.
/// The ranges are sorted and apart.
pub(crate) fn locate(id: ContentId, encoded: &[u8], views: &mut [Range<usize>]) {
    let whole = 0..encoded.len();
    let Some(Coding::Parts { decode, encode: _ }) = content(id).map(|content| content.coding) else {
        return views.fill(whole);
    };
    let mut at = 0;
    let mut current = 0;
    let mut found: Option<Range<usize>> = None;
    decode(encoded, &mut |_, source| {
        if let Some(view) = views.get_mut(current) {
            if view.contains(&at) {
                let start = found.as_ref().map_or(source.start, |range| range.start);
                found = Some(start..source.end);
            }
            if at + 1 >= view.end {
                // What cannot be mapped goes as a whole.
                *view = found.take().unwrap_or(0..encoded.len());
                current += 1;
            }
        }
        at += 1;
    });
    if let Some(rest) = views.get_mut(current..) {
        rest.fill(whole);
    }
}

/// Decodes letters that begin with one of `leads` and of which `read` makes a character, in so many bytes, or nothing at
/// all; other bytes stand for themselves.
pub(super) fn by_letter(encoded: &[u8], leads: fn(u8) -> bool, read: Letter, sink: &mut Sink<'_>) {
    let mut at = 0;
    while let Some(byte) = encoded.get(at) {
        match leads(*byte).then(|| read(encoded, at)).flatten() {
            Some((letter, len)) => {
                if let Some(letter) = letter {
                    let mut utf8 = [0; 4];
                    letter.encode_utf8(&mut utf8).bytes().for_each(|byte| sink(byte, at..at + len));
                }
                at += len;
            }
            None => {
                sink(*byte, at..at + 1);
                at += 1;
            }
        }
    }
}

/// The lines of `text` from the one with the byte at `first` to the one with that at `last`.
pub(super) fn lines_around(text: &[u8], first: usize, last: usize) -> Range<usize> {
    let start = memchr::memrchr(b'\n', text.get(..first).unwrap_or(&[])).map_or(0, |at| at + 1);
    let end = memchr::memchr(b'\n', text.get(last..).unwrap_or(&[])).map_or(text.len(), |at| last + at);
    start..end
}
