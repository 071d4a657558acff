//! Made-up companies and people in many scripts, always the same.

use crate::text::date::Day;
use crate::text::slug::slug;
use crate::user::Facts;

/// How many people there are.
pub(super) const PEOPLE: usize = 200;

/// A made-up company.
pub(super) struct Company {
    /// Its name.
    pub(super) name: &'static str,
    /// The domain of its emails; reserved for examples (RFC 2606).
    domain: &'static str,
    /// Its departments, each with its positions.
    pub(super) departments: &'static [(&'static str, &'static [&'static str])],
    /// Whose names its people have.
    names: &'static [Names],
}

/// First and last names that go together.
struct Names {
    first: &'static [&'static str],
    last: &'static [&'static str],
}

const ENGLISH: Names = Names {
    first: &["Toby", "Grace", "Nora", "Owen", "Isla", "Felix", "Ruby", "Hugh", "Maeve", "Jack"],
    last: &[
        "O'Neil",
        "Parry",
        "Whitfield",
        "Baker-Jones",
        "Holloway",
        "Marsh",
        "Okafor",
        "Sinclair",
        "Turner",
    ],
};

const UKRAINIAN: Names = Names {
    first: &["Дар'я", "Олена", "Тарас", "Соломія", "Андрій", "Ївга", "Богдан", "Лук'ян", "Ганна", "Остап"],
    last: &[
        "Шевченко",
        "Данчук",
        "Мар'яненко",
        "Кравець",
        "Гриценко",
        "Лисенко",
        "Бондар",
        "Щербак",
        "Яременко",
    ],
};

const GERMAN: Names = Names {
    first: &["Jürgen", "Käthe", "Sören", "Anneliese", "Björn", "Ulrike", "Günther", "Zoë"],
    last: &["Müller", "Weiß", "Groß", "Schäfer", "König", "von der Heide", "Böhm", "Köhler"],
};

const GREEK: Names = Names {
    first: &["Ελένη", "Νίκος", "Αθηνά", "Γιώργος", "Σοφία"],
    last: &["Παπαδοπούλου", "Νικολάου", "Αγγελίδης", "Βασιλείου"],
};

const TURKISH: Names = Names {
    first: &["İpek", "Çağrı", "Şule", "Ilgın", "Özgür"],
    last: &["Yıldız", "Öztürk", "Işık", "Çelik"],
};

const POLISH: Names = Names {
    first: &["Łucja", "Zbigniew", "Małgorzata", "Grażyna", "Wojciech"],
    last: &["Wójcik", "Żak", "Dąbrowska", "Śliwiński"],
};

const JAPANESE: Names = Names {
    first: &["太郎", "花子", "健一", "美咲"],
    last: &["山田", "佐藤", "鈴木", "高橋"],
};

const CHINESE: Names =
    Names { first: &["伟", "芳", "秀英", "建国"], last: &["王", "李", "张", "刘"] };

const GEORGIAN: Names = Names {
    first: &["ნინო", "გიორგი", "თამარი"],
    last: &["ბერიძე", "კაპანაძე", "მაისურაძე"],
};

/// The companies, in the order they are made.
pub(super) const COMPANIES: [Company; 3] = [
    Company {
        name: "Acme Bank",
        domain: "acme.example",
        departments: &[
            ("Security", &["Head of Security", "Analyst"]),
            ("Internal Audit", &["Director", "Auditor"]),
            ("Treasury", &["Dealer", "Controller"]),
            ("Call Centre", &["Team Lead", "Agent"]),
        ],
        names: &[ENGLISH, UKRAINIAN, JAPANESE, CHINESE],
    },
    Company {
        name: "Дніпро Енерго",
        domain: "dnipro.example",
        departments: &[
            ("Диспетчерська", &["Старший диспетчер", "Диспетчер"]),
            ("Бухгалтерія", &["Головний бухгалтер", "Бухгалтер"]),
            ("Відділ кадрів", &["Начальник відділу", "Фахівець"]),
        ],
        names: &[UKRAINIAN, GEORGIAN, POLISH],
    },
    Company {
        name: "Müller & Söhne",
        domain: "mueller.example",
        departments: &[
            ("Geschäftsführung", &["Geschäftsführer", "Assistenz"]),
            ("Einkauf", &["Leitung", "Einkäufer"]),
            ("Werkstatt", &["Meister", "Geselle"]),
        ],
        names: &[GERMAN, TURKISH, GREEK],
    },
];

