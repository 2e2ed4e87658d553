// Uses the page of `promptlang play` like a person, in Chromium, and prints what was seen as JSON.
// node play.mjs ADDRESS CHROMIUM FOLDER-WITH-PLAYWRIGHT [SCREENSHOT]; with a screenshot it waits for pictures, too.

import { createRequire } from "node:module";

const [address, executablePath, modules, screenshot] = process.argv.slice(2);
const { chromium } = createRequire(`${modules}/`)("playwright-core");
const LONG = 120_000;
const seen = { errors: [], requests: [] };

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
try {
  const page = await browser.newPage({ viewport: { width: 1360, height: 820 }, deviceScaleFactor: 1.5 });
  page.setDefaultTimeout(LONG);
  page.on("console", (message) => message.type() === "error" && seen.errors.push(message.text()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => seen.requests.push(new URL(request.url()).origin));
  await page.goto(address);
  await page.waitForSelector("body.ready");
  await page.waitForSelector(".codelens-decoration a");
  seen.lenses = await page.locator(".codelens-decoration a").allTextContents();
  await page.waitForFunction(() => document.getElementById("tokens").textContent !== "");
  seen.tokens = await page.textContent("#tokens");

  // A new statement with a mistake in it: completion, then a diagnostic.
  await page.click(".view-lines");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\n/render /sampl");
  await page.keyboard.press("Control+Space");
  await page.waitForSelector(".suggest-widget.visible .monaco-list-row");
  seen.completion = await page.locator(".suggest-widget.visible .monaco-list-row .label-name").allTextContents();
  await page.keyboard.press("Enter");
  await page.keyboard.type("ddimm a cow");
  await page.waitForSelector(".squiggly-error");
  await page.waitForFunction(() => /error/.test(document.getElementById("problems").textContent));
  seen.problems = await page.textContent("#problems");

  // The quick fix of that mistake, through the editor's own menu.
  await page.keyboard.press("Home");
  for (let times = 0; times < 20; times++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Control+.");
  await page.waitForSelector(".action-widget .monaco-list-row.action");
  seen.fixes = await page.locator(".action-widget .monaco-list-row.action").allTextContents();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".squiggly-error", { state: "detached" });

  await page.hover(".view-line span:has-text('/clipskip') >> nth=-1").catch(() => undefined);
  await page.waitForSelector(".monaco-hover:not(.hidden) .hover-contents", { timeout: 20_000 });
  seen.hover = await page.locator(".monaco-hover:not(.hidden) .hover-contents").first().textContent();
  await page.mouse.move(5, 5);

  if (screenshot) {
    await page.click(".codelens-decoration a:has-text('Render grid')");
    await page.waitForSelector("#gallery.drawing");
    await page.waitForSelector("#gallery figure img", { timeout: LONG });
    await page.waitForSelector("#gallery:not(.drawing)", { timeout: LONG });
    seen.pictures = await page.locator("#gallery figcaption").allTextContents();
    seen.complaint = await page.textContent("[data-part=complaint]");
    await page.screenshot({ path: screenshot });
  }
} catch (error) {
  seen.problem = String(error);
  if (screenshot) await (browser.contexts()[0]?.pages()[0])?.screenshot({ path: screenshot });
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
