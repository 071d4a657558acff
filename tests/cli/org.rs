//! `secboard org`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use insta::assert_snapshot;

use crate::harness::Board;

/// A board with a small bank and an empty company.
fn board() -> Board {
    let board = Board::new();
    board.run("department create Finance --company acme-bank").ok();
    board.run("position create 'Head of Finance' --company acme-bank --department Finance").ok();
    board.run("position create Analyst --company acme-bank --parent-position 'Head of Finance'").ok();
    board
        .run("department create Treasury --company acme-bank --parent-position 'Head of Finance' --color '#4477aa'")
        .ok();
    board.run("user edit ada@acme.example --department Finance --position 'Head of Finance'").ok();
    let olena =
        "user create --email olena@acme.example --first-name Олена --last-name 'O\"Neil' --company acme-bank";
    board.run(&format!("{olena} --department Treasury")).ok();
    board.run("company create Globex").ok();
    board
}

#[test]
fn a_chart_is_a_tree_of_companies_departments_positions_and_people() {
    let board = board();
    assert_snapshot!(board.run("org chart"), @r#"
    Acme Bank
    └── Finance
        └── (Head of Finance)
            ├── Ada Admin <ada@acme.example>
            ├── (Analyst)
            └── Treasury
                └── Олена O"Neil <olena@acme.example>
    Globex
    "#);
    assert_snapshot!(board.run("org chart --company ACME-bank --no-people"), @"
    Acme Bank
    └── Finance
        └── (Head of Finance)
            ├── (Analyst)
            └── Treasury
    ");
}

#[test]
fn programs_get_a_document_or_a_company_a_line() {
    let board = board();
    assert_snapshot!(board.run("org chart --company acme-bank -o json"), @r##"
    {
      "company": "Acme Bank",
      "people": [],
      "departments": [
        {
          "name": "Finance",
          "color": null,
          "people": [],
          "positions": [
            {
              "name": "Head of Finance",
              "color": null,
              "people": [
                {
                  "email": "ada@acme.example",
                  "full_name": "Ada Admin"
                }
              ],
              "positions": [
                {
                  "name": "Analyst",
                  "color": null,
                  "people": [],
                  "positions": [],
                  "departments": []
                }
              ],
              "departments": [
                {
                  "name": "Treasury",
                  "color": "#4477aa",
                  "people": [
                    {
                      "email": "olena@acme.example",
                      "full_name": "Олена O\"Neil"
                    }
                  ],
                  "positions": [],
                  "departments": []
                }
              ]
            }
          ],
          "departments": []
        }
      ]
    }
    "##);
    assert_snapshot!(board.run("org chart --no-people -o jsonl"), @r##"
    {"company":"Acme Bank","people":[],"departments":[{"name":"Finance","color":null,"people":[],"positions":[{"name":"Head of Finance","color":null,"people":[],"positions":[{"name":"Analyst","color":null,"people":[],"positions":[],"departments":[]}],"departments":[{"name":"Treasury","color":"#4477aa","people":[],"positions":[],"departments":[]}]}],"departments":[]}]}
    {"company":"Globex","people":[],"departments":[]}
    "##);
    assert_eq!(board.run("org chart --form json").ok().json().as_array().unwrap().len(), 2);
}

#[test]
fn graphs_are_written_in_dot_and_mermaid() {
    let board = board();
    assert_snapshot!(board.run("org chart --company acme-bank --form dot"), @r##"
    digraph organisation {
      graph [rankdir=LR, nodesep=0.15, ranksep=0.6]
      node [shape=box, style="rounded,filled", fillcolor="#ffffff", color="#8a94a3", fontname="sans-serif", fontsize=11, height=0.35]
      edge [arrowhead=none, color="#8a94a3"]
      n0 [label="Acme Bank", fillcolor="#22303f", fontcolor="#ffffff"]
      n1 [label="Finance", fillcolor="#dde6f0"]
      n0 -> n1
      n2 [label="Head of Finance"]
      n1 -> n2
      n3 [label="Ada Admin", shape=plaintext, style=""]
      n2 -> n3
      n4 [label="Analyst"]
      n2 -> n4
      n5 [label="Treasury", fillcolor="#4477aa", fontcolor="#ffffff"]
      n2 -> n5
      n6 [label="Олена O\"Neil", shape=plaintext, style=""]
      n5 -> n6
    }
    "##);
    assert_snapshot!(board.run("org chart --company acme-bank --form mermaid"), @r#"
    flowchart LR
      n0["Acme Bank"]
      n1["Finance"]
      n0 --- n1
      n2("Head of Finance")
      n1 --- n2
      n3(["Ada Admin"])
      n2 --- n3
      n4("Analyst")
      n2 --- n4
      n5["Treasury"]
      style n5 fill:#4477aa,color:#ffffff
      n2 --- n5
      n6(["Олена O#34;Neil"])
      n5 --- n6
    "#);
}

#[test]
fn the_ending_of_a_file_says_what_is_drawn() {
    let board = board();
    assert_snapshot!(board.run("org chart --output acme.svg"), @"
    ------- stderr -------
    wrote `acme.svg`
    ");
    let svg = fs::read_to_string(board.path("acme.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg}");
    assert!(svg.contains("Олена O&quot;Neil") || svg.contains("Олена O\"Neil"), "{svg}");
    assert_eq!(fs::metadata(board.path("acme.svg")).unwrap().permissions().mode() & 0o777, 0o600);
    board.run("org chart --output acme.dot").ok();
    assert!(fs::read_to_string(board.path("acme.dot")).unwrap().starts_with("digraph"));
    board.run("org chart --output acme.mmd").ok();
    board.run("org chart --output acme.txt --no-people").ok();
    assert_eq!(
        fs::read_to_string(board.path("acme.txt")).unwrap(),
        board.run("org chart --no-people").ok().stdout
    );
    assert_eq!(board.run("org chart --form svg --output -").ok().stdout, svg);
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let board = board();
    assert_snapshot!(board.run("org chart --company Globx"), @"
    ------- stderr -------
    error: there is no company `Globx`
    hint: did you mean `Globex`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("org chart -o csv"), @"
    ------- stderr -------
    error: a chart has no rows and cannot be CSV
    hint: give `-o json`, or a form with `--form`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("org chart --form png"), @"
    ------- stderr -------
    error: invalid value 'png' for '--form <FORM>'
      [possible values: text, json, dot, mermaid, svg]

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("org chart --output nowhere/acme.svg"), @"
    ------- stderr -------
    error: cannot create `nowhere/acme.svg`
      because: No such file or directory (os error 2)
    hint: check that its directory exists and may be written
    [exit status: 73]
    ");
    assert_snapshot!(board.run("org chart --output acme.docx"), @"
    ------- stderr -------
    error: `acme.docx` does not say what to draw
    hint: let it end in .txt, .json, .dot, .mmd or .svg, or say what with `--form`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("org"), @"
    ------- stderr -------
    The organisation as one tree

    Usage: secboard org [OPTIONS] <COMMAND>

    Commands:
      chart  Draw companies, departments, positions and people as a tree

    Options:
      -h, --help  Print help (see more with '--help')

    Global options:
          --store <PATH>     The store to work on [env: SECBOARD_STORE]
          --config <FILE>    The configuration file [env: SECBOARD_CONFIG]
      -o, --format <FORMAT>  How to print [possible values: table, json, jsonl, csv,
                             xlsx]
          --columns <NAMES>  Print only these columns, separated by commas
          --raw              Write and import CSV cells as they are, without the
                             guard against formulas
          --dry-run          Show what would change, and change nothing
      -y, --yes              Answer every question with yes
          --as <EMAIL>       Act with the rights of this account, to try them
          --now <TIME>       Answer as of this time (only with --dry-run, or where
                             nothing is changed)
          --reason <TEXT>    Why, for the audit
      -q, --quiet            Say nothing but errors
      -v, --verbose          Say more about what is done
          --color <WHEN>     When to use colours [possible values: auto, always,
                             never]
          --no-input         Never ask; fail where an answer is missing
    [exit status: 2]
    ");
}
