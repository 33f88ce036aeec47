//! The last characters stay.

/// The most characters a mask leaves.
const MOST: usize = 4;

/// Writes `text` with every letter and digit but the last `keep` as `*`. At most a quarter stays, so that a short
/// text is not left whole; what stands between letters and digits stays, so that the shape can be told.
pub(super) fn write(keep: u8, text: &[u8], out: &mut String) {
    let text = String::from_utf8_lossy(text);
    let total = text.chars().filter(|char| char.is_alphanumeric()).count();
    let keep = usize::from(keep).min(MOST).min(total / 4);
    let mut left = total;
    for char in text.chars() {
        if !char.is_alphanumeric() {
            out.push(char);
            continue;
        }
        out.push(if left > keep { '*' } else { char });
        left -= 1;
    }
}
