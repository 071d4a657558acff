//! The stylesheet and the little script of all pages, which browsers keep for ever: their path changes with them.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

use super::route::{GET, Route};
use super::{Answer, Call};
use crate::crypto::hex::hex;

/// Something that pages load.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    body: &'static str,
}

/// All of them.
const ASSETS: [Asset; 2] = [
    Asset {
        name: "style.css",
        media_type: "text/css; charset=utf-8",
        body: include_str!("static/style.css"),
    },
    Asset {
        name: "script.js",
        media_type: "text/javascript; charset=utf-8",
        body: include_str!("static/script.js"),
    },
];

/// What the paths of all of them have: it is another when one of them is.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let all = ASSETS.iter().fold(Sha256::new(), |all, asset| all.chain_update(asset.body));
    hex(all.finalize().get(..8).unwrap_or_default())
});

/// Their routes: the second one is asked at the hosts of other sites.
pub(super) const ROUTES: &[Route] = &[
    Route {
        name: "static",
        pattern: "/static/{version}/{name}",
        methods: GET,
        handler: |call| Ok(serve(call)),
    },
    Route {
        name: "static",
        pattern: "/.secboard/static/{version}/{name}",
        methods: GET,
        handler: |call| Ok(serve(call)),
    },
];

/// The path of one of them.
pub(super) fn path(name: &str) -> String {
    format!("/static/{}/{name}", *VERSION)
}

fn serve(call: &Call<'_>) -> Answer {
    let (version, name) = (call.request.parameter("version"), call.request.parameter("name"));
    let asset = ASSETS.iter().find(|asset| asset.name == name && version == *VERSION);
    match asset {
        Some(asset) => Answer::of(asset.media_type, asset.body).kept(),
        None => call.not_found(),
    }
}
