use super::*;

fn decoded(id: ContentId, encoded: &str) -> String {
    let mut bytes = Vec::new();
    match content(id).unwrap().coding {
        Coding::Parts { decode, .. } => decode(encoded.as_bytes(), &mut |byte, _| bytes.push(byte)),
        Coding::Whole { decode, .. } => decode(encoded.as_bytes(), 1 << 20, &mut bytes).unwrap(),
    }
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
        let Coding::Parts { encode, .. } = content(id).unwrap().coding else { panic!() };
        let mut out = String::new();
        encode(text, &mut out);
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

#[test]
fn escapes_map_back_byte_for_byte() {
    let encoded =
        r#"say \"\x53SN\" \u0035\u{33}\U00000036\055 Le\303\261a \xc3\xb1 \ud83d\ude00\n\e[1m \q \x4 C:\users"#;
    let text = decoded(ContentId::Escapes, encoded);
    assert_eq!(text, "say \"SSN\" 536- Le\u{f1}a \u{f1} \u{1f600}\n\u{1b}[1m \\q \\x4 C:\\users");
    assert_eq!(
        located(ContentId::Escapes, encoded, &["SSN", "536-", "Le\u{f1}a"]),
        vec![r"\x53SN", r"\u0035\u{33}\U00000036\055", r"Le\303\261a"]
    );
}

#[test]
fn references_map_back_byte_for_byte() {
    let encoded = "Maria&nbsp;Gonzalez &lt;m&#64;x.org&gt; 536&#45;22&#x2D;8147 Le&ntilde;a &nothing; & &; &#; 5&shy;3";
    assert_eq!(
        decoded(ContentId::Entities, encoded),
        "Maria Gonzalez <m@x.org> 536-22-8147 Le\u{f1}a &nothing; & &; &#; 53"
    );
    assert_eq!(
        located(ContentId::Entities, encoded, &["Maria Gonzalez", "m@x.org", "536-22-8147"]),
        vec!["Maria&nbsp;Gonzalez", "m&#64;x.org", "536&#45;22&#x2D;8147"]
    );
}

#[test]
fn look_alikes_fold() {
    for (text, folded) in [
        ("\u{ff13}\u{ff13}\u{ff11}\u{ff0d}\u{ff14}\u{ff12}", "331-42"),
        ("5\u{200b}36-2\u{200d}2\u{ad}-81\u{202e}47\u{feff}", "536-22-8147"),
        ("(512)\u{a0}555\u{2013}0142\u{202f}x", "(512) 555-0142 x"),
        ("\u{665}\u{663}\u{666}-\u{96f}\u{1d7d7}\u{2460}\u{b2}\u{2084}\u{24ea}", "536-991240"),
        ("5\u{fe0f}\u{20e3}3\u{336}6\u{336}", "536"),
        ("Mari\u{301}a Gonza\u{301}lez", "Maria Gonzalez"),
        ("m\u{430}ria.gonz\u{430}lez", "maria.gonzalez"),
        ("\u{1b}[33m536\u{1b}[0m-\u{1b}]8;;http://x\u{7}22", "536-22"),
        ("5\u{0}3\u{0}6", "536"),
        ("\u{1d400}\u{1d41a}\u{1d7ce}\u{e0035}", "Aa05"),
        ("O\u{2019}Brien \u{201c}x\u{201d}", "O'Brien \"x\""),
        // What looks like itself stays.
        (
            "\u{43c}\u{43e}\u{441}\u{43a}\u{432}\u{430} caf\u{e9} \u{6f22}\u{1f980}\u{200d}",
            "\u{43c}\u{43e}\u{441}\u{43a}\u{432}\u{430} caf\u{e9} \u{6f22}\u{1f980}",
        ),
    ] {
        assert_eq!(decoded(ContentId::Folded, text), folded, "{}", text.escape_unicode());
    }
    let text = "ssn 5\u{200b}36\u{2013}22-81\u{200d}47 ok";
    assert_eq!(located(ContentId::Folded, text, &["536-22-8147"]), vec!["5\u{200b}36\u{2013}22-81\u{200d}47"]);
}

#[test]
fn mail_maps_back_byte_for_byte() {
    let encoded = "mail maria=40example.org, 536=2D22=\r\n-8147 a=b =zz x=3D";
    assert_eq!(decoded(ContentId::Printable, encoded), "mail maria@example.org, 536-22-8147 a=b =zz x=");
    assert_eq!(
        located(ContentId::Printable, encoded, &["maria@example.org", "536-22-8147"]),
        vec!["maria=40example.org", "536=2D22=\r\n-8147"]
    );
    let padded = "key c3NuPTUzNi0yMi04MTQ3IGZvciBNYXJpYSA=\nworker=3D7";
    assert_eq!(decoded(ContentId::Printable, padded), padded.replace("=3D", "="));
    assert_eq!(decoded(ContentId::HeaderWord, "Lab_for_Le=C3=B1a"), "Lab for Le\u{f1}a");
}

#[test]
fn dumps_are_read_line_by_line() {
    for text in [
        "00000000: 7373 6e20 3533 362d 3232 2d38 3134 3720  ssn 536-22-8147 \n00000010: 6f6b                                     ok",
        "00000000  73 73 6e 20 35 33 36 2d  32 32 2d 38 31 34 37 20  |ssn 536-22-8147 |\n00000010  6f 6b   |ok|",
        "0000   73 73 6e 20 35 33 36 2d 32 32 2d 38 31 34 37 20   ssn 536-22-8147 \n0010   6f 6b",
    ] {
        assert_eq!(decoded(ContentId::Dump, text), "ssn 536-22-8147 ok", "{text}");
    }
}
