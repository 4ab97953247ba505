// What the browser tests share: a box of their own, started and killed like the
// real one, and pages whose every error counts. Nothing here waits for a time;
// it waits for a state, and says which one did not come.

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");

/** Where pictures go that nobody keeps. */
export const shots = join(here, "../shots");

/** How long a state may take to come (ms); two busy cores are slow. */
export const patience = 15_000;

// ---- the binary ----

/** Whether something that bin/jeudi is made of is newer than it. */
function newer(than, dir) {
  return readdirSync(dir, { withFileTypes: true }).some((entry) => {
    if (entry.name.startsWith(".") || ["node_modules", "test", "bin", "data"].includes(entry.name)) return false;
    const path = join(dir, entry.name);
    return entry.isDirectory() ? newer(than, path) : statSync(path).mtimeMs > than;
  });
}

let binary = "";

/** The box's program: JEUDI, or bin/jeudi, built when it is missing or older than its source. */
export function jeudi() {
  if (binary) return binary;
  if (process.env.JEUDI) return (binary = process.env.JEUDI);
  const path = join(root, "bin/jeudi");
  if (!existsSync(path) || newer(statSync(path).mtimeMs, root)) {
    // Under a name of its own first: other tests may run the old one.
    mkdirSync(dirname(path), { recursive: true });
    const fresh = `${path}.${process.pid}`;
    execFileSync("go", ["build", "-buildvcs=false", "-trimpath", "-o", fresh, "./firmware"], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/local/go/bin` },
    });
    renameSync(fresh, path);
  }
  return (binary = path);
}

const days = ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"];

/**
 * The sample site with a weekly permanence three days from now, so that a test
 * opens it by hand whatever the day it runs.
 * @param {{panel?: "10.1" | "7", replace?: [RegExp, string][]}} [options]
 */
export function sampleSite({ panel = "10.1", replace = [] } = {}) {
  const day = days[(new Date().getUTCDay() + 3) % 7];
  return changed([[/^day = ".*"$/m, `day = "${day}"`], [/^panel = "10.1"$/m, `panel = "${panel}"`], ...replace]);
}

/** The sample site somewhere on Earth where it is ten in the morning of a permanence. */
export function morningSite() {
  const ahead = ((10 - new Date().getUTCHours() + 36) % 24) - 12; // hours, -12 to 11
  const day = days[new Date(Date.now() + ahead * 3_600_000).getUTCDay()];
  const zone = ahead === 0 ? "Etc/GMT" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`; // their sign is the other way round
  return changed([[/^day = ".*"$/m, `day = "${day}"`], [/^time_zone = ".*"$/m, `time_zone = "${zone}"`]]);
}

/** @param {[RegExp, string][]} changes */
function changed(changes) {
  const sample = execFileSync(jeudi(), ["site", "sample"], { encoding: "utf8" });
  // A themed morning would have to fall on the day of the permanence.
  return [...changes, /** @type {const} */ ([/^\[\[morning\]\]\n(.+\n)+/m, ""])].reduce((text, [from, to]) => {
    if (!from.test(text)) throw new Error(`the sample site has no ${from}`);
    return text.replace(from, to);
  }, sample);
}

/** A port that was free a moment ago, for a box that must come back on the same one. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await new Promise((done) => server.close(done));
  return port;
}

/** Boxes that run: none outlives its tests. @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** One box with its data and its log. */
export class Box {
  #dir = mkdtempSync(join(tmpdir(), "jeudi-browser-"));
  #port = 0;
  #flags;
  /** @type {import("node:child_process").ChildProcess | null} */
  #process = null;
  log = "";
  url = "";

  /** @param {{site?: string, flags?: string[]}} [options] */
  constructor({ site = sampleSite(), flags = [] } = {}) {
    writeFileSync(join(this.#dir, "site.toml"), site);
    this.#flags = flags;
  }

  /** Starts the box; a second time on the same port and data. */
  async start() {
    this.#port ||= await freePort();
    const args = ["run", "-listen", `127.0.0.1:${this.#port}`, "-data", join(this.#dir, "data"), "-site", join(this.#dir, "site.toml"), ...this.#flags];
    const child = spawn(jeudi(), args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    running.add(child);
    child.once("exit", () => running.delete(child));
    await new Promise((ready, failed) => {
      const slow = setTimeout(() => failed(new Error(`the box did not start:\n${this.log}`)), patience);
      const end = (/** @type {unknown} */ code) => {
        clearTimeout(slow);
        failed(new Error(`the box ended (${code}):\n${this.log}`));
      };
      child.once("error", end);
      child.once("exit", end);
      let out = "";
      child.stdout?.on("data", (chunk) => {
        this.log += chunk;
        out += chunk;
        const [, url] = out.match(/(http:\/\/\S+)\/kiosk/) ?? [];
        if (!url) return;
        this.url = url;
        clearTimeout(slow);
        child.off("exit", end);
        ready(undefined);
      });
      child.stderr?.on("data", (chunk) => (this.log += chunk));
    });
    return this;
  }

  /** The number of its process, 0 when it does not run. */
  get pid() {
    return this.#process?.pid ?? 0;
  }

  /** Pulls the plug. */
  async kill() {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }

  async end() {
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** What the simulated devices show. */
  async dock() {
    return (await fetch(`${this.url}/dock/state`)).json();
  }

  /**
   * Waits for a state of the devices.
   * @param {string} what
   * @param {(state: any) => any} that
   */
  async devices(what, that) {
    return until(what, async () => that(await this.dock()));
  }

  /** The text of every sheet of paper, the oldest first. @returns {Promise<string[]>} */
  async papers() {
    const { printer } = await this.dock();
    return (printer.sheets ?? []).map((/** @type {any} */ s) => (s.lines ?? []).map((/** @type {any} */ l) => l.text ?? "").join("\n"));
  }

  /** Waits for the newest sheet that reads like this, and gives its text. @param {string} what @param {RegExp} words */
  paper(what, words) {
    return until(`${what} on paper`, async () => (await this.papers()).findLast((text) => words.test(text)) ?? "");
  }

  /** Waits for the paper of a ticket, and gives what its code says. @param {number} number @returns {Promise<string>} */
  code(number) {
    return this.devices(`the code on ticket ${number}`, ({ printer }) => {
      const sheets = (printer.sheets ?? []).map((/** @type {any} */ s) => s.lines ?? []);
      return sheets.find((/** @type {any[]} */ lines) => lines.find((l) => l.text?.trim())?.text.trim() === String(number))?.find((/** @type {any} */ l) => l.qr)?.qr;
    });
  }

  /** @param {string} path @param {Record<string, unknown>} [body] */
  async post(path, body) {
    const response = await fetch(this.url + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: body && JSON.stringify({ id: newId(), ...body }),
    });
    if (!response.ok) throw new Error(`POST ${path} ${JSON.stringify(body)}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? {} : response.json();
  }

  /** @param {string} command what desk 1 does @param {Record<string, unknown>} [more] */
  desk(command, more = {}) {
    return this.post("/api/desk", { desk: "1", do: command, ...more });
  }

  /** Gives a ticket without the kiosk. @param {Record<string, unknown>} [more] */
  ticket(more = {}) {
    return this.post("/api/tickets", { lang: "fr", motif: "caf", ...more });
  }
}

/** 32 hexadecimal digits that nobody has used before. */
export function newId() {
  return randomBytes(16).toString("hex");
}

/**
 * Asks until the answer is neither false nor nothing.
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} ask
 * @returns {Promise<T>}
 */
export async function until(what, ask) {
  const deadline = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`it never came: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

// ---- pages ----

/** @type {Promise<import("playwright-core").Browser> | undefined} */
let browser;

export function openBrowser() {
  const plain = process.getuid?.() !== 0;
  const launch = () => chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    chromiumSandbox: plain,
    args: [
      "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
      "--disable-sync", ...(plain ? [] : ["--no-sandbox"]),
    ],
  });
  // Before it has seen a page of ours, a browser that dies is its own matter: it has one more try.
  return (browser ??= launch().catch((cause) => {
    console.log(`Chromium died at its start and is started once more: ${String(cause).match(/signal=\w+/)?.[0] ?? "no signal"}`);
    return launch();
  }));
}

after(async () => (await browser)?.close());

/** What a browser says when the box is off, which is no fault of a page. */
const offline = /ERR_CONNECTION_(REFUSED|RESET|CLOSED)|ERR_SOCKET_NOT_CONNECTED|ERR_EMPTY_RESPONSE|WebSocket connection to/;

/** A page of a surface, with the views that it was sent. */
export class Surface {
  /** @type {any} the newest view */
  view = null;
  /** @type {any[]} */
  views = [];
  /** @type {string[]} what went wrong on it */
  errors = [];
  /** Whether the box is meant to be off: what the browser says of that is no error. */
  dark = false;

  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(`${error.stack ?? error}`));
    page.on("crash", () => this.errors.push("the page crashed"));
    page.on("console", (message) => {
      if (message.type() !== "error" || (this.dark && offline.test(message.text()))) return;
      this.errors.push(`${message.text()} (${message.location().url})`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) this.errors.push(`${response.status()} for ${response.url()}`);
    });
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => {
        const message = JSON.parse(String(payload));
        if (message.seq === undefined) return;
        this.view = message;
        this.views.push(message);
      }));
  }

  /** @param {Parameters<import("playwright-core").Page["getByRole"]>[0]} role @param {string | RegExp} name */
  role(role, name) {
    return this.page.getByRole(role, { name, exact: typeof name === "string" });
  }

  /** @param {string | RegExp} name */
  button(name) {
    return this.role("button", name);
  }

  /** Waits until a text is to be read. @param {string | RegExp} words */
  async reads(words) {
    await this.page.getByText(words).filter({ visible: true }).first().waitFor();
  }

  /**
   * Waits for a view.
   * @param {string} what
   * @param {(view: any) => any} that
   */
  shows(what, that) {
    return until(what, () => this.view && that(this.view));
  }

  /**
   * Waits until a function that runs in the page gives something.
   * @template Arg, Result
   * @param {string} what
   * @param {(arg: Arg) => Result} run
   * @param {Arg} [arg]
   * @returns {Promise<Result>}
   */
  sees(what, run, arg) {
    return until(what, () => this.page.evaluate(/** @type {any} */ (run), arg));
  }

  /** How far the page is wider or, if asked, higher than its window (px). */
  beyond() {
    return this.page.evaluate(() => {
      const e = document.documentElement;
      return { across: e.scrollWidth - e.clientWidth, down: e.scrollHeight - e.clientHeight };
    });
  }

  /** @param {string} name of the picture, without its ending */
  async shot(name) {
    mkdirSync(shots, { recursive: true });
    await this.page.screenshot({ path: join(shots, `${name}.png`), animations: "disabled" });
  }
}

/** The same press within this (ms) is one press, as trembling hands need. */
const sameWithin = 500;

/** The kiosk: what it shows, and a finger. */
export class Kiosk extends Surface {
  /** How often something was pressed. */
  presses = 0;
  #last = { key: "", at: 0 };

  /** Waits until a screen is drawn. @param {string} id */
  async screen(id) {
    await this.page.locator(`html[data-screen="${id}"]`).waitFor({ state: "attached" });
    return this.shows(`the screen ${id}`, (view) => view.id === id && view);
  }

  /** Opens pairing, and gives what its code says behind the address. @returns {Promise<string>} */
  async offer() {
    if (this.view.id !== "settings") await this.press("settings");
    const answered = this.page.waitForResponse((r) => r.url().endsWith("/api/pairing"));
    await this.button("Équipe : connecter un téléphone").tap();
    const { fragment } = await (await answered).json();
    await this.shows("the code", (view) => view.pairing?.stage === "offer");
    return fragment;
  }

  /** Touches what has this key, and waits for the answer. @param {string} key */
  async press(key) {
    const { turn } = this.view;
    if (this.#last.key === key) {
      const wait = this.#last.at + sameWithin - performance.now();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    }
    await this.page.locator(`button[data-key="${key}"]`).tap();
    this.#last = { key, at: performance.now() };
    this.presses++;
    await this.shows(`an answer to « ${key} »`, (view) => view.turn !== turn);
  }
}

/** One test with its boxes and pages; all of them end with it. */
export class Scene {
  /** @type {Box[]} */
  #boxes = [];
  /** @type {{name: string, surface: Surface}[]} */
  #surfaces = [];

  /** @param {ConstructorParameters<typeof Box>[0]} [options] */
  async box(options) {
    const box = new Box(options);
    this.#boxes.push(box);
    return box.start();
  }

  /**
   * @template {Surface} S
   * @param {new (page: import("playwright-core").Page) => S} Kind
   * @param {{url: string}} box
   * @param {string} path
   * @param {import("playwright-core").BrowserContextOptions} options
   * @param {() => void} [init]
   * @returns {Promise<S>}
   */
  async #open(Kind, box, path, options, init) {
    const context = await (await openBrowser()).newContext({ locale: "fr-FR", reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    if (init) await page.addInitScript(init);
    const surface = new Kind(page);
    const name = (path || "phone").replace(/\W+/g, "-").replace(/^-|-$/g, "");
    const like = this.#surfaces.filter((other) => other.name.startsWith(name)).length;
    this.#surfaces.push({ name: like ? `${name}-${like + 1}` : name, surface });
    await page.goto(box.url + path);
    return surface;
  }

  /** @param {Box} box @param {{width?: number, height?: number, query?: string}} [options] */
  async kiosk(box, { width = 1280, height = 800, query = "" } = {}) {
    const kiosk = await this.#open(Kiosk, box, `/kiosk${query}`, { viewport: { width, height }, hasTouch: true });
    await kiosk.shows("a first view", () => true);
    await kiosk.page.locator("html[data-screen]").waitFor({ state: "attached" });
    return kiosk;
  }

  /** The kiosk's page while the box has no site. @param {Box} box @param {{width?: number, height?: number}} [options] */
  kioskPage(box, { width = 1280, height = 800 } = {}) {
    return this.#open(Surface, box, "/kiosk", { viewport: { width, height }, hasTouch: true });
  }

  /** @param {Box} box @param {{width?: number, height?: number}} [options] */
  desk(box, { width = 1280, height = 800 } = {}) {
    return this.#open(Surface, box, "/desk", { viewport: { width, height } });
  }

  /** @param {{url: string}} box */
  hall(box) {
    return this.#open(Surface, box, "/hall", { viewport: { width: 1280, height: 720 } });
  }

  /**
   * A phone at an address of its own: a visitor's, or one of the staff, which accepts the
   * box's certificate.
   * @param {string} url
   * @param {{width?: number, height?: number, init?: () => void}} [options] init runs before the page's own code
   */
  phone(url, { width = 390, height = 844, init } = {}) {
    return this.#open(Surface, { url }, "", { viewport: { width, height }, hasTouch: true, isMobile: true, ignoreHTTPSErrors: url.startsWith("https:") }, init);
  }

  /** @param {Box} box */
  dock(box) {
    return this.#open(Surface, box, "/dock/", { viewport: { width: 1280, height: 900 } });
  }

  /** Fails if any page had an error. */
  check() {
    const errors = this.#surfaces.flatMap(({ name, surface }) => surface.errors.map((e) => `${name}: ${e}`));
    if (errors.length > 0) throw new Error(`errors on pages:\n${errors.join("\n")}`);
  }

  /** What was on the pages when it failed, and what the boxes said. */
  async tell() {
    for (const { name, surface } of this.#surfaces) {
      await surface.shot(`failed-${name}`).catch(() => {});
      for (const error of surface.errors) console.error(`${name}: ${error}`);
      if (surface.view) console.error(`${name}: the newest view was ${JSON.stringify(surface.view).slice(0, 1500)}`);
    }
    for (const box of this.#boxes) console.error(`the log of the box:\n${box.log}`);
  }

  async end() {
    await Promise.all(this.#surfaces.map(({ surface }) => surface.page.context().close().catch(() => {})));
    await Promise.all(this.#boxes.map((box) => box.end()));
  }
}

/**
 * A test that plays with boxes and pages.
 * @param {string} name
 * @param {(scene: Scene) => Promise<void>} play
 * @param {{timeout?: number}} [options]
 */
export function scene(name, play, { timeout = 120_000 } = {}) {
  test(name, { timeout }, async () => {
    const scene = new Scene();
    try {
      await play(scene);
      scene.check();
    } catch (error) {
      await scene.tell();
      throw error;
    } finally {
      await scene.end();
    }
  });
}
