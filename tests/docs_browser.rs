//! The site of `idgraph docs` in headless Chromium, as a reader has it: opened from disk, wide and narrow, light and dark,
//! by keyboard, without script.
//!
//! These tests need Chromium and chromedriver, so a plain `cargo test` lists them as ignored and runs none. `.ci/run` runs
//! them, and so does `cargo test --test docs_browser -- --ignored --nocapture`; they leave screenshots under `target/`.

#[path = "support/command.rs"]
mod command;
#[path = "support/webdriver.rs"]
mod webdriver;

use std::fs;
use std::path::{Path, PathBuf};

use command::idgraph;
use serde_json::{Value, json};
use tempfile::TempDir;
use webdriver::Browser;

/// Keys, as WebDriver has them.
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const DOWN: &str = "\u{e015}";

const WIDTHS: [(u32, u32); 3] = [(375, 812), (768, 1024), (1280, 900)];

struct Site {
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let project = fs::read_to_string("tests/rendered/idgraph.yml").expect("the example");
        // What a page has at its widest: long names, a long description, all models, many events.
        let project = project
            .replace("    email: varchar\n", "    email: { type: varchar, pii: email }\n    a_trait_whose_name_is_as_long_as_names_can_be_here: varchar\n")
            .replace("\"Current plan\"", "\"What the account pays for now; see https://example.com/a/very/long/address/that/has/no/blank/in/it/anywhere/at/all\"")
            .replace("targets:", "  user_traits: { name: long_traits }\n  user_identifiers: { name: identifiers }\n  profile_merges: { materialized: incremental, name: merges }\ntargets:")
            .replace("id_graph: { materialized: table }", "id_graph: { materialized: incremental }");
        fs::write(folder.path().join("idgraph.yml"), project).expect("write");
        let fixtures = folder.path().join("fixtures");
        fs::create_dir(&fixtures).expect("a folder");
        fs::copy("src/cli/init-fixture.yml", fixtures.join("case-study.yml")).expect("copy");
        idgraph(folder.path(), &["docs"]).fine();
        Self { folder }
    }

    fn page(&self, name: &str) -> PathBuf {
        self.folder.path().join("docs-site").join(name)
    }

    /// All pages, sorted.
    fn pages(&self) -> Vec<PathBuf> {
        let mut pages = Vec::new();
        for folder in ["", "landed", "models", "events", "examples", "sql"] {
            let entries = fs::read_dir(self.page(folder)).expect("a folder").flatten();
            let paths = entries.map(|entry| entry.path());
            pages.extend(paths.filter(|path| path.extension().is_some_and(|end| end == "html")));
        }
        pages.sort();
        assert!(pages.len() > 30);
        pages
    }
}

/// Addresses that are no file of the site.
fn elsewhere(site: &Site, requests: Vec<String>) -> Vec<String> {
    let root = format!("file://{}", site.page("").display());
    requests.into_iter().filter(|url| !url.starts_with(&root)).collect()
}

#[test]
#[ignore = "needs Chromium and chromedriver: not run; .ci/run runs it"]
fn no_page_complains_or_asks_for_anything_from_elsewhere() {
    let site = Site::new();
    let browser = Browser::start();
    browser.requests();
    for page in site.pages() {
        browser.open(&page, "");
        // Search, too, which loads its index.
        browser.press("/email");
        browser.until("return !document.getElementById('hits').hidden");
        let requests = browser.requests();
        for asked in ["style.css", "site.js", "index.js"] {
            assert!(
                requests.iter().any(|url| url.ends_with(asked)),
                "{}: {requests:?}",
                page.display()
            );
        }
        assert_eq!(elsewhere(&site, requests), Vec::<String>::new(), "{}", page.display());
        assert_eq!(browser.complaints(), Vec::<String>::new(), "{}", page.display());
    }
}

