//! Mends what should be UTF-8 and is not.

/// Rewrites `text` in place as valid UTF-8 and blanks what is left over at the end; returns the new length. Bytes that
/// encode nothing go. Overlong forms of ASCII (`C0 AD` for `-`) become what lenient readers take them for.
pub(super) fn mend(text: &mut [u8]) -> usize {
    let mut write = 0;
    let mut read = 0;
    while read < text.len() {
        let rest = text.get(read..).unwrap_or(&[]);
        let valid = match std::str::from_utf8(rest) {
            Ok(_) => rest.len(),
            Err(error) => error.valid_up_to(),
        };
        text.copy_within(read..read + valid, write);
        read += valid;
        write += valid;
        if let Some((ascii, len)) = text.get(read..).and_then(overlong) {
            if let Some(slot) = text.get_mut(write) {
                *slot = ascii;
            }
            write += 1;
            read += len;
        } else {
            read += 1;
        }
    }
    let write = write.min(text.len());
    if let Some(rest) = text.get_mut(write..) {
        rest.fill(super::SEPARATOR);
    }
    write
}

/// The ASCII character that an overlong form of two, three or four bytes stands for.
fn overlong(bytes: &[u8]) -> Option<(u8, usize)> {
    let tail = |byte: u8| (byte & 0xC0 == 0x80).then_some(byte & 0x3F);
    match *bytes {
        [lead @ (0xC0 | 0xC1), low, ..] => Some(((lead & 1) << 6 | tail(low)?, 2)),
        [0xE0, mid @ (0x80 | 0x81), low, ..] => Some(((mid & 1) << 6 | tail(low)?, 3)),
        [0xF0, 0x80, mid @ (0x80 | 0x81), low, ..] => Some(((mid & 1) << 6 | tail(low)?, 4)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    fn mended(text: &[u8]) -> String {
        let mut text = text.to_vec();
        let len = super::mend(&mut text);
        assert!(text[len..].iter().all(|byte| *byte == 0));
        String::from_utf8(text[..len].to_vec()).unwrap()
    }

    #[test]
    fn nothing_hides_in_what_is_no_utf8() {
        assert_eq!(mended(b"386-\xFF71-2904"), "386-71-2904");
        assert_eq!(mended(b"386\xC0\xAD71\xE0\x80\xAD2904"), "386-71-2904");
        assert_eq!(mended(b"a\xED\xA0\x80b"), "ab");
        assert_eq!(mended(b"\xC3"), "");
        assert_eq!(mended("caf\u{e9} \u{1F600}\u{fffd}".as_bytes()), "caf\u{e9} \u{1F600}\u{fffd}");
        assert_eq!(mended(b"x\xF0\x80\x80\xADy\x80"), "x-y");
    }
}
