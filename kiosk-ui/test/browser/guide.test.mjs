// The guides' pages to print: each fits on one sheet of A4, on a phone nothing is cut off
// at the side, and every picture loads.

import assert from "node:assert/strict";
import { scene } from "./box.mjs";

scene("the pages to print", async (s) => {
  const box = await s.box();
  for (const name of ["connecter", "matinee", "depannage", "secours", "informatique", "affiche"]) {
    const guide = await s.phone(`${box.url}/guide/${name}.html`);
    const broken = await guide.page.evaluate(async () => {
      await document.fonts.ready;
      return [...document.images].filter((i) => !i.complete || i.naturalWidth === 0).map((i) => i.src);
    });
    assert.deepEqual(broken, [], `pictures of ${name}`);
    assert.ok((await guide.beyond()).across <= 0, `${name} is wider than a phone`);
    await guide.shot(`guide-${name}`);
    const sheets = (await guide.page.pdf({ preferCSSPageSize: true })).toString("latin1").match(/\/Type\s*\/Page\b/g);
    assert.equal(sheets?.length, 1, `sheets of paper of ${name}`);
  }
});
