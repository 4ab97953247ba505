// No empty boxes instead of letters: every letter of every text of the catalogue is
// in a font of the box, and capitals are as high as measures.js says.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { brotliDecompressSync } from "node:zlib";
import { capRatio } from "../../screen/measures.js";

const here = new URL(".", import.meta.url);
const read = (path) => readFileSync(new URL(path, here));

/** The tables of a WOFF2 file that are stored as they are in OpenType. */
function tables(file) {
  const known = ["cmap", "head", "hhea", "hmtx", "maxp", "name", "OS/2", "post", "cvt ", "fpgm", "glyf", "loca"];
  assert.equal(file.toString("latin1", 0, 4), "wOF2");
  let at = 48;
  const number = () => {
    for (let n = 0; ;) {
      const byte = file[at++];
      n = n * 128 + (byte & 0x7f);
      if (byte < 0x80) return n;
    }
  };
  const directory = Array.from({ length: file.readUInt16BE(12) }, () => {
    const flags = file[at++];
    let tag = known[flags & 0x3f] ?? `#${flags & 0x3f}`;
    if ((flags & 0x3f) === 0x3f) tag = file.toString("latin1", at, (at += 4));
    const length = number();
    const plain = flags >> 6 === (["glyf", "loca"].includes(tag) ? 3 : 0);
    return { tag, plain, length: plain ? length : number() };
  });
  const data = brotliDecompressSync(file.subarray(at, at + file.readUInt32BE(20)));
  let from = 0;
  return new Map(directory.map(({ tag, plain, length }) => [tag, plain ? data.subarray(from, (from += length)) : void (from += length)]));
}

/** The characters that a cmap table has a glyph for, of formats 4 and 12. */
function characters(cmap) {
  const found = new Set();
  for (let i = 0; i < cmap.readUInt16BE(2); i++) {
    const table = cmap.subarray(cmap.readUInt32BE(4 + 8 * i + 4));
    if (table.readUInt16BE(0) === 12) {
      for (let g = 0; g < table.readUInt32BE(12); g++) {
        for (let c = table.readUInt32BE(16 + 12 * g); c <= table.readUInt32BE(20 + 12 * g); c++) found.add(c);
      }
    } else if (table.readUInt16BE(0) === 4) {
      const twice = table.readUInt16BE(6);
      for (let s = 0; s < twice; s += 2) {
        const [end, start] = [table.readUInt16BE(14 + s), table.readUInt16BE(16 + twice + s)];
        for (let c = start; c <= end && c !== 0xffff; c++) found.add(c);
      }
    }
  }
  return found;
}

/** The faces of fonts.css: what they are for, and what they hold. */
const faces = [...read("../../lib/fonts.css").toString().matchAll(/@font-face \{([^}]*)\}/g)].map(([, css]) => {
  const part = (re) => css.match(re)?.[1] ?? "";
  const all = tables(read(`../../lib/${part(/url\("([^"]+)"/)}`));
  const ranges = part(/unicode-range: ([^;]+)/).split(",").map((r) => r.trim().slice(2).split("-").map((h) => parseInt(h, 16)));
  return {
    family: part(/font-family: "([^"]+)"/),
    weight: part(/font-weight: (\d+)/),
    serves: (c) => ranges.some(([from, to = from]) => c >= from && c <= to),
    has: characters(all.get("cmap")),
    capHeight: all.get("OS/2").readInt16BE(88) / all.get("head").readUInt16BE(18),
  };
});

/** Whether a character is drawn by a font of the box: marks of direction draw nothing. */
const drawn = (c, weight) => c < 0x20 || [0x200c, 0x200d, 0x200e, 0x200f, 0x2066, 0x2067, 0x2068, 0x2069].includes(c)
  || faces.some((f) => f.weight === weight && f.serves(c) && f.has.has(c));

const texts = (value) => (typeof value === "string" ? [value] : Object.entries(value ?? {}).flatMap(([k, v]) => (k === "note" ? [] : texts(v))));
const catalogues = readdirSync(new URL("../../../firmware/words/", here)).filter((n) => n.endsWith(".json"));

for (const name of catalogues) {
  test(`every letter of ${name} is in a font of the box, in both weights`, () => {
    const missing = new Map();
    for (const [key, entry] of Object.entries(JSON.parse(read(`../../../firmware/words/${name}`).toString()))) {
      for (const text of texts(entry)) {
        for (const sign of text) {
          for (const weight of ["400", "700"]) if (!drawn(sign.codePointAt(0), weight)) missing.set(sign, key);
        }
      }
    }
    assert.deepEqual([...missing].map(([sign, key]) => `U+${sign.codePointAt(0).toString(16).padStart(4, "0")} ${sign} in ${key}`), []);
  });
}

for (const [language, letters] of [
  ["Turkish", "ÇçĞğİıÖöŞşÜüÂâÎî"], ["Romanian", "ĂăÂâÎîȘșȚț"], ["Portuguese", "ÃãÕõÇçÀàÁáÂâÉéÊêÍíÓóÔôÚú"], ["Spanish", "ÑñÁáÉéÍíÓóÚúÜü¿¡"],
  ["Russian", "АаБбВвГгДдЕеЁёЖжЗзИиЙйКкЛлМмНнОоПпРрСсТтУуФфХхЦцЧчШшЩщЪъЫыЬьЭэЮюЯя"], ["Ukrainian", "ҐґЄєІіЇї’"],
  ["Arabic", "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي٠١٢٣٤٥٦٧٨٩،؛؟"], ["Persian", "پچژگکیۀ۰۱۲۳۴۵۶۷۸۹"], ["French", "ÀàÂâÆæÇçÉéÈèÊêËëÎîÏïÔôŒœÙùÛûÜüŸÿ«»’–—…\u00a0€"],
]) {
  test(`the fonts have the letters of ${language}`, () => {
    const missing = [...letters].filter((sign) => !drawn(sign.codePointAt(0), "400") || !drawn(sign.codePointAt(0), "700"));
    assert.deepEqual(missing, []);
  });
}

test("capitals are as high as the sizes are computed from, in every script", () => {
  const css = read("../../lib/base.css").toString();
  assert.match(css, new RegExp(`font-size-adjust: cap-height ${capRatio};`));
  for (const f of faces) {
    const want = f.family === "Atkinson Hyperlegible Next" ? capRatio : 0.714;
    assert.ok(Math.abs(f.capHeight - want) < 0.002, `${f.family} ${f.weight}: ${f.capHeight}`);
  }
});

test("every font has its licence beside it", () => {
  const files = readdirSync(new URL("../../lib/fonts/", here));
  for (const [font, licence] of [["atkinson-next", "OFL-atkinson-hyperlegible-next.txt"], ["noto-sans-cyrillic", "OFL-noto-sans.txt"], ["noto-sans-arabic", "OFL-noto-sans-arabic.txt"]]) {
    assert.ok(files.some((f) => f.startsWith(font)) && files.includes(licence), font);
    assert.match(read(`../../lib/fonts/${licence}`).toString(), /SIL OPEN FONT LICENSE Version 1\.1/);
  }
  assert.deepEqual(files.filter((f) => f.endsWith(".woff2") && !/^(atkinson-next|noto-sans-(cyrillic|arabic))-/.test(f)), []);
});
