use super::*;

fn mistakes(text: &str) -> Vec<String> {
    match Node::parse("f.yaml", text) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.sorted().iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn nodes_know_where_they_stand() {
    let root = Node::parse("f", "a: 1\nb:\n  - x\n  - 'true'\n").unwrap();
    let list = root.get("b").unwrap();
    assert_eq!(list.at, Position { line: 3, column: 3 });
    let Data::Sequence(items) = &list.data else { panic!() };
    assert_eq!(items[1].data, Data::Scalar("true".into(), false));
    assert_eq!(items[1].at, Position { line: 4, column: 5 });
}

#[test]
fn what_is_not_one_document_is_a_mistake() {
    assert_eq!(mistakes("a: 1\n---\nb: 2\n"), vec!["f.yaml:3:1: a second document: one file holds one"]);
    assert_eq!(mistakes("a: [1\n").len(), 1);
    assert_eq!(mistakes("a: 1\na: 2\n"), vec!["f.yaml:2:1: `a` stands here again: the first is in line 1"]);
    assert!(mistakes("").is_empty());
}

#[test]
fn aliases_are_bounded() {
    assert!(mistakes("a: &x [1, 2]\nb: *x\n").is_empty());
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..8 {
        let inner = format!("*a{}", level - 1);
        text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![inner; 10].join(", ")));
    }
    assert!(mistakes(&text).iter().any(|mistake| mistake.contains("too much")));
}

#[test]
fn every_mistake_of_a_mapping_is_found_at_once() {
    let root = Node::parse("f", "pattern: [1]\nedge: digit\nconfidense: low\nflag: maybe\n").unwrap();
    let mut mistakes = Mistakes::default();
    let mut fields = Fields::open("f", &root, &mut mistakes);
    assert_eq!(fields.text("pattern", &mut mistakes), None);
    assert_eq!(fields.text("edge", &mut mistakes).unwrap().0, "digit");
    assert_eq!(fields.boolean("flag", &mut mistakes), None);
    fields.require("id", &mut mistakes);
    fields.take("confidence");
    fields.finish(&mut mistakes);
    let found: Vec<String> = mistakes.sorted().iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        vec![
            "f:1:1: `id` is missing",
            "f:1:10: `pattern` takes a text, found a list",
            "f:3:1: unknown key `confidense`: did you mean `confidence`?",
            "f:4:7: `flag` takes true or false",
        ]
    );
}
