use super::*;

/// The literals of a statement, with their columns.
fn read(text: &str, all: bool) -> Vec<String> {
    let mut found = Vec::new();
    if !all {
        quoted(text.as_bytes(), &mut found);
    } else if commands::is_command(text.as_bytes()) {
        commands::literals(text.as_bytes(), &mut found);
    } else {
        literals::read(text.as_bytes(), 0..text.len(), true, &mut found);
    }
    let column = |literal: &Literal| literal.column.clone().map_or("-", |column| &text[column]).to_owned();
    found.iter().map(|literal| format!("{}={}", column(literal), &text[literal.range.clone()])).collect()
}

#[test]
fn all_literals_of_a_statement_go_but_what_counts() {
    for (text, expected) in [
        ("SELECT id FROM p WHERE ssn = '1' AND age > 40 LIMIT 10 OFFSET 20", vec!["ssn=1", "age=40"]),
        ("select * from p where id in (1, 'b') order by 1 limit 5", vec!["id=1", "id=b"]),
        ("SELECT 1", vec![]),
        ("SELECT TOP 5 a FROM t WHERE b = N'x'", vec!["b=x"]),
        ("SELECT a FROM \"t\" WHERE \"t\".\"b\" = $1 AND \"c\" = \"x\"", vec!["c=x"]),
        ("UPDATE o SET c = \"2019\", g = 30.28", vec!["c=2019", "g=30.28"]),
        ("CREATE TABLE t (n VARCHAR(255), d DECIMAL(10,2))", vec![]),
        ("SELECT a WHERE t > now() - INTERVAL '7 days'", vec![]),
        ("SELECT a /* for Maria */ FROM t -- x", vec!["-=for Maria", "-=x"]),
        ("SELECT a /*+ INDEX(t) */ FROM t /*traceparent='00-1',route='/a'*/", vec![]),
        ("EXEC p @a = 'x', @b = 7", vec!["p=x", "p=7"]),
        ("SELECT a FROM t WHERE n = 'x\\' OR m = 'y", vec!["-=x\\' OR m = 'y"]),
        ("query { patient(ssn: \"2\", first: 10) { id } }", vec!["ssn=2"]),
        ("MATCH (p:Patient {mrn: '7'}) RETURN p", vec!["mrn=7"]),
        ("SELECT '7' AS mrn, 'Wim' AS first_name FROM t", vec!["mrn=7", "first_name=Wim"]),
    ] {
        assert_eq!(read(text, true), expected, "{text}");
    }
}

#[test]
fn a_text_that_a_statement_selects_has_a_name_behind_it() {
    assert_eq!(read("ran SELECT '7' AS mrn, 'Wim' AS first_name FROM t; ok", false), ["mrn=7", "first_name=Wim"]);
    assert!(read("Select 'Next' as the default action from the menu", false).is_empty());
}

#[test]
fn values_that_logs_list_beside_a_statement_go() {
    for (text, expected) in [
        ("DETAIL:  parameters: $1 = 'Gonzalez', $2 = '1958-03-14'", vec!["Gonzalez", "1958-03-14"]),
        ("Parameters: $1 = 'O''Brien', $2 = NULL, $3 = 'x'", vec!["O''Brien", "x"]),
        ("parameters: $1 = 'cut off", vec!["cut off"]),
        ("parameters: none", vec![]),
        ("parameters: $1 = '', $2 = 'b'", vec!["b"]),
    ] {
        let mut found = Vec::new();
        parameters(text.as_bytes(), &mut found);
        let found: Vec<_> = found.iter().map(|literal| &text[literal.range.clone()]).collect();
        assert_eq!(found, expected, "{text}");
    }
    for (text, expected) in [
        ("binding parameter [1] as [VARCHAR] - [Maria [x] G]", vec!["Maria [x] G"]),
        ("binding parameter (1:DATE) <- [1958]\nbinding parameter (2:VARCHAR) <- [x]\n", vec!["1958", "x"]),
        ("binding parameter [1] as [VARCHAR] - [cut off", vec!["cut off"]),
        ("binding parameter missing", vec![]),
    ] {
        let mut found = Vec::new();
        bindings(text.as_bytes(), &mut found);
        let found: Vec<_> = found.iter().map(|literal| &text[literal.range.clone()]).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn texts_of_statements_in_prose_go() {
    for (text, expected) in [
        ("ERROR: bad [SELECT a FROM t WHERE n = 'x' AND k = 5]; it's 'fine'", vec!["n=x", "k=5"]),
        ("STATEMENT:  INSERT INTO p(a) VALUES ('x','y')", vec!["-=x", "-=y"]),
        ("run \"select * from p where n like '%x%'\" took 'long'", vec!["n=%x%"]),
        ("SELECT a FROM t WHERE b = $1 didn't finish, user's page 'x'", vec![]),
        ("please select one from the 'list'", vec![]),
        ("UPDATE t SET a = 'x' LIMIT 5\nmsg='y' n=7\n", vec!["a=x"]),
        ("SELECT a,\n  b\nFROM t\nWHERE c = 'x'\n  AND d IN (\n'y',\n5)\nuser='z'", vec!["c=x", "d=y", "d=5"]),
        ("EXEC p @a = 'x',\n  @b = 'y'\n, @c = 'z'", vec!["p=x", "p=y", "p=z"]),
        ("EXEC dbo.p\n  @a = 'x'\nuser='y'", vec!["dbo.p=x"]),
        ("INSERT INTO t\n(a)\nVALUES\n('x')\n, ('y')\n[2] it = 'z'", vec!["-=x", "-=y"]),
        ("run \"UPDATE t SET a = 'x'\nb = 'y'\" k='z'", vec!["a=x", "b=y"]),
        ("update failed: can't set 'x'", vec![]),
        ("delete from cart = 'x' isn't sql", vec!["cart=x"]),
    ] {
        assert_eq!(read(text, false), expected, "{text}");
    }
}

#[test]
fn commands_keep_what_they_do() {
    for (text, expected) in [
        ("SET patient:347-57-9969:name \"N H\" EX 3600", vec!["-=347-57-9969", "-=N H"]),
        ("GET session:v2:abc123", vec!["-=abc123"]),
        ("HSET k f1 v f2 w", vec!["-=v", "-=w"]),
        ("ZADD k NX CH 5 m 6 n", vec!["-=m", "-=n"]),
        ("AUTH u p", vec!["-=u", "-=p"]),
        ("LRANGE list 0 10\nSET a b", vec!["-=b"]),
        ("set key 0 0 5\r\nvalue\r\n", vec!["-=value"]),
        ("GET 4829131", vec!["-=4829131"]),
    ] {
        assert!(commands::is_command(text.as_bytes()), "{text}");
        assert_eq!(read(text, true), expected, "{text}");
    }
    for text in ["SET x = 1", "SET NAMES utf8", "SELECT 1", "SET search_path TO a", "", "find"] {
        assert!(!commands::is_command(text.as_bytes()), "{text}");
    }
}
