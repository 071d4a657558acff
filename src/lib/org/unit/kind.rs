//! The two kinds of units, and where one hangs.

use std::fmt;

use super::Unit;
use crate::org::Node;

/// The word for a department in the audit and in runs.
pub(crate) const DEPARTMENT: &str = "department";

/// The word for a position in the audit and in runs.
pub(crate) const POSITION: &str = "position";

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnitKind {
    /// A part of a company.
    Department,
    /// What people are in a department.
    Position,
}

/// A department or a position that another unit hangs under or belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Above {
    /// Its id.
    pub(crate) id: i64,
    /// Its name.
    pub(crate) name: String,
}

/// Where a unit is in its company; a department with neither hangs directly under it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Home {
    /// The department that a department hangs under, or that a position belongs to.
    pub(crate) department: Option<Above>,
    /// The position that it hangs under.
    pub(crate) position: Option<Above>,
}

impl UnitKind {
    /// The word for it in the audit, in runs and on the command line.
    pub(crate) const fn word(self) -> &'static str {
        self.either(DEPARTMENT, POSITION)
    }

    pub(super) const fn table(self) -> &'static str {
        self.either("departments", "positions")
    }

    pub(super) const fn permission_to_add(self) -> &'static str {
        self.either("departments.add", "positions.add")
    }

    pub(super) const fn permission_to_delete(self) -> &'static str {
        self.either("departments.delete", "positions.delete")
    }

    /// What differs between the two.
    pub(super) const fn either<T: Copy>(self, department: T, position: T) -> T {
        match self {
            Self::Department => department,
            Self::Position => position,
        }
    }

    pub(super) const fn node(self, id: i64) -> Node {
        match self {
            Self::Department => Node::Department(id),
            Self::Position => Node::Position(id),
        }
    }
}

impl fmt::Display for UnitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Above {
    pub(super) fn name_of(above: Option<&Self>) -> Option<&str> {
        above.map(|above| above.name.as_str())
    }
}

impl From<Unit> for Above {
    fn from(unit: Unit) -> Self {
        Self { id: unit.id, name: unit.name }
    }
}

impl Home {
    /// The id of the department that it hangs under or belongs to.
    pub(crate) fn department_id(&self) -> Option<i64> {
        self.department.as_ref().map(|department| department.id)
    }

    /// What it hangs under, unless that is the company.
    pub(super) fn above(&self) -> Option<(Node, &str)> {
        let position = self.position.as_ref().map(|above| (Node::Position(above.id), above.name.as_str()));
        let department = self.department.as_ref();
        position.or_else(|| department.map(|above| (Node::Department(above.id), above.name.as_str())))
    }
}