/// That nothing is found is only worth something where something would be found.
#[test]
#[ignore = "needs Chromium and chromedriver: not run; .ci/run runs it"]
fn a_page_that_does_is_found_out_and_held_back() {
    let site = Site::new();
    let browser = Browser::start();
    let page = site.page("index.html");
    let html = fs::read_to_string(&page).expect("text");
    let evil = "<img src=\"http://127.0.0.1:9/x.png\" alt=\"\"><script>document.title = 'run'</script></main>";
    let with_policy = html.replace("</main>", evil);
    fs::write(&page, &with_policy).expect("write");
    browser.requests();
    browser.open(&page, "");
    let complaints = browser.complaints();
    assert!(
        complaints.iter().filter(|one| one.contains("Content Security Policy")).count() >= 2,
        "{complaints:?}"
    );
    assert_ne!(browser.run("return document.title"), "run", "the policy holds scripts back");
    let policy =
        html.lines().find(|line| line.contains("Content-Security-Policy")).expect("a policy");
    fs::write(&page, with_policy.replace(policy, "")).expect("write");
    browser.requests();
    browser.open(&page, "");
    browser.until("return document.readyState === 'complete'");
    assert_eq!(browser.run("return document.title"), "run");
    assert_eq!(elsewhere(&site, browser.requests()), ["http://127.0.0.1:9/x.png"]);
    assert!(!browser.complaints().is_empty(), "what cannot be loaded is an error");
}

#[test]
#[ignore = "needs Chromium and chromedriver: not run; .ci/run runs it"]
fn no_page_scrolls_sideways_at_any_width() {
    let site = Site::new();
    let browser = Browser::start();
    for (width, height) in WIDTHS {
        browser.resize(width, height);
        for page in site.pages() {
            browser.open(&page, "");
            let inner = browser.run("return innerWidth");
            assert_eq!(inner, width, "{}: grows at {width}", page.display());
            let wide = browser.run(
                "const root = document.documentElement;
                 return root.scrollWidth > innerWidth || document.body.scrollWidth > innerWidth
                     ? [...document.querySelectorAll('main *')].find((one) => one.getBoundingClientRect().right > innerWidth)?.outerHTML.slice(0, 200) ?? 'body'
                     : null",
            );
            assert_eq!(wide, Value::Null, "{} at {width}", page.display());
        }
    }
    // What is wider than a phone scrolls in itself, and can be reached by keyboard.
    browser.resize(375, 812);
    browser.open(&site.page("models/profile_traits.html"), "");
    let scrolls = browser.run(
        "return [...document.querySelectorAll('.wide, .picture')]
            .filter((one) => one.scrollWidth > one.clientWidth && one.tabIndex === 0).length",
    );
    assert_eq!(scrolls, 2, "the columns and the picture");
}

