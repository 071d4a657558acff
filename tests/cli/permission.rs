//! `secboard permission`.

use insta::assert_snapshot;

use crate::harness::Board;

/// Olena is a CISO, whose role brings a group that grants things at Acme Bank; Max, of Globex, reads its risks.
fn board() -> Board {
    let board = Board::new();
    for command in [
        "company create Globex",
        "group create 'Risk Managers'",
        "group grant 'Risk Managers' risk.edit_report risk.view_report --company 'Acme Bank'",
        "group create Readers --company Globex",
        "group grant Readers risk.view_report risk.show_link",
        "role create CISO --group 'Risk Managers'",
        "user create --email olena@acme.example --first-name Олена --last-name Шевченко --company 'Acme Bank' --role CISO",
        "user create --email max@globex.example --first-name Max --last-name Müller --company Globex --group Readers",
    ] {
        board.run(command).ok();
    }
    board
}

#[test]
fn the_catalogue_is_listed_by_module_and_searched() {
    let board = Board::new();
    assert_snapshot!(board.run("permission list --module fim"), @"
    MODULE  PERMISSION     MEANING
    fim     fim.view       open the FIM dashboard
    fim     fim.edit       edit FIM alerts
    fim     fim.add        add webhook clients
    fim     fim.delete     delete webhook clients
    fim     fim.configure  change webhook settings
    fim     fim.show_link  show the menu link
    ");
    assert_snapshot!(board.run("permission list --module users -o csv"), @r#"
    module,permission,meaning
    users,users.view,open the user list and profiles
    users,users.add,create users
    users,users.edit,"edit users, set passwords, assign roles and groups, restore, refresh from AD, undo own runs on people"
    users,users.delete,delete users
    users,users.export,export the user list to Excel
    users,users.show_link,show the menu link
    "#);
    assert_snapshot!(board.run("permission list --search 'WEBHOOK C' -o json"), @r#"
    [
    {"module":"fim","permission":"fim.add","meaning":"add webhook clients"},
    {"module":"fim","permission":"fim.delete","meaning":"delete webhook clients"}
    ]
    "#);
    assert_snapshot!(board.run("permission list --search evidence --modules"), @"
    MODULE                TITLE                   PERMISSIONS  MENU
    compliance_framework  Compliance (Framework)  16           yes
    compliance_local      Compliance (Local)      20           yes
    compliance_internal   Compliance (Internal)   20           yes
    ");
    assert_snapshot!(board.run("permission list --search unicorn"), @"
    ------- stderr -------
    nothing matches
    ");
    assert_snapshot!(board.run("permission list --module fmi"), @"
    ------- stderr -------
    error: there is no module `fmi`
    hint: did you mean `fim`?
    [exit status: 67]
    ");
    assert_eq!(board.run("permission list -o json").json().as_array().unwrap().len(), 254);
    assert_eq!(board.run("permission list --modules -o json").json().as_array().unwrap().len(), 39);
}

#[test]
fn a_check_says_yes_or_no_and_ends_with_0_or_1() {
    let board = board();
    assert_snapshot!(board.run("permission check olena@acme.example risk.edit_report --company acme-bank"), @"
    yes
    ");
    assert_snapshot!(board.run("permission check olena@acme.example risk.edit_report"), @"
    no
    ------- stderr -------
    not for all companies, but for `Acme Bank`: ask with `--company`
    [exit status: 1]
    ");
    assert_snapshot!(board.run("permission check olena@acme.example risk.edit_report -o json"), @r#"
    {"allowed":false}
    [exit status: 1]
    "#);
    assert_snapshot!(board.run("permission check olena@acme.example risk.edit_report -o csv"), @"
    allowed
    no
    [exit status: 1]
    ");
    assert_snapshot!(board.run("permission check olena@acme.example risk.edit_raport"), @"
    ------- stderr -------
    error: there is no permission `risk.edit_raport`
    hint: did you mean `risk.edit_report` or `risk.add_report` or `risk.view_report`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("permission check olna@acme.example risk.edit_report"), @"
    ------- stderr -------
    error: there is no user `olna@acme.example`
    hint: did you mean `olena@acme.example`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("permission check olena@acme.example risk.edit_report --company Glbex"), @"
    ------- stderr -------
    error: there is no company `Glbex`
    hint: did you mean `Globex`?
    [exit status: 67]
    ");
}

#[test]
fn a_yes_is_explained_link_by_link() {
    let board = board();
    assert_snapshot!(board.run("permission explain olena@acme.example risk.edit_report --company 'Acme Bank'"), @"
    yes: olena@acme.example has risk.edit_report for Acme Bank
      role CISO → group Risk Managers → grant at Acme Bank
    ");
    assert_snapshot!(board.run("permission explain olena@acme.example risk.edit_report --company 'Acme Bank' -o json"), @r#"
    {"email":"olena@acme.example","permission":"risk.edit_report","company":"Acme Bank","allowed":true,"superuser":false,"because":[{"group":"Risk Managers","grant_company":"Acme Bank","origins":["role:ciso"]}],"missing":[]}
    "#);
    assert_snapshot!(board.run("permission explain olena@acme.example risk.edit_report --company 'Acme Bank' --dot"), @r#"
    digraph access {
      rankdir=LR;
      node [shape=box];
      "olena@acme.example" -> "role CISO";
      "role CISO" -> "group Risk Managers";
      "group Risk Managers" -> "grant at Acme Bank";
      "grant at Acme Bank" -> "risk.edit_report for Acme Bank";
    }
    "#);
    board.run("user add-group olena@acme.example 'Risk Managers'").ok();
    assert_snapshot!(board.run("permission explain olena@acme.example risk.edit_report --company 'Acme Bank'"), @"
    yes: olena@acme.example has risk.edit_report for Acme Bank
      group Risk Managers → grant at Acme Bank
      role CISO → group Risk Managers → grant at Acme Bank
    ");
    assert_snapshot!(board.run("permission explain ada@acme.example risk.edit_report"), @"
    yes: ada@acme.example has risk.edit_report for all companies
      superuser: every permission for every company
    ");
}

#[test]
fn a_no_says_what_is_lacking_and_what_to_do() {
    let board = board();
    let explain = |question: &str| board.run(&format!("permission explain {question}"));
    assert_snapshot!(explain("olena@acme.example risk.edit_report"), @"
    no: olena@acme.example does not have risk.edit_report for all companies
      group `Risk Managers` grants `risk.edit_report` for `Acme Bank` only
        what to do: secboard group grant 'Risk Managers' risk.edit_report --all-companies
    [exit status: 1]
    ");
    assert_snapshot!(explain("olena@acme.example risk.edit_report --company Globex"), @"
    no: olena@acme.example does not have risk.edit_report for Globex
      group `Risk Managers` grants `risk.edit_report` for `Acme Bank` only
        what to do: secboard group grant 'Risk Managers' risk.edit_report --company 'Globex'
    [exit status: 1]
    ");
    assert_snapshot!(explain("max@globex.example risk.view_report --company 'Acme Bank'"), @"
    no: max@globex.example does not have risk.view_report for Acme Bank
      group `Readers@Globex` counts for `Globex` only
        what to do: ask with `--company 'Globex'`, or use a group of `Acme Bank` or of no company
      no group that they are in grants `risk.view_report` for `Acme Bank`; `Risk Managers` would
        what to do: secboard user add-group max@globex.example 'Risk Managers'
    [exit status: 1]
    ");
    assert_snapshot!(explain("max@globex.example risk.view_report"), @"
    no: max@globex.example does not have risk.view_report for all companies
      group `Readers@Globex` counts for `Globex` only
        what to do: ask with `--company 'Globex'`, or use a group of no company
    [exit status: 1]
    ");
    assert_snapshot!(explain("olena@acme.example risk.view_report --company Globex"), @"
    no: olena@acme.example does not have risk.view_report for Globex
      group `Risk Managers` grants `risk.view_report` for `Acme Bank` only
        what to do: secboard group grant 'Risk Managers' risk.view_report --company 'Globex'
      only groups that take people of other companies grant it: `Readers@Globex`
        what to do: grant it to a group of the person's company, or of none
    [exit status: 1]
    ");
    assert_snapshot!(explain("olena@acme.example fim.view --company Globex -o json"), @r#"
    {"email":"olena@acme.example","permission":"fim.view","company":"Globex","allowed":false,"superuser":false,"because":[],"missing":[{"code":"no_grant","detail":"no group grants `fim.view` for `Globex`","advice":"grant it to a group, with `secboard group grant GROUP fim.view --company 'Globex'`","command":null}]}
    [exit status: 1]
    "#);
    assert_snapshot!(explain("olena@acme.example fim.view --dot"), @r#"
    digraph access {
      rankdir=LR;
      node [shape=box];
      "olena@acme.example" -> "no group grants `fim.view` for all companies" [style=dashed];
      "no group grants `fim.view` for all companies" -> "fim.view for all companies" [style=dashed];
    }
    [exit status: 1]
    "#);
}

#[test]
fn a_role_that_brings_nothing_is_named_with_the_reason() {
    let board = board();
    let explain =
        || board.run("permission explain olena@acme.example risk.edit_report --company 'Acme Bank'");
    board.run("role edit ciso --inactive --yes").ok();
    assert_snapshot!(explain(), @"
    no: olena@acme.example does not have risk.edit_report for Acme Bank
      role `CISO` would bring group `Risk Managers`, but it is inactive
        what to do: secboard role edit ciso --active
    [exit status: 1]
    ");
    board.run("role edit ciso --active").ok();
    board.run("user edit olena@acme.example --no-role-groups").ok();
    assert_snapshot!(explain(), @"
    no: olena@acme.example does not have risk.edit_report for Acme Bank
      role `CISO` would bring group `Risk Managers`, but it is held without its groups
        what to do: secboard user edit olena@acme.example --role-groups
    [exit status: 1]
    ");
    board.run("user edit olena@acme.example --role-groups").ok();
    board.run("user deactivate olena@acme.example --yes").ok();
    assert_snapshot!(explain(), @"
    no: olena@acme.example does not have risk.edit_report for Acme Bank
      the account is not active: the administrator's switch is off
        what to do: secboard user activate 'olena@acme.example'
    [exit status: 1]
    ");
}

#[test]
fn who_can_lists_the_active_by_name_with_where_it_comes_from() {
    let board = board();
    assert_snapshot!(board.run("permission who-can risk.view_report --company 'Acme Bank'"), @"
    FULL NAME       EMAIL               SUPERUSER  VIA
    Ada Admin       ada@acme.example    yes
    Олена Шевченко  olena@acme.example  no         Risk Managers (role:ciso)
    ");
    assert_snapshot!(board.run("permission who-can risk.view_report --company Globex -o json"), @r#"
    [
    {"email":"ada@acme.example","full_name":"Ada Admin","superuser":true,"via":[]},
    {"email":"max@globex.example","full_name":"Max Müller","superuser":false,"via":[{"group":"Readers@Globex","grant_company":null,"origins":["manual"]}]}
    ]
    "#);
    board.run("user deactivate max@globex.example --yes").ok();
    assert_snapshot!(board.run("permission who-can risk.view_report --company Globex"), @"
    FULL NAME  EMAIL             SUPERUSER  VIA
    Ada Admin  ada@acme.example  yes
    ");
}

/// What is asked without a company is asked for all of them; who may more for single ones is told of.
#[test]
fn an_answer_for_all_companies_says_that_there_are_others_for_single_ones() {
    let board = board();
    assert_snapshot!(board.run("permission who-can risk.view_report"), @"
    FULL NAME  EMAIL             SUPERUSER  VIA
    Ada Admin  ada@acme.example  yes
    ------- stderr -------
    for all companies; 2 more hold it for single companies (`--company`)
    ");
    board.run("user deactivate max@globex.example --yes").ok();
    assert_snapshot!(board.run("permission who-can risk.view_report"), @"
    FULL NAME  EMAIL             SUPERUSER  VIA
    Ada Admin  ada@acme.example  yes
    ------- stderr -------
    for all companies; 1 more holds it for single companies (`--company`)
    ");
    assert_snapshot!(board.run("permission who-can risk.view_report --as-of 2026-01-01"), @"
    ------- stderr -------
    nothing matches
    ");
    assert_snapshot!(board.run("permission check olena@acme.example risk.view_report"), @"
    no
    ------- stderr -------
    not for all companies, but for `Acme Bank`: ask with `--company`
    [exit status: 1]
    ");
    assert_snapshot!(board.run("permission check olena@acme.example risk.view_report -o json"), @r#"
    {"allowed":false}
    [exit status: 1]
    "#);
    assert_snapshot!(board.run("permission check olena@acme.example fim.view"), @"
    no
    [exit status: 1]
    ");
}

/// Of groups that would grant it the one that gives the least besides is offered, and nothing is offered for the past.
#[test]
fn what_is_offered_first_is_the_group_that_gives_the_least_besides() {
    let board = board();
    for command in [
        "group create All",
        "group grant All fim.view fim.edit fim.add --all-companies",
        "group create Viewers",
        "group grant Viewers fim.view --all-companies",
    ] {
        board.run(command).ok();
    }
    assert_snapshot!(board.run("permission explain max@globex.example fim.view"), @"
    no: max@globex.example does not have fim.view for all companies
      no group that they are in grants `fim.view` for all companies; `Viewers`, `All` would
        what to do: secboard user add-group max@globex.example 'Viewers'
    [exit status: 1]
    ");
    let then = board.run("audit list --limit 1 -o json").ok().json()[0]["at"].as_str().unwrap().to_owned();
    assert_snapshot!(board.run(&format!("permission explain max@globex.example fim.view --as-of {then}")), @"
    no: max@globex.example does not have fim.view for all companies
      no group that they are in grants `fim.view` for all companies; `Viewers`, `All` would
    [exit status: 1]
    ");
}

#[test]
fn who_has_nothing_is_told_why() {
    let board = board();
    board.run("user create --email new@globex.example --first-name N --last-name W --company Globex").ok();
    assert_snapshot!(board.run("permission show new@globex.example"), @"
    ------- stderr -------
    nothing matches
    `new@globex.example` is in no group that grants anything: see `secboard user show 'new@globex.example'`
    ");
    board
        .run_with_input(
            "user set-password new@globex.example --password-stdin --no-must-change",
            "seven lamps by the sea",
        )
        .ok();
    assert_snapshot!(board.run("user why new@globex.example"), @"
    CODE             OK   DETAIL
    exists           yes  account and profile
    active           yes  the administrator's switch is on
    dates            yes  no dates are set
    directory        yes  not managed by a directory
    password         yes  set
    throttle         yes  not held
    two_factor       yes  not required
    password_change  yes  not asked for
    last mails:
      [time]  password-set, queued: no account is to send what is for `security-notice`
    ------- stderr -------
    new@globex.example may log in
    no module is in the menu: they are in no group that grants one; put them in one with `secboard user add-group new@globex.example GROUP`
    ");
    board.run("user deactivate max@globex.example --yes").ok();
    assert_snapshot!(board.run("permission show max@globex.example"), @"
    ------- stderr -------
    nothing matches
    `max@globex.example` is not active: see `secboard user why 'max@globex.example'`
    ");
}

#[test]
fn two_people_are_compared_as_diff_does() {
    let board = board();
    assert_snapshot!(board.run("permission diff olena@acme.example max@globex.example"), @"
    ONLY                PERMISSION        COMPANY
    olena@acme.example  risk.view_report  Acme Bank
    olena@acme.example  risk.edit_report  Acme Bank
    max@globex.example  risk.view_report  Globex
    max@globex.example  risk.show_link    Globex
    [exit status: 1]
    ");
    assert_snapshot!(board.run("permission diff olena@acme.example max@globex.example -o jsonl"), @r#"
    {"only_a":[{"permission":"risk.view_report","company":"Acme Bank"},{"permission":"risk.edit_report","company":"Acme Bank"}],"only_b":[{"permission":"risk.view_report","company":"Globex"},{"permission":"risk.show_link","company":"Globex"}]}
    [exit status: 1]
    "#);
    assert_snapshot!(board.run("permission diff olena@acme.example max@globex.example --module fim"), @"
    ------- stderr -------
    no difference
    ");
    assert_snapshot!(board.run("permission diff olena@acme.example olena@acme.example -o jsonl"), @r#"
    {"only_a":[],"only_b":[]}
    "#);
}

#[test]
fn a_person_shows_what_they_may_do_for_which_company() {
    let board = board();
    assert_snapshot!(board.run("permission show olena@acme.example"), @"
    PERMISSION        COMPANY
    risk.view_report  Acme Bank
    risk.edit_report  Acme Bank
    ");
    assert_snapshot!(board.run("permission show max@globex.example -o json"), @r#"
    [
    {"module":"risk","permission":"risk.view_report","company":"Globex"},
    {"module":"risk","permission":"risk.show_link","company":"Globex"}
    ]
    "#);
    assert_snapshot!(board.run("permission show max@globex.example --module fim"), @"
    ------- stderr -------
    nothing matches
    ");
    board.run("group grant 'Risk Managers' fim.view --all-companies").ok();
    assert_snapshot!(board.run("permission show olena@acme.example"), @"
    PERMISSION        COMPANY
    risk.view_report  Acme Bank
    risk.edit_report  Acme Bank
    fim.view          (all companies)
    ");
    assert_snapshot!(board.run("permission show olena@acme.example -o csv"), @"
    module,permission,company
    risk,risk.view_report,Acme Bank
    risk,risk.edit_report,Acme Bank
    fim,fim.view,
    ");
    assert_snapshot!(board.run("permission diff olena@acme.example max@globex.example --module fim -o csv"), @"
    only,permission,company
    olena@acme.example,fim.view,
    [exit status: 1]
    ");
    assert_snapshot!(board.run("permission explain olena@acme.example fim.view -o csv --columns company,allowed"), @"
    company,allowed
    ,yes
    ");
    let of_superuser = board.run("permission show ada@acme.example -o json").json();
    assert_eq!(of_superuser.as_array().unwrap().len(), 254);
    assert!(of_superuser[0]["company"].is_null());
}

#[test]
fn a_matrix_has_a_line_for_each_module_and_fits_80_columns() {
    let board = board();
    let of_olena = board.run("permission matrix --user olena@acme.example --company 'Acme Bank'").ok();
    let lines: Vec<&str> = of_olena.stdout.lines().collect();
    assert!(lines.iter().all(|line| line.chars().count() <= 80));
    assert_snapshot!([lines[0], lines[1], lines[10]].join("\n"), @"
    MODULE                    VIEW     ADD    EDIT  DELETE   OTHER    LINK
    users                        -       -       -       -       -       -
    risk                       1/3       -     1/3       -       -       -
    ");
    let for_all = board.run("permission matrix --role ciso").ok();
    assert_snapshot!(for_all.stdout.lines().skip(10).take(1).collect::<String>(), @"
    risk                        -*       -      -*       -       -       -
    ");
    assert!(for_all.stdout.ends_with("see them with `-o json` or `--module`\n"));
    assert_snapshot!(board.run("permission matrix --group Readers --module risk -o csv"), @"
    module,action,permission,allowed,everywhere,companies
    risk,view_assessment,risk.view_assessment,no,no,
    risk,edit_assessment,risk.edit_assessment,no,no,
    risk,configure_assessment,risk.configure_assessment,no,no,
    risk,view_report,risk.view_report,no,no,Globex
    risk,add_report,risk.add_report,no,no,
    risk,edit_report,risk.edit_report,no,no,
    risk,delete_report,risk.delete_report,no,no,
    risk,view_config,risk.view_config,no,no,
    risk,add_config,risk.add_config,no,no,
    risk,edit_config,risk.edit_config,no,no,
    risk,delete_config,risk.delete_config,no,no,
    risk,show_link,risk.show_link,no,no,Globex
    ");
    assert_snapshot!(board.run("permission matrix --group 'Risk Managers' --module risk --company acme-bank"), @"
    PERMISSION                 ALLOWED  COMPANIES
    risk.view_assessment       no
    risk.edit_assessment       no
    risk.configure_assessment  no
    risk.view_report           yes      Acme Bank
    risk.add_report            no
    risk.edit_report           yes      Acme Bank
    risk.delete_report         no
    risk.view_config           no
    risk.add_config            no
    risk.edit_config           no
    risk.delete_config         no
    risk.show_link             no
    ");
    assert_snapshot!(board.run("permission matrix --role cisco"), @"
    ------- stderr -------
    error: there is no role `cisco`
    hint: did you mean `ciso`?
    [exit status: 67]
    ");
    assert_eq!(board.run("permission matrix").code, Some(2));
    assert_eq!(board.run("permission matrix --role ciso --group Readers").code, Some(2));
}

#[test]
fn every_question_can_be_asked_of_the_past() {
    let board = board();
    // Times are told apart by a microsecond, and days by the clock of the board, so the past is asked for by its time.
    let then = board.run("audit list --limit 1 -o json").ok().json()[0]["at"].as_str().unwrap().to_owned();
    board.run("user remove-role olena@acme.example ciso --yes").ok();
    board.run("group edit 'Risk Managers' --name 'Risk Team'").ok();
    board.run("user edit olena@acme.example --email o.shevchenko@acme.example").ok();
    let now = "permission check o.shevchenko@acme.example risk.edit_report --company 'Acme Bank'";
    assert_eq!(board.run(now).code, Some(1));
    assert_eq!(board.run(&format!("{now} --as-of {then}")).code, Some(67), "nobody had this email then");
    let id = board.run("user show o.shevchenko@acme.example -o json").ok().json()["id"].to_string();
    let asked = format!("permission check {id} risk.edit_report --company 'Acme Bank' --as-of {then}");
    assert_eq!(board.run(&asked).code, Some(0));
    assert_snapshot!(board.run(&format!(
        "permission explain olena@acme.example risk.edit_report --company 'Acme Bank' --as-of {then}"
    )), @"
    yes: olena@acme.example has risk.edit_report for Acme Bank
      role CISO → group Risk Managers → grant at Acme Bank
    ");
    assert_snapshot!(board.run(&format!("permission who-can risk.edit_report --company 'Acme Bank' --as-of {then} -o jsonl")), @r#"
    {"email":"ada@acme.example","full_name":"Ada Admin","superuser":true,"via":[]}
    {"email":"olena@acme.example","full_name":"Олена Шевченко","superuser":false,"via":[{"group":"Risk Managers","grant_company":"Acme Bank","origins":["role:ciso"]}]}
    "#);
    assert_snapshot!(board.run(&format!("permission matrix --group 'Risk Managers' --module risk --as-of {then} -o csv --columns permission,companies")), @"
    permission,companies
    risk.view_assessment,
    risk.edit_assessment,
    risk.configure_assessment,
    risk.view_report,Acme Bank
    risk.add_report,
    risk.edit_report,Acme Bank
    risk.delete_report,
    risk.view_config,
    risk.add_config,
    risk.edit_config,
    risk.delete_config,
    risk.show_link,
    ");
    assert_snapshot!(board.run(&format!("permission diff olena@acme.example max@globex.example --as-of {then}")), @"
    ONLY                PERMISSION        COMPANY
    olena@acme.example  risk.view_report  Acme Bank
    olena@acme.example  risk.edit_report  Acme Bank
    max@globex.example  risk.view_report  Globex
    max@globex.example  risk.show_link    Globex
    [exit status: 1]
    ");
    assert_snapshot!(board.run(&format!("permission show {id} --as-of {then}")), @"
    PERMISSION        COMPANY
    risk.view_report  Acme Bank
    risk.edit_report  Acme Bank
    ");
    assert_snapshot!(board.run("permission show max@globex.example --as-of 2020-01-31"), @"
    ------- stderr -------
    error: `max@globex.example` did not exist then, but since [time]
    hint: see what is known of them with `secboard audit list --subject 'max@globex.example'`
    [exit status: 67]
    ");
}

#[test]
fn why_names_the_modules_that_half_a_permission_hides() {
    let board = board();
    let why = board.run("user why olena@acme.example -o json").json();
    assert_eq!(why["modules"]["risk"]["view"], true);
    assert_eq!(why["modules"]["risk"]["show_link"], false);
    assert!(why["modules"].get("companies").is_none(), "no module of the menu");
    let said = board.run("user why olena@acme.example").stderr;
    assert_snapshot!(said.lines().last().unwrap(), @"
    module risk is not in the menu: `risk.show_link` is missing: the link is not shown
    ");
    let why = board.run("user why max@globex.example -o json").json();
    assert_snapshot!(why["modules"]["risk"], @r#"
    {"view":true,"show_link":true,"why":null}
    "#);
    assert_snapshot!(why["modules"]["fim"], @r#"
    {"view":false,"show_link":false,"why":"`fim.show_link` and a view permission such as `fim.view` are missing"}
    "#);
}
