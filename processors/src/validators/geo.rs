//! Positions on the globe.

use super::Validator;

/// A decimal degree within the globe. Three decimals place a person within a hundred metres.
pub(super) const COORDINATE: Validator = Validator {
    name: "coordinate",
    about: "a decimal degree between -180 and 180",
    longest: None,
    check: |text, _| {
        std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.trim().parse::<f64>().ok())
            .is_some_and(|degrees| degrees.is_finite() && degrees.abs() <= 180.0)
    },
};
