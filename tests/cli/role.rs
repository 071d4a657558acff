//! `secboard role`.

use insta::assert_snapshot;

use crate::harness::Board;

#[test]
fn a_role_is_made_shown_changed_and_deleted() {
    let board = Board::new();
    assert_snapshot!(board.run("role create 'Нічна зміна' --description 'from 22:00' --color '#AA2244' --order 20 --company acme-bank --module risk --module incidents"), @"
    ------- stderr -------
    created role `Нічна зміна`, slug `nichna-zmina`
    ");
    assert_snapshot!(board.run("role show 'НІЧНА зміна'"), @"
    ID           1
    NAME         Нічна зміна
    SLUG         nichna-zmina
    COMPANIES    Acme Bank
    ACTIVE       yes
    HOLDERS      0
    ORDER        20
    MODULES      incidents; risk
    DESCRIPTION  from 22:00
    COLOR        #aa2244
    CREATED AT   [time]
    UPDATED AT   [time]
    ");
    assert_snapshot!(board.run("role edit nichna-zmina --name 'Night Shift' --description '' --remove-module risk --remove-company 'acme bank'"), @"
    ------- stderr -------
    changed role `Night Shift`: name, description, companies, modules; it is for all companies now
    ");
    assert_snapshot!(board.run("role edit nichna-zmina --name 'Night Shift' --add-module incidents"), @"
    ------- stderr -------
    no change
    ");
    assert_snapshot!(board.run("role create CISO --order 10"), @"
    ------- stderr -------
    created role `CISO`, slug `ciso`
    ");
    assert_snapshot!(board.run("roles list"), @"
    NAME         SLUG          COMPANIES  GROUPS  ACTIVE  HOLDERS
    CISO         ciso                             yes     0
    Night Shift  nichna-zmina                     yes     0
    ");
    assert_snapshot!(board.run("role delete nichna-zmina --yes"), @"
    ------- stderr -------
    deleted role `Night Shift`
    ");
    assert_snapshot!(board.run("role list -o json --columns name,slug,companies,groups,modules"), @r#"
    [
    {"name":"CISO","slug":"ciso","companies":[],"groups":[],"modules":[]}
    ]
    "#);
}

#[test]
fn the_same_is_not_added_and_removed_at_once() {
    let board = Board::new();
    board.run("group create AllG").ok();
    board.run("role create CISO --group AllG").ok();
    assert_snapshot!(board.run("role edit ciso --add-group AllG --remove-group allg"), @"
    ------- stderr -------
    error: `AllG` is both added and removed
    hint: name it in one of the two
    [exit status: 2]
    ");
    assert_snapshot!(board.run("role edit ciso --add-company acme-bank --remove-company 'Acme Bank'"), @"
    ------- stderr -------
    error: `Acme Bank` is both added and removed
    hint: name it in one of the two
    [exit status: 2]
    ");
    assert_snapshot!(board.run("role edit ciso --add-module risk --remove-module risk"), @"
    ------- stderr -------
    error: `risk` is both added and removed
    hint: name it in one of the two
    [exit status: 2]
    ");
    assert_snapshot!(board.run("role list --columns slug,groups"), @"
    SLUG  GROUPS
    ciso  AllG
    ");
}

#[test]
fn inactive_roles_are_hidden_until_asked_for() {
    let board = Board::new();
    board.run("role create Auditor --inactive").ok();
    assert_snapshot!(board.run("role list"), @"
    ------- stderr -------
    nothing matches
    ");
    assert_snapshot!(board.run("role list --all"), @"
    NAME     SLUG     COMPANIES  GROUPS  ACTIVE  HOLDERS
    Auditor  auditor                     no      0
    ");
    assert_snapshot!(board.run("role edit auditor --active"), @"
    ------- stderr -------
    changed role `Auditor`: active
    ");
    assert_snapshot!(board.run("role edit auditor --active --inactive"), @"
    ------- stderr -------
    error: the argument '--active' cannot be used with '--inactive'

    Usage: secboard role edit --active <ROLE>

    For more information, try '--help'.
    [exit status: 2]
    ");
}

#[test]
fn one_word_never_means_two_roles() {
    let board = Board::new();
    board.run("role create 'Risk Manager'").ok();
    assert_snapshot!(board.run("role create 'risk  MANAGER'"), @"
    ------- stderr -------
    error: there is a role `Risk Manager` already
    hint: add `--if-absent` if that is all right
    [exit status: 73]
    ");
    assert_snapshot!(board.run("role create 'risk MANAGER' --if-absent"), @"
    ------- stderr -------
    no change: there is a role `Risk Manager` already
    ");
    assert_snapshot!(board.run("role create 'Risk-Manager'"), @"
    ------- stderr -------
    error: the slug `risk-manager` belongs to the role `Risk Manager`
    hint: choose another with `--slug`
    [exit status: 73]
    ");
    assert_snapshot!(board.run("role create 'Manager of Risk' --slug risk-manager"), @"
    ------- stderr -------
    error: the slug `risk-manager` belongs to the role `Risk Manager`
    hint: choose another with `--slug`
    [exit status: 73]
    ");
    assert_snapshot!(board.run("role create 'Manager of Risk' --slug 'Risk Manager'"), @"
    ------- stderr -------
    error: `Risk Manager` is no slug
    hint: use lower-case letters a to z, digits and hyphens
    [exit status: 65]
    ");
    assert_snapshot!(board.run("role create '🦊🦊'"), @"
    ------- stderr -------
    created role `🦊🦊`, slug `fox-face-fox-face`
    ");
    assert_snapshot!(board.run("role create '部長'"), @"
    ------- stderr -------
    created role `部長`, slug `bu-chang`
    ");
    assert_snapshot!(board.run("role show risk-manger"), @"
    ------- stderr -------
    error: there is no role `risk-manger`
    hint: did you mean `risk-manager`?
    [exit status: 67]
    ");
}

#[test]
fn what_there_is_not_is_refused_with_what_may_have_been_meant() {
    let board = Board::new();
    assert_snapshot!(board.run("role create CISO --company 'Acme Bnak'"), @"
    ------- stderr -------
    error: there is no company `Acme Bnak`
    hint: did you mean `Acme Bank`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("role create CISO --module incidnets"), @"
    ------- stderr -------
    error: there is no module `incidnets`
    hint: did you mean `incidents`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("role create CISO --color red"), @"
    ------- stderr -------
    error: `red` is not a colour: it must be `#` and six digits 0-9 a-f
    hint: write it like `'#ffcc00'`, in quotes, for a shell reads a bare # as a comment
    [exit status: 65]
    ");
    assert_snapshot!(board.run("role create CISO --group Nobody"), @"
    ------- stderr -------
    error: there is no group `Nobody`
    hint: see them with `secboard group list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("role create ''"), @"
    ------- stderr -------
    error: the name is empty
    hint: give a name such as `Acme Bank`
    [exit status: 65]
    ");
}

/// The dashboard of a role as `show` prints it, a line a section; why a widget is not allowed apart.
fn in_short(board: &Board, role: &str) -> String {
    let shown = board.run(&format!("role dashboard show {role}")).ok().stdout;
    let line = |line: &str| match line.strip_prefix("    ") {
        Some(widget) => format!(" {}", widget.split(" (").next().unwrap()),
        None => format!("\n{line}:"),
    };
    shown.lines().map(line).collect()
}

#[test]
fn a_dashboard_is_switched_ordered_and_reset() {
    let board = Board::new();
    board.run("role create CISO --module risk --module incidents").ok();
    assert_snapshot!(board.run("role dashboard show ciso"), @"
    [x] top_panel
        [x] security_index
        [x] incidents_critical_mttr
        [-] mandatory_processes_pct (module documents_mandatory is not allowed)
        [-] compliance_traffic_light (module compliance_framework is not allowed)
    [x] compliance
        [-] framework_pct (module compliance_framework is not allowed)
        [-] failed_controls (module compliance_framework is not allowed)
        [-] audit_readiness (module compliance_framework is not allowed)
        [-] mandatory_status (module documents_mandatory is not allowed)
    [x] risks_tprm
        [x] risks_by_level
        [x] top_risks
        [x] risk_plans
        [-] tprm_suppliers (module tprm is not allowed)
    [x] operations
        [x] incidents_by_period
        [x] mttd_mttr
        [x] incident_categories
        [-] fim_critical (module fim is not allowed)
    [x] access
        [-] access_requests (module isam is not allowed)
        [-] excessive_rights (module isam is not allowed)
        [-] access_review (module isam is not allowed)
        [-] api_keys (module isam is not allowed)
    [x] people
        [-] training_completion (module quizzes is not allowed)
        [-] quiz_results (module quizzes is not allowed)
        [-] gophish_metrics (module phishing is not allowed)
        [x] department_risk_profile
    ");
    assert_snapshot!(board.run("role dashboard set ciso --section people --section access --off"), @"
    ------- stderr -------
    changed the dashboard of role `CISO`
    ");
    assert_snapshot!(board.run("role dashboard set ciso --section people --off"), @"
    ------- stderr -------
    no change
    ");
    assert_snapshot!(board.run("role dashboard set ciso --widget risks_by_level --off --order risk_plans,top_risks"), @"
    ------- stderr -------
    changed the dashboard of role `CISO`
    ");
    assert_snapshot!(board.run("role dashboard set ciso --order operations,risks_tprm"), @"
    ------- stderr -------
    changed the dashboard of role `CISO`
    ");
    assert_snapshot!(in_short(&board, "ciso"), @"
    [x] operations: [x] incidents_by_period [x] mttd_mttr [x] incident_categories [-] fim_critical
    [x] risks_tprm: [x] risk_plans [x] top_risks [ ] risks_by_level [-] tprm_suppliers
    [x] top_panel: [x] security_index [x] incidents_critical_mttr [-] mandatory_processes_pct [-] compliance_traffic_light
    [x] compliance: [-] framework_pct [-] failed_controls [-] audit_readiness [-] mandatory_status
    [ ] access: [-] access_requests [-] excessive_rights [-] access_review [-] api_keys
    [ ] people: [-] training_completion [-] quiz_results [-] gophish_metrics [x] department_risk_profile
    ");
    assert_snapshot!(board.run("role dashboard reset ciso"), @"
    ------- stderr -------
    changed the dashboard of role `CISO`
    ");
    assert_snapshot!(board.run("role dashboard reset ciso"), @"
    ------- stderr -------
    no change
    ");
}

#[test]
fn a_dashboard_in_csv_has_a_row_a_widget() {
    let board = Board::new();
    board.run("role create CISO --module risk").ok();
    board.run("role dashboard set ciso --section people --off").ok();
    let shown = board.run("role dashboard show ciso -o csv").ok().stdout;
    let people: Vec<&str> = shown.lines().filter(|line| line.starts_with("people,")).collect();
    assert_eq!(shown.lines().next(), Some("section,section_on,widget,on,module,allowed"));
    assert_eq!(people.first(), Some(&"people,no,training_completion,yes,quizzes,no"));
    board.run("user edit ada@acme.example --role ciso").ok();
    assert_snapshot!(board.run("role dashboard show --person ada@acme.example -o csv"), @"
    section,widget
    risks_tprm,risks_by_level
    risks_tprm,top_risks
    risks_tprm,risk_plans
    ");
}

#[test]
fn what_show_prints_can_be_set_again() {
    let board = Board::new();
    board.run("role create CISO").ok();
    board.run("role create Auditor").ok();
    board.run("role dashboard set ciso --section access --off --order people").ok();
    let shown = board.run("role dashboard show ciso -o json").stdout;
    board.write("ciso.json", &shown);
    assert_snapshot!(board.run("role dashboard set auditor --file ciso.json"), @"
    ------- stderr -------
    changed the dashboard of role `Auditor`
    ");
    assert_eq!(board.run("role dashboard show auditor").stdout, board.run("role dashboard show ciso").stdout);
    assert_snapshot!(board.run_with_input("role dashboard set auditor --file -", &shown), @"
    ------- stderr -------
    no change
    ");
    let only_risks = r#"{"sections": [{"section": "risks_tprm", "on": true, "widgets": [{"widget": "top_risks", "on": true}]}]}"#;
    board.run_with_input("role dashboard set auditor --file -", only_risks).ok();
    assert_snapshot!(in_short(&board, "auditor"), @"
    [x] risks_tprm: [x] top_risks [ ] risks_by_level [ ] risk_plans [ ] tprm_suppliers
    [ ] top_panel: [ ] security_index [ ] incidents_critical_mttr [ ] mandatory_processes_pct [ ] compliance_traffic_light
    [ ] compliance: [ ] framework_pct [ ] failed_controls [ ] audit_readiness [ ] mandatory_status
    [ ] operations: [ ] incidents_by_period [ ] mttd_mttr [ ] incident_categories [ ] fim_critical
    [ ] access: [ ] access_requests [ ] excessive_rights [ ] access_review [ ] api_keys
    [ ] people: [ ] training_completion [ ] quiz_results [ ] gophish_metrics [ ] department_risk_profile
    ");
}

#[test]
fn a_dashboard_of_something_else_is_refused() {
    let board = Board::new();
    board.run("role create CISO").ok();
    assert_snapshot!(board.run("role dashboard set ciso --section peple --off"), @"
    ------- stderr -------
    error: dashboards have no section `peple`
    hint: did you mean `people`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("role dashboard set ciso --widget top_risk --on"), @"
    ------- stderr -------
    error: dashboards have no widget `top_risk`
    hint: did you mean `top_risks`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("role dashboard set ciso --order top_risks,api_keys"), @"
    ------- stderr -------
    error: `top_risks` and `api_keys` are not in one section, so they have no order between them
    hint: order sections, or the widgets of one section, at a time
    [exit status: 65]
    ");
    assert_snapshot!(board.run("role dashboard set ciso --order top_risks,top_risks"), @"
    ------- stderr -------
    error: `top_risks` is named twice
    hint: name it once
    [exit status: 65]
    ");
    assert_snapshot!(board.run("role dashboard set ciso --section people"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      <--on|--off>

    Usage: secboard role dashboard set <--section <SECTION>|--widget <WIDGET>|--order <NAMES>|--file <FILE>> <--on|--off> <ROLE>

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("role dashboard set ciso --on"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      <--section <SECTION>|--widget <WIDGET>|--order <NAMES>|--file <FILE>>
      <--section <SECTION>|--widget <WIDGET>>

    Usage: secboard role dashboard set --on <--section <SECTION>|--widget <WIDGET>|--order <NAMES>|--file <FILE>> <--section <SECTION>|--widget <WIDGET>> <ROLE>

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("role dashboard set ciso"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      <--section <SECTION>|--widget <WIDGET>|--order <NAMES>|--file <FILE>>

    Usage: secboard role dashboard set <--section <SECTION>|--widget <WIDGET>|--order <NAMES>|--file <FILE>> <ROLE>

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("role dashboard show"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      <ROLE|--person <EMAIL>>

    Usage: secboard role dashboard show <ROLE|--person <EMAIL>>

    For more information, try '--help'.
    [exit status: 2]
    ");
    let set = |json| board.run_with_input("role dashboard set ciso --file -", json);
    assert_snapshot!(set("{"), @"
    ------- stderr -------
    error: this is no dashboard
      because: EOF while parsing an object at line 1 column 1
    hint: begin with what `secboard role dashboard show ROLE -o json` prints
    [exit status: 65]
    ");
    assert_snapshot!(set("{\"sections\": 1}"), @"
    ------- stderr -------
    error: this is no dashboard
      because: invalid type: integer `1`, expected a sequence at line 1 column 14
    hint: begin with what `secboard role dashboard show ROLE -o json` prints
    [exit status: 65]
    ");
    assert_snapshot!(set(r#"{"sections": [{"section": "people", "on": true, "widgets": [{"widget": "top_risks", "on": true}]}]}"#), @"
    ------- stderr -------
    error: the widget `top_risks` belongs to the section `risks_tprm`
    hint: name it in the section `risks_tprm`
    [exit status: 65]
    ");
    assert_snapshot!(set(r#"{"sections": [{"section": "people", "on": true}, {"section": "people", "on": true}]}"#), @"
    ------- stderr -------
    error: `people` is named twice
    hint: name it once
    [exit status: 65]
    ");
    assert_snapshot!(board.run("role dashboard set ciso --file missing.json"), @"
    ------- stderr -------
    error: there is no file `missing.json`
    hint: check the name; `-` reads standard input
    [exit status: 66]
    ");
}

#[test]
fn a_role_that_is_held_goes_only_by_force() {
    let board = Board::new();
    board.run("role create CISO").ok();
    board.run("user add-role ada@acme.example ciso").ok();
    assert_snapshot!(board.run("role delete ciso --yes"), @"
    ------- stderr -------
    error: role `ciso` is held by 1 person (ada@acme.example)
    hint: take it from them first with `secboard user remove-role EMAIL ROLE`, or add `--force`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("role delete ciso --force --dry-run --yes"), @"
    ------- stderr -------
    deleted role `CISO`, held by 1 person (ada@acme.example) (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("role delete ciso --force --yes"), @"
    ------- stderr -------
    deleted role `CISO`, held by 1 person (ada@acme.example)
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("audit list --limit 2 --columns action,subject,before"), @r#"
    ACTION       SUBJECT           BEFORE
    role.delete  ciso              name=CISO, slug=ciso, description=null, color=null, order=0, companies=[], groups=[], modules=[], active=true, dashboard=null
    role.delete  ada@acme.example  roles=["ciso"]
    "#);
}

#[test]
fn a_role_leaves_those_of_other_companies_only_by_force() {
    let board = Board::new();
    board.run("company create Beta").ok();
    board.run("role create CISO").ok();
    board.run("user add-role ada@acme.example ciso").ok();
    assert_snapshot!(board.run("role edit ciso --add-company beta"), @"
    ------- stderr -------
    error: role `ciso` is held by people of other companies or of none: 1 person (ada@acme.example)
    hint: take it from them first with `secboard user remove-role EMAIL ROLE`, or add `--force`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("role edit ciso --add-company beta --slug chief --force --yes"), @"
    ------- stderr -------
    changed role `CISO`: slug, companies
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("audit list --limit 2 --columns action,subject,after"), @r#"
    ACTION     SUBJECT           AFTER
    role.edit  chief             slug=chief, companies=["Beta"]
    role.edit  ada@acme.example  roles=[]
    "#);
}

#[test]
fn what_a_role_brings_follows_the_role_at_once() {
    let board = Board::new();
    board.run("company create Beta").ok();
    board.run("group create Readers").ok();
    board.run("group create Guards --company beta").ok();
    board.run("role create CISO --group readers").ok();
    board.run("user add-role ada@acme.example ciso").ok();
    assert_snapshot!(board.run("user show ada@acme.example -o json --columns roles,groups"), @r#"
    {"roles":["ciso"],"groups":[{"name":"Readers","company":null,"origins":["role:ciso"]}]}
    "#);
    assert_snapshot!(board.run("role edit ciso --remove-group Readers --add-group guards"), @"
    ------- stderr -------
    changed role `CISO`: groups
    ");
    assert_snapshot!(board.run("user show ada@acme.example -o json --columns roles,groups"), @r#"
    {"roles":["ciso"],"groups":[]}
    "#);
    assert_snapshot!(board.run("role edit ciso --add-company acme-bank"), @"
    ------- stderr -------
    error: the role `CISO` is not for the company of the group `Guards@Beta`, so nobody could get it from there
    hint: leave the group out, or add its company to the role
    [exit status: 65]
    ");
    assert_snapshot!(board.run("role list"), @"
    NAME  SLUG  COMPANIES  GROUPS       ACTIVE  HOLDERS
    CISO  ciso             Guards@Beta  yes     1
    ");
}

#[test]
fn a_person_sees_what_all_roles_show_together() {
    let board = Board::new();
    board.run("role create Risk --module risk --order 2").ok();
    board.run("role create Watch --module fim --module incidents --order 1").ok();
    board.run("role create Guest --company acme-bank").ok();
    board.run("role dashboard set watch --section top_panel --off").ok();
    assert_snapshot!(board.run("role dashboard show --person ada@acme.example"), @"
    ------- stderr -------
    `ada@acme.example` sees nothing: no active role shows anything
    ");
    for role in ["risk", "watch", "guest"] {
        board.run(&format!("user add-role ada@acme.example {role}")).ok();
    }
    board.run("role edit guest --inactive").ok();
    assert_snapshot!(board.run("role dashboard show --person ada@acme.example"), @"
    operations
        incidents_by_period
        mttd_mttr
        incident_categories
        fim_critical
    risks_tprm
        risks_by_level
        top_risks
        risk_plans
    people
        department_risk_profile
    ");
    assert_snapshot!(board.run("role dashboard show --person ada@acme.example -o jsonl"), @r#"
    {"person":"ada@acme.example","roles":["watch","risk"],"sections":[{"section":"operations","widgets":["incidents_by_period","mttd_mttr","incident_categories","fim_critical"]},{"section":"risks_tprm","widgets":["risks_by_level","top_risks","risk_plans"]},{"section":"people","widgets":["department_risk_profile"]}]}
    "#);
}

#[test]
fn a_dry_run_changes_nothing() {
    let board = Board::new();
    assert_snapshot!(board.run("role create CISO --dry-run"), @"
    ------- stderr -------
    created role `CISO`, slug `ciso` (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("role list"), @"
    ------- stderr -------
    nothing matches
    ");
}

/// A board where Ann and Bob hold the role CISO, which brings what nothing else gives Ann.
fn held_by_two() -> Board {
    let board = Board::new();
    for command in [
        "group create Readers",
        "group grant Readers risk.view_report",
        "group create Guards",
        "group grant Guards risk.view_report",
        "role create CISO --group Readers",
    ] {
        board.run(command).ok();
    }
    let people = "email,first_name,last_name,company,groups,roles\nann@x.example,Ann,Lee,Acme Bank,,ciso\n\
        bob@x.example,Bob,Kay,Acme Bank,Guards,ciso\n";
    board.run_with_input("user import - -q", people).ok();
    board
}

#[test]
fn a_change_of_a_role_that_takes_from_people_is_a_run() {
    let board = held_by_two();
    let may = |email: &str| board.run(&format!("permission check {email} risk.view_report")).code;
    assert_snapshot!(board.run("role edit ciso --description 'Security' --order 3"), @"
    ------- stderr -------
    changed role `CISO`: description, order
    ");
    assert_snapshot!(board.run("role edit ciso --inactive"), @"
    ------- stderr -------
    error: a confirmation (“1 person would be able to do less than before: 1 would be in no group any more, 1 permission of theirs would go. Go on?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("role edit ciso --inactive --dry-run"), @"
    EMAIL          GROUPS   PERMISSIONS
    ann@x.example  Readers  risk.view_report
    ------- stderr -------
    changed role `CISO`: active (dry run: nothing was changed)
    1 person would be able to do less than before: 1 would be in no group any more, 1 permission of theirs would go
    ");
    assert_snapshot!(board.run("role edit ciso --inactive --yes"), @"
    ------- stderr -------
    changed role `CISO`: active
    1 person may do less than before: 1 is in no group any more, 1 permission of theirs goes
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_eq!((may("ann@x.example"), may("bob@x.example")), (Some(1), Some(0)));
    let run = board.newest_run();
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 1 taken back
    ");
    assert_eq!(may("ann@x.example"), Some(0));
    assert_snapshot!(board.run("role edit ciso --remove-group Readers --yes"), @"
    ------- stderr -------
    changed role `CISO`: groups
    1 person may do less than before: 1 is in no group any more, 1 permission of theirs goes
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_eq!(may("ann@x.example"), Some(1));
    let run = board.newest_run();
    board.run(&format!("run undo {run} --yes")).ok();
    assert_eq!(may("ann@x.example"), Some(0));
    board.run("setting set brake.people 0").ok();
    board.run("setting set brake.percent 0").ok();
    assert_snapshot!(board.run("role edit ciso --inactive --yes"), @"
    ------- stderr -------
    planned, not done: 1 person would be able to do less than before: 1 would be in no group any more, 1 permission of theirs would go
    error: run `[run]` is held: 1 of 3 people would be able to do less than before, more than 0 are not let through; group `Readers` would lose 2 of the 2 people in it
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    assert_eq!(may("ann@x.example"), Some(0), "nothing is done yet");
    let run = board.newest_run();
    board.run(&format!("run discard {run}")).ok();
    board.run("role edit ciso --inactive --yes -q");
    let run = board.newest_run();
    board.run("role edit ciso --description 'Somebody was quicker'").ok();
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    error: run `[run]` no longer fits, and nothing was changed: role `ciso` has been changed since
    hint: give the command that made it once more, and end this one with `secboard run discard [run]`
    [exit status: 65]
    ");
    board.run("audit verify --state").ok();
}

#[test]
fn a_deleted_role_comes_back_with_who_held_it() {
    let board = held_by_two();
    board.run("role dashboard set ciso --section people --off").ok();
    let before = board.run("role show ciso -o json --columns id,name,slug,groups,holders").ok().stdout;
    let dashboard = board.run("role dashboard show ciso").ok().stdout;
    board.run("role delete ciso --force --yes").ok();
    let run = board.newest_run();
    assert_snapshot!(board.run(&format!("run show {run}")), @r#"
    ID             [run]
    CREATED AT     [time]
    KIND           role.delete
    STATE          applied
    SOURCE         ciso
    ACTOR          system
    CREATE         0
    UPDATE         1
    DEACTIVATE     1
    DELETE         0
    COMPANIES      0
    DEPARTMENTS    0
    POSITIONS      0
    GROUPS         0
    ROLES          1
    MAILS          0
    LOSING         1
    WITHOUT LOGIN  0
    WITHOUT GROUP  1
    PERMISSIONS    1
    UPDATED AT     [time]

    - user ann@x.example  roles: ["ciso"] → []
    ~ user bob@x.example  roles: ["ciso"] → []
    - role ciso
    "#);
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 3 taken back
    ");
    assert_eq!(board.run("role show ciso -o json --columns id,name,slug,groups,holders").ok().stdout, before);
    assert_eq!(board.run("role dashboard show ciso").ok().stdout, dashboard);
    board.run("audit verify --state").ok();
}
