//! What `secboard user import` takes columns and words of other systems for.

use insta::assert_snapshot;

use crate::harness::Board;

const HEADER: &str = "email,first_name,last_name,company";

/// Yes under "blocked", no under "active": as many rows say that somebody is off as with a word for it.
#[test]
fn rows_that_say_by_yes_or_no_who_is_off_are_counted() {
    let board = Board::new();
    let people = [("a", "ja,1,nein,ok"), ("b", "nein,0,ja,ok"), ("c", "Ja,true,ja,Gesperrt"), ("d", ",,,")]
        .map(|(name, cells)| format!("{name}@x.example,A,B,Acme Bank,{cells}\n"));
    board.write("people.csv", format!("{HEADER},Gesperrt,deleted,Aktiv,Status\n{}", people.concat()));
    assert_snapshot!(board.run("user import people.csv --ignore-unknown"), @"
    ------- stderr -------
    left out of `people.csv`: Gesperrt, deleted, Aktiv, Status
    among these, who is switched off may stand in: Gesperrt (2 rows say so), deleted (2 rows say so), Aktiv (1 row says so), Status (1 row says so)
    people: 4 created
    run `[run]`; undo it with `secboard run undo [run]`
    ");
}

/// A word for no end leaves every other day of the column a day, and so it is with names.
#[test]
fn one_word_of_a_column_of_days_or_names_leaves_the_others() {
    let board = Board::new();
    board.write(
        "people.csv",
        format!(
            "{HEADER},end_date,department\na@x.example,A,B,Acme Bank,31-DEC-99,n/a\n\
            b@x.example,A,B,Acme Bank,2030-01-31,Treasury\n"
        ),
    );
    let words = "--values 'end_date:31-DEC-99=never' --values 'department:n/a='";
    assert_snapshot!(board.run(&format!("user import people.csv {words} --create-missing --dry-run")), @"
    + user a@x.example  first_name=A, last_name=B, company=Acme Bank, active=yes
    + department Treasury  name=Treasury, company=Acme Bank
    + user b@x.example  first_name=A, last_name=B, company=Acme Bank, department=Treasury, active=yes, end_date=2030-01-31
    ------- stderr -------
    people: 2 created; also created: 1 department (dry run: nothing was changed)
    ");
    board.write("roles.csv", format!("{HEADER},roles\na@x.example,A,B,Acme Bank,Owner\n"));
    let ran = board.run("user import roles.csv --values 'roles:Member='");
    assert!(ran.stderr.contains("`Owner` is none of the words that `--values` lists"), "{ran}");
}

/// Okta writes when somebody was activated beside the status that says who is.
#[test]
fn a_time_is_never_offered_as_active() {
    let board = Board::new();
    for activated in ["2024-01-01T00:00:00.000Z", ""] {
        board.write(
            "okta.csv",
            format!("{HEADER},id,status,activated,statusChanged\na@x.example,A,B,Acme Bank,1,ACTIVE,{activated},{activated}\n"),
        );
        let ran = board.run("user import okta.csv");
        assert!(ran.stderr.contains("who is switched off may stand in `status`"), "{ran}");
        assert!(!ran.stderr.contains("activated=active"), "{ran}");
    }
    board.write(
        "okta.csv",
        format!("{HEADER},status,activated\na@x.example,A,B,Acme Bank,SUSPENDED,2024-01-01T00:00:00.000Z\n"),
    );
    assert_snapshot!(board.run("user import okta.csv --ignore-unknown --dry-run"), @"
    + user a@x.example  first_name=A, last_name=B, company=Acme Bank, active=yes
    ------- stderr -------
    left out of `okta.csv`: status, activated
    among these, who is switched off may stand in: status (1 row says so)
    nothing in `okta.csv` says: department, position, phone, start_date, end_date, active, roles, groups
    people: 1 created (dry run: nothing was changed)
    ");
    board.write(
        "whole.csv",
        "id,status,activated,login,firstName,lastName,email,mobilePhone,organization\n\
        1,ACTIVE,,ann@x.example,Ann,Lee,ann@x.example,,Acme Bank\n",
    );
    assert_snapshot!(board.run("user import whole.csv"), @"
    ------- stderr -------
    error: `whole.csv`: there is no column company; 5 columns are not known: `id`, `status`, `activated`, `login`, `organization`
    hint: say what a column is, and leave out what is not needed with `secboard user import whole.csv --profile okta`
    [exit status: 65]
    ");
}

/// What a profile names for a field is all that it takes for it.
#[test]
fn a_column_that_a_profile_names_is_stronger_than_one_that_is_called_so() {
    let board = Board::new();
    board.write(
        "ad.csv",
        "DN,sAMAccountName,userPrincipalName,mail,emailAddress,givenName,sn,company,telephoneNumber,mobilePhone,userAccountControl,isActive\n\
        x,ann,ann@corp.example,ann@x.example,old@x.example,Ann,Lee,Acme Bank,+46855501001,+46705550101,512,False\n",
    );
    assert_snapshot!(board.run("user import ad.csv --profile ad --dry-run"), @"
    + user ann@x.example  first_name=Ann, last_name=Lee, phone=+46855501001, company=Acme Bank, active=yes
    ------- stderr -------
    left out of `ad.csv`: DN, sAMAccountName, emailAddress, mobilePhone, isActive
    among these, who is switched off may stand in: isActive (1 row says so)
    nothing in `ad.csv` says: department, position, start_date, end_date, roles, groups
    people: 1 created (dry run: nothing was changed)
    ");
    board.write(
        "entra.csv",
        "userPrincipalName,emailAddress,mail,givenName,surname,accountEnabled,Enabled,mobile,phone\n\
        ann@x.example,old@x.example,ann@x.example,Ann,Lee,False,True,+46705550101,+46855501001\n",
    );
    assert_snapshot!(board.run("user import entra.csv --profile entra --set company='Acme Bank' --dry-run"), @"
    + user ann@x.example  first_name=Ann, last_name=Lee, phone=+46705550101, company=Acme Bank, active=no
    ------- stderr -------
    left out of `entra.csv`: emailAddress, Enabled, phone
    nothing in `entra.csv` says: department, position, start_date, end_date, roles, groups
    people: 1 created (dry run: nothing was changed)
    ");
    let ran = board.run("user import entra.csv --map mail=email --map Enabled=- --map phone=- --map userPrincipalName=- --set company='Acme Bank'");
    assert!(ran.stderr.contains("both mean email"), "what is typed leaves nothing out: {ran}");
}
