//! Hardware addresses (IEEE 802).

use super::{Validator, exactly};

/// Six pairs of hexadecimal digits that are not one pair six times over.
pub(super) const MAC: Validator = Validator {
    name: "mac",
    about: "six hexadecimal pairs, neither all zero nor all alike",
    longest: None,
    check: |text, _| mac(text),
};

fn mac(text: &[u8]) -> bool {
    let hex = text.iter().filter(|byte| byte.is_ascii_hexdigit()).map(u8::to_ascii_lowercase);
    exactly::<12>(hex).is_some_and(|hex| hex.chunks(2).any(|pair| Some(pair) != hex.get(..2)))
}
