//! What an operator of one company is told of everything that is another's: what is told of what never was.

use std::io::Cursor;

use crate::harness::{Board, Ran};

/// A board of two companies with everything in each, under names that are nearly the same.
pub(crate) fn board() -> Board {
    let board = Board::new();
    for command in [
        "company create Globex",
        "company create Empty",
        "department create Treasury --company acme-bank",
        "department create Idle --company acme-bank",
        "position create Dealer --company acme-bank --department Treasury",
        "department create Vault --company globex",
        "position create Keeper --company globex --department Vault",
        "group create Readers",
        "group create Unused",
        "group edit Readers --assignable",
        "group create Common --company acme-bank",
        "group create Common --company globex",
        "group create Foreign --company globex",
        "group grant Foreign risk.view_report",
        "role create Night",
        "role create Local --company acme-bank",
        "role create Overseer --company globex --group Foreign",
        "role create Shared --company acme-bank --company globex --group 'Common@Acme Bank' --group Foreign",
        "role create Global --group Foreign --group Readers",
        "user create --email olena@acme.example --first-name Olena --last-name Koval --company acme-bank",
        "user create --email petro@acme.example --first-name Petro --last-name Koval --company acme-bank",
        "user create --email gone@acme.example --first-name Gone --last-name Acme --company acme-bank",
        "user create --email max@globex.example --first-name Max --last-name Müller --company globex --role global",
        "user create --email left@globex.example --first-name Left --last-name Globex --company globex",
        "user delete gone@acme.example --yes",
        "user delete left@globex.example --yes",
    ] {
        board.run(command).ok();
    }
    board.run_with_input("user import - --accounts-only", "email\nbare@acme.example\n").ok();
    let mut photo = Cursor::new(Vec::new());
    image::GrayImage::new(240, 240).write_to(&mut photo, image::ImageFormat::Png).unwrap();
    board.write("photo.png", photo.into_inner());
    board.run("user avatar set olena@acme.example photo.png").ok();
    board
}

/// The held run of a board, which people of both companies are in.
pub(crate) fn held_run(board: &Board) -> String {
    for setting in ["brake.people", "brake.percent"] {
        board.run(&format!("setting set {setting} 0")).ok();
    }
    board.run("user deactivate olena@acme.example max@globex.example --yes");
    for setting in ["brake.people", "brake.percent"] {
        board.run(&format!("setting unset {setting}")).ok();
    }
    board.newest_run()
}

/// Someone with every permission for Acme Bank alone.
fn of_acme(board: &Board) -> String {
    for command in ["group create Everything --company acme-bank", "group grant Everything '*'"] {
        board.run(command).ok();
    }
    let new = "user create --email op@acme.example --first-name O --last-name P --company acme-bank --staff";
    board.run(&format!("{new} --group 'Everything@Acme Bank'")).ok();
    board.run("user show olena@acme.example --as op@acme.example").ok();
    "op@acme.example".to_owned()
}

/// What was printed and how it ended, with the typed name as `NAME`.
fn told(ran: &Ran, name: &str) -> String {
    format!("{}\n{}\n{:?}", ran.stdout, ran.stderr, ran.code).replace(name, "NAME")
}

