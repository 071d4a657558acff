//! Rows that are printed: each list has one row type, whose field names are the JSON keys, the CSV header and the
//! values of `--columns`.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use crate::text::color::Color;
use crate::text::list;

/// A value of a row.
pub(crate) trait Field {
    /// As people read it in a table; empty when absent.
    fn text(&self) -> Cow<'_, str>;
    /// As a CSV cell; other than in a table only where that has words for what is absent.
    fn csv(&self) -> Cow<'_, str> {
        self.text()
    }
    /// As JSON, appended to `out`.
    fn json(&self, out: &mut Vec<u8>);
}

/// A row type; made by [`record!`].
pub(crate) trait Record: Clone {
    /// The names of all fields, in their order.
    const FIELDS: &'static [&'static str];
    /// The fields a table shows unless `--columns` says otherwise.
    const TABLE: &'static [&'static str];

    /// The fields that no room is too narrow for: where their columns do not fit, each value is told below its row, whole.
    const BELOW: &'static [&'static str] = &[];

    /// The value of the field at `index` of [`Record::FIELDS`].
    fn field(&self, index: usize) -> &dyn Field;

    /// The colour a table paints that field in.
    fn paint(&self, _name: &str) -> Option<Color> {
        None
    }
}

/// Appends a value of a row as JSON. Nothing is lost where that could fail: a vector takes everything, and values of rows
/// are texts, numbers and switches under names.
pub(crate) fn append_json(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    serde_json::to_writer(out, value).ok();
}

impl Field for String {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }

    fn json(&self, out: &mut Vec<u8>) {
        append_json(out, self);
    }
}

impl Field for &'static str {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }

    fn json(&self, out: &mut Vec<u8>) {
        append_json(out, self);
    }
}

impl Field for bool {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(if *self { "yes" } else { "no" })
    }

    fn json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl Field for i64 {
    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }

    fn json(&self, out: &mut Vec<u8>) {
        append_json(out, self);
    }
}

impl<T: Field> Field for Option<T> {
    fn text(&self) -> Cow<'_, str> {
        self.as_ref().map_or(Cow::Borrowed(""), Field::text)
    }

    fn json(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.json(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl Field for Arc<str> {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }

    fn json(&self, out: &mut Vec<u8>) {
        append_json(out, &**self);
    }
}

impl<T: Field> Field for Vec<T> {
    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(list::join(self.iter().map(Field::text)))
    }

    fn json(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (count, value) in self.iter().enumerate() {
            if count > 0 {
                out.push(b',');
            }
            value.json(out);
        }
        out.push(b']');
    }
}

impl Field for serde_json::Map<String, serde_json::Value> {
    fn text(&self) -> Cow<'_, str> {
        let pairs = self.iter().map(|(name, value)| match value {
            serde_json::Value::String(text) => format!("{name}={text}"),
            other => format!("{name}={other}"),
        });
        Cow::Owned(pairs.collect::<Vec<_>>().join(", "))
    }

    fn json(&self, out: &mut Vec<u8>) {
        append_json(out, self);
    }
}

/// Declares a row type: a struct whose fields are printed under their names, with the default columns of its table.
macro_rules! record {
    (
        $(#[$meta:meta])*
        $name:ident, table [$($shown:literal),* $(,)?] $(below [$($below:literal),*])? {
            $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)?
        }
        $(paint $paint:expr)?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub(crate) struct $name {
            $($(#[$field_meta])* pub(crate) $field: $type),*
        }

        impl $crate::cli::output::Record for $name {
            const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];
            const TABLE: &'static [&'static str] = &[$($shown),*];
            $(const BELOW: &'static [&'static str] = &[$($below),*];)?

            fn field(&self, index: usize) -> &dyn $crate::cli::output::Field {
                let fields: &[&dyn $crate::cli::output::Field] = &[$(&self.$field),*];
                fields.get(index).copied().unwrap_or(&"")
            }

            $(
                fn paint(&self, name: &str) -> Option<$crate::text::color::Color> {
                    let paint: fn(&Self, &str) -> Option<$crate::text::color::Color> = $paint;
                    paint(self, name)
                }
            )?
        }
    };
}

pub(crate) use record;
