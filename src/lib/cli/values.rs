//! How the command line spells what can be chosen from; the types themselves know nothing of it.

use crate::tabular::{Encoding, Format};

/// Says for each value of a type its name, another name it goes by, and what it means.
macro_rules! values {
    ($($type:ty { $($value:ident $name:literal $(| $alias:literal)? : $help:literal),+ $(,)? })+) => {$(
        impl clap::ValueEnum for $type {
            fn value_variants<'a>() -> &'a [Self] {
                &[$(Self::$value),+]
            }

            fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
                Some(match self {
                    $(Self::$value => clap::builder::PossibleValue::new($name).help($help)$(.alias($alias))?,)+
                })
            }
        }
    )+};
}
pub(crate) use values;

values! {
    Format {
        Csv "csv": "Cells between delimiters, RFC 4180",
        Jsonl "jsonl" | "json": "One JSON object a line; one array of objects is understood too",
        Xlsx "xlsx": "A workbook, ECMA-376",
    }
    Encoding {
        Auto "auto": "UTF-16 when the file shows it, else UTF-8; with or without a byte order mark",
        Utf8 "utf-8": "UTF-8, with or without a byte order mark",
        Utf16 "utf-16": "UTF-16; little-endian unless the file shows otherwise",
        Windows1251 "windows-1251": "Cyrillic, as Windows has it",
        Windows1252 "windows-1252": "Western European, as Windows has it",
        Windows1250 "windows-1250": "Central European, as Windows has it",
    }
}
