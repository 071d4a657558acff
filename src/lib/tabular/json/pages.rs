//! Whether a list inside of an object is all there is: programs that answer by pages say beside it where the next one is, or
//! how many there are.

use serde_json::Value;

/// Keys whose value says that there is another page.
const NEXT: [&str; 22] = [
    "next",
    "nextlink",
    "nextpage",
    "nextpagetoken",
    "nexttoken",
    "nextcursor",
    "hasmore",
    "hasnext",
    "hasnextpage",
    "morepages",
    "nexturl",
    "nexturi",
    "nexthref",
    "nextpageurl",
    "nextpageuri",
    "nextpagelink",
    "nextrecordsurl",
    "nextmarker",
    "continuationtoken",
    "hasmoreitems",
    "hasmoreresults",
    "morerecords",
];

/// Keys whose value says whether this page is the last.
const LAST: [&str; 4] = ["islast", "islastpage", "last", "done"];

/// Keys whose value says how many there are on all pages.
const TOTAL: [&str; 13] = [
    "total",
    "count",
    "totalresults",
    "totalcount",
    "totalitems",
    "totalrecords",
    "totalelements",
    "totalhits",
    "totalsize",
    "totalentries",
    "totalusers",
    "recordstotal",
    "numfound",
];

/// What the members beside a list say of it.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// The member that leads to another page.
    next: Option<String>,
    /// The member that says that this page is not the last.
    is_not_last: Option<String>,
    /// The member that counts all of them, and the number.
    total: Option<(String, u64)>,
}

impl Pages {
    /// Looks at a member beside the list, and at what is in it.
    pub(super) fn see(&mut self, key: &str, value: &Value) {
        let plain: String =
            key.rsplit('.').next().unwrap_or(key).chars().filter(char::is_ascii_alphanumeric).collect();
        let plain = plain.to_ascii_lowercase();
        if NEXT.contains(&plain.trim_start_matches("odata")) && leads_on(value) {
            self.next.get_or_insert_with(|| key.to_owned());
        } else if LAST.contains(&plain.as_str()) && value.as_bool() == Some(false) {
            self.is_not_last.get_or_insert_with(|| key.to_owned());
        } else if TOTAL.contains(&plain.trim_start_matches("odata"))
            && let Some(total) = value.as_u64()
            && self.total.as_ref().is_none_or(|(_, known)| *known < total)
        {
            self.total = Some((key.to_owned(), total));
        } else if let Some(inner) = value.as_object() {
            inner.iter().for_each(|(name, value)| self.see(&format!("{key}.{name}"), value));
        }
    }

    /// What there is to know of a list of so many.
    pub(super) fn remark(&self, file: &str, read: u64) -> Option<String> {
        let more = self.total.as_ref().filter(|(_, total)| *total > read);
        let why = match (&self.next, more) {
            (None, None) => format!("`{}` is false", self.is_not_last.as_ref()?),
            (Some(next), None) => format!("`{next}` leads to another"),
            (_, Some((key, total))) => format!("`{key}` is {total}, and {read} are in it"),
        };
        Some(format!("`{file}` is one page of several: {why}; whoever is on the others was not read"))
    }
}

/// Whether a value names another page: a link, a token, a number, or simply that there is one.
fn leads_on(value: &Value) -> bool {
    match value {
        Value::Null | Value::Array(_) => false,
        Value::Bool(is) => *is,
        Value::Number(number) => number.as_u64() != Some(0),
        Value::String(text) => !text.trim().is_empty(),
        Value::Object(inner) => inner.get("href").or_else(|| inner.get("url")).is_some_and(leads_on),
    }
}

#[cfg(test)]
mod tests {
    use super::Pages;

    fn remark(beside: &str) -> Option<String> {
        let mut pages = Pages::default();
        let beside: serde_json::Value = serde_json::from_str(beside).unwrap();
        beside.as_object().unwrap().iter().for_each(|(key, value)| pages.see(key, value));
        pages.remark("p.json", 2)
    }

    #[test]
    fn another_page_is_known_by_what_leads_to_it_or_counts_them() {
        for (beside, why) in [
            (r#"{"@odata.nextLink": "https://g/users?$skiptoken=1"}"#, "`@odata.nextLink` leads to another"),
            (r#"{"total": 100, "next": "/users?page=2"}"#, "`total` is 100, and 2 are in it"),
            (r#"{"totalResults": 3, "itemsPerPage": 2}"#, "`totalResults` is 3, and 2 are in it"),
            (r#"{"links": {"self": "/a", "next": {"href": "/b"}}}"#, "`links.next` leads to another"),
            (r#"{"nextPageToken": "x"}"#, "`nextPageToken` leads to another"),
            (
                r#"{"meta": {"pagination": {"has_more": true}}}"#,
                "`meta.pagination.has_more` leads to another",
            ),
            (r#"{"isLast": false, "startAt": 0}"#, "`isLast` is false"),
            (r#"{"totalSize": 9, "done": false}"#, "`totalSize` is 9, and 2 are in it"),
            (r#"{"nextRecordsUrl": "/q/01-2000"}"#, "`nextRecordsUrl` leads to another"),
            (r#"{"@odata.count": 9}"#, "`@odata.count` is 9, and 2 are in it"),
        ] {
            let told = remark(beside).unwrap();
            assert!(told.contains(why), "{beside}: {told}");
        }
        for whole in [
            r#"{"total": 2, "next": null, "value2": []}"#,
            r#"{"count": 2, "has_more": false, "nextPageToken": ""}"#,
            r#"{"links": {"next": null}, "page": 1}"#,
            r#"{"isLast": true, "done": true, "last": "b"}"#,
            "{}",
        ] {
            assert_eq!(remark(whole), None, "{whole}");
        }
    }
}
