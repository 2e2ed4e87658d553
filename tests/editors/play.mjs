// Uses the page of `promptlang play` like a person, in Chromium, and prints what was seen as JSON.
// node play.mjs ADDRESS CHROMIUM FOLDER-WITH-PLAYWRIGHT SCREENSHOTS WIDTH HEIGHT light|dark

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [address, executablePath, modules, screenshots, width, height, colorScheme] = process.argv.slice(2);
const from = createRequire(`${modules}/`);
const { chromium } = from("playwright-core");
const axe = readFileSync(from.resolve("axe-core/axe.min.js"), "utf8");
const LONG = 150_000; // for a picture, on a busy machine
const KEY = 50; // milliseconds
const narrow = Number(width) <= 760;
const seen = { errors: [], requests: [], violations: [], outside: [] };

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const context = await browser.newContext({
  viewport: { width: Number(width), height: Number(height) },
  deviceScaleFactor: narrow ? 2 : 1.5,
  hasTouch: narrow,
  isMobile: narrow,
  colorScheme,
});
const page = await context.newPage();
page.setDefaultTimeout(20_000);
page.on("console", (message) => ["error", "warning"].includes(message.type()) && seen.errors.push(message.text()));
page.on("pageerror", (error) => seen.errors.push(String(error)));
page.on("request", (request) => seen.requests.push(new URL(request.url()).origin));

/** Take a picture of the page, ask axe what is wrong with it, and see whether anything sticks out of it. */
async function look(name) {
  await page.waitForTimeout(400);
  await page.screenshot({ path: `${screenshots}/${name}-${width}-${colorScheme}.png` });
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  seen.violations.push(...found.violations.map((each) => `${name}: ${each.id}: ${each.nodes[0].html.slice(0, 200)}`));
  if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) seen.outside.push(name);
}

const part = (name) => narrow && page.click(`#tabs [data-view=${name}]`);
let times = 0;
const closed = async () => {
  if (times++ % 2) await page.keyboard.press("Escape");
  else await page.click("dialog[open] [aria-label=Close]");
  await page.waitForSelector("dialog[open]", { state: "detached" });
};
const write = async (text) => {
  await part("text");
  await page.click(".cm-line >> nth=0");
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
};
const render = async () => {
  await page.click("#render");
  await page.waitForSelector("body.drawing");
  await page.waitForSelector("#stop", { state: "visible" });
  await page.waitForTimeout(300);
};
const rendered = () => page.waitForSelector("body:not(.drawing)", { timeout: LONG });

