// A headless Chromium over its debugging pipe: what the tests of the page need of it, without a package.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe"];

/// Returns where Chromium is, of $CHROMIUM and the usual places; null: nowhere.
export function chromium() {
  return [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((p) => p && existsSync(p)) ?? null;
}

export class Browser {
  constructor(program) {
    this.profile = mkdtempSync(join(tmpdir(), "surewake-page-"));
    this.process = spawn(program, [...flags, `--user-data-dir=${this.profile}`, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.next = 0;
    this.waiting = new Map();
    this.listeners = new Map();
    let rest = "";
    this.process.stdio[4].setEncoding("utf8").on("data", (text) => {
      const messages = (rest + text).split("\0");
      rest = messages.pop();
      for (const m of messages) this.take(JSON.parse(m));
    });
    this.process.on("exit", (status) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`Chromium has ended, status ${status}`));
    });
  }

  take(message) {
    if (message.id) {
      const { resolve, reject } = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error) reject(new Error(message.error.message));
      else resolve(message.result);
    } else {
      this.listeners.get(message.sessionId)?.(message.method, message.params);
    }
  }

  send(method, params = {}, sessionId) {
    const id = ++this.next;
    this.process.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  /// Opens a file at a size and in a colour scheme ("light", "dark").
  async open(file, { width, height, scheme, touch = false, media = "screen" }) {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId, targetId);
    for (const domain of ["Page", "Runtime", "Log", "Network", "DOM"]) await page.send(`${domain}.enable`);
    await page.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: touch });
    await page.send("Emulation.setEmulatedMedia", { media, features: [{ name: "prefers-color-scheme", value: scheme }] });
    page.own = `file://${file}`;
    const loaded = page.event("Page.loadEventFired");
    await page.send("Page.navigate", { url: page.own });
    await loaded;
    await page.until("document.body.dataset.ready !== undefined", "the page is laid out");
    return page;
  }

  async close() {
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    this.send("Browser.close").catch(() => {});
    const hard = setTimeout(() => this.process.kill("SIGKILL"), 5000);
    await gone;
    clearTimeout(hard);
    rmSync(this.profile, { recursive: true, force: true });
  }
}

class Page {
  constructor(browser, session, target) {
    Object.assign(this, { browser, session, target, errors: [], requests: [], events: [] });
    browser.listeners.set(session, (method, params) => this.see(method, params));
  }

  see(method, params) {
    if (method === "Runtime.exceptionThrown") this.errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type)) this.errors.push(params.args.map((a) => a.value ?? a.description).join(" "));
    if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level)) this.errors.push(params.entry.text);
    if (method === "Network.requestWillBeSent" && params.request.url !== this.own && !/^(data|blob):/.test(params.request.url)) this.requests.push(params.request.url);
    this.events = this.events.filter((e) => !(e.method === method && (e.resolve(params), true)));
  }

  event(method) { return new Promise((resolve) => this.events.push({ method, resolve })); }
  send(method, params) { return this.browser.send(method, params, this.session); }

  /// The value of an expression in the page. Errors: what it throws.
  async value(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true, userGesture: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async until(condition, what) {
    const patience = 60; // seconds: machines that build beside it are slow
    for (const end = Date.now() + patience * 1000; Date.now() < end;) {
      if (await this.value(condition)) return;
      if (this.errors.length) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`waited ${patience} s, or until an error, until ${what}; on the console: ${this.errors.slice(0, 3).join("; ") || "nothing"}`);
  }

  /// Two frames: what was changed is drawn.
  async drawn() { await this.value("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"); }

  async key(key) {
    const code = { Enter: 13, ArrowRight: 39, ArrowLeft: 37, Tab: 9, Escape: 27 }[key];
    for (const type of ["keyDown", "keyUp"]) await this.send("Input.dispatchKeyEvent", { type, key, code: key, windowsVirtualKeyCode: code, ...(key === "Enter" && type === "keyDown" ? { text: "\r" } : {}) });
  }

  async move(x, y) { await this.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y }); }
  async click(x, y) {
    for (const type of ["mousePressed", "mouseReleased"]) await this.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
  }

  async picture(whole = false) {
    const { data } = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: whole });
    return Buffer.from(data, "base64");
  }

  async close() { await this.browser.send("Target.closeTarget", { targetId: this.target }); }
}
