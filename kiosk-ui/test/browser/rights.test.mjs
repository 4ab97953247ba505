// The questions about benefits on the visitor's own phone, with a server of the
// test's own that notes everything it is asked for: nothing that was answered may
// reach it, or stay.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const ui = join(here, "../..");
const firmware = join(ui, "../firmware");
const shots = join(here, "../shots");

const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml" };
/** As the box serves it. */
const policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** A tenth of a second of silence. */
function wav() {
  const b = Buffer.alloc(44 + 1600);
  b.write("RIFF", 0);
  b.writeUInt32LE(b.length - 8, 4);
  b.write("WAVEfmt ", 8);
  b.writeUInt32LE(16, 16);
  b.writeUInt16LE(1, 20);
  b.writeUInt16LE(1, 22);
  b.writeUInt32LE(8000, 24);
  b.writeUInt32LE(16000, 28);
  b.writeUInt16LE(2, 32);
  b.writeUInt16LE(16, 34);
  b.write("data", 36);
  b.writeUInt32LE(1600, 40);
  return b;
}

function words(lang) {
  const all = {};
  for (const l of ["fr", lang]) {
    for (const [key, e] of Object.entries(JSON.parse(readFileSync(join(firmware, `words/${l}.json`), "utf8")))) {
      if (/^(rights|phone)\./.test(key)) all[key] = e.text;
    }
  }
  return all;
}

const languages = [
  { lang: "fr", tag: "fr", dir: "ltr", name: "Français", voice: true },
  { lang: "ar", tag: "ar", dir: "rtl", name: "العربية", voice: true },
];

/** @type {string[]} */
let asked = [];
let url = "";
/** @type {import("playwright-core").Browser} */
let browser;

const server = createServer((request, response) => {
  const at = new URL(request.url ?? "/", "http://box");
  asked.push(at.pathname + at.search);
  response.setHeader("Content-Security-Policy", policy);
  const json = (value) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(value));
  };
  switch (at.pathname) {
    case "/phone/words":
      return json(words(at.searchParams.get("lang")));
    case "/phone/languages":
      return json(languages);
    case "/phone/rules":
      return json(JSON.parse(readFileSync(join(firmware, "rights/rules.json"), "utf8")));
    case "/phone/clip":
      response.setHeader("Content-Type", "audio/wav");
      return response.end(wav());
  }
  const file = join(ui, at.pathname);
  if (!file.startsWith(ui) || !existsSync(file)) {
    response.statusCode = 404;
    return response.end();
  }
  response.setHeader("Content-Type", types[extname(file)] ?? "application/octet-stream");
  response.end(readFileSync(file));
});

before(async () => {
  await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
  url = `http://127.0.0.1:${server.address().port}/phone/rights.html`;
  const plain = process.getuid?.() !== 0;
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    chromiumSandbox: plain,
    args: ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", ...(plain ? [] : ["--no-sandbox"])],
  });
  mkdirSync(shots, { recursive: true });
});

after(async () => {
  await browser?.close();
  server.close();
});

/** @param {string} query @param {(page: import("playwright-core").Page, errors: string[]) => Promise<void>} run @param {string} locale */
async function phone(query, run, locale = "fr-FR") {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale });
  const page = await context.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (e) => errors.push(String(e)));
  page.on("console", (m) => m.type() === "error" && errors.push(m.text()));
  asked = [];
  try {
    await page.goto(url + query, { waitUntil: "networkidle" });
    await run(page, errors);
    assert.deepEqual(errors, [], "errors on the page");
    const kept = await page.evaluate(async () => ({
      local: localStorage.length, session: sessionStorage.length, cookies: document.cookie,
      databases: (await indexedDB.databases()).length, history: history.length, address: location.hash + location.search,
    }));
    assert.deepEqual({ ...kept, history: 0 }, { local: 0, session: 0, cookies: "", databases: 0, history: 0, address: query }, "something was kept");
  } finally {
    await context.close();
  }
}

/** Presses one thing after the other. */
async function press(page, ...names) {
  for (const name of names) await page.getByRole("button", { name, exact: true }).click();
}

const title = (page) => page.locator("h1").textContent();

