// Makes page.html, which the program embeds, of the sources in src/: `npm ci && npm run build`.
//
//   node build.mjs            writes page.html
//   node build.mjs --check    says whether the committed page.html is what the sources produce: 0 it is, 1 it is not
//
// page.html ends with the fingerprint of its sources, so that a check without the packages still sees a source that was
// changed and not built; with the packages it builds again and compares every byte.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const page = join(here, "page.html");
const most = 600_000; // bytes: the report stays below 1.5 MB with its data

function sources() {
  const below = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? below(join(folder, e.name)) : [join(folder, e.name)]));
  return [...below(join(here, "src")), join(here, "build.mjs"), join(here, "package.json"), join(here, "package-lock.json")].sort();
}

function fingerprint() {
  const hash = createHash("sha256");
  for (const file of sources()) hash.update(relative(here, file)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/// The licence of each package that the bundle holds, each text once.
function licences(inputs) {
  const texts = new Map();
  const names = new Set(Object.keys(inputs).map((f) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(f)?.[1]).filter(Boolean));
  for (const name of [...names].sort()) {
    const folder = join(here, "node_modules", name);
    const facts = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((f) => /^(licen[sc]e|copying)/i.test(f));
    const text = file ? readFileSync(join(folder, file), "utf8").trim() : `Licence: ${facts.license}`;
    if (!texts.has(text)) texts.set(text, []);
    texts.get(text).push(`${name} ${facts.version}`);
  }
  return [...texts].map(([text, of]) => `${of.join(", ")}\n\n${text}`).join("\n\n----\n\n");
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

async function built() {
  const { build } = await import("esbuild");
  const common = { absWorkingDir: here, bundle: true, minify: true, write: false, metafile: true, charset: "utf8", legalComments: "none", logLevel: "error" };
  const script = await build({ ...common, entryPoints: ["src/main.js"], format: "iife", target: "es2022" });
  const style = await build({ ...common, entryPoints: ["src/style.css"] });
  const parts = { style: style.outputFiles[0].text.trim(), licences: escaped(licences(script.metafile.inputs)), script: script.outputFiles[0].text.trim().replaceAll("</script", "<\\/script") };
  const shell = readFileSync(join(here, "src/shell.html"), "utf8");
  return shell.replace(/@(style|licences|script)@/g, (_, name) => parts[name]) + `<!-- sources ${fingerprint()} -->\n`;
}

function fail(why) {
  console.error(`bench/report/page: ${why}`);
  process.exit(1);
}

if (process.argv.includes("--check")) {
  const now = existsSync(page) ? readFileSync(page, "utf8") : "";
  if (!now.includes(`<!-- sources ${fingerprint()} -->`)) fail("page.html is not of these sources: npm ci && npm run build, then commit it");
  if (!existsSync(join(here, "node_modules", "esbuild"))) {
    console.log("page.html bears the fingerprint of these sources; not built again: node_modules is missing (npm ci)");
  } else {
    if ((await built()) !== now) fail("page.html is not what these sources produce: npm ci && npm run build, then commit it");
    console.log("page.html is what these sources produce, byte by byte");
  }
} else {
  const text = await built();
  if (Buffer.byteLength(text) > most) fail(`page.html would have ${Buffer.byteLength(text)} bytes, more than ${most}`);
  writeFileSync(page, text);
  console.log(`page.html: ${Buffer.byteLength(text)} bytes`);
}
