//! For which companies something may be done.

/// A set of companies: those that somebody has a permission for, or that something is cut to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CompanyScope {
    /// All, those to come and none at all included.
    All,
    /// These, each once, by rising id.
    These(Vec<i64>),
}

impl CompanyScope {
    /// No company.
    pub(crate) const fn none() -> Self {
        Self::These(Vec::new())
    }

    /// These companies, in whatever order they come.
    pub(crate) fn of(ids: impl IntoIterator<Item = i64>) -> Self {
        let mut ids: Vec<i64> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        Self::These(ids)
    }

    /// Whether `company` is among them; what belongs to no company is only among all.
    pub(crate) fn contain(&self, company: Option<i64>) -> bool {
        match (self, company) {
            (Self::All, _) => true,
            (Self::These(ids), Some(id)) => ids.binary_search(&id).is_ok(),
            (Self::These(_), None) => false,
        }
    }

    /// Whether all of `others` are among them.
    pub(crate) fn cover(&self, others: &Self) -> bool {
        match (self, others) {
            (Self::All, _) => true,
            (Self::These(_), Self::All) => false,
            (Self::These(_), Self::These(others)) => others.iter().all(|id| self.contain(Some(*id))),
        }
    }

    /// These and the others.
    pub(super) fn and(self, others: &Self) -> Self {
        match (self, others) {
            (Self::These(own), Self::These(others)) => {
                Self::of(own.into_iter().chain(others.iter().copied()))
            }
            _ => Self::All,
        }
    }

    /// Those of them that are among the others.
    pub(super) fn within(self, others: &Self) -> Self {
        match (self, others) {
            (Self::All, others) => others.clone(),
            (own, Self::All) => own,
            (Self::These(own), others) => Self::of(own.into_iter().filter(|id| others.contain(Some(*id)))),
        }
    }

    /// Adds a company.
    pub(crate) fn add(&mut self, company: i64) {
        if let Self::These(ids) = self
            && let Err(place) = ids.binary_search(&company)
        {
            ids.insert(place, company);
        }
    }

    /// Takes all of them out, and keeps the room.
    pub(crate) fn clear(&mut self) {
        match self {
            Self::All => *self = Self::none(),
            Self::These(ids) => ids.clear(),
        }
    }

    /// Whether there is none.
    pub(crate) const fn is_empty(&self) -> bool {
        matches!(self, Self::These(ids) if ids.is_empty())
    }
}