#[test]
#[ignore = "needs Chromium and chromedriver: not run; .ci/run runs it"]
fn search_finds_a_column_by_keyboard_alone() {
    let site = Site::new();
    let browser = Browser::start();
    let shown = "const hits = document.querySelectorAll('#hits a');
        return hits.length && [...hits].map((hit) => hit.querySelector('code').textContent)";
    browser.open(&site.page("index.html"), "");
    browser.press("/lifetime");
    let hits = browser.until(shown);
    assert_eq!(hits[0], "acme.profile_traits.lifetime_value", "what is built comes first: {hits}");
    assert_eq!(browser.run("return document.activeElement.id"), "find");
    assert_eq!(
        browser.run("return document.activeElement.getAttribute('aria-activedescendant')"),
        "hit0"
    );
    browser.press(ENTER);
    browser.until("return location.hash === '#c-lifetime_value'");
    browser.until("return location.pathname.endsWith('/models/profile_traits.html')");
    assert_eq!(
        browser.run("return document.querySelector(':target th code').textContent"),
        "lifetime_value"
    );
    // By table and column, on a page in a folder; arrows choose.
    browser.press("/identifies.plan");
    browser.until(shown);
    browser.press(DOWN);
    assert_eq!(
        browser.run("return document.querySelector('#hits [aria-selected=true]').id"),
        "hit1"
    );
    browser.press(ESCAPE);
    assert_eq!(browser.run("return document.getElementById('hits').hidden"), true);
    // Once more, and the field is left.
    browser.press(ESCAPE);
    assert_eq!(browser.run("return document.activeElement === document.body"), true);
    // By meaning, and nothing at all.
    browser.press("/merged away");
    let hits = browser.until(shown);
    assert!(
        hits.as_array().expect("hits").iter().any(|hit| hit == "acme.id_graph.segment_id"),
        "{hits}"
    );
    browser.press(&ESCAPE.repeat(2));
    browser.press("/zzzz");
    browser.until("return document.getElementById('found').textContent === 'Nothing is found'");
    // What is typed is no markup.
    browser.press(&ESCAPE.repeat(2));
    browser.press("/<img src=x>");
    browser.until("return document.getElementById('find').value === '<img src=x>'");
    assert_eq!(browser.run("return document.querySelectorAll('img').length"), 0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
#[ignore = "needs Chromium and chromedriver: not run; .ci/run runs it"]
fn the_keyboard_reaches_everything_and_shows_where_it_is() {
    let site = Site::new();
    let browser = Browser::start();
    for page in ["models/profile_traits.html", "sql/id_graph.html", "index.html"] {
        browser.open(&site.page(page), "");
        browser.press(TAB);
        let skip = browser.run(
            "const one = document.activeElement; const box = one.getBoundingClientRect();
             return one.className === 'skip' && box.left >= 0 && box.width > 0",
        );
        assert_eq!(skip, true, "{page}: the skip link is first and comes into sight");
        browser.press(ENTER);
        browser.until("return location.hash === '#content'");
        browser.press(TAB);
        assert_eq!(
            browser.run("return document.querySelector('main').contains(document.activeElement)"),
            true,
            "{page}"
        );
        // Round the page once: whatever has the focus shows it.
        let mut seen = 0;
        loop {
            let focused = browser.run(
                "const one = document.activeElement;
                 if (one === document.body || one.dataset.seen) return 'end';
                 one.dataset.seen = 'yes';
                 // A button of a dialect is a label, an SVG link shows it at its box.
                 const shows = one.matches('input[type=checkbox]') ? one.nextElementSibling : one;
                 const style = getComputedStyle(shows);
                 const rect = one.querySelector?.('rect');
                 const is = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1
                     || rect && getComputedStyle(rect).strokeWidth === '2px';
                 return is ? 'shown' : one.outerHTML.slice(0, 160)",
            );
            if focused == "end" {
                break;
            }
            assert_eq!(focused, "shown", "{page}");
            seen += 1;
            assert!(seen < 400, "{page}: no end");
            browser.press(TAB);
        }
        let all = browser.run(
            "return [...document.querySelectorAll('main a[href], main input, main [tabindex=\"0\"]')]
                .filter((one) => one.getClientRects().length && !one.dataset.seen).map((one) => one.outerHTML.slice(0, 120))",
        );
        assert_eq!(all, json!([]), "{page}: out of reach");
    }
}

#[test]
#[ignore = "needs Chromium and chromedriver: not run; .ci/run runs it"]
fn dialects_are_switched_by_keyboard_and_stand_side_by_side() {
    let site = Site::new();
    let browser = Browser::start();
    let figures = "return [...document.querySelectorAll('figure')].filter((one) => one.getClientRects().length)
        .map((one) => ({ title: one.querySelector('figcaption').firstChild.textContent.trim(),
                         left: one.getBoundingClientRect().left, top: one.getBoundingClientRect().top }))";
    browser.open(&site.page("sql/profile_traits.html"), "");
    let shown = browser.run(figures);
    assert_eq!(shown.as_array().expect("figures").len(), 1, "the first dialect alone: {shown}");
    assert_eq!(shown[0]["title"], "Postgres");
    browser.run("document.querySelector('[data-dialect=snowflake]').focus()");
    browser.press(" ");
    let shown = browser.run(figures);
    assert_eq!(shown.as_array().expect("figures").len(), 2, "{shown}");
    assert_eq!(shown[0]["top"], shown[1]["top"]);
    assert!(shown[0]["left"].as_f64() < shown[1]["left"].as_f64(), "{shown}");
    // The next page remembers, and its types say whose they are.
    browser.open(&site.page("models/profile_traits.html"), "");
    let types = browser.run(
        "return [...document.querySelectorAll('#c-lifetime_value .d')].filter((one) => one.getClientRects().length).map((one) => one.innerText)",
    );
    assert_eq!(types, json!(["double precisionPostgres", "floatSnowflake"]));
    // On a phone they stand below each other.
    browser.resize(375, 812);
    browser.open(&site.page("sql/profile_traits.html"), "");
    let shown = browser.run(figures);
    assert_eq!(shown[0]["left"], shown[1]["left"], "{shown}");
}

#[test]
#[ignore = "needs Chromium and chromedriver: not run; .ci/run runs it"]
fn the_pages_can_be_read_without_their_script() {
    let site = Site::new();
    let browser = Browser::start();
    fs::remove_file(site.page("site.js")).expect("remove");
    fs::remove_file(site.page("index.js")).expect("remove");
    browser.open(&site.page("models/profile_traits.html"), "");
    assert_eq!(
        browser.run("return document.querySelector('.find').getClientRects().length"),
        0,
        "no search that does not work"
    );
    browser.run("document.querySelector('[data-dialect=postgres]').focus()");
    browser.press(" ");
    browser.run("document.querySelector('[data-dialect=sqlite]').focus()");
    browser.press(" ");
    let types = "return [...document.querySelectorAll('#c-lifetime_value .d')].filter((one) => one.getClientRects().length).map((one) => one.innerText)";
    assert_eq!(browser.run(types), json!(["real"]));
    // With none on, all are shown.
    browser.press(" ");
    assert_eq!(browser.run(types).as_array().expect("types").len(), 4);
}

/// WCAG 2.2 AA: 4.5 to 1.
#[test]
#[ignore = "needs Chromium and chromedriver: not run; .ci/run runs it"]
fn text_stands_out_in_light_and_dark() {
    let site = Site::new();
    let browser = Browser::start();
    for scheme in ["light", "dark"] {
        browser.scheme(scheme);
        let mut papers = Vec::new();
        for page in [
            "index.html",
            "lineage.html",
            "personal-data.html",
            "events/1.html",
            "examples/case-study.html",
            "sql/id_graph.html",
            "models/profile_traits.html",
            "landed/tracks.html",
        ] {
            browser
                .open(&site.page(page), if page.starts_with("models") { "#c-email" } else { "" });
            browser.press("/email");
            browser.until("return !document.getElementById('hits').hidden");
            let found = browser.run(CONTRAST);
            assert!(found["texts"].as_u64() > Some(20), "{page}: {found}");
            assert_eq!(found["faint"], json!([]), "{page} in {scheme}");
            papers.push(found["paper"].clone());
        }
        let is_dark = papers.iter().all(|paper| paper.as_f64() < Some(0.05));
        assert_eq!(is_dark, scheme == "dark", "{papers:?}");
    }
}

/// The ratio of every text that can be seen to what is behind it.
const CONTRAST: &str = "
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (color) => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
        return canvas.getImageData(0, 0, 1, 1).data;
    };
    const light = (color) => {
        const [r, g, b] = [...rgba(color)].slice(0, 3).map((one) => one / 255)
            .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (one) => {
        const box = one.closest('g.box');
        if (box) return getComputedStyle(box.querySelector('rect')).fill;
        for (let at = one; at; at = at.parentElement) {
            const color = getComputedStyle(at).backgroundColor;
            if (rgba(color)[3] === 255) return color;
        }
        return 'white';
    };
    const faint = []; let texts = 0;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const one = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !one.getClientRects().length || one.closest('script')) continue;
        texts += 1;
        const style = getComputedStyle(one);
        const [front, back] = [light(one instanceof SVGElement ? style.fill : style.color), light(behind(one))];
        const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
        if (ratio < 4.5) faint.push(ratio.toFixed(2) + ' ' + one.outerHTML.slice(0, 100));
    }
    return { texts, faint, paper: light(getComputedStyle(document.body).backgroundColor) };
";

#[test]
#[ignore = "needs Chromium and chromedriver: not run; .ci/run runs it"]
fn screenshots_for_people() {
    let site = Site::new();
    let browser = Browser::start();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("docs-screenshots");
    fs::create_dir_all(&folder).expect("a folder");
    let pages = [
        "index.html",
        "lineage.html",
        "models/profile_traits.html",
        "landed/order_completed.html",
        "sql/id_graph.html",
        "sql/index.html",
        "events/1.html",
        "examples/case-study.html",
        "personal-data.html",
    ];
    for (width, height, scheme) in
        [(1280, 900, "light"), (1280, 900, "dark"), (375, 812, "light"), (375, 812, "dark")]
    {
        browser.resize(width, height);
        browser.scheme(scheme);
        for page in pages {
            browser.open(&site.page(page), "");
            let name = page.replace('/', "-").replace(".html", "");
            browser.screenshot(&folder.join(format!("{name}-{width}-{scheme}.png")), true);
        }
        browser.open(&site.page("index.html"), "");
        browser.press("/segment");
        browser.until("return document.querySelectorAll('#hits a').length");
        browser.screenshot(&folder.join(format!("search-{width}-{scheme}.png")), false);
    }
    println!("screenshots: {}", folder.display());
}
