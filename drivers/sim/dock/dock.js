// The dock's page. It keeps nothing that the box does not know: each message is
// the whole state, and drawing it twice changes nothing.

const states = [
  ["cover_open", "Capot ouvert"],
  ["no_paper", "Plus de papier"],
  ["paper_low", "Bientôt fini"],
  ["cutter_jammed", "Massicot bloqué"],
  ["overheated", "Trop chaude"],
  ["unplugged", "Débranchée"],
  ["mute", "Muette"],
];
const keys = {
  back: ["Retour", "↩"],
  previous: ["Précédent", "◀"],
  next: ["Suivant", "▶"],
  ok: ["OK", "✔"],
  repeat: ["Écouter", "⟳"],
  help: ["Aide", "?"],
  louder: ["Plus fort", "+"],
  softer: ["Moins fort", "−"],
};
const order = ["back", "previous", "next", "ok", "repeat", "help", "softer", "louder"];
const lights = { off: "éteint", on: "allumé", blink: "clignote", breathe: "respire", wink: "un éclair", double: "deux éclairs" };

const $ = (id) => document.getElementById(id);

/** Makes an element with a class and a text. */
function el(tag, className = "", text = "") {
  const e = document.createElement(tag);
  if (className) e.className = className;
  if (text) e.textContent = text;
  return e;
}

/** Sends a command; a refusal is shown, for this page is for people who test. */
async function send(path) {
  try {
    const answer = await fetch(path, { method: "POST" });
    if (!answer.ok) $("link").textContent = await answer.text();
  } catch {
    $("link").textContent = "La boîte ne répond pas.";
  }
}

/** A sheet of paper, as the dots that its bytes make. */
function sheet(s, printer, hanging) {
  const e = el("article", hanging ? "sheet hanging" : "sheet");
  e.style.setProperty("--dots", printer.dots);
  e.dataset.id = s.id;
  const lines = s.lines ?? [];
  if (!lines.some((l) => l.text || l.qr || l.ink)) {
    e.append(el("p", "blank", "une chute de papier, vide"));
    return e;
  }
  const img = el("img");
  // A sheet that hangs out grows: each length has an address of its own.
  img.src = `sheet.png?id=${s.id}&bytes=${s.bytes}`;
  img.alt = lines.map((l) => (l.qr ? "QR code : " + l.qr : l.text ?? "")).filter(Boolean).join("\n");
  e.append(img);
  e.append(el("p", "length", `${s.mm} mm`));
  return e;
}

let drawn = "";
function drawPaper(printer) {
  const here = (printer.sheets ?? []).filter((s) => !s.taken);
  const hanging = (printer.hanging.lines ?? []).length > 0;
  const now = JSON.stringify([here.map((s) => s.id), printer.hanging.lines, printer.profile]);
  if (now === drawn) return;
  // A sheet slides out when it is new; one that was seen being printed is not.
  const shown = [...document.querySelectorAll(".sheet")].map((e) => e.dataset.id);
  const still = drawn === "" || shown.includes("0");
  drawn = now;
  const all = here.toReversed().map((s) => {
    const e = sheet(s, printer, false);
    if (!still && !shown.includes(String(s.id))) e.classList.add("out");
    return e;
  });
  if (hanging) all.unshift(sheet({ ...printer.hanging, id: 0 }, printer, true));
  $("paper").replaceChildren(...all);
  $("paper").scrollTop = 0;
  $("tear").disabled = here.length === 0 && !(hanging && !printer.cutter);
}

function draw(state) {
  for (const [name] of states) $("state-" + name).checked = state.printer.states[name];
  drawPaper(state.printer);
  const chooser = $("profile");
  if (chooser.options.length === 0) chooser.append(...(state.printer.known ?? []).map((name) => new Option(name, name)));
  if (document.activeElement !== chooser) chooser.value = state.printer.profile;
  const n = state.printer.printed;
  $("count").textContent = `${n} ${n > 1 ? "feuilles imprimées" : "feuille imprimée"}`;
  for (const { action, light } of state.panel) {
    const key = $("key-" + action);
    key.dataset.light = light;
    // A button that is dark says nothing, and has its place all the same.
    key.querySelector(".lamp").textContent = light === "off" && action in keys ? "" : lights[light] ?? light;
  }
  $("jack").checked = state.speaker.headphones;
  $("heard").replaceChildren(...(state.speaker.heard ?? []).toReversed().map((h) => {
    const li = el("li", h.playing ? "playing" : "");
    const said = el("span", "said", (h.chime ? "♪ " : "") + (h.text || "(carillon)"));
    if (h.lang) {
      said.lang = h.lang;
      said.dir = "auto";
    }
    const how = [
      h.output === "headphones" ? "casque" : "haut-parleur",
      `volume ${h.volume} %`,
      h.rate === 100 ? "" : `débit ${h.rate} %`,
      `${h.seconds.toLocaleString("fr", { maximumFractionDigits: 1 })} s`,
      h.interrupted ? "interrompu" : h.playing ? "en cours" : "",
    ];
    li.append(said, el("span", "how", how.filter(Boolean).join(" · ")));
    return li;
  }));
}

for (const [name, label] of states) {
  const box = el("input");
  box.type = "checkbox";
  box.id = "state-" + name;
  box.addEventListener("change", () => send(`printer?state=${name}&on=${box.checked ? 1 : 0}`));
  const l = el("label");
  l.append(box, label);
  $("states").append(l);
}
for (const action of order) {
  const [label, sign] = keys[action];
  const key = el("div", "key");
  key.id = "key-" + action;
  const button = el("button", "", sign);
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.addEventListener("click", () => send("press?action=" + action));
  key.append(button, el("span", "", label), el("span", "lamp"));
  $("panel").append(key);
}
$("tear").addEventListener("click", () => send("tear"));
$("profile").addEventListener("change", (e) => send("profile?name=" + encodeURIComponent(e.target.value)));
$("jack").addEventListener("change", (e) => send("jack?on=" + (e.target.checked ? 1 : 0)));

// The browser reconnects by itself.
const events = new EventSource("events");
events.addEventListener("message", (e) => {
  $("link").textContent = "";
  draw(JSON.parse(e.data));
});
events.addEventListener("error", () => {
  $("link").textContent = "Hors ligne. On réessaie.";
});
