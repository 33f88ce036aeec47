use super::*;

fn decoded(id: ContentId, encoded: &str) -> String {
    let mut bytes = Vec::new();
    (content(id).unwrap().decode)(encoded.as_bytes(), &mut |byte, _| bytes.push(byte));
    String::from_utf8(bytes).unwrap()
}

/// What of `encoded` the ranges of the decoded text map back to.
fn located(id: ContentId, encoded: &str, parts: &[&str]) -> Vec<String> {
    let text = decoded(id, encoded);
    let mut views: Vec<Range<usize>> =
        parts.iter().map(|part| text.find(part).map(|at| at..at + part.len()).unwrap()).collect();
    locate(id, encoded.as_bytes(), &mut views);
    views.into_iter().map(|range| encoded[range].to_owned()).collect()
}

#[test]
fn percent_maps_back_byte_for_byte() {
    assert_eq!(decoded(ContentId::Percent, "a%40b%zz%4"), "a@b%zz%4");
    assert_eq!(decoded(ContentId::Form, "q=a+b%2Bc"), "q=a b+c");
    assert_eq!(
        located(ContentId::Percent, "x=%C3%A9t%C3%A9%40b&y=%31", &["\u{e9}t\u{e9}@b", "1"]),
        vec!["%C3%A9t%C3%A9%40b", "%31"]
    );
}

#[test]
fn json_strings_map_back_byte_for_byte() {
    let encoded = r#"say \"\u0053SN\" \ud83d\ude00\n\u00e9 end\\"#;
    assert_eq!(decoded(ContentId::JsonString, encoded), "say \"SSN\" \u{1f600}\n\u{e9} end\\");
    assert_eq!(
        located(ContentId::JsonString, encoded, &["SSN", "\u{1f600}", "\u{e9}"]),
        vec![r"\u0053SN", r"\ud83d\ude00", r"\u00e9"]
    );
    assert_eq!(decoded(ContentId::JsonString, r"\ud83d \x \u12"), "\u{FFFD} \\x \\u12");
}

#[test]
fn replacements_are_written_so_that_the_container_stays_whole() {
    let encoded = |id, text| {
        let mut out = String::new();
        (content(id).unwrap().encode)(text, &mut out);
        out
    };
    assert_eq!(encoded(ContentId::Percent, "[REDACTED:ssn]"), "%5BREDACTED%3Assn%5D");
    assert_eq!(encoded(ContentId::JsonString, "a\"b\\c\n\u{1}"), "a\\\"b\\\\c\\n\\u0001");
}

#[test]
fn what_cannot_be_mapped_goes_as_a_whole() {
    let mut views = vec![10..12];
    locate(ContentId::Percent, b"abc", &mut views);
    assert_eq!(views, vec![0..3]);
}
