//! BER as a directory of tests writes and reads it, and filters.

/// An element.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match content.len() {
        short @ 0..0x80 => bytes.push(u8::try_from(short).unwrap()),
        long => {
            bytes.push(0x84);
            bytes.extend(u32::try_from(long).unwrap().to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}

/// The octets of a number, not below zero.
pub(crate) fn octets(number: u32) -> Vec<u8> {
    let all = number.to_be_bytes();
    let first = all.iter().position(|octet| *octet != 0).unwrap_or(3);
    let mut octets = all[first..].to_vec();
    if octets[0] & 0x80 != 0 {
        octets.insert(0, 0);
    }
    octets
}

/// A number.
pub(crate) fn integer(number: u32) -> Vec<u8> {
    element(0x02, &octets(number))
}

/// The elements of some content, each with its tag.
pub(crate) fn parts(mut content: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut parts = Vec::new();
    while let [tag, first, rest @ ..] = content {
        let (length, rest) = if *first < 0x80 {
            (usize::from(*first), rest)
        } else {
            let (octets, rest) = rest.split_at(usize::from(first & 0x7F));
            (octets.iter().fold(0, |all, octet| all << 8 | usize::from(*octet)), rest)
        };
        parts.push((*tag, rest[..length].to_vec()));
        content = &rest[length..];
    }
    parts
}

pub(crate) fn unsigned(octets: &[u8]) -> u32 {
    octets.iter().fold(0, |all, octet| all << 8 | u32::from(*octet))
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A filter.
pub(crate) enum Filter {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Is(String, Vec<u8>),
    AtLeast(String, u64),
    Has(String),
}

impl Filter {
    pub(crate) fn of((tag, content): &(u8, Vec<u8>)) -> Self {
        let below = || parts(content).iter().map(Self::of).collect::<Vec<_>>();
        match tag {
            0xA0 => Self::All(below()),
            0xA1 => Self::Any(below()),
            0xA2 => Self::Not(Box::new(below().remove(0))),
            0xA3 => {
                let parts = parts(content);
                Self::Is(text(&parts[0].1), parts[1].1.clone())
            }
            0xA5 => {
                let parts = parts(content);
                Self::AtLeast(text(&parts[0].1), text(&parts[1].1).parse().unwrap())
            }
            0x87 => Self::Has(text(content)),
            other => panic!("a filter of kind {other:x}"),
        }
    }

    /// Whether it takes an entry of these values; letter case counts for nothing.
    pub(crate) fn takes(&self, values: &dyn Fn(&str) -> Vec<Vec<u8>>) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.takes(values)),
            Self::Any(filters) => filters.iter().any(|filter| filter.takes(values)),
            Self::Not(filter) => !filter.takes(values),
            Self::Is(name, wanted) => values(name).iter().any(|value| value.eq_ignore_ascii_case(wanted)),
            Self::AtLeast(name, least) => values(name).iter().any(|value| {
                std::str::from_utf8(value)
                    .is_ok_and(|value| value.parse().is_ok_and(|value: u64| value >= *least))
            }),
            Self::Has(name) => !values(name).is_empty(),
        }
    }
}