/// Background colours for lists and workbooks, light and dark.
const COLORS: [&str; 6] = ["#ffcc00", "#7b1fa2", "#c8e6c9", "#1565c0", "#f8cbad", "#37474f"];

/// The roles of some people, by their number; they are those of the recommended set-up.
const ROLES: [(usize, &str); 8] = [
    (0, "ciso"),
    (1, "risk-manager"),
    (2, "soc-analyst"),
    (3, "risk-manager"),
    (6, "internal-auditor"),
    (9, "soc-analyst"),
    (12, "read-only-auditor"),
    (16, "internal-auditor"),
];

/// The item at `index`, counted round and round.
fn pick<T>(items: &[T], index: usize) -> Option<&T> {
    items.get(index.checked_rem(items.len())?)
}

/// The made-up person number `index`; start and end dates lie around `today`.
pub(super) fn person(index: usize, today: Day) -> Option<Facts> {
    let company = pick(&COMPANIES, index)?;
    let round = index / COMPANIES.len();
    let names = pick(company.names, round)?;
    let (first, last) = (pick(names.first, round)?, pick(names.last, round * 5 + round / 7)?);
    let (department, positions) = pick(company.departments, round / 2)?;
    let stem = slug(&format!("{first} {last}")).unwrap_or_else(|| "person".to_owned());
    let mut facts = Facts::new(format!("{}{index:03}@{}", stem.replace('-', "."), company.domain));
    facts.first_name = Some((*first).to_owned());
    facts.last_name = Some((*last).to_owned());
    facts.company = Some(company.name.to_owned());
    facts.department = Some((*department).to_owned());
    facts.position =
        pick(positions, usize::from(!index.is_multiple_of(7))).map(|position| (*position).to_owned());
    facts.phone = (index % 4 != 3).then(|| format!("+38067{:07}", 1_230_000 + index * 37));
    facts.color =
        index.is_multiple_of(3).then(|| pick(&COLORS, index / 3)).flatten().map(|color| (*color).to_owned());
    facts.active = index % 17 != 5;
    facts.roles = ROLES.iter().filter(|(who, _)| *who == index).map(|(_, role)| (*role).to_owned()).collect();
    facts.staff = index % 40 == 1;
    facts.two_factor_required = index % 9 == 2;
    let day = |count: &str| Day::parse_relative(count, today).ok();
    match index % 20 {
        7 => facts.end_date = day("-10d"),
        11 => facts.start_date = day("+2w"),
        13 => (facts.start_date, facts.end_date) = (day("-1y"), day("+30d")),
        _ => {}
    }
    Some(facts)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{PEOPLE, person};
    use crate::text::date::Day;

    #[test]
    fn everybody_is_made_up_completely_and_has_an_email_of_their_own() {
        let today = Day::parse("2026-11-21").unwrap();
        let people: Vec<_> = (0..PEOPLE).map(|index| person(index, today).unwrap()).collect();
        let emails: HashSet<_> = people.iter().map(|facts| &facts.email).collect();
        assert_eq!(emails.len(), PEOPLE);
        for facts in &people {
            crate::text::email::Email::parse(&facts.email).unwrap();
            crate::text::name::check_name(facts.first_name.as_deref().unwrap()).unwrap();
            if let Some(phone) = &facts.phone {
                assert_eq!(crate::text::phone::parse_phone(phone, None).unwrap().as_str(), phone);
            }
        }
        let scripts = |range: std::ops::RangeInclusive<char>| {
            people.iter().any(|facts| facts.last_name.as_deref().unwrap().chars().any(|c| range.contains(&c)))
        };
        assert!(scripts('А'..='я') && scripts('Α'..='ω') && scripts('一'..='龥') && scripts('ა'..='ჰ'));
    }
}
