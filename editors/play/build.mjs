// Bundles the page: node build.mjs FOLDER
//
// The libraries go into a file of their own, which stays as it is while the page changes. `sources.txt` says what the
// bundle was made of, so that a test can tell when it is older than its source.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const folder = process.argv[2];
const LIBRARIES = /^(@codemirror\/|marked$|dompurify$)/;
const common = { bundle: true, minify: true, format: "esm", target: "es2022", legalComments: "none", logLevel: "warning" };

/** Sends every import of a library to the file that holds them all. */
const apart = {
  name: "apart",
  setup: (bundle) => bundle.onResolve({ filter: LIBRARIES }, () => ({ path: "./libraries.js", external: true })),
};

await mkdir(folder, { recursive: true });
const libraries = await build({ ...common, entryPoints: { libraries: "src/libraries.ts" }, outdir: folder, metafile: true });
await build({ ...common, entryPoints: { play: "src/main.ts" }, outdir: folder, plugins: [apart] });

const packages = new Set(Object.keys(libraries.metafile.inputs).flatMap((each) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(each)?.[1] ?? []));
const licences = [...packages].sort().map(async (name) => {
  const home = join("node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(home, "package.json"), "utf8"));
  const file = (await readdir(home)).find((each) => /^licen[cs]e/i.test(each));
  return `${name} ${version} (${license})\n\n${file ? await readFile(join(home, file), "utf8") : ""}`;
});
await writeFile(join(folder, "licences.txt"), (await Promise.all(licences)).join(`\n${"-".repeat(80)}\n\n`));

const sources = (await readdir("src", { recursive: true, withFileTypes: true }))
  .filter((each) => each.isFile())
  .map((each) => join(each.parentPath, each.name).replaceAll("\\", "/"));
const rows = await Promise.all(
  ["build.mjs", "package.json", ...sources].sort().map(async (name) => {
    const text = (await readFile(name, "utf8")).replaceAll("\r\n", "\n");
    return `${createHash("sha256").update(text).digest("hex")}  ${name}\n`;
  }),
);
await writeFile(join(folder, "sources.txt"), rows.join(""));
