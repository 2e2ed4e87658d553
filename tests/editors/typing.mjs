// Types into an editor in Chromium, a key every 50 ms, and prints what its text is then as JSON.
// node typing.mjs ADDRESS CHROMIUM FOLDER-WITH-PLAYWRIGHT SCENES SCREENSHOT [PROJECT]; a project is opened in VS Code.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [address, executablePath, modules, scenes, screenshot, project] = process.argv.slice(2);
const { chromium } = createRequire(`${modules}/`)("playwright-core");
const KEY = 50; // milliseconds
const SETTLED = 500; // without a change, after which a person has read the menu
const PATIENCE = 3000; // until somebody asks for a menu that does not come
const PARTS = project
  ? { row: ".suggest-widget.visible .monaco-list-row", label: ".label-name", focused: ".focused", line: ".view-line", text: ".view-lines", lens: ".codelens-decoration a" }
  : { row: ".cm-tooltip-autocomplete li", label: ".cm-completionLabel", focused: "[aria-selected]", line: ".cm-line", text: ".cm-content", lens: ".lenses button" };
const ROW = PARTS.row;
const FILE = "typed.prompt";
const seen = { errors: [], scenes: [] };

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1360, height: 800 } });
page.setDefaultTimeout(20_000);
page.on("pageerror", (error) => seen.errors.push(String(error)));

const labels = () => page.locator(`${ROW} ${PARTS.label}`).allTextContents();
const clean = (text) => text.replaceAll(/[\u00a0\u00b7]/g, " ");

/** The text of the editor: the saved file, or what the page shows where nothing is saved. */
async function text() {
  await page.waitForTimeout(4 * KEY);
  if (project) {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+s");
    await page.waitForSelector(`.tab.active[data-resource-name="${FILE}"]:not(.dirty)`);
    return readFileSync(`${project}/${FILE}`, "utf8");
  }
  const lines = await page.locator(PARTS.line).evaluateAll((all) =>
    all.map((line) => {
      const shown = line.cloneNode(true);
      for (const hint of shown.querySelectorAll(".hint")) hint.remove();
      return [line.getBoundingClientRect().top, shown.textContent];
    }).sort((one, other) => one[0] - other[0]),
  );
  return clean(lines.map((line) => line[1]).join(""));
}

/** Take a label once the menu has come to rest; it is asked for where a busy editor did not bring it up by itself. */
async function choose(label, name) {
  let last = null;
  await page.waitForSelector(ROW, { timeout: PATIENCE }).catch(() => page.keyboard.press("Control+Space"));
  for (let waited = 0, still = 0; still < SETTLED && waited < 20_000; waited += KEY) {
    const now = String(await labels());
    still = now === last && now !== "" ? still + KEY : 0;
    last = now;
    await page.waitForTimeout(KEY);
  }
  await page.screenshot({ path: `${screenshot}/${name.replaceAll(/\W+/g, "-")}.png` });
  for (let step = 0; step < 40; step++) {
    const focused = await page.locator(`${ROW}${PARTS.focused} ${PARTS.label}`).allTextContents();
    if (focused[0] === label) {
      await page.keyboard.press("Tab");
      return page.waitForTimeout(2 * KEY);
    }
    await page.keyboard.press("ArrowDown");
    await page.waitForTimeout(KEY);
  }
  throw new Error(`no ${label} among ${last}`);
}

async function play(scene) {
  const found = { name: scene.name };
  seen.scenes.push(found);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(scene.before + scene.behind);
  await page.keyboard.press("Escape");
  for (let step = 0; step < [...scene.behind].length; step++) await page.keyboard.press("ArrowLeft");
  await page.keyboard.type(scene.keys, { delay: KEY });
  try {
    if (scene.accept) await choose(scene.accept, scene.name);
    await page.keyboard.type(scene.more, { delay: KEY });
    found.line = await text();
    if (scene.accept && !scene.more) {
      await page.keyboard.press("Control+z");
      found.undone = await text();
    }
  } catch (error) {
    found.problem = String(error);
  }
}

try {
  await page.goto(project ? `${address}?folder=${encodeURIComponent(project)}` : address);
  if (project) {
    await page.locator(`.explorer-folders-view [aria-label^="${FILE}"]`).dblclick();
    await page.waitForSelector(`.tab.active[data-resource-name="${FILE}"]`);
  } else {
    await page.waitForSelector("body.ready");
  }
  await page.waitForSelector(PARTS.lens, { timeout: 120_000 });
  await page.locator(PARTS.text).first().click();
  for (const scene of JSON.parse(readFileSync(scenes, "utf8"))) await play(scene);
} catch (error) {
  seen.problem = String(error);
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
