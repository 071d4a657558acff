//! What is wrong with a row, each fault with its cell.

use super::columns::{Columns, Field};
use crate::error::{BadRow, Explain as _, Failure, Kind, Result};
use crate::tabular::{Row, Table};
use crate::text::secret::holds_hash;

/// What is wrong with the row that is being read.
pub(super) struct Faults<'a> {
    table: &'a Table,
    pub(super) columns: &'a Columns,
    pub(super) row: &'a Row,
    pub(super) found: Vec<BadRow>,
    /// Nothing is wrong with company, department and position so far.
    pub(super) places_are_good: bool,
}

impl<'a> Faults<'a> {
    pub(super) fn none(table: &'a Table, columns: &'a Columns, row: &'a Row) -> Self {
        let has = |place: usize| !row.get(place).trim().is_empty();
        let refused = columns.refused().iter().filter(|(place, _)| has(*place));
        let told = refused.map(|(place, error)| BadRow {
            is_sentence: true,
            ..table.fault_of(row, Some(*place), error.to_string(), error.advice())
        });
        Self { table, columns, row, found: told.collect(), places_are_good: true }
    }

    /// Refuses password hashes in the columns of other fields, where they would be stored for everybody to read.
    pub(super) fn refuse_hashes(&mut self) -> bool {
        let columns = self.columns;
        let misplaced = columns.iter().filter(|(_, field)| *field != Field::PasswordHash);
        let misplaced: Vec<Field> =
            misplaced.filter(|(place, _)| holds_hash(self.row.get(*place))).map(|(_, field)| field).collect();
        for &field in &misplaced {
            let advice = "`--accounts-only` takes it from the column `password_hash`";
            self.add(field, "holds the hash of a password".to_owned(), Some(advice.to_owned()));
        }
        !misplaced.is_empty()
    }

    /// The cell of a field; empty when there is no column of it.
    pub(super) fn cell(&self, field: Field) -> &'a str {
        self.columns.place(field).map(|place| self.row.get(place).trim()).unwrap_or_default()
    }

    pub(super) fn add(&mut self, field: Field, reason: String, advice: Option<String>) {
        let fault = self.fault(field, reason, advice);
        self.found.push(fault);
    }

    fn fault(&mut self, field: Field, reason: String, advice: Option<String>) -> BadRow {
        let mut fault = self.table.fault_of(self.row, self.columns.place(field), reason, advice);
        if field == Field::PasswordHash {
            fault.value.clear();
        }
        if fault.column.is_empty() {
            field.name().clone_into(&mut fault.column);
        }
        self.places_are_good &= !matches!(field, Field::Company | Field::Department | Field::Position);
        fault
    }

    /// Gives the value of a field, or notes why it is refused.
    pub(super) fn check<T, E: Into<Failure>>(
        &mut self,
        field: Field,
        result: Result<T, E>,
    ) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                let advice_of_field = |advice| match field {
                    Field::Color => "write it like `#ffcc00`".to_owned(),
                    _ => advice,
                };
                self.failure(field, error.into(), advice_of_field).map(|()| None)
            }
        }
    }

    /// Notes an error of the row's own; any other ends the import.
    pub(super) fn failure(
        &mut self,
        field: Field,
        failure: Failure,
        advice: impl FnOnce(String) -> String,
    ) -> Result<()> {
        if !matches!(
            failure.kind(),
            Kind::Refused | Kind::NotFound | Kind::CannotCreate | Kind::Usage | Kind::Denied
        ) {
            return Err(failure);
        }
        let message = failure.to_string();
        let value = format!("`{}` ", self.cell(field));
        let said_of_it = message.strip_prefix(&value);
        let advice = failure.explain().hint().map(advice);
        let mut fault = self.fault(field, said_of_it.unwrap_or(&message).to_owned(), advice);
        fault.is_sentence = said_of_it.is_none();
        fault.is_denied = failure.kind() == Kind::Denied;
        self.found.push(fault);
        Ok(())
    }
}
