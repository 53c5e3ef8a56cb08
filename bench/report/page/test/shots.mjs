// Pictures of a report, whole, for a person to look at: shots.mjs REPORT FOLDER [NAME...], names as desktop-light, phone-dark
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Browser, chromium } from "./browser.mjs";

const [report, folder] = process.argv.slice(2, 4).map((p) => resolve(p));
const wanted = process.argv.slice(4);
mkdirSync(folder, { recursive: true });
const browser = new Browser(chromium());
for (const [size, width, height] of [["desktop", 1280, 900], ["phone", 390, 844]]) {
  for (const scheme of ["light", "dark"]) {
    const name = `${size}-${scheme}`;
    if (wanted.length && !wanted.includes(name)) continue;
    const page = await browser.open(report, { width, height, scheme, touch: size === "phone" });
    await page.drawn();
    writeFileSync(join(folder, `${name}.png`), await page.picture());
    writeFileSync(join(folder, `${name}-whole.png`), await page.picture(true));
    for (const error of [...new Set(page.errors)].slice(0, 5)) console.log(name, error.slice(0, 300));
    await page.close();
  }
}
await browser.close();
