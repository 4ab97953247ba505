// The browser of the box under the policies of its card, and whoever tries to get out of
// the page: rows 44 to 46 of ATTACKS.md. The policies are those of images/root, laid over
// this machine's own in a mount namespace of the browser's alone, so that nothing of this
// machine changes; that takes root.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { patience } from "./box.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const policies = join(here, "../../../images/root/etc/chromium/policies/managed/jeudi.json");
const browser = process.env.CHROMIUM ?? "/usr/bin/chromium";
const root = process.getuid?.() === 0 && (() => {
  try {
    execFileSync("unshare", ["-m", "true"]);
    return true;
  } catch {
    return false;
  }
})();
const why = root ? false : "NOT RUN  the kiosk's policies in a browser: it takes root and mount namespaces; sudo make test";
if (why) console.log(why);

/** A program that starts the browser under these policies. @param {string} dir @param {object} policy */
function lockedDown(dir, policy) {
  const etc = join(dir, "etc");
  mkdirSync(join(etc, "policies/managed"), { recursive: true });
  writeFileSync(join(etc, "policies/managed/jeudi.json"), JSON.stringify(policy));
  const program = join(dir, "browser");
  writeFileSync(program, `#!/bin/sh\nexec unshare -m --propagation private sh -c 'mount --bind "${etc}" /etc/chromium && exec "$@"' sh ${browser} "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}

/** What a page holds once it is going nowhere any more. @param {import("playwright-core").Page} page @returns {Promise<string>} */
async function settled(page) {
  for (let tries = 0; ; tries++) {
    try {
      await page.waitForLoadState();
      return await page.evaluate(() => document.body?.innerText ?? "");
    } catch (e) {
      if (tries > 50) throw e;
    }
  }
}

/** The card's policies, with the box of this test in the place of the box's own address. @param {string} url */
function policyFor(url) {
  return JSON.parse(readFileSync(policies, "utf8").replaceAll("127.0.0.1:8080", new URL(url).host));
}

test("44, 45: no way out of the kiosk's page", { skip: why }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "jeudi-lockdown-"));
  /** @type {(() => unknown)[]} */
  const undo = [() => rmSync(dir, { recursive: true, force: true })];
  try {
    // Another service of the same machine, and one that would be the Internet.
    let hits = 0;
    const other = createServer((_, answer) => (hits++, answer.end("another page"))).listen(0, "127.0.0.1");
    /** @type {string[]} */
    const asked = [];
    const own = createServer((ask, answer) => {
      asked.push(String(ask.url));
      const script = ask.url === "/setup/kiosk.js"; // the page's own, from a folder that is no page of the kiosk
      answer.setHeader("content-type", script ? "text/javascript" : "text/html");
      answer.end(script ? "loaded = true" : '<!doctype html><title>ours</title><script src="/setup/kiosk.js"></script><script>opened = window.open("/kiosk/other")</script>');
    }).listen(0, "127.0.0.1");
    /** @type {string[]} */
    const sockets = [];
    own.on("upgrade", (ask, socket) => { sockets.push(String(ask.url)); socket.destroy(); });
    undo.push(() => other.close(), () => own.close());
    await Promise.all([other, own].map((s) => s.listening || new Promise((done) => s.once("listening", done))));
    /** @param {import("node:http").Server} s */
    const at = (s) => `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (s.address()).port}`;
    const origin = at(own), url = origin + "/kiosk";
    // A test drives the browser by what the card forbids, row 46, and without a window, which
    // a browser that must be incognito refuses; all else is the card's.
    const policy = { ...policyFor(url), RemoteDebuggingAllowed: true, DeveloperToolsAvailability: 1, IncognitoModeAvailability: 0 };
    const context = await chromium.launchPersistentContext(join(dir, "profile"), {
      executablePath: lockedDown(dir, policy), chromiumSandbox: false, ignoreDefaultArgs: ["--disable-popup-blocking"],
      args: ["--disable-gpu", "--no-first-run", "--disable-background-networking"],
    });
    undo.unshift(() => context.close());
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    await page.goto(url);
    assert.equal(await page.title(), "ours");
    // What the page itself needs of the box is not held back.
    assert.equal(await page.evaluate(() => /** @type {any} */ (window).loaded), true, "its script");
    assert.equal(await page.evaluate(() => fetch("/api/kiosk", { method: "POST" }).then((r) => r.status)), 200, "its orders");
    await page.evaluate(() => new Promise((done) => { new WebSocket(location.origin.replace("http", "ws") + "/ws/kiosk").onclose = done; }));
    assert.deepEqual(sockets, ["/ws/kiosk"], "its line");

    for (const address of ["file:///etc/passwd", "file:///", "chrome://settings/", "chrome://version/", "chrome://policy/", "chrome://flags/", "chrome://inspect/",
      "chrome://downloads/", "devtools://devtools/bundled/inspector.html", `view-source:${url}`, "data:text/html,<h1>x</h1>",
      origin + "/", origin + "/desk", origin + "/desk/index.html", origin + "/setup", origin + "/setup/index.html", origin + "/dock/", origin + "/guide/", origin + "/api/me",
      at(other), "http://192.168.1.1/", "https://www.example.org/"]) {
      const p = await context.newPage();
      let said = "opened";
      try {
        await p.goto(address, { timeout: 5000 });
      } catch (e) {
        said = String(/** @type {Error} */ (e).message).split("\n")[0];
      }
      assert.match(said, /ERR_BLOCKED_BY_ADMINISTRATOR/, `${address}: ${said}`);
      await p.close();
    }

    // From inside the page, as a page that was tricked would.
    // Downloads and file choosers go past the policies when a test drives the browser: these
    // two are held by the policy file alone, and by a unit in which nothing can be written.
    let dialogs = 0;
    page.on("dialog", (d) => { dialogs++; d.dismiss(); });
    for (const address of ["javascript:document.title='taken'", "mailto:a@example.org", "tel:3949", "intent://x", "data:text/html,another page", "file:///etc/passwd", "view-source:" + url, "chrome://settings", origin + "/desk", at(other)]) {
      const p = await context.newPage();
      await p.goto(url);
      await p.evaluate((href) => {
        const a = Object.assign(document.createElement("a"), { href, target: "_self", textContent: "x" });
        document.body.append(a);
        a.click();
      }, address).catch(() => {});
      // Somewhere or nowhere: another exchange with the box has come back since.
      await p.evaluate(() => fetch("/kiosk").then(() => new Promise(requestAnimationFrame))).catch(() => {});
      const now = await settled(p);
      assert.ok(!/another page|root:x:0|settings-ui/.test(now), `${address} opened: ${now.slice(0, 200)}`);
      await p.close();
    }
    assert.equal(hits, 0, "another server of the machine was reached");
    assert.deepEqual(asked.filter((path) => !["/kiosk", "/api/kiosk", "/setup/kiosk.js", "/favicon.ico"].includes(path)), [], "another page of the box was reached");
    const before = context.pages().length;
    await page.goto(url);
    assert.equal(await page.evaluate(() => /** @type {any} */ (window).opened === null), true, "a window opens by itself");
    assert.equal(context.pages().length, before, "there is another window");
    /** @param {string} what @param {() => Promise<unknown>} ask */
    const refused = async (what, ask) => assert.match(String(await page.evaluate(ask).catch((e) => `refused: ${e}`)), /refused|denied|NotAllowed|NotFound|Security|undefined/, what);
    await refused("notifications", () => Notification.requestPermission());
    await refused("the microphone", () => navigator.mediaDevices.getUserMedia({ audio: true }).then(() => "given", (e) => `refused: ${e.name}`));
    await refused("the place", () => new Promise((done) => navigator.geolocation.getCurrentPosition(() => done("given"), () => done("refused"))));
    await refused("files", () => /** @type {any} */ (window).showOpenFilePicker?.().then(() => "given", (/** @type {Error} */ e) => `refused: ${e.name}`) ?? Promise.resolve("undefined"));
    await refused("USB", () => /** @type {any} */ (navigator).usb?.requestDevice({ filters: [] }).then(() => "given", (/** @type {Error} */ e) => `refused: ${e.name}`) ?? Promise.resolve("undefined"));
    await refused("the clipboard", () => navigator.clipboard.readText().then(() => "given", (e) => `refused: ${e.name}`));
    assert.equal(dialogs, 0);
  } finally {
    for (const f of undo) await f();
  }
});

test("46: nobody debugs the kiosk's browser from outside", { skip: why }, async () => {
  const dir = mkdtempSync(join(tmpdir(), "jeudi-lockdown-"));
  const said = await new Promise((done) => {
    let text = "";
    const child = spawn(lockedDown(dir, policyFor("http://127.0.0.1:8080")), ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
      "--remote-debugging-port=0", `--user-data-dir=${join(dir, "profile")}`, "http://127.0.0.1:8080/kiosk"], { detached: true });
    child.stderr.on("data", (data) => {
      text += data;
      if (/DevTools/.test(text) && child.exitCode === null && child.signalCode === null) process.kill(-/** @type {number} */ (child.pid), "SIGKILL");
    });
    child.on("close", () => done(text)); // when the last of its processes is gone: they write into the folder
    setTimeout(() => done(text + " (nothing said in time)"), patience).unref();
  });
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  assert.match(said, /DevTools remote debugging is disallowed/);
  assert.doesNotMatch(said, /DevTools listening/);
});
