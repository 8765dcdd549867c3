// Looks at a page in Chromium, as a person with a mouse, a keyboard or a screen reader would, and prints what it
// saw as JSON. Usage: node page.mjs NPM PAGE [PICTURES], where NPM has puppeteer-core and axe-core.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [npm, file, pictures] = process.argv.slice(2);
const require = createRequire(`${npm}/node_modules/`);
const { default: puppeteer } = await import(pathToFileURL(require.resolve("puppeteer-core")));
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // Chromium refuses its sandbox to root, and the page is ours.
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
const url = pathToFileURL(file).href;
const views = [];
try {
  for (const [width, height] of [[1280, 900], [390, 844]]) {
    for (const scheme of ["light", "dark"]) {
      views.push(await look(width, height, scheme));
    }
  }
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(views));

async function look(width, height, scheme) {
  const page = await browser.newPage();
  const said = [], requests = [], dialogs = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("dialog", (dialog) => { dialogs.push(dialog.message()); dialog.dismiss(); });
  page.on("request", (request) => { if (request.url() !== url) requests.push(request.url()); });
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: scheme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  await page.goto(url, { waitUntil: "load" });
  if (pictures) await page.screenshot({ path: `${pictures}-${width}-${scheme}.png` });
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const results = await axe.run(document, { resultTypes: ["violations"] });
    return results.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`));
  });
  const used = await page.$("#query") ? await use(page) : null;
  const view = {
    width, scheme, said, requests, dialogs, violations, used,
    overflow: await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
    background: await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
  };
  await page.close();
  return view;
}

// The filter, by keyboard alone.
async function use(page) {
  const state = () => page.evaluate(() => ({
    focus: document.activeElement.id || document.activeElement.className,
    count: document.getElementById("count").textContent,
    rows: [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility()).map((row) => row.textContent.trim().split("\n")[0].slice(0, 80)),
    hosts: [...document.querySelectorAll("[data-host]")].filter((host) => host.checkVisibility()).map((host) => host.id),
    environments: [...document.querySelectorAll("main > .environment")].filter((one) => one.checkVisibility()).map((one) => one.id),
    nothing: document.getElementById("nothing").checkVisibility(),
  }));
  const type = async (text) => { await page.keyboard.press("/"); await page.keyboard.type(text); return state(); };
  const seen = { before: await state() };
  await page.keyboard.press("Tab");
  seen.tab = await state();
  seen.postgres = await type("postgres");
  seen.none = await type("no such thing");
  await page.keyboard.press("Escape");
  seen.after = await state();
  await page.keyboard.press("Tab");
  await page.keyboard.press("End");
  seen.last = await state();
  await page.keyboard.press("Home");
  return seen;
}
