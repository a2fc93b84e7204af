// A report in headless Chromium: what a person with a mouse, a keyboard, a screen reader, a printer or no script meets.
// usage: node look.mjs REPORT.html REPORT.json NAME SCREENSHOTS [large]   (run where the packages are installed)
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const from = createRequire(pathToFileURL(`${process.cwd()}/`));
const { chromium } = from("playwright-core");
const axe = readFileSync(from.resolve("axe-core/axe.min.js"), "utf8");
const [html, json, name, screenshots, size] = process.argv.slice(2);
const large = size === "large";
const report = JSON.parse(readFileSync(json, "utf8"));
const active = report.findings.filter((f) => f.state === "active" && f.change !== "fixed");
const url = pathToFileURL(html).href;
const faults = [];
const check = (fine, text) => fine || faults.push(text);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-background-networking", "--disable-component-update"],
});

// A page in a browser of its own: nothing may be asked for, and nothing may be refused by the page's own policy.
async function open(options, work) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("request", (request) => check(request.url() === url, `it asks for ${request.url().slice(0, 80)}`));
  page.on("console", (message) => check(message.type() !== "error", `the console says ${message.text().slice(0, 200)}`));
  page.on("pageerror", (error) => faults.push(`the script fails: ${error.message}`));
  const start = Date.now();
  await page.goto(url, { waitUntil: "load", timeout: 120_000 });
  await work(page, Date.now() - start);
  await context.close();
}

const rows = "section[aria-labelledby=findings] tbody tr";
const visible = (page) => page.locator(`${rows}:not([hidden])`).count();
const shot = (page, what) => page.screenshot({ path: `${screenshots}/${name}-${what}.png` });
// A script shows so many at once, and more where somebody asks.
const STEP = 1000;
const settled = (page, wanted) =>
  page.waitForFunction(([selector, n]) => document.querySelectorAll(selector).length === n, [`${rows}:not([hidden])`, Math.min(wanted, large ? 2 * STEP : STEP)], { timeout: 30_000 });

for (const colorScheme of large ? ["light"] : ["light", "dark"]) {
  await open({ colorScheme, viewport: { width: 1280, height: 900 }, bypassCSP: true }, async (page, took) => {
    await shot(page, colorScheme);
    if (large) {
      console.log(`${name}: ${active.length} findings stand after ${took} ms`);
      check(took < 60_000, "it takes a minute to open");
      return;
    }
    await page.evaluate(() => document.querySelectorAll("section[aria-labelledby=findings] details").forEach((details, at) => (details.open = at < 8)));
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    for (const fault of violations) faults.push(`axe, ${colorScheme}: ${fault.id}: ${fault.help}: ${fault.nodes[0].html.slice(0, 160)}`);
    for (const part of ["rotate", "charts", "findings"]) {
      await page.evaluate((id) => document.getElementById(id)?.scrollIntoView(), part);
      await shot(page, `${colorScheme}-${part}`);
    }
  });
}

if (!large) {
  await open({ viewport: { width: 390, height: 844 } }, async (page) => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= 390, `a phone must scroll sideways: ${wide}`);
    await shot(page, "narrow");
  });

  // All of it is text: nothing needs the script.
  await open({ javaScriptEnabled: false }, async (page) => {
    const text = readFileSync(html, "utf8");
    check((await page.locator(rows).count()) === active.length, "without a script a finding is missing");
    check(!(await page.locator("#filter").isVisible()), "without a script a filter stands there that does nothing");
    check(text.includes("gatepost allow") || active.length === 0, "the way to ignore is not told");
  });
}

if (active.length > 0) {
  await open({}, async (page) => {
    // By keyboard alone: to the search, a word, the count; then a heading that sorts.
    check((await visible(page)) === Math.min(active.length, STEP), "not every finding is shown");
    if (large) {
      await page.locator("#more").click();
      await page.waitForFunction(([selector, n]) => document.querySelectorAll(selector).length === n, [`${rows}:not([hidden])`, 2 * STEP]);
      check((await visible(page)) === 2 * STEP, "no more are shown");
    }
    await page.locator("#words").focus();
    const word = active[0].rule;
    const start = Date.now();
    await page.keyboard.type(word);
    const wanted = await page.evaluate(([selector, word]) => [...document.querySelectorAll(selector)].filter((row) => row.textContent.toLowerCase().includes(word)).length, [rows, word]);
    await settled(page, wanted);
    if (large) console.log(`${name}: a search takes ${Date.now() - start} ms`);
    check((await page.locator("#count").textContent()).startsWith(`${wanted} of ${active.length} `), "the count is not told");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.press("Delete");
    await settled(page, active.length);
    const heading = page.locator("section[aria-labelledby=findings] th button").nth(1);
    await heading.focus();
    check(await heading.evaluate((button) => button.matches(":focus-visible")), "the focus is not seen");
    await page.keyboard.press("Enter");
    const places = await page.evaluate((selector) => [...document.querySelectorAll(selector)].map((at) => at.textContent), `${rows} .at`);
    check(places.every((place, at) => at === 0 || places[at - 1] <= place), "places are not sorted");
    check((await page.locator("th[aria-sort=ascending]").count()) === 1, "nobody is told how it is sorted");
    if (large) return;
    await page.keyboard.press("Enter");
    check((await page.locator("th[aria-sort=descending]").count()) === 1, "it does not sort the other way");
    const summary = page.locator(`${rows} summary`).first();
    await summary.focus();
    await page.keyboard.press("Enter");
    check(await page.locator(`${rows} details`).first().evaluate((details) => details.open), "a finding does not open by keyboard");
    await page.locator("#severity").selectOption("4");
    await settled(page, active.filter((f) => f.severity === "critical").length);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    if (!large) {
      await page.pdf({ path: `${screenshots}/${name}.pdf` });
      await page.emulateMedia({ media: "print" });
      check(!(await page.locator("#filter").isVisible()), "the filter is printed");
    }
  });
}

await browser.close();
for (const fault of faults.slice(0, 20)) console.error(`${name}: ${fault}`);
process.exit(faults.length > 0 ? 1 : 0);
