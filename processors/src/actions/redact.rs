//! The fixed marker.

/// Writes `[REDACTED:name]`.
pub(super) fn write(name: &str, out: &mut String) {
    out.push_str("[REDACTED:");
    out.push_str(name);
    out.push(']');
}
