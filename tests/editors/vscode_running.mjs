// Uses Visual Studio Code with the extension like a person, in Chromium, and prints what was seen as JSON.
// node vscode_running.mjs ADDRESS CHROMIUM FOLDER-WITH-PLAYWRIGHT PROJECT SCREENSHOT [PART...]; without a part it does all.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [address, executablePath, modules, project, screenshot, ...wanted] = process.argv.slice(2);
const { chromium } = createRequire(`${modules}/`)("playwright-core");
const LONG = 120_000;
const MOMENT = 400; // milliseconds in which the editor takes up what was typed
const ROWS = ".suggest-widget.visible .monaco-list-row .label-name";
const HOVER = ".monaco-hover:not(.hidden) .monaco-hover-content";
const seen = { errors: [] };

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1360, height: 800 }, deviceScaleFactor: 1.5 });
page.setDefaultTimeout(LONG);
page.on("pageerror", (error) => seen.errors.push(String(error)));

const texts = (selector) => page.locator(selector).allTextContents();
const moment = () => page.waitForTimeout(MOMENT);
const press = async (...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};

/** The middle of a word in the text. By place, because a locator scrolls what it clicks, and tears the editor apart. */
const place = async (text) => {
  const { x, y, width, height } = await page.locator(`.editor-instance .view-line span:text-is("${text}")`).first().boundingBox();
  return [x + width / 2, y + height / 2];
};
const click = async (text) => page.mouse.click(...(await place(text)));
const settings = (changed) => writeFileSync(`${project}/.vscode/settings.json`, JSON.stringify(changed));

/** What pop-ups say, and their buttons; then they are gone. */
async function popups() {
  const said = await page.locator(".notifications-toasts .notification-list-item").evaluateAll((items) =>
    items.map((item) => [
      item.querySelector(".notification-list-item-message").textContent,
      ...[...item.querySelectorAll(".monaco-button")].map((button) => button.textContent),
    ]),
  );
  if (said.length > 0) await command("Notifications: Clear All Notifications");
  return said;
}

async function command(title) {
  await press("F1");
  await page.waitForSelector(".quick-input-widget:visible");
  await page.keyboard.type(title);
  await page.locator(".quick-input-widget .monaco-list-row", { hasText: title }).first().click();
  await moment();
}

async function open(name) {
  await page.locator(`.explorer-folders-view [aria-label^="${name}"]`).dblclick();
  await page.waitForSelector(`.tab.active[data-resource-name="${name}"]`);
  await moment();
}

/** The file as it is after saving. */
async function saved(name) {
  await moment();
  await press("Control+s");
  await page.waitForSelector(`.tab.active[data-resource-name="${name}"]:not(.dirty)`);
  await moment();
  return readFileSync(`${project}/${name}`, "utf8");
}

async function appears(selector) {
  await page.waitForSelector(selector);
  await moment();
  return texts(selector);
}

/** The list that typing brings up; asked for where somebody typed faster than the editor. */
async function suggested() {
  await moment();
  if ((await page.locator(ROWS).count()) === 0) await press("Control+Space");
  return appears(ROWS);
}

/** What the editor knows of the token at the cursor, from the grammar and from the server. */
async function inspected(text) {
  await click(text);
  await command("Developer: Inspect Editor Tokens and Scopes");
  const [told] = await appears(".token-inspect-widget");
  await press("Escape");
  return told;
}

async function looks() {
  await open("cow.prompt");
  await page.waitForSelector(".squiggly-error");
  seen.lenses = await appears(".codelens-decoration");
  await page.waitForFunction(() => /1\.9\s*=\s1/.test(document.querySelector(".view-lines").textContent));
  seen.lines = (await texts(".view-line")).map((line) => line.replaceAll(/\s/g, " "));
  seen.problems = await problems();
  await click("cow");
  seen.tokens = await appears('[id="promptlang.promptlang.promptlang.tokens"]');
  seen.inspected = [await inspected("cow"), await inspected("blurry"), await inspected("/clipskip")];
  await page.mouse.move(...(await place("/clipskip")));
  seen.hover = await appears(HOVER);
  await page.mouse.move(700, 700);
  await page.waitForSelector(HOVER, { state: "hidden" });
}

/** How words of each strength look in a dark and in a light theme: colour, contrast with the ground, weight and slant. */
async function colours() {
  await open("strengths.prompt");
  seen.colours = {};
  for (const theme of ["Default Dark Modern", "Default Light Modern"]) {
    settings({ "workbench.colorTheme": theme });
    await page.waitForSelector(`.monaco-workbench.${theme.includes("Dark") ? "vs-dark" : "vs"}`);
    await page.waitForFunction(() =>
      [...document.querySelectorAll(".view-line span span")].some((span) => span.textContent === "stronger" && getComputedStyle(span).fontWeight === "700"),
    );
    await moment();
    seen.colours[theme] = await page.evaluate(() => {
      const linear = (part) => (part <= 10 ? part / 3294 : ((part / 255 + 0.055) / 1.055) ** 2.4);
      const light = (colour) => {
        const [red, green, blue] = colour.match(/\d+/g).map((part) => linear(Number(part)));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
      };
      const ground = light(getComputedStyle(document.querySelector(".monaco-editor-background")).backgroundColor);
      const looks = {};
      for (const span of document.querySelectorAll(".view-line span span")) {
        const { color, fontWeight, fontStyle } = getComputedStyle(span);
        const ratio = light(color) / ground;
        looks[span.textContent.trim()] = [color, fontWeight, fontStyle, Math.max(ratio, 1 / ratio)];
      }
      looks.swatches = document.querySelectorAll(".colorpicker-color-decoration").length;
      return looks;
    });
  }
  settings({});
}