/// Proves for each line, with each hidden name for `{}`, that the answer is that for a name which never was.
fn are_hidden(board: &Board, operator: &str, lines: &[&str], names: &[(&str, &str)]) {
    let mut failed = Vec::new();
    for line in lines {
        for (hidden, never) in names {
            let run = |name: &str| {
                let (line, input) = line.split_once(" < ").unwrap_or((line, ""));
                let line = format!("{} --yes --as {operator}", line.replace("{}", name));
                told(&board.run_with_input(&line, &input.replace("{}", name)), name)
            };
            let (there, nowhere) = (run(hidden), run(never));
            let is_refused =
                ["Some(67)", "Some(65)", "Some(77)", "Some(1)"].iter().any(|end| there.ends_with(end));
            if there != nowhere || !is_refused {
                failed.push(format!("{line}\n`{hidden}`: {there}\n`{never}`: {nowhere}\n"));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a1_people_out_of_reach_are_as_if_they_had_never_been() {
    let board = board();
    let operator = of_acme(&board);
    let id = |email: &str| board.run(&format!("user show {email} -o json")).ok().json()["id"].to_string();
    let max = id("max@globex.example");
    let lines = [
        "user show {}",
        "user show {} --as-of today",
        "user edit {} --phone +380671234567",
        "user activate {}",
        "user deactivate {}",
        "user deactivate {} olena@acme.example",
        "user deactivate - < {}\nolena@acme.example\n",
        "user delete {}",
        "user delete {} no@acme.example",
        "user restore {}",
        "user purge {}",
        "user unlock {}",
        "user force-password-change {}",
        "user set-password {} --generate",
        "user set-password {} --generate --dry-run",
        "user add-role {} night",
        "user remove-role {} night",
        "user add-group {} Readers",
        "user remove-group {} Readers",
        "user avatar set {} photo.png",
        "user avatar show {}",
        "user avatar remove {}",
        "user why {}",
        "user adopt {} --first-name A --last-name B --company acme-bank",
        "group add-member Readers {}",
        "group remove-member Readers {}",
        "permission show {}",
        "permission show {} --as-of today",
        "permission check {} users.view",
        "permission check {} users.view --as-of today",
        "permission explain {} users.view",
        "permission diff {} olena@acme.example",
        "permission diff olena@acme.example {}",
        "permission matrix --user {}",
        "role dashboard show --person {}",
        "user import - --on-existing update < email,phone\n{},+380671234567\n",
    ];
    let names = [
        ("max@globex.example", "mac@globex.example"),
        ("MAX@globex.example", "MAC@globex.example"),
        ("left@globex.example", "lest@globex.example"),
        ("bare@acme.example", "bars@acme.example"),
        (max.as_str(), "999"),
    ];
    let (import, lines) = lines.split_last().unwrap();
    are_hidden(&board, &operator, lines, &names);
    // Whoever may make people learns that an email is taken; there is one of each.
    for name in ["max@globex.example", "bare@acme.example"] {
        let (line, rows) = import.split_once(" < ").unwrap();
        let ran = board.run_with_input(&format!("{line} --as {operator}"), &rows.replace("{}", name));
        assert!(ran.code == Some(65) && ran.stderr.contains("is taken"), "{ran}");
        let new = format!("user create --email {name} --first-name A --last-name B --company acme-bank");
        for flag in ["", "--if-absent"] {
            let ran = board.run(&format!("{new} {flag} --as {operator}"));
            assert_eq!(ran.code, Some(73));
            assert_eq!(ran.stderr, format!("error: the email `{name}` is taken\nhint: choose another\n"));
        }
        let ran = board.run(&format!("user edit olena@acme.example --email {name} --as {operator}"));
        assert_eq!(ran.stderr, format!("error: the email `{name}` is taken\nhint: choose another\n"));
    }
}

#[test]
fn a1_companies_out_of_reach_are_as_if_they_had_never_been() {
    let board = board();
    let operator = of_acme(&board);
    let lines = [
        "company show {}",
        "company edit {} --note text",
        "company delete {}",
        "department list --company {}",
        "department show Vault --company {}",
        "department create New --company {}",
        "department edit Vault --company {} --note text",
        "department delete Vault --company {}",
        "position list --company {}",
        "position show Keeper --company {}",
        "position create New --company {} --department Vault",
        "position edit Keeper --company {} --note text",
        "position delete Keeper --company {}",
        "org chart --company {}",
        "user list --company {}",
        "user list --company {} --count",
        "user calendar --company {}",
        "user deactivate --company {} --all-matching",
        "user create --email n@acme.example --first-name A --last-name B --company {}",
        "user edit olena@acme.example --company {}",
        "user restore gone@acme.example --company {}",
        "user import - < email,first_name,last_name,company\nn@acme.example,A,B,{}\n",
        "user import - --create-missing < email,first_name,last_name,company\nn@acme.example,A,B,{}\n",
        "user import - --on-existing update < email,company\nolena@acme.example,{}\n",
        "user import - --on-existing update --create-missing < email,company\nolena@acme.example,{}\n",
        "role list --company {}",
        "role create New --company {}",
        "role edit local --add-company {}",
        "role edit local --remove-company {}",
        "group create New --company {}",
        "group list --company {}",
        "group show 'Foreign@{}'",
        "group edit 'Foreign@{}' --description text",
        "group edit 'Common@Acme Bank' --company {}",
        "group delete 'Foreign@{}'",
        "group grant 'Foreign@{}' risk.view_report",
        "group grant 'Common@Acme Bank' risk.view_report --company {}",
        "group revoke 'Common@Acme Bank' risk.view_report --company {}",
        "group members 'Foreign@{}'",
        "group add-member 'Foreign@{}' olena@acme.example",
        "user add-group olena@acme.example 'Foreign@{}'",
        "user remove-group olena@acme.example 'Foreign@{}'",
        "user list --group 'Foreign@{}'",
        "permission check olena@acme.example users.view --company {}",
        "permission check op@acme.example users.view --company {}",
        "permission explain olena@acme.example users.view --company {}",
        "permission explain olena@acme.example users.view --company {} --as-of today",
        "permission who-can users.view --company {}",
        "permission matrix --user olena@acme.example --company {}",
        "permission matrix --group Readers --company {}",
        "permission matrix --group 'Foreign@{}'",
        "export users --company {} --output out.csv",
        "export access --company {} --output out.csv",
    ];
    are_hidden(&board, &operator, &lines, &[("globex", "globez"), ("Globex", "Globez")]);
}

#[test]
fn a1_places_groups_and_roles_out_of_reach_are_as_if_they_had_never_been() {
    let board = board();
    let operator = of_acme(&board);
    let new = "user create --email n@acme.example --first-name A --last-name B --company acme-bank";
    let with = |flag: &str| format!("{new} --{flag} {{}}");
    let (department, position, group, role) =
        (with("department"), with("position"), with("group"), with("role"));
    let row = |column: &str| {
        format!(
            "user import - < email,first_name,last_name,company,{column}\nn@acme.example,A,B,Acme Bank,{{}}\n"
        )
    };
    let (department_row, position_row, group_row, role_row) =
        (row("department"), row("position"), row("groups"), row("roles"));
    let departments = [
        "department show {}",
        "department edit {} --note text",
        "department delete {}",
        "department create New --company acme-bank --parent {}",
        "position list --department {}",
        "position create New --company acme-bank --department {}",
        "position show Keeper --department {}",
        "user list --department {}",
        "user edit olena@acme.example --department {}",
        &department,
        &department_row,
    ];
    are_hidden(&board, &operator, &departments, &[("Vault", "Vaulz")]);
    let positions = [
        "position show {}",
        "position edit {} --note text",
        "position delete {}",
        "user list --position {}",
        "user edit olena@acme.example --department Treasury --position {}",
        &position,
        &position_row,
    ];
    are_hidden(&board, &operator, &positions, &[("Keeper", "Keepez")]);
    let groups = [
        "group show {}",
        "group edit {} --description text",
        "group delete {}",
        "group delete {} --force",
        "group grant {} risk.view_report",
        "group revoke {} risk.view_report",
        "group members {}",
        "group add-member {} olena@acme.example",
        "group remove-member {} olena@acme.example",
        "user add-group olena@acme.example {}",
        "user remove-group olena@acme.example {}",
        "user add-group {} --all-matching",
        "user list --group {}",
        "role create New --company acme-bank --group {}",
        "role edit local --add-group {}",
        "role edit local --remove-group {}",
        "permission matrix --group {}",
        "permission matrix --group {} --as-of today",
        &group,
        &group_row,
    ];
    are_hidden(&board, &operator, &groups, &[("Foreign", "Foreigz")]);
    let roles = [
        "role show {}",
        "role edit {} --description text",
        "role delete {}",
        "role delete {} --force",
        "role dashboard show {}",
        "role dashboard set {} --section people --off",
        "role dashboard reset {}",
        "user add-role olena@acme.example {}",
        "user remove-role olena@acme.example {}",
        "user list --role {}",
        "permission matrix --role {}",
        "permission matrix --role {} --as-of today",
        &role,
        &role_row,
    ];
    are_hidden(&board, &operator, &roles, &[("overseer", "overseez"), ("Overseer", "Overseez")]);
    let run = held_run(&board);
    are_hidden(&board, &operator, &["run show {}", "run undo {}", "run release {}"], &[(&run, "zzzzzzzzzz")]);
}

/// A name that stands for one thing within reach and for others out of reach means that one.
#[test]
fn a1_what_is_out_of_reach_makes_no_name_ambiguous() {
    let board = board();
    let operator = of_acme(&board);
    for line in [
        "group show Common",
        "group members Common",
        "user add-group olena@acme.example Common",
        "user list --group Common",
        "permission matrix --group Common",
        "role edit local --add-group Common",
        "user create --email n@acme.example --first-name A --last-name B --company acme-bank --group Common",
    ] {
        board.run(&format!("{line} --as {operator}")).ok();
    }
}

/// Nothing that is printed for an operator names what is out of reach, or counts it.
#[test]
fn a1_lists_and_shared_things_say_nothing_of_what_is_out_of_reach() {
    let board = board();
    let operator = of_acme(&board);
    for line in [
        "group grant Readers fim.view --company globex",
        "user add-group olena@acme.example Readers",
        "user add-group max@globex.example Readers",
    ] {
        board.run(line).ok();
    }
    for line in [
        "user list",
        "user calendar --days 3660",
        "user show olena@acme.example -o json",
        "company list",
        "department list",
        "position list",
        "org chart",
        "group list",
        "group show Readers -o json",
        "group members Readers",
        "role list -o json",
        "role show shared -o json",
        "role show global -o json",
        "role edit local --description text -o json",
        "permission show olena@acme.example -o json",
        "permission diff olena@acme.example op@acme.example -o json",
        "permission matrix --user olena@acme.example -o json",
        "permission matrix --group Readers -o json",
        "permission matrix --role global -o json",
        "permission explain olena@acme.example fim.view -o json",
        "permission explain olena@acme.example fim.view --company acme-bank",
        "permission who-can risk.view_report -o json",
        "export users -o csv",
        "export roles -o csv",
        "export groups -o csv",
        "export permissions -o csv",
        "export access -o csv",
    ] {
        let ran = board.run(&format!("{line} --as {operator}"));
        let told = format!("{}{}", ran.stdout, ran.stderr);
        let hidden = ["Globex", "globex", "Foreign", "Vault", "Keeper", "Overseer", "Müller"];
        let leaks: Vec<_> = hidden.iter().filter(|word| told.contains(**word)).collect();
        assert!(leaks.is_empty() && !told.contains("[exit status: 2]"), "{line}: {leaks:?}\n{told}");
        assert!(ran.code.is_some_and(|code| code < 2), "{line}: {told}");
    }
    let readers = board.run(&format!("group list -o json --as {operator}")).json();
    let readers = readers.as_array().unwrap().iter().find(|group| group["name"] == "Readers").unwrap();
    assert_eq!((&readers["members"], &readers["grants"]), (&1.into(), &0.into()));
    let global = board.run(&format!("role show global -o json --as {operator}")).json();
    assert_eq!((&global["holders"], &global["groups"]), (&0.into(), &serde_json::json!(["Readers"])));
}