try {
  await page.goto(address);
  await page.waitForSelector("body.ready");
  const paints = await page.evaluate(() => performance.getEntriesByType("paint").map((each) => each.startTime));
  seen.paint = Math.max(...paints);
  await page.waitForSelector(".lenses button");
  seen.lenses = await page.locator(".lenses button").allTextContents();
  await page.waitForFunction(() => document.getElementById("tokens").textContent !== "");
  await look("start");

  // A new statement with a mistake in it: completion, then a finding.
  await page.click(".cm-line >> nth=0");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\n/render /sampl", { delay: KEY });
  await page.waitForSelector(".cm-tooltip-autocomplete li");
  await page.waitForTimeout(300);
  seen.completion = await page.locator(".cm-tooltip-autocomplete li .cm-completionLabel").allTextContents();
  await look("completion");
  await page.keyboard.press("Enter");
  await page.keyboard.type("ddimm /parser:new /clipskip:2 a cow", { delay: KEY });
  await page.waitForSelector(".cm-lintRange-error");
  await part("findings");
  await page.waitForSelector("#findings-list .error .fixes button");
  seen.findings = await page.locator("#findings-list .go").allTextContents();
  seen.fixes = await page.locator("#findings-list .error .fixes button").allTextContents();
  await look("findings");
  await page.click("#findings-list .error .link");
  await page.waitForSelector("#about-dialog[open]");
  seen.rule = await page.textContent("#about-body");
  await look("rule");
  await closed();
  await page.click("#findings-list .error .fixes button");
  await part("text");
  await page.waitForSelector(".cm-lintRange-error", { state: "detached" });
  seen.fixed = await page.locator(".cm-line").last().textContent();

  if (!narrow) {
    await page.hover(".cm-content .t-property:text('/clipskip') >> nth=-1");
    await page.waitForSelector(".cm-tooltip-hover");
    seen.hover = await page.textContent(".cm-tooltip-hover");
    await look("hover");
    await page.mouse.move(5, 5);
  }

  // Weights by key and by button.
  await page.click(".cm-line >> nth=-1");
  await page.keyboard.press("Control+End");
  if (narrow) await page.click("#heavier");
  else await page.keyboard.press("Control+ArrowUp");
  await page.waitForFunction(() => document.querySelector(".cm-content").textContent.includes(":1.1)"));
  await page.keyboard.press("Control+z");

  // A tag moves twice, and the cursor with it; it is switched off and on.
  await page.keyboard.press("Control+End");
  await page.keyboard.type(", one, two");
  await page.keyboard.press("Escape");
  const last = () => page.locator(".cm-line").last().textContent();
  for (const left of [true, true, false]) {
    const before = await last();
    if (narrow) await page.click(left ? "#left" : "#right");
    else await page.keyboard.press(left ? "Alt+ArrowLeft" : "Alt+ArrowRight");
    await page.waitForFunction((was) => [...document.querySelectorAll(".cm-line")].at(-1).textContent !== was, before);
  }
  seen.moved = await last();
  const lines = await page.locator(".cm-line").count();
  if (narrow) await page.click("#toggle");
  else await page.keyboard.press("Alt+/");
  await page.waitForFunction((many) => document.querySelectorAll(".cm-line").length > many, lines);
  seen.off = await page.locator(".cm-line:has-text('# off:')").allTextContents();

  await page.click(".lenses button:has-text('Show plan')");
  await page.waitForSelector("#plan[open]");
  seen.plan = await page.locator("#plan h3").allTextContents();
  await look("plan");
  await closed();

  // A picture, the same with another seed, a grid; the second says what it differs in.
  await write("/render /seed:7 /steps:6 a red circle on a white background <demo>");
  await render();
  await look("drawing");
  await rendered();
  await write("/render /seed:8 /steps:6 a red circle on a white background <demo>");
  await render();
  await rendered();
  seen.caption = await page.locator("#runs article figcaption span").first().textContent();
  await write("/compare /parser:new /clipskip:1|8 /seed:5 /guidance:4 /sampler:dpm2m /steps:12 <demo>\na small green triangle in the top left on a yellow background");
  await render();
  await rendered();
  seen.captions = await page.locator("#runs article >> nth=0 >> figcaption span").allTextContents();
  seen.pictures = await page.locator("#runs figure").count();
  seen.said = await page.textContent("#message");
  await look("drawn");

  await page.click(".enlarge >> nth=1");
  await page.waitForSelector("#viewer[open]");
  await look("large");
  await page.click("#viewer button:has-text('Compare with the older')");
  seen.focus = [await page.evaluate(() => document.activeElement.type)];
  await page.click("#viewer button:has-text('Side by side')");
  seen.focus.push(await page.evaluate(() => document.activeElement.textContent));
  await closed();
  await page.click(".compare >> nth=0");
  await page.click(".compare >> nth=1");
  await page.waitForSelector("#viewer[open] input");
  await page.focus("#viewer input");
  for (let step = 0; step < 10; step++) await page.keyboard.press("ArrowRight");
  seen.cut = await page.locator(".laid img").last().evaluate((each) => each.style.clipPath);
  seen.differences = await page.locator("#viewer tbody th[scope=row]").allTextContents();
  await look("compared");
  await closed();

  // What takes long can be stopped.
  await write("/render /images:50 /seed:1 a blue square on a white background <demo>");
  await render();
  const step = await page.waitForFunction(() => document.getElementById("progress-words").textContent.match(/^step \d+ of \d+, \d+ of 50 finished/)?.[0], null, { timeout: LONG });
  seen.step = await step.jsonValue();
  await look("drawing");
  await page.click("#stop");
  await rendered();
  seen.stopped = await page.textContent("#message");

  // A menu by its keys, an example, and the way back.
  const opener = narrow ? "#more" : "#examples";
  await page.focus(opener);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".menu");
  await look("menu");
  await page.keyboard.press("Escape");
  seen.home = await page.evaluate(() => `#${document.activeElement.id}`) === opener;

  // A reload finds the draft and the pictures again.
  await page.waitForTimeout(500);
  await page.reload();
  await page.waitForSelector("body.ready");
  await page.waitForTimeout(500);
  seen.draft = await page.textContent(".cm-content");
  seen.told = await page.textContent("#message");
  seen.kept = await page.locator("#runs figure").count();
} catch (error) {
  seen.problem = String(error);
  await page.screenshot({ path: `${screenshots}/problem.png` });
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