async function problems() {
  await command("Problems: Focus on Problems View");
  const rows = await appears(".markers-panel .monaco-list-row");
  await command("View: Hide Panel");
  return rows;
}

async function edits() {
  await open("cow.prompt");
  await click("neww");
  await page.waitForSelector(".lightBulbWidget");
  await press("Control+.");
  seen.fixes = await appears(".action-widget .monaco-list-row.action");
  await press("Enter");
  await page.waitForSelector(".squiggly-error", { state: "detached" });
  seen.fixed = await saved("cow.prompt");

  await click("cow");
  await press(...Array(5).fill("Control+ArrowUp"));
  await page.waitForFunction(() => document.querySelector(".view-lines").textContent.includes(":1.8)"));
  seen.heavier = await saved("cow.prompt");
  await press("Control+z");
  seen.undone = await saved("cow.prompt");

  await click("#corner");
  await press("F2");
  await page.waitForFunction(() => document.activeElement.closest(".rename-box"));
  await press("Control+a");
  await page.keyboard.type("edge");
  await press("Enter");
  await page.waitForSelector('.view-line span:text-is("#edge")');
  seen.renamed = await saved("cow.prompt");
  await command("Format Document");
  seen.formatted = await saved("cow.prompt");
}

async function completes() {
  await open("cow.prompt");
  await click("/recipe");
  await press("Control+End");
  await page.keyboard.type("\n/re");
  seen.completion = { commands: await suggested() };
  await page.keyboard.type("nder /sam");
  seen.completion.options = await suggested();
  await press("Enter");
  seen.completion.values = await suggested();
  await page.keyboard.type("ddi");
  await suggested();
  await press("Enter");
  await page.keyboard.type(" <dem");
  seen.completion.concepts = await suggested();
  await press("Enter");
  seen.completed = await saved("cow.prompt");
}

async function follows() {
  await open("cow.prompt");
  await page.waitForFunction(() => /1\.9\s*=\s1/.test(document.querySelector(".view-lines").textContent));
  settings({ "promptlang.hints.values": false });
  await page.waitForFunction(() => !/1\.9\s*=\s1/.test(document.querySelector(".view-lines").textContent));
  seen.quiet = await popups();

  settings({ "promptlang.server.command": ["no-such-command"] });
  await page.waitForSelector(".notification-toast:visible");
  await moment();
  seen.missing = await popups();
  settings({});
  await page.waitForSelector(".codelens-decoration");
}

async function stepsBack() {
  await open("story.prompt");
  await page.waitForSelector('[id="status.editor.mode"]:has-text("Markdown")');
  await press("End", "Enter");
  await page.keyboard.type("/ren");
  await moment();
  seen.dotprompt = { lenses: await texts(".codelens-decoration"), completion: await texts(ROWS) };
  await command("File: Revert File");
}

async function draws() {
  await open("shapes.prompt");
  await command("View: Close Other Editors in Group");
  await command("View: Close Primary Side Bar");
  await page.click(".codelens-decoration a:has-text('Show plan')");
  await page.waitForSelector('.tab[data-resource-name="plan.txt"]');
  await page.locator(".view-line", { hasText: /what.it.does.there/ }).waitFor(); // which only the plan says
  await page.click(".codelens-decoration a:has-text('Render grid')");
  seen.rendering = await appears(".notification-list-item-message");
  await page.waitForSelector(".notification-list-item-message", { state: "detached", timeout: 5 * LONG });
  seen.picture = await page.waitForSelector('.tab[data-resource-name$=".png"]').then((tab) => tab.getAttribute("data-resource-name"));
  const image = page.frameLocator("iframe.webview.ready").frameLocator("iframe").locator("img");
  await image.waitFor();
  seen.drawn = await image.evaluate((drawn) => drawn.naturalWidth);
  await page.mouse.move(...(await place("neww")));
  await page.waitForSelector(HOVER);
  await page.waitForTimeout(5 * MOMENT);
}

try {
  mkdirSync(`${project}/.vscode`);
  await page.goto(`${address}?folder=${encodeURIComponent(project)}`);
  await page.waitForSelector(".explorer-folders-view .monaco-list-row");
  for (const part of [looks, colours, edits, completes, follows, stepsBack, draws]) {
    if (wanted.length > 0 && !wanted.includes(part.name)) continue;
    await part();
    seen.popups = [...(seen.popups ?? []), ...(await popups())];
  }
} catch (error) {
  seen.problem = String(error);
} finally {
  await page.screenshot({ path: screenshot }).catch(() => undefined);
  await browser.close();
}
console.log(JSON.stringify(seen));
