//! What goes of messages between institutions, and what stays. `_` stands for a replacement.

use crate::{RULES, TODAY};
use processors::{Format, Scrubber};

pub(crate) fn scrubbed(text: &str) -> String {
    let out = Scrubber::new(&RULES).unwrap().scrub(&text.to_owned().into(), Format::Text, TODAY).unwrap();
    let mut rest = std::str::from_utf8(out.bytes()).unwrap();
    let mut short = String::new();
    while let Some((before, marker)) = rest.split_once("[REDACTED:") {
        short.push_str(before);
        short.push('_');
        rest = marker.split_once(']').unwrap().1;
    }
    short + rest
}

pub(crate) fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(scrubbed(text), *expected, "{text}");
    }
}

#[test]
fn hl7_fields_go_by_segment_and_position() {
    check(&[
        (
            "PID|1||MX269565^^^^MR~536228147^^^USSSA^SS||Kupov\u{e1}^Liliana^B^JR||19720425|F|||12 OAK LN^APT 4^RENO^NV^89501^USA||^PRN^PH^^1^775^5550142",
            "PID|1||_^^^^MR~_^^^USSSA^SS||_^_^_^_||_|F|||_^_^_^NV^_^USA||^PRN^PH^^1^775^_",
        ),
        ("rx PV1|1|I|4W^412^1||||1077940027^OLSON^RYAN", "rx PV1|1|I|4W^412^1||||1077940027^_^_"),
        (
            "OBX|1|NM|2345-7^GLU^LN||182|mg/dL|70-105|H|||F|||20260105",
            "OBX|1|NM|2345-7^GLU^LN||182|mg/dL|70-105|H|||F|||_",
        ),
        ("OBX|2|XPN|X^Contact||HADDAD^CARLOS||||||F", "OBX|2|XPN|X^Contact||_^_||||||F"),
        ("OBX|3|DT|X^Onset||20260105||||||F", "OBX|3|DT|X^Onset||_||||||F"),
        ("QPD|IHE PIX^Q|Q1|441529903^^^HOSP^MR|@PID.5.1^NOVAK", "QPD|IHE PIX^Q|Q1|_^^^_^_|@PID.5.1^_"),
        ("ZPT|1|441529903|3305550120|Y", "ZPT|1|_|_|Y"),
        // One field to the left of where it belongs.
        (
            "IN1|1|PLAN01|CIGNA|PPO||||918676710|||||||YAMAZAKI^YOKO|SELF|20100322",
            "IN1|1|PLAN01|CIGNA|PPO||||_|||||||_^_|_|_",
        ),
        ("NK1|1||SPO^Spouse", "NK1|1||SPO^Spouse"),
    ]);
}

#[test]
fn hl7_is_found_wherever_it_stands() {
    check(&[
        (
            r"send \x0bMSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.5\rPID|1||25392362\r\x1c\r bytes=88",
            r"send \x0bMSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.5\rPID|1||_\r\x1c\r bytes=88",
        ),
        ("MSH|$%~&|A|B\rPID|1||7103412457$$$HOSP$MR||BURTIN$KARIE", "MSH|$%~&|A|B\rPID|1||_$$$HOSP$MR||_$_"),
        (r#"{"msg":"PID|1||7103412457\rPV1|1|O","ok":true}"#, r#"{"msg":"PID|1||_\rPV1|1|O","ok":true}"#),
        (r#"raw="PID|1||7103412457" status=ok"#, r#"raw="PID|1||_" status=ok"#),
        ("PID|1||7103412457 status=ok", "PID|1||_ status=ok"),
        ("body=PID%7C1%7C%7C7103412457%5E%5E%5EHOSP", "body=PID%7C1%7C%7C%5BREDACTED%3Amrn%5D%5E%5E%5EHOSP"),
    ]);
}

#[test]
fn what_only_looks_like_a_segment_stays() {
    for text in [
        "PID|USER|CPU",
        "a|PID|1||x",
        "ps: PID|1|",
        "level|INFO|2026-01-05|started in 12 ms",
        "x = N1*N2*3; y = HI*2",
        "RAPID|1||5",
        "REF*",
        "N3*6 left",
        "MSH|",
        "\u{1c}CA",
        "\u{1c}",
        "ZZZ|a|b",
        "SELECT a || b FROM c",
        "| a | b | 20260105 |",
    ] {
        assert_eq!(scrubbed(text), text);
    }
}

#[test]
fn x12_elements_go_by_segment_and_qualifier() {
    check(&[
        (
            "NM1*IL*1*WALBERT*TYLER*R***MI*CFI020584305~N3*6908 HOLLIS ST~N4*RENO*NV*89501~DMG*D8*19490611*F~",
            "NM1*IL*1*_*_*_***MI*_~N3*_~N4*_*NV*_~DMG*D8*_*F~",
        ),
        (
            "NM1*PR*2*ACME HEALTH*****PI*12345~N3*1 PLAZA~N4*RENO*NV*89501~NM1*82*1*OLSON*RYAN****XX*1077940027~",
            "NM1*PR*2*ACME HEALTH*****PI*12345~N3*1 PLAZA~N4*RENO*NV*89501~NM1*82*1*_*_****XX*1077940027~",
        ),
        ("REF*SY*358445998~REF*EA*ZZ11053303~REF*X4*05D0000000~", "REF*SY*_~REF*EA*_~REF*X4*05D0000000~"),
        ("PER*IC*JO LANGE*TE*7755550142*FX*7755550143*EM*jo@example.org~", "PER*IC*_*TE*_*FX*_*EM*_~"),
        (
            "CLM*ACC-124*5865.30***11:B:1*Y*A*Y*Y~DTP*472*RD8*20231125-20231127~HI*ABK:E119~",
            "CLM*_*5865.30***11:B:1*Y*A*Y*Y~DTP*472*RD8*_~HI*ABK:E119~",
        ),
        ("HI*BH:11:D8:20260105~", "HI*BH:11:D8:_~"),
        ("999: IK4*2*1251*8*08021969~ done", "999: IK4*2*1251*8*_~ done"),
        ("REF*SY*358445998\nDMG*D8*19490611*F\n", "REF*SY*_\nDMG*D8*_*F\n"),
        ("NM1|IL|1|WALBERT|TYLER~N3|6908 HOLLIS ST~", "NM1|IL|1|_|_~N3|_~"),
        (
            "rejected: CLM*ACC-124*412.00 subscriber NM1*IL*1*WALBERT*TYLER****MI*CFI020584305~",
            "rejected: CLM*_*412.00 subscriber NM1*IL*1*_*_****MI*_~",
        ),
    ]);
}

#[test]
fn pharmacies_fields_go_by_name() {
    check(&[(
        "D0: \u{1e}AM01\u{1c}C419580314\u{1c}C52\u{1c}CAMARIA\u{1c}CBGONZALEZ\u{1c}CM12 OAK LN\u{1c}CP89501\u{1e}AM04\u{1c}C2W12345678 rsp=R",
        "D0: \u{1e}AM01\u{1c}C4_\u{1c}C52\u{1c}CA_\u{1c}CB_\u{1c}CM_\u{1c}CP_\u{1e}AM04\u{1c}C2_ rsp=R",
    )]);
}
