//! `secboard user`.

mod assignment;
mod avatar;
mod bin;
mod calendar;
mod create;
mod edit;
mod list;
mod password;
mod show;
mod switch;
mod why;

use crate::harness::Board;

/// Ada and three others, on a day in March 2026 or whenever: one from Kyiv, one who left, one who is yet to come.
const PEOPLE: &str = "\
email,first_name,last_name,company,department,position,phone,start_date,end_date,color
olena@acme.example,Олена,Шевченко,Acme Bank,Treasury,Dealer,+380671234567,,,#ffcc00
max@globex.example,Max,Müller,Globex,,,+442079275444,2024-01-01,2025-12-31,
yamada@acme.example,太郎,山田,Acme Bank,Treasury,,,2099-04-01,,
";

/// A board with Ada and three others.
fn people() -> Board {
    let board = Board::new();
    board.run_with_input("user import - --create-missing -q", PEOPLE).ok();
    board
}
