// The first page on a visitor's phone: what one can do there, in which language.

import { link, open, way } from "./phone.js";

open().then(({ languages, lang, text }) => {
  const [ways, list] = /** @type {Element[]} */ ([document.querySelector(".ways"), document.querySelector(".languages")]);
  ways.replaceChildren(
    way({ href: link("practice.html", lang), picto: "practice", name: text("phone.practice"), sub: text("phone.practice_sub") }),
    way({ href: link("rights.html", lang), picto: "questions", name: text("phone.rights"), sub: text("phone.rights_sub") }),
  );
  list.replaceChildren(...languages.map((l) => way({ href: link("index.html", l.lang), picto: "", name: l.name, lang: l.tag, dir: l.dir, current: l.lang === lang })));
});
