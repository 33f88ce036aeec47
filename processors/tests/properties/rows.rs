//! What goes of rows of tables. `_` stands for a replacement.

use crate::messages::{check, scrubbed};

#[test]
fn a_heading_says_what_is_below_it() {
    check(&[
        (
            "mrn,last_name,visits,note\n100234,Okafor,3,stable\n7,lee,1,ok\n",
            "mrn,last_name,visits,note\n_,_,3,stable\n_,_,1,ok\n",
        ),
        ("MRN\tPatient Name\tStatus\n100234\tokafor, ada\topen\n", "MRN\tPatient Name\tStatus\n_\t_\topen\n"),
        (
            "\"ssn\",\"dob\",\"paid\"\n\"536-22-8147\",\"1958-03-14\",\"12.50\"",
            "\"ssn\",\"dob\",\"paid\"\n\"_\",\"_\",\"12.50\"",
        ),
        // Another width: no row of this table.
        ("mrn,last_name,visits\nall,done\n", "mrn,last_name,visits\nall,done\n"),
        ("id,status,count\n100234,open,3\n", "id,status,count\n100234,open,3\n"),
    ]);
}

#[test]
fn a_row_about_a_person_is_known_by_its_cells() {
    check(&[
        ("53247807,Grigorescu,Djatamo,1998-05-22,M,860-759-5545,x,Atwood,CO,80722", "_,_,_,_,M,_,x,_,CO,_"),
        ("row 181 rejected: 6NP7ND2HQ57|ZORZI|CHANTELL|20221014|97453|2832.64", "row 181 rejected: _|_|_|_|_|2832.64"),
        ("key=1 value=\"Nelson, Shanika|19530922|F\" ok", "key=1 value=\"_|_|F\" ok"),
        ("\"Powell, Olga\",\"10/26/1944\",\"024-90-1367\",\"E11.9\",402.59", "\"_\",\"_\",\"_\",\"E11.9\",402.59"),
        // A row ends where what it stands in goes on.
        (
            "{\"n\":\"53247807,Grigorescu,Djatamo,1998-05-22,M,860-759-5545\",\"retry\":2}",
            "{\"n\":\"_,_,_,_,M,_\",\"retry\":2}",
        ),
        (
            "{\"level\":\"info\",\"n\":\"53247807|Grigorescu|Djatamo|1998-05-22|M\",\"a\":\"b, c, d\"}",
            "{\"level\":\"info\",\"n\":\"_|_|_|_|M\",\"a\":\"b, c, d\"}",
        ),
        ("level=info note=53247807,Grigorescu,Djatamo,M,1998-05-22 retry=2", "level=info note=_,_,_,M,_ retry=2"),
        ("<note>53247807,Grigorescu,Djatamo,M,1998-05-22</note>", "<note>_,_,_,M,_</note>"),
        ("a=1&row=53247807,Grigorescu,Djatamo,M,1998-05-22&page=2", "a=1&row=_,_,_,M,_&page=2"),
        ("no match [Patient: Nakamura, Reiko | 08/17/1955 | 00771204]", "no match [Patient: _ | _ | _]"),
        ("Ok\u{e1}for | 12 Oak Ln | Reno | NV | 89501", "_ | _ | _ | NV | _"),
    ]);
}

#[test]
fn other_rows_stay() {
    for text in [
        "2026-01-05,INFO,Main,12345678,started",
        "2026-01-05 10:00:00,123,WARN  Foo,Bar,12345",
        "GET,/api/v1/items,200,12345,0.004",
        "us-east-1,Prod,Checkout,97453,3",
        "Alpha,Beta,Gamma,10.0.0.12,2026-01-05",
        "a,b,c",
        "||||",
        ",,,",
        "Foo, Bar, and Baz went 12345 ways",
        "{\"msg\":\"Alpha, Beta, Gamma went 12345 ways\",\"retry\":2}",
        "{\"tags\":\"us-east-1,Prod,Checkout,97453,3\",\"retry\":2}",
        "<a>us-east-1,Prod,Checkout,97453,3</a>",
        "{\"a\":1,\"Name\":2,\"c\":\"2026-01-05\"}",
        "commit 1a2b3c4,Fix Typo,2026-01-05,main",
    ] {
        assert_eq!(scrubbed(text), text);
    }
}
