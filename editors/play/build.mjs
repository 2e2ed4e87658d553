// Bundles the page: node build.mjs FOLDER

import { build } from "esbuild";
import { mkdir } from "node:fs/promises";

const folder = process.argv[2];
const common = { bundle: true, minify: true, format: "esm", target: "es2022", legalComments: "linked", logLevel: "warning" };

await mkdir(folder, { recursive: true });
await build({
  ...common,
  entryPoints: { play: "src/main.ts" },
  outdir: folder,
  loader: { ".ttf": "file" },
  assetNames: "[name]",
});
await build({
  ...common,
  format: "iife",
  entryPoints: { "editor.worker": "node_modules/monaco-editor/esm/vs/editor/editor.worker.js" },
  outdir: folder,
});