test("from the first question to the list, and nothing leaves the page", async () => {
  await phone("?lang=fr", async (page) => {
    const before = asked.length;
    await page.screenshot({ path: join(shots, "rights-intro.png") });
    await press(page, "Commencer", "Seul, ou seul avec des enfants", "De 25 à 59 ans", "Oui", "Un enfant", "Aucun", "Aucun", "Aucun", "Aucun");
    assert.equal(await title(page), "Travaillez-vous\u00a0?", "nobody else lives there");
    await press(page, "Non", "Non");
    assert.match(await title(page), /^Combien d’argent rentre/);
    assert.deepEqual(await page.locator(".rights-answers button").allTextContents().then((t) => t.slice(0, 2)), ["Moins de 1050\u00a0€", "De 1050 à 1600\u00a0€"]);
    await page.screenshot({ path: join(shots, "rights-income.png"), fullPage: true });
    await press(page, "De 1050 à 1600\u00a0€", "Je paie un loyer", "Non", "Je ne sais pas, ou je préfère ne pas dire");
    while (!/vérifier avec/.test(await title(page))) await press(page, "Non");
    const list = await page.locator(".rights-list strong").allTextContents();
    assert.ok(list.includes("Le RSA, revenu minimum") && list.includes("L’allocation de soutien familial"), `${list}`);
    assert.ok(!(await page.locator("main").innerText()).match(/\d\s*€|droit/i), "an amount or a promise");
    await page.screenshot({ path: join(shots, "rights-result.png"), fullPage: true });
    await press(page, "Terminer et tout effacer");
    assert.equal(await title(page), "Tout est effacé.");
    assert.equal(asked.length, before, `asked for ${asked.slice(before)}`);
  });
});

test("back shows what was answered, erase forgets it at once", async () => {
  await phone("?lang=fr", async (page) => {
    await press(page, "Commencer", "En couple", "65 ans ou plus", "65 ans ou plus", "Non");
    assert.match(await title(page), /l’autre personne du couple/);
    await press(page, "Retour", "Retour", "Retour");
    assert.equal(await page.locator('[aria-pressed="true"]').textContent(), "65 ans ou plus");
    await press(page, "Tout effacer", "Recommencer", "Commencer");
    assert.equal(await page.locator('[aria-pressed="true"]').count(), 0);
    assert.match(await title(page), /seul ou en couple/);
  });
});

test("whoever passes everything is told why the list is long", async () => {
  await phone("?lang=fr", async (page) => {
    await press(page, "Commencer");
    for (let i = 0; i < 20 && !/vérifier avec/.test(await title(page)); i++) await press(page, "Je ne sais pas, ou je préfère ne pas dire");
    assert.equal(await page.locator(".rights-list li").count(), 14);
    await page.getByText("La liste est donc plus longue").waitFor();
  });
});

test("what the sound asks for is the same whatever is answered", async () => {
  const heard = [];
  for (const answer of ["En couple", "Seul, ou seul avec des enfants"]) {
    await phone("?lang=fr", async (page) => {
      await press(page, "Écouter", "Commencer", answer);
      while (!asked.some((path) => path.endsWith("rights.erased"))) await page.waitForResponse(/clip/, { timeout: 2000 }).catch(() => {});
      heard.push(asked.filter((path) => path.startsWith("/phone/clip")));
    });
  }
  assert.ok(heard[0].length > 50, `${heard[0].length} clips`);
  assert.deepEqual(heard[0], heard[1]);
});

test("in Arabic, mirrored, nothing cut at 200 %", async () => {
  await phone("?lang=ar", async (page) => {
    assert.equal(await page.evaluate(() => document.documentElement.dir), "rtl");
    await press(page, "ابدأ");
    await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), "wider than the window");
    await page.screenshot({ path: join(shots, "rights-ar.png"), fullPage: true });
    const low = await page.locator("button").evaluateAll((all) => all.filter((b) => b.getBoundingClientRect().height < 44).map((b) => b.textContent));
    assert.deepEqual(low, [], "buttons under 44 px");
  });
});

test("without a language in the address it is the phone's own", async () => {
  await phone("", async (page) => {
    await press(page, "ابدأ");
    assert.equal(await page.evaluate(() => document.documentElement.lang), "ar");
  }, "ar");
});

test("without rules it says whom to ask", async () => {
  const page = await browser.newPage();
  await page.route("**/rules", (route) => route.fulfill({ status: 404 }));
  await page.goto(url + "?lang=fr");
  await page.getByText("Parlez au travailleur social").waitFor();
  await page.close();
});
