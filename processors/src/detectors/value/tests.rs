use super::*;

/// The value behind the key that ends at `^`.
fn value(text: &str, identifier: Identifier) -> Option<String> {
    let at = text.find('^').unwrap();
    let text = text.replacen('^', "", 1);
    let joint = joint(text.as_bytes(), at)?;
    let (from, to) = extent(text.as_bytes(), joint, identifier)?;
    Some(text[from..to].to_owned())
}

#[test]
fn values_end_where_their_quoting_says() {
    for (text, identifier, expected) in [
        ("ssn^=536-22-8147 ok", Identifier::G, Some("536-22-8147")),
        (r#""ssn^":"536-22-8147","x":1"#, Identifier::G, Some("536-22-8147")),
        (r#"\"ssn^\": \"536\", \"x\":1"#, Identifier::G, Some("536")),
        ("'last^': 'Tanaka', 'ok': 1", Identifier::A, Some("Tanaka")),
        ("<Surname^>Nguyen</Surname>", Identifier::A, Some("Nguyen")),
        ("</hl:Patient^> stored by worker 7", Identifier::A, None),
        (r"<\/Patient^> stored by worker 7", Identifier::A, None),
        ("</dob></Patient^>", Identifier::A, None),
        ("<Notes^><![CDATA[ssn 1]]></Notes>", Identifier::A, Some("<![CDATA[ssn 1]]>")),
        ("name^=Maria Gonzalez, mrn=1", Identifier::A, Some("Maria Gonzalez")),
        ("[PatientName^] = Ingrid Raghavan", Identifier::A, Some("Ingrid Raghavan")),
        ("name^=Maria Status=ok", Identifier::A, Some("Maria")),
        ("name^: Gonzalez, Maria", Identifier::A, Some("Gonzalez, Maria")),
        ("family^: \"Gonzalez\" }", Identifier::A, Some("Gonzalez")),
        ("Key (ssn^)=(491-45-6138) already", Identifier::G, Some("491-45-6138")),
        ("dob^=Jul 4 61 ok", Identifier::C, Some("Jul 4 61")),
        ("dob^=datetime.date(1958, 3, 14), a=1", Identifier::C, Some("datetime.date(1958, 3, 14)")),
        ("DOB^: March 14, 1958 and", Identifier::C, Some("March 14, 1958")),
        ("phone^=(512) 555-0142 ok", Identifier::D, Some("(512) 555-0142")),
        ("phone^: 303 555 0117 after", Identifier::D, Some("303 555 0117")),
        ("a_name^=Yelena&last=x", Identifier::A, Some("Yelena")),
        ("lastName^\":\"Gonza", Identifier::A, Some("Gonza")),
        (r#"patient^="Ingrid \"Mia\" S" dob=1"#, Identifier::A, Some(r#"Ingrid \"Mia\" S"#)),
        (r#"\"patient^=\\\"Ingrid Tanaka\\\", dob=1\""#, Identifier::A, Some("Ingrid Tanaka")),
        ("name^ \"Ngozika Haddad\" EX", Identifier::A, Some("Ngozika Haddad")),
        ("binding^ <- [579-66-4965]", Identifier::G, Some("579-66-4965")),
        (r#""ref^": ["A-7","B-8"], "x": 1"#, Identifier::R, Some(r#"A-7","B-8"#)),
        ("patient^ {", Identifier::A, None),
        ("patient^: {", Identifier::A, None),
        ("last_name^ = N'Gonzalez' AND", Identifier::A, Some("Gonzalez")),
        ("last_name^=E'Gonz\\'alez', 1", Identifier::A, Some("Gonz\\'alez")),
        ("last_name^ = q'[O'Brien]' AND", Identifier::A, Some("O'Brien")),
        ("last_name^ = nq'!O'Brien!' AND", Identifier::A, Some("O'Brien")),
        ("name^=b'Maria' ok", Identifier::A, Some("Maria")),
        ("name^=Nadia Q", Identifier::A, Some("Nadia Q")),
        ("?given^=Wim 200 12ms", Identifier::A, Some("Wim")),
        ("?given^=Wim HTTP/1.1\" 200", Identifier::A, Some("Wim")),
        ("?city^=Elgin 404 3ms", Identifier::B, Some("Elgin")),
        ("?city^=Elgin 404", Identifier::B, Some("Elgin")),
        ("address^=200 Elm 300 12", Identifier::B, Some("200 Elm 300 12")),
        ("FirstName^ = Paloma, LastName = Ruiz", Identifier::A, Some("Paloma")),
        ("last_name^ = $1 AND dob = $2", Identifier::A, Some("$1")),
        ("patient^: Maria Gonzalez MRN 12", Identifier::A, Some("Maria Gonzalez")),
        ("name^: HumanName { given: x }", Identifier::A, None),
        (r#"first_name^"]=> string(6) "Paloma" ["#, Identifier::A, Some("Paloma")),
        (r#"given^: Some("Wim"), family"#, Identifier::A, Some("Wim")),
        (r#"dob^: ISODate("1974-11-30") }"#, Identifier::C, Some("1974-11-30")),
        (r#"<property name="lastName^" value="Mensah"/>"#, Identifier::A, Some("Mensah")),
        (r#"<add key="MemberId^" value="W44" />"#, Identifier::I, Some("W44")),
        (r#"<Data Name="PatientName^">Kojo Mensah</Data>"#, Identifier::A, Some("Kojo Mensah")),
        (r#"<label for="lastName^">Last name</label>"#, Identifier::A, None),
        (r#"<a:Attribute Name="urn:x/surname^"> <a:V t="s">Mensah</a:V>"#, Identifier::A, Some("Mensah")),
        (r#"<col name="mrn^"><br/>12"#, Identifier::H, None),
        ("[('mrn^', '00482913'), ('x', 'y')]", Identifier::H, Some("00482913")),
        ("'mrn^', status", Identifier::H, None),
        ("memberId^={S: M00918273}, v={N: 3}", Identifier::I, Some("M00918273")),
        ("mrn^=00482913/dt=2026-01-05/part-1.parquet", Identifier::H, Some("00482913")),
        ("dob^=03/14/1958&x=1", Identifier::C, Some("03/14/1958")),
        (r#"<label for="lastName^" value="x">"#, Identifier::A, None),
        ("address^ = Address(street = 2208 Elm St, city = X)", Identifier::B, None),
        (r#"patient^ = t("label.patient")"#, Identifier::A, Some(r#"t("label.patient")"#)),
        ("plate^: KLM 4821 seen", Identifier::L, Some("KLM 4821")),
        ("plate^=7ABC123 STOP 12", Identifier::L, Some("7ABC123")),
        ("plate^=KLM took=12ms", Identifier::L, Some("KLM")),
        ("ssn^ is", Identifier::G, None),
        ("ssn^", Identifier::G, None),
        ("ssn^=", Identifier::G, None),
        ("ssn^= ", Identifier::G, None),
    ] {
        assert_eq!(value(text, identifier).as_deref(), expected, "{text}");
    }
}
