// « S’entraîner » on a visitor's phone: the list of pieces, or the one that the
// address names, so that the phone's own way back works.

import { h } from "../lib/dom.js";
import { mountPractice, pieces } from "../lib/practice/index.js";
import { link, open, way } from "./phone.js";

open().then(({ query, lang, tag, dir, words, text, say, quiet }) => {
  const main = /** @type {HTMLElement} */ (document.querySelector("main"));
  const piece = pieces.find((p) => p.id === query.get("piece"));

  if (piece) {
    mountPractice(main, {
      piece: piece.id, say, words, lang: tag, dir, ownKeyboard: false,
      onTouched() {},
      onDone() {
        quiet();
        location.replace(link("practice.html", lang));
      },
    });
    document.title = text(piece.title);
  } else {
    document.title = text("phone.practice");
    main.replaceChildren(
      h("h1", {}, text("phone.practice")),
      h("p", {}, text("phone.choose")),
      h("nav", { class: "ways", "aria-label": text("phone.choose") }, ...pieces.map(({ id, picto, title, minutes }) =>
        way({ href: link("practice.html", lang, { piece: id }), picto, name: text(title), sub: text("practice.ui.minutes").replace("{n}", String(minutes)) }))),
      h("nav", { class: "ways" }, way({ href: link("index.html", lang), picto: "back", name: text("phone.back") })),
    );
  }
  addEventListener("pagehide", quiet);
});
