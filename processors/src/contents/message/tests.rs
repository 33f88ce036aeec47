use super::{pair, segment_end};

#[test]
fn segments_end_with_their_line() {
    for (text, expected) in [
        ("PID|1||7\rPV1|1", "PID|1||7"),
        (r"PID|1||7\rPV1|1", "PID|1||7"),
        (r"PID|1||7\x0dPV1|1", "PID|1||7"),
        (r#"PID|1||""|7" status=ok"#, r#"PID|1||""|7"#),
        ("PID|1||7 bytes=88", "PID|1||7"),
        ("NTE|1||see a=b|7", "NTE|1||see a=b|7"),
        ("REF*SY*7~N3*x", "REF*SY*7"),
        ("", ""),
    ] {
        let end = segment_end(text.as_bytes(), 0, b'|', Some(b'~'));
        assert_eq!(&text[..end], expected, "{text}");
    }
}

#[test]
fn pairs_are_told_from_text() {
    assert_eq!(pair(b"a key=1", 0), Some(1));
    assert_eq!(pair(b"a b c=1", 2), Some(3));
    assert_eq!(pair(b"a (b=1", 0), None);
    assert_eq!(pair(b"a=1", 0), None);
}
