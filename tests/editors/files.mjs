// Opens, saves, leaves and comes back to the page of `promptlang play`, and prints what was seen as JSON.
// node files.mjs ADDRESS CHROMIUM FOLDER-WITH-PLAYWRIGHT PROFILE type|return|save

import { createRequire } from "node:module";

const [address, executablePath, modules, profile, what] = process.argv.slice(2);
const { chromium } = createRequire(`${modules}/`)("playwright-core");
const seen = { errors: [] };
const context = await chromium.launchPersistentContext(profile, { executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const page = await context.newPage();
page.setDefaultTimeout(20_000);
page.on("pageerror", (error) => seen.errors.push(String(error)));

/** Files as the browser hands them out, of which the test holds the text. */
await page.addInitScript(() => {
  window.disk = "/render a cow\r\n/render a dog\r\n";
  const handle = {
    name: "pets.prompt",
    getFile: async () => new File([window.disk], "pets.prompt"),
    createWritable: async () => ({ write: async (text) => (window.disk = text), close: async () => undefined }),
  };
  window.showOpenFilePicker = async () => [handle];
  window.showSaveFilePicker = async () => handle;
});

const text = () => page.locator(".cm-line").allTextContents();
const message = () => page.textContent("#message");
const typed = async (words) => {
  await page.click(".cm-line >> nth=0");
  await page.keyboard.press("Home");
  await page.keyboard.type(words);
  await page.keyboard.press("Escape");
};

try {
  await page.goto(address);
  await page.waitForSelector("body.ready");
  if (what === "type") {
    await typed("# mine ");
    await page.waitForTimeout(600);
    seen.text = await text();
    seen.title = await page.title();
  }
  if (what === "return") {
    seen.said = await message();
    seen.text = await text();
    await page.click("#message button");
    seen.file = await text();
    await page.keyboard.press("Control+z");
    seen.undone = await text();
  }
  if (what === "save") {
    await page.click("#open");
    await page.waitForFunction(() => document.getElementById("name").textContent === "pets.prompt");
    seen.opened = await text();
    await typed("# mine ");
    await page.evaluate(() => (window.disk = "/render a horse\r\n"));
    await page.keyboard.press("Control+s");
    await page.waitForSelector("#conflict[open]");
    seen.untouched = await page.evaluate(() => window.disk);
    await page.click("#conflict [value=theirs]");
    await page.waitForFunction(() => document.querySelector(".cm-line").textContent.includes("horse"));
    seen.theirs = await text();
    await page.keyboard.press("Control+z");
    seen.mine = await text();
    await page.keyboard.press("Control+s");
    await page.waitForFunction(() => document.getElementById("message").textContent.includes("is saved"));
    seen.disk = await page.evaluate(() => window.disk);
    seen.isChanged = await page.isVisible("#changed");
    await typed("# more ");
    await page.waitForTimeout(600);
    await page.reload();
    await page.waitForSelector("body.ready");
    seen.reloaded = [await page.textContent("#name"), ...(await text())];
  }
} catch (error) {
  seen.problem = String(error);
} finally {
  await context.close();
}
console.log(JSON.stringify(seen));
