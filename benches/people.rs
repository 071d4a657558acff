//! Made-up people, the same at every run: names in five scripts, companies with departments and positions, phones,
//! colours, dates before, around and after today.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

const FIRST: [&str; 16] = [
    "Олена",
    "Дар'я",
    "Андрій",
    "Тарас",
    "Ганна",
    "Jürgen",
    "Zoë",
    "Łucja",
    "Anna",
    "Max",
    "Ruby",
    "გიორგი",
    "ნინო",
    "Νίκος",
    "太郎",
    "花子",
];

const LAST: [&str; 16] = [
    "Шевченко",
    "Коваленко",
    "Бондар",
    "Лисенко",
    "Мар'яненко",
    "Müller",
    "O'Neil",
    "Dąbrowska",
    "Whitfield",
    "Parry",
    "Okafor",
    "კაპანაძე",
    "ბერიძე",
    "Παπαδόπουλος",
    "山田",
    "佐藤",
];

const COLORS: [&str; 6] = ["", "", "#ffcc00", "#1a237e", "#c8e6c9", "#b71c1c"];

/// A number that looks random and is always the same (the finaliser of `MurmurHash3`).
pub(crate) fn scattered(index: usize, salt: usize) -> usize {
    let mut value = (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ ((salt as u64) << 32);
    value = (value ^ (value >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    value = (value ^ (value >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    (value ^ (value >> 33)) as usize
}

pub(crate) fn pick<'a>(from: &[&'a str], index: usize, salt: usize) -> &'a str {
    from.get(scattered(index, salt) % from.len()).copied().unwrap_or_default()
}

/// The email of a person; they come in no order, as in life.
pub(crate) fn email(index: usize) -> String {
    format!("p{:07x}.{index}@example.org", scattered(index, 1) & 0x0fff_ffff)
}

/// The digits of a phone that one person in a hundred thousand has.
pub(crate) fn phone(index: usize) -> String {
    format!("+38067{:07}", scattered(index, 2) % 10_000_000)
}

/// The company with this number.
pub(crate) fn company(number: usize) -> String {
    format!("Company {:02}", number % 20)
}

/// Writes so many people as a file for `user import`.
pub(crate) fn write(path: &Path, people: usize) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    writeln!(
        out,
        "email,first_name,last_name,phone,company,department,position,start_date,end_date,color,active"
    )
    .unwrap();
    for index in 0..people {
        let place = scattered(index, 3);
        let department = place / 20 % 10;
        let (start, end) = match scattered(index, 4) % 10 {
            0 => ("2020-01-15", "2024-06-30"),
            1 => ("2090-01-01", ""),
            2..6 => ("2021-03-01", "2099-12-31"),
            _ => ("", ""),
        };
        writeln!(
            out,
            "{},{},{} {:03},{},{},Department {department},Position {},{start},{end},{},{}",
            email(index),
            pick(&FIRST, index, 5),
            pick(&LAST, index, 6),
            scattered(index, 7) % 1000,
            phone(index),
            company(place),
            place / 200 % 5,
            pick(&COLORS, index, 8),
            if scattered(index, 9).is_multiple_of(20) { "no" } else { "yes" },
        )
        .unwrap();
    }
    out.flush().unwrap();
}

/// Writes the people of such a file again, each as `row` makes them of their cells.
fn rewrite(from: &Path, to: &Path, header: &str, row: impl Fn(&[&str]) -> String) {
    let mut out = BufWriter::new(File::create(to).unwrap());
    writeln!(out, "{header}").unwrap();
    for line in fs::read_to_string(from).unwrap().lines().skip(1) {
        writeln!(out, "{}", row(&line.split(',').collect::<Vec<_>>())).unwrap();
    }
    out.flush().unwrap();
}

/// Writes the same people under the headings and with the words of Entra ID, whose profile reads them.
pub(crate) fn write_as_entra(from: &Path, to: &Path) {
    let header = "mail,givenName,surname,telephoneNumber,companyName,department,jobTitle,start_date,end_date,color,\
        accountEnabled,userPrincipalName,displayName";
    rewrite(from, to, header, |cells| {
        let (active, rest) = cells.split_last().unwrap();
        let active = if *active == "yes" { "True" } else { "False" };
        let email = rest.first().unwrap();
        format!("{},{active},{email},Somebody", rest.join(","))
    });
}

/// Writes as many rows with four faults each: no email, no phone, a day in another order, no colour.
pub(crate) fn write_bad(from: &Path, to: &Path) {
    let header =
        "email,first_name,last_name,phone,company,department,position,start_date,end_date,color,active";
    rewrite(from, to, header, |cells| {
        let place = |(place, cell): (usize, &&str)| match place {
            0 => cell.replace('@', " at "),
            3 => "12".to_owned(),
            8 => "31.12.2030".to_owned(),
            9 => "red".to_owned(),
            _ => (*cell).to_owned(),
        };
        cells.iter().enumerate().map(place).collect::<Vec<_>>().join(",")
    });
}
